/* SPDX-License-Identifier: MIT */
/* meet.c: the link of a call's own video call comes from its event into its row */
#include "courier/meet.h"
#include "base/log.h"
#include "courier/event.h"
#include "courier/notice.h"
#include "courier/record.h"
#include "net/calendar.h"
#include "net/meet.h"
#include "desk/follow.h"

/* Looks come 2, 4, 6 … seconds after each other: the last one after two minutes. */
#define PAUSE_S 2
#define LOOKS_MAX 10

/* The account has no video calls: the mails go without a link. */
static enum err tell_refused(struct task *task, const struct fail *why, struct fail *fail)
{
	struct courier *courier = task->courier;
	const struct delivery told = {.duty = DUTY_MEET_REFUSED, .version = courier_day(courier)},
			      skipped = {.duty = DUTY_MEET,
				  .version = task->booking.version,
				  .state = DELIVERY_SKIPPED,
				  .at_ms = courier_now_ms(courier)};

	log_fail(LOG_LEVEL_WARNING, "meet_refused", why);
	notice_try(courier, &courier_everywhere, &told, why->detail);
	return record_put(courier, task->item, &skipped, "", fail);
}

/* The event stands without a video call: what made it was refused one, or knew of none. When it is
 * refused that is its state, and fail says why. */
static enum err ask(struct task *task, struct meet *meet, struct fail *fail)
{
	struct courier *courier = task->courier;
	struct http_reply reply;
	char id[EVENT_ID];
	enum err err;

	calendar_ask_meet_start(courier->upstream.google, courier->arena,
	    calendar_event_id(&task->booking.id, task->booking.version, id), event_deadline(task),
	    http_keep, &reply);
	http_run(courier->upstream.http);
	err = meet_parse(courier->arena, &reply, meet, fail);
	if (meet_may_be_refused(&reply))
		meet->state = MEET_REFUSED;
	return err;
}

static enum err look_at_event(struct task *task, struct meet *meet, struct fail *fail)
{
	struct courier *courier = task->courier;
	struct http_reply reply;
	char id[EVENT_ID];

	calendar_get_start(courier->upstream.google, courier->arena,
	    calendar_event_id(&task->booking.id, task->booking.version, id), event_deadline(task),
	    http_keep, &reply);
	http_run(courier->upstream.http);
	return meet_parse(courier->arena, &reply, meet, fail);
}

static enum err keep(struct task *task, const char *link, struct fail *fail)
{
	struct courier *courier = task->courier;

	return follow_row(&courier->upstream, courier->arena, &task->booking, link, fail);
}

/* An event that is not there is about to be written, or is no matter of the video call's. */
static void judge(struct task *task, const struct meet *meet, struct outcome *outcome)
{
	struct delivery before = duties_find(&task->item->duties, DUTY_MEET, task->booking.version);

	switch (meet->state) {
	case MEET_READY:
		outcome->err = keep(task, meet->link, &outcome->fail);
		return;
	case MEET_FAILED:
		outcome->err = fail_set(
		    &outcome->fail, ERR_REFUSED, "meet", "Google could not make a video call");
		return;
	case MEET_NONE:
	case MEET_REFUSED:
	case MEET_PENDING:
		break;
	}
	outcome->retry_s = PAUSE_S * (before.attempt + 1);
	outcome->err =
	    before.attempt < LOOKS_MAX
		? fail_set(&outcome->fail, ERR_BUSY, "meet", "the video call is not made yet")
		: fail_set(&outcome->fail, ERR_REFUSED, "meet",
		      "the video call was not made within two minutes");
}

void meet_deliver(struct task *task, uint64_t version)
{
	struct outcome outcome = {0};
	struct meet meet = {MEET_NONE, NULL};
	struct fail unkept;

	outcome.err = look_at_event(task, &meet, &outcome.fail);
	if (outcome.err == ERR_NOT_FOUND) {
		outcome.err = ERR_NONE;
		meet.state = MEET_PENDING;
	} else if (!outcome.err && meet.state == MEET_NONE) {
		outcome.err = ask(task, &meet, &outcome.fail);
	}
	if (meet.state == MEET_REFUSED) {
		if (tell_refused(task, &outcome.fail, &unkept))
			log_fail(LOG_LEVEL_WARNING, "delivery_not_recorded", &unkept);
		return;
	}
	if (outcome.err)
		event_hold(task->courier, outcome.err);
	else
		judge(task, &meet, &outcome);
	record_outcome(task->courier, task->item, DUTY_MEET, version, &outcome);
}

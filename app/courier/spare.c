/* SPDX-License-Identifier: MIT */
/* spare.c: what is due and not done, since a lead is a person and not a form */
#include "courier/spare.h"
#include "base/log.h"
#include "courier/record.h"
#include "store/past.h"

static bool is_about_person(enum duty duty)
{
	return duty == DUTY_NEW_LEAD || duty == DUTY_SPOOL_ALERT || duty == DUTY_ABANDONED ||
	       duty_is_mail(duty);
}

/* What the spool has is told with the brief that takes its place. */
static bool is_of_spool(enum duty duty)
{
	return duty == DUTY_SPOOLED || duty == DUTY_SPOOL_ALERT;
}

/* Nobody has to be told. A mail that opens the times is no nudge, whatever its duty is. */
static bool is_needless(const struct task *task, enum duty duty)
{
	const struct past *past = &task->past;
	const struct lead *lead = &task->booking.lead;
	bool is_nudge = duty == DUTY_NUDGE && !lead_waits_for_mail(lead);
	/* Whoever corrects their address is another person by it. */
	bool is_superseded = past->is_superseded || lead_is_superseded(lead);

	if (is_of_spool(duty))
		return lead_is_superseded(lead);
	if (lead_is_reminded(lead))
		return duty == DUTY_NEW_LEAD || is_nudge || duty == DUTY_ABANDONED;
	if (duty == DUTY_NEW_LEAD)
		return past->is_repeat || lead_is_superseded(lead);
	if (is_nudge && past->was_nudged)
		return true;
	return (is_nudge || duty == DUTY_ABANDONED) &&
	       (past->is_doubled || is_superseded || past->has_call);
}

static bool record(struct task *task, const struct delivery *delivery)
{
	struct fail fail;

	if (!record_put(task->courier, task->item, delivery, "", &fail))
		return true;
	log_fail(LOG_LEVEL_WARNING, "delivery_not_recorded", &fail);
	return false;
}

static void note(struct task *task, const struct delivery *delivery, const char *what)
{
	char hash[LOG_HASH_TEXT];

	if (!record(task, delivery))
		return;
	log_hash(task->booking.id.bytes, sizeof(task->booking.id.bytes), hash);
	log_event(LOG_LEVEL_INFO, "delivery duty=%s booking=%s state=%s detail=\"%s\"",
	    duty_name(delivery->duty), hash, delivery_state_name(delivery->state), what);
}

static void wait(struct task *task, struct delivery *delivery)
{
	struct courier *courier = task->courier;
	int64_t now_ms = courier_now_ms(courier);
	const struct delivery told = {.duty = DUTY_MAILS_WAIT,
	    .version = courier_day(courier),
	    .state = DELIVERY_DUE,
	    .at_ms = now_ms};

	delivery->state = DELIVERY_RETRY;
	delivery->at_ms = now_ms;
	delivery->until_ms = task->past.free_ms;
	note(task, delivery, "the address has its mails of a day");
	if (!task->past.was_held && courier->rules.has_telegram)
		(void)record(task, &told);
	task->has_past = false;
}

/* Once for all that is due, up to the next mail. */
static enum err ask(struct task *task, struct fail *fail)
{
	struct courier *courier = task->courier;
	uint64_t limit = (uint64_t)courier->conf->fair.mails_per_address;
	enum err err = ERR_NONE;

	if (!task->has_past)
		err = past_ask(courier->upstream.clickhouse, courier->arena, &task->booking.lead,
		    limit, &task->past, fail);
	task->has_past = !err;
	return err;
}

bool spare_duty(struct task *task, enum duty duty, uint64_t version)
{
	struct courier *courier = task->courier;
	struct delivery delivery = duties_find(&task->item->duties, duty, version);
	struct fail fail;

	/* What may have arrived is repeated as it was. */
	if (!is_about_person(duty) || delivery.state == DELIVERY_TRYING)
		return false;
	if (duty != DUTY_SPOOL_ALERT && ask(task, &fail)) {
		log_fail(LOG_LEVEL_WARNING, "person_not_read", &fail);
		return true;
	}
	/* What the operator has sent once more is wanted. */
	if ((delivery.state != DELIVERY_DUE || is_of_spool(duty)) && is_needless(task, duty)) {
		delivery.state = DELIVERY_SKIPPED;
		delivery.at_ms = delivery.until_ms = courier_now_ms(courier);
		note(task, &delivery, "its person is known already");
		return true;
	}
	if (!duty_is_mail(duty) || task->past.free_ms <= courier_now_ms(courier))
		return false;
	wait(task, &delivery);
	return true;
}

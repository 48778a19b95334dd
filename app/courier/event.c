/* SPDX-License-Identifier: MIT */
/* event.c: the calendar agrees with the booking, whatever was written before */
#include "courier/event.h"
#include "base/clock.h"
#include "base/log.h"
#include "courier/collisions.h"
#include "courier/record.h"
#include "desk/events.h"
#include "desk/follow.h"
#include "net/meet.h"

#include <string.h>

/* After a failure the others do not each wait for the same. */
#define HOLD_MS 2000

int64_t event_deadline(const struct task *task)
{
	int64_t own = clock_boot_ms() + task->courier->conf->google.timeout_ms;

	return own < task->deadline ? own : task->deadline;
}

/* What stands there: the events that bear the booking's mark, and those at the call's time. One
 * after the other, so that they make do with one access token. Model: step `list`. */
static enum err list(
    struct task *task, struct event_list *own, struct event_list *within, struct fail *fail)
{
	const struct upstream *upstream = &task->courier->upstream;
	struct arena *arena = task->courier->arena;
	enum err err;

	*within = (struct event_list){0};
	err = events_list_own(
	    upstream, arena, &task->item->duties.booking, event_deadline(task), own, fail);
	if (err || task->booking.state != BOOKING_BOOKED)
		return err;
	return events_list_within(
	    upstream, arena, task->booking.call, event_deadline(task), within, fail);
}

static enum err restore_event(struct task *task, const struct event *event, struct fail *fail)
{
	struct courier *courier = task->courier;
	struct http_reply reply;

	events_restore_start(
	    &courier->upstream, courier->arena, event, event_deadline(task), http_keep, &reply);
	http_run(courier->upstream.http);
	return events_judge_restore(&courier->upstream, &reply, event, fail);
}

/* Without its video call when that may be what Google does not take; one that is restored keeps
 * what it has. */
static enum err write_event(struct task *task, const struct event *event, struct fail *fail)
{
	struct courier *courier = task->courier;
	struct event bare = *event;
	struct http_reply reply;
	char id[EVENT_ID];

	events_insert_start(
	    &courier->upstream, courier->arena, event, event_deadline(task), http_keep, &reply);
	http_run(courier->upstream.http);
	bare.has_meet = false;
	if (event->has_meet && meet_may_be_refused(&reply))
		return write_event(task, &bare, fail);
	if (!courier->upstream.google)
		return events_judge_insert(&courier->upstream, &reply, fail);
	calendar_event_id(&event->booking, event->version, id);
	/* Its id is used up and the listing does not show it: it was deleted. What somebody did
	 * stays where it is obeyed or told. */
	if (reply.err || reply.status != 409 || courier->rules.obeys || courier->rules.has_telegram)
		return calendar_judge_written(&reply, id, fail);
	return restore_event(task, &bare, fail);
}

/* Without the prospect's words when Google does not take them. */
static enum err write_described(struct task *task,
    enum err (*write)(struct task *, const struct event *, struct fail *), const char *etag,
    struct fail *fail)
{
	struct courier *courier = task->courier;
	struct event event = {
	    .booking = task->item->duties.booking,
	    .version = task->booking.version,
	    .call = task->booking.call,
	    .timezone = zone_name(courier->zone),
	    .video = task->booking.lead.video,
	    .etag = etag,
	    .has_meet = write == write_event && courier->rules.has_meet,
	};
	enum err err;

	follow_describe(
	    courier->conf, courier->templates, courier->arena, &task->booking.lead, &event);
	err = write(task, &event, fail);
	if (err != ERR_REFUSED)
		return err;
	log_fail(LOG_LEVEL_WARNING, "event_refused", fail);
	follow_describe_least(courier->conf, &event);
	return write(task, &event, fail);
}

/* The event of the call that stands. Model: step `insert`. */
static enum err insert(struct task *task, struct fail *fail)
{
	return write_described(task, write_event, NULL, fail);
}

/* Of what was deleted nothing else is sure to be told. */
static bool is_same(const struct seen_event *now, uint64_t key, enum drift drift)
{
	return drift == DRIFT_DELETED ? now->is_deleted : drift_key(now) == key;
}

bool event_is_as_seen(const struct seen_state *now, uint64_t key, enum drift drift)
{
	return is_same(&now->event, key, drift) || is_same(&now->occurrence, key, drift);
}

enum err event_see(struct task *task, uint64_t version, struct seen_state *out, struct fail *fail)
{
	/* In a series the occurrence that was the call's. */
	const struct seen_event call = {
	    .booking = task->booking.id, .version = version, .call = task->booking.call};

	return events_see(
	    &task->courier->upstream, task->courier->arena, &call, event_deadline(task), out, fail);
}

enum err event_put_back(struct task *task, uint64_t key, enum drift drift, struct fail *fail)
{
	struct seen_state now;
	enum err err;

	if ((err = event_see(task, task->booking.version, &now, fail)))
		return err;
	/* Google writes over a series as a whole: the occurrence that was seen goes with it. */
	return event_is_as_seen(&now, key, drift)
		   ? write_described(task, restore_event, now.etag, fail)
		   : ERR_NONE;
}

static enum err remove_event(struct task *task, const char *id, struct fail *fail)
{
	struct http_reply reply;

	events_delete_start(&task->courier->upstream, task->courier->arena,
	    &(struct event_ref){.id = id}, event_deadline(task), http_keep, &reply);
	http_run(task->courier->upstream.http);
	return events_judge_delete(&task->courier->upstream, &reply, fail);
}

enum err event_remove_as_seen(
    struct task *task, const struct seen_state *seen, bool *is_other, struct fail *fail)
{
	const struct upstream *upstream = &task->courier->upstream;
	struct http_reply reply;
	char id[EVENT_ID];
	const struct event_ref event = {
	    .id = calendar_event_id(&seen->event.booking, seen->event.version, id),
	    .etag = seen->etag};

	events_delete_start(
	    upstream, task->courier->arena, &event, event_deadline(task), http_keep, &reply);
	http_run(upstream->http);
	*is_other = !reply.err && reply.status == 412;
	return *is_other ? ERR_NONE : events_judge_delete(upstream, &reply, fail);
}

/* An event of the owner's stands in the call's time: told, not hidden. */
static enum err report_collision(
    struct task *task, const struct event_list *within, struct fail *fail)
{
	const struct conf_calendar *writer = conf_writer(task->courier->conf);

	for (size_t i = 0; writer->blocks && i < within->count; i++)
		if (!within->list[i].booking && within->list[i].is_busy)
			return collisions_tell(
			    task->courier, task->item, task->booking.version, writer->name, fail);
	return ERR_NONE;
}

/* An event of a later version is not ours to judge: the booking has moved on under us. */
static bool is_later(const struct task *task, const char *id)
{
	uint64_t version;

	return calendar_event_version(&task->item->duties.booking, id, &version) &&
	       version > task->booking.version;
}

/* On a CalDAV server an id is free again, so the log tells that the event stood there. What
 * somebody did stays where it is obeyed or told, as with Google. */
static bool was_taken_away(const struct task *task)
{
	const struct courier *courier = task->courier;

	return courier->upstream.caldav && (courier->rules.obeys || courier->rules.has_telegram) &&
	       duties_find(&task->item->duties, DUTY_EVENT_SEEN, task->booking.version).state ==
		   DELIVERY_DONE;
}

/* Whether it is that event, or one occurrence of it that stands for itself since somebody made it
 * recur (net/calendar.h): taking that away would be a deletion of the owner's. */
static bool is_part_of(const char *id, const char *event)
{
	size_t len = strlen(event);

	return strncmp(id, event, len) == 0 && (!id[len] || id[len] == '_');
}

/* Deletes what is there and should not be, adds what should be. Model: step `remove`. */
static enum err agree(struct task *task, struct fail *fail)
{
	struct event_list own, within;
	char wanted[EVENT_ID];
	bool is_live = task->booking.state == BOOKING_BOOKED, is_there = false;
	enum err err;

	if ((err = list(task, &own, &within, fail)))
		return err;
	calendar_event_id(&task->item->duties.booking, task->booking.version, wanted);
	if ((err = report_collision(task, &within, fail)))
		return err;
	for (size_t i = 0; i < own.count; i++) {
		bool is_wanted = is_live && is_part_of(own.list[i].id, wanted);

		is_there = is_there || strcmp(own.list[i].id, wanted) == 0;
		if (!is_wanted && !is_later(task, own.list[i].id) &&
		    (err = remove_event(task, own.list[i].id, fail)))
			return err;
	}
	return is_live && !is_there && !was_taken_away(task) ? insert(task, fail) : ERR_NONE;
}

void event_hold(struct courier *courier, enum err err)
{
	/* A dead grant is not asked for again and again: a person has to renew it. */
	if (err == ERR_GRANT || err == ERR_AUTH)
		courier->event_hold_ms = clock_boot_ms() + courier->conf->google.retry_s * 1000;
	else if (err && err != ERR_REFUSED)
		courier->event_hold_ms = clock_boot_ms() + HOLD_MS;
}

void event_deliver(struct task *task, enum duty duty, uint64_t version)
{
	struct outcome outcome = {0};

	outcome.err = agree(task, &outcome.fail);
	/* 404 is the calendar's: it is not there, or not ours. */
	if (outcome.err == ERR_NOT_FOUND)
		outcome.err = ERR_BUSY;
	event_hold(task->courier, outcome.err);
	record_outcome(task->courier, task->item, duty, version, &outcome);
}

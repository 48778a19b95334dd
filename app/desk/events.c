/* SPDX-License-Identifier: MIT */
/* events.c: the calls' events in the calendar that is written to, whichever kind it has */
#include "desk/events.h"
#include "base/clock.h"
#include "net/calendar_changes.h"
#include "store/caldav_busy.h"
#include "store/caldav_seen.h"

void events_insert_start(const struct upstream *upstream, struct arena *arena,
    const struct event *event, int64_t deadline, http_done *done, void *context)
{
	if (upstream->caldav)
		caldav_insert_start(upstream->caldav, arena, event, deadline, done, context);
	else
		calendar_insert_start(upstream->google, arena, event, deadline, done, context);
}

enum err events_judge_insert(
    const struct upstream *upstream, const struct http_reply *reply, struct fail *fail)
{
	return upstream->caldav ? caldav_judge_insert(reply, fail)
				: calendar_judge_insert(reply, fail);
}

void events_restore_start(const struct upstream *upstream, struct arena *arena,
    const struct event *event, int64_t deadline, http_done *done, void *context)
{
	if (upstream->caldav)
		caldav_insert_start(upstream->caldav, arena, event, deadline, done, context);
	else
		calendar_restore_start(upstream->google, arena, event, deadline, done, context);
}

enum err events_judge_restore(const struct upstream *upstream, const struct http_reply *reply,
    const struct event *event, struct fail *fail)
{
	char id[EVENT_ID];

	if (event->etag && !reply->err && reply->status == 412)
		return ERR_NONE;
	return upstream->caldav ? caldav_judge_insert(reply, fail)
				: calendar_judge_written(reply,
				      calendar_event_id(&event->booking, event->version, id), fail);
}

static enum err get(const struct upstream *upstream, struct arena *arena, const char *id,
    int64_t deadline, struct seen_state *out, struct fail *fail)
{
	struct http_reply reply;

	calendar_get_start(upstream->google, arena, id, deadline, http_keep, &reply);
	http_run(upstream->http);
	return calendar_parse_seen(arena, &reply, out, fail);
}

static enum err see_google(const struct upstream *upstream, struct arena *arena,
    const struct seen_event *call, int64_t deadline, struct seen_state *out, struct fail *fail)
{
	struct seen_state state, one = {.event.is_deleted = true};
	char id[EVENT_ID];
	enum err err;

	calendar_event_id(&call->booking, call->version, id);
	if ((err = get(upstream, arena, id, deadline, &state, fail)))
		return err;
	if (state.event.recurs && !state.event.is_deleted) {
		/* What its rule leaves out is no event. */
		err = get(upstream, arena, calendar_occurrence_id(arena, id, call->call.start),
		    deadline, &one, fail);
		if (err && err != ERR_NOT_FOUND)
			return err;
		state.occurrence = one.event;
	}
	*out = state;
	return ERR_NONE;
}

enum err events_see(const struct upstream *upstream, struct arena *arena,
    const struct seen_event *call, int64_t deadline, struct seen_state *out, struct fail *fail)
{
	struct seen_state state = {.event = *call};
	const struct caldav_seen seen = {.list = &state,
	    .count = 1,
	    .timezone = upstream->conf->hours.timezone,
	    .limit_ms = deadline - clock_boot_ms()};
	enum err err;

	if (!upstream->caldav)
		return see_google(upstream, arena, call, deadline, out, fail);
	err = caldav_seen_read(upstream->caldav, arena, &seen, fail);
	if (!err)
		*out = state;
	return err;
}

void events_delete_start(const struct upstream *upstream, struct arena *arena,
    const struct event_ref *event, int64_t deadline, http_done *done, void *context)
{
	if (upstream->caldav)
		caldav_delete_start(upstream->caldav, arena, event, deadline, done, context);
	else
		calendar_delete_start(upstream->google, arena, event, deadline, done, context);
}

enum err events_judge_delete(
    const struct upstream *upstream, const struct http_reply *reply, struct fail *fail)
{
	return upstream->caldav ? caldav_judge_delete(reply, fail)
				: calendar_judge_delete(reply, fail);
}

enum err events_list_own(const struct upstream *upstream, struct arena *arena,
    const struct uuid *booking, int64_t deadline, struct event_list *out, struct fail *fail)
{
	return upstream->caldav
		   ? caldav_list_own(upstream->caldav, arena, booking, deadline, out, fail)
		   : calendar_list_own(upstream->google, arena, booking, deadline, out, fail);
}

/* Whether the owner has something then. */
static enum err find_other(const struct upstream *upstream, struct arena *arena,
    const struct caldav_wish *wish, struct event_list *out, struct fail *fail)
{
	struct listed_event *other = arena_alloc(arena, sizeof(*other));
	struct busy_list busy;
	enum err err;

	if ((err = caldav_busy(upstream->caldav, arena, wish, &busy, fail)))
		return err;
	if (!other)
		return fail_set(fail, ERR_SYSTEM, "caldav", "no memory");
	*other = (struct listed_event){.id = "", .is_busy = true};
	*out = (struct event_list){.list = other, .count = busy.count ? 1 : 0};
	return ERR_NONE;
}

enum err events_list_within(const struct upstream *upstream, struct arena *arena,
    struct interval within, int64_t deadline, struct event_list *out, struct fail *fail)
{
	const struct caldav_wish wish = {.question = {within, upstream->conf->hours.timezone},
	    .skips_calls = true,
	    .deadline = deadline};

	return upstream->caldav
		   ? find_other(upstream, arena, &wish, out, fail)
		   : calendar_list_within(upstream->google, arena, within, deadline, out, fail);
}

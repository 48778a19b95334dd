/* SPDX-License-Identifier: MIT */
/* caldav_seen.c: the events of calls in a calendar on a CalDAV server, as somebody left them there
 */
#include "store/caldav_seen.h"
#include "base/clock.h"
#include "store/ical_apart.h"

#define WHERE "caldav"
#define READ_MS 2000
/* Of one request: what is asked and what is answered stays small. */
#define ONCE_MAX 100

/* As many as one request asks for, from this one on. found has their places. */
static enum err look_up_some(struct caldav *caldav, struct arena *arena,
    const struct caldav_seen *seen, bool wants_data, const struct dav_resource **found,
    struct fail *fail)
{
	const char *ids[ONCE_MAX];
	char id[EVENT_ID];
	const struct caldav_lookup lookup = {.ids = ids,
	    .count = seen->count,
	    .wants_data = wants_data,
	    .deadline = clock_boot_ms() + seen->limit_ms};

	for (size_t i = 0; i < seen->count; i++) {
		const struct seen_event *event = &seen->list[i].event;

		ids[i] = arena_str(arena, calendar_event_id(&event->booking, event->version, id));
	}
	return caldav_look_up(caldav, arena, &lookup, found, fail);
}

static enum err look_up(struct caldav *caldav, struct arena *arena, const struct caldav_seen *seen,
    bool wants_data, const struct dav_resource **found, struct fail *fail)
{
	struct caldav_seen some = *seen;
	enum err err = ERR_NONE;

	for (size_t at = 0; !err && at < seen->count; at += some.count) {
		some.list = seen->list + at;
		some.count = seen->count - at < ONCE_MAX ? seen->count - at : ONCE_MAX;
		err = look_up_some(caldav, arena, &some, wants_data, found + at, fail);
	}
	for (size_t i = 0; !err && i < seen->count; i++)
		seen->list[i].etag = found[i] ? found[i]->etag : NULL;
	return err;
}

enum err caldav_seen_etags(
    struct caldav *caldav, struct arena *arena, const struct caldav_seen *seen, struct fail *fail)
{
	const struct dav_resource **found = arena_array(arena, seen->count + 1, sizeof(*found));

	if (!found)
		return fail_set(fail, ERR_SYSTEM, WHERE, "no memory");
	return look_up(caldav, arena, seen, false, found, fail);
}

/* What was dragged or stands as it was is not taken for deleted because of one answer without it.
 */
static enum err confirm_gone(struct caldav *caldav, struct arena *arena,
    const struct caldav_seen *seen, const struct dav_resource *const *found, struct fail *fail)
{
	enum err err = ERR_NONE;
	char id[EVENT_ID];

	for (size_t i = 0; !err && i < seen->count; i++) {
		const struct seen_event *event = &seen->list[i].event;

		if (!found[i])
			err = caldav_confirm_gone(caldav, arena,
			    calendar_event_id(&event->booking, event->version, id),
			    clock_boot_ms() + seen->limit_ms, fail);
	}
	return err;
}

/* What the texts of those that are there say. */
static void take_calls(const struct caldav_seen *seen, const struct ical_call *calls)
{
	for (size_t i = 0; i < seen->count; i++) {
		struct seen_state *state = &seen->list[i];

		state->event.call = (struct interval){0, 0};
		state->event.stamp = drift_stamp(state->etag);
		state->event.is_deleted = !state->etag || calls->is_deleted;
		if (state->etag)
			state->event.call = calls++->call;
	}
}

enum err caldav_seen_read(
    struct caldav *caldav, struct arena *arena, const struct caldav_seen *seen, struct fail *fail)
{
	const struct dav_resource **found = arena_array(arena, seen->count + 1, sizeof(*found));
	struct ical_calls calls = {
	    .texts = arena_array(arena, seen->count + 1, sizeof(*calls.texts)),
	    .list = arena_array(arena, seen->count + 1, sizeof(*calls.list)),
	    .timezone = seen->timezone};
	enum err err;

	if (!found || !calls.texts || !calls.list)
		return fail_set(fail, ERR_SYSTEM, WHERE, "no memory");
	if ((err = look_up(caldav, arena, seen, true, found, fail)) ||
	    (err = confirm_gone(caldav, arena, seen, found, fail)))
		return err;
	for (size_t i = 0; i < seen->count; i++) {
		if (!found[i])
			continue;
		calls.texts[calls.count] = found[i]->data;
		calls.list[calls.count++] = (struct ical_call){.call = seen->list[i].event.call};
	}
	if (calls.count && (err = ical_calls_read_apart(arena, &calls, READ_MS, fail)))
		return err;
	take_calls(seen, calls.list);
	return ERR_NONE;
}

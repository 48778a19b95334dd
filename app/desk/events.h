/* SPDX-License-Identifier: MIT */
/* events.h: the calls' events in the calendar that is written to, whichever kind it has */
#ifndef DESK_EVENTS_H
#define DESK_EVENTS_H

#include "core/drift.h"
#include "desk/upstream.h"

/* As those of calendar.h and of caldav.h; only with a calendar that is written to
 * (upstream_has_events()). */
void events_insert_start(const struct upstream *upstream, struct arena *arena,
    const struct event *event, int64_t deadline, http_done *done, void *context);
/* ERR_NONE: an earlier try arrived, too. */
enum err events_judge_insert(
    const struct upstream *upstream, const struct http_reply *reply, struct fail *fail) MUST_CHECK;

/* The same over what somebody made of it: only where it is still as its etag says, or, without one,
 * gone. ERR_NONE: it is another by now, too. */
void events_restore_start(const struct upstream *upstream, struct arena *arena,
    const struct event *event, int64_t deadline, http_done *done, void *context);
enum err events_judge_restore(const struct upstream *upstream, const struct http_reply *reply,
    const struct event *event, struct fail *fail) MUST_CHECK;

/* The event of a call, by its booking and version, and the time at which the call stands: as it is
 * now. ERR_NOT_FOUND: Google has none; on a CalDAV server one that is gone has no etag. */
enum err events_see(const struct upstream *upstream, struct arena *arena,
    const struct seen_event *call, int64_t deadline, struct seen_state *out,
    struct fail *fail) MUST_CHECK;

void events_delete_start(const struct upstream *upstream, struct arena *arena,
    const struct event_ref *event, int64_t deadline, http_done *done, void *context);
/* ERR_NONE: there is no such event, too. */
enum err events_judge_delete(
    const struct upstream *upstream, const struct http_reply *reply, struct fail *fail) MUST_CHECK;

/* Every event of this booking. */
enum err events_list_own(const struct upstream *upstream, struct arena *arena,
    const struct uuid *booking, int64_t deadline, struct event_list *out,
    struct fail *fail) MUST_CHECK;
/* What touches this time. Of kind caldav: without calls, and whatever else stands there as one. */
enum err events_list_within(const struct upstream *upstream, struct arena *arena,
    struct interval within, int64_t deadline, struct event_list *out, struct fail *fail) MUST_CHECK;

#endif

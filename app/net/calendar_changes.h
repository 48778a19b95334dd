/* SPDX-License-Identifier: MIT */
/* calendar_changes.h: what happened to our events in the calendar since a last look */
#ifndef NET_CALENDAR_CHANGES_H
#define NET_CALENDAR_CHANGES_H

#include "core/drift.h"
#include "net/calendar.h"

/* Events that bear an id of ours (calendar_event_id()); the owner's own are passed over unread. */
struct calendar_changes {
	struct seen_event *list;
	size_t count;
	const char *next_page; /* NULL: this is the last page */
	const char *token;     /* of the last page: for the next look */
};

/* One page of them; all in the arena. google_judge()'s, or ERR_GARBLED. */
enum err calendar_parse_changes(struct arena *arena, const struct http_reply *reply,
    struct calendar_changes *out, struct fail *fail) MUST_CHECK;

/* The same of one event that was asked for by its id. ERR_NOT_FOUND: there is none. Else
 * google_judge()'s, or ERR_GARBLED. */
enum err calendar_parse_seen(struct arena *arena, const struct http_reply *reply,
    struct seen_state *out, struct fail *fail) MUST_CHECK;

/*
 * Everything that changed since the look that gave the token, deleted events included, to its last
 * page. token NULL: a full look, at what ends after `since` (seconds, UTC). ERR_NOT_FOUND: Google
 * does not know the token any more, and a full look is needed, or there is no such calendar.
 * Otherwise google_judge()'s, or ERR_GARBLED. Each page has limit_ms.
 */
struct changes_wish {
	const char *token;
	int64_t since, limit_ms;
};
enum err calendar_changes(struct google *google, struct arena *arena,
    const struct changes_wish *wish, struct calendar_changes *out, struct fail *fail) MUST_CHECK;

#endif

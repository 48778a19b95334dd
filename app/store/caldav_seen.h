/* SPDX-License-Identifier: MIT */
/* caldav_seen.h: the events of calls in a calendar on a CalDAV server, as somebody left them there
 */
#ifndef STORE_CALDAV_SEEN_H
#define STORE_CALDAV_SEEN_H

#include "core/drift.h"
#include "net/caldav.h"

/* Events by booking and version, each with the time at which its call stands. */
struct caldav_seen {
	struct seen_state *list;
	size_t count;
	const char *timezone; /* of times that name no zone: an IANA name */
	int64_t limit_ms;     /* of each request */
};

/* Fills their etags, and nothing else. caldav_look_up()'s failures. */
enum err caldav_seen_etags(struct caldav *caldav, struct arena *arena,
    const struct caldav_seen *seen, struct fail *fail) MUST_CHECK;
/* Fills all of them; one without an etag is deleted, which its own address says, too, and has no
 * stamp. caldav_confirm_gone()'s failures and ical_calls_read_apart()'s, too. */
enum err caldav_seen_read(struct caldav *caldav, struct arena *arena,
    const struct caldav_seen *seen, struct fail *fail) MUST_CHECK;

#endif

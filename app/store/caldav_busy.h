/* SPDX-License-Identifier: MIT */
/* caldav_busy.h: when the owner is busy by a calendar on a CalDAV server */
#ifndef STORE_CALDAV_BUSY_H
#define STORE_CALDAV_BUSY_H

#include "net/caldav.h"
#include "read/ical_busy.h"

/*
 * What caldav_parse_events() gave, read as the calendars of kind ics are: the server names the
 * events, and their occurrences within the window are counted here. ical_busy_read_apart()'s
 * failures.
 */
enum err caldav_busy_read(struct arena *arena, char *events, const struct ical_question *question,
    struct busy_list *out, struct fail *fail) MUST_CHECK;

/* The question and this, and waits. skips_calls as there. caldav_parse_events()'s failures, too. */
struct caldav_wish {
	struct ical_question question;
	bool skips_calls;
	int64_t deadline; /* clock_boot_ms() */
};
enum err caldav_busy(struct caldav *caldav, struct arena *arena, const struct caldav_wish *wish,
    struct busy_list *out, struct fail *fail) MUST_CHECK;

#endif

/* SPDX-License-Identifier: MIT */
/* ical_busy.h: a calendar's file (RFC 5545) → when its owner is busy */
#ifndef READ_ICAL_BUSY_H
#define READ_ICAL_BUSY_H

#include "base/arena.h"
#include "base/err.h"
#include "core/interval.h"

/* Of one calendar; what has more is refused with a sentence. */
#define ICAL_BYTES_MAX (8 * 1024 * 1024)
#define ICAL_EVENTS_MAX 50000
#define ICAL_OCCURRENCES_MAX 500000 /* that are looked at, from each event's first on */
#define ICAL_BUSY_MAX 20000	    /* within the window, once merged */

struct ical_question {
	struct interval window;
	const char *timezone; /* of times and days that name no zone: an IANA name */
};

/*
 * The busy times that touch the window: events with their recurrences, exceptions and moved
 * instances, and published free/busy; not what is cancelled or transparent. The text is
 * NUL-terminated at len. ERR_GARBLED: it is no calendar, or one of its times cannot be understood;
 * ERR_TOO_LARGE: it has more than is looked at. Nothing is ever left out in silence, but for
 * what is wrong with a single event that was over days before the window. Asks no clock;
 * reads the machine's zone data where the calendar names a zone that it does not define.
 */
enum err ical_busy_read(struct arena *arena, char *text, size_t len,
    const struct ical_question *question, struct busy_list *out, struct fail *fail) MUST_CHECK;

#endif

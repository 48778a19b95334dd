/* SPDX-License-Identifier: MIT */
/* ical_moved.h: occurrences of a calendar's events that stand for themselves (RFC 5545, 3.8.4.4) */
#ifndef READ_ICAL_MOVED_H
#define READ_ICAL_MOVED_H

#include "base/arena.h"
#include "base/err.h"

#include <libical/ical.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One that was moved, changed or cancelled by itself: the one of its event at this time does not
 * count. */
struct ical_moved {
	const char *uid;
	int64_t at; /* seconds, UTC */
};

struct ical_moved_list {
	struct ical_moved *list; /* in order */
	size_t count;
};

/* Which occurrence a RECURRENCE-ID of this event means. False: it cannot be understood, and was
 * said. */
typedef bool ical_moved_place(
    void *context, icalproperty *recurrence_id, icalcomponent *event, int64_t *out);

/* All of a calendar, whose texts they point to. False: place() said so, or there is no memory,
 * which leaves the list NULL. */
bool ical_moved_read(icalcomponent *calendar, struct arena *arena, ical_moved_place *place,
    void *context, struct ical_moved_list *out) MUST_CHECK;

bool ical_moved_has(const struct ical_moved_list *moved, const char *uid, int64_t at);

#endif

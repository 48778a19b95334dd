/* SPDX-License-Identifier: MIT */
/* slots.h: business hours → candidate slots → open slots */
#ifndef CORE_SLOTS_H
#define CORE_SLOTS_H

#include "core/interval.h"
#include "core/zone.h"

/* When calls can be had, in the business's zone. Bounds are the configuration's. */
struct hours {
	unsigned days;		     /* bit n: weekday n is open; bit 0 is Sunday */
	int first_start, last_start; /* minutes after midnight; first <= last <= 1439 */
	int slot_minutes; /* length of a call, and the distance of two starts: 5 to 480 */
	int window_days;  /* today and the days after it: 1 to 60 */
	int buffer_before, buffer_after; /* minutes kept free around a call: 0 to 240 */
	int max_per_day;		 /* calls a host takes a day, 0: no limit */
};

struct conf;
/* As they are configured. */
struct hours slots_hours(const struct conf *conf);

/* What a page or a click looks at. */
struct slot {
	struct interval call;
	int day; /* 0 is today in the business's zone */
};

/* The most that slots_candidates() can find; never 0. */
size_t slots_bound(const struct hours *hours);

/*
 * Every slot of the window that has not begun (call.start > now), in order of time. A start that
 * the clock jumps over is left out; one that occurs twice is offered once, the first time. A call
 * lasts slot_minutes of real time. out has room for slots_bound(); returns the count.
 */
size_t slots_candidates(
    const struct hours *hours, const struct zone *zone, int64_t now, struct slot *out);

/* The candidate that starts at this instant, or NULL. */
const struct slot *slots_find(const struct slot *slots, size_t count, int64_t start);

/* The call with its buffers: what it takes of the host's time. */
struct interval slots_taken(const struct hours *hours, struct interval call);

/*
 * The local day of an instant as an interval of UTC, from its first midnight (or the jump over it)
 * to the next day's: 24 hours long, an hour or two more or less when the clock changes.
 */
struct interval slots_local_day(const struct zone *zone, int64_t utc);

/*
 * The window as one interval, for the question put to a calendar: midnight to midnight in the zone,
 * and further where a call with its buffers reaches over either edge.
 */
struct interval slots_window(const struct hours *hours, const struct zone *zone, int64_t now);

#endif

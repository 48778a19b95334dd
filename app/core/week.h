/* SPDX-License-Identifier: MIT */
/* week.h: open slots by the reader's days and times of day */
#ifndef CORE_WEEK_H
#define CORE_WEEK_H

#include "core/offer.h"

enum day_part { PART_NIGHT, PART_MORNING, PART_AFTERNOON, PART_EVENING };
#define DAY_PARTS 4

/* A day as the reader's zone has it. */
struct day {
	int64_t date;	   /* days since 1970-01-01 */
	size_t candidates; /* the slots of the hours that have not begun, or those that are open
			      when packed starts make them more */
	size_t first;	   /* the index of its first open slot */
	size_t open;	   /* how many are open; 0 of some candidates: the day is full */
};

/* The first instant of a date, slots_date(), in a zone. */
int64_t week_midnight(const struct zone *zone, int64_t date);

/* From six, noon and six in the evening on. */
enum day_part week_part(const struct zone *zone, int64_t utc);

/*
 * Every day from the reader's today, or from the first candidate's if that is more than a week
 * away, to that of the last candidate or open slot, those without any included. Both lists are in
 * order of time. In the arena; *count is 0 without any. NULL: the arena is full.
 */
struct day *week_days(struct arena *arena, const struct zone *zone, int64_t now,
    const struct offer_list *candidates, const struct offer_list *open, size_t *count);

#endif

/* SPDX-License-Identifier: MIT */
/* interval.h: half-open stretches of time */
#ifndef CORE_INTERVAL_H
#define CORE_INTERVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From start up to, but not including, end: UTC seconds since 1970. Empty when end <= start. */
struct interval {
	int64_t start, end;
};

struct busy_list {
	struct interval *list; /* merged, in the arena, with room for one more */
	size_t count;
};

/* Touching intervals do not overlap, and an empty interval overlaps nothing. */
static inline bool interval_overlaps(struct interval a, struct interval b)
{
	return a.start < a.end && b.start < b.end && a.start < b.end && a.end > b.start;
}

/* Whether one of a list, in any order, overlaps it. */
bool intervals_overlap(const struct interval *list, size_t count, struct interval with);

/* Sorts by start, drops empty intervals and joins those that overlap or touch, in place. Returns
 * how many are left. */
size_t intervals_merge(struct interval *list, size_t count);

/* What is in either of two merged lists, as one merged list: out has room for both counts. Returns
 * how many there are. */
size_t intervals_union(const struct interval *left, size_t left_count, const struct interval *right,
    size_t right_count, struct interval *out);

/* Takes hole out of a merged list. list must have room for count + 1; returns the new count. */
size_t intervals_subtract(struct interval *list, size_t count, struct interval hole);

#endif

/* SPDX-License-Identifier: MIT */
/* interval.c: half-open stretches of time */
#include "core/interval.h"

#include <stdlib.h>
#include <string.h>

static int by_start(const void *left, const void *right)
{
	const struct interval *a = left, *b = right;

	return (a->start > b->start) - (a->start < b->start);
}

/* Adds one that begins no earlier than those that are there. */
static size_t add(struct interval *list, size_t count, struct interval next)
{
	if (!count || next.start > list[count - 1].end)
		list[count++] = next;
	else if (next.end > list[count - 1].end)
		list[count - 1].end = next.end;
	return count;
}

bool intervals_overlap(const struct interval *list, size_t count, struct interval with)
{
	for (size_t i = 0; i < count; i++)
		if (interval_overlaps(list[i], with))
			return true;
	return false;
}

size_t intervals_merge(struct interval *list, size_t count)
{
	size_t kept = 0, merged = 0;
	bool is_sorted = true;

	for (size_t i = 0; i < count; i++) {
		if (list[i].start >= list[i].end)
			continue;
		is_sorted = is_sorted && (!kept || list[kept - 1].start <= list[i].start);
		list[kept++] = list[i];
	}
	if (!is_sorted)
		qsort(list, kept, sizeof(*list), by_start);
	for (size_t i = 0; i < kept; i++)
		merged = add(list, merged, list[i]);
	return merged;
}

size_t intervals_union(const struct interval *left, size_t left_count, const struct interval *right,
    size_t right_count, struct interval *out)
{
	size_t count = 0, i = 0, j = 0;

	while (i < left_count || j < right_count) {
		bool is_left =
		    j == right_count || (i < left_count && left[i].start <= right[j].start);

		count = add(out, count, is_left ? left[i++] : right[j++]);
	}
	return count;
}

size_t intervals_subtract(struct interval *list, size_t count, struct interval hole)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		struct interval before = {list[i].start, hole.start};
		struct interval after = {hole.end, list[i].end};

		if (!interval_overlaps(list[i], hole)) {
			list[kept++] = list[i];
			continue;
		}
		/* Only a hole inside one interval makes the list longer, and it meets no other. */
		if (before.start < before.end && after.start < after.end) {
			memmove(list + i + 2, list + i + 1, (count - i - 1) * sizeof(*list));
			list[i] = before;
			list[i + 1] = after;
			return count + 1;
		}
		if (before.start < before.end)
			list[kept++] = before;
		if (after.start < after.end)
			list[kept++] = after;
	}
	return kept;
}

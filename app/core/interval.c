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

size_t intervals_merge(struct interval *list, size_t count)
{
	size_t kept = 0, merged = 0;

	for (size_t i = 0; i < count; i++) {
		if (list[i].start < list[i].end)
			list[kept++] = list[i];
	}
	if (kept < 2)
		return kept;
	qsort(list, kept, sizeof(*list), by_start);
	for (size_t i = 1; i < kept; i++) {
		if (list[i].start > list[merged].end)
			list[++merged] = list[i];
		else if (list[i].end > list[merged].end)
			list[merged].end = list[i].end;
	}
	return merged + 1;
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

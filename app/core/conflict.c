/* SPDX-License-Identifier: MIT */
/* conflict.c: candidate slots against busy intervals */
#include "core/conflict.h"

/*
 * Both lists are in order of time and every call is equally long, so one walk over the two is
 * enough: a busy interval that ends before one slot's start ends before all later ones, too.
 */
size_t conflict_filter(const struct hours *hours, struct slot *slots, size_t count,
    const struct interval *busy, size_t busy_count)
{
	size_t kept = 0, at = 0;

	for (size_t i = 0; i < count; i++) {
		struct interval needed = slots_needed(hours, slots[i].call);

		while (at < busy_count && busy[at].end <= needed.start)
			at++;
		if (at == busy_count || !interval_overlaps(needed, busy[at]))
			slots[kept++] = slots[i];
	}
	return kept;
}

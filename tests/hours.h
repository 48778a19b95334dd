/* SPDX-License-Identifier: MIT */
/* hours.h: the owner's hours for the tests of core/ */
#ifndef TESTS_HOURS_H
#define TESTS_HOURS_H

#include "core/slots.h"

/* The same span on each of some days: what slotguard.conf says without lines of their own. */
struct plain {
	unsigned days; /* bit 0 is Sunday */
	int first_start, last_start, slot_minutes, window_days, buffer_before, buffer_after;
};

static inline struct hours hours_of(const struct plain *plain)
{
	struct hours hours = {.slot_minutes = plain->slot_minutes,
	    .step_minutes = plain->slot_minutes,
	    .window_days = plain->window_days,
	    .buffer_before = plain->buffer_before,
	    .buffer_after = plain->buffer_after};

	for (int i = 0; i < 7; i++)
		if (plain->days >> i & 1)
			hours.week[i] =
			    (struct workday){1, {{plain->first_start, plain->last_start}}, 0};
	return hours;
}

#endif

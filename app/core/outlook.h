/* SPDX-License-Identifier: MIT */
/* outlook.h: how much of the window is open, and what closes the rest of it */
#ifndef CORE_OUTLOOK_H
#define CORE_OUTLOOK_H

#include "core/why.h"

struct outlook {
	size_t open; /* starts that a new booking may have now */
	/* The starts that are still to come and are not open, by reason, and days without any start
	 * once: of all dates when open is less than enough, else of those with nothing open. */
	size_t closed[REASONS];
	/* Dates of the window, in order, of which the calendar closes every start but those that
	 * calls close, which are fewer: a day full of calls is none of them, nor one on which a
	 * start is too near. In the arena. */
	int64_t *busy_dates;
	size_t busy_count;
};

/* What an offer to nobody in particular comes to. ERR_SYSTEM: the arena is full. */
enum err outlook_find(const struct offer *offer, size_t enough, struct arena *arena,
    struct outlook *out, struct fail *fail) MUST_CHECK;

/* The reason that closes most after those that are more common than it, 0 being the first;
 * REASON_NONE: no more. Of two that close as many, that of the smaller number comes first. */
enum reason outlook_reason(const struct outlook *outlook, size_t rank);

#endif

/* SPDX-License-Identifier: MIT */
/* ical_days.h: a calendar's file (RFC 5545) → the days of its whole-day events */
#ifndef READ_ICAL_DAYS_H
#define READ_ICAL_DAYS_H

#include "core/rules.h"

#define ICAL_DAYS_MAX 10000

/* What is more than ICAL_DAYS_MAX is said to be too much, not left out: the list has room for one
 * more, which tells. */
static inline void ical_days_add(struct date_list *dates, int64_t first, int64_t last)
{
	for (int64_t date = first; date <= last && dates->count <= ICAL_DAYS_MAX; date++)
		dates->list[dates->count++] = date;
}

/*
 * Repeated events for three years from now, each occurrence as it was moved by itself, cancelled
 * ones aside; when all is over, a day that is past. ERR_CONFIG: what is no such calendar, or what
 * in it cannot be understood, with path and line.
 */
enum err ical_days_read(struct arena *arena, const char *path, const char *text, int64_t now,
    struct date_list *out, struct fail *fail) MUST_CHECK;

#endif

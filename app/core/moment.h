/* SPDX-License-Identifier: MIT */
/* moment.h: dates and times as people of a language read them */
#ifndef CORE_MOMENT_H
#define CORE_MOMENT_H

#include "base/arena.h"
#include "base/template.h"
#include "core/zone.h"

struct moment_style {
	const struct templates *templates;
	const char *language;
};

/*
 * An instant in a zone, by a pattern of the catalogue ("date.long", "date.time"): {weekday},
 * {weekday_short}, {month}, {month_short}, {day}, {year}, {hour24}, {hour12}, {minute}, {half} (AM
 * or PM), {zone}. Their words are the catalogue's too: date.weekday_0 (Sunday) to _6, date.short_0
 * to _6, date.month_1 to _12, date.month_short_1 to _12, date.am, date.pm. date.first_weekday, 0 to
 * 6, is the one with which a week begins. Missing words are empty. NULL: the arena is full.
 */
char *moment_format(struct arena *arena, const struct moment_style *style, const char *pattern,
    const struct zone *zone, int64_t utc);

/* The zone's name at an instant: "EST", or "UTC+5:30" where it has none. NULL: the arena is full.
 */
const char *moment_zone(struct arena *arena, const struct zone *zone, int64_t utc);

/* The words and patterns that have to be in a catalogue: the first missing key, or NULL. */
const char *moment_missing(const struct moment_style *style, struct arena *arena);

#endif

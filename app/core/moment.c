/* SPDX-License-Identifier: MIT */
/* moment.c: dates and times as people of a language read them */
#include "core/moment.h"
#include "core/civil.h"

#include <string.h>

#define TEXT_MAX 256

static const char *const patterns[] = {
    "date.long", "date.day", "date.time", "date.time_zone", "date.am", "date.pm"};

static const char *word(const struct moment_style *style, const char *key)
{
	const char *found = template_message(style->templates, style->language, key);

	return found ? found : "";
}

static bool is(const char *name, size_t len, const char *wanted)
{
	return strlen(wanted) == len && strncmp(name, wanted, len) == 0;
}

static void put(struct text *out, struct arena *arena, const struct moment_style *style,
    const char *name, size_t len, const struct civil *civil, const struct zone_offset *offset)
{
	const struct {
		const char *name;
		int number, digits;
	} numbers[] = {
	    {"day", civil->day, 1},
	    {"year", civil->year, 4},
	    {"hour24", civil->hour, 2},
	    {"hour12", (civil->hour + 11) % 12 + 1, 1},
	    {"minute", civil->minute, 2},
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (is(name, len, numbers[i].name))
			text_printf(out, "%0*d", numbers[i].digits, numbers[i].number);
	if (is(name, len, "weekday"))
		text_str(out, word(style, arena_printf(arena, "date.weekday_%d", civil->weekday)));
	else if (is(name, len, "month"))
		text_str(out, word(style, arena_printf(arena, "date.month_%d", civil->month)));
	else if (is(name, len, "half"))
		text_str(out, word(style, civil->hour < 12 ? "date.am" : "date.pm"));
	else if (is(name, len, "zone"))
		text_str(out, offset->abbreviation);
}

char *moment_format(struct arena *arena, const struct moment_style *style, const char *pattern,
    const struct zone *zone, int64_t utc)
{
	struct zone_offset offset = zone_at(zone, utc);
	struct civil civil = civil_from_seconds(utc + offset.utc_s);
	struct text out = text_new(arena, TEXT_MAX);
	const char *at = word(style, pattern), *open, *close;

	while ((open = strchr(at, '{')) && (close = strchr(open, '}'))) {
		text_raw(&out, at, (size_t)(open - at));
		put(&out, arena, style, open + 1, (size_t)(close - open - 1), &civil, &offset);
		at = close + 1;
	}
	text_str(&out, at);
	return text_overflowed(&out) ? NULL : out.data;
}

const char *moment_missing(const struct moment_style *style, struct arena *arena)
{
	const char *key;

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		if (!*word(style, patterns[i]))
			return patterns[i];
	for (int i = 0; i < 19; i++) {
		key = i < 7 ? arena_printf(arena, "date.weekday_%d", i)
			    : arena_printf(arena, "date.month_%d", i - 6);
		if (!*word(style, key))
			return key;
	}
	return NULL;
}

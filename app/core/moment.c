/* SPDX-License-Identifier: MIT */
/* moment.c: dates and times as people of a language read them */
#include "core/moment.h"
#include "core/civil.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 256

static const char *const patterns[] = {"date.long", "date.day", "date.time", "date.time_zone",
    "date.number", "date.weekday", "date.month", "date.month_begin", "date.first_weekday",
    "date.am", "date.pm"};

static const char *const weekdays[] = {"date.weekday_0", "date.weekday_1", "date.weekday_2",
    "date.weekday_3", "date.weekday_4", "date.weekday_5", "date.weekday_6"};
static const char *const shorts[] = {"date.short_0", "date.short_1", "date.short_2", "date.short_3",
    "date.short_4", "date.short_5", "date.short_6"};
static const char *const months[] = {"date.month_1", "date.month_2", "date.month_3", "date.month_4",
    "date.month_5", "date.month_6", "date.month_7", "date.month_8", "date.month_9", "date.month_10",
    "date.month_11", "date.month_12"};
static const char *const short_months[] = {"date.month_short_1", "date.month_short_2",
    "date.month_short_3", "date.month_short_4", "date.month_short_5", "date.month_short_6",
    "date.month_short_7", "date.month_short_8", "date.month_short_9", "date.month_short_10",
    "date.month_short_11", "date.month_short_12"};

static const char *word(const struct moment_style *style, const char *key)
{
	/* A key that did not fit into the arena is NULL. */
	const char *found = key ? template_message(style->templates, style->language, key) : NULL;

	return found ? found : "";
}

/* At least so many digits. */
static void put_number(struct text *out, int number, int digits)
{
	char room[12], *at = room + sizeof(room);

	if (number < 0) {
		text_printf(out, "%0*d", digits, number);
		return;
	}
	for (; number > 0 || digits > 0; number /= 10, digits--)
		*--at = (char)('0' + number % 10);
	text_raw(out, at, (size_t)(room + sizeof(room) - at));
}

static bool is(const char *name, size_t len, const char *wanted, size_t wanted_len)
{
	return len == wanted_len && memcmp(name, wanted, len) == 0;
}
#define IS(wanted) is(name, len, wanted, sizeof(wanted) - 1)

/* Many zones have no letters of their own: "-03", "+0530". */
static void put_zone(struct text *out, const struct zone_offset *offset)
{
	int minutes = abs(offset->utc_s) / 60;

	if (offset->abbreviation[0] != '+' && offset->abbreviation[0] != '-') {
		text_str(out, offset->abbreviation);
		return;
	}
	text_printf(out, "UTC%c%d", offset->utc_s < 0 ? '-' : '+', minutes / 60);
	if (minutes % 60)
		text_printf(out, ":%02d", minutes % 60);
}

static void put(struct text *out, const struct moment_style *style, const char *name, size_t len,
    const struct civil *civil, const struct zone_offset *offset)
{
	if (IS("weekday"))
		text_str(out, word(style, weekdays[civil->weekday]));
	else if (IS("weekday_short"))
		text_str(out, word(style, shorts[civil->weekday]));
	else if (IS("month"))
		text_str(out, word(style, months[civil->month - 1]));
	else if (IS("month_short"))
		text_str(out, word(style, short_months[civil->month - 1]));
	else if (IS("day"))
		put_number(out, civil->day, 1);
	else if (IS("year"))
		put_number(out, civil->year, 4);
	else if (IS("hour24"))
		put_number(out, civil->hour, 2);
	else if (IS("hour12"))
		put_number(out, (civil->hour + 11) % 12 + 1, 1);
	else if (IS("minute"))
		put_number(out, civil->minute, 2);
	else if (IS("half"))
		text_str(out, word(style, civil->hour < 12 ? "date.am" : "date.pm"));
	else if (IS("zone"))
		put_zone(out, offset);
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
		put(&out, style, open + 1, (size_t)(close - open - 1), &civil, &offset);
		at = close + 1;
	}
	text_str(&out, at);
	if (text_overflowed(&out))
		return NULL;
	text_trim(arena, &out);
	return out.data;
}

const char *moment_zone(struct arena *arena, const struct zone *zone, int64_t utc)
{
	struct zone_offset offset = zone_at(zone, utc);
	struct text out = text_new(arena, TEXT_MAX);

	put_zone(&out, &offset);
	if (text_overflowed(&out))
		return NULL;
	text_trim(arena, &out);
	return out.data;
}

const char *moment_missing(const struct moment_style *style, struct arena *arena)
{
	const char *key;

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		if (!*word(style, patterns[i]))
			return patterns[i];
	for (int i = 0; i < 38; i++) {
		key = i < 7    ? arena_printf(arena, "date.weekday_%d", i)
		      : i < 14 ? arena_printf(arena, "date.short_%d", i - 7)
		      : i < 26 ? arena_printf(arena, "date.month_%d", i - 13)
			       : arena_printf(arena, "date.month_short_%d", i - 25);
		if (!*word(style, key))
			return key;
	}
	return NULL;
}

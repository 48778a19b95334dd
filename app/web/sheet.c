/* SPDX-License-Identifier: MIT */
/* sheet.c: the calendar on the page of open slots: its days, and the times of each */
#include "web/sheet.h"
#include "core/civil.h"
#include "core/week.h"

#include <inttypes.h>
#include <string.h>

/* A calendar of more days is set closer. */
#define LONG_DAYS 28
/* One that needs more is made anew for each page. */
#define KEPT_MAX (8 * 1024 * 1024)

static bool is_near(const struct sheet *sheet, int64_t start)
{
	for (size_t i = 0; i < sheet->near.count; i++)
		if (sheet->near.slots[i].call.start == start)
			return true;
	return false;
}

/* day is the slot's in words: it is the same for all of a day, and not cheap. */
static void view_slot(
    const struct sheet *sheet, struct view *item, const struct interval *call, const char *day)
{
	struct arena *arena = sheet->arena;
	char *start = arena_room(arena, INSTANT_TEXT), *end = arena_room(arena, INSTANT_TEXT);
	int64_t at = call->start;

	view_text(item, "slot", start ? instant_format_slot(at, start) : NULL);
	view_text(item, "end", end ? instant_format_slot(call->end, end) : NULL);
	view_text(item, "day", day);
	view_text(item, "time", moment_format(arena, &sheet->style, "date.time", sheet->zone, at));
	if (sheet->zone != sheet->business)
		view_text(item, "business_time",
		    moment_format(arena, &sheet->style, "date.time", sheet->business, at));
}

static const char *day_of(const struct sheet *sheet, int64_t utc)
{
	return moment_format(sheet->arena, &sheet->style, "date.long", sheet->zone, utc);
}

/* The call that is to be moved, when it stands on this day. */
static const struct interval *present_on(const struct sheet *sheet, const struct day *day)
{
	const struct interval *present = sheet->present;

	return present && slots_date(sheet->zone, present->start) == day->date ? present : NULL;
}

/* The list item for the time of day of an instant: the one at hand, or the next. */
static struct view *part_at(
    const struct sheet *sheet, struct view *view, int64_t utc, struct view *part, int *last)
{
	static const char *const flags[DAY_PARTS] = {
	    "is_night", "is_morning", "is_afternoon", "is_evening"};
	int now = (int)week_part(sheet->zone, utc);

	if (now != *last) {
		part = view_item(view, "parts");
		view_flag(part, flags[now], true);
		*last = now;
	}
	return part;
}

/* Morning, afternoon and so on: a list item for each that has a slot. has_zones: the clock changes
 * on this day, so every time says its zone. */
static void view_parts(
    const struct sheet *sheet, struct view *view, const struct day *day, bool has_zones)
{
	const struct interval *present = present_on(sheet, day), *call;
	size_t i = day->first, end = day->first + day->open;
	struct view *part = NULL, *item;
	int last = -1;

	while (i < end || present) {
		bool is_present =
		    present && (i == end || present->start < sheet->open.slots[i].call.start);

		call = is_present ? present : &sheet->open.slots[i++].call;
		part = part_at(sheet, view, call->start, part, &last);
		item = view_item(part, "slots");
		view_slot(sheet, item, call, NULL);
		view_flag(item, "is_present", is_present);
		view_flag(item, "is_near", is_near(sheet, call->start));
		if (has_zones)
			view_text(
			    item, "slot_zone", moment_zone(sheet->arena, sheet->zone, call->start));
		if (is_present)
			present = NULL;
	}
}

static bool is_same_clock(const struct zone *zone, int64_t a, int64_t b)
{
	return strcmp(zone_at(zone, a).abbreviation, zone_at(zone, b).abbreviation) == 0;
}

/* Where the zone's name does not hold for the whole window, each day says its own. */
static void view_clock(const struct sheet *sheet, struct view *item, const struct day *day)
{
	int64_t midnight = week_midnight(sheet->zone, day->date);
	int64_t next = week_midnight(sheet->zone, day->date + 1);
	bool is_change = !is_same_clock(sheet->zone, midnight, next - 1);

	if (!sheet->is_steady && !is_change)
		view_text(item, "day_zone", moment_zone(sheet->arena, sheet->zone, midnight));
	view_parts(sheet, item, day, is_change);
}

static bool is_listed(const struct sheet *sheet, const struct day *day)
{
	return day->open || present_on(sheet, day);
}

/* The day of these with that date, when it has something to choose from. */
static const struct day *listed_at(
    const struct sheet *sheet, const struct day *days, size_t count, int64_t date)
{
	for (size_t i = 0; i < count; i++)
		if (days[i].date == date && is_listed(sheet, &days[i]))
			return &days[i];
	return NULL;
}

static const char *iso_date(struct arena *arena, int64_t date)
{
	struct civil civil = civil_from_seconds(date * DAY_S);

	return arena_printf(arena, "%04d-%02d-%02d", civil.year, civil.month, civil.day);
}

/*
 * The day whose times are shown first: that of the slot that was clicked in vain or of the nearest
 * to it, the one that was shown when another zone was asked for (day= of the query), that of the
 * present call, else the first with an open slot. NULL: there is none.
 */
static const struct day *choose_day(const struct sheet *sheet, const struct day *days, size_t count)
{
	const struct day *found = NULL;

	if (sheet->wanted)
		found = listed_at(sheet, days, count, slots_date(sheet->zone, sheet->wanted));
	if (!found && sheet->near.count)
		found = listed_at(
		    sheet, days, count, slots_date(sheet->zone, sheet->near.slots[0].call.start));
	for (size_t i = 0; sheet->asked && !found && i < count; i++) {
		const char *date = iso_date(sheet->arena, days[i].date);

		if (date && strcmp(date, sheet->asked) == 0 && is_listed(sheet, &days[i]))
			found = &days[i];
	}
	if (!found && sheet->present)
		found =
		    listed_at(sheet, days, count, slots_date(sheet->zone, sheet->present->start));
	for (size_t i = 0; !found && i < count; i++)
		if (days[i].open)
			found = &days[i];
	return found;
}

/* A day's cell in the calendar. */
static void view_cell(const struct sheet *sheet, struct view *item, const struct day *day)
{
	struct arena *arena = sheet->arena;
	int64_t midnight = week_midnight(sheet->zone, day->date);

	view_text(item, "day", day_of(sheet, midnight));
	view_text(item, "weekday",
	    moment_format(arena, &sheet->style, "date.weekday", sheet->zone, midnight));
	view_text(item, "number",
	    moment_format(arena, &sheet->style, "date.number", sheet->zone, midnight));
	view_text(item, "date", iso_date(arena, day->date));
	view_text(item, "open", day->open ? arena_printf(arena, "%zu", day->open) : "");
	view_flag(item, "is_one", day->open == 1);
	view_flag(item, "is_full", day->candidates && !day->open);
	view_flag(item, "is_closed", !day->candidates && !is_listed(sheet, day));
	view_flag(item, "is_listed", is_listed(sheet, day));
	view_flag(item, "has_present", present_on(sheet, day));
}

/* The column of a date in weeks that begin as the language's do, from 1. */
static int column_of(const struct sheet *sheet, int64_t date)
{
	const char *first =
	    template_message(sheet->style.templates, sheet->style.language, "date.first_weekday");

	return (civil_weekday(date) - (first ? *first - '0' : 0) + 7) % 7 + 1;
}

static const char *month_of(const struct sheet *sheet, const struct day *day, const char *pattern)
{
	return moment_format(sheet->arena, &sheet->style, pattern, sheet->zone,
	    week_midnight(sheet->zone, day->date));
}

/* A long window has a calendar for each month, a short one has one for all: its heading names the
 * first month and the last, and a month's first day says that it is. */
static void view_month(const struct sheet *sheet, struct view *item, const struct day *days,
    size_t count, const struct day *day)
{
	int month = civil_from_seconds(day->date * DAY_S).month;
	int last = civil_from_seconds(days[count - 1].date * DAY_S).month;
	bool is_long = count > LONG_DAYS;

	if (day > days && civil_from_seconds(day[-1].date * DAY_S).month == month)
		return;
	if (day > days && !is_long) {
		view_text(item, "month_begin", month_of(sheet, day, "date.month_begin"));
		return;
	}
	view_text(item, "month", month_of(sheet, day, "date.month"));
	if (!is_long && last != month)
		view_text(item, "month_end", month_of(sheet, &days[count - 1], "date.month"));
	view_text(item, "column", arena_printf(sheet->arena, "%d", column_of(sheet, day->date)));
}

/* Days break where the reader's do. */
static void view_days(const struct sheet *sheet, struct view *view)
{
	struct arena *arena = sheet->arena;
	int64_t today = slots_date(sheet->zone, sheet->now);
	const struct day *chosen;
	size_t count;
	struct day *days =
	    week_days(arena, sheet->zone, sheet->now, &sheet->candidates, &sheet->open, &count);

	if (!days)
		return;
	chosen = choose_day(sheet, days, count);
	for (size_t i = 0; i < count; i++) {
		struct view *item = view_item(view, "days");

		view_cell(sheet, item, &days[i]);
		view_flag(item, "is_today", days[i].date == today);
		view_flag(item, "is_chosen", &days[i] == chosen);
		view_month(sheet, item, days, count, &days[i]);
		view_clock(sheet, item, &days[i]);
	}
	view_flag(view, "is_long", count > LONG_DAYS);
}

void sheet_view_all(const struct sheet *sheet, struct view *view)
{
	int64_t last = INT64_MIN;
	const char *words = NULL;

	for (size_t i = 0; i < sheet->open.count; i++) {
		const struct slot *slot = &sheet->open.slots[i];
		int64_t date = slots_date(sheet->zone, slot->call.start);
		struct view *item = view_item(view, "all");

		if (date != last)
			words = day_of(sheet, slot->call.start);
		last = date;
		view_slot(sheet, item, &slot->call, words);
		view_flag(item, "is_first", i == 0);
	}
}

void sheet_view_near(const struct sheet *sheet, struct view *view)
{
	int index = 0;

	for (size_t i = 0; i < sheet->open.count; i++) {
		const struct slot *slot = &sheet->open.slots[i];
		struct view *item;

		if (!is_near(sheet, slot->call.start))
			continue;
		item = view_item(view, "nearest");
		view_slot(sheet, item, &slot->call, day_of(sheet, slot->call.start));
		if (!sheet->is_steady)
			view_text(item, "slot_zone",
			    moment_zone(sheet->arena, sheet->zone, slot->call.start));
		view_text(item, "index", arena_printf(sheet->arena, "%d", index));
		view_flag(item, "is_first", index++ == 0);
	}
}

bool kept_sheet_open(struct kept_sheet *kept)
{
	*kept = (struct kept_sheet){.arena = arena_new(KEPT_MAX)};
	return kept->arena;
}

void kept_sheet_close(struct kept_sheet *kept)
{
	arena_free(kept->arena);
}

/* All that view_days() reads, as bytes: of the instant it is the day that counts. */
static struct text key_of(const struct sheet *sheet)
{
	const struct offer_list *lists[] = {&sheet->candidates, &sheet->open, &sheet->near};
	size_t calls = lists[0]->count + lists[1]->count + lists[2]->count;
	const struct interval present = sheet->present ? *sheet->present : (struct interval){0};
	const char *asked = sheet->asked ? sheet->asked : "";
	struct text key =
	    text_new(sheet->arena, 512 + strlen(asked) + calls * sizeof(struct interval));

	text_printf(&key,
	    "%s %" PRIx64 " %" PRIx64 " %" PRId64 " %d %" PRId64 " %" PRId64 " %" PRId64
	    " %zu %zu %s\n",
	    sheet->style.language, zone_print(sheet->zone), zone_print(sheet->business),
	    slots_date(sheet->zone, sheet->now), sheet->is_steady, sheet->wanted, present.start,
	    present.end, lists[0]->count, lists[1]->count, asked);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (size_t j = 0; j < lists[i]->count; j++)
			text_raw(
			    &key, (const char *)&lists[i]->slots[j].call, sizeof(struct interval));
	return key;
}

/* Makes the calendar in the kept one's arena; NULL: it does not fit. */
static struct view *keep(struct kept_sheet *kept, const struct sheet *sheet, const struct text *key)
{
	struct sheet copy = *sheet;

	arena_reset(kept->arena);
	copy.arena = kept->arena;
	kept->view = view_new(kept->arena);
	view_days(&copy, kept->view);
	kept->key = arena_strn(kept->arena, key->data, key->len);
	kept->key_len = key->len;
	return kept->key ? kept->view : NULL;
}

void sheet_view(struct kept_sheet *kept, const struct sheet *sheet, struct view *view)
{
	struct text key = key_of(sheet);
	struct view *days = kept->view;

	if (text_overflowed(&key))
		return;
	if (!kept->key || kept->key_len != key.len || memcmp(kept->key, key.data, key.len) != 0)
		days = keep(kept, sheet, &key);
	if (!days) {
		view_days(sheet, view);
		return;
	}
	view_share(view, "days", days);
	view_share(view, "is_long", days);
}

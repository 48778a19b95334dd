/* SPDX-License-Identifier: MIT */
/* schedule.c: the page of open slots, and its JSON */
#include "core/civil.h"
#include "core/plain.h"
#include "core/week.h"
#include "web/local_time.h"
#include "web/schedule.h"

#include <inttypes.h>
#include <string.h>

#define NEAREST 3
/* A calendar of more days is set closer. */
#define LONG_DAYS 28
/* Of a zone that there is not. */
#define ZONE_SHOWN_MAX 63

/* What the page is made from. */
struct sheet {
	const struct app *app;
	const struct request *request;
	const struct visit *visit;
	const struct zone *zone; /* in which the prospect reads */
	struct moment_style style;
	struct offer_list candidates, open, near;
	int64_t wanted;		  /* the slot that was clicked in vain, 0 for none */
	const char *unknown_zone; /* was asked for, and is none; NULL: not so */
	bool is_guessed;	  /* nobody chose the zone: it is nginx's guess */
	bool is_outage;		  /* nothing is open since the calendar cannot be asked */
	bool is_steady;		  /* one name of the zone holds for the whole window */
};

/* Finds the zone of a name in any spelling; false: there is none. */
static bool find_zone(const struct sheet *sheet, const char *asked, struct zone **own)
{
	const char *name = zone_names_find(&sheet->app->zones, asked);

	return !local_time_zone(sheet->visit, name ? name : asked, own);
}

/*
 * The zone in which the prospect reads: tz= of the query or the form, else the one that they chose
 * before, else the one that nginx guesses, else the business's (*own is NULL). Of a tz= that there
 * is not the page says so, in the business's; a document is none.
 */
static enum problem choose_zone(struct sheet *sheet, struct zone **own)
{
	const struct request *request = sheet->request;
	bool is_page = request->method == METHOD_GET;
	const char *asked = form_value(is_page ? &request->query : &request->form, "tz");
	const char *stored = sheet->visit->look.booking.lead.timezone;

	*own = NULL;
	/* What a link was wrapped in, and what would turn the words around it. */
	if (asked)
		asked = plain_tidy_line(request->arena, asked);
	if (asked && *asked) {
		if (find_zone(sheet, asked, own) || !is_page)
			return PROBLEM_NONE;
		sheet->unknown_zone = plain_line(request->arena, asked, ZONE_SHOWN_MAX);
		return request->wants_json ? PROBLEM_ZONE : PROBLEM_NONE;
	}
	if (!*stored || !find_zone(sheet, stored, own))
		sheet->is_guessed =
		    request->guessed_zone && find_zone(sheet, request->guessed_zone, own);
	return PROBLEM_NONE;
}

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
	struct arena *arena = sheet->request->arena;
	char *start = arena_room(arena, INSTANT_TEXT), *end = arena_room(arena, INSTANT_TEXT);
	int64_t at = call->start;

	view_text(item, "slot", start ? instant_format_slot(at, start) : NULL);
	view_text(item, "end", end ? instant_format_slot(call->end, end) : NULL);
	view_text(item, "day", day);
	view_text(item, "time", moment_format(arena, &sheet->style, "date.time", sheet->zone, at));
	if (sheet->zone != sheet->app->zone)
		view_text(item, "business_time",
		    moment_format(arena, &sheet->style, "date.time", sheet->app->zone, at));
}

static const char *day_of(const struct sheet *sheet, int64_t utc)
{
	return moment_format(sheet->request->arena, &sheet->style, "date.long", sheet->zone, utc);
}

/* The call that is to be moved, when it stands on this day. */
static const struct interval *present_on(const struct sheet *sheet, const struct day *day)
{
	const struct booking *booking = &sheet->visit->look.booking;

	return visit_has_call(sheet->visit) &&
		       slots_date(sheet->zone, booking->call.start) == day->date
		   ? &booking->call
		   : NULL;
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
			view_text(item, "slot_zone",
			    moment_zone(sheet->request->arena, sheet->zone, call->start));
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
		view_text(
		    item, "day_zone", moment_zone(sheet->request->arena, sheet->zone, midnight));
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
	const char *asked = form_value(&sheet->request->query, "day");
	const struct day *found = NULL;

	if (sheet->wanted)
		found = listed_at(sheet, days, count, slots_date(sheet->zone, sheet->wanted));
	if (!found && sheet->near.count)
		found = listed_at(
		    sheet, days, count, slots_date(sheet->zone, sheet->near.slots[0].call.start));
	for (size_t i = 0; asked && !found && i < count; i++) {
		const char *date = iso_date(sheet->request->arena, days[i].date);

		if (date && strcmp(date, asked) == 0 && is_listed(sheet, &days[i]))
			found = &days[i];
	}
	if (!found && visit_has_call(sheet->visit))
		found = listed_at(sheet, days, count,
		    slots_date(sheet->zone, sheet->visit->look.booking.call.start));
	for (size_t i = 0; !found && i < count; i++)
		if (days[i].open)
			found = &days[i];
	return found;
}

/* A day's cell in the calendar. */
static void view_cell(const struct sheet *sheet, struct view *item, const struct day *day)
{
	struct arena *arena = sheet->request->arena;
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
	return moment_format(sheet->request->arena, &sheet->style, pattern, sheet->zone,
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
	view_text(
	    item, "column", arena_printf(sheet->request->arena, "%d", column_of(sheet, day->date)));
}

/* Days break where the reader's do. */
static void view_days(const struct sheet *sheet, struct view *view)
{
	struct arena *arena = sheet->request->arena;
	int64_t today = slots_date(sheet->zone, sheet->visit->now);
	const struct day *chosen;
	size_t count;
	struct day *days = week_days(
	    arena, sheet->zone, sheet->visit->now, &sheet->candidates, &sheet->open, &count);

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
	view_flag(view, "has_open", sheet->open.count > 0);
	view_flag(view, "is_outage", sheet->is_outage);
	view_flag(view, "is_long", count > LONG_DAYS);
}

/* Documents list the slots all in one. */
static void view_all(const struct sheet *sheet, struct view *view)
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

/* The nearest open slots, in order of time. */
static void view_near(const struct sheet *sheet, struct view *view)
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
			    moment_zone(sheet->request->arena, sheet->zone, slot->call.start));
		view_text(item, "index", arena_printf(sheet->request->arena, "%d", index));
		view_flag(item, "is_first", index++ == 0);
	}
}

static void view_booking(const struct sheet *sheet, struct view *view)
{
	const struct app *app = sheet->app;
	const struct request *request = sheet->request;
	const struct visit *visit = sheet->visit;
	const struct booking *booking = &visit->look.booking;
	char *id = arena_room(request->arena, UUID_TEXT);

	view_text(view, "booking_id", id ? uuid_format(&booking->id, id) : NULL);
	view_text(view, "version", arena_printf(request->arena, "%" PRIu64, booking->version));
	view_text(view, "timezone", zone_name(sheet->zone));
	view_text(view, "city", local_time_city(visit, sheet->zone));
	view_text(view, "business_timezone", zone_name(app->zone));
	view_text(view, "business_city", local_time_city(visit, app->zone));
	view_flag(view, "is_wide", true);
	view_flag(view, "has_two_zones", sheet->zone != app->zone);
	view_flag(view, "is_guessed", sheet->is_guessed);
	view_text(view, "unknown_zone", sheet->unknown_zone);
	view_flag(view, "has_all_zones", form_value(&request->query, "zones"));
	for (size_t i = 0; form_value(&request->query, "zones") && i < app->zones.count; i++)
		view_text(view_item(view, "zone_names"), "zone_name", app->zones.list[i]);
	if (sheet->is_steady)
		view_text(view, "clock", moment_zone(request->arena, sheet->zone, visit->now));
	if (visit_has_call(visit))
		local_time_view(visit, view_item(view, "booked"), sheet->zone, booking->call.start);
	if (request->method == METHOD_GET) {
		struct text tz = text_new(request->arena, 3 * 64);

		text_url(&tz, zone_name(sheet->zone));
		reply_languages(visit, view,
		    arena_printf(request->arena, "/schedule?bookingId=%s&tz=%s", id ? id : "",
			tz.data ? tz.data : ""));
	}
}

/* The zone's name in the window's first moment holds up to its last. */
static bool has_steady_clock(const struct sheet *sheet)
{
	size_t count = sheet->candidates.count;

	return count == 0 || zone_steady_until(sheet->zone, sheet->visit->now) >
				 sheet->candidates.slots[count - 1].call.start;
}

/* The candidates, and those that are open. */
static enum err find_slots(struct sheet *sheet, struct fail *fail)
{
	const struct app *app = sheet->app;
	struct arena *arena = sheet->request->arena;
	struct offer offer = visit_offer(sheet->visit);
	struct slot *slots = arena_array(arena, slots_bound(&app->hours), sizeof(*slots));

	if (!slots)
		return fail_set(fail, ERR_SYSTEM, "schedule", "no memory");
	sheet->candidates = (struct offer_list){
	    slots, slots_candidates(&app->hours, app->zone, sheet->visit->now, slots)};
	sheet->is_outage = offer.is_outage;
	return offer_slots(&offer, arena, &sheet->open, fail);
}

enum problem schedule_show(struct visit *visit, enum problem problem)
{
	const struct request *request = visit->request;
	struct sheet sheet = {
	    .app = visit->app,
	    .request = request,
	    .visit = visit,
	    .style = reply_style(visit),
	};
	struct view *view = reply_view(visit);
	enum problem unknown;
	struct zone *own;
	enum err err;
	int status;

	/* A click that was refused before the calendar was asked. */
	if (!visit->is_calendar_asked)
		visit_ask_calendar(visit, CALENDAR_FOR_PAGE);
	if ((unknown = choose_zone(&sheet, &own)))
		return unknown;
	sheet.zone = own ? own : visit->app->zone;
	if ((err = find_slots(&sheet, &visit->fail))) {
		zone_free(own);
		return visit_failed(visit, err);
	}
	sheet.is_steady = has_steady_clock(&sheet);
	view_booking(&sheet, view);
	status = reply_describe(visit, view, problem);
	if (problem) {
		sheet.wanted = visit->wanted;
		sheet.near = offer_nearest(&sheet.open, request->arena, visit->wanted, NEAREST);
		view_near(&sheet, view);
	}
	if (request->wants_json)
		view_all(&sheet, view);
	else
		view_days(&sheet, view);
	reply_page(visit, status, request->wants_json && !problem ? "slots" : "schedule", view);
	zone_free(own);
	return PROBLEM_NONE;
}

enum problem schedule_page(struct visit *visit)
{
	enum problem problem = visit_look(visit, LOOK_PAGE);

	if (problem)
		return problem;
	if (visit_has_call(visit) && visit_is_too_late(visit) && !visit->request->wants_json) {
		/* What the booking's own page shows. */
		problem = visit_look(visit, LOOK_BOOKING);
		return problem ? problem : PROBLEM_OVER;
	}
	return schedule_show(visit, PROBLEM_NONE);
}

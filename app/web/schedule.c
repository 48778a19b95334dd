/* SPDX-License-Identifier: MIT */
/* schedule.c: the page of open slots, and its JSON */
#include "core/civil.h"
#include "core/week.h"
#include "web/guard.h"

#include <inttypes.h>
#include <string.h>

#define NEAREST 3

/* What the page is made from. */
struct sheet {
	const struct app *app;
	const struct request *request;
	const struct sight *sight;
	const struct zone *zone; /* in which the prospect reads */
	struct moment_style style;
	struct offer_list candidates, open, near;
};

/*
 * The zone in which the prospect reads: tz= of the query or the form, else the one that they chose
 * before, else the business's (*own is NULL). ERR_NOT_FOUND: a page was asked for in a zone that
 * there is not; a click goes on without.
 */
static enum err choose_zone(const struct app *app, const struct request *request,
    const struct sight *sight, struct zone **own)
{
	bool is_page = request->method == METHOD_GET;
	const char *name = form_value(is_page ? &request->query : &request->form, "tz");

	if (guard_zone(app, request, name ? name : sight->fetched.snapshot.lead.timezone, own))
		return name && is_page ? ERR_NOT_FOUND : ERR_NONE;
	return ERR_NONE;
}

static bool is_near(const struct sheet *sheet, const struct slot *slot)
{
	for (size_t i = 0; i < sheet->near.count; i++)
		if (sheet->near.slots[i].call.start == slot->call.start)
			return true;
	return false;
}

/* day is the slot's in words: it is the same for all of a day, and not cheap. */
static void view_slot(
    const struct sheet *sheet, struct view *item, const struct slot *slot, const char *day)
{
	struct arena *arena = sheet->request->arena;
	char *start = arena_room(arena, INSTANT_TEXT), *end = arena_room(arena, INSTANT_TEXT);
	int64_t at = slot->call.start;

	view_text(item, "slot", start ? instant_format_slot(at, start) : NULL);
	view_text(item, "end", end ? instant_format_slot(slot->call.end, end) : NULL);
	view_text(item, "day", day);
	view_text(item, "time", moment_format(arena, &sheet->style, "date.time", sheet->zone, at));
	view_text(item, "zone", moment_zone(arena, sheet->zone, at));
	view_flag(item, "is_next", sheet->open.count > 0 && sheet->open.slots[0].call.start == at);
	view_flag(item, "is_near", is_near(sheet, slot));
	if (sheet->zone != sheet->app->zone)
		view_text(item, "business_time",
		    moment_format(arena, &sheet->style, "date.time_zone", sheet->app->zone, at));
}

static const char *day_of(const struct sheet *sheet, int64_t utc)
{
	return moment_format(sheet->request->arena, &sheet->style, "date.long", sheet->zone, utc);
}

/* Morning, afternoon and so on: a list item for each that has a slot. */
static void view_parts(
    const struct sheet *sheet, struct view *view, const struct day *day, const char *words)
{
	static const char *const flags[DAY_PARTS] = {
	    "is_night", "is_morning", "is_afternoon", "is_evening"};
	struct view *part = NULL;
	int last = -1;

	for (size_t i = day->first; i < day->first + day->open; i++) {
		const struct slot *slot = &sheet->open.slots[i];
		int now = (int)week_part(sheet->zone, slot->call.start);

		if (now != last) {
			part = view_item(view, "parts");
			view_flag(part, flags[now], true);
			last = now;
		}
		view_slot(sheet, view_item(part, "slots"), slot, words);
	}
}

/* Days break where the reader's do. Those without any hours stand in the overview alone. */
static void view_days(const struct sheet *sheet, struct view *view)
{
	struct arena *arena = sheet->request->arena;
	size_t count;
	struct day *days = week_days(
	    arena, sheet->zone, sheet->sight->now, &sheet->candidates, &sheet->open, &count);

	for (size_t i = 0; days && i < count; i++) {
		const struct day *day = &days[i];
		int64_t midnight = week_midnight(sheet->zone, day->date);
		struct view *item = view_item(view, "days");
		const char *words = day_of(sheet, midnight);

		view_text(item, "day", words);
		view_text(item, "weekday",
		    moment_format(arena, &sheet->style, "date.weekday", sheet->zone, midnight));
		view_text(item, "number",
		    moment_format(arena, &sheet->style, "date.number", sheet->zone, midnight));
		view_text(item, "date", arena_printf(arena, "%" PRId64, day->date));
		view_text(item, "open", day->open ? arena_printf(arena, "%zu", day->open) : "");
		view_flag(item, "is_one", day->open == 1);
		view_flag(item, "is_full", day->candidates && !day->open);
		view_flag(item, "is_listed", day->candidates > 0);
		view_parts(sheet, item, day, words);
	}
	view_flag(view, "has_open", sheet->open.count > 0);
}

/* Documents list the slots all in one. */
static void view_all(const struct sheet *sheet, struct view *view)
{
	int64_t last = INT64_MIN;
	const char *words = NULL;

	for (size_t i = 0; i < sheet->open.count; i++) {
		const struct slot *slot = &sheet->open.slots[i];
		int64_t date = week_date(sheet->zone, slot->call.start);
		struct view *item = view_item(view, "all");

		if (date != last)
			words = day_of(sheet, slot->call.start);
		last = date;
		view_slot(sheet, item, slot, words);
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

		if (!is_near(sheet, slot))
			continue;
		item = view_item(view, "nearest");
		view_slot(sheet, item, slot, day_of(sheet, slot->call.start));
		view_text(item, "index", arena_printf(sheet->request->arena, "%d", index));
		view_flag(item, "is_first", index++ == 0);
	}
}

static void view_booking(const struct sheet *sheet, struct view *view)
{
	const struct app *app = sheet->app;
	const struct request *request = sheet->request;
	const struct sight *sight = sheet->sight;
	char *id = arena_room(request->arena, UUID_TEXT);

	view_text(view, "booking_id", id ? uuid_format(&sight->booking, id) : NULL);
	view_text(view, "version", arena_printf(request->arena, "%" PRIu64, sight->version));
	view_text(view, "timezone", zone_name(sheet->zone));
	view_text(view, "city", guard_city(app, request, sheet->zone));
	view_text(view, "business_timezone", zone_name(app->zone));
	view_text(view, "business_city", guard_city(app, request, app->zone));
	view_flag(view, "is_wide", true);
	view_flag(view, "has_two_zones", sheet->zone != app->zone);
	view_text(view, "minutes", arena_printf(request->arena, "%d", app->hours.slot_minutes));
	if (sight->is_booked)
		guard_view_time(
		    app, request, view_item(view, "booked"), sheet->zone, sight->call.start);
	if (request->method == METHOD_GET) {
		struct text tz = text_new(request->arena, 3 * 64);

		text_url(&tz, zone_name(sheet->zone));
		reply_languages(app, request, view,
		    arena_printf(request->arena, "/schedule?bookingId=%s&tz=%s", id ? id : "",
			tz.data ? tz.data : ""));
	}
}

/* The candidates and, unless the calendar is needed and was not seen, those that are open. */
static enum err find_slots(struct sheet *sheet, struct fail *fail)
{
	const struct app *app = sheet->app;
	struct arena *arena = sheet->request->arena;
	struct offer offer = guard_offer(app, sheet->sight);
	struct slot *slots = arena_array(arena, slots_bound(&app->hours), sizeof(*slots));
	bool is_closed =
	    sheet->sight->fetched.calendar == CALENDAR_UNCHECKED && !app->conf->google.outage_open;

	if (!slots)
		return fail_set(fail, ERR_SYSTEM, "schedule", "no memory");
	sheet->candidates = (struct offer_list){
	    slots, slots_candidates(&app->hours, app->zone, sheet->sight->now, slots)};
	return is_closed ? ERR_NONE : offer_slots(&offer, arena, &sheet->open, fail);
}

enum err schedule_show(struct app *app, const struct request *request, struct reply *reply,
    const struct sight *sight, int status, const char *slug, int64_t wanted, struct fail *fail)
{
	struct sheet sheet = {
	    .app = app, .request = request, .sight = sight, .style = reply_style(app, request)};
	struct view *view = reply_view(app, request);
	struct zone *own;
	enum err err;

	if ((err = choose_zone(app, request, sight, &own)))
		return err;
	sheet.zone = own ? own : app->zone;
	if ((err = find_slots(&sheet, fail))) {
		zone_free(own);
		return err;
	}
	view_booking(&sheet, view);
	if (slug) {
		reply_describe(app, request, view, status, slug);
		sheet.near = offer_nearest(&sheet.open, request->arena, wanted, NEAREST);
		view_near(&sheet, view);
	}
	if (request->wants_json)
		view_all(&sheet, view);
	else
		view_days(&sheet, view);
	reply_page(
	    app, request, reply, status, request->wants_json && !slug ? "slots" : "schedule", view);
	zone_free(own);
	return ERR_NONE;
}

enum err schedule_page(
    struct app *app, const struct request *request, struct reply *reply, struct fail *fail)
{
	struct sight sight;
	enum err err;

	if ((err = guard_look(app, request, FETCH_PAGE, &sight, fail)))
		return err;
	if (sight.standing.is_erased) {
		reply_problem(app, request, reply, 410, "erased", NULL);
		return ERR_NONE;
	}
	if (sight.is_booked && guard_is_too_late(app, &sight) && !request->wants_json) {
		booking_show(app, request, reply, &sight, 200, "too_late");
		return ERR_NONE;
	}
	err = schedule_show(app, request, reply, &sight, 200, NULL, 0, fail);
	if (err == ERR_NOT_FOUND) {
		reply_problem(app, request, reply, 400, "zone", NULL);
		return ERR_NONE;
	}
	return err;
}

/* SPDX-License-Identifier: MIT */
/* schedule.c: the page of open slots, and its JSON */
#include "core/civil.h"
#include "net/zones.h"
#include "web/guard.h"

#include <inttypes.h>
#include <string.h>

#define NEAREST 3

/*
 * The zone in which the prospect reads: tz= of the query or the form, else the business's (*own is
 * NULL). ERR_NOT_FOUND: a page was asked for in a zone that there is not; a click goes on without.
 */
static enum err choose_zone(
    const struct app *app, const struct request *request, struct zone **own, struct fail *fail)
{
	bool is_page = request->method == METHOD_GET;
	const char *name = form_value(is_page ? &request->query : &request->form, "tz");
	enum err err;

	*own = NULL;
	if (!name || !*name || strcmp(name, zone_name(app->zone)) == 0)
		return ERR_NONE;
	err = zones_load(app->conf->site.zoneinfo, name, request->arena, own, fail);
	return err && is_page ? ERR_NOT_FOUND : ERR_NONE;
}

static int64_t local_day(const struct zone *zone, int64_t utc)
{
	int64_t local = utc + zone_at(zone, utc).utc_s;

	return (local - (local % 86400 + 86400) % 86400) / 86400;
}

/* day is the slot's in words: it is the same for all of a day, and not cheap. */
static void view_slot(const struct app *app, const struct request *request, struct view *item,
    const struct zone *zone, const struct slot *slot, const char *day, bool is_first)
{
	char *start = arena_room(request->arena, INSTANT_TEXT);
	char *end = arena_room(request->arena, INSTANT_TEXT);

	view_text(item, "slot", start ? instant_format_slot(slot->call.start, start) : NULL);
	view_text(item, "end", end ? instant_format_slot(slot->call.end, end) : NULL);
	view_text(item, "day", day);
	view_text(item, "time",
	    moment_format(request->arena, &app->style, "date.time", zone, slot->call.start));
	view_flag(item, "is_first", is_first);
	if (zone != app->zone)
		view_text(item, "business_time",
		    moment_format(request->arena, &app->style, "date.time_zone", app->zone,
			slot->call.start));
}

static const char *day_of(const struct app *app, const struct request *request,
    const struct zone *zone, const struct slot *slot)
{
	return moment_format(request->arena, &app->style, "date.long", zone, slot->call.start);
}

/* Days break where the reader's do. Pages list the slots by day, documents all in one. */
static void view_days(const struct app *app, const struct request *request, struct view *view,
    const struct zone *zone, const struct offer_list *open)
{
	struct view *day = NULL;
	const char *words = NULL;
	int64_t last = INT64_MIN;

	for (size_t i = 0; i < open->count; i++) {
		const struct slot *slot = &open->slots[i];
		int64_t today = local_day(zone, slot->call.start);
		bool is_new = today != last;

		if (is_new) {
			words = day_of(app, request, zone, slot);
			day = view_item(view, "days");
			view_text(day, "day", words);
			last = today;
		}
		if (request->wants_json)
			view_slot(app, request, view_item(view, "all"), zone, slot, words, i == 0);
		else
			view_slot(app, request, view_item(day, "slots"), zone, slot, words, is_new);
	}
}

static void view_booking(const struct app *app, const struct request *request, struct view *view,
    const struct sight *sight, const struct zone *zone)
{
	char *id = arena_room(request->arena, UUID_TEXT);

	view_text(view, "booking_id", id ? uuid_format(&sight->booking, id) : NULL);
	view_text(view, "version", arena_printf(request->arena, "%" PRIu64, sight->version));
	view_text(view, "timezone", zone_name(zone));
	view_text(view, "business_timezone", zone_name(app->zone));
	view_flag(view, "has_two_zones", zone != app->zone);
	view_text(view, "minutes", arena_printf(request->arena, "%d", app->hours.slot_minutes));
	if (sight->is_booked)
		guard_view_time(app, request, view_item(view, "booked"), zone, sight->call.start);
}

enum err schedule_show(struct app *app, const struct request *request, struct reply *reply,
    const struct sight *sight, int status, const char *slug, int64_t wanted, struct fail *fail)
{
	bool is_closed =
	    sight->fetched.calendar == CALENDAR_UNCHECKED && !app->conf->google.outage_open;
	struct offer offer = guard_offer(app, sight);
	struct offer_list open = {NULL, 0}, near;
	struct view *view = reply_view(app, request);
	const struct zone *zone;
	struct zone *own;
	enum err err;

	if ((err = choose_zone(app, request, &own, fail)))
		return err;
	zone = own ? own : app->zone;
	if (!is_closed && (err = offer_slots(&offer, request->arena, &open, fail))) {
		zone_free(own);
		return err;
	}
	view_booking(app, request, view, sight, zone);
	view_days(app, request, view, zone, &open);
	if (slug) {
		reply_describe(app, request, view, status, slug);
		near = offer_nearest(&open, request->arena, wanted, NEAREST);
		for (size_t i = 0; i < near.count; i++) {
			struct view *item = view_item(view, "nearest");

			view_slot(app, request, item, zone, &near.slots[i],
			    day_of(app, request, zone, &near.slots[i]), i == 0);
		}
	}
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
	err = schedule_show(app, request, reply, &sight, 200, NULL, 0, fail);
	if (err == ERR_NOT_FOUND) {
		reply_problem(app, request, reply, 400, "zone", NULL);
		return ERR_NONE;
	}
	return err;
}

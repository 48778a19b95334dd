/* SPDX-License-Identifier: MIT */
/* schedule.c: the page of open slots, and its JSON */
#include "core/plain.h"
#include "web/local_time.h"
#include "web/schedule.h"
#include "web/sheet.h"

#include <inttypes.h>

#define NEAREST 3
/* Of a zone that there is not. */
#define ZONE_SHOWN_MAX 63

/* What the page is made from. */
struct page {
	const struct app *app;
	const struct request *request;
	const struct visit *visit;
	struct sheet sheet;
	const char *unknown_zone; /* was asked for, and is none; NULL: not so */
	bool is_guessed;	  /* nobody chose the zone: it is nginx's guess */
	bool is_outage;		  /* nothing is open since the calendar cannot be asked */
};

/* Finds the zone of a name in any spelling; false: there is none. */
static bool find_zone(const struct page *page, const char *asked, struct zone **own)
{
	const char *name = zone_names_find(&page->app->zones, asked);

	return !local_time_zone(page->visit, name ? name : asked, own);
}

/*
 * The zone in which the prospect reads: tz= of the query or the form, else the one that they chose
 * before, else the one that nginx guesses, else the business's (*own is NULL). Of a tz= that there
 * is not the page says so, in the business's; a document is none.
 */
static enum problem choose_zone(struct page *page, struct zone **own)
{
	const struct request *request = page->request;
	bool is_page = request->method == METHOD_GET;
	const char *asked = form_value(is_page ? &request->query : &request->form, "tz");
	const char *stored = page->visit->look.booking.lead.timezone;

	*own = NULL;
	/* What a link was wrapped in, and what would turn the words around it. */
	if (asked)
		asked = plain_tidy_line(request->arena, asked);
	if (asked && *asked) {
		if (find_zone(page, asked, own) || !is_page)
			return PROBLEM_NONE;
		page->unknown_zone = plain_line(request->arena, asked, ZONE_SHOWN_MAX);
		return request->wants_json ? PROBLEM_ZONE : PROBLEM_NONE;
	}
	if (!*stored || !find_zone(page, stored, own))
		page->is_guessed =
		    request->guessed_zone && find_zone(page, request->guessed_zone, own);
	return PROBLEM_NONE;
}

static void view_booking(const struct page *page, struct view *view)
{
	const struct app *app = page->app;
	const struct request *request = page->request;
	const struct visit *visit = page->visit;
	const struct booking *booking = &visit->look.booking;
	char *id = arena_room(request->arena, UUID_TEXT);

	view_text(view, "booking_id", id ? uuid_format(&booking->id, id) : NULL);
	view_text(view, "version", arena_printf(request->arena, "%" PRIu64, booking->version));
	view_text(view, "timezone", zone_name(page->sheet.zone));
	view_text(view, "city", local_time_city(visit, page->sheet.zone));
	view_text(view, "business_timezone", zone_name(app->zone));
	view_text(view, "business_city", local_time_city(visit, app->zone));
	view_flag(view, "is_wide", true);
	view_flag(view, "has_two_zones", page->sheet.zone != app->zone);
	view_flag(view, "is_guessed", page->is_guessed);
	view_text(view, "unknown_zone", page->unknown_zone);
	view_flag(view, "has_all_zones", form_value(&request->query, "zones"));
	for (size_t i = 0; form_value(&request->query, "zones") && i < app->zones.count; i++)
		view_text(view_item(view, "zone_names"), "zone_name", app->zones.list[i]);
	if (page->sheet.is_steady)
		view_text(view, "clock", moment_zone(request->arena, page->sheet.zone, visit->now));
	if (visit_has_call(visit))
		local_time_view(
		    visit, view_item(view, "booked"), page->sheet.zone, booking->call.start);
	if (request->method == METHOD_GET) {
		struct text tz = text_new(request->arena, 3 * 64);

		text_url(&tz, zone_name(page->sheet.zone));
		reply_languages(visit, view,
		    arena_printf(request->arena, "/schedule?bookingId=%s&tz=%s", id ? id : "",
			tz.data ? tz.data : ""));
	}
}

/* The zone's name in the window's first moment holds up to its last. */
static bool has_steady_clock(const struct sheet *sheet)
{
	size_t count = sheet->candidates.count;

	return count == 0 || zone_steady_until(sheet->zone, sheet->now) >
				 sheet->candidates.slots[count - 1].call.start;
}

/* The candidates, and those that are open. */
static enum err find_slots(struct page *page, struct fail *fail)
{
	const struct app *app = page->app;
	struct arena *arena = page->request->arena;
	struct offer offer = visit_offer(page->visit);
	struct slot *slots = arena_array(arena, slots_bound(&app->hours), sizeof(*slots));

	if (!slots)
		return fail_set(fail, ERR_SYSTEM, "schedule", "no memory");
	page->sheet.candidates = (struct offer_list){
	    slots, slots_candidates(&app->hours, app->zone, page->visit->now, slots)};
	page->is_outage = offer.is_outage;
	return offer_slots(&offer, arena, &page->sheet.open, fail);
}

enum problem schedule_show(struct visit *visit, enum problem problem)
{
	const struct request *request = visit->request;
	struct page page = {
	    .app = visit->app,
	    .request = request,
	    .visit = visit,
	    .sheet =
		{
		    .arena = request->arena,
		    .style = reply_style(visit),
		    .business = visit->app->zone,
		    .now = visit->now,
		    .present = visit_has_call(visit) ? &visit->look.booking.call : NULL,
		    .asked = form_value(&request->query, "day"),
		},
	};
	struct sheet *sheet = &page.sheet;
	struct view *view = reply_view(visit);
	enum problem unknown;
	struct zone *own;
	enum err err;
	int status;

	/* A click that was refused before the calendar was asked. */
	if (!visit->is_calendar_asked)
		visit_ask_calendar(visit, CALENDAR_FOR_PAGE);
	if ((unknown = choose_zone(&page, &own)))
		return unknown;
	sheet->zone = own ? own : visit->app->zone;
	if ((err = find_slots(&page, &visit->fail))) {
		zone_free(own);
		return visit_failed(visit, err);
	}
	sheet->is_steady = has_steady_clock(sheet);
	view_booking(&page, view);
	status = reply_describe(visit, view, problem);
	if (problem) {
		sheet->wanted = visit->wanted;
		sheet->near = offer_nearest(&sheet->open, request->arena, visit->wanted, NEAREST);
		sheet_view_near(sheet, view);
	}
	if (request->wants_json) {
		sheet_view_all(sheet, view);
	} else {
		sheet_view(&visit->app->kept_sheet, sheet, view);
		view_flag(view, "has_open", sheet->open.count > 0);
		view_flag(view, "is_outage", page.is_outage);
	}
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

/* SPDX-License-Identifier: MIT */
/* booking.c: what is booked, as a page, as JSON and as a calendar's file */
#include "core/calendar_link.h"
#include "core/civil.h"
#include "core/contact.h"
#include "core/ics.h"
#include "base/log.h"
#include "store/deliveries.h"
#include "web/booking.h"
#include "web/local_time.h"

#include <inttypes.h>

#define TEXT_MAX 4096
#define ICS_MAX (64 * 1024)

static const char *fill(const struct visit *visit, const char *name, const struct view *view)
{
	return template_text(visit->request->arena, reply_template(visit, name), view, TEXT_MAX);
}

/* Where the booking is looked at, from anywhere. */
static const char *link_to(const struct visit *visit)
{
	return arena_printf(visit->request->arena, "%s%s", visit->app->conf->site.base_url,
	    reply_link(visit->request, "/booking", &visit->look.booking.id));
}

/* Where the call is held; "" while that is not known. */
static const char *video_of(const struct visit *visit)
{
	const char *own = visit->look.booking.lead.video;

	return own && *own ? own : visit->app->conf->site.video_url;
}

static struct view *identify(const struct visit *visit)
{
	const struct app *app = visit->app;
	const struct booking *booking = &visit->look.booking;
	struct arena *arena = visit->request->arena;
	struct view *view = reply_view(visit);
	char *id = arena_room(arena, UUID_TEXT);

	view_text(view, "booking_id", id ? uuid_format(&booking->id, id) : NULL);
	view_text(view, "version", arena_printf(arena, "%" PRIu64, booking->version));
	view_text(view, "name", booking->lead.name);
	view_text(view, "email", booking->lead.email);
	/* A call from before the hours were changed has its own length. */
	view_text(view, "minutes",
	    arena_printf(arena, "%" PRId64,
		visit_has_call(visit) ? (booking->call.end - booking->call.start) / 60
				      : (int64_t)app->hours.slot_minutes));
	view_text(view, "link", link_to(visit));
	return view;
}

/* The call in the zone in which its prospect chose it, and in the business's when that is another.
 */
static void view_call(const struct visit *visit, struct view *view)
{
	const struct app *app = visit->app;
	const struct booking *booking = &visit->look.booking;
	struct arena *arena = visit->request->arena;
	struct view *call = view_item(view, "call");
	const struct calendar_link link = {
	    .call = booking->call,
	    .summary = fill(visit, "invite_summary.txt", view),
	    .location = video_of(visit),
	};
	char *end = arena_room(arena, INSTANT_TEXT);
	struct zone *own;

	(void)!local_time_zone(visit, booking->lead.timezone, &own);
	local_time_view(visit, call, own ? own : app->zone, booking->call.start);
	if (own)
		local_time_view(visit, view_item(call, "there"), app->zone, booking->call.start);
	zone_free(own);
	view_text(call, "end", end ? instant_format_slot(booking->call.end, end) : NULL);
	view_text(call, "google", calendar_link_google(&link, arena));
	view_text(call, "outlook", calendar_link_outlook(&link, arena));
	view_text(call, "office", calendar_link_office(&link, arena));
	view_text(call, "video_url", video_of(visit));
	view_flag(call, "is_video_awaited", upstream_has_meet(&app->upstream) && !*video_of(visit));
	view_flag(view, "is_over", booking->call.end <= visit->now);
	view_flag(call, "is_changeable", !visit_is_too_late(visit));
}

/*
 * Nothing is promised that the courier does not know. Without an answer, or where no mails are
 * sent, nothing is said of one.
 */
static void view_mail(const struct visit *visit, struct view *view)
{
	const struct app *app = visit->app;
	const struct booking *booking = &visit->look.booking;
	const struct brief *brief = visit->brief;
	struct arena *arena = visit->request->arena;
	enum brief_fault fault = brief ? brief->faults[BRIEF_EMAIL] : BRIEF_FINE;
	enum mail_fate fate;
	struct fail fail;

	if (!*app->conf->resend.from || !booking->in_ledger)
		return;
	if (deliveries_fate(
		app->upstream.clickhouse, arena, &booking->id, booking->version, &fate, &fail)) {
		log_fail(LOG_LEVEL_WARNING, "mails_not_read", &fail);
		return;
	}
	view_text(view, "mail", mail_fate_name(fate));
	view_flag(view, arena_printf(arena, "is_mail_%s", mail_fate_name(fate)), true);
	view_flag(view, "is_correctable", fate == MAIL_REFUSED && booking->call.start > visit->now);
	view_text(view, "typed", brief ? brief->values[BRIEF_EMAIL] : booking->lead.email);
	if (!fault)
		return;
	view_text(view, "fault",
	    template_message(app->templates, visit->request->language,
		arena_printf(arena, "brief.email_%s", brief_fault_name(fault))));
	if (fault == BRIEF_CHARACTER)
		view_text(view, "character", brief->character);
}

void booking_show(const struct visit *visit, enum problem problem)
{
	const struct booking *booking = &visit->look.booking;
	struct view *view = identify(visit);
	int status = reply_describe(visit, view, problem);

	view_flag(view, "is_pair", true);
	view_flag(view, "is_booked", booking->state == BOOKING_BOOKED);
	view_flag(view, "is_cancelled", booking->state == BOOKING_CANCELLED);
	view_flag(view, "is_awaiting", booking->state == BOOKING_AWAITING);
	view_text(view, "state", booking_state_name(booking->state));
	if (visit_has_call(visit)) {
		view_call(visit, view);
		view_mail(visit, view);
	}
	if (visit->request->method == METHOD_GET)
		reply_languages(visit, view,
		    arena_printf(visit->request->arena, "/booking?bookingId=%s",
			uuid_format(&booking->id, (char[UUID_TEXT]){0})));
	reply_page(visit, status, "booking", view);
}

void booking_done(const struct visit *visit)
{
	if (visit->request->wants_json)
		booking_show(visit, PROBLEM_NONE);
	else
		reply_see_other(
		    visit, reply_link(visit->request, "/booking", &visit->look.booking.id));
}

enum problem booking_page(struct visit *visit)
{
	enum problem problem = visit_look(visit, LOOK_BOOKING);

	if (!problem)
		booking_show(visit, PROBLEM_NONE);
	return problem;
}

/* A copy of the call for the prospect's calendar; taken again after a change it replaces the first.
 */
static enum problem write_ics(struct visit *visit)
{
	const struct conf *conf = visit->app->conf;
	const struct booking *booking = &visit->look.booking;
	struct arena *arena = visit->request->arena;
	struct view *view = identify(visit);
	struct text text = text_new(arena, ICS_MAX);
	struct ics ics = {
	    .booking = booking->id,
	    .sequence = booking->version,
	    .is_published = true,
	    .is_cancelled = !visit_has_call(visit),
	    .call = booking->call,
	    .stamp = visit->now,
	    .domain = contact_host(conf, arena),
	    .organizer = contact_address(conf, arena),
	    .organizer_name = conf->site.name,
	    .summary = fill(visit, "invite_summary.txt", view),
	    .description = fill(visit, "invite.txt", view),
	    .url = link_to(visit),
	    .location = video_of(visit),
	};

	if (!arena_overflowed(arena))
		ics_write(&ics, &text);
	if (arena_overflowed(arena) || text_overflowed(&text))
		return visit_failed(
		    visit, fail_set(&visit->fail, ERR_SYSTEM, "booking", "no memory"));
	*visit->reply = (struct reply){
	    .status = 200,
	    .type = "text/calendar; charset=utf-8; method=PUBLISH",
	    .file = "call.ics",
	    .body = text.data,
	    .body_len = text.len,
	};
	return PROBLEM_NONE;
}

enum problem booking_ics(struct visit *visit)
{
	enum problem problem = visit_look(visit, LOOK_BOOKING);

	if (problem)
		return problem;
	return visit->look.booking.was_booked ? write_ics(visit) : PROBLEM_NO_CALL;
}

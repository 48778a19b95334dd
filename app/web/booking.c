/* SPDX-License-Identifier: MIT */
/* booking.c: what is booked, as a page, as JSON and as a calendar's file */
#include "core/calendar_link.h"
#include "core/civil.h"
#include "core/contact.h"
#include "core/ics.h"
#include "web/guard.h"

#include <inttypes.h>

#define TEXT_MAX 4096
#define ICS_MAX (64 * 1024)

static const char *fill(
    const struct app *app, const struct request *request, const char *name, const struct view *view)
{
	return template_text(request->arena, reply_template(app, request, name), view, TEXT_MAX);
}

/* Where the booking is looked at, from anywhere. */
static const char *link_to(
    const struct app *app, const struct request *request, const struct sight *sight)
{
	return arena_printf(request->arena, "%s%s", app->conf->site.base_url,
	    reply_link(request, "/booking", &sight->look.booking.id));
}

static struct view *identify(
    const struct app *app, const struct request *request, const struct sight *sight)
{
	struct view *view = reply_view(app, request);
	char *id = arena_room(request->arena, UUID_TEXT);

	view_text(view, "booking_id", id ? uuid_format(&sight->look.booking.id, id) : NULL);
	view_text(
	    view, "version", arena_printf(request->arena, "%" PRIu64, sight->look.booking.version));
	view_text(view, "name", sight->look.booking.lead.name);
	view_text(view, "email", sight->look.booking.lead.email);
	/* A call from before the hours were changed has its own length. */
	view_text(view, "minutes",
	    arena_printf(request->arena, "%" PRId64,
		(sight->look.booking.state == BOOKING_BOOKED)
		    ? (sight->look.booking.call.end - sight->look.booking.call.start) / 60
		    : (int64_t)app->hours.slot_minutes));
	view_text(view, "video_url", app->conf->site.video_url);
	view_text(view, "link", link_to(app, request, sight));
	return view;
}

/* The call in the zone in which its prospect chose it, and in the business's when that is another.
 */
static void view_call(const struct app *app, const struct request *request,
    const struct sight *sight, struct view *view)
{
	struct view *call = view_item(view, "call");
	const struct calendar_link link = {
	    .call = sight->look.booking.call,
	    .summary = fill(app, request, "invite_summary.txt", view),
	    .location = app->conf->site.video_url,
	};
	char *end = arena_room(request->arena, INSTANT_TEXT);
	struct zone *own;

	if (guard_zone(app, request, sight->look.booking.lead.timezone, &own))
		own = NULL;
	guard_view_time(app, request, call, own ? own : app->zone, sight->look.booking.call.start);
	if (own)
		guard_view_time(app, request, view_item(call, "there"), app->zone,
		    sight->look.booking.call.start);
	zone_free(own);
	view_text(call, "end", end ? instant_format_slot(sight->look.booking.call.end, end) : NULL);
	view_text(call, "google", calendar_link_google(&link, request->arena));
	view_text(call, "outlook", calendar_link_outlook(&link, request->arena));
	view_text(call, "office", calendar_link_office(&link, request->arena));
	view_flag(call, "is_over", sight->look.booking.call.end <= sight->now);
	view_flag(call, "is_changeable", !guard_is_too_late(app, sight));
}

void booking_show(const struct app *app, const struct request *request, struct reply *reply,
    const struct sight *sight, int status, const char *slug)
{
	struct view *view = identify(app, request, sight);
	enum booking_state state = sight->look.booking.state;

	if (slug)
		reply_describe(app, request, view, status, slug);
	view_flag(view, "is_booked", state == BOOKING_BOOKED);
	view_flag(view, "is_cancelled", state == BOOKING_CANCELLED);
	view_flag(view, "is_awaiting", state == BOOKING_AWAITING);
	view_text(view, "state", booking_state_name(state));
	if (state == BOOKING_BOOKED)
		view_call(app, request, sight, view);
	if (request->method == METHOD_GET)
		reply_languages(app, request, view,
		    arena_printf(request->arena, "/booking?bookingId=%s",
			uuid_format(&sight->look.booking.id, (char[UUID_TEXT]){0})));
	reply_page(app, request, reply, status, "booking", view);
}

enum err booking_page(
    struct app *app, const struct request *request, struct reply *reply, struct fail *fail)
{
	struct sight sight;
	enum err err;

	if ((err = guard_look(app, request, LOOK_BOOKING, &sight, fail)))
		return err;
	if (sight.look.booking.state == BOOKING_ERASED)
		reply_problem(app, request, reply, 410, "erased", NULL);
	else
		booking_show(app, request, reply, &sight, 200, NULL);
	return ERR_NONE;
}

/* A copy of the call for the prospect's calendar; taken again after a change it replaces the first.
 */
static enum err write_ics(const struct app *app, const struct request *request, struct reply *reply,
    const struct sight *sight, struct fail *fail)
{
	const struct conf *conf = app->conf;
	struct view *view = identify(app, request, sight);
	struct text text = text_new(request->arena, ICS_MAX);
	struct ics ics = {
	    .booking = sight->look.booking.id,
	    .sequence = sight->look.booking.version,
	    .is_published = true,
	    .is_cancelled = !(sight->look.booking.state == BOOKING_BOOKED),
	    .call = sight->look.booking.call,
	    .stamp = sight->now,
	    .domain = contact_host(conf, request->arena),
	    .organizer = contact_address(conf, request->arena),
	    .organizer_name = conf->site.name,
	    .summary = fill(app, request, "invite_summary.txt", view),
	    .description = fill(app, request, "invite.txt", view),
	    .url = link_to(app, request, sight),
	    .location = conf->site.video_url,
	};

	if (!arena_overflowed(request->arena))
		ics_write(&ics, &text);
	if (arena_overflowed(request->arena) || text_overflowed(&text))
		return fail_set(fail, ERR_SYSTEM, "booking", "no memory");
	*reply = (struct reply){
	    .status = 200,
	    .type = "text/calendar; charset=utf-8; method=PUBLISH",
	    .file = "call.ics",
	    .body = text.data,
	    .body_len = text.len,
	};
	return ERR_NONE;
}

enum err booking_ics(
    struct app *app, const struct request *request, struct reply *reply, struct fail *fail)
{
	struct sight sight;
	enum err err;

	if ((err = guard_look(app, request, LOOK_BOOKING, &sight, fail)))
		return err;
	if (sight.look.booking.state == BOOKING_ERASED)
		reply_problem(app, request, reply, 410, "erased", NULL);
	else if (!sight.look.booking.was_booked)
		booking_show(app, request, reply, &sight, 404, "no_call");
	else
		return write_ics(app, request, reply, &sight, fail);
	return ERR_NONE;
}

/* SPDX-License-Identifier: MIT */
/* booking.c: what is booked */
#include "core/civil.h"
#include "web/guard.h"

#include <inttypes.h>

void booking_show(const struct app *app, const struct request *request, struct reply *reply,
    const struct sight *sight, int status, const char *slug)
{
	struct view *view = reply_view(app, request);
	char *id = arena_room(request->arena, UUID_TEXT),
	     *end = arena_room(request->arena, INSTANT_TEXT);

	if (slug)
		reply_describe(app, request, view, status, slug);
	view_text(view, "booking_id", id ? uuid_format(&sight->booking, id) : NULL);
	view_text(view, "version", arena_printf(request->arena, "%" PRIu64, sight->version));
	view_text(view, "name", sight->fetched.snapshot.lead.name);
	view_text(view, "email", sight->fetched.snapshot.lead.email);
	view_text(view, "minutes", arena_printf(request->arena, "%d", app->hours.slot_minutes));
	view_flag(view, "is_booked", sight->is_booked);
	view_flag(view, "is_cancelled", !sight->is_booked && sight->was_booked);
	view_flag(view, "is_awaiting", !sight->is_booked && !sight->was_booked);
	view_text(view, "state",
	    sight->is_booked	? "booked"
	    : sight->was_booked ? "cancelled"
				: "awaiting_slot");
	if (sight->is_booked) {
		struct view *call = view_item(view, "call");

		guard_view_time(app, request, call, app->zone, sight->call.start);
		view_text(call, "end", end ? instant_format_slot(sight->call.end, end) : NULL);
	}
	reply_page(app, request, reply, status, "booking", view);
}

enum err booking_page(
    struct app *app, const struct request *request, struct reply *reply, struct fail *fail)
{
	struct sight sight;
	enum err err;

	if ((err = guard_look(app, request, FETCH_BOOKING, &sight, fail)))
		return err;
	if (sight.standing.is_erased)
		reply_problem(app, request, reply, 410, "erased", NULL);
	else
		booking_show(app, request, reply, &sight, 200, NULL);
	return ERR_NONE;
}

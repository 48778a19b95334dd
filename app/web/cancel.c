/* SPDX-License-Identifier: MIT */
/* cancel.c: frees a booking's slot */
#include "web/guard.h"

enum err cancel_booking(
    struct app *app, const struct request *request, struct reply *reply, struct fail *fail)
{
	struct sight sight, before;
	struct entry entry;
	enum change outcome;
	struct shown shown;
	enum err err;

	if (!guard_admit(app, request, reply, LOOK_CHANGE, &sight, &shown, &err, fail))
		return err;
	if (!sight.look.booking.was_booked) {
		booking_show(app, request, reply, &sight, 409, "not_booked");
		return ERR_NONE;
	}
	if (!shown.is_given) {
		booking_show(app, request, reply, &sight, 428, "version_needed");
		return ERR_NONE;
	}
	/* Cancelled already, by this very click sent twice or by another. */
	if (!(sight.look.booking.state == BOOKING_BOOKED)) {
		guard_done(app, request, reply, &sight);
		return ERR_NONE;
	}
	if (guard_is_too_late(app, &sight)) {
		booking_show(app, request, reply, &sight, 409, "too_late");
		return ERR_NONE;
	}

	entry = booking_entry(&sight.look.booking, ENTRY_CANCEL);
	entry.version = shown.version;
	before = sight;

	if (!guard_append(app, request, reply, &sight, &entry, &outcome))
		return ERR_NONE;
	if (outcome == CHANGE_ACCEPTED)
		guard_follow(app, request, &before, &sight, &entry);
	if (sight.look.booking.state == BOOKING_BOOKED)
		booking_show(app, request, reply, &sight, 409,
		    outcome == CHANGE_TOO_MANY ? "changes" : "version");
	else
		guard_done(app, request, reply, &sight);
	return ERR_NONE;
}

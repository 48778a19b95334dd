/* SPDX-License-Identifier: MIT */
/* cancel.c: frees a booking's slot */

#include "web/guard.h"

#include <string.h>

enum err cancel_booking(
    struct app *app, const struct request *request, struct reply *reply, struct fail *fail)
{
	struct entry entry = {.kind = ENTRY_CANCEL};
	struct sight sight, before;
	enum verdict verdict;
	struct shown shown;
	enum err err;

	if (!guard_admit(app, request, reply, FETCH_CHANGE, &sight, &shown, &err, fail))
		return err;
	if (!sight.was_booked) {
		booking_show(app, request, reply, &sight, 409, "not_booked");
		return ERR_NONE;
	}
	if (!shown.is_given) {
		booking_show(app, request, reply, &sight, 428, "version_needed");
		return ERR_NONE;
	}
	/* Cancelled already, by this very click sent twice or by another. */
	if (!sight.is_booked) {
		guard_done(app, request, reply, &sight);
		return ERR_NONE;
	}
	if (guard_is_too_late(app, &sight)) {
		booking_show(app, request, reply, &sight, 409, "too_late");
		return ERR_NONE;
	}

	entry.booking = sight.booking;
	entry.version = shown.version;
	strcpy(entry.host, sight.standing.host);
	before = sight;

	if (!guard_append(app, request, reply, &sight, &entry, &verdict))
		return ERR_NONE;
	if (verdict == VERDICT_ACCEPTED)
		guard_follow(app, request, &before, &entry);
	if (sight.is_booked)
		booking_show(app, request, reply, &sight, 409, "version");
	else
		guard_done(app, request, reply, &sight);
	return ERR_NONE;
}

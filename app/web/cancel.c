/* SPDX-License-Identifier: MIT */
/* cancel.c: frees a booking's slot */
#include "web/cancel.h"
#include "web/booking.h"

static enum problem judge(const struct visit *visit)
{
	if (!visit->look.booking.was_booked)
		return PROBLEM_NOT_BOOKED;
	if (!visit->is_version_seen)
		return PROBLEM_VERSION_NEEDED;
	return visit_has_call(visit) && visit_is_too_late(visit) ? PROBLEM_TOO_LATE : PROBLEM_NONE;
}

enum problem cancel_booking(struct visit *visit)
{
	const struct booking *booking = &visit->look.booking;
	enum problem problem;
	struct entry entry;

	if ((problem = visit_admit(visit, LOOK_CHANGE)) || (problem = judge(visit)))
		return problem;
	/* Cancelled already, by this very click sent twice or by another: what was asked for holds.
	 */
	if (visit_has_call(visit)) {
		entry = booking_entry(booking, ENTRY_CANCEL);
		entry.version = visit->version_seen;
		problem = visit_change(visit, &entry);
		if (problem && booking->state != BOOKING_CANCELLED)
			return problem;
	}
	booking_done(visit);
	return PROBLEM_NONE;
}

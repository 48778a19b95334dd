/* SPDX-License-Identifier: MIT */
/* cancel.c: frees a booking's time; the courier tells the prospect */
#include "ctl/edit.h"

static int run(struct ctl *ctl)
{
	struct booking booking, before;
	struct entry entry;
	int status = CTL_DONE;
	enum change change;

	if (!edit_find_booking(ctl, &booking, &status))
		return status;
	/* Sent twice is done once. */
	if (booking.state == BOOKING_CANCELLED)
		return ctl_say(CTL_DONE, "it has no call any more");
	if (booking.state != BOOKING_BOOKED)
		return ctl_say(CTL_REFUSED, "there is nothing to cancel: no time is booked");
	before = booking;
	entry = booking_entry(&booking, ENTRY_CANCEL);
	change = edit_make(ctl, &entry, &booking, &status);
	if (status)
		return status;
	/* The other of two that are sent at once may have been faster. */
	if (change != CHANGE_ACCEPTED && booking.state == BOOKING_CANCELLED)
		return ctl_say(CTL_DONE, "it has no call any more");
	if (change != CHANGE_ACCEPTED)
		return edit_refused(change);
	edit_follow(ctl, &before, &booking);
	edit_done(ctl, "cancelled", &entry);
	return CTL_DONE;
}

const struct ctl_command ctl_cancel = {
    .name = "cancel",
    .words = "ID",
    .help = "free a booking's time, and have the prospect told",
    .least = 1,
    .most = 1,
    .needs_schema = true,
    .run = run,
    .options = {{"version", "N", "only if the booking stands at this version"}},
};

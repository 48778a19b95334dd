/* SPDX-License-Identifier: MIT */
/* move.c: gives a booking another time; the courier tells the prospect */
#include "base/clock.h"
#include "ctl/edit.h"
#include "ctl/explain.h"
#include "ctl/print.h"

#include <stdio.h>

/* The booking and what is open to it, as its own page would show it. */
static int find_open(struct ctl *ctl, struct interval taken, struct look *seen, struct offer *offer)
{
	int64_t now = clock_wall_s();
	struct look_wish wish = {
	    .purpose = LOOK_OPERATOR,
	    .booking = seen->booking.id,
	    .window = slots_window(&ctl->hours, ctl->zone, now),
	};
	struct fail fail;
	int status;

	/* A forced time may lie outside of the hours and of the window. */
	if (taken.start < wish.window.start)
		wish.window.start = taken.start;
	if (taken.end > wish.window.end)
		wish.window.end = taken.end;
	if (look_at(&ctl->upstream, ctl->arena, &wish, seen, &fail))
		return ctl_fail(&fail);
	if ((status = edit_check_imported(seen, taken)))
		return status;
	if (!ctl_option(ctl, "force") && edit_lacks_calendar(ctl))
		return ctl_say(
		    CTL_FAULT, EDIT_LACKS_CALENDAR ": it was not asked; --force does without");
	if (seen->calendar.check == CALENDAR_UNCHECKED && !ctl_option(ctl, "force"))
		return ctl_say(CTL_FAULT,
		    "the calendar could not be asked (%s); --force does without",
		    seen->calendar.fail.detail);
	ctl->calendar = &seen->calendar;
	*offer = look_offer(&ctl->upstream, seen, &ctl->hours, ctl->zone, now);
	return CTL_DONE;
}

/* The open slots nearest to the time, on stderr. */
static void say_nearest(struct ctl *ctl, const struct offer_list *open, int64_t wanted)
{
	struct offer_list near = offer_nearest(open, ctl->arena, wanted, 3);

	for (size_t i = 0; i < near.count; i++)
		fprintf(stderr, "  open: %s\n",
		    print_moment(ctl->arena, ctl->zone, near.slots[i].call.start));
}

static bool has_call_at(const struct booking *booking, int64_t start)
{
	return booking->state == BOOKING_BOOKED && booking->call.start == start;
}

static int run(struct ctl *ctl)
{
	bool is_forced = ctl_option(ctl, "force");
	struct booking before;
	struct offer_list open;
	struct interval call, taken;
	struct offer offer;
	struct entry entry;
	enum change change;
	struct look seen;
	struct fail fail;
	struct why why;
	int status;

	if ((status = ctl_read_moment(ctl, ctl->words[1], &call.start)))
		return status;
	call.end = call.start + ctl->conf->hours.slot_minutes * 60;
	taken = slots_needed(&ctl->hours, call);
	if ((status = edit_find_booking(ctl, &seen.booking)))
		return status;
	before = seen.booking;
	if (has_call_at(&before, call.start))
		return ctl_say(CTL_DONE, "it has that time already");
	if (call.start <= clock_wall_s())
		return ctl_say(CTL_REFUSED, "that time has passed");
	/* The ledger's columns end in 2106. */
	if (taken.end > UINT32_MAX)
		return ctl_say(CTL_USAGE, "that time is too far away");
	if ((status = find_open(ctl, taken, &seen, &offer)))
		return status;
	if (offer_slots(&offer, ctl->arena, &open, &fail))
		return ctl_fail(&fail);
	if (!is_forced && !slots_find(open.slots, open.count, call.start)) {
		why = why_closed(&offer, &open, call.start);
		status = ctl_say(CTL_REFUSED,
		    "that time is not open to this booking: %s; --force looks at other bookings "
		    "only",
		    explain(ctl, &why));
		say_nearest(ctl, &open, call.start);
		return status;
	}
	entry = offer_entry(&offer, call, before.version, seen.calendar.check);
	entry.calendars = calendar_each(&seen.calendar, ctl->arena);
	if (is_forced)
		entry.cap_count = 0;
	if (ctl_option(ctl, "dry-run")) {
		edit_done(ctl, "would be booked", &entry);
		return CTL_DONE;
	}
	change = edit_make(ctl, &entry, &seen.booking, &fail);
	if (change != CHANGE_ACCEPTED && has_call_at(&seen.booking, call.start))
		return ctl_say(CTL_DONE, "it has that time already");
	if (change != CHANGE_ACCEPTED)
		return edit_refused(change, &fail);
	edit_follow(ctl, &before, &seen.booking);
	edit_done(ctl, "booked", &entry);
	return CTL_DONE;
}

const struct ctl_command ctl_move = {
    .name = "move",
    .words = "ID TIME",
    .help = "give a booking another time, or its first, and have the prospect told",
    .least = 2,
    .most = 2,
    .needs_schema = true,
    .run = run,
    .options =
	{
	    {"dry-run", NULL, "say whether it could be, and do nothing"},
	    {"force", NULL, "outside of the hours, over the calendar's and a day's limits"},
	    {"version", "N", "only if the booking stands at this version"},
	},
};

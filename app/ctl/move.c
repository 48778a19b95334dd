/* SPDX-License-Identifier: MIT */
/* move.c: gives a booking another time; the courier tells the prospect */
#include "base/clock.h"
#include "core/offer.h"
#include "ctl/change.h"
#include "ctl/print.h"
#include "desk/look.h"

#include <stdio.h>

/* The calendar is asked for this command alone: what the workers share is theirs to write. */
static enum err ask_calendar(
    struct ctl *ctl, struct interval window, struct busy_list *busy, struct fail *fail)
{
	struct http_reply reply;

	calendar_busy_start(ctl->upstream.google, ctl->arena, window,
	    clock_boot_ms() + ctl->conf->google.timeout_ms, http_keep, &reply);
	http_run(ctl->upstream.http);
	return calendar_parse_busy(ctl->arena, &reply, ctl->conf->google.calendar, busy, fail);
}

/* What is open to this booking, as its own page would show it. */
static bool look(struct ctl *ctl, const struct report_row *row, struct interval taken,
    struct offer *offer, enum calendar_check *check, int *status)
{
	int64_t now = clock_wall_s();
	struct interval window = slots_window(&ctl->hours, ctl->zone, now);
	struct busy_list busy = {NULL, 0};
	struct fetched fetched;
	struct fail fail;

	/* A forced time may lie outside of the hours and of the window. */
	if (taken.start < window.start)
		window.start = taken.start;
	if (taken.end > window.end)
		window.end = taken.end;
	*check = CALENDAR_OFF;
	if (fetch(&ctl->upstream, ctl->arena, FETCH_CHANGE, &row->lead.booking, window, &fetched,
		&fail)) {
		*status = ctl_fail(&fail);
		return false;
	}
	if (change_is_imported(&fetched, taken, status))
		return false;
	if (ctl->upstream.google) {
		*check = CALENDAR_FRESH;
		if (ask_calendar(ctl, window, &busy, &fail)) {
			*check = CALENDAR_UNCHECKED;
			if (!ctl_option(ctl, "force")) {
				*status = ctl_say(CTL_FAULT,
				    "the calendar could not be asked (%s); --force does without",
				    fail.detail);
				return false;
			}
		}
	}
	*offer = (struct offer){
	    .hours = &ctl->hours,
	    .zone = ctl->zone,
	    .now = now,
	    .host = ctl->conf->site.host,
	    .booking = row->lead.booking,
	    .ledger = journal_state(ctl->upstream.journal),
	    .imported = fetched.snapshot.imported,
	    .imported_count = fetched.snapshot.imported_count,
	    .calendar = busy.list,
	    .calendar_count = busy.count,
	};
	return true;
}

/* The open slots nearest to the time, on stderr. */
static void say_nearest(struct ctl *ctl, const struct offer_list *open, int64_t wanted)
{
	struct offer_list near = offer_nearest(open, ctl->arena, wanted, 3);

	for (size_t i = 0; i < near.count; i++)
		fprintf(stderr, "  open: %s\n",
		    print_moment(ctl->arena, ctl->zone, near.slots[i].call.start));
}

static int run(struct ctl *ctl)
{
	bool is_forced = ctl_option(ctl, "force");
	enum calendar_check check;
	struct report_row row;
	struct offer_list open;
	struct interval call;
	struct offer offer;
	struct entry entry;
	int status = CTL_DONE;
	enum verdict verdict;
	struct fail fail;

	if (!read_moment(ctl->zone, ctl->words[1], &call.start))
		return ctl_say(CTL_USAGE,
		    "%s is no time like 2026-12-01T08:00 (in %s) or 2026-12-01T13:00Z",
		    ctl->words[1], zone_name(ctl->zone));
	call.end = call.start + ctl->conf->hours.slot_minutes * 60;
	if (!change_find_booking(ctl, &row, &status))
		return status;
	if (row.state == REPORT_BOOKED && row.call.start == call.start)
		return ctl_say(CTL_DONE, "it has that time already");
	if (call.start <= clock_wall_s())
		return ctl_say(CTL_REFUSED, "that time has passed");
	if (!look(ctl, &row, slots_taken(&ctl->hours, call), &offer, &check, &status))
		return status;
	if (offer_slots(&offer, ctl->arena, &open, &fail))
		return ctl_fail(&fail);
	if (!is_forced && !slots_find(open.slots, open.count, call.start)) {
		status = ctl_say(CTL_REFUSED, "that time is not open to this booking; --force "
					      "looks at other bookings only");
		say_nearest(ctl, &open, call.start);
		return status;
	}
	entry = offer_entry(&offer, call, row.standing.version, check);
	if (is_forced)
		entry.cap = 0;
	if (!change_append(ctl, &entry, &verdict, &status))
		return status;
	if (verdict != VERDICT_ACCEPTED &&
	    ledger_find(journal_state(ctl->upstream.journal), &entry.booking, &row.standing) &&
	    row.standing.is_live && row.standing.call.start == call.start)
		return ctl_say(CTL_DONE, "it has that time already");
	if (verdict != VERDICT_ACCEPTED)
		return change_refused(verdict);
	change_follow(ctl, &row, &entry);
	change_done(ctl, "booked", &entry);
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
	    {"force", NULL, "outside of the hours, over the calendar's and a day's limits"},
	    {"version", "N", "only if the booking stands at this version"},
	},
};

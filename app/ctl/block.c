/* SPDX-License-Identifier: MIT */
/* block.c: takes a time without a booking, and gives it back */
#include "base/clock.h"
#include "core/civil.h"
#include "ctl/edit.h"
#include "ctl/print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* More is a matter of the hours, or of the calendar. */
#define BLOCK_MAX_S (INT64_C(366) * DAY_S)

/* A day, or from one time to another. */
static int read_words(struct ctl *ctl, struct interval *out)
{
	int status;

	if (ctl->word_count == 2)
		return (status = ctl_read_moment(ctl, ctl->words[0], &out->start))
			   ? status
			   : ctl_read_moment(ctl, ctl->words[1], &out->end);
	if (read_day(ctl->zone, clock_wall_s(), ctl->words[0], out))
		return CTL_DONE;
	return ctl_say(CTL_USAGE,
	    "neither a day like 2026-12-24 nor two times like 2026-12-01T08:00 (in %s)",
	    zone_name(ctl->zone));
}

/* What stands in the way, so that it can be moved first. */
static void say_taken(struct ctl *ctl, struct interval within)
{
	struct ledger_booking booking;
	char id[UUID_TEXT];

	for (size_t at = 0; look_next_live(&ctl->upstream, &at, &booking);)
		if (interval_overlaps(booking.taken, within))
			fprintf(stderr, "  %s: %s %s\n", booking.is_block ? "block" : "booking",
			    uuid_format(&booking.id, id),
			    print_moment(ctl->arena, ctl->zone, booking.call.start));
}

static int run_block(struct ctl *ctl)
{
	struct entry entry = {.kind = ENTRY_BLOCK, .booking = uuid_random()};
	struct look_wish wish = {.purpose = LOOK_CHANGE, .booking = entry.booking};
	enum change change;
	struct look seen;
	struct fail fail;
	int status;

	if ((status = read_words(ctl, &entry.call)))
		return status;
	if (entry.call.end <= entry.call.start || entry.call.end - entry.call.start > BLOCK_MAX_S)
		return ctl_say(CTL_USAGE, "the end is not within a year after the start");
	if (entry.call.end <= clock_wall_s())
		return ctl_say(CTL_REFUSED, "that time has passed");
	/* The ledger's columns end in 2106. */
	if (entry.call.end > UINT32_MAX)
		return ctl_say(CTL_USAGE, "that time is too far away");
	wish.window = entry.taken = entry.call;
	entry_set_owner(&entry, ctl->conf->site.owner);
	if (look_at(&ctl->upstream, ctl->arena, &wish, &seen, &fail))
		return ctl_fail(&fail);
	if ((status = edit_check_imported(&seen, entry.taken)))
		return status;
	change = edit_make(ctl, &entry, &seen.booking, &fail);
	if (change != CHANGE_ACCEPTED)
		status = edit_refused(change, &fail);
	if (change == CHANGE_OVERLAP)
		say_taken(ctl, entry.taken);
	if (status)
		return status;
	edit_done(ctl, "blocked", &entry);
	return CTL_DONE;
}

static int run_unblock(struct ctl *ctl)
{
	struct booking block;
	struct entry entry;
	enum change change;
	struct fail fail;
	int status;

	if ((status = edit_find(ctl, &block)))
		return status;
	if (!block.is_block)
		return ctl_say(CTL_REFUSED, "this is a booking; see `slotguardctl cancel`");
	if (block.state != BOOKING_BLOCKED)
		return ctl_say(CTL_DONE, "it blocks nothing any more");
	entry = booking_entry(&block, ENTRY_UNBLOCK);
	change = edit_make(ctl, &entry, &block, &fail);
	if (change != CHANGE_ACCEPTED)
		return edit_refused(change, &fail);
	edit_done(ctl, "unblocked", &entry);
	return CTL_DONE;
}

const struct ctl_command ctl_block = {
    .name = "block",
    .words = "DAY | START END",
    .help = "take a time without a booking, so that nobody is offered it",
    .least = 1,
    .most = 2,
    .needs_schema = true,
    .run = run_block,
};

const struct ctl_command ctl_unblock = {
    .name = "unblock",
    .words = "ID",
    .help = "give a blocked time back",
    .least = 1,
    .most = 1,
    .needs_schema = true,
    .run = run_unblock,
};

/* SPDX-License-Identifier: MIT */
/* cancel.c: frees a booking's time; the courier tells the prospect */
#include "ctl/change.h"

#include <stdio.h>
#include <string.h>

static int run(struct ctl *ctl)
{
	struct entry entry = {.kind = ENTRY_CANCEL};
	struct report_row row;
	int status = CTL_DONE;
	enum verdict verdict;

	if (!change_find_booking(ctl, &row, &status))
		return status;
	entry.booking = row.lead.booking;
	entry.version = row.standing.version;
	strcpy(entry.host, row.standing.host);
	/* Sent twice is done once. */
	if (row.state == REPORT_CANCELLED)
		return ctl_say(CTL_DONE, "it has no call any more");
	if (row.state != REPORT_BOOKED)
		return ctl_say(CTL_REFUSED, "there is nothing to cancel: no time is booked");
	if (!change_append(ctl, &entry, &verdict, &status))
		return status;
	/* The other of two that are sent at once may have been faster. */
	if (verdict != VERDICT_ACCEPTED &&
	    ledger_find(journal_state(ctl->upstream.journal), &entry.booking, &row.standing) &&
	    !row.standing.is_live && !row.standing.is_erased)
		return ctl_say(CTL_DONE, "it has no call any more");
	if (verdict != VERDICT_ACCEPTED)
		return change_refused(verdict);
	change_follow(ctl, &row, &entry);
	change_done(ctl, "cancelled", &entry);
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

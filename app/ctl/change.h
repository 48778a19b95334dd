/* SPDX-License-Identifier: MIT */
/* change.h: what every command that writes into the ledger does alike */
#ifndef CTL_CHANGE_H
#define CTL_CHANGE_H

#include "ctl/ctl.h"
#include "desk/report.h"
#include "desk/look.h"

/* The first argument as an id, and what stands of it. True: go on; else *status is set. */
bool change_find(struct ctl *ctl, struct report_row *out, int *status);

/* The same, and it is a booking that was not erased and, with --version, stands at that one. */
bool change_find_booking(struct ctl *ctl, struct report_row *out, int *status);

/*
 * Appends a command and reads its verdict, as a click does. True: *verdict is final. Else *status
 * is set and everything was said.
 */
bool change_append(struct ctl *ctl, struct entry *entry, enum verdict *verdict, int *status);

/*
 * Whether a booked row of a booking that the ledger does not know overlaps this: the replay cannot
 * see it. Then *status is CTL_REFUSED and it was said.
 */
bool change_is_imported(const struct fetched *fetched, struct interval taken, int *status);

/* Says why the ledger refused a command; CTL_REFUSED. */
int change_refused(enum verdict verdict);

/*
 * Writes what follows from an accepted entry: the row and the calendar's events; what did not
 * succeed is said, and is the courier's to repeat. The courier mails the prospect.
 */
void change_follow(struct ctl *ctl, const struct report_row *before, const struct entry *entry);

/* Says how the booking stands now, as a sentence or as JSON. */
void change_done(struct ctl *ctl, const char *what, const struct entry *entry);

#endif

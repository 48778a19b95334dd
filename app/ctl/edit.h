/* SPDX-License-Identifier: MIT */
/* edit.h: what every command that writes into the ledger does alike */
#ifndef CTL_EDIT_H
#define CTL_EDIT_H

#include "ctl/ctl.h"
#include "desk/change.h"
#include "desk/look.h"

/* The first argument as an id, the beginning of one that is unique, or the hash of it in the logs,
 * and what stands of it. CTL_DONE: go on; else the status of the program, and it was said why. */
int edit_find(struct ctl *ctl, struct booking *out);

/* The same, and it is a booking that was not erased and, with --version, stands at that one. */
int edit_find_booking(struct ctl *ctl, struct booking *out);

/*
 * CTL_REFUSED: a booked row of a booking that the ledger does not know overlaps this, which the
 * replay cannot see.
 */
int edit_check_imported(const struct look *look, struct interval taken);

/* Carries a command out, as a click does, and brings the booking up to what stands then. */
enum change edit_make(
    struct ctl *ctl, struct entry *entry, struct booking *booking, struct fail *fail);

/*
 * The calendar's credentials are not here, and yet there is one: some of Google's are, or a call in
 * the ledger was checked with it. Who goes on without them books over the owner's events, or leaves
 * a person's.
 */
bool edit_lacks_calendar(struct ctl *ctl);
#define EDIT_LACKS_CALENDAR                                                                        \
	"the calendar is in use, and its credentials, such as google-client-id, "                  \
	"google-client-secret and google-refresh-token, are not all to be read here"

/* Says why a command did not come to what was asked for; the status of the program. */
int edit_refused(enum change change, const struct fail *fail);

/*
 * Writes what follows from an accepted entry: the row and the calendar's events; what did not
 * succeed is said, and is the courier's to repeat. The courier mails the prospect.
 */
void edit_follow(struct ctl *ctl, const struct booking *before, const struct booking *after);

/* Says how the booking stands now, as a sentence or as JSON. */
void edit_done(struct ctl *ctl, const char *what, const struct entry *entry);

#endif

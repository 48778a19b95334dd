/* SPDX-License-Identifier: MIT */
/* change.h: one change of one booking: a command, its append, its verdict */
#ifndef DESK_CHANGE_H
#define DESK_CHANGE_H

#include "core/booking.h"
#include "desk/upstream.h"

/* How a command ended. */
enum change {
	CHANGE_ACCEPTED,
	CHANGE_OVERTAKEN, /* accepted, and another command after it was, too: nothing follows */
	/* Refused, by the ledger as it stands: */
	CHANGE_OVERLAP,
	CHANGE_CAP,
	CHANGE_TOO_MANY, /* its prospect has changed the booking often enough */
	CHANGE_STALE,	 /* the booking has moved on, or there is nothing to leave any more */
	CHANGE_ERASED,
	CHANGE_MALFORMED,
	/* No verdict was had: */
	CHANGE_UNSURE,	    /* it may still arrive */
	CHANGE_NOT_WRITTEN, /* it is not there */
};

/*
 * Appends a command and reads its verdict, which is left early when the state refuses already. The
 * booking is brought up to what stands then. fail is filled for the last two, with the codes of
 * journal_append(). Model: step `answer`.
 */
enum change change_make(struct upstream *upstream, struct arena *arena, struct entry *entry,
    struct booking *booking, struct fail *fail) MUST_CHECK;

/* What change_make() would answer without an append: CHANGE_ACCEPTED when the state refuses nothing
 * yet. */
enum change change_judge(const struct upstream *upstream, const struct entry *entry);

/* The command that gives the call once more the time that it has: booking_entry_again(). */
bool change_again(
    const struct upstream *upstream, const struct booking *booking, struct entry *out) MUST_CHECK;

/* The version that an accepted entry gave its booking. */
uint64_t change_version(const struct upstream *upstream, const struct entry *entry);

/* The call or block that CHANGE_OVERLAP met; false: it is gone by now. */
bool change_blocker(
    const struct upstream *upstream, const struct entry *entry, struct uuid *booking);

#endif

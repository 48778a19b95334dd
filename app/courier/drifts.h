/* SPDX-License-Identifier: MIT */
/* drifts.h: what somebody did to the calls' events in the calendar */
#ifndef COURIER_DRIFTS_H
#define COURIER_DRIFTS_H

#include "core/drift.h"
#include "courier/task.h"

/*
 * Looks at the calendar's changes when it is time (google.fresh_s, 1 to 30 s), and makes an alert
 * due, or with obey = yes the change itself, for each event of a call that stands and that differs
 * from it. Every courier looks by itself; the log of deliveries sees to it that each is told or
 * done once.
 */
void drifts_watch(struct courier *courier);

/* Why a call does not follow its event. */
enum unheard {
	UNHEARD_NOT_ASKED, /* obey = tell: nobody tried */
	UNHEARD_OVERLAP,   /* another call or block has that time */
	UNHEARD_IMPORTED,  /* the same of a row that the ledger does not know */
	UNHEARD_PASSED,	   /* that time is over */
	UNHEARD_NO_TIME,   /* the event has no time that a call can have */
	UNHEARD_REFUSED,   /* the ledger refuses it for another reason */
	UNHEARD_UNWRITTEN, /* the ledger cannot be written to, for a long time now */
};
#define UNHEARDS 7

/* What was seen of an event, and what came of it. */
struct sight {
	struct seen_event seen;
	enum drift drift;
	enum unheard unheard;
	struct uuid other; /* of an overlap: whose time it is */
};

/* Records that something is due of a sight; done once for each duty and key. */
enum err drifts_put(struct courier *courier, struct agenda_item *item, const struct delivery *due,
    const struct sight *sight, struct fail *fail) MUST_CHECK;
/* Reads it again. ERR_NOT_FOUND: the booking has moved on since, and nothing is due any more. Else
 * deliveries_payload()'s. */
enum err drifts_read(
    struct task *task, const struct delivery *due, struct sight *out, struct fail *fail) MUST_CHECK;

/* Fills an alert's view with what was seen under this key: drifts_read()'s failures, and
 * look_up()'s.
 */
enum err drifts_view(
    struct task *task, uint64_t key, struct view *view, struct fail *fail) MUST_CHECK;

#endif

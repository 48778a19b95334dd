/* SPDX-License-Identifier: MIT */
/* why.h: what closes a time that is not offered */
#ifndef CORE_WHY_H
#define CORE_WHY_H

#include "core/offer.h"

enum reason {
	REASON_NONE, /* it is open */
	/* By the hours alone: it was not offered before, either. */
	REASON_CLOCK,	/* the clock was put back and shows this time again: the first one counts */
	REASON_DAY,	/* this weekday has no hours */
	REASON_DATE,	/* this date is off */
	REASON_HOLIDAY, /* this date is in the file of holidays */
	REASON_HOURS,	/* outside of the day's hours */
	REASON_STEP,	/* between two starts */
	REASON_WINDOW,	/* outside of the window */
	/* By the time of asking. */
	REASON_BEGUN,
	REASON_NOTICE,
	/* By what else there is. */
	REASON_CALL,	 /* another booking, with the buffers between them */
	REASON_BLOCK,	 /* time that the operator took */
	REASON_IMPORTED, /* a booked row that the ledger does not know */
	REASON_EVENT,	 /* the calendar shows as busy */
	REASON_OUTAGE,	 /* the calendar cannot be asked, and nothing is offered without it */
	REASON_CAP,
	REASON_OWN,    /* the booking that asks has this very call */
	REASON_PACKED, /* packed starts are elsewhere, as things stand */
	REASON_LENGTH, /* of a call that stands: calls have another length now */
};
#define REASONS 19

/* "event", "holiday": for logs, JSON and metrics. */
const char *reason_name(enum reason reason);

struct why {
	enum reason reason;
	unsigned line;	      /* of slotguard.conf, for the rules of a day or a date; 0: none */
	struct interval span; /* of the call, block, row or event; the window; of REASON_NOTICE from
				 now to the first time that is far enough away */
	bool is_buffer;	      /* the call would be clear of it, but not with the buffers */
	struct uuid id;	      /* the booking's, or the block's */
	struct cap_rule cap;  /* of REASON_CAP, with what counted */
	size_t counted;
};

/* Whether the hours alone have a start here, whatever the window and the time of asking. */
struct why why_hours(const struct hours *hours, const struct zone *zone, int64_t start);

/*
 * Why a call cannot begin here; REASON_NONE exactly when open, which is what offer_slots() found
 * for the same offer, has it.
 */
struct why why_closed(const struct offer *offer, const struct offer_list *open, int64_t start);

/*
 * Which rule would not offer a call that stands, to its own booking and if it were free: hours,
 * window, length, the buffers to other calls, and caps with the others that stand. How near it is
 * does not count, since it was booked in time, and neither does the calendar. REASON_NONE: none.
 */
struct why why_standing(const struct offer *offer, struct interval call);

/* Whether a page may have offered it a while ago: its reason is none of the hours alone. */
bool why_was_offered(const struct why *why);

#endif

/* SPDX-License-Identifier: MIT */
/* look.h: a booking and what stands in its way, ClickHouse and Google asked at the same time */
#ifndef DESK_LOOK_H
#define DESK_LOOK_H

#include "core/booking.h"
#include "core/offer.h"
#include "desk/calendar_ask.h"

enum look_for {
	LOOK_ALONE,    /* the whole booking: nothing else is asked */
	LOOK_BOOKING,  /* the same, of which only what is shown is read: LEAD_SHOWN */
	LOOK_CHANGE,   /* to be changed: the whole row, imported rows; no calendar */
	LOOK_PAGE,     /* what is open, to be shown: LEAD_TIMES */
	LOOK_CLICK,    /* what is open, to be booked: all anew but the calendar, see below */
	LOOK_CALLS,    /* once more how many calls its person has; little of the row */
	LOOK_OPERATOR, /* the same by the operator: see CALENDAR_FOR_OPERATOR */
	LOOK_AS_PAGE,  /* what is open by LOOK_PAGE, to be explained: see CALENDAR_AS_PAGE */
};

struct look_wish {
	enum look_for purpose;
	struct uuid booking;
	struct interval window; /* of imported rows and of the calendar */
};

struct look {
	struct booking booking;		 /* its row is partial, but for who changes it */
	const struct interval *imported; /* booked rows without an entry, in the window */
	size_t imported_count;
	size_t person_calls; /* of LOOK_CLICK and LOOK_CALLS: calls of other bookings of the same
				address */
	struct calendar_finding calendar;
};

/*
 * One round, which takes as long as the slower of the two; the ledger's state is as new. A booking
 * that nobody knows is none of the failures, which are snapshot_finish()'s: see booking_is_known().
 */
enum err look_at(struct upstream *upstream, struct arena *arena, const struct look_wish *wish,
    struct look *out, struct fail *fail) MUST_CHECK;

/* What decides on what is open at this moment to the booking that was looked at. */
struct offer look_offer(const struct upstream *upstream, const struct look *look,
    const struct hours *hours, const struct zone *zone, int64_t now);

/* Brings the ledger's state up to now. journal_refresh()'s failures. */
enum err look_refresh(struct upstream *upstream, struct arena *arena, struct fail *fail) MUST_CHECK;
/* Whether it was ever read. */
bool look_is_ready(const struct upstream *upstream);
/* Has every entry judged at the next refresh, whatever an earlier program kept of them. */
void look_judge_all(struct upstream *upstream);

/* A booking by the ledger's state as it is; lead is what is known of its row (NULL: nothing). */
struct booking look_known(
    const struct upstream *upstream, const struct uuid *booking, const struct lead *lead);

/* Brings the ledger's state up to now, and the booking to what stands there. journal_refresh()'s.
 */
enum err look_again(struct upstream *upstream, struct arena *arena, struct booking *booking,
    struct fail *fail) MUST_CHECK;

struct look_ledger {
	uint64_t entries; /* how many it has */
	uint64_t before;  /* the version below the first that it can give */
	uint64_t newest;  /* the version that its newest entry gave, or could have given */
};

/* The ledger's state is brought up to now. journal_refresh()'s failures. */
enum err look_at_ledger(struct upstream *upstream, struct arena *arena, struct look_ledger *out,
    struct fail *fail) MUST_CHECK;

/* Of the ledger's state as it is: the next booking or block from *at (0 at first) on, in the order
 * of their first entry. False past the last. */
bool look_next(const struct upstream *upstream, size_t *at, struct ledger_booking *out);

/* The same, of those that stand and are the site's owner's. */
bool look_next_live(const struct upstream *upstream, size_t *at, struct ledger_booking *out);

/* How many entries no program writes: they change nothing. */
uint64_t look_malformed(const struct upstream *upstream);

/*
 * What a click has still to know once everything else lets it pass: the calendar. So a click that
 * cannot succeed costs Google nothing, and nobody uses the quota up with ids that do not exist.
 */
void look_at_calendar(struct upstream *upstream, struct arena *arena, enum calendar_use use,
    struct interval window, struct calendar_finding *out);

/* The whole booking alone. ERR_NOT_FOUND: neither a row nor an entry is there, and *out has nothing
 * but its id. */
enum err look_up(struct upstream *upstream, struct arena *arena, const struct uuid *booking,
    struct booking *out, struct fail *fail) MUST_CHECK;

#endif

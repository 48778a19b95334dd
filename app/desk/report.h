/* SPDX-License-Identifier: MIT */
/* report.h: many bookings at once: who has a call when, and how many come how far */
#ifndef DESK_REPORT_H
#define DESK_REPORT_H

#include "store/leads.h"
#include "desk/upstream.h"

/* A booking as ledger and row show it together; the ledger is the truth. */
struct report_row {
	struct lead lead;		/* zeroed, but for its id, when there is no row (a block) */
	struct ledger_booking standing; /* zeroed, but for its id, when the ledger knows nothing */
	enum report_state {
		REPORT_AWAITING, /* a brief without a call */
		REPORT_BOOKED,
		REPORT_CANCELLED,
		REPORT_BLOCKED, /* no booking: time taken by the operator */
		REPORT_ERASED,
	} state;
	struct interval call; /* the present one, or the last; empty while there never was one */
};
#define REPORT_STATES 5

/* "awaiting_slot", "booked": as the store writes it. */
const char *report_state_name(enum report_state state);
bool report_state_parse(const char *name, enum report_state *out);

struct overview {
	struct report_row *list; /* by the call's start, then by when the brief came */
	size_t count;
	bool is_cut; /* there were more than the limit */
};

#define REPORT_MAX 10000

/*
 * Calls that start within, blocks that overlap it, and briefs without a call that came in within.
 */
enum err report_list(struct upstream *upstream, struct arena *arena, struct interval within,
    struct overview *out, struct fail *fail) MUST_CHECK;

/* One booking. ERR_NOT_FOUND: neither a row nor an entry is there. */
enum err report_find(struct upstream *upstream, struct arena *arena, const struct uuid *booking,
    struct report_row *out, struct fail *fail) MUST_CHECK;

/* What was done in a stretch of time, by the ledger's verdicts. */
struct report_step {
	enum step_kind {
		STEP_LEAD,	/* a brief came in */
		STEP_ABANDONED, /* that brief never had a call, and is older than the limit */
		STEP_BOOKED,	/* a booking without a call took one */
		STEP_MOVED,
		STEP_CANCELLED,
	} kind;
	int64_t at_ms;
	int64_t took_ms; /* of the first call of a brief: since it came in; else 0 */
};

struct report_steps {
	struct report_step *list;
	size_t count;
};

/*
 * In no order. Replays the whole ledger. What a rebuild carried over is no step: its time is not in
 * the present ledger.
 */
enum err report_steps(struct upstream *upstream, struct arena *arena, struct interval within,
    int64_t abandoned_s, struct report_steps *out, struct fail *fail) MUST_CHECK;

/* An entry of one booking, judged. */
struct report_entry {
	struct report_entry *next;
	struct entry entry;
	uint64_t version; /* what it gave the booking, if it was accepted */
	enum verdict verdict;
	bool was_known, was_live; /* before it: the ledger knew the booking; it had a call */
	int64_t at_ms;
};

/* The whole history of one booking, oldest first; NULL: none. */
enum err report_history(struct upstream *upstream, struct arena *arena, const struct uuid *booking,
    struct report_entry **out, struct fail *fail) MUST_CHECK;

#endif

/* SPDX-License-Identifier: MIT */
/* report.h: many bookings at once: who has a call when, and how many come how far */
#ifndef DESK_REPORT_H
#define DESK_REPORT_H

#include "core/booking.h"
#include "desk/upstream.h"

struct report {
	struct booking *list; /* by the call's start, then by when the brief came */
	size_t count;
	bool is_cut; /* there were more than the limit */
};

#define REPORT_MAX 10000

/*
 * Calls that start within, blocks that overlap it, and briefs without a call that came in within.
 */
enum err report_list(struct upstream *upstream, struct arena *arena, struct interval within,
    struct report *out, struct fail *fail) MUST_CHECK;

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
 * In no order. What a rebuild carried over is no step: its time is not in
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
	int64_t at_ms;
};

/* The whole history of one booking, oldest first; NULL: none. */
enum err report_history(struct upstream *upstream, struct arena *arena, const struct uuid *booking,
    struct report_entry **out, struct fail *fail) MUST_CHECK;

#endif

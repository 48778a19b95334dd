/* SPDX-License-Identifier: MIT */
/* rebuild.h: a new ledger from the rows of consulting_bookings, after a restore */
#ifndef STORE_REBUILD_H
#define STORE_REBUILD_H

#include "store/clickhouse.h"

/* What becomes of a command of which nothing tells whether it was accepted: nothing is changed at
 * all, or it is booked, or left out. */
enum rebuild_doubts { REBUILD_ASK, REBUILD_HOLD, REBUILD_DROP };

struct rebuild_result {
	unsigned live, ended; /* bookings with a call, and without one */
	unsigned blocks;      /* times without a booking */
	unsigned carried;     /* of these, commands whose rows were not written yet */
	unsigned doubtful;
	const char *doubts; /* a line for each: its booking and its time */
	const char *kept;   /* the table that holds the old ledger now */
};

/* Whether the user may do what both rebuilds do, of the ledger and of the log of deliveries:
 * rights_need()'s. */
enum err rebuild_may(struct clickhouse *clickhouse, struct arena *arena, const struct conf *conf,
    struct fail *fail) MUST_CHECK;

/*
 * Writes every booking into a new ledger, at its own version, and every block that was not given
 * back, and puts it in the place of the old, which is kept under another name. What stands in the
 * old one counts while it can be replayed; after a RESTORE it cannot, and what stands in the rows
 * counts, and after it the commands whose rows are missing. Versions go on above the highest that
 * was ever given. The programs that append have to be stopped: ERR_LEDGER when an entry arrived
 * meanwhile; ERR_REFUSED: there are doubts, and they were to be asked about. In both cases nothing
 * was changed. Else what clickhouse_judge() says. *out is written in any case. A trial makes the
 * new ledger, counts, and drops it: nothing has to be stopped, and doubts are only told.
 */
enum err rebuild_ledger(struct clickhouse *clickhouse, struct arena *arena,
    enum rebuild_doubts doubts, bool is_trial, struct rebuild_result *out,
    struct fail *fail) MUST_CHECK;

#endif

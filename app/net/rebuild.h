/* SPDX-License-Identifier: MIT */
/* rebuild.h: a new ledger from the rows of consulting_bookings, after a restore */
#ifndef NET_REBUILD_H
#define NET_REBUILD_H

#include "net/clickhouse.h"

struct rebuild_result {
	unsigned live, ended; /* bookings carried over with a call, and without one */
	unsigned blocks;      /* times without a booking */
	const char *kept;     /* the table that holds the old ledger now */
};

/*
 * Writes every booking whose row came from the ledger into a new one, at its own version, and every
 * block that was not given back, and puts it in the place of the old, which is kept under another
 * name. Versions go on above the highest that was ever given. The programs that append have to be
 * stopped: ERR_LEDGER when an entry arrived meanwhile, and nothing was changed. Else what
 * clickhouse_judge() says.
 */
enum err rebuild_ledger(struct clickhouse *clickhouse, struct arena *arena,
    struct rebuild_result *out, struct fail *fail) MUST_CHECK;

#endif

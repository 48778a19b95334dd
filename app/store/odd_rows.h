/* SPDX-License-Identifier: MIT */
/* odd_rows.h: rows that no program writes */
#ifndef STORE_ODD_ROWS_H
#define STORE_ODD_ROWS_H

#include "base/uuid.h"
#include "store/clickhouse.h"

/* How many, and the booking of one of them. */
struct odd_rows {
	uint64_t count;
	struct uuid one;
};

struct odd {
	struct odd_rows above; /* of bookings, above the ledger's newest version; the lowest */
	struct odd_rows bookings, deliveries, ledger; /* against a constraint of the migrations */
	struct odd_rows unknown; /* booked, to come, and of bookings that the ledger does not know:
				    they keep their time from being offered */
};

/* Version: the newest of the ledger. ERR_GARBLED, or what clickhouse_ask() says. */
enum err odd_rows_ask(struct clickhouse *clickhouse, struct arena *arena, uint64_t version,
    struct odd *out, struct fail *fail) MUST_CHECK;

#endif

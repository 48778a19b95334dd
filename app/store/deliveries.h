/* SPDX-License-Identifier: MIT */
/* deliveries.h: argus.deliveries: the couriers' log */
#ifndef STORE_DELIVERIES_H
#define STORE_DELIVERIES_H

#include "core/delivery.h"
#include "store/clickhouse.h"

/* What one cheap query tells of the whole database: when none of it changes, nothing is due anew.
 */
struct row_counts {
	uint64_t ledger_rows, delivery_rows;
	uint64_t rows;	       /* of consulting_bookings; merges make it smaller */
	int64_t newest_row_ms; /* of them */
};
/* *now_ms: the store's own clock, which is the couriers' one clock on every host. */
enum err deliveries_row_counts(struct clickhouse *clickhouse, struct arena *arena,
    struct row_counts *out, int64_t *now_ms, struct fail *fail) MUST_CHECK;

/* Reads the log from *number on into the dockets, each of which is to be looked at again. Duties
 * and states that this program does not know are passed over. */
enum err deliveries_read(struct clickhouse *clickhouse, struct arena *arena, uint64_t *number,
    struct dockets *dockets, struct fail *fail) MUST_CHECK;

/* Opens the dockets of the briefs whose rows were written since then. */
enum err deliveries_read_leads(struct clickhouse *clickhouse, struct arena *arena, int64_t since_ms,
    struct dockets *dockets, struct fail *fail) MUST_CHECK;

/* Asks for a booking's lease; whether it is granted tells deliveries_read(). */
enum err deliveries_lease(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, const struct uuid *owner, struct fail *fail) MUST_CHECK;
/* Gives it back. */
enum err deliveries_release(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, const struct uuid *owner, struct fail *fail) MUST_CHECK;

/* Records a delivery. payload and detail may be "". */
enum err deliveries_record(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, const struct uuid *owner, const struct delivery *delivery,
    const char *payload, const char *detail, struct fail *fail) MUST_CHECK;

/*
 * What is kept with a duty (the exact bytes of a mail, the host of an alert) and since when, or
 * NULL when there are none. The first that were kept count, for every courier, whatever was kept
 * beside them.
 */
enum err deliveries_payload(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, enum duty duty, uint64_t version, const char **out,
    int64_t *since_ms, struct fail *fail) MUST_CHECK;

/*
 * Writes the log anew, into a table of its own numbers: after a restore new rows would be numbered
 * below the old ones, and no courier would ever see them. What was last recorded of each duty and
 * the bytes that are kept with it stand there as before; leases do not. No courier may run.
 */
enum err deliveries_rebuild(
    struct clickhouse *clickhouse, struct arena *arena, struct fail *fail) MUST_CHECK;

#endif

/* SPDX-License-Identifier: MIT */
/* changes.h: which bookings changed, and of which something may be due, without reading the others
 */
#ifndef STORE_CHANGES_H
#define STORE_CHANGES_H

#include "core/lead.h"
#include "store/clickhouse.h"
#include "store/ids.h"

/*
 * A part of a table bears in its name the number of its newest block, and numbers are drawn in the
 * order in which rows appear. So what came after a mark stands in parts whose number is above it:
 * ClickHouse leaves out the others by their names, and a look that finds nothing reads nothing,
 * however long the tables are.
 */
struct changes_mark {
	uint64_t ledger, deliveries, leads; /* the newest block that was read */
	int64_t now_ms;			    /* when the tables were looked at */
};

/* Where the tables end now: for whoever reads everything else by other ways. */
enum err changes_begin(struct clickhouse *clickhouse, struct arena *arena, struct changes_mark *out,
    struct fail *fail) MUST_CHECK;

/* The newest block of each table that is above the mark; 0: nothing came since. */
struct changes_found {
	uint64_t ledger, deliveries, leads;
	int64_t now_ms; /* the store's own clock, which is the couriers' one clock on every machine
			 */
};
enum err changes_look(struct clickhouse *clickhouse, struct arena *arena,
    const struct changes_mark *mark, struct changes_found *out, struct fail *fail) MUST_CHECK;

/* What the rows of a booking say of it, without anybody's words. */
struct lead_state {
	struct uuid booking;
	int64_t created_ms;	 /* when the brief came in */
	uint64_t version;	 /* of the newest row */
	enum lead_status status; /* of that row */
	bool is_held;		 /* its times open from a mail: lead_waits_for_mail() */
	bool has_video;		 /* it has the link of a video call */
};
/* Takes one booking; only the id is filled when nothing else was asked for. False: no memory. */
typedef bool changes_take(void *context, const struct lead_state *state);

/* The bookings with new entries, and those with new rows, after the mark. One may come twice. */
enum err changes_in_ledger(struct clickhouse *clickhouse, struct arena *arena,
    const struct changes_mark *mark, changes_take *take, void *context,
    struct fail *fail) MUST_CHECK;
enum err changes_in_leads(struct clickhouse *clickhouse, struct arena *arena,
    const struct changes_mark *mark, changes_take *take, void *context,
    struct fail *fail) MUST_CHECK;

/* The rows of these bookings; those that have none are not taken. */
enum err changes_leads_of(struct clickhouse *clickhouse, struct arena *arena, const struct ids *ids,
    changes_take *take, void *context, struct fail *fail) MUST_CHECK;

/*
 * The bookings of which something may be due, whatever was done of it, and the places of alerts
 * that are; the newest first. A call or a brief of the last week; an entry of the last month that
 * the row does not show (offset: what is added to its number to make a version); an erasure of the
 * last month, or with an event that is still tried. What is left out is over.
 */
enum err changes_may_be_due(struct clickhouse *clickhouse, struct arena *arena, uint64_t offset,
    changes_take *take, void *context, struct fail *fail) MUST_CHECK;

#endif

/* SPDX-License-Identifier: MIT */
/* report_rows.h: what reports on many bookings ask of the tables */
#ifndef STORE_REPORT_ROWS_H
#define STORE_REPORT_ROWS_H

#include "core/entry.h"
#include "store/leads.h"

/*
 * Each reads all at once, into the arena. What clickhouse_ask() says, ERR_GARBLED for rows that
 * cannot be understood, ERR_SYSTEM for a full arena.
 */

/* The rows of whoever has a call or sent a brief within, or has a command about that time: such a
 * row may be late. */
enum err report_rows_leads(struct clickhouse *clickhouse, struct arena *arena,
    struct interval within, struct lead_list *out, struct fail *fail) MUST_CHECK;

/* An entry as it stands in the table. */
struct entry_row {
	uint64_t position; /* how many stand before it: ledger_verdict()'s */
	struct entry entry;
	int64_t at_ms; /* when it was written */
};

struct entry_rows {
	struct entry_row *list;
	size_t count;
};

/* Of a booking, oldest first. */
enum err report_rows_entries(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, struct entry_rows *out, struct fail *fail) MUST_CHECK;

/* As much of an entry as tells what it did. */
struct change_row {
	uint64_t position;
	struct uuid booking;
	enum entry_kind kind;
	bool has_call;
	int64_t at_ms;
	int64_t created_ms; /* when its booking's brief came; 0: not known */
};

struct change_rows {
	struct change_row *list;
	size_t count;
};

/* All entries of each booking that has a book or a cancel written within: one booking's after the
 * other, oldest first. */
enum err report_rows_changes(struct clickhouse *clickhouse, struct arena *arena,
    struct interval within, struct change_rows *out, struct fail *fail) MUST_CHECK;

/*
 * A brief that came in; rows of earlier systems that came in as booked are none, and neither is one
 * that its person had sent in the same words within the day before.
 */
struct brief_time {
	struct uuid booking;
	int64_t at_ms;
	bool is_awaiting; /* by its row, and its person has had no call since under another */
};

struct brief_times {
	struct brief_time *list;
	size_t count;
};

enum err report_rows_briefs(struct clickhouse *clickhouse, struct arena *arena,
    struct interval within, struct brief_times *out, struct fail *fail) MUST_CHECK;

#endif

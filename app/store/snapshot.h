/* SPDX-License-Identifier: MIT */
/* snapshot.h: the one query of a page: the booking, what is new in the ledger, rows without an
 * entry */
#ifndef STORE_SNAPSHOT_H
#define STORE_SNAPSHOT_H

#include "store/imported.h"
#include "store/leads.h"

/* What ClickHouse knows at one moment; everything in the request's arena. */
struct snapshot {
	bool has_lead;
	struct lead lead;	   /* the row of the booking that was asked for */
	struct interval *imported; /* what imported.h's rows block within the window */
	size_t imported_count;
	struct uuid *same_person; /* other bookings of its address, when they were asked for */
	size_t same_person_count;
};

/* How old what is known of imported rows, and of which table the ledger is, may be for a page; a
 * click has it fresh. */
#define SNAPSHOT_IMPORTED_MS 1000

struct snapshot_wish {
	struct uuid booking;
	enum lead_part part;	   /* of the booking's row */
	struct imported *imported; /* NULL: imported rows are not asked for */
	int64_t imported_age_ms;   /* nor when what is known of them is younger; see
				      JOURNAL_COUNT */
	struct interval window;	   /* of theirs */
	bool asks_person;	   /* other bookings of the same address */
};

/*
 * Asks for a booking's row, for whether the journal is current, and for imported rows, in one query
 * beside other transfers. After http_run(), snapshot_finish() has the result.
 */
struct snapshot_question;
struct snapshot_question *snapshot_start(
    struct journal *journal, struct arena *arena, const struct snapshot_wish *wish);

/*
 * Reads the ledger's tail, if there is one. ERR_NONE: *out is filled and journal_state() is as new.
 * Otherwise what journal_refresh() says.
 */
enum err snapshot_finish(
    struct snapshot_question *question, struct snapshot *out, struct fail *fail) MUST_CHECK;

#endif

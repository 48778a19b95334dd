/* SPDX-License-Identifier: MIT */
/* snapshot.h: the one query of a page: the booking, what is new in the ledger, rows without an
 * entry */
#ifndef NET_SNAPSHOT_H
#define NET_SNAPSHOT_H

#include "net/foreign.h"
#include "net/store.h"

/* What ClickHouse knows at one moment; everything in the request's arena. */
struct snapshot {
	bool has_lead;
	struct lead lead;	  /* the row of the booking that was asked for */
	struct interval *foreign; /* what foreign.h's rows block within the window */
	size_t foreign_count;
};

/* How old what is known of foreign rows may be for a page; a click has it fresh. */
#define SNAPSHOT_FOREIGN_MS 1000

/*
 * Asks for a booking's row, for whether the journal is current, and for the booked rows that
 * overlap the window unless they are known and younger than age_ms, in one query beside other
 * transfers. After http_run(), snapshot_finish() has the result. foreign may be NULL: then they are
 * not asked for. booking may be nil: then there is no lead.
 */
struct snapshot_question;
struct snapshot_question *snapshot_start(struct journal *journal, struct foreign *foreign,
    struct arena *arena, const struct uuid *booking, struct interval window, int64_t age_ms);

/*
 * Reads the ledger's tail, if there is one. ERR_NONE: *out is filled and journal_state() is as new.
 * Otherwise what journal_refresh() says.
 */
enum err snapshot_finish(
    struct snapshot_question *question, struct snapshot *out, struct fail *fail) MUST_CHECK;

#endif

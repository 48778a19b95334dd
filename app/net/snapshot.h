/* SPDX-License-Identifier: MIT */
/* snapshot.h: the one query of a page: the booking, the ledger's tail, rows without an entry */
#ifndef NET_SNAPSHOT_H
#define NET_SNAPSHOT_H

#include "net/journal.h"
#include "net/store.h"

/* What ClickHouse knows at one moment; everything in the request's arena. */
struct snapshot {
	bool has_lead;
	struct lead lead; /* the row of the booking that was asked for */
	struct interval
	    *foreign; /* booked rows of bookings that the ledger does not know, on the host */
	size_t foreign_count;
	enum err err; /* of the question */
	struct fail fail;
};

/*
 * Asks for a booking's row, the tail, and the booked rows that overlap the window, in one query
 * beside other transfers. After http_run(), snapshot_finish() has the result; context for the
 * journal's state: journal_state(). booking may be nil: then there is no lead.
 */
struct snapshot_question;
struct snapshot_question *snapshot_start(struct journal *journal, struct arena *arena,
    const struct uuid *booking, const char *host, struct interval window);

/*
 * Repeats the question by itself when the state had to be loaded anew. ERR_NONE: *out is filled and
 * journal_state() is as new. Otherwise what journal_refresh() says.
 */
enum err snapshot_finish(
    struct snapshot_question *question, struct snapshot *out, struct fail *fail) MUST_CHECK;

#endif

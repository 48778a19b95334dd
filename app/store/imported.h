/* SPDX-License-Identifier: MIT */
/* imported.h: booked rows of bookings that the ledger does not know */
#ifndef STORE_IMPORTED_H
#define STORE_IMPORTED_H

#include "store/journal.h"

/*
 * Rows that were imported or written by hand, and rows whose entry a restored ledger lost, block
 * their time until their booking has an entry. Hardly ever there are any, and to look for them is
 * to go through all leads. So a look reads three columns and no merged rows; only when that leaves
 * a booking that the ledger does not know, the rows are read as they count. And the result is kept,
 * for those who may be a little behind.
 */
struct imported;

/* owner: whose time it is. NULL: no memory. */
struct imported *imported_new(const char *owner);
void imported_free(struct imported *imported);

/* Whether what is kept is of this window and not older than age_ms. */
bool imported_is_kept(const struct imported *imported, struct interval window, int64_t age_ms);

/*
 * One branch of a query: IMPORTED_FIELDS fields after the word 'booked', of each row that may be
 * one, and a line CLICKHOUSE_END; and its parameters.
 */
#define IMPORTED_FIELDS 4
/* More than any calendar holds. Of more rows that somebody wrote past the programs so many block
 * their time, and the pages go on. */
#define IMPORTED_MAX "30000"
#define IMPORTED_COLUMNS "booking_id, host, slot_start, slot_end"
#define IMPORTED_WHERE                                                                             \
	" WHERE status = 'booked'"                                                                 \
	" AND slot_end > {start:DateTime('UTC')}"                                                  \
	" AND slot_start < {end:DateTime('UTC')}"                                                  \
	" AND slot_start < slot_end"                                                               \
	" AND length(host) < 64"                                                                   \
	" LIMIT " IMPORTED_MAX
#define IMPORTED_LOOK                                                                              \
	"SELECT " CLICKHOUSE_WHOLE(                                                                \
	    "'booked', " IMPORTED_COLUMNS) " FROM consulting_bookings" IMPORTED_WHERE
const char *imported_parameters(struct arena *arena, struct interval window);

/* One row of it. */
struct imported_row {
	struct uuid booking;
	const char *owner; /* "": from before there were owners */
	struct interval call;
};
bool imported_parse(char *const *fields, struct imported_row *out);

/* What a look found: rows that may be imported, of this window, as they were then. */
struct imported_look {
	struct imported_row *rows;
	size_t count;
	struct interval window;
	int64_t asked_ms; /* clock_boot_ms() */
};

/*
 * Keeps what a look found, after the journal was brought up to date: rows of the
 * ledger's bookings are none. What clickhouse_ask() says.
 */
enum err imported_take(struct imported *imported, const struct journal *journal,
    struct arena *arena, const struct imported_look *look, struct fail *fail) MUST_CHECK;

/*
 * The times within the window that the kept rows block for a booking, as the ledger is now; in the
 * arena. NULL: no memory.
 */
struct interval *imported_times(const struct imported *imported, const struct journal *journal,
    struct arena *arena, const struct uuid *booking, struct interval window, size_t *count);

#endif

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
struct foreign;

/* host: whose time it is. NULL: no memory. */
struct foreign *foreign_new(const char *host);
void foreign_free(struct foreign *foreign);

/* Whether what is kept is of this window and not older than age_ms. */
bool foreign_is_kept(const struct foreign *foreign, struct interval window, int64_t age_ms);

/*
 * One branch of a query: FOREIGN_FIELDS fields after the word 'booked', of each row that may be
 * one; and its parameters.
 */
#define FOREIGN_FIELDS 4
#define FOREIGN_COLUMNS "booking_id, host, slot_start, slot_end"
#define FOREIGN_WHERE                                                                              \
	" WHERE status = 'booked' AND slot_end > {start:DateTime('UTC')} AND slot_start < "        \
	"{end:DateTime('UTC')}"
#define FOREIGN_LOOK                                                                               \
	"SELECT formatRowNoNewline('TabSeparated', 'booked', " FOREIGN_COLUMNS                     \
	") FROM consulting_bookings" FOREIGN_WHERE
const char *foreign_parameters(struct arena *arena, struct interval window);

/* One row of it. */
struct foreign_row {
	struct uuid booking;
	const char *host; /* "": from before there were hosts */
	struct interval call;
};
bool foreign_parse(char *const *fields, struct foreign_row *out);

/*
 * Keeps what a look of that moment found, after the journal was brought up to date: rows of the
 * ledger's bookings are none. What clickhouse_ask() says.
 */
enum err foreign_take(struct foreign *foreign, const struct journal *journal, struct arena *arena,
    const struct foreign_row *rows, size_t count, struct interval window, int64_t asked_ms,
    struct fail *fail) MUST_CHECK;

/*
 * The times within the window that the kept rows block for a booking, as the ledger is now; in the
 * arena. NULL: no memory.
 */
struct interval *foreign_times(const struct foreign *foreign, const struct journal *journal,
    struct arena *arena, const struct uuid *booking, struct interval window, size_t *count);

#endif

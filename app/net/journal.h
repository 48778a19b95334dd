/* SPDX-License-Identifier: MIT */
/* journal.h: the ledger's table: append and tail */
#ifndef NET_JOURNAL_H
#define NET_JOURNAL_H

#include "core/ledger.h"
#include "net/clickhouse.h"

/*
 * The order of the ledger is the table's _block_number; a journal holds the state replayed up to
 * some number, and every read takes the tail from there. Each tail comes with how many rows stand
 * up to that number and with the row that stands there: when either differs from what was replayed,
 * the state is dropped and replayed from the start before anything else is said.
 */
struct journal;

struct journal *journal_new(struct clickhouse *clickhouse);
void journal_free(struct journal *journal);
struct clickhouse *journal_clickhouse(const struct journal *journal);

/* The replayed state, or NULL while there is none. Valid until the next call on the journal. */
const struct ledger *journal_state(const struct journal *journal);

/*
 * Brings the state up to now, loading it first if need be. ERR_LEDGER: numbers repeat, the first
 * entry is no epoch, or the epoch is another than the one this process started with; the detail
 * names the way out. Otherwise what clickhouse_judge() says. Model: step `tail`.
 */
enum err journal_refresh(
    struct journal *journal, struct arena *arena, int64_t deadline, struct fail *fail) MUST_CHECK;

/*
 * Appends a command and reads the tail up to it. The entry's id is made here, its number learned.
 *
 * ERR_NONE: it stands in the ledger and *verdict is what everybody finds. ERR_UNSURE: the deadline
 * passed before its outcome was known; it may still arrive. ERR_UNREACHABLE: nothing ever left this
 * machine. ERR_BUSY, ERR_REFUSED, ERR_AUTH, ERR_SCHEMA: the server refused and the entry is not
 * there. ERR_LEDGER: as above; nothing was appended.
 *
 * Model: step `go_on`.
 */
enum err journal_append(struct journal *journal, struct arena *arena, struct entry *entry,
    int64_t deadline, enum verdict *verdict, struct fail *fail) MUST_CHECK;

/*
 * For who tells of the past: from now on called for every entry that is replayed, in order, with
 * its verdict and with what stood of its booking before. Everything lives for the call only.
 */
typedef void journal_watcher(void *context, const struct entry *entry, enum verdict verdict,
    const struct ledger_booking *before);
void journal_watch(struct journal *journal, journal_watcher *watcher, void *context);

/* For a query that reads more than the tail in one go (snapshot.h). */

/*
 * The select list of an entry, JOURNAL_FIELDS bare columns (each function costs ClickHouse time to
 * plan, and journal_parameters() has times written as seconds), the first being the count of rows
 * (none when the table is not {table:UUID}) up to {number:UInt64}; and its FROM and WHERE.
 */
#define JOURNAL_FIELDS 15
#define JOURNAL_TABLE                                                                              \
	"(SELECT uuid FROM system.tables WHERE database = currentDatabase() AND name = 'ledger')"
#define JOURNAL_SELECT                                                                             \
	"(SELECT count() FROM ledger WHERE _block_number <= {number:UInt64} AND "                  \
	"{table:UUID} = " JOURNAL_TABLE "), "                                                      \
	"_block_number, id, kind, booking_id, version, host, call_start, call_end, taken_start, "  \
	"taken_end, cap, cap_start, cap_end, calendar"
#define JOURNAL_FROM                                                                               \
	" FROM ledger WHERE _block_number >= {number:UInt64} AND _block_number <= {upto:UInt64}"

/* The query's parameters for a read up to this number; there has to be a state. */
const char *journal_parameters(const struct journal *journal, struct arena *arena, uint64_t upto);

/* One row of that list; false: it cannot be understood. */
bool journal_parse(char *const *fields, struct entry *entry, uint64_t *rows_up_to);

/*
 * Replays what such a query returned, in any order. ERR_LEDGER: the state does not fit the table
 * any more and is dropped; journal_refresh() then tells whether that can be mended.
 * Model: step `mark`.
 */
enum err journal_take(struct journal *journal, struct entry *entries, size_t count,
    uint64_t rows_up_to, struct fail *fail) MUST_CHECK;

#endif

/* SPDX-License-Identifier: MIT */
/* journal.h: the ledger, replayed from its table and appended to */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include "core/ledger.h"
#include "store/tail.h"

/*
 * The order of the ledger is the table's _block_number, and the parts of the table keep their rows
 * in it, merged or not. So an entry has a position: how many rows stand before it. A journal holds
 * the state replayed up to some position, and a read takes the tail from the last entry on. When
 * that one is not the same any more, at the same position of the same table, the state is dropped
 * and replayed from the start before anything else is said.
 */
struct journal;

struct journal *journal_new(struct clickhouse *clickhouse);
void journal_free(struct journal *journal);
/* An INSERT that is sent once more is counted there from now on; it outlives the journal. */
void journal_count(struct journal *journal, struct counters *counters);
/* From now on a state that took long to replay is kept in a folder, and begun with: checkpoint.h.
 * The folder's name outlives the journal. NULL, as at the beginning: never. */
void journal_keep(struct journal *journal, const char *dir);
struct clickhouse *journal_clickhouse(const struct journal *journal);

/* The replayed state, or NULL while there is none. Valid until the next call on the journal. */
const struct ledger *journal_state(const struct journal *journal);

/*
 * Brings the state up to now, loading it first if need be: from the checkpoint, when the table
 * still begins with the entries that the checkpoint is of, else from the start. ERR_LEDGER: numbers
 * repeat, the first entry is no epoch, or the epoch is another than the one this process started
 * with; the detail names the way out. Otherwise what clickhouse_judge() says. Model: step `tail`.
 */
enum err journal_refresh(
    struct journal *journal, struct arena *arena, struct fail *fail) MUST_CHECK;

/*
 * The same after a look, by its row of JOURNAL_LOOK: the two fields, which the look has to have had
 * of this journal's table. They are not asked for once more, which is a third of what a tail costs
 * ClickHouse. NULL: as journal_refresh().
 */
enum err journal_refresh_seen(struct journal *journal, struct arena *arena, char *const *fields,
    struct fail *fail) MUST_CHECK;

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
 * For a query that only looks, of which this is one branch: one row that tells whether there is
 * anything to read. In a table with the state's UUID and with as many rows as were replayed there
 * is nothing, since rows are never changed or deleted in it; a restored one has another UUID. It
 * costs as little with a million entries, and a third of a tail. No verdict rests on it: who
 * appends reads the tail.
 */
#define JOURNAL_LOOK                                                                               \
	"SELECT formatRowNoNewline('TabSeparated', 'ledger', uuid, total_rows)" LEDGER_TABLE

/* Of that row's two fields; false, too, without a state and for what cannot be understood. */
bool journal_is_current(const struct journal *journal, char *const *fields);

/*
 * The same for a page whose worker had that row within the last second: the number of rows, which
 * costs ClickHouse a sixth of the page less. What is new is seen at once; that the table is another
 * one with as many rows, within that second.
 */
#define JOURNAL_COUNT "SELECT formatRowNoNewline('TabSeparated', 'rows', count()) FROM ledger"

bool journal_is_as_long(const struct journal *journal, const char *rows);

#endif

/* SPDX-License-Identifier: MIT */
/* rebuild.c: a new ledger from the rows of consulting_bookings, after a restore */
#include "net/rebuild.h"
#include "base/clock.h"
#include "base/num.h"
#include "core/ledger.h"
#include "net/tsv.h"

#include <inttypes.h>
#include <string.h>

/*
 * A live call is restored with its interval, an ended one without; an erased one is erased again.
 * The newest goes first: where two rows claim one time, the older is one whose end was never
 * written, and it is restored as ended. Rows from elsewhere have version 0: they stay outside, and
 * block from there. Blocks have no rows: they are taken from the old ledger, last, so that none
 * stands in a call's way.
 */
static const char rows_sql[] =
    "SELECT toString(booking_id), toString(version), if(status = 'erased', 'erase', 'restore'),"
    " toString(host), toString(if(status = 'booked', toUnixTimestamp(slot_start), 0)),"
    " toString(if(status = 'booked', toUnixTimestamp(slot_end), 0)), toString(calendar)"
    " FROM consulting_bookings FINAL WHERE version > 0 ORDER BY version DESC FORMAT TabSeparated";
static const char blocks_sql[] =
    "SELECT toString(booking_id), '1', 'block', toString(any(host)),"
    " toString(toUnixTimestamp(any(call_start))), toString(toUnixTimestamp(any(call_end))), 'off'"
    " FROM ledger WHERE kind = 'block' AND booking_id NOT IN (SELECT booking_id FROM ledger WHERE"
    " kind = 'unblock') GROUP BY booking_id ORDER BY min(written_at) FORMAT TabSeparated";
#define FIELDS 7

struct rebuilding {
	struct clickhouse *clickhouse;
	struct arena *arena;
	struct ledger *ledger; /* what the new entries come to */
	struct rebuild_result *result;
	struct fail *fail;
};

static enum err run(struct rebuilding *rebuilding, const char *sql, char **rows)
{
	struct query query = {
	    .sql = sql,
	    .parameters = "&async_insert=0",
	    .reply_max = 64 * 1024 * 1024,
	    .deadline = clickhouse_deadline(rebuilding->clickhouse),
	};

	return clickhouse_ask(
	    rebuilding->clickhouse, rebuilding->arena, &query, rows, rebuilding->fail);
}

static enum err ask_number(struct rebuilding *rebuilding, const char *sql, uint64_t *out)
{
	char *rows, *field;
	enum err err = run(rebuilding, sql, &rows);

	if (!err && (!tsv_row(&rows, &field, 1) || !num_u64(field, 0, UINT64_MAX, out)))
		err = fail_set(
		    rebuilding->fail, ERR_GARBLED, "rebuild", "a number cannot be understood");
	return err;
}

/* One row an INSERT: the rows of one block would share a number. */
static enum err insert(struct rebuilding *rebuilding, const struct entry *entry)
{
	struct text row = text_new(rebuilding->arena, 512);
	struct query query = {
	    .sql = "INSERT INTO ledger_next (id, kind, booking_id, version, host, call_start, "
		   "call_end,"
		   " taken_start, taken_end, calendar) FORMAT TabSeparated",
	    .parameters = "&async_insert=0",
	    .data = row.data,
	    .deadline = clickhouse_deadline(rebuilding->clickhouse),
	};
	char id[UUID_TEXT], booking[UUID_TEXT];

	text_printf(&row, "%s\t%s\t%s\t%" PRIu64 "\t", uuid_format(&entry->id, id),
	    entry_kind_name(entry->kind), uuid_format(&entry->booking, booking), entry->version);
	text_tsv(&row, entry->host);
	text_printf(&row, "\t%010" PRId64 "\t%010" PRId64 "\t%010" PRId64 "\t%010" PRId64 "\t%s\n",
	    entry->call.start, entry->call.end, entry->call.start, entry->call.end,
	    calendar_check_name(entry->calendar));
	query.data_len = row.len;
	if (text_overflowed(&row))
		return fail_set(rebuilding->fail, ERR_SYSTEM, "rebuild", "no memory");
	return clickhouse_ask(
	    rebuilding->clickhouse, rebuilding->arena, &query, NULL, rebuilding->fail);
}

static bool parse(char *const *fields, struct entry *entry)
{
	if (!uuid_parse(fields[0], &entry->booking) ||
	    !num_u64(fields[1], 1, UINT64_MAX, &entry->version) ||
	    !entry_kind_parse(fields[2], &entry->kind) ||
	    strlen(fields[3]) >= sizeof(entry->host) ||
	    !num_i64(fields[4], 0, UINT32_MAX, &entry->call.start) ||
	    !num_i64(fields[5], 0, UINT32_MAX, &entry->call.end) ||
	    !calendar_check_parse(fields[6], &entry->calendar))
		return false;
	strcpy(entry->host, fields[3]);
	entry->taken = entry->call;
	/* Neither is restored at its version: the command is given anew. */
	if (entry->kind == ENTRY_ERASE || entry->kind == ENTRY_BLOCK)
		entry->version = 0;
	return true;
}

static enum err add(struct rebuilding *rebuilding, char *const *fields, uint64_t number)
{
	struct entry entry = {.number = number, .id = uuid_random()};
	enum verdict verdict;
	enum err err;

	if (!parse(fields, &entry))
		return fail_set(
		    rebuilding->fail, ERR_GARBLED, "rebuild", "a row cannot be understood");
	verdict = ledger_judge(rebuilding->ledger, &entry);
	/* A block that was refused then is refused again. */
	if (verdict == VERDICT_OVERLAP && entry.kind == ENTRY_BLOCK)
		return ERR_NONE;
	if (verdict == VERDICT_OVERLAP)
		entry.call = entry.taken = (struct interval){0, 0};
	if ((err = ledger_apply(rebuilding->ledger, &entry, &verdict, rebuilding->fail)) ||
	    (err = insert(rebuilding, &entry)))
		return err;
	if (entry.kind == ENTRY_BLOCK)
		rebuilding->result->blocks++;
	else if (entry.call.end)
		rebuilding->result->live++;
	else
		rebuilding->result->ended++;
	return ERR_NONE;
}

static enum err add_all(struct rebuilding *rebuilding, const char *sql, uint64_t *number)
{
	char *fields[FIELDS], *rows;
	enum err err = run(rebuilding, sql, &rows);

	while (!err && tsv_row(&rows, fields, FIELDS))
		err = add(rebuilding, fields, ++*number);
	if (!err && !tsv_at_end(rows))
		err = fail_set(
		    rebuilding->fail, ERR_GARBLED, "rebuild", "a row cannot be understood");
	return err;
}

static enum err fill(struct rebuilding *rebuilding)
{
	struct entry epoch = {.number = 1, .kind = ENTRY_EPOCH, .version = UINT64_MAX / 2};
	enum verdict verdict;
	uint64_t number = 1;
	enum err err;

	/*
	 * The epoch's version is what numbers are added to: above every version that was ever
	 * given. What the restored tables have forgotten is below the seconds since the year began,
	 * since nobody appends one entry a second for that long.
	 */
	err = run(rebuilding,
	    "INSERT INTO ledger_next (id, kind, booking_id, version) SELECT generateUUIDv4(), "
	    "'epoch',"
	    " (SELECT uuid FROM system.tables WHERE database = currentDatabase() AND name ="
	    " 'ledger_next'), greatest((SELECT max(version) FROM consulting_bookings),"
	    " (SELECT max(version) + max(_block_number) FROM ledger),"
	    " toUInt64(dateDiff('second', toDateTime('2026-01-01 00:00:00', 'UTC'), now('UTC'))))",
	    NULL);
	if (!err)
		err = ledger_apply(rebuilding->ledger, &epoch, &verdict, rebuilding->fail);
	if (!err)
		err = add_all(rebuilding, rows_sql, &number);
	return err ? err : add_all(rebuilding, blocks_sql, &number);
}

/* A new table that holds the old one's bookings, put into its place. */
static enum err replace(struct rebuilding *rebuilding)
{
	static const char count_sql[] = "SELECT toString(count()) FROM ledger FORMAT TabSeparated";
	uint64_t before, after;
	enum err err;

	if ((err = ask_number(rebuilding, count_sql, &before)) ||
	    (err = run(rebuilding, "DROP TABLE IF EXISTS ledger_next SYNC", NULL)) ||
	    (err = run(rebuilding, "CREATE TABLE ledger_next AS ledger", NULL)) ||
	    (err = fill(rebuilding)) || (err = ask_number(rebuilding, count_sql, &after)))
		return err;
	if (after != before)
		return fail_set(rebuilding->fail, ERR_LEDGER, "rebuild",
		    "an entry arrived meanwhile: stop the workers and the courier, then try again");
	if ((err = run(rebuilding, "EXCHANGE TABLES ledger AND ledger_next", NULL)))
		return err;
	return run(rebuilding,
	    arena_printf(
		rebuilding->arena, "RENAME TABLE ledger_next TO %s", rebuilding->result->kept),
	    NULL);
}

enum err rebuild_ledger(struct clickhouse *clickhouse, struct arena *arena,
    struct rebuild_result *out, struct fail *fail)
{
	struct rebuild_result result = {
	    .kept = arena_printf(arena, "ledger_until_%" PRId64, clock_wall_s())};
	struct rebuilding rebuilding = {clickhouse, arena, ledger_new(), &result, fail};
	enum err err;

	if (!rebuilding.ledger || !result.kept)
		err = fail_set(fail, ERR_SYSTEM, "rebuild", "no memory");
	else
		err = replace(&rebuilding);
	ledger_free(rebuilding.ledger);
	if (!err)
		*out = result;
	return err;
}

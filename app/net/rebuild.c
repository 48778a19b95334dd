/* SPDX-License-Identifier: MIT */
/* rebuild.c: a new ledger from the rows of consulting_bookings, after a restore */
#include "net/rebuild.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/uuid.h"
#include "net/tsv.h"

#include <inttypes.h>
#include <string.h>

/*
 * A live call is restored with its interval, an ended one without; an erased one is erased again.
 * Rows from elsewhere have version 0: they stay outside, and block from there.
 */
static const char rows_sql[] =
    "SELECT toString(booking_id), toString(version), if(status = 'erased', 'erase', 'restore'),"
    " toString(host), toString(if(status = 'booked', toUnixTimestamp(slot_start), 0)),"
    " toString(if(status = 'booked', toUnixTimestamp(slot_end), 0)), toString(calendar)"
    " FROM consulting_bookings FINAL WHERE version > 0 ORDER BY version FORMAT TabSeparated";
#define FIELDS 7

struct rebuilding {
	struct clickhouse *clickhouse;
	struct arena *arena;
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
static enum err add(struct rebuilding *rebuilding, const char *kind, char *const *fields)
{
	bool is_erase = strcmp(kind, "erase") == 0;
	struct text row = text_new(rebuilding->arena, 512);
	struct query query = {
	    .sql = "INSERT INTO ledger_next (id, kind, booking_id, version, host, call_start, "
		   "call_end,"
		   " taken_start, taken_end, calendar) FORMAT TabSeparated",
	    .parameters = "&async_insert=0",
	    .data = row.data,
	    .deadline = clickhouse_deadline(rebuilding->clickhouse),
	};
	struct uuid uuid = uuid_random();
	char id[UUID_TEXT];
	int64_t start, end;

	if (!num_i64(fields[4], 0, UINT32_MAX, &start) || !num_i64(fields[5], 0, UINT32_MAX, &end))
		return fail_set(
		    rebuilding->fail, ERR_GARBLED, "rebuild", "a row's slot cannot be understood");
	text_printf(&row, "%s\t%s\t%s\t%s\t", uuid_format(&uuid, id), kind, fields[0],
	    is_erase ? "0" : fields[1]);
	text_tsv(&row, fields[3]);
	text_printf(&row, "\t%010" PRId64 "\t%010" PRId64 "\t%010" PRId64 "\t%010" PRId64 "\t%s\n",
	    start, end, start, end, fields[6]);
	query.data_len = row.len;
	return clickhouse_ask(
	    rebuilding->clickhouse, rebuilding->arena, &query, NULL, rebuilding->fail);
}

static enum err fill(struct rebuilding *rebuilding, struct rebuild_result *result)
{
	char *fields[FIELDS], *rows;
	enum err err;

	/* The epoch's version is what numbers are added to: above every version that was ever
	 * given. */
	err = run(rebuilding,
	    "INSERT INTO ledger_next (id, kind, version) SELECT generateUUIDv4(), 'epoch', "
	    "greatest("
	    "(SELECT max(version) FROM consulting_bookings), (SELECT max(version) + "
	    "max(_block_number) FROM "
	    "ledger))",
	    NULL);
	if (err || (err = run(rebuilding, rows_sql, &rows)))
		return err;
	while (tsv_row(&rows, fields, FIELDS)) {
		if ((err = add(rebuilding, fields[2], fields)))
			return err;
		if (strcmp(fields[4], "0") != 0)
			result->live++;
		else
			result->ended++;
	}
	if (!tsv_at_end(rows))
		return fail_set(
		    rebuilding->fail, ERR_GARBLED, "rebuild", "a row cannot be understood");
	return ERR_NONE;
}

enum err rebuild_ledger(struct clickhouse *clickhouse, struct arena *arena,
    struct rebuild_result *out, struct fail *fail)
{
	static const char count_sql[] = "SELECT toString(count()) FROM ledger FORMAT TabSeparated";
	struct rebuilding rebuilding = {clickhouse, arena, fail};
	struct rebuild_result result = {0};
	uint64_t before, after;
	enum err err;

	result.kept = arena_printf(arena, "ledger_until_%" PRId64, clock_wall_s());
	if ((err = ask_number(&rebuilding, count_sql, &before)) ||
	    (err = run(&rebuilding, "DROP TABLE IF EXISTS ledger_next SYNC", NULL)) ||
	    (err = run(&rebuilding, "CREATE TABLE ledger_next AS ledger", NULL)) ||
	    (err = fill(&rebuilding, &result)) ||
	    (err = ask_number(&rebuilding, count_sql, &after)))
		return err;
	if (after != before)
		return fail_set(fail, ERR_LEDGER, "rebuild",
		    "an entry arrived meanwhile: stop the workers and the courier, then try again");
	if ((err = run(&rebuilding, "EXCHANGE TABLES ledger AND ledger_next", NULL)) ||
	    (err = run(&rebuilding,
		 arena_printf(arena, "RENAME TABLE ledger_next TO %s", result.kept), NULL)))
		return err;
	*out = result;
	return ERR_NONE;
}

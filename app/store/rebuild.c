/* SPDX-License-Identifier: MIT */
/* rebuild.c: a new ledger from the rows of consulting_bookings, after a restore */
#include "store/rebuild.h"
#include "base/clock.h"
#include "base/num.h"
#include "core/civil.h"
#include "core/ledger.h"
#include "store/journal.h"
#include "store/rights.h"
#include "store/statements.h"
#include "store/tsv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/*
 * An old ledger that can still be replayed says how each booking stands. One that was restored
 * cannot, since its order is lost; then the rows say it, with the buffers of the entries that they
 * came from: a live call is restored with its interval, an ended one without; an erased one is
 * erased again. The newest goes first: where two rows claim one time, the older is one whose end
 * was never written, and it is restored as ended. Rows from elsewhere have version 0: they stay
 * outside, and block from there. A row above what the old ledger has is believed: the ledger lost
 * its entry.
 */
#define FIELDS (ENTRY_ROW_FIELDS + 1) /* and whether it is in doubt */
#define DOUBTS_MAX (256 * 1024)

struct rebuilding {
	struct clickhouse *clickhouse;
	struct arena *arena;
	enum rebuild_doubts doubts;
	bool is_trial;
	const struct ledger *old; /* NULL: it cannot be replayed */
	struct ledger *ledger;	  /* what the new entries come to */
	uint64_t number;	  /* of the newest of them */
	struct text told;	  /* the bookings in doubt */
	struct rebuild_result *result;
	struct fail *fail;
	const char *insert_sql; /* one row into the table that is built */
};

static enum err run(struct rebuilding *rebuilding, const char *sql, char **rows)
{
	struct query query = {
	    .sql = sql,
	    .parameters = "&date_time_output_format=unix_timestamp",
	    .reply_max = 64 * 1024 * 1024,
	};

	return clickhouse_ask(
	    rebuilding->clickhouse, rebuilding->arena, &query, rows, rebuilding->fail);
}

/* A statement with the name of the table that is built between its halves, and as {kept:String}. */
static enum err run_on(struct rebuilding *rebuilding, const char *before, const char *after)
{
	const char *kept = rebuilding->result->kept;
	struct query query = {
	    .sql = arena_printf(rebuilding->arena, "%s%s%s", before, kept, after),
	    .parameters = arena_printf(rebuilding->arena, "&param_kept=%s", kept),
	};

	if (!query.sql || !query.parameters)
		return fail_set(rebuilding->fail, ERR_SYSTEM, "rebuild", "no memory");
	return clickhouse_ask(
	    rebuilding->clickhouse, rebuilding->arena, &query, NULL, rebuilding->fail);
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
	struct text row = text_new(rebuilding->arena, ENTRY_ROW_MAX);
	struct query query = {
	    .sql = rebuilding->insert_sql,
	    .data = row.data,
	};

	entry_row_write(&row, entry);
	query.data_len = row.len;
	if (text_overflowed(&row))
		return fail_set(rebuilding->fail, ERR_SYSTEM, "rebuild", "no memory");
	return clickhouse_ask(
	    rebuilding->clickhouse, rebuilding->arena, &query, NULL, rebuilding->fail);
}

static bool parse(char *const *fields, struct entry *entry, bool *is_doubtful)
{
	if (!entry_row_parse(fields, entry))
		return false;
	*is_doubtful = strcmp(fields[ENTRY_ROW_FIELDS], "1") == 0;
	/* A row whose entry is not there any more has no buffers that anybody knew. */
	if (entry->call.start == entry->call.end || !entry->taken.end)
		entry->taken = entry->call;
	return true;
}

/* What the replay refuses is left out: so did it then. */
static enum err add(struct rebuilding *rebuilding, struct entry *entry, bool *is_added)
{
	enum verdict verdict = ledger_judge(rebuilding->ledger, entry);
	enum err err;

	if (verdict == VERDICT_OVERLAP && entry->kind == ENTRY_RESTORE) {
		entry->taken = entry->call;
		verdict = ledger_judge(rebuilding->ledger, entry);
	}
	if (verdict == VERDICT_OVERLAP && entry->kind == ENTRY_RESTORE) {
		entry->call = entry->taken = (struct interval){0, 0};
		verdict = VERDICT_ACCEPTED;
	}
	*is_added = verdict == VERDICT_ACCEPTED;
	if (!*is_added)
		return ERR_NONE;
	entry->number = ++rebuilding->number;
	entry->id = uuid_random();
	err = ledger_apply(rebuilding->ledger, entry, &verdict, rebuilding->fail);
	return err ? err : insert(rebuilding, entry);
}

static enum err add_row(struct rebuilding *rebuilding, struct entry *entry, bool is_doubtful)
{
	struct ledger_booking old;
	bool is_added;

	(void)is_doubtful;
	if (rebuilding->old && ledger_find(rebuilding->old, &entry->booking, &old) &&
	    old.version >= entry->version)
		return ERR_NONE;
	/* An erasure has no version to be restored at: the command is given anew. */
	if (entry->kind == ENTRY_ERASE)
		entry->version = 0;
	return add(rebuilding, entry, &is_added);
}

static enum err add_block(struct rebuilding *rebuilding, struct entry *entry, bool is_doubtful)
{
	bool is_added;

	(void)is_doubtful;
	entry->version = 0;
	return add(rebuilding, entry, &is_added);
}

static void tell_doubt(struct rebuilding *rebuilding, const struct entry *entry)
{
	char id[UUID_TEXT], start[INSTANT_TEXT];

	text_printf(&rebuilding->told, "%s %s\n", uuid_format(&entry->booking, id),
	    instant_format_rfc3339(entry->call.start, start));
	rebuilding->result->doubtful++;
}

/* Its version may be one that no row tells: then it stands on what was carried over before it. */
static enum err add_loose(struct rebuilding *rebuilding, struct entry *entry, bool is_doubtful)
{
	struct ledger_booking found;
	bool is_added;
	enum err err;

	ledger_find(rebuilding->ledger, &entry->booking, &found);
	entry->version = found.version;
	if (is_doubtful && ledger_judge(rebuilding->ledger, entry) == VERDICT_ACCEPTED) {
		tell_doubt(rebuilding, entry);
		if (rebuilding->doubts != REBUILD_HOLD)
			return ERR_NONE;
	}
	err = add(rebuilding, entry, &is_added);
	rebuilding->result->carried += is_added;
	return err;
}

static enum err add_all(struct rebuilding *rebuilding, const char *sql,
    enum err (*add_one)(struct rebuilding *, struct entry *, bool))
{
	char *fields[FIELDS], *rows;
	enum err err = run(rebuilding, sql, &rows);

	while (!err && tsv_row(&rows, fields, FIELDS)) {
		struct entry entry = {0};
		bool is_doubtful;

		/* What no program could read has not counted either. */
		if (parse(fields, &entry, &is_doubtful))
			err = add_one(rebuilding, &entry, is_doubtful);
	}
	if (!err && !tsv_at_end(rows))
		err = fail_set(
		    rebuilding->fail, ERR_GARBLED, "rebuild", "a row cannot be understood");
	return err;
}

/* Every booking and block of an old ledger that can be replayed, just as it stands there. */
static enum err add_old(struct rebuilding *rebuilding)
{
	struct ledger_booking old, known;
	enum err err = ERR_NONE;

	for (size_t i = 0; !err && ledger_at(rebuilding->old, i, &old); i++) {
		struct entry entry = {
		    .kind = old.is_erased  ? ENTRY_ERASE
			    : old.is_block ? ENTRY_BLOCK
					   : ENTRY_RESTORE,
		    .booking = old.id,
		    .version = old.is_erased || old.is_block ? 0 : old.version,
		    .calendar = old.calendar,
		    .actor = ACTOR_OPERATOR,
		    .tag_count = old.tag_count,
		};
		bool is_added;

		if (ledger_find(rebuilding->ledger, &old.id, &known) ||
		    (old.is_block && !old.is_live))
			continue;
		entry_set_owner(&entry, old.owner);
		memcpy(entry.tags, old.tags, sizeof(entry.tags));
		memcpy(entry.meeting, old.meeting, sizeof(entry.meeting));
		if (old.is_live) {
			entry.call = old.call;
			entry.taken = old.taken;
		}
		err = add(rebuilding, &entry, &is_added);
	}
	return err;
}

static enum err fill(struct rebuilding *rebuilding)
{
	struct entry epoch = {.number = 1, .kind = ENTRY_EPOCH, .version = UINT64_MAX / 2};
	enum verdict verdict;
	enum err err;

	/*
	 * The epoch's version is what numbers are added to: above every version that was ever
	 * given. What the restored tables have forgotten is below the seconds since the year began,
	 * since nobody appends one entry a second for that long.
	 */
	err = run_on(rebuilding, "INSERT INTO ",
	    " (id, kind, booking_id, version)"
	    " SELECT generateUUIDv4(), 'epoch',"
	    " (SELECT uuid FROM system.tables"
	    " WHERE database = currentDatabase() AND name = {kept:String}),"
	    " greatest((SELECT max(version) FROM consulting_bookings),"
	    " (SELECT max(version) + max(_block_number) FROM ledger),"
	    " toUInt64(dateDiff('second', toDateTime('2026-01-01 00:00:00', 'UTC'), now('UTC'))))");
	if (!err)
		err = ledger_apply(rebuilding->ledger, &epoch, &verdict, rebuilding->fail);
	rebuilding->number = epoch.number;
	if (!err)
		err = add_all(rebuilding, statement_rebuild_rows, add_row);
	if (!err && rebuilding->old)
		return add_old(rebuilding);
	if (!err)
		err = add_all(rebuilding, statement_rebuild_loose, add_loose);
	return err ? err : add_all(rebuilding, statement_rebuild_blocks, add_block);
}

static void count(struct rebuilding *rebuilding)
{
	struct ledger_booking booking;

	for (size_t i = 0; ledger_at(rebuilding->ledger, i, &booking); i++) {
		rebuilding->result->blocks += booking.is_block && booking.is_live;
		rebuilding->result->live += !booking.is_block && booking.is_live;
		rebuilding->result->ended += !booking.is_block && !booking.is_live;
	}
}

static const char count_sql[] = "SELECT toString(count()) FROM ledger FORMAT TabSeparated";

/* Whether the new table may take the old one's place, of which it has all. */
static enum err build(struct rebuilding *rebuilding, uint64_t before)
{
	uint64_t after;
	enum err err;

	if ((err = fill(rebuilding)) || (err = ask_number(rebuilding, count_sql, &after)))
		return err;
	if (after != before && !rebuilding->is_trial)
		return fail_set(rebuilding->fail, ERR_LEDGER, "rebuild",
		    "an entry arrived meanwhile: stop the workers and the courier, then try again");
	count(rebuilding);
	if (rebuilding->result->doubtful && rebuilding->doubts == REBUILD_ASK &&
	    !rebuilding->is_trial)
		return fail_set(rebuilding->fail, ERR_REFUSED, "rebuild",
		    "of %u booking(s) only a command is left, and not whether it was accepted; "
		    "nothing was changed: --doubtful hold books them, --doubtful drop does not",
		    rebuilding->result->doubtful);
	return ERR_NONE;
}

/*
 * A new table that holds the old one's bookings, put into its place. It is built under the name
 * that the old one will have: from the exchange on nothing is dropped or renamed, so that one whose
 * answer was lost loses no ledger.
 */
static enum err replace(struct rebuilding *rebuilding)
{
	const char *kept = rebuilding->result->kept;
	uint64_t before, after;
	struct fail first;
	enum err err;

	if ((err = ask_number(rebuilding, count_sql, &before)) ||
	    (err = run_on(rebuilding, "CREATE TABLE ", " AS ledger")))
		return err;
	if ((err = build(rebuilding, before))) {
		/* A rest of it would be in nobody's way. */
		first = *rebuilding->fail;
		run_on(rebuilding, "DROP TABLE ", " SYNC");
		*rebuilding->fail = first;
		return err;
	}
	if (rebuilding->is_trial)
		return run_on(rebuilding, "DROP TABLE ", " SYNC");
	if ((err = run_on(rebuilding, "EXCHANGE TABLES ledger AND ", "")) ||
	    (err = ask_number(rebuilding,
		 arena_printf(rebuilding->arena,
		     "SELECT toString(count()) FROM %s FORMAT TabSeparated", kept),
		 &after)))
		return err;
	if (after == before)
		return ERR_NONE;
	return fail_set(rebuilding->fail, ERR_LEDGER, "rebuild",
	    "an entry arrived at the last moment and stands in %s only: put the tables back "
	    "(EXCHANGE TABLES ledger AND %s), stop the workers and the courier, and try again",
	    kept, kept);
}

/* What EXCHANGE needs is among them. The tables that are made have names of their own. */
enum err rebuild_may(
    struct clickhouse *clickhouse, struct arena *arena, const struct conf *conf, struct fail *fail)
{
	static const struct right rights[] = {
	    {"SELECT", "*", true},
	    {"INSERT", "*", true},
	    {"CREATE TABLE", "*", true},
	    {"DROP TABLE", "*", true},
	    {"TABLE ENGINE", "MergeTree", false},
	    {"SELECT(database, name, uuid)", "system.tables", false},
	    {NULL, NULL, false},
	};

	return rights_need(clickhouse, arena, conf, rights, fail);
}

enum err rebuild_ledger(struct clickhouse *clickhouse, struct arena *arena,
    enum rebuild_doubts doubts, bool is_trial, struct rebuild_result *out, struct fail *fail)
{
	struct rebuild_result result = {
	    .kept = arena_printf(arena, "ledger_until_%" PRId64, clock_wall_ms())};
	struct journal *journal = journal_new(clickhouse);
	struct rebuilding rebuilding = {.clickhouse = clickhouse,
	    .arena = arena,
	    .doubts = doubts,
	    .is_trial = is_trial,
	    .ledger = ledger_new(),
	    .told = text_new(arena, DOUBTS_MAX),
	    .insert_sql =
		arena_printf(arena, "INSERT INTO %s (" ENTRY_ROW_COLUMNS ") FORMAT TabSeparated",
		    result.kept ? result.kept : ""),
	    .result = &result,
	    .fail = fail};
	enum err err;

	result.doubts = rebuilding.told.data;
	if (!rebuilding.ledger || !result.kept || !journal)
		err = fail_set(fail, ERR_SYSTEM, "rebuild", "no memory");
	else
		err = journal_refresh(journal, arena, fail);
	if (!err)
		rebuilding.old = journal_state(journal);
	if (!err || err == ERR_LEDGER)
		err = replace(&rebuilding);
	ledger_free(rebuilding.ledger);
	journal_free(journal);
	*out = result;
	return err;
}

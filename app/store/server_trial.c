/* SPDX-License-Identifier: MIT */
/* server_trial.c: tries the one property of the server that the ledger stands on */
#include "store/server_trial.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/uuid.h"
#include "store/server_settings.h"
#include "store/statements.h"
#include "store/tsv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define WRITERS 6
#define READERS 2
#define READS_MAX 4096
#define OLDEST "25.5"

struct trial;

/* One chain of queries: each reply starts the next. */
struct chain {
	struct trial *trial;
	const char *sql;
	bool is_writer;
};

struct trial {
	struct clickhouse *clickhouse;
	struct arena *arena;
	int64_t until;
	struct server_trial_result result;
	struct {
		uint64_t highest, count;
	} reads[READS_MAX];
	enum err err;
	struct fail fail;
};

static void next(struct chain *chain);

static void on_reply(void *context, const struct http_reply *reply)
{
	struct chain *chain = context;
	struct trial *trial = chain->trial;
	char *rows = reply->body, *fields[2];
	struct fail fail;
	enum err err = clickhouse_judge(reply, &fail);

	if (!err && chain->is_writer) {
		trial->result.appended++;
	} else if (!err && trial->result.reads < READS_MAX) {
		if (tsv_row(&rows, fields, 2) &&
		    num_u64(fields[0], 0, UINT64_MAX, &trial->reads[trial->result.reads].highest) &&
		    num_u64(fields[1], 0, UINT64_MAX, &trial->reads[trial->result.reads].count))
			trial->result.reads++;
		else
			err = fail_set(&fail, ERR_GARBLED, "server_trial",
			    "a reader's answer cannot be understood");
	}
	if (err) {
		trial->err = err;
		trial->fail = fail;
	}
	next(chain);
}

static void next(struct chain *chain)
{
	struct trial *trial = chain->trial;
	char id[UUID_TEXT];
	struct uuid uuid = uuid_random();
	struct query query = {.sql = chain->sql};

	if (trial->err || clock_boot_ms() >= trial->until || trial->result.reads >= READS_MAX)
		return;
	if (chain->is_writer) {
		query.data = arena_printf(trial->arena, "%s\n", uuid_format(&uuid, id));
		query.data_len = query.data ? strlen(query.data) : 0;
		query.parameters = arena_printf(trial->arena, "&insert_deduplication_token=%s", id);
	}
	clickhouse_start(trial->clickhouse, trial->arena, &query, on_reply, chain);
}

static int by_value(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

/* Every read against what stands in the table in the end. */
static enum err judge(struct trial *trial, char *rows, struct fail *fail)
{
	size_t count = 0;
	uint64_t *numbers;
	char *field;

	numbers = arena_array(trial->arena, tsv_count(rows) + 1, sizeof(*numbers));
	if (!numbers)
		return fail_set(fail, ERR_SYSTEM, "server_trial", "no memory");
	while (tsv_row(&rows, &field, 1) && num_u64(field, 1, UINT64_MAX, &numbers[count]))
		count++;
	qsort(numbers, count, sizeof(*numbers), by_value);
	if (count != trial->result.appended)
		return fail_set(fail, ERR_LEDGER, "server_trial",
		    "%u rows were acknowledged and %zu are there", trial->result.appended, count);
	for (size_t i = 1; i < count; i++)
		if (numbers[i] == numbers[i - 1])
			return fail_set(
			    fail, ERR_LEDGER, "server_trial", "two rows have one number");
	for (unsigned read = 0; read < trial->result.reads; read++) {
		size_t below = 0;

		while (below < count && numbers[below] <= trial->reads[read].highest)
			below++;
		if (below != trial->reads[read].count)
			return fail_set(fail, ERR_LEDGER, "server_trial",
			    "a reader saw number %" PRIu64 " before a row with a lower one",
			    trial->reads[read].highest);
	}
	return ERR_NONE;
}

static enum err run(struct trial *trial, const char *table, struct fail *fail)
{
	const char *write =
	    arena_printf(trial->arena, "INSERT INTO %s (id) FORMAT TabSeparated", table);
	const char *read = arena_printf(
	    trial->arena, "SELECT max(_block_number), count() FROM %s FORMAT TabSeparated", table);
	struct query all = {
	    .sql = arena_printf(
		trial->arena, "SELECT _block_number FROM %s FORMAT TabSeparated", table),
	    .reply_max = 8 * 1024 * 1024,
	};
	struct chain chains[WRITERS + READERS];
	char *rows;
	enum err err;

	for (int i = 0; i < WRITERS + READERS; i++) {
		chains[i] = (struct chain){trial, i < WRITERS ? write : read, i < WRITERS};
		next(&chains[i]);
	}
	http_run(clickhouse_http(trial->clickhouse));
	if (trial->err) {
		*fail = trial->fail;
		return trial->err;
	}
	if ((err = clickhouse_ask(trial->clickhouse, trial->arena, &all, &rows, fail)))
		return err;
	return judge(trial, rows, fail);
}

enum err server_trial_try(struct clickhouse *clickhouse, struct arena *arena, int64_t duration_ms,
    struct server_trial_result *out, struct fail *fail)
{
	struct trial *trial = arena_alloc(arena, sizeof(*trial));
	struct uuid uuid = uuid_random();
	char id[UUID_TEXT];
	const char *table = arena_printf(arena, "scratch_order_%.8s", uuid_format(&uuid, id));
	struct query create = {
	    .sql = arena_printf(arena,
		"CREATE TABLE %s (id UUID) ENGINE = MergeTree ORDER BY tuple() SETTINGS"
		" enable_block_number_column = 1, non_replicated_deduplication_window = 10000,"
		" fsync_after_insert = 1, fsync_part_directory = 1",
		table),
	};
	struct query drop = {.sql = arena_printf(arena, "DROP TABLE %s SYNC", table)};
	struct fail ignored;
	enum err err;

	if (!trial || !drop.sql)
		return fail_set(fail, ERR_SYSTEM, "server_trial", "no memory");
	if ((err = clickhouse_ask(clickhouse, arena, &create, NULL, fail)))
		return err;
	trial->clickhouse = clickhouse;
	trial->arena = arena;
	trial->until = clock_boot_ms() + duration_ms;
	err = run(trial, table, fail);
	if (clickhouse_ask(clickhouse, arena, &drop, NULL, err ? &ignored : fail) && !err)
		return fail->code;
	*out = trial->result;
	return err;
}

struct release {
	long major, minor;
};

static struct release release_of(const char *version)
{
	struct release release;
	char *end;

	release.major = strtol(version, &end, 10);
	release.minor = strtol(end + (*end == '.'), NULL, 10);
	return release;
}

static bool is_older(const char *version, const char *than)
{
	struct release a = release_of(version), b = release_of(than);

	return a.major < b.major || (a.major == b.major && a.minor < b.minor);
}

bool server_trial_is_tried(const char *version)
{
	return !is_older(version, TRIED_OLDEST);
}

enum err server_trial_version(
    struct clickhouse *clickhouse, struct arena *arena, char **out, struct fail *fail)
{
	/* Outside of the database, which may not be there yet. */
	struct query query = {
	    .sql = arena_printf(arena,
		"SELECT version(), arrayStringConcat("
		"(SELECT groupArray(name) FROM system.settings WHERE name IN (%s)), ',')"
		" FORMAT TabSeparated",
		server_settings_asked()),
	    .is_outside = true};
	char *rows, *fields[2];
	enum err err = clickhouse_ask(clickhouse, arena, &query, &rows, fail);

	if (err)
		return err;
	if (tsv_at_end(rows))
		return fail_set(
		    fail, ERR_GARBLED, "server_trial", "no version came; " CLICKHOUSE_SHORT);
	if (!tsv_row(&rows, fields, 2))
		return fail_set(
		    fail, ERR_GARBLED, "server_trial", "the server's version cannot be understood");
	clickhouse_learn(clickhouse, fields[1]);
	*out = fields[0];
	if (is_older(fields[0], OLDEST))
		return fail_set(fail, ERR_SCHEMA, "server_trial",
		    "ClickHouse is version %.20s and has no _part_starting_offset; " OLDEST
		    " is the oldest that serves",
		    fields[0]);
	return ERR_NONE;
}

#define TABLES 3

/* Rows that a merge replaced between the two questions are fewer, too: so it is asked more than
 * once. */
enum err server_trial_whole(struct clickhouse *clickhouse, struct arena *arena, struct fail *fail)
{
	static const char *const names[TABLES] = {"ledger", "consulting_bookings", "deliveries"};
	const struct query query = {
	    .sql = statement_whole,
	    /* The table counts what DELETE FROM left there, too. */
	    .parameters = "&apply_deleted_mask=0",
	};
	char *rows, *fields[2 * TABLES];
	uint64_t there, given;
	enum err err = ERR_GARBLED;

	for (int i = 0; err == ERR_GARBLED && i < 3; i++) {
		if ((err = clickhouse_ask(clickhouse, arena, &query, &rows, fail)))
			return err;
		if (!tsv_row(&rows, fields, 2 * TABLES))
			return fail_set(
			    fail, ERR_GARBLED, "server_trial", "no numbers of rows came");
		for (int j = 0; !err && j < TABLES; j++)
			if (!num_u64(fields[2 * j], 0, UINT64_MAX, &there) ||
			    !num_u64(fields[2 * j + 1], 0, UINT64_MAX, &given) || given < there)
				err = fail_set(fail, ERR_GARBLED, "server_trial",
				    "the server gives %.20s of %.20s rows of %s; " CLICKHOUSE_SHORT,
				    fields[2 * j + 1], fields[2 * j], names[j]);
	}
	return err;
}

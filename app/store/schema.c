/* SPDX-License-Identifier: MIT */
/* schema.c: the database's schema and its version */
#include "store/schema.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/text.h"
#include "store/rights.h"
#include "store/server_trial.h"
#include "store/tsv.h"

#include <inttypes.h>
#include <string.h>

/* A migration may take its time. */
#define MIGRATION_MS 600000

enum err schema_version(
    struct clickhouse *clickhouse, struct arena *arena, uint64_t *out, struct fail *fail)
{
	struct query query = {
	    .sql = "SELECT toString(max(version)) FROM schema_migrations FORMAT TabSeparated",
	};
	char *rows, *field;
	enum err err = clickhouse_ask(clickhouse, arena, &query, &rows, fail);

	if (err == ERR_SCHEMA) {
		*out = 0;
		return ERR_NONE;
	}
	if (err)
		return err;
	if (!tsv_row(&rows, &field, 1) || !num_u64(field, 0, UINT32_MAX, out))
		return fail_set(
		    fail, ERR_GARBLED, "schema", "the schema's version cannot be understood");
	return ERR_NONE;
}

enum err schema_check(struct clickhouse *clickhouse, struct arena *arena, struct fail *fail)
{
	uint64_t version;
	char *server;
	enum err err;

	if ((err = server_trial_version(clickhouse, arena, &server, fail)) ||
	    (err = schema_version(clickhouse, arena, &version, fail)) || version == SCHEMA_VERSION)
		return err;
	if (version < SCHEMA_VERSION)
		return fail_set(fail, ERR_SCHEMA, "schema",
		    "the database's schema is version %" PRIu64 " and this program needs %d; run "
		    "`slotguardctl migrate`",
		    version, SCHEMA_VERSION);
	return fail_set(fail, ERR_SCHEMA, "schema",
	    "the database's schema is version %" PRIu64
	    " and this program knows %d only; install the newer "
	    "slotguard",
	    version, SCHEMA_VERSION);
}

enum err schema_may_migrate(struct clickhouse *clickhouse, struct arena *arena,
    const struct conf *conf, uint64_t version, struct fail *fail)
{
	static const struct right rights[] = {
	    {"CREATE DATABASE", "*", true}, /* while there is none */
	    {"CREATE TABLE", "*", true},
	    {"ALTER TABLE", "*", true},
	    {"SELECT", "*", true},
	    {"INSERT", "*", true},
	    {"TABLE ENGINE", "MergeTree", false},
	    {"TABLE ENGINE", "ReplacingMergeTree", false},
	    {"SELECT(database, name, uuid)", "system.tables", false},
	    {NULL, NULL, false},
	};

	return rights_need(clickhouse, arena, conf, rights + (version ? 1 : 0), fail);
}

static enum err run(struct clickhouse *clickhouse, struct arena *arena, const char *sql,
    const char *parameters, struct fail *fail)
{
	struct query query = {
	    .sql = sql, .parameters = parameters, .deadline = clock_boot_ms() + MIGRATION_MS};

	return clickhouse_ask(clickhouse, arena, &query, NULL, fail);
}

enum err schema_begin(
    struct clickhouse *clickhouse, struct arena *arena, const char *database, struct fail *fail)
{
	struct query create = {
	    .sql = "CREATE DATABASE IF NOT EXISTS {database:Identifier}",
	    .parameters = arena_printf(arena, "&param_database=%s", database),
	    .is_outside = true,
	};
	enum err err = clickhouse_ask(clickhouse, arena, &create, NULL, fail);

	if (err)
		return err;
	return run(clickhouse, arena,
	    "CREATE TABLE IF NOT EXISTS schema_migrations (version UInt32, name String,"
	    " applied_at DateTime('UTC') DEFAULT now()) ENGINE = MergeTree ORDER BY version"
	    " SETTINGS fsync_after_insert = 1, fsync_part_directory = 1",
	    NULL, fail);
}

enum err schema_apply(struct clickhouse *clickhouse, struct arena *arena, uint64_t version,
    const char *name, const char *statements, struct fail *fail)
{
	enum err err;

	while (*statements) {
		const char *end = strstr(statements, ";\n");
		size_t len = end ? (size_t)(end - statements) : strlen(statements);

		if (strspn(statements, " \t\n") < len &&
		    (err = run(clickhouse, arena, arena_strn(arena, statements, len), NULL, fail)))
			return err;
		statements += end ? len + 2 : len;
	}
	return run(clickhouse, arena,
	    "INSERT INTO schema_migrations (version, name) VALUES ({version:UInt32}, {name:String})",
	    arena_printf(arena, "&param_version=%" PRIu64 "&param_name=%s", version, name), fail);
}

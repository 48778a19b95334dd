/* SPDX-License-Identifier: MIT */
/* check_schema.c: what a program wants of the server and of its database before it serves */
#include "store/schema.h"
#include "asked.h"
#include "base/clock.h"
#include "files.h"
#include "store/pause.h"
#include "store/rights.h"
#include "store/server_settings.h"
#include "store/server_trial.h"

static struct arena *arena;
static struct fail failure;

static void set_up(void)
{
	store_begin();
	failure = (struct fail){0};
	arena = arena_new(1 << 20);
	ck_assert_ptr_nonnull(arena);
}

static void tear_down(void)
{
	store_begin();
	arena_free(arena);
}

/* ---- The server's version. */

static const struct {
	const char *version;
	enum err err;
	bool is_tried;
} servers[] = {
    {"26.7.2.1", ERR_NONE, true},
    {"26.10.1.1", ERR_NONE, true},
    {"27.1", ERR_NONE, true},
    {"26.6.9.9", ERR_NONE, false},
    {"25.5.1.1", ERR_NONE, false},
    {"25.10.1.1", ERR_NONE, false},
    {"25.4.99.99", ERR_SCHEMA, false},
    {"24.12.1.1", ERR_SCHEMA, false},
    {"26", ERR_NONE, false},
    {"25", ERR_SCHEMA, false},
    {"9.100", ERR_SCHEMA, false},
    {"31.1", ERR_NONE, true},
    {"25.05", ERR_NONE, false},
    {"nonsense", ERR_SCHEMA, false},
};

START_TEST(server)
{
	char reply[100], *version = NULL;

	snprintf(reply, sizeof(reply), "%s\tdeduplicate_insert\n", servers[_i].version);
	store.replies[0] = reply;
	ck_assert_int_eq(server_trial_version(NULL, arena, &version, &failure), servers[_i].err);
	if (servers[_i].err == ERR_GARBLED)
		ck_assert_str_eq(failure.where, "server_trial");
	ck_assert_str_eq(version, servers[_i].version);
	ck_assert_int_eq(server_trial_is_tried(version), servers[_i].is_tried);
	/* The database may not be there yet. */
	ck_assert(store.queries[0].is_outside);
	ck_assert_str_eq(store.learned, "deduplicate_insert");
	if (servers[_i].err)
		ck_assert_ptr_nonnull(strstr(failure.detail, "25.5"));
}
END_TEST

START_TEST(server_without_a_version)
{
	char *version;

	ck_assert_int_eq(server_trial_version(NULL, arena, &version, &failure), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "server_trial");
	store.replies[1] = "26.7\n";
	ck_assert_int_eq(server_trial_version(NULL, arena, &version, &failure), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "server_trial");
	store.errs[2] = ERR_AUTH;
	ck_assert_int_eq(server_trial_version(NULL, arena, &version, &failure), ERR_AUTH);
	ck_assert_str_eq(store.learned, "");
}
END_TEST

/* What newer servers know is told in names, in any order and among others. */
static const struct {
	const char *names;
	uint64_t known;
} known[] = {
    {"", 0},
    {"deduplicate_insert", 1},
    {"max_insert_block_size_bytes", 2},
    {"max_insert_block_size_bytes,deduplicate_insert", 3},
    {"deduplicate_insert,another", 1},
    {"another,deduplicate_insert", 1},
    {"deduplicate_insert_later", 0},
    {"deduplicate", 0},
    {",,", 0},
};

START_TEST(settings_that_are_known)
{
	ck_assert_uint_eq(server_settings_known(known[_i].names), known[_i].known);
}
END_TEST

static const struct {
	const char *sql;
	bool has_rows;
	enum statement statement;
} statements[] = {
    {"SELECT 1", false, STATEMENT_READ},
    {"select 1", false, STATEMENT_READ},
    {"WITH a AS (SELECT 1) SELECT 2", false, STATEMENT_READ},
    {"INSERT INTO a SELECT 1", false, STATEMENT_CHANGE},
    {"ALTER TABLE a DELETE WHERE true", false, STATEMENT_CHANGE},
    {"INSERT INTO a FORMAT TabSeparated", true, STATEMENT_ROWS},
    {"SELECT 1", true, STATEMENT_ROWS},
};

START_TEST(kind_of_statement)
{
	ck_assert_int_eq(
	    statement_of(statements[_i].sql, statements[_i].has_rows), statements[_i].statement);
}
END_TEST

/* What each kind of statement says, and what only those say that write. */
START_TEST(settings_of_a_statement)
{
	static const enum statement kinds[] = {STATEMENT_READ, STATEMENT_ROWS, STATEMENT_CHANGE};
	static const struct {
		const char *text;
		bool is_of[3];
	} said[] = {
	    {"&max_result_rows=0&", {true, false, true}},
	    {"&dialect=clickhouse&", {true, true, true}},
	    {"&async_insert=0&", {false, true, true}},
	    {"&insert_deduplicate=1&", {false, true, true}},
	    {"&data_type_default_nullable=0&", {false, false, true}},
	    {"&deduplicate_insert=enable&", {false, true, true}},
	    {"&max_insert_block_size_bytes=0&", {false, false, false}},
	};

	for (size_t kind = 0; kind < COUNT(kinds); kind++) {
		struct text url = text_new(arena, 16384);

		server_settings_write(&url, kinds[kind], 1);
		text_str(&url, "&");
		ck_assert(!text_overflowed(&url));
		for (size_t i = 0; i < COUNT(said); i++)
			ck_assert_msg(!!strstr(url.data, said[i].text) == said[i].is_of[kind], "%s",
			    said[i].text);
		server_settings_write(&url, kinds[kind], 3);
		ck_assert(!strstr(url.data, "&max_insert_block_size_bytes=0") ==
			  (kinds[kind] == STATEMENT_READ));
	}
}
END_TEST

/* ---- The schema's version. */

static const struct {
	const char *reply;
	int ahead; /* of this program's */
	enum err err;
	const char *says;
} schemas[] = {
    {NULL, 0, ERR_NONE, NULL},
    {NULL, -1, ERR_SCHEMA, "slotguardctl migrate"},
    {NULL, 1, ERR_SCHEMA, "install the newer"},
    {"0\n", 0, ERR_SCHEMA, "slotguardctl migrate"},
    {"-1\n", 0, ERR_GARBLED, NULL},
    {"", 0, ERR_GARBLED, NULL},
};

START_TEST(schema)
{
	char reply[20];

	snprintf(reply, sizeof(reply), "%d\n", SCHEMA_VERSION + schemas[_i].ahead);
	store.replies[0] = "26.7.1.1\t\n";
	store.replies[1] = schemas[_i].reply ? schemas[_i].reply : reply;
	ck_assert_int_eq(schema_check(NULL, arena, &failure), schemas[_i].err);
	if (schemas[_i].err == ERR_GARBLED)
		ck_assert_str_eq(failure.where, "schema");
	if (schemas[_i].says)
		ck_assert_ptr_nonnull(strstr(failure.detail, schemas[_i].says));
}
END_TEST

/* A database without the table was never migrated, which is no failure of the question. */
START_TEST(no_schema)
{
	uint64_t version = 77;

	store.errs[0] = ERR_SCHEMA;
	ck_assert_int_eq(schema_version(NULL, arena, &version, &failure), ERR_NONE);
	ck_assert_uint_eq(version, 0);
	store.errs[1] = ERR_AUTH;
	version = 77;
	ck_assert_int_eq(schema_version(NULL, arena, &version, &failure), ERR_AUTH);
	ck_assert_uint_eq(version, 77);
	/* Of a server that is too old nothing more is asked. */
	store_begin();
	store.replies[0] = "24.1\t\n";
	ck_assert_int_eq(schema_check(NULL, arena, &failure), ERR_SCHEMA);
	ck_assert_int_eq(store.count, 1);
}
END_TEST

START_TEST(migration)
{
	int64_t before = clock_boot_ms();

	ck_assert_int_eq(schema_begin(NULL, arena, "argus", &failure), ERR_NONE);
	ck_assert(store.queries[0].is_outside && !store.queries[1].is_outside);
	ck_assert_str_eq(store.queries[0].parameters, "&param_database=argus");
	store_begin();
	ck_assert_int_eq(
	    schema_apply(NULL, arena, 7, "seven",
		"CREATE TABLE a (b String DEFAULT ';');\n\nALTER TABLE a\n\tADD c;\n \n", &failure),
	    ERR_NONE);
	ck_assert_int_eq(store.count, 3);
	ck_assert_str_eq(store.queries[0].sql, "CREATE TABLE a (b String DEFAULT ';')");
	ck_assert_str_eq(store.queries[1].sql, "\nALTER TABLE a\n\tADD c");
	/* It is recorded after all else. */
	ck_assert_ptr_nonnull(strstr(store.queries[2].sql, "schema_migrations"));
	ck_assert_str_eq(store.queries[2].parameters, "&param_version=7&param_name=seven");
	for (int i = 0; i < 3; i++)
		ck_assert_int_ge(store.queries[i].deadline, before + 600000);
	store_begin();
	ck_assert_int_eq(
	    schema_apply(NULL, arena, 7, "seven", "ALTER TABLE a", &failure), ERR_NONE);
	ck_assert_str_eq(store.queries[0].sql, "ALTER TABLE a");
	ck_assert_int_eq(store.count, 2);
}
END_TEST

START_TEST(migration_that_fails)
{
	store.errs[0] = ERR_AUTH;
	ck_assert_int_eq(schema_begin(NULL, arena, "argus", &failure), ERR_AUTH);
	ck_assert_int_eq(store.count, 1);
	store_begin();
	store.errs[1] = ERR_REFUSED;
	ck_assert_int_eq(
	    schema_apply(NULL, arena, 7, "seven", "a;\nb;\nc;\n", &failure), ERR_REFUSED);
	ck_assert_int_eq(store.count, 2);
}
END_TEST

/* ---- What the user may do, and read. */

static const struct {
	const char *reply;
	enum err err;
	bool may;
} rights[] = {
    {"1\n", ERR_NONE, true},
    {"0\n", ERR_NONE, false},
    {"2\n", ERR_GARBLED, false},
    {"1\n1\n", ERR_GARBLED, false},
    {"", ERR_GARBLED, false},
};

START_TEST(right_to_append)
{
	bool may = !rights[_i].may;

	store.replies[0] = rights[_i].reply;
	ck_assert_int_eq(rights_may_append(NULL, arena, &may, &failure), rights[_i].err);
	if (rights[_i].err == ERR_GARBLED)
		ck_assert_str_eq(failure.where, "rights");
	if (!rights[_i].err)
		ck_assert_int_eq(may, rights[_i].may);
	store.errs[1] = ERR_AUTH;
	ck_assert_int_eq(rights_may_append(NULL, arena, &may, &failure), ERR_AUTH);
}
END_TEST

/* How many rows each of three tables has, and how many are given. Fewer are looked at three times:
 * a merge may have come in between. */
static const struct {
	const char *replies[3];
	enum err err;
	int asked;
} wholes[] = {
    {{"5\t5\t7\t7\t9\t9\n"}, ERR_NONE, 1},
    {{"5\t6\t7\t8\t9\t10\n"}, ERR_NONE, 1},
    {{"5\t4\t7\t7\t9\t9\n", "5\t5\t7\t7\t9\t9\n"}, ERR_NONE, 2},
    {{"5\t5\t7\t6\t9\t9\n", "5\t5\t7\t6\t9\t9\n", "5\t5\t7\t7\t9\t9\n"}, ERR_NONE, 3},
    {{"5\t5\t7\t7\t9\t8\n", "5\t5\t7\t7\t9\t8\n", "5\t5\t7\t7\t9\t8\n"}, ERR_GARBLED, 3},
    {{"5\t5\t7\t7\t9\n"}, ERR_GARBLED, 1},
};

START_TEST(whole)
{
	for (int i = 0; i < 3; i++)
		store.replies[i] = wholes[_i].replies[i];
	ck_assert_int_eq(server_trial_whole(NULL, arena, &failure), wholes[_i].err);
	if (wholes[_i].err == ERR_GARBLED)
		ck_assert_str_eq(failure.where, "server_trial");
	ck_assert_int_eq(store.count, wholes[_i].asked);
	if (wholes[_i].asked == 3 && wholes[_i].err)
		ck_assert_ptr_nonnull(strstr(failure.detail, "8 of 9 rows of deliveries"));
}
END_TEST

START_TEST(whole_that_cannot_be_asked)
{
	store.errs[0] = ERR_UNREACHABLE;
	ck_assert_int_eq(server_trial_whole(NULL, arena, &failure), ERR_UNREACHABLE);
	ck_assert_int_eq(store.count, 1);
}
END_TEST

/* ---- The pool's memory of a server that hangs. */

START_TEST(pause_of_the_pool)
{
	int64_t now_ms = clock_boot_ms();

	make_folder();
	ck_assert_int_eq(pause_until(folder, arena), 0);
	pause_note(folder, now_ms + 5000);
	ck_assert_int_eq(pause_until(folder, arena), now_ms + 5000);
	pause_end(folder);
	ck_assert_int_eq(pause_until(folder, arena), 0);
	write_file("clickhouse.pause", "soon\n");
	ck_assert_int_eq(pause_until(folder, arena), 0);
	/* Of a clock that ran for longer: it was another boot's. */
	pause_note(folder, now_ms + 700000);
	ck_assert_int_eq(pause_until(folder, arena), 0);
	ck_assert_int_eq(each_file(NULL), 0);
	remove_folder();
	/* Without its folder nothing is remembered, and nobody fails. */
	pause_note(folder, now_ms + 5000);
	ck_assert_int_eq(pause_until(folder, arena), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("schema");
	TCase *all = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(all, set_up, tear_down);
	tcase_add_loop_test(all, server, 0, (int)COUNT(servers));
	tcase_add_test(all, server_without_a_version);
	tcase_add_loop_test(all, settings_that_are_known, 0, (int)COUNT(known));
	tcase_add_loop_test(all, kind_of_statement, 0, (int)COUNT(statements));
	tcase_add_test(all, settings_of_a_statement);
	tcase_add_loop_test(all, schema, 0, (int)COUNT(schemas));
	tcase_add_test(all, no_schema);
	tcase_add_test(all, migration);
	tcase_add_test(all, migration_that_fails);
	tcase_add_loop_test(all, right_to_append, 0, (int)COUNT(rights));
	tcase_add_loop_test(all, whole, 0, (int)COUNT(wholes));
	tcase_add_test(all, whole_that_cannot_be_asked);
	tcase_add_test(all, pause_of_the_pool);
	suite_add_tcase(suite, all);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

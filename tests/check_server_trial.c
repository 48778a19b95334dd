/* SPDX-License-Identifier: MIT */
/* check_server_trial.c: a server that keeps the ledger's order is told from one that does not. A
 * table of numbers stands in for clickhouse.c and http.c at link time, and a clock that requests
 * move. */
#include "store/server_trial.h"
#include "base/clock.h"
#include "times.h"

#include <inttypes.h>
#include <string.h>

#define ROWS 5000
#define WAITING 16
#define CLICKHOUSE ((struct clickhouse *)&table)

static int64_t boot_ms;
static struct arena *arena;
static struct fail failure;
static struct server_trial_result result;

static struct {
	uint64_t rows[ROWS];
	size_t count;
	uint64_t next; /* number */
	unsigned creates, drops;
	const char *refused; /* what the statement has that fails */
	enum err err;
	const char *read; /* what readers get; NULL: what is there */
	/* What is wrong with the server. */
	enum flaw { SOUND, HIDES, LOSES, DOUBLES } flaw;
	uint64_t flawed; /* number */
} table;

/* Requests that were started. */
static struct {
	bool is_write;
	http_done *done;
	void *context;
} waiting[WAITING];
static size_t first, last;

int64_t clock_boot_ms(void)
{
	return boot_ms;
}

int64_t clock_wall_ms(void)
{
	return boot_ms;
}

int64_t clock_wall_s(void)
{
	return boot_ms / 1000;
}

void clickhouse_start(struct clickhouse *clickhouse, struct arena *own, const struct query *query,
    http_done *done, void *context)
{
	(void)own;
	ck_assert_ptr_eq(clickhouse, CLICKHOUSE);
	waiting[last % WAITING].is_write = query->data;
	waiting[last % WAITING].done = done;
	waiting[last++ % WAITING].context = context;
	ck_assert_uint_le(last - first, WAITING);
	ck_assert_int_eq(strncmp(query->sql, query->data ? "INSERT" : "SELECT", 6), 0);
	/* Each row has an id of its own, and is asked to be there once. */
	if (query->data)
		ck_assert_ptr_nonnull(strstr(query->parameters, "insert_deduplication_token="));
}

static void insert(void)
{
	uint64_t number = ++table.next;

	if (table.flaw == LOSES && number == table.flawed)
		return;
	if (table.flaw == DOUBLES && number == table.flawed)
		number--;
	ck_assert_uint_lt(table.count, ROWS);
	table.rows[table.count++] = number;
}

/* The highest number, and how many rows there are; a flawed server shows one late. */
static void see(char *out, size_t size)
{
	size_t count = table.count;

	if (table.flaw == HIDES && count == table.flawed)
		count--;
	snprintf(
	    out, size, "%" PRIu64 "\t%zu\n", table.count ? table.rows[table.count - 1] : 0, count);
}

void http_run(struct http *http)
{
	(void)http;
	while (first < last) {
		size_t at = first++ % WAITING;
		char body[100] = "";
		struct http_reply reply = {.status = 200, .body = body};

		boot_ms++;
		if (table.refused &&
		    strstr(waiting[at].is_write ? "INSERT" : "SELECT max", table.refused))
			reply.err = table.err;
		else if (waiting[at].is_write)
			insert();
		else if (table.read)
			snprintf(body, sizeof(body), "%s", table.read);
		else
			see(body, sizeof(body));
		waiting[at].done(waiting[at].context, &reply);
	}
}

struct http *clickhouse_http(const struct clickhouse *clickhouse)
{
	ck_assert_ptr_eq(clickhouse, CLICKHOUSE);
	return NULL;
}

void clickhouse_learn(struct clickhouse *clickhouse, const char *names)
{
	(void)clickhouse, (void)names;
}

enum err clickhouse_judge(const struct http_reply *reply, struct fail *fail)
{
	return reply->err ? fail_set(fail, reply->err, "fake", "as it was told to") : ERR_NONE;
}

/* The rows in reverse: a SELECT without ORDER BY promises nothing. */
static char *all_rows(void)
{
	struct text text = text_new(arena, ROWS * 8);

	for (size_t i = table.count; i-- > 0;)
		text_printf(&text, "%" PRIu64 "\n", table.rows[i]);
	return text.data;
}

enum err clickhouse_ask(struct clickhouse *clickhouse, struct arena *own, const struct query *query,
    char **rows, struct fail *fail)
{
	(void)own;
	ck_assert_ptr_eq(clickhouse, CLICKHOUSE);
	if (table.refused && strstr(query->sql, table.refused))
		return fail_set(fail, table.err, "fake", "as it was told to");
	table.creates += strncmp(query->sql, "CREATE", 6) == 0;
	table.drops += strncmp(query->sql, "DROP", 4) == 0;
	if (rows)
		*rows = all_rows();
	return ERR_NONE;
}

static void set_up(void)
{
	memset(&table, 0, sizeof(table));
	table.err = ERR_BUSY;
	first = last = 0;
	boot_ms = 1000000;
	failure = (struct fail){0};
	result = (struct server_trial_result){77, 77};
	arena = arena_new(16 << 20);
	ck_assert_ptr_nonnull(arena);
}

static void tear_down(void)
{
	arena_free(arena);
}

static enum err try_server(void)
{
	return server_trial_try(CLICKHOUSE, arena, 500, &result, &failure);
}

START_TEST(sound_server)
{
	ck_assert_int_eq(try_server(), ERR_NONE);
	ck_assert_uint_eq(result.appended, table.count);
	ck_assert_uint_ge(result.appended, 300);
	ck_assert_uint_ge(result.reads, 100);
	/* It ends when its time is over, and leaves nothing. */
	ck_assert_int_lt(boot_ms, 1000000 + 520);
	ck_assert_uint_eq(table.creates, 1);
	ck_assert_uint_eq(table.drops, 1);
}
END_TEST

static const struct {
	enum flaw flaw;
	uint64_t number;
	const char *says;
} flaws[] = {
    {HIDES, 30, "a reader saw number 30 before a row with a lower one"},
    /* The first that is read. */
    {HIDES, 6, "before a row with a lower one"},
    {LOSES, 20, "rows were acknowledged and "},
    {LOSES, 1, "rows were acknowledged and "},
    {DOUBLES, 20, "two rows have one number"},
    {DOUBLES, 2, "two rows have one number"},
};

START_TEST(flawed_server)
{
	table.flaw = flaws[_i].flaw;
	table.flawed = flaws[_i].number;
	ck_assert_int_eq(try_server(), ERR_LEDGER);
	ck_assert_msg(strstr(failure.detail, flaws[_i].says), "%s", failure.detail);
	ck_assert_str_eq(failure.where, "server_trial");
	ck_assert_uint_eq(table.drops, 1);
}
END_TEST

static const struct {
	const char *refused;
	unsigned creates, drops;
} refusals[] = {
    {"CREATE", 0, 0},
    {"INSERT", 1, 1},
    {"SELECT max", 1, 1},
    {"SELECT _block_number", 1, 1},
    {"DROP", 1, 0},
};

START_TEST(server_that_refuses)
{
	table.refused = refusals[_i].refused;
	ck_assert_int_eq(try_server(), ERR_BUSY);
	ck_assert_int_eq(failure.code, ERR_BUSY);
	ck_assert_uint_eq(table.creates, refusals[_i].creates);
	ck_assert_uint_eq(table.drops, refusals[_i].drops);
}
END_TEST

static const char *const garbled[] = {"", "30\n", "x\t30\n", "30\t-1\n"};

START_TEST(reader_that_is_not_understood)
{
	table.read = garbled[_i];
	ck_assert_int_eq(try_server(), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "server_trial");
	ck_assert_uint_eq(table.drops, 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("server_trial");
	TCase *all = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(all, set_up, tear_down);
	tcase_add_test(all, sound_server);
	tcase_add_loop_test(all, flawed_server, 0, (int)COUNT(flaws));
	tcase_add_loop_test(all, server_that_refuses, 0, (int)COUNT(refusals));
	tcase_add_loop_test(all, reader_that_is_not_understood, 0, (int)COUNT(garbled));
	suite_add_tcase(suite, all);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: MIT */
/* check_changes.c: which bookings changed, against a store of one reply. It stands in for
 * clickhouse.c at link time. */
#include "store/changes.h"
#include "base/clock.h"
#include "ledgers.h"

#define BOOKING "00000000-0000-0000-0000-000000000007"
#define OTHER "00000000-0000-0000-0000-00000000000a"

static struct {
	char sql[3000], parameters[300];
	const char *reply;
	enum err err;
	int count;
} store;

static struct arena *arena;
static struct fail failure;
static struct lead_state taken[4];
static size_t taken_count, room;

enum err clickhouse_ask(struct clickhouse *clickhouse, struct arena *own, const struct query *query,
    char **rows, struct fail *fail)
{
	(void)clickhouse;
	ck_assert_ptr_null(query->data);
	snprintf(store.sql, sizeof(store.sql), "%s", query->sql);
	snprintf(store.parameters, sizeof(store.parameters), "%s",
	    query->parameters ? query->parameters : "");
	store.count++;
	if (store.err)
		return fail_set(fail, store.err, "fake", "as it was told to");
	*rows = arena_str(own, store.reply);
	return ERR_NONE;
}

static bool take(void *context, const struct lead_state *state)
{
	ck_assert_ptr_eq(context, taken);
	if (taken_count == room)
		return false;
	taken[taken_count++] = *state;
	return true;
}

static void set_up(void)
{
	memset(&store, 0, sizeof(store));
	failure = (struct fail){0};
	taken_count = 0;
	room = COUNT(taken);
	arena = arena_new(1 << 20);
	ck_assert_ptr_nonnull(arena);
}

static void tear_down(void)
{
	arena_free(arena);
}

static const struct changes_mark mark = {5, 6, 7, 1796000000000};

/* A look is one query, of four numbers. */
static const struct {
	const char *reply;
	bool is_fine;
} looks[] = {
    {"0\t40\t12\t1796000009456\n", true},
    {"0\t0\t0\t1796000009456\n", true},
    {"3\t40\t12\n", false},
    {"3\t40\t12\t1796000009456", false},
    {"3\t40\t12\t1796000009456\t1\n", false},
    {"3\t40\t12\t1796000009456\n1\n", false},
    {"-3\t40\t12\t1796000009456\n", false},
    {"3\t40\tx\t1796000009456\n", false},
    {"", false},
};

START_TEST(look)
{
	struct changes_found found = {99, 99, 99, 99};
	struct changes_mark begun = {99, 99, 99, 99};
	enum err wanted = looks[_i].is_fine ? ERR_NONE : ERR_GARBLED;

	store.reply = looks[_i].reply;
	ck_assert_int_eq(changes_look(NULL, arena, &mark, &found, &failure), wanted);
	ck_assert_int_eq(failure.code, wanted);
	ck_assert_str_eq(store.parameters, "&param_ledger=5&param_deliveries=6&param_leads=7");
	ck_assert_int_eq(found.now_ms, wanted ? 99 : 1796000009456);
	ck_assert_int_eq(changes_begin(NULL, arena, &begun, &failure), wanted);
	ck_assert_int_eq(begun.now_ms, wanted ? 99 : 1796000009456);
	ck_assert_int_eq(store.count, 2);
	if (_i)
		return;
	ck_assert(found.ledger == 0 && found.deliveries == 40 && found.leads == 12);
	ck_assert(begun.ledger == 0 && begun.deliveries == 40 && begun.leads == 12);
}
END_TEST

START_TEST(entries)
{
	const struct uuid booking = id_of(7), other = id_of(10);

	store.reply = BOOKING "\n" OTHER "\n" BOOKING "\n";
	ck_assert_int_eq(changes_in_ledger(NULL, arena, &mark, take, taken, &failure), ERR_NONE);
	ck_assert_str_eq(store.parameters, "&param_number=5");
	ck_assert_uint_eq(taken_count, 3);
	ck_assert(uuid_equal(&taken[0].booking, &booking));
	ck_assert(uuid_equal(&taken[1].booking, &other));
	taken_count = 0;
	ck_assert_int_eq(changes_may_be_due(NULL, arena, 40, take, taken, &failure), ERR_NONE);
	ck_assert_str_eq(store.parameters, "&param_offset=40");
	ck_assert_uint_eq(taken_count, 3);
	room = 4;
	ck_assert_int_eq(changes_may_be_due(NULL, arena, 40, take, taken, &failure), ERR_SYSTEM);
}
END_TEST

static const char *const broken_ids[] = {BOOKING, BOOKING "\t1\n", "7\n", "what is this\n"};

START_TEST(entries_that_are_none)
{
	store.reply = broken_ids[_i];
	ck_assert_int_eq(changes_in_ledger(NULL, arena, &mark, take, taken, &failure), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "changes");
	ck_assert_int_eq(failure.code, ERR_GARBLED);
}
END_TEST

START_TEST(rows)
{
	const struct uuid list[] = {id_of(7), id_of(10)};
	const struct ids ids = {list, 2};

	store.reply = BOOKING "\t1796000000123\t12\tbooked\t0\t1\n" OTHER
			      "\t1796000000124\t0\tawaiting_slot\t1\t0\n";
	ck_assert_int_eq(changes_in_leads(NULL, arena, &mark, take, taken, &failure), ERR_NONE);
	/* A minute more, since a row may appear later than the time that it bears. */
	ck_assert_str_eq(store.parameters, "&param_number=7&param_since=1795999940000");
	ck_assert_uint_eq(taken_count, 2);
	ck_assert(uuid_equal(&taken[0].booking, &list[0]) && taken[0].status == LEAD_BOOKED);
	ck_assert(taken[0].created_ms == 1796000000123 && taken[0].version == 12);
	ck_assert(uuid_equal(&taken[1].booking, &list[1]));
	ck_assert(taken[1].status == LEAD_AWAITING_SLOT && taken[1].is_held && !taken[0].is_held);
	ck_assert(taken[0].has_video && !taken[1].has_video);
	taken_count = 0;
	ck_assert_int_eq(changes_leads_of(NULL, arena, &ids, take, taken, &failure), ERR_NONE);
	ck_assert_ptr_nonnull(strstr(store.sql, " IN ('" BOOKING "','" OTHER "') GROUP BY"));
	ck_assert_uint_eq(taken_count, 2);
	/* A brief of before 1970, which somebody wrote past the programs, stops nobody. */
	taken_count = 0;
	store.reply = BOOKING "\t-315619200000\t0\tawaiting_slot\t0\t0\n" OTHER
			      "\t1796000000124\t0\tawaiting_slot\t0\t0\n";
	ck_assert_int_eq(changes_in_leads(NULL, arena, &mark, take, taken, &failure), ERR_NONE);
	ck_assert_uint_eq(taken_count, 2);
	ck_assert(taken[0].created_ms == 0 && taken[1].created_ms == 1796000000124);
	taken_count = 0;
	room = 1;
	ck_assert_int_eq(changes_leads_of(NULL, arena, &ids, take, taken, &failure), ERR_SYSTEM);
}
END_TEST

static const char *const broken_rows[] = {
    BOOKING "\t-\t12\tbooked\t0\t0\n",
    BOOKING "\t1796000000123\t-12\tbooked\t0\t0\n",
    BOOKING "\t1796000000123\t12\tsold\t0\t0\n",
    BOOKING "\t1796000000123\t12\tbooked\t2\t0\n",
    BOOKING "\t1796000000123\t12\tbooked\t0\t2\n",
    BOOKING "\t1796000000123\t12\tbooked\t0\n",
    BOOKING "\t1796000000123\t12\tbooked\n",
    BOOKING "\t1796000000123\t12\tbooked\t0",
    "7\t1796000000123\t12\tbooked\t0\t0\n",
};

START_TEST(rows_that_are_none)
{
	store.reply = broken_rows[_i];
	ck_assert_int_eq(changes_in_leads(NULL, arena, &mark, take, taken, &failure), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "changes");
	ck_assert_int_eq(failure.code, ERR_GARBLED);
	ck_assert_uint_eq(taken_count, 0);
}
END_TEST

/* The longest list is within what ClickHouse takes of a query. */
START_TEST(long_list)
{
	static struct uuid list[IDS_MAX];
	const struct ids ids = {list, IDS_MAX};

	for (int i = 0; i < IDS_MAX; i++)
		list[i] = id_of(i);
	ck_assert_uint_lt(strlen(ids_sql(arena, "SELECT ", &ids, "")), 262144 - 4096);
}
END_TEST

START_TEST(store_that_fails)
{
	const struct uuid booking = id_of(7);
	const struct ids ids = {&booking, 1};
	struct changes_found found = {99, 99, 99, 99};

	for (store.err = ERR_NONE + 1; store.err <= ERR_SCHEMA; store.err++) {
		ck_assert_int_eq(changes_look(NULL, arena, &mark, &found, &failure), store.err);
		ck_assert_int_eq(
		    changes_in_ledger(NULL, arena, &mark, take, taken, &failure), store.err);
		ck_assert_int_eq(
		    changes_in_leads(NULL, arena, &mark, take, taken, &failure), store.err);
		ck_assert_int_eq(
		    changes_leads_of(NULL, arena, &ids, take, taken, &failure), store.err);
		ck_assert_int_eq(
		    changes_may_be_due(NULL, arena, 0, take, taken, &failure), store.err);
	}
	ck_assert_int_eq(found.now_ms, 99);
	ck_assert_uint_eq(taken_count, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("changes");
	TCase *reading = tcase_create("reading");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(reading, set_up, tear_down);
	tcase_add_loop_test(reading, look, 0, (int)COUNT(looks));
	tcase_add_test(reading, entries);
	tcase_add_loop_test(reading, entries_that_are_none, 0, (int)COUNT(broken_ids));
	tcase_add_test(reading, rows);
	tcase_add_loop_test(reading, rows_that_are_none, 0, (int)COUNT(broken_rows));
	tcase_add_test(reading, long_list);
	tcase_add_test(reading, store_that_fails);
	suite_add_tcase(suite, reading);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

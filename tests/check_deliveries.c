/* SPDX-License-Identifier: MIT */
/* check_deliveries.c: the couriers' log, against a store of one reply. It stands in for
 * clickhouse.c at link time. */
#include "store/deliveries.h"
#include "base/clock.h"
#include "ledgers.h"
#include "store/tsv.h"

#define PAGE 20000
#define BOOKING "00000000-0000-0000-0000-000000000007"
#define OWNER "00000000-0000-0000-0000-000000000009"
#define OTHER "00000000-0000-0000-0000-00000000000a"

/* What was asked last, and what is answered: the same each time, or the next of several. */
static struct {
	char sql[1000], parameters[300];
	char *data;
	const char *replies[4];
	enum err err;
	int count;
} store;

static struct arena *arena;
static struct dockets *dockets;
static struct fail failure;

enum err clickhouse_ask(struct clickhouse *clickhouse, struct arena *room,
    const struct query *query, char **rows, struct fail *fail)
{
	const char *reply = store.replies[store.count];

	(void)clickhouse;
	ck_assert_int_gt(query->deadline, clock_boot_ms());
	snprintf(store.sql, sizeof(store.sql), "%s", query->sql);
	snprintf(store.parameters, sizeof(store.parameters), "%s",
	    query->parameters ? query->parameters : "");
	free(store.data);
	store.data = query->data ? strndup(query->data, query->data_len) : NULL;
	store.count++;
	if (store.err)
		return fail_set(fail, store.err, "fake", "as it was told to");
	if (rows)
		*rows = arena_str(room, reply ? reply : "");
	return ERR_NONE;
}

int64_t clickhouse_deadline(const struct clickhouse *clickhouse)
{
	(void)clickhouse;
	return clock_boot_ms() + 5000;
}

static void set_up(void)
{
	memset(&store, 0, sizeof(store));
	failure = (struct fail){0};
	arena = arena_new(32 << 20);
	dockets = dockets_new();
	ck_assert(arena && dockets);
}

static void tear_down(void)
{
	free(store.data);
	dockets_free(dockets);
	arena_free(arena);
}

static const struct {
	const char *reply;
	bool is_fine;
} pulses[] = {
    {"3\t40\t12\t1796000000123\t1796000009456\n", true},
    {"0\t0\t0\t0\t1796000009456\n", true},
    {"3\t40\t12\t1796000000123\n", false},
    {"3\t40\t12\t1796000000123\t1796000009456", false},
    {"3\t40\t12\t1796000000123\t1796000009456\t1\n", false},
    {"-3\t40\t12\t1796000000123\t1796000009456\n", false},
    {"3\t40\tx\t1796000000123\t1796000009456\n", false},
    {"3\t40\t12\t2026-12-01 00:00:00\t1796000009456\n", false},
    {"3\t40\t12\t1796000000123\t-1\n", false},
    {"", false},
};

START_TEST(row_counts)
{
	struct row_counts found = {.rows = 99};
	int64_t now_ms = 99;
	enum err err;

	store.replies[0] = pulses[_i].reply;
	err = deliveries_row_counts(NULL, arena, &found, &now_ms, &failure);
	ck_assert_int_eq(err, pulses[_i].is_fine ? ERR_NONE : ERR_GARBLED);
	ck_assert_int_eq(failure.code, err);
	ck_assert_int_eq(now_ms, pulses[_i].is_fine ? 1796000009456 : 99);
	if (!pulses[_i].is_fine)
		ck_assert_uint_eq(found.rows, 99);
	if (_i == 0) {
		ck_assert_uint_eq(found.ledger_rows, 3);
		ck_assert_uint_eq(found.delivery_rows, 40);
		ck_assert_uint_eq(found.rows, 12);
		ck_assert_int_eq(found.newest_row_ms, 1796000000123);
	}
	/* The row_counts is asked for every second: it is one query. */
	ck_assert_int_eq(store.count, 1);
}
END_TEST

/* A row of the log: number, version, duty, state, attempt, owner, until, at. */
#define ROW(number, version, duty, state, attempt, owner, until, at)                               \
	number "\t" BOOKING "\t" version "\t" duty "\t" state "\t" attempt "\t" owner "\t" until   \
	       "\t" at "\n"

START_TEST(log_of_a_booking)
{
	const struct uuid booking = id_of(7), owner = id_of(9);
	struct delivery mail;
	struct docket *docket;
	uint64_t number = 5;

	store.replies[0] = ROW("6", "0", "lease", "none", "0", OWNER, "0", "1000")
	    ROW("7", "12", "mail", "trying", "0", OWNER, "1100", "1100")
		ROW("7", "12", "mail", "retry", "3", OWNER, "9000", "1200")
		    ROW("9", "0", "lease", "none", "0", OTHER, "0", "1300")
			ROW("11", "12", "a duty of tomorrow", "done", "0", OWNER, "0", "1400")
			    ROW("12", "12", "event", "a state of tomorrow", "0", OWNER, "0", "1");
	dockets_open(dockets, &booking)->look_ms = 77;
	ck_assert_int_eq(deliveries_read(NULL, arena, &number, dockets, &failure), ERR_NONE);
	ck_assert_str_eq(store.parameters, "&param_number=5&param_rows=20000");
	ck_assert_uint_eq(number, 12);
	docket = dockets_open(dockets, &booking);
	ck_assert_uint_eq(dockets_count(dockets), 1);
	ck_assert_uint_eq(docket->count, 1);
	ck_assert_int_eq(docket->look_ms, 0);
	mail = docket_find(docket, DUTY_MAIL, 12);
	ck_assert_int_eq(mail.state, DELIVERY_RETRY);
	ck_assert_uint_eq(mail.attempt, 3);
	ck_assert_int_eq(mail.until_ms, 9000);
	ck_assert_int_eq(mail.at_ms, 1200);
	/* Asked for first, and so granted. */
	ck_assert(uuid_equal(&docket->owner, &owner));
	ck_assert_int_eq(docket->lease_until_ms, 1000 + LEASE_MS);

	store.count = 0;
	store.replies[0] = ROW("13", "0", "lease", "done", "0", OWNER, "0", "2000");
	ck_assert_int_eq(deliveries_read(NULL, arena, &number, dockets, &failure), ERR_NONE);
	ck_assert_str_eq(store.parameters, "&param_number=12&param_rows=20000");
	ck_assert_int_eq(dockets_open(dockets, &booking)->lease_until_ms, 2000);
}
END_TEST

static const char *const broken_rows[] = {
    ROW("0", "0", "mail", "done", "0", OWNER, "0", "0"),
    ROW("x", "0", "mail", "done", "0", OWNER, "0", "0"),
    ROW("1", "-1", "mail", "done", "0", OWNER, "0", "0"),
    ROW("1", "0", "mail", "done", "65536", OWNER, "0", "0"),
    ROW("1", "0", "mail", "done", "0", "nobody", "0", "0"),
    ROW("1", "0", "mail", "done", "0", OWNER, "soon", "0"),
    ROW("1", "0", "mail", "done", "0", OWNER, "0", ""),
    ROW("1", "0", "mail", "done", "0", OWNER, "0", "0\t0"),
    "1\t7\t0\tmail\tdone\t0\t" OWNER "\t0\t0\n",
    "1\t" BOOKING "\t0\tmail\tdone\t0\t" OWNER "\t0\t0",
    "what is this\n",
};

START_TEST(broken_log)
{
	uint64_t number = 0;

	store.replies[0] = broken_rows[_i];
	ck_assert_int_eq(deliveries_read(NULL, arena, &number, dockets, &failure), ERR_GARBLED);
	ck_assert_int_eq(failure.code, ERR_GARBLED);
	ck_assert_uint_eq(number, 0);
}
END_TEST

/* A page holds its last block whole, so that the next one begins after it. */
START_TEST(long_log)
{
	const size_t room = (PAGE + 2) * 120;
	struct text page = text_new(arena, room);
	struct uuid booking;
	uint64_t number = 0;
	char id[UUID_TEXT];

	for (int i = 0; i < PAGE + 1; i++) {
		booking = id_of(i % 1000);
		text_printf(&page, "%d\t%s\t12\tmail\tdone\t0\t" OWNER "\t0\t5\n",
		    i < PAGE ? i + 1 : PAGE, uuid_format(&booking, id));
	}
	ck_assert(!text_overflowed(&page));
	store.replies[0] = page.data;
	store.replies[1] = ROW("20001", "12", "event", "done", "0", OWNER, "0", "5");
	ck_assert_int_eq(deliveries_read(NULL, arena, &number, dockets, &failure), ERR_NONE);
	ck_assert_ptr_nonnull(strstr(store.sql, "WITH TIES"));
	ck_assert_str_eq(store.parameters, "&param_number=20000&param_rows=20000");
	ck_assert_int_eq(store.count, 2);
	ck_assert_uint_eq(number, 20001);
	ck_assert_uint_eq(dockets_count(dockets), 1000);
	booking = id_of(7);
	ck_assert_int_eq(
	    docket_find(dockets_open(dockets, &booking), DUTY_EVENT, 12).state, DELIVERY_DONE);
}
END_TEST

static const struct {
	const char *reply;
	bool is_fine;
} briefs[] = {
    {BOOKING "\t1796000000123\n", true},
    {"", true},
    {BOOKING "\t-1\n", false},
    {BOOKING "\n", false},
    {"7\t1796000000123\n", false},
    {BOOKING "\t1796000000123", false},
};

START_TEST(leads)
{
	const struct uuid booking = id_of(7);
	enum err err;

	store.replies[0] = briefs[_i].reply;
	err = deliveries_read_leads(NULL, arena, 1795000000000, dockets, &failure);
	ck_assert_int_eq(err, briefs[_i].is_fine ? ERR_NONE : ERR_GARBLED);
	ck_assert_int_eq(failure.code, err);
	ck_assert_str_eq(store.parameters, "&param_since=1795000000000");
	if (_i == 0) {
		ck_assert_uint_eq(dockets_count(dockets), 1);
		ck_assert_int_eq(dockets_open(dockets, &booking)->created_ms, 1796000000123);
	}
}
END_TEST

START_TEST(records_as_rows)
{
	const struct uuid booking = id_of(7), owner = id_of(9);
	const struct delivery delivery = {.duty = DUTY_MAIL,
	    .version = 12,
	    .state = DELIVERY_TRYING,
	    .attempt = 3,
	    .until_ms = 1796000009056};

	ck_assert_int_eq(deliveries_record(NULL, arena, &booking, &owner, &delivery,
			     "{\"a\":\t\"\\n\n\"}", "no\tdetail", &failure),
	    ERR_NONE);
	/* A lost INSERT is no record, so it is answered when it is written. */
	ck_assert_str_eq(store.parameters, "&async_insert=0");
	ck_assert_str_eq(store.data,
	    BOOKING "\t12\tmail\ttrying\t3\t" OWNER
		    "\t1796000009.056\tno\\tdetail\t{\"a\":\\t\"\\\\n\\n\"}\n");
	ck_assert_int_eq(deliveries_lease(NULL, arena, &booking, &owner, &failure), ERR_NONE);
	ck_assert_str_eq(
	    store.data, BOOKING "\t0\tlease\tnone\t0\t" OWNER "\t0000000000.000\t\t\n");
	ck_assert_int_eq(deliveries_release(NULL, arena, &booking, &owner, &failure), ERR_NONE);
	ck_assert_str_eq(
	    store.data, BOOKING "\t0\tlease\tdone\t0\t" OWNER "\t0000000000.000\t\t\n");
}
END_TEST

START_TEST(record_that_is_too_large)
{
	const struct uuid booking = id_of(7), owner = id_of(9);
	const struct delivery delivery = {.duty = DUTY_MAIL, .state = DELIVERY_TRYING};
	static char large[600 * 1024];

	memset(large, 'x', sizeof(large) - 1);
	ck_assert_int_eq(
	    deliveries_record(NULL, arena, &booking, &owner, &delivery, large, "", &failure),
	    ERR_TOO_LARGE);
	ck_assert_int_eq(store.count, 0);
}
END_TEST

static const struct {
	const char *reply, *payload;
	int64_t since_ms;
	enum err err;
} payloads[] = {
    {"{\"a\":\\t\"\\\\n\\n\"}\t1796000000123\n", "{\"a\":\t\"\\n\n\"}", 1796000000123, ERR_NONE},
    {"", NULL, 0, ERR_NONE},
    {"{}\tsoon\n", "none", 99, ERR_GARBLED},
    {"{}\n", "none", 99, ERR_GARBLED},
    {"{}\t1796000000123", "none", 99, ERR_GARBLED},
};

START_TEST(payload)
{
	const struct uuid booking = id_of(7);
	const char *found = "none";
	int64_t since_ms = 99;

	store.replies[0] = payloads[_i].reply;
	ck_assert_int_eq(
	    deliveries_payload(NULL, arena, &booking, DUTY_NUDGE, 12, &found, &since_ms, &failure),
	    payloads[_i].err);
	ck_assert_int_eq(failure.code, payloads[_i].err);
	ck_assert_str_eq(
	    store.parameters, "&param_booking=" BOOKING "&param_version=12&param_duty=nudge");
	if (payloads[_i].payload)
		ck_assert_str_eq(found, payloads[_i].payload);
	else
		ck_assert_ptr_null(found);
	ck_assert_int_eq(since_ms, payloads[_i].since_ms);
}
END_TEST

/* What the store says of itself goes to the caller, and nothing is changed. */
START_TEST(store_that_fails)
{
	const struct uuid booking = id_of(7), owner = id_of(9);
	const struct delivery delivery = {.duty = DUTY_MAIL, .state = DELIVERY_DONE};
	const char *found = "none";
	struct row_counts before = {0};
	int64_t ms = 99;
	uint64_t number = 7;

	for (store.err = ERR_NONE + 1; store.err <= ERR_SCHEMA; store.err++) {
		store.count = 0;
		ck_assert_int_eq(
		    deliveries_row_counts(NULL, arena, &before, &ms, &failure), store.err);
		store.count = 0;
		ck_assert_int_eq(
		    deliveries_read(NULL, arena, &number, dockets, &failure), store.err);
		store.count = 0;
		ck_assert_int_eq(
		    deliveries_read_leads(NULL, arena, 0, dockets, &failure), store.err);
		store.count = 0;
		ck_assert_int_eq(
		    deliveries_lease(NULL, arena, &booking, &owner, &failure), store.err);
		store.count = 0;
		ck_assert_int_eq(
		    deliveries_record(NULL, arena, &booking, &owner, &delivery, "", "", &failure),
		    store.err);
		store.count = 0;
		ck_assert_int_eq(
		    deliveries_payload(NULL, arena, &booking, DUTY_MAIL, 1, &found, &ms, &failure),
		    store.err);
		ck_assert_int_eq(failure.code, store.err);
	}
	ck_assert_int_eq(ms, 99);
	ck_assert_uint_eq(number, 7);
	ck_assert_str_eq(found, "none");
	ck_assert_uint_eq(dockets_count(dockets), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("deliveries");
	TCase *reading = tcase_create("reading"), *writing = tcase_create("writing");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(reading, set_up, tear_down);
	tcase_add_loop_test(reading, row_counts, 0, (int)COUNT(pulses));
	tcase_add_test(reading, log_of_a_booking);
	tcase_add_loop_test(reading, broken_log, 0, (int)COUNT(broken_rows));
	tcase_add_test(reading, long_log);
	tcase_add_loop_test(reading, leads, 0, (int)COUNT(briefs));
	tcase_add_loop_test(reading, payload, 0, (int)COUNT(payloads));
	tcase_add_test(reading, store_that_fails);
	suite_add_tcase(suite, reading);
	tcase_add_checked_fixture(writing, set_up, tear_down);
	tcase_add_test(writing, records_as_rows);
	tcase_add_test(writing, record_that_is_too_large);
	suite_add_tcase(suite, writing);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

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
static struct duties duties; /* of BOOKING */
static size_t taken;
static struct fail failure;

enum err clickhouse_ask(struct clickhouse *clickhouse, struct arena *room,
    const struct query *query, char **rows, struct fail *fail)
{
	const char *reply = store.replies[store.count % (int)COUNT(store.replies)];

	(void)clickhouse;
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

static void set_up(void)
{
	memset(&store, 0, sizeof(store));
	failure = (struct fail){0};
	arena = arena_new(32 << 20);
	duties = (struct duties){.booking = id_of(7)};
	taken = 0;
	ck_assert_ptr_nonnull(arena);
}

static void tear_down(void)
{
	free(store.data);
	duties_free(&duties);
	arena_free(arena);
}

static bool take(void *context, const struct delivery_record *record)
{
	ck_assert_ptr_eq(context, &taken);
	taken++;
	return !uuid_equal(&record->booking, &duties.booking) || deliveries_apply(&duties, record);
}

static bool take_nothing(void *context, const struct delivery_record *record)
{
	(void)context;
	(void)record;
	return false;
}

/* A row of the log: number, version, duty, state, attempt, owner, until, at. */
#define ROW(number, version, duty, state, attempt, owner, until, at)                               \
	number "\t" BOOKING "\t" version "\t" duty "\t" state "\t" attempt "\t" owner "\t" until   \
	       "\t" at "\n"

START_TEST(log_of_a_booking)
{
	const struct uuid owner = id_of(9);
	struct delivery mail;
	uint64_t number = 5;

	store.replies[0] = ROW("6", "0", "lease", "none", "0", OWNER, "0", "1000")
	    ROW("7", "12", "mail", "trying", "0", OWNER, "1100", "1100")
		ROW("7", "12", "mail", "retry", "3", OWNER, "9000", "1200")
		    ROW("9", "0", "lease", "none", "0", OTHER, "0", "1300")
			ROW("11", "12", "a duty of tomorrow", "done", "0", OWNER, "0", "1400")
			    ROW("12", "12", "event", "a state of tomorrow", "0", OWNER, "0", "1");
	ck_assert_int_eq(deliveries_tail(NULL, arena, &number, take, &taken, &failure), ERR_NONE);
	ck_assert_str_eq(store.parameters, "&param_number=5&param_rows=20000");
	ck_assert_uint_eq(number, 12);
	ck_assert_uint_eq(taken, 4);
	ck_assert_uint_eq(duties.count, 1);
	mail = duties_find(&duties, DUTY_MAIL, 12);
	ck_assert_int_eq(mail.state, DELIVERY_RETRY);
	ck_assert_uint_eq(mail.attempt, 3);
	ck_assert_int_eq(mail.until_ms, 9000);
	ck_assert_int_eq(mail.at_ms, 1200);
	/* Asked for first, and so granted. */
	ck_assert(uuid_equal(&duties.owner, &owner));
	ck_assert_int_eq(duties.lease_until_ms, 1000 + LEASE_MS);

	store.count = 0;
	store.replies[0] = ROW("13", "0", "lease", "done", "0", OWNER, "0", "2000");
	ck_assert_int_eq(deliveries_tail(NULL, arena, &number, take, &taken, &failure), ERR_NONE);
	ck_assert_str_eq(store.parameters, "&param_number=12&param_rows=20000");
	ck_assert_int_eq(duties.lease_until_ms, 2000);
}
END_TEST

START_TEST(log_of_many_bookings)
{
	const struct uuid list[] = {id_of(7), id_of(9)};
	const struct ids ids = {list, 2};

	store.replies[0] = ROW("6", "12", "mail", "done", "0", OWNER, "0", "1000");
	ck_assert_int_eq(deliveries_of(NULL, arena, &ids, take, &taken, &failure), ERR_NONE);
	ck_assert_ptr_nonnull(
	    strstr(store.sql, " IN ('" BOOKING "','" OWNER "') ORDER BY _block_number"));
	ck_assert_int_eq(duties_find(&duties, DUTY_MAIL, 12).state, DELIVERY_DONE);
	store.count = 0;
	ck_assert_int_eq(
	    deliveries_of(NULL, arena, &ids, take_nothing, NULL, &failure), ERR_SYSTEM);
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
	ck_assert_int_eq(
	    deliveries_tail(NULL, arena, &number, take, &taken, &failure), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "deliveries");
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
	ck_assert_int_eq(deliveries_tail(NULL, arena, &number, take, &taken, &failure), ERR_NONE);
	ck_assert_ptr_nonnull(strstr(store.sql, "WITH TIES"));
	ck_assert_str_eq(store.parameters, "&param_number=20000&param_rows=20000");
	ck_assert_int_eq(store.count, 2);
	ck_assert_uint_eq(number, 20001);
	ck_assert_uint_eq(taken, PAGE + 2);
	ck_assert_int_eq(duties_find(&duties, DUTY_EVENT, 12).state, DELIVERY_DONE);
}
END_TEST

START_TEST(records_as_rows)
{
	const struct uuid booking = id_of(7), owner = id_of(9);
	const struct ids ids = {&booking, 1};
	struct delivery_record record = {.booking = booking,
	    .owner = owner,
	    .delivery = {.duty = DUTY_MAIL,
		.version = 12,
		.state = DELIVERY_TRYING,
		.attempt = 3,
		.until_ms = 1796000009056},
	    .payload = "{\"a\":\t\"\\n\n\"}",
	    .detail = "no\tdetail"};
	size_t used = arena_used(arena);

	ck_assert_int_eq(deliveries_put(NULL, arena, &record, 1, &failure), ERR_NONE);
	ck_assert_uint_lt(arena_used(arena) - used, 1000);
	ck_assert_str_eq(store.data,
	    BOOKING "\t12\tmail\ttrying\t3\t" OWNER
		    "\t1796000009.056\tno\\tdetail\t{\"a\":\\t\"\\\\n\\n\"}\n");
	record.payload = record.detail = NULL;
	ck_assert_int_eq(deliveries_put(NULL, arena, &record, 1, &failure), ERR_NONE);
	ck_assert_str_eq(
	    store.data, BOOKING "\t12\tmail\ttrying\t3\t" OWNER "\t1796000009.056\t\t\n");
	ck_assert_int_eq(deliveries_lease(NULL, arena, &ids, &owner, &failure), ERR_NONE);
	ck_assert_str_eq(
	    store.data, BOOKING "\t0\tlease\tnone\t0\t" OWNER "\t0000000000.000\t\t\n");
	ck_assert_int_eq(deliveries_release(NULL, arena, &ids, &owner, &failure), ERR_NONE);
	ck_assert_str_eq(
	    store.data, BOOKING "\t0\tlease\tdone\t0\t" OWNER "\t0000000000.000\t\t\n");
}
END_TEST

START_TEST(record_that_is_too_large)
{
	static char large[600 * 1024];
	const struct delivery_record record = {.booking = id_of(7),
	    .owner = id_of(9),
	    .delivery = {.duty = DUTY_MAIL, .state = DELIVERY_TRYING},
	    .payload = large};

	memset(large, 'x', sizeof(large) - 1);
	ck_assert_int_eq(deliveries_put(NULL, arena, &record, 1, &failure), ERR_TOO_LARGE);
	ck_assert_int_eq(store.count, 0);
}
END_TEST

static const struct {
	const char *reply, *payload;
	int64_t since_ms;
	enum err err;
	bool is_again;
} payloads[] = {
    {"{\"a\":\\t\"\\\\n\\n\"}\t1796000000123\t0\n", "{\"a\":\t\"\\n\n\"}", 1796000000123, ERR_NONE,
	false},
    {"", NULL, 0, ERR_NONE, false},
    {"{}\t1796000000123\t1\n", "{}", 1796000000123, ERR_NONE, true},
    {"{}\t1796000000123\t-1\n", "none", 99, ERR_GARBLED, false},
    {"{}\t1796000000123\n", "none", 99, ERR_GARBLED, false},
    {"{}\tsoon\t0\n", "none", 99, ERR_GARBLED, false},
    {"{}\n", "none", 99, ERR_GARBLED, false},
    {"{}\t1796000000123\t0", "none", 99, ERR_GARBLED, false},
};

static const struct delivery nudge = {.duty = DUTY_NUDGE, .version = 12};

START_TEST(payload)
{
	const struct uuid booking = id_of(7);
	struct delivery_payload found = {"none", 99, false};

	store.replies[0] = payloads[_i].reply;
	ck_assert_int_eq(
	    deliveries_payload(NULL, arena, &booking, &nudge, &found, &failure), payloads[_i].err);
	if (payloads[_i].err == ERR_GARBLED)
		ck_assert_str_eq(failure.where, "deliveries");
	ck_assert_int_eq(failure.code, payloads[_i].err);
	ck_assert_str_eq(
	    store.parameters, "&param_booking=" BOOKING "&param_version=12&param_duty=nudge");
	if (payloads[_i].payload)
		ck_assert_str_eq(found.text, payloads[_i].payload);
	else
		ck_assert_ptr_null(found.text);
	ck_assert_int_eq(found.since_ms, payloads[_i].since_ms);
	ck_assert_int_eq(found.is_again, payloads[_i].is_again);
}
END_TEST

static const struct {
	const char *reply;
	enum err err;
	enum mail_fate fate;
} fates[] = {
    {"0\t0\t\n", ERR_NONE, MAIL_OPEN},
    {"0\t0\ttrying\n", ERR_NONE, MAIL_OPEN},
    {"0\t0\tretry\n", ERR_NONE, MAIL_OPEN},
    /* It is to be sent once more, whatever came of it before. */
    {"3\t0\tdue\n", ERR_NONE, MAIL_OPEN},
    {"1\t1\tdone\n", ERR_NONE, MAIL_ARRIVED},
    {"1\t1\tretry\n", ERR_NONE, MAIL_ARRIVED},
    {"0\t0\tunsure\n", ERR_NONE, MAIL_UNSURE},
    {"0\t0\tfailed\n", ERR_NONE, MAIL_REFUSED},
    {"1\t0\tfailed\n", ERR_NONE, MAIL_FAILED},
    {"1\t0\n", ERR_GARBLED, MAIL_OPEN},
    {"-1\t0\tfailed\n", ERR_GARBLED, MAIL_OPEN},
    {"1\t0\tfailed\n1\n", ERR_GARBLED, MAIL_OPEN},
    {"", ERR_GARBLED, MAIL_OPEN},
};

/* The page asks for them by these. */
START_TEST(names_of_fates)
{
	static const char *const names[MAIL_FATES] = {[MAIL_OPEN] = "open",
	    [MAIL_ARRIVED] = "arrived",
	    [MAIL_UNSURE] = "unsure",
	    [MAIL_FAILED] = "failed",
	    [MAIL_REFUSED] = "refused"};

	for (int i = 0; i < MAIL_FATES; i++)
		ck_assert_str_eq(mail_fate_name((enum mail_fate)i), names[i]);
}
END_TEST

START_TEST(fate)
{
	const struct uuid booking = id_of(7);
	enum mail_fate found = MAIL_OPEN;

	store.replies[0] = fates[_i].reply;
	ck_assert_int_eq(
	    deliveries_fate(NULL, arena, &booking, 12, &found, &failure), fates[_i].err);
	if (fates[_i].err == ERR_GARBLED)
		ck_assert_str_eq(failure.where, "deliveries");
	ck_assert_int_eq(found, fates[_i].fate);
	ck_assert_str_eq(store.parameters, "&param_booking=" BOOKING "&param_version=12");
	/* The workers' user may not read the mails. */
	ck_assert_ptr_null(strstr(store.sql, "payload"));
	ck_assert_ptr_null(strstr(store.sql, "detail"));
}
END_TEST

/* What the store says of itself goes to the caller, and nothing is changed. */
START_TEST(store_that_fails)
{
	const struct uuid booking = id_of(7), owner = id_of(9);
	const struct ids ids = {&booking, 1};
	struct delivery_payload found = {"none", 99, false};
	uint64_t number = 7;

	for (store.err = ERR_NONE + 1; store.err <= ERR_SCHEMA; store.err++) {
		store.count = 0;
		ck_assert_int_eq(
		    deliveries_tail(NULL, arena, &number, take, &taken, &failure), store.err);
		ck_assert_int_eq(
		    deliveries_of(NULL, arena, &ids, take, &taken, &failure), store.err);
		ck_assert_int_eq(deliveries_lease(NULL, arena, &ids, &owner, &failure), store.err);
		ck_assert_int_eq(
		    deliveries_payload(NULL, arena, &booking, &nudge, &found, &failure), store.err);
		ck_assert_int_eq(failure.code, store.err);
	}
	ck_assert_uint_eq(number, 7);
	ck_assert_str_eq(found.text, "none");
	ck_assert_uint_eq(taken, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("deliveries");
	TCase *reading = tcase_create("reading"), *writing = tcase_create("writing");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(reading, set_up, tear_down);
	tcase_add_test(reading, log_of_a_booking);
	tcase_add_test(reading, log_of_many_bookings);
	tcase_add_loop_test(reading, broken_log, 0, (int)COUNT(broken_rows));
	tcase_add_test(reading, long_log);
	tcase_add_loop_test(reading, payload, 0, (int)COUNT(payloads));
	tcase_add_loop_test(reading, fate, 0, (int)COUNT(fates));
	tcase_add_test(reading, names_of_fates);
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

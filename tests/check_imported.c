/* SPDX-License-Identifier: MIT */
/* check_imported.c: rows from an earlier system: when they are read, kept and believed, against a
 * store of one reply. It stands in for the clocks, for clickhouse.c and for journal.c at link time.
 */
#include "store/imported.h"
#include "base/clock.h"
#include "ledgers.h"

#include <stdlib.h>

#define ID(n) "00000000-0000-0000-0000-0000000000" n

static const struct interval window = {1796130000, 1796130000 + 14 * 86400};

static int64_t now_ms;
static struct {
	char sql[3000], parameters[300];
	const char *reply;
	enum err err;
	int count;
} store;

static struct arena *arena;
static struct ledger *ledger;
static struct imported *imported;
static struct fail failure;

int64_t clock_boot_ms(void)
{
	return now_ms;
}

int64_t clock_wall_ms(void)
{
	return INT64_C(1796000400000) + now_ms;
}

int64_t clock_wall_s(void)
{
	return clock_wall_ms() / 1000;
}

struct clickhouse *journal_clickhouse(const struct journal *journal)
{
	(void)journal;
	return NULL;
}

const struct ledger *journal_state(const struct journal *journal)
{
	(void)journal;
	return ledger;
}

enum err clickhouse_ask(struct clickhouse *clickhouse, struct arena *own, const struct query *query,
    char **rows, struct fail *fail)
{
	(void)clickhouse;
	ck_assert_int_eq(query->deadline, 0);
	snprintf(store.sql, sizeof(store.sql), "%s", query->sql);
	snprintf(store.parameters, sizeof(store.parameters), "%s", query->parameters);
	store.count++;
	if (store.err)
		return fail_set(fail, store.err, "fake", "as it was told to");
	*rows = arena_str(own, store.reply);
	return ERR_NONE;
}

static void set_up(void)
{
	const struct entry epoch = {
	    .number = 1, .id = id_of(100), .kind = ENTRY_EPOCH, .booking = id_of(99)};

	memset(&store, 0, sizeof(store));
	failure = (struct fail){0};
	now_ms = 5000000;
	arena = arena_new(1 << 20);
	ledger = ledger_new();
	imported = imported_new("main");
	ck_assert(arena && ledger && imported);
	ck_assert_int_eq(apply(ledger, &epoch), VERDICT_ACCEPTED);
}

static void tear_down(void)
{
	imported_free(imported);
	imported_free(NULL);
	ledger_free(ledger);
	arena_free(arena);
}

/* The ledger knows this booking from now on. */
static void know(int booking)
{
	struct entry entry = {.number = 2,
	    .id = id_of(101),
	    .kind = ENTRY_BOOK,
	    .booking = id_of(booking),
	    .call = {1797000000, 1797001800},
	    .taken = {1797000000, 1797001800}};

	strcpy(entry.owner, "main");
	ck_assert_int_eq(apply(ledger, &entry), VERDICT_ACCEPTED);
}

static enum err take(struct imported_row *rows, size_t count)
{
	const struct imported_look look = {rows, count, window, now_ms - 40};

	return imported_take(imported, NULL, arena, &look, &failure);
}

/* How many times are blocked for booking 50, of which the first is this. */
static size_t blocked(struct interval within, int64_t first)
{
	const struct uuid asking = id_of(0x50);
	size_t count = 99;
	struct interval *times = imported_times(imported, NULL, arena, &asking, within, &count);

	ck_assert_ptr_nonnull(times);
	if (count)
		ck_assert_int_eq(times[0].start, first);
	return count;
}

#define ROW(id, owner, start, end) ID(id) "\t" owner "\t" start "\t" end "\n"

START_TEST(none)
{
	ck_assert(!imported_is_kept(imported, window, 1000));
	ck_assert_int_eq(take(NULL, 0), ERR_NONE);
	ck_assert_int_eq(store.count, 0);
	ck_assert_uint_eq(blocked(window, 0), 0);
	ck_assert_str_eq(
	    imported_parameters(arena, window), "&param_start=1796130000&param_end=1797339600");
	ck_assert_str_eq(imported_parameters(arena, (struct interval){5, 6}),
	    "&param_start=0000000005&param_end=0000000006");
}
END_TEST

/* A row's times are whatever a DateTime holds. */
START_TEST(times)
{
	char id[] = ID("09"), owner[] = "main", first[] = "0", last[] = "4294967295",
	     before[] = "-1";
	struct imported_row row;

	ck_assert(imported_parse((char *[]){id, owner, first, first}, &row));
	ck_assert_int_eq(row.call.end, 0);
	ck_assert(imported_parse((char *[]){id, owner, last, last}, &row));
	ck_assert_int_eq(row.call.start, UINT32_MAX);
	ck_assert_int_eq(row.call.end, UINT32_MAX);
	ck_assert(!imported_parse((char *[]){id, owner, before, last}, &row));
	ck_assert(!imported_parse((char *[]){id, owner, first, before}, &row));
}
END_TEST

/* What was found is of use for a while, for a window within its own. */
START_TEST(kept)
{
	ck_assert_int_eq(take(NULL, 0), ERR_NONE);
	ck_assert(imported_is_kept(imported, window, 41));
	ck_assert(!imported_is_kept(imported, window, 40));
	now_ms += 959;
	ck_assert(imported_is_kept(imported, window, 1000));
	now_ms++;
	ck_assert(!imported_is_kept(imported, window, 1000));
	ck_assert(
	    imported_is_kept(imported, (struct interval){window.start + 1, window.end - 1}, 2000));
	ck_assert(
	    !imported_is_kept(imported, (struct interval){window.start - 1, window.end}, 2000));
	ck_assert(
	    !imported_is_kept(imported, (struct interval){window.start, window.end + 1}, 2000));
}
END_TEST

/* The rows as they count are read only for a booking that the ledger does not know. */
START_TEST(known)
{
	struct imported_row rows[] = {{id_of(7), "main", {1797000000, 1797001800}},
	    {id_of(8), "other", {1797000000, 1797001800}}};

	know(7);
	ck_assert_int_eq(take(rows, 2), ERR_NONE);
	ck_assert_int_eq(store.count, 0);
	ck_assert_uint_eq(blocked(window, 0), 0);
}
END_TEST

START_TEST(imported_rows)
{
	struct imported_row rows[] = {{id_of(8), "other", {1, 2}}, {id_of(9), "", {1, 2}}};

	store.reply =
	    ROW("09", "", "1796140000", "1796141800") ROW("0a", "main", "1796150000", "1796151800")
		ROW("0b", "other", "1796160000", "1796161800")
		    ROW("50", "main", "1796170000", "1796171800")
			ROW("07", "main", "1796180000", "1796181800");
	know(7);
	ck_assert_int_eq(take(rows, 2), ERR_NONE);
	ck_assert_int_eq(store.count, 1);
	ck_assert_ptr_nonnull(
	    strstr(store.sql, "consulting_bookings FINAL WHERE status = 'booked'"));
	ck_assert_str_eq(store.parameters,
	    "&date_time_output_format=unix_timestamp&param_start=1796130000&param_end=1797339600");
	/* Neither another owner's, nor who asks, nor what has an entry. */
	ck_assert_uint_eq(blocked(window, 1796140000), 2);
	ck_assert_uint_eq(blocked((struct interval){1796141800, 1796150001}, 1796150000), 1);
	ck_assert_uint_eq(blocked((struct interval){1796141800, 1796150000}, 0), 0);
	/* Until it has one. */
	ck_assert_uint_eq(blocked((struct interval){1796140000, 1796141800}, 1796140000), 1);
	tear_down();
	set_up();
	store.reply = ROW("09", "", "1796140000", "1796141800");
	ck_assert_int_eq(take(rows, 2), ERR_NONE);
	ck_assert_uint_eq(blocked(window, 1796140000), 1);
	know(9);
	ck_assert_uint_eq(blocked(window, 0), 0);
	/* The next look replaces what was kept. */
	ck_assert_int_eq(take(rows, 0), ERR_NONE);
	ck_assert_uint_eq(blocked(window, 0), 0);
}
END_TEST

static const struct {
	const char *reply;
	enum err asked, err;
} bad[] = {
    {"", ERR_UNSURE, ERR_UNSURE},
    {ROW("0", "", "1", "2"), 0, ERR_GARBLED},
    {ROW("09", "", "x", "2"), 0, ERR_GARBLED},
    {ROW("09", "", "1", "-2"), 0, ERR_GARBLED},
    {ROW("09", "", "1", "4294967296"), 0, ERR_GARBLED},
    {ROW("09", "", "4294967296", "1"), 0, ERR_GARBLED},
    {ID("09") "\t\t1\t2", 0, ERR_GARBLED},
    {ID("09") "\t1\t2\n", 0, ERR_GARBLED},
};

/* What stood before stays. */
START_TEST(bad_reply)
{
	struct imported_row row = {id_of(9), "", {1, 2}};

	store.reply = ROW("09", "", "1796140000", "1796141800");
	ck_assert_int_eq(take(&row, 1), ERR_NONE);
	store.reply = bad[_i].reply;
	store.err = bad[_i].asked;
	now_ms += 5000;
	ck_assert_int_eq(take(&row, 1), bad[_i].err);
	ck_assert_int_eq(failure.code, bad[_i].err);
	ck_assert(!imported_is_kept(imported, window, 1000));
	ck_assert_uint_eq(blocked(window, 1796140000), 1);
}
END_TEST

START_TEST(without_memory)
{
	const struct uuid asking = id_of(0x50);
	struct arena *small = arena_new(8);
	size_t count;

	ck_assert_ptr_null(imported_times(imported, NULL, small, &asking, window, &count));
	arena_free(small);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("imported");
	TCase *rows = tcase_create("rows");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(rows, set_up, tear_down);
	tcase_add_test(rows, none);
	tcase_add_test(rows, times);
	tcase_add_test(rows, kept);
	tcase_add_test(rows, known);
	tcase_add_test(rows, imported_rows);
	tcase_add_loop_test(rows, bad_reply, 0, (int)COUNT(bad));
	tcase_add_test(rows, without_memory);
	suite_add_tcase(suite, rows);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: MIT */
/* check_change.c: how a command ends, with a journal that does what a test says */
#include "desk/change.h"
#include "base/arena.h"
#include "base/clock.h"
#include "ledgers.h"

#include <check.h>
#include <stdlib.h>

static const struct interval call = {1796130000, 1796131800}, later = {1796133600, 1796135400};

/* The double of store/journal.c: what else stands in the tail that an append reads, and its end. */
static struct ledger *ledger;
static uint64_t number;
static int appends;
static struct entry before_it, after_it; /* of kind ENTRY_EPOCH: none */
static enum err append_err;

static enum verdict put(struct entry *entry)
{
	entry->number = ++number;
	entry->id = id_of(100 + (int)number);
	return apply(ledger, entry);
}

const struct ledger *journal_state(const struct journal *journal)
{
	(void)journal;
	return ledger;
}

enum err journal_append(struct journal *journal, struct arena *arena, struct entry *entry,
    int64_t deadline, enum verdict *verdict, struct fail *fail)
{
	(void)journal, (void)arena;
	ck_assert_int_gt(deadline, clock_boot_ms());
	appends++;
	if (append_err)
		return fail_set(fail, append_err, "journal", "as the test says");
	if (before_it.kind != ENTRY_EPOCH)
		put(&before_it);
	*verdict = put(entry);
	if (after_it.kind != ENTRY_EPOCH)
		put(&after_it);
	return ERR_NONE;
}

static struct conf conf;
static struct upstream upstream = {.conf = &conf};
static struct arena *arena;

static struct entry command(int booking, enum entry_kind kind, uint64_t version, struct interval at)
{
	struct entry entry = {
	    .kind = kind, .booking = id_of(booking), .version = version, .call = at, .taken = at};

	entry_set_owner(&entry, "main");
	return entry;
}

static void begin(void)
{
	struct entry epoch = command(99, ENTRY_EPOCH, 0, (struct interval){0, 0});

	conf.clickhouse.timeout_ms = 5000;
	ledger = ledger_new();
	arena = arena_new(64 * 1024);
	ck_assert(ledger && arena);
	number = 0;
	appends = 0;
	append_err = ERR_NONE;
	before_it = after_it = (struct entry){.kind = ENTRY_EPOCH};
	ck_assert_int_eq(put(&epoch), VERDICT_ACCEPTED);
}

static void end(void)
{
	ledger_free(ledger);
	arena_free(arena);
}

static struct fail failure;

static enum change make(struct entry *entry, struct booking *booking)
{
	*booking = booking_merge(ledger, &entry->booking, NULL);
	failure.code = ERR_NONE;
	return change_make(&upstream, arena, entry, booking, &failure);
}

START_TEST(accepted_is_what_stands)
{
	struct entry entry = command(1, ENTRY_BOOK, 0, call);
	struct booking booking;

	ck_assert_int_eq(make(&entry, &booking), CHANGE_ACCEPTED);
	ck_assert_int_eq(booking.state, BOOKING_BOOKED);
	ck_assert_int_eq(booking.call.start, call.start);
	ck_assert_uint_eq(booking.version, ledger_version(ledger, entry.number));
}
END_TEST

START_TEST(what_is_refused_already_needs_no_entry)
{
	struct entry first = command(1, ENTRY_BOOK, 0, call),
		     second = command(2, ENTRY_BOOK, 0, call),
		     stale = command(1, ENTRY_CANCEL, 77, (struct interval){0, 0});
	struct booking booking;
	struct uuid blocker;

	ck_assert(!change_blocker(&upstream, &second, &blocker));
	put(&first);
	ck_assert_int_eq(make(&second, &booking), CHANGE_OVERLAP);
	/* Whose time it is: nobody stands in one's own way. */
	ck_assert(change_blocker(&upstream, &second, &blocker));
	ck_assert(uuid_equal(&blocker, &first.booking));
	ck_assert(!change_blocker(&upstream, &first, &blocker));
	ck_assert_int_eq(make(&stale, &booking), CHANGE_STALE);
	ck_assert_int_eq(booking.state, BOOKING_BOOKED);
	ck_assert_int_eq(appends, 0);
}
END_TEST

START_TEST(another_was_faster)
{
	struct entry entry = command(1, ENTRY_BOOK, 0, call);
	struct booking booking;

	before_it = command(2, ENTRY_BOOK, 0, call);
	ck_assert_int_eq(make(&entry, &booking), CHANGE_OVERLAP);
	ck_assert_int_eq(booking.state, BOOKING_AWAITING);
	ck_assert_int_eq(appends, 1);
}
END_TEST

/* The other request of a double click: refused, and what was asked for holds. */
START_TEST(double_click)
{
	struct entry entry = command(1, ENTRY_BOOK, 0, call);
	struct booking booking;

	before_it = entry;
	ck_assert_int_eq(make(&entry, &booking), CHANGE_STALE);
	ck_assert_int_eq(booking.state, BOOKING_BOOKED);
	ck_assert_int_eq(booking.call.start, call.start);
}
END_TEST

/* Seen on another page and cancelled there, before this answer was ready. */
START_TEST(overtaken_by_its_cancel)
{
	struct entry entry = command(1, ENTRY_BOOK, 0, call);
	struct booking booking;

	after_it = command(1, ENTRY_CANCEL, number + 1, (struct interval){0, 0});
	after_it.version = ledger_version(ledger, number + 1);
	ck_assert_int_eq(make(&entry, &booking), CHANGE_OVERTAKEN);
	ck_assert_int_eq(booking.state, BOOKING_CANCELLED);
	ck_assert_uint_eq(booking.version, ledger_version(ledger, number));
}
END_TEST

START_TEST(overtaken_by_a_move)
{
	struct entry entry = command(1, ENTRY_BOOK, 0, call);
	struct booking booking;

	after_it = command(1, ENTRY_BOOK, ledger_version(ledger, number + 1), later);
	ck_assert_int_eq(make(&entry, &booking), CHANGE_OVERTAKEN);
	ck_assert_int_eq(booking.call.start, later.start);
}
END_TEST

/* What others do beside it, or what is refused after it, does not overtake. */
START_TEST(not_overtaken)
{
	struct entry entry = command(1, ENTRY_BOOK, 0, call);
	struct booking booking;

	after_it = _i ? command(2, ENTRY_BOOK, 0, later)
		      : command(1, ENTRY_CANCEL, 77, (struct interval){0, 0});
	ck_assert_int_eq(make(&entry, &booking), CHANGE_ACCEPTED);
	ck_assert_int_eq(booking.state, BOOKING_BOOKED);
}
END_TEST

static const struct {
	enum err err;
	enum change change;
} failures[] = {
    {ERR_UNSURE, CHANGE_UNSURE},
    {ERR_UNREACHABLE, CHANGE_NOT_WRITTEN},
    {ERR_BUSY, CHANGE_NOT_WRITTEN},
    {ERR_LEDGER, CHANGE_NOT_WRITTEN},
};

START_TEST(no_verdict)
{
	struct entry entry = command(1, ENTRY_BOOK, 0, call);
	struct booking booking;

	append_err = failures[_i].err;
	ck_assert_int_eq(make(&entry, &booking), failures[_i].change);
	ck_assert_int_eq(failure.code, failures[_i].err);
	ck_assert_int_eq(booking.state, BOOKING_AWAITING);
}
END_TEST

START_TEST(erased_stays_erased)
{
	struct entry erase = command(1, ENTRY_ERASE, 0, (struct interval){0, 0}),
		     entry = command(1, ENTRY_BOOK, 0, call);
	struct booking booking;

	put(&erase);
	ck_assert_int_eq(make(&entry, &booking), CHANGE_ERASED);
	ck_assert_int_eq(booking.state, BOOKING_ERASED);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("change");
	TCase *change = tcase_create("change");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(change, begin, end);
	tcase_add_test(change, accepted_is_what_stands);
	tcase_add_test(change, what_is_refused_already_needs_no_entry);
	tcase_add_test(change, another_was_faster);
	tcase_add_test(change, double_click);
	tcase_add_test(change, overtaken_by_its_cancel);
	tcase_add_test(change, overtaken_by_a_move);
	tcase_add_loop_test(change, not_overtaken, 0, 2);
	tcase_add_loop_test(change, no_verdict, 0, (int)(sizeof(failures) / sizeof(failures[0])));
	tcase_add_test(change, erased_stays_erased);
	suite_add_tcase(suite, change);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* check_people.c: what one address has asked for, what is held back for it, and the list of those
 * who are blocked */
#include "store/people.h"
#include "asked.h"
#include "base/clock.h"
#include "base/file.h"
#include "core/lead.h"
#include "files.h"
#include "store/past.h"

#include <sys/wait.h>

#define ID "00000000-0000-0000-0000-000000000007"

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

/* ClickHouse's: SELECT sipHash64('jane@example.com'), … */
START_TEST(hashes)
{
	ck_assert_uint_eq(people_hash(""), UINT64_C(2202906307356721367));
	ck_assert_uint_eq(
	    people_hash("jane@example.com"), people_address_hash(arena, "Jane@Example.COM"));
	ck_assert_uint_ne(
	    people_address_hash(arena, "jane+x@example.com"), people_hash("jane@example.com"));
}
END_TEST

static const struct {
	const char *reply;
	struct people people;
	enum err err;
} answers[] = {
    {"0\t0\t0\t0\n", {0, 0, 0, false}, ERR_NONE},
    {"1\t2\t3\t0\n", {1, 2, 3, false}, ERR_NONE},
    {"1\t2\t3\t1\n", {1, 2, 3, true}, ERR_NONE},
    {"1\t2\t3\t2\n", {1, 2, 3, true}, ERR_NONE},
    {"-1\t2\t3\t1\n", {0}, ERR_GARBLED},
    {"1\t-2\t3\t1\n", {0}, ERR_GARBLED},
    {"1\t2\t\t1\n", {0}, ERR_GARBLED},
    {"1\t2\t3\ttrue\n", {0}, ERR_GARBLED},
    {"1\t2\t3\n", {0}, ERR_GARBLED},
    {"", {0}, ERR_GARBLED},
};

START_TEST(answer)
{
	const struct people untouched = {9, 9, 9, true};
	struct people people = untouched;
	const struct uuid booking = id_of(7);
	char expected[200];

	store.replies[0] = answers[_i].reply;
	ck_assert_int_eq(
	    people_ask(NULL, arena, "Jane+work@Example.com", &booking, &people, &failure),
	    answers[_i].err);
	if (answers[_i].err == ERR_GARBLED)
		ck_assert_str_eq(failure.where, "people");
	/* The person, whatever stands behind a plus, and the domain: never the address itself. */
	snprintf(expected, sizeof(expected),
	    "&param_person=%" PRIu64 "&param_domain=%" PRIu64 "&param_booking=" ID,
	    people_hash("jane@example.com"), people_hash("example.com"));
	ck_assert_str_eq(store.queries[0].parameters, expected);
	if (answers[_i].err) {
		ck_assert_int_eq(failure.code, ERR_GARBLED);
		ck_assert_uint_eq(people.briefs, 9);
		return;
	}
	ck_assert_uint_eq(people.briefs, answers[_i].people.briefs);
	ck_assert_uint_eq(people.calls, answers[_i].people.calls);
	ck_assert_uint_eq(people.all_briefs, answers[_i].people.all_briefs);
	ck_assert_int_eq(people.is_blocked, answers[_i].people.is_blocked);
}
END_TEST

/* Limits: briefs and calls of an address, briefs of all in an hour, whether every address is asked
 * to open a mail; 0: no such limit. */
static const struct {
	struct people people;
	int64_t briefs, calls, hour;
	bool verify;
	const char *held; /* NULL: refused */
} holds[] = {
    {{0, 0, 0, false}, 3, 2, 100, false, ""},
    {{2, 1, 99, false}, 3, 2, 100, false, ""},
    {{3, 0, 0, false}, 3, 2, 100, false, LEAD_HELD_ADDRESS},
    /* One beyond the limit is kept for the mail that says so, and no more. */
    {{4, 0, 0, false}, 3, 2, 100, false, NULL},
    {{0, 2, 0, false}, 3, 2, 100, false, LEAD_HELD_ADDRESS},
    {{0, 3, 0, false}, 3, 2, 100, false, LEAD_HELD_ADDRESS},
    {{0, 0, 100, false}, 3, 2, 100, false, LEAD_HELD_HOUR},
    {{3, 0, 100, false}, 3, 2, 100, false, LEAD_HELD_ADDRESS},
    {{0, 0, 0, true}, 3, 2, 100, false, NULL},
    {{0, 0, 0, true}, 0, 0, 0, false, NULL},
    {{99, 99, 999, false}, 0, 0, 0, false, ""},
    {{0, 0, 0, false}, 3, 2, 100, true, LEAD_HELD_VERIFY},
    {{0, 0, 100, false}, 3, 2, 100, true, LEAD_HELD_HOUR},
};

START_TEST(hold)
{
	struct conf conf = {0};

	conf.fair.briefs_per_address = holds[_i].briefs;
	conf.fair.calls_per_address = holds[_i].calls;
	conf.fair.briefs_per_hour = holds[_i].hour;
	conf.fair.verify = holds[_i].verify;
	ck_assert_pstr_eq(people_hold(&holds[_i].people, &conf), holds[_i].held);
}
END_TEST

/* The clicks of one person come one after the other, however the address is written. */
START_TEST(one_click_of_a_person_at_a_time)
{
	int lock, status;
	pid_t child;

	make_folder();
	lock = people_lock(folder, arena, "jane@example.com", clock_boot_ms() + 1000);
	ck_assert_int_ge(lock, 0);
	child = fork();
	if (child == 0)
		_exit(people_lock(folder, arena, "Jane+2@Example.com", clock_boot_ms() + 50) >= 0);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	file_unlock(lock);
	child = fork();
	if (child == 0)
		_exit(people_lock(folder, arena, "Jane+2@Example.com", clock_boot_ms() + 5000) < 0);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	remove_folder();
	ck_assert_int_eq(people_lock(folder, arena, "jane@example.com", clock_boot_ms() + 50), -1);
}
END_TEST

/* Whoever has the turn next is told that a call was taken since; and also where it cannot be told.
 */
START_TEST(click_between_is_noted)
{
	int64_t looked_ms = clock_boot_ms();
	int lock;

	make_folder();
	lock = people_lock(folder, arena, "jane@example.com", looked_ms + 1000);
	ck_assert_int_ge(lock, 0);
	ck_assert(people_noted(lock, looked_ms));
	people_note(lock);
	file_unlock(lock);
	lock = people_lock(folder, arena, "Jane+2@Example.com", clock_boot_ms() + 1000);
	ck_assert_int_ge(lock, 0);
	ck_assert(people_noted(lock, looked_ms));
	ck_assert(!people_noted(lock, clock_boot_ms() + 1));
	people_note(lock);
	ck_assert(!people_noted(lock, clock_boot_ms() + 1));
	ck_assert_int_eq(ftruncate(lock, 4), 0);
	ck_assert(people_noted(lock, clock_boot_ms() + 1));
	file_unlock(lock);
	remove_folder();
}
END_TEST

START_TEST(calls_of_an_address)
{
	struct people_call *calls = NULL;
	char expected[200];
	size_t count = 99;

	store.replies[0] = ID "\t1796130000\t1\n"
			      "00000000-0000-0000-0000-000000000008\t1796216400\t0\n";
	ck_assert_int_eq(
	    people_calls(NULL, arena, "Jane+a@example.com", &calls, &count, &failure), ERR_NONE);
	snprintf(expected, sizeof(expected),
	    "&date_time_output_format=unix_timestamp&param_person=%" PRIu64
	    "&param_address=%" PRIu64 "&param_most=20",
	    people_hash("jane@example.com"), people_hash("jane+a@example.com"));
	ck_assert_str_eq(store.queries[0].parameters, expected);
	ck_assert(store.queries[0].is_whole);
	ck_assert_uint_eq(count, 2);
	ck_assert_int_eq(calls[0].booking.bytes[15], 7);
	ck_assert_int_eq(calls[0].start, 1796130000);
	ck_assert(calls[0].is_own && !calls[1].is_own);
	ck_assert_int_eq(calls[1].start, 1796216400);
}
END_TEST

static const char *const garbled_calls[] = {
    "nobody\t1796130000\t1\n",
    ID "\tsoon\t1\n",
    ID "\t1796130000\t2\n",
    ID "\t1796130000\n",
    ID "\t1796130000\t1",
};

START_TEST(calls_that_cannot_be_understood)
{
	struct people_call *calls = NULL;
	size_t count = 99;

	store.replies[0] = garbled_calls[_i];
	ck_assert_int_eq(
	    people_calls(NULL, arena, "jane@example.com", &calls, &count, &failure), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "people");
	ck_assert_ptr_null(calls);
	ck_assert_uint_eq(count, 99);
}
END_TEST

START_TEST(blocking)
{
	char expected[100], longest[600];
	const char *const *list = NULL;
	size_t count = 9;

	ck_assert_int_eq(people_block(NULL, arena, "Jane+x@Example.com", true, &failure), ERR_NONE);
	snprintf(expected, sizeof(expected), "jane@example.com\t%" PRIu64 "\t1\n",
	    people_hash("jane@example.com"));
	ck_assert_str_eq(store.queries[0].data, expected);
	ck_assert_int_eq(people_block(NULL, arena, "Example.com", false, &failure), ERR_NONE);
	snprintf(expected, sizeof(expected), "example.com\t%" PRIu64 "\t0\n",
	    people_hash("example.com"));
	ck_assert_str_eq(store.queries[1].data, expected);
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	ck_assert_int_eq(people_block(NULL, arena, longest, true, &failure), ERR_TOO_LARGE);
	ck_assert_str_eq(failure.where, "people");
	ck_assert_int_eq(store.count, 2);

	store.replies[2] = "a@example.com\nexample.org\n";
	ck_assert_int_eq(people_blocked(NULL, arena, &list, &count, &failure), ERR_NONE);
	ck_assert(store.queries[2].is_whole);
	ck_assert_uint_eq(count, 2);
	ck_assert_str_eq(list[0], "a@example.com");
	ck_assert_str_eq(list[1], "example.org");
	list = NULL;
	count = 99;
	store.replies[3] = "a@example.com\texample.org\n";
	ck_assert_int_eq(people_blocked(NULL, arena, &list, &count, &failure), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "people");
	store.replies[4] = "a@example.com";
	ck_assert_int_eq(people_blocked(NULL, arena, &list, &count, &failure), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "people");
	ck_assert_ptr_null(list);
	ck_assert_uint_eq(count, 99);
}
END_TEST

/* ---- What a person has sent beside a brief: one field of the answer each. */

#define CREATED_MS INT64_C(1796000000123)
static const struct lead brief = {
    .booking = {.bytes = {[15] = 7}}, .email = "Jane+x@example.com", .created_ms = CREATED_MS};

static bool flag_of(const struct past *past, int field)
{
	const bool flags[] = {past->is_again, past->is_repeat, past->is_doubled,
	    past->is_superseded, past->has_call, past->was_nudged, past->was_held};

	return flags[field];
}

START_TEST(past_of_a_person)
{
	char reply[100], expected[200];
	struct past past;

	snprintf(reply, sizeof(reply), "%d\t%d\t%d\t%d\t%d\t%d\t%d\t5\t1795999000000\n", _i == 0,
	    _i == 1, _i == 2, _i == 3, _i == 4, _i == 5, _i == 6);
	store.replies[0] = reply;
	ck_assert_int_eq(past_ask(NULL, arena, &brief, 6, &past, &failure), ERR_NONE);
	for (int field = 0; field < 7; field++)
		ck_assert_int_eq(flag_of(&past, field), field == _i);
	ck_assert_uint_eq(past.mails, 5);
	ck_assert_int_eq(past.free_ms, 0);
	snprintf(expected, sizeof(expected),
	    "&param_person=%" PRIu64 "&param_booking=" ID
	    "&param_created=1796000000123&param_limit=6",
	    people_hash("jane@example.com"));
	ck_assert_str_eq(store.queries[0].parameters, expected);
}
END_TEST

/* A day after the oldest of as many mails as a day may have. */
START_TEST(mails_of_a_day)
{
	struct past past;

	store.replies[0] = store.replies[1] = store.replies[2] =
	    "0\t0\t0\t0\t0\t0\t0\t5\t1795999000000\n";
	ck_assert_int_eq(past_ask(NULL, arena, &brief, 5, &past, &failure), ERR_NONE);
	ck_assert_int_eq(past.free_ms, INT64_C(1795999000000) + 86400000);
	ck_assert_int_eq(past_ask(NULL, arena, &brief, 4, &past, &failure), ERR_NONE);
	ck_assert_int_eq(past.free_ms, INT64_C(1795999000000) + 86400000);
	ck_assert_int_eq(past_ask(NULL, arena, &brief, 0, &past, &failure), ERR_NONE);
	ck_assert_int_eq(past.free_ms, 0);
}
END_TEST

static const char *const garbled_past[] = {
    "",
    "0\t0\t0\t0\t0\t0\t0\t0\n",
    "0\t0\t0\t0\t0\t0\t0\t0\t0\n1\n",
    "0\t0\t0\t0\t0\t0\t0\t0\t0",
    "x\t0\t0\t0\t0\t0\t0\t0\t0\n",
    "0\t0\t0\t0\t0\t0\t0\t0\t-1\n",
};

START_TEST(past_that_cannot_be_understood)
{
	struct past past = {.mails = 77};

	store.replies[0] = garbled_past[_i];
	ck_assert_int_eq(past_ask(NULL, arena, &brief, 5, &past, &failure), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "past");
	ck_assert_uint_eq(past.mails, 77);
}
END_TEST

/* What the store says of itself goes to the caller. */
START_TEST(store_that_fails)
{
	const struct uuid booking = id_of(7);
	struct people people;
	struct past past;
	struct people_call *calls;
	const char *const *list;
	size_t count;

	for (enum err err = ERR_NONE + 1; err <= ERR_SCHEMA; err++) {
		store_begin();
		store.err = err;
		ck_assert_int_eq(
		    people_ask(NULL, arena, "a@example.com", &booking, &people, &failure), err);
		ck_assert_int_eq(failure.code, err);
		ck_assert_int_eq(
		    people_calls(NULL, arena, "a@example.com", &calls, &count, &failure), err);
		ck_assert_int_eq(people_block(NULL, arena, "a@example.com", true, &failure), err);
		ck_assert_int_eq(people_blocked(NULL, arena, &list, &count, &failure), err);
		ck_assert_int_eq(past_ask(NULL, arena, &brief, 5, &past, &failure), err);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("people");
	TCase *all = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(all, set_up, tear_down);
	tcase_add_test(all, hashes);
	tcase_add_loop_test(all, answer, 0, (int)COUNT(answers));
	tcase_add_loop_test(all, hold, 0, (int)COUNT(holds));
	tcase_add_test(all, one_click_of_a_person_at_a_time);
	tcase_add_test(all, click_between_is_noted);
	tcase_add_test(all, calls_of_an_address);
	tcase_add_loop_test(all, calls_that_cannot_be_understood, 0, (int)COUNT(garbled_calls));
	tcase_add_test(all, blocking);
	tcase_add_loop_test(all, past_of_a_person, 0, 7);
	tcase_add_test(all, mails_of_a_day);
	tcase_add_loop_test(all, past_that_cannot_be_understood, 0, (int)COUNT(garbled_past));
	tcase_add_test(all, store_that_fails);
	suite_add_tcase(suite, all);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: MIT */
/* check_calendar_cache.c: the shared calendar answer, its lock, and the memory of an outage */
#include "store/calendar_cache.h"
#include "base/clock.h"
#include "base/file.h"
#include "files.h"
#include "times.h"

#include <sys/wait.h>

#define CALENDAR "owner@example.com"

static struct arena *arena;
static struct fail failure;
static const struct calendar_place place = {folder, "", CALENDAR}, other = {folder, "", "other"};
static const struct calendar_place nowhere = {"/nonexistent", "", CALENDAR};

static void set_up(void)
{
	make_folder();
	arena = arena_new(8 << 20);
	ck_assert_ptr_nonnull(arena);
}

static void tear_down(void)
{
	arena_free(arena);
	remove_folder();
}

static struct calendar_cache answer_of(int64_t asked_ms, size_t count)
{
	struct calendar_cache answer = {.asked_ms = asked_ms, .window = {100, 200}};

	answer.busy.list = arena_array(arena, count + 1, sizeof(struct interval));
	ck_assert_ptr_nonnull(answer.busy.list);
	answer.busy.count = count;
	for (size_t i = 0; i < count; i++)
		answer.busy.list[i] = (struct interval){(int64_t)i * 10, (int64_t)i * 10 + 5};
	return answer;
}

START_TEST(kept)
{
	struct calendar_cache answer = answer_of(clock_boot_ms(), (size_t)_i), back;

	ck_assert_int_eq(calendar_cache_store(&place, arena, &answer, &failure), ERR_NONE);
	ck_assert(calendar_cache_load(&place, arena, &back));
	ck_assert_int_eq(back.asked_ms, answer.asked_ms);
	ck_assert(back.window.start == 100 && back.window.end == 200);
	ck_assert_uint_eq(back.busy.count, (size_t)_i);
	ck_assert_int_eq(
	    memcmp(back.busy.list, answer.busy.list, (size_t)_i * sizeof(struct interval)), 0);
	/* There is room for one more. */
	back.busy.list[back.busy.count] = (struct interval){1, 2};
	ck_assert_int_eq(each_file(NULL), 1);
}
END_TEST

START_TEST(newest_counts)
{
	struct calendar_cache old = answer_of(clock_boot_ms() - 5, 1),
			      new = answer_of(clock_boot_ms(), 2);
	struct calendar_cache back;

	ck_assert_int_eq(calendar_cache_store(&place, arena, &new, &failure), ERR_NONE);
	ck_assert_int_eq(calendar_cache_store(&place, arena, &old, &failure), ERR_NONE);
	ck_assert(calendar_cache_load(&place, arena, &back));
	ck_assert_uint_eq(back.busy.count, 2);
	old.asked_ms = new.asked_ms;
	ck_assert_int_eq(calendar_cache_store(&place, arena, &old, &failure), ERR_NONE);
	ck_assert(calendar_cache_load(&place, arena, &back));
	ck_assert_uint_eq(back.busy.count, 2);
	/* Another calendar's answer is none, and is replaced. */
	ck_assert(!calendar_cache_load(&other, arena, &back));
	ck_assert_int_eq(calendar_cache_store(&other, arena, &old, &failure), ERR_NONE);
	ck_assert(calendar_cache_load(&other, arena, &back));
	ck_assert(!calendar_cache_load(&place, arena, &back));
}
END_TEST

#define HEAD "slotguard calendar 1\n" CALENDAR "\n"

/* Asked at 1, which is soon after the machine's start. */
static const struct {
	const char *text;
	bool is_fine;
} files[] = {
    {HEAD "1 1\n100 200\n5 6\n", true},
    {HEAD "1 0\n100 200\n", true},
    {HEAD "1 0\n100 200\nmore", true},
    {"", false},
    {"slotguard calendar 1\n", false},
    {"slotguard calendar 2\n" CALENDAR "\n1 0\n100 200\n", false},
    {"slotguard calendar 1\nother\n1 0\n100 200\n", false},
    {"slotguard calendar 1\nowner@example.co\n1 0\n100 200\n", false},
    {"slotguard calendar 1\n" CALENDAR "m\n1 0\n100 200\n", false},
    {HEAD, false},
    {HEAD "1 1\n", false},
    {HEAD "1 1\n100 200\n", false},
    {HEAD "1 2\n100 200\n5 6\n", false},
    {HEAD "1 1\n100 200\n5 6", false},
    {HEAD "1 1\n100 200\n5\n", false},
    {HEAD "1 1\n100 200\n5 6 7\n", false},
    {HEAD "1 1\n100 200\n5  6\n", false},
    {HEAD "1 1\n100 200\n-5 6\n", false},
    {HEAD "1 1\n100\n5 6\n", false},
    {HEAD "1\n100 200\n5 6\n", false},
    {HEAD "-1 1\n100 200\n5 6\n", false},
    {HEAD "1 -1\n100 200\n5 6\n", false},
    {HEAD "1 99999999999\n100 200\n5 6\n", false},
    {HEAD "1 9223372036854775807\n100 200\n5 6\n", false},
    {HEAD "9223372036854775807 1\n100 200\n5 6\n", false}, /* asked in the future */
    {HEAD "x 1\n100 200\n5 6\n", false},
};

START_TEST(file_as_it_stands)
{
	struct calendar_cache answer = {.asked_ms = 77};

	write_file("calendar", files[_i].text);
	ck_assert_int_eq(calendar_cache_load(&place, arena, &answer), files[_i].is_fine);
	ck_assert_int_eq(answer.asked_ms, files[_i].is_fine ? 1 : 77);
	/* What is damaged is replaced. */
	answer = answer_of(clock_boot_ms(), 1);
	ck_assert_int_eq(calendar_cache_store(&place, arena, &answer, &failure), ERR_NONE);
	ck_assert(calendar_cache_load(&place, arena, &answer));
	ck_assert_int_gt(answer.asked_ms, 1);
}
END_TEST

START_TEST(file_cut_short)
{
	static const char whole[] = HEAD "1 2\n100 200\n5 6\n7 8\n";
	struct calendar_cache answer;

	for (size_t len = 0; len < sizeof(whole) - 1; len++) {
		write_bytes("calendar", whole, len);
		ck_assert_msg(!calendar_cache_load(&place, arena, &answer), "%zu bytes", len);
	}
	write_bytes("calendar", whole, sizeof(whole)); /* a NUL at its end */
	ck_assert(!calendar_cache_load(&place, arena, &answer));
	write_bytes("calendar", whole, sizeof(whole) - 1);
	ck_assert(calendar_cache_load(&place, arena, &answer));
}
END_TEST

START_TEST(no_file)
{
	struct calendar_cache answer;

	ck_assert(!calendar_cache_load(&place, arena, &answer));
	ck_assert(!calendar_cache_load(&nowhere, arena, &answer));
	ck_assert_int_eq(mkdir(path_of("calendar"), 0700), 0);
	ck_assert(!calendar_cache_load(&place, arena, &answer));
	answer = answer_of(clock_boot_ms(), 1);
	ck_assert_int_eq(calendar_cache_store(&place, arena, &answer, &failure), ERR_SYSTEM);
	ck_assert_int_eq(calendar_cache_store(&nowhere, arena, &answer, &failure), ERR_SYSTEM);
	ck_assert_int_eq(each_file(NULL), 1);
}
END_TEST

START_TEST(too_large)
{
	struct calendar_cache answer = answer_of(clock_boot_ms(), 60000), back;

	for (size_t i = 0; i < answer.busy.count; i++)
		answer.busy.list[i] = (struct interval){1796130000, 1796131800};
	ck_assert_int_eq(calendar_cache_store(&place, arena, &answer, &failure), ERR_TOO_LARGE);
	ck_assert_str_eq(failure.where, "calendar_cache");
	ck_assert(!calendar_cache_load(&place, arena, &back));
	ck_assert_int_eq(each_file(NULL), 0);
}
END_TEST

START_TEST(full_arena)
{
	struct calendar_cache answer = answer_of(clock_boot_ms(), 100), back;
	size_t loaded = 0;

	ck_assert_int_eq(calendar_cache_store(&place, arena, &answer, &failure), ERR_NONE);
	for (size_t size = 64; size < 8000; size += 64) {
		struct arena *small = arena_new(size);

		loaded += calendar_cache_load(&place, small, &back);
		arena_free(small);
	}
	ck_assert(loaded > 0 && loaded < 120);
	for (size_t size = 1; size < 64; size++) {
		struct arena *small = arena_new(size);

		answer.asked_ms++;
		ck_assert_int_ne(calendar_cache_store(&place, small, &answer, &failure), ERR_NONE);
		arena_free(small);
	}
	ck_assert_int_eq(each_file(NULL), 1);
}
END_TEST

/* Asks for the lock in another process; its exit status: 0, it got it. */
static int lock_elsewhere(void)
{
	pid_t child = fork();
	int status = -1;

	ck_assert_int_ge(child, 0);
	if (child == 0)
		_exit(calendar_cache_lock(folder) < 0);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(lock)
{
	int mine = calendar_cache_lock(folder);

	ck_assert_int_ge(mine, 0);
	ck_assert_int_eq(lock_elsewhere(), 1);
	ck_assert_int_eq(calendar_cache_lock(folder), -1);
	file_unlock(mine);
	/* Who got it and died has it no longer. */
	ck_assert_int_eq(lock_elsewhere(), 0);
	mine = calendar_cache_lock(folder);
	ck_assert_int_ge(mine, 0);
	file_unlock(mine);
	file_unlock(-1);
	ck_assert_int_eq(calendar_cache_lock("/nonexistent"), -1);
}
END_TEST

START_TEST(lock_of_clicks)
{
	int mine = calendar_cache_lock_click(folder, 0), page = calendar_cache_lock(folder);

	ck_assert_int_ge(mine, 0);
	ck_assert_int_ge(page, 0);
	/* It is waited for until the deadline. */
	ck_assert_int_eq(calendar_cache_lock_click(folder, clock_boot_ms() + 20), -1);
	file_unlock(mine);
	mine = calendar_cache_lock_click(folder, clock_boot_ms() + 20);
	ck_assert_int_ge(mine, 0);
	file_unlock(mine);
	file_unlock(page);
}
END_TEST

START_TEST(outage_life)
{
	static const struct {
		enum outage_kind kind;
		bool is_down, is_refused;
	} steps[] = {{OUTAGE_SLOW, false, false}, {OUTAGE_DOWN, true, false},
	    {OUTAGE_SLOW, true, false}, {OUTAGE_REFUSED, true, true}, {OUTAGE_SLOW, true, true},
	    {OUTAGE_DOWN, true, false}};
	int64_t now = clock_boot_ms();
	struct outage outage = outage_load(&place, arena);
	bool is_new = false;

	ck_assert(outage.since_ms == 0 && outage.until_ms == 0 && !outage.is_down);
	ck_assert(!outage_end(&place, arena));
	ck_assert_int_eq(
	    outage_note(&place, arena, now + 1000, OUTAGE_SLOW, &is_new, &failure), ERR_NONE);
	ck_assert(is_new);
	outage = outage_load(&place, arena);
	ck_assert(outage.since_ms >= now && outage.since_ms <= clock_boot_ms());
	ck_assert_int_eq(outage.until_ms, now + 1000);
	ck_assert(!outage.is_down);
	/* It goes on, begins once, and a slow page does not make it milder. */
	now = outage.since_ms;
	for (size_t i = 0; i < COUNT(steps); i++) {
		ck_assert_int_eq(outage_note(&place, arena, now + 2000 + (int64_t)i, steps[i].kind,
				     &is_new, &failure),
		    ERR_NONE);
		ck_assert(!is_new);
		outage = outage_load(&place, arena);
		ck_assert_int_eq(outage.since_ms, now);
		ck_assert_int_eq(outage.until_ms, now + 2000 + (int64_t)i);
		ck_assert_int_eq(outage.is_down, steps[i].is_down);
		ck_assert_int_eq(outage.is_refused, steps[i].is_refused);
	}
	/* One ends it. */
	ck_assert(outage_end(&place, arena));
	ck_assert(!outage_end(&place, arena));
	ck_assert_int_eq(outage_load(&place, arena).until_ms, 0);
	ck_assert_int_eq(
	    outage_note(&place, arena, now + 1000, OUTAGE_DOWN, &is_new, &failure), ERR_NONE);
	ck_assert(is_new && outage_load(&place, arena).is_down);
	ck_assert_int_eq(each_file(NULL), 1);
}
END_TEST

static const struct {
	const char *text;
	int64_t since_ms, until_ms;
	bool is_down;
} outages[] = {
    {"1 2\ndown\n", 1, 2, true},
    {"1 2\nrefused\n", 1, 2, true},
    {"1 2\nslow\n", 1, 2, false},
    {"1 2\n\n", 1, 2, false},
    {"", 0, 0, false},
    {"1 2\n", 0, 0, false},
    {"1 2\ndown", 0, 0, false},
    {"1\ndown\n", 0, 0, false},
    {"1 x\ndown\n", 0, 0, false},
    {"-1 2\ndown\n", 0, 0, false},
};

START_TEST(outage_file)
{
	struct outage outage;

	write_file("calendar.outage", outages[_i].text);
	outage = outage_load(&place, arena);
	ck_assert_int_eq(outage.since_ms, outages[_i].since_ms);
	ck_assert_int_eq(outage.until_ms, outages[_i].until_ms);
	ck_assert_int_eq(outage.is_down, outages[_i].is_down);
}
END_TEST

static const char *const boots[] = {"9223372036854775807 2\ndown\n",
    "1 9223372036854775807\nslow\n", "1 9223372036854775807\nrefused\n"};

/* What was written before the last start is no outage, nor becomes one when the machine has been up
 * for as long. */
START_TEST(outage_of_another_boot)
{
	bool is_new = false;

	write_file("calendar.outage", boots[_i]);
	ck_assert_int_eq(outage_load(&place, arena).until_ms, 0);
	ck_assert_int_eq(each_file(NULL), 0);
	write_file("calendar.outage", boots[_i]);
	ck_assert_int_eq(
	    outage_note(&place, arena, clock_boot_ms() + 5, OUTAGE_SLOW, &is_new, &failure),
	    ERR_NONE);
	ck_assert(is_new && !outage_load(&place, arena).is_down);
}
END_TEST

START_TEST(outage_without_a_folder)
{
	bool is_new = false;

	ck_assert_int_eq(
	    outage_note(&nowhere, arena, 5, OUTAGE_DOWN, &is_new, &failure), ERR_SYSTEM);
	ck_assert_int_eq(outage_load(&nowhere, arena).until_ms, 0);
	ck_assert(!outage_end(&nowhere, arena));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("answer");
	TCase *answers = tcase_create("answer"), *outage = tcase_create("outage");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(answers, set_up, tear_down);
	tcase_add_loop_test(answers, kept, 0, 5);
	tcase_add_test(answers, newest_counts);
	tcase_add_loop_test(answers, file_as_it_stands, 0, (int)COUNT(files));
	tcase_add_test(answers, file_cut_short);
	tcase_add_test(answers, no_file);
	tcase_add_test(answers, too_large);
	tcase_add_test(answers, full_arena);
	tcase_add_test(answers, lock);
	tcase_add_test(answers, lock_of_clicks);
	suite_add_tcase(suite, answers);
	tcase_add_checked_fixture(outage, set_up, tear_down);
	tcase_add_test(outage, outage_life);
	tcase_add_loop_test(outage, outage_file, 0, (int)COUNT(outages));
	tcase_add_loop_test(outage, outage_of_another_boot, 0, (int)COUNT(boots));
	tcase_add_test(outage, outage_without_a_folder);
	suite_add_tcase(suite, outage);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

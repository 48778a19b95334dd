/* SPDX-License-Identifier: MIT */
/* check_odd_rows.c: the rows that no program writes are those that the tables' constraints refuse
 */
#include "store/odd_rows.h"
#include "asked.h"
#include "base/file.h"
#include "base/text.h"
#include "files.h"

#include <glob.h>

#define NIL "00000000-0000-0000-0000-000000000000"
#define ONE "00000000-0000-4000-8000-000000000001"
#define ADDED "ADD CONSTRAINT IF NOT EXISTS "

static struct arena *arena;
static struct fail failure;

static void set_up(void)
{
	store_begin();
	arena = arena_new(16 << 20);
	ck_assert_ptr_nonnull(arena);
}

static void tear_down(void)
{
	store_begin();
	arena_free(arena);
}

/* Without what is white: where a line is broken is no matter. */
static char *bare(const char *text, size_t len)
{
	char *out = arena_room(arena, len + 1), *to = out;

	ck_assert_ptr_nonnull(out);
	for (size_t i = 0; i < len; i++)
		if (!strchr(" \n\t", text[i]))
			*to++ = text[i];
	*to = '\0';
	return out;
}

static const char *asked(void)
{
	struct odd odd;

	store.replies[0] = "0\t" NIL "\t0\t" NIL "\t0\t" NIL "\t0\t" NIL "\t0\t" NIL "\n";
	ck_assert_int_eq(odd_rows_ask(NULL, arena, 7, &odd, &failure), ERR_NONE);
	return bare(store.queries[0].sql, strlen(store.queries[0].sql));
}

/* What goes by the writer's name or by the other rows of an INSERT says nothing of one that stands.
 */
static bool is_of_row(const char *check)
{
	return !strstr(check, "currentUser") && !strstr(check, "rowNumberInBlock");
}

static int compare(const char *sql, const char *statements)
{
	const char *at = statements;
	int count = 0;

	while ((at = strstr(at, ADDED))) {
		const char *from = strstr(at, "CHECK "), *next, *end;
		char *check;

		ck_assert_ptr_nonnull(from);
		from += strlen("CHECK ");
		next = strstr(from, ADDED);
		end = strchr(from, ';');
		ck_assert_ptr_nonnull(end);
		if (next && next < end)
			for (end = next; *end != ','; end--)
				continue;
		at = end;
		check = bare(from, (size_t)(end - from));
		if (!is_of_row(check))
			continue;
		ck_assert_msg(strstr(sql, check) != NULL, "not looked for: %s\nin %s", check, sql);
		count++;
	}
	return count;
}

START_TEST(one_list)
{
	const char *srcdir = getenv("srcdir"), *sql = asked();
	int count = 0;
	glob_t found;

	ck_assert_int_eq(
	    glob(arena_printf(arena, "%s/app/store/migrations/*.sql", srcdir ? srcdir : "."), 0,
		NULL, &found),
	    0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char *text;
		size_t len;

		ck_assert_int_eq(
		    file_read(found.gl_pathv[i], 1 << 20, arena, &text, &len, &failure), ERR_NONE);
		count += compare(sql, text);
	}
	globfree(&found);
	ck_assert_int_ge(count, 9);
}
END_TEST

START_TEST(answer)
{
	struct odd odd;

	store.replies[0] = "1\t" ONE "\t2\t" NIL "\t3\t" NIL "\t4\t" NIL "\t5\t" ONE "\n";
	ck_assert_int_eq(odd_rows_ask(NULL, arena, 7, &odd, &failure), ERR_NONE);
	ck_assert_str_eq(store.queries[0].parameters, "&param_version=7");
	ck_assert_uint_eq(odd.above.count, 1);
	ck_assert_uint_eq(odd.bookings.count, 2);
	ck_assert_uint_eq(odd.deliveries.count, 3);
	ck_assert_uint_eq(odd.ledger.count, 4);
	ck_assert_uint_eq(odd.unknown.count, 5);
	ck_assert(uuid_equal(&odd.above.one, &odd.unknown.one) &&
		  !uuid_equal(&odd.above.one, &odd.ledger.one));
}
END_TEST

static const char *const wrong[] = {"", "1\t" NIL "\n",
    "x\t" NIL "\t0\t" NIL "\t0\t" NIL "\t0\t" NIL "\t0\t" NIL "\n",
    "0\t" NIL "\t0\tx\t0\t" NIL "\t0\t" NIL "\t0\t" NIL "\n"};

START_TEST(store_that_does_not_answer)
{
	struct odd odd;

	store.err = ERR_BUSY;
	ck_assert_int_eq(odd_rows_ask(NULL, arena, 7, &odd, &failure), ERR_BUSY);
	ck_assert_int_eq(failure.code, ERR_BUSY);
}
END_TEST

START_TEST(what_is_no_answer)
{
	struct odd odd = {.above = {.count = 9}};

	store.replies[0] = wrong[_i];
	ck_assert_int_eq(odd_rows_ask(NULL, arena, 7, &odd, &failure), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "odd_rows");
	ck_assert_uint_eq(odd.above.count, 9);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("odd rows");
	TCase *tcase = tcase_create("odd rows");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, one_list);
	tcase_add_test(tcase, answer);
	tcase_add_loop_test(tcase, what_is_no_answer, 0, sizeof(wrong) / sizeof(wrong[0]));
	tcase_add_test(tcase, store_that_does_not_answer);
	suite_add_tcase(suite, tcase);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

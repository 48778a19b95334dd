/* SPDX-License-Identifier: MIT */
/* check_tsv.c: ClickHouse's TabSeparated format: rows, escapes, and there and back again */
#include "store/tsv.h"
#include "base/arena.h"
#include "times.h"

#include <string.h>

#define FIELDS 3

static struct arena *arena;

static void set_up(void)
{
	arena = arena_new(1 << 20);
	ck_assert_ptr_nonnull(arena);
}

static void tear_down(void)
{
	arena_free(arena);
}

/* One row of a text; a first field of NULL: refused. */
static const struct {
	const char *text;
	size_t count;
	const char *fields[FIELDS];
	bool is_end; /* what tsv_at_end() says after it */
} rows[] = {
    {"a\tb\tc\n", 3, {"a", "b", "c"}, true},
    {"a\n", 1, {"a"}, true},
    {"\n", 1, {""}, true},
    {"\t\t\n", 3, {"", "", ""}, true},
    {"a\tb\nc\td\n", 2, {"a", "b"}, false},
    {"a\\tb\\nc\\\\d\n", 1, {"a\tb\nc\\d"}, true},
    {"\\b\\f\\r\\'\t\\\\n\n", 2, {"\b\f\r'", "\\n"}, true},
    {"\xc3\xa9\t\x01\xff\n", 2, {"\xc3\xa9", "\x01\xff"}, true},
    {"a\r\n", 1, {"a\r"}, true},
    /* A NUL of somebody who writes past the programs ends nothing. */
    {"a\\0b\t\\0\n", 2, {"a?b", "?"}, true},
    {"", 1, {NULL}, true},
    /* Whatever is wrong with a row, it is not taken for the end. */
    {"a", 1, {NULL}, false},
    {"a\tb", 2, {NULL}, false},
    {"a\tb\n", 1, {NULL}, false},
    {"a\tb\n", 3, {NULL}, false},
    {"\n", 2, {NULL}, false},
    {"\na\tb\n", 2, {NULL}, false},
    {"\tb\n", 3, {NULL}, false},
    {"\tb\tc\td\n", 3, {NULL}, false},
    {"\t\n", 1, {NULL}, false},
    {"a\\\n", 1, {NULL}, false},
    {"\\\n", 1, {NULL}, false},
    {"\\\tb\n", 2, {NULL}, false},
    {"a\\x41\n", 1, {NULL}, false},
    {"\\N\n", 1, {NULL}, false},
    {"\t\\N\n", 2, {NULL}, false},
};

START_TEST(row)
{
	char *text = strdup(rows[_i].text), *at = text, *fields[FIELDS];

	ck_assert_ptr_nonnull(text);
	ck_assert_int_eq(tsv_row(&at, fields, rows[_i].count), rows[_i].fields[0] != NULL);
	for (size_t i = 0; i < rows[_i].count && rows[_i].fields[0]; i++)
		ck_assert_str_eq(fields[i], rows[_i].fields[i]);
	ck_assert_int_eq(tsv_at_end(at), rows[_i].is_end);
	free(text);
}
END_TEST

START_TEST(rows_one_after_another)
{
	char text[] = "1\ta\n2\tb\n3\tc\n", *at = text, *fields[2];
	int count = 0;

	while (tsv_row(&at, fields, 2)) {
		ck_assert_int_eq(fields[0][0], '1' + count);
		ck_assert_int_eq(fields[1][0], 'a' + count);
		count++;
	}
	ck_assert_int_eq(count, 3);
	ck_assert(tsv_at_end(at));
}
END_TEST

/* A moment of before 1970 is no moment that a program wrote, and counts as the first. */
static const struct {
	const char *field;
	bool is_read;
	int64_t ms;
} moments[] = {
    {"0", true, 0},
    {"1796130000123", true, INT64_C(1796130000123)},
    {"-1", true, 0},
    {"", false, 7},
    {"soon", false, 7},
};

START_TEST(moment)
{
	int64_t ms = 7;

	ck_assert_int_eq(tsv_ms(moments[_i].field, &ms), moments[_i].is_read);
	ck_assert_int_eq(ms, moments[_i].ms);
}
END_TEST

/* A reply that ends anywhere but after a row is no whole reply. */
START_TEST(reply_cut_short)
{
	static const char whole[] = "1\ta\n2\tb\\n\n\t\n";

	for (size_t len = 0; len < sizeof(whole); len++) {
		char *text = strndup(whole, len), *at = text, *fields[2];

		while (tsv_row(&at, fields, 2))
			;
		ck_assert_msg(tsv_at_end(at) == (len == 0 || whole[len - 1] == '\n'), "%zu", len);
		free(text);
	}
}
END_TEST

START_TEST(written)
{
	struct text text = text_new(arena, 100);

	text_tsv(&text, "a\tb\nc\\d\r\b\f'\"\x01\xc3\xa9");
	ck_assert_str_eq(text.data, "a\\tb\\nc\\\\d\\r\\b\\f'\"\x01\xc3\xa9");
	text_tsv(&text, "");
	ck_assert_uint_eq(text.len, strlen("a\\tb\\nc\\\\d\\r\\b\\f'\"\x01\xc3\xa9"));
	text = text_new(arena, 3);
	text_tsv(&text, "ab\\");
	ck_assert(text_overflowed(&text));
}
END_TEST

/* Random bytes, and often the special ones, come back as they were. */
START_TEST(there_and_back)
{
	static const char special[] = "\\\t\n\r\b\f'N0tnrbf\x1b";
	uint64_t random = (uint64_t)_i;

	for (int run = 0; run < 500; run++) {
		char values[FIELDS][40], *fields[FIELDS], *at;
		struct text text;

		arena_reset(arena);
		text = text_new(arena, 1000);
		for (int i = 0; i < FIELDS; i++) {
			int64_t len = random_between(&random, 0, 39);

			for (int64_t j = 0; j < len; j++)
				values[i][j] =
				    random_bits(&random) & 1
					? special[random_between(&random, 0, sizeof(special) - 2)]
					: (char)random_between(&random, 1, 255);
			values[i][len] = '\0';
			text_raw(&text, "\t", i > 0);
			text_tsv(&text, values[i]);
		}
		text_raw(&text, "\n", 1);
		at = text.data;
		if (!tsv_row(&at, fields, FIELDS) || !tsv_at_end(at))
			ck_abort_msg("run %d: the row cannot be read", run);
		for (int i = 0; i < FIELDS; i++)
			if (strcmp(fields[i], values[i]) != 0)
				ck_abort_msg("run %d: field %d is another", run, i);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("tsv");
	TCase *reading = tcase_create("read"), *writing = tcase_create("write");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(reading, row, 0, (int)COUNT(rows));
	tcase_add_loop_test(reading, moment, 0, (int)COUNT(moments));
	tcase_add_test(reading, rows_one_after_another);
	tcase_add_test(reading, reply_cut_short);
	suite_add_tcase(suite, reading);
	tcase_add_checked_fixture(writing, set_up, tear_down);
	tcase_add_test(writing, written);
	tcase_add_loop_test(writing, there_and_back, 0, 20);
	suite_add_tcase(suite, writing);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

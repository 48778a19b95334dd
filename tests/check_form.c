/* SPDX-License-Identifier: MIT */
/* check_form.c: names and values of application/x-www-form-urlencoded */
#include "base/text.h"
#include "core/form.h"
#include "times.h"

#include <string.h>

#define PAIRS 4

static struct arena *arena;

static void set_up(void)
{
	arena = arena_new(1 << 16);
	ck_assert_ptr_nonnull(arena);
}

static void tear_down(void)
{
	arena_free(arena);
}

/* len 0: the text's own. detail NULL: it is accepted. */
static const struct {
	const char *bytes;
	size_t len;
	const char *pairs[2 * PAIRS];
	const char *detail;
} forms[] = {
    {"", 0, {NULL}, NULL},
    {"a=1", 0, {"a", "1"}, NULL},
    {"a=1&b=2", 0, {"a", "1", "b", "2"}, NULL},
    {"a", 0, {"a", ""}, NULL},
    {"a=", 0, {"a", ""}, NULL},
    {"=1", 0, {"", "1"}, NULL},
    {"&&a=1&&&b=2&", 0, {"a", "1", "b", "2"}, NULL},
    {"a=1=2", 0, {"a", "1=2"}, NULL},
    {"a=b+c%20d%2Be", 0, {"a", "b c d+e"}, NULL},
    {"na%6De=%e2%82%AC", 0, {"name", "\xe2\x82\xac"}, NULL},
    {"a=\xc3\xa9", 0, {"a", "\xc3\xa9"}, NULL},
    {"a=%26b%3D2", 0, {"a", "&b=2"}, NULL}, /* a separator in a value separates nothing */
    {"a=%2541", 0, {"a", "%41"}, NULL},	    /* decoded once */
    {"a=%252500", 0, {"a", "%2500"}, NULL},
    {"a=1;b=2", 0, {"a", "1;b=2"}, NULL},
    {"A=1&a=2", 0, {"A", "1", "a", "2"}, NULL},
    {"a=%0d%0a%09%01", 0, {"a", "\r\n\t\x01"}, NULL},
    {"a=1&b=2", 3, {"a", "1"}, NULL},
    {"a=%", 0, {"a", "%"}, NULL},
    {"a=%4", 0, {"a", "%4"}, NULL},
    {"a=%4&b=1", 0, {"a", "%4", "b", "1"}, NULL},
    {"a=50%off%zz", 0, {"a", "50%off%zz"}, NULL},
    {"a=%4g", 0, {"a", "%4g"}, NULL},
    {"a=% 41", 0, {"a", "% 41"}, NULL},
    {"%=1", 0, {"%", "1"}, NULL},
    {"a=%41", 4, {"a", "%4"}, NULL}, /* cut off */
    {"a=1%002", 0, {"a", "1\uFFFD2"}, NULL},
    {"a%00b=1", 0, {"a\uFFFDb", "1"}, NULL},
    {"a=\xff", 0, {"a", "\uFFFD"}, NULL},
    {"a=%ffb", 0, {"a", "\uFFFDb"}, NULL},
    {"a=%c0%80", 0, {"a", "\uFFFD\uFFFD"}, NULL},	   /* a NUL, too long */
    {"a=%ed%a0%80", 0, {"a", "\uFFFD\uFFFD\uFFFD"}, NULL}, /* a surrogate */
    {"a=%c3", 0, {"a", "\uFFFD"}, NULL},
    {"%c3=%a9", 0, {"\uFFFD", "\uFFFD"}, NULL},
    {"a=1\0b", 5, {"a", "1\uFFFDb"}, NULL},
    {"\0", 1, {"\uFFFD", ""}, NULL},
    {"a=1&a=1", 0, {NULL}, "a field stands twice"},
    {"a=1&b=2&%61=3", 0, {NULL}, "a field stands twice"},
    {"a&a", 0, {NULL}, "a field stands twice"},
};

START_TEST(parse)
{
	size_t len = forms[_i].len ? forms[_i].len : strlen(forms[_i].bytes), count = 0;
	char *bytes = malloc(len); /* of exactly this size, for the sanitizers */
	struct form form = {.count = 99};
	struct fail fail = {0};
	enum err err;

	ck_assert(bytes || !len);
	if (len)
		memcpy(bytes, forms[_i].bytes, len);
	err = form_parse(arena, bytes, len, NULL, &form, &fail);
	if (forms[_i].detail) {
		ck_assert_int_eq(err, ERR_INPUT);
		ck_assert_str_eq(fail.detail, forms[_i].detail);
		ck_assert_uint_eq(form.count, 99);
		free(bytes);
		return;
	}
	ck_assert_msg(!err, "%s", fail.detail);
	for (; count < PAIRS && forms[_i].pairs[2 * count]; count++) {
		ck_assert_uint_lt(count, form.count);
		ck_assert_str_eq(form.fields[count].name, forms[_i].pairs[2 * count]);
		ck_assert_str_eq(
		    form_value(&form, forms[_i].pairs[2 * count]), forms[_i].pairs[2 * count + 1]);
	}
	ck_assert_uint_eq(form.count, count);
	ck_assert_ptr_null(form_value(&form, "nothing"));
	free(bytes);
}
END_TEST

/* A page's arena is not spent on what a form might have been. */
START_TEST(room)
{
	static char bytes[10000];
	struct form form;
	struct fail fail;

	memset(bytes, '+', sizeof(bytes));
	ck_assert(!form_parse(arena, bytes, sizeof(bytes), NULL, &form, &fail));
	ck_assert_uint_le(arena_used(arena), 2 * sizeof(bytes) + 100);
}
END_TEST

/* What other programs put into an address or a form is nothing to us, however it looks. */
static const struct {
	const char *bytes, *tz; /* NULL: refused */
} strange[] = {
    {"tz=UTC&utm_source=a&utm_source=b", "UTC"},
    {"%E9=%E9&x=50%off&tz=UTC&%zz", "UTC"},
    {"a&a&a=1&a=2&tz=UTC", "UTC"},
    {"TZ=x&tz=UTC&tz%00=y", "UTC"},
    {"t%7A=UTC", "UTC"},
    {"tz=%ff", "\uFFFD"},
    {"tz=UTC&tz=UTC", NULL},
};

START_TEST(strange_names)
{
	static const char *const names[] = {"id", "tz", NULL};
	const char *bytes = strange[_i].bytes;
	struct form form = {.count = 0};
	struct fail fail = {0};
	enum err err = form_parse(arena, bytes, strlen(bytes), names, &form, &fail);

	ck_assert_int_eq(err, strange[_i].tz ? ERR_NONE : ERR_INPUT);
	if (!err) {
		ck_assert_uint_eq(form.count, 1);
		ck_assert_str_eq(form_value(&form, "tz"), strange[_i].tz);
	}
}
END_TEST

START_TEST(many_strange_names)
{
	static const char *const names[] = {"tz", NULL};
	struct text text = text_new(arena, 20000);
	struct form form = {.count = 0};
	struct fail fail = {0};

	for (int i = 0; i < 1000; i++)
		text_printf(&text, "x%d=%d&", i, i);
	text_str(&text, "tz=UTC");
	ck_assert_int_eq(form_parse(arena, text.data, text.len, names, &form, &fail), ERR_NONE);
	ck_assert_str_eq(form_value(&form, "tz"), "UTC");
}
END_TEST

START_TEST(as_many_fields_as_fit)
{
	char text[FORM_FIELDS * 4 + 8] = "";
	struct form form = {.count = 0};
	struct fail fail = {0};

	for (int i = 0; i < FORM_FIELDS; i++)
		sprintf(text + strlen(text), "%d=&", i);
	ck_assert_int_eq(form_parse(arena, text, strlen(text), NULL, &form, &fail), ERR_NONE);
	ck_assert_uint_eq(form.count, FORM_FIELDS);
	strcat(text, "x");
	ck_assert_int_eq(form_parse(arena, text, strlen(text), NULL, &form, &fail), ERR_INPUT);
	ck_assert_str_eq(fail.detail, "there are more than 32 fields");
}
END_TEST

START_TEST(full_arena)
{
	struct arena *small = arena_new(8);
	struct form form = {.count = 99};
	struct fail fail = {0};

	ck_assert_int_eq(form_parse(small, "name=value", 10, NULL, &form, &fail), ERR_SYSTEM);
	ck_assert_uint_eq(form.count, 99);
	arena_free(small);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("form");
	TCase *parsing = tcase_create("parse");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(parsing, set_up, tear_down);
	tcase_add_loop_test(parsing, parse, 0, (int)COUNT(forms));
	tcase_add_test(parsing, room);
	tcase_add_loop_test(parsing, strange_names, 0, (int)COUNT(strange));
	tcase_add_test(parsing, many_strange_names);
	tcase_add_test(parsing, as_many_fields_as_fit);
	tcase_add_test(parsing, full_arena);
	suite_add_tcase(suite, parsing);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

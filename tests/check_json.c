/* SPDX-License-Identifier: MIT */
/* check_json.c: documents, their members, and objects as forms */
#include "net/json.h"
#include "times.h"

#include <json-c/json.h>
#include <string.h>

#define PAIRS 4

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

#define BAD "the body is not a JSON object in UTF-8"
#define TWICE "a member stands twice"
#define HOLDS_NUL "a text holds a NUL"
#define ODD "a member is neither text nor a whole number"

/* len 0: the text's own. */
static const struct {
	const char *bytes;
	size_t len;
	const char *pairs[2 * PAIRS];
	const char *detail;
} objects[] = {
    {"{}", 0, {NULL}, NULL},
    {" \r\n\t{ } \n", 0, {NULL}, NULL},
    {"{\"a\":\"1\"}", 0, {"a", "1"}, NULL},
    {"{\"a\":\"\",\"\":\"b\"}", 0, {"a", "", "", "b"}, NULL},
    {"{\"a\":7,\"b\":-7,\"c\":0}", 0, {"a", "7", "b", "-7", "c", "0"}, NULL},
    {"{\"a\":true,\"b\":false,\"c\":null}", 0, {"a", "true", "b", "false"}, NULL},
    {"{\"a\":9223372036854775807}", 0, {"a", "9223372036854775807"}, NULL},
    {"{\"a\":\"\\u0041\\n\\\"\\\\\\/\"}", 0, {"a", "A\n\"\\/"}, NULL},
    {"{\"a\":\"\\ud83d\\ude00\"}", 0, {"a", "\xf0\x9f\x98\x80"}, NULL},
    {"{\"a\":\"\xc3\xa9%41+\"}", 0, {"a", "\xc3\xa9%41+"}, NULL}, /* nothing is decoded twice */
    {"{\"a\":\"{\\\"b\\\":1}\"}", 0, {"a", "{\"b\":1}"}, NULL},
    {"{\"a\":1}x", 7, {"a", "1"}, NULL},
    {"", 0, {NULL}, BAD},
    {" ", 0, {NULL}, BAD},
    {"{", 0, {NULL}, BAD},
    {"{\"a\":\"1\"", 0, {NULL}, BAD},
    {"{\"a\":\"1", 0, {NULL}, BAD},
    {"{\"a\"}", 0, {NULL}, BAD},
    {"{a:1}", 0, {NULL}, BAD},
    {"{\"a\":1,}", 0, {NULL}, BAD},
    {"{\"a\":1}{}", 0, {NULL}, BAD},
    {"{\"a\":1} x", 0, {NULL}, BAD},
    {"{\"a\":1}]", 0, {NULL}, BAD},
    {"{\"a\":1}\0", 8, {NULL}, BAD},
    {"{\"a\":1}\0{\"a\":2}", 15, {NULL}, BAD},
    {"{\"a\":1\0}", 8, {NULL}, BAD},
    {"{\"a\":\"1\0\"}", 10, {NULL}, BAD},
    {"{\"a\":1} // x", 0, {NULL}, BAD},
    {"/* x */{}", 0, {NULL}, BAD},
    {"\xef\xbb\xbf{}", 0, {NULL}, BAD},
    {"{\"a\":\"\xff\"}", 0, {NULL}, BAD},
    {"{\"a\":\"\xed\xa0\x80\"}", 0, {NULL}, BAD},
    {"{\"a\":01}", 0, {NULL}, BAD},
    {"{\"a\":TRUE}", 0, {NULL}, BAD},
    {"{'a':1}", 0, {NULL}, BAD},
    {"{\"a\":'1'}", 0, {NULL}, BAD},
    {"{\"a\":\"it's\"}", 0, {"a", "it's"}, NULL},
    {"{\"a\":\":{\\\"\",\"b\":1}", 0, {"a", ":{\"", "b", "1"}, NULL},
    {"{\"a\":1,\"a\":2}", 0, {NULL}, TWICE},
    {"{\"a\":null,\"a\":2}", 0, {NULL}, TWICE},
    /* What nobody asks for is JSON, too. */
    {"{\"x\":{\"y\":1,\"y\":2}}", 0, {NULL}, TWICE},
    {"{\"x\":[[],{\"y\":1,\"z\":{},\"\\u0079\":2}]}", 0, {NULL}, TWICE},
    {"{\"a\":-01}", 0, {NULL}, BAD},
    {"{\"a\":00}", 0, {NULL}, BAD},
    {"{\"a\":1.}", 0, {NULL}, BAD},
    {"{\"x\":[2.e3]}", 0, {NULL}, BAD},
    {"{\"x\":-Infinity}", 0, {NULL}, BAD},
    {"{\"x\":[Infinity]}", 0, {NULL}, BAD},
    {"{\"a\":0}", 0, {"a", "0"}, NULL},
    {"{\"a\":-0}", 0, {"a", "0"}, NULL},
    {"{\"a\":-10.5E+07}", 0, {NULL}, ODD},
    {"{\"a\":\"NaN, Infinity, -01\"}", 0, {"a", "NaN, Infinity, -01"}, NULL},
    {"{\"a\":1,\"\\u0061\":2}", 0, {NULL}, TWICE},
    {"[]", 0, {NULL}, BAD},
    {"\"a\"", 0, {NULL}, BAD},
    {"7", 0, {NULL}, BAD},
    {"null", 0, {NULL}, BAD},
    {"a=1", 0, {NULL}, BAD},
    {"{\"a\":1.5}", 0, {NULL}, ODD},
    {"{\"a\":1e3}", 0, {NULL}, ODD},
    {"{\"a\":1e03}", 0, {NULL}, ODD},
    {"{\"a\":2e-07}", 0, {NULL}, ODD},
    {"{\"a\":NaN}", 0, {NULL}, BAD},
    {"{\"a\":{}}", 0, {NULL}, ODD},
    {"{\"a\":[]}", 0, {NULL}, ODD},
    {"{\"a\":[\"1\"]}", 0, {NULL}, ODD},
    {"{\"a\":\"1\\u00002\"}", 0, {NULL}, HOLDS_NUL}, /* a NUL would cut the text short */
    {"{\"a\":\"\\u0000\"}", 0, {NULL}, HOLDS_NUL},
    {"{\"a\":\"\\u00g0\"}", 0, {NULL}, BAD},
    {"{\"a\":\"\\u00\"}", 0, {NULL}, BAD},
    {"{\"a\\u0000x\":\"1\"}", 0, {NULL}, HOLDS_NUL},
    {"{\"a\":\"xu0000\\n0000\"}", 0, {"a", "xu0000\n0000"}, NULL},
    {"{\"a\":\"\\\\u0000\"}", 0, {"a", "\\u0000"}, NULL},
    {"{\"a\":\"1\t2\"}", 0, {NULL}, BAD},
    {"{\"a\":\"1\n2\"}", 0, {NULL}, BAD},
    {"{\"a\x1f\":\"1\"}", 0, {NULL}, BAD},
    {"{\"a\":\"\x7f\"}", 0, {"a", "\x7f"}, NULL},
    {"{\"x\":{\"y\":[\"\x01\"]}}", 0, {NULL}, BAD},
    {"{\"a\":\"\\ud800\"}", 0, {NULL}, BAD},
    {"{\"a\":\"\\udbff\"}", 0, {NULL}, BAD},
    {"{\"a\":\"\\udc00\"}", 0, {NULL}, BAD},
    {"{\"a\":\"\\udfff\"}", 0, {NULL}, BAD},
    {"{\"a\":\"\\ud7ff\"}", 0, {"a", "\xed\x9f\xbf"}, NULL},
    {"{\"a\":\"\\ue000\"}", 0, {"a", "\xee\x80\x80"}, NULL},
    {"{\"a\":\"\\ud800\\udc00\"}", 0, {"a", "\xf0\x90\x80\x80"}, NULL},
    {"{\"a\":\"\\udbff\\udfff\"}", 0, {"a", "\xf4\x8f\xbf\xbf"}, NULL},
    {"{\"a\":\"\\ud83d\\ude00\",\"b\":\"::\"}", 0, {"a", "\xf0\x9f\x98\x80", "b", "::"}, NULL},
    {"{\"a\":\"\\uD83Dx\\uDE00\"}", 0, {NULL}, BAD},
    {"{\"a\":\"\\ud83d\\ud83d\\ude00\"}", 0, {NULL}, BAD},
    {"{\"a\":\"\\ude00\\ud83d\"}", 0, {NULL}, BAD},
    {"{\"a\":\"\\uDFFF\"}", 0, {NULL}, BAD},
    {"{\"a\":\"\\uD83D\\uDE00\\ud7ff\\ue000\"}", 0,
	{"a", "\xf0\x9f\x98\x80\xed\x9f\xbf\xee\x80\x80"}, NULL},
    {"{\"\\ud800\":1}", 0, {NULL}, BAD},
    {"{\"a\":18446744073709551614}", 0, {"a", "18446744073709551614"}, NULL},
    {"{\"a\":18446744073709551616}", 0, {NULL}, ODD},
    {"{\"a\":99999999999999999999}", 0, {NULL}, ODD},
    {"{\"a\":-9223372036854775807}", 0, {"a", "-9223372036854775807"}, NULL},
    {"{\"a\":-9223372036854775809}", 0, {NULL}, ODD},
    {"{\"a\":-99999999999999999999}", 0, {NULL}, ODD},
};

START_TEST(object_as_form)
{
	size_t len = objects[_i].len ? objects[_i].len : strlen(objects[_i].bytes), count = 0;
	char *bytes = malloc(len); /* of exactly this size, for the sanitizers */
	struct form form = {.count = 99};
	struct fail fail = {0};
	enum err err;

	ck_assert(bytes || !len);
	if (len)
		memcpy(bytes, objects[_i].bytes, len);
	err = json_form(arena, bytes, len, NULL, &form, &fail);
	free(bytes);
	if (objects[_i].detail) {
		ck_assert_int_eq(err, ERR_INPUT);
		ck_assert_str_eq(fail.detail, objects[_i].detail);
		ck_assert_uint_eq(form.count, 99);
		return;
	}
	ck_assert_msg(!err, "%s", fail.detail);
	for (; count < PAIRS && objects[_i].pairs[2 * count]; count++) {
		ck_assert_uint_lt(count, form.count);
		ck_assert_str_eq(form.fields[count].name, objects[_i].pairs[2 * count]);
		ck_assert_str_eq(form.fields[count].value, objects[_i].pairs[2 * count + 1]);
	}
	ck_assert_uint_eq(form.count, count);
}
END_TEST

START_TEST(strange_names)
{
	static const char *const names[] = {"tz", NULL};
	static const char text[] = "{\"x\":{\"tz\":1,\"x\":2},\"y\":[1.5],\"tz\":\"UTC\"}";
	static const char twice[] = "{\"x\":1,\"x\":2,\"tz\":\"UTC\"}";
	static const char list[] = "{\"x\":[{\"y\":1},{\"y\":2,\"z\":3},4],\"tz\":\"UTC\"}";
	static const char twice_there[] = "{\"x\":[{\"y\":1},{\"z\":2,\"z\":3}],\"tz\":\"UTC\"}";
	struct form form = {.count = 0};
	struct fail fail = {0};

	ck_assert_int_eq(json_form(arena, text, strlen(text), names, &form, &fail), ERR_NONE);
	ck_assert_uint_eq(form.count, 1);
	ck_assert_str_eq(form_value(&form, "tz"), "UTC");
	ck_assert_int_eq(json_form(arena, twice, strlen(twice), names, &form, &fail), ERR_INPUT);
	/* In each of a list, too. */
	ck_assert_int_eq(json_form(arena, list, strlen(list), names, &form, &fail), ERR_NONE);
	ck_assert_str_eq(form_value(&form, "tz"), "UTC");
	ck_assert_int_eq(
	    json_form(arena, twice_there, strlen(twice_there), names, &form, &fail), ERR_INPUT);
	ck_assert_str_eq(fail.detail, TWICE);
}
END_TEST

START_TEST(as_many_members_as_fit)
{
	char text[FORM_FIELDS * 8 + 20] = "{";
	struct form form = {.count = 0};
	struct fail fail = {0};

	for (int i = 0; i < FORM_FIELDS; i++)
		sprintf(text + strlen(text), "%s\"%d\":1", i ? "," : "", i);
	strcat(text, "}");
	ck_assert_int_eq(json_form(arena, text, strlen(text), NULL, &form, &fail), ERR_NONE);
	ck_assert_uint_eq(form.count, FORM_FIELDS);
	strcpy(text + strlen(text) - 1, ",\"x\":1}");
	ck_assert_int_eq(json_form(arena, text, strlen(text), NULL, &form, &fail), ERR_INPUT);
}
END_TEST

START_TEST(full_arena)
{
	struct arena *small = arena_new(4);
	struct form form = {.count = 99};
	struct fail fail = {0};

	ck_assert_int_eq(json_form(small, "{\"abcdefgh\":1}", 14, NULL, &form, &fail), ERR_SYSTEM);
	ck_assert_uint_eq(form.count, 99);
	arena_free(small);
}
END_TEST

START_TEST(depth)
{
	char text[200];

	for (size_t deep = 1; deep < 60; deep++) {
		struct json_object *object;

		memset(text, '[', deep);
		memset(text + deep, ']', deep);
		object = json_read(text, 2 * deep);
		ck_assert_msg((object != NULL) == (deep <= 16), "%zu deep", deep);
		json_object_put(object);
	}
}
END_TEST

START_TEST(document)
{
	static const struct {
		const char *text;
		bool is_fine;
	} documents[] = {{"7", true}, {"-7", true}, {"\"a\"", true}, {"true", true}, {"[]", true},
	    {"[1,2]", true}, {"7 8", false}, {"7x", false}, {"tru", false}, {"", false},
	    {"nul", false}, {"[1 2]", false}, {"1", true}, {"-", false}};

	for (size_t i = 0; i < COUNT(documents); i++) {
		struct json_object *object =
		    json_read(documents[i].text, strlen(documents[i].text));

		ck_assert_msg((object != NULL) == documents[i].is_fine, "%s", documents[i].text);
		json_object_put(object);
	}
	/* A NUL is no end. */
	ck_assert_ptr_null(json_read("{}\0{}", 5));
	ck_assert_ptr_null(json_read("{}", 3));
}
END_TEST

START_TEST(members)
{
	static const char text[] =
	    "{\"t\":\"x\",\"n\":7,\"s\":\"7\",\"o\":{},\"z\":null,\"d\":1.0}";
	struct json_object *object = json_read(text, strlen(text));
	int64_t number = -1;

	ck_assert_ptr_nonnull(object);
	ck_assert_str_eq(json_text(object, "t"), "x");
	ck_assert_ptr_null(json_text(object, "n"));
	ck_assert_ptr_null(json_text(object, "o"));
	ck_assert_ptr_null(json_text(object, "z"));
	ck_assert_ptr_null(json_text(object, "none"));
	ck_assert_ptr_null(json_text(NULL, "t"));
	ck_assert(!json_integer(object, "s", &number) && !json_integer(object, "d", &number) &&
		  !json_integer(object, "z", &number) && !json_integer(NULL, "n", &number));
	ck_assert_int_eq(number, -1);
	ck_assert(json_integer(object, "n", &number) && number == 7);
	ck_assert_ptr_nonnull(json_member(object, "o"));
	ck_assert_ptr_null(json_member(json_member(object, "n"), "t"));
	ck_assert_ptr_null(json_member(NULL, "t"));
	json_object_put(object);
}
END_TEST

START_TEST(written)
{
	struct json_object *object = json_object_new_object();
	struct arena *small = arena_new(4);

	json_object_object_add(object, "a", json_object_new_string("\"\\/\n\xc3\xa9"));
	ck_assert_str_eq(json_write(arena, object), "{\"a\":\"\\\"\\\\/\\n\xc3\xa9\"}");
	ck_assert_ptr_null(json_write(small, json_object_new_string("longer")));
	ck_assert_ptr_null(json_write(arena, NULL));
	arena_free(small);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("json");
	TCase *forms = tcase_create("form"), *documents = tcase_create("document");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(forms, set_up, tear_down);
	tcase_add_loop_test(forms, object_as_form, 0, (int)COUNT(objects));
	tcase_add_test(forms, strange_names);
	tcase_add_test(forms, as_many_members_as_fit);
	tcase_add_test(forms, full_arena);
	suite_add_tcase(suite, forms);
	tcase_add_checked_fixture(documents, set_up, tear_down);
	tcase_add_test(documents, document);
	tcase_add_test(documents, depth);
	tcase_add_test(documents, members);
	tcase_add_test(documents, written);
	suite_add_tcase(suite, documents);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: MIT */
/* check_token.c: a form's token, and the ids that follow from tokens and clients' keys */
#include "web/token.h"
#include "secrets.h"
#include "times.h"

#include <sodium.h>
#include <string.h>

#define NOW INT64_C(1796000000123)

static struct secret *key, *other_key;
static int64_t made;

static void set_up(void)
{
	key = make_secret("0123456789abcdef0123456789abcdef");
	other_key = make_secret("0123456789abcdef0123456789abcdeg");
}

static void tear_down(void)
{
	free(key);
	free(other_key);
}

START_TEST(own_token)
{
	char token[TOKEN_TEXT], second[TOKEN_TEXT], id[UUID_TEXT];
	struct uuid booking, again, other;

	ck_assert_ptr_eq(token_make(key, NOW, token), token);
	ck_assert_uint_eq(strspn(token, "0123456789abcdef"), TOKEN_TEXT - 1);
	ck_assert(token_booking(key, token, &booking, &made));
	ck_assert(token_booking(key, token, &again, &made));
	ck_assert(uuid_equal(&booking, &again));
	ck_assert_int_eq(made, NOW);
	/* A version 4 UUID by its form, and no part of the token. */
	uuid_format(&booking, id);
	ck_assert_int_eq(id[14], '4');
	ck_assert_ptr_null(
	    strstr(token, (char[]){id[0], id[1], id[2], id[3], id[4], id[5], id[6], id[7], 0}));
	token_make(key, NOW, second);
	ck_assert_str_ne(token, second);
	ck_assert(token_booking(key, second, &other, &made));
	ck_assert(!uuid_equal(&booking, &other));
}
END_TEST

/* Any character changed, left out or added, and another key. */
START_TEST(foreign_token)
{
	char token[TOKEN_TEXT], changed[TOKEN_TEXT + 1];
	struct uuid booking = {{42}};

	token_make(key, NOW, token);
	for (size_t i = 0; i < TOKEN_TEXT - 1; i++) {
		strcpy(changed, token);
		changed[i] = token[i] == '0' ? '1' : '0';
		ck_assert(!token_booking(key, changed, &booking, &made));
		changed[i] = 'g';
		ck_assert(!token_booking(key, changed, &booking, &made));
		strcpy(changed, token);
		changed[i] = '\0';
		ck_assert(!token_booking(key, changed, &booking, &made));
	}
	strcpy(changed, token);
	strcat(changed, "0");
	ck_assert(!token_booking(key, changed, &booking, &made));
	ck_assert(!token_booking(key, "", &booking, &made));
	ck_assert(!token_booking(other_key, token, &booking, &made));
	ck_assert(booking.bytes[0] == 42 && booking.bytes[1] == 0);
}
END_TEST

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Of one moment, so that nothing but chance tells them apart. */
START_TEST(a_thousand)
{
	static char tokens[1000][TOKEN_TEXT];

	for (size_t i = 0; i < COUNT(tokens); i++)
		token_make(key, NOW, tokens[i]);
	qsort(tokens, COUNT(tokens), sizeof(tokens[0]), compare);
	for (size_t i = 1; i < COUNT(tokens); i++)
		ck_assert_str_ne(tokens[i - 1], tokens[i]);
}
END_TEST

/* Each list another id, the same list the same; texts do not run together. */
START_TEST(names)
{
	static const char *const lists[][4] = {{"k"}, {"k", "a"}, {"k", "a", "b"}, {"k", "ab"},
	    {"k", "ab", ""}, {"k", "", "ab"}, {"k", "b", "a"}, {"ka"}, {"", "k"}, {"", "k", "a"},
	    {"b", "k", "a"}, {"kb", "a"}, {""}};
	struct uuid ids[COUNT(lists)], again;
	char id[UUID_TEXT];

	for (size_t i = 0; i < COUNT(lists); i++) {
		size_t count = 0;

		while (count < 3 && lists[i][count + 1])
			count++;
		ids[i] = token_name(key, lists[i][0], &lists[i][1], count);
		again = token_name(key, lists[i][0], &lists[i][1], count);
		ck_assert(uuid_equal(&ids[i], &again));
		again = token_name(other_key, lists[i][0], &lists[i][1], count);
		ck_assert(!uuid_equal(&ids[i], &again));
		for (size_t j = 0; j < i; j++)
			ck_assert_msg(!uuid_equal(&ids[i], &ids[j]), "%zu and %zu", i, j);
	}
	/* Whatever stands in memory behind a text. */
	again = token_name(key, "k\0x", (const char *const[]){"a\0y"}, 1);
	ck_assert(uuid_equal(&again, &ids[1]));
	/* And in every version of this program: a client repeats itself after an upgrade. */
	ck_assert_str_eq(uuid_format(&again, id), "447055a0-6873-4eeb-8d33-07cb5e85d621");
}
END_TEST

/* A form that was opened before an upgrade is sent after it. */
START_TEST(token_of_before)
{
	struct uuid booking;
	char id[UUID_TEXT];

	ck_assert(token_booking(key,
	    "000001a229f1287b515d62a8784e7fc71e5f8dc51b04f565936f2bd7797ee03b", &booking, &made));
	ck_assert_int_eq(made, NOW);
	ck_assert_str_eq(uuid_format(&booking, id), "db783fd1-3128-47c6-be1e-613a9c1e52e3");
}
END_TEST

START_TEST(key_longer_than_a_hash_takes)
{
	char text[4097], token[TOKEN_TEXT];
	struct secret *long_key;
	struct uuid booking;

	memset(text, 'k', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	long_key = make_secret(text);
	token_make(long_key, NOW, token);
	ck_assert(token_booking(long_key, token, &booking, &made));
	ck_assert(!token_booking(key, token, &booking, &made));
	free(long_key);
}
END_TEST

static const struct {
	int64_t age_ms;
	bool is_current;
} ages[] = {{0, true}, {1, true}, {86399999, true}, {86400000, false},
    {INT64_C(31536000000), false}, {-299999, true}, {-300000, false}};

START_TEST(age)
{
	ck_assert_int_eq(token_is_current(NOW - ages[_i].age_ms, NOW), ages[_i].is_current);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("token");
	TCase *tokens = tcase_create("token");
	SRunner *runner = srunner_create(suite);
	int failed;

	if (sodium_init() < 0)
		return 1;
	tcase_add_checked_fixture(tokens, set_up, tear_down);
	tcase_add_test(tokens, own_token);
	tcase_add_loop_test(tokens, age, 0, (int)COUNT(ages));
	tcase_add_test(tokens, a_thousand);
	tcase_add_test(tokens, foreign_token);
	tcase_add_test(tokens, names);
	tcase_add_test(tokens, token_of_before);
	tcase_add_test(tokens, key_longer_than_a_hash_takes);
	suite_add_tcase(suite, tokens);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

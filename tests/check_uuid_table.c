/* SPDX-License-Identifier: MIT */
/* check_uuid_table.c: the table of ids finds what was put into it, however the ids were made */
#include "base/uuid_table.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define MANY 24000 /* nearly three quarters of 32768 */

/* Ids as they come: random ones, and ones that an import counted up in either half. */
enum maker { RANDOM, COUNTED_LOW, COUNTED_HIGH, MAKERS };

static struct uuid make(enum maker maker, uint32_t number)
{
	struct uuid id = {{0}};

	if (maker == RANDOM)
		return uuid_random();
	memcpy(id.bytes + (maker == COUNTED_LOW ? 12 : 0), &number, sizeof(number));
	return id;
}

static uint32_t put(struct uuid_table *table, const struct uuid *id)
{
	if (!uuid_table_reserve(table))
		ck_abort_msg("no memory");
	return uuid_table_put(table, id);
}

START_TEST(finds_all)
{
	struct uuid_table table = {0};

	for (uint32_t i = 0; i < MANY; i++) {
		struct uuid id = make((enum maker)_i, i + 1);

		if (uuid_table_find(&table, &id) != UUID_TABLE_NONE || put(&table, &id) != i)
			ck_abort_msg("id %u", i);
	}
	ck_assert_uint_eq(table.count, MANY);
	for (uint32_t i = 0; i < MANY; i++) {
		struct uuid id = table.ids[i];

		if (uuid_table_find(&table, &id) != i)
			ck_abort_msg("id %u is not found", i);
	}
	uuid_table_free(&table);
}
END_TEST

/* The longest way to an id, for ids that differ in few bits: a table in which they crowd would
 * still find them, only slowly. */
START_TEST(spreads)
{
	struct uuid_table table = {0};
	size_t run = 0, longest = 0;

	for (uint32_t i = 0; i < MANY; i++) {
		struct uuid id = make((enum maker)_i, i + 1);

		put(&table, &id);
	}
	for (size_t i = 0; i < table.size; i++) {
		run = table.slots[i] ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	/* Random places at this load come to runs of a hundred or two at most. */
	ck_assert_uint_lt(longest, 400);
	uuid_table_free(&table);
}
END_TEST

START_TEST(empty)
{
	struct uuid_table table = {0};
	struct uuid nil = {{0}};

	ck_assert_uint_eq(uuid_table_find(&table, &nil), UUID_TABLE_NONE);
	/* The nil id is an id like others. */
	ck_assert_uint_eq(put(&table, &nil), 0);
	ck_assert_uint_eq(uuid_table_find(&table, &nil), 0);
	uuid_table_free(&table);
	ck_assert_uint_eq(uuid_table_find(&table, &nil), UUID_TABLE_NONE);
	uuid_table_free(&table);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("uuid_table");
	TCase *tcase = tcase_create("uuid_table");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tcase, finds_all, 0, MAKERS);
	tcase_add_loop_test(tcase, spreads, 0, MAKERS);
	tcase_add_test(tcase, empty);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

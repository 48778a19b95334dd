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

	uuid_table_expect(&table, &nil); /* of no slots */
	ck_assert_uint_eq(uuid_table_find(&table, &nil), UUID_TABLE_NONE);
	/* The nil id is an id like others. */
	ck_assert_uint_eq(put(&table, &nil), 0);
	ck_assert_uint_eq(uuid_table_find(&table, &nil), 0);
	uuid_table_free(&table);
	ck_assert_uint_eq(uuid_table_find(&table, &nil), UUID_TABLE_NONE);
	uuid_table_free(&table);
}
END_TEST

/* Slots for so many ids: a power of two of which three quarters are used at most. */
static const size_t rooms[][2] = {
    {0, 64}, {1, 64}, {48, 64}, {49, 128}, {96, 128}, {97, 256}, {24576, 32768}, {24577, 65536}};

START_TEST(slots)
{
	ck_assert_uint_eq(uuid_table_slots(rooms[_i][0]), rooms[_i][1]);
}
END_TEST

/* In memory of somebody's, with more room than the first has or with as much; it grows apart from
 * it, and the first is what it was. */
START_TEST(copied)
{
	static const size_t counts[] = {0, 1, 31, 48, 49, 1000};
	size_t count = counts[_i / 3], room = count + (size_t)(_i % 3) * (count + 20);
	struct uuid *ids = calloc(room + 1, sizeof(*ids));
	uint32_t *lent = calloc(uuid_table_slots(room), sizeof(*lent));
	struct uuid_table table = {0}, other;

	ck_assert(ids && lent);
	for (uint32_t i = 0; i < count; i++) {
		struct uuid id = make(COUNTED_LOW, i + 1);

		put(&table, &id);
	}
	uuid_table_copy(&table, ids, lent, room, &other);
	ck_assert(other.is_lent && other.ids == ids && other.slots == lent);
	ck_assert(other.count == count && other.room == room);
	ck_assert_uint_eq(other.size, uuid_table_slots(room));
	for (uint32_t i = 0; i < count + 100; i++) {
		struct uuid id = make(COUNTED_LOW, i + 1);

		ck_assert_uint_eq(uuid_table_find(&other, &id), i < count ? i : UUID_TABLE_NONE);
	}
	for (uint32_t i = (uint32_t)count; i < 3 * count + 200; i++) {
		struct uuid id = make(COUNTED_LOW, i + 1);

		/* While there is room it stays where it is. */
		ck_assert_uint_eq(put(&other, &id), i);
		ck_assert_int_eq(other.is_lent, i < room);
		ck_assert_uint_eq(uuid_table_find(&other, &id), i);
	}
	for (uint32_t i = 0; i < 3 * count + 200; i++) {
		struct uuid id = make(COUNTED_LOW, i + 1);

		ck_assert_uint_eq(uuid_table_find(&other, &id), i);
		ck_assert_uint_eq(uuid_table_find(&table, &id), i < count ? i : UUID_TABLE_NONE);
	}
	uuid_table_free(&other);
	ck_assert(!other.ids && !other.count);
	uuid_table_free(&table);
	/* What was lent is not given back. */
	uuid_table_copy(&table, ids, lent, 0, &other);
	uuid_table_free(&other);
	free(ids);
	free(lent);
}
END_TEST

/* By halves, so that many ids are not copied for each of them. */
START_TEST(grows)
{
	struct uuid_table table = {0};
	size_t room = 0;

	for (uint32_t i = 0; i < 2000; i++) {
		struct uuid id = make(COUNTED_HIGH, i + 1);

		put(&table, &id);
		if (table.room != room)
			ck_assert_uint_eq(table.room, room ? room + room / 2 : 32);
		room = table.room;
		ck_assert_uint_le(4 * table.count, 3 * table.size);
		ck_assert_uint_eq(table.size & (table.size - 1), 0);
		ck_assert(table.size == 64 || table.size < 3 * table.count);
	}
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
	tcase_add_loop_test(tcase, slots, 0, (int)(sizeof(rooms) / sizeof(rooms[0])));
	tcase_add_loop_test(tcase, copied, 0, 18);
	tcase_add_test(tcase, grows);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

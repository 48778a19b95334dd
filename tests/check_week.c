/* SPDX-License-Identifier: MIT */
/* check_week.c: open slots by the reader's days */
#include "core/week.h"
#include "times.h"

/* 2026-12-01, a Tuesday, at midnight UTC. */
#define DAY 1796083200
#define HOUR 3600

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

static struct slot at(int64_t start)
{
	return (struct slot){{start, start + 1800}, 0};
}

START_TEST(days_of_the_reader)
{
	/* 13:00 and 23:00 UTC on two days, and 13:00 two days later. */
	struct slot candidates[] = {at(DAY + 13 * HOUR), at(DAY + 23 * HOUR), at(DAY + 37 * HOUR),
	    at(DAY + 47 * HOUR), at(DAY + 85 * HOUR)};
	struct slot open[] = {candidates[0], candidates[3], candidates[4]};
	struct offer_list all = {candidates, 5}, some = {open, 3};
	struct zone *utc = open_zone("UTC"), *tokyo = open_zone("Asia/Tokyo");
	size_t count;
	struct day *days = week_days(arena, utc, DAY, &all, &some, &count);

	ck_assert_uint_eq(count, 4);
	ck_assert_int_eq(days[0].date, DAY / 86400);
	ck_assert(days[0].candidates == 2 && days[0].open == 1 && days[0].first == 0);
	ck_assert(days[1].candidates == 2 && days[1].open == 1 && days[1].first == 1);
	ck_assert(days[2].candidates == 0 && days[2].open == 0);
	ck_assert(days[3].candidates == 1 && days[3].open == 1 && days[3].first == 2);

	/* In Tokyo 23:00 UTC is the next morning: the first day has one slot, the second is full.
	 */
	days = week_days(arena, tokyo, DAY, &all, &some, &count);
	ck_assert_uint_eq(count, 4);
	ck_assert(days[0].candidates == 1 && days[0].open == 1);
	ck_assert(days[1].candidates == 2 && days[1].open == 0);
	ck_assert(days[2].candidates == 1 && days[2].open == 1 && days[2].first == 1);
	ck_assert(days[3].candidates == 1 && days[3].open == 1 && days[3].first == 2);
	zone_free(utc);
	zone_free(tokyo);
}
END_TEST

/* Packed starts can be later, and more, than those of the grid. */
START_TEST(open_beyond_the_candidates)
{
	struct slot candidates[] = {at(DAY + 23 * HOUR)};
	struct slot open[] = {at(DAY + 23 * HOUR + 300), at(DAY + 24 * HOUR), at(DAY + 25 * HOUR)};
	struct offer_list all = {candidates, 1}, some = {open, 3}, none = {NULL, 0};
	struct zone *utc = open_zone("UTC");
	size_t count;
	struct day *days = week_days(arena, utc, DAY, &all, &some, &count);

	ck_assert_uint_eq(count, 2);
	ck_assert(days[0].candidates == 1 && days[0].open == 1 && days[0].first == 0);
	ck_assert(days[1].candidates == 2 && days[1].open == 2 && days[1].first == 1);
	days = week_days(arena, utc, DAY, &none, &some, &count);
	ck_assert_uint_eq(count, 2);
	ck_assert(days[0].candidates == 1 && days[1].candidates == 2);
	zone_free(utc);
}
END_TEST

/* A window that begins in some weeks is shown from there on. */
START_TEST(window_far_ahead)
{
	struct slot candidates[] = {at(DAY + 7 * 24 * HOUR), at(DAY + 100 * 24 * HOUR)};
	struct offer_list near = {candidates, 2}, far = {candidates + 1, 1};
	struct zone *utc = open_zone("UTC");
	size_t count;
	struct day *days = week_days(arena, utc, DAY, &near, &near, &count);

	ck_assert_uint_eq(count, 101);
	ck_assert(days[0].date == DAY / 86400 && days[7].open == 1);
	days = week_days(arena, utc, DAY, &far, &far, &count);
	ck_assert_uint_eq(count, 1);
	ck_assert(days[0].date == DAY / 86400 + 100 && days[0].open == 1 && days[0].first == 0);
	zone_free(utc);
}
END_TEST

START_TEST(nothing_at_all)
{
	struct offer_list none = {NULL, 0};
	struct zone *utc = open_zone("UTC");
	size_t count = 7;

	ck_assert_ptr_nonnull(week_days(arena, utc, DAY, &none, &none, &count));
	ck_assert_uint_eq(count, 0);
	zone_free(utc);
}
END_TEST

static const struct {
	const char *zone;
	int64_t utc;
	enum day_part part;
} parts[] = {
    {"UTC", DAY, PART_NIGHT},
    {"UTC", DAY + 6 * HOUR - 1, PART_NIGHT},
    {"UTC", DAY + 6 * HOUR, PART_MORNING},
    {"UTC", DAY + 12 * HOUR - 1, PART_MORNING},
    {"UTC", DAY + 12 * HOUR, PART_AFTERNOON},
    {"UTC", DAY + 18 * HOUR, PART_EVENING},
    {"UTC", DAY + 24 * HOUR - 1, PART_EVENING},
    {"UTC", -1, PART_EVENING},
    {"America/New_York", DAY + 13 * HOUR, PART_MORNING},
    {"Asia/Tokyo", DAY + 13 * HOUR, PART_EVENING},
};

START_TEST(part)
{
	struct zone *zone = open_zone(parts[_i].zone);

	ck_assert_int_eq(week_part(zone, parts[_i].utc), parts[_i].part);
	zone_free(zone);
}
END_TEST

START_TEST(midnights)
{
	struct zone *zone = open_zone("America/New_York");
	int64_t date = DAY / 86400;

	ck_assert_int_eq(week_midnight(zone, date), DAY + 5 * HOUR);
	ck_assert_int_eq(slots_date(zone, DAY + 5 * HOUR), date);
	ck_assert_int_eq(slots_date(zone, DAY + 5 * HOUR - 1), date - 1);
	zone_free(zone);
}
END_TEST

/* Where a clock is put back over midnight, the later of two instants may be of the earlier day. */
START_TEST(clock_put_back_over_midnight)
{
	/* At 00:01 on 2010-11-07 St. John's went back to 23:01 on the 6th: 02:31 UTC. */
	const int64_t change = INT64_C(1289097060);
	struct slot slots[] = {at(change + 60), at(change + 2 * HOUR)};
	struct offer_list list = {slots, 2};
	struct zone *zone = open_zone("America/St_Johns");
	size_t count;
	struct day *days;

	ck_assert_int_gt(slots_date(zone, change - 30), slots_date(zone, change + 60));
	days = week_days(arena, zone, change - 30, &list, &list, &count);
	ck_assert_uint_eq(count, 1);
	ck_assert(days[0].candidates == 2 && days[0].open == 2 && days[0].first == 0);
	zone_free(zone);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("week");
	TCase *days = tcase_create("days");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(days, set_up, tear_down);
	tcase_add_test(days, days_of_the_reader);
	tcase_add_test(days, open_beyond_the_candidates);
	tcase_add_test(days, window_far_ahead);
	tcase_add_test(days, nothing_at_all);
	tcase_add_loop_test(days, part, 0, (int)COUNT(parts));
	tcase_add_test(days, midnights);
	tcase_add_test(days, clock_put_back_over_midnight);
	suite_add_tcase(suite, days);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

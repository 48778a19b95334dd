/* SPDX-License-Identifier: MIT */
/* check_conflict.c: lists of intervals, and which slots a busy calendar leaves */
#include "core/conflict.h"
#include "hours.h"
#include "times.h"

#include <string.h>

#define NY "America/New_York"

/* Against the half hour from 1000 to 1030. */
static const struct {
	const char *what;
	struct interval busy;
	bool overlaps;
} overlaps[] = {
    {"ends as it begins", {900, 1000}, false},
    {"begins as it ends", {1030, 1100}, false},
    {"ends one second into it", {900, 1001}, true},
    {"begins one second before its end", {1029, 1100}, true},
    {"equal", {1000, 1030}, true},
    {"inside", {1010, 1020}, true},
    {"around", {900, 1100}, true},
    {"same start, shorter", {1000, 1001}, true},
    {"same end, shorter", {1029, 1030}, true},
    {"long before", {0, 10}, false},
    {"long after", {5000, 6000}, false},
    {"empty, inside", {1010, 1010}, false},
    {"empty, at the start", {1000, 1000}, false},
    {"backwards, around", {1100, 900}, false},
};

START_TEST(half_open)
{
	struct interval call = {1000, 1030}, busy = overlaps[_i].busy;

	ck_assert_msg(
	    interval_overlaps(call, busy) == overlaps[_i].overlaps, "%s", overlaps[_i].what);
	ck_assert_msg(
	    interval_overlaps(busy, call) == overlaps[_i].overlaps, "%s", overlaps[_i].what);
}
END_TEST

static const struct {
	size_t count, merged_count;
	struct interval list[4], merged[4];
} merges[] = {
    {0, 0, {{0, 0}}, {{0, 0}}},
    {1, 0, {{5, 5}}, {{0, 0}}},
    {2, 0, {{5, 4}, {9, 1}}, {{0, 0}}},
    {2, 1, {{1, 2}, {2, 3}}, {{1, 3}}},
    {2, 2, {{1, 2}, {3, 4}}, {{1, 2}, {3, 4}}},
    {3, 2, {{8, 9}, {1, 4}, {2, 3}}, {{1, 4}, {8, 9}}},
    {4, 1, {{1, 2}, {1, 9}, {3, 4}, {9, 10}}, {{1, 10}}},
    {4, 2, {{7, 8}, {5, 5}, {7, 8}, {1, 2}}, {{1, 2}, {7, 8}}},
};

START_TEST(merge)
{
	struct interval list[4];
	size_t count;

	memcpy(list, merges[_i].list, sizeof(list));
	count = intervals_merge(list, merges[_i].count);
	ck_assert_uint_eq(count, merges[_i].merged_count);
	for (size_t i = 0; i < count; i++) {
		ck_assert_int_eq(list[i].start, merges[_i].merged[i].start);
		ck_assert_int_eq(list[i].end, merges[_i].merged[i].end);
	}
}
END_TEST

#define MINUTES 300

static void mark(bool *minutes, struct interval interval, bool value)
{
	for (int64_t at = interval.start; at < interval.end; at++)
		minutes[at] = value;
}

/* The list says what the minutes say, in order, with a gap between each two. */
static void check_list(const struct interval *list, size_t count, const bool *minutes)
{
	bool seen[MINUTES] = {false};

	for (size_t i = 0; i < count; i++) {
		ck_assert_int_lt(list[i].start, list[i].end);
		if (i > 0)
			ck_assert_int_gt(list[i].start, list[i - 1].end);
		mark(seen, list[i], true);
	}
	ck_assert_mem_eq(seen, minutes, sizeof(seen));
}

static struct interval random_interval(uint64_t *random)
{
	int64_t start = random_between(random, 0, MINUTES - 41);

	return (struct interval){start, start + random_between(random, -2, 40)};
}

START_TEST(lists_equal_a_map_of_minutes)
{
	uint64_t random = 3;

	for (int round = 0; round < 5000; round++) {
		size_t count = (size_t)random_between(&random, 0, 12);
		/* Exactly the room that is promised to be enough, for the sanitizers. */
		struct interval *list = calloc(count + 1, sizeof(*list)), hole;
		bool minutes[MINUTES] = {false};
		size_t merged;

		for (size_t i = 0; i < count; i++) {
			list[i] = random_interval(&random);
			mark(minutes, list[i], true);
		}
		merged = intervals_merge(list, count);
		check_list(list, merged, minutes);

		list = reallocarray(list, merged + 1, sizeof(*list));
		ck_assert_ptr_nonnull(list);
		hole = random_interval(&random);
		mark(minutes, hole, false);
		merged = intervals_subtract(list, merged, hole);
		check_list(list, merged, minutes);
		free(list);
	}
}
END_TEST

START_TEST(union_equals_a_map_of_minutes)
{
	uint64_t random = 4;

	for (int round = 0; round < 5000; round++) {
		struct interval lists[2][12], *both;
		bool minutes[MINUTES] = {false};
		size_t counts[2];

		for (int side = 0; side < 2; side++) {
			counts[side] = (size_t)random_between(&random, 0, 12);
			for (size_t i = 0; i < counts[side]; i++) {
				lists[side][i] = random_interval(&random);
				mark(minutes, lists[side][i], true);
			}
			counts[side] = intervals_merge(lists[side], counts[side]);
		}
		both = calloc(counts[0] + counts[1] + 1, sizeof(*both));
		check_list(
		    both, intervals_union(lists[0], counts[0], lists[1], counts[1], both), minutes);
		free(both);
	}
}
END_TEST

/* One event against the slots of Tuesday, December 1, 2026, in New York: 08:00 to 16:30. */
static const struct {
	const char *what, *start, *end;
	int buffer_before, buffer_after;
	const char *gone; /* the local starts that are gone, in order */
} events[] = {
    {"one slot exactly", "2026-12-01T09:00:00-05:00", "2026-12-01T09:30:00-05:00", 0, 0, "09:00 "},
    {"one second into the next slot", "2026-12-01T09:00:00-05:00", "2026-12-01T09:30:01-05:00", 0,
	0, "09:00 09:30 "},
    {"from the last second of a slot", "2026-12-01T09:29:59-05:00", "2026-12-01T10:00:00-05:00", 0,
	0, "09:00 09:30 "},
    {"inside a slot", "2026-12-01T09:10:00-05:00", "2026-12-01T09:20:00-05:00", 0, 0, "09:00 "},
    {"empty", "2026-12-01T09:10:00-05:00", "2026-12-01T09:10:00-05:00", 0, 0, ""},
    {"before opening", "2026-12-01T07:00:00-05:00", "2026-12-01T08:00:00-05:00", 0, 0, ""},
    {"after the last call", "2026-12-01T17:00:00-05:00", "2026-12-01T18:00:00-05:00", 0, 0, ""},
    {"the last call's last minute", "2026-12-01T16:59:00-05:00", "2026-12-01T18:00:00-05:00", 0, 0,
	"16:30 "},
    {"all day", "2026-12-01T00:00:00-05:00", "2026-12-02T00:00:00-05:00", 0, 0,
	"08:00 08:30 09:00 09:30 10:00 10:30 11:00 11:30 12:00 12:30 13:00 13:30 14:00 14:30 15:00 "
	"15:30 16:00 16:30 "},
    {"all of the day before", "2026-11-30T00:00:00-05:00", "2026-12-01T00:00:00-05:00", 0, 0, ""},
    {"all of the day after", "2026-12-02T00:00:00-05:00", "2026-12-03T00:00:00-05:00", 0, 0, ""},
    {"across midnight, into the morning", "2026-11-30T22:00:00-05:00", "2026-12-01T08:45:00-05:00",
	0, 0, "08:00 08:30 "},
    {"across midnight, from the afternoon", "2026-12-01T16:15:00-05:00",
	"2026-12-02T01:00:00-05:00", 0, 0, "16:00 16:30 "},
    {"given in UTC", "2026-12-01T14:00:00Z", "2026-12-01T14:30:00Z", 0, 0, "09:00 "},
    {"given in Kathmandu", "2026-12-01T19:45:00+05:45", "2026-12-01T20:15:00+05:45", 0, 0,
	"09:00 "},
    {"given in Tokyo, on the next date", "2026-12-02T06:00:00+09:00", "2026-12-02T06:30:00+09:00",
	0, 0, "16:00 "},
    {"with time before calls", "2026-12-01T09:00:00-05:00", "2026-12-01T09:30:00-05:00", 15, 0,
	"09:00 09:30 "},
    {"with time after calls", "2026-12-01T09:00:00-05:00", "2026-12-01T09:30:00-05:00", 0, 15,
	"08:30 09:00 "},
    {"buffers that just fit", "2026-12-01T09:15:00-05:00", "2026-12-01T09:45:00-05:00", 15, 15,
	"09:00 09:30 "},
    {"buffers of more than a slot", "2026-12-01T12:00:00-05:00", "2026-12-01T12:30:00-05:00", 31,
	60, "11:00 11:30 12:00 12:30 13:00 "},
};

static const struct plain usual = {
    .days = 0x7e, .first_start = 480, .last_start = 990, .slot_minutes = 30, .window_days = 1};

START_TEST(one_event)
{
	struct interval busy = {instant(events[_i].start), instant(events[_i].end)};
	struct zone *zone = open_zone(NY);
	struct hours hours = hours_of(&usual);
	struct slot all[18], open[18];
	char gone[256] = "";
	size_t count, left, busy_count = intervals_merge(&busy, 1);

	hours.buffer_before = events[_i].buffer_before;
	hours.buffer_after = events[_i].buffer_after;
	ck_assert_uint_eq(slots_bound(&hours), 18);
	count = slots_candidates(&hours, zone, instant("2026-12-01T00:00:00-05:00"), all);
	ck_assert_uint_eq(count, 18);
	memcpy(open, all, sizeof(open));
	left = conflict_filter(&hours, open, count, &busy, busy_count);
	for (size_t i = 0; i < count; i++) {
		char reading[INSTANT_TEXT];

		if (slots_find(open, left, all[i].call.start))
			continue;
		instant_format_slot(all[i].call.start - 5 * 3600, reading);
		reading[strlen("2026-12-01T09:00")] = '\0';
		strcat(gone, reading + strlen("2026-12-01T"));
		strcat(gone, " ");
	}
	ck_assert_msg(strcmp(gone, events[_i].gone) == 0, "%s: gone are %s", events[_i].what, gone);
	zone_free(zone);
}
END_TEST

START_TEST(nothing_busy_leaves_everything)
{
	struct zone *zone = open_zone(NY);
	struct hours hours = hours_of(&usual);
	struct slot slots[18];
	size_t count;

	count = slots_candidates(&hours, zone, instant("2026-12-01T00:00:00-05:00"), slots);
	ck_assert_uint_eq(conflict_filter(&hours, slots, count, NULL, 0), 18);
	ck_assert_uint_eq(conflict_filter(&hours, slots, 0, NULL, 0), 0);
	zone_free(zone);
}
END_TEST

/* The definition: each slot against each interval, merged or not. */
static size_t filter_naively(const struct hours *hours, struct slot *slots, size_t count,
    const struct interval *busy, size_t busy_count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		int64_t start = slots[i].call.start - hours->buffer_before * 60;
		int64_t end = slots[i].call.end + hours->buffer_after * 60;
		bool is_open = true;

		for (size_t j = 0; j < busy_count; j++) {
			if (busy[j].start < busy[j].end && start < busy[j].end &&
			    end > busy[j].start)
				is_open = false;
		}
		if (is_open)
			slots[kept++] = slots[i];
	}
	return kept;
}

START_TEST(filter_equals_its_definition)
{
	static const char *const names[] = {NY, "Australia/Lord_Howe", "Africa/Cairo", "UTC"};
	struct zone *zone = open_zone(names[_i % (int)COUNT(names)]);
	uint64_t random = 4 + (uint64_t)_i;

	for (int round = 0; round < 200; round++) {
		/* Buffers and slots longer than their distance are among them, and dense lists. */
		struct plain plain = {.days = (unsigned)random_between(&random, 1, 127),
		    .first_start = (int)random_between(&random, 0, 720),
		    .last_start = (int)random_between(&random, 720, 1439),
		    .slot_minutes = (int)random_between(&random, 5, 120),
		    .window_days = (int)random_between(&random, 1, 20),
		    .buffer_before = (int)random_between(&random, 0, 90),
		    .buffer_after = (int)random_between(&random, 0, 90)};
		int64_t now = random_between(&random, 1700000000, 2000000000);
		struct hours hours = hours_of(&plain);
		size_t room = slots_bound(&hours), count, left, expected, merged;
		size_t busy_count = (size_t)random_between(&random, 0, 80);
		struct slot *slots = calloc(room, sizeof(*slots));
		struct slot *naive = calloc(room, sizeof(*naive));
		struct interval *busy = calloc(busy_count + 1, sizeof(*busy));

		count = slots_candidates(&hours, zone, now, slots);
		ck_assert_uint_le(count, room);
		memcpy(naive, slots, room * sizeof(*slots));
		for (size_t i = 0; i < busy_count; i++) {
			busy[i].start = now + random_between(&random, -1440, 21 * 1440) * 60;
			busy[i].end = busy[i].start + random_between(&random, -10, 300) * 60 +
				      random_between(&random, -1, 1);
		}
		expected = filter_naively(&hours, naive, count, busy, busy_count);
		merged = intervals_merge(busy, busy_count);
		left = conflict_filter(&hours, slots, count, busy, merged);
		ck_assert_uint_eq(left, expected);
		for (size_t i = 0; i < left; i++) {
			ck_assert_int_eq(slots[i].call.start, naive[i].call.start);
			ck_assert_int_eq(slots[i].call.end, naive[i].call.end);
			ck_assert_int_eq(slots[i].day, naive[i].day);
		}
		free(slots);
		free(naive);
		free(busy);
	}
	zone_free(zone);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("conflict");
	TCase *interval = tcase_create("interval"), *conflict = tcase_create("conflict");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(interval, half_open, 0, (int)COUNT(overlaps));
	tcase_add_loop_test(interval, merge, 0, (int)COUNT(merges));
	tcase_add_test(interval, lists_equal_a_map_of_minutes);
	tcase_add_test(interval, union_equals_a_map_of_minutes);
	suite_add_tcase(suite, interval);
	tcase_set_timeout(conflict, 60);
	tcase_add_loop_test(conflict, one_event, 0, (int)COUNT(events));
	tcase_add_test(conflict, nothing_busy_leaves_everything);
	tcase_add_loop_test(conflict, filter_equals_its_definition, 0, 12);
	suite_add_tcase(suite, conflict);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

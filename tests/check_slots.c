/* SPDX-License-Identifier: MIT */
/* check_slots.c: which half-hours are offered, as somebody who books would see it */
#include "core/slots.h"
#include "hours.h"
#include "times.h"

#include <string.h>

#define NY "America/New_York"
#define SUNDAY 0x01
#define MON_TO_SAT 0x7e
#define EVERY_DAY 0x7f

/* 08:00, 08:30 … 16:30, from Monday to Saturday, today and 13 more days. */
static const struct plain usual = {.days = MON_TO_SAT,
    .first_start = 8 * 60,
    .last_start = 16 * 60 + 30,
    .slot_minutes = 30,
    .window_days = 14};
static const struct plain whole_days = {.days = EVERY_DAY,
    .first_start = 0,
    .last_start = 23 * 60 + 30,
    .slot_minutes = 30,
    .window_days = 3};
static const struct plain every_day = {.days = EVERY_DAY,
    .first_start = 8 * 60,
    .last_start = 16 * 60 + 30,
    .slot_minutes = 30,
    .window_days = 4};
static const struct plain sunday_night = {.days = SUNDAY,
    .first_start = 2 * 60,
    .last_start = 3 * 60 + 30,
    .slot_minutes = 30,
    .window_days = 1};
static const struct plain sunday_repeat = {.days = SUNDAY,
    .first_start = 60,
    .last_start = 2 * 60 + 30,
    .slot_minutes = 30,
    .window_days = 1};

static size_t candidates(
    const struct plain *plain, const char *name, int64_t now, struct slot **out)
{
	struct hours own = hours_of(plain), *hours = &own;
	struct zone *zone = open_zone(name);
	size_t room = slots_bound(hours), count;

	ck_assert_uint_gt(room, 0);
	*out = calloc(room, sizeof(**out));
	ck_assert_ptr_nonnull(*out);
	count = slots_candidates(hours, zone, now, *out);
	ck_assert_uint_le(count, room);
	zone_free(zone);
	return count;
}

static const struct {
	const char *what;
	const struct plain *hours;
	const char *zone, *now;
	size_t count;
	const char *first, *last;
} windows[] = {
    {"in winter", &usual, NY, "2026-12-01T00:00:00-05:00", 216, "2026-12-01T13:00Z",
	"2026-12-14T21:30Z"},
    {"in summer", &usual, NY, "2026-07-01T00:00:00-04:00", 216, "2026-07-01T12:00Z",
	"2026-07-14T20:30Z"},
    {"across the change in spring", &usual, NY, "2026-03-02T07:00:00-05:00", 216,
	"2026-03-02T13:00Z", "2026-03-14T20:30Z"},
    {"across the change in autumn", &usual, NY, "2026-10-26T07:00:00-04:00", 216,
	"2026-10-26T12:00Z", "2026-11-07T21:30Z"},
    {"on the day of the change in spring", &usual, NY, "2026-03-08T01:59:59-05:00", 216,
	"2026-03-09T12:00Z", "2026-03-21T20:30Z"},
    {"on the day of the change in autumn", &usual, NY, "2026-11-01T01:30:00-05:00", 216,
	"2026-11-02T13:00Z", "2026-11-14T21:30Z"},
    {"a second before midnight", &usual, NY, "2026-11-30T23:59:59-05:00", 198, "2026-12-01T13:00Z",
	"2026-12-12T21:30Z"},
    {"at midnight", &usual, NY, "2026-12-01T00:00:00-05:00", 216, "2026-12-01T13:00Z",
	"2026-12-14T21:30Z"},
    {"a second after midnight", &usual, NY, "2026-12-01T00:00:01-05:00", 216, "2026-12-01T13:00Z",
	"2026-12-14T21:30Z"},
    {"a second before midnight in summer", &usual, NY, "2026-06-30T23:59:59-04:00", 198,
	"2026-07-01T12:00Z", "2026-07-13T20:30Z"},
    {"at midnight in summer", &usual, NY, "2026-07-01T00:00:00-04:00", 216, "2026-07-01T12:00Z",
	"2026-07-14T20:30Z"},
    {"midnight in London is not yet midnight", &usual, NY, "2026-12-01T00:00:00Z", 198,
	"2026-12-01T13:00Z", "2026-12-12T21:30Z"},
    {"on a Sunday", &usual, NY, "2026-12-06T10:00:00-05:00", 216, "2026-12-07T13:00Z",
	"2026-12-19T21:30Z"},
    {"in a Sunday's last second", &usual, NY, "2026-12-06T23:59:59-05:00", 216, "2026-12-07T13:00Z",
	"2026-12-19T21:30Z"},
    {"in a Sunday's first second", &usual, NY, "2026-12-06T00:00:00-05:00", 216,
	"2026-12-07T13:00Z", "2026-12-19T21:30Z"},
    {"in a Saturday's last second", &usual, NY, "2026-12-05T23:59:59-05:00", 198,
	"2026-12-07T13:00Z", "2026-12-18T21:30Z"},
    {"across the end of February 2027", &usual, NY, "2027-02-27T00:00:00-05:00", 216,
	"2027-02-27T13:00Z", "2027-03-12T21:30Z"},
    {"from the last day of February 2027, a Sunday", &usual, NY, "2027-02-28T12:00:00-05:00", 216,
	"2027-03-01T13:00Z", "2027-03-13T21:30Z"},
    {"from the leap day", &usual, NY, "2028-02-29T00:00:00-05:00", 216, "2028-02-29T13:00Z",
	"2028-03-13T20:30Z"},
    {"up to the leap day", &usual, NY, "2028-02-16T00:00:00-05:00", 216, "2028-02-16T13:00Z",
	"2028-02-29T21:30Z"},
    {"in the last second of the leap day", &usual, NY, "2028-02-29T23:59:59-05:00", 198,
	"2028-03-01T13:00Z", "2028-03-13T20:30Z"},
    {"across the year's end", &usual, NY, "2026-12-28T00:00:00-05:00", 216, "2026-12-28T13:00Z",
	"2027-01-09T21:30Z"},
    {"in the year's last second", &usual, NY, "2026-12-31T23:59:59-05:00", 198, "2027-01-01T13:00Z",
	"2027-01-13T21:30Z"},
    {"a second before the first start", &usual, NY, "2026-12-01T07:59:59-05:00", 216,
	"2026-12-01T13:00Z", "2026-12-14T21:30Z"},
    {"at the first start", &usual, NY, "2026-12-01T08:00:00-05:00", 215, "2026-12-01T13:30Z",
	"2026-12-14T21:30Z"},
    {"a second before the last start", &usual, NY, "2026-12-01T16:29:59-05:00", 199,
	"2026-12-01T21:30Z", "2026-12-14T21:30Z"},
    {"at the last start", &usual, NY, "2026-12-01T16:30:00-05:00", 198, "2026-12-02T13:00Z",
	"2026-12-14T21:30Z"},
    {"by the footer of the zone, far ahead", &usual, NY, "2060-07-01T00:00:00-04:00", 216,
	"2060-07-01T12:00Z", "2060-07-14T20:30Z"},
    {"half an hour off", &usual, "Asia/Kolkata", "2026-12-01T00:00:00+05:30", 216,
	"2026-12-01T02:30Z", "2026-12-14T11:00Z"},
    {"three quarters of an hour off", &usual, "Asia/Kathmandu", "2026-12-01T00:00:00+05:45", 216,
	"2026-12-01T02:15Z", "2026-12-14T10:45Z"},
    {"half an hour of summer time", &usual, "Australia/Lord_Howe", "2026-03-30T11:00:00+11:00", 209,
	"2026-03-30T00:30Z", "2026-04-11T06:00Z"},
    {"no midnight in Santiago", &whole_days, "America/Santiago", "2026-09-05T00:00:00-04:00", 141,
	"2026-09-05T04:30Z", "2026-09-08T02:30Z"},
    {"25 hours in Santiago", &whole_days, "America/Santiago", "2026-04-04T00:00:00-03:00", 143,
	"2026-04-04T03:30Z", "2026-04-07T03:30Z"},
    {"no midnight in Cairo", &whole_days, "Africa/Cairo", "2026-04-23T00:00:00+02:00", 141,
	"2026-04-22T22:30Z", "2026-04-25T20:30Z"},
    {"25 hours in Cairo", &whole_days, "Africa/Cairo", "2026-10-29T00:00:00+03:00", 143,
	"2026-10-28T21:30Z", "2026-10-31T21:30Z"},
    {"no midnight in Beirut", &whole_days, "Asia/Beirut", "2026-03-28T00:00:00+02:00", 141,
	"2026-03-27T22:30Z", "2026-03-30T20:30Z"},
    {"a day begins at 01:00 in Beirut", &whole_days, "Asia/Beirut", "2026-03-29T01:00:00+03:00",
	141, "2026-03-28T22:30Z", "2026-03-31T20:30Z"},
    {"without December 30 in Samoa", &every_day, "Pacific/Apia", "2011-12-28T00:00:00-10:00", 54,
	"2011-12-28T18:00Z", "2011-12-31T02:30Z"},
    {"two readings are jumped over", &sunday_night, NY, "2026-03-08T00:00:00-05:00", 2,
	"2026-03-08T07:00Z", "2026-03-08T07:30Z"},
    {"an hour is repeated", &sunday_repeat, NY, "2026-11-01T00:00:00-04:00", 4, "2026-11-01T05:00Z",
	"2026-11-01T07:30Z"},
    {"the repeat is not offered", &sunday_repeat, NY, "2026-11-01T01:45:00-04:00", 2,
	"2026-11-01T07:00Z", "2026-11-01T07:30Z"},
    {"a closed day is all there is", &sunday_night, NY, "2026-12-01T00:00:00-05:00", 0, NULL, NULL},
};

START_TEST(window)
{
	const struct plain *hours = windows[_i].hours;
	char first[INSTANT_TEXT], last[INSTANT_TEXT];
	struct slot *slots;
	size_t count = candidates(hours, windows[_i].zone, instant(windows[_i].now), &slots);

	ck_assert_msg(count == windows[_i].count, "%s: %zu", windows[_i].what, count);
	if (count > 0) {
		instant_format_slot(slots[0].call.start, first);
		instant_format_slot(slots[count - 1].call.start, last);
		ck_assert_msg(
		    strcmp(first, windows[_i].first) == 0 && strcmp(last, windows[_i].last) == 0,
		    "%s: %s to %s", windows[_i].what, first, last);
	}
	for (size_t i = 0; i < count; i++) {
		ck_assert_int_eq(slots[i].call.end - slots[i].call.start, hours->slot_minutes * 60);
		ck_assert_int_gt(slots[i].call.start, instant(windows[_i].now));
		if (i > 0)
			ck_assert_int_gt(slots[i].call.start, slots[i - 1].call.start);
	}
	free(slots);
}
END_TEST

static const struct {
	const char *what;
	const struct plain *hours;
	const char *now, *slot;
	int day; /* -1: not offered */
} offers[] = {
    {"the first start", &usual, "2026-12-01T00:00:00-05:00", "2026-12-01T08:00:00-05:00", 0},
    {"before the first start", &usual, "2026-12-01T00:00:00-05:00", "2026-12-01T07:30:00-05:00",
	-1},
    {"the last start", &usual, "2026-12-01T00:00:00-05:00", "2026-12-01T16:30:00-05:00", 0},
    {"after the last start", &usual, "2026-12-01T00:00:00-05:00", "2026-12-01T17:00:00-05:00", -1},
    {"between two starts", &usual, "2026-12-01T00:00:00-05:00", "2026-12-01T08:15:00-05:00", -1},
    {"a second off", &usual, "2026-12-01T00:00:00-05:00", "2026-12-01T08:30:01-05:00", -1},
    {"a Saturday", &usual, "2026-12-01T00:00:00-05:00", "2026-12-05T08:00:00-05:00", 4},
    {"a Sunday", &usual, "2026-12-01T00:00:00-05:00", "2026-12-06T08:00:00-05:00", -1},
    {"today is Sunday", &usual, "2026-12-06T00:00:00-05:00", "2026-12-06T08:00:00-05:00", -1},
    {"Christmas is not our affair", &usual, "2026-12-20T00:00:00-05:00",
	"2026-12-25T08:00:00-05:00", 5},
    {"the last day", &usual, "2026-12-01T00:00:00-05:00", "2026-12-14T16:30:00-05:00", 13},
    {"the day after the last", &usual, "2026-12-01T00:00:00-05:00", "2026-12-15T08:00:00-05:00",
	-1},
    {"the day before", &usual, "2026-12-01T00:00:00-05:00", "2026-11-30T16:30:00-05:00", -1},
    {"begins now", &usual, "2026-12-01T10:00:00-05:00", "2026-12-01T10:00:00-05:00", -1},
    {"begins in a second", &usual, "2026-12-01T09:59:59-05:00", "2026-12-01T10:00:00-05:00", 0},
    {"began a second ago", &usual, "2026-12-01T10:00:01-05:00", "2026-12-01T10:00:00-05:00", -1},
    {"08:00 EDT after the change", &usual, "2026-03-02T07:00:00-05:00", "2026-03-09T08:00:00-04:00",
	7},
    {"07:00 EDT, which was 08:00 EST", &usual, "2026-03-02T07:00:00-05:00",
	"2026-03-09T08:00:00-05:00", 7},
    {"07:00 EDT itself", &usual, "2026-03-02T07:00:00-05:00", "2026-03-09T07:00:00-04:00", -1},
    {"08:00 EST after the change", &usual, "2026-10-26T07:00:00-04:00", "2026-11-02T08:00:00-05:00",
	7},
    {"17:00 EST, after hours", &usual, "2026-10-26T07:00:00-04:00", "2026-11-02T17:00:00-05:00",
	-1},
    {"February 28, 2028", &usual, "2028-02-28T00:00:00-05:00", "2028-02-28T08:00:00-05:00", 0},
    {"February 29, 2028", &usual, "2028-02-28T00:00:00-05:00", "2028-02-29T08:00:00-05:00", 1},
    {"March 1, 2028", &usual, "2028-02-28T00:00:00-05:00", "2028-03-01T08:00:00-05:00", 2},
    {"March 1, 2027", &usual, "2027-02-27T00:00:00-05:00", "2027-03-01T08:00:00-05:00", 2},
    {"New Year's Eve", &usual, "2026-12-31T00:00:00-05:00", "2026-12-31T16:30:00-05:00", 0},
    {"New Year", &usual, "2026-12-31T00:00:00-05:00", "2027-01-01T08:00:00-05:00", 1},
    {"03:00 EDT, where 02:00 would be", &sunday_night, "2026-03-08T00:00:00-05:00",
	"2026-03-08T03:00:00-04:00", 0},
    {"the first 01:30", &sunday_repeat, "2026-11-01T00:00:00-04:00", "2026-11-01T01:30:00-04:00",
	0},
    {"the second 01:30", &sunday_repeat, "2026-11-01T00:00:00-04:00", "2026-11-01T01:30:00-05:00",
	-1},
    {"the second 01:30, the first being over", &sunday_repeat, "2026-11-01T01:45:00-04:00",
	"2026-11-01T01:30:00-05:00", -1},
};

START_TEST(offer)
{
	struct slot *slots;
	size_t count = candidates(offers[_i].hours, NY, instant(offers[_i].now), &slots);
	const struct slot *found = slots_find(slots, count, instant(offers[_i].slot));

	ck_assert_msg((found != NULL) == (offers[_i].day >= 0), "%s", offers[_i].what);
	if (found) {
		ck_assert_int_eq(found->call.start, instant(offers[_i].slot));
		ck_assert_int_eq(found->day, offers[_i].day);
	}
	ck_assert_ptr_null(slots_find(slots, 0, instant(offers[_i].slot)));
	free(slots);
}
END_TEST

/* A minute after midnight the clock of Newfoundland was put back: it was yesterday again, and that
 * day's next had begun already. */
START_TEST(midnight_put_back)
{
	struct hours hours = hours_of(&whole_days);
	struct zone *zone = open_zone("America/St_Johns");
	int64_t before = instant("2010-11-06T23:30:00-02:30"),
		again = instant("2010-11-06T23:30:00-03:30");

	hours.notice = NOTICE_DAY;
	ck_assert_int_eq(
	    slots_earliest(&hours, zone, before), instant("2010-11-07T00:00:00-02:30"));
	ck_assert_int_eq(slots_earliest(&hours, zone, again), again + 1);
	zone_free(zone);
}
END_TEST

/* A clock that jumps over an hour, and half an hour later back into the midst of it, shows 2:30 for
 * the first time after 3:00: what is offered is in order of time all the same. */
START_TEST(reading_that_comes_late)
{
	static const struct plain night = {.days = EVERY_DAY,
	    .first_start = 60,
	    .last_start = 4 * 60,
	    .slot_minutes = 30,
	    .window_days = 1};
	static const unsigned char file[] = "TZif\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
					    "\0\0\0\0\0\0\0\0\0\0\0\0"
					    "\0\0\0\2\0\0\0\2\0\0\0\4"
					    "\x6b\x0e\x2a\x20" /* 2026-12-01T02:00:00Z */
					    "\x6b\x0e\x31\x28" /* and 02:30 */
					    "\1\0"
					    "\0\0\0\0\0\0"
					    "\0\0\x0e\x10\1\0"
					    "ODD";
	struct hours hours = hours_of(&night);
	struct slot slots[20];
	struct zone *zone;
	size_t count;

	ck_assert_int_eq(zone_parse("Odd", file, sizeof(file), &zone, NULL), ERR_NONE);
	count = slots_candidates(&hours, zone, instant("2026-12-01T00:00:00Z"), slots);
	ck_assert_uint_ge(count, 4);
	ck_assert_int_eq(slots[0].call.start, instant("2026-12-01T01:00:00Z"));
	ck_assert_int_eq(slots[count - 1].call.start, instant("2026-12-01T04:00:00Z"));
	for (size_t i = 1; i < count; i++)
		ck_assert_int_lt(slots[i - 1].call.start, slots[i].call.start);
	zone_free(zone);
}
END_TEST

START_TEST(bound_is_the_full_window)
{
	struct hours hours = hours_of(&usual);
	struct special special[] = {
	    {0, 0, {1, {{0, 60}}, 0}, false}, {1, 1, {1, {{0, 1439}}, 0}, false}};

	ck_assert_uint_eq(slots_bound(&hours), 14 * 18);
	for (int i = 0; i < 7; i++)
		hours.week[i].spans[0].last = hours.week[i].spans[0].first;
	hours.window_days = 1;
	ck_assert_uint_eq(slots_bound(&hours), 1);
	hours.week[2].spans[0].last += 59; /* not a whole number of slots */
	ck_assert_uint_eq(slots_bound(&hours), 2);
	hours.step_minutes = 7;
	ck_assert_uint_eq(slots_bound(&hours), 9);
	hours.special = special;
	hours.special_count = 2;
	ck_assert_uint_eq(slots_bound(&hours), 206);
	hours.window = WINDOW_DATES;
	hours.window_first = 20000;
	hours.window_last = 20001;
	ck_assert_uint_eq(slots_bound(&hours), 2 * 206);
}
END_TEST

/* Two calls keep the longer of the two buffers between them; the ledger holds it on its side. */
START_TEST(buffers)
{
	struct hours hours = hours_of(&usual);
	struct interval call = {10000, 11800}, needed = slots_needed(&hours, call),
			taken = slots_taken(&hours, call);

	ck_assert_int_eq(needed.start, call.start);
	ck_assert_int_eq(needed.end, call.end);
	ck_assert_int_eq(taken.start, call.start);
	ck_assert_int_eq(taken.end, call.end);
	hours.buffer_before = 10;
	hours.buffer_after = 20;
	needed = slots_needed(&hours, call);
	taken = slots_taken(&hours, call);
	ck_assert_int_eq(needed.start, call.start - 600);
	ck_assert_int_eq(needed.end, call.end + 1200);
	ck_assert_int_eq(taken.start, call.start);
	ck_assert_int_eq(taken.end, call.end + 1200);
	hours.buffer_before = 30;
	taken = slots_taken(&hours, call);
	ck_assert_int_eq(taken.start, call.start - 1800);
	ck_assert_int_eq(taken.end, call.end);
}
END_TEST

static const struct {
	const char *zone, *at, *start, *end;
} days[] = {
    {NY, "2026-12-01T00:00:00-05:00", "2026-12-01T05:00:00Z", "2026-12-02T05:00:00Z"},
    {NY, "2026-11-30T23:59:59-05:00", "2026-11-30T05:00:00Z", "2026-12-01T05:00:00Z"},
    {NY, "2026-03-08T12:00:00-04:00", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"},
    {NY, "2026-11-01T12:00:00-05:00", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"},
    {"Australia/Lord_Howe", "2026-10-04T12:00:00+11:00", "2026-10-03T13:30:00Z",
	"2026-10-04T13:00:00Z"},
    {"America/Santiago", "2026-09-06T12:00:00-03:00", "2026-09-06T04:00:00Z",
	"2026-09-07T03:00:00Z"},
    {"America/Santiago", "2026-04-04T23:30:00-04:00", "2026-04-04T03:00:00Z",
	"2026-04-05T04:00:00Z"},
    {"Africa/Cairo", "2026-10-29T12:00:00+03:00", "2026-10-28T21:00:00Z", "2026-10-29T22:00:00Z"},
    {"Asia/Beirut", "2026-03-29T01:00:00+03:00", "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"},
    {"Pacific/Apia", "2011-12-29T12:00:00-10:00", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"},
    {"Pacific/Apia", "2011-12-31T00:00:00+14:00", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"},
    {"Antarctica/Troll", "2026-03-29T12:00:00Z", "2026-03-29T00:00:00Z", "2026-03-29T22:00:00Z"},
};

START_TEST(local_day)
{
	struct zone *zone = open_zone(days[_i].zone);
	struct interval day = slots_local_day(zone, instant(days[_i].at));

	ck_assert_int_eq(day.start, instant(days[_i].start));
	ck_assert_int_eq(day.end, instant(days[_i].end));
	zone_free(zone);
}
END_TEST

static const struct {
	int first_start, last_start, buffer_before, buffer_after;
	const char *now, *start, *end;
} questions[] = {
    {480, 990, 0, 0, "2026-12-01T12:00:00-05:00", "2026-12-01T05:00:00Z", "2026-12-15T05:00:00Z"},
    {480, 990, 0, 0, "2026-12-01T00:00:00-05:00", "2026-12-01T05:00:00Z", "2026-12-15T05:00:00Z"},
    {480, 990, 0, 0, "2026-11-30T23:59:59-05:00", "2026-11-30T05:00:00Z", "2026-12-14T05:00:00Z"},
    {480, 990, 0, 0, "2026-03-02T12:00:00-05:00", "2026-03-02T05:00:00Z", "2026-03-16T04:00:00Z"},
    {480, 990, 0, 0, "2026-10-26T12:00:00-04:00", "2026-10-26T04:00:00Z", "2026-11-09T05:00:00Z"},
    {480, 990, 60, 60, "2026-12-01T12:00:00-05:00", "2026-12-01T05:00:00Z", "2026-12-15T05:00:00Z"},
    /* The call at 23:45 goes on until 00:15, and its buffer until 00:45. */
    {480, 1425, 0, 0, "2026-12-01T12:00:00-05:00", "2026-12-01T05:00:00Z", "2026-12-15T05:15:00Z"},
    {480, 1425, 0, 30, "2026-12-01T12:00:00-05:00", "2026-12-01T05:00:00Z", "2026-12-15T05:45:00Z"},
    /* The call at 00:15 wants the half hour before it, too. */
    {15, 990, 30, 0, "2026-12-01T12:00:00-05:00", "2026-12-01T04:45:00Z", "2026-12-15T05:00:00Z"},
};

START_TEST(question_to_a_calendar)
{
	struct zone *zone = open_zone(NY);
	struct plain plain = usual;
	struct interval asked;
	struct hours hours;

	plain.first_start = questions[_i].first_start;
	plain.last_start = questions[_i].last_start;
	plain.buffer_before = questions[_i].buffer_before;
	plain.buffer_after = questions[_i].buffer_after;
	hours = hours_of(&plain);
	asked = slots_window(&hours, zone, instant(questions[_i].now));
	ck_assert_int_eq(asked.start, instant(questions[_i].start));
	ck_assert_int_eq(asked.end, instant(questions[_i].end));
	zone_free(zone);
}
END_TEST

/*
 * The definition, by the C library's clock: somebody watches it minute by minute from two days ago
 * to past the window's end, and writes down each open start when it shows for the first time.
 */
static size_t watch_the_clock(const struct plain *hours, int64_t now, struct slot *out)
{
	const int64_t step = 60, readings_max = 64 * 1440;
	bool *seen = calloc((size_t)readings_max, sizeof(*seen));
	time_t clock = now;
	struct tm tm;
	int64_t today;
	size_t count = 0;

	ck_assert_ptr_nonnull(seen);
	localtime_r(&clock, &tm);
	today = civil_days(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
	for (clock = now - now % step - 2 * 86400; clock < now + (hours->window_days + 2) * 86400;
	     clock += step) {
		int64_t day;
		int minute;

		localtime_r(&clock, &tm);
		day = civil_days(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday) - today;
		minute = tm.tm_hour * 60 + tm.tm_min;
		if (day < 0 || day >= hours->window_days || seen[day * 1440 + minute])
			continue;
		seen[day * 1440 + minute] = true;
		if (clock <= now || !(hours->days >> tm.tm_wday & 1) ||
		    minute < hours->first_start || minute > hours->last_start ||
		    (minute - hours->first_start) % hours->slot_minutes != 0)
			continue;
		out[count++] = (struct slot){{clock, clock + hours->slot_minutes * 60}, (int)day};
	}
	free(seen);
	return count;
}

/* All of them kept whole minutes in these years. */
static const char *const zones[] = {NY, "America/St_Johns", "America/Santiago", "America/Havana",
    "America/Nuuk", "America/Asuncion", "Europe/London", "Europe/Dublin", "Africa/Cairo",
    "Africa/Casablanca", "Asia/Beirut", "Asia/Gaza", "Asia/Kolkata", "Asia/Kathmandu",
    "Asia/Tehran", "Antarctica/Troll", "Australia/Lord_Howe", "Australia/Sydney", "Pacific/Apia",
    "Pacific/Chatham", "Pacific/Kwajalein", "Pacific/Easter", "UTC"};

START_TEST(equals_watching_the_clock)
{
	struct zone *zone = open_zone(zones[_i]);
	uint64_t random = 8 + (uint64_t)_i;

	set_system_zone(zones[_i]);
	for (int round = 0; round < 12; round++) {
		struct plain plain = {.days = (unsigned)random_between(&random, 1, 127),
		    .first_start = (int)random_between(&random, 0, 1439),
		    .slot_minutes = (int)random_between(&random, 5, 90),
		    .window_days = (int)random_between(&random, 1, 20)};
		int64_t now = random_between(&random, 600000000, 4000000000);
		int64_t change = zone_steady_until(zone, now);
		struct hours hours;
		struct slot *slots, *expected;
		size_t count, expected_count;

		plain.last_start = (int)random_between(&random, plain.first_start, 1439);
		hours = hours_of(&plain);
		/* Mostly the window should hold a change. */
		if (change != INT64_MAX && round % 4 != 0)
			now = change + random_between(&random, -hours.window_days * 86400, 7200);
		slots = calloc(slots_bound(&hours), sizeof(*slots));
		expected = calloc(slots_bound(&hours), sizeof(*expected));
		ck_assert(slots && expected);
		count = slots_candidates(&hours, zone, now, slots);
		expected_count = watch_the_clock(&plain, now, expected);
		ck_assert_msg(count == expected_count, "%s at %jd: %zu, not %zu", zones[_i],
		    (intmax_t)now, count, expected_count);
		for (size_t i = 0; i < count; i++) {
			ck_assert_int_eq(slots[i].call.start, expected[i].call.start);
			ck_assert_int_eq(slots[i].call.end, expected[i].call.end);
			ck_assert_int_eq(slots[i].day, expected[i].day);
		}
		free(slots);
		free(expected);
	}
	zone_free(zone);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("slots");
	TCase *table = tcase_create("table"), *property = tcase_create("property");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(table, window, 0, (int)COUNT(windows));
	tcase_add_loop_test(table, offer, 0, (int)COUNT(offers));
	tcase_add_test(table, midnight_put_back);
	tcase_add_test(table, reading_that_comes_late);
	tcase_add_test(table, bound_is_the_full_window);
	tcase_add_test(table, buffers);
	tcase_add_loop_test(table, local_day, 0, (int)COUNT(days));
	tcase_add_loop_test(table, question_to_a_calendar, 0, (int)COUNT(questions));
	suite_add_tcase(suite, table);
	tcase_set_timeout(property, 60);
	tcase_add_loop_test(property, equals_watching_the_clock, 0, (int)COUNT(zones));
	suite_add_tcase(suite, property);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

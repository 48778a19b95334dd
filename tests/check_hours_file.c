/* SPDX-License-Identifier: MIT */
/* check_hours_file.c: which days a file of holidays closes, and which files are refused */
#include "store/hours_file.h"
#include "base/apart.h"
#include "base/text.h"
#include "files.h"
#include "read/ical_days.h"
#include "reader.h"
#include "times.h"

#include <string.h>

#define BEGIN "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n"
#define EVENT(lines) "BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n" lines "END:VEVENT\r\n"
#define END "END:VCALENDAR\r\n"
#define ONE_DAY EVENT("DTSTART;VALUE=DATE:20261225\r\n")
#define UNREAD "\" cannot be read; fetch the calendar again"
#define NO_DATE " is no date; write 2026-12-25, or 2027-01-04..2027-01-08"

/* Read on 2026-12-01, wherever that is. */
static const struct {
	const char *text;
	const char *days;  /* with spaces between them */
	const char *wrong; /* NULL: it is read; else what is said after the path */
} files[] = {
    {"2026-12-25\n", "2026-12-25", NULL},
    {"2026-12-25", "2026-12-25", NULL},
    {"# remark\n\n; another\r\n2026-12-25 Christmas Day\r\n2027-01-01\n", "2026-12-25 2027-01-01",
	NULL},
    {"\t2026-12-25 Christmas Day\r\n  # remark\n \t\n  2027-01-01\n", "2026-12-25 2027-01-01",
	NULL},
    {"2025-12-25\n", "2025-12-25", NULL},
    {"2026-12-31..2027-01-02 closed\n", "2026-12-31 2027-01-01 2027-01-02", NULL},
    {"2026-12-25\n2026-02-30\n", NULL, ":2: \"2026-02-30\"" NO_DATE},
    {"2026-12-25, 2026-12-26\n", NULL, ":1: \"2026-12-25,\"" NO_DATE},
    {"2026-12-25..2026-12-24\n", NULL, ":1: \"2026-12-25..2026-12-24\"" NO_DATE},
    {"25.12.2026\n", NULL, ":1: \"25.12.2026\"" NO_DATE},
    {"\n# nothing\n", NULL, ": there is no whole day in it"},
    {"", NULL, ": there is no whole day in it"},
    {"1970-01-01..2400-01-01\n", NULL, ": there are more than 10000 days in it"},
    {BEGIN ONE_DAY END, "2026-12-25", NULL},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261226\r\n") END, "2026-12-25",
	NULL},
    /* The end is not included (RFC 5545, 3.6.1). */
    {BEGIN EVENT("DTSTART;VALUE=DATE:20261231\r\nDTEND;VALUE=DATE:20270103\r\n") END,
	"2026-12-31 2027-01-01 2027-01-02", NULL},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20261231\r\nDURATION:P2D\r\n") END, "2026-12-31 2027-01-01",
	NULL},
    /* Whether it shows as free or busy is the other calendar's matter. */
    {BEGIN EVENT("DTSTART;VALUE=DATE:20261225\r\nTRANSP:TRANSPARENT\r\n") END, "2026-12-25", NULL},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20201225\r\nRRULE:FREQ=YEARLY\r\n") END,
	"2026-12-25 2027-12-25 2028-12-25", NULL},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20201225\r\nRRULE:FREQ=YEARLY\r\n"
		 "EXDATE;VALUE=DATE:20271225\r\n") END,
	"2026-12-25 2028-12-25", NULL},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20201126\r\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH\r\n") END,
	"2027-11-25 2028-11-23 2029-11-22", NULL},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20201225\r\nRRULE:FREQ=YEARLY;UNTIL=20271225\r\n") END,
	"2026-12-25 2027-12-25", NULL},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20201225\r\nRRULE:FREQ=YEARLY;UNTIL=20271224T235959Z\r\n") END,
	"2026-12-25", NULL},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20251225\r\nRRULE:FREQ=YEARLY;COUNT=2\r\n") END, "2026-12-25",
	NULL},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20261224\r\nRRULE:FREQ=DAILY;COUNT=3\r\n") END,
	"2026-12-24 2026-12-25 2026-12-26", NULL},
    /* Three years ahead, and what is over is no matter any more. */
    {BEGIN EVENT("DTSTART;VALUE=DATE:20201202\r\nRRULE:FREQ=YEARLY\r\n") END,
	"2026-12-02 2027-12-02 2028-12-02 2029-12-02", NULL},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20201201\r\nRRULE:FREQ=YEARLY\r\n") END,
	"2026-12-01 2027-12-01 2028-12-01 2029-12-01", NULL},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20201203\r\nRRULE:FREQ=YEARLY\r\n") END,
	"2026-12-03 2027-12-03 2028-12-03 2029-12-03", NULL},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20201204\r\nRRULE:FREQ=YEARLY\r\n") END,
	"2026-12-04 2027-12-04 2028-12-04", NULL},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20201128\r\nRRULE:FREQ=YEARLY\r\n") END,
	"2027-11-28 2028-11-28 2029-11-28", NULL},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20261201\r\n") END, "2026-12-01", NULL},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20270101\r\nDTEND;VALUE=DATE:20270131\r\n"
		 "RRULE:FREQ=YEARLY;UNTIL=20270101\r\n") END,
	"2027-01-01 2027-01-02 2027-01-03 2027-01-04 2027-01-05 2027-01-06 2027-01-07 2027-01-08 "
	"2027-01-09 2027-01-10 2027-01-11 2027-01-12 2027-01-13 2027-01-14 2027-01-15 2027-01-16 "
	"2027-01-17 2027-01-18 2027-01-19 2027-01-20 2027-01-21 2027-01-22 2027-01-23 2027-01-24 "
	"2027-01-25 2027-01-26 2027-01-27 2027-01-28 2027-01-29 2027-01-30",
	NULL},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261225\r\n") END, "2026-12-25",
	NULL},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20261225\r\nDTEND:20261227T000000Z\r\n") END, "2026-12-25",
	NULL},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20261225\r\nDTEND:20261224T000000Z\r\n") END, "2026-12-25",
	NULL},
    {BEGIN EVENT("DTSTART:20261224T080000Z\r\nDTEND;VALUE=DATE:20261223\r\n") ONE_DAY END,
	"2026-12-25", NULL},
    {BEGIN EVENT("DTSTART:20261224T080000Z\r\nDTEND:20261223T080000Z\r\n") ONE_DAY END,
	"2026-12-25", NULL},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20261201\r\nDTEND;VALUE=DATE:20540419\r\n") END, NULL,
	": there are more than 10000 days in it"},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20261225\r\nRDATE;VALUE=DATE:20261228,20270104\r\n") END,
	"2026-12-25 2026-12-28 2027-01-04", NULL},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261227\r\n"
		 "RDATE;VALUE=DATE:20270104\r\n") END,
	"2026-12-25 2026-12-26 2027-01-04 2027-01-05", NULL},
    /* An occurrence that stands for itself: moved, cancelled, made longer, given a time. */
    {BEGIN EVENT("DTSTART;VALUE=DATE:20201225\r\nRRULE:FREQ=YEARLY\r\n")
	    EVENT("RECURRENCE-ID;VALUE=DATE:20271225\r\nDTSTART;VALUE=DATE:20271227\r\n") END,
	"2026-12-25 2028-12-25 2027-12-27", NULL},
    {BEGIN EVENT("RECURRENCE-ID;VALUE=DATE:20271225\r\nDTSTART;VALUE=DATE:20271225\r\n"
		 "STATUS:CANCELLED\r\n")
	    EVENT("DTSTART;VALUE=DATE:20201225\r\nRRULE:FREQ=YEARLY\r\n") END,
	"2026-12-25 2028-12-25", NULL},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20201225\r\nRRULE:FREQ=YEARLY\r\n")
	    EVENT("RECURRENCE-ID;VALUE=DATE:20281225\r\nDTSTART;VALUE=DATE:20281224\r\n"
		  "DTEND;VALUE=DATE:20281226\r\n") END,
	"2026-12-25 2027-12-25 2028-12-24 2028-12-25", NULL},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20201225\r\nRRULE:FREQ=YEARLY\r\n")
	    EVENT("RECURRENCE-ID;VALUE=DATE:20271225\r\nDTSTART:20271225T080000Z\r\n") END,
	"2026-12-25 2028-12-25", NULL},
    {BEGIN EVENT(
	 "DTSTART;VALUE=DATE:20201225\r\nRRULE:FREQ=YEARLY\r\n") "BEGIN:VEVENT\r\nUID:2\r\nRECURRENCE-ID;VALUE=DATE:20271225\r\n"
								 "DTSTART;VALUE=DATE:20271224\r\nEND:VEVENT\r\n" END,
	"2026-12-25 2027-12-25 2028-12-25 2027-12-24", NULL},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20201225\r\nRRULE:FREQ=YEARLY\r\n")
	    EVENT("RECURRENCE-ID;VALUE=DATE:20271232\r\nDTSTART;VALUE=DATE:20271227\r\n") END,
	NULL, ":13: \"20271232\" is no date; that month has 1 to 31"},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20201225\r\nRRULE:FREQ=YEARLY\r\n")
	    EVENT("RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20271225\r\n"
		  "DTSTART;VALUE=DATE:20271227\r\n") END,
	NULL, ":13: \"RANGE\" is not understood; it changes all days that follow"},
    /* What programs leave empty, and what is no time of the event's. */
    {"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nX-WR-CALDESC:\r\nCALSCALE:\r\n" EVENT(
	 "DTSTART;VALUE=DATE:20261225\r\nDESCRIPTION:\r\nLOCATION:\r\nGEO:here\r\nSUMMARY:\r\n"
	 "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:\r\nTRIGGER:soon\r\nEND:VALARM\r\n") END,
	"2026-12-25", NULL},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:\r\n") END, NULL,
	":4: \"No value for DTEND property. Removing en" UNREAD},
    /* A time of the day closes no day, and neither does what was cancelled. */
    {BEGIN EVENT("DTSTART:20261224T080000Z\r\nDTEND:20261224T090000Z\r\n") ONE_DAY END,
	"2026-12-25", NULL},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20261224\r\nSTATUS:CANCELLED\r\n") ONE_DAY END, "2026-12-25",
	NULL},
    {BEGIN EVENT("DTSTART:20261224T080000Z\r\n") END, NULL, ": there is no whole day in it"},
    {BEGIN END, NULL, ": there is no whole day in it"},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20251225\r\nSTATUS:CANCELLED\r\n") END, NULL,
	": there is no whole day in it"},
    /* A year's holidays are over one day, and the file stands where it stood. */
    {BEGIN EVENT("DTSTART;VALUE=DATE:20251225\r\n") EVENT("DTSTART;VALUE=DATE:20250101\r\n") END,
	"2025-12-25", NULL},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20191225\r\nRRULE:FREQ=YEARLY;UNTIL=20251225\r\n") END,
	"2019-12-25", NULL},
    {BEGIN ONE_DAY END "\r\n\t \r\n", "2026-12-25", NULL},
    {BEGIN ONE_DAY "END:VCALENDAR", "2026-12-25", NULL},
    /* Damaged. */
    {BEGIN ONE_DAY END "x", NULL,
	":10: the calendar ends here without END:VCALENDAR; fetch it again"},
    {BEGIN ONE_DAY "END:VCALENDAX", NULL,
	":9: the calendar ends here without END:VCALENDAR; fetch it again"},
    {"BEGIN:VCALENDAR\nVERSION:2.0\n\n", NULL,
	":2: the calendar ends here without END:VCALENDAR; fetch it again"},
    {BEGIN ONE_DAY "X-END:VCALENDAR \r\n\r\n", NULL, ": the calendar is damaged; fetch it again"},
    {BEGIN ONE_DAY, NULL, ":8: the calendar ends here without END:VCALENDAR; fetch it again"},
    {BEGIN ONE_DAY "BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:2027", NULL,
	":10: the calendar ends here without END:VCALENDAR; fetch it again"},
    {BEGIN EVENT("DTSTART;VALUE=DATE:soon\r\n") END, NULL, ":7: \"soon" UNREAD},
    {BEGIN ONE_DAY EVENT("DTSTART;VALUE=DATE:20261226\r\nDTEND;VALUE=DATE:later\r\n") END, NULL,
	":13: \"later" UNREAD},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20261225\r\nDURATION:P2Q\r\n") END, NULL, ":8: \"P2Q" UNREAD},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20261225\r\nnonsense\r\n") END, NULL, ":8: \"nonsense" UNREAD},
    {BEGIN "nonsense\r\n" ONE_DAY END, NULL, ": the calendar is damaged; fetch it again"},
    /* What repeats. */
    {BEGIN EVENT("DTSTART;VALUE=DATE:20261225\r\nRDATE;VALUE=DATE:20261226,20261232\r\n") END, NULL,
	":8: \"20261232\" is no date; that month has 1 to 31"},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20261225\r\nRDATE;VALUE=DATE:soon\r\n") END, NULL,
	":8: \"soon" UNREAD},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20201225\r\nRRULE:FREQ=YEARLY\r\n"
		 "EXDATE;VALUE=DATE:20271331\r\n") END,
	NULL, ":9: \"20271331\" is no date; months are 01 to 12"},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20201225\r\nRRULE:FREQ=YEARLY\r\n"
		 "EXDATE:20271225T000000Z\r\n") END,
	NULL,
	":9: \"20271225T000000Z\" is a time; whole days are left out as EXDATE;VALUE=DATE:20271225"},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20201225\r\nRRULE:FREQ=YEARLY;UNTIL=20271131\r\n") END, NULL,
	":8: \"20271131\" is no date; that month has 1 to 30"},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20201225\r\nRRULE:FREQ=YEARLY;UNTIL=soon\r\n") END, NULL,
	":8: \"FREQ=YEARLY;UNTIL=soon" UNREAD},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20201225\r\nRRULE:FREQ=NEVER\r\n") END, NULL,
	":8: \"FREQ=NEVER" UNREAD},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20201225\r\nRRULE:FREQ=SECONDLY\r\n") END, NULL,
	":8: \"FREQ=SECONDLY\" is no rule for whole days; they repeat DAILY, WEEKLY, MONTHLY or "
	"YEARLY"},
    /* Dates that there are not, and an end before its start. */
    {BEGIN ONE_DAY EVENT("DTSTART;VALUE=DATE:20261131\r\n") END, NULL,
	":12: \"20261131\" is no date; that month has 1 to 30"},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20260230\r\n") END, NULL,
	":7: \"20260230\" is no date; that month has 1 to 28"},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20261325\r\n") END, NULL,
	":7: \"20261325\" is no date; months are 01 to 12"},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20260025\r\n") END, NULL,
	":7: \"20260025\" is no date; months are 01 to 12"},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20261200\r\n") END, NULL,
	":7: \"20261200\" is no date; that month has 1 to 31"},
    /* A line that is folded is looked for where its event begins. */
    {BEGIN ONE_DAY EVENT("DTSTART;VALUE=DATE:2026\r\n 1131\r\n") END, NULL,
	":9: \"20261131\" is no date; that month has 1 to 30"},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20261225\r\nRDATE;VALUE=PERIOD:20261131T000000Z/P1D\r\n") END,
	NULL, ":8: \"20261131\" is no date; that month has 1 to 30"},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20261225\r\nRRULE:FREQ=HOURLY\r\n") END, NULL,
	":8: \"FREQ=HOURLY\" is no rule for whole days; they repeat DAILY, WEEKLY, MONTHLY or "
	"YEARLY"},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261232\r\n") END, NULL,
	":8: \"20261232\" is no date; that month has 1 to 31"},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20261223\r\nDTEND;VALUE=DATE:20261224\r\n")
	    EVENT("DTEND;VALUE=DATE:20261224\r\nDTSTART;VALUE=DATE:20261226\r\n") END,
	NULL, ":13: \"20261224\" is before DTSTART, 20261226; the end is the day after the last"},
    {BEGIN EVENT("DTSTART;VALUE=DATE:20240229\r\nDTEND;VALUE=DATE:20240301\r\n") ONE_DAY END,
	"2026-12-25", NULL},
    {"BEGIN:VCARD\r\nEND:VCARD\r\n", NULL, ":1: \"BEGIN:VCARD\"" NO_DATE},
    {BEGIN ONE_DAY END BEGIN ONE_DAY END, NULL, ": the calendar is damaged; fetch it again"},
    {"\xef\xbb\xbf" BEGIN ONE_DAY END, "2026-12-25", NULL},
    {"\r\n \r\n" BEGIN ONE_DAY END, "2026-12-25", NULL},
    {"\xef\xbb\xbf"
     "2026-12-25\n",
	"2026-12-25", NULL},
    {"<html>\n", NULL, ":1: \"<html>\"" NO_DATE},
};

/* The linker has this asked for the reader, which reads within the test where that is wanted: so a
 * debugger sees it. */
static bool is_here;

enum err __real_apart_ask(struct arena *arena, const struct apart_wish *wish, char **out,
    size_t *out_len, struct fail *fail);
enum err __wrap_apart_ask(struct arena *arena, const struct apart_wish *wish, char **out,
    size_t *out_len, struct fail *fail);
enum err __wrap_apart_ask(struct arena *arena, const struct apart_wish *wish, char **out,
    size_t *out_len, struct fail *fail)
{
	struct date_list dates;
	enum err err;

	if (!is_here)
		return __real_apart_ask(arena, wish, out, out_len, fail);
	ck_assert_str_eq(wish->words[0], "days");
	err = ical_days_read(
	    arena, wish->words[1], wish->text, strtoll(wish->words[2], NULL, 10), &dates, fail);
	if (err)
		return err;
	*out = (char *)dates.list;
	*out_len = dates.count * sizeof(*dates.list);
	return ERR_NONE;
}

START_TEST(file)
{
	const size_t at = (size_t)_i % COUNT(files);
	struct arena *arena = arena_new(1 << 20);
	struct text text = text_new(arena, 4000);
	struct date_list dates = {NULL, 0};
	struct fail fail = {0};
	enum err err;

	is_here = (size_t)_i >= COUNT(files);
	make_folder();
	write_file("holidays", files[at].text);
	err = hours_file_holidays(
	    path_of("holidays"), instant("2026-12-01T12:00:00Z"), arena, &dates, &fail);
	if (files[at].wrong) {
		ck_assert_msg(err == ERR_CONFIG, "accepted: %s", files[at].text);
		ck_assert_str_eq(fail.detail + strlen(path_of("holidays")), files[at].wrong);
	} else {
		ck_assert_msg(!err, "%s", fail.detail);
		for (size_t i = 0; i < dates.count; i++) {
			struct civil civil = civil_from_seconds(dates.list[i] * 86400);

			text_printf(&text, "%s%d-%02d-%02d", i ? " " : "", civil.year, civil.month,
			    civil.day);
		}
		ck_assert_str_eq(text.data, files[at].days);
	}
	arena_free(arena);
	remove_folder();
}
END_TEST

/* Whatever text the reader is given. */
static const struct {
	const char *text, *wrong;
} texts[] = {
    {"", "h.ics:1: the calendar ends here without END:VCALENDAR; fetch it again"},
    {"\n \n", "h.ics:1: the calendar ends here without END:VCALENDAR; fetch it again"},
    {"ND:VCALENDAR", "h.ics:1: the calendar ends here without END:VCALENDAR; fetch it again"},
    {"END:VCALENDAR", "h.ics: the calendar is damaged; fetch it again"},
    {"END:VCALENDAR\n", "h.ics: the calendar is damaged; fetch it again"},
};

START_TEST(text)
{
	struct arena *arena = arena_new(1 << 20);
	struct date_list dates = {NULL, 99};
	struct fail fail = {0};

	ck_assert_int_eq(ical_days_read(arena, "h.ics", texts[_i].text,
			     instant("2026-12-01T12:00:00Z"), &dates, &fail),
	    ERR_CONFIG);
	ck_assert_str_eq(fail.detail, texts[_i].wrong);
	ck_assert_uint_eq(dates.count, 99);
	arena_free(arena);
}
END_TEST

/* West of Greenwich it is the first of December still: the holiday's afternoon is ahead. */
START_TEST(holiday_that_is_today_in_the_west)
{
	struct arena *arena = arena_new(1 << 20);
	struct date_list dates = {NULL, 0};
	struct fail fail = {0};
	enum err err = ical_days_read(arena, "h.ics",
	    BEGIN EVENT("DTSTART;VALUE=DATE:20201201\r\nRRULE:FREQ=YEARLY\r\n") END,
	    instant("2026-12-02T02:00:00Z"), &dates, &fail);

	ck_assert_msg(!err, "%s", fail.detail);
	ck_assert_uint_gt(dates.count, 0);
	ck_assert_int_eq(dates.list[0] * DAY_S, instant("2026-12-01T00:00:00Z"));
	arena_free(arena);
}
END_TEST

/* As many days as there may be. */
START_TEST(ten_thousand)
{
	struct arena *arena = arena_new(1 << 20);
	struct date_list dates = {NULL, 0};
	struct fail fail = {0};
	enum err err;

	is_here = true;
	make_folder();
	write_file("holidays", BEGIN EVENT("DTSTART;VALUE=DATE:20261201\r\n"
					   "DTEND;VALUE=DATE:20540418\r\n") END);
	err = hours_file_holidays(
	    path_of("holidays"), instant("2026-12-01T12:00:00Z"), arena, &dates, &fail);
	ck_assert_msg(!err, "%s", fail.detail);
	ck_assert_uint_eq(dates.count, 10000);
	arena_free(arena);
	remove_folder();
}
END_TEST

/* With the line of slotguard.conf that names it. */
START_TEST(file_that_is_not_there)
{
	struct arena *arena = arena_new(1 << 20);
	struct conf *conf = NULL;
	struct fail fail = {0};
	struct hours hours;
	char expected[700];

	make_folder();
	write_file("slotguard.conf", "[site]\nbase_url = https://book.example.com\nname = Avo\n"
				     "[dates]\nholidays = /nowhere/holidays.ics\n");
	ck_assert_int_eq(conf_load_bare(path_of("slotguard.conf"), &conf, &fail), ERR_NONE);
	ck_assert_int_eq(hours_file_load(conf, arena, &hours, &fail), ERR_CONFIG);
	snprintf(expected, sizeof(expected),
	    "%s:5: [dates] holidays = /nowhere/holidays.ics: ", path_of("slotguard.conf"));
	ck_assert_msg(strncmp(fail.detail, expected, strlen(expected)) == 0, "%s", fail.detail);
	conf_free(conf);
	arena_free(arena);
	remove_folder();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("hours_file");
	TCase *all = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	use_built_reader();
	tcase_add_loop_test(all, file, 0, 2 * (int)COUNT(files));
	tcase_add_loop_test(all, text, 0, (int)COUNT(texts));
	tcase_add_test(all, holiday_that_is_today_in_the_west);
	tcase_add_test(all, ten_thousand);
	tcase_add_test(all, file_that_is_not_there);
	suite_add_tcase(suite, all);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

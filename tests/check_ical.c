/* SPDX-License-Identifier: MIT */
/* check_ical.c: calendars' files, and when their owner is busy */
#include "store/ical_apart.h"
#include "base/text.h"
#include "core/civil.h"
#include "reader.h"
#include "times.h"

#include <stdlib.h>

/* 2026-12-01, a Tuesday, and the two weeks from then on. */
#define FIRST INT64_C(1796083200)

static const struct ical_question question = {
    .window = {FIRST, FIRST + 14 * 86400}, .timezone = "America/New_York"};
static struct arena *arena;

static void set_up(void)
{
	arena = arena_new(64 << 20);
	ck_assert_ptr_nonnull(arena);
}

static void tear_down(void)
{
	arena_free(arena);
}

/* ":30"; of a whole minute nothing. */
static const char *seconds_of(const struct civil *time)
{
	return time->second ? arena_printf(arena, ":%02d", time->second) : "";
}

/* "1 14:00-1 14:30, …" in UTC. */
static const char *text_of(const struct busy_list *busy)
{
	struct text text = text_new(arena, 4000);

	for (size_t i = 0; i < busy->count; i++) {
		struct civil start = civil_from_seconds(busy->list[i].start),
			     end = civil_from_seconds(busy->list[i].end);

		text_printf(&text, "%s%d %02d:%02d%s-%d %02d:%02d%s", i ? ", " : "", start.day,
		    start.hour, start.minute, seconds_of(&start), end.day, end.hour, end.minute,
		    seconds_of(&end));
	}
	return text.data;
}

#define CAL(inside) "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" inside "END:VCALENDAR\r\n"
#define EVENT(inside) "BEGIN:VEVENT\r\nUID:a\r\n" inside "END:VEVENT\r\n"
/* Of the event of that id the occurrence of that day is cancelled. */
#define GONE(uid, day)                                                                             \
	"BEGIN:VEVENT\r\nUID:" uid "\r\nSTATUS:CANCELLED\r\nRECURRENCE-ID:202612" day              \
	"T140000Z\r\nDTSTART:202612" day "T140000Z\r\nEND:VEVENT\r\n"
#define ONE(inside) CAL(EVENT(inside))
#define AT_14 "DTSTART:20261201T140000Z\r\nDTEND:20261201T143000Z\r\n"
/* An hour behind Greenwich the whole year, whatever its name says. */
#define ZONE                                                                                       \
	"BEGIN:VTIMEZONE\r\nTZID:Own Time\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"        \
	"TZOFFSETFROM:-0100\r\nTZOFFSETTO:-0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"

/* Its clock is set on the fifth. */
#define LEAP(from, to)                                                                             \
	"BEGIN:VTIMEZONE\r\nTZID:Leap\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"            \
	"TZOFFSETFROM:" from "\r\nTZOFFSETTO:" from "\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\n"       \
	"DTSTART:20261205T020000\r\nTZOFFSETFROM:" from "\r\nTZOFFSETTO:" to                       \
	"\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"
/* The rest of one that has this start. */
#define HALF "\r\nDURATION:PT30M\r\n"

#define NO_START(value) "-the start of an event is no time: \"" value "\""
#define NOT_WHOLE "this is no whole calendar: it does not go from BEGIN:VCALENDAR to END:VCALENDAR"

static const struct {
	const char *text, *busy; /* busy "-": refused, and what is said follows */
} files[] = {
    {ONE(AT_14), "1 14:00-1 14:30"},
    {"\xef\xbb\xbf" ONE(AT_14) "\n\n", "1 14:00-1 14:30"},
    {CAL(""), ""},
    {ONE("DTSTART:20261201T140000Z\r\nDURATION:PT45M\r\n"), "1 14:00-1 14:45"},
    {ONE("DTSTART:20261201T140000Z\r\n"), ""},
    {ONE("DTSTART:20260101T140000Z\r\nDTEND:20260101T143000Z\r\n"), ""},
    /* It began before the window, or it covers all of it. */
    {ONE("DTSTART:20261130T230000Z\r\nDTEND:20261201T010000Z\r\n"), "30 23:00-1 01:00"},
    {ONE("DTSTART:20261001T000000Z\r\nDTEND:20270101T000000Z\r\n"), "1 00:00-1 00:00"},
    /* Two that touch are one; both calendars of a file count. */
    {CAL(EVENT(AT_14) EVENT("DTSTART:20261201T143000Z\r\nDTEND:20261201T150000Z\r\n")),
	"1 14:00-1 15:00"},
    {ONE(AT_14) ONE("DTSTART:20261202T143000Z\r\nDTEND:20261202T150000Z\r\n"),
	"1 14:00-1 14:30, 2 14:30-2 15:00"},
    /* What does not take the owner's time. */
    {ONE(AT_14 "TRANSP:TRANSPARENT\r\n"), ""},
    {ONE(AT_14 "TRANSP:OPAQUE\r\n"), "1 14:00-1 14:30"},
    {ONE(AT_14 "STATUS:CANCELLED\r\n"), ""},
    {ONE(AT_14 "STATUS:TENTATIVE\r\n"), "1 14:00-1 14:30"},
    {ONE(AT_14 "TRANSP:TRANSPARENT-NOCONFLICT\r\n"), ""},
    {ONE(AT_14 "TRANSP:OPAQUE-NOCONFLICT\r\n"), "1 14:00-1 14:30"},
    /* What ends as the window begins, or begins as it ends, is none of its. */
    {ONE("DTSTART:20261130T230000Z\r\nDTEND:20261201T000000Z\r\n"), ""},
    {ONE("DTSTART:20261215T000000Z\r\nDTEND:20261215T010000Z\r\n"), ""},
    {ONE("DTSTART:20261214T235900Z\r\nDTEND:20261215T000000Z\r\n"), "14 23:59-15 00:00"},
    {CAL("BEGIN:VTODO\r\nUID:a\r\nDTSTART:20261201T140000Z\r\nDUE:20261201T150000Z\r\n"
	 "END:VTODO\r\n"),
	""},
    /* Zones: by name, of the calendar itself, of a program, of the whole file, none. */
    {ONE("DTSTART;TZID=Europe/Berlin:20261201T150000\r\nDTEND;TZID=Europe/Berlin:20261201T153000\r\n"),
	"1 14:00-1 14:30"},
    {ONE("DTSTART;TZID=\"Europe/Berlin\":20261201T150000\r\nDURATION:PT30M\r\n"),
	"1 14:00-1 14:30"},
    {ONE("DTSTART;TZID=Europe/Berlin:20261201T150000\r\nDTEND:20261201T143000Z\r\n"),
	"1 14:00-1 14:30"},
    {ONE("DTSTART;TZID=US/Eastern:20261201T090000\r\nDURATION:PT30M\r\n"), "1 14:00-1 14:30"},
    {CAL(ZONE EVENT("DTSTART;TZID=Own Time:20261201T130000\r\nDURATION:PT30M\r\n")),
	"1 14:00-1 14:30"},
    {ONE("DTSTART;TZID=/example.org/20240101/Europe/Berlin:20261201T150000\r\nDURATION:PT30M\r\n"),
	"1 14:00-1 14:30"},
    {ONE("DTSTART:20261201T090000\r\nDURATION:PT30M\r\n"), "1 14:00-1 14:30"},
    {CAL("X-WR-TIMEZONE:Europe/Berlin\r\n" EVENT("DTSTART:20261201T150000\r\nDURATION:PT30M\r\n")),
	"1 14:00-1 14:30"},
    {CAL("X-WR-TIMEZONE:Mars/Phobos\r\n" EVENT("DTSTART:20261201T090000\r\nDURATION:PT30M\r\n")),
	"1 14:00-1 14:30"},
    {CAL("X-WR-CALNAME:Europe/Berlin\r\nX-WR-TIMEZONE:Asia/Tokyo\r\nX-WR-CALDESC:UTC\r\n" EVENT(
	 "DTSTART:20261201T230000\r\nDURATION:PT30M\r\n")),
	"1 14:00-1 14:30"},
    {ONE("DTSTART;TZID=/Europe/Berlin:20261201T150000\r\nDURATION:PT30M\r\n"), "1 14:00-1 14:30"},
    {ONE("DTSTART;TZID=/example.org//Europe/Berlin:20261201T150000\r\nDURATION:PT30M\r\n"),
	"1 14:00-1 14:30"},
    {ONE("DTSTART;TZID=/example.org/Europe/Nowhere:20261201T150000\r\nDURATION:PT30M\r\n"),
	"-neither the calendar nor this machine knows the zone \"/example.org/Europe/Nowhere\""},
    {ONE("DTSTART;TZID=/:20261201T150000\r\nDURATION:PT30M\r\n"),
	"-neither the calendar nor this machine knows the zone \"/\""},
    {ONE("DTSTART;TZID=/Europe/:20261201T150000\r\nDURATION:PT30M\r\n"),
	"-neither the calendar nor this machine knows the zone \"/Europe/\""},
    {ONE("DTSTART:20261201T140000Z\r\nDTEND;TZID=Mars/Phobos:20261201T150000\r\n"),
	"-neither the calendar nor this machine knows the zone \"Mars/Phobos\""},
    /* By the names that Windows gives them, with a description of their own or without. */
    {ONE("DTSTART;TZID=Eastern Standard Time:20261201T090000\r\n"
	 "DTEND;TZID=Eastern Standard Time:20261201T093000\r\n"),
	"1 14:00-1 14:30"},
    {ONE("DTSTART;TZID=\"W. Europe Standard Time\":20261201T150000\r\nDURATION:PT30M\r\n"),
	"1 14:00-1 14:30"},
    {CAL("X-WR-TIMEZONE:Tokyo Standard Time\r\n" EVENT(
	 "DTSTART:20261201T230000\r\nDURATION:PT30M\r\n")),
	"1 14:00-1 14:30"},
    {CAL("BEGIN:VTIMEZONE\r\nTZID:Romance Standard Time\r\nBEGIN:STANDARD\r\n"
	 "DTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\n"
	 "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\n"
	 "BEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\n"
	 "TZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3\r\n"
	 "END:DAYLIGHT\r\nEND:VTIMEZONE\r\n" EVENT(
	     "DTSTART;TZID=Romance Standard Time:20261201T150000\r\nDURATION:PT30M\r\n")),
	"1 14:00-1 14:30"},
    /* What is nothing but an offset. */
    {ONE("DTSTART;TZID=GMT+0100:20261201T150000\r\nDURATION:PT30M\r\n"), "1 14:00-1 14:30"},
    {ONE("DTSTART;TZID=\"GMT+01:00\":20261201T150000\r\nDURATION:PT30M\r\n"), "1 14:00-1 14:30"},
    {ONE("DTSTART;TZID=GMT-0330:20261201T103000\r\nDTEND;TZID=GMT+0530:20261201T200000\r\n"),
	"1 14:00-1 14:30"},
    {CAL("X-WR-TIMEZONE:GMT-5\r\n" EVENT("DTSTART:20261201T090000\r\nDURATION:PT30M\r\n") EVENT(
	 "DTSTART;TZID=GMT+0100:20261201T153000\r\nDTEND;TZID=GMT+0100:20261201T160000\r\n")
	     EVENT(
		 "DTSTART;TZID=GMT+0100:20260601T170000\r\nDURATION:PT30M\r\nRRULE:FREQ=MONTHLY\r\n")),
	"1 14:00-1 15:00, 1 16:00-1 16:30"},
    {ONE("DTSTART;TZID=GMT+2500:20261201T150000\r\nDURATION:PT30M\r\n"),
	"-neither the calendar nor this machine knows the zone \"GMT+2500\""},
    {ONE("DTSTART;TZID=Mars Standard Time:20261201T150000\r\nDURATION:PT30M\r\n"),
	"-neither the calendar nor this machine knows the zone \"Mars Standard Time\""},
    {ONE("DTSTART;TZID=Mars/Phobos:20261201T150000\r\nDURATION:PT30M\r\n"),
	"-neither the calendar nor this machine knows the zone \"Mars/Phobos\""},
    {ONE("DTSTART;TZID=../../etc/passwd:20261201T150000\r\nDURATION:PT30M\r\n"),
	"-neither the calendar nor this machine knows the zone \"../../etc/passwd\""},
    {CAL("BEGIN:VTIMEZONE\r\nTZID:Empty\r\nEND:VTIMEZONE\r\n" EVENT(
	 "DTSTART;TZID=Empty:20261201T150000\r\nDURATION:PT30M\r\n")),
	"-neither the calendar nor this machine knows the zone \"Empty\""},
    /* Whole days are the owner's. */
    {ONE("DTSTART;VALUE=DATE:20261202\r\n"), "2 05:00-3 05:00"},
    {ONE("DTSTART;VALUE=DATE:20261202\r\nDTEND;VALUE=DATE:20261204\r\n"), "2 05:00-4 05:00"},
    {ONE("DTSTART;VALUE=DATE:20261202\r\nDURATION:P2D\r\n"), "2 05:00-4 05:00"},
    {ONE("DTSTART;VALUE=DATE:20261202\r\nDTEND;VALUE=DATE:20261202\r\n"), "2 05:00-3 05:00"},
    {ONE("DTSTART;VALUE=DATE:20261202\r\nDTEND;VALUE=DATE:20261201\r\n"),
	"-an event ends before it begins: \"20261202\""},
    /* Three of them, one of which has 23 hours, or 25. */
    {CAL(LEAP("-0100", "+0000") EVENT("DTSTART;VALUE=DATE;TZID=Leap:20261203\r\n"
				      "DTEND;VALUE=DATE;TZID=Leap:20261206\r\n")),
	"3 01:00-6 00:00"},
    {CAL(LEAP("+0000", "-0100") EVENT("DTSTART;VALUE=DATE;TZID=Leap:20261203\r\n"
				      "DTEND;VALUE=DATE;TZID=Leap:20261206\r\n")),
	"3 00:00-6 01:00"},
    /* Recurrences. */
    {ONE(AT_14 "RRULE:FREQ=DAILY;COUNT=3\r\n"),
	"1 14:00-1 14:30, 2 14:00-2 14:30, 3 14:00-3 14:30"},
    {ONE("DTSTART:20261128T140000Z\r\nDURATION:PT30M\r\nRRULE:FREQ=DAILY;COUNT=5\r\n"),
	"1 14:00-1 14:30, 2 14:00-2 14:30"},
    {ONE(AT_14 "RRULE:FREQ=DAILY;UNTIL=20261202T140000Z\r\n"), "1 14:00-1 14:30, 2 14:00-2 14:30"},
    {ONE(AT_14 "RRULE:FREQ=WEEKLY\r\n"), "1 14:00-1 14:30, 8 14:00-8 14:30"},
    {ONE(AT_14 "RRULE:FREQ=DAILY;INTERVAL=13\r\n"), "1 14:00-1 14:30, 14 14:00-14 14:30"},
    {ONE("DTSTART:20261101T230000Z\r\nDURATION:PT2H\r\nRRULE:FREQ=DAILY;INTERVAL=29\r\n"),
	"30 23:00-1 01:00"},
    {ONE("DTSTART:20261101T120000Z\r\nDURATION:P3D\r\nRRULE:FREQ=DAILY;COUNT=28\r\n"),
	"28 12:00-1 12:00"},
    /* What has no end is not followed to it. */
    {ONE("DTSTART:20261201T000000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=HOURLY\r\n"), "1 00:00-15 00:00"},
    /* The last occurrence of a rule may reach into the window; what ended long ago is not counted
     * up to its end. */
    {ONE("DTSTART:20261110T120000Z\r\nDURATION:P10D\r\nRRULE:FREQ=DAILY;UNTIL=20261123T120000Z\r\n"),
	"21 12:00-3 12:00"},
    {ONE("DTSTART:20200101T000000Z\r\nDURATION:PT1S\r\nRRULE:FREQ=SECONDLY;UNTIL=20200201T000000Z\r\n"),
	""},
    {ONE("DTSTART;VALUE=DATE:20200101\r\nRRULE:FREQ=DAILY;UNTIL=20200201\r\n"), ""},
    {ONE("DTSTART:19990105T140000Z\r\nDURATION:PT30M\r\nRRULE:FREQ=WEEKLY;BYDAY=TU\r\n"),
	"1 14:00-1 14:30, 8 14:00-8 14:30"},
    {ONE("DTSTART:20200114T140000Z\r\nDURATION:PT30M\r\nRRULE:FREQ=MONTHLY;BYDAY=2TU\r\n"),
	"8 14:00-8 14:30"},
    {ONE("DTSTART:20251201T140000Z\r\nDURATION:PT30M\r\nRRULE:FREQ=YEARLY\r\n"), "1 14:00-1 14:30"},
    {ONE("DTSTART:20200101T140000Z\r\nDURATION:PT30M\r\nRRULE:FREQ=DAILY;UNTIL=20201231T000000Z\r\n"),
	""},
    /* Until a day, which is the last: in its own zone. */
    {ONE(AT_14 "RRULE:FREQ=DAILY;UNTIL=20261202\r\n"), "1 14:00-1 14:30, 2 14:00-2 14:30"},
    {ONE("DTSTART;TZID=America/New_York:20261201T200000\r\nDURATION:PT30M\r\n"
	 "RRULE:FREQ=DAILY;UNTIL=20261202\r\n"),
	"2 01:00-2 01:30, 3 01:00-3 01:30"},
    {ONE("DTSTART;TZID=America/New_York:20261201T200000\r\nDURATION:PT30M\r\n"
	 "RRULE:FREQ=DAILY;UNTIL=20261203T010000Z\r\n"),
	"2 01:00-2 01:30, 3 01:00-3 01:30"},
    {ONE("DTSTART;VALUE=DATE:20261201\r\nRRULE:FREQ=DAILY;UNTIL=20261202\r\n"), "1 05:00-3 05:00"},
    {ONE("DTSTART;TZID=America/New_York:20261201T200000" HALF
	 "RRULE:FREQ=DAILY;UNTIL=20261202T230000Z\r\n"),
	"2 01:00-2 01:30"},
    /* All of that day, and nothing of the next. */
    {ONE("DTSTART;TZID=America/New_York:20261201T000000" HALF
	 "RRULE:FREQ=DAILY;UNTIL=20261202\r\n"),
	"1 05:00-1 05:30, 2 05:00-2 05:30"},
    {ONE("DTSTART;TZID=America/New_York:20261201T235930" HALF
	 "RRULE:FREQ=DAILY;UNTIL=20261202\r\n"),
	"2 04:59:30-2 05:29:30, 3 04:59:30-3 05:29:30"},
    {ONE("DTSTART:20261201T000000Z" HALF "RRULE:FREQ=DAILY;UNTIL=20261202\r\n"),
	"1 00:00-1 00:30, 2 00:00-2 00:30"},
    /* A rule that nobody can follow hides no time: nothing is known of that calendar. */
    {ONE(AT_14 "RRULE:FREQ=WEEKLY;BYMONTHDAY=5\r\n"),
	"-a rule cannot be followed: \"FREQ=WEEKLY;BYMONTHDAY=5\""},
    /* A birthday whose year nobody knows. */
    {ONE("DTSTART;VALUE=DATE:16041202\r\nRRULE:FREQ=YEARLY\r\n"), "2 05:00-3 05:00"},
    {ONE("DTSTART;VALUE=DATE:16011202\r\nRRULE:FREQ=YEARLY\r\n"), "2 05:00-3 05:00"},
    {ONE("DTSTART;VALUE=DATE:16001202\r\nRRULE:FREQ=YEARLY\r\n"), NO_START("16001202")},
    {ONE("DTSTART;VALUE=DATE:24991231\r\n"), ""},
    {ONE("DTSTART;VALUE=DATE:25000101\r\n"), NO_START("25000101")},
    {ONE("DTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=MONTHLY\r\n"), "1 05:00-2 05:00"},
    {ONE("DTSTART;VALUE=DATE:20260001\r\n"), NO_START("20260001")},
    {ONE("DTSTART;VALUE=DATE:20261301\r\n"), NO_START("20261301")},
    {ONE("DTSTART;VALUE=DATE:20261200\r\n"), NO_START("20261200")},
    {ONE("DTSTART;VALUE=DATE:20261131\r\n"), NO_START("20261131")},
    {ONE("DTSTART:20261201T000000Z" HALF), "1 00:00-1 00:30"},
    {ONE("DTSTART:20261201T235900Z" HALF), "1 23:59-2 00:29"},
    {ONE("DTSTART:20261201T240000Z" HALF), NO_START("20261201T240000Z")},
    {ONE("DTSTART:20261201T146000Z" HALF), NO_START("20261201T146000Z")},
    {ONE("DTSTART:20261201T-10000Z" HALF), "-"},
    {ONE("DTSTART:20261201T14-100Z" HALF), "-"},
    {ONE("DTSTART:2026-101T140000Z" HALF), "-"},
    {ONE("DTSTART:202612-1T140000Z" HALF), "-"},
    /* Each of however many rules. */
    {ONE(AT_14 "RRULE:FREQ=YEARLY;BYMONTH=1\r\nRRULE:FREQ=YEARLY;BYMONTH=2\r\n"
	       "RRULE:FREQ=YEARLY;BYMONTH=3\r\nRRULE:FREQ=YEARLY;BYMONTH=4\r\n"
	       "RRULE:FREQ=YEARLY;BYMONTH=5\r\nRRULE:FREQ=YEARLY;BYMONTH=6\r\n"
	       "RRULE:FREQ=YEARLY;BYMONTH=7\r\nRRULE:FREQ=YEARLY;BYMONTH=8\r\n"
	       "RRULE:FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=5\r\n"),
	"1 14:00-1 14:30, 5 14:00-5 14:30"},
    {ONE("DTSTART;VALUE=DATE:20261201\r\nRRULE:FREQ=WEEKLY;COUNT=2\r\n"),
	"1 05:00-2 05:00, 8 05:00-9 05:00"},
    /* At its local time, also after the clocks were put back. */
    {ONE("DTSTART;TZID=Europe/Berlin:20260706T150000\r\nDURATION:PT30M\r\n"
	 "RRULE:FREQ=WEEKLY;BYDAY=MO\r\n"),
	"7 14:00-7 14:30, 14 14:00-14 14:30"},
    {ONE(AT_14 "RRULE:FREQ=DAILY;COUNT=3\r\nEXDATE:20261202T140000Z\r\n"),
	"1 14:00-1 14:30, 3 14:00-3 14:30"},
    {ONE(AT_14 "RRULE:FREQ=DAILY;COUNT=3\r\nEXDATE:20261201T140000Z,20261202T140000Z\r\n"),
	"3 14:00-3 14:30"},
    {ONE(AT_14 "RRULE:FREQ=DAILY;COUNT=3\r\nEXDATE;TZID=Europe/Berlin:20261202T150000\r\n"),
	"1 14:00-1 14:30, 3 14:00-3 14:30"},
    {ONE(AT_14 "RRULE:FREQ=DAILY;COUNT=3\r\nEXDATE;VALUE=DATE:20261202\r\n"),
	"1 14:00-1 14:30, 3 14:00-3 14:30"},
    /* A day is one of the event's own zone. */
    {ONE("DTSTART;TZID=Asia/Tokyo:20261202T083000\r\nDURATION:PT30M\r\n"
	 "RRULE:FREQ=DAILY;COUNT=3\r\nEXDATE;VALUE=DATE:20261203\r\n"),
	"1 23:30-2 00:00, 3 23:30-4 00:00"},
    {ONE("DTSTART;TZID=America/New_York:20261201T200000\r\nDURATION:PT30M\r\n"
	 "RRULE:FREQ=DAILY;COUNT=3\r\nEXDATE;VALUE=DATE:20261203\r\n"),
	"2 01:00-2 01:30, 3 01:00-3 01:30"},
    {ONE(AT_14 "RDATE:20261205T100000Z\r\n"), "1 14:00-1 14:30, 5 10:00-5 10:30"},
    {ONE(AT_14 "RDATE:20261205T100000Z,20261206T100000Z\r\nEXDATE:20261206T100000Z\r\n"
	       "RDATE:20261207T100000Z\r\n"),
	"1 14:00-1 14:30, 5 10:00-5 10:30, 7 10:00-7 10:30"},
    {ONE("DTSTART;VALUE=DATE:20261201\r\nRDATE;VALUE=DATE:20261203,20261205\r\n"),
	"1 05:00-2 05:00, 3 05:00-4 05:00, 5 05:00-6 05:00"},
    {ONE(AT_14 "RDATE;VALUE=PERIOD;TZID=America/New_York:20261205T100000/PT2H,"
	       "20261206T100000/20261206T110000\r\n"),
	"1 14:00-1 14:30, 5 15:00-5 17:00, 6 15:00-6 16:00"},
    {ONE(AT_14 "RDATE;VALUE=PERIOD:20261205T100000Z/PT2H\r\n"), "1 14:00-1 14:30, 5 10:00-5 12:00"},
    {ONE(AT_14 "RDATE;VALUE=PERIOD:20261205T100000Z/20261205T110000Z\r\n"),
	"1 14:00-1 14:30, 5 10:00-5 11:00"},
    {ONE(AT_14 "RDATE;VALUE=PERIOD:20261205T100000Z/20261205T100000Z\r\n"), "1 14:00-1 14:30"},
    {ONE(AT_14 "RDATE;VALUE=PERIOD:20261205T100000Z/20261205T095959Z\r\n"),
	"-a date of an event is no time: \"20261205T100000Z/20261205T095959Z\""},
    {ONE(AT_14 "RDATE:20261131T100000Z\r\n"),
	"-a date of an event is no time: \"20261131T100000Z\""},
    {ONE(AT_14 "RDATE;TZID=Mars/Phobos:20261205T100000\r\n"),
	"-neither the calendar nor this machine knows the zone \"Mars/Phobos\""},
    {ONE(AT_14 "EXDATE;TZID=Mars/Phobos:20261205T100000\r\n"),
	"-neither the calendar nor this machine knows the zone \"Mars/Phobos\""},
    {ONE(AT_14 "EXDATE:20261201T140001Z\r\n"), "1 14:00-1 14:30"},
    {ONE("DTSTART;VALUE=DATE:20261201\r\nRRULE:FREQ=DAILY;COUNT=3\r\nEXDATE;VALUE=DATE:20261202\r\n"),
	"1 05:00-2 05:00, 3 05:00-4 05:00"},
    /* An occurrence that was moved, cancelled, made free; and what is left of its event. */
    {CAL(EVENT(AT_14 "RRULE:FREQ=DAILY;COUNT=3\r\n") EVENT(
	 "RECURRENCE-ID:20261202T140000Z\r\nDTSTART:20261202T180000Z\r\nDURATION:PT1H\r\n")),
	"1 14:00-1 14:30, 2 18:00-2 19:00, 3 14:00-3 14:30"},
    {CAL(EVENT("RECURRENCE-ID:20261202T140000Z\r\nSTATUS:CANCELLED\r\nDTSTART:20261202T140000Z\r\n")
	     EVENT(AT_14 "RRULE:FREQ=DAILY;COUNT=3\r\n")),
	"1 14:00-1 14:30, 3 14:00-3 14:30"},
    {CAL(EVENT(
	 "RECURRENCE-ID:20261202T140000Z\r\nTRANSP:TRANSPARENT\r\nDTSTART:20261202T140000Z\r\n")
	     EVENT(AT_14 "RRULE:FREQ=DAILY;COUNT=3\r\n")),
	"1 14:00-1 14:30, 3 14:00-3 14:30"},
    {CAL("BEGIN:VEVENT\r\nUID:b\r\nRECURRENCE-ID:20261202T140000Z\r\nDTSTART:20261202T180000Z\r\n"
	 "DURATION:PT1H\r\nEND:VEVENT\r\n" EVENT(AT_14 "RRULE:FREQ=DAILY;COUNT=2\r\n")),
	"1 14:00-1 14:30, 2 14:00-2 14:30, 2 18:00-2 19:00"},
    {CAL(EVENT(AT_14 "RRULE:FREQ=DAILY;COUNT=3\r\n") EVENT(
	 "RECURRENCE-ID;RANGE=THISANDFUTURE:20261202T140000Z\r\nDTSTART:20261202T180000Z\r\n"
	 "DURATION:PT1H\r\n")),
	"-an event changes all that follow (RANGE), which is not understood: \"a\""},
    {CAL(EVENT(AT_14 "RRULE:FREQ=DAILY;COUNT=2\r\n") EVENT(
	 "RECURRENCE-ID;TZID=Europe/Berlin:20261202T150000\r\nDTSTART:20261202T180000Z" HALF)),
	"1 14:00-1 14:30, 2 18:00-2 18:30"},
    {CAL(EVENT(AT_14) EVENT("RECURRENCE-ID;TZID=Mars:20261202T140000\r\n" AT_14)),
	"-neither the calendar nor this machine knows the zone \"Mars\""},
    {CAL(EVENT(AT_14) EVENT("RECURRENCE-ID:20261131T140000Z\r\n" AT_14)),
	"-the place of an occurrence is no time: \"20261131T140000Z\""},
    /* Many of two events, in no order. */
    {CAL(EVENT(AT_14 "RRULE:FREQ=DAILY;COUNT=6\r\n") GONE("a", "05") GONE("b", "01") GONE("a", "02")
	     GONE("b", "06") GONE("a", "04") GONE("a", "03")),
	"1 14:00-1 14:30, 6 14:00-6 14:30"},
    /* Published times. */
    {CAL("BEGIN:VFREEBUSY\r\nUID:f\r\nFREEBUSY:20261201T140000Z/20261201T140000Z,"
	 "20261202T140000Z/PT30M\r\nEND:VFREEBUSY\r\nBEGIN:VFREEBUSY\r\nUID:g\r\n"
	 "FREEBUSY;FBTYPE=BUSY:20261203T140000Z/PT30M\r\nEND:VFREEBUSY\r\n"),
	"2 14:00-2 14:30, 3 14:00-3 14:30"},
    {CAL("BEGIN:VFREEBUSY\r\nUID:f\r\nFREEBUSY:20261201T140000Z/20261201T135959Z\r\n"
	 "END:VFREEBUSY\r\n"),
	"-a busy time is no time: \"20261201T140000Z/20261201T135959Z\""},
    {CAL("BEGIN:VFREEBUSY\r\nUID:f\r\nFREEBUSY:20261131T140000Z/PT30M\r\nEND:VFREEBUSY\r\n"),
	"-a busy time is no time: \"20261131T140000Z/PT30M\""},
    {CAL("BEGIN:VFREEBUSY\r\nUID:f\r\nFREEBUSY:never\r\nEND:VFREEBUSY\r\n"), "-"},
    {CAL("BEGIN:VFREEBUSY\r\nUID:f\r\nFREEBUSY:20261201T140000Z/PT30M\r\n"
	 "FREEBUSY;FBTYPE=FREE:20261202T140000Z/PT30M\r\n"
	 "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20261203T140000Z/20261203T150000Z\r\nEND:VFREEBUSY\r\n"),
	"1 14:00-1 14:30, 3 14:00-3 15:00"},
    /* What is no calendar, or not all of one, is never free. */
    {"", "-" NOT_WHOLE},
    {"<html>Please log in</html>", "-" NOT_WHOLE},
    {"BEGIN:VCALENDAR\r\n" EVENT(AT_14), "-" NOT_WHOLE},
    {"BEGIN:VCALENDAR\r\n", "-" NOT_WHOLE},
    {ONE(AT_14) "<html>", "-" NOT_WHOLE},
    {"<html>" ONE(AT_14), "-" NOT_WHOLE},
    {"\r\n \t" ONE(AT_14), "-this is no calendar: \"\""},
    {"\r\n\r\n" ONE(AT_14) "\t \r\n", "1 14:00-1 14:30"},
    {"begin:vcalendar\r\nVERSION:2.0\r\nend:vcalendar", ""},
    {"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "-" NOT_WHOLE},
    {"BEGIN:VCALENDAR\nX\nEND:VCALENDAR\n", ""},
    {"BEGIN:VCALENDAREND:VCALENDAR", "-" NOT_WHOLE},
    {"END:VCALENDAR\r\nBEGIN:VCALENDAR\r\n", "-" NOT_WHOLE},
    {"BEGIN:VCALENDAS\r\n" EVENT(AT_14) "END:VCALENDAR\r\n", "-" NOT_WHOLE},
    {"BEGIN:VCALENDAR\r\n" EVENT(AT_14) "DND:VCALENDAR\r\n", "-" NOT_WHOLE},
    {"END:VCALENDAR", "-" NOT_WHOLE},
    {" \r\n", "-" NOT_WHOLE},
    {"\xef\xbb\xbf", "-" NOT_WHOLE},
    {ONE("SUMMARY:No time\r\n"), "-an event has no start: \"a\""},
    {ONE("DTSTART:20261301T140000Z\r\n"), "-"},
    {ONE("DTSTART:20261131T140000Z\r\nDURATION:PT1H\r\n"), "-"},
    {ONE("DTSTART:tomorrow\r\n"), "-"},
    {ONE(AT_14 "RRULE:FREQ=SOMETIMES\r\n"), "-"},
    {ONE(AT_14 "RRULE:nonsense\r\n"), "-"},
    {ONE(AT_14 "EXDATE:never\r\n"), "-"},
    {ONE("DTSTART:20261201T140000Z\r\nDTEND:20261201T133000Z\r\n"),
	"-an event ends before it begins: \"20261201T140000Z\""},
    {ONE("DTSTART:20261201T140000Z\r\nDTEND;VALUE=DATE:20261202\r\n"),
	"-the end of an event is no time: \"20261202\""},
    {ONE("DTSTART:20261201T140000Z\r\nDTEND:20261201T146000Z\r\n"),
	"-the end of an event is no time: \"20261201T146000Z\""},
    {ONE("DTSTART:20261201T140000Z\r\nDTEND:20261201T140000Z\r\n"), ""},
    {ONE("DTSTART:20261201T140000Z\r\nDURATION:-PT1S\r\n"),
	"-an event ends before it begins: \"20261201T140000Z\""},
    {ONE("DTSTART:20261201T140000Z\r\nDTEND:never\r\n"), "-"},
    {ONE("DTSTART:20261201T140000Z\r\nDURATION:long\r\n"), "-"},
    {ONE(AT_14 "RDATE:never\r\n"), "-"},
    {CAL(EVENT(AT_14) EVENT("RECURRENCE-ID:never\r\n" AT_14)), "-"},
    /* The first of two faults is told, and a fault in the last event counts. */
    {CAL(EVENT("DTSTART;TZID=Mars:20261201T140000" HALF) EVENT("SUMMARY:x\r\n")),
	"-neither the calendar nor this machine knows the zone \"Mars\""},
    {ONE(AT_14) ONE("SUMMARY:x\r\n"), "-an event has no start: \"a\""},
    {ONE("SUMMARY:x\r\n") ONE(AT_14), "-an event has no start: \"a\""},
    {CAL("BEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT\r\n"), "-an event has no start: \"\""},
    {CAL("BEGIN:VEVENT\r\n" AT_14 "RRULE:FREQ=DAILY;COUNT=2\r\nEND:VEVENT\r\n"),
	"1 14:00-1 14:30, 2 14:00-2 14:30"},
    /* What libical remarks on and what is no time is not minded. */
    {ONE(AT_14 "LOCATION:\r\nX-ODD\r\n"), "1 14:00-1 14:30"},
    {ONE(AT_14 "STATUS:\r\nTRANSP:\r\nEXDATE:\r\n"), "1 14:00-1 14:30"},
    /* Whatever is wrong with an event of long ago, but for what recurs, or may. */
    {CAL(EVENT(
	 "DTSTART;TZID=Mars/Phobos:20120101T100000\r\nDTEND;TZID=Mars/Phobos:20120101T110000\r\n")
	     EVENT("DTSTART:20120101T100000Z\r\nDTEND:20120101T090000Z\r\n") EVENT(AT_14)),
	"1 14:00-1 14:30"},
    {ONE("DTSTART;TZID=Mars/Phobos:20120101T100000\r\nDTEND;TZID=Mars/Phobos:20120101T110000\r\n"
	 "RRULE:FREQ=DAILY\r\n"),
	"-neither the calendar nor this machine knows the zone \"Mars/Phobos\""},
    {ONE("DTSTART;TZID=Mars/Phobos:20120101T100000\r\nDTEND;TZID=Mars/Phobos:20120101T110000\r\n"
	 "RRULE:nonsense\r\n"),
	"-"},
    {ONE("DTSTART;TZID=Mars/Phobos:20261201T100000\r\nDTEND;TZID=Mars/Phobos:20120101T110000\r\n"),
	"-neither the calendar nor this machine knows the zone \"Mars/Phobos\""},
    /* More occurrences than are looked at, and rules without an end. */
    {ONE("DTSTART:20200101T000000Z\r\nDURATION:PT1S\r\nRRULE:FREQ=SECONDLY;COUNT=1000000\r\n"),
	"-the calendar has more than 500000 occurrences"},
    {ONE("DTSTART:20200101T000000Z\r\nDURATION:PT1S\r\nRRULE:FREQ=MINUTELY\r\n"),
	"-the calendar has more than 500000 occurrences"},
    {ONE("DTSTART:20200101T000000Z\r\nDURATION:PT1S\r\nRRULE:FREQ=SECONDLY;COUNT=499999\r\n"), ""},
    {ONE("DTSTART:20200101T000000Z\r\nDURATION:PT1S\r\nRRULE:FREQ=SECONDLY;COUNT=500000\r\n"),
	"-the calendar has more than 500000 occurrences"},
    {ONE("DTSTART:20261201T000000Z\r\nDURATION:PT1S\r\nRRULE:FREQ=SECONDLY;INTERVAL=30\r\n"),
	"-the calendar has more than 20000 busy times in the window"},
};

START_TEST(file)
{
	/* Nothing is read beyond its end. */
	char *text = arena_printf(arena, "%s%cEND:VCALENDAR?", files[_i].text, '\0');
	struct busy_list busy = {NULL, 99};
	struct fail fail = {0};
	enum err err = ical_busy_read(arena, text, strlen(text), &question, &busy, &fail);

	if (files[_i].busy[0] != '-') {
		ck_assert_msg(!err, "%s", fail.detail);
		/* What covers the window is not cut; the day is not told here. */
		if (strcmp(files[_i].busy, "1 00:00-1 00:00") != 0)
			ck_assert_str_eq(text_of(&busy), files[_i].busy);
		else
			ck_assert_uint_eq(busy.count, 1);
		return;
	}
	ck_assert_msg(err, "accepted: %s", text_of(&busy));
	ck_assert_int_eq(fail.code, err);
	ck_assert_uint_eq(busy.count, 99);
	if (files[_i].busy[1])
		ck_assert_str_eq(fail.detail, files[_i].busy + 1);
}
END_TEST

/* Cut off anywhere it is refused; with any byte another it is refused, or read. */
START_TEST(damaged)
{
	static const char whole[] =
	    CAL(ZONE EVENT(AT_14 "RRULE:FREQ=WEEKLY;COUNT=3\r\nEXDATE:20261208T140000Z\r\n")
		    EVENT("DTSTART;TZID=Own Time:20261203T130000\r\nDURATION:PT30M\r\n"));
	struct busy_list busy;
	struct fail fail;
	uint64_t random = 5;

	for (size_t len = 0; len < sizeof(whole) - 3; len++) {
		char *text = arena_strn(arena, whole, len);

		ck_assert_int_ne(
		    ical_busy_read(arena, text, len, &question, &busy, &fail), ERR_NONE);
		arena_reset(arena);
	}
	for (int i = 0; i < 500; i++) {
		char *text = arena_str(arena, whole);

		text[random_between(&random, 0, (int64_t)sizeof(whole) - 2)] =
		    (char)random_between(&random, 1, 255);
		if (!ical_busy_read(arena, text, sizeof(whole) - 1, &question, &busy, &fail))
			for (size_t j = 0; j < busy.count; j++)
				ck_assert_int_lt(busy.list[j].start, busy.list[j].end);
		arena_reset(arena);
	}
}
END_TEST

START_TEST(too_large)
{
	struct arena *large = arena_new(3 * ICAL_BYTES_MAX);
	char *text = arena_alloc(large, ICAL_BYTES_MAX + 2);
	struct busy_list busy;
	struct fail fail;

	memset(text, 'x', ICAL_BYTES_MAX + 1);
	text[ICAL_BYTES_MAX + 1] = '\0';
	ck_assert_int_eq(ical_busy_read(large, text, ICAL_BYTES_MAX + 1, &question, &busy, &fail),
	    ERR_TOO_LARGE);
	ck_assert_str_eq(fail.detail, "the calendar is larger than 8 MiB");
	text[ICAL_BYTES_MAX] = '\0';
	ck_assert_int_eq(
	    ical_busy_read(large, text, ICAL_BYTES_MAX, &question, &busy, &fail), ERR_GARBLED);
	ck_assert_int_eq(ical_busy_read(large, text, 1, &question, &busy, &fail), ERR_GARBLED);
	ck_assert_str_eq(fail.detail, "this is no text");
	arena_free(large);
}
END_TEST

/* Times beyond the most there may be are merged where they touch, before they are too many. */
static const struct {
	const char *rule;
	size_t count; /* 0: they are too many */
} crowds[] = {
    {"DURATION:PT1S\r\nRRULE:FREQ=SECONDLY;INTERVAL=30;COUNT=20000\r\n", 20000},
    {"DURATION:PT1S\r\nRRULE:FREQ=SECONDLY;INTERVAL=30;COUNT=20001\r\n", 0},
    {"DURATION:PT30S\r\nRRULE:FREQ=SECONDLY;INTERVAL=30;COUNT=40000\r\n", 1},
    /* One of 20000 lies within another, and leaves its room to the last. */
    {"DURATION:PT1S\r\nRRULE:FREQ=SECONDLY;INTERVAL=30;COUNT=19999\r\nEND:VEVENT\r\n"
     "BEGIN:VEVENT\r\nUID:b\r\nDTSTART:20261201T000000Z\r\nDURATION:PT1S\r\nEND:VEVENT\r\n"
     "BEGIN:VEVENT\r\nUID:c\r\nDTSTART:20261201T000010Z\r\nDURATION:PT1S\r\n",
	20000},
};

START_TEST(crowd)
{
	char *text =
	    arena_printf(arena, CAL(EVENT("DTSTART:20261201T000000Z\r\n%s")), crowds[_i].rule);
	struct busy_list busy = {NULL, 99};
	struct fail fail;
	enum err err = ical_busy_read(arena, text, strlen(text), &question, &busy, &fail);

	if (!crowds[_i].count) {
		ck_assert_int_eq(err, ERR_TOO_LARGE);
		ck_assert_str_eq(
		    fail.detail, "the calendar has more than 20000 busy times in the window");
		return;
	}
	ck_assert_int_eq(err, ERR_NONE);
	ck_assert_uint_eq(busy.count, crowds[_i].count);
	ck_assert_int_eq(busy.list[0].start, FIRST);
}
END_TEST

/* A time that names no zone cannot be told then. */
START_TEST(zone_that_is_none)
{
	const struct ical_question elsewhere = {.window = question.window, .timezone = "Mars/Base"};
	struct ical_call call = {.call = {FIRST + 14 * 3600, FIRST + 14 * 3600 + 1800}};
	char *text = arena_str(arena, ONE(AT_14));
	struct busy_list busy;
	struct fail fail;

	ck_assert_int_eq(
	    ical_busy_read(arena, text, strlen(text), &elsewhere, &busy, &fail), ERR_GARBLED);
	ck_assert_str_eq(fail.detail, "the business's zone is not known here: \"Mars/Base\"");
	ical_call_read(text, "Mars/Base", &call);
	ck_assert(!call.is_deleted && call.call.start == 0 && call.call.end == 0);
}
END_TEST

START_TEST(too_many_events)
{
	struct text text = text_new(arena, ICAL_BYTES_MAX);
	struct busy_list busy;
	struct fail fail;

	text_str(&text, "BEGIN:VCALENDAR\r\n");
	for (int i = 0; i <= ICAL_EVENTS_MAX; i++)
		text_printf(&text, EVENT("DTSTART:20261201T140000Z\r\n"));
	text_str(&text, "END:VCALENDAR\r\n");
	ck_assert(!text_overflowed(&text));
	ck_assert_int_eq(
	    ical_busy_read(arena, text.data, text.len, &question, &busy, &fail), ERR_TOO_LARGE);
	ck_assert_str_eq(fail.detail, "the calendar has more than 50000 events");
	/* One fewer are looked at. */
	memcpy(strrchr(text.data, 'U') - strlen("BEGIN:VEVENT\r\n"), "END:VCALENDAR\r\n\0", 16);
	ck_assert_int_eq(
	    ical_busy_read(arena, text.data, strlen(text.data), &question, &busy, &fail), ERR_NONE);
	ck_assert_uint_eq(busy.count, 0);
}
END_TEST

/* A child reads the same, says the same, and is ended when a rule leads it nowhere. */
START_TEST(apart)
{
	struct busy_list busy = {NULL, 99};
	struct fail fail;

	ck_assert_int_eq(
	    ical_busy_read_apart(arena, arena_str(arena, ONE(AT_14 "RRULE:FREQ=DAILY;COUNT=2\r\n")),
		&question, 60000, &busy, &fail),
	    ERR_NONE);
	ck_assert_str_eq(text_of(&busy), "1 14:00-1 14:30, 2 14:00-2 14:30");
	busy.list[busy.count] = (struct interval){1, 2};
	ck_assert_int_eq(
	    ical_busy_read_apart(arena, arena_str(arena, "<html>"), &question, 60000, &busy, &fail),
	    ERR_GARBLED);
	ck_assert_str_eq(fail.detail, NOT_WHOLE);
	ck_assert_int_eq(
	    ical_busy_read_apart(arena,
		arena_str(arena, ONE(AT_14 "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30\r\n")),
		&question, 300, &busy, &fail),
	    ERR_GARBLED);
	ck_assert_str_eq(fail.detail, "the calendar takes longer to read than any should");
}
END_TEST

/* One that is not there, and one that ends without a word. */
START_TEST(no_reader)
{
	struct busy_list busy = {NULL, 99};
	struct fail fail;

	setenv("SLOTGUARD_READER", "/nowhere/slotguard-reader", 1);
	ck_assert_int_eq(
	    ical_busy_read_apart(arena, "BEGIN", &question, 60000, &busy, &fail), ERR_SYSTEM);
	ck_assert_str_eq(
	    fail.detail, "/nowhere/slotguard-reader cannot be started: No such file or directory");
	setenv("SLOTGUARD_READER", "/bin/true", 1);
	ck_assert_int_eq(
	    ical_busy_read_apart(arena, "BEGIN", &question, 60000, &busy, &fail), ERR_GARBLED);
	ck_assert_str_eq(fail.detail, "the calendar cannot be read: its reader died");
	ck_assert_uint_eq(busy.count, 99);
	use_built_reader();
}
END_TEST

/* ---- The event of a call ---- */

#define WEEKLY AT_14 "RRULE:FREQ=WEEKLY\r\n"
#define EXCEPTION(place, rest) EVENT("RECURRENCE-ID:" place "\r\n" rest)

static const struct {
	const char *text, *call; /* "gone"; "-": no time of day */
} calls[] = {
    {ONE(AT_14), "1 14:00-1 14:30"},
    {ONE(AT_14 "TRANSP:TRANSPARENT\r\n"), "1 14:00-1 14:30"},
    {ONE("DTSTART:20261203T190000Z\r\nDURATION:PT1H\r\n"), "3 19:00-3 20:00"},
    {ONE("DTSTART;TZID=Europe/Berlin:20261203T190000\r\nDURATION:PT1H\r\n"), "3 18:00-3 19:00"},
    {CAL(ZONE EVENT("DTSTART;TZID=Own Time:20261203T190000\r\nDURATION:PT1H\r\n")),
	"3 20:00-3 21:00"},
    /* In the business's zone. */
    {ONE("DTSTART:20261203T090000\r\nDTEND:20261203T100000\r\n"), "3 14:00-3 15:00"},
    {ONE(AT_14 "STATUS:CANCELLED\r\n"), "gone"},
    /* Somebody made it recur: the occurrence is the call's that begins when it does. */
    {ONE(WEEKLY), "1 14:00-1 14:30"},
    {ONE(WEEKLY "EXDATE:20261208T140000Z\r\n"), "1 14:00-1 14:30"},
    {ONE(WEEKLY "EXDATE:20261201T140000Z\r\n"), "gone"},
    {CAL(EVENT(WEEKLY)
	     EXCEPTION("20261208T140000Z", "DTSTART:20261208T160000Z\r\nDURATION:PT30M\r\n")),
	"1 14:00-1 14:30"},
    {CAL(EVENT(WEEKLY)
	     EXCEPTION("20261201T140000Z", "DTSTART:20261201T160000Z\r\nDURATION:PT30M\r\n")),
	"1 16:00-1 16:30"},
    {CAL(EXCEPTION("20261201T140000Z", AT_14 "STATUS:CANCELLED\r\n") EVENT(WEEKLY)), "gone"},
    {ONE("DTSTART:20261202T140000Z\r\nDURATION:PT30M\r\nRRULE:FREQ=WEEKLY\r\n"), "2 14:00-2 14:30"},
    /* Days, and what is not understood. */
    {ONE("DTSTART;VALUE=DATE:20261201\r\n"), "-"},
    {ONE("DTSTART:20261201T140000Z\r\n"), "-"},
    {ONE("DTSTART:yesterday\r\n"), "-"},
    {ONE("DTSTART;TZID=Nowhere:20261201T140000\r\nDURATION:PT1H\r\n"), "-"},
    {ONE("DTSTART;TZID=Europe/../Europe/Berlin:20261201T140000\r\nDURATION:PT1H\r\n"), "-"},
    {ONE("DTSTART;TZID=/usr/share/zoneinfo/Nowhere:20261201T140000\r\nDURATION:PT1H\r\n"), "-"},
    {CAL(EVENT(WEEKLY) EXCEPTION("never", AT_14)), "-"},
    {CAL(EVENT(WEEKLY) EVENT("RECURRENCE-ID;TZID=Mars:20261201T140000\r\n" AT_14)), "-"},
    {ONE(WEEKLY "EXDATE;TZID=Mars:20261201T140000\r\n"), "-"},
    /* An exception of another day's event is its own matter; so is the first of two events. */
    {ONE("DTSTART:20261202T140000Z" HALF "RRULE:FREQ=WEEKLY\r\nEXDATE:20261202T140000Z\r\n"),
	"2 14:00-2 14:30"},
    {CAL(EVENT(AT_14) EVENT("DTSTART:20261203T190000Z" HALF)), "1 14:00-1 14:30"},
    {ONE(AT_14) ONE("DTSTART:20261203T190000Z" HALF), "1 14:00-1 14:30"},
    {ONE("DTSTART;VALUE=DATE:20261201\r\nSTATUS:CANCELLED\r\n"), "gone"},
    {CAL("BEGIN:VTODO\r\nUID:a\r\nEND:VTODO\r\n"), "-"},
    {CAL(""), "-"},
    {"<html>", "-"},
    {"", "-"},
};

static const char *call_text(const struct ical_call *call)
{
	struct interval list[] = {call->call, {0, 0}};
	const struct busy_list busy = {list, 1};

	if (call->is_deleted)
		return "gone";
	return call->call.end > call->call.start ? text_of(&busy) : "-";
}

START_TEST(call)
{
	struct ical_call read = {
	    .call = {FIRST + 14 * 3600, FIRST + 14 * 3600 + 1800}, .is_deleted = true};

	ical_call_read(calls[_i].text, "America/New_York", &read);
	ck_assert_str_eq(call_text(&read), calls[_i].call);
	if (read.is_deleted)
		ck_assert_int_eq(read.call.end, 0);
}
END_TEST

/* All at once; none of them is in another's way. */
START_TEST(calls_apart)
{
	const char *texts[COUNT(calls)];
	struct ical_call list[COUNT(calls)];
	const struct ical_calls all = {texts, list, COUNT(calls), "America/New_York"};
	struct fail fail = {0};

	for (size_t i = 0; i < COUNT(calls); i++) {
		texts[i] = calls[i].text;
		list[i] = (struct ical_call){.call = {FIRST + 14 * 3600, FIRST + 14 * 3600 + 1800}};
	}
	ck_assert_msg(!ical_calls_read_apart(arena, &all, 60000, &fail), "%s", fail.detail);
	for (size_t i = 0; i < COUNT(calls); i++)
		ck_assert_str_eq(call_text(&list[i]), calls[i].call);
	setenv("SLOTGUARD_READER", "/nowhere/slotguard-reader", 1);
	ck_assert_int_eq(ical_calls_read_apart(arena, &all, 60000, &fail), ERR_SYSTEM);
	setenv("SLOTGUARD_READER", "/bin/true", 1);
	ck_assert_int_eq(ical_calls_read_apart(arena, &all, 60000, &fail), ERR_GARBLED);
	/* Who says something is no reader yet. */
	setenv("SLOTGUARD_READER", "/bin/echo", 1);
	ck_assert_int_eq(ical_calls_read_apart(arena, &all, 60000, &fail), ERR_GARBLED);
	ck_assert_ptr_nonnull(strstr(fail.detail, "the calendar cannot be read"));
	for (size_t i = 0; i < COUNT(calls); i++)
		ck_assert_str_eq(call_text(&list[i]), calls[i].call);
	use_built_reader();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ical");
	TCase *reading = tcase_create("read");
	SRunner *runner = srunner_create(suite);
	int failed;

	use_built_reader();
	tcase_add_checked_fixture(reading, set_up, tear_down);
	tcase_set_timeout(reading, 60);
	tcase_add_loop_test(reading, file, 0, (int)COUNT(files));
	tcase_add_test(reading, damaged);
	tcase_add_test(reading, too_large);
	tcase_add_loop_test(reading, crowd, 0, (int)COUNT(crowds));
	tcase_add_test(reading, zone_that_is_none);
	tcase_add_test(reading, too_many_events);
	tcase_add_test(reading, apart);
	tcase_add_test(reading, no_reader);
	tcase_add_loop_test(reading, call, 0, (int)COUNT(calls));
	tcase_add_test(reading, calls_apart);
	suite_add_tcase(suite, reading);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

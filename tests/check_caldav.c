/* SPDX-License-Identifier: MIT */
/* check_caldav.c: what a CalDAV server is asked, and what its answers mean */
#include "store/caldav_busy.h"
#include "store/caldav_seen.h"
#include "base/clock.h"
#include "files.h"
#include "reader.h"
#include "secrets.h"
#include "server.h"
#include "times.h"

#include <sodium.h>

static struct arena *arena;
static struct http *http;
static struct caldav *caldav;
static struct conf_calendar calendar;
static struct caldav_wish wish;
static struct busy_list busy;
static struct fail fail;

#define XML "Content-Type: application/xml\r\n"
#define HEAD "<multistatus xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\">"
#define TAIL "</multistatus>"
#define RESOURCE(href, properties)                                                                 \
	"<response><href>" href "</href><propstat><prop>" properties                               \
	"</prop><status>HTTP/1.1 200 OK</status></propstat></response>"
#define TYPE(kind) "<resourcetype><collection/>" kind "</resourcetype>"
#define A_CALENDAR HEAD RESOURCE("/avo/cal/", TYPE("<C:calendar/>")) TAIL
#define DATA(text) "<C:calendar-data>" text "</C:calendar-data>"
#define EVENT(start, rest)                                                                         \
	"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:" start "\nDURATION:PT1H\n" rest            \
	"END:VEVENT\nEND:VCALENDAR\n"

#define BOOKING "0123abcd45674abc8def0123456789ab"

static void set_up(void)
{
	arena = arena_new(8 << 20);
	ck_assert_ptr_nonnull(arena);
	server_start();
	http = http_new(NULL);
	calendar = (struct conf_calendar){.name = arena_str(arena, "home"),
	    .kind = CALENDAR_CALDAV,
	    .url = arena_printf(arena, "%s/avo/cal", server.url),
	    .user = make_secret("avo"),
	    .password = make_secret("s3cret")};
	ck_assert_int_ge(sodium_init(), 0);
	caldav = caldav_new(&calendar, http);
	ck_assert_ptr_nonnull(caldav);
	wish = (struct caldav_wish){
	    .question = {{instant("2026-12-01T00:00:00Z"), instant("2026-12-03T00:00:00Z")},
		"America/New_York"},
	    .deadline = clock_boot_ms() + 30000};
	busy = (struct busy_list){NULL, 99};
	fail = (struct fail){0};
}

static void tear_down(void)
{
	caldav_free(caldav);
	http_free(http);
	free(calendar.user);
	free(calendar.password);
	arena_free(arena);
}

static bool asks(unsigned number, const char *text)
{
	return strstr(server_request(number), text) != NULL;
}

static enum err ask(void)
{
	return caldav_busy(caldav, arena, &wish, &busy, &fail);
}

/* It is asked once whether there is a calendar, and each time with the password. */
START_TEST(events)
{
	server_answers(207, XML, A_CALENDAR);
	server_answers(207, XML,
	    HEAD RESOURCE("/avo/cal/a.ics", DATA(EVENT("20261124T150000Z", "RRULE:FREQ=WEEKLY\n")))
		RESOURCE("/avo/cal/b.ics", DATA(EVENT("20261202T150000Z", ""))) RESOURCE(
		    "/avo/cal/c.ics", DATA(EVENT("20261202T190000Z", "TRANSP:TRANSPARENT\n")))
		    RESOURCE("/avo/cal/d.ics", DATA(EVENT("20261205T150000Z", ""))) TAIL);
	ck_assert_msg(!ask(), "%s", fail.detail);
	ck_assert_uint_eq(busy.count, 2);
	ck_assert_int_eq(busy.list[0].start, instant("2026-12-01T15:00:00Z"));
	ck_assert_int_eq(busy.list[1].end, instant("2026-12-02T16:00:00Z"));
	busy.list[busy.count] = (struct interval){0, 0};
	ck_assert(asks(0, "PROPFIND /avo/cal/ HTTP/1.1\r\n") && asks(0, "\r\nDepth: 0\r\n"));
	ck_assert(asks(1, "REPORT /avo/cal/ HTTP/1.1\r\n") && asks(1, "\r\nDepth: 1\r\n"));
	ck_assert(asks(0, "\r\nAuthorization: Basic YXZvOnMzY3JldA==\r\n"));
	ck_assert(asks(1, "\r\nAuthorization: Basic YXZvOnMzY3JldA==\r\n"));
	/* A day more on both sides. */
	ck_assert(asks(1, "<C:time-range start=\"20261130T000000Z\" end=\"20261204T000000Z\"/>"));
	server_answers(207, XML, HEAD TAIL);
	ck_assert_msg(!ask(), "%s", fail.detail);
	ck_assert_uint_eq(busy.count, 0);
	busy.list[0] = (struct interval){0, 0};
	ck_assert_uint_eq(server_count(), 3);
}
END_TEST

#define RIGHT(name) "<privilege><" name "/></privilege>"

static const struct {
	const char *rights;
	bool is_read_only;
} rights[] = {
    {"", false},
    {"<current-user-privilege-set>" RIGHT("read") RIGHT("write") "</current-user-privilege-set>",
	false},
    {"<current-user-privilege-set>" RIGHT("all") "</current-user-privilege-set>", false},
    {"<current-user-privilege-set>" RIGHT("bind") "</current-user-privilege-set>", false},
    {"<current-user-privilege-set>" RIGHT("read")
	    RIGHT("write-properties") "</current-user-privilege-set>",
	true},
    {"<current-user-privilege-set/>", true},
};

START_TEST(right_to_write)
{
	ck_assert(!caldav_is_read_only(caldav));
	server_answers(207, XML,
	    arena_printf(arena, HEAD RESOURCE("/avo/cal/", TYPE("<C:calendar/>") "%s") TAIL,
		rights[_i].rights));
	server_answers(207, XML, HEAD TAIL);
	ck_assert_msg(!ask(), "%s", fail.detail);
	ck_assert_int_eq(caldav_is_read_only(caldav), rights[_i].is_read_only);
}
END_TEST

/* Those of calls are told by their addresses, wherever the server puts its calendars. */
START_TEST(without_calls)
{
	server_answers(207, XML, A_CALENDAR);
	server_answers(207, XML,
	    HEAD RESOURCE("/avo/cal/" BOOKING "v12.ics", DATA(EVENT("20261201T150000Z", "")))
		RESOURCE("/avo/cal/" BOOKING "v.ics", DATA(EVENT("20261202T150000Z", "")))
		    RESOURCE("/avo/cal/x" BOOKING "v1.ics", DATA(EVENT("20261202T170000Z", "")))
			RESOURCE("/avo/cal/" BOOKING "w1.ics", DATA(EVENT("20261202T190000Z", "")))
	    /* No version has so many digits. */
	    RESOURCE("/avo/cal/" BOOKING "v12345678901234567890123.ics",
		DATA(EVENT("20261202T210000Z", ""))) TAIL);
	wish.skips_calls = true;
	ck_assert_msg(!ask(), "%s", fail.detail);
	ck_assert_uint_eq(busy.count, 4);
	ck_assert_int_eq(busy.list[0].start, instant("2026-12-02T15:00:00Z"));
}
END_TEST

/* What is no calendar holds no events, and its owner is not free. */
static const struct {
	int status;
	const char *headers, *body;
	enum err err;
	const char *detail;
} no_calendars[] = {
    {207, XML, HEAD RESOURCE("/avo/", TYPE("")) TAIL, ERR_BUSY,
	"there is no calendar at the address: it ends with the calendar's own name"},
    {207, XML, HEAD TAIL, ERR_BUSY,
	"there is no calendar at the address: it ends with the calendar's own name"},
    {404, "", "", ERR_BUSY, "there is no calendar at the address (404)"},
    {405, "", "", ERR_BUSY, "the calendar's server answered 405"},
    {401, "WWW-Authenticate: Basic realm=\"x\"\r\n", "", ERR_AUTH,
	"the calendar's server does not accept the name and the password (401)"},
    {403, "", "", ERR_AUTH, "the calendar's server does not let this user do that (403)"},
    {429, "", "", ERR_BUSY, "the calendar's server answered 429"},
    {503, "", "", ERR_BUSY, "the calendar's server answered 503"},
    {302, "Location: https://elsewhere.example/dav/?key=2\r\n", "", ERR_BUSY,
	"the address leads on to https://elsewhere.example, where the password is not sent: if "
	"that is right, write the calendar's address there"},
    {302, "Location: https://ada:secret@elsewhere.example:8443/dav/\r\n", "", ERR_BUSY,
	"the address leads on to https://elsewhere.example:8443, where the password is not sent: if "
	"that is right, write the calendar's address there"},
    {301, "Location: /dav/\r\n", "", ERR_BUSY,
	"the address leads on to /dav/, where the password is not sent: if that is right, write "
	"the calendar's address there"},
    {307, "", "", ERR_BUSY,
	"the address leads on to nowhere, where the password is not sent: if that is right, write "
	"the calendar's address there"},
    {200, "", "<html>Please log in</html>", ERR_GARBLED,
	"the calendar's server answered something else than a multistatus"},
    {200, "", "Please log in", ERR_GARBLED,
	"the answer of the calendar's server is no XML, or has a document type"},
};

START_TEST(no_calendar)
{
	server_answers(no_calendars[_i].status, no_calendars[_i].headers, no_calendars[_i].body);
	ck_assert_int_eq(ask(), no_calendars[_i].err);
	ck_assert_str_eq(fail.detail, no_calendars[_i].detail);
	ck_assert_uint_eq(busy.count, 99);
	ck_assert_uint_eq(server_count(), 1);
	/* It is not taken for one later either. */
	server_answers(404, "", "");
	ck_assert_int_eq(ask(), ERR_BUSY);
	ck_assert(asks(1, "PROPFIND "));
}
END_TEST

static const struct {
	int status;
	const char *body;
	enum err err;
	const char *detail;
} broken[] = {
    {207, HEAD RESOURCE("/avo/cal/a.ics", "") TAIL, ERR_GARBLED,
	"the calendar's server names an event and does not tell it"},
    {207, HEAD RESOURCE("/avo/cal/a.ics", DATA("<x/>")) TAIL, ERR_GARBLED,
	"this is no whole calendar: it does not go from BEGIN:VCALENDAR to END:VCALENDAR"},
    {207, HEAD RESOURCE("/avo/cal/a.ics", DATA("Please log in")) TAIL, ERR_GARBLED,
	"this is no whole calendar: it does not go from BEGIN:VCALENDAR to END:VCALENDAR"},
    {207, HEAD RESOURCE("/a.ics", DATA(EVENT("yesterday", ""))) TAIL, ERR_GARBLED, NULL},
    {207, HEAD "<response><href>/avo/cal/</href><status>HTTP/1.1 507 Much</status></response>" TAIL,
	ERR_GARBLED, "the calendar's server withholds a part of its answer (HTTP/1.1 507 Much)"},
    {401, "", ERR_AUTH, "the calendar's server does not accept the name and the password (401)"},
    {404, "", ERR_NOT_FOUND, "there is no calendar at the address (404)"},
    {501, "", ERR_BUSY, "the calendar's server answered 501"},
};

START_TEST(broken_answer)
{
	server_answers(207, XML, A_CALENDAR);
	server_answers(broken[_i].status, XML, broken[_i].body);
	ck_assert_int_eq(ask(), broken[_i].err);
	if (broken[_i].detail)
		ck_assert_str_eq(fail.detail, broken[_i].detail);
	ck_assert_uint_eq(busy.count, 99);
}
END_TEST

/* Too many occurrences, or too long to read, as fast as the machine is. */
START_TEST(endless)
{
	server_answers(207, XML, A_CALENDAR);
	server_answers(207, XML,
	    HEAD RESOURCE("/a.ics", DATA(EVENT("20200101T000000Z", "RRULE:FREQ=SECONDLY\n"))) TAIL);
	ck_assert_int_ne(ask(), ERR_NONE);
	ck_assert(fail.code == ERR_TOO_LARGE || fail.code == ERR_GARBLED);
	ck_assert_uint_eq(busy.count, 99);
}
END_TEST

START_TEST(too_large)
{
	size_t len = CALDAV_BYTES_MAX + 1;
	char *body = malloc(len + 1);

	memset(body, ' ', len);
	body[len] = '\0';
	server_answers(207, XML, A_CALENDAR);
	server_answers(207, XML, body);
	ck_assert_int_eq(ask(), ERR_TOO_LARGE);
	ck_assert_str_eq(
	    fail.detail, "the calendar's server sends more than is read, which is 1 MiB of events");
	free(body);
}
END_TEST

/* The password goes nowhere where it could be overheard. */
START_TEST(in_clear)
{
	calendar.url = arena_str(arena, "http://calendar.example/avo/cal/");
	ck_assert_int_eq(ask(), ERR_CONFIG);
	ck_assert_str_eq(fail.detail, "a secret is not sent in clear over a network");
}
END_TEST

static struct event event(void)
{
	struct event made = {.version = 12,
	    .call = {instant("2026-12-01T13:00:00Z"), instant("2026-12-01T13:30:00Z")},
	    .timezone = "America/New_York",
	    .summary = "Call with Ada",
	    .description = "R&D; <b>\nsecond",
	    .link = "https://book.example.com/booking?bookingId=1",
	    .video = ""};

	ck_assert(uuid_parse("0123abcd-4567-4abc-8def-0123456789ab", &made.booking));
	return made;
}

static enum err insert(void)
{
	const struct event made = event();
	struct http_reply reply;

	caldav_insert_start(caldav, arena, &made, wish.deadline, http_keep, &reply);
	http_run(http);
	return caldav_judge_insert(&reply, &fail);
}

static enum err delete (void) {
	struct http_reply reply;

	caldav_delete_start(caldav, arena, &(struct event_ref){.id = BOOKING "v12"}, wish.deadline,
	    http_keep, &reply);
	http_run(http);
	return caldav_judge_delete(&reply, &fail);
}

START_TEST(written)
{
	size_t used = arena_used(arena);

	server_answers(207, XML, A_CALENDAR);
	server_answers(201, "", "");
	ck_assert_msg(!insert(), "%s", fail.detail);
	ck_assert_uint_lt(arena_used(arena) - used, 100000);
	ck_assert(asks(1, "PUT /avo/cal/" BOOKING "v12.ics HTTP/1.1\r\n"));
	ck_assert(
	    asks(1, "\r\nIf-None-Match: *\r\n") && asks(1, "\r\nContent-Type: text/calendar"));
	ck_assert(asks(1, "\r\nUID:" BOOKING "v12\r\n"));
	ck_assert(asks(1, "\r\nDTSTART:20261201T130000Z\r\nDTEND:20261201T133000Z\r\n"));
	ck_assert(asks(1, "\r\nDESCRIPTION:R&D\\; <b>\\nsecond\r\n"));
	ck_assert(!asks(1, "METHOD") && !asks(1, "LOCATION") && !asks(1, "ATTENDEE"));
}
END_TEST

static const struct {
	int status;
	enum err insert, delete;
} meanings[] = {
    {200, ERR_UNSURE, ERR_NONE},
    {201, ERR_NONE, ERR_NONE},
    {204, ERR_NONE, ERR_NONE},
    {299, ERR_UNSURE, ERR_NONE},
    {300, ERR_REFUSED, ERR_REFUSED},
    {400, ERR_REFUSED, ERR_REFUSED},
    {401, ERR_AUTH, ERR_AUTH},
    {403, ERR_AUTH, ERR_AUTH},
    {404, ERR_NOT_FOUND, ERR_NONE},
    {409, ERR_REFUSED, ERR_REFUSED},
    {410, ERR_NOT_FOUND, ERR_NONE},
    {412, ERR_NONE, ERR_REFUSED},
    {429, ERR_BUSY, ERR_BUSY},
    {500, ERR_BUSY, ERR_BUSY},
    {507, ERR_BUSY, ERR_BUSY},
};

START_TEST(meaning)
{
	server_answers(207, XML, A_CALENDAR);
	server_answers(meanings[_i].status, "", "");
	ck_assert_int_eq(insert(), meanings[_i].insert);
	server_answers(meanings[_i].status, "", "");
	ck_assert_int_eq(delete (), meanings[_i].delete);
	ck_assert(asks(2, "DELETE /avo/cal/" BOOKING "v12.ics HTTP/1.1\r\n"));
}
END_TEST

/* A calendar that is not there has not lost its events. */
START_TEST(deleted_nowhere)
{
	server_answers(404, "", "");
	ck_assert_int_eq(delete (), ERR_BUSY);
	server_answers(412, "", "");
	ck_assert_int_eq(insert(), ERR_BUSY);
	ck_assert_uint_eq(server_count(), 2);
}
END_TEST

START_TEST(own)
{
	struct event_list list;
	struct event made = event();

	server_answers(207, XML, A_CALENDAR);
	server_answers(207, XML,
	    HEAD RESOURCE("/avo/cal/", TYPE("<C:calendar/>")) RESOURCE("/avo/cal/weekly.ics", "")
		RESOURCE("/avo/cal/" BOOKING "v12.ics", "")
		    RESOURCE("https://c.example/avo/cal/" BOOKING "v7.ics", "")
			RESOURCE("/avo/cal/1123abcd45674abc8def0123456789abv9.ics", "")
			    RESOURCE("/avo/cal/" BOOKING "v12", "")
	    /* An address may be told beside the calendar's. */
	    RESOURCE(BOOKING "v3.ics", "")
	    /* No version has so many digits. */
	    RESOURCE("/avo/cal/" BOOKING "v12345678901234567890123.ics", "")
		RESOURCE("/avo/cal/" BOOKING "v.ics", "") RESOURCE("/avo/cal/.ics", "")
		    RESOURCE("/avo/cal/" BOOKING "v12.txt", "")
			RESOURCE("/avo/cal/" BOOKING "v12.ics.ics", "") TAIL);
	ck_assert_msg(!caldav_list_own(caldav, arena, &made.booking, wish.deadline, &list, &fail),
	    "%s", fail.detail);
	ck_assert(asks(1, "PROPFIND /avo/cal/ HTTP/1.1\r\n") && asks(1, "\r\nDepth: 1\r\n"));
	ck_assert_uint_eq(list.count, 3);
	ck_assert_str_eq(list.list[0].id, BOOKING "v12");
	ck_assert_str_eq(list.list[1].id, BOOKING "v7");
	ck_assert_str_eq(list.list[2].id, BOOKING "v3");
	server_answers(500, "", "");
	ck_assert_int_eq(
	    caldav_list_own(caldav, arena, &made.booking, wish.deadline, &list, &fail), ERR_BUSY);
}
END_TEST

#define ETAG(text) "<getetag>" text "</getetag>"

/* The events of two calls, as far as the server has them. */
static enum err look_up(bool wants_data, const struct dav_resource *found[2])
{
	static const char *const ids[] = {BOOKING "v12", BOOKING "v13"};
	const struct caldav_lookup lookup = {
	    .ids = ids, .count = 2, .wants_data = wants_data, .deadline = wish.deadline};

	return caldav_look_up(caldav, arena, &lookup, found, &fail);
}

START_TEST(looked_up)
{
	const struct dav_resource *found[2] = {NULL, NULL};

	calendar.url = arena_printf(arena, "%s/a&b/cal/", server.url);
	server_answers(207, XML, A_CALENDAR);
	server_answers(207, XML,
	    HEAD RESOURCE("/a%26b/cal/", ETAG("7")) RESOURCE("/cal/x.ics", ETAG("8"))
		RESOURCE("https://p07.example/cal/" BOOKING "v12.ics",
		    ETAG("&quot;one&quot;")) "<response><href>/cal/" BOOKING
					     "v13.ics</href><status>HTTP/1.1 404 No</status>"
					     "</response>" TAIL);
	ck_assert_msg(!look_up(false, found), "%s", fail.detail);
	ck_assert_uint_lt(arena_used(arena), 200000);
	ck_assert_str_eq(found[0]->etag, "\"one\"");
	ck_assert_ptr_null(found[1]);
	ck_assert(asks(1, "REPORT /a&b/cal/ HTTP/1.1\r\n"));
	ck_assert(asks(1, "<D:prop><D:getetag/></D:prop><D:href>/a&amp;b/cal/" BOOKING
			  "v12.ics</D:href><D:href>/a&amp;b/cal/" BOOKING "v13.ics</D:href></"));
	/* Servers that leave out what is not there, or that tell of it what it has not. */
	server_answers(207, XML,
	    HEAD RESOURCE("/cal/" BOOKING "v13.ics",
		ETAG("&quot;2&quot;") DATA(
		    "BEGIN")) "<response><href>/cal/" BOOKING
			      "v12.ics</href><propstat><prop><getetag/>"
			      "<C:calendar-data/></prop><status>HTTP/1.1 404 No</status></propstat></response>" TAIL);
	ck_assert_msg(!look_up(true, found), "%s", fail.detail);
	ck_assert_ptr_null(found[0]);
	ck_assert_str_eq(found[1]->data, "BEGIN");
	ck_assert(asks(2, "<D:prop><D:getetag/><C:calendar-data/></D:prop>"));
}
END_TEST

/* What is withheld, or told by half, is not gone. */
static const struct {
	int status;
	const char *body;
	enum err err;
} lookups[] = {
    {207, HEAD RESOURCE("/cal/" BOOKING "v12.ics", ETAG("1")) TAIL, ERR_GARBLED},
    {207, HEAD "<response><href>/cal/</href><status>HTTP/1.1 507 Much</status></response>" TAIL,
	ERR_GARBLED},
    {207,
	HEAD "<response><href>/cal/" BOOKING
	     "v12.ics</href><status>HTTP/1.1 403 No</status></response>" TAIL,
	ERR_GARBLED},
    {207,
	HEAD "<response><href>/cal/" BOOKING
	     "v12.ics</href><propstat><prop><getetag/><C:calendar-data/></prop>"
	     "<status>HTTP/1.1 500 Oh</status></propstat></response>" TAIL,
	ERR_GARBLED},
    {207, HEAD RESOURCE("/cal/" BOOKING "v12.ics", DATA("BEGIN")) TAIL, ERR_GARBLED},
    {207, HEAD "<response><href>/cal/" BOOKING "v12.ics</href></response>" TAIL, ERR_GARBLED},
    {200, "Please log in", ERR_GARBLED},
    {404, "", ERR_BUSY},
    {410, "", ERR_BUSY},
    {302, "", ERR_BUSY},
    {405, "", ERR_BUSY},
    {403, "", ERR_AUTH},
    {500, "", ERR_BUSY},
};

START_TEST(not_looked_up)
{
	const struct dav_resource *found[2] = {NULL, NULL};

	server_answers(207, XML, A_CALENDAR);
	server_answers(lookups[_i].status, XML, lookups[_i].body);
	ck_assert_int_eq(look_up(true, found), lookups[_i].err);
	/* Nor is anything when the calendar itself is not there. */
	caldav_free(caldav);
	caldav = caldav_new(&calendar, http);
	server_answers(404, "", "");
	ck_assert_int_eq(look_up(true, found), ERR_BUSY);
}
END_TEST

static struct seen_state seen_of(uint64_t version)
{
	struct seen_state state = {
	    .event = {.version = version,
		.call = {instant("2026-12-01T15:00:00Z"), instant("2026-12-01T16:00:00Z")}}};

	ck_assert(uuid_parse("0123abcd-4567-4abc-8def-0123456789ab", &state.event.booking));
	return state;
}

START_TEST(seen)
{
	struct seen_state list[] = {seen_of(12), seen_of(13), seen_of(14)};
	const struct caldav_seen all = {list, 3, "America/New_York", 20000};

	server_answers(207, XML, A_CALENDAR);
	server_answers(207, XML,
	    HEAD RESOURCE("/cal/" BOOKING "v14.ics", ETAG("c"))
		RESOURCE("/cal/" BOOKING "v12.ics", ETAG("a")) TAIL);
	ck_assert_msg(!caldav_seen_etags(caldav, arena, &all, &fail), "%s", fail.detail);
	ck_assert(list[0].etag && !list[1].etag && list[2].etag);
	ck_assert_int_eq(list[0].event.call.end, instant("2026-12-01T16:00:00Z"));
	server_answers(207, XML,
	    HEAD RESOURCE("/cal/" BOOKING "v14.ics",
		ETAG("d") DATA(EVENT("20261205T150000Z", "STATUS:CANCELLED\n")))
		RESOURCE("/cal/" BOOKING "v12.ics", ETAG("a") DATA(EVENT("20261205T150000Z", "")))
		    TAIL);
	server_answers(404, "", "");
	ck_assert_msg(!caldav_seen_read(caldav, arena, &all, &fail), "%s", fail.detail);
	ck_assert(asks(3, "GET /avo/cal/" BOOKING "v13.ics HTTP/1.1\r\n"));
	ck_assert_int_eq(list[0].event.call.start, instant("2026-12-05T15:00:00Z"));
	ck_assert_int_eq(list[0].event.call.end, instant("2026-12-05T16:00:00Z"));
	ck_assert(
	    !list[0].event.is_deleted && list[1].event.is_deleted && list[2].event.is_deleted);
	ck_assert_uint_eq(list[0].event.stamp, drift_stamp("a"));
	ck_assert_uint_eq(list[1].event.stamp, 0);
	ck_assert_uint_eq(list[2].event.stamp, drift_stamp("d"));
	ck_assert(list[1].event.call.start == 0 && list[1].event.call.end == 0);
	/* A server in trouble says nothing of any of them. */
	server_answers(503, "", "");
	ck_assert_int_eq(caldav_seen_read(caldav, arena, &all, &fail), ERR_BUSY);
	ck_assert_uint_eq(list[2].event.stamp, drift_stamp("d"));
}
END_TEST

/* What its own address does not say is gone was left out. */
static const struct {
	int status;
	enum err err;
} left_out[] = {{200, ERR_BUSY}, {207, ERR_BUSY}, {204, ERR_BUSY}, {405, ERR_BUSY}, {302, ERR_BUSY},
    {401, ERR_AUTH}, {403, ERR_AUTH}, {503, ERR_BUSY}};

START_TEST(not_confirmed)
{
	struct seen_state state = seen_of(12);
	const struct caldav_seen all = {&state, 1, "America/New_York", 20000};

	state.event.stamp = 7;
	server_answers(207, XML, A_CALENDAR);
	server_answers(207, XML, HEAD TAIL);
	server_answers(left_out[_i].status, "", "");
	ck_assert_int_eq(caldav_seen_read(caldav, arena, &all, &fail), left_out[_i].err);
	ck_assert(!state.event.is_deleted && state.event.stamp == 7);
}
END_TEST

/* Who reads what the server says may die of what stands in an event. */
START_TEST(seen_and_not_read)
{
	struct seen_state list[] = {seen_of(12), seen_of(13)};
	const struct caldav_seen all = {list, 2, "America/New_York", 20000};
	const struct interval call = list[0].event.call;

	make_folder();
	write_file("reader", "#!/bin/sh\n[ \"$1\" = resources ] && exec " BUILT_READER " \"$@\"\n");
	ck_assert_int_eq(chmod(path_of("reader"), 0700), 0);
	setenv("SLOTGUARD_READER", path_of("reader"), 1);
	list[0].event.stamp = list[1].event.stamp = 7;
	server_answers(207, XML, A_CALENDAR);
	server_answers(207, XML,
	    HEAD RESOURCE("/cal/" BOOKING "v12.ics", ETAG("a") DATA(EVENT("20261205T150000Z", "")))
		TAIL);
	server_answers(404, "", "");
	ck_assert_int_eq(caldav_seen_read(caldav, arena, &all, &fail), ERR_GARBLED);
	ck_assert_str_eq(fail.detail, "the calendar cannot be read: its reader died");
	ck_assert(list[0].event.stamp == 7 && list[1].event.stamp == 7);
	ck_assert(!list[1].event.is_deleted);
	ck_assert(memcmp(&list[0].event.call, &call, sizeof(call)) == 0);
	/* None is needed where no event is there. */
	server_answers(207, XML, HEAD TAIL);
	server_answers(404, "", "");
	server_answers(410, "", "");
	ck_assert_int_eq(caldav_seen_read(caldav, arena, &all, &fail), ERR_NONE);
	ck_assert(list[0].event.is_deleted && list[1].event.is_deleted);
	use_built_reader();
	remove_folder();
}
END_TEST

/* More than one request asks for: each at its place. */
START_TEST(many_seen)
{
	struct seen_state list[130];
	const struct caldav_seen all = {list, 130, "America/New_York", 20000};

	for (uint64_t i = 0; i < 130; i++)
		list[i] = seen_of(i + 1);
	server_answers(207, XML, A_CALENDAR);
	server_answers(207, XML, HEAD RESOURCE("/cal/" BOOKING "v100.ics", ETAG("x")) TAIL);
	server_answers(207, XML, HEAD RESOURCE("/cal/" BOOKING "v130.ics", ETAG("y")) TAIL);
	ck_assert_msg(!caldav_seen_etags(caldav, arena, &all, &fail), "%s", fail.detail);
	ck_assert_uint_eq(server_count(), 3);
	for (size_t i = 0; i < 130; i++)
		ck_assert(!list[i].etag == (i != 99 && i != 129));
	server_answers(207, XML, HEAD RESOURCE("/cal/" BOOKING "v1.ics", ETAG("z")) TAIL);
	server_answers(503, "", "");
	ck_assert_int_eq(caldav_seen_etags(caldav, arena, &all, &fail), ERR_BUSY);
	ck_assert_str_eq(list[129].etag, "y");
}
END_TEST

/* What is written over is only what was seen. */
START_TEST(written_over)
{
	struct event made = event();
	struct http_reply reply;

	made.etag = "\"seven\"";
	server_answers(207, XML, A_CALENDAR);
	server_answers(412, "", "");
	caldav_insert_start(caldav, arena, &made, wish.deadline, http_keep, &reply);
	http_run(http);
	ck_assert_int_eq(caldav_judge_insert(&reply, &fail), ERR_NONE);
	ck_assert(asks(1, "\r\nIf-Match: \"seven\"\r\n") && !asks(1, "If-None-Match"));
	/* And what is deleted. */
	server_answers(204, "", "");
	caldav_delete_start(caldav, arena,
	    &(struct event_ref){.id = BOOKING "v12", .etag = "\"8\""}, wish.deadline, http_keep,
	    &reply);
	http_run(http);
	ck_assert(asks(2, "DELETE ") && asks(2, "\r\nIf-Match: \"8\"\r\n"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("caldav");
	TCase *asking = tcase_create("ask"), *writing = tcase_create("write");
	SRunner *runner = srunner_create(suite);
	int failed;

	use_built_reader();
	tcase_add_checked_fixture(asking, set_up, tear_down);
	tcase_add_test(asking, events);
	tcase_add_loop_test(asking, right_to_write, 0, (int)COUNT(rights));
	tcase_add_test(asking, without_calls);
	tcase_add_loop_test(asking, no_calendar, 0, (int)COUNT(no_calendars));
	tcase_add_loop_test(asking, broken_answer, 0, (int)COUNT(broken));
	tcase_add_test(asking, endless);
	tcase_add_test(asking, too_large);
	tcase_add_test(asking, in_clear);
	suite_add_tcase(suite, asking);
	tcase_add_checked_fixture(writing, set_up, tear_down);
	tcase_add_test(writing, written);
	tcase_add_loop_test(writing, meaning, 0, (int)COUNT(meanings));
	tcase_add_test(writing, deleted_nowhere);
	tcase_add_test(writing, own);
	tcase_add_test(writing, written_over);
	tcase_add_test(writing, looked_up);
	tcase_add_loop_test(writing, not_looked_up, 0, (int)COUNT(lookups));
	tcase_add_test(writing, seen);
	tcase_add_test(writing, seen_and_not_read);
	tcase_add_loop_test(writing, not_confirmed, 0, (int)COUNT(left_out));
	tcase_add_test(writing, many_seen);
	suite_add_tcase(suite, writing);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

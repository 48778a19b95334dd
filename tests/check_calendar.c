/* SPDX-License-Identifier: MIT */
/* check_calendar.c: recorded free/busy answers, and what events' replies mean */
#include "net/calendar.h"
#include "base/clock.h"
#include "base/text.h"
#include "replies.h"
#include "server.h"

#include <sodium.h>

static struct arena *arena;
static const struct busy_question asked = {.ids = {"primary"}, .count = 1};

static void set_up(void)
{
	arena = arena_new(1 << 20);
	ck_assert_ptr_nonnull(arena);
}

static void tear_down(void)
{
	arena_free(arena);
}

/* The busy intervals as day of December and time, UTC; or the failure. */
static const struct {
	const char *file;
	int status;
	const char *busy;
	enum err err;
	const char *detail;
} answers[] = {
    {"busy.json", 200, "1 14:00-1 15:00, 2 19:30-2 20:00", 0, NULL},
    {"busy-offsets.json", 200, "1 14:00-1 16:00, 2 14:30-2 15:30", 0, NULL},
    {"busy-all-day.json", 200, "3 05:00-5 05:00", 0, NULL},
    {"busy-none.json", 200, "", 0, NULL},
    {"busy-instant.json", 200, "1 15:00-1 15:30", 0, NULL},
    {"busy-no-errors.json", 200, "", 0, NULL},
    {"busy-alias.json", 200, "1 14:00-1 15:00", 0, NULL},
    {"busy-two-calendars.json", 200, "1 14:00-1 15:00", 0, NULL},
    /* An answer that says nothing of the calendar is no empty calendar. */
    {"busy-not-found.json", 200, NULL, ERR_REFUSED, "the calendar was not checked (notFound)"},
    {"busy-internal-error.json", 200, NULL, ERR_BUSY,
	"the calendar was not checked (internalError)"},
    {"busy-group-too-big.json", 200, NULL, ERR_BUSY, "the calendar was not checked (groupTooBig)"},
    {"busy-too-many-calendars.json", 200, NULL, ERR_BUSY,
	"the calendar was not checked (tooManyCalendarsRequested)"},
    {"busy-error-without-reason.json", 200, NULL, ERR_BUSY,
	"the calendar was not checked (no reason given)"},
    {"busy-errors-not-a-list.json", 200, NULL, ERR_BUSY,
	"the calendar was not checked (no reason given)"},
    {"busy-other-calendars.json", 200, NULL, ERR_GARBLED,
	"the free/busy answer cannot be understood"},
    {"busy-no-calendar.json", 200, NULL, ERR_GARBLED, "the free/busy answer cannot be understood"},
    {"busy-no-calendars.json", 200, NULL, ERR_GARBLED, "the free/busy answer cannot be understood"},
    {"busy-not-a-list.json", 200, NULL, ERR_GARBLED, "the free/busy answer cannot be understood"},
    {"busy-list.json", 200, NULL, ERR_GARBLED, "the free/busy answer cannot be understood"},
    {"busy-truncated.json", 200, NULL, ERR_GARBLED, "the free/busy answer cannot be understood"},
    {"busy-garbage.html", 200, NULL, ERR_GARBLED, "the free/busy answer cannot be understood"},
    {NULL, 200, NULL, ERR_GARBLED, "the free/busy answer cannot be understood"},
    {NULL, 204, NULL, ERR_GARBLED, "the free/busy answer cannot be understood"},
    {"busy-date-only.json", 200, NULL, ERR_GARBLED, "a busy interval cannot be understood"},
    {"busy-backwards.json", 200, NULL, ERR_GARBLED, "a busy interval cannot be understood"},
    {"busy-local-time.json", 200, NULL, ERR_GARBLED, "a busy interval cannot be understood"},
    {"busy-no-end.json", 200, NULL, ERR_GARBLED, "a busy interval cannot be understood"},
    {"busy-numbers.json", 200, NULL, ERR_GARBLED, "a busy interval cannot be understood"},
    {"busy-one-broken.json", 200, NULL, ERR_GARBLED, "a busy interval cannot be understood"},
    {"busy.json", 500, NULL, ERR_BUSY, "the calendar answered 500 (no reason given)"},
    {"busy.json", 302, NULL, ERR_BUSY, "the calendar answered 302 (no reason given)"},
    {"error-400.json", 400, NULL, ERR_REFUSED, "the calendar answered 400 (timeRangeTooLong)"},
    {"error-429.json", 429, NULL, ERR_BUSY, "the calendar answered 429 (rateLimitExceeded)"},
};

static char *file_of(const char *name)
{
	return name ? arena_printf(arena, "google/%s", name) : NULL;
}

static const char *busy_text(const struct busy_list *busy)
{
	struct text text = text_new(arena, 1000);

	for (size_t i = 0; i < busy->count; i++) {
		struct civil start = civil_from_seconds(busy->list[i].start);
		struct civil end = civil_from_seconds(busy->list[i].end);

		text_printf(&text, "%s%d %02d:%02d-%d %02d:%02d", i ? ", " : "", start.day,
		    start.hour, start.minute, end.day, end.hour, end.minute);
	}
	return text.data;
}

START_TEST(free_busy)
{
	struct http_reply reply = reply_of(answers[_i].status, file_of(answers[_i].file));
	struct busy_list busy = {NULL, 99};
	struct fail fail = {0};
	enum err err = calendar_parse_busy(arena, &reply, &asked, 0, &busy, &fail);

	ck_assert_msg(
	    err == answers[_i].err, "%s: %s %s", answers[_i].file, err_name(err), fail.detail);
	if (err) {
		ck_assert_int_eq(fail.code, err);
		ck_assert_str_eq(fail.detail, answers[_i].detail);
		ck_assert_uint_eq(busy.count, 99);
	} else {
		ck_assert_str_eq(busy_text(&busy), answers[_i].busy);
		/* There is room for one more. */
		busy.list[busy.count] = (struct interval){1, 2};
	}
	free(reply.body);
}
END_TEST

#define EARLY "{\"start\":\"2026-12-01T14:00:00Z\",\"end\":\"2026-12-01T14:30:00Z\"}"
#define LATE "{\"start\":\"2026-12-01T10:00:00-05:00\",\"end\":\"2026-12-01T15:30:00Z\"}"

/* What is said of several; ids are asked for in this order, and "-" is a failure. */
static const struct {
	const char *ids[3];
	const char *body;
	const char *said[3];
} several[] = {
    {{"a", "b"}, "{\"calendars\":{\"b\":{\"busy\":[" LATE "]},\"a\":{\"busy\":[" EARLY "]}}}",
	{"1 14:00-1 14:30", "1 15:00-1 15:30"}},
    /* One that fails hides nothing of the other. */
    {{"a", "b"},
	"{\"calendars\":{\"a\":{\"errors\":[{\"reason\":\"internalError\"}],\"busy\":[]},\"b\":{\"busy\":[" EARLY
	"]}}}",
	{"-the calendar was not checked (internalError)", "1 14:00-1 14:30"}},
    {{"a", "b"}, "{\"calendars\":{\"b\":{\"busy\":[]}}}",
	{"-the free/busy answer cannot be understood", ""}},
    {{"a", "b"}, "{\"calendars\":{}}",
	{"-the free/busy answer cannot be understood",
	    "-the free/busy answer cannot be understood"}},
    {{"a", "b"}, "{\"calendars\":{\"a\":{},\"b\":{\"busy\":[" EARLY "]}}}",
	{"-the free/busy answer cannot be understood", "1 14:00-1 14:30"}},
    /* "primary" may be answered by its address, and by nothing else. */
    {{"primary", "b"},
	"{\"calendars\":{\"me@c.example\":{\"busy\":[" LATE "]},\"b\":{\"busy\":[]}}}",
	{"1 15:00-1 15:30", ""}},
    {{"primary", "b"}, "{\"calendars\":{\"b\":{\"busy\":[" LATE "]}}}",
	{"-the free/busy answer cannot be understood", "1 15:00-1 15:30"}},
    {{"primary", "b"}, "{\"calendars\":{\"x\":{\"busy\":[]},\"y\":{\"busy\":[]}}}",
	{"-the free/busy answer cannot be understood",
	    "-the free/busy answer cannot be understood"}},
    {{"primary", "b", "c"}, "{\"calendars\":{\"x\":{\"busy\":[]},\"b\":{\"busy\":[]}}}",
	{"-the free/busy answer cannot be understood", "",
	    "-the free/busy answer cannot be understood"}},
};

START_TEST(several_calendars)
{
	struct busy_question question = {.count = 0};
	struct http_reply reply = {.status = 200,
	    .body = arena_str(arena, several[_i].body),
	    .body_len = strlen(several[_i].body)};

	for (; question.count < 3 && several[_i].ids[question.count]; question.count++)
		question.ids[question.count] = several[_i].ids[question.count];
	for (size_t i = 0; i < question.count; i++) {
		struct busy_list busy = {NULL, 0};
		struct fail fail = {0};
		enum err err = calendar_parse_busy(arena, &reply, &question, i, &busy, &fail);

		if (err)
			ck_assert_str_eq(fail.detail, several[_i].said[i] + 1);
		ck_assert(!err == (several[_i].said[i][0] != '-'));
		if (!err)
			ck_assert_str_eq(busy_text(&busy), several[_i].said[i]);
	}
}
END_TEST

START_TEST(failed_transfer)
{
	struct http_reply reply = failed_reply(transfer_errors[_i]);
	struct busy_list busy = {NULL, 99};
	struct fail fail = {0};

	ck_assert_int_eq(
	    calendar_parse_busy(arena, &reply, &asked, 0, &busy, &fail), transfer_errors[_i]);
	ck_assert_str_eq(fail.detail, CURL_SAYS);
	ck_assert_int_eq(calendar_judge_insert(&reply, &fail), transfer_errors[_i]);
	ck_assert_int_eq(calendar_judge_delete(&reply, &fail), transfer_errors[_i]);
}
END_TEST

/* Cut off at any byte, or with any byte another: an answer or a failure, and no list of before. */
START_TEST(damaged_answer)
{
	struct http_reply whole = reply_of(200, "google/busy-offsets.json"), reply = whole;
	const char *expected;
	struct busy_list busy;
	uint64_t random = 3;
	struct fail fail;

	ck_assert_int_eq(calendar_parse_busy(arena, &whole, &asked, 0, &busy, &fail), ERR_NONE);
	expected = busy_text(&busy);
	for (size_t len = 0; len < whole.body_len; len++) {
		/* The last bytes are white space. */
		size_t text_len = strlen(whole.body) - 1;
		enum err err;

		reply.body = strndup(whole.body, len);
		reply.body_len = len;
		err = calendar_parse_busy(arena, &reply, &asked, 0, &busy, &fail);
		free(reply.body);
		if (len < text_len)
			ck_assert_int_eq(err, ERR_GARBLED);
		else
			ck_assert_str_eq(busy_text(&busy), expected);
	}
	for (int i = 0; i < 2000; i++) {
		arena_reset(arena);
		reply.body = strdup(whole.body);
		reply.body_len = whole.body_len;
		reply.body[random_between(&random, 0, (int64_t)whole.body_len - 1)] =
		    (char)random_between(&random, 0, 255);
		if (!calendar_parse_busy(arena, &reply, &asked, 0, &busy, &fail))
			for (size_t j = 0; j < busy.count; j++)
				if (busy.list[j].start >= busy.list[j].end)
					ck_abort_msg("an interval backwards");
		free(reply.body);
	}
	free(whole.body);
}
END_TEST

START_TEST(full_arena)
{
	struct http_reply reply = reply_of(200, "google/busy.json");
	struct arena *small = arena_new(8);
	struct busy_list busy = {NULL, 99};
	struct fail fail = {0};

	ck_assert_int_ne(calendar_parse_busy(small, &reply, &asked, 0, &busy, &fail), ERR_NONE);
	ck_assert_uint_eq(busy.count, 99);
	arena_free(small);
	free(reply.body);
}
END_TEST

static const struct {
	const char *file;
	int status;
	enum err insert, remove;
} changes[] = {
    {NULL, 200, ERR_NONE, ERR_NONE},
    {NULL, 204, ERR_NONE, ERR_NONE},
    {"error-409.json", 409, ERR_NONE, ERR_REFUSED},
    {"error-410.json", 410, ERR_NOT_FOUND, ERR_NONE},
    {"error-404.json", 404, ERR_NOT_FOUND, ERR_NONE},
    {"error-400.json", 400, ERR_REFUSED, ERR_REFUSED},
    {"error-401.json", 401, ERR_AUTH, ERR_AUTH},
    {"error-403-rateLimitExceeded.json", 403, ERR_BUSY, ERR_BUSY},
    {"error-403-forbiddenForNonOrganizer.json", 403, ERR_REFUSED, ERR_REFUSED},
    {"error-429.json", 429, ERR_BUSY, ERR_BUSY},
    {"error-500.json", 500, ERR_BUSY, ERR_BUSY},
    {"error-500.json", 503, ERR_BUSY, ERR_BUSY},
};

START_TEST(event)
{
	struct http_reply reply = reply_of(changes[_i].status, file_of(changes[_i].file));
	struct fail fail = {0};

	ck_assert_int_eq(calendar_judge_insert(&reply, &fail), changes[_i].insert);
	ck_assert_int_eq(calendar_judge_delete(&reply, &fail), changes[_i].remove);
	free(reply.body);
}
END_TEST

START_TEST(listing)
{
	static const struct {
		const char *id;
		bool is_ours, is_busy;
	} expected[] = {{"0123abcd45674abc8def0123456789abv12", true, true},
	    {"0123abcd45674abc8def0123456789abv7", true, false}, {"owner1", false, true},
	    {"owner2", false, false}, {"owner3", false, true}, {"owner4", false, true}};
	struct http_reply reply = reply_of(200, "google/events.json");
	struct event_list events = {.count = 99};
	struct fail fail = {0};

	ck_assert_int_eq(calendar_parse_list(arena, &reply, &events, &fail), ERR_NONE);
	memset(reply.body, 'x', reply.body_len); /* everything is copied */
	ck_assert_uint_eq(events.count, COUNT(expected));
	for (size_t i = 0; i < COUNT(expected); i++) {
		ck_assert_str_eq(events.list[i].id, expected[i].id);
		ck_assert_int_eq(events.list[i].booking != NULL, expected[i].is_ours);
		ck_assert_int_eq(events.list[i].is_busy, expected[i].is_busy);
	}
	ck_assert_str_eq(events.list[0].booking, "0123abcd-4567-4abc-8def-0123456789ab");
	ck_assert_ptr_null(events.next_page);
	free(reply.body);
}
END_TEST

/* An event that takes its time or does not; below nought: it has no id, and is none. */
static const struct {
	const char *item;
	int busy;
} items[] = {
    {"{\"id\":\"a\"}", 1},
    {"{\"status\":\"confirmed\"}", -1},
    {"{\"id\":7}", -1},
    {"{\"id\":\"a\",\"status\":\"cancelled\"}", 0},
    {"{\"id\":\"a\",\"transparency\":\"transparent\"}", 0},
    {"{\"id\":\"a\",\"attendees\":[{\"self\":true,\"responseStatus\":\"declined\"}]}", 0},
    {"{\"id\":\"a\",\"attendees\":[{},{\"self\":true,\"responseStatus\":\"declined\"}]}", 0},
    {"{\"id\":\"a\",\"attendees\":[{\"self\":true,\"responseStatus\":\"tentative\"}]}", 1},
    {"{\"id\":\"a\",\"attendees\":[{\"self\":true}]}", 1},
    {"{\"id\":\"a\",\"attendees\":[{\"self\":false,\"responseStatus\":\"declined\"}]}", 1},
    {"{\"id\":\"a\",\"attendees\":[{\"responseStatus\":\"declined\"}]}", 1},
    {"{\"id\":\"a\",\"attendees\":{\"self\":true,\"responseStatus\":\"declined\"}}", 1},
};

START_TEST(listed_item)
{
	struct http_reply reply = {.status = 200,
	    .body = arena_printf(arena, "{\"items\":[%s,{\"id\":\"b\"}]}", items[_i].item)};
	struct event_list events = {.count = 99};
	struct fail fail = {0};

	reply.body_len = strlen(reply.body);
	ck_assert_int_eq(calendar_parse_list(arena, &reply, &events, &fail), ERR_NONE);
	ck_assert_uint_eq(events.count, items[_i].busy < 0 ? 1 : 2);
	if (items[_i].busy >= 0)
		ck_assert_int_eq(events.list[0].is_busy, items[_i].busy);
	ck_assert_str_eq(events.list[events.count - 1].id, "b");
}
END_TEST

/* One of a series is told by when it begins by its rule. */
START_TEST(occurrence)
{
	ck_assert_str_eq(calendar_occurrence_id(arena, "abc", instant("2026-12-01T14:05:09Z")),
	    "abc_20261201T140509Z");
}
END_TEST

/* A page may be empty and not the last. */
START_TEST(listing_that_goes_on)
{
	struct http_reply reply = reply_of(200, "google/events-page.json");
	struct event_list events = {.count = 99};
	struct fail fail = {0};

	ck_assert_int_eq(calendar_parse_list(arena, &reply, &events, &fail), ERR_NONE);
	ck_assert_uint_eq(events.count, 0);
	ck_assert_str_eq(events.next_page, "a+b/c==&d");
	free(reply.body);
}
END_TEST

static const struct {
	const char *file;
	int status;
	enum err err;
} listings[] = {
    {"events-none.json", 200, ERR_NONE},
    {"busy.json", 200, ERR_GARBLED},
    {"busy-list.json", 200, ERR_GARBLED},
    {"busy-truncated.json", 200, ERR_GARBLED},
    {"busy-garbage.html", 200, ERR_GARBLED},
    {NULL, 200, ERR_GARBLED},
    {"error-401.json", 401, ERR_AUTH},
    {"error-404.json", 404, ERR_NOT_FOUND},
    {"error-429.json", 429, ERR_BUSY},
    {"events-none.json", 500, ERR_BUSY},
};

START_TEST(listing_or_failure)
{
	struct http_reply reply = reply_of(listings[_i].status, file_of(listings[_i].file));
	struct event_list events = {.count = 99};
	struct fail fail = {0};

	ck_assert_int_eq(calendar_parse_list(arena, &reply, &events, &fail), listings[_i].err);
	if (listings[_i].err == ERR_GARBLED)
		ck_assert_str_eq(fail.where, "calendar");
	ck_assert_int_eq(fail.code, listings[_i].err);
	ck_assert_uint_eq(events.count, listings[_i].err ? 99 : 0);
	free(reply.body);
}
END_TEST

START_TEST(listing_in_any_room)
{
	struct http_reply reply = reply_of(200, "google/events.json");
	struct fail fail;
	unsigned whole = 0;

	for (size_t size = 8; size < 1000; size += 8) {
		struct event_list events = {.count = 99};
		struct arena *small = arena_new(size);

		if (!calendar_parse_list(small, &reply, &events, &fail))
			whole++;
		else
			ck_assert_uint_eq(events.count, 99);
		arena_free(small);
	}
	ck_assert(whole > 10 && whole < 110);
	free(reply.body);
}
END_TEST

START_TEST(event_id)
{
	struct uuid booking = {{0x01, 0x23, 0xab, 0xcd, 0xef, [15] = 0xff}};
	char id[EVENT_ID];

	ck_assert_ptr_eq(calendar_event_id(&booking, 7, id), id);
	ck_assert_str_eq(id, "0123abcdef00000000000000000000ffv7");
	calendar_event_id(&booking, UINT64_MAX, id);
	ck_assert_str_eq(id, "0123abcdef00000000000000000000ffv18446744073709551615");
	ck_assert_uint_eq(strspn(id, "0123456789abcdefghijklmnopqrstuv"), strlen(id));
}
END_TEST

/* Which of a booking's events an id names; another booking's and the owner's own name none. */
static const struct {
	const char *id;
	bool is_own;
	uint64_t version;
} ids[] = {
    {"0123abcdef00000000000000000000ffv7", true, 7},
    {"0123abcdef00000000000000000000ffv10", true, 10},
    {"0123abcdef00000000000000000000ffv0", true, 0},
    {"0123abcdef00000000000000000000ffv18446744073709551615", true, UINT64_MAX},
    {"0123abcdef00000000000000000000ffv18446744073709551616", false, 99},
    {"0123abcdef00000000000000000000ffv", false, 99},
    {"0123abcdef00000000000000000000ff", false, 99},
    {"0123abcdef00000000000000000000ff7", false, 99},
    {"0123abcdef00000000000000000000ffv-7", false, 99},
    {"0123abcdef00000000000000000000ffv7x", false, 99},
    {"0123abcdef00000000000000000000fev7", false, 99},
    {"1123abcdef00000000000000000000ffv7", false, 99},
    {"owner1", false, 99},
    {"", false, 99},
};

START_TEST(event_version)
{
	struct uuid booking = {{0x01, 0x23, 0xab, 0xcd, 0xef, [15] = 0xff}};
	uint64_t version = 99;

	ck_assert_msg(calendar_event_version(&booking, ids[_i].id, &version) == ids[_i].is_own,
	    "%s", ids[_i].id);
	ck_assert_uint_eq(version, ids[_i].version);
}
END_TEST

/* An event is written when Google shows it, or has it already; a 200 of anything else says nothing.
 */
static const struct {
	int status;
	const char *body;
	enum err err;
} written[] = {
    {200, "{\"id\":\"0123v7\",\"status\":\"confirmed\"}", ERR_NONE},
    {201, "{\"id\":\"0123v7\"}", ERR_NONE},
    {409, "{\"error\":{\"code\":409}}", ERR_NONE},
    /* A proxy's, or a portal's. */
    {409, "", ERR_BUSY},
    {409, "{\"id\":\"0123v6\"}", ERR_BUSY},
    {200, "{\"id\":\"0123v6\"}", ERR_UNSURE},
    {200, "{\"id\":\"0123v77\"}", ERR_UNSURE},
    {200, "{\"id\":7}", ERR_UNSURE},
    {200, "{}", ERR_UNSURE},
    {200, "", ERR_UNSURE},
    {204, "", ERR_UNSURE},
    {200, "<html><title>Sign in</title></html>", ERR_UNSURE},
    {404, "{\"error\":{\"code\":404}}", ERR_NOT_FOUND},
    {404, "{\"id\":\"0123v7\"}", ERR_BUSY},
    {500, "{\"id\":\"0123v7\"}", ERR_BUSY},
};

START_TEST(event_written)
{
	struct http_reply reply = {.status = written[_i].status,
	    .body = strdup(written[_i].body),
	    .body_len = strlen(written[_i].body)};
	struct fail fail = {0};

	ck_assert_int_eq(calendar_judge_written(&reply, "0123v7", &fail), written[_i].err);
	if (written[_i].err == ERR_GARBLED)
		ck_assert_str_eq(fail.where, "calendar");
	if (written[_i].err)
		ck_assert_int_eq(fail.code, written[_i].err);
	free(reply.body);
}
END_TEST

/* ---- With a server */

static struct conf conf;
static struct http *http;
static struct google *google;
static struct conf_calendar own_calendar;
static struct secret *secret;
static int64_t deadline;

static void begin(void)
{
	set_up();
	server_start();
	secret = calloc(1, sizeof(*secret) + 2);
	ck_assert_ptr_nonnull(secret);
	secret->len = 1;
	secret->text[0] = 's';
	conf.google.api_url = server.url;
	conf.google.token_url = arena_printf(arena, "%s/token", server.url);
	own_calendar = (struct conf_calendar){.calendar = arena_str(arena, "owner@example.com"),
	    .client_id = secret,
	    .client_secret = secret,
	    .refresh_token = secret};
	http = http_new(NULL);
	google = google_new(&conf, &own_calendar, http);
	ck_assert(http && google);
	deadline = clock_boot_ms() + 30000;
	server_answers(200, "", "{\"access_token\":\"t\",\"expires_in\":3600}");
}

static void end(void)
{
	google_free(google);
	http_free(http);
	free(secret);
	tear_down();
}

static const struct uuid own = {{0x01, 0x23, 0xab, 0xcd, 0xef, [15] = 0xff}};

static bool asks_for(unsigned number, const char *line)
{
	return strncmp(server_request(number), line, strlen(line)) == 0;
}

START_TEST(question)
{
	struct busy_question both = {
	    .ids = {"owner@example.com", "a b"}, .count = 2, .window = {1796133600, 1796135400}};
	struct http_reply reply = {.err = ERR_CONFIG};

	server_answers(200, "", "{}");
	both.deadline = deadline;
	calendar_busy_start(google, arena, &both, http_keep, &reply);
	http_run(http);
	ck_assert_int_eq(reply.err, ERR_NONE);
	ck_assert(asks_for(1, "POST /freeBusy HTTP"));
	ck_assert_str_eq(server_body(1),
	    "{\"timeMin\":\"2026-12-01T14:00:00Z\",\"timeMax\":\"2026-12-01T14:30:00Z\","
	    "\"items\":[{\"id\":\"owner@example.com\"},{\"id\":\"a b\"}]}");
}
END_TEST

START_TEST(list_of_pages)
{
	struct event_list events = {.count = 99};
	struct fail fail = {0};

	server_answers(
	    200, "", "{\"items\":[{\"id\":\"a\"},{\"id\":\"b\"}],\"nextPageToken\":\"x/y\"}");
	server_answers(200, "", "{\"items\":[],\"nextPageToken\":\"z\"}");
	server_answers(200, "", "{\"items\":[{\"id\":\"c\"}]}");
	ck_assert_int_eq(
	    calendar_list_own(google, arena, &own, deadline, &events, &fail), ERR_NONE);
	ck_assert_uint_eq(events.count, 3);
	ck_assert_str_eq(events.list[0].id, "a");
	ck_assert_str_eq(events.list[1].id, "b");
	ck_assert_str_eq(events.list[2].id, "c");
	ck_assert_uint_eq(server_count(), 4);
	ck_assert(asks_for(1,
	    "GET /calendars/owner%40example.com/events?maxResults=250&privateExtendedProperty="
	    "slotguard%3D0123abcd-ef00-0000-0000-0000000000ff HTTP"));
	ck_assert_ptr_nonnull(strstr(server_request(2), "ff&pageToken=x%2Fy HTTP"));
	ck_assert_ptr_nonnull(strstr(server_request(3), "ff&pageToken=z HTTP"));
	server_answers(200, "", "{\"items\":[]}");
	ck_assert_int_eq(calendar_list_within(google, arena,
			     (struct interval){1796133600, 1796135400}, deadline, &events, &fail),
	    ERR_NONE);
	ck_assert_uint_eq(events.count, 0);
	ck_assert(
	    asks_for(4, "GET /calendars/owner%40example.com/events?maxResults=250&singleEvents="
			"true&timeMin=2026-12-01T14:00:00Z&timeMax=2026-12-01T14:30:00Z HTTP"));
}
END_TEST

/* Forty pages are read, and no more. */
START_TEST(list_without_an_end)
{
	struct event_list events = {.count = 99};
	struct fail fail = {0};

	for (int i = 0; i < 39; i++)
		server_answers(200, "", "{\"items\":[{\"id\":\"a\"}],\"nextPageToken\":\"x\"}");
	server_answers(200, "", "{\"items\":[{\"id\":\"a\"}]}");
	ck_assert_int_eq(
	    calendar_list_own(google, arena, &own, deadline, &events, &fail), ERR_NONE);
	ck_assert_uint_eq(events.count, 40);
	for (int i = 0; i < 41; i++)
		server_answers(200, "", "{\"items\":[{\"id\":\"a\"}],\"nextPageToken\":\"x\"}");
	events.count = 99;
	ck_assert_int_eq(
	    calendar_list_own(google, arena, &own, deadline, &events, &fail), ERR_GARBLED);
	ck_assert_str_eq(fail.detail, "the list of events does not end");
	ck_assert_uint_eq(events.count, 99);
	ck_assert_uint_eq(server_count(), 81);
}
END_TEST

START_TEST(list_that_fails)
{
	struct event_list events = {.count = 99};
	struct fail fail = {0};

	server_answers(200, "", "{\"items\":[{\"id\":\"a\"}],\"nextPageToken\":\"x\"}");
	server_answers(500, "", "");
	ck_assert_int_eq(
	    calendar_list_own(google, arena, &own, deadline, &events, &fail), ERR_BUSY);
	ck_assert_uint_eq(events.count, 99);
}
END_TEST

START_TEST(event_calls)
{
	struct event call = {
	    .booking = own,
	    .version = 7,
	    .call = {1796133600, 1796135400},
	    .timezone = "America/New_York",
	    .summary = "A call",
	    .description = "Of \"it\"",
	    .link = "https://book.example/booking",
	};
	static const char body[] =
	    "\"id\":\"0123abcdef00000000000000000000ffv7\",\"status\":\"confirmed\","
	    "\"summary\":\"A call\",\"description\":\"Of \\\"it\\\"\",\"start\":{\"dateTime\":"
	    "\"2026-12-01T14:00:00Z\",\"timeZone\":\"America/New_York\"},\"end\":{\"dateTime\":"
	    "\"2026-12-01T14:30:00Z\",\"timeZone\":\"America/New_York\"},\"source\":{\"title\":"
	    "\"A call\",\"url\":\"https://book.example/booking\"},\"extendedProperties\":{"
	    "\"private\":{\"slotguard\":\"0123abcd-ef00-0000-0000-0000000000ff\"}}";
	struct http_reply reply;
	char id[EVENT_ID];

	for (int i = 0; i < 4; i++)
		server_answers(200, "", "{}");
	calendar_insert_start(google, arena, &call, deadline, http_keep, &reply);
	http_run(http);
	calendar_restore_start(google, arena, &call, deadline, http_keep, &reply);
	http_run(http);
	calendar_event_id(&own, 7, id);
	calendar_delete_start(
	    google, arena, &(struct event_ref){.id = id}, deadline, http_keep, &reply);
	http_run(http);
	ck_assert(asks_for(
	    1, "POST /calendars/owner%40example.com/events?sendUpdates=none HTTP/1.1\r\n"));
	ck_assert_msg(strstr(server_body(1), body) != NULL, "%s", server_body(1));
	ck_assert(asks_for(2, "PUT /calendars/owner%40example.com/events/"
			      "0123abcdef00000000000000000000ffv7?sendUpdates=none HTTP/1.1\r\n"));
	ck_assert_str_eq(server_body(2), server_body(1));
	ck_assert(asks_for(3, "DELETE /calendars/owner%40example.com/events/"
			      "0123abcdef00000000000000000000ffv7?sendUpdates=none HTTP/1.1\r\n"));
	ck_assert_ptr_null(strstr(server_request(3), "If-Match"));
	/* Only in the state that was seen. */
	calendar_delete_start(google, arena, &(struct event_ref){.id = id, .etag = "\"7\""},
	    deadline, http_keep, &reply);
	http_run(http);
	ck_assert_ptr_nonnull(strstr(server_request(4), "\r\nIf-Match: \"7\"\r\n"));
}
END_TEST

/* What a calendar is called, and whether calls can be put into it. */
static const struct {
	int status;
	const char *body;
	enum err err;
	const char *title;
	bool is_writable;
} abouts[] = {
    {200, "{\"summary\":\"Avo\",\"accessRole\":\"owner\"}", ERR_NONE, "Avo", true},
    {200, "{\"summary\":\"Avo\",\"accessRole\":\"writer\"}", ERR_NONE, "Avo", true},
    {200, "{\"summary\":\"Avo\",\"accessRole\":\"reader\"}", ERR_NONE, "Avo", false},
    {200, "{\"accessRole\":\"owner\"}", ERR_NONE, "", true},
    {200, "{\"summary\":\"Avo\"}", ERR_GARBLED, "none", false},
    {200, "<html>", ERR_GARBLED, "none", false},
    {404, "{\"error\":{\"code\":404}}", ERR_NOT_FOUND, "none", false},
    {503, "{\"accessRole\":\"owner\"}", ERR_BUSY, "none", false},
};

START_TEST(about_a_calendar)
{
	struct calendar_about about = {.title = "none"};
	struct fail fail = {0};

	server_answers(abouts[_i].status, "", abouts[_i].body);
	ck_assert_int_eq(calendar_about(google, arena, deadline, &about, &fail), abouts[_i].err);
	ck_assert_int_eq(fail.code, abouts[_i].err);
	ck_assert_str_eq(about.title, abouts[_i].title);
	ck_assert_int_eq(about.is_writable, abouts[_i].is_writable);
	ck_assert(asks_for(1, "GET /calendars/owner%40example.com/events?maxResults=1&"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("calendar");
	TCase *busy = tcase_create("busy"), *change = tcase_create("event"),
	      *calls = tcase_create("calls");
	SRunner *runner = srunner_create(suite);
	int failed;

	if (sodium_init() < 0)
		return 1;
	tcase_add_checked_fixture(busy, set_up, tear_down);
	tcase_set_timeout(busy, 60);
	tcase_add_loop_test(busy, free_busy, 0, (int)COUNT(answers));
	tcase_add_loop_test(busy, several_calendars, 0, (int)COUNT(several));
	tcase_add_loop_test(busy, failed_transfer, 0, (int)COUNT(transfer_errors));
	tcase_add_test(busy, damaged_answer);
	tcase_add_test(busy, full_arena);
	suite_add_tcase(suite, busy);
	tcase_add_checked_fixture(change, set_up, tear_down);
	tcase_add_loop_test(change, event, 0, (int)COUNT(changes));
	tcase_add_test(change, event_id);
	tcase_add_test(change, listing);
	tcase_add_loop_test(change, listed_item, 0, (int)COUNT(items));
	tcase_add_test(change, occurrence);
	tcase_add_test(change, listing_that_goes_on);
	tcase_add_loop_test(change, listing_or_failure, 0, (int)COUNT(listings));
	tcase_add_test(change, listing_in_any_room);
	tcase_add_loop_test(change, event_version, 0, (int)COUNT(ids));
	tcase_add_loop_test(change, event_written, 0, (int)COUNT(written));
	suite_add_tcase(suite, change);
	tcase_add_checked_fixture(calls, begin, end);
	tcase_add_test(calls, list_of_pages);
	tcase_add_test(calls, question);
	tcase_add_test(calls, list_without_an_end);
	tcase_add_test(calls, list_that_fails);
	tcase_add_test(calls, event_calls);
	tcase_add_loop_test(calls, about_a_calendar, 0, (int)COUNT(abouts));
	suite_add_tcase(suite, calls);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

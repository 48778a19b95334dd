/* SPDX-License-Identifier: MIT */
/* check_feed.c: a calendar's file is fetched when it has changed, and from nowhere else */
#include "net/feed.h"
#include "base/clock.h"
#include "server.h"
#include "times.h"

static struct arena *arena;
static struct http *http;
static struct feed_question question;
static struct feed feed;
static struct fail fail;

static void set_up(void)
{
	arena = arena_new(8 << 20);
	ck_assert_ptr_nonnull(arena);
	server_start();
	http = http_new(NULL);
	question = (struct feed_question){
	    .address = arena_printf(arena, "%s/secret.ics?key=1", server.url),
	    .bytes_max = 2 * 1024 * 1024,
	    .deadline = clock_boot_ms() + 30000};
	feed = (struct feed){.len = 99};
	fail = (struct fail){0};
}

static void tear_down(void)
{
	http_free(http);
	arena_free(arena);
}

static bool asks(unsigned number, const char *header)
{
	return strstr(server_request(number), header) != NULL;
}

START_TEST(only_what_changed)
{
	server_answers(
	    200, "ETag: \"one\"\r\nLast-Modified: Tue, 01 Dec 2026 00:00:00 GMT\r\n", "BEGIN");
	ck_assert_int_eq(feed_fetch(http, arena, &question, &feed, &fail), ERR_NONE);
	ck_assert_str_eq(feed.text, "BEGIN");
	ck_assert(!feed.is_unchanged && feed.len == 5);
	ck_assert_str_eq(feed.mark.etag, "\"one\"");
	ck_assert(!asks(0, "If-None-Match") && !asks(0, "If-Modified-Since"));
	ck_assert(asks(0, "Accept: text/calendar\r\n"));
	question.mark = feed.mark;
	server_answers(304, "", "");
	ck_assert_int_eq(feed_fetch(http, arena, &question, &feed, &fail), ERR_NONE);
	ck_assert(feed.is_unchanged);
	ck_assert(asks(1, "If-None-Match: \"one\"\r\n"));
	ck_assert(asks(1, "If-Modified-Since: Tue, 01 Dec 2026 00:00:00 GMT\r\n"));
	ck_assert(asks(1, "Accept: text/calendar\r\n"));
	ck_assert_str_eq(feed.mark.etag, "\"one\"");
	server_answers(200, "", "MORE");
	ck_assert_int_eq(feed_fetch(http, arena, &question, &feed, &fail), ERR_NONE);
	ck_assert_str_eq(feed.text, "MORE");
	ck_assert_str_eq(feed.mark.etag, "");
}
END_TEST

/* One that would have to be cut is none: the server would not know it. */
START_TEST(long_mark)
{
	char etag[HTTP_VALUE_MAX + 2] = "";

	memset(etag, 'x', (size_t)_i);
	server_answers(200, arena_printf(arena, "ETag: %s\r\n", etag), "BEGIN");
	ck_assert_int_eq(feed_fetch(http, arena, &question, &feed, &fail), ERR_NONE);
	ck_assert_uint_eq(strlen(feed.mark.etag), _i <= HTTP_VALUE_MAX ? (size_t)_i : 0);
}
END_TEST

static const struct {
	int status;
	const char *headers;
	enum err err;
	const char *detail;
} refusals[] = {
    {304, "", ERR_GARBLED, "the calendar's server answered 304 to whoever has nothing"},
    {401, "", ERR_AUTH, "the calendar's server does not accept the address (401)"},
    {403, "", ERR_AUTH, "the calendar's server does not accept the address (403)"},
    {404, "", ERR_NOT_FOUND, "there is no calendar at the address (404)"},
    {410, "", ERR_NOT_FOUND, "there is no calendar at the address (410)"},
    {204, "", ERR_REFUSED, "the calendar's server answered 204"},
    {429, "", ERR_BUSY, "the calendar's server answered 429"},
    {500, "", ERR_BUSY, "the calendar's server answered 500"},
    {302, "", ERR_REFUSED, "the address leads on to nowhere"},
    {302, "Location: https://elsewhere.example/a.ics?key=2\r\n", ERR_REFUSED,
	"the address leads on to another host, https://elsewhere.example: if that is right, write "
	"the address there"},
    {301, "Location: //elsewhere.example/a.ics\r\n", ERR_REFUSED,
	"the address leads on to another host, http://elsewhere.example: if that is right, write "
	"the address there"},
    {307, "Location: http://127.0.0.1:80@elsewhere.example:81/a.ics\r\n", ERR_REFUSED,
	"the address leads on to another host, http://elsewhere.example:81: if that is right, write "
	"the address there"},
    {307, "Location: file:///etc/passwd\r\n", ERR_REFUSED,
	"the address leads on to another host, file://: if that is right, write the address there"},
    {307, "Location: http://\r\n", ERR_REFUSED, "the address leads on to nowhere"},
};

/* What stands behind it would be offered as free. */
START_TEST(bytes_that_are_no_text)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nEN\0BE";

	server_sends(answer, sizeof(answer) - 1, 0);
	ck_assert_int_eq(feed_fetch(http, arena, &question, &feed, &fail), ERR_GARBLED);
	ck_assert_str_eq(fail.detail, "this is no text");
	ck_assert_uint_eq(feed.len, 99);
}
END_TEST

START_TEST(refused)
{
	server_answers(refusals[_i].status, refusals[_i].headers, "");
	ck_assert_int_eq(feed_fetch(http, arena, &question, &feed, &fail), refusals[_i].err);
	ck_assert_str_eq(fail.detail, refusals[_i].detail);
	ck_assert_uint_eq(feed.len, 99);
	ck_assert_uint_eq(server.request_count, 1);
}
END_TEST

/* It may stay at its host, by a path or in full, and not for ever. */
START_TEST(redirected)
{
	char *location = arena_printf(arena, "Location: %s/third.ics\r\n", server.url);

	server_answers(303, "Location: /second.ics\r\n", "");
	server_answers(308, location, "");
	server_answers(302, "Location: fourth.ics?key=1\r\n", "");
	server_answers(200, "", "BEGIN");
	ck_assert_int_eq(feed_fetch(http, arena, &question, &feed, &fail), ERR_NONE);
	ck_assert_str_eq(feed.text, "BEGIN");
	ck_assert(asks(1, "GET /second.ics HTTP"));
	ck_assert(asks(2, "GET /third.ics HTTP"));
	ck_assert(asks(3, "GET /fourth.ics?key=1 HTTP"));
	for (int i = 0; i < 4; i++)
		server_answers(302, "Location: /second.ics\r\n", "");
	ck_assert_int_eq(feed_fetch(http, arena, &question, &feed, &fail), ERR_REFUSED);
	ck_assert_str_eq(fail.detail, "the address leads on again and again");
	/* The port is part of the host. */
	server_answers(302, "Location: http://127.0.0.1:1/second.ics\r\n", "");
	ck_assert_int_eq(feed_fetch(http, arena, &question, &feed, &fail), ERR_REFUSED);
}
END_TEST

/* An address that would have to be cut is another one, and is not asked. */
START_TEST(redirected_far)
{
	char location[HTTP_VALUE_MAX + 2] = "/";

	memset(location + 1, 'x', (size_t)_i - 1);
	server_answers(302, arena_printf(arena, "Location: %s\r\n", location), "");
	if (_i <= HTTP_VALUE_MAX) {
		server_answers(200, "", "BEGIN");
		ck_assert_int_eq(feed_fetch(http, arena, &question, &feed, &fail), ERR_NONE);
		ck_assert(asks(1, arena_printf(arena, "GET %s HTTP", location)));
		return;
	}
	ck_assert_int_eq(feed_fetch(http, arena, &question, &feed, &fail), ERR_REFUSED);
	ck_assert_str_eq(fail.detail, "the address leads on to nowhere");
	ck_assert_uint_eq(server.request_count, 1);
}
END_TEST

START_TEST(too_large)
{
	char *body = arena_alloc(arena, question.bytes_max + 2);

	memset(body, 'x', question.bytes_max + 1);
	server_answers(200, "", body);
	ck_assert_int_eq(feed_fetch(http, arena, &question, &feed, &fail), ERR_TOO_LARGE);
	ck_assert_str_eq(fail.detail, "the calendar is larger than 2 MiB");
}
END_TEST

/* No sentence gives the address away, and nothing goes where it could be overheard. */
START_TEST(secret)
{
	question.address = arena_str(arena, "http://127.0.0.1:1/secret.ics");
	ck_assert_int_eq(feed_fetch(http, arena, &question, &feed, &fail), ERR_UNREACHABLE);
	ck_assert_ptr_null(strstr(fail.detail, "secret"));
	question.address = arena_str(arena, "http://calendar.example/secret.ics");
	ck_assert_int_eq(feed_fetch(http, arena, &question, &feed, &fail), ERR_CONFIG);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("feed");
	TCase *fetching = tcase_create("fetch");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(fetching, set_up, tear_down);
	tcase_add_test(fetching, only_what_changed);
	tcase_add_loop_test(fetching, redirected_far, HTTP_VALUE_MAX, HTTP_VALUE_MAX + 2);
	tcase_add_loop_test(fetching, long_mark, HTTP_VALUE_MAX, HTTP_VALUE_MAX + 2);
	tcase_add_test(fetching, bytes_that_are_no_text);
	tcase_add_loop_test(fetching, refused, 0, (int)COUNT(refusals));
	tcase_add_test(fetching, redirected);
	tcase_add_test(fetching, too_large);
	tcase_add_test(fetching, secret);
	suite_add_tcase(suite, fetching);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

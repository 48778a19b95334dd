/* SPDX-License-Identifier: MIT */
/* check_google.c: the token endpoint's replies, and what the Calendar API's statuses mean */
#include "net/google.h"
#include "base/clock.h"
#include "replies.h"
#include "secrets.h"
#include "server.h"

#include <sodium.h>

static struct arena *arena;

static void set_up(void)
{
	arena = arena_new(1 << 20);
	ck_assert_ptr_nonnull(arena);
}

static void tear_down(void)
{
	arena_free(arena);
}

static char *file_of(const char *name)
{
	return name ? arena_printf(arena, "google/%s", name) : NULL;
}

#define TOKEN "ya29.a0AfB_byC-example.token"

static const struct {
	const char *file;
	int status;
	int64_t expires_s;
	enum err err;
	const char *detail;
} tokens[] = {
    {"token.json", 200, 3599, 0, NULL},
    {"token-day.json", 200, 86400, 0, NULL},
    {"token-no-lifetime.json", 200, 0, 0, NULL},
    {"token-negative-lifetime.json", 200, 0, 0, NULL},
    {"token-huge-lifetime.json", 200, 0, 0, NULL},
    {"token-two-days.json", 200, 0, 0, NULL},
    {"token-text-lifetime.json", 200, 0, 0, NULL},
    {"token-absent.json", 200, 0, ERR_GARBLED, "the token endpoint's answer holds no token"},
    {"token-empty.json", 200, 0, ERR_GARBLED, "the token endpoint's answer holds no token"},
    {"token-number.json", 200, 0, ERR_GARBLED, "the token endpoint's answer holds no token"},
    {"token-header.json", 200, 0, ERR_GARBLED, "the token endpoint's answer holds no token"},
    {"busy-truncated.json", 200, 0, ERR_GARBLED, "the token endpoint's answer holds no token"},
    {"busy-garbage.html", 200, 0, ERR_GARBLED, "the token endpoint's answer holds no token"},
    {"busy-list.json", 200, 0, ERR_GARBLED, "the token endpoint's answer holds no token"},
    {NULL, 200, 0, ERR_GARBLED, "the token endpoint's answer holds no token"},
    {"token-invalid-grant.json", 400, 0, ERR_GRANT,
	"the token endpoint answered 400 invalid_grant"},
    {"token-invalid-grant.json", 401, 0, ERR_GRANT,
	"the token endpoint answered 401 invalid_grant"},
    {"token-invalid-client.json", 401, 0, ERR_AUTH,
	"the token endpoint answered 401 invalid_client"},
    {"token-unauthorized-client.json", 401, 0, ERR_AUTH,
	"the token endpoint answered 401 unauthorized_client"},
    /* A proxy or a portal before it says nothing of the grant, whatever it writes. */
    {"error-400.json", 400, 0, ERR_BUSY, "the token endpoint answered 400"},
    {"busy-garbage.html", 400, 0, ERR_BUSY, "the token endpoint answered 400"},
    {NULL, 401, 0, ERR_BUSY, "the token endpoint answered 401"},
    {NULL, 302, 0, ERR_BUSY, "the token endpoint answered 302"},
    {"busy-garbage.html", 404, 0, ERR_BUSY, "the token endpoint answered 404"},
    {NULL, 403, 0, ERR_BUSY, "the token endpoint answered 403"},
    {"busy-garbage.html", 407, 0, ERR_BUSY, "the token endpoint answered 407"},
    {"token-invalid-grant.json", 403, 0, ERR_BUSY, "the token endpoint answered 403 invalid_grant"},
    /* Nor does a server in trouble. */
    {"token-server-error.json", 500, 0, ERR_BUSY,
	"the token endpoint answered 500 internal_failure"},
    {"token-invalid-grant.json", 503, 0, ERR_BUSY, "the token endpoint answered 503 invalid_grant"},
    {NULL, 429, 0, ERR_BUSY, "the token endpoint answered 429"},
};

START_TEST(token)
{
	struct http_reply reply = reply_of(tokens[_i].status, file_of(tokens[_i].file));
	const char *text = "unset";
	int64_t expires_s = -9;
	struct fail fail = {0};
	enum err err = google_parse_token(arena, &reply, &text, &expires_s, &fail);

	ck_assert_msg(err == tokens[_i].err, "%s: %s", tokens[_i].file, err_name(err));
	if (err) {
		ck_assert_str_eq(text, "unset");
		ck_assert_int_eq(expires_s, -9);
		ck_assert_int_eq(fail.code, err);
		ck_assert_str_eq(fail.detail, tokens[_i].detail);
	} else {
		/* In the arena: the reply may go. */
		memset(reply.body, 'x', reply.body_len);
		ck_assert_str_eq(text, TOKEN);
		ck_assert_int_eq(expires_s, tokens[_i].expires_s);
	}
	ck_assert_ptr_null(strstr(fail.detail, "ya29"));
	free(reply.body);
}
END_TEST

START_TEST(longest_token)
{
	struct http_reply reply = {.status = 200, .body = calloc(1, 6000)};
	const char *text = NULL;
	int64_t expires_s;
	struct fail fail;

	ck_assert_ptr_nonnull(reply.body);
	for (size_t len = 4150; len < 4170; len++) {
		enum err err;

		strcpy(reply.body, "{\"access_token\":\"");
		memset(reply.body + strlen(reply.body), 'a', len);
		strcpy(reply.body + 17 + len, "\"}");
		reply.body_len = strlen(reply.body);
		err = google_parse_token(arena, &reply, &text, &expires_s, &fail);
		ck_assert_int_eq(err, len <= 4160 ? ERR_NONE : ERR_GARBLED);
		ck_assert(err || strlen(text) == len);
	}
	free(reply.body);
}
END_TEST

START_TEST(failed_transfer)
{
	struct http_reply reply = failed_reply(transfer_errors[_i]);
	const char *text;
	int64_t expires_s;
	struct fail fail;

	ck_assert_int_eq(
	    google_parse_token(arena, &reply, &text, &expires_s, &fail), transfer_errors[_i]);
	ck_assert_str_eq(fail.detail, CURL_SAYS);
	ck_assert_str_eq(fail.where, "oauth");
	ck_assert_int_eq(google_judge(&reply, &fail), transfer_errors[_i]);
	ck_assert_str_eq(fail.detail, CURL_SAYS);
	ck_assert_str_eq(fail.where, "google");
}
END_TEST

START_TEST(full_arena)
{
	struct http_reply reply = reply_of(200, "google/token.json");
	struct arena *small = arena_new(8);
	const char *text = "unset";
	int64_t expires_s;
	struct fail fail;

	ck_assert_int_eq(google_parse_token(small, &reply, &text, &expires_s, &fail), ERR_SYSTEM);
	arena_free(small);
	free(reply.body);
}
END_TEST

static const struct {
	const char *file;
	int status;
	enum err err;
	const char *detail;
} statuses[] = {
    {NULL, 200, ERR_NONE, ""},
    {"busy-garbage.html", 201, ERR_NONE, ""},
    {NULL, 204, ERR_NONE, ""},
    {NULL, 299, ERR_NONE, ""},
    {NULL, 302, ERR_BUSY, "the calendar answered 302 (no reason given)"},
    {NULL, 304, ERR_BUSY, "the calendar answered 304 (no reason given)"},
    {"busy-garbage.html", 400, ERR_BUSY, "the calendar answered 400 (no reason given)"},
    {NULL, 402, ERR_BUSY, "the calendar answered 402 (no reason given)"},
    {"busy-garbage.html", 404, ERR_BUSY, "the calendar answered 404 (no reason given)"},
    {NULL, 405, ERR_BUSY, "the calendar answered 405 (no reason given)"},
    {NULL, 407, ERR_BUSY, "the calendar answered 407 (no reason given)"},
    {NULL, 408, ERR_BUSY, "the calendar answered 408 (no reason given)"},
    {"busy-garbage.html", 409, ERR_BUSY, "the calendar answered 409 (no reason given)"},
    {NULL, 410, ERR_BUSY, "the calendar answered 410 (no reason given)"},
    {NULL, 412, ERR_BUSY, "the calendar answered 412 (no reason given)"},
    {"busy-garbage.html", 413, ERR_BUSY, "the calendar answered 413 (no reason given)"},
    {NULL, 421, ERR_BUSY, "the calendar answered 421 (no reason given)"},
    {NULL, 423, ERR_BUSY, "the calendar answered 423 (no reason given)"},
    {NULL, 425, ERR_BUSY, "the calendar answered 425 (no reason given)"},
    {"busy-garbage.html", 451, ERR_BUSY, "the calendar answered 451 (no reason given)"},
    {"error-400.json", 400, ERR_REFUSED, "the calendar answered 400 (timeRangeTooLong)"},
    {"error-401.json", 401, ERR_AUTH, "the calendar answered 401 (authError)"},
    {NULL, 401, ERR_BUSY, "the calendar answered 401 (no reason given)"},
    {"error-403-rateLimitExceeded.json", 403, ERR_BUSY,
	"the calendar answered 403 (rateLimitExceeded)"},
    {"error-403-userRateLimitExceeded.json", 403, ERR_BUSY,
	"the calendar answered 403 (userRateLimitExceeded)"},
    {"error-403-quotaExceeded.json", 403, ERR_BUSY, "the calendar answered 403 (quotaExceeded)"},
    {"error-403-dailyLimitExceeded.json", 403, ERR_BUSY,
	"the calendar answered 403 (dailyLimitExceeded)"},
    {"error-403-forbiddenForNonOrganizer.json", 403, ERR_REFUSED,
	"the calendar answered 403 (forbiddenForNonOrganizer)"},
    {"error-403-insufficientPermissions.json", 403, ERR_AUTH,
	"the calendar answered 403 (insufficientPermissions)"},
    {"error-no-reason.json", 403, ERR_AUTH, "the calendar answered 403 (no reason given)"},
    {"busy-garbage.html", 403, ERR_BUSY, "the calendar answered 403 (no reason given)"},
    {"error-404.json", 404, ERR_NOT_FOUND, "the calendar answered 404 (notFound)"},
    {"error-409.json", 409, ERR_REFUSED, "the calendar answered 409 (duplicate)"},
    {"error-410.json", 410, ERR_NOT_FOUND, "the calendar answered 410 (deleted)"},
    {"error-412.json", 412, ERR_REFUSED, "the calendar answered 412 (conditionNotMet)"},
    {"error-no-reason.json", 413, ERR_REFUSED, "the calendar answered 413 (no reason given)"},
    {"error-no-reason.json", 414, ERR_BUSY, "the calendar answered 414 (no reason given)"},
    {"error-no-reason.json", 422, ERR_REFUSED, "the calendar answered 422 (no reason given)"},
    {"error-429.json", 429, ERR_BUSY, "the calendar answered 429 (rateLimitExceeded)"},
    {"busy-garbage.html", 429, ERR_BUSY, "the calendar answered 429 (no reason given)"},
    {"error-500.json", 500, ERR_BUSY, "the calendar answered 500 (backendError)"},
    {"busy-truncated.json", 502, ERR_BUSY, "the calendar answered 502 (no reason given)"},
    {NULL, 503, ERR_BUSY, "the calendar answered 503 (no reason given)"},
};

START_TEST(status)
{
	struct http_reply reply = reply_of(statuses[_i].status, file_of(statuses[_i].file));
	struct fail fail = {0};

	ck_assert_int_eq(google_judge(&reply, &fail), statuses[_i].err);
	if (statuses[_i].err == ERR_GARBLED)
		ck_assert_str_eq(fail.where, "oauth");
	ck_assert_int_eq(fail.code, statuses[_i].err);
	ck_assert_str_eq(fail.detail, statuses[_i].detail);
	free(reply.body);
}
END_TEST

/* ---- Calls, with tokens */

static struct conf conf;
static struct http *http;
static struct google *google;
static struct conf_calendar calendar;
static struct secret *client_id, *client_secret, *refresh_token;

static void begin(void)
{
	set_up();
	server_start();
	http = http_new(NULL);
	conf.google.api_url = server.url;
	conf.google.token_url = arena_printf(arena, "%s/token", server.url);
	calendar.client_id = client_id = make_secret("id");
	calendar.client_secret = client_secret = make_secret("a&b");
	calendar.refresh_token = refresh_token = make_secret("1//r+s");
	google = google_new(&conf, &calendar, http);
	ck_assert(http && google);
	ck_assert_ptr_eq(google_conf(google), &conf);
	ck_assert_ptr_eq(google_http(google), http);
}

static void end(void)
{
	google_free(google);
	http_free(http);
	free(client_id);
	free(client_secret);
	free(refresh_token);
	tear_down();
}

static void answer_token(const char *text, const char *lifetime)
{
	server_answers(200, "",
	    arena_printf(arena, "{\"access_token\":\"%s\",\"expires_in\":%s}", text, lifetime));
}

static struct http_reply call(const char *body)
{
	struct google_request request = {
	    .method = body ? "POST" : "GET",
	    .path = "/path?query",
	    .body = body,
	    .service = SERVICE_GOOGLE_EVENT,
	    .deadline = clock_boot_ms() + 20000,
	};
	struct http_reply reply = {.err = ERR_CONFIG};

	google_start(google, arena, &request, http_keep, &reply);
	http_run(http);
	return reply;
}

/* Whether the request of this number is for a token, or a call with this one. */
static bool is_for_token(unsigned number)
{
	return strncmp(server_request(number), "POST /token ", 12) == 0;
}

static bool is_call(unsigned number, const char *text)
{
	return strstr(server_request(number), " /path?query HTTP/1.1\r\n") &&
	       strstr(server_request(number),
		   arena_printf(arena, "\r\nAuthorization: Bearer %s\r\n", text));
}

START_TEST(token_once)
{
	answer_token("one", "3599");
	server_answers(200, "", "first");
	server_answers(200, "", "second");
	ck_assert_str_eq(call("{}").body, "first");
	ck_assert_str_eq(call(NULL).body, "second");
	ck_assert_uint_eq(server_count(), 3);
	ck_assert(is_for_token(0) && is_call(1, "one") && is_call(2, "one"));
	ck_assert_str_eq(server_body(0),
	    "grant_type=refresh_token&client_id=id&client_secret=a%26b&refresh_token=1%2F%2Fr%2Bs");
	ck_assert_ptr_nonnull(
	    strstr(server_request(0), "\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
	ck_assert_str_eq(server_body(1), "{}");
	ck_assert_ptr_nonnull(strstr(server_request(1), "\r\nContent-Type: application/json\r\n"));
	ck_assert_int_eq(strncmp(server_request(2), "GET ", 4), 0);
	ck_assert_ptr_null(strstr(server_request(2), "\r\nContent-Type"));
	ck_assert_uint_eq(http_tally(http, SERVICE_GOOGLE_TOKEN, SERVICE_GOOGLE_TOKEN).count, 1);
	ck_assert_uint_eq(http_tally(http, SERVICE_GOOGLE_EVENT, SERVICE_GOOGLE_EVENT).count, 2);
}
END_TEST

/* In its last minute a token serves nothing but the call for which it was fetched. */
static const char *const short_lives[] = {"0", "1", "30", "60", "-5", "90000", "\"3600\""};

START_TEST(token_that_ends_soon)
{
	answer_token("one", short_lives[_i]);
	server_answers(200, "", "");
	answer_token("two", "120");
	server_answers(200, "", "");
	server_answers(200, "", "");
	call(NULL);
	call(NULL);
	call(NULL);
	ck_assert_uint_eq(server_count(), 5);
	ck_assert(is_for_token(0) && is_call(1, "one") && is_for_token(2) && is_call(3, "two") &&
		  is_call(4, "two"));
}
END_TEST

START_TEST(token_of_any_length)
{
	char *longest = arena_alloc(arena, 4161);

	memset(longest, 'a', 4160);
	longest[4160] = '\0';
	answer_token(longest, "3599");
	server_answers(200, "", "first");
	ck_assert_str_eq(call(NULL).body, "first");
	ck_assert(is_call(1, longest));
}
END_TEST

/* Secrets are asked with whole, however long they are, and whatever they are made of. */
START_TEST(longest_secrets)
{
	static const char around[] =
	    "grant_type=refresh_token&client_id=&client_secret=&refresh_token=";
	char text[4097] = "";
	struct secret *longest;

	memset(text, '/', 4096);
	longest = make_secret(text);
	calendar.client_id = calendar.client_secret = calendar.refresh_token = longest;
	answer_token("one", "3599");
	server_answers(200, "", "first");
	ck_assert_str_eq(call(NULL).body, "first");
	ck_assert_uint_eq(strlen(server_body(0)), strlen(around) + 3 * 3 * 4096);
	free(longest);
}
END_TEST

/* One that is no longer taken: another, and the call once more; then no further. */
START_TEST(token_refused)
{
	struct http_reply reply;

	answer_token("one", "3599");
	server_answers(401, "", "no");
	answer_token("two", "3599");
	server_answers(200, "", "yes");
	ck_assert_str_eq(call("{}").body, "yes");
	ck_assert_uint_eq(server_count(), 4);
	ck_assert(is_call(3, "two"));
	ck_assert_str_eq(server_body(3), "{}");
	server_answers(401, "", "");
	answer_token("three", "3599");
	server_answers(401, "", "");
	reply = call(NULL);
	ck_assert_int_eq(reply.err, ERR_NONE);
	ck_assert_int_eq(reply.status, 401);
	ck_assert_uint_eq(server_count(), 7);
	/* Nor is it used again. */
	answer_token("four", "3599");
	server_answers(200, "", "");
	call(NULL);
	ck_assert(is_for_token(7) && is_call(8, "four"));
}
END_TEST

START_TEST(no_token)
{
	struct http_reply reply;

	server_answers(400, "", "{\"error\":\"invalid_grant\"}");
	reply = call(NULL);
	ck_assert_int_eq(reply.err, ERR_GRANT);
	ck_assert_str_eq(reply.fail.detail, "the token endpoint answered 400 invalid_grant");
	server_answers(500, "", "");
	ck_assert_int_eq(call(NULL).err, ERR_BUSY);
	ck_assert_uint_eq(server_count(), 2);
}
END_TEST

START_TEST(call_without_memory)
{
	struct arena *small = arena_new(8);
	struct google_request request = {
	    "GET", "/", NULL, SERVICE_GOOGLE_EVENT, clock_boot_ms() + 1000, NULL};
	struct http_reply reply = {.err = ERR_NONE};

	google_start(google, small, &request, http_keep, &reply);
	ck_assert_int_eq(reply.err, ERR_SYSTEM);
	ck_assert_uint_eq(server_count(), 0);
	arena_free(small);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("google");
	TCase *oauth = tcase_create("oauth"), *judging = tcase_create("judge"),
	      *calls = tcase_create("calls");
	SRunner *runner = srunner_create(suite);
	int failed;

	if (sodium_init() < 0)
		return 1;
	tcase_add_checked_fixture(oauth, set_up, tear_down);
	tcase_add_loop_test(oauth, token, 0, (int)COUNT(tokens));
	tcase_add_test(oauth, longest_token);
	tcase_add_loop_test(oauth, failed_transfer, 0, (int)COUNT(transfer_errors));
	tcase_add_test(oauth, full_arena);
	suite_add_tcase(suite, oauth);
	tcase_add_checked_fixture(judging, set_up, tear_down);
	tcase_add_loop_test(judging, status, 0, (int)COUNT(statuses));
	suite_add_tcase(suite, judging);
	tcase_add_checked_fixture(calls, begin, end);
	tcase_add_test(calls, token_once);
	tcase_add_loop_test(calls, token_that_ends_soon, 0, (int)COUNT(short_lives));
	tcase_add_test(calls, token_of_any_length);
	tcase_add_test(calls, longest_secrets);
	tcase_add_test(calls, token_refused);
	tcase_add_test(calls, no_token);
	tcase_add_test(calls, call_without_memory);
	suite_add_tcase(suite, calls);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

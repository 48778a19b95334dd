/* SPDX-License-Identifier: MIT */
/* check_google_login.c: the owner's one login: its address, what comes back, and what was granted
 */
#include "net/google_login.h"
#include "replies.h"
#include "secrets.h"
#include "server.h"

#include <sodium.h>

#define FREEBUSY "https://www.googleapis.com/auth/calendar.freebusy"
#define OWNED "https://www.googleapis.com/auth/calendar.events.owned"
#define ANY_EVENTS "https://www.googleapis.com/auth/calendar.events"
#define EVERYTHING "https://www.googleapis.com/auth/calendar"

static struct arena *arena;
static struct conf conf;
static struct http *http;
static struct secret *client_id, *client_secret, *refresh_token;
static struct conf_calendar calendar;
static struct google_login login = {.calendar = &calendar,
    .right = GOOGLE_OWNED,
    .state = "state-of-ours",
    .verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"};
static struct fail fail;

static void begin(void)
{
	arena = arena_new(1 << 20);
	ck_assert_ptr_nonnull(arena);
	server_start();
	http = http_new(NULL);
	ck_assert_ptr_nonnull(http);
	fail = (struct fail){0};
	strcpy(login.redirect, "http://127.0.0.1:4711/");
	conf.google.auth_url = arena_str(arena, "https://accounts.example.com/auth");
	conf.google.token_url = arena_printf(arena, "%s/token", server.url);
	calendar.client_id = client_id = make_secret("id&1");
	calendar.client_secret = client_secret = make_secret("a&b");
	calendar.refresh_token = refresh_token = make_secret("1//r+s");
}

static void end(void)
{
	http_free(http);
	free(client_id);
	free(client_secret);
	free(refresh_token);
	arena_free(arena);
}

START_TEST(two_logins)
{
	struct google_login one, other;

	memset(&one, 'x', sizeof(one));
	google_login_begin(&calendar, GOOGLE_OWNED, 65535, &one);
	google_login_begin(&calendar, GOOGLE_FREEBUSY, 1, &other);
	ck_assert_str_eq(one.redirect, "http://127.0.0.1:65535/");
	ck_assert_str_eq(other.redirect, "http://127.0.0.1:1/");
	ck_assert_ptr_null(one.code);
	ck_assert_uint_eq(strlen(one.state), 43);
	ck_assert_uint_eq(strlen(one.verifier), 43);
	ck_assert_str_ne(one.state, one.verifier);
	ck_assert_str_ne(one.state, other.state);
	ck_assert_str_ne(one.verifier, other.verifier);
}
END_TEST

/* The verifier and its challenge are those of RFC 7636, appendix B. */
START_TEST(address)
{
	struct google_login other = login;
	struct arena *small;
	const char *text = google_login_address(&conf, arena, &login);

	ck_assert_str_eq(text,
	    "https://accounts.example.com/auth?response_type=code&client_id=id%261"
	    "&redirect_uri=http%3A%2F%2F127.0.0.1%3A4711%2F"
	    "&scope=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcalendar.events.owned%20"
	    "https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcalendar.freebusy&state=state-of-ours"
	    "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
	    "&access_type=offline&prompt=consent");
	other.right = GOOGLE_SHARED;
	text = google_login_address(&conf, arena, &other);
	ck_assert_ptr_nonnull(strstr(text, "auth%2Fcalendar.events%20https"));
	other.right = GOOGLE_FREEBUSY;
	text = google_login_address(&conf, arena, &other);
	ck_assert_ptr_nonnull(
	    strstr(text, "&scope=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcalendar.freebusy&"));
	small = arena_new(8);
	ck_assert_ptr_null(google_login_address(&conf, small, &login));
	arena_free(small);
}
END_TEST

static const struct {
	const char *answer, *code;
	enum err err;
	const char *detail;
} answers[] = {
    {"4/abc", "4/abc", 0, ""},
    {"4/abc \r\n", "4/abc", 0, ""},
    {"?code=4%2Fabc&state=state-of-ours", "4/abc", 0, ""},
    {"code=4%2Fabc&state=state-of-ours", "4/abc", 0, ""},
    {"http://127.0.0.1/?state=state-of-ours&code=4/x&scope=a+b#end\n", "4/x", 0, ""},
    {"/?code=4/x&state=state-of-ours HTTP/1.1", "4/x", 0, ""},
    {"", NULL, ERR_INPUT, "there is no code in it"},
    {" \n", NULL, ERR_INPUT, "there is no code in it"},
    {"two words", NULL, ERR_INPUT, "there is no code in it"},
    {"http://127.0.0.1/?", NULL, ERR_INPUT, "there is no code in it"},
    {"?state=state-of-ours", NULL, ERR_INPUT, "there is no code in it"},
    {"?code=&state=state-of-ours", NULL, ERR_INPUT, "there is no code in it"},
    {"?code=4/x", NULL, ERR_INPUT, "it is the answer to another login than this one"},
    {"?code=4/x&state=state-of-our", NULL, ERR_INPUT,
	"it is the answer to another login than this one"},
    {"?code=4/x&state=state-of-ourselves", NULL, ERR_INPUT,
	"it is the answer to another login than this one"},
    {"?error=access_denied&state=state-of-ours", NULL, ERR_AUTH, "Google answered access_denied"},
};

START_TEST(code)
{
	const char *found = NULL;
	enum err err = google_login_code(arena, &login, answers[_i].answer, &found, &fail);

	ck_assert_msg(err == answers[_i].err, "%s: %s", answers[_i].answer, err_name(err));
	ck_assert_str_eq(fail.detail, answers[_i].detail);
	if (!err)
		ck_assert_str_eq(found, answers[_i].code);
}
END_TEST

/* Twice the same name is nobody's answer. */
START_TEST(code_twice)
{
	const char *found = NULL;

	ck_assert_int_eq(
	    google_login_code(arena, &login, "?code=a&code=b&state=state-of-ours", &found, &fail),
	    ERR_INPUT);
	ck_assert_ptr_null(found);
}
END_TEST

static const struct {
	const char *scope, *missing;
} scopes[] = {
    {OWNED " " FREEBUSY, NULL},
    {FREEBUSY " openid " OWNED, NULL},
    {ANY_EVENTS " " FREEBUSY, NULL},
    {EVERYTHING, NULL},
    {"openid " EVERYTHING, NULL},
    {FREEBUSY, OWNED},
    {OWNED, FREEBUSY},
    {ANY_EVENTS, FREEBUSY},
    {"", OWNED},
    {OWNED "x " FREEBUSY, OWNED},
    {"x" OWNED " " FREEBUSY, OWNED},
    /* The first that looks like it is another, the second is it. */
    {ANY_EVENTS ".readonly " ANY_EVENTS " " FREEBUSY, NULL},
};

START_TEST(missing)
{
	const char *found = google_login_missing(scopes[_i].scope, true);

	if (scopes[_i].missing)
		ck_assert_str_eq(found, scopes[_i].missing);
	else
		ck_assert_msg(!found, "%s: %s", scopes[_i].scope, found);
	/* Of a calendar that only blocks. */
	found = google_login_missing(scopes[_i].scope, false);
	if (strstr(scopes[_i].scope, FREEBUSY) || strstr(scopes[_i].scope, EVERYTHING " ") ||
	    strcmp(scopes[_i].scope, EVERYTHING) == 0)
		ck_assert_ptr_null(found);
	else if (!strstr(scopes[_i].scope, "openid"))
		ck_assert_str_eq(found, FREEBUSY);
}
END_TEST

static const struct {
	int status;
	const char *body;
	enum err err;
	const char *detail;
} grants[] = {
    {200,
	"{\"access_token\":\"a\",\"expires_in\":3599,\"refresh_token\":\"1//"
	"new\",\"scope\":\"" OWNED " " FREEBUSY "\"}",
	0, ""},
    {200,
	"{\"access_token\":\"a\",\"expires_in\":3599,\"refresh_token\":\"1//"
	"new\",\"scope\":\"" OWNED "\"}",
	ERR_AUTH, FREEBUSY " was not granted: every box of the consent page has to be ticked"},
    {200, "{\"access_token\":\"a\",\"expires_in\":3599,\"refresh_token\":\"1//new\"}", ERR_AUTH,
	OWNED " was not granted: every box of the consent page has to be ticked"},
    {200, "{\"access_token\":\"a\",\"expires_in\":3599,\"scope\":\"" OWNED " " FREEBUSY "\"}",
	ERR_AUTH, "Google gave no refresh token"},
    {200,
	"{\"access_token\":\"a\",\"expires_in\":3599,\"refresh_token\":\"\",\"scope\":\"" OWNED
	" " FREEBUSY "\"}",
	ERR_AUTH, "Google gave no refresh token"},
    {400, "{\"error\":\"invalid_grant\"}", ERR_GRANT,
	"the token endpoint answered 400 invalid_grant"},
    {200, "<html>", ERR_GARBLED, "the token endpoint's answer holds no token"},
};

START_TEST(exchange)
{
	struct google_login mine = login;
	struct google_grant grant = {0};
	enum err err;

	mine.code = "4/a+b";
	server_answers(grants[_i].status, "", grants[_i].body);
	err = google_login_exchange(http, &conf, arena, &mine, &grant, &fail);
	ck_assert_msg(err == grants[_i].err, "%s: %s", grants[_i].body, err_name(err));
	ck_assert_str_eq(fail.detail, grants[_i].detail);
	if (!err) {
		ck_assert_str_eq(grant.refresh_token, "1//new");
		ck_assert_str_eq(grant.scope, OWNED " " FREEBUSY);
	}
	ck_assert_uint_eq(server_count(), 1);
	ck_assert_int_eq(strncmp(server_request(0), "POST /token ", 12), 0);
	ck_assert_ptr_nonnull(
	    strstr(server_request(0), "\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
	ck_assert_str_eq(server_body(0),
	    "grant_type=authorization_code&code=4%2Fa%2Bb"
	    "&redirect_uri=http%3A%2F%2F127.0.0.1%3A4711%2F"
	    "&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	    "&client_id=id%261&client_secret=a%26b");
	ck_assert_uint_eq(http_tally(http, SERVICE_GOOGLE_TOKEN, SERVICE_GOOGLE_TOKEN).count, 1);
}
END_TEST

START_TEST(renew)
{
	struct google_grant grant = {0};

	server_answers(
	    200, "", "{\"access_token\":\"a\",\"expires_in\":3599,\"scope\":\"" FREEBUSY "\"}");
	ck_assert_int_eq(
	    google_login_renew(http, &conf, &calendar, arena, &grant, &fail), ERR_NONE);
	ck_assert_ptr_null(grant.refresh_token);
	ck_assert_str_eq(grant.scope, FREEBUSY);
	ck_assert_str_eq(server_body(0),
	    "grant_type=refresh_token&refresh_token=1%2F%2Fr%2Bs&client_id=id%261&client_secret=a%"
	    "26b");
	server_answers(503, "", "");
	ck_assert_int_eq(
	    google_login_renew(http, &conf, &calendar, arena, &grant, &fail), ERR_BUSY);
}
END_TEST

START_TEST(exchange_without_memory)
{
	struct google_grant grant;
	struct arena *small = arena_new(8);

	ck_assert_int_eq(
	    google_login_renew(http, &conf, &calendar, small, &grant, &fail), ERR_SYSTEM);
	ck_assert_uint_eq(server_count(), 0);
	arena_free(small);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("google_login");
	TCase *login_case = tcase_create("login");
	SRunner *runner = srunner_create(suite);
	int failed;

	if (sodium_init() < 0)
		return 1;
	tcase_add_checked_fixture(login_case, begin, end);
	tcase_add_test(login_case, two_logins);
	tcase_add_test(login_case, address);
	tcase_add_loop_test(login_case, code, 0, (int)COUNT(answers));
	tcase_add_test(login_case, code_twice);
	tcase_add_loop_test(login_case, missing, 0, (int)COUNT(scopes));
	tcase_add_loop_test(login_case, exchange, 0, (int)COUNT(grants));
	tcase_add_test(login_case, renew);
	tcase_add_test(login_case, exchange_without_memory);
	suite_add_tcase(suite, login_case);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

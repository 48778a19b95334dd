/* SPDX-License-Identifier: MIT */
/* check_clickhouse.c: what ClickHouse's replies mean */
#include "store/clickhouse.h"
#include "replies.h"

static const struct {
	const char *file;
	int status, code;
	enum err err;
	const char *detail;
} replies[] = {
    {NULL, 200, 0, ERR_NONE, ""},
    {"auth.txt", 401, 516, ERR_AUTH,
	"ClickHouse refuses: default: Authentication failed: password is incorrect, or there is no "
	"user with such name (AUTHENTICATION_FAILED)"},
    {"auth.txt", 403, 516, ERR_AUTH,
	"ClickHouse refuses: default: Authentication failed: password is incorrect, or there is no "
	"user with such name (AUTHENTICATION_FAILED)"},
    /* A refusal is told in the server's own words: whom, and what is lacking. */
    {"denied.txt", 403, 497, ERR_AUTH,
	"ClickHouse refuses: slotguard_web: Not enough privileges. To execute this query, it's "
	"necessary to have the grant CREATE TABLE ON argus.ledger (ACCESS_DENIED)"},
    {"refused.txt", 403, 516, ERR_AUTH, "ClickHouse refuses: avo: Not today (REFUSED)"},
    {NULL, 403, 497, ERR_AUTH, "ClickHouse answered with exception 497 "},
    {NULL, 403, 192, ERR_AUTH, "ClickHouse answered with exception 192 "},
    {"unknown-table.txt", 404, 60, ERR_SCHEMA,
	"ClickHouse answered with exception 60 UNKNOWN_TABLE"},
    {"unknown-database.txt", 404, 81, ERR_SCHEMA,
	"ClickHouse answered with exception 81 UNKNOWN_DATABASE"},
    {NULL, 404, 47, ERR_SCHEMA, "ClickHouse answered with exception 47 "},
    {NULL, 500, 16, ERR_SCHEMA, "ClickHouse answered with exception 16 "},
    {"too-many-parts.txt", 500, 252, ERR_BUSY,
	"ClickHouse answered with exception 252 TOO_MANY_PARTS"},
    {"memory.txt", 500, 241, ERR_UNSURE,
	"ClickHouse answered with exception 241 MEMORY_LIMIT_EXCEEDED"},
    {"timeout.txt", 408, 159, ERR_UNSURE,
	"ClickHouse answered with exception 159 TIMEOUT_EXCEEDED"},
    {NULL, 500, 202, ERR_BUSY, "ClickHouse answered with exception 202 "},
    {NULL, 500, 242, ERR_BUSY, "ClickHouse answered with exception 242 "},
    {NULL, 500, 243, ERR_BUSY, "ClickHouse answered with exception 243 "},
    {NULL, 500, 999, ERR_UNSURE, "ClickHouse answered with exception 999 "},
    /* Of the message only the name is told: the rest may quote a row. */
    {"cannot-parse.txt", 400, 27, ERR_REFUSED,
	"ClickHouse answered with exception 27 CANNOT_PARSE_INPUT_ASSERTION_FAILED"},
    {NULL, 400, 62, ERR_REFUSED, "ClickHouse answered with exception 62 "},
    {NULL, 500, 12345, ERR_UNSURE, "ClickHouse answered with exception 12345 "},
    /* An exception after the status line was sent. */
    {"memory.txt", 200, 241, ERR_UNSURE,
	"ClickHouse answered with exception 241 MEMORY_LIMIT_EXCEEDED"},
    /* A settings profile that stands in the way is named. */
    {"constraint.txt", 500, 452, ERR_BUSY,
	"the user's settings profile forbids 'use_query_cache' (exception 452 "
	"SETTING_CONSTRAINT_VIOLATION)"},
    {"readonly-setting.txt", 500, 164, ERR_BUSY,
	"the user's settings profile forbids 'limit' (exception 164 READONLY)"},
    {"readonly.txt", 500, 164, ERR_BUSY,
	"the user's settings profile is read-only (exception 164 READONLY)"},
    /* Somebody in between answered: the query may have run. */
    {NULL, 502, 0, ERR_UNSURE, "status 502 without an exception's number"},
    {"../google/busy-garbage.html", 503, 0, ERR_UNSURE, "status 503 without an exception's number"},
    {NULL, 404, 0, ERR_UNSURE, "status 404 without an exception's number"},
    {NULL, 204, 0, ERR_UNSURE, "status 204 without an exception's number"},
};

START_TEST(judge)
{
	char name[100], code[20];
	struct http_reply reply;
	struct fail fail = {0};

	if (replies[_i].file)
		snprintf(name, sizeof(name), "clickhouse/%s", replies[_i].file);
	reply = reply_of(replies[_i].status, replies[_i].file ? name : NULL);
	snprintf(code, sizeof(code), "%d", replies[_i].code);
	reply.kept[KEPT_CODE] = replies[_i].code ? code : NULL;
	ck_assert_int_eq(clickhouse_judge(&reply, &fail), replies[_i].err);
	if (replies[_i].err == ERR_GARBLED)
		ck_assert_str_eq(fail.where, "clickhouse");
	ck_assert_int_eq(fail.code, replies[_i].err);
	ck_assert_str_eq(fail.detail, replies[_i].detail);
	free(reply.body);
}
END_TEST

/* Those that come before anything is written; any other may be of a commit that failed half way. */
static const struct {
	enum err err;
	int codes[15];
} known[] = {
    {ERR_AUTH, {192, 193, 194, 497, 516}},
    {ERR_SCHEMA, {16, 47, 60, 81}},
    {ERR_BUSY, {164, 201, 202, 242, 243, 252, 452}},
    {ERR_REFUSED, {6, 26, 27, 38, 41, 53, 62, 69, 70, 72, 117, 376, 469, 691}},
};

static enum err expected_of(int code)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		for (const int *at = known[i].codes; *at; at++)
			if (*at == code)
				return known[i].err;
	return ERR_UNSURE;
}

START_TEST(every_code)
{
	struct http_reply reply = reply_of(500, NULL);
	static const char *const odd_codes[] = {"", "-60", "60 ", "1000001", "many"};
	struct fail fail;
	char code[20], told[40];

	reply.kept[KEPT_CODE] = code;
	for (int i = 0; i < 1100; i++) {
		snprintf(code, sizeof(code), "%d", i);
		if (clickhouse_judge(&reply, &fail) != expected_of(i))
			ck_abort_msg("code %d: %s", i, fail.detail);
		snprintf(told, sizeof(told), "exception %d ", i);
		ck_assert_ptr_nonnull(strstr(fail.detail, told));
	}
	/* None of the server's own numbers. */
	for (size_t i = 0; i < COUNT(odd_codes); i++) {
		reply.kept[KEPT_CODE] = odd_codes[i];
		ck_assert_int_eq(clickhouse_judge(&reply, &fail), ERR_UNSURE);
		ck_assert_ptr_nonnull(strstr(fail.detail, "exception 0 "));
	}
	free(reply.body);
}
END_TEST

START_TEST(failed_transfer)
{
	struct http_reply reply = failed_reply(transfer_errors[_i]);
	struct fail fail;

	ck_assert_int_eq(clickhouse_judge(&reply, &fail), transfer_errors[_i]);
	ck_assert_str_eq(fail.detail, CURL_SAYS);
	ck_assert_str_eq(fail.where, "clickhouse");
}
END_TEST

/* The three functions of http.c that clickhouse.c calls, with answers of a script. */
static struct {
	const char *replies[6], *url;
	char asked[6][200], target[30];
	int count;
} server;

void http_start(struct http *http, struct arena *arena, const struct http_request *request,
    http_done *done, void *context)
{
	struct http_reply reply = {.status = 200};

	(void)http;
	ck_assert_int_lt(server.count, 6);
	snprintf(server.asked[server.count], sizeof(server.asked[0]), "%.*s",
	    (int)request->body_len, request->body);
	snprintf(server.target, sizeof(server.target), "%s", request->target);
	ck_assert_str_eq(request->url, server.url);
	reply.body = arena_str(arena, server.replies[server.count++]);
	reply.body_len = strlen(reply.body);
	done(context, &reply);
}

void http_run(struct http *http)
{
	(void)http;
}

void http_keep(void *context, const struct http_reply *reply)
{
	*(struct http_reply *)context = *reply;
}

/* Many rows are one value with an end, and without it no answer. */
static const struct {
	const char *reply, *rows; /* NULL: ERR_GARBLED */
} whole[] = {
    {"a\nb\nend\n", "a\nb\n"},
    {"end\n", ""},
    {"end\nend\n", "end\n"},
    {"a\nb\n", NULL},
    {"a\nb\nend", NULL}, /* cut short */
    {"", NULL},		 /* limit, offset, or a filter of the result */
    {"\n", NULL},
    {"nd\n", NULL},
};

START_TEST(ask_whole)
{
	const bool is_below = _i % 2;
	char url[] = "http://x/below", name[] = "u";
	struct conf conf = {.clickhouse = {.url = url, .user = name, .database = name}};
	struct query query = {.sql = "SELECT x FROM t FORMAT TabSeparated",
	    .parameters = "&param_a=1",
	    .deadline = 1,
	    .is_whole = true};
	struct arena *arena = arena_new(1 << 20);
	struct clickhouse *clickhouse = clickhouse_new(&conf, NULL);
	struct fail fail = {0};
	char *rows = NULL;

	memset(&server, 0, sizeof(server));
	if (!is_below)
		url[strlen("http://x")] = '\0';
	server.url = url;
	server.replies[0] = whole[_i].reply;
	ck_assert_int_eq(clickhouse_ask(clickhouse, arena, &query, &rows, &fail),
	    whole[_i].rows ? ERR_NONE : ERR_GARBLED);
	ck_assert_int_eq(server.count, 1);
	ck_assert_str_eq(server.asked[0],
	    "SELECT concat(arrayStringConcat(groupArray(formatRow('TabSeparated', *))), 'end')"
	    " FROM (SELECT x FROM t) FORMAT TabSeparatedRaw");
	ck_assert_ptr_eq(
	    strstr(server.target, is_below ? "/below/?wait_end" : "/?wait_end"), server.target);
	if (whole[_i].rows)
		ck_assert_str_eq(rows, whole[_i].rows);
	else
		ck_assert_ptr_nonnull(strstr(fail.detail, "settings profile"));
	clickhouse_free(clickhouse);
	arena_free(arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("clickhouse");
	TCase *judging = tcase_create("judge");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(judging, judge, 0, (int)COUNT(replies));
	tcase_add_test(judging, every_code);
	tcase_add_loop_test(judging, failed_transfer, 0, (int)COUNT(transfer_errors));
	tcase_add_loop_test(judging, ask_whole, 0, (int)COUNT(whole));
	suite_add_tcase(suite, judging);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

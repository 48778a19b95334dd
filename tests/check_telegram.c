/* SPDX-License-Identifier: MIT */
/* check_telegram.c: an alert as Telegram's request, and what Telegram's answers mean for it */
#include "net/telegram.h"
#include "base/clock.h"
#include "replies.h"
#include "server.h"

#define TOKEN "123456:AAE-example_token"

static struct arena *arena;
static struct conf conf;
static struct {
	size_t len;
	char text[sizeof(TOKEN)];
} token = {sizeof(TOKEN) - 1, TOKEN};

static void set_up(void)
{
	arena = arena_new(1 << 20);
	ck_assert_ptr_nonnull(arena);
	memset(&conf, 0, sizeof(conf));
	conf.telegram.api_url = arena_str(arena, "https://api.telegram.org");
	conf.telegram.chat_id = arena_str(arena, "-42");
	conf.secrets.telegram_bot_token = (struct secret *)&token;
}

static void tear_down(void)
{
	arena_free(arena);
}

static const struct {
	const char *file;
	int status;
	enum receipt_kind kind;
	int64_t retry_s, moved_to;
	const char *detail;
} answers[] = {
    {"sent.json", 200, RECEIPT_DELIVERED, 0, 0, ""},
    {"not-ok.json", 200, RECEIPT_UNKNOWN, 0, 0, NULL},
    {"proxy.html", 200, RECEIPT_UNKNOWN, 0, 0, NULL},
    {NULL, 200, RECEIPT_UNKNOWN, 0, 0, "status 200"},
    {"sent.json", 202, RECEIPT_UNKNOWN, 0, 0, NULL},

    {"too-long.json", 400, RECEIPT_REFUSED, 0, 0, "status 400: Bad Request: message is too long"},
    {"empty.json", 400, RECEIPT_REFUSED, 0, 0, NULL},
    {"encoding.json", 400, RECEIPT_REFUSED, 0, 0, NULL},

    {"chat.json", 400, RECEIPT_HELD, 0, 0, NULL},
    {"rights.json", 400, RECEIPT_HELD, 0, 0, NULL},
    {"thread.json", 400, RECEIPT_HELD, 0, 0, NULL},
    {"other.json", 400, RECEIPT_HELD, 0, 0, NULL},
    {"migrated.json", 400, RECEIPT_HELD, 0, INT64_C(-1001234567890), NULL},
    {"migrated-text.json", 400, RECEIPT_HELD, 0, 0, NULL},
    {"unauthorized.json", 401, RECEIPT_HELD, 0, 0, "status 401: Unauthorized"},
    {"not-found.json", 404, RECEIPT_HELD, 0, 0, NULL},
    {"blocked.json", 403, RECEIPT_HELD, 0, 0, "status 403: Forbidden: bot was blocked by the user"},
    {"too-long.json", 403, RECEIPT_HELD, 0, 0, NULL},
    {NULL, 302, RECEIPT_HELD, 0, 0, "status 302"},
    {NULL, 413, RECEIPT_HELD, 0, 0, NULL},
    {"proxy.html", 404, RECEIPT_HELD, 0, 0,
	"status 404: The requested URL /bot123456:*****************/sendMessage was not found on "
	"this server."},

    {"rate.json", 429, RECEIPT_LATER, 35, 0, NULL},
    {"rate-day.json", 429, RECEIPT_LATER, 9, 0, NULL},
    {"rate-text.json", 429, RECEIPT_LATER, 9, 0, NULL},
    {"server.json", 502, RECEIPT_LATER, 9, 0, NULL},
    {"migrated.json", 502, RECEIPT_LATER, 9, 0, NULL},
};

START_TEST(answer)
{
	const char *file =
	    answers[_i].file ? arena_printf(arena, "telegram/%s", answers[_i].file) : NULL;
	struct http_reply reply = reply_of(answers[_i].status, file);
	struct receipt receipt;
	int64_t moved_to = 7;

	/* The header's word stands where the body has none. */
	reply.retry_after_s = answers[_i].status >= 429 ? 9 : 0;
	receipt = telegram_parse(&conf, arena, &reply, &moved_to);
	ck_assert_msg(receipt.kind == answers[_i].kind, "%s with %d: %d", file, reply.status,
	    (int)receipt.kind);
	ck_assert_int_eq(receipt.retry_s, answers[_i].retry_s);
	ck_assert_int_eq(moved_to, answers[_i].moved_to);
	if (answers[_i].detail)
		ck_assert_str_eq(receipt.fail.detail, answers[_i].detail);
	ck_assert_ptr_null(strstr(receipt.fail.detail, "AAE"));
	free(reply.body);
}
END_TEST

/* How long to wait, in seconds; 0: what is said is no time to wait for. */
static const struct {
	const char *said;
	int64_t retry_s;
} waits[] = {{"1", 1}, {"86399", 86399}, {"86400", 0}, {"0", 0}, {"-1", 0}, {"\"5\"", 0}};

START_TEST(time_to_wait)
{
	struct http_reply reply = {.status = 429,
	    .body = arena_printf(
		arena, "{\"ok\":false,\"parameters\":{\"retry_after\":%s}}", waits[_i].said)};
	int64_t moved_to;

	reply.body_len = strlen(reply.body);
	ck_assert_int_eq(
	    telegram_parse(&conf, arena, &reply, &moved_to).retry_s, waits[_i].retry_s);
}
END_TEST

START_TEST(failed_transfer)
{
	struct http_reply reply = failed_reply(transfer_errors[_i]);
	int64_t moved_to = 7;
	struct receipt receipt = telegram_parse(&conf, arena, &reply, &moved_to);

	ck_assert_int_ne(receipt.kind, RECEIPT_DELIVERED);
	ck_assert_int_eq(receipt.may_be_delivered, receipt.kind == RECEIPT_UNKNOWN);
	ck_assert_int_eq(moved_to, 0);
}
END_TEST

START_TEST(as_request)
{
	struct http_request request =
	    telegram_request(&conf, arena, conf.telegram.chat_id, "a & b\n\u00fc", 17);

	ck_assert_str_eq(request.method, "POST");
	ck_assert_ptr_nonnull(strstr(request.url, "/sendMessage"));
	ck_assert_str_eq(request.body,
	    "chat_id=-42&link_preview_options=%7B%22is_disabled%22%3Atrue%7D"
	    "&text=a%20%26%20b%0A%C3%BC");
	ck_assert_uint_eq(request.body_len, strlen(request.body));
	ck_assert(request.is_never_repeated);
}
END_TEST

/* ---- With a server */

static struct http *http;
static struct fail fail;

static void begin(void)
{
	set_up();
	server_start();
	http = http_new(NULL);
	ck_assert_ptr_nonnull(http);
	conf.telegram.api_url = server.url;
	fail = (struct fail){0};
}

static void end(void)
{
	http_free(http);
	tear_down();
}

static int64_t soon(void)
{
	return clock_boot_ms() + 20000;
}

#define MIGRATED                                                                                   \
	"{\"ok\":false,\"description\":\"Bad Request: group chat was upgraded to a supergroup "    \
	"chat\",\"parameters\":{\"migrate_to_chat_id\":-1001234567890}}"

START_TEST(sent)
{
	struct receipt receipt;

	server_answers(200, "", "{\"ok\":true}");
	receipt = telegram_send(&conf, http, arena, "words", soon());
	ck_assert_int_eq(receipt.kind, RECEIPT_DELIVERED);
	ck_assert_str_eq(receipt.fail.detail, "");
	ck_assert_uint_eq(server_count(), 1);
	ck_assert_ptr_nonnull(strstr(server_request(0), "POST /bot" TOKEN "/sendMessage HTTP"));
	ck_assert_int_eq(strncmp(server_body(0), "chat_id=-42&", 12), 0);
	server_answers(403, "", "{\"ok\":false,\"description\":\"Forbidden\"}");
	receipt = telegram_send(&conf, http, arena, "words", soon());
	ck_assert_int_eq(receipt.kind, RECEIPT_HELD);
	ck_assert_str_eq(receipt.fail.detail, "status 403: Forbidden");
	ck_assert_uint_eq(server_count(), 2);
}
END_TEST

/* The message goes to where the group is now, and the operator is told the number. */
START_TEST(sent_to_a_group_that_moved)
{
	struct receipt receipt;

	server_answers(400, "", MIGRATED);
	server_answers(200, "", "{\"ok\":true}");
	receipt = telegram_send(&conf, http, arena, "words", soon());
	ck_assert_int_eq(receipt.kind, RECEIPT_DELIVERED);
	ck_assert_str_eq(receipt.fail.detail,
	    "the group has become a supergroup: set [telegram] chat_id = -1001234567890");
	ck_assert_uint_eq(server_count(), 2);
	ck_assert_int_eq(strncmp(server_body(1), "chat_id=-1001234567890&", 23), 0);
	ck_assert_ptr_nonnull(strstr(server_body(1), "&text=words"));
	server_answers(400, "", MIGRATED);
	server_answers(429, "", "{\"ok\":false,\"parameters\":{\"retry_after\":5}}");
	receipt = telegram_send(&conf, http, arena, "words", soon());
	ck_assert_int_eq(receipt.kind, RECEIPT_LATER);
	ck_assert_int_eq(receipt.retry_s, 5);
}
END_TEST

START_TEST(checked)
{
	server_answers(200, "", "{\"ok\":true}");
	server_answers(200, "", "{\"ok\":true}");
	ck_assert_int_eq(telegram_check(&conf, http, arena, soon(), &fail), ERR_NONE);
	ck_assert_uint_eq(server_count(), 2);
	ck_assert_ptr_nonnull(strstr(server_request(0), "/getMe HTTP"));
	ck_assert_ptr_nonnull(strstr(server_request(1), "/getChat HTTP"));
	ck_assert_str_eq(server_body(1), "chat_id=-42");
	server_answers(401, "", "{\"ok\":false,\"description\":\"Unauthorized\"}");
	ck_assert_int_eq(telegram_check(&conf, http, arena, soon(), &fail), ERR_AUTH);
	ck_assert_str_eq(fail.detail, "getMe: status 401: Unauthorized");
	ck_assert_uint_eq(server_count(), 3);
	server_answers(200, "", "{\"ok\":true}");
	server_answers(400, "", "{\"ok\":false,\"description\":\"Bad Request: chat not found\"}");
	ck_assert_int_eq(telegram_check(&conf, http, arena, soon(), &fail), ERR_AUTH);
	ck_assert_str_eq(fail.detail, "getChat: status 400: Bad Request: chat not found");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("telegram");
	TCase *tcase = tcase_create("all"), *calls = tcase_create("calls");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_loop_test(tcase, answer, 0, sizeof(answers) / sizeof(answers[0]));
	tcase_add_loop_test(tcase, time_to_wait, 0, (int)COUNT(waits));
	tcase_add_loop_test(
	    tcase, failed_transfer, 0, sizeof(transfer_errors) / sizeof(transfer_errors[0]));
	tcase_add_test(tcase, as_request);
	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(calls, begin, end);
	tcase_add_test(calls, sent);
	tcase_add_test(calls, sent_to_a_group_that_moved);
	tcase_add_test(calls, checked);
	suite_add_tcase(suite, calls);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

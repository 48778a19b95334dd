/* SPDX-License-Identifier: MIT */
/* check_resend.c: a mail as Resend's request, and what Resend's answers mean for the mail */
#include "net/resend.h"
#include "base/clock.h"
#include "base/text.h"
#include "net/json.h"
#include "replies.h"
#include "server.h"

#include <sodium.h>

#define KEY "re_example_0123456789"

static struct arena *arena;
static struct conf conf;
static struct {
	size_t len;
	char text[sizeof(KEY)];
} key = {sizeof(KEY) - 1, KEY};

static void set_up(void)
{
	arena = arena_new(1 << 20);
	ck_assert_ptr_nonnull(arena);
	memset(&conf, 0, sizeof(conf));
	conf.resend.api_url = arena_str(arena, "https://api.resend.com");
	conf.resend.from = arena_str(arena, "Avo <calls@book.example.com>");
	conf.resend.reply_to = arena_str(arena, "");
	conf.secrets.resend_api_key = (struct secret *)&key;
}

static void tear_down(void)
{
	arena_free(arena);
}

static const struct {
	const char *file;
	int status;
	enum receipt_kind kind;
	const char *detail;
} answers[] = {
    {"sent.json", 200, RECEIPT_DELIVERED, ""},
    {"sent.json", 201, RECEIPT_DELIVERED, ""},

    /* The mail's own fault, and nothing else is. */
    {"to.json", 422, RECEIPT_REFUSED,
	"status 422 (validation_error): Invalid `to` field. The email address needs to follow the "
	"* or `Name * format."},
    {"to.json", 400, RECEIPT_REFUSED, NULL},
    {"to-quoted.json", 422, RECEIPT_REFUSED, NULL},
    {"to-named.json", 422, RECEIPT_REFUSED,
	"status 422 (invalid_to_address): The recipient * cannot be written to."},
    {"subject.json", 400, RECEIPT_REFUSED, NULL},
    {"attachment.json", 422, RECEIPT_REFUSED, NULL},
    {"html.json", 422, RECEIPT_REFUSED, NULL},

    /* The sender's, the operator's, the provider's or a proxy's. */
    {"from.json", 422, RECEIPT_HELD, NULL},
    {"from-named.json", 422, RECEIPT_HELD, "status 422 (invalid_from_address): Invalid sender."},
    {"from-and-to.json", 422, RECEIPT_HELD, NULL},
    {"reply-to.json", 422, RECEIPT_HELD, NULL},
    {"tags.json", 422, RECEIPT_HELD, NULL},
    {"missing-key.json", 401, RECEIPT_HELD, NULL},
    {"restricted-key.json", 401, RECEIPT_HELD, NULL},
    {"invalid-key.json", 403, RECEIPT_HELD, "status 403 (invalid_api_key): API key is invalid"},
    {"domain.json", 403, RECEIPT_HELD,
	"status 403 (validation_error): The book.example.com domain is not verified. Please, add "
	"and verify your domain on https://resend.com/domains"},
    {"testing.json", 403, RECEIPT_HELD, NULL},
    {"to.json", 403, RECEIPT_HELD, NULL},
    {"not-found.json", 404, RECEIPT_HELD, NULL},
    {"method.json", 405, RECEIPT_HELD, NULL},
    {NULL, 402, RECEIPT_HELD, "status 402"},
    {"blocked.txt", 403, RECEIPT_HELD, "status 403: error code: 1010"},
    {"forbidden.html", 403, RECEIPT_HELD, "status 403: 403 Forbidden"},
    {"forbidden.html", 413, RECEIPT_HELD, NULL},
    {NULL, 301, RECEIPT_HELD, "status 301"},
    {NULL, 307, RECEIPT_HELD, NULL},
    {NULL, 304, RECEIPT_HELD, NULL},
    {NULL, 451, RECEIPT_HELD, NULL},
    {"forbidden.html", 422, RECEIPT_HELD, NULL},
    {"truncated.json", 422, RECEIPT_HELD,
	"status 422: {\"statusCode\":403,\"name\":\"validation_err"},
    {"types.json", 422, RECEIPT_HELD, NULL},
    {"cut.html", 400, RECEIPT_HELD, "status 400"},
    {NULL, 418, RECEIPT_HELD, NULL},
    {"forbidden.html", 401, RECEIPT_HELD, NULL},
    {NULL, 410, RECEIPT_HELD, "status 410"},
    {NULL, 421, RECEIPT_HELD, NULL},
    {NULL, 423, RECEIPT_HELD, NULL},
    {NULL, 425, RECEIPT_HELD, NULL},
    {"portal.html", 302, RECEIPT_HELD, NULL},
    {NULL, 202, RECEIPT_UNKNOWN, NULL},
    {NULL, 204, RECEIPT_UNKNOWN, NULL},
    {NULL, 429, RECEIPT_LATER, "status 429"},
    {NULL, 409, RECEIPT_HELD, NULL},

    {"conflict.json", 409, RECEIPT_CONFLICT, NULL},
    {"concurrent.json", 409, RECEIPT_CONCURRENT, NULL},
    {"rate.json", 429, RECEIPT_LATER, NULL},
    {"daily.json", 429, RECEIPT_HELD, NULL},
    {"monthly.json", 429, RECEIPT_HELD, NULL},
    {"server.json", 500, RECEIPT_LATER, NULL},
    {"forbidden.html", 503, RECEIPT_LATER, NULL},
    {"to.json", 500, RECEIPT_LATER, NULL},
    {NULL, 408, RECEIPT_UNKNOWN, NULL},
    {NULL, 200, RECEIPT_UNKNOWN, "status 200: the answer holds no mail's id"},
    {"portal.html", 200, RECEIPT_UNKNOWN, NULL},
    {"portal.html", 511, RECEIPT_LATER, "status 511: Sign in to the guest network"},

    /* What is said is one line of bounded length without secrets. */
    {"key-repeated.json", 403, RECEIPT_HELD,
	"status 403 (invalid_api_key): API key ********************* is invalid"},
    {"controls.json", 403, RECEIPT_HELD, "status 403 (validation_error): [31mred and more"},
};

static const enum err codes[] = {
    [RECEIPT_DELIVERED] = ERR_NONE,
    [RECEIPT_REFUSED] = ERR_REFUSED,
    [RECEIPT_HELD] = ERR_AUTH,
    [RECEIPT_LATER] = ERR_BUSY,
    [RECEIPT_CONCURRENT] = ERR_UNSURE,
    [RECEIPT_CONFLICT] = ERR_UNSURE,
    [RECEIPT_UNKNOWN] = ERR_UNSURE,
    [RECEIPT_UNSENT] = ERR_UNREACHABLE,
};

static struct http_reply fixture(int status, const char *name)
{
	return reply_of(status, name ? arena_printf(arena, "resend/%s", name) : NULL);
}

START_TEST(answer)
{
	struct http_reply reply = fixture(answers[_i].status, answers[_i].file);
	struct receipt receipt = resend_parse(&conf, arena, &reply);
	enum receipt_kind kind = answers[_i].kind;

	ck_assert_msg(receipt.kind == kind, "%s with %d: %d", answers[_i].file, answers[_i].status,
	    (int)receipt.kind);
	ck_assert_int_eq(receipt.fail.code, codes[kind]);
	ck_assert_int_eq(receipt.may_be_delivered,
	    answers[_i].status >= 500 || (kind >= RECEIPT_CONCURRENT && kind <= RECEIPT_UNKNOWN));
	if (answers[_i].detail)
		ck_assert_str_eq(receipt.fail.detail, answers[_i].detail);
	free(reply.body);
}
END_TEST

/* A mail is given up for a field of its own that is quoted, and for no word that is not. */
static const struct {
	const char *message;
	bool is_its_own;
} messages[] = {
    {"Invalid `to` field.", true},
    {"`to` is invalid.", true},
    {"It is up to 'to'", true},
    {"Who wants \"text\" wants `texts`", true},
    {"to is invalid", false},
    {"to` is invalid", false},
    {"`to is invalid", false},
    {"Invalid `to", false},
    {"Invalid to", false},
    {"`cc` may not go to itself", false},
    {"Invalid `to` and `from`", false},
};

START_TEST(message)
{
	struct http_reply reply = {.status = 422};
	struct json_object *object = json_new();

	json_add_text(object, "message", messages[_i].message);
	reply.body = json_write(arena, object);
	reply.body_len = strlen(reply.body);
	ck_assert_int_eq(resend_parse(&conf, arena, &reply).kind,
	    messages[_i].is_its_own ? RECEIPT_REFUSED : RECEIPT_HELD);
}
END_TEST

/* The sentence ends at a character's end, however long it is. */
START_TEST(long_sentence)
{
	struct http_reply reply = fixture(403, "long.json");
	struct receipt receipt = resend_parse(&conf, arena, &reply);

	ck_assert_int_eq(receipt.kind, RECEIPT_HELD);
	ck_assert_uint_gt(strlen(receipt.fail.detail), 100);
	ck_assert(utf8_is_valid(receipt.fail.detail, strlen(receipt.fail.detail)));
	free(reply.body);
}
END_TEST

START_TEST(retry_after)
{
	struct http_reply reply = fixture(429, "rate.json");

	reply.retry_after_s = 7;
	ck_assert_int_eq(resend_parse(&conf, arena, &reply).retry_s, 7);
	reply.retry_after_s = 86400;
	ck_assert_int_eq(resend_parse(&conf, arena, &reply).retry_s, 900);
	free(reply.body);
}
END_TEST

START_TEST(failed_transfer)
{
	struct http_reply reply = failed_reply(transfer_errors[_i]);
	struct receipt receipt = resend_parse(&conf, arena, &reply);
	bool was_sent = reply.err == ERR_UNSURE || reply.err == ERR_GARBLED;

	ck_assert_int_eq(receipt.kind, was_sent ? RECEIPT_UNKNOWN : RECEIPT_UNSENT);
	ck_assert_int_eq(receipt.may_be_delivered, was_sent);
	ck_assert_int_eq(receipt.fail.code, reply.err == ERR_GARBLED ? ERR_UNSURE : reply.err);
	ck_assert_str_eq(receipt.fail.detail, CURL_SAYS);
}
END_TEST

START_TEST(full_arena)
{
	struct http_reply reply = fixture(403, "domain.json");
	struct arena *small = arena_new(8);
	struct receipt receipt = resend_parse(&conf, small, &reply);

	ck_assert_int_eq(receipt.kind, RECEIPT_HELD);
	ck_assert_str_eq(receipt.fail.detail, "status 403 ()");
	arena_free(small);
	free(reply.body);
}
END_TEST

START_TEST(as_request)
{
	struct mail mail = {.to = "jane@example.com",
	    .subject = "Your call \"tomorrow\"",
	    .text = "line\nline",
	    .html = "<p>line</p>",
	    .ics = "BEGIN:VCALENDAR\r\n",
	    .ics_method = "REQUEST"};
	struct http_request request =
	    resend_request(&conf, arena, "b-3-mail", resend_body(&conf, arena, &mail), 17);

	ck_assert_str_eq(request.method, "POST");
	ck_assert_str_eq(request.url, "https://api.resend.com/emails");
	ck_assert_str_eq(request.headers[0], "Content-Type: application/json");
	ck_assert_str_eq(request.headers[1], "Idempotency-Key: b-3-mail");
	ck_assert_str_eq(request.secret.before, "Authorization: Bearer ");
	ck_assert_str_eq(request.secret.text, KEY);
	ck_assert_int_eq(request.deadline, 17);
	ck_assert_uint_eq(request.body_len, strlen(request.body));
	ck_assert_str_eq(request.body,
	    "{\"from\":\"Avo <calls@book.example.com>\",\"to\":[\"jane@example.com\"],"
	    "\"subject\":\"Your call \\\"tomorrow\\\"\",\"text\":\"line\\nline\","
	    "\"html\":\"<p>line</p>\",\"attachments\":[{\"filename\":\"invite.ics\","
	    "\"content\":\"QkVHSU46VkNBTEVOREFSDQo=\","
	    "\"content_type\":\"text/calendar; charset=utf-8; method=REQUEST\"}]}");
	ck_assert_ptr_null(resend_request(&conf, arena, NULL, "{}", 17).headers[1]);
}
END_TEST

START_TEST(plain_body)
{
	struct mail mail = {.to = "jane@example.com", .subject = "s", .text = "t", .html = "h"};

	conf.resend.reply_to = arena_str(arena, "avo@example.com");
	ck_assert_str_eq(resend_body(&conf, arena, &mail),
	    "{\"from\":\"Avo <calls@book.example.com>\",\"to\":[\"jane@example.com\"],"
	    "\"reply_to\":\"avo@example.com\",\"subject\":\"s\",\"text\":\"t\",\"html\":\"h\"}");
}
END_TEST

/* A key is good when Resend finds fault with an empty mail, and with nothing else. */
static const struct {
	int status;
	const char *body;
	enum err err;
	const char *detail;
} checks[] = {
    {422, "{\"name\":\"missing_required_field\",\"message\":\"Missing `to` field.\"}", 0, ""},
    {200, "{\"id\":\"1\"}", ERR_REFUSED, "an empty mail was taken"},
    {401, "{\"name\":\"missing_api_key\",\"message\":\"Missing\"}", ERR_AUTH,
	"status 401 (missing_api_key): Missing"},
    {429, "", ERR_BUSY, "status 429"},
    {200, "", ERR_UNSURE, "status 200: the answer holds no mail's id"},
};

START_TEST(checked)
{
	struct http *http = http_new(NULL);
	struct fail fail = {0};
	enum err err;

	ck_assert_ptr_nonnull(http);
	server_start();
	conf.resend.api_url = server.url;
	server_answers(checks[_i].status, "", checks[_i].body);
	err = resend_check(&conf, http, arena, clock_boot_ms() + 20000, &fail);
	ck_assert_msg(err == checks[_i].err, "%d: %s", checks[_i].status, err_name(err));
	ck_assert_str_eq(fail.detail, checks[_i].detail);
	ck_assert_uint_eq(server_count(), 1);
	ck_assert_str_eq(server_body(0), "{}");
	ck_assert_ptr_nonnull(strstr(server_request(0), "POST /emails HTTP"));
	ck_assert_ptr_nonnull(strstr(server_request(0), "\r\nAuthorization: Bearer " KEY "\r\n"));
	http_free(http);
}
END_TEST

START_TEST(sent)
{
	struct http *http = http_new(NULL);
	struct receipt receipt;

	ck_assert_ptr_nonnull(http);
	server_start();
	conf.resend.api_url = server.url;
	server_answers(200, "", "{\"id\":\"1\"}");
	receipt = resend_send(&conf, http, arena, "a-key", "{\"to\":1}", clock_boot_ms() + 20000);
	ck_assert_int_eq(receipt.kind, RECEIPT_DELIVERED);
	ck_assert_str_eq(server_body(0), "{\"to\":1}");
	ck_assert_ptr_nonnull(strstr(server_request(0), "\r\nIdempotency-Key: a-key\r\n"));
	http_free(http);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("resend");
	TCase *tcase = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	if (sodium_init() < 0)
		return EXIT_FAILURE;
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_loop_test(tcase, answer, 0, sizeof(answers) / sizeof(answers[0]));
	tcase_add_loop_test(tcase, message, 0, (int)COUNT(messages));
	tcase_add_test(tcase, long_sentence);
	tcase_add_test(tcase, retry_after);
	tcase_add_loop_test(
	    tcase, failed_transfer, 0, sizeof(transfer_errors) / sizeof(transfer_errors[0]));
	tcase_add_test(tcase, full_arena);
	tcase_add_test(tcase, as_request);
	tcase_add_loop_test(tcase, checked, 0, sizeof(checks) / sizeof(checks[0]));
	tcase_add_test(tcase, sent);
	tcase_add_test(tcase, plain_body);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* check_meet.c: what is asked of Google for a video call, and what an event says of its own */
#include "net/meet.h"
#include "net/json.h"
#include "replies.h"

#define LINK "https://meet.google.com/abc-defg-hij"
#define EVENT(rest) "{\"id\":\"one\",\"status\":\"confirmed\"" rest "}"
#define REQUEST(state)                                                                             \
	"\"createRequest\":{\"requestId\":\"r\",\"status\":{\"statusCode\":\"" state "\"}}"
#define ENTRY(type, uri) "{\"entryPointType\":\"" type "\",\"uri\":\"" uri "\"}"

static struct arena *arena;

static void begin(void)
{
	arena = arena_new(1 << 16);
	ck_assert_ptr_nonnull(arena);
}

static void end(void)
{
	arena_free(arena);
}

static struct http_reply reply(int status, const char *body)
{
	return (struct http_reply){
	    .status = status, .body = arena_str(arena, body), .body_len = strlen(body)};
}

static const struct {
	int status;
	const char *body;
	enum err err;
	enum meet_state state;
	const char *link;
} events[] = {
    {200, EVENT(""), ERR_NONE, MEET_NONE, NULL},
    {200, EVENT(",\"conferenceData\":{" REQUEST("pending") "}"), ERR_NONE, MEET_PENDING, NULL},
    {200, EVENT(",\"conferenceData\":{" REQUEST("failure") "}"), ERR_NONE, MEET_FAILED, NULL},
    {200,
	EVENT(",\"conferenceData\":{" REQUEST("success") ",\"entryPoints\":[" ENTRY(
	    "phone", "tel:+1") "," ENTRY("video", LINK) "]}"),
	ERR_NONE, MEET_READY, LINK},
    /* One that was copied has no request. */
    {200, EVENT(",\"conferenceData\":{\"entryPoints\":[" ENTRY("video", LINK) "]}"), ERR_NONE,
	MEET_READY, LINK},
    {200, EVENT(",\"hangoutLink\":\"" LINK "\""), ERR_NONE, MEET_READY, LINK},
    /* What is no link to show. */
    {200, EVENT(",\"hangoutLink\":\"http://meet.google.com/abc\""), ERR_NONE, MEET_NONE, NULL},
    {200, EVENT(",\"hangoutLink\":\"https://meet.google.com/a b\""), ERR_NONE, MEET_NONE, NULL},
    {200, EVENT(",\"hangoutLink\":\"https://x/\\\"><script>\""), ERR_NONE, MEET_NONE, NULL},
    {200, EVENT(",\"hangoutLink\":\"https://meet.google.com/a\\u007fb\""), ERR_NONE, MEET_NONE,
	NULL},
    {200, EVENT(",\"hangoutLink\":\"javascript:alert(1)\""), ERR_NONE, MEET_NONE, NULL},
    {200, EVENT(",\"hangoutLink\":7,\"conferenceData\":[]"), ERR_NONE, MEET_NONE, NULL},
    {200, EVENT(",\"conferenceData\":{\"entryPoints\":[7,{},null]}"), ERR_NONE, MEET_NONE, NULL},
    {200, "{\"id\":\"one\",\"status\":\"cancelled\",\"hangoutLink\":\"" LINK "\"}", ERR_NOT_FOUND,
	MEET_NONE, NULL},
    {404, "{\"error\":{}}", ERR_NOT_FOUND, MEET_NONE, NULL},
    {404, "{}", ERR_BUSY, MEET_NONE, NULL},
    {200, "", ERR_GARBLED, MEET_NONE, NULL},
    {200, "{\"hangoutLink\":\"" LINK "\"}", ERR_GARBLED, MEET_NONE, NULL},
    {503, EVENT(""), ERR_BUSY, MEET_NONE, NULL},
};

START_TEST(event_says)
{
	struct http_reply answer = reply(events[_i].status, events[_i].body);
	struct meet meet = {MEET_NONE, NULL};
	struct fail fail;

	ck_assert_msg(
	    meet_parse(arena, &answer, &meet, &fail) == events[_i].err, "%s", events[_i].body);
	ck_assert_msg(meet.state == events[_i].state, "%s", events[_i].body);
	ck_assert_pstr_eq(meet.link, events[_i].link);
}
END_TEST

/* A link of 200 characters is shown, a longer one is none. */
START_TEST(longest_link)
{
	char link[202] = LINK;
	struct meet meet = {MEET_NONE, NULL};
	struct http_reply answer;
	struct fail fail;

	memset(link + strlen(LINK), 'x', (size_t)_i - strlen(LINK));
	answer = reply(200, arena_printf(arena, EVENT(",\"hangoutLink\":\"%s\""), link));
	ck_assert_int_eq(meet_parse(arena, &answer, &meet, &fail), ERR_NONE);
	ck_assert_pstr_eq(meet.link, _i <= 200 ? link : NULL);
}
END_TEST

static const char *written(const char *link)
{
	struct json_object *body = json_new();

	meet_put(body, "7v12", link);
	return json_write(arena, body);
}

START_TEST(asked_for)
{
	const char *const fresh = "{\"conferenceData\":{\"createRequest\":{\"requestId\":"
				  "\"7v12\","
				  "\"conferenceSolutionKey\":{\"type\":\"hangoutsMeet\"}}}}";

	/* The same for each repeat, so that Google makes no second one. */
	ck_assert_str_eq(written(""), fresh);
	ck_assert_str_eq(written(NULL), fresh);
	ck_assert_str_eq(written("no link"), fresh);
	ck_assert_str_eq(written(LINK),
	    "{\"conferenceData\":{\"conferenceSolution\":{\"key\":{\"type\":\"hangoutsMeet\"}},"
	    "\"conferenceId\":\"abc-defg-hij\",\"entryPoints\":[{\"entryPointType\":\"video\","
	    "\"uri\":\"" LINK "\"}]}}");
}
END_TEST

#define REASON(reason) "{\"error\":{\"errors\":[{\"reason\":\"" reason "\"}]}}"

static const struct {
	int status;
	const char *body;
	bool may_be;
} refusals[] = {
    {200, EVENT(""), false},
    {400, REASON("invalid"), true},
    {403, REASON("forbidden"), true},
    {403, REASON("forbiddenForNonOrganizer"), true},
    {403, REASON("rateLimitExceeded"), false},
    {401, REASON("authError"), false},
    {404, REASON("notFound"), false},
    {409, REASON("duplicate"), false},
    {500, REASON("backendError"), false},
};

START_TEST(refused)
{
	struct http_reply answer = reply(refusals[_i].status, refusals[_i].body);

	ck_assert_int_eq(meet_may_be_refused(&answer), refusals[_i].may_be);
	answer = failed_reply(transfer_errors[_i % 5]);
	ck_assert(!meet_may_be_refused(&answer));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("meet");
	TCase *meet = tcase_create("meet");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(meet, begin, end);
	tcase_add_loop_test(meet, event_says, 0, sizeof(events) / sizeof(events[0]));
	tcase_add_loop_test(meet, longest_link, 199, 202);
	tcase_add_test(meet, asked_for);
	tcase_add_loop_test(meet, refused, 0, sizeof(refusals) / sizeof(refusals[0]));
	suite_add_tcase(suite, meet);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: MIT */
/* check_calendar_changes.c: what Google says happened to our events, page by page */
#include "net/calendar_changes.h"
#include "replies.h"
#include "secrets.h"
#include "server.h"

#include <sodium.h>

#define ID "00000000000000000000000000000007"

static struct arena *arena;
static struct conf conf;
static struct http *http;
static struct google *google;
static struct conf_calendar own;
static struct secret *client_id, *client_secret, *refresh_token;
static struct fail fail;

static void begin(void)
{
	arena = arena_new(8 << 20);
	ck_assert_ptr_nonnull(arena);
	server_start();
	http = http_new(NULL);
	fail = (struct fail){0};
	conf.google.api_url = server.url;
	conf.google.token_url = arena_printf(arena, "%s/token", server.url);
	own = (struct conf_calendar){.calendar = arena_str(arena, "a b@example.com")};
	own.client_id = client_id = make_secret("id");
	own.client_secret = client_secret = make_secret("secret");
	own.refresh_token = refresh_token = make_secret("1//r");
	google = google_new(&conf, &own, http);
	ck_assert(http && google);
	server_answers(200, "", "{\"access_token\":\"one\",\"expires_in\":3599}");
}

static void end(void)
{
	google_free(google);
	http_free(http);
	free(client_id);
	free(client_secret);
	free(refresh_token);
	arena_free(arena);
}

static enum err parse(int status, const char *body, struct calendar_changes *out)
{
	struct http_reply reply = {.status = status, .body = arena_str(arena, body)};

	reply.body_len = strlen(body);
	memset(out, 0, sizeof(*out));
	return calendar_parse_changes(arena, &reply, out, &fail);
}

#define ITEM(id, rest) "{\"id\":\"" id "\"" rest "}"
#define TIMES                                                                                      \
	",\"start\":{\"dateTime\":\"2026-12-01T08:00:00-05:00\"},\"end\":{\"dateTime\":\"2026-12-" \
	"01T13:30:00Z\"}"

START_TEST(items)
{
	struct calendar_changes changes;

	ck_assert_int_eq(
	    parse(200,
		"{\"items\":[" ITEM(ID "v12", ",\"status\":\"confirmed\"" TIMES) "," ITEM("dentist",
		    TIMES) "," ITEM(ID "v13", ",\"status\":\"cancelled\"" TIMES) "," ITEM(ID "v14",
		    ",\"start\":{\"date\":\"2026-12-01\"}") "," ITEM(ID "v15",
		    TIMES) "],\"nextSyncToken\":\"later\"}",
		&changes),
	    ERR_NONE);
	ck_assert_uint_eq(changes.count, 4);
	ck_assert_str_eq(changes.token, "later");
	ck_assert_ptr_null(changes.next_page);
	for (size_t i = 0; i < 4; i++) {
		const struct seen_event *seen = &changes.list[i];

		ck_assert_uint_eq(seen->booking.bytes[15], 7);
		ck_assert_uint_eq(seen->booking.bytes[0], 0);
		ck_assert_uint_eq(seen->version, 12 + i);
		ck_assert(seen->is_deleted == (i == 1));
		/* Of a deleted one, and of a whole day, there is no time. */
		ck_assert_int_eq(seen->call.start, i == 1 || i == 2 ? 0 : 1796130000);
		ck_assert_int_eq(seen->call.end, i == 1 || i == 2 ? 0 : 1796131800);
		ck_assert_uint_eq(seen->stamp, 0);
	}
	ck_assert_int_eq(
	    parse(200,
		"{\"items\":[" ITEM(
		    ID "v12", ",\"updated\":\"2026-12-01T08:00:00.001Z\"" TIMES) "," ITEM(ID "v12",
		    ",\"updated\":\"2026-12-01T08:00:00.002Z\"" TIMES) "],\"nextSyncToken\":\"a\"}",
		&changes),
	    ERR_NONE);
	ck_assert_uint_ne(changes.list[0].stamp, 0);
	ck_assert_uint_ne(changes.list[0].stamp, changes.list[1].stamp);
}
END_TEST

/* Once somebody made it recur, an occurrence may be changed by itself. */
START_TEST(occurrences)
{
	struct calendar_changes changes;

	ck_assert_int_eq(
	    parse(200,
		"{\"items\":[" ITEM(
		    ID "v12", ",\"recurrence\":[\"RRULE:FREQ=WEEKLY\"]" TIMES) "," ITEM(ID
		    "v12_20261201T130000Z",
		    ",\"recurringEventId\":\"" ID "v12\",\"originalStartTime\":{\"dateTime\":"
		    "\"2026-12-01T12:00:00Z\"}" TIMES) "," ITEM(ID "v12_20261208T130000Z",
		    ",\"recurringEventId\":\"" ID "v12\",\"status\":\"cancelled\"") "," ITEM("a_1",
		    ",\"recurringEventId\":\"a\",\"originalStartTime\":{\"dateTime\":"
		    "\"2026-12-01T12:00:00Z\"}" TIMES) "],\"nextSyncToken\":\"later\"}",
		&changes),
	    ERR_NONE);
	ck_assert_uint_eq(changes.count, 2);
	ck_assert_int_eq(changes.list[0].occurrence, 0);
	ck_assert_uint_eq(changes.list[1].version, 12);
	ck_assert_int_eq(changes.list[1].occurrence, 1796126400);
	ck_assert_int_eq(changes.list[1].call.start, 1796130000);
}
END_TEST

/* Of anything but an id as we write it nothing is taken. */
static const char *const strange[] = {"", "v1", ID, ID "v", ID "v0x", ID "x1", ID "v01",
    ID "v18446744073709551616", ID "v184467440737095516150", "0000000000000000000000000000000v1",
    "000000000000000000000000000000007v1", "0000000000000000000000000000000Av1",
    "g0000000000000000000000000000007v1"};

START_TEST(strange_ids)
{
	struct calendar_changes changes;

	ck_assert_int_eq(
	    parse(200,
		arena_printf(
		    arena, "{\"items\":[{\"id\":\"%s\"},{}],\"nextPageToken\":\"p\"}", strange[_i]),
		&changes),
	    ERR_NONE);
	ck_assert_msg(changes.count == 0, "%s", strange[_i]);
	ck_assert_str_eq(changes.next_page, "p");
	ck_assert_ptr_null(changes.token);
}
END_TEST

START_TEST(times_that_are_none)
{
	static const char *const times[] = {",\"start\":{\"dateTime\":\"2026-12-01T08:00:00Z\"}",
	    ",\"start\":{\"dateTime\":\"soon\"},\"end\":{\"dateTime\":\"2026-12-01T08:00:00Z\"}",
	    ",\"start\":{\"dateTime\":\"2026-12-01T08:00:00Z\"},\"end\":{\"dateTime\":\"later\"}",
	    ",\"start\":7,\"end\":[]"};
	struct calendar_changes changes;

	for (size_t i = 0; i < COUNT(times); i++) {
		ck_assert_int_eq(
		    parse(200,
			arena_printf(arena,
			    "{\"items\":[{\"id\":\"" ID "v1\"%s}],\"nextSyncToken\":\"t\"}",
			    times[i]),
			&changes),
		    ERR_NONE);
		ck_assert_uint_eq(changes.count, 1);
		ck_assert_int_eq(changes.list[0].call.start, 0);
		ck_assert_int_eq(changes.list[0].call.end, 0);
	}
}
END_TEST

static const struct {
	int status;
	const char *body;
	enum err err;
} bad[] = {
    {200, "", ERR_GARBLED},
    {200, "{}", ERR_GARBLED},
    {200, "{\"items\":[]}", ERR_GARBLED},
    {200, "{\"nextSyncToken\":\"t\"}", ERR_GARBLED},
    {200, "{\"items\":{},\"nextSyncToken\":\"t\"}", ERR_GARBLED},
    {410, "{\"error\":{\"errors\":[{\"reason\":\"fullSyncRequired\"}]}}", ERR_NOT_FOUND},
    {503, "{\"items\":[],\"nextSyncToken\":\"t\"}", ERR_BUSY},
};

START_TEST(bad_page)
{
	struct calendar_changes changes;

	ck_assert_msg(
	    parse(bad[_i].status, bad[_i].body, &changes) == bad[_i].err, "%s", bad[_i].body);
	ck_assert_uint_eq(changes.count, 0);
	ck_assert_ptr_null(changes.list);
}
END_TEST

START_TEST(page_without_memory)
{
	struct http_reply reply = {.status = 200,
	    .body = arena_str(arena, "{\"items\":[{}],\"nextSyncToken\":\"token\"}")};
	struct arena *small = arena_new(16);
	struct calendar_changes changes;

	reply.body_len = strlen(reply.body);
	ck_assert_int_eq(calendar_parse_changes(small, &reply, &changes, &fail), ERR_GARBLED);
	ck_assert_str_eq(fail.where, "calendar");
	arena_free(small);
}
END_TEST

#define ASKED                                                                                                                         \
	"&fields=nextPageToken,nextSyncToken,items(id,status,start,end,updated,recurringEventId,originalStartTime)&showDeleted=true&" \
	"maxResults=2000"

START_TEST(pages)
{
	const struct changes_wish full = {.since = 1796130000, .limit_ms = 20000};
	const struct changes_wish next = {.token = "a&b", .since = 5, .limit_ms = 20000};
	struct calendar_changes changes;

	server_answers(200, "", "{\"items\":[" ITEM(ID "v1", TIMES) "],\"nextPageToken\":\"x/y\"}");
	server_answers(200, "",
	    "{\"items\":[" ITEM(ID "v2", "") "," ITEM(ID "v3", "") "],\"nextSyncToken\":\"t\"}");
	ck_assert_int_eq(calendar_changes(google, arena, &full, &changes, &fail), ERR_NONE);
	ck_assert_uint_eq(changes.count, 3);
	for (size_t i = 0; i < 3; i++)
		ck_assert_uint_eq(changes.list[i].version, i + 1);
	ck_assert_str_eq(changes.token, "t");
	ck_assert_uint_eq(server_count(), 3);
	ck_assert_int_eq(strncmp(server_request(1),
			     "GET /calendars/a%20b%40example.com/events?"
			     "timeMin=2026-12-01T13:00:00Z" ASKED " ",
			     42 + 28 + sizeof(ASKED)),
	    0);
	ck_assert_ptr_nonnull(strstr(server_request(2), ASKED "&pageToken=x%2Fy "));
	ck_assert_ptr_nonnull(strstr(server_request(2), "?timeMin="));
	server_answers(200, "", "{\"items\":[],\"nextSyncToken\":\"u\"}");
	ck_assert_int_eq(calendar_changes(google, arena, &next, &changes, &fail), ERR_NONE);
	ck_assert_uint_eq(changes.count, 0);
	ck_assert_str_eq(changes.token, "u");
	ck_assert_ptr_nonnull(strstr(server_request(3), "/events?syncToken=a%26b" ASKED " "));
}
END_TEST

/* Whatever comes of a page in the middle, nothing is taken for the whole. */
START_TEST(failing_pages)
{
	const struct changes_wish wish = {.token = "t", .limit_ms = 20000};
	struct calendar_changes changes = {.count = 9};

	server_answers(200, "", "{\"items\":[],\"nextPageToken\":\"x\"}");
	server_answers(410, "", "{\"error\":{}}");
	ck_assert_int_eq(calendar_changes(google, arena, &wish, &changes, &fail), ERR_NOT_FOUND);
	ck_assert_uint_eq(changes.count, 9);
	for (int i = 0; i < 100; i++)
		server_answers(200, "", "{\"items\":[],\"nextPageToken\":\"x\"}");
	ck_assert_int_eq(calendar_changes(google, arena, &wish, &changes, &fail), ERR_GARBLED);
	ck_assert_str_eq(fail.detail, "the list of changes does not end");
	ck_assert_uint_eq(server_count(), 103);
	ck_assert_uint_eq(changes.count, 9);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("calendar_changes");
	TCase *parsing = tcase_create("parse"), *asking = tcase_create("ask");
	SRunner *runner = srunner_create(suite);
	int failed;

	if (sodium_init() < 0)
		return 1;
	tcase_add_checked_fixture(parsing, begin, end);
	tcase_add_test(parsing, items);
	tcase_add_test(parsing, occurrences);
	tcase_add_loop_test(parsing, strange_ids, 0, (int)COUNT(strange));
	tcase_add_test(parsing, times_that_are_none);
	tcase_add_loop_test(parsing, bad_page, 0, (int)COUNT(bad));
	tcase_add_test(parsing, page_without_memory);
	suite_add_tcase(suite, parsing);
	tcase_add_checked_fixture(asking, begin, end);
	tcase_add_test(asking, pages);
	tcase_add_test(asking, failing_pages);
	suite_add_tcase(suite, asking);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

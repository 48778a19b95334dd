/* SPDX-License-Identifier: MIT */
/* check_request.c: what a client asks, as the gateway's parameters and a body say it */
#include "web/request.h"
#include "times.h"

#include <string.h>

#define PARAMS 4
#define ID "0123abcd-4567-4abc-8def-0123456789ab"
#define FORM "application/x-www-form-urlencoded"
#define JSON "application/json"

static struct arena *arena;
static struct request request;

static void set_up(void)
{
	arena = arena_new(1 << 20);
	ck_assert_ptr_nonnull(arena);
}

static void tear_down(void)
{
	arena_free(arena);
}

/* Names and values by turns, up to a NULL. */
static const char *find_param(void *context, const char *name)
{
	const char *const *params = context;

	for (; *params; params += 2)
		if (strcmp(params[0], name) == 0)
			return params[1];
	return NULL;
}

static void read_bytes(const char *const *params, const char *body, size_t len, enum err err)
{
	request_read(
	    arena, find_param, (void *)params, &(struct request_body){body, len, err}, &request);
}

static const struct {
	const char *header, *key;
} authorizations[] = {{NULL, NULL}, {"", NULL}, {"Bearer abc", "abc"}, {"bearer   abc", "abc"},
    {"Bearer ", ""}, {"Bearer", ""}, {"Basic abc", ""}, {"abc", ""}, {"Bearer a b", "a b"}};

START_TEST(authorization)
{
	const char *params[] = {
	    "REQUEST_METHOD", "POST", "HTTP_AUTHORIZATION", authorizations[_i].header, NULL};

	if (!authorizations[_i].header)
		params[2] = NULL;
	read_bytes(params, "", 0, ERR_NONE);
	if (authorizations[_i].key)
		ck_assert_str_eq(request.api_key, authorizations[_i].key);
	else
		ck_assert_ptr_null(request.api_key);
}
END_TEST

static const struct {
	const char *method;
	enum method expected;
} methods[] = {{"GET", METHOD_GET}, {"HEAD", METHOD_GET}, {"POST", METHOD_POST},
    {"PUT", METHOD_OTHER}, {"DELETE", METHOD_OTHER}, {"OPTIONS", METHOD_OTHER},
    {"get", METHOD_OTHER}, {"GETX", METHOD_OTHER}, {"", METHOD_OTHER}, {NULL, METHOD_OTHER}};

START_TEST(method)
{
	const char *params[] = {"REQUEST_METHOD", methods[_i].method, NULL};

	if (!methods[_i].method)
		params[0] = NULL;
	read_bytes(params, "name=1", 6, ERR_NONE);
	ck_assert_int_eq(request.method, methods[_i].expected);
	/* Only a POST's body is a form. */
	ck_assert_uint_eq(request.form.count, methods[_i].expected == METHOD_POST);
}
END_TEST

static const struct {
	const char *uri, *path;
	size_t fields;
	enum err err;
} uris[] = {
    {"/", "/", 0, ERR_NONE},
    {"/schedule?bookingId=" ID, "/schedule", 1, ERR_NONE},
    {"/schedule?bookingId=" ID "&tz=Europe%2FBerlin", "/schedule", 2, ERR_NONE},
    {"/schedule?", "/schedule", 0, ERR_NONE},
    {"/a?tz=c?d", "/a", 1, ERR_NONE},
    {"/a%2Fb", "/a%2Fb", 0, ERR_NONE}, /* nothing of a path is decoded */
    {"", "", 0, ERR_NONE},
    {"?tz=1", "", 1, ERR_NONE},
    {"/a?b=%zz&b=%00&tz=50%&%ff", "/a", 1, ERR_NONE}, /* what is not ours is ignored */
    {"/a?tz=1&tz=2", "/a", 0, ERR_INPUT},
};

START_TEST(uri)
{
	const char *params[] = {"REQUEST_METHOD", "GET", "REQUEST_URI", uris[_i].uri, NULL};

	read_bytes(params, "", 0, ERR_NONE);
	ck_assert_str_eq(request.path, uris[_i].path);
	ck_assert_int_eq(request.query_err, uris[_i].err);
	ck_assert_uint_eq(request.query.count, uris[_i].fields);
	ck_assert_int_eq(request.query_fail.code, uris[_i].err);
	ck_assert_int_eq(request.form_err, ERR_NONE);
}
END_TEST

static const struct {
	const char *accept, *type, *method;
	bool wants_json;
} accepts[] = {
    {NULL, NULL, "GET", false},
    {"", NULL, "GET", false},
    {"*/*", NULL, "GET", false},
    {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", NULL, "GET", false},
    {"application/json", NULL, "GET", true},
    {"APPLICATION/JSON", NULL, "GET", true},
    {"application/json; charset=utf-8, */*;q=0.1", NULL, "GET", true},
    {"application/problem+json", NULL, "GET", true},
    {"text/html, application/json", NULL, "GET", false},
    {"text/plain", NULL, "GET", false},
    {NULL, JSON, "POST", true},
    {NULL, JSON "; charset=utf-8", "POST", true},
    {NULL, JSON, "GET", false}, /* a GET has no body to speak of */
    {NULL, FORM, "POST", false},
    {"application/json", FORM, "POST", true},
    {"text/html", JSON, "POST", true},
};

START_TEST(accept)
{
	const char *params[7] = {"REQUEST_METHOD", accepts[_i].method};
	size_t count = 2;

	if (accepts[_i].accept) {
		params[count++] = "HTTP_ACCEPT";
		params[count++] = accepts[_i].accept;
	}
	if (accepts[_i].type) {
		params[count++] = "CONTENT_TYPE";
		params[count++] = accepts[_i].type;
	}
	read_bytes(params, "{}", 2, ERR_NONE);
	ck_assert_int_eq(request.wants_json, accepts[_i].wants_json);
}
END_TEST

/* len 0: the text's own. value: of the field "a"; NULL: there is none. */
static const struct {
	const char *type, *body;
	size_t len;
	enum err err;
	const char *value;
} bodies[] = {
    {NULL, "name=1", 0, ERR_NONE, "1"},
    {"", "name=1", 0, ERR_NONE, "1"},
    {FORM, "name=1", 0, ERR_NONE, "1"},
    {FORM ";charset=UTF-8", "name=1", 0, ERR_NONE, "1"},
    {FORM " ; charset=utf-8", "name=1", 0, ERR_NONE, "1"},
    {"Application/X-WWW-Form-Urlencoded", "name=1", 0, ERR_NONE, "1"},
    {FORM, "", 0, ERR_NONE, NULL},
    {FORM, "name=%2541", 0, ERR_NONE, "%41"}, /* encoded twice, decoded once */
    {FORM, "name=%", 0, ERR_NONE, "%"},
    {FORM, "name=%00", 0, ERR_NONE, "\uFFFD"},
    {FORM, "name=1\0b", 8, ERR_NONE, "1\uFFFDb"},
    {FORM, "name=\xff&x=%&x=1", 0, ERR_NONE, "\uFFFD"},
    {FORM, "name=1&name=2", 0, ERR_INPUT, NULL},
    {FORM, "{\"name\":1}", 0, ERR_NONE, NULL},
    {JSON, "{\"name\":\"1\"}", 0, ERR_NONE, "1"},
    {JSON ";charset=utf-8", "{\"name\":1}", 0, ERR_NONE, "1"},
    {"APPLICATION/JSON", "{\"name\":1}", 0, ERR_NONE, "1"},
    {JSON, "{\"name\":\"%31+\"}", 0, ERR_NONE, "%31+"},
    {JSON, "", 0, ERR_INPUT, NULL},
    {JSON, "name=1", 0, ERR_INPUT, NULL},
    {JSON, "{\"name\":\"1\"", 0, ERR_INPUT, NULL},
    {JSON, "{\"name\":1}\0x", 12, ERR_INPUT, NULL},
    {JSON, "{\"name\":\"\\u0000\"}", 0, ERR_INPUT, NULL},
    {JSON, "{\"name\":\"\xff\"}", 0, ERR_INPUT, NULL},
    {JSON, "{\"name\":{}}", 0, ERR_INPUT, NULL},
    {"multipart/form-data; boundary=x", "name=1", 0, ERR_TYPE, NULL},
    {"text/plain", "name=1", 0, ERR_TYPE, NULL},
    {JSON "x", "{\"name\":1}", 0, ERR_TYPE, NULL},
    {"application/json-seq", "{\"name\":1}", 0, ERR_TYPE, NULL},
    {"application/jso", "{\"name\":1}", 0, ERR_TYPE, NULL},
};

START_TEST(body)
{
	const char *params[5] = {"REQUEST_METHOD", "POST", "CONTENT_TYPE", bodies[_i].type};
	size_t len = bodies[_i].len ? bodies[_i].len : strlen(bodies[_i].body);
	const char *value;

	if (!bodies[_i].type)
		params[2] = NULL;
	read_bytes(params, bodies[_i].body, len, ERR_NONE);
	ck_assert_int_eq(request.form_err, bodies[_i].err);
	ck_assert_int_eq(request.form_fail.code, bodies[_i].err);
	value = form_value(&request.form, "name");
	if (bodies[_i].value) {
		ck_assert_ptr_nonnull(value);
		ck_assert_str_eq(value, bodies[_i].value);
	} else {
		ck_assert_ptr_null(value);
	}
}
END_TEST

static const struct {
	const char *site;
	bool is_foreign;
} sites[] = {{NULL, false}, {"", false}, {"same-origin", false}, {"none", false},
    {"same-site", true}, {"cross-site", true}, {"what is to come", true}};

START_TEST(site)
{
	const char *params[] = {
	    "REQUEST_METHOD", "POST", "HTTP_SEC_FETCH_SITE", sites[_i].site, NULL};

	if (!sites[_i].site)
		params[2] = NULL;
	read_bytes(params, "name=1", 6, ERR_NONE);
	ck_assert(request.is_form);
	ck_assert_int_eq(request.is_foreign, sites[_i].is_foreign);
}
END_TEST

/* A body that did not come whole is not looked at. */
START_TEST(body_cut_short)
{
	static const enum err errors[] = {ERR_INPUT, ERR_TOO_LARGE};
	static const char *const params[] = {"REQUEST_METHOD", "POST", "CONTENT_TYPE", FORM, NULL};
	struct fail fail;
	struct uuid uuid;

	read_bytes(params, "bookingId=" ID, 46, errors[_i]);
	ck_assert_int_eq(request.form_err, errors[_i]);
	ck_assert_int_eq(request.form_fail.code, errors[_i]);
	ck_assert_uint_eq(request.form.count, 0);
	ck_assert_int_eq(request_booking(&request, &uuid, &fail), errors[_i]);
}
END_TEST

static const struct {
	const char *msec;
	int64_t sent_ms;
} times[] = {
    {"1796130000.123", 1796130000123},
    {"1796130000.000", 1796130000000},
    {"0.001", 1},
    {NULL, 0},
    {"", 0},
    {".123", 0},
    {"1796130000", 0},
    {"1796130000123", 0},
    {"1796130000.12", 0},
    {"1796130000.1234", 0},
    {"1.796.123", 0},
    {"-179613000.123", 0},
    {"-0.001", 0},
    {"1796130000,123", 0},
    {"1796130000.1 3", 0},
    {"x796130000.123", 0},
    {"99999999999999999999.123", 0},
    {"9223372036854775.807", INT64_MAX},
    {"9223372036854775.808", 0},
};

START_TEST(time_of_passing_on)
{
	const char *params[] = {"REQUEST_MSEC", times[_i].msec, NULL};

	if (!times[_i].msec)
		params[0] = NULL;
	read_bytes(params, "", 0, ERR_NONE);
	ck_assert_int_eq(request.sent_ms, times[_i].sent_ms);
}
END_TEST

#define SIXTEEN "0123456789abcdef"
#define SIXTY_FOUR SIXTEEN SIXTEEN SIXTEEN SIXTEEN
#define KEY_MAX SIXTY_FOUR SIXTY_FOUR SIXTY_FOUR SIXTY_FOUR

static const struct {
	const char *id, *key, *expected_id, *expected_key;
} names[] = {
    {NULL, NULL, "-", NULL},
    {"", "", "-", NULL},
    {"abc", "k", "-", "k"},
    {SIXTEEN SIXTEEN, KEY_MAX, SIXTEEN SIXTEEN, KEY_MAX},
    {SIXTEEN "0123456789ABCDEF", NULL, "-", NULL},
    {SIXTEEN "0123456789abcde\n", NULL, "-", NULL},
    {SIXTEEN SIXTEEN "0", NULL, "-", NULL},
};

START_TEST(id_and_key)
{
	const char *params[5] = {"REQUEST_ID", names[_i].id, "HTTP_IDEMPOTENCY_KEY", names[_i].key};

	if (!names[_i].id)
		params[0] = NULL;
	else if (!names[_i].key)
		params[2] = NULL;
	read_bytes(params, "", 0, ERR_NONE);
	ck_assert_int_eq(request.form_err, ERR_NONE);
	ck_assert_str_eq(request.id, names[_i].expected_id);
	ck_assert_int_eq(request.idempotency_key != NULL, names[_i].expected_key != NULL);
	if (names[_i].expected_key)
		ck_assert_str_eq(request.idempotency_key, names[_i].expected_key);
}
END_TEST

/* A key that cannot be kept as it is refused, not forgotten: the client counts on it. */
START_TEST(key_that_is_too_long)
{
	static const char *const params[] = {"REQUEST_METHOD", "POST", "CONTENT_TYPE", FORM,
	    "HTTP_IDEMPOTENCY_KEY", KEY_MAX "x", NULL};

	read_bytes(params, "a=1", 3, ERR_NONE);
	ck_assert_int_eq(request.form_err, ERR_INPUT);
	ck_assert_int_eq(request.form_fail.code, ERR_INPUT);
	ck_assert_uint_eq(request.form.count, 0);
}
END_TEST

static const struct {
	const char *method, *uri, *body;
	enum err err;
} bookings[] = {
    {"GET", "/?bookingId=" ID, "", ERR_NONE},
    {"HEAD", "/?bookingId=" ID, "", ERR_NONE},
    {"POST", "/", "bookingId=" ID, ERR_NONE},
    {"GET", "/?bookingId=0123ABCD-4567-4ABC-8DEF-0123456789AB", "", ERR_NONE},
    {"GET", "/", "bookingId=" ID, ERR_INPUT}, /* each from its own place only */
    {"POST", "/?bookingId=" ID, "", ERR_INPUT},
    {"POST", "/?bookingId=%zz", "bookingId=" ID, ERR_NONE},
    {"GET", "/", "", ERR_INPUT},
    {"GET", "/?bookingId=", "", ERR_INPUT},
    {"GET", "/?bookingid=" ID, "", ERR_INPUT},
    {"GET", "/?bookingId=" ID "0", "", ERR_INPUT},
    {"GET", "/?bookingId=00000000-0000-0000-0000-000000000000", "", ERR_INPUT},
    {"GET", "/?bookingId=" ID "&bookingId=" ID, "", ERR_INPUT},
    {"GET", "/?bookingId=" ID "&x=%ff", "", ERR_NONE},
    {"POST", "/", "bookingId=" ID "&x=%ff", ERR_NONE},
    /* What a mail program takes for a part of the link. */
    {"GET", "/?bookingId=" ID ")", "", ERR_NONE},
    {"GET", "/?bookingId=" ID "%5D.", "", ERR_NONE},
    {"GET", "/?bookingId=" ID "%22%20", "", ERR_NONE},
    {"GET", "/?bookingId=" ID "%E2%80%9D", "", ERR_NONE},
    {"GET", "/?bookingId=" ID "%E9", "", ERR_NONE},
    {"GET", "/?bookingId=%3C" ID "%3E", "", ERR_NONE},
    {"GET", "/?bookingId=%20%22" ID, "", ERR_NONE},
    {"GET", "/?bookingId=%E2%80%8B" ID, "", ERR_NONE},
    {"GET", "/?bookingId=.", "", ERR_INPUT},
    {"GET", "/?bookingId=x." ID, "", ERR_INPUT},
    {"GET", "/?bookingId=" ID "-", "", ERR_INPUT},
    {"GET", "/?bookingId=" ID ".x", "", ERR_INPUT},
    {"POST", "/", "bookingId=" ID ")", ERR_INPUT},
};

START_TEST(booking)
{
	const char *params[] = {
	    "REQUEST_METHOD", bookings[_i].method, "REQUEST_URI", bookings[_i].uri, NULL};
	struct uuid uuid = {{42}};
	struct fail fail = {0};
	char text[UUID_TEXT];

	read_bytes(params, bookings[_i].body, strlen(bookings[_i].body), ERR_NONE);
	ck_assert_int_eq(request_booking(&request, &uuid, &fail), bookings[_i].err);
	ck_assert_int_eq(fail.code, bookings[_i].err);
	if (!bookings[_i].err)
		ck_assert_str_eq(uuid_format(&uuid, text), ID);
}
END_TEST

/* Whatever room there is: nothing is overrun, and texts are there, if only empty. */
START_TEST(arena_of_any_size)
{
	static const char *const params[] = {"REQUEST_METHOD", "POST", "REQUEST_URI", "/a?b=c",
	    "CONTENT_TYPE", JSON, "REQUEST_ID", SIXTEEN SIXTEEN, "REQUEST_MSEC", "1.234",
	    "HTTP_IDEMPOTENCY_KEY", "key", NULL};
	size_t whole = 0;

	for (size_t size = 1; size < 400; size++) {
		struct arena *small = arena_new(size);

		request_read(small, find_param, (void *)params,
		    &(struct request_body){"{\"name\":\"1\"}", 12, ERR_NONE}, &request);
		ck_assert_ptr_nonnull(request.path);
		ck_assert_ptr_nonnull(request.id);
		if (arena_overflowed(small)) {
			ck_assert(request.form_err || request.form.count == 1);
		} else {
			ck_assert_str_eq(request.id, SIXTEEN SIXTEEN);
			ck_assert_str_eq(request.path, "/a");
			ck_assert_str_eq(request.idempotency_key, "key");
			ck_assert_int_eq(request.sent_ms, 1234);
			whole++;
		}
		arena_free(small);
	}
	ck_assert_uint_gt(whole, 100);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("request");
	TCase *head = tcase_create("head"), *form = tcase_create("form");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(head, set_up, tear_down);
	tcase_add_loop_test(head, method, 0, (int)COUNT(methods));
	tcase_add_loop_test(head, uri, 0, (int)COUNT(uris));
	tcase_add_loop_test(head, accept, 0, (int)COUNT(accepts));
	tcase_add_loop_test(head, time_of_passing_on, 0, (int)COUNT(times));
	tcase_add_loop_test(head, authorization, 0, (int)COUNT(authorizations));
	tcase_add_loop_test(head, id_and_key, 0, (int)COUNT(names));
	suite_add_tcase(suite, head);
	tcase_add_checked_fixture(form, set_up, tear_down);
	tcase_add_loop_test(form, body, 0, (int)COUNT(bodies));
	tcase_add_loop_test(form, site, 0, (int)COUNT(sites));
	tcase_add_loop_test(form, body_cut_short, 0, 2);
	tcase_add_test(form, key_that_is_too_long);
	tcase_add_loop_test(form, booking, 0, (int)COUNT(bookings));
	tcase_add_test(form, arena_of_any_size);
	suite_add_tcase(suite, form);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

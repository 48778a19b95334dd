/* SPDX-License-Identifier: MIT */
/* check_http.c: what becomes of a transfer, whatever the server does, and its end at the deadline
 */
#include "net/http.h"
#include "base/clock.h"
#include "server.h"
#include "times.h"

#include <curl/curl.h>
#include <netdb.h>
#include <semaphore.h>
#include <time.h>

/* How long a look-up goes on unless the test ends it. */
#define LOOKUP_S 3

static sem_t begun, end, ended;

/* The system's resolver, for libcurl: one whose server never answers. */
int getaddrinfo(
    const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result)
{
	struct timespec until;

	(void)node;
	(void)service;
	(void)hints;
	*result = NULL;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += LOOKUP_S;
	sem_post(&begun);
	sem_timedwait(&end, &until);
	sem_post(&ended);
	return EAI_AGAIN;
}

static bool is_set(sem_t *semaphore)
{
	int value = 0;

	ck_assert_int_eq(sem_getvalue(semaphore, &value), 0);
	return value > 0;
}

START_TEST(name_not_found_in_time)
{
	struct arena *arena = arena_new(1 << 20);
	struct http *http = http_new(NULL);
	struct http_request request = {
	    .method = "GET",
	    .url = "http://calendar.example/",
	    .reply_max = 100,
	    .deadline = clock_boot_ms() + 500,
	};
	struct http_reply reply;

	ck_assert(arena && http);
	sem_init(&begun, 0, 0);
	sem_init(&end, 0, 0);
	sem_init(&ended, 0, 0);
	http_once(http, arena, &request, &reply);
	ck_assert(is_set(&begun) && !is_set(&ended));
	ck_assert_int_eq(reply.err, ERR_UNREACHABLE);
	/* Its thread is nobody's any more, and may end later. */
	http_free(http);
	arena_free(arena);
	ck_assert(!is_set(&ended));
	sem_post(&end);
	sem_wait(&ended);
}
END_TEST

/* ---- Transfers with a server that is there */

static struct arena *arena;
static struct http *http;
static volatile sig_atomic_t stop;

static void set_up(void)
{
	server_start();
	stop = 0;
	arena = arena_new(8 << 20);
	http = http_new(&stop);
	ck_assert(arena && http);
}

static void tear_down(void)
{
	http_free(http);
	arena_free(arena);
}

/* A request of this path; the caller may change it before it is sent. */
static struct http_request request_of(const char *method, const char *path)
{
	return (struct http_request){
	    .method = method,
	    .url = arena_printf(arena, "%s%s", server.url, path),
	    .reply_max = 100000,
	    .deadline = clock_boot_ms() + 20000,
	};
}

static struct http_reply ask(const struct http_request *request)
{
	struct http_reply reply = {.err = ERR_CONFIG};

	http_once(http, arena, request, &reply);
	return reply;
}

static bool has_line(const char *request, const char *line)
{
	return strcasestr(request, arena_printf(arena, "\r\n%s\r\n", line));
}

START_TEST(asked_and_answered)
{
	struct http_request request = request_of("GET", "/a?b=c");
	struct http_reply reply;

	request.headers[0] = "X-One: 1";
	request.headers[1] = "X-Two: 2";
	server_answers(200, "", "an answer");
	reply = ask(&request);
	ck_assert_int_eq(reply.err, ERR_NONE);
	ck_assert_int_eq(reply.status, 200);
	ck_assert_str_eq(reply.body, "an answer");
	ck_assert_uint_eq(reply.body_len, 9);
	ck_assert_int_eq(reply.retry_after_s, 0);
	ck_assert_ptr_null(reply.kept[0]);
	ck_assert_int_eq(strncmp(server_request(0), "GET /a?b=c HTTP/1.1\r\n", 21), 0);
	ck_assert(has_line(server_request(0), "X-One: 1"));
	ck_assert(has_line(server_request(0), "X-Two: 2"));
	ck_assert(has_line(server_request(0), "User-Agent: slotguard"));
	ck_assert_ptr_null(strcasestr(server_request(0), "\r\nExpect"));
	ck_assert_ptr_null(strcasestr(server_request(0), "\r\nContent-"));
}
END_TEST

/* Path and query as they stand, and on the next request the URL's own again. */
START_TEST(target)
{
	struct http_request request = request_of("POST", "/base");

	request.target = "/base/?a=%2F..%2f&b=/../c&d=";
	server_answers(200, "", "an answer");
	ck_assert_int_eq(ask(&request).err, ERR_NONE);
	ck_assert_int_eq(
	    strncmp(server_request(0), "POST /base/?a=%2F..%2f&b=/../c&d= HTTP/1.1\r\n", 44), 0);
	ck_assert(has_line(server_request(0), arena_printf(arena, "Host: %s", server.url + 7)));
	request.target = NULL;
	server_answers(200, "", "an answer");
	ck_assert_int_eq(ask(&request).err, ERR_NONE);
	ck_assert_int_eq(strncmp(server_request(1), "POST /base HTTP/1.1\r\n", 21), 0);
}
END_TEST

/* Whatever a shell exports: no secret goes to somebody's proxy. */
START_TEST(no_proxy_of_the_environment)
{
	struct http_request request = request_of("GET", "/");

	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("all_proxy", "http://127.0.0.1:1", 1);
	server_answers(200, "", "an answer");
	ck_assert_int_eq(ask(&request).err, ERR_NONE);
	setenv("https_proxy", server.url, 1);
	request.url = "https://127.0.0.1:1/";
	ck_assert_int_eq(ask(&request).err, ERR_UNREACHABLE);
	request.url = server.url;
	http_use_proxy(http, "http://127.0.0.1:1");
	server_answers(200, "", "an answer");
	ck_assert_int_eq(ask(&request).err, ERR_NONE);
	ck_assert_uint_eq(server_count(), 2);
}
END_TEST

/* The proxy that is configured takes what is https, whatever a shell exports, and nothing else. */
START_TEST(proxy_for_https)
{
	struct http_request request = request_of("GET", "/");

	request.url = "https://calendar.example/";
	setenv("no_proxy", "calendar.example", 1);
	http_use_proxy(http, server.url);
	server_answers(502, "", "");
	ck_assert_int_ne(ask(&request).err, ERR_NONE);
	ck_assert_int_eq(strncmp(server_request(0), "CONNECT calendar.example:443", 28), 0);
}
END_TEST

START_TEST(secret_header)
{
	struct http_request request = request_of("GET", "/");

	request.secret.before = "X-Key: ";
	request.secret.text = "s3cret";
	server_answers(200, "", "");
	ck_assert_int_eq(ask(&request).err, ERR_NONE);
	ck_assert(has_line(server_request(0), "X-Key: s3cret"));
}
END_TEST

/* A secret goes whole, or nothing goes. */
START_TEST(long_secret_header)
{
	struct http_request request = request_of("GET", "/");
	char secret[4401] = "";
	unsigned sent = 0;

	request.secret.before = "X-Key: ";
	request.secret.text = secret;
	memset(secret, 'x', 4200);
	for (size_t len = 4200; len < sizeof(secret) - 1; secret[len++] = 'x') {
		server_answers(200, "", "");
		if (ask(&request).err)
			continue;
		ck_assert(
		    has_line(server_request(sent++), arena_printf(arena, "X-Key: %s", secret)));
		ck_assert_uint_eq(sent, len - 4200 + 1);
	}
	ck_assert_uint_gt(sent, 0);
	ck_assert_uint_lt(sent, 200);
	ck_assert_uint_eq(server_count(), sent);
}
END_TEST

static const char *const in_clear[] = {"http://calendar.example/", "http://192.0.2.1:8123/",
    "http://127.0.0.1.example/", "http://127.0.0.1@example/", "http://localhost.example/",
    "http://[::2]/", "ftp://127.0.0.1/"};

START_TEST(secret_in_clear)
{
	struct http_request request = request_of("GET", "/");
	struct http_reply reply;

	request.url = in_clear[_i];
	request.is_secret = true;
	reply = ask(&request);
	ck_assert_int_eq(reply.err, ERR_CONFIG);
	ck_assert_str_eq(reply.fail.detail, "a secret is not sent in clear over a network");
}
END_TEST

START_TEST(redirect)
{
	struct http_request request = request_of("GET", "/");

	server_answers(307, arena_printf(arena, "Location: %s/elsewhere\r\n", server.url), "");
	ck_assert_int_eq(ask(&request).status, 307);
	ck_assert_uint_eq(server_count(), 1);
}
END_TEST

/* What cannot be reached is named, without the rest of its address. */
START_TEST(address_in_error)
{
	struct http_request request = request_of("GET", "/");
	struct http_reply reply;

	request.url = "http://127.0.0.1:1/bot123:secret?x";
	reply = ask(&request);
	ck_assert_int_eq(reply.err, ERR_UNREACHABLE);
	ck_assert_int_eq(strncmp(reply.fail.detail, "http://127.0.0.1:1: Could", 25), 0);
	ck_assert_ptr_null(strstr(reply.fail.detail, "secret"));
}
END_TEST

START_TEST(bodies_that_are_sent)
{
	static char large[1100000];
	static const char bytes[] = "a\0b";
	struct http_request request = request_of("POST", "/");

	memset(large, 'x', sizeof(large) - 1);
	for (int i = 0; i < 5; i++)
		server_answers(200, "", "");
	request.body = large;
	request.body_len = sizeof(large) - 1;
	ck_assert_int_eq(ask(&request).err, ERR_NONE);
	ck_assert_str_eq(server_body(0), large);
	ck_assert_ptr_null(strcasestr(server_request(0), "\r\nExpect"));
	request.body = bytes;
	request.body_len = 3;
	ck_assert_int_eq(ask(&request).err, ERR_NONE);
	ck_assert_int_eq(memcmp(server_body(1), bytes, 4), 0);
	ck_assert(has_line(server_request(1), "Content-Length: 3"));
	/* A POST of nothing says so. */
	request.body = NULL;
	request.body_len = 0;
	ck_assert_int_eq(ask(&request).err, ERR_NONE);
	ck_assert(has_line(server_request(2), "Content-Length: 0"));
	request.method = "PUT";
	request.body = "put";
	request.body_len = 3;
	ck_assert_int_eq(ask(&request).err, ERR_NONE);
	ck_assert_int_eq(strncmp(server_request(3), "PUT / ", 6), 0);
	ck_assert_str_eq(server_body(3), "put");
	request.method = "DELETE";
	request.body = NULL;
	request.body_len = 0;
	ck_assert_int_eq(ask(&request).err, ERR_NONE);
	ck_assert_int_eq(strncmp(server_request(4), "DELETE / ", 9), 0);
	ck_assert_str_eq(server_body(4), "");
	/* All of them on one connection. */
	ck_assert_uint_eq(server.connection_count, 1);
}
END_TEST

/* What comes before the answer is none. */
START_TEST(answer_after_another)
{
	static const char bytes[] = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Made\r\n"
				    "Content-Length: 4\r\n\r\nmade";
	struct http_request request = request_of("GET", "/");
	struct http_reply reply;

	server_sends(bytes, sizeof(bytes) - 1, false);
	reply = ask(&request);
	ck_assert_int_eq(reply.err, ERR_NONE);
	ck_assert_int_eq(reply.status, 201);
	ck_assert_str_eq(reply.body, "made");
	server_sends(bytes, 27, true);
	ck_assert_int_eq(ask(&request).err, ERR_UNSURE);
	server_sends(bytes, 44, true);
	ck_assert_int_eq(ask(&request).err, ERR_UNSURE);
}
END_TEST

START_TEST(answer_in_chunks)
{
	static const char bytes[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
				    "2\r\nch\r\n4\r\nunks\r\n0\r\nX-Trailer: 1\r\n\r\n";
	struct http_request request = request_of("GET", "/");
	struct http_reply reply;

	server_sends(bytes, sizeof(bytes) - 1, false);
	reply = ask(&request);
	ck_assert_int_eq(reply.err, ERR_NONE);
	ck_assert_str_eq(reply.body, "chunks");
}
END_TEST

static const int statuses[] = {200, 204, 302, 400, 401, 403, 404, 409, 429, 500, 503};

/* Any status is an answer; a redirect is not followed. */
START_TEST(status)
{
	struct http_request request = request_of("GET", "/");
	struct http_reply reply;

	server_answers(statuses[_i], "Location: /elsewhere\r\n", "");
	reply = ask(&request);
	ck_assert_int_eq(reply.err, ERR_NONE);
	ck_assert_int_eq(reply.status, statuses[_i]);
	ck_assert_str_eq(reply.body, "");
	ck_assert_uint_eq(server_count(), 1);
}
END_TEST

static const struct {
	const char *header;
	int64_t retry_after_s;
	const char *one, *two;
} reply_headers[] = {
    {"Retry-After: 7\r\n", 7, NULL, NULL},
    {"retry-after:\t 8 \t\r\n", 8, NULL, NULL},
    {"Retry-After:9\r\n", 9, NULL, NULL},
    {"Retry-After: 0\r\n", 0, NULL, NULL},
    {"Retry-After: 86400\r\n", 86400, NULL, NULL},
    {"Retry-After: 86401\r\n", 0, NULL, NULL},
    {"Retry-After: -1\r\n", 0, NULL, NULL},
    {"Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n", 0, NULL, NULL},
    {"Retry-After:\r\n", 0, NULL, NULL},
    {"Retry-After-All: 7\r\n", 0, NULL, NULL},
    {"X-Retry-After: 7\r\n", 0, NULL, NULL},
    {"X-One: 60\r\n", 0, "60", NULL},
    {"X-ONE: 1\r\n", 0, "1", NULL},
    {"X-Two:  {\"a\": 1} \r\n", 0, NULL, "{\"a\": 1}"},
    {"X-Two: b\r\nX-One: a\r\n", 0, "a", "b"},
    {"X-Ones: a\r\nX-On: b\r\n", 0, NULL, NULL},
    {"X-One: 60\r\nRetry-After: 5\r\n", 5, "60", NULL},
    {"X-One: 60\nRetry-After: 57\n", 57, "60", NULL},
};

START_TEST(reply_header)
{
	struct http_request request = request_of("GET", "/");
	struct http_reply reply;

	request.keep[0] = "X-One";
	request.keep[1] = "X-Two";
	server_answers(503, reply_headers[_i].header, "");
	reply = ask(&request);
	ck_assert_int_eq(reply.err, ERR_NONE);
	ck_assert_int_eq(reply.retry_after_s, reply_headers[_i].retry_after_s);
	ck_assert_pstr_eq(reply.kept[0], reply_headers[_i].one);
	ck_assert_pstr_eq(reply.kept[1], reply_headers[_i].two);
}
END_TEST

/* Of a header that is kept, so much. */
START_TEST(long_header)
{
	struct http_request request = request_of("GET", "/");
	char header[HTTP_VALUE_MAX + 40] = "X-One: ";

	request.keep[0] = "X-One";
	memset(header + strlen("X-One: "), 'x', (size_t)_i);
	strcpy(header + strlen("X-One: ") + _i, "\r\n");
	server_answers(200, header, "");
	if (_i <= HTTP_VALUE_MAX)
		ck_assert_uint_eq(strlen(ask(&request).kept[0]), (size_t)_i);
	else
		ck_assert_ptr_null(ask(&request).kept[0]);
}
END_TEST

/* _i: how long the answer is; it is whole at its bound, and refused above it. */
START_TEST(long_reply)
{
	struct http_request request = request_of("GET", "/");
	char *body = arena_alloc(arena, (size_t)_i + 1);
	struct http_reply reply;

	for (int i = 0; i < _i; i++)
		body[i] = (char)('a' + i % 26);
	server_answers(200, "", body);
	request.reply_max = (size_t)_i;
	reply = ask(&request);
	ck_assert_int_eq(reply.err, ERR_NONE);
	ck_assert_uint_eq(reply.body_len, (size_t)_i);
	ck_assert_str_eq(reply.body, body);
	if (_i == 0)
		return;
	server_answers(200, "", body);
	request.reply_max = (size_t)_i - 1;
	reply = ask(&request);
	ck_assert_int_eq(reply.err, ERR_GARBLED);
	ck_assert_str_eq(reply.fail.detail,
	    arena_printf(arena, "%s: the reply is longer than expected", server.url));
	ck_assert_str_eq(reply.body, "");
}
END_TEST

START_TEST(reply_for_a_small_arena)
{
	struct http_request request = request_of("GET", "/");
	struct arena *small = arena_new(64);
	char body[65];
	struct http_reply reply;

	memset(body, 'x', 64);
	body[64] = '\0';
	server_answers(200, "", body + 1);
	http_once(http, small, &request, &reply);
	ck_assert_int_eq(reply.err, ERR_NONE);
	arena_reset(small);
	server_answers(200, "", body);
	http_once(http, small, &request, &reply);
	ck_assert_int_eq(reply.err, ERR_GARBLED);
	ck_assert_str_eq(reply.fail.detail, "the reply does not fit in memory");
	ck_assert_str_eq(reply.body, "");
	arena_free(small);
}
END_TEST

/* Whether the request was sent decides what is known. */
START_TEST(nobody_there)
{
	struct http_request request = request_of("GET", "/");
	struct http_reply reply;

	shutdown(server.listening, SHUT_RDWR);
	close(server.listening);
	reply = ask(&request);
	ck_assert_int_eq(reply.err, ERR_UNREACHABLE);
	ck_assert_int_eq(reply.fail.code, ERR_UNREACHABLE);
	ck_assert_str_eq(reply.fail.where, "http");
	ck_assert_str_eq(reply.body, "");
	/* And nothing is spoken but HTTP. */
	request.url = "file:///etc/hostname";
	reply = ask(&request);
	ck_assert_int_eq(reply.err, ERR_UNREACHABLE);
	ck_assert_str_eq(reply.fail.detail, "file://: Unsupported protocol");
}
END_TEST

static const char *const half_answers[] = {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 200 OK\r\nX-One: 1\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n1234",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n1234\r\n"};

START_TEST(answer_that_is_cut_off)
{
	struct http_request request = request_of("POST", "/");
	struct http_reply reply;

	server_sends(half_answers[_i], strlen(half_answers[_i]), true);
	reply = ask(&request);
	ck_assert_int_eq(reply.err, ERR_UNSURE);
	ck_assert_str_eq(reply.body, "");
	ck_assert_uint_eq(server_count(), 1);
}
END_TEST

START_TEST(answer_that_does_not_come)
{
	struct http_request request = request_of("GET", "/");

	request.deadline = clock_boot_ms() + 300;
	ck_assert_int_eq(ask(&request).err, ERR_UNSURE);
	request.deadline = clock_boot_ms();
	ck_assert_int_eq(ask(&request).err, ERR_UNREACHABLE);
	ck_assert_uint_eq(server_count(), 1);
}
END_TEST

static void ask_to_stop(void)
{
	stop = 1;
}

START_TEST(stopped)
{
	struct http_request request = request_of("GET", "/");
	struct http_reply yielding, staying;

	/* One that yields is cut, one beside it goes on. */
	server.on_request = ask_to_stop;
	request.deadline = clock_boot_ms() + 500;
	http_start(http, arena, &request, http_keep, &staying);
	request.deadline = clock_boot_ms() + 60000;
	request.yields_to_stop = true;
	http_start(http, arena, &request, http_keep, &yielding);
	http_run(http);
	ck_assert_int_eq(yielding.err, ERR_STOPPING);
	ck_assert_int_eq(staying.err, ERR_UNSURE);
	/* Once it is set none is begun. */
	yielding = ask(&request);
	ck_assert_int_eq(yielding.err, ERR_STOPPING);
	ck_assert_str_eq(yielding.body, "");
	ck_assert_uint_eq(server_count(), 2);
	server_answers(200, "", "");
	request.yields_to_stop = false;
	ck_assert_int_eq(ask(&request).err, ERR_NONE);
}
END_TEST

struct chain {
	struct http_request request;
	int left, done;
};

static void go_on(void *context, const struct http_reply *reply)
{
	struct chain *chain = context;

	ck_assert_int_eq(reply->err, ERR_NONE);
	chain->done++;
	if (--chain->left)
		http_start(http, arena, &chain->request, go_on, chain);
}

/* More at once than handles are kept, each with two more after it. */
START_TEST(many_at_once)
{
	struct chain chains[7];

	for (int i = 0; i < 21; i++)
		server_answers(200, "", "x");
	for (size_t i = 0; i < COUNT(chains); i++) {
		chains[i] = (struct chain){request_of("GET", "/"), 3, 0};
		http_start(http, arena, &chains[i].request, go_on, &chains[i]);
	}
	http_run(http);
	for (size_t i = 0; i < COUNT(chains); i++)
		ck_assert_int_eq(chains[i].done, 3);
	ck_assert_uint_eq(server_count(), 21);
	http_run(http);
}
END_TEST

START_TEST(connection_of_its_own)
{
	struct http_request request = request_of("GET", "/");

	for (int i = 0; i < 5; i++)
		server_answers(200, "", "");
	/* Neither one that was there, nor one that the next may have. */
	request.is_never_repeated = true;
	ask(&request);
	request.is_never_repeated = false;
	ask(&request);
	request.is_never_repeated = true;
	ask(&request);
	ask(&request);
	request.is_never_repeated = false;
	ask(&request);
	ck_assert_uint_eq(server_count(), 5);
	for (unsigned i = 1; i < 4; i++)
		ck_assert_uint_ne(server.connections[i], server.connections[i - 1]);
	ck_assert_uint_eq(server.connections[4], server.connections[1]);
}
END_TEST

START_TEST(tally)
{
	struct http_request request = request_of("GET", "/");
	struct http_tally sum;

	for (int i = 0; i < 3; i++)
		server_answers(200, "", "");
	request.service = SERVICE_GOOGLE_TOKEN;
	ask(&request);
	request.service = SERVICE_GOOGLE_EVENT;
	ask(&request);
	ask(&request);
	request.service = SERVICE_RESEND;
	request.deadline = clock_boot_ms() + 200;
	ask(&request);
	ck_assert_uint_eq(http_tally(http, SERVICE_GOOGLE_TOKEN, SERVICE_GOOGLE_TOKEN).count, 1);
	ck_assert_uint_eq(http_tally(http, SERVICE_GOOGLE_TOKEN, SERVICE_GOOGLE_EVENT).count, 3);
	ck_assert_uint_eq(http_tally(http, SERVICE_GOOGLE_EVENT, SERVICE_TELEGRAM).count, 3);
	ck_assert_uint_eq(http_tally(http, 0, SERVICE_CLICKHOUSE_WRITE).count, 0);
	/* Its deadline was as near as that. */
	sum = http_tally(http, SERVICE_RESEND, SERVICE_RESEND);
	ck_assert_uint_eq(sum.count, 1);
	ck_assert_int_ge(sum.ms, 150);
	ck_assert_int_lt(sum.ms, 20000);
	http_tally_reset(http);
	ck_assert_uint_eq(http_tally(http, 0, SERVICES - 1).count, 0);
	ck_assert_int_eq(http_tally(http, 0, SERVICES - 1).ms, 0);
}
END_TEST

static const struct {
	enum service service;
	int by_s;	/* the answer's date, from now on */
	bool is_dated;	/* it has one */
	enum peer peer; /* whose clock that tells of; PEERS: nobody's */
} dated[] = {
    {SERVICE_CLICKHOUSE_READ, 60, true, PEER_CLICKHOUSE},
    {SERVICE_CLICKHOUSE_APPEND, -60, true, PEER_CLICKHOUSE},
    {SERVICE_CLICKHOUSE_WRITE, 0, true, PEER_CLICKHOUSE},
    {SERVICE_GOOGLE_TOKEN, 60, true, PEER_GOOGLE},
    {SERVICE_GOOGLE_FREEBUSY, 60, true, PEER_GOOGLE},
    {SERVICE_GOOGLE_EVENT, -60, true, PEER_GOOGLE},
    {SERVICE_GOOGLE_EVENT, 0, false, PEERS},
    {SERVICE_RESEND, 60, true, PEERS},
    {SERVICE_TELEGRAM, 60, true, PEERS},
    {SERVICE_CALENDAR, 60, true, PEERS},
};

/* What the date of an answer says of another's clock, to the second. */
START_TEST(date_of_an_answer)
{
	struct http_request request = request_of("GET", "/");
	struct counters *counters = counters_open("/nonexistent");
	struct clocks *clocks = counters_clocks(counters);
	time_t at = time(NULL) + dated[_i].by_s;
	char header[80] = "";
	int64_t ahead_ms;

	if (dated[_i].is_dated)
		strftime(header, sizeof(header), "Date: %a, %d %b %Y %H:%M:%S GMT\n", gmtime(&at));
	http_read_clocks(http, clocks);
	server_answers(200, header, "");
	request.service = dated[_i].service;
	ck_assert_int_eq(ask(&request).err, ERR_NONE);
	for (int peer = 0; peer < PEERS; peer++) {
		ck_assert_int_eq(
		    clocks_knows(clocks, (enum peer)peer), peer == (int)dated[_i].peer);
		ahead_ms = clocks_ahead(clocks, (enum peer)peer, clock_boot_ms(), clock_wall_ms());
		if (peer == (int)dated[_i].peer) {
			ck_assert_int_ge(ahead_ms, -dated[_i].by_s * 1000 - 2000);
			ck_assert_int_le(ahead_ms, -dated[_i].by_s * 1000 + 20000);
			/* Within the second that was told the clocks agree. */
			ck_assert(dated[_i].by_s || time(NULL) != at || ahead_ms == 0);
		}
	}
	counters_close(counters);
}
END_TEST

/* In clear there is none. */
START_TEST(no_certificate)
{
	struct http_request request = request_of("GET", "/");

	server_answers(200, "", "");
	request.wants_certificate = true;
	ck_assert_int_eq(ask(&request).certificate_end_s, 0);
}
END_TEST

/* What curl tells of the certificates of a server, which the tests' own has none of. */
static const struct {
	const char *lines[3]; /* of the first; NULL past the last */
	int64_t end_s;
} certificates[] = {
    {{"Expire date:Feb 27 05:00:00 2027 GMT", NULL}, 1803704400},
    {{"Start date:Nov 29 05:00:01 2026 GMT", "Expire date:Feb 27 05:00:00 2027 GMT", NULL},
	1803704400},
    {{"Expire date:Jan  2 00:00:00 1970 GMT", NULL}, 86400},
    {{"Expire date:some day", "Expire date:Feb 27 05:00:00 2027 GMT", NULL}, 0},
    {{"Expire date;Feb 27 05:00:00 2027 GMT", NULL}, 0},
    {{"Issuer:Expire date:Feb 27 05:00:00 2027 GMT", NULL}, 0},
    {{NULL}, 0},
};
static struct curl_certinfo *its_certificates;

CURLcode __real_curl_easy_getinfo(CURL *easy, CURLINFO what, ...);
CURLcode __wrap_curl_easy_getinfo(CURL *easy, CURLINFO what, ...);
CURLcode __wrap_curl_easy_getinfo(CURL *easy, CURLINFO what, ...)
{
	va_list ap;
	void *out;

	va_start(ap, what);
	out = va_arg(ap, void *);
	va_end(ap);
	if (what != CURLINFO_CERTINFO || !its_certificates)
		return __real_curl_easy_getinfo(easy, what, out);
	*(struct curl_certinfo **)out = its_certificates;
	return CURLE_OK;
}

START_TEST(certificate)
{
	struct curl_slist *lists[2] = {
	    NULL, curl_slist_append(NULL, "Expire date:Jan  3 00:00:00 1970 GMT")};
	struct curl_certinfo told = {2, lists};
	struct http_request request = request_of("GET", "/");

	for (int i = 0; certificates[_i].lines[i]; i++)
		lists[0] = curl_slist_append(lists[0], certificates[_i].lines[i]);
	its_certificates = &told;
	server_answers(200, "", "");
	server_answers(200, "", "");
	server_answers(200, "", "");
	ck_assert_int_eq(ask(&request).certificate_end_s, 0);
	request.wants_certificate = true;
	ck_assert_int_eq(ask(&request).certificate_end_s, certificates[_i].end_s);
	/* One that signed itself has none above it. */
	told.num_of_certs = 1;
	ck_assert_int_eq(ask(&request).certificate_end_s, certificates[_i].end_s);
	its_certificates = NULL;
	curl_slist_free_all(lists[0]);
	curl_slist_free_all(lists[1]);
}
END_TEST

static const struct {
	int status;
	bool fails;
} counted[] = {{200, false}, {404, false}, {409, false}, {499, false}, {401, true}, {403, true},
    {429, true}, {500, true}, {503, true}, {0, true}};

static const char *no_route(unsigned route)
{
	(void)route;
	return NULL;
}

START_TEST(transfers_counted)
{
	struct http_request request = request_of("GET", "/");
	struct counters *counters = counters_open("/nonexistent");
	struct text text = text_new(arena, 100000);

	http_count(http, counters);
	if (counted[_i].status)
		server_answers(counted[_i].status, "", "");
	else
		server_sends("", 0, true);
	request.service = SERVICE_TELEGRAM;
	ask(&request);
	counters_write(counters, no_route, &text);
	ck_assert_msg(
	    !strstr(text.data, "failures_total{service=\"telegram\",operation=\"message\"} 1") ==
		!counted[_i].fails,
	    "%d", counted[_i].status);
	counters_close(counters);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("http");
	TCase *deadlines = tcase_create("deadlines"), *transfers = tcase_create("transfers");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(deadlines, name_not_found_in_time);
	suite_add_tcase(suite, deadlines);
	tcase_add_checked_fixture(transfers, set_up, tear_down);
	tcase_add_test(transfers, asked_and_answered);
	tcase_add_test(transfers, no_proxy_of_the_environment);
	tcase_add_test(transfers, target);
	tcase_add_test(transfers, proxy_for_https);
	tcase_add_test(transfers, secret_header);
	tcase_add_test(transfers, long_secret_header);
	tcase_add_test(transfers, redirect);
	tcase_add_test(transfers, address_in_error);
	tcase_add_loop_test(transfers, secret_in_clear, 0, sizeof(in_clear) / sizeof(in_clear[0]));
	tcase_add_test(transfers, bodies_that_are_sent);
	tcase_add_test(transfers, answer_after_another);
	tcase_add_test(transfers, answer_in_chunks);
	tcase_add_loop_test(transfers, status, 0, (int)COUNT(statuses));
	tcase_add_loop_test(transfers, reply_header, 0, (int)COUNT(reply_headers));
	tcase_add_loop_test(transfers, long_header, HTTP_VALUE_MAX - 1, HTTP_VALUE_MAX + 2);
	tcase_add_loop_test(transfers, long_reply, 0, 2);
	tcase_add_loop_test(transfers, long_reply, 4095, 4098);
	tcase_add_loop_test(transfers, long_reply, 99999, 100001);
	tcase_add_test(transfers, reply_for_a_small_arena);
	tcase_add_test(transfers, nobody_there);
	tcase_add_loop_test(transfers, answer_that_is_cut_off, 0, (int)COUNT(half_answers));
	tcase_add_test(transfers, answer_that_does_not_come);
	tcase_add_test(transfers, stopped);
	tcase_add_test(transfers, many_at_once);
	tcase_add_test(transfers, connection_of_its_own);
	tcase_add_test(transfers, tally);
	tcase_add_loop_test(transfers, date_of_an_answer, 0, (int)COUNT(dated));
	tcase_add_test(transfers, no_certificate);
	tcase_add_loop_test(transfers, certificate, 0, (int)COUNT(certificates));
	tcase_add_loop_test(transfers, transfers_counted, 0, (int)COUNT(counted));
	suite_add_tcase(suite, transfers);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: MIT */
/* http.c: transfers, one or many at once */
#include "net/http.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/text.h"

#include <curl/curl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ClickHouse keeps an idle connection for 30 s today and 3 to 10 s in older versions. */
#define IDLE_MAX_S 9L
/* How late a set stop flag may be seen: libcurl's poll goes on over EINTR. */
#define POLL_MS 50

#define IDLE_HANDLES 4

#define SECRET_HEADER_MAX 4300
/* Of an address, for messages: "https://www.googleapis.com". */
#define ORIGIN_MAX 80

static char nothing[1];

struct transfer {
	struct transfer *next;
	struct http *http;
	CURL *easy;
	struct curl_slist *headers;
	char *body;
	size_t len, room, max;
	struct arena *arena;
	http_done *done;
	void *context;
	bool yields_to_stop, is_too_long, is_cut, is_secret, wants_certificate;
	const char *keep[HTTP_KEPT];
	char origin[ORIGIN_MAX];
	bool has_headers; /* all of the answer's */
	enum service service;
	int64_t began_ms;
	int64_t date_s, date_ms; /* the server's, 0 without one; when it came: clock_boot_ms() */
	struct http_reply reply;
};

struct http {
	CURLM *multi;
	const volatile sig_atomic_t *stop;
	struct transfer *running;
	CURL *idle[IDLE_HANDLES]; /* kept: making one costs more than a loopback request */
	unsigned idle_count;
	struct counters *counters;
	struct clocks *clocks;
	const char *proxy;
	struct http_tally tally[SERVICES];
};

struct http *http_new(const volatile sig_atomic_t *stop)
{
	struct http *http;

	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return NULL;
	http = calloc(1, sizeof(*http));
	if (!http)
		return NULL;
	http->stop = stop;
	http->proxy = "";
	http->multi = curl_multi_init();
	if (!http->multi) {
		free(http);
		return NULL;
	}
	curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, 8L);
	return http;
}

void http_free(struct http *http)
{
	if (!http)
		return;
	while (http->idle_count)
		curl_easy_cleanup(http->idle[--http->idle_count]);
	curl_multi_cleanup(http->multi);
	curl_global_cleanup();
	free(http);
}

void http_use_proxy(struct http *http, const char *proxy)
{
	http->proxy = proxy;
}

void http_count(struct http *http, struct counters *counters)
{
	http->counters = counters;
}

void http_read_clocks(struct http *http, struct clocks *clocks)
{
	http->clocks = clocks;
}

struct http_tally http_tally(const struct http *http, enum service first, enum service last)
{
	struct http_tally sum = {0};

	for (int i = (int)first; i <= (int)last; i++) {
		sum.count += http->tally[i].count;
		sum.ms += http->tally[i].ms;
	}
	return sum;
}

void http_tally_reset(struct http *http)
{
	memset(http->tally, 0, sizeof(http->tally));
}

static bool stopping(const struct http *http)
{
	return http->stop && *http->stop;
}

static void forget(struct transfer *transfer)
{
	if (transfer->body && transfer->is_secret)
		sodium_memzero(transfer->body, transfer->len);
	free(transfer->body);
}

/* The reply's room doubles in the heap, since several replies grow at once in one arena. */
static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	size_t len = size * count;

	if (len > transfer->max - transfer->len) {
		transfer->is_too_long = true;
		return 0;
	}
	if (transfer->len + len + 1 > transfer->room) {
		size_t room = transfer->room ? transfer->room : 4096;
		char *bigger;

		while (room < transfer->len + len + 1)
			room *= 2;
		bigger = malloc(room);
		if (!bigger)
			return 0;
		if (transfer->len)
			memcpy(bigger, transfer->body, transfer->len);
		forget(transfer);
		transfer->body = bigger;
		transfer->room = room;
	}
	memcpy(transfer->body + transfer->len, bytes, len);
	transfer->len += len;
	return len;
}

/* The value of a header of this name, or NULL; one that has no room in out is none. */
static const char *header_value(
    const char *line, size_t len, const char *name, char *out, size_t size)
{
	size_t skip = strlen(name);

	if (len <= skip || strncasecmp(line, name, skip) != 0 || line[skip] != ':')
		return NULL;
	line += skip + 1;
	len -= skip + 1;
	while (len && (*line == ' ' || *line == '\t'))
		line++, len--;
	while (len && (unsigned char)line[len - 1] <= ' ')
		len--;
	if (len >= size)
		return NULL;
	memcpy(out, line, len);
	out[len] = '\0';
	return out;
}

static size_t on_header(char *line, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	const char *value;
	char room[HTTP_VALUE_MAX + 1];

	/* A status line begins an answer, of which there may be several: 100 precedes the one that
	 * counts. Lines after an empty one are trailers. */
	if (size * count > 5 && memcmp(line, "HTTP/", 5) == 0)
		transfer->has_headers = false;
	else if (line[0] == '\r' || line[0] == '\n')
		transfer->has_headers = true;
	value = header_value(line, size * count, "Retry-After", room, sizeof(room));
	if (value)
		num_i64(value, 0, 86400, &transfer->reply.retry_after_s);
	if ((value = header_value(line, size * count, "Date", room, sizeof(room)))) {
		transfer->date_s = (int64_t)curl_getdate(value, NULL);
		transfer->date_ms = clock_boot_ms();
	}
	for (size_t i = 0; i < HTTP_KEPT && transfer->keep[i]; i++)
		if ((value = header_value(
			 line, size * count, transfer->keep[i], room, sizeof(room))))
			transfer->reply.kept[i] = arena_str(transfer->arena, value);
	return size * count;
}

/* libcurl's outcome → ours. What decides is whether any of the request left this machine. */
static void judge(struct transfer *transfer, CURLcode code)
{
	struct http_reply *reply = &transfer->reply;
	long sent = 0, status = 0;
	enum err err;

	reply->body = nothing;
	/* libcurl takes an end among the headers for the end of the answer. */
	if (code == CURLE_OK && !transfer->has_headers)
		code = CURLE_PARTIAL_FILE;
	if (code == CURLE_OK) {
		curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
		reply->status = (int)status;
		reply->body = arena_strn(transfer->arena, transfer->body, transfer->len);
		reply->body_len = transfer->len;
		if (!reply->body) {
			reply->body = nothing;
			reply->err = fail_set(
			    &reply->fail, ERR_GARBLED, "http", "the reply does not fit in memory");
		}
		return;
	}
	reply->is_late = code == CURLE_OPERATION_TIMEDOUT;
	curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &sent);
	err = transfer->is_cut	      ? ERR_STOPPING
	      : transfer->is_too_long ? ERR_GARBLED
	      : sent > 0	      ? ERR_UNSURE
				      : ERR_UNREACHABLE;
	reply->err = fail_set(&reply->fail, err, "http", "%s: %s", transfer->origin,
	    transfer->is_too_long ? "the reply is longer than expected" : curl_easy_strerror(code));
}

/* "Expire date:Feb 27 05:00:00 2027 GMT" of the first certificate, which is the server's own. */
static int64_t certificate_end(CURL *easy)
{
	static const char name[] = "Expire date:";
	struct curl_certinfo *info = NULL;
	time_t end;

	curl_easy_getinfo(easy, CURLINFO_CERTINFO, &info);
	if (!info || info->num_of_certs < 1)
		return 0;
	for (struct curl_slist *at = info->certinfo[0]; at; at = at->next)
		if (strncmp(at->data, name, sizeof(name) - 1) == 0) {
			end = curl_getdate(at->data + sizeof(name) - 1, NULL);
			return end > 0 ? (int64_t)end : 0;
		}
	return 0;
}

/* Whose clock dates a service's answers; PEERS: nobody's that we go by. */
static enum peer peer_of(enum service service)
{
	switch (service) {
	case SERVICE_CLICKHOUSE_READ:
	case SERVICE_CLICKHOUSE_APPEND:
	case SERVICE_CLICKHOUSE_WRITE:
		return PEER_CLICKHOUSE;
	case SERVICE_GOOGLE_TOKEN:
	case SERVICE_GOOGLE_FREEBUSY:
	case SERVICE_GOOGLE_EVENT:
		return PEER_GOOGLE;
	case SERVICE_RESEND:
	case SERVICE_TELEGRAM:
	case SERVICE_CALENDAR:
	case SERVICE_CALENDAR_EVENT:
	case SERVICES:
		break;
	}
	return PEERS;
}

/* Its answer was dated, to the second, between the question and now. */
static void read_clock(const struct transfer *transfer)
{
	const struct clock_reading reading = {
	    .boot_ms = transfer->date_ms,
	    .from_ms = transfer->date_s * 1000,
	    .asked_ms = transfer->began_ms,
	    .until_ms = transfer->date_s * 1000 + 1000,
	};
	enum peer peer = peer_of(transfer->service);

	if (transfer->date_s > 0 && peer != PEERS)
		clocks_read(transfer->http->clocks, peer, &reading);
}

static void count(const struct transfer *transfer)
{
	struct http *http = transfer->http;
	const struct http_reply *reply = &transfer->reply;
	int64_t ms = clock_boot_ms() - transfer->began_ms;

	http->tally[transfer->service].count++;
	http->tally[transfer->service].ms += ms;
	counters_transfer(http->counters, transfer->service,
	    reply->err || reply->status >= 500 || reply->status == 401 || reply->status == 403 ||
		reply->status == 429,
	    ms);
}

/* The secret one among them too. */
static void free_headers(struct transfer *transfer)
{
	for (struct curl_slist *header = transfer->headers; header; header = header->next)
		sodium_memzero(header->data, strlen(header->data));
	curl_slist_free_all(transfer->headers);
}

static void finish(struct transfer *transfer, CURLcode code)
{
	struct http *http = transfer->http;
	struct transfer **at = &http->running;

	judge(transfer, code);
	if (transfer->wants_certificate)
		transfer->reply.certificate_end_s = certificate_end(transfer->easy);
	count(transfer);
	read_clock(transfer);
	while (*at != transfer)
		at = &(*at)->next;
	*at = transfer->next;
	curl_multi_remove_handle(http->multi, transfer->easy);
	if (http->idle_count < IDLE_HANDLES) {
		curl_easy_reset(transfer->easy);
		http->idle[http->idle_count++] = transfer->easy;
	} else {
		curl_easy_cleanup(transfer->easy);
	}
	free_headers(transfer);
	forget(transfer);
	transfer->done(transfer->context, &transfer->reply);
	free(transfer);
}

static bool add_header(struct transfer *transfer, const char *header)
{
	struct curl_slist *longer = curl_slist_append(transfer->headers, header);

	if (longer)
		transfer->headers = longer;
	return longer;
}

static bool add_secret(struct transfer *transfer, const struct http_request *request)
{
	char header[SECRET_HEADER_MAX];
	bool ok;

	if (!request->secret.text)
		return true;
	ok = snprintf(header, sizeof(header), "%s%s", request->secret.before,
		 request->secret.text) < (int)sizeof(header) &&
	     add_header(transfer, header);
	sodium_memzero(header, sizeof(header));
	return ok;
}

static bool set_up(struct transfer *transfer, const struct http_request *request, int64_t left_ms)
{
	bool is_tls = strncmp(request->url, "https:", 6) == 0;
	bool is_post = strcmp(request->method, "POST") == 0;
	bool has_body = is_post || request->body;
	CURL *easy = transfer->easy;
	bool ok = true;

	/* Without "Expect" libcurl would wait for a 100 before a large body. */
	ok = add_header(transfer, "Expect:");
	for (size_t i = 0; i < HTTP_HEADERS && request->headers[i]; i++)
		ok = add_header(transfer, request->headers[i]) && ok;
	ok = add_secret(transfer, request) && ok;
	ok = ok && !curl_easy_setopt(easy, CURLOPT_URL, request->url);
	ok = ok && !curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, request->target);
	/* Set, so that http_proxy and its like in the environment do not count. */
	ok = ok && !curl_easy_setopt(easy, CURLOPT_PROXY, is_tls ? transfer->http->proxy : "");
	ok = ok && !curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
	ok = ok && !curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
	ok = ok && !curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	if (has_body) {
		ok = ok && !curl_easy_setopt(
			       easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
		ok = ok && !curl_easy_setopt(
			       easy, CURLOPT_POSTFIELDS, request->body ? request->body : "");
	}
	if (!is_post)
		ok = ok && !curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "slotguard");
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)left_ms);
	/* Or the end waits for a look-up of the name that goes on: its thread is left to itself. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, IDLE_MAX_S);
	if (request->wants_certificate)
		curl_easy_setopt(easy, CURLOPT_CERTINFO, 1L);
	if (request->is_never_repeated || request->wants_certificate) {
		curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
		curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	}
	/* The hashed folder alone: the bundle file costs 20 ms of parsing on every new connection.
	 */
	curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(easy, CURLOPT_CAPATH, "/etc/ssl/certs");
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	return ok;
}

static void name_origin(struct transfer *transfer, const char *url)
{
	const char *host = strstr(url, "://");
	size_t len = host ? (size_t)(host + 3 - url) + strcspn(host + 3, "/?#") : 0;

	snprintf(transfer->origin, sizeof(transfer->origin), "%.*s", (int)len, url);
}

static void refuse(http_done *done, void *context, enum err err, const char *why)
{
	struct http_reply reply = {.err = err, .body = nothing};

	fail_set(&reply.fail, err, "http", "%s", why);
	done(context, &reply);
}

void http_start(struct http *http, struct arena *arena, const struct http_request *request,
    http_done *done, void *context)
{
	int64_t left_ms = request->deadline - clock_boot_ms();
	struct transfer *transfer;

	/* The address, a header or the body may be what there was no memory for. */
	if (!request->url || arena_overflowed(arena)) {
		refuse(done, context, ERR_SYSTEM, "no memory");
		return;
	}
	if (request->yields_to_stop && stopping(http)) {
		refuse(done, context, ERR_STOPPING, "stopping");
		return;
	}
	if ((request->secret.text || request->is_secret) && !url_keeps_secrets(request->url)) {
		refuse(done, context, ERR_CONFIG, "a secret is not sent in clear over a network");
		return;
	}
	if (left_ms <= 0) {
		refuse(done, context, ERR_UNREACHABLE, "no time was left to ask");
		return;
	}
	transfer = calloc(1, sizeof(*transfer));
	if (!transfer) {
		refuse(done, context, ERR_SYSTEM, "no memory");
		return;
	}
	transfer->http = http;
	transfer->arena = arena;
	transfer->done = done;
	transfer->context = context;
	transfer->max = request->reply_max;
	transfer->yields_to_stop = request->yields_to_stop;
	transfer->service = request->service;
	transfer->is_secret = request->is_secret;
	transfer->wants_certificate = request->wants_certificate;
	memcpy(transfer->keep, request->keep, sizeof(transfer->keep));
	name_origin(transfer, request->url);
	transfer->began_ms = clock_boot_ms();
	transfer->easy = http->idle_count ? http->idle[--http->idle_count] : curl_easy_init();
	if (!transfer->easy || !set_up(transfer, request, left_ms) ||
	    curl_multi_add_handle(http->multi, transfer->easy)) {
		if (transfer->easy)
			curl_easy_cleanup(transfer->easy);
		free_headers(transfer);
		free(transfer);
		refuse(done, context, ERR_SYSTEM, "the transfer cannot be set up");
		return;
	}
	transfer->next = http->running;
	http->running = transfer;
}

void http_push(struct http *http)
{
	int active;

	curl_multi_perform(http->multi, &active);
}

/* The first transfer that a set stop flag cuts, or NULL. */
static struct transfer *to_be_cut(const struct http *http)
{
	struct transfer *transfer = stopping(http) ? http->running : NULL;

	while (transfer && !transfer->yields_to_stop)
		transfer = transfer->next;
	return transfer;
}

void http_run(struct http *http)
{
	while (http->running) {
		int active, left;
		CURLMsg *message;
		struct transfer *cut;

		while ((cut = to_be_cut(http))) {
			cut->is_cut = true;
			finish(cut, CURLE_ABORTED_BY_CALLBACK);
		}

		curl_multi_perform(http->multi, &active);
		while ((message = curl_multi_info_read(http->multi, &left))) {
			CURLcode code = message->data.result;
			void *transfer;

			if (message->msg != CURLMSG_DONE)
				continue;
			curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
			finish(transfer, code);
		}
		if (active)
			curl_multi_poll(http->multi, NULL, 0, POLL_MS, NULL);
	}
}

void http_keep(void *context, const struct http_reply *reply)
{
	*(struct http_reply *)context = *reply;
}

void http_once(struct http *http, struct arena *arena, const struct http_request *request,
    struct http_reply *reply)
{
	http_start(http, arena, request, http_keep, reply);
	http_run(http);
}

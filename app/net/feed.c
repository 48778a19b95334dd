/* SPDX-License-Identifier: MIT */
/* feed.c: a calendar's file, fetched from its private address */
#include "net/feed.h"
#include "base/text.h"
#include "net/redirect.h"

#include <curl/curl.h>
#include <string.h>
#include <strings.h>

#define WHERE "feed"
#define REDIRECTS_MAX 3

enum { KEPT_ETAG, KEPT_MODIFIED, KEPT_LOCATION };

static void ask(struct http *http, struct arena *arena, const struct feed_question *question,
    const char *address, struct http_reply *reply)
{
	const struct feed_mark *mark = &question->mark;
	struct http_request request = {.method = "GET",
	    .url = address,
	    .headers = {"Accept: text/calendar"},
	    .is_secret = true,
	    .keep = {[KEPT_ETAG] = "ETag",
		[KEPT_MODIFIED] = "Last-Modified",
		[KEPT_LOCATION] = "Location"},
	    .reply_max = question->bytes_max,
	    .deadline = question->deadline,
	    .yields_to_stop = true,
	    .service = SERVICE_CALENDAR};
	int count = 1;

	if (*mark->etag)
		request.headers[count++] = arena_printf(arena, "If-None-Match: %s", mark->etag);
	if (*mark->modified)
		request.headers[count++] =
		    arena_printf(arena, "If-Modified-Since: %s", mark->modified);
	http_once(http, arena, &request, reply);
}

/* Where an answer leads on to. */
struct next {
	const char *address; /* NULL: nowhere */
	bool is_same;	     /* the scheme, host and port are those of before */
};

static struct next next_of(struct arena *arena, const char *address, const char *location)
{
	struct next next = {NULL, false};
	char from[ORIGIN_TEXT], to[ORIGIN_TEXT], *text;
	CURLU *url = curl_url();

	if (url && location && curl_url_set(url, CURLUPART_URL, address, 0) == CURLUE_OK &&
	    curl_url_set(url, CURLUPART_URL, location, 0) == CURLUE_OK &&
	    curl_url_get(url, CURLUPART_URL, &text, 0) == CURLUE_OK) {
		next.address = arena_str(arena, text);
		curl_free(text);
		next.is_same = next.address && redirect_origin(address, true, from) &&
			       redirect_origin(next.address, true, to) && strcasecmp(from, to) == 0;
	}
	curl_url_cleanup(url);
	return next;
}

static enum err refuse_redirect(const struct next *next, struct fail *fail)
{
	char origin[ORIGIN_TEXT];

	if (!next->address || !redirect_origin(next->address, false, origin))
		return fail_set(fail, ERR_REFUSED, WHERE, "the address leads on to nowhere");
	return fail_set(fail, ERR_REFUSED, WHERE,
	    "the address leads on to another host, %s: if that is right, write the address there",
	    origin);
}

static enum err judge(
    const struct http_reply *reply, const struct feed_question *question, struct fail *fail)
{
	if (reply->err == ERR_GARBLED)
		return fail_set(fail, ERR_TOO_LARGE, WHERE, "the calendar is larger than %zu MiB",
		    question->bytes_max / 1024 / 1024);
	if (reply->err)
		return fail_set(fail, reply->err, WHERE, "%s", reply->fail.detail);
	switch (reply->status) {
	case 200:
		return ERR_NONE;
	case 304:
		return *question->mark.etag || *question->mark.modified
			   ? ERR_NONE
			   : fail_set(fail, ERR_GARBLED, WHERE,
				 "the calendar's server answered 304 to whoever has nothing");
	case 401:
	case 403:
		return fail_set(fail, ERR_AUTH, WHERE,
		    "the calendar's server does not accept the address (%d)", reply->status);
	case 404:
	case 410:
		return fail_set(fail, ERR_NOT_FOUND, WHERE,
		    "there is no calendar at the address (%d)", reply->status);
	default:
		return fail_set(fail,
		    reply->status == 429 || reply->status >= 500 ? ERR_BUSY : ERR_REFUSED, WHERE,
		    "the calendar's server answered %d", reply->status);
	}
}

static void keep(const char *value, char out[HTTP_VALUE_MAX + 1])
{
	strcpy(out, value ? value : "");
}

enum err feed_fetch(struct http *http, struct arena *arena, const struct feed_question *question,
    struct feed *out, struct fail *fail)
{
	struct next next = {question->address, true};
	struct http_reply reply = {.err = ERR_SYSTEM};
	struct feed feed;
	enum err err;

	for (int i = 0; next.is_same && i <= REDIRECTS_MAX; i++) {
		ask(http, arena, question, next.address, &reply);
		if (reply.err || !redirect_is(reply.status))
			break;
		next = next_of(arena, next.address, reply.kept[KEPT_LOCATION]);
	}
	if (!next.is_same)
		return refuse_redirect(&next, fail);
	if (!reply.err && redirect_is(reply.status))
		return fail_set(fail, ERR_REFUSED, WHERE, "the address leads on again and again");
	if ((err = judge(&reply, question, fail)))
		return err;
	/* Whoever reads it as a text would not see what stands behind a NUL. */
	if (strlen(reply.body) != reply.body_len)
		return fail_set(fail, ERR_GARBLED, WHERE, "this is no text");
	feed = (struct feed){.is_unchanged = reply.status == 304,
	    .text = reply.body,
	    .len = reply.body_len,
	    .mark = question->mark};
	if (!feed.is_unchanged) {
		keep(reply.kept[KEPT_ETAG], feed.mark.etag);
		keep(reply.kept[KEPT_MODIFIED], feed.mark.modified);
	}
	*out = feed;
	return ERR_NONE;
}

/* SPDX-License-Identifier: MIT */
/* feed.c: a calendar's file, fetched from its private address */
#include "net/feed.h"
#include "base/text.h"

#include <string.h>

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

/* "https://calendar.example:8443" of an address: how long it is. */
static size_t origin_len(const char *address)
{
	const char *host = strstr(address, "://");

	return host ? (size_t)(host + 3 - address) + strcspn(host + 3, "/?#") : 0;
}

/* Where a redirect leads, when that is at the same host; else NULL. */
static const char *next_address(struct arena *arena, const char *address, const char *location)
{
	size_t len = origin_len(address);

	if (!location)
		return NULL;
	if (location[0] == '/' && location[1] != '/')
		return arena_printf(arena, "%.*s%s", (int)len, address, location);
	return origin_len(location) == len && strncmp(address, location, len) == 0 ? location
										   : NULL;
}

static bool is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static enum err refuse_redirect(const char *location, struct fail *fail)
{
	if (!location)
		return fail_set(fail, ERR_REFUSED, WHERE, "the address leads on to nowhere");
	return fail_set(fail, ERR_REFUSED, WHERE,
	    "the address leads on to another host, %.*s: if that is right, write the address there",
	    (int)origin_len(location), location);
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
	size_t len = value ? strlen(value) : 0;

	if (value && len <= HTTP_VALUE_MAX)
		memcpy(out, value, len + 1);
	else
		*out = '\0';
}

enum err feed_fetch(struct http *http, struct arena *arena, const struct feed_question *question,
    struct feed *out, struct fail *fail)
{
	const char *address = question->address;
	struct http_reply reply = {.err = ERR_SYSTEM};
	struct feed feed;
	enum err err;

	for (int i = 0; address && i <= REDIRECTS_MAX; i++) {
		ask(http, arena, question, address, &reply);
		if (reply.err || !is_redirect(reply.status))
			break;
		address = next_address(arena, address, reply.kept[KEPT_LOCATION]);
	}
	if (!address)
		return refuse_redirect(reply.kept[KEPT_LOCATION], fail);
	if (!reply.err && is_redirect(reply.status))
		return fail_set(fail, ERR_REFUSED, WHERE, "the address leads on again and again");
	if ((err = judge(&reply, question, fail)))
		return err;
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

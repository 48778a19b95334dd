/* SPDX-License-Identifier: MIT */
/* google.c: OAuth 2.0 and authorised calls of Google's APIs */
#include "net/google.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/text.h"
#include "net/json.h"

#include <json-c/json.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_MAX 4160
#define REPLY_MAX (1024 * 1024)
/* A token is not used in its last minute: a call takes time, and clocks differ. */
#define EXPIRY_MARGIN_S 60

struct google {
	const struct conf *conf;
	const struct conf_calendar *calendar;
	struct http *http;
	char *token;	 /* guarded, or empty */
	int64_t expires; /* clock_boot_ms() */
};

struct call {
	struct google *google;
	struct arena *arena;
	struct google_request request;
	http_done *done;
	void *context;
	bool is_repeat;
	struct text secret; /* the body that asked for a token */
};

struct google *google_new(
    const struct conf *conf, const struct conf_calendar *calendar, struct http *http)
{
	struct google *google = calloc(1, sizeof(*google));

	if (!google)
		return NULL;
	google->conf = conf;
	google->calendar = calendar;
	google->http = http;
	google->token = sodium_malloc(TOKEN_MAX + 1);
	if (!google->token) {
		free(google);
		return NULL;
	}
	google->token[0] = '\0';
	return google;
}

void google_free(struct google *google)
{
	if (!google)
		return;
	sodium_free(google->token);
	free(google);
}

const struct conf *google_conf(const struct google *google)
{
	return google->conf;
}

const char *google_calendar(const struct google *google)
{
	return google->calendar->calendar;
}

struct http *google_http(const struct google *google)
{
	return google->http;
}

/* Only a 400 or 401 that names an error is the endpoint's refusal (RFC 6749, section 5.2). What
 * stands before it, a proxy or a portal, says nothing of the grant, and passes. */
static enum err judge_token(int status, const char *error)
{
	if (!error || (status != 400 && status != 401))
		return ERR_BUSY;
	return strcmp(error, "invalid_grant") == 0 ? ERR_GRANT : ERR_AUTH;
}

enum err google_parse_token(struct arena *arena, const struct http_reply *reply, const char **token,
    int64_t *expires_s, struct fail *fail)
{
	struct json_object *object = NULL;
	enum err err = ERR_NONE;
	const char *text;

	if (reply->err)
		return fail_set(fail, reply->err, "oauth", "%s", reply->fail.detail);
	object = json_read(reply->body, reply->body_len);
	if (reply->status != 200) {
		text = json_text(object, "error");
		err = fail_set(fail, judge_token(reply->status, text), "oauth",
		    "the token endpoint answered %d%s%.60s", reply->status, text ? " " : "",
		    text ? text : "");
		json_object_put(object);
		return err;
	}
	text = json_text(object, "access_token");
	if (!text || !*text || strlen(text) > TOKEN_MAX || strpbrk(text, "\r\n"))
		err = fail_set(
		    fail, ERR_GARBLED, "oauth", "the token endpoint's answer holds no token");
	if (!err && !(*token = arena_str(arena, text)))
		err = fail_set(fail, ERR_SYSTEM, "oauth", "no memory");
	/* Without a sane lifetime the token serves this request only. */
	if (!err && (!json_integer(object, "expires_in", expires_s) || *expires_s < 0 ||
			*expires_s > 86400))
		*expires_s = 0;
	json_object_put(object);
	return err;
}

/* The reasons of a 403: limits pass, rights are given by a person, and an event may be another's.
 */
static enum err judge_forbidden(const char *reason)
{
	static const char *const limits[] = {
	    "rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"};
	int limit;

	if (num_of_name(reason, limits, sizeof(limits) / sizeof(limits[0]), &limit))
		return ERR_BUSY;
	return strcmp(reason, "forbiddenForNonOrganizer") == 0 ? ERR_REFUSED : ERR_AUTH;
}

/* Only the calendar itself, which gives its reasons as JSON, knows that something is not there or
 * will not do. What stands before it, a proxy or a portal, passes. */
static enum err judge_status(int status, bool is_its_own, const char *reason)
{
	switch (status) {
	case 401:
		return is_its_own ? ERR_AUTH : ERR_BUSY;
	case 403:
		return is_its_own ? judge_forbidden(reason) : ERR_BUSY;
	case 404:
	case 410:
		return is_its_own ? ERR_NOT_FOUND : ERR_BUSY;
	case 400:
	case 409:
	case 412:
	case 413:
	case 422:
		return is_its_own ? ERR_REFUSED : ERR_BUSY;
	default:
		return ERR_BUSY;
	}
}

enum err google_judge(const struct http_reply *reply, struct fail *fail)
{
	struct json_object *object, *error, *errors;
	const char *reason = NULL;
	enum err err;

	if (reply->err)
		return fail_set(fail, reply->err, "google", "%s", reply->fail.detail);
	if (reply->status >= 200 && reply->status < 300)
		return ERR_NONE;
	object = json_read(reply->body, reply->body_len);
	error = json_member(object, "error");
	errors = json_member(error, "errors");
	if (json_object_is_type(errors, json_type_array))
		reason = json_text(json_object_array_get_idx(errors, 0), "reason");
	if (!reason)
		reason = "no reason given";
	err = judge_status(reply->status, json_object_is_type(error, json_type_object), reason);
	fail_set(fail, err, "google", "the calendar answered %d (%.60s)", reply->status, reason);
	json_object_put(object);
	return err;
}

static void on_reply(void *context, const struct http_reply *reply);

static void send_call(struct call *call)
{
	struct google *google = call->google;
	const char *match = call->request.if_match
				? arena_printf(call->arena, "If-Match: %s", call->request.if_match)
				: NULL;
	const char *type = "Content-Type: application/json";
	struct http_request request = {
	    .method = call->request.method,
	    .url =
		arena_printf(call->arena, "%s%s", google->conf->google.api_url, call->request.path),
	    .headers = {call->request.body ? type : match, call->request.body ? match : NULL},
	    .secret = {"Authorization: Bearer ", google->token},
	    .body = call->request.body,
	    .body_len = call->request.body ? strlen(call->request.body) : 0,
	    .reply_max = REPLY_MAX,
	    .deadline = call->request.deadline,
	    .yields_to_stop = true,
	    .service = call->request.service,
	};

	http_start(google->http, call->arena, &request, on_reply, call);
}

static void on_token(void *context, const struct http_reply *reply)
{
	struct call *call = context;
	struct google *google = call->google;
	struct http_reply failed = {.body = reply->body};
	const char *token;
	char *copy;
	int64_t expires_s;

	sodium_memzero(call->secret.data, call->secret.len);
	failed.err = google_parse_token(call->arena, reply, &token, &expires_s, &failed.fail);
	sodium_memzero(reply->body, reply->body_len);
	if (failed.err) {
		call->done(call->context, &failed);
		return;
	}
	snprintf(google->token, TOKEN_MAX + 1, "%s", token);
	copy = (char *)token;
	sodium_memzero(copy, strlen(copy));
	google->expires = clock_boot_ms() + (expires_s - EXPIRY_MARGIN_S) * 1000;
	send_call(call);
}

static void get_token(struct call *call)
{
	const struct conf *conf = call->google->conf;
	const struct conf_calendar *calendar = call->google->calendar;
	struct text body = text_new(call->arena, 3 * 3 * 4096 + 200);
	struct http_request request = {
	    .method = "POST",
	    .url = conf->google.token_url,
	    .service = SERVICE_GOOGLE_TOKEN,
	    .is_secret = true,
	    .headers = {"Content-Type: application/x-www-form-urlencoded"},
	    .body = body.data,
	    .reply_max = REPLY_MAX,
	    .deadline = call->request.deadline,
	    .yields_to_stop = true,
	};

	text_str(&body, "grant_type=refresh_token&client_id=");
	text_url(&body, calendar->client_id->text);
	text_str(&body, "&client_secret=");
	text_url(&body, calendar->client_secret->text);
	text_str(&body, "&refresh_token=");
	text_url(&body, calendar->refresh_token->text);
	text_trim(call->arena, &body);
	request.body_len = body.len;
	call->secret = body;
	http_start(call->google->http, call->arena, &request, on_token, call);
}

static void on_reply(void *context, const struct http_reply *reply)
{
	struct call *call = context;

	if (!reply->err && reply->status == 401) {
		call->google->expires = 0;
		if (!call->is_repeat) {
			call->is_repeat = true;
			get_token(call);
			return;
		}
	}
	call->done(call->context, reply);
}

void google_start(struct google *google, struct arena *arena, const struct google_request *request,
    http_done *done, void *context)
{
	struct call *call = arena_alloc(arena, sizeof(*call));
	struct http_reply failed = {.err = ERR_SYSTEM};

	if (!call) {
		fail_set(&failed.fail, ERR_SYSTEM, "google", "no memory");
		done(context, &failed);
		return;
	}
	*call = (struct call){.google = google,
	    .arena = arena,
	    .request = *request,
	    .done = done,
	    .context = context};
	if (google->expires > clock_boot_ms())
		send_call(call);
	else
		get_token(call);
}

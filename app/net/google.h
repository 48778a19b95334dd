/* SPDX-License-Identifier: MIT */
/* google.h: OAuth 2.0 and authorised calls of Google's APIs */
#ifndef NET_GOOGLE_H
#define NET_GOOGLE_H

#include "base/conf.h"
#include "net/http.h"

/* One for each account: it keeps the access token, in guarded memory, until shortly before it
 * expires. */
struct google;

/* With the credentials of this calendar, which is of kind google and on, and whose events are read
 * and written. All outlive it. NULL: no memory. */
struct google *google_new(
    const struct conf *conf, const struct conf_calendar *calendar, struct http *http);
void google_free(struct google *google);
const struct conf *google_conf(const struct google *google);
/* The id of the calendar whose events they are. */
const char *google_calendar(const struct google *google);
struct http *google_http(const struct google *google);

struct google_request {
	const char *method;
	const char *path;     /* below api_url, with its query */
	const char *body;     /* JSON, or NULL */
	enum service service; /* as which it is counted */
	int64_t deadline;     /* of everything: token, call, repeat */
	const char *if_match; /* the ETag that it has to have still, or NULL */
};

/*
 * Gets a token if there is none, calls, and after a 401 gets a new token and calls once more. Cut
 * by the stop flag. done gets the last reply; its err is ERR_AUTH or ERR_GRANT when no token could
 * be had for good.
 */
void google_start(struct google *google, struct arena *arena, const struct google_request *request,
    http_done *done, void *context);

/*
 * What a reply of the Calendar API means. ERR_NONE: 2xx. ERR_AUTH: 401 after a fresh token,
 * or 403 until a person gives the right; ERR_NOT_FOUND: 404, 410; ERR_REFUSED: 400, 409 (see
 * status), 412, 413, 422. All these only with the calendar's own words, an error in JSON. ERR_BUSY:
 * 429, 5xx, 403 for a limit, and whatever else. Else the transfer's own.
 */
enum err google_judge(const struct http_reply *reply, struct fail *fail) MUST_CHECK;

/*
 * The token endpoint's reply (RFC 6749, sections 5.1 and 5.2). *token is in the arena. ERR_GRANT:
 * invalid_grant; ERR_AUTH: another error with 400 or 401; ERR_BUSY: whatever else; ERR_GARBLED: no
 * token in a 200.
 * *expires_s is 0 to 86400.
 */
enum err google_parse_token(struct arena *arena, const struct http_reply *reply, const char **token,
    int64_t *expires_s, struct fail *fail) MUST_CHECK;

#endif

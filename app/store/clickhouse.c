/* SPDX-License-Identifier: MIT */
/* clickhouse.c: ClickHouse's HTTP interface */
#include "store/clickhouse.h"
#include "base/clock.h"
#include "base/text.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_MAX 4200
#define REPLY_MAX (1024 * 1024)

struct clickhouse {
	const struct conf *conf;
	struct http *http;
	char user[128], database[128];
	char *key; /* guarded; NULL: no password */
};

struct clickhouse *clickhouse_new(const struct conf *conf, struct http *http)
{
	struct clickhouse *clickhouse = calloc(1, sizeof(*clickhouse));

	if (!clickhouse)
		return NULL;
	clickhouse->conf = conf;
	clickhouse->http = http;
	snprintf(clickhouse->user, sizeof(clickhouse->user), "X-ClickHouse-User: %s",
	    conf->clickhouse.user);
	snprintf(clickhouse->database, sizeof(clickhouse->database), "X-ClickHouse-Database: %s",
	    conf->clickhouse.database);
	if (!conf->secrets.clickhouse_password)
		return clickhouse;
	clickhouse->key = sodium_malloc(HEADER_MAX);
	if (!clickhouse->key) {
		free(clickhouse);
		return NULL;
	}
	snprintf(clickhouse->key, HEADER_MAX, "X-ClickHouse-Key: %s",
	    conf->secrets.clickhouse_password->text);
	return clickhouse;
}

void clickhouse_free(struct clickhouse *clickhouse)
{
	if (!clickhouse)
		return;
	sodium_free(clickhouse->key);
	free(clickhouse);
}

struct http *clickhouse_http(const struct clickhouse *clickhouse)
{
	return clickhouse->http;
}

int64_t clickhouse_deadline(const struct clickhouse *clickhouse)
{
	return clock_boot_ms() + clickhouse->conf->clickhouse.timeout_ms;
}

void clickhouse_start(struct clickhouse *clickhouse, struct arena *arena, const struct query *query,
    http_done *done, void *context)
{
	struct text url = text_new(arena, 4096);
	struct http_request request = {
	    .method = "POST",
	    .url = url.data,
	    .headers = {clickhouse->user, "Content-Type: text/plain"},
	    .body = query->data ? query->data : query->sql,
	    .body_len = query->data ? query->data_len : strlen(query->sql),
	    .reply_max = query->reply_max ? query->reply_max : REPLY_MAX,
	    .deadline = query->deadline,
	    .service = query->data && query->service == SERVICE_CLICKHOUSE_READ
			   ? SERVICE_CLICKHOUSE_WRITE
			   : query->service,
	};

	size_t headers = 2;

	if (!query->is_outside)
		request.headers[headers++] = clickhouse->database;
	if (clickhouse->key)
		request.headers[headers++] = clickhouse->key;
	/* An error can follow a 200 unless the server waits for the end. */
	text_printf(&url, "%s/?wait_end_of_query=1", clickhouse->conf->clickhouse.url);
	if (query->parameters)
		text_str(&url, query->parameters);
	if (query->data) {
		text_str(&url, "&query=");
		text_url(&url, query->sql);
	}
	arena_trim(arena, url.data, url.len + 1);
	http_start(clickhouse->http, arena, &request, done, context);
}

/*
 * The numbers are ClickHouse's own (src/Common/ErrorCodes.cpp). Those with a line here come before
 * anything is written. Any other may be that of a commit which failed halfway.
 */
static enum err code_to_err(int code)
{
	switch (code) {
	case 192: /* UNKNOWN_USER */
	case 193: /* WRONG_PASSWORD */
	case 194: /* REQUIRED_PASSWORD */
	case 497: /* ACCESS_DENIED */
	case 516: /* AUTHENTICATION_FAILED */
		return ERR_AUTH;
	case 16: /* NO_SUCH_COLUMN_IN_TABLE */
	case 47: /* UNKNOWN_IDENTIFIER */
	case 60: /* UNKNOWN_TABLE */
	case 81: /* UNKNOWN_DATABASE */
		return ERR_SCHEMA;
	case 164: /* READONLY */
	case 201: /* QUOTA_EXCEEDED */
	case 202: /* TOO_MANY_SIMULTANEOUS_QUERIES */
	case 242: /* TABLE_IS_READ_ONLY */
	case 243: /* NOT_ENOUGH_SPACE */
	case 252: /* TOO_MANY_PARTS */
		return ERR_BUSY;
	case 6:	  /* CANNOT_PARSE_TEXT */
	case 26:  /* CANNOT_PARSE_QUOTED_STRING */
	case 27:  /* CANNOT_PARSE_INPUT_ASSERTION_FAILED */
	case 38:  /* CANNOT_PARSE_DATE */
	case 41:  /* CANNOT_PARSE_DATETIME */
	case 53:  /* TYPE_MISMATCH */
	case 62:  /* SYNTAX_ERROR */
	case 69:  /* ARGUMENT_OUT_OF_BOUND */
	case 70:  /* CANNOT_CONVERT_TYPE */
	case 72:  /* CANNOT_PARSE_NUMBER */
	case 117: /* INCORRECT_DATA */
	case 376: /* CANNOT_PARSE_UUID */
	case 469: /* VIOLATED_CONSTRAINT */
	case 691: /* UNKNOWN_ELEMENT_OF_ENUM */
		return ERR_REFUSED;
	default:
		return ERR_UNSURE;
	}
}

/* The exception's name, "UNKNOWN_TABLE", stands in brackets near the end of the message, whose
 * other words may quote a row. Returns its length, 0 without one. */
static size_t exception_name(const char *body, const char **name)
{
	static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	size_t len = 0;

	for (const char *at = body; (at = strchr(at, '(')); at++) {
		size_t capital = strspn(at + 1, capitals);

		if (capital && at[1 + capital] == ')') {
			*name = at + 1;
			len = capital;
		}
	}
	return len;
}

enum err clickhouse_judge(const struct http_reply *reply, struct fail *fail)
{
	const char *name = "";
	size_t name_len;

	if (reply->err)
		return fail_set(fail, reply->err, "clickhouse", "%s", reply->fail.detail);
	if (reply->clickhouse_code) {
		name_len = exception_name(reply->body, &name);
		return fail_set(fail, code_to_err(reply->clickhouse_code), "clickhouse",
		    "ClickHouse answered with exception %d %.*s", reply->clickhouse_code,
		    (int)name_len, name);
	}
	if (reply->status != 200)
		return fail_set(fail, ERR_UNSURE, "clickhouse",
		    "status %d without an exception's number", reply->status);
	return ERR_NONE;
}

enum err clickhouse_ask(struct clickhouse *clickhouse, struct arena *arena,
    const struct query *query, char **rows, struct fail *fail)
{
	struct http_reply reply;
	enum err err;

	clickhouse_start(clickhouse, arena, query, http_keep, &reply);
	http_run(clickhouse->http);
	err = clickhouse_judge(&reply, fail);
	if (!err && rows)
		*rows = reply.body;
	return err;
}

/* SPDX-License-Identifier: MIT */
/* clickhouse.c: ClickHouse's HTTP interface */
#include "store/clickhouse.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/text.h"
#include "store/pause.h"
#include "store/server_settings.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPLY_MAX (1024 * 1024)
#define TARGET_MAX 8192
/* ClickHouse's UNKNOWN_SETTING, READONLY and SETTING_CONSTRAINT_VIOLATION. */
#define UNKNOWN_SETTING "115"
#define READONLY 164
#define CONSTRAINT 452

struct clickhouse {
	const struct conf *conf;
	struct http *http;
	char user[128], database[128];
	bool is_of_pool, is_first_again;
	uint64_t known; /* of the settings that not every server knows */
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
	return clickhouse;
}

void clickhouse_free(struct clickhouse *clickhouse)
{
	free(clickhouse);
}

void clickhouse_learn(struct clickhouse *clickhouse, const char *names)
{
	clickhouse->known = server_settings_known(names);
}

void clickhouse_share(struct clickhouse *clickhouse)
{
	clickhouse->is_of_pool = true;
}

enum err clickhouse_ready(struct clickhouse *clickhouse, struct arena *arena, struct fail *fail)
{
	const struct conf *conf = clickhouse->conf;
	int64_t now_ms = clock_boot_ms(), until_ms;

	if (!clickhouse->is_of_pool || !(until_ms = pause_until(conf->site.runtime_dir, arena)))
		return ERR_NONE;
	if (until_ms > now_ms)
		return fail_set(fail, ERR_UNREACHABLE, "clickhouse",
		    "%s did not answer in time a moment ago", conf->clickhouse.url);
	/* The others go on without it until this one knows. */
	clickhouse->is_first_again = true;
	pause_note(conf->site.runtime_dir, now_ms + conf->clickhouse.timeout_ms);
	return ERR_NONE;
}

struct http *clickhouse_http(const struct clickhouse *clickhouse)
{
	return clickhouse->http;
}

int64_t clickhouse_deadline(const struct clickhouse *clickhouse)
{
	return clock_boot_ms() + clickhouse->conf->clickhouse.timeout_ms;
}

struct asking {
	struct clickhouse *clickhouse;
	bool has_rows;
	size_t rows;
	int64_t began_ms;
	http_done *done;
	void *context;
};

static size_t count_rows(const char *data, size_t len)
{
	const char *end = data + len, *at = data;
	size_t rows = 0;

	while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
		rows++;
		at++;
	}
	return rows;
}

/* The summary that every answer bears: {"read_rows":"1",…,"written_rows":"1",…}. */
static bool written_rows(const struct http_reply *reply, uint64_t *out)
{
	static const char name[] = "\"written_rows\":\"";
	const char *at = reply->kept[KEPT_SUMMARY] ? strstr(reply->kept[KEPT_SUMMARY], name) : NULL;
	char number[24];

	if (!at)
		return false;
	at += strlen(name);
	snprintf(number, sizeof(number), "%.*s", (int)strcspn(at, "\""), at);
	return num_u64(number, 0, UINT64_MAX, out);
}

/* What the pool ought to know: that it hangs, or answers again. A query that had little time left
 * says nothing. */
static void remember(const struct asking *asking, const struct http_reply *reply)
{
	struct clickhouse *clickhouse = asking->clickhouse;
	const struct conf *conf = clickhouse->conf;
	int64_t now_ms = clock_boot_ms();

	if (!clickhouse->is_of_pool || !conf->clickhouse.retry_s)
		return;
	if (reply->is_late && now_ms - asking->began_ms >= conf->clickhouse.timeout_ms / 2)
		pause_note(conf->site.runtime_dir, now_ms + conf->clickhouse.retry_s * 1000);
	else if (!reply->err && clickhouse->is_first_again)
		pause_end(conf->site.runtime_dir);
	clickhouse->is_first_again = clickhouse->is_first_again && reply->err;
}

/* A server that says it is well and wrote fewer rows has lost some; whatever answers in its place
 * with a page of its own has none. An INSERT is answered with nothing. */
static void judge_rows(const struct asking *asking, struct http_reply *reply)
{
	uint64_t written;

	if (!asking->has_rows || reply->err || reply->status != 200 || reply->kept[KEPT_CODE])
		return;
	if (reply->body_len)
		reply->err = fail_set(&reply->fail, ERR_UNSURE, "clickhouse",
		    "status 200, and a text that no INSERT is answered with");
	else if (written_rows(reply, &written) && written != asking->rows)
		reply->err = fail_set(&reply->fail, ERR_UNSURE, "clickhouse",
		    "the server says that it wrote %" PRIu64 " of %zu rows", written, asking->rows);
}

/* A server that was put back to an older version does not know what it knew: it is not told that
 * any more. */
static void unlearn(struct clickhouse *clickhouse, const struct http_reply *reply)
{
	if (reply->kept[KEPT_CODE] && strcmp(reply->kept[KEPT_CODE], UNKNOWN_SETTING) == 0)
		clickhouse->known = 0;
}

static void on_reply(void *context, const struct http_reply *reply)
{
	struct asking *asking = context;
	struct http_reply judged = *reply;

	remember(asking, reply);
	unlearn(asking->clickhouse, reply);
	judge_rows(asking, &judged);
	asking->done(asking->context, &judged);
}

/* "/proxied" of "https://example.com/proxied", and "" where there is none. */
static const char *path_of(const char *url)
{
	const char *host = strstr(url, "://");
	const char *path = host ? strchr(host + 3, '/') : NULL;

	return path ? path : "";
}

void clickhouse_start(struct clickhouse *clickhouse, struct arena *arena, const struct query *query,
    http_done *done, void *context)
{
	const struct secret *password = clickhouse->conf->secrets.clickhouse_password;
	struct asking *asking = arena_alloc(arena, sizeof(*asking));
	struct text target = text_new(arena, TARGET_MAX);
	struct http_request request = {
	    .method = "POST",
	    .url = clickhouse->conf->clickhouse.url,
	    .target = target.data,
	    .headers = {clickhouse->user, "Content-Type: text/plain",
		/* Not within a database that may not be there yet. */
		query->is_outside ? NULL : clickhouse->database},
	    .secret = {"X-ClickHouse-Key: ", password ? password->text : NULL},
	    .keep = {[KEPT_CODE] = "X-ClickHouse-Exception-Code",
		[KEPT_SUMMARY] = "X-ClickHouse-Summary"},
	    .body = query->data ? query->data : query->sql,
	    .body_len = query->data ? query->data_len : strlen(query->sql),
	    .reply_max = query->reply_max ? query->reply_max : REPLY_MAX,
	    .deadline = query->deadline ? query->deadline : clickhouse_deadline(clickhouse),
	    .service = query->data && query->service == SERVICE_CLICKHOUSE_READ
			   ? SERVICE_CLICKHOUSE_WRITE
			   : query->service,
	};

	/* An error can follow a 200 unless the server waits for the end. */
	text_printf(&target, "%s/?wait_end_of_query=1", path_of(clickhouse->conf->clickhouse.url));
	server_settings_write(&target, statement_of(query->sql, query->data), clickhouse->known);
	/* After them, since the last of two counts. */
	if (query->parameters)
		text_str(&target, query->parameters);
	if (query->data) {
		text_str(&target, "&query=");
		text_url(&target, query->sql);
	}
	text_trim(arena, &target);
	if (!asking) {
		http_start(clickhouse->http, arena, &request, done, context);
		return;
	}
	*asking = (struct asking){
	    .clickhouse = clickhouse,
	    .has_rows = query->data,
	    .rows = query->data ? count_rows(query->data, query->data_len) : 0,
	    .began_ms = clock_boot_ms(),
	    .done = done,
	    .context = context,
	};
	http_start(clickhouse->http, arena, &request, on_reply, asking);
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
	case READONLY:
	case CONSTRAINT:
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

/* Which setting may not be as the query says: "Setting limit should not be changed", "Cannot modify
 * 'limit' setting in readonly mode". Returns its length, 0 without one. */
static size_t setting_name(const char *body, int code, const char **name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
	const char *before = code == READONLY ? "Cannot modify '" : "Setting ";
	const char *at = code == READONLY || code == CONSTRAINT ? strstr(body, before) : NULL;

	if (!at)
		return 0;
	*name = at + strlen(before);
	return strspn(*name, letters);
}

/* What the server says of a user whom it refuses: whom, and which grant is lacking. No row stands
 * in that. Its first line, without the name that follows. Returns its length, 0 without one. */
static size_t refusal_words(const char *body, const char **words)
{
	static const char before[] = "DB::Exception: ";
	const char *at = strstr(body, before), *end;

	if (!at)
		return 0;
	*words = at + strlen(before);
	end = *words + strcspn(*words, "\n");
	for (at = *words; at < end; at++)
		if (strncmp(at, ". (", 3) == 0 && strcspn(at + 3, "_)") < strcspn(at + 3, " "))
			end = at;
	return (size_t)(end - *words);
}

enum err clickhouse_judge(const struct http_reply *reply, struct fail *fail)
{
	const char *name = "", *setting = "", *words = "";
	size_t name_len, setting_len, words_len;
	int64_t code;

	if (reply->err)
		return fail_set(fail, reply->err, "clickhouse", "%s", reply->fail.detail);
	if (reply->kept[KEPT_CODE]) {
		if (!num_i64(reply->kept[KEPT_CODE], 1, 1000000, &code))
			code = 0;
		name_len = exception_name(reply->body, &name);
		setting_len = setting_name(reply->body, (int)code, &setting);
		if (setting_len)
			return fail_set(fail, code_to_err((int)code), "clickhouse",
			    "the user's settings profile forbids '%.*s' (exception %" PRId64
			    " %.*s)",
			    (int)setting_len, setting, code, (int)name_len, name);
		words_len =
		    code_to_err((int)code) == ERR_AUTH ? refusal_words(reply->body, &words) : 0;
		if (words_len)
			return fail_set(fail, ERR_AUTH, "clickhouse",
			    "ClickHouse refuses: %.*s (%.*s)", (int)words_len, words, (int)name_len,
			    name);
		return fail_set(fail, code_to_err((int)code), "clickhouse",
		    code == READONLY
			? "the user's settings profile is read-only (exception %" PRId64 " %.*s)"
			: "ClickHouse answered with exception %" PRId64 " %.*s",
		    code, (int)name_len, name);
	}
	if (reply->status != 200)
		return fail_set(fail, ERR_UNSURE, "clickhouse",
		    "status %d without an exception's number", reply->status);
	return ERR_NONE;
}

static enum err ask(struct clickhouse *clickhouse, struct arena *arena, const struct query *query,
    struct http_reply *reply, struct fail *fail)
{
	clickhouse_start(clickhouse, arena, query, http_keep, reply);
	http_run(clickhouse->http);
	return clickhouse_judge(reply, fail);
}

/*
 * All rows as one value, in their order, with a line at its end. One row cannot be shortened
 * without being no answer, so whatever leaves rows out leaves out that line.
 */
static enum err ask_whole(struct clickhouse *clickhouse, struct arena *arena,
    const struct query *query, struct http_reply *reply, struct fail *fail)
{
	static const char format[] = " FORMAT TabSeparated", end[] = CLICKHOUSE_END "\n";
	size_t len = strlen(query->sql) - strlen(format);
	struct query whole = *query;
	enum err err;

	assert(strcmp(query->sql + len, format) == 0);
	whole.sql = arena_printf(arena,
	    "SELECT concat(arrayStringConcat(groupArray(formatRow('TabSeparated', *))),"
	    " '" CLICKHOUSE_END "') FROM (%.*s) FORMAT TabSeparatedRaw",
	    (int)len, query->sql);
	if (!whole.sql)
		return fail_set(fail, ERR_SYSTEM, "clickhouse", "no memory");
	if ((err = ask(clickhouse, arena, &whole, reply, fail)))
		return err;
	if (reply->body_len < strlen(end) ||
	    strcmp(reply->body + reply->body_len - strlen(end), end) != 0)
		return fail_set(fail, ERR_GARBLED, "clickhouse",
		    "the rows do not come to their end; " CLICKHOUSE_SHORT);
	reply->body_len -= strlen(end);
	reply->body[reply->body_len] = '\0';
	return ERR_NONE;
}

enum err clickhouse_ask(struct clickhouse *clickhouse, struct arena *arena,
    const struct query *query, char **rows, struct fail *fail)
{
	struct http_reply reply;
	enum err err = query->is_whole ? ask_whole(clickhouse, arena, query, &reply, fail)
				       : ask(clickhouse, arena, query, &reply, fail);

	if (err == ERR_AUTH)
		fail_set(fail, err, "clickhouse", "%s: %s", clickhouse->conf->clickhouse.url,
		    arena_printf(arena, "%s", fail->detail));
	if (!err && rows)
		*rows = reply.body;
	return err;
}

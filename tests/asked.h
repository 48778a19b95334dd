/* SPDX-License-Identifier: MIT */
/* asked.h: a store of replies that the test writes beforehand, and what it was asked. It stands in
 * for clickhouse.c and http.c at link time. */
#ifndef TESTS_ASKED_H
#define TESTS_ASKED_H

#include "ledgers.h"
#include "store/clickhouse.h"

#define ASKED_MAX 200

static struct {
	struct asked {
		char sql[8000], parameters[300], *data;
		bool is_whole, is_outside;
		int64_t deadline;
	} queries[ASKED_MAX];
	int count;
	const char *replies[ASKED_MAX]; /* by the query's place; NULL: an empty one */
	enum err errs[ASKED_MAX];
	enum err err; /* of every query */
	char learned[100];
} store;

static inline enum err ask_store(
    struct arena *arena, const struct query *query, char **rows, struct fail *fail)
{
	struct asked *asked = &store.queries[store.count];
	const char *reply = store.replies[store.count];
	enum err err = store.err ? store.err : store.errs[store.count];

	ck_assert_int_lt(store.count, ASKED_MAX);
	store.count++;
	ck_assert_uint_lt(strlen(query->sql), sizeof(asked->sql));
	snprintf(asked->sql, sizeof(asked->sql), "%s", query->sql);
	snprintf(asked->parameters, sizeof(asked->parameters), "%s",
	    query->parameters ? query->parameters : "");
	asked->data = query->data ? strndup(query->data, query->data_len) : NULL;
	asked->is_whole = query->is_whole;
	asked->is_outside = query->is_outside;
	asked->deadline = query->deadline;
	if (err)
		return fail_set(fail, err, "fake", "as it was told to");
	if (rows)
		*rows = arena_str(arena, reply ? reply : "");
	return ERR_NONE;
}

enum err clickhouse_ask(struct clickhouse *clickhouse, struct arena *arena,
    const struct query *query, char **rows, struct fail *fail)
{
	(void)clickhouse;
	return ask_store(arena, query, rows, fail);
}

/* Every transfer is done when it is started. */
void clickhouse_start(struct clickhouse *clickhouse, struct arena *arena, const struct query *query,
    http_done *done, void *context)
{
	struct http_reply reply = {.status = 200, .body = arena_str(arena, "")};

	(void)clickhouse;
	reply.err = ask_store(arena, query, &reply.body, &reply.fail);
	reply.body_len = strlen(reply.body);
	done(context, &reply);
}

enum err clickhouse_judge(const struct http_reply *reply, struct fail *fail)
{
	return reply->err ? fail_set(fail, reply->err, "fake", "%s", reply->fail.detail) : ERR_NONE;
}

struct http *clickhouse_http(const struct clickhouse *clickhouse)
{
	(void)clickhouse;
	return NULL;
}

void clickhouse_learn(struct clickhouse *clickhouse, const char *names)
{
	(void)clickhouse;
	snprintf(store.learned, sizeof(store.learned), "%s", names);
}

void http_run(struct http *http)
{
	(void)http;
}

void http_keep(void *context, const struct http_reply *reply)
{
	*(struct http_reply *)context = *reply;
}

/* Before each test, and for a new question within one. */
static inline void store_begin(void)
{
	for (int i = 0; i < store.count; i++)
		free(store.queries[i].data);
	memset(&store, 0, sizeof(store));
}

#endif

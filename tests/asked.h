/* SPDX-License-Identifier: MIT */
/* asked.h: a store of replies that the test writes beforehand, and what it was asked. It stands in
 * for clickhouse.c at link time. */
#ifndef TESTS_ASKED_H
#define TESTS_ASKED_H

#include "ledgers.h"
#include "store/clickhouse.h"

#define ASKED_MAX 200

static struct {
	struct asked {
		char sql[4000], parameters[300], *data;
		bool is_whole;
		int64_t deadline;
	} queries[ASKED_MAX];
	int count;
	const char *replies[ASKED_MAX]; /* by the query's place; NULL: an empty one */
	enum err errs[ASKED_MAX];
	enum err err; /* of every query */
} store;

enum err clickhouse_ask(struct clickhouse *clickhouse, struct arena *arena,
    const struct query *query, char **rows, struct fail *fail)
{
	struct asked *asked = &store.queries[store.count];
	const char *reply = store.replies[store.count];
	enum err err = store.err ? store.err : store.errs[store.count];

	(void)clickhouse;
	ck_assert_int_lt(store.count, ASKED_MAX);
	store.count++;
	ck_assert_uint_lt(strlen(query->sql), sizeof(asked->sql));
	snprintf(asked->sql, sizeof(asked->sql), "%s", query->sql);
	snprintf(asked->parameters, sizeof(asked->parameters), "%s",
	    query->parameters ? query->parameters : "");
	asked->data = query->data ? strndup(query->data, query->data_len) : NULL;
	asked->is_whole = query->is_whole;
	asked->deadline = query->deadline;
	if (err)
		return fail_set(fail, err, "fake", "as it was told to");
	if (rows)
		*rows = arena_str(arena, reply ? reply : "");
	return ERR_NONE;
}

/* Before each test, and for a new question within one. */
static inline void store_begin(void)
{
	for (int i = 0; i < store.count; i++)
		free(store.queries[i].data);
	memset(&store, 0, sizeof(store));
}

#endif

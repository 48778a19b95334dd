/* SPDX-License-Identifier: MIT */
/* tail.h: the rows of the ledger's table, from one position on */
#ifndef STORE_TAIL_H
#define STORE_TAIL_H

#include "core/entry.h"
#include "store/clickhouse.h"
#include "store/entry_row.h"

/* One row: the table's UUID, and how many rows it has. */
#define LEDGER_TABLE                                                                               \
	" FROM system.tables"                                                                      \
	" WHERE database = currentDatabase()"                                                      \
	" AND name = 'ledger'"

#define TAIL_BYTES (32 * 1024 * 1024) /* of an answer */

struct tail_row {
	uint64_t position; /* how many rows stand before it */
	struct entry entry;
};

/* Rows of one table in the order of their positions, and how many it had in all. */
struct tail {
	struct uuid table;
	uint64_t total;
	struct tail_row *rows;
	size_t count;
};

/* A question for what stands from one position on, up to another. */
struct tail_page {
	struct clickhouse *clickhouse;
	struct arena *arena; /* of the answer */
	uint64_t from, to;
	int64_t deadline;
	bool is_started; /* and its answer comes while other things are done */
	struct http_reply reply;
	/* Which table it is and how many rows it has, as a look told a moment before; NULL: this is
	 * asked as well. */
	char *const *seen;
};

/* Lets the question leave. The page stays where it is until tail_ask() has the answer. */
void tail_start(struct tail_page *page);

/* The answer, of one that was started or not. What clickhouse_ask() says. */
enum err tail_ask(struct tail_page *page, char **text, struct fail *fail) MUST_CHECK;

/*
 * The rows of an answer. One that lacks rows which the table has before the page's end is asked for
 * once more. ERR_GARBLED: it lacks them again, or cannot be understood.
 */
enum err tail_read(
    struct tail_page *page, char *text, struct tail *out, struct fail *fail) MUST_CHECK;

/*
 * One row: what table it is of, its position, the entry. An entry with a value that no program
 * writes becomes one of no booking, which the replay finds malformed: it stands in the order, and
 * nobody can stop the ledger with it. False: it has no place there, or no id.
 */
#define TAIL_FIELDS (3 + ENTRY_ROW_FIELDS)
bool tail_parse(char *const *fields, struct uuid *table, uint64_t *position, struct entry *entry);

#endif

/* SPDX-License-Identifier: MIT */
/* tail.c: the rows of the ledger's table, from one position on */
#include "store/tail.h"
#include "base/num.h"
#include "store/tsv.h"

#include <inttypes.h>
#include <stdlib.h>

/* Beyond the megabyte that it begins with a server puts an answer into a file of its own. */
#define IN_MEMORY "&buffer_size=33554432"

bool tail_parse(char *const *fields, struct uuid *table, uint64_t *position, struct entry *entry)
{
	struct uuid id;
	uint64_t number;

	if (!uuid_parse(fields[0], table) || !num_u64(fields[1], 0, UINT64_MAX, position) ||
	    !num_u64(fields[2], 1, UINT64_MAX, &number) || !uuid_parse(fields[3], &id))
		return false;
	if (!entry_row_parse(fields + 3, entry))
		*entry = (struct entry){.id = id, .kind = ENTRY_BOOK};
	entry->number = number;
	return true;
}

static int by_position(const void *a, const void *b)
{
	const struct tail_row *left = a, *right = b;

	return (left->position > right->position) - (left->position < right->position);
}

/* One part's rows come as they stand in it. */
static bool is_in_order(const struct tail_row *rows, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (rows[i].position < rows[i - 1].position)
			return false;
	return true;
}

/* Bare columns, and few functions: planning is most of what a tail costs. */
#define TAIL(table, total)                                                                         \
	"SELECT " table ","                                                                        \
	" _part_starting_offset + _part_offset AS position,"                                       \
	" _block_number, " ENTRY_ROW_COLUMNS ", " total " FROM ledger"                             \
	" WHERE position >= {from:UInt64}"                                                         \
	" AND position < {to:UInt64}"                                                              \
	" FORMAT TabSeparated"
#define TAIL_AND_TABLE                                                                             \
	TAIL("tupleElement((SELECT (uuid, total_rows)" LEDGER_TABLE ") AS here, 1)", "here.2")
#define TAIL_ALONE TAIL("{table:UUID}", "{total:UInt64}")

static const char *seen_parameters(const struct tail_page *page)
{
	const char *both = arena_printf(
	    page->arena, "&param_table=%s&param_total=%s", page->seen[0], page->seen[1]);

	return both ? both : "";
}

static struct query query_of(const struct tail_page *page)
{
	return (struct query){
	    .sql = page->seen ? TAIL_ALONE : TAIL_AND_TABLE,
	    .parameters = arena_printf(page->arena,
		CLICKHOUSE_FEW_ROWS IN_MEMORY
		"&date_time_output_format=unix_timestamp&param_from=%" PRIu64 "&param_to=%" PRIu64
		"%s",
		page->from, page->to, page->seen ? seen_parameters(page) : ""),
	    .reply_max = TAIL_BYTES,
	    .deadline = page->deadline,
	};
}

void tail_start(struct tail_page *page)
{
	const struct query query = query_of(page);

	page->is_started = true;
	clickhouse_start(page->clickhouse, page->arena, &query, http_keep, &page->reply);
	http_push(clickhouse_http(page->clickhouse));
}

enum err tail_ask(struct tail_page *page, char **text, struct fail *fail)
{
	struct query query;

	if (!page->is_started) {
		query = query_of(page);
		return clickhouse_ask(page->clickhouse, page->arena, &query, text, fail);
	}
	http_run(clickhouse_http(page->clickhouse));
	page->is_started = false;
	*text = page->reply.body;
	return clickhouse_judge(&page->reply, fail);
}

/* The rows of one answer. What the answer has of the table and of its rows was looked up by the
 * same query: that table's, or a later one's. */
static enum err parse(struct tail_page *page, char *text, struct tail *out, struct fail *fail)
{
	struct tail tail = {.count = 0};
	char *fields[TAIL_FIELDS + 1];

	tail.rows = arena_room(page->arena, (tsv_count(text) + 1) * sizeof(*tail.rows));
	if (!tail.rows)
		return fail_set(fail, ERR_SYSTEM, "journal", "no memory");
	while (tsv_row(&text, fields, TAIL_FIELDS + 1)) {
		struct tail_row *row = &tail.rows[tail.count++];

		if (!tail_parse(fields, &tail.table, &row->position, &row->entry) ||
		    !num_u64(fields[TAIL_FIELDS], 0, UINT64_MAX, &tail.total))
			return fail_set(
			    fail, ERR_GARBLED, "journal", "an entry cannot be understood");
	}
	if (!tsv_at_end(text))
		return fail_set(
		    fail, ERR_GARBLED, "journal", "a row of the ledger cannot be understood");
	*out = tail;
	return ERR_NONE;
}

/* How many rows it lacks of so many that the table has, up to the page's end. */
static uint64_t missing(const struct tail_page *page, const struct tail *tail, uint64_t total)
{
	uint64_t there = total < page->to ? total : page->to;
	uint64_t have = page->from + tail->count;

	return tail->count && have < there ? there - have : 0;
}

/* An answer may count rows that came after those that it has. What the first one counts was there
 * before the second was asked for, however many come in between; a table that has fewer rows than
 * it had is another one. */
enum err tail_read(struct tail_page *page, char *text, struct tail *out, struct fail *fail)
{
	struct tail tail;
	uint64_t total;
	enum err err;

	if ((err = parse(page, text, &tail, fail)))
		return err;
	total = tail.total;
	if (missing(page, &tail, total) &&
	    ((err = tail_ask(page, &text, fail)) || (err = parse(page, text, &tail, fail))))
		return err;
	if (tail.total < total)
		total = tail.total;
	if (missing(page, &tail, total))
		return fail_set(fail, ERR_GARBLED, "journal",
		    "the server gives %" PRIu64 " of %" PRIu64 " entries; " CLICKHOUSE_SHORT,
		    page->from + tail.count, page->from + tail.count + missing(page, &tail, total));
	if (!is_in_order(tail.rows, tail.count))
		qsort(tail.rows, tail.count, sizeof(*tail.rows), by_position);
	*out = tail;
	return ERR_NONE;
}

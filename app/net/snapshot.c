/* SPDX-License-Identifier: MIT */
/* snapshot.c: the one query of a page: the booking, the ledger's tail, rows without an entry */
#include "net/snapshot.h"
#include "base/mutate.h"
#include "net/tsv.h"

#include <inttypes.h>
#include <string.h>

/* The two kinds of row share one width; the first column tells them apart. */
#define WIDTH (1 + STORE_FIELDS)
#define REPLY_MAX (8 * 1024 * 1024)

/*
 * Each row is written by formatRow, so that the two halves are one column of one type and need no
 * conversion: planning is most of what this query costs, and grows with functions and columns.
 */
static const char sql[] =
    "SELECT formatRowNoNewline('TabSeparated', 'entry', " JOURNAL_SELECT ", '')" JOURNAL_FROM
    " UNION ALL SELECT formatRowNoNewline('TabSeparated', 'row', " STORE_SELECT ")"
    " FROM consulting_bookings FINAL WHERE booking_id = {booking:UUID} OR (status = 'booked' AND"
    " slot_end > {start:DateTime('UTC')} AND slot_start < {end:DateTime('UTC')})"
    " FORMAT TabSeparatedRaw";
_Static_assert(
    JOURNAL_FIELDS + 1 == STORE_FIELDS, "the entry's part of the query is padded to the row's");

struct snapshot_question {
	struct journal *journal;
	struct arena *arena;
	struct uuid booking;
	const char *host;
	struct interval window;
	struct snapshot found;
	bool was_asked;
};

/* A booked row blocks until its booking has an entry in the ledger. */
static bool is_foreign(const struct snapshot_question *question, const struct lead *row)
{
	struct ledger_booking known;

	if (row->status != LEAD_BOOKED || !interval_overlaps(row->slot, question->window))
		return false;
	/* A row without a host is from before there were hosts: it blocks every one. */
	if (row->host[0] && strcmp(row->host, question->host) != 0)
		return false;
	return !ledger_find(journal_state(question->journal), &row->booking, &known);
}

static enum err read_rows(struct snapshot_question *question, char *rows)
{
	struct snapshot *found = &question->found;
	char *fields[WIDTH];
	uint64_t rows_up_to = 0;
	struct entry *entries;
	struct lead *leads;
	size_t lines = 0, entry_count = 0, lead_count = 0;
	enum err err;

	for (const char *at = rows; (at = strchr(at, '\n')); at++)
		lines++;
	entries = arena_array(question->arena, lines + 1, sizeof(*entries));
	leads = arena_array(question->arena, lines + 1, sizeof(*leads));
	found->foreign = arena_array(question->arena, lines + 1, sizeof(*found->foreign));
	if (!entries || !leads || !found->foreign)
		return fail_set(&found->fail, ERR_SYSTEM, "snapshot", "no memory");
	while (tsv_row(&rows, fields, WIDTH)) {
		bool is_entry = strcmp(fields[0], "entry") == 0;

		if (is_entry ? !journal_parse(fields + 1, &entries[entry_count++], &rows_up_to)
			     : !store_parse(fields + 1, &leads[lead_count++]))
			return fail_set(
			    &found->fail, ERR_GARBLED, "snapshot", "a row cannot be understood");
	}
	if (!tsv_at_end(rows))
		return fail_set(
		    &found->fail, ERR_GARBLED, "snapshot", "the reply cannot be understood");
	if (!MUTATED(READ_WITHOUT_TAIL) &&
	    (err = journal_take(question->journal, entries, entry_count, rows_up_to, &found->fail)))
		return err;
	for (size_t i = 0; i < lead_count; i++) {
		if (uuid_equal(&leads[i].booking, &question->booking)) {
			found->has_lead = true;
			found->lead = leads[i];
		} else if (is_foreign(question, &leads[i])) {
			found->foreign[found->foreign_count++] = leads[i].slot;
		}
	}
	return ERR_NONE;
}

static void on_reply(void *context, const struct http_reply *reply)
{
	struct snapshot_question *question = context;
	struct snapshot *found = &question->found;

	found->err = clickhouse_judge(reply, &found->fail);
	if (!found->err)
		found->err = read_rows(question, reply->body);
}

static void ask(struct snapshot_question *question)
{
	struct clickhouse *clickhouse = journal_clickhouse(question->journal);
	char booking[UUID_TEXT];
	struct query query = {
	    .sql = sql,
	    .parameters = arena_printf(question->arena,
		"%s&param_booking=%s"
		"&param_start=%010" PRId64 "&param_end=%010" PRId64,
		journal_parameters(question->journal, question->arena, UINT64_MAX),
		uuid_format(&question->booking, booking), question->window.start,
		question->window.end),
	    .reply_max = REPLY_MAX,
	    .deadline = clickhouse_deadline(clickhouse),
	};

	question->found = (struct snapshot){.err = ERR_NONE};
	question->was_asked = true;
	clickhouse_start(clickhouse, question->arena, &query, on_reply, question);
}

struct snapshot_question *snapshot_start(struct journal *journal, struct arena *arena,
    const struct uuid *booking, const char *host, struct interval window)
{
	struct snapshot_question *question = arena_alloc(arena, sizeof(*question));

	if (!question)
		return NULL;
	*question = (struct snapshot_question){.journal = journal,
	    .arena = arena,
	    .booking = *booking,
	    .host = host,
	    .window = window};
	if (journal_state(journal))
		ask(question);
	return question;
}

enum err snapshot_finish(
    struct snapshot_question *question, struct snapshot *out, struct fail *fail)
{
	struct snapshot *found = question ? &question->found : NULL;
	struct clickhouse *clickhouse;
	enum err err;

	if (!question)
		return fail_set(fail, ERR_SYSTEM, "snapshot", "no memory");
	/* No state yet, a state that did not fit, or a tail too long for one reply: load, then ask
	 * again. */
	if (!question->was_asked || found->err == ERR_LEDGER || found->err == ERR_GARBLED) {
		clickhouse = journal_clickhouse(question->journal);
		err = journal_refresh(
		    question->journal, question->arena, clickhouse_deadline(clickhouse), fail);
		if (err)
			return err;
		ask(question);
		http_run(clickhouse_http(clickhouse));
	}
	if (found->err) {
		*fail = found->fail;
		return found->err;
	}
	*out = *found;
	return ERR_NONE;
}

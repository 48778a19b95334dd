/* SPDX-License-Identifier: MIT */
/* snapshot.c: the one query of a page: the booking, what is new in the ledger, rows without an
 * entry */
#include "store/snapshot.h"
#include "base/clock.h"
#include "base/mutate.h"
#include "store/people.h"
#include "store/tsv.h"

#include <inttypes.h>
#include <string.h>

/* Each branch's rows have a width of their own; the first field tells them apart. */
#define WIDTH (1 + LEADS_FIELDS)
#define LEDGER_FIELDS 2
#define REPLY_MAX (8 * 1024 * 1024)

/*
 * Each row is written by formatRow, so that the branches are one column of one type and need no
 * conversion: planning is most of what this query costs, and grows with functions and columns. The
 * id is looked for before FINAL merges rows, and before anything else of them is read. The
 * tables' rows are those of the moment of planning, and whether the ledger is current is found out
 * after it: a booked row that was read has its entry in the state by then, if it has one.
 */
static const char *make_sql(
    struct arena *arena, const struct snapshot_wish *wish, bool asks_imported)
{
	static const char *const rows[] = {
	    [LEAD_TIMES] = "'part', " LEADS_COLUMNS_TIMES,
	    [LEAD_SHOWN] = "'part', " LEADS_COLUMNS_SHOWN,
	    [LEAD_WHOLE] = "'lead', " LEADS_COLUMNS,
	};
	/* Who looked at everything a moment ago. */
	bool is_kept = wish->imported && !asks_imported;

	return arena_printf(arena,
	    "SELECT formatRowNoNewline('TabSeparated', %s)"
	    " FROM consulting_bookings FINAL"
	    " PREWHERE booking_id = {booking:UUID}"
	    "%s%s"
	    " UNION ALL %s FORMAT TabSeparatedRaw",
	    rows[wish->part], asks_imported ? " UNION ALL " IMPORTED_LOOK : "",
	    wish->asks_person ? " UNION ALL " PEOPLE_LOOK : "",
	    is_kept ? JOURNAL_COUNT : JOURNAL_LOOK);
}

struct snapshot_question {
	struct journal *journal;
	struct arena *arena;
	struct snapshot_wish wish;
	bool asks_imported, is_current;
	char **seen;   /* the fields of JOURNAL_LOOK, or NULL */
	unsigned ends; /* branches that are still to come to theirs */
	struct imported_look look;
	struct snapshot found;
	enum err err;
	struct fail fail;
};

/* Cuts a line into that many fields. */
static bool cut(char **line, const char *name, size_t count, char **fields)
{
	size_t len = strlen(name);

	return strncmp(*line, name, len) == 0 && (*line)[len] == (count ? '\t' : '\n') &&
	       tsv_row(line, fields, 1 + count);
}

/* What the look tells of the ledger's table. False: no memory. */
static bool see_ledger(struct snapshot_question *question, char *const *fields)
{
	question->is_current = journal_is_current(question->journal, fields);
	question->seen = arena_array(question->arena, LEDGER_FIELDS, sizeof(*question->seen));
	if (question->seen)
		memcpy(question->seen, fields, LEDGER_FIELDS * sizeof(*fields));
	return question->seen;
}

static enum err read_rows(struct snapshot_question *question, char *at)
{
	struct snapshot *found = &question->found;
	char *fields[WIDTH];
	bool is_fine = true;

	question->look.rows =
	    arena_array(question->arena, tsv_count(at) + 1, sizeof(*question->look.rows));
	found->same_person =
	    arena_array(question->arena, tsv_count(at) + 1, sizeof(*found->same_person));
	if (!question->look.rows || !found->same_person)
		return fail_set(&question->fail, ERR_SYSTEM, "snapshot", "no memory");
	while (is_fine && *at) {
		if (cut(&at, CLICKHOUSE_END, 0, fields))
			question->ends--;
		else if (cut(&at, "ledger", LEDGER_FIELDS, fields))
			is_fine = see_ledger(question, fields + 1);
		else if (cut(&at, "rows", 1, fields))
			question->is_current = journal_is_as_long(question->journal, fields[1]);
		else if (cut(&at, "lead", LEADS_FIELDS, fields))
			is_fine = found->has_lead = leads_parse(fields + 1, &found->lead);
		else if (cut(&at, "part", leads_part_fields(question->wish.part), fields))
			is_fine = found->has_lead = leads_parse_part(
			    fields + 1, question->wish.part, &question->wish.booking, &found->lead);
		else if (cut(&at, "person", 1, fields))
			is_fine =
			    uuid_parse(fields[1], &found->same_person[found->same_person_count++]);
		else if (cut(&at, "booked", IMPORTED_FIELDS, fields))
			is_fine = imported_parse(
			    fields + 1, &question->look.rows[question->look.count++]);
		else
			is_fine = false;
	}
	if (!is_fine)
		return fail_set(
		    &question->fail, ERR_GARBLED, "snapshot", "the reply cannot be understood");
	if (question->ends)
		return fail_set(&question->fail, ERR_GARBLED, "snapshot",
		    "the reply does not come to its end; " CLICKHOUSE_SHORT);
	return ERR_NONE;
}

static void on_reply(void *context, const struct http_reply *reply)
{
	struct snapshot_question *question = context;

	question->err = clickhouse_judge(reply, &question->fail);
	if (!question->err)
		question->err = read_rows(question, reply->body);
}

struct snapshot_question *snapshot_start(
    struct journal *journal, struct arena *arena, const struct snapshot_wish *wish)
{
	struct clickhouse *clickhouse = journal_clickhouse(journal);
	struct snapshot_question *question = arena_alloc(arena, sizeof(*question));
	bool asks_imported = wish->imported &&
			     !imported_is_kept(wish->imported, wish->window, wish->imported_age_ms);
	char id[UUID_TEXT];
	struct query query = {
	    .sql = make_sql(arena, wish, asks_imported),
	    .parameters = arena_printf(arena,
		CLICKHOUSE_FEW_ROWS "&date_time_output_format=unix_timestamp&param_booking=%s%s",
		uuid_format(&wish->booking, id),
		asks_imported ? imported_parameters(arena, wish->window) : ""),
	    .reply_max = REPLY_MAX,
	};

	if (!question || !query.sql)
		return NULL;
	*question = (struct snapshot_question){
	    .journal = journal,
	    .arena = arena,
	    .wish = *wish,
	    .asks_imported = asks_imported,
	    .ends = (unsigned)asks_imported + wish->asks_person,
	    .look = {.window = wish->window, .asked_ms = clock_boot_ms()},
	};
	clickhouse_start(clickhouse, arena, &query, on_reply, question);
	return question;
}

/* What the question found, once the ledger's state is at least as new. */
static enum err find_imported(struct snapshot_question *question, struct fail *fail)
{
	const struct snapshot_wish *wish = &question->wish;
	struct snapshot *found = &question->found;
	enum err err;

	if (!wish->imported)
		return ERR_NONE;
	if (question->asks_imported && (err = imported_take(wish->imported, question->journal,
					    question->arena, &question->look, fail)))
		return err;
	found->imported = imported_times(wish->imported, question->journal, question->arena,
	    &wish->booking, wish->window, &found->imported_count);
	return found->imported ? ERR_NONE : fail_set(fail, ERR_SYSTEM, "snapshot", "no memory");
}

enum err snapshot_finish(
    struct snapshot_question *question, struct snapshot *out, struct fail *fail)
{
	struct journal *journal = question ? question->journal : NULL;
	enum err err;

	if (!question)
		return fail_set(fail, ERR_SYSTEM, "snapshot", "no memory");
	if (question->err) {
		*fail = question->fail;
		return question->err;
	}
	if (!question->is_current && !(MUTATED(READ_WITHOUT_TAIL) && journal_state(journal)) &&
	    (err = journal_refresh_seen(journal, question->arena, question->seen, fail)))
		return err;
	if ((err = find_imported(question, fail)))
		return err;
	/* Nobody is told that there is no such booking, or taken for another, by a row left out. */
	if (!question->found.has_lead) {
		err = leads_find(journal_clickhouse(journal), question->arena,
		    &question->wish.booking, &question->found.lead, fail);
		if (err && err != ERR_NOT_FOUND)
			return err;
		question->found.has_lead = !err;
	}
	*out = question->found;
	return ERR_NONE;
}

/* SPDX-License-Identifier: MIT */
/* report.c: many bookings at once: who has a call when, and how many come how far */
#include "desk/report.h"
#include "base/clock.h"
#include "base/num.h"
#include "store/tsv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define REPLY_MAX (64 * 1024 * 1024)

static const char *const state_names[REPORT_STATES] = {
    "awaiting_slot", "booked", "cancelled", "blocked", "erased"};

const char *report_state_name(enum report_state state)
{
	return state_names[state];
}

bool report_state_parse(const char *name, enum report_state *out)
{
	int found;

	if (!num_of_name(name, state_names, REPORT_STATES, &found))
		return false;
	*out = (enum report_state)found;
	return true;
}

/* What a row and the ledger come to, as web/guard.c sees it. */
static void combine(struct report_row *row)
{
	const struct ledger_booking *standing = &row->standing;
	bool is_known = standing->version > 0;

	row->call = is_known ? standing->call : row->lead.slot;
	if (standing->is_erased || row->lead.status == LEAD_ERASED)
		row->state = REPORT_ERASED;
	else if (is_known && standing->is_block)
		row->state = standing->is_live ? REPORT_BLOCKED : REPORT_CANCELLED;
	else if (is_known)
		row->state = standing->is_live ? REPORT_BOOKED : REPORT_CANCELLED;
	else
		row->state = row->lead.status == LEAD_BOOKED	  ? REPORT_BOOKED
			     : row->lead.status == LEAD_CANCELLED ? REPORT_CANCELLED
								  : REPORT_AWAITING;
}

/* Rows of consulting_bookings, what prospects wrote included. */
#define ROW_SELECT "SELECT " LEADS_COLUMNS " FROM consulting_bookings FINAL WHERE "

static enum err ask_rows(struct upstream *upstream, struct arena *arena, const char *sql,
    const char *parameters, struct lead **out, size_t *count, struct fail *fail)
{
	struct query query = {
	    .sql = sql,
	    .parameters =
		arena_printf(arena, "&date_time_output_format=unix_timestamp%s", parameters),
	    .reply_max = REPLY_MAX,
	    .deadline = clickhouse_deadline(upstream->clickhouse),
	};
	char *rows, *fields[LEADS_FIELDS];
	enum err err;

	if ((err = clickhouse_ask(upstream->clickhouse, arena, &query, &rows, fail)))
		return err;
	*count = 0;
	*out = arena_array(arena, tsv_count(rows) + 1, sizeof(**out));
	if (!*out)
		return fail_set(fail, ERR_SYSTEM, "report", "no memory");
	while (tsv_row(&rows, fields, LEADS_FIELDS))
		if (!leads_parse(fields, &(*out)[(*count)++]))
			return fail_set(fail, ERR_GARBLED, "report", "a row cannot be understood");
	if (!tsv_at_end(rows))
		return fail_set(fail, ERR_GARBLED, "report", "the rows cannot be understood");
	return ERR_NONE;
}

static enum err refresh(struct upstream *upstream, struct arena *arena, struct fail *fail)
{
	return journal_refresh(
	    upstream->journal, arena, clickhouse_deadline(upstream->clickhouse), fail);
}

enum err report_find(struct upstream *upstream, struct arena *arena, const struct uuid *booking,
    struct report_row *out, struct fail *fail)
{
	char id[UUID_TEXT];
	const char *parameters = arena_printf(arena, "&param_booking=%s", uuid_format(booking, id));
	struct report_row row = {.lead.booking = *booking};
	struct lead *leads;
	size_t count;
	enum err err;

	if ((err = refresh(upstream, arena, fail)) ||
	    (err = ask_rows(upstream, arena,
		 ROW_SELECT "booking_id = {booking:UUID} FORMAT TabSeparated", parameters, &leads,
		 &count, fail)))
		return err;
	if (count)
		row.lead = leads[0];
	if (!ledger_find(journal_state(upstream->journal), booking, &row.standing) && !count)
		return fail_set(
		    fail, ERR_NOT_FOUND, "report", "no booking and no block has this id");
	combine(&row);
	*out = row;
	return ERR_NONE;
}

static int64_t order_of(const struct report_row *row)
{
	return row->call.start ? row->call.start : row->lead.created_ms / 1000;
}

static int by_time(const void *a, const void *b)
{
	int64_t left = order_of(a), right = order_of(b);

	return (left > right) - (left < right);
}

static bool is_within(const struct report_row *row, struct interval within)
{
	if (row->state == REPORT_BLOCKED)
		return interval_overlaps(row->call, within);
	return order_of(row) >= within.start && order_of(row) < within.end;
}

static void add(struct overview *found, const struct report_row *row, struct interval within)
{
	if (!is_within(row, within))
		return;
	if (found->count < REPORT_MAX)
		found->list[found->count++] = *row;
	else
		found->is_cut = true;
}

enum err report_list(struct upstream *upstream, struct arena *arena, struct interval within,
    struct overview *out, struct fail *fail)
{
	/* Whoever has a command about this time is looked at: the row may be late. */
	static const char sql[] = ROW_SELECT
	    "(slot_start >= {start:DateTime('UTC')} AND slot_start < {end:DateTime('UTC')}) OR"
	    " (created_at >= {start:DateTime('UTC')} AND created_at < {end:DateTime('UTC')}) OR"
	    " booking_id IN (SELECT booking_id FROM ledger WHERE call_start >="
	    " {start:DateTime('UTC')} AND call_start < {end:DateTime('UTC')})"
	    " FORMAT TabSeparated";
	struct overview found = {arena_array(arena, REPORT_MAX, sizeof(*found.list)), 0, false};
	const char *parameters = arena_printf(
	    arena, "&param_start=%010" PRId64 "&param_end=%010" PRId64, within.start, within.end);
	struct report_row row;
	const struct ledger *ledger;
	struct lead *leads;
	size_t count;
	enum err err;

	if (!found.list || !parameters)
		return fail_set(fail, ERR_SYSTEM, "report", "no memory");
	if ((err = refresh(upstream, arena, fail)) ||
	    (err = ask_rows(upstream, arena, sql, parameters, &leads, &count, fail)))
		return err;
	ledger = journal_state(upstream->journal);
	for (size_t i = 0; i < count; i++) {
		row = (struct report_row){.lead = leads[i]};
		ledger_find(ledger, &leads[i].booking, &row.standing);
		combine(&row);
		add(&found, &row, within);
	}
	/* Blocks have no row. */
	row = (struct report_row){.state = REPORT_BLOCKED};
	for (size_t i = 0; ledger_at(ledger, i, &row.standing); i++) {
		if (!row.standing.is_block || !row.standing.is_live)
			continue;
		row.lead.booking = row.standing.id;
		row.call = row.standing.call;
		add(&found, &row, within);
	}
	qsort(found.list, found.count, sizeof(*found.list), by_time);
	*out = found;
	return ERR_NONE;
}

/* What the replay is listened for. */
struct listening {
	const struct uuid *booking; /* of this one alone, NULL: of all */
	struct report_entry *list;
	size_t count, room;
	bool is_full; /* no memory */
};

static void on_entry(void *context, const struct entry *entry, enum verdict verdict,
    const struct ledger_booking *before)
{
	struct listening *listening = context;
	size_t room = listening->room ? listening->room * 2 : 1024;
	struct report_entry *bigger;

	if (listening->booking ? !uuid_equal(&entry->booking, listening->booking)
			       : verdict != VERDICT_ACCEPTED || before->is_block ||
				     (entry->kind != ENTRY_BOOK && entry->kind != ENTRY_CANCEL))
		return;
	if (listening->count == listening->room) {
		bigger = reallocarray(listening->list, room, sizeof(*bigger));
		if (!bigger) {
			listening->is_full = true;
			return;
		}
		listening->list = bigger;
		listening->room = room;
	}
	listening->list[listening->count++] = (struct report_entry){
	    .entry = *entry,
	    .verdict = verdict,
	    .was_known = before->version > 0,
	    .was_live = before->is_live,
	};
}

static enum err listen(
    struct upstream *upstream, struct arena *arena, struct listening *listening, struct fail *fail)
{
	struct journal *journal = journal_new(upstream->clickhouse);
	enum err err;

	if (!journal)
		return fail_set(fail, ERR_SYSTEM, "report", "no memory");
	journal_watch(journal, on_entry, listening);
	err = journal_refresh(journal, arena, clickhouse_deadline(upstream->clickhouse), fail);
	for (size_t i = 0; !err && i < listening->count; i++) {
		const struct entry *entry = &listening->list[i].entry;

		listening->list[i].version =
		    entry->kind == ENTRY_RESTORE
			? entry->version
			: ledger_version(journal_state(journal), entry->number);
	}
	journal_free(journal);
	if (!err && listening->is_full)
		err = fail_set(fail, ERR_SYSTEM, "report", "no memory");
	return err;
}

static int by_number(const void *a, const void *b)
{
	const struct report_entry *left = a, *right = b;

	return (left->entry.number > right->entry.number) -
	       (left->entry.number < right->entry.number);
}

static struct report_entry *find_number(struct listening *listening, const char *field)
{
	struct report_entry key = {0};

	if (!num_u64(field, 1, UINT64_MAX, &key.entry.number) || !listening->count)
		return NULL;
	return bsearch(
	    &key, listening->list, listening->count, sizeof(*listening->list), by_number);
}

enum err report_history(struct upstream *upstream, struct arena *arena, const struct uuid *booking,
    struct report_entry **out, struct fail *fail)
{
	char id[UUID_TEXT], *rows, *fields[2];
	struct listening listening = {.booking = booking};
	struct query query = {
	    .sql = "SELECT _block_number, toUnixTimestamp64Milli(written_at) FROM ledger WHERE"
		   " booking_id = {booking:UUID} FORMAT TabSeparated",
	    .parameters = arena_printf(arena, "&param_booking=%s", uuid_format(booking, id)),
	    .reply_max = REPLY_MAX,
	    .deadline = clickhouse_deadline(upstream->clickhouse),
	};
	struct report_entry *kept, **end = out, *found;
	enum err err = listen(upstream, arena, &listening, fail);

	if (!err)
		err = clickhouse_ask(upstream->clickhouse, arena, &query, &rows, fail);
	while (!err && tsv_row(&rows, fields, 2))
		if ((found = find_number(&listening, fields[0])) &&
		    !num_i64(fields[1], 0, INT64_MAX, &found->at_ms))
			found->at_ms = 0;
	for (size_t i = 0; !err && i < listening.count; i++) {
		kept = arena_alloc(arena, sizeof(*kept));
		if (!kept) {
			err = fail_set(fail, ERR_SYSTEM, "report", "no memory");
			break;
		}
		*kept = listening.list[i];
		kept->next = NULL;
		*end = kept;
		end = &kept->next;
	}
	if (!err)
		*end = NULL;
	free(listening.list);
	return err;
}

/* Entries of the time asked for, with the moment when their brief came in. */
static enum err add_changes(struct upstream *upstream, struct arena *arena, const char *parameters,
    struct report_steps *steps, size_t room, struct fail *fail)
{
	struct query query = {
	    .sql = "SELECT l._block_number, toUnixTimestamp64Milli(l.written_at),"
		   " toUnixTimestamp64Milli(b.created_at) FROM ledger AS l LEFT ANY JOIN"
		   " (SELECT booking_id, min(created_at) AS created_at FROM consulting_bookings"
		   " GROUP BY booking_id) AS b ON l.booking_id = b.booking_id"
		   " WHERE l.kind IN ('book', 'cancel') AND l.written_at >= {start:DateTime('UTC')}"
		   " AND l.written_at < {end:DateTime('UTC')} FORMAT TabSeparated",
	    .parameters = parameters,
	    .reply_max = REPLY_MAX,
	    .deadline = clickhouse_deadline(upstream->clickhouse),
	};
	struct listening listening = {0};
	char *rows, *fields[3];
	int64_t created_ms;
	enum err err = listen(upstream, arena, &listening, fail);

	if (!err)
		err = clickhouse_ask(upstream->clickhouse, arena, &query, &rows, fail);
	while (!err && tsv_row(&rows, fields, 3) && steps->count < room) {
		struct report_entry *found = find_number(&listening, fields[0]);
		struct report_step step = {.took_ms = 0};

		if (!found)
			continue;
		if (!num_i64(fields[1], 0, INT64_MAX, &step.at_ms) ||
		    !num_i64(fields[2], 0, INT64_MAX, &created_ms)) {
			err = fail_set(
			    fail, ERR_GARBLED, "report", "an entry's time cannot be understood");
			break;
		}
		step.kind = found->entry.kind == ENTRY_CANCEL ? STEP_CANCELLED
			    : found->was_live		      ? STEP_MOVED
							      : STEP_BOOKED;
		if (step.kind == STEP_BOOKED && !found->was_known && created_ms &&
		    step.at_ms > created_ms)
			step.took_ms = step.at_ms - created_ms;
		steps->list[steps->count++] = step;
	}
	free(listening.list);
	return err;
}

/* Briefs; rows from elsewhere that came in as booked are none. */
static enum err add_leads(struct upstream *upstream, struct arena *arena, const char *parameters,
    int64_t abandoned_s, struct report_steps *steps, size_t room, struct fail *fail)
{
	struct query query = {
	    .sql = "SELECT booking_id, toUnixTimestamp64Milli(created_at), version, status FROM"
		   " consulting_bookings FINAL WHERE created_at >= {start:DateTime('UTC')}"
		   " AND created_at < {end:DateTime('UTC')} AND (version > 0 OR status ="
		   " 'awaiting_slot') FORMAT TabSeparated",
	    .parameters = parameters,
	    .reply_max = REPLY_MAX,
	    .deadline = clickhouse_deadline(upstream->clickhouse),
	};
	int64_t limit_ms = clock_wall_ms() - abandoned_s * 1000;
	char *rows, *fields[4];
	enum err err = clickhouse_ask(upstream->clickhouse, arena, &query, &rows, fail);

	while (!err && tsv_row(&rows, fields, 4) && steps->count + 2 <= room) {
		struct report_step step = {.kind = STEP_LEAD};
		struct ledger_booking standing;
		struct uuid booking;

		if (!uuid_parse(fields[0], &booking) ||
		    !num_i64(fields[1], 0, INT64_MAX, &step.at_ms))
			return fail_set(
			    fail, ERR_GARBLED, "report", "a brief's row cannot be understood");
		steps->list[steps->count++] = step;
		step.kind = STEP_ABANDONED;
		if (step.at_ms < limit_ms && strcmp(fields[3], "awaiting_slot") == 0 &&
		    !ledger_find(journal_state(upstream->journal), &booking, &standing))
			steps->list[steps->count++] = step;
	}
	return err;
}

enum err report_steps(struct upstream *upstream, struct arena *arena, struct interval within,
    int64_t abandoned_s, struct report_steps *out, struct fail *fail)
{
	const char *parameters = arena_printf(
	    arena, "&param_start=%010" PRId64 "&param_end=%010" PRId64, within.start, within.end);
	size_t room = 1000000;
	struct report_steps steps = {arena_array(arena, room, sizeof(*steps.list)), 0};
	enum err err;

	if (!steps.list || !parameters)
		return fail_set(fail, ERR_SYSTEM, "report", "no memory");
	if ((err = refresh(upstream, arena, fail)) ||
	    (err = add_leads(upstream, arena, parameters, abandoned_s, &steps, room, fail)) ||
	    (err = add_changes(upstream, arena, parameters, &steps, room, fail)))
		return err;
	if (steps.count + 2 > room)
		return fail_set(fail, ERR_TOO_LARGE, "report",
		    "there are more than %zu events in that time; ask for less of it", room);
	*out = steps;
	return ERR_NONE;
}

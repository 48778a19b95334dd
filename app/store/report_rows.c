/* SPDX-License-Identifier: MIT */
/* report_rows.c: what reports on many bookings ask of the tables */
#include "store/report_rows.h"
#include "base/num.h"
#include "store/tsv.h"

#include <inttypes.h>
#include <string.h>

#define REPLY_MAX (64 * 1024 * 1024)
#define START "{start:DateTime('UTC')}"
#define END "{end:DateTime('UTC')}"

/* A statement, how many fields its rows have, and what each becomes. */
struct reading {
	const char *sql, *parameters;
	size_t width, size;
	bool (*parse)(char *const *fields, void *out);
};

#define WIDTH_MAX LEADS_FIELDS

static enum err read_all(struct clickhouse *clickhouse, struct arena *arena,
    const struct reading *reading, void **list, size_t *count, struct fail *fail)
{
	struct query query = {
	    .sql = reading->sql,
	    .parameters = reading->parameters,
	    .reply_max = REPLY_MAX,
	    .deadline = clickhouse_deadline(clickhouse),
	};
	char *rows, *fields[WIDTH_MAX], *at;
	enum err err;

	if ((err = clickhouse_ask(clickhouse, arena, &query, &rows, fail)))
		return err;
	at = arena_array(arena, tsv_count(rows) + 1, reading->size);
	if (!at)
		return fail_set(fail, ERR_SYSTEM, "report", "no memory");
	*list = at;
	for (*count = 0; tsv_row(&rows, fields, reading->width); ++*count, at += reading->size)
		if (!reading->parse(fields, at))
			return fail_set(fail, ERR_GARBLED, "report", "a row cannot be understood");
	if (!tsv_at_end(rows))
		return fail_set(fail, ERR_GARBLED, "report", "the rows cannot be understood");
	return ERR_NONE;
}

static const char *within_parameters(struct arena *arena, struct interval within)
{
	return arena_printf(arena,
	    "&date_time_output_format=unix_timestamp&param_start=%010" PRId64
	    "&param_end=%010" PRId64,
	    within.start, within.end);
}

static bool parse_lead(char *const *fields, void *out)
{
	return leads_parse(fields, out);
}

enum err report_rows_leads(struct clickhouse *clickhouse, struct arena *arena,
    struct interval within, struct lead_list *out, struct fail *fail)
{
	const struct reading reading = {
	    .sql = "SELECT " LEADS_COLUMNS " FROM consulting_bookings FINAL"
		   " WHERE (slot_start >= " START " AND slot_start < " END ")"
		   " OR (created_at >= " START " AND created_at < " END ")"
		   " OR booking_id IN (SELECT booking_id FROM ledger"
		   " WHERE call_start >= " START " AND call_start < " END ")"
		   " FORMAT TabSeparated",
	    .parameters = within_parameters(arena, within),
	    .width = LEADS_FIELDS,
	    .size = sizeof(*out->list),
	    .parse = parse_lead,
	};
	void *list = NULL;
	enum err err = read_all(clickhouse, arena, &reading, &list, &out->count, fail);

	out->list = list;
	return err;
}

static bool parse_entry(char *const *fields, void *out)
{
	struct entry_time *time = out;

	time->created_ms = 0;
	return num_u64(fields[0], 1, UINT64_MAX, &time->number) &&
	       num_i64(fields[1], 0, INT64_MAX, &time->at_ms);
}

enum err report_rows_entries(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, struct entry_times *out, struct fail *fail)
{
	char id[UUID_TEXT];
	const struct reading reading = {
	    .sql = "SELECT _block_number, toUnixTimestamp64Milli(written_at) FROM ledger"
		   " WHERE booking_id = {booking:UUID} FORMAT TabSeparated",
	    .parameters = arena_printf(arena, "&param_booking=%s", uuid_format(booking, id)),
	    .width = 2,
	    .size = sizeof(*out->list),
	    .parse = parse_entry,
	};
	void *list = NULL;
	enum err err = read_all(clickhouse, arena, &reading, &list, &out->count, fail);

	out->list = list;
	return err;
}

static bool parse_change(char *const *fields, void *out)
{
	struct entry_time *time = out;

	return parse_entry(fields, out) && num_i64(fields[2], 0, INT64_MAX, &time->created_ms);
}

enum err report_rows_changes(struct clickhouse *clickhouse, struct arena *arena,
    struct interval within, struct entry_times *out, struct fail *fail)
{
	const struct reading reading = {
	    .sql = "SELECT l._block_number, toUnixTimestamp64Milli(l.written_at),"
		   " toUnixTimestamp64Milli(b.created_at)"
		   " FROM ledger AS l LEFT ANY JOIN"
		   " (SELECT booking_id, min(created_at) AS created_at FROM consulting_bookings"
		   " GROUP BY booking_id) AS b ON l.booking_id = b.booking_id"
		   " WHERE l.kind IN ('book', 'cancel')"
		   " AND l.written_at >= " START " AND l.written_at < " END " FORMAT TabSeparated",
	    .parameters = within_parameters(arena, within),
	    .width = 3,
	    .size = sizeof(*out->list),
	    .parse = parse_change,
	};
	void *list = NULL;
	enum err err = read_all(clickhouse, arena, &reading, &list, &out->count, fail);

	out->list = list;
	return err;
}

static bool parse_brief(char *const *fields, void *out)
{
	struct brief_time *brief = out;

	brief->is_awaiting = strcmp(fields[2], "awaiting_slot") == 0;
	return uuid_parse(fields[0], &brief->booking) &&
	       num_i64(fields[1], 0, INT64_MAX, &brief->at_ms);
}

enum err report_rows_briefs(struct clickhouse *clickhouse, struct arena *arena,
    struct interval within, struct brief_times *out, struct fail *fail)
{
	const struct reading reading = {
	    .sql = "SELECT booking_id, toUnixTimestamp64Milli(created_at), status"
		   " FROM consulting_bookings FINAL"
		   " WHERE created_at >= " START " AND created_at < " END
		   " AND (version > 0 OR status = 'awaiting_slot') FORMAT TabSeparated",
	    .parameters = within_parameters(arena, within),
	    .width = 3,
	    .size = sizeof(*out->list),
	    .parse = parse_brief,
	};
	void *list = NULL;
	enum err err = read_all(clickhouse, arena, &reading, &list, &out->count, fail);

	out->list = list;
	return err;
}

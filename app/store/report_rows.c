/* SPDX-License-Identifier: MIT */
/* report_rows.c: what reports on many bookings ask of the tables */
#include "store/report_rows.h"
#include "base/num.h"
#include "store/journal.h"
#include "store/statements.h"
#include "store/tsv.h"

#include <inttypes.h>
#include <string.h>

#define REPLY_MAX (64 * 1024 * 1024)
/* A statement, how many fields its rows have, and what each becomes. */
struct reading {
	const char *sql, *parameters;
	size_t width, size;
	bool (*parse)(char *const *fields, void *out);
};

#define WIDTH_MAX (LEADS_FIELDS > TAIL_FIELDS ? LEADS_FIELDS : TAIL_FIELDS + 1)

static enum err read_all(struct clickhouse *clickhouse, struct arena *arena,
    const struct reading *reading, void **list, size_t *count, struct fail *fail)
{
	struct query query = {
	    .sql = reading->sql,
	    .parameters = reading->parameters,
	    .reply_max = REPLY_MAX,
	    .is_whole = true,
	};
	char *rows, *fields[WIDTH_MAX], *first, *at;
	size_t found = 0;
	enum err err;

	if ((err = clickhouse_ask(clickhouse, arena, &query, &rows, fail)))
		return err;
	first = at = arena_array(arena, tsv_count(rows) + 1, reading->size);
	if (!first)
		return fail_set(fail, ERR_SYSTEM, "report", "no memory");
	for (; tsv_row(&rows, fields, reading->width); found++, at += reading->size)
		if (!reading->parse(fields, at))
			return fail_set(fail, ERR_GARBLED, "report", "a row cannot be understood");
	if (!tsv_at_end(rows))
		return fail_set(fail, ERR_GARBLED, "report", "the rows cannot be understood");
	*list = first;
	*count = found;
	return ERR_NONE;
}

/* East of Greenwich the first day of 1970 begins before it, and no column does. */
static int64_t stored(int64_t at)
{
	return at > 0 ? at : 0;
}

static const char *within_parameters(struct arena *arena, struct interval within)
{
	return arena_printf(arena,
	    "&date_time_output_format=unix_timestamp&param_start=%010" PRId64
	    "&param_end=%010" PRId64,
	    stored(within.start), stored(within.end));
}

static bool parse_lead(char *const *fields, void *out)
{
	return leads_parse(fields, out);
}

enum err report_rows_leads(struct clickhouse *clickhouse, struct arena *arena,
    struct interval within, struct lead_list *out, struct fail *fail)
{
	const struct reading reading = {
	    .sql = statement_report_leads,
	    .parameters = within_parameters(arena, within),
	    .width = LEADS_FIELDS,
	    .size = sizeof(*out->list),
	    .parse = parse_lead,
	};
	void *list = NULL;
	enum err err = read_all(clickhouse, arena, &reading, &list, &out->count, fail);

	if (!err)
		out->list = list;
	return err;
}

static bool parse_entry(char *const *fields, void *out)
{
	struct entry_row *row = out;
	struct uuid ignored;

	return tail_parse(fields, &ignored, &row->position, &row->entry) &&
	       tsv_ms(fields[TAIL_FIELDS], &row->at_ms);
}

enum err report_rows_entries(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, struct entry_rows *out, struct fail *fail)
{
	char id[UUID_TEXT];
	const struct reading reading = {
	    .sql = "SELECT (SELECT uuid" LEDGER_TABLE "),"
		   " _part_starting_offset + _part_offset AS position,"
		   " _block_number, " ENTRY_ROW_COLUMNS ", toUnixTimestamp64Milli(written_at)"
		   " FROM ledger"
		   " WHERE booking_id = {booking:UUID}"
		   " ORDER BY position"
		   " FORMAT TabSeparated",
	    .parameters =
		arena_printf(arena, "&date_time_output_format=unix_timestamp&param_booking=%s",
		    uuid_format(booking, id)),
	    .width = TAIL_FIELDS + 1,
	    .size = sizeof(*out->list),
	    .parse = parse_entry,
	};
	void *list = NULL;
	enum err err = read_all(clickhouse, arena, &reading, &list, &out->count, fail);

	if (!err)
		out->list = list;
	return err;
}

static bool parse_change(char *const *fields, void *out)
{
	struct change_row *row = out;

	row->has_call = strcmp(fields[3], "1") == 0;
	return num_u64(fields[0], 0, UINT64_MAX, &row->position) &&
	       uuid_parse(fields[1], &row->booking) && entry_kind_parse(fields[2], &row->kind) &&
	       tsv_ms(fields[4], &row->at_ms) && tsv_ms(fields[5], &row->created_ms);
}

enum err report_rows_changes(struct clickhouse *clickhouse, struct arena *arena,
    struct interval within, struct change_rows *out, struct fail *fail)
{
	const struct reading reading = {
	    .sql = statement_report_changes,
	    .parameters = within_parameters(arena, within),
	    .width = 6,
	    .size = sizeof(*out->list),
	    .parse = parse_change,
	};
	void *list = NULL;
	enum err err = read_all(clickhouse, arena, &reading, &list, &out->count, fail);

	if (!err)
		out->list = list;
	return err;
}

static bool parse_brief(char *const *fields, void *out)
{
	struct brief_time *brief = out;

	brief->is_awaiting = strcmp(fields[2], "awaiting_slot") == 0;
	return uuid_parse(fields[0], &brief->booking) && tsv_ms(fields[1], &brief->at_ms);
}

enum err report_rows_briefs(struct clickhouse *clickhouse, struct arena *arena,
    struct interval within, struct brief_times *out, struct fail *fail)
{
	const struct reading reading = {
	    .sql = statement_report_briefs,
	    .parameters = within_parameters(arena, within),
	    .width = 3,
	    .size = sizeof(*out->list),
	    .parse = parse_brief,
	};
	void *list = NULL;
	enum err err = read_all(clickhouse, arena, &reading, &list, &out->count, fail);

	if (!err)
		out->list = list;
	return err;
}

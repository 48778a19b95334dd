/* SPDX-License-Identifier: MIT */
/* leads.c: argus.consulting_bookings: the lead and what is shown of its booking */
#include "store/leads.h"
#include "base/num.h"
#include "core/address.h"
#include "store/people.h"
#include "store/statements.h"
#include "store/tsv.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* More ids than a million. */
#define IDS_REPLY_MAX (64 * 1024 * 1024)

#define ROW_MAX (128 * 1024)
#define ALIKE_REPLY_MAX ((size_t)LEADS_ALIKE_MAX * ROW_MAX)

bool leads_parse(char *const *fields, struct lead *lead)
{
	*lead = (struct lead){.version = 0};
	if (!uuid_parse(fields[0], &lead->booking) ||
	    !num_u64(fields[1], 0, UINT64_MAX, &lead->version) ||
	    !lead_status_parse(fields[2], &lead->status) ||
	    !num_i64(fields[3], 0, UINT32_MAX, &lead->slot.start) ||
	    !num_i64(fields[4], 0, UINT32_MAX, &lead->slot.end) ||
	    !calendar_check_parse(fields[5], &lead->calendar) ||
	    !tsv_ms(fields[6], &lead->created_ms))
		return false;
	for (size_t i = 0; i < LEAD_TEXT_COUNT; i++)
		*lead_text(lead, i) = fields[7 + i];
	return true;
}

/* Version, status, start and end. */
#define PART_FIXED 4

size_t leads_part_fields(enum lead_part part)
{
	size_t count = PART_FIXED;

	for (size_t i = 0; i < LEAD_TEXT_COUNT; i++)
		count += lead_texts[i].part <= part;
	return count;
}

bool leads_parse_part(
    char *const *fields, enum lead_part part, const struct uuid *booking, struct lead *lead)
{
	size_t at = PART_FIXED;

	lead_clear(lead);
	lead->booking = *booking;
	lead->is_partial = true;
	if (!num_u64(fields[0], 0, UINT64_MAX, &lead->version) ||
	    !lead_status_parse(fields[1], &lead->status) ||
	    !num_i64(fields[2], 0, UINT32_MAX, &lead->slot.start) ||
	    !num_i64(fields[3], 0, UINT32_MAX, &lead->slot.end))
		return false;
	for (size_t i = 0; i < LEAD_TEXT_COUNT; i++)
		if (lead_texts[i].part <= part)
			*lead_text(lead, i) = fields[at++];
	return true;
}

void leads_put_start(struct clickhouse *clickhouse, struct arena *arena, const struct lead *lead,
    http_done *done, void *context)
{
	struct text row = text_new(arena, ROW_MAX);
	struct query query = {
	    .sql = "INSERT INTO consulting_bookings (" LEADS_WRITTEN ") FORMAT TabSeparated",
	    .data = row.data,
	};
	char booking[UUID_TEXT];

	assert(!lead->is_partial);
	text_printf(&row,
	    "%s\t%" PRIu64 "\t%s\t%010" PRId64 "\t%010" PRId64 "\t%s\t%" PRId64 ".%03" PRId64,
	    uuid_format(&lead->booking, booking), lead->version, lead_status_name(lead->status),
	    lead->slot.start, lead->slot.end, calendar_check_name(lead->calendar),
	    lead->created_ms / 1000, lead->created_ms % 1000);
	for (size_t i = 0; i < LEAD_TEXT_COUNT; i++) {
		text_raw(&row, "\t", 1);
		text_tsv(&row, lead_text_value(lead, i));
	}
	text_raw(&row, "\n", 1);
	if (text_overflowed(&row)) {
		struct http_reply reply = {.err = ERR_TOO_LARGE};

		fail_set(&reply.fail, ERR_TOO_LARGE, "leads", "the row is larger than %d bytes",
		    ROW_MAX);
		done(context, &reply);
		return;
	}
	text_trim(arena, &row);
	query.data_len = row.len;
	clickhouse_start(clickhouse, arena, &query, done, context);
}

enum err leads_put(
    struct clickhouse *clickhouse, struct arena *arena, const struct lead *lead, struct fail *fail)
{
	struct http_reply reply;

	leads_put_start(clickhouse, arena, lead, http_keep, &reply);
	http_run(clickhouse_http(clickhouse));
	return clickhouse_judge(&reply, fail);
}

/* ERR_GARBLED: there is a row. */
static enum err find_none(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, struct fail *fail)
{
	char id[UUID_TEXT], *rows, *field;
	struct query query = {
	    .sql = "SELECT count() FROM consulting_bookings WHERE booking_id = {booking:UUID}"
		   " FORMAT TabSeparated",
	    .parameters = arena_printf(
		arena, CLICKHOUSE_FEW_ROWS "&param_booking=%s", uuid_format(booking, id)),
	};
	uint64_t count;
	enum err err;

	if ((err = clickhouse_ask(clickhouse, arena, &query, &rows, fail)))
		return err;
	if (!tsv_row(&rows, &field, 1) || !num_u64(field, 0, UINT64_MAX, &count) || count)
		return fail_set(
		    fail, ERR_GARBLED, "leads", "a row is there and not read; " CLICKHOUSE_SHORT);
	return ERR_NONE;
}

enum err leads_find(struct clickhouse *clickhouse, struct arena *arena, const struct uuid *booking,
    struct lead *out, struct fail *fail)
{
	char id[UUID_TEXT], *rows, *fields[LEADS_FIELDS];
	struct query query = {
	    .sql = "SELECT " LEADS_COLUMNS " FROM consulting_bookings FINAL"
		   " PREWHERE booking_id = {booking:UUID}"
		   " FORMAT TabSeparated",
	    .parameters =
		arena_printf(arena, "&date_time_output_format=unix_timestamp&param_booking=%s",
		    uuid_format(booking, id)),
	};
	enum err err;

	if ((err = clickhouse_ask(clickhouse, arena, &query, &rows, fail)))
		return err;
	/* A row may have come in between: then it is read now. */
	if (!*rows && (err = find_none(clickhouse, arena, booking, fail)) != ERR_GARBLED)
		return err ? err
			   : fail_set(fail, ERR_NOT_FOUND, "leads", "there is no such booking");
	if (!*rows && (err = clickhouse_ask(clickhouse, arena, &query, &rows, fail)))
		return err;
	if (!*rows)
		return fail_set(
		    fail, ERR_GARBLED, "leads", "a row is there and not read; " CLICKHOUSE_SHORT);
	if (!tsv_row(&rows, fields, LEADS_FIELDS) || !leads_parse(fields, out))
		return fail_set(fail, ERR_GARBLED, "leads", "the row cannot be understood");
	return ERR_NONE;
}

enum err leads_alike(struct clickhouse *clickhouse, struct arena *arena, const struct lead *like,
    int64_t since_ms, struct lead_list *out, struct fail *fail)
{
	struct query query = {
	    .sql = statement_leads_alike,
	    .parameters = arena_printf(arena,
		"&date_time_output_format=unix_timestamp&param_since=%" PRId64
		"&param_person=%" PRIu64 "&param_name=%" PRIu64 "&param_brief=%" PRIu64
		"&param_most=%d",
		since_ms, people_hash(address_normal(arena, like->email)), people_hash(like->name),
		people_hash(like->brief), LEADS_ALIKE_MAX),
	    .reply_max = ALIKE_REPLY_MAX,
	    .is_whole = true,
	};
	char *rows, *fields[LEADS_FIELDS];
	struct lead_list found = {NULL, 0};
	enum err err;

	if ((err = clickhouse_ask(clickhouse, arena, &query, &rows, fail)))
		return err;
	found.list = arena_array(arena, tsv_count(rows) + 1, sizeof(*found.list));
	if (!found.list)
		return fail_set(fail, ERR_SYSTEM, "leads", "no memory");
	/* What no program wrote is nobody's brief. */
	while (tsv_row(&rows, fields, LEADS_FIELDS))
		found.count += leads_parse(fields, &found.list[found.count]);
	*out = found;
	return tsv_at_end(rows)
		   ? ERR_NONE
		   : fail_set(fail, ERR_GARBLED, "leads", "the rows cannot be understood");
}

enum err leads_ids(
    struct clickhouse *clickhouse, struct arena *arena, struct lead_ids *out, struct fail *fail)
{
	struct query query = {
	    .sql = "SELECT DISTINCT booking_id FROM consulting_bookings FORMAT TabSeparated",
	    .reply_max = IDS_REPLY_MAX,
	    .is_whole = true,
	};
	struct lead_ids ids = {NULL, 0};
	char *rows, *field;
	enum err err = clickhouse_ask(clickhouse, arena, &query, &rows, fail);

	if (err)
		return err;
	ids.list = arena_array(arena, tsv_count(rows) + 1, sizeof(*ids.list));
	if (!ids.list)
		return fail_set(fail, ERR_SYSTEM, "leads", "no memory");
	while (tsv_row(&rows, &field, 1))
		if (uuid_parse(field, &ids.list[ids.count]))
			ids.count++;
	if (!tsv_at_end(rows))
		return fail_set(fail, ERR_GARBLED, "leads", "the rows cannot be understood");
	*out = ids;
	return ERR_NONE;
}

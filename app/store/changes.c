/* SPDX-License-Identifier: MIT */
/* changes.c: which bookings changed, and of which something may be due, without reading the others
 */
#include "store/changes.h"
#include "base/num.h"
#include "core/lead.h"
#include "store/statements.h"
#include "store/tsv.h"

#include <inttypes.h>

#define REPLY_BYTES (64 * 1024 * 1024)
/* A row may appear so much later than the time that it bears. */
#define ROW_LATE_MS 60000

/* "all_1_7_2": the first and the newest block of a part, by its name. */
#define FIRST_BLOCK "toUInt64OrZero(splitByChar('_', _part)[2])"
#define BLOCK "toUInt64OrZero(splitByChar('_', _part)[3])"
#define STATE                                                                                      \
	"SELECT"                                                                                   \
	" booking_id,"                                                                             \
	" min(toUnixTimestamp64Milli(created_at)),"                                                \
	" max(version),"                                                                           \
	" argMax(status, version),"                                                                \
	" argMax(held, (version, written_at)) IN ('" LEAD_HELD_ADDRESS "', '" LEAD_HELD_HOUR       \
	"', '" LEAD_HELD_VERIFY "'),"                                                              \
	" argMax(video_link, (version, written_at)) != ''"                                         \
	" FROM consulting_bookings"
#define STATE_FIELDS 6

static enum err garbled(struct fail *fail)
{
	return fail_set(fail, ERR_GARBLED, "changes", "the reply cannot be understood");
}

/* One row of numbers. */
static enum err ask_numbers(struct clickhouse *clickhouse, struct arena *arena,
    const struct query *query, uint64_t numbers[4], struct fail *fail)
{
	char *rows, *fields[4];
	enum err err;

	if ((err = clickhouse_ask(clickhouse, arena, query, &rows, fail)))
		return err;
	if (!tsv_row(&rows, fields, 4) || !tsv_at_end(rows))
		return garbled(fail);
	for (int i = 0; i < 4; i++)
		if (!num_u64(fields[i], 0, INT64_MAX, &numbers[i]))
			return garbled(fail);
	return ERR_NONE;
}

enum err changes_begin(
    struct clickhouse *clickhouse, struct arena *arena, struct changes_mark *out, struct fail *fail)
{
	struct query query = {
	    .sql = statement_changes_begin,
	};
	uint64_t found[4];
	enum err err = ask_numbers(clickhouse, arena, &query, found, fail);

	if (!err)
		*out = (struct changes_mark){found[0], found[1], found[2], (int64_t)found[3]};
	return err;
}

enum err changes_look(struct clickhouse *clickhouse, struct arena *arena,
    const struct changes_mark *mark, struct changes_found *out, struct fail *fail)
{
	struct query query = {
	    .sql = statement_changes_look,
	    .parameters = arena_printf(arena,
		"&param_ledger=%" PRIu64 "&param_deliveries=%" PRIu64 "&param_leads=%" PRIu64,
		mark->ledger, mark->deliveries, mark->leads),
	};
	uint64_t found[4];
	enum err err = ask_numbers(clickhouse, arena, &query, found, fail);

	if (!err)
		*out = (struct changes_found){found[0], found[1], found[2], (int64_t)found[3]};
	return err;
}

/* Rows of one id. */
static enum err take_ids(struct clickhouse *clickhouse, struct arena *arena,
    const struct query *query, changes_take *take, void *context, struct fail *fail)
{
	struct lead_state state = {0};
	char *rows, *fields[1];
	enum err err;

	if ((err = clickhouse_ask(clickhouse, arena, query, &rows, fail)))
		return err;
	while (tsv_row(&rows, fields, 1)) {
		if (!uuid_parse(fields[0], &state.booking))
			return garbled(fail);
		if (!take(context, &state))
			return fail_set(fail, ERR_SYSTEM, "changes", "no memory");
	}
	return tsv_at_end(rows) ? ERR_NONE : garbled(fail);
}

enum err changes_in_ledger(struct clickhouse *clickhouse, struct arena *arena,
    const struct changes_mark *mark, changes_take *take, void *context, struct fail *fail)
{
	struct query query = {
	    .sql = "SELECT booking_id"
		   " FROM ledger"
		   " WHERE " BLOCK " > {number:UInt64}"
		   " AND _block_number > {number:UInt64}"
		   " FORMAT TabSeparated",
	    .parameters = arena_printf(arena, "&param_number=%" PRIu64, mark->ledger),
	    .reply_max = REPLY_BYTES,
	    .is_whole = true,
	};

	return take_ids(clickhouse, arena, &query, take, context, fail);
}

/* Rows of STATE. */
static enum err take_states(struct clickhouse *clickhouse, struct arena *arena,
    const struct query *query, changes_take *take, void *context, struct fail *fail)
{
	char *rows, *fields[STATE_FIELDS];
	struct lead_state state;
	uint64_t is_held, has_video;
	enum err err;

	if ((err = clickhouse_ask(clickhouse, arena, query, &rows, fail)))
		return err;
	while (tsv_row(&rows, fields, STATE_FIELDS)) {
		if (!uuid_parse(fields[0], &state.booking) ||
		    !tsv_ms(fields[1], &state.created_ms) ||
		    !num_u64(fields[2], 0, UINT64_MAX, &state.version) ||
		    !lead_status_parse(fields[3], &state.status) ||
		    !num_u64(fields[4], 0, 1, &is_held) || !num_u64(fields[5], 0, 1, &has_video))
			return garbled(fail);
		state.is_held = is_held;
		state.has_video = has_video;
		if (!take(context, &state))
			return fail_set(fail, ERR_SYSTEM, "changes", "no memory");
	}
	return tsv_at_end(rows) ? ERR_NONE : garbled(fail);
}

/* This table has no numbers of rows. All of a part that begins after the mark are new; of one that
 * a merge made of both, those are that were written since. */
enum err changes_in_leads(struct clickhouse *clickhouse, struct arena *arena,
    const struct changes_mark *mark, changes_take *take, void *context, struct fail *fail)
{
	struct query query = {
	    .sql = STATE " WHERE " BLOCK " > {number:UInt64}"
			 " AND (" FIRST_BLOCK " > {number:UInt64}"
			 " OR written_at >= fromUnixTimestamp64Milli({since:Int64}))"
			 " GROUP BY booking_id"
			 " FORMAT TabSeparated",
	    .parameters = arena_printf(arena, "&param_number=%" PRIu64 "&param_since=%" PRId64,
		mark->leads, mark->now_ms - ROW_LATE_MS),
	    .reply_max = REPLY_BYTES,
	    .is_whole = true,
	};

	return take_states(clickhouse, arena, &query, take, context, fail);
}

enum err changes_leads_of(struct clickhouse *clickhouse, struct arena *arena, const struct ids *ids,
    changes_take *take, void *context, struct fail *fail)
{
	struct query query = {
	    .sql = ids_sql(arena, STATE " WHERE booking_id IN ", ids,
		" GROUP BY booking_id FORMAT TabSeparated"),
	    .reply_max = REPLY_BYTES,
	    .is_whole = true,
	};

	if (!query.sql)
		return fail_set(fail, ERR_SYSTEM, "changes", "no memory");
	return take_states(clickhouse, arena, &query, take, context, fail);
}

enum err changes_may_be_due(struct clickhouse *clickhouse, struct arena *arena, uint64_t offset,
    changes_take *take, void *context, struct fail *fail)
{
	struct query query = {
	    .sql = statement_may_be_due,
	    .parameters = arena_printf(arena, "&param_offset=%" PRIu64, offset),
	    .reply_max = REPLY_BYTES,
	    .is_whole = true,
	};

	return take_ids(clickhouse, arena, &query, take, context, fail);
}

/* SPDX-License-Identifier: MIT */
/* deliveries.c: argus.deliveries: the couriers' log */
#include "store/deliveries.h"
#include "base/clock.h"
#include "base/num.h"
#include "store/tsv.h"

#include <inttypes.h>
#include <string.h>

#define ROW_MAX (512 * 1024)
#define LOG_BYTES (64 * 1024 * 1024)
#define PAGE_ROWS 20000
#define PAGES_MAX (80 * 1024 * 1024)
/* A rebuild may take its time. */
#define REBUILD_MS 600000

enum err deliveries_row_counts(struct clickhouse *clickhouse, struct arena *arena,
    struct row_counts *out, int64_t *now_ms, struct fail *fail)
{
	struct query query = {
	    .sql = "SELECT (SELECT count() FROM ledger), (SELECT count() FROM deliveries),"
		   " count(), toUnixTimestamp64Milli(max(written_at)),"
		   " toUnixTimestamp64Milli(now64(3)) FROM consulting_bookings"
		   " FORMAT TabSeparated",
	    .deadline = clickhouse_deadline(clickhouse),
	};
	char *rows, *fields[5];
	struct row_counts row_counts;
	int64_t now;
	enum err err;

	if ((err = clickhouse_ask(clickhouse, arena, &query, &rows, fail)))
		return err;
	if (!tsv_row(&rows, fields, 5) ||
	    !num_u64(fields[0], 0, UINT64_MAX, &row_counts.ledger_rows) ||
	    !num_u64(fields[1], 0, UINT64_MAX, &row_counts.delivery_rows) ||
	    !num_u64(fields[2], 0, UINT64_MAX, &row_counts.rows) ||
	    !num_i64(fields[3], INT64_MIN, INT64_MAX, &row_counts.newest_row_ms) ||
	    !num_i64(fields[4], 0, INT64_MAX, &now))
		return fail_set(
		    fail, ERR_GARBLED, "deliveries", "the counts of rows cannot be understood");
	*out = row_counts;
	*now_ms = now;
	return ERR_NONE;
}

static bool read_row(char **fields, struct dockets *dockets, uint64_t *number)
{
	struct delivery delivery = {.state = DELIVERY_NONE};
	struct uuid booking, owner;
	struct docket *docket;
	uint64_t attempt, at;

	if (!num_u64(fields[0], 1, UINT64_MAX, &at) || !uuid_parse(fields[1], &booking) ||
	    !num_u64(fields[2], 0, UINT64_MAX, &delivery.version) ||
	    !num_u64(fields[5], 0, UINT16_MAX, &attempt) || !uuid_parse(fields[6], &owner) ||
	    !num_i64(fields[7], INT64_MIN, INT64_MAX, &delivery.until_ms) ||
	    !num_i64(fields[8], INT64_MIN, INT64_MAX, &delivery.at_ms))
		return false;
	delivery.attempt = (unsigned)attempt;
	docket = dockets_open(dockets, &booking);
	if (!docket)
		return false;
	docket->look_ms = 0;
	if (at > *number)
		*number = at;
	if (strcmp(fields[3], "lease") == 0) {
		if (strcmp(fields[4], "done") == 0)
			docket_release(docket, &owner, delivery.at_ms);
		else
			docket_lease(docket, &owner, delivery.at_ms);
		return true;
	}
	/* Another version of this program may know more duties. */
	return !duty_parse(fields[3], &delivery.duty) ||
	       !delivery_state_parse(fields[4], &delivery.state) ||
	       docket_record(docket, &delivery);
}

/* One page, and the rest of its last block; *count: how many rows it had. */
static enum err read_page(struct clickhouse *clickhouse, struct arena *arena, uint64_t *number,
    struct dockets *dockets, size_t *count, struct fail *fail)
{
	struct query query = {
	    .sql = "SELECT _block_number, booking_id, version, duty, state, attempt, owner,"
		   " toUnixTimestamp64Milli(until), toUnixTimestamp64Milli(at) FROM deliveries"
		   " WHERE _block_number > {number:UInt64} ORDER BY _block_number"
		   " LIMIT {rows:UInt64} WITH TIES FORMAT TabSeparated",
	    .parameters =
		arena_printf(arena, "&param_number=%" PRIu64 "&param_rows=%d", *number, PAGE_ROWS),
	    .reply_max = LOG_BYTES,
	    .deadline = clickhouse_deadline(clickhouse),
	};
	char *rows, *fields[9];
	enum err err;

	*count = 0;
	if ((err = clickhouse_ask(clickhouse, arena, &query, &rows, fail)))
		return err;
	for (; tsv_row(&rows, fields, 9); ++*count)
		if (!read_row(fields, dockets, number))
			return fail_set(
			    fail, ERR_GARBLED, "deliveries", "a row cannot be understood");
	if (!tsv_at_end(rows))
		return fail_set(fail, ERR_GARBLED, "deliveries", "the log cannot be understood");
	return ERR_NONE;
}

enum err deliveries_read(struct clickhouse *clickhouse, struct arena *arena, uint64_t *number,
    struct dockets *dockets, struct fail *fail)
{
	size_t count;
	enum err err = read_page(clickhouse, arena, number, dockets, &count, fail);
	struct arena *pages;

	if (err || count < PAGE_ROWS)
		return err;
	/* A long log is read once, at the start, in memory that is given back. */
	pages = arena_new(PAGES_MAX);
	if (!pages)
		return fail_set(fail, ERR_SYSTEM, "deliveries", "no memory");
	while (!err && count >= PAGE_ROWS) {
		arena_reset(pages);
		err = read_page(clickhouse, pages, number, dockets, &count, fail);
	}
	arena_free(pages);
	return err;
}

enum err deliveries_read_leads(struct clickhouse *clickhouse, struct arena *arena, int64_t since_ms,
    struct dockets *dockets, struct fail *fail)
{
	struct query query = {
	    .sql =
		"SELECT booking_id, min(toUnixTimestamp64Milli(created_at)) FROM "
		"consulting_bookings"
		" WHERE written_at >= fromUnixTimestamp64Milli({since:Int64}) GROUP BY booking_id"
		" FORMAT TabSeparated",
	    .parameters = arena_printf(arena, "&param_since=%" PRId64, since_ms),
	    .reply_max = LOG_BYTES,
	    .deadline = clickhouse_deadline(clickhouse),
	};
	char *rows, *fields[2];
	struct docket *docket;
	struct uuid booking;
	int64_t created_ms;
	enum err err;

	if ((err = clickhouse_ask(clickhouse, arena, &query, &rows, fail)))
		return err;
	while (tsv_row(&rows, fields, 2)) {
		if (!uuid_parse(fields[0], &booking) ||
		    !num_i64(fields[1], 0, INT64_MAX, &created_ms))
			return fail_set(
			    fail, ERR_GARBLED, "deliveries", "a brief's row cannot be understood");
		docket = dockets_open(dockets, &booking);
		if (!docket)
			return fail_set(fail, ERR_SYSTEM, "deliveries", "no memory");
		docket->created_ms = created_ms;
		docket->look_ms = 0;
	}
	if (!tsv_at_end(rows))
		return fail_set(fail, ERR_GARBLED, "deliveries", "the briefs cannot be understood");
	return ERR_NONE;
}

static enum err insert(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, const struct uuid *owner, const char *duty, const char *state,
    uint64_t version, unsigned attempt, int64_t until_ms, const char *payload, const char *detail,
    struct fail *fail)
{
	struct text row = text_new(arena, ROW_MAX);
	struct query query = {
	    .sql = "INSERT INTO deliveries (booking_id, version, duty, state, attempt, owner, "
		   "until, detail,"
		   " payload) FORMAT TabSeparated",
	    .parameters = "&async_insert=0",
	    .data = row.data,
	    .deadline = clickhouse_deadline(clickhouse),
	};
	char id[UUID_TEXT], by[UUID_TEXT];

	text_printf(&row, "%s\t%" PRIu64 "\t%s\t%s\t%u\t%s\t%010" PRId64 ".%03" PRId64 "\t",
	    uuid_format(booking, id), version, duty, state, attempt, uuid_format(owner, by),
	    until_ms / 1000, until_ms % 1000);
	text_tsv(&row, detail);
	text_raw(&row, "\t", 1);
	text_tsv(&row, payload);
	text_raw(&row, "\n", 1);
	if (text_overflowed(&row))
		return fail_set(fail, ERR_TOO_LARGE, "deliveries",
		    "the record is larger than %d bytes", ROW_MAX);
	arena_trim(arena, row.data, row.len + 1);
	query.data_len = row.len;
	return clickhouse_ask(clickhouse, arena, &query, NULL, fail);
}

enum err deliveries_lease(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, const struct uuid *owner, struct fail *fail)
{
	return insert(clickhouse, arena, booking, owner, "lease", "none", 0, 0, 0, "", "", fail);
}

enum err deliveries_release(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, const struct uuid *owner, struct fail *fail)
{
	return insert(clickhouse, arena, booking, owner, "lease", "done", 0, 0, 0, "", "", fail);
}

enum err deliveries_record(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, const struct uuid *owner, const struct delivery *delivery,
    const char *payload, const char *detail, struct fail *fail)
{
	return insert(clickhouse, arena, booking, owner, duty_name(delivery->duty),
	    delivery_state_name(delivery->state), delivery->version, delivery->attempt,
	    delivery->until_ms, payload, detail, fail);
}

enum err deliveries_payload(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, enum duty duty, uint64_t version, const char **out,
    int64_t *since_ms, struct fail *fail)
{
	char id[UUID_TEXT];
	struct query query = {
	    .sql = "SELECT payload, toUnixTimestamp64Milli(at) FROM deliveries WHERE booking_id = "
		   "{booking:UUID} AND"
		   " version = {version:UInt64} AND duty = {duty:String} AND payload != ''"
		   " ORDER BY _block_number LIMIT 1 FORMAT TabSeparated",
	    .parameters =
		arena_printf(arena, "&param_booking=%s&param_version=%" PRIu64 "&param_duty=%s",
		    uuid_format(booking, id), version, duty_name(duty)),
	    .reply_max = ROW_MAX,
	    .deadline = clickhouse_deadline(clickhouse),
	};
	char *rows, *fields[2];
	enum err err;

	if ((err = clickhouse_ask(clickhouse, arena, &query, &rows, fail)))
		return err;
	if (tsv_at_end(rows)) {
		*out = NULL;
		*since_ms = 0;
		return ERR_NONE;
	}
	if (!tsv_row(&rows, fields, 2) || !num_i64(fields[1], INT64_MIN, INT64_MAX, since_ms))
		return fail_set(
		    fail, ERR_GARBLED, "deliveries", "what was kept cannot be understood");
	*out = fields[0];
	return ERR_NONE;
}

enum err deliveries_rebuild(struct clickhouse *clickhouse, struct arena *arena, struct fail *fail)
{
	/* The order is lost, but what counts of a duty does not need it: see docket_record(). */
	static const char *const statements[] = {
	    "DROP TABLE IF EXISTS deliveries_next SYNC",
	    "CREATE TABLE deliveries_next AS deliveries",
	    "INSERT INTO deliveries_next (booking_id, version, duty, state, owner, until, payload, "
	    "at)"
	    " SELECT booking_id, version, duty, 'trying', any(owner), min(at), argMin(payload, at),"
	    " min(at) FROM deliveries WHERE payload != '' GROUP BY booking_id, version, duty",
	    "INSERT INTO deliveries_next (booking_id, version, duty, state, attempt, owner, until,"
	    " detail, at) SELECT booking_id, version, duty, last.1, last.2, last.3, last.4, last.5,"
	    " last.6 FROM (SELECT booking_id, version, duty, argMax((state, attempt, owner, until,"
	    " detail, at), (multiIf(duty = 'failed', 0, state = 'done', 2, state IN ('failed', "
	    "'unsure'), 1, 0),"
	    " at)) AS last FROM deliveries WHERE duty != 'lease' GROUP BY booking_id, version, "
	    "duty)",
	    "EXCHANGE TABLES deliveries AND deliveries_next",
	    "DROP TABLE deliveries_next SYNC",
	};
	struct query query = {.parameters = "&async_insert=0"};
	enum err err = ERR_NONE;

	for (size_t i = 0; !err && i < sizeof(statements) / sizeof(statements[0]); i++) {
		query.sql = statements[i];
		query.deadline = clock_boot_ms() + REBUILD_MS;
		err = clickhouse_ask(clickhouse, arena, &query, NULL, fail);
	}
	return err;
}

/* SPDX-License-Identifier: MIT */
/* deliveries.c: argus.deliveries: the couriers' log */
#include "store/deliveries.h"
#include "base/clock.h"
#include "base/num.h"
#include "store/statements.h"
#include "store/tsv.h"

#include <inttypes.h>
#include <string.h>

#define ROWS_MAX (512 * 1024)
#define LOG_BYTES (64 * 1024 * 1024)
#define PAGE_ROWS 20000
/* A rebuild may take its time. */
#define REBUILD_MS 600000

/*
 * What no program writes becomes an unknown duty, and the rest is read: a text without an end, and
 * a lease of the future, which would keep everybody from a booking until then.
 */
#define COLUMNS                                                                                    \
	"SELECT _block_number, booking_id, version,"                                               \
	" if(duty = 'lease' AND at > now64(3) + INTERVAL 1 MINUTE, '', substring(duty, 1, 32)),"   \
	" substring(state, 1, 16), attempt, owner,"                                                \
	" toUnixTimestamp64Milli(until), toUnixTimestamp64Milli(at)"                               \
	" FROM deliveries"
#define FIELDS 9

static bool parse(char **fields, struct delivery_record *record, bool *is_known)
{
	struct delivery *delivery = &record->delivery;
	uint64_t attempt;

	*record = (struct delivery_record){.payload = "", .detail = ""};
	if (!num_u64(fields[0], 1, UINT64_MAX, &record->number) ||
	    !uuid_parse(fields[1], &record->booking) ||
	    !num_u64(fields[2], 0, UINT64_MAX, &delivery->version) ||
	    !num_u64(fields[5], 0, UINT16_MAX, &attempt) ||
	    !uuid_parse(fields[6], &record->owner) ||
	    !num_i64(fields[7], INT64_MIN, INT64_MAX, &delivery->until_ms) ||
	    !num_i64(fields[8], INT64_MIN, INT64_MAX, &delivery->at_ms))
		return false;
	delivery->attempt = (unsigned)attempt;
	*is_known = true;
	if (strcmp(fields[3], "lease") == 0)
		record->kind = strcmp(fields[4], "done") == 0 ? DELIVERY_RELEASE : DELIVERY_LEASE;
	else /* Another version of this program may know more duties. */
		*is_known = duty_parse(fields[3], &delivery->duty) &&
			    delivery_state_parse(fields[4], &delivery->state);
	return true;
}

bool deliveries_apply(struct duties *duties, const struct delivery_record *record)
{
	switch (record->kind) {
	case DELIVERY_LEASE:
		duties_lease(duties, &record->owner, record->delivery.at_ms);
		return true;
	case DELIVERY_RELEASE:
		duties_release(duties, &record->owner, record->delivery.at_ms);
		return true;
	case DELIVERY_RECORD:
		break;
	}
	return duties_record(duties, &record->delivery);
}

/* Where a read of the log has come to. */
struct reading {
	uint64_t number; /* the newest */
	size_t count;
	deliveries_take *take;
	void *context;
};

static enum err read_rows(struct clickhouse *clickhouse, struct arena *arena,
    const struct query *query, struct reading *reading, struct fail *fail)
{
	struct delivery_record record;
	char *rows, *fields[FIELDS];
	bool is_known;
	enum err err;

	if ((err = clickhouse_ask(clickhouse, arena, query, &rows, fail)))
		return err;
	for (reading->count = 0; tsv_row(&rows, fields, FIELDS); reading->count++) {
		if (!parse(fields, &record, &is_known))
			return fail_set(
			    fail, ERR_GARBLED, "deliveries", "a row cannot be understood");
		if (is_known && !reading->take(reading->context, &record))
			return fail_set(fail, ERR_SYSTEM, "deliveries", "no memory");
		if (record.number > reading->number)
			reading->number = record.number;
	}
	if (!tsv_at_end(rows))
		return fail_set(fail, ERR_GARBLED, "deliveries", "the log cannot be understood");
	return ERR_NONE;
}

/* Pages, each with the rest of its last block. Parts without anything new are left out by their
 * names: see changes.h. */
enum err deliveries_tail(struct clickhouse *clickhouse, struct arena *arena, uint64_t *number,
    deliveries_take *take, void *context, struct fail *fail)
{
	struct reading reading = {.number = *number, .take = take, .context = context};
	enum err err;

	do {
		struct query query = {
		    .sql = COLUMNS " WHERE toUInt64OrZero(splitByChar('_', _part)[3])"
				   " > {number:UInt64}"
				   " AND _block_number > {number:UInt64}"
				   " ORDER BY _block_number"
				   " LIMIT {rows:UInt64} WITH TIES"
				   " FORMAT TabSeparated",
		    .parameters = arena_printf(
			arena, "&param_number=%" PRIu64 "&param_rows=%d", *number, PAGE_ROWS),
		    .reply_max = LOG_BYTES,
		    .is_whole = true,
		};

		err = read_rows(clickhouse, arena, &query, &reading, fail);
		if (!err)
			*number = reading.number;
	} while (!err && reading.count >= PAGE_ROWS);
	return err;
}

enum err deliveries_of(struct clickhouse *clickhouse, struct arena *arena, const struct ids *ids,
    deliveries_take *take, void *context, struct fail *fail)
{
	struct reading reading = {.take = take, .context = context};
	struct query query = {
	    .sql = ids_sql(arena, COLUMNS " WHERE booking_id IN ", ids,
		" ORDER BY _block_number FORMAT TabSeparated"),
	    .reply_max = LOG_BYTES,
	    .is_whole = true,
	};

	if (!query.sql)
		return fail_set(fail, ERR_SYSTEM, "deliveries", "no memory");
	return read_rows(clickhouse, arena, &query, &reading, fail);
}

static void write_row(struct text *row, const struct delivery_record *record)
{
	const struct delivery *delivery = &record->delivery;
	bool is_duty = record->kind == DELIVERY_RECORD;
	char id[UUID_TEXT], by[UUID_TEXT];

	text_printf(row, "%s\t%" PRIu64 "\t%s\t%s\t%u\t%s\t%010" PRId64 ".%03" PRId64 "\t",
	    uuid_format(&record->booking, id), delivery->version,
	    is_duty ? duty_name(delivery->duty) : "lease",
	    is_duty			       ? delivery_state_name(delivery->state)
	    : record->kind == DELIVERY_RELEASE ? "done"
					       : "none",
	    delivery->attempt, uuid_format(&record->owner, by), delivery->until_ms / 1000,
	    delivery->until_ms % 1000);
	text_tsv(row, record->detail ? record->detail : "");
	text_raw(row, "\t", 1);
	text_tsv(row, record->payload ? record->payload : "");
	text_raw(row, "\n", 1);
}

enum err deliveries_put(struct clickhouse *clickhouse, struct arena *arena,
    const struct delivery_record *list, size_t count, struct fail *fail)
{
	struct text rows = text_new(arena, ROWS_MAX);
	struct query query = {
	    .sql = "INSERT INTO deliveries"
		   " (booking_id, version, duty, state, attempt, owner, until, detail, payload)"
		   " FORMAT TabSeparated",
	    .data = rows.data,
	};

	for (size_t i = 0; i < count; i++)
		write_row(&rows, &list[i]);
	if (text_overflowed(&rows))
		return fail_set(fail, ERR_TOO_LARGE, "deliveries",
		    "the records are larger than %d bytes", ROWS_MAX);
	text_trim(arena, &rows);
	query.data_len = rows.len;
	return clickhouse_ask(clickhouse, arena, &query, NULL, fail);
}

static enum err put_leases(struct clickhouse *clickhouse, struct arena *arena,
    const struct ids *ids, const struct uuid *owner, enum delivery_record_kind kind,
    struct fail *fail)
{
	struct delivery_record *list = arena_array(arena, ids->count, sizeof(*list));

	if (!list)
		return fail_set(fail, ERR_SYSTEM, "deliveries", "no memory");
	for (size_t i = 0; i < ids->count; i++)
		list[i] = (struct delivery_record){
		    .booking = ids->list[i], .owner = *owner, .kind = kind};
	return deliveries_put(clickhouse, arena, list, ids->count, fail);
}

enum err deliveries_lease(struct clickhouse *clickhouse, struct arena *arena, const struct ids *ids,
    const struct uuid *owner, struct fail *fail)
{
	return put_leases(clickhouse, arena, ids, owner, DELIVERY_LEASE, fail);
}

enum err deliveries_release(struct clickhouse *clickhouse, struct arena *arena,
    const struct ids *ids, const struct uuid *owner, struct fail *fail)
{
	return put_leases(clickhouse, arena, ids, owner, DELIVERY_RELEASE, fail);
}

enum err deliveries_payload(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, const struct delivery *delivery, struct delivery_payload *out,
    struct fail *fail)
{
	char id[UUID_TEXT];
	struct query query = {
	    .sql = statement_deliveries_payload,
	    .parameters =
		arena_printf(arena, "&param_booking=%s&param_version=%" PRIu64 "&param_duty=%s",
		    uuid_format(booking, id), delivery->version, duty_name(delivery->duty)),
	    .reply_max = ROWS_MAX,
	};
	char *rows, *fields[3];
	int64_t since_ms;
	uint64_t dues;
	enum err err;

	if ((err = clickhouse_ask(clickhouse, arena, &query, &rows, fail)))
		return err;
	if (tsv_at_end(rows)) {
		*out = (struct delivery_payload){.text = NULL};
		return ERR_NONE;
	}
	if (!tsv_row(&rows, fields, 3) || !num_i64(fields[1], INT64_MIN, INT64_MAX, &since_ms) ||
	    !num_u64(fields[2], 0, UINT64_MAX, &dues))
		return fail_set(
		    fail, ERR_GARBLED, "deliveries", "what was kept cannot be understood");
	*out = (struct delivery_payload){fields[0], since_ms, dues > 0};
	return ERR_NONE;
}

const char *mail_fate_name(enum mail_fate fate)
{
	static const char *const names[MAIL_FATES] = {
	    "open", "arrived", "unsure", "failed", "refused"};

	return names[fate];
}

enum err deliveries_fate(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, uint64_t version, enum mail_fate *out, struct fail *fail)
{
	char id[UUID_TEXT], *rows, *fields[3];
	uint64_t delivered, arrived;
	struct query query = {
	    .sql = statement_deliveries_fate,
	    .parameters = arena_printf(arena, "&param_booking=%s&param_version=%" PRIu64,
		uuid_format(booking, id), version),
	};
	enum err err;

	if ((err = clickhouse_ask(clickhouse, arena, &query, &rows, fail)))
		return err;
	if (!tsv_row(&rows, fields, 3) || !num_u64(fields[0], 0, UINT64_MAX, &delivered) ||
	    !num_u64(fields[1], 0, UINT64_MAX, &arrived) || !tsv_at_end(rows))
		return fail_set(fail, ERR_GARBLED, "deliveries",
		    "what became of the mails cannot be understood");
	*out = arrived				  ? MAIL_ARRIVED
	       : strcmp(fields[2], "unsure") == 0 ? MAIL_UNSURE
	       : strcmp(fields[2], "failed") != 0 ? MAIL_OPEN
	       : delivered			  ? MAIL_FAILED
						  : MAIL_REFUSED;
	return ERR_NONE;
}

enum err deliveries_rebuild(struct clickhouse *clickhouse, struct arena *arena, struct fail *fail)
{
	/* The order is lost, but what counts of a duty does not need it: see duties_record(). Of a
	 * mail that is sent once more that is what came since. */
	static const char *const statements[] = {
	    "DROP TABLE IF EXISTS deliveries_next SYNC",
	    "CREATE TABLE deliveries_next AS deliveries",
	    statement_deliveries_rebuild_again,
	    statement_deliveries_rebuild_kept,
	    statement_deliveries_rebuild_last,
	    "EXCHANGE TABLES deliveries AND deliveries_next",
	    "DROP TABLE deliveries_next SYNC",
	};
	struct query query = {.data = NULL};
	enum err err = ERR_NONE;

	for (size_t i = 0; !err && i < sizeof(statements) / sizeof(statements[0]); i++) {
		query.sql = statements[i];
		query.deadline = clock_boot_ms() + REBUILD_MS;
		err = clickhouse_ask(clickhouse, arena, &query, NULL, fail);
	}
	return err;
}

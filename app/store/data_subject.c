/* SPDX-License-Identifier: MIT */
/* data_subject.c: everything that is kept of one person, to be shown, handed out and erased */
#include "store/data_subject.h"
#include "base/clock.h"
#include "base/num.h"
#include "core/address.h"
#include "store/deliveries.h"
#include "store/people.h"
#include "store/rights.h"
#include "store/spool.h"
#include "store/statements.h"
#include "store/tsv.h"

#include <inttypes.h>
#include <strings.h>
#include <time.h>

#define REPLY_MAX (64 * 1024 * 1024)
/* A rewrite of a table's parts may take its time. */
#define PURGE_MS 600000
#define PAUSE_MS 500

enum err data_subject_find(struct clickhouse *clickhouse, struct arena *arena, const char *email,
    struct data_subject_list *out, struct fail *fail)
{
	struct query query = {
	    .sql = "SELECT DISTINCT booking_id, email"
		   " FROM consulting_bookings"
		   " WHERE sipHash64(lower(email)) = {hash:UInt64}"
		   " FORMAT TabSeparated",
	    .reply_max = REPLY_MAX,
	    .is_whole = true,
	};
	char *rows, *fields[2];
	struct data_subject_list list = {0};
	enum err err;

	query.parameters =
	    arena_printf(arena, "&param_hash=%" PRIu64, people_address_hash(arena, email));
	if (!query.parameters)
		return fail_set(fail, ERR_SYSTEM, "data_subject", "no memory");
	if ((err = clickhouse_ask(clickhouse, arena, &query, &rows, fail)))
		return err;
	list.bookings = arena_array(arena, tsv_count(rows) + 1, sizeof(*list.bookings));
	if (!list.bookings)
		return fail_set(fail, ERR_SYSTEM, "data_subject", "no memory");
	while (tsv_row(&rows, fields, 2))
		if (strcasecmp(fields[1], email) == 0 &&
		    uuid_parse(fields[0], &list.bookings[list.count]))
			list.count++;
	if (!tsv_at_end(rows))
		return fail_set(fail, ERR_GARBLED, "data_subject", "the rows cannot be understood");
	*out = list;
	return ERR_NONE;
}

enum err data_subject_beside(struct clickhouse *clickhouse, struct arena *arena, const char *email,
    const struct data_subject_list *known, struct data_subject_list *out, struct fail *fail)
{
	struct query query = {
	    .sql = statement_leads_beside,
	    .parameters = arena_printf(arena, "&param_person=%" PRIu64 "&param_hash=%" PRIu64,
		people_hash(address_normal(arena, email)), people_address_hash(arena, email)),
	    .reply_max = REPLY_MAX,
	    .deadline = clock_boot_ms() + PURGE_MS,
	    .is_whole = true,
	};
	struct data_subject_list list = {0};
	char *rows, *field;
	enum err err;

	if ((err = clickhouse_ask(clickhouse, arena, &query, &rows, fail)))
		return err;
	list.bookings = arena_array(arena, tsv_count(rows) + 1, sizeof(*list.bookings));
	if (!list.bookings)
		return fail_set(fail, ERR_SYSTEM, "data_subject", "no memory");
	while (tsv_row(&rows, &field, 1))
		if (uuid_parse(field, &list.bookings[list.count]) &&
		    !data_subject_has(known, &list.bookings[list.count]))
			list.count++;
	if (!tsv_at_end(rows))
		return fail_set(fail, ERR_GARBLED, "data_subject", "the rows cannot be understood");
	*out = list;
	return ERR_NONE;
}

static bool parse_delivery(char *const *fields, struct data_subject_delivery *out)
{
	uint64_t attempt;

	*out = (struct data_subject_delivery){
	    .duty = fields[1], .state = fields[3], .detail = fields[6], .payload = fields[7]};
	if (!num_i64(fields[0], INT64_MIN, INT64_MAX, &out->at_ms) ||
	    !num_u64(fields[2], 0, UINT64_MAX, &out->version) ||
	    !num_u64(fields[4], 0, UINT16_MAX, &attempt) ||
	    !num_i64(fields[5], INT64_MIN, INT64_MAX, &out->until_ms))
		return false;
	out->attempt = (unsigned)attempt;
	return true;
}

enum err data_subject_deliveries(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, struct data_subject_deliveries *out, struct fail *fail)
{
	char id[UUID_TEXT];
	struct query query = {
	    .sql = "SELECT toUnixTimestamp64Milli(at), duty, version, state, attempt,"
		   " toUnixTimestamp64Milli(until), detail, payload"
		   " FROM deliveries"
		   " WHERE booking_id = {booking:UUID}"
		   " AND duty != 'lease'"
		   " ORDER BY _block_number"
		   " FORMAT TabSeparated",
	    .parameters = arena_printf(arena, "&param_booking=%s", uuid_format(booking, id)),
	    .reply_max = REPLY_MAX,
	    .is_whole = true,
	};
	struct data_subject_deliveries found = {0};
	char *rows, *fields[8];
	enum err err;

	if ((err = clickhouse_ask(clickhouse, arena, &query, &rows, fail)))
		return err;
	found.list = arena_array(arena, tsv_count(rows) + 1, sizeof(*found.list));
	if (!found.list)
		return fail_set(fail, ERR_SYSTEM, "data_subject", "no memory");
	while (tsv_row(&rows, fields, 8))
		if (!parse_delivery(fields, &found.list[found.count++]))
			return fail_set(
			    fail, ERR_GARBLED, "data_subject", "a delivery cannot be understood");
	if (!tsv_at_end(rows))
		return fail_set(
		    fail, ERR_GARBLED, "data_subject", "the deliveries cannot be understood");
	*out = found;
	return ERR_NONE;
}

bool data_subject_has(const struct data_subject_list *list, const struct uuid *booking)
{
	for (size_t i = 0; i < list->count; i++)
		if (uuid_equal(&list->bookings[i], booking))
			return true;
	return false;
}

enum err data_subject_spool(const char *dir, struct arena *arena,
    const struct data_subject_list *bookings, const char *email, struct data_subject_files *out,
    struct fail *fail)
{
	struct spool_files files;
	enum err err = spool_list(dir, arena, &files, fail);

	*out = (struct data_subject_files){0};
	/* A machine without workers has no spool. */
	if (err)
		return err == ERR_NOT_FOUND ? ERR_NONE : err;
	for (size_t i = 0; i < files.count; i++) {
		struct data_subject_file *file = arena_alloc(arena, sizeof(*file));
		bool is_theirs;
		struct fail ignored;

		if (!file)
			return fail_set(fail, ERR_SYSTEM, "data_subject", "no memory");
		file->path = files.list[i].path;
		file->name = files.list[i].name;
		file->is_readable = !spool_read(file->path, arena, &file->lead, &ignored);
		if (!file->is_readable)
			file->lead.booking = files.list[i].booking;
		is_theirs = (file->is_readable || files.list[i].has_booking) &&
			    data_subject_has(bookings, &file->lead.booking);
		if (!file->is_readable && !is_theirs && (email || !files.list[i].has_booking))
			out->unread++;
		if (!is_theirs &&
		    !(email && file->is_readable && strcasecmp(file->lead.email, email) == 0))
			continue;
		file->next = out->list;
		out->list = file;
	}
	return ERR_NONE;
}

static bool take_record(void *context, const struct delivery_record *record)
{
	return deliveries_apply(context, record);
}

/* Asks, and finds out who has it by the log. */
static enum err ask_lease(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, const struct uuid *owner, bool *is_ours, struct fail *fail)
{
	struct duties duties = {.booking = *booking};
	struct ids ids = {booking, 1};
	enum err err;

	if (!(err = deliveries_lease(clickhouse, arena, &ids, owner, fail)))
		err = deliveries_of(clickhouse, arena, &ids, take_record, &duties, fail);
	*is_ours = uuid_equal(&duties.owner, owner);
	duties_free(&duties);
	return err;
}

enum err data_subject_lease(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, const struct uuid *owner, struct fail *fail)
{
	/* A courier gives way in its next round; one that just prolonged it may have died since. */
	int64_t give_up = clock_boot_ms() + 2 * LEASE_MS;
	bool is_ours;
	enum err err;

	while (!(err = ask_lease(clickhouse, arena, booking, owner, &is_ours, fail)) && !is_ours) {
		if (clock_boot_ms() > give_up)
			return fail_set(fail, ERR_BUSY, "data_subject",
			    "a courier has this booking in hand; try again in a minute");
		nanosleep(&(struct timespec){0, PAUSE_MS * 1000000}, NULL);
	}
	return err;
}

enum err data_subject_may_erase(
    struct clickhouse *clickhouse, struct arena *arena, const struct conf *conf, struct fail *fail)
{
	static const struct right rights[] = {
	    {"SELECT", "ledger", true},
	    {"INSERT", "ledger", true},
	    {"SELECT", "consulting_bookings", true},
	    {"INSERT", "consulting_bookings", true},
	    {"ALTER DELETE", "consulting_bookings", true},
	    {"SELECT", "deliveries", true},
	    {"INSERT", "deliveries", true},
	    {"ALTER DELETE", "deliveries", true},
	    {NULL, NULL, false},
	};

	return rights_need(clickhouse, arena, conf, rights, fail);
}

enum err data_subject_purge(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, uint64_t version, uint64_t *left, struct fail *fail)
{
	static const char *const statements[] = {
	    "ALTER TABLE consulting_bookings DELETE"
	    " WHERE booking_id = {booking:UUID}"
	    " AND version < {version:UInt64}"
	    " SETTINGS mutations_sync = 2",
	    /* What was seen of an event has no version of the ledger. */
	    "ALTER TABLE deliveries DELETE"
	    " WHERE booking_id = {booking:UUID}"
	    " AND version != {version:UInt64}"
	    " AND duty != 'lease'"
	    " SETTINGS mutations_sync = 2",
	};
	char id[UUID_TEXT], *rows, *field;
	struct query query = {
	    .parameters = arena_printf(arena, "&param_booking=%s&param_version=%" PRIu64,
		uuid_format(booking, id), version),
	};
	enum err err;

	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
		query.sql = statements[i];
		query.deadline = clock_boot_ms() + PURGE_MS;
		if ((err = clickhouse_ask(clickhouse, arena, &query, NULL, fail)))
			return err;
	}
	query.sql = "SELECT (SELECT count()"
		    " FROM consulting_bookings"
		    " WHERE booking_id = {booking:UUID}"
		    " AND " LEADS_HAS_PERSON ") + (SELECT count()"
		    " FROM deliveries"
		    " WHERE booking_id = {booking:UUID}"
		    " AND payload != '')"
		    " FORMAT TabSeparated";
	query.deadline = 0;
	if ((err = clickhouse_ask(clickhouse, arena, &query, &rows, fail)))
		return err;
	if (!tsv_row(&rows, &field, 1) || !num_u64(field, 0, UINT64_MAX, left))
		return fail_set(
		    fail, ERR_GARBLED, "data_subject", "what is left cannot be understood");
	return ERR_NONE;
}

/* SPDX-License-Identifier: MIT */
/* people.c: what one e-mail address has asked for already */
#include "store/people.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/num.h"
#include "base/text.h"
#include "core/address.h"
#include "core/lead.h"
#include "store/statements.h"
#include "store/tsv.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#define REPLY_MAX (4 * 1024 * 1024)
#define LOCK_POLL_MS 5

uint64_t people_hash(const char *text)
{
	static const unsigned char key[crypto_shorthash_KEYBYTES];
	unsigned char hash[crypto_shorthash_BYTES];
	uint64_t number = 0;

	_Static_assert(sizeof(hash) == sizeof(number), "SipHash has 64 bits");
	crypto_shorthash(hash, (const unsigned char *)text, strlen(text), key);
	for (size_t i = sizeof(hash); i-- > 0;)
		number = number << 8 | hash[i];
	return number;
}

enum err people_ask(struct clickhouse *clickhouse, struct arena *arena, const char *address,
    const struct uuid *booking, struct people *out, struct fail *fail)
{
	const char *normal = address_normal(arena, address), *at = strrchr(normal, '@');
	char id[UUID_TEXT], *rows, *fields[4];
	uint64_t blocked;
	struct query query = {
	    .sql = statement_people,
	    .parameters = arena_printf(arena,
		"&param_person=%" PRIu64 "&param_domain=%" PRIu64 "&param_booking=%s",
		people_hash(normal), people_hash(at ? at + 1 : normal), uuid_format(booking, id)),
	};
	struct people people;
	enum err err;

	if ((err = clickhouse_ask(clickhouse, arena, &query, &rows, fail)))
		return err;
	if (!tsv_row(&rows, fields, 4) || !num_u64(fields[0], 0, UINT64_MAX, &people.briefs) ||
	    !num_u64(fields[1], 0, UINT64_MAX, &people.calls) ||
	    !num_u64(fields[2], 0, UINT64_MAX, &people.all_briefs) ||
	    !num_u64(fields[3], 0, UINT64_MAX, &blocked))
		return fail_set(fail, ERR_GARBLED, "people", "the answer cannot be understood");
	people.is_blocked = blocked > 0;
	*out = people;
	return ERR_NONE;
}

static bool reaches(uint64_t count, int64_t limit)
{
	return limit && count >= (uint64_t)limit;
}

const char *people_hold(const struct people *people, const struct conf *conf)
{
	int64_t limit = conf->fair.briefs_per_address;

	if (people->is_blocked || (limit && people->briefs > (uint64_t)limit))
		return NULL;
	if (reaches(people->briefs, limit) || reaches(people->calls, conf->fair.calls_per_address))
		return LEAD_HELD_ADDRESS;
	if (reaches(people->all_briefs, conf->fair.briefs_per_hour))
		return LEAD_HELD_HOUR;
	return conf->fair.verify ? LEAD_HELD_VERIFY : "";
}

int people_lock(const char *dir, struct arena *arena, const char *address, int64_t deadline)
{
	const char *name = arena_printf(
	    arena, "person.%02x", (unsigned)(people_hash(address_normal(arena, address)) >> 56));

	return name ? file_lock_in(dir, name, deadline, LOCK_POLL_MS) : -1;
}

uint64_t people_address_hash(struct arena *arena, const char *address)
{
	char *copy = arena_str(arena, address);

	for (char *c = copy; c && *c; c++)
		*c = ascii_lower(*c);
	return people_hash(copy ? copy : "");
}

void people_note(int lock)
{
	int64_t now_ms = clock_boot_ms();

	/* A file without a moment says that there may have been one. */
	if (ftruncate(lock, 0) == 0)
		(void)!pwrite(lock, &now_ms, sizeof(now_ms), 0);
}

bool people_noted(int lock, int64_t since_ms)
{
	int64_t noted_ms;

	return pread(lock, &noted_ms, sizeof(noted_ms), 0) != sizeof(noted_ms) ||
	       noted_ms >= since_ms;
}

enum err people_calls(struct clickhouse *clickhouse, struct arena *arena, const char *address,
    struct people_call **out, size_t *count, struct fail *fail)
{
	struct query query = {
	    .sql = "SELECT booking_id, argMax(slot_start, version) AS start,"
		   " sipHash64(lower(argMax(email, version))) = {address:UInt64}"
		   " FROM consulting_bookings"
		   " WHERE person = {person:UInt64} AND email != ''"
		   " GROUP BY booking_id"
		   " HAVING argMax(status, version) = 'booked' AND start > now()"
		   " ORDER BY start"
		   " LIMIT {most:UInt64}"
		   " FORMAT TabSeparated",
	    .parameters = arena_printf(arena,
		"&date_time_output_format=unix_timestamp&param_person=%" PRIu64
		"&param_address=%" PRIu64 "&param_most=%d",
		people_hash(address_normal(arena, address)), people_address_hash(arena, address),
		PEOPLE_CALLS_MAX),
	    .is_whole = true,
	};
	struct people_call *calls;
	char *rows, *fields[3];
	size_t found = 0;
	uint64_t is_own;
	enum err err;

	if ((err = clickhouse_ask(clickhouse, arena, &query, &rows, fail)))
		return err;
	calls = arena_array(arena, tsv_count(rows) + 1, sizeof(*calls));
	if (!calls)
		return fail_set(fail, ERR_SYSTEM, "people", "no memory");
	while (tsv_row(&rows, fields, 3)) {
		struct people_call *call = &calls[found++];

		if (!uuid_parse(fields[0], &call->booking) ||
		    !num_i64(fields[1], 0, UINT32_MAX, &call->start) ||
		    !num_u64(fields[2], 0, 1, &is_own))
			return fail_set(fail, ERR_GARBLED, "people", "a call cannot be understood");
		call->is_own = is_own;
	}
	if (!tsv_at_end(rows))
		return fail_set(fail, ERR_GARBLED, "people", "the calls cannot be understood");
	*out = calls;
	*count = found;
	return ERR_NONE;
}

enum err people_block(struct clickhouse *clickhouse, struct arena *arena, const char *what,
    bool is_blocked, struct fail *fail)
{
	const char *normal = address_normal(arena, what);
	struct text row = text_new(arena, 2 * ADDRESS_MAX + 100);
	struct query query = {
	    .sql = "INSERT INTO blocked_addresses (what, hash, is_blocked) FORMAT TabSeparated",
	    .data = row.data,
	};

	text_tsv(&row, normal);
	text_printf(&row, "\t%" PRIu64 "\t%d\n", people_hash(normal), is_blocked);
	if (text_overflowed(&row))
		return fail_set(fail, ERR_TOO_LARGE, "people", "that is longer than an address");
	query.data_len = row.len;
	return clickhouse_ask(clickhouse, arena, &query, NULL, fail);
}

enum err people_blocked(struct clickhouse *clickhouse, struct arena *arena, const char *const **out,
    size_t *count, struct fail *fail)
{
	struct query query = {
	    .sql = "SELECT what"
		   " FROM blocked_addresses FINAL"
		   " WHERE is_blocked"
		   " ORDER BY what"
		   " FORMAT TabSeparated",
	    .reply_max = REPLY_MAX,
	    .is_whole = true,
	};
	char *rows, *field;
	const char **list;
	size_t found = 0;
	enum err err;

	if ((err = clickhouse_ask(clickhouse, arena, &query, &rows, fail)))
		return err;
	list = arena_array(arena, tsv_count(rows) + 1, sizeof(*list));
	if (!list)
		return fail_set(fail, ERR_SYSTEM, "people", "no memory");
	while (tsv_row(&rows, &field, 1))
		list[found++] = field;
	if (!tsv_at_end(rows))
		return fail_set(fail, ERR_GARBLED, "people", "the list cannot be understood");
	*out = list;
	*count = found;
	return ERR_NONE;
}

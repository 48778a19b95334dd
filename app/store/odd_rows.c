/* SPDX-License-Identifier: MIT */
/* odd_rows.c: rows that no program writes */
#include "store/odd_rows.h"
#include "base/num.h"
#include "store/tsv.h"

#include <inttypes.h>

#define KINDS 5

/* The constraints of the migrations, in their words: what stood before them was not judged. */
/* clang-format off */
#define BOOKINGS_SANE \
	"(version <= toUnixTimestamp(now()))" \
	" AND (length(host) < 64 " \
	"AND length(held) < 32 " \
	"AND slot_start <= slot_end " \
	"AND length(name) + length(email) + length(company) + length(brief) + length(budget) + length(timeframe) + length(timezone) + length(language) + length(video_link) < 131072)" \
	" AND (created_at >= toDateTime64(0, 3, 'UTC') " \
	"AND created_at < toDateTime64(4294967296, 3, 'UTC') " \
	"AND written_at >= toDateTime64(0, 3, 'UTC') " \
	"AND written_at < now64(3) + INTERVAL 1 DAY)"
#define DELIVERIES_SANE \
	"(length(duty) < 32 " \
	"AND length(state) < 16 " \
	"AND length(detail) + length(payload) < 524288)" \
	" AND (at >= toDateTime64(0, 3, 'UTC') " \
	"AND at < now64(3) + INTERVAL 1 MINUTE)"
#define LEDGER_SANE \
	"(length(host) < 64 " \
	"AND length(tags) < 100 " \
	"AND length(meeting) < 24 " \
	"AND match(caps, '^([1-9][0-9]{0,9}:[a-z0-9_-]{0,23}:[0-9]{1,10}:[0-9]{1,10}(,[1-9][0-9]{0,9}:[a-z0-9_-]{0,23}:[0-9]{1,10}:[0-9]{1,10}){0,5})?$') " \
	"AND match(tags, '^([a-z0-9_-]{1,23}(,[a-z0-9_-]{1,23}){0,3})?$') " \
	"AND match(meeting, '^[a-z0-9_-]*$'))" \
	" AND (version <= toUnixTimestamp(now()) " \
	"AND arrayAll(cap -> toUInt64OrZero(splitByChar(':', cap)[1]) <= 4294967295 " \
	"AND toUInt64OrZero(splitByChar(':', cap)[3]) <= 4294967295 " \
	"AND toUInt64OrZero(splitByChar(':', cap)[4]) <= 4294967295, splitByChar(',', caps)))" \
	" AND (NOT match(host, '[\\\\x00-\\\\x1f\\\\x7f]'))" \
	" AND (written_at >= toDateTime64(0, 3, 'UTC') " \
	"AND written_at < now64(3) + INTERVAL 1 DAY)" \
	" AND (length(calendars) < 2048 " \
	"AND match(calendars, '^([A-Za-z0-9_-]{1,24}:[a-z]{1,10}(,[A-Za-z0-9_-]{1,24}:[a-z]{1,10})*)?$'))"
/* clang-format on */

/* One row of two fields: how many, and the first or any of them. */
#define ODD(table, is_sane)                                                                        \
	"(SELECT (count(), any(booking_id)) FROM " table " WHERE NOT (" is_sane "))"
#define ABOVE                                                                                      \
	"(SELECT (count(), argMin(booking_id, version)) FROM consulting_bookings"                  \
	" WHERE version > {version:UInt64})"
#define UNKNOWN                                                                                    \
	"(SELECT (count(), any(booking_id)) FROM consulting_bookings FINAL"                        \
	" WHERE status = 'booked' AND slot_end > now()"                                            \
	" AND booking_id NOT IN (SELECT booking_id FROM ledger))"

enum err odd_rows_ask(struct clickhouse *clickhouse, struct arena *arena, uint64_t version,
    struct odd *out, struct fail *fail)
{
	struct query query = {
	    .sql =
		"SELECT above.1, above.2, bookings.1, bookings.2, deliveries.1, deliveries.2,"
		" ledger.1, ledger.2, unknown.1, unknown.2"
		" FROM (SELECT " ABOVE " AS above,"
		" " ODD("consulting_bookings",
		    BOOKINGS_SANE) " AS bookings,"
				   " " ODD("deliveries",
				       DELIVERIES_SANE) " AS deliveries,"
							" " ODD("ledger",
							    LEDGER_SANE) " AS ledger,"
									 " " UNKNOWN " AS unknown)"
									 " FORMAT TabSeparated",
	    .parameters = arena_printf(arena, "&param_version=%" PRIu64, version),
	};
	struct odd odd;
	struct odd_rows *const all[KINDS] = {
	    &odd.above, &odd.bookings, &odd.deliveries, &odd.ledger, &odd.unknown};
	char *rows, *fields[2 * KINDS];
	enum err err;

	if ((err = clickhouse_ask(clickhouse, arena, &query, &rows, fail)))
		return err;
	if (!tsv_row(&rows, fields, 2 * KINDS))
		return fail_set(fail, ERR_GARBLED, "odd_rows", "the counts cannot be understood");
	for (size_t i = 0; i < KINDS; i++)
		if (!num_u64(fields[2 * i], 0, UINT64_MAX, &all[i]->count) ||
		    !uuid_parse(fields[2 * i + 1], &all[i]->one))
			return fail_set(
			    fail, ERR_GARBLED, "odd_rows", "the counts cannot be understood");
	*out = odd;
	return ERR_NONE;
}

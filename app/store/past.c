/* SPDX-License-Identifier: MIT */
/* past.c: what a person has sent, booked and been told beside a booking at hand */
#include "store/past.h"
#include "base/num.h"
#include "core/address.h"
#include "core/civil.h"
#include "store/leads.h"
#include "store/people.h"
#include "store/tsv.h"

#include <inttypes.h>

#define FIELDS 9
#define OF_PERSON " FROM consulting_bookings WHERE person = {person:UInt64} AND email != ''"
#define CONTENT "argMax((''" LEADS_CONTENT "), version)"
#define CREATED "fromUnixTimestamp64Milli({created:Int64}, 'UTC')"
#define IS_BEFORE                                                                                  \
	"(created < " CREATED " OR (created = " CREATED " AND booking_id < {booking:UUID}))"
#define IS_REPEAT                                                                                  \
	"is_brief AND content = own AND " IS_BEFORE " AND created > " CREATED " - INTERVAL 1 DAY"
#define DAY_AGO "now64(3) - INTERVAL 1 DAY"

static enum err garbled(struct fail *fail)
{
	return fail_set(fail, ERR_GARBLED, "past", "the answer cannot be understood");
}

enum err past_ask(struct clickhouse *clickhouse, struct arena *arena, const struct lead *lead,
    uint64_t limit, struct past *out, struct fail *fail)
{
	char id[UUID_TEXT], *rows, *fields[FIELDS];
	uint64_t counts[FIELDS];
	struct query query = {
	    .sql = "WITH"
		   " (SELECT " CONTENT
		   "  FROM consulting_bookings WHERE booking_id = {booking:UUID}) AS own,"
		   " told AS (SELECT booking_id, duty,"
		   "  minIf(at, state IN ('done', 'unsure')) AS sent,"
		   "  maxIf(at, duty = 'mails_wait') AS held"
		   "  FROM deliveries WHERE booking_id IN (SELECT booking_id" OF_PERSON ")"
		   "  AND (duty IN ('mail', 'begun', 'nudge', 'spooled', 'mails_wait')"
		   "   OR startsWith(duty, 'reminder_'))"
		   "  GROUP BY booking_id, duty, version),"
		   " alerted AS (SELECT booking_id"
		   "  FROM deliveries WHERE booking_id IN (SELECT booking_id" OF_PERSON ")"
		   "  AND duty = 'new_lead' AND state IN ('trying', 'done', 'unsure'))"
		   " SELECT"
		   " countIf(is_brief AND " IS_BEFORE "),"
		   " countIf(" IS_REPEAT " AND (newest != '" LEAD_SUPERSEDED "'"
		   "  OR booking_id IN (SELECT booking_id FROM alerted))),"
		   " countIf(" IS_REPEAT " AND newest != '" LEAD_SUPERSEDED "'),"
		   " countIf(is_brief AND content != own AND created > " CREATED "),"
		   " countIf(is_other AND ((state = 'booked' AND until > " CREATED ")"
		   "  OR (state = 'cancelled' AND written > " CREATED "))),"
		   " (SELECT countIf(duty = 'nudge' AND sent > " DAY_AGO
		   "  AND booking_id != {booking:UUID}) FROM told),"
		   " (SELECT countIf(held > " DAY_AGO ") FROM told),"
		   " (SELECT countIf(duty != 'mails_wait' AND sent > " DAY_AGO ") FROM told),"
		   " (SELECT toUnixTimestamp64Milli(arrayElement(arrayReverseSort("
		   "  groupArrayIf(sent, duty != 'mails_wait' AND sent > " DAY_AGO ")),"
		   "  greatest({limit:UInt64}, 1))) FROM told)"
		   " FROM (SELECT booking_id, booking_id != {booking:UUID} AS is_other,"
		   "  argMax(held, (version, written_at)) AS newest,"
		   "  is_other AND max(held) != '" LEAD_REMINDED "' AS is_brief,"
		   "  min(created_at) AS created, argMax(status, version) AS state,"
		   "  argMax(slot_end, version) AS until,"
		   "  argMax(written_at, version) AS written, " CONTENT " AS content" OF_PERSON
		   " GROUP BY booking_id)"
		   " FORMAT TabSeparated",
	    .parameters = arena_printf(arena,
		"&param_person=%" PRIu64 "&param_booking=%s&param_created=%" PRId64
		"&param_limit=%" PRIu64,
		people_hash(address_normal(arena, lead->email)), uuid_format(&lead->booking, id),
		lead->created_ms, limit),
	};
	enum err err;

	if ((err = clickhouse_ask(clickhouse, arena, &query, &rows, fail)))
		return err;
	if (!tsv_row(&rows, fields, FIELDS) || !tsv_at_end(rows))
		return garbled(fail);
	for (int i = 0; i < FIELDS; i++)
		if (!num_u64(fields[i], 0, INT64_MAX, &counts[i]))
			return garbled(fail);
	*out = (struct past){
	    .is_again = counts[0] > 0,
	    .is_repeat = counts[1] > 0,
	    .is_doubled = counts[2] > 0,
	    .is_superseded = counts[3] > 0,
	    .has_call = counts[4] > 0,
	    .was_nudged = counts[5] > 0,
	    .was_held = counts[6] > 0,
	    .mails = counts[7],
	};
	if (limit && out->mails >= limit)
		out->free_ms = (int64_t)counts[8] + DAY_S * INT64_C(1000);
	return ERR_NONE;
}

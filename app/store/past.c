/* SPDX-License-Identifier: MIT */
/* past.c: what a person has sent, booked and been told beside a booking at hand */
#include "store/past.h"
#include "base/num.h"
#include "core/address.h"
#include "core/civil.h"
#include "store/leads.h"
#include "store/people.h"
#include "store/statements.h"
#include "store/tsv.h"

#include <inttypes.h>

#define FIELDS 9
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
	    .sql = statement_past,
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

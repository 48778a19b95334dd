/* SPDX-License-Identifier: MIT */
/* odd_rows.c: rows that no program writes */
#include "store/odd_rows.h"
#include "base/num.h"
#include "store/statements.h"
#include "store/tsv.h"

#include <inttypes.h>

#define KINDS 5

enum err odd_rows_ask(struct clickhouse *clickhouse, struct arena *arena, uint64_t version,
    struct odd *out, struct fail *fail)
{
	struct query query = {
	    .sql = statement_odd_rows,
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

/* SPDX-License-Identifier: MIT */
/* rights.c: what the database lets this program's user do */
#include "store/rights.h"
#include "base/num.h"
#include "store/tsv.h"

enum err rights_may_append(
    struct clickhouse *clickhouse, struct arena *arena, bool *out, struct fail *fail)
{
	/* It takes no FORMAT; what HTTP answers with is TabSeparated. */
	struct query query = {.sql = "CHECK GRANT INSERT ON ledger"};
	char *rows, *fields[1];
	uint64_t may;
	enum err err;

	if ((err = clickhouse_ask(clickhouse, arena, &query, &rows, fail)))
		return err;
	if (!tsv_row(&rows, fields, 1) || !num_u64(fields[0], 0, 1, &may) || !tsv_at_end(rows))
		return fail_set(fail, ERR_GARBLED, "rights", "the answer cannot be understood");
	*out = may;
	return ERR_NONE;
}

/* SPDX-License-Identifier: MIT */
/* rights.c: what the database lets this program's user do */
#include "store/rights.h"
#include "base/num.h"
#include "base/text.h"
#include "store/tsv.h"

/* A sentence has room for so much; users.sql has them all. */
#define MISSING_MAX 120

/* CHECK GRANT takes no FORMAT; what HTTP answers with is TabSeparated. */
static enum err ask(struct clickhouse *clickhouse, struct arena *arena, const struct query *query,
    bool *out, struct fail *fail)
{
	char *rows, *fields[1];
	uint64_t may;
	enum err err;

	if ((err = clickhouse_ask(clickhouse, arena, query, &rows, fail)))
		return err;
	if (!tsv_row(&rows, fields, 1) || !num_u64(fields[0], 0, 1, &may) || !tsv_at_end(rows))
		return fail_set(fail, ERR_GARBLED, "rights", "the answer cannot be understood");
	*out = may;
	return ERR_NONE;
}

enum err rights_may_append(
    struct clickhouse *clickhouse, struct arena *arena, bool *out, struct fail *fail)
{
	const struct query query = {.sql = "CHECK GRANT INSERT ON ledger"};

	return ask(clickhouse, arena, &query, out, fail);
}

enum err rights_need(struct clickhouse *clickhouse, struct arena *arena, const struct conf *conf,
    const struct right *rights, struct fail *fail)
{
	struct text missing = text_new(arena, MISSING_MAX);
	unsigned more = 0;
	enum err err;

	for (; rights->what; rights++) {
		const char *grant = rights->is_of_database
					? arena_printf(arena, "%s ON `%s`.%s", rights->what,
					      conf->clickhouse.database, rights->on)
					: arena_printf(arena, "%s ON %s", rights->what, rights->on);
		const struct query query = {
		    .sql = arena_printf(arena, "CHECK GRANT %s", grant), .is_outside = true};
		const struct text before = missing;
		bool may;

		if (!query.sql)
			return fail_set(fail, ERR_SYSTEM, "rights", "no memory");
		if ((err = ask(clickhouse, arena, &query, &may, fail)))
			return err;
		if (may)
			continue;
		text_printf(&missing, "%s%s", missing.len ? ", " : "", grant);
		if (text_overflowed(&missing)) {
			missing = before;
			more++;
		}
	}
	if (!missing.len && !more)
		return ERR_NONE;
	return fail_set(fail, ERR_AUTH, "rights",
	    "%s: nothing was begun, since %s lacks the grant %s%s", conf->clickhouse.url,
	    conf->clickhouse.user, missing.data,
	    more ? arena_printf(arena, ", and %u more", more) : "");
}

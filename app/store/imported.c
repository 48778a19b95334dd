/* SPDX-License-Identifier: MIT */
/* imported.c: booked rows of bookings that the ledger does not know */
#include "store/imported.h"
#include "base/clock.h"
#include "base/num.h"
#include "store/tsv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define REPLY_MAX (8 * 1024 * 1024)

struct imported {
	const char *owner;
	struct kept {
		struct uuid booking;
		struct interval call;
	} * list;
	size_t count;
	struct interval window;
	int64_t asked_ms; /* clock_boot_ms(); 0: never */
};

struct imported *imported_new(const char *owner)
{
	struct imported *imported = calloc(1, sizeof(*imported));

	if (imported)
		imported->owner = owner;
	return imported;
}

void imported_free(struct imported *imported)
{
	if (!imported)
		return;
	free(imported->list);
	free(imported);
}

bool imported_is_kept(const struct imported *imported, struct interval window, int64_t age_ms)
{
	return imported->asked_ms && imported->window.start <= window.start &&
	       imported->window.end >= window.end && clock_boot_ms() - imported->asked_ms < age_ms;
}

const char *imported_parameters(struct arena *arena, struct interval window)
{
	return arena_printf(
	    arena, "&param_start=%010" PRId64 "&param_end=%010" PRId64, window.start, window.end);
}

bool imported_parse(char *const *fields, struct imported_row *out)
{
	out->owner = fields[1];
	return uuid_parse(fields[0], &out->booking) &&
	       num_i64(fields[2], 0, UINT32_MAX, &out->call.start) &&
	       num_i64(fields[3], 0, UINT32_MAX, &out->call.end);
}

static bool is_imported(const struct imported *imported, const struct journal *journal,
    const struct uuid *booking, const char *owner)
{
	struct ledger_booking known;

	return (!*owner || strcmp(owner, imported->owner) == 0) &&
	       !ledger_find(journal_state(journal), booking, &known);
}

/* The newest row of each booking, which may say another time, or that it is cancelled. */
static enum err read_merged(const struct journal *journal, struct arena *arena,
    struct interval window, struct imported_row **out, size_t *count, struct fail *fail)
{
	struct clickhouse *clickhouse = journal_clickhouse(journal);
	struct query query = {
	    .sql = "SELECT " IMPORTED_COLUMNS " FROM consulting_bookings FINAL" IMPORTED_WHERE
		   " FORMAT TabSeparated",
	    .parameters = arena_printf(arena, "&date_time_output_format=unix_timestamp%s",
		imported_parameters(arena, window)),
	    .reply_max = REPLY_MAX,
	    .is_whole = true,
	};
	char *text, *fields[IMPORTED_FIELDS];
	struct imported_row *rows;
	size_t have = 0;
	enum err err;

	if ((err = clickhouse_ask(clickhouse, arena, &query, &text, fail)))
		return err;
	rows = arena_array(arena, tsv_count(text) + 1, sizeof(*rows));
	if (!rows)
		return fail_set(fail, ERR_SYSTEM, "imported", "no memory");
	while (tsv_row(&text, fields, IMPORTED_FIELDS))
		if (!imported_parse(fields, &rows[have++]))
			return fail_set(
			    fail, ERR_GARBLED, "imported", "a row cannot be understood");
	if (!tsv_at_end(text))
		return fail_set(fail, ERR_GARBLED, "imported", "the reply cannot be understood");
	*out = rows;
	*count = have;
	return ERR_NONE;
}

enum err imported_take(struct imported *imported, const struct journal *journal,
    struct arena *arena, const struct imported_look *look, struct fail *fail)
{
	struct imported_row *merged = NULL;
	size_t merged_count = 0;
	struct kept *list = NULL;
	bool has_any = false;
	enum err err;

	for (size_t i = 0; i < look->count && !has_any; i++)
		has_any =
		    is_imported(imported, journal, &look->rows[i].booking, look->rows[i].owner);
	if (has_any &&
	    (err = read_merged(journal, arena, look->window, &merged, &merged_count, fail)))
		return err;
	if (merged_count && !(list = calloc(merged_count, sizeof(*list))))
		return fail_set(fail, ERR_SYSTEM, "imported", "no memory");
	free(imported->list);
	imported->list = list;
	imported->count = 0;
	for (size_t i = 0; i < merged_count; i++)
		if (is_imported(imported, journal, &merged[i].booking, merged[i].owner))
			list[imported->count++] = (struct kept){merged[i].booking, merged[i].call};
	imported->window = look->window;
	imported->asked_ms = look->asked_ms;
	return ERR_NONE;
}

struct interval *imported_times(const struct imported *imported, const struct journal *journal,
    struct arena *arena, const struct uuid *booking, struct interval window, size_t *count)
{
	struct interval *times = arena_array(arena, imported->count + 1, sizeof(*times));

	if (!times)
		return NULL;
	*count = 0;
	for (size_t i = 0; i < imported->count; i++) {
		const struct kept *kept = &imported->list[i];

		if (!uuid_equal(&kept->booking, booking) && interval_overlaps(kept->call, window) &&
		    is_imported(imported, journal, &kept->booking, ""))
			times[(*count)++] = kept->call;
	}
	return times;
}

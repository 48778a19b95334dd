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

struct foreign {
	const char *host;
	struct kept {
		struct uuid booking;
		struct interval call;
	} * list;
	size_t count;
	struct interval window;
	int64_t asked_ms; /* clock_boot_ms(); 0: never */
};

struct foreign *foreign_new(const char *host)
{
	struct foreign *foreign = calloc(1, sizeof(*foreign));

	if (foreign)
		foreign->host = host;
	return foreign;
}

void foreign_free(struct foreign *foreign)
{
	if (!foreign)
		return;
	free(foreign->list);
	free(foreign);
}

bool foreign_is_kept(const struct foreign *foreign, struct interval window, int64_t age_ms)
{
	return foreign->asked_ms && foreign->window.start <= window.start &&
	       foreign->window.end >= window.end && clock_boot_ms() - foreign->asked_ms < age_ms;
}

const char *foreign_parameters(struct arena *arena, struct interval window)
{
	return arena_printf(
	    arena, "&param_start=%010" PRId64 "&param_end=%010" PRId64, window.start, window.end);
}

bool foreign_parse(char *const *fields, struct foreign_row *out)
{
	out->host = fields[1];
	return uuid_parse(fields[0], &out->booking) &&
	       num_i64(fields[2], 0, UINT32_MAX, &out->call.start) &&
	       num_i64(fields[3], 0, UINT32_MAX, &out->call.end);
}

static bool is_foreign(const struct foreign *foreign, const struct journal *journal,
    const struct uuid *booking, const char *host)
{
	struct ledger_booking known;

	return (!*host || strcmp(host, foreign->host) == 0) &&
	       !ledger_find(journal_state(journal), booking, &known);
}

/* The newest row of each booking, which may say another time, or that it is cancelled. */
static enum err read_merged(const struct journal *journal, struct arena *arena,
    struct interval window, struct foreign_row **out, size_t *count, struct fail *fail)
{
	struct clickhouse *clickhouse = journal_clickhouse(journal);
	struct query query = {
	    .sql = "SELECT " FOREIGN_COLUMNS " FROM consulting_bookings FINAL" FOREIGN_WHERE
		   " FORMAT TabSeparated",
	    .parameters = arena_printf(arena, "&date_time_output_format=unix_timestamp%s",
		foreign_parameters(arena, window)),
	    .reply_max = REPLY_MAX,
	    .deadline = clickhouse_deadline(clickhouse),
	};
	char *text, *fields[FOREIGN_FIELDS];
	struct foreign_row *rows;
	size_t have = 0;
	enum err err;

	if ((err = clickhouse_ask(clickhouse, arena, &query, &text, fail)))
		return err;
	rows = arena_array(arena, tsv_count(text) + 1, sizeof(*rows));
	if (!rows)
		return fail_set(fail, ERR_SYSTEM, "foreign", "no memory");
	while (tsv_row(&text, fields, FOREIGN_FIELDS))
		if (!foreign_parse(fields, &rows[have++]))
			return fail_set(fail, ERR_GARBLED, "foreign", "a row cannot be understood");
	if (!tsv_at_end(text))
		return fail_set(fail, ERR_GARBLED, "foreign", "the reply cannot be understood");
	*out = rows;
	*count = have;
	return ERR_NONE;
}

enum err foreign_take(struct foreign *foreign, const struct journal *journal, struct arena *arena,
    const struct foreign_row *rows, size_t count, struct interval window, int64_t asked_ms,
    struct fail *fail)
{
	struct foreign_row *merged = NULL;
	size_t merged_count = 0;
	struct kept *list = NULL;
	bool has_any = false;
	enum err err;

	for (size_t i = 0; i < count && !has_any; i++)
		has_any = is_foreign(foreign, journal, &rows[i].booking, rows[i].host);
	if (has_any && (err = read_merged(journal, arena, window, &merged, &merged_count, fail)))
		return err;
	if (merged_count && !(list = calloc(merged_count, sizeof(*list))))
		return fail_set(fail, ERR_SYSTEM, "foreign", "no memory");
	free(foreign->list);
	foreign->list = list;
	foreign->count = 0;
	for (size_t i = 0; i < merged_count; i++)
		if (is_foreign(foreign, journal, &merged[i].booking, merged[i].host))
			list[foreign->count++] = (struct kept){merged[i].booking, merged[i].call};
	foreign->window = window;
	foreign->asked_ms = asked_ms;
	return ERR_NONE;
}

struct interval *foreign_times(const struct foreign *foreign, const struct journal *journal,
    struct arena *arena, const struct uuid *booking, struct interval window, size_t *count)
{
	struct interval *times = arena_array(arena, foreign->count + 1, sizeof(*times));

	if (!times)
		return NULL;
	*count = 0;
	for (size_t i = 0; i < foreign->count; i++) {
		const struct kept *kept = &foreign->list[i];

		if (!uuid_equal(&kept->booking, booking) && interval_overlaps(kept->call, window) &&
		    is_foreign(foreign, journal, &kept->booking, ""))
			times[(*count)++] = kept->call;
	}
	return times;
}

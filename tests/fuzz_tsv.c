/* SPDX-License-Identifier: MIT */
/* fuzz_tsv.c: any bytes as ClickHouse's rows: entries of the ledger, which are replayed, or leads
 */
#include "store/journal.h"
#include "store/leads.h"
#include "store/tsv.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* What was split and unescaped, written and read again, is the same. */
static void write_again(struct arena *arena, char *const *fields, size_t count, size_t size)
{
	struct text text = text_new(arena, 2 * size + 2 * count + 2);
	char *again[TAIL_FIELDS], *at;

	for (size_t i = 0; i < count; i++) {
		text_raw(&text, "\t", i > 0);
		text_tsv(&text, fields[i]);
	}
	text_raw(&text, "\n", 1);
	must(!text_overflowed(&text));
	at = text.data;
	must(tsv_row(&at, again, count) && tsv_at_end(at));
	for (size_t i = 0; i < count; i++)
		must(strcmp(again[i], fields[i]) == 0);
}

static void check_owners(const struct ledger *ledger)
{
	struct ledger_booking a, b;

	for (size_t i = 0; ledger_at(ledger, i, &a); i++)
		for (size_t j = 0; j < i && ledger_at(ledger, j, &b); j++)
			must(!a.is_live || !b.is_live || strcmp(a.owner, b.owner) != 0 ||
			     !interval_overlaps(a.taken, b.taken));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(4 << 20);
	struct ledger *ledger = ledger_new();
	char *fields[TAIL_FIELDS], *text, *at;
	bool is_lead, is_sound = true;
	struct uuid table;
	uint64_t position;
	struct entry entry;
	struct lead lead;
	size_t count, lines = 0, rows = 0;

	if (!arena || !ledger || size < 1 || size > 20000)
		goto out;
	is_lead = *data & 1;
	count = is_lead ? LEADS_FIELDS : TAIL_FIELDS;
	text = malloc(size);
	if (!text)
		abort();
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	for (at = text; (at = strchr(at, '\n')); at++)
		lines++;
	for (at = text; tsv_row(&at, fields, count); rows++) {
		enum verdict verdict;
		struct fail fail;

		arena_reset(arena);
		write_again(arena, fields, count, size);
		if (is_lead) {
			if (leads_parse(fields, &lead))
				must(lead.status < LEAD_STATUSES && lead.created_ms >= 0);
		} else if (tail_parse(fields, &table, &position, &entry) && is_sound) {
			must(memchr(entry.owner, '\0', sizeof(entry.owner)) && entry.number > 0);
			is_sound = ledger_apply(ledger, &entry, &verdict, &fail) == ERR_NONE;
		}
	}
	/* Every line was a row, or the end was not reached. */
	must(!tsv_at_end(at) || rows == lines);
	check_owners(ledger);
	free(text);
out:
	ledger_free(ledger);
	arena_free(arena);
	return 0;
}

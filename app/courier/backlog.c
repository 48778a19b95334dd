/* SPDX-License-Identifier: MIT */
/* backlog.c: how much is due and not done, for the counts that the workers show */
#include "courier/backlog.h"
#include "base/clock.h"
#include "base/counters.h"

/* What is open for less than this is work in progress: a round takes a second. */
#define SETTLED_MS 3000

/* Something failed and is to be tried again, or nobody came to it yet. */
static bool is_behind(const struct agenda_item *item, int64_t now_ms)
{
	if (!item->duties.is_plain)
		return item->is_owed || item->look_ms <= now_ms;
	for (size_t i = 0; i < item->duties.count; i++)
		if (delivery_is_open(&item->duties.list[i]))
			return true;
	return false;
}

void backlog_count(struct courier *courier)
{
	int64_t now_ms = courier_now_ms(courier), boot_ms = clock_boot_ms(), since_ms = 0;
	struct agenda_item *item;
	size_t count = 0;

	for (size_t i = 0; (item = agenda_at(&courier->agenda, i)); i++) {
		if (!is_behind(item, now_ms)) {
			item->behind_ms = 0;
			continue;
		}
		if (!item->behind_ms)
			item->behind_ms = boot_ms;
		if (boot_ms - item->behind_ms < SETTLED_MS)
			continue;
		count++;
		if (!since_ms || item->behind_ms < since_ms)
			since_ms = item->behind_ms;
	}
	counters_set(courier->upstream.counters, GAUGE_BACKLOG, (int64_t)count);
	counters_set(courier->upstream.counters, GAUGE_BACKLOG_SINCE_MS, since_ms);
}

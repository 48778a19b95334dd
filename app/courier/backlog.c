/* SPDX-License-Identifier: MIT */
/* backlog.c: how much is due and not done, for the counts that the workers show */
#include "base/clock.h"
#include "base/counters.h"
#include "courier/courier.h"

/* What is open for less than this is work in progress: a round takes a second. */
#define SETTLED_MS 3000

static bool is_open(const struct delivery *delivery)
{
	return delivery->state == DELIVERY_DUE || delivery->state == DELIVERY_TRYING ||
	       delivery->state == DELIVERY_RETRY;
}

/* Something failed and is to be tried again, or nobody came to it yet. */
static bool is_behind(const struct docket *docket, int64_t now_ms)
{
	if (!docket->is_plain)
		return docket->is_owed || docket->look_ms <= now_ms;
	for (size_t i = 0; i < docket->count; i++)
		if (is_open(&docket->list[i]))
			return true;
	return false;
}

void backlog_count(struct courier *courier)
{
	int64_t now_ms = courier_now_ms(courier), boot_ms = clock_boot_ms(), since_ms = 0;
	size_t count = 0, all = dockets_count(courier->dockets);

	for (size_t i = 0; i < all; i++) {
		struct docket *docket = dockets_at(courier->dockets, i);

		if (!is_behind(docket, now_ms)) {
			docket->behind_ms = 0;
			continue;
		}
		if (!docket->behind_ms)
			docket->behind_ms = boot_ms;
		if (boot_ms - docket->behind_ms < SETTLED_MS)
			continue;
		count++;
		if (!since_ms || docket->behind_ms < since_ms)
			since_ms = docket->behind_ms;
	}
	counters_set(courier->counters, GAUGE_BACKLOG, (int64_t)count);
	counters_set(courier->counters, GAUGE_BACKLOG_SINCE_MS, since_ms);
}

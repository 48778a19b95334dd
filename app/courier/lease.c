/* SPDX-License-Identifier: MIT */
/* lease.c: only one courier works at a booking at a time */
#include "courier/lease.h"
#include "base/clock.h"
#include "store/deliveries.h"

/* What is sent ends before the lease does. */
#define LEASE_MARGIN_MS 2000
/* A duty is begun only with so much of the lease left. */
#define LEASE_LEFT_MS 12000
/* More is not given back at the end: their leases pass by themselves. */
#define RELEASE_MAX 100

static bool is_owner(const struct courier *courier, const struct agenda_item *item)
{
	return uuid_equal(&item->duties.owner, &courier->owner);
}

static bool is_ours(const struct courier *courier, const struct agenda_item *item)
{
	return is_owner(courier, item) && item->lease_boot_ms > clock_boot_ms() + LEASE_LEFT_MS;
}

int64_t lease_deadline(const struct agenda_item *item)
{
	return item->lease_boot_ms - LEASE_MARGIN_MS;
}

enum lease lease_take(struct courier *courier, struct agenda_item *item, struct fail *fail)
{
	int64_t asked_ms = clock_boot_ms();

	if (is_ours(courier, item))
		return LEASE_OURS;
	/* Looking at the log again costs less than asking in vain. */
	if (!is_owner(courier, item) && item->duties.lease_until_ms > courier_now_ms(courier)) {
		item->look_ms = item->duties.lease_until_ms;
		return LEASE_OTHERS;
	}
	if (deliveries_lease(courier->upstream.clickhouse, courier->arena, &item->duties.booking,
		&courier->owner, fail) ||
	    take_in_deliveries(courier, fail))
		return LEASE_UNKNOWN;
	if (!is_owner(courier, item))
		return LEASE_OTHERS;
	/* By our own clock it began when it was asked for, which is earlier than in the log. */
	item->lease_boot_ms = asked_ms + LEASE_MS;
	return LEASE_OURS;
}

void lease_release_all(struct courier *courier)
{
	const struct agenda_item *item;
	size_t released = 0;
	struct fail ignored;

	for (size_t i = 0; released < RELEASE_MAX && (item = agenda_at(&courier->agenda, i)); i++) {
		if (!is_owner(courier, item) || item->lease_boot_ms <= clock_boot_ms())
			continue;
		released++;
		if (deliveries_release(courier->upstream.clickhouse, courier->arena,
			&item->duties.booking, &courier->owner, &ignored))
			return;
	}
}

/* SPDX-License-Identifier: MIT */
/* lease.c: only one courier works at a booking at a time */
#include "base/clock.h"
#include "courier/courier.h"

/* What is sent ends before the lease does. */
#define LEASE_MARGIN_MS 2000
/* A duty is begun only with so much of the lease left. */
#define LEASE_LEFT_MS 12000
/* More is not given back at the end: their leases pass by themselves. */
#define RELEASE_MAX 100

static bool is_ours(const struct courier *courier, const struct docket *docket)
{
	return uuid_equal(&docket->owner, &courier->owner);
}

bool lease_is_mine(struct courier *courier, const struct uuid *booking)
{
	const struct docket *docket = record_docket(courier, booking);

	return docket && is_ours(courier, docket) &&
	       docket->lease_boot_ms > clock_boot_ms() + LEASE_LEFT_MS;
}

enum err lease_take(struct courier *courier, const struct uuid *booking, bool *is_mine,
    int64_t *deadline, struct fail *fail)
{
	struct clickhouse *clickhouse = courier->upstream.clickhouse;
	struct docket *docket = record_docket(courier, booking);
	int64_t asked_ms = clock_boot_ms();
	enum err err;

	*is_mine = false;
	if (!docket)
		return fail_set(fail, ERR_SYSTEM, "courier", "no memory");
	if (lease_is_mine(courier, booking)) {
		*is_mine = true;
		*deadline = docket->lease_boot_ms - LEASE_MARGIN_MS;
		return ERR_NONE;
	}
	/* Looking at the log again costs less than asking in vain. */
	if (!is_ours(courier, docket) && docket->lease_until_ms > courier_now_ms(courier)) {
		docket->look_ms = docket->lease_until_ms;
		return ERR_NONE;
	}
	if ((err = deliveries_lease(clickhouse, courier->arena, booking, &courier->owner, fail)) ||
	    (err = deliveries_read(
		 clickhouse, courier->arena, &courier->delivery_number, courier->dockets, fail)))
		return err;
	docket = record_docket(courier, booking);
	if (!docket || !is_ours(courier, docket))
		return ERR_NONE;
	/* By our own clock it began when it was asked for, which is earlier than in the log. */
	docket->lease_boot_ms = asked_ms + LEASE_MS;
	*is_mine = true;
	*deadline = docket->lease_boot_ms - LEASE_MARGIN_MS;
	return ERR_NONE;
}

void lease_release_all(struct courier *courier)
{
	size_t count = dockets_count(courier->dockets), released = 0;
	struct fail ignored;

	for (size_t i = 0; i < count && released < RELEASE_MAX; i++) {
		const struct docket *docket = dockets_at(courier->dockets, i);

		if (!is_ours(courier, docket) || docket->lease_boot_ms <= clock_boot_ms())
			continue;
		released++;
		if (deliveries_release(courier->upstream.clickhouse, courier->arena,
			&docket->booking, &courier->owner, &ignored))
			return;
	}
}

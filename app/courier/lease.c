/* SPDX-License-Identifier: MIT */
/* lease.c: only one courier works at a booking at a time */
#include "courier/lease.h"
#include "base/clock.h"
#include "store/deliveries.h"

/* What is sent ends before the lease does. */
#define LEASE_MARGIN_MS 2000
/* A duty is begun only with so much of the lease left. */
#define LEASE_LEFT_MS 12000

static bool is_owner(const struct courier *courier, const struct agenda_item *item)
{
	return uuid_equal(&item->duties.owner, &courier->owner);
}

static bool is_ours_for(
    const struct courier *courier, const struct agenda_item *item, int64_t left_ms)
{
	return is_owner(courier, item) && item->lease_boot_ms > clock_boot_ms() + left_ms;
}

int64_t lease_deadline(const struct agenda_item *item)
{
	return item->lease_boot_ms - LEASE_MARGIN_MS;
}

/* Looking at the log again costs less than asking in vain. */
static bool is_others(const struct courier *courier, const struct agenda_item *item)
{
	return !is_owner(courier, item) && item->duties.lease_until_ms > courier_now_ms(courier);
}

/* By our own clock they began when they were asked for, which is earlier than in the log. */
static enum err ask(
    struct courier *courier, struct agenda_item *const *items, size_t count, struct fail *fail)
{
	int64_t asked_ms = clock_boot_ms();
	struct uuid list[LEASES_MAX];
	const struct ids ids = {list, count};
	enum err err;

	for (size_t i = 0; i < count; i++)
		list[i] = items[i]->duties.booking;
	if ((err = deliveries_lease(
		 courier->upstream.clickhouse, courier->arena, &ids, &courier->owner, fail)) ||
	    (err = take_in_deliveries(courier, fail)))
		return err;
	for (size_t i = 0; i < count; i++)
		if (is_owner(courier, items[i]))
			items[i]->lease_boot_ms = asked_ms + LEASE_MS;
	return ERR_NONE;
}

void lease_ahead(struct courier *courier, struct agenda_item *const *items, size_t count)
{
	struct agenda_item *wanted[LEASES_MAX];
	struct fail ignored;
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		/* What waits for its turn is prolonged by then: somebody else may want it more. */
		if (!is_ours_for(courier, items[i], 0) && !is_others(courier, items[i]))
			wanted[kept++] = items[i];
	if (kept)
		(void)ask(courier, wanted, kept, &ignored);
}

enum lease lease_take(struct courier *courier, struct agenda_item *item, struct fail *fail)
{
	if (is_ours_for(courier, item, LEASE_LEFT_MS))
		return LEASE_OURS;
	if (is_others(courier, item)) {
		item->look_ms = item->duties.lease_until_ms;
		return LEASE_OTHERS;
	}
	if (ask(courier, &item, 1, fail))
		return LEASE_UNKNOWN;
	return is_owner(courier, item) ? LEASE_OURS : LEASE_OTHERS;
}

/* More than one INSERT holds, or where it fails all, pass by themselves. */
static void release(struct courier *courier, bool only_wanted)
{
	struct uuid list[DELIVERIES_MAX];
	struct ids ids = {.list = list};
	struct agenda_item *item;
	struct fail ignored;

	for (size_t i = 0; ids.count < DELIVERIES_MAX && (item = agenda_at(&courier->agenda, i));
	     i++) {
		if (!is_ours_for(courier, item, 0) || (only_wanted && !item->duties.is_wanted))
			continue;
		list[ids.count++] = item->duties.booking;
		if (only_wanted) {
			item->lease_boot_ms = 0;
			item->round = courier->round;
		}
	}
	if (ids.count)
		ignored.code = deliveries_release(
		    courier->upstream.clickhouse, courier->arena, &ids, &courier->owner, &ignored);
}

void lease_release_all(struct courier *courier)
{
	release(courier, false);
}

void lease_give_way(struct courier *courier)
{
	release(courier, true);
}

/* SPDX-License-Identifier: MIT */
/* offer.c: the slots that a booking may have now */
#include "core/offer.h"

#include <stdlib.h>
#include <string.h>

static struct interval whole_window(const struct offer *offer)
{
	struct interval window = slots_window(offer->hours, offer->zone, offer->now);

	window.start -= 86400;
	window.end += 86400;
	return window;
}

/* Everything that stands in the way, as one merged list. */
static struct interval *all_busy(const struct offer *offer, struct arena *arena, size_t *count)
{
	struct interval window = whole_window(offer);
	size_t booked = ledger_busy(offer->ledger, offer->host, window, &offer->booking, NULL, 0);
	struct interval *list = arena_array(
	    arena, offer->calendar_count + 1 + booked + offer->imported_count, sizeof(*list));
	struct ledger_booking own;
	size_t have;

	if (!list)
		return NULL;
	if (offer->calendar_count)
		memcpy(list, offer->calendar, offer->calendar_count * sizeof(*list));
	have = offer->calendar_count;
	if (ledger_find(offer->ledger, &offer->booking, &own) && own.is_live)
		have = intervals_subtract(list, have, own.call);
	have +=
	    ledger_busy(offer->ledger, offer->host, window, &offer->booking, list + have, booked);
	if (offer->imported_count)
		memcpy(list + have, offer->imported, offer->imported_count * sizeof(*list));
	*count = intervals_merge(list, have + offer->imported_count);
	return list;
}

/* Leaves out the days on which the host has its fill, and the slot that the booking has already. */
static size_t drop_full_days(const struct offer *offer, struct slot *slots, size_t count)
{
	size_t cap = (size_t)offer->hours->max_per_day, kept = 0;
	bool is_full = false;
	int day = -1;
	struct ledger_booking own;

	ledger_find(offer->ledger, &offer->booking, &own);
	for (size_t i = 0; i < count; i++) {
		if (cap && slots[i].day != day) {
			day = slots[i].day;
			is_full = ledger_count_calls(offer->ledger, offer->host,
				      slots_local_day(offer->zone, slots[i].call.start),
				      &offer->booking) >= cap;
		}
		if (!is_full && !(own.is_live && own.call.start == slots[i].call.start))
			slots[kept++] = slots[i];
	}
	return kept;
}

enum err offer_slots(
    const struct offer *offer, struct arena *arena, struct offer_list *out, struct fail *fail)
{
	struct slot *slots = arena_array(arena, slots_bound(offer->hours), sizeof(*slots));
	size_t busy_count = 0, count;
	struct interval *busy = all_busy(offer, arena, &busy_count);

	if (!slots || !busy)
		return fail_set(fail, ERR_SYSTEM, "offer", "no memory");
	count = slots_candidates(offer->hours, offer->zone, offer->now, slots);
	count = conflict_filter(offer->hours, slots, count, busy, busy_count);
	*out = (struct offer_list){slots, drop_full_days(offer, slots, count)};
	return ERR_NONE;
}

struct entry offer_entry(
    const struct offer *offer, struct interval call, uint64_t version, enum calendar_check calendar)
{
	struct entry entry = {
	    .kind = ENTRY_BOOK,
	    .booking = offer->booking,
	    .version = version,
	    .call = call,
	    .taken = slots_taken(offer->hours, call),
	    .cap = (uint32_t)offer->hours->max_per_day,
	    .calendar = calendar,
	};

	strncpy(entry.host, offer->host, LEDGER_HOST_MAX - 1);
	if (entry.cap)
		entry.cap_within = slots_local_day(offer->zone, call.start);
	return entry;
}

static int64_t distance(const struct slot *slot, int64_t wanted)
{
	return llabs(slot->call.start - wanted);
}

struct offer_list offer_nearest(
    const struct offer_list *open, struct arena *arena, int64_t wanted, size_t max)
{
	struct offer_list near = {arena_array(arena, max, sizeof(*near.slots)), 0};
	size_t low = 0, high;

	if (!near.slots)
		return near;
	while (low < open->count && open->slots[low].call.start < wanted)
		low++;
	for (high = low; near.count < max && (low > 0 || high < open->count);) {
		bool is_earlier =
		    high == open->count || (low > 0 && distance(&open->slots[low - 1], wanted) <=
							   distance(&open->slots[high], wanted));

		near.slots[near.count++] = is_earlier ? open->slots[--low] : open->slots[high++];
	}
	return near;
}

/* SPDX-License-Identifier: MIT */
/* offer.c: the slots that a booking may have now */
#include "core/offer.h"
#include "core/civil.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static struct interval whole_window(const struct offer *offer)
{
	struct interval window = slots_window(offer->hours, offer->zone, offer->now);

	window.start -= DAY_S;
	window.end += DAY_S;
	return window;
}

struct interval offer_obstacle(const struct hours *hours, const struct ledger_booking *booking)
{
	struct interval call = {0, 0}, needed = slots_needed(hours, call);
	struct interval taken = slots_taken(hours, call), obstacle = booking->call;
	int64_t start = booking->taken.start + needed.end - taken.end;
	int64_t end = booking->taken.end + needed.start - taken.start;

	if (start < obstacle.start)
		obstacle.start = start;
	if (end > obstacle.end)
		obstacle.end = end;
	return obstacle;
}

/* What the ledger and imported rows have, merged. */
static enum err all_booked(
    const struct offer *offer, struct arena *arena, struct busy_intervals *out, struct fail *fail)
{
	struct interval window = whole_window(offer);
	size_t count = ledger_busy(offer->ledger, offer->owner, window, &offer->booking, NULL, 0);
	struct ledger_booking *bookings = arena_array(arena, count + 1, sizeof(*bookings));
	struct interval *list =
	    arena_array(arena, count + offer->imported_count + 1, sizeof(*list));

	if (!list || !bookings)
		return fail_set(fail, ERR_SYSTEM, "offer", "no memory");
	ledger_busy(offer->ledger, offer->owner, window, &offer->booking, bookings, count);
	for (size_t i = 0; i < count; i++)
		list[i] = offer_obstacle(offer->hours, &bookings[i]);
	if (offer->imported_count)
		memcpy(list + count, offer->imported, offer->imported_count * sizeof(*list));
	*out = (struct busy_intervals){list, intervals_merge(list, count + offer->imported_count)};
	return ERR_NONE;
}

/* Everything that stands in the way, as one merged list. */
static enum err all_busy(
    const struct offer *offer, struct arena *arena, struct busy_intervals *out, struct fail *fail)
{
	size_t count = offer->calendar_count;
	struct interval *calendar = arena_array(arena, count + 1, sizeof(*calendar)), *list;
	struct busy_intervals booked = {NULL, 0};
	struct ledger_booking own;
	enum err err = all_booked(offer, arena, &booked, fail);

	if (err)
		return err;
	list = arena_array(arena, count + 1 + booked.count, sizeof(*list));
	if (!calendar || !list)
		return fail_set(fail, ERR_SYSTEM, "offer", "no memory");
	if (count)
		memcpy(calendar, offer->calendar, count * sizeof(*calendar));
	if (ledger_find(offer->ledger, &offer->booking, &own) && own.is_live)
		count = intervals_subtract(calendar, count, own.call);
	*out = (struct busy_intervals){
	    list, intervals_union(calendar, count, booked.list, booked.count, list)};
	return ERR_NONE;
}

size_t offer_count(const struct offer *offer, const struct cap_rule *cap)
{
	return ledger_count_calls(offer->ledger, offer->owner, cap->within, &offer->booking);
}

/* The caps of one kind, as far as they were counted. */
struct counted {
	struct interval within;
	bool is_full;
};

/* How far the caps are known, for slots in order of time. */
struct fill {
	struct zone_walk walk;
	struct counted counted[CAPS_MAX];
	int64_t until; /* where the first of them ends */
	bool is_full;  /* up to there one of them is */
};

static struct fill new_fill(const struct offer *offer)
{
	const struct hours *hours = offer->hours;
	struct fill fill = {.walk = {.zone = offer->zone}, .until = INT64_MIN};
	const int limits[CAPS_MAX] = {
	    [CAP_DAY] = hours->max_per_day,
	    [CAP_WEEK] = hours->max_per_week,
	    [CAP_MONTH] = hours->max_per_month,
	};

	for (int i = 0; i < CAPS_MAX; i++)
		fill.counted[i].within.end = limits[i] ? INT64_MIN : INT64_MAX;
	return fill;
}

/* Each day, week and month is counted once. */
static bool is_full(const struct offer *offer, int64_t start, struct fill *fill)
{
	struct cap_rule caps[CAPS_MAX];
	size_t count;

	if (start < fill->until)
		return fill->is_full;
	count = slots_caps(offer->hours, &fill->walk, start, caps);
	for (size_t i = 0; i < count; i++)
		if (start >= fill->counted[caps[i].kind].within.end)
			fill->counted[caps[i].kind] = (struct counted){
			    caps[i].within, offer_count(offer, &caps[i]) >= (size_t)caps[i].limit};
	fill->until = INT64_MAX;
	fill->is_full = false;
	for (int i = 0; i < CAPS_MAX; i++) {
		if (fill->counted[i].within.end < fill->until)
			fill->until = fill->counted[i].within.end;
		fill->is_full = fill->is_full || fill->counted[i].is_full;
	}
	return fill->is_full;
}

/* Leaves out what is over a cap, and the slot that the booking has already. */
static size_t drop_full(const struct offer *offer, struct slot *slots, size_t count)
{
	struct fill fill = new_fill(offer);
	struct ledger_booking own;
	size_t kept = 0;

	ledger_find(offer->ledger, &offer->booking, &own);
	for (size_t i = 0; i < count; i++)
		if (!is_full(offer, slots[i].call.start, &fill) &&
		    !(own.is_live && own.call.start == slots[i].call.start))
			slots[kept++] = slots[i];
	return kept;
}

enum err offer_slots(
    const struct offer *offer, struct arena *arena, struct offer_list *out, struct fail *fail)
{
	const struct hours *hours = offer->hours;
	struct slot *slots = arena_array(arena, slots_bound(hours), sizeof(*slots));
	struct busy_intervals busy;
	size_t count;
	enum err err = all_busy(offer, arena, &busy, fail);

	if (err)
		return err;
	if (!slots)
		return fail_set(fail, ERR_SYSTEM, "offer", "no memory");
	if (hours->is_packed) {
		count = slots_packed(hours, offer->zone, offer->now, busy, slots);
	} else {
		count = slots_candidates(hours, offer->zone, offer->now, slots);
		count = conflict_filter(hours, slots, count, busy.list, busy.count);
	}
	*out = (struct offer_list){slots, offer->is_outage ? 0 : drop_full(offer, slots, count)};
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
	    .calendar = calendar,
	};
	struct zone_walk walk = {.zone = offer->zone};
	struct cap_rule caps[CAPS_MAX];
	size_t count;

	entry_set_owner(&entry, offer->owner);
	count = slots_caps(offer->hours, &walk, call.start, caps);
	for (size_t i = 0; i < count; i++)
		if (!entry_add_cap(&entry, (uint32_t)caps[i].limit, "", caps[i].within))
			assert(false && "an entry has room for every kind of cap");
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

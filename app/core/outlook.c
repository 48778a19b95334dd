/* SPDX-License-Identifier: MIT */
/* outlook.c: how much of the window is open, and what closes the rest of it */
#include "core/outlook.h"

/* A walk over the dates of the window. */
struct walk {
	const struct offer *offer;
	struct offer_list open;
	struct slot *grid; /* of one date */
	struct outlook found;
};

static void add_without_starts(struct walk *walk, int64_t date)
{
	const struct zone *zone = walk->offer->zone;
	struct why why = why_hours(walk->offer->hours, zone, slots_date_span(zone, date).start);

	walk->found.closed[why.reason]++;
}

/* Counts what closes the starts of a date; whether the calendar closes all of them but those of
 * calls, which are fewer. */
static bool add_date(struct walk *walk, size_t count)
{
	size_t by_event = 0, by_call = 0;

	for (size_t i = 0; i < count; i++) {
		struct why why = why_closed(walk->offer, &walk->open, walk->grid[i].call.start);

		by_event += why.reason == REASON_EVENT;
		by_call += why.reason == REASON_CALL;
		if (why.reason && why.reason != REASON_BEGUN)
			walk->found.closed[why.reason]++;
	}
	return by_event + by_call == count && by_event > by_call;
}

enum err outlook_find(const struct offer *offer, size_t enough, struct arena *arena,
    struct outlook *out, struct fail *fail)
{
	const struct hours *hours = offer->hours;
	struct dates dates = slots_dates(hours, offer->zone, offer->now);
	struct walk walk = {.offer = offer};
	enum err err = offer_slots(offer, arena, &walk.open, fail);
	bool is_low;
	size_t at = 0;

	if (err)
		return err;
	walk.grid = arena_array(arena, slots_bound(hours), sizeof(*walk.grid));
	walk.found.busy_dates = arena_array(
	    arena, (size_t)(dates.end - dates.first) + 1, sizeof(*walk.found.busy_dates));
	if (!walk.grid || !walk.found.busy_dates)
		return fail_set(fail, ERR_SYSTEM, "outlook", "no memory");
	walk.found.open = walk.open.count;
	is_low = walk.open.count < enough;
	for (int64_t date = dates.first; date < dates.end; date++) {
		struct interval day = slots_date_span(offer->zone, date);
		size_t first = at, count;

		while (at < walk.open.count && walk.open.slots[at].call.start < day.end)
			at++;
		if (!is_low && at > first)
			continue;
		count = slots_on_date(hours, offer->zone, date, walk.grid);
		if (!count)
			add_without_starts(&walk, date);
		if (add_date(&walk, count))
			walk.found.busy_dates[walk.found.busy_count++] = date;
	}
	*out = walk.found;
	return ERR_NONE;
}

enum reason outlook_reason(const struct outlook *outlook, size_t rank)
{
	for (int reason = REASON_NONE + 1; reason < REASONS; reason++) {
		size_t before = 0;

		if (!outlook->closed[reason])
			continue;
		for (int other = REASON_NONE + 1; other < REASONS; other++)
			before +=
			    outlook->closed[other] > outlook->closed[reason] ||
			    (outlook->closed[other] == outlook->closed[reason] && other < reason);
		if (before == rank)
			return (enum reason)reason;
	}
	return REASON_NONE;
}

/* SPDX-License-Identifier: MIT */
/* week.c: open slots by the reader's days and times of day */
#include "core/week.h"
#include "core/civil.h"

static int64_t local_of(const struct zone *zone, int64_t utc)
{
	return utc + zone_at(zone, utc).utc_s;
}

int64_t week_midnight(const struct zone *zone, int64_t date)
{
	int64_t utc;

	zone_to_utc(zone, date * DAY_S, &utc);
	return utc;
}

enum day_part week_part(const struct zone *zone, int64_t utc)
{
	return (enum day_part)((local_of(zone, utc) % DAY_S + DAY_S) % DAY_S / (DAY_S / DAY_PARTS));
}

/* The day of an instant that has not begun. Where a clock is put back over midnight that may be the
 * day before the first: it counts as the first. */
static struct day *day_of(
    struct day *days, int64_t first, const struct zone *zone, const struct slot *slot)
{
	int64_t date = slots_date(zone, slot->call.start);

	return &days[date > first ? date - first : 0];
}

/* How many days there are from the first to that of the list's last slot; 0 without any. */
static size_t days_until(int64_t first, const struct zone *zone, const struct offer_list *list)
{
	int64_t last;

	if (!list->count)
		return 0;
	last = slots_date(zone, list->slots[list->count - 1].call.start);
	return last > first ? (size_t)(last - first) + 1 : 1;
}

/* The reader's today, or the first day with slots when that is more than a week away. */
static int64_t first_day(const struct zone *zone, int64_t now, const struct offer_list *candidates)
{
	int64_t today = slots_date(zone, now), first = today;

	if (candidates->count)
		first = slots_date(zone, candidates->slots[0].call.start);
	return first > today + 7 ? first : today;
}

struct day *week_days(struct arena *arena, const struct zone *zone, int64_t now,
    const struct offer_list *candidates, const struct offer_list *open, size_t *count)
{
	int64_t first = first_day(zone, now, candidates);
	struct day *days;
	size_t of_candidates = days_until(first, zone, candidates),
	       of_open = days_until(first, zone, open);

	*count = of_candidates > of_open ? of_candidates : of_open;
	days = arena_array(arena, *count + 1, sizeof(*days));
	if (!days)
		return NULL;
	for (size_t i = 0; i < *count; i++)
		days[i].date = first + (int64_t)i;
	for (size_t i = 0; i < candidates->count; i++)
		day_of(days, first, zone, &candidates->slots[i])->candidates++;
	for (size_t i = open->count; i > 0; i--) {
		struct day *day = day_of(days, first, zone, &open->slots[i - 1]);

		day->first = i - 1;
		day->open++;
		if (day->candidates < day->open)
			day->candidates = day->open;
	}
	return days;
}

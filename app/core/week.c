/* SPDX-License-Identifier: MIT */
/* week.c: open slots by the reader's days and times of day */
#include "core/week.h"
#include "core/civil.h"

static int64_t local_of(const struct zone *zone, int64_t utc)
{
	return utc + zone_at(zone, utc).utc_s;
}

int64_t week_date(const struct zone *zone, int64_t utc)
{
	int64_t local = local_of(zone, utc);

	return (local - (local % DAY_S + DAY_S) % DAY_S) / DAY_S;
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
 * day before today: it counts as today. */
static struct day *day_of(
    struct day *days, int64_t today, const struct zone *zone, const struct slot *slot)
{
	int64_t date = week_date(zone, slot->call.start);

	return &days[date > today ? date - today : 0];
}

struct day *week_days(struct arena *arena, const struct zone *zone, int64_t now,
    const struct offer_list *candidates, const struct offer_list *open, size_t *count)
{
	int64_t today = week_date(zone, now);
	struct day *days;

	*count = 0;
	if (candidates->count) {
		int64_t last = week_date(zone, candidates->slots[candidates->count - 1].call.start);

		*count = last > today ? (size_t)(last - today) + 1 : 1;
	}
	days = arena_array(arena, *count + 1, sizeof(*days));
	if (!days)
		return NULL;
	for (size_t i = 0; i < *count; i++)
		days[i].date = today + (int64_t)i;
	for (size_t i = 0; i < candidates->count; i++)
		day_of(days, today, zone, &candidates->slots[i])->candidates++;
	for (size_t i = open->count; i > 0; i--) {
		struct day *day = day_of(days, today, zone, &open->slots[i - 1]);

		day->first = i - 1;
		day->open++;
	}
	return days;
}

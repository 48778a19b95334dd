/* SPDX-License-Identifier: MIT */
/* slots.c: business hours → candidate slots → open slots */
#include "core/slots.h"
#include "base/conf.h"
#include "core/civil.h"

/* The local date of an instant, in days since 1970-01-01. */
static int64_t local_date(const struct zone *zone, int64_t utc)
{
	struct civil civil = civil_from_seconds(utc + zone_at(zone, utc).utc_s);

	return civil_days(civil.year, civil.month, civil.day);
}

/* The instant of a reading; where the clock jumps over it, the instant of the jump. */
static int64_t instant_of(const struct zone *zone, int64_t local)
{
	int64_t utc;

	zone_to_utc(zone, local, &utc);
	return utc;
}

struct hours slots_hours(const struct conf *conf)
{
	return (struct hours){
	    .days = (unsigned)conf->hours.days,
	    .first_start = (int)conf->hours.first_start,
	    .last_start = (int)conf->hours.last_start,
	    .slot_minutes = (int)conf->hours.slot_minutes,
	    .window_days = (int)conf->hours.window_days,
	    .buffer_before = (int)conf->hours.buffer_before,
	    .buffer_after = (int)conf->hours.buffer_after,
	    .max_per_day = (int)conf->hours.max_per_day,
	};
}

size_t slots_bound(const struct hours *hours)
{
	int a_day = (hours->last_start - hours->first_start) / hours->slot_minutes + 1;

	return (size_t)a_day * (size_t)hours->window_days;
}

size_t slots_candidates(
    const struct hours *hours, const struct zone *zone, int64_t now, struct slot *out)
{
	int64_t today = local_date(zone, now), length_s = hours->slot_minutes * 60;
	int64_t latest =
	    now; /* the latest start, so that what has begun is out, and order is kept */
	int64_t steady_until = INT64_MIN, offset_s = 0;
	size_t count = 0;

	for (int day = 0; day < hours->window_days; day++) {
		int64_t midnight = (today + day) * DAY_S;
		int64_t first = midnight + hours->first_start * 60;
		int64_t last = midnight + hours->last_start * 60;
		bool is_steady;

		if (!(hours->days >> civil_weekday(today + day) & 1))
			continue;
		/*
		 * A reading can only mean instants within ZONE_REACH_S of it. When the offset stays
		 * the same over all of them, which it does but for a few days a year, each reading
		 * of the day is found by subtraction.
		 */
		if (last + ZONE_REACH_S >= steady_until) {
			offset_s = zone_at(zone, first - ZONE_REACH_S).utc_s;
			steady_until = zone_steady_until(zone, first - ZONE_REACH_S);
		}
		is_steady = last + ZONE_REACH_S < steady_until;
		for (int64_t local = first; local <= last; local += length_s) {
			int64_t start = local - offset_s;

			if (!is_steady && zone_to_utc(zone, local, &start) == ZONE_NEVER)
				continue;
			if (start <= latest)
				continue;
			latest = start;
			out[count++] = (struct slot){{start, start + length_s}, day};
		}
	}
	return count;
}

const struct slot *slots_find(const struct slot *slots, size_t count, int64_t start)
{
	for (size_t i = 0; i < count; i++) {
		if (slots[i].call.start == start)
			return &slots[i];
	}
	return NULL;
}

struct interval slots_taken(const struct hours *hours, struct interval call)
{
	return (struct interval){
	    call.start - hours->buffer_before * 60, call.end + hours->buffer_after * 60};
}

struct interval slots_local_day(const struct zone *zone, int64_t utc)
{
	int64_t midnight = local_date(zone, utc) * DAY_S;

	return (struct interval){instant_of(zone, midnight), instant_of(zone, midnight + DAY_S)};
}

struct interval slots_window(const struct hours *hours, const struct zone *zone, int64_t now)
{
	int64_t first_day = local_date(zone, now) * DAY_S;
	int64_t end_day = first_day + (int64_t)hours->window_days * DAY_S;
	int64_t first = instant_of(zone, first_day + hours->first_start * 60);
	int64_t last = instant_of(zone, end_day - DAY_S + hours->last_start * 60);
	struct interval earliest =
	    slots_taken(hours, (struct interval){first, first + hours->slot_minutes * 60});
	struct interval latest =
	    slots_taken(hours, (struct interval){last, last + hours->slot_minutes * 60});
	struct interval window = {instant_of(zone, first_day), instant_of(zone, end_day)};

	/* A call late in the evening ends after midnight, and buffers reach over both edges. */
	if (earliest.start < window.start)
		window.start = earliest.start;
	if (latest.end > window.end)
		window.end = latest.end;
	return window;
}

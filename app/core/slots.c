/* SPDX-License-Identifier: MIT */
/* slots.c: the owner's hours → candidate slots */
#include "core/slots.h"
#include "core/civil.h"

/* The date of a reading. */
static int64_t date_of(int64_t local)
{
	return local / DAY_S - (local % DAY_S < 0);
}

int64_t slots_date(const struct zone *zone, int64_t utc)
{
	return date_of(utc + zone_at(zone, utc).utc_s);
}

/* The instant of a reading; where the clock jumps over it, the instant of the jump. */
static int64_t instant_of(const struct zone *zone, int64_t local)
{
	int64_t utc;

	zone_to_utc(zone, local, &utc);
	return utc;
}

static int64_t midnight_of(const struct zone *zone, int64_t date)
{
	return instant_of(zone, date * DAY_S);
}

const struct workday *slots_workday(
    const struct hours *hours, int64_t date, const struct special **special)
{
	size_t low = 0, high = hours->special_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (hours->special[middle].last >= date)
			high = middle;
		else
			low = middle + 1;
	}
	if (low < hours->special_count && hours->special[low].first <= date) {
		if (special)
			*special = &hours->special[low];
		return &hours->special[low].day;
	}
	if (special)
		*special = NULL;
	return &hours->week[civil_weekday(date)];
}

static bool is_open(const struct hours *hours, int64_t date)
{
	return slots_workday(hours, date, NULL)->count > 0;
}

struct dates slots_dates(const struct hours *hours, const struct zone *zone, int64_t now)
{
	int64_t today = slots_date(zone, now), end = today;

	switch (hours->window) {
	case WINDOW_DAYS:
		return (struct dates){today, today + hours->window_days};
	case WINDOW_WORKDAYS:
		for (int open = 0; open < hours->window_days && end < today + WINDOW_MAX; end++)
			open += is_open(hours, end);
		return (struct dates){today, end};
	case WINDOW_DATES:
		break;
	}
	if (hours->window_last < today)
		return (struct dates){today, today};
	return (struct dates){
	    hours->window_first > today ? hours->window_first : today, hours->window_last + 1};
}

int64_t slots_earliest(const struct hours *hours, const struct zone *zone, int64_t now)
{
	int64_t date = slots_date(zone, now) + 1;

	if (hours->notice == NOTICE_TIME)
		return now + (hours->notice_s > 0 ? hours->notice_s : 1);
	for (int64_t end = date + WINDOW_MAX;
	     hours->notice == NOTICE_WORKDAY && date < end && !is_open(hours, date);)
		date++;
	/* Where midnight is put back, today goes on after it. */
	return midnight_of(zone, date) > now ? midnight_of(zone, date) : now + 1;
}

static size_t starts_of(const struct hours *hours, const struct workday *day)
{
	size_t count = 0;

	for (int i = 0; i < day->count; i++)
		count +=
		    (size_t)((day->spans[i].last - day->spans[i].first) / hours->step_minutes + 1);
	return count;
}

size_t slots_bound(const struct hours *hours)
{
	size_t most = 1, found;
	int64_t days = hours->window_days;

	for (int i = 0; i < 7; i++)
		if ((found = starts_of(hours, &hours->week[i])) > most)
			most = found;
	for (size_t i = 0; i < hours->special_count; i++)
		if ((found = starts_of(hours, &hours->special[i].day)) > most)
			most = found;
	if (hours->window == WINDOW_DATES)
		days = hours->window_last - hours->window_first + 1;
	return most * (size_t)days;
}

size_t slots_candidates(
    const struct hours *hours, const struct zone *zone, int64_t now, struct slot *out)
{
	struct dates dates = slots_dates(hours, zone, now);
	int64_t today = slots_date(zone, now), length_s = hours->slot_minutes * 60;
	/* The latest start, so that what is too early is out, and order is kept. */
	int64_t latest = slots_earliest(hours, zone, now) - 1;
	struct zone_walk walk = {.zone = zone};
	size_t count = 0;

	for (int64_t date = dates.first; date < dates.end; date++) {
		const struct workday *day = slots_workday(hours, date, NULL);
		int64_t midnight = date * DAY_S;

		for (int i = 0; i < day->count; i++) {
			int64_t last = midnight + day->spans[i].last * 60, start;

			for (int64_t local = midnight + day->spans[i].first * 60; local <= last;
			     local += hours->step_minutes * 60) {
				if (zone_walk_to_utc(&walk, local, &start) == ZONE_NEVER ||
				    start <= latest)
					continue;
				latest = start;
				out[count++] =
				    (struct slot){{start, start + length_s}, (int)(date - today)};
			}
		}
	}
	return count;
}

size_t slots_on_date(
    const struct hours *hours, const struct zone *zone, int64_t date, struct slot *out)
{
	struct hours one = *hours;

	one.window = WINDOW_DATES;
	one.window_first = one.window_last = date;
	one.notice = NOTICE_TIME;
	one.notice_s = 0;
	return slots_candidates(&one, zone, midnight_of(zone, date) - DAY_S, out);
}

/* A walk over the spans of a window, and what it found. */
struct packing {
	const struct hours *hours;
	struct zone_walk walk;
	struct busy_intervals busy;
	size_t at; /* what ends before it is behind us */
	int64_t latest;
	struct slot *out;
	size_t count;
};

/* Whether the clock shows this start's reading for the first time. */
static bool is_first_time(struct zone_walk *walk, int64_t start)
{
	int64_t first;

	zone_walk_to_utc(walk, start + zone_walk_at(walk, start), &first);
	return first == start;
}

static void pack_span(struct packing *packing, int64_t start, int64_t last, int day)
{
	const struct hours *hours = packing->hours;

	while (start <= last) {
		struct interval call = {start, start + hours->slot_minutes * 60};
		struct interval needed = slots_needed(hours, call);

		while (packing->at < packing->busy.count &&
		       packing->busy.list[packing->at].end <= needed.start)
			packing->at++;
		if (packing->at < packing->busy.count &&
		    interval_overlaps(needed, packing->busy.list[packing->at])) {
			/* On the wire a start is a whole minute. */
			start =
			    packing->busy.list[packing->at].end + hours->buffer_before * 60 + 59;
			start -= start % 60;
			continue;
		}
		if (start > packing->latest && is_first_time(&packing->walk, start)) {
			packing->out[packing->count++] = (struct slot){call, day};
			packing->latest = start;
		}
		start += hours->step_minutes * 60;
	}
}

size_t slots_packed(const struct hours *hours, const struct zone *zone, int64_t now,
    struct busy_intervals busy, struct slot *out)
{
	struct dates dates = slots_dates(hours, zone, now);
	struct packing packing = {
	    hours, {.zone = zone}, busy, 0, slots_earliest(hours, zone, now) - 1, out, 0};
	int64_t today = slots_date(zone, now);

	for (int64_t date = dates.first; date < dates.end; date++) {
		const struct workday *day = slots_workday(hours, date, NULL);

		for (int i = 0; i < day->count; i++) {
			int64_t first, last;

			zone_walk_to_utc(
			    &packing.walk, date * DAY_S + day->spans[i].first * 60, &first);
			/* What the clock jumps over ends before the jump. */
			if (zone_walk_to_utc(&packing.walk, date * DAY_S + day->spans[i].last * 60,
				&last) == ZONE_NEVER)
				last--;
			pack_span(&packing, first, last, (int)(date - today));
		}
	}
	return packing.count;
}

const struct slot *slots_find(const struct slot *slots, size_t count, int64_t start)
{
	for (size_t i = 0; i < count; i++) {
		if (slots[i].call.start == start)
			return &slots[i];
	}
	return NULL;
}

struct interval slots_needed(const struct hours *hours, struct interval call)
{
	return (struct interval){
	    call.start - hours->buffer_before * 60, call.end + hours->buffer_after * 60};
}

struct interval slots_taken(const struct hours *hours, struct interval call)
{
	if (hours->buffer_after >= hours->buffer_before)
		call.end += hours->buffer_after * 60;
	else
		call.start -= hours->buffer_before * 60;
	return call;
}

struct interval slots_date_span(const struct zone *zone, int64_t date)
{
	return (struct interval){midnight_of(zone, date), midnight_of(zone, date + 1)};
}

struct interval slots_local_day(const struct zone *zone, int64_t utc)
{
	return slots_date_span(zone, slots_date(zone, utc));
}

/* Midnight, as midnight_of(). */
static int64_t walk_to_date(struct zone_walk *walk, int64_t date)
{
	int64_t utc;

	zone_walk_to_utc(walk, date * DAY_S, &utc);
	return utc;
}

size_t slots_caps(
    const struct hours *hours, struct zone_walk *walk, int64_t start, struct cap_rule out[CAPS_MAX])
{
	int64_t date = date_of(start + zone_walk_at(walk, start)),
		monday = date - (civil_weekday(date) + 6) % 7;
	struct civil civil = civil_from_seconds(date * DAY_S);
	int64_t first = date - civil.day + 1;
	const struct {
		int limit;
		int64_t first, end;
	} caps[CAPS_MAX] = {
	    [CAP_DAY] = {hours->max_per_day, date, date + 1},
	    [CAP_WEEK] = {hours->max_per_week, monday, monday + 7},
	    [CAP_MONTH] = {hours->max_per_month, first,
		first + civil_days_in_month(civil.year, civil.month)},
	};
	size_t count = 0;

	for (int kind = 0; kind < CAPS_MAX; kind++)
		if (caps[kind].limit)
			out[count++] = (struct cap_rule){(enum cap_kind)kind, caps[kind].limit,
			    {walk_to_date(walk, caps[kind].first),
				walk_to_date(walk, caps[kind].end)}};
	return count;
}

/* The first start of a day, or its midnight when it has none; the last, or the next midnight. */
static int64_t first_of(const struct hours *hours, int64_t date)
{
	const struct workday *day = slots_workday(hours, date, NULL);

	return date * DAY_S + (day->count ? day->spans[0].first * 60 : 0);
}

static int64_t last_of(const struct hours *hours, int64_t date)
{
	const struct workday *day = slots_workday(hours, date, NULL);

	return date * DAY_S + (day->count ? day->spans[day->count - 1].last * 60 : 0);
}

struct interval slots_window(const struct hours *hours, const struct zone *zone, int64_t now)
{
	struct dates dates = slots_dates(hours, zone, now);
	struct interval window, earliest, latest;
	int64_t first, last;

	if (dates.first == dates.end)
		dates.end++;
	first = instant_of(zone, first_of(hours, dates.first));
	last = instant_of(zone, last_of(hours, dates.end - 1));
	window = (struct interval){midnight_of(zone, dates.first), midnight_of(zone, dates.end)};
	earliest = slots_needed(hours, (struct interval){first, first});
	latest = slots_needed(hours, (struct interval){last, last + hours->slot_minutes * 60});

	/* A call late in the evening ends after midnight, and buffers reach over both edges. */
	if (earliest.start < window.start)
		window.start = earliest.start;
	if (latest.end > window.end)
		window.end = latest.end;
	return window;
}

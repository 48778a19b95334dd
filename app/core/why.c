/* SPDX-License-Identifier: MIT */
/* why.c: what closes a time that is not offered */
#include "core/why.h"
#include "core/civil.h"

static const char *const names[REASONS] = {"open", "clock", "day", "date", "holiday", "hours",
    "step", "window", "begun", "notice", "call", "block", "imported", "event", "outage", "cap",
    "own", "packed", "length"};

const char *reason_name(enum reason reason)
{
	return names[reason];
}

bool why_was_offered(const struct why *why)
{
	return why->reason == REASON_NONE || why->reason > REASON_WINDOW;
}

struct why why_hours(const struct hours *hours, const struct zone *zone, int64_t start)
{
	int64_t local = start + zone_at(zone, start).utc_s, date = slots_date(zone, start), first;
	const struct special *special;
	const struct workday *day = slots_workday(hours, date, &special);
	struct why why = {.reason = REASON_HOURS, .line = day->line};
	int64_t second = local - date * DAY_S;

	zone_to_utc(zone, local, &first);
	if (first != start) {
		why.reason = REASON_CLOCK;
		return why;
	}
	if (!day->count) {
		why.reason = !special		   ? REASON_DAY
			     : special->is_holiday ? REASON_HOLIDAY
						   : REASON_DATE;
		return why;
	}
	for (int i = 0; i < day->count; i++) {
		int64_t after = second - day->spans[i].first * 60;

		if (after < 0 || second > day->spans[i].last * 60)
			continue;
		if (after % (hours->is_packed ? 60 : hours->step_minutes * 60))
			why.reason = REASON_STEP;
		else
			why.reason = REASON_NONE;
		return why;
	}
	return why;
}

/* What of an event is not the booking's own call. */
static bool overlaps_beside(
    struct interval event, const struct ledger_booking *own, struct interval with)
{
	struct interval before = {event.start, own->call.start}, after = {own->call.end, event.end};

	if (!own->is_live || !interval_overlaps(event, own->call))
		return interval_overlaps(event, with);
	return interval_overlaps(before, with) || interval_overlaps(after, with);
}

static bool closes(struct why *why, enum reason reason, struct interval span, struct interval call)
{
	why->reason = reason;
	why->span = span;
	why->is_buffer = !interval_overlaps(span, call);
	return true;
}

/* The first thing that overlaps what the call needs. */
static bool find_obstacle(const struct offer *offer, struct interval call, struct why *why)
{
	struct interval needed = slots_needed(offer->hours, call);
	/* Obstacles are within what was taken, so that no third one is asked. */
	struct ledger_booking near[2], own;
	size_t count = ledger_busy(offer->ledger, offer->owner, needed, &offer->booking, near, 2);

	for (size_t i = 0; i < count && i < 2; i++)
		if (interval_overlaps(offer_obstacle(offer->hours, &near[i]), needed)) {
			why->id = near[i].id;
			return closes(
			    why, near[i].is_block ? REASON_BLOCK : REASON_CALL, near[i].call, call);
		}
	for (size_t i = 0; i < offer->imported_count; i++)
		if (interval_overlaps(offer->imported[i], needed))
			return closes(why, REASON_IMPORTED, offer->imported[i], call);
	ledger_find(offer->ledger, &offer->booking, &own);
	for (size_t i = 0; i < offer->calendar_count; i++)
		if (overlaps_beside(offer->calendar[i], &own, needed))
			return closes(why, REASON_EVENT, offer->calendar[i], call);
	return false;
}

static bool find_cap(const struct offer *offer, int64_t start, struct why *why)
{
	struct zone_walk walk = {.zone = offer->zone};
	struct cap_rule caps[CAPS_MAX];
	size_t count = slots_caps(offer->hours, &walk, start, caps);

	for (size_t i = 0; i < count; i++) {
		why->counted = offer_count(offer, &caps[i]);
		if (why->counted >= (size_t)caps[i].limit) {
			why->reason = REASON_CAP;
			why->cap = caps[i];
			why->span = caps[i].within;
			return true;
		}
	}
	return false;
}

struct why why_closed(const struct offer *offer, const struct offer_list *open, int64_t start)
{
	const struct hours *hours = offer->hours;
	struct interval call = {start, start + hours->slot_minutes * 60};
	struct dates dates = slots_dates(hours, offer->zone, offer->now);
	int64_t earliest = slots_earliest(hours, offer->zone, offer->now);
	int64_t date = slots_date(offer->zone, start);
	struct ledger_booking own;
	struct why why = {.reason = REASON_NONE};

	if (slots_find(open->slots, open->count, start))
		return why;
	if (start <= offer->now) {
		why.reason = REASON_BEGUN;
		return why;
	}
	why = why_hours(hours, offer->zone, start);
	if (why.reason)
		return why;
	if (date < dates.first || date >= dates.end) {
		why.reason = REASON_WINDOW;
		why.span = (struct interval){slots_date_span(offer->zone, dates.first).start,
		    slots_date_span(offer->zone, dates.end).start};
	} else if (start < earliest) {
		why.reason = REASON_NOTICE;
		why.span = (struct interval){offer->now, earliest};
	} else if (!find_obstacle(offer, call, &why) && !find_cap(offer, start, &why)) {
		ledger_find(offer->ledger, &offer->booking, &own);
		why.reason = own.is_live && own.call.start == start ? REASON_OWN
			     : offer->is_outage			    ? REASON_OUTAGE
			     : hours->is_packed			    ? REASON_PACKED
								    : REASON_CLOCK;
	}
	return why;
}

struct why why_standing(const struct offer *offer, struct interval call)
{
	const struct offer_list none = {NULL, 0};
	struct hours hours = *offer->hours;
	struct offer rules = *offer;
	struct why why;

	hours.notice = NOTICE_TIME;
	hours.notice_s = 0;
	rules.hours = &hours;
	rules.imported_count = rules.calendar_count = 0;
	rules.is_outage = false;
	why = why_closed(&rules, &none, call.start);
	if (why.reason == REASON_OWN || why.reason == REASON_BEGUN)
		why = (struct why){.reason = REASON_NONE};
	if (why_was_offered(&why) && call.end - call.start != hours.slot_minutes * 60)
		why = (struct why){.reason = REASON_LENGTH, .span = call};
	return why;
}

/* SPDX-License-Identifier: MIT */
/* look.c: a booking and what stands in its way, ClickHouse and Google asked at the same time */
#include "desk/look.h"
#include "base/clock.h"
#include "store/snapshot.h"

#include <string.h>

static const struct {
	enum calendar_use calendar;
	enum lead_part part;
	bool has_imported, has_person;
	int64_t imported_age_ms;
} purposes[] = {
    [LOOK_ALONE] = {CALENDAR_NOT_USED, LEAD_WHOLE, false, false, 0},
    [LOOK_BOOKING] = {CALENDAR_NOT_USED, LEAD_SHOWN, false, false, 0},
    [LOOK_CHANGE] = {CALENDAR_NOT_USED, LEAD_WHOLE, true, false, 0},
    [LOOK_PAGE] = {CALENDAR_FOR_PAGE, LEAD_TIMES, true, false, SNAPSHOT_IMPORTED_MS},
    [LOOK_CLICK] = {CALENDAR_NOT_USED, LEAD_WHOLE, true, true, 0},
    [LOOK_CALLS] = {CALENDAR_NOT_USED, LEAD_TIMES, false, true, 0},
    [LOOK_OPERATOR] = {CALENDAR_FOR_OPERATOR, LEAD_WHOLE, true, false, 0},
    [LOOK_AS_PAGE] = {CALENDAR_AS_PAGE, LEAD_WHOLE, true, false, 0},
};

enum err look_at(struct upstream *upstream, struct arena *arena, const struct look_wish *wish,
    struct look *out, struct fail *fail)
{
	const struct snapshot_wish rows = {
	    .booking = wish->booking,
	    .part = purposes[wish->purpose].part,
	    .imported = purposes[wish->purpose].has_imported ? upstream->imported : NULL,
	    .imported_age_ms = purposes[wish->purpose].imported_age_ms,
	    .window = wish->window,
	    .asks_person =
		purposes[wish->purpose].has_person && upstream->conf->fair.calls_per_address,
	};
	/* The slower one first. */
	struct calendar_ask *ask =
	    calendar_ask_start(upstream, arena, purposes[wish->purpose].calendar, wish->window);
	struct snapshot_question *question = snapshot_start(upstream->journal, arena, &rows);
	struct snapshot snapshot;
	struct look made;
	enum err err;

	http_run(upstream->http);
	calendar_ask_finish(ask, &made.calendar);
	if ((err = snapshot_finish(question, &snapshot, fail)))
		return err;
	made.booking = booking_merge(journal_state(upstream->journal), &wish->booking,
	    snapshot.has_lead ? &snapshot.lead : NULL);
	made.imported = snapshot.imported;
	made.imported_count = snapshot.imported_count;
	made.person_calls = booking_count_calls(journal_state(upstream->journal),
	    snapshot.same_person, snapshot.same_person_count, clock_wall_s());
	*out = made;
	return ERR_NONE;
}

struct offer look_offer(const struct upstream *upstream, const struct look *look,
    const struct hours *hours, const struct zone *zone, int64_t now)
{
	return (struct offer){
	    .hours = hours,
	    .zone = zone,
	    .now = now,
	    .owner = upstream->conf->site.owner,
	    .booking = look->booking.id,
	    .ledger = journal_state(upstream->journal),
	    .imported = look->imported,
	    .imported_count = look->imported_count,
	    .calendar = look->calendar.busy.list,
	    .calendar_count = look->calendar.busy.count,
	    .is_outage = look->calendar.is_closed,
	};
}

enum err look_refresh(struct upstream *upstream, struct arena *arena, struct fail *fail)
{
	return journal_refresh(upstream->journal, arena, fail);
}

bool look_is_ready(const struct upstream *upstream)
{
	return journal_state(upstream->journal) != NULL;
}

void look_judge_all(struct upstream *upstream)
{
	journal_keep(upstream->journal, NULL);
}

struct booking look_known(
    const struct upstream *upstream, const struct uuid *booking, const struct lead *lead)
{
	return booking_merge(journal_state(upstream->journal), booking, lead);
}

enum err look_again(
    struct upstream *upstream, struct arena *arena, struct booking *booking, struct fail *fail)
{
	enum err err = journal_refresh(upstream->journal, arena, fail);

	if (!err)
		booking_refresh(booking, journal_state(upstream->journal));
	return err;
}

enum err look_at_ledger(
    struct upstream *upstream, struct arena *arena, struct look_ledger *out, struct fail *fail)
{
	enum err err = journal_refresh(upstream->journal, arena, fail);
	const struct ledger *ledger;
	struct ledger_mark mark;

	if (err)
		return err;
	ledger = journal_state(upstream->journal);
	mark = ledger_mark(ledger);
	*out = (struct look_ledger){
	    .entries = mark.count,
	    .before = ledger_version(ledger, mark.number) - mark.number,
	    .newest = ledger_version(ledger, mark.number),
	};
	return ERR_NONE;
}

bool look_next(const struct upstream *upstream, size_t *at, struct ledger_booking *out)
{
	return ledger_at(journal_state(upstream->journal), (*at)++, out);
}

bool look_next_live(const struct upstream *upstream, size_t *at, struct ledger_booking *out)
{
	while (look_next(upstream, at, out))
		if (out->is_live && strcmp(out->owner, upstream->conf->site.owner) == 0)
			return true;
	return false;
}

uint64_t look_malformed(const struct upstream *upstream)
{
	const struct ledger *ledger = journal_state(upstream->journal);
	uint64_t malformed = 0, count = ledger_mark(ledger).count;

	for (uint64_t i = 0; i < count; i++)
		malformed += ledger_verdict(ledger, i) == VERDICT_MALFORMED;
	return malformed;
}

void look_at_calendar(struct upstream *upstream, struct arena *arena, enum calendar_use use,
    struct interval window, struct calendar_finding *out)
{
	struct calendar_ask *ask = calendar_ask_start(upstream, arena, use, window);

	http_run(upstream->http);
	calendar_ask_finish(ask, out);
}

enum err look_up(struct upstream *upstream, struct arena *arena, const struct uuid *booking,
    struct booking *out, struct fail *fail)
{
	const struct look_wish wish = {.purpose = LOOK_ALONE, .booking = *booking};
	struct look found;
	enum err err;

	if ((err = look_at(upstream, arena, &wish, &found, fail)))
		return err;
	*out = found.booking;
	if (!booking_is_known(out))
		return fail_set(fail, ERR_NOT_FOUND, "look", "no booking and no block has this id");
	return ERR_NONE;
}

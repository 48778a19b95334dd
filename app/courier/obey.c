/* SPDX-License-Identifier: MIT */
/* obey.c: the call follows what its owner did to the event */
#include "courier/obey.h"
#include "base/clock.h"
#include "base/log.h"
#include "courier/drifts.h"
#include "courier/event.h"
#include "courier/record.h"
#include "desk/change.h"
#include "desk/look.h"
#include "store/rights.h"

#define RIGHT_PAUSE_MS 60000
/* How often somebody may drag an event while its call follows. */
#define DRAGS_MAX 5

/* What is no time to have a call at, whatever the ledger says. */
static enum unheard judge(const struct task *task, const struct sight *sight)
{
	if (sight->drift == DRIFT_NO_TIME)
		return UNHEARD_NO_TIME;
	if (sight->drift != DRIFT_DELETED &&
	    sight->seen.call.start * 1000 <= courier_now_ms(task->courier))
		return UNHEARD_PASSED;
	return UNHEARD_NOT_ASKED;
}

/* The owner is not held to hours and limits, but a call keeps its buffers to the others. False: it
 * has no call. */
static bool command(const struct task *task, const struct sight *sight,
    const struct booking *booking, struct entry *out)
{
	struct entry entry = booking_entry(booking, ENTRY_CANCEL);

	if (sight->drift != DRIFT_DELETED) {
		if (!change_again(&task->courier->upstream, booking, &entry))
			return false;
		entry.call = sight->seen.call;
		entry.taken = slots_taken(&task->courier->hours, entry.call);
		/* Nothing else was asked of the calendar: what it has there is found and told
		 * afterwards. */
		entry.calendar = CALENDAR_UNCHECKED;
	}
	entry.actor = ACTOR_CALENDAR;
	*out = entry;
	return true;
}

/* No worker comes to what follows from it: until the event of before is gone somebody may drag that
 * once more, to no effect. */
static void follow_at_once(struct task *task, const struct booking *booking)
{
	const struct courier *courier = task->courier;

	task->item->seen_version = booking->version;
	task->item->seen_ms = courier_now_ms(courier) - courier->rules.replay_s * 1000;
}

/* Asks the ledger; what it refuses is why the sight is not heard. Model: step `obey`. */
static enum err change(
    struct task *task, const struct booking *seen, struct sight *sight, struct fail *fail)
{
	struct courier *courier = task->courier;
	struct booking booking = *seen;
	struct entry entry;

	if (!command(task, sight, seen, &entry))
		return fail_set(fail, ERR_NOT_FOUND, "obey", "the booking has moved on");
	switch (change_make(&courier->upstream, courier->arena, &entry, &booking, fail)) {
	case CHANGE_ACCEPTED:
		follow_at_once(task, &booking);
		return ERR_NONE;
	case CHANGE_OVERTAKEN:
		return ERR_NONE;
	case CHANGE_OVERLAP:
		sight->unheard = UNHEARD_OVERLAP;
		if (!change_blocker(&courier->upstream, &entry, &sight->other))
			sight->other = (struct uuid){0};
		return ERR_NONE;
	case CHANGE_CAP:
	case CHANGE_TOO_MANY:
	case CHANGE_MALFORMED:
		sight->unheard = UNHEARD_REFUSED;
		return ERR_NONE;
	case CHANGE_STALE:
	case CHANGE_ERASED:
		return fail_set(fail, ERR_NOT_FOUND, "obey", "the booking has moved on");
	case CHANGE_UNSURE:
	case CHANGE_NOT_WRITTEN:
		break;
	}
	return fail->code;
}

static enum err obey(struct task *task, struct sight *sight, struct fail *fail)
{
	struct courier *courier = task->courier;
	const struct look_wish wish = {.purpose = LOOK_CHANGE,
	    .booking = sight->seen.booking,
	    .window = slots_needed(&courier->hours, sight->seen.call)};
	struct look seen;
	enum err err;

	sight->unheard = judge(task, sight);
	if (sight->unheard)
		return ERR_NONE;
	if ((err = look_at(&courier->upstream, courier->arena, &wish, &seen, fail)))
		return err;
	if (seen.booking.state != BOOKING_BOOKED || seen.booking.version != sight->seen.version)
		return fail_set(fail, ERR_NOT_FOUND, "obey", "the booking has moved on");
	if (sight->drift != DRIFT_DELETED && intervals_overlap(seen.imported, seen.imported_count,
						 slots_taken(&courier->hours, sight->seen.call))) {
		sight->unheard = UNHEARD_IMPORTED;
		return ERR_NONE;
	}
	return change(task, &seen.booking, sight, fail);
}

static enum err tell_unheard(
    struct task *task, uint64_t key, const struct sight *sight, struct fail *fail)
{
	const struct delivery told = {
	    .duty = DUTY_CALENDAR_CHANGED, .version = key, .state = DELIVERY_DUE};

	return drifts_put(task->courier, task->item, &told, sight, fail);
}

/* The event of before as it is now, whose call has moved on to `booking`. *is_changed: there may be
 * more to do. */
static enum err follow_once(struct task *task, const struct booking *booking,
    const struct seen_state *now, bool *is_changed, struct fail *fail)
{
	struct sight sight = {.seen = now->event};
	enum err err;

	sight.seen.version = booking->version;
	sight.drift = drift_find(booking, &sight.seen, courier_now_s(task->courier));
	/* Of a series the occurrence was heard, and Google tells of the others. */
	if (sight.drift == DRIFT_NONE || now->event.recurs)
		return event_remove_as_seen(task, now, is_changed, fail);
	if ((err = obey(task, &sight, fail)) || !sight.unheard)
		return err;
	if ((err = tell_unheard(task, drift_key(&sight.seen), &sight, fail)))
		return err;
	return event_remove_as_seen(task, now, is_changed, fail);
}

/*
 * Until the event of before is gone somebody may drag it once more, and that is done to the call,
 * too: what was changed since the last look keeps it from being deleted. What fails here is left to
 * the courier's usual look at the events.
 */
static void follow_on(struct task *task, uint64_t version)
{
	struct courier *courier = task->courier;
	bool is_changed = true;

	for (int i = 0; is_changed && i < DRAGS_MAX; i++) {
		const struct booking booking =
		    look_known(&courier->upstream, &task->booking.id, NULL);
		struct seen_state now;
		struct fail fail;

		/* One that is gone may have gone by our own hand: an answer that was lost, or
		 * another courier after our lease. */
		if (booking.state != BOOKING_BOOKED || event_see(task, version, &now, &fail) ||
		    now.event.is_deleted || follow_once(task, &booking, &now, &is_changed, &fail))
			return;
	}
}

/* Not even then was anything done that a late answer could tell of: the sight counts only while the
 * booking stands at its version. */
static bool is_hopeless(const struct agenda_item *item, const struct delivery *due, enum err err)
{
	if (err == ERR_NOT_FOUND || err == ERR_STOPPING)
		return false;
	return err == ERR_REFUSED || err == ERR_TOO_LARGE ||
	       duties_find(&item->duties, due->duty, due->version).attempt + 1 >= DELIVERY_PATIENCE;
}

/* Whether the call is over, or the event another by now: whoever dragged or deleted it put it back,
 * or we did, or it was changed once more. */
static enum err see_again(
    struct task *task, uint64_t key, enum drift drift, bool *is_past, struct fail *fail)
{
	struct seen_state now;
	enum err err = event_see(task, task->booking.version, &now, fail);

	*is_past = task->booking.call.end * 1000 <= courier_now_ms(task->courier) ||
		   (!err && !event_is_as_seen(&now, key, drift));
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

/* Makes the call follow; *is_over: there is nothing to put back. */
static enum err hear(struct task *task, const struct delivery *due, struct sight *sight,
    bool *is_over, struct fail *fail)
{
	enum err err = see_again(task, due->version, sight->drift, is_over, fail);

	if (err || *is_over)
		return err;
	err = obey(task, sight, fail);
	if (err && is_hopeless(task->item, due, err))
		sight->unheard = UNHEARD_UNWRITTEN;
	if (sight->unheard)
		return tell_unheard(task, due->version, sight, fail);
	*is_over = true;
	if (!err && sight->drift != DRIFT_DELETED)
		follow_on(task, sight->seen.version);
	return err;
}

/* An event that is there again after its call was cancelled or moved, as when its deletion is
 * undone after it was heard: nobody comes at its time, which is offered to others. */
static enum err take_away(
    struct task *task, uint64_t key, const struct sight *sight, struct fail *fail)
{
	struct seen_state now;
	bool is_other;
	enum err err = event_see(task, sight->seen.version, &now, fail);

	if (err || now.event.is_deleted || (err = tell_unheard(task, key, sight, fail)))
		return err;
	return event_remove_as_seen(task, &now, &is_other, fail);
}

/* The ledger is asked once: what it refused and somebody was told of stays refused. */
static enum err carry_out(struct task *task, uint64_t key, struct fail *fail)
{
	const struct delivery due = {.duty = DUTY_OBEY, .version = key};
	bool is_over = false;
	struct sight sight;
	enum err err;

	if ((err = drifts_read(task, &due, &sight, fail)))
		return err;
	if (sight.drift == DRIFT_LEFT)
		return take_away(task, key, &sight, fail);
	if (duties_find(&task->item->duties, DUTY_CALENDAR_CHANGED, key).state == DELIVERY_NONE &&
	    ((err = hear(task, &due, &sight, &is_over, fail)) || is_over))
		return err;
	return event_put_back(task, key, sight.drift, fail);
}

void obey_deliver(struct task *task, uint64_t key)
{
	struct outcome outcome = {0};

	outcome.err = carry_out(task, key, &outcome.fail);
	/* What is not there any more needs nothing. */
	if (outcome.err == ERR_NOT_FOUND)
		outcome.err = ERR_NONE;
	event_hold(task->courier, outcome.err);
	record_outcome(task->courier, task->item, DUTY_OBEY, key, &outcome);
}

void obey_check(struct courier *courier)
{
	const int64_t now_ms = clock_boot_ms();
	bool is_first = courier->right_look_ms == 0, may = true;
	struct fail fail;

	if (!courier->rules.obeys || now_ms < courier->right_look_ms)
		return;
	if (rights_may_append(courier->upstream.clickhouse, courier->arena, &may, &fail)) {
		if (is_first)
			log_fail(LOG_LEVEL_WARNING, "rights_not_read", &fail);
		courier->right_look_ms = now_ms + RIGHT_PAUSE_MS;
		return;
	}
	courier->right_look_ms = may ? INT64_MAX : now_ms + RIGHT_PAUSE_MS;
	counters_set(courier->upstream.counters, GAUGE_OBEY_REFUSED, !may);
	if (!may && !courier->may_not_obey)
		log_event(LOG_LEVEL_ERROR,
		    "obey_refused detail=\"obey = yes needs GRANT INSERT ON %s.ledger for "
		    "the courier's user\"",
		    courier->conf->clickhouse.database);
	if (may && courier->may_not_obey)
		log_event(LOG_LEVEL_NOTICE, "obey_allowed");
	courier->may_not_obey = !may;
}

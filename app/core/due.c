/* SPDX-License-Identifier: MIT */
/* due.c: what is due of a booking now */
#include "core/due.h"
#include "base/mutate.h"

/* A reminder that could not leave within this time after its moment is not sent at all. */
#define REMINDER_GRACE_MS INT64_C(900000)
/* How soon a row is looked for that is about to be written. */
#define ROW_WAIT_MS 300

/* What makes the event mostly hears of its link at once. */
#define LINK_LEAST_MS INT64_C(1000)
/* A link that went out of the row again is not put back more often than this. */
#define LINK_AGAIN_MS INT64_C(5000)

/* A booking that is looked at: everything that the questions below need. */
struct look {
	const struct courier_rules *rules;
	const struct duties *duties;
	const struct booking *booking;
	int64_t seen_ms, now_ms;
	struct due *due;
};

static bool is_row_late(const struct look *look)
{
	return look->booking->has_lead && look->booking->lead.version < look->booking->version;
}

static void look_again(const struct look *look, int64_t at_ms)
{
	if (at_ms < look->due->next_ms)
		look->due->next_ms = at_ms;
}

static enum delivery_state state_of(const struct look *look, enum duty duty, uint64_t version)
{
	return duties_find(look->duties, duty, version).state;
}

/* Puts a duty on the list when it is not done and its time has come. */
static void consider(const struct look *look, enum duty duty, uint64_t version)
{
	struct delivery found = duties_find(look->duties, duty, version);
	struct due *due = look->due;

	if (delivery_is_over(&found))
		return;
	if (delivery_waits(&found, look->now_ms)) {
		due->waiting++;
		look_again(look, found.until_ms);
		return;
	}
	due->list[due->count] = duty;
	due->versions[due->count++] = version;
}

/* The same for what is due because somebody recorded that it is. */
static void consider_recorded(const struct look *look, enum duty duty, uint64_t version)
{
	if (state_of(look, duty, version) != DELIVERY_NONE)
		consider(look, duty, version);
}

/* The same of a duty whose version is none of the booking's: each that was recorded, while the list
 * is shorter than this. */
static void consider_each(const struct look *look, enum duty duty, size_t most)
{
	for (size_t i = 0; i < look->duties->count && look->due->count < most; i++)
		if (look->duties->list[i].duty == duty)
			consider(look, duty, look->duties->list[i].version);
}

/* Whoever is told of the call after a reminder's moment needs no reminder, and a mail that is still
 * to leave tells of it. One that failed does not. */
static bool is_reminder_needed(const struct delivery *told, int64_t at_ms)
{
	return delivery_is_over(told) && (told->state != DELIVERY_DONE || told->at_ms <= at_ms);
}

static void consider_reminders(const struct look *look)
{
	const struct booking *booking = look->booking;
	struct delivery told = duties_find(look->duties, DUTY_MAIL, booking->version);

	for (int i = 0; i < REMINDERS; i++) {
		int64_t before_s = look->rules->reminders_s[i],
			at_ms = (booking->call.start - before_s) * 1000;

		if (!before_s || !is_reminder_needed(&told, at_ms))
			continue;
		if (look->now_ms < at_ms)
			look_again(look, at_ms);
		else if (look->now_ms < at_ms + REMINDER_GRACE_MS &&
			 look->now_ms < booking->call.start * 1000)
			consider(look, (enum duty)(DUTY_REMINDER_1 + i), booking->version);
	}
}

/* The worker at the click is given half of the replay's time to do what is its own. */
static int64_t workers_until_ms(const struct look *look)
{
	return look->seen_ms + look->rules->replay_s * 500;
}

static bool is_workers(const struct look *look)
{
	return look->now_ms < workers_until_ms(look);
}

static void consider_event(const struct look *look)
{
	int64_t settled_ms = look->seen_ms + look->rules->settled_ms;
	uint64_t version = look->booking->version;

	if (!look->rules->has_calendar)
		return;
	if (is_workers(look)) {
		look_again(look, workers_until_ms(look));
		return;
	}
	consider(look, DUTY_EVENT, version);
	if (look->now_ms < settled_ms)
		look_again(look, settled_ms);
	else if (state_of(look, DUTY_EVENT, version) == DELIVERY_DONE && !MUTATED(NO_SECOND_LOOK))
		consider(look, DUTY_EVENT_AGAIN, version);
}

static bool lacks_link(const struct look *look)
{
	const struct booking *booking = look->booking;

	return look->rules->has_calendar && look->rules->has_meet &&
	       booking->state == BOOKING_BOOKED && !*booking->lead.video;
}

/* Done is what the row has: a worker that was late may have written it over without the link. */
static void consider_meet(const struct look *look)
{
	uint64_t version = look->booking->version;
	struct delivery found = duties_find(look->duties, DUTY_MEET, version);
	int64_t at_ms = found.state == DELIVERY_DONE ? found.at_ms + LINK_AGAIN_MS
						     : look->seen_ms + LINK_LEAST_MS;

	if (!lacks_link(look) || look->now_ms >= look->booking->call.end * 1000)
		return;
	/* There may be no event to look at. */
	if (!is_workers(look) && state_of(look, DUTY_EVENT, version) != DELIVERY_DONE)
		return;
	if (look->now_ms < at_ms) {
		look_again(look, at_ms);
	} else if (found.state == DELIVERY_DONE) {
		look->due->list[look->due->count] = DUTY_MEET;
		look->due->versions[look->due->count++] = version;
	} else {
		consider(look, DUTY_MEET, version);
	}
}

/* Whether to wait for the link with what tells of it; a mail that was tried is not another one. */
static bool is_link_awaited(const struct look *look, enum duty told)
{
	uint64_t version = look->booking->version;
	struct delivery meet = duties_find(look->duties, DUTY_MEET, version);
	int64_t until_ms = look->seen_ms + DUE_LINK_WAIT_MS;

	if (!lacks_link(look) || delivery_is_over(&meet) || look->now_ms >= until_ms ||
	    state_of(look, told, version) != DELIVERY_NONE ||
	    look->now_ms >= look->booking->call.start * 1000)
		return false;
	look_again(look, until_ms);
	return true;
}

/* A call that is cancelled is called off whatever came of the mail before, but once its time has
 * come only to whom one was tried. */
static bool is_to_be_called_off(const struct look *look)
{
	const struct booking *booking = look->booking;

	return look->now_ms < booking->call.start * 1000 ||
	       duties_was_tried_within(
		   look->duties, DUTY_MAIL, booking->since_version, booking->version) ||
	       duties_was_tried_within(
		   look->duties, DUTY_BEGUN, booking->since_version, booking->version);
}

/*
 * While a call lasts whoever does not know of it yet is told that it has begun. That is another
 * mail than the one of before, with bytes and a key of its own; one that may have arrived is
 * repeated as it was.
 */
static void consider_begun(const struct look *look)
{
	uint64_t version = look->booking->version;
	struct delivery told = duties_find(look->duties, DUTY_MAIL, version);

	if (look->now_ms >= look->booking->call.end * 1000)
		return;
	if (told.state == DELIVERY_TRYING)
		consider(look, DUTY_MAIL, version);
	else if (!delivery_is_over(&told))
		consider(look, DUTY_BEGUN, version);
}

static void consider_told(const struct look *look)
{
	const struct booking *booking = look->booking;

	if (booking->state == BOOKING_BOOKED && look->now_ms >= booking->call.start * 1000)
		consider_begun(look);
	else if (booking->state == BOOKING_BOOKED || is_to_be_called_off(look))
		consider(look, DUTY_MAIL, booking->version);
}

/* Whether to wait for the row with what tells of the call: it has the address that was corrected,
 * and the zone that the prospect chose. */
static bool is_row_awaited(const struct look *look)
{
	if (!is_row_late(look) || !is_workers(look))
		return false;
	look_again(look, look->now_ms + ROW_WAIT_MS);
	return true;
}

static void consider_mail(const struct look *look)
{
	if (!look->rules->has_resend)
		return;
	if (!is_row_awaited(look) && !is_link_awaited(look, DUTY_MAIL))
		consider_told(look);
	if (look->booking->state == BOOKING_BOOKED)
		consider_reminders(look);
}

static bool is_call_history(const struct booking *booking, int64_t now_ms)
{
	return booking->call.end * 1000 + DUE_HISTORY_MS < now_ms;
}

static bool is_lead_history(const struct booking *booking, int64_t now_ms)
{
	return !booking->has_lead || booking->lead.created_ms + DUE_HISTORY_MS < now_ms;
}

static void consider_version(const struct look *look)
{
	uint64_t version = look->booking->version;

	if (!version || is_call_history(look->booking, look->now_ms))
		return;
	/* One: all else is judged anew after it. */
	if (look->rules->obeys)
		consider_each(look, DUTY_OBEY, look->due->count + 1);
	consider_event(look);
	consider_meet(look);
	consider_mail(look);
	if (!look->rules->has_telegram)
		return;
	if (!is_row_awaited(look) && !is_link_awaited(look, DUTY_ALERT))
		consider(look, DUTY_ALERT, version);
	consider_recorded(look, DUTY_COLLISION, version);
	consider_recorded(look, DUTY_FAILED, version);
	consider_each(look, DUTY_CALENDAR_CHANGED, DUTIES);
}

static bool is_held(const struct look *look)
{
	return lead_waits_for_mail(&look->booking->lead);
}

static void consider_held(const struct look *look)
{
	if (is_held(look) && !look->booking->was_booked && look->rules->has_resend)
		consider(look, DUTY_NUDGE, 0);
}

static void consider_abandoned(const struct look *look)
{
	int64_t abandoned_ms = look->booking->lead.created_ms + look->rules->abandoned_s * 1000;

	if (!look->rules->abandoned_s || look->booking->was_booked)
		return;
	if (look->now_ms < abandoned_ms) {
		look_again(look, abandoned_ms);
		return;
	}
	if (look->rules->has_resend && look->rules->has_nudge && !is_held(look))
		consider(look, DUTY_NUDGE, 0);
	if (look->rules->has_telegram)
		consider(look, DUTY_ABANDONED, 0);
}

/* A row of an earlier system, which came with its call: nobody has sent a brief. */
static bool is_imported(const struct booking *booking)
{
	return booking->was_booked && !booking->version;
}

static void consider_lead(const struct look *look)
{
	if (is_lead_history(look->booking, look->now_ms))
		return;
	if (look->rules->has_telegram) {
		if (!is_imported(look->booking))
			consider(look, DUTY_NEW_LEAD, 0);
		consider_recorded(look, DUTY_FAILED, 0);
	}
	if (look->rules->has_resend)
		consider_recorded(look, DUTY_SPOOLED, 0);
	if (look->rules->has_telegram)
		consider_recorded(look, DUTY_SPOOL_ALERT, 0);
	consider_held(look);
	consider_abandoned(look);
}

void due_find(const struct courier_rules *rules, const struct duties *duties,
    const struct booking *booking, int64_t seen_ms, int64_t now_ms, struct due *out)
{
	const struct look look = {rules, duties, booking, seen_ms, now_ms, out};

	*out = (struct due){.next_ms = INT64_MAX};
	if (booking->is_block)
		return;
	out->is_row_due = is_row_late(&look) && !is_workers(&look);
	if (is_row_late(&look) && !out->is_row_due)
		look_again(&look, workers_until_ms(&look));
	/* Whoever was erased is told nothing, and nothing is told of them; their event goes. */
	if (booking->state == BOOKING_ERASED) {
		consider_event(&look);
		return;
	}
	if (!booking->has_lead)
		return;
	consider_lead(&look);
	consider_version(&look);
	if (rules->has_telegram)
		consider_each(&look, DUTY_MAILS_WAIT, DUTIES);
}

bool due_is_history(const struct booking *booking, int64_t now_ms)
{
	return is_lead_history(booking, now_ms) && is_call_history(booking, now_ms);
}

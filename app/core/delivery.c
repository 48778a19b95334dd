/* SPDX-License-Identifier: MIT */
/* delivery.c: what is due to whom, and what was recorded of it */
#include "core/delivery.h"
#include "base/mutate.h"
#include "base/num.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)
/* A reminder that could not leave within this time after its moment is not sent at all. */
#define REMINDER_GRACE_MS INT64_C(900000)
/* Briefs and calls older than this are history: nobody is told of them any more. */
#define HISTORY_MS (7 * DAY_MS)
/* How soon a row is looked for that is about to be written. */
#define ROW_WAIT_MS 300

static const char *const duty_names[DUTIES] = {"new_lead", "spooled", "spool_alert", "event",
    "event_again", "mail", "alert", "collision", "reminder_1", "reminder_2", "reminder_3", "nudge",
    "abandoned", "outage", "google_refused", "outage_ended", "resend_refused", "damaged", "failed"};
static const char *const state_names[DELIVERY_STATES] = {
    "none", "due", "trying", "retry", "done", "failed", "unsure"};

const char *duty_name(enum duty duty)
{
	return duty_names[duty];
}

bool duty_parse(const char *name, enum duty *out)
{
	int found;

	if (!num_of_name(name, duty_names, DUTIES, &found))
		return false;
	*out = (enum duty)found;
	return true;
}

bool duty_is_mail(enum duty duty)
{
	return duty == DUTY_MAIL || duty == DUTY_SPOOLED || duty == DUTY_NUDGE ||
	       (duty >= DUTY_REMINDER_1 && duty <= DUTY_REMINDER_3);
}

bool duty_is_event(enum duty duty)
{
	return duty == DUTY_EVENT || duty == DUTY_EVENT_AGAIN;
}

bool duty_is_plain(enum duty duty)
{
	return duty >= DUTY_OUTAGE && duty <= DUTY_DAMAGED;
}

const char *delivery_state_name(enum delivery_state state)
{
	return state_names[state];
}

bool delivery_state_parse(const char *name, enum delivery_state *out)
{
	int found;

	if (!num_of_name(name, state_names, DELIVERY_STATES, &found))
		return false;
	*out = (enum delivery_state)found;
	return true;
}

/* A hash table with linear probing over an array of dockets. */
struct dockets {
	struct docket *list;
	size_t count, room;
	uint32_t *slots; /* index + 1, or 0 */
	size_t size;	 /* a power of two */
};

struct dockets *dockets_new(void)
{
	return calloc(1, sizeof(struct dockets));
}

void dockets_free(struct dockets *dockets)
{
	if (!dockets)
		return;
	for (size_t i = 0; i < dockets->count; i++)
		free(dockets->list[i].list);
	free(dockets->list);
	free(dockets->slots);
	free(dockets);
}

static size_t slot_of(const struct dockets *dockets, const struct uuid *booking)
{
	size_t at;

	memcpy(&at, booking->bytes + 8, sizeof(at));
	for (;; at++) {
		uint32_t found = dockets->slots[at & (dockets->size - 1)];

		if (!found || uuid_equal(&dockets->list[found - 1].booking, booking))
			return at & (dockets->size - 1);
	}
}

static bool make_room(struct dockets *dockets)
{
	size_t size = dockets->size ? dockets->size * 2 : 256;
	struct dockets bigger = *dockets;

	if (dockets->size && (dockets->count + 1) * 4 <= dockets->size * 3)
		return true;
	bigger.list = reallocarray(dockets->list, size, sizeof(*bigger.list));
	if (!bigger.list)
		return false;
	dockets->list = bigger.list;
	bigger.slots = calloc(size, sizeof(*bigger.slots));
	if (!bigger.slots)
		return false;
	bigger.size = size;
	for (size_t i = 0; i < bigger.count; i++)
		bigger.slots[slot_of(&bigger, &bigger.list[i].booking)] = (uint32_t)(i + 1);
	free(dockets->slots);
	*dockets = bigger;
	return true;
}

struct docket *dockets_open(struct dockets *dockets, const struct uuid *booking)
{
	size_t slot;

	if (!make_room(dockets))
		return NULL;
	slot = slot_of(dockets, booking);
	if (!dockets->slots[slot]) {
		dockets->list[dockets->count] = (struct docket){.booking = *booking};
		dockets->slots[slot] = (uint32_t)++dockets->count;
	}
	return &dockets->list[dockets->slots[slot] - 1];
}

size_t dockets_count(const struct dockets *dockets)
{
	return dockets->count;
}

struct docket *dockets_at(struct dockets *dockets, size_t index)
{
	return index < dockets->count ? &dockets->list[index] : NULL;
}

bool delivery_is_over(const struct delivery *delivery)
{
	return delivery->state >= DELIVERY_DONE;
}

static bool is_overruled(const struct delivery *standing, const struct delivery *by)
{
	if (by->state == DELIVERY_DUE)
		return by->duty == DUTY_FAILED && standing->state == DELIVERY_DONE;
	return !delivery_is_over(standing) ||
	       (standing->state != DELIVERY_DONE && by->state == DELIVERY_DONE);
}

bool docket_record(struct docket *docket, const struct delivery *delivery)
{
	docket->is_plain = docket->is_plain || duty_is_plain(delivery->duty);
	for (size_t i = 0; i < docket->count; i++)
		if (docket->list[i].duty == delivery->duty &&
		    docket->list[i].version == delivery->version) {
			if (is_overruled(&docket->list[i], delivery))
				docket->list[i] = *delivery;
			return true;
		}
	if (docket->count == docket->room) {
		size_t room = docket->room ? docket->room * 2 : 4;
		struct delivery *bigger = reallocarray(docket->list, room, sizeof(*bigger));

		if (!bigger)
			return false;
		docket->list = bigger;
		docket->room = room;
	}
	docket->list[docket->count++] = *delivery;
	return true;
}

void docket_lease(struct docket *docket, const struct uuid *owner, int64_t at_ms)
{
	if (!uuid_equal(&docket->owner, owner) && docket->lease_until_ms > at_ms)
		return;
	docket->owner = *owner;
	docket->lease_until_ms = at_ms + LEASE_MS;
}

void docket_release(struct docket *docket, const struct uuid *owner, int64_t at_ms)
{
	if (uuid_equal(&docket->owner, owner) && docket->lease_until_ms > at_ms)
		docket->lease_until_ms = at_ms;
}

struct delivery docket_find(const struct docket *docket, enum duty duty, uint64_t version)
{
	for (size_t i = 0; i < docket->count; i++)
		if (docket->list[i].duty == duty && docket->list[i].version == version)
			return docket->list[i];
	return (struct delivery){.duty = duty, .version = version, .state = DELIVERY_NONE};
}

/* Whether there is one in a state of this list, which DELIVERY_NONE ends. */
static bool is_within(const struct docket *docket, enum duty duty, uint64_t since, uint64_t version,
    const enum delivery_state *states)
{
	for (size_t i = 0; i < docket->count; i++) {
		const struct delivery *delivery = &docket->list[i];

		if (delivery->duty != duty || delivery->version < since ||
		    delivery->version >= version)
			continue;
		for (const enum delivery_state *state = states; *state; state++)
			if (delivery->state == *state)
				return true;
	}
	return false;
}

bool docket_was_done_within(
    const struct docket *docket, enum duty duty, uint64_t since, uint64_t version)
{
	static const enum delivery_state states[] = {DELIVERY_DONE, DELIVERY_NONE};

	return is_within(docket, duty, since, version, states);
}

bool docket_may_be_done_within(
    const struct docket *docket, enum duty duty, uint64_t since, uint64_t version)
{
	static const enum delivery_state states[] = {
	    DELIVERY_DONE, DELIVERY_TRYING, DELIVERY_UNSURE, DELIVERY_NONE};

	return is_within(docket, duty, since, version, states);
}

static void look_again(struct due *due, int64_t at_ms)
{
	if (at_ms < due->next_ms)
		due->next_ms = at_ms;
}

/* Puts a duty on the list when it is not done and its time has come. */
static void consider(
    struct due *due, const struct docket *docket, enum duty duty, uint64_t version, int64_t now_ms)
{
	struct delivery found = docket_find(docket, duty, version);

	if (delivery_is_over(&found))
		return;
	if ((found.state == DELIVERY_RETRY || found.state == DELIVERY_TRYING) &&
	    found.until_ms > now_ms) {
		due->waiting++;
		look_again(due, found.until_ms);
		return;
	}
	due->list[due->count] = duty;
	due->versions[due->count++] = version;
}

static void consider_reminders(const struct courier_rules *rules, struct due *due,
    const struct docket *docket, const struct ledger_booking *standing, int64_t now_ms)
{
	struct delivery told = docket_find(docket, DUTY_MAIL, standing->version);

	for (int i = 0; i < REMINDERS; i++) {
		int64_t at_ms = (standing->call.start - rules->reminders_s[i]) * 1000;

		/* Who was told of the call after the reminder's moment needs no reminder. */
		if (!rules->reminders_s[i] || told.state != DELIVERY_DONE || told.at_ms > at_ms)
			continue;
		if (now_ms < at_ms)
			look_again(due, at_ms);
		else if (now_ms < at_ms + REMINDER_GRACE_MS && now_ms < standing->call.start * 1000)
			consider(due, docket, (enum duty)(DUTY_REMINDER_1 + i), standing->version,
			    now_ms);
	}
}

/* The worker at the click is given half of the replay's time to do what is its own. */
static bool is_workers(
    const struct courier_rules *rules, const struct docket *docket, int64_t now_ms)
{
	return now_ms < docket->seen_ms + rules->replay_s * 500;
}

static void consider_event(const struct courier_rules *rules, struct due *due,
    const struct docket *docket, uint64_t version, int64_t now_ms)
{
	int64_t settled_ms = docket->seen_ms + rules->settled_ms;

	if (!rules->has_google)
		return;
	if (is_workers(rules, docket, now_ms)) {
		look_again(due, docket->seen_ms + rules->replay_s * 500);
		return;
	}
	consider(due, docket, DUTY_EVENT, version, now_ms);
	if (now_ms < settled_ms)
		look_again(due, settled_ms);
	else if (docket_find(docket, DUTY_EVENT, version).state == DELIVERY_DONE &&
		 !MUTATED(NO_SECOND_LOOK))
		consider(due, docket, DUTY_EVENT_AGAIN, version, now_ms);
}

/* A call that was never announced need not be called off. The row is waited for: it knows the zone
 * that the prospect chose. */
static void consider_mail(const struct courier_rules *rules, struct due *due,
    const struct docket *docket, const struct known *known, int64_t now_ms)
{
	const struct ledger_booking *standing = &known->standing;

	if (!rules->has_resend ||
	    (standing->is_live ? standing->call.start * 1000 <= now_ms
			       : !docket_may_be_done_within(docket, DUTY_MAIL,
				     standing->since_version, standing->version)))
		return;
	if (known->row_version < standing->version && is_workers(rules, docket, now_ms))
		look_again(due, now_ms + ROW_WAIT_MS);
	else
		consider(due, docket, DUTY_MAIL, standing->version, now_ms);
	if (standing->is_live)
		consider_reminders(rules, due, docket, standing, now_ms);
}

static void consider_version(const struct courier_rules *rules, struct due *due,
    const struct docket *docket, const struct known *known, int64_t now_ms)
{
	const struct ledger_booking *standing = &known->standing;

	if (standing->call.end * 1000 + HISTORY_MS < now_ms)
		return;
	consider_event(rules, due, docket, standing->version, now_ms);
	consider_mail(rules, due, docket, known, now_ms);
	if (!rules->has_telegram)
		return;
	consider(due, docket, DUTY_ALERT, standing->version, now_ms);
	if (docket_find(docket, DUTY_COLLISION, standing->version).state != DELIVERY_NONE)
		consider(due, docket, DUTY_COLLISION, standing->version, now_ms);
	if (docket_find(docket, DUTY_FAILED, standing->version).state != DELIVERY_NONE)
		consider(due, docket, DUTY_FAILED, standing->version, now_ms);
}

static void consider_lead(const struct courier_rules *rules, struct due *due,
    const struct docket *docket, const struct known *known, int64_t now_ms)
{
	int64_t abandoned_ms = known->created_ms + rules->abandoned_s * 1000;

	if (known->created_ms + HISTORY_MS < now_ms)
		return;
	if (rules->has_telegram)
		consider(due, docket, DUTY_NEW_LEAD, 0, now_ms);
	if (rules->has_telegram && docket_find(docket, DUTY_FAILED, 0).state != DELIVERY_NONE)
		consider(due, docket, DUTY_FAILED, 0, now_ms);
	if (rules->has_resend && docket_find(docket, DUTY_SPOOLED, 0).state != DELIVERY_NONE)
		consider(due, docket, DUTY_SPOOLED, 0, now_ms);
	if (rules->has_telegram && docket_find(docket, DUTY_SPOOL_ALERT, 0).state != DELIVERY_NONE)
		consider(due, docket, DUTY_SPOOL_ALERT, 0, now_ms);
	if (!rules->abandoned_s || known->was_booked)
		return;
	if (now_ms < abandoned_ms) {
		look_again(due, abandoned_ms);
		return;
	}
	if (rules->has_resend)
		consider(due, docket, DUTY_NUDGE, 0, now_ms);
	if (rules->has_telegram)
		consider(due, docket, DUTY_ABANDONED, 0, now_ms);
}

void delivery_due(const struct courier_rules *rules, const struct docket *docket,
    const struct known *known, int64_t now_ms, struct due *out)
{
	bool is_row_late = known->has_lead && known->row_version < known->standing.version;

	*out = (struct due){.next_ms = INT64_MAX};
	if (known->standing.is_block)
		return;
	out->is_row_due = is_row_late && !is_workers(rules, docket, now_ms);
	if (is_row_late && !out->is_row_due)
		look_again(out, docket->seen_ms + rules->replay_s * 500);
	/* Whoever was erased is told nothing, and nothing is told of them; their event goes. */
	if (known->standing.is_erased) {
		consider_event(rules, out, docket, known->standing.version, now_ms);
		return;
	}
	if (!known->has_lead)
		return;
	consider_lead(rules, out, docket, known, now_ms);
	if (known->standing.version)
		consider_version(rules, out, docket, known, now_ms);
}

int64_t delivery_backoff_ms(unsigned attempt, unsigned chance)
{
	int64_t most = 900000, wait = attempt < 10 ? INT64_C(2000) << attempt : most;

	if (wait > most)
		wait = most;
	return wait - wait / 4 * (int64_t)(chance & 255) / 255;
}

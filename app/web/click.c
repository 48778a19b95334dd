/* SPDX-License-Identifier: MIT */
/* click.c: the guard: validates a slot again, and books it or moves to it */
#include "web/click.h"
#include "base/file.h"
#include "core/civil.h"
#include "core/why.h"
#include "store/people.h"
#include "web/booking.h"

static enum problem read_slot(struct visit *visit)
{
	const struct request *request = visit->request;
	const char *text = form_value(&request->form, "slot");

	if (request->form_err || (text && instant_parse_slot(text, &visit->wanted)))
		return PROBLEM_NONE;
	return visit_failed(visit,
	    fail_set(&visit->fail, ERR_INPUT, "click", "there is no slot, or it is no instant"));
}

/* Whether this booking may have a slot now. */
static enum problem judge(const struct visit *visit)
{
	const struct booking *booking = &visit->look.booking;

	if (!visit->is_version_seen && booking->was_booked)
		return PROBLEM_VERSION_NEEDED;
	if (visit->version_seen != booking->version)
		return PROBLEM_VERSION;
	if (visit_has_call(visit) && visit_is_too_late(visit))
		return PROBLEM_TOO_LATE;
	if (!visit_has_call(visit) && visit_has_all_calls(visit))
		return PROBLEM_ADDRESS;
	return visit_has_call(visit) ? PROBLEM_NONE : visit_foresee_client(visit, CLIENT_CALL);
}

/* A slot that was one until a moment ago, or none of ours. */
static enum problem closed(
    const struct visit *visit, const struct offer *offer, const struct offer_list *open)
{
	struct why why = why_closed(offer, open, visit->wanted);

	return why_was_offered(&why) && visit->wanted > visit->now - DAY_S ? PROBLEM_GONE
									   : PROBLEM_NOT_OFFERED;
}

/* The command that takes the slot, if it is open. */
static enum problem make_entry(struct visit *visit, struct entry *out)
{
	const struct offer offer = visit_offer(visit);
	const struct slot *slot;
	struct offer_list open;
	enum err err = offer_slots(&offer, visit->request->arena, &open, &visit->fail);

	if (err)
		return visit_failed(visit, err);
	slot = slots_find(open.slots, open.count, visit->wanted);
	if (!slot)
		return closed(visit, &offer, &open);
	*out = offer_entry(&offer, slot->call, visit->version_seen, visit->look.calendar.check);
	out->calendars = calendar_each(&visit->look.calendar, visit->request->arena);
	return PROBLEM_NONE;
}

/* The command before the calendar is known. Times that are packed begin where an event ends, and
 * are known with the calendar only; but the rest of what closes them is not. */
static enum problem make_first_entry(struct visit *visit, struct entry *out)
{
	const struct hours *hours = &visit->app->hours;
	const struct interval call = {
	    visit->wanted, visit->wanted + (int64_t)hours->slot_minutes * 60};
	const struct offer_list none = {NULL, 0};
	const struct offer offer = visit_offer(visit);

	if (!hours->is_packed)
		return make_entry(visit, out);
	if (why_closed(&offer, &none, visit->wanted).reason != REASON_PACKED)
		return closed(visit, &offer, &none);
	*out = offer_entry(&offer, call, visit->version_seen, CALENDAR_OFF);
	return PROBLEM_NONE;
}

/* Beyond what a network address may book the e-mail address does not matter: it may be invented. */
static enum problem book(struct visit *visit, struct entry *entry)
{
	enum problem problem = visit_admit_client(visit, CLIENT_CALL);

	return problem ? problem : visit_change(visit, entry);
}

/*
 * The calls of an address are counted before the append and not by the ledger, which knows no
 * person. So clicks of one person follow each other, as far as this machine goes.
 */
static enum problem change(struct visit *visit, struct entry *entry)
{
	const struct conf *conf = visit->app->conf;
	enum problem problem;
	int lock;

	if (visit_has_call(visit))
		return visit_change(visit, entry);
	if (!conf->fair.calls_per_address)
		return book(visit, entry);
	lock = visit_wait_turn(visit, visit->look.booking.lead.email);
	if (lock < 0)
		return PROBLEM_WAITED;
	problem = visit_count_calls(visit, lock);
	if (!problem && visit_has_all_calls(visit))
		problem = PROBLEM_ADDRESS;
	if (!problem) {
		people_note(lock);
		problem = book(visit, entry);
	}
	file_unlock(lock);
	return problem;
}

static enum problem take(struct visit *visit)
{
	enum problem problem, unread;
	struct entry entry;

	/* What cannot be booked whatever the calendar has is not asked about. */
	if ((problem = judge(visit)) || (problem = make_first_entry(visit, &entry)) ||
	    (problem = visit_foresee(visit, &entry)))
		return problem;
	visit_ask_calendar(visit, CALENDAR_FOR_CLICK);
	if (visit_offer(visit).is_outage)
		return PROBLEM_CLOSED;
	problem = make_entry(visit, &entry);
	if (!problem)
		return change(visit, &entry);
	/* The calendar may know by now what the other request of a double click booked. */
	if (problem == PROBLEM_GONE && (unread = visit_look_again(visit)))
		return unread;
	return problem;
}

enum problem click_schedule(struct visit *visit)
{
	enum problem problem;

	/* Asked again, whatever the page showed: ClickHouse, and then the calendar. */
	if ((problem = read_slot(visit)) || (problem = visit_admit(visit, LOOK_CLICK)))
		return problem;
	/* Held already, by this very click sent twice or by another. */
	if (!visit_has_call_at(visit, visit->wanted) && (problem = take(visit)) &&
	    !visit_has_call_at(visit, visit->wanted))
		return problem;
	booking_done(visit);
	return PROBLEM_NONE;
}

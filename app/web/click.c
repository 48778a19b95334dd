/* SPDX-License-Identifier: MIT */
/* click.c: the guard: validates a slot again, and books it or moves to it */
#include "core/civil.h"
#include "core/why.h"
#include "web/guard.h"

/* What the ledger's refusal is to the prospect: a gone slot, or a booking that has moved on. Model:
 * step `refused`. */
static enum err show_refused(struct app *app, const struct request *request, struct reply *reply,
    const struct sight *sight, enum change outcome, int64_t wanted, struct fail *fail)
{
	if (outcome == CHANGE_OVERLAP || outcome == CHANGE_CAP)
		return schedule_show(app, request, reply, sight, 409, "gone", wanted, fail);
	if (outcome == CHANGE_ERASED)
		reply_problem(app, request, reply, 410, "erased", NULL);
	else
		booking_show(app, request, reply, sight, 409,
		    outcome == CHANGE_TOO_MANY ? "changes" : "version");
	return ERR_NONE;
}

/* A slot that was one until a moment ago, or none of ours. */
static enum err show_closed(struct app *app, const struct request *request, struct reply *reply,
    const struct sight *sight, const struct why *why, int64_t start, struct fail *fail)
{
	bool is_gone = why_was_offered(why) && start > sight->now - DAY_S;

	return schedule_show(app, request, reply, sight, is_gone ? 409 : 422,
	    is_gone ? "gone" : "not_offered", start, fail);
}

enum err click_schedule(
    struct app *app, const struct request *request, struct reply *reply, struct fail *fail)
{
	const char *text = form_value(&request->form, "slot");
	const struct slot *slot;
	struct offer_list open;
	struct offer offer;
	struct sight sight, before;
	struct entry entry;
	enum change outcome;
	struct shown shown;
	int64_t start;
	struct why why;
	enum err err;

	if (!request->form_err && (!text || !instant_parse_slot(text, &start)))
		return fail_set(fail, ERR_INPUT, "click", "there is no slot, or it is no instant");
	/* Asked again, whatever the page showed: ClickHouse and the calendar, at the same time. */
	if (!guard_admit(app, request, reply, LOOK_CLICK, &sight, &shown, &err, fail))
		return err;
	/* Held already, by this very click sent twice or by another. */
	if (sight.look.booking.state == BOOKING_BOOKED && sight.look.booking.call.start == start) {
		guard_done(app, request, reply, &sight);
		return ERR_NONE;
	}
	if (!shown.is_given && sight.look.booking.was_booked) {
		booking_show(app, request, reply, &sight, 428, "version_needed");
		return ERR_NONE;
	}
	if (shown.version != sight.look.booking.version) {
		booking_show(app, request, reply, &sight, 409, "version");
		return ERR_NONE;
	}
	if (sight.look.booking.state == BOOKING_BOOKED && guard_is_too_late(app, &sight)) {
		booking_show(app, request, reply, &sight, 409, "too_late");
		return ERR_NONE;
	}
	if (sight.look.calendar.check == CALENDAR_UNCHECKED && !app->conf->google.outage_open) {
		reply->retry_after_s = 60;
		return schedule_show(app, request, reply, &sight, 503, "closed", start, fail);
	}
	offer = guard_offer(app, &sight);
	if ((err = offer_slots(&offer, request->arena, &open, fail)))
		return err;
	slot = slots_find(open.slots, open.count, start);
	if (!slot) {
		why = why_closed(&offer, &open, start);
		/* The calendar may know by now what the other request of a double click booked. */
		if (why_was_offered(&why) && (err = guard_reread(app, request, &sight, fail)))
			return err;
		if (!(sight.look.booking.state == BOOKING_BOOKED &&
			sight.look.booking.call.start == start))
			return show_closed(app, request, reply, &sight, &why, start, fail);
		guard_done(app, request, reply, &sight);
		return ERR_NONE;
	}

	entry = offer_entry(&offer, slot->call, shown.version, sight.look.calendar.check);
	before = sight;
	if (!guard_append(app, request, reply, &sight, &entry, &outcome))
		return ERR_NONE;
	/* The other request of a double click may have been faster: what was asked for holds. */
	if (outcome == CHANGE_ACCEPTED)
		guard_follow(app, request, &before, &sight, &entry);
	else if (!(sight.look.booking.state == BOOKING_BOOKED &&
		     sight.look.booking.call.start == start))
		return show_refused(app, request, reply, &sight, outcome, start, fail);
	guard_done(app, request, reply, &sight);
	return ERR_NONE;
}

/* SPDX-License-Identifier: MIT */
/* correct.c: the address of a booking whose mail could not be delivered */
#include "web/correct.h"
#include "base/file.h"
#include "desk/change.h"
#include "store/deliveries.h"
#include "store/people.h"
#include "web/booking.h"

/*
 * Once a mail was delivered the address is right, and a link that somebody passed on does not bring
 * the mails to whoever has it.
 */
static enum problem judge(struct visit *visit)
{
	const struct app *app = visit->app;
	const struct booking *booking = &visit->look.booking;
	enum mail_fate fate;
	enum err err;

	if (!visit_has_call(visit))
		return PROBLEM_NOT_BOOKED;
	if (!visit->is_version_seen)
		return PROBLEM_VERSION_NEEDED;
	if (visit->version_seen != booking->version)
		return PROBLEM_VERSION;
	if (booking->call.start <= visit->now)
		return PROBLEM_TOO_LATE;
	if ((err = deliveries_fate(app->upstream.clickhouse, visit->request->arena, &booking->id,
		 booking->version, &fate, &visit->fail)))
		return visit_failed(visit, err);
	return fate == MAIL_REFUSED ? PROBLEM_NONE : PROBLEM_VERSION;
}

/* What the address may have counts for one that is corrected to as for one that is typed. */
static enum problem judge_address(struct visit *visit, const char *email)
{
	const struct app *app = visit->app;
	int64_t limit = app->conf->fair.calls_per_address;
	struct people people;
	enum err err = people_ask(app->upstream.clickhouse, visit->request->arena, email,
	    &visit->look.booking.id, &people, &visit->fail);

	if (err)
		return visit_failed(visit, err);
	return people.is_blocked || (limit && people.calls >= (uint64_t)limit) ? PROBLEM_ADDRESS
									       : PROBLEM_NONE;
}

static enum problem read_email(struct visit *visit)
{
	const struct request *request = visit->request;
	struct brief *brief = arena_alloc(request->arena, sizeof(*brief));
	const char *given = form_value(&request->form, "email");

	if (!brief)
		return PROBLEM_INTERNAL;
	*brief = (struct brief){.character = NULL};
	brief->faults[BRIEF_EMAIL] = brief_read_email(request->arena, given ? given : "", brief);
	visit->brief = brief;
	return brief->faults[BRIEF_EMAIL] ? PROBLEM_EMAIL : PROBLEM_NONE;
}

/* The row of every version follows from an entry of the ledger, and so does this one: whoever was
 * faster is seen, and the event and the mail follow as they do from a move. */
static enum problem readdress(struct visit *visit, const char *email)
{
	struct booking *booking = &visit->look.booking;
	const char *before = booking->lead.email;
	enum problem problem;
	struct entry entry;

	if (!change_again(&visit->app->upstream, booking, &entry))
		return PROBLEM_VERSION;
	booking->lead.email = email;
	if ((problem = visit_change(visit, &entry)))
		booking->lead.email = before;
	return problem;
}

/* The calls of the address are counted and one is added before another click counts them. */
static enum problem change(struct visit *visit, const char *email)
{
	int lock = visit_wait_turn(visit, email);
	enum problem problem;

	if (lock < 0)
		return PROBLEM_WAITED;
	problem = judge_address(visit, email);
	if (!problem) {
		people_note(lock);
		problem = readdress(visit, email);
	}
	file_unlock(lock);
	return problem;
}

enum problem correct_address(struct visit *visit)
{
	enum problem problem;

	if ((problem = visit_admit(visit, LOOK_CHANGE)) || (problem = judge(visit)) ||
	    (problem = read_email(visit)) ||
	    (problem = change(visit, visit->brief->values[BRIEF_EMAIL])))
		return problem;
	booking_done(visit);
	return PROBLEM_NONE;
}

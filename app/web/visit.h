/* SPDX-License-Identifier: MIT */
/* visit.h: one request and its reply, and what is known of the visitor's booking */
#ifndef WEB_VISIT_H
#define WEB_VISIT_H

#include "core/brief.h"
#include "core/offer.h"
#include "desk/look.h"
#include "store/clients.h"
#include "web/app.h"
#include "web/problem.h"
#include "web/reply.h"
#include "web/request.h"

struct visit {
	struct app *app;
	const struct request *request;
	struct reply *reply;
	struct fail fail; /* what stopped a step, to be logged; code ERR_NONE: nothing to tell */

	int64_t now;
	int64_t looked_ms;	   /* when look was begun: clock_boot_ms() */
	struct look look;	   /* of the booking that was asked for */
	bool is_calendar_asked;	   /* look.calendar says what is known of it */
	bool is_version_seen;	   /* the click's form showed a version */
	uint64_t version_seen;	   /* which; 0 without one */
	int64_t wanted;		   /* the start of the slot that was clicked */
	const struct brief *brief; /* what was typed into the form; NULL: nothing yet */
};

/*
 * A page, or a click. It reads as the steps of what it does, and fills the reply; or it returns the
 * problem, which is then shown, and logged when visit->fail says why.
 */
typedef enum problem handler(struct visit *visit);

/* The problem of a failure that visit->fail tells of. */
enum problem visit_failed(struct visit *visit, enum err err);

/* Looks the booking up, asking what purpose says. Logs what the calendar did. Model: step `look`.
 */
enum problem visit_look(struct visit *visit, enum look_for purpose);

/*
 * What every click passes before it is judged: it did not wait in nginx for longer than its sender
 * would, its form can be read, the booking is looked up again, and no page of another site sent it.
 */
enum problem visit_admit(struct visit *visit, enum look_for purpose);

/* Counts the calls of the booking's address anew, as the ledger and the rows have them now, if
 * another click of the person's came since they were counted: under the lock of its turn. */
enum problem visit_count_calls(struct visit *visit, int lock);

/*
 * Keeps other clicks of a person off until file_unlock(), as people_lock() does, for a few seconds
 * at most; -1: not within them. What counts a person's calls and then takes one stands between the
 * two.
 */
int visit_wait_turn(const struct visit *visit, const char *address) MUST_CHECK;

/*
 * Counts one more brief or call for the visitor's network address (store/clients.h).
 * PROBLEM_CLIENT: it has had its part of the day. A program with a key is not limited.
 */
enum problem visit_admit_client(const struct visit *visit, enum client_act act);
/* What would be said of it now; nothing is counted. */
enum problem visit_foresee_client(const struct visit *visit, enum client_act act);

/* Brings the booking up to what stands in the ledger now. */
enum problem visit_look_again(struct visit *visit);

/* Asks the calendar, for a click or for the page that a refused one is shown. Logs what it did. */
void visit_ask_calendar(struct visit *visit, enum calendar_use use);

bool visit_has_call(const struct visit *visit);
bool visit_has_call_at(const struct visit *visit, int64_t start);
/* Whether the call is too near, or over, to be moved or cancelled by its prospect. */
bool visit_is_too_late(const struct visit *visit);

/* Whether other bookings of its address have as many calls as one address may have. */
bool visit_has_all_calls(const struct visit *visit);

/* What is open to this booking. */
struct offer visit_offer(const struct visit *visit);

/* What would refuse the click's command by the ledger as it stands; PROBLEM_NONE: nothing does. */
enum problem visit_foresee(const struct visit *visit, struct entry *entry);

/*
 * Carries the click's command out, and what follows from it; logged. The booking is what stands
 * then. Model: step `refused`, when it is.
 */
enum problem visit_change(struct visit *visit, struct entry *entry);

#endif

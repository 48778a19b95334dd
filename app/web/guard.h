/* SPDX-License-Identifier: MIT */
/* guard.h: what every page and click about a booking does alike */
#ifndef WEB_GUARD_H
#define WEB_GUARD_H

#include "core/offer.h"
#include "desk/change.h"
#include "desk/follow.h"
#include "desk/look.h"
#include "web/route.h"

/* What a visitor's booking is, and what stands in its way. */
struct sight {
	struct look look;
	int64_t now;
};

/*
 * Looks a booking up, asking what purpose says. ERR_INPUT: no such id; ERR_NOT_FOUND: no such
 * booking; else look()'s. Logs what the calendar did. Model: step `look`.
 */
enum err guard_look(struct app *app, const struct request *request, enum look_for purpose,
    struct sight *out, struct fail *fail) MUST_CHECK;

/* Brings the sight up to what stands in the ledger now; otherwise journal_refresh()'s failures. */
enum err guard_reread(struct app *app, const struct request *request, struct sight *sight,
    struct fail *fail) MUST_CHECK;

/* What is open to this booking. */
struct offer guard_offer(const struct app *app, const struct sight *sight);

/* The version that the click's form showed. */
struct shown {
	bool is_given;
	uint64_t version;
};

/*
 * What every click passes before it is judged: it did not wait in nginx for longer than its sender
 * would, its form can be read, the booking is looked up again, and it was not erased. True: go on.
 * False: the reply is filled, or *err is set and returned by the handler.
 */
bool guard_admit(struct app *app, const struct request *request, struct reply *reply,
    enum look_for purpose, struct sight *sight, struct shown *shown, enum err *err,
    struct fail *fail);

/*
 * Appends the click's command and reads its verdict, which is left early when the state refuses
 * already. True: *outcome is a verdict, and the sight is what stands after it. False: the reply
 * says that the outcome is not known, or that nothing could be written. Model: step `answer`.
 */
bool guard_append(struct app *app, const struct request *request, struct reply *reply,
    struct sight *sight, struct entry *entry, enum change *outcome);

/* The booking's page, by a redirect that a reload does not repeat, or as JSON: the click is done.
 */
void guard_done(const struct app *app, const struct request *request, struct reply *reply,
    const struct sight *sight);

/* After an accepted entry: the row and the events, logged. */
void guard_follow(struct app *app, const struct request *request, const struct sight *before,
    const struct sight *sight, const struct entry *entry);

/* The page of open slots: schedule.c. With a slug it says first what happened and which slots are
 * nearest to wanted. */
enum err schedule_show(struct app *app, const struct request *request, struct reply *reply,
    const struct sight *sight, int status, const char *slug, int64_t wanted,
    struct fail *fail) MUST_CHECK;

/* The booking's page: booking.c. With a slug it says first what happened. */
void booking_show(const struct app *app, const struct request *request, struct reply *reply,
    const struct sight *sight, int status, const char *slug);

/*
 * The zone of this name; NULL when it is the business's or none is named. zone_file_load()'s
 * failures. The caller frees it.
 */
enum err guard_zone(const struct app *app, const struct request *request, const char *name,
    struct zone **own) MUST_CHECK;
/* What a zone is called: [zone] America/New_York of the catalogue, else the end of its name, "New
 * York". */
const char *guard_city(
    const struct app *app, const struct request *request, const struct zone *zone);

/* Whether the call is too near, or over, to be moved or cancelled by its prospect. */
bool guard_is_too_late(const struct app *app, const struct sight *sight);

/* An instant for people: adds slot (the wire form), day, time, time_zone and the zone's city to a
 * view. */
void guard_view_time(const struct app *app, const struct request *request, struct view *view,
    const struct zone *zone, int64_t utc);

#endif

/* SPDX-License-Identifier: MIT */
/* click.c: the guard: validates a slot again, and books it or moves to it */
#include "base/counters.h"
#include "base/log.h"
#include "core/civil.h"
#include "web/guard.h"

#include <stdlib.h>

/* An append may take a little longer than one query: it is repeated under the same id. */
#define APPEND_QUERIES 2

/* Done, by this click or an earlier one of the same kind. */
static void show_held(const struct app *app, const struct request *request, struct reply *reply,
    const struct sight *sight)
{
	if (request->wants_json)
		booking_show(app, request, reply, sight, 200, NULL);
	else
		reply_see_other(reply, reply_link(request, "/booking", &sight->booking));
}

/* What the ledger's refusal is to the prospect: a gone slot, or a booking that has moved on. */
static enum err show_refused(struct app *app, const struct request *request, struct reply *reply,
    const struct sight *sight, enum verdict verdict, int64_t wanted, struct fail *fail)
{
	switch (verdict) {
	case VERDICT_OVERLAP:
	case VERDICT_CAP:
		return schedule_show(app, request, reply, sight, 409, "gone", wanted, fail);
	case VERDICT_ERASED:
		reply_problem(app, request, reply, 410, "erased", NULL);
		return ERR_NONE;
	case VERDICT_STALE:
	case VERDICT_REPEATED:
	case VERDICT_NOT_LIVE:
	case VERDICT_MALFORMED:
	case VERDICT_ACCEPTED:
		break;
	}
	booking_show(app, request, reply, sight, 409, "version");
	return ERR_NONE;
}

/* The slot among those of the business's hours: on the grid, in the window, not begun. */
static bool is_candidate(
    const struct app *app, const struct request *request, const struct sight *sight, int64_t start)
{
	struct slot *slots = arena_array(request->arena, slots_bound(&app->hours), sizeof(*slots));

	return slots && slots_find(slots,
			    slots_candidates(&app->hours, app->zone, sight->now, slots), start);
}

/* Appends the command and reads its verdict; the sight is what stands after it. */
static enum err book(struct app *app, const struct request *request, struct reply *reply,
    struct sight *sight, struct entry *entry, struct fail *fail)
{
	struct sight before = *sight;
	int64_t limit = clickhouse_deadline(app->upstream.clickhouse) +
			(APPEND_QUERIES - 1) * app->conf->clickhouse.timeout_ms;
	enum verdict verdict = ledger_judge(journal_state(app->upstream.journal), entry);
	enum err err;

	/* What is refused already needs no entry. */
	if (verdict == VERDICT_ACCEPTED) {
		err = journal_append(
		    app->upstream.journal, request->arena, entry, limit, &verdict, fail);
		if (err) {
			log_fail(LOG_LEVEL_ERROR, "append_failed", fail);
			guard_unconfirmed(app, request, reply, sight, err);
			return ERR_NONE;
		}
		guard_refresh(app, sight);
	}
	counters_add(app->counters,
	    verdict == VERDICT_ACCEPTED ? COUNTER_APPEND_ACCEPTED : COUNTER_APPEND_REFUSED);
	if (verdict != VERDICT_ACCEPTED)
		return show_refused(app, request, reply, sight, verdict, entry->call.start, fail);
	guard_follow(app, request, &before, entry, LEAD_BOOKED);
	show_held(app, request, reply, sight);
	return ERR_NONE;
}

enum err click_schedule(
    struct app *app, const struct request *request, struct reply *reply, struct fail *fail)
{
	const char *text = form_value(&request->form, "slot");
	const struct slot *slot;
	struct offer_list open;
	struct offer offer;
	struct sight sight;
	struct entry entry;
	uint64_t version;
	int64_t start;
	bool is_given;
	enum err err;

	if (guard_waited(app, request, reply))
		return ERR_NONE;
	if (request->form_err) {
		*fail = request->form_fail;
		return request->form_err;
	}
	if (!text || !instant_parse_slot(text, &start))
		return fail_set(fail, ERR_INPUT, "click", "there is no slot, or it is no instant");
	if ((err = guard_version(request, &is_given, &version, fail)))
		return err;

	/* Asked again, whatever the page showed: ClickHouse and the calendar, at the same time. */
	err = guard_look(app, request, FETCH_CLICK, &sight, fail);
	if (err && err != ERR_INPUT && err != ERR_NOT_FOUND) {
		log_fail(LOG_LEVEL_ERROR, "click_failed", fail);
		if (!request_booking(request, &sight.booking, fail))
			guard_unconfirmed(app, request, reply, &sight, err);
		return ERR_NONE;
	}
	if (err)
		return err;

	if (sight.standing.is_erased) {
		reply_problem(app, request, reply, 410, "erased", NULL);
		return ERR_NONE;
	}
	if (sight.is_booked && sight.call.start == start) {
		show_held(app, request, reply, &sight);
		return ERR_NONE;
	}
	if (!is_given && sight.was_booked) {
		booking_show(app, request, reply, &sight, 428, "version_needed");
		return ERR_NONE;
	}
	if (version != sight.version) {
		booking_show(app, request, reply, &sight, 409, "version");
		return ERR_NONE;
	}
	if (sight.fetched.calendar == CALENDAR_UNCHECKED && !app->conf->google.outage_open) {
		reply->retry_after_s = 60;
		return schedule_show(app, request, reply, &sight, 503, "closed", start, fail);
	}
	if (!is_candidate(app, request, &sight, start))
		return schedule_show(app, request, reply, &sight,
		    start <= sight.now && start > sight.now - 86400 ? 409 : 422,
		    start <= sight.now && start > sight.now - 86400 ? "gone" : "not_offered", start,
		    fail);

	offer = guard_offer(app, &sight);
	if ((err = offer_slots(&offer, request->arena, &open, fail)))
		return err;
	slot = slots_find(open.slots, open.count, start);
	if (!slot)
		return schedule_show(app, request, reply, &sight, 409, "gone", start, fail);

	entry = offer_entry(&offer, slot->call, version, sight.fetched.calendar);
	return book(app, request, reply, &sight, &entry, fail);
}

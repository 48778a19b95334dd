/* SPDX-License-Identifier: MIT */
/* cancel.c: frees a booking's slot */
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "web/guard.h"

#include <string.h>

/* Done, by this click or an earlier one. */
static void show_cancelled(const struct app *app, const struct request *request,
    struct reply *reply, const struct sight *sight)
{
	if (request->wants_json)
		booking_show(app, request, reply, sight, 200, NULL);
	else
		reply_see_other(reply, reply_link(request, "/booking", &sight->booking));
}

enum err cancel_booking(
    struct app *app, const struct request *request, struct reply *reply, struct fail *fail)
{
	struct entry entry = {.kind = ENTRY_CANCEL};
	struct sight sight, before;
	enum verdict verdict;
	uint64_t version;
	bool is_given;
	enum err err;

	if (guard_waited(app, request, reply))
		return ERR_NONE;
	if (request->form_err) {
		*fail = request->form_fail;
		return request->form_err;
	}
	if ((err = guard_version(request, &is_given, &version, fail)))
		return err;
	err = guard_look(app, request, FETCH_BOOKING, &sight, fail);
	if (err && err != ERR_INPUT && err != ERR_NOT_FOUND) {
		log_fail(LOG_LEVEL_ERROR, "cancel_failed", fail);
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
	if (!sight.was_booked) {
		booking_show(app, request, reply, &sight, 409, "not_booked");
		return ERR_NONE;
	}
	if (!is_given) {
		booking_show(app, request, reply, &sight, 428, "version_needed");
		return ERR_NONE;
	}
	if (!sight.is_booked) {
		show_cancelled(app, request, reply, &sight);
		return ERR_NONE;
	}
	if (version != sight.version) {
		booking_show(app, request, reply, &sight, 409, "version");
		return ERR_NONE;
	}

	entry.booking = sight.booking;
	entry.version = version;
	strcpy(entry.host, sight.standing.host);
	before = sight;
	before.fetched.google_deadline = clock_boot_ms() + app->conf->google.timeout_ms;
	err = journal_append(app->upstream.journal, request->arena, &entry,
	    clickhouse_deadline(app->upstream.clickhouse) + app->conf->clickhouse.timeout_ms,
	    &verdict, fail);
	if (err) {
		log_fail(LOG_LEVEL_ERROR, "append_failed", fail);
		guard_unconfirmed(app, request, reply, &sight, err);
		return ERR_NONE;
	}
	guard_refresh(app, &sight);
	counters_add(app->counters,
	    verdict == VERDICT_ACCEPTED ? COUNTER_APPEND_ACCEPTED : COUNTER_APPEND_REFUSED);
	if (verdict == VERDICT_ACCEPTED)
		guard_follow(app, request, &before, &entry, LEAD_CANCELLED);
	else if (sight.is_booked) {
		booking_show(app, request, reply, &sight, 409, "version");
		return ERR_NONE;
	}
	show_cancelled(app, request, reply, &sight);
	return ERR_NONE;
}

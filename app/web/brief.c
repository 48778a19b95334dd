/* SPDX-License-Identifier: MIT */
/* brief.c: the brief form, and the lead it makes */
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/mutate.h"
#include "core/brief.h"
#include "store/spool.h"
#include "web/route.h"
#include "web/token.h"

#include <string.h>

/*
 * The form with what was typed and, after a refusal, what is wrong with it. A token that came with
 * it stays, so that the same brief sent again is the same lead.
 */
static void show_form(const struct app *app, const struct request *request, struct reply *reply,
    int status, const struct brief *brief, const char *slug)
{
	const struct secret *key = app->conf->secrets.signing_key;
	const char *token = form_value(&request->form, "token");
	struct view *view = reply_view(app, request);
	bool is_first = true;
	char fresh[TOKEN_TEXT];
	struct uuid booking;
	int64_t made_ms;

	for (int field = 0; brief && field < BRIEF_FIELDS; field++) {
		const char *name = brief_field_name((enum brief_field)field);
		const char *fault = brief_fault_name(brief->faults[field]);
		const char *message;
		struct view *item;

		view_text(view, name, brief->values[field]);
		if (!fault)
			continue;
		message = template_message(app->templates, request->language,
		    arena_printf(request->arena, "brief.%s_%s", name, fault));
		item = view_item(view, "faults");
		view_text(item, "field", name);
		view_text(item, "message", message);
		if (brief->faults[field] == BRIEF_CHARACTER)
			view_text(item, "character", brief->character);
		view_flag(item, "is_first", is_first);
		view_text(view, arena_printf(request->arena, "%s_fault", name), message);
		is_first = false;
	}
	if (slug)
		reply_describe(app, request, view, status, slug);
	if (!token || !token_booking(key, token, &booking, &made_ms))
		token = token_make(key, clock_wall_ms(), fresh);
	view_text(view, "token", token);
	view_flag(view, "is_public", true);
	if (request->method == METHOD_GET)
		reply_languages(app, request, view, "/");
	reply_page(app, request, reply, status, "brief", view);
}

enum err brief_form(
    struct app *app, const struct request *request, struct reply *reply, struct fail *fail)
{
	(void)fail;
	show_form(app, request, reply, 200, NULL, NULL);
	return ERR_NONE;
}

/* Nobody types a brief in a second, or fills in a field that is not to be seen. A person of whom
 * this was thought in error sends it once more. A form from the future is one of a clock that was
 * put back, or of another host. */
static bool is_robot(const struct app *app, const struct request *request, int64_t made_ms)
{
	const char *trap = form_value(&request->form, REQUEST_TRAP);
	int64_t age_ms = clock_wall_ms() - made_ms;

	return (trap && *trap) ||
	       (made_ms && age_ms >= 0 && age_ms < app->conf->site.form_min_s * 1000);
}

/*
 * The same brief sent twice names the same booking: by the form's token, or by the Idempotency-Key
 * together with the content, since such a key is the client's own and may be anybody's. *made_ms is
 * when the form was made, 0 without one.
 */
static bool name_booking(const struct app *app, const struct request *request,
    const struct brief *brief, struct uuid *out, int64_t *made_ms)
{
	const struct secret *key = app->conf->secrets.signing_key;
	const char *token = form_value(&request->form, "token");

	*made_ms = 0;
	if (token)
		return token_booking(key, token, out, made_ms);
	if (!request->idempotency_key) {
		*out = uuid_random();
		return true;
	}
	*out = token_name(key, request->idempotency_key, brief->values, BRIEF_FIELDS);
	return true;
}

static void show_booked(const struct app *app, const struct request *request, struct reply *reply,
    const struct lead *lead)
{
	const char *link = reply_link(request, "/schedule", &lead->booking);
	struct view *view;
	char id[UUID_TEXT];

	if (!request->wants_json) {
		reply_see_other(reply, link);
		return;
	}
	view = reply_view(app, request);
	view_text(view, "booking_id", uuid_format(&lead->booking, id));
	view_text(view, "schedule_path", link);
	reply_page(app, request, reply, 201, "book", view);
}

/* The database is down: the brief goes to disk, and the prospect is told that they will be written
 * to. */
static void take_to_spool(const struct app *app, const struct request *request, struct reply *reply,
    const struct brief *brief, const struct lead *lead)
{
	struct fail fail;
	struct view *view;
	char id[UUID_TEXT];

	if (!MUTATED(QUEUE_WITHOUT_FILE) &&
	    spool_put(app->conf->site.spool_dir, request->arena, lead, &fail)) {
		log_fail(LOG_LEVEL_ERROR, "brief_not_saved", &fail);
		show_form(app, request, reply, 503, brief, "unsaved");
		return;
	}
	log_event(LOG_LEVEL_WARNING, "brief_spooled");
	counters_add(app->counters, COUNTER_BRIEF_SPOOLED);
	view = reply_view(app, request);
	view_text(view, "booking_id", uuid_format(&lead->booking, id));
	view_text(view, "email", lead->email);
	reply_page(app, request, reply, 202, "queued", view);
}

static bool is_same(const struct lead *a, const struct lead *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->email, b->email) == 0 &&
	       strcmp(a->company, b->company) == 0 && strcmp(a->brief, b->brief) == 0 &&
	       strcmp(a->budget, b->budget) == 0 && strcmp(a->timeframe, b->timeframe) == 0;
}

/*
 * A form sent again with another text corrects the lead, until that has had a call: what is sent
 * then is another lead, under an id that follows from both. Nor does a form from before its person
 * was erased bring them back: then *is_erased.
 */
static enum err settle_booking(const struct app *app, const struct request *request,
    const struct brief *brief, struct lead *lead, bool *is_erased, struct fail *fail)
{
	struct lead stored;
	char id[UUID_TEXT];
	enum err err;

	*is_erased = false;
	for (;;) {
		err = leads_find(
		    app->upstream.clickhouse, request->arena, &lead->booking, &stored, fail);
		if (err)
			return err == ERR_NOT_FOUND ? ERR_NONE : err;
		*is_erased = stored.status == LEAD_ERASED;
		if (*is_erased || !stored.version || is_same(&stored, lead))
			return ERR_NONE;
		lead->booking = token_name(app->conf->secrets.signing_key,
		    uuid_format(&lead->booking, id), brief->values, BRIEF_FIELDS);
	}
}

enum err brief_book(
    struct app *app, const struct request *request, struct reply *reply, struct fail *fail)
{
	struct lead lead = {.status = LEAD_AWAITING_SLOT,
	    .owner = app->conf->site.host,
	    .timezone = "",
	    .language = request->language};
	struct clickhouse *clickhouse = app->upstream.clickhouse;
	bool is_erased = false;
	struct brief brief;
	int64_t made_ms;
	enum err err;

	if (request->form_err) {
		*fail = request->form_fail;
		return request->form_err;
	}
	if (!brief_read(request->arena, &request->form, &brief)) {
		show_form(app, request, reply, 422, &brief, "input");
		return ERR_NONE;
	}
	if (!name_booking(app, request, &brief, &lead.booking, &made_ms)) {
		show_form(app, request, reply, 422, &brief, "token");
		return ERR_NONE;
	}
	if (is_robot(app, request, made_ms)) {
		show_form(app, request, reply, 422, &brief, "robot");
		return ERR_NONE;
	}
	lead.name = brief.values[BRIEF_NAME];
	lead.email = brief.values[BRIEF_EMAIL];
	lead.company = brief.values[BRIEF_COMPANY];
	lead.brief = brief.values[BRIEF_TEXT];
	lead.budget = brief.values[BRIEF_BUDGET];
	lead.timeframe = brief.values[BRIEF_TIMEFRAME];
	lead.created_ms = clock_wall_ms();

	err = app_ready(app, request->arena, fail);
	if (!err)
		err = settle_booking(app, request, &brief, &lead, &is_erased, fail);
	if (!err && is_erased) {
		reply_problem(app, request, reply, 410, "erased", NULL);
		return ERR_NONE;
	}
	if (!err)
		err = leads_put(
		    clickhouse, request->arena, &lead, clickhouse_deadline(clickhouse), fail);
	if (err) {
		log_fail(LOG_LEVEL_ERROR, "brief_not_stored", fail);
		take_to_spool(app, request, reply, &brief, &lead);
		return ERR_NONE;
	}
	show_booked(app, request, reply, &lead);
	return ERR_NONE;
}

/* SPDX-License-Identifier: MIT */
/* brief.c: the brief form, and the lead it makes */
#include "base/counters.h"
#include "base/log.h"
#include "base/mutate.h"
#include "store/formers.h"
#include "store/people.h"
#include "store/spool.h"
#include "web/brief.h"
#include "web/token.h"

#include <assert.h>
#include <string.h>

/* What was typed, and what is wrong with it. */
static void view_brief(const struct visit *visit, struct view *view)
{
	const struct brief *brief = visit->brief;
	struct arena *arena = visit->request->arena;
	bool is_first = true;

	for (int field = 0; field < BRIEF_FIELDS; field++) {
		const char *name = brief_field_name((enum brief_field)field);
		const char *fault = brief_fault_name(brief->faults[field]);
		const char *message;
		struct view *item;

		view_text(view, name, brief->values[field]);
		if (!fault)
			continue;
		message = template_message(visit->app->templates, visit->request->language,
		    arena_printf(arena, "brief.%s_%s", name, fault));
		item = view_item(view, "faults");
		view_text(item, "field", name);
		view_text(item, "message", message);
		if (brief->faults[field] == BRIEF_CHARACTER) {
			view_text(item, "character", brief->character);
			view_text(
			    view, arena_printf(arena, "%s_character", name), brief->character);
		}
		view_flag(item, "is_first", is_first);
		view_text(view, arena_printf(arena, "%s_fault", name), message);
		is_first = false;
	}
}

/*
 * A token that came with the form stays only where the brief could not be saved, so that, sent
 * again, it is the same lead. Otherwise it is a fresh one: a form that another site's page has
 * filled with a token of its own must not bring that token back to whoever goes on typing here. A
 * person who was taken for a robot need not wait once more.
 */
static const char *form_token(
    const struct visit *visit, enum problem problem, char fresh[TOKEN_TEXT])
{
	const struct conf *conf = visit->app->conf;
	const struct secret *key = conf->secrets.signing_key;
	const char *token = form_value(&visit->request->form, "token");
	int64_t now = app_now_ms(visit->app), made_ms;
	bool was_unsaved = problem == PROBLEM_UNSAVED || problem == PROBLEM_FULL;
	struct uuid booking;

	if (was_unsaved && token && token_booking(key, token, &booking, &made_ms))
		return token;
	return token_make(
	    key, problem == PROBLEM_ROBOT ? now - conf->site.form_min_s * 1000 : now, fresh);
}

void brief_show(const struct visit *visit, enum problem problem)
{
	struct view *view = reply_view(visit);
	char fresh[TOKEN_TEXT];
	int status;

	if (visit->brief)
		view_brief(visit, view);
	status = reply_describe(visit, view, problem);
	view_text(view, "token", form_token(visit, problem, fresh));
	/* Whoever has been caught once is not tried again. */
	view_flag(view, "has_trap", problem != PROBLEM_TRAP);
	view_flag(view, "is_public", true);
	view_flag(view, "is_pair", true);
	if (visit->request->method == METHOD_GET)
		reply_languages(visit, view, "/");
	reply_page(visit, status, "brief", view);
}

enum problem brief_form(struct visit *visit)
{
	brief_show(visit, PROBLEM_NONE);
	return PROBLEM_NONE;
}

/* Nobody types a brief in a second. A form from the future is one of a clock that was put back, or
 * of another machine. */
static bool is_too_quick(const struct visit *visit, int64_t made_ms)
{
	int64_t age_ms = app_now_ms(visit->app) - made_ms;

	return made_ms && age_ms >= 0 && age_ms < visit->app->conf->site.form_min_s * 1000;
}

static bool is_trapped(const struct visit *visit)
{
	const char *trap = form_value(&visit->request->form, REQUEST_TRAP);

	return trap && *trap;
}

/*
 * The same brief sent twice names the same booking: by the form's token, or by the Idempotency-Key,
 * together with the content, since such a key is the client's own and may be anybody's. False: a
 * form without a token, or with one that is not ours or too old. Programs, which send JSON, need
 * none. *made_ms: when its form was made; 0: it came with none.
 */
static bool name_booking(const struct visit *visit, struct lead *lead, int64_t *made_ms)
{
	const struct request *request = visit->request;
	const struct secret *key = visit->app->conf->secrets.signing_key;
	const char *token = form_value(&request->form, "token");

	*made_ms = 0;
	if (token || request->is_form) {
		if (!token || !token_booking(key, token, &lead->form, made_ms) ||
		    !token_is_current(*made_ms, app_now_ms(visit->app)))
			return false;
	} else if (request->idempotency_key) {
		lead->form =
		    token_name(key, request->idempotency_key, visit->brief->values, BRIEF_FIELDS);
	} else {
		lead->form = uuid_random();
	}
	lead->booking = formers_name(lead, NULL);
	return true;
}

/* The lead that the form makes. */
static enum problem read_lead(
    struct visit *visit, struct brief *brief, struct lead *out, bool *has_form)
{
	const struct request *request = visit->request;
	struct lead lead;
	int64_t made_ms;

	lead_clear(&lead);
	lead.owner = visit->app->conf->site.owner;
	lead.language = request->language;
	lead.created_ms = app_now_ms(visit->app);
	if (request->form_err) {
		visit->fail = request->form_fail;
		return visit_failed(visit, request->form_err);
	}
	visit->brief = brief;
	if (!brief_read(request->arena, &request->form, brief))
		return PROBLEM_INPUT;
	for (int i = 0; i < BRIEF_FIELDS; i++) {
		const char **text = lead_typed(&lead, brief_field_name((enum brief_field)i));

		assert(text);
		*text = brief->values[i];
	}
	if (request->is_form && request->is_foreign)
		return PROBLEM_FOREIGN;
	if (!name_booking(visit, &lead, &made_ms))
		return PROBLEM_TOKEN;
	if (is_trapped(visit))
		return PROBLEM_TRAP;
	if (is_too_quick(visit, made_ms))
		return PROBLEM_ROBOT;
	*has_form = made_ms != 0;
	*out = lead;
	return PROBLEM_NONE;
}

/* What became of a brief: it is in the store in the first two cases; of the last the visit's fail
 * says why. */
enum arrival { IS_NEW, IS_REPEATED, IS_ERASED, IS_REFUSED, IS_FAILED };

static bool is_replaced(const struct lead *lead)
{
	return lead->status == LEAD_AWAITING_SLOT && lead_is_superseded(lead);
}

/*
 * Under another text than its own an id stands only where its address was corrected since: the form
 * is another lead then. So is one whose place another took, and which is sent again: what became of
 * the first is said and done. Nor does a form from before its person was erased bring them back:
 * that is IS_ERASED.
 */
static enum arrival settle_booking(struct visit *visit, struct lead *lead)
{
	const struct app *app = visit->app;
	struct lead stored;

	for (;;) {
		enum err err = leads_find(app->upstream.clickhouse, visit->request->arena,
		    &lead->booking, &stored, &visit->fail);

		if (err && err != ERR_NOT_FOUND)
			return IS_FAILED;
		visit->fail.code = ERR_NONE;
		if (err)
			return IS_NEW;
		if (stored.status == LEAD_ERASED)
			return IS_ERASED;
		if (!is_replaced(&stored) && lead_is_same_brief(&stored, lead)) {
			lead->held = lead_is_superseded(&stored) ? "" : stored.held;
			return IS_REPEATED;
		}
		lead->booking = formers_name(lead, &lead->booking);
	}
}

/* What a new brief is held back for. */
static enum arrival hold_back(struct visit *visit, struct lead *lead)
{
	const struct app *app = visit->app;
	struct people people;

	if (people_ask(app->upstream.clickhouse, visit->request->arena, lead->email, &lead->booking,
		&people, &visit->fail))
		return IS_FAILED;
	lead->held = people_hold(&people, app->conf);
	return lead->held ? IS_NEW : IS_REFUSED;
}

static enum arrival store(struct visit *visit, struct lead *lead, bool has_form)
{
	struct app *app = visit->app;
	struct arena *arena = visit->request->arena;
	struct clickhouse *clickhouse = app->upstream.clickhouse;
	enum arrival arrival;

	if (app_ready(app, arena, &visit->fail))
		return IS_FAILED;
	arrival = settle_booking(visit, lead);
	if (arrival == IS_NEW)
		arrival = hold_back(visit, lead);
	if (arrival != IS_NEW && arrival != IS_REPEATED)
		return arrival;
	/* What is older of its form is marked only now: a brief that takes the place of another is
	 * there. */
	if (leads_put(clickhouse, arena, lead, &visit->fail) ||
	    (has_form && formers_settle(clickhouse, arena, lead, &visit->fail)))
		return IS_FAILED;
	return arrival;
}

/* The brief is there, and its times are not shown: a link to them follows by mail. Whoever typed an
 * address does not get the key that the mail has. */
static void show_queued(const struct visit *visit, const struct lead *lead)
{
	bool is_verified = strcmp(lead->held, LEAD_HELD_VERIFY) == 0;
	struct view *view = reply_view(visit);

	view_flag(view, "is_verified", is_verified);
	view_text(view, "email", lead->email);
	reply_page(visit, 202, "queued", view);
}

/* The database is down: the brief goes to disk, and the prospect is told that they will be written
 * to. */
static enum problem take_to_spool(struct visit *visit, const struct lead *lead, bool has_form)
{
	const struct app *app = visit->app;
	const char *dir = app->conf->site.spool_dir;
	struct lead kept = *lead;
	struct fail fail;

	/* Its link goes to the address alone: whoever sent the same brief before knows the other.
	 */
	kept.booking = formers_name_spooled(lead, &lead->booking);
	/* What may have been stored after all came before it. */
	kept.created_ms++;
	/* The courier judges it when it takes it up, and no mail has left by now. */
	kept.held = "";
	if (!has_form)
		kept.form = (struct uuid){{0}};
	if (!MUTATED(QUEUE_WITHOUT_FILE) && spool_put(dir, visit->request->arena, &kept, &fail)) {
		log_fail(LOG_LEVEL_ERROR, "brief_not_saved", &fail);
		return fail.code == ERR_TOO_LARGE ? PROBLEM_FULL : PROBLEM_UNSAVED;
	}
	log_event(LOG_LEVEL_WARNING, "brief_spooled");
	if (has_form && formers_settle_spooled(dir, &kept, &fail))
		log_fail(LOG_LEVEL_WARNING, "brief_not_superseded", &fail);
	counters_add(app->upstream.counters, COUNTER_BRIEF_SPOOLED);
	show_queued(visit, &kept);
	return PROBLEM_NONE;
}

static void show_booked(const struct visit *visit, const struct lead *lead)
{
	const char *link = reply_link(visit->request, "/schedule", &lead->booking);
	struct view *view;
	char id[UUID_TEXT];

	if (!visit->request->wants_json) {
		reply_see_other(visit, link);
		return;
	}
	view = reply_view(visit);
	view_text(view, "booking_id", uuid_format(&lead->booking, id));
	view_text(view, "schedule_path", link);
	reply_page(visit, 201, "book", view);
}

enum problem brief_book(struct visit *visit)
{
	enum problem problem;
	struct brief *brief = arena_alloc(visit->request->arena, sizeof(*brief));
	bool has_form = false;
	struct lead lead;

	if (!brief)
		return PROBLEM_INTERNAL;
	if ((problem = read_lead(visit, brief, &lead, &has_form)) ||
	    (problem = visit_admit_client(visit, CLIENT_BRIEF)))
		return problem;
	switch (store(visit, &lead, has_form)) {
	case IS_NEW:
	case IS_REPEATED:
		break;
	case IS_ERASED:
		return PROBLEM_ERASED;
	case IS_REFUSED:
		return PROBLEM_ADDRESS;
	case IS_FAILED:
		log_fail(LOG_LEVEL_ERROR, "brief_not_stored", &visit->fail);
		visit->fail.code = ERR_NONE;
		return take_to_spool(visit, &lead, has_form);
	}
	if (strcmp(lead.held, LEAD_HELD_ADDRESS) == 0)
		return PROBLEM_ADDRESS;
	if (lead_waits_for_mail(&lead))
		show_queued(visit, &lead);
	else
		show_booked(visit, &lead);
	return PROBLEM_NONE;
}

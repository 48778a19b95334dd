/* SPDX-License-Identifier: MIT */
/* route.c: from path to handler */
#include "web/route.h"
#include "base/counters.h"
#include "base/log.h"
#include "core/language.h"
#include "core/paths.h"
#include "web/booking.h"
#include "web/brief.h"
#include "web/cancel.h"
#include "web/click.h"
#include "web/correct.h"
#include "web/health.h"
#include "web/metrics.h"
#include "web/schedule.h"

#include <string.h>

#define LANGUAGES_MAX 64

static const struct {
	enum method method;
	handler *handle;
	bool is_json;	/* whatever the client says it accepts */
	bool is_folder; /* the path begins so */
	bool is_for_ops;
} routes[PATHS] = {
    [PATH_FRONT] = {METHOD_GET, brief_form, false, false, false},
    [PATH_BOOK] = {METHOD_POST, brief_book, false, false, false},
    [PATH_SCHEDULE] = {METHOD_GET, schedule_page, false, false, false},
    [PATH_SLOTS] = {METHOD_GET, schedule_page, true, false, false},
    [PATH_CLICK] = {METHOD_POST, click_schedule, false, false, false},
    [PATH_BOOKING] = {METHOD_GET, booking_page, false, false, false},
    [PATH_CANCEL] = {METHOD_POST, cancel_booking, false, false, false},
    [PATH_ADDRESS] = {METHOD_POST, correct_address, false, false, false},
    [PATH_ICS] = {METHOD_GET, booking_ics, false, false, false},
    [PATH_STATIC] = {METHOD_GET, asset_show, false, true, false},
    [PATH_HEALTH] = {METHOD_GET, health_check, true, false, true},
    [PATH_METRICS] = {METHOD_GET, metrics_text, true, false, true},
};

_Static_assert(PATHS < COUNTERS_ROUTES, "every route is counted");

/* The language that was asked for by name, else the browser's, else the configuration's. */
static void choose_language(const struct app *app, struct request *request)
{
	const char *available[LANGUAGES_MAX], *asked = form_value(&request->query, "lang");
	size_t count = 0;

	if (!asked)
		asked = form_value(&request->form, "lang");
	while (
	    count < LANGUAGES_MAX && (available[count] = template_language(app->templates, count)))
		count++;
	request->lang = language_choose(asked, available, count);
	request->language = request->lang
				? request->lang
				: language_choose(request->accept_language, available, count);
	if (!request->language)
		request->language = app->conf->site.language;
}

static bool is_route(unsigned path, const char *asked)
{
	return routes[path].is_folder
		   ? strncmp(path_name(path), asked, strlen(path_name(path))) == 0
		   : strcmp(path_name(path), asked) == 0;
}

static void show(struct visit *visit, enum problem problem)
{
	enum problem other;

	switch (problem_kind(problem)->place) {
	case PLACE_FORM:
		brief_show(visit, problem);
		return;
	case PLACE_BOOKING:
		booking_show(visit, problem);
		return;
	case PLACE_SCHEDULE:
		other = schedule_show(visit, problem);
		if (!other)
			return;
		problem = other;
		break;
	case PLACE_OWN:
		break;
	}
	reply_problem(visit, problem);
}

/* Shown to the visitor, and logged when it was a failure. */
static void tell(struct visit *visit, const char *path, enum problem problem)
{
	const struct fail *fail = &visit->fail;
	bool is_theirs = fail->code == ERR_INPUT || fail->code == ERR_NOT_FOUND ||
			 fail->code == ERR_TOO_LARGE || fail->code == ERR_TYPE;

	show(visit, problem);
	if (fail->code)
		log_event(is_theirs ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR,
		    "failed route=%s code=%s where=%s detail=\"%s\"", path, err_name(fail->code),
		    fail->where, fail->detail);
}

/*
 * What programs send is JSON, and where the owner wants it so they have a key. One that is sent is
 * looked at in any case, since the site's limits let its sender ask for more.
 */
static bool is_let_in(const struct app *app, const struct request *request)
{
	if (request->method != METHOD_POST || request->is_form)
		return true;
	return request->api_key ? credentials_has_api_key(&app->conf->secrets, request->api_key)
				: !app->conf->site.api_wants_key;
}

unsigned route_answer(struct app *app, const struct request *request, struct reply *reply)
{
	struct request seen = *request;
	struct visit visit = {
	    .app = app,
	    .request = &seen,
	    .reply = reply,
	    .now = app_now_ms(app) / 1000,
	};
	unsigned known = PATHS;
	enum problem problem;

	*reply = (struct reply){.body = ""};
	choose_language(app, &seen);
	for (unsigned i = 0; i < PATHS; i++) {
		if (!is_route(i, request->path) || (app->is_ops && !routes[i].is_for_ops))
			continue;
		known = i;
		seen.wants_json = request->wants_json || routes[i].is_json;
		if (routes[i].method != request->method) {
			reply->allow = routes[i].method == METHOD_GET ? "GET, HEAD" : "POST";
			continue;
		}
		reply->allow = NULL;
		problem = is_let_in(app, &seen) ? routes[i].handle(&visit) : PROBLEM_KEY;
		if (problem)
			tell(&visit, path_name(i), problem);
		return i;
	}
	reply_problem(&visit, known < PATHS ? PROBLEM_METHOD : PROBLEM_NO_PAGE);
	return known;
}

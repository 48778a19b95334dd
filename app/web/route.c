/* SPDX-License-Identifier: MIT */
/* route.c: from path to handler */
#include "web/route.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/clock.h"
#include "core/language.h"
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
	const char *path;
	handler *handle;
	bool is_json;	/* whatever the client says it accepts */
	bool is_folder; /* the path begins so */
} routes[] = {
    {METHOD_GET, "/", brief_form, false, false},
    {METHOD_POST, "/api/book", brief_book, false, false},
    {METHOD_GET, "/schedule", schedule_page, false, false},
    {METHOD_GET, "/api/slots", schedule_page, true, false},
    {METHOD_POST, "/api/schedule", click_schedule, false, false},
    {METHOD_GET, "/booking", booking_page, false, false},
    {METHOD_POST, "/api/cancel", cancel_booking, false, false},
    {METHOD_POST, "/api/address", correct_address, false, false},
    {METHOD_GET, "/booking.ics", booking_ics, false, false},
    {METHOD_GET, ASSET_FOLDER, asset_show, false, true},
    {METHOD_GET, "/healthz", health_check, true, false},
    {METHOD_GET, "/metrics", metrics_text, true, false},
};

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
	for (size_t i = 0; asked && i < count; i++)
		if (strcmp(available[i], asked) == 0)
			request->lang = available[i];
	request->language = request->lang
				? request->lang
				: language_choose(request->accept_language, available, count);
	if (!request->language)
		request->language = app->conf->site.language;
}

static bool is_route(size_t i, const char *path)
{
	return routes[i].is_folder ? strncmp(routes[i].path, path, strlen(routes[i].path)) == 0
				   : strcmp(routes[i].path, path) == 0;
}

#define ROUTES (sizeof(routes) / sizeof(routes[0]))

_Static_assert(ROUTES < COUNTERS_ROUTES, "every route is counted");

const char *route_name(unsigned number)
{
	return number < ROUTES ? routes[number].path : number == ROUTES ? "none" : NULL;
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
	    .route_name = route_name,
	    .now = clock_wall_s(),
	};
	unsigned known = ROUTES;
	enum problem problem;

	*reply = (struct reply){.body = ""};
	choose_language(app, &seen);
	for (size_t i = 0; i < ROUTES; i++) {
		if (!is_route(i, request->path))
			continue;
		known = (unsigned)i;
		seen.wants_json = request->wants_json || routes[i].is_json;
		if (routes[i].method != request->method) {
			reply->allow = routes[i].method == METHOD_GET ? "GET, HEAD" : "POST";
			continue;
		}
		reply->allow = NULL;
		problem = is_let_in(app, &seen) ? routes[i].handle(&visit) : PROBLEM_KEY;
		if (problem)
			tell(&visit, routes[i].path, problem);
		return (unsigned)i;
	}
	reply_problem(&visit, known < ROUTES ? PROBLEM_METHOD : PROBLEM_NO_PAGE);
	return known;
}

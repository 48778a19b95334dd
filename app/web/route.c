/* SPDX-License-Identifier: MIT */
/* route.c: from path to handler */
#include "web/route.h"
#include "base/log.h"

#include <string.h>

static const struct {
	enum method method;
	const char *path;
	handler *handle;
	bool is_json; /* whatever the client says it accepts */
} routes[] = {
    {METHOD_GET, "/", brief_form, false},
    {METHOD_POST, "/api/book", brief_book, false},
    {METHOD_GET, "/schedule", schedule_page, false},
    {METHOD_GET, "/api/slots", schedule_page, true},
    {METHOD_POST, "/api/schedule", click_schedule, false},
    {METHOD_GET, "/booking", booking_page, false},
    {METHOD_POST, "/api/cancel", cancel_booking, false},
    {METHOD_GET, "/healthz", health_check, true},
    {METHOD_GET, "/metrics", metrics_text, true},
};

const char *route_answer(struct app *app, const struct request *request, struct reply *reply)
{
	struct request seen = *request;
	struct fail fail = {.code = ERR_NONE};
	const char *known = NULL;
	enum err err;

	*reply = (struct reply){.body = ""};
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (strcmp(routes[i].path, request->path) != 0)
			continue;
		known = routes[i].path;
		seen.wants_json = request->wants_json || routes[i].is_json;
		if (routes[i].method != request->method) {
			reply->allow = routes[i].method == METHOD_GET ? "GET, HEAD" : "POST";
			continue;
		}
		reply->allow = NULL;
		err = routes[i].handle(app, &seen, reply, &fail);
		if (err) {
			enum log_level level = err == ERR_INPUT || err == ERR_NOT_FOUND ||
						       err == ERR_TOO_LARGE || err == ERR_REFUSED
						   ? LOG_LEVEL_INFO
						   : LOG_LEVEL_ERROR;

			log_event(level,
			    "failed request=%s route=%s code=%s where=%s detail=\"%s\"",
			    request->id, known, err_name(err), fail.where, fail.detail);
			reply_error(app, &seen, reply, err);
		}
		return known;
	}
	if (known) {
		reply_problem(app, &seen, reply, 405, "method", NULL);
		return known;
	}
	reply_problem(app, request, reply, 404, "no_page", NULL);
	return "none";
}

/* SPDX-License-Identifier: MIT */
/* reply.c: what a client gets: pages, documents, problems */
#include "web/reply.h"
#include "core/contact.h"

#include <string.h>

/* The longest page: calls of five minutes around the clock, sixty days ahead, in two zones. */
#define BODY_MAX (8 * 1024 * 1024)

static const char *const templates_needed[] = {"booking.html", "booking.json", "book.json",
    "brief.html", "brief.json", "event_summary.txt", "event.html", "health.json", "problem.html",
    "problem.json", "queued.html", "queued.json", "schedule.html", "schedule.json", "slots.json",
    "invite.txt", "invite_summary.txt", NULL};

static const char *const problems[] = {"bad_request", "busy", "changes", "closed", "erased", "gone",
    "input", "internal", "ledger", "method", "not_booked", "not_found", "not_offered", "no_call",
    "no_page", "token", "too_large", "robot", "too_late", "type", "unavailable", "unconfirmed",
    "unsaved", "version", "version_needed", "waited", "zone"};

struct view *reply_view(const struct app *app, const struct request *request)
{
	struct view *view = view_new(request->arena);

	view_text(view, "site_name", app->conf->site.name);
	view_text(view, "base_url", app->conf->site.base_url);
	view_text(view, "person", app->conf->site.person);
	view_text(view, "language", request->language);
	view_text(view, "lang", request->lang);
	view_text(view, "style", app->assets.style.path);
	view_text(view, "logo", app->assets.logo.path);
	view_text(view, "contact", contact_address(app->conf, request->arena));
	return view;
}

void reply_languages(
    const struct app *app, const struct request *request, struct view *view, const char *self)
{
	const char *language;

	for (size_t i = 0; (language = template_language(app->templates, i)); i++) {
		struct view *item;

		if (strcmp(language, request->language) == 0)
			continue;
		item = view_item(view, "languages");
		view_text(item, "code", language);
		view_text(item, "language_name",
		    template_message(app->templates, language, "language.name"));
		view_text(item, "link",
		    arena_printf(request->arena, "%s%slang=%s", self, strchr(self, '?') ? "&" : "?",
			language));
	}
}

const struct template *reply_template(
    const struct app *app, const struct request *request, const char *name)
{
	const struct template *tpl = template_find(app->templates, request->language, name);

	return tpl ? tpl : template_find(app->templates, app->conf->site.language, name);
}

struct moment_style reply_style(const struct app *app, const struct request *request)
{
	return (struct moment_style){app->templates, request->language};
}

static void bare(struct reply *reply)
{
	*reply =
	    (struct reply){.status = 500, .type = "text/plain", .body = "500\n", .body_len = 4};
}

void reply_page(const struct app *app, const struct request *request, struct reply *reply,
    int status, const char *name, struct view *view)
{
	bool is_json = request->wants_json;
	const char *file = arena_printf(request->arena, "%s.%s", name, is_json ? "json" : "html");
	const struct template *tpl = NULL;
	struct text body;

	if (file)
		tpl = reply_template(app, request, file);
	if (!tpl) {
		bare(reply);
		return;
	}
	body = text_new(request->arena, BODY_MAX);
	template_render(tpl, view, &body);
	if (text_overflowed(&body) || arena_overflowed(request->arena)) {
		bare(reply);
		return;
	}
	arena_trim(request->arena, body.data, body.len + 1);
	reply->status = status;
	reply->type = !is_json	      ? "text/html; charset=utf-8"
		      : status >= 400 ? "application/problem+json"
				      : "application/json";
	reply->body = body.data;
	reply->body_len = body.len;
}

void reply_see_other(struct reply *reply, const char *location)
{
	if (!location) {
		bare(reply);
		return;
	}
	*reply = (struct reply){.status = 303, .location = location, .body = ""};
}

static const char *problem_text(
    const struct app *app, const struct request *request, const char *slug, const char *part)
{
	const char *key = arena_printf(request->arena, "problem.%s_%s", slug, part);

	return key ? template_message(app->templates, request->language, key) : NULL;
}

void reply_describe(const struct app *app, const struct request *request, struct view *view,
    int status, const char *slug)
{
	view_text(view, "slug", slug);
	view_text(view, "status", arena_printf(request->arena, "%d", status));
	view_text(view, "title", problem_text(app, request, slug, "title"));
	view_text(view, "text", problem_text(app, request, slug, "text"));
	view_text(view, "next", problem_text(app, request, slug, "next"));
}

void reply_problem(const struct app *app, const struct request *request, struct reply *reply,
    int status, const char *slug, struct view *view)
{
	if (!view)
		view = reply_view(app, request);
	reply_describe(app, request, view, status, slug);
	if (status == 503 && request->method == METHOD_GET)
		view_text(view, "retry", request->uri);
	reply_page(app, request, reply, status, "problem", view);
}

void reply_error(
    const struct app *app, const struct request *request, struct reply *reply, enum err err)
{
	switch (err) {
	case ERR_INPUT:
		reply_problem(app, request, reply, 400, "bad_request", NULL);
		return;
	case ERR_NOT_FOUND:
		reply_problem(app, request, reply, 404, "not_found", NULL);
		return;
	case ERR_TOO_LARGE:
		reply_problem(app, request, reply, 413, "too_large", NULL);
		return;
	case ERR_TYPE:
		reply_problem(app, request, reply, 415, "type", NULL);
		return;
	case ERR_UNREACHABLE:
	case ERR_UNSURE:
	case ERR_BUSY:
	case ERR_REFUSED:
	case ERR_AUTH:
	case ERR_SCHEMA:
	case ERR_GARBLED:
	case ERR_STOPPING:
		reply->retry_after_s = 30;
		reply_problem(app, request, reply, 503, "unavailable", NULL);
		return;
	case ERR_LEDGER:
		reply->retry_after_s = 300;
		reply_problem(app, request, reply, 503, "ledger", NULL);
		return;
	case ERR_NONE:
	case ERR_CONFIG:
	case ERR_SYSTEM:
	case ERR_GRANT:
		break;
	}
	reply_problem(app, request, reply, 500, "internal", NULL);
}

static enum err check_language(
    const struct app *app, struct arena *arena, const char *language, struct fail *fail)
{
	static const char *const parts[] = {"title", "text", "next"};
	const struct request request = {.arena = arena, .language = language};
	const struct moment_style style = {app->templates, language};
	const char *missing;

	for (size_t i = 0; i < sizeof(problems) / sizeof(problems[0]); i++)
		for (size_t part = 0; part < 3; part++)
			if (!problem_text(app, &request, problems[i], parts[part]))
				return fail_set(fail, ERR_CONFIG, "templates",
				    "%s/%s/messages.ini has no [problem] %s_%s",
				    app->conf->site.templates, language, problems[i], parts[part]);
	missing = moment_missing(&style, arena);
	if (!missing && !template_message(app->templates, language, "language.name"))
		missing = "language.name";
	if (missing)
		return fail_set(fail, ERR_CONFIG, "templates", "%s/%s/messages.ini has no %s",
		    app->conf->site.templates, language, missing);
	return ERR_NONE;
}

/* Every language can be asked for, so every one has to have all messages. */
enum err reply_check(const struct app *app, struct arena *arena, struct fail *fail)
{
	const char *language, *configured = app->conf->site.language;
	enum err err;

	if ((err = templates_need(
		 app->templates, app->conf->site.templates, configured, templates_needed, fail)))
		return err;
	for (size_t i = 0; (language = template_language(app->templates, i)); i++) {
		if ((err = check_language(app, arena, language, fail)))
			return err;
	}
	return ERR_NONE;
}

const char *reply_link(const struct request *request, const char *path, const struct uuid *booking)
{
	char id[UUID_TEXT];

	return arena_printf(request->arena, "%s?bookingId=%s%s%s", path, uuid_format(booking, id),
	    request->lang ? "&lang=" : "", request->lang ? request->lang : "");
}

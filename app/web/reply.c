/* SPDX-License-Identifier: MIT */
/* reply.c: what a client gets: pages, documents, problems */
#include "web/reply.h"
#include "core/contact.h"
#include "web/visit.h"

#include <string.h>

/* The longest page: calls of five minutes around the clock, sixty days ahead, in two zones. */
#define BODY_MAX (8 * 1024 * 1024)

static const char *const templates_needed[] = {"booking.html", "booking.json", "book.json",
    "brief.html", "brief.json", "event_summary.txt", "event.html", "health.json", "problem.html",
    "problem.json", "queued.html", "queued.json", "schedule.html", "schedule.json", "slots.json",
    "invite.txt", "invite_summary.txt", NULL};

/* What the owner may say in words of their own, in each language; empty where they do not. */
static const struct {
	const char *name, *key;
} own_words[] = {
    {"role", "site.role"},
    {"place", "site.place"},
    {"phone", "site.phone"},
    {"intro", "site.intro"},
    {"welcome", "site.welcome"},
};

struct view *reply_view(const struct visit *visit)
{
	const struct app *app = visit->app;
	const struct request *request = visit->request;
	struct view *view = view_new(request->arena);

	view_text(view, "site_name", app->conf->site.name);
	view_text(view, "base_url", app->conf->site.base_url);
	view_text(view, "person", app->conf->site.person);
	view_text(view, "language", request->language);
	view_text(view, "lang", request->lang);
	view_text(view, "style", app->assets.style.path);
	view_text(view, "logo", app->assets.logo.path);
	view_text(view, "photo", app->assets.photo.path);
	view_text(view, "video_url", app->conf->site.video_url);
	view_flag(
	    view, "is_video", *app->conf->site.video_url || upstream_has_meet(&app->upstream));
	view_text(view, "after_url", app->conf->site.after_url);
	if (*app->conf->site.after_url)
		view_text(view, "after_mark", strchr(app->conf->site.after_url, '?') ? "&" : "?");
	view_text(view, "minutes", arena_printf(request->arena, "%d", app->hours.slot_minutes));
	for (size_t i = 0; i < sizeof(own_words) / sizeof(own_words[0]); i++)
		view_text(view, own_words[i].name,
		    template_message(app->templates, request->language, own_words[i].key));
	view_text(view, "contact", contact_address(app->conf, request->arena));
	return view;
}

void reply_languages(const struct visit *visit, struct view *view, const char *self)
{
	const struct templates *templates = visit->app->templates;
	const struct request *request = visit->request;
	const char *language;

	for (size_t i = 0; (language = template_language(templates, i)); i++) {
		struct view *item;

		if (strcmp(language, request->language) == 0)
			continue;
		item = view_item(view, "languages");
		view_text(item, "code", language);
		view_text(
		    item, "language_name", template_message(templates, language, "language.name"));
		view_text(item, "link",
		    arena_printf(request->arena, "%s%slang=%s", self, strchr(self, '?') ? "&" : "?",
			language));
	}
}

const struct template *reply_template(const struct visit *visit, const char *name)
{
	const struct app *app = visit->app;
	const struct template *tpl = template_find(app->templates, visit->request->language, name);

	return tpl ? tpl : template_find(app->templates, app->conf->site.language, name);
}

struct moment_style reply_style(const struct visit *visit)
{
	return (struct moment_style){visit->app->templates, visit->request->language};
}

static void bare(struct reply *reply)
{
	*reply =
	    (struct reply){.status = 500, .type = "text/plain", .body = "500\n", .body_len = 4};
}

void reply_page(const struct visit *visit, int status, const char *name, struct view *view)
{
	struct reply *reply = visit->reply;
	struct arena *arena = visit->request->arena;
	bool is_json = visit->request->wants_json;
	const char *file = arena_printf(arena, "%s.%s", name, is_json ? "json" : "html");
	const struct template *tpl = NULL;
	struct text body;

	if (file)
		tpl = reply_template(visit, file);
	if (!tpl) {
		bare(reply);
		return;
	}
	body = text_new(arena, BODY_MAX);
	template_render(tpl, view, &body);
	/* What had no memory before it left none for it. */
	if (text_overflowed(&body)) {
		bare(reply);
		return;
	}
	text_trim(arena, &body);
	reply->status = status;
	reply->type = !is_json	      ? "text/html; charset=utf-8"
		      : status >= 400 ? "application/problem+json"
				      : "application/json";
	reply->body = body.data;
	reply->body_len = body.len;
}

void reply_see_other(const struct visit *visit, const char *location)
{
	if (location)
		*visit->reply = (struct reply){.status = 303, .location = location, .body = ""};
	else
		bare(visit->reply);
}

static const char *problem_text(const struct templates *templates, const char *language,
    struct arena *arena, enum problem problem, const char *part)
{
	const char *key = arena_printf(arena, "problem.%s_%s", problem_kind(problem)->slug, part);

	return key ? template_message(templates, language, key) : NULL;
}

static const char *const parts[] = {"title", "text", "next"};
#define PARTS (sizeof(parts) / sizeof(parts[0]))

int reply_describe(const struct visit *visit, struct view *view, enum problem problem)
{
	const struct problem_kind *kind = problem_kind(problem);
	const struct request *request = visit->request;

	if (!problem)
		return 200;
	visit->reply->retry_after_s = kind->retry_after_s;
	view_text(view, "slug", kind->slug);
	view_text(view, "status", arena_printf(request->arena, "%d", kind->status));
	for (size_t i = 0; i < PARTS; i++)
		view_text(view, parts[i],
		    problem_text(visit->app->templates, request->language, request->arena, problem,
			parts[i]));
	return kind->status;
}

void reply_problem(const struct visit *visit, enum problem problem)
{
	const struct request *request = visit->request;
	const struct uuid *booking = &visit->look.booking.id;
	struct view *view = reply_view(visit);
	int status = reply_describe(visit, view, problem);
	char id[UUID_TEXT];

	/* A page can be asked for again. A click may have been carried out, and is not repeated. */
	if (status == 503 && request->method == METHOD_GET)
		view_text(view, "retry", request->uri);
	else if (status == 503 && !uuid_is_nil(booking))
		view_text(view, "booking_id", uuid_format(booking, id));
	reply_page(visit, status, "problem", view);
}

static enum err check_language(
    const struct app *app, struct arena *arena, const char *language, struct fail *fail)
{
	const struct moment_style style = {app->templates, language};
	const char *missing;

	for (int problem = PROBLEM_NONE + 1; problem < PROBLEMS; problem++)
		for (size_t i = 0; i < PARTS; i++)
			if (!problem_text(
				app->templates, language, arena, (enum problem)problem, parts[i]))
				return fail_set(fail, ERR_CONFIG, "templates",
				    "%s/%s/messages.ini has no [problem] %s_%s",
				    app->conf->site.templates, language,
				    problem_kind((enum problem)problem)->slug, parts[i]);
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

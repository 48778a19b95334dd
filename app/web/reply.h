/* SPDX-License-Identifier: MIT */
/* reply.h: what a client gets: pages, documents, problems */
#ifndef WEB_REPLY_H
#define WEB_REPLY_H

#include "core/moment.h"
#include "web/app.h"
#include "web/problem.h"
#include "web/request.h"

struct visit;

struct reply {
	int status;
	const char *type;     /* media type */
	const char *location; /* of a redirect, or NULL */
	const char *allow;    /* of a 405, or NULL */
	const char *cache;    /* Cache-Control; NULL: no-store, no-transform */
	const char *file;     /* the name under which it is to be saved, or NULL */
	int retry_after_s;    /* 0: none */
	const char *body;
	size_t body_len;
};

/* A view with what every page has: the site's name, its address, the language, the stylesheet. */
struct view *reply_view(const struct visit *visit);

/* Links to this page in the other languages. self is its address, to which "lang=es" is added. */
void reply_languages(const struct visit *visit, struct view *view, const char *self);

/* A template in the reply's language, else in the configuration's: what has no words of its own
 * stands there alone. NULL: in neither. */
const struct template *reply_template(const struct visit *visit, const char *name);

/* How dates are written in this reply. */
struct moment_style reply_style(const struct visit *visit);

/*
 * Fills a template, `NAME.html` or `NAME.json` as the client wants, into the reply. When that
 * cannot be done (no such template, no memory) the reply is a bare 500.
 */
void reply_page(const struct visit *visit, int status, const char *name, struct view *view);

/* 303 (RFC 9110, section 15.4.4): a GET follows, whatever came. */
void reply_see_other(const struct visit *visit, const char *location);

/*
 * Says in a view what went wrong: `title`, `text` and `next` from the catalogue's
 * [problem] SLUG_title, SLUG_text, SLUG_next, and `status` and `slug`; and in the reply when to
 * come back. Returns the status. PROBLEM_NONE: says nothing, and 200.
 */
int reply_describe(const struct visit *visit, struct view *view, enum problem problem);

/* A page (problem.html) or a problem document (RFC 9457) of that description. */
void reply_problem(const struct visit *visit, enum problem problem);

/* The templates and messages that the handlers will ask for: ERR_CONFIG names the first that is
 * missing. */
enum err reply_check(const struct app *app, struct arena *arena, struct fail *fail) MUST_CHECK;

/* "/schedule?bookingId=…" in the arena, with the language when it was asked for by name. */
const char *reply_link(const struct request *request, const char *path, const struct uuid *booking);

#endif

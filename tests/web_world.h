/* SPDX-License-Identifier: MIT */
/* web_world.h: a worker in the courier's world, and what a prospect asks of it */
#ifndef TESTS_WEB_WORLD_H
#define TESTS_WEB_WORLD_H

#include "core/paths.h"
#include "courier_world.h"
#include "web/route.h"
#include "web/token.h"

#include <stdarg.h>

static struct app app;
static struct arena *arena;
static struct reply reply;
static char body[512 * 1024];
static enum mail_fate fate;
static enum err fate_err;

enum err deliveries_fate(struct clickhouse *clickhouse, struct arena *own,
    const struct uuid *booking, uint64_t version, enum mail_fate *out, struct fail *fail)
{
	(void)clickhouse, (void)own, (void)booking, (void)version;
	*out = fate;
	return fate_err ? fail_set(fail, fate_err, "world", "as it was told to") : ERR_NONE;
}

const char *mail_fate_name(enum mail_fate which)
{
	static const char *const names[MAIL_FATES] = {
	    "open", "arrived", "unsure", "failed", "refused"};

	return names[which];
}

static void open_app(const char *more)
{
	static char path[600]; /* the worker's, to read it again */

	reopen_courier(more);
	snprintf(path, sizeof(path), "%s/test.conf", folder);
	if (app_open(path, false, &stopped, &app, &failure))
		ck_abort_msg("%s", failure.detail);
}

static inline void begin(void)
{
	set_up();
	put_file("signing-key", "0123456789abcdef0123456789abcdef");
	arena = arena_new(32 << 20);
	ck_assert_ptr_nonnull(arena);
	fate = MAIL_OPEN;
	fate_err = ERR_NONE;
	open_app("");
}

static inline void end(void)
{
	app_close(&app);
	arena_free(arena);
	tear_down();
}

static inline void use(const char *more)
{
	app_close(&app);
	open_app(more);
}

/* ---- A request */

static const char *params[30]; /* names and values, NULL after the last */

static const char *find_param(void *context, const char *name)
{
	const char *const *at = context;

	for (; *at; at += 2)
		if (strcmp(at[0], name) == 0)
			return at[1];
	return NULL;
}

/* The next request bears this header, too. */
static inline void with(const char *name, const char *value)
{
	size_t i = 0;

	while (params[i])
		i += 2;
	params[i] = name;
	params[i + 1] = value;
}

static inline int ask(const char *method, const char *uri, const char *type, const char *text)
{
	struct request request;

	with("REQUEST_METHOD", method);
	with("REQUEST_URI", uri);
	if (type)
		with("CONTENT_TYPE", type);
	request_read(arena, find_param, params,
	    &(struct request_body){text, strlen(text), ERR_NONE}, &request);
	route_answer(&app, &request, &reply);
	snprintf(body, sizeof(body), "%.*s", (int)reply.body_len, reply.body ? reply.body : "");
	memset(params, 0, sizeof(params));
	return reply.status;
}

static inline int get(const char *uri)
{
	return ask("GET", uri, NULL, "");
}

static inline int post(const char *uri, const char *form)
{
	return ask("POST", uri, "application/x-www-form-urlencoded", form);
}

static inline int post_json(const char *uri, const char *json)
{
	with("HTTP_ACCEPT", "application/json");
	return ask("POST", uri, "application/json", json);
}

static inline const char *printed(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline const char *printed(const char *format, ...)
{
	va_list ap;
	char text[2000];

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	return arena_str(arena, text);
}

static inline const char *id_text(const struct uuid *booking)
{
	char id[UUID_TEXT];

	return printed("%s", uuid_format(booking, id));
}

#endif

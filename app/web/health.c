/* SPDX-License-Identifier: MIT */
/* health.c: for ops: is this worker of use */
#include "web/health.h"
#include "base/clock.h"
#include "net/fastcgi.h"
#include "store/calendar_cache.h"

#include <inttypes.h>

/* For a worker that is busy to come free. */
#define PING_MS 2000

enum err health_ask_pool(const struct app *app, struct arena *arena, const char *socket)
{
	const char *path = arena_printf(arena, "%s/%s", app->conf->site.runtime_dir, socket);
	struct fail ignored;

	return path ? fastcgi_ping(path, clock_boot_ms() + PING_MS, &ignored) : ERR_SYSTEM;
}

/* What is in front of a pool without a socket here tells how it does. */
static enum err judge_pool(const struct app *app, struct arena *arena, const char *socket)
{
	enum err err = health_ask_pool(app, arena, socket);

	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum problem health_check(struct visit *visit)
{
	struct app *app = visit->app;
	struct arena *arena = visit->request->arena;
	struct outage outage = outage_load(app->conf->site.runtime_dir, arena);
	struct view *view = reply_view(visit);
	enum err err = app_ready(app, arena, &visit->fail),
		 pages = judge_pool(app, arena, "worker.sock"),
		 clicks = judge_pool(app, arena, "click.sock");
	uint64_t entries = 0;

	if (!err)
		err = look_at_ledger(&app->upstream, arena, &entries, &visit->fail);
	view_text(view, "clickhouse", err ? err_name(err) : "ok");
	view_text(view, "calendar",
	    !app->upstream.google ? "off"
	    : outage.until_ms	  ? "unreachable"
				  : "ok");
	view_text(view, "pages", pages ? err_name(pages) : "ok");
	view_text(view, "clicks", clicks ? err_name(clicks) : "ok");
	view_text(view, "ledger_entries", arena_printf(arena, "%" PRIu64, entries));
	reply_page(visit, err || pages || clicks ? 503 : 200, "health", view);
	return PROBLEM_NONE;
}

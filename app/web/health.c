/* SPDX-License-Identifier: MIT */
/* health.c: for ops: is this worker of use */
#include "web/health.h"
#include "store/calendar_cache.h"

#include <inttypes.h>

enum problem health_check(struct visit *visit)
{
	struct app *app = visit->app;
	struct arena *arena = visit->request->arena;
	struct outage outage = outage_load(app->conf->site.runtime_dir, arena);
	struct view *view = reply_view(visit);
	enum err err = app_ready(app, arena, &visit->fail);
	uint64_t entries = 0;

	if (!err)
		err = look_at_ledger(&app->upstream, arena, &entries, &visit->fail);
	view_text(view, "clickhouse", err ? err_name(err) : "ok");
	view_text(view, "calendar",
	    !app->upstream.google ? "off"
	    : outage.until_ms	  ? "unreachable"
				  : "ok");
	view_text(view, "ledger_entries", arena_printf(arena, "%" PRIu64, entries));
	reply_page(visit, err ? 503 : 200, "health", view);
	return PROBLEM_NONE;
}

/* SPDX-License-Identifier: MIT */
/* health.c: for ops: is this worker of use */
#include "web/health.h"
#include "base/clock.h"
#include "desk/pools.h"
#include "store/calendar_cache.h"

#include <inttypes.h>

/* For a worker that is busy to come free. */
#define PING_MS 2000

enum problem health_check(struct visit *visit)
{
	struct app *app = visit->app;
	struct arena *arena = visit->request->arena;
	struct outage outage = outage_load(app->conf->site.runtime_dir, arena);
	struct view *view = reply_view(visit);
	enum err err = app_ready(app, arena, &visit->fail);
	bool are_up = true;
	uint64_t entries = 0;

	if (!err)
		err = look_at_ledger(&app->upstream, arena, &entries, &visit->fail);
	view_text(view, "clickhouse", err ? err_name(err) : "ok");
	view_text(view, "calendar",
	    !app->upstream.google ? "off"
	    : outage.until_ms	  ? "unreachable"
				  : "ok");
	for (unsigned pool = 0; pool < POOLS; pool++) {
		bool is_up = pool_is_up(app->conf, pool, clock_boot_ms() + PING_MS);

		view_text(view, pool_name(pool), is_up ? "ok" : "unreachable");
		are_up &= is_up;
	}
	view_text(view, "ledger_entries", arena_printf(arena, "%" PRIu64, entries));
	reply_page(visit, err || !are_up ? 503 : 200, "health", view);
	return PROBLEM_NONE;
}

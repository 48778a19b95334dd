/* SPDX-License-Identifier: MIT */
/* health.c: for ops: is this worker of use */
#include "web/health.h"
#include "base/clock.h"
#include "desk/pools.h"
#include "store/calendar_cache.h"

#include <inttypes.h>

/* For a worker that is busy to come free. */
#define PING_MS 2000

/* One that cannot be asked is enough to be told. */
static const char *calendars_state(const struct app *app, struct arena *arena)
{
	const struct conf *conf = app->conf;
	const char *state = "off";

	for (size_t i = 0; i < conf->calendars.count; i++) {
		const struct conf_calendar *calendar = &conf->calendars.list[i];
		struct calendar_place place;

		if (!conf_calendar_is_on(calendar))
			continue;
		place = calendar_place(conf, calendar, arena);
		if (outage_load(&place, arena).until_ms)
			return "unreachable";
		state = "ok";
	}
	return state;
}

enum problem health_check(struct visit *visit)
{
	struct app *app = visit->app;
	struct arena *arena = visit->request->arena;
	struct view *view = reply_view(visit);
	enum err err = app_ready(app, arena, &visit->fail);
	bool are_up = true;
	struct look_ledger ledger = {0};

	if (!err)
		err = look_at_ledger(&app->upstream, arena, &ledger, &visit->fail);
	view_text(view, "clickhouse", err ? err_name(err) : "ok");
	view_text(view, "calendar", calendars_state(app, arena));
	for (unsigned pool = 0; pool < POOLS; pool++) {
		bool is_up = pool_is_up(app->conf, pool, clock_boot_ms() + PING_MS);

		view_text(view, pool_name(pool), is_up ? "ok" : "unreachable");
		are_up &= is_up;
	}
	view_text(view, "ledger_entries", arena_printf(arena, "%" PRIu64, ledger.entries));
	reply_page(visit, err || !are_up ? 503 : 200, "health", view);
	return PROBLEM_NONE;
}

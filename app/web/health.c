/* SPDX-License-Identifier: MIT */
/* health.c: for ops: is this worker of use */
#include "store/calendar_cache.h"
#include "web/route.h"

#include <inttypes.h>

enum err health_check(
    struct app *app, const struct request *request, struct reply *reply, struct fail *fail)
{
	struct outage outage = outage_load(app->conf->site.runtime_dir, request->arena);
	struct view *view = reply_view(app, request);
	enum err err = app_ready(app, request->arena, fail);
	const struct ledger *ledger;

	if (!err)
		err = journal_refresh(app->upstream.journal, request->arena,
		    clickhouse_deadline(app->upstream.clickhouse), fail);
	ledger = journal_state(app->upstream.journal);
	view_text(view, "clickhouse", err ? err_name(err) : "ok");
	view_text(view, "calendar",
	    !app->upstream.google ? "off"
	    : outage.until_ms	  ? "unreachable"
				  : "ok");
	view_text(view, "ledger_entries",
	    arena_printf(
		request->arena, "%" PRIu64, ledger && !err ? ledger_mark(ledger).count : 0));
	reply_page(app, request, reply, err ? 503 : 200, "health", view);
	return ERR_NONE;
}

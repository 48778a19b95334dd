/* SPDX-License-Identifier: MIT */
/* health.c: for ops: is this worker of use, and the pool's counts */
#include "base/clock.h"
#include "base/counters.h"
#include "net/answer.h"
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

enum err metrics_text(
    struct app *app, const struct request *request, struct reply *reply, struct fail *fail)
{
	struct outage outage = outage_load(app->conf->site.runtime_dir, request->arena);
	struct text text = text_new(request->arena, 16 * 1024);

	(void)fail;
	for (int i = 0; i < COUNTERS; i++)
		text_printf(&text, "slotguard_%s %" PRIu64 "\n", counters_name((enum counter)i),
		    counters_read(app->counters, (enum counter)i));
	text_printf(&text, "slotguard_calendar_outage_seconds %" PRId64 "\n",
	    outage.until_ms ? (clock_boot_ms() - outage.since_ms) / 1000 : 0);
	reply->status = 200;
	reply->type = "text/plain; version=0.0.4";
	reply->body = text.data;
	reply->body_len = text.len;
	return ERR_NONE;
}

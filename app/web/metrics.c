/* SPDX-License-Identifier: MIT */
/* metrics.c: for ops: what the whole machine counted */
#include "web/metrics.h"
#include "desk/metrics.h"

enum problem metrics_text(struct visit *visit)
{
	const struct app *app = visit->app;
	struct arena *arena = visit->request->arena;
	struct text out = text_new(arena, METRICS_TEXT_MAX);

	metrics_write(&app->upstream, app->upstream.counters, arena, &out);
	if (text_overflowed(&out))
		return visit_failed(
		    visit, fail_set(&visit->fail, ERR_SYSTEM, "metrics", "no memory"));
	*visit->reply = (struct reply){
	    .status = 200,
	    .type = "text/plain; version=0.0.4",
	    .body = out.data,
	    .body_len = out.len,
	};
	return PROBLEM_NONE;
}

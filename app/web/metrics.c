/* SPDX-License-Identifier: MIT */
/* metrics.c: for ops: what the whole machine counted, as Prometheus reads it */
#include "web/metrics.h"
#include "base/clock.h"
#include "base/counters.h"
#include "core/duty.h"
#include "store/calendar_cache.h"
#include "store/schema.h"
#include "store/server_trial.h"
#include "store/spool.h"
#include "web/health.h"

#include <inttypes.h>

#define TEXT_MAX (128 * 1024)

static void gauge(struct text *out, const char *name, const char *help, int64_t value)
{
	text_printf(out,
	    "# HELP slotguard_%s %s\n# TYPE slotguard_%s gauge\nslotguard_%s %" PRId64 "\n", name,
	    help, name, name, value);
}

static void write_spool(const char *dir, struct text *out)
{
	struct spool_count count;
	struct fail unread;

	if (spool_count(dir, &count, &unread))
		return;
	gauge(out, "spool_briefs", "Briefs on disk that wait for ClickHouse.",
	    (int64_t)count.kinds[SPOOL_BRIEF]);
	gauge(out, "spool_damaged", "Files of the spool that were set aside.",
	    (int64_t)count.kinds[SPOOL_DAMAGED]);
}

static int64_t seconds_since(int64_t boot_ms)
{
	return boot_ms ? (clock_boot_ms() - boot_ms) / 1000 : 0;
}

static void write_calendar(const struct app *app, struct arena *arena, struct text *out)
{
	const char *dir = app->conf->site.runtime_dir;
	struct outage outage = outage_load(dir, arena);
	struct calendar_cache answer;

	if (!app->upstream.google)
		return;
	gauge(out, "calendar_up", "1 unless the calendar could not be asked.", !outage.since_ms);
	gauge(out, "calendar_outage_seconds", "For how long it could not be asked.",
	    seconds_since(outage.since_ms));
	if (calendar_cache_load(dir, app->conf->google.calendar, arena, &answer))
		gauge(out, "calendar_answer_age_seconds", "The answer that pages use.",
		    seconds_since(answer.asked_ms));
}

/* A courier that stands still does not count any more: its last round tells. */
static void write_courier(const struct counters *counters, struct text *out)
{
	int64_t round_ms = counters_get(counters, GAUGE_COURIER_ROUND_MS);

	gauge(out, "courier_up", "1 if a courier of this machine has looked in two minutes.",
	    round_ms && seconds_since(round_ms) <= COURIER_SILENT_S);
	if (!round_ms)
		return;
	gauge(out, "courier_last_round_seconds", "Since a courier of this machine last looked.",
	    seconds_since(round_ms));
	gauge(out, "courier_backlog", "Bookings with something due that is not done yet.",
	    counters_get(counters, GAUGE_BACKLOG));
	gauge(out, "courier_oldest_due_seconds", "For how long the oldest of them has waited.",
	    seconds_since(counters_get(counters, GAUGE_BACKLOG_SINCE_MS)));
}

static const char *name_duty(unsigned duty)
{
	return duty < DUTIES ? duty_name((enum duty)duty) : NULL;
}

/* Those in which a try can end. */
static const char *name_state(unsigned state)
{
	return state >= DELIVERY_TRYING && state < DELIVERY_STATES
		   ? delivery_state_name((enum delivery_state)state)
		   : NULL;
}

/* A pool without a socket here is not told of. */
static void write_pools(const struct app *app, struct arena *arena, struct text *out)
{
	static const struct {
		const char *name, *socket;
	} pools[] = {{"pages", "worker.sock"}, {"clicks", "click.sock"}};

	text_str(out, "# HELP slotguard_pool_up 1 if a worker of the pool answers.\n"
		      "# TYPE slotguard_pool_up gauge\n");
	for (size_t i = 0; i < sizeof(pools) / sizeof(pools[0]); i++) {
		enum err err = health_ask_pool(app, arena, pools[i].socket);

		if (err != ERR_NOT_FOUND)
			text_printf(out, "slotguard_pool_up{pool=\"%s\"} %d\n", pools[i].name,
			    err == ERR_NONE);
	}
}

static void write_parts(const struct app *app, struct arena *arena, struct text *out)
{
	struct fail ignored;
	char *version;

	text_printf(out,
	    "# HELP slotguard_build_info The program, and the schema that it needs.\n"
	    "# TYPE slotguard_build_info gauge\n"
	    "slotguard_build_info{version=\"%s\",schema=\"%d\"} 1\n",
	    PACKAGE_VERSION, SCHEMA_VERSION);
	write_pools(app, arena, out);
	gauge(out, "clickhouse_up", "1 if ClickHouse answers.",
	    !server_trial_version(app->upstream.clickhouse, arena, &version, &ignored));
}

enum problem metrics_text(struct visit *visit)
{
	const struct app *app = visit->app;
	struct text out = text_new(visit->request->arena, TEXT_MAX);

	counters_write(app->counters, visit->route_name, &out);
	counters_write_deliveries(app->counters, name_duty, name_state, &out);
	write_parts(app, visit->request->arena, &out);
	write_calendar(app, visit->request->arena, &out);
	write_courier(app->counters, &out);
	gauge(&out, "nginx_clock_difference_seconds",
	    "How far our clock is ahead of nginx's, or behind.",
	    counters_least_lag(app->counters) / 1000);
	write_spool(app->conf->site.spool_dir, &out);
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

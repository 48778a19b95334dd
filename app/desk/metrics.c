/* SPDX-License-Identifier: MIT */
/* metrics.c: what the whole machine counted, and how its parts are, as Prometheus reads it */
#include "desk/metrics.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/roll.h"
#include "core/duty.h"
#include "core/paths.h"
#include "desk/pools.h"
#include "store/calendar_cache.h"
#include "store/schema.h"
#include "store/server_trial.h"
#include "store/spool.h"

#include <inttypes.h>

/* For a worker that is busy to come free. */
#define PING_MS 2000

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

/* What has not been since the machine's start counts from there, so that every age is told. */
static int64_t age(int64_t boot_ms)
{
	return (clock_boot_ms() - boot_ms) / 1000;
}

/* A calendar that is off is not told of. */
static void write_calendar(const struct upstream *upstream, struct arena *arena, struct text *out)
{
	const char *dir = upstream->conf->site.runtime_dir;
	struct outage outage = outage_load(dir, arena);
	struct calendar_cache answer = {.asked_ms = 0};

	if (!upstream->google)
		return;
	calendar_cache_load(dir, upstream->conf->google.calendar, arena, &answer);
	gauge(out, "calendar_up", "1 unless the calendar could not be asked.", !outage.since_ms);
	gauge(out, "calendar_outage_seconds", "For how long it could not be asked.",
	    seconds_since(outage.since_ms));
	gauge(out, "calendar_answer_age_seconds",
	    "The answer that pages use; without one, since the machine's start.",
	    age(answer.asked_ms));
}

/* A courier that stands still does not count any more: its last round tells. */
static void write_courier(
    const struct conf *conf, const struct counters *counters, struct text *out)
{
	int64_t round_ms = counters_get(counters, GAUGE_COURIER_ROUND_MS);

	gauge(out, "courier_up", "1 if a courier runs here, and has looked in two minutes.",
	    roll_count(conf->site.runtime_dir, ROLL_COURIER) && round_ms &&
		age(round_ms) <= COURIER_SILENT_S);
	gauge(out, "courier_last_round_seconds",
	    "Since a courier of this machine last looked; without one, since the machine's start.",
	    age(round_ms));
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

static void write_clocks(const struct clocks *clocks, struct text *out)
{
	int64_t boot_ms = clock_boot_ms(),
		wall_ms = clocks_of_workers(clocks, boot_ms, clock_wall_ms());

	text_str(out,
	    "# HELP slotguard_clock_difference_seconds How far the workers' clock is ahead of "
	    "another's, or behind.\n# TYPE slotguard_clock_difference_seconds gauge\n");
	for (int i = 0; i < PEERS; i++)
		text_printf(out, "slotguard_clock_difference_seconds{from=\"%s\"} %.3f\n",
		    peer_name((enum peer)i),
		    (double)clocks_ahead(clocks, (enum peer)i, boot_ms, wall_ms) / 1000);
}

static void write_pools(const struct conf *conf, struct text *out)
{
	text_str(out, "# HELP slotguard_workers Workers that run, by their pool.\n"
		      "# TYPE slotguard_workers gauge\n");
	for (unsigned pool = 0; pool < POOLS; pool++)
		text_printf(out, "slotguard_workers{pool=\"%s\"} %u\n", pool_name(pool),
		    pool_count(conf, pool));
	text_str(out, "# HELP slotguard_pool_up 1 if a worker of the pool answers.\n"
		      "# TYPE slotguard_pool_up gauge\n");
	for (unsigned pool = 0; pool < POOLS; pool++)
		text_printf(out, "slotguard_pool_up{pool=\"%s\"} %d\n", pool_name(pool),
		    pool_is_up(conf, pool, clock_boot_ms() + PING_MS));
}

static void write_parts(const struct upstream *upstream, struct arena *arena, struct text *out)
{
	struct fail ignored;
	char *version;

	text_printf(out,
	    "# HELP slotguard_build_info The program, and the schema that it needs.\n"
	    "# TYPE slotguard_build_info gauge\n"
	    "slotguard_build_info{version=\"%s\",schema=\"%d\"} 1\n",
	    PACKAGE_VERSION, SCHEMA_VERSION);
	write_pools(upstream->conf, out);
	gauge(out, "clickhouse_up", "1 if ClickHouse answers.",
	    !server_trial_version(upstream->clickhouse, arena, &version, &ignored));
}

void metrics_write(const struct upstream *upstream, const struct counters *counters,
    struct arena *arena, struct text *out)
{
	counters_write(counters, path_name, out);
	counters_write_deliveries(counters, name_duty, name_state, out);
	write_parts(upstream, arena, out);
	write_calendar(upstream, arena, out);
	write_courier(upstream->conf, counters, out);
	write_clocks(counters_clocks(counters), out);
	write_spool(upstream->conf->site.spool_dir, out);
}

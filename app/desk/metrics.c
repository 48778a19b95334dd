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

static int64_t is_up(const struct calendar_place *place, struct arena *arena)
{
	return !outage_load(place, arena).since_ms;
}

static int64_t outage_seconds(const struct calendar_place *place, struct arena *arena)
{
	return seconds_since(outage_load(place, arena).since_ms);
}

static int64_t answer_age(const struct calendar_place *place, struct arena *arena)
{
	struct calendar_cache answer = {.asked_ms = 0};

	calendar_cache_load(place, arena, &answer);
	return age(answer.asked_ms);
}

static const struct {
	const char *name, *help;
	int64_t (*read)(const struct calendar_place *place, struct arena *arena);
} calendar_gauges[] = {
    {"calendar_up", "1 unless the calendar could not be asked.", is_up},
    {"calendar_outage_seconds", "For how long it could not be asked.", outage_seconds},
    {"calendar_answer_age_seconds",
	"The answer that pages use; without one, since the machine's start.", answer_age},
};

/* A line for each calendar; [google] calendar alone has no name. One that is off, or that only is
 * written to, is not told of. */
static void write_calendar(const struct upstream *upstream, struct arena *arena, struct text *out)
{
	const struct conf *conf = upstream->conf;

	for (size_t i = 0; i < sizeof(calendar_gauges) / sizeof(calendar_gauges[0]); i++) {
		const char *name = calendar_gauges[i].name;
		bool is_first = true;

		for (size_t j = 0; j < conf->calendars.count; j++) {
			const struct conf_calendar *calendar = &conf->calendars.list[j];
			struct calendar_place place;

			if (!calendar->blocks || !conf_calendar_is_on(calendar))
				continue;
			place = calendar_place(conf, calendar, arena);
			if (is_first)
				text_printf(out,
				    "# HELP slotguard_%s %s\n# TYPE slotguard_%s gauge\n", name,
				    calendar_gauges[i].help, name);
			is_first = false;
			text_printf(out, "slotguard_%s%s%s%s %" PRId64 "\n", name,
			    *place.name ? "{calendar=\"" : "", place.name, *place.name ? "\"}" : "",
			    calendar_gauges[i].read(&place, arena));
		}
	}
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
	    !clickhouse_ready(upstream->clickhouse, arena, &ignored) &&
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

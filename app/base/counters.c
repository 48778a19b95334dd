/* SPDX-License-Identifier: MIT */
/* counters.c: counts that all processes of a machine share, and their text for Prometheus */
#include "base/counters.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* The file's name bears this number: programs of another layout have a file of their own. */
#define LAYOUT 8

#define SECOND_US INT64_C(1000000)
#define MINUTE_US INT64_C(60000000)

/* Upper bounds of the buckets; what is above the last falls into one more. */
static const struct {
	int64_t ms;
	const char *le;
} buckets[] = {{5, "0.005"}, {10, "0.01"}, {25, "0.025"}, {50, "0.05"}, {100, "0.1"}, {250, "0.25"},
    {500, "0.5"}, {1000, "1"}, {2500, "2.5"}, {5000, "5"}, {10000, "10"}};

#define BUCKETS (sizeof(buckets) / sizeof(buckets[0]))

/* Any other status is counted in the first place. */
static const int statuses[] = {0, 200, 201, 202, 303, 400, 401, 403, 404, 405, 409, 410, 413, 415,
    422, 428, 429, 500, 502, 503};

#define STATUSES (sizeof(statuses) / sizeof(statuses[0]))

/* Counts of one name follow each other; the first has its words. */
static const struct {
	const char *name, *labels, *help;
} descriptions[COUNTERS] = {
    [COUNTER_APPEND_ACCEPTED] = {"appends_total", "{outcome=\"accepted\"}",
	"Clicks that wanted an entry in the ledger."},
    [COUNTER_APPEND_REFUSED] = {"appends_total", "{outcome=\"refused\"}", NULL},
    [COUNTER_APPEND_UNSURE] = {"appends_total", "{outcome=\"unsure\"}", NULL},
    [COUNTER_APPEND_FAILED] = {"appends_total", "{outcome=\"failed\"}", NULL},
    [COUNTER_APPEND_RETRIED] = {"append_retries_total", "",
	"Appends sent once more under their id."},
    [COUNTER_CALENDAR_FAILED] = {"calendar_failures_total", "",
	"Questions to the calendar without an answer."},
    [COUNTER_CALENDAR_SPARED] = {"calendar_spared_total", "",
	"Questions to the calendar that were not asked, beyond google.per_minute."},
    [COUNTER_CLIENT_REFUSED] = {"clients_refused_total", "",
	"Briefs and calls beyond fair.briefs_per_client and fair.calls_per_client."},
    [COUNTER_BRIEF_SPOOLED] = {"briefs_spooled_total", "",
	"Briefs put on disk while ClickHouse was down."},
};

static const char *const service_labels[SERVICES] = {
    [SERVICE_CLICKHOUSE_READ] = "service=\"clickhouse\",operation=\"read\"",
    [SERVICE_CLICKHOUSE_APPEND] = "service=\"clickhouse\",operation=\"append\"",
    [SERVICE_CLICKHOUSE_WRITE] = "service=\"clickhouse\",operation=\"write\"",
    [SERVICE_GOOGLE_TOKEN] = "service=\"google\",operation=\"token\"",
    [SERVICE_GOOGLE_FREEBUSY] = "service=\"google\",operation=\"freebusy\"",
    [SERVICE_GOOGLE_EVENT] = "service=\"google\",operation=\"event\"",
    [SERVICE_RESEND] = "service=\"resend\",operation=\"mail\"",
    [SERVICE_TELEGRAM] = "service=\"telegram\",operation=\"message\"",
    [SERVICE_CALENDAR] = "service=\"calendar\",operation=\"busy\"",
    [SERVICE_CALENDAR_EVENT] = "service=\"calendar\",operation=\"event\"",
};

typedef _Atomic uint64_t count;

struct histogram {
	count buckets[BUCKETS + 1], sum_ms;
};

struct cells {
	count counters[COUNTERS], gauges[GAUGES];
	count replies[COUNTERS_ROUTES][STATUSES];
	struct histogram routes[COUNTERS_ROUTES], services[SERVICES];
	count failures[SERVICES];
	count deliveries[COUNTERS_DUTIES][COUNTERS_STATES];
	count admitted_until_us; /* see counters_admit() */
	struct clocks clocks;
};

struct counters {
	struct cells *cells;
};

static void *map(const char *dir, int create)
{
	void *mapped = MAP_FAILED;
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/counters.%d", dir, LAYOUT);
	fd = open(path, O_RDWR | create | O_CLOEXEC | O_NOFOLLOW, 0660);
	if (fd >= 0) {
		/* A hole would be filled at the first count in it, and a full disk kill us then. */
		if (posix_fallocate(fd, 0, sizeof(struct cells)) == 0)
			mapped = mmap(
			    NULL, sizeof(struct cells), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		close(fd);
	}
	if (mapped == MAP_FAILED)
		mapped = mmap(NULL, sizeof(struct cells), PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return mapped;
}

static struct counters *open_file(const char *dir, int create)
{
	struct counters *counters = calloc(1, sizeof(*counters));
	void *mapped;

	if (!counters)
		return NULL;
	mapped = map(dir, create);
	if (mapped == MAP_FAILED) {
		free(counters);
		return NULL;
	}
	counters->cells = mapped;
	return counters;
}

struct counters *counters_open(const char *dir)
{
	return open_file(dir, O_CREAT);
}

struct counters *counters_look(const char *dir)
{
	return open_file(dir, 0);
}

void counters_close(struct counters *counters)
{
	if (!counters)
		return;
	munmap(counters->cells, sizeof(*counters->cells));
	free(counters);
}

static void add(count *cell, uint64_t more)
{
	atomic_fetch_add_explicit(cell, more, memory_order_relaxed);
}

static uint64_t get(const count *cell)
{
	return atomic_load_explicit(cell, memory_order_relaxed);
}

static void observe(struct histogram *histogram, int64_t ms)
{
	size_t bucket = 0;

	while (bucket < BUCKETS && ms > buckets[bucket].ms)
		bucket++;
	add(&histogram->buckets[bucket], 1);
	add(&histogram->sum_ms, ms > 0 ? (uint64_t)ms : 0);
}

void counters_add(struct counters *counters, enum counter counter)
{
	if (counters)
		add(&counters->cells->counters[counter], 1);
}

void counters_set(struct counters *counters, enum gauge gauge, int64_t value)
{
	if (counters)
		atomic_store_explicit(&counters->cells->gauges[gauge],
		    value > 0 ? (uint64_t)value : 0, memory_order_relaxed);
}

int64_t counters_get(const struct counters *counters, enum gauge gauge)
{
	return counters ? (int64_t)get(&counters->cells->gauges[gauge]) : 0;
}

/*
 * Each takes its part of a minute on a line of time, which may reach a tenth of a minute beyond
 * now. A place more than a second further away was taken at another rate, or before another boot:
 * processes read the clock a moment before they come here.
 */
bool counters_admit(struct counters *counters, int64_t boot_ms, int64_t per_minute)
{
	int64_t now = boot_ms * 1000, part, most, from;
	uint64_t seen;

	if (!counters || !per_minute)
		return true;
	part = MINUTE_US / per_minute;
	most = part > MINUTE_US / 10 ? part : MINUTE_US / 10;
	seen = get(&counters->cells->admitted_until_us);
	do {
		from = (int64_t)seen;
		if (from < now || from - now > most + SECOND_US)
			from = now;
		if (from + part - now > most)
			return false;
	} while (!atomic_compare_exchange_weak(
	    &counters->cells->admitted_until_us, &seen, (uint64_t)(from + part)));
	return true;
}

void counters_request(struct counters *counters, unsigned route, int status, int64_t ms)
{
	size_t at = STATUSES - 1;

	if (!counters || route >= COUNTERS_ROUTES)
		return;
	while (at && statuses[at] != status)
		at--;
	add(&counters->cells->replies[route][at], 1);
	observe(&counters->cells->routes[route], ms);
}

void counters_transfer(struct counters *counters, enum service service, int failed, int64_t ms)
{
	if (!counters)
		return;
	observe(&counters->cells->services[service], ms);
	if (failed)
		add(&counters->cells->failures[service], 1);
}

struct clocks *counters_clocks(const struct counters *counters)
{
	return counters ? &counters->cells->clocks : NULL;
}

static void head(struct text *out, const char *name, const char *type, const char *help)
{
	text_printf(
	    out, "# HELP slotguard_%s %s\n# TYPE slotguard_%s %s\n", name, help, name, type);
}

static void write_histogram(
    struct text *out, const char *name, const char *labels, const struct histogram *histogram)
{
	uint64_t sum_ms = get(&histogram->sum_ms), total = 0;

	for (size_t i = 0; i <= BUCKETS; i++) {
		total += get(&histogram->buckets[i]);
		text_printf(out, "slotguard_%s_bucket{%s,le=\"%s\"} %" PRIu64 "\n", name, labels,
		    i < BUCKETS ? buckets[i].le : "+Inf", total);
	}
	text_printf(out,
	    "slotguard_%s_sum{%s} %" PRIu64 ".%03" PRIu64 "\nslotguard_%s_count{%s} %" PRIu64 "\n",
	    name, labels, sum_ms / 1000, sum_ms % 1000, name, labels, total);
}

static void write_routes(
    const struct counters *counters, const char *(*name)(unsigned), struct text *out)
{
	char labels[80];
	uint64_t times;

	head(out, "requests_total", "counter", "Requests answered, by route and status.");
	for (unsigned route = 0; route < COUNTERS_ROUTES && name(route); route++)
		for (size_t i = 0; i < STATUSES; i++) {
			times = get(&counters->cells->replies[route][i]);
			/* 0 as well: what begins with its first error does not rise. */
			text_printf(out,
			    "slotguard_requests_total{route=\"%s\",status=\"%d\"} %" PRIu64 "\n",
			    name(route), statuses[i], times);
		}
	head(
	    out, "request_seconds", "histogram", "From the request's whole arrival to its answer.");
	for (unsigned route = 0; route < COUNTERS_ROUTES && name(route); route++) {
		snprintf(labels, sizeof(labels), "route=\"%s\"", name(route));
		write_histogram(out, "request_seconds", labels, &counters->cells->routes[route]);
	}
}

static void write_services(const struct counters *counters, struct text *out)
{
	head(out, "upstream_seconds", "histogram", "Transfers with outside services.");
	for (int i = 0; i < SERVICES; i++)
		write_histogram(
		    out, "upstream_seconds", service_labels[i], &counters->cells->services[i]);
	head(out, "upstream_failures_total", "counter",
	    "Those without an answer, or with 401, 403, 429 or 5xx.");
	for (int i = 0; i < SERVICES; i++)
		text_printf(out, "slotguard_upstream_failures_total{%s} %" PRIu64 "\n",
		    service_labels[i], get(&counters->cells->failures[i]));
}

void counters_write(
    const struct counters *counters, const char *(*name)(unsigned), struct text *out)
{
	if (!counters)
		return;
	write_routes(counters, name, out);
	write_services(counters, out);
	for (int i = 0; i < COUNTERS; i++) {
		if (descriptions[i].help)
			head(out, descriptions[i].name, "counter", descriptions[i].help);
		text_printf(out, "slotguard_%s%s %" PRIu64 "\n", descriptions[i].name,
		    descriptions[i].labels, get(&counters->cells->counters[i]));
	}
}

void counters_delivery(struct counters *counters, unsigned duty, unsigned state)
{
	if (counters && duty < COUNTERS_DUTIES && state < COUNTERS_STATES)
		add(&counters->cells->deliveries[duty][state], 1);
}

void counters_write_deliveries(const struct counters *counters, const char *(*duty)(unsigned),
    const char *(*state)(unsigned), struct text *out)
{
	if (!counters)
		return;
	head(out, "deliveries_total", "counter", "What tries to deliver came to.");
	for (unsigned i = 0; i < COUNTERS_DUTIES && duty(i); i++)
		for (unsigned j = 0; j < COUNTERS_STATES; j++)
			if (state(j))
				text_printf(out,
				    "slotguard_deliveries_total{duty=\"%s\",state=\"%s\"} %" PRIu64
				    "\n",
				    duty(i), state(j), get(&counters->cells->deliveries[i][j]));
}

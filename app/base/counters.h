/* SPDX-License-Identifier: MIT */
/* counters.h: counts that all processes of a machine share, and their text for Prometheus */
#ifndef BASE_COUNTERS_H
#define BASE_COUNTERS_H

#include "base/clocks.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* What happened so often. */
enum counter {
	COUNTER_APPEND_ACCEPTED,
	COUNTER_APPEND_REFUSED,
	COUNTER_APPEND_UNSURE,
	COUNTER_APPEND_FAILED,
	COUNTER_APPEND_RETRIED, /* one more INSERT of a command that was sent already */
	COUNTER_CALENDAR_FAILED,
	COUNTER_CALENDAR_SPARED, /* a question that counters_admit() did not let pass */
	COUNTER_BRIEF_SPOOLED,
	COUNTER_CLIENT_REFUSED, /* a brief or a call of a client that had its part of the day */
	COUNTERS,
};

/* A courier that has not looked for so long does not run. */
#define COURIER_SILENT_S 120

/* What is so now, as the courier saw it last. */
enum gauge {
	GAUGE_COURIER_ROUND_MS, /* when: clock_boot_ms() */
	GAUGE_BACKLOG,		/* bookings with something due that is not done */
	GAUGE_BACKLOG_SINCE_MS, /* since when the oldest of them waits: clock_boot_ms(); 0: none */
	GAUGE_OBEY_REFUSED,	/* 1: it should obey the calendar, and may not write the ledger */
	/* When a client had its part of the day, and when one was not limited as it seems to be
	 * inside (store/clients.h): clock_boot_ms(); 0: never. */
	GAUGE_CLIENT_REFUSED_MS,
	GAUGE_CLIENT_INSIDE_MS,
	GAUGES,
};

/* Whom a transfer is with, and for what. */
enum service {
	SERVICE_CLICKHOUSE_READ,
	SERVICE_CLICKHOUSE_APPEND, /* into the ledger */
	SERVICE_CLICKHOUSE_WRITE,
	SERVICE_GOOGLE_TOKEN,
	SERVICE_GOOGLE_FREEBUSY,
	SERVICE_GOOGLE_EVENT,
	SERVICE_RESEND,
	SERVICE_TELEGRAM,
	SERVICE_CALENDAR, /* that is no Google's */
	SERVICE_CALENDAR_EVENT,
	SERVICES,
};

/* Routes are the caller's own, by number. */
#define COUNTERS_ROUTES 16

/*
 * A small file in the runtime directory, mapped by every process and added to atomically. When it
 * cannot be mapped the counts are this process's own: counting never stops a request. NULL: no
 * memory. Every function accepts NULL and does nothing.
 */
struct counters;

struct counters *counters_open(const char *dir);
/* The same for who only reads: a file that is not there is not made, which its owner may have to.
 */
struct counters *counters_look(const char *dir);
void counters_close(struct counters *counters);

void counters_add(struct counters *counters, enum counter counter);
void counters_set(struct counters *counters, enum gauge gauge, int64_t value);
int64_t counters_get(const struct counters *counters, enum gauge gauge);
/*
 * Lets so many pass in a minute, and a tenth of that at once; 0: any number. Counted for the whole
 * machine together. False: this one is too many.
 */
bool counters_admit(struct counters *counters, int64_t boot_ms, int64_t per_minute);
/* A request was answered. */
void counters_request(struct counters *counters, unsigned route, int status, int64_t ms);
/* A transfer ended. */
void counters_transfer(struct counters *counters, enum service service, int failed, int64_t ms);

/* A try to deliver came to this; duty and state are the caller's own, by number. */
#define COUNTERS_DUTIES 32
#define COUNTERS_STATES 8
void counters_delivery(struct counters *counters, unsigned duty, unsigned state);

/* What the machine's processes know together of the clocks of others; NULL of NULL. */
struct clocks *counters_clocks(const struct counters *counters);

/* Appends every count in the text format 0.0.4; name tells the routes' names, NULL past the last.
 */
void counters_write(
    const struct counters *counters, const char *(*name)(unsigned route), struct text *out);

/* The same of the deliveries; a name of NULL ends the duties, and leaves a state out. */
void counters_write_deliveries(const struct counters *counters, const char *(*duty)(unsigned),
    const char *(*state)(unsigned), struct text *out);

#endif

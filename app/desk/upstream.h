/* SPDX-License-Identifier: MIT */
/* upstream.h: a program's connections to everything outside it */
#ifndef DESK_UPSTREAM_H
#define DESK_UPSTREAM_H

#include "base/conf.h"
#include "store/imported.h"
#include "net/caldav.h"
#include "net/google.h"

#include <signal.h>

struct calendar_ask;

/* Lives as long as the program. */
struct upstream {
	const struct conf *conf;
	struct http *http;
	struct counters *counters; /* of the machine's programs; NULL: nothing is counted */
	struct clickhouse *clickhouse;
	struct journal *journal;
	struct imported *imported;
	struct google
	    *google; /* of the calendar that is written to; NULL: none is, or no Google's */
	struct caldav *caldav; /* the same when it is one of kind caldav */
	/* Of each calendar of conf's, by place; NULL: it is off, or no Google's. Those with the
	 * same credentials share one. */
	struct google *accounts[CONF_CALENDARS_MAX];
	struct caldav *caldavs[CONF_CALENDARS_MAX]; /* the same of those of kind caldav */
	/* A page is answered before its answer of the calendar is shared: calendar_ask_tell(). */
	bool tells_late;
	struct calendar_ask *untold; /* what is to be shared then, in the request's arena */
};

/* Connects to nothing yet. ERR_SYSTEM: no memory. stop as in http_new(). */
enum err upstream_open(const struct conf *conf, const volatile sig_atomic_t *stop,
    struct upstream *out, struct fail *fail) MUST_CHECK;
/* What happens from now on is counted with all of the machine, and read of others' clocks. */
void upstream_count(struct upstream *upstream);
/* Whether calls have events: there is a calendar that is written to, and it is on. */
bool upstream_has_events(const struct upstream *upstream);
/* Whether each call gets a video call of its own: Google's calendar is written to, and makes them.
 */
bool upstream_has_meet(const struct upstream *upstream);
void upstream_close(struct upstream *upstream);

#endif

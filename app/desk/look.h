/* SPDX-License-Identifier: MIT */
/* look.h: Google Calendar and ClickHouse, asked in parallel */
#ifndef DESK_LOOK_H
#define DESK_LOOK_H

#include "store/calendar_cache.h"
#include "store/snapshot.h"
#include "desk/upstream.h"

enum fetch_for {
	FETCH_BOOKING, /* what is booked, to be shown: nothing else is asked */
	FETCH_CHANGE,  /* to be changed: the whole lead, imported rows; the calendar is not asked */
	FETCH_PAGE,    /* the pool's calendar answer, or a question within the page's budget */
	FETCH_CLICK,   /* the calendar is always asked, within the click's limit */
};

struct fetched {
	struct snapshot snapshot;
	enum calendar_check calendar;
	struct busy_list busy; /* empty unless calendar is fresh or remembered */
	struct fail
	    calendar_fail; /* why the calendar was not checked; code ERR_NONE: it was, or is off */
	struct fail share_fail; /* why the answer could not be shared with the pool, or ERR_NONE */
	bool outage_began, outage_ended; /* by this call, for the log */
	int64_t google_deadline;	 /* what is left of the click's limit: clock_boot_ms() */
};

/*
 * One round: ClickHouse and, if need be, Google at the same time; it takes as long as the slower of
 * the two. A calendar that could not be asked is no failure of this function: see calendar and
 * calendar_fail. The failures are snapshot_finish()'s.
 */
enum err fetch(struct upstream *upstream, struct arena *arena, enum fetch_for purpose,
    const struct uuid *booking, struct interval window, struct fetched *out,
    struct fail *fail) MUST_CHECK;

#endif

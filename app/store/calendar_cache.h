/* SPDX-License-Identifier: MIT */
/* calendar_cache.h: the answers of calendars that the pool shares, and its memory of outages */
#ifndef STORE_CALENDAR_CACHE_H
#define STORE_CALENDAR_CACHE_H

#include "base/arena.h"
#include "base/err.h"
#include "net/calendar.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Small files in the runtime directory, with ages by the clock since boot. Where they outlive one,
 * as in a container, what they say of a clock that ran further is not believed. Each is replaced
 * whole by a rename; what cannot be read or understood counts as not there, since all of it can be
 * had again.
 */
struct calendar_place {
	const char *dir;
	const char *name; /* of the section; "" for [google] calendar */
	const char *key;  /* which calendar it is: another one's answer is none */
};

/* Where a calendar's files are. The address of one that is fetched stands in them as a hash. */
struct calendar_place calendar_place(
    const struct conf *conf, const struct conf_calendar *calendar, struct arena *arena);

struct calendar_cache {
	int64_t asked_ms;	/* clock_boot_ms() when the question left */
	struct interval window; /* what was asked about */
	struct busy_list busy;
};

bool calendar_cache_load(
    const struct calendar_place *place, struct arena *arena, struct calendar_cache *out);
/* An answer older than the one that stands there does not replace it. */
enum err calendar_cache_store(const struct calendar_place *place, struct arena *arena,
    const struct calendar_cache *answer, struct fail *fail) MUST_CHECK;

/* The right to ask for the pool, about all calendars; -1: another worker has it, or the lock cannot
 * be had. */
int calendar_cache_lock(const char *dir);
/*
 * The same right among clicks, for which one waits while another has it, until clock_boot_ms() is
 * at the deadline.
 */
int calendar_cache_lock_click(const char *dir, int64_t deadline);

enum outage_kind { OUTAGE_SLOW, OUTAGE_DOWN, OUTAGE_REFUSED };

/*
 * An outage: since when, and until when no page asks again; 0 and 0: there is none. is_down: a
 * click found it so, or the answer was a clear no; clicks then wait shortly. When only a page's
 * small budget ran out, they still wait their whole time.
 */
struct outage {
	int64_t since_ms, until_ms; /* clock_boot_ms() */
	bool is_down;
	bool is_refused; /* Google does not accept our credentials */
};

struct outage outage_load(const struct calendar_place *place, struct arena *arena);
/* Begins or prolongs it; *is_new: it began just now. */
enum err outage_note(const struct calendar_place *place, struct arena *arena, int64_t until_ms,
    enum outage_kind kind, bool *is_new, struct fail *fail) MUST_CHECK;
/* True when there was one and this call ended it. */
bool outage_end(const struct calendar_place *place, struct arena *arena);

#endif

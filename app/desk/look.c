/* SPDX-License-Identifier: MIT */
/* look.c: Google Calendar and ClickHouse, asked in parallel */
#include "desk/look.h"
#include "base/clock.h"
#include "base/mutate.h"

#include <string.h>

#define DAY_S 86400
/* What a click waits for a calendar that is known to be down. */
#define HURRY_MS 1000
/* Credentials and grants do not mend themselves within seconds. */
#define PERMANENT_FACTOR 20

struct asking {
	struct upstream *upstream;
	struct arena *arena;
	struct calendar_cache answer; /* being asked for */
	bool is_asked;
	enum err err;
	struct fail fail;
};

static void on_busy(void *context, const struct http_reply *reply)
{
	struct asking *asking = context;

	asking->err = calendar_parse_busy(asking->arena, reply,
	    asking->upstream->conf->google.calendar, &asking->answer.busy, &asking->fail);
}

static bool covers(const struct calendar_cache *answer, struct interval window)
{
	return answer->window.start <= window.start && answer->window.end >= window.end;
}

static bool is_younger(const struct calendar_cache *answer, int64_t seconds)
{
	return clock_boot_ms() - answer->asked_ms < seconds * 1000;
}

static void note_failure(struct asking *asking, enum fetch_for purpose, struct fetched *out)
{
	const struct conf *conf = asking->upstream->conf;
	int64_t wait_s = conf->google.retry_s;
	bool is_refused = asking->err == ERR_GRANT || asking->err == ERR_AUTH;
	bool is_permanent = is_refused || asking->err == ERR_REFUSED;
	bool is_slow = purpose == FETCH_PAGE && asking->err == ERR_UNSURE;
	struct fail ignored;

	out->calendar_fail = asking->fail;
	if (asking->err == ERR_STOPPING)
		return;
	if (is_permanent)
		wait_s *= PERMANENT_FACTOR;
	/* When the memory cannot be written, every request finds the outage out for itself. */
	if (outage_note(conf->site.runtime_dir, asking->arena, clock_boot_ms() + wait_s * 1000,
		is_slow	     ? OUTAGE_SLOW
		: is_refused ? OUTAGE_REFUSED
			     : OUTAGE_DOWN,
		&out->outage_began, &ignored))
		out->outage_began = false;
}

static void use(struct fetched *out, const struct calendar_cache *answer, enum calendar_check check)
{
	out->calendar = check;
	out->busy = answer->busy;
}

enum err fetch(struct upstream *upstream, struct arena *arena, enum fetch_for purpose,
    const struct uuid *booking, struct interval window, struct fetched *out, struct fail *fail)
{
	const struct conf *conf = upstream->conf;
	const char *dir = conf->site.runtime_dir;
	/* A day more than is needed now, so that the answer is still of use after midnight. */
	struct asking asking = {
	    .upstream = upstream,
	    .arena = arena,
	    .answer = {clock_boot_ms(), {window.start, window.end + DAY_S}, {NULL, 0}},
	};
	struct fetched fetched = {.calendar = CALENDAR_OFF};
	bool uses_calendar = upstream->google && (purpose == FETCH_PAGE || purpose == FETCH_CLICK);
	bool has_standing = false;
	struct snapshot_wish wish = {.booking = *booking, .window = window};
	struct snapshot_question *question;
	struct outage outage = {0};
	struct calendar_cache standing;
	int lock = -1;
	enum err err;

	wish.is_shown = purpose == FETCH_BOOKING || purpose == FETCH_PAGE;
	wish.imported = purpose == FETCH_BOOKING ? NULL : upstream->imported;
	wish.imported_age_ms = purpose == FETCH_PAGE ? SNAPSHOT_IMPORTED_MS : 0;
	question = snapshot_start(upstream->journal, arena, &wish);
	if (MUTATED(SKIP_FREEBUSY_AT_CLICK) && purpose == FETCH_CLICK)
		purpose = FETCH_PAGE;
	if (upstream->google)
		outage = outage_load(dir, arena);
	if (purpose != FETCH_PAGE)
		fetched.google_deadline =
		    asking.answer.asked_ms + (outage.is_down && conf->google.timeout_ms > HURRY_MS
						     ? HURRY_MS
						     : conf->google.timeout_ms);
	if (uses_calendar) {
		has_standing = calendar_cache_load(dir, conf->google.calendar, arena, &standing) &&
			       covers(&standing, window) &&
			       is_younger(&standing, conf->google.stale_s);
	}
	if (uses_calendar && purpose == FETCH_CLICK) {
		asking.is_asked = true;
	} else if (uses_calendar) {
		fetched.google_deadline = asking.answer.asked_ms + conf->google.page_budget_ms;
		if (!(has_standing && is_younger(&standing, conf->google.fresh_s)) &&
		    outage.until_ms <= asking.answer.asked_ms)
			asking.is_asked = (lock = calendar_cache_lock(dir)) >= 0 || !has_standing;
	}
	if (asking.is_asked)
		calendar_busy_start(upstream->google, arena, asking.answer.window,
		    fetched.google_deadline, on_busy, &asking);
	http_run(upstream->http);

	if (asking.is_asked && !asking.err) {
		use(&fetched, &asking.answer, CALENDAR_FRESH);
		fetched.outage_ended = outage.until_ms && outage_end(dir);
		/* Not shared is not lost: the next page asks again. */
		fetched.share_fail.code = calendar_cache_store(
		    dir, conf->google.calendar, arena, &asking.answer, &fetched.share_fail);
	} else if (uses_calendar) {
		if (asking.is_asked)
			note_failure(&asking, purpose, &fetched);
		if (has_standing && purpose == FETCH_PAGE &&
		    is_younger(&standing, conf->google.fresh_s))
			use(&fetched, &standing, CALENDAR_FRESH);
		else if (has_standing)
			use(&fetched, &standing, CALENDAR_REMEMBERED);
		else
			fetched.calendar = CALENDAR_UNCHECKED;
	}
	calendar_cache_unlock(lock);
	if ((err = snapshot_finish(question, &fetched.snapshot, fail)))
		return err;
	*out = fetched;
	return ERR_NONE;
}

/* SPDX-License-Identifier: MIT */
/* calendar_ask.c: the owner's calendar, asked for a page or a click, and what the pool remembers */
#include "desk/calendar_ask.h"
#include "base/clock.h"
#include "base/mutate.h"
#include "core/civil.h"

/* What a click waits for a calendar that is known to be down. */
#define HURRY_MS 1000
/* The part of its time that a click waits for the question of another, whose answer it may share.
 */
#define SHARED_PART 8
/* Credentials and grants do not mend themselves within seconds. */
#define PERMANENT_FACTOR 20

struct calendar_ask {
	struct upstream *upstream;
	struct arena *arena;
	enum calendar_use use;
	int64_t came_ms, deadline;     /* clock_boot_ms() */
	struct outage outage;	       /* as the pool remembers it */
	struct calendar_cache *pooled; /* the pool's answer, while it may be used; else NULL */
	struct calendar_cache *asked;  /* the answer that is asked for; NULL: none is */
	int lock;		       /* the right to ask for the pool, or -1 */
	enum err err;		       /* how the question went */
	struct fail fail;
};

static const struct conf *conf_of(const struct calendar_ask *ask)
{
	return ask->upstream->conf;
}

static bool is_younger(const struct calendar_cache *answer, int64_t seconds)
{
	return clock_boot_ms() - answer->asked_ms < seconds * 1000;
}

/* What the pool knows of the whole window and is not too old; NULL: nothing. */
static struct calendar_cache *load_pooled(const struct calendar_ask *ask, struct interval window)
{
	const struct conf *conf = conf_of(ask);
	struct calendar_cache *pooled = arena_alloc(ask->arena, sizeof(*pooled));

	if (pooled &&
	    calendar_cache_load(
		conf->site.runtime_dir, conf->google.calendar, ask->arena, pooled) &&
	    pooled->window.start <= window.start && pooled->window.end >= window.end &&
	    is_younger(pooled, conf->google.stale_s))
		return pooled;
	return NULL;
}

/* Of a page, or of who wants to know what a page would go by. */
static bool is_page(const struct calendar_ask *ask)
{
	return ask->use == CALENDAR_FOR_PAGE || ask->use == CALENDAR_AS_PAGE;
}

/* Whether the pool learns of the question. */
static bool is_of_pool(const struct calendar_ask *ask)
{
	return ask->use == CALENDAR_FOR_PAGE || ask->use == CALENDAR_FOR_CLICK;
}

static bool is_pooled_fresh(const struct calendar_ask *ask)
{
	return ask->pooled && is_younger(ask->pooled, conf_of(ask)->google.fresh_s);
}

/*
 * An answer serves a click if its question left after the click had come, as the click's own would:
 * an earlier one may lack what the owner entered in between.
 */
static bool is_pooled_for_click(const struct calendar_ask *ask)
{
	return ask->use == CALENDAR_FOR_CLICK && ask->pooled &&
	       ask->pooled->asked_ms > ask->came_ms;
}

/* The pool stays below what Google answers in a minute, whatever it is asked by strangers. */
static bool may_ask(struct calendar_ask *ask)
{
	struct counters *counters = http_counters(ask->upstream->http);

	if (counters_admit(counters, clock_boot_ms(), conf_of(ask)->google.per_minute))
		return true;
	counters_add(counters, COUNTER_CALENDAR_SPARED);
	fail_set(&ask->fail, ERR_BUSY, "calendar",
	    "as many questions as [google] per_minute allows were asked");
	return false;
}

/* A page asks when nobody else of the pool does, or when there is nothing else to go by; a click
 * when nobody else asked since it came. */
static bool has_to_ask(struct calendar_ask *ask)
{
	if (ask->use == CALENDAR_FOR_OPERATOR)
		return true;
	if (ask->use == CALENDAR_FOR_CLICK)
		return !is_pooled_for_click(ask) && may_ask(ask);
	if (is_pooled_fresh(ask) || ask->outage.until_ms > clock_boot_ms())
		return false;
	if (ask->use == CALENDAR_AS_PAGE)
		return may_ask(ask);
	ask->lock = calendar_cache_lock(conf_of(ask)->site.runtime_dir);
	return (ask->lock >= 0 || !ask->pooled) && may_ask(ask);
}

static int64_t limit_ms(const struct calendar_ask *ask)
{
	const struct conf *conf = conf_of(ask);

	if (is_page(ask))
		return conf->google.page_budget_ms;
	return ask->outage.is_down && conf->google.timeout_ms > HURRY_MS ? HURRY_MS
									 : conf->google.timeout_ms;
}

static void on_busy(void *context, const struct http_reply *reply)
{
	struct calendar_ask *ask = context;

	ask->err = calendar_parse_busy(
	    ask->arena, reply, conf_of(ask)->google.calendar, &ask->asked->busy, &ask->fail);
}

struct calendar_ask *calendar_ask_start(
    struct upstream *upstream, struct arena *arena, enum calendar_use use, struct interval window)
{
	struct calendar_ask *ask = arena_alloc(arena, sizeof(*ask));

	if (!ask)
		return NULL;
	*ask = (struct calendar_ask){.upstream = upstream, .arena = arena, .use = use, .lock = -1};
	if (!upstream->google)
		return ask;
	if (MUTATED(SKIP_FREEBUSY_AT_CLICK) && use == CALENDAR_FOR_CLICK)
		ask->use = CALENDAR_FOR_PAGE;
	if (use != CALENDAR_FOR_OPERATOR)
		ask->outage = outage_load(upstream->conf->site.runtime_dir, arena);
	ask->came_ms = clock_boot_ms();
	ask->deadline = ask->came_ms + limit_ms(ask);
	if (use == CALENDAR_NOT_USED)
		return ask;
	/* Of clicks that wait for each other the first asks when it is its turn, and all who had
	 * come by then share its answer. Nobody waits for a calendar that is down. */
	if (ask->use == CALENDAR_FOR_CLICK && !ask->outage.is_down)
		ask->lock = calendar_cache_lock_click(
		    upstream->conf->site.runtime_dir, ask->came_ms + limit_ms(ask) / SHARED_PART);
	if (use != CALENDAR_FOR_OPERATOR)
		ask->pooled = load_pooled(ask, window);
	if (!has_to_ask(ask) || !(ask->asked = arena_alloc(arena, sizeof(*ask->asked))))
		return ask;
	/* A day more than is needed now, so that the answer is still of use after midnight. */
	*ask->asked = (struct calendar_cache){
	    .asked_ms = clock_boot_ms(), .window = {window.start, window.end + DAY_S}};
	calendar_busy_start(
	    upstream->google, arena, ask->asked->window, ask->deadline, on_busy, ask);
	return ask;
}

/* The pool remembers the failure for a while. When that cannot be written, every request finds the
 * outage out for itself. */
static void note_failure(const struct calendar_ask *ask, struct calendar_finding *found)
{
	const struct conf *conf = conf_of(ask);
	bool is_refused = ask->err == ERR_GRANT || ask->err == ERR_AUTH;
	bool is_permanent = is_refused || ask->err == ERR_REFUSED;
	bool is_slow = ask->use == CALENDAR_FOR_PAGE && ask->err == ERR_UNSURE;
	int64_t wait_s = conf->google.retry_s * (is_permanent ? PERMANENT_FACTOR : 1);
	bool is_new = false;
	struct fail ignored;

	if (ask->err == ERR_STOPPING)
		return;
	if (!outage_note(conf->site.runtime_dir, ask->arena, clock_boot_ms() + wait_s * 1000,
		is_slow	     ? OUTAGE_SLOW
		: is_refused ? OUTAGE_REFUSED
			     : OUTAGE_DOWN,
		&is_new, &ignored) &&
	    is_new)
		found->news = OUTAGE_BEGAN;
}

/* Not shared is not lost: the next page asks again. */
static void share(const struct calendar_ask *ask, struct calendar_finding *found)
{
	const struct conf *conf = conf_of(ask);

	if (ask->outage.until_ms && outage_end(conf->site.runtime_dir))
		found->news = OUTAGE_ENDED;
	found->share_fail.code = calendar_cache_store(conf->site.runtime_dir, conf->google.calendar,
	    ask->arena, ask->asked, &found->share_fail);
}

static void use_pooled(const struct calendar_ask *ask, struct calendar_finding *found)
{
	if (!ask->pooled) {
		found->check = CALENDAR_UNCHECKED;
		return;
	}
	found->check = is_pooled_for_click(ask) || (is_page(ask) && is_pooled_fresh(ask))
			   ? CALENDAR_FRESH
			   : CALENDAR_REMEMBERED;
	found->busy = ask->pooled->busy;
	found->asked_ms = ask->pooled->asked_ms;
}

void calendar_ask_finish(struct calendar_ask *ask, struct calendar_finding *out)
{
	struct calendar_finding found = {.check = CALENDAR_OFF};

	if (ask)
		found.deadline = ask->deadline;
	if (!ask || !ask->upstream->google || ask->use == CALENDAR_NOT_USED) {
		*out = found;
		return;
	}
	if (ask->asked && !ask->err) {
		found.check = CALENDAR_FRESH;
		found.busy = ask->asked->busy;
		found.asked_ms = ask->asked->asked_ms;
		if (is_of_pool(ask))
			share(ask, &found);
	} else {
		found.fail = ask->fail;
		if (ask->asked && is_of_pool(ask))
			note_failure(ask, &found);
		use_pooled(ask, &found);
	}
	calendar_cache_unlock(ask->lock);
	*out = found;
}

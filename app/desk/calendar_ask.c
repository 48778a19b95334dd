/* SPDX-License-Identifier: MIT */
/* calendar_ask.c: the owner's calendars, asked for a page or a click, and what the pool remembers
 */
#include "desk/calendar_ask.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mutate.h"
#include "core/civil.h"
#include "store/caldav_busy.h"

#include <string.h>

/* What a click waits for a calendar that is known to be down. */
#define HURRY_MS 1000
/* The part of its time that a click waits for the question of another, whose answer it may share.
 */
#define SHARED_PART 8
/* How late the courier may be with a file, which it fetches between other things. */
#define FETCH_LATE_S 60
/* Credentials and grants do not mend themselves within seconds. */
#define PERMANENT_FACTOR 20

/* One calendar. */
struct part {
	const struct conf_calendar *calendar;
	struct google *google; /* its account, or NULL */
	struct caldav *caldav; /* the same of one on a CalDAV server */
	struct calendar_place place;
	struct outage outage;	       /* as the pool remembers it */
	struct calendar_cache *pooled; /* the pool's answer, while it may be used; else NULL */
	struct calendar_cache *asked;  /* the answer that is asked for; NULL: none is */
	bool is_wanted;		       /* it has to be asked */
	char *events; /* the answer of a CalDAV server, still to be read; or NULL */
	enum err err; /* how the question went */
	struct fail fail;
	struct calendar_ask *ask;
};

/* A question about calendars of one account. */
struct round {
	struct calendar_ask *ask;
	struct busy_question question;
	struct part *parts[CONF_CALENDARS_MAX];
};

struct calendar_ask {
	struct upstream *upstream;
	struct arena *arena;
	enum calendar_use use;
	struct interval window;
	int64_t came_ms, deadline; /* clock_boot_ms() */
	struct part *parts;
	size_t count;
	int lock; /* the right to ask for the pool, or -1 */
};

static const struct conf *conf_of(const struct calendar_ask *ask)
{
	return ask->upstream->conf;
}

static bool is_younger(const struct calendar_cache *answer, int64_t seconds)
{
	return clock_boot_ms() - answer->asked_ms < seconds * 1000;
}

/* Who asks: a worker, or for a file that is fetched now and then the courier. */
static bool is_asked_here(const struct part *part)
{
	return part->google || part->caldav;
}

/* How long an answer is as new as can be had. */
static int64_t fresh_s(const struct calendar_ask *ask, const struct part *part)
{
	return is_asked_here(part) ? conf_of(ask)->google.fresh_s
				   : part->calendar->every_minutes * 60 + FETCH_LATE_S;
}

/* And how long it may be used. */
static int64_t stale_s(const struct calendar_ask *ask, const struct part *part)
{
	int64_t stale = conf_of(ask)->google.stale_s;

	return is_asked_here(part) ? stale : fresh_s(ask, part) + stale;
}

/* What the pool knows of the whole window and is not too old; NULL: nothing. */
static struct calendar_cache *load_pooled(const struct calendar_ask *ask, const struct part *part)
{
	struct calendar_cache *pooled = arena_alloc(ask->arena, sizeof(*pooled));

	if (pooled && calendar_cache_load(&part->place, ask->arena, pooled) &&
	    pooled->window.start <= ask->window.start && pooled->window.end >= ask->window.end &&
	    is_younger(pooled, stale_s(ask, part)))
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

static bool is_pooled_fresh(const struct calendar_ask *ask, const struct part *part)
{
	return part->pooled && is_younger(part->pooled, fresh_s(ask, part));
}

/*
 * An answer serves a click if its question left after the click had come, as the click's own would:
 * an earlier one may lack what the owner entered in between.
 */
static bool is_pooled_for_click(const struct calendar_ask *ask, const struct part *part)
{
	return ask->use == CALENDAR_FOR_CLICK && part->pooled &&
	       part->pooled->asked_ms > ask->came_ms;
}

/* The pool stays below what Google answers in a minute, whatever it is asked by strangers. */
static bool may_ask(const struct calendar_ask *ask, struct fail *fail)
{
	struct counters *counters = ask->upstream->counters;

	if (ask->use == CALENDAR_FOR_OPERATOR ||
	    counters_admit(counters, clock_boot_ms(), conf_of(ask)->google.per_minute))
		return true;
	counters_add(counters, COUNTER_CALENDAR_SPARED);
	fail_set(fail, ERR_BUSY, "calendar",
	    "as many questions as [google] per_minute allows were asked");
	return false;
}

/* Pages leave it alone for a while. */
static bool is_resting(const struct part *part)
{
	return part->outage.until_ms > clock_boot_ms();
}

static bool is_stale_for_page(const struct calendar_ask *ask, const struct part *part)
{
	return is_asked_here(part) && !is_pooled_fresh(ask, part) && !is_resting(part);
}

/* Of one that is asked here. A page asks when nobody else of the pool does, or when there is
 * nothing else to go by; a click when nobody else asked since it came. */
static bool has_to_ask(const struct calendar_ask *ask, const struct part *part)
{
	switch (ask->use) {
	case CALENDAR_NOT_USED:
		break;
	case CALENDAR_FOR_OPERATOR:
		return true;
	case CALENDAR_FOR_CLICK:
		return !is_pooled_for_click(ask, part);
	case CALENDAR_FOR_PAGE:
		return is_stale_for_page(ask, part) && (ask->lock >= 0 || !part->pooled);
	case CALENDAR_AS_PAGE:
		return is_stale_for_page(ask, part);
	}
	return false;
}

static int64_t limit_ms(const struct calendar_ask *ask, bool is_down)
{
	const struct conf *conf = conf_of(ask);

	if (is_page(ask))
		return conf->google.page_budget_ms;
	return is_down && conf->google.timeout_ms > HURRY_MS ? HURRY_MS : conf->google.timeout_ms;
}

static void on_busy(void *context, const struct http_reply *reply)
{
	struct round *round = context;

	for (size_t i = 0; i < round->question.count; i++) {
		struct part *part = round->parts[i];

		part->fail = (struct fail){0};
		part->err = calendar_parse_busy(
		    round->ask->arena, reply, &round->question, i, &part->asked->busy, &part->fail);
	}
}

/* A day more than is needed now, so that the answer is still of use after midnight. */
static struct interval asked_window(const struct calendar_ask *ask)
{
	return (struct interval){ask->window.start, ask->window.end + DAY_S};
}

/* Until there is an answer, it is not checked. */
static bool expect_answer(struct calendar_ask *ask, struct part *part)
{
	part->is_wanted = false;
	part->asked = arena_alloc(ask->arena, sizeof(*part->asked));
	if (!part->asked)
		return false;
	*part->asked =
	    (struct calendar_cache){.asked_ms = clock_boot_ms(), .window = asked_window(ask)};
	part->err = fail_set(&part->fail, ERR_SYSTEM, "calendar", "no memory");
	return true;
}

static void on_events(void *context, const struct http_reply *reply)
{
	struct part *part = context;

	part->fail = (struct fail){0};
	part->err = caldav_parse_events(part->ask->arena, reply, false, &part->events, &part->fail);
}

static void ask_caldav(struct calendar_ask *ask, struct part *part)
{
	part->ask = ask;
	if (!may_ask(ask, &part->fail))
		part->is_wanted = false;
	else if (expect_answer(ask, part))
		caldav_events_start(part->caldav, ask->arena, part->asked->window,
		    ask->came_ms + limit_ms(ask, part->outage.is_down), on_events, part);
}

/* What came from CalDAV servers is read when nobody else is waited for. */
static void read_events(struct calendar_ask *ask)
{
	const struct ical_question question = {
	    .window = asked_window(ask), .timezone = conf_of(ask)->hours.timezone};

	for (size_t i = 0; i < ask->count; i++) {
		struct part *part = &ask->parts[i];

		if (part->caldav && part->asked && !part->err)
			part->err = caldav_busy_read(
			    ask->arena, part->events, &question, &part->asked->busy, &part->fail);
	}
}

/* Puts every calendar of this one's account that has to be asked into one question. */
static struct round *gather(struct calendar_ask *ask, const struct part *first)
{
	struct round *round = arena_alloc(ask->arena, sizeof(*round));
	bool is_down = true;

	if (!round)
		return NULL;
	*round = (struct round){.ask = ask, .question.window = asked_window(ask)};
	for (size_t i = 0; i < ask->count; i++) {
		struct part *part = &ask->parts[i];

		if (!part->is_wanted || part->google != first->google)
			continue;
		if (!expect_answer(ask, part))
			return NULL;
		is_down = is_down && part->outage.is_down;
		round->parts[round->question.count] = part;
		round->question.ids[round->question.count++] = part->calendar->calendar;
	}
	round->question.deadline = ask->came_ms + limit_ms(ask, is_down);
	return round;
}

static void ask_account(struct calendar_ask *ask, struct part *first)
{
	struct round *round;
	struct fail spared;

	if (!may_ask(ask, &spared)) {
		for (size_t i = 0; i < ask->count; i++)
			if (ask->parts[i].is_wanted && ask->parts[i].google == first->google) {
				ask->parts[i].is_wanted = false;
				ask->parts[i].fail = spared;
			}
		return;
	}
	round = gather(ask, first);
	if (round)
		calendar_busy_start(first->google, ask->arena, &round->question, on_busy, round);
}

/* The calendars that are on and block. */
static bool add_parts(struct calendar_ask *ask)
{
	const struct upstream *upstream = ask->upstream;
	const struct conf *conf = upstream->conf;

	ask->parts = arena_array(ask->arena, conf->calendars.count + 1, sizeof(*ask->parts));
	for (size_t i = 0; ask->parts && i < conf->calendars.count; i++) {
		const struct conf_calendar *calendar = &conf->calendars.list[i];
		struct part *part = &ask->parts[ask->count];

		if (!calendar->blocks || !(calendar->kind == CALENDAR_ICS
						 ? conf_calendar_is_on(calendar)
						 : upstream->accounts[i] || upstream->caldavs[i]))
			continue;
		*part = (struct part){.calendar = calendar,
		    .google = upstream->accounts[i],
		    .caldav = upstream->caldavs[i],
		    .place = calendar_place(conf, calendar, ask->arena)};
		if (ask->use != CALENDAR_FOR_OPERATOR)
			part->outage = outage_load(&part->place, ask->arena);
		ask->count++;
	}
	return ask->parts;
}

/* Of the calendar that is written to: a click writes its event in the same time. */
static bool is_writer_down(const struct calendar_ask *ask)
{
	for (size_t i = 0; i < ask->count; i++)
		if (ask->parts[i].calendar->writes)
			return ask->parts[i].outage.is_down;
	return false;
}

/* Who asks for the pool. Of clicks that wait for each other the first asks when it is its turn, and
 * all who had come by then share its answer. Nobody waits for calendars that are down. */
static void take_turn(struct calendar_ask *ask)
{
	const char *dir = conf_of(ask)->site.runtime_dir;
	bool is_stale = false, is_down = true;

	for (size_t i = 0; i < ask->count; i++) {
		is_stale = is_stale || is_stale_for_page(ask, &ask->parts[i]);
		is_down =
		    is_down && (ask->parts[i].outage.is_down || !is_asked_here(&ask->parts[i]));
	}
	if (ask->use == CALENDAR_FOR_CLICK && !is_down)
		ask->lock = calendar_cache_lock_click(
		    dir, ask->came_ms + limit_ms(ask, false) / SHARED_PART);
	if (ask->use == CALENDAR_FOR_PAGE && is_stale)
		ask->lock = calendar_cache_lock(dir);
}

static void load_all(struct calendar_ask *ask)
{
	for (size_t i = 0; i < ask->count; i++)
		if (ask->use != CALENDAR_FOR_OPERATOR || !is_asked_here(&ask->parts[i]))
			ask->parts[i].pooled = load_pooled(ask, &ask->parts[i]);
}

struct calendar_ask *calendar_ask_start(
    struct upstream *upstream, struct arena *arena, enum calendar_use use, struct interval window)
{
	struct calendar_ask *ask = arena_alloc(arena, sizeof(*ask));

	if (!ask)
		return NULL;
	*ask = (struct calendar_ask){
	    .upstream = upstream, .arena = arena, .use = use, .window = window, .lock = -1};
	if (MUTATED(SKIP_FREEBUSY_AT_CLICK) && use == CALENDAR_FOR_CLICK)
		ask->use = CALENDAR_FOR_PAGE;
	ask->came_ms = clock_boot_ms();
	if (!add_parts(ask))
		return NULL;
	ask->deadline = ask->came_ms + limit_ms(ask, is_writer_down(ask));
	if (use == CALENDAR_NOT_USED)
		return ask;
	/* What another click's question brought while this one waited for its turn counts, too. */
	if (ask->use != CALENDAR_FOR_CLICK)
		load_all(ask);
	take_turn(ask);
	if (ask->use == CALENDAR_FOR_CLICK)
		load_all(ask);
	for (size_t i = 0; i < ask->count; i++)
		ask->parts[i].is_wanted =
		    is_asked_here(&ask->parts[i]) && has_to_ask(ask, &ask->parts[i]);
	for (size_t i = 0; i < ask->count; i++)
		if (ask->parts[i].is_wanted && ask->parts[i].caldav)
			ask_caldav(ask, &ask->parts[i]);
		else if (ask->parts[i].is_wanted)
			ask_account(ask, &ask->parts[i]);
	return ask;
}

/* The pool remembers the failure for a while. When that cannot be written, every request finds the
 * outage out for itself. */
static enum outage_news note_failure(const struct calendar_ask *ask, const struct part *part)
{
	bool is_refused = part->err == ERR_GRANT || part->err == ERR_AUTH;
	bool is_permanent = is_refused || part->err == ERR_REFUSED;
	bool is_slow = ask->use == CALENDAR_FOR_PAGE && part->err == ERR_UNSURE;
	int64_t wait_s = conf_of(ask)->google.retry_s * (is_permanent ? PERMANENT_FACTOR : 1);
	bool is_new = false;
	struct fail ignored;

	if (part->err == ERR_STOPPING)
		return OUTAGE_NO_NEWS;
	if (outage_note(&part->place, ask->arena, clock_boot_ms() + wait_s * 1000,
		is_slow	     ? OUTAGE_SLOW
		: is_refused ? OUTAGE_REFUSED
			     : OUTAGE_DOWN,
		&is_new, &ignored))
		return OUTAGE_NO_NEWS;
	return is_new ? OUTAGE_BEGAN : OUTAGE_NO_NEWS;
}

/* A page's answer can wait until the page has left. Clicks wait for each other's. */
static bool is_told_late(const struct calendar_ask *ask)
{
	return ask->use == CALENDAR_FOR_PAGE && ask->upstream->tells_late && !ask->upstream->untold;
}

static void store(const struct calendar_ask *ask, const struct part *part, struct fail *share_fail)
{
	struct fail fail;
	enum err err = calendar_cache_store(&part->place, ask->arena, part->asked, &fail);

	if (!err)
		return;
	fail.code = err;
	*share_fail = fail;
}

/* Not shared is not lost: the next page asks again. */
static enum outage_news share(
    const struct calendar_ask *ask, const struct part *part, struct fail *share_fail)
{
	if (!is_told_late(ask))
		store(ask, part, share_fail);
	return part->outage.until_ms && outage_end(&part->place, ask->arena) ? OUTAGE_ENDED
									     : OUTAGE_NO_NEWS;
}

static enum calendar_check check_pooled(const struct calendar_ask *ask, const struct part *part)
{
	if (!part->pooled)
		return CALENDAR_UNCHECKED;
	if (!is_asked_here(part))
		return is_pooled_fresh(ask, part) ? CALENDAR_FRESH : CALENDAR_REMEMBERED;
	return is_pooled_for_click(ask, part) || (is_page(ask) && is_pooled_fresh(ask, part))
		   ? CALENDAR_FRESH
		   : CALENDAR_REMEMBERED;
}

/* What is known of one calendar, and whence; NULL: nothing is. */
static const struct calendar_cache *finish_part(const struct calendar_ask *ask,
    const struct part *part, struct calendar_part *out, struct fail *share_fail)
{
	*out = (struct calendar_part){.calendar = part->calendar, .check = CALENDAR_FRESH};
	if (part->asked && !part->err) {
		if (is_of_pool(ask))
			out->news = share(ask, part, share_fail);
		return part->asked;
	}
	out->fail = part->fail;
	if (part->asked && is_of_pool(ask))
		out->news = note_failure(ask, part);
	out->check = check_pooled(ask, part);
	if (!is_asked_here(part) && !part->pooled)
		fail_set(&out->fail, ERR_BUSY, "calendar",
		    "the courier has fetched no answer that is young enough");
	return part->pooled;
}

/* The first failure, with the name of its calendar where there are several. */
static void tell_fail(const struct calendar_part *part, struct fail *fail)
{
	if (!part->fail.code || fail->code)
		return;
	*fail = part->fail;
	if (*part->calendar->name)
		fail_set(fail, part->fail.code, part->fail.where, "%s: %s", part->calendar->name,
		    part->fail.detail);
}

/* Adds what one of them shows as busy. False: there is no room. */
static bool add_busy(
    const struct calendar_ask *ask, const struct calendar_cache *answer, struct busy_list *all)
{
	size_t count = all->count + answer->busy.count;
	struct interval *list = arena_array(ask->arena, count + 1, sizeof(*list));

	if (!list)
		return false;
	if (all->count)
		memcpy(list, all->list, all->count * sizeof(*list));
	if (answer->busy.count)
		memcpy(list + all->count, answer->busy.list, answer->busy.count * sizeof(*list));
	*all = (struct busy_list){list, intervals_merge(list, count)};
	return true;
}

static void finish_all(const struct calendar_ask *ask, struct calendar_finding *found)
{
	struct calendar_part *parts = arena_array(ask->arena, ask->count, sizeof(*parts));

	for (size_t i = 0; i < ask->count; i++) {
		struct calendar_part lost, *part = parts ? &parts[i] : &lost;
		const struct calendar_cache *known =
		    finish_part(ask, &ask->parts[i], part, &found->share_fail);

		if (known) {
			part->busy = known->busy;
			part->asked_ms = known->asked_ms;
		}
		/* What does not fit in memory is not known. */
		if (known && !add_busy(ask, known, &found->busy))
			part->check = CALENDAR_UNCHECKED;
		if (known && (!found->asked_ms || known->asked_ms < found->asked_ms))
			found->asked_ms = known->asked_ms;
		tell_fail(part, &found->fail);
		if (part->check > found->check)
			found->check = part->check;
		found->is_closed = found->is_closed || (part->check == CALENDAR_UNCHECKED &&
							   !part->calendar->outage_open);
	}
	found->parts = parts;
	found->part_count = parts ? ask->count : 0;
}

void calendar_ask_finish(struct calendar_ask *ask, struct calendar_finding *out)
{
	struct calendar_finding found = {.check = CALENDAR_OFF};

	if (ask && ask->count) {
		found.deadline = ask->deadline;
		if (ask->use != CALENDAR_NOT_USED) {
			read_events(ask);
			finish_all(ask, &found);
		}
		if (is_told_late(ask))
			ask->upstream->untold = ask;
		else
			file_unlock(ask->lock);
	}
	*out = found;
}

enum err calendar_ask_tell(struct upstream *upstream, struct fail *fail)
{
	struct calendar_ask *ask = upstream->untold;
	struct fail share_fail = {0};

	if (!ask)
		return ERR_NONE;
	for (size_t i = 0; i < ask->count; i++)
		if (ask->parts[i].asked && !ask->parts[i].err)
			store(ask, &ask->parts[i], &share_fail);
	file_unlock(ask->lock);
	upstream->untold = NULL;
	if (share_fail.code)
		*fail = share_fail;
	return share_fail.code;
}

const char *calendar_each(const struct calendar_finding *finding, struct arena *arena)
{
	const char *all = "";

	for (size_t i = 0; all && i < finding->part_count; i++) {
		const struct calendar_part *part = &finding->parts[i];

		if (*part->calendar->name)
			all = arena_printf(arena, "%s%s%s:%s", all, *all ? "," : "",
			    part->calendar->name, calendar_check_name(part->check));
	}
	return all ? all : "";
}

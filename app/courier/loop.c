/* SPDX-License-Identifier: MIT */
/* loop.c: the rounds in which what is due is done */
#include "courier/loop.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/notify.h"
#include "courier/alert.h"
#include "courier/backlog.h"
#include "courier/collisions.h"
#include "courier/drifts.h"
#include "courier/feeds.h"
#include "courier/lease.h"
#include "courier/obey.h"
#include "courier/record.h"
#include "courier/serve.h"
#include "courier/shortage.h"
#include "courier/spool.h"
#include "courier/store_watch.h"
#include "courier/watch.h"
#include "desk/look.h"
#include "store/schema.h"

#include <string.h>
#include <time.h>

/* At rest; and while something is under way, which is then looked at as soon as it is time. */
#define ROUND_MS 1000
#define ROUND_LEAST_MS 200
/* Bookings done in one round, so that alerts leave and others get their turn. */
#define TASKS_MAX LEASES_MAX
#define WORK_MS 3000

/* How much was done in a round, or is to be: then it is listed only. */
struct work {
	int64_t began;
	unsigned served;
	bool is_list;
	struct agenda_item *list[TASKS_MAX];
};

/* Without the ledger, which a rebuild took away, nobody knows how anything stands. */
static bool is_enough(const struct courier *courier, const struct work *work)
{
	return work->served >= TASKS_MAX || *courier->stop || !look_is_ready(&courier->upstream) ||
	       clock_boot_ms() - work->began >= WORK_MS;
}

static void serve_item(
    struct courier *courier, struct agenda_item *item, enum about about, struct work *work)
{
	if (!item->is_read || item->duties.is_plain || item->round == courier->round ||
	    item->look_ms > courier_now_ms(courier) || serve_about(courier, item) != about)
		return;
	if (work->is_list) {
		if (serve_is_due(courier, item))
			work->list[work->served++] = item;
		return;
	}
	item->round = courier->round;
	notify_send("WATCHDOG=1");
	work->served += serve_booking(courier, item);
}

/* What has just changed. */
static void serve_news(struct courier *courier, enum about about, struct work *work)
{
	struct agenda_item *item;

	for (size_t i = 0; (item = agenda_at(&courier->agenda, i)); i++)
		if (item->is_urgent && !is_enough(courier, work))
			serve_item(courier, item, about, work);
}

/* What fell due, the oldest first. A round goes on where the last one had enough, and what came
 * since is no part of the lap, so that nobody waits behind the same ones, or new ones, for ever. */
static void serve_lap(struct courier *courier, enum about about, struct work *work)
{
	struct lap *lap = &courier->laps[about];
	struct agenda_item *item;

	for (size_t i = 0; (item = agenda_at(&courier->agenda, i)) && item->number < lap->end;
	     i++) {
		if (item->number < lap->next)
			continue;
		if (is_enough(courier, work))
			return;
		lap->next = item->number + 1;
		if (!item->is_urgent)
			serve_item(courier, item, about, work);
	}
	lap->next = lap->end;
}

static void serve_all_about(
    struct courier *courier, enum about about, bool is_news_first, struct work *work)
{
	if (is_news_first)
		serve_news(courier, about, work);
	serve_lap(courier, about, work);
	if (!is_news_first)
		serve_news(courier, about, work);
}

/*
 * One of TURNS, each as often as any other in whatever rounds one looks at. When a service may be
 * asked again only every so many rounds, turns that come as regularly would meet it always in the
 * same ones. The parts of the golden ratio's multiples fall together with no interval.
 */
#define TURNS 6
static unsigned turn_of(uint64_t round)
{
	const uint32_t part = (uint32_t)(round * UINT64_C(2654435769)); /* of 2^32 */

	return (unsigned)((uint64_t)part * TURNS >> 32);
}

/*
 * Does what is due, until the round's time and the room of its message are used up. Calls come
 * first, or whoever sends briefs in masses would delay other people's confirmations; but in a third
 * of the rounds briefs do, and in half of them news before what waited, so that nothing waits for
 * ever.
 */
static void go_round(struct courier *courier, struct work *work)
{
	unsigned turn = turn_of(courier->round);
	bool is_brief_first = turn / 2 == 0, is_news_first = turn % 2;

	work->began = clock_boot_ms();
	serve_all_about(courier, is_brief_first ? ABOUT_BRIEF : ABOUT_CALL, is_news_first, work);
	serve_all_about(courier, is_brief_first ? ABOUT_CALL : ABOUT_BRIEF, is_news_first, work);
}

/*
 * The leases of all that it may come to are asked for at once, since each question costs as much as
 * a delivery. A round ends early when a service is slow, so that the alerts leave.
 */
static void serve_all(struct courier *courier)
{
	struct work ahead = {.is_list = true}, work = {.is_list = false};
	struct lap laps[ABOUTS];

	for (int i = 0; i < ABOUTS; i++)
		if (courier->laps[i].next >= courier->laps[i].end)
			courier->laps[i] = (struct lap){0, courier->agenda.opened};
	memcpy(laps, courier->laps, sizeof(laps));
	go_round(courier, &ahead);
	memcpy(courier->laps, laps, sizeof(laps));
	lease_ahead(courier, ahead.list, ahead.served);
	go_round(courier, &work);
}

/* As app_renew_zones(): what the workers show from now on is what mails say. */
static void renew_zone(struct courier *courier)
{
	struct zone *fresh;
	struct fail fail;

	if (!zone_file_is_new(courier->conf, courier->arena, &courier->zone_mark))
		return;
	if (zone_file_load_own(courier->conf, courier->arena, &fresh, &fail)) {
		log_fail(LOG_LEVEL_ERROR, "zone_data_not_read", &fail);
		return;
	}
	zone_free(courier->zone);
	courier->zone = fresh;
	log_event(LOG_LEVEL_NOTICE, "zone_data_renewed");
}

/* Where the store was away at the start; nothing is done on a schema that nobody knows. */
static enum err learn_schema(struct courier *courier, struct fail *fail)
{
	enum err err;

	if (courier->is_schema_known)
		return ERR_NONE;
	err = schema_check(courier->upstream.clickhouse, courier->arena, fail);
	courier->is_schema_known = !err;
	/* The next one says that it does not start. */
	if (err == ERR_SCHEMA)
		*courier->stop = 1;
	return err;
}

void courier_round(struct courier *courier)
{
	struct fail fail;
	enum err err;

	arena_reset(courier->arena);
	courier->round++;
	renew_zone(courier);
	if (!(err = learn_schema(courier, &fail)) && !(err = record_late(courier, &fail)))
		err = take_in_changes(courier, &fail);
	store_watch(courier, err, &fail);
	if (err)
		return;
	lease_give_way(courier);
	obey_check(courier);
	spool_replay(courier);
	feeds_watch(courier);
	watch_outage(courier);
	watch_clocks(courier);
	watch_clients(courier);
	shortage_watch(courier);
	collisions_watch(courier);
	watch_alerts(courier);
	drifts_watch(courier);
	serve_all(courier);
	alerts_flush(courier);
	backlog_count(courier);
	agenda_sweep(&courier->agenda);
}

int64_t courier_rest_ms(const struct courier *courier)
{
	int64_t first = INT64_MAX, left;
	const struct agenda_item *item;

	for (size_t i = 0; (item = agenda_at(&courier->agenda, i)); i++)
		if (!item->duties.is_plain && item->look_ms < first)
			first = item->look_ms;
	if (courier->store_outage.is_down || first == INT64_MAX)
		return ROUND_MS;
	left = first - courier_now_ms(courier);
	return left < ROUND_LEAST_MS ? ROUND_LEAST_MS : left > ROUND_MS ? ROUND_MS : left;
}

/* What the courier did and holds goes to others, as at its end. */
static void let_go(struct courier *courier)
{
	struct fail ignored;

	arena_reset(courier->arena);
	if (!courier->store_outage.is_down && !record_late(courier, &ignored))
		lease_release_all(courier);
}

/* Said at the start, since a secret that cannot be read looks to a unit like one that is not there.
 */
static void log_off(const struct courier *courier)
{
	if (conf_lacks_writer(courier->conf))
		log_event(LOG_LEVEL_NOTICE,
		    "off service=google detail=\"google-client-id, google-client-secret and "
		    "google-refresh-token are not all there\"");
	if (!courier->rules.has_resend)
		log_event(LOG_LEVEL_NOTICE,
		    "off service=resend detail=\"resend-api-key or [resend] from is not there\"");
	if (!courier->rules.has_telegram)
		log_event(LOG_LEVEL_NOTICE,
		    "off service=telegram detail=\"telegram-bot-token or [telegram] chat_id is not "
		    "there\"");
}

static void open_anew(struct courier *courier)
{
	struct courier fresh;
	struct fail fail;

	notify_send("RELOADING=1");
	if (courier_open(courier->conf_path, courier->stop, &fresh, &fail)) {
		log_event(LOG_LEVEL_ERROR, "reload_refused, the old configuration stays: %s",
		    fail.detail);
	} else {
		let_go(courier);
		/* What happened stays so, whatever the configuration says. */
		memcpy(fresh.unsaved, courier->unsaved, sizeof(fresh.unsaved));
		fresh.unsaved_count = courier->unsaved_count;
		fresh.store_outage = courier->store_outage;
		courier_close(courier);
		*courier = fresh;
		log_event(LOG_LEVEL_NOTICE, "reloaded");
		log_off(courier);
	}
	notify_send("READY=1");
}

void courier_run(struct courier *courier, volatile sig_atomic_t *reload)
{
	log_off(courier);
	notify_send("READY=1");
	while (!*courier->stop) {
		int64_t began = clock_boot_ms(), left;

		if (*reload) {
			*reload = 0;
			open_anew(courier);
		}
		notify_send("WATCHDOG=1");
		courier_round(courier);
		counters_set(courier->upstream.counters, GAUGE_COURIER_ROUND_MS, clock_boot_ms());
		left = courier_rest_ms(courier) - (clock_boot_ms() - began);
		/* A signal cuts the sleep short. */
		if (left > 0 && !*courier->stop)
			nanosleep(&(struct timespec){left / 1000, left % 1000 * 1000000}, NULL);
	}
	notify_send("STOPPING=1");
	let_go(courier);
}

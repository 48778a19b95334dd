/* SPDX-License-Identifier: MIT */
/* watch.c: what the operator is told that belongs to no booking */
#include "courier/watch.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "core/civil.h"
#include "courier/alert.h"
#include "courier/lease.h"
#include "courier/notice.h"
#include "desk/calendar_news.h"
#include "store/caldav_busy.h"
#include "store/calendar_cache.h"

/* An outage that only slow pages noticed is told when it lasts. */
#define SLOW_MS 60000
/* How long a look at an unreachable calendar may take. */
#define PROBE_MS 3000
/* Credentials are renewed by a person: they are not asked for as often. */
#define REFUSED_PAUSES 20

static bool is_due(const struct courier *courier, const struct delivery *delivery)
{
	return duty_is_plain(delivery->duty) &&
	       (delivery->state == DELIVERY_DUE ||
		   (delivery->state == DELIVERY_RETRY &&
		       !delivery_waits(delivery, courier_now_ms(courier))));
}

static bool has_due(const struct courier *courier, const struct duties *duties)
{
	for (size_t i = 0; i < duties->count; i++)
		if (is_due(courier, &duties->list[i]))
			return true;
	return false;
}

static void add_due(struct courier *courier, struct agenda_item *item)
{
	const struct duties *duties = &item->duties;
	struct fail fail;
	enum lease lease = lease_take(courier, item, &fail);

	if (lease == LEASE_UNKNOWN)
		log_fail(LOG_LEVEL_WARNING, "lease_not_had", &fail);
	for (size_t i = 0; lease == LEASE_OURS && i < duties->count; i++)
		if (is_due(courier, &duties->list[i]))
			alert_add_plain(
			    courier, item, duties->list[i].duty, duties->list[i].version);
}

void watch_alerts(struct courier *courier)
{
	struct agenda_item *item;

	if (!courier->rules.has_telegram || courier->alert_hold_ms > clock_boot_ms())
		return;
	for (size_t i = 0; (item = agenda_at(&courier->agenda, i)); i++)
		if (item->duties.is_plain && item->is_read && has_due(courier, &item->duties))
			add_due(courier, item);
}

/* A calendar of the configuration, and its outage as the pool remembers it. */
struct watched {
	const struct conf_calendar *calendar;
	size_t index;
	struct calendar_place place;
	struct outage outage;
};

/* Whether it answers now. */
static enum err ask_calendar(
    struct courier *courier, size_t index, struct interval window, struct fail *fail)
{
	const struct conf *conf = courier->conf;
	const int64_t deadline = clock_boot_ms() + PROBE_MS;
	const struct busy_question question = {.ids = {conf->calendars.list[index].calendar},
	    .count = 1,
	    .window = window,
	    .deadline = deadline};
	const struct caldav_wish wish = {
	    .question = {window, conf->hours.timezone}, .deadline = deadline};
	struct upstream *upstream = &courier->upstream;
	struct busy_list busy;

	return upstream->caldavs[index]
		   ? caldav_busy(upstream->caldavs[index], courier->arena, &wish, &busy, fail)
		   : calendar_busy(
			 upstream->accounts[index], courier->arena, &question, &busy, fail);
}

/* The workers ask only when somebody comes; the end of an outage is to be told without that. A
 * courier that begins asks at once: whoever mended something has started it anew. */
static void probe(struct courier *courier, const struct watched *watched)
{
	const struct conf *conf = courier->conf;
	int64_t now = courier_now_s(courier), boot_ms = clock_boot_ms();
	int64_t *hold_ms = &courier->probe_hold_ms[watched->index];
	struct fail fail;
	int lock;

	if (watched->calendar->kind == CALENDAR_ICS || boot_ms < *hold_ms ||
	    (courier->round > 1 && boot_ms < watched->outage.until_ms))
		return;
	*hold_ms = boot_ms +
		   conf->google.retry_s * 1000 * (watched->outage.is_refused ? REFUSED_PAUSES : 1);
	lock = calendar_cache_lock(conf->site.runtime_dir);
	if (lock < 0)
		return;
	if (!ask_calendar(courier, watched->index, (struct interval){now, now + DAY_S}, &fail) &&
	    outage_end(&watched->place, courier->arena))
		calendar_news(watched->calendar, OUTAGE_ENDED, NULL);
	file_unlock(lock);
}

/* "machine", or of a section "machine work": a machine's name has no space. */
static void tell(
    struct courier *courier, const struct watched *watched, enum duty duty, uint64_t version)
{
	const char *name = watched->calendar->name;

	notice_try(courier, &courier->calendar_places[watched->index],
	    &(struct delivery){.duty = duty, .version = version},
	    arena_printf(courier->arena, "%s%s%s", courier->machine, *name ? " " : "", name));
}

/* Every outage of this machine and calendar that was told and is not the present one has ended,
 * whoever saw it begin. */
static void tell_ends(struct courier *courier, const struct watched *watched)
{
	const struct agenda_item *item =
	    agenda_find(&courier->agenda, &courier->calendar_places[watched->index]);

	for (size_t i = 0; item && i < item->duties.count; i++) {
		struct delivery told = item->duties.list[i];

		if ((told.duty == DUTY_OUTAGE || told.duty == DUTY_GOOGLE_REFUSED) &&
		    told.version != (uint64_t)watched->outage.since_ms)
			tell(courier, watched, DUTY_OUTAGE_ENDED, told.version);
	}
}

void watch_clocks(struct courier *courier)
{
	const struct clocks *clocks = counters_clocks(courier->upstream.counters);
	int64_t boot_ms = clock_boot_ms(),
		wall_ms = clocks_of_workers(clocks, boot_ms, clock_wall_ms());

	for (int i = 0; i < PEERS; i++)
		if (!clocks_agree(clocks_ahead(clocks, (enum peer)i, boot_ms, wall_ms)))
			notice_try(courier, &courier->place,
			    &(struct delivery){
				.duty = DUTY_CLOCKS, .version = courier_day(courier)},
			    courier->machine);
}

void watch_clients(struct courier *courier)
{
	int64_t refused_ms = counters_get(courier->upstream.counters, GAUGE_CLIENT_REFUSED_MS),
		ago_ms = clock_boot_ms() - refused_ms;

	if (refused_ms && ago_ms >= 0 && ago_ms < DAY_S * INT64_C(1000))
		notice_try(courier, &courier->place,
		    &(struct delivery){.duty = DUTY_CLIENTS,
			.version = (uint64_t)((courier_now_ms(courier) - ago_ms) / 1000 / DAY_S)},
		    courier->machine);
}

static void watch_calendar(struct courier *courier, size_t index)
{
	const struct conf_calendar *calendar = &courier->conf->calendars.list[index];
	struct watched watched = {.calendar = calendar,
	    .index = index,
	    .place = calendar_place(courier->conf, calendar, courier->arena)};
	const struct outage *outage = &watched.outage;

	watched.outage = outage_load(&watched.place, courier->arena);
	if (outage->since_ms)
		probe(courier, &watched);
	if (outage->is_refused)
		tell(courier, &watched, DUTY_GOOGLE_REFUSED, (uint64_t)outage->since_ms);
	else if (outage->is_down ||
		 (outage->since_ms && clock_boot_ms() - outage->since_ms > SLOW_MS))
		tell(courier, &watched, DUTY_OUTAGE, (uint64_t)outage->since_ms);
	tell_ends(courier, &watched);
}

void watch_outage(struct courier *courier)
{
	for (size_t i = 0; i < courier->conf->calendars.count; i++)
		if (conf_calendar_is_on(&courier->conf->calendars.list[i]))
			watch_calendar(courier, i);
}

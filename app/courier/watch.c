/* SPDX-License-Identifier: MIT */
/* watch.c: what the operator is told that belongs to no booking */
#include "courier/watch.h"
#include "base/clock.h"
#include "base/log.h"
#include "core/civil.h"
#include "courier/alert.h"
#include "courier/lease.h"
#include "courier/notice.h"
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
		       delivery->until_ms <= courier_now_ms(courier)));
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

/* The workers ask only when somebody comes; the end of an outage is to be told without that. */
static void probe(struct courier *courier, const struct outage *outage)
{
	const struct conf *conf = courier->conf;
	int64_t now = courier_now_ms(courier) / 1000, boot_ms = clock_boot_ms();
	struct http_reply reply;
	struct busy_list busy;
	struct fail fail;
	int lock;

	if (boot_ms < outage->until_ms || boot_ms < courier->probe_hold_ms)
		return;
	courier->probe_hold_ms =
	    boot_ms + conf->google.retry_s * 1000 * (outage->is_refused ? REFUSED_PAUSES : 1);
	lock = calendar_cache_lock(conf->site.runtime_dir);
	if (lock < 0)
		return;
	calendar_busy_start(courier->upstream.google, courier->arena,
	    (struct interval){now, now + DAY_S}, boot_ms + PROBE_MS, http_keep, &reply);
	http_run(courier->upstream.http);
	if (!calendar_parse_busy(courier->arena, &reply, conf->google.calendar, &busy, &fail) &&
	    outage_end(conf->site.runtime_dir))
		log_event(LOG_LEVEL_NOTICE, "calendar_back");
	calendar_cache_unlock(lock);
}

static void tell(struct courier *courier, enum duty duty, uint64_t version)
{
	notice_try(courier, &courier->place, &(struct delivery){.duty = duty, .version = version},
	    courier->machine);
}

/* Every outage of this machine that was told and is not the present one has ended, whoever saw it
 * begin. */
static void tell_ends(struct courier *courier, uint64_t present)
{
	const struct agenda_item *item = agenda_find(&courier->agenda, &courier->place);

	for (size_t i = 0; item && i < item->duties.count; i++) {
		struct delivery told = item->duties.list[i];

		if ((told.duty == DUTY_OUTAGE || told.duty == DUTY_GOOGLE_REFUSED) &&
		    told.version != present)
			tell(courier, DUTY_OUTAGE_ENDED, told.version);
	}
}

void watch_clocks(struct courier *courier)
{
	const struct clocks *clocks = counters_clocks(courier->counters);
	int64_t boot_ms = clock_boot_ms(),
		wall_ms = clocks_of_workers(clocks, boot_ms, clock_wall_ms());

	for (int i = 0; i < PEERS; i++)
		if (!clocks_agree(clocks_ahead(clocks, (enum peer)i, boot_ms, wall_ms)))
			tell(courier, DUTY_CLOCKS,
			    (uint64_t)(courier_now_ms(courier) / 1000 / DAY_S));
}

void watch_outage(struct courier *courier)
{
	struct outage outage;

	if (!courier->rules.has_telegram || !courier->rules.has_google)
		return;
	outage = outage_load(courier->conf->site.runtime_dir, courier->arena);
	if (outage.since_ms)
		probe(courier, &outage);
	if (outage.is_refused)
		tell(courier, DUTY_GOOGLE_REFUSED, (uint64_t)outage.since_ms);
	else if (outage.is_down || (outage.since_ms && clock_boot_ms() - outage.since_ms > SLOW_MS))
		tell(courier, DUTY_OUTAGE, (uint64_t)outage.since_ms);
	tell_ends(courier, (uint64_t)outage.since_ms);
}

/* SPDX-License-Identifier: MIT */
/* watch.c: what the operator is told that belongs to no booking */
#include "base/clock.h"
#include "base/log.h"
#include "courier/courier.h"
#include "store/calendar_cache.h"

const struct uuid watch_everywhere = {{0}};

/* An outage that only slow pages noticed is told when it lasts. */
#define SLOW_MS 60000
/* How long a look at an unreachable calendar may take. */
#define PROBE_MS 3000
/* Credentials are renewed by a person: they are not asked for as often. */
#define REFUSED_PAUSES 20

enum err watch_alert(struct courier *courier, const struct uuid *place, enum duty duty,
    uint64_t version, struct fail *fail)
{
	struct delivery due = {.duty = duty, .version = version, .state = DELIVERY_DUE};

	if (!courier->rules.has_telegram ||
	    record_find(courier, place, duty, version).state != DELIVERY_NONE)
		return ERR_NONE;
	return record_put(courier, place, &due,
	    uuid_equal(place, &watch_everywhere) ? "" : courier->host, "", fail);
}

static bool is_due(const struct courier *courier, const struct delivery *delivery)
{
	return duty_is_plain(delivery->duty) &&
	       (delivery->state == DELIVERY_DUE ||
		   (delivery->state == DELIVERY_RETRY &&
		       delivery->until_ms <= courier_now_ms(courier)));
}

static size_t count_due(const struct courier *courier, const struct docket *docket)
{
	size_t count = 0;

	for (size_t i = 0; i < docket->count; i++)
		count += is_due(courier, &docket->list[i]);
	return count;
}

static void add_due(struct courier *courier, struct uuid place)
{
	struct docket *docket;
	struct fail fail;
	int64_t deadline;
	bool is_mine;

	if (lease_take(courier, &place, &is_mine, &deadline, &fail)) {
		log_fail(LOG_LEVEL_WARNING, "lease_not_had", &fail);
		return;
	}
	docket = record_docket(courier, &place);
	for (size_t i = 0; is_mine && docket && i < docket->count; i++)
		if (is_due(courier, &docket->list[i]))
			alert_add_plain(
			    courier, &place, docket->list[i].duty, docket->list[i].version);
}

void watch_alerts(struct courier *courier)
{
	struct docket *docket;

	if (!courier->rules.has_telegram || courier->alert_hold_ms > clock_boot_ms())
		return;
	for (size_t i = 0; (docket = dockets_at(courier->dockets, i)); i++)
		if (docket->is_plain && count_due(courier, docket))
			add_due(courier, docket->booking);
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
	    (struct interval){now, now + 86400}, boot_ms + PROBE_MS, http_keep, &reply);
	http_run(courier->upstream.http);
	if (!calendar_parse_busy(courier->arena, &reply, conf->google.calendar, &busy, &fail) &&
	    outage_end(conf->site.runtime_dir))
		log_event(LOG_LEVEL_NOTICE, "calendar_back");
	calendar_cache_unlock(lock);
}

static void told_or_logged(struct courier *courier, enum duty duty, uint64_t version)
{
	struct fail fail;

	if (watch_alert(courier, &courier->place, duty, version, &fail))
		log_fail(LOG_LEVEL_WARNING, "delivery_not_recorded", &fail);
}

/* Every outage of this host that was told and is not the present one has ended, whoever saw it
 * begin. */
static void tell_ends(struct courier *courier, uint64_t present)
{
	struct docket *docket;

	for (size_t i = 0; (docket = record_docket(courier, &courier->place)) && i < docket->count;
	     i++) {
		struct delivery told = docket->list[i];

		if ((told.duty == DUTY_OUTAGE || told.duty == DUTY_GOOGLE_REFUSED) &&
		    told.version != present)
			told_or_logged(courier, DUTY_OUTAGE_ENDED, told.version);
	}
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
		told_or_logged(courier, DUTY_GOOGLE_REFUSED, (uint64_t)outage.since_ms);
	else if (outage.is_down || (outage.since_ms && clock_boot_ms() - outage.since_ms > SLOW_MS))
		told_or_logged(courier, DUTY_OUTAGE, (uint64_t)outage.since_ms);
	tell_ends(courier, (uint64_t)outage.since_ms);
}

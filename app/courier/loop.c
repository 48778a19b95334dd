/* SPDX-License-Identifier: MIT */
/* loop.c: what is due, and the rounds in which it is done */
#include "base/clock.h"
#include "base/log.h"
#include "courier/courier.h"
#include "net/schema.h"
#include "net/zones.h"

#include <sodium.h>
#include <string.h>
#include <time.h>

#define ARENA_MAX (160 * 1024 * 1024)
#define ROUND_MS 1000
#define DAY_MS INT64_C(86400000)
/* Bookings done in one round, so that alerts leave and others get their turn. */
#define TASKS_MAX 32
#define WORK_MS 3000
/* Clocks and transfers are not exact. */
#define SETTLE_MARGIN_MS 3000

static enum err open_parts(struct courier *courier, struct fail *fail)
{
	const struct conf *conf = courier->conf;
	enum err err;

	if ((err = zones_load(conf->site.zoneinfo, conf->hours.timezone, courier->arena,
		 &courier->zone, fail)) ||
	    (err = templates_load(conf->site.templates, &courier->templates, fail)))
		return err;
	courier->style = (struct moment_style){courier->templates, conf->site.language};
	if ((err = upstream_open(conf, courier->stop, &courier->upstream, fail)))
		return err;
	courier->dockets = dockets_new();
	if (!courier->dockets)
		return fail_set(fail, ERR_SYSTEM, "courier", "no memory");
	for (int i = 0; i < REMINDERS; i++)
		courier->rules.reminders_s[i] = conf->courier.reminders[i];
	courier->rules.abandoned_s = conf->courier.abandoned_minutes * 60;
	courier->rules.replay_s = conf->courier.replay_s;
	courier->rules.settled_ms =
	    conf->google.timeout_ms + conf->site.queue_ms + SETTLE_MARGIN_MS;
	courier->rules.has_google = conf_has_google(conf);
	courier->rules.has_resend = conf_has_resend(conf);
	courier->rules.has_telegram = conf_has_telegram(conf);
	courier->owner = uuid_random();
	courier->leads_since_ms = clock_wall_ms() - 7 * DAY_MS;
	return ERR_NONE;
}

enum err courier_open(
    const char *conf_path, volatile sig_atomic_t *stop, struct courier *out, struct fail *fail)
{
	struct courier courier = {.stop = stop, .arena = arena_new(ARENA_MAX)};
	enum err err;

	if (!courier.arena)
		return fail_set(fail, ERR_SYSTEM, "courier", "no memory");
	if ((err = conf_load(conf_path, NULL, &courier.conf, fail)) ||
	    (err = open_parts(&courier, fail))) {
		courier_close(&courier);
		return err;
	}
	err = schema_check(courier.upstream.clickhouse, courier.arena, fail);
	if (err == ERR_SCHEMA) {
		courier_close(&courier);
		return err;
	}
	*out = courier;
	return ERR_NONE;
}

void courier_close(struct courier *courier)
{
	dockets_free(courier->dockets);
	upstream_close(&courier->upstream);
	templates_free(courier->templates);
	zone_free(courier->zone);
	conf_free(courier->conf);
	arena_free(courier->arena);
}

struct docket *courier_docket(struct courier *courier, const struct uuid *booking)
{
	return dockets_open(courier->dockets, booking);
}

enum err courier_put(struct courier *courier, const struct uuid *booking,
    const struct delivery *delivery, const char *payload, const char *detail, struct fail *fail)
{
	struct docket *docket;
	enum err err = deliveries_record(courier->upstream.clickhouse, courier->arena, booking,
	    &courier->owner, delivery, payload, detail, fail);

	if (err)
		return err;
	docket = courier_docket(courier, booking);
	if (!docket || !docket_record(docket, delivery))
		return fail_set(fail, ERR_SYSTEM, "courier", "no memory");
	docket->look_ms = 0;
	return ERR_NONE;
}

struct delivery courier_find(
    struct courier *courier, const struct uuid *booking, enum duty duty, uint64_t version)
{
	struct docket *docket = courier_docket(courier, booking);

	return docket ? docket_find(docket, duty, version)
		      : (struct delivery){.duty = duty, .version = version};
}

/* Credentials can be renewed: what they were refused for is still owed then. */
static bool is_permanent(enum err err)
{
	return err == ERR_REFUSED || err == ERR_TOO_LARGE;
}

static void log_outcome(
    const struct uuid *booking, const struct delivery *delivery, const struct outcome *outcome)
{
	char hash[LOG_HASH_TEXT];

	log_hash(booking->bytes, sizeof(booking->bytes), hash);
	if (outcome->err)
		log_event(is_permanent(outcome->err) ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING,
		    "delivery duty=%s booking=%s state=%s code=%s where=%s detail=\"%s\"",
		    duty_name(delivery->duty), hash, delivery_state_name(delivery->state),
		    err_name(outcome->err), outcome->fail.where, outcome->fail.detail);
	else
		log_event(LOG_LEVEL_INFO, "delivery duty=%s booking=%s state=done",
		    duty_name(delivery->duty), hash);
}

/* In the docket it stands in any case, so that this courier does not do it twice. */
static void save(struct courier *courier, const struct uuid *booking,
    const struct delivery *delivery, const char *detail)
{
	struct docket *docket;
	struct fail fail;

	if (!courier_put(courier, booking, delivery, "", detail, &fail))
		return;
	log_fail(LOG_LEVEL_ERROR, "delivery_not_recorded", &fail);
	docket = courier_docket(courier, booking);
	if (docket)
		(void)docket_record(docket, delivery);
	if (courier->unsaved_count < UNSAVED_MAX)
		courier->unsaved[courier->unsaved_count++] = (struct unsaved){*booking, *delivery};
}

/* What could not be recorded then is recorded before anything else is done. */
static enum err save_late(struct courier *courier, struct fail *fail)
{
	while (courier->unsaved_count) {
		const struct unsaved *unsaved = &courier->unsaved[courier->unsaved_count - 1];
		enum err err =
		    courier_put(courier, &unsaved->booking, &unsaved->delivery, "", "", fail);

		if (err)
			return err;
		courier->unsaved_count--;
	}
	return ERR_NONE;
}

void courier_record(struct courier *courier, const struct uuid *booking, enum duty duty,
    uint64_t version, const struct outcome *outcome)
{
	struct delivery delivery = courier_find(courier, booking, duty, version);
	struct delivery told = {.duty = DUTY_FAILED, .version = version, .state = DELIVERY_DUE};
	enum err err = outcome->err;
	bool is_hopeless;

	if (err == ERR_STOPPING)
		return;
	delivery.at_ms = delivery.until_ms = clock_wall_ms();
	delivery.state = !err			? DELIVERY_DONE
			 : is_permanent(err)	? DELIVERY_FAILED
			 : outcome->may_be_done ? DELIVERY_TRYING
						: DELIVERY_RETRY;
	if (err && !is_permanent(err)) {
		delivery.until_ms +=
		    outcome->retry_s ? outcome->retry_s * 1000
				     : delivery_backoff_ms(delivery.attempt, randombytes_random());
		if (delivery.attempt < UINT16_MAX)
			delivery.attempt++;
	}
	log_outcome(booking, &delivery, outcome);
	save(courier, booking, &delivery, err ? outcome->fail.detail : "");
	is_hopeless = is_permanent(err) || (err && delivery.attempt == DELIVERY_PATIENCE);
	/* Alerts that do not arrive are no matter for an alert. */
	if (is_hopeless && (duty_is_mail(duty) || duty_is_event(duty)) &&
	    courier->rules.has_telegram)
		save(courier, booking, &told, outcome->fail.detail);
}

/* Takes in what changed: the ledger, the log of deliveries, new rows. */
static enum err take_in(struct courier *courier, const struct pulse *pulse, struct fail *fail)
{
	struct clickhouse *clickhouse = courier->upstream.clickhouse;
	int64_t now_ms = clock_wall_ms();
	const struct ledger *ledger;
	struct ledger_booking booking;
	struct docket *docket;
	enum err err;

	if ((err = journal_refresh(courier->upstream.journal, courier->arena,
		 clickhouse_deadline(clickhouse), fail)) ||
	    (err = deliveries_read(
		 clickhouse, courier->arena, &courier->delivery_number, courier->dockets, fail)) ||
	    (err = deliveries_read_leads(
		 clickhouse, courier->arena, courier->leads_since_ms, courier->dockets, fail)))
		return err;
	ledger = journal_state(courier->upstream.journal);
	for (size_t i = 0; ledger_at(ledger, i, &booking); i++) {
		if (booking.version <= courier->ledger_version || booking.is_block ||
		    booking.call.end * 1000 + 7 * DAY_MS < now_ms)
			continue;
		docket = courier_docket(courier, &booking.id);
		if (!docket)
			return fail_set(fail, ERR_SYSTEM, "courier", "no memory");
		docket->look_ms = 0;
	}
	courier->ledger_version = ledger_version(ledger, ledger_mark(ledger).number);
	/* A row that was being written at that moment bears an earlier time than it appears. */
	if (pulse->newest_row_ms - 10000 > courier->leads_since_ms)
		courier->leads_since_ms = pulse->newest_row_ms - 10000;
	courier->pulse = *pulse;
	courier->has_pulse = true;
	return ERR_NONE;
}

static void note_database(struct courier *courier, enum err err, const struct fail *fail)
{
	if (err && !courier->is_down)
		log_fail(LOG_LEVEL_ERROR, "clickhouse_unreachable", fail);
	if (!err && courier->is_down)
		log_event(LOG_LEVEL_NOTICE, "clickhouse_back");
	courier->is_down = err != ERR_NONE;
}

/* Each round begins where the last one ended, so that nobody waits behind the same ones for ever;
 * and it ends early when a service is slow, so that the alerts leave. */
static void serve_all(struct courier *courier)
{
	size_t count = dockets_count(courier->dockets);
	int64_t began = clock_boot_ms();
	unsigned served = 0;

	for (size_t i = 0; i < count && served < TASKS_MAX && !*courier->stop &&
			   clock_boot_ms() - began < WORK_MS;
	     i++) {
		struct docket *docket = dockets_at(courier->dockets, courier->next++ % count);
		struct uuid booking = docket->booking;

		if (!uuid_is_nil(&booking) && docket->look_ms <= clock_wall_ms())
			served += serve(courier, &booking);
	}
}

static void round_of_work(struct courier *courier)
{
	struct pulse pulse;
	struct fail fail;
	enum err err;

	err = deliveries_pulse(courier->upstream.clickhouse, courier->arena, &pulse, &fail);
	if (!err)
		err = save_late(courier, &fail);
	if (!err && (!courier->has_pulse || memcmp(&pulse, &courier->pulse, sizeof(pulse)) != 0))
		err = take_in(courier, &pulse, &fail);
	note_database(courier, err, &fail);
	if (err)
		return;
	spool_replay(courier);
	watch_outage(courier);
	watch_alerts(courier);
	serve_all(courier);
	alerts_flush(courier);
}

void courier_run(struct courier *courier)
{
	while (!*courier->stop) {
		int64_t began = clock_boot_ms(), left;

		arena_reset(courier->arena);
		courier->alerts.count = 0;
		round_of_work(courier);
		left = ROUND_MS - (clock_boot_ms() - began);
		/* A signal cuts the sleep short. */
		if (left > 0 && !*courier->stop)
			nanosleep(&(struct timespec){left / 1000, left % 1000 * 1000000}, NULL);
	}
	arena_reset(courier->arena);
	if (!courier->is_down)
		serve_release(courier);
}

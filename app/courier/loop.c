/* SPDX-License-Identifier: MIT */
/* loop.c: what is due, and the rounds in which it is done */
#include "base/clock.h"
#include "base/log.h"
#include "courier/courier.h"
#include "net/answer.h"
#include "net/schema.h"
#include "net/zones.h"

#include <sodium.h>
#include <string.h>
#include <time.h>

#define ARENA_MAX (160 * 1024 * 1024)
#define ROUND_MS 1000
#define LEASE_MS 60000
#define DAY_MS INT64_C(86400000)
/* Bookings done in one round, so that alerts leave and others get their turn. */
#define TASKS_MAX 32

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

static bool is_permanent(enum err err)
{
	return err == ERR_REFUSED || err == ERR_AUTH || err == ERR_TOO_LARGE;
}

void courier_record(struct courier *courier, const struct uuid *booking, enum duty duty,
    uint64_t version, enum err err, const struct fail *fail, int64_t retry_s)
{
	struct docket *docket = courier_docket(courier, booking);
	struct delivery delivery =
	    docket ? docket_find(docket, duty, version) : (struct delivery){.duty = duty};
	struct delivery told = {.duty = DUTY_FAILED, .version = version, .state = DELIVERY_DUE};
	struct fail record_fail;
	bool is_hopeless;
	char hash[LOG_HASH_TEXT];

	delivery.version = version;
	delivery.at_ms = clock_wall_ms();
	delivery.state = !err		     ? DELIVERY_DONE
			 : is_permanent(err) ? DELIVERY_FAILED
					     : DELIVERY_RETRY;
	delivery.until_ms = delivery.at_ms;
	if (delivery.state == DELIVERY_RETRY) {
		delivery.until_ms +=
		    retry_s ? retry_s * 1000
			    : delivery_backoff_ms(delivery.attempt, randombytes_random());
		if (delivery.attempt < UINT16_MAX)
			delivery.attempt++;
	}
	log_hash(booking->bytes, sizeof(booking->bytes), hash);
	if (err)
		log_event(err && is_permanent(err) ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING,
		    "delivery duty=%s booking=%s state=%s code=%s where=%s detail=\"%s\"",
		    duty_name(duty), hash, delivery_state_name(delivery.state), err_name(err),
		    fail->where, fail->detail);
	else
		log_event(LOG_LEVEL_INFO, "delivery duty=%s booking=%s state=done", duty_name(duty),
		    hash);
	is_hopeless = delivery.state == DELIVERY_FAILED ||
		      (delivery.state == DELIVERY_RETRY && delivery.attempt == DELIVERY_PATIENCE);
	if (courier_put(courier, booking, &delivery, "", err ? fail->detail : "", &record_fail) ||
	    (is_hopeless && duty != DUTY_FAILED && !uuid_is_nil(booking) &&
		courier->rules.has_telegram &&
		courier_put(courier, booking, &told, "", fail->detail, &record_fail)))
		log_fail(LOG_LEVEL_ERROR, "delivery_not_recorded", &record_fail);
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

/* Only one courier works at a booking; the log decides which. */
static enum err lease(
    struct courier *courier, const struct uuid *booking, bool *is_mine, struct fail *fail)
{
	struct clickhouse *clickhouse = courier->upstream.clickhouse;
	struct docket *docket = courier_docket(courier, booking);
	int64_t now_ms = clock_wall_ms();
	enum err err;

	*is_mine = false;
	if (!docket)
		return fail_set(fail, ERR_SYSTEM, "courier", "no memory");
	if (uuid_equal(&docket->owner, &courier->owner) &&
	    docket->lease_until_ms > now_ms + LEASE_MS / 2) {
		*is_mine = true;
		return ERR_NONE;
	}
	if (!uuid_equal(&docket->owner, &courier->owner) && docket->lease_until_ms > now_ms) {
		docket->look_ms = docket->lease_until_ms;
		return ERR_NONE;
	}
	if ((err = deliveries_lease(
		 clickhouse, courier->arena, booking, &courier->owner, now_ms + LEASE_MS, fail)) ||
	    (err = deliveries_read(
		 clickhouse, courier->arena, &courier->delivery_number, courier->dockets, fail)))
		return err;
	docket = courier_docket(courier, booking);
	*is_mine = docket && uuid_equal(&docket->owner, &courier->owner) &&
		   docket->lease_until_ms > now_ms;
	return ERR_NONE;
}

static struct known known_of(const struct task *task)
{
	const struct lead *lead = &task->snapshot.lead;

	return (struct known){
	    .has_lead = task->snapshot.has_lead,
	    .created_ms = lead->created_ms,
	    .was_booked = task->standing.version > 0 || lead->status != LEAD_AWAITING_SLOT,
	    .standing = task->standing,
	    .row_version = lead->version,
	};
}

/* The booking as it stands now. Model: step `standing`. */
static enum err look(struct task *task, struct fail *fail)
{
	struct upstream *upstream = &task->courier->upstream;
	struct snapshot_question *question = snapshot_start(upstream->journal, task->courier->arena,
	    &task->booking, task->courier->conf->site.host, (struct interval){0, 0});
	enum err err;

	http_run(upstream->http);
	if ((err = snapshot_finish(question, &task->snapshot, fail)))
		return err;
	ledger_find(journal_state(upstream->journal), &task->booking, &task->standing);
	return ERR_NONE;
}

/* The row of an accepted entry whose writer did not come to it. Model: step `row`. */
static enum err write_row(struct task *task, struct fail *fail)
{
	struct lead lead = task->snapshot.lead;

	lead.status = task->standing.is_live ? LEAD_BOOKED : LEAD_CANCELLED;
	lead.version = task->standing.version;
	lead.host = task->standing.host;
	lead.slot = task->standing.is_live ? task->standing.call : (struct interval){0, 0};
	lead.calendar = task->standing.calendar;
	return store_put(task->courier->upstream.clickhouse, task->courier->arena, &lead,
	    clickhouse_deadline(task->courier->upstream.clickhouse), fail);
}

static void deliver(struct task *task, enum duty duty, uint64_t version)
{
	switch (duty) {
	case DUTY_EVENT:
		event_deliver(task, version);
		return;
	case DUTY_MAIL:
	case DUTY_REMINDER_1:
	case DUTY_REMINDER_2:
	case DUTY_REMINDER_3:
	case DUTY_NUDGE:
	case DUTY_SPOOLED:
		if (clock_boot_ms() >= task->courier->mail_hold_ms)
			mail_deliver(task, duty, version);
		return;
	case DUTY_NEW_LEAD:
	case DUTY_ALERT:
	case DUTY_COLLISION:
	case DUTY_ABANDONED:
	case DUTY_FAILED:
	case DUTY_SPOOL_ALERT:
		alert_add(task, duty, version);
		return;
	case DUTY_OUTAGE:
	case DUTY_OUTAGE_ENDED:
	case DUTY_DAMAGED:
	case DUTIES:
		return;
	}
}

/* One booking: what is due of it, in its order. True: something was done. */
static bool serve(struct courier *courier, const struct uuid *booking)
{
	struct task task = {.courier = courier, .booking = *booking};
	struct docket *docket;
	struct known known;
	struct fail fail;
	struct due due;
	bool is_mine;

	if (look(&task, &fail)) {
		log_fail(LOG_LEVEL_WARNING, "booking_not_read", &fail);
		return false;
	}
	known = known_of(&task);
	docket = courier_docket(courier, booking);
	if (!docket)
		return false;
	if (docket->seen_version != task.standing.version) {
		docket->seen_version = task.standing.version;
		docket->seen_ms = clock_wall_ms();
	}
	delivery_due(&courier->rules, docket, &known, clock_wall_ms(), &due);
	docket->look_ms = due.next_ms;
	if (!due.count && !due.is_row_due)
		return false;
	docket->look_ms = 0;
	if (lease(courier, booking, &is_mine, &fail)) {
		log_fail(LOG_LEVEL_WARNING, "lease_not_had", &fail);
		return false;
	}
	if (!is_mine)
		return false;
	if (due.is_row_due && write_row(&task, &fail)) {
		log_fail(LOG_LEVEL_WARNING, "row_not_written", &fail);
		return false;
	}
	for (size_t i = 0; i < due.count && !*courier->stop; i++)
		deliver(&task, due.list[i], due.versions[i]);
	return true;
}

/* Alerts that belong to no booking and could not leave wait here for their time. */
static void repeat_plain(struct courier *courier)
{
	const struct uuid nobody = {{0}};
	struct docket *docket = courier_docket(courier, &nobody);
	int64_t now_ms = clock_wall_ms();

	for (size_t i = 0; docket && i < docket->count; i++)
		if (docket->list[i].state == DELIVERY_RETRY && docket->list[i].until_ms <= now_ms)
			alert_add_plain(
			    courier, docket->list[i].duty, docket->list[i].version, NULL);
}

/* The workers note an outage in the runtime folder; here it becomes one alert, and one when it
 * ends. */
static void watch_outage(struct courier *courier)
{
	struct outage outage = outage_load(courier->conf->site.runtime_dir, courier->arena);

	if (!courier->rules.has_telegram || !courier->rules.has_google)
		return;
	repeat_plain(courier);
	if (outage.since_ms && !courier->outage_since_ms)
		alert_add_plain(courier, DUTY_OUTAGE, (uint64_t)outage.since_ms,
		    outage.is_refused ? "refused" : NULL);
	else if (!outage.since_ms && courier->outage_since_ms)
		alert_add_plain(
		    courier, DUTY_OUTAGE_ENDED, (uint64_t)courier->outage_since_ms, NULL);
	courier->outage_since_ms = outage.since_ms;
}

static void note_database(struct courier *courier, enum err err, const struct fail *fail)
{
	if (err && !courier->is_down)
		log_fail(LOG_LEVEL_ERROR, "clickhouse_unreachable", fail);
	if (!err && courier->is_down)
		log_event(LOG_LEVEL_NOTICE, "clickhouse_back");
	courier->is_down = err != ERR_NONE;
}

static void round_of_work(struct courier *courier)
{
	unsigned served = 0;
	struct pulse pulse;
	size_t count;
	struct fail fail;
	enum err err;

	err = deliveries_pulse(courier->upstream.clickhouse, courier->arena, &pulse, &fail);
	if (!err && (!courier->has_pulse || memcmp(&pulse, &courier->pulse, sizeof(pulse)) != 0))
		err = take_in(courier, &pulse, &fail);
	note_database(courier, err, &fail);
	if (err)
		return;
	spool_replay(courier);
	watch_outage(courier);

	count = dockets_count(courier->dockets);
	/* Each round begins where the last one ended, so that nobody waits behind the same ones for
	 * ever. */
	for (size_t i = 0; i < count && served < TASKS_MAX && !*courier->stop; i++) {
		struct docket *docket = dockets_at(courier->dockets, courier->next++ % count);
		struct uuid booking = docket->booking;

		if (!uuid_is_nil(&booking) && docket->look_ms <= clock_wall_ms())
			served += serve(courier, &booking);
	}
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
}

/* SPDX-License-Identifier: MIT */
/* loop.c: what changed, and the rounds in which what is due is done */
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/notify.h"
#include "courier/courier.h"

#include <string.h>
#include <time.h>

#define DAY_MS INT64_C(86400000)
/* At rest; and while something is under way, which is then looked at as soon as it is time. */
#define ROUND_MS 1000
#define ROUND_LEAST_MS 200
/* Bookings done in one round, so that alerts leave and others get their turn. */
#define TASKS_MAX 32
#define WORK_MS 3000

/* Takes in what changed: the ledger, the log of deliveries, new rows. */
static enum err take_in(
    struct courier *courier, const struct row_counts *row_counts, struct fail *fail)
{
	struct clickhouse *clickhouse = courier->upstream.clickhouse;
	int64_t now_ms = courier_now_ms(courier);
	const struct ledger *ledger;
	struct ledger_booking booking;
	struct docket *docket;
	enum err err;

	if (!courier->has_row_counts)
		courier->leads_since_ms = now_ms - 7 * DAY_MS;
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
		docket = record_docket(courier, &booking.id);
		if (!docket)
			return fail_set(fail, ERR_SYSTEM, "courier", "no memory");
		docket->look_ms = 0;
	}
	courier->ledger_version = ledger_version(ledger, ledger_mark(ledger).number);
	/* A row that was being written at that moment bears an earlier time than it appears. */
	if (row_counts->newest_row_ms - 10000 > courier->leads_since_ms)
		courier->leads_since_ms = row_counts->newest_row_ms - 10000;
	courier->row_counts = *row_counts;
	courier->has_row_counts = true;
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

		if (docket->is_plain || docket->look_ms > courier_now_ms(courier))
			continue;
		notify("WATCHDOG=1");
		served += serve(courier, &booking);
	}
}

static void round_of_work(struct courier *courier)
{
	struct row_counts row_counts;
	struct fail fail;
	enum err err;

	err = deliveries_row_counts(
	    courier->upstream.clickhouse, courier->arena, &row_counts, &courier->store_ms, &fail);
	if (!err) {
		courier->store_boot_ms = clock_boot_ms();
		err = record_late(courier, &fail);
	}
	if (!err && (!courier->has_row_counts ||
			memcmp(&row_counts, &courier->row_counts, sizeof(row_counts)) != 0))
		err = take_in(courier, &row_counts, &fail);
	note_database(courier, err, &fail);
	if (err)
		return;
	spool_replay(courier);
	watch_outage(courier);
	watch_alerts(courier);
	serve_all(courier);
	alerts_flush(courier);
	backlog_count(courier);
}

/* How long until the next round: until a booking is to be looked at again, but within bounds. */
static int64_t rest_ms(const struct courier *courier)
{
	int64_t first = INT64_MAX, left;
	struct docket *docket;

	for (size_t i = 0; (docket = dockets_at(courier->dockets, i)); i++)
		if (!docket->is_plain && docket->look_ms < first)
			first = docket->look_ms;
	if (courier->is_down || first == INT64_MAX)
		return ROUND_MS;
	left = first - courier_now_ms(courier);
	return left < ROUND_LEAST_MS ? ROUND_LEAST_MS : left > ROUND_MS ? ROUND_MS : left;
}

/* What the courier holds goes back to others, as at its end. */
static void let_go(struct courier *courier)
{
	arena_reset(courier->arena);
	if (!courier->is_down)
		lease_release_all(courier);
}

/* Said at the start, since a secret that cannot be read looks to a unit like one that is not there.
 */
static void log_off(const struct courier *courier)
{
	if (!courier->rules.has_google)
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

	notify("RELOADING=1");
	if (courier_open(courier->conf_path, courier->stop, &fresh, &fail)) {
		log_event(LOG_LEVEL_ERROR, "reload_refused, the old configuration stays: %s",
		    fail.detail);
	} else {
		let_go(courier);
		/* What happened stays so, whatever the configuration says. */
		memcpy(fresh.unsaved, courier->unsaved, sizeof(fresh.unsaved));
		fresh.unsaved_count = courier->unsaved_count;
		courier_close(courier);
		*courier = fresh;
		log_event(LOG_LEVEL_NOTICE, "reloaded");
		log_off(courier);
	}
	notify("READY=1");
}

void courier_run(struct courier *courier, volatile sig_atomic_t *reload)
{
	log_off(courier);
	notify("READY=1");
	while (!*courier->stop) {
		int64_t began = clock_boot_ms(), left;

		if (*reload) {
			*reload = 0;
			open_anew(courier);
		}
		notify("WATCHDOG=1");
		arena_reset(courier->arena);
		courier->alerts.count = 0;
		round_of_work(courier);
		counters_set(courier->counters, GAUGE_COURIER_ROUND_MS, clock_boot_ms());
		left = rest_ms(courier) - (clock_boot_ms() - began);
		/* A signal cuts the sleep short. */
		if (left > 0 && !*courier->stop)
			nanosleep(&(struct timespec){left / 1000, left % 1000 * 1000000}, NULL);
	}
	notify("STOPPING=1");
	let_go(courier);
}

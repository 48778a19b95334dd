/* SPDX-License-Identifier: MIT */
/* store_watch.c: whether ClickHouse answers, of which no record could tell the operator */
#include "courier/store_watch.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/telegram.h"

/* A restart of ClickHouse is no outage that wakes anybody. */
#define LASTS_MS 60000
#define SEND_MS 8000
#define RETRY_MS 15000
/* Telegram takes one message a second for a chat. */
#define PACE_MS 1050

static const char *compose(struct courier *courier, const struct fail *fail)
{
	struct store_outage *outage = &courier->store_outage;
	struct view *view = view_new(courier->arena);
	char reference[LOG_HASH_TEXT];

	view_flag(view, outage->is_down ? "store_down" : "store_back", true);
	view_text(view, "machine", courier->machine);
	view_text(view, "words", outage->is_down ? fail->detail : "");
	log_hash(&outage->began_ms, sizeof(outage->began_ms), reference);
	view_text(view, "reference", arena_str(courier->arena, reference));
	return template_text(courier->arena,
	    template_find(courier->templates, courier->conf->site.language, "alert.txt"), view,
	    TELEGRAM_MAX);
}

/* What may have arrived is told again, under the same reference, as it is by then. */
static void tell(struct courier *courier, const struct fail *fail)
{
	const char *text = compose(courier, fail);
	struct receipt receipt;
	int64_t wait_ms = RETRY_MS;

	if (!text)
		return;
	receipt = telegram_send(
	    courier->conf, courier->upstream.http, courier->arena, text, clock_boot_ms() + SEND_MS);
	if (receipt.fail.code)
		log_fail(LOG_LEVEL_WARNING, "store_alert_not_sent", &receipt.fail);
	if (receipt.kind == RECEIPT_DELIVERED || receipt.kind == RECEIPT_REFUSED) {
		courier->store_outage.is_told = courier->store_outage.is_down;
		wait_ms = PACE_MS;
	} else if (receipt.retry_s) {
		wait_ms = receipt.retry_s * 1000;
	}
	courier->alert_hold_ms = clock_boot_ms() + wait_ms;
}

void store_watch(struct courier *courier, enum err err, const struct fail *fail)
{
	struct store_outage *outage = &courier->store_outage;
	int64_t now_ms = clock_boot_ms();

	if (err && !outage->is_down) {
		log_fail(LOG_LEVEL_ERROR, "clickhouse_unreachable", fail);
		outage->began_ms = now_ms;
	}
	if (!err && outage->is_down)
		log_event(LOG_LEVEL_NOTICE, "clickhouse_back");
	outage->is_down = err != ERR_NONE;
	if (!courier->rules.has_telegram || now_ms < courier->alert_hold_ms)
		return;
	if (outage->is_told ? !outage->is_down
			    : outage->is_down && now_ms - outage->began_ms >= LASTS_MS)
		tell(courier, fail);
}

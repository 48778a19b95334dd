/* SPDX-License-Identifier: MIT */
/* store_watch.c: whether ClickHouse answers, of which no record could tell the operator */
#include "courier/store_watch.h"
#include "base/clock.h"
#include "base/log.h"
#include "courier/alert.h"
#include "net/telegram.h"

/* A restart of ClickHouse is no outage that wakes anybody. */
#define LASTS_MS 60000
#define RETRY_MS 15000

static const char *compose(struct courier *courier, const struct fail *fail)
{
	const struct store_outage *outage = &courier->store_outage;
	struct view *view = alert_view(courier, outage->is_down ? "store_down" : "store_back",
	    &outage->began_ms, sizeof(outage->began_ms));

	view_text(view, "machine", courier->machine);
	view_text(view, "words", outage->is_down ? fail->detail : "");
	return template_text(courier->arena,
	    template_find(courier->templates, courier->conf->site.language, "alert.txt"), view,
	    TELEGRAM_MAX);
}

/* What may have arrived is told again, under the same reference, as it is by then. */
static void tell(struct courier *courier, const struct fail *fail)
{
	const char *text = compose(courier, fail);
	struct receipt receipt;

	if (!text)
		return;
	receipt = alert_send(courier, text, INT64_MAX);
	if (receipt.fail.code)
		log_fail(LOG_LEVEL_WARNING, "store_alert_not_sent", &receipt.fail);
	if (receipt.kind == RECEIPT_DELIVERED || receipt.kind == RECEIPT_REFUSED)
		courier->store_outage.is_told = courier->store_outage.is_down;
	else if (!receipt.retry_s)
		courier->alert_hold_ms = clock_boot_ms() + RETRY_MS;
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

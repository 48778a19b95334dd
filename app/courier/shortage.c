/* SPDX-License-Identifier: MIT */
/* shortage.c: the operator is told when too little is open, and when the calendar closes a day */
#include "courier/shortage.h"
#include "base/clock.h"
#include "base/log.h"
#include "core/civil.h"
#include "core/outlook.h"
#include "courier/notice.h"
#include "desk/calendar_news.h"
#include "desk/look.h"

#include <string.h>

#define PAUSE_MS (10 * INT64_C(60000))
/* After a look that found nothing out. */
#define AGAIN_MS INT64_C(60000)
/* So many reasons are named. */
#define REASONS_TOLD 3
#define WORDS_MAX 1000

static void tell(struct courier *courier, enum duty duty, int64_t date, const char *words)
{
	notice_try(courier, &courier_everywhere,
	    &(struct delivery){.duty = duty, .version = (uint64_t)date}, words);
}

static const char *number(struct courier *courier, size_t count)
{
	return arena_printf(courier->arena, "%zu", count);
}

static void tell_low(struct courier *courier, const struct outlook *outlook, int64_t today)
{
	const struct moment_style *style = &courier->style;
	struct view *view = view_new(courier->arena);
	enum reason reason;

	view_text(view, "open", outlook->open ? number(courier, outlook->open) : NULL);
	for (size_t i = 0; i < REASONS_TOLD && (reason = outlook_reason(outlook, i)); i++) {
		struct view *item = view_item(view, "reasons");

		view_flag(item, "is_first", i == 0);
		view_flag(item, reason_name(reason), true);
		view_text(item, "count", number(courier, outlook->closed[reason]));
	}
	tell(courier, DUTY_LOW_SLOTS, today,
	    template_text(courier->arena,
		template_find(style->templates, style->language, "low_slots.txt"), view,
		WORDS_MAX));
}

static enum err look_ahead(struct courier *courier, struct fail *fail)
{
	const struct conf *conf = courier->conf;
	size_t enough = (size_t)conf->courier.low_slots;
	struct arena *arena = courier->arena;
	struct look_wish wish = {.purpose = LOOK_PAGE};
	int64_t now = courier_now_s(courier);
	struct outlook outlook;
	struct offer offer;
	struct look seen;
	enum err err;

	wish.window = slots_window(&courier->hours, courier->zone, now);
	if ((err = look_at(&courier->upstream, arena, &wish, &seen, fail)))
		return err;
	calendar_news_all(&seen.calendar);
	offer = look_offer(&courier->upstream, &seen, &courier->hours, courier->zone, now);
	if (seen.calendar.check == CALENDAR_UNCHECKED)
		courier->shortage_look_ms = clock_boot_ms() + AGAIN_MS;
	/* One question in vain is no outage yet: that is what the next one tells. */
	if (offer.is_outage && !courier->was_outage) {
		courier->was_outage = true;
		courier->shortage_look_ms = clock_boot_ms() + conf->google.retry_s * 1000 + 1;
		return ERR_NONE;
	}
	courier->was_outage = offer.is_outage;
	if ((err = outlook_find(&offer, enough, arena, &outlook, fail)))
		return err;
	if (outlook.open < enough)
		tell_low(courier, &outlook, slots_date(offer.zone, offer.now));
	for (size_t i = 0; i < outlook.busy_count; i++)
		tell(courier, DUTY_BUSY_DAY, outlook.busy_dates[i],
		    moment_format(arena, &courier->style, "date.long", offer.zone,
			slots_date_span(offer.zone, outlook.busy_dates[i]).start));
	return ERR_NONE;
}

void shortage_watch(struct courier *courier)
{
	const struct agenda_item *place = agenda_find(&courier->agenda, &courier_everywhere);
	struct fail fail;
	enum err err;

	/* What was told before has to be known. */
	if (!courier->rules.has_telegram || !place || !place->is_read ||
	    clock_boot_ms() < courier->shortage_look_ms)
		return;
	courier->shortage_look_ms = clock_boot_ms() + PAUSE_MS;
	err = look_ahead(courier, &fail);
	if (!err || err == ERR_STOPPING)
		return;
	log_fail(LOG_LEVEL_WARNING, "window_not_looked_at", &fail);
	courier->shortage_look_ms = clock_boot_ms() + AGAIN_MS;
}

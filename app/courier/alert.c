/* SPDX-License-Identifier: MIT */
/* alert.c: what the operator is told by Telegram, folded into one message a round */
#include "base/clock.h"
#include "base/log.h"
#include "courier/courier.h"
#include "net/telegram.h"

#include <inttypes.h>
#include <string.h>

/* Of a brief, in an alert. */
#define BRIEF_CUT 600
#define NAME_CUT 200
#define ALERT_MAX 2000
#define SEND_MS 8000

/* Telegram takes one message a second for a chat. */
#define PACE_MS 900

/* Cut between characters. */
static const char *shortened(struct arena *arena, const char *text, size_t most)
{
	size_t len = strlen(text);

	if (len <= most)
		return text;
	while (most && ((unsigned char)text[most] & 0xc0) == 0x80)
		most--;
	return arena_printf(arena, "%.*s…", (int)most, text);
}

/* A view for one alert, with the name that is the same in every repeat of it. */
static struct view *begin(
    struct courier *courier, const struct uuid *booking, enum duty duty, uint64_t version)
{
	struct view *view = view_new(courier->arena);
	char *hash = arena_room(courier->arena, LOG_HASH_TEXT);
	struct {
		struct uuid booking;
		uint64_t version, duty;
	} named = {*booking, version, duty};

	view_flag(view, duty_name(duty), true);
	view_text(view, "reference", hash ? log_hash(&named, sizeof(named), hash) : NULL);
	return view;
}

/* What finds no room in this round is due in the next. */
static void add(struct courier *courier, const struct uuid *booking, enum duty duty,
    uint64_t version, const struct view *view)
{
	const struct template *tpl =
	    template_find(courier->templates, courier->conf->site.language, "alert.txt");
	struct alerts *alerts = &courier->alerts;
	struct text text = text_new(courier->arena, ALERT_MAX);

	if (alerts->count == ALERTS_MAX || !tpl)
		return;
	template_render(tpl, view, &text);
	arena_trim(courier->arena, text.data, text.len + 1);
	alerts->list[alerts->count].booking = *booking;
	alerts->list[alerts->count].duty = duty;
	alerts->list[alerts->count].version = version;
	alerts->list[alerts->count++].text = text.data;
}

void alert_add(struct task *task, enum duty duty, uint64_t version)
{
	struct courier *courier = task->courier;
	struct arena *arena = courier->arena;
	const struct lead *lead = &task->snapshot.lead;
	const struct ledger_booking *standing = &task->standing;
	const struct docket *docket = courier_docket(courier, &task->booking);
	bool was_told = docket && docket_was_done_before(docket, DUTY_ALERT, version);
	struct view *view = begin(courier, &task->booking, duty, version);
	char id[UUID_TEXT];

	view_text(view, "name", shortened(arena, lead->name, NAME_CUT));
	view_text(view, "email", shortened(arena, lead->email, NAME_CUT));
	view_text(view, "company", shortened(arena, lead->company, NAME_CUT));
	view_text(view, "brief", shortened(arena, lead->brief, BRIEF_CUT));
	view_text(view, "link",
	    arena_printf(arena, "%s/booking?bookingId=%s", courier->conf->site.base_url,
		uuid_format(&task->booking, id)));
	view_flag(view, "is_cancelled", duty == DUTY_ALERT && !standing->is_live);
	view_flag(view, "is_moved", duty == DUTY_ALERT && standing->is_live && was_told);
	view_flag(view, "is_booked", duty == DUTY_ALERT && standing->is_live && !was_told);
	view_flag(view, "is_unchecked",
	    standing->calendar == CALENDAR_UNCHECKED || standing->calendar == CALENDAR_REMEMBERED);
	if (standing->version) {
		view_text(view, "day",
		    moment_format(
			arena, &courier->style, "date.long", courier->zone, standing->call.start));
		view_text(view, "time",
		    moment_format(arena, &courier->style, "date.time_zone", courier->zone,
			standing->call.start));
	}
	add(courier, &task->booking, duty, version, view);
}

void alert_add_plain(struct courier *courier, enum duty duty, uint64_t version, const char *flag)
{
	const struct uuid nobody = {{0}};
	struct docket *docket = courier_docket(courier, &nobody);
	struct view *view = begin(courier, &nobody, duty, version);

	if (!docket || docket_find(docket, duty, version).state == DELIVERY_DONE)
		return;
	if (flag)
		view_flag(view, flag, true);
	add(courier, &nobody, duty, version, view);
}

void alerts_flush(struct courier *courier)
{
	struct alerts *alerts = &courier->alerts;
	struct text message;
	int64_t retry_s = 0;
	size_t sent = 0;
	struct fail fail;
	enum err err;

	if (!alerts->count || clock_boot_ms() < courier->alert_hold_ms)
		return;
	/* In bytes, which are never fewer than Telegram's characters. What does not fit waits. */
	message = text_new(courier->arena, TELEGRAM_MAX);
	while (sent < alerts->count && strlen(alerts->list[sent].text) <= message.max - message.len)
		text_str(&message, alerts->list[sent++].text);
	err = telegram_send(courier->conf, courier->upstream.http, courier->arena, message.data,
	    clock_boot_ms() + SEND_MS, &retry_s, &fail);
	courier->alert_hold_ms = clock_boot_ms() + (retry_s ? retry_s * 1000 : PACE_MS);
	/* The operator's chat is not given up for good: a new token may come. */
	if (err == ERR_AUTH || err == ERR_REFUSED)
		err = ERR_BUSY;
	for (size_t i = 0; i < sent; i++)
		courier_record(courier, &alerts->list[i].booking, alerts->list[i].duty,
		    alerts->list[i].version, err, &fail, retry_s);
}

/* SPDX-License-Identifier: MIT */
/* alert.c: what the operator is told by Telegram, folded into few messages */
#include "courier/alert.h"
#include "core/brief.h"
#include "base/clock.h"
#include "base/log.h"
#include "core/plain.h"
#include "courier/drifts.h"
#include "courier/lease.h"
#include "courier/record.h"
#include "net/telegram.h"
#include "store/deliveries.h"

#include <inttypes.h>
#include <string.h>

/* Of a brief, in characters, and where more wait than a message holds; an alert in bytes. */
#define BRIEF_CUT 600
#define BRIEF_CUT_CROWDED 120
#define ALERT_MAX 3900
#define SEND_MS 8000

/* Telegram takes one message a second for a chat. */
#define PACE_MS 1050

/* A stranger's lines, marked as such: none of them passes for a line of ours. */
static const char *quoted(struct arena *arena, const char *lines)
{
	struct text text = text_new(arena, ALERT_MAX);

	text_str(&text, "> ");
	for (; lines && *lines; lines++) {
		text_raw(&text, lines, 1);
		if (*lines == '\n')
			text_str(&text, "> ");
	}
	return text.data;
}

struct view *alert_view(struct courier *courier, const char *what, const void *named, unsigned len)
{
	struct view *view = view_new(courier->arena);
	char *hash = arena_room(courier->arena, LOG_HASH_TEXT);

	view_flag(view, what, true);
	view_text(view, "reference", hash ? log_hash(named, len, hash) : NULL);
	return view;
}

static struct view *begin(
    struct courier *courier, const struct agenda_item *item, enum duty duty, uint64_t version)
{
	const struct {
		struct uuid booking;
		uint64_t version, duty;
	} named = {item->duties.booking, version, duty};

	return alert_view(courier, duty_name(duty), &named, sizeof(named));
}

/* False: it has no room for that, and is as it was. */
static bool append(struct text *message, const struct text *more)
{
	struct text longer = *message;

	text_raw(&longer, more->data, more->len);
	if (text_overflowed(&longer))
		return false;
	*message = longer;
	return true;
}

static void add(struct courier *courier, struct agenda_item *item, enum duty duty, uint64_t version,
    const struct view *view)
{
	const struct template *tpl =
	    template_find(courier->templates, courier->conf->site.language, "alert.txt");
	struct alerts *alerts = &courier->alerts;
	struct text text = text_new(courier->arena, ALERT_MAX);

	if (!tpl)
		return;
	/* It is sent and recorded in this round, or has its turn in a later one. */
	item->look_ms = 0;
	template_render(tpl, view, &text);
	/* In bytes, which are never fewer than Telegram's characters. */
	if (!alerts->count)
		alerts->message = text_new(courier->arena, TELEGRAM_MAX);
	if (alerts->count == (courier->is_single ? 1 : ALERTS_MAX) ||
	    !append(&alerts->message, &text)) {
		alerts->is_full = true;
		alerts_flush(courier);
		return;
	}
	alerts->list[alerts->count].item = item;
	alerts->list[alerts->count].duty = duty;
	alerts->list[alerts->count++].version = version;
}

/* Which of its duties of this version failed for good, or go on failing. */
static void view_failed(struct view *view, const struct duties *duties, uint64_t version)
{
	for (size_t i = 0; i < duties->count; i++) {
		const struct delivery *delivery = &duties->list[i];
		bool is_for_good = delivery->state == DELIVERY_FAILED;

		if (delivery->version != version || delivery->state == DELIVERY_DONE ||
		    (!delivery_is_over(delivery) && delivery->attempt < DELIVERY_PATIENCE))
			continue;
		if (delivery->state == DELIVERY_UNSURE)
			view_flag(view, "unsure_mail", true);
		else if (duty_is_mail(delivery->duty))
			view_flag(view, is_for_good ? "no_mail" : "late_mail", true);
		else if (delivery->duty == DUTY_MEET && is_for_good)
			view_flag(view, "no_meet", true);
		else if (delivery->duty == DUTY_MEET)
			continue;
		else if (duty_is_event(delivery->duty))
			view_flag(view, is_for_good ? "no_event" : "late_event", true);
	}
}

/* In which calendar it is, where they have names. */
static enum err view_collision(
    struct task *task, uint64_t version, struct view *view, struct fail *fail)
{
	const struct delivery delivery = {.duty = DUTY_COLLISION, .version = version};
	struct courier *courier = task->courier;
	struct delivery_payload calendar;
	enum err err = deliveries_payload(courier->upstream.clickhouse, courier->arena,
	    &task->item->duties.booking, &delivery, &calendar, fail);

	if (!err)
		view_text(view, "calendar", calendar.text);
	return err;
}

/* What is not told any more is done. */
static const struct outcome nothing;

void alert_add(struct task *task, enum duty duty, uint64_t version)
{
	struct courier *courier = task->courier;
	struct arena *arena = courier->arena;
	struct lead *lead = &task->person;
	const struct booking *booking = &task->booking;
	const struct duties *duties = &task->item->duties;
	bool is_live = booking->state == BOOKING_BOOKED;
	bool was_told = duties_was_done_within(duties, DUTY_ALERT, booking->since_version, version);
	bool has_moved = booking->call_version == version;
	struct view *view = begin(courier, task->item, duty, version);
	char id[UUID_TEXT];
	struct fail fail;
	enum err err;

	if (duty == DUTY_CALENDAR_CHANGED && (err = drifts_view(task, version, view, &fail))) {
		if (err == ERR_NOT_FOUND)
			record_outcome(task->courier, task->item, duty, version, &nothing);
		else
			log_fail(LOG_LEVEL_WARNING, "alert_not_read", &fail);
		return;
	}
	if (duty == DUTY_COLLISION && (err = view_collision(task, version, view, &fail))) {
		log_fail(LOG_LEVEL_WARNING, "alert_not_read", &fail);
		return;
	}
	view_flag(view, "is_again", duty == DUTY_NEW_LEAD && task->past.is_again);
	brief_view(view, lead);
	view_text(view, "brief",
	    quoted(arena, plain_text(arena, lead->brief,
			      courier->is_crowded ? BRIEF_CUT_CROWDED : BRIEF_CUT)));
	view_text(view, "link",
	    arena_printf(arena, "%s/booking?bookingId=%s", courier->conf->site.base_url,
		uuid_format(&duties->booking, id)));
	view_flag(view, "is_cancelled", duty == DUTY_ALERT && !is_live);
	view_flag(view, "is_moved", duty == DUTY_ALERT && is_live && was_told && has_moved);
	view_flag(view, "is_readdressed", duty == DUTY_ALERT && is_live && was_told && !has_moved);
	view_flag(view, "is_booked", duty == DUTY_ALERT && is_live && !was_told);
	view_text(view, "video_url", lead->video);
	view_flag(view, "is_unchecked",
	    booking->calendar == CALENDAR_UNCHECKED || booking->calendar == CALENDAR_REMEMBERED);
	if (duty == DUTY_FAILED)
		view_failed(view, duties, version);
	if (booking->version) {
		view_text(view, "day",
		    moment_format(
			arena, &courier->style, "date.long", courier->zone, booking->call.start));
		view_text(view, "time",
		    moment_format(arena, &courier->style, "date.time_zone", courier->zone,
			booking->call.start));
	}
	add(courier, task->item, duty, version, view);
}

/* Whether prospects go on booking while this calendar cannot be asked. */
static void view_outage(const struct conf *conf, struct view *view, const char *name)
{
	for (size_t i = 0; i < conf->calendars.count; i++) {
		const struct conf_calendar *calendar = &conf->calendars.list[i];

		if (calendar->blocks && strcmp(calendar->name, name) == 0)
			view_flag(view, calendar->outage_open ? "is_open" : "is_closed", true);
	}
}

/* "machine", or "machine work" when it is about a calendar of that name. */
static void view_machine(const struct courier *courier, struct view *view, const char *words)
{
	const char *space = words ? strchr(words, ' ') : NULL;

	view_text(view, "machine",
	    space ? arena_strn(courier->arena, words, (size_t)(space - words)) : words);
	if (space)
		view_text(view, "calendar", space + 1);
	view_outage(courier->conf, view, space ? space + 1 : "");
}

/* The words stand in the log, since another machine's courier may be the one that tells it. */
void alert_add_plain(
    struct courier *courier, struct agenda_item *item, enum duty duty, uint64_t version)
{
	struct view *view = begin(courier, item, duty, version);
	struct delivery delivery = {.duty = duty, .version = version};
	const struct uuid *place = &item->duties.booking;
	struct delivery_payload words = {.text = NULL};
	struct fail fail;

	if (deliveries_payload(
		courier->upstream.clickhouse, courier->arena, place, &delivery, &words, &fail)) {
		log_fail(LOG_LEVEL_WARNING, "alert_not_read", &fail);
		return;
	}
	if (uuid_equal(place, &courier_everywhere))
		view_text(view, "words", words.text);
	else
		view_machine(courier, view, words.text);
	add(courier, item, duty, version, view);
}

struct receipt alert_send(struct courier *courier, const char *text, int64_t limit_ms)
{
	int64_t deadline = clock_boot_ms() + SEND_MS;
	struct receipt receipt = telegram_send(courier->conf, courier->upstream.http,
	    courier->arena, text, deadline < limit_ms ? deadline : limit_ms);

	courier->alert_hold_ms =
	    clock_boot_ms() + (receipt.retry_s ? receipt.retry_s * 1000 : PACE_MS);
	return receipt;
}

/* While every one of these bookings is leased. */
static int64_t deadline_of(const struct alerts *alerts)
{
	int64_t until = INT64_MAX;

	for (size_t i = 0; i < alerts->count; i++)
		if (lease_deadline(alerts->list[i].item) < until)
			until = lease_deadline(alerts->list[i].item);
	return until;
}

static void send(struct courier *courier, const struct alerts *alerts)
{
	struct receipt receipt;
	struct outcome outcome;

	receipt = alert_send(courier, alerts->message.data, deadline_of(alerts));
	if (receipt.kind == RECEIPT_DELIVERED && *receipt.fail.detail)
		log_fail(LOG_LEVEL_WARNING, "alert_delivered", &receipt.fail);
	outcome = (struct outcome){
	    .err = receipt.fail.code, .fail = receipt.fail, .retry_s = receipt.retry_s};
	/* One of them cannot be sent as it is: each by itself, and only that one is lost. */
	if (receipt.kind == RECEIPT_REFUSED && alerts->count > 1) {
		courier->is_single = true;
		return;
	}
	courier->is_single = courier->is_single && alerts->is_full;
	record_outcomes(courier, alerts->list, alerts->count, &outcome);
}

void alerts_flush(struct courier *courier)
{
	if (courier->alerts.count && clock_boot_ms() >= courier->alert_hold_ms) {
		courier->is_crowded = courier->alerts.is_full;
		send(courier, &courier->alerts);
	}
	courier->alerts = (struct alerts){.count = 0};
}

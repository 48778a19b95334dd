/* SPDX-License-Identifier: MIT */
/* mail.c: what a prospect is told by e-mail */
#include "courier/mail.h"
#include "base/clock.h"
#include "base/log.h"
#include "core/address.h"
#include "core/colour.h"
#include "core/contact.h"
#include "core/ics.h"
#include "core/plain.h"
#include "courier/notice.h"
#include "courier/record.h"
#include "net/resend.h"
#include "store/deliveries.h"
#include "store/leads.h"
#include "store/people.h"
#include "store/zone_file.h"

#include <inttypes.h>
#include <string.h>

#define PART_MAX (64 * 1024)
/*
 * Resend forgets a key after 24 hours. Bytes that may have been sent are not sent again when that
 * is near: a second mail would be one too many, and none is what the operator is told of, who alone
 * can find out.
 */
#define KEY_LIFE_MS INT64_C(82800000)
#define SEND_MS 8000
/* After a failure the others do not each wait for the same. */
#define HOLD_MS 2000

/* That of the pages which the prospect read, when there are words of it. */
static const char *language_of(const struct task *task)
{
	const char *own = task->booking.lead.language;
	const struct conf *conf = task->courier->conf;

	return template_find(task->courier->templates, own, "mail.txt") ? own : conf->site.language;
}

static const char *render(struct task *task, const char *name, struct view *view)
{
	struct courier *courier = task->courier;

	return template_text(courier->arena,
	    template_find(courier->templates, language_of(task), name), view, PART_MAX);
}

/* Where the call is held; "" while that is not known. */
static const char *video_of(const struct task *task)
{
	const char *own = task->booking.lead.video;

	return *own ? own : task->courier->conf->site.video_url;
}

/* What mail programs make a link of would speak to strangers in our voice. */
static const char *greeting_of(const struct task *task)
{
	return plain_has_link(task->person.name) ? "" : task->person.name;
}

static const char *make_ics(struct task *task, struct view *view, const char *link, int64_t now_s)
{
	struct courier *courier = task->courier;
	struct text text = text_new(courier->arena, PART_MAX);
	const struct conf *conf = courier->conf;
	struct ics ics = {
	    .booking = task->item->duties.booking,
	    .sequence = task->booking.version,
	    .is_cancelled = task->booking.state != BOOKING_BOOKED,
	    .call = task->booking.call,
	    .stamp = now_s,
	    .domain = contact_host(conf, courier->arena),
	    .organizer = contact_address(conf, courier->arena),
	    .organizer_name = conf->site.name,
	    .attendee = task->booking.lead.email,
	    .attendee_name = greeting_of(task),
	    .summary = render(task, "invite_summary.txt", view),
	    .description = render(task, "invite.txt", view),
	    .url = link,
	    .location = video_of(task),
	};

	/* Something above has no memory. */
	if (arena_overflowed(courier->arena))
		return NULL;
	ics_write(&ics, &text);
	text_trim(courier->arena, &text);
	return text_overflowed(&text) ? NULL : text.data;
}

/* The business's colour, and what can be read on it. */
static void view_accent(struct courier *courier, struct view *view)
{
	char *text = arena_room(courier->arena, COLOUR_TEXT),
	     *on = arena_room(courier->arena, COLOUR_TEXT);
	struct colour accent;

	if (!text || !on || !colour_parse(courier->conf->site.accent, &accent))
		return;
	view_text(view, "accent", colour_format(accent, text));
	view_text(view, "on_accent", colour_format(colour_on(accent), on));
}

static void view_call(struct task *task, struct view *view)
{
	struct courier *courier = task->courier;
	const char *name = task->booking.lead.timezone;
	struct interval call = task->booking.call;
	int64_t start = call.start;
	struct moment_style style = {courier->templates, language_of(task)};
	struct zone *own = NULL;
	struct fail ignored;

	/* A call from before the hours were changed has its own length. */
	view_text(view, "minutes",
	    arena_printf(courier->arena, "%" PRId64, (call.end - call.start) / 60));
	view_text(
	    view, "day", moment_format(courier->arena, &style, "date.long", courier->zone, start));
	view_text(view, "time",
	    moment_format(courier->arena, &style, "date.time_zone", courier->zone, start));
	if (!*name || strcmp(name, zone_name(courier->zone)) == 0 ||
	    zone_file_load(courier->conf->site.zoneinfo, name, courier->arena, &own, &ignored))
		return;
	view_text(view, "own_day", moment_format(courier->arena, &style, "date.long", own, start));
	view_text(
	    view, "own_time", moment_format(courier->arena, &style, "date.time_zone", own, start));
	view_text(view, "own_zone", name);
	zone_free(own);
}

/* What stands under an address that asked for more than it may have. */
static enum err view_limited(struct task *task, struct view *view, struct fail *fail)
{
	struct courier *courier = task->courier;
	struct moment_style style = {courier->templates, language_of(task)};
	struct people_call *calls = NULL;
	size_t count = 0;
	enum err err = people_calls(courier->upstream.clickhouse, courier->arena,
	    task->booking.lead.email, &calls, &count, fail);

	for (size_t i = 0; !err && i < count; i++) {
		struct view *item = view_item(view, "calls");
		char id[UUID_TEXT];

		view_flag(item, "is_first", i == 0);
		view_text(item, "call_day",
		    moment_format(
			courier->arena, &style, "date.long", courier->zone, calls[i].start));
		view_text(item, "call_time",
		    moment_format(
			courier->arena, &style, "date.time_zone", courier->zone, calls[i].start));
		/* Whoever reads mails to another spelling of the address need not be its person. */
		if (calls[i].is_own)
			view_text(item, "call_link",
			    arena_printf(courier->arena, "%s/booking?bookingId=%s",
				courier->conf->site.base_url, uuid_format(&calls[i].booking, id)));
	}
	return err;
}

/*
 * Whoever sent a brief knows its id, and need not be who reads its mails. What the reader of a
 * reminder books is therefore the same brief under another id, which stands in that mail alone.
 */
static enum err name_anew(struct task *task, struct uuid *out, struct fail *fail)
{
	struct courier *courier = task->courier;
	struct lead lead = task->booking.lead;

	lead.booking = *out = uuid_random();
	lead.held = LEAD_REMINDED;
	return leads_put(courier->upstream.clickhouse, courier->arena, &lead, fail);
}

/* The exact bytes for Resend. */
static enum err compose(
    struct task *task, enum duty duty, uint64_t version, const char **out, struct fail *fail)
{
	struct courier *courier = task->courier;
	struct view *view = view_new(courier->arena);
	char id[UUID_TEXT];
	const char *base = courier->conf->site.base_url;
	const char *link;
	bool is_version = duty == DUTY_MAIL || duty == DUTY_BEGUN;
	bool is_live = task->booking.state == BOOKING_BOOKED;
	const struct duties *duties = &task->item->duties;
	uint64_t since = task->booking.since_version;
	bool was_told = duties_was_done_within(duties, DUTY_MAIL, since, version) ||
			duties_was_done_within(duties, DUTY_BEGUN, since, version);
	/* Whoever reads mails to a corrected address has not read of another time. */
	bool is_moved = was_told && task->booking.call_version == version;
	bool is_limited =
	    duty == DUTY_NUDGE && strcmp(task->booking.lead.held, LEAD_HELD_ADDRESS) == 0;
	struct mail mail = {.to = task->booking.lead.email};
	struct uuid booking = task->item->duties.booking;
	enum err err = ERR_NONE;

	if (is_limited)
		err = view_limited(task, view, fail);
	else if (duty == DUTY_NUDGE && !lead_waits_for_mail(&task->booking.lead))
		err = name_anew(task, &booking, fail);
	if (err)
		return err;
	link = arena_printf(
	    courier->arena, "%s/booking?bookingId=%s", base, uuid_format(&booking, id));
	view_text(view, "site_name", courier->conf->site.name);
	view_text(view, "video_url", video_of(task));
	view_flag(view, "is_video_awaited", courier->rules.has_meet && !*video_of(task) && is_live);
	view_text(
	    view, "place", template_message(courier->templates, language_of(task), "site.place"));
	view_text(
	    view, "phone", template_message(courier->templates, language_of(task), "site.phone"));
	view_text(view, "language", language_of(task));
	view_text(view, "name", greeting_of(task));
	view_text(view, "link", link);
	view_text(view, "schedule_link",
	    arena_printf(courier->arena, "%s/schedule?bookingId=%s", base, id));
	view_flag(view, "is_begun", duty == DUTY_BEGUN);
	view_flag(view, "is_booked", duty == DUTY_MAIL && is_live && !is_moved);
	view_flag(view, "is_moved", duty == DUTY_MAIL && is_live && is_moved);
	view_flag(view, "is_cancelled", is_version && !is_live);
	view_flag(view, "is_reminder", duty >= DUTY_REMINDER_1 && duty <= DUTY_REMINDER_3);
	view_flag(view, "is_nudge", duty == DUTY_NUDGE && !is_limited);
	view_flag(view, "is_limited", is_limited);
	view_flag(view, "is_spooled", duty == DUTY_SPOOLED);
	view_accent(courier, view);
	if (task->booking.version)
		view_call(task, view);
	mail.subject = render(task, "mail_subject.txt", view);
	mail.text = render(task, "mail.txt", view);
	mail.html = render(task, "mail.html", view);
	if (is_version) {
		mail.ics = make_ics(task, view, link, courier_now_s(courier));
		mail.ics_method = is_live ? "REQUEST" : "CANCEL";
	}
	*out = resend_body(courier->conf, courier->arena, &mail);
	return *out ? ERR_NONE : fail_set(fail, ERR_SYSTEM, "mail", "no memory");
}

/* The bytes that are kept already, or those of this try, which are kept before they are sent. */
static enum err bytes_of(struct task *task, enum duty duty, uint64_t version,
    struct delivery_payload *out, struct fail *fail)
{
	struct courier *courier = task->courier;
	struct clickhouse *clickhouse = courier->upstream.clickhouse;
	struct delivery delivery = duties_find(&task->item->duties, duty, version);
	const struct uuid *booking = &task->item->duties.booking;
	const char *composed = "";
	enum err err = ERR_NONE;

	*out = (struct delivery_payload){.text = NULL};
	if (delivery.state == DELIVERY_TRYING || delivery.state == DELIVERY_RETRY)
		err = deliveries_payload(clickhouse, courier->arena, booking, &delivery, out, fail);
	if (err)
		return err;
	if (!out->text && (err = compose(task, duty, version, &composed, fail)))
		return err;
	delivery.state = DELIVERY_TRYING;
	delivery.at_ms = delivery.until_ms = courier_now_ms(courier);
	if ((err = record_put(courier, task->item, &delivery, composed, fail)) || out->text)
		return err;
	/* A courier that lost its lease may have kept others: the first count for both. */
	err = deliveries_payload(clickhouse, courier->arena, booking, &delivery, out, fail);
	if (!err && !out->text)
		return fail_set(fail, ERR_GARBLED, "mail", "the bytes were not kept");
	return err;
}

/* Resend sends nothing a second time under a key, and what is sent once more has one of its own. */
static const char *key_of(
    const struct task *task, enum duty duty, uint64_t version, const struct delivery_payload *kept)
{
	struct arena *arena = task->courier->arena;
	char id[UUID_TEXT];

	uuid_format(&task->item->duties.booking, id);
	return kept->is_again
		   ? arena_printf(arena, "%s-%" PRIu64 "-%s-%" PRId64, id, version, duty_name(duty),
			 kept->since_ms)
		   : arena_printf(arena, "%s-%" PRIu64 "-%s", id, version, duty_name(duty));
}

static void send_kept(struct task *task, enum duty duty, uint64_t version,
    const struct delivery_payload *kept, struct outcome *outcome)
{
	struct courier *courier = task->courier;
	int64_t deadline = clock_boot_ms() + SEND_MS;
	const char *key = key_of(task, duty, version, kept);
	struct receipt receipt;

	if (!key) {
		outcome->err = fail_set(&outcome->fail, ERR_SYSTEM, "mail", "no memory");
		return;
	}
	receipt = resend_send(courier->conf, courier->upstream.http, courier->arena, key,
	    kept->text, deadline < task->deadline ? deadline : task->deadline);
	outcome->err = receipt.fail.code;
	outcome->fail = receipt.fail;
	outcome->retry_s = receipt.retry_s;
	outcome->may_be_done = outcome->may_be_done || receipt.may_be_delivered;
	outcome->is_last = receipt.kind == RECEIPT_CONFLICT;
}

/* What the operator has to mend is told once a day, and the mails wait for it. */
static void hold_mails(struct courier *courier, const struct outcome *outcome)
{
	courier->mail_hold_ms =
	    clock_boot_ms() + (outcome->retry_s ? outcome->retry_s * 1000 : HOLD_MS);
	if (outcome->err == ERR_AUTH)
		notice_try(courier, &courier_everywhere,
		    &(struct delivery){
			.duty = DUTY_RESEND_REFUSED, .version = courier_day(courier)},
		    outcome->fail.detail);
}

void mail_deliver(struct task *task, enum duty duty, uint64_t version)
{
	struct courier *courier = task->courier;
	struct delivery before = duties_find(&task->item->duties, duty, version);
	struct outcome outcome = {.may_be_done = before.state == DELIVERY_TRYING};
	struct delivery_payload kept;

	if (!address_is_valid(task->booking.lead.email)) {
		outcome.err =
		    fail_set(&outcome.fail, ERR_REFUSED, "mail", "the address is no address");
	} else if (bytes_of(task, duty, version, &kept, &outcome.fail)) {
		/* Our own store's trouble says nothing of the mail: it is due as it was. */
		log_fail(LOG_LEVEL_WARNING, "mail_not_kept", &outcome.fail);
		return;
	} else if (outcome.may_be_done && courier_now_ms(courier) - kept.since_ms > KEY_LIFE_MS) {
		outcome.is_last = true;
		outcome.err = fail_set(&outcome.fail, ERR_UNSURE, "mail",
		    "it may have been sent a day ago, and is not sent twice");
	} else {
		send_kept(task, duty, version, &kept, &outcome);
		if (outcome.err && outcome.err != ERR_REFUSED)
			hold_mails(courier, &outcome);
	}
	record_outcome(courier, task->item, duty, version, &outcome);
}

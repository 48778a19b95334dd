/* SPDX-License-Identifier: MIT */
/* resend.c: has the courier do once more what it gave up of a booking: its mail, its event */
#include "base/clock.h"
#include "core/address.h"
#include "core/due.h"
#include "core/plain.h"
#include "ctl/edit.h"
#include "ctl/print.h"
#include "store/deliveries.h"

#include <stdio.h>

/* Those that tell how the booking stands; a reminder has its time. */
static const enum duty of_call[] = {DUTY_MAIL, DUTY_BEGUN}, of_brief[] = {DUTY_SPOOLED, DUTY_NUDGE};
static const enum duty of_calendar[] = {DUTY_EVENT, DUTY_EVENT_AGAIN};
#define CHOICES 2

static bool take(void *context, const struct delivery_record *record)
{
	return deliveries_apply(context, record);
}

/* Whether the courier would send anything at all. */
static bool is_past(const struct booking *booking)
{
	int64_t now = clock_wall_s();

	if (!booking->was_booked)
		return due_is_history(booking, now * 1000);
	return (booking->state == BOOKING_BOOKED ? booking->call.end : booking->call.start) <= now;
}

/* Puts one into the log as due. */
static enum err put(
    struct ctl *ctl, const struct booking *booking, enum duty duty, struct fail *fail)
{
	const struct delivery_record record = {
	    .booking = booking->id,
	    .owner = uuid_random(),
	    .delivery = {.duty = duty, .version = booking->version, .state = DELIVERY_DUE},
	    .detail = DELIVERY_AGAIN,
	};

	return deliveries_put(ctl->upstream.clickhouse, ctl->arena, &record, 1, fail);
}

static void print(struct ctl *ctl, const struct booking *booking, const struct delivery *again)
{
	static const struct column columns[] = {
	    {"id", NULL}, {"mail", NULL}, {"version", NULL}, {"was", NULL}, {"done", NULL}};
	const char *duty = duty_name(again->duty), *was = delivery_state_name(again->state);
	bool is_mail = duty_is_mail(again->duty);
	const char *done = !ctl_option(ctl, "dry-run") ? "is due"
			   : is_mail		       ? "would be sent"
						       : "would be written";
	struct table *table = table_new(ctl->arena, ctl->zone, columns, 5);
	char id[UUID_TEXT];

	uuid_format(&booking->id, id);
	if (!ctl->is_json) {
		printf("%s: %s %s%s%s; it was %s\n", id, duty, done, is_mail ? " to " : "",
		    is_mail ? plain_line(ctl->arena, booking->lead.email, ADDRESS_MAX) : "", was);
		return;
	}
	table_text(table, id);
	table_text(table, duty);
	table_integer(table, (int64_t)booking->version);
	table_text(table, was);
	table_text(table, done);
	print_json(ctl->arena, table_json_record(table));
}

/* Has it done once more, unless it is only asked. */
static enum err put_again(
    struct ctl *ctl, const struct booking *booking, const struct delivery *again, struct fail *fail)
{
	enum err err = ctl_option(ctl, "dry-run") ? ERR_NONE : put(ctl, booking, again->duty, fail);

	if (!err)
		print(ctl, booking, again);
	return err;
}

/* The mail that tells how it stands: one that was given up, else the newest that is known. */
static struct delivery choose(const struct booking *booking, const struct duties *duties)
{
	const enum duty *choices = booking->was_booked ? of_call : of_brief;
	struct delivery best = duties_find(duties, choices[0], booking->version), found;

	for (size_t i = 1; i < CHOICES; i++) {
		found = duties_find(duties, choices[i], booking->version);
		if (found.state != DELIVERY_NONE)
			best = found;
	}
	return best;
}

/* What the calendar did not take: it, or the booking, may have been mended. */
static enum err put_events(struct ctl *ctl, const struct booking *booking,
    const struct duties *duties, bool *is_any, struct fail *fail)
{
	enum err err = ERR_NONE;

	for (size_t i = 0; !err && i < CHOICES; i++) {
		struct delivery event = duties_find(duties, of_calendar[i], booking->version);

		if (event.state != DELIVERY_FAILED)
			continue;
		*is_any = true;
		err = put_again(ctl, booking, &event, fail);
	}
	return err;
}

/* is_enough: something else was done already, so that nothing is said of a mail that needs none. */
static int put_mail(
    struct ctl *ctl, const struct booking *booking, const struct delivery *mail, bool is_enough)
{
	bool is_there = mail->state == DELIVERY_DONE || mail->state == DELIVERY_SKIPPED;
	struct fail fail;

	if (is_enough && (mail->state == DELIVERY_NONE || is_there) && !ctl_option(ctl, "force"))
		return CTL_DONE;
	if (mail->state == DELIVERY_NONE)
		return ctl_say(
		    CTL_REFUSED, "no mail of it was tried yet: what is due the courier sends");
	if (delivery_is_open(mail))
		return ctl_say(CTL_DONE, "it is on its way, after %u tries", mail->attempt);
	if (is_there && !ctl_option(ctl, "force"))
		return ctl_say(CTL_REFUSED, "the last mail is %s; --force sends it once more",
		    delivery_state_name(mail->state));
	return put_again(ctl, booking, mail, &fail) ? ctl_fail(&fail) : CTL_DONE;
}

static int run(struct ctl *ctl)
{
	struct booking booking;
	struct duties duties = {0};
	struct ids ids = {&booking.id, 1};
	struct delivery mail;
	bool is_any = false;
	struct fail fail;
	enum err err;
	int status;

	if ((status = edit_find_booking(ctl, &booking)))
		return status;
	if (is_past(&booking))
		return ctl_say(CTL_REFUSED, "its time has passed, and no mail leaves for it");
	duties.booking = booking.id;
	err = deliveries_of(ctl->upstream.clickhouse, ctl->arena, &ids, take, &duties, &fail);
	mail = choose(&booking, &duties);
	if (!err)
		err = put_events(ctl, &booking, &duties, &is_any, &fail);
	duties_free(&duties);
	return err ? ctl_fail(&fail) : put_mail(ctl, &booking, &mail, is_any);
}

const struct ctl_command ctl_resend = {
    .name = "resend",
    .words = "ID",
    .help = "send a booking's mail, or write its event, once more that was given up",
    .least = 1,
    .most = 1,
    .needs_schema = true,
    .run = run,
    .options =
	{
	    {"force", NULL, "also one that was delivered"},
	    {"dry-run", NULL, "say what would be sent, and do nothing"},
	    {"version", "N", "only if the booking stands at this version"},
	},
};

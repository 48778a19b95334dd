/* SPDX-License-Identifier: MIT */
/* serve.c: one booking: what is due of it, under a lease */
#include "courier/serve.h"
#include "base/clock.h"
#include "base/log.h"
#include "core/brief.h"
#include "core/civil.h"
#include "courier/alert.h"
#include "courier/event.h"
#include "courier/lease.h"
#include "courier/mail.h"
#include "courier/meet.h"
#include "courier/obey.h"
#include "courier/spare.h"
#include "desk/follow.h"
#include "desk/look.h"

/* A booking that cannot be read, or leased, is looked at again after this time. */
#define UNREAD_MS 5000

/* Whoever is over and nobody's is looked at once more when it is history. */
#define REST_MS (DAY_S * INT64_C(1000))

/* The booking by what was read of it last. */
static struct booking booking_of(const struct courier *courier, const struct agenda_item *item)
{
	struct lead lead;

	lead_clear(&lead);
	lead.version = item->row.version;
	lead.status = item->row.status;
	lead.created_ms = item->row.created_ms;
	lead.held = item->row.is_held ? LEAD_HELD_ADDRESS : "";
	lead.video = item->row.has_video ? "there" : "";
	lead.is_partial = true;
	return look_known(&courier->upstream, &item->duties.booking, item->has_lead ? &lead : NULL);
}

/* What is due now by what is known, and when to look again. */
static void judge(const struct courier *courier, struct agenda_item *item,
    const struct booking *booking, struct due *due)
{
	int64_t now_ms = courier_now_ms(courier);

	if (item->seen_version != booking->version) {
		item->seen_version = booking->version;
		item->seen_ms = now_ms;
	}
	due_find(&courier->rules, &item->duties, booking, item->seen_ms, now_ms, due);
	item->look_ms = due->next_ms;
	item->is_owed = due->count || due->waiting || due->is_row_due;
	item->is_urgent = false;
	if (item->look_ms != INT64_MAX || item->is_owed)
		return;
	/* A place is kept, and so is what is leased to us, to be given back. */
	item->is_over = due_is_history(booking, now_ms) && !item->duties.is_plain &&
			item->lease_boot_ms <= clock_boot_ms();
	item->look_ms = now_ms + REST_MS;
}

/* The booking as it stands now. Model: step `due`. */
static enum err read_booking(struct task *task, struct fail *fail)
{
	struct arena *arena = task->courier->arena;
	const struct look_wish wish = {
	    .purpose = LOOK_ALONE, .booking = task->item->duties.booking};
	struct lead *person = &task->person;
	struct agenda_item *item = task->item;
	struct look found;
	enum err err;

	if ((err = look_at(&task->courier->upstream, arena, &wish, &found, fail)))
		return err;
	task->booking = found.booking;
	item->has_lead = found.booking.has_lead;
	if (!item->has_lead)
		return ERR_NONE;
	*person = found.booking.lead;
	item->row.version = person->version;
	item->row.status = person->status;
	item->row.is_held = lead_waits_for_mail(person);
	item->row.has_video = *person->video;
	return brief_plain_lines(arena, person)
		   ? ERR_NONE
		   : fail_set(fail, ERR_SYSTEM, "courier", "no memory");
}

/* The row of an accepted entry whose writer did not come to it. Model: step `row`. */
static enum err write_row(struct task *task, struct fail *fail)
{
	struct courier *courier = task->courier;

	return follow_row(&courier->upstream, courier->arena, &task->booking, NULL, fail);
}

static int64_t hold_of(const struct courier *courier, enum duty duty)
{
	return duty_is_mail(duty)    ? courier->mail_hold_ms
	       : duty_is_event(duty) ? courier->event_hold_ms
				     : courier->alert_hold_ms;
}

/* Leaves out what waits for a service; the item is looked at when the wait is over. */
static void leave_held(const struct courier *courier, struct agenda_item *item, struct due *due)
{
	int64_t boot_ms = clock_boot_ms(), now_ms = courier_now_ms(courier);
	size_t kept = 0;

	for (size_t i = 0; i < due->count; i++) {
		int64_t wait_ms = hold_of(courier, due->list[i]) - boot_ms;

		if (wait_ms <= 0) {
			due->versions[kept] = due->versions[i];
			due->list[kept++] = due->list[i];
		} else if (now_ms + wait_ms < item->look_ms) {
			item->look_ms = now_ms + wait_ms;
		}
	}
	due->count = kept;
}

/* What can be done now. */
static bool find_due(const struct courier *courier, struct agenda_item *item,
    const struct booking *booking, struct due *due)
{
	judge(courier, item, booking, due);
	leave_held(courier, item, due);
	return due->count || due->is_row_due;
}

static void deliver(struct task *task, enum duty duty, uint64_t version)
{
	if (hold_of(task->courier, duty) > clock_boot_ms() || spare_duty(task, duty, version))
		return;
	if (duty == DUTY_OBEY)
		obey_deliver(task, version);
	else if (duty == DUTY_MEET)
		meet_deliver(task, version);
	else if (duty_is_event(duty))
		event_deliver(task, duty, version);
	else if (duty_is_mail(duty))
		mail_deliver(task, duty, version);
	else
		alert_add(task, duty, version);
	/* What it may have is counted anew. */
	if (duty_is_mail(duty))
		task->has_past = false;
}

/* Ours, and for long enough to begin something. */
static bool is_leased(struct courier *courier, struct agenda_item *item)
{
	struct fail fail;
	enum lease lease = lease_take(courier, item, &fail);

	if (lease == LEASE_UNKNOWN)
		log_fail(LOG_LEVEL_WARNING, "lease_not_had", &fail);
	return lease == LEASE_OURS;
}

/* Under the lease everything is read again: another courier may have done it, or the booking have
 * moved, before it began. */
static void do_due(struct task *task)
{
	struct courier *courier = task->courier;
	struct agenda_item *item = task->item;
	struct fail fail;
	struct due due;

	if (read_booking(task, &fail)) {
		log_fail(LOG_LEVEL_WARNING, "booking_not_read", &fail);
		item->look_ms = courier_now_ms(courier) + UNREAD_MS;
		return;
	}
	/* What is done or tried is recorded, and looked at again at once; what was not waits. */
	if (find_due(courier, item, &task->booking, &due))
		item->look_ms = courier_now_ms(courier) + UNREAD_MS;
	if (due.is_row_due && write_row(task, &fail)) {
		log_fail(LOG_LEVEL_WARNING, "row_not_written", &fail);
		return;
	}
	for (size_t i = 0; i < due.count && !*courier->stop && is_leased(courier, item); i++) {
		task->deadline = lease_deadline(item);
		deliver(task, due.list[i], due.versions[i]);
		/* The call is another one now. */
		if (due.list[i] == DUTY_OBEY)
			return;
	}
}

enum about serve_about(const struct courier *courier, const struct agenda_item *item)
{
	const struct booking booking = booking_of(courier, item);

	return booking.was_booked && booking.state != BOOKING_ERASED ? ABOUT_CALL : ABOUT_BRIEF;
}

bool serve_is_due(const struct courier *courier, const struct agenda_item *item)
{
	const struct booking booking = booking_of(courier, item);
	struct agenda_item judged = *item;
	struct due due;

	return find_due(courier, &judged, &booking, &due);
}

bool serve_booking(struct courier *courier, struct agenda_item *item)
{
	struct task task = {.courier = courier, .item = item, .booking = booking_of(courier, item)};
	struct due due;

	if (!find_due(courier, item, &task.booking, &due))
		return false;
	/* Without a lease, and without a word of who has it, something is due all the same. */
	item->look_ms = courier_now_ms(courier) + UNREAD_MS;
	if (is_leased(courier, item))
		do_due(&task);
	return true;
}

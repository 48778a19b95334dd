/* SPDX-License-Identifier: MIT */
/* serve.c: one booking: what is due of it, under a lease */
#include "base/clock.h"
#include "base/log.h"
#include "core/brief.h"
#include "core/plain.h"
#include "courier/courier.h"

/* A booking that cannot be read is looked at again after this time. */
#define UNREAD_MS 5000

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
	struct arena *arena = task->courier->arena;
	struct snapshot_wish wish = {.booking = task->booking};
	struct snapshot_question *question = snapshot_start(upstream->journal, arena, &wish);
	struct lead *person = &task->person;
	enum err err;

	http_run(upstream->http);
	if ((err = snapshot_finish(question, &task->snapshot, fail)))
		return err;
	ledger_find(journal_state(upstream->journal), &task->booking, &task->standing);
	*person = task->snapshot.lead;
	if (!task->snapshot.has_lead)
		return ERR_NONE;
	person->name = plain_line(arena, person->name, BRIEF_NAME_MAX);
	person->email = plain_line(arena, person->email, BRIEF_EMAIL_MAX);
	person->company = plain_line(arena, person->company, BRIEF_COMPANY_MAX);
	person->budget = plain_line(arena, person->budget, BRIEF_LINE_MAX);
	person->timeframe = plain_line(arena, person->timeframe, BRIEF_LINE_MAX);
	return person->name && person->email && person->company && person->budget &&
		       person->timeframe
		   ? ERR_NONE
		   : fail_set(fail, ERR_SYSTEM, "courier", "no memory");
}

/* The row of an accepted entry whose writer did not come to it. Model: step `row`. */
static enum err write_row(struct task *task, struct fail *fail)
{
	struct lead lead = task->snapshot.lead;

	lead.status = task->standing.is_erased ? LEAD_ERASED
		      : task->standing.is_live ? LEAD_BOOKED
					       : LEAD_CANCELLED;
	lead.version = task->standing.version;
	lead.owner = task->standing.owner;
	lead.slot = task->standing.is_live ? task->standing.call : (struct interval){0, 0};
	lead.calendar = task->standing.calendar;
	if (task->standing.is_erased)
		lead.name = lead.email = lead.company = lead.brief = lead.budget = lead.timeframe =
		    lead.timezone = lead.language = "";
	return leads_put(task->courier->upstream.clickhouse, task->courier->arena, &lead,
	    clickhouse_deadline(task->courier->upstream.clickhouse), fail);
}

/* What is due now, and docket->look_ms when nothing is. False: it cannot be told. */
static bool find_due(struct task *task, struct due *due)
{
	struct courier *courier = task->courier;
	struct docket *docket;
	struct known known;
	struct fail fail;

	if (look(task, &fail)) {
		log_fail(LOG_LEVEL_WARNING, "booking_not_read", &fail);
		docket = record_docket(courier, &task->booking);
		if (docket)
			docket->look_ms = courier_now_ms(courier) + UNREAD_MS;
		return false;
	}
	known = known_of(task);
	docket = record_docket(courier, &task->booking);
	if (!docket)
		return false;
	if (docket->seen_version != task->standing.version) {
		docket->seen_version = task->standing.version;
		docket->seen_ms = courier_now_ms(courier);
	}
	delivery_due(&courier->rules, docket, &known, courier_now_ms(courier), due);
	docket->look_ms = due->next_ms;
	docket->is_owed = due->count || due->waiting || due->is_row_due;
	return true;
}

static int64_t hold_of(const struct courier *courier, enum duty duty)
{
	return duty_is_mail(duty)    ? courier->mail_hold_ms
	       : duty_is_event(duty) ? courier->event_hold_ms
				     : courier->alert_hold_ms;
}

/* Leaves out what waits for a service; the docket is looked at when the wait is over. */
static void leave_held(struct task *task, struct due *due)
{
	struct docket *docket = record_docket(task->courier, &task->booking);
	int64_t boot_ms = clock_boot_ms(), now_ms = courier_now_ms(task->courier);
	size_t kept = 0;

	for (size_t i = 0; i < due->count; i++) {
		int64_t wait_ms = hold_of(task->courier, due->list[i]) - boot_ms;

		if (wait_ms <= 0) {
			due->versions[kept] = due->versions[i];
			due->list[kept++] = due->list[i];
		} else if (docket && now_ms + wait_ms < docket->look_ms) {
			docket->look_ms = now_ms + wait_ms;
		}
	}
	due->count = kept;
}

static void deliver(struct task *task, enum duty duty, uint64_t version)
{
	if (hold_of(task->courier, duty) > clock_boot_ms())
		return;
	if (duty_is_event(duty))
		event_deliver(task, duty, version);
	else if (duty_is_mail(duty))
		mail_deliver(task, duty, version);
	else
		alert_add(task, duty, version);
}

bool serve(struct courier *courier, const struct uuid *booking)
{
	struct task task = {.courier = courier, .booking = *booking};
	bool is_mine, was_mine = lease_is_mine(courier, booking);
	struct docket *docket;
	struct fail fail;
	struct due due;

	if (!find_due(&task, &due))
		return true;
	leave_held(&task, &due);
	if (!due.count && !due.is_row_due)
		return false;
	if (lease_take(courier, booking, &is_mine, &task.deadline, &fail)) {
		log_fail(LOG_LEVEL_WARNING, "lease_not_had", &fail);
		return true;
	}
	if (!is_mine)
		return false;
	/* Another courier may have done it, or the booking have moved, before the lease began. */
	if (!was_mine) {
		if (!find_due(&task, &due))
			return true;
		leave_held(&task, &due);
	}
	docket = record_docket(courier, booking);
	if (docket && (due.count || due.is_row_due))
		docket->look_ms = 0;
	if (due.is_row_due && write_row(&task, &fail)) {
		log_fail(LOG_LEVEL_WARNING, "row_not_written", &fail);
		return true;
	}
	for (size_t i = 0; i < due.count && !*courier->stop; i++) {
		if (lease_take(courier, booking, &is_mine, &task.deadline, &fail) || !is_mine)
			return true;
		deliver(&task, due.list[i], due.versions[i]);
	}
	return true;
}

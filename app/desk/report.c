/* SPDX-License-Identifier: MIT */
/* report.c: many bookings at once: who has a call when, and how many come how far */
#include "desk/report.h"
#include "base/clock.h"
#include "store/report_rows.h"

#include <stdlib.h>

static enum err refresh(struct upstream *upstream, struct arena *arena, struct fail *fail)
{
	return journal_refresh(
	    upstream->journal, arena, clickhouse_deadline(upstream->clickhouse), fail);
}

static int64_t order_of(const struct booking *booking)
{
	return booking->call.start ? booking->call.start : booking->lead.created_ms / 1000;
}

static int by_time(const void *a, const void *b)
{
	int64_t left = order_of(a), right = order_of(b);

	return (left > right) - (left < right);
}

static bool is_within(const struct booking *booking, struct interval within)
{
	if (booking->state == BOOKING_BLOCKED)
		return interval_overlaps(booking->call, within);
	return order_of(booking) >= within.start && order_of(booking) < within.end;
}

static void add(struct report *found, const struct booking *booking, struct interval within)
{
	if (!is_within(booking, within))
		return;
	if (found->count < REPORT_MAX)
		found->list[found->count++] = *booking;
	else
		found->is_cut = true;
}

enum err report_list(struct upstream *upstream, struct arena *arena, struct interval within,
    struct report *out, struct fail *fail)
{
	struct report found = {arena_array(arena, REPORT_MAX, sizeof(*found.list)), 0, false};
	const struct ledger *ledger;
	struct ledger_booking at;
	struct lead_list leads;
	struct booking booking;
	enum err err;

	if (!found.list)
		return fail_set(fail, ERR_SYSTEM, "report", "no memory");
	if ((err = refresh(upstream, arena, fail)) ||
	    (err = report_rows_leads(upstream->clickhouse, arena, within, &leads, fail)))
		return err;
	ledger = journal_state(upstream->journal);
	for (size_t i = 0; i < leads.count; i++) {
		booking = booking_merge(ledger, &leads.list[i].booking, &leads.list[i]);
		add(&found, &booking, within);
	}
	/* Blocks have no row. */
	for (size_t i = 0; ledger_at(ledger, i, &at); i++) {
		if (!at.is_block || !at.is_live)
			continue;
		booking = booking_merge(ledger, &at.id, NULL);
		add(&found, &booking, within);
	}
	qsort(found.list, found.count, sizeof(*found.list), by_time);
	*out = found;
	return ERR_NONE;
}

/* What the replay is listened for. */
struct listening {
	const struct uuid *booking; /* of this one alone, NULL: of all */
	struct report_entry *list;
	size_t count, room;
	bool is_full; /* no memory */
};

static void on_entry(void *context, const struct entry *entry, enum verdict verdict,
    const struct ledger_booking *before)
{
	struct listening *listening = context;
	size_t room = listening->room ? listening->room * 2 : 1024;
	struct report_entry *bigger;

	if (listening->booking ? !uuid_equal(&entry->booking, listening->booking)
			       : verdict != VERDICT_ACCEPTED || before->is_block ||
				     (entry->kind != ENTRY_BOOK && entry->kind != ENTRY_CANCEL))
		return;
	if (listening->count == listening->room) {
		bigger = reallocarray(listening->list, room, sizeof(*bigger));
		if (!bigger) {
			listening->is_full = true;
			return;
		}
		listening->list = bigger;
		listening->room = room;
	}
	listening->list[listening->count++] = (struct report_entry){
	    .entry = *entry,
	    .verdict = verdict,
	    .was_known = before->version > 0,
	    .was_live = before->is_live,
	};
}

static enum err listen(
    struct upstream *upstream, struct arena *arena, struct listening *listening, struct fail *fail)
{
	struct journal *journal = journal_new(upstream->clickhouse);
	enum err err;

	if (!journal)
		return fail_set(fail, ERR_SYSTEM, "report", "no memory");
	journal_watch(journal, on_entry, listening);
	err = journal_refresh(journal, arena, clickhouse_deadline(upstream->clickhouse), fail);
	for (size_t i = 0; !err && i < listening->count; i++) {
		const struct entry *entry = &listening->list[i].entry;

		listening->list[i].version =
		    entry->kind == ENTRY_RESTORE
			? entry->version
			: ledger_version(journal_state(journal), entry->number);
	}
	journal_free(journal);
	if (!err && listening->is_full)
		err = fail_set(fail, ERR_SYSTEM, "report", "no memory");
	return err;
}

static int by_number(const void *a, const void *b)
{
	const struct report_entry *left = a, *right = b;

	return (left->entry.number > right->entry.number) -
	       (left->entry.number < right->entry.number);
}

static struct report_entry *find_number(struct listening *listening, uint64_t number)
{
	struct report_entry key = {.entry.number = number};

	return listening->count ? bsearch(&key, listening->list, listening->count,
				      sizeof(*listening->list), by_number)
				: NULL;
}

/* The list, oldest first, in the arena. */
static enum err keep(struct arena *arena, const struct listening *listening,
    struct report_entry **out, struct fail *fail)
{
	struct report_entry *list = arena_array(arena, listening->count + 1, sizeof(*list));

	if (!list)
		return fail_set(fail, ERR_SYSTEM, "report", "no memory");
	for (size_t i = 0; i < listening->count; i++) {
		list[i] = listening->list[i];
		list[i].next = i + 1 < listening->count ? &list[i + 1] : NULL;
	}
	*out = listening->count ? list : NULL;
	return ERR_NONE;
}

enum err report_history(struct upstream *upstream, struct arena *arena, const struct uuid *booking,
    struct report_entry **out, struct fail *fail)
{
	struct listening listening = {.booking = booking};
	struct entry_times times = {0};
	struct report_entry *found;
	enum err err = listen(upstream, arena, &listening, fail);

	if (!err)
		err = report_rows_entries(upstream->clickhouse, arena, booking, &times, fail);
	for (size_t i = 0; !err && i < times.count; i++)
		if ((found = find_number(&listening, times.list[i].number)))
			found->at_ms = times.list[i].at_ms;
	if (!err)
		err = keep(arena, &listening, out, fail);
	free(listening.list);
	return err;
}

static struct report_step step_of(const struct report_entry *entry, const struct entry_time *time)
{
	struct report_step step = {.kind = STEP_MOVED, .at_ms = time->at_ms};

	if (entry->entry.kind == ENTRY_CANCEL)
		step.kind = STEP_CANCELLED;
	else if (!entry->was_live)
		step.kind = STEP_BOOKED;
	if (step.kind == STEP_BOOKED && !entry->was_known && time->created_ms &&
	    time->at_ms > time->created_ms)
		step.took_ms = time->at_ms - time->created_ms;
	return step;
}

static void add_changes(
    struct listening *listening, const struct entry_times *changes, struct report_steps *steps)
{
	const struct report_entry *found;

	for (size_t i = 0; i < changes->count; i++)
		if ((found = find_number(listening, changes->list[i].number)))
			steps->list[steps->count++] = step_of(found, &changes->list[i]);
}

static void add_briefs(const struct ledger *ledger, const struct brief_times *briefs,
    int64_t abandoned_s, struct report_steps *steps)
{
	int64_t limit_ms = clock_wall_ms() - abandoned_s * 1000;
	struct ledger_booking found;

	for (size_t i = 0; i < briefs->count; i++) {
		const struct brief_time *brief = &briefs->list[i];

		steps->list[steps->count++] = (struct report_step){STEP_LEAD, brief->at_ms, 0};
		if (brief->at_ms < limit_ms && brief->is_awaiting &&
		    !ledger_find(ledger, &brief->booking, &found))
			steps->list[steps->count++] =
			    (struct report_step){STEP_ABANDONED, brief->at_ms, 0};
	}
}

enum err report_steps(struct upstream *upstream, struct arena *arena, struct interval within,
    int64_t abandoned_s, struct report_steps *out, struct fail *fail)
{
	struct clickhouse *clickhouse = upstream->clickhouse;
	struct listening listening = {0};
	struct entry_times changes;
	struct brief_times briefs;
	struct report_steps steps = {0};
	enum err err;

	if ((err = refresh(upstream, arena, fail)) ||
	    (err = report_rows_briefs(clickhouse, arena, within, &briefs, fail)) ||
	    (err = report_rows_changes(clickhouse, arena, within, &changes, fail)))
		return err;
	steps.list = arena_array(arena, changes.count + 2 * briefs.count + 1, sizeof(*steps.list));
	if (!steps.list)
		return fail_set(fail, ERR_SYSTEM, "report", "no memory");
	/* Replayed last, so that no change is read of which the replay does not know. */
	if (!(err = listen(upstream, arena, &listening, fail))) {
		add_briefs(journal_state(upstream->journal), &briefs, abandoned_s, &steps);
		add_changes(&listening, &changes, &steps);
		*out = steps;
	}
	free(listening.list);
	return err;
}

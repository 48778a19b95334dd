/* SPDX-License-Identifier: MIT */
/* report.c: many bookings at once: who has a call when, and how many come how far */
#include "desk/report.h"
#include "base/clock.h"
#include "store/report_rows.h"

#include <stdlib.h>

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

/* Blocks have no row. */
static enum err add_blocks(const struct ledger *ledger, struct arena *arena, struct interval within,
    struct report *found, struct fail *fail)
{
	struct ledger_booking *list = arena_array(arena, REPORT_MAX, sizeof(*list));
	const char *owner;

	if (!list)
		return fail_set(fail, ERR_SYSTEM, "report", "no memory");
	for (size_t i = 0; (owner = ledger_owner(ledger, i)); i++) {
		size_t count = ledger_busy(ledger, owner, within, NULL, list, REPORT_MAX);

		for (size_t j = 0; j < count && j < REPORT_MAX; j++) {
			struct booking booking = booking_merge(ledger, &list[j].id, NULL);

			if (list[j].is_block)
				add(found, &booking, within);
		}
		found->is_cut = found->is_cut || count > REPORT_MAX;
	}
	return ERR_NONE;
}

enum err report_list(struct upstream *upstream, struct arena *arena, struct interval within,
    struct report *out, struct fail *fail)
{
	struct report found = {arena_array(arena, REPORT_MAX, sizeof(*found.list)), 0, false};
	const struct ledger *ledger;
	struct lead_list leads;
	struct booking booking;
	enum err err;

	if (!found.list)
		return fail_set(fail, ERR_SYSTEM, "report", "no memory");
	if ((err = journal_refresh(upstream->journal, arena, fail)) ||
	    (err = report_rows_leads(upstream->clickhouse, arena, within, &leads, fail)))
		return err;
	ledger = journal_state(upstream->journal);
	for (size_t i = 0; i < leads.count; i++) {
		booking = booking_merge(ledger, &leads.list[i].booking, &leads.list[i]);
		add(&found, &booking, within);
	}
	if ((err = add_blocks(ledger, arena, within, &found, fail)))
		return err;
	qsort(found.list, found.count, sizeof(*found.list), by_time);
	*out = found;
	return ERR_NONE;
}

static bool leaves(enum entry_kind kind)
{
	return kind == ENTRY_CANCEL || kind == ENTRY_UNBLOCK || kind == ENTRY_ERASE;
}

/* What the accepted entries of one booking come to, one after the other. */
struct course {
	bool is_known, is_live;
};

static void follow_on(struct course *course, enum entry_kind kind, bool has_call)
{
	course->is_known = true;
	course->is_live = !leaves(kind) && has_call;
}

enum err report_history(struct upstream *upstream, struct arena *arena, const struct uuid *booking,
    struct report_entry **out, struct fail *fail)
{
	struct report_entry *first = NULL, **last = &first, *entry;
	const struct ledger *ledger;
	struct entry_rows rows;
	enum err err;

	/* Brought up to now last, so that the state knows every entry that was read. */
	if ((err = report_rows_entries(upstream->clickhouse, arena, booking, &rows, fail)) ||
	    (err = journal_refresh(upstream->journal, arena, fail)))
		return err;
	ledger = journal_state(upstream->journal);
	for (size_t i = 0; i < rows.count; i++, last = &entry->next) {
		const struct entry_row *row = &rows.list[i];

		entry = arena_alloc(arena, sizeof(*entry));
		if (!entry)
			return fail_set(fail, ERR_SYSTEM, "report", "no memory");
		*entry = (struct report_entry){
		    .entry = row->entry,
		    .verdict = ledger_verdict(ledger, row->position),
		    .version = row->entry.kind == ENTRY_RESTORE
				   ? row->entry.version
				   : ledger_version(ledger, row->entry.number),
		    .at_ms = row->at_ms,
		};
		*last = entry;
	}
	*out = first;
	return ERR_NONE;
}

static struct report_step step_of(const struct course *before, const struct change_row *row)
{
	struct report_step step = {.kind = STEP_MOVED, .at_ms = row->at_ms};

	if (row->kind == ENTRY_CANCEL)
		step.kind = STEP_CANCELLED;
	else if (!before->is_live)
		step.kind = STEP_BOOKED;
	if (step.kind == STEP_BOOKED && !before->is_known && row->created_ms &&
	    row->at_ms > row->created_ms)
		step.took_ms = row->at_ms - row->created_ms;
	return step;
}

static void add_changes(const struct ledger *ledger, const struct change_rows *rows,
    struct interval within, struct report_steps *steps)
{
	struct course course = {false, false};

	for (size_t i = 0; i < rows->count; i++) {
		const struct change_row *row = &rows->list[i];

		if (i && !uuid_equal(&row->booking, &rows->list[i - 1].booking))
			course = (struct course){false, false};
		if (ledger_verdict(ledger, row->position) != VERDICT_ACCEPTED)
			continue;
		if ((row->kind == ENTRY_BOOK || row->kind == ENTRY_CANCEL) &&
		    row->at_ms >= within.start * 1000 && row->at_ms < within.end * 1000)
			steps->list[steps->count++] = step_of(&course, row);
		follow_on(&course, row->kind, row->has_call);
	}
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
	struct change_rows changes;
	struct brief_times briefs;
	struct report_steps steps = {0};
	enum err err;

	/* Brought up to now last, so that the state knows every entry that was read. */
	if ((err = report_rows_briefs(clickhouse, arena, within, &briefs, fail)) ||
	    (err = report_rows_changes(clickhouse, arena, within, &changes, fail)) ||
	    (err = journal_refresh(upstream->journal, arena, fail)))
		return err;
	steps.list = arena_array(arena, changes.count + 2 * briefs.count + 1, sizeof(*steps.list));
	if (!steps.list)
		return fail_set(fail, ERR_SYSTEM, "report", "no memory");
	add_briefs(journal_state(upstream->journal), &briefs, abandoned_s, &steps);
	add_changes(journal_state(upstream->journal), &changes, within, &steps);
	*out = steps;
	return ERR_NONE;
}

/* SPDX-License-Identifier: MIT */
/* take_in.c: what changed in the tables, put into the agenda */
#include "courier/take_in.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/notify.h"
#include "desk/look.h"
#include "store/deliveries.h"

#include <inttypes.h>

/* Of bookings that are read with one query. */
#define READ_MAX 2000
/* Of one round's time. */
#define READ_MS 3000
#define READ_BYTES (96 * 1024 * 1024)

static bool note(void *context, const struct lead_state *state)
{
	struct courier *courier = context;
	struct agenda_item *item = agenda_open(&courier->agenda, &state->booking);

	if (item)
		agenda_touch(item);
	return item;
}

static void set_rows(struct agenda_item *item, const struct lead_state *state)
{
	/* Rows of one booking may be read in any order. */
	if (state->version >= item->row.version)
		item->row = *state;
	item->row.created_ms = state->created_ms;
	item->has_lead = true;
}

static bool take_rows(void *context, const struct lead_state *state)
{
	struct courier *courier = context;
	struct agenda_item *item = agenda_open(&courier->agenda, &state->booking);

	if (!item)
		return false;
	set_rows(item, state);
	agenda_touch(item);
	return true;
}

static bool take_record(void *context, const struct delivery_record *record)
{
	struct courier *courier = context;
	struct agenda_item *item = agenda_open(&courier->agenda, &record->booking);

	if (!item || !deliveries_apply(&item->duties, record))
		return false;
	item->look_ms = 0;
	item->is_over = false;
	return true;
}

enum err take_in_deliveries(struct courier *courier, struct fail *fail)
{
	return deliveries_tail(courier->upstream.clickhouse, courier->arena,
	    &courier->mark.deliveries, take_record, courier, fail);
}

/* A place is never over, whatever is recorded of it. */
static bool open_place(struct courier *courier, const struct uuid *place)
{
	struct agenda_item *item = agenda_open(&courier->agenda, place);

	if (item)
		item->duties.is_plain = true;
	return item;
}

static bool open_places(struct courier *courier)
{
	for (size_t i = 0; i < courier->conf->calendars.count; i++)
		if (!open_place(courier, &courier->calendar_places[i]))
			return false;
	return open_place(courier, &courier->place) && open_place(courier, &courier_everywhere);
}

/* Where the tables end is asked first, so that what comes while they are read comes again. */
static enum err begin(struct courier *courier, struct fail *fail)
{
	struct clickhouse *clickhouse = courier->upstream.clickhouse;
	struct changes_mark mark;
	struct look_ledger ledger;
	enum err err;

	if ((err = changes_begin(clickhouse, courier->arena, &mark, fail)) ||
	    (err = look_at_ledger(&courier->upstream, courier->arena, &ledger, fail)))
		return err;
	notify_send("WATCHDOG=1");
	if (!open_places(courier))
		return fail_set(fail, ERR_SYSTEM, "courier", "no memory");
	if ((err = changes_may_be_due(
		 clickhouse, courier->arena, ledger.before, note, courier, fail)))
		return err;
	notify_send("WATCHDOG=1");
	courier->mark = mark;
	courier->has_begun = true;
	return ERR_NONE;
}

static enum err take_changes(
    struct courier *courier, const struct changes_found *found, struct fail *fail)
{
	struct clickhouse *clickhouse = courier->upstream.clickhouse;
	struct changes_mark *mark = &courier->mark;
	enum err err;

	if (found->ledger) {
		if ((err = look_refresh(&courier->upstream, courier->arena, fail)) ||
		    (err = changes_in_ledger(
			 clickhouse, courier->arena, mark, note, courier, fail)))
			return err;
		mark->ledger = found->ledger;
	}
	if (found->deliveries) {
		if ((err = take_in_deliveries(courier, fail)))
			return err;
		if (found->deliveries > mark->deliveries)
			mark->deliveries = found->deliveries;
	}
	if (found->leads) {
		if ((err = changes_in_leads(
			 clickhouse, courier->arena, mark, take_rows, courier, fail)))
			return err;
		mark->leads = found->leads;
	}
	mark->now_ms = found->now_ms;
	return ERR_NONE;
}

/* The next of the agenda that were not read, from *at on. */
static size_t unread(const struct courier *courier, size_t *at, struct uuid list[READ_MAX])
{
	struct agenda_item *item;
	size_t count = 0;

	for (; count < READ_MAX && (item = agenda_at(&courier->agenda, *at)); ++*at)
		if (!item->is_read)
			list[count++] = item->duties.booking;
	return count;
}

static enum err read_some(
    struct courier *courier, struct arena *arena, const struct ids *ids, struct fail *fail)
{
	struct clickhouse *clickhouse = courier->upstream.clickhouse;
	enum err err;

	if ((err = deliveries_of(clickhouse, arena, ids, take_record, courier, fail)) ||
	    (err = changes_leads_of(clickhouse, arena, ids, take_rows, courier, fail)))
		return err;
	for (size_t i = 0; i < ids->count; i++)
		agenda_find(&courier->agenda, &ids->list[i])->is_read = true;
	return ERR_NONE;
}

/* In memory that is given back. */
static enum err read_unread(struct courier *courier, struct fail *fail)
{
	int64_t began = clock_boot_ms();
	struct uuid list[READ_MAX];
	struct ids ids = {.list = list};
	enum err err = ERR_NONE;
	struct arena *arena;
	size_t at = 0;

	ids.count = unread(courier, &at, list);
	if (!ids.count)
		return ERR_NONE;
	arena = arena_new(READ_BYTES);
	if (!arena)
		return fail_set(fail, ERR_SYSTEM, "courier", "no memory");
	while (!err && ids.count) {
		arena_reset(arena);
		err = read_some(courier, arena, &ids, fail);
		notify_send("WATCHDOG=1");
		ids.count = clock_boot_ms() - began < READ_MS ? unread(courier, &at, list) : 0;
	}
	arena_free(arena);
	return err;
}

static enum err look(struct courier *courier, struct changes_found *out, struct fail *fail)
{
	enum err err;

	if (!courier->has_begun && (err = begin(courier, fail)))
		return err;
	return changes_look(
	    courier->upstream.clickhouse, courier->arena, &courier->mark, out, fail);
}

enum err take_in_changes(struct courier *courier, struct fail *fail)
{
	int64_t asked_ms = courier_now_ms(courier);
	struct changes_found found;
	enum err err;

	if ((err = look(courier, &found, fail)))
		return err;
	/* The store's clock was ahead, and was put back: what was to be looked at by it, or was
	 * history by it, is known as to a courier that begins. */
	if (found.now_ms + DELIVERY_AHEAD_MS < asked_ms) {
		log_event(LOG_LEVEL_NOTICE, "clickhouse_clock_went_back ms=%" PRId64,
		    asked_ms - found.now_ms);
		agenda_free(&courier->agenda);
		courier->has_begun = false;
		if ((err = look(courier, &found, fail)))
			return err;
	}
	courier->store_ms = found.now_ms;
	courier->store_boot_ms = clock_boot_ms();
	if ((err = take_changes(courier, &found, fail)))
		return err;
	return read_unread(courier, fail);
}

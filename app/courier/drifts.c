/* SPDX-License-Identifier: MIT */
/* drifts.c: what somebody did to the calls' events in the calendar */
#include "courier/drifts.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "core/civil.h"
#include "courier/record.h"
#include "net/calendar_changes.h"
#include "store/deliveries.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* How long a page of changes may take. */
#define PAGE_MS 3000
#define PAUSE_LEAST_S 1
#define PAUSE_MOST_S 30
/* What was dragged into the past is seen by a full look, too. */
#define BACK_S (7 * DAY_S)
/* Credentials are renewed by a person: they are not asked for as often. */
#define REFUSED_PAUSES 20

static int64_t pause_ms(const struct courier *courier)
{
	int64_t pause_s = courier->conf->google.fresh_s;

	if (pause_s < PAUSE_LEAST_S)
		pause_s = PAUSE_LEAST_S;
	return (pause_s > PAUSE_MOST_S ? PAUSE_MOST_S : pause_s) * 1000;
}

static enum err make_due(
    struct courier *courier, const struct seen_event *seen, enum drift drift, struct fail *fail)
{
	struct delivery due = {
	    .duty = DUTY_CALENDAR_CHANGED, .version = drift_key(seen), .state = DELIVERY_DUE};
	struct agenda_item *item = agenda_open(&courier->agenda, &seen->booking);

	if (!item)
		return fail_set(fail, ERR_SYSTEM, "courier", "no memory");
	/* What was told before is not known yet. */
	if (!item->is_read) {
		agenda_touch(item);
		return fail_set(fail, ERR_BUSY, "drifts", "the booking was not read yet");
	}
	if (duties_find(&item->duties, due.duty, due.version).state != DELIVERY_NONE)
		return ERR_NONE;
	return record_put(courier, item, &due,
	    arena_printf(courier->arena, "%" PRIu64 " %s %" PRId64 " %" PRId64, seen->version,
		drift_name(drift), seen->call.start, seen->call.end),
	    fail);
}

/* An entry comes before what follows from it, so a ledger that is read after the calendar knows of
 * every change of our own. */
static enum err tell_all(
    struct courier *courier, const struct calendar_changes *changes, struct fail *fail)
{
	struct journal *journal = courier->upstream.journal;
	enum err err;

	if (!changes->count)
		return ERR_NONE;
	if ((err = journal_refresh(
		 journal, courier->arena, clickhouse_deadline(courier->upstream.clickhouse), fail)))
		return err;
	for (size_t i = 0; i < changes->count; i++) {
		const struct seen_event *seen = &changes->list[i];
		const struct booking booking =
		    booking_merge(journal_state(journal), &seen->booking, NULL);
		enum drift drift = drift_find(&booking, seen, courier_now_ms(courier) / 1000);

		if (drift != DRIFT_NONE && (err = make_due(courier, seen, drift, fail)))
			return err;
	}
	return ERR_NONE;
}

/* The token moves on when everything before it was dealt with; until then it is asked again. */
static enum err look(struct courier *courier, struct fail *fail)
{
	const struct changes_wish wish = {
	    .token = courier->calendar_token,
	    .since = courier_now_ms(courier) / 1000 - BACK_S,
	    .limit_ms = PAGE_MS,
	};
	struct calendar_changes changes;
	char *token;
	enum err err;

	if ((err = calendar_changes(
		 courier->upstream.google, courier->arena, &wish, &changes, fail)) ||
	    (err = tell_all(courier, &changes, fail)))
		return err;
	token = strdup(changes.token);
	if (!token)
		return fail_set(fail, ERR_SYSTEM, "courier", "no memory");
	free(courier->calendar_token);
	courier->calendar_token = token;
	return ERR_NONE;
}

void drifts_watch(struct courier *courier)
{
	const int64_t now_ms = clock_boot_ms(),
		      retry_ms = courier->conf->google.retry_s * INT64_C(1000);
	struct fail fail;
	enum err err;

	if (!courier->rules.has_google || !courier->rules.has_telegram ||
	    now_ms < courier->drift_look_ms || now_ms < courier->event_hold_ms)
		return;
	err = look(courier, &fail);
	courier->drift_look_ms = now_ms + pause_ms(courier);
	if (err && err != ERR_STOPPING)
		log_fail(LOG_LEVEL_WARNING, "calendar_changes_not_read", &fail);
	if (err == ERR_NOT_FOUND && courier->calendar_token) {
		/* It starts over with a full look. */
		free(courier->calendar_token);
		courier->calendar_token = NULL;
		courier->drift_look_ms = 0;
	} else if (err == ERR_GRANT || err == ERR_AUTH) {
		courier->event_hold_ms = now_ms + retry_ms;
		courier->drift_look_ms = now_ms + retry_ms * REFUSED_PAUSES;
	} else if (err) {
		courier->drift_look_ms = now_ms + pause_ms(courier);
	}
}

/* "12 moved 1796000000 1796001800", in place. */
static bool parse(char *text, struct seen_event *seen, enum drift *drift)
{
	char *fields[4];

	for (int i = 0; i < 4; i++) {
		fields[i] = strsep(&text, " ");
		if (!fields[i])
			return false;
	}
	return !text && num_u64(fields[0], 0, UINT64_MAX, &seen->version) &&
	       drift_parse(fields[1], drift) &&
	       num_i64(fields[2], INT64_MIN, INT64_MAX, &seen->call.start) &&
	       num_i64(fields[3], INT64_MIN, INT64_MAX, &seen->call.end);
}

/* The moment of the event under these two names. */
static void view_moment(
    const struct task *task, struct view *view, const char *const names[2], int64_t at)
{
	const struct courier *courier = task->courier;

	view_text(view, names[0],
	    moment_format(courier->arena, &courier->style, "date.long", courier->zone, at));
	view_text(view, names[1],
	    moment_format(courier->arena, &courier->style, "date.time_zone", courier->zone, at));
}

enum err drifts_view(struct task *task, uint64_t key, struct view *view, struct fail *fail)
{
	static const char *const from[] = {"new_day", "new_time"}, *const to[] = {"end_day", "end"};
	struct courier *courier = task->courier;
	const struct delivery delivery = {.duty = DUTY_CALENDAR_CHANGED, .version = key};
	const struct uuid *booking = &task->item->duties.booking;
	struct delivery_payload kept;
	char id[UUID_TEXT], slot[INSTANT_TEXT];
	struct seen_event seen = {0};
	enum drift drift;
	enum err err;

	if ((err = deliveries_payload(
		 courier->upstream.clickhouse, courier->arena, booking, &delivery, &kept, fail)))
		return err;
	if (!kept.text || !parse(arena_str(courier->arena, kept.text), &seen, &drift) ||
	    seen.version != task->booking.version || task->booking.state != BOOKING_BOOKED)
		return fail_set(fail, ERR_NOT_FOUND, "drifts", "the booking has moved on");
	view_text(view, "id", arena_str(courier->arena, uuid_format(booking, id)));
	view_flag(view, "was_deleted", drift == DRIFT_DELETED);
	view_flag(view, "was_moved", drift == DRIFT_MOVED);
	view_flag(view, "was_resized", drift == DRIFT_LENGTH);
	view_flag(view, "has_no_time", drift == DRIFT_NO_TIME);
	if (drift == DRIFT_MOVED || drift == DRIFT_LENGTH) {
		view_text(view, "slot",
		    arena_str(courier->arena, instant_format_slot(seen.call.start, slot)));
		view_moment(task, view, from, seen.call.start);
		view_moment(task, view, to, seen.call.end);
	}
	return ERR_NONE;
}

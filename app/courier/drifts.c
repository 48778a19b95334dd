/* SPDX-License-Identifier: MIT */
/* drifts.c: what somebody did to the calls' events in the calendar */
#include "courier/drifts.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "core/brief.h"
#include "core/civil.h"
#include "core/plain.h"
#include "courier/event_news.h"
#include "courier/record.h"
#include "desk/look.h"
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

static const char *const unheard_names[UNHEARDS] = {
    "not_asked", "overlap", "imported", "passed", "no_time", "refused", "unwritten"};

/* "12 moved 1796000000 1796001800 overlap 6f1c…" */
enum err drifts_put(struct courier *courier, struct agenda_item *item, const struct delivery *due,
    const struct sight *sight, struct fail *fail)
{
	char other[UUID_TEXT];

	if (duties_find(&item->duties, due->duty, due->version).state != DELIVERY_NONE)
		return ERR_NONE;
	return record_put(courier, item, due,
	    arena_printf(courier->arena, "%" PRIu64 " %s %" PRId64 " %" PRId64 " %s %s",
		sight->seen.version, drift_name(sight->drift), sight->seen.call.start,
		sight->seen.call.end, unheard_names[sight->unheard],
		uuid_format(&sight->other, other)),
	    fail);
}

/* An event of before is there again, and not still: ours were taken away. What its owner is only
 * told of stands as they left it. */
static bool is_back(
    const struct courier *courier, const struct agenda_item *item, const struct booking *booking)
{
	return courier->rules.obeys &&
	       duties_find(&item->duties, DUTY_EVENT, booking->version).state == DELIVERY_DONE;
}

static enum err make_due(
    struct courier *courier, const struct booking *booking, struct sight *sight, struct fail *fail)
{
	struct agenda_item *item = agenda_open(&courier->agenda, &booking->id);
	struct delivery due = {.state = DELIVERY_DUE};

	if (!item)
		return fail_set(fail, ERR_SYSTEM, "courier", "no memory");
	/* What was told before is not known yet. */
	if (!item->is_read) {
		agenda_touch(item);
		return fail_set(fail, ERR_BUSY, "drifts", "the booking was not read yet");
	}
	if (sight->drift == DRIFT_LEFT && !is_back(courier, item, booking))
		return ERR_NONE;
	/* What is only told is told once for each time, however often the event is touched. */
	if (!courier->rules.obeys)
		sight->seen.stamp = 0;
	due.duty = courier->rules.obeys ? DUTY_OBEY : DUTY_CALENDAR_CHANGED;
	due.version = drift_key(&sight->seen);
	return drifts_put(courier, item, &due, sight, fail);
}

/* An entry comes before what follows from it, so a ledger that is read after the calendar knows of
 * every change of our own. */
static enum err tell(struct courier *courier, const struct seen_event *seen, struct fail *fail)
{
	struct sight sight = {.seen = *seen};
	const struct booking booking = look_known(&courier->upstream, &seen->booking, NULL);

	sight.drift = drift_find(&booking, seen, courier_now_s(courier));
	return sight.drift == DRIFT_NONE ? ERR_NONE : make_due(courier, &booking, &sight, fail);
}

static enum err read_ledger(struct courier *courier, size_t seen, struct fail *fail)
{
	return seen ? look_refresh(&courier->upstream, courier->arena, fail) : ERR_NONE;
}

/* The token moves on when everything before it was dealt with; until then it is asked again. */
static enum err look_at_changes(struct courier *courier, struct fail *fail)
{
	const struct changes_wish wish = {
	    .token = courier->calendar_token,
	    .since = courier_now_s(courier) - BACK_S,
	    .limit_ms = PAGE_MS,
	};
	struct calendar_changes changes;
	char *token;
	enum err err;

	if ((err = calendar_changes(
		 courier->upstream.google, courier->arena, &wish, &changes, fail)) ||
	    (err = read_ledger(courier, changes.count, fail)))
		return err;
	for (size_t i = 0; i < changes.count; i++)
		if ((err = tell(courier, &changes.list[i], fail)))
			return err;
	token = strdup(changes.token);
	if (!token)
		return fail_set(fail, ERR_SYSTEM, "courier", "no memory");
	free(courier->calendar_token);
	courier->calendar_token = token;
	return ERR_NONE;
}

/* The same on a CalDAV server: what was not dealt with is news again. */
static enum err look_at_events(struct courier *courier, struct fail *fail)
{
	struct event_news news;
	enum err err;

	if ((err = event_news_find(courier, &news, fail)) ||
	    (err = read_ledger(courier, news.count, fail)))
		return err;
	for (size_t i = 0; i < news.count; i++)
		if ((err = tell(courier, &news.list[i].event, fail)))
			return err;
	event_news_keep(courier, &news);
	return ERR_NONE;
}

/* Said when it begins and when it ends: a token that is too old is no outage. */
static void note_outage(struct courier *courier, enum err err, const struct fail *fail)
{
	if (err == ERR_STOPPING || (err == ERR_NOT_FOUND && courier->calendar_token))
		return;
	if (err && !courier->is_blind)
		log_fail(LOG_LEVEL_WARNING, "calendar_changes_not_read", fail);
	if (!err && courier->is_blind)
		log_event(LOG_LEVEL_NOTICE, "calendar_changes_read_again");
	courier->is_blind = err != ERR_NONE;
}

void drifts_watch(struct courier *courier)
{
	const int64_t now_ms = clock_boot_ms(),
		      retry_ms = courier->conf->google.retry_s * INT64_C(1000);
	struct fail fail;
	enum err err;

	if (!courier->rules.has_calendar ||
	    !(courier->rules.has_telegram || courier->rules.obeys) ||
	    now_ms < courier->drift_look_ms || now_ms < courier->event_hold_ms)
		return;
	err = courier->upstream.caldav ? look_at_events(courier, &fail)
				       : look_at_changes(courier, &fail);
	courier->drift_look_ms = now_ms + pause_ms(courier);
	note_outage(courier, err, &fail);
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

/* In place. */
static bool parse(char *text, struct sight *out)
{
	char *fields[6];
	int unheard;

	for (int i = 0; i < 6; i++)
		fields[i] = strsep(&text, " ");
	if (!fields[5] || text || !num_u64(fields[0], 0, UINT64_MAX, &out->seen.version) ||
	    !drift_parse(fields[1], &out->drift) ||
	    !num_i64(fields[2], INT64_MIN, INT64_MAX, &out->seen.call.start) ||
	    !num_i64(fields[3], INT64_MIN, INT64_MAX, &out->seen.call.end) ||
	    !num_of_name(fields[4], unheard_names, UNHEARDS, &unheard) ||
	    !uuid_parse(fields[5], &out->other))
		return false;
	out->unheard = (enum unheard)unheard;
	return true;
}

/* Whether it is still true of the booking, as far as that can tell: an event that was left stays
 * one of before. */
static bool is_of_now(const struct booking *booking, const struct sight *sight)
{
	return sight->drift == DRIFT_LEFT ||
	       (booking->version == sight->seen.version && booking->state == BOOKING_BOOKED);
}

enum err drifts_read(
    struct task *task, const struct delivery *due, struct sight *out, struct fail *fail)
{
	struct courier *courier = task->courier;
	struct sight sight = {.seen.booking = task->item->duties.booking};
	struct delivery_payload kept;
	enum err err;

	if ((err = deliveries_payload(courier->upstream.clickhouse, courier->arena,
		 &sight.seen.booking, due, &kept, fail)))
		return err;
	if (!kept.text || !parse(arena_str(courier->arena, kept.text), &sight) ||
	    !is_of_now(&task->booking, &sight))
		return fail_set(fail, ERR_NOT_FOUND, "drifts", "the booking has moved on");
	*out = sight;
	return ERR_NONE;
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

/* Whose time it is that the call cannot have. */
static enum err view_other(
    struct task *task, const struct uuid *other, struct view *view, struct fail *fail)
{
	static const char *const names[] = {"other_day", "other_time"};
	struct courier *courier = task->courier;
	struct booking booking;
	char id[UUID_TEXT];
	enum err err;

	if ((err = look_up(&courier->upstream, courier->arena, other, &booking, fail)))
		return err;
	view_text(view, "other_id", arena_str(courier->arena, uuid_format(other, id)));
	if (booking.has_lead)
		view_text(view, "other_name",
		    plain_line(courier->arena, booking.lead.name, BRIEF_NAME_MAX));
	view_moment(task, view, names, booking.call.start);
	return ERR_NONE;
}

enum err drifts_view(struct task *task, uint64_t key, struct view *view, struct fail *fail)
{
	static const char *const from[] = {"new_day", "new_time"}, *const to[] = {"end_day", "end"};
	const struct delivery due = {.duty = DUTY_CALENDAR_CHANGED, .version = key};
	struct courier *courier = task->courier;
	char id[UUID_TEXT], slot[INSTANT_TEXT];
	struct sight sight;
	enum err err;

	if ((err = drifts_read(task, &due, &sight, fail)))
		return err;
	view_text(view, "id", arena_str(courier->arena, uuid_format(&sight.seen.booking, id)));
	view_flag(view, "was_deleted", sight.drift == DRIFT_DELETED);
	view_flag(view, "was_moved", sight.drift == DRIFT_MOVED);
	view_flag(view, "was_resized", sight.drift == DRIFT_LENGTH);
	view_flag(view, "has_no_time", sight.drift == DRIFT_NO_TIME);
	view_flag(view, "was_left", sight.drift == DRIFT_LEFT);
	view_flag(view, "is_unheard", sight.unheard != UNHEARD_NOT_ASKED);
	view_flag(view, unheard_names[sight.unheard], sight.drift != DRIFT_LEFT);
	if (sight.drift == DRIFT_MOVED || sight.drift == DRIFT_LENGTH ||
	    sight.drift == DRIFT_LEFT) {
		view_text(view, "slot",
		    arena_str(courier->arena, instant_format_slot(sight.seen.call.start, slot)));
		view_moment(task, view, from, sight.seen.call.start);
		view_moment(task, view, to, sight.seen.call.end);
	}
	return sight.unheard == UNHEARD_OVERLAP ? view_other(task, &sight.other, view, fail)
						: ERR_NONE;
}

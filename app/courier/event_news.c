/* SPDX-License-Identifier: MIT */
/* event_news.c: which events of calls were touched on a CalDAV server since the last look */
#include "courier/event_news.h"
#include "courier/record.h"
#include "desk/look.h"
#include "store/caldav_seen.h"
#include "store/deliveries.h"

#include <string.h>

/* How long a request may take. */
#define LIMIT_MS 3000
/* Of one look; the others are those of the next. */
#define READ_MAX 200

/* The call of an item that stands, or the last that did, whose event may be put back; what was not
 * read yet is looked at later. */
static bool find_call(
    const struct courier *courier, const struct agenda_item *item, struct seen_event *out)
{
	struct booking booking;

	if (item->duties.is_plain || !item->is_read)
		return false;
	booking = look_known(&courier->upstream, &item->duties.booking, NULL);
	if (!booking.call_version || booking.call.end * 1000 <= courier_now_ms(courier) ||
	    (booking.state != BOOKING_BOOKED && booking.state != BOOKING_CANCELLED))
		return false;
	*out = (struct seen_event){.booking = booking.id,
	    .version = booking.state == BOOKING_BOOKED ? booking.version : booking.call_version,
	    .call = booking.call};
	return true;
}

static enum err list_calls(
    const struct courier *courier, struct caldav_seen *out, struct fail *fail)
{
	const struct agenda_item *item;

	out->count = 0;
	out->list = arena_array(courier->arena, courier->agenda.table.count, sizeof(*out->list));
	if (!out->list)
		return fail_set(fail, ERR_SYSTEM, "courier", "no memory");
	for (size_t i = 0; (item = agenda_at(&courier->agenda, i)); i++)
		out->count += find_call(courier, item, &out->list[out->count].event);
	return ERR_NONE;
}

static bool was_seen(const struct agenda_item *item, uint64_t version)
{
	return duties_find(&item->duties, DUTY_EVENT_SEEN, version).state == DELIVERY_DONE;
}

static bool is_news(const struct agenda_item *item, const struct seen_state *state)
{
	bool is_known = item->event.version == state->event.version;

	if (state->etag)
		return !is_known || item->event.is_gone ||
		       item->event.stamp != drift_stamp(state->etag);
	return was_seen(item, state->event.version) && !(is_known && item->event.is_gone);
}

/* Leaves in the list what is news. */
static void sift(const struct courier *courier, struct caldav_seen *seen)
{
	size_t kept = 0;

	for (size_t i = 0; i < seen->count && kept < READ_MAX; i++) {
		const struct seen_state *state = &seen->list[i];

		if (is_news(agenda_find(&courier->agenda, &state->event.booking), state))
			seen->list[kept++] = *state;
	}
	seen->count = kept;
}

static void keep(struct courier *courier, const struct seen_state *seen)
{
	struct agenda_item *item = agenda_find(&courier->agenda, &seen->event.booking);

	if (!item)
		return;
	item->event.version = seen->event.version;
	item->event.stamp = seen->event.stamp;
	item->event.is_gone = !seen->etag;
}

static enum err note_seen(struct courier *courier, struct agenda_item *item, uint64_t version,
    const char *calendar, struct fail *fail)
{
	const struct delivery seen = {.duty = DUTY_EVENT_SEEN,
	    .version = version,
	    .state = DELIVERY_DONE,
	    .at_ms = courier_now_ms(courier)};

	return was_seen(item, version) ? ERR_NONE
				       : record_put(courier, item, &seen, calendar, fail);
}

/* Whether one that is gone stood in this calendar, and not in one that calls were written to before
 * it. */
static enum err judge_gone(struct courier *courier, const struct seen_event *seen,
    const char *calendar, bool *is_ours, struct fail *fail)
{
	const struct delivery duty = {.duty = DUTY_EVENT_SEEN, .version = seen->version};
	struct delivery_payload kept;
	enum err err = deliveries_payload(
	    courier->upstream.clickhouse, courier->arena, &seen->booking, &duty, &kept, fail);

	if (!err)
		*is_ours = kept.text && strcmp(kept.text, calendar) == 0;
	return err;
}

/* What is deleted again after it was put back is another deletion, by the stamp of before. */
static enum err judge(
    struct courier *courier, struct seen_state *state, bool *is_ours, struct fail *fail)
{
	struct agenda_item *item = agenda_find(&courier->agenda, &state->event.booking);
	const char *calendar = conf_writer(courier->conf)->url;
	enum err err;

	*is_ours = true;
	if (state->etag)
		return note_seen(courier, item, state->event.version, calendar, fail);
	if (item->event.version == state->event.version)
		state->event.stamp = item->event.stamp;
	err = judge_gone(courier, &state->event, calendar, is_ours, fail);
	if (!err && !*is_ours)
		keep(courier, state);
	return err;
}

enum err event_news_find(struct courier *courier, struct event_news *out, struct fail *fail)
{
	struct caldav *caldav = courier->upstream.caldav;
	struct caldav_seen seen = {.timezone = courier->conf->hours.timezone, .limit_ms = LIMIT_MS};
	size_t kept = 0;
	bool is_ours;
	enum err err;

	if ((err = list_calls(courier, &seen, fail)) ||
	    (err = caldav_seen_etags(caldav, courier->arena, &seen, fail)))
		return err;
	sift(courier, &seen);
	if ((err = caldav_seen_read(caldav, courier->arena, &seen, fail)))
		return err;
	for (size_t i = 0; i < seen.count; i++) {
		if ((err = judge(courier, &seen.list[i], &is_ours, fail)))
			return err;
		if (is_ours)
			seen.list[kept++] = seen.list[i];
	}
	*out = (struct event_news){seen.list, kept};
	return ERR_NONE;
}

void event_news_keep(struct courier *courier, const struct event_news *news)
{
	for (size_t i = 0; i < news->count; i++)
		keep(courier, &news->list[i]);
}

/* SPDX-License-Identifier: MIT */
/* collisions.c: whether an event of the owner's lies over a call */
#include "courier/collisions.h"
#include "base/clock.h"
#include "base/log.h"
#include "courier/record.h"
#include "desk/calendar_news.h"
#include "desk/look.h"

/* All calls that wait for it share what pages share. */
#define PAUSE_MS 5000

enum err collisions_tell(struct courier *courier, struct agenda_item *item, uint64_t version,
    const char *calendar, struct fail *fail)
{
	const struct delivery due = {
	    .duty = DUTY_COLLISION, .version = version, .state = DELIVERY_DUE};

	if (duties_find(&item->duties, due.duty, version).state != DELIVERY_NONE)
		return ERR_NONE;
	return record_put(courier, item, &due, calendar, fail);
}

/* The call of an item that was not looked at; one beyond what is asked about waits. */
static bool find_call(const struct courier *courier, const struct agenda_item *item,
    struct interval window, struct booking *out)
{
	if (item->duties.is_plain || !item->is_read || !item->seen_version ||
	    duties_find(&item->duties, DUTY_COMPARED, item->seen_version).state != DELIVERY_NONE)
		return false;
	*out = look_known(&courier->upstream, &item->duties.booking, NULL);
	return out->state == BOOKING_BOOKED && out->version == item->seen_version &&
	       out->call.end * 1000 > courier_now_ms(courier) && out->call.end <= window.end;
}

static bool is_any(const struct courier *courier, struct interval window)
{
	const struct agenda_item *item;
	struct booking ignored;

	for (size_t i = 0; (item = agenda_at(&courier->agenda, i)); i++)
		if (find_call(courier, item, window, &ignored))
			return true;
	return false;
}

/* An answer from before the call was taken is the one that it was taken by. */
static enum err compare(struct courier *courier, struct agenda_item *item,
    const struct booking *booking, const struct calendar_finding *finding, struct fail *fail)
{
	const struct delivery compared = {.duty = DUTY_COMPARED,
	    .version = booking->version,
	    .state = DELIVERY_DONE,
	    .at_ms = courier_now_ms(courier)};
	int64_t taken_ms = clock_boot_ms() - (courier_now_ms(courier) - item->seen_ms);
	const char *where = NULL;
	bool is_known = true;
	enum err err;

	for (size_t i = 0; i < finding->part_count && !where; i++) {
		const struct calendar_part *part = &finding->parts[i];

		if (part->calendar->writes)
			continue;
		is_known = is_known && part->asked_ms > taken_ms;
		if (part->asked_ms > taken_ms &&
		    intervals_overlap(part->busy.list, part->busy.count, booking->call))
			where = part->calendar->name;
	}
	if (where && (err = collisions_tell(courier, item, booking->version, where, fail)))
		return err;
	return where || is_known ? record_put(courier, item, &compared, "", fail) : ERR_NONE;
}

static void compare_all(struct courier *courier, struct interval window)
{
	struct calendar_finding finding;
	struct agenda_item *item;
	struct booking booking;
	struct fail fail;

	look_at_calendar(&courier->upstream, courier->arena, CALENDAR_FOR_PAGE, window, &finding);
	calendar_news_all(&finding);
	for (size_t i = 0; (item = agenda_at(&courier->agenda, i)); i++)
		if (find_call(courier, item, window, &booking) &&
		    compare(courier, item, &booking, &finding, &fail)) {
			log_fail(LOG_LEVEL_WARNING, "delivery_not_recorded", &fail);
			return;
		}
}

void collisions_watch(struct courier *courier)
{
	struct interval window;

	if (!courier->rules.has_telegram || !courier->has_others ||
	    !look_is_ready(&courier->upstream) || clock_boot_ms() < courier->collision_look_ms)
		return;
	window = slots_window(&courier->hours, courier->zone, courier_now_s(courier));
	if (!is_any(courier, window))
		return;
	courier->collision_look_ms = clock_boot_ms() + PAUSE_MS;
	compare_all(courier, window);
}

/* SPDX-License-Identifier: MIT */
/* feeds.c: calendars of kind ics are fetched */
#include "courier/feeds.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/notify.h"
#include "core/civil.h"
#include "desk/calendar_news.h"
#include "store/calendar_cache.h"
#include "store/ical_apart.h"

/* Of one fetch, and of reading what it brought. */
#define FETCH_MS 15000
#define READ_MS 10000
/* What failed after a while is left for so many times as long. */
#define SPARED 9
/* What is read goes beyond what pages need now, so that a file that did not change serves on. */
#define AHEAD_S (8 * DAY_S)

/* One that is to be fetched. */
struct feed_due {
	const struct conf_calendar *calendar;
	struct feed_mark *mark;
	struct calendar_place place;
	struct interval needed;	      /* as pages need it */
	struct calendar_cache cached; /* what the pool has */
	bool has_cached;	      /* and it serves them */
};

static int64_t every_ms(const struct conf_calendar *calendar)
{
	return calendar->every_minutes * 60 * 1000;
}

static struct feed_due look(struct courier *courier, size_t index)
{
	const struct conf_calendar *calendar = &courier->conf->calendars.list[index];
	struct feed_due due = {.calendar = calendar,
	    .mark = &courier->feeds[index].mark,
	    .place = calendar_place(courier->conf, calendar, courier->arena),
	    .needed = slots_window(&courier->hours, courier->zone, courier_now_s(courier))};

	due.needed.end += DAY_S;
	due.has_cached = calendar_cache_load(&due.place, courier->arena, &due.cached) &&
			 due.cached.window.start <= due.needed.start &&
			 due.cached.window.end >= due.needed.end;
	return due;
}

static enum err fetch(struct courier *courier, const struct feed_due *due, struct feed *feed,
    struct calendar_cache *answer, struct fail *fail)
{
	struct feed_question question = {.address = conf_calendar_address(due->calendar),
	    .bytes_max = ICAL_BYTES_MAX,
	    .deadline = clock_boot_ms() + FETCH_MS};
	const struct ical_question what = {
	    .window = {due->needed.start - DAY_S, due->needed.end + AHEAD_S},
	    .timezone = courier->conf->hours.timezone};
	int64_t asked_ms = clock_boot_ms();
	enum err err;

	if (due->has_cached)
		question.mark = *due->mark;
	if ((err = feed_fetch(courier->upstream.http, courier->arena, &question, feed, fail)))
		return err;
	*answer = due->cached;
	if (!feed->is_unchanged) {
		notify_send("WATCHDOG=1");
		answer->window = what.window;
		err = ical_busy_read_apart(
		    courier->arena, feed->text, &what, READ_MS, &answer->busy, fail);
	}
	answer->asked_ms = asked_ms;
	return err;
}

static void note_failure(
    struct courier *courier, const struct feed_due *due, const struct fail *why)
{
	int64_t until_ms = clock_boot_ms() + courier->conf->google.retry_s * 1000;
	bool is_new = false;
	struct fail fail;

	if (outage_note(&due->place, courier->arena, until_ms,
		why->code == ERR_AUTH ? OUTAGE_REFUSED : OUTAGE_DOWN, &is_new, &fail))
		log_fail(LOG_LEVEL_WARNING, "outage_not_noted", &fail);
	else if (is_new)
		calendar_news(due->calendar, OUTAGE_BEGAN, why);
}

/* Until when one that failed is left: it is tried again as soon as pages would ask, but does not
 * take much of the courier's time, which is everybody's. */
static int64_t hold_until(const struct courier *courier, const struct feed_due *due, int64_t began)
{
	int64_t now_ms = clock_boot_ms(), hold_ms = courier->conf->google.retry_s * 1000,
		spared_ms = (now_ms - began) * SPARED;

	if (hold_ms < spared_ms)
		hold_ms = spared_ms;
	return now_ms + (hold_ms < every_ms(due->calendar) ? hold_ms : every_ms(due->calendar));
}

static void fetch_due(struct courier *courier, size_t index, const struct feed_due *due)
{
	int64_t began = clock_boot_ms();
	struct calendar_cache answer;
	struct feed feed;
	struct fail fail = {0};
	enum err err = fetch(courier, due, &feed, &answer, &fail);

	if (!err)
		err = calendar_cache_store(&due->place, courier->arena, &answer, &fail);
	if (err == ERR_STOPPING)
		return;
	if (err) {
		*due->mark = (struct feed_mark){0};
		note_failure(courier, due, &fail);
		courier->feeds[index].hold_ms = hold_until(courier, due, began);
		return;
	}
	*due->mark = feed.mark;
	if (outage_end(&due->place, courier->arena))
		calendar_news(due->calendar, OUTAGE_ENDED, NULL);
}

static bool is_feed(const struct conf_calendar *calendar)
{
	return calendar->kind == CALENDAR_ICS && calendar->blocks && conf_calendar_is_on(calendar);
}

void feeds_watch(struct courier *courier)
{
	for (size_t i = 0; i < courier->conf->calendars.count; i++) {
		struct feed_due due;

		if (!is_feed(&courier->conf->calendars.list[i]) ||
		    clock_boot_ms() < courier->feeds[i].hold_ms)
			continue;
		due = look(courier, i);
		/* Whoever fetched it: a courier that has just begun goes by what the last one did.
		 */
		if (due.has_cached &&
		    clock_boot_ms() - due.cached.asked_ms < every_ms(due.calendar))
			continue;
		fetch_due(courier, i, &due);
		return;
	}
}

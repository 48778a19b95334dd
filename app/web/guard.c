/* SPDX-License-Identifier: MIT */
/* guard.c: what every page and click about a booking does alike */
#include "web/guard.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/mutate.h"
#include "base/num.h"
#include "core/civil.h"
#include "store/zone_file.h"

#include <inttypes.h>
#include <string.h>

static void log_calendar(const struct app *app, const struct calendar_finding *calendar)
{
	if (calendar->news == OUTAGE_BEGAN)
		log_event(LOG_LEVEL_WARNING, "calendar_unreachable code=%s where=%s detail=\"%s\"",
		    err_name(calendar->fail.code), calendar->fail.where, calendar->fail.detail);
	if (calendar->news == OUTAGE_ENDED)
		log_event(LOG_LEVEL_NOTICE, "calendar_back");
	if (calendar->share_fail.code)
		log_fail(LOG_LEVEL_WARNING, "calendar_not_shared", &calendar->share_fail);
	if (calendar->fail.code)
		counters_add(app->counters, COUNTER_CALENDAR_FAILED);
}

enum err guard_look(struct app *app, const struct request *request, enum look_for purpose,
    struct sight *out, struct fail *fail)
{
	struct sight sight = {.now = clock_wall_s()};
	struct look_wish wish = {
	    .purpose = purpose, .window = slots_window(&app->hours, app->zone, sight.now)};
	enum err err;

	if ((err = request_booking(request, &wish.booking, fail)) ||
	    (err = app_ready(app, request->arena, fail)) ||
	    (err = look(&app->upstream, request->arena, &wish, &sight.look, fail)))
		return err;
	log_calendar(app, &sight.look.calendar);
	if (!booking_is_known(&sight.look.booking) || sight.look.booking.is_block ||
	    (!sight.look.booking.has_lead && sight.look.booking.state != BOOKING_ERASED))
		return fail_set(fail, ERR_NOT_FOUND, "guard", "no booking has this id");
	*out = sight;
	return ERR_NONE;
}

enum err guard_reread(
    struct app *app, const struct request *request, struct sight *sight, struct fail *fail)
{
	enum err err = journal_refresh(app->upstream.journal, request->arena,
	    clickhouse_deadline(app->upstream.clickhouse), fail);

	if (!err)
		booking_refresh(&sight->look.booking, journal_state(app->upstream.journal));
	return err;
}

struct offer guard_offer(const struct app *app, const struct sight *sight)
{
	return (struct offer){
	    .hours = &app->hours,
	    .zone = app->zone,
	    .now = sight->now,
	    .owner = app->conf->site.host,
	    .booking = sight->look.booking.id,
	    .ledger = journal_state(app->upstream.journal),
	    .imported = sight->look.imported,
	    .imported_count = sight->look.imported_count,
	    .calendar = sight->look.calendar.busy.list,
	    .calendar_count = sight->look.calendar.busy.count,
	};
}

/* Says what may still happen to a click that met a failure. Model: step `unconfirmed`. */
static void show_unconfirmed(const struct app *app, const struct request *request,
    struct reply *reply, const struct uuid *booking, enum err err)
{
	struct view *view = reply_view(app, request);
	char *id = arena_room(request->arena, UUID_TEXT);

	counters_add(
	    app->counters, err == ERR_UNSURE ? COUNTER_APPEND_UNSURE : COUNTER_APPEND_FAILED);
	view_text(view, "booking_id", id ? uuid_format(booking, id) : NULL);
	reply->retry_after_s = 30;
	reply_problem(app, request, reply, 503, err == ERR_LEDGER ? "ledger" : "unconfirmed", view);
}

static enum err read_version(const struct request *request, struct shown *shown, struct fail *fail)
{
	const char *text = form_value(&request->form, "version");

	*shown = (struct shown){text && *text, 0};
	if (shown->is_given && !num_u64(text, 0, UINT64_MAX, &shown->version))
		return fail_set(fail, ERR_INPUT, "guard", "the version is no number");
	return ERR_NONE;
}

bool guard_admit(struct app *app, const struct request *request, struct reply *reply,
    enum look_for purpose, struct sight *sight, struct shown *shown, enum err *err,
    struct fail *fail)
{
	struct uuid booking;

	*err = ERR_NONE;
	if (request->sent_ms && clock_wall_ms() - request->sent_ms > app->conf->site.queue_ms) {
		reply->retry_after_s = 10;
		reply_problem(app, request, reply, 503, "waited", NULL);
		return false;
	}
	if ((*err = request_booking(request, &booking, fail)) ||
	    (*err = read_version(request, shown, fail)))
		return false;
	*err = guard_look(app, request, purpose, sight, fail);
	if (*err == ERR_NOT_FOUND)
		return false;
	if (*err) {
		log_fail(LOG_LEVEL_ERROR, "click_failed", fail);
		show_unconfirmed(app, request, reply, &booking, *err);
		*err = ERR_NONE;
		return false;
	}
	if (MUTATED(VERSION_AT_CLICK))
		*shown = (struct shown){true, sight->look.booking.version};
	if (sight->look.booking.state == BOOKING_ERASED)
		reply_problem(app, request, reply, 410, "erased", NULL);
	return !(sight->look.booking.state == BOOKING_ERASED);
}

bool guard_append(struct app *app, const struct request *request, struct reply *reply,
    struct sight *sight, struct entry *entry, enum change *outcome)
{
	struct fail fail;

	entry->actor = ACTOR_PROSPECT;
	entry->max_changes = (uint32_t)app->conf->fair.max_changes;
	*outcome = change_make(&app->upstream, request->arena, entry, &sight->look.booking, &fail);
	if (*outcome == CHANGE_UNSURE || *outcome == CHANGE_NOT_WRITTEN) {
		log_fail(LOG_LEVEL_ERROR, "append_failed", &fail);
		show_unconfirmed(app, request, reply, &sight->look.booking.id, fail.code);
		return false;
	}
	counters_add(app->counters,
	    *outcome == CHANGE_ACCEPTED ? COUNTER_APPEND_ACCEPTED : COUNTER_APPEND_REFUSED);
	return true;
}

void guard_done(const struct app *app, const struct request *request, struct reply *reply,
    const struct sight *sight)
{
	if (request->wants_json)
		booking_show(app, request, reply, sight, 200, NULL);
	else
		reply_see_other(reply, reply_link(request, "/booking", &sight->look.booking.id));
}

void guard_follow(struct app *app, const struct request *request, const struct sight *before,
    const struct sight *sight, const struct entry *entry)
{
	const struct follower follower = {
	    .upstream = &app->upstream,
	    .templates = app->templates,
	    .zone = app->zone,
	    .google_deadline = sight->look.calendar.deadline,
	};
	const char *tz = form_value(&request->form, "tz");
	struct booking after = sight->look.booking;
	struct followed followed;
	char hash[LOG_HASH_TEXT];

	/* The zone in which the prospect chose is the one in which they are written to. */
	if (tz && zone_name_is_sane(tz))
		after.lead.timezone = tz;
	after.lead.language = request->language;
	follow(&follower, request->arena, &before->look.booking, &after, &followed);

	log_hash(after.id.bytes, sizeof(after.id.bytes), hash);
	log_event(LOG_LEVEL_NOTICE, "%s booking=%s number=%" PRIu64 " calendar=%s",
	    entry->kind == ENTRY_BOOK ? "booked" : "cancelled", hash, entry->number,
	    calendar_check_name(entry->calendar));
	if (followed.row.code)
		log_fail(LOG_LEVEL_ERROR, "row_not_written", &followed.row);
	if (followed.event.code)
		log_fail(LOG_LEVEL_WARNING, "event_not_written", &followed.event);
	if (followed.old_event.code)
		log_fail(LOG_LEVEL_WARNING, "event_not_deleted", &followed.old_event);
}

enum err guard_zone(
    const struct app *app, const struct request *request, const char *name, struct zone **own)
{
	struct fail ignored;

	*own = NULL;
	if (!name || !*name || strcmp(name, zone_name(app->zone)) == 0)
		return ERR_NONE;
	return zone_file_load(app->conf->site.zoneinfo, name, request->arena, own, &ignored);
}

const char *guard_city(
    const struct app *app, const struct request *request, const struct zone *zone)
{
	const char *key = arena_printf(request->arena, "zone.%s", zone_name(zone));
	const char *known = key ? template_message(app->templates, request->language, key) : NULL;
	const char *slash = strrchr(zone_name(zone), '/');
	char *city;

	if (known)
		return known;
	city = arena_str(request->arena, slash ? slash + 1 : zone_name(zone));
	for (char *c = city; c && *c; c++)
		if (*c == '_')
			*c = ' ';
	return city;
}

bool guard_is_too_late(const struct app *app, const struct sight *sight)
{
	return sight->look.booking.call.start - app->conf->hours.change_notice <= sight->now;
}

void guard_view_time(const struct app *app, const struct request *request, struct view *view,
    const struct zone *zone, int64_t utc)
{
	char *wire = arena_room(request->arena, INSTANT_TEXT);
	struct moment_style style = reply_style(app, request);

	view_text(view, "slot", wire ? instant_format_slot(utc, wire) : NULL);
	view_text(view, "day", moment_format(request->arena, &style, "date.long", zone, utc));
	view_text(view, "time", moment_format(request->arena, &style, "date.time", zone, utc));
	view_text(
	    view, "time_zone", moment_format(request->arena, &style, "date.time_zone", zone, utc));
	view_text(view, "city", guard_city(app, request, zone));
}

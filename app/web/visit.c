/* SPDX-License-Identifier: MIT */
/* visit.c: one request and its reply, and what is known of the visitor's booking */
#include "web/visit.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/mutate.h"
#include "base/num.h"
#include "desk/calendar_news.h"
#include "desk/change.h"
#include "desk/follow.h"
#include "store/people.h"

#include <inttypes.h>

/* How long a click waits for others of its person. */
#define TURN_MS 5000

enum problem visit_failed(struct visit *visit, enum err err)
{
	visit->fail.code = err;
	return problem_of(err);
}

static void log_calendar(const struct app *app, const struct calendar_finding *calendar)
{
	calendar_news_all(calendar);
	if (calendar->share_fail.code)
		log_fail(LOG_LEVEL_WARNING, "calendar_not_shared", &calendar->share_fail);
	if (calendar->fail.code)
		counters_add(app->upstream.counters, COUNTER_CALENDAR_FAILED);
}

/* The booking whose id stands there already. ERR_NOT_FOUND: it is none, or a block. */
static enum err look_up_booking(struct visit *visit, enum look_for purpose)
{
	struct app *app = visit->app;
	struct arena *arena = visit->request->arena;
	const struct booking *booking = &visit->look.booking;
	const struct look_wish wish = {
	    .purpose = purpose,
	    .booking = booking->id,
	    .window = slots_window(&app->hours, app->zone, visit->now),
	};
	enum err err;

	visit->looked_ms = clock_boot_ms();
	if ((err = app_ready(app, arena, &visit->fail)) ||
	    (err = look_at(&app->upstream, arena, &wish, &visit->look, &visit->fail)))
		return err;
	visit->is_calendar_asked = purpose == LOOK_PAGE;
	log_calendar(app, &visit->look.calendar);
	if (booking->is_block || !(booking->has_lead || booking->state == BOOKING_ERASED))
		return fail_set(&visit->fail, ERR_NOT_FOUND, "visit", "no booking has this id");
	return ERR_NONE;
}

enum problem visit_look(struct visit *visit, enum look_for purpose)
{
	enum err err = request_booking(visit->request, &visit->look.booking.id, &visit->fail);

	/* Whoever comes from a mail cannot go back. */
	if (err == ERR_INPUT && !visit->request->wants_json)
		return PROBLEM_LINK;
	if (err || (err = look_up_booking(visit, purpose)))
		return visit_failed(visit, err);
	return visit->look.booking.state == BOOKING_ERASED ? PROBLEM_ERASED : PROBLEM_NONE;
}

enum problem visit_look_again(struct visit *visit)
{
	enum err err = look_again(
	    &visit->app->upstream, visit->request->arena, &visit->look.booking, &visit->fail);

	return err ? visit_failed(visit, err) : PROBLEM_NONE;
}

static enum err read_version(struct visit *visit)
{
	const char *text = form_value(&visit->request->form, "version");

	visit->is_version_seen = text && *text;
	if (visit->is_version_seen && !num_u64(text, 0, UINT64_MAX, &visit->version_seen))
		return fail_set(&visit->fail, ERR_INPUT, "visit", "the version is no number");
	return ERR_NONE;
}

/* A click that met a failure may still happen. Model: step `unconfirmed`. */
static enum problem unconfirmed(struct visit *visit, const char *event)
{
	enum err err = visit->fail.code;

	log_fail(LOG_LEVEL_ERROR, event, &visit->fail);
	visit->fail.code = ERR_NONE;
	counters_add(visit->app->upstream.counters,
	    err == ERR_UNSURE ? COUNTER_APPEND_UNSURE : COUNTER_APPEND_FAILED);
	return err == ERR_LEDGER ? PROBLEM_LEDGER : PROBLEM_UNCONFIRMED;
}

/*
 * How long it waited in nginx and before the socket, whose clock need not be ours. Less than two
 * seconds of lag in all of a minute may be a queue as well, and are not allowed for.
 */
static int64_t waited_ms(const struct visit *visit)
{
	int64_t wall_ms = clock_wall_ms();
	int64_t ahead_ms = clocks_ahead(
	    counters_clocks(visit->app->upstream.counters), PEER_NGINX, clock_boot_ms(), wall_ms);

	if (ahead_ms > 0 && ahead_ms <= CLOCKS_AGREE_MS)
		ahead_ms = 0;
	return wall_ms - visit->request->sent_ms - ahead_ms;
}

enum problem visit_admit(struct visit *visit, enum look_for purpose)
{
	const struct request *request = visit->request;
	enum err err;

	if (request->sent_ms && waited_ms(visit) > visit->app->conf->site.queue_ms)
		return PROBLEM_WAITED;
	if ((err = request_booking(request, &visit->look.booking.id, &visit->fail)) ||
	    (err = read_version(visit)))
		return visit_failed(visit, err);
	err = look_up_booking(visit, purpose);
	if (err)
		return err == ERR_NOT_FOUND ? visit_failed(visit, err)
					    : unconfirmed(visit, "click_failed");
	if (MUTATED(VERSION_AT_CLICK)) {
		visit->is_version_seen = true;
		visit->version_seen = visit->look.booking.version;
	}
	if (visit->look.booking.state == BOOKING_ERASED)
		return PROBLEM_ERASED;
	/* Another site's page would have its visitors do what one client may not. */
	return request->is_form && request->is_foreign ? PROBLEM_FOREIGN_CHANGE : PROBLEM_NONE;
}

enum problem visit_count_calls(struct visit *visit, int lock)
{
	const struct look_wish wish = {.purpose = LOOK_CALLS, .booking = visit->look.booking.id};
	struct look found;

	if (!people_noted(lock, visit->looked_ms))
		return PROBLEM_NONE;
	if (look_at(&visit->app->upstream, visit->request->arena, &wish, &found, &visit->fail))
		return unconfirmed(visit, "click_failed");
	visit->look.person_calls = found.person_calls;
	return PROBLEM_NONE;
}

int visit_wait_turn(const struct visit *visit, const char *address)
{
	return people_lock(visit->app->conf->site.runtime_dir, visit->request->arena, address,
	    clock_boot_ms() + TURN_MS);
}

static struct client client_of(const struct visit *visit, enum client_act act)
{
	const struct request *request = visit->request;
	const struct conf *conf = visit->app->conf;
	bool has_key = !request->is_form && request->api_key;
	int64_t a_day =
	    act == CLIENT_CALL ? conf->fair.calls_per_client : conf->fair.briefs_per_client;

	return (struct client){
	    .dir = conf->site.runtime_dir,
	    .key = conf->secrets.signing_key,
	    .address = request->client,
	    .act = act,
	    .a_day = has_key ? 0 : a_day,
	};
}

static enum problem judge_client(const struct visit *visit, bool is_admitted)
{
	if (is_admitted)
		return PROBLEM_NONE;
	counters_add(visit->app->upstream.counters, COUNTER_CLIENT_REFUSED);
	counters_set(visit->app->upstream.counters, GAUGE_CLIENT_REFUSED_MS, clock_boot_ms());
	return PROBLEM_CLIENT;
}

enum problem visit_foresee_client(const struct visit *visit, enum client_act act)
{
	const struct client client = client_of(visit, act);

	return judge_client(visit, clients_may(&client, clock_boot_ms()));
}

enum problem visit_admit_client(const struct visit *visit, enum client_act act)
{
	const struct client client = client_of(visit, act);

	if (client.a_day && clients_is_inside(client.address))
		counters_set(
		    visit->app->upstream.counters, GAUGE_CLIENT_INSIDE_MS, clock_boot_ms());
	return judge_client(visit, clients_admit(&client, clock_boot_ms()));
}

void visit_ask_calendar(struct visit *visit, enum calendar_use use)
{
	struct app *app = visit->app;

	look_at_calendar(&app->upstream, visit->request->arena, use,
	    slots_window(&app->hours, app->zone, visit->now), &visit->look.calendar);
	visit->is_calendar_asked = true;
	log_calendar(app, &visit->look.calendar);
}

bool visit_has_call(const struct visit *visit)
{
	return visit->look.booking.state == BOOKING_BOOKED;
}

bool visit_has_call_at(const struct visit *visit, int64_t start)
{
	return visit_has_call(visit) && visit->look.booking.call.start == start;
}

bool visit_is_too_late(const struct visit *visit)
{
	return visit->look.booking.call.start - visit->app->conf->hours.change_notice <= visit->now;
}

bool visit_has_all_calls(const struct visit *visit)
{
	int64_t limit = visit->app->conf->fair.calls_per_address;

	return limit && visit->look.person_calls >= (size_t)limit;
}

struct offer visit_offer(const struct visit *visit)
{
	const struct app *app = visit->app;

	return look_offer(&app->upstream, &visit->look, &app->hours, app->zone, visit->now);
}

static void log_change(
    const struct booking *booking, const struct entry *entry, const struct followed *followed)
{
	const char *each = entry->calendars ? entry->calendars : "";
	char hash[LOG_HASH_TEXT];

	log_hash(booking->id.bytes, sizeof(booking->id.bytes), hash);
	log_event(LOG_LEVEL_NOTICE, "%s booking=%s number=%" PRIu64 " calendar=%s%s%s",
	    entry->kind == ENTRY_BOOK ? "booked" : "cancelled", hash, entry->number,
	    calendar_check_name(entry->calendar), *each ? " calendars=" : "", each);
	if (followed->row.code)
		log_fail(LOG_LEVEL_ERROR, "row_not_written", &followed->row);
	if (followed->event.code)
		log_fail(LOG_LEVEL_WARNING, "event_not_written", &followed->event);
	if (followed->old_event.code)
		log_fail(LOG_LEVEL_WARNING, "event_not_deleted", &followed->old_event);
}

/* The zone in which the prospect chose, however it was spelt; NULL: none that there is. */
static const char *chosen_zone(const struct visit *visit)
{
	const struct zone_names *names = &visit->app->zones;
	const char *asked = form_value(&visit->request->form, "tz");

	if (!asked || names->count)
		return asked ? zone_names_find(names, asked) : NULL;
	return zone_name_is_sane(asked) ? asked : NULL;
}

static void follow_change(
    struct visit *visit, const struct entry *entry, const struct booking *before)
{
	struct app *app = visit->app;
	const struct request *request = visit->request;
	const struct follower follower = {
	    .upstream = &app->upstream,
	    .templates = app->templates,
	    .zone = app->zone,
	    .google_deadline = visit->look.calendar.deadline,
	};
	const char *tz = chosen_zone(visit);
	struct booking after = visit->look.booking;
	struct followed followed;

	/* The zone in which the prospect chose is the one in which they are written to. */
	if (tz)
		after.lead.timezone = tz;
	after.lead.language = request->language;
	follow_entry(&follower, request->arena, before, &after, &followed);
	if (followed.video)
		visit->look.booking.lead.video = followed.video;
	log_change(&after, entry, &followed);
}

static void sign(const struct visit *visit, struct entry *entry)
{
	entry->actor = ACTOR_PROSPECT;
	entry->max_changes = (uint32_t)visit->app->conf->fair.max_changes;
}

static enum problem problem_of_change(enum change change)
{
	switch (change) {
	case CHANGE_ACCEPTED:
		return PROBLEM_NONE;
	case CHANGE_OVERTAKEN:
		return PROBLEM_OVERTAKEN;
	case CHANGE_OVERLAP:
	case CHANGE_CAP:
		return PROBLEM_GONE;
	case CHANGE_TOO_MANY:
		return PROBLEM_CHANGES;
	case CHANGE_ERASED:
		return PROBLEM_ERASED;
	case CHANGE_STALE:
	case CHANGE_MALFORMED:
	case CHANGE_UNSURE:
	case CHANGE_NOT_WRITTEN:
		break;
	}
	return PROBLEM_VERSION;
}

enum problem visit_foresee(const struct visit *visit, struct entry *entry)
{
	sign(visit, entry);
	return problem_of_change(change_judge(&visit->app->upstream, entry));
}

enum problem visit_change(struct visit *visit, struct entry *entry)
{
	struct app *app = visit->app;
	const struct booking before = visit->look.booking;
	enum change change;

	sign(visit, entry);
	change = change_make(
	    &app->upstream, visit->request->arena, entry, &visit->look.booking, &visit->fail);
	if (change == CHANGE_UNSURE || change == CHANGE_NOT_WRITTEN)
		return unconfirmed(visit, "append_failed");
	counters_add(app->upstream.counters, change == CHANGE_ACCEPTED || change == CHANGE_OVERTAKEN
						 ? COUNTER_APPEND_ACCEPTED
						 : COUNTER_APPEND_REFUSED);
	if (change == CHANGE_ACCEPTED)
		follow_change(visit, entry, &before);
	return problem_of_change(change);
}

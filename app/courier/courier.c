/* SPDX-License-Identifier: MIT */
/* courier.c: what the courier is made of */
#include "courier/courier.h"
#include "base/file.h"
#include "store/hours_file.h"
#include "store/schema.h"
#include "store/spool.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARENA_MAX (160 * 1024 * 1024)
#define KEPT_MAX (8 * 1024 * 1024)
/* Clocks and transfers are not exact. */
#define SETTLE_MARGIN_MS 3000

static struct uuid place_of(const struct courier *courier, const char *calendar)
{
	crypto_generichash_state state;
	const char *dir = courier->conf->site.runtime_dir;
	struct uuid place;

	crypto_generichash_init(&state, NULL, 0, sizeof(place.bytes));
	crypto_generichash_update(
	    &state, (const unsigned char *)courier->machine, strlen(courier->machine) + 1);
	crypto_generichash_update(&state, (const unsigned char *)dir, strlen(dir));
	if (*calendar) {
		crypto_generichash_update(&state, (const unsigned char *)"", 1);
		crypto_generichash_update(
		    &state, (const unsigned char *)calendar, strlen(calendar));
	}
	crypto_generichash_final(&state, place.bytes, sizeof(place.bytes));
	return place;
}

/* What the workers note of calendars stands in the runtime directory, which is a machine's own. */
static void name_places(struct courier *courier)
{
	const struct conf *conf = courier->conf;

	/* There is room for any. */
	(void)gethostname(courier->machine, sizeof(courier->machine) - 1);
	courier->place = place_of(courier, "");
	for (size_t i = 0; i < conf->calendars.count; i++)
		courier->calendar_places[i] = place_of(courier, conf->calendars.list[i].name);
}

static const char *const templates_needed[] = {"alert.txt", "event.html", "event_summary.txt",
    "invite.txt", "invite_summary.txt", "low_slots.txt", "mail.html", "mail.txt",
    "mail_subject.txt", NULL};

static enum err open_texts(struct courier *courier, struct fail *fail)
{
	const struct conf *conf = courier->conf;
	enum err err;

	zone_file_is_new(conf, courier->arena, &courier->zone_mark);
	if ((err = conf_need_services(conf, fail)) ||
	    (err = zone_file_load_own(conf, courier->arena, &courier->zone, fail)) ||
	    (err = hours_file_load(conf, courier->kept, &courier->hours, fail)) ||
	    (err = templates_load(conf->site.templates, TEMPLATES_DIR, &courier->templates, fail)))
		return err;
	return templates_need(
	    courier->templates, conf->site.templates, conf->site.language, templates_needed, fail);
}

static enum err open_arenas(struct courier *courier, struct fail *fail)
{
	courier->arena = arena_new(ARENA_MAX);
	courier->kept = arena_new(KEPT_MAX);
	return courier->arena && courier->kept ? ERR_NONE
					       : fail_set(fail, ERR_SYSTEM, "courier", "no memory");
}

enum err courier_test(const char *conf_path, struct fail *fail)
{
	struct courier courier = {.conf_path = conf_path};
	enum err err;

	if (!(err = open_arenas(&courier, fail)) &&
	    !(err = conf_load_bare(conf_path, &courier.conf, fail)) &&
	    !(err = conf_seek_credentials(courier.conf, NULL, fail)))
		err = open_texts(&courier, fail);
	courier_close(&courier);
	return err;
}

static bool has_others(const struct conf *conf)
{
	for (size_t i = 0; i < conf->calendars.count; i++) {
		const struct conf_calendar *calendar = &conf->calendars.list[i];

		if (calendar->blocks && !calendar->writes && conf_calendar_is_on(calendar))
			return true;
	}
	return false;
}

static enum err open_parts(struct courier *courier, struct fail *fail)
{
	const struct conf *conf = courier->conf;
	enum err err;

	if ((err = file_try_folder(conf->site.runtime_dir, fail)) ||
	    (err = spool_try(conf->site.spool_dir, fail)) || (err = open_texts(courier, fail)))
		return err;
	courier->style = (struct moment_style){courier->templates, conf->site.language};
	if ((err = upstream_open(conf, courier->stop, &courier->upstream, fail)))
		return err;
	for (int i = 0; i < REMINDERS; i++)
		courier->rules.reminders_s[i] = conf->courier.reminders[i];
	courier->rules.abandoned_s = conf->courier.abandoned_minutes * 60;
	courier->rules.has_nudge = conf->courier.nudge;
	courier->rules.replay_s = conf->courier.replay_s;
	courier->rules.settled_ms =
	    conf->google.timeout_ms + conf->site.queue_ms + SETTLE_MARGIN_MS;
	courier->rules.obeys = upstream_has_events(&courier->upstream) && conf_writer(conf)->obeys;
	courier->rules.has_meet = upstream_has_meet(&courier->upstream);
	courier->rules.has_calendar = upstream_has_events(&courier->upstream);
	courier->rules.has_resend = conf_has_resend(conf);
	courier->rules.has_telegram = conf_has_telegram(conf);
	courier->has_others = has_others(conf);
	courier->owner = uuid_random();
	name_places(courier);
	return ERR_NONE;
}

enum err courier_open(
    const char *conf_path, volatile sig_atomic_t *stop, struct courier *out, struct fail *fail)
{
	struct courier courier = {.conf_path = conf_path, .stop = stop};
	enum err err;

	if ((err = open_arenas(&courier, fail)) ||
	    (err = conf_load(conf_path, NULL,
		 CREDENTIALS_ALL & ~(CREDENTIALS_SIGNING | CREDENTIALS_API), &courier.conf,
		 fail)) ||
	    (err = open_parts(&courier, fail))) {
		courier_close(&courier);
		return err;
	}
	err = schema_check(courier.upstream.clickhouse, courier.arena, fail);
	if (err == ERR_SCHEMA) {
		courier_close(&courier);
		return err;
	}
	courier.is_schema_known = !err;
	upstream_count(&courier.upstream);
	counters_set(courier.upstream.counters, GAUGE_OBEY_REFUSED, 0);
	*out = courier;
	return ERR_NONE;
}

void courier_close(struct courier *courier)
{
	agenda_free(&courier->agenda);
	upstream_close(&courier->upstream);
	free(courier->calendar_token);
	templates_free(courier->templates);
	zone_free(courier->zone);
	conf_free(courier->conf);
	arena_free(courier->arena);
	arena_free(courier->kept);
}

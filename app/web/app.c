/* SPDX-License-Identifier: MIT */
/* app.c: what a worker keeps for as long as it lives */
#include "web/app.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/file.h"
#include "base/log.h"
#include "desk/look.h"
#include "store/hours_file.h"
#include "store/schema.h"
#include "store/spool.h"
#include "web/reply.h"

#include <string.h>
#include <unistd.h>

#define ARENA_MAX (8 * 1024 * 1024)
/* What lives as long as the program. */
#define KEPT_MAX (1024 * 1024)
#define NAMES_MAX (256 * 1024)

/* An own folder that lacks what this version wants is served all the same, and somebody reads it.
 */
static void tell_borrowed(const struct templates *templates)
{
	const char *first = templates_borrowed(templates, 0);
	size_t count = 0;

	while (templates_borrowed(templates, count))
		count++;
	if (first)
		log_event(LOG_LEVEL_WARNING,
		    "templates_borrowed count=%zu first=\"%s\": [site] templates lacks it, and the "
		    "packaged one serves",
		    count, first);
}

/* What the configuration names, and what a worker does not change. */
static enum err open_texts(struct app *app, struct arena *arena, struct fail *fail)
{
	const struct conf *conf = app->conf;
	enum err err;

	app->names = arena_new(NAMES_MAX);
	if (!app->names || !kept_sheet_open(&app->kept_sheet))
		return fail_set(fail, ERR_SYSTEM, "app", "no memory");
	zone_file_is_new(conf, arena, &app->zone_mark);
	if ((err = conf_need_services(conf, fail)) ||
	    (err = zone_file_load_own(conf, arena, &app->zone, fail)) ||
	    (err = hours_file_load(conf, app->arena, &app->hours, fail)) ||
	    (err = templates_load(conf->site.templates, TEMPLATES_DIR, &app->templates, fail)))
		return err;
	app->zones = zone_file_names(conf->site.zoneinfo, app->names);
	tell_borrowed(app->templates);
	if ((err = reply_check(app, arena, fail)))
		return err;
	return assets_load(conf, app->arena, &app->assets, fail);
}

enum err app_test(const char *conf_path, struct fail *fail)
{
	struct arena *arena = arena_new(ARENA_MAX);
	struct app app = {.arena = arena_new(KEPT_MAX)};
	enum err err;

	if (!arena || !app.arena) {
		arena_free(arena);
		arena_free(app.arena);
		return fail_set(fail, ERR_SYSTEM, "app", "no memory");
	}
	err = conf_load_bare(conf_path, &app.conf, fail);
	if (!err)
		err = conf_seek_credentials(app.conf, NULL, fail);
	if (!err)
		err = open_texts(&app, arena, fail);
	app_close(&app);
	arena_free(arena);
	return err;
}

/* What has to be there on this machine, before anybody is served. */
static enum err open_parts(struct app *app, struct arena *arena, struct fail *fail)
{
	const struct conf *conf = app->conf;
	enum err err;

	if ((err = file_try_folder(conf->site.runtime_dir, fail)) ||
	    (err = spool_try(conf->site.spool_dir, fail)) || (err = open_texts(app, arena, fail)))
		return err;
	return upstream_open(conf, app->stop, &app->upstream, fail);
}

enum err app_open(const char *conf_path, bool is_ops, volatile sig_atomic_t *stop, struct app *out,
    struct fail *fail)
{
	struct arena *arena = arena_new(ARENA_MAX);
	struct app app = {
	    .arena = arena_new(KEPT_MAX), .conf_path = conf_path, .is_ops = is_ops, .stop = stop};
	enum err err;

	if (!arena || !app.arena) {
		arena_free(arena);
		arena_free(app.arena);
		return fail_set(fail, ERR_SYSTEM, "app", "no memory");
	}
	if ((err = conf_load(conf_path, NULL,
		 CREDENTIALS_CLICKHOUSE | CREDENTIALS_GOOGLE |
		     (is_ops ? 0 : CREDENTIALS_SIGNING | CREDENTIALS_API),
		 &app.conf, fail)) ||
	    (err = open_parts(&app, arena, fail))) {
		arena_free(arena);
		app_close(&app);
		return err;
	}
	upstream_count(&app.upstream);
	clickhouse_share(app.upstream.clickhouse);
	app.upstream.tells_late = true;
	err = schema_check(app.upstream.clickhouse, arena, fail);
	app.is_schema_known = !err;
	if (!err)
		err = look_refresh(&app.upstream, arena, fail);
	arena_free(arena);
	if (err == ERR_SCHEMA) {
		app_close(&app);
		return err;
	}
	if (err)
		log_fail(LOG_LEVEL_WARNING, "started_without_clickhouse", fail);
	*out = app;
	return ERR_NONE;
}

void app_close(struct app *app)
{
	upstream_close(&app->upstream);
	templates_free(app->templates);
	zone_free(app->zone);
	conf_free(app->conf);
	kept_sheet_close(&app->kept_sheet);
	arena_free(app->names);
	arena_free(app->arena);
}

int64_t app_now_ms(const struct app *app)
{
	int64_t wall_ms = clock_wall_ms();

	return wall_ms -
	       clocks_wrong_by(counters_clocks(app->upstream.counters), clock_boot_ms(), wall_ms);
}

void app_renew_zones(struct app *app, struct arena *arena)
{
	struct zone *fresh;
	struct fail fail;

	if (!zone_file_is_new(app->conf, arena, &app->zone_mark))
		return;
	if (zone_file_load_own(app->conf, arena, &fresh, &fail)) {
		log_fail(LOG_LEVEL_ERROR, "zone_data_not_read", &fail);
		return;
	}
	zone_free(app->zone);
	app->zone = fresh;
	arena_reset(app->names);
	app->zones = zone_file_names(app->conf->site.zoneinfo, app->names);
	log_event(LOG_LEVEL_NOTICE, "zone_data_renewed");
}

enum err app_reload(struct app *app, struct fail *fail)
{
	struct app fresh;
	enum err err = app_open(app->conf_path, app->is_ops, app->stop, &fresh, fail);

	if (err)
		return err;
	app_close(app);
	*app = fresh;
	return ERR_NONE;
}

enum err app_ready(struct app *app, struct arena *arena, struct fail *fail)
{
	enum err err;

	if ((err = clickhouse_ready(app->upstream.clickhouse, arena, fail)) || app->is_schema_known)
		return err;
	err = schema_check(app->upstream.clickhouse, arena, fail);
	app->is_schema_known = !err;
	if (err == ERR_SCHEMA)
		*app->stop = 1;
	return err;
}

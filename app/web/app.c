/* SPDX-License-Identifier: MIT */
/* app.c: what a worker keeps for as long as it lives */
#include "web/app.h"
#include "base/counters.h"
#include "base/log.h"
#include "net/schema.h"
#include "net/zones.h"
#include "web/reply.h"

#include <string.h>
#include <unistd.h>

/* What has to be there on this machine, before anybody is served. */
static enum err open_parts(struct app *app, struct arena *arena, struct fail *fail)
{
	const struct conf *conf = app->conf;
	const char *const dirs[] = {conf->site.runtime_dir, conf->site.spool_dir};
	enum err err;

	for (size_t i = 0; i < 2; i++)
		if (access(dirs[i], R_OK | W_OK | X_OK) < 0)
			return fail_set(fail, ERR_CONFIG, "app",
			    "%s is not a folder that this program may write to", dirs[i]);
	err = zones_load(conf->site.zoneinfo, conf->hours.timezone, arena, &app->zone, fail);
	if (err)
		return fail_set(fail, ERR_CONFIG, "app",
		    "[hours] timezone = %s: %s has no zone data for it", conf->hours.timezone,
		    conf->site.zoneinfo);
	app->hours = slots_hours(conf);
	if ((err = templates_load(conf->site.templates, &app->templates, fail)))
		return err;
	if ((err = reply_check(app, arena, fail)) ||
	    (err = assets_load(conf, app->arena, &app->assets, fail)))
		return err;
	return upstream_open(conf, app->stop, &app->upstream, fail);
}

enum err app_open(
    const char *conf_path, volatile sig_atomic_t *stop, struct app *out, struct fail *fail)
{
	struct arena *arena = arena_new(8 * 1024 * 1024);
	struct app app = {.arena = arena_new(1024 * 1024), .stop = stop};
	enum err err;

	if (!arena || !app.arena)
		return fail_set(fail, ERR_SYSTEM, "app", "no memory");
	if ((err = conf_load(conf_path, NULL, &app.conf, fail)) ||
	    (err = open_parts(&app, arena, fail))) {
		arena_free(arena);
		app_close(&app);
		return err;
	}
	app.counters = counters_open(app.conf->site.runtime_dir);
	*out = app;
	err = app_ready(out, arena, fail);
	if (!err)
		err = journal_refresh(out->upstream.journal, arena,
		    clickhouse_deadline(out->upstream.clickhouse), fail);
	arena_free(arena);
	if (err == ERR_SCHEMA) {
		app_close(out);
		return err;
	}
	if (err)
		log_fail(LOG_LEVEL_WARNING, "started_without_clickhouse", fail);
	return ERR_NONE;
}

void app_close(struct app *app)
{
	counters_close(app->counters);
	upstream_close(&app->upstream);
	templates_free(app->templates);
	zone_free(app->zone);
	conf_free(app->conf);
	arena_free(app->arena);
}

enum err app_ready(struct app *app, struct arena *arena, struct fail *fail)
{
	enum err err;

	if (app->is_schema_known)
		return ERR_NONE;
	err = schema_check(app->upstream.clickhouse, arena, fail);
	app->is_schema_known = !err;
	if (err == ERR_SCHEMA)
		*app->stop = 1;
	return err;
}

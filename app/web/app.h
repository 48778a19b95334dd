/* SPDX-License-Identifier: MIT */
/* app.h: what a worker keeps for as long as it lives */
#ifndef WEB_APP_H
#define WEB_APP_H

#include "base/conf.h"
#include "base/template.h"
#include "core/moment.h"
#include "core/slots.h"
#include "desk/upstream.h"
#include "store/zone_file.h"
#include "web/asset.h"
#include "web/sheet.h"

#include <signal.h>

struct app {
	struct arena *arena; /* what lives as long as the program */
	const char *conf_path;
	struct conf *conf;
	struct upstream upstream;
	struct templates *templates;
	struct assets assets;
	struct zone *zone; /* the business's */
	struct zone_names zones;
	struct arena *names; /* theirs */
	struct zone_mark zone_mark;
	struct hours hours;
	struct kept_sheet kept_sheet;
	volatile sig_atomic_t *stop;
	bool is_clock_told[PEERS];
	bool is_ops;	      /* answers with health and metrics, and nothing else */
	bool is_schema_known; /* the database was seen to be of this program's version */
};

/*
 * Reads the configuration, the secrets, the templates and the zone, and looks at the database's
 * schema when ClickHouse answers; ClickHouse being down is no reason not to start, since briefs are
 * still taken. One for ops has neither the signing key nor the keys of programs, and needs none.
 * ERR_CONFIG or ERR_SCHEMA: the detail is one sentence for the operator.
 */
enum err app_open(const char *conf_path, bool is_ops, volatile sig_atomic_t *stop, struct app *out,
    struct fail *fail) MUST_CHECK;
void app_close(struct app *app);

/* Whether the configuration and the templates are in order; secrets and folders are not looked at.
 */
enum err app_test(const char *conf_path, struct fail *fail) MUST_CHECK;

/* The wall clock; where at least two of the other clocks say that it is wrong, as they say. */
int64_t app_now_ms(const struct app *app);

/* Reads the zone data anew if they were replaced since; when that fails the old ones stay, and it
 * is logged. */
void app_renew_zones(struct app *app, struct arena *arena);

/* Opens all of it anew and puts it in place of the old, which stays when that fails as app_open()'s
 * failures say. */
enum err app_reload(struct app *app, struct fail *fail) MUST_CHECK;

/*
 * What has to hold before the database is used: it did not hang a moment ago, and the schema is the
 * right one, which is asked once, until it is known. ERR_SCHEMA also sets the stop flag: this
 * worker must not go on.
 */
enum err app_ready(struct app *app, struct arena *arena, struct fail *fail) MUST_CHECK;

#endif

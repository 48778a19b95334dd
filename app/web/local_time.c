/* SPDX-License-Identifier: MIT */
/* local_time.c: instants in the zone of whoever reads them */
#include "web/local_time.h"
#include "core/civil.h"
#include "store/zone_file.h"

#include <string.h>

enum err local_time_zone(const struct visit *visit, const char *name, struct zone **own)
{
	const struct app *app = visit->app;
	struct fail ignored;

	*own = NULL;
	if (!name || !*name || strcmp(name, zone_name(app->zone)) == 0)
		return ERR_NONE;
	return zone_file_load(app->conf->site.zoneinfo, name, visit->request->arena, own, &ignored);
}

const char *local_time_city(const struct visit *visit, const struct zone *zone)
{
	struct arena *arena = visit->request->arena;
	const char *key = arena_printf(arena, "zone.%s", zone_name(zone));
	const char *known =
	    key ? template_message(visit->app->templates, visit->request->language, key) : NULL;
	const char *slash = strrchr(zone_name(zone), '/'), *west = "Etc/GMT";
	size_t len = strlen(west);
	char *city;

	if (known)
		return known;
	/* Its sign is the other way round than that of its time. */
	if (strncmp(zone_name(zone), west, len) == 0 && zone_name(zone)[len] &&
	    strchr("+-", zone_name(zone)[len]))
		return arena_printf(arena, "UTC%c%s", zone_name(zone)[len] == '+' ? '-' : '+',
		    zone_name(zone) + len + 1);
	city = arena_str(arena, slash ? slash + 1 : zone_name(zone));
	for (char *c = city; c && *c; c++)
		if (*c == '_')
			*c = ' ';
	return city;
}

void local_time_view(
    const struct visit *visit, struct view *view, const struct zone *zone, int64_t utc)
{
	struct arena *arena = visit->request->arena;
	char *wire = arena_room(arena, INSTANT_TEXT);
	struct moment_style style = reply_style(visit);

	view_text(view, "slot", wire ? instant_format_slot(utc, wire) : NULL);
	view_text(view, "day", moment_format(arena, &style, "date.long", zone, utc));
	view_text(view, "time", moment_format(arena, &style, "date.time", zone, utc));
	view_text(view, "time_zone", moment_format(arena, &style, "date.time_zone", zone, utc));
	view_text(view, "city", local_time_city(visit, zone));
}

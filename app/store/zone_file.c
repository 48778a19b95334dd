/* SPDX-License-Identifier: MIT */
/* zone_file.c: time zones from the system's zone data */
#include "store/zone_file.h"
#include "base/file.h"

#define ZONE_MAX (64 * 1024)

enum err zone_file_load(
    const char *dir, const char *name, struct arena *arena, struct zone **out, struct fail *fail)
{
	const char *path;
	enum err err;
	size_t len;
	char *bytes;

	if (!zone_name_is_sane(name))
		return fail_set(fail, ERR_NOT_FOUND, "zone_file", "this is no name of a time zone");
	path = arena_printf(arena, "%s/%s", dir, name);
	if (!path)
		return fail_set(fail, ERR_SYSTEM, "zone_file", "no memory");
	if ((err = file_read(path, ZONE_MAX, arena, &bytes, &len, fail)))
		return err;
	return zone_parse(name, (const unsigned char *)bytes, len, out, fail);
}

enum err zone_file_load_own(
    const struct conf *conf, struct arena *arena, struct zone **out, struct fail *fail)
{
	if (zone_file_load(conf->site.zoneinfo, conf->hours.timezone, arena, out, fail))
		return fail_set(fail, ERR_CONFIG, "zone_file",
		    "[hours] timezone = %s: %s has no zone data for it", conf->hours.timezone,
		    conf->site.zoneinfo);
	return ERR_NONE;
}

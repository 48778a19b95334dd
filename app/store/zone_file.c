/* SPDX-License-Identifier: MIT */
/* zone_file.c: time zones from the system's zone data */
#include "store/zone_file.h"
#include "base/file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ZONE_MAX (64 * 1024)
/* Of zic's input, in which every name stands. */
#define NAMES "tzdata.zi"
#define SOURCE_MAX ((size_t)1 << 20)

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

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The name that a line of zic's input has: "Z NAME …" or "L TARGET NAME". NULL: it has none. */
static const char *name_of_line(struct arena *arena, const char *line)
{
	const char *name;

	if ((line[0] != 'Z' && line[0] != 'L') || line[1] != ' ')
		return NULL;
	name = line + 2;
	if (line[0] == 'L')
		name += strcspn(name, " \n") + 1;
	name = arena_strn(arena, name, strcspn(name, " \n"));
	return name && zone_name_is_sane(name) ? name : NULL;
}

struct zone_names zone_file_names(const char *dir, struct arena *arena)
{
	struct arena *scratch = arena_new(2 * SOURCE_MAX);
	const char *path = scratch ? arena_printf(scratch, "%s/" NAMES, dir) : NULL, *name;
	struct zone_names names = {NULL, 0};
	struct fail ignored;
	size_t len, lines = 1;
	char *bytes;

	if (!path || file_read(path, SOURCE_MAX, scratch, &bytes, &len, &ignored))
		goto out;
	for (size_t i = 0; i < len; i++)
		lines += bytes[i] == '\n' && (bytes[i + 1] == 'Z' || bytes[i + 1] == 'L');
	names.list = arena_array(arena, lines, sizeof(*names.list));
	for (const char *line = bytes; names.list && *line; line += line[0] == '\n') {
		if ((name = name_of_line(arena, line)))
			names.list[names.count++] = name;
		line += strcspn(line, "\n");
	}
	if (names.count)
		qsort(names.list, names.count, sizeof(*names.list), by_name);
out:
	arena_free(scratch);
	return names;
}

static int64_t ns_of(struct timespec at)
{
	return at.tv_sec * INT64_C(1000000000) + at.tv_nsec;
}

bool zone_file_is_new(const struct conf *conf, struct arena *arena, struct zone_mark *mark)
{
	const char *const names[] = {conf->hours.timezone, NAMES};
	struct zone_mark now;
	struct stat found;
	const char *path;
	bool is_new;

	memset(&now, 0, sizeof(now));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		path = arena_printf(arena, "%s/%s", conf->site.zoneinfo, names[i]);
		if (!path || stat(path, &found) < 0)
			continue;
		now.files[i].device = found.st_dev;
		now.files[i].inode = found.st_ino;
		now.files[i].size = (uint64_t)found.st_size;
		now.files[i].written_ns = ns_of(found.st_mtim);
		now.files[i].changed_ns = ns_of(found.st_ctim);
	}
	is_new = memcmp(&now, mark, sizeof(now)) != 0;
	*mark = now;
	return is_new;
}

/* Debian keeps the files of older names in a package of their own, and the list of all names in the
 * main one. */
static bool is_legacy(const struct conf *conf, struct arena *arena)
{
	const struct zone_names names = zone_file_names(conf->site.zoneinfo, arena);

	for (size_t i = 0; names.list && i < names.count; i++)
		if (strcmp(names.list[i], conf->hours.timezone) == 0)
			return true;
	return false;
}

enum err zone_file_load_own(
    const struct conf *conf, struct arena *arena, struct zone **out, struct fail *fail)
{
	struct fail why;

	if (!zone_file_load(conf->site.zoneinfo, conf->hours.timezone, arena, out, &why))
		return ERR_NONE;
	fail_set(&why, ERR_CONFIG, "zone_file", "%s: %s has no zone data for it%s",
	    conf->hours.timezone, conf->site.zoneinfo,
	    is_legacy(conf, arena) ? "; the package tzdata-legacy has" : "");
	return conf_blame(conf, "hours", "timezone", &why, fail);
}

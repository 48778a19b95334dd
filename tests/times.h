/* SPDX-License-Identifier: MIT */
/* times.h: instants, real time zones and random numbers for the tests of core/ */
#ifndef TESTS_TIMES_H
#define TESTS_TIMES_H

#include "core/civil.h"
#include "core/zone.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The same numbers at every run, so that a failure can be repeated (splitmix64). */
static inline uint64_t random_bits(uint64_t *state)
{
	uint64_t mixed = *state += 0x9e3779b97f4a7c15;

	mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
	mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
	return mixed ^ mixed >> 31;
}

static inline int64_t random_between(uint64_t *state, int64_t min, int64_t max)
{
	return min + (int64_t)(random_bits(state) % (uint64_t)(max - min + 1));
}

static inline int64_t instant(const char *rfc3339)
{
	int64_t utc = 0;

	ck_assert_msg(instant_parse_rfc3339(rfc3339, &utc), "%s is not an instant", rfc3339);
	return utc;
}

/* The file's bytes, to be freed by the caller. */
static inline unsigned char *read_zone(const char *name, size_t *len)
{
	const size_t room = 1 << 16;
	unsigned char *bytes = calloc(1, room);
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name);
	file = fopen(path, "rb");
	ck_assert_msg(
	    bytes && file, "%s cannot be read: these tests need the tzdata package", path);
	*len = fread(bytes, 1, room, file);
	fclose(file);
	return bytes;
}

static inline struct zone *open_zone(const char *name)
{
	struct zone *zone = NULL;
	struct fail fail = {0};
	size_t len;
	unsigned char *bytes = read_zone(name, &len);

	ck_assert_msg(!zone_parse(name, bytes, len, &zone, &fail), "%s", fail.detail);
	free(bytes);
	return zone;
}

/* Lets the C library's localtime_r() answer for this zone. */
static inline void set_system_zone(const char *name)
{
	setenv("TZ", name, 1);
	tzset();
}

#endif

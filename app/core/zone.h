/* SPDX-License-Identifier: MIT */
/* zone.h: the offsets of one time zone (TZif, RFC 9636) */
#ifndef CORE_ZONE_H
#define CORE_ZONE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct zone;

struct zone_offset {
	int32_t utc_s; /* local minus UTC, in seconds: -18000 for EST */
	bool is_dst;
	char abbreviation[8]; /* "EST", "-03" */
};

/*
 * Reads the bytes of a TZif file of version 1 to 4, its footer (a POSIX TZ string with the
 * extensions of RFC 9636, section 3.3.1) included, so that instants after the last transition are
 * right too. The bytes are hostile until parsed. name is kept ("America/New_York").
 * ERR_INPUT: not a sane name. ERR_GARBLED: not a TZif file, a damaged one, or one that counts leap
 * seconds, whose instants are not those of this program. ERR_SYSTEM: no memory.
 */
enum err zone_parse(const char *name, const unsigned char *bytes, size_t len, struct zone **out,
    struct fail *fail) MUST_CHECK;
void zone_free(struct zone *zone);

const char *zone_name(const struct zone *zone);

/* The same for zones of one name and one file alone: what was made with a zone's data is made anew
 * when they are others. */
uint64_t zone_print(const struct zone *zone);

/* No offset is as large as this, so a reading is always nearer than this to its instant. */
#define ZONE_REACH_S (26 * 3600)

/*
 * Instants and readings are exact within the years -5800 to 9700; what lies outside is answered as
 * the nearest inside.
 */

/* What holds at this instant. */
struct zone_offset zone_at(const struct zone *zone, int64_t utc);
/* The first instant after this one at which something else may hold; INT64_MAX: never again. */
int64_t zone_steady_until(const struct zone *zone, int64_t utc);

/* How often a wall-clock reading occurs: at the spring change some never do, in autumn some twice.
 */
enum zone_times { ZONE_NEVER, ZONE_ONCE, ZONE_TWICE };

/*
 * The instant of a wall-clock reading (civil_seconds()). Twice: *out is the first. Never: *out is
 * the instant at which the clock jumps over the reading.
 */
enum zone_times zone_to_utc(const struct zone *zone, int64_t local, int64_t *out);

/*
 * Questions about instants and readings that lie near each other: what was found out for one serves
 * the next as long as nothing changes near it. It begins as {.zone = zone}.
 */
struct zone_walk {
	const struct zone *zone;
	int64_t from, until; /* between them the clock is utc_s ahead of UTC */
	int32_t utc_s;
};

/* When it has to look. */
enum zone_times zone_walk_on(struct zone_walk *walk, int64_t local, int64_t *out);

/*
 * zone_to_utc(). A reading can only mean instants within ZONE_REACH_S of it. When the offset stays
 * the same over all of them, which it does but for a few days a year, it is found by subtraction.
 */
static inline enum zone_times zone_walk_to_utc(struct zone_walk *walk, int64_t local, int64_t *out)
{
	if (local - ZONE_REACH_S < walk->from || local + ZONE_REACH_S >= walk->until)
		return zone_walk_on(walk, local, out);
	*out = local - walk->utc_s;
	return ZONE_ONCE;
}

/* zone_at().utc_s */
int32_t zone_walk_at(struct zone_walk *walk, int64_t utc);

/* A zone name that may be looked up in the system's zone data: the letters, digits, "_+-/" of IANA
 * names, no empty or dotted component, at most 63 characters. Says nothing of its existence. */
bool zone_name_is_sane(const char *name);

/* The names of all zones. */
struct zone_names {
	const char **list;
	size_t count;
};

/*
 * The name that is meant: any letter case, and a blank where a form left one of a "+" ("Etc/GMT 5")
 * or a person wrote one for "_"; hours east of Greenwich ("UTC+2"); else the first zone of that
 * city
 * ("madrid"). NULL: none.
 */
const char *zone_names_find(const struct zone_names *names, const char *asked);

#endif

/* SPDX-License-Identifier: MIT */
/* zone.c: the offsets of one time zone (TZif, RFC 9636) */
#include "core/zone.h"
#include "base/fnv.h"
#include "base/text.h"
#include "core/zone_rule.h"

#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LEN 63
#define HEADER_SIZE 44
#define TYPE_SIZE 6
#define TYPES_MAX 256		    /* a transition names its type in one byte */
#define FAR_S INT64_C(247000000000) /* into the years -5858 and 9797 */

struct transition {
	int64_t at;
	uint8_t type;
};

struct zone {
	char name[NAME_MAX_LEN + 1];
	uint64_t print;
	struct zone_offset types[TYPES_MAX];
	struct transition *transitions; /* strictly ascending */
	size_t count;
	struct zone_rule rule;
};

static bool is_meant(const char *name, const char *asked)
{
	for (; *name && *asked; name++, asked++)
		if (ascii_lower(*name) != ascii_lower(*asked) &&
		    !(*asked == ' ' && (*name == '+' || *name == '_')))
			return false;
	return *name == *asked;
}

/* "UTC+2", "GMT-05:00": people count from Greenwich to the east, and Etc/GMT-2 to the west. */
static const char *find_by_hours(const struct zone_names *names, const char *asked)
{
	char name[] = "Etc/GMT+00";
	size_t digits;

	if ((strncasecmp(asked, "GMT", 3) != 0 && strncasecmp(asked, "UTC", 3) != 0) || !asked[3] ||
	    !strchr("+- ", asked[3]))
		return NULL;
	name[7] = asked[3] == '-' ? '+' : '-';
	asked += 4;
	asked += *asked == '0';
	digits = strspn(asked, "0123456789");
	if (!digits || digits > 2 || (asked[digits] && strcmp(asked + digits, ":00") != 0))
		return NULL;
	memcpy(name + 8, asked, digits);
	name[8 + digits] = '\0';
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->list[i], name) == 0)
			return names->list[i];
	return NULL;
}

const char *zone_names_find(const struct zone_names *names, const char *asked)
{
	for (size_t i = 0; i < names->count; i++)
		if (is_meant(names->list[i], asked))
			return names->list[i];
	if (strncasecmp(asked, "GMT", 3) == 0 || strncasecmp(asked, "UTC", 3) == 0)
		return find_by_hours(names, asked);
	for (size_t i = 0; i < names->count; i++) {
		const char *slash = strrchr(names->list[i], '/');

		if (slash && is_meant(slash + 1, asked))
			return names->list[i];
	}
	return NULL;
}

bool zone_name_is_sane(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > NAME_MAX_LEN || name[0] == '/' || name[len - 1] == '/')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!zone_designation_char(name[i]) && name[i] != '_' && name[i] != '/')
			return false;
		if (name[i] == '/' && name[i + 1] == '/')
			return false;
	}
	return true;
}

/* One data block: its counts (RFC 9636, section 3.1) and its parts (section 3.2). */
struct block {
	uint32_t isut, isstd, leap, time, type, chars;
	size_t time_size;
	const unsigned char *times, *indices, *types, *designations, *end;
};

static uint32_t be32(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int64_t be_time(const unsigned char *at, size_t size)
{
	if (size == 4)
		return (int32_t)be32(at);
	return (int64_t)((uint64_t)be32(at) << 32 | be32(at + 4));
}

/* Finds the parts, all of them before end; what they hold is not yet looked at. */
static bool find_block(
    const unsigned char *at, const unsigned char *end, size_t time_size, struct block *out)
{
	struct block block = {.time_size = time_size};
	uint64_t size;

	if (end - at < HEADER_SIZE || memcmp(at, "TZif", 4) != 0)
		return false;
	block.isut = be32(at + 20);
	block.isstd = be32(at + 24);
	block.leap = be32(at + 28);
	block.time = be32(at + 32);
	block.type = be32(at + 36);
	block.chars = be32(at + 40);
	at += HEADER_SIZE;
	size = block.time * ((uint64_t)time_size + 1) + block.type * (uint64_t)TYPE_SIZE +
	       block.chars + block.leap * ((uint64_t)time_size + 4) + block.isstd + block.isut;
	if (size > (uint64_t)(end - at))
		return false;
	block.times = at;
	block.indices = block.times + block.time * time_size;
	block.types = block.indices + block.time;
	block.designations = block.types + (size_t)block.type * TYPE_SIZE;
	block.end = at + size;
	*out = block;
	return true;
}

static bool read_type(const struct block *block, size_t index, struct zone_offset *out)
{
	const unsigned char *type = block->types + index * TYPE_SIZE;
	const char *designation;
	int32_t utc_s = (int32_t)be32(type);
	size_t len;

	if (utc_s <= -ZONE_REACH_S || utc_s >= ZONE_REACH_S || type[4] > 1 ||
	    type[5] >= block->chars)
		return false;
	designation = (const char *)block->designations + type[5];
	len = strnlen(designation, block->chars - type[5]);
	if (len == block->chars - type[5] || len >= sizeof(out->abbreviation))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!zone_designation_char(designation[i]))
			return false;
	}
	out->utc_s = utc_s;
	out->is_dst = type[4];
	memcpy(out->abbreviation, designation, len + 1);
	return true;
}

/* Returns NULL, or what is wrong with the block. */
static const char *read_block(const struct block *block, struct zone *zone)
{
	if (block->type == 0 || block->type > TYPES_MAX || block->chars == 0 ||
	    (block->isut != 0 && block->isut != block->type) ||
	    (block->isstd != 0 && block->isstd != block->type))
		return "its counts contradict each other";
	if (block->leap != 0)
		return "it counts leap seconds";
	for (size_t i = 0; i < block->type; i++) {
		if (!read_type(block, i, &zone->types[i]))
			return "a local time type is out of bounds";
	}
	for (size_t i = 0; i < block->time; i++) {
		struct transition *transition = &zone->transitions[i];

		transition->at = be_time(block->times + i * block->time_size, block->time_size);
		transition->type = block->indices[i];
		if (transition->type >= block->type)
			return "a transition has no type";
		if (i > 0 && transition->at <= transition[-1].at)
			return "its transitions are not in order";
	}
	zone->count = block->time;
	return NULL;
}

/* at is the end of the last block. Nothing there, or an empty string, is no rule. */
static bool read_footer(const unsigned char *at, const unsigned char *end, struct zone_rule *out)
{
	if (at == end)
		return true;
	if (end - at < 2 || at[0] != '\n' || end[-1] != '\n')
		return false;
	return end - at == 2 || zone_rule_parse((const char *)at + 1, (const char *)end - 1, out);
}

enum err zone_parse(
    const char *name, const unsigned char *bytes, size_t len, struct zone **out, struct fail *fail)
{
	const unsigned char *end = bytes + len;
	const char *wrong;
	struct block block;
	struct zone *zone;
	bool is_version_1;

	if (!zone_name_is_sane(name))
		return fail_set(fail, ERR_INPUT, "zone", "not the name of a time zone");
	if (!find_block(bytes, end, 4, &block))
		return fail_set(
		    fail, ERR_GARBLED, "zone", "%s: not a TZif file, or cut short", name);
	is_version_1 = bytes[4] == '\0';
	if (!is_version_1 && (bytes[4] < '2' || bytes[4] > '4'))
		return fail_set(fail, ERR_GARBLED, "zone", "%s: an unknown version", name);
	/* From version 2 on, the first block is for old readers only. */
	if (!is_version_1 && !find_block(block.end, end, 8, &block))
		return fail_set(
		    fail, ERR_GARBLED, "zone", "%s: the second block is cut short", name);

	zone = calloc(1, sizeof(*zone));
	if (zone)
		zone->transitions = calloc((size_t)block.time + 1, sizeof(*zone->transitions));
	if (!zone || !zone->transitions) {
		zone_free(zone);
		return fail_set(fail, ERR_SYSTEM, "zone", "%s: out of memory", name);
	}
	memcpy(zone->name, name, strlen(name) + 1);
	zone->print = fnv_add(fnv_add(FNV_BASIS, name, strlen(name) + 1), bytes, len);
	wrong = read_block(&block, zone);
	if (!wrong && !is_version_1 && !read_footer(block.end, end, &zone->rule))
		wrong = "its footer cannot be read";
	if (wrong) {
		zone_free(zone);
		return fail_set(fail, ERR_GARBLED, "zone", "%s: %s", name, wrong);
	}
	*out = zone;
	return ERR_NONE;
}

void zone_free(struct zone *zone)
{
	if (!zone)
		return;
	free(zone->transitions);
	free(zone);
}

const char *zone_name(const struct zone *zone)
{
	return zone->name;
}

uint64_t zone_print(const struct zone *zone)
{
	return zone->print;
}

static struct zone_period period_at(const struct zone *zone, int64_t utc)
{
	const struct transition *list = zone->transitions;
	size_t passed = 0, high = zone->count;

	while (passed < high) {
		size_t middle = passed + (high - passed) / 2;

		if (list[middle].at <= utc)
			passed = middle + 1;
		else
			high = middle;
	}
	if (passed == zone->count && zone->rule.is_set)
		return zone_rule_period(&zone->rule, utc);
	/* Before the first transition, type 0 holds (RFC 9636, section 3.2). */
	return (struct zone_period){
	    .offset = &zone->types[passed ? list[passed - 1].type : 0],
	    .until = passed < zone->count ? list[passed].at : INT64_MAX,
	};
}

/* Keeps the arithmetic away from the ends of its numbers. */
static int64_t not_too_far(int64_t seconds)
{
	return seconds < -FAR_S ? -FAR_S : seconds > FAR_S ? FAR_S : seconds;
}

struct zone_offset zone_at(const struct zone *zone, int64_t utc)
{
	return *period_at(zone, not_too_far(utc)).offset;
}

int64_t zone_steady_until(const struct zone *zone, int64_t utc)
{
	return period_at(zone, not_too_far(utc)).until;
}

/*
 * Walks the periods that are near enough. In each, the reading means at most one instant. The walk
 * begins while the clock is behind the reading and ends after it has passed it, so if no instant is
 * found, the clock has jumped.
 */
enum zone_times zone_to_utc(const struct zone *zone, int64_t local, int64_t *out)
{
	enum zone_times times = ZONE_NEVER;
	int64_t found = 0, previous = INT64_MAX, from, end;
	struct zone_period period;

	local = not_too_far(local);
	end = local + ZONE_REACH_S;
	for (from = local - ZONE_REACH_S; from < end; from = period.until) {
		int64_t utc;

		period = period_at(zone, from);
		utc = local - period.offset->utc_s;
		if (utc >= from && utc < period.until) {
			if (times == ZONE_NEVER)
				found = utc;
			times = times == ZONE_NEVER ? ZONE_ONCE : ZONE_TWICE;
		} else if (times == ZONE_NEVER && utc < from && previous >= from) {
			found = from;
		}
		previous = utc;
	}
	*out = found;
	return times;
}

static void walk_to(struct zone_walk *walk, int64_t utc)
{
	struct zone_period period = period_at(walk->zone, utc);

	walk->from = utc;
	walk->until = period.until;
	walk->utc_s = period.offset->utc_s;
}

enum zone_times zone_walk_on(struct zone_walk *walk, int64_t local, int64_t *out)
{
	local = not_too_far(local);
	walk_to(walk, local - ZONE_REACH_S);
	if (local + ZONE_REACH_S >= walk->until)
		return zone_to_utc(walk->zone, local, out);
	*out = local - walk->utc_s;
	return ZONE_ONCE;
}

int32_t zone_walk_at(struct zone_walk *walk, int64_t utc)
{
	utc = not_too_far(utc);
	if (utc < walk->from || utc >= walk->until)
		walk_to(walk, utc);
	return walk->utc_s;
}

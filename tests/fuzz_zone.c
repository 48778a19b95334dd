/* SPDX-License-Identifier: MIT */
/* fuzz_zone.c: whatever zone_parse() accepts must answer within its promises */
#include "core/zone.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not assert(), which an optimised build may leave out. */
static void must(bool holds)
{
	if (!holds)
		abort();
}

static void ask(const struct zone *zone, int64_t utc)
{
	/* Beyond these years zone.h promises an answer, but not an exact one. */
	bool is_exact = utc > -200000000000 && utc < 200000000000;
	struct zone_offset offset = zone_at(zone, utc);
	int64_t first;
	enum zone_times times;

	must(offset.utc_s > -ZONE_REACH_S && offset.utc_s < ZONE_REACH_S);
	must(memchr(offset.abbreviation, '\0', sizeof(offset.abbreviation)));
	if (!is_exact) {
		zone_to_utc(zone, utc, &first);
		return;
	}
	must(zone_steady_until(zone, utc) > utc);
	times = zone_to_utc(zone, utc + offset.utc_s, &first);
	must(times != ZONE_NEVER && first <= utc);
	must(first + zone_at(zone, first).utc_s == utc + offset.utc_s);
	must(times == ZONE_TWICE || first == utc);
	/* Taken as a reading, the number may mean anything, but near itself. */
	times = zone_to_utc(zone, utc, &first);
	must(first > utc - ZONE_REACH_S && first <= utc + ZONE_REACH_S);
	must(times == ZONE_NEVER || first + zone_at(zone, first).utc_s == utc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int64_t instants[] = {INT64_MIN, -5000000000, -1, 0, 1798779600, 4102444800,
	    5000000000, 150000000000, INT64_MAX};
	struct zone *zone;
	struct fail fail;

	if (zone_parse("Fuzz/Zone", data, size, &zone, &fail))
		return 0;
	for (size_t i = 0; i < sizeof(instants) / sizeof(*instants); i++) {
		int64_t at = instants[i];

		ask(zone, at);
		/* A few edges from there, each from both sides. */
		for (int edge = 0; edge < 4; edge++) {
			at = zone_steady_until(zone, at);
			if (at == INT64_MAX)
				break;
			ask(zone, at - 1);
			ask(zone, at);
		}
	}
	zone_free(zone);
	return 0;
}

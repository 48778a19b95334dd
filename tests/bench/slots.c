/* SPDX-License-Identifier: MIT */
/*
 * slots.c: what the slots of a page cost: 14 days, 60 busy intervals
 *
 * Prints the nanoseconds that one page's candidates and conflict filter take, and those of the same
 * by a fixed offset and one comparison a slot, which is the least that any code can do. The two are
 * measured in turn; the medians count.
 */
#include "core/conflict.h"
#include "hours.h"
#include "store/zone_file.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 101
#define PAGES 500
#define BUSY 60

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

/* The floor: the offset is known, and no day is out of the ordinary. */
static size_t by_arithmetic(
    const struct plain *hours, int64_t now, const struct interval *busy, struct slot *out)
{
	int64_t offset_s = -5 * 3600, length_s = hours->slot_minutes * 60;
	int64_t midnight = (now + offset_s) / 86400 * 86400 - offset_s;
	size_t count = 0, at = 0;

	for (int day = 0; day < hours->window_days; day++, midnight += 86400) {
		if ((midnight / 86400 + 4) % 7 == 0)
			continue;
		for (int minute = hours->first_start; minute <= hours->last_start;
		     minute += hours->slot_minutes) {
			struct interval call = {midnight + minute * 60, 0};

			call.end = call.start + length_s;
			while (at < BUSY && busy[at].end <= call.start)
				at++;
			if (call.start > now && (at == BUSY || busy[at].start >= call.end))
				out[count++] = (struct slot){call, day};
		}
	}
	return count;
}

int main(void)
{
	const struct plain plain = {.days = 0x7e,
	    .first_start = 480,
	    .last_start = 990,
	    .slot_minutes = 30,
	    .window_days = 14};
	const int64_t now = 1795100000; /* a day in November without a change of the clocks near */
	const struct hours hours = hours_of(&plain);
	struct arena *arena = arena_new(1 << 20);
	int64_t ours[ROUNDS], floors[ROUNDS];
	struct interval busy[BUSY];
	struct zone *zone;
	struct fail fail;
	struct slot *slots;
	size_t open = 0, least = 0;

	if (!arena ||
	    zone_file_load("/usr/share/zoneinfo", "America/New_York", arena, &zone, &fail))
		return 1;
	slots = calloc(slots_bound(&hours), sizeof(*slots));
	if (!slots)
		return 1;
	for (int i = 0; i < BUSY; i++)
		busy[i] = (struct interval){now + i * 20000, now + i * 20000 + 2700};
	for (int round = 0; round < ROUNDS; round++) {
		int64_t began = now_ns();

		for (int i = 0; i < PAGES; i++) {
			open = slots_candidates(&hours, zone, now, slots);
			open = conflict_filter(&hours, slots, open, busy, BUSY);
			__asm__ volatile("" : : "r"(slots) : "memory");
		}
		ours[round] = (now_ns() - began) / PAGES;
		began = now_ns();
		for (int i = 0; i < PAGES; i++) {
			least = by_arithmetic(&plain, now, busy, slots);
			__asm__ volatile("" : : "r"(slots) : "memory");
		}
		floors[round] = (now_ns() - began) / PAGES;
	}
	if (open != least) {
		fprintf(stderr, "slots: %zu open slots, and %zu by arithmetic\n", open, least);
		return 1;
	}
	qsort(ours, ROUNDS, sizeof(ours[0]), by_value);
	qsort(floors, ROUNDS, sizeof(floors[0]), by_value);
	printf("slots=%zu ns=%lld floor_ns=%lld\n", open, (long long)ours[ROUNDS / 2],
	    (long long)floors[ROUNDS / 2]);
	zone_free(zone);
	arena_free(arena);
	free(slots);
	return 0;
}

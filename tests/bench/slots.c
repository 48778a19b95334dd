/* SPDX-License-Identifier: MIT */
/*
 * slots.c: what the slots of a page cost: 14 days, 60 busy intervals, and how that grows
 *
 * Prints the nanoseconds that one page's candidates and conflict filter take, and those of the same
 * by a fixed offset and one comparison a slot, which is the least that any code can do; then those
 * of four times the days, the intervals and the rules. All are measured in turn; the medians count.
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

#define GROWTH 4
#define RULES 60 /* dates with hours of their own */
#define BUSY_MOST (GROWTH * BUSY)

/* What is measured. */
enum kind { OURS, MANY_DAYS, MANY_BUSY, FEW_RULES, MANY_RULES, FLOOR, KINDS };

struct bench {
	struct hours hours[KINDS];
	struct interval busy[BUSY_MOST];
	struct special special[GROWTH * RULES];
	int64_t ns[KINDS][ROUNDS];
	struct slot *slots;
	size_t open[KINDS];
};

static const struct plain plain = {
    .days = 0x7e, .first_start = 480, .last_start = 990, .slot_minutes = 30, .window_days = 14};
static const int64_t now = 1795100000; /* a day in November without a change of the clocks near */

static void prepare(struct bench *bench)
{
	for (int kind = 0; kind < KINDS; kind++)
		bench->hours[kind] = hours_of(&plain);
	bench->hours[MANY_DAYS].window_days = GROWTH * plain.window_days;
	/* A rule for each date, from a month ago on. */
	for (int i = 0; i < GROWTH * RULES; i++) {
		bench->special[i].first = bench->special[i].last = now / 86400 - 30 + i;
		bench->special[i].day = bench->hours[OURS].week[1];
	}
	for (int kind = FEW_RULES; kind <= MANY_RULES; kind++) {
		bench->hours[kind].special = bench->special;
		bench->hours[kind].special_count = kind == FEW_RULES ? RULES : GROWTH * RULES;
	}
	for (int i = 0; i < BUSY_MOST; i++) {
		int64_t start = now + i / GROWTH * 20000 + i % GROWTH * 675;

		bench->busy[i] = (struct interval){start, start + 600};
	}
}

/* The busy intervals of a kind: as many as usual, or each in four pieces. */
static size_t busy_of(const struct bench *bench, int kind, struct interval *out)
{
	if (kind == MANY_BUSY) {
		for (int i = 0; i < BUSY_MOST; i++)
			out[i] = bench->busy[i];
		return BUSY_MOST;
	}
	for (int i = 0; i < BUSY; i++)
		out[i] = (struct interval){now + i * 20000, now + i * 20000 + 2700};
	return BUSY;
}

static int64_t round_of(struct bench *bench, const struct zone *zone, int kind,
    const struct interval *busy, size_t count)
{
	int64_t began = now_ns();

	for (int i = 0; i < PAGES; i++) {
		if (kind == FLOOR) {
			bench->open[kind] = by_arithmetic(&plain, now, busy, bench->slots);
		} else {
			size_t found =
			    slots_candidates(&bench->hours[kind], zone, now, bench->slots);

			bench->open[kind] =
			    conflict_filter(&bench->hours[kind], bench->slots, found, busy, count);
		}
		__asm__ volatile("" : : "r"(bench->slots) : "memory");
	}
	return (now_ns() - began) / PAGES;
}

int main(void)
{
	static const char *const names[KINDS] = {
	    "ns", "days_ns", "busy_ns", "few_rules_ns", "rules_ns", "floor_ns"};
	struct arena *arena = arena_new(1 << 20);
	struct interval busy[BUSY_MOST];
	static struct bench bench;
	struct zone *zone;
	struct fail fail;

	if (!arena ||
	    zone_file_load("/usr/share/zoneinfo", "America/New_York", arena, &zone, &fail))
		return 1;
	prepare(&bench);
	bench.slots = calloc(slots_bound(&bench.hours[MANY_DAYS]), sizeof(*bench.slots));
	if (!bench.slots)
		return 1;
	for (int round = 0; round < ROUNDS; round++)
		for (int kind = 0; kind < KINDS; kind++) {
			size_t count = busy_of(&bench, kind, busy);

			bench.ns[kind][round] = round_of(&bench, zone, kind, busy, count);
		}
	if (bench.open[OURS] != bench.open[FLOOR]) {
		fprintf(stderr, "slots: %zu open slots, and %zu by arithmetic\n", bench.open[OURS],
		    bench.open[FLOOR]);
		return 1;
	}
	printf("slots=%zu", bench.open[OURS]);
	for (int kind = 0; kind < KINDS; kind++) {
		qsort(bench.ns[kind], ROUNDS, sizeof(bench.ns[kind][0]), by_value);
		printf(" %s=%lld", names[kind], (long long)bench.ns[kind][ROUNDS / 2]);
	}
	printf("\n");
	zone_free(zone);
	arena_free(arena);
	free(bench.slots);
	return 0;
}

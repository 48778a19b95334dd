/* SPDX-License-Identifier: MIT */
/*
 * slots.c: what the slots of a page cost: 14 days, 60 busy intervals, and how that grows
 *
 * Prints the nanoseconds that one page's candidates and conflict filter take, and those of the same
 * by a fixed offset and one comparison a slot, which is the least that any code can do; then those
 * of offer_slots(), which is all that a page, a click and the tool decide by: with the default
 * rules, with every rule at once, and with packed starts; then those of four times the days, the
 * intervals, the calls of the ledger and the rules. All are measured in turn; the medians count.
 */
#include "base/uuid.h"
#include "core/civil.h"
#include "core/offer.h"
#include "hours.h"
#include "store/zone_file.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 101
#define PAGES 200
#define BUSY 60
#define CALLS 15
#define RULES 60 /* dates with hours of their own */
#define GROWTH 4

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

/* What is measured. */
enum kind {
	FLOOR,
	GRID,
	OFFER,
	ALL,
	ALL_DAYS,
	ALL_BUSY,
	ALL_CALLS,
	ALL_RULES,
	PACKED,
	PACKED_DAYS,
	PACKED_BUSY,
	PACKED_CALLS,
	PACKED_RULES,
	KINDS
};

static const struct {
	const char *name;
	bool is_all, is_packed;
	int days, busy, calls, rules; /* times so many */
} kinds[KINDS] = {
    [FLOOR] = {"floor", false, false, 1, 1, 1, 1},
    [GRID] = {"grid", false, false, 1, 1, 1, 1},
    [OFFER] = {"offer", false, false, 1, 1, 1, 1},
    [ALL] = {"all", true, false, 1, 1, 1, 1},
    [ALL_DAYS] = {"all_days", true, false, GROWTH, 1, 1, 1},
    [ALL_BUSY] = {"all_busy", true, false, 1, GROWTH, 1, 1},
    [ALL_CALLS] = {"all_calls", true, false, 1, 1, GROWTH, 1},
    [ALL_RULES] = {"all_rules", true, false, 1, 1, 1, GROWTH},
    [PACKED] = {"packed", true, true, 1, 1, 1, 1},
    [PACKED_DAYS] = {"packed_days", true, true, GROWTH, 1, 1, 1},
    [PACKED_BUSY] = {"packed_busy", true, true, 1, GROWTH, 1, 1},
    [PACKED_CALLS] = {"packed_calls", true, true, 1, 1, GROWTH, 1},
    [PACKED_RULES] = {"packed_rules", true, true, 1, 1, 1, GROWTH},
};

static const struct plain plain = {
    .days = 0x7e, .first_start = 480, .last_start = 990, .slot_minutes = 30, .window_days = 14};
static const int64_t now = 1795100000; /* a day in November without a change of the clocks near */

struct bench {
	struct arena *arena; /* of one page */
	struct offer offers[KINDS];
	struct hours hours[KINDS];
	struct interval busy[KINDS][GROWTH * BUSY];
	struct special special[GROWTH * RULES];
	struct ledger *ledgers[2]; /* with as many calls as usual, and with more */
	int64_t ns[KINDS][ROUNDS];
	struct slot *slots;
	size_t open[KINDS];
};

/* The floor: the offset is known, and no day is out of the ordinary. */
static size_t by_arithmetic(const struct interval *busy, struct slot *out)
{
	int64_t offset_s = -5 * 3600, length_s = plain.slot_minutes * 60;
	int64_t midnight = (now + offset_s) / DAY_S * DAY_S - offset_s;
	size_t count = 0, at = 0;

	for (int day = 0; day < plain.window_days; day++, midnight += DAY_S) {
		if ((midnight / DAY_S + 4) % 7 == 0)
			continue;
		for (int minute = plain.first_start; minute <= plain.last_start;
		     minute += plain.slot_minutes) {
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

/* Calls every so often, past all of the window. */
static struct ledger *new_ledger(int calls)
{
	struct ledger *ledger = ledger_new();
	struct entry entry = {.number = 1, .id = uuid_random(), .booking = uuid_random()};
	enum verdict verdict;
	struct fail fail;

	for (int i = 0; ledger && i <= calls; i++) {
		if (ledger_apply(ledger, &entry, &verdict, &fail) || verdict != VERDICT_ACCEPTED)
			exit(1);
		entry = (struct entry){.number = (uint64_t)i + 2,
		    .id = uuid_random(),
		    .booking = uuid_random(),
		    .kind = ENTRY_BOOK,
		    .call = {now / 1800 * 1800 + i * 14 * DAY_S / calls / 1800 * 1800, 0}};
		entry.call.end = entry.call.start + 1800;
		entry.taken = entry.call;
		entry_set_owner(&entry, "main");
	}
	return ledger;
}

static void add_rules(struct bench *bench, struct hours *hours, int kind)
{
	for (int i = 1; i < 7; i++)
		hours->week[i] = (struct workday){2, {{480, 720}, {780, 990}}, 0};
	hours->special = bench->special;
	hours->special_count = (size_t)(kinds[kind].rules * RULES);
	hours->notice = NOTICE_TIME;
	hours->notice_s = 7200;
	hours->buffer_before = 10;
	hours->buffer_after = 15;
	hours->max_per_day = 8;
	hours->max_per_week = 30;
	hours->max_per_month = 100;
	hours->is_packed = kinds[kind].is_packed;
}

static void prepare(struct bench *bench, const struct zone *zone)
{
	bench->arena = arena_new(1 << 22);
	bench->ledgers[0] = new_ledger(CALLS);
	bench->ledgers[1] = new_ledger(GROWTH * CALLS);
	/* A rule for each date, from a month ago on. */
	for (int i = 0; i < GROWTH * RULES; i++)
		bench->special[i] = (struct special){.first = now / DAY_S - 30 + i,
		    .last = now / DAY_S - 30 + i,
		    .day = {2, {{480, 720}, {780, 990}}, 0}};
	for (int kind = 0; kind < KINDS; kind++) {
		struct hours *hours = &bench->hours[kind];
		int busy = kinds[kind].busy;

		*hours = hours_of(&plain);
		hours->window_days *= kinds[kind].days;
		if (kinds[kind].is_all)
			add_rules(bench, hours, kind);
		/* As many as usual, or each in pieces. */
		for (int i = 0; i < busy * BUSY; i++) {
			int64_t start = now + i / busy * 20000 + i % busy * (2700 / busy);

			bench->busy[kind][i] =
			    (struct interval){start, start + (busy > 1 ? 2700 / busy - 75 : 2700)};
		}
		bench->offers[kind] = (struct offer){.hours = hours,
		    .zone = zone,
		    .now = now,
		    .owner = "main",
		    .booking = uuid_random(),
		    .ledger = bench->ledgers[kinds[kind].calls > 1],
		    .calendar = bench->busy[kind],
		    .calendar_count = (size_t)(busy * BUSY)};
	}
}

static size_t open_by_grid(struct bench *bench)
{
	const struct offer *offer = &bench->offers[GRID];
	size_t found = slots_candidates(offer->hours, offer->zone, now, bench->slots);

	return conflict_filter(
	    offer->hours, bench->slots, found, offer->calendar, offer->calendar_count);
}

static size_t open_by_offer(struct bench *bench, int kind)
{
	struct offer_list open;
	struct fail fail;

	arena_reset(bench->arena);
	if (offer_slots(&bench->offers[kind], bench->arena, &open, &fail))
		exit(1);
	return open.count;
}

static int64_t round_of(struct bench *bench, int kind)
{
	int64_t began = now_ns();

	for (int i = 0; i < PAGES; i++) {
		bench->open[kind] = kind == FLOOR  ? by_arithmetic(bench->busy[kind], bench->slots)
				    : kind == GRID ? open_by_grid(bench)
						   : open_by_offer(bench, kind);
		__asm__ volatile("" : : "r"(bench->slots) : "memory");
	}
	return (now_ns() - began) / PAGES;
}

int main(int argc, char **argv)
{
	struct arena *arena = arena_new(1 << 20);
	static struct bench bench;
	struct zone *zone;
	struct fail fail;

	if (!arena ||
	    zone_file_load("/usr/share/zoneinfo", "America/New_York", arena, &zone, &fail))
		return 1;
	prepare(&bench, zone);
	bench.slots = calloc(slots_bound(&bench.hours[ALL_DAYS]), sizeof(*bench.slots));
	if (!bench.slots || !bench.arena || !bench.ledgers[0] || !bench.ledgers[1])
		return 1;
	for (int round = 0; round < ROUNDS; round++)
		for (int kind = 0; kind < KINDS; kind++)
			if (argc < 2 || strcmp(argv[1], kinds[kind].name) == 0)
				bench.ns[kind][round] = round_of(&bench, kind);
	if (argc < 2 && bench.open[GRID] != bench.open[FLOOR]) {
		fprintf(stderr, "slots: %zu open slots, and %zu by arithmetic\n", bench.open[GRID],
		    bench.open[FLOOR]);
		return 1;
	}
	for (int kind = 0; kind < KINDS; kind++) {
		qsort(bench.ns[kind], ROUNDS, sizeof(bench.ns[kind][0]), by_value);
		printf("%s%s_open=%zu %s_ns=%lld", kind ? " " : "", kinds[kind].name,
		    bench.open[kind], kinds[kind].name, (long long)bench.ns[kind][ROUNDS / 2]);
	}
	printf("\n");
	ledger_free(bench.ledgers[0]);
	ledger_free(bench.ledgers[1]);
	zone_free(zone);
	arena_free(bench.arena);
	arena_free(arena);
	free(bench.slots);
	return 0;
}

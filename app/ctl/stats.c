/* SPDX-License-Identifier: MIT */
/* stats.c: the funnel: how many briefs come in, become calls, are moved, cancelled, abandoned */
#include "base/clock.h"
#include "core/civil.h"
#include "ctl/ctl.h"
#include "ctl/print.h"
#include "desk/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DAYS_MAX 400
#define BARS_MAX 70
#define DAYS_PRESET 30
/* When the courier never calls a brief abandoned, for the sake of a figure. */
#define ABANDONED_MINUTES 60

#define KINDS (STEP_CANCELLED + 1)

struct day {
	struct interval span;
	int64_t counts[KINDS];
	int64_t *took; /* sorted when all is counted */
	size_t took_count;
};

static int by_size(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* The smallest that so many percent do not exceed; -1: there is none. In seconds. */
static int64_t percentile(const struct day *day, size_t percent)
{
	if (!day->took_count)
		return -1;
	return day->took[(day->took_count * percent + 99) / 100 - 1] / 1000;
}

static const char *duration(struct arena *arena, int64_t seconds)
{
	if (seconds < 0)
		return NULL;
	if (seconds < 120)
		return arena_printf(arena, "%" PRId64 " s", seconds);
	if (seconds < 7200)
		return arena_printf(arena, "%" PRId64 " min", seconds / 60);
	if (seconds < 2 * DAY_S)
		return arena_printf(arena, "%" PRId64 " h", seconds / 3600);
	return arena_printf(arena, "%" PRId64 " days", seconds / DAY_S);
}

static const char *day_name(struct ctl *ctl, const struct day *day)
{
	const char *noon = print_moment(
	    ctl->arena, ctl->zone, day->span.start + (day->span.end - day->span.start) / 2);

	/* "Tue 2026-12-01", and for scripts without the weekday. */
	return !noon
		   ? NULL
		   : arena_strn(ctl->arena, noon + (ctl->is_json ? 4 : 0), ctl->is_json ? 10 : 14);
}

static void add_seconds(struct ctl *ctl, struct table *table, int64_t seconds)
{
	if (!ctl->is_json)
		table_text(table, duration(ctl->arena, seconds));
	else if (seconds < 0)
		table_text(table, NULL);
	else
		table_integer(table, seconds);
}

static void add_row(struct ctl *ctl, struct table *table, const char *name, struct day *day)
{
	if (day->took_count)
		qsort(day->took, day->took_count, sizeof(*day->took), by_size);
	table_text(table, name);
	table_integer(table, day->counts[STEP_LEAD]);
	table_integer(table, day->counts[STEP_BOOKED]);
	table_integer(table, day->counts[STEP_MOVED]);
	table_integer(table, day->counts[STEP_CANCELLED]);
	table_integer(table, day->counts[STEP_ABANDONED]);
	add_seconds(ctl, table, percentile(day, 50));
	add_seconds(ctl, table, percentile(day, 90));
}

static const struct column columns[] = {
    {"day", "DAY"},
    {"leads", "LEADS"},
    {"booked", "BOOKED"},
    {"moved", "MOVED"},
    {"cancelled", "CANCELLED"},
    {"abandoned", "ABANDONED"},
    {"median_s", "MEDIAN"},
    {"p90_s", "P90"},
};

static struct table *make_table(struct ctl *ctl)
{
	return table_new(ctl->arena, ctl->zone, columns, sizeof(columns) / sizeof(columns[0]));
}

/* The days from one to another; their count, 0: they are not in order, or too many. */
static size_t make_days(struct ctl *ctl, struct interval within, struct day *days)
{
	size_t count = 0;

	for (int64_t at = within.start; at < within.end; at = days[count++].span.end) {
		if (count == DAYS_MAX)
			return 0;
		days[count] = (struct day){.span = slots_local_day(ctl->zone, at)};
	}
	return count;
}

static void count_step(struct day *day, const struct report_step *step)
{
	day->counts[step->kind]++;
	if (step->took_ms && day->took)
		day->took[day->took_count++] = step->took_ms;
}

static bool make_room(struct arena *arena, struct day *day, const struct report_steps *steps)
{
	size_t booked = 0;

	for (size_t i = 0; i < steps->count; i++)
		booked += steps->list[i].took_ms &&
			  steps->list[i].at_ms / 1000 >= day->span.start &&
			  steps->list[i].at_ms / 1000 < day->span.end;
	day->took = arena_array(arena, booked + 1, sizeof(*day->took));
	return day->took;
}

static bool has_any(const struct day *day)
{
	int64_t sum = 0;

	for (int i = 0; i < KINDS; i++)
		sum += day->counts[i];
	return sum;
}

/* A bar a day, as high as its count; on a terminal, whose width the last of them fit. */
static void print_line(const char *title, const struct day *days, size_t count, enum step_kind kind)
{
	static const char *const bars[] = {"_", "\xe2\x96\x81", "\xe2\x96\x82", "\xe2\x96\x83",
	    "\xe2\x96\x84", "\xe2\x96\x85", "\xe2\x96\x86", "\xe2\x96\x87", "\xe2\x96\x88"};
	size_t first = count > BARS_MAX ? count - BARS_MAX : 0;
	int64_t most = 1;

	for (size_t i = first; i < count; i++)
		if (days[i].counts[kind] > most)
			most = days[i].counts[kind];
	printf("%-7s", title);
	for (size_t i = first; i < count; i++)
		fputs(bars[(days[i].counts[kind] * 8 + most - 1) / most], stdout);
	putchar('\n');
}

static void print(struct ctl *ctl, struct day *days, size_t count, struct day *total)
{
	struct table *table = make_table(ctl), *sum = make_table(ctl);
	struct json_object *document;

	for (size_t i = 0; i < count; i++)
		if (ctl->is_json || has_any(&days[i]))
			add_row(ctl, table, day_name(ctl, &days[i]), &days[i]);
	if (!ctl->is_json) {
		add_row(ctl, table, "all", total);
		table_print(table);
		if (isatty(STDOUT_FILENO)) {
			print_line("briefs", days, count, STEP_LEAD);
			print_line("calls", days, count, STEP_BOOKED);
		}
		puts("\nMEDIAN and P90: from the brief to its first call.");
		return;
	}
	add_row(ctl, sum, NULL, total);
	document = json_new();
	json_add_text(document, "from", day_name(ctl, &days[0]));
	json_add_text(document, "to", day_name(ctl, &days[count - 1]));
	json_add(document, "total", table_json_record(sum));
	json_add(document, "days", table_json(table));
	print_json(ctl->arena, document);
}

static int run(struct ctl *ctl)
{
	const char *from = ctl_option(ctl, "from"), *to = ctl_option(ctl, "to"), *wrong = NULL;
	struct interval last = slots_local_day(ctl->zone, clock_wall_s()),
			first = slots_local_day(
			    ctl->zone, last.start - (DAYS_PRESET - 1) * DAY_S + DAY_S / 2);
	struct day *days = arena_array(ctl->arena, DAYS_MAX, sizeof(*days));
	int64_t minutes = ctl->conf->courier.abandoned_minutes;
	struct report_steps steps;
	struct day total = {{0, 0}, {0}, NULL, 0};
	struct fail fail;
	size_t count;

	if (from && !read_day(ctl->zone, clock_wall_s(), from, &first))
		wrong = from;
	else if (to && !read_day(ctl->zone, clock_wall_s(), to, &last))
		wrong = to;
	if (wrong)
		return ctl_say(CTL_USAGE, "%s is no day like 2026-12-01, yesterday or fri", wrong);
	if (to && !from)
		first =
		    slots_local_day(ctl->zone, last.start - (DAYS_PRESET - 1) * DAY_S + DAY_S / 2);
	total.span = (struct interval){first.start, last.end};
	if (!days || !(count = make_days(ctl, total.span, days)))
		return ctl_say(
		    CTL_USAGE, "--from and --to are days in order, %d at most", DAYS_MAX);
	if (report_steps(&ctl->upstream, ctl->arena, total.span,
		(minutes ? minutes : ABANDONED_MINUTES) * 60, &steps, &fail))
		return ctl_fail(&fail);
	if (!make_room(ctl->arena, &total, &steps))
		return ctl_say(CTL_FAULT, "no memory");
	for (size_t day = 0; day < count; day++) {
		if (!make_room(ctl->arena, &days[day], &steps))
			return ctl_say(CTL_FAULT, "no memory");
		for (size_t i = 0; i < steps.count; i++)
			if (steps.list[i].at_ms / 1000 >= days[day].span.start &&
			    steps.list[i].at_ms / 1000 < days[day].span.end) {
				count_step(&days[day], &steps.list[i]);
				count_step(&total, &steps.list[i]);
			}
	}
	print(ctl, days, count, &total);
	return CTL_DONE;
}

const struct ctl_command ctl_stats = {
    .name = "stats",
    .help = "how many briefs become calls, and how fast, by day",
    .needs_schema = true,
    .run = run,
    .options =
	{
	    {"from", "DAY", "from this day on (30 days ago)"},
	    {"to", "DAY", "up to this day, included (today)"},
	},
};

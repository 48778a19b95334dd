/* SPDX-License-Identifier: MIT */
/* preview.c: the next two weeks, what is open and what closes the rest */
#include "base/clock.h"
#include "core/civil.h"
#include "ctl/explain.h"
#include "ctl/print.h"

#include <string.h>

#define DAYS 14

static const struct column columns[] = {
    {"day", "DAY"},
    {"from", "FROM"},
    {"to", "TO"},
    {"starts", "STARTS"},
    {"detail", "OPEN OR NOT"},
    {"reason", NULL},
    {"first", NULL},
    {"last", NULL},
};

/* Starts in a row of which the same is to be said. */
struct run {
	int64_t first, last, starts;
	struct why why;
	const char *words;
};

struct preview {
	struct ctl *ctl;
	struct offer offer;
	struct offer_list open;
	size_t told; /* of those that are open, up to the day */
	struct table *table;
	struct run run;
};

static const char *local(const struct preview *preview, int64_t utc, const char *format)
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	struct civil civil = civil_from_seconds(utc + zone_at(preview->ctl->zone, utc).utc_s);

	if (*format == 'd')
		return arena_printf(preview->ctl->arena, "%s %04d-%02d-%02d", days[civil.weekday],
		    civil.year, civil.month, civil.day);
	return arena_printf(preview->ctl->arena, "%02d:%02d", civil.hour, civil.minute);
}

static void end_run(struct preview *preview)
{
	struct run *run = &preview->run;
	struct table *table = preview->table;

	if (!run->words)
		return;
	table_text(table, local(preview, run->first, "day"));
	table_text(table, run->starts ? local(preview, run->first, "time") : NULL);
	table_text(table, run->starts ? local(preview, run->last, "time") : NULL);
	table_integer(table, run->starts);
	table_text(table, run->words);
	table_text(table, reason_name(run->why.reason));
	table_time(table, run->first);
	table_time(table, run->last);
	*run = (struct run){.words = NULL};
}

static void add_start(struct preview *preview, int64_t start)
{
	struct why why = why_closed(&preview->offer, &preview->open, start);
	const char *words = explain(preview->ctl, &why);

	if (preview->run.words && strcmp(preview->run.words, words) != 0)
		end_run(preview);
	if (!preview->run.words)
		preview->run = (struct run){.first = start, .why = why, .words = words};
	preview->run.last = start;
	preview->run.starts++;
}

/* The grid of the day and, where starts are packed, those that are open beside it. */
static void add_day(struct preview *preview, int64_t date, struct slot *grid)
{
	const struct ctl *ctl = preview->ctl;
	size_t count = slots_on_date(&ctl->hours, ctl->zone, date, grid), at = 0;
	struct interval day = slots_date_span(ctl->zone, date);
	struct why why;

	for (;;) {
		const struct slot *next = at < count ? &grid[at] : NULL;
		const struct slot *other =
		    preview->told < preview->open.count &&
			    preview->open.slots[preview->told].call.start < day.end
			? &preview->open.slots[preview->told]
			: NULL;

		if (!next && !other)
			break;
		if (!next || (other && other->call.start < next->call.start)) {
			add_start(preview, other->call.start);
			preview->told++;
			continue;
		}
		add_start(preview, next->call.start);
		at++;
		preview->told += other && other->call.start == next->call.start;
	}
	if (!count && day.start < day.end) {
		why = why_hours(&ctl->hours, ctl->zone, day.start);
		preview->run = (struct run){day.start, day.start, 0, why, explain(ctl, &why)};
	}
	end_run(preview);
}

static int run(struct ctl *ctl)
{
	struct preview preview = {.ctl = ctl};
	const char *at = ctl_option(ctl, "at");
	int64_t now = clock_wall_s(), today;
	int status;
	struct slot *grid;
	struct look seen;
	struct fail fail;

	if (at && (status = ctl_read_moment(ctl, at, &now)))
		return status;
	today = slots_date(ctl->zone, now);
	if ((status = explain_look(ctl, now, &seen, &preview.offer)))
		return status;
	grid = arena_array(ctl->arena, slots_bound(&ctl->hours), sizeof(*grid));
	preview.table =
	    table_new(ctl->arena, ctl->zone, columns, sizeof(columns) / sizeof(columns[0]));
	if (!grid || offer_slots(&preview.offer, ctl->arena, &preview.open, &fail))
		return ctl_say(CTL_FAULT, "no memory");
	for (int day = 0; day < DAYS; day++)
		add_day(&preview, today + day, grid);
	if (ctl->is_json)
		print_json(ctl->arena, table_json(preview.table));
	else
		table_print(preview.table);
	return CTL_DONE;
}

const struct ctl_command ctl_preview = {
    .name = "preview",
    .help = "the next two weeks: what is open, and what closes the rest",
    .needs_schema = true,
    .run = run,
    .options = {{"at", "TIME", "as it would be then"}},
};

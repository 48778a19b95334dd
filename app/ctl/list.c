/* SPDX-License-Identifier: MIT */
/* list.c: calls, blocks and briefs, by day and status */
#include "base/clock.h"
#include "core/address.h"
#include "core/civil.h"
#include "ctl/ctl.h"
#include "ctl/print.h"
#include "desk/report.h"

#include <stdio.h>
#include <string.h>

/* How far briefs without a call are looked back for, and calls forward. */
#define BACK_S (30 * DAY_S)
#define AHEAD_S (INT64_C(400) * DAY_S)

static const struct column columns[] = {
    {"start", "START"},
    {"end", NULL},
    {"status", "STATUS"},
    {"name", "NAME"},
    {"email", "E-MAIL"},
    {"company", NULL},
    {"calendar", NULL},
    {"created", "BRIEF"},
    {"version", NULL},
    {"host", NULL},
    {"id", "ID"},
};

static void add_row(struct table *table, struct arena *arena, const struct booking *booking)
{
	char *id = arena_room(arena, UUID_TEXT);

	table_time(table, booking->call.start);
	table_time(table, booking->call.end);
	table_text(table, booking_state_name(booking->state));
	table_text(table, booking->lead.name);
	table_text(table, booking->lead.email);
	table_text(table, booking->lead.company);
	table_text(table, calendar_check_name(booking->calendar));
	table_time(table, booking->lead.created_ms / 1000);
	table_integer(table, (int64_t)booking->version);
	table_text(table, booking->has_lead || booking->owner[0] ? booking->owner : NULL);
	table_text(table, id ? uuid_format(&booking->id, id) : NULL);
}

/* What --status allows: a name, or "all"; without it what takes time. */
static bool is_wanted(enum booking_state state, const char *wanted)
{
	if (!wanted)
		return state == BOOKING_BOOKED || state == BOOKING_BLOCKED;
	return strcmp(wanted, "all") == 0 || strcmp(wanted, booking_state_name(state)) == 0;
}

/* Of calls from today on, of briefs without a call those of the last days. */
static bool read_within(
    struct ctl *ctl, const char *wanted, struct interval *out, const char **wrong)
{
	const char *from = ctl_option(ctl, "from"), *to = ctl_option(ctl, "to");
	bool is_past = wanted && strcmp(wanted, booking_state_name(BOOKING_BOOKED)) != 0 &&
		       strcmp(wanted, booking_state_name(BOOKING_BLOCKED)) != 0;
	struct interval day = slots_local_day(ctl->zone, clock_wall_s());

	*out = (struct interval){day.start - (is_past ? BACK_S : 0), day.end + AHEAD_S};
	if (from && !read_day(ctl->zone, clock_wall_s(), from, &day)) {
		*wrong = from;
		return false;
	}
	if (from)
		*out = (struct interval){day.start, day.end + AHEAD_S};
	if (to && !read_day(ctl->zone, clock_wall_s(), to, &day)) {
		*wrong = to;
		return false;
	}
	if (to)
		out->end = day.end;
	return out->start < out->end;
}

/* As a brief reads it, and as `cancel --email` compares it. What no brief would take may be a row
 * that was imported. NULL: anybody. */
static const char *read_person(struct ctl *ctl)
{
	const char *email = ctl_option(ctl, "email"), *address, *ignored;

	if (email && !address_read(ctl->arena, email, &address, &ignored))
		email = address;
	return email ? address_normal(ctl->arena, email) : NULL;
}

static int run(struct ctl *ctl)
{
	const char *status = ctl_option(ctl, "status"), *person = read_person(ctl);
	struct table *table =
	    table_new(ctl->arena, ctl->zone, columns, sizeof(columns) / sizeof(columns[0]));
	const char *wrong = NULL;
	enum booking_state ignored;
	struct interval within = {0, 0};
	struct report found;
	struct fail fail;

	if (status && strcmp(status, "all") != 0 && !booking_state_parse(status, &ignored))
		return ctl_say(CTL_USAGE, "--status is awaiting_slot, booked, cancelled, blocked, "
					  "erased or all");
	if (!read_within(ctl, status, &within, &wrong) && wrong)
		return ctl_say(CTL_USAGE, "%s is no day like 2026-12-01, tomorrow or fri", wrong);
	if (within.start >= within.end)
		return ctl_say(CTL_USAGE, "--to is before --from");
	if (report_list(&ctl->upstream, ctl->arena, within, &found, &fail))
		return ctl_fail(&fail);
	for (size_t i = 0; i < found.count; i++) {
		const struct booking *booking = &found.list[i];

		if (is_wanted(booking->state, status) && ctl_is_of(ctl, booking, person))
			add_row(table, ctl->arena, booking);
	}
	if (ctl->is_json)
		print_json(ctl->arena, table_json(table));
	else if (table_rows(table))
		table_print(table);
	else if (person && !address_is_valid(person))
		printf("nothing: %s is no e-mail address\n", ctl_option(ctl, "email"));
	else
		puts("nothing");
	if (found.is_cut)
		return ctl_say(CTL_FAULT, "there is more than that; ask for fewer days");
	return CTL_DONE;
}

const struct ctl_command ctl_list = {
    .name = "list",
    .help = "calls, blocks and briefs, by day and status",
    .needs_schema = true,
    .run = run,
    .options =
	{
	    {"from", "DAY", "from this day on (today; 30 days ago for what takes no time)"},
	    {"to", "DAY", "up to this day, included"},
	    {"status", "STATUS",
		"booked, blocked, awaiting_slot, cancelled, erased or all (booked and blocked)"},
	    {"email", "ADDRESS", "of this person only"},
	},
};

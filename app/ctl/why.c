/* SPDX-License-Identifier: MIT */
/* why.c: says whether a time is open, and what closes it */
#include "base/clock.h"
#include "ctl/explain.h"
#include "ctl/print.h"

#include <stdio.h>
#include <string.h>

/* The next booking of the ledger, from *at on, that counts against the cap: offer_count()'s. */
static bool next_counted(
    const struct ctl *ctl, const struct why *why, size_t *at, struct ledger_booking *out)
{
	while (look_next_live(&ctl->upstream, at, out))
		if (!out->is_block && out->call.start >= why->cap.within.start &&
		    out->call.start < why->cap.within.end)
			return true;
	return false;
}

static void say_counted(const struct ctl *ctl, const struct why *why)
{
	struct ledger_booking booking;
	char id[UUID_TEXT];

	for (size_t at = 0; next_counted(ctl, why, &at, &booking);)
		printf("  %s %s\n", uuid_format(&booking.id, id),
		    print_moment(ctl->arena, ctl->zone, booking.call.start));
}

/* Their ids with spaces between them; NULL: no cap closed it. */
static const char *counted_ids(const struct ctl *ctl, const struct why *why)
{
	struct ledger_booking booking;
	const char *ids = NULL;
	char id[UUID_TEXT];

	for (size_t at = 0; why->reason == REASON_CAP && next_counted(ctl, why, &at, &booking);) {
		uuid_format(&booking.id, id);
		ids = ids ? arena_printf(ctl->arena, "%s %s", ids, id)
			  : arena_printf(ctl->arena, "%s", id);
	}
	return ids;
}

static void say_json(
    struct ctl *ctl, int64_t start, const struct why *why, const struct calendar_finding *calendar)
{
	static const struct column columns[] = {{"start", NULL}, {"reason", NULL}, {"detail", NULL},
	    {"line", NULL}, {"from", NULL}, {"to", NULL}, {"counted", NULL}, {"calls", NULL},
	    {"calendar", NULL}, {"calendar_age_s", NULL}};
	struct table *table =
	    table_new(ctl->arena, ctl->zone, columns, sizeof(columns) / sizeof(columns[0]));

	table_time(table, start);
	table_text(table, reason_name(why->reason));
	table_text(table, explain(ctl, why));
	table_integer(table, explain_line(ctl, why));
	table_time(table, why->span.start);
	table_time(table, why->span.end);
	table_integer(table, (int64_t)why->counted);
	table_text(table, counted_ids(ctl, why));
	table_text(table, calendar_check_name(calendar->check));
	table_integer(table, explain_age_s(calendar));
	print_json(ctl->arena, table_json_record(table));
}

static int run(struct ctl *ctl)
{
	int64_t now = clock_wall_s(), start;
	struct offer_list open;
	int status;
	struct offer offer;
	struct look seen;
	struct fail fail;
	struct why why;

	if ((status = ctl_read_moment(ctl, ctl->words[0], &start)) ||
	    (status = explain_look(ctl, now, &seen, &offer)))
		return status;
	if (offer_slots(&offer, ctl->arena, &open, &fail))
		return ctl_fail(&fail);
	why = why_closed(&offer, &open, start);
	if (ctl->is_json) {
		say_json(ctl, start, &why, &seen.calendar);
		return CTL_DONE;
	}
	printf("%s is %s%s\n", print_moment(ctl->arena, ctl->zone, start),
	    why.reason ? "not open: " : "", explain(ctl, &why));
	if (why.reason == REASON_CAP)
		say_counted(ctl, &why);
	return CTL_DONE;
}

const struct ctl_command ctl_why = {
    .name = "why",
    .words = "TIME",
    .help = "whether a time is open, and what closes it",
    .least = 1,
    .most = 1,
    .needs_schema = true,
    .run = run,
};

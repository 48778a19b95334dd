/* SPDX-License-Identifier: MIT */
/* cancel.c: frees the time of one booking, or of many; the courier tells the prospects */
#include "base/clock.h"
#include "core/address.h"
#include "core/civil.h"
#include "ctl/edit.h"
#include "ctl/print.h"
#include "desk/report.h"

#include <stdio.h>
#include <string.h>

/* Calls of many are looked for so far ahead. */
#define AHEAD_S (INT64_C(400) * DAY_S)
/* What the command to one booking needs; it is given back before the next. */
#define ARENA_EACH (32 * 1024 * 1024)
/* Commands of somebody else between our look and our append. */
#define TRIES 5

static int cancel_one(struct ctl *ctl)
{
	struct booking booking, before;
	struct entry entry;
	enum change change;
	struct fail fail;
	int status;

	if ((status = edit_find_booking(ctl, &booking)))
		return status;
	/* Sent twice is done once. */
	if (booking.state == BOOKING_CANCELLED)
		return ctl_say(CTL_DONE, "it has no call any more");
	if (booking.state != BOOKING_BOOKED)
		return ctl_say(CTL_REFUSED, "there is nothing to cancel: no time is booked");
	before = booking;
	entry = booking_entry(&booking, ENTRY_CANCEL);
	if (ctl_option(ctl, "dry-run")) {
		edit_done(ctl, "would be cancelled", &entry);
		return CTL_DONE;
	}
	change = edit_make(ctl, &entry, &booking, &fail);
	/* The other of two that are sent at once may have been faster. */
	if (change != CHANGE_ACCEPTED && booking.state == BOOKING_CANCELLED)
		return ctl_say(CTL_DONE, "it has no call any more");
	if (change != CHANGE_ACCEPTED)
		return edit_refused(change, &fail);
	edit_follow(ctl, &before, &booking);
	edit_done(ctl, "cancelled", &entry);
	return CTL_DONE;
}

/* Whose calls end: those that have not begun, of an address or of briefs since a time or both. */
struct many {
	const char *person; /* address_normal(); NULL: of anybody */
	int64_t since;
	int64_t now;
	bool is_dry;
};

static int read_many(struct ctl *ctl, struct many *out)
{
	const char *email = ctl_option(ctl, "email"), *since = ctl_option(ctl, "since");
	const char *address = NULL, *ignored;

	*out = (struct many){.now = clock_wall_s(), .is_dry = ctl_option(ctl, "dry-run")};
	if (email && address_read(ctl->arena, email, &address, &ignored))
		return ctl_say(CTL_USAGE, "%s is no e-mail address", email);
	out->person = address ? address_normal(ctl->arena, address) : NULL;
	return since ? ctl_read_moment(ctl, since, &out->since) : CTL_DONE;
}

static bool is_meant(struct ctl *ctl, const struct many *many, const struct booking *booking)
{
	return booking->state == BOOKING_BOOKED && booking->has_lead &&
	       booking->call.start > many->now && booking->lead.created_ms / 1000 >= many->since &&
	       ctl_is_of(ctl, booking, many->person);
}

/* Keeps of a report what is meant. */
static void sift(struct ctl *ctl, const struct many *many, struct report *found)
{
	size_t count = 0;

	for (size_t i = 0; i < found->count; i++)
		if (is_meant(ctl, many, &found->list[i]))
			found->list[count++] = found->list[i];
	found->count = count;
}

/* Whoever moves a call meanwhile does not keep it. NULL: it has ended. */
static const char *end_call(struct ctl *ctl, struct booking *booking, int *status)
{
	enum change change = CHANGE_STALE;
	struct booking before;
	struct entry entry;
	struct fail fail;

	for (int i = 0; i < TRIES && change == CHANGE_STALE; i++) {
		if (booking->state != BOOKING_BOOKED)
			return NULL;
		before = *booking;
		entry = booking_entry(booking, ENTRY_CANCEL);
		change = edit_make(ctl, &entry, booking, &fail);
	}
	if (change == CHANGE_UNSURE || change == CHANGE_NOT_WRITTEN)
		*status = edit_refused(change, &fail);
	if (change == CHANGE_ACCEPTED)
		edit_follow(ctl, &before, booking);
	return change == CHANGE_ACCEPTED || booking->state != BOOKING_BOOKED ? NULL
	       : change == CHANGE_UNSURE				     ? "unsure"
									     : "not cancelled";
}

static void add_row(
    struct ctl *ctl, struct table *table, const struct booking *booking, const char *done)
{
	char *id = arena_room(ctl->arena, UUID_TEXT);

	table_text(table, id ? uuid_format(&booking->id, id) : NULL);
	table_time(table, booking->call.start);
	table_text(table, booking->lead.name);
	table_text(table, booking->lead.email);
	table_time(table, booking->lead.created_ms / 1000);
	table_text(table, done);
}

/* How many calls ended. When a command could not be written, or nobody knows whether it was, the
 * rest is not begun: it would go the same way. */
static size_t end_calls(
    struct ctl *ctl, const struct report *found, struct table *table, int *status)
{
	struct ctl each = *ctl;
	size_t ended = 0;

	each.arena = arena_new(ARENA_EACH);
	if (!each.arena)
		*status = ctl_say(CTL_FAULT, "no memory");
	for (size_t i = 0; i < found->count; i++) {
		struct booking booking = found->list[i];
		const char *left = *status ? "not begun" : end_call(&each, &booking, status);

		ended += !left;
		if (left && !*status)
			*status = CTL_FAULT;
		add_row(ctl, table, &found->list[i], left ? left : "cancelled");
		if (each.arena)
			arena_reset(each.arena);
	}
	arena_free(each.arena);
	return ended;
}

static void print(
    struct ctl *ctl, const struct table *table, size_t count, size_t ended, bool is_dry)
{
	struct json_object *document;

	if (!ctl->is_json) {
		if (is_dry)
			printf("would cancel %zu call%s\n", count, print_plural(count));
		else
			printf("cancelled %zu of %zu call%s\n", ended, count, print_plural(count));
		table_print(table);
		return;
	}
	document = json_new();
	json_add_flag(document, "dry_run", is_dry);
	json_add_integer(document, "found", (int64_t)count);
	json_add_integer(document, "cancelled", (int64_t)ended);
	json_add(document, "bookings", table_json(table));
	print_json(ctl->arena, document);
}

static int cancel_many(struct ctl *ctl)
{
	static const struct column columns[] = {{"id", "ID"}, {"start", "START"}, {"name", "NAME"},
	    {"email", "E-MAIL"}, {"created", "BRIEF"}, {"done", "DONE"}};
	struct table *table =
	    table_new(ctl->arena, ctl->zone, columns, sizeof(columns) / sizeof(columns[0]));
	struct report found;
	struct many many;
	struct fail fail;
	size_t ended = 0;
	int status;

	if ((status = read_many(ctl, &many)))
		return status;
	if (report_list(&ctl->upstream, ctl->arena, (struct interval){many.now, many.now + AHEAD_S},
		&found, &fail))
		return ctl_fail(&fail);
	sift(ctl, &many, &found);
	if (!found.count && !found.is_cut)
		return ctl_say(CTL_NOT_FOUND, "no call stands to which that applies");
	if (!many.is_dry && !ctl_option(ctl, "yes") &&
	    !ctl_is_agreed("Cancel %zu call%s? Each prospect is told.", found.count,
		print_plural(found.count)))
		return ctl_say(CTL_REFUSED, "nothing was done");
	if (many.is_dry)
		for (size_t i = 0; i < found.count; i++)
			add_row(ctl, table, &found.list[i], NULL);
	else
		ended = end_calls(ctl, &found, table, &status);
	print(ctl, table, found.count, ended, many.is_dry);
	if (status) {
		ctl_say(CTL_DONE, "not everything is done: run this again");
		return status;
	}
	if (found.is_cut)
		return ctl_say(CTL_FAULT, "there is more than that: run this again");
	return CTL_DONE;
}

static int run(struct ctl *ctl)
{
	bool is_many = ctl_option(ctl, "email") || ctl_option(ctl, "since");

	if (is_many && ctl->word_count)
		return ctl_usage(
		    ctl, "--email and --since are of many, and %s is one", ctl->words[0]);
	if (!is_many && !ctl->word_count)
		return ctl_usage(ctl, "cancel wants an ID, --email or --since");
	if (is_many && ctl_option(ctl, "version"))
		return ctl_usage(ctl, "--version is of one booking");
	if (!is_many && ctl_option(ctl, "yes"))
		return ctl_usage(ctl, "--yes is of many bookings, and %s is one", ctl->words[0]);
	return is_many ? cancel_many(ctl) : cancel_one(ctl);
}

const struct ctl_command ctl_cancel = {
    .name = "cancel",
    .words = "[ID]",
    .help = "free a booking's time, or those of many, and have the prospects told",
    .least = 0,
    .most = 1,
    .needs_schema = true,
    .run = run,
    .options =
	{
	    {"version", "N", "of one: only if the booking stands at this version"},
	    {"email", "ADDRESS", "every call of this person that has not begun"},
	    {"since", "TIME", "every such call whose brief came since then"},
	    {"dry-run", NULL, "say what would end, and do nothing"},
	    {"yes", NULL, "of many: do not ask, on a terminal"},
	},
};

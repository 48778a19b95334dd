/* SPDX-License-Identifier: MIT */
/* explain.c: what is open and why the rest is not, for commands that say so */
#include "ctl/explain.h"
#include "ctl/print.h"

#include <inttypes.h>

struct offer explain_offer(const struct ctl *ctl, const struct look *seen, int64_t now)
{
	return (struct offer){
	    .hours = &ctl->hours,
	    .zone = ctl->zone,
	    .now = now,
	    .owner = ctl->conf->site.host,
	    .booking = seen->booking.id,
	    .ledger = journal_state(ctl->upstream.journal),
	    .imported = seen->imported,
	    .imported_count = seen->imported_count,
	    .calendar = seen->calendar.busy.list,
	    .calendar_count = seen->calendar.busy.count,
	};
}

bool explain_look(struct ctl *ctl, int64_t now, struct interval within, struct look *seen,
    struct offer *offer, int *status)
{
	struct look_wish wish = {
	    .purpose = LOOK_OPERATOR,
	    .window = slots_window(&ctl->hours, ctl->zone, now),
	};
	struct fail fail;

	if (within.start < wish.window.start)
		wish.window.start = within.start;
	if (within.end > wish.window.end)
		wish.window.end = within.end;
	if (look(&ctl->upstream, ctl->arena, &wish, seen, &fail)) {
		*status = ctl_fail(&fail);
		return false;
	}
	if (seen->calendar.check == CALENDAR_UNCHECKED)
		ctl_say(CTL_FAULT,
		    "the calendar could not be asked (%s); its events are left out, and pages %s",
		    seen->calendar.fail.detail,
		    ctl->conf->google.outage_open ? "may do so too" : "offer nothing without it");
	*offer = explain_offer(ctl, seen, now);
	return true;
}

/* "[hours] notice = 2h (line 12)": a key and where it stands. */
static const char *key(const struct ctl *ctl, const char *name, const char *value)
{
	unsigned line = conf_line_of(ctl->conf, "hours", name);

	return line
		   ? arena_printf(ctl->arena, "[hours] %s = %s, line %u of %s", name, value, line,
			 ctl->conf_path)
		   : arena_printf(ctl->arena, "[hours] %s = %s, which is the default", name, value);
}

static const char *at_line(const struct ctl *ctl, unsigned line)
{
	return line ? arena_printf(ctl->arena, ", line %u of %s", line, ctl->conf_path) : "";
}

static const char *span(const struct ctl *ctl, struct interval interval)
{
	return arena_printf(ctl->arena, "%s to %s",
	    print_moment(ctl->arena, ctl->zone, interval.start),
	    print_moment(ctl->arena, ctl->zone, interval.end));
}

static const char *cap(const struct ctl *ctl, const struct why *why)
{
	static const char *const keys[] = {"max_per_day", "max_per_week", "max_per_month"};

	return arena_printf(ctl->arena, "%zu calls are booked from %s; %s", why->counted,
	    span(ctl, why->cap.within),
	    key(ctl, keys[why->cap.kind], arena_printf(ctl->arena, "%d", why->cap.limit)));
}

static const char *window(const struct ctl *ctl, const struct why *why)
{
	const char *value = ctl->conf->hours.window, *name = "window";

	if (!*value) {
		name = "window_days";
		value = arena_printf(ctl->arena, "%" PRId64, ctl->conf->hours.window_days);
	}
	return arena_printf(ctl->arena, "it is outside of the window, %s; %s", span(ctl, why->span),
	    key(ctl, name, value));
}

static const char *named(const struct ctl *ctl, const char *what, const struct why *why)
{
	char id[UUID_TEXT];

	return arena_printf(
	    ctl->arena, "%s %s, %s", what, uuid_format(&why->id, id), span(ctl, why->span));
}

const char *explain(const struct ctl *ctl, const struct why *why)
{
	const char *line = at_line(ctl, why->line);

	switch (why->reason) {
	case REASON_NONE:
		return "open";
	case REASON_CLOCK:
		return "the clock is put back, and the first time that it shows this counts";
	case REASON_DAY:
		return arena_printf(ctl->arena, "this weekday has no hours%s", line);
	case REASON_DATE:
		return arena_printf(ctl->arena, "this date is off%s", line);
	case REASON_HOLIDAY:
		return arena_printf(
		    ctl->arena, "this date is in %s%s", ctl->conf->dates.holidays, line);
	case REASON_HOURS:
		return arena_printf(ctl->arena, "it is outside of this day's hours%s", line);
	case REASON_STEP:
		return arena_printf(ctl->arena,
		    "it is between two starts, which are %d minutes apart from the first one on%s",
		    ctl->hours.step_minutes, line);
	case REASON_WINDOW:
		return window(ctl, why);
	case REASON_BEGUN:
		return "it has begun";
	case REASON_NOTICE:
		return arena_printf(ctl->arena, "it is too near, from %s on it is not; %s",
		    print_moment(ctl->arena, ctl->zone, why->span.end),
		    key(ctl, "notice", ctl->conf->hours.notice));
	case REASON_CALL:
		return named(ctl, "booking", why);
	case REASON_BLOCK:
		return named(ctl, "block", why);
	case REASON_IMPORTED:
		return arena_printf(ctl->arena, "a booked row that the ledger does not know, %s",
		    span(ctl, why->span));
	case REASON_EVENT:
		return arena_printf(ctl->arena, "the calendar is busy, %s", span(ctl, why->span));
	case REASON_CAP:
		return cap(ctl, why);
	case REASON_OWN:
		return "it has this very call";
	case REASON_PACKED:
		return key(ctl, "starts", "packed");
	}
	return "";
}

/* SPDX-License-Identifier: MIT */
/* explain.c: what is open and why the rest is not, for commands that say so */
#include "ctl/explain.h"
#include "base/clock.h"
#include "base/counters.h"
#include "ctl/edit.h"
#include "ctl/print.h"

#include <inttypes.h>

/* The one of which the least is known, and of those one without which nothing is offered. */
static const struct calendar_part *least(const struct calendar_finding *calendar)
{
	const struct calendar_part *found = NULL;

	for (size_t i = 0; i < calendar->part_count; i++) {
		const struct calendar_part *part = &calendar->parts[i];

		if (part->check == calendar->check &&
		    (!found || (found->calendar->outage_open && !part->calendar->outage_open)))
			found = part;
	}
	return found;
}

/* What a page that is made now goes by. */
static void say_calendar(const struct calendar_finding *calendar)
{
	const struct calendar_part *part = least(calendar);
	const char *why = part && part->fail.code ? part->fail.detail : "it failed a moment ago";
	const char *name = part ? part->calendar->name : "", *space = *name ? " " : "";
	int64_t age_s = explain_age_s(calendar);

	if (calendar->check == CALENDAR_UNCHECKED)
		ctl_say(CTL_FAULT, "the calendar%s%s could not be asked (%s)%s", space, name, why,
		    calendar->is_closed ? ", and pages offer nothing without it"
					: "; its events are left out, as pages leave them out now");
	else if (calendar->check == CALENDAR_REMEMBERED)
		ctl_say(CTL_FAULT,
		    "the calendar%s%s could not be asked (%s); its answer of %" PRId64
		    " s ago is used, as on pages",
		    space, name, why, age_s);
	else if (age_s > 0)
		ctl_say(CTL_DONE,
		    "the calendar's answer of %" PRId64
		    " s ago is used, as on pages; see [google] fresh_s",
		    age_s);
}

int explain_look(struct ctl *ctl, int64_t now, struct look *seen, struct offer *offer)
{
	struct look_wish wish = {
	    .purpose = LOOK_AS_PAGE,
	    .window = slots_window(&ctl->hours, ctl->zone, now),
	};
	struct fail fail;
	enum err err;

	/* What pages may ask in a minute is asked by all together. */
	ctl->upstream.counters = counters_look(ctl->conf->site.runtime_dir);
	err = look_at(&ctl->upstream, ctl->arena, &wish, seen, &fail);
	if (err)
		return ctl_fail(&fail);
	if (edit_lacks_calendar(ctl))
		return ctl_say(CTL_FAULT, EDIT_LACKS_CALENDAR ": what pages offer is not known");
	say_calendar(&seen->calendar);
	ctl->calendar = &seen->calendar;
	*offer = look_offer(&ctl->upstream, seen, &ctl->hours, ctl->zone, now);
	return CTL_DONE;
}

int64_t explain_age_s(const struct calendar_finding *calendar)
{
	return calendar->asked_ms ? (clock_boot_ms() - calendar->asked_ms) / 1000 : 0;
}

/* A key that closes something, and its value. */
struct rule {
	const char *section, *name, *value; /* name NULL: none */
};

static const char *number(const struct ctl *ctl, int64_t value)
{
	return arena_printf(ctl->arena, "%" PRId64, value);
}

/* The one that is down, and without which nothing is offered; NULL: none. */
static const struct conf_calendar *closing(const struct ctl *ctl)
{
	const struct calendar_finding *found = ctl->calendar;

	for (size_t i = 0; found && i < found->part_count; i++)
		if (found->parts[i].check == CALENDAR_UNCHECKED &&
		    !found->parts[i].calendar->outage_open)
			return found->parts[i].calendar;
	return NULL;
}

/* Where it says so. */
static const char *outage_section(const struct ctl *ctl)
{
	const struct conf_calendar *calendar = closing(ctl);

	return calendar && *calendar->name && *calendar->outage
		   ? arena_printf(ctl->arena, "calendar %s", calendar->name)
		   : "google";
}

static struct rule rule_of(const struct ctl *ctl, const struct why *why)
{
	static const char *const caps[] = {"max_per_day", "max_per_week", "max_per_month"};
	const struct conf *conf = ctl->conf;
	const struct hours *hours = &ctl->hours;

	switch (why->reason) {
	case REASON_STEP:
		return (struct rule){"hours",
		    conf->hours.step_minutes ? "step_minutes" : "slot_minutes",
		    number(ctl, hours->step_minutes)};
	case REASON_LENGTH:
		return (struct rule){"hours", "slot_minutes", number(ctl, hours->slot_minutes)};
	case REASON_WINDOW:
		return *conf->hours.window ? (struct rule){"hours", "window", conf->hours.window}
					   : (struct rule){"hours", "window_days",
						 number(ctl, conf->hours.window_days)};
	case REASON_NOTICE:
		return (struct rule){"hours", "notice", conf->hours.notice};
	case REASON_CAP:
		return (struct rule){"hours", caps[why->cap.kind], number(ctl, why->cap.limit)};
	case REASON_PACKED:
		return (struct rule){"hours", "starts", "packed"};
	case REASON_OUTAGE:
		return (struct rule){outage_section(ctl), "outage", "closed"};
	default:
		return (struct rule){NULL, NULL, NULL};
	}
}

/* "[hours] notice = 2h, line 12 of FILE" */
static const char *key(
    const struct ctl *ctl, const char *section, const char *name, const char *value)
{
	unsigned line = conf_line_of(ctl->conf, section, name);

	return line ? arena_printf(ctl->arena, "[%s] %s = %s, line %u of %s", section, name, value,
			  line, ctl->conf_path)
		    : arena_printf(
			  ctl->arena, "[%s] %s = %s, which is the default", section, name, value);
}

unsigned explain_line(const struct ctl *ctl, const struct why *why)
{
	struct rule rule = rule_of(ctl, why);

	return rule.name ? conf_line_of(ctl->conf, rule.section, rule.name) : why->line;
}

static const char *clock_key(const struct ctl *ctl, const char *name, int64_t minutes)
{
	return key(ctl, "hours", name,
	    arena_printf(ctl->arena, "%02d:%02d", (int)minutes / 60, (int)minutes % 60));
}

/* Where the hours of a day stand: in a line of its own, or in what holds for every day. */
static const char *day_rule(const struct ctl *ctl, const struct why *why)
{
	const struct conf *conf = ctl->conf;
	unsigned days = conf_line_of(conf, "hours", "days");
	bool is_plain = why->line == days ||
			why->line == conf_line_of(conf, "hours", "first_start") ||
			why->line == conf_line_of(conf, "hours", "last_start");

	if (!is_plain || (days && why->reason == REASON_DAY))
		return arena_printf(ctl->arena, "line %u of %s", why->line, ctl->conf_path);
	if (conf->hours.lines.count)
		return "no line of [hours] names it";
	if (why->reason == REASON_DAY)
		return "[hours] days = Mon-Sat, which is the default";
	return arena_printf(ctl->arena, "%s, and %s",
	    clock_key(ctl, "first_start", conf->hours.first_start),
	    clock_key(ctl, "last_start", conf->hours.last_start));
}

static const char *span(const struct ctl *ctl, struct interval interval)
{
	return arena_printf(ctl->arena, "%s to %s",
	    print_moment(ctl->arena, ctl->zone, interval.start),
	    print_moment(ctl->arena, ctl->zone, interval.end));
}

/* "the calendar", or by its name "the calendar work". */
static const char *calendar_words(const struct ctl *ctl, const struct conf_calendar *calendar)
{
	return calendar && *calendar->name
		   ? arena_printf(ctl->arena, "the calendar %s", calendar->name)
		   : "the calendar";
}

/* The first that shows something there. */
static const struct conf_calendar *busy_calendar(const struct ctl *ctl, struct interval span)
{
	const struct calendar_finding *found = ctl->calendar;

	for (size_t i = 0; found && i < found->part_count; i++)
		if (intervals_overlap(found->parts[i].busy.list, found->parts[i].busy.count, span))
			return found->parts[i].calendar;
	return NULL;
}

/* What it is and when, and the buffers when the call would be clear of it without them. */
static const char *obstacle(const struct ctl *ctl, const char *what, const struct why *why)
{
	const struct hours *hours = &ctl->hours;
	const char *words = arena_printf(ctl->arena, "%s, %s", what, span(ctl, why->span));

	if (!why->is_buffer)
		return words;
	if (!hours->buffer_before && !hours->buffer_after)
		return arena_printf(
		    ctl->arena, "%s, with the buffer that it was booked with", words);
	return arena_printf(ctl->arena, "%s, within the buffer; %s, and %s", words,
	    key(ctl, "hours", "buffer_before", number(ctl, hours->buffer_before)),
	    key(ctl, "hours", "buffer_after", number(ctl, hours->buffer_after)));
}

static const char *named(const struct ctl *ctl, const char *what, const struct why *why)
{
	char id[UUID_TEXT];

	return obstacle(
	    ctl, arena_printf(ctl->arena, "%s %s", what, uuid_format(&why->id, id)), why);
}

/* Without the key. */
static const char *words_of(const struct ctl *ctl, const struct why *why)
{
	switch (why->reason) {
	case REASON_NONE:
		return "open";
	case REASON_CLOCK:
		return "the clock is put back, and the first time that it shows this counts";
	case REASON_DAY:
		return arena_printf(
		    ctl->arena, "this weekday has no hours, %s", day_rule(ctl, why));
	case REASON_DATE:
		return arena_printf(ctl->arena, "this date is off, %s", day_rule(ctl, why));
	case REASON_HOLIDAY:
		return arena_printf(ctl->arena, "this date is in %s, %s", ctl->conf->dates.holidays,
		    day_rule(ctl, why));
	case REASON_HOURS:
		return arena_printf(
		    ctl->arena, "it is outside of this day's hours, %s", day_rule(ctl, why));
	case REASON_STEP:
		return arena_printf(ctl->arena,
		    "it is between two starts, which are %d minutes apart from the first one on, "
		    "%s",
		    ctl->hours.step_minutes, day_rule(ctl, why));
	case REASON_WINDOW:
		return arena_printf(
		    ctl->arena, "it is outside of the window, %s", span(ctl, why->span));
	case REASON_BEGUN:
		return "it has begun";
	case REASON_NOTICE:
		return arena_printf(ctl->arena, "it is too near, from %s on it is not",
		    print_moment(ctl->arena, ctl->zone, why->span.end));
	case REASON_CALL:
		return named(ctl, "booking", why);
	case REASON_BLOCK:
		return named(ctl, "block", why);
	case REASON_IMPORTED:
		return obstacle(ctl, "a booked row that the ledger does not know", why);
	case REASON_EVENT:
		return obstacle(ctl,
		    arena_printf(ctl->arena, "%s is busy",
			calendar_words(ctl, busy_calendar(ctl, why->span))),
		    why);
	case REASON_OUTAGE:
		return arena_printf(
		    ctl->arena, "%s could not be asked", calendar_words(ctl, closing(ctl)));
	case REASON_CAP:
		return arena_printf(ctl->arena, "%zu %s booked from %s", why->counted,
		    why->counted == 1 ? "call is" : "calls are", span(ctl, why->cap.within));
	case REASON_OWN:
		return "it has this very call";
	case REASON_PACKED:
		return "calls begin where something ends";
	case REASON_LENGTH:
		return arena_printf(ctl->arena, "it lasts %" PRId64 " minutes",
		    (why->span.end - why->span.start) / 60);
	}
	return "";
}

const char *explain(const struct ctl *ctl, const struct why *why)
{
	const char *words = words_of(ctl, why);
	struct rule rule = rule_of(ctl, why);

	return rule.name ? arena_printf(ctl->arena, "%s; %s", words,
			       key(ctl, rule.section, rule.name, rule.value))
			 : words;
}

/* SPDX-License-Identifier: MIT */
/* ical_days.c: a calendar's file (RFC 5545) → the days of its whole-day events */
#include "read/ical_days.h"
#include "base/text.h"
#include "core/civil.h"
#include "read/ical_event.h"
#include "read/ical_moved.h"

#include <libical/ical.h>
#include <stdio.h>
#include <string.h>

#define AHEAD_S (INT64_C(3) * 366 * DAY_S)

/* Where the days of an event go, and which of its occurrences stand for themselves. */
struct days {
	struct date_list *dates;
	const struct ical_moved_list *moved;
};

/* Its end is not included, and may be left out (RFC 5545, 3.6.1); the span's own is a day too far.
 */
static void on_occurrence(icalcomponent *event, struct icaltime_span *span, void *context)
{
	struct icaltimetype start = icalcomponent_get_dtstart(event),
			    end = icalcomponent_get_dtend(event);
	const char *uid = icalcomponent_get_uid(event);
	const struct days *to = context;
	int64_t first = span->start / DAY_S, days = 0;

	if (uid && !icalcomponent_get_first_property(event, ICAL_RECURRENCEID_PROPERTY) &&
	    ical_moved_has(to->moved, uid, first * DAY_S))
		return;

	if (end.is_date && icaltime_is_valid_time(end))
		days = (icaltime_as_timet(end) - icaltime_as_timet(start)) / DAY_S;
	ical_days_add(to->dates, first, first + (days > 1 ? days - 1 : 0));
}

struct calendar_text {
	const char *path, *text;
	const char *event; /* where the event begins that is judged */
};

/* The line of the event that says so; where it is folded, the event's first. */
static unsigned line_of(const struct calendar_text *in, const char *name, const char *word)
{
	const char *at = in->event;
	unsigned line = 1;

	while (at && strncmp(at, name, strlen(name)) != 0)
		at = (at = strchr(at, '\n')) ? at + 1 : NULL;
	at = at ? strstr(at, word) : NULL;
	for (const char *c = in->text; c < (at ? at : in->event); c++)
		line += *c == '\n';
	return line;
}

/* libical takes the 31st of November for the 1st of December. */
static enum err judge_date(
    const struct calendar_text *in, const char *name, struct icaltimetype date, struct fail *fail)
{
	char word[40];
	int days =
	    date.month >= 1 && date.month <= 12 ? civil_days_in_month(date.year, date.month) : 0;

	if (date.day >= 1 && date.day <= days)
		return ERR_NONE;
	snprintf(word, sizeof(word), "%04d%02d%02d", date.year, date.month, date.day);
	return days ? fail_set(fail, ERR_CONFIG, "hours_file",
			  "%.180s:%u: \"%s\" is no date; that month has 1 to %d", in->path,
			  line_of(in, name, word), word, days)
		    : fail_set(fail, ERR_CONFIG, "hours_file",
			  "%.180s:%u: \"%s\" is no date; months are 01 to 12", in->path,
			  line_of(in, name, word), word);
}

/* A day that is left out has to be written as a day: libical leaves nothing out by a time. */
static enum err judge_left_out(
    const struct calendar_text *in, struct icaltimetype date, struct fail *fail)
{
	const char *word = icaltime_as_ical_string(date);

	if (date.is_date)
		return judge_date(in, "EXDATE", date, fail);
	return fail_set(fail, ERR_CONFIG, "hours_file",
	    "%.180s:%u: \"%s\" is a time; whole days are left out as EXDATE;VALUE=DATE:%04d%02d%02d",
	    in->path, line_of(in, "EXDATE", word), word, date.year, date.month, date.day);
}

/* Whole days do not repeat within a day, and what did would take years to count. */
static enum err judge_rule(
    const struct calendar_text *in, struct icalrecurrencetype rule, struct fail *fail)
{
	if (rule.freq < ICAL_DAILY_RECURRENCE)
		return fail_set(fail, ERR_CONFIG, "hours_file",
		    "%.180s:%u: \"FREQ=%s\" is no rule for whole days; they repeat DAILY, WEEKLY, "
		    "MONTHLY or YEARLY",
		    in->path, line_of(in, "RRULE", "FREQ="), icalrecur_freq_to_string(rule.freq));
	return icaltime_is_null_time(rule.until) ? ERR_NONE
						 : judge_date(in, "RRULE", rule.until, fail);
}

/* "No value for LOCATION property. …", as many programs write it: of no matter where it is about no
 * time. What bears no property's name may be anything. */
static bool is_harmless(icalproperty *remark)
{
	const char *said = icalproperty_get_xlicerror(remark),
		   *end = said ? strstr(said, " property.") : NULL;

	return end && end > said && ascii_is_alphanumeric(end[-1]) && !ical_is_about_time(said);
}

/* What is said of one of its lines that could not be read at all: "…: VALUE". */
static enum err judge_unread(
    const struct calendar_text *in, icalproperty *property, struct fail *fail)
{
	const char *what = icalproperty_get_xlicerror(property), *word = what;

	while (strstr(word, ": "))
		word = strstr(word, ": ") + 2;
	return fail_set(fail, ERR_CONFIG, "hours_file",
	    "%.180s:%u: \"%.40s\" cannot be read; fetch the calendar again", in->path,
	    line_of(in, "", word), word);
}

/* Which occurrence an event stands for. */
static enum err judge_place(const struct calendar_text *in, icalproperty *id, struct fail *fail)
{
	if (icalproperty_get_first_parameter(id, ICAL_RANGE_PARAMETER))
		return fail_set(fail, ERR_CONFIG, "hours_file",
		    "%.180s:%u: \"RANGE\" is not understood; it changes all days that follow",
		    in->path, line_of(in, "RECURRENCE-ID", "RANGE"));
	return judge_date(in, "RECURRENCE-ID", icalproperty_get_recurrenceid(id), fail);
}

static enum err judge_repeats(
    const struct calendar_text *in, icalcomponent *event, struct fail *fail)
{
	enum err err = ERR_NONE;

	for (icalproperty *at = icalcomponent_get_first_property(event, ICAL_ANY_PROPERTY);
	     at && !err; at = icalcomponent_get_next_property(event, ICAL_ANY_PROPERTY)) {
		struct icaldatetimeperiodtype more;

		switch (icalproperty_isa(at)) {
		case ICAL_RDATE_PROPERTY:
			more = icalproperty_get_rdate(at);
			err = judge_date(in, "RDATE",
			    icaltime_is_null_time(more.time) ? more.period.start : more.time, fail);
			break;
		case ICAL_EXDATE_PROPERTY:
			err = judge_left_out(in, icalproperty_get_exdate(at), fail);
			break;
		case ICAL_RRULE_PROPERTY:
			err = judge_rule(in, icalproperty_get_rrule(at), fail);
			break;
		case ICAL_RECURRENCEID_PROPERTY:
			err = judge_place(in, at, fail);
			break;
		case ICAL_XLICERROR_PROPERTY:
			if (!is_harmless(at))
				err = judge_unread(in, at, fail);
			break;
		default:
			break;
		}
	}
	return err;
}

static enum err judge_event(const struct calendar_text *in, icalcomponent *event, struct fail *fail)
{
	struct icaltimetype start = icalcomponent_get_dtstart(event), end;
	icalproperty *has_end = icalcomponent_get_first_property(event, ICAL_DTEND_PROPERTY);
	char word[40];
	enum err err;

	if ((err = judge_repeats(in, event, fail)) || icaltime_is_null_time(start))
		return err;
	if ((err = judge_date(in, "DTSTART", start, fail)) || !has_end)
		return err;
	end = icalproperty_get_dtend(has_end);
	if ((err = judge_date(in, "DTEND", end, fail)))
		return err;
	if (!start.is_date || !end.is_date || icaltime_compare_date_only(start, end) <= 0)
		return ERR_NONE;
	snprintf(word, sizeof(word), "%04d%02d%02d", end.year, end.month, end.day);
	return fail_set(fail, ERR_CONFIG, "hours_file",
	    "%.180s:%u: \"%s\" is before DTSTART, %04d%02d%02d; the end is the day after the last",
	    in->path, line_of(in, "DTEND", word), word, start.year, start.month, start.day);
}

static enum err judge_events(
    const char *path, const char *text, icalcomponent *calendar, struct fail *fail)
{
	struct calendar_text in = {path, text, text};
	enum err err = ERR_NONE;

	for (icalcomponent *event =
		 icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
	     event && !err;
	     event = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT)) {
		const char *begin = strstr(in.event, "BEGIN:VEVENT");

		in.event = begin ? begin + 1 : in.event;
		err = judge_event(&in, event, fail);
	}
	return err;
}

/* Of a whole day; what has a time is an occurrence of an event that closes none. */
static bool place_moved(void *context, icalproperty *id, icalcomponent *event, int64_t *out)
{
	struct icaltimetype date = icalproperty_get_recurrenceid(id);

	(void)context;
	(void)event;
	*out = civil_days(date.year, date.month, date.day) * DAY_S;
	return true;
}

/* Whole days have the instants of UTC's midnights here, whatever the zone. A calendar of which all
 * days are over is one of holidays still, and has the last that began: who has started with it
 * starts with it again. */
static void add_events(icalcomponent *calendar, int64_t now, const struct days *days)
{
	int64_t last = INT64_MIN;

	for (icalcomponent *event =
		 icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
	     event; event = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT)) {
		struct icaltimetype start = icalcomponent_get_dtstart(event);

		if (!start.is_date || !icaltime_is_valid_time(start) ||
		    icalcomponent_get_status(event) == ICAL_STATUS_CANCELLED)
			continue;
		icalcomponent_foreach_recurrence(event,
		    icaltime_from_timet_with_zone((time_t)(now - DAY_S), 0, NULL),
		    icaltime_from_timet_with_zone((time_t)(now + AHEAD_S), 0, NULL), on_occurrence,
		    (void *)days);
		if (icaltime_as_timet(start) / DAY_S > last)
			last = icaltime_as_timet(start) / DAY_S;
	}
	if (!days->dates->count && last > INT64_MIN)
		ical_days_add(days->dates, last, last);
}

/* libical reads what is left of a cut file without a word, so that its end is asked for. */
static enum err judge_end(const char *path, const char *text, struct fail *fail)
{
	static const char last[] = "END:VCALENDAR";
	size_t len = strlen(text);
	unsigned line = 1;

	while (len && strchr(" \t\r\n", text[len - 1]))
		len--;
	if (len >= sizeof(last) - 1 &&
	    strncmp(text + len - (sizeof(last) - 1), last, sizeof(last) - 1) == 0)
		return ERR_NONE;
	for (size_t i = 0; i < len; i++)
		line += text[i] == '\n';
	return fail_set(fail, ERR_CONFIG, "hours_file",
	    "%.180s:%u: the calendar ends here without END:VCALENDAR; fetch it again", path, line);
}

static bool is_damaged(icalcomponent *calendar)
{
	icalproperty *remark = icalcomponent_get_first_property(calendar, ICAL_XLICERROR_PROPERTY);

	while (remark && is_harmless(remark))
		remark = icalcomponent_get_next_property(calendar, ICAL_XLICERROR_PROPERTY);
	return remark;
}

static enum err judge_calendar(
    const char *path, const char *text, icalcomponent *calendar, struct fail *fail)
{
	bool is_calendar = calendar && icalcomponent_isa(calendar) == ICAL_VCALENDAR_COMPONENT;
	enum err err = judge_end(path, text, fail);

	if (!err && is_calendar)
		err = judge_events(path, text, calendar, fail);
	if (err)
		return err;
	if (!is_calendar || is_damaged(calendar))
		return fail_set(fail, ERR_CONFIG, "hours_file",
		    "%.180s: the calendar is damaged; fetch it again", path);
	return ERR_NONE;
}

enum err ical_days_read(struct arena *arena, const char *path, const char *text, int64_t now,
    struct date_list *out, struct fail *fail)
{
	struct date_list dates = {arena_array(arena, ICAL_DAYS_MAX + 1, sizeof(*dates.list)), 0};
	struct ical_moved_list moved;
	icalcomponent *calendar;
	enum err err;

	if (!dates.list)
		return fail_set(fail, ERR_SYSTEM, "hours_file", "no memory");
	icalerror_set_errors_are_fatal(false);
	calendar = icalparser_parse_string(text);
	err = judge_calendar(path, text, calendar, fail);
	if (!err && !ical_moved_read(calendar, arena, place_moved, NULL, &moved))
		err = fail_set(fail, ERR_SYSTEM, "hours_file", "no memory");
	if (!err)
		add_events(calendar, now, &(struct days){&dates, &moved});
	if (calendar)
		icalcomponent_free(calendar);
	icalmemory_free_ring();
	if (!err)
		*out = dates;
	return err;
}

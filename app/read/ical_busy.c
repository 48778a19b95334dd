/* SPDX-License-Identifier: MIT */
/* ical_busy.c: a calendar's file (RFC 5545) → when its owner is busy */
#include "read/ical_busy.h"
#include "core/civil.h"
#include "read/ical_moved.h"

#include <libical/ical.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define WHERE "ical"
/* Of a name or a value that is shown in a sentence. */
#define SHOWN "%.60s"

struct reading {
	const struct ical_question *question;
	icaltimezone *own; /* of times that name no zone */
	icalcomponent *calendar;
	struct ical_moved_list moved;
	struct interval *busy;
	size_t busy_count;
	size_t occurrences; /* looked at so far */
	struct fail *fail;
	enum err err;
};

static void garbled(struct reading *reading, const char *what, const char *shown)
{
	if (!reading->err)
		reading->err = fail_set(reading->fail, ERR_GARBLED, WHERE, "%s \"" SHOWN "\"", what,
		    shown ? shown : "");
}

static void too_many(struct reading *reading, const char *what, int most)
{
	if (!reading->err)
		reading->err = fail_set(reading->fail, ERR_TOO_LARGE, WHERE,
		    "the calendar has more than %d %s", most, what);
}

/* ---- Zones and times ---- */

static bool is_zone_name(const char *name)
{
	return *name && !strstr(name, "..") &&
	       !name[strspn(
		   name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-/")];
}

/* One that the machine knows. A calendar program's name may end in one: "/example.org/Europe/Rome".
 */
static icaltimezone *zone_by_name(const char *name)
{
	icaltimezone *zone = NULL;

	if (!is_zone_name(name))
		return NULL;
	if (*name != '/')
		return icaltimezone_get_builtin_timezone(name);
	while (!zone && (name = strchr(name, '/')))
		if (*++name && *name != '/')
			zone = icaltimezone_get_builtin_timezone(name);
	return zone;
}

/* The calendar's own, which says at least one offset. */
static icaltimezone *zone_of_calendar(icalcomponent *calendar, const char *name)
{
	icaltimezone *zone = icalcomponent_get_timezone(calendar, name);
	icalcomponent *described = zone ? icaltimezone_get_component(zone) : NULL;

	if (!described ||
	    !(icalcomponent_get_first_component(described, ICAL_XSTANDARD_COMPONENT) ||
		icalcomponent_get_first_component(described, ICAL_XDAYLIGHT_COMPONENT)))
		return NULL;
	return zone;
}

/* In which a property's time is meant. */
static icaltimezone *zone_of(
    struct reading *reading, icalproperty *property, struct icaltimetype time)
{
	icalparameter *parameter = icalproperty_get_first_parameter(property, ICAL_TZID_PARAMETER);
	const char *name = parameter ? icalparameter_get_tzid(parameter) : NULL;
	icaltimezone *zone;

	if (icaltime_is_utc(time))
		return icaltimezone_get_utc_timezone();
	if (!name)
		return reading->own;
	zone = zone_of_calendar(reading->calendar, name);
	if (!zone)
		zone = zone_by_name(name);
	if (!zone)
		garbled(reading, "neither the calendar nor this machine knows the zone", name);
	return zone;
}

static int64_t seconds_of(struct icaltimetype time, icaltimezone *zone)
{
	if (time.is_date)
		time.hour = time.minute = time.second = 0;
	time.is_date = 0;
	return icaltime_as_timet_with_zone(time, zone);
}

static bool is_sane(struct icaltimetype time)
{
	return time.year >= 1900 && time.year < 2500 && time.month >= 1 && time.month <= 12 &&
	       time.day >= 1 && time.day <= civil_days_in_month(time.year, time.month) &&
	       time.hour >= 0 && time.hour < 24 && time.minute >= 0 && time.minute < 60;
}

/* ---- One event ---- */

struct vevent {
	icalcomponent *component;
	const char *uid;
	struct icaltimetype start;
	icaltimezone *zone;
	int64_t start_s, length_s; /* length of what has a time of day */
	int days;		   /* of whole days; 0: it has times of day */
};

static const char *text_of(icalcomponent *component, icalproperty_kind kind)
{
	icalproperty *property = icalcomponent_get_first_property(component, kind);

	return property ? icalproperty_get_value_as_string(property) : NULL;
}

/* A value that libical could not read is not there, and stands as a remark in its place. */
static void judge_remarks(struct reading *reading, icalcomponent *component)
{
	static const char *const times[] = {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE",
	    "EXDATE", "RECURRENCE-ID", "TRANSP", "STATUS", "FREEBUSY"};
	icalproperty *remark;

	for (remark = icalcomponent_get_first_property(component, ICAL_XLICERROR_PROPERTY); remark;
	     remark = icalcomponent_get_next_property(component, ICAL_XLICERROR_PROPERTY)) {
		const char *text = icalproperty_get_xlicerror(remark);

		for (size_t i = 0; text && i < sizeof(times) / sizeof(times[0]); i++)
			if (strstr(text, times[i]))
				garbled(reading, "an event cannot be understood:", text);
	}
}

static void read_length(struct reading *reading, struct vevent *event)
{
	icalproperty *end = icalcomponent_get_first_property(event->component, ICAL_DTEND_PROPERTY),
		     *duration =
			 icalcomponent_get_first_property(event->component, ICAL_DURATION_PROPERTY);
	struct icaltimetype until;
	icaltimezone *zone;

	event->days = event->start.is_date ? 1 : 0;
	if (end) {
		until = icalproperty_get_dtend(end);
		zone = zone_of(reading, end, until);
		if (!zone)
			return;
		if (!is_sane(until) || until.is_date != event->start.is_date) {
			garbled(reading, "the end of an event is no time:",
			    icalproperty_get_value_as_string(end));
			return;
		}
		event->length_s = seconds_of(until, zone) - event->start_s;
	} else if (duration) {
		event->length_s = icaldurationtype_as_int(icalproperty_get_duration(duration));
	} else {
		event->length_s = event->days * DAY_S;
	}
	if (event->length_s < 0)
		garbled(reading, "an event ends before it begins:",
		    text_of(event->component, ICAL_DTSTART_PROPERTY));
	/* Days of 23 and 25 hours are days. */
	if (event->days && event->length_s > DAY_S)
		event->days = (int)((event->length_s + DAY_S / 2) / DAY_S);
}

static bool read_event(struct reading *reading, icalcomponent *component, struct vevent *out)
{
	icalproperty *start = icalcomponent_get_first_property(component, ICAL_DTSTART_PROPERTY);
	struct vevent event = {.component = component, .uid = icalcomponent_get_uid(component)};

	judge_remarks(reading, component);
	if (reading->err)
		return false;
	if (!event.uid)
		event.uid = "";
	if (!start) {
		garbled(reading, "an event has no start:", event.uid);
		return false;
	}
	event.start = icalproperty_get_dtstart(start);
	if (!is_sane(event.start)) {
		garbled(reading,
		    "the start of an event is no time:", icalproperty_get_value_as_string(start));
		return false;
	}
	event.zone = zone_of(reading, start, event.start);
	if (!event.zone)
		return false;
	event.start_s = seconds_of(event.start, event.zone);
	read_length(reading, &event);
	*out = event;
	return !reading->err;
}

static bool takes_time(icalcomponent *component)
{
	icalproperty *transparent =
	    icalcomponent_get_first_property(component, ICAL_TRANSP_PROPERTY);
	enum icalproperty_transp how =
	    transparent ? icalproperty_get_transp(transparent) : ICAL_TRANSP_OPAQUE;

	return icalcomponent_get_status(component) != ICAL_STATUS_CANCELLED &&
	       how != ICAL_TRANSP_TRANSPARENT && how != ICAL_TRANSP_TRANSPARENTNOCONFLICT;
}

static void add_busy(struct reading *reading, struct interval busy)
{
	if (!interval_overlaps(busy, reading->question->window))
		return;
	/* Overlapping ones are one, so that there is room again. */
	if (reading->busy_count == ICAL_BUSY_MAX)
		reading->busy_count = intervals_merge(reading->busy, reading->busy_count);
	if (reading->busy_count == ICAL_BUSY_MAX)
		too_many(reading, "busy times in the window", ICAL_BUSY_MAX);
	else
		reading->busy[reading->busy_count++] = busy;
}

/* The event, were it to begin at this time. */
static void add_occurrence(
    struct reading *reading, const struct vevent *event, struct icaltimetype start)
{
	int64_t start_s = seconds_of(start, event->zone);
	struct icaltimetype end = start;

	if (!event->days) {
		add_busy(reading, (struct interval){start_s, start_s + event->length_s});
		return;
	}
	icaltime_adjust(&end, event->days, 0, 0, 0);
	add_busy(reading, (struct interval){start_s, seconds_of(end, event->zone)});
}

/* ---- Recurrences ---- */

/* EXDATE: an instant, or a day of which every occurrence is left out. */
static bool is_excepted(
    struct reading *reading, const struct vevent *event, struct icaltimetype occurrence, int64_t at)
{
	icalcomponent *component = event->component;

	for (icalproperty *property =
		 icalcomponent_get_first_property(component, ICAL_EXDATE_PROPERTY);
	     property;
	     property = icalcomponent_get_next_property(component, ICAL_EXDATE_PROPERTY)) {
		struct icaltimetype date = icalproperty_get_exdate(property);
		icaltimezone *zone = zone_of(reading, property, date);

		if (!zone)
			return true;
		if (date.is_date ? icaltime_compare_date_only(date, occurrence) == 0
				 : seconds_of(date, zone) == at)
			return true;
	}
	return false;
}

/* An occurrence of a rule or of a list. False: it lies behind the window. */
static bool take(struct reading *reading, const struct vevent *event, struct icaltimetype start)
{
	const struct interval *window = &reading->question->window;
	int64_t about, at;

	if (++reading->occurrences > ICAL_OCCURRENCES_MAX) {
		too_many(reading, "occurrences", ICAL_OCCURRENCES_MAX);
		return false;
	}
	/* Most lie far from the window, and need no zone to tell. */
	about = civil_days(start.year, start.month, start.day) * DAY_S;
	if (about > window->end + 2 * DAY_S)
		return false;
	if (about + event->length_s + event->days * DAY_S < window->start - 2 * DAY_S)
		return true;
	at = seconds_of(start, event->zone);
	if (!ical_moved_has(&reading->moved, event->uid, at) &&
	    !is_excepted(reading, event, start, at))
		add_occurrence(reading, event, start);
	return !reading->err;
}

static bool ends_before(const struct reading *reading, struct icalrecurrencetype *rule)
{
	return !icaltime_is_null_time(rule->until) &&
	       icaltime_as_timet(rule->until) < reading->question->window.start - 2 * DAY_S;
}

static void follow_rule(struct reading *reading, const struct vevent *event, icalproperty *property)
{
	struct icalrecurrencetype rule = icalproperty_get_rrule(property);
	struct icaltimetype start = event->start, next;
	icalrecur_iterator *iterator;

	if (ends_before(reading, &rule) && event->length_s < DAY_S)
		return;
	start.zone = event->zone;
	iterator = icalrecur_iterator_new(rule, start);
	if (!iterator) {
		garbled(reading,
		    "a rule cannot be followed:", icalproperty_get_value_as_string(property));
		return;
	}
	while (!icaltime_is_null_time(next = icalrecur_iterator_next(iterator)))
		if (!take(reading, event, next))
			break;
	icalrecur_iterator_free(iterator);
}

/* RDATE: a time, or a period that has a length of its own. */
static void add_dates(struct reading *reading, const struct vevent *event)
{
	icalcomponent *component = event->component;

	for (icalproperty *property =
		 icalcomponent_get_first_property(component, ICAL_RDATE_PROPERTY);
	     property && !reading->err;
	     property = icalcomponent_get_next_property(component, ICAL_RDATE_PROPERTY)) {
		struct icaldatetimeperiodtype date = icalproperty_get_rdate(property);
		bool is_period = !icaltime_is_null_time(date.period.start);
		struct vevent once = *event;

		once.start = is_period ? date.period.start : date.time;
		once.zone = zone_of(reading, property, once.start);
		if (!once.zone)
			return;
		if (is_period)
			once.length_s = icaltime_is_null_time(date.period.end)
					    ? icaldurationtype_as_int(date.period.duration)
					    : seconds_of(date.period.end, once.zone) -
						  seconds_of(once.start, once.zone);
		if (!is_sane(once.start) || once.length_s < 0)
			garbled(reading, "a date of an event is no time:",
			    icalproperty_get_value_as_string(property));
		else
			(void)take(reading, &once, once.start);
	}
}

/* The event itself, by its start, its rules and its dates. */
static void add_recurring(struct reading *reading, const struct vevent *event)
{
	icalcomponent *component = event->component;
	icalproperty *rules[8], *rule;
	size_t count = 0;

	for (rule = icalcomponent_get_first_property(component, ICAL_RRULE_PROPERTY);
	     rule && count < 8;
	     rule = icalcomponent_get_next_property(component, ICAL_RRULE_PROPERTY))
		rules[count++] = rule;
	(void)take(reading, event, event->start);
	for (size_t i = 0; i < count && !reading->err; i++)
		follow_rule(reading, event, rules[i]);
	if (!reading->err)
		add_dates(reading, event);
}

static void add_event(struct reading *reading, icalcomponent *component)
{
	struct vevent event;

	if (!read_event(reading, component, &event) || !takes_time(component))
		return;
	if (icalcomponent_get_first_property(component, ICAL_RECURRENCEID_PROPERTY))
		add_occurrence(reading, &event, event.start);
	else
		add_recurring(reading, &event);
}

/* Published times without their events (3.6.4). */
static void add_freebusy(struct reading *reading, icalcomponent *component)
{
	judge_remarks(reading, component);
	for (icalproperty *property =
		 icalcomponent_get_first_property(component, ICAL_FREEBUSY_PROPERTY);
	     property && !reading->err;
	     property = icalcomponent_get_next_property(component, ICAL_FREEBUSY_PROPERTY)) {
		struct icalperiodtype period = icalproperty_get_freebusy(property);
		icalparameter *type =
		    icalproperty_get_first_parameter(property, ICAL_FBTYPE_PARAMETER);
		struct interval busy = {
		    seconds_of(period.start, icaltimezone_get_utc_timezone()), 0};

		if (type && icalparameter_get_fbtype(type) == ICAL_FBTYPE_FREE)
			continue;
		busy.end = icaltime_is_null_time(period.end)
			       ? busy.start + icaldurationtype_as_int(period.duration)
			       : seconds_of(period.end, icaltimezone_get_utc_timezone());
		if (!is_sane(period.start) || busy.end < busy.start)
			garbled(reading,
			    "a busy time is no time:", icalproperty_get_value_as_string(property));
		else
			add_busy(reading, busy);
	}
}

/* ---- The calendar ---- */

static bool place_moved(void *context, icalproperty *id, icalcomponent *event, int64_t *out)
{
	struct reading *reading = context;
	struct icaltimetype time = icalproperty_get_recurrenceid(id);
	icaltimezone *zone;

	if (icalproperty_get_first_parameter(id, ICAL_RANGE_PARAMETER)) {
		garbled(reading,
		    "an event changes all that follow (RANGE), which is not understood:",
		    icalcomponent_get_uid(event));
		return false;
	}
	zone = zone_of(reading, id, time);
	if (!zone)
		return false;
	if (!is_sane(time)) {
		garbled(reading,
		    "the place of an occurrence is no time:", icalproperty_get_value_as_string(id));
		return false;
	}
	*out = seconds_of(time, zone);
	return true;
}

/* The zone that the calendar's program wrote for all of it, if it is known. */
static void read_own_zone(struct reading *reading)
{
	icalproperty *property =
	    icalcomponent_get_first_property(reading->calendar, ICAL_X_PROPERTY);

	for (; property;
	     property = icalcomponent_get_next_property(reading->calendar, ICAL_X_PROPERTY)) {
		const char *name = icalproperty_get_x_name(property);
		icaltimezone *zone;

		if (!name || strcmp(name, "X-WR-TIMEZONE") != 0)
			continue;
		zone =
		    zone_by_name(icalproperty_get_x(property) ? icalproperty_get_x(property) : "");
		if (zone)
			reading->own = zone;
	}
}

static void read_calendar(struct reading *reading, icalcomponent *calendar, struct arena *arena)
{
	int events = icalcomponent_count_components(calendar, ICAL_VEVENT_COMPONENT);
	icalcomponent *component;

	reading->calendar = calendar;
	reading->own = zone_by_name(reading->question->timezone);
	if (!reading->own) {
		garbled(
		    reading, "the business's zone is not known here:", reading->question->timezone);
		return;
	}
	if (events > ICAL_EVENTS_MAX) {
		too_many(reading, "events", ICAL_EVENTS_MAX);
		return;
	}
	read_own_zone(reading);
	if (!ical_moved_read(calendar, arena, place_moved, reading, &reading->moved)) {
		if (!reading->err)
			reading->err = fail_set(reading->fail, ERR_SYSTEM, WHERE, "no memory");
		return;
	}
	for (component = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
	     component && !reading->err;
	     component = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT))
		add_event(reading, component);
	for (component = icalcomponent_get_first_component(calendar, ICAL_VFREEBUSY_COMPONENT);
	     component && !reading->err;
	     component = icalcomponent_get_next_component(calendar, ICAL_VFREEBUSY_COMPONENT))
		add_freebusy(reading, component);
}

/* libical reads what is left of a damaged file without a word, so that both ends are asked for. */
static bool is_whole(const char *text, size_t len)
{
	static const char first[] = "BEGIN:VCALENDAR", last[] = "END:VCALENDAR";

	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3, len -= 3;
	while (len && strchr(" \t\r\n", *text))
		text++, len--;
	while (len && strchr(" \t\r\n", text[len - 1]))
		len--;
	return len > sizeof(first) + sizeof(last) &&
	       strncasecmp(text, first, sizeof(first) - 1) == 0 &&
	       strncasecmp(text + len - (sizeof(last) - 1), last, sizeof(last) - 1) == 0;
}

/* One calendar, or several one after the other. */
static void read_all(struct reading *reading, icalcomponent *root, struct arena *arena)
{
	icalcomponent *calendar;

	if (icalcomponent_isa(root) == ICAL_VCALENDAR_COMPONENT) {
		read_calendar(reading, root, arena);
		return;
	}
	calendar = icalcomponent_get_first_component(root, ICAL_VCALENDAR_COMPONENT);
	if (!calendar)
		garbled(reading, "this is no calendar:", "");
	for (; calendar && !reading->err;
	     calendar = icalcomponent_get_next_component(root, ICAL_VCALENDAR_COMPONENT))
		read_calendar(reading, calendar, arena);
}

enum err ical_busy_read(struct arena *arena, char *text, size_t len,
    const struct ical_question *question, struct busy_list *out, struct fail *fail)
{
	struct reading reading = {.question = question, .fail = fail};
	icalcomponent *root;

	if (len > ICAL_BYTES_MAX)
		return fail_set(fail, ERR_TOO_LARGE, WHERE, "the calendar is larger than %d MiB",
		    ICAL_BYTES_MAX / 1024 / 1024);
	if (strlen(text) != len)
		return fail_set(fail, ERR_GARBLED, WHERE, "this is no text");
	if (!is_whole(text, len))
		return fail_set(fail, ERR_GARBLED, WHERE,
		    "this is no whole calendar: it does not go from BEGIN:VCALENDAR to "
		    "END:VCALENDAR");
	reading.busy = arena_array(arena, ICAL_BUSY_MAX + 1, sizeof(*reading.busy));
	icalerror_set_errors_are_fatal(false);
	root = reading.busy ? icalparser_parse_string(text) : NULL;
	if (!root)
		return fail_set(fail, ERR_GARBLED, WHERE, "the calendar cannot be read");
	read_all(&reading, root, arena);
	icalcomponent_free(root);
	icalmemory_free_ring();
	if (reading.err)
		return reading.err;
	*out = (struct busy_list){reading.busy, intervals_merge(reading.busy, reading.busy_count)};
	return ERR_NONE;
}

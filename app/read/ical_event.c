/* SPDX-License-Identifier: MIT */
/* ical_event.c: the events of a calendar's file (RFC 5545), their times and their zones */
#include "read/ical_event.h"
#include "core/civil.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

#define WHERE "ical"
#define ZONE_NAME_MAX 100
/* Of a name or a value that is shown in a sentence. */
#define SHOWN "%.60s"

void ical_garbled(struct ical_reading *reading, const char *what, const char *shown)
{
	if (!reading->err)
		reading->err = fail_set(reading->fail, ERR_GARBLED, WHERE, "%s \"" SHOWN "\"", what,
		    shown ? shown : "");
}

/* ---- Zones and times ---- */

static bool is_zone_name(const char *name)
{
	return *name && !strstr(name, "..") &&
	       !name[strspn(
		   name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-/")];
}

/* By the name that Windows gives it, "Eastern Standard Time", which programs there write without
 * saying what it means. */
static icaltimezone *zone_of_windows(const char *name)
{
	UChar theirs[ZONE_NAME_MAX + 1] = {0}, ours[ZONE_NAME_MAX + 1] = {0};
	char known[ZONE_NAME_MAX + 1] = "";
	UErrorCode error = U_ZERO_ERROR;

	u_strFromUTF8(theirs, ZONE_NAME_MAX, NULL, name, -1, &error);
	ucal_getTimeZoneIDForWindowsID(theirs, -1, NULL, ours, ZONE_NAME_MAX, &error);
	u_strToUTF8(known, ZONE_NAME_MAX, NULL, ours, -1, &error);
	return U_SUCCESS(error) && *known ? icaltimezone_get_builtin_timezone(known) : NULL;
}

/* What ICU makes of "GMT+0100", "GMT+1" and the like, as programs write them for a zone that is
 * nothing but its offset: "GMT+01:00", which is east of Greenwich. False: it is none of them. */
static bool read_offset(const char *name, char out[ZONE_NAME_MAX + 1])
{
	UChar theirs[ZONE_NAME_MAX + 1] = {0}, ours[ZONE_NAME_MAX + 1] = {0};
	UErrorCode error = U_ZERO_ERROR;
	UBool is_system = true;

	u_strFromUTF8(theirs, ZONE_NAME_MAX, NULL, name, -1, &error);
	ucal_getCanonicalTimeZoneID(theirs, -1, ours, ZONE_NAME_MAX, &is_system, &error);
	u_strToUTF8(out, ZONE_NAME_MAX, NULL, ours, -1, &error);
	return U_SUCCESS(error) && !is_system && strlen(out) == strlen("GMT+01:00");
}

/*
 * Each in a calendar of its own, which goes with the one that names it: libical moves the zones of
 * a calendar when it gets one more.
 */
static icaltimezone *zone_of_offset(icalcomponent *calendar, const char *name)
{
	char known[ZONE_NAME_MAX + 1] = "", text[400];
	icalcompiter made;
	icaltimezone *zone = NULL;
	icalcomponent *own;

	if (!read_offset(name, known))
		return NULL;
	made = icalcomponent_begin_component(calendar, ICAL_VCALENDAR_COMPONENT);
	while (!zone && (own = icalcompiter_deref(&made))) {
		zone = icalcomponent_get_timezone(own, known);
		icalcompiter_next(&made);
	}
	if (zone)
		return zone;
	snprintf(text, sizeof(text),
	    "BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:%s\r\nBEGIN:STANDARD\r\n"
	    "DTSTART:19700101T000000\r\nTZOFFSETFROM:+0000\r\nTZOFFSETTO:%.3s%s\r\n"
	    "END:STANDARD\r\nEND:VTIMEZONE\r\nEND:VCALENDAR\r\n",
	    known, known + 3, known + 7);
	own = icalparser_parse_string(text);
	if (!own)
		return NULL;
	icalcomponent_add_component(calendar, own);
	return icalcomponent_get_timezone(own, known);
}

/* One that the machine knows. A calendar program's name may end in one: "/example.org/Europe/Rome".
 */
static icaltimezone *zone_by_name(icalcomponent *calendar, const char *name)
{
	icaltimezone *zone = zone_of_windows(name);

	if (!zone)
		zone = zone_of_offset(calendar, name);
	if (zone || !is_zone_name(name))
		return zone;
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

icaltimezone *ical_zone_of(
    struct ical_reading *reading, icalproperty *property, struct icaltimetype time)
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
		zone = zone_by_name(reading->calendar, name);
	if (!zone)
		ical_garbled(reading, "neither the calendar nor this machine knows the zone", name);
	return zone;
}

int64_t ical_seconds(struct icaltimetype time, icaltimezone *zone)
{
	if (time.is_date)
		time.hour = time.minute = time.second = 0;
	time.is_date = 0;
	return icaltime_as_timet_with_zone(time, zone);
}

/* Of a birthday without its year some programs write one of 1604. */
bool ical_is_sane(struct icaltimetype time)
{
	return time.year >= 1601 && time.year < 2500 && time.month >= 1 && time.month <= 12 &&
	       time.day >= 1 && time.day <= civil_days_in_month(time.year, time.month) &&
	       time.hour >= 0 && time.hour < 24 && time.minute >= 0 && time.minute < 60;
}

/* ---- One event ---- */

static const char *text_of(icalcomponent *component, icalproperty_kind kind)
{
	icalproperty *property = icalcomponent_get_first_property(component, kind);

	return property ? icalproperty_get_value_as_string(property) : NULL;
}

bool ical_is_about_time(const char *remark)
{
	static const char *const times[] = {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE",
	    "EXDATE", "RECURRENCE-ID", "TRANSP", "STATUS", "FREEBUSY"};
	/* Of these an empty one is as good as none: the event takes its time. */
	static const char *const idle[] = {
	    "No value for STATUS ", "No value for TRANSP ", "No value for EXDATE "};

	for (size_t i = 0; i < sizeof(idle) / sizeof(idle[0]); i++)
		if (strncmp(remark, idle[i], strlen(idle[i])) == 0)
			return false;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (strstr(remark, times[i]))
			return true;
	return false;
}

void ical_judge_remarks(struct ical_reading *reading, icalcomponent *component)
{
	icalproperty *remark;

	for (remark = icalcomponent_get_first_property(component, ICAL_XLICERROR_PROPERTY); remark;
	     remark = icalcomponent_get_next_property(component, ICAL_XLICERROR_PROPERTY)) {
		const char *text = icalproperty_get_xlicerror(remark);

		if (text && ical_is_about_time(text))
			ical_garbled(reading, "an event cannot be understood:", text);
	}
}

static void read_length(struct ical_reading *reading, struct ical_event *event)
{
	icalproperty *end = icalcomponent_get_first_property(event->component, ICAL_DTEND_PROPERTY),
		     *duration =
			 icalcomponent_get_first_property(event->component, ICAL_DURATION_PROPERTY);
	struct icaltimetype until;

	event->days = event->start.is_date ? 1 : 0;
	if (end) {
		until = icalproperty_get_dtend(end);
		if (!ical_is_sane(until) || until.is_date != event->start.is_date)
			ical_garbled(reading, "the end of an event is no time:",
			    icalproperty_get_value_as_string(end));
		else
			event->length_s =
			    ical_seconds(until, ical_zone_of(reading, end, until)) - event->start_s;
	} else if (duration) {
		event->length_s = icaldurationtype_as_int(icalproperty_get_duration(duration));
	}
	if (event->length_s < 0)
		ical_garbled(reading, "an event ends before it begins:",
		    text_of(event->component, ICAL_DTSTART_PROPERTY));
	/* Days of 23 and 25 hours are days. */
	if (event->days && event->length_s > DAY_S)
		event->days = (int)((event->length_s + DAY_S / 2) / DAY_S);
}

bool ical_event_read(struct ical_reading *reading, icalcomponent *component, struct ical_event *out)
{
	icalproperty *start = icalcomponent_get_first_property(component, ICAL_DTSTART_PROPERTY);
	struct ical_event event = {.component = component, .uid = icalcomponent_get_uid(component)};

	ical_judge_remarks(reading, component);
	if (!event.uid)
		event.uid = "";
	if (start)
		event.start = icalproperty_get_dtstart(start);
	if (!start) {
		ical_garbled(reading, "an event has no start:", event.uid);
	} else if (!ical_is_sane(event.start)) {
		ical_garbled(reading,
		    "the start of an event is no time:", icalproperty_get_value_as_string(start));
	} else {
		event.zone = ical_zone_of(reading, start, event.start);
		event.start_s = ical_seconds(event.start, event.zone);
		read_length(reading, &event);
	}
	*out = event;
	return !reading->err;
}

/* By the event's own clock; libical compares by that of UTC. */
static bool is_same_day(struct icaltimetype a, struct icaltimetype b)
{
	return a.year == b.year && a.month == b.month && a.day == b.day;
}

/* EXDATE: an instant, or a day of which every occurrence is left out. */
bool ical_event_lacks(struct ical_reading *reading, const struct ical_event *event,
    struct icaltimetype occurrence, int64_t at)
{
	icalcomponent *component = event->component;

	for (icalproperty *property =
		 icalcomponent_get_first_property(component, ICAL_EXDATE_PROPERTY);
	     property;
	     property = icalcomponent_get_next_property(component, ICAL_EXDATE_PROPERTY)) {
		struct icaltimetype date = icalproperty_get_exdate(property);
		icaltimezone *zone = ical_zone_of(reading, property, date);

		if (date.is_date ? is_same_day(date, occurrence) : ical_seconds(date, zone) == at)
			return true;
	}
	return false;
}

bool ical_event_place(
    struct ical_reading *reading, icalproperty *id, icalcomponent *event, int64_t *out)
{
	struct icaltimetype time = icalproperty_get_recurrenceid(id);

	if (icalproperty_get_first_parameter(id, ICAL_RANGE_PARAMETER))
		ical_garbled(reading,
		    "an event changes all that follow (RANGE), which is not understood:",
		    icalcomponent_get_uid(event));
	else if (!ical_is_sane(time))
		ical_garbled(reading,
		    "the place of an occurrence is no time:", icalproperty_get_value_as_string(id));
	else
		*out = ical_seconds(time, ical_zone_of(reading, id, time));
	return !reading->err;
}

/* ---- The calendar ---- */

/* The zone that the calendar's program wrote for all of it, if it is known. */
static void read_own_zone(struct ical_reading *reading)
{
	icalproperty *property =
	    icalcomponent_get_first_property(reading->calendar, ICAL_X_PROPERTY);

	for (; property;
	     property = icalcomponent_get_next_property(reading->calendar, ICAL_X_PROPERTY)) {
		const char *name = icalproperty_get_x_name(property);
		icaltimezone *zone;

		if (!name || strcmp(name, "X-WR-TIMEZONE") != 0)
			continue;
		zone = zone_by_name(reading->calendar,
		    icalproperty_get_x(property) ? icalproperty_get_x(property) : "");
		if (zone)
			reading->own = zone;
	}
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
	return len > sizeof(first) + sizeof(last) && strncasecmp(text, first, strlen(first)) == 0 &&
	       strncasecmp(text + len - strlen(last), last, strlen(last)) == 0;
}

icalcomponent *ical_parse(const char *text, size_t len, struct fail *fail)
{
	icalcomponent *root = NULL;

	if (strlen(text) != len) {
		fail_set(fail, ERR_GARBLED, WHERE, "this is no text");
	} else if (!is_whole(text, len)) {
		fail_set(fail, ERR_GARBLED, WHERE,
		    "this is no whole calendar: it does not go from BEGIN:VCALENDAR to "
		    "END:VCALENDAR");
	} else {
		icalerror_set_errors_are_fatal(false);
		root = icalparser_parse_string(text);
		if (!root)
			fail_set(fail, ERR_GARBLED, WHERE, "the calendar cannot be read");
	}
	return root;
}

void ical_begin(struct ical_reading *reading, icalcomponent *calendar, const char *zone)
{
	reading->calendar = calendar;
	reading->own = zone_by_name(calendar, zone);
	if (!reading->own)
		ical_garbled(reading, "the business's zone is not known here:", zone);
	else
		read_own_zone(reading);
}

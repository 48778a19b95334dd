/* SPDX-License-Identifier: MIT */
/* ical_event.h: the events of a calendar's file (RFC 5545), their times and their zones */
#ifndef READ_ICAL_EVENT_H
#define READ_ICAL_EVENT_H

#include "base/err.h"

#include <libical/ical.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A calendar that is read. What is not understood sets err, once, and fills fail. */
struct ical_reading {
	icalcomponent *calendar;
	icaltimezone *own; /* of times that name no zone */
	struct fail *fail;
	enum err err;
};

/*
 * Reads a text that is NUL-terminated at len, as one component to be freed. NULL: it is no text, no
 * whole calendar, or cannot be read: ERR_GARBLED. Asks no clock; reads the machine's zone data
 * where the calendar names a zone that it does not define.
 */
icalcomponent *ical_parse(const char *text, size_t len, struct fail *fail) MUST_CHECK;
/* Begins with one of its calendars; zone: of times that name none, an IANA name. */
void ical_begin(struct ical_reading *reading, icalcomponent *calendar, const char *zone);
/* It cannot be understood: what, and the value that is shown, or NULL. */
void ical_garbled(struct ical_reading *reading, const char *what, const char *shown);

/* One component that has a start. */
struct ical_event {
	icalcomponent *component;
	const char *uid;
	struct icaltimetype start;
	icaltimezone *zone;
	int64_t start_s, length_s; /* length of what has a time of day */
	int days;		   /* of whole days; 0: it has times of day */
};

/* False: it cannot be understood. */
bool ical_event_read(
    struct ical_reading *reading, icalcomponent *component, struct ical_event *out) MUST_CHECK;
/* Whether an EXDATE leaves out the occurrence that begins then. */
bool ical_event_lacks(struct ical_reading *reading, const struct ical_event *event,
    struct icaltimetype occurrence, int64_t at);
/* Which occurrence of its event a RECURRENCE-ID means, in seconds. False: it cannot be understood.
 */
bool ical_event_place(struct ical_reading *reading, icalproperty *recurrence_id,
    icalcomponent *event, int64_t *out) MUST_CHECK;

/* A value that libical could not read is not there, and stands as a remark in its place. */
void ical_judge_remarks(struct ical_reading *reading, icalcomponent *component);
/* Whether what such a remark says is of when something takes place. */
bool ical_is_about_time(const char *remark);
/* In which zone a property's time is meant; NULL: nobody knows it, and its time is as good as any.
 */
icaltimezone *ical_zone_of(
    struct ical_reading *reading, icalproperty *property, struct icaltimetype time);
int64_t ical_seconds(struct icaltimetype time, icaltimezone *zone);
bool ical_is_sane(struct icaltimetype time);

#endif

/* SPDX-License-Identifier: MIT */
/* ical_call.c: the event of a call, as somebody left it in a calendar (RFC 5545) */
#include "read/ical_call.h"
#include "read/ical_event.h"

#include <string.h>

static bool is_exception(icalcomponent *component)
{
	return icalcomponent_get_first_property(component, ICAL_RECURRENCEID_PROPERTY);
}

/* The one that tells of the call: the exception of that occurrence, or else the event itself. NULL:
 * there is none. */
static icalcomponent *find_event(struct ical_reading *reading, int64_t start)
{
	icalcomponent *event = NULL, *at;

	for (at = icalcomponent_get_first_component(reading->calendar, ICAL_VEVENT_COMPONENT); at;
	     at = icalcomponent_get_next_component(reading->calendar, ICAL_VEVENT_COMPONENT)) {
		int64_t place;

		ical_judge_remarks(reading, at);
		if (reading->err)
			return NULL;
		if (!is_exception(at)) {
			event = event ? event : at;
			continue;
		}
		if (!ical_event_place(reading,
			icalcomponent_get_first_property(at, ICAL_RECURRENCEID_PROPERTY), at,
			&place))
			return NULL;
		if (place == start)
			return at;
	}
	return event;
}

static void judge(struct ical_reading *reading, int64_t start, struct ical_call *out)
{
	icalcomponent *component = find_event(reading, start);
	struct ical_event event;
	bool is_gone;

	if (!component || !ical_event_read(reading, component, &event))
		return;
	is_gone = icalcomponent_get_status(component) == ICAL_STATUS_CANCELLED ||
		  (!is_exception(component) && event.start_s == start &&
		      ical_event_lacks(reading, &event, event.start, start));
	if (reading->err)
		return;
	out->is_deleted = is_gone;
	if (!is_gone && !event.days)
		out->call = (struct interval){event.start_s, event.start_s + event.length_s};
}

void ical_call_read(const char *text, const char *zone, struct ical_call *call)
{
	int64_t start = call->call.start;
	struct fail fail;
	struct ical_reading reading = {.fail = &fail};
	icalcomponent *root = ical_parse(text, strlen(text), &fail);
	icalcomponent *calendar = root;

	call->call = (struct interval){0, 0};
	call->is_deleted = false;
	if (!root)
		return;
	if (icalcomponent_isa(root) != ICAL_VCALENDAR_COMPONENT)
		calendar = icalcomponent_get_first_component(root, ICAL_VCALENDAR_COMPONENT);
	if (calendar)
		ical_begin(&reading, calendar, zone);
	if (calendar && !reading.err)
		judge(&reading, start, call);
	icalcomponent_free(root);
	icalmemory_free_ring();
}

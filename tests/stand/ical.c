/* SPDX-License-Identifier: MIT */
/*
 * ical.c: an invitation as libical reads it, the second reader beside ical.js
 *
 * Reads one calendar from stdin and prints its method and its one event as a line of fields:
 * method, uid, sequence, start and end (seconds), status, summary, description, organizer,
 * attendee, the attendee's name; tabs, line breaks and backslashes in them escaped. It fails when
 * libical finds an error in the text, or when the event breaks the rules of its method (RFC 5546),
 * which icalrestriction_check() knows.
 */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX (1 << 20)

static int refuse(const char *why, icalcomponent *component)
{
	fprintf(stderr, "ical: %s\n%s\n", why,
	    component ? icalcomponent_as_ical_string(component) : "");
	return EXIT_FAILURE;
}

static void field(const char *text, char end)
{
	for (; text && *text; text++) {
		if (*text == '\n')
			fputs("\\n", stdout);
		else if (*text == '\t')
			fputs("\\t", stdout);
		else if (*text == '\\')
			fputs("\\\\", stdout);
		else
			putchar(*text);
	}
	putchar(end);
}

static void number(long long value)
{
	printf("%lld\t", value);
}

int main(void)
{
	char *text = calloc(1, MAX);
	icalcomponent *calendar, *event;
	icalproperty *attendee, *organizer, *status;
	icalparameter *name;

	if (!text || fread(text, 1, MAX - 1, stdin) == 0)
		return refuse("there is nothing to read", NULL);
	calendar = icalparser_parse_string(text);
	if (!calendar || icalcomponent_isa(calendar) != ICAL_VCALENDAR_COMPONENT)
		return refuse("it is no calendar", calendar);
	if (icalcomponent_count_errors(calendar))
		return refuse("the text has errors", calendar);
	if (!icalrestriction_check(calendar) || icalcomponent_count_errors(calendar))
		return refuse("the rules of its method are broken", calendar);
	if (icalcomponent_count_components(calendar, ICAL_VEVENT_COMPONENT) != 1)
		return refuse("there is not one event", calendar);
	event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
	attendee = icalcomponent_get_first_property(event, ICAL_ATTENDEE_PROPERTY);
	organizer = icalcomponent_get_first_property(event, ICAL_ORGANIZER_PROPERTY);
	status = icalcomponent_get_first_property(event, ICAL_STATUS_PROPERTY);
	name = attendee ? icalproperty_get_first_parameter(attendee, ICAL_CN_PARAMETER) : NULL;
	if (!attendee || !organizer || !status)
		return refuse("something is missing", calendar);

	field(icalproperty_method_to_string(icalcomponent_get_method(calendar)), '\t');
	field(icalcomponent_get_uid(event), '\t');
	number(icalcomponent_get_sequence(event));
	number((long long)icaltime_as_timet(icalcomponent_get_dtstart(event)));
	number((long long)icaltime_as_timet(icalcomponent_get_dtend(event)));
	field(icalproperty_status_to_string(icalproperty_get_status(status)), '\t');
	field(icalcomponent_get_summary(event), '\t');
	field(icalcomponent_get_description(event), '\t');
	field(icalproperty_get_organizer(organizer), '\t');
	field(icalproperty_get_attendee(attendee), '\t');
	field(name ? icalparameter_get_cn(name) : "", '\n');
	icalcomponent_free(calendar);
	free(text);
	return EXIT_SUCCESS;
}

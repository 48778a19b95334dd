/* SPDX-License-Identifier: MIT */
/* ical_busy.c: a calendar's file (RFC 5545) → when its owner is busy */
#include "read/ical_busy.h"
#include "core/civil.h"
#include "read/ical_event.h"
#include "read/ical_moved.h"

#define WHERE "ical"
/* Further than any zone, and any rounding to days, moves a time. */
#define FAR_S (2 * DAY_S)

struct reading {
	struct ical_reading file;
	const struct ical_question *question;
	struct arena *arena;
	struct ical_moved_list moved;
	struct interval *busy;
	size_t busy_count;
	size_t occurrences; /* looked at so far */
};

static void too_many(struct reading *reading, const char *what, int most)
{
	if (!reading->file.err)
		reading->file.err = fail_set(reading->file.fail, ERR_TOO_LARGE, WHERE,
		    "the calendar has more than %d %s", most, what);
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
    struct reading *reading, const struct ical_event *event, struct icaltimetype start)
{
	int64_t start_s = ical_seconds(start, event->zone);
	struct icaltimetype end = start;

	if (!event->days) {
		add_busy(reading, (struct interval){start_s, start_s + event->length_s});
		return;
	}
	icaltime_adjust(&end, event->days, 0, 0, 0);
	add_busy(reading, (struct interval){start_s, ical_seconds(end, event->zone)});
}

/* ---- Recurrences ---- */

/* An occurrence of a rule or of a list. False: it lies behind the window. */
static bool take(struct reading *reading, const struct ical_event *event, struct icaltimetype start)
{
	const struct interval *window = &reading->question->window;
	int64_t about, at;

	if (++reading->occurrences > ICAL_OCCURRENCES_MAX) {
		too_many(reading, "occurrences", ICAL_OCCURRENCES_MAX);
		return false;
	}
	/* Most lie far from the window, and need no zone to tell. */
	about = civil_days(start.year, start.month, start.day) * DAY_S;
	if (about > window->end + FAR_S)
		return false;
	if (about + event->length_s < window->start - FAR_S)
		return true;
	at = ical_seconds(start, event->zone);
	if (!ical_moved_has(&reading->moved, event->uid, at) &&
	    !ical_event_lacks(&reading->file, event, start, at))
		add_occurrence(reading, event, start);
	return !reading->file.err;
}

static bool ends_before(const struct reading *reading, const struct icalrecurrencetype *rule)
{
	return !icaltime_is_null_time(rule->until) &&
	       icaltime_as_timet(rule->until) < reading->question->window.start - FAR_S;
}

/* A day alone is the last one that has occurrences (RFC 2445, 4.3.10), as programs go on writing it
 * for what has a time of day. */
static struct icalrecurrencetype rule_of(const struct ical_event *event, icalproperty *property)
{
	struct icalrecurrencetype rule = icalproperty_get_rrule(property);

	if (rule.until.is_date && !event->start.is_date) {
		rule.until.is_date = 0;
		rule.until.hour = 23;
		rule.until.minute = rule.until.second = 59;
		rule.until.zone = event->zone;
	}
	return rule;
}

static void follow_rule(
    struct reading *reading, const struct ical_event *event, icalproperty *property)
{
	struct icalrecurrencetype rule = rule_of(event, property);
	struct icaltimetype start = event->start, next;
	icalrecur_iterator *iterator;

	if (ends_before(reading, &rule) && event->length_s < DAY_S)
		return;
	start.zone = event->zone;
	iterator = icalrecur_iterator_new(rule, start);
	if (!iterator) {
		ical_garbled(&reading->file,
		    "a rule cannot be followed:", icalproperty_get_value_as_string(property));
		return;
	}
	while (!icaltime_is_null_time(next = icalrecur_iterator_next(iterator)))
		if (!take(reading, event, next))
			break;
	icalrecur_iterator_free(iterator);
}

/* RDATE: a time, or a period that has a length of its own. */
static void add_date(
    struct reading *reading, const struct ical_event *event, icalproperty *property)
{
	struct icaldatetimeperiodtype date = icalproperty_get_rdate(property);
	bool is_period = !icaltime_is_null_time(date.period.start);
	struct ical_event once = *event;

	once.start = is_period ? date.period.start : date.time;
	once.zone = ical_zone_of(&reading->file, property, once.start);
	if (is_period)
		once.length_s = icaltime_is_null_time(date.period.end)
				    ? icaldurationtype_as_int(date.period.duration)
				    : ical_seconds(date.period.end, once.zone) -
					  ical_seconds(once.start, once.zone);
	if (!ical_is_sane(once.start) || once.length_s < 0)
		ical_garbled(&reading->file,
		    "a date of an event is no time:", icalproperty_get_value_as_string(property));
	else
		(void)take(reading, &once, once.start);
}

/* Each property of a kind. A component has one place in its properties: whoever looks for another
 * kind meanwhile ends the walk, so that they are listed first. */
static void each_property(struct reading *reading, const struct ical_event *event,
    icalproperty_kind kind,
    void (*add)(struct reading *, const struct ical_event *, icalproperty *))
{
	icalcomponent *component = event->component;
	size_t count = (size_t)icalcomponent_count_properties(component, kind);
	icalproperty **list;

	if (!count || reading->file.err)
		return;
	list = arena_array(reading->arena, count, sizeof(*list));
	if (!list) {
		reading->file.err = fail_set(reading->file.fail, ERR_SYSTEM, WHERE, "no memory");
		return;
	}
	for (size_t i = 0; i < count; i++)
		list[i] = i ? icalcomponent_get_next_property(component, kind)
			    : icalcomponent_get_first_property(component, kind);
	for (size_t i = 0; i < count && !reading->file.err; i++)
		add(reading, event, list[i]);
}

/* The event itself, by its start, its rules and its dates. */
static void add_recurring(struct reading *reading, const struct ical_event *event)
{
	(void)take(reading, event, event->start);
	each_property(reading, event, ICAL_RRULE_PROPERTY, follow_rule);
	each_property(reading, event, ICAL_RDATE_PROPERTY, add_date);
}

/* An event that does not recur and was over long ago: what is wrong with it, a zone that nobody
 * knows any more or an end before its start, is of no matter to anybody, and stops no calendar. */
static bool is_long_over(const struct reading *reading, icalcomponent *component)
{
	icalproperty *start = icalcomponent_get_first_property(component, ICAL_DTSTART_PROPERTY),
		     *end = icalcomponent_get_first_property(component, ICAL_DTEND_PROPERTY);
	const int64_t long_ago = reading->question->window.start - FAR_S;
	struct icaltimetype from, until;

	if (!start || !end || icalcomponent_get_first_property(component, ICAL_RRULE_PROPERTY) ||
	    icalcomponent_get_first_property(component, ICAL_RDATE_PROPERTY) ||
	    icalcomponent_get_first_property(component, ICAL_XLICERROR_PROPERTY))
		return false;
	from = icalproperty_get_dtstart(start);
	until = icalproperty_get_dtend(end);
	return ical_is_sane(from) && ical_is_sane(until) &&
	       civil_days(from.year, from.month, from.day) * DAY_S < long_ago &&
	       civil_days(until.year, until.month, until.day) * DAY_S < long_ago;
}

static void add_event(struct reading *reading, icalcomponent *component)
{
	struct ical_event event;

	if (is_long_over(reading, component) ||
	    !ical_event_read(&reading->file, component, &event) || !takes_time(component))
		return;
	if (icalcomponent_get_first_property(component, ICAL_RECURRENCEID_PROPERTY))
		add_occurrence(reading, &event, event.start);
	else
		add_recurring(reading, &event);
}

/* Published times without their events (3.6.4). */
static void add_freebusy(struct reading *reading, icalcomponent *component)
{
	ical_judge_remarks(&reading->file, component);
	for (icalproperty *property =
		 icalcomponent_get_first_property(component, ICAL_FREEBUSY_PROPERTY);
	     property && !reading->file.err;
	     property = icalcomponent_get_next_property(component, ICAL_FREEBUSY_PROPERTY)) {
		struct icalperiodtype period = icalproperty_get_freebusy(property);
		icalparameter *type =
		    icalproperty_get_first_parameter(property, ICAL_FBTYPE_PARAMETER);
		struct interval busy = {
		    ical_seconds(period.start, icaltimezone_get_utc_timezone()), 0};

		if (type && icalparameter_get_fbtype(type) == ICAL_FBTYPE_FREE)
			continue;
		busy.end = icaltime_is_null_time(period.end)
			       ? busy.start + icaldurationtype_as_int(period.duration)
			       : ical_seconds(period.end, icaltimezone_get_utc_timezone());
		if (!ical_is_sane(period.start) || busy.end < busy.start)
			ical_garbled(&reading->file,
			    "a busy time is no time:", icalproperty_get_value_as_string(property));
		else
			add_busy(reading, busy);
	}
}

/* ---- The calendar ---- */

static bool place_moved(void *context, icalproperty *id, icalcomponent *event, int64_t *out)
{
	struct reading *reading = context;

	return ical_event_place(&reading->file, id, event, out);
}

static void read_calendar(struct reading *reading, icalcomponent *calendar, struct arena *arena)
{
	int events = icalcomponent_count_components(calendar, ICAL_VEVENT_COMPONENT);
	icalcomponent *component;

	ical_begin(&reading->file, calendar, reading->question->timezone);
	if (reading->file.err)
		return;
	if (events > ICAL_EVENTS_MAX) {
		too_many(reading, "events", ICAL_EVENTS_MAX);
		return;
	}
	if (!ical_moved_read(calendar, arena, place_moved, reading, &reading->moved)) {
		if (!reading->file.err)
			reading->file.err =
			    fail_set(reading->file.fail, ERR_SYSTEM, WHERE, "no memory");
		return;
	}
	for (component = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
	     component && !reading->file.err;
	     component = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT))
		add_event(reading, component);
	for (component = icalcomponent_get_first_component(calendar, ICAL_VFREEBUSY_COMPONENT);
	     component && !reading->file.err;
	     component = icalcomponent_get_next_component(calendar, ICAL_VFREEBUSY_COMPONENT))
		add_freebusy(reading, component);
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
		ical_garbled(&reading->file, "this is no calendar:", "");
	for (; calendar && !reading->file.err;
	     calendar = icalcomponent_get_next_component(root, ICAL_VCALENDAR_COMPONENT))
		read_calendar(reading, calendar, arena);
}

enum err ical_busy_read(struct arena *arena, char *text, size_t len,
    const struct ical_question *question, struct busy_list *out, struct fail *fail)
{
	struct reading reading = {.file.fail = fail, .question = question, .arena = arena};
	icalcomponent *root;

	if (len > ICAL_BYTES_MAX)
		return fail_set(fail, ERR_TOO_LARGE, WHERE, "the calendar is larger than %d MiB",
		    ICAL_BYTES_MAX / 1024 / 1024);
	reading.busy = arena_array(arena, ICAL_BUSY_MAX, sizeof(*reading.busy));
	if (!reading.busy)
		return fail_set(fail, ERR_SYSTEM, WHERE, "no memory");
	root = ical_parse(text, len, fail);
	if (!root)
		return fail->code;
	read_all(&reading, root, arena);
	icalcomponent_free(root);
	icalmemory_free_ring();
	if (reading.file.err)
		return reading.file.err;
	*out = (struct busy_list){reading.busy, intervals_merge(reading.busy, reading.busy_count)};
	return ERR_NONE;
}

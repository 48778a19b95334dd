/* SPDX-License-Identifier: MIT */
/* calendar.c: free/busy and events of Google Calendar (API v3) */
#include "net/calendar.h"
#include "base/num.h"
#include "base/text.h"
#include "core/civil.h"
#include "net/json.h"
#include "net/meet.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* Of one listing, 250 events each. */
#define PAGES_MAX 40

void calendar_busy_start(struct google *google, struct arena *arena,
    const struct busy_question *question, http_done *done, void *context)
{
	struct json_object *body = json_object_new_object(), *items = json_object_new_array();
	char instant[INSTANT_TEXT];
	struct google_request request = {.method = "POST",
	    .path = "/freeBusy",
	    .service = SERVICE_GOOGLE_FREEBUSY,
	    .deadline = question->deadline};

	json_add_text(body, "timeMin", instant_format_rfc3339(question->window.start, instant));
	json_add_text(body, "timeMax", instant_format_rfc3339(question->window.end, instant));
	for (size_t i = 0; i < question->count; i++) {
		struct json_object *item = json_object_new_object();

		json_add_text(item, "id", question->ids[i]);
		json_object_array_add(items, item);
	}
	json_object_object_add(body, "items", items);
	request.body = json_write(arena, body);
	google_start(google, arena, &request, done, context);
}

static bool is_asked(const struct busy_question *question, const char *id)
{
	for (size_t i = 0; i < question->count; i++)
		if (strcmp(question->ids[i], id) == 0)
			return true;
	return false;
}

/* "primary" is an alias: the answer may name the calendar itself. So the one that bears a name
 * nobody asked for is the one that is missing, when that is clear. */
static struct json_object *find_calendar(
    struct json_object *calendars, const struct busy_question *question, size_t place)
{
	struct json_object *found = json_member(calendars, question->ids[place]);
	size_t missing = 0, others = 0;

	if (found || !json_object_is_type(calendars, json_type_object))
		return found;
	for (size_t i = 0; i < question->count; i++)
		missing += json_member(calendars, question->ids[i]) == NULL;
	json_object_object_foreach(calendars, key, other)
	{
		if (is_asked(question, key))
			continue;
		found = other;
		others++;
	}
	return missing == 1 && others == 1 ? found : NULL;
}

static enum err parse_list(
    struct arena *arena, struct json_object *busy, struct busy_list *out, struct fail *fail)
{
	size_t count = json_object_array_length(busy);
	struct interval *list = arena_array(arena, count + 1, sizeof(*list));

	if (!list)
		return fail_set(
		    fail, ERR_GARBLED, "calendar", "the free/busy answer does not fit in memory");
	for (size_t i = 0; i < count; i++) {
		struct json_object *item = json_object_array_get_idx(busy, i);
		const char *start = json_text(item, "start"), *end = json_text(item, "end");

		if (!start || !end || !instant_parse_rfc3339(start, &list[i].start) ||
		    !instant_parse_rfc3339(end, &list[i].end) || list[i].end < list[i].start)
			return fail_set(
			    fail, ERR_GARBLED, "calendar", "a busy interval cannot be understood");
	}
	out->list = list;
	out->count = intervals_merge(list, count);
	return ERR_NONE;
}

enum err calendar_parse_busy(struct arena *arena, const struct http_reply *reply,
    const struct busy_question *question, size_t place, struct busy_list *out, struct fail *fail)
{
	struct json_object *document, *found, *errors, *busy;
	const char *reason;
	enum err err;

	if ((err = google_judge(reply, fail)))
		return err;
	document = json_read(reply->body, reply->body_len);
	found = find_calendar(json_member(document, "calendars"), question, place);
	errors = json_member(found, "errors");
	busy = json_member(found, "busy");
	if (errors &&
	    (!json_object_is_type(errors, json_type_array) || json_object_array_length(errors))) {
		reason = json_object_is_type(errors, json_type_array)
			     ? json_text(json_object_array_get_idx(errors, 0), "reason")
			     : NULL;
		err = fail_set(fail,
		    reason && strcmp(reason, "notFound") == 0 ? ERR_REFUSED : ERR_BUSY, "calendar",
		    "the calendar was not checked (%.60s)", reason ? reason : "no reason given");
	} else if (!json_object_is_type(busy, json_type_array)) {
		err = fail_set(
		    fail, ERR_GARBLED, "calendar", "the free/busy answer cannot be understood");
	} else {
		err = parse_list(arena, busy, out, fail);
	}
	json_object_put(document);
	return err;
}

enum err calendar_busy(struct google *google, struct arena *arena,
    const struct busy_question *question, struct busy_list *out, struct fail *fail)
{
	struct http_reply reply;

	calendar_busy_start(google, arena, question, http_keep, &reply);
	http_run(google_http(google));
	return calendar_parse_busy(arena, &reply, question, 0, out, fail);
}

char *calendar_event_id(const struct uuid *booking, uint64_t version, char out[EVENT_ID])
{
	sodium_bin2hex(out, EVENT_ID, booking->bytes, sizeof(booking->bytes));
	snprintf(out + 32, EVENT_ID - 32, "v%" PRIu64, version);
	return out;
}

bool calendar_event_version(const struct uuid *booking, const char *id, uint64_t *version)
{
	char stem[EVENT_ID];
	size_t len = strlen(calendar_event_id(booking, 0, stem)) - 1;

	return strncmp(id, stem, len) == 0 && num_u64(id + len, 0, UINT64_MAX, version);
}

static char *events_path(struct google *google, struct arena *arena, const char *rest)
{
	struct text path = text_new(arena, 4096 + 1024);

	text_str(&path, "/calendars/");
	text_url(&path, google_calendar(google));
	text_str(&path, "/events");
	text_str(&path, rest);
	return path.data;
}

static struct json_object *moment(int64_t utc, const char *timezone)
{
	struct json_object *object = json_object_new_object();
	char instant[INSTANT_TEXT];

	json_add_text(object, "dateTime", instant_format_rfc3339(utc, instant));
	json_add_text(object, "timeZone", timezone);
	return object;
}

static const char *event_body(struct arena *arena, const struct event *event, const char *id)
{
	struct json_object *body = json_object_new_object(), *source = json_object_new_object();
	struct json_object *extended = json_object_new_object(), *marks = json_object_new_object();
	char booking[UUID_TEXT];

	json_add_text(body, "id", id);
	json_add_text(body, "status", "confirmed");
	json_add_text(body, "summary", event->summary);
	json_add_text(body, "description", event->description);
	json_object_object_add(body, "start", moment(event->call.start, event->timezone));
	json_object_object_add(body, "end", moment(event->call.end, event->timezone));
	json_add_text(source, "title", event->summary);
	json_add_text(source, "url", event->link);
	json_object_object_add(body, "source", source);
	json_add_text(marks, "slotguard", uuid_format(&event->booking, booking));
	json_object_object_add(extended, "private", marks);
	json_object_object_add(body, "extendedProperties", extended);
	if (event->has_meet)
		meet_put(body, id, event->video);
	else if (event->video && *event->video)
		json_add_text(body, "location", event->video);
	return json_write(arena, body);
}

void calendar_insert_start(struct google *google, struct arena *arena, const struct event *event,
    int64_t deadline, http_done *done, void *context)
{
	char id[EVENT_ID];
	struct google_request request = {
	    .method = "POST",
	    .path = events_path(google, arena,
		arena_printf(arena, "?sendUpdates=none%s", event->has_meet ? MEET_QUERY : "")),
	    .body =
		event_body(arena, event, calendar_event_id(&event->booking, event->version, id)),
	    .service = SERVICE_GOOGLE_EVENT,
	    .deadline = deadline,
	};

	google_start(google, arena, &request, done, context);
}

static bool is_text(const char *text, const char *wanted)
{
	return text && strcmp(text, wanted) == 0;
}

const char *calendar_occurrence_id(struct arena *arena, const char *series, int64_t start)
{
	const struct civil civil = civil_from_seconds(start);

	return arena_printf(arena, "%s_%04d%02d%02dT%02d%02d%02dZ", series, civil.year, civil.month,
	    civil.day, civil.hour, civil.minute, civil.second);
}

void calendar_get_start(struct google *google, struct arena *arena, const char *id,
    int64_t deadline, http_done *done, void *context)
{
	const struct google_request request = {
	    .method = "GET",
	    .path = events_path(google, arena,
		arena_printf(arena,
		    "/%s?fields=id,etag,status,start,end,updated,recurrence,"
		    "recurringEventId,originalStartTime,hangoutLink,conferenceData",
		    id)),
	    .service = SERVICE_GOOGLE_EVENT,
	    .deadline = deadline,
	};

	google_start(google, arena, &request, done, context);
}

enum err calendar_about(struct google *google, struct arena *arena, int64_t deadline,
    struct calendar_about *out, struct fail *fail)
{
	const struct google_request request = {
	    .method = "GET",
	    .path = events_path(google, arena, "?maxResults=1&fields=summary,accessRole"),
	    .service = SERVICE_GOOGLE_EVENT,
	    .deadline = deadline,
	};
	struct json_object *document;
	struct http_reply reply;
	const char *title, *role;
	enum err err;

	google_start(google, arena, &request, http_keep, &reply);
	http_run(google_http(google));
	if ((err = google_judge(&reply, fail)))
		return err;
	document = json_read(reply.body, reply.body_len);
	title = json_text(document, "summary");
	role = json_text(document, "accessRole");
	if (role)
		*out = (struct calendar_about){.title = arena_str(arena, title ? title : ""),
		    .is_writable = is_text(role, "owner") || is_text(role, "writer")};
	else
		err = fail_set(
		    fail, ERR_GARBLED, "calendar", "the calendar's role cannot be understood");
	json_object_put(document);
	return err;
}

void calendar_ask_meet_start(struct google *google, struct arena *arena, const char *id,
    int64_t deadline, http_done *done, void *context)
{
	struct json_object *body = json_new();
	struct google_request request = {
	    .method = "PATCH",
	    .path = events_path(
		google, arena, arena_printf(arena, "/%s?sendUpdates=none" MEET_QUERY, id)),
	    .service = SERVICE_GOOGLE_EVENT,
	    .deadline = deadline,
	};

	meet_put(body, id, NULL);
	request.body = json_write(arena, body);
	google_start(google, arena, &request, done, context);
}

void calendar_restore_start(struct google *google, struct arena *arena, const struct event *event,
    int64_t deadline, http_done *done, void *context)
{
	char id[EVENT_ID];
	struct google_request request = {
	    .method = "PUT",
	    .path = events_path(google, arena,
		arena_printf(arena, "/%s?sendUpdates=none%s",
		    calendar_event_id(&event->booking, event->version, id),
		    event->has_meet ? MEET_QUERY : "")),
	    .body = event_body(arena, event, id),
	    .if_match = event->etag,
	    .service = SERVICE_GOOGLE_EVENT,
	    .deadline = deadline,
	};

	google_start(google, arena, &request, done, context);
}

enum err calendar_judge_insert(const struct http_reply *reply, struct fail *fail)
{
	enum err err = google_judge(reply, fail);

	return err == ERR_REFUSED && reply->status == 409 ? ERR_NONE : err;
}

void calendar_delete_start(struct google *google, struct arena *arena,
    const struct event_ref *event, int64_t deadline, http_done *done, void *context)
{
	struct google_request request = {
	    .method = "DELETE",
	    .path =
		events_path(google, arena, arena_printf(arena, "/%s?sendUpdates=none", event->id)),
	    .if_match = event->etag,
	    .service = SERVICE_GOOGLE_EVENT,
	    .deadline = deadline,
	};

	google_start(google, arena, &request, done, context);
}

/* An invitation that the calendar's owner declined takes no time. */
static bool is_declined(struct json_object *event)
{
	struct json_object *attendees = json_member(event, "attendees");
	size_t count = json_object_is_type(attendees, json_type_array)
			   ? json_object_array_length(attendees)
			   : 0;

	for (size_t i = 0; i < count; i++) {
		struct json_object *attendee = json_object_array_get_idx(attendees, i);

		if (json_object_get_boolean(json_member(attendee, "self")) &&
		    is_text(json_text(attendee, "responseStatus"), "declined"))
			return true;
	}
	return false;
}

enum err calendar_parse_list(
    struct arena *arena, const struct http_reply *reply, struct event_list *out, struct fail *fail)
{
	struct json_object *document, *items;
	struct event_list events = {0};
	const char *next;
	enum err err;
	size_t count;

	if ((err = google_judge(reply, fail)))
		return err;
	document = json_read(reply->body, reply->body_len);
	items = json_member(document, "items");
	if (!json_object_is_type(items, json_type_array)) {
		json_object_put(document);
		return fail_set(
		    fail, ERR_GARBLED, "calendar", "the list of events cannot be understood");
	}
	next = json_text(document, "nextPageToken");
	events.next_page = next ? arena_str(arena, next) : NULL;
	count = json_object_array_length(items);
	events.list = arena_array(arena, count + 1, sizeof(*events.list));
	for (size_t i = 0; events.list && i < count; i++) {
		struct json_object *item = json_object_array_get_idx(items, i);
		struct json_object *marks =
		    json_member(json_member(item, "extendedProperties"), "private");
		const char *id = json_text(item, "id"), *booking = json_text(marks, "slotguard");

		if (!id)
			continue;
		events.list[events.count++] = (struct listed_event){
		    .id = arena_str(arena, id),
		    .booking = booking ? arena_str(arena, booking) : NULL,
		    .is_busy = !is_text(json_text(item, "status"), "cancelled") &&
			       !is_text(json_text(item, "transparency"), "transparent") &&
			       !is_declined(item),
		};
	}
	json_object_put(document);
	if (arena_overflowed(arena))
		return fail_set(
		    fail, ERR_GARBLED, "calendar", "the list of events does not fit in memory");
	*out = events;
	return ERR_NONE;
}

/* Adds the page that comes after what is there; query begins with "?". */
static enum err list_page(struct google *google, struct arena *arena, const char *query,
    int64_t deadline, struct event_list *events, struct fail *fail)
{
	struct text rest = text_new(arena, 4096);
	struct google_request request = {
	    .method = "GET", .service = SERVICE_GOOGLE_EVENT, .deadline = deadline};
	struct listed_event *both;
	struct http_reply reply;
	struct event_list page;
	enum err err;

	text_str(&rest, query);
	if (events->next_page) {
		text_str(&rest, "&pageToken=");
		text_url(&rest, events->next_page);
	}
	request.path = events_path(google, arena, rest.data);
	google_start(google, arena, &request, http_keep, &reply);
	http_run(google_http(google));
	if ((err = calendar_parse_list(arena, &reply, &page, fail)))
		return err;
	both = arena_array(arena, events->count + page.count + 1, sizeof(*both));
	if (!both)
		return fail_set(fail, ERR_SYSTEM, "calendar", "no memory");
	if (events->count)
		memcpy(both, events->list, events->count * sizeof(*both));
	memcpy(both + events->count, page.list, page.count * sizeof(*both));
	*events = (struct event_list){both, events->count + page.count, page.next_page};
	return ERR_NONE;
}

static enum err list(struct google *google, struct arena *arena, const char *query,
    int64_t deadline, struct event_list *out, struct fail *fail)
{
	struct event_list events = {0};
	enum err err;

	for (int pages = 0; pages < PAGES_MAX; pages++) {
		if ((err = list_page(google, arena, query, deadline, &events, fail)))
			return err;
		if (!events.next_page) {
			*out = events;
			return ERR_NONE;
		}
	}
	return fail_set(fail, ERR_GARBLED, "calendar", "the list of events does not end");
}

enum err calendar_list_own(struct google *google, struct arena *arena, const struct uuid *booking,
    int64_t deadline, struct event_list *out, struct fail *fail)
{
	char id[UUID_TEXT];

	return list(google, arena,
	    arena_printf(arena, "?maxResults=250&privateExtendedProperty=slotguard%%3D%s",
		uuid_format(booking, id)),
	    deadline, out, fail);
}

enum err calendar_list_within(struct google *google, struct arena *arena, struct interval within,
    int64_t deadline, struct event_list *out, struct fail *fail)
{
	char start[INSTANT_TEXT], end[INSTANT_TEXT];

	return list(google, arena,
	    arena_printf(arena, "?maxResults=250&singleEvents=true&timeMin=%s&timeMax=%s",
		instant_format_rfc3339(within.start, start),
		instant_format_rfc3339(within.end, end)),
	    deadline, out, fail);
}

enum err calendar_judge_written(const struct http_reply *reply, const char *id, struct fail *fail)
{
	enum err err = calendar_judge_insert(reply, fail);
	struct json_object *object;

	if (err || reply->status == 409)
		return err;
	object = json_read(reply->body, reply->body_len);
	if (!is_text(json_text(object, "id"), id))
		err = fail_set(
		    fail, ERR_UNSURE, "calendar", "status %d without the event", reply->status);
	json_object_put(object);
	return err;
}

enum err calendar_judge_delete(const struct http_reply *reply, struct fail *fail)
{
	enum err err = google_judge(reply, fail);

	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

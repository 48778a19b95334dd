/* SPDX-License-Identifier: MIT */
/* caldav.c: a calendar on a CalDAV server (RFC 4791) */
#include "net/caldav.h"
#include "base/clock.h"
#include "base/text.h"
#include "core/civil.h"
#include "core/ics.h"
#include "net/redirect.h"
#include "net/resources.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHERE "caldav"
/* Of a whole calendar's addresses. */
#define LIST_MAX (16 * 1024 * 1024)
#define EVENT_MAX (256 * 1024)
#define LOOKUP_MAX (1024 * 1024)
#define HEX_LEN 32
#define SUFFIX ".ics"

/* What the address is, and what may be done there. */
static const char kind_query[] =
    "<D:propfind xmlns:D=\"DAV:\"><D:prop><D:resourcetype/><D:current-user-privilege-set/>"
    "</D:prop></D:propfind>";
/* What there is: names are all that is wanted, and something has to be asked. */
static const char list_query[] =
    "<D:propfind xmlns:D=\"DAV:\"><D:prop><D:resourcetype/></D:prop></D:propfind>";

struct caldav {
	const struct conf_calendar *calendar;
	struct http *http;
	char *login; /* base64 of "name:password", guarded */
	bool is_calendar, is_read_only;
};

struct caldav_request {
	const char *method;
	const char *id; /* of an event; NULL: the calendar itself */
	const char *headers[2];
	const char *body; /* or NULL */
	size_t reply_max;
	int64_t deadline;
	enum service service;
};

struct call {
	struct caldav *caldav;
	struct arena *arena;
	struct caldav_request request;
	http_done *done;
	void *context;
};

/* RFC 7617; NULL: no memory. */
static char *make_login(const char *name, const char *password)
{
	size_t len = strlen(name) + 1 + strlen(password);
	size_t room = sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);
	char *plain = sodium_malloc(len + 1), *login = sodium_malloc(room);

	if (plain && login) {
		snprintf(plain, len + 1, "%s:%s", name, password);
		sodium_bin2base64(
		    login, room, (const unsigned char *)plain, len, sodium_base64_VARIANT_ORIGINAL);
	} else {
		sodium_free(login);
		login = NULL;
	}
	sodium_free(plain);
	return login;
}

struct caldav *caldav_new(const struct conf_calendar *calendar, struct http *http)
{
	struct caldav *caldav = calloc(1, sizeof(*caldav));

	if (!caldav)
		return NULL;
	*caldav = (struct caldav){.calendar = calendar,
	    .http = http,
	    .login = make_login(calendar->user->text, calendar->password->text)};
	if (caldav->login)
		return caldav;
	free(caldav);
	return NULL;
}

void caldav_free(struct caldav *caldav)
{
	if (!caldav)
		return;
	sodium_free(caldav->login);
	free(caldav);
}

bool caldav_is_read_only(const struct caldav *caldav)
{
	return caldav->is_read_only;
}

struct http *caldav_http(const struct caldav *caldav)
{
	return caldav->http;
}

/* ---- What comes back ---- */

/* Sometimes to a page that asks to wait, or to log in: it passes. */
static enum err refuse_redirect(const char *location, struct fail *fail)
{
	char origin[ORIGIN_TEXT];

	if (!location)
		location = "nowhere";
	else if (redirect_origin(location, false, origin))
		location = origin;
	return fail_set(fail, ERR_BUSY, WHERE,
	    "the address leads on to %s, where the password is not sent: if that is right, write "
	    "the calendar's address there",
	    location);
}

static enum err judge_status(const struct http_reply *reply, struct fail *fail)
{
	if (redirect_is(reply->status))
		return refuse_redirect(reply->kept[0], fail);
	switch (reply->status) {
	case 401:
		return fail_set(fail, ERR_AUTH, WHERE,
		    "the calendar's server does not accept the name and the password (401)");
	case 403:
		return fail_set(fail, ERR_AUTH, WHERE,
		    "the calendar's server does not let this user do that (403)");
	case 404:
	case 410:
		return fail_set(fail, ERR_NOT_FOUND, WHERE,
		    "there is no calendar at the address (%d)", reply->status);
	default:
		return fail_set(fail,
		    reply->status == 429 || reply->status >= 500 ? ERR_BUSY : ERR_REFUSED, WHERE,
		    "the calendar's server answered %d", reply->status);
	}
}

enum err caldav_judge(const struct http_reply *reply, struct fail *fail)
{
	if (!reply->err && reply->status >= 200 && reply->status < 300)
		return ERR_NONE;
	if (!reply->err)
		return judge_status(reply, fail);
	/* The transfer's, unless it is of the answer that no calendar is there. */
	if (reply->err == ERR_GARBLED && strcmp(reply->fail.where, WHERE) != 0)
		return fail_set(fail, ERR_TOO_LARGE, WHERE,
		    "the calendar's server sends more than is read, which is %d MiB of events",
		    CALDAV_BYTES_MAX / 1024 / 1024);
	return fail_set(fail, reply->err, WHERE, "%s", reply->fail.detail);
}

static enum err read_list(struct arena *arena, const struct http_reply *reply,
    struct dav_resource **out, struct fail *fail)
{
	enum err err = caldav_judge(reply, fail);

	return err ? err : resources_read(arena, reply->body, reply->body_len, out, fail);
}

/* The same of events: where the question is refused, or there is no calendar, nothing is known of
 * them. What stands before a server may say so while that begins anew. */
static enum err read_events(struct arena *arena, const struct http_reply *reply,
    struct dav_resource **out, struct fail *fail)
{
	enum err err = read_list(arena, reply, out, fail);

	return err == ERR_NOT_FOUND || err == ERR_REFUSED ? (fail->code = ERR_BUSY) : err;
}

/* ---- One request, after it is known that there is a calendar ---- */

static void send_request(
    struct call *call, const struct caldav_request *wish, http_done *done, void *context)
{
	const struct caldav *caldav = call->caldav;
	const char *url = caldav->calendar->url;
	bool has_slash = url[strlen(url) - 1] == '/';
	struct http_request request = {.method = wish->method,
	    .url = arena_printf(call->arena, "%s%s%s%s", url, has_slash ? "" : "/",
		wish->id ? wish->id : "", wish->id ? SUFFIX : ""),
	    .headers = {wish->headers[0], wish->headers[0] ? wish->headers[1] : NULL},
	    .secret = {"Authorization: Basic ", caldav->login},
	    .keep = {"Location"},
	    .body = wish->body,
	    .body_len = wish->body ? strlen(wish->body) : 0,
	    .reply_max = wish->reply_max,
	    .deadline = wish->deadline,
	    .yields_to_stop = true,
	    .service = wish->service};

	http_start(caldav->http, call->arena, &request, done, context);
}

static void on_kind(void *context, const struct http_reply *reply)
{
	struct call *call = context;
	struct http_reply failed = *reply;
	struct dav_resource *found;

	failed.err = read_list(call->arena, reply, &found, &failed.fail);
	if (!failed.err && (!found || !found->is_calendar))
		failed.err = fail_set(&failed.fail, ERR_REFUSED, WHERE,
		    "there is no calendar at the address: it ends with the calendar's own name");
	/* An address that is wrong is no fault of the event that waits to be written. */
	if (failed.err == ERR_NOT_FOUND || failed.err == ERR_REFUSED)
		failed.err = ERR_BUSY;
	if (failed.err) {
		call->done(call->context, &failed);
		return;
	}
	call->caldav->is_calendar = true;
	call->caldav->is_read_only = found->is_read_only;
	send_request(call, &call->request, call->done, call->context);
}

static void start(struct caldav *caldav, struct arena *arena, const struct caldav_request *request,
    http_done *done, void *context)
{
	const struct caldav_request kind = {.method = "PROPFIND",
	    .headers = {"Content-Type: application/xml; charset=utf-8", "Depth: 0"},
	    .body = kind_query,
	    .reply_max = CALDAV_BYTES_MAX,
	    .deadline = request->deadline,
	    .service = request->service};
	struct call *call = arena_alloc(arena, sizeof(*call));
	struct http_reply failed = {.err = ERR_SYSTEM};

	if (!call) {
		fail_set(&failed.fail, ERR_SYSTEM, WHERE, "no memory");
		done(context, &failed);
		return;
	}
	*call = (struct call){caldav, arena, *request, done, context};
	if (caldav->is_calendar)
		send_request(call, request, done, context);
	else
		send_request(call, &kind, on_kind, call);
}

/* ---- The events of a time ---- */

/* A free-busy-query (RFC 4791, section 7.10) would need no XML. Servers that do not know it answer
 * as if there were nothing, radicale 3.1 among them, and some leave recurrences as they are where
 * they are asked to expand them. This question every server has. */

/* The id of an event by its address; NULL: it is no event of ours. */
static const char *event_id(struct arena *arena, const char *href)
{
	const char *name = strrchr(href, '/');
	size_t digits, len;

	name = name ? name + 1 : href;
	if (strspn(name, "0123456789abcdef") != HEX_LEN || name[HEX_LEN] != 'v')
		return NULL;
	digits = strspn(name + HEX_LEN + 1, "0123456789");
	len = HEX_LEN + 1 + digits;
	return digits && len < EVENT_ID && strcmp(name + len, SUFFIX) == 0
		   ? arena_strn(arena, name, len)
		   : NULL;
}

static void put_moment(struct text *out, const char *name, int64_t utc)
{
	struct civil civil = civil_from_seconds(utc);

	text_printf(out, " %s=\"%04d%02d%02dT%02d%02d%02dZ\"", name, civil.year, civil.month,
	    civil.day, civil.hour, civil.minute, civil.second);
}

void caldav_events_start(struct caldav *caldav, struct arena *arena, struct interval within,
    int64_t deadline, http_done *done, void *context)
{
	struct caldav_request request = {.method = "REPORT",
	    .headers = {"Content-Type: application/xml; charset=utf-8", "Depth: 1"},
	    .reply_max = CALDAV_BYTES_MAX,
	    .deadline = deadline,
	    .service = SERVICE_CALENDAR};
	struct text body = text_new(arena, 1024);

	text_str(&body,
	    "<C:calendar-query xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\">"
	    "<D:prop><C:calendar-data/></D:prop><C:filter><C:comp-filter name=\"VCALENDAR\">"
	    "<C:comp-filter name=\"VEVENT\"><C:time-range");
	put_moment(&body, "start", within.start - DAY_S);
	put_moment(&body, "end", within.end + DAY_S);
	text_str(&body, "/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>");
	request.body = body.data;
	start(caldav, arena, &request, done, context);
}

enum err caldav_parse_events(struct arena *arena, const struct http_reply *reply, bool skips_calls,
    char **out, struct fail *fail)
{
	/* Without the markup around them they have room where they came from. */
	struct text text = {.data = reply->body, .max = reply->body_len};
	struct dav_resource *list;
	enum err err;

	if ((err = read_list(arena, reply, &list, fail)))
		return err;
	for (; list; list = list->next) {
		if (!list->data)
			return fail_set(fail, ERR_GARBLED, WHERE,
			    "the calendar's server names an event and does not tell it");
		if (skips_calls && event_id(arena, list->href))
			continue;
		text_str(&text, list->data);
		text_str(&text, "\n");
	}
	if (text_overflowed(&text) || arena_overflowed(arena))
		return fail_set(
		    fail, ERR_TOO_LARGE, WHERE, "the calendar's events do not fit in memory");
	*out = text.len ? text.data : NULL;
	return ERR_NONE;
}

/* ---- The events of calls ---- */

/* RFC 4791, section 7.9. Every server has it, and it tells of what was deleted and of what was
 * dragged, however far, without a memory on either side: what is asked for is what the ledger has.
 * A server need not name what is not there. */
static const char *lookup_body(
    const struct caldav *caldav, struct arena *arena, const struct caldav_lookup *lookup)
{
	const char *host = strstr(caldav->calendar->url, "://");
	const char *path = host ? strchr(host + 3, '/') : NULL;
	struct text body = text_new(arena, LOOKUP_MAX);

	path = path ? path : "/";
	text_str(&body,
	    "<C:calendar-multiget xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\">"
	    "<D:prop><D:getetag/>");
	text_str(&body, lookup->wants_data ? "<C:calendar-data/></D:prop>" : "</D:prop>");
	for (size_t i = 0; i < lookup->count; i++) {
		text_str(&body, "<D:href>");
		text_html(&body, path);
		text_printf(&body, "%s%s" SUFFIX "</D:href>",
		    path[strlen(path) - 1] == '/' ? "" : "/", lookup->ids[i]);
	}
	text_str(&body, "</C:calendar-multiget>");
	text_trim(arena, &body);
	return text_overflowed(&body) ? NULL : body.data;
}

static size_t place_of(const struct caldav_lookup *lookup, const char *id)
{
	size_t i = 0;

	while (i < lookup->count && strcmp(lookup->ids[i], id) != 0)
		i++;
	return i;
}

enum err caldav_look_up(struct caldav *caldav, struct arena *arena,
    const struct caldav_lookup *lookup, const struct dav_resource **out, struct fail *fail)
{
	const struct caldav_request request = {.method = "REPORT",
	    .headers = {"Content-Type: application/xml; charset=utf-8", "Depth: 1"},
	    .body = lookup_body(caldav, arena, lookup),
	    .reply_max = LIST_MAX,
	    .deadline = lookup->deadline,
	    .service = SERVICE_CALENDAR_EVENT};
	struct dav_resource *found;
	struct http_reply reply;
	enum err err;

	if (!request.body)
		return fail_set(fail, ERR_SYSTEM, WHERE, "no memory");
	start(caldav, arena, &request, http_keep, &reply);
	http_run(caldav->http);
	if ((err = read_events(arena, &reply, &found, fail)))
		return err;
	for (size_t i = 0; i < lookup->count; i++)
		out[i] = NULL;
	for (; found; found = found->next) {
		const char *id = event_id(arena, found->href);
		size_t place = id ? place_of(lookup, id) : lookup->count;

		if (place == lookup->count)
			continue;
		if (!found->etag || (lookup->wants_data && !found->data))
			return fail_set(fail, ERR_GARBLED, WHERE,
			    "the calendar's server names an event and does not tell it");
		out[place] = found;
	}
	return ERR_NONE;
}

enum err caldav_confirm_gone(
    struct caldav *caldav, struct arena *arena, const char *id, int64_t deadline, struct fail *fail)
{
	const struct caldav_request request = {.method = "GET",
	    .id = id,
	    .reply_max = CALDAV_BYTES_MAX,
	    .deadline = deadline,
	    .service = SERVICE_CALENDAR_EVENT};
	struct http_reply reply;
	enum err err;

	start(caldav, arena, &request, http_keep, &reply);
	http_run(caldav->http);
	err = caldav_judge(&reply, fail);
	if (err == ERR_NOT_FOUND)
		return ERR_NONE;
	if (err && err != ERR_REFUSED)
		return err;
	return fail_set(fail, ERR_BUSY, WHERE,
	    "the calendar's server left out an event that it has (%d)", reply.status);
}

static const char *event_body(struct arena *arena, const struct event *event, const char *id)
{
	const struct ics ics = {.uid = id,
	    .call = event->call,
	    .stamp = clock_wall_s(),
	    .is_published = true,
	    .organizer = "",
	    .summary = event->summary,
	    .description = event->description,
	    .url = event->link,
	    .location = event->video ? event->video : ""};
	struct text body = text_new(arena, EVENT_MAX);

	ics_write(&ics, &body);
	text_trim(arena, &body);
	return text_overflowed(&body) ? NULL : body.data;
}

void caldav_insert_start(struct caldav *caldav, struct arena *arena, const struct event *event,
    int64_t deadline, http_done *done, void *context)
{
	char id[EVENT_ID];
	const struct caldav_request request = {.method = "PUT",
	    .id = arena_str(arena, calendar_event_id(&event->booking, event->version, id)),
	    .headers = {"Content-Type: text/calendar; charset=utf-8",
		event->etag ? arena_printf(arena, "If-Match: %s", event->etag)
			    : "If-None-Match: *"},
	    .body = event_body(arena, event, id),
	    .reply_max = CALDAV_BYTES_MAX,
	    .deadline = deadline,
	    .service = SERVICE_CALENDAR_EVENT};

	start(caldav, arena, &request, done, context);
}

enum err caldav_judge_insert(const struct http_reply *reply, struct fail *fail)
{
	enum err err;

	if (!reply->err && reply->status == 412)
		return ERR_NONE;
	err = caldav_judge(reply, fail);
	if (!err && reply->status != 201 && reply->status != 204)
		err = fail_set(
		    fail, ERR_UNSURE, WHERE, "status %d of an event's writing", reply->status);
	return err;
}

void caldav_delete_start(struct caldav *caldav, struct arena *arena, const struct event_ref *event,
    int64_t deadline, http_done *done, void *context)
{
	const struct caldav_request request = {.method = "DELETE",
	    .id = arena_str(arena, event->id),
	    .headers = {event->etag ? arena_printf(arena, "If-Match: %s", event->etag) : NULL},
	    .reply_max = CALDAV_BYTES_MAX,
	    .deadline = deadline,
	    .service = SERVICE_CALENDAR_EVENT};

	start(caldav, arena, &request, done, context);
}

enum err caldav_judge_delete(const struct http_reply *reply, struct fail *fail)
{
	enum err err = caldav_judge(reply, fail);

	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum err caldav_list_own(struct caldav *caldav, struct arena *arena, const struct uuid *booking,
    int64_t deadline, struct event_list *out, struct fail *fail)
{
	const struct caldav_request request = {.method = "PROPFIND",
	    .headers = {"Content-Type: application/xml; charset=utf-8", "Depth: 1"},
	    .body = list_query,
	    .reply_max = LIST_MAX,
	    .deadline = deadline,
	    .service = SERVICE_CALENDAR_EVENT};
	struct event_list own = {0};
	struct dav_resource *list;
	struct http_reply reply;
	uint64_t version;
	size_t room = 1;
	enum err err;

	start(caldav, arena, &request, http_keep, &reply);
	http_run(caldav->http);
	if ((err = read_events(arena, &reply, &list, fail)))
		return err;
	for (const struct dav_resource *at = list; at; at = at->next)
		room++;
	own.list = arena_array(arena, room, sizeof(*own.list));
	for (; own.list && list; list = list->next) {
		const char *id = event_id(arena, list->href);

		if (id && calendar_event_version(booking, id, &version))
			own.list[own.count++] = (struct listed_event){.id = id, .is_busy = true};
	}
	if (!own.list || arena_overflowed(arena))
		return fail_set(fail, ERR_SYSTEM, WHERE, "no memory");
	*out = own;
	return ERR_NONE;
}

/* SPDX-License-Identifier: MIT */
/* calendar_changes.c: what happened to our events in the calendar since a last look */
#include "net/calendar_changes.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/text.h"
#include "core/civil.h"
#include "net/json.h"

#include <json-c/json.h>
#include <sodium.h>
#include <string.h>

#define PAGES_MAX 100
#define HEX_LEN 32

/* Nothing but what is compared, so that a page is small and nobody's words are read. */
#define FIELDS                                                                                     \
	"&fields=nextPageToken,nextSyncToken,items(id,status,start,end,updated,"                   \
	"recurringEventId,originalStartTime)"                                                      \
	"&showDeleted=true&maxResults=2000"

static bool parse_id(const char *id, struct seen_event *out)
{
	char again[EVENT_ID];
	size_t len;

	if (!id || strlen(id) <= HEX_LEN + 1)
		return false;
	if (sodium_hex2bin(
		out->booking.bytes, sizeof(out->booking.bytes), id, HEX_LEN, NULL, &len, NULL) ||
	    len != sizeof(out->booking.bytes) ||
	    !num_u64(id + HEX_LEN + 1, 0, UINT64_MAX, &out->version))
		return false;
	return strcmp(calendar_event_id(&out->booking, out->version, again), id) == 0;
}

/* Of a deleted event nothing but its id is sure to be there. */
static struct interval parse_times(struct json_object *item)
{
	const char *start = json_text(json_member(item, "start"), "dateTime");
	const char *end = json_text(json_member(item, "end"), "dateTime");
	struct interval call;

	if (!start || !end || !instant_parse_rfc3339(start, &call.start) ||
	    !instant_parse_rfc3339(end, &call.end))
		return (struct interval){0, 0};
	return call;
}

static bool parse_item(struct json_object *item, struct seen_event *out)
{
	struct seen_event seen = {0};
	const char *status = json_text(item, "status"),
		   *series = json_text(item, "recurringEventId");
	const char *first = json_text(json_member(item, "originalStartTime"), "dateTime");

	if (!parse_id(series ? series : json_text(item, "id"), &seen) ||
	    (series && !(first && instant_parse_rfc3339(first, &seen.occurrence))))
		return false;
	seen.recurs = json_member(item, "recurrence") != NULL;
	seen.is_deleted = status && strcmp(status, "cancelled") == 0;
	seen.stamp = drift_stamp(json_text(item, "updated"));
	if (!seen.is_deleted)
		seen.call = parse_times(item);
	*out = seen;
	return true;
}

enum err calendar_parse_seen(
    struct arena *arena, const struct http_reply *reply, struct seen_state *out, struct fail *fail)
{
	struct json_object *item;
	struct seen_event seen;
	const char *tag;
	bool is_ours;
	enum err err;

	if ((err = google_judge(reply, fail)))
		return err;
	item = json_read(reply->body, reply->body_len);
	is_ours = parse_item(item, &seen);
	tag = json_text(item, "etag");
	tag = tag && !strpbrk(tag, "\r\n") ? arena_str(arena, tag) : NULL;
	json_give_back(item);
	if (!is_ours || !tag)
		return fail_set(fail, ERR_GARBLED, "calendar", "the event cannot be understood");
	*out = (struct seen_state){.event = seen, .etag = tag};
	return ERR_NONE;
}

enum err calendar_parse_changes(struct arena *arena, const struct http_reply *reply,
    struct calendar_changes *out, struct fail *fail)
{
	struct calendar_changes changes = {0};
	struct json_object *document, *items;
	const char *next, *token;
	enum err err;
	size_t count;

	if ((err = google_judge(reply, fail)))
		return err;
	document = json_read(reply->body, reply->body_len);
	items = json_member(document, "items");
	next = json_text(document, "nextPageToken");
	token = json_text(document, "nextSyncToken");
	if (!json_object_is_type(items, json_type_array) || (!next && !token)) {
		json_object_put(document);
		return fail_set(
		    fail, ERR_GARBLED, "calendar", "the list of changes cannot be understood");
	}
	count = json_object_array_length(items);
	changes.list = arena_array(arena, count + 1, sizeof(*changes.list));
	changes.next_page = next ? arena_str(arena, next) : NULL;
	changes.token = token ? arena_str(arena, token) : NULL;
	for (size_t i = 0; changes.list && i < count; i++)
		changes.count +=
		    parse_item(json_object_array_get_idx(items, i), &changes.list[changes.count]);
	json_object_put(document);
	if (arena_overflowed(arena))
		return fail_set(
		    fail, ERR_GARBLED, "calendar", "the list of changes does not fit in memory");
	*out = changes;
	return ERR_NONE;
}

static const char *path(
    struct google *google, struct arena *arena, const struct changes_wish *wish, const char *page)
{
	struct text path = text_new(arena, 16384);
	char since[INSTANT_TEXT];

	text_str(&path, "/calendars/");
	text_url(&path, google_calendar(google));
	text_str(&path, "/events?");
	if (wish->token) {
		text_str(&path, "syncToken=");
		text_url(&path, wish->token);
	} else {
		text_printf(&path, "timeMin=%s", instant_format_rfc3339(wish->since, since));
	}
	text_str(&path, FIELDS);
	if (page) {
		text_str(&path, "&pageToken=");
		text_url(&path, page);
	}
	return path.data;
}

/* Puts what a page holds behind what there is. */
static enum err add(struct arena *arena, struct calendar_changes *all,
    const struct calendar_changes *page, struct fail *fail)
{
	struct seen_event *both = arena_array(arena, all->count + page->count + 1, sizeof(*both));

	if (!both)
		return fail_set(fail, ERR_SYSTEM, "calendar", "no memory");
	if (all->count)
		memcpy(both, all->list, all->count * sizeof(*both));
	memcpy(both + all->count, page->list, page->count * sizeof(*both));
	*all =
	    (struct calendar_changes){both, all->count + page->count, page->next_page, page->token};
	return ERR_NONE;
}

enum err calendar_changes(struct google *google, struct arena *arena,
    const struct changes_wish *wish, struct calendar_changes *out, struct fail *fail)
{
	struct calendar_changes all = {0}, page;
	struct http_reply reply;
	enum err err;

	for (int pages = 0; pages < PAGES_MAX; pages++) {
		struct google_request request = {
		    .method = "GET",
		    .path = path(google, arena, wish, all.next_page),
		    .service = SERVICE_GOOGLE_EVENT,
		    .deadline = clock_boot_ms() + wish->limit_ms,
		};

		google_start(google, arena, &request, http_keep, &reply);
		http_run(google_http(google));
		if ((err = calendar_parse_changes(arena, &reply, &page, fail)) ||
		    (err = add(arena, &all, &page, fail)))
			return err;
		if (!all.next_page) {
			*out = all;
			return ERR_NONE;
		}
	}
	return fail_set(fail, ERR_GARBLED, "calendar", "the list of changes does not end");
}

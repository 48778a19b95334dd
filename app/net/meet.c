/* SPDX-License-Identifier: MIT */
/* meet.c: the video call of an event: conferenceData of Google Calendar (API v3) */
#include "net/meet.h"
#include "net/json.h"

#include <json-c/json.h>
#include <string.h>

/* A link is shown, and put into files that other programs read. */
#define LINK_MAX 200
#define SOLUTION "hangoutsMeet"

static bool is_link(const char *text)
{
	if (!text || strncmp(text, "https://", 8) != 0 || strlen(text) > LINK_MAX)
		return false;
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || (unsigned char)*text >= 0x7f ||
		    strchr("\"'<>\\", *text))
			return false;
	return true;
}

static void put_solution(struct json_object *to, const char *name)
{
	struct json_object *key = json_new();

	json_add_text(key, "type", SOLUTION);
	json_add(to, name, key);
}

static struct json_object *new_request(const char *id)
{
	struct json_object *conference = json_new(), *request = json_new();

	json_add_text(request, "requestId", id);
	put_solution(request, "conferenceSolutionKey");
	json_add(conference, "createRequest", request);
	return conference;
}

/* The call's code is the last part of its link. */
static struct json_object *copy_of(const char *link)
{
	struct json_object *conference = json_new(), *solution = json_new(), *entry = json_new();
	struct json_object *entries = json_new_list();

	put_solution(solution, "key");
	json_add(conference, "conferenceSolution", solution);
	json_add_text(conference, "conferenceId", strrchr(link, '/') + 1);
	json_add_text(entry, "entryPointType", "video");
	json_add_text(entry, "uri", link);
	json_add(entries, NULL, entry);
	json_add(conference, "entryPoints", entries);
	return conference;
}

void meet_put(struct json_object *event, const char *id, const char *link)
{
	json_add(event, "conferenceData", is_link(link) ? copy_of(link) : new_request(id));
}

static bool is(const char *text, const char *wanted)
{
	return text && strcmp(text, wanted) == 0;
}

/* Of the ways into the call, the one that a browser takes. */
static const char *find_link(struct json_object *event)
{
	struct json_object *entries =
	    json_member(json_member(event, "conferenceData"), "entryPoints");
	size_t count =
	    json_object_is_type(entries, json_type_array) ? json_object_array_length(entries) : 0;

	for (size_t i = 0; i < count; i++) {
		struct json_object *entry = json_object_array_get_idx(entries, i);
		const char *link = json_text(entry, "uri");

		if (is(json_text(entry, "entryPointType"), "video") && is_link(link))
			return link;
	}
	return is_link(json_text(event, "hangoutLink")) ? json_text(event, "hangoutLink") : NULL;
}

static enum meet_state find_state(struct json_object *event)
{
	struct json_object *request =
	    json_member(json_member(event, "conferenceData"), "createRequest");
	const char *status = json_text(json_member(request, "status"), "statusCode");

	if (is(status, "pending"))
		return MEET_PENDING;
	return is(status, "failure") ? MEET_FAILED : MEET_NONE;
}

enum err meet_parse(
    struct arena *arena, const struct http_reply *reply, struct meet *out, struct fail *fail)
{
	struct json_object *event;
	struct meet meet = {MEET_NONE, NULL};
	const char *link;
	bool is_event, is_gone;
	enum err err;

	if ((err = google_judge(reply, fail)))
		return err;
	event = json_read(reply->body, reply->body_len);
	is_event = json_text(event, "id");
	is_gone = is(json_text(event, "status"), "cancelled");
	link = find_link(event);
	meet.state = link ? MEET_READY : find_state(event);
	if (link)
		meet.link = arena_str(arena, link);
	json_give_back(event);
	if (!is_event)
		return fail_set(fail, ERR_GARBLED, "meet", "the event cannot be understood");
	if (is_gone)
		return fail_set(fail, ERR_NOT_FOUND, "meet", "the event was deleted");
	if (link && !meet.link)
		return fail_set(fail, ERR_SYSTEM, "meet", "no memory");
	*out = meet;
	return ERR_NONE;
}

bool meet_may_be_refused(const struct http_reply *reply)
{
	struct fail ignored;
	enum err err = google_judge(reply, &ignored);

	return (err == ERR_REFUSED || err == ERR_AUTH) &&
	       (reply->status == 400 || reply->status == 403);
}

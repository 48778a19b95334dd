/* SPDX-License-Identifier: MIT */
/* meet.h: the video call of an event: conferenceData of Google Calendar (API v3) */
#ifndef NET_MEET_H
#define NET_MEET_H

#include "net/google.h"

struct json_object;

/* Without it Google passes over what an event says of its video call. */
#define MEET_QUERY "&conferenceDataVersion=1"

enum meet_state {
	MEET_NONE,    /* the event has none, and none is on its way */
	MEET_PENDING, /* Google is making it */
	MEET_READY,
	MEET_FAILED,  /* Google could not make it */
	MEET_REFUSED, /* the account may have none */
};

struct meet {
	enum meet_state state;
	const char *link; /* https, in the arena; NULL unless it is ready */
};

/*
 * Adds to an event's body what it says of its video call. Without a link a new one is asked for,
 * whose request bears the event's id, so that a repeat makes no second one. Otherwise the event
 * takes over the call of that link, which a moved booking keeps.
 */
void meet_put(struct json_object *event, const char *id, const char *link);

/* ERR_NOT_FOUND: there is no such event, or it was deleted. Else google_judge()'s, or ERR_GARBLED.
 */
enum err meet_parse(struct arena *arena, const struct http_reply *reply, struct meet *out,
    struct fail *fail) MUST_CHECK;

/* Whether the video call may be all that Google refuses of a written event: the account may have
 * none. Without it the event is written all the same. */
bool meet_may_be_refused(const struct http_reply *reply);

#endif

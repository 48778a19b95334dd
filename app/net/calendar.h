/* SPDX-License-Identifier: MIT */
/* calendar.h: free/busy and events of Google Calendar (API v3) */
#ifndef NET_CALENDAR_H
#define NET_CALENDAR_H

#include "base/uuid.h"
#include "core/interval.h"
#include "net/google.h"

/* What is asked of one account's calendars at once. */
struct busy_question {
	const char *ids[CONF_CALENDARS_MAX];
	size_t count; /* 1 or more */
	struct interval window;
	int64_t deadline; /* clock_boot_ms() */
};

/* The question, which lives until done gets the reply for calendar_parse_busy(). */
void calendar_busy_start(struct google *google, struct arena *arena,
    const struct busy_question *question, http_done *done, void *context);

/*
 * What it says of the calendar at this place of the question. ERR_NONE: it was checked. A 200 with
 * `errors` for it, or without it, is ERR_REFUSED (notFound) or ERR_BUSY: not checked, whatever is
 * said of the others. ERR_GARBLED: not to be understood. Else google_judge()'s.
 */
enum err calendar_parse_busy(struct arena *arena, const struct http_reply *reply,
    const struct busy_question *question, size_t place, struct busy_list *out,
    struct fail *fail) MUST_CHECK;

/* Both of one calendar, and waits. */
enum err calendar_busy(struct google *google, struct arena *arena,
    const struct busy_question *question, struct busy_list *out, struct fail *fail) MUST_CHECK;

/* What is put into the calendar: the summary is plain text, the description HTML. */
struct event {
	struct uuid booking;
	uint64_t version; /* of the booking: a moved booking's event is another event */
	struct interval call;
	const char *timezone; /* in which the owner reads it */
	const char *summary, *description;
	const char *link;  /* to the booking's page */
	const char *video; /* where the call is held; "" or NULL while that is not known */
	bool has_meet;	   /* it has a video call of its own (net/meet.h) */
	const char *etag;  /* to be written over; NULL: Google's whatever stands there, CalDAV's
			      where nothing is */
};

#define EVENT_ID 56
/* The booking's id in hex, "v" and the version: legal (0-9a-v), and the same for every repeat. */
char *calendar_event_id(const struct uuid *booking, uint64_t version, char out[EVENT_ID]);
/* The other way round; false: it is no such id of this booking. */
bool calendar_event_version(const struct uuid *booking, const char *id, uint64_t *version);

/* Writes the event without attendees and without Google's mails. Model: step `event`. */
void calendar_insert_start(struct google *google, struct arena *arena, const struct event *event,
    int64_t deadline, http_done *done, void *context);
/* Writes it over the one of the same id, which may have been deleted; judged alike. Where it has
 * an etag only over that state of it: what somebody changed since is left, with a 412. */
void calendar_restore_start(struct google *google, struct arena *arena, const struct event *event,
    int64_t deadline, http_done *done, void *context);
/* Which calendar the events go to, and whether the account may write there. */
struct calendar_about {
	const char *title; /* of the account's own calendar mostly its address; in the arena */
	bool is_writable;
};
/* google_judge()'s, or ERR_GARBLED. */
enum err calendar_about(struct google *google, struct arena *arena, int64_t deadline,
    struct calendar_about *out, struct fail *fail) MUST_CHECK;

/* The id of a series' occurrence that begins, or would have begun, at `start` (seconds, UTC); in
 * the arena. */
const char *calendar_occurrence_id(struct arena *arena, const char *series, int64_t start);
/* Asks for an event by its id: for its times and its video call. */
void calendar_get_start(struct google *google, struct arena *arena, const char *id,
    int64_t deadline, http_done *done, void *context);
/* Gives an event that stands a new video call; answered with the event. */
void calendar_ask_meet_start(struct google *google, struct arena *arena, const char *id,
    int64_t deadline, http_done *done, void *context);
/* A 409 says that an earlier try arrived: ERR_NONE. Else google_judge()'s. */
enum err calendar_judge_insert(const struct http_reply *reply, struct fail *fail) MUST_CHECK;

/* The same, and the answer names the event: who says 200 and something else is not Google, and it
 * is ERR_UNSURE. */
enum err calendar_judge_written(
    const struct http_reply *reply, const char *id, struct fail *fail) MUST_CHECK;

/* An event that is to go. */
struct event_ref {
	const char *id;
	const char *etag; /* only in this state; NULL: in any */
};
/* Deletes it; where it is in another state a 412 says so. */
void calendar_delete_start(struct google *google, struct arena *arena,
    const struct event_ref *event, int64_t deadline, http_done *done, void *context);
/* A 404 or 410 says that there is no such event: ERR_NONE. Else google_judge()'s. */
enum err calendar_judge_delete(const struct http_reply *reply, struct fail *fail) MUST_CHECK;

/* Events as a listing shows them. */
struct listed_event {
	const char *id;
	const char *booking; /* our own mark, or NULL: the owner's own event */
	bool is_busy;	     /* neither cancelled nor transparent nor declined */
};

struct event_list {
	struct listed_event *list;
	size_t count;
	const char *next_page; /* a page may be short and not the last; NULL: it is the last */
};

/* Every event, deleted ones aside, that bears the mark of this booking. google_judge()'s, or
 * ERR_GARBLED. */
enum err calendar_list_own(struct google *google, struct arena *arena, const struct uuid *booking,
    int64_t deadline, struct event_list *out, struct fail *fail) MUST_CHECK;
/* Every event that touches this time. */
enum err calendar_list_within(struct google *google, struct arena *arena, struct interval within,
    int64_t deadline, struct event_list *out, struct fail *fail) MUST_CHECK;
/* One page of either. */
enum err calendar_parse_list(struct arena *arena, const struct http_reply *reply,
    struct event_list *out, struct fail *fail) MUST_CHECK;

#endif

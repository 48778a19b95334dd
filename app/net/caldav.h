/* SPDX-License-Identifier: MIT */
/* caldav.h: a calendar on a CalDAV server (RFC 4791) */
#ifndef NET_CALDAV_H
#define NET_CALDAV_H

#include "base/conf.h"
#include "net/calendar.h"
#include "net/http.h"
#include "net/resources.h"

/* Of what is asked for a page or a click. */
#define CALDAV_BYTES_MAX (1024 * 1024)

/*
 * One for each calendar, with its name and password in guarded memory. Before anything else it asks
 * once whether there is a calendar at the address: a folder of calendars would answer that it holds
 * no events. No redirect is followed.
 */
struct caldav;

/* Of this calendar, which is of kind caldav and on. Both outlive it. NULL: no memory. */
struct caldav *caldav_new(const struct conf_calendar *calendar, struct http *http);
void caldav_free(struct caldav *caldav);
/* Whether the server has said that events cannot be put there: once it was asked anything. */
bool caldav_is_read_only(const struct caldav *caldav);
struct http *caldav_http(const struct caldav *caldav);

/* Asks for the events that touch this time; a server may count days differently, and is asked for a
 * day more on both sides. */
void caldav_events_start(struct caldav *caldav, struct arena *arena, struct interval within,
    int64_t deadline, http_done *done, void *context);
/*
 * Their calendars, one after the other, as a text of the arena for ical_busy_read(); NULL: there
 * are none. skips_calls: without those of calls (calendar_event_id()). caldav_judge()'s, or
 * ERR_GARBLED.
 */
enum err caldav_parse_events(struct arena *arena, const struct http_reply *reply, bool skips_calls,
    char **out, struct fail *fail) MUST_CHECK;

/* Which events, by their ids. */
struct caldav_lookup {
	const char *const *ids;
	size_t count;
	bool wants_data; /* their calendars, too */
	int64_t deadline;
};
/*
 * Finds each, wherever it was dragged to: out, with room for as many, has it at its place with its
 * etag, NULL: there is none. caldav_judge()'s, or ERR_GARBLED; what is refused or not found there
 * is no event, and is ERR_BUSY.
 */
enum err caldav_look_up(struct caldav *caldav, struct arena *arena,
    const struct caldav_lookup *lookup, const struct dav_resource **out,
    struct fail *fail) MUST_CHECK;
/*
 * Asks for one that was not found itself: a server need not name what is not there, and an answer
 * that leaves out what is there says nothing of it. ERR_NONE: it is gone. ERR_BUSY: it is there, or
 * that cannot be told. Else caldav_judge()'s.
 */
enum err caldav_confirm_gone(struct caldav *caldav, struct arena *arena, const char *id,
    int64_t deadline, struct fail *fail) MUST_CHECK;

/* Writes the event under its id: where it has an etag over that state of it, else where nothing is
 * yet. Model: step `event`. */
void caldav_insert_start(struct caldav *caldav, struct arena *arena, const struct event *event,
    int64_t deadline, http_done *done, void *context);
/* A 412 says that an earlier try arrived, or that somebody changed it since: ERR_NONE. ERR_UNSURE:
 * a success that is none of a PUT. Else caldav_judge()'s. */
enum err caldav_judge_insert(const struct http_reply *reply, struct fail *fail) MUST_CHECK;

/* Deletes an event; where it is in another state a 412 says so. */
void caldav_delete_start(struct caldav *caldav, struct arena *arena, const struct event_ref *event,
    int64_t deadline, http_done *done, void *context);
/* A 404 or 410 says that there is no such event: ERR_NONE. Else caldav_judge()'s. */
enum err caldav_judge_delete(const struct http_reply *reply, struct fail *fail) MUST_CHECK;

/* Every event that bears an id of this booking's. caldav_look_up()'s. */
enum err caldav_list_own(struct caldav *caldav, struct arena *arena, const struct uuid *booking,
    int64_t deadline, struct event_list *out, struct fail *fail) MUST_CHECK;

/*
 * What a reply means. ERR_NONE: 2xx. ERR_AUTH: 401, 403; ERR_NOT_FOUND: 404, 410; ERR_BUSY: 3xx,
 * 429, 5xx, an address that is none of a calendar's; ERR_TOO_LARGE; ERR_REFUSED: the rest. Else the
 * transfer's own.
 */
enum err caldav_judge(const struct http_reply *reply, struct fail *fail) MUST_CHECK;

#endif

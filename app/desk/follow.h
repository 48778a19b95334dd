/* SPDX-License-Identifier: MIT */
/* follow.h: what follows from an accepted entry: the row and the calendar's events */
#ifndef DESK_FOLLOW_H
#define DESK_FOLLOW_H

#include "base/template.h"
#include "core/zone.h"
#include "net/calendar.h"
#include "core/booking.h"
#include "desk/upstream.h"

/* Who carries it out. */
struct follower {
	struct upstream *upstream;
	const struct templates *templates;
	const struct zone *zone; /* the business's */
	int64_t google_deadline; /* clock_boot_ms() */
};

struct followed {
	struct fail row, event, old_event; /* code ERR_NONE: done, or nothing was to be done */
	const char *video; /* the link of the call's video call, in the arena; NULL: none yet */
};

/*
 * Writes the row, inserts the event of a booked call and deletes the one of the call before, all at
 * once; then the row once more, when the calendar has told the link of a new video call. The
 * booking as it was before the entry and as it is after it. Everything here can be done again
 * without harm: rows replace each other by version, events have ids that carry it. Never fails as a
 * whole: what did not succeed is the courier's to repeat. Model: step `follow`.
 */
void follow_entry(const struct follower *follower, struct arena *arena,
    const struct booking *before, const struct booking *after, struct followed *out);

/* Writes the row alone; with the link of its video call, or NULL
 * for the one it has. leads_put()'s failures. */
enum err follow_row(struct upstream *upstream, struct arena *arena, const struct booking *booking,
    const char *video, struct fail *fail) MUST_CHECK;

/* Fills an event's texts (event_summary.txt, event.html) and its link from the lead, whose own are
 * made plain. A brief that is too long for Google is cut. */
void follow_describe(const struct conf *conf, const struct templates *templates,
    struct arena *arena, const struct lead *lead, struct event *event);
/* Puts into their place texts that hold nothing of the lead's: what Google refused is in one of
 * them. */
void follow_describe_least(const struct conf *conf, struct event *event);

/* Deletes every event of an erased booking. *count: how many, also before a failure. */
enum err follow_unlist(struct upstream *upstream, struct arena *arena, const struct uuid *booking,
    int64_t deadline, size_t *count, struct fail *fail) MUST_CHECK;

#endif

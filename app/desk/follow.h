/* SPDX-License-Identifier: MIT */
/* follow.h: what follows from an accepted entry: the row and the calendar's events */
#ifndef DESK_FOLLOW_H
#define DESK_FOLLOW_H

#include "base/template.h"
#include "net/calendar.h"
#include "store/leads.h"
#include "desk/upstream.h"

/*
 * One change of one booking, as the ledger has it. Everything here can be done again without harm:
 * rows replace each other by version, events have ids that carry it.
 */
struct following {
	struct lead lead;      /* the row as it shall be: status, version, slot */
	struct event event;    /* of a booked lead */
	uint64_t left_version; /* of the event that goes: the version before a move or a cancel; 0:
				  none */
};

/*
 * What follows from an accepted entry of a booking: lead is its row before, version what the ledger
 * gave it, left_version that of the call it had, 0: none; timezone is the business's.
 */
void follow_prepare(const struct conf *conf, const struct templates *templates, struct arena *arena,
    const struct lead *lead, const struct entry *entry, uint64_t version, uint64_t left_version,
    const char *timezone, struct following *out);

/* Fills an event's texts (event_summary.txt, event.html) and its link from the lead, whose own are
 * made plain. */
void follow_describe(const struct conf *conf, const struct templates *templates,
    struct arena *arena, const struct lead *lead, struct event *event);

struct followed {
	struct fail row, event, left; /* code ERR_NONE: done, or nothing was to be done */
};

/*
 * Writes the row, inserts the event of a booked lead and deletes the one left behind, all at once.
 * Never fails as a whole: what did not succeed is the courier's to repeat. Model: step `follow`.
 */
void follow(struct upstream *upstream, struct arena *arena, const struct following *following,
    int64_t google_deadline, struct followed *out);

#endif

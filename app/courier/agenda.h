/* SPDX-License-Identifier: MIT */
/* agenda.h: the bookings of which something may be due, and when to look at each */
#ifndef COURIER_AGENDA_H
#define COURIER_AGENDA_H

#include "base/uuid_table.h"
#include "core/due.h"
#include "store/changes.h"

/*
 * What is over (brief and call are history, nothing is owed) is not here, and is not read either:
 * what is kept grows with what is to come, not with what there was. A booking that changes later is
 * taken up again, and read as a whole before it is judged.
 */
struct agenda_item {
	struct duties duties;
	uint64_t number; /* in the order in which they came */
	bool is_read;	 /* log and rows: nothing is judged before */
	bool is_urgent;	 /* it has just changed: it comes before those that wait for their time */
	bool is_over;	 /* to be swept away */
	bool has_lead;
	struct {
		uint64_t version, stamp;
		bool is_gone;
	} event; /* the state of the call's event that was dealt with last, on a CalDAV server */
	bool is_owed;	       /* when it was looked at last something was due, or waited */
	struct lead_state row; /* what its rows say, when it has_lead */
	uint64_t seen_version; /* the booking's newest version seen, and since when */
	int64_t seen_ms;
	int64_t look_ms;       /* when there may be something to do */
	int64_t lease_boot_ms; /* the end of a lease of our own, by the clock since boot */
	uint64_t round;	       /* in which it was served last: once in each */
	int64_t behind_ms;     /* since when something due is not done, by the same; 0: nothing is
				*/
};

/* A zeroed agenda is empty. */
struct agenda {
	struct uuid_table table;
	struct agenda_item **items;
	size_t room;
	uint64_t opened; /* how many came: the next one's number */
};

void agenda_free(struct agenda *agenda);
/* NULL: it is not there. Items live until they are swept away. */
struct agenda_item *agenda_find(const struct agenda *agenda, const struct uuid *booking);
/* The same, made if need be; NULL: no memory. */
struct agenda_item *agenda_open(struct agenda *agenda, const struct uuid *booking);
/* By place, in the order of their numbers; NULL past the last. */
struct agenda_item *agenda_at(const struct agenda *agenda, size_t index);
/* Something of it changed: it is to be looked at next. */
void agenda_touch(struct agenda_item *item);
/* Forgets what is over. Without memory it does so another time. */
void agenda_sweep(struct agenda *agenda);

#endif

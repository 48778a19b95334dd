/* SPDX-License-Identifier: MIT */
/* offer.h: the slots that a booking may have now */
#ifndef CORE_OFFER_H
#define CORE_OFFER_H

#include "base/arena.h"
#include "core/conflict.h"
#include "core/ledger.h"

/* Everything that decides; pointers are only read. */
struct offer {
	const struct hours *hours;
	const struct zone *zone;
	int64_t now;
	const char *owner;   /* whose time it is */
	struct uuid booking; /* whose own interval and event do not stand in its way */
	const struct ledger *ledger;
	const struct interval *imported; /* booked rows without an entry, in any order */
	size_t imported_count;
	const struct interval *calendar; /* busy there, merged */
	size_t calendar_count;
	bool is_outage; /* the calendar cannot be asked, and nothing is offered without it */
};

struct offer_list {
	struct slot *slots; /* in order of time */
	size_t count;
};

/*
 * What is open: this list is what the page and its JSON show, what a click and the operator's move
 * are held against, and what why.h explains the rest by. ERR_SYSTEM: the arena is full.
 */
enum err offer_slots(const struct offer *offer, struct arena *arena, struct offer_list *out,
    struct fail *fail) MUST_CHECK;

/*
 * What a live booking or block of the ledger keeps free of the buffers of other calls
 * (slots_needed()): its call and, where it was booked with longer buffers than today's, the
 * difference, since the ledger holds both against what it took.
 */
struct interval offer_obstacle(const struct hours *hours, const struct ledger_booking *booking);

/* How many calls count against a cap, the booking's own aside. */
size_t offer_count(const struct offer *offer, const struct cap_rule *cap);

/* The command that takes this call for the booking, version as its form saw it. */
struct entry offer_entry(const struct offer *offer, struct interval call, uint64_t version,
    enum calendar_check calendar);

/* The open slots nearest to an instant, nearest first, in the arena; at most max, fewer when fewer
 * are open or the arena is full. */
struct offer_list offer_nearest(
    const struct offer_list *open, struct arena *arena, int64_t wanted, size_t max);

#endif

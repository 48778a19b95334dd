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
	const char *host;
	struct uuid booking; /* whose own interval and event do not stand in its way */
	const struct ledger *ledger;
	const struct interval *imported; /* booked rows without an entry, in any order */
	size_t imported_count;
	const struct interval *calendar; /* busy there, merged */
	size_t calendar_count;
};

struct offer_list {
	struct slot *slots; /* in order of time */
	size_t count;
};

/* ERR_SYSTEM: the arena is full. */
enum err offer_slots(const struct offer *offer, struct arena *arena, struct offer_list *out,
    struct fail *fail) MUST_CHECK;

/* The command that takes this call for the booking, version as its form saw it. */
struct entry offer_entry(const struct offer *offer, struct interval call, uint64_t version,
    enum calendar_check calendar);

/* The open slots nearest to an instant, nearest first, in the arena; at most max, fewer when fewer
 * are open or the arena is full. */
struct offer_list offer_nearest(
    const struct offer_list *open, struct arena *arena, int64_t wanted, size_t max);

#endif

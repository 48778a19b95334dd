/* SPDX-License-Identifier: MIT */
/* drift.c: how an event in the calendar differs from the call that it was made for */
#include "core/drift.h"
#include "base/fnv.h"
#include "base/num.h"
#include "core/civil.h"

#include <string.h>

/* No call is longer. */
#define LENGTH_MAX_S DAY_S

static const char *const names[DRIFTS] = {"none", "deleted", "moved", "length", "no_time", "left"};

const char *drift_name(enum drift drift)
{
	return names[drift];
}

bool drift_parse(const char *name, enum drift *out)
{
	int found;

	if (!num_of_name(name, names, DRIFTS, &found))
		return false;
	*out = (enum drift)found;
	return true;
}

/* The ledger's columns end in 2106. */
static bool is_time_of_call(struct interval call)
{
	return call.start > 0 && call.end > call.start && call.end < UINT32_MAX - LENGTH_MAX_S &&
	       call.end - call.start <= LENGTH_MAX_S;
}

static bool is_left(const struct booking *booking, const struct seen_event *seen)
{
	return (booking->state == BOOKING_BOOKED || booking->state == BOOKING_CANCELLED) &&
	       booking->version > seen->version && !seen->is_deleted && !seen->occurrence;
}

enum drift drift_find(const struct booking *booking, const struct seen_event *seen, int64_t now)
{
	if (booking->call.end <= now)
		return DRIFT_NONE;
	if (is_left(booking, seen))
		return DRIFT_LEFT;
	if (booking->state != BOOKING_BOOKED || booking->version != seen->version ||
	    (seen->occurrence && seen->occurrence != booking->call.start))
		return DRIFT_NONE;
	if (seen->is_deleted)
		return DRIFT_DELETED;
	if (!is_time_of_call(seen->call))
		return DRIFT_NO_TIME;
	if (seen->call.start != booking->call.start)
		return DRIFT_MOVED;
	return seen->call.end != booking->call.end ? DRIFT_LENGTH : DRIFT_NONE;
}

uint64_t drift_stamp(const char *updated)
{
	return updated ? fnv_add(FNV_BASIS, updated, strlen(updated)) : 0;
}

uint64_t drift_key(const struct seen_event *seen)
{
	uint64_t hash = FNV_BASIS;
	unsigned char is_deleted = seen->is_deleted;

	hash = fnv_add(hash, &seen->version, sizeof(seen->version));
	hash = fnv_add(hash, &is_deleted, 1);
	if (!seen->is_deleted) {
		hash = fnv_add(hash, &seen->call.start, sizeof(seen->call.start));
		hash = fnv_add(hash, &seen->call.end, sizeof(seen->call.end));
	}
	if (seen->stamp)
		hash = fnv_add(hash, &seen->stamp, sizeof(seen->stamp));
	/* It stands in a column of versions, which some read as signed. */
	return hash >> 16;
}

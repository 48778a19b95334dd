/* SPDX-License-Identifier: MIT */
/* duties.h: what was recorded of one booking, and who has it now */
#ifndef CORE_DUTIES_H
#define CORE_DUTIES_H

#include "base/uuid.h"
#include "core/duty.h"

#include <stddef.h>

/* Everything recorded of one booking, or of a place that has plain alerts. A zeroed one with the
 * booking set is empty. */
struct duties {
	struct uuid booking;
	bool is_plain; /* a place */
	struct delivery *list;
	size_t count, room;
	struct uuid owner; /* of the lease */
	int64_t lease_until_ms;
	bool is_wanted; /* somebody else asked for it since its owner has it */
};

/* Gives back what it holds, not the duties themselves. */
void duties_free(struct duties *duties);

/*
 * Records what the log says. What is done stays done, whatever a courier that lost its lease says
 * later; what is due is so once, but a failure is told again when something else fails, and a mail
 * that is over, or an event that failed, is due again when the operator says so. False: no memory.
 */
bool duties_record(struct duties *duties, const struct delivery *delivery);
/*
 * A lease of LEASE_MS asked for at at_ms. It is granted to whoever asks first while nobody has one,
 * by the order and the clock of the log, so that every courier comes to the same answer. Its owner
 * may prolong it, and give it back.
 */
#define LEASE_MS 20000
void duties_lease(struct duties *duties, const struct uuid *owner, int64_t at_ms);
void duties_release(struct duties *duties, const struct uuid *owner, int64_t at_ms);

/* As last recorded; DELIVERY_NONE when nothing is. */
struct delivery duties_find(const struct duties *duties, enum duty duty, uint64_t version);
/* Whether a duty of any version from since on and below this one was done. Since the version that
 * booked: who is told now was told of this call before, at another time. */
bool duties_was_done_within(
    const struct duties *duties, enum duty duty, uint64_t since, uint64_t version);
/* The same, or it was tried, whatever came of it. */
bool duties_was_tried_within(
    const struct duties *duties, enum duty duty, uint64_t since, uint64_t version);

#endif

/* SPDX-License-Identifier: MIT */
/* lease.h: only one courier works at a booking at a time */
#ifndef COURIER_LEASE_H
#define COURIER_LEASE_H

#include "courier/take_in.h"

enum lease {
	LEASE_OURS,    /* nobody else works at it until lease_deadline() */
	LEASE_OTHERS,  /* another courier does; it is looked at again when its lease ends */
	LEASE_UNKNOWN, /* the log could not be asked: *fail is filled */
};

#define LEASES_MAX 32

/* Asks for these, LEASES_MAX at most, with one row each but one question; none is prolonged. Which
 * of them are ours, and why others are not, lease_take() tells when their turn comes. */
void lease_ahead(struct courier *courier, struct agenda_item *const *items, size_t count);
/* Asks for it, or prolongs it; the log decides. An item that is ours for long enough is not asked
 * for again. */
enum lease lease_take(struct courier *courier, struct agenda_item *item, struct fail *fail);
/* Nothing is sent later, for the lease may have passed: clock_boot_ms(). */
int64_t lease_deadline(const struct agenda_item *item);
/* Gives back what leases there are, so that nobody waits for their end. */
void lease_release_all(struct courier *courier);
/* Gives back what somebody else asked for, and leaves it alone for this round: one that prolongs a
 * lease whenever something falls due would have it for ever. Between rounds, and with nothing
 * unsaved of what was done under it. */
void lease_give_way(struct courier *courier);

#endif

/* SPDX-License-Identifier: MIT */
/* obey.h: the call follows what its owner did to the event */
#ifndef COURIER_OBEY_H
#define COURIER_OBEY_H

#include "courier/task.h"

/*
 * Cancels the call, or books it at the event's time, at the version that the event was made for: as
 * the actor `calendar`, and what follows is due as after any other change. What cannot be is told
 * with its reason, and the event put back to where the call stands; one of a call that does not
 * stand any more is told and taken away. So calendar and ledger agree either way.
 */
void obey_deliver(struct task *task, uint64_t key);

/* Looks, at the start and while it is so every minute, whether the ledger's user may not write what
 * obey = yes needs; it is logged once and told by `slotguardctl check`. */
void obey_check(struct courier *courier);

#endif

/* SPDX-License-Identifier: MIT */
/* collisions.h: whether an event of the owner's lies over a call */
#ifndef COURIER_COLLISIONS_H
#define COURIER_COLLISIONS_H

#include "courier/state.h"

/* Makes an alert due of an event in the call's time; once for each version. calendar: the name of
 * the section whose event it is, "" for [google]. */
enum err collisions_tell(struct courier *courier, struct agenda_item *item, uint64_t version,
    const char *calendar, struct fail *fail) MUST_CHECK;

/*
 * Looks, for each call that stands, into the calendars that block and that no call is written to,
 * once each has been asked since the call was taken. Of the one that is written to event_deliver()
 * sees, since there the call's own event stands, too.
 */
void collisions_watch(struct courier *courier);

#endif

/* SPDX-License-Identifier: MIT */
/* feeds.h: calendars of kind ics are fetched */
#ifndef COURIER_FEEDS_H
#define COURIER_FEEDS_H

#include "courier/state.h"

/* Fetches one whose time has come, and shares what it shows as busy with the pool, as the workers
 * do with what they asked. What fails is an outage. */
void feeds_watch(struct courier *courier);

#endif

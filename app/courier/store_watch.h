/* SPDX-License-Identifier: MIT */
/* store_watch.h: whether ClickHouse answers, of which no record could tell the operator */
#ifndef COURIER_STORE_WATCH_H
#define COURIER_STORE_WATCH_H

#include "courier/state.h"

/* What came of a round's look at the tables. An outage is logged at once; one that lasts for a
 * minute is an alert of each machine's courier, and so is its end. */
void store_watch(struct courier *courier, enum err err, const struct fail *fail);

#endif

/* SPDX-License-Identifier: MIT */
/* take_in.h: what changed in the tables, put into the agenda */
#ifndef COURIER_TAKE_IN_H
#define COURIER_TAKE_IN_H

#include "courier/state.h"

/*
 * What may be due, once at the start; then what has changed since. What the agenda does not know
 * yet is read as a whole, many at a time and the newest first; what does not fit into this round's
 * time is read in the next. Costs one look that reads nothing while nothing changes.
 */
enum err take_in_changes(struct courier *courier, struct fail *fail) MUST_CHECK;

/* The log's tail alone, which tells who has a lease. */
enum err take_in_deliveries(struct courier *courier, struct fail *fail) MUST_CHECK;

#endif

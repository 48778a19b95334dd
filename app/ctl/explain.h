/* SPDX-License-Identifier: MIT */
/* explain.h: what is open and why the rest is not, for commands that say so */
#ifndef CTL_EXPLAIN_H
#define CTL_EXPLAIN_H

#include "core/why.h"
#include "ctl/ctl.h"
#include "desk/look.h"

/* What decides on what is open to the booking that was looked at. */
struct offer explain_offer(const struct ctl *ctl, const struct look *seen, int64_t now);

/*
 * Asks ClickHouse and the calendar about the window of this moment and about within, for no booking
 * in particular; a calendar that could not be asked is said. True: go on; else *status is set.
 */
bool explain_look(struct ctl *ctl, int64_t now, struct interval within, struct look *seen,
    struct offer *offer, int *status);

/* The reason as a part of a sentence, in the arena: "an event of the calendar, … to …". */
const char *explain(const struct ctl *ctl, const struct why *why);

#endif

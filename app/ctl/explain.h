/* SPDX-License-Identifier: MIT */
/* explain.h: what is open and why the rest is not, for commands that say so */
#ifndef CTL_EXPLAIN_H
#define CTL_EXPLAIN_H

#include "core/why.h"
#include "ctl/ctl.h"
#include "desk/look.h"

/*
 * What a page goes by that is made now for a booking without a call: ClickHouse, and the calendar
 * or what is remembered of it; now may be another moment, whose window is looked at. What stands
 * for the calendar is said when it is no answer of now. CTL_DONE: go on;
 * else the status of the program, and it was said why.
 */
int explain_look(struct ctl *ctl, int64_t now, struct look *seen, struct offer *offer);

/* How old the calendar's answer is, in seconds; 0: new, or there is none. */
int64_t explain_age_s(const struct calendar_finding *calendar);

/* The reason as a part of a sentence, in the arena: "an event of the calendar, … to …". */
const char *explain(const struct ctl *ctl, const struct why *why);

/* The line of slotguard.conf that says so; 0: none does, or it is a default. */
unsigned explain_line(const struct ctl *ctl, const struct why *why);

#endif

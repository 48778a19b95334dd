/* SPDX-License-Identifier: MIT */
/* check_programs.h: whether what runs on this machine serves */
#ifndef CTL_CHECK_PROGRAMS_H
#define CTL_CHECK_PROGRAMS_H

#include "base/counters.h"
#include "ctl/finding.h"

/* Templates, both pools, what they say of themselves, the courier, the spool, and the site as a
 * browser gets it. */
void check_programs(struct checking *checking, const struct counters *counters);

/* Whether the workers' clock, or ours when they do not run, is that of the others. */
void check_clocks(struct checking *checking, const struct counters *counters);

/* Whether a proxy stands in front of nginx that nginx was not told of, as far as the workers saw.
 */
void check_clients(struct checking *checking, const struct counters *counters);

#endif

/* SPDX-License-Identifier: MIT */
/* spool.h: carries briefs from the spool into ClickHouse */
#ifndef COURIER_SPOOL_H
#define COURIER_SPOOL_H

#include "courier/state.h"

/* Takes the briefs of this machine's spool into the store. */
void spool_replay(struct courier *courier);

#endif

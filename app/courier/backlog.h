/* SPDX-License-Identifier: MIT */
/* backlog.h: how much is due and not done, for the counts that the workers show */
#ifndef COURIER_BACKLOG_H
#define COURIER_BACKLOG_H

#include "courier/state.h"

void backlog_count(struct courier *courier);

#endif

/* SPDX-License-Identifier: MIT */
/* task.h: one booking at hand, leased */
#ifndef COURIER_TASK_H
#define COURIER_TASK_H

#include "courier/state.h"
#include "store/snapshot.h"

struct task {
	struct courier *courier;
	struct agenda_item *item;
	struct snapshot snapshot; /* the row as it stands */
	struct lead person;	  /* the same with texts that can be shown anywhere */
	struct ledger_booking standing;
	int64_t deadline; /* clock_boot_ms(): nothing is sent later, for the lease may have passed
			   */
};

#endif

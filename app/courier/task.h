/* SPDX-License-Identifier: MIT */
/* task.h: one booking at hand, leased */
#ifndef COURIER_TASK_H
#define COURIER_TASK_H

#include "core/booking.h"
#include "courier/state.h"
#include "store/past.h"

struct task {
	struct courier *courier;
	struct agenda_item *item;
	struct booking booking; /* as it stands */
	struct lead person;	/* its row with texts that can be shown anywhere */
	struct past past;	/* of its person, while has_past */
	bool has_past;
	int64_t deadline; /* clock_boot_ms(): nothing is sent later, for the lease may have passed
			   */
};

#endif

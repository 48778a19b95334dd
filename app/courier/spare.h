/* SPDX-License-Identifier: MIT */
/* spare.h: what is due and not done, since a lead is a person and not a form */
#ifndef COURIER_SPARE_H
#define COURIER_SPARE_H

#include "courier/task.h"

/*
 * By what the person sent, booked and was told under other bookings. True: it is not to be done
 * now, and was recorded as skipped, or as waiting for room in a day's mails; or the store could not
 * tell, and it is looked at again. False: it is; task->past is what the alert tells of.
 */
bool spare_duty(struct task *task, enum duty duty, uint64_t version);

#endif

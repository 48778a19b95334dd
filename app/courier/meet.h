/* SPDX-License-Identifier: MIT */
/* meet.h: the link of a call's own video call comes from its event into its row */
#ifndef COURIER_MEET_H
#define COURIER_MEET_H

#include "courier/task.h"

/*
 * Looks at the event of the call that stands; while Google is still making the video call again
 * soon, and for two minutes. An event without one is given one; where the account may have none the
 * operator is told so once a day.
 */
void meet_deliver(struct task *task, uint64_t version);

#endif

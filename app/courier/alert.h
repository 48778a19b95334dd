/* SPDX-License-Identifier: MIT */
/* alert.h: what the operator is told by Telegram, folded into one message a round */
#ifndef COURIER_ALERT_H
#define COURIER_ALERT_H

#include "courier/task.h"

/* Adds one to this round's; what finds no room is due in the next. */
void alert_add(struct task *task, enum duty duty, uint64_t version);
/* The same of one that belongs to no booking: item is a place. */
void alert_add_plain(
    struct courier *courier, struct agenda_item *item, enum duty duty, uint64_t version);
/* Sends them. What could not leave is due again in a later round. */
void alerts_flush(struct courier *courier);

#endif

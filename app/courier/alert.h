/* SPDX-License-Identifier: MIT */
/* alert.h: what the operator is told by Telegram, folded into one message a round */
#ifndef COURIER_ALERT_H
#define COURIER_ALERT_H

#include "courier/task.h"

/* Adds one to this round's message; where it is full, the alert is due in a later round. */
void alert_add(struct task *task, enum duty duty, uint64_t version);
/* The same of one that belongs to no booking: item is a place. */
void alert_add_plain(
    struct courier *courier, struct agenda_item *item, enum duty duty, uint64_t version);
/* Until when none can leave, by clock_boot_ms(): Telegram says so, or this round's message is full.
 */
int64_t alerts_hold_ms(const struct courier *courier);
/* Sends them. What could not leave is due again in a later round. */
void alerts_flush(struct courier *courier);

#endif

/* SPDX-License-Identifier: MIT */
/* alert.h: what the operator is told by Telegram, folded into few messages */
#ifndef COURIER_ALERT_H
#define COURIER_ALERT_H

#include "courier/task.h"
#include "net/receipt.h"

/* Adds one to the next message. One that finds no room sends it, and is due in a later round. */
void alert_add(struct task *task, enum duty duty, uint64_t version);
/* The same of one that belongs to no booking: item is a place. */
void alert_add_plain(
    struct courier *courier, struct agenda_item *item, enum duty duty, uint64_t version);
/* A view for one, of this kind, with the name that is the same in every repeat of it: len bytes
 * tell it from others. */
struct view *alert_view(struct courier *courier, const char *what, const void *named, unsigned len);
/* Sends a text to the chat now, and keeps the chat's pace. limit_ms: it is not sent later,
 * clock_boot_ms(). */
struct receipt alert_send(struct courier *courier, const char *text, int64_t limit_ms);
/* Sends the message. What could not leave is due again in a later round. */
void alerts_flush(struct courier *courier);

#endif

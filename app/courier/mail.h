/* SPDX-License-Identifier: MIT */
/* mail.h: what a prospect is told by e-mail */
#ifndef COURIER_MAIL_H
#define COURIER_MAIL_H

#include "courier/task.h"

/* Its bytes are kept before they are sent, so that each repeat is the same mail. */
void mail_deliver(struct task *task, enum duty duty, uint64_t version);

#endif

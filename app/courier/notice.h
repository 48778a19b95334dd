/* SPDX-License-Identifier: MIT */
/* notice.h: an alert becomes due that belongs to no booking */
#ifndef COURIER_NOTICE_H
#define COURIER_NOTICE_H

#include "courier/state.h"

/* Once for each place and version; nothing without Telegram. words: which machine it is of, or what
 * a service says. */
enum err notice_put(struct courier *courier, const struct uuid *place,
    const struct delivery *notice, const char *words, struct fail *fail) MUST_CHECK;
/* The same where nothing hangs on it: a failure is logged, and it is due another time. */
void notice_try(struct courier *courier, const struct uuid *place, const struct delivery *notice,
    const char *words);

#endif

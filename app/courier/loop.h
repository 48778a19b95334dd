/* SPDX-License-Identifier: MIT */
/* loop.h: the rounds in which what is due is done */
#ifndef COURIER_LOOP_H
#define COURIER_LOOP_H

#include "courier/courier.h"

/* One round: what changed is taken in, and what is due is done. */
void courier_round(struct courier *courier);
/* How long to rest after it, at most: until there is something to do, but within bounds. */
int64_t courier_rest_ms(const struct courier *courier);

/* Until the stop flag is set. Whenever *reload is, everything is opened anew, and stays as it was
 * when that fails. Tells systemd how it is doing. */
void courier_run(struct courier *courier, volatile sig_atomic_t *reload);

#endif

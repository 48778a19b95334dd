/* SPDX-License-Identifier: MIT */
/* serve.h: one booking: what is due of it, under a lease */
#ifndef COURIER_SERVE_H
#define COURIER_SERVE_H

#include "courier/state.h"

/* By what stands in memory. */
enum about serve_about(const struct courier *courier, const struct agenda_item *item);
/* Whether anything is, by what stands in memory. */
bool serve_is_due(const struct courier *courier, const struct agenda_item *item);
/*
 * What is due of it, in its order; item->look_ms says when to come again. Whether there is anything
 * is told from memory. True: something was done.
 */
bool serve_booking(struct courier *courier, struct agenda_item *item);

#endif

/* SPDX-License-Identifier: MIT */
/* drifts.h: what somebody did to the calls' events in the calendar */
#ifndef COURIER_DRIFTS_H
#define COURIER_DRIFTS_H

#include "courier/task.h"

/*
 * Looks at the calendar's changes when it is time (google.fresh_s, 1 to 30 s), and makes an alert
 * due for each event of a call that stands and that differs from it. Every courier looks by itself;
 * the log of deliveries sees to it that each is told once.
 */
void drifts_watch(struct courier *courier);

/* Fills an alert's view with what was seen under this key. ERR_NOT_FOUND: the booking has moved on
 * since, and there is nothing to be told. Else deliveries_payload()'s. */
enum err drifts_view(
    struct task *task, uint64_t key, struct view *view, struct fail *fail) MUST_CHECK;

#endif

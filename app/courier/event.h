/* SPDX-License-Identifier: MIT */
/* event.h: the calendar agrees with the booking, whatever was written before */
#ifndef COURIER_EVENT_H
#define COURIER_EVENT_H

#include "core/drift.h"
#include "courier/task.h"

/* The event of the call that stands is there, and no other of the booking's. */
void event_deliver(struct task *task, enum duty duty, uint64_t version);

/* The event of the booking's call at this version, as it is now. events_see()'s failures. */
enum err event_see(
    struct task *task, uint64_t version, struct seen_state *out, struct fail *fail) MUST_CHECK;

/* Whether it is still what was seen under this key (drift_key()); what was made of it since is seen
 * by itself. */
bool event_is_as_seen(const struct seen_state *now, uint64_t key, enum drift drift);

/* Writes the event of the call that stands over what somebody made of it, where it is as it was
 * seen. The calendar's failures. */
enum err event_put_back(
    struct task *task, uint64_t key, enum drift drift, struct fail *fail) MUST_CHECK;

/* Deletes an event that is the call's no more, in the state in which it was seen. *is_other:
 * somebody has changed it since, and it stands. The calendar's failures. */
enum err event_remove_as_seen(
    struct task *task, const struct seen_state *seen, bool *is_other, struct fail *fail) MUST_CHECK;

/* Until when a question to the calendar may take: its own time, within the lease. */
int64_t event_deadline(const struct task *task);

/* Leaves the calendar alone for a while when it answered so. */
void event_hold(struct courier *courier, enum err err);

#endif

/* SPDX-License-Identifier: MIT */
/* conflict.h: candidate slots against busy intervals */
#ifndef CORE_CONFLICT_H
#define CORE_CONFLICT_H

#include "core/slots.h"

/*
 * Keeps the slots whose call with its buffers overlaps no busy interval
 * (start < busy.end && end > busy.start). slots are in order of time, busy is merged
 * (intervals_merge). In place; returns how many are left.
 */
size_t conflict_filter(const struct hours *hours, struct slot *slots, size_t count,
    const struct interval *busy, size_t busy_count);

#endif

/* SPDX-License-Identifier: MIT */
/* metrics.h: what the whole machine counted, and how its parts are, as Prometheus reads it */
#ifndef DESK_METRICS_H
#define DESK_METRICS_H

#include "base/counters.h"
#include "desk/upstream.h"

#define METRICS_TEXT_MAX (128 * 1024)

/*
 * Appends the text format 0.0.4, METRICS_TEXT_MAX at most. Asks the pools and ClickHouse, of which
 * each may take its time to answer, and no worker: what stands there is the same whoever asks.
 */
void metrics_write(const struct upstream *upstream, const struct counters *counters,
    struct arena *arena, struct text *out);

#endif

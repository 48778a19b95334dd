/* SPDX-License-Identifier: MIT */
/* counters.h: counts that the processes of a pool share */
#ifndef BASE_COUNTERS_H
#define BASE_COUNTERS_H

#include <stdint.h>

enum counter {
	COUNTER_REPLY_2XX,
	COUNTER_REPLY_3XX,
	COUNTER_REPLY_4XX,
	COUNTER_REPLY_5XX,
	COUNTER_APPEND_ACCEPTED,
	COUNTER_APPEND_REFUSED,
	COUNTER_APPEND_UNSURE,
	COUNTER_APPEND_FAILED,
	COUNTER_CALENDAR_FAILED,
	COUNTER_BRIEF_SPOOLED,
	COUNTERS,
};

/*
 * A small file in the runtime directory, mapped by every process and added to atomically. When it
 * cannot be mapped the counts are this process's own: counting never stops a request. NULL: no
 * memory.
 */
struct counters;

struct counters *counters_open(const char *dir);
void counters_close(struct counters *counters);
/* NULL is legal and counts nothing. */
void counters_add(struct counters *counters, enum counter counter);
uint64_t counters_read(const struct counters *counters, enum counter counter);
/* The Prometheus series, without the prefix: `replies_total{class="2xx"}`. */
const char *counters_name(enum counter counter);

#endif

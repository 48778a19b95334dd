/* SPDX-License-Identifier: MIT */
/* pause.h: the pool's memory that ClickHouse did not answer in time */
#ifndef STORE_PAUSE_H
#define STORE_PAUSE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * A small file in the runtime directory, beside the calendar's. A server that hangs would hold
 * every worker for the whole of its patience, one request after the other; so after a time-out
 * nobody asks for a while, then one worker does, and what it finds is so for all.
 */

/* Until when nobody asks, clock_boot_ms(); 0: nothing is remembered. */
int64_t pause_until(const char *dir, struct arena *arena);
/* What cannot be written down is found out again. */
void pause_note(const char *dir, int64_t until_ms);
void pause_end(const char *dir);

#endif

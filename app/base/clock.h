/* SPDX-License-Identifier: MIT */
/* clock.h: the two clocks */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* The wall clock, UTC since 1970: for what people see. It may step. */
int64_t clock_wall_s(void);
int64_t clock_wall_ms(void);

/* Time since boot, suspension included, the same for every process of the machine: for ages,
 * time-outs and deadlines. */
int64_t clock_boot_ms(void);

#endif

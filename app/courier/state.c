/* SPDX-License-Identifier: MIT */
/* state.c: what the second daemon keeps */
#include "courier/state.h"
#include "base/clock.h"

const struct uuid courier_everywhere = {{0}};

int64_t courier_now_ms(const struct courier *courier)
{
	return courier->store_ms + (clock_boot_ms() - courier->store_boot_ms);
}

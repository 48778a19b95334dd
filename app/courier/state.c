/* SPDX-License-Identifier: MIT */
/* state.c: what the second daemon keeps */
#include "courier/state.h"
#include "base/clock.h"
#include "core/civil.h"

const struct uuid courier_everywhere = {{0}};

int64_t courier_now_ms(const struct courier *courier)
{
	return courier->store_ms + (clock_boot_ms() - courier->store_boot_ms);
}

int64_t courier_now_s(const struct courier *courier)
{
	return courier_now_ms(courier) / 1000;
}

uint64_t courier_day(const struct courier *courier)
{
	return (uint64_t)(courier_now_s(courier) / DAY_S);
}

/* SPDX-License-Identifier: MIT */
/* clocks.c: how far our wall clock is from those of others */
#include "base/clocks.h"

#include <stddef.h>

/* A distance is stored as a number that is not 0, whatever its sign. */
#define ZERO (INT64_C(1) << 50)
#define WINDOW_MS 60000
/* Our clock shows another time than the boot clock makes of its last one. */
#define STEP_MS 1000
#define MOST_WRONG_MS INT64_C(86400000)

static const char *const names[PEERS] = {"nginx", "ClickHouse", "Google"};

const char *peer_name(enum peer peer)
{
	return names[peer];
}

static uint64_t get(const _Atomic uint64_t *cell)
{
	return atomic_load_explicit(cell, memory_order_relaxed);
}

static void put(_Atomic uint64_t *cell, uint64_t value)
{
	atomic_store_explicit(cell, value, memory_order_relaxed);
}

static bool encode(int64_t wall_ms, int64_t boot_ms, uint64_t *out)
{
	if (wall_ms <= -ZERO / 2 || wall_ms >= ZERO / 2 || boot_ms < 0 || boot_ms >= ZERO / 2)
		return false;
	*out = (uint64_t)(wall_ms - boot_ms + ZERO);
	return true;
}

/* The greatest lower bound that is kept, or the least upper one. 0: there is none. */
static uint64_t low_of(const struct clocks *clocks, enum peer peer)
{
	uint64_t a = get(&clocks->peers[peer].low[0]), b = get(&clocks->peers[peer].low[1]);

	return a > b ? a : b;
}

static uint64_t high_of(const struct clocks *clocks, enum peer peer)
{
	uint64_t a = get(&clocks->peers[peer].high[0]), b = get(&clocks->peers[peer].high[1]);

	return !a || (b && b < a) ? b : a;
}

static void begin(struct clocks *clocks, enum peer peer, uint64_t before_low, uint64_t before_high)
{
	put(&clocks->peers[peer].low[1], before_low);
	put(&clocks->peers[peer].high[1], before_high);
	put(&clocks->peers[peer].low[0], 0);
	put(&clocks->peers[peer].high[0], 0);
}

void clocks_note(struct clocks *clocks, int64_t boot_ms, int64_t wall_ms)
{
	uint64_t own, before;
	int64_t step;

	if (!clocks || !encode(wall_ms, boot_ms, &own))
		return;
	before = get(&clocks->own);
	step = (int64_t)own - (int64_t)before;
	if (before && (step > STEP_MS || step < -STEP_MS))
		begin(clocks, PEER_NGINX, 0, 0);
	put(&clocks->own, own);
}

/* Two processes at once may lose one of their values, and the next one tells the same. */
void clocks_read(struct clocks *clocks, enum peer peer, const struct clock_reading *reading)
{
	uint64_t low, high = 0, kept_low, kept_high;

	if (!clocks || !encode(reading->from_ms, reading->boot_ms, &low) ||
	    (reading->until_ms != CLOCKS_NO_BOUND &&
		!encode(reading->until_ms, reading->asked_ms, &high)))
		return;
	if (reading->boot_ms - (int64_t)get(&clocks->peers[peer].began_ms) >= WINDOW_MS) {
		begin(clocks, peer, get(&clocks->peers[peer].low[0]),
		    get(&clocks->peers[peer].high[0]));
		put(&clocks->peers[peer].began_ms, (uint64_t)reading->boot_ms);
	}
	kept_low = low_of(clocks, peer);
	kept_high = high_of(clocks, peer);
	/* It was set, and shows nothing any more of what it did. */
	if ((high && high < kept_low) || (kept_high && low > kept_high))
		begin(clocks, peer, 0, 0);
	if (low > get(&clocks->peers[peer].low[0]))
		put(&clocks->peers[peer].low[0], low);
	kept_high = get(&clocks->peers[peer].high[0]);
	if (high && (!kept_high || high < kept_high))
		put(&clocks->peers[peer].high[0], high);
}

bool clocks_knows(const struct clocks *clocks, enum peer peer)
{
	return clocks && low_of(clocks, peer);
}

int64_t clocks_ahead(const struct clocks *clocks, enum peer peer, int64_t boot_ms, int64_t wall_ms)
{
	uint64_t own, low = clocks ? low_of(clocks, peer) : 0, high;

	if (!low || !encode(wall_ms, boot_ms, &own))
		return 0;
	high = high_of(clocks, peer);
	if (!high)
		return (int64_t)own - (int64_t)low;
	return own < low    ? (int64_t)own - (int64_t)low
	       : own > high ? (int64_t)own - (int64_t)high
			    : 0;
}

bool clocks_agree(int64_t ahead_ms)
{
	return ahead_ms >= -CLOCKS_AGREE_MS && ahead_ms <= CLOCKS_AGREE_MS;
}

int64_t clocks_of_workers(const struct clocks *clocks, int64_t boot_ms, int64_t wall_ms)
{
	uint64_t own = clocks ? get(&clocks->own) : 0;

	return own ? (int64_t)own - ZERO + boot_ms : wall_ms;
}

static int64_t middle(int64_t a, int64_t b, int64_t c)
{
	if (a > b)
		return middle(b, a, c);
	return c < a ? a : c > b ? b : c;
}

int64_t clocks_wrong_by(const struct clocks *clocks, int64_t boot_ms, int64_t wall_ms)
{
	int64_t by = middle(clocks_ahead(clocks, PEER_NGINX, boot_ms, wall_ms),
	    clocks_ahead(clocks, PEER_CLICKHOUSE, boot_ms, wall_ms),
	    clocks_ahead(clocks, PEER_GOOGLE, boot_ms, wall_ms));

	return clocks_agree(by) || by > MOST_WRONG_MS || by < -MOST_WRONG_MS ? 0 : by;
}

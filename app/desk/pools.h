/* SPDX-License-Identifier: MIT */
/* pools.h: the two pools of workers of this machine */
#ifndef DESK_POOLS_H
#define DESK_POOLS_H

#include "base/conf.h"

enum pool { POOL_PAGES, POOL_CLICKS, POOLS };

/* "pages"; NULL past the last. */
const char *pool_name(unsigned pool);

/* How many workers it has. */
unsigned pool_count(const struct conf *conf, enum pool pool);

/*
 * Whether a worker of it answers until clock_boot_ms() is at the deadline: fastcgi_ping()'s.
 * ERR_NOT_FOUND: it has no socket in the runtime directory, since it listens at an address of the
 * network, or not at all.
 */
enum err pool_ask(
    const struct conf *conf, enum pool pool, int64_t deadline, struct fail *fail) MUST_CHECK;

/* The same; one that listens elsewhere does well while it has workers. */
bool pool_is_up(const struct conf *conf, enum pool pool, int64_t deadline);

#endif

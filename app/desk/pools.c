/* SPDX-License-Identifier: MIT */
/* pools.c: the two pools of workers of this machine */
#include "desk/pools.h"
#include "base/roll.h"
#include "net/fastcgi.h"

#include <limits.h>
#include <stdio.h>

static const struct {
	const char *name, *socket;
} pools[POOLS] = {
    [POOL_PAGES] = {"pages", "worker.sock"},
    [POOL_CLICKS] = {"clicks", "click.sock"},
};

const char *pool_name(unsigned pool)
{
	return pool < POOLS ? pools[pool].name : NULL;
}

unsigned pool_count(const struct conf *conf, enum pool pool)
{
	return roll_count(conf->site.runtime_dir, pools[pool].name);
}

enum err pool_ask(const struct conf *conf, enum pool pool, int64_t deadline, struct fail *fail)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", conf->site.runtime_dir, pools[pool].socket);
	return fastcgi_ping(path, deadline, fail);
}

bool pool_is_up(const struct conf *conf, enum pool pool, int64_t deadline)
{
	struct fail ignored;
	enum err err = pool_ask(conf, pool, deadline, &ignored);

	return err == ERR_NOT_FOUND ? pool_count(conf, pool) > 0 : !err;
}

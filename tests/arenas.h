/* SPDX-License-Identifier: MIT */
/* arenas.h: how many arenas there are, for suites that are linked with
 * -Wl,--wrap=arena_new,--wrap=arena_free */
#ifndef TESTS_ARENAS_H
#define TESTS_ARENAS_H

#include "base/arena.h"

static int arena_count;

struct arena *__real_arena_new(size_t max);
struct arena *__wrap_arena_new(size_t max);
struct arena *__wrap_arena_new(size_t max)
{
	struct arena *arena = __real_arena_new(max);

	arena_count += arena != NULL;
	return arena;
}

void __real_arena_free(struct arena *arena);
void __wrap_arena_free(struct arena *arena);
void __wrap_arena_free(struct arena *arena)
{
	arena_count -= arena != NULL;
	__real_arena_free(arena);
}

#endif

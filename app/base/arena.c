/* SPDX-License-Identifier: MIT */
/* arena.c: the bounded memory of one request */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ALIGNMENT _Alignof(max_align_t)
/* Bytes of a text that is written with one pass over its format. */
#define PRINTED 256

/*
 * With --enable-sanitizers what is not allocated cannot be touched: a text that was trimmed too
 * short, or that outlives its request, is found out where it is read.
 */
#ifdef SANITIZED
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(start, size) ((void)(start), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(start, size) ((void)(start), (void)(size))
#endif

struct arena {
	char *base;
	size_t used, max;
	bool overflowed;
};

struct arena *arena_new(size_t max)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	if (!arena)
		return NULL;
	arena->max = max;
	arena->base = mmap(
	    NULL, max, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (arena->base == MAP_FAILED) {
		free(arena);
		return NULL;
	}
	/* What is made of secrets for a request stands here, and no dump is to have it. */
	madvise(arena->base, max, MADV_DONTDUMP);
	ASAN_POISON_MEMORY_REGION(arena->base, max);
	return arena;
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	ASAN_UNPOISON_MEMORY_REGION(arena->base, arena->max);
	munmap(arena->base, arena->max);
	free(arena);
}

void arena_reset(struct arena *arena)
{
	ASAN_POISON_MEMORY_REGION(arena->base, arena->used);
	arena->used = 0;
	arena->overflowed = false;
}

bool arena_overflowed(const struct arena *arena)
{
	return arena->overflowed;
}

size_t arena_used(const struct arena *arena)
{
	return arena->used;
}

/* The memory is not zeroed: for callers that fill it all. */
static void *take(struct arena *arena, size_t size)
{
	size_t at = (arena->used + ALIGNMENT - 1) & ~(ALIGNMENT - 1);

	if (arena->overflowed || at > arena->max || size > arena->max - at) {
		arena->overflowed = true;
		return NULL;
	}
	arena->used = at + size;
	ASAN_UNPOISON_MEMORY_REGION(arena->base + at, size);
	return arena->base + at;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	void *mem = take(arena, size);

	return mem ? memset(mem, 0, size) : NULL;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size) {
		arena->overflowed = true;
		return NULL;
	}
	return arena_alloc(arena, count * size);
}

void *arena_room(struct arena *arena, size_t size)
{
	return take(arena, size);
}

void arena_trim(struct arena *arena, void *newest, size_t used)
{
	size_t end = arena->used;

	if (!newest || arena->overflowed)
		return;
	arena->used = (size_t)((char *)newest - arena->base) + used;
	/* What lies beyond is poisoned already, and may be much. */
	ASAN_POISON_MEMORY_REGION(arena->base + arena->used, end - arena->used);
}

char *arena_strn(struct arena *arena, const char *bytes, size_t len)
{
	char *copy = take(arena, len + 1);

	if (!copy)
		return NULL;
	if (len)
		memcpy(copy, bytes, len);
	copy[len] = '\0';
	return copy;
}

char *arena_str(struct arena *arena, const char *str)
{
	return arena_strn(arena, str, str ? strlen(str) : 0);
}

/* Into the room that most texts need; a longer one is written once more. */
char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	size_t at = (arena->used + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	size_t left = at < arena->max ? arena->max - at : 0, room = left < PRINTED ? left : PRINTED;
	char *out = take(arena, room);
	va_list ap;
	int len;

	if (!out)
		return NULL;
	va_start(ap, fmt);
	len = vsnprintf(out, room, fmt, ap);
	va_end(ap);
	if (len >= 0 && (size_t)len < room) {
		arena_trim(arena, out, (size_t)len + 1);
		return out;
	}
	arena_trim(arena, out, 0);
	out = len < 0 ? NULL : take(arena, (size_t)len + 1);
	if (!out)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(out, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return out;
}

/* SPDX-License-Identifier: MIT */
/* arena.h: the bounded memory of one request */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Everything that a request allocates comes from its arena and goes with arena_reset(). Overflow is
 * sticky: an allocation that does not fit returns NULL, and so does every later one, so that a
 * renderer may check once, at its end, with arena_overflowed().
 */
struct arena;

/* An empty arena of at most max bytes; pages are touched as they are used. NULL: out of memory. */
struct arena *arena_new(size_t max);
void arena_free(struct arena *arena);

/* Forgets everything allocated and the overflow. */
void arena_reset(struct arena *arena);
bool arena_overflowed(const struct arena *arena);
size_t arena_used(const struct arena *arena);

/* Zeroed and aligned for any type. NULL after an overflow. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((alloc_size(2)));
/* count zeroed elements; a product that overflows is an arena overflow. */
void *arena_array(struct arena *arena, size_t count, size_t size);
/* Not zeroed: room for a buffer that is filled from its start. */
void *arena_room(struct arena *arena, size_t size);
/* Gives back the end of the newest allocation, of which only used bytes are kept. */
void arena_trim(struct arena *arena, void *newest, size_t used);

/* Copies; NULL after an overflow. A NULL string is copied as "". */
char *arena_str(struct arena *arena, const char *str);
char *arena_strn(struct arena *arena, const char *bytes, size_t len);
char *arena_printf(struct arena *arena, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif

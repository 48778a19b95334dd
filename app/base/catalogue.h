/* SPDX-License-Identifier: MIT */
/* catalogue.h: a language's messages */
#ifndef BASE_CATALOGUE_H
#define BASE_CATALOGUE_H

#include "base/arena.h"
#include "base/err.h"

#include <stddef.h>

struct catalogue;

/*
 * Reads `key = text` lines; a key under [section] becomes "section.key". The bytes end with a NUL
 * at bytes[len] and are valid UTF-8; everything is copied into the arena. A line that cannot be
 * read, a key given twice, or a line or key over its bound is ERR_CONFIG with path:line. After an
 * arena overflow the catalogue may be incomplete: the caller checks.
 */
enum err catalogue_parse(struct arena *arena, const char *path, const char *bytes, size_t len,
    const struct catalogue **out, struct fail *fail) MUST_CHECK;

/* The keys in their order; NULL past the last. */
const char *catalogue_key(const struct catalogue *catalogue, size_t index);
/* NULL when there is no such message. */
const char *catalogue_get(const struct catalogue *catalogue, const char *key);

#endif

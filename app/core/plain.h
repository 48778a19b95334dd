/* SPDX-License-Identifier: MIT */
/* plain.h: what a stranger wrote, made fit to stand among our own words */
#ifndef CORE_PLAIN_H
#define CORE_PLAIN_H

#include "base/arena.h"

/*
 * A copy of at most max characters, ended by "…" when it was cut. Bytes that are not UTF-8 become
 * U+FFFD; control characters and the marks that turn the direction of what follows them go.
 * plain_line() makes one line of it; plain_text() keeps line breaks, as "\n", and tabs.
 * NULL after an arena overflow.
 */
const char *plain_line(struct arena *arena, const char *text, size_t max);
const char *plain_text(struct arena *arena, const char *text, size_t max);

#endif

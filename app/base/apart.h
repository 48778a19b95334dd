/* SPDX-License-Identifier: MIT */
/* apart.h: what strangers wrote is read by a program of its own */
#ifndef BASE_APART_H
#define BASE_APART_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Calendars and what their servers answer hold what anybody wrote, and the libraries that read them
 * are large. The program slotguard-reader does, which is linked with these libraries and knows
 * nothing else: none of our memory, no secret, no connection. What it is asked are its words and a
 * text, what it answers are bytes or a failure; it is of the same version, on the same machine.
 */
#define APART_WORDS 4

struct apart_wish {
	const char *words[APART_WORDS]; /* what to do, and what has to be known for it */
	const char *text;
	size_t len;
	const char *where, *what; /* for a failure: "ical", "the calendar" */
	size_t answer_max;
	int64_t limit_ms;
};

/*
 * Asks it, and waits. The answer is in the arena, NUL-terminated at *len. Beside the failures that
 * the reader names, ERR_GARBLED: it was not done within the limit, or died. ERR_SYSTEM: it cannot
 * be started, or there is no memory.
 */
enum err apart_ask(struct arena *arena, const struct apart_wish *wish, char **out, size_t *len,
    struct fail *fail) MUST_CHECK;

/* What the reader says: its failure, if fail->code is one, or the bytes. False: nobody hears it. */
bool apart_answer(int fd, const struct fail *fail, const void *bytes, size_t len);

#endif

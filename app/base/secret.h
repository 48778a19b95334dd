/* SPDX-License-Identifier: MIT */
/* secret.h: credentials, one file each, in guarded memory */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Kept in libsodium's guarded memory, which is wiped when freed. NUL-terminated text. What is made
 * of it for a request stands in ordinary memory: secret_guard_process() is for that.
 */
struct secret {
	size_t len;
	char text[];
};

/*
 * Reads DIR/NAME, one line of printable text (one newline at the end is not part of it), 1 to 4096
 * bytes. A file that is not there, or that says "none", is no failure: *out is NULL, and the
 * service it belongs to is off. ERR_CONFIG: empty, unreadable, too long or not printable.
 */
enum err secret_load(
    const char *dir, const char *name, struct secret **out, struct fail *fail) MUST_CHECK;
void secret_free(struct secret *secret);

/* Whether a text is this secret (NULL: it is not), in a time that tells nothing of it. */
bool secret_is(const struct secret *secret, const char *text);

/*
 * For the first line of a program with secrets: it dumps no core, and no other process of its user
 * can look into its memory.
 */
void secret_guard_process(void);

#endif

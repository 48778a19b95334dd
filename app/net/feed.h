/* SPDX-License-Identifier: MIT */
/* feed.h: a calendar's file, fetched from its private address */
#ifndef NET_FEED_H
#define NET_FEED_H

#include "net/http.h"

/* What the server said of the file when it was fetched, so that it is fetched only when it has
 * changed. Zeroed: it is fetched in any case. */
struct feed_mark {
	char etag[HTTP_VALUE_MAX + 1], modified[HTTP_VALUE_MAX + 1];
};

struct feed_question {
	const char *address;
	size_t bytes_max;
	int64_t deadline; /* clock_boot_ms() */
	struct feed_mark mark;
};

struct feed {
	bool is_unchanged; /* since the question's mark; there is no text */
	char *text;	   /* in the arena, NUL-terminated */
	size_t len;
	struct feed_mark mark;
};

/*
 * Follows a redirect that stays at the address's host. ERR_AUTH: 401, 403; ERR_NOT_FOUND: 404, 410;
 * ERR_BUSY: 429, 5xx; ERR_REFUSED: a redirect elsewhere, and the rest; ERR_TOO_LARGE; ERR_GARBLED:
 * a NUL is in it. Else the transfer's own. The address is a secret, and no sentence names more of
 * it than its host.
 */
enum err feed_fetch(struct http *http, struct arena *arena, const struct feed_question *question,
    struct feed *out, struct fail *fail) MUST_CHECK;

#endif

/* SPDX-License-Identifier: MIT */
/* multistatus.h: what a WebDAV server says of several resources at once (RFC 4918, section 13) */
#ifndef READ_MULTISTATUS_H
#define READ_MULTISTATUS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

struct dav_resource {
	const char *href;
	const char *etag;  /* names its state; NULL: it was not told */
	char *data;	   /* calendar-data (RFC 4791, section 9.6); NULL: none */
	bool is_calendar;  /* by its resourcetype */
	bool is_read_only; /* by its current-user-privilege-set (RFC 3744, section 5.4); false:
			      events may be put into it, or it does not tell */
	struct dav_resource *next; /* NULL: the last */
};

/*
 * Reads them into the arena, in their order; *out is NULL when there are none. One that is gone
 * (404, of itself or of its getetag) is left out. ERR_GARBLED: it is no whole multistatus, has a
 * document type, which could make much of little, or one of the resources, or its getetag, was
 * withheld: nothing is left out in silence.
 */
enum err multistatus_read(struct arena *arena, const char *text, size_t len,
    struct dav_resource **out, struct fail *fail) MUST_CHECK;

/* As bytes, in as many as that, and back: see net/resources.h. */
size_t multistatus_bytes(const struct dav_resource *list);
void multistatus_write(const struct dav_resource *list, struct text *out);

#endif

/* SPDX-License-Identifier: MIT */
/* resources.c: what a WebDAV server says of several resources, read apart */
#include "net/resources.h"
#include "base/apart.h"

#include <string.h>

/* Of the largest answer that is read. */
#define READ_MS 5000
#define ANSWER_MAX ((size_t)64 * 1024 * 1024)

/* As multistatus_write() wrote it. */
static char *next(char *at, struct dav_resource *out)
{
	bool has_data = at[0] == '1', has_etag = at[1] == '1';

	*out = (struct dav_resource){
	    .is_calendar = at[2] == '1', .is_read_only = at[3] == '1', .href = at + 4};
	at += 4 + strlen(out->href) + 1;
	out->etag = has_etag ? at : NULL;
	at += strlen(at) + 1;
	out->data = has_data ? at : NULL;
	return at + strlen(at) + 1;
}

enum err resources_read(
    struct arena *arena, const char *text, size_t len, struct dav_resource **out, struct fail *fail)
{
	const struct apart_wish wish = {
	    .words = {"resources"},
	    .text = text,
	    .len = len,
	    .where = "caldav",
	    .what = "the answer of the calendar's server",
	    .answer_max = ANSWER_MAX,
	    .limit_ms = READ_MS,
	};
	struct dav_resource *first = NULL, **end = &first;
	char *bytes, *at;
	size_t bytes_len;
	enum err err;

	if ((err = apart_ask(arena, &wish, &bytes, &bytes_len, fail)))
		return err;
	for (at = bytes; at < bytes + bytes_len; end = &(*end)->next) {
		*end = arena_alloc(arena, sizeof(**end));
		if (!*end)
			return fail_set(fail, ERR_GARBLED, "caldav",
			    "the answer of the calendar's server does not fit in memory");
		at = next(at, *end);
	}
	*out = first;
	return ERR_NONE;
}

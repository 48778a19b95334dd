/* SPDX-License-Identifier: MIT */
/* fuzz_multistatus.c: any bytes as what a WebDAV server says of several resources, and as the
 * events of a CalDAV server's */
#include "net/caldav.h"
#include "net/multistatus.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* Their text stands where the answer was. */
static void read_events(struct arena *arena, const uint8_t *data, size_t size, bool skips_calls)
{
	struct http_reply reply = {
	    .status = 207, .body = arena_strn(arena, (const char *)data, size), .body_len = size};
	struct fail fail = {0};
	char *events = NULL;

	if (!reply.body)
		return;
	if (caldav_parse_events(arena, &reply, skips_calls, &events, &fail))
		must(fail.code != ERR_NONE && !events);
	else if (events)
		must(events == reply.body && strlen(events) <= size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(4 << 20);
	struct dav_resource *list = NULL;
	struct fail fail = {0};
	size_t len = 0;
	char *bytes;

	if (!arena || size > 65536)
		goto out;
	/* A block of exactly its size, so that reading beyond its end is seen. */
	bytes = malloc(size);
	if (!bytes && size)
		abort();
	if (size)
		memcpy(bytes, data, size);
	if (multistatus_read(arena, bytes, size, &list, &fail))
		must(fail.code == ERR_GARBLED && !list);
	/* Nothing grows: there are no entities. */
	for (; list; list = list->next)
		len += strlen(list->href) + (list->data ? strlen(list->data) : 0);
	must(len <= size);
	free(bytes);
	read_events(arena, data, size, false);
	read_events(arena, data, size, true);
out:
	arena_free(arena);
	return 0;
}

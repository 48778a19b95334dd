/* SPDX-License-Identifier: MIT */
/* fuzz_multistatus.c: any bytes as what a WebDAV server says of several resources */
#include "read/multistatus.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* What is written down is as long as was said. */
static void write_down(struct arena *arena, const struct dav_resource *list)
{
	size_t len = multistatus_bytes(list);
	struct text text = text_new(arena, len);

	if (arena_overflowed(arena))
		return;
	multistatus_write(list, &text);
	must(!text_overflowed(&text) && text.len == len);
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
	write_down(arena, list);
	/* Nothing grows: there are no entities. */
	for (; list; list = list->next)
		len += strlen(list->href) + (list->data ? strlen(list->data) : 0);
	must(len <= size);
	free(bytes);
out:
	arena_free(arena);
	return 0;
}

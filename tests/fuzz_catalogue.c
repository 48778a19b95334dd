/* SPDX-License-Identifier: MIT */
/* fuzz_catalogue.c: any UTF-8 text as a language's messages */
#include "base/catalogue.h"
#include "base/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const keys[] = {"a", "b", "a.b", "", "date.long"};
	const struct catalogue *catalogue = NULL;
	struct arena *arena = arena_new(8 << 20);
	struct fail fail;
	char *bytes;

	if (!arena || size > 65536 || memchr(data, '\0', size) ||
	    !utf8_is_valid((const char *)data, size)) {
		arena_free(arena);
		return 0;
	}
	bytes = malloc(size + 1);
	if (!bytes)
		abort();
	memcpy(bytes, data, size);
	bytes[size] = '\0';
	if (catalogue_parse(arena, "m.ini", bytes, size, &catalogue, &fail)) {
		if (fail.code != ERR_CONFIG || strncmp(fail.detail, "m.ini:", 6) != 0)
			abort();
	} else {
		/* Everything is copied. */
		memset(bytes, 'x', size);
		for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
			const char *text = catalogue_get(catalogue, keys[i]);

			if (text && !utf8_is_valid(text, strlen(text)))
				abort();
		}
	}
	free(bytes);
	arena_free(arena);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* fuzz_language.c: any bytes as Accept-Language; what is chosen is one of ours, and a range that
 * stands in front without a weight is chosen */
#include "core/language.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const available[] = {"de-CH", "en", "es"};
	char *header = malloc(size + 4);
	const char *found;
	bool is_ours = false;

	if (!header)
		abort();
	memcpy(header, "es,", 3);
	memcpy(header + 3, data, size);
	header[size + 3] = '\0';
	found = language_choose(header + 3, available, 3);
	for (int i = 0; i < 3; i++)
		is_ours = is_ours || found == available[i];
	must(!found || is_ours);
	must(language_choose(header, available, 3) == available[2]);
	free(header);
	return 0;
}

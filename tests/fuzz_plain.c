/* SPDX-License-Identifier: MIT */
/* fuzz_plain.c: any bytes as what a stranger wrote; what is left is UTF-8 within its bound, a line
 * is one line, and to make it plain again changes nothing */
#include "base/text.h"
#include "core/plain.h"

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

static void judge(const char *plain, size_t max, bool is_line)
{
	must(plain && utf8_is_valid(plain, strlen(plain)) && utf8_length(plain) <= max + 1);
	for (const char *at = plain; *at; at++)
		must((unsigned char)*at >= 0x20 ? *at != 0x7f
						: !is_line && (*at == '\n' || *at == '\t'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(4 << 20);
	size_t max = size ? data[0] + 1u : 0;
	const char *line, *lines;
	char *text;

	if (!arena || size < 1 || size > 20000)
		goto out;
	text = malloc(size);
	if (!text)
		abort();
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	line = plain_line(arena, text, max);
	judge(line, max, true);
	must(strcmp(plain_line(arena, line, max + 1), line) == 0);
	lines = plain_text(arena, text, max);
	judge(lines, max, false);
	must(strcmp(plain_text(arena, lines, max + 1), lines) == 0);
	free(text);
out:
	arena_free(arena);
	return 0;
}

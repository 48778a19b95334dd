/* SPDX-License-Identifier: MIT */
/* plain.c: what a stranger wrote, made fit to stand among our own words */
#include "core/plain.h"
#include "base/text.h"

#include <string.h>

/* Bytes of the character at the front; 0: it is none. */
static size_t character(const char *at)
{
	size_t most = strnlen(at, 4);

	for (size_t len = 1; len <= most; len++)
		if (utf8_is_valid(at, len))
			return len;
	return 0;
}

/* LRE to RLO and PDF, LRI to PDI, the line and paragraph separators (U+202A to U+202E, U+2066 to
 * U+2069, U+2028, U+2029), and the C1 controls. */
static bool is_unwanted(const char *at, size_t len)
{
	const unsigned char *c = (const unsigned char *)at;

	if (len == 1)
		return *c < 0x20 || *c == 0x7f;
	if (len == 2)
		return c[0] == 0xc2 && c[1] < 0xa0;
	return len == 3 && c[0] == 0xe2 &&
	       ((c[1] == 0x80 && c[2] >= 0xa8 && c[2] <= 0xae) ||
		   (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9));
}

/* Room is made for 4 bytes a character, so that nothing overflows. */
static const char *made_plain(struct arena *arena, const char *text, size_t max, bool has_lines)
{
	struct text out = text_new(arena, (max + 1) * 4);
	size_t count = 0, len;

	for (; *text; text += len ? len : 1) {
		bool is_break = *text == '\n' || *text == '\r' || *text == '\t';

		len = character(text);
		if (is_break && *text == '\r' && text[1] == '\n')
			continue;
		if (!is_break && len && is_unwanted(text, len))
			continue;
		if (count++ == max) {
			text_str(&out, "…");
			break;
		}
		if (is_break)
			text_str(&out, !has_lines ? " " : *text == '\t' ? "\t" : "\n");
		else if (len)
			text_raw(&out, text, len);
		else
			text_str(&out, "\uFFFD");
	}
	arena_trim(arena, out.data, out.len + 1);
	return text_overflowed(&out) ? NULL : out.data;
}

const char *plain_line(struct arena *arena, const char *text, size_t max)
{
	return made_plain(arena, text, max, false);
}

const char *plain_text(struct arena *arena, const char *text, size_t max)
{
	return made_plain(arena, text, max, true);
}

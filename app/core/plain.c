/* SPDX-License-Identifier: MIT */
/* plain.c: what a stranger wrote, made fit to stand among our own words */
#include "core/plain.h"
#include "base/text.h"

#include <string.h>

/* No telephone number has fewer. */
#define PHONE_DIGITS 5

enum plain_kind plain_kind(uint32_t code)
{
	switch (code) {
	case '\n':
	case '\v':
	case '\f':
	case '\r':
	case 0x85:
	case 0x2028:
	case 0x2029:
		return PLAIN_BREAK;
	case ' ':
	case 0xa0:
	case 0x1680:
	case 0x202f:
	case 0x205f:
	case 0x2800: /* braille without a dot */
	case 0x3000:
	case 0x3164: /* a filler that shows as a blank */
		return PLAIN_BLANK;
	case 0xad:
	case 0x180e:
	case 0x200b:
	case 0xfeff:
		return PLAIN_NOTHING;
	default:
		break;
	}
	if (code >= 0x2000 && code <= 0x200a)
		return PLAIN_BLANK;
	if ((code >= 0x2060 && code <= 0x2065) || (code >= 0x206a && code <= 0x206f) ||
	    (code >= 0xfff0 && code <= 0xfffb))
		return PLAIN_NOTHING;
	if (utf8_is_unwanted(code))
		return code < 0xa0 ? PLAIN_BLANK : PLAIN_NOTHING;
	return PLAIN_LETTER;
}

bool plain_is_unseen(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {{0xad, 0xad}, {0x34f, 0x34f}, {0x61c, 0x61c}, {0x115f, 0x1160},
	    {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200f}, {0x202a, 0x202e},
	    {0x2060, 0x206f}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0},
	    {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return plain_kind(code) != PLAIN_LETTER;
}

/* What stands for a break or a blank; NULL: nothing, as one stands there already. */
static const char *space_for(
    const struct text *out, enum plain_kind kind, bool is_tab, bool has_lines)
{
	if (has_lines)
		return kind == PLAIN_BREAK ? "\n" : is_tab ? "\t" : " ";
	return out->len && out->data[out->len - 1] == ' ' ? NULL : " ";
}

/* Room is made for 4 bytes a character, so that nothing overflows. */
static struct text made_plain(struct arena *arena, const char *text, size_t max, bool has_lines)
{
	struct text out = text_new(arena, (max + 1) * 4);
	const char *end = text + strlen(text), *space;
	size_t count = 0, step;
	uint32_t code = 0;

	for (; text < end; text += step ? step : 1) {
		enum plain_kind kind;

		step = utf8_next(text, (size_t)(end - text), &code);
		kind = step ? plain_kind(code) : PLAIN_LETTER;
		if (kind == PLAIN_NOTHING || (step && code == '\r' && text[1] == '\n'))
			continue;
		space = kind == PLAIN_LETTER ? "" : space_for(&out, kind, code == '\t', has_lines);
		if (!space)
			continue;
		if (count++ == max) {
			text_str(&out, "…");
			break;
		}
		if (*space)
			text_str(&out, space);
		else if (step)
			text_raw(&out, text, step);
		else
			text_str(&out, "\uFFFD");
	}
	return out;
}

static const char *kept(struct arena *arena, const struct text *out)
{
	text_trim(arena, out);
	return text_overflowed(out) ? NULL : out->data;
}

const char *plain_line(struct arena *arena, const char *text, size_t max)
{
	struct text out = made_plain(arena, text, max, false);

	return kept(arena, &out);
}

const char *plain_text(struct arena *arena, const char *text, size_t max)
{
	struct text out = made_plain(arena, text, max, true);

	return kept(arena, &out);
}

/* Of the character that begins with this byte. */
static size_t length_in_utf16(char c)
{
	unsigned char byte = (unsigned char)c;

	return (size_t)((byte & 0xc0) != 0x80) + (byte >= 0xf0);
}

/* As text_html() writes it. */
static size_t length_in_html(char c)
{
	switch (c) {
	case '&':
	case '\'':
		return 5;
	case '<':
	case '>':
		return 4;
	case '"':
		return 6;
	default:
		return length_in_utf16(c);
	}
}

size_t plain_length(const char *text)
{
	size_t count = 0;

	while (*text)
		count += length_in_utf16(*text++);
	return count;
}

const char *plain_html(struct arena *arena, const char *text, size_t max)
{
	struct text out = made_plain(arena, text, max, true);
	size_t count = 0;

	for (size_t i = 0; i < out.len; i++) {
		count += length_in_html(out.data[i]);
		if (count <= max)
			continue;
		out.len = i;
		text_str(&out, "…");
		break;
	}
	return kept(arena, &out);
}

static bool is_seen(const struct text *text)
{
	size_t step;
	uint32_t code = 0;

	for (size_t i = 0; i < text->len; i += step) {
		step = utf8_next(text->data + i, text->len - i, &code);
		if (!step || !plain_is_unseen(code))
			return true;
	}
	return false;
}

static const char *tidy(struct arena *arena, const char *text, bool has_lines)
{
	struct text out = made_plain(arena, text, strlen(text), has_lines);
	size_t before;

	if (text_overflowed(&out))
		return NULL;
	if (!is_seen(&out))
		return "";
	while (out.len && strchr(" \t\n", out.data[out.len - 1]))
		out.data[--out.len] = '\0';
	before = strspn(out.data, " \t\n");
	memmove(out.data, out.data + before, out.len + 1 - before);
	out.len -= before;
	return kept(arena, &out);
}

const char *plain_tidy_line(struct arena *arena, const char *text)
{
	return tidy(arena, text, false);
}

const char *plain_tidy_text(struct arena *arena, const char *text)
{
	return tidy(arena, text, true);
}

/* A letter or a digit of any script, as far as links go: what is not ASCII counts as one. */
static bool is_word(char c)
{
	return ascii_is_alphanumeric(c) || (unsigned char)c >= 0x80;
}

/* What a name does not have: those that look like the signs of a link, which the DNS and some mail
 * programs take for them, and as many digits as a telephone number. */
static bool has_signs(const char *text)
{
	size_t digits = 0, step;
	uint32_t code = 0;

	for (; *text; text += step) {
		step = utf8_next(text, strlen(text), &code);
		step = step ? step : 1;
		if (code == 0x3002 || code == 0xff0e || code == 0xff61 || code == 0x2024 ||
		    code == 0xff0f || code == 0x2044 || code == 0x2215 || code == 0xff20 ||
		    code == 0xfe6b || code == 0xff1a)
			return true;
		digits += code >= '0' && code <= '9';
		code = 0;
	}
	return digits >= PHONE_DIGITS;
}

bool plain_has_link(const char *text)
{
	if (strpbrk(text, "/\\@:") || strcasestr(text, "www.") || has_signs(text))
		return true;
	for (const char *stop = strchr(text, '.'); stop; stop = strchr(stop + 1, '.'))
		if (stop > text && is_word(stop[-1]) && is_word(stop[1]))
			return true;
	return false;
}

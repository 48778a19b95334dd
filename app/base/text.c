/* SPDX-License-Identifier: MIT */
/* text.c: bounded text, appended to with its context said */
#include "base/text.h"
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct text text_new(struct arena *arena, size_t max)
{
	static char nothing[1];
	struct text text = {arena_room(arena, max + 1), 0, max, false};

	if (!text.data)
		text = (struct text){nothing, 0, 0, true};
	text.data[0] = '\0';
	return text;
}

void text_trim(struct arena *arena, const struct text *text)
{
	arena_trim(arena, text->data, text->len + 1);
}

bool text_overflowed(const struct text *text)
{
	return text->overflowed;
}

void text_raw(struct text *text, const char *bytes, size_t len)
{
	if (text->overflowed || len > text->max - text->len) {
		text->overflowed = true;
		return;
	}
	memcpy(text->data + text->len, bytes, len);
	text->len += len;
	text->data[text->len] = '\0';
}

static const char *or_overflow(struct text *text, const char *str)
{
	text->overflowed = text->overflowed || !str;
	return str ? str : "";
}

void text_str(struct text *text, const char *str)
{
	str = or_overflow(text, str);
	text_raw(text, str, strlen(str));
}

void text_printf(struct text *text, const char *fmt, ...)
{
	size_t room = text->max - text->len;
	va_list ap;
	int len;

	if (text->overflowed)
		return;
	va_start(ap, fmt);
	len = vsnprintf(text->data + text->len, room + 1, fmt, ap);
	va_end(ap);
	if (len < 0 || (size_t)len > room) {
		text->data[text->len] = '\0';
		text->overflowed = true;
		return;
	}
	text->len += (size_t)len;
}

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	default:
		return "&#39;";
	}
}

bool ascii_is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

void text_html(struct text *text, const char *str)
{
	str = or_overflow(text, str);
	for (;; str++) {
		size_t plain = strcspn(str, "&<>\"'");

		text_raw(text, str, plain);
		str += plain;
		if (!*str)
			return;
		text_str(text, entity(*str));
	}
}

void text_json(struct text *text, const char *str)
{
	const char *plain, *end;
	uint32_t code = 0;

	str = or_overflow(text, str);
	plain = str;
	end = str + strlen(str);
	for (size_t step; str < end; str += step) {
		step = utf8_next(str, (size_t)(end - str), &code);
		if (!step) {
			step = 1;
			continue;
		}
		if (code != '"' && code != '\\' && !utf8_is_unwanted(code))
			continue;
		text_raw(text, plain, (size_t)(str - plain));
		plain = str + step;
		if (utf8_is_unwanted(code))
			text_printf(text, "\\u%04x", code);
		else
			text_printf(text, "\\%c", (char)code);
	}
	text_raw(text, plain, (size_t)(end - plain));
}

void text_url(struct text *text, const char *str)
{
	str = or_overflow(text, str);
	for (; *str; str++)
		if (ascii_is_alphanumeric(*str) || strchr("-._~", *str))
			text_raw(text, str, 1);
		else
			text_printf(text, "%%%02X", (unsigned char)*str);
}

size_t utf8_next(const char *bytes, size_t len, uint32_t *code)
{
	static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
	const unsigned char *at = (const unsigned char *)bytes;
	uint32_t found;
	size_t more;

	if (!len)
		return 0;
	if (*at < 0x80) {
		*code = *at;
		return 1;
	}
	more = *at >= 0xf0 ? 3 : *at >= 0xe0 ? 2 : 1;
	if (*at < 0xc2 || *at > 0xf4 || len <= more)
		return 0;
	found = *at & (0x3fu >> more);
	for (size_t i = 1; i <= more; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		found = found << 6 | (at[i] & 0x3f);
	}
	if (found < least[more] || found > 0x10ffff || (found >= 0xd800 && found <= 0xdfff))
		return 0;
	*code = found;
	return more + 1;
}

/* How many bytes of ASCII it begins with, by eights: most of what is looked at is nothing else. */
static size_t ascii_bytes(const char *bytes, size_t len)
{
	size_t plain = 0;
	uint64_t eight;

	for (; len - plain >= sizeof(eight); plain += sizeof(eight)) {
		memcpy(&eight, bytes + plain, sizeof(eight));
		if (eight & UINT64_C(0x8080808080808080))
			break;
	}
	return plain;
}

bool utf8_is_valid(const char *bytes, size_t len)
{
	uint32_t code;

	for (size_t step; len; bytes += step, len -= step)
		if (!(step = ascii_bytes(bytes, len)) && !(step = utf8_next(bytes, len, &code)))
			return false;
	return true;
}

char *utf8_mended(struct arena *arena, const char *bytes, size_t len)
{
	static const char replacement[] = "\uFFFD";
	struct text out = text_new(arena, len * strlen(replacement));
	uint32_t code = 0;

	for (size_t step; len; bytes += step, len -= step) {
		step = utf8_next(bytes, len, &code);
		if (step && code)
			text_raw(&out, bytes, step);
		else
			text_str(&out, replacement);
		step = step ? step : 1;
	}
	text_trim(arena, &out);
	return text_overflowed(&out) ? NULL : out.data;
}

bool utf8_is_unwanted(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069);
}

void utf8_tame(char *line)
{
	const char *from = line, *end = line + strlen(line);
	uint32_t code = 0;

	for (size_t step; from < end; from += step) {
		step = utf8_next(from, (size_t)(end - from), &code);
		if (step && !utf8_is_unwanted(code)) {
			memmove(line, from, step);
			line += step;
			continue;
		}
		*line++ = '?';
		step = step ? step : 1;
	}
	*line = '\0';
}

size_t utf8_length(const char *str)
{
	size_t count = 0;

	for (; *str; str++)
		count += ((unsigned char)*str & 0xc0) != 0x80;
	return count;
}

bool url_names_user(const char *url)
{
	const char *host = strstr(url, "://");

	return host && memchr(host + 3, '@', strcspn(host + 3, "/?#"));
}

bool url_keeps_secrets(const char *url)
{
	static const char *const own[] = {"localhost", "[::1]"};
	const char *host = strncmp(url, "http://", 7) == 0 ? url + 7 : NULL;
	size_t len = host ? strcspn(host, ":/?#") : 0;

	if (!host)
		return strncmp(url, "https://", 8) == 0;
	/* An address with a user's name in it is not taken apart. */
	if (url_names_user(url))
		return false;
	if (*host == '[')
		len = strcspn(host, "]") + 1;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strlen(own[i]) == len && strncmp(host, own[i], len) == 0)
			return true;
	/* The whole of 127.0.0.0/8, and no name that begins so. */
	return strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == len;
}

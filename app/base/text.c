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

void text_str(struct text *text, const char *str)
{
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

/* Appends str, with each byte for which escape() has an answer replaced by it. */
static void escaped(
    struct text *text, const char *str, const char *(*escape)(unsigned char, char *))
{
	const char *plain = str, *with;
	char room[8];

	for (; *str; str++) {
		with = escape((unsigned char)*str, room);
		if (!with)
			continue;
		text_raw(text, plain, (size_t)(str - plain));
		text_str(text, with);
		plain = str + 1;
	}
	text_raw(text, plain, (size_t)(str - plain));
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

static const char *json_escape(unsigned char c, char *room)
{
	if (c == '"')
		return "\\\"";
	if (c == '\\')
		return "\\\\";
	if (c >= 0x20 && c != 0x7f)
		return NULL;
	snprintf(room, 8, "\\u%04x", c);
	return room;
}

static const char *url_escape(unsigned char c, char *room)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    c == '-' || c == '.' || c == '_' || c == '~')
		return NULL;
	snprintf(room, 8, "%%%02X", c);
	return room;
}

void text_html(struct text *text, const char *str)
{
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
	escaped(text, str, json_escape);
}

void text_url(struct text *text, const char *str)
{
	escaped(text, str, url_escape);
}

bool utf8_is_valid(const char *bytes, size_t len)
{
	static const unsigned least[] = {0, 0x80, 0x800, 0x10000};
	const unsigned char *at = (const unsigned char *)bytes, *end = at + len;

	while (at < end) {
		unsigned c = *at++, more, code;

		if (c < 0x80)
			continue;
		more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
		if (c < 0xc2 || c > 0xf4 || (size_t)(end - at) < more)
			return false;
		code = c & (0x3fu >> more);
		for (unsigned i = 0; i < more; i++, at++) {
			if ((*at & 0xc0) != 0x80)
				return false;
			code = code << 6 | (*at & 0x3f);
		}
		if (code < least[more] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
			return false;
	}
	return true;
}

size_t utf8_length(const char *str)
{
	size_t count = 0;

	for (; *str; str++)
		count += ((unsigned char)*str & 0xc0) != 0x80;
	return count;
}

/* SPDX-License-Identifier: MIT */
/* text.h: bounded text, appended to with its context said */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/*
 * A buffer that is born with its maximum. What does not fit is dropped and the overflow is sticky:
 * check text_overflowed() once, when done. Always NUL-terminated.
 */
struct text {
	char *data;
	size_t len, max; /* max counts bytes without the NUL */
	bool overflowed;
};

/* Room for max bytes from the arena. On an arena overflow every append overflows the text. */
struct text text_new(struct arena *arena, size_t max);
bool text_overflowed(const struct text *text);

/* Raw: only for text that is already in the buffer's language. */
void text_raw(struct text *text, const char *bytes, size_t len);
void text_str(struct text *text, const char *str);
void text_printf(struct text *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* HTML text and double- or single-quoted attribute values: & < > " ' become references. */
void text_html(struct text *text, const char *str);
/* The inside of a JSON string (RFC 8259, section 7): quotes, backslash and controls escaped. */
void text_json(struct text *text, const char *str);
/* A URL component (RFC 3986, section 2): everything but unreserved characters percent-encoded. */
void text_url(struct text *text, const char *str);

/* Well-formed UTF-8 (RFC 3629): no overlong forms, surrogates or code points above U+10FFFF. */
bool utf8_is_valid(const char *bytes, size_t len);
/* Code points in valid UTF-8. */
size_t utf8_length(const char *str);

#endif

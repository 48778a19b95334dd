/* SPDX-License-Identifier: MIT */
/* text.h: bounded text, appended to with its context said */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/*
 * A buffer that is born with its maximum. What does not fit is dropped and the overflow is sticky:
 * check text_overflowed() once, when done. Always NUL-terminated. A text that is NULL is one for
 * which there was no memory: it does not fit.
 */
struct text {
	char *data;
	size_t len, max; /* max counts bytes without the NUL */
	bool overflowed;
};

/* Room for max bytes from the arena. On an arena overflow every append overflows the text. */
struct text text_new(struct arena *arena, size_t max);
bool text_overflowed(const struct text *text);
/* Gives back the room that the text, the newest of the arena, has no use for: it is written. */
void text_trim(struct arena *arena, const struct text *text);

/* Raw: only for text that is already in the buffer's language. */
void text_raw(struct text *text, const char *bytes, size_t len);
void text_str(struct text *text, const char *str);
void text_printf(struct text *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* HTML text and double- or single-quoted attribute values: & < > " ' become references. */
void text_html(struct text *text, const char *str);
/* The inside of a JSON string (RFC 8259, section 7): quotes, backslash and what utf8_is_unwanted()
 * names are
 * escaped. */
void text_json(struct text *text, const char *str);
/* A URL component (RFC 3986, section 2): everything but unreserved characters percent-encoded. */
void text_url(struct text *text, const char *str);

/* Letters and digits of ASCII, whatever the locale. */
bool ascii_is_alphanumeric(char c);
/* A capital letter of ASCII in its small form, anything else as it is. */
char ascii_lower(char c);

/* Whether what is sent to a URL crosses no network in clear: it is https, or this machine's own. */
bool url_keeps_secrets(const char *url);
/* "https://avo:s3cret@calendar.example/" */
bool url_names_user(const char *url);

/* Well-formed UTF-8 (RFC 3629): no overlong forms, surrogates or code points above U+10FFFF. */
bool utf8_is_valid(const char *bytes, size_t len);
/*
 * The code point at the front of len bytes, and in how many bytes it stands; 0, and *code as it
 * was: they do not begin with a well-formed one, or there are none.
 */
size_t utf8_next(const char *bytes, size_t len, uint32_t *code);
/* A copy in which U+FFFD stands for each NUL and each byte that is no UTF-8. NULL: no room. */
char *utf8_mended(struct arena *arena, const char *bytes, size_t len);
/*
 * Code points that show nothing and steer a terminal or turn the direction of what follows: the
 * controls C0, DEL and C1, the separators of lines and paragraphs, and the embeddings, overrides
 * and isolates of the bidirectional algorithm. The marks of one direction are none: right-to-left
 * text needs them.
 */
bool utf8_is_unwanted(uint32_t code);
/* Puts a "?" in place of each of those, and of each byte that is no UTF-8: a line of ours that
 * repeats what somebody else said steers no terminal, and does not end early. */
void utf8_tame(char *line);
/* Code points in valid UTF-8. */
size_t utf8_length(const char *str);

#endif

/* SPDX-License-Identifier: MIT */
/* plain.h: what a stranger wrote, made fit to stand among our own words */
#ifndef CORE_PLAIN_H
#define CORE_PLAIN_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

/* What a code point is in a text that people read. */
enum plain_kind {
	PLAIN_LETTER,  /* whatever stands for itself; the joiners too, which scripts and emoji need
			*/
	PLAIN_BLANK,   /* a blank of any width, and controls, in whose place one stands */
	PLAIN_BREAK,   /* the end of a line, a paragraph or a page */
	PLAIN_NOTHING, /* it shows nothing: blanks of no width, soft hyphens, and what turns the
			  direction of letters */
};
enum plain_kind plain_kind(uint32_t code);
/* Whether it shows nothing where it stands alone: blanks and controls of every kind, and what only
 * changes the letters around it (Unicode's Default_Ignorable_Code_Point), as joiners do. */
bool plain_is_unseen(uint32_t code);

/*
 * A copy of at most max characters, ended by "…" when it was cut. Bytes that are not UTF-8 become
 * U+FFFD, what shows nothing goes, and a blank stands for each run of blanks and controls.
 * plain_line() makes one line of it; plain_text() keeps line ends, as "\n", and tabs and blanks as
 * they are. NULL after an arena overflow.
 */
const char *plain_line(struct arena *arena, const char *text, size_t max);
const char *plain_text(struct arena *arena, const char *text, size_t max);
/* As plain_text(), and counts the characters that text_html() will make of it. */
const char *plain_html(struct arena *arena, const char *text, size_t max);
/* How many characters a text has for a service that counts in units of UTF-16, as plain_html()
 * does: two for an emoji. */
size_t plain_length(const char *text);

/* The same uncut, and without blanks and line ends around it: "" when nothing of it can be seen. */
const char *plain_tidy_line(struct arena *arena, const char *text);
const char *plain_tidy_text(struct arena *arena, const char *text);

/*
 * Whether mail programs could make a link of a part of it: "://", "www.", a slash, a colon, an at
 * sign, what looks like one of these, a stop between two letters or digits ("evil.example", but not
 * "J. R." or "Dr. No"), or the digits of a telephone number.
 */
bool plain_has_link(const char *text);

#endif

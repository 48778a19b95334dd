/* SPDX-License-Identifier: MIT */
/* colour.h: an accent colour that can be read (WCAG 2.2, sections 1.4.3 and 1.4.11) */
#ifndef CORE_COLOUR_H
#define CORE_COLOUR_H

#include <stdbool.h>

/* sRGB, 0 to 255 each. */
struct colour {
	unsigned char red, green, blue;
};

#define COLOUR_TEXT 8
/* The contrast that WCAG's level AA asks of text. */
#define COLOUR_READABLE 4.5

/* "#1f4fd8"; false: it is none. */
bool colour_parse(const char *text, struct colour *out);
char *colour_format(struct colour colour, char out[COLOUR_TEXT]);

/* The contrast ratio, 1 to 21. */
double colour_contrast(struct colour a, struct colour b);
/* Black or white, whichever can be read on it: one of them has a ratio of 4.58 or more. */
struct colour colour_on(struct colour background);
/* The colour, made darker on a light background and lighter on a dark one until its contrast is
 * COLOUR_READABLE. */
struct colour colour_readable(struct colour colour, struct colour background);
/* So many hundredths of the first, the rest of the second: 0 to 100. */
struct colour colour_mix(struct colour a, struct colour b, int hundredths);

#endif

/* SPDX-License-Identifier: MIT */
/* colour.c: an accent colour that can be read (WCAG 2.2, sections 1.4.3 and 1.4.11) */
#include "core/colour.h"

#include <stdio.h>
#include <string.h>

static const struct colour black = {0, 0, 0}, white = {255, 255, 255};

static int digit_of(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);

	return c && at ? (int)(at - digits) : -1;
}

bool colour_parse(const char *text, struct colour *out)
{
	int digits[6];

	if (text[0] != '#' || strlen(text) != 7)
		return false;
	for (int i = 0; i < 6; i++)
		if ((digits[i] = digit_of(text[i + 1])) < 0)
			return false;
	*out = (struct colour){(unsigned char)(digits[0] * 16 + digits[1]),
	    (unsigned char)(digits[2] * 16 + digits[3]),
	    (unsigned char)(digits[4] * 16 + digits[5])};
	return true;
}

char *colour_format(struct colour colour, char out[COLOUR_TEXT])
{
	snprintf(out, COLOUR_TEXT, "#%02x%02x%02x", colour.red, colour.green, colour.blue);
	return out;
}

/* Of a number above 0 and up to 1, by Newton's steps from above: the one power that is wanted is no
 * reason for each program to have libm in its memory. */
static double fifth_root(double number)
{
	double root, next = 1;

	do {
		root = next;
		next = root - (root - number / (root * root * root * root)) / 5;
	} while (next < root);
	return root;
}

/* b^2.4 */
static double power(double b)
{
	return b * b * fifth_root(b * b);
}

/* WCAG's definition of relative luminance. */
static double channel(unsigned char value)
{
	double share = value / 255.0;

	return share <= 0.04045 ? share / 12.92 : power((share + 0.055) / 1.055);
}

static double luminance(struct colour colour)
{
	return 0.2126 * channel(colour.red) + 0.7152 * channel(colour.green) +
	       0.0722 * channel(colour.blue);
}

double colour_contrast(struct colour a, struct colour b)
{
	double one = luminance(a) + 0.05, other = luminance(b) + 0.05;

	return one > other ? one / other : other / one;
}

struct colour colour_on(struct colour background)
{
	return colour_contrast(white, background) >= COLOUR_READABLE ? white : black;
}

static unsigned char mix(unsigned char a, unsigned char b, int hundredths)
{
	return (unsigned char)((a * hundredths + b * (100 - hundredths) + 50) / 100);
}

struct colour colour_mix(struct colour a, struct colour b, int hundredths)
{
	return (struct colour){mix(a.red, b.red, hundredths), mix(a.green, b.green, hundredths),
	    mix(a.blue, b.blue, hundredths)};
}

struct colour colour_readable(struct colour colour, struct colour background)
{
	bool is_light = colour_contrast(black, background) > colour_contrast(white, background);
	struct colour found = colour;

	for (int share = 99; share >= 0 && colour_contrast(found, background) < COLOUR_READABLE;
	     share--)
		found = colour_mix(colour, is_light ? black : white, share);
	return found;
}

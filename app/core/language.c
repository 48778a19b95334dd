/* SPDX-License-Identifier: MIT */
/* language.c: which of our languages a reader gets */
#include "core/language.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define BLANK " \t"

/* A weight (RFC 9110, section 12.4.2) in thousandths: "0.8" → 800. What is none is 0. */
static int read_weight(const char *text, size_t len)
{
	int weight = 0, digits = 0;

	if (len == 0 || (text[0] != '0' && text[0] != '1') || (len > 1 && text[1] != '.') ||
	    len > 5)
		return 0;
	for (size_t i = 2; i < len; i++, digits++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		weight = weight * 10 + text[i] - '0';
	}
	for (; digits < 3; digits++)
		weight *= 10;
	weight += (text[0] - '0') * 1000;
	return weight > 1000 ? 0 : weight;
}

/* The weight of one element of the list, "es-MX; q=0.8", whose range ends at range_len. */
static int weight_of(const char *element, size_t len, size_t range_len)
{
	const char *end = element + len, *at = element + range_len;

	at += strspn(at, BLANK);
	if (at >= end)
		return 1000;
	if (*at++ != ';')
		return 0;
	at += strspn(at, BLANK);
	if (end - at < 3 || strncasecmp(at, "q=", 2) != 0)
		return 0;
	at += 2;
	return read_weight(at, strcspn(at, BLANK ","));
}

/* "es-MX" of the range's first len bytes, else "es", else nothing. */
static const char *look_up(
    const char *range, size_t len, const char *const *available, size_t count)
{
	while (len > 0) {
		for (size_t i = 0; i < count; i++)
			if (strlen(available[i]) == len &&
			    strncasecmp(available[i], range, len) == 0)
				return available[i];
		while (len > 0 && range[len - 1] != '-')
			len--;
		len -= len > 0;
	}
	return NULL;
}

const char *language_choose(const char *accept, const char *const *available, size_t count)
{
	const char *best = NULL;
	int best_weight = 0;

	while (accept && *accept) {
		size_t len = strcspn(accept, ","), range_len;

		while (len > 0 && strchr(BLANK, *accept)) {
			accept++;
			len--;
		}
		range_len = strcspn(accept, BLANK ";,");
		if (range_len <= len) {
			const char *found = look_up(accept, range_len, available, count);
			int weight = found ? weight_of(accept, len, range_len) : 0;

			if (weight > best_weight) {
				best = found;
				best_weight = weight;
			}
		}
		accept += len;
		accept += *accept == ',';
	}
	return best;
}

/* SPDX-License-Identifier: MIT */
/* weekdays.c: days of the week as people write them */
#include "base/weekdays.h"

#include <string.h>

#define NAME_LEN 3

static const char *const names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

const char *weekday_name(int day)
{
	return names[day];
}

int weekday_number(const char *name)
{
	for (int i = 0; i < 7; i++)
		if (strncmp(name, names[i], NAME_LEN) == 0)
			return i;
	return -1;
}

const char *weekdays_read(const char *text, unsigned *out)
{
	const char *word;
	unsigned bits = 0;

	do {
		int from = weekday_number(word = text), to = from;

		if (from < 0)
			return word;
		text += NAME_LEN;
		if (*text == '-') {
			to = weekday_number(word = text + 1);
			if (to < 0)
				return word;
			text += 1 + NAME_LEN;
		}
		for (int day = from;; day = (day + 1) % 7) {
			bits |= 1u << day;
			if (day == to)
				break;
		}
	} while (*text++ == ',');
	if (text[-1])
		return word;
	*out = bits;
	return NULL;
}

/* SPDX-License-Identifier: MIT */
/* num.c: strict numbers and names */
#include "base/num.h"

#include <string.h>

bool num_u64(const char *str, uint64_t min, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (!*str)
		return false;
	for (; *str; str++) {
		if (*str < '0' || *str > '9' || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*str - '0'), &value))
			return false;
	}
	if (value < min || value > max)
		return false;
	*out = value;
	return true;
}

bool num_i64(const char *str, int64_t min, int64_t max, int64_t *out)
{
	bool negative = *str == '-';
	uint64_t magnitude;
	int64_t value;

	if (!num_u64(str + negative, 0, (uint64_t)INT64_MAX, &magnitude))
		return false;
	value = negative ? -(int64_t)magnitude : (int64_t)magnitude;
	if (value < min || value > max)
		return false;
	*out = value;
	return true;
}

bool num_of_name(const char *name, const char *const *names, int count, int *out)
{
	for (int i = 0; i < count; i++)
		if (strcmp(name, names[i]) == 0) {
			*out = i;
			return true;
		}
	return false;
}

const uint8_t num_hex_values[256] = {
    ['0'] = 1,
    ['1'] = 2,
    ['2'] = 3,
    ['3'] = 4,
    ['4'] = 5,
    ['5'] = 6,
    ['6'] = 7,
    ['7'] = 8,
    ['8'] = 9,
    ['9'] = 10,
    ['a'] = 11,
    ['b'] = 12,
    ['c'] = 13,
    ['d'] = 14,
    ['e'] = 15,
    ['f'] = 16,
    ['A'] = 11,
    ['B'] = 12,
    ['C'] = 13,
    ['D'] = 14,
    ['E'] = 15,
    ['F'] = 16,
};

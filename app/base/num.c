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

int num_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

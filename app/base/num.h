/* SPDX-License-Identifier: MIT */
/* num.h: strict numbers and names */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdbool.h>
#include <stdint.h>

/* Decimal digits only (a leading '-' for the signed one), the whole string, within the bounds. */
bool num_u64(const char *str, uint64_t min, uint64_t max, uint64_t *out);
bool num_i64(const char *str, int64_t min, int64_t max, int64_t *out);

/* The place of name in a table of names, or false: for enums that are stored as text. */
bool num_of_name(const char *name, const char *const *names, int count, int *out);

/* A digit's value and one, so that what is no digit is 0: a ledger has a million ids to be read. */
extern const uint8_t num_hex_values[256];
/* 0 to 15, or -1 for what is no hexadecimal digit. */
static inline int num_hex_digit(char c)
{
	return num_hex_values[(unsigned char)c] - 1;
}

#endif

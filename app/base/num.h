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

/* 0 to 15, or -1 for what is no hexadecimal digit. */
int num_hex_digit(char c);

#endif

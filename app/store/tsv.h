/* SPDX-License-Identifier: MIT */
/* tsv.h: ClickHouse's TabSeparated format, both ways */
#ifndef STORE_TSV_H
#define STORE_TSV_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Takes the next row from *at, splits it at tabs and undoes the escapes in place. False at the end,
 * and when the row does not have exactly count fields or the last line has no end (a reply cut
 * short): the two are told apart by tsv_at_end(). A NUL, which no program writes into a table,
 * becomes a "?", so that a row with one keeps nobody from the others.
 */
bool tsv_row(char **at, char **fields, size_t count);
/* A time as milliseconds. One before 1970, which no program writes, becomes 0. False: no number. */
bool tsv_ms(const char *field, int64_t *out);
bool tsv_at_end(const char *at);
/* How many rows there are at most: the line ends of what is not taken yet. */
size_t tsv_count(const char *at);

/* Appends a value as a field: backslash, tab, newline and their like escaped. */
void text_tsv(struct text *text, const char *value);

#endif

/* SPDX-License-Identifier: MIT */
/* tsv.c: ClickHouse's TabSeparated format, both ways */
#include "store/tsv.h"
#include "base/num.h"

#include <string.h>

/* Undoes the escapes of one field in place; false: one that nobody writes, or that is cut off. */
static bool unescape(char *field)
{
	static const char from[] = "bfrnt'\\0", to[] = "\b\f\r\n\t'\\?";
	char *out = field;
	const char *known;

	for (; *field; field++) {
		if (*field != '\\') {
			*out++ = *field;
			continue;
		}
		field++;
		known = *field ? strchr(from, *field) : NULL;
		if (!known)
			return false;
		*out++ = to[known - from];
	}
	*out = '\0';
	return true;
}

static bool split(char *row, char **fields, size_t count, bool has_escapes)
{
	for (size_t i = 0; i < count; i++) {
		if (!row)
			return false;
		fields[i] = row;
		row = strchr(row, '\t');
		if (row)
			*row++ = '\0';
		if (has_escapes && !unescape(fields[i]))
			return false;
	}
	return !row;
}

size_t tsv_count(const char *at)
{
	size_t count = 0;

	while ((at = strchr(at, '\n'))) {
		count++;
		at++;
	}
	return count;
}

bool tsv_row(char **at, char **fields, size_t count)
{
	char *end = strchr(*at, '\n');

	if (!end)
		return false;
	*end = '\0';
	if (!split(*at, fields, count, memchr(*at, '\\', (size_t)(end - *at)))) {
		/* A broken row that begins with an empty field is not the end. */
		**at = '?';
		return false;
	}
	*at = end + 1;
	return true;
}

bool tsv_ms(const char *field, int64_t *out)
{
	if (!num_i64(field, INT64_MIN, INT64_MAX, out))
		return false;
	if (*out < 0)
		*out = 0;
	return true;
}

bool tsv_at_end(const char *at)
{
	return !*at;
}

void text_tsv(struct text *text, const char *value)
{
	static const char special[] = "\\\t\n\r\b\f", letters[] = "\\tnrbf";

	while (*value) {
		size_t plain = strcspn(value, special);

		text_raw(text, value, plain);
		value += plain;
		if (!*value)
			break;
		text_raw(text, "\\", 1);
		text_raw(text, &letters[strchr(special, *value) - special], 1);
		value++;
	}
}

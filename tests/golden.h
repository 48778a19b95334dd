/* SPDX-License-Identifier: MIT */
/*
 * golden.h: what a test found, line by line, held against what was agreed on: tests/golden
 *
 * UPDATE_GOLDEN=1 agrees on all as it is now: read the difference.
 */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

#include <check.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRACE_MAX (512 * 1024)

static char trace[TRACE_MAX];
static size_t trace_len;
static bool was_overflowed;

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
	size_t left = TRACE_MAX - trace_len;
	va_list ap;
	int len;

	va_start(ap, format);
	len = vsnprintf(trace + trace_len, left, format, ap);
	va_end(ap);
	was_overflowed = was_overflowed || len < 0 || (size_t)len >= left;
	trace_len += was_overflowed ? 0 : (size_t)len;
}

/* Every occurrence, in place. */
static inline void replace(const char *what, const char *by)
{
	size_t len = strlen(what), other = strlen(by);
	char *at = trace;

	if (!len)
		return;
	while ((at = strstr(at, what))) {
		ck_assert_uint_lt(trace_len + other, TRACE_MAX);
		memmove(at + other, at + len, strlen(at + len) + 1);
		memcpy(at, by, other);
		trace_len += other - len;
		at += other;
	}
}

/* ---- What was agreed on */

static const char *end_of_line(const char *at)
{
	return at + strcspn(at, "\n");
}

static void agreed(const char *name)
{
	const char *top = getenv("srcdir"), *update = getenv("UPDATE_GOLDEN"), *now = trace, *then;
	static char kept[TRACE_MAX];
	char path[PATH_MAX];
	size_t line = 1, len;
	FILE *file;

	ck_assert_msg(!was_overflowed, "%s: more happened than there is room for", name);
	snprintf(path, sizeof(path), "%s/tests/golden/%s", top ? top : ".", name);
	if (update && *update) {
		file = fopen(path, "w");
		ck_assert_ptr_nonnull(file);
		ck_assert_uint_eq(fwrite(trace, 1, trace_len, file), trace_len);
		ck_assert_int_eq(fclose(file), 0);
		return;
	}
	file = fopen(path, "r");
	ck_assert_msg(file, "%s cannot be read", path);
	len = fread(kept, 1, sizeof(kept) - 1, file);
	fclose(file);
	kept[len] = '\0';
	for (then = kept; *then || *now; line++) {
		const char *here = end_of_line(now), *there = end_of_line(then);

		if (here - now != there - then || memcmp(now, then, (size_t)(here - now)) != 0)
			ck_abort_msg("%s:%zu: agreed on: %.*s\n  it is: %.*s\n"
				     "If this is meant: UPDATE_GOLDEN=1, and read the difference.",
			    name, line, (int)(there - then), then, (int)(here - now), now);
		now = here + (*here == '\n');
		then = there + (*there == '\n');
	}
}

#endif

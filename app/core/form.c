/* SPDX-License-Identifier: MIT */
/* form.c: names and values from a query, a form or a JSON object */
#include "core/form.h"
#include "base/num.h"
#include "base/text.h"

#include <string.h>

/* The bytes that a percent-encoded text stands for, in place. */
static size_t unescape(char *text, size_t len)
{
	size_t out = 0;

	for (size_t in = 0; in < len; in++) {
		int high, low;

		if (text[in] == '%' && in + 2 < len && (high = num_hex_digit(text[in + 1])) >= 0 &&
		    (low = num_hex_digit(text[in + 2])) >= 0) {
			text[out++] = (char)(high << 4 | low);
			in += 2;
		} else {
			text[out++] = text[in] == '+' ? ' ' : text[in];
		}
	}
	return out;
}

/* Decoded; what is no character becomes U+FFFD. NULL: the arena is full. */
static const char *decode(struct arena *arena, char *text, size_t len)
{
	return utf8_mended(arena, text, unescape(text, len));
}

enum err form_add(struct form *form, const char *name, const char *value, struct fail *fail)
{
	if (form_value(form, name))
		return fail_set(fail, ERR_INPUT, "form", "a field stands twice");
	if (form->count == FORM_FIELDS)
		return fail_set(
		    fail, ERR_INPUT, "form", "there are more than %d fields", FORM_FIELDS);
	form->fields[form->count++] = (struct form_field){name, value};
	return ERR_NONE;
}

bool form_is_named(const char *const *names, const char *name)
{
	while (*names)
		if (strcmp(*names++, name) == 0)
			return true;
	return false;
}

enum err form_parse(struct arena *arena, const char *bytes, size_t len, const char *const *names,
    struct form *out, struct fail *fail)
{
	char *at = arena_strn(arena, bytes, len), *end = at ? at + len : NULL, *next;
	struct form form = {.count = 0};
	enum err err;

	for (; at && at < end; at = next + 1) {
		char *equals;
		const char *name, *value;

		next = memchr(at, '&', (size_t)(end - at));
		next = next ? next : end;
		equals = memchr(at, '=', (size_t)(next - at));
		equals = equals ? equals : next;
		if (at == next)
			continue;
		name = decode(arena, at, (size_t)(equals - at));
		if (!name)
			break;
		if (names && !form_is_named(names, name))
			continue;
		value = equals < next ? decode(arena, equals + 1, (size_t)(next - equals - 1)) : "";
		if (!value)
			break;
		if ((err = form_add(&form, name, value, fail)))
			return err;
	}
	if (arena_overflowed(arena))
		return fail_set(fail, ERR_SYSTEM, "form", "no memory");
	*out = form;
	return ERR_NONE;
}

const char *form_value(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->count; i++)
		if (strcmp(form->fields[i].name, name) == 0)
			return form->fields[i].value;
	return NULL;
}

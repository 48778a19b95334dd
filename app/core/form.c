/* SPDX-License-Identifier: MIT */
/* form.c: names and values from a query, a form or a JSON object */
#include "core/form.h"
#include "base/num.h"
#include "base/text.h"

#include <string.h>

/* Decodes in place; false: a broken sequence, a NUL or no UTF-8. */
static bool decode(char *text)
{
	const char *start = text;
	char *out = text;

	for (; *text; text++) {
		int high, low;

		if (*text != '%') {
			*out++ = *text == '+' ? ' ' : *text;
			continue;
		}
		if ((high = num_hex_digit(text[1])) < 0 || (low = num_hex_digit(text[2])) < 0 ||
		    !(high || low))
			return false;
		*out++ = (char)(high << 4 | low);
		text += 2;
	}
	*out = '\0';
	return utf8_is_valid(start, (size_t)(out - start));
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

enum err form_parse(
    struct arena *arena, const char *bytes, size_t len, struct form *out, struct fail *fail)
{
	char *at = arena_strn(arena, bytes, len), *next, *value;
	struct form form = {.count = 0};
	enum err err;

	if (!at)
		return fail_set(fail, ERR_SYSTEM, "form", "no memory");
	if (memchr(bytes, '\0', len))
		return fail_set(fail, ERR_INPUT, "form", "there is a NUL in it");
	for (; at; at = next) {
		next = strchr(at, '&');
		if (next)
			*next++ = '\0';
		if (!*at)
			continue;
		value = strchr(at, '=');
		if (value)
			*value++ = '\0';
		if (!decode(at) || (value && !decode(value)))
			return fail_set(fail, ERR_INPUT, "form", "it is not percent-encoded UTF-8");
		if ((err = form_add(&form, at, value ? value : "", fail)))
			return err;
	}
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

/* SPDX-License-Identifier: MIT */
/* form.h: names and values from a query, a form or a JSON object */
#ifndef CORE_FORM_H
#define CORE_FORM_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define FORM_FIELDS 32

/* Values are valid UTF-8 without NULs. Names are unique. */
struct form {
	struct form_field {
		const char *name, *value;
	} fields[FORM_FIELDS];
	size_t count;
};

/*
 * Parses application/x-www-form-urlencoded (URL Standard, section 5.1), stricter than a browser
 * needs: ERR_INPUT for a broken percent sequence, a NUL, bytes that are not UTF-8, a repeated name
 * or more than FORM_FIELDS fields. Decodes once. ERR_SYSTEM: the arena is full.
 */
enum err form_parse(struct arena *arena, const char *bytes, size_t len, struct form *out,
    struct fail *fail) MUST_CHECK;

/* Adds a field whose strings live as long as the form; ERR_INPUT as above. */
enum err form_add(
    struct form *form, const char *name, const char *value, struct fail *fail) MUST_CHECK;

/* NULL when there is no such field. */
const char *form_value(const struct form *form, const char *name);

#endif

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
 * names, here and below: those that a form may have, ended by NULL. What is under another name is
 * not ours: it is passed over unread, however broken, repeated or numerous, since mail programs,
 * advertisers and extensions add it to addresses and forms.
 */
/*
 * Parses application/x-www-form-urlencoded as the URL Standard does (section 5.1): a percent sign
 * that begins no sequence stands for itself, and what is not UTF-8, or a NUL, becomes U+FFFD, so
 * that no brief is lost to one odd byte. Decodes once. ERR_INPUT: a name of ours stands twice, or,
 * with names NULL, for which every name is ours, there are more than FORM_FIELDS. ERR_SYSTEM: the
 * arena is full.
 */
enum err form_parse(struct arena *arena, const char *bytes, size_t len, const char *const *names,
    struct form *out, struct fail *fail) MUST_CHECK;

/* Whether a name is among these. */
bool form_is_named(const char *const *names, const char *name);

/* Adds a field whose strings live as long as the form; ERR_INPUT: the name stands there, or there
 * are FORM_FIELDS already. */
enum err form_add(
    struct form *form, const char *name, const char *value, struct fail *fail) MUST_CHECK;

/* NULL when there is no such field. */
const char *form_value(const struct form *form, const char *name);

#endif

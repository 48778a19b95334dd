/* SPDX-License-Identifier: MIT */
/* brief.c: what a prospect submits, and what is wrong with it */
#include "core/brief.h"
#include "base/text.h"
#include "core/plain.h"

#include <string.h>

#define RULE(AS, field, member, column, title, of, part, max, must, lines)                         \
	{column, max, must, lines},
static const struct {
	const char *name;
	size_t max;
	bool is_required, has_lines;
} rules[BRIEF_FIELDS] = {LEAD_TYPED(RULE, )};

const char *brief_field_name(enum brief_field field)
{
	return rules[field].name;
}

const char *brief_fault_name(enum brief_fault fault)
{
	static const char *const names[] = {
	    NULL, "missing", "too_long", "invalid", "character", "blank"};

	return names[fault];
}

static enum brief_fault judge(enum brief_field field, const char *value)
{
	if (!*value)
		return rules[field].is_required ? BRIEF_MISSING : BRIEF_FINE;
	return utf8_length(value) > rules[field].max ? BRIEF_TOO_LONG : BRIEF_FINE;
}

enum brief_fault brief_read_email(struct arena *arena, const char *given, struct brief *out)
{
	const char **value = &out->values[BRIEF_EMAIL];
	enum address_fault fault = address_read(arena, given, value, &out->character);

	if (!**value)
		return BRIEF_MISSING;
	switch (fault) {
	case ADDRESS_FINE:
		break;
	case ADDRESS_TOO_LONG:
		return BRIEF_TOO_LONG;
	case ADDRESS_CHARACTER:
		return strcmp(out->character, " ") == 0 ? BRIEF_BLANK : BRIEF_CHARACTER;
	case ADDRESS_INVALID:
		return strlen(*value) > BRIEF_EMAIL_MAX ? BRIEF_TOO_LONG : BRIEF_INVALID;
	}
	return BRIEF_FINE;
}

bool brief_read(struct arena *arena, const struct form *form, struct brief *out)
{
	bool is_fine = true;

	*out = (struct brief){.character = NULL};
	for (int field = 0; field < BRIEF_FIELDS; field++) {
		const char *given = form_value(form, rules[field].name), *value;

		given = given ? given : "";
		if (field == BRIEF_EMAIL) {
			out->faults[field] = brief_read_email(arena, given, out);
		} else {
			value = rules[field].has_lines ? plain_tidy_text(arena, given)
						       : plain_tidy_line(arena, given);
			out->values[field] = value ? value : "";
			out->faults[field] = judge((enum brief_field)field, out->values[field]);
		}
		is_fine = is_fine && out->faults[field] == BRIEF_FINE;
	}
	return is_fine;
}

/* NULL: the field has several lines. */
static const char **line_of(struct lead *lead, size_t field)
{
	return rules[field].has_lines ? NULL : lead_typed(lead, rules[field].name);
}

bool brief_plain_lines(struct arena *arena, struct lead *lead)
{
	for (size_t i = 0; i < BRIEF_FIELDS; i++) {
		const char **text = line_of(lead, i);

		if (text && !(*text = plain_line(arena, *text, rules[i].max)))
			return false;
	}
	return true;
}

void brief_view(struct view *view, struct lead *lead)
{
	for (size_t i = 0; i < BRIEF_FIELDS; i++) {
		const char **text = line_of(lead, i);

		if (text)
			view_text(view, rules[i].name, *text);
	}
}

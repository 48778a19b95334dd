/* SPDX-License-Identifier: MIT */
/* brief.c: what a prospect submits, and what is wrong with it */
#include "core/brief.h"
#include "base/text.h"

#include <string.h>

static const struct {
	const char *name;
	size_t max;
	bool is_required, has_lines;
} rules[BRIEF_FIELDS] = {
    [BRIEF_NAME] = {"name", BRIEF_NAME_MAX, true, false},
    [BRIEF_EMAIL] = {"email", BRIEF_EMAIL_MAX, true, false},
    [BRIEF_COMPANY] = {"company", BRIEF_COMPANY_MAX, false, false},
    [BRIEF_TEXT] = {"brief", BRIEF_TEXT_MAX, true, true},
    [BRIEF_BUDGET] = {"budget", BRIEF_LINE_MAX, false, false},
    [BRIEF_TIMEFRAME] = {"timeframe", BRIEF_LINE_MAX, false, false},
};

const char *brief_field_name(enum brief_field field)
{
	return rules[field].name;
}

const char *brief_fault_name(enum brief_fault fault)
{
	static const char *const names[] = {NULL, "missing", "too_long", "invalid"};

	return names[fault];
}

static bool is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool brief_is_email(const char *text)
{
	const char *at = strchr(text, '@'), *label;
	bool has_dot = false;

	if (!at || at == text || at - text > 64 || strlen(text) > BRIEF_EMAIL_MAX)
		return false;
	for (const char *c = text; c < at; c++)
		if (!is_alphanumeric(*c) && !strchr(".!#$%&'*+/=?^_`{|}~-", *c))
			return false;
	for (label = at + 1;; label += strcspn(label, ".") + 1) {
		size_t len = strcspn(label, ".");

		if (len == 0 || len > 63 || !is_alphanumeric(label[0]) ||
		    !is_alphanumeric(label[len - 1]))
			return false;
		for (size_t i = 0; i < len; i++)
			if (!is_alphanumeric(label[i]) && label[i] != '-')
				return false;
		if (!label[len])
			return has_dot;
		has_dot = true;
	}
}

/* Trims white space at both ends; a CR before an LF goes, another CR becomes an LF. */
static char *tidy(struct arena *arena, const char *value)
{
	char *copy = arena_str(arena, value), *out = copy, *last;

	if (!copy)
		return NULL;
	for (const char *in = copy + strspn(copy, " \t\r\n"); *in; in++)
		if (*in != '\r' || in[1] != '\n')
			*out++ = *in == '\r' ? '\n' : *in;
	*out = '\0';
	for (last = out; last > copy && strchr(" \t\n", last[-1]); last--)
		last[-1] = '\0';
	return copy;
}

static bool has_controls(const char *value, bool has_lines)
{
	for (; *value; value++)
		if (((unsigned char)*value < 0x20 &&
			!(has_lines && (*value == '\n' || *value == '\t'))) ||
		    *value == 0x7f)
			return true;
	return false;
}

static enum brief_fault judge(enum brief_field field, const char *value)
{
	if (!*value)
		return rules[field].is_required ? BRIEF_MISSING : BRIEF_FINE;
	if (utf8_length(value) > rules[field].max)
		return BRIEF_TOO_LONG;
	if (has_controls(value, rules[field].has_lines))
		return BRIEF_INVALID;
	if (field == BRIEF_EMAIL && !brief_is_email(value))
		return BRIEF_INVALID;
	return BRIEF_FINE;
}

bool brief_read(struct arena *arena, const struct form *form, struct brief *out)
{
	bool is_fine = true;

	for (int field = 0; field < BRIEF_FIELDS; field++) {
		const char *given = form_value(form, rules[field].name);
		const char *value = tidy(arena, given ? given : "");

		out->values[field] = value ? value : "";
		out->faults[field] = judge((enum brief_field)field, out->values[field]);
		is_fine = is_fine && out->faults[field] == BRIEF_FINE;
	}
	return is_fine;
}

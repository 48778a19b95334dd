/* SPDX-License-Identifier: MIT */
/* lead.c: what is kept of a prospect and their booking, as a table of columns */
#include "core/lead.h"
#include "base/num.h"

#include <string.h>

static const char *const status_names[LEAD_STATUSES] = {
    "awaiting_slot", "booked", "cancelled", "erased"};

#define LEAD_LINE(member, column, title, of, part)                                                 \
	{column, title, offsetof(struct lead, member), of, LEAD_##part},
const struct lead_text lead_texts[LEAD_TEXT_COUNT] = {LEAD_TEXTS(LEAD_LINE)};

const char *lead_status_name(enum lead_status status)
{
	return status_names[status];
}

bool lead_status_parse(const char *name, enum lead_status *out)
{
	int found;

	if (!num_of_name(name, status_names, LEAD_STATUSES, &found))
		return false;
	*out = (enum lead_status)found;
	return true;
}

const char **lead_text(struct lead *lead, size_t index)
{
	return (const char **)((char *)lead + lead_texts[index].at);
}

const char *lead_text_value(const struct lead *lead, size_t index)
{
	return *(const char *const *)((const char *)lead + lead_texts[index].at);
}

bool lead_waits_for_mail(const struct lead *lead)
{
	return strcmp(lead->held, LEAD_HELD_ADDRESS) == 0 ||
	       strcmp(lead->held, LEAD_HELD_HOUR) == 0 || strcmp(lead->held, LEAD_HELD_VERIFY) == 0;
}

bool lead_is_superseded(const struct lead *lead)
{
	return strcmp(lead->held, LEAD_SUPERSEDED) == 0;
}

bool lead_is_reminded(const struct lead *lead)
{
	return strcmp(lead->held, LEAD_REMINDED) == 0;
}

void lead_clear(struct lead *lead)
{
	*lead = (struct lead){.version = 0};
	for (size_t i = 0; i < LEAD_TEXT_COUNT; i++)
		*lead_text(lead, i) = "";
}

void lead_erase(struct lead *lead)
{
	for (size_t i = 0; i < LEAD_TEXT_COUNT; i++)
		if (lead_texts[i].of != LEAD_OURS || !lead_text_value(lead, i))
			*lead_text(lead, i) = "";
}

bool lead_is_typed(size_t index)
{
	return lead_texts[index].of == LEAD_BRIEF || lead_texts[index].of == LEAD_ADDRESS;
}

bool lead_is_same_brief(const struct lead *a, const struct lead *b)
{
	for (size_t i = 0; i < LEAD_TEXT_COUNT; i++)
		if (lead_is_typed(i) && strcmp(lead_text_value(a, i), lead_text_value(b, i)) != 0)
			return false;
	return true;
}

const char **lead_typed(struct lead *lead, const char *column)
{
	for (size_t i = 0; i < LEAD_TEXT_COUNT; i++)
		if (lead_is_typed(i) && strcmp(lead_texts[i].column, column) == 0)
			return lead_text(lead, i);
	return NULL;
}

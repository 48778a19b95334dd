/* SPDX-License-Identifier: MIT */
/* entry.c: one command of the ledger, with every number that its judgement needs */
#include "core/entry.h"
#include "base/num.h"

#include <inttypes.h>
#include <string.h>

static const char *const kind_names[ENTRY_KINDS] = {
    "epoch", "book", "cancel", "block", "unblock", "erase", "restore"};
static const char *const check_names[CALENDAR_CHECKS] = {"off", "fresh", "remembered", "unchecked"};
static const char *const actor_names[ACTORS] = {"prospect", "operator", "courier", "calendar"};

const char *entry_kind_name(enum entry_kind kind)
{
	return kind_names[kind];
}

bool entry_kind_parse(const char *name, enum entry_kind *out)
{
	int found;

	if (!num_of_name(name, kind_names, ENTRY_KINDS, &found))
		return false;
	*out = (enum entry_kind)found;
	return true;
}

const char *calendar_check_name(enum calendar_check check)
{
	return check_names[check];
}

bool calendar_check_parse(const char *name, enum calendar_check *out)
{
	int found;

	if (!num_of_name(name, check_names, CALENDAR_CHECKS, &found))
		return false;
	*out = (enum calendar_check)found;
	return true;
}

const char *actor_name(enum actor actor)
{
	return actor_names[actor];
}

bool actor_parse(const char *name, enum actor *out)
{
	int found;

	if (!num_of_name(name, actor_names, ACTORS, &found))
		return false;
	*out = (enum actor)found;
	return true;
}

bool tag_is_sane(const char *tag)
{
	size_t len = strlen(tag);

	return len && len < TAG_MAX && strspn(tag, "abcdefghijklmnopqrstuvwxyz0123456789_-") == len;
}

void entry_set_owner(struct entry *entry, const char *owner)
{
	size_t len = strlen(owner);

	memset(entry->owner, 0, sizeof(entry->owner));
	if (len < sizeof(entry->owner))
		memcpy(entry->owner, owner, len);
}

bool entry_add_cap(struct entry *entry, uint32_t limit, const char *tag, struct interval within)
{
	struct cap *cap = &entry->caps[entry->cap_count];

	if (!limit || entry->cap_count == ENTRY_CAPS_MAX || (*tag && !tag_is_sane(tag)))
		return false;
	*cap = (struct cap){.limit = limit, .within = within};
	strcpy(cap->tag, tag);
	entry->cap_count++;
	return true;
}

bool entry_add_tag(struct entry *entry, const char *tag)
{
	if (entry->tag_count == ENTRY_TAGS_MAX || !tag_is_sane(tag))
		return false;
	strcpy(entry->tags[entry->tag_count++], tag);
	return true;
}

bool entry_set_meeting(struct entry *entry, const char *meeting)
{
	if (*meeting && !tag_is_sane(meeting))
		return false;
	strcpy(entry->meeting, meeting);
	return true;
}

void entry_write_caps(struct text *text, const struct entry *entry)
{
	for (size_t i = 0; i < entry->cap_count; i++) {
		const struct cap *cap = &entry->caps[i];

		text_printf(text, "%s%" PRIu32 ":%s:%" PRId64 ":%" PRId64, i ? "," : "", cap->limit,
		    cap->tag, cap->within.start, cap->within.end);
	}
}

void entry_write_tags(struct text *text, const struct entry *entry)
{
	for (size_t i = 0; i < entry->tag_count; i++)
		text_printf(text, "%s%s", i ? "," : "", entry->tags[i]);
}

/*
 * Copies what stands before the mark, behind which *at then is, or before the end, after which *at
 * is NULL. False: there is nothing more, or it is too long.
 */
static bool next_part(const char **at, char mark, char *out, size_t size)
{
	const char *end = *at ? strchrnul(*at, mark) : NULL;
	size_t len = end ? (size_t)(end - *at) : size;

	if (len >= size)
		return false;
	memcpy(out, *at, len);
	out[len] = '\0';
	*at = *end ? end + 1 : NULL;
	return true;
}

static bool read_cap(struct entry *entry, const char *text)
{
	char limit[11], tag[TAG_MAX], from[11], to[11];
	struct interval within;
	uint64_t number;

	return next_part(&text, ':', limit, sizeof(limit)) &&
	       next_part(&text, ':', tag, sizeof(tag)) &&
	       next_part(&text, ':', from, sizeof(from)) && next_part(&text, ':', to, sizeof(to)) &&
	       !text && num_u64(limit, 1, UINT32_MAX, &number) &&
	       num_i64(from, 0, UINT32_MAX, &within.start) &&
	       num_i64(to, 0, UINT32_MAX, &within.end) &&
	       entry_add_cap(entry, (uint32_t)number, tag, within);
}

bool entry_read_caps(struct entry *entry, const char *text)
{
	char item[11 + TAG_MAX + 11 + 11];

	entry->cap_count = 0;
	if (!*text)
		return true;
	while (text)
		if (!next_part(&text, ',', item, sizeof(item)) || !read_cap(entry, item))
			return false;
	return true;
}

bool entry_read_tags(struct entry *entry, const char *text)
{
	char tag[TAG_MAX];

	entry->tag_count = 0;
	if (!*text)
		return true;
	while (text)
		if (!next_part(&text, ',', tag, sizeof(tag)) || !entry_add_tag(entry, tag))
			return false;
	return true;
}

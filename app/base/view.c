/* SPDX-License-Identifier: MIT */
/* view.c: what a template is filled with */
#include "base/view.h"

#include <string.h>

/* The newest field stands first: it is found before an older one of the same name. */
struct field {
	uint32_t hash;
	const char *name;
	struct value value;
	struct field *older;
};

struct view {
	struct arena *arena;
	struct field *newest;
	struct view *next;
	/* A bit for each name by its hash: most names that a template asks an item for are those of
	 * what is around it. */
	uint64_t names;
};

/* FNV-1a: a few cycles a byte, and spread enough for the few dozen names of a page. */
struct name name_of(const char *at, size_t len)
{
	struct name name = {at, (uint32_t)len, 2166136261u};

	for (size_t i = 0; i < len; i++)
		name.hash = (name.hash ^ (unsigned char)at[i]) * 16777619u;
	return name;
}

struct view *view_new(struct arena *arena)
{
	struct view *view = arena_alloc(arena, sizeof(*view));

	if (view)
		view->arena = arena;
	return view;
}

static uint64_t bit_of(const struct name *name)
{
	return UINT64_C(1) << (name->hash & 63);
}

static struct field *find(const struct view *view, const struct name *name)
{
	if (!(view->names & bit_of(name)))
		return NULL;
	for (struct field *field = view->newest; field; field = field->older)
		if (field->hash == name->hash && strncmp(field->name, name->at, name->len) == 0 &&
		    field->name[name->len] == '\0')
			return field;
	return NULL;
}

static struct field *add(struct view *view, const struct name *name, enum value_kind kind)
{
	struct field *field = arena_alloc(view->arena, sizeof(*field));

	if (!field)
		return NULL;
	field->hash = name->hash;
	field->name = name->at;
	field->value.kind = kind;
	field->older = view->newest;
	view->names |= bit_of(name);
	view->newest = field;
	return field;
}

void view_text(struct view *view, const char *name, const char *value)
{
	struct name key = name_of(name, strlen(name));
	struct field *field = view ? add(view, &key, VALUE_TEXT) : NULL;

	if (field)
		field->value.text = value ? value : "";
}

void view_flag(struct view *view, const char *name, bool value)
{
	struct name key = name_of(name, strlen(name));
	struct field *field = view ? add(view, &key, VALUE_FLAG) : NULL;

	if (field)
		field->value.flag = value;
}

struct view *view_item(struct view *view, const char *name)
{
	struct name key = name_of(name, strlen(name));
	struct view *item = view ? view_new(view->arena) : NULL;
	struct field *list;

	if (!item)
		return NULL;
	list = find(view, &key);
	if (!list || list->value.kind != VALUE_LIST)
		list = add(view, &key, VALUE_LIST);
	if (!list)
		return NULL;
	if (list->value.last)
		list->value.last->next = item;
	else
		list->value.first = item;
	list->value.last = item;
	return item;
}

void view_share(struct view *view, const char *name, const struct view *from)
{
	struct name key = name_of(name, strlen(name));
	const struct value *value = from ? view_get(from, &key) : NULL;
	struct field *field = view && value ? add(view, &key, value->kind) : NULL;

	if (field)
		field->value = *value;
}

const struct value *view_get(const struct view *view, const struct name *name)
{
	struct field *field = find(view, name);

	return field ? &field->value : NULL;
}

const struct view *view_next(const struct view *item)
{
	return item->next;
}

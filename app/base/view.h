/* SPDX-License-Identifier: MIT */
/* view.h: what a template is filled with */
#ifndef BASE_VIEW_H
#define BASE_VIEW_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Names with texts, flags and lists, in the request's arena. */
struct view;

struct view *view_new(struct arena *arena);
/*
 * Neither names nor values are copied: they live as long as the view. A name set twice: the last
 * counts. NULL values are "". Every function accepts a NULL view (the arena overflowed) and does
 * nothing.
 */
void view_text(struct view *view, const char *name, const char *value);
void view_flag(struct view *view, const char *name, bool value);
/* Appends an empty item to a list and returns it; NULL when the arena is full. */
struct view *view_item(struct view *view, const char *name);
/* Gives the view the value of that name of another, if it has one. Items and texts are shared: the
 * other lives as long, and no item is appended to either. */
void view_share(struct view *view, const char *name, const struct view *from);

/* The rest is the renderer's side. */

/* A name as a template holds it: inside the source, with its hash, so that most names that differ
 * are told apart by one comparison. */
struct name {
	const char *at;
	uint32_t len, hash;
};

struct name name_of(const char *at, size_t len);

enum value_kind { VALUE_TEXT, VALUE_FLAG, VALUE_LIST };

struct value {
	enum value_kind kind;
	bool flag;
	const char *text;	   /* never NULL in a VALUE_TEXT */
	struct view *first, *last; /* a list's items; it has at least one */
};

/* What this view itself, not an outer one, has under the name; NULL: nothing. */
const struct value *view_get(const struct view *view, const struct name *name);
/* The next item of the list that this view is an item of. */
const struct view *view_next(const struct view *item);

#endif

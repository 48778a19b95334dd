/* SPDX-License-Identifier: MIT */
/* markup.h: where in HTML a tag of a template stands */
#ifndef BASE_MARKUP_H
#define BASE_MARKUP_H

#include <stddef.h>

/*
 * Escaping makes a value harmless in text and between quotes, not as a bare attribute value or as a
 * part of an HTML tag. This follows the literal HTML of a template, with every attribute value
 * quoted, closely enough to tell the places apart: against slips, not against an author who means
 * harm. Zeroed is the start of a document.
 */
enum markup_place {
	MARKUP_TEXT,
	MARKUP_COMMENT,
	MARKUP_RAW,    /* in a script or a style sheet, where escapes are not undone */
	MARKUP_TAG,    /* between < and >, outside of an attribute value */
	MARKUP_EQUALS, /* … after the "=" that announces a value */
	MARKUP_DOUBLE, /* in a double-quoted attribute value */
	MARKUP_SINGLE, /* in a single-quoted one */
};

struct markup {
	enum markup_place place;
	const char *raw;   /* "script" or "style", while the tag at hand opens or we are in one */
	const char *since; /* the byte that left MARKUP_TEXT last */
};

/* Goes on through literal HTML. NULL, or the byte that breaks the rule, with *reason set. */
const char *markup_scan(struct markup *markup, const char *bytes, size_t len, const char **reason);

/* Why a value, a section's tag or a partial may not stand there; NULL: it may. */
const char *markup_refuses_value(enum markup_place place);
const char *markup_refuses_section(enum markup_place place);
const char *markup_refuses_partial(enum markup_place place);

#endif

/* SPDX-License-Identifier: MIT */
/* markup.c: where in HTML a tag of a template stands */
#include "base/markup.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define UNQUOTED "an attribute value that is not quoted"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* A "<" opens a tag or a comment, not text (HTML, section 13.2.5.6). One at the end of a literal is
 * followed by a template's tag, and counts as open. */
static bool opens_tag(const char *at, const char *end)
{
	char next = at + 1 < end ? at[1] : '/';

	return (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') || next == '/' ||
	       next == '!' || next == '?';
}

static bool starts_with(const char *at, const char *end, const char *what)
{
	size_t len = strlen(what);

	return (size_t)(end - at) >= len && memcmp(at, what, len) == 0;
}

/* A tag's name, at "at", is this one and no longer one (HTML, section 13.2.5.8); "next" stands for
 * what follows where the literal ends with it. */
static bool is_named(const char *at, const char *end, const char *name, char next)
{
	size_t len = strlen(name);

	if ((size_t)(end - at) < len || strncasecmp(at, name, len) != 0)
		return false;
	next = at + len < end ? at[len] : next;
	return is_blank(next) || next == '/' || next == '>';
}

/* The element whose text is not HTML and that a tag opens; NULL for all others. One that a literal
 * ends with is taken for it, whatever a template's tag may add to its name. */
static const char *raw_of(const char *at, const char *end)
{
	if (is_named(at + 1, end, "script", '>'))
		return "script";
	return is_named(at + 1, end, "style", '>') ? "style" : NULL;
}

static bool closes_raw(const char *at, const char *end, const char *raw)
{
	return starts_with(at, end, "</") && is_named(at + 2, end, raw, 0);
}

const char *markup_scan(struct markup *markup, const char *bytes, size_t len, const char **reason)
{
	const char *end = bytes + len;

	for (const char *at = bytes; at < end; at++) {
		switch (markup->place) {
		case MARKUP_TEXT:
			if (*at == '<')
				markup->since = at;
			if (starts_with(at, end, "<!--"))
				markup->place = MARKUP_COMMENT;
			else if (*at == '<' && opens_tag(at, end)) {
				markup->place = MARKUP_TAG;
				markup->raw = raw_of(at, end);
			}
			break;
		case MARKUP_COMMENT:
			if (starts_with(at, end, "-->")) {
				markup->place = MARKUP_TEXT;
				at += 2;
			}
			break;
		case MARKUP_RAW:
			if (closes_raw(at, end, markup->raw)) {
				markup->place = MARKUP_TAG;
				markup->raw = NULL;
			}
			break;
		case MARKUP_TAG:
			if (*at == '>')
				markup->place = markup->raw ? MARKUP_RAW : MARKUP_TEXT;
			else if (*at == '=')
				markup->place = MARKUP_EQUALS;
			else if (*at == '"' || *at == '\'') {
				*reason = "a quote that opens no attribute value";
				return at;
			}
			break;
		case MARKUP_EQUALS:
			if (*at == '"')
				markup->place = MARKUP_DOUBLE;
			else if (*at == '\'')
				markup->place = MARKUP_SINGLE;
			else if (!is_blank(*at)) {
				*reason = UNQUOTED;
				return at;
			}
			break;
		case MARKUP_DOUBLE:
			if (*at == '"')
				markup->place = MARKUP_TAG;
			break;
		case MARKUP_SINGLE:
			if (*at == '\'')
				markup->place = MARKUP_TAG;
			break;
		}
	}
	return NULL;
}

const char *markup_refuses_value(enum markup_place place)
{
	if (place == MARKUP_TAG)
		return "a value inside an HTML tag stands in a quoted attribute value";
	if (place == MARKUP_RAW)
		return "a value in a script or a style sheet, where no escape holds";
	return markup_refuses_section(place);
}

const char *markup_refuses_section(enum markup_place place)
{
	if (place == MARKUP_EQUALS)
		return UNQUOTED;
	if (place == MARKUP_COMMENT)
		return "a tag in an HTML comment; {{! remarks }} do not reach the reader";
	return NULL;
}

const char *markup_refuses_partial(enum markup_place place)
{
	return place == MARKUP_TEXT ? NULL : "a partial stands between HTML tags";
}

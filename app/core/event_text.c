/* SPDX-License-Identifier: MIT */
/* event_text.c: an event's description, which some calendars show as HTML and others as it is */
#include "core/event_text.h"
#include "base/text.h"

#include <string.h>

/* The entities that HTML reads without their semicolon (its section 13.5, Named character
 * references). */
static const char *const bare_entities[] = {"AElig", "AMP", "Aacute", "Acirc", "Agrave", "Aring",
    "Atilde", "Auml", "COPY", "Ccedil", "ETH", "Eacute", "Ecirc", "Egrave", "Euml", "GT", "Iacute",
    "Icirc", "Igrave", "Iuml", "LT", "Ntilde", "Oacute", "Ocirc", "Ograve", "Oslash", "Otilde",
    "Ouml", "QUOT", "REG", "THORN", "Uacute", "Ucirc", "Ugrave", "Uuml", "Yacute", "aacute",
    "acirc", "acute", "aelig", "agrave", "amp", "aring", "atilde", "auml", "brvbar", "ccedil",
    "cedil", "cent", "copy", "curren", "deg", "divide", "eacute", "ecirc", "egrave", "eth", "euml",
    "frac12", "frac14", "frac34", "gt", "iacute", "icirc", "iexcl", "igrave", "iquest", "iuml",
    "laquo", "lt", "macr", "micro", "middot", "nbsp", "not", "ntilde", "oacute", "ocirc", "ograve",
    "ordf", "ordm", "oslash", "otilde", "ouml", "para", "plusmn", "pound", "quot", "raquo", "reg",
    "sect", "shy", "sup1", "sup2", "sup3", "szlig", "thorn", "times", "uacute", "ucirc", "ugrave",
    "uml", "uuml", "yacute", "yen", "yuml"};

/* Whether an ampersand before this would be read together with it. */
static bool makes_entity(const char *rest)
{
	size_t len = 0;

	if (*rest == '#')
		return true;
	while (ascii_is_alphanumeric(rest[len]))
		len++;
	if (len && rest[len] == ';')
		return true;
	for (size_t i = 0; i < sizeof(bare_entities) / sizeof(bare_entities[0]); i++)
		if (strncmp(rest, bare_entities[i], strlen(bare_entities[i])) == 0)
			return true;
	return false;
}

static bool makes_tag(const char *rest)
{
	return (*rest >= 'a' && *rest <= 'z') || (*rest >= 'A' && *rest <= 'Z') ||
	       (*rest && strchr("/!?", *rest));
}

struct reading {
	struct text out;
	bool is_in_tag, is_in_quotes; /* ‹ is open */
};

static bool begins(const char **at, const char *entity)
{
	size_t len = strlen(entity);

	if (strncmp(*at, entity, len) != 0)
		return false;
	*at += len;
	return true;
}

/* Puts one entity, and steps over it. */
static void put_entity(struct reading *reading, const char **at)
{
	struct text *out = &reading->out;

	if (begins(at, "&#39;")) {
		text_str(out, "'");
	} else if (begins(at, "&quot;")) {
		text_str(out, "\"");
	} else if (begins(at, "&amp;")) {
		text_str(out, makes_entity(*at) ? "&amp;" : "&");
	} else if (begins(at, "&lt;")) {
		reading->is_in_quotes = reading->is_in_quotes || makes_tag(*at);
		text_str(out, makes_tag(*at) ? "‹" : "<");
	} else if (begins(at, "&gt;")) {
		text_str(out, reading->is_in_quotes ? "›" : ">");
		reading->is_in_quotes = false;
	} else {
		text_raw(out, (*at)++, 1);
	}
}

char *event_text(struct arena *arena, const char *html)
{
	struct reading reading = {text_new(arena, strlen(html)), false, false};

	while (*html) {
		if (*html == '&' && !reading.is_in_tag) {
			put_entity(&reading, &html);
			continue;
		}
		if (*html == '<' || *html == '>')
			reading.is_in_tag = *html == '<';
		text_raw(&reading.out, html++, 1);
	}
	text_trim(arena, &reading.out);
	return text_overflowed(&reading.out) ? NULL : reading.out.data;
}

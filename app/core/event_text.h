/* SPDX-License-Identifier: MIT */
/* event_text.h: an event's description, which some calendars show as HTML and others as it is */
#ifndef CORE_EVENT_TEXT_H
#define CORE_EVENT_TEXT_H

#include "base/arena.h"

/*
 * What a template of HTML came to, with those entities as plain characters that mean nothing else
 * in HTML: "R&amp;D &#39;x&#39; &lt; 5" reads "R&D 'x' < 5" either way. What HTML would take for a
 * tag has ‹ and › in place of its < and >, and what it would take for an entity stays one. Inside
 * of tags, which are the template's own, nothing changes. Never longer, in characters; NULL: no
 * memory.
 */
char *event_text(struct arena *arena, const char *html);

#endif

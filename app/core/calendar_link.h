/* SPDX-License-Identifier: MIT */
/* calendar_link.h: links that open a calendar's form for a new event, filled in */
#ifndef CORE_CALENDAR_LINK_H
#define CORE_CALENDAR_LINK_H

#include "base/arena.h"
#include "core/interval.h"

/*
 * What such a link says. It goes to the calendar's maker, so that nothing in it may be secret: not
 * the booking's id, nor a link that has it.
 */
struct calendar_link {
	struct interval call;
	const char *summary, *location; /* location: "" for none */
};

/* URLs in the arena, to be escaped for where they stand; NULL when it is full. */
const char *calendar_link_google(const struct calendar_link *link, struct arena *arena);
const char *calendar_link_outlook(const struct calendar_link *link, struct arena *arena);
const char *calendar_link_office(const struct calendar_link *link, struct arena *arena);

#endif

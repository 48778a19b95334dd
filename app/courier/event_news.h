/* SPDX-License-Identifier: MIT */
/* event_news.h: which events of calls were touched on a CalDAV server since the last look */
#ifndef COURIER_EVENT_NEWS_H
#define COURIER_EVENT_NEWS_H

#include "core/drift.h"
#include "courier/state.h"

struct event_news {
	struct seen_state *list; /* in the round's arena */
	size_t count;
};

/*
 * Looks at the event of each call that stands, by what names its state. Those that are new to us
 * are read, some hundred at a time, and the log keeps that they were seen in this calendar: only
 * what stood there can have been deleted. caldav_seen_read()'s failures, or the log's.
 */
enum err event_news_find(
    struct courier *courier, struct event_news *out, struct fail *fail) MUST_CHECK;
/* They were dealt with, and are news no more. */
void event_news_keep(struct courier *courier, const struct event_news *news);

#endif

/* SPDX-License-Identifier: MIT */
/* calendar_ask.h: the owner's calendars, asked for a page or a click, and what the pool remembers
 */
#ifndef DESK_CALENDAR_ASK_H
#define DESK_CALENDAR_ASK_H

#include "desk/upstream.h"
#include "store/calendar_cache.h"

enum calendar_use {
	CALENDAR_NOT_USED,  /* nothing is asked, and the check is CALENDAR_OFF */
	CALENDAR_FOR_PAGE,  /* the pool's answer, or a question within the page's budget */
	CALENDAR_FOR_CLICK, /* an answer to a question that left since, within the click's limit */
	CALENDAR_AS_PAGE,   /* what a page goes by, and the pool learns nothing of the question */
	CALENDAR_FOR_OPERATOR, /* always asked, and the pool neither learns of it nor is believed */
};

/* What an outage did by this question. */
enum outage_news { OUTAGE_NO_NEWS, OUTAGE_BEGAN, OUTAGE_ENDED };

/* What is known of one calendar. */
struct calendar_part {
	const struct conf_calendar *calendar;
	enum calendar_check check;
	struct fail fail; /* why it was not checked; code ERR_NONE: it was, or was not asked */
	enum outage_news news;
	struct busy_list busy; /* what it shows, while it is fresh or remembered */
	int64_t asked_ms;      /* clock_boot_ms() when that was asked; 0: nothing is known */
};

struct calendar_finding {
	enum calendar_check check; /* what is known of the one of which the least is known */
	bool is_closed;		   /* one is unchecked, and nothing is offered without it */
	struct busy_list busy;	   /* of all that are fresh or remembered */
	int64_t asked_ms; /* clock_boot_ms() of the oldest question that busy answers; 0: none */
	struct fail fail; /* the first of the parts' */
	struct fail share_fail; /* why an answer could not be shared with the pool, or ERR_NONE */
	const struct calendar_part *parts; /* of each calendar that is on and blocks */
	size_t part_count;		   /* 0: check is CALENDAR_OFF */
	int64_t deadline; /* of all that a click asks of the calendar it writes to: clock_boot_ms()
			   */
};

/*
 * Asks about the window beside other transfers, if need be: every calendar in one round, those of
 * one account with one question. After http_run(), calendar_ask_finish() has what is known: a
 * calendar that could not be asked is no failure. Lives in the arena; NULL: no memory, which
 * calendar_ask_finish() accepts as not asked.
 */
struct calendar_ask;
struct calendar_ask *calendar_ask_start(
    struct upstream *upstream, struct arena *arena, enum calendar_use use, struct interval window);
void calendar_ask_finish(struct calendar_ask *ask, struct calendar_finding *out);

/*
 * Shares with the pool what a page of a program that tells late was answered, once its reply has
 * left and before its arena is reset. Until then nobody else of the pool asks. The failure is that
 * of share_fail.
 */
enum err calendar_ask_tell(struct upstream *upstream, struct fail *fail) MUST_CHECK;

/* "work:fresh,home:unchecked": what is known of each part that has a name; "": none has. In the
 * arena. */
const char *calendar_each(const struct calendar_finding *finding, struct arena *arena);

#endif

/* SPDX-License-Identifier: MIT */
/* slots.h: the owner's hours → candidate slots */
#ifndef CORE_SLOTS_H
#define CORE_SLOTS_H

#include "core/interval.h"
#include "core/zone.h"

/* A part of a day: its first and its last start, in minutes after midnight. */
struct span {
	int first, last; /* 0 <= first <= last <= 1439 */
};

#define SPANS_MAX 8

/* When calls can be had on one day. */
struct workday {
	int count; /* 0: the day is closed */
	struct span
	    spans[SPANS_MAX]; /* in order; one begins after the last start of the one before */
	unsigned line;	      /* of slotguard.conf that says so; 0: nobody said it */
};

/* Dates that have their own hours, whatever their weekday. */
struct special {
	int64_t first, last; /* days since 1970-01-01, both included */
	struct workday day;
	bool is_holiday; /* of the file of holidays */
};

enum window_kind {
	WINDOW_DAYS,	 /* today and the days after it, window_days in all */
	WINDOW_WORKDAYS, /* up to the end of so many days that have hours, today being the first */
	WINDOW_DATES,	 /* from one date to another */
};

enum notice_kind {
	NOTICE_TIME,	/* a call begins at least notice_s from now */
	NOTICE_DAY,	/* not today */
	NOTICE_WORKDAY, /* not before the next day, after today, that has hours */
};

/* No window goes further than this many days after its first. */
#define WINDOW_MAX 60

/* When calls can be had, in the business's zone: rules_compile() makes it. Pointers are read only.
 */
struct hours {
	struct workday week[7];	       /* 0 is Sunday */
	const struct special *special; /* in order, without overlaps */
	size_t special_count;
	int slot_minutes; /* length of a call: 5 to 480 */
	int step_minutes; /* from one start to the next: 5 to 480 */
	bool is_packed;	  /* starts are counted anew where something ends that stands in the way */
	enum window_kind window;
	int window_days;		   /* 1 to WINDOW_MAX */
	int64_t window_first, window_last; /* of WINDOW_DATES, both included */
	enum notice_kind notice;
	int64_t notice_s;
	int buffer_before, buffer_after; /* minutes kept free around a call: 0 to 240 */
	int max_per_day, max_per_week, max_per_month; /* calls an owner takes, 0: no limit */
};

/* What a page or a click looks at. */
struct slot {
	struct interval call;
	int day; /* 0 is today in the business's zone */
};

/* The hours of a date (days since 1970-01-01); *special, which may be NULL, is the rule that they
 * are from, or NULL when they are the weekday's. */
const struct workday *slots_workday(
    const struct hours *hours, int64_t date, const struct special **special);

/* The dates of the window, from the first up to but not including the end; both the same when there
 * is none left. */
struct dates {
	int64_t first, end;
};
struct dates slots_dates(const struct hours *hours, const struct zone *zone, int64_t now);

/* The first instant at which a call may begin now: after it has been given notice of. */
int64_t slots_earliest(const struct hours *hours, const struct zone *zone, int64_t now);

/* The most that slots_candidates() can find; never 0. */
size_t slots_bound(const struct hours *hours);

/*
 * Every slot of the window that may still be taken (slots_earliest()), in order of time, on the
 * grid of step_minutes from each span's first start. A start that the clock jumps over is left out;
 * one that occurs twice is offered once, the first time. A call lasts slot_minutes of real time.
 * out has room for slots_bound(); returns the count.
 */
size_t slots_candidates(
    const struct hours *hours, const struct zone *zone, int64_t now, struct slot *out);

/* The grid of one date, whatever the window and the time of asking. out has room for
 * slots_bound(). */
size_t slots_on_date(
    const struct hours *hours, const struct zone *zone, int64_t date, struct slot *out);

/*
 * slots_candidates() for starts that are packed: each span is filled from its first start on, and
 * where something of busy, which is merged, stands in the way, the next start is where that is
 * over. Only what is free is found.
 */
struct busy_intervals {
	const struct interval *list;
	size_t count;
};
size_t slots_packed(const struct hours *hours, const struct zone *zone, int64_t now,
    struct busy_intervals busy, struct slot *out);

/* The candidate that starts at this instant, or NULL. */
const struct slot *slots_find(const struct slot *slots, size_t count, int64_t start);

/*
 * What has to be free around a call: nothing else is nearer than buffer_before before it begins, or
 * buffer_after after it ends, be it another call or an event.
 */
struct interval slots_needed(const struct hours *hours, struct interval call);

/*
 * What the ledger keeps for a call, so that two of them keep the longer of the two buffers between
 * them, as slots_needed() has it of both: the call and that buffer on its side.
 */
struct interval slots_taken(const struct hours *hours, struct interval call);

/* The local date of an instant, in days since 1970-01-01. */
int64_t slots_date(const struct zone *zone, int64_t utc);
/* A local date as an interval of UTC, from its midnight (or the jump over it) to the next day's: 24
 * hours long, an hour or two more or less when the clock changes. */
struct interval slots_date_span(const struct zone *zone, int64_t date);
/* The local day of an instant. */
struct interval slots_local_day(const struct zone *zone, int64_t utc);

enum cap_kind { CAP_DAY, CAP_WEEK, CAP_MONTH };
#define CAPS_MAX 3

/* At most limit calls of an owner begin within an interval. */
struct cap_rule {
	enum cap_kind kind;
	int limit;
	struct interval within; /* the local day, the week from Monday on, or the month */
};

/* The caps that a call counts against which begins at this instant; returns how many there are. */
size_t slots_caps(const struct hours *hours, struct zone_walk *walk, int64_t start,
    struct cap_rule out[CAPS_MAX]);

/*
 * The window as one interval, for the question put to a calendar: midnight to midnight in the zone,
 * and further where a call with its buffers reaches over either edge. Never empty: without a window
 * it is today.
 */
struct interval slots_window(const struct hours *hours, const struct zone *zone, int64_t now);

#endif

/* SPDX-License-Identifier: MIT */
/* drift.h: how an event in the calendar differs from the call that it was made for */
#ifndef CORE_DRIFT_H
#define CORE_DRIFT_H

#include "core/booking.h"

/* An event of ours as the calendar shows it. */
struct seen_event {
	struct uuid booking;
	uint64_t version; /* of the booking, when the event was made */
	bool is_deleted;
	struct interval call; /* empty: a whole day, or no time that is understood */
	/* Somebody made it recur, and this is one occurrence that stands for itself: when it would
	 * have begun. 0: the event as a whole. */
	int64_t occurrence;
	bool recurs;	/* somebody made it recur */
	uint64_t stamp; /* of its last change there; 0: not told, or not to be told apart */
};

/* The same, and what names this state of it. */
struct seen_state {
	struct seen_event event;
	/* Of one that recurs, the one at the call's time; otherwise nothing. */
	struct seen_event occurrence;
	const char *etag; /* NULL: there is no such event */
};

enum drift {
	DRIFT_NONE,    /* it agrees, or it is no matter of the call that stands */
	DRIFT_DELETED, /* it was deleted or cancelled */
	DRIFT_MOVED,   /* it begins at another time, whatever its length */
	DRIFT_LENGTH,  /* it ends at another time only */
	DRIFT_NO_TIME, /* it has no time of day any more, or one that no call can have */
	DRIFT_LEFT,    /* it is there, and its call was cancelled or has moved on */
};
#define DRIFTS 6

const char *drift_name(enum drift drift);
bool drift_parse(const char *name, enum drift *out);

/*
 * What somebody did to it, while the booking's call, or the last one that it had, is not over (now:
 * seconds, UTC). An event of an older version is ours to take away.
 */
enum drift drift_find(const struct booking *booking, const struct seen_event *seen, int64_t now);

/* What stands for a moment as the calendar writes it; NULL: 0. */
uint64_t drift_stamp(const char *updated);

/* The same for the same sight of the same event, so that it is told once; with stamps also the same
 * only until the event is changed again. */
uint64_t drift_key(const struct seen_event *seen);

#endif

/* SPDX-License-Identifier: MIT */
/* due.h: what is due of a booking now */
#ifndef CORE_DUE_H
#define CORE_DUE_H

#include "core/booking.h"
#include "core/civil.h"
#include "core/duties.h"

/* Briefs and calls older than this are history: nobody is told of them any more. */
#define DUE_HISTORY_MS (7 * DAY_S * INT64_C(1000))

/* So long mails and alerts of a call wait for the link of its video call, and no longer. */
#define DUE_LINK_WAIT_MS INT64_C(30000)

/* How the couriers are set up. */
struct courier_rules {
	int64_t reminders_s[REMINDERS]; /* before the call; 0: none */
	int64_t abandoned_s;		/* after the brief; 0: never */
	int64_t replay_s;   /* a version's row and event are there by then, whoever died */
	int64_t settled_ms; /* after this time no worker writes to the calendar for it any more */
	bool has_calendar, has_resend, has_telegram;
	bool has_meet;	/* each call has a video call of its own, whose link is waited for */
	bool obeys;	/* what somebody does to an event is done to its call */
	bool has_nudge; /* a brief without a slot is reminded of it */
};

struct due {
	enum duty list[DUTIES];
	uint64_t versions[DUTIES];
	size_t count;
	size_t waiting;	 /* others that were tried, and are to be tried again later */
	bool is_row_due; /* the row is older than the ledger's version */
	int64_t next_ms; /* when to look again, INT64_MAX: not before something changes */
};

/*
 * What is due at now_ms, in the order in which it has to happen. A duty that failed waits for its
 * time; one that was done, or failed for good, is never due again. Only a booking's present version
 * counts: nobody is told of one that was overtaken. Of the row its version, status, created_ms,
 * held and whether it has a video's link are looked at. seen_ms: since when this courier knows of
 * the version.
 */
void due_find(const struct courier_rules *rules, const struct duties *duties,
    const struct booking *booking, int64_t seen_ms, int64_t now_ms, struct due *out);

/* Whether nothing can become due of it any more unless something changes, however long one waits:
 * brief and call are history. */
bool due_is_history(const struct booking *booking, int64_t now_ms);

#endif

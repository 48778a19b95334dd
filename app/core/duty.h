/* SPDX-License-Identifier: MIT */
/* duty.h: what may be due to whom, and how it is recorded */
#ifndef CORE_DUTY_H
#define CORE_DUTY_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Nothing is queued. What should have happened follows from the ledger and the bookings; what has
 * happened is recorded in the deliveries, a log in an order that every courier sees. The difference
 * is due. Every time here is one of the store's clock.
 */

enum duty {
	DUTY_NEW_LEAD,	       /* alert: a brief came in */
	DUTY_SPOOLED,	       /* mail: a brief came out of the spool; here is the schedule */
	DUTY_SPOOL_ALERT,      /* alert: the same */
	DUTY_EVENT,	       /* the calendar agrees with the booking's version */
	DUTY_EVENT_AGAIN,      /* the same once more, when no worker can still be writing to it */
	DUTY_MEET,	       /* the row has the link of the call's own video call */
	DUTY_MAIL,	       /* the prospect knows of the booking's version */
	DUTY_ALERT,	       /* the operator knows of the booking's version */
	DUTY_COLLISION,	       /* alert: the owner's own event stands in the call's time */
	DUTY_COMPARED,	       /* the calendars that no event is written to were looked at for it */
	DUTY_CALENDAR_CHANGED, /* alert: somebody changed the call's event there; version:
				  drift_key() */
	DUTY_OBEY, /* the ledger follows what somebody did to the call's event; version as before */
	DUTY_REMINDER_1, /* mail: the first of courier.reminders */
	DUTY_REMINDER_2,
	DUTY_REMINDER_3,
	DUTY_BEGUN,	     /* mail: the prospect knows of a call that has begun meanwhile */
	DUTY_NUDGE,	     /* mail: a brief without a slot */
	DUTY_ABANDONED,	     /* alert: the same */
	DUTY_MAILS_WAIT,     /* alert: the address has its mails of a day; version: the day */
	DUTY_OUTAGE,	     /* alert: the calendar cannot be reached; version: since when */
	DUTY_GOOGLE_REFUSED, /* alert: it does not accept our credentials; version: since when */
	DUTY_OUTAGE_ENDED,   /* alert: it can be reached again */
	DUTY_LOW_SLOTS,	     /* alert: too little is open; version: the date of telling */
	DUTY_BUSY_DAY, /* alert: the calendar closes a whole day; version: the date that it closes
			*/
	DUTY_RESEND_REFUSED, /* alert: our mails are refused, whatever they say; version: the day */
	DUTY_MEET_REFUSED,   /* alert: the calendar makes no video calls for us; version: the day */
	DUTY_CLOCKS,	 /* alert: this machine's clock differs from another's; version: the day */
	DUTY_CLIENTS,	 /* alert: a network address had its part of the day; version: the day */
	DUTY_DAMAGED,	 /* alert: a file of the spool cannot be understood; version: when */
	DUTY_FAILED,	 /* alert: something of this version failed for good, or goes on failing */
	DUTY_EVENT_SEEN, /* the call's event stood in the calendar that was kept with it: what is
			    gone was deleted */
	DUTIES,
};
#define REMINDERS 3

bool duty_is_mail(enum duty duty);
bool duty_is_event(enum duty duty); /* the calendar's; what is neither is an alert */
bool duty_is_plain(enum duty duty); /* an alert that belongs to no booking */

/* "mail": as the table and the log write it. */
const char *duty_name(enum duty duty);
bool duty_parse(const char *name, enum duty *out);

enum delivery_state {
	DELIVERY_NONE,	 /* nothing is recorded */
	DELIVERY_DUE,	 /* someone saw that it is due, which nothing else tells (the spool) */
	DELIVERY_TRYING, /* it may have arrived; its exact bytes are kept, to be sent at until_ms */
	DELIVERY_RETRY,	 /* it did not arrive, and is to be tried again at until_ms */
	DELIVERY_DONE,
	DELIVERY_FAILED,  /* for good */
	DELIVERY_UNSURE,  /* it may have arrived, and nobody will ever tell: not sent again */
	DELIVERY_SKIPPED, /* nothing was sent: its person need not be told, or was told already */
};
#define DELIVERY_STATES 8

const char *delivery_state_name(enum delivery_state state);
bool delivery_state_parse(const char *name, enum delivery_state *out);

/* One duty of one booking at one version, as last recorded. */
struct delivery {
	enum duty duty;
	uint64_t version;
	enum delivery_state state;
	unsigned attempt;
	int64_t at_ms, until_ms;
};

/* Done, or never to be tried again. */
bool delivery_is_over(const struct delivery *delivery);
/* Recorded, and to be tried. */
bool delivery_is_open(const struct delivery *delivery);
/* To be tried again, and not now. What was recorded by a clock that was so far ahead and was put
 * back since does not wait for it. */
#define DELIVERY_AHEAD_MS 60000
bool delivery_waits(const struct delivery *delivery, int64_t now_ms);

/* After so many tries the operator is told that something goes on failing. */
#define DELIVERY_PATIENCE 8

/* How long to wait after this many tries: doubling from 2 s to 15 minutes, less up to a quarter by
 * chance (0 to 255). */
int64_t delivery_backoff_ms(unsigned attempt, unsigned chance);

#endif

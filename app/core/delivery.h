/* SPDX-License-Identifier: MIT */
/* delivery.h: what is due to whom, and what was recorded of it */
#ifndef CORE_DELIVERY_H
#define CORE_DELIVERY_H

#include "core/ledger.h"

/*
 * Nothing is queued. What should have happened follows from the ledger and the bookings; what has
 * happened is recorded in the deliveries, a log in an order that every courier sees. The difference
 * is due. Every time here is one of the store's clock.
 */

enum duty {
	DUTY_NEW_LEAD,	  /* alert: a brief came in */
	DUTY_SPOOLED,	  /* mail: a brief came out of the spool; here is the schedule */
	DUTY_SPOOL_ALERT, /* alert: the same */
	DUTY_EVENT,	  /* the calendar agrees with the booking's version */
	DUTY_EVENT_AGAIN, /* the same once more, when no worker can still be writing to it */
	DUTY_MAIL,	  /* the prospect knows of the booking's version */
	DUTY_ALERT,	  /* the operator knows of the booking's version */
	DUTY_COLLISION,	  /* alert: the owner's own event stands in the call's time */
	DUTY_REMINDER_1,  /* mail: the first of courier.reminders */
	DUTY_REMINDER_2,
	DUTY_REMINDER_3,
	DUTY_NUDGE,	     /* mail: a brief without a slot */
	DUTY_ABANDONED,	     /* alert: the same */
	DUTY_OUTAGE,	     /* alert: the calendar cannot be reached; version: since when */
	DUTY_GOOGLE_REFUSED, /* alert: it does not accept our credentials; version: since when */
	DUTY_OUTAGE_ENDED,   /* alert: it can be reached again */
	DUTY_RESEND_REFUSED, /* alert: our key for mails is refused; version: the day */
	DUTY_DAMAGED,	     /* alert: a file of the spool cannot be understood; version: when */
	DUTY_FAILED, /* alert: something of this version failed for good, or goes on failing */
	DUTIES,
};
#define REMINDERS 3

bool duty_is_mail(enum duty duty);
bool duty_is_event(enum duty duty); /* what is neither is an alert */
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
	DELIVERY_FAILED, /* for good */
	DELIVERY_UNSURE, /* it may have arrived, and nobody will ever tell: not sent again */
};
#define DELIVERY_STATES 7

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

/* Everything recorded of one booking, or of a place that has plain alerts, and who has it now. */
struct docket {
	struct uuid booking;
	bool is_plain; /* a place */
	struct delivery *list;
	size_t count, room;
	struct uuid owner; /* of the lease */
	int64_t lease_until_ms;
	int64_t lease_boot_ms; /* the same of a lease of our own, by the clock since boot */
	int64_t created_ms;    /* of the brief; 0: not known yet */
	int64_t look_ms;       /* when there may be something to do */
	uint64_t seen_version; /* the booking's newest version seen, and since when */
	int64_t seen_ms;
	bool is_owed;	   /* when it was looked at last something was due, or waited */
	int64_t behind_ms; /* since when something due is not done: the courier's clock since
			      boot; 0: nothing is */
};

/* All dockets, by booking. NULL: no memory. */
struct dockets;
struct dockets *dockets_new(void);
void dockets_free(struct dockets *dockets);
/* Finds or makes one; NULL: no memory. Valid until the next dockets_open(). */
struct docket *dockets_open(struct dockets *dockets, const struct uuid *booking);
size_t dockets_count(const struct dockets *dockets);
/* By place, NULL past the last. */
struct docket *dockets_at(struct dockets *dockets, size_t index);

/*
 * Records what the log says. What is done stays done, whatever a courier that lost its lease says
 * later; what is due is so once, but a failure is told again when something else fails. False: no
 * memory.
 */
bool docket_record(struct docket *docket, const struct delivery *delivery);
/*
 * A lease of LEASE_MS asked for at at_ms. It is granted to whoever asks first while nobody has one,
 * by the order and the clock of the log, so that every courier comes to the same answer. Its owner
 * may prolong it, and give it back.
 */
#define LEASE_MS 20000
void docket_lease(struct docket *docket, const struct uuid *owner, int64_t at_ms);
void docket_release(struct docket *docket, const struct uuid *owner, int64_t at_ms);

/* As last recorded; DELIVERY_NONE when nothing is. */
struct delivery docket_find(const struct docket *docket, enum duty duty, uint64_t version);
/* Whether a duty of any version from since on and below this one was done. Since the version that
 * booked: who is told now was told of this call before, at another time. */
bool docket_was_done_within(
    const struct docket *docket, enum duty duty, uint64_t since, uint64_t version);
/* The same, or it may have been. */
bool docket_may_be_done_within(
    const struct docket *docket, enum duty duty, uint64_t since, uint64_t version);

/* How the couriers are set up. */
struct courier_rules {
	int64_t reminders_s[REMINDERS]; /* before the call; 0: none */
	int64_t abandoned_s;		/* after the brief; 0: never */
	int64_t replay_s;   /* a version's row and event are there by then, whoever died */
	int64_t settled_ms; /* after this time no worker writes to the calendar for it any more */
	bool has_google, has_resend, has_telegram;
};

/* What is known of a booking, beside its docket. */
struct known {
	bool has_lead;
	int64_t created_ms;
	bool was_booked; /* by the ledger or by its row */
	struct ledger_booking standing;
	uint64_t row_version;
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
 * counts: nobody is told of one that was overtaken.
 */
void delivery_due(const struct courier_rules *rules, const struct docket *docket,
    const struct known *known, int64_t now_ms, struct due *out);

/* After so many tries the operator is told that something goes on failing. */
#define DELIVERY_PATIENCE 8

/* How long to wait after this many tries: doubling from 2 s to 15 minutes, less up to a quarter by
 * chance (0 to 255). */
int64_t delivery_backoff_ms(unsigned attempt, unsigned chance);

#endif

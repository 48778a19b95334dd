/* SPDX-License-Identifier: MIT */
/* problem.h: what can stand in the way of what a client asked for */
#ifndef WEB_PROBLEM_H
#define WEB_PROBLEM_H

#include "base/err.h"

/*
 * A handler, and every step of one, returns the problem that it came to; PROBLEM_NONE: go on. The
 * words are [problem] SLUG_title, SLUG_text and SLUG_next of messages.ini.
 */
enum problem {
	PROBLEM_NONE,
	PROBLEM_ADDRESS, /* the e-mail address has what it may have, or is not wanted */
	PROBLEM_BAD_REQUEST,
	PROBLEM_CHANGES, /* its prospect has changed the booking often enough */
	PROBLEM_CLIENT,	 /* the network address has what it may have within a day */
	PROBLEM_CLOSED,	 /* the calendar has to be asked, and could not be */
	PROBLEM_EMAIL,	 /* as input, said of a booking's address */
	PROBLEM_ERASED,
	PROBLEM_FOREIGN,	/* a page of another site sent this form */
	PROBLEM_FOREIGN_CHANGE, /* the same, said of a booking's */
	PROBLEM_FULL,		/* neither the store nor the spool takes the brief */
	PROBLEM_GONE,		/* the slot is somebody else's by now */
	PROBLEM_INPUT,
	PROBLEM_INTERNAL,
	PROBLEM_KEY, /* a program without a key of ours */
	PROBLEM_LEDGER,
	PROBLEM_LINK, /* a page's address that bears no booking id */
	PROBLEM_METHOD,
	PROBLEM_NOT_BOOKED,
	PROBLEM_NOT_FOUND, /* no booking has this id */
	PROBLEM_NOT_OFFERED,
	PROBLEM_NO_CALL,
	PROBLEM_NO_PAGE,
	PROBLEM_OVER,	   /* as too late, said to who looks and does not click */
	PROBLEM_OVERTAKEN, /* the click was carried out, and another change came after it */
	PROBLEM_ROBOT,
	PROBLEM_TOKEN,
	PROBLEM_TOO_LARGE,
	PROBLEM_TOO_LATE,
	PROBLEM_TRAP, /* a field was filled in that people do not see */
	PROBLEM_TYPE,
	PROBLEM_UNAVAILABLE,
	PROBLEM_UNCONFIRMED, /* a click whose outcome is not known, or that was not carried out */
	PROBLEM_UNSAVED,     /* the same for now: the disk refused it */
	PROBLEM_VERSION,     /* the booking has moved on since the form was made */
	PROBLEM_VERSION_NEEDED,
	PROBLEM_WAITED,
	PROBLEM_ZONE,
};
#define PROBLEMS (PROBLEM_ZONE + 1)

/* The page that shows it. */
enum problem_place {
	PLACE_OWN,	/* one of its own: problem.html */
	PLACE_FORM,	/* the brief form, with what was typed */
	PLACE_BOOKING,	/* the booking as it stands */
	PLACE_SCHEDULE, /* the open slots, the nearest first */
};

/* Of any but PROBLEM_NONE. */
struct problem_kind {
	int status;	   /* of HTTP */
	const char *slug;  /* in messages.ini and in problem documents (RFC 9457) */
	int retry_after_s; /* 0: none is named */
	enum problem_place place;
};
const struct problem_kind *problem_kind(enum problem problem);

/* What a failure is to the client: the one place that says so. */
enum problem problem_of(enum err err);

#endif

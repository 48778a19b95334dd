/* SPDX-License-Identifier: MIT */
/* lead.h: what is kept of a prospect and their booking, as a table of columns */
#ifndef CORE_LEAD_H
#define CORE_LEAD_H

#include "core/address.h"
#include "core/entry.h"

enum lead_status { LEAD_AWAITING_SLOT, LEAD_BOOKED, LEAD_CANCELLED, LEAD_ERASED };
#define LEAD_STATUSES 4

/* "awaiting_slot", "booked": as the store writes it. */
const char *lead_status_name(enum lead_status status);
bool lead_status_parse(const char *name, enum lead_status *out);

/* Whose a text is. What is the prospect's is gone when they are erased. */
enum lead_text_of {
	LEAD_OURS,
	LEAD_BRIEF,   /* typed by the prospect, under the same name in forms and JSON (core/brief.h)
		       */
	LEAD_ADDRESS, /* typed as well: who it is, and so no part of what is said */
	LEAD_READER,  /* how they read: found out, not typed */
};

/* How much of a row is read, each with what those before it have. */
enum lead_part {
	LEAD_TIMES, /* what decides on open times, and how they are shown */
	LEAD_SHOWN, /* what a page shows of the booking */
	LEAD_WHOLE,
};

/*
 * The texts of a lead, each a line: its member, its column in the store and member in a file of the
 * spool, what it is called for people, whose it is, and the smallest part of a row that has it.
 * Those that the prospect types have before it the enumerator of core/brief.h, and behind it how
 * many characters it may have (an address bytes), and whether it must be there and has several
 * lines. The member below, the form's fields and how they are judged, the statements of
 * store/leads.h, the spool, what is exported, erased and compared all follow from this list; a new
 * text is a line here and a migration.
 */
#define LEAD_TYPED(TYPED, AS)                                                                      \
	TYPED(AS, NAME, name, "name", "name", LEAD_BRIEF, SHOWN, 100, true, false)                 \
	TYPED(AS, EMAIL, email, "email", "e-mail", LEAD_ADDRESS, SHOWN, ADDRESS_MAX, true, false)  \
	TYPED(AS, COMPANY, company, "company", "company", LEAD_BRIEF, WHOLE, 100, false, false)    \
	TYPED(AS, TEXT, brief, "brief", "brief", LEAD_BRIEF, WHOLE, 5000, true, true)              \
	TYPED(AS, BUDGET, budget, "budget", "budget", LEAD_BRIEF, WHOLE, 100, false, false)        \
	TYPED(AS, TIMEFRAME, timeframe, "timeframe", "time frame", LEAD_BRIEF, WHOLE, 100, false,  \
	    false)
#define LEAD_TEXTS(TEXT)                                                                           \
	TEXT(owner, "host", "host", LEAD_OURS, WHOLE)                                              \
	LEAD_TYPED(LEAD_TYPED_TEXT, TEXT)                                                          \
	TEXT(timezone, "timezone", "zone", LEAD_READER, TIMES)                                     \
	TEXT(language, "language", "language", LEAD_READER, WHOLE)                                 \
	TEXT(held, "held", "held back", LEAD_OURS, WHOLE)                                          \
	TEXT(video, "video_link", "video call", LEAD_OURS, SHOWN)
#define LEAD_TYPED_TEXT(AS, field, member, column, title, of, part, max, must, lines)              \
	AS(member, column, title, of, part)

/* The video's is the address of the call's own video call, where there is one: the calendar makes
 * it once the call stands, and it stays until the call is cancelled. */

/* Why a brief's times were not shown at once; "" when they were. */
#define LEAD_HELD_ADDRESS "address" /* its address had what one may have (conf.h, fair) */
#define LEAD_HELD_HOUR "hour"	    /* all together had */
#define LEAD_HELD_VERIFY "verify"   /* they open from the link of a mail */
/* Its times were shown, and its form came again with other words, which are a lead of their own:
 * nobody is told of it any more. */
#define LEAD_SUPERSEDED "superseded"

/* A brief once more, under an id that stands in the mail that reminded of it and nowhere else. */
#define LEAD_REMINDED "reminded"

/*
 * One row. What the prospect gave is text in UTF-8 of any content; it never goes into a query's
 * text or a URL. The newest version of a booking's rows counts: 0 for a lead and for imported rows,
 * otherwise the ledger's version. The owner is whose time it is; the time zone the prospect's
 * choice,
 * "" for none; the language the one in which they read the pages, "" when it is not known.
 */
struct lead {
	struct uuid booking;
	uint64_t version;
	enum lead_status status;
	struct interval slot; /* empty while there is none */
	enum calendar_check calendar;
	int64_t created_ms; /* when the brief came in, wall clock */
	struct uuid form;   /* the secret of the form it came with, which no row has
			       (store/formers.h);   nil: not known */
	bool is_partial;    /* not LEAD_WHOLE: never to be written */
#define LEAD_MEMBER(member, column, title, of, part) const char *member;
	LEAD_TEXTS(LEAD_MEMBER)
#undef LEAD_MEMBER
};

struct lead_text {
	const char *column, *title;
	size_t at; /* the member's offset */
	enum lead_text_of of;
	enum lead_part part;
};
#define LEAD_COUNT_TEXT(member, column, title, of, part) +1
#define LEAD_TEXT_COUNT (0 LEAD_TEXTS(LEAD_COUNT_TEXT))
extern const struct lead_text lead_texts[LEAD_TEXT_COUNT];

/* The text of that place in the table. */
const char **lead_text(struct lead *lead, size_t index);
const char *lead_text_value(const struct lead *lead, size_t index);

/* Whether a mail answers the brief at once, since its page showed no times. */
bool lead_waits_for_mail(const struct lead *lead);

bool lead_is_superseded(const struct lead *lead);
bool lead_is_reminded(const struct lead *lead);

/* Sets every text: an empty lead, to be filled. */
void lead_clear(struct lead *lead);
/* Empties what is the prospect's, and sets what was not set: a whole row, of a booking without one
 * too. */
void lead_erase(struct lead *lead);
/* Whether both say the same of what a prospect types. */
bool lead_is_same_brief(const struct lead *a, const struct lead *b);
/* Whether the text of that place in the table was typed. */
bool lead_is_typed(size_t index);
/* What was typed into that column. NULL: no such column. */
const char **lead_typed(struct lead *lead, const char *column);

#endif

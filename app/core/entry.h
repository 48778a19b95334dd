/* SPDX-License-Identifier: MIT */
/* entry.h: one command of the ledger, with every number that its judgement needs */
#ifndef CORE_ENTRY_H
#define CORE_ENTRY_H

#include "base/err.h"
#include "base/text.h"
#include "base/uuid.h"
#include "core/interval.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OWNER_MAX 64 /* an owner's name with its NUL */

enum entry_kind {
	ENTRY_EPOCH, /* the first entry, and only it: this ledger's identity; its booking is the
			table's own UUID, which a restored table does not have */
	ENTRY_BOOK, /* the booking takes an interval, and leaves the one it had: first time and move
		     */
	ENTRY_CANCEL,  /* the booking leaves its interval; one that the ledger never saw leaves what
			  it  has outside of it */
	ENTRY_BLOCK,   /* like a book, for time taken without a prospect */
	ENTRY_UNBLOCK, /* like a cancel, for a block */
	ENTRY_ERASE,   /* the booking leaves its interval, and no later command of it is accepted */
	ENTRY_RESTORE, /* in a rebuilt ledger: the booking stands at this very version, which is not
			  above the epoch's, with this interval or, when it is empty, without one */
};
#define ENTRY_KINDS 7

/* What was known of the owner's calendar when the command was written. */
enum calendar_check {
	CALENDAR_OFF,	     /* no calendar is configured */
	CALENDAR_FRESH,	     /* asked at the click */
	CALENDAR_REMEMBERED, /* could not be asked: an answer younger than google.stale_s was used
			      */
	CALENDAR_UNCHECKED,  /* could not be asked, and there was no such answer */
};
#define CALENDAR_CHECKS 4

/* Who gave a command. Entries from before this was written down are taken for the prospect's, but
 * for those of the kinds that only an operator gives. */
enum actor { ACTOR_PROSPECT, ACTOR_OPERATOR, ACTOR_COURIER, ACTOR_CALENDAR };
#define ACTORS 4

/* As the table and the log write them: "book", "remembered", "operator". */
const char *entry_kind_name(enum entry_kind kind);
bool entry_kind_parse(const char *name, enum entry_kind *out);
const char *calendar_check_name(enum calendar_check check);
bool calendar_check_parse(const char *name, enum calendar_check *out);
const char *actor_name(enum actor actor);
bool actor_parse(const char *name, enum actor *out);

/*
 * Calls are counted by tags: short names of lower-case letters, digits, "-" and "_", such as a kind
 * of meeting. They say nothing of a person. A call also bears the name of its owner.
 */
#define TAG_MAX 24 /* with its NUL */
#define ENTRY_TAGS_MAX 4
bool tag_is_sane(const char *tag); /* not "" */

/* Refuses the command when `limit` or more other live calls that bear the tag start within. So
 * with a limit of 3 three calls can stand. */
struct cap {
	uint32_t limit;	   /* 1 or more */
	char tag[TAG_MAX]; /* "": the name of the entry's owner */
	struct interval within;
};
#define ENTRY_CAPS_MAX 6

struct entry {
	uint64_t number; /* its place in the order, counted by the store; from 1, gaps are legal */
	struct uuid id;	 /* fresh for each command, the same in each repeat of its append */
	enum entry_kind kind;
	struct uuid booking; /* whose command; for a block, the block's own id; nil: nobody's */
	uint64_t version;    /* the booking's version that the writer saw; 0: none yet.
				In an epoch: what is added to a number to make a version */
	char owner[OWNER_MAX];
	struct interval call;  /* the call itself */
	struct interval taken; /* the call with its buffers: what must be free for the owner */
	struct cap caps[ENTRY_CAPS_MAX];
	size_t cap_count;
	char tags[ENTRY_TAGS_MAX][TAG_MAX]; /* that the call bears beside its owner's name */
	size_t tag_count;
	char meeting[TAG_MAX];	      /* the kind of call, "" where there is one kind only */
	enum calendar_check calendar; /* of the calendars that block, the least */
	/* What was known of each, "work:fresh,home:unchecked"; NULL or "" where they have no names,
	 * or none was asked. Not the entry's own, and no matter of its judgement. */
	const char *calendars;
	enum actor actor;
	/*
	 * How many entries of its prospect a booking may have, this one included; 0: any number.
	 * Only a prospect's command is refused for it, and only a prospect's entries count, since
	 * what the business changes is not the prospect's doing. A cancel may be one more, so that
	 * whoever has used up the changes can still leave the call. A rebuilt ledger begins to
	 * count anew.
	 */
	uint32_t max_changes;
};

/* The one way to name the owner. A name that is too long is none, and the replay refuses a call
 * that is nobody's. */
void entry_set_owner(struct entry *entry, const char *owner);

/*
 * Adds to an entry. False: there is no room, or the tag is no tag; for a cap, limit 0, which nobody
 * could meet.
 */
bool entry_add_cap(
    struct entry *entry, uint32_t limit, const char *tag, struct interval within) MUST_CHECK;
bool entry_add_tag(struct entry *entry, const char *tag) MUST_CHECK;
bool entry_set_meeting(struct entry *entry, const char *meeting) MUST_CHECK;

/*
 * Caps and tags as the table writes them: "3::1764201600:1764288000,1:intro:0:4294967295" for
 * limit, tag, from and to of each, and "intro,team". The readers replace what the entry had; false,
 * with the entry in an undefined state, for everything but what the writers write.
 */
void entry_write_caps(struct text *text, const struct entry *entry);
void entry_write_tags(struct text *text, const struct entry *entry);
bool entry_read_caps(struct entry *entry, const char *text) MUST_CHECK;
bool entry_read_tags(struct entry *entry, const char *text) MUST_CHECK;

#endif

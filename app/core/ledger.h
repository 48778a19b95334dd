/* SPDX-License-Identifier: MIT */
/* ledger.h: the replay: state × entry → state, accepted or refused because … */
#ifndef CORE_LEDGER_H
#define CORE_LEDGER_H

#include "base/err.h"
#include "base/uuid.h"
#include "core/interval.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The ledger is a log of conditional commands in one order. Whoever replays the same entries in the
 * same order comes to the same verdicts: the replay looks at no clock and no configuration, and an
 * entry carries every number that its judgement needs.
 *
 * Invariants of the state after every entry:
 *   - two live intervals of one host never overlap (the intervals with their buffers);
 *   - a booking has at most one live interval;
 *   - a booking's version only grows, and is the number of the entry that last changed it.
 */

#define LEDGER_HOST_MAX 64 /* a host's name with its NUL */

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

/* What was known of the host's calendar when the command was written. */
enum calendar_check {
	CALENDAR_OFF,	     /* no calendar is configured */
	CALENDAR_FRESH,	     /* asked at the click */
	CALENDAR_REMEMBERED, /* could not be asked: an answer younger than google.stale_s was used
			      */
	CALENDAR_UNCHECKED,  /* could not be asked, and there was no such answer */
};
#define CALENDAR_CHECKS 4

/* As the table and the log write them: "book", "remembered". */
const char *entry_kind_name(enum entry_kind kind);
bool entry_kind_parse(const char *name, enum entry_kind *out);
const char *calendar_check_name(enum calendar_check check);
bool calendar_check_parse(const char *name, enum calendar_check *out);

struct entry {
	uint64_t number; /* its place in the order, counted by the store; from 1, gaps are legal */
	struct uuid id;	 /* fresh for each command, the same in each repeat of its append */
	enum entry_kind kind;
	struct uuid booking; /* whose command; for a block, the block's own id */
	uint64_t version;    /* the booking's version that the writer saw; 0: none yet.
				In an epoch: what is added to a number to make a version */
	char host[LEDGER_HOST_MAX];
	struct interval call;  /* the call itself */
	struct interval taken; /* the call with its buffers: what must be free on the host */
	uint32_t cap; /* at most this many live calls on the host may start within cap_within,
			 this one included; 0: no cap */
	struct interval cap_within;
	enum calendar_check calendar;
};

enum verdict {
	VERDICT_ACCEPTED,
	VERDICT_REPEATED,  /* this id was judged before: no effect, the first verdict stands */
	VERDICT_STALE,	   /* the booking has moved on: its version is another */
	VERDICT_OVERLAP,   /* the host's time is taken */
	VERDICT_CAP,	   /* the host has its fill of calls */
	VERDICT_NOT_LIVE,  /* nothing to cancel */
	VERDICT_ERASED,	   /* the booking was erased */
	VERDICT_MALFORMED, /* an epoch that is not first, an empty interval, a block's id for a
			      booking … */
};

/* "accepted", "overlap": for logs, metrics and the operator's tool. */
const char *verdict_name(enum verdict verdict);

struct ledger;

/* An empty state: expects the epoch. NULL: out of memory. */
struct ledger *ledger_new(void);
void ledger_free(struct ledger *ledger);

/*
 * Replays one entry. ERR_LEDGER: the log itself is not sound (the first entry is no epoch, or a
 * number does not rise), and the state is unchanged. ERR_SYSTEM: no memory; the state must be
 * dropped. Otherwise *verdict is what everybody finds. Model: step `replay`.
 */
enum err ledger_apply(struct ledger *ledger, const struct entry *entry, enum verdict *verdict,
    struct fail *fail) MUST_CHECK;

/* What ledger_apply() would find if this entry came next (its number and id aside): to refuse
 * early. */
enum verdict ledger_judge(const struct ledger *ledger, const struct entry *entry);

/* The newest entry's number and id, and how many entries were replayed; 0 and nil when empty. */
struct ledger_mark {
	uint64_t number, count;
	struct uuid id;
	struct uuid epoch; /* the first entry's id */
	struct uuid table; /* its booking: the table that it was written into */
};
struct ledger_mark ledger_mark(const struct ledger *ledger);

/* The version that an accepted entry of this number gives its booking. */
uint64_t ledger_version(const struct ledger *ledger, uint64_t number);

/* A booking (or block) as it stands. */
struct ledger_booking {
	struct uuid id;
	uint64_t version;	/* 0: no entry of it was ever accepted */
	uint64_t since_version; /* the version that booked it; a move keeps it. 0: in another ledger
				 */
	bool is_live, is_block, is_erased;
	enum calendar_check calendar;
	const char *host;	     /* lives as long as the ledger; "" while never booked */
	struct interval call, taken; /* the live interval, or the last one */
};

/* False and a zeroed *out with the id set when the ledger knows nothing of it. */
bool ledger_find(
    const struct ledger *ledger, const struct uuid *booking, struct ledger_booking *out);

/*
 * Writes the live bookings and blocks of a host whose taken intervals overlap within, in order of
 * time, but for except (may be NULL). At most max; returns how many there are, which may be more.
 */
size_t ledger_busy(const struct ledger *ledger, const char *host, struct interval within,
    const struct uuid *except, struct ledger_booking *out, size_t max);

/* How many live calls of a host start within, but for those of except (may be NULL). */
size_t ledger_count_calls(const struct ledger *ledger, const char *host, struct interval within,
    const struct uuid *except);

/* Every booking the ledger knows, in the order of their first entry; false past the last. */
bool ledger_at(const struct ledger *ledger, size_t index, struct ledger_booking *out);

#endif

/* SPDX-License-Identifier: MIT */
/* ledger.h: the replay: state × entry → state, accepted or refused because … */
#ifndef CORE_LEDGER_H
#define CORE_LEDGER_H

#include "core/entry.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The ledger is a log of conditional commands in one order. Whoever replays the same entries in the
 * same order comes to the same verdicts: the replay looks at no clock and no configuration, and an
 * entry carries every number that its judgement needs. States are kept over an upgrade: whoever
 * changes what the replay comes to raises VERSION in ledger_image.c.
 *
 * Invariants of the state after every entry:
 *   - two live intervals of one owner never overlap (the intervals with their buffers);
 *   - a booking has at most one live interval;
 *   - a booking's version only grows, and is the number of the entry that last changed it.
 */

enum verdict {
	VERDICT_ACCEPTED,
	VERDICT_REPEATED,  /* this id was judged before: no effect, the first verdict stands */
	VERDICT_STALE,	   /* the booking has moved on: its version is another */
	VERDICT_OVERLAP,   /* the owner's time is taken */
	VERDICT_CAP,	   /* one of the caps is reached */
	VERDICT_CHANGES,   /* its prospect has changed the booking often enough */
	VERDICT_NOT_LIVE,  /* nothing to cancel */
	VERDICT_ERASED,	   /* the booking was erased */
	VERDICT_MALFORMED, /* an epoch that is not first, an empty interval, a block's id for a
			      booking, a command of no booking: also one that cannot be read … */
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

/* The entry is replayed soon: a long replay waits for memory more than for anything else. Changes
 * nothing. */
void ledger_expect(const struct ledger *ledger, const struct entry *entry);

/* What ledger_apply() would find if this entry came next (its number and id aside): to refuse
 * early. */
enum verdict ledger_judge(const struct ledger *ledger, const struct entry *entry);

/* The newest entry's number and id, and how many entries were replayed; 0 and nil when empty. */
struct ledger_mark {
	uint64_t number, count;
	struct uuid id;
	struct uuid epoch; /* the first entry's id */
	struct uuid table; /* its booking: the table that it was written into */
	uint64_t sum; /* of each number times the first eight bytes of its id, the first byte being
			 the lowest, modulo 2^64 */
};
struct ledger_mark ledger_mark(const struct ledger *ledger);

/* What was found of the entry before which so many stand; VERDICT_MALFORMED past the newest. */
enum verdict ledger_verdict(const struct ledger *ledger, uint64_t position);

/* The version that an accepted entry of this number gives its booking. */
uint64_t ledger_version(const struct ledger *ledger, uint64_t number);

/* A booking (or block) as it stands. */
struct ledger_booking {
	struct uuid id;
	uint64_t version;	/* 0: no entry of it was ever accepted */
	uint64_t since_version; /* the version that booked it; a move keeps it. 0: in another ledger
				 */
	uint64_t call_version;	/* the version that gave the call its present time */
	uint32_t changes;	/* accepted entries of its prospect */
	bool is_live, is_block, is_erased;
	enum calendar_check calendar;
	const char *owner;	     /* lives as long as the ledger; "" while never booked */
	struct interval call, taken; /* the live interval, or the last one */
	/* Of that call. */
	char meeting[TAG_MAX], tags[ENTRY_TAGS_MAX][TAG_MAX];
	size_t tag_count;
};

/* False and a zeroed *out with the id set when the ledger knows nothing of it. */
bool ledger_find(
    const struct ledger *ledger, const struct uuid *booking, struct ledger_booking *out);

/*
 * Writes the live bookings and blocks of an owner whose taken intervals overlap within, in order of
 * time, but for except (may be NULL). At most max; returns how many there are, which may be more.
 */
size_t ledger_busy(const struct ledger *ledger, const char *owner, struct interval within,
    const struct uuid *except, struct ledger_booking *out, size_t max);

/* The owners of whom a call or a block was ever accepted; NULL past the last. */
const char *ledger_owner(const struct ledger *ledger, size_t index);

/*
 * How many live calls that bear a tag start within, but for those of except (may be NULL). The tag
 * is one that entries list, or the name of an owner, which all of its calls bear.
 */
size_t ledger_count_calls(const struct ledger *ledger, const char *tag, struct interval within,
    const struct uuid *except);

/* Every booking the ledger knows, in the order of their first entry; false past the last. */
bool ledger_at(const struct ledger *ledger, size_t index, struct ledger_booking *out);

#endif

/* SPDX-License-Identifier: MIT */
/* change.c: one change of one booking: a command, its append, its verdict */
#include "desk/change.h"
#include "base/clock.h"
#include "base/mutate.h"

/* An append may take a little longer than one query: it is repeated under the same id. */
#define APPEND_QUERIES 2

static enum change change_of(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_ACCEPTED:
		return CHANGE_ACCEPTED;
	case VERDICT_OVERLAP:
		return CHANGE_OVERLAP;
	case VERDICT_CAP:
		return CHANGE_CAP;
	case VERDICT_CHANGES:
		return CHANGE_TOO_MANY;
	case VERDICT_STALE:
	case VERDICT_NOT_LIVE:
		return CHANGE_STALE;
	case VERDICT_ERASED:
		return CHANGE_ERASED;
	case VERDICT_REPEATED:
	case VERDICT_MALFORMED:
		break;
	}
	return CHANGE_MALFORMED;
}

enum change change_judge(const struct upstream *upstream, const struct entry *entry)
{
	return change_of(ledger_judge(journal_state(upstream->journal), entry));
}

bool change_again(const struct upstream *upstream, const struct booking *booking, struct entry *out)
{
	return booking_entry_again(booking, journal_state(upstream->journal), out);
}

uint64_t change_version(const struct upstream *upstream, const struct entry *entry)
{
	return ledger_version(journal_state(upstream->journal), entry->number);
}

bool change_blocker(
    const struct upstream *upstream, const struct entry *entry, struct uuid *booking)
{
	struct ledger_booking other;

	if (!ledger_busy(journal_state(upstream->journal), entry->owner, entry->taken,
		&entry->booking, &other, 1))
		return false;
	*booking = other.id;
	return true;
}

enum change change_make(struct upstream *upstream, struct arena *arena, struct entry *entry,
    struct booking *booking, struct fail *fail)
{
	struct journal *journal = upstream->journal;
	int64_t deadline = clock_boot_ms() + APPEND_QUERIES * upstream->conf->clickhouse.timeout_ms;
	enum verdict verdict = ledger_judge(journal_state(journal), entry);
	enum err err = ERR_NONE;

	/* What is refused already needs no entry. */
	if (verdict == VERDICT_ACCEPTED) {
		err = journal_append(journal, arena, entry, deadline, &verdict, fail);
		if (MUTATED(ACK_BEFORE_APPEND)) {
			booking_refresh(booking, journal_state(journal));
			return CHANGE_ACCEPTED;
		}
	}
	if (MUTATED(TIMEOUT_IS_FAILURE) && err == ERR_UNSURE)
		return CHANGE_OVERLAP;
	if (err)
		return err == ERR_UNSURE ? CHANGE_UNSURE : CHANGE_NOT_WRITTEN;
	booking_refresh(booking, journal_state(journal));
	if (verdict == VERDICT_ACCEPTED && !MUTATED(FOLLOW_OVERTAKEN) &&
	    booking->version != change_version(upstream, entry))
		return CHANGE_OVERTAKEN;
	return change_of(verdict);
}

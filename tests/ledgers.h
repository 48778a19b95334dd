/* SPDX-License-Identifier: MIT */
/* ledgers.h: ids, entries and states of the ledger, for its tests */
#ifndef TESTS_LEDGERS_H
#define TESTS_LEDGERS_H

#include "core/ledger.h"
#include "times.h"

#include <inttypes.h>
#include <string.h>

/* A uuid that is easy to name: all zero but for its last byte. */
static inline struct uuid id_of(int number)
{
	struct uuid id = {.bytes = {[14] = (uint8_t)(number >> 8), [15] = (uint8_t)number}};

	return id;
}

static inline enum verdict apply(struct ledger *ledger, const struct entry *entry)
{
	enum verdict verdict = VERDICT_MALFORMED;
	struct fail fail = {0};
	enum err err = ledger_apply(ledger, entry, &verdict, &fail);

	if (err) /* every ck_assert() costs a write() */
		ck_abort_msg("%s", fail.detail);
	return verdict;
}

#define OWNERS 3
static const char *const owners[OWNERS] = {"a", "b", "ab"};

#define STATE_BOOKINGS 16

/* All that a ledger answers of its bookings, but for the mark; members without gaps, for memcmp().
 */
struct state {
	struct {
		struct uuid id;
		uint64_t version, flags, calendar, owner;
		struct interval call, taken;
	} bookings[STATE_BOOKINGS];
	struct interval busy[OWNERS][STATE_BOOKINGS];
	uint64_t busy_count[OWNERS];
};

static inline void state_of(const struct ledger *ledger, struct state *out)
{
	static const struct interval always = {INT64_MIN, INT64_MAX};
	struct ledger_booking at, busy[STATE_BOOKINGS];

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; ledger_at(ledger, i, &at); i++) {
		if (i == STATE_BOOKINGS)
			ck_abort_msg("there are more bookings");
		out->bookings[i].id = at.id;
		out->bookings[i].version = at.version;
		out->bookings[i].flags =
		    (uint64_t)(at.is_live << 2 | at.is_block << 1 | at.is_erased);
		out->bookings[i].calendar = at.calendar;
		while (out->bookings[i].owner < OWNERS &&
		       strcmp(owners[out->bookings[i].owner], at.owner) != 0)
			out->bookings[i].owner++;
		out->bookings[i].call = at.call;
		out->bookings[i].taken = at.taken;
	}
	for (size_t i = 0; i < OWNERS; i++) {
		out->busy_count[i] =
		    ledger_busy(ledger, owners[i], always, NULL, busy, STATE_BOOKINGS);
		for (size_t j = 0; j < out->busy_count[i]; j++)
			out->busy[i][j] = busy[j].taken;
	}
}

static inline bool is_state(const struct ledger *ledger, const struct state *expected)
{
	struct state now;

	state_of(ledger, &now);
	return memcmp(&now, expected, sizeof(now)) == 0;
}

#endif

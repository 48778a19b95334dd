/* SPDX-License-Identifier: MIT */
/* people.h: what one e-mail address has asked for already */
#ifndef STORE_PEOPLE_H
#define STORE_PEOPLE_H

#include "base/conf.h"
#include "base/uuid.h"
#include "store/clickhouse.h"

/*
 * People are told apart by address_normal() of their address. The table keeps its SipHash-2-4 under
 * a key of zeros, which is ClickHouse's sipHash64(), with an index, so that this costs as little
 * with a million briefs; and queries bear only hashes, so that the server's log has no address.
 */
uint64_t people_hash(const char *text);
/* Of an address as it is written, case aside: ClickHouse's sipHash64(lower(email)). After an arena
 * overflow that of nothing. */
uint64_t people_address_hash(struct arena *arena, const char *address);

struct people {
	/* Of this address, the booking at hand aside: */
	uint64_t briefs; /* within a day */
	uint64_t calls;	 /* that stand, as the rows have it; the ledger may be ahead of them */
	/* Of everybody: */
	uint64_t all_briefs; /* within an hour; the one at hand too, if it is there */
	bool is_blocked;     /* the address or its domain is on the operator's list */
};

/* ERR_NONE, or what clickhouse_ask() says. */
enum err people_ask(struct clickhouse *clickhouse, struct arena *arena, const char *address,
    const struct uuid *booking, struct people *out, struct fail *fail) MUST_CHECK;

/*
 * What a new brief is held back for (core/lead.h), "": its times are shown. One brief beyond the
 * limit of an address is kept, for the mail that tells the address so; NULL, it is refused, for
 * those after it and for what the operator has blocked.
 */
const char *people_hold(const struct people *people, const struct conf *conf);

/*
 * One branch of a look at a booking (store/snapshot.h): the other bookings of its address, a line
 * or several for each with one field after the word 'person', and a line CLICKHOUSE_END.
 */
#define PEOPLE_LOOK                                                                                \
	"SELECT " CLICKHOUSE_WHOLE(                                                                \
	    "'person', booking_id") " FROM consulting_bookings"                                    \
				    " WHERE email != ''"                                           \
				    " AND booking_id != {booking:UUID}"                            \
				    " AND person IN (SELECT person FROM consulting_bookings WHERE booking_id = {booking:UUID})"

/*
 * Keeps the other clicks of a person on this machine off until file_unlock(), and a few of other
 * people by chance: the first 8 bits of the hash name a file in the folder. -1: not by the deadline
 * (clock_boot_ms()), or the folder cannot be used.
 */
int people_lock(
    const char *dir, struct arena *arena, const char *address, int64_t deadline) MUST_CHECK;
/*
 * Under that lock: says to whoever has it next that the person's calls are others from now on; and
 * whether anybody who had it said so at that moment or later (clock_boot_ms()), which is also so
 * where it cannot be told. So what was counted before the lock was had is counted anew only where
 * another click came between.
 */
void people_note(int lock);
bool people_noted(int lock, int64_t since_ms);

/*
 * The bookings of an address whose links it is told when it asks for more than it may have: calls
 * that stand, as the rows have it, the next one first; in the arena.
 */
struct people_call {
	struct uuid booking;
	int64_t start; /* UTC, in seconds */
	bool is_own; /* it was booked under the very address, and not under another of the person's
		      */
};
#define PEOPLE_CALLS_MAX 20
enum err people_calls(struct clickhouse *clickhouse, struct arena *arena, const char *address,
    struct people_call **out, size_t *count, struct fail *fail) MUST_CHECK;

/*
 * Puts an address ("jane@example.com") or a domain ("example.com") on the list of those whose
 * briefs are not taken, or takes it off.
 */
enum err people_block(struct clickhouse *clickhouse, struct arena *arena, const char *what,
    bool is_blocked, struct fail *fail) MUST_CHECK;

/* The list, in the arena, in order. */
enum err people_blocked(struct clickhouse *clickhouse, struct arena *arena, const char *const **out,
    size_t *count, struct fail *fail) MUST_CHECK;

#endif

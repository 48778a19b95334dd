/* SPDX-License-Identifier: MIT */
/* booking.h: a booking as ledger and row show it together */
#ifndef CORE_BOOKING_H
#define CORE_BOOKING_H

#include "core/ledger.h"
#include "core/lead.h"

enum booking_state {
	BOOKING_AWAITING, /* a brief without a call */
	BOOKING_BOOKED,
	BOOKING_CANCELLED,
	BOOKING_BLOCKED, /* no booking: time taken by the operator */
	BOOKING_ERASED,
};
#define BOOKING_STATES 5

/* "awaiting_slot", "booked": as the store writes it. */
const char *booking_state_name(enum booking_state state);
bool booking_state_parse(const char *name, enum booking_state *out);

/*
 * The ledger is the truth: as soon as it knows a booking, the row is but what the prospect wrote.
 * Until then the row counts (a brief; a call from an earlier system). A person who was erased in
 * either is erased. Texts live as long as the ledger and the row that they come from.
 */
struct booking {
	struct uuid id;
	enum booking_state state;
	bool has_lead;	 /* there is a row */
	bool in_ledger;	 /* an entry of it was accepted */
	bool is_block;	 /* the operator's: it never has a row */
	bool was_booked; /* it has a call or had one: a change has to name the version it saw */
	struct interval call; /* the present one, or the last; empty while there never was one */
	enum calendar_check calendar;	      /* what was known of it when the call was taken */
	uint64_t version;		      /* the ledger's, 0 while it is not in it */
	uint64_t since_version, call_version; /* as in struct ledger_booking */
	const char *owner;		      /* whose time it takes; "" while that is not known */
	struct lead lead;		      /* zeroed, but for its id, when there is no row */
};

/* lead is the booking's row; NULL: it has none. */
struct booking booking_merge(
    const struct ledger *ledger, const struct uuid *id, const struct lead *lead);

/* The same row and what stands in the ledger now. */
void booking_refresh(struct booking *booking, const struct ledger *ledger);

/* Whether there is anything of it at all. */
bool booking_is_known(const struct booking *booking);

/* The row that says what the booking is: of an erased one, nothing but that and when it came. */
struct lead booking_row(const struct booking *booking);

/* How many of these bookings have a call in the ledger that has not ended at now. */
size_t booking_count_calls(
    const struct ledger *ledger, const struct uuid *bookings, size_t count, int64_t now);

/* The command that gives a call of the ledger once more the time that it has: for a new version
 * with another row. False: it has none, or stands in its row alone. */
bool booking_entry_again(
    const struct booking *booking, const struct ledger *ledger, struct entry *out) MUST_CHECK;

/* A command of that kind to what stands, at the version that stands; without an interval. */
struct entry booking_entry(const struct booking *booking, enum entry_kind kind);

#endif

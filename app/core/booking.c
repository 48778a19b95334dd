/* SPDX-License-Identifier: MIT */
/* booking.c: a booking as ledger and row show it together */
#include "core/booking.h"
#include "base/num.h"

#include <string.h>

static const char *const state_names[BOOKING_STATES] = {
    "awaiting_slot", "booked", "cancelled", "blocked", "erased"};

const char *booking_state_name(enum booking_state state)
{
	return state_names[state];
}

bool booking_state_parse(const char *name, enum booking_state *out)
{
	int found;

	if (!num_of_name(name, state_names, BOOKING_STATES, &found))
		return false;
	*out = (enum booking_state)found;
	return true;
}

static enum booking_state state_of_row(const struct lead *lead)
{
	switch (lead->status) {
	case LEAD_AWAITING_SLOT:
		return BOOKING_AWAITING;
	case LEAD_BOOKED:
		return BOOKING_BOOKED;
	case LEAD_CANCELLED:
		return BOOKING_CANCELLED;
	case LEAD_ERASED:
		break;
	}
	return BOOKING_ERASED;
}

static enum booking_state state_in_ledger(const struct ledger_booking *found)
{
	if (found->is_erased)
		return BOOKING_ERASED;
	if (!found->is_live)
		return BOOKING_CANCELLED;
	return found->is_block ? BOOKING_BLOCKED : BOOKING_BOOKED;
}

struct booking booking_merge(
    const struct ledger *ledger, const struct uuid *id, const struct lead *lead)
{
	struct booking booking = {.id = *id, .has_lead = lead, .lead.booking = *id, .owner = ""};
	struct ledger_booking found;

	if (lead) {
		booking.lead = *lead;
		booking.state = state_of_row(lead);
		booking.was_booked = lead->status != LEAD_AWAITING_SLOT;
		booking.call = lead->slot;
		booking.calendar = lead->calendar;
		booking.owner = lead->owner;
	}
	if (!ledger_find(ledger, id, &found))
		return booking;
	if (booking.state != BOOKING_ERASED)
		booking.state = state_in_ledger(&found);
	booking.in_ledger = booking.was_booked = true;
	booking.is_block = found.is_block;
	booking.call = found.call;
	booking.calendar = found.calendar;
	booking.version = found.version;
	booking.since_version = found.since_version;
	booking.call_version = found.call_version;
	if (found.owner[0])
		booking.owner = found.owner;
	return booking;
}

void booking_refresh(struct booking *booking, const struct ledger *ledger)
{
	const struct booking stale = *booking;

	*booking = booking_merge(ledger, &stale.id, stale.has_lead ? &stale.lead : NULL);
}

bool booking_is_known(const struct booking *booking)
{
	return booking->has_lead || booking->in_ledger;
}

struct lead booking_row(const struct booking *booking)
{
	struct lead row = booking->lead;

	row.version = booking->version;
	row.status = booking->state == BOOKING_ERASED	  ? LEAD_ERASED
		     : booking->state == BOOKING_BOOKED	  ? LEAD_BOOKED
		     : booking->state == BOOKING_AWAITING ? LEAD_AWAITING_SLOT
							  : LEAD_CANCELLED;
	row.owner = booking->owner;
	row.slot = row.status == LEAD_BOOKED ? booking->call : (struct interval){0, 0};
	row.calendar = booking->calendar;
	/* What comes after a cancelled call is another, with another video call. */
	if (row.status != LEAD_BOOKED)
		row.video = "";
	if (row.status == LEAD_ERASED)
		lead_erase(&row);
	return row;
}

size_t booking_count_calls(
    const struct ledger *ledger, const struct uuid *bookings, size_t count, int64_t now)
{
	struct ledger_booking found;
	size_t calls = 0;

	for (size_t i = 0; ledger && i < count; i++)
		calls += ledger_find(ledger, &bookings[i], &found) && found.is_live &&
			 !found.is_block && found.call.end > now;
	return calls;
}

struct entry booking_entry(const struct booking *booking, enum entry_kind kind)
{
	struct entry entry = {.kind = kind, .booking = booking->id, .version = booking->version};

	/* A row of an earlier system may name nobody, or somebody in more letters than we do. */
	if (booking->in_ledger)
		entry_set_owner(&entry, booking->owner);
	return entry;
}

bool booking_entry_again(
    const struct booking *booking, const struct ledger *ledger, struct entry *out)
{
	struct ledger_booking found;
	struct entry entry = booking_entry(booking, ENTRY_BOOK);

	if (!ledger_find(ledger, &booking->id, &found) || !found.is_live || found.is_block)
		return false;
	entry.call = found.call;
	entry.taken = found.taken;
	entry.calendar = found.calendar;
	/* It keeps the place that it has, so no cap is asked. */
	for (size_t i = 0; i < found.tag_count; i++)
		if (!entry_add_tag(&entry, found.tags[i]))
			return false;
	if (!entry_set_meeting(&entry, found.meeting))
		return false;
	*out = entry;
	return true;
}

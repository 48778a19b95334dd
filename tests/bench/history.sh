# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# history.sh: bookings that are over: ledger, rows and deliveries of years, made at once
#
# Every call is over for longer than a week, and everything that was due of it was done. The ledger
# is made by ledger.sh; its bookings are named by their place, so that rows and deliveries are those
# of the same calls.

# history_fill DATABASE BOOKINGS: of ten entries six take a slot, two move and two cancel, so that so
# many bookings are the work of ten entries for each six of them.
history_fill() {
	local database=$1 bookings=$2 entries=$((($2 + 5) / 6 * 10))
	# The last calls ended eight days ago.
	ledger_fill "$database" "$entries" -691200
	past() { ch "$1" -H "X-ClickHouse-Database: $database"; }
	past 'TRUNCATE TABLE consulting_bookings'
	past 'TRUNCATE TABLE deliveries'
	# A booking's row follows from its last entry.
	past "INSERT INTO consulting_bookings (booking_id, version, status, host, slot_start, slot_end,
			calendar, name, email, company, brief, created_at, written_at)
		SETTINGS async_insert = 0
		SELECT booking_id, max(_block_number), if(argMax(kind, _block_number) = 'cancel', 'cancelled',
			'booked'), 'main', max(call_start), max(call_end), 'fresh', 'Ada Lovelace',
			-- Two bookings a person.
			concat('ada', toString(sipHash64(booking_id) % intDiv($bookings + 1, 2)), '@example.org'), 'Engines', repeat('What the engine can weave. ', 20),
			max(call_start) - 172800, max(call_start) - 172800
		FROM ledger WHERE kind != 'epoch' GROUP BY booking_id"
	past "INSERT INTO deliveries (booking_id, version, duty, state, owner, payload, at)
		SETTINGS async_insert = 0
		SELECT booking_id, if(duty IN ('lease', 'new_lead'), 0, version), duty,
			if(duty = 'lease', 'none', 'done'), toUUID('00000000-0000-4000-8000-000000000001'), '',
			written_at
		FROM consulting_bookings
		ARRAY JOIN ['lease', 'new_lead', 'event', 'event_again', 'mail', 'alert'] AS duty"
}

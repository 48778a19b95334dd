#!/bin/bash
# SPDX-License-Identifier: MIT
# t52-stats: the funnel is counted by the ledger's verdicts, in days of the business's zone
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --without workers --without nginx
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"

# at DAYS-AGO TIME: in seconds, by the business's clock.
at() { TZ=America/New_York date -d "$(TZ=America/New_York date -d "$1 days ago" +%F) $2" +%s; }
day() { TZ=America/New_York date -d "$1 days ago" +%F; }
# came WHEN: a brief; sets $booking.
came() {
	booking=$(uuid)
	ch "INSERT INTO argus.consulting_bookings (booking_id, status, host, name, created_at) SETTINGS async_insert = 0
		VALUES ('$booking', 'awaiting_slot', 'main', 'Ada', toDateTime64($1, 3))"
}
# command KIND WHEN START VERSION: an entry of $booking, written then; START is a number of half-hours.
command_at() {
	local start=$((($(date +%s) / 1800 + 60 + $3) * 1800))
	ch "INSERT INTO argus.ledger (id, kind, booking_id, version, host, call_start, call_end, taken_start, taken_end,
		written_at) SETTINGS async_insert = 0
		VALUES (generateUUIDv4(), '$1', '$booking', $4, 'main', $start, $start + 1800, $start, $start + 1800,
		toDateTime64($2, 3))"
	version=$(stands version)
}
stats() { ctl stats --json "$@" >"$work/out"; }
of() { jq -r "$1" "$work/out"; }
numbers='[.leads, .booked, .moved, .cancelled, .abandoned, .median_s, .p90_s] | map(. // "-" | tostring) | join(" ")'

stats
expect_equal "$(of ".total | $numbers")" '0 0 0 0 0 - -' 'what nobody did'
expect_equal "$(of '.days | length')" 30 'the days'

# Just before midnight there, which is the next day in UTC.
came "$(at 3 23:50)"
command_at book "$(at 2 00:00)" 0 0
came "$(at 3 12:00)"
command_at book "$(at 3 13:40)" 1 0
command_at book "$(at 2 09:00)" 2 "$version"
command_at book "$(at 2 09:01)" 3 7
command_at cancel "$(at 1 10:00)" 2 "$version"
command_at book "$(at 1 11:00)" 4 "$version"
came "$(at 3 12:30)"
came "$(at 2 12:00)"
command_at book "$(at 2 12:01)" 0 0
came "$(date +%s)"
# Neither a row from elsewhere nor a block is part of it.
ch "INSERT INTO argus.consulting_bookings (booking_id, status, host, slot_start, slot_end) SETTINGS async_insert = 0
	VALUES (generateUUIDv4(), 'booked', 'main', now() + 86400, now() + 88200)"
booking=$(uuid)
command_at block "$(at 2 10:00)" 9 0

stats
expect_equal "$(of ".total | $numbers")" '5 3 1 1 2 600 6000' 'all of it'
for line in "$(day 3)/3 1 0 0 1 6000 6000" "$(day 2)/1 1 1 0 1 600 600" "$(day 1)/0 1 0 1 0 - -" "$(day 0)/1 0 0 0 0 - -"; do
	expect_equal "$(of ".days[] | select(.day == \"${line%%/*}\") | $numbers")" "${line#*/}" "${line%%/*}"
done
stats --from "$(day 2)" --to "$(day 2)"
expect_equal "$(of ".total | $numbers")" '1 1 1 0 1 600 600' 'one day'
expect_equal "$(of '[.from, .to, (.days | length)] | join(" ")')" "$(day 2) $(day 2) 1" 'the day'
ctl stats >"$work/out"
grep -Eq '^all +5 +3 +1 +1 +2 +10 min +100 min$' "$work/out" || fail "The table says: $(tail -n 3 "$work/out")"

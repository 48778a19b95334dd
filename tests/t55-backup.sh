#!/bin/bash
# SPDX-License-Identifier: MIT
# t55-backup: BACKUP, a lost database, RESTORE and `ledger rebuild`: bookings stand, and nobody is told twice
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --courier --workers 2 --set courier.replay_s=1 --set google.timeout_ms=2000 --set site.queue_ms=2000
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"
expects_faults '^[a-z_]+ code=ledger where=journal ' '^[a-z_]+ code=schema where=clickhouse '
expects_worker_faults '^(failed route=[^ ]+|click_failed|append_failed) code=(ledger|schema) where=' \
	'^started_without_clickhouse code=ledger where=journal '
. "$srcdir/tests/ctl.sh"

# refused: what a click gets while the ledger cannot be trusted, and nothing is written by it.
refused() {
	local before
	before="$(rows ledger) $(lead_rows)"
	booking=$moved
	click "${day[8]}" "$moved_version"
	expect_status 503
	expect_page 'headings[0].includes("paused")'
	expect_equal "$(rows ledger) $(lead_rows)" "$before" 'what is written'
}
audit_passes() { ask audit >"$work/audit" 2>&1; }

new_booking
lead=$booking
look
full_day 0
book "${day[0]}"
stays=$booking stays_version=$version
book "${day[1]}"
click "${day[2]}" "$version"
moved=$booking moved_version=$(stands version)
book "${day[3]}"
cancel "$version"
cancelled=$booking
book "${day[4]}"
erased=$booking
wait_until mails_are 1
# An erase waits for whoever has the booking in hand.
leases_pass
run 0 erase "$erased"
run 0 block "${day[6]}" "${day[7]}" --json
block=$(out .id)
booking=$stays
wait_until mails_are 1
wait_until audit_passes
quiet

note 'The backup, a booking after it, and the loss'
ch "BACKUP DATABASE argus TO File('argus.backup')" >"$work/backup"
grep -q BACKUP_CREATED "$work/backup" || fail "The backup says: $(cat "$work/backup")"
book "${day[9]}"
after=$booking
confirmed() { [ "$(outside_state google '[.events[] | select(.status == "confirmed" and .extendedProperties.private.slotguard == $id)] | length' --arg id "$after")" = 1 ]; }
wait_until confirmed
wait_until mails_are 1
ch 'DROP DATABASE argus SYNC'
get "/booking?bookingId=$moved"
expect_status 503
booking=$moved
click "${day[8]}" "$moved_version"
expect_status 503

note 'What was restored is refused until it is rebuilt, with a clear sentence'
ch "RESTORE DATABASE argus FROM File('argus.backup')" >"$work/restore"
grep -q RESTORED "$work/restore" || fail "The restore says: $(cat "$work/restore")"
refused
grep -Eq '^(append_failed|click_failed) .*slotguardctl ledger rebuild' "$STAND_DIR/log/workers.log" ||
	fail 'The log does not name the way out.'
run 1 check
says '^FAULT ledger .*slotguardctl ledger rebuild'
run 1 cancel "$stays"
says 'slotguardctl ledger rebuild'
workers_again
refused

note 'Rebuilt, it stands as at the backup'
mails_before=$(booking='' mails length)
courier_freeze
run 5 ledger rebuild
says 'stop them'
before=$(ch "SELECT arrayStringConcat(groupArray(name), ' ') FROM (SELECT name FROM system.tables WHERE database = 'argus' ORDER BY name)")
run 0 ledger rebuild --dry-run --json
expect_equal "$(out '[.calls, .blocks, .dry_run, .kept] | join(" ")')" '2 1 true ' 'what a trial counts'
expect_equal "$(ch "SELECT arrayStringConcat(groupArray(name), ' ') FROM (SELECT name FROM system.tables WHERE database = 'argus' ORDER BY name)")" \
	"$before" 'the tables after a trial'
run 1 check --no-programs
run 0 ledger rebuild --yes --json
expect_equal "$(out '[.calls, .blocks] | join(" ")')" '2 1' 'what was carried over'
workers_again
courier_thaw
courier_again
expect_stands '[status, version, slot].join(" ")' "booked $stays_version ${day[0]}" "$stays"
expect_stands '[status, version, slot].join(" ")' "booked $moved_version ${day[2]}" "$moved"
expect_stands status cancelled "$cancelled"
expect_stands status erased "$erased"
run 0 show "$block" --json
expect_equal "$(out .booking.status)" blocked 'the block'
booking=$lead
look
for i in 0 2 6; do
	! is_open "${day[i]}" || fail "${day[i]} is offered."
done
for i in 3 4; do
	is_open "${day[i]}" || fail "${day[i]} is not offered."
done
# Of what came after the backup only the calendar knows, and it blocks.
get "/booking?bookingId=$after"
expect_status 404
is_blocked() { look && ! is_open "${day[9]}"; }
wait_until is_blocked
booking=$moved
click "${day[8]}" "$moved_version"
expect_status 303
[ "$(stands version)" -gt "$moved_version" ] || fail 'A version is used again.'
wait_until mails_are 2
quiet
expect_equal "$(booking='' mails length)" $((mails_before + 1)) 'the mails: nobody is told twice'
run 0 check --no-programs
run 0 erase "$erased" --json
expect_equal "$(out '.bookings[0].left')" 0 'what the backup brought back of the erased person'

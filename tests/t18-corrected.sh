#!/bin/bash
# SPDX-License-Identifier: MIT
# t18-corrected: whoever corrects a brief is one lead, whatever was down meanwhile and whoever was faster
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --courier --workers 4
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"
expects_faults '^clickhouse_unreachable ' '^spool_not_replayed ' '^delivery_not_recorded '
expects_worker_faults '^brief_spooled '

# form: one of its own, to be sent several times.
form() {
	get /
	cp "$body" "$work/form"
}
sends() { # NAME EMAIL [TEXT]
	body=$work/form
	submit /api/book "name=$1" "email=$2" "brief=${3:-The same.}"
}
# kept NAME: what is kept of the person, in the order of addresses; a + marks what stands.
kept() {
	ch "SELECT email || if(held = 'superseded', '', '+') FROM argus.consulting_bookings FINAL WHERE name = '$1'
		ORDER BY email, held DESC FORMAT TabSeparated" | xargs
}
is_empty() { [ -z "$(find "$STAND_DIR/spool" -name '*.json')" ]; }
mailed() { outside_state resend '[.mails[] | select(.to[0] == $to)] | length' --arg to "$1"; }
is_mailed() { [ "$(mailed "$1")" = 1 ]; }
told() { alerts_are 1 "^Taken from the spool: the brief of $1 "; }

note 'Stored, and corrected while ClickHouse is down'
form
sends Ann ann@exmaple.com
expect_status 303
fault clickhouse '{"kind":"refuse"}'
sends Ann ann@example.com
expect_status 202
faults_clear clickhouse
wait_until is_mailed ann@example.com
expect_equal "$(kept Ann)" 'ann@example.com+ ann@exmaple.com' 'what is kept'

note 'The same brief once more meanwhile is one lead, under the key that was mailed'
form
sends Bea bea@example.com
expect_status 303
known=$(header Location | sed 's/.*=//')
fault clickhouse '{"kind":"refuse"}'
sends Bea bea@example.com
expect_status 202
faults_clear clickhouse
wait_until is_mailed bea@example.com
expect_equal "$(kept Bea)" 'bea@example.com bea@example.com+' 'what is kept'
expect_equal "$(ch "SELECT held FROM argus.consulting_bookings FINAL WHERE booking_id = '$known'")" superseded 'the first'

note 'In the spool, and corrected before it is taken out of it'
courier_freeze
form
fault clickhouse '{"kind":"refuse"}'
sends Cleo cleo@exmaple.com
expect_status 202
faults_clear clickhouse
sends Cleo cleo@example.com
expect_status 303
courier_thaw
wait_until is_empty
expect_equal "$(kept Cleo)" 'cleo@example.com+ cleo@exmaple.com' 'what is kept'

note 'Taken out, and corrected before its mail could leave'
fault resend '{"kind":"refuse"}'
form
fault clickhouse '{"kind":"refuse"}'
sends Dot dot@exmaple.com
expect_status 202
faults_clear clickhouse
wait_until is_empty
sends Dot dot@example.com
expect_status 303
expect_equal "$(kept Dot)" 'dot@example.com+ dot@exmaple.com' 'what is kept'
# A mail that was about to leave when the correction came may do so.
booking=$(ch "SELECT booking_id FROM argus.consulting_bookings FINAL WHERE email = 'dot@exmaple.com'")
wait_until is_recorded spooled skipped
faults_clear resend

note 'The store is gone as soon as it has the corrected one'
form
sends Eve eve@exmaple.com
expect_status 303
fault clickhouse '{"kind":"status","status":500,"match":"sipHash64(name)"}'
sends Eve eve@example.com
expect_status 202
faults_clear clickhouse
wait_until is_mailed eve@example.com
expect_equal "$(kept Eve)" 'eve@example.com eve@example.com+ eve@exmaple.com' 'what is kept'

note 'Sent from two windows at once'
for round in 1 2 3 4; do
	form
	token=$(page 'forms[0].fields.token')
	for n in 1 2 3; do
		background "window$n" post /api/book "token=$token" "name=Fay$round" "email=fay$n@example.com" 'brief=The same.'
	done
	for n in 1 2 3; do
		await "window$n"
		expect_status 303
	done
	expect_equal "$(kept "Fay$round" | grep -o + | xargs)" + "how many stand: $(kept "Fay$round")"
done

note 'Whoever goes back to their first words is one lead, too, and is asked about them again'
form
for address in gus@exmaple.com gus@example.com gus@exmaple.com; do
	sends Gus $address
	expect_status 303
done
expect_equal "$(kept Gus)" 'gus@example.com gus@exmaple.com gus@exmaple.com+' 'what is kept'

note 'Nobody is written to or told of under an address that was corrected'
quiet
for address in ann@exmaple.com cleo@exmaple.com dot@exmaple.com eve@exmaple.com; do
	expect_equal "$(mailed $address)" 0 "the mails to $address"
done
told Ann || fail 'The operator is not told of Ann once.'
told Eve || fail 'The operator is not told of Eve once.'
! told Cleo || fail 'The operator is told of a brief whose place was taken.'

#!/bin/bash
# SPDX-License-Identifier: MIT
# t34-couriers: several couriers share the work; crashes and stalls lose nothing and deliver nothing twice
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --without courier --set courier.replay_s=1
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"
expects_faults '^(clickhouse_unreachable|delivery_not_recorded|lease_not_had|booking_not_read|mail_not_kept) '
outside_config resend '{"per_second":0}'
outside_config google '{"per_minute":0}'

# once WHAT: each key is of one mail, each booking has one event, each alert came once.
once() {
	expect_equal "$(outside_state resend '.mails | length')" "$1" 'the number of mails'
	expect_equal "$(outside_state resend '[.mails[].idempotency_key] | unique | length')" "$1" 'the number of keys'
	expect_equal "$(outside_state google '[.events[] | select(.status != "cancelled")] | length')" "$1" 'the number of events'
	expect_equal "$(alerts 'join("\n")' | grep -c '^Booked: ')" "$1" 'the number of alerts'
	expect_equal "$(alerts 'join("\n")' | grep '^#' | sort | uniq -d | wc -l)" 0 'the alerts that came twice'
	expect_equal "$(ch "SELECT count() FROM argus.deliveries WHERE state = 'failed'")" 0 'the failures'
}

note 'Three at once'
for n in 1 2 3; do courier_start $n; done
some 24
wait_until all_done mail $count
wait_until all_done alert $count
wait_until all_done event $count
once $count
working=$(ch "SELECT countDistinct(owner) FROM argus.deliveries WHERE state = 'done' AND duty != 'lease'")
[ "$working" -ge 2 ] || fail "Of three couriers $working worked."

RANDOM=${SEED:=$((RANDOM))}
note "kill -9 of all of them in turn, at any moment, while work comes in (SEED=$SEED)"
for round in 1 2 3 4 5 6; do
	some 4
	n=$((round % 3 + 1))
	sleep "0.$((RANDOM % 9))"
	courier_end $n KILL
	courier_start $n
done
# All of them at once: then nobody has to wait for the leases of the dead.
for n in 1 2 3; do courier_end $n KILL; done
leases_pass
for n in 1 2 3; do courier_start $n; done
wait_until all_done mail $count
wait_until all_done event $count
wait_until all_done alert $count
expect_equal "$(outside_state resend '.mails | length')" "$count" 'the number of mails'
expect_equal "$(outside_state google '[.events[] | select(.status != "cancelled")] | length')" "$count" 'the number of events'
expect_equal "$(ch "SELECT count() FROM argus.deliveries WHERE state = 'failed'")" 0 'the failures'
# Only an alert whose courier died before its record comes twice, under the same reference.
expect_equal "$(alerts 'join("\n")' | grep '^Booked: ' | sort -u | wc -l)" "$count" 'the bookings told'

note 'One that holds leases stops past their end: what it had is done by another, and not again by it'
for n in 2 3; do courier_end $n; done
quiet
fault clickhouse '{"kind":"hold","route":"insert","match":"trying"}'
some 1
stalled_at=$booking
is_leased() { [ "$(ch "SELECT count() FROM argus.deliveries WHERE booking_id = '$booking' AND duty = 'lease'")" -gt 0 ]; }
wait_until is_leased
has_trying() { [ "$(outside_state clickhouse '[.requests[] | select(.fault == "hold")] | length')" -ge 1 ]; }
wait_until has_trying
kill -STOP "${courier_pid[1]}"
faults_clear clickhouse
courier_start 2
wait_until is_recorded mail done
wait_until is_recorded alert done
wait_until is_recorded event done
kill -CONT "${courier_pid[1]}"
quiet
mails_are 1 || fail "There are $(mails length) mails."
is_recorded mail done || fail 'What was done is not done any more.'
alerts_are 1 "^Booked: Number $((count - 1))\\." || fail 'The alert came twice.'
expect_equal "$(outside_state google '[.events[] | select(.status != "cancelled")] | length')" "$count" 'the number of events'
expect_equal "$(ch "SELECT count() FROM argus.deliveries WHERE state = 'failed'")" 0 'the failures'
courier_end 2
audit

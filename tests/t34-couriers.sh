#!/bin/bash
# SPDX-License-Identifier: MIT
# t34-couriers: several couriers share the work; crashes and stalls lose nothing and deliver nothing twice
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --without courier --set courier.replay_s=1
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"
outside_config resend '{"per_second":0}'
outside_config google '{"per_minute":0}'

# all_done DUTY N: so many bookings have it.
all_done() {
	[ "$(ch "SELECT countDistinct(booking_id) FROM argus.deliveries WHERE duty = '$1' AND state = 'done'")" -ge "$2" ]
}
# once WHAT: each key is of one mail, each booking has one event, each alert came once.
once() {
	expect_equal "$(outside_state resend '.mails | length')" "$1" 'the number of mails'
	expect_equal "$(outside_state resend '[.mails[].idempotency_key] | unique | length')" "$1" 'the number of keys'
	expect_equal "$(outside_state google '[.events[] | select(.status != "cancelled")] | length')" "$1" 'the number of events'
	expect_equal "$(alerts 'join("\n")' | grep -c '^Booked: ')" "$1" 'the number of alerts'
	expect_equal "$(alerts 'join("\n")' | grep '^#' | sort | uniq -d | wc -l)" 0 'the alerts that came twice'
	expect_equal "$(ch "SELECT count() FROM argus.deliveries WHERE state = 'failed'")" 0 'the failures'
}
count=0
some() { # N: bookings that only the ledger knows
	local n
	for ((n = 0; n < $1; n++)); do
		lead "Number $count."
		append book "$(half_hour $count)"
		count=$((count + 1))
	done
}

note 'Three at once'
for n in 1 2 3; do courier_start $n; done
some 24
wait_until -t 30 all_done mail $count
wait_until -t 30 all_done alert $count
wait_until -t 30 all_done event $count
once $count
working=$(ch "SELECT countDistinct(owner) FROM argus.deliveries WHERE state = 'done' AND duty != 'lease'")
[ "$working" -ge 2 ] || fail "Of three couriers $working worked."

note 'kill -9 of all of them in turn, at any moment, while work comes in'
for round in 1 2 3 4 5 6; do
	some 4
	n=$((round % 3 + 1))
	sleep "0.$((RANDOM % 9))"
	courier_end $n KILL
	courier_start $n
done
wait_until -t 60 all_done mail $count
wait_until -t 60 all_done event $count
wait_until -t 60 all_done alert $count
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
wait_until -t 40 is_recorded mail done
wait_until -t 40 is_recorded alert done
wait_until -t 40 is_recorded event done
kill -CONT "${courier_pid[1]}"
quiet
mails_are 1 || fail "There are $(mails length) mails."
is_recorded mail done || fail 'What was done is not done any more.'
alerts_are 1 "^Booked: Number $((count - 1))\\." || fail 'The alert came twice.'
expect_equal "$(outside_state google '[.events[] | select(.status != "cancelled")] | length')" "$count" 'the number of events'
expect_equal "$(ch "SELECT count() FROM argus.deliveries WHERE state = 'failed'")" 0 'the failures'
courier_end 2

note 'kill -9 between any two steps of one booking'
for step in '"service":"clickhouse","route":"insert","match":"lease"' \
	'"service":"clickhouse","route":"insert","match":"trying"' \
	'"service":"resend","route":"emails.send"' \
	'"service":"clickhouse","route":"insert","match":"mail\tdone"' \
	'"service":"google","route":"events.list"' \
	'"service":"google","route":"events.insert"' \
	'"service":"clickhouse","route":"insert","match":"event\tdone"' \
	'"service":"clickhouse","route":"insert","match":"INTO consulting_bookings"'; do
	for when in before after; do
		service=$(jq -r .service <<<"{$step}")
		hits() { outside_state "$service" '[.requests[] | select(.fault == "hang")] | length'; }
		before=$(hits)
		fault "$service" "{$step,\"kind\":\"hang\",\"when\":\"$when\",\"times\":1}"
		some 1
		was_hit() { [ "$(hits)" -gt "$before" ]; }
		wait_until -t 20 was_hit
		sleep 0.1
		courier_end 1 KILL
		faults_clear "$service"
		leases_pass
		courier_start 1
		wait_until -t 15 is_recorded mail done
		wait_until -t 15 is_recorded event done
		wait_until -t 15 is_recorded alert done
		mails_are 1 || fail "There are $(mails length) mails after a crash $when $step."
		expect_equal "$(stands 'events.filter((e) => e.status !== "cancelled").length')" 1 "the events after a crash $when $step"
		expect_equal "$(stands row.status)" booked "the row after a crash $when $step"
	done
done
audit

#!/bin/bash
# SPDX-License-Identifier: MIT
# t35-hosts: couriers on two hosts, which share nothing but ClickHouse and whose clocks differ
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --without courier --set courier.replay_s=2
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"
expects_faults '^spool_file_damaged ' 'duty=.* state=(retry|trying) code=(busy|unsure|unreachable) '
outside_config resend '{"per_second":0}'
outside_config google '{"per_minute":0}'

# Each host has a runtime directory and a spool of its own; the second one's clock is slow and the
# third one's fast. A sanitizer and libfaketime cannot both come first.
library=$(find /usr/lib -path '*/faketime/libfaketime.so.1' 2>/dev/null | sed -n 1p)
[ -n "$library" ] || fail 'faketime is missing; ./bootstrap check installs it.'
! grep -q __asan_init "$builddir/slotguard-courier" || library=''
wrong=('' +0 -3h +3h)
for n in 1 2 3; do
	mkdir "$STAND_DIR/run$n" "$STAND_DIR/spool$n"
	sed -e "s|$STAND_DIR/run\$|$STAND_DIR/run$n|" -e "s|$STAND_DIR/spool\$|$STAND_DIR/spool$n|" "$CONF" >"$work/host$n.conf"
done
host() { # N: starts its courier
	courier_start "$1" "$work/host$1.conf" env ${library:+"LD_PRELOAD=$library"} FAKETIME="${wrong[$1]}" FAKETIME_DONT_FAKE_MONOTONIC=1
}

once() { # N: so many mails, events and alerts of bookings, each once
	wait_until all_done mail "$1"
	wait_until all_done event "$1"
	wait_until all_done alert "$1"
	expect_equal "$(outside_state resend '[.mails[].idempotency_key] | join(" ")' | tr ' ' '\n' | sort | uniq -d)" '' 'the mails that were sent twice'
	expect_equal "$(outside_state google '[.events[] | select(.status != "cancelled")] | length')" "$1" 'the number of events'
	expect_equal "$(alerts 'join("\n")' | grep -c '^Booked: ')" "$1" 'the number of alerts'
	expect_equal "$(ch "SELECT count() FROM argus.deliveries WHERE state = 'failed'")" 0 'the failures'
}

note 'All of them work, and nothing leaves twice'
for n in 1 2 3; do host $n; done
some 16
once $count
[ "$(ch "SELECT countDistinct(owner) FROM argus.deliveries WHERE state = 'done' AND duty != 'lease'")" -ge 2 ] ||
	fail 'Only one of three worked.'

note 'One dies with a lease in its hand; another takes over when it ends, whatever its clock says'
courier_end 2
courier_end 3
fault resend '{"kind":"hang"}'
some 1
is_sent() { [ "$(outside_state resend '[.requests[] | select(.fault == "hang")] | length')" -ge 1 ]; }
wait_until is_sent
courier_end 1 KILL
faults_clear resend
host 2
host 3
wait_until is_recorded mail done
leases=$(ch "SELECT count() FROM argus.deliveries WHERE booking_id = '$booking' AND duty = 'lease' AND state != 'done'")
[ "$leases" -le 4 ] || fail "The lease was asked for $leases times."
once $count

note "A reminder's moment is ClickHouse's"
courier_end 3
lead Soon
append book $(($(date +%s) + 3603))
ch "INSERT INTO argus.deliveries (booking_id, version, duty, state, at) SETTINGS async_insert = 0
	VALUES ('$booking', $version, 'mail', 'done', now64(3) - INTERVAL 30 HOUR)"
wait_until is_recorded reminder_2 done
expect_equal "$(mails 'map(.subject[0:9]) | join(" ")')" 'Reminder:' 'what was sent about a call in an hour'
count=$((count + 1))
host 1

note "An outage is one host's: told with its name when it begins and ends, and no other host ends it"
outage() { awk '{ printf "%d %d\ndown\n", $1 * 1000, ($1 + 3600) * 1000 }' /proc/uptime >"$STAND_DIR/$1/calendar.outage"; }
# A courier that begins asks at once.
fault google '{"kind":"refuse","route":"freeBusy"}'
outage run1
wait_until alerts_are 1 "^Google Calendar cannot be reached from $(hostname)\."
quiet
alerts_are 0 '^Google Calendar answers' || fail 'Another host ended the outage.'
courier_end 2
outage run2
quiet
alerts_are 1 '^Google Calendar cannot be reached' || fail "An outage of a host without a courier is told."
host 2
wait_until alerts_are 2 '^Google Calendar cannot be reached'
faults_clear google
rm "$STAND_DIR/run1/calendar.outage"
wait_until alerts_are 1 '^Google Calendar answers .* again'
rm "$STAND_DIR/run2/calendar.outage"
wait_until alerts_are 2 '^Google Calendar answers .* again'

note "Each host's spool is taken by its own courier"
courier_end 1
# At once whole, as a worker's is: a courier may look at any moment.
spooled() { # DIR NAME
	local id
	id=$(uuid)
	jq -n --arg id "$id" --arg name "$2" --argjson at "$(date +%s)000" '{booking_id: $id, created_ms: $at, name: $name,
		email: "ada@example.com", company: "", brief: "Brief", timezone: "", host: "main"}' >"$work/brief"
	mv "$work/brief" "$STAND_DIR/$1/$(date +%s)000-$id.json"
}
spooled spool1 Alpha
spooled spool2 Beta
echo '{' >"$work/damaged"
mv "$work/damaged" "$STAND_DIR/spool2/0-damaged.json"
wait_until alerts_are 1 '^Taken from the spool: the brief of Beta'
wait_until alerts_are 1 "^A brief in the spool of $(hostname) is damaged"
quiet
alerts_are 0 'brief of Alpha' || fail "A courier took another host's spool."
host 1
wait_until alerts_are 1 '^Taken from the spool: the brief of Alpha'
quiet
once $count

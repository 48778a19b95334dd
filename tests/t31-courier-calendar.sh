#!/bin/bash
# SPDX-License-Identifier: MIT
# t31-courier-calendar: in the end each booking has exactly one event, whatever failed on the way
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --courier --set courier.replay_s=2 --set google.timeout_ms=1500
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"
outside_config google '{"per_minute":0}'

# has_event: exactly one live event of $booking, that of its version and time.
events_of() { stands 'events.filter((e) => e.status !== "cancelled").map((e) => `${e.id.split("v")[1]} ${e.start.dateTime}`).join()'; }
has_event() { [ "$(events_of)" = "$1 $(date -u -d "$2" +%Y-%m-%dT%H:%M:%SZ)" ]; }
has_none() { [ -z "$(events_of)" ]; }
row_is() { [ "$(stands '`${row.status} ${row.version}`')" = "$1" ]; }

new_booking
look
full_day 0
free=("${day[@]}")
full_day 1
free+=("${day[@]}")
next=0
slot() { taken=${free[next]} next=$((next + 1)); }

note 'An event that could not be written at the click, in every way'
for what in '"kind":"status","status":500' '"kind":"status","status":403,"reason":"rateLimitExceeded"' \
	'"kind":"status","status":429,"retry_after":1' '"kind":"hang"' '"kind":"reset"' '"kind":"garbage"' \
	'"kind":"reset","when":"after"' '"kind":"truncate"' '"kind":"status","status":503,"when":"after"'; do
	slot
	fault google "{$what,\"route\":\"events.insert\",\"times\":2}"
	book "$taken"
	wait_until -t 30 has_event "$version" "$taken"
	faults_clear google
done

note 'Google takes no connections at all; then it answers'
fault google '{"kind":"refuse"}'
slot
book "$taken"
one=$booking one_slot=$taken one_version=$version
slot
book "$taken"
slot
click "$taken" "$version"
version=$(stands version)
two=$booking two_slot=$taken two_version=$version
slot
book "$taken"
cancel "$version"
three=$booking
faults_clear google
booking=$one
wait_until -t 20 has_event "$one_version" "$one_slot"
booking=$two
wait_until -t 20 has_event "$two_version" "$two_slot"
booking=$three
has_none || fail 'A cancelled booking has an event.'

note 'An event left behind by a move and by a cancel'
slot
book "$taken"
fault google '{"kind":"status","status":500,"route":"events.delete","times":2}'
slot
click "$taken" "$version"
expect_status 303
wait_until -t 30 has_event "$(stands version)" "$taken"
fault google '{"kind":"reset","route":"events.delete","times":2}'
cancel "$(stands version)"
expect_status 303
wait_until -t 15 has_none

note 'An event of this very booking and version that was deleted is there again'
slot
fault google '{"kind":"status","status":500,"route":"events.insert","times":1}'
courier_freeze
book "$taken"
id=${booking//-/}v$version
owner_event "$taken" "$(moved "$taken" 30)" "{\"id\":\"$id\",\"status\":\"cancelled\"}"
courier_thaw
wait_until -t 30 has_event "$version" "$taken"

note 'A worker that wakes late and writes the event of a version that is over'
slot
fault google '{"kind":"status","status":500,"route":"events.insert","times":1}'
book "$taken"
old=$version old_slot=$taken
slot
click "$taken" "$old"
expect_status 303
version=$(stands version)
wait_until is_recorded event done "$version"
owner_event "$old_slot" "$(moved "$old_slot" 30)" \
	"{\"id\":\"${booking//-/}v$old\",\"extendedProperties\":{\"private\":{\"slotguard\":\"$booking\"}}}"
wait_until -t 20 has_event "$version" "$taken"

note 'Half done: an entry alone gets its row, event, mail and alert, by the same code as the click'
half_done() { row_is "booked $version" && has_event "$version" "$(wire "$start")" && is_recorded mail done && is_recorded alert done; }
start=$(half_hour 100)
lead
append book "$start"
wait_until -t 10 half_done
start=$(half_hour 102)
append book "$start" "$version"
wait_until -t 10 half_done
append cancel "$start" "$version"
wait_until -t 10 row_is "cancelled $version"
wait_until -t 10 has_none
wait_until is_recorded mail done "$version"
lead
start=$(half_hour 104)
append book "$start"
append erase "$start" "$version"
wait_until -t 10 row_is "erased $version"
expect_equal "$(stands '[row.name, row.email, row.brief].join("")')" '' 'what is left of an erased person'
expect_equal "$(mails 'map(select(.subject | startswith("Your call with Avo is cancelled"))) | length')" 0 'mails to an erased person'

note 'Half done: the worker is killed right after the append'
one_worker
slot
new_booking
fault clickhouse '{"kind":"hold","route":"insert","match":"INTO consulting_bookings"}'
fault google '{"kind":"hold","route":"events.insert"}'
background killed click "$taken"
has_entry() { [ "$(stands accepted)" = 1 ]; }
wait_until has_entry
kill -KILL $(worker_pids)
await killed
faults_clear
version=$(stands version)
start=$(date -d "$taken" +%s)
wait_until -t 12 half_done

note 'A collision with an event of the owner that appeared unseen, once; other events are none'
slot
fault google '{"kind":"refuse"}'
book "$taken"
expect_stands 'calendar !== "fresh"' true
owner_event "$taken" "$(moved "$taken" 30)"
faults_clear google
wait_until -t 20 alerts_are 1 '^COLLISION: .*ada@example.com'
wait_until -t 20 has_event "$version" "$taken"
slot
for more in '{"transparency":"transparent"}' '{"status":"cancelled"}' \
	'{"attendees":[{"email":"owner@example.com","self":true,"responseStatus":"declined"}]}'; do
	owner_event "$taken" "$(moved "$taken" 30)" "$more"
done
lead
append book "$(date -d "$taken" +%s)"
wait_until is_recorded event done

note 'A poison event does not stop the others, and is told once'
lead Poison
poison=$booking
fault google "{\"kind\":\"status\",\"status\":400,\"reason\":\"invalid\",\"route\":\"events.insert\",\"match\":\"$booking\"}"
start=$(half_hour 110)
append book "$start"
lead
append book "$(half_hour 112)"
good=$(half_hour 112)
wait_until -t 12 has_event "$version" "$(wire "$good")"
booking=$poison
wait_until is_recorded event failed
wait_until alerts_are 1 'refuses the event for good'
faults_clear google

note 'Dead credentials: the events wait, and come when the grant is renewed'
control POST google revoke '{"what":"grant"}' >"$work/revoked"
before=$(requests google token)
lead
start=$(half_hour 116)
append book "$start"
wait_until -t 30 requests_are google token $((before + 1))
quiet
[ $(($(requests google token) - before)) -le 2 ] || fail 'There is a storm of token requests.'
control POST google revoke '{"what":"restore"}' >"$work/restored"
wait_until -t 60 has_event "$version" "$(wire "$start")"

quiet
expect_equal "$(alerts 'join("\n")' | grep -c '^COLLISION')" 1 'the number of collisions'
expect_equal "$(alerts 'join("\n")' | grep -c 'refuses the event for good')" 1 'the number of refused events'

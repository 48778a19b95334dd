#!/bin/bash
# SPDX-License-Identifier: MIT
# t31-courier-calendar: in the end each booking has exactly one event, whatever failed on the way
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --courier --set courier.replay_s=1 --set google.timeout_ms=1500 --set google.retry_s=6 --set site.queue_ms=2000
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"
. "$srcdir/tests/ctl.sh"
expects_faults 'duty=event[a-z_]* .* state=(retry|failed) .* where=(google|calendar|oauth)' '^event_refused .* 400 ' \
	'duty=(alert|new_lead|mail) .* state=retry code=unreachable' '^calendar_changes_not_read .* where=(google|oauth)'
expects_worker_faults '^(event_not_(written|deleted)|calendar_unreachable) '
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
declare -A slot_of=() version_of=()
for what in '"kind":"status","status":500' '"kind":"status","status":403,"reason":"rateLimitExceeded"' \
	'"kind":"status","status":429,"retry_after":1' '"kind":"hang"' '"kind":"reset"' '"kind":"garbage"' \
	'"kind":"reset","when":"after"' '"kind":"truncate"' '"kind":"status","status":503,"when":"after"'; do
	slot
	new_booking
	fault google "{$what,\"route\":\"events.insert\",\"match\":\"$booking\",\"times\":2}"
	click "$taken"
	expect_status 303
	slot_of[$booking]=$taken version_of[$booking]=$(stands version)
done
for booking in "${!slot_of[@]}"; do
	wait_until has_event "${version_of[$booking]}" "${slot_of[$booking]}"
done
faults_clear google

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
wait_until has_event "$one_version" "$one_slot"
booking=$two
wait_until has_event "$two_version" "$two_slot"
booking=$three
has_none || fail 'A cancelled booking has an event.'

note 'A brief that Google would not take is cut, with the link kept; one that it does not take is left out'
description() { stands 'events.find((e) => e.status !== "cancelled").description'; }
units() { stands 'events.find((e) => e.status !== "cancelled").description.length'; }
long_brief() { # TEXT TIMES
	post_json /api/book "$(jq -n --arg text "$1" --argjson times "$2" \
		'{name: "Ada", email: "ada@example.com", brief: ($text * $times)}')"
	expect_status 201 'a long brief'
	booking=$(json .bookingId)
	slot
	click "$taken"
	expect_status 303
	wait_until has_event "$(stands version)" "$taken"
}
# Each in UTF-16, and each as HTML, is more than Google takes.
for what in '😀 5000 😀😀…' '&lt; 1250 &amp;lt;…'; do
	read -r what times end <<<"$what"
	long_brief "$what" "$times"
	[ "$(units)" -le 8192 ] || fail 'Google would refuse it.'
	[ "$(units)" -ge 8000 ] || fail "Of a brief of $what too much is cut."
	description | shows -F "/booking?bookingId=$booking" || fail 'The link is gone.'
	description | shows -F "$end" || fail "The brief of $what does not end in an ellipsis."
done
fault google '{"kind":"status","status":400,"reason":"invalid","route":"events.insert","match":"&&&&"}'
long_brief '&' 5000
faults_clear google
expect_equal "$(description)" "$BASE_URL/booking?bookingId=$booking" 'what is left'

note 'An event left behind by a move and by a cancel'
slot
book "$taken"
one=$booking one_version=$version
slot
book "$taken"
fault google '{"kind":"status","status":500,"route":"events.delete","times":2}'
fault google '{"kind":"reset","route":"events.delete","times":2}'
cancel "$version"
expect_status 303
two=$booking
booking=$one
slot
click "$taken" "$one_version"
expect_status 303
wait_until has_event "$(stands version)" "$taken"
booking=$two
wait_until has_none
faults_clear google

note 'An event of this very booking and version that was deleted stays so, and is told'
slot
fault google '{"kind":"status","status":500,"route":"events.insert","times":1}'
courier_freeze
book "$taken"
id=${booking//-/}v$version
owner_event "$taken" "$(moved "$taken" 30)" "{\"id\":\"$id\",\"status\":\"cancelled\"}"
courier_thaw
wait_until is_recorded event done "$version"
wait_until alerts_are 1 'with Ada .*was deleted'
has_none || fail 'The event that its owner deleted is there again.'

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
wait_until has_event "$version" "$taken"

note 'A listing that Google gives in pages is read to its end'
slot
owner_event "$taken" "$(moved "$taken" 30)" '{"transparency":"transparent"}'
owner_event "$taken" "$(moved "$taken" 30)" '{"summary":"Dentist"}'
outside_config google '{"page_size":1}'
lead Paged
append book "$(date -d "$taken" +%s)"
wait_until alerts_are 1 '^COLLISION: .*with Paged '
slot
lead Pages
append book "$(date -d "$taken" +%s)"
old=$version
for n in 1 2 3; do
	owner_event "$taken" "$(moved "$taken" 30)" \
		"{\"id\":\"${booking//-/}v$((old - n))\",\"extendedProperties\":{\"private\":{\"slotguard\":\"$booking\"}}}"
done
wait_until has_event "$old" "$taken"
outside_config google '{"page_size":2500}'

note 'Half done: an entry alone gets its row, event, mail and alert, by the same code as the click'
half_done() { row_is "booked $version" && has_event "$version" "$(wire "$start")" && is_recorded mail done && is_recorded alert done; }
start=$(half_hour 100)
lead
append book "$start"
wait_until half_done
start=$(half_hour 102)
append book "$start" "$version"
wait_until half_done
append cancel "$start" "$version"
wait_until row_is "cancelled $version"
wait_until has_none
wait_until is_recorded mail done "$version"

note 'Whoever was erased gets nothing that was still due, and nothing of them comes back'
fault resend '{"kind":"refuse"}'
fault telegram '{"kind":"refuse"}'
lead Erased erased@example.com
start=$(half_hour 104)
append book "$start"
wait_until is_recorded mail retry
wait_until is_recorded alert retry
wait_until has_event "$version" "$(wire "$start")"
append erase "$start" "$version"
wait_until has_none
wait_until row_is "erased $version"
# Not before the courier knows: what it had begun it would send, which is why `slotguardctl erase` takes its lease first.
faults_clear resend telegram
jq -n --arg id "$booking" --argjson at "$(date +%s)000" '{booking_id: $id, created_ms: $at, name: "Erased",
	email: "erased@example.com", company: "", brief: "Brief", timezone: "", host: "main"}' >"$work/brief.json"
mv "$work/brief.json" "$STAND_DIR/spool/1-$booking.json"
is_gone() { [ ! -e "$STAND_DIR/spool/1-$booking.json" ]; }
wait_until is_gone
quiet
mails_are 0 || fail 'A mail is sent to an erased person.'
alerts_are 0 'Erased' || fail 'The operator is told of an erased person.'
expect_equal "$(stands '[row.name, row.email, row.brief].join("")')" '' 'what is left of an erased person'
# ClickHouse may have merged the first one away, and no second one came.
expect_equal "$(ch "SELECT count() <= 1 FROM argus.consulting_bookings WHERE booking_id = '$booking' AND version = 0")" 1 'at most one row of the brief'

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
wait_until half_done

note 'A collision with an event of the owner that appeared unseen, once'
slot
fault google '{"kind":"refuse"}'
book "$taken"
expect_stands 'calendar !== "fresh"' true
owner_event "$taken" "$(moved "$taken" 30)"
faults_clear google
wait_until alerts_are 1 '^COLLISION: .*ada@example.com'
wait_until has_event "$version" "$taken"

note 'An event of the owner that arrives while ours is being written'
slot
lead Between
fault google "{\"kind\":\"hold\",\"route\":\"events.insert\",\"match\":\"$booking\"}"
append book "$(date -d "$taken" +%s)"
is_held() { [ "$(outside_state google '[.requests[] | select(.fault == "hold")] | length')" -ge "$1" ]; }
held=$(outside_state google '[.requests[] | select(.fault == "hold")] | length')
wait_until is_held $((held + 1))
owner_event "$taken" "$(moved "$taken" 30)"
faults_clear google
wait_until alerts_are 1 '^COLLISION: .*with Between '

note 'What takes no time is no collision'
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
wait_until has_event "$version" "$(wire "$good")"
booking=$poison
wait_until is_recorded event failed
wait_until alerts_are 1 'refuses the event for good'
faults_clear google
run 0 resend "$poison" --dry-run
says 'event would be written; it was failed'
is_recorded event failed || fail 'A dry run does something.'
run 0 resend "$poison"
says 'event is due; it was failed'
wait_until has_event "$(stands version)" "$(wire "$start")"
wait_until is_recorded event done

note 'What a proxy or a portal answers in its place is no word of the calendar'
lead
append book "$(half_hour 114)"
wait_until is_recorded event done
for answer in 302 402 404 405 410 413 451; do
	fault google "{\"kind\":\"status\",\"status\":$answer,\"body\":\"<html>no</html>\",\"route\":\"events.*\",\"times\":1}"
done
append cancel "$(half_hour 114)" "$version"
wait_until has_none
is_recorded event done "$version" || fail 'An event was given up.'

note 'Dead credentials: the events wait, and come when the grant is renewed'
control POST google revoke '{"what":"grant"}' >"$work/revoked"
before=$(requests google token)
lead
start=$(half_hour 116)
append book "$start"
wait_until requests_are google token $((before + 1))
quiet
[ $(($(requests google token) - before)) -le 2 ] || fail 'There is a storm of token requests.'
control POST google revoke '{"what":"restore"}' >"$work/restored"
wait_until has_event "$version" "$(wire "$start")"

note 'A right that the owner took away and gave again: no event is given up for it'
fault google '{"kind":"status","status":403,"reason":"forbidden","route":"events.*"}'
append cancel "$start" "$version"
# Whichever event is tried first: the others wait with it.
is_forbidden() { ch "SELECT detail FROM argus.deliveries WHERE state = '$1'" | shows forbidden; }
wait_until is_forbidden retry
faults_clear google
wait_until has_none
! is_forbidden failed || fail 'An event was given up.'
lead
start=$(half_hour 118)
append book "$start"
wait_until has_event "$version" "$(wire "$start")"

quiet
expect_equal "$(alerts 'join("\n")' | grep -c '^COLLISION')" 3 'the number of collisions'
expect_equal "$(alerts 'join("\n")' | grep -c 'refuses the event for good')" 1 'the number of refused events'

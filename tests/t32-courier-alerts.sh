#!/bin/bash
# SPDX-License-Identifier: MIT
# t32-courier-alerts: what the operator is told by Telegram, folded, paced and referenced
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --courier --set courier.replay_s=1 --set courier.abandoned_minutes=30 --set google.retry_s=2
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"
expects_faults 'duty=(alert|new_lead) .* state=(retry|failed) .* where=telegram' '^calendar_changes_not_read .* where=(google|oauth)' \
	'duty=event .* state=retry .* where=(google|oauth)' 'duty=mail .* state=(retry|failed) .* where=resend.*(invalid_api_key|Invalid .to. field)'
expects_worker_faults '^calendar_unreachable code=invalid_grant '
outside_config telegram '{"per_second":1}'

lead
wait_until alerts_are 1 '^New brief from Ada'
quiet

note 'At rest: one query a second at most, always the same, and a cheap one'
began=$(date +%s)
control POST clickhouse reset >"$work/reset"
sleep 3
asked=$(requests clickhouse '*')
[ "$asked" -le $(($(date +%s) - began + 1)) ] || fail "There are $asked queries in $(($(date +%s) - began)) s."
expect_equal "$(outside_state clickhouse '[.requests[].body] | unique | length')" 1 'the number of different queries'

note 'A brief, with its text, and what becomes of it'
post_json /api/book '{"name":"Ada Lovelace","company":"Engines","email":"ada@example.com","brief":"A long\nbrief <b> & 100 %"}'
expect_status 201
booking=$(json .bookingId)
wait_until alerts_are 1 '^New brief from Ada Lovelace \(ada@example.com, Engines\)'
alerts 'join("\n")' | shows -F 'brief <b> & 100 %' || fail 'The alert does not have the brief.'
look
full_day 0
click "${day[0]}"
wait_until alerts_are 1 '^Booked: Ada Lovelace'
click "${day[1]}" "$(stands version)"
wait_until alerts_are 1 '^Moved: Ada Lovelace'
cancel "$(stands version)"
wait_until alerts_are 1 '^Cancelled: Ada Lovelace'
lead Late '' '' 31
wait_until alerts_are 1 '^No time chosen: Late'

note 'A burst is folded, and nothing of it is lost'
before=$(alerts length)
courier_freeze
for n in {1..40}; do lead "Burst $n."; done
courier_thaw
wait_until -t 180 alerts_are 40 '^New brief from Burst [0-9]+\.'
[ $(($(alerts length) - before)) -le 20 ] || fail "40 alerts are $(($(alerts length) - before)) messages."
expect_equal "$(alerts 'map(length) | max <= 4096')" true 'the length of a message'

note 'A 429 is obeyed'
fault telegram '{"kind":"status","status":429,"retry_after":5,"times":1}'
before=$(requests telegram sendMessage)
lead Throttled
is_asked() { [ "$(requests telegram sendMessage)" -ge $((before + $1)) ]; }
wait_until is_asked 1
wait_until alerts_are 1 '^New brief from Throttled'
# The courier's own rest after a failure is of two seconds.
[ "$(pause telegram sendMessage)" -ge 4000 ] || fail "After a 429 it rests for $(pause telegram sendMessage) ms, not 5 s."
expect_equal "$(requests telegram sendMessage)" $((before + 2)) 'the number of requests'

note 'A repeat after an unknown outcome bears the same reference'
fault telegram '{"kind":"reset","when":"after","times":1}'
lead Twice
wait_until alerts_are 2 '^New brief from Twice'
# The repeat is the courier's own, after a rest: a kept connection that turns out to be dead would have
# libcurl send it again at once.
expect_equal "$(outside_state telegram '[.requests[-2:][].connection] | unique | length')" 2 'the connections'
expect_equal "$(alerts 'map(select(test("from Twice")) | capture("\nAlert (?<ref>#[0-9a-f]{12}) \\(the same if it comes twice\\)\n?$").ref) | [length, (unique | length)] | join(" ")')" \
	'2 1' 'the number of references, and of different ones'

note 'Texts that no message takes'
long=$(printf 'x%.0s' {1..10000})
bad=()
for text in "$long" '\n\nCOLLISION: no' '\\xff\\xfe' '‮evil' '👩‍👩‍👧‍👦'; do
	lead "Bad $text" "$text@example.com" "$text"
	bad+=("$booking")
done
for booking in "${bad[@]}"; do wait_until is_recorded new_lead done; done
expect_equal "$(alerts 'map(length) | max <= 4096')" true 'the length of a message'
expect_equal "$(alerts 'map(test("\nAlert #[0-9a-f]{12} \\([^\n]*\\)\n?$")) | all')" true 'each message ends in a reference, and says what that is'
alerts_are 0 '^COLLISION' || fail 'A name is a line of its own.'

note 'A text that Telegram refuses does not hold up the others'
fault telegram '{"kind":"status","status":400,"message":"Bad Request: text must be encoded in UTF-8","match":"Poison"}'
courier_freeze
lead Before
lead Poison
poison=$booking
lead After
courier_thaw
wait_until alerts_are 1 '^New brief from After'
wait_until alerts_are 1 '^New brief from Before'
booking=$poison
wait_until is_recorded new_lead failed
faults_clear telegram

note 'A chat that is blocked for a while loses nothing'
fault telegram '{"kind":"status","status":403}'
lead Blocked
wait_until is_recorded new_lead retry
faults_clear telegram
wait_until alerts_are 1 '^New brief from Blocked'

note 'Order: nobody is moved before they are booked, nor told of a time that was overtaken'
fault telegram '{"kind":"refuse"}'
lead Overtaken
append book "$(half_hour 20)"
wait_until is_recorded alert retry
append book "$(half_hour 21)" "$version"
wait_until is_recorded alert retry "$version"
faults_clear telegram
wait_until alerts_are 1 '^Booked: Overtaken '
append book "$(half_hour 22)" "$version"
wait_until alerts_are 1 '^Moved: Overtaken '
append cancel "$(half_hour 22)" "$version"
wait_until alerts_are 1 '^Cancelled: Overtaken '
append book "$(half_hour 23)" "$version"
wait_until alerts_are 2 '^Booked: Overtaken '
expect_equal "$(alerts 'join("\n")' | grep -oE '^[A-Z][a-z]+: Overtaken' | tr '\n' ' ')" \
	'Booked: Overtaken Moved: Overtaken Cancelled: Overtaken Booked: Overtaken ' 'the order'

note 'The calendar is gone and back: told once each, without a visitor'
fault google '{"kind":"status","status":503}'
for n in 1 2 3; do
	rm -f "$STAND_DIR/run/calendar"
	look
done
wait_until alerts_are 1 '^Google Calendar cannot be reached'
courier_again
quiet
alerts_are 1 '^Google Calendar cannot be reached' || fail 'The outage is told twice.'
faults_clear google
wait_until alerts_are 1 '^Google Calendar answers .* again'

note 'Credentials that are refused'
control POST google revoke '{"what":"grant"}' >"$work/revoked"
rm -f "$STAND_DIR/run/calendar" "$STAND_DIR/run/calendar.outage"
look
wait_until alerts_are 1 '^Google refuses our credentials'
control POST google revoke '{"what":"restore"}' >"$work/restored"
fault resend '{"kind":"status","status":403,"reason":"invalid_api_key"}'
lead Key
append book "$(half_hour 3)"
wait_until alerts_are 1 '^Resend refuses our mails: .*invalid_api_key'
wait_until is_recorded mail retry
faults_clear resend
wait_until is_recorded mail done

note 'A mail that is refused for good: told once, and the others go on'
fault resend '{"kind":"status","status":422,"message":"Invalid `to` field.","match":"poison@example.com"}'
lead Poisoned poison@example.com
append book "$(half_hour 5)"
lead Healthy
append book "$(half_hour 7)"
wait_until is_recorded mail done
wait_until alerts_are 1 '^A mail is refused for good'
quiet
alerts_are 1 '^A mail is refused for good' || fail 'The refusal is told twice.'
expect_equal "$(outside_state resend '[.requests[] | select(.body | test("poison@example.com"))] | length')" 1 'the tries for a refused address'

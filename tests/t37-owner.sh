#!/bin/bash
# SPDX-License-Identifier: MIT
# t37-owner: what the owner does to a call's event in the calendar is told, once
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --courier --set courier.replay_s=1 --set google.fresh_s=1
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"
outside_config google '{"per_minute":0}'
outside_config telegram '{"per_second":0}'

edit() { control POST google edit "{\"id\":\"${booking//-/}v$version\",$1}" >"$work/edited"; }
times() { printf '"start":{"dateTime":"%s"},"end":{"dateTime":"%s"}' "$(at "$1")" "$(at "$2")"; }
at() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ; }
told() { alerts_are "$1" '^CHANGED IN THE CALENDAR: .*'"$2"; }
call() { # NAME N
	lead "$1"
	start=$(half_hour "$2")
	append book "$start"
	wait_until is_recorded event done "$version"
}

note 'Moved, made longer, given a whole day, deleted: each is told with its command'
call Moved 0
edit "$(times $((start + 3600)) $((start + 5400)))"
wait_until told 1 'with Moved .*was moved to'
alerts_are 1 "^To move the call: slotguardctl move $booking $(wire $((start + 3600))) --force" || fail 'The command is not there.'
moved=$booking moved_version=$version moved_start=$start
call Longer 4
edit "$(times "$start" $((start + 3600)))"
wait_until told 1 'with Longer .*now ends on'
call Day 8
edit '"start":{"date":"2030-01-01"},"end":{"date":"2030-01-02"}'
wait_until told 1 'with Day .*has no time of day any more'
call Gone 12
edit '"status":"cancelled"'
wait_until told 1 'with Gone .*was deleted'
alerts_are 1 "^To cancel the call: slotguardctl cancel $booking" || fail 'The command is not there.'

note 'What is ours, or does not matter, is not told: free, our own move and cancel, an event of an old version'
call Free 16
edit '"transparency":"transparent"'
call Ours 20
append book "$((start + 7200))" "$version"
wait_until is_recorded event done "$version"
append cancel "$((start + 7200))" "$version"
wait_until is_recorded event done "$version"

note 'After a 410 and after a restart everything is looked at anew, and nothing is told twice'
control POST google unsync '{}' >"$work/unsynced"
courier_again
booking=$moved version=$moved_version
edit "$(times $((moved_start + 7200)) $((moved_start + 9000)))"
wait_until told 2 'with Moved .*was moved to'
told 5 '' || fail "These are told: $(alerts 'join("\n")' | grep CHANGED)"
expect_equal "$(stands row.status)" booked 'the row of a call whose event was moved'

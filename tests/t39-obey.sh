#!/bin/bash
# SPDX-License-Identifier: MIT
# t39-obey: what the owner does to a call's event is done to the call, and what cannot be is told and put back
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --courier --set courier.replay_s=1 --set google.fresh_s=1 --set 'calendar work.writes=yes' --set 'calendar work.obey=yes' --set hours.buffer_after=15
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"
outside_config google '{"per_minute":0}'
outside_config telegram '{"per_second":0}'
outside_config resend '{"per_second":0}'

edit() { control POST google edit "{\"id\":\"${booking//-/}v$version${2:-}\",$1}" >"$work/edited"; } # FIELDS [OCCURRENCE]
times() { printf '"start":{"dateTime":"%s"},"end":{"dateTime":"%s"}' "$(at "$1")" "$(at "$2")"; }
at() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ; }
call() { # NAME N
	lead "$1"
	start=$(half_hour "$2")
	append book "$start"
	wait_until is_recorded event done "$version"
}
# agrees STATUS [START END]: row, ledger and calendar have this call, or none.
agrees() {
	[ "$(stands '`${row.status} ${row.start} ${row.end}`')" = "$1 ${2:-0} ${3:-0}" ] || return 1
	[ "$(stands 'events.filter((e) => e.status !== "cancelled").map((e) => `${e.id.split("v")[1]} ${e.start.dateTime} ${e.end.dateTime}`).join()')" = \
		"${2:+$(stands version) $(at "$2") $(at "$3")}" ]
}
last_command() { ch "SELECT kind, actor, version, toUnixTimestamp(call_start), toUnixTimestamp(call_end), toUnixTimestamp(taken_end) FROM argus.ledger WHERE booking_id = '$booking' ORDER BY _block_number DESC LIMIT 1 FORMAT TSV"; }

note 'Moved, made longer, deleted: the call follows, the prospect has the usual mail, the operator the usual alert'
call Moved 0
wait_until is_recorded alert done "$version"
before=$version
edit "$(times $((start + 7200)) $((start + 9000)))"
wait_until agrees booked $((start + 7200)) $((start + 9000))
expect_equal "$(last_command)" "$(printf 'book\tcalendar\t%s\t%s\t%s\t%s' "$before" $((start + 7200)) $((start + 9000)) $((start + 9900)))" 'the command of a move'
wait_until mails_are 2
wait_until alerts_are 1 '^Moved: Moved '
call Longer 10
edit "$(times "$start" $((start + 3600)))"
wait_until agrees booked "$start" $((start + 3600))
call Gone 20
edit '"status":"cancelled"'
wait_until agrees cancelled
expect_equal "$(last_command | cut -f1,2)" "$(printf 'cancel\tcalendar')" 'the command of a deletion'
wait_until mails_are 2
call Free 30
edit '"transparency":"transparent"'
quiet
agrees booked "$start" $((start + 1800)) || fail 'An event that is free does not stand.'

note 'Onto another call, into the past, to a whole day: told with both names, and put back, each time anew'
call Other 40
other=$booking there=$start
call Refused 44
for n in 1 2; do
	edit "$(times $((there + 900)) $((there + 2700)))"
	wait_until alerts_are "$n" "^CHANGED IN THE CALENDAR: .* with Refused .*the call with Other \($other\)"
	wait_until agrees booked "$start" $((start + 1800))
done
edit "$(times 1700000000 1700001800)"
wait_until alerts_are 1 'with Refused .*that time has passed'
wait_until agrees booked "$start" $((start + 1800))
edit '"start":{"date":"2030-01-01"},"end":{"date":"2030-01-02"}'
wait_until alerts_are 1 'with Refused .*no time that a call can have'
wait_until agrees booked "$start" $((start + 1800))
mails_are 1 || fail 'The prospect was told of what was refused.'

note 'Made to recur: the occurrence at the call counts; one that is refused is put back with its series, another one is nothing'
series='"recurrence":["RRULE:FREQ=WEEKLY"]'
occurrence() { date -u -d "@$1" +_%Y%m%dT%H%M%SZ; }
edit "$series"
edit "$(times $((start + 2 * 604800)) $((start + 2 * 604800 + 1800)))" "$(occurrence $((start + 604800)))"
# What went with the series is seen as deleted by itself, and is asked for again when there is another series.
fault google '{"kind":"hold","route":"events.get","after":4}'
edit "$(times $((there + 900)) $((there + 2700)))" "$(occurrence "$start")"
wait_until alerts_are 3 'with Refused .*the call with Other'
wait_until agrees booked "$start" $((start + 1800))
is_left() { is_recorded obey due || is_recorded obey retry; }
wait_until is_left
edit "$series"
edit '"status":"cancelled"' "$(occurrence $((start + 604800)))"
edit "$(times $((start + 7200)) $((start + 9000)))" "$(occurrence "$start")"
faults_clear google
wait_until agrees booked $((start + 7200)) $((start + 9000))

note 'While ClickHouse takes nothing it waits; our own writes never come back, after a restart neither'
call Late 50
fault clickhouse '{"kind":"status","status":500,"code":242,"match":"INSERT INTO ledger"}'
edit "$(times $((start + 3600)) $((start + 5400)))"
wait_until is_recorded obey retry
faults_clear clickhouse
wait_until agrees booked $((start + 3600)) $((start + 5400))
entries=$(rows ledger)
control POST google unsync '{}' >"$work/unsynced"
courier_again
quiet
expect_equal "$(rows ledger)" "$entries" 'entries after a restart and a full look'

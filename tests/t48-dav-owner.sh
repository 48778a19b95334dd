#!/bin/bash
# SPDX-License-Identifier: MIT
# t48-dav-owner: what the owner does to a call's event on a CalDAV server is done to the call, or told, and our own writes never are
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
command -v xandikos >/dev/null || skip 'xandikos is missing; ./bootstrap check installs it.'
. "$srcdir/tests/dav.sh"
dav_start s3cret
dav MKCALENDAR ''
stand_start --courier --workers 1 --set google.fresh_s=1 --set courier.replay_s=1 --set courier.low_slots=0 --set hours.buffer_after=15 \
	--set 'calendar own.kind=caldav' --set "calendar own.url=$dav_url/" --set 'calendar own.writes=yes' \
	--set 'calendar own.obey=yes' --secret own-caldav-user=avo --secret own-caldav-password=s3cret \
	--secret google-client-id=none --secret google-client-secret=none --secret google-refresh-token=none
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"
expects_faults
outside_config telegram '{"per_second":0}'
outside_config resend '{"per_second":0}'

stamp=10
ical() { date -u -d "@$1" +%Y%m%dT%H%M%SZ; }
event() { echo "${booking//-/}v$version.ics"; }
# edit SED-EXPRESSION ...: the owner's program writes the event anew.
edit() {
	local expressions=()
	for expression in "$@"; do expressions+=(-e "$expression"); done
	dav GET "$(event)" | tr -d '\r' | sed "${expressions[@]}" -e "s/^DTSTAMP:.*/DTSTAMP:20260101T0000${stamp}Z/" | sed 's/$/\r/' >"$dav_dir/edited"
	stamp=$((stamp + 1))
	dav PUT "$(event)" -H 'Content-Type: text/calendar' --data-binary @"$dav_dir/edited"
}
drag() { edit "s/^DTSTART.*/DTSTART:$(ical "$1")/" "s/^DTEND.*/DTEND:$(ical "$2")/"; } # START END
call() { # NAME N
	lead "$1"
	start=$(half_hour "$2")
	append book "$start"
	wait_until is_recorded event_seen done "$version"
}
# agrees STATUS [START END]: row, ledger and calendar have this call, or none.
agrees() {
	local names id=${booking//-/}
	version=$(stands version)
	[ "$(stands '`${row.status} ${row.start} ${row.end}`')" = "$1 ${2:-0} ${3:-0}" ] || return 1
	names=$(dav PROPFIND '' -H 'Depth: 1' | grep -o "${id}v[0-9]*" | sort -u)
	[ "$names" = "${2:+${id}v$version}" ] || return 1
	[ -z "${2:-}" ] || dav GET "$(event)" | tr -d '\r' | grep -E '^(DTSTART|DTEND|RRULE)' >"$dav_dir/times"
	[ -z "${2:-}" ] || [ "$(paste -sd ' ' "$dav_dir/times")" = "DTSTART:$(ical "$2") DTEND:$(ical "$3")" ]
}
last_command() { ch "SELECT kind, actor FROM argus.ledger WHERE booking_id = '$booking' ORDER BY _block_number DESC LIMIT 1 FORMAT TSV"; }

note 'Moved, made longer, deleted, cancelled: the call follows, and the prospect has the usual mail'
call Moved 0
drag $((start + 7200)) $((start + 9000))
wait_until agrees booked $((start + 7200)) $((start + 9000))
expect_equal "$(last_command)" "$(printf 'book\tcalendar')" 'the command of a move'
wait_until mails_are 2
wait_until alerts_are 1 '^Moved: Moved '
call Longer 10
drag "$start" $((start + 3600))
wait_until agrees booked "$start" $((start + 3600))
call Gone 20
dav DELETE "$(event)" >"$dav_dir/deleted"
wait_until agrees cancelled
expect_equal "$(last_command)" "$(printf 'cancel\tcalendar')" 'the command of a deletion'
wait_until mails_are 2
call Cancelled 24
edit 's/^STATUS.*/STATUS:CANCELLED/'
wait_until agrees cancelled
call Free 30
edit 's/^DTSTART/TRANSP:TRANSPARENT\n&/'

note 'Onto another call, into the past, to a whole day, as one of a series: told, and put back, each time anew'
free=$booking free_version=$version
call Other 40
other=$booking there=$start
call Refused 44
for n in 1 2; do
	drag $((there + 900)) $((there + 2700))
	wait_until alerts_are "$n" "^CHANGED IN THE CALENDAR: .* with Refused .*the call with Other \($other\)"
	wait_until agrees booked "$start" $((start + 1800))
done
drag 1700000000 1700001800
wait_until alerts_are 1 'with Refused .*that time has passed'
wait_until agrees booked "$start" $((start + 1800))
edit 's/^DTSTART.*/DTSTART;VALUE=DATE:20300101/' 's/^DTEND.*/DTEND;VALUE=DATE:20300102/'
wait_until alerts_are 1 'with Refused .*no time that a call can have'
wait_until agrees booked "$start" $((start + 1800))
drag $((there + 900)) $((there + 2700))
edit 's/^DTSTART/RRULE:FREQ=WEEKLY\n&/'
wait_until alerts_are 3 'with Refused .*the call with Other'
wait_until agrees booked "$start" $((start + 1800))
mails_are 1 || fail 'The prospect was told of what was refused.'

note 'Our own writes are not the owner'\''s, nor is what takes no time; what was deleted while no courier ran is seen by the next'
call Ours 50
append book $((start + 7200)) "$version"
wait_until agrees booked $((start + 7200)) $((start + 9000))
append cancel $((start + 7200)) "$version"
wait_until agrees cancelled
call Late 60
entries=$(rows ledger)
courier_freeze
dav DELETE "$(event)" >"$dav_dir/deleted"
courier_again
wait_until agrees cancelled
quiet
expect_equal "$(rows ledger)" $((entries + 1)) 'entries after a restart'
booking=$free version=$free_version
expect_equal "$(stands row.status)" booked 'the row of a call whose event takes no time'

note 'On another server (xandikos) it is the same, and what stood in the calendar of before is no matter'
entries=$(rows ledger)
dav_stop
dav_choose xandikos
dav_start s3cret
dav MKCALENDAR ''
sed -i "s|^url = .*/avo/calls/|url = $dav_url/|" "$CONF"
courier_again
call Elsewhere 80
drag $((start + 7200)) $((start + 9000))
wait_until agrees booked $((start + 7200)) $((start + 9000))
append cancel $((start + 7200)) "$version"
wait_until agrees cancelled
expect_equal "$(rows ledger)" $((entries + 3)) 'entries of one call that was moved and cancelled'

note 'obey = tell: each is told with its command, and the event stays as its owner left it'
sed -i 's/^obey = yes/obey = tell/' "$CONF"
courier_again
call Told 70
drag $((start + 3600)) $((start + 5400))
wait_until alerts_are 1 '^CHANGED IN THE CALENDAR: .* with Told .*was moved to'
alerts_are 1 "^To move the call: slotguardctl move $booking $(wire $((start + 3600))) --force" || fail 'The command is not there.'
dav DELETE "$(event)" >"$dav_dir/deleted"
wait_until alerts_are 1 '^CHANGED IN THE CALENDAR: .* with Told .*was deleted'
alerts_are 1 "^To cancel the call: slotguardctl cancel $booking" || fail 'The command is not there.'
quiet
expect_equal "$(stands row.status)" booked 'the row of a call whose event was deleted'
! dav GET "$(event)" >"$dav_dir/none" 2>&1 || fail 'What its owner deleted is written again.'
dav_stop
rm -rf "$dav_dir"

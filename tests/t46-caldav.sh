#!/bin/bash
# SPDX-License-Identifier: MIT
# t46-caldav: a calendar on a CalDAV server blocks and is written to, without Google, and is never 'free' while it is down
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
. "$srcdir/tests/dav.sh"
dav_start s3cret
dav MKCALENDAR ''

stand_start --courier --workers 1 --set google.fresh_s=0 --set google.retry_s=1 --set courier.replay_s=1 \
	--set courier.low_slots=0 --set clickhouse.timeout_ms=1000 --set site.queue_ms=1000 --set google.timeout_ms=6000 \
	--set 'calendar own.kind=caldav' --set "calendar own.url=$dav_url/" --set 'calendar own.writes=yes' \
	--set 'calendar own.outage=closed' --secret own-caldav-user=avo --secret own-caldav-password=s3cret \
	--secret google-client-id=none --secret google-client-secret=none --secret google-refresh-token=none
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"
expects_faults 'calendar_(unreachable|changes_not_read)' 'duty=event[a-z_]* .* state=retry .* where=caldav'
expects_worker_faults '^(calendar_unreachable|event_not_(written|deleted)) '

in_zone() { TZ=America/New_York date -d "$taken" "+$1"; } # FORMAT: of $taken
ical() { date -u -d "$1" +%Y%m%dT%H%M%SZ; }
# has_event [VERSION SLOT]: $booking has this event and no other; without words none.
has_event() {
	local names id=${booking//-/}
	names=$(dav PROPFIND '' -H 'Depth: 1' | grep -o "${id}v[0-9]*" | sort -u)
	[ "$names" = "${1:+${id}v${1:-}}" ] || return 1
	[ -z "${1:-}" ] || dav GET "${id}v$1.ics" | tr -d '\r' | shows -x "DTSTART:$(ical "$2")"
}
alerted() { outside_state telegram '.messages[].text' | shows -F -- "$1"; }
up_is() {
	get /metrics
	shows -xF "slotguard_calendar_up{calendar=\"own\"} $1" <"$body"
}
checked() { ctl check --quick --no-programs >"$work/check" || :; }

note 'What stands there is taken, also by a recurrence in a zone; a click asks again'
new_booking
look
full_day 1
taken=${day[4]}
put weekly "DTSTART;TZID=America/New_York:$(date -d "$(in_zone %F) - 70 days" +%Y%m%d)T$(in_zone %H%M%S)" DURATION:PT30M RRULE:FREQ=WEEKLY
put free "DTSTART:$(ical "${day[6]}")" DURATION:PT30M TRANSP:TRANSPARENT
look
! is_open "$taken" || fail 'What is in the calendar is offered.'
is_open "${day[6]}" || fail 'What takes no time is not offered.'
put new "DTSTART:$(ical "${day[8]}")" DURATION:PT10M
click "${day[8]}"
expect_status 409 'a click on what the owner entered since the page was made'
click "${day[6]}"
expect_status 303 'a click on what is free'
version=$(stands version)
expect_stands '[status, slot, calendar].join(" ")' "booked ${day[6]} fresh"
shows -E '^booked .* calendar=fresh calendars=own:fresh ' <"$STAND_DIR/log/workers.log" || fail 'The log does not name what was checked.'
has_event "$version" "${day[6]}" || fail 'The event of the call is not in the calendar.'
dav GET "${booking//-/}v$version.ics" >"$work/event"
tr -d '\r' <"$work/event" | shows -x "DTEND:$(ical "$(moved "${day[6]}" 30)")" || fail 'The call ends at another time.'
shows -F 'Ada' <"$work/event" || fail 'The event does not say who calls.'
! shows -E '^(METHOD|ATTENDEE)' <"$work/event" || fail 'The event invites somebody.'
ctl why "$taken" >"$work/why" || :
shows -F 'the calendar own is busy' <"$work/why" || fail 'why does not name the calendar.'
checked
shows -E "^ok +calendar own +http://127.0.0.1:[0-9]+/avo/calls/: [0-9]+ busy in the next day; the last good answer is " <"$work/check" ||
	fail 'check does not tell of the calendar.'
! shows -E '^[A-Za-z]+ +Google' <"$work/check" || fail 'check asks for Google.'
up_is 1 || fail 'The metric says that it is down.'

note 'A move, by the prospect and by the operator, and a cancel; and a person who is erased'
click "${day[10]}" "$version"
expect_status 303 'a move'
version=$(stands version)
has_event "$version" "${day[10]}" || fail 'The event was not moved.'
ctl move "$booking" "${day[8]}" >"$work/moved" 2>&1 && fail 'The operator moves a call onto an event.'
ctl move "$booking" "${day[12]}" >"$work/moved"
version=$(stands version)
wait_until has_event "$version" "${day[12]}"
cancel "$version"
expect_status 303 'a cancel'
has_event || fail 'A cancelled call has an event.'
book "${day[12]}"
has_event "$version" "${day[12]}" || fail 'The next call has no event.'
ctl erase --yes "$booking" >"$work/erased" || fail 'A person is not erased.'
has_event || fail 'An erased person has an event.'

note 'The server is gone: pages go by its last answer, and a call is written when it is back'
new_booking
look
put late "DTSTART:$(ical "${day[14]}")" DURATION:PT30M
dav_stop
look
is_open "${day[13]}" || fail 'Nothing is offered while the server is down.'
! is_open "$taken" || fail 'What the server said last is forgotten.'
click "${day[14]}"
expect_status 303 'a click while the server is down'
expect_stands '[status, calendar].join(" ")' 'booked remembered'
version=$(stands version)
wait_until alerted 'The calendar own cannot be reached'
wait_until up_is 0
checked
shows -E '^FAULT calendar own +http://127.0.0.1:[0-9]+: ' <"$work/check" || fail 'check does not tell of the outage.'
dav_start s3cret
wait_until has_event "$version" "${day[14]}"
wait_until alerted 'COLLISION'
wait_until alerted 'The calendar own answers'
wait_until up_is 1

note 'A calendar that may only be read is told before a call is written to it'
dav_stop
dav_start s3cret Rr
checked
shows -E '^FAULT calendar own +the user may read the calendar, and calls cannot be written to it' <"$work/check" ||
	fail 'check does not tell of the right that is missing.'

note 'Another password is no empty calendar: it is told, and without any answer nothing is offered'
dav_stop
dav_start other
rm -f "$STAND_DIR"/run/calendar-*
look
expect_equal "${#slots[@]}" 0 'with a password that is wrong, the number of open times'
checked
shows -E "^FAULT calendar own +the calendar's server does not accept the name and the password \(401\); see NAME-caldav-user" <"$work/check" ||
	fail 'check does not tell of the password.'
wait_until alerted 'The calendar own refuses our credentials'
dav_stop
! shows -F s3cret "$STAND_DIR"/log/{courier,workers}.log || fail 'A log has the password.'
rm -rf "$dav_dir"

#!/bin/bash
# SPDX-License-Identifier: MIT
# t44-feeds: a calendar's private address blocks, is fetched when it changed, and is never 'free' when it is broken
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --courier --workers 1 --set google.fresh_s=0 --set google.retry_s=1 \
	--set courier.low_slots=0 --set 'calendar work.writes=yes' \
	--set 'calendar home.kind=ics' --set 'calendar home.url=FEED_URL/private/home.ics' --set 'calendar home.outage=closed'
. "$srcdir/tests/journey.sh"
outside_config google '{"per_minute":0}'
expects_faults 'calendar_'
run=$STAND_DIR/run
alerted() { outside_state telegram '.messages[].text' | shows -F -- "$1"; }
fetched() { requests feed get; }
# due: as if five minutes had passed since the last fetch. The answer stands and is older.
due() {
	wait_until test -s "$run/calendar-home"
	awk 'NR == 3 { printf "%.0f %s\n", $1 - 305000, $2; next } { print }' "$run/calendar-home" >"$run/calendar-home.new"
	mv "$run/calendar-home.new" "$run/calendar-home"
}
# says WORDS: the courier does, of what it fetches next
says() {
	due
	wait_until shows -F -- "$1" "$STAND_DIR/log/courier.log"
	[ -e "$run/calendar-home.outage" ] || fail 'What cannot be read is no outage.'
}
heals() {
	faults_clear feed
	outside_config feed '{"bytes":0,"redirect":""}'
	put "$1"
	wait_until well
}
well() { [ ! -e "$run/calendar-home.outage" ]; }
put() { control POST feed put "$1" >/dev/null; }
ical() { date -u -d "$1" +%Y%m%dT%H%M%SZ; }

new_booking
wait_until test -s "$run/calendar-home"
look
full_day 1
taken=${day[4]} free=${day[8]}

note 'What stands there is taken, also by recurrence, once it was fetched; work counts as before'
owner_event "${day[2]}" "$(moved "${day[2]}" 30)"
put "{\"events\":[\"DTSTART:$(ical "$taken - 70 days")\\r\\nDURATION:PT30M\\r\\nRRULE:FREQ=WEEKLY\"]}"
due
blocked() { look && ! is_open "$taken"; }
wait_until blocked
! is_open "${day[2]}" || fail 'What is in the calendar work is offered.'
click "$taken" 0
expect_status 409 'a click on what is taken'
click "$free" 0
expect_status 303 'a click on what is free'
expect_stands '[status, slot, calendar].join(" ")' "booked $free fresh"

note 'What did not change is not sent again, and its answer counts as new'
before=$(fetched)
due
more() { [ "$(fetched)" -gt "$before" ]; }
wait_until more
wait_until well
expect_equal "$(outside_state feed '.requests[-1].status')" 304 'the answer to whoever has it already'
ctl check --quick --no-programs | shows -E '^ok +calendar home +the last good answer is [0-9]{1,2} s old' || fail 'check does not tell of home.'
look
! is_open "$taken" || fail 'What did not change is forgotten.'

note 'Broken, too large, elsewhere: an outage with a sentence, and what it said last counts while it may'
put '{"text":"<html>Please log in</html>"}'
says 'it does not go from BEGIN:VCALENDAR to END:VCALENDAR'
wait_until alerted 'The calendar home cannot be reached'
look
! is_open "$taken" || fail 'A broken file makes the owner free.'
heals '{"events":[]}'
wait_until alerted 'The calendar home answers'
outside_config feed '{"bytes":20000000}'
put '{"events":["DTSTART:20200101T000000Z"]}'
says 'the calendar is larger than 8 MiB'
heals '{"events":[]}'
outside_config feed '{"redirect":"https://elsewhere.example/home.ics"}'
says 'the address leads on to another host, https://elsewhere.example'
heals '{"events":[]}'
put '{"events":["DTSTART:20200101T000000Z\r\nRRULE:FREQ=SECONDLY;COUNT=1000000"]}'
says 'the calendar has more than 500000 occurrences'
heals '{"events":[]}'
put '{"events":["DTSTART;TZID=Mars/Phobos:20200101T000000"]}'
says 'neither the calendar nor this machine knows the zone'
rm "$run/calendar-home"
new_booking
look
expect_equal "${#slots[@]}" 0 'without any answer of home, which is closed then, the number of open times'
heals '{"events":[]}'
look
is_open "$taken" || fail 'What was deleted there is still taken.'
! shows -F /private/ "$STAND_DIR"/log/{courier,workers}.log || fail 'A log has the private address.'

note 'What stood there unseen when a call was booked is told once it is read'
click "$taken" 0
expect_status 303 'a click on what looks free'
# The courier knows of it: what is fetched from now on is newer.
known() { [ "$(ch "SELECT count() FROM argus.deliveries WHERE booking_id = '$booking' AND duty IN ('mail', 'alert')")" != 0 ]; }
wait_until known
put "{\"events\":[\"DTSTART:$(ical "$taken")\\r\\nDURATION:PT30M\"]}"
due
wait_until alerted 'COLLISION: an event of yours in the calendar home stands in the time of the call'
expect_equal "$(outside_state telegram '.messages[].text' | grep -o COLLISION | wc -l)" 1 'the number of collisions'

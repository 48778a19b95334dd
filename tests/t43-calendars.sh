#!/bin/bash
# SPDX-License-Identifier: MIT
# t43-calendars: several calendars block, each with an outage of its own, and calls are written to one
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --courier --workers 1 --set google.fresh_s=0 --set google.retry_s=1 \
	--set 'calendar work.kind=google' --set 'calendar work.writes=yes' \
	--set 'calendar home.calendar=home@example.com' --set 'calendar home.outage=closed'
. "$srcdir/tests/journey.sh"
outside_config google '{"per_minute":0}'
expects_faults 'calendar_'
expects_worker_faults '^calendar_unreachable '
forget() { rm -f "$STAND_DIR"/run/calendar-*; }
alerted() { outside_state telegram '.messages[].text' | shows -F -- "$1"; }

new_booking
look
full_day 1
at_work=${day[2]} at_home=${day[4]} free=${day[6]}

note 'What stands in either is taken, and one question asks for both'
owner_event "$at_work" "$(moved "$at_work" 30)"
owner_event "$at_home" "$(moved "$at_home" 30)" '{"calendar":"home@example.com"}'
look
! is_open "$at_work" || fail 'What is in the calendar work is offered.'
! is_open "$at_home" || fail 'What is in the calendar home is offered.'
ctl why "$at_home" | shows 'not open: the calendar home is busy' || fail 'why does not name home.'
expect_equal "$(outside_state google '[.requests[] | select(.route == "freeBusy")][-1].body | fromjson | [.items[].id] | join(" ")')" \
	'primary home@example.com' 'what the last question asks about'
click "$free" 0
expect_status 303 'a click'
expect_stands '[status, slot, calendar].join(" ")' "booked $free fresh"
shows -E '^booked .* calendar=fresh calendars=work:fresh,home:fresh ' <"$STAND_DIR/log/workers.log" || fail 'The log does not name what was checked.'
ctl show "$booking" --json >"$work/shown"
expect_equal "$(jq -r '.ledger[-1] | "\(.calendar) \(.calendars)"' "$work/shown")" 'fresh work:fresh,home:fresh' 'what the entry says was checked'
expect_equal "$(outside_state google '[.events[] | select(.summary | test("Own") | not) | .calendar] | unique | join(" ")')" \
	owner@example.com 'where the call was written'
ctl check --quick --no-programs >"$work/check" || :
shows -E '^ok +calendar work +.* of primary: .*; the last good answer is [0-9]+ s old' <"$work/check" || fail 'check does not tell of work.'
shows -E '^ok +calendar home +.* of home@example.com: ' <"$work/check" || fail 'check does not tell of home.'

note 'One that fails is named, handled by its own rule, and hides nothing of the other'
fault google '{"kind":"calendar_errors","route":"freeBusy","calendar":"home@example.com"}'
look
! is_open "$at_home" || fail 'What home said last is forgotten at once.'
wait_until alerted 'The calendar home cannot be reached'
get /metrics
expect_body '^slotguard_calendar_up\{calendar="home"\} 0$'
expect_body '^slotguard_calendar_up\{calendar="work"\} 1$'
forget
new_booking
look
expect_equal "${#slots[@]}" 0 'with home closed, the number of open times'
ctl why "${day[8]}" >"$work/why" 2>&1 || :
shows -E 'not open: the calendar home could not be asked; \[calendar home\] outage = closed, line [0-9]+ of ' <"$work/why" || fail 'why does not name home and its key.'
shows -E 'the calendar home could not be asked \(.+\), and pages offer nothing without it' <"$work/why" || fail 'why does not say that home is down.'
expect_equal "$(ctl why "${day[8]}" --json 2>/dev/null | jq -r '"\(.reason) \(.line)"')" "outage $(grep -n '^outage *= *closed' "$CONF" | cut -d: -f1)" 'the reason and its line'
faults_clear google
wait_until alerted 'The calendar home answers'
! alerted 'The calendar work' || fail 'An outage of work is told.'
# A page asks again when the outage has lasted its time.
offered() { look && is_open "${day[8]}"; }
wait_until offered
! is_open "$at_work" || fail 'What is in the calendar work is offered.'
fault google '{"kind":"calendar_errors","route":"freeBusy","calendar":"primary"}'
forget
look
is_open "${day[8]}" || fail 'work is open, and yet nothing is offered without it.'
! is_open "$at_home" || fail 'What home shows is hidden by the outage of work.'
click "${day[8]}" 0
expect_status 303 'a click while work, which is open, cannot be asked'
expect_stands '[status, calendar].join(" ")' 'booked unchecked'
shows -E '^booked .* calendar=unchecked calendars=work:unchecked,home:fresh ' <"$STAND_DIR/log/workers.log" || fail 'The log does not name what was not checked.'
ctl show "$booking" | shows -F 'work:unchecked,home:fresh' || fail 'show does not name what was not checked.'

note 'What appears unseen in one that is not written to is told once it can be asked, by its name'
faults_clear google
fault google '{"kind":"calendar_errors","route":"freeBusy","calendar":"home@example.com"}'
new_booking
look
click "${day[10]}" 0
expect_status 303 'a click by what home said last'
expect_stands '[status, calendar].join(" ")' 'booked remembered'
owner_event "${day[10]}" "$(moved "${day[10]}" 30)" '{"calendar":"home@example.com"}'
faults_clear google
wait_until alerted 'COLLISION: an event of yours in the calendar home stands in the time of the call'
expect_equal "$(outside_state telegram '.messages[].text' | grep -o COLLISION | wc -l)" 1 'the number of collisions'
shows -Fx 'calendar_back calendar=home' < <(sed 's/ request=.*//' "$STAND_DIR"/log/{workers,courier}.log) || fail 'The log does not name the calendar that is back.'

#!/bin/bash
# SPDX-License-Identifier: MIT
# t47-accounts: calendars of two accounts block, each asked with its own token, and one that is revoked hides nothing of the other
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --workers 1 --set google.fresh_s=0 --set google.retry_s=1
. "$srcdir/tests/journey.sh"
expects_faults 'calendar_'
expects_worker_faults '^calendar_unreachable '
outside_config google '{"per_minute":0,"accounts":{"1//second":["club@example.com"]}}'
echo 1//second >"$CREDENTIALS_DIRECTORY/club-google-refresh-token"
sed -i '/^\[google\]/,/^\[/ s/^calendar *=.*//' "$CONF"
printf '[calendar work]\nwrites = yes\n[calendar club]\ncalendar = club@example.com\n' >>"$CONF"
kill -HUP $(worker_pids)
wait_until shows -F reloaded "$STAND_DIR/log/workers.log"
questions() { outside_state google '[.requests[] | select(.route == "freeBusy").body | fromjson | [.items[].id] | join(" ")] | unique | join(", ")'; }

note 'What stands in a calendar of either account is taken, and each account is asked about its own'
new_booking
look
full_day 1
owner_event "${day[2]}" "$(moved "${day[2]}" 30)"
owner_event "${day[4]}" "$(moved "${day[4]}" 30)" '{"calendar":"club@example.com"}'
look
! is_open "${day[2]}" || fail 'What is in the calendar work is offered.'
! is_open "${day[4]}" || fail 'What is in the calendar club is offered.'
expect_equal "$(questions)" 'club@example.com, primary' 'what was asked at once'
click "${day[6]}" 0
expect_status 303 'a click'
expect_stands '[status, slot, calendar].join(" ")' "booked ${day[6]} fresh"

note 'A grant that is gone is the outage of its own account'
outside_config google '{"accounts":{}}'
control POST google revoke '{"what":"tokens"}' >"$work/revoked"
rm -f "$STAND_DIR"/run/calendar-*
new_booking
look
! is_open "${day[2]}" || fail 'The outage of club hides what work shows.'
is_open "${day[4]}" || fail 'club is open, and yet nothing is offered without it.'
shows -F 'calendar_unreachable calendar=club code=invalid_grant' "$STAND_DIR/log/workers.log" || fail 'The log does not name the account that lost its grant.'
! shows -F 'calendar_unreachable calendar=work' "$STAND_DIR/log/workers.log" || fail 'An outage of work is told.'

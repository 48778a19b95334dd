#!/bin/bash
# SPDX-License-Identifier: MIT
# t38-shortage: the operator is told when little or nothing is open, with what closes it, and when the calendar closes a day: once each
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --courier --set google.fresh_s=1 --set google.page_budget_ms=5000 --set courier.low_slots=0 \
	--set google.retry_s=2
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"
expects_faults '^calendar_changes_not_read .* 503"$'
outside_config telegram '{"per_second":0}'

new_booking
look
full_day 0
date=${day[0]%T*}

# A courier that looks at the calendar as it is now.
look_ahead() {
	rm -f "$STAND_DIR/run/calendar"
	courier_again
}

note 'A day that the calendar closes'
owner_event "$date" "$(date -u -d "$date + 1 day" +%F)"
look_ahead
wait_until alerts_are 1 "^The calendar is busy for the whole of .*, [A-Z][a-z]+ $(date -d "$date" +%-d): nothing is open on that day"

note 'Less than the operator wants to be open'
set_key courier low_slots 400
look_ahead
wait_until alerts_are 1 '^Few times are left: [0-9]+ in the whole window\.'
alerts_are 1 '^What closes the others: the calendar \([0-9]+\), days without hours \(2\)$' || fail "$(alerts)"
alerts_are 1 '^slotguardctl preview shows each day\.' || fail "$(alerts)"

note 'Told once: not by the next courier, nor when it gets worse on the same day'
owner_event "$date" "$(date -u -d "$date + 30 days" +%F)"
owner_event "$(date -u -d '2 days ago' +%F)" "$date"
look_ahead
closed=$(ctl preview --json | jq '[group_by(.day)[] | select(all(.reason == "event"))] | length')
wait_until alerts_are "$closed" '^The calendar is busy for the whole of '
quiet
alerts_are 1 '^Few times are left' || fail 'It is told twice on a day.'
alerts_are 0 '^NOTHING IS OPEN' || fail 'It is told twice on a day.'

note 'On another day it is told anew, and that nothing is left'
ch "ALTER TABLE argus.deliveries DELETE WHERE duty = 'low_slots' SETTINGS mutations_sync = 2" >"$work/gone"
look_ahead
wait_until alerts_are 1 '^NOTHING IS OPEN in the whole window: prospects cannot book\.'

note 'While the calendar cannot be asked, what pages show counts: with outage = open nearly everything'
clear() { ch "ALTER TABLE argus.deliveries DELETE WHERE duty = 'low_slots' SETTINGS mutations_sync = 2" >"$work/gone"; }
clear
set_key courier low_slots 1
fault google '{"kind":"status","status":503}'
look_ahead
wait_until alerts_are 1 '^Google Calendar cannot be reached'
quiet
alerts_are 1 '^NOTHING IS OPEN' || fail 'A calendar that was not asked is taken for a full one.'

note 'With outage = closed nothing, and that is why; the empty page says so, too'
set_key google outage closed
workers_again
look_ahead
wait_until alerts_are 2 '^NOTHING IS OPEN in the whole window: prospects cannot book\.'
alerts_are 1 '^What closes the others: the calendar, which cannot be asked, and \[google\] outage = closed \(' || fail "$(alerts)"
look
expect_equal "${#slots[@]}" 0 'the open times'
get "/schedule?bookingId=$booking"
expect_page 'text.includes("Our calendar cannot be reached just now") && text.includes("look here again in a few minutes")'

#!/bin/bash
# SPDX-License-Identifier: MIT
# t11-hours: buffers and the daily cap hold on the page, at the click and between clicks at one time
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --set hours.buffer_before=10 --set hours.buffer_after=20 --set hours.max_per_day=3 --set google.fresh_s=0
. "$srcdir/tests/journey.sh"

# open_are INDEX ...: of $day these are offered to a new booking.
open_are() {
	local i
	local -a found=()
	new_booking
	look
	for i in "${!day[@]}"; do
		! is_open "${day[i]}" || found+=("$i")
	done
	expect_equal "${found[*]}" "$*" 'what is offered'
}
gone() { # SLOT VERSION
	click "$1" "$2"
	expect_status 409 "a click on $1"
	expect_page 'headings[0].includes("gone") && times.buttons.length > 0'
}

# both SLOT SLOT: two new bookings click at the same time, after both have looked; one of them wins.
# Sets $booking to the winner and $loser.
both() {
	local first second before
	new_booking
	first=$booking
	new_booking
	second=$booking
	before=$(requests google freeBusy)
	fault google '{"kind":"hold","route":"freeBusy","when":"after"}'
	booking=$first
	background first click "$1" 0
	booking=$second
	background second click "$2" 0
	wait_until requests_are google freeBusy $((before + 2))
	faults_clear google
	await first
	one=$status
	await second
	case $one,$status in
	303,409) booking=$first loser=$second ;;
	409,303) booking=$second loser=$first ;;
	*) fail "Two clicks at one time are answered with $one and $status." ;;
	esac
	expect_stands accepted 1
	expect_stands '[status, accepted].join(" ")' 'unknown 0' "$loser"
}

new_booking
look
full_day 0

note 'A call takes its buffers with it'
book "${day[4]}"
open_are 0 1 2 6 7 8 9 10 11 12 13 14 15 16 17
for i in 3 4 5; do
	gone "${day[i]}" 0
done
owner_event "${day[9]}" "$(moved "${day[9]}" 30)"
open_are 0 1 2 6 7 11 12 13 14 15 16 17
for i in 8 9 10; do
	gone "${day[i]}" 0
done

note 'Its own buffers do not block its own move'
book "${day[13]}"
click "${day[14]}" "$version"
expect_status 303
version=$(stands version)
open_are 0 1 2 6 7 11 12 16 17

note 'Neighbours at one time: their buffers overlap, so one wins'
both "${day[0]}" "${day[1]}"
winner=$booking
audit

note 'Three calls fill the day; those who have one may still move within it'
open_are
gone "${day[7]}" 0
booking=$winner
version=$(stands version)
look
is_open "${day[7]}" || fail 'A call cannot be moved within its full day.'
click "${day[7]}" "$version"
expect_status 303
cancel "$(stands version)"
expect_status 303
open_are 0 1 2 6 7 11 12 16 17

note 'The last place of a day, at one time and far apart: one wins'
both "${day[0]}" "${day[16]}"
expect_stands 'entries.length + " " + /cap/.test(entries)' '1 true' "$loser"
open_are
audit
stand_over

note 'The longest page that can be configured is shown, in two zones, and so is its JSON'
stand_start --set hours.slot_minutes=5 --set hours.window_days=60 --set hours.first_start=00:00 \
	--set hours.last_start=23:55 --set hours.days=Sun-Sat
. "$srcdir/tests/journey.sh"
new_booking
get "/schedule?bookingId=$booking&tz=Asia/Kathmandu"
expect_status 200
[ "$(grep -c '<button name="slot"' "$body")" -gt 16000 ] || fail 'The page has too few times.'
expect_body '</html>'
look
[ ${#slots[@]} -gt 16000 ] || fail 'The document has too few times.'

note 'Packed starts: where an event or a call ends another call begins, on the page, in the document, at the click and for the tool'
. "$srcdir/tests/ctl.sh"
for pair in slot_minutes=30 window_days=14 first_start=08:00 last_start=16:30 days=Mon-Sat starts=packed; do
	set_key hours "${pair%%=*}" "${pair#*=}"
done
workers_again
new_booking
look
full_day 0
# are_open MINUTES ...: after the first start of the day these are offered, in the document and on the page.
are_open() {
	local should
	should=$(for minutes; do moved "${day[0]}" "$minutes"; done)
	look_anew
	expect_equal "$(printf '%s\n' "${slots[@]}" | grep "^${day[0]%T*}")" "$should" 'what the document offers'
	get "/schedule?bookingId=$booking"
	expect_equal "$(grep -oE 'name="slot" value="[^"]*' "$body" | cut -d'"' -f4 | grep "^${day[0]%T*}")" "$should" 'what the page offers'
}
owner_event "$(moved "${day[0]}" 130)" "$(moved "${day[0]}" 160)"
are_open 0 30 60 90 160 190 220 250 280 310 340 370 400 430 460 490
click "$(moved "${day[0]}" 160)" 0
expect_status 303
# Off the grid of half-hours it ends, and the next begins there.
mine=$booking version=$(stands version)
new_booking
are_open 0 30 60 90 190 220 250 280 310 340 370 400 430 460 490
for minutes in 110 200; do
	click "$(moved "${day[0]}" $minutes)" 0
	expect_status 409 "a click $minutes minutes after the first start"
done
run 0 why "$(moved "${day[0]}" 200)"
says 'not open: calls begin where something ends; \[hours\] starts = packed, line [0-9]+ of '
run 0 why "$(moved "${day[0]}" 110)"
says 'not open: the calendar is busy'
run 0 move "$mine" "$(moved "${day[0]}" 190)"
booking=$mine
expect_stands slot "$(moved "${day[0]}" 190)"
new_booking
are_open 0 30 60 90 160 220 250 280 310 340 370 400 430 460 490
audit --lagging

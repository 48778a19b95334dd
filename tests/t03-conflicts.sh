#!/bin/bash
# SPDX-License-Identifier: MIT
# t03-conflicts: what stands in the calendar or in rows from elsewhere is neither offered nor booked
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --set google.fresh_s=600
. "$srcdir/tests/journey.sh"

local_time() { TZ=America/New_York date -d "$1" +%R; }
at() { TZ=America/New_York date -d "$1" +%FT%T%:z; } # LOCAL-TIME: as RFC 3339 with its offset
date_of() { TZ=America/New_York date -d "$1" +%F; }

# offers DATE TIME ...: on that local date exactly these local times are offered.
offers() {
	local date=$1 slot
	local -a found=()
	shift
	look_anew
	for slot in "${slots[@]}"; do
		[ "$(date_of "$slot")" != "$date" ] || found+=("$(local_time "$slot")")
	done
	expect_equal "${found[*]}" "$*" "what is offered on $date"
}

# gone SLOT: a click on it is refused, the nearest open times come first, and nothing is written.
gone() {
	local before nearest
	before=$(written)
	click "$1" 0
	expect_status 409 "a click on $1"
	expect_page 'headings[0].includes("gone")'
	click_json "$1" 0
	expect_status 409 "a click on $1"
	expect_header Content-Type '^application/problem\+json'
	nearest=$(json '(.nearest | length) as $n | .slots | map(.slot) | sort_by((. | sub("Z$"; ":00Z") | fromdate) -
		($wanted | sub("Z$"; ":00Z") | fromdate) | fabs) | .[:$n] | sort | join(" ")' --arg wanted "$1")
	[ "$(json '.nearest | length')" = 3 ] || fail 'There are no three other times.'
	expect_equal "$(json '.nearest | sort | join(" ")')" "$nearest" 'the nearest times'
	[ "$(json '.slots | map(.slot == $gone) | any' --arg gone "$1")" = false ] || fail "$1 is offered to who was told that it is gone."
	expect_equal "$(written)" "$before" 'what is written'
}

new_booking
look
full_day 0
all_day=$(date_of "${day[0]}")
full_day 1
date=$(date_of "${day[0]}")

note "The owner's own events: all day, over midnight, other offsets, touching, transparent, declined"
owner_event "$all_day" "$(date -d "$all_day + 1 day" +%F)"
owner_event "$(at "$date 20:00 yesterday")" "$(at "$date 09:15")"
owner_event "$(TZ=Asia/Kolkata date -d "$(at "$date 10:00")" +%FT%T%:z)" "$(at "$date 10:30")"
owner_event "$(date -u -d "$(at "$date 12:00")" +%FT%T.000Z)" "$(at "$date 12:30")"
owner_event "$(at "$date 13:29")" "$(at "$date 13:31")"
owner_event "$(at "$date 14:00")" "$(at "$date 14:30")" '{"transparency":"transparent"}'
owner_event "$(at "$date 14:30")" "$(at "$date 15:00")" \
	'{"attendees":[{"email":"owner@example.com","self":true,"responseStatus":"declined"}]}'
owner_event "$(at "$date 16:59")" "$(at "$date 23:59")"
for offset in Z -05:00 +05:30 America/New_York; do
	outside_config google "{\"offset\":\"$offset\"}"
	offers "$all_day"
	offers "$date" 09:30 10:30 11:00 11:30 12:30 14:00 14:30 15:00 15:30 16:00
done
full_day 0
[ "$(date_of "${day[0]}")" != "$date" ] || fail 'The day is full all the same.'
for time in 08:00 10:00 12:00 13:00 13:30 16:30; do
	gone "$(date -u -d "$(at "$date $time")" +%FT%RZ)"
done
gone "$(date -u -d "$(at "$all_day 16:30")" +%FT%RZ)"
book "$(date -u -d "$(at "$date 14:00")" +%FT%RZ)"
expect_stands calendar fresh

note 'An event that appears between the page and the click'
new_booking
look_anew
full_day 0
slot=${day[4]}
owner_event "$(moved "$slot" 29)" "$(moved "$slot" 31)"
gone "$slot"
gone "${day[5]}"
click "${day[6]}"
expect_status 303

note 'The same for a booking that has a call: it keeps the one that it has'
version=$(stands version)
owner_event "$(moved "${day[9]}" 5)" "$(moved "${day[9]}" 10)"
click "${day[9]}" "$version"
expect_status 409 'a move to a time that the owner has just taken'
expect_page 'headings[0].includes("gone")'
click_json "${day[9]}" "$version"
expect_status 409 'a move to a time that the owner has just taken'
expect_equal "$(json '.nearest | length')" 3 'the number of the nearest times'
expect_stands '[status, slot, version].join(" ")' "booked ${day[6]} $version"

note 'Its own event does not block a booking, what the owner put beside it does'
version=$(stands version)
owner_event "$(moved "${day[6]}" -15)" "$(moved "${day[6]}" 15)"
look_anew
! is_open "${day[6]}" || fail 'The time that the booking has is offered to it.'
! is_open "${day[5]}" || fail 'A time is offered that the owner has taken.'
is_open "${day[7]}" || fail 'The time after its own is not offered.'
click "${day[7]}" "$version"
expect_status 303
version=$(stands version)
look_anew
is_open "${day[8]}" || fail 'The time after its own is not offered.'
! is_open "${day[6]}" || fail 'The time that it left is offered, though the owner has taken it.'
audit

# foreign SLOT LENGTH HOST [STATUS]: a row from an earlier system; sets $booking.
foreign() {
	booking=$(cat /proc/sys/kernel/random/uuid)
	ch "INSERT INTO argus.consulting_bookings (booking_id, version, status, host, slot_start, slot_end, name, email)
		SETTINGS async_insert = 0 VALUES ('$booking', 0, '${4:-booked}', '$3',
		$(date -d "$1" +%s), $(date -d "$(moved "$1" "$2")" +%s), 'Old', 'old@example.com')"
}

note 'Rows from elsewhere block, whoever the host was before there were hosts'
new_booking
look_anew
mine=$booking
full_day 0
foreign "${day[2]}" 30 main
first=$booking
foreign "${day[4]}" 30 ''
second=$booking
foreign "$(moved "${day[6]}" 15)" 30 main
third=$booking
foreign "${day[9]}" 30 other
foreign "${day[10]}" 30 main cancelled
booking=$mine
# A click sees them at once, a page within a second.
gone "${day[2]}"
shows_them() { look && ! is_open "${day[2]}"; }
wait_until shows_them
for i in 2 4 6 7; do
	! is_open "${day[i]}" || fail "${day[i]} is offered."
	gone "${day[i]}"
done
for i in 1 3 5 8 9 10; do
	is_open "${day[i]}" || fail "${day[i]} is not offered."
done
click "${day[9]}"
expect_status 303

note 'Of two rows of such a booking the newer one counts'
ch "INSERT INTO argus.consulting_bookings (booking_id, version, status, host, slot_start, slot_end, name, email)
	SETTINGS async_insert = 0 SELECT booking_id, version, 'cancelled', host, slot_start, slot_end, name, email
	FROM argus.consulting_bookings FINAL WHERE booking_id = '$third'"
shows_it() { look && is_open "${day[6]}"; }
wait_until shows_it

note 'Such a booking can be looked at, moved and cancelled by its own'
booking=$first
get "/booking?bookingId=$booking"
expect_status 200
expect_page 'text.includes(args[0])' "$(TZ=America/New_York date -d "${day[2]}" +'%A, %B %-d, %-I:%M %p')"
expect_equal "$(page 'forms[0].fields.version')" 0 'its version'
click "${day[3]}"
expect_status 428
get "/schedule?bookingId=$booking"
submit /api/schedule slot="${day[2]}"
expect_status 303 'a click on the time that it has'
expect_stands accepted 0
get "/schedule?bookingId=$booking"
submit /api/schedule slot="${day[3]}"
expect_status 303
expect_stands '[status, slot, accepted, row.status, row.slot].join(" ")' "booked ${day[3]} 1 booked ${day[3]}"
booking=$second
get "/booking?bookingId=$booking"
submit /api/cancel
follow
expect_page 'headings[0].includes("cancelled")'
expect_stands '[status, accepted, row.status].join(" ")' 'cancelled 1 cancelled'
booking=$mine
look_anew
for i in 2 4; do
	is_open "${day[i]}" || fail "${day[i]} is not offered again."
done
! is_open "${day[3]}" || fail 'The time that the old booking moved to is offered.'
audit

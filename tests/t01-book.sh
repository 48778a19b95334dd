#!/bin/bash
# SPDX-License-Identifier: MIT
# t01-book: a prospect books a call, moves it, cancels it and books again, by the pages and in JSON
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start
. "$srcdir/tests/journey.sh"

events() { outside_state google '[.events[] | select(.status != "cancelled")] | '"$1"; }

note 'By the pages: the brief'
get /
expect_status 200
expect_equal "$(page 'forms[0].method')" POST 'the method of the form'
brief=$'We need a "booking engine" & <fast>.\nTwo lines, 100 % Ümlaut.'
submit /api/book name='Ada Lovelace' email=ada@example.com company='Analytical & Söhne' brief="$brief"
expect_status 303
expect_header Location '^/schedule\?bookingId=[0-9a-f-]{36}$'
booking=$(header Location | sed 's/.*=//')
[[ $booking =~ ^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$ ]] ||
	fail "$booking is no UUID of version 4."
expect_stands '[row.status, row.version, row.name, row.email, row.company].join(", ")' \
	'awaiting_slot, 0, Ada Lovelace, ada@example.com, Analytical & Söhne'
expect_stands row.brief "$brief"

note 'The open times'
follow
expect_status 200
expect_header Content-Type '^text/html'
expect_header Cache-Control no-store
expect_header X-Robots-Tag noindex
expect_header Referrer-Policy 'no-referrer|same-origin'
expect_no_body '<script'
offered=$(page 'times.buttons.map((b) => b.value).join(" ")')
look
expect_equal "$offered" "${slots[*]}" 'what the page offers, and what its JSON does'
full_day 0
first=${day[3]} second=${day[10]}
get "/schedule?bookingId=$booking&tz=Asia/Kolkata"
expect_status 200
expect_equal "$(page 'times.fields.tz')" Asia/Kolkata 'the zone of the form'
kolkata=$(TZ=Asia/Kolkata date -d "$first" +'%-I:%M %p')
expect_page 'times.buttons.find((b) => b.value === args[0]).text.startsWith(args[1])' "$first" "$kolkata"

note 'The click'
submit /api/schedule slot="$first"
expect_status 303
expect_header Location "^/booking\?bookingId=$booking\$"
follow
expect_status 200
expect_page 'text.includes(args[0])' "$(TZ=America/New_York date -d "$first" +'%A, %B %-d, %-I:%M %p')"
version=$(stands version)
expect_stands '[status, slot, calendar].join(" ")' "booked $first fresh"
expect_stands '[row.status, row.slot, row.calendar, row.version].join(" ")' "booked $first fresh $version"

note 'Its event'
expect_equal "$(events length)" 1 'the number of live events'
expect_equal "$(events '.[0].id')" "${booking//-/}v$version" "the event's id"
expect_equal "$(events '.[0].start.dateTime | fromdate | strftime("%FT%RZ")')" "$first" "the event's start"
expect_equal "$(events '.[0].end.dateTime | fromdate | strftime("%FT%RZ")')" "$(moved "$first" 30)" "the event's end"
expect_equal "$(events '.[0].attendees | length')" 0 'the number of attendees'
expect_equal "$(outside_state google '[.notifications[].sendUpdates] | unique | join(",")')" none 'sendUpdates'
expect_equal "$(outside_state google '[.notifications[].to[]] | length')" 0 'who was written to'
events '.[0].summary' >"$work/event"
grep -q 'Ada Lovelace' "$work/event" || fail "The event's summary has no name."
events '.[0].description' >"$work/event"
for part in ada@example.com 'Analytical & Söhne' '‹fast›' 'Two lines, 100 % Ümlaut.' "$BASE_URL/booking?bookingId=$booking"; do
	grep -Fq "$part" "$work/event" || fail "The event's description has no '$part': $(cat "$work/event")"
done

note 'The move'
get "/booking?bookingId=$booking"
get "$(page 'links.find((l) => l.text.includes("Move")).href')"
expect_status 200
expect_page '!times.buttons.some((b) => b.value === args[0])' "$first"
submit /api/schedule slot="$second"
follow
expect_status 200
before=$version
version=$(stands version)
[ "$version" -gt "$before" ] || fail 'The version has not grown.'
expect_stands '[slot, accepted, row.status, row.slot, row.version].join(" ")' "$second 2 booked $second $version"
expect_equal "$(events 'map(.id) | join(",")')" "${booking//-/}v$version" 'the live event'
expect_equal "$(outside_state google '[.events[] | select(.status == "cancelled")] | length')" 1 'the number of deleted events'

note 'The cancel'
get "/booking?bookingId=$booking"
submit /api/cancel
follow
expect_status 200
expect_page 'headings[0].includes("cancelled")'
expect_stands '[status, row.status].join(" ")' 'cancelled cancelled'
expect_equal "$(events length)" 0 'the number of live events'

note 'And again'
get "$(page 'links.find((l) => l.text.includes("another time")).href')"
expect_page 'times.buttons.some((b) => b.value === args[0])' "$second"
submit /api/schedule slot="$second"
follow
expect_stands '[status, slot, accepted].join(" ")' "booked $second 4"
expect_equal "$(events length)" 1 'the number of live events'
audit

note 'The same in JSON'
post_json /api/book '{"name":"Grace","email":"grace@example.com","brief":"Nanoseconds.\nTwo lines."}'
expect_status 201
expect_header Content-Type '^application/json'
booking=$(json .bookingId)
expect_equal "$(json .scheduleUrl)" "$BASE_URL/schedule?bookingId=$booking" 'scheduleUrl'
expect_stands row.status awaiting_slot
look
expect_equal "$version" 0 'the version of a booking that never was one'
expect_equal "$(json .timezone)" America/New_York 'the zone'
! is_open "$second" || fail 'What another has is offered.'
click_json "$first"
expect_status 200
expect_equal "$(json '[.bookingId, .bookingStatus // .status, .slot, .end] | join(" ")')" \
	"$booking booked $first $(moved "$first" 30)" 'the answer'
version=$(json .version)
expect_stands version "$version"
click_json "${day[5]}" "$version"
expect_status 200
expect_equal "$(json .slot)" "${day[5]}" 'the new time'
expect_equal "$(events length)" 2 'the number of live events'
version=$(json .version)
post_json /api/cancel "{\"bookingId\":\"$booking\",\"version\":$version}"
expect_status 200
expect_equal "$(json .status)" cancelled 'the answer'
get "/booking?bookingId=$booking" -H 'Accept: application/json'
expect_status 200
expect_equal "$(json '[.status, .slot] | @json')" '["cancelled",null]' 'the booking'
click_json "$first" "$(json .version)"
expect_status 200
expect_stands '[status, accepted].join(" ")' 'booked 4'
expect_equal "$(events length)" 2 'the number of live events'
audit

note 'The last start of a day is half past four, the first is eight, and Sunday has none'
expect_equal "$(TZ=America/New_York date -d "${day[0]}" +%R)" 08:00 'the first start'
expect_equal "$(TZ=America/New_York date -d "${day[17]}" +%R)" 16:30 'the last start'
for slot in "${slots[@]}"; do
	[ "$(TZ=America/New_York date -d "$slot" +%a)" != Sun ] || fail "$slot is on a Sunday."
done

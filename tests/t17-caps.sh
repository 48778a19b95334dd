#!/bin/bash
# SPDX-License-Identifier: MIT
# t17-caps: sixty-four clicks at once on different slots of a day, a week or a month with a cap of three give three
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"

# race CAP MINUTES GROUP: calls of so many minutes, with this cap of three; GROUP is jq for the day, week or month of a slot. Sets $within and $full.
race() {
	local i
	local -a bookings
	local -A got=([303]=0 [409]=0)
	note "$1"
	stand_start --workers 4 --set "hours.slot_minutes=$2" --set "hours.$1=3" --set site.queue_ms=60000
	. "$srcdir/tests/journey.sh"
	. "$srcdir/tests/ctl.sh"
	outside_config google '{"per_minute":0}'
	new_booking
	look
	# The one with the most slots, and sixty-four of them far and wide.
	mapfile -t within < <(printf '%s\n' "${slots[@]}" | jq -Rrn "[inputs] | group_by($3) | max_by(length)[]")
	mapfile -t full < <(printf '%s\n' "${within[@]}" | awk -v n="$((${#within[@]} / 64))" 'NR % n == 0' | sed -n 1,64p)
	expect_equal "${#full[@]}" 64 'the slots that are clicked'
	ch "INSERT INTO argus.consulting_bookings (booking_id, status, host, name, email, brief, created_at)
		SETTINGS async_insert = 0
		SELECT generateUUIDv4() AS id, 'awaiting_slot', 'main', 'Ada', concat(toString(id), '@example.com'),
		'A call about a thing.', now64(3) FROM numbers(64)"
	mapfile -t bookings < <(ch 'SELECT DISTINCT booking_id FROM argus.consulting_bookings LIMIT 64 FORMAT TabSeparated')
	for i in "${!full[@]}"; do
		booking=${bookings[i]}
		background "c$i" click "${full[i]}" 0
	done
	for i in "${!full[@]}"; do
		await "c$i"
		((got[$status] += 1))
	done
	expect_equal "${got[303]} ${got[409]}" '3 61' 'the answers'
	run 0 list --json
	expect_equal "$(out length)" 3 'the calls'
	new_booking
	look
	for i in "${within[@]}"; do
		! is_open "$i" || fail "It is full, and $i is offered."
	done
	[ "$1" = max_per_month ] || [ "${#slots[@]}" -gt 0 ] || fail 'All else is closed as well.'
	click "${full[63]}" 0
	expect_status 409 'a click when it is full'
	run 0 why "${full[63]}"
	says "3 calls are booked from .*; \\[hours\\] $1 = 3, line [0-9]+ of "
	expect_equal "$(wc -l <"$work/out")" 4 'the reason, and the three'
	audit --lagging
	stand_over
}

race max_per_day 5 '.[0:10]'
race max_per_week 15 '.[0:10] | strptime("%Y-%m-%d") | mktime | strftime("%G-%V")'
[ "$(printf '%s\n' "${full[@]}" | cut -c1-10 | sort -u | wc -l)" -ge 5 ] || fail 'The clicks are not of a whole week.'
race max_per_month 15 '.[0:7]'
[ "$(printf '%s\n' "${full[@]}" | cut -c1-10 | sort -u | wc -l)" -ge 5 ] || fail 'The clicks are not of a whole month.'

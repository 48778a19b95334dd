#!/bin/bash
# SPDX-License-Identifier: MIT
# t17-caps: sixty-four clicks at once on different slots of a day with a cap of three give three
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --workers 4 --set hours.slot_minutes=5 --set hours.max_per_day=3 --set site.queue_ms=60000
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/ctl.sh"
outside_config google '{"per_minute":0}'
new_booking
look
mapfile -t day < <(printf '%s\n' "${slots[@]}" | grep "^$(cut -c1-10 <<<"${slots[-1]}")" | sed -n 1,64p)
expect_equal "${#day[@]}" 64 'the slots of a day'
bookings=()
for i in "${!day[@]}"; do
	new_booking
	bookings+=("$booking")
done
for i in "${!day[@]}"; do
	booking=${bookings[i]}
	background "c$i" click "${day[i]}" 0
done
declare -A got=([303]=0 [409]=0)
for i in "${!day[@]}"; do
	await "c$i"
	((got[$status] += 1))
done
expect_equal "${got[303]} ${got[409]}" '3 61' 'the answers'
run 0 list --json
expect_equal "$(out length)" 3 'the calls'
new_booking
look
! is_open "${day[10]}" || fail 'The day is full, and offered.'
run 0 why "${day[63]}"
says '3 calls are booked from .*; \[hours\] max_per_day = 3, line [0-9]+ of '
expect_equal "$(wc -l <"$work/out")" 4 'the reason, and the three'
audit --lagging

note 'A week and a month have their caps, too'
set_key hours max_per_day 0
set_key hours max_per_week 3
run 0 why "${day[63]}"
says '3 calls are booked from .*; \[hours\] max_per_week = 3, line [0-9]+ of '
set_key hours max_per_month 2
set_key hours max_per_week 0
run 0 why "${day[63]}"
says '3 calls are booked from .*; \[hours\] max_per_month = 2, line [0-9]+ of '

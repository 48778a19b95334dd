#!/bin/bash
# SPDX-License-Identifier: MIT
# t16-time: the owner's time is one on the page, at the click, in the tool and in the replay, and says why
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"

# in_days N: a date of the business.
in_days() { TZ=America/New_York date -d "$1 days" +%F; }
utc() { date -u -d "TZ=\"America/New_York\" $1" +%Y-%m-%dT%H:%MZ; } # LOCAL-TIME

holidays=$work/holidays
printf 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:%s\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n' \
	"$(in_days 4 | tr -d -)" >"$holidays"
stand_start --workers 2 --set 'hours.Mon-Sun=08:00-12:00, 13:00 until 17:00' --set hours.notice=next-day \
	--set 'hours.window=10 days' --set "dates.$(in_days 3)=off" --set "dates.holidays=$holidays" \
	--set google.fresh_s=0
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/ctl.sh"

# The scenario needs some minutes of one day.
[ "$(TZ=America/New_York date +%H%M)" -lt 2355 ] || skip 'it is nearly midnight in New York.'

note 'Seven of ten days: not today, not the date that is off, not the holiday; 17 starts each'
new_booking
look
expect_equal "${#slots[@]}" 119 'the open slots'
expect_equal "$(printf '%s\n' "${slots[@]}" | cut -c1-10 | sort -u | tr '\n' ' ')" \
	"$(for n in 1 2 5 6 7 8 9; do in_days $n; done | tr '\n' ' ')" 'the days'
run 0 preview --json
expect_equal "$(out '[.[] | select(.reason == "open").starts] | add')" 119 'the preview'
expect_equal "$(out '[.[] | select(.starts > 0).starts] | add')" $((12 * 17)) 'all starts of the preview'
run 0 preview
says "$(in_days 3) +- +- +0 +this date is off, line [0-9]+ of $CONF"
says "$(in_days 4) +- +- +0 +this date is in $holidays, line [0-9]+ of "
says "$(in_days 11) +08:00 +16:30 +17 +it is outside of the window, .*\[hours\] window = 10 days, line [0-9]+ of "
run 0 preview --at "$(in_days 5)T08:00" --json
expect_equal "$(out '.[0].reason')" begun 'the preview of a morning'

note 'Why a time is not open, and what a click on it gets'
book "${slots[0]}"
taken=$booking
owner_event "${slots[20]}" "$(moved "${slots[20]}" 30)"
block=$(in_days 7)T10:00
run 0 block "$block" "$(in_days 7)T11:00"
closed() { # LOCAL-TIME STATUS REASON EXTENDED-REGEXP
	local slot
	slot=$(utc "$1")
	run 0 why "$1"
	says "$4"
	run 0 why "$slot" --json
	expect_equal "$(out .reason)" "$3" "the reason of $1"
	new_booking
	look
	! is_open "$slot" || fail "$1 is offered."
	click "$slot" 0
	expect_status "$2" "a click on $1"
	run 5 move "$booking" "$1"
	says "not open to this booking: .*; --force"
}
line() { grep -n "^$1 = " "$CONF" | cut -d: -f1; }
closed "$(in_days 1)T08:00" 409 call "booking $taken, [A-Z][a-z]{2} $(in_days 1) 08:00 E.T to [A-Z][a-z]{2} $(in_days 1) 08:30 E.T"
closed "$(in_days 2)T09:30" 409 event "the calendar is busy, [A-Z][a-z]{2} $(in_days 2) 09:30 E.T to [A-Z][a-z]{2} $(in_days 2) 10:00 E.T"
closed "$block" 409 block "block [0-9a-f-]{36}, [A-Z][a-z]{2} $(in_days 7) 10:00 E.T to [A-Z][a-z]{2} $(in_days 7) 11:00 E.T"
closed "$(in_days 3)T08:00" 422 date "this date is off, line $(line "$(in_days 3)") of $CONF"
closed "$(in_days 4)T08:00" 422 holiday "this date is in .*, line $(line holidays) of "
closed "$(in_days 5)T12:30" 422 hours "outside of this day's hours, line $(line Mon-Sun) of "
closed "$(in_days 5)T08:15" 422 step "between two starts, which are 30 minutes apart from the first one on, line $(line Mon-Sun) of $CONF; \[hours\] slot_minutes = 30, which is the default"
closed "$(in_days 10)T08:00" 422 window "outside of the window, .*window = 10 days, line $(line window) of "
run 0 why "$(in_days 5)T08:00"
says 'is open$'
run 5 why 2027-03-14T02:30
says 'no such time: at Sun 2027-03-14 03:00 EDT the clock is put forward'
run 0 why 2027-11-07T06:30Z --json
expect_equal "$(out .reason)" clock 'the second 01:30 of a night'
run 2 why tomorrow

note 'Hours that change leave calls where they are, and check names them; what was shown and is too near is gone'
shown=$(utc "$(in_days 2)T08:00")
sed -i -e 's/^Mon-Sun = .*/Mon-Sun = 09:00-12:00/' -e 's/^notice = .*/notice = 96h/' "$CONF"
kill -HUP $(worker_pids)
says_reloaded() { [ "$(grep -c '^reloaded' "$STAND_DIR/log/workers.log")" -ge "$(worker_pids | wc -l)" ]; }
wait_until says_reloaded
new_booking
click "$(utc "$(in_days 2)T09:00")" 0
expect_status 409 'a click on what is too near by now'
click "$shown" 0
expect_status 422 'a click on what the hours do not have any more'
run 0 why "$(in_days 2)T09:00"
says "too near, from .* on it is not; \[hours\] notice = 96h, line [0-9]+ of "
run 0 check --no-programs
says "note +hours +booking $taken at [A-Z][a-z]{2} $(in_days 1) 08:00 E.T would not be offered now: it is outside of this day's hours"

note 'check names calls that other rules close: their length, the window, a buffer, a cap; not one that is near, or fine'
new_booking
run 0 move "$booking" "$(in_days 1)T09:00" --force
later=$booking
new_booking
run 0 move "$booking" "$(in_days 1)T09:30" --force
# checks SED-EXPRESSION EXPECTED ...: with the rules changed so, check lists these calls, and says so.
checks() {
	cp "$CONF" "$work/kept.conf"
	sed -i "$1" "$CONF"
	shift
	run 0 check --quick --no-programs
	expect_equal "$(grep -c 'would not be offered now' "$work/out")" "$#" 'how many calls are listed'
	for expected; do says "$expected"; done
	cp "$work/kept.conf" "$CONF"
}
checks 's/^Mon-Sun = .*/Mon-Sun = 08:00-12:00/'
checks 's/^Mon-Sun = .*/Mon-Sun = 08:00-12:00\nslot_minutes = 45\nstep_minutes = 30/' \
	"booking $taken .* it lasts 30 minutes; \[hours\] slot_minutes = 45, line [0-9]+ of $CONF" "booking $later .* it lasts" "booking $booking .* it lasts"
checks 's/^Mon-Sun = .*/Mon-Sun = 08:00-12:00\nstep_minutes = 60/' \
	"booking $booking .* between two starts, which are 60 minutes apart .*; \[hours\] step_minutes = 60, line [0-9]+ of $CONF"
checks 's/^Mon-Sun = .*/Mon-Sun = 08:00-12:00\nbuffer_before = 15/' \
	"booking $booking .* booking $later, .* within the buffer; \[hours\] buffer_before = 15, line [0-9]+ of $CONF, and \[hours\] buffer_after = 0, which is the default"
checks 's/^Mon-Sun = .*/Mon-Sun = 08:00-12:00\nmax_per_day = 2/' \
	"booking $taken .* 2 calls are booked from .*; \[hours\] max_per_day = 2, line [0-9]+ of $CONF" "booking $later .* 2 calls" "booking $booking .* 2 calls"
checks 's/^Mon-Sun = .*/Mon-Sun = 08:00-12:00/; s/^window = .*/window = 1 day/' \
	"booking $taken .* outside of the window, .*; \[hours\] window = 1 day, line [0-9]+ of $CONF" "booking $later .* window" "booking $booking .* window"
for id in "$booking" "$later"; do run 0 cancel "$id"; done

note 'What counted against a cap is named, and a call of another host is not'
sed -i -e 's/^notice = .*/notice = 0/' -e '/^\[hours\]/a max_per_day = 1' "$CONF"
new_booking
other=$booking
sed -i 's/^\[site\]/[site]\nhost = other/' "$CONF"
run 0 move "$other" "$(in_days 1)T10:00" --force
sed -i '/^host = other/d' "$CONF"
run 0 why "$(in_days 1)T11:00"
says "1 call is booked from .*max_per_day = 1, line $(line max_per_day) of "
says "^  $taken "
! grep -q "$other" "$work/out" || fail 'The call of another host is named.'
run 0 why "$(in_days 1)T11:00" --json
expect_equal "$(out .calls)" "$taken" 'what counted'
booking=$taken
expect_stands status booked
audit

#!/bin/bash
# SPDX-License-Identifier: MIT
# t21-zone-data: zone data that are replaced under the running programs count from the next page and the next mail on, for all of them
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"

zones=$work/zones
mkdir "$zones"
# put NAME ZONE: as a package does, whole or not at all.
put() {
	mkdir -p "$(dirname "$zones/$1")"
	cp "/usr/share/zoneinfo/$2" "$zones/$1.new"
	mv "$zones/$1.new" "$zones/$1"
}
put America/New_York Etc/GMT+5
put Europe/Madrid Etc/GMT-1
put US/Eastern Etc/GMT+5
put tzdata.zi tzdata.zi
stand_start --courier --workers 3 --set "site.zoneinfo=$zones" --set hours.days=Mon-Sun
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"
. "$srcdir/tests/ctl.sh"
expects_faults '^zone_data_renewed' '^zone_data_not_read ' '^delivery .*state=trying code=busy where=resend'
expects_worker_faults '^zone_data_not_read '

# local SLOT HOURS: its time of day in a zone that is so far from UTC, as pages and mails write it.
local_time() { date -u -d "$1 $2 hours" +%-I:%M; }
# shows_time OFFSET OFFSET: every page and every mail of $booking, whose time is $slot, says both times.
agrees() { # OUR-OFFSET OWN-OFFSET
	local n first
	for n in 1 2 3 4 5 6 7 8; do
		get "/booking?bookingId=$booking"
		expect_body "$(local_time "$slot" "$1") "
		expect_body "$(local_time "$slot" "$2") "
		get "/api/slots?bookingId=$booking"
		# The last day has all its starts: today may have begun, and others may have calls.
		first=$(json '.slots[-1].slot[:10] as $last | [.slots[].slot | select(startswith($last))][0]')
		shows -E "T$(printf %02d $((8 - $1))):00Z$" <<<"$first" || fail "A page begins a day at $first."
	done
	wait_until mails_are 1
	mails '.[].text' | shows -F "$(local_time "$slot" "$1") " || fail "The mail says: $(mails '.[].text')"
	mails '.[].text' | shows -F "$(local_time "$slot" "$2") " || fail "The mail says: $(mails '.[].text')"
}
booked() { # N: somebody in Madrid books the Nth time
	new_booking
	get "/schedule?bookingId=$booking&tz=Europe/Madrid"
	look
	slot=${slots[$1]}
	post /api/schedule bookingId="$booking" slot="$slot" version=0 tz=Europe/Madrid
	expect_status 303
}

note 'By the data that were there at the start'
booked 20
agrees -5 +1

note "A reader's own zone alone is replaced: the open times are those of the clock above them"
open_time() { grep -F "value=\"${slots[0]}\"" "$body" | shows -F "$(local_time "${slots[0]}" "$1") "; }
new_booking
look
for offset in +1 +3; do
	put Europe/Madrid "Etc/GMT-${offset#+}"
	for n in 1 2 3 4 5 6; do
		get "/schedule?bookingId=$booking&tz=Europe/Madrid"
		open_time "$offset" || fail "At UTC$offset: $(grep -F "value=\"${slots[0]}\"" "$body")"
	done
done

note 'An upgrade takes an hour from one zone and gives one to the other: the next pages and the next mail say so, with no restart'
put America/New_York Etc/GMT+6
put Europe/Madrid Etc/GMT-2
booked 41
agrees -6 +2
pids=$(worker_pids; courier_pids)

note 'A zone that is taken away stays as it was for who runs, and the package that has it is named'
sed -i 's|^timezone = .*|timezone = US/Eastern|' "$CONF"
kill -HUP $pids
said() { [ "$(cat "$STAND_DIR"/log/{workers,courier}.log | grep -c "$1")" -ge "$2" ]; }
wait_until said '^reloaded' 7
rm "$zones/US/Eastern"
get /
expect_status 200
wait_until said '^zone_data_not_read .*US/Eastern.*; the package tzdata-legacy has' 2
grep -q '^zone_data_not_read .*tzdata-legacy' "$STAND_DIR/log/courier.log" || fail 'The courier does not say it.'
booked 62
agrees -5 +2
run 1 check --no-programs
says 'FAULT zone data .*US/Eastern.*; the package tzdata-legacy has'

note 'It comes back, with other data, and what is damaged changes nothing'
put US/Eastern Etc/GMT+4
booked 83
agrees -4 +2
# A worker to which no page has come since has the data of before: all of them have the last that could be read.
kill -HUP $pids
wait_until said '^reloaded' 14
echo TZif >"$zones/US/Eastern"
booked 104
agrees -4 +2
expect_equal "$(worker_pids; courier_pids)" "$pids" 'the processes'

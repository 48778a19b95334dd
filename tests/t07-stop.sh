#!/bin/bash
# SPDX-License-Identifier: MIT
# t07-stop: stopping, killing or stalling a worker at any step loses nothing and books nothing twice
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --set clickhouse.timeout_ms=3000 --set clickhouse.retry_s=0
expects_worker_faults '^started_without_clickhouse ' '^event_not_written code=stopping ' '^clocks_differ from=nginx '
. "$srcdir/tests/journey.sh"
outside_config google '{"per_minute":0}'

gone_pid() { [ ! -e "/proc/$1" ]; }
held() { # SERVICE ROUTE COMMAND...: runs it in the background until a request of it is held back
	local service=$1 route=$2 before
	shift 2
	before=$(requests "$service" "$route")
	background click "$@"
	wait_until requests_are "$service" "$route" $((before + 1))
}

new_booking
look
full_day 0

note 'An idle worker ends at once'
for pid in $(worker_pids); do
	kill -TERM "$pid"
	wait_until gone_pid "$pid"
done
wait_until curl -fsS --noproxy '*' --cacert "$CA_CERT" -o "$work/page" "$BASE_URL/"

note 'SIGTERM while a click waits for Google: it is finished by the outage rule'
rm -f "$STAND_DIR/run/calendar"
fault google '{"kind":"hang","route":"freeBusy"}'
held google freeBusy click "${day[0]}" 0
workers_again TERM
await click
expect_status 303
expect_stands '[status, slot, calendar, row.status].join(" ")' "booked ${day[0]} unchecked booked"
faults_clear google

note 'SIGTERM while a click waits for its event'
new_booking
fault google '{"kind":"hang","route":"events.insert"}'
held google events.insert click "${day[1]}" 0
workers_again TERM
await click
expect_status 303
expect_stands '[status, slot, calendar, row.status].join(" ")' "booked ${day[1]} fresh booked"
faults_clear google

note 'SIGTERM while a click waits for its append: it is not cut'
new_booking
fault clickhouse '{"kind":"hold","route":"insert","match":"INTO ledger"}'
held clickhouse insert click "${day[2]}" 0
kill -TERM $(worker_pids)
faults_clear clickhouse
await click
expect_status 303
expect_stands '[status, slot, row.status].join(" ")' "booked ${day[2]} booked"
audit --lagging

# killed NAME SERVICE ROUTE FAULT ENTRIES: kill -9 where the fault holds a click; then the prospect
# clicks again. ENTRIES: how many of it stand before that.
slot=2
killed() {
	note "kill -9 $1"
	new_booking
	slot=$((slot + 1))
	fault "$2" "$4"
	held "$2" "$3" click "${day[slot]}" 0
	[ "$5" = 0 ] || wait_until entries_are "$5"
	workers_again KILL
	await click
	expect_status 502
	expect_page '/may still have arrived/.test(text)'
	faults_clear
	get "/booking?bookingId=$booking"
	expect_status 200
	expect_page "headings[0].includes('is booked') === ($5 === 1)"
	click "${day[slot]}" 0
	expect_status 303 'the same click again'
	expect_stands '[status, slot, accepted].join(" ")' "booked ${day[slot]} 1"
	[ "$5" = 1 ] || expect_stands '[row.status, events.length].join(" ")' 'booked 1'
	audit --lagging
}
entries_are() { [ "$(stands entries.length)" -ge "$1" ]; }
killed 'at the look' clickhouse select '{"kind":"hold","route":"select"}' 0
killed 'at the calendar' google freeBusy '{"kind":"hold","route":"freeBusy"}' 0
killed 'before the append arrives' clickhouse insert '{"kind":"hang","route":"insert","match":"INTO ledger"}' 0
killed 'before the answer to the append' clickhouse insert '{"kind":"hold","route":"insert","match":"INTO ledger","when":"after"}' 1
killed 'at the tail' clickhouse select '{"kind":"hold","route":"select","match":"FROM ledger","since":"INSERT INTO ledger"}' 1
killed 'at the row' clickhouse insert '{"kind":"hang","route":"insert","match":"INTO consulting_bookings"}' 1
killed 'at the event' google events.insert '{"kind":"hang","route":"events.insert"}' 1
killed 'after the event, before its answer' google events.insert '{"kind":"hold","route":"events.insert","when":"after"}' 1
expect_stands 'events.length' 1

note 'kill -9 before the append arrives, which is carried out after the second click'
new_booking
slot=$((slot + 1))
fault clickhouse '{"kind":"hold","route":"insert","match":"INTO ledger","times":1}'
held clickhouse insert click "${day[slot]}" 0
workers_again KILL
await click
expect_status 502
click "${day[slot]}" 0
expect_status 303
faults_clear
wait_until entries_are 2
expect_stands '[status, slot, accepted].join(" ")' "booked ${day[slot]} 1"
expect_shown "${day[slot]}"

note 'kill -9 in a move and in a cancel'
version=$(stands version)
fault clickhouse '{"kind":"hold","route":"insert","match":"INTO ledger","when":"after"}'
held clickhouse insert click "${day[slot + 1]}" "$version"
wait_until entries_are 3
workers_again KILL
await click
faults_clear
click "${day[slot + 1]}" "$version"
expect_status 303 'the same move again'
expect_stands '[slot, accepted].join(" ")' "${day[slot + 1]} 2"
version=$(stands version)
fault clickhouse '{"kind":"hold","route":"insert","match":"INTO ledger","when":"after"}'
held clickhouse insert cancel "$version"
wait_until entries_are 4
workers_again KILL
await click
faults_clear
cancel "$version"
expect_status 303 'the same cancel again'
expect_stands '[status, accepted].join(" ")' 'cancelled 3'

note 'A worker stalls between its look and its append, and wakes when the slot has gone'
full_day 1
new_booking
stalled=$booking
one_worker
first=$(click_pids | sed -n 1p)
fault google '{"kind":"hold","route":"freeBusy","when":"after","times":1}'
held google freeBusy click "${day[0]}" 0
kill -STOP "$first"
kill -CONT $(click_pids | tail -n +2)
book "${day[0]}"
faults_clear
kill -CONT "$first"
await click
expect_status 409
expect_page 'headings[0].includes("gone")'
expect_stands '[status, accepted, entries[0].includes("overlap")].join(" ")' 'unknown 0 true' "$stalled"

note 'The same, while its own prospect moved on in another tab'
one_worker
first=$(click_pids | sed -n 1p)
version=$(stands version)
fault google '{"kind":"hold","route":"freeBusy","when":"after","times":1}'
held google freeBusy click "${day[2]}" "$version"
kill -STOP "$first"
kill -CONT $(click_pids | tail -n +2)
click "${day[3]}" "$version"
expect_status 303
faults_clear
kill -CONT "$first"
await click
expect_status 409
expect_page 'headings.includes("Your call is booked")'
expect_stands '[slot, accepted, entries[2].includes("stale")].join(" ")' "${day[3]} 2 true"
expect_shown "${day[3]}"
expect_stands 'events.filter((e) => e.status === "confirmed").length' 1

reloads() { grep -c '^reloaded' "$STAND_DIR/log/workers.log" || :; }
all_reloaded() { [ "$(reloads)" -ge $((before + $(worker_pids | wc -w))) ]; }
reload() {
	before=$(reloads)
	kill -HUP $(worker_pids)
	wait_until all_reloaded
}

note 'A click that waited too long for a worker is not carried out'
all_workers
set_key site queue_ms 1000
reload
new_booking
before=$(written)
kill -STOP $(worker_pids)
background late click "${day[1]}" 0 -v
background cancelled post /api/cancel "bookingId=$booking" version=0 -- -v
is_sent() { grep -q 'completely uploaded' "$work/$1/http/error"; }
wait_until is_sent late
wait_until is_sent cancelled
sleep 1.5 # longer than queue_ms
kill -CONT $(worker_pids)
for which in late cancelled; do
	await $which
	expect_status 503
	expect_header Retry-After '^[0-9]+$'
	expect_page '/was not carried out/.test(text)'
done
expect_equal "$(written)" "$before" 'what is written'
set_key site queue_ms 60000
reload
click "${day[1]}" 0
expect_status 303

note 'A clock of nginx that differs from ours is no wait'
# A fixed time stands for the clock of another machine, five minutes behind.
nginx_is_new() { ! grep -qxF "$1" <(children "$NGINX_PID"); }
rm -f "$STAND_DIR"/run/counters.*
reload
sed -i "s/REQUEST_MSEC \$msec/REQUEST_MSEC $(($(date +%s) - 300)).000/" "$STAND_DIR/nginx/server.conf"
old=$(children "$NGINX_PID")
kill -HUP "$NGINX_PID"
# No request before: the least lag of a minute counts.
wait_until nginx_is_new "$old"
new_booking
click "${day[2]}" 0
expect_status 303
grep -Eq '^clocks_differ from=nginx ms=3[0-9]{5}' "$STAND_DIR/log/workers.log" || fail 'Nobody is told.'
audit --lagging

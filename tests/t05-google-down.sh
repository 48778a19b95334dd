#!/bin/bash
# SPDX-License-Identifier: MIT
# t05-google-down: however Google fails, prospects still book, and the entry says what was checked
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --set google.timeout_ms=2000 --set google.page_budget_ms=1200 --set google.fresh_s=50
expects_worker_faults '^(event_not_(written|deleted)|calendar_unreachable) '
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/ctl.sh"
outside_config google '{"per_minute":0}'

# What the pool remembers of the calendar: forgotten, or made older than it is.
forget() { rm -f "$STAND_DIR"/run/calendar "$STAND_DIR"/run/calendar.outage; }
age() { # SECONDS
	awk -v ms="$(($1 * 1000))" 'NR == 3 { printf "%.0f %s\n", $1 - ms, $2; next } { print }' \
		"$STAND_DIR/run/calendar" >"$STAND_DIR/run/calendar.new"
	mv "$STAND_DIR/run/calendar.new" "$STAND_DIR/run/calendar"
}
asked() { requests google "$1"; }

# works: all is well again, and the calendar is asked.
works() {
	faults_clear google
	control POST google revoke '{"what":"restore"}' >"$work/restored"
	forget
	new_booking
	look
	! is_open "$busy" || fail 'What the owner has taken is offered.'
}

new_booking
look
# later: how many are open after tomorrow; of today one passes now and then.
later() { printf '%s\n' "${slots[@]}" | awk -v after="$(date -u -d '2 days' +%F)" '$1 > after' | wc -l; }
every=$(later)
full_day 0
busy=${day[3]}
owner_event "$busy" "$(moved "$busy" 30)"
free=()
for n in 1 2 3 4 5; do
	full_day $n
	free+=("${day[@]}")
done
next=0 taken=0

# take VERSION CHECK: the next free time is booked all the same, and the entry says what was checked.
take() {
	click "${free[next]}" "$1"
	expect_status 303 'a click while Google is down'
	expect_stands '[status, slot, calendar, row.status, row.calendar].join(" ")' "booked ${free[next]} $2 booked $2"
	next=$((next + 1)) taken=$((taken + 1))
}

# outage NAME: with the faults that stand now.
outage() {
	note "$1: with nothing remembered, the hours that are free here are offered"
	forget
	new_booking
	look
	is_open "$busy" || fail 'The business hours are not offered.'
	expect_equal "$(later)" "$((every - taken))" 'the number of open times'
	take 0 unchecked
	note "$1: with a remembered answer, that one counts"
	cp "$work/calendar" "$STAND_DIR/run/calendar"
	age 60
	rm "$STAND_DIR/run/calendar.outage"
	new_booking
	look
	! is_open "$busy" || fail 'The remembered answer is not used.'
	take 0 remembered
	new_booking
	click "$busy"
	expect_status 409 'a click on what the remembered answer knows as taken'
	expect_stands accepted 0
}

works
cp "$STAND_DIR/run/calendar" "$work/calendar"
for what in \
	'refused {"kind":"refuse"}' \
	'hanging {"kind":"hang"}' \
	'cut {"kind":"reset"}' \
	'rate-limited {"kind":"status","status":403,"reason":"rateLimitExceeded"}' \
	'user-rate-limited {"kind":"status","status":403,"reason":"userRateLimitExceeded"}' \
	'forbidden {"kind":"status","status":403,"reason":"forbidden"}' \
	'unauthorised {"kind":"status","status":401}' \
	'status-429 {"kind":"status","status":429,"retry_after":30}' \
	'status-500 {"kind":"status","status":500}' \
	'status-503 {"kind":"status","status":503,"body":"<html>Try later"}' \
	'garbage {"kind":"garbage"}' \
	'empty {"kind":"garbage","body":""}' \
	'another-object {"kind":"garbage","body":"{\"calendars\":{}}"}' \
	'wrong-times {"kind":"garbage","body":"{\"calendars\":{\"primary\":{\"busy\":[{\"start\":\"soon\",\"end\":\"later\"}]}}}"}' \
	'truncated {"kind":"truncate"}' \
	'errors-in-a-200 {"kind":"calendar_errors","route":"freeBusy"}' \
	'unknown-calendar {"kind":"calendar_errors","route":"freeBusy","reason":"notFound"}'; do
	fault google "${what#* }"
	outage "${what%% *}"
	works
done

note 'A dead grant'
control POST google revoke '{"what":"grant"}' >"$work/revoked"
outage invalid_grant
before=$(asked '*')
for ((i = 0; i < 10; i++)); do
	get "/schedule?bookingId=$booking"
	expect_status 200
done
expect_equal "$(asked '*')" "$before" 'the number of requests after a dead grant'
works

note 'A token endpoint that is down'
control POST google revoke '{"what":"tokens"}' >"$work/revoked"
fault google '{"kind":"status","route":"token","status":503}'
outage token-503
works

note 'An answer too old to be used'
fault google '{"kind":"status","status":500}'
forget
cp "$work/calendar" "$STAND_DIR/run/calendar"
age 1000
new_booking
look
is_open "$busy" || fail 'An answer from too long ago is used.'
take 0 unchecked
works

note 'Slower than a page may wait, faster than a click may'
set_key google timeout_ms 8000
workers_again
fault google '{"kind":"latency","route":"freeBusy","ms":1800}'
forget
new_booking
look
is_open "$busy" || fail 'The page has waited.'
take 0 fresh
set_key google timeout_ms 2000
workers_again
works

note 'A token that is no longer taken: one refresh, one repeat'
one_worker
new_booking
look
take 0 fresh
tokens=$(asked token) questions=$(asked freeBusy) events=$(asked events.insert)
control POST google revoke '{"what":"tokens"}' >"$work/revoked"
new_booking
take 0 fresh
expect_equal "$(asked token)" $((tokens + 1)) 'the number of token requests'
expect_equal "$(asked freeBusy)" $((questions + 2)) 'the number of free/busy requests'
expect_equal "$(asked events.insert)" $((events + 1)) 'the number of event requests'
fault google '{"kind":"status","route":"freeBusy","status":401}'
forget
new_booking
take 0 unchecked
# The event, which Google takes, has its own refresh.
expect_equal "$(asked token)" $((tokens + 3)) 'the number of token requests'
expect_equal "$(asked freeBusy)" $((questions + 4)) 'the number of free/busy requests'
faults_clear google

note 'Tokens of strange lifetimes'
# The calls whose token was taken: a worker may have one yet that is revoked.
heard() { outside_state google '[.requests[] | select((.route == "freeBusy" or (.route | startswith("events."))) and .status != 401)] | length'; }
for seconds in 30 60 61 -5 99999999; do
	control POST google revoke '{"what":"tokens"}' >"$work/revoked"
	fault google "{\"kind\":\"expires_in\",\"route\":\"token\",\"seconds\":$seconds}"
	forget
	tokens=$(asked token) calls=$(heard)
	new_booking
	if [ "$seconds" -gt 0 ]; then
		take 0 fresh
		new_booking
		take 0 fresh
		tokens=$(($(asked token) - tokens)) calls=$(($(heard) - calls))
		# One that ends within a minute, or at no sane time, serves the call for which it was fetched.
		case $seconds in
		30 | 60 | 99999999) expect_equal "$tokens" "$calls" "the tokens of $seconds s for $calls calls" ;;
		esac
	else
		take 0 unchecked
	fi
	faults_clear google
done
control POST google revoke '{"what":"tokens"}' >"$work/revoked"
fault google '{"kind":"garbage","route":"token","body":"{\"access_token\":\"a\\r\\nb\",\"expires_in\":3599}"}'
forget
new_booking
take 0 unchecked
all_workers
works

note 'The event alone fails: the booking stands'
for what in '"kind":"status","status":500' '"kind":"status","status":403,"reason":"forbidden"' '"kind":"hang"' '"kind":"garbage","body":""'; do
	fault google "{$what,\"route\":\"events.insert\"}"
	new_booking
	take 0 fresh
	get "/booking?bookingId=$booking"
	expect_page 'headings[0].includes("booked")'
	faults_clear google
done
fault google '{"kind":"reset","route":"events.insert","when":"after"}'
new_booking
take 0 fresh
expect_stands 'events.length' 1
faults_clear google
version=$(stands version)
fault google '{"kind":"status","route":"events.delete","status":500}'
take "$version" fresh
expect_stands 'events.filter((e) => e.status === "confirmed").length' 2
cancel "$(stands version)"
expect_status 303
expect_stands '[status, row.status].join(" ")' 'cancelled cancelled'
faults_clear google
works
audit --lagging

note 'Google is asked once for many pages; each click asks'
age 60
before=$(asked freeBusy)
fault google '{"kind":"latency","route":"freeBusy","ms":300}'
seq 60 | xargs -P 12 -I{} curl -sS --noproxy '*' --cacert "$CA_CERT" -o "$work/page-{}" \
	-w '%{http_code}\n' "$BASE_URL/schedule?bookingId=$booking" | sort | uniq -c >"$work/pages"
expect_equal "$(xargs <"$work/pages")" '60 200' 'the answers'
expect_equal "$(asked freeBusy)" $((before + 1)) 'the number of free/busy requests'
faults_clear google
for ((i = 0; i < 3; i++)); do
	new_booking
	take 0 fresh
done
expect_equal "$(asked freeBusy)" $((before + 4)) 'the number of free/busy requests'

note 'The outage is known to the pool, and so is its end'
fault google '{"kind":"status","status":500}'
forget
look
get /healthz
expect_equal "$(json .calendar)" unreachable 'the calendar'
before=$(asked freeBusy)
for ((i = 0; i < 12; i++)); do
	get "/schedule?bookingId=$booking"
	expect_status 200
done
expect_equal "$(asked freeBusy)" "$before" 'the number of free/busy requests'
faults_clear google
new_booking
take 0 fresh
get /healthz
expect_equal "$(json .calendar)" ok 'the calendar'
grep -q calendar_unreachable "$STAND_DIR/log/workers.log" || fail 'The log does not say that the outage began.'
grep -q calendar_back "$STAND_DIR/log/workers.log" || fail 'The log does not say that the outage ended.'

note 'outage = closed: nothing is offered without a calendar'
set_key google outage closed
workers_again
works
fault google '{"kind":"status","status":500}'
forget
before=$(written)
get "/schedule?bookingId=$booking"
expect_status 200
expect_page '!times'
expect_page 'text.includes("Our calendar cannot be reached just now") && text.includes("look here again in a few minutes")'
run 0 why "${free[next]}"
says 'is not open: the calendar could not be asked; \[google\] outage = closed, line [0-9]+ of '
says 'the calendar could not be asked \(.+\), and pages offer nothing without it'
run 0 why "$busy" --json
expect_equal "$(out '[.reason, .calendar, .calendar_age_s, .line] | join(" ")')" \
	"outage unchecked 0 $(grep -n '^outage = ' "$CONF" | cut -d: -f1)" 'why what the owner has taken is not open'
run 0 preview --json
expect_equal "$(out '[.[] | select(.starts > 0).reason] | unique - ["begun", "call"] | join(" ")')" outage 'what closes the window'
click "${free[next]}" 0
expect_status 503
expect_header Retry-After '^[0-9]+$'
expect_page 'headings[0].includes("calendar cannot be reached")'
click_json "${free[next]}" 0
expect_status 503
expect_equal "$(written)" "$before" 'what is written'
cp "$work/calendar" "$STAND_DIR/run/calendar"
age 60
run 0 why "$busy" --json
expect_equal "$(out '[.reason, .calendar, .calendar_age_s >= 60] | join(" ")')" 'event remembered true' 'why what the owner has taken is not open'
run 0 why "${free[next]}"
says 'the calendar could not be asked \(.+\); its answer of [0-9]{2,} s ago is used, as on pages'
says 'is open$'
take 0 remembered

note 'outage = open: what closes a time is said as pages have it, without the calendar and with its last answer'
set_key google outage open
workers_again
forget
new_booking
look
is_open "$busy" || fail 'The business hours are not offered.'
run 0 why "$busy"
says 'is open$'
says 'the calendar could not be asked \(.+\); its events are left out, as pages leave them out now'
expect_equal "$(ctl preview --json 2>"$work/err" | jq '[.[] | select(.reason == "open").starts] | add')" "${#slots[@]}" 'the open starts'
faults_clear google
forget
look
! is_open "$busy" || fail 'What the owner has taken is offered.'
owner_event "${free[next]}" "$(moved "${free[next]}" 30)"
look
is_open "${free[next]}" || fail 'The page does not go by the answer of a moment ago.'
is_aged() { ctl why "${free[next]}" --json 2>"$work/err" | jq -e '.calendar_age_s > 0' >"$work/out"; }
wait_until is_aged
run 0 why "${free[next]}"
says 'is open$'
says "the calendar's answer of [0-9]+ s ago is used, as on pages; see \[google\] fresh_s"
run 0 why "$busy" --json
expect_equal "$(out '[.reason, .calendar, .calendar_age_s > 0] | join(" ")')" 'event fresh true' 'why what the owner has taken is not open'
audit --lagging

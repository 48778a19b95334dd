#!/bin/bash
# SPDX-License-Identifier: MIT
# t53-metrics: what the pool counts, as Prometheus reads it, and what the log says of each request
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
/usr/bin/python3 -c 'import prometheus_client.parser' 2>/dev/null ||
	skip 'python3-prometheus-client is missing; ./bootstrap check installs it.'
stand_start --courier --set courier.replay_s=1 --set clickhouse.timeout_ms=2000 --set clickhouse.retry_s=0 --set google.timeout_ms=2000 --set site.queue_ms=2000
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"
expects_faults '^booking_not_read code=unsure .*Timeout was reached' '^clickhouse_unreachable .*Timeout was reached' 'duty=mail .* state=trying code=busy where=resend'
expects_worker_faults '^append_failed code=unsure where=journal '

scrape() {
	get /metrics
	expect_status 200 'the metrics'
	expect_header Content-Type '^text/plain; version=0\.0\.4'
	/usr/bin/python3 "$srcdir/tests/metrics.py" <"$body" >"$work/metrics" || fail 'Prometheus would refuse it.'
}
# value NAME{LABELS}: of the last scrape; 0 when it is not there.
value() { awk -v name="slotguard_$1" '$1 == name { found = $2 } END { print found + 0 }' "$work/metrics"; }
expect_value() { expect_equal "$(value "$1")" "$2" "$1"; } # NAME SHOULD
is_value() { # NAME AWK-CONDITION on v
	scrape
	[ "$(awk -v v="$(value "$1")" "BEGIN { print ($2) }")" = 1 ]
}
status_of() { echo "requests_total{route=\"$1\",status=\"$2\"}"; }
append() { echo "appends_total{outcome=\"$1\"}"; }
calls() { echo "upstream_seconds_count{operation=\"$2\",service=\"$1\"}"; }

scrape
expect_value "$(status_of /api/schedule 303)" 0
expect_value calendar_up 1
grep -q '^slotguard_requests_total{route="/api/schedule",status="503"} 0$' "$body" || fail 'A series is not there before its first error.'
expect_value "build_info{schema=\"$(sed -n 's/^#define SCHEMA_VERSION //p' "$srcdir/app/store/schema.h")\",version=\"$("$builddir/slotguardctl" --version | sed 's/^[a-z]* //; s/,.*//')\"}" 1
for part in 'pool_up{pool="pages"}' 'pool_up{pool="clicks"}' clickhouse_up; do
	expect_value "$part" 1
done
for pool in pages clicks; do
	expect_value "workers{pool=\"$pool\"}" 4
done
wait_until is_value courier_up 'v == 1'

note 'slotguardctl says the same, to a textfile collector, also of a machine on which nothing has run yet'
series() { sed 's/ [^ ]*$//' "$1"; }
scrape
ctl metrics >"$work/text"
/usr/bin/python3 "$srcdir/tests/metrics.py" <"$work/text" >"$work/of-tool" || fail 'The collector would refuse it.'
diff <(series "$work/metrics") <(series "$work/of-tool") >"$work/diff" || fail "It has other series: $(cat "$work/diff")"
for name in 'requests_total{route="/",status="200"}' 'workers{pool="pages"}' 'pool_up{pool="clicks"}' clickhouse_up courier_up; do
	grep -qF "slotguard_$name $(value "$name")" "$work/of-tool" || fail "Of $name it says: $(grep -F "slotguard_$name" "$work/of-tool")"
done
# From the first moment on every series is there, so that the first error rises.
mkdir "$work/empty"
sed "s|^runtime_dir = .*|runtime_dir = $work/empty|" "$CONF" >"$work/empty.conf"
"$builddir/slotguardctl" -c "$work/empty.conf" metrics >"$work/text"
/usr/bin/python3 "$srcdir/tests/metrics.py" <"$work/text" >"$work/of-empty" || fail 'The collector would refuse it.'
diff <(series "$work/metrics") <(series "$work/of-empty") >"$work/diff" || fail "Not all series are there from the start: $(cat "$work/diff")"
for line in courier_up 'pool_up{pool="pages"}' 'workers{pool="clicks"}' 'deliveries_total{duty="mail",state="failed"}'; do
	grep -qxF "slotguard_$line 0" "$work/of-empty" || fail "Of nothing $line says: $(grep -F "$line" "$work/of-empty")"
done

note 'One view of the pool: every worker says the same'
for _ in 1 2 3 4 5 6 7 8; do
	new_booking
done
look
full_day 0
book "${day[0]}"
first=$booking
click "${day[0]}"
new_booking
click "${day[0]}"
expect_status 409
get /nowhere
get "/api/schedule"
expect_status 405
scrape
expect_value "$(status_of /api/book 201)" 10
expect_value "$(status_of /api/schedule 303)" 2
expect_value "$(status_of /api/schedule 409)" 1
expect_value "$(status_of /api/schedule 405)" 1
expect_value "$(status_of none 404)" 1
expect_value 'request_seconds_count{route="/api/book"}' 10
expect_value "$(append accepted)" 1
[ "$(value "$(calls google freebusy)")" -ge 2 ] || fail 'Too few questions to the calendar are counted.'
[ "$(value "$(calls google token)")" -ge 1 ] || fail 'No token is counted.'
expect_value "$(calls clickhouse append)" 1
[ "$(value "$(calls clickhouse write)")" -ge 11 ] || fail 'Too few rows are counted.'
wait_until is_value "$(calls resend mail)" 'v >= 1'
wait_until is_value "$(calls telegram message)" 'v >= 1'
for _ in 1 2 3 4 5 6; do
	scrape
	expect_value "$(status_of /api/book 201)" 10
done
workers_again
scrape
expect_value "$(status_of /api/book 201)" 10

note 'Appends that had to be repeated, that were refused, and whose outcome is not known'
fault clickhouse '{"kind":"status","status":500,"route":"insert","match":"INTO ledger","times":1}'
book "${day[1]}"
scrape
expect_value append_retries_total 1
expect_value "$(append accepted)" 2
fault clickhouse '{"kind":"hang","route":"*","match":"ledger"}'
new_booking
background hanging click "${day[2]}"
await hanging
expect_status 503
faults_clear clickhouse
scrape
[ $(($(value "$(append unsure)") + $(value "$(append failed)"))) -eq 1 ] || fail 'The click that failed is not counted.'

# After a time-out the pool leaves ClickHouse alone for some seconds.
answers() { get "/schedule?bookingId=$booking" && [ "$status" = 200 ]; }
wait_until answers

note 'The calendar, the spool and the courier'
fault google '{"kind":"status","status":503,"route":"freeBusy"}'
book "${day[3]}"
scrape
expect_value calendar_up 0
[ "$(value calendar_failures_total)" -ge 1 ] || fail 'A calendar failure is not counted.'
[ "$(value 'upstream_failures_total{operation="freebusy",service="google"}')" -ge 1 ] || fail 'A failed transfer is not counted.'
faults_clear google
wait_until is_value courier_backlog 'v == 0'
fault resend '{"kind":"status","status":500}'
book "${day[4]}"
wait_until is_value courier_backlog 'v >= 1'
wait_until is_value courier_oldest_due_seconds 'v >= 1'
expect_equal "$(awk -v v="$(value courier_last_round_seconds)" 'BEGIN { print (v < 30) }')" 1 'the age of the last round'
faults_clear resend
wait_until is_value courier_backlog 'v == 0'
expect_value courier_oldest_due_seconds 0
[ "$(value 'deliveries_total{duty="mail",state="trying"}')" -ge 1 ] || fail 'A mail that was tried again is not counted.'
[ "$(value 'deliveries_total{duty="mail",state="done"}')" -ge 2 ] || fail 'Mails that arrived are not counted.'
courier_freeze
clickhouse_stop
post_json /api/book '{"name":"Ada","email":"ada@example.com","brief":"While it is down."}'
expect_status 202
scrape
expect_value clickhouse_up 0
expect_value spool_briefs 1
expect_value briefs_spooled_total 1
echo '{' >"$STAND_DIR/spool/1-x.json.damaged"
scrape
expect_value spool_damaged 1
clickhouse_start
courier_thaw
wait_until is_value spool_briefs 'v == 0'

note 'The log: one line a request, under the id that nginx gave it, and no booking id'
lines=$(grep -c '^request ' "$STAND_DIR/log/workers.log")
[ "$(grep -cE '^request route=[a-z/.]+ status=[0-9]{3} bytes=[0-9]+ ms=[0-9]+ clickhouse=[0-9]+ clickhouse_ms=[0-9]+ google=[0-9]+ google_ms=[0-9]+ booking=([0-9a-f]{12}|-) request=[0-9a-f]{32}$' \
	"$STAND_DIR/log/workers.log")" = "$lines" ] || fail 'A line of a request is not as it should be.'
jq -r 'select(.path | startswith("/static") | not) | .request_id' "$STAND_DIR/log/slotguard.access.log" | sort -u >"$work/of-nginx"
sed -n 's/^request .*request=\([0-9a-f]*\)$/\1/p' "$STAND_DIR/log/workers.log" | sort -u >"$work/of-workers"
[ "$(comm -13 "$work/of-nginx" "$work/of-workers" | wc -l)" = 0 ] || fail 'The log has an id that nginx did not give.'
hash=$(sed -n 's/^booked booking=\([0-9a-f]*\) .*/\1/p' "$STAND_DIR/log/workers.log" | sed -n 1p)
[ "$(grep -c "^request route=/api/schedule .* booking=$hash " "$STAND_DIR/log/workers.log")" -ge 2 ] ||
	fail 'The lines of one booking do not bear one name.'
! grep -rqF "$first" "$STAND_DIR/log/workers.log" "$STAND_DIR/log/courier.log" || fail 'A booking id stands in a log.'
grep -Eq '^append_failed|^click_failed' "$STAND_DIR/log/workers.log" || fail 'The failure is not in the log.'
[ "$(grep -E '^(append_failed|click_failed|failed|calendar_unreachable|brief_spooled)' "$STAND_DIR/log/workers.log" |
	grep -cvE ' request=[0-9a-f]{32}$')" = 0 ] || fail 'A failure does not name its request.'

note 'Priorities, when stderr is the journal and only then'
: >"$work/stream"
for stream in "$(stat -c %d:%i "$work/stream")" 1:1 ''; do
	JOURNAL_STREAM=$stream "$builddir/slotguard-courier" -c /nowhere 2>"$work/stream" || :
	case $stream in
	1:1 | '') grep -q '^slotguard-courier does not start' "$work/stream" ;;
	*) grep -q '^<3>slotguard-courier does not start' "$work/stream" ;;
	esac || fail "With JOURNAL_STREAM=$stream it says: $(cat "$work/stream")"
done

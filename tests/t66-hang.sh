#!/bin/bash
# SPDX-License-Identifier: MIT
# t66-hang: a ClickHouse that takes requests and does not answer holds nobody twice
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
# The pause does not end by itself while the test looks at it, however slow the machine is.
stand_start --workers 2 --set clickhouse.timeout_ms=3000 --set clickhouse.retry_s=600
. "$srcdir/tests/journey.sh"

# asked ROUTE N: how often ClickHouse was asked for the Nth answer of this route, which the log may say after it has left.
lines_of() { cat "$STAND_DIR"/log/{workers,ops}.log | grep "^request route=$1 "; }
is_logged() { [ "$(lines_of "$1" | wc -l)" -ge "$2" ]; }
asked() {
	wait_until is_logged "$1" "$2"
	lines_of "$1" | sed -n "$2p" | grep -oE 'clickhouse=[0-9]+'
}
spooled() { find "$STAND_DIR/spool" -name '*.json' | wc -l; }

new_booking
look

note 'The front page never asks it, also before anybody knows'
fault clickhouse '{"kind":"hang"}'
n=$(lines_of / | wc -l) || :
get /
expect_status 200
expect_equal "$(asked / $((n + 1)))" clickhouse=0 'how often the front page asked'

note 'One request finds out'
get "/schedule?bookingId=$booking"
expect_status 503
[ -s "$STAND_DIR/run/clickhouse.pause" ] || fail 'The pool does not remember.'

note 'The others are told at once what is safe'
for n in 1 2 3; do
	get "/schedule?bookingId=$booking"
	expect_status 503
	expect_header Retry-After '^[0-9]+$'
	expect_equal "$(asked /schedule $((n + 1)))" clickhouse=0 'how often the page asked'
done
note 'Monitoring hears of it from a worker of its own, which asks no more'
scraped=$(lines_of /metrics | wc -l)
for n in 1 2; do
	get /healthz
	expect_status 503
	expect_equal "$(json .clickhouse)" unreachable 'what /healthz says'
	expect_equal "$(asked /healthz $n)" clickhouse=0 'how often /healthz asked'
	get /metrics
	expect_status 200
	expect_body '^slotguard_clickhouse_up 0$'
	expect_equal "$(asked /metrics $((scraped + n)))" clickhouse=0 'how often /metrics asked'
done
click "${slots[0]}"
expect_status 503
expect_equal "$(asked /api/schedule 1)" clickhouse=0 'how often the click asked'
get /
expect_status 200
post_json /api/book '{"name":"Ada","email":"ada@example.com","brief":"A brief in the meantime."}'
expect_status 202
expect_equal "$(asked /api/book 2)" clickhouse=0 'how often the brief asked'
expect_equal "$(spooled)" 1 'the briefs in the spool'

note 'After the pause one asks, and with its answer all do'
faults_clear clickhouse
echo 1 >"$STAND_DIR/run/clickhouse.pause"
get "/schedule?bookingId=$booking"
expect_status 200
[ ! -e "$STAND_DIR/run/clickhouse.pause" ] || fail 'The pool remembers what is over.'
click "${slots[0]}"
expect_status 303

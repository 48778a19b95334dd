#!/bin/bash
# SPDX-License-Identifier: MIT
# t10-race: sixty-four prospects click one slot at once, over and over, and one of them has it
#
# RACE_ROUNDS (3): how often. The long run takes 12.
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --courier --workers 4 --set site.queue_ms=60000 --set google.page_budget_ms=5000
. "$srcdir/tests/journey.sh"
outside_config google '{"per_minute":0}'

rounds=${RACE_ROUNDS:-3}
race() { # MODE ROUNDS
	timeout $((120 + $2 * 30)) node "$srcdir/tests/stand/race.mjs" "$1" "$2" || fail "The race '$1' is lost."
}
# agrees: when the courier runs, also what dead workers left undone is there in the end.
settled() { ask audit 2>"$work/faults"; }
agrees() {
	if [ -z "${COURIER_PID:-}" ]; then
		audit --lagging
	else
		wait_until -t 120 settled
	fi
}

note "All at once, $rounds times"
race clicks "$rounds"
audit

note "The same while workers are killed, $rounds times"
race kills "$rounds"
agrees

note "Moves and cancels from several tabs while workers are killed, $rounds times"
race mixed "$rounds"
agrees
get /metrics
expect_status 200

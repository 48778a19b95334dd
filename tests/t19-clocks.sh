#!/bin/bash
# SPDX-License-Identifier: MIT
# t19-clocks: a clock that is wrong refuses no click, carries out no old one, offers no time that is over, and is told
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"

library=$(find /usr/lib -path '*/faketime/libfaketime.so.1' 2>/dev/null | sed -n 1p)
[ -n "$library" ] || fail 'faketime is missing; ./bootstrap check installs it.'
! grep -q __asan_init "$builddir/slotguard-worker" || skip 'The sanitizers do not go with faketime.'

# The workers' clock alone is another; courier and tool see it by what the workers noted.
fake=$work/fake
mkdir -p "$fake/build"
ln -s "$builddir"/slotguard* "$fake/build/"
rm "$fake/build/slotguard-worker"
cat >"$fake/build/slotguard-worker" <<END
#!/bin/sh
export LD_PRELOAD='$library' FAKETIME_TIMESTAMP_FILE='$fake/clock' FAKETIME_CACHE_DURATION=1 FAKETIME_DONT_FAKE_MONOTONIC=1
exec '$builddir/slotguard-worker' "\$@"
END
chmod +x "$fake/build/slotguard-worker"
echo '+11s' >"$fake/clock"
export SLOTGUARD_BUILD=$fake/build
stand_start --courier --workers 2 --set site.queue_ms=3000 --set hours.days=Mon-Sun --set hours.first_start=00:00 \
	--set hours.last_start=23:30 --set hours.window_days=3
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"
. "$srcdir/tests/ctl.sh"
expects_worker_faults '^clocks_differ from='

# How far the workers' clock is ahead of another, in whole seconds.
ahead_of() {
	get /
	get /metrics
	awk -v name="slotguard_clock_difference_seconds{from=\"$1\"}" '$1 == name { printf "%.0f", $2 }' "$body"
}
# Dates leave a part of the second out, and a worker takes a new clock within one.
is_ahead_of() { # PEER SECONDS
	local seconds
	seconds=$(ahead_of "$1")
	[ "$seconds" -ge $(($2 - 1)) ] && [ "$seconds" -le $(($2 + 1)) ]
}
everywhere() { # SECONDS
	local peer
	for peer in nginx ClickHouse Google; do
		wait_until is_ahead_of $peer "$1"
	done
}

note 'Eleven seconds ahead, with a limit of three: clicks are carried out, and it is told once'
new_booking
look
click "${slots[10]}" 0
expect_status 303
everywhere 11
run 1 check --no-programs
says 'FAULT clock +this machine.s is 1[01]\.[0-9] s ahead of nginx.s; .timedatectl'
says 'FAULT clock +this machine.s is 1[01]\.[0-9] s ahead of ClickHouse.s'
says 'FAULT clock +this machine.s is 1[01]\.[0-9] s ahead of Google.s'
wait_until alerts_are 1 '^CLOCKS DIFFER: that of '
courier_again
quiet
alerts_are 1 '^CLOCKS DIFFER' || fail 'It is told twice.'
for peer in nginx ClickHouse Google; do
	grep -q "^clocks_differ from=$peer ms=1[01]" "$STAND_DIR/log/workers.log" || fail "The log says nothing of $peer."
done

note 'Two seconds and a half behind: what waited for longer than the limit is not carried out'
echo '-2.5s' >"$fake/clock"
everywhere -2
new_booking
look
entries=$(rows ledger)
kill -STOP $(click_pids)
sent=$(date +%s%N)
background old click "${slots[10]}" 0
has_waited() { [ $(($(date +%s%N) - sent)) -gt 4500000000 ]; }
wait_until has_waited
kill -CONT $(click_pids)
await old
expect_status 503
expect_equal "$(rows ledger)" "$entries" 'the number of entries'
look
click "${slots[10]}" 0
expect_status 303

note 'Two hours behind: nothing that is over is offered'
echo '-2h' >"$fake/clock"
everywhere -7200
look
expect_equal "$(printf '%s\n' "${slots[@]}" | awk -v now="$(date -u +%Y-%m-%dT%H:%MZ)" '$1 < now' | wc -l)" 0 'the times that are over'

note 'The right time again: all is well'
echo '+0s' >"$fake/clock"
everywhere 0
# What nginx's showed before our step counts no more, and the next pages tell it anew.
agrees() {
	get /
	ctl check --quick --no-programs >"$work/agrees" &&
		grep -Eq '^ok +clock +within two seconds of nginx.s, ClickHouse.s, Google.s' "$work/agrees"
}
wait_until agrees

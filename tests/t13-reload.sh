#!/bin/bash
# SPDX-License-Identifier: MIT
# t13-reload: a new configuration is taken up, or refused and the old one kept, and no request is lost meanwhile
# shellcheck disable=SC2015,SC2016,SC2031,SC2046,SC2154
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --courier
. "$srcdir/tests/journey.sh"
expects_faults '^reload_refused, '
expects_worker_faults '^reload_refused, the old configuration stays: (.* slot_minutes is |the database.s schema is version 0 )'

# Prospects who go on looking; every answer but a page goes to $work/lost.
touch "$work/going"
visitor() {
	local code
	while [ -e "$work/going" ]; do
		code=$(curl -sS --cacert "$CA_CERT" --max-time 40 -o /dev/null -w '%{http_code}' "$BASE_URL/" 2>&1) || :
		[ "$code" = 200 ] || printf '%s\n' "$code" >>"$work/lost"
		echo >>"$work/seen"
	done
}
: >"$work/lost"
: >"$work/seen"
visitors=()
for _ in 1 2 3; do
	visitor &
	visitors+=($!)
done
all() {
	worker_pids
	courier_pids
}
said() { # TEXT N: so many lines of the logs have it
	[ "$(grep -h -- "$1" "$STAND_DIR"/log/{workers,courier}.log | wc -l)" -ge "$2" ]
}
processes=$(all | wc -l)
pids=$(all)

note 'A new name on the page, from the same processes'
set_key site name Ovo
kill -HUP $(all)
wait_until said '^reloaded' "$processes"
for _ in 1 2 3 4 5 6; do
	get /
	expect_status 200
	expect_body Ovo
	expect_no_body Avo
done
new_booking
look
click "${slots[0]}" 0
expect_status 303
expect_equal "$(all)" "$pids" 'the processes'

note 'A wrong configuration: each says what is wrong, and goes on as it was'
cp "$CONF" "$work/sound.conf"
set_key hours slot_minutes 0
kill -HUP $(all)
wait_until said '^reload_refused.*slotguard.conf:.*slot_minutes is .*; it may be 5 to 480' "$processes"
get /
expect_status 200
expect_body Ovo
expect_equal "$(all)" "$pids" 'the processes'
cp "$work/sound.conf" "$CONF"

note 'A database without our tables: the same'
set_key clickhouse database elsewhere
kill -HUP $(all)
wait_until said '^reload_refused.*slotguardctl migrate' "$processes"
get /
expect_status 200
expect_equal "$(all)" "$pids" 'the processes'
cp "$work/sound.conf" "$CONF"

note 'Over and over, and every worker ended and started again in turn'
for ((i = 0; i < 20; i++)); do
	kill -HUP $(all)
	sleep 0.02
done
for pid in $(worker_pids); do
	kill -TERM "$pid"
	wait_until test ! -e "/proc/$pid"
done
wait_until said '^reloaded' $((processes + 1))
before=$(wc -l <"$work/seen")
seen_more() { [ "$(wc -l <"$work/seen")" -gt $((before + 10)) ]; }
wait_until seen_more
rm "$work/going"
wait "${visitors[@]}"
[ ! -s "$work/lost" ] || fail "Of $(wc -l <"$work/seen") requests these were lost: $(sort "$work/lost" | uniq -c | head -5)"
note "$(wc -l <"$work/seen") requests, none lost"
cancel "$(stands version)"
expect_status 303
audit --lagging

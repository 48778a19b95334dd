#!/bin/bash
# SPDX-License-Identifier: MIT
# t19-agree: under random rules, events and zones the page, its document, the click, why, preview and move say the same
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --workers 2 --set google.fresh_s=0
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/ctl.sh"
outside_config google '{"per_minute":0}'
# Another seed: SEED=N tests/t19-agree.sh
RANDOM=${SEED:-16}
sed '/^\[hours\]$/,/^\[/{/^\[hours\]$/d;/^timezone/d}' "$CONF" >"$work/base.conf"

# A subshell would count its numbers anew, so that these set $picked.
pick() { picked=${*:RANDOM % $# + 1:1}; } # WORD ...
clock() { printf -v "$1" %02d:%02d $(($2 / 60)) $(($2 % 60)); } # NAME MINUTES
spans() { # one or two spans, in minutes after midnight; sets $picked
	local at=$((RANDOM % 36 * 15)) end first last
	end=$((at + RANDOM % 24 * 15))
	clock first $at
	clock last $end
	picked="$first-$last"
	((RANDOM % 2)) || return 0
	at=$((end + 15 + RANDOM % 12 * 15))
	clock first $at
	clock last $((at + 60 + RANDOM % 20 * 15))
	picked+=", $first until $last"
}
in_days() { TZ=$zone date -d "$1 days" +%F; }
rules() {
	local key
	pick America/New_York America/Santiago Europe/London Africa/Cairo Asia/Kolkata Asia/Kathmandu Australia/Lord_Howe \
		Pacific/Chatham Pacific/Honolulu UTC
	zone=$picked
	printf '%s a holiday\n' "$(in_days 6)" >"$work/holidays"
	{
		cat "$work/base.conf"
		printf '[hours]\ntimezone = %s\n' "$zone"
		for key in Mon-Tue Wed,Fri Thu Sat-Sun; do
			spans
			printf '%s = %s\n' $key "$picked"
		done
		while read -r key choice; do
			pick $choice
			printf '%s = %s\n' "$key" "$(tr _ ' ' <<<"$picked")"
		done <<-END
			slot_minutes 15 20 30 45 60
			step_minutes 5 10 15 20 30
			starts $1
			window 9_days 21_days 5_business_days $(in_days -3)..$(in_days 9)
			notice 0 2h next-day next-business-day
			buffer_before 0 0 5 15
			buffer_after 0 0 10 20
			max_per_day 0 1 3
			max_per_week 0 0 4
			max_per_month 0 0 9
		END
		spans
		printf '[dates]\n%s = off\n%s..%s = %s\nholidays = %s\n' "$(in_days 3)" "$(in_days 4)" "$(in_days 5)" "$picked" "$work/holidays"
	} >"$CONF"
}
minute() { date -u -d "@$1" +%Y-%m-%dT%H:%MZ; } # SECONDS

# What passes meanwhile is not looked at: what begins from here on does.
from=$(date -u -d '3 hours' +%Y-%m-%dT%H:%MZ)
later() { awk -v from="$from" '$1 >= from'; }

# same_everywhere: the page's times are the document's, and preview has them all and no others.
same_everywhere() {
	look
	printf '%s\n' "${slots[@]}" | later >"$work/document"
	get "/schedule?bookingId=$booking"
	expect_status 200
	{ grep -oE 'name="slot" value="[^"]*' "$body" || :; } | cut -d'"' -f4 | later >"$work/page"
	cmp -s "$work/document" "$work/page" || fail "Page and document differ: $(diff "$work/document" "$work/page")"
	run 0 preview --json
	only=$(jq -r --arg from "$from" --rawfile slots "$work/document" '
		($slots | split("\n")[:-1]) as $slots | map(.first |= sub(":00Z$"; "Z") | .last |= sub(":00Z$"; "Z")) |
		(map(.last) | max) as $most | map(select(.reason == "open")) as $runs |
		($runs[] | select(.first >= $from) | . as $run | [$slots[] | select(. >= $run.first and . <= $run.last)] |
			select(length != $run.starts) | $run.first + " has another count"),
		($slots[] | select(. <= $most) | . as $slot | select(any($runs[]; .first <= $slot and .last >= $slot) | not))' "$work/out")
	expect_equal "$only" '' 'what only one of document and preview has'
}

# one_is SLOT: why and move say of it what the document does; then a click.
one_is() {
	local code=409 reason
	look
	run 0 why "$1" --json
	reason=$(out .reason)
	if is_open "$1"; then
		expect_equal "$reason" open "what why says of $1"
		run 0 move "$booking" "$1" --dry-run
		code=303
	else
		[ "$reason" != open ] || fail "why says that $1 is open, and the page does not offer it."
		run 5 move "$booking" "$1" --dry-run
	fi
	click "$1" 0
	[ $code = 303 ] || [ "$status" != 422 ] || code=422
	expect_status $code "a click on $1, of which why says $reason"
}

for starts in grid packed grid; do
	for ((i = 0; i < 8; i++)); do
		at=$(($(date +%s) / 60 * 60 + RANDOM % 20160 * 60))
		owner_event "$(minute $at)" "$(minute $((at + 60 + RANDOM % 240 * 60)))"
	done
	new_booking
	# What the day and the hour of this run leave open of some rules may be nothing: then others are tried.
	for ((tries = 1; ; tries++)); do
		rules $starts
		note "$starts, $zone: $(grep -A15 '^\[hours\]' "$CONF" | sed '1,2d;s/ = /=/' | xargs)"
		workers_again
		same_everywhere
		[ "$(wc -l <"$work/document")" -lt 3 ] || break
		[ $tries -lt 10 ] || fail 'Hardly anything is open under any of these rules.'
	done
	mapfile -t open <"$work/document"
	for ((i = 0; i < 3; i++)); do
		new_booking
		one_is "${open[RANDOM % ${#open[@]}]}"
		# Somewhere beside one that was open, and anywhere.
		new_booking
		one_is "$(moved "${open[RANDOM % ${#open[@]}]}" $(((RANDOM % 24 - 12) * 5)))"
	done
	new_booking
	one_is "$(minute $(($(date +%s) / 300 * 300 + 10800 + RANDOM % 5000 * 300)))"
	new_booking
	same_everywhere
done
audit --lagging

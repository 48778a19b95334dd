# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2030,SC2031,SC2034,SC2046,SC2086,SC2119,SC2120,SC2154
# journey.sh: what a prospect does, and what stands afterwards
#
# Sourced after each stand_start by the scenarios that book. $booking, $version, $slots and $day are what
# the last of these functions found.

booking='' version='' slots=() day=()

# ---- Questions about pages and about what stands, answered by stand/ask.mjs ----

coproc ASK { exec setpriv --pdeathsig TERM node "$srcdir/tests/stand/ask.mjs"; }
exec {ask_to}>&"${ASK[1]}" {ask_from}<&"${ASK[0]}"
# bash forgets ASK_PID when it has seen the end of it.
asker=$ASK_PID

# stand_over: ends the stand and what answers questions about it, so that another one may follow; this file is sourced
# again after that.
stand_over() {
	stand_stop
	no_surprises || exit 1
	rm -rf "$STAND_DIR"
	kill "$asker"
	wait "$asker" 2>/dev/null || :
}

ask() { # WORD ...: prints the answer; fails when there is none
	local answer IFS=$'\x1f'
	printf '%s\0' "$*" >&"$ask_to"
	read -r -d '' answer <&"$ask_from"
	if [ "${answer:0:1}" != 0 ]; then
		printf '%s\n' "${answer:1}" >&2
		return 1
	fi
	printf '%s' "${answer:1}"
}

# ---- A prospect with a browser ----

# page EXPRESSION [ARGUMENT ...]: of the last page, in JavaScript: forms, links, headings, text.
page() { ask page "$body" "$@"; }
expect_page() { # EXPRESSION [ARGUMENT ...]: it is true
	local found
	found=$(page "$@") || exit 1
	[ "$found" = true ] || fail "Not so on the page: $*"
}

# submit ACTION [NAME=VALUE ...]: the last page's form of this action, with what it holds and with
# what is typed into it (the last of a name counts) or which of its buttons is pressed.
submit() {
	local action=$1 field fields
	local -A typed=()
	local -a form=()
	shift
	fields=$(page 'forms.find((f) => f.action === args[0]).fields_in_order.join("\x1f")' "$action") ||
		fail "The page has no form for $action."
	for field; do
		typed[${field%%=*}]=$field
	done
	while IFS= read -r -d $'\x1f' field; do
		[ -n "${typed[${field%%=*}]+set}" ] || form+=("$field")
	done <<<"$fields"$'\x1f'
	post "$action" "${form[@]}" "${typed[@]}"
}

# follow: goes where the last answer sends.
follow() {
	expect_status 303
	get "$(header Location)"
}

# ---- A prospect in short, for scenarios about something else: these speak JSON or post a form ----

# new_booking [NAME]: a lead of its own; sets $booking.
new_booking() {
	post_json /api/book "$(jq -n --arg name "${1:-Ada}" \
		'{name: $name, email: "ada@example.com", brief: "A call about a thing."}')"
	expect_status 201 'a new brief'
	booking=$(json .bookingId)
}

# look: reads what is open to $booking; sets $slots and $version.
look() {
	get "/api/slots?bookingId=$booking"
	expect_status 200 'the open slots'
	mapfile -t slots < <(json '.slots[].slot')
	version=$(json .version)
}

# look_anew: as look, after what the pool remembers of the calendar was forgotten. Clicks never use that.
look_anew() {
	rm -f "$STAND_DIR/run/calendar"
	look
}

# full_day N: sets $day to the 18 starts of a day on which all are open, which is neither today nor
# tomorrow; N counts those days from 0. Needs look.
full_day() {
	mapfile -t day < <(printf '%s\n' "${slots[@]}" | jq -Rrn --argjson n "$1" '
		[inputs] | group_by(.[0:10]) | .[2:] | map(select(length == 18)) | .[$n] // [] | .[]')
	[ ${#day[@]} -eq 18 ] || fail "There is no full day number $1."
}

is_open() { # SLOT: was it among those that look found?
	[[ " ${slots[*]} " == *" $1 "* ]]
}

# click SLOT [VERSION [CURL-OPTION ...]]
click() {
	local slot=$1 seen=${2:-}
	shift $(($# < 2 ? $# : 2))
	post /api/schedule "bookingId=$booking" "slot=$slot" ${seen:+"version=$seen"} -- "$@"
}
click_json() { # SLOT [VERSION]
	post_json /api/schedule "$(jq -n --arg booking "$booking" --arg slot "$1" --arg version "${2:-}" \
		'{bookingId: $booking, slot: $slot} + if $version == "" then {} else {version: ($version | tonumber)} end')"
}
cancel() { # [VERSION]
	post /api/cancel "bookingId=$booking" ${1:+"version=$1"}
}

# book SLOT: a new booking that has it; sets $booking and $version.
book() {
	new_booking
	click "$1"
	expect_status 303 "a click on $1"
	version=$(stands version)
}

# moved SLOT MINUTES: the instant that many minutes later.
moved() { date -u -d "$1 + $2 minutes" +%Y-%m-%dT%H:%MZ; }

# ---- Requests that wait while the scenario goes on ----

# background NAME COMMAND [ARGUMENT ...]: one of the commands that make a request.
declare -A background_pid=()
background() {
	local name=$1
	shift
	mkdir -p "$work/$name/http"
	(
		work=$work/$name
		"$@"
		printf '%s\n' "$status" >"$work/status"
	) &
	background_pid[$name]=$!
}

# await NAME: its answer becomes the last one.
await() {
	wait "${background_pid[$1]}" || fail "The request $1 failed."
	status=$(cat "$work/$1/status") body=$work/$1/http/body headers=$work/$1/http/headers
}

is_waiting() { kill -0 "${background_pid[$1]}" 2>/dev/null; } # NAME

requests_are() { [ "$(requests "$1" "$2")" -ge "$3" ]; } # SERVICE ROUTE AT-LEAST

# ---- The workers ----

# workers_again [SIGNAL]: ends all of them; the pools start as many new ones, of which some serve when it returns.
workers_again() {
	local old
	old=$(worker_pids)
	kill -s "${1:-TERM}" $old
	wait_until workers_are_new "$old"
	wait_until serves /
	wait_until serves /api/cancel --data x
}
serves() { # PATH [CURL-OPTION ...]: a worker answers, whatever it says
	local path=$1
	shift
	[[ $(curl -s --cacert "$CA_CERT" --max-time 40 -o "$work/http/served" -w '%{http_code}' "$@" "$BASE_URL$path") == [234]* ]]
}
workers_are_new() { # OLD-PIDS
	local new
	new=$(worker_pids)
	[ "$(wc -l <<<"$new")" = "$(wc -l <<<"$1")" ] && ! grep -qxF "$1" <<<"$new"
}

# one_worker: stops all but one of each pool, until all_workers.
one_worker() { kill -STOP $(page_pids | tail -n +2) $(click_pids | tail -n +2); }
all_workers() { kill -CONT $(worker_pids); }

# set_key SECTION KEY VALUE: of slotguard.conf, for programs that start from now on.
set_key() {
	sed -i -e "/^$2 = /d" -e "s|^\[$1\]\$|&\n$2 = $3|" "$CONF"
}

# ---- What stands afterwards ----

# stands EXPRESSION [BOOKING]: what ledger, row and calendar say of a booking, in JavaScript: status,
# version, slot, calendar, accepted, entries, row, events (stand/audit.mjs).
stands() { ask stands "${2:-$booking}" "$1"; }

expect_stands() { # EXPRESSION SHOULD [BOOKING]
	local found
	found=$(stands "$1" "${3:-$booking}") || exit 1
	expect_equal "$found" "$2" "$1 of the booking"
}

# expect_shown SLOT: the booking's own page says so; null: none.
expect_shown() {
	get "/booking?bookingId=$booking" -H 'Accept: application/json'
	expect_status 200
	expect_equal "$(json .slot)" "$1" 'the time that the booking shows'
}

# audit [--lagging]: ledger, rows and calendar agree, by a replay that is not the programs' own.
# --lagging: what follows from an entry may still be missing.
audit() {
	ask audit "$@" || fail 'Ledger, rows and calendar do not agree.'
}

rows() { ch "SELECT count() FROM argus.$1"; } # TABLE

# lead_rows: the rows as they are read, whatever parts the server has merged meanwhile.
lead_rows() { ch "SELECT concat(count(), ' rows of ', hex(groupBitXor(cityHash64(*)))) FROM argus.consulting_bookings FINAL"; }

# written: what a refused request must not change.
written() {
	printf '%s, %s entries, %s events' "$(lead_rows)" "$(rows ledger)" \
		"$(outside_state google '.events | length')"
}

# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2046,SC2119,SC2120,SC2154
# courier.sh: what the courier sent, and what stands in its tables
#
# Sourced after journey.sh by the scenarios about what follows from a booking.

# ---- What left ----

# mails [JQ-FILTER]: those of $booking, or of all when it is empty; newest last.
mails() {
	control POST resend mails "{\"booking\":\"$booking\"}" | jq -r "${1:-.}"
}
# mails_are N [JQ-CONDITION]: there are so many of $booking.
mails_are() { [ "$(mails "map(select(${2:-true})) | length")" = "$1" ]; }

# invites JQ-FILTER: the list of what another parser reads in those mails.
invites() { mails | node "$srcdir/tests/stand/invite.mjs" | jq -rs "$1"; }

# alerts [JQ-FILTER]: the list of all messages' texts.
alerts() { control POST telegram texts '{}' | jq -r "${1:-.}"; }
# alerts_are N EXTENDED-REGEXP: so many lines of alerts match.
alerts_are() { [ "$(alerts 'join("\n")' | grep -Ec -- "$2")" = "$1" ]; }

# recorded DUTY [VERSION]: its last state of $booking.
recorded() {
	ch "SELECT argMax(state, _block_number) FROM argus.deliveries WHERE booking_id = '$booking'
		AND duty = '$1'${2:+ AND version = $2} FORMAT TabSeparated"
}
is_recorded() { [ "$(recorded "$1" "${3:-}")" = "$2" ]; } # DUTY STATE [VERSION]

# quiet: nothing is recorded for a while: the couriers have done what is due.
quiet() {
	local before=-1 now same=0
	while [ $same -lt 12 ]; do
		now=$(rows deliveries)
		if [ "$now" = "$before" ]; then same=$((same + 1)); else same=0; fi
		before=$now
		sleep 0.25
	done
}

# ---- Written past the programs, as a worker leaves it that died ----

uuid() { cat /proc/sys/kernel/random/uuid; }

# append KIND START [VERSION [CALENDAR [HOST]]]: a command of $booking; a start is in seconds. Sets
# $version.
append() {
	local end=$(($2 + 1800)) host=${5:-main} id
	id=$(uuid)
	ch "INSERT INTO argus.ledger (id, kind, booking_id, version, host, call_start, call_end, taken_start,
		taken_end, calendar) SETTINGS async_insert = 0, insert_deduplicate = 1,
		insert_deduplication_token = '$id'
		VALUES ('$id', '$1', '$booking', ${3:-0}, '$host', $2, $end, $2, $end, '${4:-fresh}')"
	version=$(stands version)
}

# lead [NAME [EMAIL [BRIEF [MINUTES-AGO]]]]: a row without a slot, of a person of its own; sets $booking.
# The texts are literals of ClickHouse's, with its escapes.
leads=0
lead() {
	leads=$((leads + 1))
	booking=$(uuid)
	ch "INSERT INTO argus.consulting_bookings (booking_id, status, host, name, email, brief, created_at)
		SETTINGS async_insert = 0
		VALUES ('$booking', 'awaiting_slot', 'main', '${1:-Ada}', '${2:-ada@n$leads.example.com}',
		'${3:-A call about a thing.}', now64(3) - INTERVAL ${4:-0} MINUTE)"
}

# half_hour N: a start in seconds, N half-hours after one that is beyond what the pages offer.
half_hour() { echo $((($(date +%s) / 1800 + 800 + $1) * 1800)); }
wire() { date -u -d "@$1" +%Y-%m-%dT%H:%MZ; }

# some N: so many bookings that only the ledger knows; $count is how many there are.
count=0
some() {
	local n
	for ((n = 0; n < $1; n++)); do
		lead "Number $count."
		append book "$(half_hour $count)"
		count=$((count + 1))
	done
}

# all_done DUTY N: so many bookings have it.
all_done() {
	[ "$(ch "SELECT countDistinct(booking_id) FROM argus.deliveries WHERE duty = '$1' AND state = 'done'")" -ge "$2" ]
}

# ---- The couriers ----

# courier_freeze, courier_thaw: the one that the stand started.
courier_freeze() { kill -STOP $(courier_pids); }
courier_thaw() { kill -CONT $(courier_pids); }
# courier_again: ends it as a crash does; the pool starts another, which need not wait for its leases.
courier_again() {
	local old
	old=$(courier_pids)
	kill -KILL "$old"
	leases_pass
	wait_until courier_is_new "$old"
}
courier_is_new() { [ -n "$(courier_pids)" ] && [ "$(courier_pids)" != "$1" ]; }

courier_pid=()
# courier_start [N [CONF [COMMAND …]]]: one more, outside of the pool; COMMAND runs it.
courier_start() {
	local n=${1:-1} conf=${2:-$CONF}
	shift $(($# < 2 ? $# : 2))
	setpriv --pdeathsig KILL "$@" "$builddir/slotguard-courier" -c "$conf" >>"$STAND_DIR/log/courier-$n.log" 2>&1 </dev/null &
	courier_pid[n]=$!
}
courier_end() { # [N [SIGNAL]]
	kill -s "${2:-TERM}" "${courier_pid[${1:-1}]}"
	wait "${courier_pid[${1:-1}]}" 2>/dev/null || :
}

# leases_pass: those of couriers that are no more, without the wait.
leases_pass() {
	ch "INSERT INTO argus.deliveries (booking_id, version, duty, state, owner) SETTINGS async_insert = 0
		SELECT booking_id, 0, 'lease', 'done', argMax(owner, _block_number) FROM argus.deliveries
		WHERE duty = 'lease' GROUP BY booking_id"
}

# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# lib.sh: what the scenario scripts share
#
# A scenario is a bash script that starts with
#
#	#!/bin/bash
#	# t01-book: a prospect books a call
#	. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
#	stand_start
#
# and ends with exit 0 (passed), 77 (skipped) or anything else (failed). The stand ends with it,
# also when it is killed, and $work goes, the folder of all that it writes. After a failure the ends
# of the logs are shown and the folder is kept. What a scenario started beside the stand it ends in a
# function at_end, which is called before that, with the status.
set -Eeuo pipefail
# A command that ends a scenario is named: a search that finds nothing says nothing itself.
trap '[ $BASH_SUBSHELL -gt 0 ] || printf "FAILED: %s:%s: %s\n" "${BASH_SOURCE[0]##*/}" "$LINENO" "$BASH_COMMAND" >&2' ERR

if [ -n "${srcdir:-}" ]; then
	srcdir=$(cd "$srcdir" && pwd)
	builddir=$(cd "${builddir:-.}" && pwd)
else
	srcdir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
	builddir=$(cd "${builddir:-$srcdir}" && pwd)
fi
export srcdir builddir SLOTGUARD_BUILD=$builddir SLOTGUARD_READER=$builddir/slotguard-reader
# Everything is on this machine, whatever proxy its owner uses.
export no_proxy=127.0.0.1,localhost
STAND_DIR='' status='' body='' headers=''

note() { printf '# %s\n' "$*"; }
fail() {
	printf 'FAILED: %s\n' "$*" >&2
	exit 1
}
skip() {
	printf 'skipped: %s\n' "$*" >&2
	exit 77
}

# wait_until [-t SECONDS] COMMAND [ARGUMENT ...]: asks again until it succeeds, 60 s at most. How long it takes is
# not what it is about; but to ask costs more than to wait, and is done less and less often.
wait_until() {
	local seconds=60 end times=0
	if [ "$1" = -t ]; then
		seconds=$2
		shift 2
	fi
	end=$((SECONDS + seconds))
	until "$@"; do
		[ $SECONDS -le $end ] || fail "After $seconds s still not: $*"
		times=$((times + 1))
		case $times in
		? | 1?) sleep 0.05 ;;
		2? | 3?) sleep 0.1 ;;
		*) sleep 0.25 ;;
		esac
	done
}

# ---- The stand ----

# stand_start [--courier] [OPTION ...]: the options of tests/stand/up. Everything in its env file is
# then set. Without --courier there is none, so that what a worker left stands still to be seen.
stand_start() {
	local code=0 courier='--without courier'
	if [ "${1:-}" = --courier ]; then
		courier=''
		shift
	fi
	STAND_DIR=$work/stand
	setpriv --pdeathsig TERM "$srcdir/tests/stand/up" $courier "$@" "$STAND_DIR" >"$work/up.log" 2>&1 &
	STAND_PID=$!
	until [ -e "$STAND_DIR/ready" ]; do
		if ! kill -0 "$STAND_PID" 2>/dev/null; then
			wait "$STAND_PID" || code=$?
			cat "$work/up.log" >&2
			STAND_PID=''
			[ $code -ne 77 ] || exit 77
			fail "The stand did not start."
		fi
		sleep 0.05
	done
	# shellcheck disable=SC1091
	. "$STAND_DIR/env"
}

# stand_stop: ends the stand and waits for it; its directory stays.
stand_stop() {
	[ -n "${STAND_PID:-}" ] || return 0
	kill -TERM "$STAND_PID" 2>/dev/null || :
	wait "$STAND_PID" 2>/dev/null || :
	STAND_PID=''
}

# expects_faults PATTERN ...: what couriers say of faults, by extended regular expressions, that the scenario makes.
# expects_worker_faults PATTERN ...: the same of the workers. What a client did wrong is no fault.
# Whatever else the programs of a stand say but that all is well fails the scenario at the stand's end. That a service
# cannot be reached for once is no fault of theirs: which of their questions meets an outage is chance, and
# that a brief goes to the spool follows from it.
courier_faults=() worker_faults=()
expects_faults() { courier_faults+=("$@"); }
expects_worker_faults() { worker_faults+=("$@"); }
all_is_well='^(delivery duty=[a-z_0-9]+ booking=[0-9a-f]+ state=(done|skipped)|clickhouse_back|calendar_back|calendar_changes_read_again|brief_spooled|brief_(taken|refused)_from_spool|reloaded|zone_data_renewed|request |booked |cancelled |failed route=[^ ]+ code=(input|not_found|too_large|type) |Child\[|Spawning )'
surprises() { # LOGS [PATTERN ...]
	local logs=$1 pattern all='^$'
	shift
	for pattern; do all+="|$pattern"; done
	# shellcheck disable=SC2086 # several
	(cd "$STAND_DIR/log" && cat $logs 2>/dev/null) | grep -vE -- "$all" | grep -vE "$all_is_well" |
		grep -vE 'where=resend detail="status 429 .*You can only make| code=(unreachable|unsure|busy) where=(caldav|clickhouse|google|resend|telegram)( |$)'
}
# no_surprises: of the stand that stands, or has stood.
no_surprises() {
	{
		surprises 'courier*.log' "${courier_faults[@]}"
		surprises 'workers.log ops.log' "${worker_faults[@]}"
	} >"$work/surprises"
	[ ! -s "$work/surprises" ] || {
		printf 'FAILED: A program says what nobody expects:\n%s\n' "$(sort "$work/surprises" | uniq -c | tail -n 20)" >&2
		return 1
	}
}

stand_exit() {
	local code=$? log
	trap - EXIT ERR
	set +e
	[ $code -ne 0 ] || [ -z "$STAND_DIR" ] || no_surprises || code=1
	if [ $code -ne 0 ] && [ $code -ne 77 ]; then
		if [ -n "$status" ]; then
			printf -- '---- the last answer: %s\n' "$status"
			head -c 2000 "$body"
			echo
		fi
		log=$(cd "$work" && find . -maxdepth 1 -type f -size +0 ! -name surprises -printf '%T@ %P\n' | sort -n | tail -n 1 | cut -d ' ' -f 2-)
		[ -z "$log" ] || printf -- '---- the last file of the scenario: %s\n%s\n' "$log" "$(tail -n 20 "$work/$log")"
		for log in "$work/up.log" "$STAND_DIR"/log/*.log; do
			[ -s "$log" ] && printf -- '---- the end of %s\n%s\n' "$log" "$(tail -n 10 "$log")"
		done
	fi >&2
	! declare -F at_end >/dev/null || at_end $code
	stand_stop
	if [ $code -ne 0 ] && [ $code -ne 77 ]; then
		printf 'Kept: %s\n' "$work" >&2
	else
		rm -rf "$work"
	fi
	exit $code
}
work=$(mktemp -d "${TMPDIR:-/tmp}/slotguard-test.XXXXXX")
mkdir "$work/http"
trap stand_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The processes of a pool as they are now, one a line.
children() { tr ' ' '\n' <"/proc/$1/task/$1/children" | sed '/^$/d'; } # PID
page_pids() { children "$WORKERS_PID"; }
click_pids() { children "$CLICKERS_PID"; }
worker_pids() {
	page_pids
	click_pids
}
courier_pids() { children "$COURIER_PID"; }

# ctl ARGUMENT ...: slotguardctl with the stand's configuration.
ctl() { "$builddir/slotguardctl" -c "$CONF" "$@"; }

# ---- ClickHouse ----

# ch QUERY [CURL-OPTION ...]: asks ClickHouse itself, past the proxy; fails with its message.
ch() {
	local query=$1
	shift
	curl -sS --fail-with-body "$@" --data-binary "$query" "$CLICKHOUSE_URL/?wait_end_of_query=1"
}
clickhouse_answers() { curl -fs -o "$work/http/ping" "$1/ping" 2>/dev/null; }
clickhouse_gone() { ! clickhouse_answers "$CLICKHOUSE_URL" && ! clickhouse_answers "$CLICKHOUSE_PROXY"; }

clickhouse_kill() { # [SIGNAL]
	kill -s "${1:-KILL}" "$(cat "$STAND_DIR/clickhouse.pid")"
	wait_until clickhouse_gone
}
clickhouse_stop() { clickhouse_kill TERM; }

# clickhouse_start: starts it again on the same data and port, after clickhouse_kill or _stop.
clickhouse_start() {
	kill -USR1 "$STAND_PID"
	wait_until clickhouse_answers "$CLICKHOUSE_URL"
	wait_until clickhouse_answers "$CLICKHOUSE_PROXY"
}

# ---- Requests: they set $status, and $headers and $body, which are the names of files ----

# http ADDRESS [CURL-OPTION ...]: a path is one of the site, and those for ops one of theirs. $status is 000 without an answer.
http() {
	local address=$1
	shift
	case $address in
	/healthz* | /metrics*) address=$OPS_URL$address ;;
	/*) address=$BASE_URL$address ;;
	esac
	headers=$work/http/headers body=$work/http/body
	: >"$headers"
	: >"$body"
	status=$(curl -sS --cacert "$CA_CERT" --max-time 40 -D "$headers" -o "$body" \
		-w '%{http_code}' "$@" "$address" 2>"$work/http/error") || :
}
get() { http "$@"; }

# post PATH NAME=VALUE ... [-- CURL-OPTION ...]: as a browser sends a form.
post() {
	local address=$1
	local -a form=()
	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		form+=(--data-urlencode "$1")
		shift
	done
	[ $# -eq 0 ] || shift
	http "$address" --request POST "${form[@]}" "$@"
}

# post_json PATH JSON [CURL-OPTION ...]
post_json() {
	local address=$1 text=$2
	shift 2
	http "$address" -H 'Content-Type: application/json' -H 'Accept: application/json' --data-binary "$text" "$@"
}

# header NAME: its value in the last answer, or nothing; see expect_header.
header() {
	tr -d '\r' <"$headers" | awk -v name="$1" '
		BEGIN { name = tolower(name) ":" }
		index(tolower($0), name) == 1 { sub(/^[^:]*:[ \t]*/, ""); print }'
}

# json FILTER [JQ-OPTION ...]: of the last answer's body.
json() {
	local filter=$1
	shift
	jq -r "$@" "$filter" "$body"
}

# shows [GREP-OPTION ...] PATTERN: a line of standard input matches. Unlike `grep -q` it reads to the end: whoever
# writes more than a pipe holds would be killed otherwise, now and then, and the pipe's status says so.
shows() { grep "$@" | cat >/dev/null; }

expect_status() {
	[ "$status" = "$1" ] || fail "The answer is $status, not $1${2:+: $2}. $(cat "$work/http/error")"
}
expect_body() { # EXTENDED-REGEXP
	grep -Eq -- "$1" "$body" || fail "The answer does not have: $1"
}
expect_no_body() {
	! grep -Eq -- "$1" "$body" || fail "The answer has: $1"
}
expect_header() { # NAME EXTENDED-REGEXP
	printf '%s\n' "$(header "$1")" | shows -E -- "$2" || fail "The header $1 is '$(header "$1")', not $2"
}
expect_equal() { # IS SHOULD WHAT
	[ "$1" = "$2" ] || fail "$3 is '$1', not '$2'."
}

# ---- The world outside: google, resend, telegram, clickhouse (the proxy in front of it) ----

# control METHOD SERVICE PATH [JSON]
control() {
	local answer
	answer=$(curl -sS --fail-with-body --request "$1" ${4+--data-binary "$4"} "$CONTROL_URL/$2/_stand/$3") ||
		fail "The stand refuses $*: $answer"
	printf '%s\n' "$answer"
}

# fault SERVICE JSON: see tests/stand/faults.mjs. A JSON list is several.
fault() { control POST "$1" faults "$2" >/dev/null; }

# faults_clear [SERVICE ...]: of all of them without an argument; requests that are held go on.
faults_clear() {
	local service
	[ $# -gt 0 ] || set -- google resend telegram clickhouse
	for service; do
		control DELETE "$service" faults >/dev/null
	done
}

# outside_config SERVICE JSON, such as: outside_config google '{"per_minute":0}'
outside_config() { control POST "$1" config "$2" >/dev/null; }

# outside_state SERVICE [JQ-FILTER [JQ-OPTION ...]]: the requests, which are a great deal, come to a filter that names them.
outside_state() {
	local service=$1 filter=${2:-.} path=summary
	shift $(($# < 2 ? $# : 2))
	[[ $filter != *requests* ]] || path=state
	control GET "$service" $path | jq -r "$@" "$filter"
}

# owner_event START END [JSON]: an event of the owner's own, by instants (with or without seconds)
# or by dates; more of its fields in JSON.
owner_event() {
	local event
	event=$(jq -n --arg from "$1" --arg to "$2" --argjson more "${3:-"{}"}" '
		def point: if test("T") then {dateTime: sub("(?<minute>T..:..)(?!:)"; .minute + ":00")} else {date: .} end;
		{summary: "Own", start: ($from | point), end: ($to | point)} + $more')
	control POST google events "$event" >/dev/null
}

# requests SERVICE ROUTE: how many there were; a route may end in a star, as in 'events.*'.
requests() { control GET "$1" "count/$2"; }

# pause SERVICE ROUTE: the milliseconds between the last two.
pause() {
	outside_state "$1" '[.requests[] | select(.route == $r) | .time |
		(sub("\\..*"; "Z") | fromdate) * 1000 + (.[20:23] | tonumber)][-2:] | .[1] - .[0]' --arg r "$2"
}

# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2031,SC2154
# ctl.sh: what the operator asks for, and what comes back
#
# Sourced after stand_start by the scenarios about slotguardctl.

# run STATUS COMMAND [ARGUMENT ...]: slotguardctl ends so; what it said is in $work/out and $work/err.
run() {
	local should=$1 is=0
	shift
	ctl "$@" >"$work/out" 2>"$work/err" </dev/null || is=$?
	[ $is = "$should" ] || fail "slotguardctl $* ends with $is, not $should: $(cat "$work/err")"
	[ $is = 0 ] || [ -s "$work/err" ] || [ -s "$work/out" ] || fail "slotguardctl $* ends with $is and says nothing."
}
out() { jq -r "$1" "$work/out"; } # JQ-FILTER, with --json
says() { # EXTENDED-REGEXP
	grep -Eq -- "$1" "$work/out" "$work/err" || fail "It does not say $1: $(cat "$work/out" "$work/err")"
}

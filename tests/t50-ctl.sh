#!/bin/bash
# SPDX-License-Identifier: MIT
# t50-ctl: the operator lists, shows, moves, cancels and blocks, by the ledger's own protocol
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --courier --workers 2 --set courier.replay_s=1 --set google.timeout_ms=2000 --set site.queue_ms=2000
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"
expects_faults '^[a-z_]+ code=ledger where=journal ' '^clickhouse_unreachable '
expects_worker_faults '^(failed route=[^ ]+|click_failed|append_failed) code=ledger where=journal '
. "$srcdir/tests/ctl.sh"

# local_time SLOT: as the business's clock shows it.
local_time() { TZ=America/New_York date -d "$1" +%Y-%m-%dT%H:%M; }

new_booking Lea
lead=$booking
look
full_day 0
book "${day[0]}"
first=$booking first_version=$version
book "${day[1]}"
second=$booking

note 'Wrong usage does nothing'
before=$(written)
for words in '' 'nothing' 'show' 'show a b' 'show x' 'list --from 2026-13-01' 'list --status open' 'list --from 2026-12-02 --to 2026-12-01' \
	'cancel' "cancel $first --version x" "move $first" "move $first tomorrow" 'block' 'block 2026-12-01T10:00' \
	'block 2026-12-01T10:00 2026-12-01T09:00' 'block 2020-01-01T10:00 2030-01-01T10:00' 'unblock x' 'erase x' 'export x' 'stats --from x' \
	'stats --from 2020-01-01' 'ledger' 'ledger mend' 'check now' 'migrate now' 'list --no-such-option'; do
	# shellcheck disable=SC2086 # words
	run 2 $words
done
run 3 show "$(uuid)"
run 3 cancel "$(uuid)"
run 3 export "$(uuid)"
run 3 erase "$(uuid)"
run 3 erase nobody@example.com
expect_equal "$(written)" "$before" 'what is written'

note 'What is listed, in which order, and for whom'
run 0 list --json
expect_equal "$(out '[.[] | .id + " " + .status] | join(",")')" "$first booked,$second booked" 'the list'
expect_equal "$(out '.[0].start')" "${day[0]%Z}:00Z" 'its start'
run 0 list
says "^$(TZ=America/New_York LC_ALL=C date -d "${day[0]}" +'%a %F %H:%M') E[SD]T +booked +Ada +ada@example.com .* $first\$"
run 0 list --status awaiting_slot --json
expect_equal "$(out '[.[].id] | join(",")')" "$lead" 'the briefs without a call'
run 0 list --status all --email ADA@example.com --json
expect_equal "$(out length)" 3 'those of the address'
run 0 list --email bob@example.com
says '^nothing$'
run 0 list --to "$(TZ=America/New_York date +%F)" --json
expect_equal "$(out length)" 0 'the calls of today'

note 'What is left of an id, and what the log calls it'
run 0 show "${first:0:11}" --json
expect_equal "$(out .booking.id)" "$first" 'whose id begins so'
hash=$(out .booking.log)
grep -q " booking=$hash " "$STAND_DIR/log/workers.log" || fail "No line of the log is of $hash."
run 0 show "$hash" --json
expect_equal "$(out .booking.id)" "$first" 'whom the log means'
run 3 show 0123456789ab
run 2 show "${first:0:3}"

note 'A time is taken without a booking: it is not offered, and nobody is told'
run 5 block "$(local_time "${day[1]}")" "$(local_time "${day[4]}")"
says 'that time is taken'
says "booking: $second"
run 0 block "$(local_time "${day[2]}")" "${day[4]}" --json
block=$(out .id)
expect_equal "$(out '[.done, .start, .end] | join(" ")')" "blocked ${day[2]%Z}:00Z ${day[4]%Z}:00Z" 'what was blocked'
booking=$lead
look
for slot in "${day[2]}" "${day[3]}"; do
	! is_open "$slot" || fail "$slot is offered."
done
is_open "${day[4]}" || fail 'More is closed than what was blocked.'
click "${day[3]}" 0
expect_status 409
get "/booking?bookingId=$block"
expect_status 404
post /api/schedule "bookingId=$block" "slot=${day[4]}"
expect_status 404
run 5 cancel "$block"
run 5 move "$block" "${day[8]}"
run 5 unblock "$first"
run 3 erase "$block"
run 3 export "$block"
run 0 list --json
expect_equal "$(out '[.[].status] | join(",")')" booked,booked,blocked 'the list'
run 0 show "$block" --json
expect_equal "$(out '[.booking.status, (.ledger | length), .ledger[0].command, .ledger[0].verdict, (.deliveries | length)] | join(" ")')" \
	'blocked 1 block accepted 0' 'the history of the block'
run 0 unblock "$block"
run 0 unblock "$block"
look
is_open "${day[3]}" || fail 'What was given back is not offered.'
expect_equal "$(ch "SELECT count() FROM argus.deliveries WHERE booking_id = '$block'")" 0 'what was delivered of the block'
run 5 block "$(TZ=America/New_York date -d "${day[0]}" +%F)"
full_day 1
run 0 block "$(TZ=America/New_York date -d "${day[0]}" +%F)"
look
for slot in "${day[@]}"; do
	! is_open "$slot" || fail "$slot of a blocked day is offered."
done
full_day 0

note 'A move, by the same protocol, with the same consequences'
booking=$first
wait_until mails_are 1
before=$(rows ledger)
run 5 move "$first" "$(local_time "$(stands slot "$second")")"
says 'not open'
says 'open: [A-Z][a-z]{2} 20'
run 5 move "$first" 2020-01-01T10:00
run 5 move "$first" "${day[9]}" --version 1
says "stands at version $first_version"
expect_equal "$(rows ledger)" "$before" 'the number of entries'
run 0 move "$first" "${day[9]}" --dry-run
says 'would be booked'
expect_equal "$(rows ledger)" "$before" 'the number of entries after a trial'
run 0 move "$first" "$(local_time "${day[9]}")" --version "$first_version" --json
expect_equal "$(out .start)" "${day[9]%Z}:00Z" 'the new time'
expect_equal "$(out .version)" "$(stands version)" 'the version'
run 0 move "$first" "${day[9]}"
says 'has that time already'
expect_shown "${day[9]}"
expect_stands 'row.version' "$(stands version)"
expect_stands 'events.filter((e) => e.status === "confirmed").map((e) => e.id).join()' "${first//-/}v$(stands version)"
wait_until mails_are 2
mails_are 1 ".subject | test(\"new time|moved\"; \"i\")" || fail "The prospect is not told of a new time."

note 'A time that a row from elsewhere has'
ch "INSERT INTO argus.consulting_bookings (booking_id, status, host, slot_start, slot_end) SETTINGS async_insert = 0
	VALUES (generateUUIDv4(), 'booked', 'main', $(date -d "${day[16]}" +%s), $(date -d "${day[16]}" +%s) + 1800)"
run 5 move "$first" "${day[16]}"
run 5 move "$first" "${day[16]}" --force
says 'the ledger does not know'
run 5 block "${day[15]}" "${day[17]}"
says 'the ledger does not know'

note 'A time outside of the hours, and one that the owner has, only by force'
night=$(moved "${day[0]}" -120)
run 5 move "$first" "$night"
run 0 move "$first" "$night" --force
expect_stands slot "$night"
owner_event "${day[12]}" "$(moved "${day[12]}" 30)"
run 5 move "$first" "${day[12]}"
run 0 move "$first" "${day[12]}" --force
other=$(stands slot "$second")
run 5 move "$first" "$other" --force
says 'that time is taken'

note 'A brief without a call gets one'
run 0 move "$lead" "${day[14]}"
expect_stands status booked "$lead"

note 'A cancel, and the prospect is told'
run 5 cancel "$first" --version 1
before=$(written)
run 0 cancel "$first" --dry-run
says "^$first: would be cancelled"
expect_equal "$(written)" "$before" 'what is written by a cancel that is only tried'
run 0 cancel "$first" --json
expect_equal "$(out .done)" cancelled 'what was done'
expect_stands status cancelled
expect_stands 'row.status' cancelled
get "/booking?bookingId=$first"
expect_page 'headings[0].includes("cancelled")'
run 0 cancel "$first"
says 'no call any more'
wait_until mails_are 1 '.subject | test("cancel"; "i")'
new_booking
run 5 cancel "$booking"
says 'nothing to cancel'

note 'The whole history'
# A refused command stands in the ledger too.
booking=$second
append book "$(date -d "${day[14]}" +%s)" "$(stands version)"
run 0 show "$first" --json
expect_equal "$(out '[.ledger[] | .command + " " + .verdict] | join(",")')" \
	'book accepted,book accepted,book accepted,book accepted,cancel accepted' 'the entries'
expect_equal "$(out '[.booking.status, .booking.name, .booking.email, .booking.brief] | join("|")')" \
	'cancelled|Ada|ada@example.com|A call about a thing.' 'the booking'
expect_equal "$(out '[.deliveries[] | select(.duty == "mail" and .state == "done")] | length >= 3')" true 'that the mails are there'
expect_equal "$(out '.deliveries | any(.payload)')" false 'that the mails are shown whole'
run 0 show "$second" --json
expect_equal "$(out '.ledger[-1].verdict')" overlap 'the verdict'
run 0 show "$second"
says '^status +booked$'
says ' overlap +-$'
says ' mail +[0-9]+ +done '

note 'What a stranger wrote does nothing to a terminal'
lead 'E\x1b[2Jve' eve@example.com 'line one\nred \x1b[31m and \xe2\x80\xae back \xff'
run 0 show "$booking"
says '^brief +line one$'
says '^name +E \[2Jve$'
! grep -qP '\x1b|\x{202e}' "$work/out" || fail 'A control sequence comes through.'

note 'While the calendar or ClickHouse does not answer'
fault google '{"kind":"status","status":503,"route":"freeBusy"}'
run 1 move "$second" "${day[5]}"
says 'force does without'
run 0 move "$second" "${day[5]}" --force
expect_stands calendar unchecked "$second"
faults_clear google
fault clickhouse '{"kind":"reset","when":"after","route":"insert","match":"INTO ledger","times":1}'
run 0 move "$second" "${day[6]}" --force
faults_clear clickhouse
set_key clickhouse timeout_ms 1500
fault clickhouse '{"kind":"hold","route":"insert","match":"INTO ledger"}'
run 4 cancel "$second"
says 'may still arrive'
expect_stands status booked "$second"
faults_clear clickhouse
set_key clickhouse timeout_ms 4000
run 0 cancel "$second"
run 0 move "$second" "${day[7]}"
clickhouse_stop
run 1 cancel "$second"
run 1 list
clickhouse_start
booking=$second
expect_stands status booked
audit --lagging

note 'On a terminal: rows fit, and columns stand below each other, whatever the names are made of'
# on_terminal COLUMNS ARGUMENT ...: slotguardctl on one that is so wide.
on_terminal() {
	local columns=$1
	shift
	script -qec "stty cols $columns; $(printf '%q ' "$builddir/slotguardctl" -c "$CONF" "$@")" /dev/null </dev/null | tr -d '\r' >"$work/screen"
}
for name in '김철수' '山田太郎山田太郎山田太郎山田太郎山田太郎山田太郎' $'Zoe\u0308 Nin\u0303o' '👩 Grace' 'A long name that goes on for longer than any row has room for, and then some more'; do
	new_booking "$name"
done
for columns in 80 60; do
	on_terminal $columns list --status awaiting_slot
	/usr/bin/python3 - "$work/screen" $columns <<-'END' || fail "It does not fit $columns columns: $(cat "$work/screen")"
	import sys, unicodedata
	def width(text):
	    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
	lines = [line for line in open(sys.argv[1], encoding="utf-8").read().split("\n") if line.strip()]
	rows = [line for line in lines if line.startswith("-") and "await" in line]
	assert len(rows) >= 5, rows
	for line in lines:
	    assert width(line.rstrip()) <= int(sys.argv[2]), (width(line), line)
	# Whatever follows the names begins in one column.
	places = {width(line[:line.index("@")]) for line in rows}
	assert len(places) == 1, places
	END
done
on_terminal 80 stats
grep -q '[▁▂▃▄▅▆▇█]' "$work/screen" || fail "A terminal has no bars: $(cat "$work/screen")"
run 0 stats
! grep -Eq '^[A-Z][a-z]{2} .*( +0){5} ' "$work/out" || fail "A day on which nothing was has a row: $(cat "$work/out")"
! grep -q '[▁▂▃▄▅▆▇█]' "$work/out" || fail 'A file has bars.'
on_terminal 80 lst || :
grep -q 'did you mean list?' "$work/screen" || fail 'Nobody guesses what was meant.'

note 'What is blocked stays so over a rebuild'
run 0 block "${day[9]}" "${day[10]}" --json
block=$(out .id)
run 0 ledger rebuild --yes --json
expect_equal "$(out .blocks)" 2 'the blocks that were carried over'
run 0 show "$block" --json
expect_equal "$(out '.booking.status + " " + .booking.start')" "blocked ${day[9]%Z}:00Z" 'the block'
run 0 unblock "$block"
run 0 check --no-programs --json
expect_equal "$(out '[.[] | select(.state == "FAULT")] | length')" 0 'the faults'
run 0 migrate --json
expect_equal "$(out '.applied | length')" 0 'what is applied twice'

#!/bin/bash
# SPDX-License-Identifier: MIT
# t06-clickhouse-down: no brief is lost, no slot is booked without its entry, and none twice
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
# Each request finds out for itself what ClickHouse does.
stand_start --set clickhouse.timeout_ms=1500 --set clickhouse.retry_s=0
expects_worker_faults '^(started_without_clickhouse|append_failed|click_failed|brief_not_(stored|saved)) ' \
	'^failed route=[^ ]+ code=(unreachable|unsure|refused) where=clickhouse ' '^slotguard-worker does not start: the database.s schema '
. "$srcdir/tests/journey.sh"

ledger_insert='"route":"insert","match":"INTO ledger"'
entries_of() { stands 'entries.length'; }
entries_are() { [ "$(entries_of)" -ge "$1" ]; }
spooled() { find "$STAND_DIR/spool" -type f | wc -l; }
spool_file() { find "$STAND_DIR/spool" -name "*$1*"; }

# unconfirmed: the answer says that it may still arrive and where to look, and does not say that nothing was booked.
unconfirmed() {
	expect_status 503
	expect_header Retry-After '^[0-9]+$'
	expect_page 'headings[0].includes("could not be confirmed")'
	expect_page '/may still arrive/.test(text) && !/nothing was (booked|changed)/i.test(text)'
	expect_equal "$(page 'links.find((l) => l.text.includes("your booking")).href')" "/booking?bookingId=$booking" 'where to look'
}

new_booking
look
full_day 0
book "${day[0]}"
standing=$booking seen=$version
pids=$(worker_pids)

note 'ClickHouse is down: a brief goes to disk, whole'
clickhouse_kill
get /
cp "$body" "$work/form"
brief=$'Zeile "eins"\n\tzwei \\ drei ☎ 𝄞'
submit /api/book name='Grace <Hopper>' email=grace@example.com company='Näve & Co' brief="$brief"
expect_status 202
expect_page 'text.includes("grace@example.com") && /write to/.test(text)'
expect_equal "$(spooled)" 1 'the number of files in the spool'
file=$(spool_file .json)
expect_equal "$(jq -r '[.name, .email, .company, .brief] | join("|")' "$file")" \
	"Grace <Hopper>|grace@example.com|Näve & Co|$brief" 'the spooled brief'
expect_equal "$(stat -c %a "$file")" 600 'the mode of the file'
queued=$(jq -r .booking_id "$file")
body=$work/form
submit /api/book name='Grace <Hopper>' email=grace@example.com company='Näve & Co' brief="$brief"
expect_status 202
find "$STAND_DIR/spool" -type f -exec jq -r .booking_id {} + | sort -u >"$work/ids"
expect_equal "$(cat "$work/ids")" "$queued" 'the booking of the form sent twice'
expect_equal "$(find "$STAND_DIR/spool" -type f -exec jq -r .held {} + | sort -u)" '' 'what is held back of it'
post_json /api/book '{"name":"A","email":"a@example.com","brief":"b"}'
expect_status 202
expect_equal "$(json '[.status, .bookingId] | map(tostring) | join(" ")')" 'queued null' 'the status, and no key'
grep -lq '"a@example.com"' "$STAND_DIR"/spool/*.json || fail 'The brief is not in the spool.'
kept=$(spooled)
mv "$STAND_DIR/spool" "$STAND_DIR/spool-away"
body=$work/form
submit /api/book name='Grace <Hopper>' email=grace@example.com brief="$brief"
expect_status 503
expect_equal "$(page 'forms[0].fields.brief')" "$brief" 'what was typed'
expect_page 'headings.some((h) => h.includes("could not save"))'
grep -q 'brief_not_saved.*spool/' "$STAND_DIR/log/workers.log" || fail 'The log does not say what could not be saved.'
! grep -q "$queued" "$STAND_DIR/log/workers.log" || fail 'The id of a booking is in the log.'
mv "$STAND_DIR/spool-away" "$STAND_DIR/spool"
expect_equal "$(spooled)" "$kept" 'the number of files in the spool'

note 'A spool that is full takes no more, promises nothing and keeps what was typed'
(cd "$STAND_DIR/spool" && seq -f '%g-x.json.damaged' 5000 | xargs touch)
full=$(spooled)
body=$work/form
submit /api/book name='Grace <Hopper>' email=grace@example.com brief="$brief"
expect_status 503
expect_header Retry-After '^[0-9]+$'
expect_page 'headings.some((h) => h.includes("cannot take your brief"))'
expect_equal "$(page 'forms[0].fields.brief')" "$brief" 'what was typed'
cp "$body" "$work/again"
post_json /api/book '{"name":"A","email":"a@example.com","brief":"b"}'
expect_status 503
expect_equal "$(json .type)" urn:slotguard:full 'the problem'
expect_equal "$(spooled)" "$full" 'the number of files in the spool'
find "$STAND_DIR/spool" -name '*-x.json.damaged' -delete
body=$work/again
submit /api/book name='Grace <Hopper>' email=grace@example.com brief="$brief"
expect_status 202
find "$STAND_DIR/spool" -type f -exec jq -r .booking_id {} + | sort -u | shows -x "$queued" || fail 'It is not the brief of the form.'
expect_equal "$(spooled)" $((kept + 1)) 'the number of files in the spool'

note 'ClickHouse is down: pages and clicks say so'
for path in "/schedule?bookingId=$standing" "/booking?bookingId=$standing"; do
	get "$path"
	expect_status 503
	expect_header Retry-After '^[0-9]+$'
	expect_page 'text.includes("are safe")'
done
get "/api/slots?bookingId=$standing"
expect_status 503
expect_header Content-Type '^application/problem\+json'
click "${day[1]}" "$seen"
unconfirmed
cancel "$seen"
unconfirmed
click_json "${day[1]}" "$seen"
expect_status 503
get /healthz
expect_status 503
clickhouse_start
for code in 62 1001; do
	fault clickhouse "{\"kind\":\"status\",\"status\":500,\"code\":$code,\"route\":\"select\"}"
	get "/schedule?bookingId=$standing"
	expect_status 503 "a page whose query meets exception $code"
	faults_clear clickhouse
done
fault clickhouse '{"kind":"garbage","route":"insert","match":"consulting_bookings","times":1}'
kept=$(spooled)
post_json /api/book '{"name":"B","email":"b@example.com","brief":"b"}'
expect_status 202 'a brief that another server took in its place'
expect_equal "$(spooled)" $((kept + 1)) 'the number of files in the spool'
faults_clear clickhouse
expect_stands '[status, slot, version].join(" ")' "booked ${day[0]} $seen"
click "${day[1]}" "$seen"
expect_status 303
audit
expect_equal "$(worker_pids)" "$pids" 'the workers'

note 'An append whose answer is lost is booked once'
full_day 1
slot=0
for what in '"kind":"reset"' '"kind":"reset","when":"after"' '"kind":"reset","when":"middle"' '"kind":"truncate"' \
	'"kind":"hang"' '"kind":"hang","when":"after"' '"kind":"status","status":500,"when":"after"' \
	'"kind":"status","status":502' '"kind":"garbage"' '"kind":"garbage","when":"after"' \
	'"kind":"status","status":404,"when":"after"' '"kind":"latency","ms":2000'; do
	new_booking
	fault clickhouse "{$what,$ledger_insert,\"times\":1}"
	click "${day[slot]}" 0
	expect_status 303 "a click with $what"
	faults_clear clickhouse
	expect_stands '[status, slot, accepted, row.status, row.slot].join(" ")' "booked ${day[slot]} 1 booked ${day[slot]}"
	expect_equal "$(entries_of)" 1 "the number of entries with $what"
	slot=$((slot + 1))
done
seen=$(stands version)
fault clickhouse "{\"kind\":\"reset\",\"when\":\"after\",$ledger_insert,\"times\":1}"
click "${day[slot]}" "$seen"
expect_status 303 'a move'
fault clickhouse "{\"kind\":\"hang\",\"when\":\"after\",$ledger_insert,\"times\":1}"
cancel "$(stands version)"
expect_status 303 'a cancel'
faults_clear clickhouse
expect_stands '[status, accepted, entries.length].join(" ")' 'cancelled 3 3'
new_booking
fault clickhouse "{\"kind\":\"status\",\"status\":500,\"code\":252,$ledger_insert}"
click "${day[slot]}" 0
expect_status 503 'an append that the server refuses'
faults_clear clickhouse
expect_stands entries '[]'
audit --lagging

note 'Never answered, and another prospect is faster: the late command is refused'
full_day 2
new_booking
late=$booking
fault clickhouse "{\"kind\":\"hold\",\"route\":\"insert\",\"match\":\"$booking\"}"
click "${day[0]}" 0
unconfirmed
book "${day[0]}"
faults_clear clickhouse
booking=$late
wait_until entries_are 1
expect_stands '[status, accepted, /overlap/.test(entries)].join(" ")' 'unknown 0 true'
get "/booking?bookingId=$booking"
expect_page 'headings[0].includes("No time is chosen")'
click "${day[0]}" 0
expect_status 409

# The first append and its repeat are held back, and perhaps one of the click after it.
hold="{\"kind\":\"hold\",$ledger_insert,\"times\":3}"

note 'Never answered, and the prospect clicks again'
new_booking
fault clickhouse "$hold"
click "${day[1]}" 0
unconfirmed
click "${day[1]}" 0
expect_status 303
faults_clear clickhouse
wait_until entries_are 2
expect_stands '[status, slot, accepted, events.length].join(" ")' "booked ${day[1]} 1 1"
expect_shown "${day[1]}"

note 'Never answered, and the prospect takes another time'
new_booking
fault clickhouse "$hold"
click "${day[2]}" 0
unconfirmed
click "${day[3]}" 0
expect_status 303
faults_clear clickhouse
wait_until entries_are 2
expect_stands '[status, slot, accepted, events.length].join(" ")' "booked ${day[3]} 1 1"
expect_shown "${day[3]}"

note 'Never answered, and it arrives before the prospect clicks again'
new_booking
fault clickhouse "$hold"
click "${day[4]}" 0
unconfirmed
faults_clear clickhouse
wait_until entries_are 1
get "/booking?bookingId=$booking"
expect_page 'headings[0].includes("is booked")'
click "${day[5]}" 0
expect_status 409 'another time, from the old form'
expect_page 'headings.includes("Your call is booked")'
click "${day[4]}" 0
expect_status 303 'the same time'
expect_stands '[status, slot, accepted].join(" ")' "booked ${day[4]} 1"
expect_shown "${day[4]}"
audit --lagging

note 'The tail cannot be read after the append'
new_booking
before=$(requests clickhouse insert)
# After the click has looked, while it waits for the append's answer in vain.
fault clickhouse "{\"kind\":\"hold\",\"when\":\"after\",$ledger_insert}"
background one click "${day[6]}" 0
wait_until requests_are clickhouse insert $((before + 1))
fault clickhouse '{"kind":"hang","route":"select","match":"FROM ledger"}'
await one
unconfirmed
faults_clear clickhouse
get "/booking?bookingId=$booking"
expect_page 'headings[0].includes("is booked")'
expect_stands '[status, slot, accepted, entries.length].join(" ")' "booked ${day[6]} 1 1"

note 'ClickHouse is killed after the append, before its answer'
new_booking
before=$(requests clickhouse insert)
fault clickhouse "{\"kind\":\"hold\",\"when\":\"after\",$ledger_insert}"
background one click "${day[7]}" 0
wait_until requests_are clickhouse insert $((before + 1))
wait_until entries_are 1
clickhouse_kill
await one
unconfirmed
faults_clear clickhouse
clickhouse_start
expect_stands '[status, slot, accepted, entries.length].join(" ")' "booked ${day[7]} 1 1"
get "/booking?bookingId=$booking"
expect_page 'headings[0].includes("is booked")'
click "${day[7]}" 0
expect_status 303

note 'ClickHouse is killed before the append'
new_booking
before=$(requests clickhouse insert)
fault clickhouse "{\"kind\":\"hold\",$ledger_insert}"
background one click "${day[8]}" 0
wait_until requests_are clickhouse insert $((before + 1))
clickhouse_kill
await one
unconfirmed
faults_clear clickhouse
clickhouse_start
expect_stands '[status, accepted].join(" ")' 'unknown 0'
click "${day[8]}" 0
expect_status 303
expect_stands '[status, slot, accepted].join(" ")' "booked ${day[8]} 1"
expect_equal "$(worker_pids)" "$pids" 'the workers'

# strace takes its time to get hold of all of ClickHouse's threads.
set_key clickhouse timeout_ms 4000
workers_again

# ClickHouse notes a token as used, and then renames the part's folder, which shows the row.
at_commit() { # FAULT: of strace's, for that rename of an append's, which is held back until strace is there
	local path n
	local -a folders=()
	path=$(ch "SELECT data_paths[1] FROM system.tables WHERE database = 'argus' AND name = 'ledger'")
	# As ClickHouse counts them from its start.
	for ((n = 1; n <= 200; n++)); do
		folders+=(-P "${path}tmp_insert_all_${n}_${n}_0/")
	done
	fault clickhouse "{\"kind\":\"hold\",$ledger_insert,\"times\":1}"
	before=$(requests clickhouse insert)
	background one click "${day[9]}" 0
	wait_until requests_are clickhouse insert $((before + 1))
	: >"$work/strace"
	setpriv --pdeathsig KILL strace -f -e trace=rename -e "inject=rename:$1" "${folders[@]}" \
		-p "$(cat "$STAND_DIR/clickhouse.pid")" 2>"$work/strace" &
	tracer=$!
	wait_until grep -q attached "$work/strace"
	faults_clear clickhouse
	wait_until grep -q 'rename(.*/all_' "$work/strace"
}

note 'A commit of ClickHouse fails: it uses the token up, and then answers with success without a row'
new_booking
at_commit error=ENOSPC
kill -KILL $tracer
wait $tracer 2>/dev/null || :
await one
expect_status 303
expect_stands '[status, slot, accepted, entries.length].join(" ")' "booked ${day[9]} 1 1"
outside_state clickhouse '.requests[] | select(.route == "insert" and (.body | contains($id)) and .token) | "\(.token) \(.status)"' \
	--arg id "$booking" >"$work/appends"
grep -q ' 500$' "$work/appends" || fail 'ClickHouse did not say that the commit failed.'
# Another one is taken only after a success without a row.
[ "$(cut -d' ' -f1 "$work/appends" | sort -u | wc -l)" -gt 1 ] || fail 'There was one token only.'
cancel "$(stands version)"

note 'ClickHouse is killed in a commit'
new_booking
at_commit error=EIO:signal=KILL
await one
wait $tracer 2>/dev/null || :
unconfirmed
wait_until clickhouse_gone
clickhouse_start
expect_stands entries '[]'
click "${day[9]}" 0
expect_status 303
expect_stands '[status, slot, accepted].join(" ")' "booked ${day[9]} 1"
audit --lagging

note 'ClickHouse is down when the workers start'
clickhouse_kill
workers_again KILL
get /
expect_status 200
get "/schedule?bookingId=$booking"
expect_status 503
clickhouse_start
get "/schedule?bookingId=$booking"
expect_status 200
submit /api/schedule slot="${day[10]}"
expect_status 303
audit --lagging

note 'A worker that started without ClickHouse writes no brief into a schema that it does not know'
clickhouse_kill
workers_again KILL
clickhouse_start
ch "INSERT INTO argus.schema_migrations (version, name) VALUES (99, 'later')"
before=$(lead_rows)
kept=$(spooled)
post_json /api/book '{"name":"Early","email":"early@example.com","brief":"Which schema is it?"}'
expect_status 202
expect_equal "$(spooled)" $((kept + 1)) 'the number of files in the spool'
expect_equal "$(lead_rows)" "$before" 'the rows'

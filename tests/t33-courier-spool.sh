#!/bin/bash
# SPDX-License-Identifier: MIT
# t33-courier-spool: briefs that came while ClickHouse was down are leads afterwards, each once
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --courier
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"
expects_faults '^clickhouse_unreachable ' '^spool_file_damaged ' '^spool_not_replayed ' '^delivery_not_recorded '

lead Warm
wait_until is_recorded new_lead done
fault clickhouse '{"kind":"refuse"}'
for name in One Two Three Four Five; do
	post_json /api/book "{\"name\":\"$name\",\"email\":\"$name@example.com\",\"brief\":\"Brief \\\"$name\\\" <\\u202e\\n\"}"
	expect_status 202
done
spooled() { find "$STAND_DIR/spool" -name '*.json' | wc -l; }
expect_equal "$(spooled)" 5 'the number of files'
cd "$STAND_DIR/spool"
third=$(ls *.json | sed -n 3p)
cut -c 1-60 "$third" >"$work/half"
cp "$work/half" "$third"
printf '\0\377' >0000000000001-damaged.json
: >9999999999999-empty.json
mkdir 0000000000002-folder.json
jq -c '.brief = "x" * 200000' "$(ls 1*.json | sed -n 1p)" >0000000000003-large.json
echo '[]' >.hidden.json
echo kept >note.txt
cd "$srcdir"
# Two more that race for the same files.
courier_start 1
courier_start 2
faults_clear clickhouse
is_empty() { [ "$(spooled)" = "${1:-0}" ]; }
wait_until is_empty 1 # the hidden one
for name in One Two Four Five; do
	leads() { ch "SELECT count() FROM argus.consulting_bookings FINAL WHERE name = '$1'"; }
	expect_equal "$(leads $name)" 1 "the leads of $name"
done
links() { outside_state resend '[.mails[] | select(.subject | startswith("Your brief is with us"))] | '"$1"; }
links_are() { [ "$(links length)" = "$1" ]; }
wait_until links_are 4
wait_until alerts_are 4 '^Taken from the spool: the brief of (One|Two|Four|Five) '
wait_until alerts_are 5 'spool of .* is damaged'
expect_equal "$(ch "SELECT arrayStringConcat(groupArray(name), ' ') FROM (SELECT name FROM argus.consulting_bookings FINAL
	WHERE name != 'Warm' ORDER BY written_at)")" 'One Two Four Five' 'the order'
expect_equal "$(find "$STAND_DIR/spool" -name '*.damaged' | wc -l)" 5 'the files set aside'
[ -e "$STAND_DIR/spool/note.txt" ] || fail 'What is no brief is touched.'
quiet
links_are 4 || fail "There are $(links length) mails."
expect_equal "$(links 'map(.to[0]) | sort | join(" ")')" 'Five@example.com Four@example.com One@example.com Two@example.com' 'who is written to'
booking=$(ch "SELECT booking_id FROM argus.consulting_bookings FINAL WHERE name = 'One'")
links "map(select(.to[0] == \"One@example.com\"))[0].text" | shows -F "$BASE_URL/schedule?bookingId=$booking" ||
	fail 'The mail has no link to the schedule.'
alerts_are 5 'spool of .* is damaged' || fail 'A damaged file is told twice.'

note 'What a killed worker left: whole, half, and just now'
left() { # NAME: as a worker begins it
	jq -nc --arg name "$1" --arg id "$(uuid)" '{booking_id: $id, created_ms: (now * 1000 | floor), name: $name,
		email: "\($name)@example.com", company: "", brief: "Left.", timezone: "", host: "main"}'
}
left Whole >"$STAND_DIR/spool/1764600000000-whole.json.4711~"
left Half | cut -c 1-80 >"$STAND_DIR/spool/1764600000000-half.json.4711~"
touch -d '-2 minutes' "$STAND_DIR"/spool/*.4711~
left Late >"$STAND_DIR/spool/1764600000000-late.json.4712~"
is_lead() { [ "$(leads "$1")" = 1 ]; }
wait_until is_lead Whole
links_are_more() { [ "$(links length)" = 5 ]; }
wait_until links_are_more
expect_equal "$(cd "$STAND_DIR/spool" && ls -d ./*~)" ./1764600000000-late.json.4712~ 'what is left'
rm "$STAND_DIR/spool/1764600000000-late.json.4712~"

note 'A courier that dies between the row and the end of the file'
courier_end 1
courier_end 2
is_struck() { [ "$(outside_state clickhouse '[.requests[] | select(.fault == "hang" and .carried_out)] | length')" -gt "$struck" ]; }
for step in 'INTO consulting_bookings' 'INTO deliveries'; do
	courier_freeze
	struck=$(outside_state clickhouse '[.requests[] | select(.fault == "hang" and .carried_out)] | length')
	fault clickhouse '{"kind":"status","status":500,"route":"insert","match":"INTO consulting_bookings","times":1}'
	post_json /api/book '{"name":"Crash","email":"crash@example.com","brief":"Brief"}'
	expect_status 202
	fault clickhouse "{\"kind\":\"hang\",\"when\":\"after\",\"route\":\"insert\",\"match\":\"$step\",\"times\":1}"
	booking=$(jq -r .booking_id "$STAND_DIR"/spool/1*.json)
	courier_thaw
	wait_until is_struck
	courier_again
	faults_clear clickhouse
	wait_until is_recorded spooled done
	wait_until is_empty 1
	mails_are 1 || fail "There are $(mails length) mails."
done

note 'A courier that is told to stop does not take a long spool first'
courier_freeze
fault clickhouse '{"kind":"latency","ms":500,"route":"insert"}'
for n in 1 2 3 4 5; do
	booking=$(uuid)
	jq -n --arg id "$booking" --argjson ms "$(date +%s)00$n" '{booking_id: $id, created_ms: $ms, name: "Long", email: "long@example.com",
		company: "", brief: "Brief", timezone: "", host: "main"}' >"$STAND_DIR/spool/$(date +%s)00$n-$booking.json"
done
courier_start 1
is_begun() { [ "$(spooled)" -lt 6 ]; }
wait_until is_begun
courier_end 1
[ "$(spooled)" -gt 1 ] || fail 'It took them all.'
faults_clear clickhouse
courier_thaw
wait_until is_empty 1

#!/bin/bash
# SPDX-License-Identifier: MIT
# t02-safe-clicks: double clicks, reloads, second tabs, old forms and repeated briefs change nothing twice
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start
. "$srcdir/tests/journey.sh"

# unchanged VERSION: the last answer is the booking as it stands, and it has not changed.
unchanged() {
	expect_equal "$(stands version)" "$1" 'the version'
	if [ "${2:-booked}" = booked ]; then
		expect_equal "$(page 'forms.find((f) => f.action === "/api/cancel").fields.version')" "$1" \
			'the version on the page'
	fi
}

note 'A double click whose two requests run side by side: both say that it is booked'
new_booking
look
full_day 0
fault google '{"kind":"hold","route":"freeBusy"}'
background one click "${day[0]}" 0
background two click "${day[0]}" 0
wait_until requests_are google freeBusy 3 # the page's, and those of the clicks
faults_clear google
for which in one two; do
	await $which
	expect_status 303 "the click number $which"
	expect_header Location "^/booking\?bookingId=$booking\$"
done
expect_stands '[status, slot, accepted].join(" ")' "booked ${day[0]} 1"
expect_equal "$(outside_state google '.events | length')" 1 'the number of events'

note 'The same click again, reloaded or from an old form: 303, and no entry'
first=$(stands version)
entries=$(rows ledger)
for seen in '' 0 "$first"; do
	click "${day[0]}" "$seen"
	expect_status 303 "the same click with version '$seen'"
done
click_json "${day[0]}"
expect_status 200
expect_equal "$(rows ledger)" "$entries" 'the number of entries'

note 'A second tab, opened before the click'
click "${day[1]}" 0
expect_status 409
unchanged "$first"
expect_body 'has changed since that page was opened'
click "${day[1]}"
expect_status 428
unchanged "$first"
click_json "${day[1]}"
expect_status 428
expect_header Content-Type '^application/problem\+json'
expect_equal "$(json '[.bookingId, .slot, .version] | join(" ")')" "$booking ${day[0]} $first" 'the answer'
cancel
expect_status 428
cancel 0
expect_status 409
unchanged "$first"

note 'A form kept open since before a move'
get "/schedule?bookingId=$booking"
cp "$body" "$work/old-schedule"
get "/booking?bookingId=$booking"
cp "$body" "$work/old-booking"
click "${day[2]}" "$first"
expect_status 303
second=$(stands version)
body=$work/old-schedule
submit /api/schedule slot="${day[3]}"
expect_status 409
unchanged "$second"
body=$work/old-booking
submit /api/cancel
expect_status 409
unchanged "$second"
expect_stands slot "${day[2]}"
for wrong in $((second + 1)) 18446744073709551615; do
	click "${day[3]}" "$wrong"
	expect_status 409 "version $wrong"
	unchanged "$second"
done
for wrong in abc -1 1.5 18446744073709551616 "0x$second" " $second"; do
	click "${day[3]}" "$wrong"
	expect_status 400 "version '$wrong'"
	cancel "$wrong"
	expect_status 400 "version '$wrong' of a cancel"
done
expect_stands '[version, slot].join(" ")' "$second ${day[2]}"

note 'A form kept open since before a cancel, and two cancels'
get "/booking?bookingId=$booking"
cp "$body" "$work/old-booking"
fault clickhouse '{"kind":"hold","route":"insert","match":"INTO ledger"}'
inserts=$(requests clickhouse insert)
background one cancel "$second"
background two cancel "$second"
wait_until requests_are clickhouse insert $((inserts + 2))
faults_clear clickhouse
for which in one two; do
	await $which
	expect_status 303 "the cancel number $which"
done
body=$work/old-booking
submit /api/cancel
expect_status 303
third=$(stands version)
expect_stands '[status, accepted].join(" ")' 'cancelled 3'
click "${day[2]}" "$second"
expect_status 409
unchanged "$third" cancelled
expect_body 'cancelled'
click "${day[2]}"
expect_status 428
cancel
expect_status 428
click "${day[2]}" "$third"
expect_status 303
expect_stands '[status, slot, accepted].join(" ")' "booked ${day[2]} 4"

note 'A booking that never was one: no version is needed, and there is nothing to cancel'
new_booking
click "${day[5]}" 7
expect_status 409
cancel 0
expect_status 409
expect_body 'nothing to cancel'
expect_stands accepted 0

note 'The browser gives up, the click goes on, and the prospect clicks again'
fault google '{"kind":"hold","route":"freeBusy","times":1}'
before=$(requests google freeBusy)
background one click "${day[5]}" 0 --max-time 2
wait_until requests_are google freeBusy $((before + 1))
await one
expect_status 000
click "${day[5]}" 0
expect_status 303
faults_clear google
wait_until grep -q 'route=/api/schedule status=303.*ms=[0-9]\{4\}' "$STAND_DIR/log/workers.log" # to nobody
expect_stands '[status, slot, accepted].join(" ")' "booked ${day[5]} 1"
audit

note 'A call is changed ten times by its prospect, and cancelled once more; the operator is not limited'
new_booking
look_anew
full_day 2
seen=0
for ((n = 0; n < 10; n++)); do
	click "${day[n]}" "$seen"
	expect_status 303 "change number $((n + 1))"
	seen=$(stands version)
done
click "${day[12]}" "$seen"
expect_status 409
expect_body 'changed very often'
unchanged "$seen"
click_json "${day[12]}" "$seen"
expect_status 409
expect_header Content-Type '^application/problem\+json'
expect_equal "$(json '[.type, .slot, .version] | join(" ")')" "urn:slotguard:changes ${day[9]} $seen" 'the answer'
ctl move "$booking" "${day[13]}" >"$work/said" 2>&1 || fail "The operator cannot move it: $(cat "$work/said")"
seen=$(stands version)
click "${day[12]}" "$seen"
expect_status 409
cancel "$seen"
expect_status 303
seen=$(stands version)
click "${day[12]}" "$seen"
expect_status 409
expect_body 'changed very often'
expect_stands 'status' cancelled
ctl show "$booking" --json >"$work/said"
expect_equal "$(jq -r '[.ledger[] | .actor] | group_by(.) | map("\(.[0]) \(length)") | join(" ")' "$work/said")" \
	'operator 1 prospect 11' 'who changed it'
ctl show "$booking" >"$work/said"
grep -Eq ' operator .* accepted' "$work/said" || fail 'show does not say who moved it.'
audit

note 'A brief sent twice by the same form is one lead, and another text of it is another'
before=$(ch 'SELECT count() FROM argus.consulting_bookings FINAL')
leads_more() { expect_equal "$(ch 'SELECT count() FROM argus.consulting_bookings FINAL')" $((before + $1)) 'the number of leads'; }
get /
cp "$body" "$work/form"
submit /api/book name=Ada email=ada@example.com brief=First
booking=$(header Location | sed 's/.*=//')
body=$work/form
submit /api/book name=Ada email=ada@example.com brief=First
expect_header Location "=$booking\$"
body=$work/form
submit /api/book name=Eve email=eve@example.com brief=Second
expect_status 303
first=$booking booking=$(header Location | sed 's/.*=//')
[ "$booking" != "$first" ] || fail 'Whoever knows the first id can read what somebody else wrote.'
expect_stands '[row.name, row.brief].join(" ")' 'Eve Second'
booking=$first
expect_stands '[row.name, row.brief].join(" ")' 'Ada First'
leads_more 2
before=$((before + 1))
click "${day[7]}"
expect_status 303
body=$work/form
submit /api/book name=Ada email=ada@example.com brief=First
expect_header Location "=$booking\$"
leads_more 1

note 'The same once that lead has a call'
booked=$booking
body=$work/form
submit /api/book name=Bob email=bob@example.com brief=Third
expect_status 303
booking=$(header Location | sed 's/.*=//')
[ "$booking" != "$booked" ] || fail 'It is the lead that has a call.'
body=$work/form
submit /api/book name=Bob email=bob@example.com brief=Third
expect_header Location "=$booking\$"
leads_more 2
expect_stands '[row.status, row.name, row.brief].join(" ")' 'awaiting_slot Bob Third'
booking=$booked
expect_stands '[status, row.status, row.slot, row.brief].join(" ")' "booked booked ${day[7]} First"
before=$((before + 1))

note 'A token that is not ours is refused, and what was typed is kept'
get /
cp "$body" "$work/form"
token=$(page 'forms[0].fields.token')
flipped=$(printf %s "$token" | tr '0123456789abcdef' '123456789abcdef0')
for wrong in "$flipped" "${token:2}" '' "${token}00" "${flipped:0:32}${token:32}" 'ü'; do
	body=$work/form
	submit /api/book name=Ada email=ada@example.com company='Käse & Söhne' brief='Kept <text>' token="$wrong"
	expect_status 422 "the token '$wrong'"
	expect_equal "$(page '["name", "email", "company", "brief"].map((name) => forms[0].fields[name]).join("|")')" \
		'Ada|ada@example.com|Käse & Söhne|Kept <text>' 'what was typed'
	leads_more 1
done
submit /api/book
expect_status 303 'the same form, sent once more'
leads_more 2

note 'A refused form comes back with a token of its own, whatever it was sent with'
get /
token=$(page 'forms[0].fields.token')
submit /api/book name= email=ada@example.com brief=Text
expect_status 422
[ "$(page 'forms[0].fields.token')" != "$token" ] || fail "A stranger's token would be the victim's."
leads_more 2
for site in cross-site same-site; do
	get /
	post /api/book "token=$(page 'forms[0].fields.token')" name=Ada email=ada@example.com brief=Text -- -H "Sec-Fetch-Site: $site"
	expect_status 403 "a form from a page that is $site"
	leads_more 2
done
http /api/book --data 'name=Ada&email=ada@example.com&brief=Text'
expect_status 422 'a form without a token'
leads_more 2

note 'The same Idempotency-Key and content is one lead; with other content it is another'
one='{"name":"Ada","email":"ada@example.com","brief":"One"}'
post_json /api/book "$one" -H 'Idempotency-Key: 42'
expect_status 201
booking=$(json .bookingId)
post_json /api/book "$one" -H 'Idempotency-Key: 42'
expect_status 201
expect_equal "$(json .bookingId)" "$booking" 'the booking'
leads_more 3
post_json /api/book '{"name":"Eve","email":"eve@example.com","brief":"One"}' -H 'Idempotency-Key: 42'
expect_status 201
[ "$(json .bookingId)" != "$booking" ] || fail 'A key that is used again opens the booking of another.'
expect_stands '[row.name, row.email].join(" ")' 'Ada ada@example.com'
leads_more 4
post_json /api/book "$one"
[ "$(json .bookingId)" != "$booking" ] || fail 'The same brief without a key is the same lead.'
leads_more 5
audit

#!/bin/bash
# SPDX-License-Identifier: MIT
# t39-person: what the page says of the mails is what became of them, and a wrong address is corrected
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --courier --set courier.replay_s=1
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"
. "$srcdir/tests/ctl.sh"
expects_faults '^delivery duty=mail .* state=failed code=refused where=resend detail="status 422 .*Invalid `to` field' \
	'^delivery duty=mail .* state=retry detail="the address has its mails of a day"$'
outside_config resend '{"per_second":0}'

# typed ADDRESS: a new brief under it; sets $booking.
typed() {
	post_json /api/book "$(jq -n --arg email "$1" '{name: "Ada", email: $email, brief: "A call about a thing."}')"
	expect_status 201
	booking=$(json .bookingId)
}
show() { get "/booking?bookingId=$booking" "$@"; }
mail_is() { show -H 'Accept: application/json' && [ "$(json .mail)" = "$1" ]; }
has_form() { [ "$(page 'forms.some((f) => f.action === "/api/address")')" = "$1" ]; }

note 'A mail that arrived: the page says so, and offers no other address'
fault resend '{"kind":"status","status":422,"message":"Invalid `to` field.","match":"wrong@example.com"}'
typed right@example.com
look
full_day 0
click "${day[0]}"
expect_status 303
wait_until mail_is arrived
show
expect_body 'The confirmation went to <strong>right@example.com'
has_form false || fail 'A delivered mail can be sent elsewhere.'
version=$(stands version)
post /api/address "bookingId=$booking" "version=$version" email=thief@example.com
expect_status 409
expect_equal "$(stands version)" "$version" 'the version'

note 'One that was refused for good: the page says so, and asks for the address'
typed wrong@example.com
courier_freeze
click "${day[1]}"
expect_status 303
follow
expect_body 'A confirmation goes to <strong>wrong@example.com'
courier_thaw
wait_until mail_is refused
show
expect_body 'could not be delivered, is the address right'
expect_no_body 'A confirmation goes to'
first=$(stands version)
entries=$(stands 'entries.length')

note 'It is protected as other changes are'
body_before=$body
for refused in '428 email=new@example.com' "409 version=1 email=new@example.com" "422 version=$first email=new@" \
	"422 version=$first email=" "400 version=x email=new@example.com"; do
	# shellcheck disable=SC2086
	set -- $refused
	post /api/address "bookingId=$booking" "${@:2}"
	expect_status "$1" "$refused"
done
post /api/address "bookingId=$booking" "version=$first" email=new@example.com -- -H 'Sec-Fetch-Site: cross-site'
expect_status 403
post /api/address "bookingId=$(uuid)" "version=$first" email=new@example.com
expect_status 404
post /api/address "bookingId=$booking" "version=$first" 'email=new example.com'
expect_status 422
expect_page 'text.includes("does not look like an e-mail address")'
expect_body 'value="new example.com"'
post_json /api/address "$(jq -n --arg booking "$booking" --argjson version "$first" '{bookingId: $booking, version: $version, email: "new"}')"
expect_status 422
expect_equal "$(json '.faults[0].field')" email 'what is wrong'
expect_stands 'entries.length' "$entries"

note 'Corrected: the same call, a new version, and its mail goes there'
body=$body_before
show
submit /api/address email=Right2@Example.com
follow
expect_body 'goes to <strong>Right2@Example.com|went to <strong>Right2@Example.com'
wait_until mail_is arrived
expect_equal "$(mails '.[-1].to[0]')" 'Right2@Example.com' 'to whom the mail went'
expect_equal "$(mails length)" 1 'the mails'
mails '.[0].subject' | shows '^Your call with Avo: ' || fail 'The first mail that arrives is called another.'
[ "$(stands version)" -gt "$first" ] || fail 'It is no new version.'
expect_equal "$(json .slot)" "${day[1]}" 'the time of the call'
wait_until alerts_are 1 'Address corrected: .*Right2@Example.com'
alerts_are 0 '^Moved' || fail 'The operator reads of a move.'
expect_stands status booked
expect_stands 'events.filter((e) => e.status === "confirmed").length' 1
show
has_form false || fail 'A delivered mail can be sent elsewhere.'

note 'The same in JSON; one of two at once is late'
typed wrong@example.com
click "${day[2]}"
expect_status 303
wait_until mail_is refused
version=$(json .version)
for status_wanted in 200 409; do
	post_json /api/address "$(jq -n --arg booking "$booking" --argjson version "$version" '{bookingId: $booking, version: $version, email: "right3@example.com"}')"
	expect_status $status_wanted
done
wait_until mail_is arrived
expect_equal "$(mails length)" 1 'the mails'

note 'The operator has a mail sent once more that was given up'
fault resend '{"kind":"status","status":422,"message":"Invalid `to` field.","match":"later@example.com"}'
typed later@example.com
click "${day[3]}"
expect_status 303
wait_until mail_is refused
run 0 resend "$booking" --dry-run
says 'mail would be sent to later@example.com; it was failed'
mail_is refused || fail 'A dry run does something.'
faults_clear resend
run 0 resend "$booking" --json
expect_equal "$(out '[.mail, .was, .done] | join(" ")')" 'mail failed is due' 'what resend says'
wait_until mail_is arrived
expect_equal "$(mails length)" 1 'the mails'
run 5 resend "$booking"
says 'is done; --force sends it once more'
run 0 resend "$booking" --force
wait_until mails_are 2
run 5 resend "$booking" --version 1
run 3 resend "$(uuid)"
run 2 resend no-id

note 'A person is told apart by the address: one alert, one line in the funnel, no nudge'
person() { # ADDRESS BRIEF MINUTES-AGO
	lead Grace "$1" "$2" "$3"
}
person grace@example.com 'The same.' 90
first=$booking
wait_until is_recorded nudge done
wait_until is_recorded abandoned done
person Grace+more@Example.com 'The same.' 80
wait_until is_recorded new_lead skipped
wait_until is_recorded nudge skipped
wait_until is_recorded abandoned skipped
wait_until alerts_are 1 '^New brief from Grace'
person grace@example.com 'The\n \tsame.' 75
wait_until is_recorded new_lead skipped
wait_until is_recorded abandoned skipped
person GRACE@example.com 'Another.' 70
wait_until alerts_are 1 '^Again from Grace'
wait_until is_recorded nudge skipped
wait_until is_recorded abandoned done
append book "$(half_hour 1)"
wait_until is_recorded mail done
person grace@example.com 'A third.' 65
wait_until is_recorded abandoned skipped
alerts_are 1 '^New brief from Grace' || fail 'The same content is told twice.'
run 0 stats --json
expect_equal "$(out .total.leads)" "$(ch "SELECT uniqExact(booking_id) - 2 FROM argus.consulting_bookings WHERE held != 'reminded' FORMAT TabSeparated")" 'the leads in the funnel'
booking=$first

note 'Whoever sent a brief does not know the key of what the reader of its reminder books'
person faye@example.com 'One thing.' 90
sent=$booking
wait_until is_recorded nudge done
wait_until is_recorded abandoned done
reminded=$(outside_state resend '[.mails[] | select(.to[0] == "faye@example.com")] | .[0].text' | grep -o 'bookingId=[0-9a-f-]*' | sort -u)
expect_equal "$(wc -l <<<"$reminded")" 1 'the keys in the reminder'
booking=${reminded#*=}
[ "$booking" != "$sent" ] || fail 'The reminder has the key that its sender knows.'
listed() {
	run 0 list --status all --email faye@example.com --json
	out '[.[].status] | sort | join(" ")'
}
expect_equal "$(listed)" awaiting_slot 'the one brief in the list'
click "${day[6]}"
expect_status 303
wait_until is_recorded mail done
get "/booking?bookingId=$sent" -H 'Accept: application/json'
expect_equal "$(json .slot)" null 'the call that its sender reads of'
post /api/cancel "bookingId=$sent" version=0
expect_status 409
expect_stands status booked
wait_until is_recorded new_lead skipped
for duty in nudge abandoned; do
	! is_recorded $duty done || fail "$duty is told of the same brief twice."
done
alerts_are 2 '^New brief from Grace' || fail 'The same brief is told twice.'
expect_equal "$(listed)" 'awaiting_slot booked' 'the brief and its call in the list'
run 0 stats --json
expect_equal "$(out .total.leads)" "$(ch "SELECT uniqExact(booking_id) - 2 FROM argus.consulting_bookings WHERE held != 'reminded' FORMAT TabSeparated")" 'the leads in the funnel'

note 'A brief is told of that took the place of one before anybody was told of that'
ch "INSERT INTO argus.consulting_bookings (booking_id, status, host, name, email, brief, held, created_at)
	SETTINGS async_insert = 0
	VALUES (generateUUIDv4(), 'awaiting_slot', 'main', 'Ivy', 'ivy@example.com', 'The same.', 'superseded', now64(3) - INTERVAL 1 MINUTE)"
lead Ivy ivy@example.com 'The same.'
wait_until is_recorded new_lead done

note 'Mails to one address have a limit of a day'
set_key fair mails_per_address 3
kill -HUP $(courier_pids)
courier_read() { grep -q '^reloaded' "$STAND_DIR/log/courier.log"; }
wait_until courier_read
for n in 11 12 13 14 15; do
	lead Eve "eve+$n@example.com" "Brief $n."
	append book "$(half_hour $n)"
done
wait_until alerts_are 1 '^MAILS WAIT'
sent_to_eve() { ch "SELECT count() FROM argus.deliveries WHERE duty = 'mail' AND state = '$1'
	AND booking_id IN (SELECT booking_id FROM argus.consulting_bookings WHERE name = 'Eve')"; }
eves() { [ "$(sent_to_eve done)" = 3 ] && [ "$(sent_to_eve retry)" = 2 ]; }
wait_until eves
quiet
eves || fail 'More than a day may have has left.'
alerts_are 1 '^MAILS WAIT' || fail 'The operator is told twice.'
ch "ALTER TABLE argus.deliveries UPDATE at = at - INTERVAL 1 DAY, until = until - INTERVAL 1 DAY
	WHERE duty = 'mail' SETTINGS mutations_sync = 2"
courier_again
all_of_eve() { [ "$(sent_to_eve done)" = 5 ]; }
wait_until all_of_eve

note 'A worker that may not read what became of mails promises nothing'
set_key resend from ''
kill -HUP $(worker_pids)
no_promise() { show && ! grep -q 'right3@example.com' "$body"; }
wait_until no_promise

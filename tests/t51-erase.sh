#!/bin/bash
# SPDX-License-Identifier: MIT
# t51-erase: a person's data are handed out, and go for good; nothing supplies them again
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --workers 2 --set courier.replay_s=1 --set google.timeout_ms=2000 --set site.queue_ms=2000 --set clickhouse.timeout_ms=2000 --set clickhouse.retry_s=0
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"
expects_faults '^clickhouse_unreachable .*Timeout was reached'
expects_worker_faults '^(failed route=[^ ]+|click_failed|append_failed) code=ledger where=journal '
. "$srcdir/tests/ctl.sh"


# brief NAME EMAIL: a lead; sets $booking.
brief() {
	post_json /api/book "{\"name\":\"$1\",\"email\":\"$2\",\"brief\":\"Brief of $1.\",\"company\":\"$1 Ltd\"}"
	expect_status 201
	booking=$(json .bookingId)
}
# spool NAME EMAIL ID: as a worker leaves it while ClickHouse is down.
spool() {
	jq -n --arg name "$1" --arg email "$2" --arg id "$3" '{booking_id: $id, created_ms: 1764600000000, name: $name,
		email: $email, company: "", brief: "Spooled.", timezone: "", host: "main", budget: "", timeframe: "",
		language: "en"}' >"$STAND_DIR/spool/1764600000000-$3.json"
}
# kept WORD: in how many rows of the tables somebody's words stand, replaced ones included.
kept() {
	ch "SELECT (SELECT count() FROM argus.consulting_bookings WHERE
		position(concat(name, email, company, brief), '$1') > 0) +
		(SELECT count() FROM argus.deliveries WHERE position(concat(payload, detail), '$1') > 0)"
}

brief Grace Grace.Hopper@example.com
grace=$booking
look
full_day 0
click "${day[0]}"
expect_status 303
grace_version=$(stands version)
get "/schedule?bookingId=$grace"
cp "$body" "$work/form"
brief Grace grace.hopper@EXAMPLE.com
lead=$booking
brief Bob bob@example.com
bob=$booking
click "${day[1]}"
booking=$grace
courier_start
wait_until mails_are 1
booking=''
wait_until mails_are 2
booking=$grace
courier_end
leases_pass
late=$(uuid) other=$(uuid)
spool Grace grace.hopper@example.com "$late"
spool Bob bob@example.com "$other"
echo '{' >"$STAND_DIR/spool/1764600000001-$grace.json.damaged"
echo '{' >"$STAND_DIR/spool/1764600000001-$(uuid).json.damaged"

note 'An export has everything of this person, and nothing of another'
run 0 export grace.hopper@example.com
expect_equal "$(out '[.bookings[].booking.id] | sort | join(",")')" "$(printf '%s\n' "$grace" "$lead" | sort | paste -sd,)" 'the bookings'
expect_equal "$(out '[.spool[].file] | sort | join(",")')" \
	"1764600000000-$late.json,1764600000001-$grace.json.damaged" 'the files'
expect_equal "$(out '[.bookings[].deliveries[].payload | select(.)] | length >= 1')" true 'that the mails are there'
expect_equal "$(out '.bookings[] | select(.booking.status == "booked") | .booking | .name + .company + .brief')" \
	'GraceGrace LtdBrief of Grace.' 'what was written'
! grep -q 'bob@' "$work/out" || fail "Another's data are handed out."
says '1 damaged file.s. of the spool may be about anybody'
run 0 export "$bob"
expect_equal "$(out '[.bookings[].booking.id] | join(",")')" "$bob" 'one booking'

note 'What an erasure leaves is said: other spellings, and mails to an address that was corrected since'
run 3 erase bob+more@example.com --dry-run
says "nothing is kept under this address, but .* by its id: $bob\$"
run 3 erase nobody@example.com --dry-run
! grep -q 'by its id' "$work/err" || fail 'Somebody is named who is nobody.'
moved=$(uuid)
ch "INSERT INTO argus.consulting_bookings (booking_id, status, host, name, email, brief) SETTINGS async_insert = 0
	VALUES ('$moved', 'awaiting_slot', 'main', 'Moved', 'new@example.net', 'Text')"
ch "INSERT INTO argus.deliveries (booking_id, version, duty, state, payload) SETTINGS async_insert = 0
	VALUES ('$moved', 0, 'mail', 'trying', '{\"from\":\"x\",\"to\":[\"Old@Example.net\"]}'),
	('$moved', 123456789012345, 'calendar_changed', 'done', '12 moved 1796000000 1796001800 overlap $grace')"
run 3 erase old@example.net --dry-run
says "a mail to this one is kept with it, to be named by its id: $moved\$"
run 0 export new@example.net
run 0 erase "$moved" --json
run 3 erase old@example.net
! grep -q 'by its id' "$work/err" || fail 'It is said of what is gone.'
# As the brief reads it, it is the same address.
run 0 erase ' <Grace.Hopper@example.com> ' --dry-run

note 'A dry run does nothing, and neither does a no'
before="$(written) $(kept Grace) $(find "$STAND_DIR/spool" -type f | wc -l)"
run 0 erase grace.hopper@example.com --dry-run --json
expect_equal "$(out '[.dry_run, (.bookings | length), .files] | join(" ")')" 'true 3 2' 'what would go'
is=0
script -qec "$(printf '%q ' "$builddir/slotguardctl" -c "$CONF" erase "$grace")" /dev/null <<<n >"$work/out" || is=$?
says 'Erase 1 booking for good'
expect_equal "$is" 5 'the status after a no'
expect_equal "$(written) $(kept Grace) $(find "$STAND_DIR/spool" -type f | wc -l)" "$before" 'what is kept'

note 'While Google does not answer the rest goes, and the next run takes the event'
fault google '{"kind":"status","status":503,"route":"events.*"}'
run 1 erase Grace.Hopper@Example.COM --json
expect_equal "$(out '[.bookings[].fault | select(. and test("courier goes on"))] | length')" 3 'the faults that are said'
expect_equal "$(out .unread_files)" 1 'the files that may be hers'
run 1 erase "$grace"
says '^erased 0 of 1 booking '
faults_clear google
expect_equal "$(kept Grace)" 0 'the rows with words of hers'
expect_stands 'events.filter((e) => e.status === "confirmed").length' 1
run 0 erase "$grace" --json
expect_equal "$(out '[.dry_run, .bookings[0].events, .bookings[0].left, .bookings[0].version] | join(" ")')" \
	"false 1 0 $(stands version)" 'what was done'
run 0 erase "$grace"
says '^erased 1 of 1 booking and 0 files of the spool'
says 'after a RESTORE run this again'
says 'query_log'
says 'other briefs and calls of the same person'
says 'Resend'
says 'Telegram'

note 'She is gone, and the others are not'
expect_equal "$(kept Grace)$(kept grace)" 00 'the rows with words of hers'
[ "$(kept Bob)" -ge 2 ] || fail 'Another went, too.'
expect_stands status erased
expect_stands 'row.status' erased
expect_stands 'events.filter((e) => e.status === "confirmed").length' 0
[ ! -e "$STAND_DIR/spool/1764600000000-$late.json" ] || fail 'The spool still has the brief.'
[ ! -e "$STAND_DIR/spool/1764600000001-$grace.json.damaged" ] || fail 'The spool still has the damaged file.'
[ -e "$STAND_DIR/spool/1764600000000-$other.json" ] || fail "The spool lost another's brief."
run 3 erase grace.hopper@example.com
run 3 export grace.hopper@example.com
run 0 list --status erased --from 2020-01-01 --json
expect_equal "$(out '[.[] | .name + .email + .company] | join("")')" '' 'what the list still has of her'
get "/booking?bookingId=$grace"
expect_page 'headings[0].includes("erased")'
body=$work/form
submit /api/schedule slot="${day[5]}"
expect_status 410
booking=$bob
# The page may go on with the pool's answer of the calendar while that is fresh.
is_open_again() { look && is_open "${day[0]}"; }
wait_until is_open_again
expect_equal "$(grep -ciE 'grace|hopper' "$STAND_DIR/log/workers.log")" 0 'the lines of the log with her name'

note 'Nothing supplies her again: the courier, a late row, a spooled copy, a rebuild'
mails_before=$(booking='' mails 'length')
spool Grace grace.hopper@example.com "$grace"
ch "INSERT INTO argus.consulting_bookings (booking_id, version, status, host, name, email) SETTINGS async_insert = 0
	VALUES ('$grace', $grace_version, 'booked', 'main', 'Grace', 'grace.hopper@example.com')"
courier_start
spool_is_empty() { [ -z "$(find "$STAND_DIR/spool" -name '*.json')" ]; }
wait_until spool_is_empty
quiet
courier_end
leases_pass
booking=$grace
expect_equal "$(booking='' mails 'map(select(.to | tostring | test("grace"; "i"))) | length')" 1 'the mails to her'
expect_stands 'row.status + row.name' erased
run 0 erase "$grace"
expect_equal "$(kept Grace)$(kept grace)" 00 'the rows with words of hers'
run 0 ledger rebuild --yes
workers_again
expect_stands status erased
get "/booking?bookingId=$grace"
expect_page 'headings[0].includes("erased")'
run 0 erase "$grace" --json
expect_equal "$(out '.bookings[0].left')" 0 'what is left'
[ "$(booking='' mails 'length')" -ge "$mails_before" ] || fail 'Mails are missing.'

note 'Her second brief, that only a spool knew, is refused for ever'
booking=$late
get "/booking?bookingId=$late"
expect_page 'headings[0].includes("erased")'

note 'A form or a request from before, sent once more, does not bring her back'
get /
cp "$body" "$work/brief-form"
again() { # -> $status of the form and of the JSON request, each as it was sent the first time
	body=$work/brief-form
	submit /api/book name=Joan email=joan@example.com brief='Brief of Joan.'
	codes=$status
	post_json /api/book '{"name":"Joan","email":"joan@example.com","brief":"Brief of Joan."}' -H 'Idempotency-Key: joan'
	codes+=" $status"
}
again
expect_equal "$codes" '303 201' 'the statuses of the first'
run 0 erase joan@example.com
again
expect_equal "$codes" '410 410' 'the statuses of the second'
expect_equal "$(kept Joan)" 0 'the rows with words of hers'

note 'A row that a worker had sent before does not outlive her'
brief Ada ada@example.com
ada=$booking
fault clickhouse '{"kind":"hold","route":"insert","match":"INTO consulting_bookings","times":1}'
background click click "${day[7]}" 0
is_booked() { [ "$(stands status)" = booked ]; }
is_erased() { [ "$(stands status)" = erased ]; }
wait_until is_booked
ctl erase "$ada" >"$work/erased" 2>&1 &
erasing=$!
wait_until is_erased
# The worker's own limit may have passed: the row arrives whoever waits for it.
faults_clear clickhouse
await click
wait $erasing || fail "The erase failed: $(cat "$work/erased")"
expect_equal "$(kept Ada)" 0 'the rows with words of hers'

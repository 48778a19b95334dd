#!/bin/bash
# SPDX-License-Identifier: MIT
# t30-courier-mail: what a prospect is told by e-mail, once each, with an invitation that calendars read
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --courier --set resend.reply_to='Avo <avo@example.com>' --set courier.replay_s=1 \
	--set courier.abandoned_minutes=30
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"
expects_faults 'duty=mail .* state=failed .*the address is no address' 'duty=mail .* state=unsure .*a day ago' \
	'duty=mail .* state=(retry|trying) code=(unsure|busy|unreachable) where=resend'
outside_config resend '{"per_second":0}'

note 'Booked by the pages with a zone of the prospect: both zones, the link, an invitation'
new_booking 'Ada Lovelace'
look
full_day 0
post /api/schedule "bookingId=$booking" "slot=${day[0]}" tz=Asia/Kolkata
expect_status 303
wait_until mails_are 1
first=$(stands version)
mails '.[0].subject' | shows -E '^Your call with Avo: .*, .* IST$' || fail "The subject is: $(mails '.[0].subject')"
for zone in IST 'For us: .* E[SD]T'; do
	mails '.[0].text' | shows -E "$zone" || fail "The mail has no time in $zone."
done
expect_equal "$(mails '.[0] | [.from, .reply_to, .to[]] | join(" ")')" \
	'Avo <calls@book.example.com> Avo <avo@example.com> ada@example.com' 'from, reply_to, to'
for part in text html; do
	for words in 'Ada Lovelace' 'Asia/Kolkata' "$BASE_URL/booking?bookingId=$booking" 'booked'; do
		mails ".[0].$part" | shows -F -- "$words" || fail "The $part of the mail does not have: $words"
	done
done
expect_equal "$(invites '.[0] | [.method, .type, .uid, .sequence, .start, .end, .status, .organizer, .attendee, .url] | join("|")')" \
	"REQUEST|text/calendar; charset=utf-8; method=REQUEST|$booking@127.0.0.1|$first|${day[0]}|$(moved "${day[0]}" 30)|CONFIRMED|mailto:avo@example.com|mailto:ada@example.com|$BASE_URL/booking?bookingId=$booking" \
	'the invitation'

note 'Moved, cancelled, booked again: the same UID, a rising SEQUENCE'
click "${day[1]}" "$first"
expect_status 303
wait_until mails_are 2
second=$(stands version)
mails '.[1].subject' | shows '^New time for your call with Avo: ' || fail 'The move is not called one.'
mails '.[1].text' | shows Asia/Kolkata || fail 'The zone is forgotten on a move.'
cancel "$second"
expect_status 303
wait_until mails_are 3
third=$(stands version)
expect_equal "$(mails '.[2].subject')" 'Your call with Avo is cancelled' 'the subject'
mails '.[2].text' | shows -F "$BASE_URL/schedule?bookingId=$booking" || fail 'There is no way to another time.'
expect_equal "$(invites '[.[] | [.method, .status, .sequence, .start] | join(" ")] | join(", ")')" \
	"REQUEST CONFIRMED $first ${day[0]}, REQUEST CONFIRMED $second ${day[1]}, CANCEL CANCELLED $third ${day[1]}" 'the invitations'
expect_equal "$(invites 'map(.uid) | unique | length')" 1 'the number of UIDs'
[ "$first" -lt "$second" ] && [ "$second" -lt "$third" ] || fail 'SEQUENCE does not rise.'
click "${day[2]}" "$third"
expect_status 303
wait_until mails_are 4
expect_equal "$(invites '.[3] | [.method, .start] | join(" ")')" "REQUEST ${day[2]}" 'the invitation'
mails '.[3].subject' | shows '^Your call with Avo: ' || fail 'A booking after a cancel is called a move.'
click "${day[3]}" "$(stands version)"
expect_status 303
wait_until mails_are 5
mails '.[4].subject' | shows '^New time for your call with Avo: ' || fail 'The move after it is not called one.'

note 'A call from before the hours were changed has its own length'
sed 's/^slot_minutes *=.*//; s/^\[hours\]/&\nslot_minutes = 45/' "$CONF" >"$work/longer.conf"
"$builddir/slotguardctl" -c "$work/longer.conf" move "$booking" "${day[9]}" >"$work/moved" ||
	fail "The move fails: $(cat "$work/moved")"
wait_until mails_are 6
mails '.[5].text' | shows '^ *45 minutes$' || fail "The mail has another length: $(mails '.[5].text')"

note 'No mail greets by a name that would be a link'
new_booking 'there, your account was locked: confirm at https://evil.example/login'
before=$(mails length)
click "${day[12]}"
expect_status 303
wait_until mails_are $((before + 1))
for part in text html; do
	mails ".[-1].$part" | shows 'Hello,' || fail "The $part of the mail greets nobody."
	! mails ".[-1].$part" | shows evil || fail "The $part of the mail has a stranger's link."
done
! mails '.[-1].attachments[0].content' | base64 -d | sed -z 's/\r\n //g' | shows evil || fail "The invitation has a stranger's link."

note 'In the language of the pages that were read; in the default one when there are no words of it'
n=60
declare -A spoken=()
for language in es xx ''; do
	lead
	spoken[$booking]=$language
	ch "INSERT INTO argus.consulting_bookings (booking_id, version, status, host, name, email, language) SETTINGS async_insert = 0
		VALUES ('$booking', 0, 'awaiting_slot', 'main', 'Ada', 'ada@example.com', '$language')"
	append book "$(half_hour $n)"
	n=$((n + 1))
done
for booking in "${!spoken[@]}"; do
	language=${spoken[$booking]}
	wait_until mails_are 1
	case $language in
	es) words='Su llamada con Avo: ' html='<html lang="es">' text='Hola, Ada:' ;;
	*) words='Your call with Avo: ' html='<html lang="en">' text='Hello Ada,' ;;
	esac
	mails '.[0].subject' | shows "^$words" || fail "The subject is: $(mails '.[0].subject')"
	mails '.[0].html' | shows -F "$html" || fail "The page of '$language' is of another language."
	expect_equal "$(mails '.[0].text' | sed -n 1p)" "$text" "the mail in '$language'"
done

note 'A move before the first mail left is a booking'
fault resend '{"kind":"refuse"}'
book "${day[4]}"
wait_until is_recorded mail retry
click "${day[5]}" "$version"
expect_status 303
faults_clear resend
wait_until mails_are 1
expect_equal "$(mails '.[0].subject[0:9]')" 'Your call' 'the subject'
expect_equal "$(invites '.[0].start')" "${day[5]}" 'the time'

note 'A call whose mail did not leave is called off all the same'
fault resend '{"kind":"refuse"}'
book "${day[6]}"
wait_until is_recorded mail retry
cancel "$version"
expect_status 303
faults_clear resend
wait_until mails_are 1
expect_equal "$(mails '.[0].subject | test("cancelled")')" true 'the subject'

note 'An answer that is cut, and a request that is in progress: the same bytes under the same key, and one mail'
courier_freeze
declare -A cut=()
for what in '"kind":"reset","when":"after"' '"kind":"truncate"' '"kind":"garbage"' '"kind":"status","status":500,"when":"after"' \
	'"kind":"status","status":409,"reason":"concurrent_idempotent_requests"'; do
	lead
	append book "$(half_hour ${#cut[@]})"
	cut[$booking]=$what
	fault resend "{$what,\"times\":1,\"match\":\"$booking\"}"
done
courier_thaw
for booking in "${!cut[@]}"; do
	wait_until is_recorded mail done
	mails_are 1 || fail "After ${cut[$booking]} there are $(mails length) mails."
	expect_equal "$(outside_state resend '[.requests[] | select(.body | contains($booking)).body] | [length, (unique | length)] | join(" ")' --arg booking "$booking")" \
		'2 1' 'the number of requests, and of different bodies'
done

note 'A 429 that names a time'
fault resend '{"kind":"status","status":429,"retry_after":5,"times":1}'
lead
append book "$(half_hour 20)"
wait_until is_recorded mail done
mails_are 1 || fail "There are $(mails length) mails."
# The courier's own rest after a failure is of two seconds.
[ "$(pause resend emails.send)" -ge 4000 ] || fail "After a 429 it rests for $(pause resend emails.send) ms, not 5 s."

note 'A day later Resend has forgotten the key: what may have been sent is not sent twice, and the operator is told'
# tried STATE: a mail whose bytes were kept a day ago, in that state.
tried() {
	lead "Tried $1"
	courier_freeze
	append book "$(half_hour "$2")"
	ch "INSERT INTO argus.deliveries (booking_id, version, duty, state, payload, at) SETTINGS async_insert = 0
		VALUES ('$booking', $version, 'mail', '$1',
		'{\"from\":\"Avo <calls@book.example.com>\",\"to\":[\"ada@example.com\"],\"subject\":\"Kept\",\"text\":\"Kept\"}',
		now64(3) - INTERVAL 24 HOUR)"
	courier_thaw
}
tried trying 22
wait_until is_recorded mail unsure
wait_until alerts_are 1 '^A mail may or may not have arrived'
mails_are 0 || fail 'It was sent again.'
tried retry 23
wait_until is_recorded mail done
mails_are 1 '.subject == "Kept"' || fail "What was surely not sent is not sent with its bytes: $(mails)"

note 'Reminders: at their time; none twice, none late, none for a call that was moved or cancelled'
courier_freeze
now=$(date +%s)
declare -A of=()
# announced NAME START: a call of a host of its own, told a day and more ago, past the couriers.
announced() {
	lead "$1"
	of[$1]=$booking
	append book "$2" 0 fresh "$1"
	ch "INSERT INTO argus.deliveries (booking_id, version, duty, state, at) SETTINGS async_insert = 0
		VALUES ('$booking', $version, 'mail', 'done', now64(3) - INTERVAL 30 HOUR)"
}
announced soon $((now + 3602))
announced day $((now + 86398))
announced late $((now + 1800))
announced moved $((now + 3602))
append book $((now + 200000)) "$version" fresh moved
announced cancelled $((now + 3602))
append cancel $((now + 3602)) "$version" fresh cancelled
announced over $((now - 1800))
courier_thaw
reminders() { mails 'map(select(.subject | startswith("Reminder: "))) | length'; }
has_reminder() { [ "$(booking=${of[$1]} reminders)" = 1 ]; }
wait_until has_reminder day
wait_until has_reminder soon
courier_again
quiet
booking=''
expect_equal "$(reminders)" 2 'the number of reminders'
booking=${of[day]}
mails '.[-1].text' | shows -F "$BASE_URL/booking?bookingId=$booking" || fail 'The reminder has no link.'
expect_equal "$(mails '.[-1].attachments')" null 'the invitation of a reminder'

note 'A brief without a slot: one nudge at its time, with the way to the schedule'
lead Young '' '' 29
young=$booking
lead Old ada@example.com '' $((8 * 24 * 60))
old=$booking
lead Booked ada@example.com '' 31
append book "$(half_hour 30)"
booked=$booking
ch "INSERT INTO argus.consulting_bookings (booking_id, status, host, name, email, created_at) SETTINGS async_insert = 0
	VALUES ('$(uuid)', 'awaiting_slot', 'main', 'Ada', 'nudged@example.com', now64(3) - INTERVAL 1799 SECOND)"
nudged() { outside_state resend '[.mails[] | select(.subject | startswith("Choose a time"))] | '"$1"; }
nudges_are() { [ "$(nudged length)" = "$1" ]; }
wait_until nudges_are 1
expect_equal "$(nudged '.[0].to[0]')" nudged@example.com 'who is nudged'
nudged '.[0].text' | shows -F "$BASE_URL/schedule?bookingId=" || fail 'The nudge has no link.'
quiet
expect_equal "$(nudged length)" 1 'the number of nudges'
booking=$young
expect_equal "$(mails length)" 0 'the mails to a young brief'
booking=$old
expect_equal "$(mails length)" 0 'the mails to an old brief'
booking=$booked
expect_equal "$(mails length)" 1 'the mails to one who booked'

note 'Bad input, as imported rows may have it'
long=$(printf 'x%.0s' {1..10000})
n=40
declare -A name_of=() number_of=() address_of=()
courier_freeze
for name in 'A\nSubject: b' 'A\r\nBcc: eve@example.com\r\n\r\nHi' '"; CN=\\"x\\":mailto:e@x' '<script>alert(1)</script>' \
	'‮evil‬ ‏مرحبا' "$long" '👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦ÄÖÜ' 'a\\\\;b,c:\\\\n' '\\xff\\xfe\\x80\\x80\\x80\\x80\\x80' \
	'{{name}} {{>mail.txt}}' '%s%n&#x41;' 'O\'"'"'Brien'; do
	lead "$name" "bad$n@example.com" "$name"
	append book "$(half_hour $n)"
	name_of[$booking]=$name number_of[$booking]=$n
	n=$((n + 1))
done
for address in 'a@example.com\r\nBcc: eve@example.com' 'a@example.com, eve@example.com' 'nobody' ' ' \
	'"a b"@example.com' 'a@exämple.com' '<a@example.com>'; do
	lead Ada "$address"
	append book "$(half_hour $n)"
	address_of[$booking]=$address
	n=$((n + 1))
done
courier_thaw
for booking in "${!name_of[@]}"; do
	name=${name_of[$booking]}
	wait_until is_recorded mail done
	mails_are 1 || fail "There are $(mails length) mails for $name."
	html=$(mails '.[0].html')
	! grep -qi '<script' <<<"$html" || fail 'The name is HTML.'
	! mails '.[0].subject' | shows 'Bcc\|b$' || fail 'The name is in the subject.'
	invites '.[0] | [.properties, .attendee] | join(" ")' | shows -x \
		"attendee,description,dtend,dtstamp,dtstart,organizer,sequence,status,summary,uid,url mailto:bad${number_of[$booking]}@example.com" ||
		fail "The invitation for $name: $(invites '.[0]')"
	mails '.[0].text' | sed -n 1p | shows '^Hello.*,$' || fail "The text begins: $(mails '.[0].text' | head -3)"
	mails '.[0].text' | sed -n 2p | shows -x '' || fail 'The name has more than one line.'
	[ "$(mails '.[0].text | length')" -lt 1500 ] || fail 'The mail is as long as the name.'
done
for booking in "${!address_of[@]}"; do
	wait_until is_recorded mail failed
	expect_equal "$(ch "SELECT count() FROM argus.deliveries WHERE booking_id = '$booking' AND duty = 'mail' AND state = 'trying'")" \
		0 "the tries for ${address_of[$booking]}"
	expect_equal "$(mails length)" 0 "the mails to ${address_of[$booking]}"
done

booking=''
expect_equal "$(mails 'map(.idempotency_key) | length == (unique | length)')" true 'each key is of one mail'

# A call that was appended by hand need not begin with a minute.
note 'Every invitation, read by two programs that know nothing of each other, and held to its method'
# shellcheck disable=SC2046
cc -O1 -o "$work/ical" "$srcdir/tests/stand/ical.c" $(pkg-config --cflags --libs libical) ||
	fail 'libical-dev is missing; ./bootstrap check installs it.'
invites 'map(select(.method) | [.method, .uid, .sequence, (.start, .end |
	if length == 17 then sub("Z$"; ":00Z") else sub("\\.000Z$"; "Z") end | fromdate), .status, .summary,
	.description, .organizer, .attendee, .attendee_name] | @tsv) | join("\n")' >"$work/by-ical.js"
for content in $(outside_state resend '.mails[].attachments[0].content // empty'); do
	base64 -d <<<"$content" | "$work/ical" >>"$work/by-libical" || fail 'libical refuses an invitation.'
done
diff "$work/by-ical.js" "$work/by-libical" || fail 'The two readers differ.'
[ "$(wc -l <"$work/by-libical")" -ge 25 ] || fail "There are $(wc -l <"$work/by-libical") invitations."

#!/bin/bash
# SPDX-License-Identifier: MIT
# t18-fair: what one person may cause is bounded, and costs others nothing
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --courier --workers 4 --set google.timeout_ms=60000 --set courier.replay_s=1 --set fair.briefs_per_address=4 --set fair.calls_per_address=2 --set fair.max_changes=4
. "$srcdir/tests/journey.sh"
expects_faults '^delivery duty=mail .* state=failed code=refused where=resend detail="status 422 .*Invalid `to` field'
expects_worker_faults '^reload_refused, .*api-key is not there'
. "$srcdir/tests/ctl.sh"

# brief ADDRESS [TEXT]: a program sends one.
brief() {
	post_json /api/book "$(jq -n --arg email "$1" --arg brief "${2:-$RANDOM$RANDOM}" '{name: "Ada", email: $email, brief: $brief}')"
	[ "$status" != 201 ] || booking=$(json .bookingId)
}
rows() { ch 'SELECT uniqExact(booking_id) FROM argus.consulting_bookings'; }
entries() { ch 'SELECT count() FROM argus.ledger'; }
asked() { requests google freeBusy; }
reloads=0
reload() { # SECTION KEY VALUE: the programs take it up
	set_key "$@"
	kill -HUP $(worker_pids) $(courier_pids)
	reloads=$((reloads + $(worker_pids | wc -l)))
	wait_until all_reloaded
}
all_reloaded() { [ "$(grep -c '^reloaded' "$STAND_DIR/log/workers.log")" -ge $reloads ]; }

# mailed ADDRESS SUBJECT [JQ]: of the mails to it with that subject
mailed() {
	outside_state resend '[.mails[] | select(.to[0] == $to and (.subject | startswith($subject)))] | '"${3:-length}" \
		--arg to "$1" --arg subject "$2"
}
is_mailed() { [ "$(mailed "$1" "$2")" -ge 1 ]; }

note 'Briefs of one address, however it is spelt'
brief ada@example.com One
expect_status 201
first=$booking
brief ADA@Example.com
expect_status 201
brief ada+tag@example.com
expect_status 201
brief aDa@example.com
expect_status 201
before=$(rows)
for address in ada@example.com Ada+more@EXAMPLE.com ada+x+y@example.com; do
	brief "$address"
	expect_status 429 "$address"
	expect_equal "$(json .title)" 'This address has reached its limit' 'the title'
	! grep -q bookingId "$body" || fail 'Whoever types an address gets a key.'
done
expect_equal "$(rows)" $((before + 1)) 'what is kept for the mail that tells the address'
expect_equal "$(ch "SELECT count() FROM argus.consulting_bookings WHERE held = 'address'")" 1 'what is held'
wait_until is_mailed ada@example.com 'Your calls with'
mailed ada@example.com 'Your calls with' '.[0].text' | shows 'No call stands' || fail 'The mail has no word of its calls.'
brief ada@example.org
expect_status 201 'an address of another domain'

note 'The same brief sent again is no other brief'
get /
cp "$body" "$work/form"
submit /api/book name=Bob email=bob@example.com brief=Once
expect_status 303
booking=$(header Location | sed 's/.*=//')
for _ in 1 2 3 4; do
	body=$work/form
	submit /api/book name=Bob email=bob@example.com brief=Once
	expect_header Location "=$booking\$"
done

note 'A corrected brief takes the place of the one before, which nobody is reminded of'
held() { ch "SELECT held FROM argus.consulting_bookings FINAL WHERE booking_id = '$1'"; }
get /
cp "$body" "$work/form"
submit /api/book name=Cy email=cy@exmaple.com brief=Once
expect_status 303
wrong=$(header Location | sed 's/.*=//')
body=$work/form
submit /api/book name=Cy email=cy@example.com brief=Once
expect_status 303
right=$(header Location | sed 's/.*=//')
[ "$wrong" != "$right" ] || fail 'Another content goes on under the same id.'
expect_equal "$(held "$wrong") $(held "$right")" 'superseded ' 'what is held'
# An address may be wrong twice, and another brief of the same person is none of this form's.
brief cy@example.com Other
other=$booking
body=$work/form
submit /api/book name=Cy email=cy@example.net brief=Once
expect_status 303
third=$(header Location | sed 's/.*=//')
expect_equal "$(held "$wrong") $(held "$right") $(held "$third") $(held "$other")" 'superseded superseded  ' 'what is held'
# Whoever goes back to the first sees times, under a key of its own.
body=$work/form
submit /api/book name=Cy email=cy@exmaple.com brief=Once
back=$(header Location | sed 's/.*=//')
expect_equal "$(held "$wrong") $(held "$right") $(held "$third") $(held "$back") $(held "$other")" \
	'superseded superseded superseded  ' 'what is held'

note 'Calls of one address that stand at the same time'
look
full_day 0
for n in 1 2; do
	brief "eve+$n@example.com"
	click "${day[$n]}" 0
	expect_status 303
	last=$booking
done
# Who reads the mails to one spelling of it need not be who booked under another.
links_to() { # ADDRESS PART: of the mail that the address gets, each once
	mailed "$1" 'Your calls with' ".[0].$2" | grep -oE 'bookingId=[0-9a-f-]{36}' | sort -u | xargs
}
is_told() { # ADDRESS [KEY]: in a mail with the times of two calls and no other key
	local part
	brief "$1"
	expect_status 429
	wait_until is_mailed "$1" 'Your calls with'
	for part in text html; do
		expect_equal "$(links_to "$1" $part)" "${2:-}" "the keys in the $part for $1"
		expect_equal "$(mailed "$1" 'Your calls with' ".[0].$part" | grep -cE '[^0-9.][0-9]{1,2}:[0-9]{2}')" 2 "the times in the $part for $1"
	done
}
is_told Eve+2@example.com "bookingId=$last"
version=$(booking=$last stands version)
booking=$last cancel "$version"
brief eve@example.com
expect_status 201 'after one was cancelled'
click "${day[3]}" 0
expect_status 303
# A brief from before the last call: the click is judged as well.
brief dan+1@example.com
early=$booking
for n in 4 5; do
	brief "dan@example.com"
	click "${day[$n]}" 0
	expect_status 303
done
booking=$early
click "${day[6]}" 0
expect_status 429
expect_page 'headings[0] === "This address has reached its limit"'
expect_stands '[status, accepted].join(" ")' 'unknown 0'

is_told dan+mallory@example.com

note 'Clicks of one address at the same time count each other'
for n in 1 2 3 4; do
	brief racer@example.com
	racer[n]=$booking
done
look
first_day=("${day[@]}")
full_day 2
for n in 1 2 3 4; do
	booking=${racer[n]}
	background "race$n" click "${day[$n]}" 0
done
raced=''
for n in 1 2 3 4; do
	await "race$n"
	raced+="$status"$'\n'
done
expect_equal "$(sort <<<"$raced" | xargs)" '303 303 429 429' 'what the clicks get'

day=("${first_day[@]}")

note 'Addresses that are corrected at the same time count each other, too'
for n in 1 2 3 4; do
	address=typo$n@example.com
	fault resend "$(jq -n --arg to "$address" '{kind: "status", status: 422, message: "Invalid `to` field.", match: $to}')"
	brief "$address"
	click "${day[$((n + 6))]}" 0
	expect_status 303
	typo[n]=$booking
done
is_refused_mail() { get "/booking?bookingId=$1" -H 'Accept: application/json' && [ "$(json .mail)" = refused ]; }
for n in 1 2 3 4; do
	wait_until is_refused_mail "${typo[n]}"
	typo_version[n]=$(json .version)
done
correct() { post /api/address "bookingId=$1" "version=$2" email=typing@example.com; }
for n in 1 2 3 4; do background "typo$n" correct "${typo[n]}" "${typo_version[n]}"; done
corrected=''
for n in 1 2 3 4; do
	await "typo$n"
	corrected+="$status"$'\n'
done
expect_equal "$(sort <<<"$corrected" | xargs)" '303 303 429 429' 'what the corrections get'
for n in 1 2 3 4; do
	booking=${typo[n]}
	cancel "$(stands version)"
	expect_status 303
done

note 'Changes of one booking'
brief moving@example.com
click "${day[7]}" 0
for n in 8 7 8; do
	click "${day[$n]}" "$(stands version)"
	expect_status 303
done
click "${day[7]}" "$(stands version)"
expect_status 409
expect_page 'text.includes("write to us")'
before=$(asked)
for n in 4 5 6 9; do
	click "${day[$n]}" "$(stands version)"
	expect_status 409 'one change more than may be'
done
expect_equal "$(asked)" "$before" 'the questions of changes that are not made'
cancel "$(stands version)"
expect_status 303 'one who changed much may still cancel'

note 'A click that cannot succeed asks Google nothing'
brief calm@example.com
calm=$booking
before=$(asked)
for _ in $(seq 1000); do
	printf 'url = "%s/api/schedule"\ncacert = "%s"\noutput = "%s"\nwrite-out = "%%{http_code}\\n"\ndata = "bookingId=%s&slot=%s&version=0"\nnext\n' \
		"$BASE_URL" "$CA_CERT" "$work/flooded" "$(</proc/sys/kernel/random/uuid)" "${day[9]}"
done | sed '$d' >"$work/flood"
curl -sS --parallel --parallel-max 20 --config "$work/flood" >"$work/statuses" &
flood=$!
# Meanwhile somebody books.
brief busy@example.com
click "${day[10]}" 0
expect_status 303 'a click in the flood'
expect_stands calendar fresh
wait $flood
expect_equal "$(sort "$work/statuses" | uniq -c | xargs)" '1000 404' 'what the flood gets'
! grep -q calendar_unreachable "$STAND_DIR/log/workers.log" || fail 'A flood makes an outage.'
[ $(($(asked) - before)) -le 2 ] || fail 'A flood asks Google.'
before=$(asked)
for wrong in "${day[4]}" 9999-12-31T23:30Z; do
	post /api/schedule "bookingId=$calm" "slot=$wrong" version=0
	[ "$status" = 409 ] || [ "$status" = 422 ] || fail "$wrong got $status."
done
[ $(($(asked) - before)) -le 1 ] || fail 'Clicks that cannot succeed ask Google.'
reload hours starts packed
before=$(asked)
for wrong in "${day[10]}" 9999-12-31T23:30Z 2020-01-01T10:00Z; do
	post /api/schedule "bookingId=$calm" "slot=$wrong" version=0
	[ "$status" = 409 ] || [ "$status" = 422 ] || fail "$wrong got $status."
done
[ $(($(asked) - before)) -le 1 ] || fail 'Clicks that cannot succeed ask Google when starts are packed.'
reload hours starts grid
before=$(asked)
booking=$calm
click "${day[9]}" 0
expect_status 303
[ "$(asked)" -gt "$before" ] || fail 'The click that can succeed does not ask Google.'

note 'Clicks at once share an answer, whose question left after they had come'
for n in 0 1 2; do
	brief "share$n@example.com"
	share[n]=$booking
done
look
full_day 1
are_waiting() { # N: so many clicks have the right to ask, or wait for it
	local pid
	[ "$(for pid in $(click_pids); do ls -l "/proc/$pid/fd"; done | grep -c 'calendar\.click$')" = "$1" ]
}
before=$(asked)
fault google '{"kind":"hold","when":"after","route":"freeBusy","times":1}'
booking=${share[0]}
background first click "${day[0]}" 0
wait_until requests_are google freeBusy $((before + 1))
# The first has its answer, but for the way back; the second must not be told it.
owner_event "${day[1]}" "$(moved "${day[1]}" 30)"
for n in 1 2; do
	booking=${share[n]}
	background "click$n" click "${day[$n]}" 0
done
wait_until are_waiting 3
faults_clear google
await first
expect_status 303
await click1
expect_status 409 'a time at which the owner has made an event'
await click2
expect_status 303
expect_stands calendar fresh
expect_equal "$(($(asked) - before))" 2 'the questions of three clicks'

note 'Beyond what Google answers in a minute the remembered answer is used, and the entry says so'
reload google per_minute 1
before=$(asked)
for n in 10 11 12; do
	brief "rate$n@example.com"
	click "${day[$n]}" 0
	expect_status 303
done
expect_stands calendar remembered
[ $(($(asked) - before)) -le 1 ] || fail 'There are more questions than per_minute allows.'
get /metrics
expect_body '^slotguard_calendar_spared_total [1-9]'
reload google per_minute 500
brief again@example.com
click "${day[13]}" 0
expect_status 303
expect_stands calendar fresh

note 'The operator ends many calls at once'
for words in '' "$first --email eve@example.com" "$first --yes" '--email nobody' '--since yesterday' '--email eve@example.com --version 1'; do
	# shellcheck disable=SC2086 # words
	run 2 cancel $words
done
run 3 cancel --email nobody@example.com
run 3 cancel --email eve@example.com --since 2099-01-01T00:00Z
before=$(entries)
run 0 cancel --email EVE@example.com --dry-run --json
expect_equal "$(out '[.dry_run, .found, .cancelled, (.bookings | length)] | join(" ")')" 'true 2 0 2' 'what would be done'
script -qec "'$builddir/slotguardctl' -c '$CONF' cancel --email eve@example.com" /dev/null >"$work/asked" <<<n && fail 'No is no answer.'
grep -q 'Cancel 2 calls' "$work/asked" || fail "It does not ask: $(cat "$work/asked")"
expect_equal "$(entries)" "$before" 'the entries'
run 0 cancel --email eve+any@Example.com --yes
says 'cancelled 2 of 2 calls'
expect_equal "$(ch "SELECT uniqExact(booking_id) FROM argus.consulting_bookings FINAL WHERE status = 'booked' AND email LIKE 'eve%'")" 0 'the calls left'
for address in eve@example.com eve+1@example.com; do
	wait_until is_mailed $address 'Your call with Avo is cancelled'
done
run 3 cancel --email eve@example.com
our_events() { outside_state google '[.events[] | select(.status == "confirmed" and (.id | test("^[0-9a-f]{32}v")))] | length'; }
standing=$(our_events)
run 0 cancel --since "$(date -u -d '-1 hour' +%Y-%m-%dT%H:%MZ)" --json
expect_equal "$(out '[.found, (.bookings | map(select(.done == "cancelled")) | length)] | join(" ")')" "$standing $standing" 'the other calls'
expect_equal "$(our_events)" 0 'the events'

note 'One network address takes so many slots, whatever addresses it invents, and leaves the others to others'
reload fair calls_per_client 10
invented=0 taken=()
# taker ADDRESS: a brief under a new e-mail address and a click on the next slot, from a network address.
taker() {
	set -- -H "X-Forwarded-For: $1"
	invented=$((invented + 1))
	post_json /api/book "$(jq -n --arg n "$invented" '{name: "Taker", email: "taker\($n)@example.net", brief: "Text"}')" "$@"
	expect_status 201
	booking=$(json .bookingId)
	click "${day[$invented]}" 0 "$@"
}
look
full_day 3
while taker 192.0.2.1 && [ "$status" = 303 ]; do taken+=("$booking"); done
expect_status 429
expect_page 'headings[0] === "Too much from one connection today"'
expect_equal "${#taken[@]}" 10 'the slots that one address takes'
expect_stands '[status, accepted].join(" ")' 'unknown 0'
refused=$booking
for n in 1 2; do
	taker 192.0.2.2
	expect_status 303 'another address'
done
# What it has it may move and cancel, and no cancel gives another call.
booking=${taken[0]}
here=(-H 'X-Forwarded-For: 192.0.2.1')
click "${day[15]}" "$(stands version)" "${here[@]}"
expect_status 303
cancel "$(stands version)"
expect_status 303
booking=$refused
before=$(asked)
click "${day[16]}" 0 "${here[@]}"
expect_status 429
expect_equal "$(asked)" "$before" 'the questions for whom there is no call'
get /metrics
expect_body '^slotguard_clients_refused_total 2$'
reload fair calls_per_client 0
reload fair briefs_per_client 3
before=$(rows)
brief_from() { # ADDRESS E-MAIL
	post_json /api/book "$(jq -n --arg email "$2" '{name: "Ada", email: $email, brief: "Text"}')" -H "X-Forwarded-For: $1"
}
for wanted in 201 201 201 429 429; do
	brief_from 192.0.2.1 "$wanted$RANDOM@example.net"
	expect_status $wanted
done
expect_equal "$(rows)" $((before + 3)) 'the briefs of one address'
brief_from 192.0.2.2 elsewhere@example.net
expect_status 201 'another address'
fault clickhouse '{"kind":"refuse"}'
brief_from 192.0.2.1 down@example.net
expect_status 429 'while ClickHouse is down'
faults_clear clickhouse
run 0 check --no-programs
says '^note +clients +a network address had its part of the day'

note 'Behind a proxy that nginx was not told of nobody is kept out by what others did'
for n in 1 2 3 4 5; do
	brief_from 10.1.2.3 "inside$n@example.net"
	expect_status 201 'an address of a private network'
done
run 0 check --no-programs
says '^note +clients +visitors come from an address of this machine or of a private network'
reload fair briefs_per_client 0

note 'Addresses and domains that the operator does not want'
run 0 block-address Spam@Example.net bad.example
says 'spam@example.net: blocked'
run 2 block-address 'not an address at all'
run 0 block-address --json
expect_equal "$(out '[.[].blocked] | join(",")')" 'bad.example,spam@example.net' 'the list'
before=$(rows)
for address in spam@example.net SPAM+1@example.net anybody@bad.example; do
	brief "$address"
	expect_status 429 "$address"
	expect_equal "$(json .title)" 'This address has reached its limit' 'the words are those of any refusal'
done
expect_equal "$(rows)" "$before" 'what is kept'
run 0 block-address --remove bad.example
brief anybody@bad.example
expect_status 201

note 'All together: a brief beyond the limit is kept, and answered by mail'
reload fair briefs_per_hour 1
brief late@example.com
expect_status 202
expect_equal "$(ch "SELECT held FROM argus.consulting_bookings WHERE email = 'late@example.com'")" hour 'the row'
wait_until is_mailed late@example.com 'Choose a time'
reload fair briefs_per_hour 0

note 'With verify the key is in a mail only'
reload fair verify yes
brief careful@example.com
expect_status 202
! grep -q bookingId "$body" || fail 'The key is in the answer.'
wait_until is_mailed careful@example.com 'Choose a time'
get "$(mailed careful@example.com 'Choose a time' '.[0].text' | grep -o 'https://[^ ]*/schedule[^ ]*')"
expect_status 200 'the link of the mail'
get /
submit /api/book name=Care email=careful2@example.com brief=Text
expect_status 202
expect_page 'text.includes("sent a link") && !links.some((l) => l.href.includes("bookingId"))'

note 'None of this is got round while ClickHouse is down'
fault clickhouse '{"kind":"refuse"}'
brief unproven@example.com
expect_status 202
! grep -q bookingId "$body" || fail 'The key is in the answer.'
brief spam@example.net
expect_status 202
for n in 1 2 3 4 5 6 7; do
	brief many@example.com
	expect_status 202
done
faults_clear clickhouse
is_taken() { [ -z "$(find "$STAND_DIR/spool" -name '*.json')" ]; }
wait_until is_taken
wait_until is_mailed unproven@example.com 'Choose a time'
wait_until is_mailed many@example.com 'Your calls with'
expect_equal "$(ch "SELECT email, held, count() FROM argus.consulting_bookings FINAL
	WHERE email IN ('spam@example.net', 'unproven@example.com', 'many@example.com') GROUP BY ALL ORDER BY ALL" | xargs)" \
	'many@example.com address 1 many@example.com verify 4 unproven@example.com verify 1' 'what is kept'

note 'Nor is a brief lost or taken over whose form comes again with other words meanwhile'
reload fair verify no
get /
cp "$body" "$work/form"
get /
cp "$body" "$work/known"
submit /api/book name=Zo email=zero@example.com brief=Zero
expect_status 303
known=$(header Location | sed 's/.*=//')
fault clickhouse '{"kind":"refuse"}'
body=$work/known
submit /api/book name=Zo email=zero@example.com brief=Zero
expect_status 202
for words in 'one@example.com First' 'two@example.com First' 'two@example.com Second' 'two@example.com Second'; do
	body=$work/form
	submit /api/book name=Di "email=${words% *}" "brief=${words#* }"
	expect_status 202
	expect_page '!links.some((l) => l.href.includes("bookingId"))'
done
body=$work/form
token=$(page 'forms[0].fields.token')
for n in 1 2 3 4 5 6; do
	post_json /api/book "$(jq -n --arg token "$token" --arg n "$n" '{name: "Thief", email: "thief@example.com", brief: $n, token: $token}')"
	expect_equal "$status $(json 'has("bookingId")')" '202 false' 'what a program is told'
done
faults_clear clickhouse
wait_until is_taken
wait_until is_mailed two@example.com 'Your brief is with us'
wait_until is_mailed zero@example.com 'Your brief is with us'
! mailed zero@example.com 'Your brief is with us' '.[0].text' | shows "$known" || fail 'The mail has a key that its sender knows.'
expect_equal "$(ch "SELECT email, brief, held FROM argus.consulting_bookings FINAL WHERE name = 'Di' ORDER BY ALL FORMAT CSV" | tr -d '"' | xargs)" \
	'one@example.com,First,superseded two@example.com,First,superseded two@example.com,Second,' 'what is kept'
expect_equal "$(ch "SELECT held, count() FROM argus.consulting_bookings FINAL WHERE name = 'Thief' GROUP BY ALL ORDER BY ALL" | xargs)" \
	'superseded 5' 'what is kept of the other'

note 'With keys programs need one, and forms do not'
keys=$STAND_DIR/credentials
one=$(openssl rand -hex 32) two=$(openssl rand -hex 32)
set_key site api keys
kill -HUP "$(page_pids | sed -n 1p)"
is_refused() { grep -q 'reload_refused.*api-key is not there' "$STAND_DIR/log/workers.log"; }
wait_until is_refused
printf '%s\n' "$one" >"$keys/api-key"
printf '%s\n' "$two" >"$keys/api-key-3"
reload site api keys
keyed() { # HEADER: what a brief with it gets
	post_json /api/book "$(jq -n --arg brief "$RANDOM" '{name: "Kay", email: "kay@example.com", brief: $brief}')" ${1:+-H "$1"}
}
for wrong in '' "Authorization: Bearer ${one}0" "Authorization: Bearer ${one%?}" 'Authorization: Bearer' "Authorization: $one" "Authorization: Basic $one" "X-Key: $one"; do
	before=$(rows)
	keyed "$wrong"
	expect_status 401 "$wrong"
	expect_header WWW-Authenticate '^Bearer$'
	expect_equal "$(json .title) $(rows)" "This needs a key $before" 'what is said, and kept'
done
for path in /api/schedule /api/cancel; do
	post_json $path '{"bookingId": "x"}'
	expect_status 401 "$path"
done
keyed "Authorization: Bearer $one"
expect_status 201
booking=$(json .bookingId)
keyed "authorization: bearer  $two"
expect_status 201 'another key'
reload fair briefs_per_client 1
for n in 1 2 3; do
	post_json /api/book "$(jq -n --arg n "$n" '{name: "Kay", email: "kay\($n)@example.com", brief: "Text"}')" -H "Authorization: Bearer $one"
	expect_status 201 'a program with a key, as often as it likes'
done
get /
token=$(page 'forms[0].fields.token')
for wanted in 303 429; do
	post /api/book "token=$token" name=Kay "email=kay$wanted@example.com" brief=Form -- -H 'X-Forwarded-For: 192.0.2.3' -H "Authorization: Bearer $one"
	expect_status $wanted 'a form has no key'
done
reload fair briefs_per_client 0
look
expect_status 200 'what is only read'
get /
submit /api/book name=Kay email=kay@example.com brief=Form
expect_status 303 'a form'
click "${slots[-1]}" 0
expect_status 303 'a click of a form'
run 0 check --no-programs
says '^ok +API keys +2, and JSON needs one'
reload site api open
keyed ''
expect_status 201 'without a key when it needs none'
keyed 'Authorization: Bearer nobody'
expect_status 401 'a key that is none of ours'

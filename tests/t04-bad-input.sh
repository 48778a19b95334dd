#!/bin/bash
# SPDX-License-Identifier: MIT
# t04-bad-input: whatever is sent, the answer says what is wrong, nothing is written and no worker dies
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start
. "$srcdir/tests/journey.sh"

long() { head -c "$1" /dev/zero | tr '\0' "${2:-x}"; }
form_type='Content-Type: application/x-www-form-urlencoded'
json_type='Content-Type: application/json'

# refused STATUS ADDRESS [CURL-OPTION ...]: as a page and as a problem document, which both say why.
refused() {
	local wanted=$1 address=$2 problem
	shift 2
	http "$address" "$@" -H 'Accept: text/html'
	expect_status "$wanted" "$address $*"
	# What is sent as JSON is answered in JSON.
	if [[ $(<"$headers") =~ content-type:\ text/html\;\ charset=utf-8 ]]; then
		expect_page 'title && headings[0] && text.length > 40'
	else
		[[ $(<"$headers") =~ application/problem\+json ]] || fail "The answer to $address $* is no page."
	fi
	http "$address" "$@" -H 'Accept: application/json'
	expect_status "$wanted" "$address $*, as JSON"
	[[ $(<"$headers") =~ application/problem\+json ]] || fail "The answer to $address $* is no problem document."
	problem=$(<"$body")
	[[ $problem =~ \"status\":$wanted, && $problem =~ \"title\":\"[^\"]+ && $problem =~ \"detail\":\"[^\"]{20} ]] ||
		fail "The problem of $address $* is $problem"
}

new_booking
lead=$booking
look
full_day 0
book "${day[0]}"
booked=$booking seen=$version
full_day 1
before=$(written)
pids=$(worker_pids)
nothing_written() { expect_equal "$(written)" "$before" "what is written after $1"; }

note 'Briefs: each field, and what was typed is kept'
# kept FIELD MESSAGE NAME=VALUE ...: a form with one wrong field comes back as it was typed.
kept() {
	local wrong=$1 message=$2 pair
	shift 2
	get /
	submit /api/book name='Ada "Countess" <L>' email=ada@example.com company='A & B' brief=$' Two\nlines, naïve' "$@"
	expect_status 422 "$*"
	expect_page 'text.includes(args[0])' "$message"
	expect_page 'links.some((l) => l.href === "#" + args[0])' "$wrong"
	[ "$wrong" = name ] || expect_equal "$(page 'forms[0].fields.name')" 'Ada "Countess" <L>' 'the name that was typed'
	[ "$wrong" = company ] || expect_equal "$(page 'forms[0].fields.company')" 'A & B' 'the company that was typed'
	[ "$wrong" = brief ] || expect_equal "$(page 'forms[0].fields.brief')" $'Two\nlines, naïve' 'the brief that was typed'
	for pair; do
		pair=${pair#*=}
		[[ $pair =~ ^[[:space:][:cntrl:]] ]] ||
			expect_equal "$(page 'forms[0].fields[args[0]]' "$wrong")" "$pair" 'the wrong field'
	done
}
kept name 'tell us your name' name=
kept name 'tell us your name' name=$'  \t '
kept name 'room for 100' name="$(long 101)"
kept name 'room for 100' name="$(long 101 | sed 's/x/ü/g')"
kept name 'tell us your name' name=$' \u00a0\u200b\x01'
kept name 'tell us your name' name=$' \u200d\u200e\ufe0f'
kept email 'give an e-mail' email=
for wrong in ada ada@ @example.com ada@example ada@example.com,eve@example.com 'ada@-example.com' ada@example..com ada@xn--a.com \
	a..b@x.com .a@x.com; do
	kept email 'name@example.com' email="$wrong"
done
for wrong in 'ada@exam ple.com' 'a b@example.com'; do
	kept email 'no spaces' email="$wrong"
done
for wrong in adä@example.com 'ada@exam_ple.com'; do
	kept email 'cannot have this character' email="$wrong"
done
kept email 'cannot have this character: ä' email=adä@example.com
expect_body 'id="email-fault">[^<]* <q>ä</q></span>'
kept email 'longer than such addresses' email="$(long 60)@$(long 60).$(long 60).$(long 60).$(long 60).com"
kept company 'room for 100' company="$(long 101)"
kept brief 'in a few words' brief=
kept brief '5,000 characters' brief="$(long 5001)"
refused 422 /api/book --data 'name=&email=x&brief='
expect_equal "$(json '[.faults[].field] | join(" ")')" 'name email brief' 'the wrong fields'
refused 422 /api/book --data 'name=A&email=a(d@example.com&brief=c'
expect_equal "$(json '.faults[0].detail')" "An e-mail address cannot have this character: '('" 'what is wrong with an address'
nothing_written 'wrong briefs'

note 'Bodies that cannot be read'
for path in /api/book /api/schedule /api/cancel; do
	common="bookingId=$lead&slot=${day[0]}&version=0&name=a&email=a@b.cd&brief=c"
	for wrong in "bookingId=$lead" 'name=b' 'n%61me=a'; do
		refused 400 $path -H "$form_type" --data-raw "$common&$wrong"
	done
	object="{\"bookingId\":\"$lead\",\"slot\":\"${day[0]}\",\"name\":\"a\",\"email\":\"a@b.cd\",\"brief\":\"c\""
	for wrong in '' "$object" "$object}}" "$object} x" "[$object}]" '"text"' '42' 'null' "$object,}" \
		"$object,\"tz\":{}}" "$object,\"tz\":[1]}" "$object,\"tz\":1.5}" "$object,\"tz\":\"a\\u0000b\"}" \
		"$object,\"name\":\"a\"}" "$object,\"x\":1,\"x\":1}" "${object//\"/\'}}" "$object,\"x\":$(long 2000 '[')"; do
		refused 400 $path -H "$json_type" --data-raw "$wrong"
	done
	printf '%s,"x":"\377"}' "$object" >"$work/bytes"
	refused 400 $path -H "$json_type" --data-binary "@$work/bytes"
	for type in text/plain multipart/form-data application/xml application/jsonx 'application/x-www-form-urlencodedx'; do
		refused 415 $path -H "Content-Type: $type" --data-raw "$common"
	done
	long 70000 >"$work/bytes"
	refused 413 $path -H "$form_type" --data-binary "@$work/bytes"
	refused 413 $path -H "$json_type" --data-binary "@$work/bytes"
	refused 413 $path -H "$form_type" --data-binary "@$work/bytes" -H 'Transfer-Encoding: chunked'
done
nothing_written 'bodies that cannot be read'

note 'Booking ids'
for wrong in '' x "${lead:0:35}" "${lead}0" "urn:uuid:$lead" "${lead//-/}" "${lead:0:35}g" "$lead x" \
	00000000-0000-0000-0000-000000000000 "' OR 1=1 --" "../../etc/passwd" "$(long 3000)"; do
	for path in /schedule /api/slots /booking; do
		refused 400 $path -G --data-urlencode "bookingId=$wrong"
	done
	refused 400 /api/schedule --data-urlencode "bookingId=$wrong" --data "slot=${day[0]}"
	refused 400 /api/cancel --data-urlencode "bookingId=$wrong" --data version=1
done
get "/booking?bookingId=${lead:0:30}"
expect_page 'text.includes("whole link from the mail") && links.some((l) => l.href === "/")'
# Around a link they are no part of it; a program that sends them means something else.
for around in "{$lead}" " $lead" "<$lead>"; do
	for path in /schedule /api/slots /booking; do
		http $path -G --data-urlencode "bookingId=$around"
		expect_status 200 "$path with '$around'"
	done
	refused 400 /api/schedule --data-urlencode "bookingId=$around" --data "slot=${day[0]}"
	refused 400 /api/cancel --data-urlencode "bookingId=$around" --data version=1
done
for wrong in '' '?' '?bookingId' "?bookingid=$lead" "?bookingId=$lead&bookingId=$lead" \
	"?bookingId=%ff" "?bookingId=%25${lead:1}" "?bookingId=$lead%2"; do
	for path in /schedule /api/slots /booking; do
		refused 400 "$path$wrong"
	done
done
for behind in ')' '%5D' '.' '%22' '%20' '%E2%80%9D' '%E9' '&utm=1&utm=2' '&x=50%off&%zz=%ff' \
	"&$(for ((i = 0; i < 300; i++)); do printf 'f%d=1&' $i; done)"; do
	for path in /schedule /api/slots /booking; do
		http "$path?bookingId=$lead$behind"
		expect_status 200 "$path with $behind behind the link"
	done
done
unknown=$(cat /proc/sys/kernel/random/uuid)
for path in /schedule /api/slots /booking; do
	refused 404 "$path?bookingId=$unknown"
done
refused 404 /api/schedule --data "bookingId=$unknown&slot=${day[0]}"
refused 404 /api/cancel --data "bookingId=$unknown&version=1"
nothing_written 'unknown bookings'

note 'Slots'
soon=$(date -u -d '3 hours ago' +%FT%H:30Z)
sunday=$(TZ=America/New_York date -u -d "$(TZ=America/New_York date -d 'next Sunday 10:00' --iso-8601=seconds)" +%FT%RZ)
for wrong in '' 2026 "${day[0]%Z}" "${day[0]%Z}:00Z" "${day[0]%Z}+00:00" "${day[0],,}" "${day[0]} " "${day[0]/T/ }" \
	"${day[0]:0:10}T24:00Z" "${day[0]:0:10}T13:60Z" "${day[0]:0:4}-02-30T13:00Z" "${day[0]:0:4}-13-01T13:00Z" \
	"1${day[0]}" "-${day[0]}" "'; DROP TABLE ledger"; do
	refused 400 /api/schedule --data-urlencode "bookingId=$lead" --data-urlencode "slot=$wrong"
done
refused 400 /api/schedule --data "bookingId=$lead"
for wrong in "$(moved "${day[0]}" 7)" "$(moved "${day[0]}" -30)" "$(moved "${day[17]}" 30)" "$sunday" \
	"$(moved "${day[0]}" $((15 * 1440)))" 0000-01-01T13:00Z 9999-12-31T23:30Z 1970-01-01T00:00Z 2106-02-07T06:30Z \
	"$(date -u -d '2 days ago' +%F)T13:00Z"; do
	refused 422 /api/schedule --data "bookingId=$lead&slot=$wrong"
	expect_equal "$(json '.nearest | length')" 3 'the number of nearest times'
done
refused 409 /api/schedule --data "bookingId=$lead&slot=$soon"
refused 422 /api/schedule --data "bookingId=$booked&version=$seen&slot=$sunday"
refused 409 /api/schedule --data "bookingId=$lead&slot=$(stands slot "$booked")"
refused 428 /api/schedule --data "bookingId=$booked&slot=${day[0]}"
refused 428 /api/cancel --data "bookingId=$booked"
refused 409 /api/schedule --data "bookingId=$booked&version=$((seen + 1))&slot=${day[0]}"
refused 409 /api/cancel --data "bookingId=$lead&version=0"
nothing_written 'wrong slots'

note 'Time zones'
for wrong in Nowhere America/Nowhere America Etc zone.tab tzdata.zi ../../../etc/passwd /etc/passwd America/../UTC . .. \
	'U TC' "$(long 300)" 'EST5EDT,M3.2.0,M11.1.0' '<b>'; do
	http /schedule -G --data-urlencode "bookingId=$lead" --data-urlencode "tz=$wrong"
	expect_status 200 "the zone $wrong"
	expect_page 'text.includes("do not know")'
	http /api/slots -G --data-urlencode "bookingId=$lead" --data-urlencode "tz=$wrong"
	expect_status 400 "the zone $wrong, as JSON"
	expect_equal "$(json .title)" 'We do not know this time zone' "the problem of $wrong"
	# A click is not about the zone of its page.
	refused 409 /api/schedule --data "bookingId=$lead&slot=$(stands slot "$booked")" --data-urlencode "tz=$wrong"
	expect_equal "$(json .title)" 'That time has just gone' "the problem of a click with the zone $wrong"
done
nothing_written 'wrong zones'

note 'Methods and addresses'
for method in POST PUT DELETE PATCH OPTIONS BREW; do
	for path in / /schedule /api/slots /booking /healthz; do
		refused 405 "$path?bookingId=$lead" --request $method
		expect_header Allow '^GET, HEAD$'
	done
done
for method in GET PUT DELETE PATCH OPTIONS; do
	for path in /api/book /api/schedule /api/cancel; do
		refused 405 "$path?bookingId=$booked&slot=${day[0]}&version=$seen" --request $method
		expect_header Allow '^POST$'
	done
done
for path in /nothing /api /api/ /api/book/ /schedule/ /SCHEDULE /booking%2f /index.html /.env "/$(long 3000)"; do
	refused 404 "$path?bookingId=$lead"
done
http / --head
expect_status 200
http "/schedule?bookingId=$lead" --head
expect_status 200
expect_header Content-Length '^[1-9][0-9]{3}'
nothing_written 'wrong methods'

note 'What looks wrong and is not'
# stored CURL-OPTION ...: a brief that is taken; sets $booking.
stored() {
	local token=()
	if [[ $* != *"$json_type"* ]]; then
		get /
		token=(--data "token=$(page 'forms[0].fields.token')")
	fi
	http /api/book "$@" "${token[@]}" -H 'Accept: application/json'
	expect_status 201 "$*"
	booking=$(json .bookingId)
}
stored --data 'name=%2541%2500&email=a@b.cd&brief=x'
expect_stands row.name '%41%00'
brief=$(long 5000 | sed 's/x/☎/g')
stored --data-urlencode "name=$(long 100 | sed 's/x/ü/g')" --data 'email=a@b.cd' --data-urlencode "brief=$brief"
expect_stands row.brief "$brief"
hard=$'Tab\there, back\\slash \\N \\t, quote \' " ` ; -- {x:UUID} é 𝄞'
stored -H "$json_type" --data-raw "$(jq -n --arg hard "$hard" '{name: "O'"'"'Hara \\N", email: "a@b.cd", brief: $hard, company: "{{name}}"}')"
expect_stands row.brief "$hard"
expect_stands '[row.name, row.company].join()' "O'Hara \\N,{{name}}"
stored --data 'name=Ren%E9+50%off&name%zz=x&x=1&x=%ff&email=a@b.cd&brief=x'
expect_stands row.name 'Ren� 50%off'
stored --data-urlencode $'name=\u200bAda\tByron\x01 ' --data-urlencode 'email=Ada <mailto:ada@müller.de>,' --data-urlencode $'brief=a\vb\x0cc\x07d'
expect_stands '[row.name, row.email, row.brief].join("|")' $'Ada Byron|ada@xn--mller-kva.de|a\nb\nc d'
stored --data-urlencode $'brief=\r\n  one\r\ntwo\rthree \n' --data 'name=+a+&email=++a@b.cd&unknown=field'
expect_stands row.brief $'one\ntwo\nthree'
expect_stands '[row.name, row.email].join()' a,a@b.cd
stored -H "$json_type; charset=utf-8" --data-raw '{"name":"A","email":"a@b.cd","brief":"\ud834\udd1e","company":null}'
expect_stands row.brief 𝄞
click "${day[0]}"
expect_status 303
get "/booking?bookingId=${booking^^}"
expect_status 200
audit

note "What turns the direction of letters does not reach the owner's calendar"
new_booking $'Ada \u202egnp.exe'
click "${day[1]}" 0
expect_status 303
expect_equal "$(outside_state google '.events[] | select(.extendedProperties.private.slotguard == $id).summary' --arg id "$booking")" \
	'Call with Ada gnp.exe' "the event's summary"
audit

note 'The workers are those of the start, and no log has an id, a name or a brief'
expect_equal "$(worker_pids)" "$pids" 'the workers'
! grep -riE 'ada@example|Countess|a@b\.cd|naïve' "$STAND_DIR"/log/{workers,nginx,slotguard}*.log || fail 'A log has personal data.'
for id in "$lead" "$booked" "$booking" "$unknown" "${lead//-/}"; do
	! grep -ril -- "$id" "$STAND_DIR"/log/{workers,nginx,slotguard}*.log || fail 'A log has a booking id.'
done
! grep -rhE '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-' "$STAND_DIR"/log/{workers,nginx,slotguard}*.log || fail 'A log has a UUID.'

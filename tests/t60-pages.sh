#!/bin/bash
# SPDX-License-Identifier: MIT
# t60-pages: languages, zones, nearest times, calendars' files, deadlines, robots, colours and weight
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
logo=$work/logo.svg
echo '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40"><rect width="120" height="40"/></svg>' >"$logo"
stand_start --set 'site.accent=#ffdd00' --set "site.logo=$logo" --set site.video_url=https://meet.example.com/avo
. "$srcdir/tests/journey.sh"

# mark CLASS: the times of the last page that have it.
mark() { grep -o '<button name="slot" value="[^"]*"[^>]*class="[^"]*\b'"$1"'\b' "$body" | sed 's/.*value="\([^"]*\)".*/\1/' | sort -u; }

# chosen: the day whose times the last page shows.
chosen() { sed -n 's/.*<input type="radio"[^>]* value="\([^"]*\)"[^>]* checked .*/\1/p' "$body"; }

note 'The language is the one that was asked for, else the browser'"'"'s, else the configuration'"'"'s'
language() { # EXPECTED PATH [CURL-OPTION ...]
	local expected=$1
	shift
	get "$@"
	grep -q "<html lang=\"$expected\">" "$body" || fail "$* is not in $expected."
}
language en /
language es / -H 'Accept-Language: es-MX,es;q=0.9,en;q=0.5'
language en / -H 'Accept-Language: fr, *;q=0.5'
language en '/?lang=en' -H 'Accept-Language: es'
language en '/?lang=../en' -H 'Accept-Language: fr'
language es '/?lang=ES-mx'
language es '/?lang=es'
expect_page 'links.some((l) => l.text === "English" && l.href === "/?lang=en")'
submit /api/book name=Ada email=ada@example.com brief=Telares
expect_status 303
expect_header Location '^/schedule\?bookingId=[0-9a-f-]+&lang=es$'
booking=$(header Location | sed 's/.*=\([0-9a-f-]*\)&.*/\1/')
expect_equal "$(ch "SELECT language FROM argus.consulting_bookings WHERE booking_id = '$booking'")" es 'the language of the lead'
follow
expect_page 'headings[0].startsWith("Elija")'
expect_equal "$(page times.fields.lang)" es 'the language of the form'
look
full_day 0
submitted=${day[4]}
get "/schedule?bookingId=$booking&lang=es"
submit /api/schedule slot="$submitted"
expect_header Location "^/booking\?bookingId=$booking&lang=es\$"
follow
expect_page 'headings[0].includes("reservada")'
expect_body "$(TZ=America/New_York LC_ALL=C date -d "$submitted" +'[a-zé]+, %-d de [a-z]+, <span>%H:%M E[SD]T')"
get "/booking?bookingId=me" -H 'Accept: application/json' -H 'Accept-Language: es'
expect_status 400
expect_equal "$(json .title)" 'No se ha podido leer' 'the title of a problem document'

note 'Each page is a document for whom JSON serves, in every language'
for page in / '/?x=y' /schedule "/schedule?bookingId=$booking" "/schedule?bookingId=$booking&tz=Mars/X" "/booking?bookingId=$booking" \
	"/booking.ics?bookingId=no" "/api/slots?bookingId=$booking" /api/book /nowhere; do
	for language in en de es he; do
		get "$page" -H 'Accept: application/json' -H "Accept-Language: $language"
		expect_header Content-Type '^application/(problem\+)?json$'
		jq -e 'type == "object"' "$body" >"$work/object" || fail "$page in $language is no JSON document: $(cat "$body")"
	done
done
get / -H 'Accept: application/json'
expect_equal "$(json .bookUrl)" "$BASE_URL/api/book" 'where a brief is sent to'

note 'Days break where the reader'"'"'s do, and every time has its zone'
new_booking
look
full_day 0
eight=${day[0]} late=${day[15]}
get "/schedule?bookingId=$booking&tz=Asia/Tokyo"
for slot in "$eight" "$late"; do
	expect_body "<button name=\"slot\" value=\"$slot\"[^>]*>$(TZ=Asia/Tokyo date -d "$slot" +'%-I:%M %p') <small>$(TZ=America/New_York date -d "$slot" +'%-I:%M %p')</small>"
done
# The section of a time is that of its day there.
expect_equal "$(awk -v slot="value=\"$late\"" '/<h3 id="d/ { day = $0 } /<h4>/ { part = $0 } index($0, slot) { print day part; exit }' "$body" | sed 's/<[^>]*>//g')" \
	"$(TZ=Asia/Tokyo date -d "$late" +'%A, %B %-d')Night" 'the day and the time of day'
get "/schedule?bookingId=$booking&tz=Asia/Kathmandu"
expect_body "\\(UTC\\+5:45\\)"
get "/schedule?bookingId=$booking&tz=Nowhere/Land"
expect_status 200
expect_page 'text.includes("do not know the time zone “Nowhere/Land”")'
expect_equal "$(page times.fields.tz)" America/New_York 'the zone instead of an unknown one'
get "/api/slots?bookingId=$booking&tz=Nowhere/Land"
expect_status 400
# zone EXPECTED PATH [CURL-OPTION ...]: the page is in this zone.
zone() {
	local expected=$1
	shift
	get "$@"
	expect_status 200
	expect_equal "$(page times.fields.tz)" "$expected" "the zone of $*"
}
zone Europe/Madrid "/schedule?bookingId=$booking&tz=europe/MADRID"
zone Europe/Madrid "/schedule?bookingId=$booking&tz=madrid"
zone Europe/Madrid "/schedule?bookingId=$booking&tz=%20Europe/Madrid%20"
zone Europe/Madrid "/schedule?bookingId=$booking&tz=%E2%80%AEEurope/Madrid%0A"
get "/schedule?bookingId=$booking&tz=%E2%80%AENowhere%E2%81%A6/Land"
expect_page 'text.includes("do not know the time zone “Nowhere/Land”")'
zone Etc/GMT+5 "/schedule?bookingId=$booking&tz=Etc/GMT+5"
expect_page 'text.includes("UTC-5")'
expect_page '!text.includes("GMT+5")'
zone Etc/GMT-2 "/schedule?bookingId=$booking&tz=UTC+2"
expect_page 'text.includes("UTC+2")'
zone Etc/GMT-2 "/schedule?bookingId=$booking&tz=GMT%2B2"
zone America/New_York "/schedule?bookingId=$booking&tz=new%20york"
zone Europe/Madrid "/schedule?bookingId=$booking" -H 'CF-Timezone: Europe/Madrid'
expect_page 'text.includes("where you seem to be")'
zone America/New_York "/schedule?bookingId=$booking" -H 'CF-Timezone: Nowhere/Land'
expect_page '!text.includes("where you seem to be")'
zone Asia/Tokyo "/schedule?bookingId=$booking&tz=Asia/Tokyo" -H 'CF-Timezone: Europe/Madrid'
expect_page '!text.includes("where you seem to be")'
get "/schedule?bookingId=$booking&zones=all"
[ "$(grep -c '^<option value="[A-Z][^"]*"></option>$' "$body")" -gt 400 ] || fail 'Not all zones can be typed.'
click "$eight" 0 --data-urlencode tz=Asia/Tokyo
expect_status 303
get "/booking?bookingId=$booking"
expect_page 'text.includes(args[0]) && text.includes(args[1])' "$(TZ=Asia/Tokyo date -d "$eight" +'%A, %B %-d, %-I:%M %p JST')" \
	"$(TZ=America/New_York date -d "$eight" +'%A, %B %-d, %-I:%M %p %Z') in New York"
get "/schedule?bookingId=$booking"
expect_equal "$(page times.fields.tz)" Asia/Tokyo 'the zone that was chosen before'

note 'The first open day is chosen, a gone time leads to the nearest, and a full day says so'
get "/schedule?bookingId=$booking"
expect_equal "$(chosen)" "$(TZ=Asia/Tokyo date -d "$eight" +%F)" 'the day of the call that is to be moved'
expect_body "<span>$(TZ=Asia/Tokyo date -d "$eight" +'%-I:%M %p') <small>yours now</small></span>"
new_booking
look
get "/schedule?bookingId=$booking"
expect_equal "$(chosen)" "$(TZ=America/New_York date -d "${slots[0]}" +%F)" 'the day of the next open time'
get "/schedule?bookingId=$booking&day=$(TZ=America/New_York date -d "${day[1]}" +%F)"
expect_equal "$(chosen)" "$(TZ=America/New_York date -d "${day[1]}" +%F)" 'the day that was asked for'
get "/schedule?bookingId=$booking&day=soon"
expect_equal "$(chosen)" "$(TZ=America/New_York date -d "${slots[0]}" +%F)" 'the day instead of one that is none'
click "$eight" 0
expect_status 409
expect_page 'headings[0].includes("gone")'
expect_equal "$(mark near | wc -l)" 3 'the number of nearest times'
expect_equal "$(chosen)" "$(TZ=America/New_York date -d "$eight" +%F)" 'the day of the gone time'
mark near | shows -x "${day[1]}" || fail 'The half-hour after the gone one is not among the nearest.'
owner_event "$(date -d "${day[0]}" +%F)" "$(date -d "${day[0]} + 1 day" +%F)"
look_anew
get "/schedule?bookingId=$booking"
expect_body 'full</small>'
get "/schedule?bookingId=$booking" -H 'Accept-Language: es'
expect_body 'lleno</small>'

note 'A calendar gets the call, and nobody but the prospect the key to it'
full_day 1
call=${day[2]}
click "$call" 0
expect_status 303
get "/booking?bookingId=$booking"
expect_page 'links.some((l) => l.href === "https://meet.example.com/avo")'
stamp() { date -ud "$1" +%Y%m%dT%H%M%SZ; }
page 'links.filter((l) => /google|live|office/.test(l.href)).map((l) => l.href).join("\n")' >"$work/links"
expect_equal "$(wc -l <"$work/links")" 2 'line ends between three links'
grep -q "dates=$(stamp "$call")/$(stamp "$(moved "$call" 30)")" "$work/links" || fail 'The link for Google has another time.'
! grep -q "$booking" "$work/links" || fail 'A link to others has the booking.'
get "/booking.ics?bookingId=$booking"
expect_status 200
expect_header Content-Type '^text/calendar; charset=utf-8'
expect_header Content-Disposition 'attachment; filename="call.ics"'
expect_header X-Robots-Tag noindex
event() { node --input-type=module -e "
	import ICAL from '$srcdir/tests/stand/node_modules/ical.js/dist/ical.js';
	import { readFileSync } from 'node:fs';
	const calendar = new ICAL.Component(ICAL.parse(readFileSync('$body', 'utf8')));
	const event = calendar.getFirstSubcomponent('vevent');
	console.log(calendar.getFirstPropertyValue('method'), event.getFirstPropertyValue('dtstart').toICALString(),
		event.getFirstPropertyValue('dtend').toICALString(), event.getFirstPropertyValue('status'),
		event.getFirstPropertyValue('location'), event.getAllProperties('attendee').length, event.getFirstPropertyValue('sequence'));"; }
version=$(stands version)
expect_equal "$(event)" "PUBLISH $(stamp "$call") $(stamp "$(moved "$call" 30)") CONFIRMED https://meet.example.com/avo 0 $version" 'the file'
cancel "$version"
get "/booking.ics?bookingId=$booking"
expect_body '^STATUS:CANCELLED'
new_booking
get "/booking.ics?bookingId=$booking"
expect_status 404

note 'GET changes nothing'
book "${day[5]}"
get "/api/cancel?bookingId=$booking&version=$version"
expect_status 405
get "/api/schedule?bookingId=$booking&slot=${day[6]}&version=$version"
expect_status 405
expect_stands '[status, slot].join(" ")' "booked ${day[5]}"

note 'The stylesheet has the accent and a year, the logo its type, and no page has a style or a script of its own'
get /
expect_no_body '<(script|style)|style=| on[a-z]+='
expect_header Content-Security-Policy "^default-src 'none'"
expect_header Content-Security-Policy "frame-ancestors 'none'"
style=$(grep -o '/static/style-[0-9a-f]*\.css' "$body")
image=$(grep -o '<img src="/static/logo-[0-9a-f]*\.svg" alt="Avo"' "$body" | cut -d'"' -f2)
get "$style"
expect_status 200
expect_header Content-Type '^text/css'
expect_header Cache-Control '^public, max-age=31536000, immutable$'
# Yellow cannot be read on white, and is left alone at night.
expect_body 'prefers-color-scheme: dark\)\{:root\{--accent:#ffdd00;--on-accent:#000000'
expect_no_body '^:root\{--accent:#ffdd00'
get "${style%-*}-0000.css"
expect_status 200
expect_header Cache-Control '^no-store, no-transform$'
get "$image"
expect_status 200
expect_header Content-Type '^image/svg\+xml$'
# A drawing's own styles count, and nothing else in it works.
expect_header Content-Security-Policy "^default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'$"
cmp -s "$body" "$logo" || fail 'The logo is another.'
get /static/style.css
expect_status 200
get /static/nothing.css
expect_status 404

note 'The errors of nginx are of the family, in the same languages'
head -c 70000 /dev/zero | tr '\0' x >"$work/long"
http /api/book --data-urlencode "brief@$work/long" -H 'Accept-Language: es-ES'
expect_status 413
expect_page 'headings[0] === "Es demasiado largo"'
expect_body 'href="/static/style.css"'

note 'The schedule of two weeks and its stylesheet weigh at most 9,300 bytes'
new_booking
weigh() { # PATH [CURL-OPTION ...]: the compressed body; what the headers weigh depends on the connection
	local path=$1
	shift
	curl -sS --cacert "$CA_CERT" -o /dev/null -w '%{size_download}\n' -H 'Accept-Encoding: gzip' "$@" "$BASE_URL$path"
}
sheet=$(weigh "$style")
for zone in America/New_York America/Argentina/Buenos_Aires Asia/Kathmandu Pacific/Chatham Australia/Lord_Howe Asia/Tokyo; do
	for language in en es de he; do
		total=$((sheet + $(weigh "/schedule?bookingId=$booking&tz=$zone" -H "Accept-Language: $language")))
		[ $total -le 9300 ] || fail "In $zone and $language they have $total bytes."
	done
done
note "the stylesheet has $sheet, both together at most about $total bytes"
stand_over

note 'Before the deadline a call can be changed, after it it stands'
stand_start --set hours.window_days=60 --set hours.change_notice=1000h --set site.form_min_s=2
. "$srcdir/tests/journey.sh"
new_booking
look
full_day 0
click "${day[0]}"
expect_status 303 'a first booking, however near'
version=$(stands version)
get "/booking?bookingId=$booking"
expect_page '!forms.some((f) => f.action === "/api/cancel") && !links.some((l) => l.text.includes("Move"))'
expect_page 'links.some((l) => l.href === "mailto:calls@book.example.com")'
get "/schedule?bookingId=$booking"
expect_page 'headings[0].includes("too near") && !times'
click "${day[1]}" "$version"
expect_status 409
cancel "$version"
expect_status 409
expect_page 'headings[0].includes("too near")'
expect_stands '[status, slot, accepted].join(" ")' "booked ${day[0]} 1"

note 'The cities of one choice are of one zone, which no law can part, and every language has the same choices'
/usr/bin/python3 - "$srcdir/templates" >"$work/choices" <<'END' || fail "$(cat "$work/choices")"
import re, sys, unicodedata

# Cities whose zone is called by another.
elsewhere = {"Calgary": "America/Edmonton", "Delhi": "Asia/Kolkata", "Hanoi": "Asia/Ho_Chi_Minh", "Mumbai": "Asia/Kolkata",
    "Quito": "America/Guayaquil", "UTC": "UTC"}
with open("/usr/share/zoneinfo/zone.tab") as file:
    zones = [line.split()[2] for line in file if not line.startswith("#")]
named = {zone.rsplit("/", 1)[-1]: zone for zone in zones}

def zone_of(city):
    plain = unicodedata.normalize("NFD", city).encode("ascii", "ignore").decode()
    return elsewhere.get(city) or named.get(plain.replace(".", "").replace(" ", "_"))

def choices(language):
    with open(f"{sys.argv[1]}/{language}/zones.html") as file:
        return [(zone, label.split(", ")) for zone, label in re.findall('<option value="([^"]*)">([^<]*)</option>', file.read())]

english = choices("en")
wrong = [f"{city}, offered as {zone}, is of {zone_of(city)}" for zone, cities in english for city in cities if zone_of(city) != zone]
for language in "de", "es", "he":
    if [(zone, len(cities)) for zone, cities in choices(language)] != [(zone, len(cities)) for zone, cities in english]:
        wrong.append(f"{language} has other choices than en")
print("; ".join(wrong))
sys.exit(len(wrong) > 0)
END

note 'Sixty days and the stylesheet fit into the first round trip: 14,600 bytes'
new_booking
get "/schedule?bookingId=$booking"
sheet=$(weigh "$(grep -o '/static/style-[0-9a-f]*\.css' "$body")")
for zone in America/New_York Asia/Kathmandu; do
	total=$((sheet + $(weigh "/schedule?bookingId=$booking&tz=$zone")))
	note "in $zone they have $total bytes"
	[ $total -le 14600 ] || fail "In $zone they have $total bytes."
done

note 'A robot is asked once more, and a person who was taken for one loses nothing'
leads() { ch 'SELECT count() FROM argus.consulting_bookings FINAL'; }
before=$(leads)
get /
submit /api/book name=Bot email=bot@example.com brief=Buy leave_empty=http://spam.example
expect_status 422
expect_page 'headings.some((h) => h.includes("once more")) && text.includes("people do not see")'
expect_page 'forms[0].fields.brief === "Buy" && !("leave_empty" in forms[0].fields)'
get /
submit /api/book name=Quick email=quick@example.com brief=Typist
expect_status 422 'a brief in no time'
expect_equal "$(leads)" "$before" 'the number of leads'
again() {
	submit /api/book
	[ "$status" = 303 ]
}
wait_until again
expect_equal "$(leads)" $((before + 1)) 'the number of leads'

#!/bin/bash
# SPDX-License-Identifier: MIT
# t57-google-login: the owner gives the right to the calendar once, by a browser or by a paste
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --workers 1
. "$srcdir/tests/ctl.sh"

token=$CREDENTIALS_DIRECTORY/google-refresh-token
expected=$(cat "$token")

# login [OPTION ...]: begins one; its address is in $address, its port in $port, and what is written to
# fd 7 is pasted.
login() {
	rm -f "$work/out"
	mkfifo -m 600 "$work/paste" 2>/dev/null || :
	ctl google login "$@" >"$work/out" 2>"$work/err" <"$work/paste" &
	login_pid=$!
	exec 7>"$work/paste"
	wait_until grep -q 'paste it here' "$work/out"
	address=$(grep -m 1 '^https*://' "$work/out")
	port=$(sed -n 's|.*begins with http://\(127\.0\.0\.1:[0-9]*/\);.*|\1|p' "$work/out")
}
ended() { # STATUS
	local is=0
	wait "$login_pid" || is=$?
	exec 7>&-
	[ $is = "$1" ] || fail "The login ends with $is, not $1: $(cat "$work/out" "$work/err")"
}
answer() { curl -sS -o "$work/page" -w '%{redirect_url}' "$address"; } # what Google answers the browser with

note 'A browser of this machine'
rm "$token"
login
[[ $address == *scope=*calendar.events.owned%20*calendar.freebusy* ]] || fail "The scopes are not the narrowest: $address"
[[ $address != *client_secret* ]] || fail 'The address has the secret.'
# A browser asks for an icon before it is sent back.
curl -sS -o "$work/page" "http://${port}favicon.ico"
curl -sS -L -o "$work/page" "$address"
grep -q 'close this page' "$work/page" || fail "The browser shows $(cat "$work/page")"
ended 0
expect_equal "$(cat "$token")" "$expected" 'the token'
expect_equal "$(stat -c %a "$token")" 600 "the file's mode"
says 'free/busy was answered'

note 'A browser elsewhere: its address is pasted'
rm "$token"
login --shared
[[ $address == *auth%2Fcalendar.events%20* ]] || fail "The scopes of a shared calendar are not asked for: $address"
echo 'http://127.0.0.1/?state=another&code=4/x' >&7
wait_until grep -q 'another login' "$work/err"
echo 'what do you mean' >&7
answer >&7
echo >&7
ended 0
expect_equal "$(cat "$token")" "$expected" 'the token'

note 'What goes wrong is said, and the old token stays'
outside_config google '{"declined": "calendar.freebusy"}'
login
answer >&7
echo >&7
ended 1
says 'calendar.freebusy was not granted'
outside_config google '{"declined": "all"}'
login
answer >&7
echo >&7
ended 1
says 'access_denied'
outside_config google '{"declined": ""}'
expect_equal "$(cat "$token")" "$expected" 'the token'
login
echo 4/made-up >&7
ended 1
says 'invalid_grant'
expect_equal "$(cat "$token")" "$expected" 'the token'

note 'How it stands'
run 0 google status --json
expect_equal "$(out '[.works, .missing, .calendar, .title, .last_worked] | @csv')" 'true,,"primary","owner@example.com",' 'the status'
run 0 google status
says 'primary \(owner@example.com\)'
says 'can be written to'
outside_config google '{"role": "reader"}'
run 1 google status
says 'may read the calendar owner@example.com, and not write to it'
says 'not since this machine was started'
outside_config google '{"role": "owner"}'
new_booking() { post_json /api/book '{"name":"Ada","email":"ada@example.com","brief":"A call about a thing."}'; }
new_booking
get "/api/slots?bookingId=$(json .bookingId)"
expect_status 200
control POST google revoke '{"what":"grant"}' >"$work/revoked"
run 1 google status --json
expect_equal "$(out '[.works, (.last_worked | length > 10)] | @csv')" 'false,true' 'the status of a grant that was revoked'
run 1 google status
says '^worked +[A-Z]'
control POST google revoke '{"what":"restore"}' >"$work/restored"
outside_config google '{"scopes": ["calendar.freebusy"]}'
run 1 google status
says 'calendar.events.owned was not granted'
outside_config google '{"scopes": ["calendar.events", "calendar.freebusy"]}'

note 'A calendar with a token of its own, by its name; one that only blocks is asked for free/busy alone'
plain=$CONF
CONF=$STAND_DIR/sections.conf
sed '/^\[google\]/,/^\[/ s/^calendar *=.*//' "$plain" >"$CONF"
printf '[calendar work]\nwrites = yes\n[calendar club]\ncalendar = home@example.com\n[calendar feed]\nkind = ics\nurl = https://feed.example.com/a.ics\n' >>"$CONF"
run 3 google login feed
says 'there is no \[calendar feed\] of kind google'
run 3 google status none
says 'there is no \[calendar none\]'
run 2 google login club --shared
says 'only reads'
login club
[[ $address == *scope=*auth%2Fcalendar.freebusy\&* ]] || fail "The scopes are not the narrowest: $address"
answer >&7
echo >&7
ended 0
expect_equal "$(cat "$CREDENTIALS_DIRECTORY/club-google-refresh-token")" "$expected" 'the token'
expect_equal "$(stat -c %a "$CREDENTIALS_DIRECTORY/club-google-refresh-token")" 600 "the file's mode"
says '^calendar +club: home@example.com'
! grep -q 'calendar  work' "$work/out" || fail 'A login tells of another calendar.'
login work
[[ $address == *scope=*calendar.events.owned%20*calendar.freebusy* ]] || fail "The scopes are not the narrowest: $address"
answer >&7
echo >&7
ended 0
run 0 google status --json
expect_equal "$(out 'map([.name, .calendar, .title, .works] | @csv) | join(" ")')" \
	'"work","primary","owner@example.com",true "club","home@example.com",,true' 'how all stand'
run 0 google status club --json
expect_equal "$(out '.name')" club 'whose status it is'
echo 1//revoked >"$CREDENTIALS_DIRECTORY/club-google-refresh-token"
run 1 google status
says '^calendar +work: primary \(owner@example.com\)'
says 'can be written to'
says 'club: .*invalid_grant'
rm "$CREDENTIALS_DIRECTORY"/{club,work}-google-refresh-token
CONF=$plain
rm "$token"
run 3 google status
says 'google login'
rm "$CREDENTIALS_DIRECTORY/google-client-secret"
run 1 google login
says 'Desktop app'

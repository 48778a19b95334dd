#!/bin/bash
# SPDX-License-Identifier: MIT
# t63-text-browser: in a text browser a prospect sends a brief, books, moves and cancels, key by key
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start
. "$srcdir/tests/journey.sh"

cat >"$work/lynx.cfg" <<END
FORCE_SSL_PROMPT:YES
ACCEPT_ALL_COOKIES:FALSE
NO_PAUSE:TRUE
INFOSECS:0
MESSAGESECS:0
ALERTSECS:0
END

# browse PATH WORD ...: opens the page and presses keys: find=TEXT goes to the next line with it, type=TEXT
# types, tab goes to the next link or field, enter follows or submits.
browse() {
	local path=$1 word i text
	shift
	for word; do
		text=${word#*=}
		case $word in
		tab) echo 'key <tab>' ;;
		enter) echo 'key ^J' ;;
		find=*) echo 'key /' ;;&
		find=* | type=*)
			for ((i = 0; i < ${#text}; i++)); do
				[ "${text:i:1}" = ' ' ] && echo 'key <space>' || echo "key ${text:i:1}"
			done
			;;&
		find=*) echo 'key ^J' ;;
		esac
	done >"$work/keys"
	printf 'key Q\nkey y\n' >>"$work/keys"
	TERM=xterm LC_ALL=C.UTF-8 timeout 60 script -qec \
		"stty rows 400 cols 120; lynx -cfg='$work/lynx.cfg' -term=xterm -noreferer -cmd_script='$work/keys' '$BASE_URL$path'" "$work/screen" >/dev/null ||
		fail "lynx has not come to its end: $(tail -c 2000 "$work/screen")"
}

note 'The brief, and the first time of the page'
browse / find='Your name' type='Ada Lovelace' tab type=ada@example.com tab tab type=Engines tab tab tab tab enter \
	find='8:30 AM' enter
booking=$(ch "SELECT booking_id FROM argus.consulting_bookings FINAL WHERE name = 'Ada Lovelace' AND email = 'ada@example.com'
	AND brief = 'Engines'")
[ -n "$booking" ] || fail 'There is no lead.'
expect_stands status booked
first=$(stands slot)

note 'The move, from the page of the booking'
browse "/booking?bookingId=$booking" find='Move it' enter find='12:30 PM' enter
expect_stands 'accepted' 2
[ "$(stands slot)" != "$first" ] || fail 'The booking has not moved.'

note 'The cancel'
browse "/booking?bookingId=$booking" find='Yes, cancel' enter
expect_stands status cancelled
audit

#!/bin/bash
# SPDX-License-Identifier: MIT
# t43-meet: each call has a video call of its own, whose link is everywhere and stays, and never holds up a booking
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --courier --set 'calendar work.writes=yes' --set 'calendar work.meet=yes' --set 'calendar work.obey=yes' --set google.fresh_s=1 --set courier.replay_s=2 --set site.queue_ms=1000 --set google.timeout_ms=2000
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"
expects_faults '^meet_refused ' 'duty=meet .* state=retry code=busy where=meet' 'duty=meet .* state=failed code=refused where=meet'
outside_config google '{"per_minute":0}'
outside_config telegram '{"per_second":0}'
outside_config resend '{"per_second":0}'

new_booking
look
full_day 0
free=("${day[@]}")
full_day 1
free+=("${day[@]}")
next=0
slot() { taken=${free[next]} next=$((next + 1)); }

row_link() { ch "SELECT video_link FROM argus.consulting_bookings FINAL WHERE booking_id = '$booking'"; }
has_link() { [ -n "$(row_link)" ]; }
event_link() { stands 'events.filter((e) => e.status !== "cancelled").map((e) => e.hangoutLink ?? "none").join()'; }
event_links() { [ "$(event_link)" = "$1" ]; }
# is_everywhere: in row, event, page, JSON and file.
is_everywhere() {
	local link
	wait_until has_link
	link=$(row_link)
	[[ $link = https://meet.google.com/* ]] || return 1
	wait_until event_links "$link"
	get "/booking?bookingId=$booking"
	expect_body "href=\"$link\""
	expect_no_body 'link to the video call follows'
	get "/booking?bookingId=$booking" -H 'Accept: application/json'
	expect_equal "$(json .videoUrl)" "$link" 'the link in JSON'
	get "/booking.ics?bookingId=$booking"
	expect_body "^LOCATION:$link"
}

note 'At once: the page after the click has it, the mail, the invitation and the alert'
slot
click "$taken"
expect_status 303
is_everywhere || fail 'The link is not there after the click.'
first=$(row_link)
wait_until mails_are 1
expect_equal "$(mails '.[0].text' | grep -c "$first")" 1 'the link in the mail'
expect_equal "$(invites '.[0].location')" "$first" 'the link in the invitation'
wait_until alerts_are 1 "^$first"

note 'The same after a move, of the prospect and of the operator'
look
slot
click "$taken" "$version"
expect_status 303
is_everywhere && [ "$(row_link)" = "$first" ] || fail 'The link is another after a move.'
wait_until mails_are 2
expect_equal "$(mails '.[1].text' | grep -c "$first")" 1 'the link in the mail of the move'
ctl move "$booking" "${free[next]}" >"$work/moved"
next=$((next + 1))
is_everywhere && [ "$(row_link)" = "$first" ] || fail 'The link is another after the operator moved the call.'

note 'The same when its owner drags the event, at an hour that nobody is offered'
version=$(stands version)
dragged=$(($(date -u -d "${free[next - 1]}" +%s) + 9 * 3600))
at() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ; }
control POST google edit "{\"id\":\"${booking//-/}v$version\",\"start\":{\"dateTime\":\"$(at $dragged)\"},\"end\":{\"dateTime\":\"$(at $((dragged + 1800)))\"}}" >"$work/edited"
starts_at() { [ "$(stands row.start)" = "$1" ]; }
wait_until starts_at "$dragged"
is_everywhere && [ "$(row_link)" = "$first" ] || fail 'The link is another after its owner dragged the event.'
version=$(stands version)

note 'Cancelled and booked anew: another call, another link'
look
cancel "$version"
expect_status 303
expect_equal "$(row_link)" '' 'the link of a cancelled call'
look
slot
click "$taken" "$version"
expect_status 303
is_everywhere && [ "$(row_link)" != "$first" ] || fail 'A call after a cancelled one has its link.'

note 'Pending: the page says so, the mail waits for the link'
outside_config google '{"conference":"pending"}'
new_booking
slot
courier_freeze
click "$taken"
get "/booking?bookingId=$booking"
expect_body 'link to the video call follows'
get "/booking?bookingId=$booking" -H 'Accept: application/json'
expect_equal "$(json .videoUrl)" null 'the link in JSON before there is one'
courier_thaw
wait_until has_link
is_everywhere || fail 'The link that came later is not everywhere.'
wait_until mails_are 1
expect_equal "$(mails '.[0].text' | grep -c "$(row_link)")" 1 'the link in the mail that waited'

note 'Google cannot make it: the mail leaves without it, and the owner is told'
outside_config google '{"conference":"failure"}'
new_booking
slot
click "$taken"
wait_until mails_are 1
mails '.[0].text' | shows 'The link to the video call follows' || fail 'The mail does not say that the link follows.'
wait_until alerts_are 1 '^Google made no video call'
wait_until event_links none

note 'The account has none: the event is there at the click, and the owner is told once'
for what in refused forbidden; do
	outside_config google "{\"conference\":\"$what\"}"
	new_booking
	slot
	click "$taken"
	expect_status 303
	wait_until event_links none
	wait_until is_recorded meet skipped
	wait_until mails_are 1
done
wait_until alerts_are 1 '^Google makes no video calls'
note 'A moved call keeps its link where Google takes it over no more'
outside_config google '{"conference":"success"}'
new_booking
slot
click "$taken"
wait_until has_link
kept=$(row_link)
outside_config google '{"conference":"refused"}'
look
slot
click "$taken" "$version"
expect_equal "$(row_link)" "$kept" 'the link after the move'
event_is_at() { [ "$(stands 'events.filter((e) => e.status !== "cancelled").map((e) => e.location).join()')" = "$1" ]; }
wait_until event_is_at "$kept"

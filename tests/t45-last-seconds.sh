#!/bin/bash
# SPDX-License-Identifier: MIT
# t45-last-seconds: a call that is booked as it begins, or whose mail could not leave before, is told of all the same
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"

# The first time of today is the next minute that leaves time to start and to look.
starts=$((($(date +%s) + 25) / 60 * 60 + 60))
first=$(TZ=America/New_York date -d "@$starts" +%H:%M)
[ "$(TZ=America/New_York date -d "@$((starts + 120))" +%F)" = "$(TZ=America/New_York date +%F)" ] ||
	skip 'it is nearly midnight in New York.'
stand_start --courier --set hours.days=Mon-Sun --set "hours.first_start=$first" --set "hours.last_start=$first" \
	--set hours.notice=0 --set courier.replay_s=1
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"
expects_faults 'duty=(mail|begun) .*state=retry code=unreachable'
outside_config telegram '{"per_second":0}'

is_past() { [ "$(date +%s%N)" -gt "${1}000000000" ]; } # SECONDS

note 'Its time is offered to the last'
new_booking
look
expect_equal "${slots[0]}" "$(wire $starts)" 'the first time'
wait_until -t 120 is_past $((starts - 4))
look
is_open "$(wire $starts)" || fail 'It is not offered in its last seconds.'
courier_freeze
click "$(wire $starts)" 0
expect_status 303
wait_until is_past $((starts + 1))
courier_thaw

note 'The mail says that it has begun, with the invitation; the alert and the event are there'
wait_until mails_are 1
expect_equal "$(mails '.[0].subject')" 'Your call with Avo has begun' 'the subject'
mails '.[0].text' | shows 'its time has come: it has begun' || fail "The mail says: $(mails '.[0].text')"
expect_equal "$(invites '.[0].method')" REQUEST 'the invitation'
wait_until alerts_are 1 '^Booked: Ada \(ada@example.com\)'
wait_until is_recorded event done
get "/booking?bookingId=$booking"
expect_status 200
expect_no_body 'A confirmation goes to'

note 'The same of one for which Resend was down until then'
append cancel $starts "$(stands version)"
wait_until mails_are 2
fault resend '{"kind":"refuse"}'
lead Late
soon=$(($(date +%s) + 3))
append book $soon
has_tried() { [ -n "$(recorded mail)$(recorded begun)" ]; }
wait_until has_tried
wait_until is_past $((soon + 1))
faults_clear resend
wait_until mails_are 1
expect_equal "$(mails '.[0].subject')" 'Your call with Avo has begun' 'the subject'
wait_until alerts_are 1 '^Booked: Late '
quiet
mails_are 1 || fail 'It is told twice.'

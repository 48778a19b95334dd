#!/bin/bash
# SPDX-License-Identifier: MIT
# t58-check: check and /healthz tell when nobody can book, and are content again when it is mended
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
own=$work/own
cp -r "$srcdir/templates" "$own"
stand_start --courier --set site.templates="$own"
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/ctl.sh"
. "$srcdir/tests/courier.sh"
expects_faults '^[a-z_]+ code=ledger where=journal '
expects_worker_faults '^(failed route=[^ ]+|click_failed|append_failed) code=ledger where=journal '

faults() { out '[.[] | select(.state == "FAULT").part] | join(" ")'; }
# The stand's certificate is one of its own authority, whom the tool does not trust: a site of our own.
mkdir "$work/site"
echo hello >"$work/site/index.html"
/usr/bin/python3 -u -m http.server --bind 127.0.0.1 --directory "$work/site" 0 >"$work/site.log" 2>&1 &
site=$!
site_is_up() { site_port=$(sed -n 's/^Serving HTTP on [^ ]* port \([0-9]*\) .*/\1/p' "$work/site.log") && [ -n "$site_port" ]; }
wait_until site_is_up
sed -i "s|^base_url = .*|base_url = http://127.0.0.1:$site_port|" "$CONF"
# finds PARTS: check has these faults, and ends so.
finds() {
	run 1 check --quick --json
	expect_equal "$(faults)" "$1" 'the faults'
}
is_well() {
	ctl check --quick --json >"$work/out" 2>"$work/err" </dev/null
}
health_is() {
	get /healthz
	[ "$status" = "$1" ]
}

outside_config resend '{"per_second":0}'

note 'Everything is well'
well_or_why() { is_well || { jq -r '.[] | select(.state == "FAULT") | [.part, .detail] | join(": ")' "$work/out"; cat "$work/err"; false; } >&2; }
wait_until well_or_why
expect_equal "$(out '[.[].part] | (index("order") == null) and (contains(["pages", "clicks", "health", "courier", "backlog", "spool", "templates", "site"]))')" \
	true 'that every part is asked'
wait_until health_is 200

note 'A file of holidays that are all over is no fault, and is told'
holidays_are() { # DATE STATE
	printf 'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:%s\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n' "$1" >"$work/holidays.ics"
	run 0 check --quick --json
	expect_equal "$(out '[.[] | select(.part == "holidays").state] | join(" ")')" "$2" "what is said of holidays on $1"
}
cp "$CONF" "$work/conf"
printf '[dates]\nholidays = %s\n' "$work/holidays.ics" >>"$CONF"
holidays_are "$(date -d '-40 days' +%Y%m%d)" note
holidays_are "$(date -d '40 days' +%Y%m%d)" ''
cp "$work/conf" "$CONF"

note 'A pool that nobody serves: clicks, then pages'
for pool in clicks:click pages:worker; do
	mv "$STAND_DIR/run/${pool#*:}.sock" "$work/link"
	/usr/bin/python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$STAND_DIR/run/${pool#*:}.sock"
	get /healthz
	expect_status 503 'a pool is dead'
	expect_equal "$(json ".${pool%:*}")" unreachable 'what /healthz says'
	finds "${pool%:*} health"
	rm "$STAND_DIR/run/${pool#*:}.sock"
	mv "$work/link" "$STAND_DIR/run/${pool#*:}.sock"
	wait_until is_well
done

note 'Templates that the worker refuses'
echo '{{nothing' >"$own/en/problem.html"
finds templates
cp "$srcdir/templates/en/problem.html" "$own/en"
well_or_why() { is_well || { jq -r '.[] | select(.state == "FAULT") | [.part, .detail] | join(": ")' "$work/out"; cat "$work/err"; false; } >&2; }
wait_until well_or_why

note 'A brief that was set aside'
echo '{' >"$STAND_DIR/spool/1-x.json.damaged"
finds spool
rm "$STAND_DIR/spool/1-x.json.damaged"

note 'Who has too much to do has no fault, and who is down has'
for service in resend telegram google; do
	fault $service '{"kind":"status","status":429}'
	is_well || fail "A 429 of $service is a fault: $(faults)"
	expect_equal "$(out ".[] | select(.part | ascii_downcase == \"$service\").state")" note "a throttled $service"
	faults_clear $service
done
fault google '{"kind":"status","status":503}'
finds Google
faults_clear google

note 'A key that may only send, or whose empty mail is a 400, is good; a domain that is not verified is not'
fault resend '{"kind":"status","status":401,"route":"domains"}'
is_well || fail "A key that may only send is a fault: $(faults)"
expect_equal "$(out '.[] | select(.part == "sender").state')" note 'the row of the sender'
faults_clear resend
fault resend '{"kind":"status","status":400,"route":"emails"}'
is_well || fail "A 400 for an empty mail is a fault: $(faults)"
faults_clear resend
outside_config resend '{"domains":["other.example.com"]}'
finds sender
run 1 check --quick --mail me@example.com
says '^FAULT mail +.*domain is not verified'
outside_config resend '{"domains":["book.example.com"]}'
run 0 check --quick --mail me@example.com --json
expect_equal "$(out '.[] | select(.part == "mail").state')" ok 'the row of the mail'
expect_equal "$(outside_state resend '[.mails[] | select(.to == ["me@example.com"])] | length')" 1 'the mails to the operator'

note 'Which chats the bot sees'
run 0 telegram chats --json
expect_equal "$(out '[.[] | [.id, .type, .name] | join(" ")] | join(", ")')" '99 private Zoë, -1001234567890 supergroup Calls' 'the chats'
fault telegram '{"kind":"status","status":401}'
run 1 telegram chats
says Unauthorized
faults_clear telegram

note 'A courier that does not look any more, and something that waits'
# gauge NUMBER SECONDS: of the shared counts: so long ago, by the machine's clock.
gauge() {
	/usr/bin/python3 - "$(echo "$STAND_DIR"/run/counters.*)" $((counters + $1)) "$2" <<-'END'
	import struct, sys, time
	with open(sys.argv[1], "r+b") as file:
	    file.seek(8 * int(sys.argv[2]))
	    file.write(struct.pack("=Q", int((time.clock_gettime(time.CLOCK_BOOTTIME) - float(sys.argv[3])) * 1000)))
	END
}
counters=$(sed -n '/^enum counter {/,/COUNTERS,/p' "$srcdir/app/base/counters.h" | grep -c COUNTER_)
kill -STOP $(courier_pids)
gauge 0 300
finds courier
says 'it last looked 30[0-9] s ago'
gauge 0 10
gauge 2 1000
finds backlog
says 'due for 100[0-9] s'
kill -CONT $(courier_pids)
wait_until well_or_why

note 'On a ClickHouse that says it is of an older line that serves, all programs start, and a call is booked'
for version in 25.5.1.1 26.3.4.1; do
	fault clickhouse "{\"kind\":\"garbage\",\"route\":\"select\",\"match\":\"version()\",\"body\":\"$version\\t\\n\"}"
	workers_again
	courier_again
	new_booking
	look
	full_day 0
	click "${day[0]}"
	expect_status 303 "a click on ClickHouse $version"
	version_of_booking=$(stands version)
	wait_until is_recorded alert done "$version_of_booking"
	wait_until is_well
	expect_equal "$(out '.[] | select(.part == "ClickHouse" and .state == "note").detail | split(",")[0]')" 'older than 26.7' "what check says on ClickHouse $version"
	faults_clear clickhouse
done
workers_again

note 'A ledger that was rebuilt under workers that run, until they are started again'
run 0 ledger rebuild --yes
finds health
says 'restart slotguard.target'
kill $(children "$OPS_PID")
workers_again
wait_until well_or_why

note 'The site does not answer'
kill "$site"
wait "$site" || :
finds site

note 'Before the programs run they are not asked'
rm "$STAND_DIR"/run/*.sock "$STAND_DIR"/run/counters.*
run 0 check --quick --no-programs
run 1 check --quick --json
[[ $(faults) == 'pages clicks health courier site' ]] || fail "What is stopped is not missed: $(faults)"

#!/bin/bash
# SPDX-License-Identifier: MIT
# t08-config: a wrong configuration, secret, template or schema stops the programs with one clear sentence
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --without programs --without nginx
# Each check asks it.
outside_config resend '{"per_second":0}'

conf=$work/slotguard.conf
output=$work/output
# worker: as systemd starts it, with a listening socket on fd 0; sets $code.
worker() {
	code=0
	timeout 10 spawn-fcgi -n -s "$work/worker.sock" -- "$builddir/slotguard-worker" -c "$conf" >"$output" 2>&1 || code=$?
}
tool() { # ARGUMENT ...
	code=0
	"$builddir/slotguardctl" -c "$conf" "$@" >"$output" 2>&1 || code=$?
}
said() { # STATUS EXTENDED-REGEXP WHAT
	[ "$code" = "$1" ] || fail "$3: the status is $code, not $1: $(cat "$output")"
	grep -Eq -- "$2" "$output" || fail "$3: there is no '$2' in: $(cat "$output")"
}
courier() {
	code=0
	timeout 10 "$builddir/slotguard-courier" -c "$conf" >"$output" 2>&1 || code=$?
}
# Status 78 is the unit's word for 'do not try again'; 1 may pass by itself.
worker_refuses() { # EXTENDED-REGEXP WHAT [STATUS]
	worker
	said "${3:-78}" "^slotguard-worker does not start: .*($1)" "$2"
	expect_equal "$(wc -l <"$output")" 1 "$2: the number of lines"
}
courier_refuses() { # EXTENDED-REGEXP WHAT [STATUS]
	courier
	said "${3:-78}" "^slotguard-courier does not start: .*($1)" "$2"
	expect_equal "$(wc -l <"$output")" 1 "$2: the number of the courier's lines"
}
both_refuse() { # EXTENDED-REGEXP WHAT [STATUS]: worker and courier
	worker_refuses "$@"
	courier_refuses "$@"
}
tool_refuses() { # EXTENDED-REGEXP WHAT
	tool check --quick --no-programs
	said 1 "^slotguardctl: .*($1)" "$2"
}
refused() { # EXTENDED-REGEXP WHAT: by all programs
	both_refuse "$@"
	tool_refuses "$@"
}
# faulty WHAT PART EXTENDED-REGEXP ...: check finds these faults, and no others.
faulty() {
	local what=$1 count=0
	shift
	tool check --quick --no-programs
	for (( ; $#; count++)); do
		said 1 "^FAULT $1 +.*($2)" "$what"
		shift 2
	done
	expect_equal "$(grep -c '^FAULT' "$output")" "$count" "$what: the number of faults"
}
with() { # SECTION LINE: the stand's configuration with this line, and without the key's own
	sed -e "/^${2%%=*}=/d" -e "s|^\\[$1\\]\$|&\\n$(sed 's/[&|\\]/\\&/g' <<<"$2")|" "$CONF" >"$conf"
}

note 'Migrations: twice, and a second time at once'
cp "$CONF" "$conf"
both_refuse 'schema is version 0 and this program needs [0-9]+; run `slotguardctl migrate`' 'a database without a schema' 1
tool check --no-programs
said 1 '^FAULT schema .*slotguardctl migrate' 'a database without a schema'
tool migrate
said 0 '^applied 0001-initial$' 'the first migrate'
tool migrate
said 0 '^the schema is version [0-9]+$' 'the second migrate'
! grep -q applied "$output" || fail 'A migration is applied twice.'
expect_equal "$(ch 'SELECT count() FROM argus.ledger')" 1 'the number of epochs'
ch 'TRUNCATE TABLE argus.schema_migrations'
"$builddir/slotguardctl" -c "$conf" migrate >"$work/first" 2>&1 &
first=$!
"$builddir/slotguardctl" -c "$conf" migrate >"$work/second" 2>&1 || fail "Of two migrates one fails: $(cat "$work/second")"
wait $first || fail "Of two migrates one fails: $(cat "$work/first")"
expect_equal "$(ch 'SELECT count() FROM argus.ledger')" 1 'the number of epochs'

note 'A schema of the first version is brought up to date, with what stands in it'
sed 's|^database = argus$|database = older|' "$CONF" >"$conf"
ch 'CREATE DATABASE older'
ch 'CREATE TABLE older.schema_migrations AS argus.schema_migrations'
ch "INSERT INTO older.schema_migrations (version, name) VALUES (1, '0001-initial')"
while IFS= read -r -d $'\x1f' statement; do
	curl -sS --fail-with-body --data-binary "$statement" "$CLICKHOUSE_URL/?database=older"
done < <(sed '/^--/d; s/;$/\x1f/' "$srcdir/app/store/migrations/0001-initial.sql")
old=11111111-2222-4333-8444-555555555555
ch "INSERT INTO older.ledger (id, kind, booking_id, version, host, call_start, call_end, taken_start, taken_end, calendar)
	SETTINGS async_insert = 0 VALUES (generateUUIDv4(), 'book', '$old', 0, 'main', '2026-01-05 15:00:00',
	'2026-01-05 15:30:00', '2026-01-05 15:00:00', '2026-01-05 15:30:00', 'fresh')"
ch "INSERT INTO older.consulting_bookings (booking_id, version, status, host, slot_start, slot_end, name, email, brief, timezone)
	SETTINGS async_insert = 0 VALUES ('$old', 2, 'booked', 'main', '2026-01-05 15:00:00', '2026-01-05 15:30:00',
	'Grace Hopper', 'grace@example.com', 'A compiler.', 'Europe/Berlin')"
both_refuse 'schema is version 1 and this program needs [0-9]+; run `slotguardctl migrate`' 'an older schema' 1
tool ledger rebuild --yes
said 1 'schema is version 1 .*`slotguardctl migrate`' 'a rebuild of an older schema'
tool migrate
said 0 '^applied 0002-' 'migrate on an older schema'
said 0 '^applied 0003-' 'migrate on an older schema'
said 0 '^applied 0004-' 'migrate on an older schema'
said 0 '^applied 0006-' 'migrate on an older schema'
! grep -q 'applied 0001' "$output" || fail 'The first migration is applied again.'
tool show "$old" --json
said 0 . 'show on the new schema'
expect_equal "$(jq -r '.booking | [.status, .start, .name, .brief, .timezone, .budget, .language] | join("|")' "$output")" \
	'booked|2026-01-05T15:00:00Z|Grace Hopper|A compiler.|Europe/Berlin||' 'what was booked before'
tool check --no-programs
said 0 '^ok +ledger ' 'check on the new schema'
cp "$CONF" "$conf"

note 'A recorded ledger of the first version has the same verdicts as when it was written'
sed 's|^database = argus$|database = recorded|' "$CONF" >"$conf"
ch 'CREATE DATABASE recorded'
ch 'CREATE TABLE recorded.schema_migrations AS argus.schema_migrations'
ch "INSERT INTO recorded.schema_migrations (version, name) VALUES (1, '0001-initial')"
while IFS= read -r -d $'\x1f' statement; do
	[[ $statement == *"'epoch',"*SELECT* ]] && continue
	curl -sS --fail-with-body --data-binary "$statement" "$CLICKHOUSE_URL/?database=recorded"
done < <(sed '/^--/d; s/;$/\x1f/' "$srcdir/app/store/migrations/0001-initial.sql")
table=$(ch "SELECT uuid FROM system.tables WHERE database = 'recorded' AND name = 'ledger'")
recorded=$srcdir/tests/fixtures/ledger/version-1.tsv
# One row an INSERT, as programs write it; the first names the table that it is in.
mkdir "$work/rows"
sed "1s/00000000-0000-0000-0000-000000000000/$table/" "$recorded" | cut -f 1-13 |
	split -l 1 -a 3 -d - "$work/rows/"
for row in "$work"/rows/*; do
	printf 'next\nurl = "%s/?database=recorded&async_insert=0&query=%s"\ndata-binary = "@%s"\n' "$CLICKHOUSE_URL" \
		"INSERT%20INTO%20ledger%20(id,kind,booking_id,version,host,call_start,call_end,taken_start,taken_end,cap,cap_start,cap_end,calendar)%20FORMAT%20TSV" "$row"
done | sed 1d >"$work/inserts"
curl -sS --fail-with-body -K "$work/inserts"
expect_equal "$(ch 'SELECT count() FROM recorded.ledger')" 200 'the rows of the recorded ledger'
tool migrate
said 0 '^applied 0004-' 'migrate on a recorded ledger'
cut -f 3 "$recorded" | sort -u | grep -v '^00000000-0000-0000-0000-000000000000$' | while read -r id; do
	ctl_recorded=$("$builddir/slotguardctl" -c "$conf" show "$id" --json) || fail "$id cannot be shown."
	expect_equal "$(jq -r '.ledger[].verdict' <<<"$ctl_recorded" | xargs)" \
		"$(awk -F '\t' -v id="$id" '$3 == id { print $14 }' "$recorded" | xargs)" "the verdicts of $id"
	expect_equal "$(jq -r '.ledger[] | select(.actor != (if .command == "book" or .command == "cancel" then "prospect" else "operator" end))' \
		<<<"$ctl_recorded")" '' "the actors of $id"
done
cp "$CONF" "$conf"

note 'A healthy system'
tool check --no-programs
said 0 '^ok +ledger ' 'check'
expect_equal "$(grep -v '^ok ' "$output" | xargs)" 'off API keys programs send JSON without one' 'what check says'
for part in configuration 'zone data' ClickHouse schema order ledger Google Resend Telegram; do
	grep -Eq "^ok +$part " "$output" || fail "check does not say that this is well: $part"
done
for secret in "$CREDENTIALS_DIRECTORY"/*; do
	! grep -Fq "$(cat "$secret")" "$output" || fail "check prints $secret."
done

note 'A newer schema'
ch "INSERT INTO argus.schema_migrations (version, name) VALUES (99, 'later')"
for what in check migrate; do
	tool $what
	said 1 'schema is version 99 and this program knows [0-9]+ only; install the newer slotguard' "$what on a newer schema"
done
both_refuse 'schema is version 99 and this program knows [0-9]+ only; install the newer slotguard' 'a newer schema' 1
ch 'ALTER TABLE argus.schema_migrations DELETE WHERE version = 99 SETTINGS mutations_sync = 2'

note 'A ClickHouse that is too old, and one that is older than what the tests run on'
version_is() { fault clickhouse "{\"kind\":\"garbage\",\"route\":\"select\",\"match\":\"version()\",\"body\":\"$1\\t\\n\"}"; }
for version in 24.8.14.39 25.4.9.9 18.16.1; do
	version_is "$version"
	too_old="ClickHouse is version $version and has no _part_starting_offset; 25\.5 is the oldest that serves"
	both_refuse "$too_old" "ClickHouse $version" 1
	tool migrate
	said 1 "$too_old" "migrate on ClickHouse $version"
	faulty "ClickHouse $version" ClickHouse "$too_old"
	faults_clear clickhouse
done
quick=''
for version in 25.5.1.1 26.3.4.1 26.6.9.9; do
	version_is "$version"
	tool check $quick --no-programs
	said 0 "^note +ClickHouse +older than 26\.7, the oldest version that slotguard's tests have run on" "check on ClickHouse $version"
	if [ -n "$quick" ]; then
		said 0 'without --quick it is tried whether' "what --quick leaves out on ClickHouse $version"
		! grep -q 'below is whether' "$output" || fail '--quick promises a line about the order.'
	else
		said 0 'below is whether this server keeps' "the note on ClickHouse $version"
		said 0 '^ok +order ' "the order on ClickHouse $version"
	fi
	quick=--quick
	faults_clear clickhouse
done
tool check --quick --no-programs
! grep -q '^note' "$output" || fail "This ClickHouse is what the tests run on: $(cat "$output")"

note 'slotguard.conf'
line_of() { grep -naxF -- "$1" "$conf" | tail -n 1 | cut -d: -f1; }
for case in \
	'site|colour = red|there is no key \[site\] colour' \
	'google|timeout = 5|there is no key \[google\] timeout' \
	'site|base_url = ftp://example.com|base_url must be an http' \
	'site|base_url = https://example.com/|base_url must be .*without a slash' \
	'site|base_url = https://example.com/?a=b|base_url must be .*without a query' \
	'site|base_url = https|base_url is too short' \
	'site|host = a b|host may hold letters' \
	"site|host = $(head -c 70 /dev/zero | tr '\0' h)|host is too long" \
	'site|name =|name is too short' \
	"site|name = $(printf 'a\xffb')|name is not UTF-8" \
	"site|name = $(printf 'a\x07b')|name has a control character" \
	'site|spool_dir = spool|spool_dir must be an absolute path' \
	'hours|first_start = 8:00|first_start is "8:00"; it must be a time' \
	'hours|first_start = 24:00|first_start is "24:00"; it must be a time' \
	'hours|last_start = 16:60|last_start is "16:60"; it must be a time' \
	'hours|days = Mon-Fun|days must be days' \
	'hours|days =|days must be days' \
	'hours|slot_minutes = 0|slot_minutes is "0"; it may be 5 to 480' \
	'hours|slot_minutes = 30m|slot_minutes is "30m"; it may be 5 to 480' \
	'hours|window_days = -1|window_days is "-1"; it may be 1 to 60' \
	'hours|step_minutes = 0|step_minutes is "0"; it may be 5 to 480' \
	'hours|Mon = 08:00-12:00, 11:00-13:00|Mon: 11:00-13:00 does not begin after the span before it' \
	'hours|window = 2026-12-01..2027-11-30|window: "2026-12-01..2027-11-30" is longer than a window, which has at most 60 days' \
	'hours|window = 366 days|window: "366" is not from 1 to 60' \
	'hours|notice = soon|notice: "soon" is no notice; write 0, 30m, 2h, next-day or' \
	'hours|Mon-Fry = off|Mon-Fry: "Fry" is no day; days are Sun, Mon' \
	'hours|Mon = 12:00-08:00|Mon: 08:00 is earlier than the first start' \
	'hours|window_days = 99999999999999999999|window_days is "9*"; it may be 1 to 60' \
	'clickhouse|database = a;b|database may hold letters' \
	'clickhouse|timeout_ms = 1e3|timeout_ms is "1e3"; it may be 100 to 60000' \
	'google|outage = maybe|outage is "maybe"; it may be open or closed' \
	'google|api_url = http://[::1]/#x|api_url must be' \
	'site|rubbish|neither \[section\] nor key = value'; do
	IFS='|' read -r section line message <<<"$case"
	with "$section" "$line"
	line=$(line_of "$line")
	refused "$conf:$line: .*$message" "$case"
done
with site 'name = Avo'
printf '[site]\nname = Ovo\n' >>"$conf"
refused "$conf:$(line_of 'name = Ovo'): \\[site\\] name stands at line $(line_of 'name = Avo') already" 'a repeated key'
{ cat "$CONF"; printf '[nonsense]\na = b\n'; } >"$conf"
refused "$conf:$(line_of 'a = b'): there is no key \\[nonsense\\] a" 'an unknown section'
for case in '2026-02-30 = off|2026-02-30: there is no such date; write 2026-12-24' \
	'2027-01-08..2027-01-04 = off|2027-01-08..2027-01-04: the range ends before it begins' \
	'holidays = /nowhere/holidays.ics|holidays = /nowhere/holidays.ics: .*No such file'; do
	{ cat "$CONF"; printf '[dates]\n%s\n' "${case%%|*}"; } >"$conf"
	refused "$conf:$(line_of "${case%%|*}"): \\[dates\\] ${case#*|}" "$case"
done
{ printf '[site]\nname = %s\n' "$(head -c 5000 /dev/zero | tr '\0' x)"; } >"$conf"
refused "$conf:2: " 'a line that is too long'
sed '/^base_url/d' "$CONF" >"$conf"
refused "$conf: \\[site\\] base_url is missing" 'a missing key'
# Who sends mails and who is alerted has to be said, by who starts and who makes tables; "nobody" is an answer.
for key in resend.from telegram.chat_id; do
	sed "/^${key#*.} =/d" "$CONF" >"$conf"
	both_refuse "$conf: \\[${key%.*}\\] ${key#*.} is missing" "a configuration without $key"
	for program in worker courier; do
		! "$builddir/slotguard-$program" -t -c "$conf" >"$output" 2>&1 || fail "$program -t takes a configuration without $key."
	done
	tool migrate
	said 1 "\\[${key%.*}\\] ${key#*.} is missing" "a migrate without $key"
	sed "s/^${key#*.} =.*/${key#*.} =/" "$CONF" >"$conf"
	for program in worker courier; do
		"$builddir/slotguard-$program" -t -c "$conf" >"$output" 2>&1 || fail "$program -t refuses an empty $key: $(cat "$output")"
	done
done
with hours 'first_start = 17:00'
refused "$conf:$(line_of 'first_start = 17:00'): \\[hours\\] first_start, 17:00, is later than last_start, 16:30" 'hours that end before they begin'
rm "$conf"
refused "$conf: No such file" 'no configuration'
mkdir "$conf"
refused "$conf" 'a folder for a configuration'
rmdir "$conf"

note 'What has to be there on this machine'
with hours 'timezone = America/Nowhere'
both_refuse "$conf:$(line_of 'timezone = America/Nowhere'): \\[hours\\] timezone = America/Nowhere: .* has no zone data" 'an unknown zone'
tool check --quick --no-programs
said 1 '^FAULT zone data .*install tzdata' 'an unknown zone'
mkdir "$work/zones"
printf '# version 2025b\nL America/New_York US/Eastern\n' >"$work/zones/tzdata.zi"
with site "zoneinfo = $work/zones"
sed -i -e '/^timezone =/d' -e 's|^\[hours\]$|&\ntimezone = US/Eastern|' "$conf"
both_refuse 'US/Eastern: .* has no zone data for it; the package tzdata-legacy has' 'a zone of another package'
with site "zoneinfo = $work/nothing"
both_refuse "$work/nothing has no zone data" 'no zone data'
for key in runtime_dir spool_dir; do
	with site "$key = $work/nothing"
	both_refuse "$work/nothing is not a folder that this program may write to" "no $key"
	: >"$work/file"
	with site "$key = $work/file"
	both_refuse "$work/file is not a folder that this program may write to" "a file for a $key"
done
if [ "$(id -u)" -ne 0 ]; then
	mkdir -m 500 "$work/read-only"
	with site "spool_dir = $work/read-only"
	both_refuse "$work/read-only is not a folder that this program may write to" 'a folder without the right to write'
fi
# A file system of its own that has no room; only root may make one.
if [ "$(id -u)" -eq 0 ] && unshare --mount true; then
	mkdir "$work/full"
	for key in runtime_dir spool_dir; do
		with site "$key = $work/full"
		for program in worker courier; do
			code=0
			unshare --mount bash -c '
				mount -t tmpfs -o size=16k tmpfs "$1"
				shift
				exec "$@"' mount "$work/full" timeout 5 spawn-fcgi -n -s "$work/worker.sock" -- \
				"$builddir/slotguard-$program" -c "$conf" >"$output" 2>&1 || code=$?
			if [ $key = spool_dir ]; then
				# Workers serve without it, and the courier makes room: both go on until they are told to stop.
				[ "$code" = 124 ] || fail "A full spool stops the $program: $(cat "$output")"
			else
				said 1 "^slotguard-$program does not start: nothing can be written into $work/full: No space left on device" 'a full disk'
			fi
		done
	done
else
	note 'Not tried: a full disk, which only root can make'
fi
cp "$CONF" "$conf"
code=0
"$builddir/slotguard-worker" -c "$conf" >"$output" 2>&1 </dev/null || code=$?
said 78 'fd 0 is no listening socket' 'a worker without a socket'

note 'Only checked: slotguard-worker -t'
"$builddir/slotguard-worker" -t -c "$conf" >"$output" 2>&1 </dev/null || fail "A sound configuration is not: $(cat "$output")"
expect_equal "$(wc -c <"$output")" 0 'what it says'
for line in 'slot_minutes = 0' 'notice = soon' 'timezone = America/Nowhere'; do
	with hours "$line"
	code=0
	"$builddir/slotguard-worker" -t -c "$conf" >"$output" 2>&1 </dev/null || code=$?
	said 78 "^slotguard-worker does not start: .*${line%% *}" "-t with $line"
done
cp "$CONF" "$conf"

note 'Templates'
templates=$work/templates
broken() { # FILE SED-EXPRESSION EXTENDED-REGEXP
	rm -rf "$templates"
	cp -r "$srcdir/templates" "$templates"
	sed -i "$2" "$templates/en/$1"
	worker_refuses "$3" "$1 with $2"
}
with site "templates = $templates"
worker_refuses "$templates" 'no templates'
broken booking.html '3s/^/{{#open}}/' 'en/booking\.html:[0-9]+: '
broken booking.html '5s/^/{{\/never}}/' 'en/booking\.html:5: '
broken booking.html '2s/}}/}/' 'en/booking\.html:2: '
broken booking.html '1s/^/{{>nothing.html}}/' 'booking\.html.*nothing\.html'
broken booking.html '4s/^/\xff/' 'en/booking\.html:4: not UTF-8'
broken messages.ini '5s/^.*$/nonsense/' 'en/messages\.ini:5: '
broken messages.ini '/^gone_text/d' 'messages\.ini has no \[problem\] gone_text'
broken messages.ini '/^weekday_3/d' 'messages\.ini has no .*weekday_3'
for file in booking.html slots.json event.html queued.html problem.html head.html; do
	rm -rf "$templates"
	cp -r "$srcdir/templates" "$templates"
	rm "$templates/en/$file"
	worker_refuses "$file" "no $file"
done
for file in mail.html mail_subject.txt alert.txt event_summary.txt invite.txt; do
	rm -rf "$templates"
	cp -r "$srcdir/templates" "$templates"
	rm "$templates/en/$file"
	courier
	said 78 "^slotguard-courier does not start: .*$file" "no $file"
done
with site 'language = xx'
both_refuse "\\[site\\] language = xx: .*/templates has no such folder" 'a language that is not there'

note 'Secrets'
cp "$CONF" "$conf"
with_secret() { # NAME [VALUE]: absent without a value
	export CREDENTIALS_DIRECTORY=$work/credentials
	rm -rf "$work/credentials"
	cp -r "$STAND_DIR/credentials" "$work/credentials"
	rm -f "$work/credentials/$1"
	[ $# -eq 1 ] || printf %s "$2" >"$work/credentials/$1"
}
# secret_refused NAME EXTENDED-REGEXP WHAT: by those that want it, which is all that they read.
secret_refused() {
	local name=$1
	shift
	case $name in
	signing-key) worker_refuses "$@" ;;
	resend-* | telegram-*) courier_refuses "$@" ;;
	*) both_refuse "$@" ;;
	esac
	tool_refuses "$@"
}
with_secret signing-key
secret_refused signing-key 'signing-key must hold at least 32 characters; `openssl rand -hex 32` makes one' 'no signing key'
with_secret signing-key 0123456789012345678901234567890
secret_refused signing-key 'signing-key must hold at least 32 characters' 'a short signing key'
for name in signing-key google-client-id google-refresh-token clickhouse-password resend-api-key telegram-bot-token; do
	for value in '' $'\n' $'a\nb' "$(head -c 5000 /dev/zero | tr '\0' x)" 'ümlaut' 'a b'; do
		with_secret $name "$value"
		secret_refused $name "credentials/$name: " "$name: $(head -c 20 <<<"$value")"
	done
done
not_there() { # WHAT
	tool check --quick --no-programs
	said 1 '^FAULT Google .*not all to be read here' "$1: no refresh token"
	said 1 '^off +Resend .*resend-api-key' "$1: no key of Resend"
	said 1 '^off +Telegram .*telegram-bot-token' "$1: no bot of Telegram"
}
with_secret google-refresh-token
rm "$CREDENTIALS_DIRECTORY"/{resend-api-key,telegram-bot-token}
not_there 'no files'
for name in google-refresh-token resend-api-key telegram-bot-token; do
	printf none >"$CREDENTIALS_DIRECTORY/$name"
done
not_there 'what the units give in their place'
export CREDENTIALS_DIRECTORY=$STAND_DIR/credentials

note 'check: each part that is broken'
with clickhouse 'user = nobody'
faulty 'an unknown user of ClickHouse' ClickHouse 'clickhouse-password'
with clickhouse 'url = http://127.0.0.1:1'
faulty 'no ClickHouse' ClickHouse 'see that the server runs'
with clickhouse 'database = nothing'
faulty 'no database' schema 'slotguardctl migrate'
with google 'calendar = other@example.com'
sed -i 's/^chat_id.*/chat_id = 999/' "$conf"
with_secret resend-api-key re_wrong
faulty 'an unknown calendar, a wrong key and an unknown chat' \
	Google "the calendar's id" Resend 'resend-api-key' Telegram 'chat_id'
cp "$CONF" "$conf"
control POST google revoke '{"what":"grant"}' >"$work/revoked"
with_secret telegram-bot-token 1:wrong
faulty 'a dead grant and a wrong bot' Google 'refresh token is dead' Telegram 'telegram-bot-token'
! grep -q '1:wrong' "$output" || fail 'check prints the token.'
control POST google revoke '{"what":"restore"}' >"$work/revoked"
with_secret google-client-secret wrong
faulty 'a wrong client secret' Google 'google-client-secret'
export CREDENTIALS_DIRECTORY=$STAND_DIR/credentials
outside_config google '{"scopes":["calendar.events"]}'
faulty 'a scope that is missing' Google scopes
outside_config google '{"scopes":["calendar.events","calendar.freebusy"]}'
fault google '{"kind":"status","status":503}'
faulty 'Google is down' Google 'prospects can still book'

note 'Usage'
for arguments in '' 'nonsense' 'check more' 'migrate more' 'ledger' 'ledger destroy' 'metrics --json' '-x'; do
	# shellcheck disable=SC2086
	tool $arguments
	said 2 usage "slotguardctl $arguments"
done
tool -h
said 0 'usage: slotguardctl' 'slotguardctl -h'
for program in slotguard-worker slotguard-courier slotguardctl; do
	for word in --help --version; do
		"$builddir/$program" $word >"$output" || fail "$program $word fails."
		"$builddir/$program" -c "$conf" $word | cmp -s "$output" - || fail "$program $word says another thing behind -c FILE."
	done
done
for program in slotguard-worker slotguard-courier; do
	code=0
	"$builddir/$program" -t "$CONF" >"$output" 2>&1 || code=$?
	expect_equal "$code" 2 "the status of $program -t FILE, which names no file without -c"
done

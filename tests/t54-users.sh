#!/bin/bash
# SPDX-License-Identifier: MIT
# t54-users: with the users of users.sql everything works, and a worker cannot rewrite the ledger
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start --without migrate --without workers --set clickhouse.user=nobody --set courier.replay_s=1
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"
expects_faults '^obey_refused ' '^obey_allowed' '^[a-z_]+ code=ledger where=journal ' '^off service=google ' '^clickhouse_unreachable '
expects_worker_faults .
. "$srcdir/tests/ctl.sh"

users=$srcdir/app/store/users.sql

sha256() { printf %s "$1" | sha256sum | cut -c -64; }
sha=$(sha256 a)

note 'Each statement is one of ClickHouse'
sed '/^--/d' "$users" | tr '\n' ' ' | tr ';' '\n' | grep '[A-Z]' >"$work/statements"
while read -r statement; do
	curl -sS --fail-with-body --data-binary "EXPLAIN AST $statement" -o "$work/ast" \
		"$CLICKHOUSE_URL/?param_web_sha256=$sha&param_courier_sha256=$sha&param_admin_sha256=$sha" || fail "ClickHouse does not understand: $statement"
done <"$work/statements"
[ "$(wc -l <"$work/statements")" -ge 20 ] || fail 'There are too few statements.'

note 'Without passwords there are no users'
grep '^CREATE USER' "$users" >"$work/users"
expect_equal "$(wc -l <"$work/users")" 3 'the number of users'
while read -r statement; do
	! ch "EXPLAIN AST $statement" >"$work/ast" 2>&1 || fail "It is made without a password: $statement"
	grep -q 'sha256. is not set' "$work/ast" || fail "That is not for want of a password: $(cat "$work/ast")"
done <"$work/users"

note 'Every limit of the profile is one that no query may raise'
profile=$(sed -n 's/^CREATE SETTINGS PROFILE .* SETTINGS \(.*\);$/\1/p' "$users")
expect_equal "$(tr , '\n' <<<"$profile" | grep -vc ' CONST$')" 0 'the limits that a query may raise'

# The admin's two roles have a user each, which shows that each is enough.
{
	sed "s/;\$//; s/{web_sha256:String}/'$(sha256 pass-worker)'/
		s/{courier_sha256:String}/'$(sha256 pass-courier)'/; s/{admin_sha256:String}/'$(sha256 pass-admin)'/" "$users"
	for role in operator migrate; do
		printf "CREATE USER IF NOT EXISTS only_%s IDENTIFIED WITH sha256_hash BY '%s'\nGRANT slotguard_%s TO only_%s\n" $role "$(sha256 "pass-$role")" $role $role
	done
	# One who lacks a grant for each of the commands that begin with another.
	printf "CREATE USER IF NOT EXISTS only_hasty IDENTIFIED WITH sha256_hash BY '%s'\n" "$(sha256 pass-hasty)"
	sed -n -e 's/ALTER TABLE, //; s/DROP TABLE, //' -e 's/^\(GRANT .*\) TO slotguard_\(migrate\|operator\)$/\1 TO only_hasty/' \
		-e '/ALTER DELETE ON argus.deliveries/s/, ALTER DELETE//' -e '/only_hasty$/p' <(tr -d ';' <"$users")
	# Where [google] obey = yes the courier has one right more.
	printf "CREATE USER IF NOT EXISTS slotguard_courier_obeys IDENTIFIED WITH sha256_hash BY '%s'\nGRANT slotguard_sender TO slotguard_courier_obeys\n" "$(sha256 pass-obeys)"
	sed -n 's/^-- \(GRANT INSERT ON argus.ledger\) TO slotguard_sender$/\1 TO slotguard_courier_obeys/p' "$users"
} | awk -f "$srcdir/tests/users.awk" >"$STAND_DIR/users.xml"
clickhouse_stop
clickhouse_start

# credentials NAME USER PASSWORD: a folder of them, each beside no other, and the rest as the stand has it.
credentials() {
	local folder=$STAND_DIR/as/$1/credentials
	mkdir -p "$folder"
	(cd "$folder" && ln -sf ../../../credentials/* .)
	rm -f "$folder"/clickhouse-{password,user}
	printf '%s\n' "$2" >"$folder/clickhouse-user"
	printf '%s\n' "$3" >"$folder/clickhouse-password"
}
declare -A user=([worker]=slotguard_web [courier]=slotguard_courier [operator]=only_operator [migrate]=only_migrate
	[obeys]=slotguard_courier_obeys [hasty]=only_hasty)
for role in "${!user[@]}"; do
	credentials "$role" "${user[$role]}" "pass-$role"
done
credentials admin slotguard_admin pass-admin
credentials wrong slotguard_web 'pass-courier'
credentials odd "x';y" x
as() { # CREDENTIALS COMMAND [ARGUMENT ...]
	local folder=$1
	shift
	CREDENTIALS_DIRECTORY=$STAND_DIR/as/$folder/credentials "$@"
}
ask_as() { # ROLE QUERY
	curl -sS -H "X-ClickHouse-User: ${user[$1]}" -H "X-ClickHouse-Key: pass-$1" --data-binary "$2" "$CLICKHOUSE_URL/?wait_end_of_query=1"
}

note 'Only who may migrate does'
# The couriers' log is written all the time.
tables() { ch "SELECT name, if(name = 'deliveries', 0, total_rows) FROM system.tables WHERE database = 'argus' ORDER BY name"; }
# lacks CREDENTIALS USER GRANTS COMMAND ...: it is told in one sentence, and nothing was begun.
lacks() {
	local who=$1 name=$2 grants=$3 before
	shift 3
	before=$(tables)
	as "$who" run 1 "$@"
	expect_equal "$(wc -l <"$work/err")" 1 'the number of sentences'
	says "^slotguardctl: http://127.0.0.1:[0-9]+: nothing was begun, since $name lacks the grant $grants\$"
	expect_equal "$(tables)" "$before" 'the tables after that'
}
lacks worker slotguard_web 'CREATE DATABASE ON `argus`.\*, CREATE TABLE ON `argus`.\*, .*, and [0-9]+ more' migrate
lacks hasty only_hasty 'ALTER TABLE ON `argus`.\*' migrate
expect_equal "$(ch "SELECT count() FROM system.databases WHERE name = 'argus'")" 0 'the databases that were begun'
as wrong run 1 migrate
says AUTHENTICATION_FAILED
as odd run 1 migrate
says 'clickhouse-user may hold letters'
as migrate run 0 migrate
as worker run 0 migrate
as worker run 0 list

note 'A rebuild asks, and refuses while anybody runs: a courier, too'
is=0
as migrate script -qec "$(printf '%q ' "$builddir/slotguardctl" -c "$CONF" ledger rebuild)" /dev/null <<<n >"$work/out" || is=$?
says 'Make a new ledger of what stands'
expect_equal "$is" 5 'the status after a no'
as courier courier_start 4
courier_is_seen() { ! as migrate ctl ledger rebuild >"$work/out" 2>&1; }
wait_until courier_is_seen
says 'a courier are running.*stop them first'
courier_end 4
as migrate run 0 ledger rebuild

note 'The whole journey, with a worker and a courier that may no more than they have to'
start_pool() { # NAME SOCKET PROGRAM
	setpriv --pdeathsig TERM "$srcdir/tests/stand/pool" "$STAND_DIR/$2.sock" 2 "$builddir/$3" -c "$CONF" \
		>>"$STAND_DIR/log/$1.log" 2>&1 </dev/null &
	pools+=($!)
}
pools=()
# A pool that is killed takes its programs along.
at_end() { [ ${#pools[@]} -eq 0 ] || kill -KILL "${pools[@]}" 2>/dev/null; }
start_pools() {
	as worker start_pool workers worker slotguard-worker
	as worker start_pool workers click slotguard-worker
	as worker start_pool workers ops slotguard-worker
	as courier start_pool courier-own courier slotguard-courier
}
start_pools
home_is_there() { get / && [ "$status" = 200 ]; }
wait_until home_is_there
new_booking
look
full_day 0
click "${day[0]}"
expect_status 303
first=$booking
wait_until mails_are 1
click "${day[1]}" "$(stands version)"
expect_status 303
get "/booking?bookingId=$booking"
expect_status 200
wait_until mails_are 2
cancel "$(stands version)"
expect_status 303
wait_until mails_are 3
get /healthz
expect_equal "$(json .clickhouse)" ok 'what health says'
book "${day[2]}"
second=$booking

note 'What the stolen password of the workers can do, as users.sql says: commands, and rows over rows'
columns='id, kind, booking_id, host, call_start, call_end, taken_start, taken_end, calendar, actor'
row() { # KIND [ACTOR [HOST]]
	printf "(generateUUIDv4(), '%s', generateUUIDv4(), '%s', 2e9, 2e9 + 60, 2e9, 2e9 + 60, 'off', '%s')" "$1" "${3:-thief}" "${2:-prospect}"
}
new_booking
look
full_day 0
before=$(rows ledger)
expect_equal "$(ask_as worker "INSERT INTO argus.ledger ($columns) VALUES $(row book)")" '' 'a command of a thief'
expect_equal "$(rows ledger)" $((before + 1)) 'the number of entries'
# A merge would take what stands below it: that is in the backup only.
ch 'SYSTEM STOP MERGES argus.consulting_bookings'
expect_equal "$(ask_as worker "INSERT INTO argus.consulting_bookings (booking_id, version, status, name, email)
	VALUES ('$booking', toUnixTimestamp(now()) - 10, 'cancelled', 'Thief', 'thief@example.com')")" '' 'a row of a thief'
# What is booked the ledger says, whatever the row does.
click "${day[8]}" 0
expect_status 303
expect_equal "$(stands status)" booked 'the booking whose row was written over'
get "/booking?bookingId=$booking"
expect_status 200
# Such a row is found, and goes as the manual says.
as operator run 1 check --no-programs
says "^FAULT +rows .* 1 of consulting_bookings .* of booking $booking"
newest=$(sed -n "s/^FAULT *rows .*which is \([0-9]*\);.*/\1/p" "$work/out")
row=$(sed -n "s/^.Dl # clickhouse-client --query '\(DELETE FROM .* VERSION\)'$/\1/p" "$srcdir/app/slotguard-operations.7.in")
ch 'SYSTEM START MERGES argus.consulting_bookings'
ch "${row/VERSION/$newest}"
as operator run 0 check --no-programs
says '^ok +rows'
as operator run 0 list
says "$booking"

note 'Whoever uses up what the user of the workers may ask at once keeps them out, for as long as that lasts'
for _ in $(seq 104); do
	printf 'url = "%s/"\nheader = "X-ClickHouse-User: slotguard_web"\nheader = "X-ClickHouse-Key: pass-worker"\noutput = "%s"\ndata = "SELECT sleepEachRow(1) FROM numbers(15) SETTINGS max_block_size = 1"\nnext\n' \
		"$CLICKHOUSE_URL" "$work/slept"
done | sed '$d' >"$work/sleepers"
curl -sS --parallel --parallel-immediate --parallel-max 104 --config "$work/sleepers" 2>"$work/sleeping" &
sleepers=$!
# A query of a worker's that ran just then has left a place, which another takes.
is_kept_out() {
	ask_as worker 'SELECT sleepEachRow(1) FROM numbers(15) SETTINGS max_block_size = 1' >/dev/null 2>&1 &
	get "/schedule?bookingId=$booking" && [ "$status" = 503 ]
}
wait_until is_kept_out
wait $sleepers
is_let_in() { get "/schedule?bookingId=$booking" && [ "$status" = 200 ]; }
wait_until is_let_in

note 'What falls due at once is told with one message, and recorded with one INSERT'
both=("$(uuid)" "$(uuid)")
ch "INSERT INTO argus.consulting_bookings (booking_id, status, host, name, email) VALUES
	('${both[0]}', 'awaiting_slot', 'main', 'One', 'one@example.com'), ('${both[1]}', 'awaiting_slot', 'main', 'Two', 'two@example.com')"
for booking in "${both[@]}"; do
	wait_until is_recorded new_lead done
done

note 'The operator, and whoever rebuilds'
as operator run 0 list
as operator run 0 show "$first"
as operator run 0 move "$second" "${day[4]}" --force
as operator run 0 block "${day[6]}" "${day[7]}"
as operator run 0 stats
as operator run 0 export "$second"
as operator run 0 cancel "$second"
# An erase waits for whoever has the booking in hand.
leases_pass
lacks hasty only_hasty 'ALTER DELETE ON `argus`.deliveries' erase "$first" --yes
as operator run 0 erase "$first"
lacks hasty only_hasty 'DROP TABLE ON `argus`.\*' ledger rebuild --yes
lacks operator only_operator 'SELECT ON `argus`.\*, INSERT ON `argus`.\*, CREATE TABLE ON `argus`.\*, DROP TABLE ON `argus`.\*.*' ledger rebuild --yes
as operator run 0 check --no-programs
says '^off +order'
as migrate run 0 check --no-programs
says '^ok +order'
as admin run 0 ledger rebuild --yes
as admin run 0 check --no-programs
as admin run 0 list

note 'The operator by the manual: a name and a password beside the secrets, and all the others where they are'
mkdir -m 0700 "$STAND_DIR/operator"
echo slotguard_admin >"$STAND_DIR/operator/clickhouse-user"
echo pass-admin >"$STAND_DIR/operator/clickhouse-password"
run 0 check --no-programs
says '^ok +Google'
says '^ok +Resend'
run 0 migrate
# Without the secrets of a calendar that is in use nothing is booked over the owner, or left there in silence.
booking=$second
run 0 move "$second" "${day[10]}"
owner_event "${day[12]}" "$(moved "${day[12]}" 30)"
run 5 move "$second" "${day[12]}"
before=$(rows ledger)
mkdir "$work/away"
mv "$STAND_DIR"/credentials/google-* "$work/away"
for secrets in '' google-client-id; do
	[ -z "$secrets" ] || cp "$work/away/$secrets" "$STAND_DIR/credentials"
	run 1 move "$second" "${day[12]}"
	says 'google-refresh-token, are not all to be read here: it was not asked'
	for who in "$second" ada@example.com; do
		run 1 erase "$who" --yes
		says 'google-refresh-token, are not all to be read here: nothing was done'
	done
	run 1 check --no-programs
	says '^FAULT +Google .*google-refresh-token'
done
expect_equal "$(rows ledger)" "$before" 'what is written without a calendar'
run 1 erase "$second" --yes --force
says 'the calendar was not asked'
expect_equal "$(stands 'events.filter((e) => e.status === "confirmed").length')" 1 'the event that is left to the courier'
mv "$work"/away/* "$STAND_DIR/credentials"
run 0 erase "$second" --yes
expect_equal "$(stands 'events.filter((e) => e.status === "confirmed").length')" 0 'the event'
rm -r "$STAND_DIR/operator"

note 'Nobody rewrites the ledger'
before=$(ch "SELECT count(), sum(cityHash64(*)) FROM argus.ledger")
for role in worker courier operator; do
	for query in 'ALTER TABLE argus.ledger DELETE WHERE 1' 'ALTER TABLE argus.ledger UPDATE version = 0 WHERE 1' \
		'DELETE FROM argus.ledger WHERE 1' 'UPDATE argus.ledger SET version = 0 WHERE 1' 'TRUNCATE TABLE argus.ledger' \
		'DROP TABLE argus.ledger' 'DETACH TABLE argus.ledger' 'ALTER TABLE argus.ledger DROP PARTITION tuple()' \
		'ALTER TABLE argus.ledger MODIFY SETTING fsync_after_insert = 0' 'ALTER TABLE argus.ledger ADD COLUMN x Int8' \
		'OPTIMIZE TABLE argus.ledger FINAL' 'RENAME TABLE argus.ledger TO argus.x' 'EXCHANGE TABLES argus.ledger AND argus.deliveries' \
		'CREATE TABLE argus.x (a Int8) ENGINE = MergeTree ORDER BY a' 'CREATE DATABASE x' 'DROP DATABASE argus' \
		"BACKUP DATABASE argus TO File('x')" 'SYSTEM STOP MERGES argus.ledger' 'CREATE USER x' 'GRANT ALL ON *.* TO slotguard_web' \
		"SELECT * FROM file('/etc/passwd')" "SELECT * FROM url('http://127.0.0.1/')" 'SELECT * FROM system.query_log'; do
		ask_as $role "$query" >"$work/refused"
		grep -Eq 'ACCESS_DENIED|UNKNOWN_TABLE|SUPPORT_IS_DISABLED|ACCESS_STORAGE' "$work/refused" || fail "$role may $query: $(cat "$work/refused")"
	done
done
for query in 'INSERT INTO argus.ledger (id) VALUES (generateUUIDv4())' "ALTER TABLE argus.deliveries DELETE WHERE 1"; do
	ask_as courier "$query" >"$work/refused"
	grep -q ACCESS_DENIED "$work/refused" || fail "The courier may $query."
done
for query in 'SELECT * FROM argus.deliveries' 'INSERT INTO argus.schema_migrations (version) VALUES (99)'; do
	ask_as worker "$query" >"$work/refused"
	grep -q ACCESS_DENIED "$work/refused" || fail "The worker may $query."
done
expect_equal "$(ch "SELECT count(), sum(cityHash64(*)) FROM argus.ledger")" "$before" 'the ledger'

note 'What the server refuses to whoever stole the password of the workers'
refused() { # ROLE QUERY: by a constraint
	ask_as "$1" "$2" >"$work/refused"
	grep -q VIOLATED_CONSTRAINT "$work/refused" || fail "$1 may: $2: $(cat "$work/refused")"
}
before=$(rows ledger)
for kind in epoch block unblock erase restore; do
	refused worker "INSERT INTO argus.ledger ($columns) VALUES $(row $kind)"
	refused worker "INSERT INTO argus.ledger ($columns) VALUES $(row $kind operator)"
done
for actor in operator courier calendar; do
	refused worker "INSERT INTO argus.ledger ($columns) VALUES $(row book $actor)"
done
for role in worker operator; do
	refused $role "INSERT INTO argus.ledger ($columns) VALUES $(row book), $(row book)"
	refused $role "INSERT INTO argus.ledger ($columns) SELECT generateUUIDv4(), 'book', generateUUIDv4(), 'thief', 2e9, 2e9 + 60, 2e9, 2e9 + 60, 'off', 'prospect' FROM numbers(2)"
	refused $role "INSERT INTO argus.ledger ($columns) VALUES $(row book prospect "$(printf '%064d' 0)")"
	for odd in "caps) VALUES ('book', '1')" "caps) VALUES ('book', '0::1:2')" "tags) VALUES ('book', 'A')" "meeting) VALUES ('book', 'a b')"; do
		refused $role "INSERT INTO argus.ledger (kind, $odd"
	done
done
expect_equal "$(rows ledger)" "$before" 'the number of entries'

note 'A courier that should obey the calendar and may not write the ledger is named by check, until it may'
sed '/^\[google\]/a obey = yes' "$CONF" >"$STAND_DIR/obeys.conf"
as courier courier_start 5 "$STAND_DIR/obeys.conf"
is_named() { ctl check --quick >"$work/checked" 2>&1 || :; grep -Eq '^FAULT +obey ' "$work/checked"; }
wait_until is_named
grep -q 'obey_refused' "$STAND_DIR/log/courier-5.log" || fail 'The courier says nothing of it.'
courier_end 5
as obeys courier_start 6 "$STAND_DIR/obeys.conf"
is_served() { ! is_named && grep -Eq '^ok +courier ' "$work/checked"; }
wait_until is_served
courier_end 6

note 'A courier that obeys the calendar writes what its owner may do, and nothing else'
for kind in epoch block unblock erase restore; do
	refused obeys "INSERT INTO argus.ledger ($columns) VALUES $(row $kind calendar)"
done
for actor in prospect operator courier; do
	refused obeys "INSERT INTO argus.ledger ($columns) VALUES $(row book $actor)"
done
expect_equal "$(ask_as obeys "INSERT INTO argus.ledger ($columns) VALUES $(row cancel calendar)")" '' 'a command of the calendar'
expect_equal "$(rows ledger)" $((before + 1)) 'the number of entries'
for role in worker courier operator; do
	refused $role "INSERT INTO argus.consulting_bookings (booking_id, version) VALUES ('$second', 18446744073709551615)"
done

note 'Every column of every table holds what the programs can read, and nothing else'
insert=$(row book)
insert=${insert%)}
for caps in 9999999999::1:2 4294967296::1:2 1::4294967296:4294967297 1::1:4294967296 1:a:1:2,1:b:9999999999:1; do
	refused worker "INSERT INTO argus.ledger ($columns, caps) VALUES $insert, '$caps')"
done
refused worker "INSERT INTO argus.ledger ($columns, version) VALUES $insert, 9223372036854775807)"
refused worker "INSERT INTO argus.ledger ($columns) VALUES $(row book prospect 'a\0')"
for calendars in "'work'" "'work:fresh,'" "'a b:fresh'" "repeat('work:fresh,', 200)" "concat('work:fresh', repeat(',work:fresh', 200))"; do
	refused worker "INSERT INTO argus.ledger ($columns, calendars) VALUES $insert, $calendars)"
done
for time in 1960-01-01 2200-01-01; do
	refused worker "INSERT INTO argus.ledger ($columns, written_at) VALUES $insert, '$time 00:00:00')"
	for role in worker courier operator; do
		for column in created_at written_at; do
			refused $role "INSERT INTO argus.consulting_bookings (booking_id, $column) VALUES (generateUUIDv4(), '$time 00:00:00')"
		done
	done
	refused courier "INSERT INTO argus.deliveries (booking_id, duty, at) VALUES (generateUUIDv4(), 'lease', '$time 00:00:00')"
done
for role in worker courier; do
	for column in "host, repeat('x', 64)" "held, repeat('x', 32)" "brief, repeat('x', 131072)" "name, repeat('x', 131072)"; do
		refused $role "INSERT INTO argus.consulting_bookings (booking_id, ${column%%,*}) SELECT generateUUIDv4(), ${column#*, }"
	done
	refused $role "INSERT INTO argus.consulting_bookings (booking_id, slot_start, slot_end) VALUES (generateUUIDv4(), 2000000000, 1999999999)"
	for settings in '' ' SETTINGS max_block_size = 1' ' SETTINGS max_block_size = 1, max_insert_block_size = 1'; do
		refused $role "INSERT INTO argus.consulting_bookings (booking_id) SELECT generateUUIDv4() FROM numbers(2)$settings"
	done
done
refused courier "INSERT INTO argus.deliveries (booking_id) SELECT generateUUIDv4() FROM numbers(1001)"
for column in "duty, repeat('x', 32)" "state, repeat('x', 16)" "payload, repeat('x', 524288)" "detail, repeat('x', 524288)"; do
	refused courier "INSERT INTO argus.deliveries (booking_id, ${column%%,*}) SELECT generateUUIDv4(), ${column#*, }"
done
# What the programs write at most they may.
for query in "INSERT INTO argus.ledger ($columns, caps) VALUES $insert, '4294967295::4294967295:4294967295,1:99999999999999999999999:0:0')" \
	"INSERT INTO argus.ledger ($columns, calendars) VALUES $insert, substring(repeat(concat(',', repeat('a', 24), ':remembered'), 50), 2))" \
	"INSERT INTO argus.consulting_bookings (booking_id, brief) SELECT generateUUIDv4(), repeat('x', 131071)" \
	"INSERT INTO argus.consulting_bookings (booking_id, created_at) VALUES (generateUUIDv4(), '1970-01-01 00:00:00')" \
	"INSERT INTO argus.consulting_bookings (booking_id, created_at) SELECT generateUUIDv4(), now64(3) + INTERVAL 10 YEAR"; do
	expect_equal "$(ask_as worker "$query")" '' "$query"
done
query='INSERT INTO argus.deliveries (booking_id) SELECT generateUUIDv4() FROM numbers(1000)'
expect_equal "$(ask_as courier "$query")" '' "$query"

note 'No query of theirs raises its own limits'
for role in worker courier; do
	for setting in max_execution_time max_memory_usage max_concurrent_queries_for_user; do
		ask_as $role "SELECT 1 SETTINGS $setting = 0" >"$work/refused"
		grep -q SETTING_CONSTRAINT_VIOLATION "$work/refused" || fail "$role may set $setting: $(cat "$work/refused")"
	done
	# The profile of others takes none of them away.
	expect_equal "$(ask_as $role "SELECT getSetting('max_execution_time'), getSetting('max_memory_usage'),
		getSetting('max_concurrent_queries_for_user') SETTINGS profile = 'default'")" $'600\t4000000000\t100' 'the limits'
done

note 'Rows from before the server refused them stop nobody, and are named'
# After the rebuild the programs are begun anew.
kill -KILL "${pools[@]}"
wait "${pools[@]}" 2>/dev/null || :
pools=()
# A program that is about to end may still listen.
rm "$STAND_DIR"/{worker,click,ops,courier}.sock
start_pools
wait_until home_is_there
for constraint in ledger.{numbers,readable,names,times} consulting_bookings.{one_row,sizes,times} deliveries.{few_rows,sizes,times}; do
	ch "ALTER TABLE argus.${constraint%.*} DROP CONSTRAINT ${constraint#*.}"
done
before=$(rows ledger)
for caps in 9999999999::1:2 nonsense; do
	expect_equal "$(ask_as worker "INSERT INTO argus.ledger ($columns, caps) VALUES $insert, '$caps')")" '' 'an entry that nobody can read'
done
expect_equal "$(ask_as worker "INSERT INTO argus.ledger ($columns) VALUES $(row book prospect 'a\0')")" '' 'an owner with a NUL'
expect_equal "$(rows ledger)" $((before + 3)) 'the number of entries'
for rows in "created_at) VALUES (generateUUIDv4(), '1960-01-01 00:00:00')" "name) VALUES (generateUUIDv4(), 'a\0b')" \
	"status, slot_start, slot_end, host) SELECT generateUUIDv4(), 'booked', now() + 40 * 86400, now() + 41 * 86400, repeat('x', 1000000) FROM numbers(9)" \
	"status, slot_start, slot_end) SELECT generateUUIDv4(), 'booked', now() - 60, now() + 60 FROM numbers(60000)"; do
	expect_equal "$(ask_as worker "INSERT INTO argus.consulting_bookings (booking_id, $rows")" '' "$rows"
done
new_booking
for rows in "'$booking', 'lease', toDateTime64('2200-01-01 00:00:00', 3)" "generateUUIDv4(), repeat('x', 500000), now64(3) FROM numbers(150)" \
	"generateUUIDv4(), 'mail', toDateTime64('1900-01-01 00:00:00', 3)"; do
	expect_equal "$(ask_as courier "INSERT INTO argus.deliveries (booking_id, duty, at) SELECT $rows")" '' "$rows"
done
ch "INSERT INTO argus.deliveries (booking_id, duty, state, owner, at) VALUES ('$booking', 'lease', 'none', generateUUIDv4(), '2200-01-01 00:00:00')"
look
expect_status 200
full_day 1
click "${day[10]}" 0
expect_status 303
wait_until -t 120 mails_are 1
as operator run 1 check --no-programs
says '^note +ledger .*malformed'
says '^note +rows .* of ledger .*no program writes'
says '^FAULT +rows .*[0-9]+ of consulting_bookings .*no program writes'
says '^FAULT +rows .*[0-9]+ of deliveries .*no program writes'
says '^note +rows .*booked rows'

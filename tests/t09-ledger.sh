#!/bin/bash
# SPDX-License-Identifier: MIT
# t09-ledger: a ledger that cannot be trusted stops the clicks, and `slotguardctl ledger rebuild` mends it
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
stand_start
expects_worker_faults '^(click_failed|failed route=[^ ]+) code=ledger where=journal '
. "$srcdir/tests/journey.sh"

# paused: every page and click about a booking says that bookings are paused; nothing is written.
paused() {
	local before
	before="$(lead_rows) $(rows ledger)"
	for path in "/schedule?bookingId=$moved" "/booking?bookingId=$moved"; do
		get "$path"
		expect_status 503 "$path"
		expect_header Retry-After '^[0-9]+$'
		expect_page 'headings[0].includes("paused")'
	done
	booking=$moved
	click "${day[8]}" "$moved_version"
	expect_status 503
	expect_page 'headings[0].includes("paused")'
	cancel "$moved_version"
	expect_status 503
	expect_equal "$(lead_rows) $(rows ledger)" "$before" 'what is written'
	get /healthz
	expect_status 503
	expect_equal "$(json .clickhouse)" ledger 'what health says'
	# A brief needs no ledger.
	new_booking
}
names_the_way_out() { # EXTENDED-REGEXP
	grep -E "$1.*slotguardctl ledger rebuild" "$STAND_DIR/log/workers.log" >"$work/found" ||
		fail "The log does not say '$1' and name slotguardctl ledger rebuild."
	: >"$STAND_DIR/log/workers.log"
}

# rebuild ENTRIES: a rebuild, which keeps the old ledger and its entries.
rebuild() {
	local epoch
	epoch=$(ch "SELECT any(id) FROM argus.ledger WHERE kind = 'epoch'")
	ctl ledger rebuild --yes >"$work/rebuilt" || fail "The rebuild fails: $(cat "$work/rebuilt")"
	grep -Eq 'a new ledger with 3 calls and [0-9]+ bookings? without one; .* kept as ledger_until_[0-9]+' "$work/rebuilt" ||
		fail "The rebuild says: $(cat "$work/rebuilt")"
	[ "$(ch "SELECT id FROM argus.ledger WHERE kind = 'epoch'")" != "$epoch" ] || fail 'The epoch is the old one.'
	expect_equal "$(rows "$(grep -o 'ledger_until_[0-9]*' "$work/rebuilt")")" "$1" 'the number of entries that are kept'
}

# mended [--lagging]: new workers serve, and all stands as before.
mended() {
	workers_again
	expect_stands version "$moved_version" "$moved"
	expect_stands version "$stays_version" "$stays"
	expect_stands '[status, version].join(" ")' "cancelled $cancelled_version" "$cancelled"
	booking=$moved
	get "/booking?bookingId=$booking"
	expect_status 200
	expect_equal "$(page 'forms[0].fields.version')" "$moved_version" 'the version on the page'
	audit "$@"
}

new_booking
lead=$booking
look
full_day 0
book "${day[0]}"
stays=$booking stays_version=$version
book "${day[1]}"
click "${day[2]}" "$version"
moved=$booking moved_version=$(stands version)
book "${day[3]}"
cancel "$version"
cancelled=$booking cancelled_version=$(stands version)
# A row from elsewhere, which blocks without an entry.
foreign=$(cat /proc/sys/kernel/random/uuid)
ch "INSERT INTO argus.consulting_bookings (booking_id, version, status, slot_start, slot_end, name, email)
	SETTINGS async_insert = 0 VALUES ('$foreign', 0, 'booked', $(date -d "${day[5]}" +%s),
	$(date -d "${day[5]}" +%s) + 1800, 'Old', 'old@example.com')"
book "${day[6]}"
highest=$version
get "/schedule?bookingId=$moved"
cp "$body" "$work/moved-form"
audit

note 'Numbers that repeat'
# No INSERT brings them any more, but a RESTORE may: it asks no constraint.
ch 'ALTER TABLE argus.ledger DROP CONSTRAINT IF EXISTS one_row'
ch "INSERT INTO argus.ledger (id, kind, booking_id, host, call_start, call_end, taken_start, taken_end)
	SETTINGS async_insert = 0 SELECT generateUUIDv4(), 'unblock', generateUUIDv4(), 'main', slot, slot + 1800, slot, slot + 1800
	FROM (SELECT toDateTime('$(date -u -d "${day[10]}" +'%F %T')', 'UTC') + 1800 * number AS slot FROM numbers(2))"
paused
names_the_way_out 'numbers repeat'
ctl check >"$work/check" && fail 'check finds nothing.'
grep -Eq '^FAULT ledger .*numbers repeat.*slotguardctl ledger rebuild' "$work/check" || fail "check says: $(cat "$work/check")"
workers_again
paused
rebuild "$(rows ledger)"
mended

note 'All stands as before: what is offered, what each has, and forms from before'
booking=$lead
look
for i in 0 2 5 6; do
	! is_open "${day[i]}" || fail "${day[i]} is offered."
	click "${day[i]}" 0
	expect_status 409
done
for i in 1 3 10 11; do
	is_open "${day[i]}" || fail "${day[i]} is not offered."
done
booking=$moved
body=$work/moved-form
submit /api/schedule slot="${day[1]}"
expect_status 303 'a move by a form from before the rebuild'
[ "$(stands version)" -gt "$highest" ] || fail 'A version is used again.'
moved_version=$(stands version)
expect_stands 'events.filter((e) => e.status === "confirmed").map((e) => e.id).join()' "${moved//-/}v$moved_version"
booking=$cancelled
click "${day[3]}"
expect_status 428
click "${day[3]}" 0
expect_status 409
click "${day[3]}" "$cancelled_version"
expect_status 303
cancel "$(stands version)"
expect_status 303
cancelled_version=$(stands version)
booking=$foreign
click "${day[4]}" 0
expect_status 303
cancel "$(stands version)"
expect_status 303
audit

note 'Another epoch, while the workers know the old one'
rebuild "$(rows ledger)"
paused
names_the_way_out 'epoch is another than at this program'
mended

note 'An empty ledger'
ch 'TRUNCATE TABLE argus.ledger'
paused
names_the_way_out 'not even an epoch'
rebuild 0
mended

note 'A restored copy loses nothing: buffers, a command whose row was not written yet; and what is in doubt is asked about'
day_start() { date -d "${day[$1]}" +%s; }
# entry N: a book of a new brief, with buffers of a quarter of an hour, that a worker died after.
entry() {
	local start
	new_booking
	start=$(day_start "$1")
	ch "INSERT INTO argus.ledger (id, kind, booking_id, host, call_start, call_end, taken_start, taken_end, calendar)
		SETTINGS async_insert = 0, insert_deduplicate = 1, insert_deduplication_token = '$booking'
		VALUES ('$booking', 'book', '$booking', 'main', $start, $start + 1800, $start - 900, $start + 2700, 'fresh')"
}
entry 8
with_row=$booking
get "/booking?bookingId=$booking"
expect_status 200
ch "INSERT INTO argus.consulting_bookings (booking_id, version, status, host, slot_start, slot_end, calendar, name, email)
	SETTINGS async_insert = 0 VALUES ('$booking', $(stands version), 'booked', 'main', $(day_start 8), $(day_start 8) + 1800, 'fresh', 'Ada', 'ada@example.com')"
entry 14
without_row=$booking
book "${day[3]}"
cancel "$version"
entry 3 # which another had
in_doubt=$booking
entry 0 # which another has
refused=$booking
ch 'CREATE TABLE argus.ledger_copy AS argus.ledger'
ch 'ALTER TABLE argus.ledger_copy DROP CONSTRAINT IF EXISTS one_row'
ch 'INSERT INTO argus.ledger_copy SELECT * FROM argus.ledger'
ch 'EXCHANGE TABLES argus.ledger AND argus.ledger_copy'
paused
before=$(ch 'SELECT groupArray(id) FROM (SELECT id FROM argus.ledger ORDER BY id)')
ctl ledger rebuild --yes >"$work/rebuilt" 2>&1 && fail 'The doubt is not asked about.'
grep -q "^$in_doubt ${day[3]%Z}:00Z\$" "$work/rebuilt" || fail "The doubt is not named: $(cat "$work/rebuilt")"
grep -q 'of 1 booking(s).*--doubtful hold' "$work/rebuilt" || fail "The way out is not named: $(cat "$work/rebuilt")"
expect_equal "$(ch 'SELECT groupArray(id) FROM (SELECT id FROM argus.ledger ORDER BY id)')" "$before" 'the ledger after that'
ctl ledger rebuild --yes --doubtful perhaps >"$work/rebuilt" 2>&1 && fail 'perhaps is taken for an answer.'
# One that fails after that says why, and names it all the same.
ch "ALTER TABLE argus.ledger ADD CONSTRAINT not_there CHECK toUnixTimestamp(call_start) != $(day_start 3)"
code=0
ctl ledger rebuild --yes --doubtful hold >"$work/rebuilt" 2>&1 || code=$?
expect_equal "$code" 1 "the status of a rebuild whose INSERT is refused"
grep -q "^$in_doubt " "$work/rebuilt" && grep -q '^slotguardctl: .*exception' "$work/rebuilt" ||
	fail "The rebuild says: $(cat "$work/rebuilt")"
ch 'ALTER TABLE argus.ledger DROP CONSTRAINT not_there'
expect_equal "$(ch 'SELECT groupArray(id) FROM (SELECT id FROM argus.ledger ORDER BY id)')" "$before" 'the ledger after that'
# taken BOOKING: what stands in the new ledger.
taken() {
	ch "SELECT concat(toString(kind), ' ', toString((call_start - taken_start) / 60), ' ', toString((taken_end - call_end) / 60))
		FROM argus.ledger WHERE booking_id = '$1' AND kind != 'epoch' FORMAT TabSeparatedRaw"
}
ctl ledger rebuild --yes --doubtful hold >"$work/rebuilt" || fail "The rebuild fails: $(cat "$work/rebuilt")"
grep -q '^2 commands had no row yet' "$work/rebuilt" || fail "The rebuild says: $(cat "$work/rebuilt")"
kept=$(grep -o 'ledger_until_[0-9]*' "$work/rebuilt")
expect_equal "$(taken "$with_row")" 'restore 15 15' 'what the booking with a row has'
expect_equal "$(taken "$without_row")" 'book 15 15' 'what the booking without one has'
expect_equal "$(taken "$in_doubt")" 'book 15 15' 'what the one in doubt has'
expect_equal "$(taken "$refused")" '' 'what the refused one has'
workers_again
expect_stands '[status, slot].join(" ")' "booked ${day[14]}" "$without_row"
ch "EXCHANGE TABLES argus.ledger AND argus.$kept"
ctl ledger rebuild --yes --doubtful drop >"$work/rebuilt" || fail "The rebuild fails: $(cat "$work/rebuilt")"
expect_equal "$(taken "$in_doubt")" '' 'what the one in doubt has'
expect_equal "$(taken "$without_row")" 'book 15 15' 'what the booking without a row has'
# One that can be replayed is taken as it stands.
ctl ledger rebuild --yes >"$work/rebuilt" || fail "The rebuild fails: $(cat "$work/rebuilt")"
expect_equal "$(taken "$without_row")" 'restore 15 15' 'what the booking without a row has'
# One that fails halfway says what stands, and can be run again.
ch "INSERT INTO argus.deliveries (booking_id, version, duty, state, owner) SETTINGS async_insert = 0
	VALUES (generateUUIDv4(), 0, 'new_lead', 'done', generateUUIDv4())"
ch 'ALTER TABLE argus.deliveries ADD CONSTRAINT never CHECK attempt > 60000'
code=0
ctl ledger rebuild --yes >"$work/rebuilt" 2>&1 || code=$?
expect_equal "$code" 1 'the status of a rebuild without deliveries'
grep -Eq 'new ledger stands.* kept as ledger_until_[0-9]+.*run this again' "$work/rebuilt" || fail "The rebuild says: $(cat "$work/rebuilt")"
ch 'ALTER TABLE argus.deliveries DROP CONSTRAINT never'
ctl ledger rebuild --yes >"$work/rebuilt" || fail "The rebuild fails: $(cat "$work/rebuilt")"
mended --lagging
for booking in "$with_row" "$without_row"; do
	cancel "$(stands version)"
	expect_status 303
done

note 'An older copy of the ledger, without its last entries: what is booked stays booked and blocks'
new_booking
look
click "${day[12]}"
expect_status 303
ch "ALTER TABLE argus.ledger DELETE WHERE booking_id = '$booking' SETTINGS mutations_sync = 2"
get "/booking?bookingId=$booking"
expect_status 200
expect_page 'headings[0].includes("is booked")'
other=$booking
new_booking
click "${day[12]}" 0
expect_status 409
# What a page says of rows without an entry may be a second old.
hides_it() { look && ! is_open "${day[12]}"; }
wait_until hides_it
booking=$other
get "/booking?bookingId=$booking"
submit /api/cancel
follow
expect_page 'headings[0].includes("cancelled")'

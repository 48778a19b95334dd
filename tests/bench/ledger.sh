# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# ledger.sh: a ledger of many entries, made at once
#
# Entries are appended one a block, some hundred a second, so a million of them would take an hour.
# Here they are written to a table of the same columns as one block, with their numbers in a column
# of their own, and that block is given to the ledger as a part that merges have made of single
# rows: its column becomes _block_number in the part's files, its name says which blocks it holds.
# Appends go on after it. It goes with ClickHouse's data on this machine.

# ledger_fill DATABASE ENTRIES [SECONDS]: of ten entries six take a slot, two move and two cancel; the
# last calls start so many seconds from now.
ledger_fill() {
	local database=$1 entries=$2 last=${3:-864000} part ledger_path place file
	bulk() { ch "$1" -H "X-ClickHouse-Database: $database"; }
	bulk 'DROP TABLE IF EXISTS bulk SYNC'
	bulk 'TRUNCATE TABLE ledger'
	bulk 'CREATE TABLE bulk AS ledger ENGINE = MergeTree ORDER BY tuple() SETTINGS
		min_bytes_for_wide_part = 0, min_rows_for_wide_part = 0,
		ratio_of_defaults_for_sparse_serialization = 1'
	# All in one block, which the ledger itself refuses.
	bulk 'ALTER TABLE bulk ADD COLUMN block UInt64, DROP CONSTRAINT IF EXISTS one_row'
	bulk "INSERT INTO bulk (id, kind, booking_id, version, host, call_start, call_end, taken_start,
			taken_end, cap, cap_start, cap_end, calendar, written_at, block)
		SETTINGS async_insert = 0, max_insert_threads = 1, max_block_size = 2000000,
			min_insert_block_size_rows = 2000000
		WITH
			number + 1 AS n, intDiv(number - 1, 10) AS ten, (number - 1) % 10 AS k,
			number = 0 AS is_first, k < 8 AND NOT is_first AS is_taking,
			-- Four slots an hour, the last ones some days from now.
			toDateTime(toStartOfHour(now()) + ($last) - (intDiv($entries, 10) - ten) * 7200
				+ k * 900, 'UTC') AS start,
			toDateTime(0, 'UTC') AS never
		SELECT
			generateUUIDv4(), multiIf(is_first, 'epoch', k < 8, 'book', 'cancel'),
			-- The epoch names its table.
			if(is_first, (SELECT uuid FROM system.tables
					WHERE database = '$database' AND name = 'ledger'),
				toUUID(lower(hex(MD5(toString(ten * 6 + if(k < 6, k, k - 6))))))),
			if(k < 6 OR is_first, 0, n - 6), if(is_first, '', 'main'),
			if(is_taking, start, never), if(is_taking, start + 900, never),
			if(is_taking, start, never), if(is_taking, start + 900, never),
			0, never, never, if(is_first, 'off', 'fresh'),
			-- Two days before the call.
			toDateTime64(least(start - 172800, now()), 3, 'UTC'), n
		FROM numbers($entries)"
	part=$(bulk "SELECT path FROM system.parts WHERE database = '$database' AND table = 'bulk'
		AND active FORMAT TabSeparated")
	ledger_path=$(bulk "SELECT data_paths[1] FROM system.tables WHERE database = '$database'
		AND name = 'ledger' FORMAT TabSeparated")
	# In the place of what the table has, so that the next block's number is the next one.
	bulk 'DETACH TABLE ledger SYNC'
	rm -rf "$ledger_path"all_*
	place=${ledger_path}all_1_${entries}_1
	mkdir "$place"
	cp "$part"* "$place"
	for file in "$place"/block.*; do
		mv "$file" "$place/_block_number.${file##*/block.}"
	done
	sed -i 's/^`block` /`_block_number` /' "$place/columns.txt"
	for file in columns_substreams.txt serialization.json; do
		[ ! -e "$place/$file" ] || sed -i 's/\bblock\b/_block_number/' "$place/$file"
	done
	rm "$place/checksums.txt"
	bulk 'ATTACH TABLE ledger'
	bulk 'DROP TABLE bulk SYNC'
	[ "$(bulk 'SELECT uniqExact(_block_number), max(_block_number) FROM ledger FORMAT TabSeparated')" = \
		"$entries	$entries" ] || fail "A ledger of $entries entries could not be made."
}

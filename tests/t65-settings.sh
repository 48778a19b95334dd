#!/bin/bash
# SPDX-License-Identifier: MIT
# t65-settings: a profile of ClickHouse's that sets everything the wrong way changes nothing
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"

# The programs' user has it, the tests' own has none. Each value is one that was believed, or that
# stopped the service, when the queries did not say otherwise.
users=$work/users
# What a profile may hold fast, each for a user of its own.
fixed=('limit 100' 'offset 1' 'max_result_rows 100' 'result_overflow_mode break' 'additional_result_filter 0'
	'input_format_tsv_skip_first_lines 1' 'empty_result_for_aggregation_by_empty_set 1' 'async_insert 1')
{
	echo '<clickhouse><profiles>'
	for setting in "${fixed[@]}"; do
		name=${setting% *}
		echo "<fixed_$name><$name>${setting#* }</$name><constraints><$name><const/></$name></constraints></fixed_$name>"
	done
	cat <<'END'
		<default/>
		<wrong>
			<limit>1</limit> <offset>1</offset> <extremes>1</extremes>
			<max_result_rows>1</max_result_rows> <max_result_bytes>1</max_result_bytes>
			<result_overflow_mode>break</result_overflow_mode>
			<max_rows_to_read>1</max_rows_to_read> <max_bytes_to_read>1</max_bytes_to_read>
			<read_overflow_mode>break</read_overflow_mode>
			<max_rows_to_read_leaf>1</max_rows_to_read_leaf> <max_bytes_to_read_leaf>1</max_bytes_to_read_leaf>
			<read_overflow_mode_leaf>break</read_overflow_mode_leaf>
			<max_rows_to_group_by>1</max_rows_to_group_by> <group_by_overflow_mode>break</group_by_overflow_mode>
			<max_rows_to_sort>1</max_rows_to_sort> <max_bytes_to_sort>1</max_bytes_to_sort> <sort_overflow_mode>break</sort_overflow_mode>
			<max_rows_in_distinct>1</max_rows_in_distinct> <max_bytes_in_distinct>1</max_bytes_in_distinct>
			<distinct_overflow_mode>break</distinct_overflow_mode>
			<max_rows_in_set>1</max_rows_in_set> <max_bytes_in_set>1</max_bytes_in_set> <set_overflow_mode>break</set_overflow_mode>
			<max_rows_in_join>1</max_rows_in_join> <max_bytes_in_join>1</max_bytes_in_join> <join_overflow_mode>break</join_overflow_mode>
			<timeout_overflow_mode>break</timeout_overflow_mode>
			<timeout_overflow_mode_leaf>break</timeout_overflow_mode_leaf>
			<additional_result_filter>0</additional_result_filter>
			<additional_table_filters>{'argus.ledger': 'kind != \'book\'', 'argus.consulting_bookings': '0'}</additional_table_filters>
			<empty_result_for_aggregation_by_empty_set>1</empty_result_for_aggregation_by_empty_set>
			<use_query_cache>1</use_query_cache> <use_query_condition_cache>1</use_query_condition_cache>
			<final>1</final> <join_use_nulls>1</join_use_nulls> <group_by_use_nulls>1</group_by_use_nulls>
			<aggregate_functions_null_for_empty>1</aggregate_functions_null_for_empty>
			<transform_null_in>1</transform_null_in> <cast_keep_nullable>1</cast_keep_nullable>
			<prefer_column_name_to_alias>1</prefer_column_name_to_alias>
			<join_default_strictness>ANY</join_default_strictness>
			<any_join_distinct_right_table_keys>1</any_join_distinct_right_table_keys>
			<enable_global_with_statement>0</enable_global_with_statement>
			<force_primary_key>1</force_primary_key> <force_index_by_date>1</force_index_by_date>
			<session_timezone>America/New_York</session_timezone>
			<date_time_output_format>iso</date_time_output_format>
			<date_time_input_format>best_effort_us</date_time_input_format>
			<format_tsv_null_representation>0</format_tsv_null_representation>
			<output_format_tsv_crlf_end_of_line>1</output_format_tsv_crlf_end_of_line>
			<input_format_tsv_skip_first_lines>1</input_format_tsv_skip_first_lines>
			<input_format_tsv_allow_variable_number_of_columns>1</input_format_tsv_allow_variable_number_of_columns>
			<input_format_tsv_crlf_end_of_line>1</input_format_tsv_crlf_end_of_line>
			<input_format_tsv_enum_as_number>1</input_format_tsv_enum_as_number>
			<input_format_tsv_empty_as_default>1</input_format_tsv_empty_as_default>
			<input_format_defaults_for_omitted_fields>0</input_format_defaults_for_omitted_fields>
			<input_format_allow_errors_num>9</input_format_allow_errors_num>
			<input_format_allow_errors_ratio>1</input_format_allow_errors_ratio>
			<async_insert>1</async_insert> <wait_for_async_insert>0</wait_for_async_insert>
			<insert_deduplicate>0</insert_deduplicate> <deduplicate_insert>disable</deduplicate_insert>
			<insert_quorum>2</insert_quorum>
			<max_insert_block_size>1</max_insert_block_size> <max_insert_block_size_bytes>1</max_insert_block_size_bytes>
			<min_insert_block_size_rows>1</min_insert_block_size_rows>
			<data_type_default_nullable>1</data_type_default_nullable>
			<allow_experimental_kusto_dialect>1</allow_experimental_kusto_dialect> <dialect>kusto</dialect>
			<apply_deleted_mask>0</apply_deleted_mask>
			<input_format_tsv_detect_header>1</input_format_tsv_detect_header>
			<input_format_tsv_skip_trailing_empty_lines>1</input_format_tsv_skip_trailing_empty_lines>
			<input_format_null_as_default>0</input_format_null_as_default>
			<input_format_parallel_parsing>1</input_format_parallel_parsing>
		</wrong>
		<fixed>
			<use_query_cache>1</use_query_cache>
			<constraints><use_query_cache><const/></use_query_cache></constraints>
		</fixed>
		<reader><readonly>2</readonly></reader>
	</profiles>
	<quotas><default/></quotas>
	<users>
		<default><password/><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota></default>
		<programs><password/><networks><ip>::/0</ip></networks><profile>wrong</profile><quota>default</quota></programs>
		<fixed><password/><networks><ip>::/0</ip></networks><profile>fixed</profile><quota>default</quota></fixed>
		<reader><password/><networks><ip>::/0</ip></networks><profile>reader</profile><quota>default</quota></reader>
END
	for setting in "${fixed[@]}"; do
		name=fixed_${setting% *}
		echo "<$name><password/><networks><ip>::/0</ip></networks><profile>$name</profile><quota>default</quota></$name>"
	done
	echo '</users></clickhouse>'
} >"$users"
for name in $(grep -oE '"[a-z_]+=' "$srcdir/app/store/server_settings.c" | tr -d '"='); do
	grep -q "<$name>" "$users" || fail "The profile leaves $name as it is."
done
stand_start --courier --users "$users" --set clickhouse.user=programs --set courier.replay_s=1
. "$srcdir/tests/journey.sh"
. "$srcdir/tests/courier.sh"
expects_faults ' code=(garbled|ledger) ' '^clickhouse_unreachable '
expects_worker_faults '^(failed route=[^ ]+|click_failed|append_failed|mails_not_read) code=(garbled|ledger) ' '^append_failed code=unsure where=journal '
. "$srcdir/tests/ctl.sh"

entries() { ch "SELECT count() FROM argus.ledger WHERE kind != 'epoch' FORMAT TabSeparated"; }

note 'The schema is as it should be: one epoch, nothing nullable, each migration once'
expect_equal "$(ch "SELECT count() FROM argus.ledger WHERE kind = 'epoch' FORMAT TabSeparated")" 1 'the epochs'
expect_equal "$(ch "SELECT count() FROM system.columns WHERE database = 'argus' AND type LIKE '%Nullable%'
	FORMAT TabSeparated")" 0 'the columns that may be null'
run 0 migrate
expect_equal "$(ch "SELECT count() - uniqExact(version) FROM argus.schema_migrations FORMAT TabSeparated")" 0 \
	'the migrations that stand twice'

note 'Rows from an earlier system block all of their times'
new_booking
look
full_day 0
for n in 0 1 2; do
	ch "INSERT INTO argus.consulting_bookings (booking_id, version, status, slot_start, slot_end, name, email)
		SETTINGS async_insert = 0 VALUES (generateUUIDv4(), 0, 'booked', $(date -d "${day[n]}" +%s),
		$(date -d "${day[n]} + 30 minutes" +%s), 'Old', 'old@example.com')"
done

note 'Book, move, cancel: nothing is lost, nothing stands twice'
free=("${day[@]:4}")
for n in 0 1 2; do
	book "${free[n]}"
	ids[n]=$booking
done
expect_equal "$(entries)" 3 'the entries of three bookings'
expect_equal "$(ch "SELECT uniqExact(booking_id) FROM argus.consulting_bookings FINAL WHERE status = 'booked' AND name = 'Ada'
	FORMAT TabSeparated")" 3 'the rows of three bookings'
look
for n in 0 1 2; do
	[[ " ${slots[*]} " != *" ${free[n]} "* ]] || fail "What is taken is offered: ${free[n]}."
	[[ " ${slots[*]} " != *" ${day[n]} "* ]] || fail "What an earlier system took is offered: ${day[n]}."
done
booking=${ids[0]}
wait_until mails_are 1
click "${free[3]}" "$(stands version)"
expect_status 303
wait_until mails_are 2
cancel "$(stands version)"
expect_status 303
expect_equal "$(entries)" 5 'the entries after a move and a cancel'
wait_until mails_are 3
booking=${ids[1]}
wait_until mails_are 1
expect_equal "$(ch "SELECT count() - uniqExact(id) FROM argus.ledger FORMAT TabSeparated")" 0 'what stands twice'

note 'The tool reads and tells the same'
run 0 check --no-programs
run 0 list --json
says Ada

note 'A server that shortens what it answers, whatever the queries say, is believed by nobody'
booking=${ids[1]}
wait_until mails_are 1
open_slot=${free[5]}
for settings in limit=1 limit=3 offset=1 'max_result_rows=2&result_overflow_mode=break' additional_result_filter=0 \
	"additional_table_filters=%7B'argus.ledger':'0'%7D"; do
	fault clickhouse "$(jq -n --arg s "$settings" '[{kind: "settings", route: ("select", "with"), settings: $s}]')"
	for path in /booking /schedule /api/slots; do
		get "$path?bookingId=$booking"
		[ "$status" = 503 ] || [ "$status/$path" = 200//booking ] || fail "$path answers $status with $settings."
		[ "$status" = 503 ] || expect_body "$(date -d "${free[1]}" +%-d)"
	done
	click "$open_slot" "$(stands version)"
	expect_status 503 "a click with $settings"
	# With break the server ends after the block that goes beyond: what a merge has put into one comes whole.
	if [[ $settings == *break* ]] && ctl check --no-programs >"$work/out" 2>"$work/err"; then
		says "^ok +ledger +$(rows ledger) entries "
	else
		run 1 check --no-programs
		says 'FAULT (ClickHouse|order|tables|ledger|rows) '
	fi
	faults_clear clickhouse
done
# A click whose entry could not be read back may have arrived.
pages_again() { get "/schedule?bookingId=$booking" && [ "$status" = 200 ]; }
wait_until pages_again
is_told() { is_recorded "$1" done "$(stands version)"; }
for duty in mail alert event_again; do wait_until is_told $duty; done
quiet
sent=$(outside_state resend '.mails | length')
told=$(alerts length)
entries=$(entries)
fault clickhouse '[{"kind":"settings","route":"select","settings":"limit=3"},{"kind":"settings","route":"with","settings":"limit=3"}]'
courier_again
asked=$(requests clickhouse select)
has_asked_more() { [ "$(requests clickhouse select)" -gt $((asked + 20)) ]; }
wait_until has_asked_more
faults_clear clickhouse
wait_until pages_again
quiet
expect_equal "$(outside_state resend '.mails | length')" "$sent" 'the mails'
expect_equal "$(alerts length)" "$told" 'the alerts'
expect_equal "$(entries)" "$entries" 'the entries'
run 0 check --no-programs

note 'A profile that forbids what the queries say is named'
sed 's/^user = .*/user = fixed/' "$CONF" >"$work/fixed.conf"
CONF=$work/fixed.conf run 1 check
says "settings profile forbids 'use_query_cache'"
for setting in "${fixed[@]}"; do
	sed "s/^user = .*/user = fixed_${setting% *}/" "$CONF" >"$work/fixed.conf"
	CONF=$work/fixed.conf run 1 check --no-programs
	says "settings profile forbids '${setting% *}'"
done
sed 's/^user = .*/user = reader/' "$CONF" >"$work/reader.conf"
CONF=$work/reader.conf run 1 check
says 'settings profile is read-only'

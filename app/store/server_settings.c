/* SPDX-License-Identifier: MIT */
/* server_settings.c: what each query says itself, so that no settings profile says it otherwise */
#include "store/server_settings.h"

#include <string.h>
#include <strings.h>

#define READS (STATEMENT_READ | STATEMENT_CHANGE)
#define WRITES (STATEMENT_ROWS | STATEMENT_CHANGE)
#define ALL (STATEMENT_READ | STATEMENT_ROWS | STATEMENT_CHANGE)

/*
 * The values are ClickHouse's defaults, but for the caches and asynchronous inserts. A limit of the
 * operator's that only makes a query fail is left as it is where a query of ours would not meet it.
 */
static const struct {
	const char *text;
	unsigned statements;
} settings[] = {
    /* How the text of a query and its moments are understood. */
    {"dialect=clickhouse", ALL},
    {"session_timezone=", ALL},
    {"date_time_input_format=basic", ALL},
    {"input_format_tsv_enum_as_number=0", ALL}, /* of a literal, too */

    /* What would shorten an answer, which is then believed. */
    {"limit=0", READS},
    {"offset=0", READS},
    {"max_result_rows=0", READS},
    {"max_result_bytes=0", READS},
    {"result_overflow_mode=throw", READS},
    {"max_rows_to_read=0", READS},
    {"max_bytes_to_read=0", READS},
    {"read_overflow_mode=throw", READS},
    {"read_overflow_mode_leaf=throw", READS},
    {"max_rows_to_read_leaf=0", READS},
    {"max_bytes_to_read_leaf=0", READS},
    {"max_rows_to_group_by=0", READS},
    {"group_by_overflow_mode=throw", READS},
    {"max_rows_to_sort=0", READS},
    {"max_bytes_to_sort=0", READS},
    {"sort_overflow_mode=throw", READS},
    {"max_rows_in_distinct=0", READS},
    {"max_bytes_in_distinct=0", READS},
    {"distinct_overflow_mode=throw", READS},
    {"max_rows_in_set=0", ALL}, /* of a table's constraint, too */
    {"max_bytes_in_set=0", ALL},
    {"set_overflow_mode=throw", ALL},
    {"max_rows_in_join=0", READS},
    {"max_bytes_in_join=0", READS},
    {"join_overflow_mode=throw", READS},
    {"timeout_overflow_mode=throw", READS},
    {"timeout_overflow_mode_leaf=throw", READS},
    {"additional_table_filters=%7B%7D", READS},
    {"additional_result_filter=", READS},
    {"empty_result_for_aggregation_by_empty_set=0", READS},

    /* What would make it another, or an old one. The condition cache gives wrong rows for filters
     * over _part_starting_offset before 26.8. */
    {"use_query_cache=0", ALL},
    {"use_query_condition_cache=0", READS},
    {"final=0", READS},
    {"apply_deleted_mask=1", READS},
    {"join_use_nulls=0", READS},
    {"join_default_strictness=ALL", READS},
    {"any_join_distinct_right_table_keys=0", READS},
    {"enable_global_with_statement=1", READS},
    {"group_by_use_nulls=0", READS},
    {"aggregate_functions_null_for_empty=0", READS},
    {"transform_null_in=0", READS},
    {"cast_keep_nullable=0", READS},
    {"prefer_column_name_to_alias=0", READS},
    {"force_primary_key=0", READS},
    {"force_index_by_date=0", READS},

    /* How it is written down. */
    {"extremes=0", READS},
    {"date_time_output_format=simple", READS},
    {"output_format_tsv_crlf_end_of_line=0", READS},
    {"format_tsv_null_representation=%5CN", ALL},

    /* Rows are taken as they stand, none skipped and none invented, */
    {"input_format_tsv_skip_first_lines=0", WRITES},
    {"input_format_tsv_detect_header=0", WRITES},
    {"input_format_tsv_skip_trailing_empty_lines=0", WRITES},
    {"input_format_tsv_allow_variable_number_of_columns=0", WRITES},
    {"input_format_tsv_crlf_end_of_line=0", WRITES},
    {"input_format_tsv_empty_as_default=0", WRITES},
    {"input_format_defaults_for_omitted_fields=1", WRITES},
    {"input_format_null_as_default=1", WRITES},
    {"input_format_allow_errors_num=0", WRITES},
    {"input_format_allow_errors_ratio=0", WRITES},

    /* as one block, which is there when the answer comes and once only. */
    {"async_insert=0", WRITES},
    {"wait_for_async_insert=1", WRITES},
    {"insert_deduplicate=1", WRITES},
    {"insert_quorum=0", WRITES},
    {"max_insert_block_size=1048576", WRITES},
    {"input_format_parallel_parsing=0", WRITES},

    {"data_type_default_nullable=0", STATEMENT_CHANGE},
};

/* By its place a bit of the mask. */
static const char *const newer[] = {
    "deduplicate_insert=enable",     /* 26.2 */
    "max_insert_block_size_bytes=0", /* 26.1 */
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

enum statement statement_of(const char *sql, bool has_rows)
{
	if (has_rows)
		return STATEMENT_ROWS;
	return strncasecmp(sql, "SELECT", 6) == 0 || strncasecmp(sql, "WITH", 4) == 0
		   ? STATEMENT_READ
		   : STATEMENT_CHANGE;
}

void server_settings_write(struct text *url, enum statement statement, uint64_t known)
{
	for (size_t i = 0; i < COUNT(settings); i++)
		if (settings[i].statements & statement) {
			text_str(url, "&");
			text_str(url, settings[i].text);
		}
	for (size_t i = 0; i < COUNT(newer); i++)
		if (WRITES & statement && known >> i & 1) {
			text_str(url, "&");
			text_str(url, newer[i]);
		}
}

const char *server_settings_asked(void)
{
	return "'deduplicate_insert', 'max_insert_block_size_bytes'";
}

uint64_t server_settings_known(const char *names)
{
	uint64_t known = 0;

	for (; *names;
	     names += names[strcspn(names, ",")] ? strcspn(names, ",") + 1 : strlen(names))
		for (size_t i = 0; i < COUNT(newer); i++) {
			size_t len = strcspn(newer[i], "=");

			if (strcspn(names, ",") == len && strncmp(names, newer[i], len) == 0)
				known |= UINT64_C(1) << i;
		}
	return known;
}

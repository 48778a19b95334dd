/* SPDX-License-Identifier: MIT */
/* check_leads.c: rows of consulting_bookings, as ClickHouse writes them */
#include "store/leads.h"
#include "times.h"

#include <string.h>

#define ID "0123abcd-4567-4abc-8def-0123456789ab"

/* The texts in the order of the table, each with what its column is called. */
static const char *const good[LEADS_FIELDS] = {ID, "12", "booked", "1796130000", "1796131800",
    "fresh", "1796000000123", "its host", "its name", "its email", "its company", "its brief",
    "its budget", "its timeframe", "its timezone", "its language", "its held", "its video_link"};

/* One field of the good row is another. */
static const struct {
	int field;
	const char *value;
	bool is_fine;
} rows[] = {
    {0, ID, true},
    {0, "0123ABCD-4567-4ABC-8DEF-0123456789AB", true},
    {0, "", false},
    {0, "0123abcd45674abc8def0123456789ab", false},
    {1, "0", true},
    {1, "18446744073709551615", true},
    {1, "18446744073709551616", false},
    {1, "-1", false},
    {1, "", false},
    {2, "awaiting_slot", true},
    {2, "cancelled", true},
    {2, "erased", true},
    {2, "Booked", false},
    {2, "", false},
    {3, "0", true},
    {3, "4294967295", true},
    {3, "4294967296", false},
    {3, "-1", false},
    {3, "2026-12-01 13:00:00", false},
    {4, "0", true},
    {4, " 1", false},
    {4, "1.5", false},
    {5, "off", true},
    {5, "remembered", true},
    {5, "unchecked", true},
    {5, "", false},
    {5, "FRESH", false},
    {6, "0", true},
    {6, "9223372036854775807", true},
    {6, "9223372036854775808", false},
    {6, "-5", true},
    {6, "", false},
    {7, "", true},
    {15, "", true},
};

START_TEST(row)
{
	char room[LEADS_FIELDS][64], *fields[LEADS_FIELDS];
	const struct uuid booking = {{0}};
	struct lead lead;

	for (int i = 0; i < LEADS_FIELDS; i++) {
		strcpy(room[i], i == rows[_i].field ? rows[_i].value : good[i]);
		fields[i] = room[i];
	}
	ck_assert_int_eq(leads_parse(fields, &lead), rows[_i].is_fine);
	/* Of a part the same holds for what it has of these. */
	if (rows[_i].field > 0 && rows[_i].field < 5)
		ck_assert_int_eq(
		    leads_parse_part(fields + 1, LEAD_TIMES, &booking, &lead), rows[_i].is_fine);
}
END_TEST

START_TEST(good_row)
{
	char room[LEADS_FIELDS][64], *fields[LEADS_FIELDS], id[UUID_TEXT];
	struct lead lead;

	for (int i = 0; i < LEADS_FIELDS; i++)
		fields[i] = strcpy(room[i], good[i]);
	ck_assert(leads_parse(fields, &lead));
	ck_assert_str_eq(uuid_format(&lead.booking, id), ID);
	ck_assert_uint_eq(lead.version, 12);
	ck_assert_int_eq(lead.status, LEAD_BOOKED);
	ck_assert_int_eq(lead.slot.start, 1796130000);
	ck_assert_int_eq(lead.slot.end, 1796131800);
	ck_assert_int_eq(lead.calendar, CALENDAR_FRESH);
	ck_assert_int_eq(lead.created_ms, 1796000000123);
	for (size_t i = 0; i < LEAD_TEXT_COUNT; i++) {
		char its[40];

		snprintf(its, sizeof(its), "its %s", lead_texts[i].column);
		ck_assert_str_eq(lead_text_value(&lead, i), its);
	}
	ck_assert_str_eq(lead.owner, "its host");
	ck_assert_str_eq(lead.email, "its email");
	ck_assert_str_eq(lead.brief, "its brief");
	/* The texts stay where the fields are. */
	ck_assert_ptr_eq(lead.name, room[8]);
}
END_TEST

/* What a page reads: the columns of the statement, in its order, and nothing else. */
START_TEST(parts)
{
	static const char *const columns[] = {
	    [LEAD_TIMES] = LEADS_COLUMNS_TIMES, [LEAD_SHOWN] = LEADS_COLUMNS_SHOWN};
	static const char *const fixed[] = {"12", "booked", "1796130000", "1796131800"};
	enum lead_part part = (enum lead_part)_i;
	size_t count = leads_part_fields(part);
	char list[200], room[LEADS_FIELDS][64], *fields[LEADS_FIELDS], *at = list;
	struct uuid booking;
	struct lead lead;

	ck_assert(uuid_parse(ID, &booking));
	strcpy(list, columns[part]);
	for (size_t i = 0; i < count; i++) {
		const char *column = strsep(&at, ",");

		ck_assert_ptr_nonnull(column);
		snprintf(room[i], sizeof(room[i]), "its%s", column);
		fields[i] = i < COUNT(fixed) ? strcpy(room[i], fixed[i]) : room[i];
	}
	ck_assert_ptr_null(at);
	ck_assert(leads_parse_part(fields, part, &booking, &lead));
	ck_assert(lead.is_partial);
	ck_assert(uuid_equal(&lead.booking, &booking));
	ck_assert_uint_eq(lead.version, 12);
	ck_assert_int_eq(lead.status, LEAD_BOOKED);
	ck_assert_int_eq(lead.slot.start, 1796130000);
	ck_assert_int_eq(lead.slot.end, 1796131800);
	for (size_t i = 0; i < LEAD_TEXT_COUNT; i++) {
		char its[40];

		snprintf(its, sizeof(its), "its %s", lead_texts[i].column);
		ck_assert_str_eq(lead_text_value(&lead, i), lead_texts[i].part <= part ? its : "");
	}
	for (size_t i = 0; i < COUNT(fixed); i++) {
		fields[i] = (char[]){""};
		ck_assert(!leads_parse_part(fields, part, &booking, &lead));
		fields[i] = room[i];
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("store");
	TCase *parsing = tcase_create("parse");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(parsing, good_row);
	tcase_add_loop_test(parsing, row, 0, (int)COUNT(rows));
	tcase_add_loop_test(parsing, parts, LEAD_TIMES, LEAD_WHOLE);
	suite_add_tcase(suite, parsing);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

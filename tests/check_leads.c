/* SPDX-License-Identifier: MIT */
/* check_leads.c: rows of consulting_bookings, as ClickHouse writes them */
#include "store/leads.h"
#include "times.h"

#include <string.h>

#define ID "0123abcd-4567-4abc-8def-0123456789ab"

static const char *const good[LEADS_FIELDS] = {ID, "12", "booked", "main", "1796130000",
    "1796131800", "fresh", "Ada", "ada@example.com", "Ltd", "A call,\nplease.", "Europe/Berlin",
    "1796000000123", "10,000", "soon", "es"};

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
    {3, "", true},
    {4, "0", true},
    {4, "4294967295", true},
    {4, "4294967296", false},
    {4, "-1", false},
    {4, "2026-12-01 13:00:00", false},
    {5, "0", true},
    {5, " 1", false},
    {5, "1.5", false},
    {6, "off", true},
    {6, "remembered", true},
    {6, "unchecked", true},
    {6, "", false},
    {6, "FRESH", false},
    {7, "", true},
    {10, "", true},
    {12, "0", true},
    {12, "9223372036854775807", true},
    {12, "9223372036854775808", false},
    {12, "-5", false},
    {12, "", false},
};

START_TEST(row)
{
	char room[LEADS_FIELDS][64], *fields[LEADS_FIELDS];
	struct lead lead;

	for (int i = 0; i < LEADS_FIELDS; i++) {
		strcpy(room[i], i == rows[_i].field ? rows[_i].value : good[i]);
		fields[i] = room[i];
	}
	ck_assert_int_eq(leads_parse(fields, &lead), rows[_i].is_fine);
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
	ck_assert_str_eq(lead.owner, "main");
	ck_assert_int_eq(lead.slot.start, 1796130000);
	ck_assert_int_eq(lead.slot.end, 1796131800);
	ck_assert_int_eq(lead.calendar, CALENDAR_FRESH);
	ck_assert_str_eq(lead.name, "Ada");
	ck_assert_str_eq(lead.email, "ada@example.com");
	ck_assert_str_eq(lead.company, "Ltd");
	ck_assert_str_eq(lead.brief, "A call,\nplease.");
	ck_assert_str_eq(lead.timezone, "Europe/Berlin");
	ck_assert_int_eq(lead.created_ms, 1796000000123);
	ck_assert_str_eq(lead.budget, "10,000");
	ck_assert_str_eq(lead.timeframe, "soon");
	ck_assert_str_eq(lead.language, "es");
	/* The texts stay where the fields are. */
	ck_assert_ptr_eq(lead.name, room[7]);
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
	suite_add_tcase(suite, parsing);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: MIT */
/* check_civil.c: dates, weekdays, and instants as text */
#include "core/civil.h"
#include "times.h"

#include <string.h>

static const struct {
	int year, month, day, weekday;
	int64_t days;
} dates[] = {
    {1970, 1, 1, 4, 0},
    {1969, 12, 31, 3, -1},
    {2000, 2, 29, 2, 11016},
    {2000, 3, 1, 3, 11017},
    {1900, 2, 28, 3, -25509},
    {1900, 3, 1, 4, -25508}, /* 1900 had no leap day */
    {2027, 2, 28, 0, 20877},
    {2027, 3, 1, 1, 20878},
    {2028, 2, 29, 2, 21243},
    {2026, 12, 31, 4, 20818},
    {2027, 1, 1, 5, 20819},
    {2100, 2, 28, 0, 47540},
    {2100, 3, 1, 1, 47541},
    {0, 3, 1, 3, -719468},
    {0, 2, 29, 2, -719469},
    {-1, 12, 31, 5, -719529},
};

START_TEST(date_is_a_number_of_days)
{
	struct civil civil = civil_from_seconds(dates[_i].days * 86400 + 86399);

	ck_assert_int_eq(
	    civil_days(dates[_i].year, dates[_i].month, dates[_i].day), dates[_i].days);
	ck_assert_int_eq(civil_weekday(dates[_i].days), dates[_i].weekday);
	ck_assert_int_eq(civil.year, dates[_i].year);
	ck_assert_int_eq(civil.month, dates[_i].month);
	ck_assert_int_eq(civil.day, dates[_i].day);
	ck_assert_int_eq(civil.weekday, dates[_i].weekday);
	ck_assert_int_eq(civil.hour, 23);
	ck_assert_int_eq(civil.minute, 59);
	ck_assert_int_eq(civil.second, 59);
}
END_TEST

/* Walks the calendar day by day and counts along, over all years that are promised. */
START_TEST(every_day_follows_the_one_before)
{
	int64_t days = civil_days(-9999, 1, 1);
	int weekday = civil_weekday(days);

	for (int year = -9999; year <= 9999; year++) {
		for (int month = 1; month <= 12; month++) {
			int length = civil_days_in_month(year, month);

			for (int day = 1; day <= length; day++, days++) {
				struct civil civil = civil_from_seconds(days * 86400);

				if (civil.year != year || civil.month != month ||
				    civil.day != day || civil.weekday != weekday ||
				    civil_days(year, month, day) != days)
					ck_abort_msg("wrong at %d-%d-%d", year, month, day);
				weekday = (weekday + 1) % 7;
			}
		}
	}
	ck_assert_int_eq(days, civil_days(10000, 1, 1));
}
END_TEST

static const struct {
	int year, february;
} februaries[] = {{2026, 28}, {2027, 28}, {2028, 29}, {1900, 28}, {2000, 29}, {2100, 28}, {0, 29},
    {-4, 29}, {-100, 28}, {-1, 28}};

START_TEST(leap_years)
{
	ck_assert_int_eq(civil_days_in_month(februaries[_i].year, 2), februaries[_i].february);
}
END_TEST

START_TEST(seconds_agree_with_the_c_library)
{
	uint64_t random = 1;

	for (int i = 0; i < 20000; i++) {
		int64_t seconds = random_between(&random, -60000000000, 250000000000);
		struct civil civil = civil_from_seconds(seconds);
		time_t clock = seconds;
		struct tm tm;

		ck_assert_ptr_nonnull(gmtime_r(&clock, &tm));
		ck_assert_int_eq(civil.year, tm.tm_year + 1900);
		ck_assert_int_eq(civil.month, tm.tm_mon + 1);
		ck_assert_int_eq(civil.day, tm.tm_mday);
		ck_assert_int_eq(civil.hour, tm.tm_hour);
		ck_assert_int_eq(civil.minute, tm.tm_min);
		ck_assert_int_eq(civil.second, tm.tm_sec);
		ck_assert_int_eq(civil.weekday, tm.tm_wday);
		ck_assert_int_eq(civil_seconds(&civil), seconds);
	}
}
END_TEST

static const struct {
	const char *text;
	int64_t utc; /* -1: refused */
} slot_texts[] = {
    {"2026-12-01T13:00Z", 1796130000},
    {"1970-01-01T00:00Z", 0},
    {"2028-02-29T23:59Z", 1835481540},
    {"2027-02-29T13:00Z", -1},
    {"2026-02-30T13:00Z", -1},
    {"2026-13-01T13:00Z", -1},
    {"2026-00-01T13:00Z", -1},
    {"2026-12-00T13:00Z", -1},
    {"2026-12-32T13:00Z", -1},
    {"2026-12-01T24:00Z", -1},
    {"2026-12-01T13:60Z", -1},
    {"2026-12-01T13:00", -1},
    {"2026-12-01T13:00z", -1},
    {"2026-12-01t13:00Z", -1},
    {"2026-12-01 13:00Z", -1},
    {"2026-12-01T13:00:00Z", -1},
    {"2026-12-01T13:00+00:00", -1},
    {"2026-12-01T13:00Z ", -1},
    {" 2026-12-01T13:00Z", -1},
    {"2026-12-1T13:00Z", -1},
    {"+026-12-01T13:00Z", -1},
    {"-026-12-01T13:00Z", -1},
    {"2026-12-01T13:0", -1},
    {"2026", -1},
    {"", -1},
};

START_TEST(slot_on_the_wire)
{
	int64_t utc = 42;
	char out[INSTANT_TEXT];

	if (slot_texts[_i].utc < 0) {
		ck_assert(!instant_parse_slot(slot_texts[_i].text, &utc));
		ck_assert_int_eq(utc, 42);
		return;
	}
	ck_assert(instant_parse_slot(slot_texts[_i].text, &utc));
	ck_assert_int_eq(utc, slot_texts[_i].utc);
	ck_assert_ptr_eq(instant_format_slot(utc, out), out);
	ck_assert_str_eq(out, slot_texts[_i].text);
}
END_TEST

static const struct {
	const char *text, *utc; /* NULL: refused */
} rfc3339_texts[] = {
    {"2026-12-01T13:00:00Z", "2026-12-01T13:00:00Z"},
    {"2026-12-01T08:00:00-05:00", "2026-12-01T13:00:00Z"},
    {"2026-12-01T08:00:00.5-05:00", "2026-12-01T13:00:00Z"},
    {"2026-12-01T08:00:00.123456789012345678901234567890Z", "2026-12-01T08:00:00Z"},
    {"2026-12-01T18:45:00+05:45", "2026-12-01T13:00:00Z"},
    {"2026-12-01t13:00:00z", "2026-12-01T13:00:00Z"},
    {"2026-12-01T13:00:00-00:00", "2026-12-01T13:00:00Z"},
    {"2027-01-01T00:30:00+01:00", "2026-12-31T23:30:00Z"},
    {"2028-02-28T23:30:00-01:00", "2028-02-29T00:30:00Z"},
    {"2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"}, /* a leap second */
    {"2026-12-01T13:00:00+23:59", "2026-11-30T13:01:00Z"},
    {"0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"},
    {"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
    {"2026-12-01T13:00:61Z", NULL},
    {"2026-12-01T13:00Z", NULL},
    {"2026-12-01T13:00:00", NULL},
    {"2026-12-01T13:00:00.Z", NULL},
    {"2026-12-01T13:00:00,5Z", NULL},
    {"2026-12-01 13:00:00Z", NULL},
    {"2026-12-01T13:00:00+24:00", NULL},
    {"2026-12-01T13:00:00+05:60", NULL},
    {"2026-12-01T13:00:00+0500", NULL},
    {"2026-12-01T13:00:00+05", NULL},
    {"2026-12-01T13:00:00Zjunk", NULL},
    {"2026-02-29T13:00:00Z", NULL},
    {"2026-12-01", NULL},
    {"", NULL},
};

START_TEST(rfc3339)
{
	int64_t utc = 42;
	char out[INSTANT_TEXT];

	if (!rfc3339_texts[_i].utc) {
		ck_assert(!instant_parse_rfc3339(rfc3339_texts[_i].text, &utc));
		ck_assert_int_eq(utc, 42);
		return;
	}
	ck_assert(instant_parse_rfc3339(rfc3339_texts[_i].text, &utc));
	ck_assert_str_eq(instant_format_rfc3339(utc, out), rfc3339_texts[_i].utc);
}
END_TEST

/* Every prefix and every changed byte of a good text is read or refused, never overrun. */
START_TEST(damaged_text_is_no_harm)
{
	static const char good[] = "2026-12-01T08:00:00.5-05:00";
	uint64_t random = 2;
	int64_t utc;

	for (int i = 0; i < 20000; i++) {
		size_t len = (size_t)random_between(&random, 0, (int64_t)sizeof(good) - 1);
		char *text = strndup(good, len); /* an allocation of its own, for the sanitizers */

		ck_assert_ptr_nonnull(text);
		if (len > 0)
			text[random_between(&random, 0, (int64_t)len - 1)] =
			    (char)random_between(&random, 0, 255);
		instant_parse_rfc3339(text, &utc);
		instant_parse_slot(text, &utc);
		free(text);
	}
}
END_TEST

START_TEST(years_without_a_form_are_cut_to_fit)
{
	char out[INSTANT_TEXT];

	instant_format_rfc3339(civil_days(-1, 6, 1) * 86400, out);
	ck_assert_str_eq(out, "0000-06-01T00:00:00Z");
	instant_format_slot(civil_days(-9999, 1, 1) * 86400, out);
	ck_assert_str_eq(out, "0000-01-01T00:00Z");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("civil");
	TCase *calendar = tcase_create("calendar"), *text = tcase_create("text");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(calendar, 60);
	tcase_add_loop_test(calendar, date_is_a_number_of_days, 0, (int)COUNT(dates));
	tcase_add_test(calendar, every_day_follows_the_one_before);
	tcase_add_loop_test(calendar, leap_years, 0, (int)COUNT(februaries));
	tcase_add_test(calendar, seconds_agree_with_the_c_library);
	suite_add_tcase(suite, calendar);
	tcase_add_loop_test(text, slot_on_the_wire, 0, (int)COUNT(slot_texts));
	tcase_add_loop_test(text, rfc3339, 0, (int)COUNT(rfc3339_texts));
	tcase_add_test(text, damaged_text_is_no_harm);
	tcase_add_test(text, years_without_a_form_are_cut_to_fit);
	suite_add_tcase(suite, text);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

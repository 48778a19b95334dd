/* SPDX-License-Identifier: MIT */
/* check_rules.c: what slotguard.conf may say of the owner's time, what it means, what is refused */
#include "core/rules.h"
#include "base/text.h"
#include "files.h"
#include "times.h"

#define BASE "[site]\nbase_url = https://book.example.com\nname = Avo\n"
/* The first line after BASE and a section is the fifth. */
#define HOURS BASE "[hours]\n"
#define DATES BASE "[dates]\n"

static struct arena *arena;
static struct conf *conf;
static struct hours hours;
static struct fail failure;
static struct date_list holidays;

static void set_up(void)
{
	make_folder();
	arena = arena_new(1 << 20);
	ck_assert_ptr_nonnull(arena);
	holidays = (struct date_list){NULL, 0};
}

static void tear_down(void)
{
	conf_free(conf);
	conf = NULL;
	arena_free(arena);
	remove_folder();
}

static enum err compile(const char *text)
{
	enum err err;

	write_file("slotguard.conf", text);
	conf_free(conf);
	conf = NULL;
	failure = (struct fail){0};
	err = conf_load_bare(path_of("slotguard.conf"), &conf, &failure);
	return err ? err : rules_compile(conf, holidays, arena, &hours, &failure);
}

/* "08:00-12:00 13:00-16:30", or "off". */
static const char *spans_of(const struct workday *day)
{
	struct text text = text_new(arena, 200);

	for (int i = 0; i < day->count; i++)
		text_printf(&text, "%s%02d:%02d-%02d:%02d", i ? " " : "", day->spans[i].first / 60,
		    day->spans[i].first % 60, day->spans[i].last / 60, day->spans[i].last % 60);
	return day->count ? text.data : "off";
}

static int64_t date_of(const char *text)
{
	int64_t date = 0;

	ck_assert_ptr_nonnull(rules_read_date(text, &date));
	return date;
}

static const struct {
	const char *text;
	int64_t first, last; /* -1: there is no such date */
} spans_of_dates[] = {
    {"1970-01-01", 0, 0},
    {"1969-12-31", -1, -1},
    {"9000-12-31", 2568019, 2568019},
    {"9001-01-01", -1, -1},
    {"2027-12-31", 21183, 21183},
    {"2026-12-24..2027-01-04", 20811, 20822},
    {"2026-12-24..2026-12-23", 20811, 20810},
    {"2028-02-29", 21243, 21243},
    {"2027-02-29", -1, -1},
    {"2026-00-01", -1, -1},
    {"2026-13-01", -1, -1},
    {"2026-01-00", -1, -1},
    {"2026-01-32", -1, -1},
    {"2026-11-31", -1, -1},
    {"2026-1-01", -1, -1},
    {"226-01-01", -1, -1},
    {"2026/01/01", -1, -1},
    {"2026-01/01", -1, -1},
    {"2026-12-241", -1, -1},
    {"2026-12-24x", -1, -1},
    {"2026-12-24.", -1, -1},
    {"2026-12-24..", -1, -1},
    {"2026-12-24..2027-01-041", -1, -1},
    {"2026-12-24..2027-01-04x", -1, -1},
    {"..2027-01-04", -1, -1},
    {"", -1, -1},
};

START_TEST(dates_and_their_bounds)
{
	int64_t first = 7, last = 7;
	bool is_fine = rules_read_dates(spans_of_dates[_i].text, &first, &last);

	ck_assert_msg(is_fine == (spans_of_dates[_i].first >= 0), "%s", spans_of_dates[_i].text);
	if (is_fine) {
		ck_assert_int_eq(first, spans_of_dates[_i].first);
		ck_assert_int_eq(last, spans_of_dates[_i].last);
	}
}
END_TEST

/* The defaults are those of the first version: 14 days, Monday to Saturday, 8:00 to 16:30. */
START_TEST(defaults)
{
	ck_assert_msg(!compile(BASE), "%s", failure.detail);
	ck_assert_str_eq(spans_of(&hours.week[0]), "off");
	for (int i = 1; i < 7; i++)
		ck_assert_str_eq(spans_of(&hours.week[i]), "08:00-16:30");
	ck_assert_int_eq(hours.slot_minutes, 30);
	ck_assert_int_eq(hours.step_minutes, 30);
	ck_assert(!hours.is_packed);
	ck_assert_int_eq(hours.window, WINDOW_DAYS);
	ck_assert_int_eq(hours.window_days, 14);
	ck_assert_int_eq(hours.notice, NOTICE_TIME);
	ck_assert_int_eq(hours.notice_s, 0);
	ck_assert_int_eq(hours.buffer_before + hours.buffer_after, 0);
	ck_assert_int_eq(hours.max_per_day + hours.max_per_week + hours.max_per_month, 0);
	ck_assert_uint_eq(hours.special_count, 0);
	ck_assert_uint_eq(slots_bound(&hours), 14 * 18);
}
END_TEST

static const struct {
	const char *lines, *date, *spans; /* of the hours; a date on which they hold */
	unsigned line;
} days[] = {
    {HOURS "Mon-Thu = 08:00-12:00, 13:00-16:30\nFri = 08:00-12:00\n", "2026-11-30",
	"08:00-12:00 13:00-16:30", 5},
    {HOURS "Mon-Thu = 08:00-12:00, 13:00-16:30\nFri = 08:00-12:00\n", "2026-12-04", "08:00-12:00",
	6},
    {HOURS "Mon-Thu = 08:00-12:00, 13:00-16:30\nFri = 08:00-12:00\n", "2026-12-05", "off", 0},
    {HOURS "Mon,Wed = 08:00 - 12:00\n", "2026-12-02", "08:00-12:00", 5},
    {HOURS "Mon,Wed = 08:00-12:00\n", "2026-12-01", "off", 0},
    {HOURS "Fri-Mon = 08:00-08:00\n", "2026-12-06", "08:00-08:00", 5},
    {HOURS "days = Sun\n", "2026-12-06", "08:00-16:30", 0},
    {HOURS "Sun = off\nMon-Sat = 08:00-16:30\n", "2026-12-06", "off", 5},
    /* The mission's hours, said in both ways. */
    {HOURS "Mon-Sat = 08:00-16:30\n", "2026-12-01", "08:00-16:30", 5},
    {HOURS "Mon-Sat = 08:00 until 17:00\n", "2026-12-01", "08:00-16:30", 5},
    {HOURS "Tue = 08:00 until 24:00\n", "2026-12-01", "08:00-23:30", 5},
    {HOURS "Tue = 08:00until08:30\n", "2026-12-01", "08:00-08:00", 5},
    {HOURS "slot_minutes = 45\nTue = 08:00 until 17:00\n", "2026-12-01", "08:00-16:15", 6},
    {HOURS "Tue = 00:00-00:00,00:01-23:59\n", "2026-12-01", "00:00-00:00 00:01-23:59", 5},
    {HOURS "days = Sat\n", "2026-12-05", "08:00-16:30", 0},
    {HOURS "days = Sat\n", "2026-12-01", "off", 5},
    {HOURS "first_start = 09:00\n", "2026-12-01", "09:00-16:30", 5},
    {DATES "2026-12-24 = off\n", "2026-12-24", "off", 5},
    {DATES "2026-12-24 = off\n", "2026-12-23", "08:00-16:30", 0},
    {DATES "2026-12-24 = off\n", "2026-12-25", "08:00-16:30", 0},
    {DATES "2027-01-04..2027-01-08 = 10:00-15:00\n", "2027-01-04", "10:00-15:00", 5},
    {DATES "2027-01-04..2027-01-08 = 10:00-15:00\n", "2027-01-08", "10:00-15:00", 5},
    {DATES "2027-01-04..2027-01-08 = 10:00-15:00\n", "2027-01-09", "08:00-16:30", 0},
    /* A date has its hours on a Sunday, too; later lines may be earlier dates. */
    {DATES "2027-01-04..2027-01-08 = off\n2026-12-06 = 10:00-11:00\n", "2026-12-06", "10:00-11:00",
	6},
    {DATES "2028-02-29 = off\n", "2028-02-29", "off", 5},
};

START_TEST(hours_of_a_date)
{
	const struct workday *day;

	ck_assert_msg(!compile(days[_i].lines), "%s", failure.detail);
	day = slots_workday(&hours, date_of(days[_i].date), NULL);
	ck_assert_msg(
	    strcmp(spans_of(day), days[_i].spans) == 0, "%s%s", days[_i].lines, spans_of(day));
	ck_assert_uint_eq(day->line, days[_i].line);
}
END_TEST

/* A date of [dates] has its own hours although it is a holiday. */
START_TEST(holiday)
{
	int64_t list[] = {date_of("2026-12-25"), date_of("2026-12-24"), date_of("2027-01-01")};
	const struct special *special;

	holidays = (struct date_list){list, COUNT(list)};
	ck_assert_msg(
	    !compile(DATES "2026-12-24 = 08:00-09:00\nholidays = /x\n"), "%s", failure.detail);
	ck_assert_uint_eq(hours.special_count, 3);
	ck_assert_str_eq(
	    spans_of(slots_workday(&hours, date_of("2026-12-24"), &special)), "08:00-09:00");
	ck_assert(special && !special->is_holiday);
	ck_assert_str_eq(spans_of(slots_workday(&hours, date_of("2026-12-25"), &special)), "off");
	ck_assert(special && special->is_holiday);
	ck_assert_uint_eq(special->day.line, 6);
	ck_assert_str_eq(
	    spans_of(slots_workday(&hours, date_of("2026-12-26"), &special)), "08:00-16:30");
	ck_assert_ptr_null(special);
}
END_TEST

static const struct {
	const char *line;
	enum window_kind window;
	int days; /* of the window, or from its first to its last date */
	enum notice_kind notice;
	int64_t notice_s;
} frames[] = {
    {"window = 14 days", WINDOW_DAYS, 14, NOTICE_TIME, 0},
    {"window = 1 day", WINDOW_DAYS, 1, NOTICE_TIME, 0},
    {"window = 60 days", WINDOW_DAYS, 60, NOTICE_TIME, 0},
    {"window = 0060 days", WINDOW_DAYS, 60, NOTICE_TIME, 0},
    {"window_days = 3", WINDOW_DAYS, 3, NOTICE_TIME, 0},
    {"window = 10 business days", WINDOW_WORKDAYS, 10, NOTICE_TIME, 0},
    {"window = 1 business day", WINDOW_WORKDAYS, 1, NOTICE_TIME, 0},
    {"window = 2026-12-01..2026-12-19", WINDOW_DATES, 19, NOTICE_TIME, 0},
    {"window = 2026-12-01..2027-01-29", WINDOW_DATES, 60, NOTICE_TIME, 0},
    {"notice = 0", WINDOW_DAYS, 14, NOTICE_TIME, 0},
    {"notice = 2h", WINDOW_DAYS, 14, NOTICE_TIME, 7200},
    {"notice = 30m", WINDOW_DAYS, 14, NOTICE_TIME, 1800},
    {"notice = 720h", WINDOW_DAYS, 14, NOTICE_TIME, 2592000},
    {"notice = next-day", WINDOW_DAYS, 14, NOTICE_DAY, 0},
    {"notice = next-business-day", WINDOW_DAYS, 14, NOTICE_WORKDAY, 0},
};

START_TEST(window_and_notice)
{
	char text[300];

	snprintf(text, sizeof(text), HOURS "%s\n", frames[_i].line);
	ck_assert_msg(!compile(text), "%s", failure.detail);
	ck_assert_int_eq(hours.window, frames[_i].window);
	if (hours.window == WINDOW_DATES)
		ck_assert_int_eq(hours.window_last - hours.window_first + 1, frames[_i].days);
	else
		ck_assert_int_eq(hours.window_days, frames[_i].days);
	ck_assert_int_eq(hours.notice, frames[_i].notice);
	ck_assert_int_eq(hours.notice_s, frames[_i].notice_s);
}
END_TEST

START_TEST(steps_and_caps)
{
	ck_assert_msg(!compile(HOURS "slot_minutes = 45\nstep_minutes = 15\nstarts = packed\n"
				     "max_per_day = 1\nmax_per_week = 2\nmax_per_month = 3\n"),
	    "%s", failure.detail);
	ck_assert_int_eq(hours.slot_minutes, 45);
	ck_assert_int_eq(hours.step_minutes, 15);
	ck_assert(hours.is_packed);
	ck_assert_int_eq(hours.max_per_day, 1);
	ck_assert_int_eq(hours.max_per_week, 2);
	ck_assert_int_eq(hours.max_per_month, 3);
	ck_assert_msg(!compile(HOURS "slot_minutes = 45\nstep_minutes =\nstarts = grid\n"), "%s",
	    failure.detail);
	ck_assert_int_eq(hours.step_minutes, 45);
}
END_TEST

#define NO_DATE ": there is no such date; write 2026-12-24, or 2027-01-04..2027-01-08"
#define NO_DAY " is no day; days are Sun, Mon, Tue, Wed, Thu, Fri and Sat, as in Mon-Thu or Mon,Wed"
#define SPANS "; write off, or spans such as 08:00-12:00, 13:00-16:30"
#define NO_WINDOW " is no window; write 14 days, 10 business days, or 2026-12-01..2026-12-19"
#define NO_NOTICE " is no notice; write 0, 30m, 2h, next-day or next-business-day"

static const struct {
	const char *text, *detail; /* after FILE: */
} refusals[] = {
    /* days */
    {HOURS "Mno = 08:00-12:00\n",
	"5: there is no key [hours] Mno; days are Sun, Mon, Tue, Wed, Thu, Fri and Sat"},
    {HOURS "Mon-Fry = 08:00-12:00\n", "5: [hours] Mon-Fry: \"Fry\"" NO_DAY},
    {HOURS "Monday = 08:00-12:00\n", "5: [hours] Monday: \"Monday\"" NO_DAY},
    {HOURS "Mon, Tue = 08:00-12:00\n", "5: [hours] Mon, Tue: \"\"" NO_DAY},
    {HOURS "Mon,Off = 08:00-12:00\n", "5: [hours] Mon,Off: \"Off\"" NO_DAY},
    {HOURS "Mon-Thu = 08:00-12:00\nThu = off\n",
	"6: [hours] Thu: Thu has its hours at line 5 already; keep one of the two"},
    {HOURS "days = Mon\nThu = off\n", "5: [hours] days: line 6 gives the days hours of their own; "
				      "say all of it in one of the two ways"},
    {HOURS "Thu = off\nlast_start = 16:00\n", "6: [hours] last_start: line 5 gives the days hours "
					      "of their own; say all of it in one of the "
					      "two ways"},
    /* spans */
    {HOURS "Mon = 8:00-12:00\n", "5: [hours] Mon: \"8:00-12:00\" is no time like 08:00" SPANS},
    {HOURS "Mon = 08.00-12.00\n", "5: [hours] Mon: \"08.00-12.00\" is no time like 08:00" SPANS},
    {HOURS "Mon = 25:00-26:00\n", "5: [hours] Mon: \"25:00-26:00\" is no time like 08:00" SPANS},
    {HOURS "Mon =\n", "5: [hours] Mon: \"\" is no time like 08:00" SPANS},
    {HOURS "Mon = closed\n", "5: [hours] Mon: \"closed\" is no time like 08:00" SPANS},
    {HOURS "Mon = 08:00\n",
	"5: [hours] Mon: \"08:00\" names no last start: write 08:00-16:30, or 08:00 until 17:00"},
    {HOURS "Mon = 08:00-24:00\n", "5: [hours] Mon: \"24:00\" is no time like 16:30"},
    {HOURS "Mon = 24:00-24:00\n", "5: [hours] Mon: \"24:00-24:00\" is no time like 08:00" SPANS},
    {HOURS "Mon = 08:00-12:60\n", "5: [hours] Mon: \"12:60\" is no time like 16:30"},
    {HOURS "Mon = 08:00-12:000\n", "5: [hours] Mon: \"12:000\" is no time like 16:30"},
    {HOURS "Mon = 12:00-08:00\n",
	"5: [hours] Mon: 08:00 is earlier than the first start; a span ends on its own day"},
    {HOURS "Mon = 12:00 until 12:29\n",
	"5: [hours] Mon: no call of 30 minutes fits before 12:29; end the span later"},
    {HOURS "Mon = 08:00-12:00, 11:00-13:00\n", "5: [hours] Mon: 11:00-13:00 does not begin after "
					       "the span before it; write spans in order, "
					       "without overlaps"},
    {HOURS "Mon = 08:00-12:00, 12:00-13:00\n", "5: [hours] Mon: 12:00-13:00 does not begin after "
					       "the span before it; write spans in order, "
					       "without overlaps"},
    {HOURS "Mon = 13:00-14:00, 08:00-12:00\n", "5: [hours] Mon: 08:00-12:00 does not begin after "
					       "the span before it; write spans in order, "
					       "without overlaps"},
    {HOURS "Mon = 08:00-12:00 13:00-14:00\n",
	"5: [hours] Mon: \"13:00-14:00\" follows a span; a comma, or nothing, may"},
    {HOURS "Mon = 08:00-12:00,\n", "5: [hours] Mon: \"\" is no time like 08:00" SPANS},
    {HOURS "Mon = 01:00-01:00,02:00-02:00,03:00-03:00,04:00-04:00,05:00-05:00,06:00-06:00,"
	   "07:00-07:00,08:00-08:00,09:00-09:00\n",
	"5: [hours] Mon: a day has at most 8 spans"},
    /* dates */
    {DATES "2026-02-30 = off\n", "5: [dates] 2026-02-30" NO_DATE},
    {DATES "2027-02-29 = off\n", "5: [dates] 2027-02-29" NO_DATE},
    {DATES "2026-13-01 = off\n", "5: [dates] 2026-13-01" NO_DATE},
    {DATES "2026-12-1 = off\n", "5: [dates] 2026-12-1" NO_DATE},
    {DATES "2026-12-240 = off\n", "5: [dates] 2026-12-240" NO_DATE},
    {DATES "Christmas = off\n", "5: [dates] Christmas" NO_DATE},
    {DATES "2026-12-24..2026-12-32 = off\n", "5: [dates] 2026-12-24..2026-12-32" NO_DATE},
    {DATES "2026-12-24.. = off\n", "5: [dates] 2026-12-24.." NO_DATE},
    {DATES "2026-12-24-2026-12-26 = off\n", "5: [dates] 2026-12-24-2026-12-26" NO_DATE},
    {DATES "2026-12-24..2026-12-20 = off\n", "5: [dates] 2026-12-24..2026-12-20: the range ends "
					     "before it begins; write the earlier date first"},
    {DATES "2026-12-24 = 08:00\n", "5: [dates] 2026-12-24: \"08:00\" names no last start: write "
				   "08:00-16:30, or 08:00 until 17:00"},
    {DATES "2026-12-20..2026-12-24 = off\n2026-12-24 = off\n",
	"6: [dates] 2026-12-24: line 5 has hours for these dates already"},
    {DATES "2026-12-20 = off\n2026-12-24 = off\n2026-12-26 = off\n2026-12-23..2026-12-25 = off\n",
	"8: [dates] 2026-12-23..2026-12-25: line 6 has hours for these dates already"},
    /* window, notice, steps */
    {HOURS "window = 366 days\n",
	"5: [hours] window: \"366\" is not from 1 to 60; write 14 days or 10 business days"},
    {HOURS "window = 0 days\n",
	"5: [hours] window: \"0\" is not from 1 to 60; write 14 days or 10 business days"},
    {HOURS "window = 99999 days\n",
	"5: [hours] window: \"99999\" is not from 1 to 60; write 14 days or 10 business days"},
    {HOURS "window = days\n",
	"5: [hours] window: \"\" is not from 1 to 60; write 14 days or 10 business days"},
    {HOURS "window = 61 business days\n",
	"5: [hours] window: \"61\" is not from 1 to 60; write 14 days or 10 business days"},
    {HOURS "window = 14\n", "5: [hours] window: \"14\"" NO_WINDOW},
    {HOURS "window = two weeks\n", "5: [hours] window: \"two weeks\"" NO_WINDOW},
    {HOURS "window = 2026-12-01..2026-11-31\n",
	"5: [hours] window: \"2026-12-01..2026-11-31\" has no such dates; write "
	"2026-12-01..2026-12-19"},
    {HOURS "window = 2026-12-01..2026-11-30\n",
	"5: [hours] window: the range ends before it begins; write the earlier date first"},
    {HOURS "window = 2026-12-01..2027-01-30\n",
	"5: [hours] window: \"2026-12-01..2027-01-30\" is longer than a window, which has at most 60 days"},
    {HOURS "window_days = 14\nwindow = 14 days\n",
	"6: [hours] window: window_days stands at line 5; keep one of the two"},
    {HOURS "notice = 2\n", "5: [hours] notice: \"2\"" NO_NOTICE},
    {HOURS "notice = tomorrow\n", "5: [hours] notice: \"tomorrow\"" NO_NOTICE},
    {HOURS "notice = 0h\n", "5: [hours] notice: \"0h\"" NO_NOTICE},
    {HOURS "notice = 721h\n", "5: [hours] notice: \"721h\" is longer than 720h"},
    {HOURS "step_minutes = 0\n",
	"5: [hours] step_minutes is \"0\"; it may be 5 to 480, or empty for slot_minutes"},
    {HOURS "step_minutes = 481\n",
	"5: [hours] step_minutes is \"481\"; it may be 5 to 480, or empty for slot_minutes"},
    {HOURS "starts = tight\n", "5: [hours] starts is \"tight\"; it may be grid or packed"},
};

START_TEST(refusal)
{
	const char *path = path_of("slotguard.conf");
	size_t prefix = strlen(path) + 1;

	ck_assert_msg(compile(refusals[_i].text) == ERR_CONFIG, "accepted: %s", refusals[_i].text);
	ck_assert_msg(strncmp(failure.detail, path, prefix - 1) == 0 &&
			  strcmp(failure.detail + prefix, refusals[_i].detail) == 0,
	    "%s, not %s", failure.detail, refusals[_i].detail);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rules");
	TCase *accepting = tcase_create("accept"), *refusing = tcase_create("refuse");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(accepting, set_up, tear_down);
	tcase_add_test(accepting, defaults);
	tcase_add_loop_test(accepting, dates_and_their_bounds, 0, (int)COUNT(spans_of_dates));
	tcase_add_loop_test(accepting, hours_of_a_date, 0, (int)COUNT(days));
	tcase_add_test(accepting, holiday);
	tcase_add_loop_test(accepting, window_and_notice, 0, (int)COUNT(frames));
	tcase_add_test(accepting, steps_and_caps);
	suite_add_tcase(suite, accepting);
	tcase_add_checked_fixture(refusing, set_up, tear_down);
	tcase_add_loop_test(refusing, refusal, 0, (int)COUNT(refusals));
	suite_add_tcase(suite, refusing);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: MIT */
/* check_moment.c: dates and times in the words of a catalogue */
#include "core/moment.h"
#include "files.h"
#include "times.h"

static struct arena *arena;
static struct templates *templates;
static struct moment_style style;

/* A language of two letters is a folder of its own; this one's words are easy to tell apart. */
static void set_up(void)
{
	struct fail fail = {0};
	enum err err;
	FILE *out;

	make_folder();
	ck_assert_int_eq(mkdir(path_of("en"), 0700), 0);
	out = fopen(path_of("en/messages.ini"), "w");
	ck_assert_ptr_nonnull(out);
	fputs("[date]\n"
	      "long = {weekday}, {month} {day}, {year}\n"
	      "day = {day}\n"
	      "time = {hour12}:{minute} {half}\n"
	      "time_zone = {hour24}:{minute} {zone}\n"
	      "number = {day}\n"
	      "weekday = {weekday_short}\n"
	      "month = {month} {year}\n"
	      "month_begin = {month_short}\n"
	      "first_weekday = 0\n"
	      "am = a.m.\n"
	      "pm = p.m.\n"
	      "odd = {day{month}} {nothing}{}{ {Day}\n"
	      "open = {day}: {month\n"
	      "plain = a } b\n",
	    out);
	for (int i = 0; i < 7; i++)
		fprintf(out, "weekday_%d = W%d\nshort_%d = S%d\n", i, i, i, i);
	for (int i = 1; i <= 12; i++)
		fprintf(out, "month_%d = M%d\nmonth_short_%d = m%d\n", i, i, i, i);
	fclose(out);
	err = templates_load(folder, NULL, &templates, &fail);
	ck_assert_msg(!err, "%s", fail.detail);
	arena = arena_new(1 << 16);
	ck_assert_ptr_nonnull(arena);
	style = (struct moment_style){templates, "en"};
}

static void tear_down(void)
{
	templates_free(templates);
	arena_free(arena);
	remove(path_of("en/messages.ini"));
	remove_folder();
}

static const struct {
	const char *pattern, *zone, *at, *text;
} moments[] = {
    {"date.long", "America/New_York", "2026-12-01T13:00:00Z", "W2, M12 1, 2026"},
    {"date.long", "America/New_York", "2027-01-01T04:59:59Z", "W4, M12 31, 2026"},
    {"date.long", "America/New_York", "2027-01-01T05:00:00Z", "W5, M1 1, 2027"},
    {"date.long", "Pacific/Auckland", "2026-12-31T11:00:00Z", "W5, M1 1, 2027"},
    {"date.long", "UTC", "0987-06-05T00:00:00Z", "W2, M6 5, 0987"},
    {"date.day", "UTC", "2026-12-09T00:00:00Z", "9"},
    {"date.time", "UTC", "2026-12-01T00:05:00Z", "12:05 a.m."},
    {"date.time", "UTC", "2026-12-01T01:00:00Z", "1:00 a.m."},
    {"date.time", "UTC", "2026-12-01T11:59:59Z", "11:59 a.m."},
    {"date.time", "UTC", "2026-12-01T12:00:00Z", "12:00 p.m."},
    {"date.time", "UTC", "2026-12-01T13:00:00Z", "1:00 p.m."},
    {"date.time", "UTC", "2026-12-01T23:30:00Z", "11:30 p.m."},
    {"date.time_zone", "America/New_York", "2026-12-01T13:00:00Z", "08:00 EST"},
    {"date.time_zone", "America/New_York", "2026-07-01T12:00:00Z", "08:00 EDT"},
    {"date.time_zone", "Asia/Kathmandu", "2026-12-01T13:00:00Z", "18:45 UTC+5:45"},
    {"date.time_zone", "America/Sao_Paulo", "2026-12-01T13:00:00Z", "10:00 UTC-3"},
    {"date.time_zone", "Atlantic/Azores", "2026-07-01T12:00:00Z", "12:00 UTC+0"},
    {"date.weekday", "UTC", "2026-12-01T13:00:00Z", "S2"},
    {"date.month_begin", "UTC", "2026-12-01T13:00:00Z", "m12"},
    /* The hour that occurs twice is told apart by its zone. */
    {"date.time_zone", "America/New_York", "2026-11-01T05:30:00Z", "01:30 EDT"},
    {"date.time_zone", "America/New_York", "2026-11-01T06:30:00Z", "01:30 EST"},
    {"date.odd", "UTC", "2026-12-01T13:00:00Z", "} "},
    {"date.open", "UTC", "2026-12-01T13:00:00Z", "1: {month"},
    {"date.plain", "UTC", "2026-12-01T13:00:00Z", "a } b"},
    {"date.missing", "UTC", "2026-12-01T13:00:00Z", ""},
};

START_TEST(format)
{
	struct zone *zone = open_zone(moments[_i].zone);
	size_t used = arena_used(arena);
	char *text =
	    moment_format(arena, &style, moments[_i].pattern, zone, instant(moments[_i].at));

	ck_assert_str_eq(text, moments[_i].text);
	ck_assert_uint_le(arena_used(arena) - used, strlen(text) + 16);
	ck_assert_ptr_nonnull(moment_zone(arena, zone, instant(moments[_i].at)));
	ck_assert_uint_le(arena_used(arena) - used, strlen(text) + 48);
	zone_free(zone);
}
END_TEST

START_TEST(language_without_words)
{
	struct zone *zone = open_zone("UTC");
	struct moment_style other = {templates, "de"};

	ck_assert_str_eq(moment_format(arena, &other, "date.long", zone, 0), "");
	ck_assert_str_eq(moment_missing(&other, arena), "date.long");
	zone_free(zone);
}
END_TEST

/* No call is there, but whoever asks for such a day is told which it was. */
START_TEST(year_before_the_first)
{
	struct zone *zone = open_zone("UTC");
	struct civil day = {.year = -12, .month = 6, .day = 5};

	ck_assert_str_eq(
	    moment_format(arena, &style, "date.long", zone, civil_seconds(&day)), "W0, M6 5, -012");
	zone_free(zone);
}
END_TEST

/* Whatever room there is: the whole text, or NULL. */
START_TEST(arena_of_any_size)
{
	struct zone *zone = open_zone("UTC");
	size_t complete = 0;

	for (size_t size = 1; size < 500; size++) {
		struct arena *small = arena_new(size);
		char *text;

		ck_assert_ptr_nonnull(small);
		text = moment_format(small, &style, "date.long", zone, 0);
		if (text) {
			ck_assert_str_eq(text, "W4, M1 1, 1970");
			complete++;
		}
		arena_free(small);
	}
	ck_assert_uint_gt(complete, 100);
	zone_free(zone);
}
END_TEST

START_TEST(text_longer_than_a_moment)
{
	struct zone *zone = open_zone("UTC");
	FILE *out = fopen(path_of("en/messages.ini"), "a");
	struct fail fail = {0};

	ck_assert_ptr_nonnull(out);
	fputs("[date]\nhuge = 1234567890\n", out);
	for (int i = 0; i < 30; i++)
		fputs("  1234567890\n", out);
	fclose(out);
	templates_free(templates);
	ck_assert_int_eq(templates_load(folder, NULL, &templates, &fail), ERR_NONE);
	style.templates = templates;
	ck_assert_ptr_null(moment_format(arena, &style, "date.huge", zone, 0));
	zone_free(zone);
}
END_TEST

static const char *const needed[] = {"long", "day", "time", "time_zone", "am", "pm", "weekday_0",
    "weekday_6", "month_1", "month_12", "month_begin", "month_short_1", "month_short_12"};

/* Takes one line out of the catalogue. */
START_TEST(missing_word)
{
	char *text = read_text(path_of("en/messages.ini")), line[40], key[40], *at, *end;
	struct fail fail = {0};

	ck_assert_ptr_null(moment_missing(&style, arena));
	snprintf(line, sizeof(line), "\n%s =", needed[_i]);
	snprintf(key, sizeof(key), "date.%s", needed[_i]);
	at = strstr(text, line);
	ck_assert_ptr_nonnull(at);
	end = strchr(at + 1, '\n');
	memmove(at, end, strlen(end) + 1);
	write_file("en/messages.ini", text);
	free(text);
	templates_free(templates);
	ck_assert_int_eq(templates_load(folder, NULL, &templates, &fail), ERR_NONE);
	style.templates = templates;
	ck_assert_str_eq(moment_missing(&style, arena), key);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("moment");
	TCase *formats = tcase_create("format"), *words = tcase_create("words");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(formats, set_up, tear_down);
	tcase_add_loop_test(formats, format, 0, (int)COUNT(moments));
	tcase_add_test(formats, language_without_words);
	tcase_add_test(formats, year_before_the_first);
	tcase_add_test(formats, arena_of_any_size);
	tcase_add_test(formats, text_longer_than_a_moment);
	suite_add_tcase(suite, formats);
	tcase_add_checked_fixture(words, set_up, tear_down);
	tcase_add_loop_test(words, missing_word, 0, (int)COUNT(needed));
	suite_add_tcase(suite, words);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

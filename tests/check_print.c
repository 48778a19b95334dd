/* SPDX-License-Identifier: MIT */
/* check_print.c: what the operator types as a time, and what tables say to people and scripts */
#include "ctl/print.h"
#include "files.h"
#include "times.h"

#include <locale.h>

/* A Friday, 10:30 in New York, and Saturday in a zone or two. */
#define NOW instant("2026-11-27T15:30:00Z")

static struct arena *arena;
static struct zone *zone;

static void set_up(void)
{
	ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
	arena = arena_new(1024 * 1024);
	zone = open_zone("America/New_York");
}

static void tear_down(void)
{
	zone_free(zone);
	arena_free(arena);
}

static const struct {
	const char *text, *utc; /* utc NULL: it is none */
} moments[] = {
    {"2026-12-01T13:00Z", "2026-12-01T13:00:00Z"},
    {"2026-12-01T08:00", "2026-12-01T13:00:00Z"},
    {"2026-07-01T08:00", "2026-07-01T12:00:00Z"},
    /* Twice: the first; never: none. */
    {"2026-11-01T01:30", "2026-11-01T05:30:00Z"},
    {"2026-03-08T02:30", NULL},
    {"2026-03-08T03:00", "2026-03-08T07:00:00Z"},
    {"2026-02-30T08:00", NULL},
    {"2026-12-01", NULL},
    {"2026-12-01 08:00", NULL},
    {"2026-12-01T8:00", NULL},
    {"2026-12-01T08:00ZZ", NULL},
    {"tomorrow 14:00", "2026-11-28T19:00:00Z"},
    {"Yesterday 9:05", "2026-11-26T14:05:00Z"},
    {"today 10:30", "2026-11-27T15:30:00Z"},
    /* A day of the week is one that is still to come. */
    {"fri 10:31", "2026-11-27T15:31:00Z"},
    {"fri 10:30", "2026-12-04T15:30:00Z"},
    {"Thursday 14:00", "2026-12-03T19:00:00Z"},
    {"tue 14:00", "2026-12-01T19:00:00Z"},
    {"tomorrow", NULL},
    {"tomorrow 24:00", NULL},
    {"tomorrow 014:00", NULL},
    {"tomorrow  14:00", NULL},
    {"tomorrow 14:00Z", NULL},
    {"someday 14:00", NULL},
    {"fr 14:00", NULL},
    {"", NULL},
    {"2026-12-01T08:00aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL},
};

START_TEST(moment)
{
	int64_t found = 0;
	bool is_read = read_moment(zone, NOW, moments[_i].text, &found);

	ck_assert_int_eq(is_read, moments[_i].utc != NULL);
	if (is_read)
		ck_assert_int_eq(found, instant(moments[_i].utc));
}
END_TEST

static const struct {
	const char *text, *start, *end;
} days[] = {
    {"2026-12-01", "2026-12-01T05:00:00Z", "2026-12-02T05:00:00Z"},
    {"2026-03-08", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"},
    {"2026-11-01", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"},
    {"2026-02-29", NULL, NULL},
    {"2026-12-1", NULL, NULL},
    {"20261201", NULL, NULL},
    {"2026-12-01T08:00", NULL, NULL},
    {"tomorrow", "2026-11-28T05:00:00Z", "2026-11-29T05:00:00Z"},
    {"today", "2026-11-27T05:00:00Z", "2026-11-28T05:00:00Z"},
    {"YESTERDAY", "2026-11-26T05:00:00Z", "2026-11-27T05:00:00Z"},
    {"fri", "2026-11-27T05:00:00Z", "2026-11-28T05:00:00Z"},
    {"thursday", "2026-12-03T05:00:00Z", "2026-12-04T05:00:00Z"},
    {"tomorrow 14:00", NULL, NULL},
    {"mo", NULL, NULL},
    {"", NULL, NULL},
};

START_TEST(day)
{
	struct interval found;
	bool is_read = read_day(zone, NOW, days[_i].text, &found);

	ck_assert_int_eq(is_read, days[_i].start != NULL);
	if (!is_read)
		return;
	ck_assert_int_eq(found.start, instant(days[_i].start));
	ck_assert_int_eq(found.end, instant(days[_i].end));
}
END_TEST

/* Samoa went over the date line, and had none. */
START_TEST(day_that_never_was)
{
	struct zone *samoa = open_zone("Pacific/Apia");
	struct interval found;

	ck_assert(read_day(samoa, NOW, "2011-12-29", &found));
	ck_assert(!read_day(samoa, NOW, "2011-12-30", &found));
	zone_free(samoa);
}
END_TEST

static const struct column columns[] = {{"at", "AT"}, {"who", "WHO"}, {"more", NULL}, {"n", "N"}};

static struct table *filled(void)
{
	struct table *table = table_new(arena, zone, columns, COUNT(columns));

	table_time(table, instant("2026-12-01T13:00:00Z"));
	table_text(table, "Zo\xc3\xab\n\x1b[2J");
	table_text(table, "seen by scripts \xff");
	table_integer(table, -7);
	table_time(table, 0);
	table_text(table, NULL);
	table_text(table, "");
	table_integer(table, 1234567);
	return table;
}

START_TEST(for_scripts)
{
	struct json_object *list = table_json(filled());

	ck_assert_uint_eq(table_rows(filled()), 2);
	ck_assert_str_eq(json_write(arena, list),
	    "[{\"at\":\"2026-12-01T13:00:00Z\",\"who\":\"Zo\xc3\xab\\n\\u001b[2J\",\"more\":"
	    "\"seen by scripts \xef\xbf\xbd\",\"n\":-7},{\"at\":null,\"who\":null,\"more\":\"\","
	    "\"n\":1234567}]");
	ck_assert_str_eq(json_write(arena, table_json(table_new(arena, zone, columns, 1))), "[]");
}
END_TEST

/* Side by side, a letter as wide as a letter, and nothing that a terminal obeys. */
START_TEST(for_people)
{
	static const struct column pair[] = {{"first", "FIRST"}, {"last", "LAST"}};
	struct table *wider = table_new(arena, zone, pair, COUNT(pair));
	char *text;
	FILE *kept;

	make_folder();
	kept = freopen(path_of("out"), "w", stdout);
	ck_assert_ptr_nonnull(kept);
	table_print(filled());
	table_print_record(filled());
	table_integer(wider, 1);
	table_integer(wider, 2);
	table_print_record(wider);
	fflush(stdout);
	text = read_text(path_of("out"));
	remove_folder();
	ck_assert_str_eq(text, "AT                        WHO       N\n"
			       "Tue 2026-12-01 08:00 EST  Zo\xc3\xab  [2J  -7\n"
			       "-                         -         1234567\n"
			       "AT   Tue 2026-12-01 08:00 EST\n"
			       "WHO  Zo\xc3\xab\n"
			       "      [2J\n"
			       "N    -7\n"
			       "FIRST  1\n"
			       "LAST   2\n");
	free(text);
}
END_TEST

/* What two tables of names look like: whole, and where there is room for a name of 10. */
START_TEST(as_wide_as_it_looks)
{
	static const struct column names[] = {{"name", "NAME"}, {"id", "ID"}};
	static const char *const rows[] = {
	    "\xea\xb9\x80\xec\xb2\xa0\xec\x88\x98", /* three of two columns each */
	    "e\xcc\x81",			    /* a letter and its accent */
	    "\xf0\x9f\x98\x80 Ada",
	    "Ada King, Countess of Lovelace",
	};
	struct table *table = table_new(arena, zone, names, COUNT(names));
	char *text;

	for (size_t i = 0; i < COUNT(rows); i++) {
		table_text(table, rows[i]);
		table_text(table, "x");
	}
	make_folder();
	ck_assert_ptr_nonnull(freopen(path_of("out"), "w", stdout));
	table_print_within(table, 0);
	table_print_within(table, 15);
	table_print_within(table, 3);
	fflush(stdout);
	text = read_text(path_of("out"));
	remove_folder();
	ck_assert_str_eq(text, "NAME                            ID\n"
			       "\xea\xb9\x80\xec\xb2\xa0\xec\x88\x98                          x\n"
			       "e\xcc\x81                               x\n"
			       "\xf0\x9f\x98\x80 Ada                          x\n"
			       "Ada King, Countess of Lovelace  x\n"
			       "NAME         ID\n"
			       "\xea\xb9\x80\xec\xb2\xa0\xec\x88\x98       x\n"
			       "e\xcc\x81            x\n"
			       "\xf0\x9f\x98\x80 Ada       x\n"
			       "Ada King, \xe2\x80\xa6  x\n"
			       "NAME    ID\n"
			       "\xea\xb9\x80\xec\xb2\xa0\xec\x88\x98  x\n"
			       "e\xcc\x81       x\n"
			       "\xf0\x9f\x98\x80 Ada  x\n"
			       "Ada K\xe2\x80\xa6  x\n");
	free(text);
}
END_TEST

/* The sentence at a row's end is whole, however little is left of what stands before it. */
START_TEST(sentence_at_the_end)
{
	static const struct column three[] = {
	    {"day", "DAY"}, {"name", "NAME"}, {"detail", "DETAIL"}};
	struct table *table = table_new(arena, zone, three, COUNT(three));
	char *text;

	table_text(table, "Mon");
	table_text(table, "Ada Lovelace");
	table_text(table, "this weekday has no hours");
	make_folder();
	ck_assert_ptr_nonnull(freopen(path_of("out"), "w", stdout));
	table_print_within(table, 40);
	table_print_within(table, 20);
	fflush(stdout);
	text = read_text(path_of("out"));
	remove_folder();
	ck_assert_str_eq(text, "DAY  NAME      DETAIL\n"
			       "Mon  Ada Lov\xe2\x80\xa6  this weekday has no hours\n"
			       "DAY  NAME    DETAIL\n"
			       "Mon  Ada L\xe2\x80\xa6  this weekday has no hours\n");
	free(text);
}
END_TEST

/* Whatever room there is: nothing is overrun. */
START_TEST(arena_of_any_size)
{
	struct arena *whole = arena;

	for (size_t size = 1; size < 3000; size += 7) {
		arena = arena_new(size);
		json_give_back(table_json(filled()));
		json_give_back(table_json_record(filled()));
		arena_free(arena);
	}
	arena = whole;
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("print");
	TCase *tcase = tcase_create("print");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_loop_test(tcase, moment, 0, COUNT(moments));
	tcase_add_loop_test(tcase, day, 0, COUNT(days));
	tcase_add_test(tcase, day_that_never_was);
	tcase_add_test(tcase, for_scripts);
	tcase_add_test(tcase, for_people);
	tcase_add_test(tcase, as_wide_as_it_looks);
	tcase_add_test(tcase, sentence_at_the_end);
	tcase_add_test(tcase, arena_of_any_size);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* check_zone.c: offsets of real, made-up and damaged time zones */
#include "core/zone.h"
#include "times.h"

#include <string.h>

#define NY "America/New_York"

static const struct {
	const char *name;
	bool is_sane;
} names[] = {
    {NY, true},
    {"UTC", true},
    {"Etc/GMT+5", true},
    {"America/Argentina/Buenos_Aires", true},
    {"a23456789012345678901234567890123456789012345678901234567890123", true},
    {"a234567890123456789012345678901234567890123456789012345678901234", false},
    {"", false},
    {"/etc/passwd", false},
    {"America/", false},
    {"America//New_York", false},
    {"../secret", false},
    {"America/../New_York", false},
    {"./UTC", false},
    {"America/New York", false},
    {"America\\New_York", false},
    {"Am\xc3\xa9rica", false},
    {"UTC\n", false},
    {":UTC", false},
};

START_TEST(name_is_sane)
{
	ck_assert_msg(
	    zone_name_is_sane(names[_i].name) == names[_i].is_sane, "'%s'", names[_i].name);
}
END_TEST

/*
 * A file made by hand. Both blocks of a version 2 file hold the same types and transitions; the
 * designations are "AAA" at 0 and "BBBB" at 4.
 */
struct file {
	unsigned char bytes[4096];
	size_t len;
};

struct file_type {
	int32_t utc_s;
	unsigned char is_dst, designation;
};

struct file_transition {
	int64_t at;
	unsigned char type;
};

static void put_number(struct file *file, int64_t value, size_t size)
{
	for (size_t i = size; i > 0; i--)
		file->bytes[file->len++] = (unsigned char)((uint64_t)value >> 8 * (i - 1));
}

static void put_text(struct file *file, const char *text, size_t len)
{
	memcpy(file->bytes + file->len, text, len);
	file->len += len;
}

static void put_block(struct file *file, char version, size_t time_size,
    const struct file_type *types, uint32_t type_count, const struct file_transition *transitions,
    uint32_t count)
{
	static const char nothing[15], designations[] = "AAA\0BBBB";

	put_text(file, "TZif", 4);
	put_number(file, version, 1);
	put_text(file, nothing, 15);
	put_number(file, 0, 4); /* UT/local indicators */
	put_number(file, 0, 4); /* standard/wall indicators */
	put_number(file, 0, 4); /* leap seconds */
	put_number(file, count, 4);
	put_number(file, type_count, 4);
	put_number(file, sizeof(designations), 4);
	for (uint32_t i = 0; i < count; i++)
		put_number(file, transitions[i].at, time_size);
	for (uint32_t i = 0; i < count; i++)
		put_number(file, transitions[i].type, 1);
	for (uint32_t i = 0; i < type_count; i++) {
		put_number(file, types[i].utc_s, 4);
		put_number(file, types[i].is_dst, 1);
		put_number(file, types[i].designation, 1);
	}
	put_text(file, designations, sizeof(designations));
}

static const struct file_type two_types[] = {{3600, 0, 0}, {7200, 1, 4}};
static const struct file_transition two_transitions[] = {{1000, 1}, {2000, 0}};

/* footer NULL: the file ends with its block. */
static struct file make_file(char version, const char *footer)
{
	struct file file = {.len = 0};

	put_block(&file, version, 4, two_types, 2, two_transitions, 2);
	if (version)
		put_block(&file, version, 8, two_types, 2, two_transitions, 2);
	if (footer) {
		put_text(&file, "\n", 1);
		put_text(&file, footer, strlen(footer));
		put_text(&file, "\n", 1);
	}
	return file;
}

/* In an allocation of exactly its length, so that the sanitizers see every step too far. */
static enum err parse(const unsigned char *bytes, size_t len, struct zone **out, struct fail *fail)
{
	unsigned char *copy = calloc(len + 1, 1), *exact = copy + 1;
	enum err err;

	ck_assert_ptr_nonnull(copy);
	memcpy(exact, bytes, len);
	err = zone_parse("Test/Zone", exact, len, out, fail);
	free(copy);
	return err;
}

/* A file whose footer alone decides: no transitions. */
static enum err parse_footer(const char *footer, struct zone **out)
{
	struct file file = {.len = 0};

	put_block(&file, '4', 4, two_types, 2, NULL, 0);
	put_block(&file, '4', 8, two_types, 2, NULL, 0);
	put_text(&file, "\n", 1);
	put_text(&file, footer, strlen(footer));
	put_text(&file, "\n", 1);
	return parse(file.bytes, file.len, out, NULL);
}

static void check_offset(const struct zone *zone, const char *at, int32_t utc_s, bool is_dst,
    const char *abbreviation, const char *what)
{
	struct zone_offset offset = zone_at(zone, instant(at));

	ck_assert_msg(offset.utc_s == utc_s && offset.is_dst == is_dst &&
			  strcmp(offset.abbreviation, abbreviation) == 0,
	    "%s at %s: %d %d %s", what, at, offset.utc_s, offset.is_dst, offset.abbreviation);
}

static const struct {
	const char *footer, *at;
	int32_t utc_s;
	bool is_dst;
	const char *abbreviation;
} footers[] = {
    {"UTC0", "2026-07-01T00:00:00Z", 0, false, "UTC"},
    {"EST5", "2026-07-01T00:00:00Z", -18000, false, "EST"},
    {"<-03>3", "2026-07-01T00:00:00Z", -10800, false, "-03"},
    {"<+0545>-5:45", "2026-07-01T00:00:00Z", 20700, false, "+0545"},
    {"LMT+4:56:02", "2026-07-01T00:00:00Z", -17762, false, "LMT"},
    /* The United States: second Sunday of March, first of November, at 02:00. */
    {"EST5EDT,M3.2.0,M11.1.0", "2040-03-11T06:59:59Z", -18000, false, "EST"},
    {"EST5EDT,M3.2.0,M11.1.0", "2040-03-11T07:00:00Z", -14400, true, "EDT"},
    {"EST5EDT,M3.2.0,M11.1.0", "2040-11-04T05:59:59Z", -14400, true, "EDT"},
    {"EST5EDT,M3.2.0,M11.1.0", "2040-11-04T06:00:00Z", -18000, false, "EST"},
    /* Around New Year in the south it is summer. */
    {"AEST-10AEDT,M10.1.0,M4.1.0/3", "2039-12-31T23:59:59Z", 39600, true, "AEDT"},
    {"AEST-10AEDT,M10.1.0,M4.1.0/3", "2040-01-01T00:00:00Z", 39600, true, "AEDT"},
    {"AEST-10AEDT,M10.1.0,M4.1.0/3", "2040-03-31T15:59:59Z", 39600, true, "AEDT"},
    {"AEST-10AEDT,M10.1.0,M4.1.0/3", "2040-03-31T16:00:00Z", 36000, false, "AEST"},
    /* A summer time of half an hour. */
    {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2040-01-01T00:00:00Z", 39600, true, "+11"},
    {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2040-07-01T00:00:00Z", 37800, false, "+1030"},
    /* Ireland: winter is the exception, and goes back. */
    {"IST-1GMT0,M10.5.0,M3.5.0/1", "2040-01-15T00:00:00Z", 0, true, "GMT"},
    {"IST-1GMT0,M10.5.0,M3.5.0/1", "2040-03-25T00:59:59Z", 0, true, "GMT"},
    {"IST-1GMT0,M10.5.0,M3.5.0/1", "2040-03-25T01:00:00Z", 3600, false, "IST"},
    {"IST-1GMT0,M10.5.0,M3.5.0/1", "2040-10-28T00:59:59Z", 3600, false, "IST"},
    {"IST-1GMT0,M10.5.0,M3.5.0/1", "2040-10-28T01:00:00Z", 0, true, "GMT"},
    /* Greenland: an hour before midnight. */
    {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2040-03-25T00:59:59Z", -7200, false, "-02"},
    {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2040-03-25T01:00:00Z", -3600, true, "-01"},
    /* 50 hours after Thursday began. */
    {"EET-2EEST,M3.4.4/50,M10.4.4/50", "2040-03-23T23:59:59Z", 7200, false, "EET"},
    {"EET-2EEST,M3.4.4/50,M10.4.4/50", "2040-03-24T00:00:00Z", 10800, true, "EEST"},
    /* A week away from the named day, and into another year. */
    {"AAA0BBB,M3.1.0/167,M11.1.0/-167", "2040-03-10T22:59:59Z", 0, false, "AAA"},
    {"AAA0BBB,M3.1.0/167,M11.1.0/-167", "2040-03-10T23:00:00Z", 3600, true, "BBB"},
    {"AAA0BBB,M3.1.0/167,M11.1.0/-167", "2040-10-27T23:59:59Z", 3600, true, "BBB"},
    {"AAA0BBB,M3.1.0/167,M11.1.0/-167", "2040-10-28T00:00:00Z", 0, false, "AAA"},
    {"AAA0BBB,J100,J364/167", "2041-01-05T21:59:59Z", 3600, true, "BBB"},
    {"AAA0BBB,J100,J364/167", "2041-01-05T22:00:00Z", 0, false, "AAA"},
    {"AAA0BBB,J365/167,J364/167", "2041-01-01T00:00:00Z", 3600, true, "BBB"},
    {"AAA0BBB,J1/-167,J100", "2040-12-25T00:59:59Z", 0, false, "AAA"},
    {"AAA0BBB,J1/-167,J100", "2040-12-25T01:00:00Z", 3600, true, "BBB"},
    /* Jn never counts February 29, n does. */
    {"AAA0BBB,J60/0,J300/0", "2040-02-29T23:59:59Z", 0, false, "AAA"},
    {"AAA0BBB,J60/0,J300/0", "2040-03-01T00:00:00Z", 3600, true, "BBB"},
    {"AAA0BBB,J60/0,J300/0", "2041-03-01T00:00:00Z", 3600, true, "BBB"},
    {"AAA0BBB,J59/0,J300/0", "2040-02-28T00:00:00Z", 3600, true, "BBB"},
    {"AAA0BBB,59/0,300/0", "2040-02-28T23:59:59Z", 0, false, "AAA"},
    {"AAA0BBB,59/0,300/0", "2040-02-29T00:00:00Z", 3600, true, "BBB"},
    {"AAA0BBB,59/0,300/0", "2041-03-01T00:00:00Z", 3600, true, "BBB"},
    {"AAA0BBB,59/0,300/0", "2041-02-28T23:59:59Z", 0, false, "AAA"},
    {"AAA0BBB,0/0,300/0", "2040-01-01T00:00:00Z", 3600, true, "BBB"},
    /* Week 5 is the last, and may be the fourth. */
    {"AAA0BBB,M2.5.0,M10.5.0", "2041-02-24T02:00:00Z", 3600, true, "BBB"},
    {"AAA0BBB,M2.5.0,M10.5.0", "2041-02-24T01:59:59Z", 0, false, "AAA"},
    {"AAA0BBB,M2.5.3,M10.5.0", "2040-02-29T01:59:59Z", 0, false, "AAA"},
    {"AAA0BBB,M2.5.3,M10.5.0", "2040-02-29T02:00:00Z", 3600, true, "BBB"},
    /* Summer time all year (RFC 9636, section 3.3.1). */
    {"XXX3EDT4,0/0,J365/23", "2040-01-01T00:00:00Z", -14400, true, "EDT"},
    {"XXX3EDT4,0/0,J365/23", "2040-01-01T03:00:00Z", -14400, true, "EDT"},
    {"XXX3EDT4,0/0,J365/23", "2040-12-31T23:59:59Z", -14400, true, "EDT"},
    {"XXX3EDT4,0/0,J365/23", "2041-01-01T02:59:59Z", -14400, true, "EDT"},
    {"AAA5BBB-5,M3.2.0/-2:30:15,M11.1.0", "2040-07-01T00:00:00Z", 18000, true, "BBB"},
    {"AAA5BBB-5,M3.2.0/-2:30:15,M11.1.0", "2040-03-11T02:29:44Z", -18000, false, "AAA"},
    {"AAA5BBB-5,M3.2.0/-2:30:15,M11.1.0", "2040-03-11T02:29:45Z", 18000, true, "BBB"},
    /* The rule has no end. */
    {"EST5EDT,M3.2.0,M11.1.0", "2400-07-01T00:00:00Z", -14400, true, "EDT"},
    {"EST5EDT,M3.2.0,M11.1.0", "9000-01-01T00:00:00Z", -18000, false, "EST"},
};

START_TEST(footer)
{
	struct zone *zone = NULL;

	ck_assert_msg(!parse_footer(footers[_i].footer, &zone), "%s", footers[_i].footer);
	check_offset(zone, footers[_i].at, footers[_i].utc_s, footers[_i].is_dst,
	    footers[_i].abbreviation, footers[_i].footer);
	zone_free(zone);
}
END_TEST

/* Both changes of a year lie a week before it, so the next one is two years' numbers ahead. */
START_TEST(next_change_of_a_footer)
{
	struct zone *zone = NULL;

	ck_assert(!parse_footer("AAA0BBB,J1/-167,J2/-167", &zone));
	ck_assert_int_eq(zone_steady_until(zone, instant("2040-12-31T00:00:00Z")),
	    instant("2041-12-25T01:00:00Z"));
	ck_assert_int_eq(zone_steady_until(zone, instant("2041-12-25T01:00:00Z")),
	    instant("2041-12-26T00:00:00Z"));
	zone_free(zone);
	ck_assert(!parse_footer("AAA0", &zone));
	ck_assert_int_eq(zone_steady_until(zone, 0), INT64_MAX);
	zone_free(zone);
}
END_TEST

static const char *const bad_footers[] = {
    "EST",
    "5",
    "ES5",
    "EST5EDT",	      /* summer time without its dates */
    "EST5EDT,M3.2.0", /* without its end */
    "EST5EDT,M3.2.0,M11.1.0,",
    "EST5EDT,M3.2.0,M11.1.0 ",
    " EST5",
    "EST5\nEST5",
    "EST25",
    "EST5:60",
    "EST5:30:60",
    "EST5EDT25,M3.2.0,M11.1.0",
    "EST5EDT,M0.2.0,M11.1.0",
    "EST5EDT,M13.2.0,M11.1.0",
    "EST5EDT,M3.0.0,M11.1.0",
    "EST5EDT,M3.6.0,M11.1.0",
    "EST5EDT,M3.2.7,M11.1.0",
    "EST5EDT,M3.2,M11.1.0",
    "EST5EDT,J0,M11.1.0",
    "EST5EDT,J366,M11.1.0",
    "EST5EDT,366,M11.1.0",
    "EST5EDT,M3.2.0/168,M11.1.0",
    "EST5EDT,M3.2.0/-168,M11.1.0",
    "EST5EDT,M3.2.0/,M11.1.0",
    "EST5EDT,M3.2.0/--2,M11.1.0",
    "EST99999999999999999999",
    "<-03>",
    "<-03",
    "<-03-3",
    "<->3",
    "<-0345678>3", /* longer than an abbreviation can be */
    "ABCDEFGH3",
};

START_TEST(bad_footer)
{
	struct zone *zone = NULL;

	ck_assert_msg(parse_footer(bad_footers[_i], &zone) == ERR_GARBLED, "%s", bad_footers[_i]);
	ck_assert_ptr_null(zone);
}
END_TEST

/* Without a rule, the last type holds; before the first transition, the first does. */
static const struct {
	char version;
	const char *footer, *abbreviation;
} endings[] = {{'\0', NULL, "AAA"}, {'2', NULL, "AAA"}, {'2', "", "AAA"}, {'3', "", "AAA"},
    {'4', "", "AAA"}, {'4', "CCC9", "CCC"}, {'2', "CCC9", "CCC"}};

START_TEST(after_the_last_transition)
{
	struct file file = make_file(endings[_i].version, endings[_i].footer);
	struct zone *zone = NULL;

	ck_assert(!parse(file.bytes, file.len, &zone, NULL));
	ck_assert_str_eq(zone_name(zone), "Test/Zone");
	ck_assert_str_eq(zone_at(zone, INT64_MIN).abbreviation, "AAA");
	ck_assert_str_eq(zone_at(zone, 999).abbreviation, "AAA");
	ck_assert_str_eq(zone_at(zone, 1000).abbreviation, "BBBB");
	ck_assert_str_eq(zone_at(zone, 1999).abbreviation, "BBBB");
	ck_assert_str_eq(zone_at(zone, 2000).abbreviation, endings[_i].abbreviation);
	ck_assert_str_eq(zone_at(zone, INT64_MAX).abbreviation, endings[_i].abbreviation);
	ck_assert_int_eq(zone_steady_until(zone, 999), 1000);
	ck_assert_int_eq(zone_steady_until(zone, 1000), 2000);
	ck_assert_int_eq(zone_steady_until(zone, 2000), INT64_MAX);
	zone_free(zone);
}
END_TEST

/* An hour forward at 1000 and back at 2000: the clock reads 4600 → 8200, 9200 → 5600. */
static const struct {
	int64_t reading;
	enum zone_times times;
	int64_t utc;
} close_changes[] = {{4599, ZONE_ONCE, 999}, {4600, ZONE_NEVER, 1000}, {5599, ZONE_NEVER, 1000},
    {5600, ZONE_ONCE, 2000}, {8199, ZONE_ONCE, 4599}, {8200, ZONE_TWICE, 1000},
    {9199, ZONE_TWICE, 1999}, {9200, ZONE_ONCE, 5600}};

START_TEST(two_changes_within_the_hour)
{
	struct file file = make_file('2', "");
	struct zone *zone = NULL;
	int64_t utc;

	ck_assert(!parse(file.bytes, file.len, &zone, NULL));
	ck_assert_int_eq(
	    zone_to_utc(zone, close_changes[_i].reading, &utc), close_changes[_i].times);
	ck_assert_int_eq(utc, close_changes[_i].utc);
	zone_free(zone);
}
END_TEST

/* In a version 2 file only the second block counts. */
START_TEST(second_block_is_the_one)
{
	static const struct file_type old = {-3600, 0, 0};
	struct file file = {.len = 0};
	struct zone *zone = NULL;

	put_block(&file, '2', 4, &old, 1, NULL, 0);
	put_block(&file, '2', 8, two_types, 2, two_transitions, 2);
	put_text(&file, "\n\n", 2);
	ck_assert(!parse(file.bytes, file.len, &zone, NULL));
	ck_assert_int_eq(zone_at(zone, 0).utc_s, 3600);
	zone_free(zone);
}
END_TEST

/* One number changed in an otherwise good version 1 file: header at 0, transition times at 44,
 * their types at 52, local time types at 54, designations at 66. */
static const struct {
	const char *what;
	size_t at, size;
	int64_t value;
	bool is_good;
} damages[] = {
    {"unchanged", 0, 1, 'T', true},
    {"magic", 3, 1, 'F', false},
    {"version 1 as a digit", 4, 1, '1', false},
    {"version 5", 4, 1, '5', false},
    {"UT/local indicators without bytes", 20, 4, 2, false},
    {"leap seconds without bytes", 28, 4, 1, false},
    {"as many transitions as can be", 32, 4, 0xffffffff, false},
    {"fewer transitions than bytes", 32, 4, 1, false},
    {"no types", 36, 4, 0, false},
    {"one type too few", 36, 4, 1, false},
    {"as many types as can be", 36, 4, 0xffffffff, false},
    {"no designations", 40, 4, 0, false},
    {"designations cut short", 40, 4, 8, false},
    {"as many designations as can be", 40, 4, 0xffffffff, false},
    {"equal transitions", 44, 4, 2000, false},
    {"transitions out of order", 44, 4, 2001, false},
    {"a transition long ago", 44, 4, INT32_MIN, true},
    {"a transition without a type", 52, 1, 2, false},
    {"the other type", 52, 1, 0, true},
    {"an offset of just below 26 hours", 54, 4, 93599, true},
    {"an offset of 26 hours", 54, 4, 93600, false},
    {"an offset of just above -26 hours", 54, 4, -93599, true},
    {"an offset of -26 hours", 54, 4, -93600, false},
    {"the smallest offset", 54, 4, INT32_MIN, false},
    {"half summer time", 58, 1, 2, false},
    {"a designation behind the last", 59, 1, 9, false},
    {"a designation far behind the last", 59, 1, 255, false},
    {"the middle of a designation", 59, 1, 5, true},
    {"a designation without an end", 74, 1, 'B', false},
    {"a designation too long", 69, 1, 'A', false},
    {"a designation with markup", 66, 1, '<', false},
};

START_TEST(damaged_file)
{
	struct file file = make_file('\0', NULL);
	size_t len = file.len;
	struct zone *zone = NULL;
	struct fail fail = {0};
	enum err err;

	file.len = damages[_i].at;
	put_number(&file, damages[_i].value, damages[_i].size);
	err = parse(file.bytes, len, &zone, &fail);
	ck_assert_msg(
	    (err == ERR_NONE) == damages[_i].is_good, "%s: %s", damages[_i].what, err_name(err));
	if (err) {
		ck_assert_int_eq(err, ERR_GARBLED);
		ck_assert_int_eq(fail.code, ERR_GARBLED);
		ck_assert_str_eq(fail.where, "zone");
		ck_assert_int_eq(strncmp(fail.detail, "Test/Zone: ", 11), 0);
		ck_assert_ptr_null(zone);
	}
	zone_free(zone);
}
END_TEST

/* Between the last block and the rule stands a newline, and behind the rule another. */
START_TEST(footer_without_its_lines)
{
	static const char *const ends[] = {"XEST5\n", "\nEST5X", "\n", "X", "XX"};

	for (size_t i = 0; i < COUNT(ends); i++) {
		struct file file = make_file('2', NULL);
		struct zone *zone = NULL;

		put_text(&file, ends[i], strlen(ends[i]));
		ck_assert_msg(parse(file.bytes, file.len, &zone, NULL) == ERR_GARBLED, "%zu", i);
	}
}
END_TEST

/* A transition names its type in one byte. */
START_TEST(types_that_are_too_many)
{
	static const struct file_type types[257];
	struct zone *zone = NULL;

	for (uint32_t count = 0; count <= COUNT(types); count++) {
		struct file file = {.len = 0};

		put_block(&file, '\0', 4, types, count, NULL, 0);
		ck_assert_int_eq(parse(file.bytes, file.len, &zone, NULL),
		    count && count < COUNT(types) ? ERR_NONE : ERR_GARBLED);
		zone_free(zone);
		zone = NULL;
	}
}
END_TEST

START_TEST(bad_name_is_refused)
{
	struct file file = make_file('\0', NULL);
	struct zone *zone = NULL;
	struct fail fail = {0};

	ck_assert_int_eq(zone_parse("../UTC", file.bytes, file.len, &zone, &fail), ERR_INPUT);
	ck_assert_str_eq(fail.where, "zone");
	ck_assert_str_eq(fail.detail, "not the name of a time zone");
	ck_assert_ptr_null(zone);
}
END_TEST

/* Its instants run ahead of everybody else's by 27 seconds. */
START_TEST(leap_seconds_are_refused)
{
	struct file file = {.len = 0};
	struct zone *zone = NULL;

	put_block(&file, '\0', 4, two_types, 2, NULL, 0);
	put_number(&file, 78796800, 4);
	put_number(&file, 1, 4);
	file.bytes[31] = 1;
	ck_assert_int_eq(parse(file.bytes, file.len, &zone, NULL), ERR_GARBLED);
}
END_TEST

/* A reading of the wall clock, written as if it were UTC. */
static const struct {
	const char *zone, *reading;
	enum zone_times times;
	const char *utc;
} readings[] = {
    {NY, "2026-01-15T12:00:00Z", ZONE_ONCE, "2026-01-15T17:00:00Z"},
    {NY, "2026-07-15T12:00:00Z", ZONE_ONCE, "2026-07-15T16:00:00Z"},
    {NY, "2026-03-08T01:59:59Z", ZONE_ONCE, "2026-03-08T06:59:59Z"},
    {NY, "2026-03-08T02:00:00Z", ZONE_NEVER, "2026-03-08T07:00:00Z"},
    {NY, "2026-03-08T02:30:00Z", ZONE_NEVER, "2026-03-08T07:00:00Z"},
    {NY, "2026-03-08T02:59:59Z", ZONE_NEVER, "2026-03-08T07:00:00Z"},
    {NY, "2026-03-08T03:00:00Z", ZONE_ONCE, "2026-03-08T07:00:00Z"},
    {NY, "2026-11-01T00:59:59Z", ZONE_ONCE, "2026-11-01T04:59:59Z"},
    {NY, "2026-11-01T01:00:00Z", ZONE_TWICE, "2026-11-01T05:00:00Z"},
    {NY, "2026-11-01T01:59:59Z", ZONE_TWICE, "2026-11-01T05:59:59Z"},
    {NY, "2026-11-01T02:00:00Z", ZONE_ONCE, "2026-11-01T07:00:00Z"},
    {NY, "2090-03-12T02:30:00Z", ZONE_NEVER, "2090-03-12T07:00:00Z"}, /* by the footer */
    {NY, "2090-11-05T01:30:00Z", ZONE_TWICE, "2090-11-05T05:30:00Z"},
    {"Asia/Kolkata", "2026-07-15T12:00:00Z", ZONE_ONCE, "2026-07-15T06:30:00Z"},
    {"Asia/Kathmandu", "2026-07-15T12:00:00Z", ZONE_ONCE, "2026-07-15T06:15:00Z"},
    {"Australia/Lord_Howe", "2026-10-04T02:15:00Z", ZONE_NEVER, "2026-10-03T15:30:00Z"},
    {"Australia/Lord_Howe", "2026-04-05T01:45:00Z", ZONE_TWICE, "2026-04-04T14:45:00Z"},
    {"Australia/Lord_Howe", "2026-04-05T01:15:00Z", ZONE_ONCE, "2026-04-04T14:15:00Z"},
    /* Midnight itself is jumped over, or the hour before it comes twice. */
    {"America/Santiago", "2026-09-06T00:00:00Z", ZONE_NEVER, "2026-09-06T04:00:00Z"},
    {"America/Santiago", "2026-04-04T23:30:00Z", ZONE_TWICE, "2026-04-05T02:30:00Z"},
    {"America/Santiago", "2026-04-05T00:00:00Z", ZONE_ONCE, "2026-04-05T04:00:00Z"},
    {"Africa/Cairo", "2026-04-24T00:30:00Z", ZONE_NEVER, "2026-04-23T22:00:00Z"},
    {"Asia/Beirut", "2026-03-29T00:30:00Z", ZONE_NEVER, "2026-03-28T22:00:00Z"},
    {"Asia/Beirut", "2026-10-24T23:30:00Z", ZONE_TWICE, "2026-10-24T20:30:00Z"},
    /* Samoa went without December 30, 2011; Kwajalein without August 21, 1993. */
    {"Pacific/Apia", "2011-12-29T23:59:59Z", ZONE_ONCE, "2011-12-30T09:59:59Z"},
    {"Pacific/Apia", "2011-12-30T00:00:00Z", ZONE_NEVER, "2011-12-30T10:00:00Z"},
    {"Pacific/Apia", "2011-12-30T23:59:59Z", ZONE_NEVER, "2011-12-30T10:00:00Z"},
    {"Pacific/Apia", "2011-12-31T00:00:00Z", ZONE_ONCE, "2011-12-30T10:00:00Z"},
    {"Pacific/Kwajalein", "1993-08-21T12:00:00Z", ZONE_NEVER, "1993-08-21T12:00:00Z"},
    {"Europe/Dublin", "2026-03-29T01:30:00Z", ZONE_NEVER, "2026-03-29T01:00:00Z"},
    {"Europe/Dublin", "2026-10-25T01:30:00Z", ZONE_TWICE, "2026-10-25T00:30:00Z"},
    {"Antarctica/Troll", "2026-03-29T02:30:00Z", ZONE_NEVER, "2026-03-29T01:00:00Z"},
    {"Antarctica/Troll", "2026-10-25T01:30:00Z", ZONE_TWICE, "2026-10-24T23:30:00Z"},
};

START_TEST(reading_of_a_clock)
{
	struct zone *zone = open_zone(readings[_i].zone);
	char text[INSTANT_TEXT];
	int64_t utc;
	enum zone_times times = zone_to_utc(zone, instant(readings[_i].reading), &utc);

	instant_format_rfc3339(utc, text);
	ck_assert_msg(times == readings[_i].times && strcmp(text, readings[_i].utc) == 0,
	    "%s %s: %d %s", readings[_i].zone, readings[_i].reading, times, text);
	zone_free(zone);
}
END_TEST

/* Chosen for what they do with their clocks. */
static const char *const zones[] = {NY, "America/Chicago", "America/Los_Angeles",
    "America/Anchorage", "America/Phoenix", "America/St_Johns", "America/Santiago",
    "America/Asuncion", "America/Sao_Paulo", "America/Nuuk", "America/Havana", "America/Caracas",
    "America/Mexico_City", "America/Scoresbysund", "America/Argentina/San_Luis", "Europe/London",
    "Europe/Dublin", "Europe/Berlin", "Europe/Lisbon", "Europe/Moscow", "Europe/Istanbul",
    "Europe/Volgograd", "Africa/Cairo", "Africa/Casablanca", "Africa/El_Aaiun", "Africa/Monrovia",
    "Africa/Juba", "Africa/Windhoek", "Asia/Beirut", "Asia/Gaza", "Asia/Jerusalem", "Asia/Tehran",
    "Asia/Kolkata", "Asia/Kathmandu", "Asia/Dhaka", "Asia/Pyongyang", "Asia/Tokyo", "Asia/Amman",
    "Antarctica/Troll", "Antarctica/Casey", "Australia/Lord_Howe", "Australia/Sydney",
    "Australia/Eucla", "Pacific/Apia", "Pacific/Kiritimati", "Pacific/Chatham", "Pacific/Norfolk",
    "Pacific/Easter", "Pacific/Marquesas", "Pacific/Kwajalein", "Pacific/Fiji", "EST5EDT",
    "Etc/GMT+12", "Etc/GMT-14", "Factory", "UTC"};

static void check_instant(const struct zone *zone, int64_t utc)
{
	struct zone_offset offset = zone_at(zone, utc);
	int64_t first = 0, local = utc + offset.utc_s;
	time_t clock = utc;
	struct tm tm;

	localtime_r(&clock, &tm);
	ck_assert_msg(offset.utc_s == tm.tm_gmtoff && offset.is_dst == (tm.tm_isdst > 0) &&
			  strcmp(offset.abbreviation, tm.tm_zone) == 0,
	    "%s at %jd: %d %s, the C library says %ld %s", zone_name(zone), (intmax_t)utc,
	    offset.utc_s, offset.abbreviation, tm.tm_gmtoff, tm.tm_zone);
	switch (zone_to_utc(zone, local, &first)) {
	case ZONE_NEVER:
		ck_abort_msg(
		    "%s at %jd: its own reading does not exist", zone_name(zone), (intmax_t)utc);
		break;
	case ZONE_ONCE:
		ck_assert_int_eq(first, utc);
		break;
	case ZONE_TWICE:
		ck_assert_int_le(first, utc);
		ck_assert_int_eq(first + zone_at(zone, first).utc_s, local);
		break;
	}
}

START_TEST(agrees_with_the_c_library)
{
	struct zone *zone = open_zone(zones[_i]);
	int64_t start = 0, end = instant("2100-01-01T00:00:00Z");
	uint64_t random = 5;

	set_system_zone(zones[_i]);
	for (int i = 0; i < 5000; i++)
		check_instant(zone, random_between(&random, start, end));
	/* The edges are where mistakes live, so each of them is looked at from both sides. */
	for (int64_t at = zone_steady_until(zone, start); at < end;
	     at = zone_steady_until(zone, at)) {
		int64_t before = at - 1 + zone_at(zone, at - 1).utc_s;
		int64_t after = at + zone_at(zone, at).utc_s, found;

		check_instant(zone, at - 1);
		check_instant(zone, at);
		if (after > before + 1) { /* the clock went forward */
			ck_assert_int_eq(zone_to_utc(zone, before + 1, &found), ZONE_NEVER);
			ck_assert_int_eq(found, at);
			ck_assert_int_eq(zone_to_utc(zone, after - 1, &found), ZONE_NEVER);
			ck_assert_int_eq(found, at);
		} else if (after <= before) { /* the clock went back */
			ck_assert_int_eq(zone_to_utc(zone, before, &found), ZONE_TWICE);
			ck_assert_int_eq(found, at - 1);
			ck_assert_int_eq(zone_to_utc(zone, after, &found), ZONE_TWICE);
			ck_assert_int_eq(found, at - 1 - (before - after));
		}
	}
	zone_free(zone);
}
END_TEST

/* However far from each other, forward and back, and over each change. */
START_TEST(walk_finds_the_same)
{
	struct zone *zone = open_zone(zones[_i]);
	struct zone_walk walk = {.zone = zone};
	int64_t at = 0, end = instant("2100-01-01T00:00:00Z"), walked, found;
	uint64_t random = 7;

	for (int i = 0; i < 20000; i++) {
		int64_t step = random_between(&random, 0, 9) ? 90000 : 400 * 86400;

		at += random_between(&random, i % 5 ? -step / 2 : -step, step);
		if (at < 0 || at > end)
			at = random_between(&random, 0, end);
		if (i % 50 == 0)
			at = zone_steady_until(zone, at) < end ? zone_steady_until(zone, at) : at;
		ck_assert_int_eq(
		    zone_walk_to_utc(&walk, at, &walked), zone_to_utc(zone, at, &found));
		ck_assert_int_eq(walked, found);
		if (i % 3 == 0)
			ck_assert_int_eq(zone_walk_at(&walk, at), zone_at(zone, at).utc_s);
	}
	zone_free(zone);
}
END_TEST

/* Asks a zone that came from damaged bytes; the answers need only be finite and within bounds. */
static void ask(const struct zone *zone, uint64_t *random)
{
	for (int i = 0; i < 20; i++) {
		int64_t at = i == 0   ? INT64_MIN
			     : i == 1 ? INT64_MAX
				      : random_between(random, -5000000000, 5000000000);
		int64_t utc;

		ck_assert_int_lt(abs(zone_at(zone, at).utc_s), ZONE_REACH_S);
		/* However far a reading is, it means the end of what is known. */
		if (zone_to_utc(zone, at, &utc) == ZONE_NEVER)
			ck_assert_int_ge(i, 2);
	}
}

/* Only where the data end and the footer would begin does the rest make a whole file. */
START_TEST(every_truncation)
{
	size_t len, accepted = 0;
	unsigned char *bytes = read_zone(zones[_i], &len);
	uint64_t random = 6;

	for (size_t cut = 0; cut < len; cut++) {
		struct zone *zone = NULL;

		if (parse(bytes, cut, &zone, NULL))
			continue;
		ask(zone, &random);
		zone_free(zone);
		accepted++;
		ck_assert_int_eq(bytes[cut], '\n');
	}
	ck_assert_uint_eq(accepted, 1);
	free(bytes);
}
END_TEST

START_TEST(flipped_bytes)
{
	size_t len;
	unsigned char *bytes = read_zone(zones[_i], &len), *damaged = calloc(1, len);
	uint64_t random = 7 + (uint64_t)_i;
	size_t accepted = 0;

	ck_assert_ptr_nonnull(damaged);
	for (int round = 0; round < 2000; round++) {
		int64_t flips = random_between(&random, 1, 3);
		/* Half of the damage goes to the end, where the types and the footer are. */
		int64_t from = round % 2 && len > 200 ? (int64_t)len - 200 : 0;
		struct zone *zone = NULL;

		memcpy(damaged, bytes, len);
		for (int64_t i = 0; i < flips; i++)
			damaged[random_between(&random, from, (int64_t)len - 1)] ^=
			    (unsigned char)random_between(&random, 1, 255);
		if (parse(damaged, len, &zone, NULL))
			continue;
		ask(zone, &random);
		zone_free(zone);
		accepted++;
	}
	/* Otherwise the zones that slip through were not tried. */
	ck_assert_uint_gt(accepted, 0);
	free(damaged);
	free(bytes);
}
END_TEST

static const struct {
	const char *asked, *name; /* NULL: none is meant */
} spellings[] = {
    {"Europe/Madrid", "Europe/Madrid"},
    {"europe/MADRID", "Europe/Madrid"},
    {"Etc/GMT+5", "Etc/GMT+5"},
    {"etc/gmt 5", "Etc/GMT+5"},
    {"America/New York", "America/New_York"},
    {"new york", "America/New_York"},
    {"new-york", NULL},
    {"Europe Madrid", NULL},
    {"UTC", "UTC"},
    {"GMT+5", "Etc/GMT-5"},
    {"utc 5", "Etc/GMT-5"},
    {"UTC-05:00", "Etc/GMT+5"},
    {"gmt-5", "Etc/GMT+5"},
    {"GMT+05:30", NULL},
    {"GMT+", NULL},
    {"GMT5", NULL},
    {"GMT+555", NULL},
    {"GMT+6", NULL},
    {"Madri", NULL},
    {"Madrid ", NULL},
    {"Europe", NULL},
    {"", NULL},
    {" ", NULL},
};

START_TEST(name_in_any_spelling)
{
	const char *list[] = {
	    "America/New_York", "Etc/GMT+5", "Etc/GMT-5", "Etc/GMT-555", "Europe/Madrid", "UTC"};
	const struct zone_names all = {list, COUNT(list)}, none = {NULL, 0};
	const char *found = zone_names_find(&all, spellings[_i].asked);

	ck_assert_pstr_eq(found, spellings[_i].name);
	ck_assert_ptr_null(zone_names_find(&none, spellings[_i].asked));
}
END_TEST

START_TEST(nothing_to_free)
{
	zone_free(NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("zone");
	TCase *file = tcase_create("file"), *clock = tcase_create("clock");
	TCase *damage = tcase_create("damage");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(file, name_is_sane, 0, (int)COUNT(names));
	tcase_add_loop_test(file, name_in_any_spelling, 0, (int)COUNT(spellings));
	tcase_add_loop_test(file, footer, 0, (int)COUNT(footers));
	tcase_add_test(file, next_change_of_a_footer);
	tcase_add_loop_test(file, bad_footer, 0, (int)COUNT(bad_footers));
	tcase_add_loop_test(file, after_the_last_transition, 0, (int)COUNT(endings));
	tcase_add_loop_test(file, two_changes_within_the_hour, 0, (int)COUNT(close_changes));
	tcase_add_test(file, second_block_is_the_one);
	tcase_add_loop_test(file, damaged_file, 0, (int)COUNT(damages));
	tcase_add_test(file, footer_without_its_lines);
	tcase_add_test(file, types_that_are_too_many);
	tcase_add_test(file, bad_name_is_refused);
	tcase_add_test(file, leap_seconds_are_refused);
	tcase_add_test(file, nothing_to_free);
	suite_add_tcase(suite, file);
	tcase_set_timeout(clock, 60);
	tcase_add_loop_test(clock, reading_of_a_clock, 0, (int)COUNT(readings));
	tcase_add_loop_test(clock, agrees_with_the_c_library, 0, (int)COUNT(zones));
	tcase_add_loop_test(clock, walk_finds_the_same, 0, (int)COUNT(zones));
	suite_add_tcase(suite, clock);
	tcase_set_timeout(damage, 60);
	tcase_add_loop_test(damage, every_truncation, 0, 3);
	tcase_add_loop_test(damage, flipped_bytes, 0, 8);
	suite_add_tcase(suite, damage);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

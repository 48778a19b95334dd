/* SPDX-License-Identifier: MIT */
/* check_counters.c: counts that processes share, and their text */
#include "base/arena.h"
#include "base/counters.h"
#include "descriptors.h"
#include "files.h"

#include <sys/wait.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct arena *arena;
static struct counters *counters;

static void set_up(void)
{
	make_folder();
	arena = arena_new(16 * 1024 * 1024);
	counters = counters_open(folder);
	ck_assert(arena && counters);
}

static void tear_down(void)
{
	counters_close(counters);
	arena_free(arena);
	remove_folder();
}

static const char *name(unsigned route)
{
	return route == 0 ? "/" : route == 1 ? "none" : NULL;
}

static char *text_of(const struct counters *from)
{
	struct text text = text_new(arena, 128 * 1024);

	counters_write(from, name, &text);
	ck_assert(!text_overflowed(&text));
	return text.data;
}

/* As many as there may be. */
static const char *every(unsigned number)
{
	return arena_printf(arena, "%u", number);
}

/* The text has this line, whole. */
static void expect(const char *line)
{
	const char *whole = arena_printf(arena, "\n%s\n", line);

	ck_assert_msg(
	    strstr(text_of(counters), whole), "no line %s in:\n%s", line, text_of(counters));
}

/* Of the machine together: a tenth of a minute's at once, and then each when it is its turn. */
START_TEST(admitted)
{
	struct counters *other = counters_open(folder);
	int64_t now = 5000000;
	int passed = 0;

	for (int i = 0; i < 100; i++)
		passed += counters_admit(i % 2 ? counters : other, now, 600);
	ck_assert_int_eq(passed, 60);
	ck_assert(!counters_admit(counters, now + 99, 600));
	ck_assert(counters_admit(counters, now + 100, 600));
	ck_assert(!counters_admit(counters, now + 100, 600));
	/* Who read the clock a moment ago begins nothing anew. */
	ck_assert(!counters_admit(counters, now, 600));
	for (passed = 0; now < 5000000 + 60000; now += 10)
		passed += counters_admit(counters, now, 600);
	ck_assert_int_eq(passed, 598);
	/* After a rest there is no more at once than before. */
	now += 600000;
	for (passed = 0; passed < 100 && counters_admit(counters, now, 600);)
		passed++;
	ck_assert_int_eq(passed, 60);
	/* A place of another rate or of another boot is none. */
	ck_assert(counters_admit(counters, now - 600000, 600));
	ck_assert(counters_admit(counters, now, 1));
	ck_assert(!counters_admit(counters, now, 1));
	ck_assert(!counters_admit(counters, now + 59999, 1));
	ck_assert(counters_admit(counters, now + 60000, 1));
	ck_assert(counters_admit(counters, now + 60000, 600));
	for (int i = 0; i < 100; i++)
		ck_assert(counters_admit(counters, now, 0));
	ck_assert(counters_admit(NULL, now, 1));
	counters_close(other);
}
END_TEST

/* A count in a hole of the file would end the program once the disk is full. */
START_TEST(no_holes)
{
	struct stat status;
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int files = 0;

	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, "counters.", 9) != 0)
			continue;
		ck_assert_int_eq(stat(path_of(entry->d_name), &status), 0);
		ck_assert_int_gt(status.st_size, 0);
		ck_assert_int_ge(status.st_blocks * 512, status.st_size);
		files++;
	}
	closedir(dir);
	ck_assert_int_eq(files, 1);
}
END_TEST

/* A link that somebody left there is not followed, and counting goes on without it. */
START_TEST(link_in_place)
{
	struct counters *own;
	char *victim;
	DIR *dir;
	struct dirent *entry;

	write_file("victim", "precious");
	dir = opendir(folder);
	while (dir && (entry = readdir(dir)))
		if (strncmp(entry->d_name, "counters.", 9) == 0) {
			char at[600];

			snprintf(at, sizeof(at), "%s", path_of(entry->d_name));
			ck_assert_int_eq(unlink(at), 0);
			ck_assert_int_eq(symlink(path_of("victim"), at), 0);
		}
	closedir(dir);
	own = counters_open(folder);
	counters_set(own, GAUGE_BACKLOG, 5);
	ck_assert_int_eq(counters_get(own, GAUGE_BACKLOG), 5);
	counters_close(own);
	victim = read_text(path_of("victim"));
	ck_assert_str_eq(victim, "precious");
	free(victim);
}
END_TEST

/* Whoever maps the same folder adds to the same counts, and they outlive every process. */
START_TEST(shared)
{
	struct counters *other = counters_open(folder);
	pid_t child;
	int status;

	counters_add(counters, COUNTER_APPEND_REFUSED);
	counters_add(other, COUNTER_APPEND_REFUSED);
	child = fork();
	if (child == 0) {
		struct counters *own = counters_open(folder);

		counters_add(own, COUNTER_APPEND_REFUSED);
		counters_set(own, GAUGE_BACKLOG, 7);
		_exit(0);
	}
	ck_assert(waitpid(child, &status, 0) == child && status == 0);
	counters_close(other);
	expect("slotguard_appends_total{outcome=\"refused\"} 3");
	ck_assert_int_eq(counters_get(counters, GAUGE_BACKLOG), 7);
	counters_close(counters);
	counters = counters_open(folder);
	expect("slotguard_appends_total{outcome=\"refused\"} 3");
}
END_TEST

/* A folder that is not there stops nothing. */
START_TEST(alone)
{
	struct counters *own = counters_open("/nowhere/at/all");

	counters_add(own, COUNTER_BRIEF_SPOOLED);
	ck_assert(strstr(text_of(own), "\nslotguard_briefs_spooled_total 1\n"));
	counters_close(own);
}
END_TEST

static const char *duty_of(unsigned number)
{
	return number < 2 ? (number ? "mail" : "event") : NULL;
}

static const char *state_of(unsigned number)
{
	return number == 3 ? "done" : number == 5 ? "failed" : NULL;
}

START_TEST(deliveries)
{
	struct text text = text_new(arena, 64 * 1024);
	static const struct clocks unknown;

	counters_delivery(counters, 1, 3);
	counters_delivery(counters, 1, 3);
	counters_delivery(counters, 0, 5);
	counters_delivery(counters, 0, 4);
	/* What has no place is counted in no other's either. */
	for (unsigned state = 0; state < COUNTERS_STATES; state++)
		counters_delivery(counters, COUNTERS_DUTIES, state);
	ck_assert_mem_eq(counters_clocks(counters), &unknown, sizeof(unknown));
	counters_delivery(counters, 0, COUNTERS_STATES);
	counters_delivery(NULL, 0, 3);
	counters_write_deliveries(NULL, duty_of, state_of, &text);
	ck_assert_uint_eq(text.len, 0);
	counters_write_deliveries(counters, duty_of, state_of, &text);
	ck_assert_str_eq(text.data,
	    "# HELP slotguard_deliveries_total What tries to deliver came to.\n"
	    "# TYPE slotguard_deliveries_total counter\n"
	    "slotguard_deliveries_total{duty=\"event\",state=\"done\"} 0\n"
	    "slotguard_deliveries_total{duty=\"event\",state=\"failed\"} 1\n"
	    "slotguard_deliveries_total{duty=\"mail\",state=\"done\"} 2\n"
	    "slotguard_deliveries_total{duty=\"mail\",state=\"failed\"} 0\n");
}
END_TEST

START_TEST(nothing)
{
	counters_add(NULL, COUNTER_BRIEF_SPOOLED);
	counters_set(NULL, GAUGE_BACKLOG, 1);
	counters_request(NULL, 0, 200, 1);
	counters_transfer(NULL, SERVICE_RESEND, 1, 1);
	ck_assert_int_eq(counters_get(NULL, GAUGE_BACKLOG), 0);
	ck_assert_str_eq(text_of(NULL), "");
	counters_close(NULL);
}
END_TEST

START_TEST(requests)
{
	int lines = 0;

	counters_request(counters, 0, 200, 5);
	counters_request(counters, 0, 200, 6);
	counters_request(counters, 0, 418, 20000);
	counters_request(counters, 1, 404, -3);
	counters_request(counters, 1, 404, 1);
	counters_request(counters, COUNTERS_ROUTES, 200, 1);
	/* Every status of both routes, from the start: what begins with 1 does not rise. */
	for (const char *at = text_of(counters); (at = strstr(at, "\nslotguard_requests_total{"));
	     at++)
		lines++;
	ck_assert_int_eq(lines, 2 * 20);
	expect("slotguard_requests_total{route=\"none\",status=\"500\"} 0");
	expect("slotguard_requests_total{route=\"/\",status=\"200\"} 2");
	expect("slotguard_requests_total{route=\"/\",status=\"0\"} 1");
	expect("slotguard_requests_total{route=\"none\",status=\"404\"} 2");
	expect("slotguard_request_seconds_bucket{route=\"/\",le=\"0.005\"} 1");
	expect("slotguard_request_seconds_bucket{route=\"/\",le=\"0.01\"} 2");
	expect("slotguard_request_seconds_bucket{route=\"/\",le=\"10\"} 2");
	expect("slotguard_request_seconds_bucket{route=\"/\",le=\"+Inf\"} 3");
	expect("slotguard_request_seconds_sum{route=\"/\"} 20.011");
	expect("slotguard_request_seconds_count{route=\"/\"} 3");
	expect("slotguard_request_seconds_sum{route=\"none\"} 0.001");
}
END_TEST

/* Up to its bound a time falls into a bucket, and above it into the next. */
START_TEST(buckets)
{
	static const struct {
		int64_t ms;
		const char *le;
	} bounds[] = {{5, "0.005"}, {10, "0.01"}, {25, "0.025"}, {50, "0.05"}, {100, "0.1"},
	    {250, "0.25"}, {500, "0.5"}, {1000, "1"}, {2500, "2.5"}, {5000, "5"}, {10000, "10"}};

	for (size_t i = 0; i < COUNT(bounds); i++) {
		counters_request(counters, 0, 200, bounds[i].ms);
		counters_request(counters, 0, 200, bounds[i].ms + 1);
	}
	for (size_t i = 0; i < COUNT(bounds); i++)
		expect(arena_printf(arena,
		    "slotguard_request_seconds_bucket{route=\"/\",le=\"%s\"} %zu", bounds[i].le,
		    2 * i + 1));
	expect("slotguard_request_seconds_bucket{route=\"/\",le=\"+Inf\"} 22");
	expect("slotguard_request_seconds_sum{route=\"/\"} 38.891");
	expect("slotguard_request_seconds_count{route=\"/\"} 22");
}
END_TEST

/* Whatever is counted stands under its own name, help and kind. */
START_TEST(described)
{
	char *at = text_of(counters), family[80] = "";

	for (char *line; (line = strsep(&at, "\n")) && *line;) {
		if (*line == '#') {
			ck_assert_msg(sscanf(line, "# HELP %79s %*s", family) == 1, "%s", line);
			line = strsep(&at, "\n");
			ck_assert_msg(
			    strcmp(line, arena_printf(arena, "# TYPE %s counter", family)) == 0 ||
				strcmp(line, arena_printf(arena, "# TYPE %s histogram", family)) ==
				    0,
			    "%s: %s", family, line);
		} else {
			ck_assert_msg(*family && strncmp(line, family, strlen(family)) == 0,
			    "%s: %s", family, line);
		}
	}
}
END_TEST

/* Whoever only looks makes no file, and sees what others count. */
START_TEST(looked_at)
{
	struct counters *other = counters_look("/nowhere/at/all"), *same;
	struct stat status;
	int files = each_file(NULL), before = count_open(0);

	counters_add(other, COUNTER_BRIEF_SPOOLED);
	counters_close(other);
	same = counters_look(folder);
	counters_add(counters, COUNTER_BRIEF_SPOOLED);
	ck_assert(strstr(text_of(same), "\nslotguard_briefs_spooled_total 1\n"));
	counters_close(same);
	ck_assert_int_eq(each_file(NULL), files);
	ck_assert_int_eq(count_open(0), before);
	counters_close(counters);
	each_file(remove);
	umask(0);
	counters = counters_look(folder);
	ck_assert_int_eq(each_file(NULL), 0);
	counters_close(counters);
	counters = counters_open(folder);
	ck_assert_int_eq(each_file(NULL), 1);
	ck_assert_int_eq(stat(path_of("counters.8"), &status), 0);
	ck_assert_int_eq(status.st_mode & 0777, 0660);
}
END_TEST

START_TEST(last_places)
{
	struct text text = text_new(arena, 64 * 1024);

	counters_request(counters, COUNTERS_ROUTES - 1, 200, 1);
	counters_delivery(counters, COUNTERS_DUTIES - 1, COUNTERS_STATES - 1);
	counters_write(counters, every, &text);
	ck_assert_ptr_nonnull(
	    strstr(text.data, arena_printf(arena, "requests_total{route=\"%d\",status=\"200\"} 1\n",
				  COUNTERS_ROUTES - 1)));
	ck_assert_ptr_null(strstr(text.data, arena_printf(arena, "route=\"%d\"", COUNTERS_ROUTES)));
	text = text_new(arena, 64 * 1024);
	counters_write_deliveries(counters, every, every, &text);
	ck_assert_ptr_nonnull(
	    strstr(text.data, arena_printf(arena, "{duty=\"%d\",state=\"%d\"} 1\n",
				  COUNTERS_DUTIES - 1, COUNTERS_STATES - 1)));
	ck_assert_ptr_null(strstr(text.data, arena_printf(arena, "duty=\"%d\"", COUNTERS_DUTIES)));
	ck_assert_ptr_null(strstr(text.data, arena_printf(arena, "state=\"%d\"", COUNTERS_STATES)));
}
END_TEST

START_TEST(transfers)
{
	counters_transfer(counters, SERVICE_GOOGLE_FREEBUSY, 0, 100);
	counters_transfer(counters, SERVICE_GOOGLE_FREEBUSY, 1, 8000);
	expect("slotguard_upstream_seconds_count{service=\"google\",operation=\"freebusy\"} 2");
	expect("slotguard_upstream_seconds_bucket{service=\"google\",operation=\"freebusy\",le=\"0."
	       "1\"}"
	       " 1");
	expect("slotguard_upstream_failures_total{service=\"google\",operation=\"freebusy\"} 1");
	expect("slotguard_upstream_failures_total{service=\"telegram\",operation=\"message\"} 0");
	expect("slotguard_upstream_failures_total{service=\"clickhouse\",operation=\"read\"} 0");
	expect("slotguard_upstream_seconds_count{service=\"clickhouse\",operation=\"read\"} 0");
}
END_TEST

/* A gauge is what was set last, and never below zero. */
START_TEST(gauges)
{
	counters_set(counters, GAUGE_BACKLOG_SINCE_MS, 5000);
	ck_assert_int_eq(counters_get(counters, GAUGE_BACKLOG_SINCE_MS), 5000);
	counters_set(counters, GAUGE_BACKLOG_SINCE_MS, 1);
	ck_assert_int_eq(counters_get(counters, GAUGE_BACKLOG_SINCE_MS), 1);
	counters_set(counters, GAUGE_BACKLOG_SINCE_MS, -1);
	ck_assert_int_eq(counters_get(counters, GAUGE_BACKLOG_SINCE_MS), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("counters");
	TCase *tcase = tcase_create("counters");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, shared);
	tcase_add_test(tcase, admitted);
	tcase_add_test(tcase, no_holes);
	tcase_add_test(tcase, link_in_place);
	tcase_add_test(tcase, alone);
	tcase_add_test(tcase, deliveries);
	tcase_add_test(tcase, nothing);
	tcase_add_test(tcase, requests);
	tcase_add_test(tcase, buckets);
	tcase_add_test(tcase, described);
	tcase_add_test(tcase, looked_at);
	tcase_add_test(tcase, last_places);
	tcase_add_test(tcase, transfers);
	tcase_add_test(tcase, gauges);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

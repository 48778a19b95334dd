/* SPDX-License-Identifier: MIT */
/* check_zone_file.c: names and files of time zones, and when they are others than before */
#include "store/zone_file.h"
#include "files.h"
#include "times.h"

#include <fcntl.h>

static struct arena *arena;
static struct conf conf;
static struct fail failure;

static void set_up(void)
{
	static unsigned lines_of[200];

	arena = arena_new(8 << 20);
	ck_assert_ptr_nonnull(arena);
	make_folder();
	conf.lines_of = lines_of;
	conf.site.zoneinfo = folder;
	conf.hours.timezone = arena_str(arena, "UTC");
}

static void tear_down(void)
{
	remove_folder();
	arena_free(arena);
}

static unsigned device; /* more than 0: the one on which all files are */

int __real_stat(const char *path, struct stat *found);
int __wrap_stat(const char *path, struct stat *found);
int __wrap_stat(const char *path, struct stat *found)
{
	int done = __real_stat(path, found);

	if (done == 0 && device)
		found->st_dev = device;
	return done;
}

static void copy_zone(const char *name, const char *to)
{
	size_t len;
	unsigned char *bytes = read_zone(name, &len);

	write_bytes(to, (const char *)bytes, len);
	free(bytes);
}

START_TEST(names)
{
	static const char *const wanted[] = {
	    "America/New_York", "Asia/Calcutta", "Asia/Kolkata", "Etc/GMT+5", "US/Eastern"};
	struct zone_names found;

	write_file("tzdata.zi", "# version 2026a\n"
				"R X 1 2 - Mar Su>=8 2 1 D\n"
				"Z Asia/Kolkata 5:53:28 - LMT 1854 Jun 28\n"
				"5:30 - IST\n"
				"Z America/New_York -4:56:2 - LMT 1883 N 18 17u\n"
				"Z ../passwd 0 - x\n"
				"Zone of none\n"
				"L America/New_York US/Eastern\n"
				"L Asia/Kolkata Asia/Calcutta\n"
				"Z Etc/GMT+5 -5 - -05");
	found = zone_file_names(folder, arena);
	ck_assert_uint_eq(found.count, COUNT(wanted));
	for (size_t i = 0; i < COUNT(wanted); i++)
		ck_assert_str_eq(found.list[i], wanted[i]);
}
END_TEST

START_TEST(no_names)
{
	ck_assert_uint_eq(zone_file_names(folder, arena).count, 0);
	write_file("tzdata.zi", "");
	ck_assert_uint_eq(zone_file_names(folder, arena).count, 0);
	write_file("tzdata.zi", "# none\n");
	ck_assert_uint_eq(zone_file_names(folder, arena).count, 0);
}
END_TEST

START_TEST(load)
{
	struct zone *zone = NULL;

	copy_zone("America/New_York", "Here");
	write_file("Broken", "TZif");
	ck_assert_int_eq(zone_file_load(folder, "Here", arena, &zone, &failure), ERR_NONE);
	ck_assert_str_eq(zone_name(zone), "Here");
	ck_assert_int_eq(zone_at(zone, instant("2026-12-01T12:00:00Z")).utc_s, -5 * 3600);
	zone_free(zone);
	ck_assert_int_eq(zone_file_load(folder, "There", arena, &zone, &failure), ERR_NOT_FOUND);
	ck_assert_int_eq(zone_file_load(folder, "../x", arena, &zone, &failure), ERR_NOT_FOUND);
	ck_assert_str_eq(failure.detail, "this is no name of a time zone");
	ck_assert_int_eq(zone_file_load(folder, "Broken", arena, &zone, &failure), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "zone");
	ck_assert_str_eq(failure.detail, "Broken: not a TZif file, or cut short");
}
END_TEST

/* The operator is told which package has a name that is known. */
START_TEST(own)
{
	struct zone *zone = NULL;

	conf.hours.timezone = arena_str(arena, "US/Eastern");
	write_file("tzdata.zi", "Z America/New_York 0 - x\nL America/New_York US/Eastern\n");
	ck_assert_int_eq(zone_file_load_own(&conf, arena, &zone, &failure), ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(failure.detail, "[hours] timezone = US/Eastern: "));
	ck_assert_ptr_nonnull(strstr(failure.detail, "; the package tzdata-legacy has"));
	conf.hours.timezone = arena_str(arena, "US/Nowhere");
	ck_assert_int_eq(zone_file_load_own(&conf, arena, &zone, &failure), ERR_CONFIG);
	ck_assert_ptr_null(strstr(failure.detail, "tzdata-legacy"));
	copy_zone("UTC", "UTC");
	conf.hours.timezone = arena_str(arena, "UTC");
	ck_assert_int_eq(zone_file_load_own(&conf, arena, &zone, &failure), ERR_NONE);
	zone_free(zone);
}
END_TEST

/* Whether the file last changed at that moment; otherwise *at is its new one. */
static bool is_changed_at(struct timespec *at)
{
	const struct timespec before = *at;
	struct stat found;

	ck_assert_int_eq(stat(path_of("UTC"), &found), 0);
	*at = found.st_ctim;
	return at->tv_sec == before.tv_sec && at->tv_nsec == before.tv_nsec;
}

/* Either file, by its content or its time. */
START_TEST(others_than_before)
{
	struct zone_mark mark = {0};
	const struct timespec past[2] = {{1000, 0}, {1000, 1}};
	struct timespec changed = {0, 0};
	char other[600];

	ck_assert(!zone_file_is_new(&conf, arena, &mark));
	write_file("UTC", "one");
	ck_assert(zone_file_is_new(&conf, arena, &mark));
	ck_assert(!zone_file_is_new(&conf, arena, &mark));
	write_file("tzdata.zi", "Z UTC 0 - UTC\n");
	ck_assert(zone_file_is_new(&conf, arena, &mark));
	ck_assert(!zone_file_is_new(&conf, arena, &mark));
	ck_assert_int_eq(utimensat(AT_FDCWD, path_of("UTC"), past, 0), 0);
	ck_assert(zone_file_is_new(&conf, arena, &mark));
	ck_assert(!zone_file_is_new(&conf, arena, &mark));
	/* Packages set the time of what they bring: of another length, and another file as long. */
	write_file("UTC", "three");
	ck_assert_int_eq(utimensat(AT_FDCWD, path_of("UTC"), past, 0), 0);
	ck_assert(zone_file_is_new(&conf, arena, &mark));
	write_file("new", "seven");
	snprintf(other, sizeof(other), "%s", path_of("new"));
	ck_assert_int_eq(utimensat(AT_FDCWD, other, past, 0), 0);
	ck_assert_int_eq(rename(other, path_of("UTC")), 0);
	ck_assert(zone_file_is_new(&conf, arena, &mark));
	ck_assert(!zone_file_is_new(&conf, arena, &mark));
	/* As long, at the same place and of the same time, a clock's tick after the last look. */
	(void)is_changed_at(&changed);
	do {
		write_file("UTC", "eight");
		ck_assert_int_eq(utimensat(AT_FDCWD, path_of("UTC"), past, 0), 0);
	} while (is_changed_at(&changed));
	ck_assert(zone_file_is_new(&conf, arena, &mark));
	/* One that nobody may read, and then everybody. */
	do
		ck_assert_int_eq(chmod(path_of("UTC"), 0644), 0);
	while (is_changed_at(&changed));
	ck_assert(zone_file_is_new(&conf, arena, &mark));
	ck_assert(!zone_file_is_new(&conf, arena, &mark));
	/* An image that another took the place of, made in the same way. */
	device = 7;
	ck_assert(zone_file_is_new(&conf, arena, &mark));
	ck_assert(!zone_file_is_new(&conf, arena, &mark));
	ck_assert_int_eq(unlink(path_of("tzdata.zi")), 0);
	ck_assert(zone_file_is_new(&conf, arena, &mark));
	ck_assert(!zone_file_is_new(&conf, arena, &mark));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("zone_file");
	TCase *all = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(all, set_up, tear_down);
	tcase_add_test(all, names);
	tcase_add_test(all, no_names);
	tcase_add_test(all, load);
	tcase_add_test(all, own);
	tcase_add_test(all, others_than_before);
	suite_add_tcase(suite, all);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

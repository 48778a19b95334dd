/* SPDX-License-Identifier: MIT */
/* check_spool.c: a brief on disk: its name, its content, and a disk that refuses */
#include "net/spool.h"
#include "files.h"
#include "net/json.h"
#include "times.h"

#include <json-c/json.h>
#include <signal.h>
#include <sys/resource.h>

#define ID "0123abcd-4567-4abc-8def-0123456789ab"
#define NAME "1796000000123-" ID ".json"

static struct arena *arena;
static struct fail failure;
static struct lead lead;

static void set_up(void)
{
	make_folder();
	arena = arena_new(1 << 20);
	ck_assert_ptr_nonnull(arena);
	lead = (struct lead){.host = "main",
	    .name = "Ada \"the\" \\ first\n",
	    .email = "ada@example.com",
	    .company = "",
	    .brief = "one\ntwo\t\xc3\xa9 </script>",
	    .timezone = "Europe/Berlin",
	    .created_ms = 1796000000123};
	ck_assert(uuid_parse(ID, &lead.booking));
}

static void tear_down(void)
{
	arena_free(arena);
	remove_folder();
}

START_TEST(content)
{
	struct json_object *object;
	int64_t created_ms = 0;
	struct stat st;
	char *text;

	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_NONE);
	ck_assert_int_eq(each_file(NULL), 1);
	ck_assert_int_eq(stat(path_of(NAME), &st), 0);
	/* Personal data: nobody else reads it. */
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	text = read_text(path_of(NAME));
	object = json_read(text, strlen(text));
	ck_assert_ptr_nonnull(object);
	ck_assert_str_eq(json_text(object, "booking_id"), ID);
	ck_assert(json_integer(object, "created_ms", &created_ms) && created_ms == 1796000000123);
	ck_assert_str_eq(json_text(object, "name"), lead.name);
	ck_assert_str_eq(json_text(object, "email"), lead.email);
	ck_assert_str_eq(json_text(object, "company"), "");
	ck_assert_str_eq(json_text(object, "brief"), lead.brief);
	ck_assert_str_eq(json_text(object, "timezone"), lead.timezone);
	ck_assert_str_eq(json_text(object, "host"), "main");
	ck_assert_int_eq(json_object_object_length(object), 8);
	json_object_put(object);
	free(text);
}
END_TEST

START_TEST(names)
{
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_NONE);
	lead.brief = "another";
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_NONE);
	ck_assert_int_eq(each_file(NULL), 1);
	lead.created_ms++;
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_NONE);
	ck_assert_int_eq(each_file(NULL), 2);
	lead.booking.bytes[0]++;
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_NONE);
	ck_assert_int_eq(each_file(NULL), 3);
}
END_TEST

START_TEST(no_folder)
{
	write_file("file", "");
	ck_assert_int_eq(spool_put(path_of("none"), arena, &lead, &failure), ERR_SYSTEM);
	ck_assert_int_eq(spool_put(path_of("file"), arena, &lead, &failure), ERR_SYSTEM);
	ck_assert_int_eq(failure.code, ERR_SYSTEM);
	ck_assert_int_eq(each_file(NULL), 1);
}
END_TEST

/* A limit on the size of files is as good as a full disk. */
START_TEST(full_disk)
{
	char *long_text = calloc(1, 20001);
	struct rlimit limit;

	ck_assert_ptr_nonnull(long_text);
	memset(long_text, 'x', 20000);
	lead.brief = long_text;
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = 4096;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_SYSTEM);
	limit.rlim_cur = limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(each_file(NULL), 0);
	lead.brief = "short";
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_NONE);
	ck_assert_int_eq(each_file(NULL), 1);
	free(long_text);
}
END_TEST

START_TEST(no_descriptor)
{
	struct rlimit limit = {0, 0};

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = 0;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_SYSTEM);
	limit.rlim_cur = limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_int_eq(each_file(NULL), 0);
}
END_TEST

/* The name is taken by a folder: what was written beside it goes again. */
START_TEST(name_that_is_taken)
{
	ck_assert_int_eq(mkdir(path_of(NAME), 0700), 0);
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_SYSTEM);
	ck_assert_int_eq(each_file(NULL), 1);
}
END_TEST

START_TEST(full_arena)
{
	for (size_t size = 1; size < 200; size += 8) {
		struct arena *small = arena_new(size);

		ck_assert_int_eq(spool_put(folder, small, &lead, &failure), ERR_SYSTEM);
		arena_free(small);
	}
	ck_assert_int_eq(each_file(NULL), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("spool");
	TCase *putting = tcase_create("put"), *refusing = tcase_create("refuse");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(putting, set_up, tear_down);
	tcase_add_test(putting, content);
	tcase_add_test(putting, names);
	suite_add_tcase(suite, putting);
	tcase_add_checked_fixture(refusing, set_up, tear_down);
	tcase_add_test(refusing, no_folder);
	tcase_add_test(refusing, full_disk);
	tcase_add_test(refusing, no_descriptor);
	tcase_add_test(refusing, name_that_is_taken);
	tcase_add_test(refusing, full_arena);
	suite_add_tcase(suite, refusing);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

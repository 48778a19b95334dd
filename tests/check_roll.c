/* SPDX-License-Identifier: MIT */
/* check_roll.c: how many processes of a kind run, however they end */
#include "base/roll.h"
#include "descriptors.h"
#include "files.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

/* A process that stands there until it is killed. */
static pid_t begin(const char *kind)
{
	int said[2];
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe(said), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		close(said[0]);
		roll_enter(folder, kind);
		if (write(said[1], "", 1) == 1)
			pause();
		_exit(0);
	}
	close(said[1]);
	ck_assert_int_eq(read(said[0], &byte, 1), 1);
	close(said[0]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

START_TEST(come_and_go)
{
	pid_t pids[3];

	ck_assert_uint_eq(roll_count(folder, "pages"), 0);
	for (unsigned i = 0; i < 3; i++) {
		pids[i] = begin("pages");
		ck_assert_uint_eq(roll_count(folder, "pages"), i + 1);
	}
	ck_assert_uint_eq(roll_count(folder, "clicks"), 0);
	end(pids[1]);
	ck_assert_uint_eq(roll_count(folder, "pages"), 2);
	pids[1] = begin("pages");
	ck_assert_uint_eq(roll_count(folder, "pages"), 3);
	end(pids[0]);
	end(pids[1]);
	end(pids[2]);
	ck_assert_uint_eq(roll_count(folder, "pages"), 0);
}
END_TEST

/* A process that counts does not lose its own place by that. */
START_TEST(counts_itself)
{
	roll_enter(folder, "ops");
	ck_assert_uint_eq(roll_count(folder, "ops"), 1);
	ck_assert_uint_eq(roll_count(folder, "ops"), 1);
}
END_TEST

/* Whoever finds no place is not counted, and keeps nothing open. */
START_TEST(full)
{
	struct stat st;
	int before = count_open(0);

	umask(0);
	for (unsigned i = 0; i < ROLL_MAX; i++) {
		ck_assert_uint_eq(roll_count(folder, "ops"), i);
		roll_enter(folder, "ops");
	}
	roll_enter(folder, "ops");
	ck_assert_uint_eq(roll_count(folder, "ops"), ROLL_MAX);
	ck_assert_int_eq(count_open(0), before + ROLL_MAX);
	ck_assert_int_eq(stat(path_of("roll.ops"), &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0660);
	ck_assert_int_eq(st.st_size, 0);
}
END_TEST

/* A link that somebody left there is not followed. */
START_TEST(link_in_place)
{
	write_file("victim", "precious");
	ck_assert_int_eq(symlink("victim", path_of("roll.ops")), 0);
	roll_enter(folder, "ops");
	ck_assert_uint_eq(roll_count(folder, "ops"), 0);
}
END_TEST

START_TEST(nowhere)
{
	roll_enter("/nowhere/at/all", "pages");
	ck_assert_uint_eq(roll_count("/nowhere/at/all", "pages"), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("roll");
	TCase *all = tcase_create("roll");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(all, make_folder, remove_folder);
	tcase_add_test(all, come_and_go);
	tcase_add_test(all, counts_itself);
	tcase_add_test(all, full);
	tcase_add_test(all, link_in_place);
	tcase_add_test(all, nowhere);
	suite_add_tcase(suite, all);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

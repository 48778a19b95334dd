/* SPDX-License-Identifier: MIT */
/* check_apart.c: a program of its own is asked, heard and ended, whatever it does; this one is its
 * own reader, under the other's name */
#include "base/apart.h"
#include "descriptors.h"
#include "times.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LARGE (300 * 1024) /* more than a pipe holds */

/* ---- The system's calls, for apart.c: they take a part, are interrupted or fail, once each, when
 * the test wants that. */

static size_t part;
static int write_error, poll_error, wait_error, memfd_error, pipe_error;

static bool fails(int *error)
{
	if (!*error)
		return false;
	errno = *error;
	*error = 0;
	return true;
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	if (fails(&write_error))
		return -1;
	return syscall(SYS_write, fd, bytes, part && len > part ? part : len);
}

/* By the linker, which has this asked: the C library's own is inline. */
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	struct timespec wait = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};

	if (fails(&poll_error))
		return -1;
	return (int)syscall(SYS_ppoll, fds, count, timeout_ms < 0 ? NULL : &wait, NULL, 0);
}

pid_t waitpid(pid_t pid, int *status, int options)
{
	if (fails(&wait_error))
		return -1;
	return (pid_t)syscall(SYS_wait4, pid, status, options, NULL);
}

int memfd_create(const char *name, unsigned flags)
{
	return fails(&memfd_error) ? -1 : (int)syscall(SYS_memfd_create, name, flags);
}

int pipe2(int ends[2], int flags)
{
	return fails(&pipe_error) ? -1 : (int)syscall(SYS_pipe2, ends, flags);
}

/* ---- The reader */

static char text[LARGE + 1], copy[2 * LARGE];

/* What is there beside what it was given. */
static void look_around(char *out, size_t size)
{
	struct stat errors, nothing;
	int variables = 0;

	while (environ[variables])
		variables++;
	fstat(STDERR_FILENO, &errors);
	stat("/dev/null", &nothing);
	snprintf(out, size, "files=%d variables=%d errors=%s", count_open(3), variables,
	    errors.st_rdev == nothing.st_rdev ? "nowhere" : "somewhere");
}

/* Only so many bytes of an answer leave. */
static void answer_in_part(size_t most)
{
	struct fail fine = {0};
	int ends[2];
	ssize_t len;

	if (pipe(ends) == 0 && apart_answer(ends[1], &fine, "0123456789", 10) &&
	    (len = read(ends[0], copy, sizeof(copy))) > 0)
		(void)!write(STDOUT_FILENO, copy, (size_t)len < most ? (size_t)len : most);
}

static int be_reader(int count, char **words)
{
	struct fail fail = {0};
	size_t len = fread(text, 1, LARGE, stdin);
	const char *what = words[1];

	if (strcmp(what, "echo") == 0) {
		for (int i = 2; i < count; i++)
			snprintf(copy + strlen(copy), sizeof(copy) - strlen(copy), "%s|", words[i]);
		strncat(copy, text, len);
		return !apart_answer(STDOUT_FILENO, &fail, copy, strlen(copy));
	}
	if (strcmp(what, "parts") == 0) {
		part = (size_t)atoi(words[2]);
		write_error = EINTR;
		return !apart_answer(STDOUT_FILENO, &fail, text, len);
	}
	if (strcmp(what, "around") == 0) {
		look_around(copy, sizeof(copy));
		return !apart_answer(STDOUT_FILENO, &fail, copy, strlen(copy));
	}
	if (strcmp(what, "refuse") == 0) {
		fail_set(&fail, ERR_TOO_LARGE, "there", "it is too much");
		return !apart_answer(STDOUT_FILENO, &fail, text, len);
	}
	if (strcmp(what, "cut") == 0)
		answer_in_part((size_t)atoi(words[2]));
	if (strcmp(what, "hang") == 0)
		pause();
	return 0;
}

/* ---- Whoever asks */

static struct arena *arena;
static struct fail failure;
static char *answer;
static size_t answer_len;

static int count_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	while (dir && readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static void set_up(void)
{
	setenv("SLOTGUARD_READER", "/proc/self/exe", 1);
	arena = arena_new(1 << 20);
	ck_assert_ptr_nonnull(arena);
	answer = NULL;
	answer_len = 99;
}

static void tear_down(void)
{
	arena_free(arena);
}

/* Nothing is left of it: no child, and no file. */
static enum err ask(const char *what, const char *with, const char *its_text, int64_t limit_ms)
{
	const struct apart_wish wish = {
	    .words = {what, with},
	    .text = its_text,
	    .len = strlen(its_text),
	    .where = "here",
	    .what = "the text",
	    .answer_max = LARGE,
	    .limit_ms = limit_ms,
	};
	int before = count_files();
	enum err err = apart_ask(arena, &wish, &answer, &answer_len, &failure);

	ck_assert_int_eq(count_files(), before);
	ck_assert(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
	if (err) {
		ck_assert_int_eq(failure.code, err);
		ck_assert(!answer && answer_len == 99);
	} else {
		ck_assert_uint_eq(strlen(answer), answer_len);
	}
	return err;
}

static const char *large(size_t len)
{
	static char letters[LARGE + 2];

	memset(letters, 'x', len);
	letters[len] = '\0';
	return letters;
}

START_TEST(answered)
{
	const struct apart_wish wish = {.words = {"echo", "a", "", "c d"},
	    .text = "text",
	    .len = 3,
	    .answer_max = 10,
	    .limit_ms = 60000};

	ck_assert_msg(!ask("echo", NULL, "text", 60000), "%s", failure.detail);
	ck_assert_str_eq(answer, "text");
	ck_assert_int_eq(apart_ask(arena, &wish, &answer, &answer_len, &failure), ERR_NONE);
	ck_assert_str_eq(answer, "a||c d|tex");
	answer = NULL;
	answer_len = 99;
	ck_assert_int_eq(ask("echo", NULL, "", 60000), ERR_NONE);
	ck_assert_uint_eq(answer_len, 0);
}
END_TEST

/* As much as may be, and one byte more. */
START_TEST(long_answer)
{
	ck_assert_msg(!ask("echo", NULL, large(LARGE), 60000), "%s", failure.detail);
	ck_assert_uint_eq(answer_len, LARGE);
	ck_assert_str_eq(answer, large(LARGE));
	answer = NULL;
	answer_len = 99;
	ck_assert_int_eq(ask("echo", "", large(LARGE), 60000), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "here");
	ck_assert_str_eq(failure.detail, "the text cannot be read: its reader died");
}
END_TEST

/* On either side a write takes a part, and calls are interrupted. */
START_TEST(in_parts)
{
	char with[20];

	part = (size_t)_i;
	write_error = poll_error = wait_error = EINTR;
	snprintf(with, sizeof(with), "%d", _i);
	ck_assert_msg(!ask("parts", with, "0123456789", 60000), "%s", failure.detail);
	part = 0;
	ck_assert_str_eq(answer, "0123456789");
	ck_assert_int_eq(poll_error, 0);
}
END_TEST

START_TEST(knows_nothing_else)
{
	int other = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */

	ck_assert_int_ge(other, 0);
	ck_assert_int_eq(ask("around", NULL, "", 60000), ERR_NONE);
	close(other);
	ck_assert_str_eq(answer, "files=0 variables=0 errors=nowhere");
}
END_TEST

START_TEST(refused)
{
	ck_assert_int_eq(ask("refuse", NULL, "text", 60000), ERR_TOO_LARGE);
	ck_assert_str_eq(failure.where, "there");
	ck_assert_str_eq(failure.detail, "it is too much");
}
END_TEST

/* Wherever it ends, what is there is no answer. */
START_TEST(cut)
{
	static const size_t ends[] = {
	    0, 1, 8, 100, sizeof(struct fail), sizeof(struct fail) + 8, sizeof(struct fail) + 17};
	char with[20];

	snprintf(with, sizeof(with), "%zu", ends[_i]);
	ck_assert_int_eq(ask("cut", with, "", 60000), ERR_GARBLED);
	ck_assert_str_eq(failure.detail, "the text cannot be read: its reader died");
}
END_TEST

START_TEST(endless)
{
	ck_assert_int_eq(ask("hang", NULL, "", 100), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "here");
	ck_assert_str_eq(failure.detail, "the text takes longer to read than any should");
	/* Without any time it is not waited for at all. */
	ck_assert_int_eq(ask("echo", NULL, "", 0), ERR_GARBLED);
	ck_assert_str_eq(failure.detail, "the text takes longer to read than any should");
}
END_TEST

static const struct {
	int *error, code;
	enum err err;
	const char *detail;
} refusals[] = {
    {&memfd_error, EMFILE, ERR_SYSTEM, "no memory"},
    {&write_error, ENOSPC, ERR_SYSTEM, "no memory"},
    {&pipe_error, EMFILE, ERR_SYSTEM, "pipe: Too many open files"},
    {&poll_error, ENOMEM, ERR_GARBLED, "the text cannot be read: its reader died"},
};

START_TEST(system_that_refuses)
{
	*refusals[_i].error = refusals[_i].code;
	ck_assert_int_eq(ask("echo", NULL, "text", 60000), refusals[_i].err);
	ck_assert_str_eq(failure.where, "here");
	ck_assert_str_eq(failure.detail, refusals[_i].detail);
}
END_TEST

START_TEST(no_reader)
{
	setenv("SLOTGUARD_READER", "/nowhere/reader", 1);
	ck_assert_int_eq(ask("echo", NULL, "text", 60000), ERR_SYSTEM);
	ck_assert_str_eq(
	    failure.detail, "/nowhere/reader cannot be started: No such file or directory");
}
END_TEST

/* An answer with its NUL, or none at all. */
START_TEST(arena_of_any_size)
{
	for (size_t size = 8; size <= 12; size++) {
		arena_free(arena);
		arena = arena_new(size);
		answer = NULL;
		answer_len = 99;
		ck_assert_int_eq(
		    ask("echo", NULL, "0123456789", 60000), size < 11 ? ERR_SYSTEM : ERR_NONE);
	}
}
END_TEST

/* A failure has no bytes; and whoever speaks to nobody is told. */
START_TEST(spoken)
{
	struct fail fine = {0}, wrong = {.code = ERR_GARBLED};
	off_t head;
	int fd = memfd_create("answer", MFD_CLOEXEC);

	ck_assert(apart_answer(fd, &wrong, "12345", 5));
	head = lseek(fd, 0, SEEK_CUR);
	ck_assert_int_gt(head, (off_t)sizeof(fine));
	ck_assert(apart_answer(fd, &fine, "12345", 5));
	ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), 2 * head + 5);
	close(fd);
	ck_assert(!apart_answer(-1, &fine, "12345", 5));
	write_error = EIO;
	fd = open("/dev/null", O_WRONLY);
	ck_assert(!apart_answer(fd, &fine, "", 0));
	ck_assert(apart_answer(fd, &fine, "", 0));
	close(fd);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("apart");
	TCase *all = tcase_create("all");
	SRunner *runner;
	int failed;

	if (strcmp(argv[0], "slotguard-reader") == 0)
		return be_reader(argc, argv);
	runner = srunner_create(suite);
	tcase_add_checked_fixture(all, set_up, tear_down);
	tcase_add_test(all, answered);
	tcase_add_test(all, long_answer);
	tcase_add_loop_test(all, in_parts, 1, 12);
	tcase_add_test(all, knows_nothing_else);
	tcase_add_test(all, refused);
	tcase_add_loop_test(all, cut, 0, 7);
	tcase_add_test(all, endless);
	tcase_add_loop_test(all, system_that_refuses, 0, (int)COUNT(refusals));
	tcase_add_test(all, no_reader);
	tcase_add_test(all, arena_of_any_size);
	tcase_add_test(all, spoken);
	suite_add_tcase(suite, all);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

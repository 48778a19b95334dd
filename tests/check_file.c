/* SPDX-License-Identifier: MIT */
/* check_file.c: small files, read whole and replaced whole or not at all */
#include "base/file.h"
#include "base/arena.h"
#include "base/clock.h"
#include "descriptors.h"
#include "files.h"
#include "times.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <errno.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* The system's write(), for file.c: it takes a part, after it was interrupted, when the test wants
 * that. */
static size_t part;
static bool is_interrupted;

ssize_t write(int fd, const void *bytes, size_t len)
{
	if (is_interrupted) {
		is_interrupted = false;
		errno = EINTR;
		return -1;
	}
	is_interrupted = part;
	return syscall(SYS_write, fd, bytes, part && len > part ? part : len);
}

/* And its read(), which ends early when the test wants that: by the linker, since the C library's
 * own is inline. */
static size_t end_of_all = SIZE_MAX;

ssize_t __wrap_read(int fd, void *bytes, size_t len);
ssize_t __wrap_read(int fd, void *bytes, size_t len)
{
	ssize_t got;

	if (is_interrupted) {
		is_interrupted = false;
		errno = EINTR;
		return -1;
	}
	is_interrupted = part;
	len = part && len > part ? part : len;
	got = syscall(SYS_read, fd, bytes, len < end_of_all ? len : end_of_all);
	end_of_all -= got > 0 ? (size_t)got : 0;
	return got;
}

/* The clock, which a pause moves; what else happens in a pause; and what it was asked for. */
static int64_t now_ms;
static struct timespec asked_pause;
static int pauses, unlocked_at, lock_of_other = -1;

int64_t clock_boot_ms(void)
{
	return now_ms;
}

int nanosleep(const struct timespec *pause, struct timespec *left)
{
	(void)left;
	asked_pause = *pause;
	now_ms += pause->tv_sec * 1000 + pause->tv_nsec / 1000000;
	if (++pauses == unlocked_at) {
		file_unlock(lock_of_other);
		if (lock_of_other < 0) {
			errno = EINTR;
			return -1;
		}
	}
	return 0;
}

/* And its fsync(), counted. */
static int waits_for_the_disk;

int fsync(int fd)
{
	waits_for_the_disk++;
	return (int)syscall(SYS_fsync, fd);
}

static struct arena *arena;
static struct fail failure;

static void set_up(void)
{
	make_folder();
	arena = arena_new(1 << 16);
	ck_assert_ptr_nonnull(arena);
}

static void tear_down(void)
{
	arena_free(arena);
	remove_folder();
}

START_TEST(read_whole)
{
	static const char bytes[] = "a\0b\nc";
	char *text = NULL;
	size_t len = 99;

	/* What stood in the arena before is no part of it. */
	memset(arena_alloc(arena, 1000), 'z', 1000);
	arena_reset(arena);
	write_bytes("x", bytes, 5);
	ck_assert_int_eq(file_read(path_of("x"), 5, arena, &text, &len, &failure), ERR_NONE);
	ck_assert_uint_eq(len, 5);
	ck_assert_int_eq(memcmp(text, bytes, 6), 0);
	write_bytes("x", "", 0);
	ck_assert_int_eq(file_read(path_of("x"), 0, arena, &text, &len, &failure), ERR_NONE);
	ck_assert_uint_eq(len, 0);
	ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(read_refused)
{
	char *text = (char *)"unset";
	size_t len = 99;

	write_file("x", "12345");
	ck_assert_int_eq(file_read(path_of("x"), 4, arena, &text, &len, &failure), ERR_TOO_LARGE);
	ck_assert_int_eq(file_read(path_of("y"), 9, arena, &text, &len, &failure), ERR_NOT_FOUND);
	ck_assert_int_eq(file_read(path_of("x/y"), 9, arena, &text, &len, &failure), ERR_NOT_FOUND);
	ck_assert_int_eq(file_read(folder, 9, arena, &text, &len, &failure), ERR_NOT_FOUND);
	/* Nobody writes to the pipe, and yet this does not wait. */
	ck_assert_int_eq(mkfifo(path_of("pipe"), 0600), 0);
	ck_assert_int_eq(
	    file_read(path_of("pipe"), 9, arena, &text, &len, &failure), ERR_NOT_FOUND);
	ck_assert_int_eq(symlink("loop", path_of("loop")), 0);
	ck_assert_int_eq(file_read(path_of("loop"), 9, arena, &text, &len, &failure), ERR_CONFIG);
	ck_assert_int_eq(file_read("/dev/zero", 9, arena, &text, &len, &failure), ERR_NOT_FOUND);
	ck_assert_str_eq(text, "unset");
	ck_assert_uint_eq(len, 99);
}
END_TEST

START_TEST(read_into_a_full_arena)
{
	struct arena *small = arena_new(8);
	char *text;
	size_t len;

	write_file("x", "1234567");
	ck_assert_int_eq(file_read(path_of("x"), 99, small, &text, &len, &failure), ERR_NONE);
	arena_reset(small);
	write_file("x", "12345678");
	ck_assert_int_eq(file_read(path_of("x"), 99, small, &text, &len, &failure), ERR_SYSTEM);
	arena_free(small);
}
END_TEST

/* _i: durable */
START_TEST(replaced)
{
	static const char bytes[] = "new\0new";
	struct stat st;
	char *text;
	size_t len;

	umask(0);
	ck_assert_int_eq(file_replace(path_of("x"), "old", 3, _i, &failure), ERR_NONE);
	ck_assert_int_eq(stat(path_of("x"), &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0660);
	ck_assert_int_eq(file_replace(path_of("x"), bytes, 7, _i, &failure), ERR_NONE);
	ck_assert_int_eq(file_read(path_of("x"), 99, arena, &text, &len, &failure), ERR_NONE);
	ck_assert_uint_eq(len, 7);
	ck_assert_int_eq(memcmp(text, bytes, 7), 0);
	ck_assert_int_eq(file_replace(path_of("x"), "", 0, _i, &failure), ERR_NONE);
	ck_assert_int_eq(stat(path_of("x"), &st), 0);
	ck_assert_int_eq(st.st_size, 0);
	ck_assert_int_eq(each_file(NULL), 1);
}
END_TEST

/* A disk, or a signal, may take a part of it at a time. */
START_TEST(written_in_parts)
{
	static const char bytes[] = "0123456789";
	enum err err;
	char *text;
	size_t len;

	part = (size_t)_i;
	is_interrupted = true;
	err = file_replace(path_of("x"), bytes, 10, false, &failure);
	part = 0;
	is_interrupted = false;
	ck_assert_int_eq(err, ERR_NONE);
	/* Of an interruption long ago. */
	errno = EINTR;
	ck_assert_int_eq(file_read(path_of("x"), 99, arena, &text, &len, &failure), ERR_NONE);
	ck_assert_str_eq(text, bytes);
	part = (size_t)_i;
	is_interrupted = true;
	err = file_read(path_of("x"), 99, arena, &text, &len, &failure);
	part = 0;
	is_interrupted = false;
	ck_assert_int_eq(err, ERR_NONE);
	ck_assert_uint_eq(len, 10);
	ck_assert_str_eq(text, bytes);
}
END_TEST

/* One that somebody cuts while it is read is none. */
START_TEST(cut_while_it_is_read)
{
	char *text = NULL;
	size_t len = 99;

	write_file("x", "0123456789");
	part = 4;
	end_of_all = (size_t)_i;
	ck_assert_int_eq(file_read(path_of("x"), 99, arena, &text, &len, &failure),
	    _i < 10 ? ERR_SYSTEM : ERR_NONE);
	part = 0;
	is_interrupted = false;
	end_of_all = SIZE_MAX;
	if (_i < 10) {
		ck_assert_ptr_nonnull(strstr(failure.detail, "/x: cannot be read to its end"));
		ck_assert(!text && len == 99);
	}
}
END_TEST

/* Whatever becomes of it, no file stays open. */
START_TEST(closed)
{
	int before = count_open(0);
	char *text, long_name[300];
	size_t len;

	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	write_file("x", "12345");
	ck_assert_int_eq(file_read(path_of("x"), 5, arena, &text, &len, &failure), ERR_NONE);
	ck_assert_int_eq(file_read(path_of("x"), 4, arena, &text, &len, &failure), ERR_TOO_LARGE);
	ck_assert_ptr_nonnull(strstr(failure.detail, "/x: larger than 4 bytes"));
	ck_assert_int_eq(file_read(folder, 4, arena, &text, &len, &failure), ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(failure.detail, ": not a regular file"));
	ck_assert_int_eq(
	    file_read(path_of(long_name), 4, arena, &text, &len, &failure), ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(failure.detail, ": File name too long"));
	ck_assert_int_eq(file_replace(path_of("y"), "1", 1, true, &failure), ERR_NONE);
	ck_assert_int_eq(file_replace(path_of("none/y"), "1", 1, true, &failure), ERR_SYSTEM);
	ck_assert_int_eq(file_remove(path_of("y"), &failure), ERR_NONE);
	ck_assert_int_eq(file_try_folder(folder, &failure), ERR_NONE);
	arena_alloc(arena, 1 << 20);
	ck_assert_int_eq(file_read(path_of("x"), 5, arena, &text, &len, &failure), ERR_SYSTEM);
	ck_assert_str_eq(failure.detail, "no memory");
	ck_assert_int_eq(count_open(0), before);
}
END_TEST

START_TEST(removed)
{
	char long_path[PATH_MAX];

	write_file("x", "1");
	ck_assert_int_eq(file_remove(path_of("x"), &failure), ERR_NONE);
	ck_assert_int_eq(each_file(NULL), 0);
	ck_assert_int_eq(file_remove(path_of("x"), &failure), ERR_NONE);
	ck_assert_int_eq(mkdir(path_of("folder"), 0700), 0);
	ck_assert_int_eq(file_remove(path_of("folder"), &failure), ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(failure.detail, "/folder cannot be removed: "));
	/* That it is gone is not known of a folder that is not there. */
	ck_assert_int_eq(file_remove(path_of("none/x"), &failure), ERR_SYSTEM);
	ck_assert_ptr_nonnull(
	    strstr(failure.detail, "/none/x cannot be removed: No such file or directory"));
	/* A path of the longest kind is no other's. */
	memset(long_path, '/', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	memcpy(long_path, folder, strlen(folder));
	ck_assert_int_eq(file_try_folder(long_path, &failure), ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(failure.detail, "the path is too long"));
}
END_TEST

/* ---- Locks */

START_TEST(locked)
{
	struct stat st;
	int lock, before = count_open(0);

	umask(0);
	now_ms = 5000;
	pauses = 0;
	lock = file_lock_in(folder, "lock", now_ms, 30);
	ck_assert_int_ge(lock, 0);
	ck_assert_int_eq(pauses, 0);
	ck_assert_int_eq(stat(path_of("lock"), &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0660);
	ck_assert_int_ne(fcntl(lock, F_GETFD) & FD_CLOEXEC, 0);
	/* Another tries at once, and again after each pause, until the time is up. */
	ck_assert_int_eq(file_lock_in(folder, "lock", now_ms, 30), -1);
	ck_assert_int_eq(errno, EWOULDBLOCK);
	ck_assert_int_eq(pauses, 0);
	ck_assert_int_eq(file_lock_in(folder, "lock", 5090, 30), -1);
	ck_assert_int_eq(pauses, 3);
	ck_assert_int_eq(now_ms, 5090);
	ck_assert(asked_pause.tv_sec == 0 && asked_pause.tv_nsec == 30000000);
	pauses = 0;
	ck_assert_int_eq(file_lock_in(folder, "lock", 5091, 2500), -1);
	ck_assert_int_eq(pauses, 1);
	ck_assert(asked_pause.tv_sec == 2 && asked_pause.tv_nsec == 500000000);
	ck_assert_int_eq(file_lock_in(folder, "lock", now_ms + 1, 1000), -1);
	ck_assert(asked_pause.tv_sec == 1 && asked_pause.tv_nsec == 0);
	ck_assert_int_eq(file_lock_in(folder, "lock", now_ms + 1, 999), -1);
	ck_assert(asked_pause.tv_sec == 0 && asked_pause.tv_nsec == 999000000);
	ck_assert_int_eq(count_open(0), before + 1);
	/* It was given back meanwhile. */
	pauses = 0;
	unlocked_at = 2;
	lock_of_other = lock;
	lock = file_lock_in(folder, "lock", now_ms + 1000, 30);
	ck_assert_int_ge(lock, 0);
	ck_assert_int_eq(pauses, 2);
	file_unlock(lock);
	ck_assert_int_eq(count_open(0), before);
	file_unlock(-1);
}
END_TEST

START_TEST(lock_that_cannot_be_had)
{
	int lock, before = count_open(0);

	ck_assert_int_eq(file_lock_in(path_of("none"), "lock", now_ms + 1000, 30), -1);
	write_file("file", "1");
	ck_assert_int_eq(file_lock_in(path_of("file"), "lock", now_ms + 1000, 30), -1);
	ck_assert_int_eq(mkdir(path_of("folder"), 0700), 0);
	ck_assert_int_eq(file_lock_in(folder, "folder", now_ms + 1000, 30), -1);
	pauses = 0;
	ck_assert(!file_lock(-1, now_ms + 1000, 30));
	ck_assert_int_eq(errno, EBADF);
	ck_assert_int_eq(pauses, 0);
	/* A signal ends the wait. */
	lock = file_lock_in(folder, "lock", now_ms, 30);
	unlocked_at = 1;
	lock_of_other = -1;
	ck_assert_int_eq(file_lock_in(folder, "lock", now_ms + 1000, 30), -1);
	ck_assert_int_eq(pauses, 1);
	file_unlock(lock);
	ck_assert_int_eq(count_open(0), before);
}
END_TEST

/* Who has the old file open goes on reading the old one. */
START_TEST(replaced_under_a_reader)
{
	char bytes[4] = "";
	int fd;

	ck_assert_int_eq(file_replace(path_of("x"), "old", 3, false, &failure), ERR_NONE);
	fd = open(path_of("x"), O_RDONLY);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(file_replace(path_of("x"), "new", 3, false, &failure), ERR_NONE);
	ck_assert_int_eq(read(fd, bytes, 3), 3);
	ck_assert_str_eq(bytes, "old");
	close(fd);
}
END_TEST

START_TEST(relative_path)
{
	ck_assert_int_eq(chdir(folder), 0);
	ck_assert_int_eq(file_replace("x", "1", 1, true, &failure), ERR_NONE);
	ck_assert_int_eq(each_file(NULL), 1);
	ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

/* A disk that is full in the middle leaves what was there before, and nothing beside it. */
START_TEST(disk_that_is_full)
{
	static char bytes[20000];
	struct rlimit limit;
	char *text;
	size_t len;

	ck_assert_int_eq(file_replace(path_of("x"), "old", 3, _i, &failure), ERR_NONE);
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = 8192;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(
	    file_replace(path_of("x"), bytes, sizeof(bytes), _i, &failure), ERR_SYSTEM);
	limit.rlim_cur = limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_ptr_nonnull(strstr(failure.detail, "File too large"));
	ck_assert_int_eq(each_file(NULL), 1);
	ck_assert_int_eq(file_read(path_of("x"), 99, arena, &text, &len, &failure), ERR_NONE);
	ck_assert_str_eq(text, "old");
}
END_TEST

START_TEST(place_that_refuses)
{
	char long_path[PATH_MAX + 10];

	ck_assert_int_eq(file_replace(path_of("none/x"), "1", 1, _i, &failure), ERR_SYSTEM);
	write_file("file", "old");
	ck_assert_int_eq(file_replace(path_of("file/x"), "1", 1, _i, &failure), ERR_SYSTEM);
	/* A folder of the name: what was written beside it goes again. */
	ck_assert_int_eq(mkdir(path_of("x"), 0700), 0);
	ck_assert_int_eq(file_replace(path_of("x"), "1", 1, _i, &failure), ERR_SYSTEM);
	memset(long_path, '/', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	ck_assert_int_eq(file_replace(long_path, "1", 1, _i, &failure), ERR_SYSTEM);
	ck_assert_int_eq(each_file(NULL), 2);
}
END_TEST

START_TEST(folder_that_is_tried)
{
	struct rlimit limit;

	waits_for_the_disk = 0;
	ck_assert_int_eq(file_try_folder(folder, &failure), ERR_NONE);
	ck_assert_int_eq(each_file(NULL), 0);
	ck_assert_int_eq(waits_for_the_disk, 0);
	/* A file that has to outlive a crash, and its name. */
	ck_assert_int_eq(file_replace(path_of("x"), "1", 1, true, &failure), ERR_NONE);
	ck_assert_int_eq(waits_for_the_disk, 2);
	ck_assert_int_eq(file_remove(path_of("x"), &failure), ERR_NONE);
	ck_assert_int_eq(waits_for_the_disk, 3);
	write_file("file", "1");
	ck_assert_int_eq(file_try_folder(path_of("file"), &failure), ERR_CONFIG);
	ck_assert_int_eq(file_try_folder(path_of("none"), &failure), ERR_CONFIG);
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = 8192;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(file_try_folder(folder, &failure), ERR_SYSTEM);
	ck_assert_int_eq(each_file(NULL), 1);
	ck_assert_ptr_nonnull(strstr(failure.detail, "nothing can be written into "));
	ck_assert_ptr_nonnull(strstr(failure.detail, ": File too large"));
}
END_TEST

/* Whatever is opened later, nothing that is printed goes there. */
START_TEST(streams_that_are_closed)
{
	int status, first = _i, others = count_open(STDERR_FILENO + 1);
	pid_t child = fork();

	if (child == 0) {
		for (int fd = first; fd <= STDERR_FILENO; fd++)
			close(fd);
		file_hold_streams();
		if (count_open(STDERR_FILENO + 1) != others)
			_exit(3);
		if (open("/dev/null", O_RDWR) <= STDERR_FILENO)
			_exit(1);
		for (int fd = first ? first : 1; fd <= STDERR_FILENO; fd++)
			if (write(fd, "x", 1) != -1 || errno != EBADF)
				_exit(2);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("file");
	TCase *reading = tcase_create("read"), *replacing = tcase_create("replace");
	TCase *locking = tcase_create("lock");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(reading, set_up, tear_down);
	tcase_add_test(reading, read_whole);
	tcase_add_test(reading, read_refused);
	tcase_add_test(reading, read_into_a_full_arena);
	tcase_add_loop_test(reading, cut_while_it_is_read, 0, 12);
	tcase_add_test(reading, closed);
	tcase_add_loop_test(reading, streams_that_are_closed, 0, 3);
	suite_add_tcase(suite, reading);
	tcase_add_checked_fixture(replacing, set_up, tear_down);
	tcase_add_loop_test(replacing, replaced, 0, 2);
	tcase_add_loop_test(replacing, written_in_parts, 1, 12);
	tcase_add_test(replacing, replaced_under_a_reader);
	tcase_add_test(replacing, relative_path);
	tcase_add_loop_test(replacing, disk_that_is_full, 0, 2);
	tcase_add_loop_test(replacing, place_that_refuses, 0, 2);
	tcase_add_test(replacing, folder_that_is_tried);
	tcase_add_test(replacing, removed);
	suite_add_tcase(suite, replacing);
	tcase_add_checked_fixture(locking, set_up, tear_down);
	tcase_add_test(locking, locked);
	tcase_add_test(locking, lock_that_cannot_be_had);
	suite_add_tcase(suite, locking);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

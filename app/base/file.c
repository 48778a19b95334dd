/* SPDX-License-Identifier: MIT */
/* file.c: small files, whole */
#include "base/file.h"
#include "base/arena.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* What a folder is tried with: as much as the longest brief. */
#define TRIAL_BYTES (64 * 1024)

enum err file_read(
    const char *path, size_t max, struct arena *arena, char **bytes, size_t *len, struct fail *fail)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t have = 0;
	struct stat st;
	char *data;

	if (fd < 0)
		return fail_set(fail,
		    errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND
		    : errno == EACCES || errno == ELOOP ? ERR_CONFIG
							: ERR_SYSTEM,
		    "file", "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return fail_set(fail, ERR_NOT_FOUND, "file", "%s: not a regular file", path);
	}
	if ((uintmax_t)st.st_size > max) {
		close(fd);
		return fail_set(
		    fail, ERR_TOO_LARGE, "file", "%s: larger than %zu bytes", path, max);
	}
	data = arena_room(arena, (size_t)st.st_size + 1);
	if (!data) {
		close(fd);
		return fail_set(fail, ERR_SYSTEM, "file", "no memory");
	}
	while (have < (size_t)st.st_size) {
		ssize_t got = read(fd, data + have, (size_t)st.st_size - have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		have += (size_t)got;
	}
	close(fd);
	if (have < (size_t)st.st_size)
		return fail_set(fail, ERR_SYSTEM, "file", "%s: cannot be read to its end", path);
	data[have] = '\0';
	*bytes = data;
	*len = have;
	return ERR_NONE;
}

static bool write_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t put = write(fd, bytes, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return false;
		bytes += put;
		len -= (size_t)put;
	}
	return true;
}

static bool sync_folder(const char *path)
{
	char copy[PATH_MAX];
	bool ok;
	int fd;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ok = fsync(fd) == 0;
	close(fd);
	return ok;
}

enum err file_replace(
    const char *path, const char *bytes, size_t len, int durable, struct fail *fail)
{
	char beside[PATH_MAX];
	bool ok;
	int fd;

	if (snprintf(beside, sizeof(beside), "%s.%ld~", path, (long)getpid()) >=
	    (int)sizeof(beside))
		return fail_set(fail, ERR_SYSTEM, "file", "%.100s…: the path is too long", path);
	fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0660);
	if (fd < 0)
		return fail_set(fail, ERR_SYSTEM, "file", "%s: %s", beside, strerror(errno));
	ok = write_all(fd, bytes, len) && (!durable || fsync(fd) == 0);
	ok = close(fd) == 0 && ok;
	ok = ok && rename(beside, path) == 0 && (!durable || sync_folder(path));
	if (!ok) {
		int why = errno;

		unlink(beside);
		fail_set(fail, ERR_SYSTEM, "file", "%s: %s", path, strerror(why));
		errno = why;
		return ERR_SYSTEM;
	}
	return ERR_NONE;
}

enum err file_remove(const char *path, struct fail *fail)
{
	if ((unlink(path) < 0 && errno != ENOENT) || !sync_folder(path))
		return fail_set(
		    fail, ERR_SYSTEM, "file", "%s cannot be removed: %s", path, strerror(errno));
	return ERR_NONE;
}

bool file_lock(int fd, int64_t deadline, int64_t pause_ms)
{
	const struct timespec pause = {pause_ms / 1000, pause_ms % 1000 * 1000000};

	while (flock(fd, LOCK_EX | LOCK_NB) < 0)
		if (errno != EWOULDBLOCK || clock_boot_ms() >= deadline ||
		    nanosleep(&pause, NULL) < 0)
			return false;
	return true;
}

int file_lock_in(const char *dir, const char *name, int64_t deadline, int64_t pause_ms)
{
	int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), lock;

	if (folder < 0)
		return -1;
	lock = openat(folder, name, O_RDWR | O_CREAT | O_CLOEXEC, 0660);
	close(folder);
	if (lock >= 0 && !file_lock(lock, deadline, pause_ms)) {
		close(lock);
		return -1;
	}
	return lock;
}

void file_unlock(int lock)
{
	if (lock >= 0)
		close(lock);
}

enum err file_try_folder(const char *path, struct fail *fail)
{
	static const char bytes[TRIAL_BYTES];
	char trial[PATH_MAX];
	enum err err;

	if (access(path, R_OK | W_OK | X_OK) < 0)
		return fail_set(fail, ERR_CONFIG, "file",
		    "%s is not a folder that this program may write to", path);
	if (snprintf(trial, sizeof(trial), "%s/.trial.%ld", path, (long)getpid()) >=
	    (int)sizeof(trial))
		return fail_set(fail, ERR_CONFIG, "file", "%.100s…: the path is too long", path);
	err = file_replace(trial, bytes, sizeof(bytes), false, fail);
	if (err)
		fail_set(
		    fail, err, "file", "nothing can be written into %s: %s", path, strerror(errno));
	unlink(trial);
	return err;
}

void file_hold_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

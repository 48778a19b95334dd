/* SPDX-License-Identifier: MIT */
/* roll.c: how many processes of a kind run on this machine */
#include "base/roll.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

static int open_roll(const char *dir, const char *kind, int flags)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/roll.%s", dir, kind);
	return open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0660);
}

/* A byte of the file is a place; the lock goes with the last of its descriptors. */
void roll_enter(const char *dir, const char *kind)
{
	int fd = open_roll(dir, kind, O_RDWR | O_CREAT);

	for (off_t place = 0; fd >= 0 && place < ROLL_MAX; place++) {
		struct flock lock = {.l_type = F_WRLCK, .l_start = place, .l_len = 1};

		if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
			return;
	}
	if (fd >= 0)
		close(fd);
}

unsigned roll_count(const char *dir, const char *kind)
{
	int fd = open_roll(dir, kind, O_RDONLY);
	unsigned count = 0;

	for (off_t place = 0; fd >= 0 && place < ROLL_MAX; place++) {
		struct flock lock = {.l_type = F_RDLCK, .l_start = place, .l_len = 1};

		if (fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
			count++;
	}
	if (fd >= 0)
		close(fd);
	return count;
}

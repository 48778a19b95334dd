/* SPDX-License-Identifier: MIT */
/* file.h: small files, whole */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/*
 * Reads a regular file of at most max bytes into the arena, with a NUL after it that *len does not
 * count. ERR_NOT_FOUND: there is none, or it is no regular file; ERR_TOO_LARGE; ERR_CONFIG: we
 * may not read it, or its links go round; ERR_SYSTEM: it cannot be read.
 */
enum err file_read(const char *path, size_t max, struct arena *arena, char **bytes, size_t *len,
    struct fail *fail) MUST_CHECK;

/*
 * Puts a file in place whole or not at all: written beside it, renamed over it. Its user and its
 * group may read and write it, as far as the umask leaves that. durable also waits until file and
 * name are on disk. ERR_SYSTEM: nothing is there, or what was there before.
 */
enum err file_replace(
    const char *path, const char *bytes, size_t len, int durable, struct fail *fail) MUST_CHECK;

/* Removes a file; that it is gone is on disk before this returns. One that is not there is gone.
 * ERR_SYSTEM: it is still there. */
enum err file_remove(const char *path, struct fail *fail) MUST_CHECK;

/*
 * Takes the lock of an open file (flock), trying each pause_ms until clock_boot_ms() is at the
 * deadline or a signal comes. False: errno says why, EWOULDBLOCK that another has it.
 */
bool file_lock(int fd, int64_t deadline, int64_t pause_ms) MUST_CHECK;
/* The same of a file in a folder, which is made when it is not there: for file_unlock(), or -1. */
int file_lock_in(const char *dir, const char *name, int64_t deadline, int64_t pause_ms) MUST_CHECK;
/* Gives back what the above, or a lock of a module, returned; -1 is nothing. */
void file_unlock(int lock);

/*
 * Whether files can be kept in a folder, by making one and removing it. ERR_CONFIG: it is no
 * folder, or none that this program may write to; ERR_SYSTEM: the disk refuses, since it is full
 * for example. The disk is not waited for: each start does this, before anybody is served.
 */
enum err file_try_folder(const char *path, struct fail *fail) MUST_CHECK;

/*
 * Whoever starts a program without standard input, output or error has its first files and
 * connections take their numbers, and what is printed goes there. After this those that were closed
 * can be read, with nothing in it, and not be written to.
 */
void file_hold_streams(void);

#endif

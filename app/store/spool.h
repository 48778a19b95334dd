/* SPDX-License-Identifier: MIT */
/* spool.h: briefs that came while ClickHouse was down */
#ifndef STORE_SPOOL_H
#define STORE_SPOOL_H

#include "store/leads.h"

/*
 * The folder is bounded, whoever fills it: with so many files, or bytes of them, it takes no more.
 * That is a week of briefs, and less than the reserve of any disk. Workers that write at the same
 * moment may each put one file more.
 */
#define SPOOL_FILES_MAX 5000
#define SPOOL_BYTES_MAX (64 * 1024 * 1024)

/*
 * One file a brief in the spool directory, `<created_ms>-<booking id>.json`, so that names sort in
 * the order of arrival; on disk with its name before this returns. A brief sent twice is one file
 * when both came in the same millisecond, and else two of one booking, which are one lead again in
 * the store. ERR_TOO_LARGE: the folder is full; ERR_SYSTEM: the disk refused.
 */
enum err spool_put(
    const char *dir, struct arena *arena, const struct lead *lead, struct fail *fail) MUST_CHECK;

/* ERR_GARBLED: it is no brief, whole and sane; ERR_NOT_FOUND, ERR_SYSTEM: it cannot be read. */
enum err spool_read(
    const char *path, struct arena *arena, struct lead *out, struct fail *fail) MUST_CHECK;

/* What a file of the spool directory is, by its name. Unfinished: being written, or left by a
 * worker that was killed meanwhile, who has promised nothing. */
enum spool_kind { SPOOL_OTHER, SPOOL_BRIEF, SPOOL_DAMAGED, SPOOL_UNFINISHED };
#define SPOOL_KINDS 4

struct spool_file {
	const char *path, *name; /* the name is the path's end */
	enum spool_kind kind;
	int64_t bytes, written_s; /* how long it is; when it was last written to, wall clock */
	bool has_booking;	  /* its name says whose it is */
	struct uuid booking;
};

struct spool_files {
	struct spool_file *list; /* by name */
	size_t count;
};

/*
 * Whether files can be kept in the folder, as file_try_folder() says it, but for a disk that is
 * full: a worker needs none of it while ClickHouse is up, and the courier alone makes room there.
 */
enum err spool_try(const char *dir, struct fail *fail) MUST_CHECK;

/* Everything that lies in the folder. ERR_NOT_FOUND: there is none; ERR_SYSTEM: it cannot be read.
 */
enum err spool_list(
    const char *dir, struct arena *arena, struct spool_files *out, struct fail *fail) MUST_CHECK;

/* How much there is. */
struct spool_count {
	size_t files, kinds[SPOOL_KINDS];
	int64_t bytes;
	bool is_full;
};
/* As spool_list(). */
enum err spool_count(const char *dir, struct spool_count *out, struct fail *fail) MUST_CHECK;

/*
 * Keeps the couriers of this machine off the folder, each other too; workers go on adding to it.
 * Waits for so long; -1: it is in use, or cannot be opened.
 */
int spool_lock(const char *dir, int64_t wait_ms);

/* Gives a file the name of a damaged one, or an unfinished one that of a brief. ERR_SYSTEM: the
 * disk refused. */
enum err spool_set_aside(const char *path, struct arena *arena, struct fail *fail) MUST_CHECK;
enum err spool_finish(const char *path, struct arena *arena, struct fail *fail) MUST_CHECK;

#endif

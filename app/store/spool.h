/* SPDX-License-Identifier: MIT */
/* spool.h: briefs that came while ClickHouse was down */
#ifndef STORE_SPOOL_H
#define STORE_SPOOL_H

#include "store/leads.h"

/*
 * One file a brief in the spool directory, `<created_ms>-<booking id>.json`, so that names sort in
 * the order of arrival; on disk with its name before this returns. A brief sent twice is one file
 * when both came in the same millisecond, and else two of one booking, which are one lead again in
 * the store. ERR_SYSTEM: the disk refused.
 */
enum err spool_put(
    const char *dir, struct arena *arena, const struct lead *lead, struct fail *fail) MUST_CHECK;

/* ERR_GARBLED: it is no brief, whole and sane; ERR_NOT_FOUND, ERR_SYSTEM: it cannot be read. */
enum err spool_read(
    const char *path, struct arena *arena, struct lead *out, struct fail *fail) MUST_CHECK;

/* What a file of the spool directory is, by its name. Unfinished: being written, or left by a
 * worker that was killed meanwhile, who has promised nothing. */
enum spool_kind { SPOOL_OTHER, SPOOL_BRIEF, SPOOL_DAMAGED, SPOOL_UNFINISHED };
enum spool_kind spool_kind(const char *name);
/* The booking that such a file is named after. False: its name has none. */
bool spool_booking(const char *name, struct uuid *out);

/* Gives a file the name of a damaged one. ERR_SYSTEM: the disk refused. */
enum err spool_set_aside(const char *path, struct arena *arena, struct fail *fail) MUST_CHECK;

#endif

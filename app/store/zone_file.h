/* SPDX-License-Identifier: MIT */
/* zone_file.h: time zones from the system's zone data */
#ifndef STORE_ZONE_FILE_H
#define STORE_ZONE_FILE_H

#include "base/arena.h"
#include "base/conf.h"
#include "core/zone.h"

/*
 * Reads DIR/NAME. ERR_NOT_FOUND: there is no zone of this name, or it is no sane name; ERR_GARBLED:
 * the file is damaged; ERR_SYSTEM: it cannot be read.
 */
enum err zone_file_load(const char *dir, const char *name, struct arena *arena, struct zone **out,
    struct fail *fail) MUST_CHECK;

/* The business's own, [hours] timezone. ERR_CONFIG: a sentence for the operator, which names the
 * package that has a zone whose name is known and whose file is not there. */
enum err zone_file_load_own(
    const struct conf *conf, struct arena *arena, struct zone **out, struct fail *fail) MUST_CHECK;

/* How the files of the business's zone and of the names were when they were looked at last. */
struct zone_mark {
	struct {
		uint64_t device, inode, size;
		int64_t written_ns, changed_ns; /* changed: its owner, rights and names, too */
	} files[2];
};

/* Looks at them again. Whether they are others by now, were written to, or are anybody else's to
 * read: then both are to be read anew, so that every program goes by the same data from its next
 * page or mail on. */
bool zone_file_is_new(const struct conf *conf, struct arena *arena, struct zone_mark *mark);

/*
 * The names of all zones and of their older names, by DIR/tzdata.zi, which the zone data bring
 * along, in the order of their letters. None when it is not there or cannot be read. NULL in the
 * list's place: the arena is full.
 */
struct zone_names zone_file_names(const char *dir, struct arena *arena);

#endif

/* SPDX-License-Identifier: MIT */
/* ledger_state.h: what the replay remembers; for ledger.c and ledger_image.c alone */
#ifndef CORE_LEDGER_STATE_H
#define CORE_LEDGER_STATE_H

#include "base/uuid_table.h"
#include "core/ledger.h"

#define NONE UUID_TABLE_NONE

struct record {
	uint64_t version, since, timed;
	struct interval call, taken;
	uint32_t owner, changes;
	uint32_t meeting, tags[ENTRY_TAGS_MAX]; /* of ledger.names, NONE for none */
	uint8_t calendar;
	bool is_live, is_block, is_erased;
};

/* One live interval; an owner's list is in order of time, since none overlap. */
struct live {
	struct interval taken;
	uint32_t record;
};

struct owner {
	char name[OWNER_MAX];
	struct live *list;
	size_t count, room;
};

struct ledger {
	struct ledger_mark mark;
	uint64_t base; /* the epoch's: version = base + number */
	struct uuid_table ids;
	struct uuid_table bookings; /* the booking's index is that of its record */
	struct record *records;
	size_t record_room;
	struct owner *owners;
	size_t owner_count, owner_room;
	char (*names)[TAG_MAX]; /* tags and meetings, each once */
	size_t name_count, name_room;
	uint8_t *verdicts; /* of each entry, by its position */
	size_t verdict_room;
	/* Where a state that was made of an image has its lists, until they need more room. */
	const char *image;
	size_t image_size;
};

/* Whether a list is part of the image, and so is neither given back nor grown in its place. */
static inline bool is_of_image(const struct ledger *ledger, const void *list)
{
	const char *at = list;

	return ledger->image && at >= ledger->image && at < ledger->image + ledger->image_size;
}

#endif

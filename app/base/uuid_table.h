/* SPDX-License-Identifier: MIT */
/* uuid_table.h: uuid → index, the index being how many came before it */
#ifndef BASE_UUID_TABLE_H
#define BASE_UUID_TABLE_H

#include "base/uuid.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * A set of ids that only grows and numbers them from 0 in the order in which they came. What
 * belongs to an id stands in the caller's own array, at that index. A zeroed table is an empty one.
 */
struct uuid_table {
	struct uuid *ids;
	uint32_t *slots; /* an index + 1, or 0 for none */
	size_t count, room;
	size_t size;  /* of slots: a power of two, or 0 */
	bool is_lent; /* ids and slots are somebody else's memory, which may be written to */
};

#define UUID_TABLE_NONE UINT32_MAX

/*
 * Copies a table into memory of the caller's, zeroed, where there is room for so many ids and
 * slots, and makes *out a table in that memory. The slots are uuid_table_slots(room), and room is
 * at least the table's count.
 */
size_t uuid_table_slots(size_t room);
void uuid_table_copy(const struct uuid_table *table, struct uuid *ids, uint32_t *slots, size_t room,
    struct uuid_table *out);

/* Gives back what the table holds, not the table; it is empty afterwards. */
void uuid_table_free(struct uuid_table *table);

/* The id's index, or UUID_TABLE_NONE. About two and a half looks, however the ids were made. */
uint32_t uuid_table_find(const struct uuid_table *table, const struct uuid *id);

/* The id is looked for soon: its slot is on its way from memory by then. Changes nothing. */
void uuid_table_expect(const struct uuid_table *table, const struct uuid *id);

/* Makes room for one more id. False: no memory, and the table is as it was. */
bool uuid_table_reserve(struct uuid_table *table);

/* Adds an id that is not there, for which there is room; returns its index. Cannot fail. */
uint32_t uuid_table_put(struct uuid_table *table, const struct uuid *id);

#endif

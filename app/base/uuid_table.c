/* SPDX-License-Identifier: MIT */
/* uuid_table.c: uuid → index, the index being how many came before it */
#include "base/uuid_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 64
#define FIRST_ROOM 32

void uuid_table_free(struct uuid_table *table)
{
	if (!table->is_lent) {
		free(table->ids);
		free(table->slots);
	}
	*table = (struct uuid_table){0};
}

/*
 * Ids are random in all but the bits of version and variant, yet imported ones need not be: so both
 * halves are mixed, and no byte decides alone.
 */
static size_t hash(const struct uuid *id)
{
	uint64_t high, low;

	memcpy(&high, id->bytes, 8);
	memcpy(&low, id->bytes + 8, 8);
	high = (high ^ (low >> 29)) * UINT64_C(0x9e3779b97f4a7c15) ^ low;
	return (size_t)(high ^ high >> 32);
}

/* Open addressing with linear probing: the slot of the id, or the free one where it would be. */
static uint32_t *slot_of(const struct uuid_table *table, const struct uuid *id)
{
	for (size_t at = hash(id);; at++) {
		uint32_t *slot = &table->slots[at & (table->size - 1)];

		if (!*slot || uuid_equal(&table->ids[*slot - 1], id))
			return slot;
	}
}

void uuid_table_expect(const struct uuid_table *table, const struct uuid *id)
{
	if (table->size)
		__builtin_prefetch(&table->slots[hash(id) & (table->size - 1)]);
}

uint32_t uuid_table_find(const struct uuid_table *table, const struct uuid *id)
{
	uint32_t slot = table->size ? *slot_of(table, id) : 0;

	return slot ? slot - 1 : UUID_TABLE_NONE;
}

/* The table is at most three quarters full, so that looks stay short. */
static bool is_roomy(const struct uuid_table *table)
{
	return (table->count + 1) * 4 <= table->size * 3;
}

static bool reserve_slots(struct uuid_table *table)
{
	struct uuid_table bigger = *table;

	if (is_roomy(table))
		return true;
	bigger.size = table->size ? table->size * 2 : FIRST_SIZE;
	bigger.slots = calloc(bigger.size, sizeof(*bigger.slots));
	if (!bigger.slots)
		return false;
	for (size_t i = 0; i < table->count; i++)
		*slot_of(&bigger, &table->ids[i]) = (uint32_t)i + 1;
	free(table->slots);
	*table = bigger;
	return true;
}

size_t uuid_table_slots(size_t room)
{
	size_t size = FIRST_SIZE;

	while (room * 4 > size * 3)
		size *= 2;
	return size;
}

void uuid_table_copy(const struct uuid_table *table, struct uuid *ids, uint32_t *slots, size_t room,
    struct uuid_table *out)
{
	struct uuid_table made = {ids, slots, table->count, room, uuid_table_slots(room), true};

	assert(room >= table->count);
	if (table->count)
		memcpy(ids, table->ids, table->count * sizeof(*ids));
	if (made.size == table->size)
		memcpy(slots, table->slots, made.size * sizeof(*slots));
	for (size_t i = 0; i < table->count && made.size != table->size; i++)
		*slot_of(&made, &ids[i]) = (uint32_t)i + 1;
	*out = made;
}

/* Into memory of its own: somebody else's stays as it is. */
static bool move(struct uuid_table *table)
{
	struct uuid *ids = calloc(table->room, sizeof(*ids));
	uint32_t *slots = calloc(table->size, sizeof(*slots));

	if (!ids || !slots) {
		free(ids);
		free(slots);
		return false;
	}
	memcpy(ids, table->ids, table->count * sizeof(*ids));
	memcpy(slots, table->slots, table->size * sizeof(*slots));
	table->ids = ids;
	table->slots = slots;
	table->is_lent = false;
	return true;
}

bool uuid_table_reserve(struct uuid_table *table)
{
	size_t room = table->room < FIRST_ROOM ? FIRST_ROOM : table->room + table->room / 2;
	struct uuid *ids;

	if (table->count >= UUID_TABLE_NONE - 1)
		return false;
	if (table->count < table->room && is_roomy(table))
		return true;
	if (table->is_lent && !move(table))
		return false;
	if (table->count == table->room) {
		ids = reallocarray(table->ids, room, sizeof(*ids));
		if (!ids)
			return false;
		table->ids = ids;
		table->room = room;
	}
	return reserve_slots(table);
}

uint32_t uuid_table_put(struct uuid_table *table, const struct uuid *id)
{
	uint32_t *slot;

	assert(table->count < table->room && is_roomy(table));
	slot = slot_of(table, id);
	assert(!*slot);
	table->ids[table->count] = *id;
	*slot = (uint32_t)++table->count;
	return *slot - 1;
}

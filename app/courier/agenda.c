/* SPDX-License-Identifier: MIT */
/* agenda.c: the bookings of which something may be due, and when to look at each */
#include "courier/agenda.h"

#include <stdlib.h>

static void free_item(struct agenda_item *item)
{
	duties_free(&item->duties);
	free(item);
}

void agenda_free(struct agenda *agenda)
{
	for (size_t i = agenda->table.count; i-- > 0;)
		free_item(agenda->items[i]);
	free(agenda->items);
	uuid_table_free(&agenda->table);
	*agenda = (struct agenda){0};
}

struct agenda_item *agenda_find(const struct agenda *agenda, const struct uuid *booking)
{
	uint32_t at = uuid_table_find(&agenda->table, booking);

	return at == UUID_TABLE_NONE ? NULL : agenda->items[at];
}

/* Puts an item at the end, which is not there yet. */
static bool add(struct agenda *agenda, struct agenda_item *item)
{
	struct agenda_item **items;

	if (!uuid_table_reserve(&agenda->table))
		return false;
	if (agenda->room != agenda->table.room) {
		items = reallocarray(agenda->items, agenda->table.room, sizeof(*items));
		if (!items)
			return false;
		agenda->items = items;
		agenda->room = agenda->table.room;
	}
	agenda->items[uuid_table_put(&agenda->table, &item->duties.booking)] = item;
	return true;
}

struct agenda_item *agenda_open(struct agenda *agenda, const struct uuid *booking)
{
	struct agenda_item *item = agenda_find(agenda, booking);

	if (item)
		return item;
	item = calloc(1, sizeof(*item));
	if (!item)
		return NULL;
	item->duties.booking = *booking;
	item->number = agenda->opened;
	if (!add(agenda, item)) {
		free(item);
		return NULL;
	}
	agenda->opened++;
	return item;
}

struct agenda_item *agenda_at(const struct agenda *agenda, size_t index)
{
	return index < agenda->table.count ? agenda->items[index] : NULL;
}

void agenda_touch(struct agenda_item *item)
{
	item->look_ms = 0;
	item->is_urgent = true;
	item->is_over = false;
}

void agenda_sweep(struct agenda *agenda)
{
	struct agenda kept = {.opened = agenda->opened};
	bool is_any = false, is_whole = true;

	for (size_t i = 0; i < agenda->table.count; i++)
		is_any = is_any || agenda->items[i]->is_over;
	if (!is_any)
		return;
	for (size_t i = 0; is_whole && i < agenda->table.count; i++)
		if (!agenda->items[i]->is_over)
			is_whole = add(&kept, agenda->items[i]);
	if (!is_whole) {
		free(kept.items);
		uuid_table_free(&kept.table);
		return;
	}
	for (size_t i = agenda->table.count; i-- > 0;)
		if (agenda->items[i]->is_over)
			free_item(agenda->items[i]);
	free(agenda->items);
	uuid_table_free(&agenda->table);
	*agenda = kept;
}

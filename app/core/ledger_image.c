/* SPDX-License-Identifier: MIT */
/* ledger_image.c: the replayed state as one stretch of bytes, and back */
#include "core/ledger_image.h"
#include "core/ledger_state.h"

#include <stdlib.h>
#include <string.h>

/* Raised whenever the replay comes to other states, or an image is laid out otherwise. */
#define VERSION 2
#define MAGIC (UINT64_C(0x6c6564676572) << 16 | VERSION)
/* Parts begin at pages, so that what one of them grows by is no other's. */
#define PAGE 4096

enum part {
	PART_HEAD,
	PART_IDS,
	PART_ID_SLOTS,
	PART_BOOKINGS,
	PART_BOOKING_SLOTS,
	PART_RECORDS,
	PART_NAMES,
	PART_VERDICTS,
	PART_OWNERS,
	PART_LIVE, /* of the first owner; the others' follow */
	PARTS,
};

/* Where a list stands in the image, how many bytes of it are in use, and for how many there is
 * room. */
struct place {
	uint64_t at, used, room;
};

struct head {
	uint64_t magic, size;
	uint64_t sizes[4]; /* of the structs that stand in it */
	struct place places[PARTS];
	struct ledger state; /* its pointers mean nothing */
};

static void name_sizes(uint64_t sizes[4])
{
	sizes[0] = sizeof(struct ledger);
	sizes[1] = sizeof(struct record);
	sizes[2] = sizeof(struct owner);
	sizes[3] = sizeof(struct live);
}

/* An eighth more than there is, and a day's work. */
static size_t roomy(size_t count)
{
	return count + count / 8 + 4096;
}

static uint64_t up(uint64_t at)
{
	return (at + PAGE - 1) / PAGE * PAGE;
}

static uint64_t put_place(struct place *place, uint64_t at, size_t used, size_t room)
{
	*place = (struct place){at, used, room};
	return up(at + room);
}

/* Lays the image out; returns its size. */
static uint64_t lay_out(const struct ledger *ledger, struct place places[PARTS])
{
	size_t ids = roomy(ledger->ids.count), bookings = roomy(ledger->bookings.count),
	       owners = roomy(ledger->owner_count), names = roomy(ledger->name_count),
	       id_slots = uuid_table_slots(ids) * sizeof(uint32_t),
	       booking_slots = uuid_table_slots(bookings) * sizeof(uint32_t);
	uint64_t at = put_place(&places[PART_HEAD], 0, sizeof(struct head), sizeof(struct head));

	at = put_place(&places[PART_IDS], at, ledger->ids.count * sizeof(struct uuid),
	    ids * sizeof(struct uuid));
	at = put_place(&places[PART_ID_SLOTS], at, id_slots, id_slots);
	at = put_place(&places[PART_BOOKINGS], at, ledger->bookings.count * sizeof(struct uuid),
	    bookings * sizeof(struct uuid));
	at = put_place(&places[PART_BOOKING_SLOTS], at, booking_slots, booking_slots);
	at = put_place(&places[PART_RECORDS], at, ledger->bookings.count * sizeof(struct record),
	    bookings * sizeof(struct record));
	at = put_place(&places[PART_NAMES], at, ledger->name_count * TAG_MAX, names * TAG_MAX);
	at = put_place(&places[PART_VERDICTS], at, ledger->mark.count, roomy(ledger->mark.count));
	at = put_place(&places[PART_OWNERS], at, ledger->owner_count * sizeof(struct owner),
	    owners * sizeof(struct owner));
	places[PART_LIVE].at = at;
	for (size_t i = 0; i < ledger->owner_count; i++)
		at = up(at + roomy(ledger->owners[i].count) * sizeof(struct live));
	places[PART_LIVE].used = places[PART_LIVE].room = at - places[PART_LIVE].at;
	return at;
}

size_t ledger_image_size(const struct ledger *ledger)
{
	struct place places[PARTS];

	return lay_out(ledger, places);
}

static void copy(char *image, const struct place *place, const void *list)
{
	if (place->used)
		memcpy(image + place->at, list, place->used);
}

static void copy_table(char *image, const struct place *ids, const struct place *slots,
    const struct uuid_table *table, struct uuid_table *out)
{
	uuid_table_copy(table, (struct uuid *)(image + ids->at), (uint32_t *)(image + slots->at),
	    ids->room / sizeof(struct uuid), out);
}

void ledger_image_write(const struct ledger *ledger, void *image)
{
	struct head *head = image;
	struct place *places = head->places;
	struct owner *owners;
	char *bytes = image;
	uint64_t at;

	*head = (struct head){.magic = MAGIC, .state = *ledger};
	name_sizes(head->sizes);
	head->size = lay_out(ledger, places);
	copy_table(
	    bytes, &places[PART_IDS], &places[PART_ID_SLOTS], &ledger->ids, &head->state.ids);
	copy_table(bytes, &places[PART_BOOKINGS], &places[PART_BOOKING_SLOTS], &ledger->bookings,
	    &head->state.bookings);
	copy(bytes, &places[PART_RECORDS], ledger->records);
	copy(bytes, &places[PART_NAMES], ledger->names);
	copy(bytes, &places[PART_VERDICTS], ledger->verdicts);
	copy(bytes, &places[PART_OWNERS], ledger->owners);
	head->state.record_room = places[PART_RECORDS].room / sizeof(struct record);
	head->state.name_room = places[PART_NAMES].room / TAG_MAX;
	head->state.verdict_room = places[PART_VERDICTS].room;
	head->state.owner_room = places[PART_OWNERS].room / sizeof(struct owner);
	owners = (struct owner *)(bytes + places[PART_OWNERS].at);
	at = places[PART_LIVE].at;
	for (size_t i = 0; i < ledger->owner_count; i++) {
		owners[i].room = roomy(owners[i].count);
		if (owners[i].count)
			memcpy(bytes + at, ledger->owners[i].list,
			    owners[i].count * sizeof(struct live));
		at = up(at + owners[i].room * sizeof(struct live));
	}
}

bool ledger_image_part(const void *image, size_t index, const void **data, size_t *len)
{
	const struct head *head = image;
	const char *bytes = image;
	const struct owner *owners = (const struct owner *)(bytes + head->places[PART_OWNERS].at);
	uint64_t at = head->places[PART_LIVE].at;

	if (index < PART_LIVE) {
		*data = bytes + head->places[index].at;
		*len = head->places[index].used;
		return true;
	}
	index -= PART_LIVE;
	if (index >= head->state.owner_count)
		return false;
	for (size_t i = 0; i < index; i++)
		at = up(at + owners[i].room * sizeof(struct live));
	*data = bytes + at;
	*len = owners[index].count * sizeof(struct live);
	return true;
}

/* Whether every place lies within the image; the lists of the owners one after the other. */
static bool is_laid_out(const struct head *head, const char *bytes)
{
	const struct owner *owners = (const struct owner *)(bytes + head->places[PART_OWNERS].at);
	uint64_t at = head->places[PART_LIVE].at;

	for (int i = 0; i < PARTS; i++) {
		const struct place *place = &head->places[i];

		if (place->at % PAGE || place->used > place->room || place->at > head->size ||
		    place->room > head->size - place->at)
			return false;
	}
	if (head->state.owner_count > head->places[PART_OWNERS].used / sizeof(struct owner))
		return false;
	for (size_t i = 0; i < head->state.owner_count; i++) {
		if (owners[i].count > owners[i].room ||
		    owners[i].room > (head->size - at) / sizeof(struct live))
			return false;
		at = up(at + owners[i].room * sizeof(struct live));
		if (at > head->size)
			return false;
	}
	return true;
}

static void open_table(
    char *image, const struct place *ids, const struct place *slots, struct uuid_table *table)
{
	table->ids = (struct uuid *)(image + ids->at);
	table->slots = (uint32_t *)(image + slots->at);
	table->is_lent = true;
}

struct ledger *ledger_image_open(void *image, size_t size)
{
	struct head *head = image;
	const struct place *places = head->places;
	uint64_t sizes[4], at;
	struct ledger *ledger;
	char *bytes = image;

	name_sizes(sizes);
	if (size < sizeof(*head) || head->magic != MAGIC || head->size != size ||
	    memcmp(sizes, head->sizes, sizeof(sizes)) != 0 || !is_laid_out(head, bytes))
		return NULL;
	ledger = calloc(1, sizeof(*ledger));
	if (!ledger)
		return NULL;
	*ledger = head->state;
	ledger->image = bytes;
	ledger->image_size = size;
	open_table(bytes, &places[PART_IDS], &places[PART_ID_SLOTS], &ledger->ids);
	open_table(bytes, &places[PART_BOOKINGS], &places[PART_BOOKING_SLOTS], &ledger->bookings);
	ledger->records = (struct record *)(bytes + places[PART_RECORDS].at);
	ledger->names = (char(*)[TAG_MAX])(bytes + places[PART_NAMES].at);
	ledger->verdicts = (uint8_t *)(bytes + places[PART_VERDICTS].at);
	ledger->owners = (struct owner *)(bytes + places[PART_OWNERS].at);
	at = places[PART_LIVE].at;
	for (size_t i = 0; i < ledger->owner_count; i++) {
		ledger->owners[i].list = (struct live *)(bytes + at);
		at = up(at + ledger->owners[i].room * sizeof(struct live));
	}
	return ledger;
}

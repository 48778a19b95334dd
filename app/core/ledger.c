/* SPDX-License-Identifier: MIT */
/* ledger.c: the replay: state × entry → state, accepted or refused because … */
#include "core/ledger.h"
#include "base/mutate.h"
#include "core/ledger_state.h"

#include <stdlib.h>
#include <string.h>

const char *verdict_name(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_ACCEPTED:
		return "accepted";
	case VERDICT_REPEATED:
		return "repeated";
	case VERDICT_STALE:
		return "stale";
	case VERDICT_OVERLAP:
		return "overlap";
	case VERDICT_CAP:
		return "cap";
	case VERDICT_CHANGES:
		return "changes";
	case VERDICT_NOT_LIVE:
		return "not_live";
	case VERDICT_ERASED:
		return "erased";
	case VERDICT_MALFORMED:
		return "malformed";
	}
	return "unknown";
}

struct ledger *ledger_new(void)
{
	return calloc(1, sizeof(struct ledger));
}

static void give_back(const struct ledger *ledger, void *list)
{
	if (!is_of_image(ledger, list))
		free(list);
}

void ledger_free(struct ledger *ledger)
{
	if (!ledger)
		return;
	for (size_t i = 0; i < ledger->owner_count; i++)
		give_back(ledger, ledger->owners[i].list);
	give_back(ledger, ledger->owners);
	give_back(ledger, ledger->names);
	give_back(ledger, ledger->records);
	give_back(ledger, ledger->verdicts);
	uuid_table_free(&ledger->bookings);
	uuid_table_free(&ledger->ids);
	free(ledger);
}

/* Makes room for one more element; false: no memory, nothing changed. */
static bool grow(const struct ledger *ledger, void **list, size_t count, size_t *room, size_t size)
{
	size_t more = *room ? *room + *room / 2 : 16;
	bool is_lent = is_of_image(ledger, *list);
	void *bigger;

	if (count < *room)
		return true;
	bigger = reallocarray(is_lent ? NULL : *list, more, size);
	if (!bigger)
		return false;
	if (is_lent)
		memcpy(bigger, *list, *room * size);
	*list = bigger;
	*room = more;
	return true;
}

static uint32_t find_owner(const struct ledger *ledger, const char *name)
{
	for (size_t i = 0; i < ledger->owner_count; i++)
		if (strcmp(ledger->owners[i].name, name) == 0)
			return (uint32_t)i;
	return NONE;
}

static uint32_t find_name(const struct ledger *ledger, const char *name)
{
	for (size_t i = 0; *name && i < ledger->name_count; i++)
		if (strcmp(ledger->names[i], name) == 0)
			return (uint32_t)i;
	return NONE;
}

/* The first live interval that ends after this instant. */
static size_t first_after(const struct owner *owner, int64_t instant)
{
	size_t low = 0, high = owner->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (owner->list[middle].taken.end > instant)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static bool is_taken(const struct owner *owner, struct interval wanted, uint32_t except)
{
	for (size_t i = first_after(owner, wanted.start);
	     i < owner->count && owner->list[i].taken.start < wanted.end; i++)
		if (owner->list[i].record != except)
			return true;
	return false;
}

static bool bears(const struct record *record, uint32_t name)
{
	for (size_t i = 0; i < ENTRY_TAGS_MAX; i++)
		if (record->tags[i] == name)
			return true;
	return false;
}

/*
 * Of one owner, and of all its calls when the tag is its name. Calls are within their taken
 * intervals, so a call that starts within begins in a taken interval that overlaps it.
 */
static size_t count_of_owner(const struct ledger *ledger, const struct owner *owner,
    const char *tag, struct interval within, uint32_t except)
{
	bool is_every = strcmp(owner->name, tag) == 0;
	uint32_t name = find_name(ledger, tag);
	size_t count = 0;

	for (size_t i = first_after(owner, within.start);
	     (is_every || name != NONE) && i < owner->count &&
	     owner->list[i].taken.start < within.end;
	     i++) {
		const struct record *record = &ledger->records[owner->list[i].record];

		count += owner->list[i].record != except && !record->is_block &&
			 (is_every || bears(record, name)) && record->call.start >= within.start &&
			 record->call.start < within.end;
	}
	return count;
}

static size_t count_calls(
    const struct ledger *ledger, const char *tag, struct interval within, uint32_t except)
{
	size_t count = 0;

	for (size_t i = 0; i < ledger->owner_count; i++)
		count += count_of_owner(ledger, &ledger->owners[i], tag, within, except);
	return count;
}

static bool is_capped(const struct ledger *ledger, const struct entry *entry, uint32_t except)
{
	for (size_t i = 0; i < entry->cap_count; i++) {
		const struct cap *cap = &entry->caps[i];

		if (count_calls(ledger, *cap->tag ? cap->tag : entry->owner, cap->within, except) >=
		    cap->limit)
			return true;
	}
	return false;
}

static bool is_changed_enough(const struct entry *entry, const struct record *record)
{
	uint64_t allowed = (uint64_t)entry->max_changes + (entry->kind == ENTRY_CANCEL);

	return entry->max_changes && entry->actor == ACTOR_PROSPECT && record &&
	       record->changes >= allowed;
}

static void leave(struct ledger *ledger, uint32_t index)
{
	struct record *record = &ledger->records[index];
	struct owner *owner = &ledger->owners[record->owner];
	size_t at = first_after(owner, record->taken.start);

	memmove(
	    &owner->list[at], &owner->list[at + 1], (owner->count - at - 1) * sizeof(*owner->list));
	owner->count--;
	record->is_live = false;
}

/* The caller has made room. */
static void take(struct ledger *ledger, uint32_t index, uint32_t owner_index)
{
	struct record *record = &ledger->records[index];
	struct owner *owner = &ledger->owners[owner_index];
	size_t at = first_after(owner, record->taken.start);

	memmove(&owner->list[at + 1], &owner->list[at], (owner->count - at) * sizeof(*owner->list));
	owner->list[at] = (struct live){record->taken, index};
	owner->count++;
	record->owner = owner_index;
	record->is_live = true;
}

static bool is_taking(const struct entry *entry)
{
	return entry->kind == ENTRY_BOOK || entry->kind == ENTRY_BLOCK ||
	       (entry->kind == ENTRY_RESTORE && entry->call.start != entry->call.end);
}

/* The judgement: reads the state, changes nothing. record may be NULL, owner may be NULL. Model:
 * step `judge`. */
static enum verdict judge(const struct ledger *ledger, const struct entry *entry,
    const struct record *record, const struct owner *owner)
{
	bool wants_block = entry->kind == ENTRY_BLOCK || entry->kind == ENTRY_UNBLOCK;
	uint32_t self = record ? (uint32_t)(record - ledger->records) : NONE;

	if (entry->kind == ENTRY_EPOCH || uuid_is_nil(&entry->booking))
		return VERDICT_MALFORMED;
	if (record && record->is_erased)
		return VERDICT_ERASED;
	if (record && entry->kind != ENTRY_ERASE && record->is_block != wants_block)
		return VERDICT_MALFORMED;
	if (entry->kind == ENTRY_RESTORE
		? record != NULL
		: entry->version != (record ? record->version : 0) && !MUTATED(NO_VERSION_CHECK))
		return VERDICT_STALE;
	/* A version from before this epoch, so that the next one is higher. */
	if (entry->kind == ENTRY_RESTORE && (!entry->version || entry->version > ledger->base))
		return VERDICT_MALFORMED;
	if (entry->kind == ENTRY_ERASE)
		return VERDICT_ACCEPTED;
	/* A booking from elsewhere has an interval that the ledger does not know: its cancel takes
	 * it over. */
	if (entry->kind == ENTRY_CANCEL && !record)
		return VERDICT_ACCEPTED;
	if (entry->kind == ENTRY_RESTORE && !is_taking(entry))
		return VERDICT_ACCEPTED;
	if (!is_taking(entry) && !(record && record->is_live))
		return VERDICT_NOT_LIVE;
	if (is_changed_enough(entry, record) && !MUTATED(NO_CHANGES_CHECK))
		return VERDICT_CHANGES;
	if (!is_taking(entry))
		return VERDICT_ACCEPTED;

	if (!entry->owner[0] || entry->call.start >= entry->call.end ||
	    entry->taken.start > entry->call.start || entry->taken.end < entry->call.end)
		return VERDICT_MALFORMED;
	if (owner && is_taken(owner, entry->taken, self) && !MUTATED(NO_OVERLAP_CHECK))
		return VERDICT_OVERLAP;
	if (is_capped(ledger, entry, self) && !MUTATED(NO_CAP_CHECK))
		return VERDICT_CAP;
	return VERDICT_ACCEPTED;
}

enum verdict ledger_judge(const struct ledger *ledger, const struct entry *entry)
{
	uint32_t record = uuid_table_find(&ledger->bookings, &entry->booking),
		 owner = find_owner(ledger, entry->owner);

	return judge(ledger, entry, record == NONE ? NULL : &ledger->records[record],
	    owner == NONE ? NULL : &ledger->owners[owner]);
}

/* Room for every name that the entry may bring. */
static bool reserve_names(struct ledger *ledger)
{
	size_t most =
	    ledger->name_count + ENTRY_TAGS_MAX; /* and the meeting, when there is one more */

	return grow(ledger, (void **)&ledger->names, most, &ledger->name_room, TAG_MAX);
}

/* Room for whatever accepting the entry needs, so that the change itself cannot fail half-way. */
static bool reserve(
    struct ledger *ledger, const struct entry *entry, uint32_t *record, uint32_t *owner)
{
	if (*record == NONE) {
		if (!grow(ledger, (void **)&ledger->records, ledger->bookings.count,
			&ledger->record_room, sizeof(struct record)) ||
		    !uuid_table_reserve(&ledger->bookings))
			return false;
		*record = uuid_table_put(&ledger->bookings, &entry->booking);
		ledger->records[*record] = (struct record){.owner = NONE, .meeting = NONE};
		for (size_t i = 0; i < ENTRY_TAGS_MAX; i++)
			ledger->records[*record].tags[i] = NONE;
	}
	if (!is_taking(entry))
		return true;
	if (!reserve_names(ledger))
		return false;
	if (*owner == NONE) {
		if (!grow(ledger, (void **)&ledger->owners, ledger->owner_count,
			&ledger->owner_room, sizeof(struct owner)))
			return false;
		*owner = (uint32_t)ledger->owner_count++;
		ledger->owners[*owner] = (struct owner){0};
		memcpy(ledger->owners[*owner].name, entry->owner, OWNER_MAX);
	}
	return grow(ledger, (void **)&ledger->owners[*owner].list, ledger->owners[*owner].count,
	    &ledger->owners[*owner].room, sizeof(struct live));
}

/* There is room. */
static uint32_t name_of(struct ledger *ledger, const char *name)
{
	uint32_t found = find_name(ledger, name);

	if (found != NONE || !*name)
		return found;
	strcpy(ledger->names[ledger->name_count], name);
	return (uint32_t)ledger->name_count++;
}

static void accept(struct ledger *ledger, const struct entry *entry, uint32_t index, uint32_t owner)
{
	struct record *record = &ledger->records[index];
	bool was_live = record->is_live;

	if (was_live)
		leave(ledger, index);
	record->version =
	    entry->kind == ENTRY_RESTORE ? entry->version : ledger_version(ledger, entry->number);
	if (entry->kind == ENTRY_ERASE)
		record->is_erased = true;
	record->changes += entry->actor == ACTOR_PROSPECT;
	if (!is_taking(entry))
		return;
	if (!was_live)
		record->since = entry->kind == ENTRY_RESTORE ? 0 : record->version;
	if (!was_live || record->call.start != entry->call.start ||
	    record->call.end != entry->call.end)
		record->timed = record->version;
	record->is_block = entry->kind == ENTRY_BLOCK;
	record->call = entry->call;
	record->taken = entry->taken;
	record->calendar = (uint8_t)entry->calendar;
	record->meeting = name_of(ledger, entry->meeting);
	for (size_t i = 0; i < ENTRY_TAGS_MAX; i++)
		record->tags[i] = i < entry->tag_count ? name_of(ledger, entry->tags[i]) : NONE;
	take(ledger, index, owner);
}

/* As a server reads it, whatever machine this is. */
static uint64_t first_half(const struct uuid *id)
{
	uint64_t half = 0;

	for (int i = 7; i >= 0; i--)
		half = half << 8 | id->bytes[i];
	return half;
}

enum err ledger_apply(
    struct ledger *ledger, const struct entry *entry, enum verdict *verdict, struct fail *fail)
{
	bool is_first = ledger->mark.count == 0,
	     is_repeated = uuid_table_find(&ledger->ids, &entry->id) != NONE;
	uint32_t record, owner;
	enum verdict found;

	if (is_first && entry->kind != ENTRY_EPOCH)
		return fail_set(fail, ERR_LEDGER, "ledger", "the first entry is no epoch");
	if (!is_first && entry->number <= ledger->mark.number)
		return fail_set(fail, ERR_LEDGER, "ledger",
		    "entry numbers repeat (%llu after %llu)", (unsigned long long)entry->number,
		    (unsigned long long)ledger->mark.number);
	if (!uuid_table_reserve(&ledger->ids) ||
	    !grow(ledger, (void **)&ledger->verdicts, ledger->mark.count, &ledger->verdict_room, 1))
		return fail_set(fail, ERR_SYSTEM, "ledger", "no memory");

	if (is_first) {
		ledger->mark.epoch = entry->id;
		ledger->mark.table = entry->booking;
		ledger->base = entry->version;
		found = VERDICT_ACCEPTED;
	} else if (is_repeated && !MUTATED(IGNORE_REPEATED_ID)) {
		found = VERDICT_REPEATED;
	} else {
		found = ledger_judge(ledger, entry);
		if (found == VERDICT_ACCEPTED) {
			record = uuid_table_find(&ledger->bookings, &entry->booking);
			owner = find_owner(ledger, entry->owner);
			if (!reserve(ledger, entry, &record, &owner))
				return fail_set(fail, ERR_SYSTEM, "ledger", "no memory");
			accept(ledger, entry, record, owner);
		}
	}
	if (!is_repeated)
		uuid_table_put(&ledger->ids, &entry->id);
	ledger->verdicts[ledger->mark.count++] = (uint8_t)found;
	ledger->mark.number = entry->number;
	ledger->mark.id = entry->id;
	ledger->mark.sum += entry->number * first_half(&entry->id);
	*verdict = found;
	return ERR_NONE;
}

void ledger_expect(const struct ledger *ledger, const struct entry *entry)
{
	uuid_table_expect(&ledger->ids, &entry->id);
	uuid_table_expect(&ledger->bookings, &entry->booking);
}

struct ledger_mark ledger_mark(const struct ledger *ledger)
{
	return ledger->mark;
}

enum verdict ledger_verdict(const struct ledger *ledger, uint64_t position)
{
	return position < ledger->mark.count ? ledger->verdicts[position] : VERDICT_MALFORMED;
}

uint64_t ledger_version(const struct ledger *ledger, uint64_t number)
{
	return ledger->base + number;
}

bool ledger_at(const struct ledger *ledger, size_t index, struct ledger_booking *out)
{
	const struct record *record;

	if (index >= ledger->bookings.count)
		return false;
	record = &ledger->records[index];
	*out = (struct ledger_booking){
	    .id = ledger->bookings.ids[index],
	    .version = record->version,
	    .since_version = record->since,
	    .call_version = record->timed,
	    .changes = record->changes,
	    .is_live = record->is_live,
	    .is_block = record->is_block,
	    .is_erased = record->is_erased,
	    .calendar = record->calendar,
	    .owner = record->owner == NONE ? "" : ledger->owners[record->owner].name,
	    .call = record->call,
	    .taken = record->taken,
	};
	if (record->meeting != NONE)
		strcpy(out->meeting, ledger->names[record->meeting]);
	for (size_t i = 0; i < ENTRY_TAGS_MAX && record->tags[i] != NONE; i++)
		strcpy(out->tags[out->tag_count++], ledger->names[record->tags[i]]);
	return true;
}

bool ledger_find(
    const struct ledger *ledger, const struct uuid *booking, struct ledger_booking *out)
{
	uint32_t index = uuid_table_find(&ledger->bookings, booking);

	if (index != NONE)
		return ledger_at(ledger, index, out);
	*out = (struct ledger_booking){.id = *booking, .owner = ""};
	return false;
}

size_t ledger_busy(const struct ledger *ledger, const char *name, struct interval within,
    const struct uuid *except, struct ledger_booking *out, size_t max)
{
	uint32_t index = find_owner(ledger, name),
		 self = except ? uuid_table_find(&ledger->bookings, except) : NONE;
	const struct owner *owner = index == NONE ? NULL : &ledger->owners[index];
	size_t count = 0;

	if (!owner || within.start >= within.end)
		return 0;
	for (size_t i = first_after(owner, within.start);
	     i < owner->count && owner->list[i].taken.start < within.end; i++) {
		if (owner->list[i].record == self)
			continue;
		if (count < max)
			ledger_at(ledger, owner->list[i].record, &out[count]);
		count++;
	}
	return count;
}

size_t ledger_count_calls(
    const struct ledger *ledger, const char *tag, struct interval within, const struct uuid *except)
{
	uint32_t self = except ? uuid_table_find(&ledger->bookings, except) : NONE;

	return count_calls(ledger, tag, within, self);
}

const char *ledger_owner(const struct ledger *ledger, size_t index)
{
	return index < ledger->owner_count ? ledger->owners[index].name : NULL;
}

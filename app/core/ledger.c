/* SPDX-License-Identifier: MIT */
/* ledger.c: the replay: state × entry → state, accepted or refused because … */
#include "core/ledger.h"
#include "base/mutate.h"
#include "base/uuid_table.h"

#include <stdlib.h>
#include <string.h>

#define NONE UUID_TABLE_NONE

struct subject {
	uint64_t version, since;
	struct interval call, taken;
	uint32_t host, changes;
	uint32_t meeting, tags[ENTRY_TAGS_MAX]; /* of ledger.names, NONE for none */
	uint8_t calendar;
	bool is_live, is_block, is_erased;
};

/* One live interval; a host's list is in order of time, since none overlap. */
struct live {
	struct interval taken;
	uint32_t subject;
};

struct host {
	char name[LEDGER_HOST_MAX];
	struct live *list;
	size_t count, room;
};

struct ledger {
	struct ledger_mark mark;
	uint64_t base; /* the epoch's: version = base + number */
	struct uuid_table ids;
	struct uuid_table bookings; /* the booking's index is that of its subject */
	struct subject *subjects;
	size_t subject_room;
	struct host *hosts;
	size_t host_count, host_room;
	char (*names)[TAG_MAX]; /* tags and meetings, each once */
	size_t name_count, name_room;
};

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

void ledger_free(struct ledger *ledger)
{
	if (!ledger)
		return;
	for (size_t i = 0; i < ledger->host_count; i++)
		free(ledger->hosts[i].list);
	free(ledger->hosts);
	free(ledger->names);
	free(ledger->subjects);
	uuid_table_free(&ledger->bookings);
	uuid_table_free(&ledger->ids);
	free(ledger);
}

/* Makes room for one more element; false: no memory, nothing changed. */
static bool grow(void **list, size_t count, size_t *room, size_t size)
{
	size_t more = *room ? *room + *room / 2 : 16;
	void *bigger;

	if (count < *room)
		return true;
	bigger = reallocarray(*list, more, size);
	if (!bigger)
		return false;
	*list = bigger;
	*room = more;
	return true;
}

static uint32_t find_host(const struct ledger *ledger, const char *name)
{
	for (size_t i = 0; i < ledger->host_count; i++)
		if (strcmp(ledger->hosts[i].name, name) == 0)
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
static size_t first_after(const struct host *host, int64_t instant)
{
	size_t low = 0, high = host->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (host->list[middle].taken.end > instant)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static bool is_taken(const struct host *host, struct interval wanted, uint32_t except)
{
	for (size_t i = first_after(host, wanted.start);
	     i < host->count && host->list[i].taken.start < wanted.end; i++)
		if (host->list[i].subject != except)
			return true;
	return false;
}

static bool bears(const struct subject *subject, uint32_t name)
{
	for (size_t i = 0; i < ENTRY_TAGS_MAX; i++)
		if (subject->tags[i] == name)
			return true;
	return false;
}

/*
 * Of one host, and of all its calls when the tag is its name. Calls are within their taken
 * intervals, so a call that starts within begins in a taken interval that overlaps it.
 */
static size_t count_of_host(const struct ledger *ledger, const struct host *host, const char *tag,
    struct interval within, uint32_t except)
{
	bool is_every = strcmp(host->name, tag) == 0;
	uint32_t name = find_name(ledger, tag);
	size_t count = 0;

	for (size_t i = first_after(host, within.start);
	     (is_every || name != NONE) && i < host->count &&
	     host->list[i].taken.start < within.end;
	     i++) {
		const struct subject *subject = &ledger->subjects[host->list[i].subject];

		count += host->list[i].subject != except && !subject->is_block &&
			 (is_every || bears(subject, name)) &&
			 subject->call.start >= within.start && subject->call.start < within.end;
	}
	return count;
}

static size_t count_calls(
    const struct ledger *ledger, const char *tag, struct interval within, uint32_t except)
{
	size_t count = 0;

	for (size_t i = 0; i < ledger->host_count; i++)
		count += count_of_host(ledger, &ledger->hosts[i], tag, within, except);
	return count;
}

static bool is_capped(const struct ledger *ledger, const struct entry *entry, uint32_t except)
{
	for (size_t i = 0; i < entry->cap_count; i++) {
		const struct cap *cap = &entry->caps[i];

		if (count_calls(ledger, *cap->tag ? cap->tag : entry->host, cap->within, except) >=
		    cap->limit)
			return true;
	}
	return false;
}

static bool is_changed_enough(const struct entry *entry, const struct subject *subject)
{
	uint64_t allowed = (uint64_t)entry->max_changes + (entry->kind == ENTRY_CANCEL);

	return entry->max_changes && entry->actor == ACTOR_PROSPECT && subject &&
	       subject->changes >= allowed;
}

static void leave(struct ledger *ledger, uint32_t index)
{
	struct subject *subject = &ledger->subjects[index];
	struct host *host = &ledger->hosts[subject->host];
	size_t at = first_after(host, subject->taken.start);

	memmove(&host->list[at], &host->list[at + 1], (host->count - at - 1) * sizeof(*host->list));
	host->count--;
	subject->is_live = false;
}

/* The caller has made room. */
static void take(struct ledger *ledger, uint32_t index, uint32_t host_index)
{
	struct subject *subject = &ledger->subjects[index];
	struct host *host = &ledger->hosts[host_index];
	size_t at = first_after(host, subject->taken.start);

	memmove(&host->list[at + 1], &host->list[at], (host->count - at) * sizeof(*host->list));
	host->list[at] = (struct live){subject->taken, index};
	host->count++;
	subject->host = host_index;
	subject->is_live = true;
}

static bool is_taking(const struct entry *entry)
{
	return entry->kind == ENTRY_BOOK || entry->kind == ENTRY_BLOCK ||
	       (entry->kind == ENTRY_RESTORE && entry->call.start != entry->call.end);
}

/* The judgement: reads the state, changes nothing. subject may be NULL, host may be NULL. Model:
 * step `judge`. */
static enum verdict judge(const struct ledger *ledger, const struct entry *entry,
    const struct subject *subject, const struct host *host)
{
	bool wants_block = entry->kind == ENTRY_BLOCK || entry->kind == ENTRY_UNBLOCK;
	uint32_t self = subject ? (uint32_t)(subject - ledger->subjects) : NONE;

	if (entry->kind == ENTRY_EPOCH || uuid_is_nil(&entry->booking))
		return VERDICT_MALFORMED;
	if (subject && subject->is_erased)
		return VERDICT_ERASED;
	if (subject && entry->kind != ENTRY_ERASE && subject->is_block != wants_block)
		return VERDICT_MALFORMED;
	if (entry->kind == ENTRY_RESTORE
		? subject != NULL
		: entry->version != (subject ? subject->version : 0) && !MUTATED(NO_VERSION_CHECK))
		return VERDICT_STALE;
	/* A version from before this epoch, so that the next one is higher. */
	if (entry->kind == ENTRY_RESTORE && (!entry->version || entry->version > ledger->base))
		return VERDICT_MALFORMED;
	if (entry->kind == ENTRY_ERASE)
		return VERDICT_ACCEPTED;
	/* A booking from elsewhere has an interval that the ledger does not know: its cancel takes
	 * it over. */
	if (entry->kind == ENTRY_CANCEL && !subject)
		return VERDICT_ACCEPTED;
	if (entry->kind == ENTRY_RESTORE && !is_taking(entry))
		return VERDICT_ACCEPTED;
	if (!is_taking(entry) && !(subject && subject->is_live))
		return VERDICT_NOT_LIVE;
	if (is_changed_enough(entry, subject) && !MUTATED(NO_CHANGES_CHECK))
		return VERDICT_CHANGES;
	if (!is_taking(entry))
		return VERDICT_ACCEPTED;

	if (!entry->host[0] || entry->call.start >= entry->call.end ||
	    entry->taken.start > entry->call.start || entry->taken.end < entry->call.end)
		return VERDICT_MALFORMED;
	if (host && is_taken(host, entry->taken, self) && !MUTATED(NO_OVERLAP_CHECK))
		return VERDICT_OVERLAP;
	if (is_capped(ledger, entry, self) && !MUTATED(NO_CAP_CHECK))
		return VERDICT_CAP;
	return VERDICT_ACCEPTED;
}

enum verdict ledger_judge(const struct ledger *ledger, const struct entry *entry)
{
	uint32_t subject = uuid_table_find(&ledger->bookings, &entry->booking),
		 host = find_host(ledger, entry->host);

	return judge(ledger, entry, subject == NONE ? NULL : &ledger->subjects[subject],
	    host == NONE ? NULL : &ledger->hosts[host]);
}

/* Room for every name that the entry may bring. */
static bool reserve_names(struct ledger *ledger)
{
	size_t most =
	    ledger->name_count + ENTRY_TAGS_MAX; /* and the meeting, when there is one more */

	return grow((void **)&ledger->names, most, &ledger->name_room, TAG_MAX);
}

/* Room for whatever accepting the entry needs, so that the change itself cannot fail half-way. */
static bool reserve(
    struct ledger *ledger, const struct entry *entry, uint32_t *subject, uint32_t *host)
{
	if (*subject == NONE) {
		if (!grow((void **)&ledger->subjects, ledger->bookings.count, &ledger->subject_room,
			sizeof(struct subject)) ||
		    !uuid_table_reserve(&ledger->bookings))
			return false;
		*subject = uuid_table_put(&ledger->bookings, &entry->booking);
		ledger->subjects[*subject] = (struct subject){.host = NONE, .meeting = NONE};
		for (size_t i = 0; i < ENTRY_TAGS_MAX; i++)
			ledger->subjects[*subject].tags[i] = NONE;
	}
	if (!is_taking(entry))
		return true;
	if (!reserve_names(ledger))
		return false;
	if (*host == NONE) {
		if (!grow((void **)&ledger->hosts, ledger->host_count, &ledger->host_room,
			sizeof(struct host)))
			return false;
		*host = (uint32_t)ledger->host_count++;
		ledger->hosts[*host] = (struct host){0};
		memcpy(ledger->hosts[*host].name, entry->host, LEDGER_HOST_MAX);
		ledger->hosts[*host].name[LEDGER_HOST_MAX - 1] = '\0';
	}
	return grow((void **)&ledger->hosts[*host].list, ledger->hosts[*host].count,
	    &ledger->hosts[*host].room, sizeof(struct live));
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

static void accept(struct ledger *ledger, const struct entry *entry, uint32_t index, uint32_t host)
{
	struct subject *subject = &ledger->subjects[index];
	bool was_live = subject->is_live;

	if (was_live)
		leave(ledger, index);
	subject->version =
	    entry->kind == ENTRY_RESTORE ? entry->version : ledger_version(ledger, entry->number);
	if (entry->kind == ENTRY_ERASE)
		subject->is_erased = true;
	subject->changes += entry->actor == ACTOR_PROSPECT;
	if (!is_taking(entry))
		return;
	if (!was_live)
		subject->since = entry->kind == ENTRY_RESTORE ? 0 : subject->version;
	subject->is_block = entry->kind == ENTRY_BLOCK;
	subject->call = entry->call;
	subject->taken = entry->taken;
	subject->calendar = (uint8_t)entry->calendar;
	subject->meeting = name_of(ledger, entry->meeting);
	for (size_t i = 0; i < ENTRY_TAGS_MAX; i++)
		subject->tags[i] = i < entry->tag_count ? name_of(ledger, entry->tags[i]) : NONE;
	take(ledger, index, host);
}

enum err ledger_apply(
    struct ledger *ledger, const struct entry *entry, enum verdict *verdict, struct fail *fail)
{
	bool is_first = ledger->mark.count == 0,
	     is_repeated = uuid_table_find(&ledger->ids, &entry->id) != NONE;
	uint32_t subject, host;
	enum verdict found;

	if (is_first && entry->kind != ENTRY_EPOCH)
		return fail_set(fail, ERR_LEDGER, "ledger", "the first entry is no epoch");
	if (!is_first && entry->number <= ledger->mark.number)
		return fail_set(fail, ERR_LEDGER, "ledger",
		    "entry numbers repeat (%llu after %llu)", (unsigned long long)entry->number,
		    (unsigned long long)ledger->mark.number);
	if (!uuid_table_reserve(&ledger->ids))
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
			subject = uuid_table_find(&ledger->bookings, &entry->booking);
			host = find_host(ledger, entry->host);
			if (!reserve(ledger, entry, &subject, &host))
				return fail_set(fail, ERR_SYSTEM, "ledger", "no memory");
			accept(ledger, entry, subject, host);
		}
	}
	if (!is_repeated)
		uuid_table_put(&ledger->ids, &entry->id);
	ledger->mark.number = entry->number;
	ledger->mark.id = entry->id;
	ledger->mark.count++;
	*verdict = found;
	return ERR_NONE;
}

struct ledger_mark ledger_mark(const struct ledger *ledger)
{
	return ledger->mark;
}

uint64_t ledger_version(const struct ledger *ledger, uint64_t number)
{
	return ledger->base + number;
}

bool ledger_at(const struct ledger *ledger, size_t index, struct ledger_booking *out)
{
	const struct subject *subject;

	if (index >= ledger->bookings.count)
		return false;
	subject = &ledger->subjects[index];
	*out = (struct ledger_booking){
	    .id = ledger->bookings.ids[index],
	    .version = subject->version,
	    .since_version = subject->since,
	    .changes = subject->changes,
	    .is_live = subject->is_live,
	    .is_block = subject->is_block,
	    .is_erased = subject->is_erased,
	    .calendar = subject->calendar,
	    .host = subject->host == NONE ? "" : ledger->hosts[subject->host].name,
	    .call = subject->call,
	    .taken = subject->taken,
	};
	if (subject->meeting != NONE)
		strcpy(out->meeting, ledger->names[subject->meeting]);
	for (size_t i = 0; i < ENTRY_TAGS_MAX && subject->tags[i] != NONE; i++)
		strcpy(out->tags[out->tag_count++], ledger->names[subject->tags[i]]);
	return true;
}

bool ledger_find(
    const struct ledger *ledger, const struct uuid *booking, struct ledger_booking *out)
{
	uint32_t index = uuid_table_find(&ledger->bookings, booking);

	if (index != NONE)
		return ledger_at(ledger, index, out);
	*out = (struct ledger_booking){.id = *booking, .host = ""};
	return false;
}

size_t ledger_busy(const struct ledger *ledger, const char *name, struct interval within,
    const struct uuid *except, struct ledger_booking *out, size_t max)
{
	uint32_t index = find_host(ledger, name),
		 self = except ? uuid_table_find(&ledger->bookings, except) : NONE;
	const struct host *host = index == NONE ? NULL : &ledger->hosts[index];
	size_t count = 0;

	if (!host || within.start >= within.end)
		return 0;
	for (size_t i = first_after(host, within.start);
	     i < host->count && host->list[i].taken.start < within.end; i++) {
		if (host->list[i].subject == self)
			continue;
		if (count < max)
			ledger_at(ledger, host->list[i].subject, &out[count]);
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

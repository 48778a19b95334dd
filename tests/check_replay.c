/* SPDX-License-Identifier: MIT */
/* check_replay.c: the ledger's invariants under random commands, against a model that keeps plain
 * lists and looks through all of them. A failure names its seed; CHECK_SEED=n in the environment
 * runs only that one. It is long because the model is a second replay. */
#include "core/ledger_image.h"
#include "ledgers.h"

#include <stdarg.h>

/* A small world, so that commands meet. */
#define RECORDS 12
#define STEPS 90
#define RUNS 60 /* seeds a test of the loop */
#define TESTS 40

struct model {
	uint64_t base;
	struct uuid ids[2 * STEPS];
	size_t ids_count;
	struct record {
		bool is_known, is_live, is_block, is_erased;
		uint64_t version;
		char owner[OWNER_MAX];
		struct interval call, taken;
		uint32_t changes;
		char tags[ENTRY_TAGS_MAX][TAG_MAX];
	} records[RECORDS];
};

static unsigned long seed; /* of the run at hand, for the messages */

static void __attribute__((format(printf, 2, 3))) must(bool holds, const char *fmt, ...)
{
	char text[600];
	va_list ap;

	if (holds)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ck_abort_msg("CHECK_SEED=%lu: %s", seed, text);
}

static int record_number(const struct uuid *id)
{
	return id->bytes[15] - 1; /* -1: nil */
}

static bool bears(const struct record *record, const char *tag)
{
	bool does = strcmp(record->owner, tag) == 0;

	for (int i = 0; i < ENTRY_TAGS_MAX; i++)
		does = does || strcmp(record->tags[i], tag) == 0;
	return does;
}

static size_t count_calls(
    const struct model *model, const char *tag, struct interval within, int except)
{
	size_t calls = 0;

	for (int i = 0; i < RECORDS; i++) {
		const struct record *record = &model->records[i];

		calls += i != except && record->is_live && !record->is_block &&
			 bears(record, tag) && record->call.start >= within.start &&
			 record->call.start < within.end;
	}
	return calls;
}

static enum verdict model_judge(const struct model *model, const struct entry *entry)
{
	int number = record_number(&entry->booking);
	const struct record *record = number < 0 ? NULL : &model->records[number];
	uint64_t version = record && record->is_known ? record->version : 0;
	bool is_of_block = entry->kind == ENTRY_BLOCK || entry->kind == ENTRY_UNBLOCK;
	bool has_call = entry->call.start != entry->call.end, is_limited;

	for (size_t i = 0; i < model->ids_count; i++)
		if (uuid_equal(&model->ids[i], &entry->id))
			return VERDICT_REPEATED;
	if (!record || entry->kind == ENTRY_EPOCH)
		return VERDICT_MALFORMED;
	if (record->is_erased)
		return VERDICT_ERASED;
	if (record->is_known && entry->kind != ENTRY_ERASE && record->is_block != is_of_block)
		return VERDICT_MALFORMED;
	if (entry->kind == ENTRY_RESTORE) {
		if (record->is_known)
			return VERDICT_STALE;
		if (entry->version == 0 || entry->version > model->base)
			return VERDICT_MALFORMED;
		if (!has_call)
			return VERDICT_ACCEPTED;
	} else if (entry->version != version) {
		return VERDICT_STALE;
	}
	is_limited = entry->actor == ACTOR_PROSPECT && entry->max_changes > 0;
	switch (entry->kind) {
	case ENTRY_ERASE:
		return VERDICT_ACCEPTED;
	case ENTRY_CANCEL:
		if (!record->is_known)
			return VERDICT_ACCEPTED;
		if (record->is_live && is_limited && record->changes > entry->max_changes)
			return VERDICT_CHANGES;
		return record->is_live ? VERDICT_ACCEPTED : VERDICT_NOT_LIVE;
	case ENTRY_UNBLOCK:
		if (record->is_live && is_limited && record->changes >= entry->max_changes)
			return VERDICT_CHANGES;
		return record->is_live ? VERDICT_ACCEPTED : VERDICT_NOT_LIVE;
	default:
		break;
	}
	if (is_limited && record->changes >= entry->max_changes)
		return VERDICT_CHANGES;
	if (!entry->owner[0] || entry->call.end <= entry->call.start ||
	    entry->call.start < entry->taken.start || entry->call.end > entry->taken.end)
		return VERDICT_MALFORMED;
	for (int i = 0; i < RECORDS; i++) {
		const struct record *other = &model->records[i];

		if (!other->is_live || other == record || strcmp(other->owner, entry->owner) != 0)
			continue;
		if (interval_overlaps(other->taken, entry->taken))
			return VERDICT_OVERLAP;
	}
	for (size_t i = 0; i < entry->cap_count; i++) {
		const struct cap *cap = &entry->caps[i];

		if (count_calls(model, *cap->tag ? cap->tag : entry->owner, cap->within, number) +
			1 >
		    cap->limit)
			return VERDICT_CAP;
	}
	return VERDICT_ACCEPTED;
}

static void model_accept(struct model *model, const struct entry *entry)
{
	struct record *record = &model->records[record_number(&entry->booking)];

	record->is_known = true;
	record->version =
	    entry->kind == ENTRY_RESTORE ? entry->version : model->base + entry->number;
	record->is_live = false;
	if (entry->kind == ENTRY_ERASE)
		record->is_erased = true;
	record->changes += entry->actor == ACTOR_PROSPECT;
	if (entry->kind != ENTRY_BOOK && entry->kind != ENTRY_BLOCK &&
	    (entry->kind != ENTRY_RESTORE || entry->call.start == entry->call.end))
		return;
	record->is_live = true;
	record->is_block = entry->kind == ENTRY_BLOCK;
	record->call = entry->call;
	record->taken = entry->taken;
	memcpy(record->owner, entry->owner, sizeof(record->owner));
	memset(record->tags, 0, sizeof(record->tags));
	for (size_t i = 0; i < entry->tag_count; i++)
		strcpy(record->tags[i], entry->tags[i]);
}

/* One chance in n. */
static bool one_in(uint64_t *random, int n)
{
	return random_between(random, 1, n) == 1;
}

static struct uuid random_id(uint64_t *random)
{
	uint64_t high = random_bits(random), low = random_bits(random);
	struct uuid id;

	memcpy(id.bytes, &high, 8);
	memcpy(id.bytes + 8, &low, 8);
	return id;
}

static struct interval random_interval(uint64_t *random, int64_t longest)
{
	int64_t start = random_between(random, 0, 40);

	return (struct interval){start, start + random_between(random, 1, longest)};
}

/* Some tags are owners' names. */
static const char *random_tag(uint64_t *random)
{
	static const char *const tags[] = {"a", "b", "x", "y", "z"};

	return tags[random_between(random, 0, COUNT(tags) - 1)];
}

/* A command that may well be accepted, with now and then something wrong about it. */
static struct entry random_entry(uint64_t *random, const struct model *model, uint64_t number)
{
	static const enum entry_kind kinds[] = {ENTRY_BOOK, ENTRY_BOOK, ENTRY_BOOK, ENTRY_BOOK,
	    ENTRY_BOOK, ENTRY_BOOK, ENTRY_CANCEL, ENTRY_CANCEL, ENTRY_RESTORE, ENTRY_ERASE};
	int record = (int)random_between(random, 0, RECORDS - 1);
	bool is_of_block = record >= RECORDS - 3;
	struct entry entry = {
	    .number = number,
	    .id = random_id(random),
	    .kind = kinds[random_between(random, 0, COUNT(kinds) - 1)],
	    .booking = id_of(record + 1),
	    .version = model->records[record].version,
	    .call = random_interval(random, 4),
	    .calendar = (enum calendar_check)random_between(random, 0, CALENDAR_CHECKS - 1),
	};

	if (is_of_block && entry.kind == ENTRY_BOOK)
		entry.kind = ENTRY_BLOCK;
	if (is_of_block && entry.kind == ENTRY_CANCEL)
		entry.kind = ENTRY_UNBLOCK;
	if (entry.kind == ENTRY_ERASE && !one_in(random, 5))
		entry.kind = ENTRY_BOOK;
	if (entry.kind == ENTRY_RESTORE && !one_in(random, 10))
		entry.version = (uint64_t)random_between(random, 1, 50);
	entry.taken = entry.call;
	if (one_in(random, 3)) {
		entry.taken.start -= random_between(random, 0, 3);
		entry.taken.end += random_between(random, 0, 3);
	}
	strcpy(entry.owner, owners[random_between(random, 0, OWNERS - 1)]);
	entry.actor = (enum actor)random_between(random, 0, ACTORS - 1);
	if (!one_in(random, 3))
		entry.max_changes = (uint32_t)random_between(random, 1, 3);
	for (int i = (int)random_between(random, 0, 2); i > 0; i--)
		must(entry_add_tag(&entry, random_tag(random)), "a tag");
	for (int i = (int)random_between(random, -2, 2); i > 0; i--)
		must(entry_add_cap(&entry, (uint32_t)random_between(random, 1, 2),
			 one_in(random, 2) ? "" : random_tag(random), random_interval(random, 20)),
		    "a cap");
	switch (random_between(random, 0, 60)) {
	case 0:
		entry.kind = ENTRY_EPOCH;
		break;
	case 1:
		entry.booking = (struct uuid){{0}};
		break;
	case 2:
		entry.owner[0] = '\0';
		break;
	case 3:
		entry.call.end = entry.call.start;
		break;
	case 4:
		entry.call.end = entry.call.start - 1;
		break;
	case 5:
		entry.taken.start++;
		break;
	case 6:
		entry.taken.end = entry.call.end - 1;
		break;
	case 7:
		entry.kind = (enum entry_kind)random_between(random, 0, ENTRY_KINDS - 1);
		break;
	case 8:
	case 9:
		entry.version = 0;
		break;
	case 10:
	case 11:
		entry.version += (uint64_t)random_between(random, -1, 1);
		break;
	case 12:
		entry.caps[0].within.end = entry.caps[0].within.start;
		break;
	case 13:
	case 14:
	case 15:
	case 16:
		entry.id = model->ids[random_between(random, 0, (int64_t)model->ids_count - 1)];
		break;
	default:
		break;
	}
	return entry;
}

static void check_invariants(const struct ledger *ledger, const struct model *model, int step)
{
	struct ledger_booking all[RECORDS], *a, *b;
	size_t count = 0;

	while (count < RECORDS && ledger_at(ledger, count, &all[count]))
		count++;
	for (size_t i = 0; i < count; i++) {
		const struct record *record = &model->records[record_number(&all[i].id)];
		struct ledger_booking found;

		a = &all[i];
		must(record->is_known && a->version == record->version &&
			 a->is_live == record->is_live && a->is_block == record->is_block &&
			 a->is_erased == record->is_erased && a->changes == record->changes &&
			 strcmp(a->owner, record->owner) == 0,
		    "step %d: booking %d is another than the model's", step,
		    record_number(&a->id) + 1);
		must(ledger_find(ledger, &a->id, &found) && found.version == a->version,
		    "step %d: a booking is not found", step);
		for (size_t j = 0; j < i; j++) {
			b = &all[j];
			must(!uuid_equal(&a->id, &b->id), "step %d: a booking twice", step);
			must(!a->is_live || !b->is_live || strcmp(a->owner, b->owner) != 0 ||
				 !interval_overlaps(a->taken, b->taken),
			    "step %d: two live intervals of owner %s overlap", step, a->owner);
		}
	}
	for (int i = 0; i < RECORDS; i++)
		count -= model->records[i].is_known;
	must(count == 0, "step %d: the ledger knows more or fewer bookings", step);
}

static void check_questions(
    const struct ledger *ledger, const struct model *model, uint64_t *random, int step)
{
	const char *owner = owners[random_between(random, 0, OWNERS - 1)];
	struct interval within = random_interval(random, 30);
	struct ledger_booking busy[RECORDS];
	int except = (int)random_between(random, -1, RECORDS - 1);
	struct uuid id = id_of(except + 1), *given = except < 0 ? NULL : &id;
	const char *tag = random_tag(random);
	size_t count, expected = 0, calls = count_calls(model, tag, within, except);

	count = ledger_busy(ledger, owner, within, given, busy, RECORDS);
	for (int i = 0; i < RECORDS; i++) {
		const struct record *record = &model->records[i];
		bool is_there = false;

		if (!record->is_live || i == except || strcmp(record->owner, owner) != 0)
			continue;
		if (!interval_overlaps(record->taken, within))
			continue;
		expected++;
		for (size_t j = 0; j < count; j++)
			is_there = is_there || (busy[j].taken.start == record->taken.start &&
						   busy[j].taken.end == record->taken.end);
		must(is_there, "step %d: ledger_busy() leaves one out", step);
	}
	must(count == expected, "step %d: ledger_busy() finds %zu, not %zu", step, count, expected);
	for (size_t j = 1; j < count; j++)
		must(busy[j - 1].taken.end <= busy[j].taken.start, "step %d: not in order", step);
	count = ledger_count_calls(ledger, tag, within, given);
	must(
	    count == calls, "step %d: ledger_count_calls() finds %zu, not %zu", step, count, calls);
}

/* A run's log with what was found, so that it can be replayed. */
struct history {
	struct entry entries[STEPS];
	enum verdict verdicts[STEPS];
	struct state states[STEPS];
};

/* Applies to a ledger, the model beside it, and checks all that holds of one step. */
static enum verdict step_through(
    struct ledger *ledger, struct model *model, const struct entry *entry, int step)
{
	enum verdict expected = model_judge(model, entry), judged = ledger_judge(ledger, entry);
	enum verdict verdict;
	struct ledger_booking was, is;
	struct ledger_mark mark;
	struct state before;

	state_of(ledger, &before);
	ledger_find(ledger, &entry->booking, &was);
	verdict = apply(ledger, entry);
	must(verdict == expected, "step %d: %s, the model: %s", step, verdict_name(verdict),
	    verdict_name(expected));
	must(verdict == VERDICT_REPEATED || judged == verdict,
	    "step %d: ledger_judge() said %s, ledger_apply() %s", step, verdict_name(judged),
	    verdict_name(verdict));
	mark = ledger_mark(ledger);
	must(mark.number == entry->number && mark.count == (uint64_t)step + 1 &&
		 uuid_equal(&mark.id, &entry->id),
	    "step %d: the mark", step);
	if (verdict == VERDICT_ACCEPTED) {
		model_accept(model, entry);
		ledger_find(ledger, &entry->booking, &is);
		must(is.version > was.version,
		    "step %d: the version fell from %" PRIu64 " to %" PRIu64, step, was.version,
		    is.version);
		must(is.version == (entry->kind == ENTRY_RESTORE ? entry->version
								 : model->base + entry->number),
		    "step %d: version %" PRIu64, step, is.version);
	} else {
		must(is_state(ledger, &before), "step %d: %s, and yet the state changed", step,
		    verdict_name(verdict));
	}
	if (verdict != VERDICT_REPEATED)
		model->ids[model->ids_count++] = entry->id;
	return verdict;
}

static void make_history(uint64_t *random, struct history *history)
{
	struct ledger *ledger = ledger_new();
	struct model model = {.base = one_in(random, 2) ? 0 : 50};
	uint64_t number = 0;

	ck_assert_ptr_nonnull(ledger);
	for (int step = 0; step < STEPS; step++) {
		struct entry *entry = &history->entries[step];

		/* Steps of two and more leave room for entries in between. */
		number += (uint64_t)random_between(random, 2, 4);
		if (step == 0) {
			*entry = (struct entry){
			    .number = number, .id = random_id(random), .version = model.base};
			history->verdicts[0] = apply(ledger, entry);
			model.ids[model.ids_count++] = entry->id;
		} else {
			*entry = random_entry(random, &model, number);
			history->verdicts[step] = step_through(ledger, &model, entry, step);
		}
		check_invariants(ledger, &model, step);
		check_questions(ledger, &model, random, step);
		state_of(ledger, &history->states[step]);
	}
	ledger_free(ledger);
}

/* Another reader, from the start, stops anywhere and goes on: the same verdicts and states. */
static void check_replay(uint64_t *random, const struct history *history)
{
	struct ledger *ledger = ledger_new();
	int stop = (int)random_between(random, 0, STEPS - 1);

	ck_assert_ptr_nonnull(ledger);
	for (int step = 0; step < STEPS; step++) {
		must(apply(ledger, &history->entries[step]) == history->verdicts[step],
		    "step %d: another verdict at the second replay", step);
		if (step != stop && step != STEPS - 1)
			continue;
		must(is_state(ledger, &history->states[step]),
		    "step %d: the replayed prefix is another state", step);
	}
	ledger_free(ledger);
}

/* Who goes on from an image, now and then, comes to the same verdicts and states. */
static void check_images(uint64_t *random, const struct history *history)
{
	struct ledger *ledger = ledger_new(), *opened;
	char *image = NULL, *next;
	size_t size;

	ck_assert_ptr_nonnull(ledger);
	for (int step = 0; step < STEPS; step++) {
		must(apply(ledger, &history->entries[step]) == history->verdicts[step],
		    "step %d: another verdict on an image", step);
		if (!one_in(random, 8))
			continue;
		size = ledger_image_size(ledger);
		next = calloc(1, size);
		ck_assert_ptr_nonnull(next);
		ledger_image_write(ledger, next);
		ledger_free(ledger);
		free(image);
		image = next;
		opened = ledger_image_open(image, size);
		must(opened, "step %d: the image cannot be opened", step);
		ledger = opened;
		must(is_state(ledger, &history->states[step]) &&
			 ledger_mark(ledger).count == (uint64_t)step + 1,
		    "step %d: the image is another state", step);
	}
	for (int step = 0; step < STEPS; step++)
		must(ledger_verdict(ledger, (uint64_t)step) == history->verdicts[step],
		    "step %d: another verdict is remembered", step);
	ledger_free(ledger);
	free(image);
}

/* Entries with an id that stood there before, of whatever content, anywhere later in the log. */
static void check_repeats(uint64_t *random, const struct history *history)
{
	struct ledger *ledger = ledger_new();

	ck_assert_ptr_nonnull(ledger);
	for (int step = 0; step < STEPS; step++) {
		struct entry repeat = history->entries[step];

		must(apply(ledger, &history->entries[step]) == history->verdicts[step],
		    "step %d: another verdict after repeats", step);
		if (!one_in(random, 2))
			continue;
		/* The very command, or other content under its id. */
		if (one_in(random, 2))
			repeat = history->entries[random_between(random, 0, step)];
		repeat.id = history->entries[random_between(random, 0, step)].id;
		repeat.number = history->entries[step].number + 1;
		must(apply(ledger, &repeat) == VERDICT_REPEATED, "step %d: a repeat counts", step);
		must(is_state(ledger, &history->states[step]),
		    "step %d: a repeat changes the state", step);
	}
	/* Nobody who was refused comes to hold something by that command, now or ever. */
	for (int step = 0; step < STEPS; step++) {
		struct entry repeat = history->entries[step];

		repeat.number = ledger_mark(ledger).number + 1;
		must(apply(ledger, &repeat) == VERDICT_REPEATED, "a late repeat of step %d counts",
		    step);
	}
	must(is_state(ledger, &history->states[STEPS - 1]), "late repeats change the state");
	ledger_free(ledger);
}

/* A number that repeats or falls stops the replay anywhere, without a trace. */
static void check_broken_order(uint64_t *random, const struct history *history)
{
	struct ledger *ledger = ledger_new();
	int at = (int)random_between(random, 1, STEPS - 1);
	enum verdict verdict = VERDICT_ACCEPTED;
	struct entry entry = history->entries[at];
	struct fail fail = {0};

	ck_assert_ptr_nonnull(ledger);
	entry.kind = ENTRY_BOOK;
	must(ledger_apply(ledger, &entry, &verdict, &fail) == ERR_LEDGER, "no epoch first");
	for (int step = 0; step < at; step++)
		apply(ledger, &history->entries[step]);
	entry.number = history->entries[at - 1].number - (uint64_t)random_between(random, 0, 1);
	must(ledger_apply(ledger, &entry, &verdict, &fail) == ERR_LEDGER,
	    "step %d: a number repeats, and nobody says so", at);
	must(is_state(ledger, &history->states[at - 1]) &&
		 ledger_mark(ledger).number == history->entries[at - 1].number,
	    "step %d: a broken log changes the state", at);
	must(apply(ledger, &history->entries[at]) == history->verdicts[at],
	    "step %d: the id of an entry out of order is used up", at);
	ledger_free(ledger);
}

START_TEST(random_commands)
{
	static struct history history;
	const char *given = getenv("CHECK_SEED");
	unsigned long first = given ? strtoul(given, NULL, 10) : (unsigned long)_i * RUNS + 1;
	unsigned long last = given ? first : first + RUNS - 1;

	for (seed = first; seed <= last; seed++) {
		uint64_t random = seed;

		make_history(&random, &history);
		check_replay(&random, &history);
		check_images(&random, &history);
		check_repeats(&random, &history);
		check_broken_order(&random, &history);
	}
}
END_TEST

/* The random part is worth something only if it comes to every verdict, and often. */
START_TEST(random_commands_reach_every_verdict)
{
	static struct history history;
	unsigned reached[VERDICT_MALFORMED + 1] = {0};

	for (seed = 1; seed <= RUNS; seed++) {
		uint64_t random = seed;

		make_history(&random, &history);
		for (int step = 0; step < STEPS; step++)
			reached[history.verdicts[step]]++;
	}
	for (int i = 0; i <= VERDICT_MALFORMED; i++)
		ck_assert_msg(reached[i] >= RUNS, "%s: %u times in %d runs",
		    verdict_name((enum verdict)i), reached[i], RUNS);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("replay");
	TCase *random = tcase_create("random");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(random, 120);
	tcase_add_loop_test(random, random_commands, 0, getenv("CHECK_SEED") ? 1 : TESTS);
	tcase_add_test(random, random_commands_reach_every_verdict);
	suite_add_tcase(suite, random);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

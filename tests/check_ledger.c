/* SPDX-License-Identifier: MIT */
/* check_ledger.c: each verdict of the replay, and what the state says of it */
#include "files.h"
#include "ledgers.h"

#define HALF_HOUR 1800

/*
 * What a table's line says of an entry. Times are half hours, and what is taken is the call with
 * one buffer on both sides, in minutes. id 0: a fresh one.
 */
struct line {
	enum entry_kind kind;
	int booking;
	uint64_t version;
	const char *owner; /* NULL: the story is over */
	int start, end, buffer;
	uint32_t cap;
	int cap_from, cap_to;
	int id;
	enum verdict verdict;
};

#define LINES 8
#define BASE 1000

static struct entry entry_of(const struct line *line, uint64_t number)
{
	struct entry entry = {
	    .number = number,
	    .id = line->id ? id_of(line->id) : id_of((int)(500 + number)),
	    .kind = line->kind,
	    .booking = id_of(line->booking),
	    .version = line->version,
	    .call = {line->start * HALF_HOUR, line->end * HALF_HOUR},
	    .calendar = CALENDAR_FRESH,
	};

	entry.taken = (struct interval){
	    entry.call.start - line->buffer * 60, entry.call.end + line->buffer * 60};
	if (line->owner)
		snprintf(entry.owner, sizeof(entry.owner), "%s", line->owner);
	if (line->cap)
		ck_assert(entry_add_cap(&entry, line->cap, "",
		    (struct interval){line->cap_from * HALF_HOUR, line->cap_to * HALF_HOUR}));
	return entry;
}

/* A ledger whose epoch, number 1, adds `base` to each number. */
static struct ledger *begin(uint64_t base)
{
	struct ledger *ledger = ledger_new();
	struct entry epoch = {.number = 1, .id = id_of(499), .version = base};

	ck_assert_ptr_nonnull(ledger);
	ck_assert_int_eq(apply(ledger, &epoch), VERDICT_ACCEPTED);
	return ledger;
}

#define BOOK(booking, version, start, end, verdict)                                                \
	{                                                                                          \
		ENTRY_BOOK, booking, version, "a", start, end, 0, 0, 0, 0, 0, verdict              \
	}
#define BOOK_ON(owner, booking, version, start, end, verdict)                                      \
	{                                                                                          \
		ENTRY_BOOK, booking, version, owner, start, end, 0, 0, 0, 0, 0, verdict            \
	}
#define BUFFERED(booking, start, end, buffer, verdict)                                             \
	{                                                                                          \
		ENTRY_BOOK, booking, 0, "a", start, end, buffer, 0, 0, 0, 0, verdict               \
	}
#define CAPPED(booking, version, start, end, cap, from, to, verdict)                               \
	{                                                                                          \
		ENTRY_BOOK, booking, version, "a", start, end, 0, cap, from, to, 0, verdict        \
	}
#define REPEAT(id, booking, version, start, end, verdict)                                          \
	{                                                                                          \
		ENTRY_BOOK, booking, version, "a", start, end, 0, 0, 0, 0, id, verdict             \
	}
#define OTHER(kind, booking, version, verdict)                                                     \
	{                                                                                          \
		kind, booking, version, "a", 0, 0, 0, 0, 0, 0, 0, verdict                          \
	}
#define TAKING(kind, booking, version, start, end, verdict)                                        \
	{                                                                                          \
		kind, booking, version, "a", start, end, 0, 0, 0, 0, 0, verdict                    \
	}

/*
 * Each line is applied at number 2, 3, … after the epoch, number 1, so that an entry accepted in
 * the first line gives its booking the version 1002.
 */
static const struct {
	const char *what;
	struct line lines[LINES];
} stories[] = {
    {"a first booking", {BOOK(1, 0, 2, 3, VERDICT_ACCEPTED)}},
    {"two of one interval",
	{BOOK(1, 0, 2, 3, VERDICT_ACCEPTED), BOOK(2, 0, 2, 3, VERDICT_OVERLAP)}},
    {"touching", {BOOK(1, 0, 2, 3, VERDICT_ACCEPTED), BOOK(2, 0, 3, 4, VERDICT_ACCEPTED),
		     BOOK(3, 0, 1, 2, VERDICT_ACCEPTED)}},
    {"inside, around and over an edge",
	{BOOK(1, 0, 4, 8, VERDICT_ACCEPTED), BOOK(2, 0, 5, 6, VERDICT_OVERLAP),
	    BOOK(3, 0, 1, 9, VERDICT_OVERLAP), BOOK(4, 0, 3, 5, VERDICT_OVERLAP),
	    BOOK(5, 0, 7, 9, VERDICT_OVERLAP)}},
    {"another owner",
	{BOOK(1, 0, 2, 3, VERDICT_ACCEPTED), BOOK_ON("b", 2, 0, 2, 3, VERDICT_ACCEPTED)}},
    {"a gap that is just large enough",
	{BOOK(1, 0, 2, 3, VERDICT_ACCEPTED), BOOK(2, 0, 4, 5, VERDICT_ACCEPTED),
	    BOOK(3, 0, 3, 4, VERDICT_ACCEPTED)}},
    {"buffers that touch",
	{BUFFERED(1, 2, 3, 15, VERDICT_ACCEPTED), BUFFERED(2, 4, 5, 15, VERDICT_ACCEPTED)}},
    {"buffers that overlap by a minute",
	{BUFFERED(1, 2, 3, 15, VERDICT_ACCEPTED), BUFFERED(2, 4, 5, 16, VERDICT_OVERLAP)}},
    {"a buffer over a call without one",
	{BUFFERED(1, 2, 3, 0, VERDICT_ACCEPTED), BUFFERED(2, 3, 4, 1, VERDICT_OVERLAP)}},
    {"a move", {BOOK(1, 0, 2, 3, VERDICT_ACCEPTED), BOOK(1, 1002, 4, 5, VERDICT_ACCEPTED),
		   BOOK(2, 0, 2, 3, VERDICT_ACCEPTED), BOOK(3, 0, 4, 5, VERDICT_OVERLAP)}},
    {"a move over itself",
	{BOOK(1, 0, 2, 4, VERDICT_ACCEPTED), BOOK(1, 1002, 3, 5, VERDICT_ACCEPTED)}},
    {"a move onto another",
	{BOOK(1, 0, 2, 3, VERDICT_ACCEPTED), BOOK(2, 0, 4, 5, VERDICT_ACCEPTED),
	    BOOK(1, 1002, 4, 5, VERDICT_OVERLAP), BOOK(3, 0, 2, 3, VERDICT_OVERLAP)}},
    {"a move to another owner",
	{BOOK(1, 0, 2, 3, VERDICT_ACCEPTED), BOOK_ON("b", 1, 1002, 2, 3, VERDICT_ACCEPTED),
	    BOOK(2, 0, 2, 3, VERDICT_ACCEPTED), BOOK_ON("b", 3, 0, 2, 3, VERDICT_OVERLAP)}},
    {"a booking that has moved on",
	{BOOK(1, 0, 2, 3, VERDICT_ACCEPTED), BOOK(1, 0, 4, 5, VERDICT_STALE),
	    BOOK(1, 1001, 4, 5, VERDICT_STALE), BOOK(1, 1003, 4, 5, VERDICT_STALE),
	    BOOK(1, 1002, 4, 5, VERDICT_ACCEPTED), BOOK(1, 1002, 6, 7, VERDICT_STALE),
	    OTHER(ENTRY_CANCEL, 1, 1002, VERDICT_STALE)}},
    {"a version of a booking that has none",
	{BOOK(1, 1, 2, 3, VERDICT_STALE), OTHER(ENTRY_CANCEL, 1, 7, VERDICT_STALE),
	    OTHER(ENTRY_ERASE, 1, 7, VERDICT_STALE)}},
    {"a cancel",
	{BOOK(1, 0, 2, 3, VERDICT_ACCEPTED), OTHER(ENTRY_CANCEL, 1, 1002, VERDICT_ACCEPTED),
	    BOOK(2, 0, 2, 3, VERDICT_ACCEPTED)}},
    {"a cancel twice",
	{BOOK(1, 0, 2, 3, VERDICT_ACCEPTED), OTHER(ENTRY_CANCEL, 1, 1002, VERDICT_ACCEPTED),
	    OTHER(ENTRY_CANCEL, 1, 1003, VERDICT_NOT_LIVE)}},
    {"booked again after a cancel",
	{BOOK(1, 0, 2, 3, VERDICT_ACCEPTED), OTHER(ENTRY_CANCEL, 1, 1002, VERDICT_ACCEPTED),
	    BOOK(1, 0, 2, 3, VERDICT_STALE), BOOK(1, 1003, 2, 3, VERDICT_ACCEPTED)}},
    {"a cancel of what is booked elsewhere",
	{OTHER(ENTRY_CANCEL, 1, 0, VERDICT_ACCEPTED), OTHER(ENTRY_CANCEL, 1, 0, VERDICT_STALE),
	    OTHER(ENTRY_CANCEL, 1, 1002, VERDICT_NOT_LIVE), BOOK(1, 1002, 2, 3, VERDICT_ACCEPTED)}},
    {"a block",
	{TAKING(ENTRY_BLOCK, 9, 0, 2, 6, VERDICT_ACCEPTED), BOOK(1, 0, 3, 4, VERDICT_OVERLAP),
	    OTHER(ENTRY_UNBLOCK, 9, 1002, VERDICT_ACCEPTED), BOOK(1, 0, 3, 4, VERDICT_ACCEPTED),
	    OTHER(ENTRY_UNBLOCK, 9, 1004, VERDICT_NOT_LIVE)}},
    {"a block over a booking",
	{BOOK(1, 0, 3, 4, VERDICT_ACCEPTED), TAKING(ENTRY_BLOCK, 9, 0, 2, 6, VERDICT_OVERLAP)}},
    {"an unblock of nothing", {OTHER(ENTRY_UNBLOCK, 9, 0, VERDICT_NOT_LIVE)}},
    {"a block's id for a booking",
	{TAKING(ENTRY_BLOCK, 9, 0, 2, 3, VERDICT_ACCEPTED), BOOK(9, 1002, 4, 5, VERDICT_MALFORMED),
	    OTHER(ENTRY_CANCEL, 9, 1002, VERDICT_MALFORMED),
	    TAKING(ENTRY_RESTORE, 9, 4, 4, 5, VERDICT_MALFORMED)}},
    {"a booking's id for a block",
	{BOOK(1, 0, 2, 3, VERDICT_ACCEPTED), TAKING(ENTRY_BLOCK, 1, 1002, 4, 5, VERDICT_MALFORMED),
	    OTHER(ENTRY_UNBLOCK, 1, 1002, VERDICT_MALFORMED)}},
    {"an erased booking",
	{BOOK(1, 0, 2, 3, VERDICT_ACCEPTED), OTHER(ENTRY_ERASE, 1, 1002, VERDICT_ACCEPTED),
	    BOOK(1, 1003, 4, 5, VERDICT_ERASED), OTHER(ENTRY_CANCEL, 1, 1003, VERDICT_ERASED),
	    OTHER(ENTRY_ERASE, 1, 1003, VERDICT_ERASED),
	    TAKING(ENTRY_RESTORE, 1, 5, 4, 5, VERDICT_ERASED), BOOK(2, 0, 2, 3, VERDICT_ACCEPTED)}},
    {"a booking erased before its first entry",
	{OTHER(ENTRY_ERASE, 1, 0, VERDICT_ACCEPTED), BOOK(1, 0, 2, 3, VERDICT_ERASED),
	    BOOK(1, 1002, 2, 3, VERDICT_ERASED)}},
    {"a block erased", {TAKING(ENTRY_BLOCK, 9, 0, 2, 3, VERDICT_ACCEPTED),
			   OTHER(ENTRY_ERASE, 9, 1002, VERDICT_ACCEPTED),
			   TAKING(ENTRY_BLOCK, 9, 1003, 2, 3, VERDICT_ERASED)}},
    {"a restored call",
	{TAKING(ENTRY_RESTORE, 1, 7, 2, 3, VERDICT_ACCEPTED), BOOK(2, 0, 2, 3, VERDICT_OVERLAP),
	    BOOK(1, 1002, 4, 5, VERDICT_STALE), BOOK(1, 7, 4, 5, VERDICT_ACCEPTED),
	    BOOK(1, 1005, 6, 7, VERDICT_ACCEPTED)}},
    {"a restored end",
	{OTHER(ENTRY_RESTORE, 1, 7, VERDICT_ACCEPTED), OTHER(ENTRY_CANCEL, 1, 7, VERDICT_NOT_LIVE),
	    BOOK(1, 7, 2, 3, VERDICT_ACCEPTED)}},
    {"a restore twice", {TAKING(ENTRY_RESTORE, 1, 7, 2, 3, VERDICT_ACCEPTED),
			    TAKING(ENTRY_RESTORE, 1, 7, 2, 3, VERDICT_STALE),
			    TAKING(ENTRY_RESTORE, 1, 8, 4, 5, VERDICT_STALE)}},
    {"restores that overlap", {TAKING(ENTRY_RESTORE, 1, 7, 2, 4, VERDICT_ACCEPTED),
				  TAKING(ENTRY_RESTORE, 2, 8, 3, 5, VERDICT_OVERLAP)}},
    {"a restore of a version that no booking had before this epoch",
	{TAKING(ENTRY_RESTORE, 1, 0, 2, 3, VERDICT_MALFORMED),
	    TAKING(ENTRY_RESTORE, 1, BASE + 1, 2, 3, VERDICT_MALFORMED),
	    TAKING(ENTRY_RESTORE, 1, BASE, 2, 3, VERDICT_ACCEPTED),
	    BOOK(1, BASE, 2, 3, VERDICT_ACCEPTED)}},
    {"a cap of two",
	{CAPPED(1, 0, 2, 3, 2, 0, 48, VERDICT_ACCEPTED),
	    CAPPED(2, 0, 4, 5, 2, 0, 48, VERDICT_ACCEPTED),
	    CAPPED(3, 0, 6, 7, 2, 0, 48, VERDICT_CAP), BOOK(4, 0, 6, 7, VERDICT_ACCEPTED)}},
    {"a cap and a booking's own call", {CAPPED(1, 0, 2, 3, 1, 0, 48, VERDICT_ACCEPTED),
					   CAPPED(1, 1002, 4, 5, 1, 0, 48, VERDICT_ACCEPTED),
					   CAPPED(2, 0, 6, 7, 1, 0, 48, VERDICT_CAP)}},
    {"a cap after a cancel", {CAPPED(1, 0, 2, 3, 1, 0, 48, VERDICT_ACCEPTED),
				 OTHER(ENTRY_CANCEL, 1, 1002, VERDICT_ACCEPTED),
				 CAPPED(2, 0, 6, 7, 1, 0, 48, VERDICT_ACCEPTED)}},
    {"a cap and a block", {TAKING(ENTRY_BLOCK, 9, 0, 2, 3, VERDICT_ACCEPTED),
			      CAPPED(1, 0, 4, 5, 1, 0, 48, VERDICT_ACCEPTED)}},
    {"a cap and calls of another day",
	{BOOK(1, 0, 47, 48, VERDICT_ACCEPTED), BOOK(2, 0, 96, 97, VERDICT_ACCEPTED),
	    CAPPED(3, 0, 50, 51, 1, 48, 96, VERDICT_ACCEPTED),
	    CAPPED(4, 0, 95, 96, 1, 48, 96, VERDICT_CAP)}},
    {"a cap and a call at either edge",
	{BOOK(1, 0, 48, 49, VERDICT_ACCEPTED), CAPPED(2, 0, 60, 61, 1, 48, 96, VERDICT_CAP),
	    BOOK(3, 0, 95, 97, VERDICT_ACCEPTED), CAPPED(4, 0, 60, 61, 2, 48, 96, VERDICT_CAP)}},
    {"a cap and a call that reaches into the day",
	{BOOK(1, 0, 47, 49, VERDICT_ACCEPTED), CAPPED(2, 0, 60, 61, 1, 48, 96, VERDICT_ACCEPTED)}},
    {"an overlap goes before a cap", {CAPPED(1, 0, 2, 3, 1, 0, 48, VERDICT_ACCEPTED),
					 CAPPED(2, 0, 2, 3, 1, 0, 48, VERDICT_OVERLAP)}},
    {"a repeat of an accepted command",
	{REPEAT(70, 1, 0, 2, 3, VERDICT_ACCEPTED), REPEAT(70, 1, 0, 2, 3, VERDICT_REPEATED),
	    REPEAT(70, 1, 1002, 4, 5, VERDICT_REPEATED), BOOK(2, 0, 4, 5, VERDICT_ACCEPTED)}},
    {"a repeat of a refused command, with its time free by now",
	{BOOK(1, 0, 2, 3, VERDICT_ACCEPTED), REPEAT(70, 2, 0, 2, 3, VERDICT_OVERLAP),
	    OTHER(ENTRY_CANCEL, 1, 1002, VERDICT_ACCEPTED),
	    REPEAT(70, 2, 0, 2, 3, VERDICT_REPEATED), BOOK(3, 0, 2, 3, VERDICT_ACCEPTED)}},
    {"a repeat under another id",
	{REPEAT(70, 1, 0, 2, 3, VERDICT_ACCEPTED), REPEAT(71, 1, 0, 2, 3, VERDICT_STALE)}},
    {"the epoch's id again", {REPEAT(499, 1, 0, 2, 3, VERDICT_REPEATED)}},
    {"an epoch in the middle",
	{BOOK(1, 0, 2, 3, VERDICT_ACCEPTED), OTHER(ENTRY_EPOCH, 0, 5000, VERDICT_MALFORMED),
	    OTHER(ENTRY_EPOCH, 1, 1002, VERDICT_MALFORMED), BOOK(1, 1002, 4, 5, VERDICT_ACCEPTED)}},
    {"no booking",
	{BOOK(0, 0, 2, 3, VERDICT_MALFORMED), OTHER(ENTRY_ERASE, 0, 0, VERDICT_MALFORMED)}},
    {"no owner", {BOOK_ON("", 1, 0, 2, 3, VERDICT_MALFORMED)}},
    {"an empty interval", {BOOK(1, 0, 2, 2, VERDICT_MALFORMED)}},
    {"an interval backwards",
	{BOOK(1, 0, 3, 2, VERDICT_MALFORMED), TAKING(ENTRY_RESTORE, 1, 7, 3, 2, VERDICT_MALFORMED),
	    TAKING(ENTRY_BLOCK, 1, 0, 3, 2, VERDICT_MALFORMED)}},
    {"less taken than the call lasts", {BUFFERED(1, 2, 3, -1, VERDICT_MALFORMED)}},
    {"a refused first command leaves no trace",
	{BOOK(1, 0, 2, 3, VERDICT_ACCEPTED), BOOK(2, 0, 2, 3, VERDICT_OVERLAP),
	    BOOK(2, 0, 4, 5, VERDICT_ACCEPTED)}},
};

START_TEST(story)
{
	struct ledger *ledger = begin(BASE);

	for (int i = 0; i < LINES && stories[_i].lines[i].owner; i++) {
		const struct line *line = &stories[_i].lines[i];
		struct entry entry = entry_of(line, (uint64_t)i + 2);
		enum verdict verdict = apply(ledger, &entry);

		ck_assert_msg(verdict == line->verdict, "%s, line %d: %s, not %s", stories[_i].what,
		    i + 1, verdict_name(verdict), verdict_name(line->verdict));
	}
	ledger_free(ledger);
}
END_TEST

START_TEST(state_of_a_booking)
{
	static const struct line lines[] = {
	    {ENTRY_BOOK, 1, 0, "a", 4, 5, 15, 0, 0, 0, 0, VERDICT_ACCEPTED},
	    {ENTRY_BLOCK, 9, 0, "b", 4, 5, 0, 0, 0, 0, 0, VERDICT_ACCEPTED},
	    {ENTRY_CANCEL, 1, 1002, "a", 0, 0, 0, 0, 0, 0, 0, VERDICT_ACCEPTED},
	    {ENTRY_ERASE, 1, 1004, "a", 0, 0, 0, 0, 0, 0, 0, VERDICT_ACCEPTED},
	    {ENTRY_CANCEL, 2, 0, "a", 0, 0, 0, 0, 0, 0, 0, VERDICT_ACCEPTED},
	};
	struct ledger *ledger = begin(BASE);
	struct ledger_booking at;
	struct uuid one = id_of(1), nine = id_of(9), two = id_of(2), three = id_of(3);

	for (size_t i = 0; i < COUNT(lines); i++) {
		struct entry entry = entry_of(&lines[i], i + 2);

		ck_assert_int_eq(apply(ledger, &entry), lines[i].verdict);
		ck_assert(ledger_find(ledger, &one, &at));
		ck_assert_uint_eq(at.version, i < 2 ? 1002 : i < 3 ? 1004 : 1005);
		ck_assert_int_eq(at.is_live, i < 2);
		ck_assert_int_eq(at.is_erased, i >= 3);
		ck_assert(!at.is_block);
		ck_assert_int_eq(at.calendar, CALENDAR_FRESH);
		ck_assert_str_eq(at.owner, "a");
		ck_assert_int_eq(at.call.start, 4 * HALF_HOUR);
		ck_assert_int_eq(at.taken.start, 4 * HALF_HOUR - 900);
		ck_assert_int_eq(at.taken.end, 5 * HALF_HOUR + 900);
	}
	ck_assert(ledger_find(ledger, &nine, &at) && at.is_block && at.is_live);
	ck_assert_str_eq(at.owner, "b");
	ck_assert(ledger_find(ledger, &two, &at) && !at.is_live);
	ck_assert_str_eq(at.owner, "");
	ck_assert(!ledger_find(ledger, &three, &at));
	ck_assert(uuid_equal(&at.id, &three) && at.version == 0 && !at.is_live);
	ck_assert_str_eq(at.owner, "");
	ck_assert(ledger_at(ledger, 2, &at) && uuid_equal(&at.id, &two));
	ck_assert(!ledger_at(ledger, 3, &at));
	ledger_free(ledger);
	ledger_free(NULL);
}
END_TEST

/* Since which version a booking is booked: what tells a move from a booking after a cancel; and
 * since which its call has its time. */
START_TEST(since)
{
	static const struct {
		struct line line;
		uint64_t since, timed;
	} steps[] = {
	    {{ENTRY_BOOK, 1, 0, "a", 4, 5, 0, 0, 0, 0, 0, VERDICT_ACCEPTED}, 1002, 1002},
	    {{ENTRY_BOOK, 1, 1002, "a", 6, 7, 0, 0, 0, 0, 0, VERDICT_ACCEPTED}, 1002, 1003},
	    {{ENTRY_CANCEL, 1, 1003, "a", 0, 0, 0, 0, 0, 0, 0, VERDICT_ACCEPTED}, 1002, 1003},
	    {{ENTRY_BOOK, 1, 1004, "a", 6, 7, 0, 0, 0, 0, 0, VERDICT_ACCEPTED}, 1005, 1005},
	    {{ENTRY_BOOK, 1, 1005, "b", 6, 7, 0, 0, 0, 0, 0, VERDICT_ACCEPTED}, 1005, 1005},
	    {{ENTRY_RESTORE, 2, 7, "a", 8, 9, 0, 0, 0, 0, 0, VERDICT_ACCEPTED}, 0, 7},
	    {{ENTRY_BOOK, 2, 7, "a", 9, 10, 0, 0, 0, 0, 0, VERDICT_ACCEPTED}, 0, 1008},
	    {{ENTRY_BOOK, 2, 1008, "a", 9, 11, 0, 0, 0, 0, 0, VERDICT_ACCEPTED}, 0, 1009},
	    {{ENTRY_BOOK, 2, 1009, "a", 8, 11, 0, 0, 0, 0, 0, VERDICT_ACCEPTED}, 0, 1010},
	};
	struct ledger *ledger = begin(BASE);

	for (size_t i = 0; i < COUNT(steps); i++) {
		struct entry entry = entry_of(&steps[i].line, i + 2);
		struct ledger_booking at;

		ck_assert_int_eq(apply(ledger, &entry), steps[i].line.verdict);
		ck_assert(ledger_find(ledger, &entry.booking, &at));
		ck_assert_uint_eq(at.since_version, steps[i].since);
		ck_assert_uint_eq(at.call_version, steps[i].timed);
	}
	ledger_free(ledger);
}
END_TEST

static const struct {
	const char *what;
	struct entry entries[3];
	const char *detail;
} broken_logs[] = {
    {"no epoch first", {{.number = 1, .kind = ENTRY_BOOK}}, "the first entry is no epoch"},
    {"a number twice", {{.number = 7}, {.number = 7, .kind = ENTRY_BOOK}},
	"entry numbers repeat (7 after 7)"},
    {"a number that falls", {{.number = 7}, {.number = 6, .kind = ENTRY_BOOK}},
	"entry numbers repeat (6 after 7)"},
    {"an epoch's number twice", {{.number = 7}, {.number = 7}}, "entry numbers repeat (7 after 7)"},
    {"a number that falls later",
	{{.number = 7}, {.number = 9, .kind = ENTRY_BOOK}, {.number = 8, .kind = ENTRY_BOOK}},
	"entry numbers repeat (8 after 9)"},
};

START_TEST(broken_log)
{
	struct ledger *ledger = ledger_new();
	struct state before;

	ck_assert_ptr_nonnull(ledger);
	for (int i = 0;; i++) {
		struct entry entry = broken_logs[_i].entries[i];
		bool is_last = i == 2 || broken_logs[_i].entries[i + 1].number == 0;
		enum verdict verdict = VERDICT_CAP;
		struct fail fail = {0};

		entry.id = id_of(100 + i);
		entry.booking = id_of(i);
		if (!is_last) {
			ck_assert_int_eq(ledger_apply(ledger, &entry, &verdict, &fail), ERR_NONE);
			continue;
		}
		state_of(ledger, &before);
		ck_assert_int_eq(ledger_apply(ledger, &entry, &verdict, &fail), ERR_LEDGER);
		ck_assert_str_eq(fail.detail, broken_logs[_i].detail);
		ck_assert_int_eq(verdict, VERDICT_CAP);
		break;
	}
	ck_assert(is_state(ledger, &before));
	ledger_free(ledger);
}
END_TEST

START_TEST(names)
{
	enum calendar_check check = CALENDAR_OFF;
	enum entry_kind kind = ENTRY_EPOCH;
	enum actor actor = ACTOR_PROSPECT;

	for (int i = 0; i < ACTORS; i++) {
		ck_assert(actor_parse(actor_name((enum actor)i), &actor));
		ck_assert_int_eq(actor, i);
	}
	ck_assert(!actor_parse("", &actor) && !actor_parse("Prospect", &actor));
	for (int i = 0; i < ENTRY_KINDS; i++) {
		ck_assert(entry_kind_parse(entry_kind_name((enum entry_kind)i), &kind));
		ck_assert_int_eq(kind, i);
	}
	for (int i = 0; i < CALENDAR_CHECKS; i++) {
		ck_assert(
		    calendar_check_parse(calendar_check_name((enum calendar_check)i), &check));
		ck_assert_int_eq(check, i);
	}
	ck_assert_str_eq(verdict_name((enum verdict)99), "unknown");
	ck_assert(!entry_kind_parse("", &kind) && !entry_kind_parse("Book", &kind));
	ck_assert(!calendar_check_parse("fresh ", &check) && !calendar_check_parse("", &check));
	for (int i = 0; i < VERDICT_MALFORMED; i++)
		for (int j = i + 1; j <= VERDICT_MALFORMED; j++)
			ck_assert_str_ne(
			    verdict_name((enum verdict)i), verdict_name((enum verdict)j));
}
END_TEST

/* A call that bears these tags, under these caps. */
static enum verdict book_tagged(
    struct ledger *ledger, const char *owner, int booking, const char *tags, const char *caps)
{
	uint64_t number = ledger_mark(ledger).number + 1;
	struct ledger_booking at;
	struct entry entry = {
	    .number = number,
	    .id = id_of((int)(500 + number)),
	    .kind = ENTRY_BOOK,
	    .booking = id_of(booking),
	    .call = {booking * 10, booking * 10 + 5},
	};

	ledger_find(ledger, &entry.booking, &at);
	entry.version = at.version;
	entry.taken = entry.call;
	strcpy(entry.owner, owner);
	ck_assert(entry_read_tags(&entry, tags) && entry_read_caps(&entry, caps));
	return apply(ledger, &entry);
}

START_TEST(caps_by_tag)
{
	struct ledger *ledger = begin(0);
	struct interval always = {0, UINT32_MAX};
	struct ledger_booking at;
	struct uuid two = id_of(2);

#define IS(verdict, owner, booking, tags, caps)                                                    \
	ck_assert_int_eq(book_tagged(ledger, owner, booking, tags, caps), VERDICT_##verdict)
	IS(ACCEPTED, "a", 1, "intro", "");
	IS(ACCEPTED, "b", 2, "intro,team", "");
	IS(ACCEPTED, "a", 3, "deep", "");
	/* A tag counts on every owner, and only where it is borne. */
	IS(CAP, "a", 4, "intro", "2:intro:0:1000");
	IS(CAP, "c", 4, "intro", "2:intro:0:1000");
	IS(ACCEPTED, "c", 4, "", "3:intro:0:1000");
	IS(CAP, "c", 5, "", "1:team:0:1000");
	IS(ACCEPTED, "c", 5, "", "1:team:21:1000");
	IS(CAP, "c", 6, "", "1:team:20:21");
	/* No tag is the owner's own calls, and an owner's name is a tag, too. */
	IS(CAP, "a", 6, "", "2::0:1000");
	IS(CAP, "b", 6, "", "2:a:0:1000");
	IS(ACCEPTED, "b", 6, "", "2::0:1000");
	/* Every cap has to hold, whichever comes first. */
	IS(CAP, "d", 7, "", "9::0:1000,1:deep:0:1000");
	IS(CAP, "d", 7, "", "1:deep:0:1000,9::0:1000");
	/* A tag that nobody ever bore. */
	IS(ACCEPTED, "d", 7, "", "1:never:0:1000");
	/* One's own call is no other, and a call that leaves its tag is counted no more. */
	IS(ACCEPTED, "b", 2, "deep", "1:team:0:1000,2:deep:0:1000");
	IS(ACCEPTED, "a", 8, "team", "1:team:0:1000,2:intro:0:1000");
#undef IS
	ck_assert_uint_eq(ledger_count_calls(ledger, "deep", always, NULL), 2);
	ck_assert_uint_eq(ledger_count_calls(ledger, "deep", always, &two), 1);
	ck_assert_uint_eq(ledger_count_calls(ledger, "a", always, NULL), 3);
	ck_assert_uint_eq(ledger_count_calls(ledger, "never", always, NULL), 0);
	ck_assert_uint_eq(ledger_count_calls(ledger, "", always, NULL), 0);
	ck_assert(ledger_find(ledger, &two, &at));
	ck_assert_uint_eq(at.tag_count, 1);
	ck_assert_str_eq(at.tags[0], "deep");
	ledger_free(ledger);
}
END_TEST

/* A booking is changed, by whom and with which limit. */
static const struct {
	enum entry_kind kind;
	enum actor actor;
	uint32_t max_changes;
	enum verdict verdict;
	uint32_t changes; /* of its prospect, afterwards */
} changes[] = {
    {ENTRY_BOOK, ACTOR_PROSPECT, 3, VERDICT_ACCEPTED, 1},
    {ENTRY_BOOK, ACTOR_PROSPECT, 3, VERDICT_ACCEPTED, 2},
    {ENTRY_BOOK, ACTOR_OPERATOR, 3, VERDICT_ACCEPTED, 2}, /* is no prospect's change */
    {ENTRY_BOOK, ACTOR_CALENDAR, 3, VERDICT_ACCEPTED, 2},
    {ENTRY_BOOK, ACTOR_PROSPECT, 3, VERDICT_ACCEPTED, 3},
    {ENTRY_BOOK, ACTOR_PROSPECT, 3, VERDICT_CHANGES, 3},
    {ENTRY_BOOK, ACTOR_PROSPECT, 3, VERDICT_CHANGES, 3},  /* a refused one does not count */
    {ENTRY_BOOK, ACTOR_OPERATOR, 3, VERDICT_ACCEPTED, 3}, /* nor is an operator ever limited */
    {ENTRY_CANCEL, ACTOR_PROSPECT, 2, VERDICT_CHANGES, 3},
    {ENTRY_CANCEL, ACTOR_PROSPECT, 3, VERDICT_ACCEPTED, 4}, /* one can always leave, once */
    {ENTRY_BOOK, ACTOR_PROSPECT, 3, VERDICT_CHANGES, 4},
    {ENTRY_BOOK, ACTOR_OPERATOR, 3, VERDICT_ACCEPTED, 4},
    {ENTRY_CANCEL, ACTOR_PROSPECT, 3, VERDICT_CHANGES, 4},
    {ENTRY_CANCEL, ACTOR_COURIER, 3, VERDICT_ACCEPTED, 4},
    {ENTRY_CANCEL, ACTOR_PROSPECT, 3, VERDICT_NOT_LIVE, 4},
    {ENTRY_BOOK, ACTOR_PROSPECT, 5, VERDICT_ACCEPTED, 5}, /* the entry's limit is the one */
    {ENTRY_BOOK, ACTOR_PROSPECT, 0, VERDICT_ACCEPTED, 6}, /* none */
};

START_TEST(limit_of_changes)
{
	struct ledger *ledger = begin(0);

	for (size_t i = 0; i < COUNT(changes); i++) {
		int at_hour = (int)i * 10;
		struct entry entry = {
		    .number = i + 2,
		    .id = id_of((int)i + 1),
		    .kind = changes[i].kind,
		    .booking = id_of(1),
		    .owner = "a",
		    .actor = changes[i].actor,
		    .max_changes = changes[i].max_changes,
		};
		struct ledger_booking at;

		if (entry.kind == ENTRY_BOOK)
			entry.call = entry.taken = (struct interval){at_hour, at_hour + 5};
		ledger_find(ledger, &entry.booking, &at);
		entry.version = at.version;
		ck_assert_int_eq(ledger_judge(ledger, &entry), changes[i].verdict);
		ck_assert_msg(apply(ledger, &entry) == changes[i].verdict, "step %zu", i);
		ledger_find(ledger, &entry.booking, &at);
		ck_assert_msg(at.changes == changes[i].changes, "step %zu: %u", i, at.changes);
	}
	ledger_free(ledger);
}
END_TEST

#define TWENTY_THREE "abcdefghij-0123456789_z"
static const struct {
	const char *text;
	bool is_fine;
} caps[] =
    {
	{"", true},
	{"1::0:0", true},
	{"4294967295:" TWENTY_THREE ":0:4294967295", true},
	{"1:a:0:1,2:b:2:3,3::4:5,4::6:7,5::8:9,6::10:11", true},
	{"1:a:0:1,2:b:2:3,3::4:5,4::6:7,5::8:9,6::10:11,7::12:13", false},
	{"0::0:1", false},
	{"4294967296::0:1", false},
	{"1:" TWENTY_THREE "z:0:1", false},
	{"1:A:0:1", false},
	{"1:a b:0:1", false},
	{"1:a:0", false},
	{"1:a:0:1:2", false},
	{"1:a:0:1,", false},
	{",1:a:0:1", false},
	{"1:a:0:1;2:b:2:3", false},
	{"1:a:-1:1", false},
	{"1:a:0:4294967296", false},
	{"1:a::1", false},
	{":a:0:1", false},
	{" 1:a:0:1", false},
	{"1", false},
	{",", false},
},
  tags[] = {
      {"", true},
      {"a", true},
      {"a,b-c,d_0," TWENTY_THREE, true},
      {"a,b,c,d,e", false},
      {TWENTY_THREE "z", false},
      {"a,", false},
      {",a", false},
      {"a,,b", false},
      {"A", false},
      {"a b", false},
      {"a:b", false},
      {"\xc3\xa4", false},
};

START_TEST(caps_as_text)
{
	char room[300];
	struct text text = {.data = room, .max = sizeof(room) - 1};
	struct entry entry = {.cap_count = 3};

	ck_assert_msg(
	    entry_read_caps(&entry, caps[_i].text) == caps[_i].is_fine, "%s", caps[_i].text);
	if (!caps[_i].is_fine)
		return;
	room[0] = '\0';
	entry_write_caps(&text, &entry);
	ck_assert_str_eq(room, caps[_i].text);
}
END_TEST

START_TEST(tags_as_text)
{
	char room[300];
	struct text text = {.data = room, .max = sizeof(room) - 1};
	struct entry entry = {.tag_count = 2};

	ck_assert_msg(
	    entry_read_tags(&entry, tags[_i].text) == tags[_i].is_fine, "%s", tags[_i].text);
	if (!tags[_i].is_fine)
		return;
	room[0] = '\0';
	entry_write_tags(&text, &entry);
	ck_assert_str_eq(room, tags[_i].text);
}
END_TEST

#define V1_FIELDS 14

/* One entry as the first version of the program wrote it, with the verdict that it found. */
static struct entry version_1_entry(char **fields, uint64_t number)
{
	struct entry entry = {.number = number};
	char text[100] = "";

	ck_assert(uuid_parse(fields[0], &entry.id) && entry_kind_parse(fields[1], &entry.kind) &&
		  uuid_parse(fields[2], &entry.booking) &&
		  calendar_check_parse(fields[12], &entry.calendar));
	entry.version = strtoull(fields[3], NULL, 10);
	strcpy(entry.owner, fields[4]);
	entry.call = (struct interval){atoll(fields[5]), atoll(fields[6])};
	entry.taken = (struct interval){atoll(fields[7]), atoll(fields[8])};
	/* As the fourth migration has it read. */
	if (strcmp(fields[9], "0") != 0)
		snprintf(text, sizeof(text), "%s::%s:%s", fields[9], fields[10], fields[11]);
	ck_assert(entry_read_caps(&entry, text));
	entry.actor = entry.kind == ENTRY_BOOK || entry.kind == ENTRY_CANCEL ? ACTOR_PROSPECT
									     : ACTOR_OPERATOR;
	return entry;
}

/* Old rows are judged as they were then. */
START_TEST(ledger_of_the_first_version)
{
	char *text = read_fixture("ledger/version-1.tsv"), *lines = text, *line;
	struct ledger *ledger = ledger_new();
	uint64_t number = 0;

	while ((line = strsep(&lines, "\n")) && *line) {
		char *fields[V1_FIELDS];
		struct entry entry;

		for (int i = 0; i < V1_FIELDS; i++)
			ck_assert_ptr_nonnull(fields[i] = strsep(&line, "\t"));
		entry = version_1_entry(fields, ++number);
		ck_assert_str_eq(verdict_name(apply(ledger, &entry)), fields[V1_FIELDS - 1]);
	}
	ck_assert_uint_eq(number, 200);
	ledger_free(ledger);
	free(text);
}
END_TEST

START_TEST(newest_entry)
{
	struct ledger *ledger = ledger_new();
	struct entry epoch = {.number = 5, .id = id_of(1), .booking = id_of(8), .version = 100};
	struct entry book = {.number = 9, .id = id_of(2), .kind = ENTRY_BOOK, .booking = id_of(3)};
	struct ledger_mark at;

	ck_assert_ptr_nonnull(ledger);
	at = ledger_mark(ledger);
	ck_assert(at.number == 0 && at.count == 0 && uuid_is_nil(&at.id) && uuid_is_nil(&at.epoch));
	apply(ledger, &epoch);
	at = ledger_mark(ledger);
	ck_assert(at.number == 5 && at.count == 1);
	ck_assert(uuid_equal(&at.id, &epoch.id) && uuid_equal(&at.epoch, &epoch.id));
	/* What an epoch is written for is its table. */
	ck_assert(uuid_equal(&at.table, &epoch.booking));
	ck_assert_int_eq(apply(ledger, &book), VERDICT_MALFORMED);
	at = ledger_mark(ledger);
	ck_assert(at.number == 9 && at.count == 2);
	ck_assert(uuid_equal(&at.id, &book.id) && uuid_equal(&at.epoch, &epoch.id));
	ck_assert_uint_eq(ledger_version(ledger, 9), 109);
	ck_assert_int_eq(ledger_verdict(ledger, 0), VERDICT_ACCEPTED);
	ck_assert_int_eq(ledger_verdict(ledger, 2), VERDICT_MALFORMED);
	ledger_free(ledger);
}
END_TEST

START_TEST(busy_and_its_bounds)
{
	static const struct line lines[] = {
	    BOOK(1, 0, 2, 3, VERDICT_ACCEPTED),
	    BOOK(2, 0, 6, 8, VERDICT_ACCEPTED),
	    BOOK(3, 0, 4, 5, VERDICT_ACCEPTED),
	};
	static const struct {
		int from, to, except, count;
	} questions[] = {{0, 9, 0, 3}, {0, 9, 2, 2}, {3, 4, 0, 0}, {3, 5, 0, 1}, {2, 3, 0, 1},
	    {7, 8, 0, 1}, {8, 9, 0, 0}, {0, 2, 0, 0}, {5, 5, 0, 0}, {7, 7, 0, 0}, {7, 6, 0, 0},
	    {8, 2, 0, 0}, {0, 9, 5, 3}};
	struct ledger *ledger = begin(BASE);
	struct ledger_booking out[3];

	for (size_t i = 0; i < COUNT(lines); i++) {
		struct entry entry = entry_of(&lines[i], i + 2);

		ck_assert_int_eq(apply(ledger, &entry), VERDICT_ACCEPTED);
	}
	ck_assert_str_eq(ledger_owner(ledger, 0), "a");
	ck_assert_ptr_null(ledger_owner(ledger, 1));
	for (size_t i = 0; i < COUNT(questions); i++) {
		struct interval within = {
		    questions[i].from * HALF_HOUR, questions[i].to * HALF_HOUR};
		struct uuid except = id_of(questions[i].except);
		size_t count = ledger_busy(ledger, "a", within, &except, out, 3);

		ck_assert_msg(count == (size_t)questions[i].count, "question %zu: %zu", i, count);
		ck_assert_uint_eq(ledger_busy(ledger, "b", within, NULL, out, 3), 0);
	}
	/* At most max are written, but all are counted. */
	out[1].taken = (struct interval){-1, -1};
	ck_assert_uint_eq(
	    ledger_busy(ledger, "a", (struct interval){0, 9 * HALF_HOUR}, NULL, out, 1), 3);
	ck_assert_int_eq(out[0].taken.start, 2 * HALF_HOUR);
	ck_assert_int_eq(out[1].taken.start, -1);
	ck_assert_uint_eq(
	    ledger_busy(ledger, "a", (struct interval){0, 9 * HALF_HOUR}, NULL, NULL, 0), 3);
	ledger_free(ledger);
}
END_TEST

/* Many more than the tables' first sizes, and each is found again. */
START_TEST(many_bookings)
{
	struct ledger *ledger = begin(0);
	struct ledger_booking at;
	enum { MANY = 20000 };
	int accepted = 0, found = 0;

	for (uint64_t i = 0; i < MANY; i++) {
		struct entry entry = {.number = i + 2, .kind = ENTRY_BOOK, .owner = "a"};
		/* Not in order of time, and each half hour once. */
		int64_t start = (int64_t)(i * 7919 % MANY) * HALF_HOUR;

		memcpy(entry.id.bytes, &i, sizeof(i));
		memcpy(entry.booking.bytes + 8, &(uint64_t){i + 1}, sizeof(i));
		entry.id.bytes[8] = 1;
		entry.call = entry.taken = (struct interval){start, start + HALF_HOUR};
		accepted += apply(ledger, &entry) == VERDICT_ACCEPTED;
	}
	for (uint64_t i = 0; i < MANY; i++) {
		struct uuid id = {{0}};

		memcpy(id.bytes + 8, &(uint64_t){i + 1}, sizeof(i));
		found += ledger_find(ledger, &id, &at) && at.version == i + 2 && at.is_live;
	}
	ck_assert_int_eq(accepted, MANY);
	ck_assert_int_eq(found, MANY);
	ck_assert_uint_eq(ledger_busy(ledger, "a", (struct interval){0, (int64_t)MANY * HALF_HOUR},
			      NULL, NULL, 0),
	    MANY);
	ledger_free(ledger);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ledger");
	TCase *verdicts = tcase_create("verdicts"), *state = tcase_create("state");
	TCase *texts = tcase_create("texts");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(verdicts, story, 0, (int)COUNT(stories));
	tcase_add_loop_test(verdicts, broken_log, 0, (int)COUNT(broken_logs));
	tcase_add_test(verdicts, names);
	tcase_add_test(verdicts, caps_by_tag);
	tcase_add_test(verdicts, limit_of_changes);
	tcase_add_test(verdicts, ledger_of_the_first_version);
	suite_add_tcase(suite, verdicts);
	tcase_add_loop_test(texts, caps_as_text, 0, (int)COUNT(caps));
	tcase_add_loop_test(texts, tags_as_text, 0, (int)COUNT(tags));
	suite_add_tcase(suite, texts);
	tcase_set_timeout(state, 60);
	tcase_add_test(state, state_of_a_booking);
	tcase_add_test(state, since);
	tcase_add_test(state, newest_entry);
	tcase_add_test(state, busy_and_its_bounds);
	tcase_add_test(state, many_bookings);
	suite_add_tcase(suite, state);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

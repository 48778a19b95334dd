/* SPDX-License-Identifier: MIT */
/* check_booking.c: who counts when: what ledger and row say of one booking */
#include "core/booking.h"
#include "ledgers.h"

#include <check.h>
#include <stdlib.h>

static const struct interval first = {1796130000, 1796131800}, second = {1796133600, 1796135400};

static struct ledger *ledger;
static uint64_t number;

static void begin(void)
{
	struct entry epoch = {
	    .number = 1, .id = id_of(100), .kind = ENTRY_EPOCH, .booking = id_of(99)};

	ledger = ledger_new();
	ck_assert(ledger);
	number = 1;
	ck_assert_int_eq(apply(ledger, &epoch), VERDICT_ACCEPTED);
}

static void end(void)
{
	ledger_free(ledger);
}

/* The next entry of a booking, at the version that stands. */
static void append_of(int whose, enum entry_kind kind, struct interval call)
{
	struct ledger_booking found;
	struct uuid booking = id_of(whose);
	struct entry entry = {
	    .number = number + 1,
	    .id = id_of(101 + (int)number),
	    .kind = kind,
	    .booking = booking,
	    .call = call,
	    .taken = call,
	    .calendar = CALENDAR_REMEMBERED,
	};

	number++;
	ledger_find(ledger, &booking, &found);
	entry.version = found.version;
	strcpy(entry.owner, "main");
	ck_assert_int_eq(apply(ledger, &entry), VERDICT_ACCEPTED);
}

static void append(enum entry_kind kind, struct interval call)
{
	append_of(1, kind, call);
}

#define NO_ROW -1

/* What stands in the ledger, by the commands that led there, and what the row says. */
static const struct {
	enum entry_kind commands[3];
	int command_count;
	int row; /* an enum lead_status */
	enum booking_state state;
	bool was_booked;
	int call; /* 1: the row's; 2: the ledger's; 0: none */
} rows[] = {
    {{0}, 0, NO_ROW, BOOKING_AWAITING, false, 0},
    {{0}, 0, LEAD_AWAITING_SLOT, BOOKING_AWAITING, false, 0},
    {{0}, 0, LEAD_BOOKED, BOOKING_BOOKED, true, 1},
    {{0}, 0, LEAD_CANCELLED, BOOKING_CANCELLED, true, 0},
    {{0}, 0, LEAD_ERASED, BOOKING_ERASED, true, 0},
    /* The row is late. */
    {{ENTRY_BOOK}, 1, LEAD_AWAITING_SLOT, BOOKING_BOOKED, true, 2},
    {{ENTRY_BOOK}, 1, NO_ROW, BOOKING_BOOKED, true, 2},
    {{ENTRY_BOOK}, 1, LEAD_CANCELLED, BOOKING_BOOKED, true, 2},
    {{ENTRY_BOOK, ENTRY_CANCEL}, 2, LEAD_BOOKED, BOOKING_CANCELLED, true, 2},
    /* A call from an earlier system, cancelled here: the ledger never saw its time. */
    {{ENTRY_CANCEL}, 1, LEAD_BOOKED, BOOKING_CANCELLED, true, 0},
    {{ENTRY_BOOK, ENTRY_ERASE}, 2, LEAD_BOOKED, BOOKING_ERASED, true, 2},
    {{ENTRY_ERASE}, 1, NO_ROW, BOOKING_ERASED, true, 0},
    /* A restored ledger has lost the entry that erased: the row still says so. */
    {{ENTRY_BOOK}, 1, LEAD_ERASED, BOOKING_ERASED, true, 2},
    {{ENTRY_BLOCK}, 1, NO_ROW, BOOKING_BLOCKED, true, 2},
    {{ENTRY_BLOCK, ENTRY_UNBLOCK}, 2, NO_ROW, BOOKING_CANCELLED, true, 2},
};

START_TEST(merged)
{
	struct uuid id = id_of(1);
	struct lead lead = {
	    .booking = id, .owner = "old", .name = "Ada", .calendar = CALENDAR_FRESH};
	const struct interval none = {0, 0};
	bool in_ledger = rows[_i].command_count > 0;
	struct booking booking;
	struct interval call;

	for (int i = 0; i < rows[_i].command_count; i++)
		append(rows[_i].commands[i],
		    rows[_i].commands[i] == ENTRY_BOOK || rows[_i].commands[i] == ENTRY_BLOCK
			? second
			: none);
	if (rows[_i].row == LEAD_BOOKED)
		lead.slot = first;
	lead.status = (enum lead_status)(rows[_i].row == NO_ROW ? 0 : rows[_i].row);
	booking = booking_merge(ledger, &id, rows[_i].row == NO_ROW ? NULL : &lead);
	call = rows[_i].call == 1 ? first : rows[_i].call == 2 ? second : none;

	ck_assert_int_eq(booking.state, rows[_i].state);
	ck_assert_int_eq(booking.was_booked, rows[_i].was_booked);
	ck_assert_int_eq(booking.call.start, call.start);
	ck_assert_int_eq(booking.call.end, call.end);
	ck_assert_int_eq(booking.has_lead, rows[_i].row != NO_ROW);
	ck_assert_int_eq(booking.in_ledger, in_ledger);
	ck_assert_int_eq(booking_is_known(&booking), in_ledger || rows[_i].row != NO_ROW);
	ck_assert_int_eq(booking.is_block, in_ledger && rows[_i].commands[0] == ENTRY_BLOCK);
	ck_assert_uint_eq(booking.version, in_ledger ? ledger_version(ledger, number) : 0);
	ck_assert(uuid_equal(&booking.id, &id) && uuid_equal(&booking.lead.booking, &id));
	ck_assert_str_eq(booking.owner, rows[_i].call == 2	 ? "main"
					: rows[_i].row != NO_ROW ? "old"
								 : "");
}
END_TEST

START_TEST(calendar_is_that_of_whoever_says_when)
{
	struct uuid id = id_of(1);
	struct lead lead = {
	    .booking = id, .status = LEAD_BOOKED, .owner = "", .calendar = CALENDAR_FRESH};
	struct booking booking = booking_merge(ledger, &id, &lead);

	ck_assert_int_eq(booking.calendar, CALENDAR_FRESH);
	append(ENTRY_BOOK, second);
	booking_refresh(&booking, ledger);
	ck_assert_int_eq(booking.calendar, CALENDAR_REMEMBERED);
	ck_assert_int_eq(booking.lead.status, LEAD_BOOKED);
	ck_assert_uint_eq(booking.since_version, booking.version);
}
END_TEST

START_TEST(row_says_what_stands)
{
	struct uuid id = id_of(1);
	struct lead lead = {.booking = id,
	    .owner = "main",
	    .name = "Ada",
	    .email = "ada@example.com",
	    .created_ms = 7};
	struct booking booking;
	struct lead row;

	append(ENTRY_BOOK, second);
	booking = booking_merge(ledger, &id, &lead);
	row = booking_row(&booking);
	ck_assert_int_eq(row.status, LEAD_BOOKED);
	ck_assert_int_eq(row.slot.start, second.start);
	ck_assert_uint_eq(row.version, booking.version);
	ck_assert_str_eq(row.email, "ada@example.com");

	append(ENTRY_CANCEL, (struct interval){0, 0});
	booking_refresh(&booking, ledger);
	row = booking_row(&booking);
	ck_assert_int_eq(row.status, LEAD_CANCELLED);
	ck_assert(row.slot.start == 0 && row.slot.end == 0);

	append(ENTRY_ERASE, (struct interval){0, 0});
	booking_refresh(&booking, ledger);
	row = booking_row(&booking);
	ck_assert_int_eq(row.status, LEAD_ERASED);
	ck_assert_str_eq(row.name, "");
	ck_assert_str_eq(row.email, "");
	ck_assert_str_eq(row.brief, "");
	ck_assert_int_eq(row.created_ms, 7);
}
END_TEST

START_TEST(command_names_what_stands)
{
	struct uuid id = id_of(1);
	struct lead lead = {.booking = id,
	    .status = LEAD_BOOKED,
	    .slot = first,
	    .owner = "a name that an earlier system had and that is longer than ours may be"};
	struct booking booking = booking_merge(ledger, &id, &lead);
	struct entry entry = booking_entry(&booking, ENTRY_CANCEL);

	ck_assert_int_eq(entry.kind, ENTRY_CANCEL);
	ck_assert_uint_eq(entry.version, 0);
	ck_assert_str_eq(entry.owner, "");
	append(ENTRY_BOOK, second);
	booking_refresh(&booking, ledger);
	entry = booking_entry(&booking, ENTRY_CANCEL);
	ck_assert_uint_eq(entry.version, booking.version);
	ck_assert_str_eq(entry.owner, "main");
	ck_assert(uuid_equal(&entry.booking, &id));
	/* The longest name that an entry has room for, and one that is a letter longer. */
	booking.owner = "a23456789012345678901234567890123456789012345678901234567890123";
	entry = booking_entry(&booking, ENTRY_CANCEL);
	ck_assert_str_eq(entry.owner, booking.owner);
	booking.owner = "a234567890123456789012345678901234567890123456789012345678901234";
	entry = booking_entry(&booking, ENTRY_CANCEL);
	ck_assert_str_eq(entry.owner, "");
}
END_TEST

/* The same time once more is a version of its own, and the call goes on as the one it was. */
START_TEST(same_time_again)
{
	struct uuid id = id_of(1);
	struct lead lead = {.booking = id, .status = LEAD_BOOKED, .slot = first, .owner = "main"};
	struct booking booking = booking_merge(ledger, &id, &lead);
	struct ledger_booking found;
	struct entry entry;

	/* A row of an earlier system has nothing to keep. */
	ck_assert(!booking_entry_again(&booking, ledger, &entry));
	append(ENTRY_BOOK, second);
	append(ENTRY_BOOK, first);
	booking_refresh(&booking, ledger);
	ck_assert(booking_entry_again(&booking, ledger, &entry));
	ck_assert_int_eq(entry.kind, ENTRY_BOOK);
	ck_assert_uint_eq(entry.version, booking.version);
	ck_assert(entry.call.start == first.start && entry.call.end == first.end);
	ck_assert(entry.taken.start == first.start && entry.taken.end == first.end);
	ck_assert_int_eq(entry.calendar, CALENDAR_REMEMBERED);
	ck_assert_str_eq(entry.owner, "main");
	ck_assert_uint_eq(entry.cap_count, 0);
	entry.number = ++number;
	entry.id = id_of(900);
	ck_assert_int_eq(apply(ledger, &entry), VERDICT_ACCEPTED);
	ledger_find(ledger, &id, &found);
	ck_assert_uint_eq(found.version, booking.version + 1);
	ck_assert_uint_eq(found.call_version, booking.version);
	ck_assert_uint_eq(found.since_version, booking.version - 1);
	/* One that was overtaken by it is late. */
	entry.number = ++number;
	entry.id = id_of(901);
	ck_assert_int_eq(apply(ledger, &entry), VERDICT_STALE);
	append(ENTRY_CANCEL, (struct interval){0, 0});
	booking_refresh(&booking, ledger);
	ck_assert(!booking_entry_again(&booking, ledger, &entry));
}
END_TEST

/* It keeps its tags and its meeting, each in its place. */
START_TEST(same_tags_again)
{
	struct entry entry = {.number = number + 1,
	    .id = id_of(102),
	    .kind = ENTRY_BOOK,
	    .booking = id_of(1),
	    .call = first,
	    .taken = first};
	struct booking booking;

	number++;
	entry_set_owner(&entry, "main");
	ck_assert(entry_set_meeting(&entry, "intro"));
	ck_assert(entry_add_tag(&entry, "team") && entry_add_tag(&entry, "deep"));
	ck_assert_int_eq(apply(ledger, &entry), VERDICT_ACCEPTED);
	booking = booking_merge(ledger, &entry.booking, NULL);
	entry = (struct entry){.kind = ENTRY_CANCEL};
	ck_assert(booking_entry_again(&booking, ledger, &entry));
	ck_assert_str_eq(entry.meeting, "intro");
	ck_assert_uint_eq(entry.tag_count, 2);
	ck_assert_str_eq(entry.tags[0], "team");
	ck_assert_str_eq(entry.tags[1], "deep");
}
END_TEST

/* The calls to come of one person, among what stands under their address. */
START_TEST(calls_of_a_person)
{
	static const struct interval none = {0, 0};
	struct uuid list[] = {id_of(1), id_of(7), id_of(2), id_of(3), id_of(4), id_of(5)};

	append_of(1, ENTRY_BOOK, first);
	append_of(2, ENTRY_BOOK, second);
	append_of(3, ENTRY_BOOK, (struct interval){second.end, second.end + 1800});
	append_of(3, ENTRY_CANCEL, none);
	append_of(4, ENTRY_BLOCK, (struct interval){second.end, second.end + 1800});
	append_of(5, ENTRY_BOOK, (struct interval){second.end + 1800, second.end + 3600});
	append_of(6, ENTRY_BOOK, (struct interval){second.end + 3600, second.end + 5400});
	ck_assert_uint_eq(booking_count_calls(ledger, list, COUNT(list), first.start - 86400), 3);
	ck_assert_uint_eq(booking_count_calls(ledger, list, 3, first.start - 86400), 2);
	ck_assert_uint_eq(booking_count_calls(ledger, list, 0, first.start - 86400), 0);
	/* One that goes on counts, and one that has just ended does not. */
	ck_assert_uint_eq(booking_count_calls(ledger, list, COUNT(list), first.end - 1), 3);
	ck_assert_uint_eq(booking_count_calls(ledger, list, COUNT(list), first.end), 2);
	ck_assert_uint_eq(booking_count_calls(NULL, list, COUNT(list), 0), 0);
}
END_TEST

START_TEST(states_have_names)
{
	enum booking_state state;

	for (int i = 0; i < BOOKING_STATES; i++) {
		ck_assert(booking_state_parse(booking_state_name((enum booking_state)i), &state));
		ck_assert_int_eq(state, i);
	}
	ck_assert(!booking_state_parse("all", &state));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("booking");
	TCase *merge = tcase_create("merge");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(merge, begin, end);
	tcase_add_loop_test(merge, merged, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(merge, calendar_is_that_of_whoever_says_when);
	tcase_add_test(merge, row_says_what_stands);
	tcase_add_test(merge, command_names_what_stands);
	tcase_add_test(merge, same_time_again);
	tcase_add_test(merge, same_tags_again);
	tcase_add_test(merge, calls_of_a_person);
	tcase_add_test(merge, states_have_names);
	suite_add_tcase(suite, merge);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* check_offer.c: the slots that a booking may have, and the command that takes one */
#include "core/offer.h"
#include "base/text.h"
#include "hours.h"
#include "ledgers.h"

/* 2026-12-01, a Tuesday: calls at 08:00, 08:30, …, 09:30, today and tomorrow, UTC. */
#define DAY 1796083200
#define AT(hour, minute) (DAY + (hour)*3600 + (minute)*60)
#define NEXT_DAY 86400

static const struct plain plain = {
    .days = 0x7f, .first_start = 480, .last_start = 570, .slot_minutes = 30, .window_days = 2};

static struct arena *arena;
static struct zone *zone;
static struct ledger *ledger;
static struct hours hours;
static struct offer offer;
static uint64_t number;

static void set_up(void)
{
	struct entry epoch = {.number = 1, .id = id_of(1)};

	arena = arena_new(1 << 20);
	zone = open_zone("UTC");
	ledger = ledger_new();
	ck_assert(arena && ledger);
	ck_assert_int_eq(apply(ledger, &epoch), VERDICT_ACCEPTED);
	number = 1;
	hours = hours_of(&plain);
	offer = (struct offer){.hours = &hours,
	    .zone = zone,
	    .now = DAY,
	    .owner = "a",
	    .booking = id_of(1),
	    .ledger = ledger};
}

static void tear_down(void)
{
	arena_free(arena);
	zone_free(zone);
	ledger_free(ledger);
}

static struct interval call_at(int64_t start)
{
	return (struct interval){start, start + 1800};
}

/* Books a call for a booking on a host, as the present offer would, at the version 0. */
static void book(int booking, const char *host, int64_t start)
{
	struct offer other = offer;
	struct entry entry;

	other.booking = id_of(booking);
	other.owner = host;
	entry = offer_entry(&other, call_at(start), 0, CALENDAR_OFF);
	entry.number = ++number;
	entry.id = id_of(1000 + (int)number);
	entry.cap_count = 0;
	ck_assert_int_eq(apply(ledger, &entry), VERDICT_ACCEPTED);
}

/* The open slots as text: "08:00 08:30 | 09:00", the bar between the days. */
static const char *open_slots(void)
{
	struct text text = text_new(arena, 400);
	struct offer_list list = {NULL, 99};
	struct fail fail = {0};
	enum err err = offer_slots(&offer, arena, &list, &fail);
	int day = 0;

	ck_assert_msg(!err, "%s", fail.detail);
	for (size_t i = 0; i < list.count; i++) {
		struct civil at = civil_from_seconds(list.slots[i].call.start);

		ck_assert_int_eq(list.slots[i].call.end, list.slots[i].call.start + 1800);
		for (; day < list.slots[i].day; day++)
			text_str(&text, "|");
		text_printf(&text, "%s%02d:%02d",
		    text.len && text.data[text.len - 1] != '|' ? " " : "", at.hour, at.minute);
	}
	ck_assert(!text_overflowed(&text));
	return text.data;
}

#define TOMORROW "|08:00 08:30 09:00 09:30"

START_TEST(nothing_in_the_way)
{
	ck_assert_str_eq(open_slots(), "08:00 08:30 09:00 09:30" TOMORROW);
	offer.now = AT(8, 30);
	ck_assert_str_eq(open_slots(), "09:00 09:30" TOMORROW);
	offer.now = AT(9, 30);
	ck_assert_str_eq(open_slots(), TOMORROW);
}
END_TEST

START_TEST(not_today)
{
	hours = hours_of(&(struct plain){.days = 0x7f,
	    .first_start = 0,
	    .last_start = 60,
	    .slot_minutes = 30,
	    .window_days = 2});
	hours.notice = NOTICE_DAY;
	ck_assert_str_eq(open_slots(), "|00:00 00:30 01:00");
	offer.now = AT(23, 59);
	ck_assert_str_eq(open_slots(), "|00:00 00:30 01:00");
}
END_TEST

static const struct {
	const char *what;
	int64_t ledger, imported, start, end; /* a call, a row's call, a busy interval */
	int before, after;		      /* buffers */
	const char *open;
} obstacles[] = {
    {"a call", AT(8, 30), 0, 0, 0, 0, 0, "08:00 09:00 09:30" TOMORROW},
    {"a row without an entry", 0, AT(9, 0), 0, 0, 0, 0, "08:00 08:30 09:30" TOMORROW},
    {"the calendar", 0, 0, AT(8, 45), AT(9, 15), 0, 0, "08:00 09:30" TOMORROW},
    {"the calendar, touching", 0, 0, AT(7, 0), AT(8, 0), 0, 0, "08:00 08:30 09:00 09:30" TOMORROW},
    {"the calendar by a minute", 0, 0, AT(8, 29), AT(8, 30), 0, 0, "08:30 09:00 09:30" TOMORROW},
    {"the calendar for days", 0, 0, AT(0, 0) - 100000, AT(8, 0) + NEXT_DAY, 0, 0, TOMORROW},
    {"all three", AT(8, 0), AT(8, 30), AT(9, 0), AT(9, 1), 0, 0, "09:30" TOMORROW},
    {"a call, buffer after", AT(8, 30), 0, 0, 0, 0, 10, "09:30" TOMORROW},
    {"the calendar, buffer before", 0, 0, AT(7, 0), AT(7, 55), 10, 0, "08:30 09:00 09:30" TOMORROW},
    {"the calendar, buffer after", 0, 0, AT(10, 5), AT(11, 0), 0, 10, "08:00 08:30 09:00" TOMORROW},
};

START_TEST(obstacle)
{
	struct interval imported = call_at(obstacles[_i].imported);
	struct interval busy = {obstacles[_i].start, obstacles[_i].end};

	hours.buffer_before = obstacles[_i].before;
	hours.buffer_after = obstacles[_i].after;
	if (obstacles[_i].ledger) {
		book(2, "a", obstacles[_i].ledger);
		book(3, "b", AT(9, 30)); /* another host is in nobody's way */
	}
	offer.imported = &imported;
	offer.imported_count = obstacles[_i].imported != 0;
	offer.calendar = &busy;
	offer.calendar_count = busy.end != 0;
	ck_assert_msg(strcmp(open_slots(), obstacles[_i].open) == 0, "%s: %s", obstacles[_i].what,
	    open_slots());
}
END_TEST

/* A booking's own interval and event leave the others open, but its own slot is no choice. */
START_TEST(own_call)
{
	struct interval busy[2] = {{AT(8, 30), AT(9, 0)}, {AT(9, 30), AT(10, 0)}};

	book(1, "a", AT(8, 30));
	ck_assert_str_eq(open_slots(), "08:00 09:00 09:30" TOMORROW);
	offer.calendar = busy;
	offer.calendar_count = 2;
	ck_assert_str_eq(open_slots(), "08:00 09:00" TOMORROW);
	/* Its event frees its own time, not what stands beside it. */
	busy[0].end = AT(9, 10);
	ck_assert_str_eq(open_slots(), "08:00" TOMORROW);
	/* With buffers, the slots beside its own are its to move to. */
	busy[0].end = AT(9, 0);
	hours.buffer_before = hours.buffer_after = 10;
	ck_assert_str_eq(open_slots(), "08:00" TOMORROW);
	offer.calendar_count = 1;
	ck_assert_str_eq(open_slots(), "08:00 09:00 09:30" TOMORROW);
	/* To anybody else both stand in the way. */
	offer.booking = id_of(2);
	offer.calendar_count = 0;
	ck_assert_str_eq(open_slots(), "09:30" TOMORROW);
}
END_TEST

START_TEST(own_call_of_a_cancelled_booking)
{
	struct entry cancel = {
	    .kind = ENTRY_CANCEL, .booking = id_of(1), .version = 2, .id = id_of(9)};
	struct interval busy = {AT(8, 30), AT(9, 0)};

	book(1, "a", AT(8, 30));
	cancel.number = ++number;
	ck_assert_int_eq(apply(ledger, &cancel), VERDICT_ACCEPTED);
	ck_assert_str_eq(open_slots(), "08:00 08:30 09:00 09:30" TOMORROW);
	offer.calendar = &busy;
	offer.calendar_count = 1;
	ck_assert_str_eq(open_slots(), "08:00 09:00 09:30" TOMORROW);
}
END_TEST

START_TEST(full_day)
{
	hours.max_per_day = 2;
	book(2, "a", AT(8, 0));
	ck_assert_str_eq(open_slots(), "08:30 09:00 09:30" TOMORROW);
	book(3, "a", AT(9, 30));
	ck_assert_str_eq(open_slots(), TOMORROW);
	book(4, "a", AT(8, 0) + NEXT_DAY);
	ck_assert_str_eq(open_slots(), "|08:30 09:00 09:30");
	/* Who is among them may still move within the day. */
	offer.booking = id_of(3);
	ck_assert_str_eq(open_slots(), "08:30 09:00|08:30 09:00 09:30");
	/* A host's fill is its own. */
	offer.booking = id_of(1);
	offer.owner = "b";
	ck_assert_str_eq(open_slots(), "08:00 08:30 09:00 09:30" TOMORROW);
	offer.owner = "a";
	hours.max_per_day = 0;
	ck_assert_str_eq(open_slots(), "08:30 09:00|08:30 09:00 09:30");
}
END_TEST

/* What is offered, the ledger accepts; after the cap and buffers changed, too. */
START_TEST(offered_is_accepted)
{
	uint64_t random = 1;

	for (int round = 0; round < 300; round++) {
		struct offer_list list = {NULL, 0};
		struct fail fail = {0};
		struct entry entry;

		offer.booking = id_of((int)random_between(&random, 1, 5));
		hours.buffer_before = (int)random_between(&random, 0, 2) * 15;
		hours.buffer_after = (int)random_between(&random, 0, 2) * 15;
		hours.max_per_day = (int)random_between(&random, 0, 3);
		arena_reset(arena);
		ck_assert_int_eq(offer_slots(&offer, arena, &list, &fail), ERR_NONE);
		for (size_t i = 0; i < list.count; i++) {
			struct ledger_booking own;

			ledger_find(ledger, &offer.booking, &own);
			entry = offer_entry(&offer, list.slots[i].call, own.version, CALENDAR_OFF);
			if (ledger_judge(ledger, &entry) != VERDICT_ACCEPTED)
				ck_abort_msg("round %d, slot %zu: %s", round, i,
				    verdict_name(ledger_judge(ledger, &entry)));
			if (i + 1 == list.count) {
				entry.number = ++number;
				entry.id = id_of(1000 + (int)number);
				ck_assert_int_eq(apply(ledger, &entry), VERDICT_ACCEPTED);
			}
		}
	}
	ck_assert_uint_gt(number, 100);
}
END_TEST

static bool is_offered(const struct offer_list *list, int64_t start)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->slots[i].call.start == start)
			return true;
	return false;
}

/* Around the clock, over the end of a week and of a month: what is not offered, the ledger would
 * refuse, or it is the booking's own time; and the other way round. */
START_TEST(offered_is_what_is_accepted)
{
	uint64_t random = 7, refused = 0, accepted = 0;

	hours = hours_of(&(struct plain){.days = 0x7f,
	    .first_start = 0,
	    .last_start = 1410,
	    .slot_minutes = 30,
	    .window_days = 10});
	for (int round = 0; round < 250; round++) {
		struct offer_list list = {NULL, 0};
		struct ledger_booking own;
		struct fail fail = {0};
		struct entry entry;
		struct slot *all;
		size_t count;

		arena_reset(arena);
		/* From Friday the 25th on. */
		offer.now = DAY + 24 * NEXT_DAY + (int64_t)random_between(&random, 0, 95) * 1800;
		offer.booking = id_of((int)random_between(&random, 1, 12));
		hours.buffer_after = (int)random_between(&random, 0, 2) * 30;
		hours.max_per_day = (int)random_between(&random, 0, 2);
		hours.max_per_week = (int)random_between(&random, 0, 5);
		hours.max_per_month = (int)random_between(&random, 0, 9);
		ledger_find(ledger, &offer.booking, &own);
		all = arena_array(arena, slots_bound(&hours), sizeof(*all));
		count = slots_candidates(&hours, zone, offer.now, all);
		ck_assert_int_eq(offer_slots(&offer, arena, &list, &fail), ERR_NONE);
		for (size_t i = 0; i < count; i++) {
			bool is_own = own.is_live && own.call.start == all[i].call.start;
			enum verdict verdict;

			entry = offer_entry(&offer, all[i].call, own.version, CALENDAR_OFF);
			verdict = ledger_judge(ledger, &entry);
			refused += verdict != VERDICT_ACCEPTED;
			accepted += verdict == VERDICT_ACCEPTED;
			if (is_offered(&list, all[i].call.start) !=
			    (verdict == VERDICT_ACCEPTED && !is_own))
				ck_abort_msg("round %d, slot %zu: %s, and it is %s", round, i,
				    verdict_name(verdict),
				    verdict == VERDICT_ACCEPTED ? "not offered" : "offered");
		}
		if (!list.count)
			continue;
		entry = offer_entry(&offer,
		    list.slots[random_between(&random, 0, (int64_t)list.count - 1)].call,
		    own.version, CALENDAR_OFF);
		entry.number = ++number;
		entry.id = id_of(1000 + (int)number);
		ck_assert_int_eq(apply(ledger, &entry), VERDICT_ACCEPTED);
	}
	ck_assert_uint_gt(refused, 10000);
	ck_assert_uint_gt(accepted, 10000);
}
END_TEST

START_TEST(command)
{
	struct entry entry;
	char longest[OWNER_MAX];

	hours.buffer_before = 10;
	hours.buffer_after = 15;
	entry = offer_entry(&offer, call_at(AT(8, 0)), 7, CALENDAR_REMEMBERED);
	ck_assert_int_eq(entry.kind, ENTRY_BOOK);
	ck_assert(uuid_equal(&entry.booking, &offer.booking));
	ck_assert(uuid_is_nil(&entry.id));
	ck_assert_uint_eq(entry.number, 0);
	ck_assert_uint_eq(entry.version, 7);
	ck_assert_str_eq(entry.owner, "a");
	ck_assert_int_eq(entry.calendar, CALENDAR_REMEMBERED);
	ck_assert_int_eq(entry.call.start, AT(8, 0));
	ck_assert_int_eq(entry.call.end, AT(8, 30));
	ck_assert_int_eq(entry.taken.start, AT(8, 0));
	ck_assert_int_eq(entry.taken.end, AT(8, 45));
	ck_assert_uint_eq(entry.cap_count, 0);
	hours.max_per_day = 3;
	memset(longest, 'h', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	offer.owner = longest;
	entry = offer_entry(&offer, call_at(AT(8, 0)), 7, CALENDAR_REMEMBERED);
	ck_assert_uint_eq(entry.cap_count, 1);
	ck_assert_uint_eq(entry.caps[0].limit, 3);
	ck_assert_str_eq(entry.caps[0].tag, "");
	ck_assert_int_eq(entry.caps[0].within.start, DAY);
	ck_assert_int_eq(entry.caps[0].within.end, DAY + NEXT_DAY);
	ck_assert_str_eq(entry.owner, longest);
}
END_TEST

/* The cap counts the local day, which is 25 hours long when the clock is put back. */
START_TEST(cap_of_a_long_day)
{
	struct zone *new_york = open_zone("America/New_York");
	struct entry entry;

	offer.zone = new_york;
	hours.max_per_day = 1;
	entry = offer_entry(&offer, call_at(instant("2026-11-01T20:00:00-05:00")), 0, CALENDAR_OFF);
	ck_assert_int_eq(entry.caps[0].within.start, instant("2026-11-01T00:00:00-04:00"));
	ck_assert_int_eq(entry.caps[0].within.end, instant("2026-11-02T00:00:00-05:00"));
	zone_free(new_york);
}
END_TEST

static const struct {
	int64_t wanted;
	size_t max;
	const char *near; /* hours and minutes after midnight of the first day */
} nearest[] = {
    {AT(8, 30), 3, "0830 0800 0900"},
    {AT(8, 45), 4, "0830 0900 0800 0930"},
    {AT(8, 46), 2, "0900 0830"},
    {AT(8, 44), 2, "0830 0900"},
    {AT(0, 0), 2, "0800 0830"},
    {AT(0, 0) - 1000000, 1, "0800"},
    {AT(23, 0), 2, "3200 3230"},
    {AT(12, 0) + NEXT_DAY, 2, "3330 3300"},
    {AT(20, 46), 3, "3200 0930 3230"}, /* over the night */
    {AT(8, 0), 99, "0800 0830 0900 0930 3200 3230 3300 3330"},
    {AT(8, 0), 0, ""},
};

START_TEST(nearest_slots)
{
	struct text text = text_new(arena, 100);
	struct offer_list list = {NULL, 0}, near;
	struct fail fail = {0};

	ck_assert_int_eq(offer_slots(&offer, arena, &list, &fail), ERR_NONE);
	near = offer_nearest(&list, arena, nearest[_i].wanted, nearest[_i].max);
	for (size_t i = 0; i < near.count; i++)
		text_printf(&text, "%s%02d%02d", i ? " " : "",
		    (int)((near.slots[i].call.start - DAY) / 3600),
		    (int)((near.slots[i].call.start - DAY) / 60 % 60));
	ck_assert_str_eq(text.data, nearest[_i].near);
}
END_TEST

START_TEST(nearest_of_none)
{
	struct offer_list none = {NULL, 0};

	ck_assert_uint_eq(offer_nearest(&none, arena, AT(8, 0), 5).count, 0);
}
END_TEST

START_TEST(full_arena)
{
	struct offer_list list = {NULL, 99};
	struct arena *small = arena_new(64);
	struct fail fail = {0};

	ck_assert_int_eq(offer_slots(&offer, small, &list, &fail), ERR_SYSTEM);
	ck_assert_uint_eq(list.count, 99);
	list = (struct offer_list){NULL, 0};
	ck_assert_int_eq(offer_slots(&offer, arena, &list, &fail), ERR_NONE);
	ck_assert_uint_eq(offer_nearest(&list, small, AT(8, 0), 99).count, 0);
	arena_free(small);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("offer");
	TCase *slots = tcase_create("slots"), *entries = tcase_create("entry");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(slots, set_up, tear_down);
	tcase_add_test(slots, nothing_in_the_way);
	tcase_add_test(slots, not_today);
	tcase_add_loop_test(slots, obstacle, 0, (int)COUNT(obstacles));
	tcase_add_test(slots, own_call);
	tcase_add_test(slots, own_call_of_a_cancelled_booking);
	tcase_add_test(slots, full_day);
	tcase_add_loop_test(slots, nearest_slots, 0, (int)COUNT(nearest));
	tcase_add_test(slots, nearest_of_none);
	tcase_add_test(slots, full_arena);
	suite_add_tcase(suite, slots);
	tcase_add_checked_fixture(entries, set_up, tear_down);
	tcase_add_test(entries, command);
	tcase_add_test(entries, cap_of_a_long_day);
	tcase_add_test(entries, offered_is_what_is_accepted);
	tcase_add_test(entries, offered_is_accepted);
	suite_add_tcase(suite, entries);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

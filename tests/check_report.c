/* SPDX-License-Identifier: MIT */
/* check_report.c: lists of bookings and counts of what was done, against a ledger and rows in
 * memory. It stands in for the clocks, for journal.c and for report_rows.c at link time. */
#include "desk/report.h"
#include "base/clock.h"
#include "ledgers.h"
#include "store/report_rows.h"

#include <stdlib.h>

#define NOW_MS INT64_C(1796000000000)

struct journal {
	struct ledger *ledger;
};

static struct arena *arena;
static struct journal present;
static struct upstream upstream;
static struct fail failure;

/* The table. */
static struct entry entries[40];
static size_t entry_count;
static struct lead leads[REPORT_MAX + 1];
static size_t lead_count;
static int64_t created_ms[40]; /* of a booking's brief */
static struct brief_time briefs[20];
static size_t brief_count;
static enum err refusals[3]; /* of a refresh, of leads, of everything else */

int64_t clock_boot_ms(void)
{
	return 5000000;
}

int64_t clock_wall_ms(void)
{
	return NOW_MS;
}

int64_t clock_wall_s(void)
{
	return NOW_MS / 1000;
}

const struct ledger *journal_state(const struct journal *journal)
{
	return journal->ledger;
}

enum err journal_refresh(struct journal *journal, struct arena *own, struct fail *fail)
{
	(void)own;
	if (refusals[0])
		return fail_set(fail, refusals[0], "fake", "as it was told to");
	for (size_t i = 0; i < entry_count; i++)
		if (entries[i].number > ledger_mark(journal->ledger).number)
			apply(journal->ledger, &entries[i]);
	return ERR_NONE;
}

enum err report_rows_leads(struct clickhouse *clickhouse, struct arena *own, struct interval within,
    struct lead_list *out, struct fail *fail)
{
	(void)clickhouse;
	(void)own;
	(void)within;
	if (refusals[1])
		return fail_set(fail, refusals[1], "fake", "as it was told to");
	*out = (struct lead_list){leads, lead_count};
	return ERR_NONE;
}

/* Entries are written a second after one another. */
static int64_t written_ms(const struct entry *entry)
{
	return (int64_t)entry->number * 1000;
}

enum err report_rows_entries(struct clickhouse *clickhouse, struct arena *own,
    const struct uuid *booking, struct entry_rows *out, struct fail *fail)
{
	struct entry_rows rows = {arena_array(own, COUNT(entries), sizeof(*rows.list)), 0};

	(void)clickhouse;
	if (refusals[2])
		return fail_set(fail, refusals[2], "fake", "as it was told to");
	for (size_t i = 0; i < entry_count; i++)
		if (uuid_equal(&entries[i].booking, booking))
			rows.list[rows.count++] =
			    (struct entry_row){i, entries[i], written_ms(&entries[i])};
	*out = rows;
	return ERR_NONE;
}

enum err report_rows_changes(struct clickhouse *clickhouse, struct arena *own,
    struct interval within, struct change_rows *out, struct fail *fail)
{
	struct change_rows rows = {arena_array(own, COUNT(entries), sizeof(*rows.list)), 0};

	(void)clickhouse;
	(void)within;
	if (refusals[2])
		return fail_set(fail, refusals[2], "fake", "as it was told to");
	for (int booking = 0; booking < 40; booking++) {
		const struct uuid id = id_of(booking);

		for (size_t i = 0; i < entry_count; i++)
			if (uuid_equal(&entries[i].booking, &id))
				rows.list[rows.count++] = (struct change_row){i, id,
				    entries[i].kind, entries[i].call.start < entries[i].call.end,
				    written_ms(&entries[i]), created_ms[booking]};
	}
	*out = rows;
	return ERR_NONE;
}

enum err report_rows_briefs(struct clickhouse *clickhouse, struct arena *own,
    struct interval within, struct brief_times *out, struct fail *fail)
{
	(void)clickhouse;
	(void)own;
	(void)within;
	(void)fail;
	*out = (struct brief_times){briefs, brief_count};
	return ERR_NONE;
}

/* ---- */

static void set_up(void)
{
	arena = arena_new(32 << 20);
	ck_assert_ptr_nonnull(arena);
	failure = (struct fail){0};
	memset(refusals, 0, sizeof(refusals));
	lead_count = brief_count = 0;
	memset(created_ms, 0, sizeof(created_ms));
	entries[0] = (struct entry){
	    .number = 1, .id = id_of(1000), .kind = ENTRY_EPOCH, .booking = id_of(999)};
	entry_count = 1;
	present = (struct journal){.ledger = ledger_new()};
	ck_assert_ptr_nonnull(present.ledger);
	upstream = (struct upstream){.journal = &present};
}

static void tear_down(void)
{
	ledger_free(present.ledger);
	arena_free(arena);
}

/* Appends a command at that version; its number. A time is in half-hours. */
static uint64_t append(enum entry_kind kind, int booking, uint64_t version, int64_t start)
{
	struct entry *entry = &entries[entry_count++];

	*entry = (struct entry){.number = entry_count,
	    .id = id_of(1000 + (int)entry_count),
	    .kind = kind,
	    .booking = id_of(booking),
	    .version = version,
	    .call = {start * 1800, start * 1800 + 1800},
	    .taken = {start * 1800, start * 1800 + 1800}};
	strcpy(entry->owner, "main");
	return entry->number;
}

static void row(int booking, int64_t created_s)
{
	struct lead *lead = &leads[lead_count++];

	lead_clear(lead);
	lead->booking = id_of(booking);
	lead->created_ms = created_s * 1000;
}

START_TEST(list)
{
	const struct interval within = {1000 * 1800, 1010 * 1800};
	const int order[] = {4, 1, 9, 3, 6};
	struct report report = {.count = 99};

	append(ENTRY_BOOK, 1, 0, 1001);
	append(ENTRY_BOOK, 2, 0, 1010); /* too late */
	append(ENTRY_BOOK, 3, 0, 1009);
	append(ENTRY_BLOCK, 9, 0, 1002);
	append(ENTRY_BLOCK, 10, 0, 1010);
	append(ENTRY_UNBLOCK, 11, append(ENTRY_BLOCK, 11, 0, 1005), 1005);
	row(1, 1);
	row(3, 1);
	row(2, 1000 * 1800 + 5);
	row(4, 1000 * 1800);
	row(5, 1010 * 1800);
	row(6, 1010 * 1800 - 1);
	row(7, 1000 * 1800 - 1);
	ck_assert_int_eq(report_list(&upstream, arena, within, &report, &failure), ERR_NONE);
	ck_assert(!report.is_cut);
	ck_assert_uint_eq(report.count, COUNT(order));
	for (size_t i = 0; i < COUNT(order); i++) {
		const struct uuid id = id_of(order[i]);

		ck_assert_msg(uuid_equal(&report.list[i].id, &id), "number %zu is %d", i,
		    report.list[i].id.bytes[15]);
	}
	ck_assert_int_eq(report.list[0].state, BOOKING_AWAITING);
	ck_assert_int_eq(report.list[1].state, BOOKING_BOOKED);
	ck_assert_int_eq(report.list[2].state, BOOKING_BLOCKED);
}
END_TEST

/* What there is no room for is said to be missing. */
START_TEST(list_that_is_cut)
{
	const struct interval within = {1000 * 1800, 1010 * 1800};
	struct report report;

	for (int i = 0; i < REPORT_MAX; i++)
		row(1 + i, 1001 * 1800);
	ck_assert_int_eq(report_list(&upstream, arena, within, &report, &failure), ERR_NONE);
	ck_assert_uint_eq(report.count, REPORT_MAX);
	ck_assert(!report.is_cut);
	row(1 + REPORT_MAX, 1001 * 1800);
	arena_reset(arena);
	ck_assert_int_eq(report_list(&upstream, arena, within, &report, &failure), ERR_NONE);
	ck_assert_uint_eq(report.count, REPORT_MAX);
	ck_assert(report.is_cut);
}
END_TEST

/* Nor is there room for what one person's calendar has of them, calls and blocks together. */
START_TEST(blocks_that_are_cut)
{
	const struct interval within = {1000 * 1800, 1000 * 1800 + REPORT_MAX + 1};
	struct entry entry = {.kind = ENTRY_BLOCK, .owner = "main"};
	struct report report;

	ck_assert_int_eq(apply(present.ledger, &entries[0]), VERDICT_ACCEPTED);
	for (uint64_t i = 0; i < REPORT_MAX + 1; i++) {
		entry.number = 2 + i;
		entry.id = entry.booking = id_of(2000 + (int)i);
		entry.call.start = within.start + (int64_t)i;
		entry.call.end = entry.call.start + 1;
		entry.taken = entry.call;
		ck_assert_int_eq(apply(present.ledger, &entry), VERDICT_ACCEPTED);
		if (i + 1 < REPORT_MAX)
			continue;
		arena_reset(arena);
		ck_assert_int_eq(
		    report_list(&upstream, arena, within, &report, &failure), ERR_NONE);
		ck_assert_uint_eq(report.count, REPORT_MAX);
		ck_assert_int_eq(report.is_cut, i == REPORT_MAX);
	}
	/* One that is cut elsewhere is cut. */
	entry.number++;
	entry.id = entry.booking = id_of(20000);
	strcpy(entry.owner, "second");
	ck_assert_int_eq(apply(present.ledger, &entry), VERDICT_ACCEPTED);
	arena_reset(arena);
	ck_assert_int_eq(report_list(&upstream, arena, within, &report, &failure), ERR_NONE);
	ck_assert(report.is_cut);
}
END_TEST

/* A block counts when it overlaps, at its end, too. */
START_TEST(list_of_blocks)
{
	struct report report;

	append(ENTRY_BLOCK, 9, 0, 1000);
	append(ENTRY_BLOCK, 10, 0, 1001);
	strcpy(entries[entry_count - 1].owner, "second");
	ck_assert_int_eq(report_list(&upstream, arena,
			     (struct interval){1000 * 1800 + 1799, 1001 * 1800}, &report, &failure),
	    ERR_NONE);
	ck_assert_uint_eq(report.count, 1);
	ck_assert_int_eq(report_list(&upstream, arena, (struct interval){1001 * 1800, 1002 * 1800},
			     &report, &failure),
	    ERR_NONE);
	/* Of whoever else is booked. */
	ck_assert_uint_eq(report.count, 1);
	ck_assert_int_eq(report.list[0].id.bytes[15], 10);
}
END_TEST

START_TEST(refused)
{
	struct arena *small;
	struct report report = {.count = 99};
	struct report_entry *history = NULL;
	struct report_steps steps = {.count = 99};
	const struct uuid booking = id_of(1);
	const struct interval within = {0, 1};

	refusals[_i] = ERR_BUSY;
	if (_i < 2) {
		ck_assert_int_eq(
		    report_list(&upstream, arena, within, &report, &failure), ERR_BUSY);
		ck_assert_uint_eq(report.count, 99);
	}
	if (_i != 1) {
		ck_assert_int_eq(
		    report_history(&upstream, arena, &booking, &history, &failure), ERR_BUSY);
		ck_assert_ptr_null(history);
		ck_assert_int_eq(
		    report_steps(&upstream, arena, within, 60, &steps, &failure), ERR_BUSY);
		ck_assert_uint_eq(steps.count, 99);
	}
	memset(refusals, 0, sizeof(refusals));
	small = arena_new(1000);
	ck_assert_int_eq(report_list(&upstream, small, within, &report, &failure), ERR_SYSTEM);
	arena_free(small);
	/* Room for the bookings alone. */
	small = arena_new(REPORT_MAX * sizeof(struct booking) + 1000);
	ck_assert_int_eq(report_list(&upstream, small, within, &report, &failure), ERR_SYSTEM);
	arena_free(small);
}
END_TEST

START_TEST(history)
{
	const struct uuid booking = id_of(7), nobody = id_of(8);
	uint64_t book = append(ENTRY_BOOK, 7, 0, 1000), other = append(ENTRY_BOOK, 9, 0, 1001);
	uint64_t overlap = append(ENTRY_BOOK, 7, book, 1001),
		 move = append(ENTRY_BOOK, 7, book, 1002);
	uint64_t stale = append(ENTRY_CANCEL, 7, book, 0),
		 cancel = append(ENTRY_CANCEL, 7, move, 0);
	const struct {
		uint64_t number, version;
		enum verdict verdict;
	} expected[] = {
	    {book, book, VERDICT_ACCEPTED},
	    {overlap, 0, VERDICT_OVERLAP},
	    {move, move, VERDICT_ACCEPTED},
	    {stale, 0, VERDICT_STALE},
	    {cancel, cancel, VERDICT_ACCEPTED},
	};
	struct report_entry *at = NULL;

	ck_assert_uint_gt(other, 0);
	ck_assert_int_eq(report_history(&upstream, arena, &booking, &at, &failure), ERR_NONE);
	for (size_t i = 0; i < COUNT(expected); i++, at = at->next) {
		ck_assert_ptr_nonnull(at);
		ck_assert_uint_eq(at->entry.number, expected[i].number);
		ck_assert_int_eq(at->verdict, expected[i].verdict);
		if (at->verdict == VERDICT_ACCEPTED)
			ck_assert_uint_eq(at->version, expected[i].version);
		ck_assert_int_eq(at->at_ms, (int64_t)expected[i].number * 1000);
	}
	ck_assert_ptr_null(at);
	at = (struct report_entry *)&upstream;
	ck_assert_int_eq(report_history(&upstream, arena, &nobody, &at, &failure), ERR_NONE);
	ck_assert_ptr_null(at);
}
END_TEST

static unsigned steps_of(
    const struct report_steps *steps, enum step_kind kind, int64_t at_ms, int64_t took_ms)
{
	unsigned found = 0;

	for (size_t i = 0; i < steps->count; i++)
		found += steps->list[i].kind == kind && steps->list[i].at_ms == at_ms &&
			 steps->list[i].took_ms == took_ms;
	return found;
}

START_TEST(steps)
{
	struct interval within = {2, 0};
	uint64_t book = append(ENTRY_BOOK, 7, 0, 1000), move = append(ENTRY_BOOK, 7, book, 1002);
	uint64_t stale = append(ENTRY_BOOK, 7, book, 1003),
		 cancel = append(ENTRY_CANCEL, 7, move, 0);
	uint64_t again = append(ENTRY_BOOK, 7, cancel, 1004),
		 early = append(ENTRY_BOOK, 8, 0, 1005);
	uint64_t block = append(ENTRY_BLOCK, 9, 0, 1006);
	uint64_t outside = append(ENTRY_CANCEL, 8, early, 0);
	struct report_steps found = {.count = 99};

	/* Of nothing there is none. */
	entry_count = 0;
	ck_assert_int_eq(
	    report_steps(&upstream, arena, (struct interval){0, 9}, 60, &found, &failure),
	    ERR_NONE);
	ck_assert_uint_eq(found.count, 0);
	entry_count = (size_t)outside;
	/* What is written at the window's end is out of it, what is at its beginning is in it. */
	ck_assert_uint_eq(book, 2);
	within.end = (int64_t)outside;
	ck_assert_uint_gt(stale + block, 0);
	created_ms[7] = 900;
	created_ms[8] = 8000;
	briefs[brief_count++] = (struct brief_time){id_of(7), NOW_MS - 60001, true};
	briefs[brief_count++] = (struct brief_time){id_of(20), NOW_MS - 60001, true};
	briefs[brief_count++] = (struct brief_time){id_of(21), NOW_MS - 60000, true};
	briefs[brief_count++] = (struct brief_time){id_of(22), NOW_MS - 70000, false};
	ck_assert_int_eq(report_steps(&upstream, arena, within, 60, &found, &failure), ERR_NONE);
	/* A brief that has no call by now, and is old enough, is abandoned besides. */
	ck_assert_uint_eq(steps_of(&found, STEP_LEAD, NOW_MS - 60001, 0), 2);
	ck_assert_uint_eq(steps_of(&found, STEP_LEAD, NOW_MS - 60000, 0), 1);
	ck_assert_uint_eq(steps_of(&found, STEP_LEAD, NOW_MS - 70000, 0), 1);
	ck_assert_uint_eq(steps_of(&found, STEP_ABANDONED, NOW_MS - 60001, 0), 1);
	/* The first call of a brief took its time; not the one after a cancel, nor one before its
	 * brief. */
	ck_assert_uint_eq(steps_of(&found, STEP_BOOKED, 2000, 1100), 1);
	ck_assert_uint_eq(steps_of(&found, STEP_MOVED, (int64_t)move * 1000, 0), 1);
	ck_assert_uint_eq(steps_of(&found, STEP_CANCELLED, (int64_t)cancel * 1000, 0), 1);
	ck_assert_uint_eq(steps_of(&found, STEP_BOOKED, (int64_t)again * 1000, 0), 1);
	ck_assert_uint_eq(steps_of(&found, STEP_BOOKED, (int64_t)early * 1000, 0), 1);
	ck_assert_uint_eq(found.count, 5 + 5);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("report");
	TCase *reports = tcase_create("reports");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(reports, set_up, tear_down);
	tcase_add_test(reports, list);
	tcase_add_test(reports, list_of_blocks);
	tcase_add_test(reports, list_that_is_cut);
	tcase_add_test(reports, blocks_that_are_cut);
	tcase_add_loop_test(reports, refused, 0, 3);
	tcase_add_test(reports, history);
	tcase_add_test(reports, steps);
	suite_add_tcase(suite, reports);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

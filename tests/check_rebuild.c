/* SPDX-License-Identifier: MIT */
/* check_rebuild.c: what a new ledger is made of, and that nothing is lost when it cannot be made.
 * Tables of a few rows stand in for clickhouse.c at link time, and a replayed ledger for journal.c.
 */
#include "store/rebuild.h"
#include "ledgers.h"
#include "store/journal.h"

#define AT(hours) (INT64_C(1796130000) + (hours)*3600)
#define NOTHING "0\t0\t0\t0"
#define OUT_MAX 6000

static struct arena *arena;
static struct fail failure;
static struct rebuild_result result;

/* What the tables have, what was done to them, and which statement is refused. */
static struct {
	char rows[OUT_MAX], loose[OUT_MAX], blocks[OUT_MAX];
	const char
	    *counts[3]; /* of the ledger: before, when it is built, and of what is kept after */
	int counted;
	char did[OUT_MAX]; /* statements by their first word, and rows put without their ids */
	const char *refused, *also_refused;
	enum err err;
} store;

/* journal.c's: what stands in the old ledger, and whether it can be replayed. */
static struct ledger *old;
static enum err old_err;

struct journal *journal_new(struct clickhouse *clickhouse)
{
	(void)clickhouse;
	return (struct journal *)&old;
}

void journal_free(struct journal *journal)
{
	(void)journal;
}

const struct ledger *journal_state(const struct journal *journal)
{
	(void)journal;
	return old_err ? NULL : old;
}

enum err journal_refresh(struct journal *journal, struct arena *own, struct fail *fail)
{
	(void)journal, (void)own;
	return old_err ? fail_set(fail, old_err, "fake", "as it was told to") : ERR_NONE;
}

static void add(char *to, const char *text)
{
	ck_assert_uint_lt(strlen(to) + strlen(text), OUT_MAX);
	strcat(to, text);
}

static const char *reply_to(const char *sql)
{
	if (strncmp(sql, "WITH loose", 10) == 0)
		return store.loose;
	if (strstr(sql, "toString(count())"))
		return store.counts[store.counted++];
	return strstr(sql, "FROM consulting_bookings FINAL") ? store.rows : store.blocks;
}

/* A table's name has the time in it. */
static void note(const struct query *query)
{
	const char *name = strstr(query->sql, "ledger_until_");
	char line[OUT_MAX];

	if (strncmp(query->sql, "SELECT", 6) == 0 || strncmp(query->sql, "WITH", 4) == 0)
		return;
	ck_assert_ptr_nonnull(name);
	if (query->data) {
		ck_assert_uint_gt(query->data_len, UUID_TEXT);
		snprintf(line, sizeof(line), "%.*s", (int)(query->data_len - UUID_TEXT),
		    query->data + UUID_TEXT);
	} else if (strstr(query->sql, "'epoch'")) {
		snprintf(line, sizeof(line), "EPOCH\n");
	} else {
		snprintf(line, sizeof(line), "%.*s\n", (int)strcspn(query->sql, " "), query->sql);
	}
	add(store.did, line);
}

enum err clickhouse_ask(struct clickhouse *clickhouse, struct arena *own, const struct query *query,
    char **rows, struct fail *fail)
{
	(void)clickhouse;
	if (store.refused && strstr(query->sql, store.refused))
		return fail_set(fail, store.err, "fake", "as it was told to");
	if (store.also_refused && strstr(query->sql, store.also_refused))
		return fail_set(fail, ERR_REFUSED, "fake", "that neither");
	note(query);
	if (rows)
		*rows = arena_str(own, reply_to(query->sql));
	return ERR_NONE;
}

static void set_up(void)
{
	const struct entry epoch = {.number = 1,
	    .id = id_of(100),
	    .kind = ENTRY_EPOCH,
	    .booking = id_of(99),
	    .version = 1000};

	memset(&store, 0, sizeof(store));
	for (int i = 0; i < 3; i++)
		store.counts[i] = "5\n";
	store.err = ERR_BUSY;
	failure = (struct fail){0};
	arena = arena_new(16 << 20);
	old = ledger_new();
	ck_assert(arena && old);
	ck_assert_int_eq(apply(old, &epoch), VERDICT_ACCEPTED);
	old_err = ERR_LEDGER;
}

static void tear_down(void)
{
	ledger_free(old);
	arena_free(arena);
}

static enum err rebuild(enum rebuild_doubts doubts, bool is_trial)
{
	store.did[0] = '\0';
	store.counted = 0;
	return rebuild_ledger(NULL, arena, doubts, is_trial, &result, &failure);
}

/* A row of a table: a call from one hour to another, with what was taken for it. */
static void row(char *table, const char *kind, int booking, uint64_t version, const char *times,
    bool is_doubtful)
{
	char line[400], id[UUID_TEXT];
	const struct uuid uuid = id_of(booking);

	snprintf(line, sizeof(line),
	    "00000000-0000-0000-0000-000000000000\t%s\t%s\t%" PRIu64
	    "\tmain\t%s\tfresh\t\tintro\tchat\t0\toperator\t\t%d\n",
	    kind, uuid_format(&uuid, id), version, times, is_doubtful);
	add(table, line);
}

static const char *hours(int from, int to, int taken_from, int taken_to)
{
	static char text[100];

	snprintf(text, sizeof(text), "%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64, AT(from),
	    AT(to), AT(taken_from), AT(taken_to));
	return text;
}

/* The same as it is put. */
static const char *put(const char *kind, int booking, uint64_t version, const char *times)
{
	static char line[400];
	const struct uuid uuid = id_of(booking);
	char id[UUID_TEXT];

	snprintf(line, sizeof(line),
	    "%s\t%s\t%" PRIu64 "\tmain\t%s\tfresh\t\tintro\tchat\t0\toperator\t\n", kind,
	    uuid_format(&uuid, id), version,
	    strcmp(times, NOTHING) == 0 ? "0000000000\t0000000000\t0000000000\t0000000000" : times);
	return line;
}

static void expect_lines(const char *const *lines, size_t count)
{
	char expected[OUT_MAX] = "";

	for (size_t i = 0; i < count; i++)
		add(expected, lines[i]);
	ck_assert_str_eq(store.did, expected);
}

static void expect_put(const char *rows)
{
	expect_lines((const char *const[]){"CREATE\n", "EPOCH\n", rows, "EXCHANGE\n"}, 4);
}

/* ---- After a restore: by the rows, the newest first. */

START_TEST(rows_of_each_kind)
{
	char expected[OUT_MAX] = "";

	row(store.rows, "restore", 1, 30, hours(0, 1, -1, 2), false);
	row(store.rows, "restore", 2, 20, NOTHING, false);
	row(store.rows, "erase", 3, 10, NOTHING, false);
	ck_assert_int_eq(rebuild(REBUILD_ASK, false), ERR_NONE);
	add(expected, put("restore", 1, 30, hours(0, 1, -1, 2)));
	add(expected, put("restore", 2, 20, NOTHING));
	/* An erasure is commanded anew. */
	add(expected, put("erase", 3, 0, NOTHING));
	expect_put(expected);
	ck_assert_uint_eq(result.live, 1);
	ck_assert_uint_eq(result.ended, 2);
	ck_assert_uint_eq(result.blocks, 0);
	ck_assert_uint_eq(result.carried, 0);
	ck_assert_uint_eq(result.doubtful, 0);
	ck_assert_int_eq(strncmp(result.kept, "ledger_until_", 13), 0);
}
END_TEST

/* A call whose entry is gone takes its own time, and no buffers. */
START_TEST(row_without_an_entry)
{
	char times[100];

	snprintf(times, sizeof(times), "%" PRId64 "\t%" PRId64 "\t0\t0", AT(0), AT(1));
	row(store.rows, "restore", 1, 30, times, false);
	ck_assert_int_eq(rebuild(REBUILD_ASK, false), ERR_NONE);
	expect_put(put("restore", 1, 30, hours(0, 1, 0, 1)));
}
END_TEST

/* Of two that claim one time the newer one has it. Where only their buffers meet, both stand. */
START_TEST(rows_that_overlap)
{
	char expected[OUT_MAX] = "";

	row(store.rows, "restore", 1, 30, hours(0, 1, 0, 2), false);
	row(store.rows, "restore", 2, 20, hours(2, 3, 1, 3), false);
	row(store.rows, "restore", 3, 10, hours(0, 1, 0, 1), false);
	ck_assert_int_eq(rebuild(REBUILD_ASK, false), ERR_NONE);
	add(expected, put("restore", 1, 30, hours(0, 1, 0, 2)));
	add(expected, put("restore", 2, 20, hours(2, 3, 2, 3)));
	add(expected, put("restore", 3, 10, NOTHING));
	expect_put(expected);
	ck_assert_uint_eq(result.live, 2);
	ck_assert_uint_eq(result.ended, 1);
}
END_TEST

START_TEST(rows_that_no_program_wrote)
{
	row(store.rows, "nonsense", 1, 30, hours(0, 1, 0, 1), false);
	row(store.rows, "restore", 2, 20, hours(2, 3, 2, 3), false);
	ck_assert_int_eq(rebuild(REBUILD_ASK, false), ERR_NONE);
	expect_put(put("restore", 2, 20, hours(2, 3, 2, 3)));
}
END_TEST

/* Blocks come last, and none stands in a call's way. */
START_TEST(blocks)
{
	char expected[OUT_MAX] = "";

	row(store.rows, "restore", 1, 30, hours(0, 1, 0, 1), false);
	row(store.blocks, "block", 2, 1, hours(0, 2, 0, 2), false);
	row(store.blocks, "block", 3, 1, hours(5, 6, 5, 6), false);
	ck_assert_int_eq(rebuild(REBUILD_ASK, false), ERR_NONE);
	add(expected, put("restore", 1, 30, hours(0, 1, 0, 1)));
	add(expected, put("block", 3, 0, hours(5, 6, 5, 6)));
	expect_put(expected);
	ck_assert_uint_eq(result.blocks, 1);
	ck_assert_uint_eq(result.live, 1);
	ck_assert_uint_eq(result.ended, 0);
}
END_TEST

/* ---- Commands whose rows are missing. */

/* They stand on what was carried over before them, whatever version they saw. */
START_TEST(commands_are_carried_over)
{
	char expected[OUT_MAX] = "";

	row(store.rows, "restore", 1, 30, hours(0, 1, 0, 1), false);
	row(store.loose, "cancel", 1, 30, NOTHING, false);
	row(store.loose, "book", 2, 0, hours(0, 1, 0, 1), false);
	row(store.loose, "book", 2, 77, hours(2, 3, 2, 3), false);
	ck_assert_int_eq(rebuild(REBUILD_ASK, false), ERR_NONE);
	add(expected, put("restore", 1, 30, hours(0, 1, 0, 1)));
	add(expected, put("cancel", 1, 30, NOTHING));
	add(expected, put("book", 2, 0, hours(0, 1, 0, 1)));
	/* An entry's version is its number beyond the epoch's. */
	add(expected, put("book", 2, UINT64_MAX / 2 + 4, hours(2, 3, 2, 3)));
	expect_put(expected);
	ck_assert_uint_eq(result.carried, 3);
	ck_assert_uint_eq(result.doubtful, 0);
	ck_assert_uint_eq(result.live, 1);
	ck_assert_uint_eq(result.ended, 1);
}
END_TEST

static void doubtful_book(void)
{
	row(store.rows, "restore", 1, 30, hours(0, 1, 0, 1), false);
	row(store.loose, "book", 2, 0, hours(2, 3, 2, 3), true);
	/* That one could never have been accepted. */
	row(store.loose, "book", 3, 0, hours(0, 1, 0, 1), true);
}

static void expect_doubt(void)
{
	ck_assert_uint_eq(result.doubtful, 1);
	ck_assert_str_eq(
	    result.doubts, "00000000-0000-0000-0000-000000000002 2026-12-01T15:00:00Z\n");
}

START_TEST(doubts_are_asked_about)
{
	doubtful_book();
	ck_assert_int_eq(rebuild(REBUILD_ASK, false), ERR_REFUSED);
	expect_doubt();
	expect_lines((const char *const[]){"CREATE\n", "EPOCH\n",
			 put("restore", 1, 30, hours(0, 1, 0, 1)), "DROP\n"},
	    4);
}
END_TEST

START_TEST(doubts_are_booked)
{
	char expected[OUT_MAX] = "";

	doubtful_book();
	ck_assert_int_eq(rebuild(REBUILD_HOLD, false), ERR_NONE);
	expect_doubt();
	add(expected, put("restore", 1, 30, hours(0, 1, 0, 1)));
	add(expected, put("book", 2, 0, hours(2, 3, 2, 3)));
	expect_put(expected);
	ck_assert_uint_eq(result.carried, 1);
}
END_TEST

START_TEST(doubts_are_left_out)
{
	doubtful_book();
	ck_assert_int_eq(rebuild(REBUILD_DROP, false), ERR_NONE);
	expect_doubt();
	expect_put(put("restore", 1, 30, hours(0, 1, 0, 1)));
	ck_assert_uint_eq(result.carried, 0);
}
END_TEST

/* ---- An old ledger that can be replayed says how each booking stands. */

static struct entry entry_of(enum entry_kind kind, int booking, int from, int to)
{
	struct entry entry = {.kind = kind,
	    .booking = id_of(booking),
	    .call = {AT(from), AT(to)},
	    .taken = {AT(from), AT(to)},
	    .calendar = CALENDAR_FRESH,
	    .actor = ACTOR_OPERATOR};

	entry_set_owner(&entry, "main");
	ck_assert(entry_add_tag(&entry, "intro") && entry_set_meeting(&entry, "chat"));
	return entry;
}

static uint64_t command(struct entry entry)
{
	static uint64_t number = 1;
	struct ledger_booking booking;

	ledger_find(old, &entry.booking, &booking);
	entry.version = booking.version;
	entry.number = ++number;
	entry.id = id_of(200 + (int)number);
	ck_assert_int_eq(apply(old, &entry), VERDICT_ACCEPTED);
	return ledger_version(old, number);
}

START_TEST(old_ledger_counts)
{
	struct entry block = entry_of(ENTRY_BLOCK, 4, 8, 9),
		     given_back = entry_of(ENTRY_BLOCK, 5, 8, 9);
	struct entry buffered = entry_of(ENTRY_BOOK, 1, 0, 1);
	char expected[OUT_MAX] = "";
	uint64_t live, ended;

	old_err = ERR_NONE;
	buffered.taken = (struct interval){AT(-1), AT(2)};
	live = command(buffered);
	command(entry_of(ENTRY_BOOK, 2, 3, 4));
	ended = command((struct entry){.kind = ENTRY_CANCEL, .booking = id_of(2)});
	command(entry_of(ENTRY_BOOK, 3, 5, 6));
	command((struct entry){.kind = ENTRY_ERASE, .booking = id_of(3)});
	command(given_back);
	command((struct entry){.kind = ENTRY_UNBLOCK, .booking = id_of(5)});
	command(block);
	/* Rows that are behind it, one that it does not know, and one whose entry it lost. */
	row(store.rows, "restore", 6, 50, hours(20, 21, 20, 21), false);
	row(store.rows, "restore", 1, live, hours(7, 8, 7, 8), false);
	row(store.rows, "restore", 2, ended - 1, hours(3, 4, 3, 4), false);
	/* Neither is asked for then. */
	row(store.loose, "book", 8, 0, hours(10, 11, 10, 11), false);
	row(store.blocks, "block", 9, 0, hours(12, 13, 12, 13), false);
	ck_assert_int_eq(rebuild(REBUILD_ASK, false), ERR_NONE);
	add(expected, put("restore", 6, 50, hours(20, 21, 20, 21)));
	add(expected, put("restore", 1, live, hours(0, 1, -1, 2)));
	add(expected, put("restore", 2, ended, NOTHING));
	add(expected, put("erase", 3, 0, NOTHING));
	add(expected, put("block", 4, 0, hours(8, 9, 8, 9)));
	expect_put(expected);
	ck_assert_uint_eq(result.live, 2);
	ck_assert_uint_eq(result.ended, 2);
	ck_assert_uint_eq(result.blocks, 1);
}
END_TEST

START_TEST(row_that_is_ahead_is_believed)
{
	uint64_t version;

	old_err = ERR_NONE;
	version = command(entry_of(ENTRY_BOOK, 1, 0, 1));
	row(store.rows, "restore", 1, version + 1, hours(7, 8, 7, 8), false);
	ck_assert_int_eq(rebuild(REBUILD_ASK, false), ERR_NONE);
	expect_put(put("restore", 1, version + 1, hours(7, 8, 7, 8)));
}
END_TEST

/* ---- What goes wrong: the ledger that is there stays. */

START_TEST(trial_changes_nothing)
{
	doubtful_book();
	store.counts[1] = "6\n";
	ck_assert_int_eq(rebuild(REBUILD_ASK, true), ERR_NONE);
	expect_doubt();
	ck_assert_ptr_nonnull(strstr(store.did, "DROP\n"));
	ck_assert_ptr_null(strstr(store.did, "EXCHANGE\n"));
	ck_assert_uint_eq(result.live, 1);
}
END_TEST

START_TEST(entry_that_arrives_meanwhile)
{
	store.counts[1] = "6\n";
	ck_assert_int_eq(rebuild(REBUILD_ASK, false), ERR_LEDGER);
	ck_assert_str_eq(failure.where, "rebuild");
	expect_lines((const char *const[]){"CREATE\n", "EPOCH\n", "DROP\n"}, 3);
}
END_TEST

/* Both tables are there then, and the way back is told. */
START_TEST(entry_that_arrives_at_the_last_moment)
{
	store.counts[2] = "6\n";
	ck_assert_int_eq(rebuild(REBUILD_ASK, false), ERR_LEDGER);
	expect_put("");
	ck_assert_ptr_nonnull(strstr(failure.detail, result.kept));
	ck_assert_str_eq(failure.where, "rebuild");
}
END_TEST

static const struct {
	const char *refused, *did;
} steps[] = {
    {"toString(count()) FROM ledger ", ""},
    {"CREATE TABLE", ""},
    {"'epoch'", "CREATE\nDROP\n"},
    {"FROM consulting_bookings FINAL", "CREATE\nEPOCH\nDROP\n"},
    {"WITH loose", "CREATE\nEPOCH\nDROP\n"},
    {"'block'", "CREATE\nEPOCH\nDROP\n"},
    {"EXCHANGE", "CREATE\nEPOCH\n"},
    /* From here on nothing may be dropped: that name is the old ledger's. */
    {"toString(count()) FROM ledger_until_", "CREATE\nEPOCH\nEXCHANGE\n"},
};

START_TEST(step_that_is_refused)
{
	store.refused = steps[_i].refused;
	ck_assert_int_eq(rebuild(REBUILD_ASK, false), ERR_BUSY);
	ck_assert_int_eq(failure.code, ERR_BUSY);
	ck_assert_str_eq(store.did, steps[_i].did);
}
END_TEST

/* What went wrong is told, not what came of it. */
START_TEST(rest_that_cannot_be_dropped)
{
	store.refused = "'epoch'";
	store.also_refused = "DROP TABLE";
	ck_assert_int_eq(rebuild(REBUILD_ASK, false), ERR_BUSY);
	ck_assert_int_eq(failure.code, ERR_BUSY);
	ck_assert_str_eq(failure.detail, "as it was told to");
}
END_TEST

START_TEST(row_that_is_refused)
{
	row(store.rows, "restore", 1, 30, hours(0, 1, 0, 1), false);
	store.refused = "(id, kind, booking_id, version, host";
	ck_assert_int_eq(rebuild(REBUILD_ASK, false), ERR_BUSY);
	ck_assert_str_eq(store.did, "CREATE\nEPOCH\nDROP\n");
}
END_TEST

/* Nothing of an old ledger is left behind. */
START_TEST(old_entry_that_is_refused)
{
	old_err = ERR_NONE;
	command(entry_of(ENTRY_BOOK, 1, 0, 1));
	store.refused = "(id, kind, booking_id, version, host";
	ck_assert_int_eq(rebuild(REBUILD_ASK, false), ERR_BUSY);
	ck_assert_str_eq(store.did, "CREATE\nEPOCH\nDROP\n");
}
END_TEST

START_TEST(answers_that_cannot_be_understood)
{
	store.counts[0] = "many\n";
	ck_assert_int_eq(rebuild(REBUILD_ASK, false), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "rebuild");
	ck_assert_str_eq(store.did, "");
	store.counts[0] = "5\n";
	store.counts[1] = "";
	ck_assert_int_eq(rebuild(REBUILD_ASK, false), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "rebuild");
	ck_assert_str_eq(store.did, "CREATE\nEPOCH\nDROP\n");
	store.counts[1] = "5\n";
	strcpy(store.rows, "one field\n");
	ck_assert_int_eq(rebuild(REBUILD_ASK, false), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "rebuild");
	ck_assert_str_eq(store.did, "CREATE\nEPOCH\nDROP\n");
}
END_TEST

/* A server that does not answer is no broken ledger. */
START_TEST(server_that_does_not_answer)
{
	old_err = ERR_UNREACHABLE;
	ck_assert_int_eq(rebuild(REBUILD_ASK, false), ERR_UNREACHABLE);
	ck_assert_str_eq(store.did, "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rebuild");
	TCase *all = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(all, set_up, tear_down);
	tcase_add_test(all, rows_of_each_kind);
	tcase_add_test(all, row_without_an_entry);
	tcase_add_test(all, rows_that_overlap);
	tcase_add_test(all, rows_that_no_program_wrote);
	tcase_add_test(all, blocks);
	tcase_add_test(all, commands_are_carried_over);
	tcase_add_test(all, doubts_are_asked_about);
	tcase_add_test(all, doubts_are_booked);
	tcase_add_test(all, doubts_are_left_out);
	tcase_add_test(all, old_ledger_counts);
	tcase_add_test(all, row_that_is_ahead_is_believed);
	tcase_add_test(all, trial_changes_nothing);
	tcase_add_test(all, entry_that_arrives_meanwhile);
	tcase_add_test(all, entry_that_arrives_at_the_last_moment);
	tcase_add_loop_test(all, step_that_is_refused, 0, (int)COUNT(steps));
	tcase_add_test(all, rest_that_cannot_be_dropped);
	tcase_add_test(all, row_that_is_refused);
	tcase_add_test(all, old_entry_that_is_refused);
	tcase_add_test(all, answers_that_cannot_be_understood);
	tcase_add_test(all, server_that_does_not_answer);
	suite_add_tcase(suite, all);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

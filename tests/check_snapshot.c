/* SPDX-License-Identifier: MIT */
/* check_snapshot.c: a page's one query, and rows of consulting_bookings that are put, found and
 * counted. The ledger of a test stands in for journal.c at link time. */
#include "store/snapshot.h"
#include "asked.h"
#include "store/people.h"
#include "store/report_rows.h"

#define ID "00000000-0000-0000-0000-000000000007"
#define OTHER_ID "00000000-0000-0000-0000-000000000008"
#define TABLE "00000000-0000-0000-0000-000000000063"
#define CURRENT "ledger\t" TABLE "\t1\n"
#define BEHIND "ledger\t" TABLE "\t2\n"
#define FIELDS(id, name)                                                                           \
	id "\t12\tbooked\t1796130000\t1796131800\tfresh\t1796000000123\tmain\t" name               \
	   "\ta@example.com\t\tEurope/Berlin\ten\t\t\tWords\t\t\n"
#define LEAD "lead\t" FIELDS(ID, "Ada")
#define END "end\n"

static const struct interval window = {1796000000, 1797000000};

static struct arena *arena;
static struct ledger *ledger;
static struct imported *imported;
static struct fail failure;
static int refreshes;
static bool was_told; /* what the look has of the table, at the latest of them */
static enum err refresh_err;

struct clickhouse *journal_clickhouse(const struct journal *journal)
{
	(void)journal;
	return NULL;
}

const struct ledger *journal_state(const struct journal *journal)
{
	(void)journal;
	return ledger;
}

bool journal_is_current(const struct journal *journal, char *const *fields)
{
	(void)journal;
	return strcmp(fields[0], TABLE) == 0 && strcmp(fields[1], "1") == 0;
}

bool journal_is_as_long(const struct journal *journal, const char *field)
{
	(void)journal;
	return strcmp(field, "1") == 0;
}

bool tail_parse(char *const *fields, struct uuid *table, uint64_t *position, struct entry *entry)
{
	*position = (uint64_t)strlen(fields[1]);
	return uuid_parse(fields[0], table) && entry_row_parse(fields + 3, entry);
}

enum err journal_refresh_seen(
    struct journal *journal, struct arena *own, char *const *fields, struct fail *fail)
{
	(void)journal, (void)own;
	refreshes++;
	was_told =
	    fields && uuid_parse(fields[0], &(struct uuid){{0}}) && strcmp(fields[1], "2") == 0;
	return refresh_err ? fail_set(fail, refresh_err, "fake", "as it was told to") : ERR_NONE;
}

static void set_up(void)
{
	const struct entry epoch = {
	    .number = 1, .id = id_of(100), .kind = ENTRY_EPOCH, .booking = id_of(99)};

	store_begin();
	failure = (struct fail){0};
	refreshes = 0;
	refresh_err = ERR_NONE;
	arena = arena_new(4 << 20);
	ledger = ledger_new();
	imported = imported_new("main");
	ck_assert(arena && ledger && imported);
	ck_assert_int_eq(apply(ledger, &epoch), VERDICT_ACCEPTED);
}

static void tear_down(void)
{
	store_begin();
	imported_free(imported);
	ledger_free(ledger);
	arena_free(arena);
}

static enum err look(bool asks_imported, bool asks_person, struct snapshot *out)
{
	const struct snapshot_wish wish = {.booking = id_of(7),
	    .part = LEAD_WHOLE,
	    .imported = asks_imported ? imported : NULL,
	    .window = window,
	    .asks_person = asks_person};

	return snapshot_finish(
	    snapshot_start((struct journal *)&ledger, arena, &wish), out, &failure);
}

START_TEST(row_and_ledger)
{
	struct snapshot found;

	store.replies[0] = LEAD CURRENT;
	ck_assert_int_eq(look(false, false, &found), ERR_NONE);
	ck_assert(found.has_lead && !found.lead.is_partial);
	ck_assert_str_eq(found.lead.name, "Ada");
	ck_assert_uint_eq(found.lead.version, 12);
	ck_assert_int_eq(refreshes, 0);
	ck_assert_int_eq(store.count, 1);
	ck_assert_ptr_nonnull(strstr(store.queries[0].parameters, "&param_booking=" ID));
	ck_assert_ptr_nonnull(strstr(store.queries[0].sql, "('TabSeparated', 'lead', "));
	ck_assert_ptr_null(strstr(store.queries[0].sql, "'booked'"));
	/* Who has looked a moment ago is told how many rows there are. */
	store.replies[1] = LEAD "rows\t1\n";
	ck_assert_int_eq(look(false, false, &found), ERR_NONE);
	ck_assert_int_eq(refreshes, 0);
	/* Who has not asks which table it is. */
	ck_assert_ptr_nonnull(strstr(store.queries[0].sql, JOURNAL_LOOK));
}
END_TEST

/* The tail is read whenever the table is not known to have no more. */
static const char *const behind[] = {LEAD BEHIND, BEHIND LEAD, LEAD, LEAD "rows\t2\n"};

START_TEST(ledger_that_goes_on)
{
	struct snapshot found = {.imported_count = 77};

	store.replies[0] = store.replies[1] = behind[_i];
	ck_assert_int_eq(look(false, false, &found), ERR_NONE);
	ck_assert_int_eq(refreshes, 1);
	ck_assert_int_eq(was_told, strstr(behind[_i], BEHIND) != NULL);
	refresh_err = ERR_UNREACHABLE;
	found.imported_count = 77;
	ck_assert_int_eq(look(false, false, &found), ERR_UNREACHABLE);
	ck_assert_uint_eq(found.imported_count, 77);
}
END_TEST

/* What a page that only shows the booking reads of it, and one of open times. */
static const struct {
	enum lead_part part;
	const char *row, *name;
} parts[] = {
    {LEAD_SHOWN, "part\t12\tbooked\t1796130000\t1796131800\tAda\ta@example.com\tEurope/Berlin\t\n",
	"Ada"},
    {LEAD_TIMES, "part\t12\tbooked\t1796130000\t1796131800\tEurope/Berlin\n", ""},
};

START_TEST(part_of_a_row)
{
	const struct snapshot_wish wish = {.booking = id_of(7), .part = parts[_i].part};
	char reply[200];
	struct snapshot found;

	snprintf(reply, sizeof(reply), "%s" CURRENT, parts[_i].row);
	store.replies[0] = reply;
	ck_assert_int_eq(snapshot_finish(snapshot_start((struct journal *)&ledger, arena, &wish),
			     &found, &failure),
	    ERR_NONE);
	ck_assert(found.has_lead && found.lead.is_partial);
	ck_assert(uuid_equal(&found.lead.booking, &wish.booking));
	ck_assert_uint_eq(found.lead.version, 12);
	ck_assert_int_eq(found.lead.slot.end, 1796131800);
	ck_assert_str_eq(found.lead.timezone, "Europe/Berlin");
	ck_assert_str_eq(found.lead.name, parts[_i].name);
	ck_assert_ptr_nonnull(strstr(store.queries[0].sql, "'part'"));
	/* A row of the other part is not taken for one of this. */
	store.replies[1] = parts[!_i].row;
	ck_assert_int_eq(snapshot_finish(snapshot_start((struct journal *)&ledger, arena, &wish),
			     &found, &failure),
	    ERR_GARBLED);
	ck_assert_str_eq(failure.where, "snapshot");
}
END_TEST

/* Nobody is told that there is no such booking by a row that was left out. */
START_TEST(row_that_was_left_out)
{
	struct snapshot found;

	store.replies[0] = CURRENT;
	store.replies[1] = FIELDS(ID, "Ada");
	ck_assert_int_eq(look(false, false, &found), ERR_NONE);
	ck_assert(found.has_lead);
	ck_assert_str_eq(found.lead.name, "Ada");

	store_begin();
	store.replies[0] = CURRENT;
	store.replies[2] = "0\n";
	ck_assert_int_eq(look(false, false, &found), ERR_NONE);
	ck_assert(!found.has_lead);
	ck_assert_int_eq(store.count, 3);

	store_begin();
	store.replies[0] = CURRENT;
	store.errs[1] = ERR_BUSY;
	ck_assert_int_eq(look(false, false, &found), ERR_BUSY);
}
END_TEST

#define ROW(id) "booked\t" id "\tmain\t1796500000\t1796501800\n"

/* Rows without an entry block their time, but for the booking's own. */
START_TEST(imported_rows)
{
	struct snapshot found;

	store.replies[0] = LEAD ROW(OTHER_ID) END CURRENT "person\t" OTHER_ID "\n" END;
	store.replies[1] = OTHER_ID "\tmain\t1796500000\t1796501800\n";
	ck_assert_int_eq(look(true, true, &found), ERR_NONE);
	ck_assert_uint_eq(found.imported_count, 1);
	ck_assert_int_eq(found.imported[0].start, 1796500000);
	ck_assert_uint_eq(found.same_person_count, 1);
	ck_assert_int_eq(found.same_person[0].bytes[15], 8);
	ck_assert_ptr_nonnull(
	    strstr(store.queries[0].sql, " UNION ALL " IMPORTED_LOOK " UNION ALL " PEOPLE_LOOK));
	ck_assert_ptr_nonnull(
	    strstr(store.queries[0].parameters, "&param_start=1796000000&param_end=1797000000"));
}
END_TEST

/* Several of them, and a person's other bookings, each in its place. */
START_TEST(rows_by_the_dozen)
{
	struct snapshot found;

	store.replies[0] = LEAD ROW(OTHER_ID) ROW("00000000-0000-0000-0000-000000000009")
	    END CURRENT "person\t" OTHER_ID "\nperson\t" ID "\n" END;
	store.replies[1] =
	    OTHER_ID "\tmain\t1796500000\t1796501800\n"
		     "00000000-0000-0000-0000-000000000009\tmain\t1796600000\t1796601800\n";
	ck_assert_int_eq(look(true, true, &found), ERR_NONE);
	ck_assert_uint_eq(found.imported_count, 2);
	ck_assert_int_eq(found.imported[0].start, 1796500000);
	ck_assert_int_eq(found.imported[1].start, 1796600000);
	ck_assert_uint_eq(found.same_person_count, 2);
	ck_assert_int_eq(found.same_person[0].bytes[15], 8);
	ck_assert_int_eq(found.same_person[1].bytes[15], 7);
}
END_TEST

/* Each branch of many rows tells its end: what shortens an answer leaves it out. */
static const struct {
	bool asks_person;
	const char *reply;
	enum err err;
} ends[] = {
    {false, LEAD CURRENT END, ERR_NONE},
    {false, LEAD CURRENT, ERR_GARBLED},
    {false, LEAD CURRENT END END, ERR_GARBLED},
    {true, LEAD CURRENT END END, ERR_NONE},
    {true, LEAD CURRENT END, ERR_GARBLED},
    {false, LEAD CURRENT "end", ERR_GARBLED},
    {false, LEAD CURRENT "end\tmore\n" END, ERR_GARBLED},
    {false, LEAD CURRENT "what is this\n" END, ERR_GARBLED},
    {false, LEAD CURRENT "leader\n" END, ERR_GARBLED},
    {false, "lead\t" ID "\n" CURRENT END, ERR_GARBLED},
    {false, "lead\t" FIELDS("nobody", "Ada") CURRENT END, ERR_GARBLED},
    {false, LEAD CURRENT "booked\tnobody\tmain\t1\t2\n" END, ERR_GARBLED},
    {false, LEAD CURRENT END "booked\tnobody\tmain\t1\t2\n", ERR_GARBLED},
    {true, LEAD CURRENT "person\tnobody\n" END END, ERR_GARBLED},
};

START_TEST(answer_and_its_end)
{
	struct snapshot found = {.imported_count = 77};

	store.replies[0] = ends[_i].reply;
	ck_assert_int_eq(look(true, ends[_i].asks_person, &found), ends[_i].err);
	ck_assert_int_eq(failure.code, ends[_i].err);
	ck_assert_uint_eq(found.imported_count, ends[_i].err ? 77 : 0);
}
END_TEST

START_TEST(question_that_fails)
{
	struct snapshot found;

	store.errs[0] = ERR_BUSY;
	ck_assert_int_eq(look(true, false, &found), ERR_BUSY);
	ck_assert_int_eq(failure.code, ERR_BUSY);
	ck_assert_int_eq(refreshes, 0);
	store_begin();
	store.replies[0] = LEAD ROW(OTHER_ID) END CURRENT;
	store.errs[1] = ERR_UNSURE;
	ck_assert_int_eq(look(true, false, &found), ERR_UNSURE);
	ck_assert_int_eq(snapshot_finish(NULL, &found, &failure), ERR_SYSTEM);
}
END_TEST

/* ---- leads.h */

START_TEST(row_that_is_put)
{
	struct lead lead;
	static char large[130 * 1024];
	size_t used;

	lead_clear(&lead);
	lead.booking = id_of(7);
	lead.version = 12;
	lead.status = LEAD_BOOKED;
	lead.slot = (struct interval){1796130000, 1796131800};
	lead.calendar = CALENDAR_FRESH;
	lead.created_ms = 1796000000009;
	lead.owner = "main";
	lead.name = "A\tda\n";
	used = arena_used(arena);
	ck_assert_int_eq(leads_put(NULL, arena, &lead, &failure), ERR_NONE);
	ck_assert_uint_lt(arena_used(arena) - used, 1000);
	ck_assert_str_eq(store.queries[0].data,
	    ID "\t12\tbooked\t1796130000\t1796131800\tfresh\t1796000000.009\tmain\tA\\tda\\n"
	       "\t\t\t\t\t\t\t\t\t\n");
	store.errs[1] = ERR_UNSURE;
	ck_assert_int_eq(leads_put(NULL, arena, &lead, &failure), ERR_UNSURE);
	memset(large, 'x', sizeof(large) - 1);
	lead.brief = large;
	ck_assert_int_eq(leads_put(NULL, arena, &lead, &failure), ERR_TOO_LARGE);
	ck_assert_str_eq(failure.detail, "the row is larger than 131072 bytes");
	ck_assert_int_eq(store.count, 2);
}
END_TEST

/* The answers of a question, of whether there is any row, and of the question again. */
static const struct {
	const char *replies[3];
	enum err err;
	int asked;
} finds[] = {
    {{FIELDS(ID, "Ada")}, ERR_NONE, 1},
    {{"", "0\n"}, ERR_NOT_FOUND, 2},
    /* It came in between. */
    {{"", "1\n", FIELDS(ID, "Ada")}, ERR_NONE, 3},
    {{"", "1\n", ""}, ERR_GARBLED, 3},
    {{"", "none\n", ""}, ERR_GARBLED, 3},
    {{"one field\n"}, ERR_GARBLED, 1},
    {{FIELDS("nobody", "Ada")}, ERR_GARBLED, 1},
};

START_TEST(row_that_is_looked_for)
{
	const struct uuid booking = id_of(7);
	struct lead lead;

	for (int i = 0; i < 3; i++)
		store.replies[i] = finds[_i].replies[i];
	ck_assert_int_eq(leads_find(NULL, arena, &booking, &lead, &failure), finds[_i].err);
	if (finds[_i].err == ERR_GARBLED)
		ck_assert_str_eq(failure.where, "leads");
	ck_assert_int_eq(store.count, finds[_i].asked);
	for (int failing = 0; failing < finds[_i].asked; failing++) {
		store_begin();
		for (int i = 0; i < 3; i++)
			store.replies[i] = finds[_i].replies[i];
		store.errs[failing] = ERR_BUSY;
		ck_assert_int_eq(leads_find(NULL, arena, &booking, &lead, &failure), ERR_BUSY);
	}
}
END_TEST

START_TEST(ids_of_all_rows)
{
	struct lead_ids list = {NULL, 77};

	store.replies[0] = ID "\nno id\n" OTHER_ID "\n";
	ck_assert_int_eq(leads_ids(NULL, arena, &list, &failure), ERR_NONE);
	ck_assert(store.queries[0].is_whole);
	ck_assert_uint_eq(list.count, 2);
	ck_assert_int_eq(list.list[1].bytes[15], 8);
	list.count = 77;
	store.replies[1] = ID "\t\n";
	ck_assert_int_eq(leads_ids(NULL, arena, &list, &failure), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "leads");
	ck_assert_uint_eq(list.count, 77);
	store.errs[2] = ERR_SCHEMA;
	ck_assert_int_eq(leads_ids(NULL, arena, &list, &failure), ERR_SCHEMA);
}
END_TEST

/* ---- report_rows.h */

#define ENTRY(id, kind)                                                                            \
	id "\t" kind "\t" ID                                                                       \
	   "\t3\tmain\t1796130000\t1796131800\t1796130000\t1796131800\tfresh\t\t\t\t0"             \
	   "\tprospect\t"

START_TEST(rows_of_reports)
{
	const struct uuid booking = id_of(7);
	struct lead_list leads;
	struct entry_rows entries;
	struct change_rows changes;
	struct brief_times briefs;

	store.replies[0] = FIELDS(ID, "Ada") FIELDS(OTHER_ID, "Grace");
	ck_assert_int_eq(report_rows_leads(NULL, arena, window, &leads, &failure), ERR_NONE);
	ck_assert_str_eq(store.queries[0].parameters,
	    "&date_time_output_format=unix_timestamp&param_start=1796000000&param_end=1797000000");
	ck_assert_uint_eq(leads.count, 2);
	ck_assert_str_eq(leads.list[1].name, "Grace");

	store.replies[1] = TABLE "\t12345\t9\t" ENTRY(OTHER_ID, "book") "\t1796000000123\n";
	ck_assert_int_eq(report_rows_entries(NULL, arena, &booking, &entries, &failure), ERR_NONE);
	ck_assert_uint_eq(entries.count, 1);
	ck_assert_uint_eq(entries.list[0].position, 5);
	ck_assert_int_eq(entries.list[0].entry.kind, ENTRY_BOOK);
	ck_assert_int_eq(entries.list[0].at_ms, 1796000000123);

	store.replies[2] = "0\t" ID "\tbook\t1\t1796000000123\t1796000000009\n"
			   "5\t" ID "\tcancel\t0\t1796000000124\t0\n";
	ck_assert_int_eq(report_rows_changes(NULL, arena, window, &changes, &failure), ERR_NONE);
	ck_assert_uint_eq(changes.count, 2);
	ck_assert(changes.list[0].has_call && !changes.list[1].has_call);
	ck_assert_uint_eq(changes.list[0].position, 0);
	ck_assert_uint_eq(changes.list[1].position, 5);
	ck_assert_int_eq(changes.list[1].kind, ENTRY_CANCEL);
	ck_assert_int_eq(changes.list[0].at_ms, 1796000000123);
	ck_assert_int_eq(changes.list[0].created_ms, 1796000000009);

	store.replies[3] =
	    ID "\t1796000000123\tawaiting_slot\n" OTHER_ID "\t1796000000124\tbooked\n";
	ck_assert_int_eq(report_rows_briefs(NULL, arena, window, &briefs, &failure), ERR_NONE);
	ck_assert_uint_eq(briefs.count, 2);
	ck_assert(briefs.list[0].is_awaiting && !briefs.list[1].is_awaiting);
	ck_assert_int_eq(briefs.list[1].at_ms, 1796000000124);
	for (int i = 0; i < 4; i++)
		ck_assert(store.queries[i].is_whole);
}
END_TEST

/* As --from 1970-01-01 asks for all there is. */
START_TEST(report_from_the_beginning)
{
	struct lead_list leads;

	store.replies[0] = "";
	ck_assert_int_eq(
	    report_rows_leads(NULL, arena, (struct interval){-3600, 1}, &leads, &failure),
	    ERR_NONE);
	ck_assert_str_eq(store.queries[0].parameters,
	    "&date_time_output_format=unix_timestamp&param_start=0000000000&param_end=0000000001");
}
END_TEST

static const char *const garbled_changes[] = {
    "x\t" ID "\tbook\t1\t1796000000123\t0\n",
    "4\tnobody\tbook\t1\t1796000000123\t0\n",
    "4\t" ID "\tnonsense\t1\t1796000000123\t0\n",
    "4\t" ID "\tbook\t1\tsoon\t0\n",
    "4\t" ID "\tbook\t1\t1796000000123\tsoon\n",
    "4\t" ID "\tbook\t1\t1796000000123\n",
    "4\t" ID "\tbook\t1\t1796000000123\t0",
};

START_TEST(rows_that_cannot_be_understood)
{
	const struct uuid booking = id_of(7);
	struct lead_list leads = {.count = 99};
	struct entry_rows entries = {.count = 99};
	struct change_rows changes = {.count = 99};
	struct brief_times briefs = {.count = 99};

	store.replies[0] = garbled_changes[_i];
	ck_assert_int_eq(report_rows_changes(NULL, arena, window, &changes, &failure), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "report");
	store.replies[1] = _i ? ID "\tsoon\tbooked\n" : "nobody\t1796000000123\tbooked\n";
	ck_assert_int_eq(report_rows_briefs(NULL, arena, window, &briefs, &failure), ERR_GARBLED);
	ck_assert_str_eq(failure.where, "report");
	store.errs[2] = ERR_BUSY;
	ck_assert_int_eq(report_rows_changes(NULL, arena, window, &changes, &failure), ERR_BUSY);
	store.errs[3] = store.errs[4] = store.errs[5] = ERR_UNREACHABLE;
	ck_assert_int_eq(
	    report_rows_briefs(NULL, arena, window, &briefs, &failure), ERR_UNREACHABLE);
	ck_assert_int_eq(
	    report_rows_entries(NULL, arena, &booking, &entries, &failure), ERR_UNREACHABLE);
	ck_assert_int_eq(report_rows_leads(NULL, arena, window, &leads, &failure), ERR_UNREACHABLE);
	store.replies[6] = FIELDS(ID, "Ada") ID "\n";
	ck_assert_int_eq(report_rows_leads(NULL, arena, window, &leads, &failure), ERR_GARBLED);
	store.replies[7] = TABLE "\t12345\t9\t" ENTRY(OTHER_ID, "book") "\t1796000000123\n" ID "\n";
	ck_assert_int_eq(
	    report_rows_entries(NULL, arena, &booking, &entries, &failure), ERR_GARBLED);
	ck_assert(!leads.list && !entries.list && !changes.list && !briefs.list);
	ck_assert(
	    leads.count == 99 && entries.count == 99 && changes.count == 99 && briefs.count == 99);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("snapshot");
	TCase *all = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(all, set_up, tear_down);
	tcase_add_test(all, row_and_ledger);
	tcase_add_loop_test(all, ledger_that_goes_on, 0, (int)COUNT(behind));
	tcase_add_loop_test(all, part_of_a_row, 0, 2);
	tcase_add_test(all, row_that_was_left_out);
	tcase_add_test(all, imported_rows);
	tcase_add_test(all, rows_by_the_dozen);
	tcase_add_loop_test(all, answer_and_its_end, 0, (int)COUNT(ends));
	tcase_add_test(all, question_that_fails);
	tcase_add_test(all, row_that_is_put);
	tcase_add_loop_test(all, row_that_is_looked_for, 0, (int)COUNT(finds));
	tcase_add_test(all, ids_of_all_rows);
	tcase_add_test(all, rows_of_reports);
	tcase_add_test(all, report_from_the_beginning);
	tcase_add_loop_test(all, rows_that_cannot_be_understood, 0, (int)COUNT(garbled_changes));
	suite_add_tcase(suite, all);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

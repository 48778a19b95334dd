/* SPDX-License-Identifier: MIT */
/* check_rights.c: what the database is asked of a user's rights, and what is said of those that are
 * missing */
#include "store/rights.h"
#include "asked.h"
#include "base/clock.h"
#include "golden.h"
#include "store/data_subject.h"
#include "store/deliveries.h"
#include "store/journal.h"
#include "store/rebuild.h"
#include "store/schema.h"

static struct arena *arena;
static struct conf conf;
static struct fail failure;

static void set_up(void)
{
	memset(&store, 0, sizeof(store));
	arena = arena_new(1 << 20);
	ck_assert_ptr_nonnull(arena);
	conf.clickhouse.url = arena_str(arena, "http://store:8123");
	conf.clickhouse.user = arena_str(arena, "slotguard");
	conf.clickhouse.database = arena_str(arena, "argus");
	failure = (struct fail){0};
}

static void tear_down(void)
{
	arena_free(arena);
}

static const struct right rights[] = {
    {"SELECT, INSERT", "ledger", true},
    {"SELECT", "system.tables", false},
    {"ALTER UPDATE, ALTER DELETE, ALTER ADD COLUMN", "*", true},
    {"TABLE ENGINE", "MergeTree and what else there is of that", false},
    {NULL, NULL, false},
};

#define SAID "http://store:8123: nothing was begun, since slotguard lacks the grant "

static const struct {
	const char *answers[4];
	enum err err;
	const char *detail;
} cases[] = {
    {{"1\n", "1\n", "1\n", "1\n"}, ERR_NONE, NULL},
    {{"0\n", "1\n", "1\n", "1\n"}, ERR_AUTH, SAID "SELECT, INSERT ON `argus`.ledger"},
    {{"0\n", "0\n", "1\n", "1\n"}, ERR_AUTH,
	SAID "SELECT, INSERT ON `argus`.ledger, SELECT ON system.tables"},
    /* What there is no room for is counted. */
    {{"0\n", "0\n", "0\n", "0\n"}, ERR_AUTH,
	SAID
	"SELECT, INSERT ON `argus`.ledger, SELECT ON system.tables, ALTER UPDATE, ALTER DELETE, "
	"ALTER ADD COLUMN ON `argus`.*, and 1 more"},
    {{"1\n", "1\n", "2\n", "1\n"}, ERR_GARBLED, NULL},
    {{"1\n", "1\n", "1", "1\n"}, ERR_GARBLED, NULL},
    {{"1\n", "", "1\n", "1\n"}, ERR_GARBLED, NULL},
    {{"1\n1\n", "1\n", "1\n", "1\n"}, ERR_GARBLED, NULL},
};

START_TEST(needed)
{
	for (int i = 0; i < 4; i++)
		store.replies[i] = cases[_i].answers[i];
	ck_assert_int_eq(rights_need(NULL, arena, &conf, rights, &failure), cases[_i].err);
	if (cases[_i].err == ERR_GARBLED)
		ck_assert_str_eq(failure.where, "rights");
	if (cases[_i].detail)
		ck_assert_str_eq(failure.detail, cases[_i].detail);
	if (cases[_i].err == ERR_GARBLED)
		return;
	ck_assert_int_eq(store.count, 4);
	ck_assert_str_eq(store.queries[0].sql, "CHECK GRANT SELECT, INSERT ON `argus`.ledger");
	ck_assert_str_eq(store.queries[1].sql, "CHECK GRANT SELECT ON system.tables");
	/* The database need not be there. */
	for (int i = 0; i < 4; i++)
		ck_assert(store.queries[i].is_outside);
}
END_TEST

/* However long: each is told whole, or counted. */
START_TEST(long_names)
{
	char first[130] = "";
	const struct right both[] = {
	    {"SELECT", first, false}, {"ALTER", "b", false}, {NULL, NULL, false}};
	unsigned seen[3] = {0};

	for (size_t i = 0; i < sizeof(first) - 1; first[i++] = 'a') {
		const char *const told[] = {
		    arena_printf(arena, SAID "SELECT ON %s, ALTER ON b", first),
		    arena_printf(arena, SAID "SELECT ON %s, and 1 more", first),
		    SAID "ALTER ON b, and 1 more",
		};
		size_t which = 0;

		store_begin();
		store.replies[0] = store.replies[1] = "0\n";
		ck_assert_int_eq(rights_need(NULL, arena, &conf, both, &failure), ERR_AUTH);
		while (which < 2 && strcmp(failure.detail, told[which]) != 0)
			which++;
		ck_assert_str_eq(failure.detail, told[which]);
		seen[which]++;
	}
	ck_assert(seen[0] && seen[1] && seen[2]);
}
END_TEST

START_TEST(store_that_does_not_answer)
{
	bool may;

	store.replies[0] = "1\n";
	store.errs[1] = ERR_UNREACHABLE;
	ck_assert_int_eq(rights_need(NULL, arena, &conf, rights, &failure), ERR_UNREACHABLE);
	store.err = ERR_BUSY;
	ck_assert_int_eq(rights_may_append(NULL, arena, &may, &failure), ERR_BUSY);
}
END_TEST

START_TEST(append)
{
	bool may = _i == 0;

	store.replies[0] = _i ? "1\n" : "0\n";
	ck_assert_int_eq(rights_may_append(NULL, arena, &may, &failure), ERR_NONE);
	ck_assert_int_eq(may, _i);
	ck_assert_str_eq(store.queries[0].sql, "CHECK GRANT INSERT ON ledger");
}
END_TEST

/* ---- What is asked of each command's user, and what a rebuild of the log asks for */

/* Nothing of the ledger is read here. */
struct journal *journal_new(struct clickhouse *clickhouse)
{
	(void)clickhouse;
	return NULL;
}

void journal_free(struct journal *journal)
{
	(void)journal;
}

enum err journal_refresh(struct journal *journal, struct arena *own, struct fail *fail)
{
	(void)journal, (void)own, (void)fail;
	return ERR_LEDGER;
}

const struct ledger *journal_state(const struct journal *journal)
{
	(void)journal;
	return NULL;
}

static void say_asked(const char *what)
{
	say("== %s\n", what);
	for (int i = 0; i < store.count; i++)
		say("%.70s\n", store.queries[i].sql);
	store_begin();
	for (int i = 0; i < ASKED_MAX; i++)
		store.replies[i] = "1\n";
}

START_TEST(commands)
{
	store_begin();
	say_asked("nothing");
	ck_assert_int_eq(data_subject_may_erase(NULL, arena, &conf, &failure), ERR_NONE);
	say_asked("erase");
	ck_assert_int_eq(rebuild_may(NULL, arena, &conf, &failure), ERR_NONE);
	say_asked("rebuild");
	ck_assert_int_eq(schema_may_migrate(NULL, arena, &conf, 0, &failure), ERR_NONE);
	say_asked("migrate what is not there yet");
	ck_assert_int_eq(schema_may_migrate(NULL, arena, &conf, 1, &failure), ERR_NONE);
	say_asked("migrate");
	ck_assert_int_eq(deliveries_rebuild(NULL, arena, &failure), ERR_NONE);
	/* A log of years has more time than a page. */
	for (int i = 0; i < store.count; i++)
		ck_assert_int_gt(store.queries[i].deadline, clock_boot_ms() + 60000);
	say_asked("the log of deliveries is rebuilt");
	store.errs[2] = ERR_REFUSED;
	ck_assert_int_eq(deliveries_rebuild(NULL, arena, &failure), ERR_REFUSED);
	say_asked("until a statement is refused");
	agreed("answers/rights");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rights");
	TCase *all = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(all, set_up, tear_down);
	tcase_add_loop_test(all, needed, 0, (int)COUNT(cases));
	tcase_add_test(all, long_names);
	tcase_add_test(all, store_that_does_not_answer);
	tcase_add_loop_test(all, append, 0, 2);
	tcase_add_test(all, commands);
	suite_add_tcase(suite, all);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

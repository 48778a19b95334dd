/* SPDX-License-Identifier: MIT */
/* check_formers.c: the ids of what a form was sent with, and whose place is taken by whom */
#include "store/formers.h"
#include "arenas.h"
#include "asked.h"
#include "files.h"
#include "store/spool.h"

#include <inttypes.h>

#define NOW INT64_C(1796000000000)

static struct arena *arena;
static struct fail failure;
static struct lead newest;

static void set_up(void)
{
	store_begin();
	make_folder();
	arena = arena_new(1 << 22);
	ck_assert_ptr_nonnull(arena);
	lead_clear(&newest);
	newest.form = uuid_random();
	newest.name = "Ada";
	newest.email = "ada@example.com";
	newest.brief = "Words.";
	newest.created_ms = NOW;
	newest.booking = formers_name(&newest, NULL);
}

static void tear_down(void)
{
	arena_free(arena);
	ck_assert_int_eq(arena_count, 0);
	remove_folder();
}

/* One that the same form was sent with so long before. */
static struct lead former(const char *email, int64_t before_ms)
{
	struct lead lead = newest;

	lead.email = email;
	lead.created_ms -= before_ms;
	lead.booking = formers_name(&lead, NULL);
	return lead;
}

START_TEST(names)
{
	struct lead other = newest;
	struct uuid first = formers_name(&newest, NULL), again = formers_name(&newest, &first),
		    spooled = formers_name_spooled(&newest, &first);

	ck_assert(!uuid_equal(&first, &again) && !uuid_equal(&first, &spooled) &&
		  !uuid_equal(&again, &spooled));
	/* What is found out and not typed is no part of it. */
	other.created_ms++;
	other.language = "de";
	other.timezone = "Europe/Berlin";
	other.held = LEAD_SUPERSEDED;
	other.booking = uuid_random();
	again = formers_name(&other, NULL);
	ck_assert(uuid_equal(&first, &again));
	other.form = uuid_random();
	again = formers_name(&other, NULL);
	ck_assert(!uuid_equal(&first, &again));
	for (size_t i = 0; i < LEAD_TEXT_COUNT; i++) {
		other = newest;
		*lead_text(&other, i) = "other";
		again = formers_name(&other, NULL);
		ck_assert_int_eq(uuid_equal(&first, &again), !lead_is_typed(i));
	}
	/* No two texts run together. */
	other = newest;
	other.name = "Ad";
	other.email = "aada@example.com";
	again = formers_name(&other, NULL);
	ck_assert(!uuid_equal(&first, &again));
}
END_TEST

/* ---- In the store */

static char rows[20000];

/* One more row that is like the newest. */
static void add_row(const struct lead *lead)
{
	size_t len = strlen(rows);
	char id[UUID_TEXT];

	len += (size_t)snprintf(rows + len, sizeof(rows) - len,
	    "%s\t0\tawaiting_slot\t0\t0\toff\t%" PRId64, uuid_format(&lead->booking, id),
	    lead->created_ms);
	for (size_t i = 0; i < LEAD_TEXT_COUNT; i++)
		len += (size_t)snprintf(
		    rows + len, sizeof(rows) - len, "\t%s", lead_text_value(lead, i));
	snprintf(rows + len, sizeof(rows) - len, "\n");
}

static void settle(void)
{
	store.replies[0] = rows;
	ck_assert_int_eq(formers_settle(NULL, arena, &newest, &failure), ERR_NONE);
}

/* Which of the rows was written, and what is held of it. */
static bool is_put(int query, const struct lead *lead)
{
	const struct asked *asked = &store.queries[query];
	char id[UUID_TEXT];

	return query < store.count && asked->data &&
	       strncmp(asked->data, uuid_format(&lead->booking, id), UUID_TEXT - 1) == 0 &&
	       strstr(asked->data, "\t" LEAD_SUPERSEDED "\t");
}

START_TEST(what_came_before)
{
	struct lead wrong = former("ada@exmaple.com", 60000), spooled = wrong, again = wrong,
		    twentieth = wrong, others[5];

	spooled.booking = formers_name_spooled(&wrong, &wrong.booking);
	again.booking = formers_name(&wrong, &wrong.booking);
	for (int i = 1; i < 20; i++)
		twentieth.booking = formers_name(&wrong, &twentieth.booking);
	/* Of another form, under an id that the form did not make, the newest itself, the same
	 * words once more than they are looked for, and one that was settled already. */
	others[0] = others[1] = wrong;
	others[0].form = uuid_random();
	others[0].booking = formers_name(&others[0], NULL);
	others[1].booking = uuid_random();
	others[2] = newest;
	others[3] = wrong;
	others[3].booking = formers_name(&wrong, &twentieth.booking);
	others[4] = former("ada@example.net", 60000);
	others[4].held = LEAD_SUPERSEDED;
	for (size_t i = 0; i < COUNT(others); i++)
		add_row(&others[i]);
	add_row(&wrong);
	add_row(&spooled);
	add_row(&again);
	add_row(&twentieth);
	settle();
	ck_assert_int_eq(store.count, 5);
	ck_assert(
	    is_put(1, &wrong) && is_put(2, &spooled) && is_put(3, &again) && is_put(4, &twentieth));
	ck_assert(!lead_is_superseded(&newest));
	/* A form is taken for a day. */
	ck_assert_ptr_nonnull(strstr(store.queries[0].parameters, "&param_since=1795913540000&"));
}
END_TEST

/* It waited in the spool, and another was faster: that one stays, and the older ones do not. */
START_TEST(what_came_after)
{
	struct lead wrong = former("ada@exmaple.com", 1), right = former("ada@example.org", -1);

	add_row(&right);
	add_row(&wrong);
	settle();
	ck_assert_int_eq(store.count, 3);
	ck_assert(is_put(1, &newest) && is_put(2, &wrong));
	ck_assert(lead_is_superseded(&newest));
}
END_TEST

/* Two at the same moment, each settled by another worker: both find the same. */
START_TEST(same_moment)
{
	struct lead one = newest, other = former("ada@exmaple.com", 0);
	bool is_one;

	add_row(&other);
	settle();
	is_one = lead_is_superseded(&newest);
	ck_assert(is_put(1, is_one ? &one : &other));
	store_begin();
	rows[0] = '\0';
	newest = other;
	newest.held = "";
	add_row(&one);
	settle();
	ck_assert_int_eq(lead_is_superseded(&newest), !is_one);
	ck_assert(is_put(1, is_one ? &one : &other));
}
END_TEST

START_TEST(store_that_fails)
{
	struct lead wrong = former("ada@exmaple.com", 1);

	add_row(&wrong);
	store.errs[0] = ERR_UNREACHABLE;
	ck_assert_int_eq(formers_settle(NULL, arena, &newest, &failure), ERR_UNREACHABLE);
	store_begin();
	store.replies[0] = rows;
	store.errs[1] = ERR_UNSURE;
	ck_assert_int_eq(formers_settle(NULL, arena, &newest, &failure), ERR_UNSURE);
	/* A row that no program wrote is nobody's. */
	store_begin();
	strcat(rows, "no-id\t0\t");
	store.replies[0] = rows;
	ck_assert_int_eq(formers_settle(NULL, arena, &newest, &failure), ERR_GARBLED);
}
END_TEST

/* ---- In the spool */

static const char *file_of(const struct lead *lead)
{
	char id[UUID_TEXT];

	return arena_printf(arena, "%s/%" PRId64 "-%s.json", folder, lead->created_ms,
	    uuid_format(&lead->booking, id));
}

static bool is_held(const struct lead *lead)
{
	struct lead found;

	ck_assert_int_eq(spool_read(file_of(lead), arena, &found, &failure), ERR_NONE);
	ck_assert(uuid_equal(&found.form, &lead->form));
	return lead_is_superseded(&found);
}

START_TEST(what_waits)
{
	struct lead wrong = former("ada@exmaple.com", 60000), later = former("ada@example.org", -1),
		    elsewhere = wrong, stranger = former("eve@example.com", 1);
	struct lead twice = newest;
	struct stat before, after;

	twice.created_ms -= 300;
	elsewhere.form = uuid_random();
	elsewhere.booking = formers_name(&elsewhere, NULL);
	stranger.name = "Eve";
	stranger.brief = "Others.";
	stranger.booking = formers_name(&stranger, NULL);
	write_file("1-damaged.json", "{");
	ck_assert_int_eq(spool_put(folder, arena, &wrong, &failure), ERR_NONE);
	ck_assert_int_eq(spool_put(folder, arena, &later, &failure), ERR_NONE);
	ck_assert_int_eq(spool_put(folder, arena, &elsewhere, &failure), ERR_NONE);
	ck_assert_int_eq(spool_put(folder, arena, &stranger, &failure), ERR_NONE);
	ck_assert_int_eq(spool_put(folder, arena, &twice, &failure), ERR_NONE);
	ck_assert_int_eq(spool_put(folder, arena, &newest, &failure), ERR_NONE);
	ck_assert_int_eq(formers_settle_spooled(folder, &newest, &failure), ERR_NONE);
	ck_assert(is_held(&wrong) && !is_held(&twice));
	ck_assert(
	    !is_held(&later) && !is_held(&elsewhere) && !is_held(&stranger) && !is_held(&newest));
	ck_assert_int_eq(each_file(NULL), 7);
	/* It is held, and is not written once more. */
	ck_assert_int_eq(stat(file_of(&wrong), &before), 0);
	ck_assert_int_eq(formers_settle_spooled(folder, &newest, &failure), ERR_NONE);
	ck_assert_int_eq(stat(file_of(&wrong), &after), 0);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
	ck_assert_int_eq(formers_settle_spooled("/nonexistent", &newest, &failure), ERR_NOT_FOUND);
}
END_TEST

/* In the spool it takes another's place that has one of its words: the name, the address, the
 * brief. */
START_TEST(alike)
{
	struct lead other = former("eve@example.com", 1);

	other.name = "Eve";
	other.brief = "Others.";
	if (_i == 0)
		other.name = newest.name;
	else if (_i == 1)
		other.email = newest.email;
	else if (_i == 2)
		other.brief = newest.brief;
	other.booking = formers_name(&other, NULL);
	ck_assert_int_eq(spool_put(folder, arena, &other, &failure), ERR_NONE);
	ck_assert_int_eq(formers_settle_spooled(folder, &newest, &failure), ERR_NONE);
	ck_assert_int_eq(is_held(&other), _i < 3);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("formers");
	TCase *all = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(all, set_up, tear_down);
	tcase_add_test(all, names);
	tcase_add_test(all, what_came_before);
	tcase_add_test(all, what_came_after);
	tcase_add_test(all, same_moment);
	tcase_add_test(all, store_that_fails);
	tcase_add_test(all, what_waits);
	tcase_add_loop_test(all, alike, 0, 4);
	suite_add_tcase(suite, all);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: MIT */
/* check_clocks.c: how far our wall clock is from those of others */
#include "base/clocks.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define WALL INT64_C(1800000000000)
#define BOOT INT64_C(5000000)

static struct clocks clocks;

static void set_up(void)
{
	memset(&clocks, 0, sizeof(clocks));
}

/* A request of nginx's that waited: its clock is so far ahead of ours. */
static void pass_on(int64_t boot_ms, int64_t theirs_ms, int64_t waited_ms)
{
	clocks_read(&clocks, PEER_NGINX,
	    &(struct clock_reading){.boot_ms = boot_ms,
		.from_ms = WALL + boot_ms + theirs_ms - waited_ms,
		.until_ms = CLOCKS_NO_BOUND});
}

/* An answer within took_ms whose date is cut to seconds. */
static void answer(enum peer peer, int64_t boot_ms, int64_t theirs_ms, int64_t took_ms)
{
	int64_t date_ms = (WALL + boot_ms + theirs_ms) / 1000 * 1000;

	clocks_read(&clocks, peer,
	    &(struct clock_reading){.boot_ms = boot_ms + took_ms / 2,
		.from_ms = date_ms,
		.asked_ms = boot_ms - took_ms / 2,
		.until_ms = date_ms + 1000});
}

static int64_t ahead(enum peer peer, int64_t boot_ms)
{
	return clocks_ahead(&clocks, peer, boot_ms, WALL + boot_ms);
}

/* The shortest wait of this minute and the one before tells the difference. */
START_TEST(nginx)
{
	ck_assert(!clocks_knows(&clocks, PEER_NGINX));
	ck_assert_int_eq(ahead(PEER_NGINX, BOOT), 0);
	pass_on(BOOT, -11000, 0);
	ck_assert(clocks_knows(&clocks, PEER_NGINX));
	ck_assert_int_eq(ahead(PEER_NGINX, BOOT), 11000);
	pass_on(BOOT + 500, -11000, 3000);
	ck_assert_int_eq(ahead(PEER_NGINX, BOOT + 500), 11000);
	pass_on(BOOT + 60000, -11000, 9000);
	ck_assert_int_eq(ahead(PEER_NGINX, BOOT + 60000), 11000);
	pass_on(BOOT + 120000, -11000, 19000);
	ck_assert_int_eq(ahead(PEER_NGINX, BOOT + 120000), 20000);
	pass_on(BOOT + 121000, 11000, 0);
	ck_assert_int_eq(ahead(PEER_NGINX, BOOT + 121000), -11000);
	ck_assert_int_eq(ahead(PEER_GOOGLE, BOOT + 121000), 0);
}
END_TEST

/* Whatever the fraction of the second that a date leaves out, and however long the answer takes. */
START_TEST(dates)
{
	for (int64_t theirs = -20000; theirs <= 20000; theirs += 130)
		for (int64_t took = 0; took <= 8000; took += 800) {
			set_up();
			for (int i = 0; i < 20; i++)
				answer(PEER_GOOGLE, BOOT + i * 1170, theirs, i ? took : 8000);
			ck_assert_int_le(
			    llabs(-theirs - ahead(PEER_GOOGLE, BOOT)), took / 2 + 1000);
			if (llabs(theirs) < took / 2)
				ck_assert_int_eq(ahead(PEER_GOOGLE, BOOT), 0);
		}
	/* Many answers are more exact than one. */
	set_up();
	for (int i = 0; i < 20; i++)
		answer(PEER_CLICKHOUSE, BOOT + i * 1170, 2400, 10);
	ck_assert_int_le(llabs(-2400 - ahead(PEER_CLICKHOUSE, BOOT)), 100);
}
END_TEST

/* A clock that was set is measured anew, and one's own step shows without any answer. */
START_TEST(steps)
{
	answer(PEER_CLICKHOUSE, BOOT, 0, 20);
	answer(PEER_CLICKHOUSE, BOOT + 1000, -3600000, 20);
	ck_assert_int_ge(ahead(PEER_CLICKHOUSE, BOOT), 3598000);
	answer(PEER_CLICKHOUSE, BOOT + 2000, 3600000, 20);
	ck_assert_int_le(ahead(PEER_CLICKHOUSE, BOOT), -3598000);
	answer(PEER_CLICKHOUSE, BOOT + 3000, 0, 20);
	ck_assert_int_eq(ahead(PEER_CLICKHOUSE, BOOT), 0);
	ck_assert_int_ge(clocks_ahead(&clocks, PEER_CLICKHOUSE, BOOT, WALL + BOOT + 6000), 4900);

	/* nginx is on the same machine, and its clock goes along. */
	clocks_note(&clocks, BOOT, WALL + BOOT);
	pass_on(BOOT, 0, 0);
	clocks_note(&clocks, BOOT + 100, WALL + BOOT + 100 - 10000);
	pass_on(BOOT + 100, -10000, 0);
	ck_assert_int_eq(
	    clocks_ahead(&clocks, PEER_NGINX, BOOT + 100, WALL + BOOT + 100 - 10000), 0);
	ck_assert_int_eq(clocks_of_workers(&clocks, BOOT + 300, 1), WALL + BOOT + 300 - 10000);
}
END_TEST

/* Ours is wrong when two of three say so, as the milder of them says. */
START_TEST(wrong)
{
	ck_assert_int_eq(clocks_wrong_by(&clocks, BOOT, WALL + BOOT), 0);
	answer(PEER_CLICKHOUSE, BOOT, -7200000, 0);
	ck_assert_int_eq(clocks_wrong_by(&clocks, BOOT, WALL + BOOT), 0);
	answer(PEER_GOOGLE, BOOT, -7100000, 0);
	ck_assert_int_le(llabs(clocks_wrong_by(&clocks, BOOT, WALL + BOOT) - 7100000), 1000);
	pass_on(BOOT, -7000000, 0);
	ck_assert_int_le(llabs(clocks_wrong_by(&clocks, BOOT, WALL + BOOT) - 7100000), 1000);
	pass_on(BOOT, 7000000, 0);
	ck_assert_int_le(llabs(clocks_wrong_by(&clocks, BOOT, WALL + BOOT) - 7100000), 1000);
	/* By less than two seconds, or by more than a day, nothing is made of it. */
	set_up();
	answer(PEER_CLICKHOUSE, BOOT, 1900, 0);
	answer(PEER_GOOGLE, BOOT, 1900, 0);
	ck_assert_int_eq(clocks_wrong_by(&clocks, BOOT, WALL + BOOT), 0);
	set_up();
	answer(PEER_CLICKHOUSE, BOOT, INT64_C(90000000), 0);
	answer(PEER_GOOGLE, BOOT, INT64_C(90000000), 0);
	ck_assert_int_eq(clocks_wrong_by(&clocks, BOOT, WALL + BOOT), 0);
	ck_assert(!clocks_agree(clocks_ahead(&clocks, PEER_GOOGLE, BOOT, WALL + BOOT)));
}
END_TEST

/* A clock of which all is known. */
static void exactly(enum peer peer, int64_t theirs_ms)
{
	clocks_read(&clocks, peer,
	    &(struct clock_reading){.boot_ms = BOOT,
		.from_ms = WALL + BOOT + theirs_ms,
		.asked_ms = BOOT,
		.until_ms = WALL + BOOT + theirs_ms});
}

static const struct {
	int64_t nginx, clickhouse, google, by;
} three[] = {
    {-3000, -5000, -9000, 5000},
    {-3000, -9000, -5000, 5000},
    {-5000, -3000, -9000, 5000},
    {-5000, -9000, -3000, 5000},
    {-9000, -3000, -5000, 5000},
    {-9000, -5000, -3000, 5000},
    {3000, -9000, 5000, -3000},
    {-2000, -2000, -2000, 0},
    {-2001, -2001, -2001, 2001},
    {2000, 2000, 2000, 0},
    {2001, 2001, 2001, -2001},
    {-86400000, -86400000, -86400000, 86400000},
    {-86400001, -86400001, -86400001, 0},
    {86400000, 86400000, 86400000, -86400000},
    {86400001, 86400001, 86400001, 0},
};

START_TEST(middle_of_three)
{
	exactly(PEER_NGINX, three[_i].nginx);
	exactly(PEER_CLICKHOUSE, three[_i].clickhouse);
	exactly(PEER_GOOGLE, three[_i].google);
	ck_assert_int_eq(ahead(PEER_CLICKHOUSE, BOOT), -three[_i].clickhouse);
	ck_assert_int_eq(clocks_wrong_by(&clocks, BOOT, WALL + BOOT), three[_i].by);
}
END_TEST

/* A minute has sixty seconds from its first reading on, and the one before counts as well. */
START_TEST(minutes)
{
	pass_on(BOOT, -11000, 0);
	pass_on(BOOT + 59999, -11000, 4000);
	pass_on(BOOT + 60000, -11000, 5000);
	pass_on(BOOT + 119999, -11000, 9000);
	ck_assert_int_eq(ahead(PEER_NGINX, BOOT + 119999), 11000);
	pass_on(BOOT + 120000, -11000, 9000);
	ck_assert_int_eq(ahead(PEER_NGINX, BOOT + 120000), 16000);
	pass_on(BOOT + 179999, -11000, 20000);
	ck_assert_int_eq(ahead(PEER_NGINX, BOOT + 179999), 16000);
	pass_on(BOOT + 180000, -11000, 20000);
	ck_assert_int_eq(ahead(PEER_NGINX, BOOT + 180000), 20000);
}
END_TEST

/* What our own clock shows need not be exact, and nginx's is forgotten when it steps. */
START_TEST(own_steps)
{
	static const struct {
		int64_t step_ms;
		bool is_step;
	} own[] = {{0, false}, {1000, false}, {1001, true}, {-1000, false}, {-1001, true}};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		set_up();
		clocks_note(&clocks, BOOT, WALL + BOOT);
		exactly(PEER_NGINX, 0);
		exactly(PEER_GOOGLE, 0);
		clocks_note(&clocks, BOOT + 10, WALL + BOOT + 10 + own[i].step_ms);
		ck_assert_int_eq(clocks_knows(&clocks, PEER_NGINX), !own[i].is_step);
		ck_assert(clocks_knows(&clocks, PEER_GOOGLE));
		ck_assert_int_eq(
		    clocks_of_workers(&clocks, BOOT + 20, 7), WALL + BOOT + 20 + own[i].step_ms);
	}
}
END_TEST

/* Bounds narrow, each by itself, and one that lies beyond the other begins anew. */
START_TEST(bounds)
{
	const int64_t now = WALL + BOOT;
	const struct {
		int64_t from, until, low, high;
	} readings[] = {
	    {-5000, 5000, -5000, 5000},
	    {-9000, 4000, -5000, 4000},
	    {-3000, 9000, -3000, 4000},
	    {4000, 4000, 4000, 4000},
	    {-9000, 4000, 4000, 4000},
	    {4000, 9000, 4000, 4000},
	    {4001, 7000, 4001, 7000},
	    {-9000, 4000, -9000, 4000},
	};

	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
		clocks_read(&clocks, PEER_GOOGLE,
		    &(struct clock_reading){.boot_ms = BOOT,
			.from_ms = now + readings[i].from,
			.asked_ms = BOOT,
			.until_ms = now + readings[i].until});
		ck_assert_int_eq(clocks_ahead(&clocks, PEER_GOOGLE, BOOT, now - 20000),
		    -20000 - readings[i].low);
		ck_assert_int_eq(clocks_ahead(&clocks, PEER_GOOGLE, BOOT, now + 20000),
		    20000 - readings[i].high);
		ck_assert_int_eq(
		    clocks_ahead(&clocks, PEER_GOOGLE, BOOT, now + readings[i].low), 0);
		ck_assert_int_eq(
		    clocks_ahead(&clocks, PEER_GOOGLE, BOOT, now + readings[i].high), 0);
	}
}
END_TEST

START_TEST(names)
{
	ck_assert_str_eq(peer_name(PEER_NGINX), "nginx");
	ck_assert_str_eq(peer_name(PEER_CLICKHOUSE), "ClickHouse");
	ck_assert_str_eq(peer_name(PEER_GOOGLE), "Google");
}
END_TEST

/* The largest times that are understood. */
START_TEST(far_away)
{
	const int64_t most = (INT64_C(1) << 49) - 1;

	clocks_note(&clocks, BOOT, most);
	ck_assert_int_eq(clocks_of_workers(&clocks, BOOT, 7), most);
	clocks_note(&clocks, BOOT, -most);
	ck_assert_int_eq(clocks_of_workers(&clocks, BOOT, 7), -most);
	clocks_note(&clocks, most, 0);
	ck_assert_int_eq(clocks_of_workers(&clocks, most, 7), 0);
	clocks_note(&clocks, 0, 5);
	ck_assert_int_eq(clocks_of_workers(&clocks, 0, 7), 5);
	clocks_note(&clocks, BOOT, most + 1);
	clocks_note(&clocks, BOOT, -most - 1);
	clocks_note(&clocks, most + 1, 0);
	clocks_note(&clocks, -1, 0);
	ck_assert_int_eq(clocks_of_workers(&clocks, 0, 7), 5);
}
END_TEST

/* What is no time changes nothing, and without the memory nothing is known. */
START_TEST(nothing)
{
	const struct clock_reading broken[] = {
	    {.boot_ms = BOOT, .from_ms = INT64_MAX, .until_ms = CLOCKS_NO_BOUND},
	    {.boot_ms = BOOT, .from_ms = INT64_MIN, .until_ms = CLOCKS_NO_BOUND},
	    {.boot_ms = -1, .from_ms = WALL, .until_ms = CLOCKS_NO_BOUND},
	    {.boot_ms = BOOT, .from_ms = WALL, .asked_ms = BOOT, .until_ms = INT64_MIN},
	};

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		clocks_read(&clocks, PEER_NGINX, &broken[i]);
	clocks_note(&clocks, BOOT, INT64_MAX);
	ck_assert(!clocks_knows(&clocks, PEER_NGINX));
	ck_assert_int_eq(clocks_of_workers(&clocks, BOOT, 7), 7);
	clocks_read(NULL, PEER_NGINX, &broken[0]);
	clocks_note(NULL, BOOT, WALL);
	ck_assert_int_eq(clocks_ahead(NULL, PEER_NGINX, BOOT, WALL), 0);
	ck_assert_int_eq(clocks_of_workers(NULL, BOOT, 7), 7);
	ck_assert_int_eq(clocks_wrong_by(NULL, BOOT, WALL), 0);
	ck_assert(!clocks_knows(NULL, PEER_NGINX));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("clocks");
	TCase *tcase = tcase_create("clocks");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, set_up, NULL);
	tcase_add_test(tcase, nginx);
	tcase_add_test(tcase, dates);
	tcase_add_test(tcase, steps);
	tcase_add_test(tcase, wrong);
	tcase_add_loop_test(tcase, middle_of_three, 0, (int)(sizeof(three) / sizeof(three[0])));
	tcase_add_test(tcase, minutes);
	tcase_add_test(tcase, own_steps);
	tcase_add_test(tcase, bounds);
	tcase_add_test(tcase, names);
	tcase_add_test(tcase, far_away);
	tcase_add_test(tcase, nothing);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

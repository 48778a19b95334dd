/* SPDX-License-Identifier: MIT */
/* check_drift.c: which events differ from their calls */
#include "core/drift.h"
#include "ledgers.h"

#define NOW 1796000000
#define START (NOW + 86400)
#define DELETED 1
#define ENDED 2
#define CANCELLED 4

static const struct {
	uint64_t version;
	int64_t start, end; /* after START */
	int flags;
	enum drift drift;
} cases[] = {
    {12, 0, 1800, 0, DRIFT_NONE},
    {12, 0, 1800, DELETED, DRIFT_DELETED},
    {12, 3600, 5400, 0, DRIFT_MOVED},
    {12, -3600, -1800, 0, DRIFT_MOVED},
    {12, 3600, 7200, 0, DRIFT_MOVED},
    {12, 0, 3600, 0, DRIFT_LENGTH},
    {12, 0, 900, 0, DRIFT_LENGTH},
    {12, 0, 0, 0, DRIFT_NO_TIME},
    {12, -START, -START, 0, DRIFT_NO_TIME},
    {12, 0, 86401, 0, DRIFT_NO_TIME},
    /* Of an older version it is ours to take away; nobody waits for a call that is over. */
    {11, 0, 1800, DELETED, DRIFT_NONE},
    {11, 0, 1800, 0, DRIFT_LEFT},
    {11, 3600, 5400, CANCELLED, DRIFT_LEFT},
    {11, 0, 1800, DELETED | CANCELLED, DRIFT_NONE},
    {11, 0, 1800, CANCELLED | ENDED, DRIFT_NONE},
    {13, 3600, 5400, 0, DRIFT_NONE},
    {12, 0, 1800, DELETED | ENDED, DRIFT_NONE},
    {12, 0, 1800, DELETED | CANCELLED, DRIFT_NONE},
};

START_TEST(drifts)
{
	struct booking booking = {.version = 12,
	    .state = cases[_i].flags & CANCELLED ? BOOKING_CANCELLED : BOOKING_BOOKED,
	    .call = {START, START + 1800}};
	struct seen_event seen = {.version = cases[_i].version,
	    .is_deleted = cases[_i].flags & DELETED,
	    .call = {START + cases[_i].start, START + cases[_i].end}};
	int64_t now = cases[_i].flags & ENDED ? START + 1800 : NOW;

	ck_assert_int_eq(drift_find(&booking, &seen, now), cases[_i].drift);
	/* Of an event that somebody made recur the first is the call's. */
	seen.occurrence = START;
	ck_assert_int_eq(drift_find(&booking, &seen, now),
	    cases[_i].drift == DRIFT_LEFT ? DRIFT_NONE : cases[_i].drift);
	seen.occurrence = START + 7 * 86400;
	ck_assert_int_eq(drift_find(&booking, &seen, now), DRIFT_NONE);
	seen.occurrence = 0;
	booking.state = BOOKING_BLOCKED;
	ck_assert_int_eq(drift_find(&booking, &seen, now), DRIFT_NONE);
}
END_TEST

START_TEST(keys)
{
	struct seen_event seen = {.version = 12, .call = {START, START + 1800}}, other = seen;

	ck_assert_uint_eq(drift_key(&seen), drift_key(&other));
	other.call.end++;
	ck_assert_uint_ne(drift_key(&seen), drift_key(&other));
	other = seen;
	other.version++;
	ck_assert_uint_ne(drift_key(&seen), drift_key(&other));
	other = seen;
	other.is_deleted = true;
	ck_assert_uint_ne(drift_key(&seen), drift_key(&other));
	/* Of a deleted event the times may be there or not. */
	seen = (struct seen_event){.version = 12, .is_deleted = true};
	ck_assert_uint_eq(drift_key(&seen), drift_key(&other));
}
END_TEST

START_TEST(names)
{
	enum drift drift;

	for (int i = 0; i < DRIFTS; i++) {
		ck_assert(drift_parse(drift_name((enum drift)i), &drift));
		ck_assert_int_eq(drift, i);
	}
	ck_assert(!drift_parse("other", &drift));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("drift");
	TCase *all = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, all);
	tcase_add_loop_test(all, drifts, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(all, keys);
	tcase_add_test(all, names);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

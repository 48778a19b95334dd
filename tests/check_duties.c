/* SPDX-License-Identifier: MIT */
/* check_duties.c: what counts of the records, who has the lease, and how long to wait */
#include "core/duties.h"
#include "ledgers.h"

#define VERSION 12

static struct duties duties;

static void set_up(void)
{
	duties = (struct duties){.booking = id_of(1)};
}

static void tear_down(void)
{
	duties_free(&duties);
}

static void record(enum duty duty, uint64_t version, enum delivery_state state, int at, int until)
{
	struct delivery delivery = {
	    .duty = duty, .version = version, .state = state, .at_ms = at, .until_ms = until};

	ck_assert(duties_record(&duties, &delivery));
}

START_TEST(lease)
{
	struct uuid one = id_of(1), two = id_of(2);

	duties_lease(&duties, &one, 1000);
	ck_assert(uuid_equal(&duties.owner, &one) && duties.lease_until_ms == 1000 + LEASE_MS);
	/* Not while another has it … */
	duties_lease(&duties, &two, 1001);
	duties_lease(&duties, &two, 999 + LEASE_MS);
	ck_assert(uuid_equal(&duties.owner, &one) && duties.lease_until_ms == 1000 + LEASE_MS);
	/* … who may prolong it … */
	duties_lease(&duties, &one, 5000);
	ck_assert_int_eq(duties.lease_until_ms, 5000 + LEASE_MS);
	duties_lease(&duties, &two, 4999 + LEASE_MS);
	duties_release(&duties, &two, 6000);
	ck_assert(uuid_equal(&duties.owner, &one) && duties.lease_until_ms == 5000 + LEASE_MS);
	/* … or give it back … */
	duties_release(&duties, &one, 7000);
	duties_lease(&duties, &two, 7000);
	ck_assert(uuid_equal(&duties.owner, &two) && duties.lease_until_ms == 7000 + LEASE_MS);
	/* … and the one of before comes late. */
	duties_release(&duties, &one, 8000);
	duties_lease(&duties, &one, 8000);
	ck_assert(uuid_equal(&duties.owner, &two) && duties.lease_until_ms == 7000 + LEASE_MS);
	duties_lease(&duties, &one, 7000 + LEASE_MS);
	ck_assert(uuid_equal(&duties.owner, &one));
	/* What has run out cannot be given back. */
	duties_release(&duties, &one, 8000 + 2 * LEASE_MS);
	ck_assert_int_eq(duties.lease_until_ms, 7000 + 2 * LEASE_MS);
}
END_TEST

/* Whoever asked in vain waits for this lease, however often it is prolonged, and for no other. */
START_TEST(lease_that_is_wanted)
{
	struct uuid one = id_of(1), two = id_of(2);

	duties_lease(&duties, &one, 1000);
	ck_assert(!duties.is_wanted);
	duties_lease(&duties, &two, 2000);
	ck_assert(duties.is_wanted);
	duties_lease(&duties, &one, 3000);
	ck_assert(duties.is_wanted);
	/* It has passed: the next is nobody's yet. */
	duties_lease(&duties, &one, 3000 + LEASE_MS);
	ck_assert(!duties.is_wanted);
	duties_lease(&duties, &two, 4000 + LEASE_MS);
	ck_assert(duties.is_wanted);
	duties_release(&duties, &one, 5000 + LEASE_MS);
	duties_lease(&duties, &two, 6000 + LEASE_MS);
	ck_assert(uuid_equal(&duties.owner, &two));
	ck_assert(!duties.is_wanted);
}
END_TEST

START_TEST(records)
{
	for (uint64_t version = 0; version < 50; version++)
		for (int duty = 0; duty < DUTIES; duty++)
			record((enum duty)duty, version, DELIVERY_TRYING, duty, 0);
	ck_assert_uint_eq(duties.count, 50 * DUTIES);
	for (uint64_t version = 0; version < 50; version++)
		record(DUTY_MAIL, version, version == 30 ? DELIVERY_DONE : DELIVERY_RETRY, 7, 9);
	ck_assert_uint_eq(duties.count, 50 * DUTIES);
	ck_assert_int_eq(duties_find(&duties, DUTY_MAIL, 30).state, DELIVERY_DONE);
	ck_assert_int_eq(duties_find(&duties, DUTY_MAIL, 31).state, DELIVERY_RETRY);
	ck_assert_int_eq(duties_find(&duties, DUTY_MAIL, 31).until_ms, 9);
	ck_assert_int_eq(duties_find(&duties, DUTY_EVENT, 31).state, DELIVERY_TRYING);
	ck_assert_int_eq(duties_find(&duties, DUTY_MAIL, 50).state, DELIVERY_NONE);
	ck_assert(!duties_was_done_within(&duties, DUTY_MAIL, 0, 30));
	ck_assert(duties_was_done_within(&duties, DUTY_MAIL, 0, 31));
	ck_assert(duties_was_done_within(&duties, DUTY_MAIL, 30, 31));
	ck_assert(!duties_was_done_within(&duties, DUTY_MAIL, 31, 50));
	ck_assert(!duties_was_done_within(&duties, DUTY_EVENT, 0, 31));
	ck_assert(duties_was_tried_within(&duties, DUTY_EVENT, 0, 31));
	ck_assert(!duties_was_tried_within(&duties, DUTY_EVENT, 0, 0));
	ck_assert(duties_was_tried_within(&duties, DUTY_MAIL, 0, 30));
	ck_assert(duties_was_tried_within(&duties, DUTY_MAIL, 49, 50));
	ck_assert(!duties_was_tried_within(&duties, DUTY_MAIL, 50, 60));
	record(DUTY_MAIL, 40, DELIVERY_UNSURE, 7, 9);
	ck_assert(!duties_was_done_within(&duties, DUTY_MAIL, 31, 50));
	record(DUTY_NEW_LEAD, 0, DELIVERY_DONE, 1, 0);
	ck_assert(duties_was_done_within(&duties, DUTY_NEW_LEAD, 0, 1));
	ck_assert(duties.is_plain);
}
END_TEST

START_TEST(plain_duties)
{
	record(DUTY_MAIL, 1, DELIVERY_DUE, 1, 0);
	record(DUTY_FAILED, 1, DELIVERY_DUE, 1, 0);
	ck_assert(!duties.is_plain);
	record(DUTY_DAMAGED, 1, DELIVERY_DUE, 1, 0);
	ck_assert(duties.is_plain);
	duties.is_plain = false;
	record(DUTY_OUTAGE, 1, DELIVERY_DUE, 1, 0);
	ck_assert(duties.is_plain);
}
END_TEST

/* What a record makes of the one before it. */
static const struct {
	enum duty duty;
	enum delivery_state before, record, after;
} changes[] = {
    {DUTY_MAIL, DELIVERY_DUE, DELIVERY_TRYING, DELIVERY_TRYING},
    {DUTY_MAIL, DELIVERY_TRYING, DELIVERY_RETRY, DELIVERY_RETRY},
    {DUTY_MAIL, DELIVERY_RETRY, DELIVERY_DONE, DELIVERY_DONE},
    {DUTY_MAIL, DELIVERY_RETRY, DELIVERY_FAILED, DELIVERY_FAILED},
    {DUTY_MAIL, DELIVERY_TRYING, DELIVERY_UNSURE, DELIVERY_UNSURE},
    {DUTY_MAIL, DELIVERY_UNSURE, DELIVERY_TRYING, DELIVERY_UNSURE},
    {DUTY_MAIL, DELIVERY_UNSURE, DELIVERY_DONE, DELIVERY_DONE},
    {DUTY_MAIL, DELIVERY_DONE, DELIVERY_UNSURE, DELIVERY_DONE},
    {DUTY_MAIL, DELIVERY_FAILED, DELIVERY_DONE, DELIVERY_DONE},
    {DUTY_MAIL, DELIVERY_FAILED, DELIVERY_RETRY, DELIVERY_FAILED},
    {DUTY_MAIL, DELIVERY_DONE, DELIVERY_RETRY, DELIVERY_DONE},
    {DUTY_MAIL, DELIVERY_DONE, DELIVERY_FAILED, DELIVERY_DONE},
    /* The operator has it sent once more. */
    {DUTY_MAIL, DELIVERY_DONE, DELIVERY_DUE, DELIVERY_DUE},
    {DUTY_MAIL, DELIVERY_FAILED, DELIVERY_DUE, DELIVERY_DUE},
    {DUTY_NUDGE, DELIVERY_SKIPPED, DELIVERY_DUE, DELIVERY_DUE},
    /* A file of the spool that is read twice does not. */
    {DUTY_SPOOLED, DELIVERY_DONE, DELIVERY_DUE, DELIVERY_DONE},
    {DUTY_SPOOLED, DELIVERY_FAILED, DELIVERY_DUE, DELIVERY_DUE},
    {DUTY_ALERT, DELIVERY_DONE, DELIVERY_DUE, DELIVERY_DONE},
    /* What the calendar refused is written once more, and nothing that stands there. */
    {DUTY_EVENT, DELIVERY_FAILED, DELIVERY_DUE, DELIVERY_DUE},
    {DUTY_EVENT_AGAIN, DELIVERY_FAILED, DELIVERY_DUE, DELIVERY_DUE},
    {DUTY_EVENT, DELIVERY_DONE, DELIVERY_DUE, DELIVERY_DONE},
    {DUTY_EVENT, DELIVERY_RETRY, DELIVERY_DUE, DELIVERY_RETRY},
    {DUTY_MAIL, DELIVERY_SKIPPED, DELIVERY_RETRY, DELIVERY_SKIPPED},
    {DUTY_MAIL, DELIVERY_TRYING, DELIVERY_DUE, DELIVERY_TRYING},
    {DUTY_FAILED, DELIVERY_DONE, DELIVERY_DUE, DELIVERY_DUE},
    {DUTY_FAILED, DELIVERY_TRYING, DELIVERY_DUE, DELIVERY_TRYING},
};

START_TEST(record_after_record)
{
	record(changes[_i].duty, VERSION, changes[_i].before, 1, 0);
	record(changes[_i].duty, VERSION, changes[_i].record, 2, 0);
	ck_assert_uint_eq(duties.count, 1);
	ck_assert_int_eq(duties_find(&duties, changes[_i].duty, VERSION).state, changes[_i].after);
}
END_TEST

START_TEST(back_off)
{
	int64_t before = 0;

	ck_assert_int_eq(delivery_backoff_ms(0, 0), 2000);
	ck_assert_int_eq(delivery_backoff_ms(1, 0), 4000);
	ck_assert_int_eq(delivery_backoff_ms(8, 0), 512000);
	ck_assert_int_eq(delivery_backoff_ms(9, 0), 900000);
	ck_assert_int_eq(delivery_backoff_ms(~0u, 0), 900000);
	for (unsigned attempt = 0; attempt < 100; attempt++) {
		int64_t most = delivery_backoff_ms(attempt, 0);

		ck_assert_int_ge(most, before);
		before = most;
		for (unsigned chance = 0; chance < 256; chance += 51)
			ck_assert(delivery_backoff_ms(attempt, chance) <= most &&
				  delivery_backoff_ms(attempt, chance) >= most - most / 4);
		ck_assert_int_eq(delivery_backoff_ms(attempt, 255), most - most / 4);
	}
}
END_TEST

/* Open is what was recorded and is not over: it is owed to somebody. */
START_TEST(open_deliveries)
{
	for (int i = 0; i < DELIVERY_STATES; i++) {
		struct delivery delivery = {.state = (enum delivery_state)i};

		ck_assert_int_eq(delivery_is_open(&delivery),
		    i == DELIVERY_DUE || i == DELIVERY_TRYING || i == DELIVERY_RETRY);
		ck_assert_int_eq(delivery_is_over(&delivery), i >= DELIVERY_DONE);
	}
}
END_TEST

START_TEST(names)
{
	enum delivery_state state = DELIVERY_NONE;
	enum duty duty = DUTIES;

	for (int i = 0; i < DUTIES; i++)
		ck_assert(duty_parse(duty_name((enum duty)i), &duty) && (int)duty == i);
	for (int i = 0; i < DELIVERY_STATES; i++)
		ck_assert(
		    delivery_state_parse(delivery_state_name((enum delivery_state)i), &state) &&
		    (int)state == i);
	for (int i = 0; i < DUTIES; i++)
		ck_assert(!duty_is_mail((enum duty)i) || !duty_is_event((enum duty)i));
	ck_assert(duty_is_mail(DUTY_REMINDER_2) && !duty_is_mail(DUTY_COLLISION));
	ck_assert(duty_is_event(DUTY_EVENT_AGAIN) && !duty_is_event(DUTY_OUTAGE));
	ck_assert(!duty_parse("", &duty) && !duty_parse("lease", &duty));
	ck_assert(!delivery_state_parse("", &state) && !delivery_state_parse("Done", &state));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("duties");
	TCase *log = tcase_create("log");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(log, set_up, tear_down);
	tcase_add_test(log, lease);
	tcase_add_test(log, lease_that_is_wanted);
	tcase_add_test(log, records);
	tcase_add_test(log, plain_duties);
	tcase_add_loop_test(log, record_after_record, 0, (int)COUNT(changes));
	tcase_add_test(log, back_off);
	tcase_add_test(log, open_deliveries);
	tcase_add_test(log, names);
	suite_add_tcase(suite, log);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: MIT */
/* check_delivery.c: what is due to whom and when, who has the lease, and how long to wait */
#include "core/delivery.h"
#include "base/arena.h"
#include "base/text.h"
#include "ledgers.h"

/* Times are minutes around the brief, which came at minute 0; the call is at minute 2000. */
#define MINUTE INT64_C(60000)
#define BRIEF INT64_C(1796000000000)
#define AT(minutes) (BRIEF + (minutes)*MINUTE)
#define DAYS 1440
#define CALL 2000
#define VERSION 12

static const struct courier_rules every_rule = {.reminders_s = {1440 * 60, 60 * 60, 0},
    .abandoned_s = 60 * 60,
    .replay_s = 60,
    .settled_ms = 5 * MINUTE,
    .has_google = true,
    .has_resend = true,
    .has_telegram = true};

static struct arena *arena;
static struct courier_rules rules;
static struct docket docket;
static struct known known;

static void set_up(void)
{
	arena = arena_new(1 << 16);
	ck_assert_ptr_nonnull(arena);
	rules = every_rule;
	docket = (struct docket){.booking = id_of(1)};
	known = (struct known){.has_lead = true, .created_ms = BRIEF};
}

static void tear_down(void)
{
	free(docket.list);
	arena_free(arena);
}

static void record(enum duty duty, uint64_t version, enum delivery_state state, int at, int until)
{
	struct delivery delivery = {.duty = duty,
	    .version = version,
	    .state = state,
	    .at_ms = AT(at),
	    .until_ms = AT(until)};

	ck_assert(docket_record(&docket, &delivery));
}

/* Booked at this minute at VERSION, and its row is there. */
static void book(int at)
{
	known.was_booked = true;
	known.row_version = VERSION;
	known.standing = (struct ledger_booking){.id = id_of(1),
	    .version = VERSION,
	    .is_live = true,
	    .owner = "a",
	    .call = {AT(CALL) / 1000, AT(CALL + 30) / 1000}};
	docket.seen_version = VERSION;
	docket.seen_ms = AT(at);
}

/* What is due at this minute as names, with the minute of the next look: "mail alert, 60". */
static const char *due_at(int minute)
{
	struct text text = text_new(arena, 500);
	struct due due;

	delivery_due(&rules, &docket, &known, AT(minute), &due);
	for (size_t i = 0; i < due.count; i++) {
		text_printf(&text, "%s%s", i ? " " : "", duty_name(due.list[i]));
		/* Of the booking as it stands, or of the brief. */
		ck_assert(due.versions[i] == known.standing.version || due.versions[i] == 0);
	}
	if (due.is_row_due)
		text_str(&text, " row");
	if (due.next_ms != INT64_MAX)
		text_printf(&text, ", %d", (int)((due.next_ms - BRIEF) / MINUTE));
	ck_assert(!text_overflowed(&text));
	return text.data;
}

START_TEST(brief_without_a_slot)
{
	ck_assert_str_eq(due_at(0), "new_lead, 60");
	record(DUTY_NEW_LEAD, 0, DELIVERY_DONE, 0, 0);
	ck_assert_str_eq(due_at(0), ", 60");
	ck_assert_str_eq(due_at(59), ", 60");
	ck_assert_str_eq(due_at(60), "nudge abandoned");
	record(DUTY_NUDGE, 0, DELIVERY_DONE, 60, 0);
	ck_assert_str_eq(due_at(61), "abandoned");
	record(DUTY_ABANDONED, 0, DELIVERY_FAILED, 60, 0);
	ck_assert_str_eq(due_at(61), "");
	/* After a week it is history. */
	docket.count = 0;
	ck_assert_str_eq(due_at(7 * DAYS), "new_lead nudge abandoned");
	ck_assert_str_eq(due_at(7 * DAYS + 1), "");
}
END_TEST

START_TEST(rules_that_are_off)
{
	rules.abandoned_s = 0;
	ck_assert_str_eq(due_at(100), "new_lead");
	rules = every_rule;
	rules.has_telegram = false;
	ck_assert_str_eq(due_at(100), "nudge");
	rules.has_resend = false;
	ck_assert_str_eq(due_at(100), "");
	book(100);
	rules = every_rule;
	rules.has_google = false;
	ck_assert_str_eq(due_at(101), "new_lead mail alert");
	rules.has_resend = false;
	ck_assert_str_eq(due_at(101), "new_lead alert");
	rules.has_telegram = false;
	ck_assert_str_eq(due_at(101), "");
}
END_TEST

START_TEST(brief_out_of_the_spool)
{
	record(DUTY_SPOOLED, 0, DELIVERY_DUE, 0, 0);
	record(DUTY_SPOOL_ALERT, 0, DELIVERY_DUE, 0, 0);
	record(DUTY_NEW_LEAD, 0, DELIVERY_DONE, 0, 0);
	ck_assert_str_eq(due_at(1), "spooled spool_alert, 60");
	record(DUTY_SPOOLED, 0, DELIVERY_TRYING, 1, 0);
	ck_assert_str_eq(due_at(1), "spooled spool_alert, 60");
	record(DUTY_SPOOLED, 0, DELIVERY_DONE, 1, 0);
	record(DUTY_SPOOL_ALERT, 0, DELIVERY_DONE, 1, 0);
	ck_assert_str_eq(due_at(1), ", 60");
}
END_TEST

START_TEST(booked)
{
	record(DUTY_NEW_LEAD, 0, DELIVERY_DONE, 0, 0);
	book(10);
	/* The event waits half of replay_s for the worker that may be writing it. */
	ck_assert_str_eq(due_at(10), "mail alert, 10");
	ck_assert_str_eq(due_at(11), "event mail alert, 15");
	record(DUTY_EVENT, VERSION, DELIVERY_DONE, 11, 0);
	record(DUTY_MAIL, VERSION, DELIVERY_DONE, 11, 0);
	record(DUTY_ALERT, VERSION, DELIVERY_DONE, 11, 0);
	/* Once no worker can still be writing, it is looked at again. */
	ck_assert_str_eq(due_at(14), ", 15");
	ck_assert_str_eq(due_at(15), "event_again, 560");
	record(DUTY_EVENT_AGAIN, VERSION, DELIVERY_DONE, 15, 0);
	ck_assert_str_eq(due_at(15), ", 560");
	record(DUTY_COLLISION, VERSION, DELIVERY_DUE, 15, 0);
	ck_assert_str_eq(due_at(15), "collision, 560");
	/* Another version's records count for nothing. */
	known.standing.version = known.row_version = VERSION + 1;
	ck_assert_str_eq(due_at(15), "event mail alert");
}
END_TEST

START_TEST(row_that_is_missing)
{
	record(DUTY_NEW_LEAD, 0, DELIVERY_DONE, 0, 0);
	book(10);
	rules.has_google = rules.has_resend = rules.has_telegram = false;
	known.row_version = VERSION - 1;
	ck_assert_str_eq(due_at(10), ", 10");
	ck_assert_str_eq(due_at(11), " row");
	/* The mail waits for the row, but not for ever. */
	rules.has_resend = true;
	ck_assert_str_eq(due_at(10), ", 10");
	ck_assert_str_eq(due_at(11), "mail row");
	known.row_version = VERSION;
	ck_assert_str_eq(due_at(10), "mail");
}
END_TEST

START_TEST(reminders)
{
	record(DUTY_NEW_LEAD, 0, DELIVERY_DONE, 0, 0);
	book(10);
	rules.has_google = false;
	record(DUTY_ALERT, VERSION, DELIVERY_DONE, 11, 0);
	/* Who does not know of the call yet is told of it, and not reminded. */
	ck_assert_str_eq(due_at(CALL - DAYS), "mail");
	record(DUTY_MAIL, VERSION, DELIVERY_DONE, 11, 0);
	ck_assert_str_eq(due_at(CALL - DAYS - 1), arena_printf(arena, ", %d", CALL - DAYS));
	ck_assert_str_eq(due_at(CALL - DAYS), arena_printf(arena, "reminder_1, %d", CALL - 60));
	ck_assert_str_eq(
	    due_at(CALL - DAYS + 14), arena_printf(arena, "reminder_1, %d", CALL - 60));
	/* Too late is not at all. */
	ck_assert_str_eq(due_at(CALL - DAYS + 15), arena_printf(arena, ", %d", CALL - 60));
	ck_assert_str_eq(due_at(CALL - 60), "reminder_2");
	record(DUTY_REMINDER_2, VERSION, DELIVERY_DONE, CALL - 60, 0);
	ck_assert_str_eq(due_at(CALL - 59), "");
	/* Who was told after the reminder's moment needs none. */
	docket.count = 0;
	record(DUTY_NEW_LEAD, 0, DELIVERY_DONE, 0, 0);
	record(DUTY_ALERT, VERSION, DELIVERY_DONE, 11, 0);
	record(DUTY_MAIL, VERSION, DELIVERY_DONE, CALL - DAYS + 1, 0);
	ck_assert_str_eq(due_at(CALL - DAYS + 2), arena_printf(arena, ", %d", CALL - 60));
	/* Nobody is reminded once the call has begun. */
	rules.reminders_s[0] = 300;
	rules.reminders_s[1] = 0;
	ck_assert_str_eq(due_at(CALL - 5), "reminder_1");
	ck_assert_str_eq(due_at(CALL), "");
}
END_TEST

START_TEST(cancelled)
{
	record(DUTY_NEW_LEAD, 0, DELIVERY_DONE, 0, 0);
	book(10);
	known.standing.is_live = false;
	ck_assert_str_eq(due_at(11), "event alert, 15");
	rules.has_google = false;
	/* A call that was never announced need not be called off. */
	ck_assert_str_eq(due_at(11), "alert");
	record(DUTY_MAIL, VERSION - 1, DELIVERY_FAILED, 10, 0);
	ck_assert_str_eq(due_at(11), "alert");
	record(DUTY_MAIL, VERSION - 2, DELIVERY_TRYING, 10, 0);
	ck_assert_str_eq(due_at(11), "mail alert");
	record(DUTY_MAIL, VERSION - 2, DELIVERY_DONE, 10, 0);
	ck_assert_str_eq(due_at(11), "mail alert");
	/* After a week it is history, whatever was left. */
	ck_assert_str_eq(due_at(CALL + 30 + 7 * DAYS), "mail alert");
	ck_assert_str_eq(due_at(CALL + 31 + 7 * DAYS), "");
}
END_TEST

START_TEST(call_that_is_over)
{
	record(DUTY_NEW_LEAD, 0, DELIVERY_DONE, 0, 0);
	book(10);
	ck_assert_str_eq(due_at(CALL), "event alert");
}
END_TEST

START_TEST(erased)
{
	book(10);
	known.standing.is_live = false;
	known.standing.is_erased = true;
	record(DUTY_MAIL, VERSION - 1, DELIVERY_DONE, 10, 0);
	ck_assert_str_eq(due_at(10), ", 10");
	ck_assert_str_eq(due_at(11), "event, 15");
	record(DUTY_EVENT, VERSION, DELIVERY_DONE, 11, 0);
	ck_assert_str_eq(due_at(15), "event_again");
	record(DUTY_EVENT_AGAIN, VERSION, DELIVERY_DONE, 15, 0);
	ck_assert_str_eq(due_at(15), "");
	/* Its row goes, too. */
	known.row_version = VERSION - 1;
	ck_assert_str_eq(due_at(15), " row");
}
END_TEST

START_TEST(nobody_to_tell)
{
	book(10);
	known.standing.is_block = true;
	ck_assert_str_eq(due_at(11), "");
	known.standing.is_block = false;
	known.has_lead = false;
	ck_assert_str_eq(due_at(11), "");
}
END_TEST

START_TEST(failures_and_their_alert)
{
	struct due due;

	record(DUTY_NEW_LEAD, 0, DELIVERY_RETRY, 0, 5);
	ck_assert_str_eq(due_at(4), ", 5");
	delivery_due(&rules, &docket, &known, AT(4), &due);
	ck_assert_uint_eq(due.waiting, 1);
	ck_assert_str_eq(due_at(5), "new_lead, 60");
	delivery_due(&rules, &docket, &known, AT(5), &due);
	ck_assert_uint_eq(due.waiting, 0);
	record(DUTY_NEW_LEAD, 0, DELIVERY_TRYING, 5, 7);
	ck_assert_str_eq(due_at(6), ", 7");
	ck_assert_str_eq(due_at(7), "new_lead, 60");
	record(DUTY_NEW_LEAD, 0, DELIVERY_FAILED, 7, 0);
	record(DUTY_FAILED, 0, DELIVERY_DUE, 7, 0);
	ck_assert_str_eq(due_at(7), "failed, 60");
	record(DUTY_FAILED, 0, DELIVERY_DONE, 7, 0);
	ck_assert_str_eq(due_at(7), ", 60");
	/* Something else fails: that is told again. */
	record(DUTY_FAILED, 0, DELIVERY_DUE, 8, 0);
	ck_assert_str_eq(due_at(8), "failed, 60");
	record(DUTY_FAILED, 0, DELIVERY_DONE, 8, 0);
	book(10);
	record(DUTY_EVENT, VERSION, DELIVERY_FAILED, 11, 0);
	record(DUTY_FAILED, VERSION, DELIVERY_DUE, 11, 0);
	ck_assert_str_eq(due_at(11), "mail alert failed, 15");
	ck_assert_str_eq(due_at(15), "mail alert failed");
}
END_TEST

START_TEST(lease)
{
	struct uuid one = id_of(1), two = id_of(2);

	docket_lease(&docket, &one, 1000);
	ck_assert(uuid_equal(&docket.owner, &one) && docket.lease_until_ms == 1000 + LEASE_MS);
	/* Not while another has it … */
	docket_lease(&docket, &two, 1001);
	docket_lease(&docket, &two, 999 + LEASE_MS);
	ck_assert(uuid_equal(&docket.owner, &one) && docket.lease_until_ms == 1000 + LEASE_MS);
	/* … who may prolong it … */
	docket_lease(&docket, &one, 5000);
	ck_assert_int_eq(docket.lease_until_ms, 5000 + LEASE_MS);
	docket_lease(&docket, &two, 4999 + LEASE_MS);
	docket_release(&docket, &two, 6000);
	ck_assert(uuid_equal(&docket.owner, &one) && docket.lease_until_ms == 5000 + LEASE_MS);
	/* … or give it back … */
	docket_release(&docket, &one, 7000);
	docket_lease(&docket, &two, 7000);
	ck_assert(uuid_equal(&docket.owner, &two) && docket.lease_until_ms == 7000 + LEASE_MS);
	/* … and the one of before comes late. */
	docket_release(&docket, &one, 8000);
	docket_lease(&docket, &one, 8000);
	ck_assert(uuid_equal(&docket.owner, &two) && docket.lease_until_ms == 7000 + LEASE_MS);
	docket_lease(&docket, &one, 7000 + LEASE_MS);
	ck_assert(uuid_equal(&docket.owner, &one));
	/* What has run out cannot be given back. */
	docket_release(&docket, &one, 8000 + 2 * LEASE_MS);
	ck_assert_int_eq(docket.lease_until_ms, 7000 + 2 * LEASE_MS);
}
END_TEST

START_TEST(records)
{
	for (uint64_t version = 0; version < 50; version++)
		for (int duty = 0; duty < DUTIES; duty++)
			record((enum duty)duty, version, DELIVERY_TRYING, duty, 0);
	ck_assert_uint_eq(docket.count, 50 * DUTIES);
	for (uint64_t version = 0; version < 50; version++)
		record(DUTY_MAIL, version, version == 30 ? DELIVERY_DONE : DELIVERY_RETRY, 7, 9);
	ck_assert_uint_eq(docket.count, 50 * DUTIES);
	ck_assert_int_eq(docket_find(&docket, DUTY_MAIL, 30).state, DELIVERY_DONE);
	ck_assert_int_eq(docket_find(&docket, DUTY_MAIL, 31).state, DELIVERY_RETRY);
	ck_assert_int_eq(docket_find(&docket, DUTY_MAIL, 31).until_ms, AT(9));
	ck_assert_int_eq(docket_find(&docket, DUTY_EVENT, 31).state, DELIVERY_TRYING);
	ck_assert_int_eq(docket_find(&docket, DUTY_MAIL, 50).state, DELIVERY_NONE);
	ck_assert(!docket_was_done_within(&docket, DUTY_MAIL, 0, 30));
	ck_assert(docket_was_done_within(&docket, DUTY_MAIL, 0, 31));
	ck_assert(docket_was_done_within(&docket, DUTY_MAIL, 30, 31));
	ck_assert(!docket_was_done_within(&docket, DUTY_MAIL, 31, 50));
	ck_assert(!docket_was_done_within(&docket, DUTY_EVENT, 0, 31));
	ck_assert(docket_may_be_done_within(&docket, DUTY_EVENT, 0, 31));
	ck_assert(!docket_may_be_done_within(&docket, DUTY_EVENT, 0, 0));
	ck_assert(!docket_may_be_done_within(&docket, DUTY_MAIL, 0, 30));
	ck_assert(docket_may_be_done_within(&docket, DUTY_MAIL, 0, 31));
	ck_assert(!docket_may_be_done_within(&docket, DUTY_MAIL, 31, 50));
	record(DUTY_MAIL, 40, DELIVERY_UNSURE, 7, 9);
	ck_assert(!docket_was_done_within(&docket, DUTY_MAIL, 31, 50));
	ck_assert(docket_may_be_done_within(&docket, DUTY_MAIL, 31, 50));
	ck_assert(docket.is_plain);
}
END_TEST

START_TEST(plain_docket)
{
	record(DUTY_MAIL, 1, DELIVERY_DUE, 1, 0);
	record(DUTY_FAILED, 1, DELIVERY_DUE, 1, 0);
	ck_assert(!docket.is_plain);
	record(DUTY_DAMAGED, 1, DELIVERY_DUE, 1, 0);
	ck_assert(docket.is_plain);
	docket.is_plain = false;
	record(DUTY_OUTAGE, 1, DELIVERY_DUE, 1, 0);
	ck_assert(docket.is_plain);
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
    {DUTY_MAIL, DELIVERY_DONE, DELIVERY_DUE, DELIVERY_DONE},
    {DUTY_MAIL, DELIVERY_TRYING, DELIVERY_DUE, DELIVERY_TRYING},
    {DUTY_FAILED, DELIVERY_DONE, DELIVERY_DUE, DELIVERY_DUE},
    {DUTY_FAILED, DELIVERY_TRYING, DELIVERY_DUE, DELIVERY_TRYING},
};

START_TEST(record_after_record)
{
	record(changes[_i].duty, VERSION, changes[_i].before, 1, 0);
	record(changes[_i].duty, VERSION, changes[_i].record, 2, 0);
	ck_assert_uint_eq(docket.count, 1);
	ck_assert_int_eq(docket_find(&docket, changes[_i].duty, VERSION).state, changes[_i].after);
}
END_TEST

START_TEST(many_dockets)
{
	struct dockets *dockets = dockets_new();
	unsigned wrong = 0;

	ck_assert_ptr_nonnull(dockets);
	ck_assert_ptr_null(dockets_at(dockets, 0));
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 5000; i++) {
			struct uuid id = id_of(i);
			struct docket *found = dockets_open(dockets, &id);

			wrong += !found || !uuid_equal(&found->booking, &id) ||
				 found->created_ms != (round ? i : 0);
			if (found)
				found->created_ms = i;
		}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_eq(dockets_count(dockets), 5000);
	ck_assert_int_eq(dockets_at(dockets, 4999)->created_ms, 4999);
	ck_assert_ptr_null(dockets_at(dockets, 5000));
	dockets_free(dockets);
	dockets_free(NULL);
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
	Suite *suite = suite_create("delivery");
	TCase *due = tcase_create("due"), *log = tcase_create("log");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(due, set_up, tear_down);
	tcase_add_test(due, brief_without_a_slot);
	tcase_add_test(due, rules_that_are_off);
	tcase_add_test(due, brief_out_of_the_spool);
	tcase_add_test(due, booked);
	tcase_add_test(due, row_that_is_missing);
	tcase_add_test(due, reminders);
	tcase_add_test(due, cancelled);
	tcase_add_test(due, call_that_is_over);
	tcase_add_test(due, erased);
	tcase_add_test(due, nobody_to_tell);
	tcase_add_test(due, failures_and_their_alert);
	tcase_add_test(due, back_off);
	suite_add_tcase(suite, due);
	tcase_add_checked_fixture(log, set_up, tear_down);
	tcase_add_test(log, lease);
	tcase_add_test(log, records);
	tcase_add_test(log, plain_docket);
	tcase_add_loop_test(log, record_after_record, 0, (int)COUNT(changes));
	tcase_add_test(log, many_dockets);
	tcase_add_test(log, names);
	suite_add_tcase(suite, log);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

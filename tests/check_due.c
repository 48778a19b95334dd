/* SPDX-License-Identifier: MIT */
/* check_due.c: what is due to whom and when */
#include "core/due.h"
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
    .has_calendar = true,
    .has_resend = true,
    .has_telegram = true,
    .has_nudge = true};

static struct arena *arena;
static struct courier_rules rules;
static struct duties duties;
static struct booking booking;
static struct lead lead;
static int64_t seen_ms;

static void set_up(void)
{
	arena = arena_new(1 << 16);
	ck_assert_ptr_nonnull(arena);
	rules = every_rule;
	duties = (struct duties){.booking = id_of(1)};
	lead_clear(&lead);
	lead.created_ms = BRIEF;
	booking = (struct booking){.has_lead = true, .lead = lead};
	seen_ms = 0;
}

static void tear_down(void)
{
	duties_free(&duties);
	arena_free(arena);
}

static void record(enum duty duty, uint64_t version, enum delivery_state state, int at, int until)
{
	struct delivery delivery = {.duty = duty,
	    .version = version,
	    .state = state,
	    .at_ms = AT(at),
	    .until_ms = AT(until)};

	ck_assert(duties_record(&duties, &delivery));
}

/* Booked at this minute at VERSION, and its row is there. */
static void book(int at)
{
	booking = (struct booking){.id = id_of(1),
	    .state = BOOKING_BOOKED,
	    .has_lead = true,
	    .in_ledger = true,
	    .was_booked = true,
	    .version = VERSION,
	    .owner = "a",
	    .call = {AT(CALL) / 1000, AT(CALL + 30) / 1000},
	    .lead = lead};
	booking.lead.version = VERSION;
	seen_ms = AT(at);
}

/* What is due at this minute as names, with the minute of the next look: "mail alert, 60". */
static const char *due_at(int minute)
{
	struct text text = text_new(arena, 500);
	struct due due;

	due_find(&rules, &duties, &booking, seen_ms, AT(minute), &due);
	for (size_t i = 0; i < due.count; i++) {
		text_printf(&text, "%s%s", i ? " " : "", duty_name(due.list[i]));
		/* Of the booking as it stands, or of the brief. */
		ck_assert(due.versions[i] == booking.version || due.versions[i] == 0 ||
			  due.list[i] == DUTY_CALENDAR_CHANGED || due.list[i] == DUTY_OBEY);
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
	duties.count = 0;
	ck_assert_str_eq(due_at(7 * DAYS), "new_lead nudge abandoned");
	ck_assert_str_eq(due_at(7 * DAYS + 1), "");
}
END_TEST

/* Whose page showed no times has the link by mail, at once and once. */
START_TEST(brief_that_waits_for_its_mail)
{
	booking.lead.held = LEAD_HELD_VERIFY;
	ck_assert_str_eq(due_at(0), "new_lead nudge, 60");
	record(DUTY_NEW_LEAD, 0, DELIVERY_DONE, 0, 0);
	record(DUTY_NUDGE, 0, DELIVERY_DONE, 0, 0);
	ck_assert_str_eq(due_at(1), ", 60");
	ck_assert_str_eq(due_at(60), "abandoned");
	booking.was_booked = true;
	duties.count = 0;
	ck_assert_str_eq(due_at(60), "");
}
END_TEST

/* Nobody sent a brief for a call of an earlier system, and there may be hundreds of them. */
START_TEST(imported_call)
{
	booking.was_booked = true;
	booking.state = BOOKING_BOOKED;
	booking.call = (struct interval){AT(CALL) / 1000, AT(CALL + 30) / 1000};
	ck_assert_str_eq(due_at(0), "");
	ck_assert_str_eq(due_at(60), "");
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
	rules = every_rule;
	rules.has_nudge = false;
	ck_assert_str_eq(due_at(100), "new_lead abandoned");
	book(100);
	rules = every_rule;
	rules.has_calendar = false;
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
	/* What was seen in the calendar is told each by itself, under keys of its own. */
	record(DUTY_CALENDAR_CHANGED, 4711, DELIVERY_DUE, 15, 0);
	record(DUTY_CALENDAR_CHANGED, 4712, DELIVERY_DUE, 15, 0);
	ck_assert_str_eq(due_at(15), "calendar_changed calendar_changed, 560");
	record(DUTY_CALENDAR_CHANGED, 4711, DELIVERY_DONE, 15, 0);
	ck_assert_str_eq(due_at(15), "calendar_changed, 560");
	record(DUTY_CALENDAR_CHANGED, 4712, DELIVERY_DONE, 15, 0);
	record(DUTY_COLLISION, VERSION, DELIVERY_DUE, 15, 0);
	ck_assert_str_eq(due_at(15), "collision, 560");
	/* Another version's records count for nothing. */
	booking.version = booking.lead.version = VERSION + 1;
	ck_assert_str_eq(due_at(15), "event mail alert");
}
END_TEST

/* What the calendar asks for is done one by one: each is a version, by which all else is judged. */
START_TEST(obeyed)
{
	record(DUTY_NEW_LEAD, 0, DELIVERY_DONE, 0, 0);
	book(10);
	record(DUTY_OBEY, 4711, DELIVERY_DUE, 15, 0);
	record(DUTY_OBEY, 4712, DELIVERY_DUE, 15, 0);
	ck_assert_str_eq(due_at(15), "event mail alert");
	rules.obeys = true;
	ck_assert_str_eq(due_at(15), "obey event mail alert");
	record(DUTY_OBEY, 4711, DELIVERY_DONE, 15, 0);
	ck_assert_str_eq(due_at(15), "obey event mail alert");
	record(DUTY_OBEY, 4712, DELIVERY_DONE, 15, 0);
	ck_assert_str_eq(due_at(15), "event mail alert");
}
END_TEST

/* Each minute is half a minute here: link wait 30 s, link least 1 s. */
START_TEST(link_that_is_awaited)
{
	rules.has_meet = true;
	record(DUTY_NEW_LEAD, 0, DELIVERY_DONE, 0, 0);
	book(10);
	booking.lead.video = "";
	/* The mail and the alert wait, for half a minute and no longer. */
	ck_assert_str_eq(due_at(10), ", 10");
	ck_assert_str_eq(due_at(11), "event mail alert, 15");
	record(DUTY_EVENT, VERSION, DELIVERY_DONE, 11, 0);
	ck_assert_str_eq(due_at(11), "meet mail alert, 15");
	seen_ms = AT(11);
	/* Within the time: nothing but a look at the event. */
	record(DUTY_MEET, VERSION, DELIVERY_RETRY, 11, 11);
	ck_assert_str_eq(due_at(11), ", 11");
	/* There never will be one: nobody waits. */
	record(DUTY_MEET, VERSION, DELIVERY_SKIPPED, 11, 0);
	ck_assert_str_eq(due_at(11), "mail alert, 11");
	/* It is there. */
	booking.lead.video = "https://meet.google.com/abc-defg-hij";
	duties.count = 1;
	ck_assert_str_eq(due_at(11), "mail alert, 11");
	/* What waits for it is looked at when its time is up, whatever else there is. */
	rules.replay_s = 0;
	book(20);
	booking.lead.video = "";
	record(DUTY_EVENT, VERSION, DELIVERY_DONE, 20, 0);
	record(DUTY_MEET, VERSION, DELIVERY_RETRY, 20, 60);
	seen_ms -= 10000;
	ck_assert_str_eq(due_at(20), ", 20");
	rules.replay_s = 60;
	/* Nobody waits for it any more once the call has begun. */
	book(CALL);
	booking.lead.video = "";
	ck_assert_str_eq(due_at(CALL), "begun alert, 2000");
}
END_TEST

START_TEST(link_that_went_out_of_the_row)
{
	rules.has_meet = true;
	rules.has_telegram = rules.has_resend = false;
	book(10);
	record(DUTY_EVENT, VERSION, DELIVERY_DONE, 11, 0);
	record(DUTY_EVENT_AGAIN, VERSION, DELIVERY_DONE, 11, 0);
	record(DUTY_MEET, VERSION, DELIVERY_DONE, 20, 0);
	ck_assert_str_eq(due_at(20), ", 20");
	ck_assert_str_eq(due_at(21), "meet");
	/* Not of a call that is over, without a calendar, or cancelled. */
	ck_assert_str_eq(due_at(CALL + 30), "");
	rules.has_calendar = false;
	ck_assert_str_eq(due_at(21), "");
	rules.has_calendar = true;
	booking.state = BOOKING_CANCELLED;
	ck_assert_str_eq(due_at(21), "");
}
END_TEST

START_TEST(row_that_is_missing)
{
	record(DUTY_NEW_LEAD, 0, DELIVERY_DONE, 0, 0);
	book(10);
	rules.has_calendar = rules.has_resend = rules.has_telegram = false;
	booking.lead.version = VERSION - 1;
	ck_assert_str_eq(due_at(10), ", 10");
	ck_assert_str_eq(due_at(11), " row");
	/* The mail waits for the row, but not for ever. */
	rules.has_resend = true;
	ck_assert_str_eq(due_at(10), ", 10");
	ck_assert_str_eq(due_at(11), "mail row");
	booking.lead.version = VERSION;
	ck_assert_str_eq(due_at(10), "mail");
	/* So does the alert. */
	rules.has_resend = false;
	rules.has_telegram = true;
	ck_assert_str_eq(due_at(10), "alert");
	booking.lead.version = VERSION - 1;
	ck_assert_str_eq(due_at(10), ", 10");
	ck_assert_str_eq(due_at(11), "alert row");
}
END_TEST

START_TEST(reminders)
{
	record(DUTY_NEW_LEAD, 0, DELIVERY_DONE, 0, 0);
	book(10);
	rules.has_calendar = false;
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
	duties.count = 0;
	record(DUTY_NEW_LEAD, 0, DELIVERY_DONE, 0, 0);
	record(DUTY_ALERT, VERSION, DELIVERY_DONE, 11, 0);
	record(DUTY_MAIL, VERSION, DELIVERY_DONE, CALL - DAYS + 1, 0);
	ck_assert_str_eq(due_at(CALL - DAYS + 2), arena_printf(arena, ", %d", CALL - 60));
	/* What is still to leave tells of the call, and what failed for good does not. */
	rules.reminders_s[0] = 60 * 60;
	rules.reminders_s[1] = 0;
	duties.count = 0;
	record(DUTY_NEW_LEAD, 0, DELIVERY_DONE, 0, 0);
	record(DUTY_EVENT, VERSION, DELIVERY_DONE, 0, 0);
	record(DUTY_EVENT_AGAIN, VERSION, DELIVERY_DONE, 0, 0);
	record(DUTY_ALERT, VERSION, DELIVERY_DONE, 0, 0);
	record(DUTY_MAIL, VERSION, DELIVERY_RETRY, 10, CALL - 50);
	ck_assert_str_eq(due_at(CALL - 59), ", 1950");
	record(DUTY_MAIL, VERSION, DELIVERY_FAILED, 10, 0);
	ck_assert_str_eq(due_at(CALL - 61), ", 1940");
	ck_assert_str_eq(due_at(CALL - 59), "reminder_1");
	duties.count = 0;
	record(DUTY_NEW_LEAD, 0, DELIVERY_DONE, 0, 0);
	record(DUTY_EVENT, VERSION, DELIVERY_DONE, 0, 0);
	record(DUTY_EVENT_AGAIN, VERSION, DELIVERY_DONE, 0, 0);
	record(DUTY_ALERT, VERSION, DELIVERY_DONE, 0, 0);
	record(DUTY_MAIL, VERSION, DELIVERY_DONE, 10, 0);
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
	booking.state = BOOKING_CANCELLED;
	/* Called off whatever came of the mail before … */
	ck_assert_str_eq(due_at(11), "event mail alert, 15");
	rules.has_calendar = false;
	ck_assert_str_eq(due_at(CALL - 1), "mail alert");
	/* … but once its time has come only to whom one was tried, of this call. */
	ck_assert_str_eq(due_at(CALL), "alert");
	booking.since_version = VERSION - 2;
	record(DUTY_MAIL, VERSION - 3, DELIVERY_DONE, 10, 0);
	ck_assert_str_eq(due_at(CALL), "alert");
	record(DUTY_MAIL, VERSION - 1, DELIVERY_FAILED, 10, 0);
	ck_assert_str_eq(due_at(CALL), "mail alert");
	/* After a week it is history, whatever was left. */
	ck_assert_str_eq(due_at(CALL + 30 + 7 * DAYS), "mail alert");
	ck_assert_str_eq(due_at(CALL + 31 + 7 * DAYS), "");
}
END_TEST

START_TEST(call_that_has_begun)
{
	record(DUTY_NEW_LEAD, 0, DELIVERY_DONE, 0, 0);
	book(10);
	ck_assert_str_eq(due_at(CALL), "event begun alert");
	ck_assert_str_eq(due_at(CALL + 29), "event begun alert");
	ck_assert_str_eq(due_at(CALL + 30), "event alert");
	record(DUTY_MAIL, VERSION, DELIVERY_RETRY, 11, 0);
	ck_assert_str_eq(due_at(CALL), "event begun alert");
	/* What may have arrived is repeated, and what was refused for good is not told otherwise.
	 */
	record(DUTY_MAIL, VERSION, DELIVERY_TRYING, 11, 0);
	ck_assert_str_eq(due_at(CALL), "event mail alert");
	record(DUTY_MAIL, VERSION, DELIVERY_FAILED, 11, 0);
	ck_assert_str_eq(due_at(CALL), "event alert");
}
END_TEST

/* Whoever was told that it has begun is told that it is cancelled. */
START_TEST(call_that_had_begun)
{
	record(DUTY_NEW_LEAD, 0, DELIVERY_DONE, 0, 0);
	book(10);
	booking.state = BOOKING_CANCELLED;
	booking.since_version = VERSION - 2;
	ck_assert_str_eq(due_at(CALL + 1), "event alert");
	record(DUTY_BEGUN, VERSION - 1, DELIVERY_DONE, CALL, 0);
	ck_assert_str_eq(due_at(CALL + 1), "event mail alert");
}
END_TEST

START_TEST(erased)
{
	book(10);
	booking.state = BOOKING_ERASED;
	record(DUTY_MAIL, VERSION - 1, DELIVERY_DONE, 10, 0);
	ck_assert_str_eq(due_at(10), ", 10");
	ck_assert_str_eq(due_at(11), "event, 15");
	record(DUTY_EVENT, VERSION, DELIVERY_DONE, 11, 0);
	ck_assert_str_eq(due_at(15), "event_again");
	record(DUTY_EVENT_AGAIN, VERSION, DELIVERY_DONE, 15, 0);
	ck_assert_str_eq(due_at(15), "");
	/* Its row goes, too. */
	booking.lead.version = VERSION - 1;
	ck_assert_str_eq(due_at(15), " row");
}
END_TEST

START_TEST(history)
{
	booking = (struct booking){.has_lead = false};
	ck_assert(due_is_history(&booking, AT(0)));
	booking = (struct booking){.has_lead = true, .lead = lead};
	ck_assert(!due_is_history(&booking, AT(7 * DAYS)));
	ck_assert(due_is_history(&booking, AT(7 * DAYS) + 1));
	book(10);
	ck_assert(!due_is_history(&booking, AT(CALL + 30 + 7 * DAYS)));
	ck_assert(due_is_history(&booking, AT(CALL + 30 + 7 * DAYS) + 1));
}
END_TEST

START_TEST(nobody_to_tell)
{
	book(10);
	booking.is_block = true;
	ck_assert_str_eq(due_at(11), "");
	booking.is_block = false;
	booking.has_lead = false;
	ck_assert_str_eq(due_at(11), "");
}
END_TEST

START_TEST(failures_and_their_alert)
{
	struct due due;

	record(DUTY_NEW_LEAD, 0, DELIVERY_RETRY, 0, 5);
	ck_assert_str_eq(due_at(4), ", 5");
	due_find(&rules, &duties, &booking, seen_ms, AT(4), &due);
	ck_assert_uint_eq(due.waiting, 1);
	ck_assert_str_eq(due_at(5), "new_lead, 60");
	due_find(&rules, &duties, &booking, seen_ms, AT(5), &due);
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

int main(void)
{
	Suite *suite = suite_create("due");
	TCase *due = tcase_create("due");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(due, set_up, tear_down);
	tcase_add_test(due, brief_without_a_slot);
	tcase_add_test(due, brief_that_waits_for_its_mail);
	tcase_add_test(due, rules_that_are_off);
	tcase_add_test(due, brief_out_of_the_spool);
	tcase_add_test(due, booked);
	tcase_add_test(due, row_that_is_missing);
	tcase_add_test(due, obeyed);
	tcase_add_test(due, link_that_is_awaited);
	tcase_add_test(due, link_that_went_out_of_the_row);
	tcase_add_test(due, reminders);
	tcase_add_test(due, cancelled);
	tcase_add_test(due, call_that_has_begun);
	tcase_add_test(due, imported_call);
	tcase_add_test(due, call_that_had_begun);
	tcase_add_test(due, erased);
	tcase_add_test(due, history);
	tcase_add_test(due, nobody_to_tell);
	tcase_add_test(due, failures_and_their_alert);
	suite_add_tcase(suite, due);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

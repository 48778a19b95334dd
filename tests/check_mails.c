/* SPDX-License-Identifier: MIT */
/*
 * check_mails.c: every kind of mail goes out in every language
 *
 * With SLOTGUARD_MAILS=FOLDER they stay there as they were sent, LANGUAGE-KIND.json, and
 * tests/browser/mails.mjs reads them. srcdir says whose templates they are made from.
 */
#include "courier_world.h"

#define HOUR INT64_C(3600)
#define HOUR_MS (HOUR * 1000)

static const char *const languages[] = {"de", "en", "es", "he"};
static const char *language;

/* One mail has left, in both of its forms. Of its words only that there are some is looked at here.
 */
static void expect(const char *kind)
{
	ck_assert_msg(world.requests[OUTSIDE_RESEND] == 1, "%s-%s: there are %u mails", language,
	    kind, world.requests[OUTSIDE_RESEND]);
	ck_assert_msg(strstr(world.last[OUTSIDE_RESEND], "\"subject\":\"") &&
			  !strstr(world.last[OUTSIDE_RESEND], "\"subject\":\"\""),
	    "%s-%s: %.300s", language, kind, world.last[OUTSIDE_RESEND]);
	ck_assert_msg(strstr(world.last[OUTSIDE_RESEND], "\"html\":\"<!doctype html>"), "%s-%s",
	    language, kind);
	world.requests[OUTSIDE_RESEND] = 0;
}

/* The same, and it is of this kind. */
static void keep(const char *kind)
{
	const char *folder_of_mails = getenv("SLOTGUARD_MAILS");
	char path[PATH_MAX];
	FILE *file;

	expect(kind);
	if (!folder_of_mails)
		return;
	snprintf(path, sizeof(path), "%s/%s-%s.json", folder_of_mails, language, kind);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs(world.last[OUTSIDE_RESEND], file);
	ck_assert_int_eq(fclose(file), 0);
}

static struct uuid person(int number, const char *zone)
{
	struct uuid booking = add_lead(number, 0);

	lead_of(&booking)->name = "Ada Lovelace";
	lead_of(&booking)->language = language;
	lead_of(&booking)->timezone = zone;
	return booking;
}

static void book_in(struct uuid booking, int hours)
{
	add_entry(booking, ENTRY_BOOK, (clock_wall_s() / 1800 + hours * 2) * 1800);
}

START_TEST(call)
{
	struct uuid booking;

	language = languages[_i];
	booking = person(7, "Asia/Kolkata");
	book_in(booking, 48);
	live(1000);
	keep("booked");
	book_in(booking, 72);
	live(1000);
	keep("moved");
	world.boot_ms += 48 * HOUR_MS;
	live(2000);
	keep("reminder");
	add_entry(booking, ENTRY_CANCEL, 0);
	live(5000);
	keep("cancelled");
}
END_TEST

START_TEST(reminders)
{
	language = languages[_i];
	reopen_courier("[courier]\nreminders = 24h, 2h, 10m\n");
	book_in(person(13, ""), 48);
	live(1000);
	expect("booked");
	world.boot_ms += 24 * HOUR_MS;
	live(2000);
	expect("first reminder");
	world.boot_ms += 22 * HOUR_MS;
	live(2000);
	expect("second reminder");
	world.boot_ms += 2 * HOUR_MS - 600000;
	live(2000);
	expect("third reminder");
}
END_TEST

START_TEST(call_in_one_zone)
{
	language = languages[_i];
	book_in(person(8, ""), 48);
	live(1000);
	keep("booked-here");
}
END_TEST

/* Where the business is, and its number, when it says so: below the call's time. */
START_TEST(place_and_number)
{
	const char *tree = getenv("srcdir"), *said;
	char command[PATH_MAX + 300], root[PATH_MAX];

	language = "en";
	ck_assert_ptr_nonnull(realpath(tree ? tree : ".", root));
	snprintf(command, sizeof(command),
	    "cp -R '%s/templates' FOLDER/own && chmod -R u+w FOLDER/own && sed -i"
	    " 's/^place =.*/place = 12 Mill Lane/; s/^phone =.*/phone = By telephone/'"
	    " FOLDER/own/en/messages.ini && sed -i"
	    " 's|^templates = .*|templates = FOLDER/own|' FOLDER/test.conf",
	    root);
	shell(command);
	courier_close(&courier);
	snprintf(command, sizeof(command), "%s", path_of("test.conf"));
	ck_assert_msg(!courier_open(command, &stopped, &courier, &failure), "%s", failure.detail);
	shell("rm -r FOLDER/own");
	courier.drift_look_ms = courier.shortage_look_ms = INT64_MAX;
	book_in(person(14, ""), 48);
	live(1000);
	expect("booked");
	said = world.last[OUTSIDE_RESEND];
	ck_assert_ptr_nonnull(
	    strstr(said, "\\n    30 minutes\\n    12 Mill Lane\\n    By telephone\\n"));
	ck_assert(strstr(said, ">12 Mill Lane</span>") && strstr(said, ">By telephone</span>"));
}
END_TEST

START_TEST(call_that_has_begun)
{
	language = languages[_i];
	book_in(person(9, ""), 1);
	world.answers[OUTSIDE_RESEND].err = ERR_UNREACHABLE;
	live(1000);
	world.boot_ms += HOUR_MS;
	live(1000);
	world.answers[OUTSIDE_RESEND].err = ERR_NONE;
	world.requests[OUTSIDE_RESEND] = 0;
	live(5000);
	keep("begun");
}
END_TEST

START_TEST(brief)
{
	language = languages[_i];
	person(10, "");
	world.boot_ms += 2 * HOUR_MS;
	live(4000);
	keep("nudge");
}
END_TEST

START_TEST(brief_from_the_spool)
{
	struct delivery_record due = {
	    .owner = id_of(900), .delivery = {.duty = DUTY_SPOOLED, .state = DELIVERY_DUE}};

	language = languages[_i];
	due.booking = person(11, "");
	write_log(&due);
	live(4000);
	keep("spooled");
}
END_TEST

START_TEST(brief_over_the_limit)
{
	struct uuid booking;

	language = languages[_i];
	booking = person(12, "");
	lead_of(&booking)->held = LEAD_HELD_ADDRESS;
	live(4000);
	keep("limited");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mails");
	SRunner *runner = srunner_create(suite);
	TCase *kinds = tcase_create("kinds");
	int failed;

	tcase_add_checked_fixture(kinds, set_up, tear_down);
	tcase_add_loop_test(kinds, call, 0, COUNT(languages));
	tcase_add_loop_test(kinds, reminders, 0, COUNT(languages));
	tcase_add_loop_test(kinds, call_in_one_zone, 0, COUNT(languages));
	tcase_add_test(kinds, place_and_number);
	tcase_add_loop_test(kinds, call_that_has_begun, 0, COUNT(languages));
	tcase_add_loop_test(kinds, brief, 0, COUNT(languages));
	tcase_add_loop_test(kinds, brief_from_the_spool, 0, COUNT(languages));
	tcase_add_loop_test(kinds, brief_over_the_limit, 0, COUNT(languages));
	suite_add_tcase(suite, kinds);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

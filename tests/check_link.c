/* SPDX-License-Identifier: MIT */
/* check_link.c: links that fill in a calendar's form, and how the business is reached */
#include "core/calendar_link.h"
#include "core/contact.h"
#include "times.h"

#include <string.h>

static struct arena *arena;

static void set_up(void)
{
	arena = arena_new(64 << 10);
	ck_assert_ptr_nonnull(arena);
}

static void tear_down(void)
{
	arena_free(arena);
}

#define START 1796133845 /* 2026-12-01T14:04:05Z */
#define MICROSOFT                                                                                  \
	"path=%2Fcalendar%2Faction%2Fcompose&rru=addevent&startdt=2026-12-01T14%3A04%3A05Z"

static const struct {
	const char *(*make)(const struct calendar_link *, struct arena *);
	const char *summary, *location, *expected;
} links[] = {
    {calendar_link_google, "A & B", "",
	"https://calendar.google.com/calendar/render?action=TEMPLATE&dates=20261201T140405Z/"
	"20261201T143405Z&text=A%20%26%20B"},
    {calendar_link_google, "A", "Here, there",
	"https://calendar.google.com/calendar/render?action=TEMPLATE&dates=20261201T140405Z/"
	"20261201T143405Z&text=A&location=Here%2C%20there"},
    {calendar_link_google, "", "",
	"https://calendar.google.com/calendar/render?action=TEMPLATE&dates=20261201T140405Z/"
	"20261201T143405Z"},
    {calendar_link_outlook, "A", "",
	"https://outlook.live.com/calendar/0/deeplink/compose?" MICROSOFT
	"&enddt=2026-12-01T14%3A34%3A05Z&subject=A"},
    {calendar_link_office, "A", "B",
	"https://outlook.office.com/calendar/0/deeplink/compose?" MICROSOFT
	"&enddt=2026-12-01T14%3A34%3A05Z&subject=A&location=B"},
};

/* What is allocated after a link leaves it as it is, and takes no more room than it needs. */
START_TEST(link_of_a_calendar)
{
	struct calendar_link link = {{START, START + 1800}, links[_i].summary, links[_i].location};
	const char *made = links[_i].make(&link, arena);

	ck_assert_uint_eq(arena_used(arena), strlen(links[_i].expected) + 1);
	memset(arena_alloc(arena, 100), 'x', 100);
	ck_assert_str_eq(made, links[_i].expected);
}
END_TEST

START_TEST(link_that_does_not_fit)
{
	struct arena *small = arena_new(64);
	struct calendar_link link = {{START, START + 1800}, "A", ""};
	char long_text[4097];

	ck_assert_ptr_null(links[_i].make(&link, small));
	arena_free(small);
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	link.summary = long_text;
	ck_assert_ptr_null(links[_i].make(&link, arena));
}
END_TEST

static const struct {
	const char *from, *reply_to, *expected;
} addresses[] = {
    {"Avo <calls@example.com>", "", "calls@example.com"},
    {"calls@example.com", "", "calls@example.com"},
    {"<calls@example.com>", "", "calls@example.com"},
    {"Avo <calls@example.com>", "desk@example.com", "desk@example.com"},
    {"Avo <calls@example.com>", "The desk <desk@example.com>", "desk@example.com"},
    {"", "", ""},
};

START_TEST(address)
{
	struct conf conf = {0};

	conf.resend.from = arena_str(arena, addresses[_i].from);
	conf.resend.reply_to = arena_str(arena, addresses[_i].reply_to);
	ck_assert_str_eq(contact_address(&conf, arena), addresses[_i].expected);
}
END_TEST

static const struct {
	const char *base_url, *expected;
} hosts[] = {
    {"https://book.example.com", "book.example.com"},
    {"https://book.example.com:8443", "book.example.com"},
    {"http://book.example.com/x:y", "book.example.com"},
};

START_TEST(host)
{
	struct conf conf = {0};

	conf.site.base_url = arena_str(arena, hosts[_i].base_url);
	ck_assert_str_eq(contact_host(&conf, arena), hosts[_i].expected);
}
END_TEST

START_TEST(contact_without_memory)
{
	struct arena *small = arena_new(4);
	struct conf conf = {0};

	conf.resend.from = arena_str(arena, "Avo <calls@example.com>");
	conf.resend.reply_to = arena_str(arena, "");
	conf.site.base_url = arena_str(arena, "https://book.example.com");
	ck_assert_ptr_null(contact_address(&conf, small));
	arena_reset(small);
	ck_assert_ptr_null(contact_host(&conf, small));
	arena_free(small);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("link");
	TCase *calendars = tcase_create("calendar"), *contact = tcase_create("contact");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(calendars, set_up, tear_down);
	tcase_add_loop_test(calendars, link_of_a_calendar, 0, (int)COUNT(links));
	tcase_add_loop_test(calendars, link_that_does_not_fit, 0, (int)COUNT(links));
	suite_add_tcase(suite, calendars);
	tcase_add_checked_fixture(contact, set_up, tear_down);
	tcase_add_loop_test(contact, address, 0, (int)COUNT(addresses));
	tcase_add_loop_test(contact, host, 0, (int)COUNT(hosts));
	tcase_add_test(contact, contact_without_memory);
	suite_add_tcase(suite, contact);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

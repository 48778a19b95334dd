/* SPDX-License-Identifier: MIT */
/* check_event_text.c: a description reads the same as HTML and as text */
#include "core/event_text.h"
#include "base/text.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct arena *arena;

static void begin(void)
{
	arena = arena_new(1 << 20);
	ck_assert_ptr_nonnull(arena);
}

static void end(void)
{
	arena_free(arena);
}

/* What a person wrote, and what both kinds of calendar get. */
static const struct {
	const char *given, *text;
} written[] = {
    {"", ""},
    {"O'Hara & Söhne, \"R&D\"", "O'Hara & Söhne, \"R&D\""},
    {"AT&T, 1 < 2 > 0, <5, a<-b", "AT&T, 1 < 2 > 0, <5, a<-b"},
    {"https://example.com/?a=1&b=2&lang=en", "https://example.com/?a=1&b=2&lang=en"},
    {"<fast> and <b>bold</b>", "‹fast› and ‹b›bold‹/b›"},
    {"<!-- a --> b > c", "‹!-- a --› b > c"},
    {"I <3 you & <", "I <3 you & <"},
    {"<a <b> c>", "‹a ‹b› c>"},
    /* What HTML would read as something else. */
    {"&amp; &lt;b&gt; &#39; &nosuch; &copy=1",
	"&amp;amp; &amp;lt;b&amp;gt; &amp;#39; &amp;nosuch; &amp;copy=1"},
    {"&& &&amp", "&& &&amp;amp"},
};

START_TEST(written_by_a_person)
{
	struct text html = text_new(arena, 1000);
	size_t used = arena_used(arena);

	text_html(&html, written[_i].given);
	ck_assert_str_eq(event_text(arena, html.data), written[_i].text);
	ck_assert_uint_le(arena_used(arena) - used, strlen(written[_i].text) + 16);
}
END_TEST

/* The template's own. */
START_TEST(tags)
{
	ck_assert_str_eq(
	    event_text(arena, "<a title=\"&quot;&gt;&amp;\">R&amp;D</a> &nbsp;&hellip;"),
	    "<a title=\"&quot;&gt;&amp;\">R&D</a> &nbsp;&hellip;");
}
END_TEST

START_TEST(no_memory)
{
	struct arena *small = arena_new(16);

	ck_assert_ptr_null(event_text(small, "0123456789012345678901234567890123456789"));
	arena_free(small);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("event_text");
	TCase *tests = tcase_create("event_text");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tests, begin, end);
	tcase_add_loop_test(tests, written_by_a_person, 0, sizeof(written) / sizeof(written[0]));
	tcase_add_test(tests, tags);
	tcase_add_test(tests, no_memory);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: MIT */
/* check_plain.c: what a stranger wrote is fit to stand among our own words */
#include "core/plain.h"
#include "base/text.h"
#include "times.h"

#include <string.h>

static struct arena *arena;

static void set_up(void)
{
	arena = arena_new(4 << 20);
	ck_assert_ptr_nonnull(arena);
}

static void tear_down(void)
{
	arena_free(arena);
}

static const struct {
	const char *given;
	size_t max;
	const char *line, *text;
} plains[] = {
    {"", 9, "", ""},
    {"Ada", 9, "Ada", "Ada"},
    {"Ada", 3, "Ada", "Ada"},
    {"Adam", 3, "Ada…", "Ada…"},
    {"äöüß", 3, "äöü…", "äöü…"},
    {"a\r\nb\rc\nd\te", 19, "a b c d e", "a\nb\nc\nd\te"},
    {"a\x01\x7f\x1b[1mb", 19, "a [1mb", "a   [1mb"},
    {"\u202eevil\u202c \u2066x\u2069 \u2028y", 19, "evil x y", "evil x \ny"},
    {"\u200fمرحبا", 19, "\u200fمرحبا", "\u200fمرحبا"},
    {"a\xff\xfe z", 19, "a\uFFFD\uFFFD z", "a\uFFFD\uFFFD z"},
    {"\xe2\x82", 19, "\uFFFD\uFFFD", "\uFFFD\uFFFD"},
    {"\xc2\x85x", 19, " x", "\nx"},
    {"a\xc2\x9b"
     "31mb\u200b\ufeff",
	19, "a 31mb", "a 31mb"}, /* C1: an escape to some terminals */
    {"a \t  b", 19, "a b", "a \t  b"},
    {"👩‍👧", 3, "👩‍👧", "👩‍👧"},
    {"👩‍👧", 2, "👩‍…", "👩‍…"},
};

START_TEST(plain)
{
	size_t used = arena_used(arena);

	ck_assert_str_eq(plain_line(arena, plains[_i].given, plains[_i].max), plains[_i].line);
	ck_assert_uint_le(arena_used(arena) - used, strlen(plains[_i].line) + 16);
	ck_assert_str_eq(plain_text(arena, plains[_i].given, plains[_i].max), plains[_i].text);
}
END_TEST

static const struct {
	const char *given;
	size_t max;
	const char *text, *html;
} escaped[] = {
    {"a&b", 7, "a&b", "a&amp;b"},
    {"a&b", 6, "a&…", "a&amp;…"},
    {"a&b", 5, "a…", "a…"},
    {"&&&", 0, "…", "…"},
    {"<\"'>", 19, "<\"'>", "&lt;&quot;&#39;&gt;"},
    {"<\"'>", 18, "<\"'…", "&lt;&quot;&#39;…"},
    {"ä\nö", 3, "ä\nö", "ä\nö"},
    {"a😀b", 4, "a😀b", "a😀b"},
    {"a😀b", 3, "a😀…", "a😀…"},
    {"a😀b", 2, "a…", "a…"},
};

START_TEST(plain_as_html)
{
	struct text html = text_new(arena, 100);
	const char *text = plain_html(arena, escaped[_i].given, escaped[_i].max);

	ck_assert_str_eq(text, escaped[_i].text);
	text_html(&html, text);
	ck_assert_str_eq(html.data, escaped[_i].html);
	ck_assert_uint_le(plain_length(html.data), escaped[_i].max + 1);
}
END_TEST

START_TEST(plain_random)
{
	uint64_t state = 2;
	char bytes[300];

	for (int round = 0; round < 5000; round++) {
		size_t len = (size_t)random_between(&state, 0, sizeof(bytes) - 1);
		const char *line;

		for (size_t i = 0; i < len; i++)
			bytes[i] = (char)random_between(&state, 1, 255);
		bytes[len] = '\0';
		arena_reset(arena);
		line = plain_line(arena, bytes, 40);
		ck_assert(utf8_is_valid(line, strlen(line)));
		ck_assert_uint_le(utf8_length(line), 41);
		ck_assert_ptr_null(strpbrk(line, "\r\n\t"));
		line = plain_text(arena, bytes, 40);
		ck_assert(utf8_is_valid(line, strlen(line)));
		ck_assert_ptr_null(strchr(line, '\r'));
	}
}
END_TEST

static const struct {
	const char *text;
	bool has_link;
} links[] = {
    {"Ada Lovelace", false},
    {"J. R. R. Tolkien", false},
    {"Dr. No", false},
    {"Smith Jr.", false},
    {"...", false},
    {"", false},
    {"there, confirm at https://evil.example/login", true},
    {"WWW.evil", true},
    {"evil.example", true},
    {"so a.example", true},
    {"so a .example", false},
    {"éé.example", true},
    {"and/or", true},
    {"a\\b", true},
    {"ada@evil", true},
    /* What mail programs and the DNS take for such signs. */
    {"evil\xe3\x80\x82"
     "example",
	true},
    {"evil\xef\xbc\x8e"
     "example",
	true},
    {"evil\xef\xbd\xa1"
     "example",
	true},
    {"evil\xe2\x80\xa4"
     "example",
	true},
    {"evil\xef\xbc\x8flogin", true},
    {"evil\xe2\x81\x84login", true},
    {"evil\xe2\x88\x95login", true},
    {"x\xef\xbc\xa0"
     "evil",
	true},
    {"x\xef\xb9\xab"
     "evil",
	true},
    {"tel\xef\xbc\x9a"
     "1",
	true},
    {"tel:1", true},
    {"now call +1 900 123 4567", true},
    {"Ada 1815", false},
    {"\xe5\xb1\xb1\xe7\x94\xb0 \xe5\xa4\xaa\xe9\x83\x8e", false},
};

START_TEST(link)
{
	ck_assert_int_eq(plain_has_link(links[_i].text), links[_i].has_link);
	/* What stands before a text is not of it. */
	ck_assert(!plain_has_link(&"a.net"[1]));
}
END_TEST

/* What Unicode calls ignorable by default (DerivedCoreProperties), and the anchors of annotations.
 */
static const struct {
	uint32_t first, last;
} ignorable[] = {{0xad, 0xad}, {0x34f, 0x34f}, {0x61c, 0x61c}, {0x115f, 0x1160}, {0x17b4, 0x17b5},
    {0x180b, 0x180f}, {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164},
    {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}};

/* White_Space of the same, and two that look like it. */
static const struct {
	uint32_t first, last;
	enum plain_kind kind;
} white[] = {{'\n', '\r', PLAIN_BREAK}, {' ', ' ', PLAIN_BLANK}, {0x85, 0x85, PLAIN_BREAK},
    {0xa0, 0xa0, PLAIN_BLANK}, {0x1680, 0x1680, PLAIN_BLANK}, {0x2000, 0x200a, PLAIN_BLANK},
    {0x2028, 0x2029, PLAIN_BREAK}, {0x202f, 0x202f, PLAIN_BLANK}, {0x205f, 0x205f, PLAIN_BLANK},
    {0x2800, 0x2800, PLAIN_BLANK}, {0x3000, 0x3000, PLAIN_BLANK}, {0x3164, 0x3164, PLAIN_BLANK}};

static bool is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code <= 0x9f);
}

static enum plain_kind kind_of_white(uint32_t code)
{
	for (size_t i = 0; i < COUNT(white); i++)
		if (code >= white[i].first && code <= white[i].last)
			return white[i].kind;
	return PLAIN_LETTER;
}

static bool is_ignorable(uint32_t code)
{
	for (size_t i = 0; i < COUNT(ignorable); i++)
		if (code >= ignorable[i].first && code <= ignorable[i].last)
			return true;
	return false;
}

/* What goes without a trace; the other ignorable ones are letters' own. */
static const struct {
	uint32_t first, last;
} gone[] = {{0xad, 0xad}, {0x180e, 0x180e}, {0x200b, 0x200b}, {0x202a, 0x202e}, {0x2060, 0x206f},
    {0xfeff, 0xfeff}, {0xfff0, 0xfffb}};

static bool is_gone(uint32_t code)
{
	for (size_t i = 0; i < COUNT(gone); i++)
		if (code >= gone[i].first && code <= gone[i].last)
			return true;
	return false;
}

static bool is_character(uint32_t code)
{
	return (code < 0xd800 || code > 0xdfff) && (code < 0xfdd0 || code > 0xfdef) &&
	       (code & 0xfffe) != 0xfffe;
}

START_TEST(every_character)
{
	for (uint32_t code = 1; code <= 0x10ffff; code++) {
		enum plain_kind white_kind = kind_of_white(code);
		/* A control keeps words apart. */
		enum plain_kind kind = white_kind != PLAIN_LETTER ? white_kind
				       : is_control(code)	  ? PLAIN_BLANK
				       : is_gone(code)		  ? PLAIN_NOTHING
								  : PLAIN_LETTER;

		if (!is_character(code))
			continue;
		if (plain_kind(code) != kind)
			ck_abort_msg("U+%04X: %d, not %d", code, plain_kind(code), kind);
		if (plain_is_unseen(code) != (kind != PLAIN_LETTER || is_ignorable(code)))
			ck_abort_msg("U+%04X: seen or not", code);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plain");
	TCase *table = tcase_create("table");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(table, set_up, tear_down);
	tcase_add_loop_test(table, plain, 0, (int)COUNT(plains));
	tcase_add_loop_test(table, plain_as_html, 0, (int)COUNT(escaped));
	tcase_add_test(table, plain_random);
	tcase_add_test(table, every_character);
	tcase_add_loop_test(table, link, 0, (int)COUNT(links));
	suite_add_tcase(suite, table);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

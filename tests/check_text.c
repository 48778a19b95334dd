/* SPDX-License-Identifier: MIT */
/* check_text.c: bounded text, its escapes, and UTF-8 */
#include "base/text.h"
#include "base/arena.h"
#include "times.h"

#include <string.h>

static struct arena *arena;

static void set_up(void)
{
	arena = arena_new(1 << 16);
	ck_assert_ptr_nonnull(arena);
}

static void tear_down(void)
{
	arena_free(arena);
}

static const struct {
	const char *plain, *html, *json, *url;
} escapes[] = {
    {"", "", "", ""},
    {"abcXYZ019-._~", "abcXYZ019-._~", "abcXYZ019-._~", "abcXYZ019-._~"},
    {"&<>\"'", "&amp;&lt;&gt;&quot;&#39;", "&<>\\\"'", "%26%3C%3E%22%27"},
    {"&amp;", "&amp;amp;", "&amp;", "%26amp%3B"},
    {"\\ /", "\\ /", "\\\\ /", "%5C%20%2F"},
    {"\x01\n\t\x1f\x7f", "\x01\n\t\x1f\x7f", "\\u0001\\u000a\\u0009\\u001f\\u007f",
	"%01%0A%09%1F%7F"},
    {"\xc3\xa9\xf0\x9f\x98\x80", "\xc3\xa9\xf0\x9f\x98\x80", "\xc3\xa9\xf0\x9f\x98\x80",
	"%C3%A9%F0%9F%98%80"},
    {"a b+c=d&e?f#g%41", "a b+c=d&amp;e?f#g%41", "a b+c=d&e?f#g%41",
	"a%20b%2Bc%3Dd%26e%3Ff%23g%2541"},
    /* Bytes that are no characters stay what they are. */
    {"\"\xff\\\xc3", "&quot;\xff\\\xc3", "\\\"\xff\\\\\xc3", "%22%FF%5C%C3"},
    {"</script>", "&lt;/script&gt;", "</script>", "%3C%2Fscript%3E"},
};

START_TEST(escape)
{
	struct text text = text_new(arena, 200);

	text_html(&text, escapes[_i].plain);
	ck_assert_str_eq(text.data, escapes[_i].html);
	text = text_new(arena, 200);
	text_json(&text, escapes[_i].plain);
	ck_assert_str_eq(text.data, escapes[_i].json);
	text = text_new(arena, 200);
	text_url(&text, escapes[_i].plain);
	ck_assert_str_eq(text.data, escapes[_i].url);
}
END_TEST

static void raw(struct text *text)
{
	text_raw(text, "abcdef", 6);
}

static void str(struct text *text)
{
	text_str(text, "abcdef");
}

static void print(struct text *text)
{
	text_printf(text, "%s%d", "abcd", 12);
}

static void html(struct text *text)
{
	text_html(text, "a&");
}

static void json(struct text *text)
{
	text_json(text, "\"b\\c");
}

static void url(struct text *text)
{
	text_url(text, "/a/");
}

/* Each append of six or seven bytes. */
static void (*const appends[])(struct text *) = {raw, str, print, html, json, url};

/* What fits is there, what does not is dropped, and nothing follows it. */
START_TEST(bounds)
{
	struct text whole = text_new(arena, 100), text;

	appends[_i](&whole);
	ck_assert_uint_ge(whole.len, 6);
	for (size_t max = 0; max < 20; max++) {
		text = text_new(arena, max);
		text_str(&text, max > 3 ? "xyz" : "");
		appends[_i](&text);
		ck_assert_uint_le(text.len, max);
		ck_assert_uint_eq(strlen(text.data), text.len);
		ck_assert_int_eq(text_overflowed(&text), whole.len + (max > 3 ? 3 : 0) > max);
		if (!text_overflowed(&text)) {
			ck_assert_str_eq(text.data + (max > 3 ? 3 : 0), whole.data);
			continue;
		}
		/* The overflow is sticky, though there may be room. */
		appends[_i](&text);
		text_str(&text, "");
		ck_assert(text_overflowed(&text));
		ck_assert_uint_le(text.len, max);
		ck_assert_uint_eq(strlen(text.data), text.len);
	}
}
END_TEST

/* What a text has no use for is the next one's, and nothing else of it is. */
START_TEST(trim)
{
	struct text text, next;

	for (size_t len = 0; len < 40; len++) {
		arena_reset(arena);
		text = text_new(arena, 40000);
		for (size_t i = 0; i < len; i++)
			text_str(&text, "x");
		text_trim(arena, &text);
		next = text_new(arena, 60000);
		memset(next.data, 'y', 60000);
		ck_assert(!text_overflowed(&next));
		ck_assert_uint_eq(strspn(text.data, "x"), len);
		ck_assert_uint_eq(strlen(text.data), len);
	}
}
END_TEST

START_TEST(text_without_room)
{
	struct arena *small = arena_new(8);
	struct text text = text_new(small, 100);

	ck_assert(text_overflowed(&text));
	ck_assert_str_eq(text.data, "");
	for (size_t i = 0; i < COUNT(appends); i++)
		appends[i](&text);
	ck_assert_str_eq(text.data, "");
	ck_assert(text_overflowed(&text) && arena_overflowed(small));
	arena_free(small);
}
END_TEST

static const struct {
	const char *bytes;
	size_t len, length; /* in bytes, in code points; 99: not valid */
} utf8[] = {
    {"", 0, 0},
    {"abc", 3, 3},
    {"a\0b", 3, 1}, /* a NUL is a code point; utf8_length() ends there */
    {"\x7f", 1, 1},
    {"\xc2\x80", 2, 1},
    {"\xdf\xbf", 2, 1},
    {"\xe0\xa0\x80", 3, 1},
    {"\xed\x9f\xbf", 3, 1},
    {"\xee\x80\x80", 3, 1},
    {"\xef\xbf\xbf", 3, 1},
    {"\xf0\x90\x80\x80", 4, 1},
    {"\xf4\x8f\xbf\xbf", 4, 1},
    {"a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z", 11, 5},
    {"\x80", 1, 99},
    {"\xbf", 1, 99},
    {"\xc0\x80", 2, 99}, /* overlong */
    {"\xc1\xbf", 2, 99},
    {"\xe0\x9f\xbf", 3, 99},
    {"\xe0\x80\x80", 3, 99},
    {"\xf0\x8f\xbf\xbf", 4, 99},
    {"\xed\xa0\x80", 3, 99}, /* surrogates */
    {"\xed\xbf\xbf", 3, 99},
    {"\xf4\x90\x80\x80", 4, 99}, /* too high */
    {"\xf5\x80\x80\x80", 4, 99},
    {"\xff", 1, 99},
    {"\xfe", 1, 99},
    {"\xc3", 1, 99}, /* cut off */
    {"\xe2\x82", 2, 99},
    {"\xf0\x9f\x98", 3, 99},
    {"\xc3z", 2, 99},
    {"\xe2\x82z", 3, 99},
    {"\xe2z\xac", 3, 99},
    {"\xc3\xc3\xa9", 3, 99},
    {"\xc3\xa9\xa9", 3, 99},
};

/* Wherever it stands among bytes of ASCII, a sign is one and half of it is none. */
START_TEST(utf8_among_ascii)
{
	for (size_t len = 2; len < 40; len++)
		for (size_t at = 0; at + 2 <= len; at++) {
			char *bytes = malloc(len); /* of this size, for the sanitizers */

			ck_assert_ptr_nonnull(bytes);
			memset(bytes, 'a', len);
			ck_assert(utf8_is_valid(bytes, len));
			bytes[at] = (char)0xc3;
			ck_assert(!utf8_is_valid(bytes, len));
			bytes[at + 1] = (char)0xa9;
			ck_assert(utf8_is_valid(bytes, len));
			free(bytes);
		}
}
END_TEST

START_TEST(utf8_validity)
{
	char *exact = malloc(utf8[_i].len), whole[20]; /* of this size, for the sanitizers */
	uint32_t code;

	ck_assert(exact || !utf8[_i].len);
	if (utf8[_i].len)
		memcpy(exact, utf8[_i].bytes, utf8[_i].len);
	ck_assert_int_eq(utf8_is_valid(exact, utf8[_i].len), utf8[_i].length != 99);
	free(exact);
	ck_assert_uint_eq(utf8_next("a", 0, &code), 0);
	if (utf8[_i].length == 99)
		return;
	snprintf(whole, sizeof(whole), "%s", utf8[_i].bytes);
	ck_assert_uint_eq(utf8_length(whole), utf8[_i].length);
}
END_TEST

/* Controls, and what turns the direction of a line. */
START_TEST(unwanted)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {{0, 0x1f}, {0x7f, 0x9f}, {0x2028, 0x202e}, {0x2066, 0x2069}};

	for (uint32_t code = 0; code < 0x3000; code++) {
		bool should = false;

		for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
			should = should || (code >= ranges[i].first && code <= ranges[i].last);
		if (utf8_is_unwanted(code) != should)
			ck_abort_msg("%04x", code);
	}
}
END_TEST

/* Every code point, written by the book, and nothing else of its length. */
START_TEST(every_code_point)
{
	unsigned wrong = 0;

	for (unsigned code = 0; code < 0x120000; code++) {
		char bytes[4];
		size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
		bool is_fine = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);

		bytes[0] =
		    (char)(len == 1 ? code : (0xf00u >> len & 0xff) | code >> (6 * (len - 1)));
		for (size_t i = 1; i < len; i++)
			bytes[i] = (char)(0x80 | (code >> (6 * (len - 1 - i)) & 0x3f));
		wrong += utf8_is_valid(bytes, len) != is_fine;
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* By the standard's own word on ASCII. */
START_TEST(ascii)
{
	for (int c = -128; c < 128; c++) {
		bool is_upper = c >= 'A' && c <= 'Z';
		bool is_letter = is_upper || (c >= 'a' && c <= 'z');

		ck_assert_int_eq(
		    ascii_is_alphanumeric((char)c), is_letter || (c >= '0' && c <= '9'));
		ck_assert_int_eq(ascii_lower((char)c), is_upper ? c + 32 : c);
	}
}
END_TEST

static const struct {
	const char *url;
	bool keeps;
} urls[] = {
    {"https://example.com/", true},
    {"https://", true},
    {"https:/example.com", false},
    {"http://example.com/", false},
    {"http://localhost", true},
    {"http://localhost:8123/x", true},
    {"http://localhost/x", true},
    {"http://localhost?x", true},
    {"http://localhost#x", true},
    {"http://localhost.example.com/", false},
    {"http://localhos", false},
    {"http://localhost@example.com/", false},
    {"http://127.0.0.1@example.com/", false},
    {"http://a:b@localhost:1/", false},
    {"http://localhost/@x", true},
    {"http://localhost?@", true},
    {"http://localhost#@", true},
    {"http://127.0.0.1", true},
    {"http://127.255.255.254:1/", true},
    {"http://127.0.0.1.example.com/", false},
    {"http://127.example.com/", false},
    {"http://128.0.0.1/", false},
    {"http://27.0.0.1/", false},
    {"http://[::1]", true},
    {"http://[::1]:8123/", true},
    {"http://[::1", false},
    {"http://[::11]/", false},
    {"http://[::2]/", false},
    {"http://[::1].example.com/", true}, /* no address that leads anywhere */
    {"HTTP://localhost/", false},
    {"ftp://localhost/", false},
    {"localhost", false},
    {"http:/", false},
    {"", false},
};

START_TEST(way_of_a_secret)
{
	ck_assert_int_eq(url_keeps_secrets(urls[_i].url), urls[_i].keeps);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("text");
	TCase *appending = tcase_create("append"), *encoding = tcase_create("utf8");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(appending, set_up, tear_down);
	tcase_add_loop_test(appending, escape, 0, (int)COUNT(escapes));
	tcase_add_loop_test(appending, bounds, 0, (int)COUNT(appends));
	tcase_add_test(appending, trim);
	tcase_add_test(appending, text_without_room);
	suite_add_tcase(suite, appending);
	tcase_add_loop_test(encoding, utf8_validity, 0, (int)COUNT(utf8));
	tcase_add_test(encoding, utf8_among_ascii);
	tcase_add_test(encoding, every_code_point);
	tcase_add_test(encoding, unwanted);
	tcase_add_test(encoding, ascii);
	tcase_add_loop_test(encoding, way_of_a_secret, 0, (int)COUNT(urls));
	suite_add_tcase(suite, encoding);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

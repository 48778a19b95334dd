/* SPDX-License-Identifier: MIT */
/* check_ics.c: an invitation, line by line, and texts that try to break out of theirs */
#include "core/ics.h"
#include "base/arena.h"
#include "times.h"

#include <string.h>

static struct arena *arena;
static struct ics ics;

static void set_up(void)
{
	arena = arena_new(1 << 18);
	ck_assert_ptr_nonnull(arena);
	ics = (struct ics){.sequence = 12,
	    .domain = "book.example.com",
	    .organizer = "calls@book.example.com",
	    .organizer_name = "Avo",
	    .attendee = "ada@example.com",
	    .attendee_name = "Ada",
	    .summary = "Call with Avo",
	    .description = "See you",
	    .url = "https://book.example.com/booking",
	    .location = ""};
	ck_assert(uuid_parse("0123abcd-4567-4abc-8def-0123456789ab", &ics.booking));
	ics.call =
	    (struct interval){instant("2026-12-01T13:00:00Z"), instant("2026-12-01T13:30:00Z")};
	ics.stamp = instant("2026-11-20T08:09:10Z");
}

static void tear_down(void)
{
	arena_free(arena);
}

/* The document with its folds undone (section 3.1) and LF for CRLF. */
static char *unfolded(void)
{
	struct text text = text_new(arena, 60000);
	char *out, *to;
	size_t octets = 0;

	ics_write(&ics, &text);
	ck_assert(!text_overflowed(&text));
	/* Every line ends with CRLF, has at most 75 octets, and holds no other control. */
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c == '\r' && text.data[i + 1] == '\n') {
			/* None is folded before it is full. */
			if (text.data[i + 2] == ' ')
				ck_assert_uint_ge(octets, 72);
			i++;
			octets = 0;
			continue;
		}
		octets++;
		if (octets > 75 || c < 0x20 || c == 0x7f)
			ck_abort_msg("octet %zu: %02x, %zu in its line", i, c, octets);
	}
	ck_assert_uint_eq(octets, 0);
	/* No character is cut in two. */
	for (char *line = text.data; (line = strstr(line, "\r\n ")); line += 3)
		if ((line[3] & 0xc0) == 0x80)
			ck_abort_msg("a fold inside a character: %s", line);
	out = to = arena_str(arena, text.data);
	for (char *from = out; *from; from++) {
		if (strncmp(from, "\r\n ", 3) == 0)
			from += 2;
		else if (*from != '\r')
			*to++ = *from;
	}
	*to = '\0';
	ck_assert(utf8_is_valid(out, strlen(out)));
	return out;
}

/* The value of a line, NULL when there is none; it stands there once. */
static char *line_of(char *document, const char *name)
{
	char *key = arena_printf(arena, "\n%s", name), *at = strstr(document, key), *value;

	if (!at)
		return NULL;
	ck_assert_ptr_null(strstr(at + 1, key));
	at += strlen(key);
	value = arena_strn(arena, at, strcspn(at, "\n"));
	return value;
}

static int count_lines(const char *text)
{
	int count = 0;

	for (; (text = strchr(text, '\n')); text++)
		count++;
	return count;
}

/* In a calendar it has the id that it is found by, and is no message to anybody. */
START_TEST(stored)
{
	const char *text;

	ics.uid = "0123abcd45674abc8def0123456789abv12";
	ics.is_published = true;
	ics.organizer = "";
	text = unfolded();
	ck_assert_ptr_nonnull(strstr(text, "\nUID:0123abcd45674abc8def0123456789abv12\n"));
	ck_assert_ptr_null(strstr(text, "METHOD"));
	ck_assert_ptr_null(strstr(text, "ATTENDEE"));
	ck_assert_ptr_null(strstr(text, "ORGANIZER"));
}
END_TEST

START_TEST(invitation)
{
	ck_assert_str_eq(unfolded(),
	    "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//slotguard//EN\nMETHOD:REQUEST\n"
	    "BEGIN:VEVENT\nUID:0123abcd-4567-4abc-8def-0123456789ab@book.example.com\n"
	    "SEQUENCE:12\nDTSTAMP:20261120T080910Z\nDTSTART:20261201T130000Z\n"
	    "DTEND:20261201T133000Z\nSTATUS:CONFIRMED\nSUMMARY:Call with Avo\n"
	    "DESCRIPTION:See you\nURL:https://book.example.com/booking\n"
	    "ORGANIZER;CN=\"Avo\":mailto:calls@book.example.com\n"
	    "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=\"Ada\":mailto:ada@example.com\n"
	    "END:VEVENT\nEND:VCALENDAR\n");
}
END_TEST

START_TEST(cancellation)
{
	char *document;

	ics.is_cancelled = true;
	ics.url = ics.organizer = "";
	document = unfolded();
	ck_assert_str_eq(line_of(document, "METHOD:"), "CANCEL");
	ck_assert_str_eq(line_of(document, "STATUS:"), "CANCELLED");
	/* Of the same event, or no calendar finds it. */
	ck_assert_str_eq(
	    line_of(document, "UID:"), "0123abcd-4567-4abc-8def-0123456789ab@book.example.com");
	/* Nothing stands there without a value. */
	ck_assert_ptr_null(line_of(document, "URL:"));
	ck_assert_ptr_null(line_of(document, "ORGANIZER;CN="));
}
END_TEST

/* A prospect whose name looks like a link is invited without it. */
START_TEST(nobodys_name)
{
	char *document;

	ics.attendee_name = ics.organizer_name = ics.summary = ics.description = "";
	document = unfolded();
	ck_assert_str_eq(line_of(document, "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED"),
	    ":mailto:ada@example.com");
	ck_assert_str_eq(line_of(document, "ORGANIZER"), ":mailto:calls@book.example.com");
	ck_assert_str_eq(line_of(document, "SUMMARY:"), "");
	ck_assert_str_eq(line_of(document, "DESCRIPTION:"), "");
}
END_TEST

static const struct {
	const char *given, *text, *parameter; /* as a value, and between quotes */
} texts[] = {
    {"plain", "plain", "plain"},
    {"a,b;c\\d", "a\\,b\\;c\\\\d", "a,b;c/d"},
    {"one\ntwo\n", "one\\ntwo\\n", "onetwo"},
    {"one\r\ntwo", "one\\ntwo", "onetwo"},
    {"\"Ada\": x", "\"Ada\": x", "'Ada': x"},
    {"a^nb^^", "a^nb^^", "a^^nb^^^^"},
    {"a\x01\x1f\x7f"
     "b\tc",
	"abc", "abc"},
    {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
	"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
    {"x\r\nATTENDEE:mailto:evil@example.com", "x\\nATTENDEE:mailto:evil@example.com",
	"xATTENDEE:mailto:evil@example.com"},
};

START_TEST(text_of_any_content)
{
	char *document, *plain = unfolded();

	ics.summary = ics.description = ics.attendee_name = ics.organizer_name = texts[_i].given;
	document = unfolded();
	ck_assert_str_eq(line_of(document, "SUMMARY:"), texts[_i].text);
	ck_assert_str_eq(line_of(document, "DESCRIPTION:"), texts[_i].text);
	ck_assert_str_eq(line_of(document, "ORGANIZER;CN="),
	    arena_printf(arena, "\"%s\":mailto:calls@book.example.com", texts[_i].parameter));
	ck_assert_int_eq(count_lines(document), count_lines(plain));
}
END_TEST

/* What cannot stand in an address stands in it as numbers. */
START_TEST(addresses_of_any_content)
{
	char *document;

	ics.url = "https://x.example/a b\"c\x7f\x1f\xc3\xa9~!?#&;,<>%";
	ics.attendee = "a b\"c%d?e#f&g;h,i<j>k~\xc3\xa9@example.com";
	document = unfolded();
	ck_assert_str_eq(
	    line_of(document, "URL:"), "https://x.example/a%20b%22c%7F%1F%C3%A9~!?#&;,<>%");
	ck_assert_ptr_nonnull(strstr(
	    document, "mailto:a%20b%22c%25d%3Fe%23f%26g%3Bh%2Ci%3Cj%3Ek~%C3%A9@example.com\n"));
}
END_TEST

/* Folds fall anywhere, and undone they leave no trace. */
START_TEST(long_texts)
{
	static const char *const pieces[] = {
	    "x", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", ","};

	for (size_t piece = 0; piece < COUNT(pieces); piece++)
		for (int count = 0; count < 200; count += piece ? 7 : 1) {
			struct text text, expected;

			arena_reset(arena);
			text = text_new(arena, 1000);
			expected = text_new(arena, 1000);
			for (int i = 0; i < count; i++) {
				text_str(&text, pieces[piece]);
				text_str(&expected, piece == 4 ? "\\," : pieces[piece]);
			}
			ics.description = text.data;
			ck_assert_str_eq(line_of(unfolded(), "DESCRIPTION:"), expected.data);
		}
}
END_TEST

START_TEST(no_room)
{
	for (size_t max = 0; max < 500; max += 25) {
		struct text text = text_new(arena, max);

		ics_write(&ics, &text);
		ck_assert(text_overflowed(&text));
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ics");
	TCase *writing = tcase_create("write");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(writing, set_up, tear_down);
	tcase_add_test(writing, stored);
	tcase_add_test(writing, invitation);
	tcase_add_test(writing, cancellation);
	tcase_add_test(writing, nobodys_name);
	tcase_add_loop_test(writing, text_of_any_content, 0, (int)COUNT(texts));
	tcase_add_test(writing, addresses_of_any_content);
	tcase_add_test(writing, long_texts);
	tcase_add_test(writing, no_room);
	suite_add_tcase(suite, writing);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

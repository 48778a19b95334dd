/* SPDX-License-Identifier: MIT */
/* check_brief.c: what a prospect submits: what is kept of it and what is wrong with it */
#include "core/brief.h"
#include "core/lead.h"
#include "times.h"

#include <string.h>

static struct arena *arena;

static void set_up(void)
{
	arena = arena_new(1 << 20);
	ck_assert_ptr_nonnull(arena);
}

static void tear_down(void)
{
	arena_free(arena);
}

#define MAIL "a@b.example"

/* The values of name, email, company, brief, budget, timeframe; NULL: the field is not sent. A kept
 * value of NULL is as given, or "". */
static const struct {
	const char *given[BRIEF_FIELDS], *kept[BRIEF_FIELDS];
	enum brief_fault faults[BRIEF_FIELDS];
} briefs[] = {
    {{"Ada", MAIL, "Ltd", "Hello"}, {NULL}, {0}},
    {{"Ada", MAIL, "", "Hello"}, {NULL}, {0}},
    {{"Ada", MAIL, NULL, "Hello"}, {NULL, NULL, ""}, {0}},
    {{NULL, NULL, NULL, NULL}, {"", "", "", ""}, {BRIEF_MISSING, BRIEF_MISSING, 0, BRIEF_MISSING}},
    {{" \t", "\r\n", " ", "\n \r\n\t"}, {"", "", "", ""},
	{BRIEF_MISSING, BRIEF_MISSING, 0, BRIEF_MISSING}},
    {{"  Ada \t", " " MAIL "\n", "\r\nLtd", "\n a \n"}, {"Ada", MAIL, "Ltd", "a"}, {0}},
    {{"Ada", MAIL, "", "a\r\nb\rc\nd"}, {NULL, NULL, NULL, "a\nb\nc\nd"}, {0}},
    {{"Ada", MAIL, "", "a\r\n\r\nb\r\r\nc"}, {NULL, NULL, NULL, "a\n\nb\n\nc"}, {0}},
    {{"Ada", MAIL, "", "a\tb\n\tc"}, {NULL}, {0}},
    /* What comes along with a paste: a blank or a line end stands in its place. */
    {{"Ada\nBcc: x@y.example", MAIL, "a\tb",
	 "a\x01"
	 "b"},
	{"Ada Bcc: x@y.example", NULL, "a b", "a b"}, {0}},
    {{"A\x7f", MAIL, "\x1f", "\x7f"}, {"A", NULL, "", ""}, {0, 0, 0, BRIEF_MISSING}},
    {{"A\r\nB", MAIL, "A\r\n\tB",
	 "a\vb\fc\xc2\x85"
	 "d\u2028"
	 "e\u2029"
	 "f"},
	{"A B", NULL, "A B", "a\nb\nc\nd\ne\nf"}, {0}},
    {{"\u00a0\u3000\u200b", "\ufeff", "\u2060", "\u00a0\n\u202f"}, {"", "", "", ""},
	{BRIEF_MISSING, BRIEF_MISSING, 0, BRIEF_MISSING}},
    /* Joiners, marks and fillers that have nothing to join, mark or fill. */
    {{"\u200d \u200e", "\ufe0f", "\u061c", "\u200c\n\U000e0061"}, {"", "", "", ""},
	{BRIEF_MISSING, BRIEF_MISSING, 0, BRIEF_MISSING}},
    {{"\u115f\u1160\uffa0", MAIL, "\u034f\u180b", "\u17b4"}, {"", NULL, "", ""},
	{BRIEF_MISSING, 0, 0, BRIEF_MISSING}},
    {{"نرگس می\u200cخواهم", MAIL, "👩\u200d💻\ufe0f", "श्री\u200d"}, {NULL}, {0}},
    {{"A\u206aB\ufff9", MAIL, "", "x\u206fy"}, {"AB", NULL, "", "xy"}, {0}},
    {{"\u200bAda\u00a0Byron\u202e ", "\ufeff" MAIL "\u00a0", "A\u00adB", "x"},
	{"Ada Byron", MAIL, "AB"}, {0}},
    {{"<b>", MAIL, "'; DROP", "{{name}} \\ \" \xf0\x9f\x98\x80"}, {NULL}, {0}},
    {{"Ada", MAIL, "", "x", " 10,000 ", "soon"}, {NULL, NULL, NULL, NULL, "10,000"}, {0}},
    {{"Ada", MAIL, "", "x", "a\nb", "a\x01"}, {NULL, NULL, NULL, NULL, "a b", "a"}, {0}},
    {{"Ada", "nobody", "", "x"}, {NULL}, {0, BRIEF_INVALID}},
    {{"Ada", "a@b.example\nx", "", "x"}, {NULL, "a@b.example x"}, {0, BRIEF_BLANK}},
    {{"Ada", "a(b@c.example", "", "x"}, {NULL}, {0, BRIEF_CHARACTER}},
    {{"Ada", "a\u3000b@c.example", "", "x"}, {NULL, "a b@c.example"}, {0, BRIEF_BLANK}},
};

START_TEST(read_and_judged)
{
	bool expected = true;
	struct form form = {.count = 0};
	struct brief brief;

	for (int i = 0; i < BRIEF_FIELDS; i++) {
		expected = expected && briefs[_i].faults[i] == BRIEF_FINE;
		if (briefs[_i].given[i])
			form.fields[form.count++] = (struct form_field){
			    brief_field_name((enum brief_field)i), briefs[_i].given[i]};
	}
	ck_assert_int_eq(brief_read(arena, &form, &brief), expected);
	for (int i = 0; i < BRIEF_FIELDS; i++) {
		const char *kept = briefs[_i].kept[i] ? briefs[_i].kept[i] : briefs[_i].given[i];
		const char *value = kept ? kept : "";

		ck_assert_int_eq(brief.faults[i], briefs[_i].faults[i]);
		ck_assert_str_eq(brief.values[i], value);
	}
}
END_TEST

static const struct {
	enum brief_field field;
	size_t max;
} lengths[] = {{BRIEF_NAME, BRIEF_NAME_MAX}, {BRIEF_COMPANY, BRIEF_COMPANY_MAX},
    {BRIEF_TEXT, BRIEF_TEXT_MAX}, {BRIEF_BUDGET, BRIEF_BUDGET_MAX},
    {BRIEF_TIMEFRAME, BRIEF_TIMEFRAME_MAX}};

/* Lengths count characters, not bytes. */
START_TEST(longest_text)
{
	size_t max = lengths[_i].max;
	char *text = calloc(max + 1, 3);
	struct form form = {{{"name", "n"}, {"email", MAIL}, {"company", ""}, {"brief", "b"},
				{"budget", ""}, {"timeframe", ""}},
	    6};
	struct brief brief;

	ck_assert_ptr_nonnull(text);
	form.fields[lengths[_i].field].value = text;
	for (size_t i = 0; i < max; i++)
		strcpy(text + i * 3, "\xe2\x82\xac");
	ck_assert(brief_read(arena, &form, &brief));
	strcpy(text + max * 3, "x");
	ck_assert(!brief_read(arena, &form, &brief));
	ck_assert_int_eq(brief.faults[lengths[_i].field], BRIEF_TOO_LONG);
	/* White space around it does not count. */
	strcpy(text + max * 3, " ");
	ck_assert(brief_read(arena, &form, &brief));
	free(text);
}
END_TEST

#define SIXTY "012345678901234567890123456789012345678901234567890123456789"

START_TEST(longest_address)
{
	char text[300] = "a@";
	struct form form = {{{"name", "n"}, {"email", text}, {"company", ""}, {"brief", "b"}}, 4};
	struct brief brief;

	while (strlen(text) + 61 <= BRIEF_EMAIL_MAX)
		strcat(text, SIXTY ".");
	while (strlen(text) < BRIEF_EMAIL_MAX)
		strcat(text, "x");
	ck_assert(brief_read(arena, &form, &brief));
	strcat(text, "x");
	ck_assert(!brief_read(arena, &form, &brief));
	ck_assert_int_eq(brief.faults[BRIEF_EMAIL], BRIEF_TOO_LONG);
}
END_TEST

START_TEST(full_arena)
{
	struct form form = {{{"name", "n"}, {"email", MAIL}, {"company", ""}, {"brief", "b"}}, 4};
	struct arena *small = arena_new(20);
	struct brief brief;

	ck_assert(!brief_read(small, &form, &brief));
	ck_assert(arena_overflowed(small));
	ck_assert_str_eq(brief.values[BRIEF_TEXT], "");
	arena_free(small);
}
END_TEST

/* Every field is a column of a lead, and no two fields are one. */
START_TEST(columns)
{
	struct lead lead, other;

	lead_clear(&lead);
	for (int i = 0; i < BRIEF_FIELDS; i++) {
		lead_clear(&other);
		*lead_typed(&lead, brief_field_name((enum brief_field)i)) = "given";
		ck_assert(!lead_is_same_brief(&lead, &other));
		*lead_typed(&lead, brief_field_name((enum brief_field)i)) = "";
		ck_assert(lead_is_same_brief(&lead, &other));
	}
	/* What is not typed is no brief's, and stays when the person goes. */
	ck_assert(!lead_typed(&lead, "host") && !lead_typed(&lead, "language"));
	lead.owner = lead.name = lead.language = lead.brief = "x";
	lead_erase(&lead);
	ck_assert_str_eq(lead.owner, "x");
	ck_assert(!*lead.name && !*lead.language && !*lead.brief);
}
END_TEST

/* Whatever a row has in its lines, each shows as one, and none is longer than a form takes it. */
START_TEST(lines_of_a_row)
{
	char longest[BRIEF_COMPANY_MAX + 2];
	struct arena *small = arena_new(20);
	struct lead lead;

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	lead_clear(&lead);
	for (int i = 0; i < BRIEF_FIELDS; i++)
		*lead_typed(&lead, brief_field_name((enum brief_field)i)) = "a\nb\u202ec";
	lead.company = longest;
	ck_assert(brief_plain_lines(arena, &lead));
	ck_assert_str_eq(lead.name, "a bc");
	ck_assert_str_eq(lead.email, "a bc");
	ck_assert_str_eq(lead.company + BRIEF_COMPANY_MAX, "…");
	ck_assert_str_eq(lead.budget, "a bc");
	ck_assert_str_eq(lead.timeframe, "a bc");
	/* The brief has lines of its own. */
	ck_assert_str_eq(lead.brief, "a\nb\u202ec");
	ck_assert(!brief_plain_lines(small, &lead));
	arena_free(small);
}
END_TEST

START_TEST(names)
{
	ck_assert_str_eq(brief_field_name(BRIEF_NAME), "name");
	ck_assert_str_eq(brief_field_name(BRIEF_EMAIL), "email");
	ck_assert_str_eq(brief_field_name(BRIEF_COMPANY), "company");
	ck_assert_str_eq(brief_field_name(BRIEF_TEXT), "brief");
	ck_assert_ptr_null(brief_fault_name(BRIEF_FINE));
	ck_assert_str_eq(brief_fault_name(BRIEF_MISSING), "missing");
	ck_assert_str_eq(brief_fault_name(BRIEF_TOO_LONG), "too_long");
	ck_assert_str_eq(brief_fault_name(BRIEF_INVALID), "invalid");
	ck_assert_str_eq(brief_fault_name(BRIEF_CHARACTER), "character");
	ck_assert_str_eq(brief_fault_name(BRIEF_BLANK), "blank");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("brief");
	TCase *reading = tcase_create("read");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(reading, set_up, tear_down);
	tcase_add_loop_test(reading, read_and_judged, 0, (int)COUNT(briefs));
	tcase_add_loop_test(reading, longest_text, 0, (int)COUNT(lengths));
	tcase_add_test(reading, longest_address);
	tcase_add_test(reading, full_arena);
	tcase_add_test(reading, columns);
	tcase_add_test(reading, lines_of_a_row);
	tcase_add_test(reading, names);
	suite_add_tcase(suite, reading);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: MIT */
/* check_address.c: e-mail addresses, as people type and paste them and as they are compared */
#include "core/address.h"
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

#define TEN "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN

static const struct {
	const char *address;
	bool is_fine;
} addresses[] = {
    {"a@b.example", true},
    {"first.last+tag@sub.domain.example", true},
    {"!#$%&'*+/=?^_`{|}~-@b.example", true},
    {".a@b.example", false},
    {"a.@b.example", false},
    {"a..b@b.example", false},
    {"A@B.EXAMPLE", true},
    {"a@1.2.3.4", false},
    {"a@b.123", false},
    {"a@b.10", false},
    {"a@1.2.3.4x", true},
    {"a@123.example", true},
    {"a@b-c.example", true},
    {"a@xn--bcher-kva.example", true},
    {SIXTY "0123@b.example", true},
    {"a@" SIXTY "012.example", true},
    {"", false},
    {"a", false},
    {"@", false},
    {"@b.example", false},
    {"a@", false},
    {"a@b", false},
    {"a@b.", false},
    {"a@.b", false},
    {"a@b..c", false},
    {"a@-b.example", false},
    {"a@b-.example", false},
    {"a@b.example-", false},
    {"a@b_c.example", false},
    {"a@b@c.example", false},
    {"a b@c.example", false},
    {" a@b.example", false},
    {"a@b.example ", false},
    {"a@b.exa mple", false},
    {"a,b@c.example", false},
    {"\"a\"@b.example", false},
    {"a<b@c.example", false},
    {"a@[127.0.0.1]", false},
    {"\xc3\xa9@b.example", false},
    {"a@b\xc3\xbc.example", false},
    {"a\n@b.example", false},
    {SIXTY "01234@b.example", false},
    {"a@" SIXTY "0123.example", false},
};

START_TEST(address)
{
	ck_assert_msg(address_is_valid(addresses[_i].address) == addresses[_i].is_fine, "\"%s\"",
	    addresses[_i].address);
}
END_TEST

#define JANE "jane@example.com"

static const struct {
	const char *given, *read;
	enum address_fault fault;
	const char *character;
} readings[] = {
    {JANE, JANE, ADDRESS_FINE, NULL},
    {" \t" JANE "\r\n", JANE, ADDRESS_FINE, NULL},
    {".", "", ADDRESS_INVALID, NULL},
    {"jane@\u200bexample.com\u200b", JANE, ADDRESS_FINE, NULL},
    {"\ufeff\u00a0jane@example.com\u202c", JANE, ADDRESS_FINE, NULL},
    {"\u200ejane\u200d@example.com\u061c", JANE, ADDRESS_FINE, NULL},
    {"jane\ufe6bexample.com", JANE, ADDRESS_FINE, NULL},
    {"jane\uff20example\uff0ecom", JANE, ADDRESS_FINE, NULL},
    {"\uff01jane\uff5e@example.com", "!jane~@example.com", ADDRESS_FINE, NULL},
    {"ja\uff61ne\u3002x@example.com", "ja.ne.x@example.com", ADDRESS_FINE, NULL},
    {"ｊａｎｅ＠ｅｘａｍｐｌｅ。ｃｏｍ", JANE, ADDRESS_FINE, NULL},
    {"jane @ example . com", JANE, ADDRESS_FINE, NULL},
    {"mailto:" JANE, JANE, ADDRESS_FINE, NULL},
    {"MailTo: " JANE "?subject=Hello", JANE, ADDRESS_FINE, NULL},
    {"Jane <" JANE ">", JANE, ADDRESS_FINE, NULL},
    {"\"Doe, Jane\" <mailto:" JANE ">,", JANE, ADDRESS_FINE, NULL},
    {"<" JANE ">", JANE, ADDRESS_FINE, NULL},
    {"Jane <" JANE "> at work", JANE, ADDRESS_FINE, NULL},
    {"<" JANE, JANE, ADDRESS_FINE, NULL},
    {"“" JANE "”", JANE, ADDRESS_FINE, NULL},
    {"'" JANE "'", JANE, ADDRESS_FINE, NULL},
    {"(" JANE ").", JANE, ADDRESS_FINE, NULL},
    {JANE ".", JANE, ADDRESS_FINE, NULL},
    {JANE ",", JANE, ADDRESS_FINE, NULL},
    {JANE ";", JANE, ADDRESS_FINE, NULL},
    {"jane@müller.de", "jane@xn--mller-kva.de", ADDRESS_FINE, NULL},
    {"Jane@MÜLLER.de", "Jane@xn--mller-kva.de", ADDRESS_FINE, NULL},
    {"jane@mu\u0308ller.de", "jane@xn--mller-kva.de", ADDRESS_FINE, NULL},
    {"jane@straße.example", "jane@xn--strae-oqa.example", ADDRESS_FINE, NULL},
    {"jane@例え.テスト", "jane@xn--r8jz45g.xn--zckzah", ADDRESS_FINE, NULL},
    {"jane+a@example.com", "jane+a@example.com", ADDRESS_FINE, NULL},
    {"o'neill@example.com", "o'neill@example.com", ADDRESS_FINE, NULL},
    {"", "", ADDRESS_INVALID, NULL},
    {" \u200b ", "", ADDRESS_INVALID, NULL},
    {"jane", "jane", ADDRESS_INVALID, NULL},
    {"jane@example", "jane@example", ADDRESS_INVALID, NULL},
    {"jane@@example.com", "jane@@example.com", ADDRESS_INVALID, NULL},
    {"a@b.example, c@d.example", "a@b.example, c@d.example", ADDRESS_INVALID, NULL},
    {"a..b@x.com", "a..b@x.com", ADDRESS_INVALID, NULL},
    {".a@x.com", ".a@x.com", ADDRESS_INVALID, NULL},
    {"a.@x.com", "a.@x.com", ADDRESS_INVALID, NULL},
    {"jane doe@example.com", "jane doe@example.com", ADDRESS_CHARACTER, " "},
    {"jané@example.com", "jané@example.com", ADDRESS_CHARACTER, "é"},
    {"ja\"ne@example.com", "ja\"ne@example.com", ADDRESS_CHARACTER, "\""},
    {"jane@exa_mple.com", "jane@exa_mple.com", ADDRESS_CHARACTER, "_"},
    {"jane@müll_er.de", "jane@müll_er.de", ADDRESS_CHARACTER, "_"},
    {"jane@😀.\u2603\u20e3.de-", "jane@😀.\u2603\u20e3.de-", ADDRESS_CHARACTER, "😀"},
    {"jane@müll☃er.de", "jane@müll☃er.de", ADDRESS_CHARACTER, "☃"},
    {"jane@-ü.de", "jane@-ü.de", ADDRESS_INVALID, NULL},
    /* What stands before a byte that is no character is somebody else's address. */
    {"jane@b.de\xe9x.org", "jane@b.de\uFFFDx.org", ADDRESS_CHARACTER, "\uFFFD"},
    {"jane@a.co\xffm", "jane@a.co\uFFFDm", ADDRESS_CHARACTER, "\uFFFD"},
    {JANE "\xe4", JANE "\uFFFD", ADDRESS_CHARACTER, "\uFFFD"},
    {"jan\xe9@example.com", "jan\uFFFD@example.com", ADDRESS_CHARACTER, "\uFFFD"},
    {"J\xe9r\xf4me <" JANE ">", JANE, ADDRESS_FINE, NULL},
    {"ja\ufe0fne@exam\u034fple.com\U000e0001", JANE, ADDRESS_FINE, NULL},
    {"\u206a\u115f" JANE "\ufff9\uffa0", JANE, ADDRESS_FINE, NULL},
    {"mailto://" JANE, JANE, ADDRESS_FINE, NULL},
    {"‹" JANE "›…", JANE, ADDRESS_FINE, NULL},
    {"「" JANE "」、", JANE, ADDRESS_FINE, NULL},
    {"jane@xn--mller-kva.de", "jane@xn--mller-kva.de", ADDRESS_FINE, NULL},
    {"jane@XN--MLLER-KVA.de", "jane@xn--mller-kva.de", ADDRESS_FINE, NULL},
    {"jane@xn--a.com", "jane@xn--a.com", ADDRESS_INVALID, NULL},
    {"jane@b.xn--a", "jane@b.xn--a", ADDRESS_INVALID, NULL},
    {"jane@xn--.com", "jane@xn--.com", ADDRESS_INVALID, NULL},
    {"jane@müller.ab--cd.de", "jane@xn--mller-kva.ab--cd.de", ADDRESS_FINE, NULL},
    {"jane@müller..de", "jane@müller..de", ADDRESS_INVALID, NULL},
};

START_TEST(read)
{
	const char *out = NULL, *character = NULL;
	size_t used = arena_used(arena);
	enum address_fault fault = address_read(arena, readings[_i].given, &out, &character);

	ck_assert_uint_le(arena_used(arena) - used, 1200);
	ck_assert_str_eq(out, readings[_i].read);
	ck_assert_int_eq(fault, readings[_i].fault);
	ck_assert_pstr_eq(character, readings[_i].character);
	/* Read again it is the same. */
	if (!fault) {
		ck_assert_int_eq(address_read(arena, out, &out, &character), ADDRESS_FINE);
		ck_assert_str_eq(out, readings[_i].read);
	}
}
END_TEST

START_TEST(read_random)
{
	static const char *const parts[] = {"a", "@", ".", "<", ">", "mailto:", " ", "\u200b", "ü",
	    ",", "＠", "\"", "example.com", "-", "\xff", "?"};
	uint64_t state = 7;

	for (int round = 0; round < 20000; round++) {
		const char *out, *character;
		char given[200] = "";
		int count = (int)random_between(&state, 0, 12);

		for (int i = 0; i < count; i++)
			strcat(given, parts[random_between(&state, 0, (int)COUNT(parts) - 1)]);
		arena_reset(arena);
		if (!address_read(arena, given, &out, &character))
			ck_assert_msg(address_is_valid(out), "\"%s\" from \"%s\"", out, given);
	}
}
END_TEST

START_TEST(full_arena)
{
	for (size_t room = 1; room < 120; room++) {
		struct arena *small = arena_new(room);
		const char *out = NULL, *character;
		enum address_fault fault =
		    address_read(small, "Jane <jane@müller.de>", &out, &character);

		ck_assert_ptr_nonnull(out);
		ck_assert(!fault == (strcmp(out, "jane@xn--mller-kva.de") == 0));
		ck_assert_ptr_nonnull(address_normal(small, out));
		arena_free(small);
	}
}
END_TEST

static const struct {
	const char *address, *normal;
} normals[] = {
    {"jane@example.com", "jane@example.com"},
    {"Jane@EXAMPLE.Com", "jane@example.com"},
    {"jane+tag@example.com", "jane@example.com"},
    {"jane+a+b@example.com", "jane@example.com"},
    {"jane@exa+mple.com", "jane@exa+mple.com"},
    {"+jane@example.com", "+jane@example.com"},
    {"j.ane@example.com", "j.ane@example.com"},
    {"nobody", "nobody"},
    {"", ""},
};

START_TEST(normal)
{
	ck_assert_str_eq(address_normal(arena, normals[_i].address), normals[_i].normal);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("address");
	TCase *table = tcase_create("table");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(table, set_up, tear_down);
	tcase_add_loop_test(table, address, 0, (int)COUNT(addresses));
	tcase_add_loop_test(table, read, 0, (int)COUNT(readings));
	tcase_add_test(table, read_random);
	tcase_add_test(table, full_arena);
	tcase_add_loop_test(table, normal, 0, (int)COUNT(normals));
	suite_add_tcase(suite, table);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

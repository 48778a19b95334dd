/* SPDX-License-Identifier: MIT */
/* check_sheet.c: a calendar that was kept is the one that would be made */
#include "web/sheet.h"
#include "times.h"

#include <string.h>

/* 2026-12-01, a Tuesday, at midnight UTC. */
#define DAY 1796083200
#define HOUR 3600
#define SLOTS 40

static const char shown[] =
    "{{#is_long}}long\n{{/is_long}}"
    "{{#days}}{{date}} {{day}} {{weekday}} {{number}} {{month}}{{month_end}}{{month_begin}} {{column}} {{open}}"
    "{{#is_today}} today{{/is_today}}{{#is_chosen}} chosen{{/is_chosen}}{{#is_one}} one{{/is_one}}"
    "{{#is_full}} full{{/is_full}}{{#is_closed}} closed{{/is_closed}}{{#has_present}} present{{/has_present}}"
    " {{day_zone}}\n{{#parts}}{{#slots}} {{slot}} {{time}} {{business_time}} {{slot_zone}}"
    "{{#is_near}} near{{/is_near}}{{#is_present}} present{{/is_present}}\n{{/slots}}{{/parts}}{{/days}}";

static struct arena *arena;
static struct templates *templates;
static const struct template *page;
static struct zone *utc, *tokyo, *madrid;
static struct slot candidates[SLOTS], first_is_other[SLOTS];
static struct interval present;
static struct kept_sheet kept;

static void set_up(void)
{
	const char *srcdir = getenv("srcdir");
	char folder[4096];
	struct fail fail;

	arena = arena_new(1 << 22);
	ck_assert_ptr_nonnull(arena);
	snprintf(folder, sizeof(folder), "%s/templates", srcdir ? srcdir : ".");
	ck_assert_msg(!templates_load(folder, NULL, &templates, &fail), "%s", fail.detail);
	ck_assert_msg(!template_compile(arena, "page.txt", shown, strlen(shown), &page, &fail),
	    "%s", fail.detail);
	utc = open_zone("UTC");
	tokyo = open_zone("Asia/Tokyo");
	madrid = open_zone("Europe/Madrid");
	/* Ten days of four times, five hours apart. */
	for (int i = 0; i < SLOTS; i++) {
		int64_t start = DAY + i / 4 * (int64_t)DAY_S + (i % 4 + 1) * (int64_t)(5 * HOUR);

		candidates[i] = (struct slot){{start, start + 1800}, i / 4};
	}
	memcpy(first_is_other, candidates + 1, (SLOTS - 1) * sizeof(candidates[0]));
	first_is_other[0] = candidates[0];
	present = candidates[30].call;
	ck_assert(kept_sheet_open(&kept));
}

static void tear_down(void)
{
	kept_sheet_close(&kept);
	zone_free(utc);
	zone_free(tokyo);
	zone_free(madrid);
	templates_free(templates);
	arena_free(arena);
}

static struct sheet usual(void)
{
	return (struct sheet){
	    .arena = arena,
	    .style = {templates, "en"},
	    .zone = utc,
	    .business = utc,
	    .now = DAY + HOUR,
	    .candidates = {candidates, SLOTS},
	    .open = {candidates + 1, SLOTS - 1},
	    .is_steady = true,
	};
}

/* The page of a sheet, with what another page has kept. */
static char *page_of(struct kept_sheet *of, const struct sheet *sheet)
{
	struct view *view = view_new(arena);
	struct text text = text_new(arena, 1 << 14);

	sheet_view(of, sheet, view);
	template_render(page, view, &text);
	ck_assert(!arena_overflowed(arena) && !text_overflowed(&text));
	return text.data;
}

/* Each shows on the page. */
static void another_language(struct sheet *sheet)
{
	sheet->style.language = "de";
}

static void another_zone(struct sheet *sheet)
{
	sheet->zone = tokyo;
}

static void another_business(struct sheet *sheet)
{
	sheet->business = madrid;
}

static void tomorrow(struct sheet *sheet)
{
	sheet->now += DAY_S;
}

static void fewer_candidates(struct sheet *sheet)
{
	sheet->open = (struct offer_list){candidates + 4, 36};
	sheet->candidates = sheet->open;
}

static void slot_less(struct sheet *sheet)
{
	sheet->open.count--;
}

/* As many as before, and one of them is another. */
static void other_slots(struct sheet *sheet)
{
	sheet->open.slots = candidates;
}

/* And be it the first. */
static void other_first_slot(struct sheet *sheet)
{
	sheet->open.slots = first_is_other;
}

static void near(struct sheet *sheet)
{
	sheet->near = (struct offer_list){candidates + 9, 3};
}

static void other_near(struct sheet *sheet)
{
	sheet->near = (struct offer_list){candidates + 10, 3};
}

static void wanted(struct sheet *sheet)
{
	sheet->wanted = candidates[20].call.start;
}

static void call_to_be_moved(struct sheet *sheet)
{
	sheet->present = &present;
}

static void another_call(struct sheet *sheet)
{
	sheet->present = &candidates[0].call;
}

static void asked(struct sheet *sheet)
{
	sheet->asked = "2026-12-04";
}

static void another_asked(struct sheet *sheet)
{
	sheet->asked = "2026-12-05";
}

static void unsteady(struct sheet *sheet)
{
	sheet->is_steady = false;
}

static void nothing(struct sheet *sheet)
{
	sheet->open.count = 0;
}

static void as_it_was(struct sheet *sheet)
{
	(void)sheet;
}

static void (*const changes[])(struct sheet *sheet) = {as_it_was, another_language, another_zone,
    another_business, tomorrow, fewer_candidates, slot_less, other_slots, other_first_slot, near,
    other_near, wanted, call_to_be_moved, another_call, asked, another_asked, unsteady, nothing};

/* Whatever page came before, of each that differs in one thing or in two. */
START_TEST(after_another)
{
	for (size_t i = 0; i < COUNT(changes); i++) {
		struct sheet before = usual(), after = usual();
		char *other, *shown_before, *shown_after;
		struct kept_sheet fresh;

		arena_reset(arena);
		ck_assert(!template_compile(
		    arena, "page.txt", shown, strlen(shown), &page, &(struct fail){0}));
		changes[i](&before);
		changes[_i](&after);
		ck_assert(kept_sheet_open(&fresh));
		shown_after = page_of(&fresh, &after);
		kept_sheet_close(&fresh);
		shown_before = page_of(&kept, &before);
		other = page_of(&kept, &after);
		ck_assert_str_eq(other, shown_after);
		ck_assert_msg((strcmp(shown_before, shown_after) == 0) == (i == (size_t)_i),
		    "pages %zu and %d:\n%s\n%s", i, _i, shown_before, shown_after);
		/* Nothing of the page before was spoilt meanwhile. */
		ck_assert_str_eq(page_of(&kept, &after), shown_after);
	}
}
END_TEST

/* A zone's data may be replaced while the programs run: those of the business, and those of any
 * other. */
START_TEST(other_data_under_the_same_name)
{
	struct sheet sheet = usual();
	unsigned char *bytes;
	struct fail fail;
	struct zone *changed;
	size_t len;

	ck_assert_ptr_null(strstr(page_of(&kept, &sheet), "10:30"));
	bytes = read_zone("Asia/Kolkata", &len);
	ck_assert(!zone_parse("UTC", bytes, len, &changed, &fail));
	free(bytes);
	*(_i ? &sheet.business : &sheet.zone) = changed;
	ck_assert_ptr_nonnull(strstr(page_of(&kept, &sheet), "10:30"));
	zone_free(changed);
}
END_TEST

/* A heading has the first month and the last, be it of one day. */
START_TEST(end_of_a_month)
{
	struct sheet sheet = usual();

	sheet.now = DAY - 2 * DAY_S;
	sheet.candidates.count = 4;
	sheet.open.count = 3;
	ck_assert_ptr_nonnull(strstr(page_of(&kept, &sheet), " November 2026December 2026 "));
	sheet.now = DAY;
	ck_assert_ptr_nonnull(strstr(page_of(&kept, &sheet), " 1 December 2026 "));
}
END_TEST

/* In Havana the clock is put forward as a Sunday begins: neither day has two of them. */
START_TEST(clock_that_is_set_at_midnight)
{
	const int64_t noon = instant("2025-03-08T17:00:00Z");
	struct slot two[] = {{{noon, noon + 1800}, 0}, {{noon + DAY_S, noon + DAY_S + 1800}, 1}};
	struct zone *havana = open_zone("America/Havana");
	struct sheet sheet = usual();
	const char *text;

	sheet.zone = havana;
	sheet.now = noon - HOUR;
	sheet.candidates = sheet.open = (struct offer_list){two, COUNT(two)};
	sheet.is_steady = false;
	text = page_of(&kept, &sheet);
	ck_assert_ptr_nonnull(strstr(text, " CST\n 2025-03-08T17:00Z 12:00 PM 5:00 PM \n"));
	ck_assert_ptr_nonnull(strstr(text, " CDT\n 2025-03-09T17:00Z 1:00 PM 5:00 PM \n"));
	zone_free(havana);
}
END_TEST

/* Later on the same day nothing is made anew. */
START_TEST(kept_for_the_day)
{
	struct sheet sheet = usual();
	const char *key;

	page_of(&kept, &sheet);
	key = kept.key;
	sheet.now += HOUR;
	page_of(&kept, &sheet);
	ck_assert_ptr_eq(kept.key, key);
}
END_TEST

/* However often another one is kept in its place, it is kept. */
START_TEST(kept_again_and_again)
{
	struct kept_sheet small = {.arena = arena_new(1 << 20)};
	struct sheet sheet = usual();

	for (int i = 0; i < 200; i++) {
		arena_reset(arena);
		sheet.now = DAY + i % 2 * DAY_S;
		sheet_view(&small, &sheet, view_new(arena));
		ck_assert_ptr_nonnull(small.key);
	}
	kept_sheet_close(&small);
}
END_TEST

/* What does not fit is shown all the same. */
START_TEST(more_than_can_be_kept)
{
	struct kept_sheet small = {.arena = arena_new(4096)};
	struct sheet sheet = usual();
	const char *whole = page_of(&kept, &sheet);

	ck_assert_ptr_nonnull(small.arena);
	ck_assert_str_eq(page_of(&small, &sheet), whole);
	ck_assert_str_eq(page_of(&small, &sheet), whole);
	kept_sheet_close(&small);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sheet");
	TCase *all = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(all, set_up, tear_down);
	tcase_add_loop_test(all, after_another, 0, (int)COUNT(changes));
	tcase_add_loop_test(all, other_data_under_the_same_name, 0, 2);
	tcase_add_test(all, end_of_a_month);
	tcase_add_test(all, clock_that_is_set_at_midnight);
	tcase_add_test(all, kept_for_the_day);
	tcase_add_test(all, kept_again_and_again);
	tcase_add_test(all, more_than_can_be_kept);
	suite_add_tcase(suite, all);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: MIT */
/* check_calendar_ask.c: when the calendar is asked, for how long, and what stands for its answer.
 * It stands in for the clocks and for calendar.c at link time. */
#include "desk/calendar_ask.h"
#include "base/clock.h"
#include "core/civil.h"
#include "files.h"
#include "times.h"

#define CALENDAR "owner@example.com"
#define PAGE_MS 700
#define CLICK_MS 8000
#define FRESH_S 10
#define STALE_S 900
#define RETRY_S 15

static const struct interval window = {1796130000, 1796130000 + 14 * 86400};

static int64_t now_ms;
static struct {
	int asked;
	struct interval about;
	int64_t deadline;
	enum err err;
} google;

static struct arena *arena;
static struct conf conf;
static struct upstream upstream;
static struct calendar_finding found;

int64_t clock_boot_ms(void)
{
	return now_ms;
}

int64_t clock_wall_ms(void)
{
	return INT64_C(1796000400000) + now_ms;
}

int64_t clock_wall_s(void)
{
	return clock_wall_ms() / 1000;
}

void calendar_busy_start(struct google *unused, struct arena *own, struct interval about,
    int64_t deadline, http_done *done, void *context)
{
	struct http_reply reply = {.status = 200};

	(void)unused;
	(void)own;
	google.asked++;
	google.about = about;
	google.deadline = deadline;
	done(context, &reply);
}

/* One busy interval, of which the start tells which answer it was. */
enum err calendar_parse_busy(struct arena *own, const struct http_reply *reply,
    const char *calendar, struct busy_list *out, struct fail *fail)
{
	(void)reply;
	ck_assert_str_eq(calendar, CALENDAR);
	if (google.err)
		return fail_set(fail, google.err, "fake", "as it was told to");
	out->list = arena_array(own, 2, sizeof(*out->list));
	out->list[0] = (struct interval){now_ms, now_ms + 1};
	out->count = 1;
	return ERR_NONE;
}

static void set_up(void)
{
	make_folder();
	arena = arena_new(8 << 20);
	ck_assert_ptr_nonnull(arena);
	memset(&google, 0, sizeof(google));
	now_ms = 5000000;
	conf.site.runtime_dir = folder;
	conf.google.calendar = arena_str(arena, CALENDAR);
	conf.google.page_budget_ms = PAGE_MS;
	conf.google.timeout_ms = CLICK_MS;
	conf.google.fresh_s = FRESH_S;
	conf.google.stale_s = STALE_S;
	conf.google.retry_s = RETRY_S;
	upstream = (struct upstream){.conf = &conf, .google = (struct google *)&conf};
}

static void tear_down(void)
{
	arena_free(arena);
	remove_folder();
}

/* How often this asks. */
static int ask(enum calendar_use use, struct interval about)
{
	int before = google.asked;
	struct calendar_ask *asking = calendar_ask_start(&upstream, arena, use, about);

	ck_assert_ptr_nonnull(asking);
	memset(&found, 0x5a, sizeof(found));
	calendar_ask_finish(asking, &found);
	return google.asked - before;
}

/* The answer of this moment, or none of any. */
static void expect(enum calendar_check check, int64_t of_ms)
{
	ck_assert_int_eq(found.check, check);
	ck_assert_uint_eq(found.busy.count, of_ms ? 1 : 0);
	if (of_ms)
		ck_assert_int_eq(found.busy.list[0].start, of_ms);
	ck_assert_int_eq(found.share_fail.code, ERR_NONE);
}

START_TEST(page)
{
	ck_assert_int_eq(ask(CALENDAR_FOR_PAGE, window), 1);
	expect(CALENDAR_FRESH, 5000000);
	ck_assert_int_eq(found.fail.code, ERR_NONE);
	ck_assert_int_eq(found.news, OUTAGE_NO_NEWS);
	ck_assert_int_eq(google.deadline, 5000000 + PAGE_MS);
	ck_assert_int_eq(found.deadline, 5000000 + PAGE_MS);
	ck_assert_int_eq(google.about.start, window.start);
	ck_assert_int_eq(google.about.end, window.end + DAY_S);
	/* The others go by it while it is fresh, also after midnight. */
	now_ms += FRESH_S * 1000 - 1;
	ck_assert_int_eq(ask(CALENDAR_FOR_PAGE, window), 0);
	expect(CALENDAR_FRESH, 5000000);
	ck_assert_int_eq(
	    ask(CALENDAR_FOR_PAGE, (struct interval){window.start, window.end + DAY_S}), 0);
	expect(CALENDAR_FRESH, 5000000);
	/* Not about what was not asked, and not when it is older. */
	ck_assert_int_eq(
	    ask(CALENDAR_FOR_PAGE, (struct interval){window.start, window.end + DAY_S + 1}), 1);
	ck_assert_int_eq(
	    ask(CALENDAR_FOR_PAGE, (struct interval){window.start - 1, window.end}), 1);
	now_ms += FRESH_S * 1000;
	ck_assert_int_eq(ask(CALENDAR_FOR_PAGE, window), 1);
	expect(CALENDAR_FRESH, now_ms);
}
END_TEST

/* While one asks, the others go by what there is, and ask when there is nothing. */
START_TEST(another_asks)
{
	int lock;

	ck_assert_int_eq(ask(CALENDAR_FOR_PAGE, window), 1);
	lock = calendar_cache_lock(folder);
	ck_assert_int_ge(lock, 0);
	now_ms += FRESH_S * 1000;
	ck_assert_int_eq(ask(CALENDAR_FOR_PAGE, window), 0);
	expect(CALENDAR_REMEMBERED, 5000000);
	now_ms = 5000000 + STALE_S * 1000 - 1;
	ck_assert_int_eq(ask(CALENDAR_FOR_PAGE, window), 0);
	expect(CALENDAR_REMEMBERED, 5000000);
	now_ms++;
	ck_assert_int_eq(ask(CALENDAR_FOR_PAGE, window), 1);
	expect(CALENDAR_FRESH, now_ms);
	calendar_cache_unlock(lock);
	/* Who has asked gives the right back. */
	now_ms += FRESH_S * 1000;
	ck_assert_int_eq(ask(CALENDAR_FOR_PAGE, window), 1);
	lock = calendar_cache_lock(folder);
	ck_assert_int_ge(lock, 0);
	calendar_cache_unlock(lock);
}
END_TEST

START_TEST(click)
{
	ck_assert_int_eq(ask(CALENDAR_FOR_PAGE, window), 1);
	now_ms += 1000;
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 1);
	expect(CALENDAR_FRESH, now_ms);
	ck_assert_int_eq(google.deadline, now_ms + CLICK_MS);
	/* Its answer is the pool's, too. */
	now_ms += FRESH_S * 1000 - 1;
	ck_assert_int_eq(ask(CALENDAR_FOR_PAGE, window), 0);
	expect(CALENDAR_FRESH, 5001000);
	/* Without an answer it goes by the remembered one, however fresh. */
	google.err = ERR_BUSY;
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 1);
	expect(CALENDAR_REMEMBERED, 5001000);
	ck_assert_int_eq(found.fail.code, ERR_BUSY);
	ck_assert_int_eq(found.news, OUTAGE_BEGAN);
}
END_TEST

static const struct {
	enum calendar_use use;
	enum err err;
	int64_t wait_s;
	bool is_down, is_refused;
} outages[] = {
    {CALENDAR_FOR_PAGE, ERR_UNREACHABLE, RETRY_S, true, false},
    {CALENDAR_FOR_PAGE, ERR_BUSY, RETRY_S, true, false},
    {CALENDAR_FOR_PAGE, ERR_UNSURE, RETRY_S, false, false},
    {CALENDAR_FOR_CLICK, ERR_UNSURE, RETRY_S, true, false},
    {CALENDAR_FOR_CLICK, ERR_GARBLED, RETRY_S, true, false},
    {CALENDAR_FOR_PAGE, ERR_GRANT, RETRY_S * 20, true, true},
    {CALENDAR_FOR_CLICK, ERR_AUTH, RETRY_S * 20, true, true},
    {CALENDAR_FOR_CLICK, ERR_REFUSED, RETRY_S * 20, true, false},
};

START_TEST(asked_in_vain)
{
	struct outage outage;

	google.err = outages[_i].err;
	ck_assert_int_eq(ask(outages[_i].use, window), 1);
	expect(CALENDAR_UNCHECKED, 0);
	ck_assert_int_eq(found.fail.code, outages[_i].err);
	ck_assert_int_eq(found.news, OUTAGE_BEGAN);
	outage = outage_load(folder, arena);
	ck_assert_int_eq(outage.until_ms, now_ms + outages[_i].wait_s * 1000);
	ck_assert(outage.is_down == outages[_i].is_down);
	ck_assert(outage.is_refused == outages[_i].is_refused);
	/* Pages do not ask until then; a click does, and waits shortly. */
	now_ms += outages[_i].wait_s * 1000 - 1;
	ck_assert_int_eq(ask(CALENDAR_FOR_PAGE, window), 0);
	expect(CALENDAR_UNCHECKED, 0);
	ck_assert_int_eq(found.fail.code, ERR_NONE);
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 1);
	ck_assert_int_eq(google.deadline, now_ms + (outages[_i].is_down ? 1000 : CLICK_MS));
	ck_assert_int_eq(found.news, OUTAGE_NO_NEWS);
	/* Its end is told once. */
	google.err = ERR_NONE;
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 1);
	expect(CALENDAR_FRESH, now_ms);
	ck_assert_int_eq(found.news, OUTAGE_ENDED);
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 1);
	ck_assert_int_eq(found.news, OUTAGE_NO_NEWS);
}
END_TEST

START_TEST(page_after_an_outage)
{
	google.err = ERR_BUSY;
	ck_assert_int_eq(ask(CALENDAR_FOR_PAGE, window), 1);
	now_ms += RETRY_S * 1000;
	google.err = ERR_NONE;
	ck_assert_int_eq(ask(CALENDAR_FOR_PAGE, window), 1);
	expect(CALENDAR_FRESH, now_ms);
	ck_assert_int_eq(found.news, OUTAGE_ENDED);
}
END_TEST

/* A short limit of a click's own is not made longer. */
START_TEST(click_in_a_hurry)
{
	conf.google.timeout_ms = 400;
	google.err = ERR_BUSY;
	ask(CALENDAR_FOR_CLICK, window);
	ask(CALENDAR_FOR_CLICK, window);
	ck_assert_int_eq(google.deadline, now_ms + 400);
	conf.google.timeout_ms = 1001;
	ask(CALENDAR_FOR_CLICK, window);
	ck_assert_int_eq(google.deadline, now_ms + 1000);
}
END_TEST

/* A worker that is told to stop has learnt nothing of the calendar. */
START_TEST(stopping)
{
	google.err = ERR_STOPPING;
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 1);
	expect(CALENDAR_UNCHECKED, 0);
	ck_assert_int_eq(found.news, OUTAGE_NO_NEWS);
	ck_assert_int_eq(outage_load(folder, arena).until_ms, 0);
}
END_TEST

/* The operator's own question leaves the pool as it is. */
START_TEST(operator_asks)
{
	google.err = ERR_BUSY;
	ck_assert_int_eq(ask(CALENDAR_FOR_OPERATOR, window), 1);
	expect(CALENDAR_UNCHECKED, 0);
	ck_assert_int_eq(found.fail.code, ERR_BUSY);
	ck_assert_int_eq(each_file(NULL), 0);
	google.err = ERR_NONE;
	ck_assert_int_eq(ask(CALENDAR_FOR_OPERATOR, window), 1);
	expect(CALENDAR_FRESH, now_ms);
	ck_assert_int_eq(google.deadline, now_ms + CLICK_MS);
	ck_assert_int_eq(each_file(NULL), 0);
	/* Nor does it go by what the pool remembers. */
	ask(CALENDAR_FOR_CLICK, window);
	google.err = ERR_BUSY;
	ck_assert_int_eq(ask(CALENDAR_FOR_OPERATOR, window), 1);
	expect(CALENDAR_UNCHECKED, 0);
	ck_assert_int_eq(google.deadline, now_ms + CLICK_MS);
}
END_TEST

/* What a page goes by, asked to be told of: the pool neither learns of it nor waits for it. */
START_TEST(as_a_page)
{
	int lock;

	google.err = ERR_BUSY;
	ck_assert_int_eq(ask(CALENDAR_AS_PAGE, window), 1);
	expect(CALENDAR_UNCHECKED, 0);
	ck_assert_int_eq(google.deadline, now_ms + PAGE_MS);
	ck_assert_int_eq(found.news, OUTAGE_NO_NEWS);
	ck_assert_int_eq(each_file(NULL), 0);
	google.err = ERR_NONE;
	ck_assert_int_eq(ask(CALENDAR_AS_PAGE, window), 1);
	expect(CALENDAR_FRESH, now_ms);
	ck_assert_int_eq(found.asked_ms, now_ms);
	ck_assert_int_eq(each_file(NULL), 0);
	/* The pool's answer, as long as pages use it. */
	ck_assert_int_eq(ask(CALENDAR_FOR_PAGE, window), 1);
	now_ms += FRESH_S * 1000 - 1;
	ck_assert_int_eq(ask(CALENDAR_AS_PAGE, window), 0);
	expect(CALENDAR_FRESH, 5000000);
	ck_assert_int_eq(found.asked_ms, 5000000);
	now_ms++;
	lock = calendar_cache_lock(folder);
	ck_assert_int_eq(ask(CALENDAR_AS_PAGE, window), 1);
	expect(CALENDAR_FRESH, now_ms);
	calendar_cache_unlock(lock);
	google.err = ERR_BUSY;
	ck_assert_int_eq(ask(CALENDAR_AS_PAGE, window), 1);
	expect(CALENDAR_REMEMBERED, 5000000);
	ck_assert_int_eq(found.asked_ms, 5000000);
	ck_assert_int_eq(outage_load(folder, arena).until_ms, 0);
	/* During an outage it does not ask, as no page does. */
	ck_assert_int_eq(ask(CALENDAR_FOR_PAGE, window), 1);
	google.err = ERR_NONE;
	ck_assert_int_eq(ask(CALENDAR_AS_PAGE, window), 0);
	expect(CALENDAR_REMEMBERED, 5000000);
	now_ms = 5000000 + STALE_S * 1000;
	outage_end(folder);
	google.err = ERR_BUSY;
	ck_assert_int_eq(ask(CALENDAR_AS_PAGE, window), 1);
	expect(CALENDAR_UNCHECKED, 0);
}
END_TEST

START_TEST(not_used)
{
	struct arena *small;

	ck_assert_int_eq(ask(CALENDAR_NOT_USED, window), 0);
	expect(CALENDAR_OFF, 0);
	ck_assert_int_eq(found.deadline, now_ms + CLICK_MS);
	upstream.google = NULL;
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 0);
	expect(CALENDAR_OFF, 0);
	ck_assert_int_eq(found.deadline, 0);
	calendar_ask_finish(NULL, &found);
	expect(CALENDAR_OFF, 0);
	small = arena_new(8);
	ck_assert_ptr_null(calendar_ask_start(&upstream, small, CALENDAR_FOR_PAGE, window));
	arena_free(small);
}
END_TEST

/* What cannot be shared is an answer all the same. */
START_TEST(not_shared)
{
	conf.site.runtime_dir = arena_str(arena, "/nonexistent");
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 1);
	ck_assert_int_eq(found.check, CALENDAR_FRESH);
	ck_assert_int_eq(found.fail.code, ERR_NONE);
	ck_assert_int_ne(found.share_fail.code, ERR_NONE);
	google.err = ERR_BUSY;
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 1);
	ck_assert_int_eq(found.check, CALENDAR_UNCHECKED);
	ck_assert_int_eq(found.news, OUTAGE_NO_NEWS);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("calendar_ask");
	TCase *asking = tcase_create("ask");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(asking, set_up, tear_down);
	tcase_add_test(asking, page);
	tcase_add_test(asking, another_asks);
	tcase_add_test(asking, click);
	tcase_add_loop_test(asking, asked_in_vain, 0, (int)COUNT(outages));
	tcase_add_test(asking, page_after_an_outage);
	tcase_add_test(asking, click_in_a_hurry);
	tcase_add_test(asking, stopping);
	tcase_add_test(asking, operator_asks);
	tcase_add_test(asking, as_a_page);
	tcase_add_test(asking, not_used);
	tcase_add_test(asking, not_shared);
	suite_add_tcase(suite, asking);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

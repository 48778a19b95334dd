/* SPDX-License-Identifier: MIT */
/* check_calendar_ask.c: when the calendar is asked, for how long, and what stands for its answer.
 * It stands in for the clocks, for calendar.c and for caldav.c at link time. */
#include "desk/calendar_ask.h"
#include "base/clock.h"
#include "base/file.h"
#include "core/civil.h"
#include "files.h"
#include "reader.h"
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
	const char *failing; /* of several, the one that does */
	const char *events;  /* a CalDAV server's, or NULL */
	/* Of each question: which, as "work home". */
	char ids[8][40];
	int64_t deadlines[8];
} google;

static struct arena *arena;
static struct conf conf;
static struct upstream upstream;
static struct calendar_finding found;
static struct conf_calendar only;
static const struct calendar_place place = {folder, "", CALENDAR};

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

void calendar_busy_start(struct google *unused, struct arena *own,
    const struct busy_question *question, http_done *done, void *context)
{
	struct http_reply reply = {.status = 200};

	(void)unused;
	(void)own;
	for (size_t i = 0; i < question->count && google.asked < 8; i++)
		snprintf(google.ids[google.asked] + strlen(google.ids[google.asked]),
		    sizeof(google.ids[0]) - strlen(google.ids[google.asked]), "%s%s", i ? " " : "",
		    question->ids[i]);
	if (google.asked < 8)
		google.deadlines[google.asked] = question->deadline;
	google.asked++;
	google.about = question->window;
	google.deadline = question->deadline;
	done(context, &reply);
}

/* One busy interval, of which the start tells which answer it was. */
enum err calendar_parse_busy(struct arena *own, const struct http_reply *reply,
    const struct busy_question *question, size_t number, struct busy_list *out, struct fail *fail)
{
	size_t day = 0;

	(void)reply;
	if (google.err)
		return fail_set(fail, google.err, "fake", "as it was told to");
	if (google.failing && strcmp(question->ids[number], google.failing) == 0)
		return fail_set(fail, ERR_BUSY, "fake", "as it was told to");
	while (day < conf.calendars.count &&
	       strcmp(conf.calendars.list[day].calendar, question->ids[number]) != 0)
		day++;
	out->list = arena_array(own, 2, sizeof(*out->list));
	out->list[0] = conf.calendars.count == 1
			   ? (struct interval){now_ms, now_ms + 1}
			   : (struct interval){window.start + (int64_t)day * DAY_S,
				 window.start + (int64_t)day * DAY_S + 3600};
	out->count = 1;
	return ERR_NONE;
}

/* The calendar on a CalDAV server that was asked about last. */
static const struct conf_calendar *on_server;

/* One of the questions. */
void caldav_events_start(struct caldav *caldav, struct arena *own, struct interval within,
    int64_t deadline, http_done *done, void *context)
{
	struct busy_question question = {.count = 1, .window = within, .deadline = deadline};

	on_server = (const struct conf_calendar *)caldav;
	question.ids[0] = on_server->name;
	calendar_busy_start(NULL, own, &question, done, context);
}

/* What is written there, if anything. */
enum err caldav_parse_events(struct arena *own, const struct http_reply *reply, bool skips_calls,
    char **out, struct fail *fail)
{
	(void)reply;
	ck_assert(!skips_calls);
	if (google.err || (google.failing && strcmp(google.failing, on_server->name) == 0))
		return fail_set(
		    fail, google.err ? google.err : ERR_BUSY, "fake", "as it was told to");
	*out = google.events ? arena_str(own, google.events) : NULL;
	return ERR_NONE;
}

struct http *caldav_http(const struct caldav *unused)
{
	(void)unused;
	return NULL;
}

static void set_up(void)
{
	make_folder();
	arena = arena_new(8 << 20);
	ck_assert_ptr_nonnull(arena);
	memset(&google, 0, sizeof(google));
	now_ms = 5000000;
	conf.site.runtime_dir = folder;
	only = (struct conf_calendar){.name = arena_str(arena, ""),
	    .calendar = arena_str(arena, CALENDAR),
	    .blocks = true,
	    .writes = true,
	    .outage_open = true};
	conf.calendars.list = &only;
	conf.calendars.count = 1;
	conf.google.page_budget_ms = PAGE_MS;
	conf.google.timeout_ms = CLICK_MS;
	conf.google.fresh_s = FRESH_S;
	conf.google.stale_s = STALE_S;
	conf.google.retry_s = RETRY_S;
	upstream = (struct upstream){.conf = &conf, .accounts = {(struct google *)&conf}};
}

static void tear_down(void)
{
	arena_free(arena);
	remove_folder();
}

static enum outage_news news(void)
{
	return found.part_count ? found.parts[0].news : OUTAGE_NO_NEWS;
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
	ck_assert_int_eq(news(), OUTAGE_NO_NEWS);
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
	file_unlock(lock);
	/* Who has asked gives the right back. */
	now_ms += FRESH_S * 1000;
	ck_assert_int_eq(ask(CALENDAR_FOR_PAGE, window), 1);
	lock = calendar_cache_lock(folder);
	ck_assert_int_ge(lock, 0);
	file_unlock(lock);
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
	ck_assert_int_eq(news(), OUTAGE_BEGAN);
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
	ck_assert_int_eq(news(), OUTAGE_BEGAN);
	outage = outage_load(&place, arena);
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
	ck_assert_int_eq(news(), OUTAGE_NO_NEWS);
	/* Its end is told once. */
	google.err = ERR_NONE;
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 1);
	expect(CALENDAR_FRESH, now_ms);
	ck_assert_int_eq(news(), OUTAGE_ENDED);
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 1);
	ck_assert_int_eq(news(), OUTAGE_NO_NEWS);
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
	ck_assert_int_eq(news(), OUTAGE_ENDED);
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
	ck_assert_int_eq(news(), OUTAGE_NO_NEWS);
	ck_assert_int_eq(outage_load(&place, arena).until_ms, 0);
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

static const char *no_route(unsigned number)
{
	(void)number;
	return NULL;
}

/* The pool stays below what Google answers in a minute; an operator's question does not wait for
 * that. */
START_TEST(spared)
{
	struct text counts = text_new(arena, 256 * 1024);

	upstream.counters = counters_open(folder);
	ck_assert_ptr_nonnull(upstream.counters);
	conf.google.per_minute = 10; /* one at once */
	ck_assert_int_eq(ask(CALENDAR_FOR_PAGE, window), 1);
	now_ms++;
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 0);
	ck_assert_int_eq(found.check, CALENDAR_REMEMBERED);
	ck_assert_int_eq(found.parts[0].fail.code, ERR_BUSY);
	ck_assert_ptr_nonnull(strstr(found.parts[0].fail.detail, "per_minute"));
	ck_assert_int_eq(news(), OUTAGE_NO_NEWS);
	counters_write(upstream.counters, no_route, &counts);
	ck_assert_ptr_nonnull(strstr(counts.data, "\nslotguard_calendar_spared_total 1\n"));
	ck_assert_int_eq(ask(CALENDAR_FOR_OPERATOR, window), 1);
	conf.google.per_minute = 0;
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 1);
	counters_close(upstream.counters);
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
	ck_assert_int_eq(news(), OUTAGE_NO_NEWS);
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
	file_unlock(lock);
	google.err = ERR_BUSY;
	ck_assert_int_eq(ask(CALENDAR_AS_PAGE, window), 1);
	expect(CALENDAR_REMEMBERED, 5000000);
	ck_assert_int_eq(found.asked_ms, 5000000);
	ck_assert_int_eq(outage_load(&place, arena).until_ms, 0);
	/* During an outage it does not ask, as no page does. */
	ck_assert_int_eq(ask(CALENDAR_FOR_PAGE, window), 1);
	google.err = ERR_NONE;
	ck_assert_int_eq(ask(CALENDAR_AS_PAGE, window), 0);
	expect(CALENDAR_REMEMBERED, 5000000);
	now_ms = 5000000 + STALE_S * 1000;
	outage_end(&place, arena);
	google.err = ERR_BUSY;
	ck_assert_int_eq(ask(CALENDAR_AS_PAGE, window), 1);
	expect(CALENDAR_UNCHECKED, 0);
}
END_TEST

/* ---- Several calendars: "work" and "home" of one account, "club" of another ---- */

static struct conf_calendar several[3];

/* The fake answers of each: busy for an hour, of which the day is its number. */
static void set_up_several(void)
{
	static const char *const names[] = {"work", "home", "club"};

	set_up();
	for (size_t i = 0; i < 3; i++)
		several[i] = (struct conf_calendar){.name = arena_str(arena, names[i]),
		    .calendar = arena_str(arena, names[i]),
		    .blocks = true,
		    .writes = i == 0,
		    .outage_open = true};
	conf.calendars.list = several;
	conf.calendars.count = 3;
	upstream.accounts[0] = upstream.accounts[1] = (struct google *)&several[0];
	upstream.accounts[2] = (struct google *)&several[2];
}

static void expect_part(size_t number, const char *name, enum calendar_check check)
{
	ck_assert_uint_lt(number, found.part_count);
	ck_assert_str_eq(found.parts[number].calendar->name, name);
	ck_assert_int_eq(found.parts[number].check, check);
}

/* As "0 1 2": the calendars whose busy hour is seen. */
static void expect_busy(const char *numbers)
{
	char text[20] = "";

	for (size_t i = 0; i < found.busy.count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%d", i ? " " : "",
		    (int)((found.busy.list[i].start - window.start) / DAY_S));
	ck_assert_str_eq(text, numbers);
}

START_TEST(one_question_an_account)
{
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 2);
	ck_assert_str_eq(google.ids[0], "work home");
	ck_assert_str_eq(google.ids[1], "club");
	ck_assert_int_eq(found.check, CALENDAR_FRESH);
	expect_busy("0 1 2");
	expect_part(0, "work", CALENDAR_FRESH);
	expect_part(1, "home", CALENDAR_FRESH);
	expect_part(2, "club", CALENDAR_FRESH);
	/* Each has an answer of its own, which pages go by. */
	ck_assert_int_eq(each_file(NULL), 3 + 1);
	ck_assert_int_eq(ask(CALENDAR_FOR_PAGE, window), 0);
	expect_busy("0 1 2");
}
END_TEST

START_TEST(one_that_fails)
{
	google.failing = "home";
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 2);
	expect_busy("0 2");
	ck_assert_int_eq(found.check, CALENDAR_UNCHECKED);
	ck_assert(!found.is_closed);
	expect_part(0, "work", CALENDAR_FRESH);
	expect_part(1, "home", CALENDAR_UNCHECKED);
	ck_assert_int_eq(found.parts[0].news, OUTAGE_NO_NEWS);
	ck_assert_int_eq(found.parts[1].news, OUTAGE_BEGAN);
	ck_assert_int_eq(found.parts[2].news, OUTAGE_NO_NEWS);
	ck_assert_str_eq(found.fail.detail, "home: as it was told to");
	/* It alone is left alone, and its outage alone closes. */
	several[1].outage_open = false;
	now_ms += FRESH_S * 1000;
	ck_assert_int_eq(ask(CALENDAR_FOR_PAGE, window), 2);
	ck_assert_str_eq(google.ids[2], "work");
	ck_assert_str_eq(google.ids[3], "club");
	ck_assert(found.is_closed);
	expect_busy("0 2");
	/* What it said last counts while it is young enough. */
	google.failing = NULL;
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 2);
	ck_assert_int_eq(found.parts[1].news, OUTAGE_ENDED);
	ck_assert(!found.is_closed);
	google.failing = "home";
	now_ms += 1;
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 2);
	ck_assert_int_eq(found.check, CALENDAR_REMEMBERED);
	ck_assert(!found.is_closed);
	expect_busy("0 1 2");
}
END_TEST

/* One that is written to only is not asked, and one without credentials is not there. */
START_TEST(calendars_that_do_not_count)
{
	several[0].blocks = false;
	upstream.accounts[2] = NULL;
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 1);
	ck_assert_str_eq(google.ids[0], "home");
	ck_assert_uint_eq(found.part_count, 1);
	expect_busy("1");
	ck_assert_int_eq(found.check, CALENDAR_FRESH);
}
END_TEST

/* A click hurries only where all that one question asks about are down. */
START_TEST(hurry_of_several)
{
	google.failing = "club";
	ask(CALENDAR_FOR_CLICK, window);
	ask(CALENDAR_FOR_CLICK, window);
	ck_assert_int_eq(google.deadlines[2], now_ms + CLICK_MS);
	ck_assert_int_eq(google.deadlines[3], now_ms + 1000);
	ck_assert_int_eq(found.deadline, now_ms + CLICK_MS);
	google.failing = "home";
	ask(CALENDAR_FOR_CLICK, window);
	ask(CALENDAR_FOR_CLICK, window);
	ck_assert_int_eq(google.deadlines[6], now_ms + CLICK_MS);
}
END_TEST

/* Where the minute is used up each of an account that had to be asked goes by what there is, and
 * says why; what is fresh needs no question. */
START_TEST(spared_of_several)
{
	struct calendar_place own = calendar_place(&conf, &several[1], arena);
	struct calendar_cache answer = {.window = {window.start, window.end}};

	upstream.counters = counters_open(folder);
	ck_assert_ptr_nonnull(upstream.counters);
	conf.google.per_minute = 10; /* one at once */
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 1);
	expect_part(0, "work", CALENDAR_FRESH);
	expect_part(1, "home", CALENDAR_FRESH);
	expect_part(2, "club", CALENDAR_UNCHECKED);
	ck_assert_int_eq(found.parts[2].fail.code, ERR_BUSY);
	now_ms++;
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 0);
	for (size_t i = 0; i < 2; i++) {
		expect_part(i, several[i].name, CALENDAR_REMEMBERED);
		ck_assert_int_eq(found.parts[i].fail.code, ERR_BUSY);
	}
	/* The first of them is told. */
	ck_assert_ptr_eq(strstr(found.fail.detail, "work: as many questions"), found.fail.detail);
	now_ms += STALE_S * 1000;
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 1);
	answer.asked_ms = now_ms += FRESH_S * 1000;
	ck_assert_int_eq(calendar_cache_store(&own, arena, &answer, &found.share_fail), ERR_NONE);
	ck_assert(counters_admit(upstream.counters, now_ms, 10));
	ck_assert_int_eq(ask(CALENDAR_FOR_PAGE, window), 0);
	expect_part(0, "work", CALENDAR_REMEMBERED);
	ck_assert_int_eq(found.parts[0].fail.code, ERR_BUSY);
	expect_part(1, "home", CALENDAR_FRESH);
	ck_assert_int_eq(found.parts[1].fail.code, ERR_NONE);
	counters_close(upstream.counters);
}
END_TEST

/* A file that the courier fetches: nobody here asks, and its age counts by how often that is. */
START_TEST(fetched)
{
	struct calendar_cache answer = {.window = {window.start, window.end}};
	struct calendar_place own;

	several[1] = (struct conf_calendar){.name = arena_str(arena, "home"),
	    .kind = CALENDAR_ICS,
	    .calendar = arena_str(arena, "home"),
	    .url = arena_str(arena, "https://calendar.example/secret.ics"),
	    .every_minutes = 5,
	    .blocks = true};
	upstream.accounts[1] = NULL;
	own = calendar_place(&conf, &several[1], arena);
	ck_assert_ptr_null(strstr(own.key, "secret"));
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 2);
	expect_part(1, "home", CALENDAR_UNCHECKED);
	ck_assert(found.is_closed);
	ck_assert_str_eq(
	    found.fail.detail, "home: the courier has fetched no answer that is young enough");
	expect_busy("0 2");
	answer.asked_ms = now_ms;
	answer.busy.list = arena_array(arena, 2, sizeof(*answer.busy.list));
	answer.busy.list[0] = (struct interval){window.start + DAY_S, window.start + DAY_S + 60};
	answer.busy.count = 1;
	ck_assert_int_eq(calendar_cache_store(&own, arena, &answer, &found.share_fail), ERR_NONE);
	now_ms += (5 * 60 + 59) * 1000;
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 2);
	expect_busy("0 1 2");
	ck_assert_int_eq(found.check, CALENDAR_FRESH);
	ck_assert_int_eq(ask(CALENDAR_FOR_OPERATOR, window), 2);
	expect_busy("0 1 2");
	now_ms += 1000;
	ask(CALENDAR_FOR_PAGE, window);
	ck_assert_int_eq(found.check, CALENDAR_REMEMBERED);
	expect_busy("0 1 2");
	now_ms += STALE_S * 1000 - 1;
	ask(CALENDAR_FOR_PAGE, window);
	expect_part(1, "home", CALENDAR_REMEMBERED);
	now_ms += 1;
	ask(CALENDAR_FOR_PAGE, window);
	expect_part(1, "home", CALENDAR_UNCHECKED);
	expect_busy("0 2");
}
END_TEST

#define EVENT                                                                                      \
	"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:20261201T170000Z\r\n"                 \
	"DURATION:PT1H\r\nRRULE:FREQ=WEEKLY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

static void put_on_server(size_t number)
{
	struct conf_calendar *calendar = &several[number];

	conf.hours.timezone = arena_str(arena, "America/New_York");
	*calendar = (struct conf_calendar){.name = calendar->name,
	    .kind = CALENDAR_CALDAV,
	    .calendar = arena_str(arena, "primary"),
	    .url = arena_str(arena, "https://calendar.example/avo/a/"),
	    .user = (struct secret *)calendar,
	    .password = (struct secret *)calendar,
	    .blocks = true,
	    .outage_open = true};
	upstream.accounts[number] = NULL;
	upstream.caldavs[number] = (struct caldav *)calendar;
}

/* One on a CalDAV server is asked in the same round, with a question of its own; its events are
 * read here, with their recurrences. */
START_TEST(on_a_server)
{
	put_on_server(1);
	google.events = EVENT EVENT;
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 3);
	ck_assert_str_eq(google.ids[0], "work");
	ck_assert_str_eq(google.ids[1], "home");
	ck_assert_str_eq(google.ids[2], "club");
	ck_assert_int_eq(google.deadlines[1], google.deadlines[0]);
	ck_assert_int_eq(found.check, CALENDAR_FRESH);
	/* Today, the first of December, and a week and two weeks after it. */
	ck_assert_int_eq(found.busy.list[1].start, instant("2026-12-01T17:00:00Z"));
	expect_busy("0 0 2 7 14");
	ck_assert_int_eq(ask(CALENDAR_FOR_PAGE, window), 0);
	expect_busy("0 0 2 7 14");
	google.events = NULL;
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 3);
	expect_busy("0 2");
	/* What is no calendar is not 'free'. */
	several[1].outage_open = false;
	google.events = "<html>";
	now_ms += STALE_S * 1000;
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 3);
	expect_part(1, "home", CALENDAR_UNCHECKED);
	ck_assert_int_eq(found.parts[1].news, OUTAGE_BEGAN);
	ck_assert(found.is_closed);
	ck_assert_str_eq(found.fail.detail,
	    "home: this is no whole calendar: it does not go from BEGIN:VCALENDAR to "
	    "END:VCALENDAR");
	/* Left alone for a while by pages, and asked in a hurry by clicks. */
	google.failing = "home";
	ck_assert_int_eq(ask(CALENDAR_FOR_PAGE, window), 0);
	google.asked = 0;
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 3);
	ck_assert_int_eq(google.deadlines[1], now_ms + 1000);
	ck_assert_int_eq(google.deadlines[0], now_ms + CLICK_MS);
	ck_assert_str_eq(found.fail.detail, "home: as it was told to");
	google.failing = NULL;
	google.events = EVENT;
	ck_assert_int_eq(ask(CALENDAR_FOR_OPERATOR, window), 3);
	expect_busy("0 0 2 7 14");
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 3);
	ck_assert_int_eq(found.parts[1].news, OUTAGE_ENDED);
	expect_part(1, "home", CALENDAR_FRESH);
}
END_TEST

/* Two on servers and one of Google's: whichever of them fails, it alone is not known. */
START_TEST(one_of_three_kinds_fails)
{
	static const char *const busy[] = {"0 7 14", "0 0 7 14", "0 0 7 14"};
	static const char *const names[] = {"work", "home", "club"};

	put_on_server(1);
	put_on_server(2);
	google.events = EVENT;
	google.failing = names[_i];
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 3);
	for (size_t i = 0; i < 3; i++) {
		bool fails = i == (size_t)_i;

		ck_assert_str_eq(google.ids[i], names[i]);
		ck_assert_int_eq(google.deadlines[i], google.deadlines[0]);
		expect_part(i, names[i], fails ? CALENDAR_UNCHECKED : CALENDAR_FRESH);
		ck_assert_int_eq(found.parts[i].news, fails ? OUTAGE_BEGAN : OUTAGE_NO_NEWS);
	}
	expect_busy(busy[_i]);
	ck_assert(!found.is_closed);
	ck_assert_str_eq(
	    calendar_each(&found, arena), _i == 0   ? "work:unchecked,home:fresh,club:fresh"
					  : _i == 1 ? "work:fresh,home:unchecked,club:fresh"
						    : "work:fresh,home:fresh,club:unchecked");
	several[_i].outage_open = false;
	ask(CALENDAR_FOR_CLICK, window);
	ck_assert(found.is_closed);
}
END_TEST

/* As many as there may be, of one account: one question, in which each has its place. */
START_TEST(as_many_as_there_may_be)
{
	static struct conf_calendar many[CONF_CALENDARS_MAX];

	for (size_t i = 0; i < CONF_CALENDARS_MAX; i++) {
		const char *name = arena_printf(arena, "c%zu", i);

		many[i] = (struct conf_calendar){.name = arena_str(arena, name),
		    .calendar = arena_str(arena, name),
		    .blocks = true,
		    .outage_open = true};
		upstream.accounts[i] = (struct google *)many;
	}
	conf.calendars.list = many;
	conf.calendars.count = CONF_CALENDARS_MAX;
	google.failing = "c7";
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 1);
	ck_assert_uint_eq(found.part_count, CONF_CALENDARS_MAX);
	ck_assert_uint_eq(found.busy.count, CONF_CALENDARS_MAX - 1);
	for (size_t i = 0; i < CONF_CALENDARS_MAX; i++)
		expect_part(i, many[i].name, i == 7 ? CALENDAR_UNCHECKED : CALENDAR_FRESH);
}
END_TEST

START_TEST(not_used)
{
	struct arena *small;

	ck_assert_int_eq(ask(CALENDAR_NOT_USED, window), 0);
	expect(CALENDAR_OFF, 0);
	ck_assert_int_eq(found.deadline, now_ms + CLICK_MS);
	upstream.accounts[0] = NULL;
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

/* A pause takes the world's time. */
int nanosleep(const struct timespec *pause, struct timespec *left)
{
	(void)left;
	now_ms += pause->tv_sec * 1000 + pause->tv_nsec / 1000000;
	return 0;
}

/* Another click asks: who waits for its turn, with so many of three calendars down. */
static const struct {
	enum calendar_use use;
	int down;
	bool is_fetched; /* and the third one is, by the courier */
	int64_t waits_ms;
} turns[] = {
    {CALENDAR_FOR_CLICK, 0, false, CLICK_MS / 8},
    {CALENDAR_FOR_CLICK, 2, false, CLICK_MS / 8},
    {CALENDAR_FOR_CLICK, 3, false, 0},
    {CALENDAR_FOR_CLICK, 2, true, 0},
    {CALENDAR_FOR_PAGE, 0, false, 0},
    {CALENDAR_FOR_OPERATOR, 0, false, 0},
};

START_TEST(turn_of_another)
{
	int64_t waited_ms;
	bool is_new;
	int lock;

	for (int i = 0; i < turns[_i].down; i++) {
		struct calendar_place own = calendar_place(&conf, &several[i], arena);

		ck_assert_int_eq(outage_note(&own, arena, now_ms + 60000, OUTAGE_DOWN, &is_new,
				     &found.share_fail),
		    ERR_NONE);
	}
	if (turns[_i].is_fetched) {
		several[2].kind = CALENDAR_ICS;
		upstream.accounts[2] = NULL;
		several[2].url = arena_str(arena, "https://calendar.example/secret.ics");
	}
	lock = calendar_cache_lock_click(folder, now_ms);
	ck_assert_int_ge(lock, 0);
	waited_ms = -now_ms;
	ask(turns[_i].use, window);
	waited_ms += now_ms;
	ck_assert_int_ge(waited_ms, turns[_i].waits_ms);
	ck_assert_int_lt(waited_ms, turns[_i].waits_ms + 100);
	/* Nor does another wait when the turn is over. */
	file_unlock(lock);
	waited_ms = -now_ms;
	ask(turns[_i].use, window);
	ck_assert_int_eq(waited_ms + now_ms, 0);
	lock = calendar_cache_lock_click(folder, now_ms);
	ck_assert_int_ge(lock, 0);
	file_unlock(lock);
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
	ck_assert_int_eq(news(), OUTAGE_NO_NEWS);
}
END_TEST

/* A page's answer is shared when it has left, and meanwhile nobody else asks; a click's at once. */
START_TEST(told_late)
{
	struct calendar_place own = calendar_place(&conf, &only, arena);
	struct calendar_cache kept;
	char *dir = arena_str(arena, folder);
	struct fail fail;
	int lock;

	conf.site.runtime_dir = dir;
	upstream.tells_late = true;
	ck_assert_int_eq(calendar_ask_tell(&upstream, &fail), ERR_NONE);
	ck_assert_int_eq(ask(CALENDAR_FOR_PAGE, window), 1);
	expect(CALENDAR_FRESH, 5000000);
	ck_assert(!calendar_cache_load(&own, arena, &kept));
	ck_assert_int_lt(calendar_cache_lock(folder), 0);
	ck_assert_int_eq(calendar_ask_tell(&upstream, &fail), ERR_NONE);
	ck_assert(calendar_cache_load(&own, arena, &kept));
	ck_assert_int_eq(kept.asked_ms, 5000000);
	lock = calendar_cache_lock(folder);
	ck_assert_int_ge(lock, 0);
	file_unlock(lock);
	ck_assert_int_eq(ask(CALENDAR_FOR_PAGE, window), 0);
	ck_assert_int_eq(calendar_ask_tell(&upstream, &fail), ERR_NONE);

	now_ms += 1;
	ck_assert_int_eq(ask(CALENDAR_FOR_CLICK, window), 1);
	ck_assert(calendar_cache_load(&own, arena, &kept));
	ck_assert_int_eq(kept.asked_ms, 5000001);

	/* What fails says so, once. */
	now_ms += FRESH_S * 1000 + 1;
	ck_assert_int_eq(ask(CALENDAR_FOR_PAGE, window), 1);
	strcpy(dir, "/nowhere");
	ck_assert_int_eq(calendar_ask_tell(&upstream, &fail), ERR_SYSTEM);
	ck_assert_int_eq(fail.code, ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(fail.detail, "/nowhere"));
	ck_assert_int_eq(calendar_ask_tell(&upstream, &fail), ERR_NONE);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("calendar_ask");
	TCase *asking = tcase_create("ask"), *calendars = tcase_create("several");
	SRunner *runner = srunner_create(suite);
	int failed;

	use_built_reader();
	tcase_add_checked_fixture(asking, set_up, tear_down);
	tcase_add_test(asking, page);
	tcase_add_test(asking, another_asks);
	tcase_add_test(asking, click);
	tcase_add_loop_test(asking, asked_in_vain, 0, (int)COUNT(outages));
	tcase_add_test(asking, page_after_an_outage);
	tcase_add_test(asking, click_in_a_hurry);
	tcase_add_test(asking, stopping);
	tcase_add_test(asking, operator_asks);
	tcase_add_test(asking, spared);
	tcase_add_test(asking, as_a_page);
	tcase_add_test(asking, not_used);
	tcase_add_test(asking, not_shared);
	tcase_add_test(asking, told_late);
	suite_add_tcase(suite, asking);
	tcase_add_checked_fixture(calendars, set_up_several, tear_down);
	tcase_add_test(calendars, one_question_an_account);
	tcase_add_test(calendars, one_that_fails);
	tcase_add_test(calendars, calendars_that_do_not_count);
	tcase_add_test(calendars, hurry_of_several);
	tcase_add_test(calendars, spared_of_several);
	tcase_add_test(calendars, fetched);
	tcase_add_test(calendars, on_a_server);
	tcase_add_loop_test(calendars, one_of_three_kinds_fails, 0, 3);
	tcase_add_test(calendars, as_many_as_there_may_be);
	tcase_add_loop_test(calendars, turn_of_another, 0, (int)COUNT(turns));
	suite_add_tcase(suite, calendars);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

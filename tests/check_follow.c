/* SPDX-License-Identifier: MIT */
/* check_follow.c: what follows from an accepted entry, and what a machine tells of itself, in the
 * courier's world */
#include "courier_world.h"
#include "desk/follow.h"
#include "desk/look.h"
#include "desk/metrics.h"
#include "desk/pools.h"
#include "core/plain.h"
#include "store/calendar_cache.h"

#include "base/roll.h"

#define LINK "https://meet.google.com/abc-defg-hij"
#define READY                                                                                      \
	",\"conferenceData\":{\"entryPoints\":[{\"entryPointType\":\"video\",\"uri\":\"" LINK      \
	"\"}]}"

static struct arena *arena;
static struct uuid booking;
static struct followed followed;

static void begin(void)
{
	set_up();
	arena = arena_new(64 << 20);
	ck_assert_ptr_nonnull(arena);
	booking = add_lead(7, 0);
}

static void end(void)
{
	arena_free(arena);
	tear_down();
}

static struct booking now(void)
{
	return booking_merge(world.ledger, &booking, lead_of(&booking));
}

static int64_t in_hours(int hours)
{
	return (clock_wall_s() / 60 + hours * 60) * 60;
}

/* A command is accepted, and carried out. */
static void command(enum entry_kind kind, int hours)
{
	const struct follower follower = {.upstream = &courier.upstream,
	    .templates = courier.style.templates,
	    .zone = courier.zone,
	    .google_deadline = world.boot_ms + 5000};
	struct booking before = now(), after;

	add_entry(booking, kind, hours ? in_hours(hours) : 0);
	after = now();
	world.rows_put = world.inserts = world.deletes = 0;
	follow_entry(&follower, arena, &before, &after, &followed);
}

static void expect(unsigned rows, unsigned inserts, unsigned deletes)
{
	ck_assert_uint_eq(world.rows_put, rows);
	ck_assert_uint_eq(world.inserts, inserts);
	ck_assert_uint_eq(world.deletes, deletes);
}

static void expect_events(const char *first)
{
	ck_assert_uint_eq(world.event_count, first ? 1 : 0);
	if (first)
		ck_assert_str_eq(world.events[0], first);
}

START_TEST(first_call)
{
	char id[EVENT_ID];

	command(ENTRY_BOOK, 48);
	expect(1, 1, 0);
	ck_assert_int_eq(followed.row.code + followed.event.code + followed.old_event.code, 0);
	ck_assert_ptr_nonnull(strstr(world.last_row, "\tbooked\t"));
	expect_events(calendar_event_id(&booking, now().version, id));
}
END_TEST

/* The event of the call before goes, and no other. */
START_TEST(move)
{
	char id[EVENT_ID];

	command(ENTRY_BOOK, 48);
	command(ENTRY_BOOK, 50);
	expect(1, 1, 1);
	expect_events(calendar_event_id(&booking, now().version, id));
}
END_TEST

START_TEST(cancel)
{
	command(ENTRY_BOOK, 48);
	command(ENTRY_CANCEL, 0);
	expect(1, 0, 1);
	expect_events(NULL);
	ck_assert_ptr_nonnull(strstr(world.last_row, "\tcancelled\t"));
	/* Booked again there is no call before. */
	command(ENTRY_BOOK, 52);
	expect(1, 1, 0);
}
END_TEST

/* A row from an earlier system never had an event of ours. */
START_TEST(move_of_an_imported_row)
{
	lead_of(&booking)->status = LEAD_BOOKED;
	lead_of(&booking)->slot = (struct interval){in_hours(48), in_hours(49)};
	ck_assert_int_eq(now().state, BOOKING_BOOKED);
	command(ENTRY_BOOK, 50);
	expect(1, 1, 0);
}
END_TEST

/* What does not succeed holds up nothing else, and is told. */
START_TEST(row_that_fails)
{
	world.row_err = ERR_UNSURE;
	command(ENTRY_BOOK, 48);
	expect(0, 1, 0);
	ck_assert_int_eq(followed.row.code, ERR_UNSURE);
	ck_assert_int_eq(followed.event.code, ERR_NONE);
}
END_TEST

START_TEST(calendar_that_fails)
{
	command(ENTRY_BOOK, 48);
	world.answers[OUTSIDE_GOOGLE].status = 503;
	command(ENTRY_BOOK, 50);
	expect(1, 0, 0);
	ck_assert_int_eq(followed.row.code, ERR_NONE);
	ck_assert_int_eq(followed.event.code, ERR_BUSY);
	ck_assert_int_eq(followed.old_event.code, ERR_BUSY);
}
END_TEST

/* ---- A video call of the call's own */

static void with_meet(void)
{
	reopen_courier("[google]\nmeet = yes\n");
}

START_TEST(video_call)
{
	with_meet();
	world.conference = READY;
	command(ENTRY_BOOK, 48);
	/* The row without it comes first. */
	expect(2, 1, 0);
	ck_assert_str_eq(followed.video, LINK);
	ck_assert_ptr_nonnull(strstr(world.last_row, "\t" LINK "\n"));
}
END_TEST

START_TEST(video_call_that_is_not_made_yet)
{
	with_meet();
	command(ENTRY_BOOK, 48);
	expect(1, 1, 0);
	ck_assert_ptr_null(followed.video);
}
END_TEST

/* A row that may not be there does not come to stand by its second writing alone. */
START_TEST(video_call_of_a_row_that_fails)
{
	with_meet();
	world.conference = READY;
	world.row_err = ERR_UNREACHABLE;
	command(ENTRY_BOOK, 48);
	expect(0, 1, 0);
	ck_assert_int_eq(followed.row.code, ERR_UNREACHABLE);
}
END_TEST

/* A link that the row has stays. */
START_TEST(video_call_that_stays)
{
	with_meet();
	world.conference = READY;
	lead_of(&booking)->video = "https://meet.google.com/zzz-zzzz-zzz";
	command(ENTRY_BOOK, 48);
	expect(1, 1, 0);
	ck_assert_ptr_nonnull(strstr(world.last_row, "/zzz-zzzz-zzz\n"));
}
END_TEST

/* An account that has none gets its event all the same. */
static const struct {
	int status;
	unsigned inserts;
	enum err err;
} refusals[] = {
    {403, 1, ERR_NONE},
    {400, 1, ERR_NONE},
    {503, 0, ERR_BUSY},
    {404, 0, ERR_REFUSED},
};

START_TEST(account_without_video_calls)
{
	with_meet();
	world.conference_status = refusals[_i].status;
	command(ENTRY_BOOK, 48);
	expect(1, refusals[_i].inserts, 0);
	if (refusals[_i].err == ERR_NONE)
		ck_assert_int_eq(followed.event.code, ERR_NONE);
	else
		ck_assert_int_ne(followed.event.code, ERR_NONE);
}
END_TEST

/* Without one an event is tried once. */
START_TEST(event_that_is_refused)
{
	world.insert_status = 403;
	command(ENTRY_BOOK, 48);
	ck_assert_int_ne(followed.event.code, ERR_NONE);
	ck_assert_uint_eq(world.requests[OUTSIDE_GOOGLE], 2); /* a token, and this */
}
END_TEST

/* ---- Its words */

START_TEST(long_brief_keeps_its_link)
{
	static char brief[30000];
	struct event event = {0};
	struct lead lead = *lead_of(&booking);
	char id[UUID_TEXT];

	/* Two units of UTF-16 each. */
	for (size_t i = 0; i + 4 < sizeof(brief); i += 4)
		memcpy(brief + i, "\xf0\x9f\x98\x80", 4);
	lead.brief = brief;
	follow_describe(courier.conf, courier.style.templates, arena, &lead, &event);
	ck_assert_ptr_nonnull(strstr(event.link, uuid_format(&booking, id)));
	ck_assert_ptr_nonnull(strstr(event.description, id));
	ck_assert_ptr_nonnull(strstr(event.description, "ada@example.com"));
	ck_assert_uint_le(plain_length(event.description), 8192);
	ck_assert_uint_gt(plain_length(event.description), 7000);
	ck_assert_ptr_nonnull(strstr(event.summary, "Ada"));
	/* One that is not too long is there to its end. */
	strcpy(brief + 900, " the end.");
	follow_describe(courier.conf, courier.style.templates, arena, &lead, &event);
	ck_assert_ptr_nonnull(strstr(event.description, " the end."));
	/* What Google refused is in one of them. */
	follow_describe_least(courier.conf, &event);
	ck_assert_str_eq(event.summary, "Avo");
	ck_assert_str_eq(event.description, event.link);
}
END_TEST

static const char *description_of(const char *brief)
{
	struct event event = {0};
	struct lead lead = *lead_of(&booking);

	lead.brief = brief;
	follow_describe(courier.conf, courier.style.templates, arena, &lead, &event);
	return event.description;
}

/* Google takes 8192 characters: a brief is whole up to there, and cut from there on. */
START_TEST(longest_description)
{
	static char brief[17000];
	size_t len = 8192 - plain_length(description_of("a")) + 1, at = 0;

	/* Of a brief that has fewer characters. */
	for (; len > 100; len -= 2, at += 4)
		memcpy(brief + at, "\xf0\x9f\x98\x80", 4);
	memset(brief + at, 'a', len);
	ck_assert_uint_eq(plain_length(description_of(brief)), 8192);
	ck_assert_ptr_nonnull(strstr(description_of(brief), brief));
	brief[at + len] = 'a';
	ck_assert_uint_lt(plain_length(description_of(brief)), 8192);
	ck_assert_ptr_null(strstr(description_of(brief), brief));
	ck_assert_ptr_nonnull(strstr(description_of(brief), "…"));
}
END_TEST

/* ---- Every event of an erased booking */

static void refuse_the_rest(void)
{
	world.answers[OUTSIDE_GOOGLE].status = 503;
}

START_TEST(events_of_an_erased_booking)
{
	size_t count = 99;

	world.event_booking = booking;
	for (int version = 2; version < 5; version++)
		calendar_event_id(&booking, (uint64_t)version, world.events[world.event_count++]);
	ck_assert_int_eq(follow_unlist(&courier.upstream, arena, &booking, world.boot_ms + 5000,
			     &count, &failure),
	    ERR_NONE);
	ck_assert_uint_eq(count, 3);
	ck_assert_uint_eq(world.deletes, 3);
	ck_assert_uint_eq(world.event_count, 0);
	ck_assert_int_eq(follow_unlist(&courier.upstream, arena, &booking, world.boot_ms + 5000,
			     &count, &failure),
	    ERR_NONE);
	ck_assert_uint_eq(count, 0);
	world.events[world.event_count++][0] = 'a';
	world.on_list = refuse_the_rest;
	ck_assert_int_eq(follow_unlist(&courier.upstream, arena, &booking, world.boot_ms + 5000,
			     &count, &failure),
	    ERR_BUSY);
	ck_assert_uint_eq(count, 0);
	world.on_list = NULL;
	world.answers[OUTSIDE_GOOGLE].status = 503;
	ck_assert_int_eq(follow_unlist(&courier.upstream, arena, &booking, world.boot_ms + 5000,
			     &count, &failure),
	    ERR_BUSY);
}
END_TEST

/* ---- A look at what stands */

/* What somebody saw is brought up to now, or stays as it was seen. */
START_TEST(looked_at_again)
{
	const struct uuid nobody = {{1}};
	struct booking seen, found;
	struct look_ledger ledger;

	command(ENTRY_BOOK, 48);
	seen = now();
	add_entry(booking, ENTRY_CANCEL, 0);
	world.refresh_err = ERR_UNREACHABLE;
	ck_assert_int_eq(look_again(&courier.upstream, arena, &seen, &failure), ERR_UNREACHABLE);
	ck_assert_int_eq(seen.state, BOOKING_BOOKED);
	ck_assert_int_eq(
	    look_at_ledger(&courier.upstream, arena, &ledger, &failure), ERR_UNREACHABLE);
	world.refresh_err = ERR_NONE;
	ck_assert_int_eq(look_again(&courier.upstream, arena, &seen, &failure), ERR_NONE);
	ck_assert_int_eq(seen.state, BOOKING_CANCELLED);
	ck_assert_int_eq(look_at_ledger(&courier.upstream, arena, &ledger, &failure), ERR_NONE);
	ck_assert_uint_eq(ledger.entries, world.entries);
	ck_assert_uint_eq(ledger.newest, seen.version);
	ck_assert_uint_eq(ledger.before + world.entries, ledger.newest);
	ck_assert_int_eq(look_up(&courier.upstream, arena, &booking, &found, &failure), ERR_NONE);
	ck_assert_uint_eq(found.version, seen.version);
	world.look_err = ERR_BUSY;
	ck_assert_int_eq(look_up(&courier.upstream, arena, &booking, &found, &failure), ERR_BUSY);
	world.look_err = ERR_NONE;
	ck_assert_int_eq(
	    look_up(&courier.upstream, arena, &nobody, &found, &failure), ERR_NOT_FOUND);
}
END_TEST

/* ---- What the machine tells of itself */

static const char *metrics(void)
{
	struct text text = text_new(arena, 256 * 1024);

	metrics_write(&courier.upstream, courier.upstream.counters, arena, &text);
	ck_assert(!text_overflowed(&text));
	return text.data;
}

static void tells(const char *line)
{
	const char *text = metrics();

	ck_assert_msg(strstr(text, arena_printf(arena, "\nslotguard_%s\n", line)), "%s: not in %s",
	    line, text);
}

START_TEST(gauges)
{
	const struct calendar_place place =
	    calendar_place(courier.conf, &courier.conf->calendars.list[0], arena);
	const struct calendar_cache answer = {
	    .asked_ms = world.boot_ms - 7000, .window = {clock_wall_s(), clock_wall_s() + 86400}};
	bool is_new;

	tells("calendar_up 1");
	tells("calendar_outage_seconds 0");
	/* Without an answer, since the machine's start. */
	tells("calendar_answer_age_seconds 1000");
	tells("courier_up 0");
	tells("courier_last_round_seconds 1000");
	tells("courier_backlog 0");
	tells("courier_oldest_due_seconds 0");
	tells("workers{pool=\"pages\"} 0");
	tells("pool_up{pool=\"pages\"} 0");
	tells("clickhouse_up 1");
	tells("spool_briefs 0");
	tells("spool_damaged 0");
	/* Tries, and nothing that only waits to be tried. */
	tells("deliveries_total{duty=\"mail\",state=\"trying\"} 0");
	tells("deliveries_total{duty=\"mail\",state=\"done\"} 0");
	ck_assert_ptr_null(strstr(metrics(), "state=\"due\""));

	ck_assert_int_eq(calendar_cache_store(&place, arena, &answer, &failure), ERR_NONE);
	ck_assert_int_eq(
	    outage_note(&place, arena, world.boot_ms + 1000, OUTAGE_DOWN, &is_new, &failure),
	    ERR_NONE);
	world.boot_ms += 3000;
	world.version_err = ERR_UNREACHABLE;
	put_file("1796000000123-0123abcd-4567-4abc-8def-0123456789ab.json", "{}");
	put_file("1796000000124-0123abcd-4567-4abc-8def-0123456789ab.json.damaged", "{}");
	put_file("1796000000125-0123abcd-4567-4abc-8def-0123456789ab.json.damaged", "{}");
	tells("calendar_up 0");
	tells("calendar_outage_seconds 3");
	tells("calendar_answer_age_seconds 10");
	tells("clickhouse_up 0");
	tells("spool_briefs 1");
	tells("spool_damaged 2");
}
END_TEST

/* One that stands still does not count any more: it was there, and has looked within two minutes.
 */
START_TEST(courier_that_is_up)
{
	counters_set(courier.upstream.counters, GAUGE_COURIER_ROUND_MS, world.boot_ms);
	tells("courier_up 0");
	roll_enter(folder, ROLL_COURIER);
	world.boot_ms += COURIER_SILENT_S * 1000;
	tells("courier_up 1");
	tells("courier_last_round_seconds 120");
	world.boot_ms += 1000;
	tells("courier_up 0");
	counters_set(courier.upstream.counters, GAUGE_COURIER_ROUND_MS, 0);
	tells("courier_up 0");
	counters_set(courier.upstream.counters, GAUGE_BACKLOG, 3);
	counters_set(courier.upstream.counters, GAUGE_BACKLOG_SINCE_MS, world.boot_ms - 5000);
	tells("courier_backlog 3");
	tells("courier_oldest_due_seconds 5");
}
END_TEST

/* What is outside is asked by the way that the configuration names. */
START_TEST(proxy)
{
	ck_assert_str_eq(world.proxy, "");
	reopen_courier("[network]\nproxy = http://127.0.0.1:8\n");
	ck_assert_str_eq(world.proxy, "http://127.0.0.1:8");
}
END_TEST

/* Whatever place they have in the configuration. */
START_TEST(calendars_on_servers)
{
	static const char *const credentials[] = {
	    "b-caldav-user", "b-caldav-password", "c-caldav-user", "c-caldav-password"};

	for (size_t i = 0; i < COUNT(credentials); i++)
		put_file(credentials[i], "avo");
	reopen_courier("[calendar a]\nwrites = yes\n"
		       "[calendar b]\nkind = caldav\nurl = http://127.0.0.1:5/avo/b/\n"
		       "[calendar c]\nkind = caldav\nurl = http://127.0.0.1:5/avo/c/\n");
	ck_assert_ptr_null(courier.upstream.caldavs[0]);
	ck_assert_ptr_nonnull(courier.upstream.caldavs[1]);
	ck_assert_ptr_nonnull(courier.upstream.caldavs[2]);
	ck_assert_ptr_null(courier.upstream.caldav);
	ck_assert_ptr_eq(courier.upstream.google, courier.upstream.accounts[0]);
	ck_assert_ptr_null(courier.upstream.accounts[1]);
}
END_TEST

/* Those of one account share it, whatever place they have, and with it what it is asked. */
START_TEST(calendars_of_one_account)
{
	struct upstream *upstream = &courier.upstream;

	put_file("club-google-refresh-token", "1//club");
	reopen_courier(
	    "[calendar club]\ncalendar = club@example.com\n[calendar work]\nwrites = yes\n"
	    "[calendar home]\ncalendar = home@example.com\n");
	ck_assert_ptr_nonnull(upstream->accounts[0]);
	ck_assert_ptr_nonnull(upstream->accounts[1]);
	ck_assert_ptr_ne(upstream->accounts[0], upstream->accounts[1]);
	ck_assert_ptr_eq(upstream->accounts[2], upstream->accounts[1]);
	ck_assert_ptr_eq(upstream->google, upstream->accounts[1]);
}
END_TEST

/* What one program has replayed the next one goes on from. */
START_TEST(replay_that_is_kept)
{
	ck_assert_str_eq(world.kept_in, folder);
}
END_TEST

/* What the clocks of others show is kept where all programs of the machine see it. */
START_TEST(clocks_of_others)
{
	ck_assert_ptr_nonnull(world.clocks);
	ck_assert_ptr_eq(world.clocks, counters_clocks(courier.upstream.counters));
}
END_TEST

/* A pool without a socket here listens elsewhere, and does well while it has workers. */
START_TEST(pools)
{
	ck_assert_str_eq(pool_name(POOL_CLICKS), "clicks");
	ck_assert_ptr_null(pool_name(POOLS));
	ck_assert(!pool_is_up(courier.conf, POOL_PAGES, world.boot_ms + 1000));
	roll_enter(folder, "pages");
	ck_assert(pool_is_up(courier.conf, POOL_PAGES, world.boot_ms + 1000));
	ck_assert(!pool_is_up(courier.conf, POOL_CLICKS, world.boot_ms + 1000));
	tells("workers{pool=\"pages\"} 1");
	tells("workers{pool=\"clicks\"} 0");
	/* One that is no socket is none that answers. */
	put_file("worker.sock", "");
	ck_assert(!pool_is_up(courier.conf, POOL_PAGES, world.boot_ms + 1000));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("follow");
	TCase *all = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(all, begin, end);
	tcase_add_test(all, first_call);
	tcase_add_test(all, move);
	tcase_add_test(all, cancel);
	tcase_add_test(all, move_of_an_imported_row);
	tcase_add_test(all, row_that_fails);
	tcase_add_test(all, calendar_that_fails);
	tcase_add_test(all, video_call);
	tcase_add_test(all, video_call_that_is_not_made_yet);
	tcase_add_test(all, video_call_of_a_row_that_fails);
	tcase_add_test(all, video_call_that_stays);
	tcase_add_loop_test(all, account_without_video_calls, 0, (int)COUNT(refusals));
	tcase_add_test(all, event_that_is_refused);
	tcase_add_test(all, long_brief_keeps_its_link);
	tcase_add_test(all, longest_description);
	tcase_add_test(all, events_of_an_erased_booking);
	tcase_add_test(all, gauges);
	tcase_add_test(all, looked_at_again);
	tcase_add_test(all, courier_that_is_up);
	tcase_add_test(all, proxy);
	tcase_add_test(all, calendars_on_servers);
	tcase_add_test(all, calendars_of_one_account);
	tcase_add_test(all, replay_that_is_kept);
	tcase_add_test(all, clocks_of_others);
	tcase_add_test(all, pools);
	suite_add_tcase(suite, all);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

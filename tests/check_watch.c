/* SPDX-License-Identifier: MIT */
/* check_watch.c: what the courier does of itself, in a world that the test moves: briefs of the
 * spool, outages, days without an open start, and the link of a video call */
#include "courier/watch.h"
#include "courier_world.h"
#include "reader.h"
#include "store/calendar_cache.h"
#include "store/formers.h"
#include "store/spool.h"

#include <fcntl.h>
#include <sys/file.h>

/* ---- The spool ---- */

static struct arena *arena;

static void begin(void)
{
	set_up();
	arena = arena_new(1 << 20);
	ck_assert_ptr_nonnull(arena);
	/* It has read what was told before. */
	live(1000);
}

static void end(void)
{
	arena_free(arena);
	tear_down();
}

static const char *spooled(int number)
{
	static char name[100];
	char id[UUID_TEXT];
	const struct uuid booking = id_of(number);

	snprintf(name, sizeof(name), "%" PRId64 "-%s.json", START_MS + number,
	    uuid_format(&booking, id));
	return name;
}

static void spool(int number)
{
	struct lead lead;

	lead_clear(&lead);
	lead.booking = id_of(number);
	lead.created_ms = START_MS + number;
	lead.owner = "main";
	lead.name = "Ada";
	lead.email = "ada@example.com";
	lead.brief = "Words.";
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_NONE);
}

static bool is_there(const char *name)
{
	return access(path_of(name), F_OK) == 0;
}

static unsigned owed(int number)
{
	const struct uuid booking = id_of(number);

	return recorded(&booking, DUTY_SPOOLED, DELIVERY_DUE);
}

/* Its row, a link that is owed, a word to the operator; and then the file may go. */
START_TEST(brief_of_the_spool)
{
	const struct uuid booking = id_of(7);

	spool(7);
	live(400);
	ck_assert_uint_eq(world.rows_put, 1);
	ck_assert_ptr_nonnull(strstr(world.last_row, "\tada@example.com\t"));
	ck_assert_uint_eq(owed(7), 1);
	ck_assert_uint_eq(recorded(&booking, DUTY_SPOOL_ALERT, DELIVERY_DUE), 1);
	ck_assert(!is_there(spooled(7)));
	live(10000);
	ck_assert_uint_eq(world.rows_put, 1);
}
END_TEST

/* What waits for a mail anyway gets no second one; what is blocked is not taken; and beyond the
 * limit of all together it is answered all the same. */
static const struct {
	const char *people;
	enum err err;
	unsigned rows, owed;
} judged[] = {
    {"0\t0\t0\t0\n", ERR_NONE, 1, 1},
    {"0\t0\t0\t1\n", ERR_NONE, 0, 0},
    {"1000\t0\t0\t0\n", ERR_NONE, 0, 0},
    {"0\t1000\t0\t0\n", ERR_NONE, 1, 0},
    {"0\t0\t1000000\t0\n", ERR_NONE, 1, 1},
    /* A user from before this was asked has no right to; no brief waits for that. */
    {NULL, ERR_AUTH, 1, 1},
};

static char (*kept_rows)[2000];

static void keep_row(const char *row)
{
	snprintf(kept_rows[world.rows_put], sizeof(kept_rows[0]), "%s", row);
}

/* The store had it under another id already, with words that its sender has corrected since; unless
 * that was corrected, too. */
START_TEST(brief_of_the_spool_is_a_correction)
{
	char first[UUID_TEXT], second[UUID_TEXT], rows[2][2000];
	struct lead *former, lead;

	add_lead(7, 60000);
	former = &world.leads[0];
	former->form = id_of(77);
	former->booking = formers_name(former, NULL);
	lead = *former;
	lead.brief = "Better words.";
	lead.held = _i ? LEAD_SUPERSEDED : "";
	lead.created_ms = clock_wall_ms();
	lead.booking = formers_name(&lead, &former->booking);
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_NONE);
	world.finds_alike = true;
	kept_rows = rows;
	world.on_row = keep_row;
	live(200);
	ck_assert_uint_eq(world.rows_put, _i ? 1 : 2);
	ck_assert_int_eq(strncmp(rows[0], uuid_format(&lead.booking, second), 36), 0);
	if (_i)
		return;
	ck_assert_ptr_null(strstr(rows[0], LEAD_SUPERSEDED));
	ck_assert_int_eq(strncmp(rows[1], uuid_format(&former->booking, first), 36), 0);
	ck_assert_ptr_nonnull(strstr(rows[1], LEAD_SUPERSEDED));
}
END_TEST

START_TEST(brief_of_the_spool_is_judged)
{
	world.people = judged[_i].people;
	world.people_err = judged[_i].err;
	spool(7);
	live(400);
	ck_assert_uint_eq(world.rows_put, judged[_i].rows);
	ck_assert_uint_eq(owed(7), judged[_i].owed);
	ck_assert(!is_there(spooled(7)));
}
END_TEST

/* The file stays until all of it is kept, and the next try comes five seconds later. */
START_TEST(spool_waits_for_the_store)
{
	world.row_err = ERR_UNREACHABLE;
	spool(7);
	spool(8);
	live(400);
	ck_assert(is_there(spooled(7)));
	ck_assert(is_there(spooled(8)));
	world.row_err = ERR_NONE;
	live(4000);
	ck_assert_uint_eq(world.rows_put, 0);
	live(1000);
	ck_assert_uint_eq(world.rows_put, 2);
	ck_assert(!is_there(spooled(7)));
	ck_assert(!is_there(spooled(8)));
}
END_TEST

START_TEST(spool_waits_for_its_records)
{
	world.refused = DELIVERY_DUE;
	world.refusals = 1;
	spool(7);
	live(400);
	/* What is refused for good is set aside, with a word to the operator. */
	ck_assert_uint_eq(owed(7), 0);
	ck_assert(!is_there(spooled(7)));
	ck_assert_int_gt(each_file(NULL), 0);
	ck_assert_uint_eq(recorded(&courier.place, DUTY_DAMAGED, DELIVERY_DUE), 1);
}
END_TEST

START_TEST(people_that_cannot_be_asked)
{
	world.people_err = ERR_BUSY;
	spool(7);
	live(400);
	ck_assert_uint_eq(world.rows_put, 0);
	ck_assert(is_there(spooled(7)));
	/* Nor are they asked in each round. */
	world.people_err = ERR_NONE;
	live(4000);
	ck_assert_uint_eq(world.rows_put, 0);
	live(1000);
	ck_assert_uint_eq(world.rows_put, 1);
}
END_TEST

/* Who was erased meanwhile does not come back. */
START_TEST(erased_meanwhile)
{
	struct uuid booking = add_lead(7, 0);

	add_entry(booking, ENTRY_ERASE, 0);
	spool(7);
	live(400);
	ck_assert_uint_eq(world.rows_put, 0);
	ck_assert(!is_there(spooled(7)));
}
END_TEST

/* It is told before it is set aside, and holds nobody up. */
START_TEST(damaged_file)
{
	char name[120];

	snprintf(name, sizeof(name), "%s", spooled(7));
	put_file(name, "{\"booking_id\":");
	spool(8);
	live(2000);
	ck_assert(!is_there(name));
	snprintf(name, sizeof(name), "%s.damaged", spooled(7));
	ck_assert(is_there(name));
	ck_assert_uint_eq(recorded(&courier.place, DUTY_DAMAGED, DELIVERY_DONE), 1);
	ck_assert_uint_eq(world.rows_put, 1);
	ck_assert(!is_there(spooled(8)));
}
END_TEST

/* What is there and cannot be opened is damaged; what is gone by then is of no matter. */
static void lose_a_brief(const char *row)
{
	(void)row;
	unlink(path_of(spooled(9)));
}

START_TEST(file_that_is_none)
{
	char name[120];

	ck_assert_int_eq(mkdir(path_of(spooled(7)), 0700), 0);
	spool(8);
	spool(9);
	world.on_row = lose_a_brief;
	live(2000);
	snprintf(name, sizeof(name), "%s.damaged", spooled(7));
	ck_assert(is_there(name));
	ck_assert_uint_eq(recorded(&courier.place, DUTY_DAMAGED, DELIVERY_DONE), 1);
	ck_assert_uint_eq(world.rows_put, 1);
}
END_TEST

/* What a worker left when it was killed; no worker writes for a minute. What came later does not
 * wait for it. */
static const struct {
	int64_t age_s;
	bool is_whole, stays, is_taken;
} unfinished[] = {
    {59, true, true, false},
    {59, false, true, false},
    {60, true, false, true},
    {60, false, false, false},
};

/* One that is there and may not be read, here by a link to itself, is damaged, too. */
START_TEST(file_that_may_not_be_read)
{
	char name[120];

	snprintf(name, sizeof(name), "%s", spooled(7));
	ck_assert_int_eq(symlink(name, path_of(name)), 0);
	spool(8);
	live(6000);
	snprintf(name, sizeof(name), "%s.damaged", spooled(7));
	ck_assert(!is_there(spooled(8)));
	ck_assert_uint_eq(lines_of(DUTY_DAMAGED, DELIVERY_DONE), 1);
	unlink(path_of(name));
}
END_TEST

START_TEST(unfinished_file)
{
	struct timespec times[2] = {{0}};
	char name[700];

	spool(7);
	snprintf(name, sizeof(name), "%s.Ab12cD~", path_of(spooled(7)));
	ck_assert_int_eq(rename(path_of(spooled(7)), name), 0);
	if (!unfinished[_i].is_whole)
		ck_assert_int_eq(truncate(name, 20), 0);
	times[0].tv_sec = times[1].tv_sec = clock_wall_s() - unfinished[_i].age_s;
	ck_assert_int_eq(utimensat(AT_FDCWD, name, times, 0), 0);
	spool(8);
	live(1000);
	ck_assert_int_eq(access(name, F_OK) == 0, unfinished[_i].stays);
	ck_assert_uint_eq(world.rows_put, 1 + unfinished[_i].is_taken);
	ck_assert_uint_eq(recorded(&courier.place, DUTY_DAMAGED, DELIVERY_DUE), 0);
}
END_TEST

static void take_a_second(const char *row)
{
	(void)row;
	world.boot_ms += 1000;
}

static void stop_at_a_row(const char *row)
{
	(void)row;
	stopped = 1;
}

/* A long spool holds up neither mails and alerts nor the end of the courier. */
START_TEST(long_spool)
{
	for (int i = 0; i < 8; i++)
		spool(10 + i);
	world.on_row = take_a_second;
	courier_round(&courier);
	ck_assert_uint_eq(world.rows_put, 3);
	courier_round(&courier);
	ck_assert_uint_eq(world.rows_put, 6);
	world.on_row = stop_at_a_row;
	courier_round(&courier);
	ck_assert_uint_eq(world.rows_put, 7);
	stopped = 0;
}
END_TEST

START_TEST(spool_of_another_courier)
{
	int lock = spool_lock(folder, 0);

	ck_assert_int_ge(lock, 0);
	spool(7);
	live(1000);
	ck_assert_uint_eq(world.rows_put, 0);
	ck_assert_int_eq(close(lock), 0);
	live(1000);
	ck_assert_uint_eq(world.rows_put, 1);
}
END_TEST

/* ---- Clients ---- */

/* A network address that had its part of the day is told of once a day, while that is new. */
START_TEST(client_that_had_its_part)
{
	live(2000);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 0);
	counters_set(courier.upstream.counters, GAUGE_CLIENT_REFUSED_MS, world.boot_ms);
	live(4000);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 1);
	ck_assert_ptr_nonnull(
	    strstr(world.last[OUTSIDE_TELEGRAM], "text=TOO%20MUCH%20FROM%20ONE%20ADDRESS"));
	counters_set(courier.upstream.counters, GAUGE_CLIENT_REFUSED_MS, world.boot_ms);
	live(4000);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 1);
	world.boot_ms += DAY;
	live(4000);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 1);
	counters_set(courier.upstream.counters, GAUGE_CLIENT_REFUSED_MS, world.boot_ms);
	live(4000);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 2);
	/* It was written before this boot. */
	counters_set(courier.upstream.counters, GAUGE_CLIENT_REFUSED_MS, world.boot_ms + 5 * DAY);
	live(4000);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 2);
}
END_TEST

static const struct {
	int64_t ago_ms;
	unsigned told;
} refusals[] = {{-1, 0}, {0, 1}, {DAY - 1, 1}, {DAY, 0}};

/* It is news for a day. */
START_TEST(client_of_yesterday)
{
	world.boot_ms += 2 * DAY;
	counters_set(courier.upstream.counters, GAUGE_CLIENT_REFUSED_MS,
	    world.boot_ms - refusals[_i].ago_ms);
	courier_round(&courier);
	ck_assert_uint_eq(lines_of(DUTY_CLIENTS, DELIVERY_DUE), refusals[_i].told);
}
END_TEST

/* All that is due of a place is told at once. */
START_TEST(much_of_one_place)
{
	counters_set(courier.upstream.counters, GAUGE_CLIENT_REFUSED_MS, world.boot_ms);
	put_file(spooled(7), "{");
	live(2000);
	ck_assert_uint_eq(recorded(&courier.place, DUTY_CLIENTS, DELIVERY_DONE), 1);
	ck_assert_uint_eq(recorded(&courier.place, DUTY_DAMAGED, DELIVERY_DONE), 1);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 1);
}
END_TEST

/* ---- ClickHouse ---- */

/* No record can say it: each courier tells what lasts, once, and its end. */
START_TEST(store_is_away)
{
	unsigned *const told = &world.requests[OUTSIDE_TELEGRAM];

	world.changes_err = ERR_UNREACHABLE;
	live(59000);
	ck_assert_uint_eq(*told, 0);
	live(2000);
	ck_assert_uint_eq(*told, 1);
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_TELEGRAM], "CLICKHOUSE%20IS%20DOWN"));
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_TELEGRAM], "as%20it%20was%20told%20to"));
	live(600000);
	ck_assert_uint_eq(*told, 1);
	world.changes_err = ERR_NONE;
	live(400);
	ck_assert_uint_eq(*told, 2);
	ck_assert_ptr_null(strstr(world.last[OUTSIDE_TELEGRAM], "DOWN"));
	live(600000);
	ck_assert_uint_eq(*told, 2);
	/* The next one is an outage of its own. */
	world.changes_err = ERR_AUTH;
	live(59000);
	ck_assert_uint_eq(*told, 2);
	live(2000);
	ck_assert_uint_eq(*told, 3);
}
END_TEST

START_TEST(store_restarts)
{
	for (int i = 0; i < 3; i++) {
		world.changes_err = ERR_UNREACHABLE;
		live(50000);
		world.changes_err = ERR_NONE;
		live(20000);
	}
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 0);
}
END_TEST

/* What Telegram did not take is tried again, at a pace, and only while it is so. */
START_TEST(store_and_telegram_are_away)
{
	world.answers[OUTSIDE_TELEGRAM].status = 500;
	world.changes_err = ERR_UNREACHABLE;
	live(120200);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 5);
	world.answers[OUTSIDE_TELEGRAM].status = 0;
	live(15000);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 6);
	live(60000);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 6);
	world.answers[OUTSIDE_TELEGRAM] = (struct answer){.status = 429, .retry_after_s = 30};
	world.changes_err = ERR_NONE;
	live(400);
	world.answers[OUTSIDE_TELEGRAM].status = 0;
	live(29000);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 7);
	live(2000);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 8);
}
END_TEST

/* Without a bot there is nobody to be told. */
START_TEST(store_is_away_in_silence)
{
	courier.rules.has_telegram = false;
	world.changes_err = ERR_UNREACHABLE;
	live(120000);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 0);
}
END_TEST

/* ---- Outages, as the pool remembers them ---- */

static struct calendar_place calendar(void)
{
	return calendar_place(courier.conf, &courier.conf->calendars.list[0], arena);
}

static void note(enum outage_kind kind)
{
	const struct calendar_place place = calendar();
	bool is_new;

	ck_assert_int_eq(
	    outage_note(&place, arena, world.boot_ms + 1000, kind, &is_new, &failure), ERR_NONE);
}

static unsigned told(enum duty duty)
{
	return lines_of(duty, DELIVERY_DUE);
}

START_TEST(outage_and_its_end)
{
	world.answers[OUTSIDE_GOOGLE].err = ERR_UNREACHABLE;
	note(OUTAGE_DOWN);
	live(2000);
	ck_assert_uint_eq(told(DUTY_OUTAGE), 1);
	live(10000);
	ck_assert_uint_eq(told(DUTY_OUTAGE), 1);
	ck_assert_uint_eq(told(DUTY_OUTAGE_ENDED), 0);
	/* Nobody has to come for that. */
	world.answers[OUTSIDE_GOOGLE].err = ERR_NONE;
	world.boot_ms += 60000;
	live(2000);
	ck_assert_uint_eq(told(DUTY_OUTAGE_ENDED), 1);
	live(10000);
	ck_assert_uint_eq(told(DUTY_OUTAGE_ENDED), 1);
	ck_assert_uint_eq(told(DUTY_GOOGLE_REFUSED), 0);
	/* The next one is another. */
	world.answers[OUTSIDE_GOOGLE].err = ERR_UNREACHABLE;
	note(OUTAGE_DOWN);
	live(2000);
	ck_assert_uint_eq(told(DUTY_OUTAGE), 2);
	world.answers[OUTSIDE_GOOGLE].err = ERR_NONE;
	world.boot_ms += 60000;
	live(2000);
	ck_assert_uint_eq(told(DUTY_OUTAGE_ENDED), 2);
}
END_TEST

/* What only slow pages noticed is told when it lasts. */
START_TEST(slow_calendar)
{
	world.answers[OUTSIDE_GOOGLE].err = ERR_UNREACHABLE;
	note(OUTAGE_SLOW);
	/* Its last round is a minute after the first. */
	live(60200);
	ck_assert_uint_eq(told(DUTY_OUTAGE), 0);
	live(200);
	ck_assert_uint_eq(told(DUTY_OUTAGE), 1);
}
END_TEST

/* Credentials are renewed by a person: a clear no is told at once, and asked for twenty times less.
 */
START_TEST(calendar_that_refuses)
{
	unsigned down;

	world.answers[OUTSIDE_GOOGLE].err = ERR_UNREACHABLE;
	note(OUTAGE_DOWN);
	live(1000);
	world.requests[OUTSIDE_GOOGLE] = 0;
	live(courier.conf->google.retry_s * 10000);
	down = world.requests[OUTSIDE_GOOGLE];
	ck_assert_uint_ge(down, 9);
	ck_assert_uint_le(down, 11);
	note(OUTAGE_REFUSED);
	live(1000);
	ck_assert_uint_eq(told(DUTY_GOOGLE_REFUSED), 1);
	live(courier.conf->google.retry_s * 20000);
	world.requests[OUTSIDE_GOOGLE] = 0;
	live(courier.conf->google.retry_s * 20000);
	ck_assert_uint_eq(world.requests[OUTSIDE_GOOGLE], 1);
}
END_TEST

/* Whoever has mended it starts the courier anew, and pages ask again at once. */
START_TEST(calendar_that_was_mended)
{
	const struct calendar_place place = calendar();
	bool is_new;

	courier.round = 0;
	courier.rules.has_telegram = _i == 0;
	ck_assert_int_eq(
	    outage_note(&place, arena, world.boot_ms + 300000, OUTAGE_REFUSED, &is_new, &failure),
	    ERR_NONE);
	live(400);
	ck_assert_int_eq(outage_load(&place, arena).since_ms, 0);
	/* What begins later has its rest. */
	note(OUTAGE_DOWN);
	live(400);
	ck_assert_int_ne(outage_load(&place, arena).since_ms, 0);
}
END_TEST

/* What was told of a place before is not known until it was read, and nothing is told twice. */
START_TEST(place_that_was_not_read)
{
	struct agenda_item *item = agenda_find(&courier.agenda, &courier.calendar_places[0]);

	note(OUTAGE_DOWN);
	item->is_read = false;
	watch_outage(&courier);
	ck_assert_uint_eq(told(DUTY_OUTAGE), 0);
	item->is_read = true;
	watch_outage(&courier);
	ck_assert_uint_eq(told(DUTY_OUTAGE), 1);
}
END_TEST

/* Another of this machine asks already. */
START_TEST(one_asks_for_all)
{
	int lock = calendar_cache_lock(folder);

	ck_assert_int_ge(lock, 0);
	note(OUTAGE_DOWN);
	world.requests[OUTSIDE_GOOGLE] = 0;
	live(30000);
	ck_assert_uint_eq(world.requests[OUTSIDE_GOOGLE], 0);
	close(lock);
	live(30000);
	ck_assert_uint_ge(world.requests[OUTSIDE_GOOGLE], 1);
	ck_assert_uint_eq(told(DUTY_OUTAGE_ENDED), 1);
}
END_TEST

/* ---- Too little that is open ---- */

static void look_ahead(const char *low_slots, const char *busy)
{
	char more[200];

	snprintf(more, sizeof(more), "low_slots = %s\n", low_slots);
	reopen_courier(more);
	live(1000);
	world.busy = busy;
	courier.shortage_look_ms = 0;
	live(3000);
}

#define ALWAYS "{\"start\":\"2026-01-01T00:00:00Z\",\"end\":\"2027-12-31T00:00:00Z\"}"

START_TEST(enough_is_open)
{
	look_ahead("1", NULL);
	ck_assert_uint_eq(told(DUTY_LOW_SLOTS), 0);
	ck_assert_uint_eq(told(DUTY_BUSY_DAY), 0);
	/* The next look comes ten minutes later. */
	world.busy = ALWAYS;
	live(597000);
	ck_assert_uint_eq(told(DUTY_LOW_SLOTS), 0);
	live(200);
	ck_assert_uint_eq(told(DUTY_LOW_SLOTS), 1);
}
END_TEST

START_TEST(too_little_is_open)
{
	look_ahead("10000", NULL);
	ck_assert_uint_eq(told(DUTY_LOW_SLOTS), 1);
	/* Once a day. */
	courier.shortage_look_ms = 0;
	live(3000);
	ck_assert_uint_eq(told(DUTY_LOW_SLOTS), 1);
	world.boot_ms += INT64_C(86400000);
	courier.shortage_look_ms = 0;
	live(3000);
	ck_assert_uint_eq(told(DUTY_LOW_SLOTS), 2);
}
END_TEST

START_TEST(nothing_is_open)
{
	look_ahead("1", ALWAYS);
	ck_assert_uint_eq(told(DUTY_LOW_SLOTS), 1);
	/* Each day that the calendar closes. */
	ck_assert_uint_ge(told(DUTY_BUSY_DAY), 5);
}
END_TEST

/* One question in vain is no outage yet. */
START_TEST(calendar_that_does_not_answer)
{
	unsigned looks;

	reopen_courier("low_slots = 10000\n[google]\noutage = closed\n");
	live(1000);
	world.answers[OUTSIDE_GOOGLE].err = ERR_UNREACHABLE;
	courier.shortage_look_ms = 0;
	live(1000);
	ck_assert_uint_eq(told(DUTY_LOW_SLOTS), 0);
	live(courier.conf->google.retry_s * 1000 + 2000);
	ck_assert_uint_eq(told(DUTY_LOW_SLOTS), 1);
	/* The next one is asked a minute later. */
	looks = world.looks;
	live(50000);
	ck_assert_uint_eq(world.looks, looks);
	live(10000);
	ck_assert_uint_eq(world.looks, looks + 1);
}
END_TEST

/* ---- A calendar that is a file ---- */

#define EVENT(start, end)                                                                          \
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:1\r\n"           \
	"DTSTAMP:20260101T000000Z\r\nDTSTART:" start "\r\nDTEND:" end                              \
	"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

static void with_feed(const char *file)
{
	world.feed = file;
	reopen_courier("[calendar main]\nwrites = yes\n[calendar home]\nkind = ics\n"
		       "url = http://127.0.0.1:4/home.ics\nevery_minutes = 5\n");
	live(1000);
}

/* What pages find of it: how many events, or -1. */
static int busy_of_feed(void)
{
	const struct calendar_place place =
	    calendar_place(courier.conf, &courier.conf->calendars.list[1], arena);
	struct calendar_cache cache;

	return calendar_cache_load(&place, arena, &cache) ? (int)cache.busy.count : -1;
}

static bool is_feed_down(void)
{
	const struct calendar_place place =
	    calendar_place(courier.conf, &courier.conf->calendars.list[1], arena);

	return outage_load(&place, arena).since_ms != 0;
}

START_TEST(feed_is_fetched)
{
	with_feed(EVENT("20261203T150000Z", "20261203T160000Z"));
	ck_assert_uint_eq(world.requests[OUTSIDE_FEED], 1);
	ck_assert_int_eq(busy_of_feed(), 1);
	/* Not before its time, and then only when it has changed. */
	live(299000);
	ck_assert_uint_eq(world.requests[OUTSIDE_FEED], 1);
	ck_assert_uint_eq(world.marks, 0);
	world.answers[OUTSIDE_FEED].status = 304;
	live(200);
	ck_assert_uint_eq(world.requests[OUTSIDE_FEED], 2);
	ck_assert_uint_eq(world.marks, 1);
	ck_assert_int_eq(busy_of_feed(), 1);
	live(200000);
	ck_assert_uint_eq(world.requests[OUTSIDE_FEED], 2);
	/* What one that began just now finds is not fetched anew. */
	reopen_courier("[calendar main]\nwrites = yes\n[calendar home]\nkind = ics\n"
		       "url = http://127.0.0.1:4/home.ics\nevery_minutes = 5\n");
	live(20000);
	ck_assert_uint_eq(world.requests[OUTSIDE_FEED], 2);
	ck_assert(!is_feed_down());
}
END_TEST

/* What was fetched when less was open does not tell of the days that pages show now. */
START_TEST(feed_of_a_longer_window)
{
	with_feed(EVENT("20261203T150000Z", "20261203T160000Z"));
	reopen_courier("[calendar home]\nkind = ics\n"
		       "url = http://127.0.0.1:4/home.ics\nevery_minutes = 5\n"
		       "[calendar main]\nwrites = yes\n[hours]\nwindow_days = 60\n");
	live(1000);
	ck_assert_uint_eq(world.requests[OUTSIDE_FEED], 2);
	ck_assert_uint_eq(world.marks, 0);
}
END_TEST

/* What reaches just as far as pages do is enough. */
START_TEST(feed_of_the_same_window)
{
	struct calendar_place place;
	struct calendar_cache cache;

	with_feed(EVENT("20261203T150000Z", "20261203T160000Z"));
	place = calendar_place(courier.conf, &courier.conf->calendars.list[1], arena);
	ck_assert(calendar_cache_load(&place, arena, &cache));
	cache.asked_ms = world.boot_ms;
	cache.window = slots_window(&courier.hours, courier.zone, START_MS / 1000);
	cache.window.end += DAY_S;
	ck_assert_int_eq(calendar_cache_store(&place, arena, &cache, &failure), ERR_NONE);
	live(299000);
	ck_assert_uint_eq(world.requests[OUTSIDE_FEED], 1);
	live(2000);
	ck_assert_uint_eq(world.requests[OUTSIDE_FEED], 2);
	ck_assert_uint_eq(world.marks, 1);
}
END_TEST

/* What was read before a call was taken does not tell of it, nor does it of one that lies beyond
 * what was read; and where nobody is told nothing is compared. */
START_TEST(feed_from_before_a_call)
{
	struct uuid near, far;

	with_feed(EVENT("20270103T150000Z", "20270103T160000Z"));
	courier.rules.has_telegram = _i == 0;
	near = add_lead(7, 0);
	add_entry(near, ENTRY_BOOK, START_MS / 1000 + 3 * DAY_S);
	far = add_lead(8, 0);
	add_entry(far, ENTRY_BOOK, START_MS / 1000 + 20 * DAY_S);
	live(290000);
	ck_assert_uint_eq(lines_of(DUTY_COMPARED, DELIVERY_DONE), 0);
	live(90000);
	ck_assert_uint_eq(recorded(&near, DUTY_COMPARED, DELIVERY_DONE), _i == 0);
	ck_assert_uint_eq(recorded(&far, DUTY_COMPARED, DELIVERY_DONE), 0);
	ck_assert_uint_eq(lines_of(DUTY_COLLISION, DELIVERY_DUE), 0);
}
END_TEST

/* The calendar that calls are written to is busy with each of them: no event lies over it. */
START_TEST(call_in_its_own_calendar)
{
	const int64_t start = START_MS / 1000 + 3 * DAY_S;
	char from[INSTANT_TEXT], to[INSTANT_TEXT];
	struct uuid booking;

	with_feed(EVENT("20270103T150000Z", "20270103T160000Z"));
	booking = add_lead(7, 0);
	add_entry(booking, ENTRY_BOOK, start);
	world.busy = arena_printf(arena, "{\"start\":\"%s\",\"end\":\"%s\"}",
	    instant_format_rfc3339(start, from), instant_format_rfc3339(start + 1800, to));
	live(380000);
	ck_assert_uint_eq(recorded(&booking, DUTY_COMPARED, DELIVERY_DONE), 1);
	ck_assert_uint_eq(lines_of(DUTY_COLLISION, DELIVERY_DUE), 0);
}
END_TEST

/* What the owner entered over a call is told to its last moment, and not afterwards. */
START_TEST(feed_over_a_call)
{
	const int64_t start = 1796310000, end_ms = (start + 1800) * 1000;

	world.answers[OUTSIDE_FEED].status = 503;
	world.feed = EVENT("20261203T150000Z", "20261203T160000Z");
	reopen_courier("[calendar home]\nkind = ics\nurl = http://127.0.0.1:4/home.ics\n"
		       "[calendar main]\nwrites = yes\n");
	live(1000);
	add_entry(add_lead(7, 0), ENTRY_BOOK, start);
	live(1000);
	world.answers[OUTSIDE_FEED].status = 0;
	world.boot_ms = BOOT_MS + end_ms - START_MS - _i;
	courier_round(&courier);
	ck_assert_uint_eq(lines_of(DUTY_COLLISION, DELIVERY_DUE), (unsigned)_i);
	ck_assert_uint_eq(lines_of(DUTY_COMPARED, DELIVERY_DONE), (unsigned)_i);
}
END_TEST

static const struct {
	int status;
	const char *file;
	enum err err;
} broken_feeds[] = {
    {503, "", ERR_NONE},
    {404, "", ERR_NONE},
    {403, "", ERR_NONE},
    {200, "<html>", ERR_NONE},
    {0, "", ERR_UNREACHABLE},
};

/* It is an outage like another's, and what was read before serves on. */
/* One that fails after a long while takes no more than a tenth of the courier's time. */
static void take_ten_seconds(const struct http_request *request, enum outside outside)
{
	(void)request;
	if (outside == OUTSIDE_FEED)
		world.boot_ms += 10000;
}

/* What is cut as the courier ends is no outage. */
START_TEST(feed_that_is_cut)
{
	world.answers[OUTSIDE_FEED].err = ERR_STOPPING;
	with_feed("");
	ck_assert_uint_ge(world.requests[OUTSIDE_FEED], 1);
	ck_assert(!is_feed_down());
}
END_TEST

START_TEST(feed_that_fails_slowly)
{
	int64_t began_ms;

	world.answers[OUTSIDE_FEED].status = 503;
	world.on_request = take_ten_seconds;
	with_feed("");
	began_ms = world.boot_ms;
	world.requests[OUTSIDE_FEED] = 0;
	while (world.requests[OUTSIDE_FEED] < 5)
		live(1000);
	ck_assert_int_ge(world.boot_ms - began_ms, 5 * 100000);
	ck_assert_int_le(world.boot_ms - began_ms, 5 * 110000);
}
END_TEST

START_TEST(feed_that_fails)
{
	with_feed(EVENT("20261203T150000Z", "20261203T160000Z"));
	world.answers[OUTSIDE_FEED] = (struct answer){.status = broken_feeds[_i].status,
	    .err = broken_feeds[_i].err,
	    .body = broken_feeds[_i].file};
	live(310000);
	ck_assert(is_feed_down());
	ck_assert_int_eq(busy_of_feed(), 1);
	ck_assert_uint_ge(told(DUTY_OUTAGE) + told(DUTY_GOOGLE_REFUSED), 1);
	/* It is tried again soon, and not in every round. */
	world.requests[OUTSIDE_FEED] = 0;
	live(courier.conf->google.retry_s * 2000);
	ck_assert_uint_ge(world.requests[OUTSIDE_FEED], 1);
	ck_assert_uint_le(world.requests[OUTSIDE_FEED], 3);
	/* Whole, and not by the mark of before. */
	world.answers[OUTSIDE_FEED] = (struct answer){.status = 0};
	world.marks = 0;
	live(courier.conf->google.retry_s * 1000 + 1000);
	ck_assert(!is_feed_down());
	ck_assert_uint_eq(world.marks, 0);
	live(2000);
	ck_assert_uint_eq(told(DUTY_OUTAGE_ENDED), 1);
}
END_TEST

/* ---- The link of a video call ---- */

#define LINK "https://meet.google.com/abc-defg-hij"
#define READY                                                                                      \
	",\"conferenceData\":{\"entryPoints\":[{\"entryPointType\":\"video\",\"uri\":\"" LINK      \
	"\"}]}"
#define PENDING ",\"conferenceData\":{\"createRequest\":{\"status\":{\"statusCode\":\"pending\"}}}"
#define FAILURE ",\"conferenceData\":{\"createRequest\":{\"status\":{\"statusCode\":\"failure\"}}}"

static struct uuid call_with_meet(void)
{
	struct uuid booking;

	reopen_courier("[google]\nmeet = yes\n");
	booking = add_lead(7, 0);
	add_entry(booking, ENTRY_BOOK, (clock_wall_s() / 60 + 48 * 60) * 60);
	return booking;
}

/* The event as it stands from now on. */
static void event_is(const char *conference)
{
	snprintf(world.dragged, sizeof(world.dragged), "{\"id\":\"a\",\"status\":\"confirmed\"%s}",
	    conference);
}

/* A mail has the link, or says that it follows where one does. */
START_TEST(link_in_a_mail)
{
	struct uuid booking = call_with_meet();

	if (_i == 2)
		/* Neither an account's own, nor one room for all. */
		reopen_courier("# meet = yes\n");
	if (_i == 1)
		lead_of(&booking)->video = LINK;
	event_is(PENDING);
	live(40000);
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_RESEND], "is booked"));
	ck_assert_int_eq(strstr(world.last[OUTSIDE_RESEND], "video call follows") != NULL, _i == 0);
	ck_assert_int_eq(strstr(world.last[OUTSIDE_RESEND], LINK) != NULL, _i == 1);
	add_entry(booking, ENTRY_CANCEL, 0);
	live(8000);
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_RESEND], "is cancelled"));
	ck_assert_ptr_null(strstr(world.last[OUTSIDE_RESEND], "video call follows"));
}
END_TEST

START_TEST(link_is_kept)
{
	struct uuid booking = call_with_meet();

	event_is(READY);
	live(40000);
	ck_assert_uint_ge(recorded(&booking, DUTY_MEET, DELIVERY_DONE), 1);
	ck_assert_ptr_nonnull(strstr(world.last_row, "\t" LINK "\n"));
	ck_assert_uint_eq(world.conferences, 0);
}
END_TEST

/* Looks come 2, 4, 6 … seconds after each other, and end. */
START_TEST(link_is_waited_for)
{
	struct uuid booking = call_with_meet();

	event_is(PENDING);
	live(100000);
	ck_assert_uint_eq(recorded(&booking, DUTY_MEET, DELIVERY_FAILED), 0);
	ck_assert_uint_ge(recorded(&booking, DUTY_MEET, DELIVERY_RETRY), 6);
	event_is(READY);
	live(20000);
	ck_assert_uint_ge(recorded(&booking, DUTY_MEET, DELIVERY_DONE), 1);
}
END_TEST

static const char *const without_link[] = {FAILURE, PENDING};

START_TEST(link_that_never_comes)
{
	struct uuid booking = call_with_meet();

	event_is(without_link[_i]);
	live(300000);
	ck_assert_uint_eq(recorded(&booking, DUTY_MEET, DELIVERY_FAILED), 1);
	/* Ten looks more, each later than the one before. */
	ck_assert_uint_eq(recorded(&booking, DUTY_MEET, DELIVERY_RETRY), _i == 0 ? 0 : 10);
	ck_assert_uint_eq(recorded(&booking, DUTY_MEET, DELIVERY_DONE), 0);
	ck_assert_uint_eq(recorded(&booking, DUTY_MAIL, DELIVERY_DONE), 1);
}
END_TEST

/* An event that knows of no video call is asked for one. */
START_TEST(link_is_asked_for)
{
	struct uuid booking = call_with_meet();

	event_is("");
	world.conference = READY;
	live(40000);
	ck_assert_uint_ge(world.conferences, 1);
	ck_assert_uint_ge(recorded(&booking, DUTY_MEET, DELIVERY_DONE), 1);
	ck_assert_ptr_nonnull(strstr(world.last_row, "\t" LINK "\n"));
}
END_TEST

/* An account that has none is told of, and the mails go without a link. */
START_TEST(account_without_video_calls)
{
	struct uuid booking = call_with_meet();

	event_is("");
	world.conference_status = 403;
	live(60000);
	ck_assert_uint_eq(recorded(&booking, DUTY_MEET, DELIVERY_SKIPPED), 1);
	ck_assert_uint_eq(told(DUTY_MEET_REFUSED), 1);
	ck_assert_uint_eq(recorded(&booking, DUTY_MAIL, DELIVERY_DONE), 1);
	ck_assert_uint_eq(world.conferences, 1);
}
END_TEST

/* A service that does not answer now is asked later. */
START_TEST(link_of_a_service_that_is_busy)
{
	struct uuid booking = call_with_meet();

	event_is("");
	world.conference_status = 503;
	while (!world.conferences)
		live(200);
	/* Nor for anything else, for a while. */
	ck_assert_int_gt(courier.event_hold_ms, world.boot_ms);
	live(30000);
	ck_assert_uint_eq(recorded(&booking, DUTY_MEET, DELIVERY_SKIPPED), 0);
	ck_assert_uint_eq(recorded(&booking, DUTY_MEET, DELIVERY_DONE), 0);
	world.conference_status = 0;
	world.conference = READY;
	live(400000);
	ck_assert_uint_ge(recorded(&booking, DUTY_MEET, DELIVERY_DONE), 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("watch");
	TCase *all = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	use_built_reader();
	tcase_add_checked_fixture(all, begin, end);
	tcase_add_test(all, brief_of_the_spool);
	tcase_add_loop_test(all, brief_of_the_spool_is_a_correction, 0, 2);
	tcase_add_loop_test(all, brief_of_the_spool_is_judged, 0, (int)COUNT(judged));
	tcase_add_test(all, spool_waits_for_the_store);
	tcase_add_test(all, spool_waits_for_its_records);
	tcase_add_test(all, people_that_cannot_be_asked);
	tcase_add_test(all, erased_meanwhile);
	tcase_add_test(all, damaged_file);
	tcase_add_test(all, file_that_is_none);
	tcase_add_test(all, file_that_may_not_be_read);
	tcase_add_loop_test(all, unfinished_file, 0, (int)COUNT(unfinished));
	tcase_add_test(all, long_spool);
	tcase_add_test(all, spool_of_another_courier);
	tcase_add_test(all, client_that_had_its_part);
	tcase_add_loop_test(all, client_of_yesterday, 0, (int)COUNT(refusals));
	tcase_add_test(all, much_of_one_place);
	tcase_add_test(all, store_is_away);
	tcase_add_test(all, store_restarts);
	tcase_add_test(all, store_and_telegram_are_away);
	tcase_add_test(all, store_is_away_in_silence);
	tcase_add_test(all, outage_and_its_end);
	tcase_add_test(all, slow_calendar);
	tcase_add_test(all, calendar_that_refuses);
	tcase_add_loop_test(all, calendar_that_was_mended, 0, 2);
	tcase_add_test(all, place_that_was_not_read);
	tcase_add_test(all, one_asks_for_all);
	tcase_add_test(all, enough_is_open);
	tcase_add_test(all, too_little_is_open);
	tcase_add_test(all, nothing_is_open);
	tcase_add_test(all, calendar_that_does_not_answer);
	tcase_add_test(all, feed_is_fetched);
	tcase_add_test(all, feed_of_a_longer_window);
	tcase_add_test(all, feed_of_the_same_window);
	tcase_add_loop_test(all, feed_over_a_call, 0, 2);
	tcase_add_loop_test(all, feed_from_before_a_call, 0, 2);
	tcase_add_test(all, call_in_its_own_calendar);
	tcase_add_test(all, feed_that_is_cut);
	tcase_add_test(all, feed_that_fails_slowly);
	tcase_add_loop_test(all, feed_that_fails, 0, (int)COUNT(broken_feeds));
	tcase_add_loop_test(all, link_in_a_mail, 0, 3);
	tcase_add_test(all, link_is_kept);
	tcase_add_test(all, link_is_waited_for);
	tcase_add_loop_test(all, link_that_never_comes, 0, (int)COUNT(without_link));
	tcase_add_test(all, link_is_asked_for);
	tcase_add_test(all, account_without_video_calls);
	tcase_add_test(all, link_of_a_service_that_is_busy);
	suite_add_tcase(suite, all);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

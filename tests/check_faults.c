/* SPDX-License-Identifier: MIT */
/*
 * check_faults.c: what the courier says and does when one question of the store, or one request to
 * a service, goes wrong, whichever: tests/golden/traces/faults-*
 *
 * A day of the courier is lived once as it should be, and then once for each question and each
 * request, which fails. Of each that is kept: what that was, and how the day differs, in what the
 * log says and in how it ends.
 */
#include "trace.h"

#include "base/apart.h"
#include "reader.h"

#define HOUR_MS INT64_C(3600000)

/* ---- What was read apart once is not read again: the days have the same calendars */

static struct reading {
	unsigned char what[16];
	char *answer;
	size_t len;
} readings[1000];
static size_t reading_count;

static void name_reading(const struct apart_wish *wish, unsigned char out[16])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, 16);
	for (size_t i = 0; i < APART_WORDS && wish->words[i]; i++)
		crypto_generichash_update(
		    &state, (const unsigned char *)wish->words[i], strlen(wish->words[i]) + 1);
	crypto_generichash_update(&state, (const unsigned char *)wish->text, wish->len);
	crypto_generichash_final(&state, out, 16);
}

enum err __real_apart_ask(
    struct arena *arena, const struct apart_wish *wish, char **out, size_t *len, struct fail *fail);
enum err __wrap_apart_ask(
    struct arena *arena, const struct apart_wish *wish, char **out, size_t *len, struct fail *fail);
enum err __wrap_apart_ask(
    struct arena *arena, const struct apart_wish *wish, char **out, size_t *len, struct fail *fail)
{
	struct reading *reading = readings;
	unsigned char what[16];
	enum err err;

	name_reading(wish, what);
	while (reading < readings + reading_count && memcmp(reading->what, what, 16) != 0)
		reading++;
	if (reading == readings + reading_count) {
		err = __real_apart_ask(arena, wish, out, len, fail);
		if (err)
			return err;
		ck_assert_uint_lt(reading_count++, COUNT(readings) - 1);
		memcpy(reading->what, what, 16);
		reading->len = *len;
		reading->answer = malloc(*len + 1);
		ck_assert_ptr_nonnull(reading->answer);
		memcpy(reading->answer, *out, *len);
	}
	*len = reading->len;
	*out = arena_alloc(arena, *len + 1);
	ck_assert_ptr_nonnull(*out);
	memcpy(*out, reading->answer, *len);
	return ERR_NONE;
}

static void step(int64_t ms)
{
	known_count = 0;
	courier_round(&courier);
	world.boot_ms += ms;
}

/* So many rounds at a pace that lets everything be done. */
static void rounds(int count)
{
	while (count--)
		step(1100);
}

static int64_t in_hours(int hours)
{
	return (START_MS / 60000 + hours * 60) * 60;
}

static struct uuid book(int number, int hours)
{
	struct uuid booking = add_lead(number, 0);

	add_entry(booking, ENTRY_BOOK, in_hours(hours));
	return booking;
}

/* What other days have, too. */
static unsigned usual, usual_requests[OUTSIDES];

static void begins(void)
{
	usual = world.questions;
	memcpy(usual_requests, world.requests, sizeof(usual_requests));
}

/* ---- Days */

static void prospects(void)
{
	struct uuid booking, moved;

	add_lead(7, 0);
	rounds(2);
	booking = book(8, 48);
	moved = book(9, 50);
	rounds(2);
	world.boot_ms += 30000;
	rounds(3);
	world.event_booking = moved;
	add_entry(moved, ENTRY_BOOK, in_hours(52));
	add_entry(booking, ENTRY_CANCEL, 0);
	rounds(2);
	world.boot_ms += 40000;
	rounds(2);
	world.boot_ms += HOUR_MS;
	rounds(3);
}

static void odd_prospects(void)
{
	struct uuid limited, corrected;

	spool_file(7, "");
	spool_file(8, LEAD_SUPERSEDED);
	put_file("1796000400500-00000000-0000-0000-0000-00000000000b.json", "{");
	limited = add_lead(9, 0);
	lead_of(&limited)->held = LEAD_HELD_ADDRESS;
	corrected = add_lead(10, 0);
	lead_of(&corrected)->held = LEAD_SUPERSEDED;
	add_lead(11, 59 * INT64_C(60000));
	rounds(4);
	world.boot_ms += 60000;
	rounds(3);
}

/* Its row was written by nobody yet. */
static void late_row(void)
{
	struct uuid booking = book(7, 48);

	rounds(2);
	begins();
	add_entry_alone(booking, ENTRY_BOOK, in_hours(50));
	rounds(1);
	world.boot_ms += 31000;
	rounds(4);
}

static struct uuid dragged;

static void changed(const char *id, int hours, const char *updated)
{
	char start[INSTANT_TEXT], end[INSTANT_TEXT];

	if (hours)
		snprintf(world.drifts, 400,
		    "{\"id\":\"%s\",\"status\":\"confirmed\",\"updated\":\"%s\",\"start\":{\"dateTime\":"
		    "\"%s\"},\"end\":{\"dateTime\":\"%s\"}}",
		    id, updated, instant_format_rfc3339(in_hours(hours), start),
		    instant_format_rfc3339(in_hours(hours) + 1800, end));
	else
		snprintf(world.drifts, 400, "{\"id\":\"%s\",\"status\":\"cancelled\"}", id);
	snprintf(world.dragged, sizeof(world.dragged), "%.400s", world.drifts);
}

/* To that hour, or 0: deleted. */
static void drag(int hours, const char *updated)
{
	struct ledger_booking standing;
	char id[EVENT_ID], again[sizeof(world.drifts)];

	ledger_find(world.ledger, &dragged, &standing);
	changed(calendar_event_id(&dragged, standing.version, id), hours, updated);
	snprintf(again, sizeof(again), "%s", world.drifts);
	for (int i = 0; i < 3; i++) {
		/* Google tells it for as long as its token is not used. */
		if (i && !world.drifts[0] && courier.is_blind)
			snprintf(world.drifts, sizeof(world.drifts), "%s", again);
		courier.drift_look_ms = 0;
		rounds(2);
	}
}

static void owner(void)
{
	char id[EVENT_ID];

	dragged = book(7, 48);
	book(8, 80);
	rounds(2);
	world.boot_ms += 31000;
	rounds(3);
	begins();
	drag(72, "1");
	world.boot_ms += 31000;
	rounds(2);
	drag(80, "2");
	drag(0, "3");
	/* And undone, too late. */
	calendar_event_id(&dragged, 4, id);
	changed(id, 72, "4");
	courier.drift_look_ms = 0;
	rounds(3);
}

static void owner_is_told(void)
{
	owner();
}

static void owner_is_obeyed(void)
{
	courier.rules.obeys = true;
	owner();
}

static void look_at_dav(void)
{
	for (int i = 0; i < 3; i++) {
		courier.drift_look_ms = 0;
		rounds(2);
	}
}

static void drag_dav(int hours)
{
	struct ledger_booking standing;
	struct dav_event *event;
	char id[EVENT_ID];

	ledger_find(world.ledger, &dragged, &standing);
	event = find_dav(calendar_event_id(&dragged, standing.version, id));
	if (event && hours) {
		put_moment(event->text, "DTSTART:", in_hours(hours));
		put_moment(event->text, "DTEND:", in_hours(hours) + 1800);
		event->etag = ++world.dav_etags;
	} else if (event) {
		*event = world.dav[--world.dav_count];
	}
	look_at_dav();
}

static void owner_at_a_caldav_server(void)
{
	struct dav_event kept;

	dragged = book(7, 48);
	book(8, 80);
	rounds(2);
	world.boot_ms += 31000;
	begins();
	rounds(4);
	look_at_dav();
	drag_dav(72);
	world.boot_ms += 31000;
	rounds(3);
	look_at_dav();
	drag_dav(80);
	kept = world.dav[world.dav_count ? world.dav_count - 1 : 0];
	drag_dav(0);
	world.dav[world.dav_count++] = kept;
	look_at_dav();
}

static void caldav_is_told(void)
{
	use_dav("");
	owner_at_a_caldav_server();
}

static void caldav_is_obeyed(void)
{
	use_dav("obey = yes\n");
	owner_at_a_caldav_server();
}

static const char feed[] = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\n"
			   "UID:1\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20261202T011500Z\r\n"
			   "DTEND:20261202T040000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/* What belongs to no booking, and another calendar's event over a call. */
static void machine(void)
{
	world.feed = feed;
	world.busy = "{\"start\":\"2026-01-01T00:00:00Z\",\"end\":\"2027-12-31T00:00:00Z\"}";
	reopen_with("[calendar main]\nwrites = yes\n[calendar home]\nkind = ics\n"
		    "url = http://127.0.0.1:4/home.ics\nevery_minutes = 5\n");
	book(7, 48);
	rounds(2);
	begins();
	courier.shortage_look_ms = 0;
	counters_set(courier.upstream.counters, GAUGE_CLIENT_REFUSED_MS, world.boot_ms);
	rounds(2);
	world.boot_ms += 300000;
	rounds(3);
}

/* One of the owner's events lies over a call in the calendar that it is written to. */
static void owners_event(void)
{
	world.others = "{\"id\":\"x\",\"status\":\"confirmed\"}";
	book(7, 48);
	rounds(2);
	begins();
	world.boot_ms += 31000;
	rounds(3);
	world.boot_ms += 31000;
	rounds(2);
}

static void video_call(void)
{
	reopen_with("[google]\nmeet = yes\n");
	book(7, 48);
	rounds(2);
	begins();
	world.boot_ms += 31000;
	snprintf(world.dragged, sizeof(world.dragged),
	    "{\"id\":\"a\",\"status\":\"confirmed\",\"conferenceData\":{\"createRequest\":{\"status\":{"
	    "\"statusCode\":\"pending\"}}}}");
	rounds(4);
	snprintf(world.dragged, sizeof(world.dragged),
	    "{\"id\":\"a\",\"status\":\"confirmed\",\"hangoutLink\":"
	    "\"https://meet.google.com/abc-defg-hij\"}");
	rounds(4);
	book(8, 50);
	rounds(1);
	world.boot_ms += 31000;
	snprintf(world.dragged, sizeof(world.dragged), "{\"id\":\"a\",\"status\":\"confirmed\"}");
	world.conference_status = 403;
	rounds(4);
}

static const struct day {
	const char *name;
	void (*live)(void);
	const char *services; /* whose requests fail, too */
} days[] = {
    {"prospects", prospects, "google resend telegram"},
    {"odd-prospects", odd_prospects, "resend telegram"},
    {"late-row", late_row, ""},
    {"owner-is-told", owner_is_told, "google"},
    {"owner-is-obeyed", owner_is_obeyed, "google"},
    {"caldav-is-told", caldav_is_told, "dav"},
    {"caldav-is-obeyed", caldav_is_obeyed, "dav"},
    {"machine", machine, "google feed"},
    {"owners-event", owners_event, "google"},
    {"video-call", video_call, "google"},
};

/* ---- How it ends */

#define END_MAX 32768

static bool is_last(uint64_t at)
{
	const struct delivery_record *line = &world.log[at];

	for (uint64_t i = at + 1; i < world.log_count; i++)
		if (world.log[i].kind == DELIVERY_RECORD &&
		    uuid_equal(&world.log[i].booking, &line->booking) &&
		    world.log[i].delivery.duty == line->delivery.duty &&
		    world.log[i].delivery.version == line->delivery.version)
			return false;
	return line->kind == DELIVERY_RECORD;
}

/* The state of each duty, and what stands outside of the courier. */
static void describe(struct text *out)
{
	for (uint64_t i = 0; i < world.log_count; i++) {
		const struct delivery *delivery = &world.log[i].delivery;

		if (is_last(i))
			text_printf(out, "%s %s v%" PRIu64 " %s\n",
			    booking_name(&world.log[i].booking), duty_name(delivery->duty),
			    delivery->version, delivery_state_name(delivery->state));
	}
	for (size_t i = 0; i < world.lead_count; i++) {
		struct ledger_booking standing;

		if (lead_of(&world.leads[i].booking) == &world.leads[i] &&
		    ledger_find(world.ledger, &world.leads[i].booking, &standing))
			text_printf(out, "%s %s at %" PRId64 "\n",
			    booking_name(&world.leads[i].booking),
			    standing.is_live ? "has its call" : "has none",
			    (standing.call.start - START_MS / 1000) / 3600);
	}
	text_printf(out, "%u mails\n", world.requests[OUTSIDE_RESEND]);
	text_printf(out, "%u alerts\n", world.requests[OUTSIDE_TELEGRAM]);
	text_printf(out, "%u events written, %u back, %u deleted\n", world.inserts, world.puts_back,
	    world.deletes);
	text_printf(out, "%u rows, %" PRIu64 " entries\n", world.rows_put, world.entries);
	text_printf(out, "%d files\n", each_file(NULL));
}

/* The lines of one text that the other has not. */
static void say_missing(const char *sign, const char *lines, const char *other)
{
	while (*lines) {
		size_t len = (size_t)(end_of_line(lines) - lines) + 1;
		const char *at = other;

		while (*at && strncmp(at, lines, len) != 0)
			at = end_of_line(at) + 1;
		if (!*at)
			say("    %s %.*s", sign, (int)len, lines);
		lines += len;
	}
}

/* ---- What is tried */

static struct text said;

static void note(enum log_level level, const char *line)
{
	text_printf(&said, "<%d>%s\n", (int)level, line);
}

static char as_ever[END_MAX];

/* Lives the day with that question failing, or that request of a service; 0: neither. */
static void live_day(
    const struct day *day, unsigned question, enum outside outside, unsigned request)
{
	const char *name = request ? outside_names[outside] : world.failed;
	struct arena *own = arena_new(1 << 20);

	said = text_new(own, END_MAX);
	chance = 1;
	set_up();
	name_courier();
	known_count = 0;
	world.failing_question = question;
	world.odd_outside = outside;
	world.odd_transfer = request;
	world.odd.answer.status = 503;
	on_log = note;
	day->live();
	on_log = NULL;
	describe(&said);
	ck_assert(!text_overflowed(&said));
	if (!question && !request)
		snprintf(as_ever, sizeof(as_ever), "%s", said.data);
	else if (strcmp(as_ever, said.data) != 0)
		say("== %s\n", name);
	say_missing("-", as_ever, said.data);
	say_missing("+", said.data, as_ever);
	arena_free(own);
	tear_down();
}

START_TEST(any_fault)
{
	const struct day *day = &days[_i];
	unsigned questions, requests[OUTSIDES];
	char path[100];

	ck_assert_int_eq(randombytes_set_implementation(&fixed_random), 0);
	trace_len = usual = 0;
	live_day(day, 0, OUTSIDES, 0);
	questions = world.questions;
	memcpy(requests, world.requests, sizeof(requests));
	say("%s", as_ever);
	for (unsigned i = usual + 1; i <= questions; i++)
		live_day(day, i, OUTSIDES, 0);
	for (int outside = 0; outside < OUTSIDES; outside++)
		for (unsigned i = usual_requests[outside] + 1; i <= requests[outside]; i++)
			if (strstr(day->services, outside_names[outside]))
				live_day(day, 0, (enum outside)outside, i);
	snprintf(path, sizeof(path), "traces/faults-%s", day->name);
	agreed(path);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("faults");
	TCase *all = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	use_built_reader();
	tcase_add_loop_test(all, any_fault, 0, (int)COUNT(days));
	suite_add_tcase(suite, all);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

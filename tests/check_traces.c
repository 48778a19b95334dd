/* SPDX-License-Identifier: MIT */
/* check_traces.c: what the courier does in its days, and when, line by line: tests/golden/traces */
#include "trace.h"

#include "courier/collisions.h"
#include "reader.h"
#include "store/calendar_cache.h"

#define HOUR INT64_C(3600)
#define HOUR_MS (HOUR * 1000)

static struct arena *arena;

static void begin(void)
{
	begin_trace();
	arena = arena_new(16 << 20);
	ck_assert_ptr_nonnull(arena);
}

static void end(void)
{
	arena_free(arena);
	tear_down();
}

/* ---- How a courier's time passes */

static void (*on_sleep)(unsigned sleeps);
static unsigned sleeps;
static bool traces_notices;

int nanosleep(const struct timespec *time, struct timespec *left)
{
	(void)left;
	begin_line();
	say("sleep %" PRId64 ".%03ld\n", (int64_t)time->tv_sec, time->tv_nsec / 1000000);
	world.boot_ms += time->tv_sec * 1000 + time->tv_nsec / 1000000;
	known_count = 0;
	on_sleep(++sleeps);
	return 0;
}

void __real_notify_send(const char *state);
void __wrap_notify_send(const char *state);
void __wrap_notify_send(const char *state)
{
	/* Of those that say no more than that it lives the ones of the beginning. */
	if (traces_notices && (sleeps == 0 || strcmp(state, "WATCHDOG=1") != 0)) {
		begin_line();
		say("notify %s\n", state);
	}
	__real_notify_send(state);
}

/* Lets the time pass, with what is told of it. */
static void pass(int64_t ms)
{
	for (int64_t until = world.boot_ms + ms; world.boot_ms < until; world.boot_ms += 200) {
		known_count = 0;
		courier_round(&courier);
	}
	begin_line();
	say("rest=%" PRId64 " backlog=%" PRId64 "\n", courier_rest_ms(&courier),
	    counters_get(courier.upstream.counters, GAUGE_BACKLOG));
}

/* What happens from outside. */
static void now(const char *what)
{
	begin_line();
	say("== %s\n", what);
}

static int64_t in_hours(int hours)
{
	return (clock_wall_s() / 60 + hours * 60) * 60;
}

static struct uuid book(int number, int hours)
{
	struct uuid booking = add_lead(number, 0);

	add_entry(booking, ENTRY_BOOK, in_hours(hours));
	return booking;
}

static void answer(enum outside outside, int status, const char *body)
{
	world.answers[outside] = (struct answer){.status = status, .body = body};
}

static void fail_with(enum outside outside, enum err err)
{
	world.answers[outside] = (struct answer){.err = err};
}

/* ---- Prospects */

static void brief_and_call(void)
{
	struct uuid booking = add_lead(7, 0);
	struct lead *lead = lead_of(&booking);

	lead->name = "Ada Lovelace";
	lead->language = "es";
	lead->timezone = "Asia/Kolkata";
	lead->budget = "1,000";
	lead->timeframe = "this year";
	lead->brief = "What the engine can weave.\nAnd what not.";
	traces_fields = true;
	now("a brief came");
	pass(1000);
	now("a call is booked");
	add_entry(booking, ENTRY_BOOK, in_hours(48));
	pass(40000);
	now("it is moved");
	add_entry(booking, ENTRY_BOOK, in_hours(72));
	pass(40000);
	now("a day before it");
	world.boot_ms += 48 * HOUR_MS;
	pass(2000);
	now("an hour before it");
	world.boot_ms += 23 * HOUR_MS;
	pass(2000);
	now("it is cancelled");
	add_entry(booking, ENTRY_CANCEL, 0);
	pass(40000);
	now("months later");
	world.boot_ms += 1000 * HOUR_MS;
	pass(1000);
	say("%zu items\n", courier.agenda.table.count);
}

static void brief_without_a_call(void)
{
	struct uuid limited, verified;

	add_lead(7, 0);
	limited = add_lead(8, 0);
	lead_of(&limited)->held = LEAD_HELD_ADDRESS;
	verified = add_lead(9, 0);
	lead_of(&verified)->held = LEAD_HELD_VERIFY;
	lead_of(&verified)->name = "https://spam.example";
	traces_fields = true;
	pass(5000);
	now("an hour later");
	world.boot_ms += HOUR_MS;
	pass(3000);
}

static void call_that_began(void)
{
	book(7, 1);
	fail_with(OUTSIDE_RESEND, ERR_UNREACHABLE);
	pass(1000);
	world.boot_ms += HOUR_MS;
	fail_with(OUTSIDE_RESEND, ERR_NONE);
	traces_fields = true;
	pass(40000);
}

static void erased(void)
{
	struct uuid booking = book(7, 48);

	pass(1000);
	world.event_booking = booking;
	calendar_event_id(&booking, 2, world.events[world.event_count++]);
	add_entry(booking, ENTRY_ERASE, 0);
	lead_of(&booking)->status = LEAD_ERASED;
	lead_erase(lead_of(&booking));
	pass(40000);
}

static void imported_row(void)
{
	struct uuid booking = add_lead(7, 0);

	lead_of(&booking)->status = LEAD_BOOKED;
	lead_of(&booking)->slot = (struct interval){in_hours(48), in_hours(49)};
	pass(40000);
	world.boot_ms += 24 * HOUR_MS;
	pass(2000);
}

/* ---- Services that do not do as they should */

static void resend_is_down(void)
{
	book(7, 48);
	fail_with(OUTSIDE_RESEND, ERR_UNREACHABLE);
	pass(10000);
	for (int i = 0; i < 12; i++) {
		world.boot_ms += 300000;
		pass(200);
	}
	fail_with(OUTSIDE_RESEND, ERR_NONE);
	world.boot_ms += 900000;
	pass(2000);
}

static void resend_is_unsure(void)
{
	book(7, 48);
	fail_with(OUTSIDE_RESEND, ERR_UNSURE);
	pass(10000);
	now("a day later");
	world.boot_ms += 23 * HOUR_MS;
	pass(1000);
	world.boot_ms += HOUR_MS;
	pass(5000);
}

static void resend_refuses(void)
{
	book(7, 48);
	answer(OUTSIDE_RESEND, 422,
	    "{\"statusCode\":422,\"name\":\"validation_error\",\"message\":\"Invalid `to` field.\"}");
	traces_fields = true;
	pass(5000);
	now("another: the sender");
	book(8, 49);
	answer(OUTSIDE_RESEND, 403,
	    "{\"statusCode\":403,\"name\":\"validation_error\",\"message\":\"The domain is not "
	    "verified.\"}");
	pass(10000);
	now("and soon it takes them");
	answer(OUTSIDE_RESEND, 0, NULL);
	pass(61000);
}

static void resend_is_in_a_hurry(void)
{
	book(7, 48);
	world.answers[OUTSIDE_RESEND] = (struct answer){.status = 429, .retry_after_s = 30};
	world.answers[OUTSIDE_TELEGRAM] = (struct answer){.status = 429,
	    .body = "{\"ok\":false,\"error_code\":429,\"parameters\":{\"retry_after\":8}}"};
	pass(4000);
	now("another call, which waits with the first one");
	book(8, 49);
	pass(6000);
	answer(OUTSIDE_TELEGRAM, 0, NULL);
	pass(10000);
	answer(OUTSIDE_RESEND, 0, NULL);
	pass(15000);
}

static void address_that_is_none(void)
{
	struct uuid booking = book(7, 48);

	world.leads[0].email = lead_of(&booking)->email = "nobody";
	pass(3000);
}

static void telegram_refuses_a_text(void)
{
	add_lead(20, 0);
	add_lead(21, 0);
	answer(OUTSIDE_TELEGRAM, 400,
	    "{\"ok\":false,\"description\":\"Bad Request: text must be UTF-8\"}");
	pass(2000);
	answer(OUTSIDE_TELEGRAM, 0, NULL);
	pass(3000);
}

static void telegram_moves(void)
{
	add_lead(20, 0);
	answer(OUTSIDE_TELEGRAM, 400,
	    "{\"ok\":false,\"description\":\"Bad Request: group chat was upgraded to a supergroup "
	    "chat\",\"parameters\":{\"migrate_to_chat_id\":-100}}");
	pass(2000);
}

static void many_alerts(void)
{
	static char brief[700];

	memset(brief, 'x', sizeof(brief) - 1);
	for (int i = 0; i < 9; i++) {
		struct uuid booking = add_lead(20 + i, 0);

		lead_of(&booking)->brief = brief;
	}
	pass(4000);
}

static void google_is_down(void)
{
	book(7, 48);
	book(8, 50);
	pass(30000);
	fail_with(OUTSIDE_GOOGLE, ERR_UNREACHABLE);
	pass(10000);
	fail_with(OUTSIDE_GOOGLE, ERR_NONE);
	pass(40000);
}

static void grant_is_dead(void)
{
	book(7, 48);
	pass(30000);
	answer(OUTSIDE_GOOGLE, 400, "{\"error\":\"invalid_grant\"}");
	pass(40000);
	answer(OUTSIDE_GOOGLE, 0, NULL);
	pass(40000);
}

/* Without the words of the brief Google takes it. */
static void event_is_refused(void)
{
	book(7, 48);
	pass(29000);
	world.insert_status = 400;
	pass(10000);
	world.insert_status = 0;
	pass(10000);
}

#define OWN_EVENT                                                                                  \
	"{\"id\":\"x1\",\"status\":\"confirmed\",\"transparency\":\"transparent\"},"               \
	"{\"id\":\"x2\",\"status\":\"confirmed\"},{\"id\":\"x3\",\"status\":\"confirmed\"}"

static void owners_event_lies_over_a_call(void)
{
	book(7, 48);
	pass(29000);
	traces_fields = true;
	world.others = OWN_EVENT;
	pass(45000);
}

/* What follows on a list is refused. */
static void refuse_what_follows(void)
{
	answer(OUTSIDE_GOOGLE, 503, "");
}

static void events_that_should_not_be(void)
{
	struct uuid booking = book(7, 48);

	pass(29000);
	world.event_booking = booking;
	for (int i = 1; i < 5; i++)
		calendar_event_id(&booking, (uint64_t)i, world.events[world.event_count++]);
	pass(10000);
	add_entry(booking, ENTRY_CANCEL, 0);
	pass(35000);
	now("but for a while they cannot be deleted");
	calendar_event_id(&booking, 3, world.events[world.event_count++]);
	add_entry(booking, ENTRY_BOOK, in_hours(50));
	add_entry(booking, ENTRY_CANCEL, 0);
	world.on_list = refuse_what_follows;
	pass(33000);
	world.on_list = NULL;
	answer(OUTSIDE_GOOGLE, 0, NULL);
	pass(20000);
}

/* ---- What the owner does in the calendar */

static struct uuid dragged;

static void drag(const struct interval *to, const char *updated)
{
	char id[EVENT_ID], start[INSTANT_TEXT], end[INSTANT_TEXT];
	struct ledger_booking standing;

	ledger_find(world.ledger, &dragged, &standing);
	calendar_event_id(&dragged, standing.version, id);
	if (to)
		snprintf(world.drifts, 400,
		    "{\"id\":\"%s\",\"status\":\"confirmed\",\"updated\":\"%s\",\"start\":{\"dateTime\":"
		    "\"%s\"},\"end\":{\"dateTime\":\"%s\"}}",
		    id, updated, instant_format_rfc3339(to->start, start),
		    instant_format_rfc3339(to->end, end));
	else
		snprintf(world.drifts, 400, "{\"id\":\"%s\",\"status\":\"cancelled\"}", id);
	snprintf(world.dragged, sizeof(world.dragged), "%.400s", world.drifts);
	courier.drift_look_ms = 0;
}

static void drag_to(int hour, int minutes, const char *updated)
{
	const struct interval to = {in_hours(hour), in_hours(hour) + minutes * 60};

	now(updated);
	drag(minutes ? &to : NULL, updated);
	pass(2000);
}

static void drags(void)
{
	struct ledger_booking standing;
	char id[EVENT_ID], other_id[EVENT_ID];
	struct uuid other;

	dragged = book(7, 48);
	other = book(8, 80);
	add_entry(id_of(9), ENTRY_BLOCK, in_hours(96));
	pass(40000);
	traces_fields = true;
	drag_to(72, 30, "moved");
	drag_to(72, 30, "moved to the same place");
	drag_to(48, 60, "made longer");
	drag_to(80, 30, "moved onto another call");
	drag_to(96, 30, "moved onto a block");
	drag_to(-1, 30, "moved into the past");
	world.imported = (struct interval){in_hours(120), in_hours(121)};
	drag_to(120, 30, "moved onto a row");
	world.imported = (struct interval){0, 0};
	now("made a whole day");
	ledger_find(world.ledger, &dragged, &standing);
	snprintf(world.drifts, 400,
	    "{\"id\":\"%s\",\"status\":\"confirmed\",\"updated\":\"day\",\"start\":{\"date\":"
	    "\"2026-12-05\"},\"end\":{\"date\":\"2026-12-06\"}}",
	    calendar_event_id(&dragged, standing.version, id));
	snprintf(world.dragged, sizeof(world.dragged), "%.400s", world.drifts);
	courier.drift_look_ms = 0;
	pass(2000);
	now("two at once are gone");
	ledger_find(world.ledger, &other, &standing);
	calendar_event_id(&other, standing.version, other_id);
	world.dragged[0] = '\0';
	snprintf(world.drifts, 400,
	    "{\"id\":\"x\",\"status\":\"cancelled\"},{\"id\":\"%s\",\"status\":\"cancelled\"}",
	    other_id);
	courier.drift_look_ms = 0;
	pass(2000);
	drag_to(0, 0, "deleted");
}

static void owner_is_told(void)
{
	drags();
}

static void owner_is_obeyed(void)
{
	courier.rules.obeys = true;
	drags();
}

static void owner_may_not_append(void)
{
	world.may_not_append = true;
	courier.rules.obeys = true;
	pass(2000);
	pass(60000);
	world.may_not_append = false;
	pass(60000);
	pass(60000);
}

static void ledger_takes_nothing(void)
{
	struct interval to;

	dragged = book(7, 48);
	courier.rules.obeys = true;
	pass(40000);
	world.append_err = ERR_UNSURE;
	to = (struct interval){in_hours(72), in_hours(72) + 1800};
	drag(&to, "1");
	pass(3000);
	world.append_err = ERR_NONE;
	pass(10000);
}

static void changes_cannot_be_read(void)
{
	static const int statuses[] = {503, 410, 0, 403, 401};

	book(7, 48);
	pass(35000);
	courier.drift_look_ms = 0;
	pass(12000);
	for (size_t i = 0; i < COUNT(statuses); i++) {
		world.sync_status = statuses[i];
		book(20 + (int)i, 60 + (int)i);
		pass(25000);
	}
	world.boot_ms += 400000;
	pass(12000);
}

/* ---- What belongs to no booking */

static void note_outage(enum outage_kind kind)
{
	const struct calendar_place place =
	    calendar_place(courier.conf, &courier.conf->calendars.list[0], arena);
	bool is_new;

	ck_assert_int_eq(
	    outage_note(&place, arena, world.boot_ms + 1000, kind, &is_new, &failure), ERR_NONE);
}

static void outage(void)
{
	pass(1000);
	traces_fields = true;
	fail_with(OUTSIDE_GOOGLE, ERR_UNREACHABLE);
	note_outage(OUTAGE_DOWN);
	pass(32000);
	fail_with(OUTSIDE_GOOGLE, ERR_NONE);
	pass(20000);
	note_outage(OUTAGE_REFUSED);
	pass(3000);
}

static void alert_that_cannot_leave(void)
{
	pass(1000);
	fail_with(OUTSIDE_TELEGRAM, ERR_UNREACHABLE);
	fail_with(OUTSIDE_GOOGLE, ERR_UNREACHABLE);
	note_outage(OUTAGE_DOWN);
	pass(10000);
	fail_with(OUTSIDE_TELEGRAM, ERR_NONE);
	pass(20000);
}

static void shortage(void)
{
	pass(1000);
	traces_fields = true;
	courier.shortage_look_ms = 0;
	world.busy = "{\"start\":\"2026-12-01T00:00:00Z\",\"end\":\"2026-12-05T12:00:00Z\"}";
	pass(3000);
	pass(600000);
	world.boot_ms += 24 * HOUR_MS;
	world.busy = "{\"start\":\"2026-01-01T00:00:00Z\",\"end\":\"2027-12-31T00:00:00Z\"}";
	pass(3000);
}

static void spool(void)
{
	pass(1000);
	traces_fields = true;
	spool_file(7, "");
	pass(2000);
	world.people = "0\t1000\t0\t0\n";
	spool_file(8, "");
	spool_file(9, LEAD_SUPERSEDED);
	pass(2000);
	world.people = "0\t0\t0\t1\n";
	spool_file(10, "");
	pass(2000);
	world.people = NULL;
	put_file("1796000400500-00000000-0000-0000-0000-00000000000b.json", "{");
	spool_file(12, "");
	pass(2000);
	world.people_err = ERR_BUSY;
	spool_file(13, "");
	pass(2000);
	world.people_err = ERR_AUTH;
	pass(5000);
}

/* Its row stands, as the courier has written it. */
static void brief_of_the_spool(void)
{
	pass(1000);
	traces_fields = true;
	add_lead(7, 0);
	spool_file(7, "");
	pass(5000);
}

/* A call that was booked without a look at the calendar, and whose address was corrected; and
 * another brief of its prospect. */
static void what_is_rarely_told(void)
{
	struct entry unchecked = {.kind = ENTRY_BOOK,
	    .booking = add_lead(7, 0),
	    .owner = "main",
	    .call = {in_hours(48), in_hours(48) + 1800},
	    .taken = {in_hours(48), in_hours(48) + 1800},
	    .calendar = CALENDAR_UNCHECKED};

	traces_fields = true;
	ck_assert_int_eq(put_entry(&unchecked), VERDICT_ACCEPTED);
	fail_with(OUTSIDE_GOOGLE, ERR_UNREACHABLE);
	pass(2000);
	now("the address is corrected");
	add_entry(id_of(7), ENTRY_BOOK, unchecked.call.start);
	pass(3000);
	now("another brief of the same person");
	lead_of(&(struct uuid){.bytes = {[15] = 7}})->email = "ada@example.com";
	add_lead(8, 0);
	world.leads[world.lead_count - 1].email = "Ada@Example.com";
	world.leads[world.lead_count - 1].brief = "Another question.";
	pass(3000);
	now("no event for long");
	traces_fields = false;
	for (int i = 0; i < 60; i++) {
		world.boot_ms += 60000;
		courier_round(&courier);
	}
	fail_with(OUTSIDE_GOOGLE, ERR_NONE);
	pass(2000);
}

static const char feed[] =
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:1\r\n"
    "DTSTAMP:20260101T000000Z\r\nDTSTART:20261202T011500Z\r\nDTEND:20261202T040000Z"
    "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

static void feeds(void)
{
	world.feed = feed;
	reopen_with("[calendar main]\nwrites = yes\n[calendar home]\nkind = ics\n"
		    "url = http://127.0.0.1:4/home.ics\nevery_minutes = 5\n");
	pass(1000);
	book(7, 48);
	pass(300000);
	answer(OUTSIDE_FEED, 503, "");
	pass(300000);
	answer(OUTSIDE_FEED, 0, NULL);
	pass(30000);
}

/* Each look finds the outage out for itself then. */
static void outage_that_cannot_be_noted(void)
{
	char path[600];

	snprintf(path, sizeof(path), "%s/calendar-home.outage", folder);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	world.feed = feed;
	reopen_with("[calendar main]\nwrites = yes\n[calendar home]\nkind = ics\n"
		    "url = http://127.0.0.1:4/home.ics\nevery_minutes = 5\n");
	answer(OUTSIDE_FEED, 503, "");
	pass(16000);
	answer(OUTSIDE_FEED, 0, NULL);
	pass(15000);
	ck_assert_int_eq(rmdir(path), 0);
}

static void video_call(void)
{
	reopen_with("[google]\nmeet = yes\n");
	book(7, 48);
	snprintf(world.dragged, sizeof(world.dragged),
	    "{\"id\":\"a\",\"status\":\"confirmed\",\"conferenceData\":{\"createRequest\":{\"status\":{"
	    "\"statusCode\":\"pending\"}}}}");
	pass(45000);
	snprintf(world.dragged, sizeof(world.dragged),
	    "{\"id\":\"a\",\"status\":\"confirmed\",\"conferenceData\":{\"createRequest\":{\"status\":{"
	    "\"statusCode\":\"failure\"}}}}");
	pass(20000);
}

static void no_video_calls(void)
{
	reopen_with("[google]\nmeet = yes\n");
	book(7, 48);
	snprintf(world.dragged, sizeof(world.dragged), "{\"id\":\"a\",\"status\":\"confirmed\"}");
	world.conference_status = 403;
	traces_fields = true;
	pass(45000);
}

/* ---- A CalDAV server */

static void calls_on_a_caldav_server(void)
{
	struct uuid booking;

	use_dav("");
	booking = book(7, 48);
	pass(45000);
	now("moved");
	add_entry(booking, ENTRY_BOOK, in_hours(72));
	pass(40000);
	now("the server is away");
	fail_with(OUTSIDE_DAV, ERR_UNREACHABLE);
	add_entry(booking, ENTRY_BOOK, in_hours(74));
	pass(45000);
	fail_with(OUTSIDE_DAV, ERR_NONE);
	pass(20000);
	now("it takes no event");
	answer(OUTSIDE_DAV, 403, "");
	add_entry(booking, ENTRY_BOOK, in_hours(80));
	pass(45000);
	answer(OUTSIDE_DAV, 0, NULL);
	now("cancelled");
	add_entry(booking, ENTRY_CANCEL, 0);
	pass(45000);
	say("%zu events\n", world.dav_count);
}

/* What the owner does there is told, and, where it is obeyed, done. */
static void owner_at_a_caldav_server(void)
{
	struct uuid booking;
	char *start;

	use_dav("obey = yes\n");
	booking = book(7, 48);
	pass(40000);
	courier.drift_look_ms = 0;
	pass(2000);
	now("dragged");
	start = strstr(world.dav[0].text, "DTSTART:");
	ck_assert_ptr_nonnull(start);
	memcpy(start, "DTSTART:20261203T010000Z", 24);
	start = strstr(world.dav[0].text, "DTEND:");
	ck_assert_ptr_nonnull(start);
	memcpy(start, "DTEND:20261203T013000Z", 22);
	world.dav[0].etag = ++world.dav_etags;
	courier.drift_look_ms = 0;
	pass(5000);
	now("deleted");
	world.dav_count = 0;
	courier.drift_look_ms = 0;
	pass(5000);
	now("another, while nothing can be told apart");
	booking = book(8, 80);
	pass(40000);
	answer(OUTSIDE_DAV, 200, "<html>");
	courier.drift_look_ms = 0;
	pass(15000);
	answer(OUTSIDE_DAV, 0, NULL);
	pass(15000);
	(void)booking;
}

static void outage_of_a_caldav_server(void)
{
	use_dav("outage = closed\n");
	pass(1000);
	fail_with(OUTSIDE_DAV, ERR_UNREACHABLE);
	note_outage(OUTAGE_DOWN);
	pass(32000);
	fail_with(OUTSIDE_DAV, ERR_NONE);
	pass(20000);
}

/* ---- The log of the deliveries */

static void records_are_refused(void)
{
	book(7, 48);
	world.refused = DELIVERY_DONE;
	world.refusals = 3;
	pass(40000);
	now("nor is what failed");
	fail_with(OUTSIDE_RESEND, ERR_UNREACHABLE);
	world.refused = DELIVERY_RETRY;
	world.refusals = 2;
	book(8, 50);
	pass(2000);
	fail_with(OUTSIDE_RESEND, ERR_NONE);
	pass(6000);
}

static void store_is_away(void)
{
	fail_with(OUTSIDE_RESEND, ERR_UNREACHABLE);
	book(8, 50);
	pass(400);
	fail_with(OUTSIDE_RESEND, ERR_NONE);
	world.ledger_err = ERR_UNREACHABLE;
	book(7, 48);
	pass(3000);
	world.ledger_err = ERR_NONE;
	world.past_err = ERR_BUSY;
	pass(3000);
	world.past_err = ERR_NONE;
	pass(6000);
}

/* Somebody took the rows away: that is no failure, and there is nobody to be told. */
static void rows_that_are_gone(void)
{
	fail_with(OUTSIDE_RESEND, ERR_UNREACHABLE);
	book(7, 48);
	pass(400);
	world.lead_count = 0;
	fail_with(OUTSIDE_RESEND, ERR_NONE);
	pass(6000);
}

/* A worker did not come to the row of its entry. */
static void row_that_is_late(void)
{
	struct uuid booking = book(7, 48);

	pass(45000);
	add_entry_alone(booking, ENTRY_BOOK, in_hours(50));
	world.row_err = ERR_BUSY;
	pass(20000);
	world.row_err = ERR_NONE;
	pass(30000);
}

/* A reminder of a brief, and a mail of an address's other calls, need more than their own row. */
static void mail_that_cannot_be_written(void)
{
	struct uuid limited;

	add_lead(7, 59 * INT64_C(60000));
	world.row_err = ERR_BUSY;
	pass(70000);
	world.row_err = ERR_NONE;
	pass(1000);
	limited = add_lead(8, 0);
	lead_of(&limited)->held = LEAD_HELD_ADDRESS;
	world.people_err = ERR_BUSY;
	pass(1000);
	world.people_err = ERR_NONE;
	pass(6000);
}

/* The tables of time zones are replaced under a courier, and read anew. */
static void zone_data(void)
{
	char more[PATH_MAX];

	shell(
	    "mkdir -p FOLDER/z/America && cp /usr/share/zoneinfo/America/New_York FOLDER/z/America/ && "
	    "printf 'Z America/New_York\n' >FOLDER/z/tzdata.zi");
	snprintf(more, sizeof(more), "[site]\nzoneinfo = %s/z\n", folder);
	reopen_with(more);
	pass(400);
	now("more names");
	shell("printf 'Z America/New_York\nL America/New_York US/Eastern\n' >FOLDER/z/tzdata.zi");
	pass(400);
	now("damaged");
	shell("printf x >FOLDER/z/America/New_York");
	pass(400);
	book(7, 48);
	pass(400);
	now("mended");
	shell("cp /usr/share/zoneinfo/America/New_York FOLDER/z/America/");
	pass(400);
	shell("rm -r FOLDER/z");
}

static void lease_of_another(void)
{
	struct delivery_record lease = {.owner = id_of(999), .kind = DELIVERY_LEASE};

	pass(400);
	lease.booking = book(7, 48);
	write_log(&lease);
	pass(22000);
	lease_release_all(&courier);
}

/* What the store does not tell waits, and is said. */
static void store_tells_nothing(void)
{
	struct uuid booking;

	courier_round(&courier);
	booking = book(7, 48);
	now("no lease");
	world.refused = DELIVERY_DUE;
	world.refusals = 1;
	world.lease_err = ERR_BUSY;
	note_outage(OUTAGE_DOWN);
	pass(1000);
	world.lease_err = ERR_NONE;
	now("not what was kept");
	world.payload_err = ERR_UNSURE;
	pass(1000);
	ck_assert_int_eq(
	    collisions_tell(&courier, agenda_find(&courier.agenda, &booking), 2, "work", &failure),
	    ERR_NONE);
	pass(1000);
	world.payload_err = ERR_NONE;
	now("not how a booking stands");
	world.look_err = ERR_BUSY;
	courier.shortage_look_ms = 0;
	pass(7000);
	world.look_err = ERR_NONE;
	pass(70000);
}

static void rights_cannot_be_read(void)
{
	courier.rules.obeys = true;
	world.grant_err = ERR_AUTH;
	pass(2000);
	world.grant_err = ERR_NONE;
	world.may_not_append = true;
	pass(120000);
}

static void telegram_takes_what_moved(const struct http_request *request, enum outside outside)
{
	on_request(request, outside);
	if (outside == OUTSIDE_TELEGRAM && strstr(request->body, "chat_id=-100"))
		answer(OUTSIDE_TELEGRAM, 0, NULL);
}

static void telegram_has_moved(void)
{
	add_lead(20, 0);
	answer(OUTSIDE_TELEGRAM, 400,
	    "{\"ok\":false,\"description\":\"Bad Request: group chat was upgraded to a supergroup "
	    "chat\",\"parameters\":{\"migrate_to_chat_id\":-100}}");
	world.on_request = telegram_takes_what_moved;
	pass(2000);
}

static void clocks_differ(void)
{
	static const int64_t by_ms[] = {2100, -2200, 1500};
	struct clocks *clocks = counters_clocks(courier.upstream.counters);

	pass(1000);
	for (size_t i = 0; i < COUNT(by_ms); i++) {
		clocks_read(clocks, (enum peer)i,
		    &(struct clock_reading){.boot_ms = world.boot_ms,
			.from_ms = clock_wall_ms() + by_ms[i],
			.asked_ms = world.boot_ms,
			.until_ms = clock_wall_ms() + by_ms[i]});
		pass(1000);
	}
	world.boot_ms += 24 * HOUR_MS;
	pass(1000);
	counters_set(courier.upstream.counters, GAUGE_CLIENT_REFUSED_MS, world.boot_ms - 1000);
	pass(2000);
	world.boot_ms += 24 * HOUR_MS;
	pass(2000);
}

/* What somebody else does while the calendar is obeyed. */
static void books_elsewhere(void)
{
	world.before_append = world.after_append = NULL;
	add_entry(dragged, ENTRY_BOOK, in_hours(60));
}

static void cancels_meanwhile(void)
{
	world.before_append = NULL;
	add_entry(dragged, ENTRY_CANCEL, 0);
}

static void owner_is_not_alone(void)
{
	dragged = book(7, 48);
	courier.rules.obeys = true;
	pass(40000);
	world.before_append = books_elsewhere;
	drag_to(72, 30, "dragged, and moved by its prospect before");
	pass(40000);
	world.after_append = books_elsewhere;
	drag_to(73, 30, "dragged, and moved by its prospect after");
	pass(40000);
	world.before_append = cancels_meanwhile;
	drag_to(74, 30, "dragged, and cancelled by its prospect");
	pass(40000);
	now("while a look fails");
	dragged = book(8, 100);
	pass(40000);
	world.look_err = ERR_BUSY;
	drag_to(101, 30, "dragged");
	world.look_err = ERR_NONE;
	pass(10000);
}

static void video_call_that_waits(void)
{
	reopen_with("[google]\nmeet = yes\n");
	book(7, 48);
	pass(8000);
	world.refused = DELIVERY_SKIPPED;
	world.refusals = 1;
	snprintf(world.dragged, sizeof(world.dragged), "{\"id\":\"a\",\"status\":\"confirmed\"}");
	world.conference_status = 403;
	pass(20000);
}

static void feeds_over_calls(void)
{
	world.feed = feed;
	reopen_with("[calendar main]\nwrites = yes\n[calendar home]\nkind = ics\n"
		    "url = http://127.0.0.1:4/home.ics\nevery_minutes = 5\n");
	pass(1000);
	book(7, 48);
	book(8, 60);
	pass(31000);
	world.refused = DELIVERY_DONE;
	world.refusals = 20;
	world.boot_ms += 270000;
	pass(6000);
	world.refusals = 0;
	world.refused = DELIVERY_DUE;
	world.refusals = 2;
	pass(12000);
	pass(12000);
}

/* A row of the same version is another by now. */
static void rows_of_one_version(void)
{
	struct uuid booking = add_lead(7, 0);
	struct lead row;

	fail_with(OUTSIDE_RESEND, ERR_UNREACHABLE);
	pass(1000);
	row = *lead_of(&booking);
	row.held = LEAD_HELD_VERIFY;
	put_row(&row);
	pass(1000);
	fail_with(OUTSIDE_RESEND, ERR_NONE);
	pass(5000);
}

/* One more than an address may have a mail of. */
static void two_calls_of(const char *email, int number)
{
	courier.conf->fair.mails_per_address = 1;
	for (int i = number; i < number + 2; i++) {
		struct uuid booking = add_lead(i, 0);

		lead_of(&booking)->email = email;
		add_entry(booking, ENTRY_BOOK, in_hours(28 + i));
	}
}

static void mails_of_one_address(void)
{
	two_calls_of("ada@example.com", 20);
	traces_fields = true;
	pass(4000);
}

/* Neither that a mail waits can be recorded, nor that it is told. */
static void wait_is_not_recorded(void)
{
	static const enum delivery_state states[] = {DELIVERY_DUE, DELIVERY_RETRY};

	for (int i = 0; i < (int)COUNT(states); i++) {
		world.refused = states[i];
		world.refusals = 1;
		two_calls_of(i ? "grace@example.com" : "ada@example.com", 20 + 2 * i);
		pass(4000);
	}
}

/* ---- A courier from its start to its end */

static volatile sig_atomic_t reload;

static void configure(const char *courier_says)
{
	char *conf = read_text(path_of("test.conf")), *end = strstr(conf, "replay_s = 60\n");

	ck_assert_ptr_nonnull(end);
	snprintf(strchr(end, '\n') + 1, 200, "%s", courier_says);
	put_file("test.conf", conf);
	free(conf);
	reload = 1;
}

static void happen(unsigned count)
{
	switch (count) {
	case 2:
		book(7, 48);
		break;
	case 4:
		configure("abandoned_minutes = 5\nnudge = no\n");
		break;
	case 6:
		configure("nothing = so\n");
		break;
	case 7:
		book(8, 49);
		world.refused = DELIVERY_DONE;
		world.refusals = 1;
		break;
	case 8:
		world.ledger_err = ERR_UNREACHABLE;
		book(9, 50);
		configure("");
		break;
	case 10:
		world.ledger_err = ERR_NONE;
		break;
	case 13:
		stopped = 1;
		break;
	default:
		break;
	}
}

static void from_start_to_end(void)
{
	sleeps = 0;
	stopped = reload = 0;
	on_sleep = happen;
	traces_notices = true;
	courier_run(&courier, &reload);
	traces_notices = false;
	stopped = 0;
	say("%" PRId64 "\n",
	    world.boot_ms - counters_get(courier.upstream.counters, GAUGE_COURIER_ROUND_MS));
}

static void stop_now(unsigned count)
{
	stopped = count > 0;
}

static void begins_with_little(void)
{
	ck_assert_int_eq(unlink(path_of("google-client-secret")), 0);
	ck_assert_int_eq(unlink(path_of("resend-api-key")), 0);
	ck_assert_int_eq(unlink(path_of("telegram-bot-token")), 0);
	stopped = 0;
	configure("");
	on_sleep = stop_now;
	courier_run(&courier, &reload);
	stopped = 0;
}

/* ---- Much at once */

static void read_slowly(const struct ids *ids)
{
	begin_line();
	say("read %zu bookings\n", ids->count);
	world.boot_ms += 1600;
}

static void old_briefs(void)
{
	for (int i = 0; i < 5000; i++)
		add_lead(20 + i, 30 * 24 * HOUR_MS);
	world.on_read = read_slowly;
	for (int i = 0; i < 4; i++) {
		courier_round(&courier);
		begin_line();
		say("%zu items\n", courier.agenda.table.count);
	}
}

static void send_slowly(const struct http_request *request, enum outside outside)
{
	begin_line();
	say("%s %s\n", request->method, outside == OUTSIDE_RESEND ? "a mail" : request->url);
	world.boot_ms += 700;
}

static void slow_mails(void)
{
	courier.rules.has_telegram = false;
	for (int i = 0; i < 12; i++)
		book(20 + i, 48 + i);
	world.on_look = NULL;
	world.on_request = send_slowly;
	for (int i = 0; i < 4; i++) {
		now("a round");
		courier_round(&courier);
	}
}

static void leases_of_many(void)
{
	courier.rules.has_telegram = false;
	for (int i = 0; i < 120; i++)
		book(20 + i, 48 + i);
	world.on_look = NULL;
	world.on_request = NULL;
	world.on_record = NULL;
	for (int i = 0; i < 6; i++) {
		world.puts = 0;
		courier_round(&courier);
		begin_line();
		say("%u records, %u leases\n", world.puts, lines(DELIVERY_LEASE));
	}
	lease_release_all(&courier);
	say("%u given back\n", lines(DELIVERY_RELEASE));
}

/* ---- Prospects of many places and tongues */

static void mails_of_many_places(void)
{
	static const struct {
		const char *zone, *language, *name, *video;
	} leads[] = {{"America/New_York", "en", "Ada", ""},
	    {"Nowhere/City", "xx", "Ada https://spam.example", ""},
	    {"Asia/Kolkata", "he", "Ada\nLovelace", "https://meet.example.com/own"},
	    {"", "de", "", ""}};

	traces_fields = true;
	for (size_t i = 0; i < COUNT(leads); i++) {
		struct uuid booking = add_lead(20 + (int)i, 0);
		struct lead *lead = lead_of(&booking);

		lead->timezone = leads[i].zone;
		lead->language = leads[i].language;
		lead->name = leads[i].name;
		lead->video = leads[i].video;
		lead->brief = "One line,\nand another.\n";
		add_entry(booking, ENTRY_BOOK, in_hours(48 + (int)i));
	}
	pass(8000);
	now("the day before");
	world.boot_ms += 25 * HOUR_MS;
	pass(3000);
}

static void mails_that_wait_for_a_store(void)
{
	book(7, 48);
	world.refused = DELIVERY_TRYING;
	world.refusals = 2;
	pass(12000);
	lead_of(&(struct uuid){.bytes = {[15] = 7}})->email = "nobody";
	pass(40000);
}

static const struct {
	const char *name;
	void (*live)(void);
} stories[] = {
    {"from-start-to-end", from_start_to_end},
    {"begins-with-little", begins_with_little},
    {"old-briefs", old_briefs},
    {"slow-mails", slow_mails},
    {"leases-of-many", leases_of_many},
    {"mails-of-many-places", mails_of_many_places},
    {"mails-that-wait-for-a-store", mails_that_wait_for_a_store},
    {"brief-and-call", brief_and_call},
    {"brief-without-a-call", brief_without_a_call},
    {"call-that-began", call_that_began},
    {"erased", erased},
    {"imported-row", imported_row},
    {"resend-is-down", resend_is_down},
    {"resend-is-unsure", resend_is_unsure},
    {"resend-refuses", resend_refuses},
    {"resend-is-in-a-hurry", resend_is_in_a_hurry},
    {"address-that-is-none", address_that_is_none},
    {"telegram-refuses-a-text", telegram_refuses_a_text},
    {"telegram-moves", telegram_moves},
    {"many-alerts", many_alerts},
    {"google-is-down", google_is_down},
    {"grant-is-dead", grant_is_dead},
    {"event-is-refused", event_is_refused},
    {"owners-event-lies-over-a-call", owners_event_lies_over_a_call},
    {"events-that-should-not-be", events_that_should_not_be},
    {"owner-is-told", owner_is_told},
    {"owner-is-obeyed", owner_is_obeyed},
    {"owner-may-not-append", owner_may_not_append},
    {"ledger-takes-nothing", ledger_takes_nothing},
    {"changes-cannot-be-read", changes_cannot_be_read},
    {"outage", outage},
    {"alert-that-cannot-leave", alert_that_cannot_leave},
    {"shortage", shortage},
    {"spool", spool},
    {"feeds", feeds},
    {"outage-that-cannot-be-noted", outage_that_cannot_be_noted},
    {"video-call", video_call},
    {"no-video-calls", no_video_calls},
    {"calls-on-a-caldav-server", calls_on_a_caldav_server},
    {"owner-at-a-caldav-server", owner_at_a_caldav_server},
    {"outage-of-a-caldav-server", outage_of_a_caldav_server},
    {"records-are-refused", records_are_refused},
    {"store-is-away", store_is_away},
    {"rows-that-are-gone", rows_that_are_gone},
    {"row-that-is-late", row_that_is_late},
    {"mail-that-cannot-be-written", mail_that_cannot_be_written},
    {"lease-of-another", lease_of_another},
    {"zone-data", zone_data},
    {"brief-of-the-spool", brief_of_the_spool},
    {"what-is-rarely-told", what_is_rarely_told},
    {"rows-of-one-version", rows_of_one_version},
    {"mails-of-one-address", mails_of_one_address},
    {"wait-is-not-recorded", wait_is_not_recorded},
    {"store-tells-nothing", store_tells_nothing},
    {"rights-cannot-be-read", rights_cannot_be_read},
    {"telegram-has-moved", telegram_has_moved},
    {"clocks-differ", clocks_differ},
    {"owner-is-not-alone", owner_is_not_alone},
    {"video-call-that-waits", video_call_that_waits},
    {"feeds-over-calls", feeds_over_calls},
};

START_TEST(story)
{
	stories[_i].live();
	agreed_story(stories[_i].name);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("traces");
	TCase *all = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	use_built_reader();
	tcase_add_checked_fixture(all, begin, end);
	tcase_add_loop_test(all, story, 0, (int)COUNT(stories));
	suite_add_tcase(suite, all);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

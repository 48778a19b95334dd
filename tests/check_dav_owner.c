/* SPDX-License-Identifier: MIT */
/* check_dav_owner.c: what the courier makes of what the owner does on a CalDAV server */
#include "courier_world.h"
#include "reader.h"

#define CALENDAR "[calendar dav]\nkind = caldav\nurl = http://127.0.0.1:5/avo/cal/\nwrites = yes\n"
#define ELSEWHERE                                                                                  \
	"[calendar dav]\nkind = caldav\nurl = http://127.0.0.1:5/avo/other/\nwrites = yes\n"
#define OBEY "obey = yes\n"

static int64_t in_hours(int hours)
{
	return (clock_wall_s() / 60 + hours * 60) * 60;
}

static void open_with(const char *more)
{
	put_file("dav-caldav-user", "avo");
	put_file("dav-caldav-password", "s3cret");
	reopen_courier(more);
}

/* A look at the calendar, and time for what follows from it. */
static void look_now(int64_t ms)
{
	courier.drift_look_ms = 0;
	live(ms);
}

/* A call whose event is written, and seen. */
static struct uuid book(int number, int hours)
{
	struct uuid booking = add_lead(number, 0);

	add_entry(booking, ENTRY_BOOK, in_hours(hours));
	live(35000);
	look_now(1000);
	return booking;
}

static struct ledger_booking standing(const struct uuid *booking)
{
	struct ledger_booking found;

	ledger_find(world.ledger, booking, &found);
	return found;
}

static struct dav_event *event_of(const struct uuid *booking)
{
	char id[EVENT_ID];

	return find_dav(calendar_event_id(booking, standing(booking).version, id));
}

static void drag(const struct uuid *booking, int64_t start, int64_t end)
{
	struct dav_event *event = event_of(booking);

	ck_assert_ptr_nonnull(event);
	put_moment(event->text, "DTSTART:", start);
	put_moment(event->text, "DTEND:", end);
	event->etag = ++world.dav_etags;
}

static void delete_event(const struct uuid *booking)
{
	struct dav_event *event = event_of(booking);

	ck_assert_ptr_nonnull(event);
	*event = world.dav[--world.dav_count];
}

static bool is_told(const char *words)
{
	return strstr(world.last[OUTSIDE_TELEGRAM], words) != NULL;
}

START_TEST(change_is_told)
{
	struct uuid booking;

	open_with(CALENDAR);
	booking = book(7, 48);
	ck_assert_uint_eq(recorded(&booking, DUTY_EVENT_SEEN, DELIVERY_DONE), 1);
	/* What is as it was is not read again. */
	world.dav_reads = 0;
	for (int i = 0; i < 3; i++)
		look_now(400);
	ck_assert_uint_eq(world.dav_reads, 0);
	drag(&booking, in_hours(72), in_hours(72) + 1800);
	look_now(2000);
	ck_assert(is_told("was%20moved%20to") && is_told("slotguardctl%20move"));
	ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DONE), 1);
	/* The same time is told once, however often the event is touched. */
	event_of(&booking)->etag = ++world.dav_etags;
	look_now(2000);
	ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DONE), 1);
	delete_event(&booking);
	look_now(2000);
	ck_assert(is_told("was%20deleted") && is_told("slotguardctl%20cancel"));
	/* Nor is what is still gone. */
	world.dav_reads = 0;
	for (int i = 0; i < 3; i++)
		look_now(2000);
	ck_assert_uint_eq(world.dav_reads, 0);
	ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DONE), 2);
	ck_assert(standing(&booking).is_live);
	ck_assert_uint_eq(world.inserts, 1);
	ck_assert_uint_eq(world.puts_back, 0);
}
END_TEST

/* What becomes of the event of a call that is over is its owner's. */
START_TEST(change_after_the_call)
{
	struct uuid booking;

	open_with(CALENDAR);
	booking = book(7, 48);
	world.boot_ms += standing(&booking).call.end * 1000 - clock_wall_ms() - _i;
	drag(&booking, in_hours(72), in_hours(72) + 1800);
	world.dav_reads = 0;
	courier.drift_look_ms = 0;
	courier_round(&courier);
	ck_assert_uint_eq(world.dav_reads, (unsigned)_i);
	ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DUE), (unsigned)_i);
}
END_TEST

START_TEST(change_is_done)
{
	struct uuid booking, other;
	uint64_t version;

	open_with(CALENDAR OBEY);
	booking = book(7, 48);
	other = book(8, 50);
	version = standing(&booking).version;
	drag(&booking, in_hours(72), in_hours(72) + 3600);
	look_now(2000);
	ck_assert_int_eq(standing(&booking).call.start, in_hours(72));
	ck_assert_int_eq(standing(&booking).call.end, in_hours(72) + 3600);
	ck_assert_int_eq(world.last_entry.actor, ACTOR_CALENDAR);
	ck_assert_uint_eq(world.last_entry.version, version);
	ck_assert_uint_eq(world.dav_count, 2);
	ck_assert_ptr_nonnull(event_of(&booking));
	/* Our own writes are no news. */
	for (int i = 0; i < 3; i++)
		look_now(35000);
	ck_assert_uint_eq(world.entries, 4);
	delete_event(&other);
	look_now(2000);
	ck_assert_int_eq(world.last_entry.kind, ENTRY_CANCEL);
	ck_assert(!standing(&other).is_live && standing(&booking).is_live);
	look_now(35000);
	ck_assert_uint_eq(world.entries, 5);
	ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DUE), 0);
}
END_TEST

/* Each of several changes is done; what is seen while the ledger cannot be read is news again. */
START_TEST(several_changes_are_done)
{
	int64_t before[3], to[2];
	struct uuid list[3];

	open_with(CALENDAR OBEY);
	for (int i = 0; i < 3; i++) {
		list[i] = book(7 + i, 48 + 2 * i);
		before[i] = standing(&list[i]).call.start;
	}
	for (int i = 0; i < 2; i++) {
		to[i] = in_hours(72 + 2 * i);
		drag(&list[i], to[i], to[i] + 1800);
	}
	delete_event(&list[2]);
	world.refresh_err = ERR_UNREACHABLE;
	look_now(1000);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(standing(&list[i]).call.start, before[i]);
	world.refresh_err = ERR_NONE;
	look_now(3000);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(standing(&list[i]).call.start, to[i]);
	ck_assert(!standing(&list[2]).is_live);
	ck_assert_uint_eq(world.dav_count, 2);
}
END_TEST

static struct uuid restless;
static uint64_t restless_version;

static void drag_it_on(void)
{
	char id[EVENT_ID];
	struct dav_event *event = find_dav(calendar_event_id(&restless, restless_version, id));

	if (world.dav_reads != 3)
		return;
	world.on_dav_read = NULL;
	put_moment(event->text, "DTSTART:", in_hours(96));
	put_moment(event->text, "DTEND:", in_hours(96) + 1800);
	event->etag = ++world.dav_etags;
}

/* Dragged once more before the event of before was taken away. */
START_TEST(dragged_on)
{
	open_with(CALENDAR OBEY);
	restless = book(7, 48);
	restless_version = standing(&restless).version;
	drag(&restless, in_hours(72), in_hours(72) + 1800);
	world.dav_reads = 0;
	world.on_dav_read = drag_it_on;
	look_now(2000);
	ck_assert_int_eq(standing(&restless).call.start, in_hours(96));
	ck_assert_uint_eq(world.dav_count, 1);
	ck_assert_ptr_nonnull(event_of(&restless));
}
END_TEST

static void leave_out(void)
{
	world.dav_leaves_out = world.dav_reads == 2;
}

/* An answer that leaves out what was asked for says nothing of it. */
START_TEST(left_out)
{
	const int64_t to = in_hours(72);
	struct uuid booking;

	open_with(CALENDAR OBEY);
	booking = book(7, 48);
	world.dav_leaves_out = true;
	for (int i = 0; i < 3; i++)
		look_now(2000);
	world.dav_leaves_out = false;
	look_now(2000);
	ck_assert_uint_eq(recorded(&booking, DUTY_OBEY, DELIVERY_DONE), 0);
	drag(&booking, to, to + 1800);
	world.dav_reads = 0;
	world.on_dav_read = leave_out;
	look_now(60000);
	ck_assert_int_eq(standing(&booking).call.start, to);
	ck_assert_uint_eq(world.dav_count, 1);
	ck_assert_ptr_nonnull(event_of(&booking));
}
END_TEST

/* Made to recur, and only the call's occurrence dragged: the series goes with it. */
START_TEST(occurrence_is_dragged)
{
	struct uuid booking;
	struct dav_event *event;
	struct ledger_booking before;
	char *end;

	open_with(CALENDAR OBEY);
	booking = book(7, 48);
	before = standing(&booking);
	event = event_of(&booking);
	end = strstr(event->text, "END:VEVENT");
	strcpy(end, "RRULE:FREQ=WEEKLY\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\n"
		    "RECURRENCE-ID:00000000T000000Z\r\nDTSTART:00000000T000000Z\r\n"
		    "DTEND:00000000T000000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
	put_moment(end, "RECURRENCE-ID:", before.call.start);
	put_moment(end, "DTSTART:", in_hours(72));
	put_moment(end, "DTEND:", in_hours(72) + 1800);
	event->etag = ++world.dav_etags;
	look_now(2000);
	ck_assert_int_eq(standing(&booking).call.start, in_hours(72));
	ck_assert_uint_eq(world.dav_count, 1);
	look_now(35000);
	ck_assert_uint_eq(standing(&booking).version, before.version + 1);
}
END_TEST

/* A deletion while no courier ran, and one before the courier compared calendar and ledger. */
START_TEST(deletion_is_remembered)
{
	struct uuid booking, other;

	open_with(CALENDAR OBEY);
	booking = book(7, 48);
	delete_event(&booking);
	reopen_courier(CALENDAR OBEY);
	look_now(30000);
	ck_assert(!standing(&booking).is_live);
	other = add_lead(8, 0);
	add_entry(other, ENTRY_BOOK, in_hours(50));
	/* A worker wrote it; the courier saw it before it was its time to look after it. */
	calendar_event_id(&other, standing(&other).version, world.dav[0].id);
	snprintf(world.dav[0].text, sizeof(world.dav[0].text),
	    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:00000000T000000Z\r\n"
	    "DTEND:00000000T000000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
	world.dav_count = 1;
	live(400);
	drag(&other, standing(&other).call.start, standing(&other).call.end);
	look_now(400);
	world.dav_count = 0;
	courier.drift_look_ms = INT64_MAX;
	live(60000);
	ck_assert_uint_eq(recorded(&other, DUTY_EVENT_AGAIN, DELIVERY_DONE), 1);
	ck_assert_uint_eq(world.dav_count, 0);
	look_now(2000);
	ck_assert(!standing(&other).is_live);
}
END_TEST

/* Undone after it was heard, as often as its owner likes. */
START_TEST(deletion_is_undone_too_late)
{
	struct dav_event kept;
	struct uuid booking;

	open_with(CALENDAR OBEY);
	booking = book(7, 48);
	kept = *event_of(&booking);
	delete_event(&booking);
	look_now(35000);
	ck_assert(!standing(&booking).is_live);
	look_now(1000);
	for (unsigned i = 1; i <= 2; i++) {
		world.dav[world.dav_count++] = kept;
		look_now(2000);
		ck_assert_uint_eq(world.dav_count, 0);
		ck_assert(is_told("was%20put%20back%20to"));
		ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DONE), i);
		look_now(1000);
		kept.etag = ++world.dav_etags;
	}
	ck_assert(!standing(&booking).is_live);
}
END_TEST

/* An event that was never seen in this calendar cannot have been deleted from it. */
START_TEST(another_calendar)
{
	struct uuid booking, unwritten;

	open_with(CALENDAR OBEY);
	booking = book(7, 48);
	world.dav_count = 0;
	reopen_courier(ELSEWHERE OBEY);
	for (int i = 0; i < 3; i++)
		look_now(2000);
	ck_assert(standing(&booking).is_live);
	unwritten = add_lead(8, 0);
	world.answers[OUTSIDE_DAV] = (struct answer){.status = 503};
	add_entry(unwritten, ENTRY_BOOK, in_hours(50));
	live(35000);
	world.answers[OUTSIDE_DAV] = (struct answer){0};
	courier.event_hold_ms = INT64_MAX / 2;
	for (int i = 0; i < 3; i++)
		look_now(400);
	ck_assert(standing(&unwritten).is_live);
	ck_assert_uint_eq(lines_of(DUTY_OBEY, DELIVERY_DUE), 0);
}
END_TEST

START_TEST(what_cannot_be_is_put_back)
{
	struct uuid booking, other;
	int64_t start;

	open_with(CALENDAR OBEY);
	booking = book(7, 48);
	other = book(8, 72);
	start = standing(&booking).call.start;
	(void)other;
	for (unsigned i = 1; i <= 2; i++) {
		drag(&booking, standing(&other).call.start, standing(&other).call.end);
		look_now(4000);
		ck_assert(is_told("the%20call%20with%20Ada") && is_told("000000000008"));
		ck_assert_uint_eq(world.puts_back, i);
		ck_assert_ptr_nonnull(strstr(world.match, "If-Match: \""));
		/* What was put back is no news. */
		look_now(4000);
		ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DONE), i);
	}
	ck_assert_int_eq(standing(&booking).call.start, start);
	/* A deletion that the ledger does not take is one, too, each time anew. */
	world.append_err = ERR_REFUSED;
	for (unsigned i = 1; i <= 2; i++) {
		delete_event(&booking);
		look_now(4000);
		ck_assert_ptr_nonnull(event_of(&booking));
		ck_assert_str_eq(world.match, "If-None-Match: *");
		look_now(4000);
		ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DONE), 2 + i);
	}
	ck_assert(standing(&booking).is_live);
}
END_TEST

static struct uuid dragged;

/* Between the look and what is put back. */
static void delete_then(void)
{
	if (world.dav_reads != 3)
		return;
	world.on_dav_read = NULL;
	delete_event(&dragged);
}

/* What is put back is what was seen: what was deleted since is a deletion of its own. */
START_TEST(later_change_is_left)
{
	struct uuid other;

	open_with(CALENDAR OBEY);
	dragged = book(7, 48);
	other = book(8, 72);
	drag(&dragged, standing(&other).call.start, standing(&other).call.end);
	world.dav_reads = 0;
	world.on_dav_read = delete_then;
	look_now(400);
	ck_assert_uint_eq(recorded(&dragged, DUTY_CALENDAR_CHANGED, DELIVERY_DONE), 1);
	ck_assert_uint_eq(world.puts_back + world.inserts, 2);
	ck_assert(standing(&dragged).is_live);
	look_now(2000);
	ck_assert(!standing(&dragged).is_live);
}
END_TEST

/* A server that cannot be asked hides nothing and ends nothing. */
START_TEST(server_that_is_down)
{
	struct uuid booking;

	open_with(CALENDAR OBEY);
	booking = book(7, 48);
	world.answers[OUTSIDE_DAV] =
	    (struct answer){.status = 207, .body = DAV_HEAD "</multistatus>"};
	world.answers[OUTSIDE_DAV].status = 503;
	world.dav_count = 0;
	for (int i = 0; i < 3; i++)
		look_now(400);
	ck_assert(courier.is_blind);
	ck_assert(standing(&booking).is_live);
	world.answers[OUTSIDE_DAV] = (struct answer){0};
	courier.event_hold_ms = 0;
	look_now(2000);
	ck_assert(!courier.is_blind);
	ck_assert(!standing(&booking).is_live);
}
END_TEST

static unsigned refused_looks;

/* What else stands in a call's time is not told, so many times. */
static void refuse_looks(const struct http_request *request, enum outside outside)
{
	bool is_look =
	    strcmp(request->method, "REPORT") == 0 && !strstr(request->body, "calendar-multiget");

	if (outside != OUTSIDE_DAV)
		return;
	world.answers[outside].status = is_look && refused_looks ? 503 : 0;
	refused_looks -= is_look && refused_looks;
}

/* Where that cannot be known yet the event is seen to once more. */
START_TEST(look_for_collisions_that_fails)
{
	struct uuid booking;

	open_with(CALENDAR);
	refused_looks = 1;
	world.on_request = refuse_looks;
	booking = book(7, 48);
	live(25000);
	ck_assert_uint_eq(refused_looks, 0);
	ck_assert_uint_eq(recorded(&booking, DUTY_EVENT, DELIVERY_RETRY), 1);
	ck_assert_uint_eq(recorded(&booking, DUTY_EVENT, DELIVERY_DONE), 1);
}
END_TEST

static unsigned dav_asked, dav_refused;

static void refuse_one(const struct http_request *request, enum outside outside)
{
	(void)request;
	if (outside == OUTSIDE_DAV)
		world.answers[OUTSIDE_DAV].status = ++dav_asked == dav_refused ? 503 : 0;
}

/* Nor does one that answers a part of what a look asks. */
START_TEST(server_that_answers_in_part)
{
	struct uuid booking;
	int64_t before;

	open_with(CALENDAR OBEY);
	booking = book(7, 48);
	before = standing(&booking).call.start;
	drag(&booking, before + 86400, before + 86400 + 1800);
	dav_asked = 0;
	dav_refused = 1 + (unsigned)_i;
	world.on_request = refuse_one;
	courier.drift_look_ms = 0;
	courier_round(&courier);
	ck_assert_uint_eq(dav_asked, dav_refused);
	ck_assert(courier.is_blind);
	ck_assert_int_eq(standing(&booking).call.start, before);
	courier.event_hold_ms = 0;
	look_now(2000);
	ck_assert(!courier.is_blind);
	ck_assert_int_eq(standing(&booking).call.start, before + 86400);
}
END_TEST

static void hide_calendar(void)
{
	world.answers[OUTSIDE_DAV] = (struct answer){.status = 404, .body = "404 page not found"};
}

/* Whatever stands before a server may say that it knows no calendar while that begins anew: what
 * its owner did is dealt with afterwards. */
START_TEST(calendar_that_is_hidden)
{
	struct uuid booking, other;
	struct dav_event kept;

	open_with(CALENDAR OBEY);
	booking = book(7, 48);
	other = book(8, 72);
	kept = *event_of(&booking);
	world.on_dav_read = hide_calendar;
	if (_i == 0) {
		/* A time that the call cannot have, so that its event is put back. */
		drag(&booking, standing(&other).call.start, standing(&other).call.end);
	} else {
		/* An event that is there again, and is taken away. */
		add_entry(booking, ENTRY_CANCEL, 0);
		live(35000);
		ck_assert_uint_eq(world.dav_count, 1);
		kept.etag = ++world.dav_etags;
		world.dav[world.dav_count++] = kept;
	}
	look_now(2000);
	ck_assert(world.answers[OUTSIDE_DAV].status == 404);
	world.on_dav_read = NULL;
	world.answers[OUTSIDE_DAV] = (struct answer){0};
	look_now(40000);
	ck_assert_uint_eq(world.puts_back, _i == 0);
	ck_assert_uint_eq(world.dav_count, _i == 0 ? 2 : 1);
	ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DONE), 1);
}
END_TEST

static const struct odd_answer odds[] = {
    {{.err = ERR_UNREACHABLE}, false},
    {{.err = ERR_UNSURE}, true},
    {{.status = 503}, false},
    {{.status = 503}, true},
    {{.status = 404, .body = "404 page not found"}, false},
    {{.status = 302}, false},
    {{.status = 200, .body = "<html>Please log in</html>"}, false},
    {{.status = 401}, false},
};
#define ODD_TRANSFERS 5

/* Whatever the server's first answers are, each once: an event is written and is taken away again.
 */
START_TEST(any_answer_is_odd)
{
	struct uuid booking;

	open_with(CALENDAR OBEY);
	world.odd = odds[_i / ODD_TRANSFERS];
	world.odd_outside = OUTSIDE_DAV;
	world.odd_transfer = 1 + (unsigned)_i % ODD_TRANSFERS;
	booking = add_lead(7, 0);
	add_entry(booking, ENTRY_BOOK, in_hours(48));
	live(75000);
	ck_assert_ptr_nonnull(event_of(&booking));
	ck_assert_uint_eq(world.dav_count, 1);
	ck_assert_uint_ge(world.transfers, ODD_TRANSFERS);
	world.transfers = 0;
	add_entry(booking, ENTRY_CANCEL, 0);
	live(75000);
	ck_assert_uint_eq(world.dav_count, 0);
}
END_TEST

/* One that a server cannot tell of at the moment is not one that was deleted. */
START_TEST(event_that_is_withheld)
{
	static const char *const words[] = {
	    "<propstat><prop><getetag/></prop><status>HTTP/1.1 500 Oh</status></propstat>",
	    "<propstat><prop><getetag/></prop><status>HTTP/1.1 403 No</status></propstat>", ""};
	struct uuid booking;
	char body[1000], id[EVENT_ID];

	open_with(CALENDAR OBEY);
	booking = book(7, 48);
	calendar_event_id(&booking, standing(&booking).version, id);
	snprintf(body, sizeof(body),
	    DAV_HEAD "<response><href>/avo/cal/%s.ics</href>%s</response></multistatus>", id,
	    words[_i]);
	world.answers[OUTSIDE_DAV] = (struct answer){.status = 207, .body = body};
	for (int i = 0; i < 3; i++)
		look_now(5000);
	ck_assert(standing(&booking).is_live);
	ck_assert(courier.is_blind);
	world.answers[OUTSIDE_DAV] = (struct answer){0};
	look_now(5000);
	ck_assert(standing(&booking).is_live);
	ck_assert(!courier.is_blind);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dav_owner");
	TCase *all = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	use_built_reader();
	tcase_add_checked_fixture(all, set_up, tear_down);
	tcase_add_test(all, change_is_told);
	tcase_add_loop_test(all, change_after_the_call, 0, 2);
	tcase_add_test(all, change_is_done);
	tcase_add_test(all, several_changes_are_done);
	tcase_add_test(all, dragged_on);
	tcase_add_test(all, left_out);
	tcase_add_test(all, occurrence_is_dragged);
	tcase_add_test(all, deletion_is_remembered);
	tcase_add_test(all, deletion_is_undone_too_late);
	tcase_add_test(all, another_calendar);
	tcase_add_test(all, what_cannot_be_is_put_back);
	tcase_add_test(all, later_change_is_left);
	tcase_add_test(all, server_that_is_down);
	tcase_add_test(all, look_for_collisions_that_fails);
	tcase_add_loop_test(all, server_that_answers_in_part, 0, 2);
	tcase_add_loop_test(all, any_answer_is_odd, 0, (int)COUNT(odds) * ODD_TRANSFERS);
	tcase_add_loop_test(all, event_that_is_withheld, 0, 3);
	tcase_add_loop_test(all, calendar_that_is_hidden, 0, 2);
	suite_add_tcase(suite, all);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

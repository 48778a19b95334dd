/* SPDX-License-Identifier: MIT */
/* check_why.c: what is open to whom and why the rest is not, against a reading of the rules by hand
 */
#include "core/outlook.h"
#include "hours.h"
#include "ledgers.h"

#define NY "America/New_York"

static struct arena *arena;
static struct ledger *ledger;
static struct zone *zone;
static struct hours hours;
static struct offer offer;
static struct offer_list open_list;
static uint64_t number;

static void start_ledger(void)
{
	struct entry epoch = {.number = 1, .id = id_of(1)};

	ledger_free(ledger);
	ledger = ledger_new();
	ck_assert_ptr_nonnull(ledger);
	ck_assert_int_eq(apply(ledger, &epoch), VERDICT_ACCEPTED);
	number = 1;
	offer.ledger = ledger;
}

/* Monday to Saturday, 8:00 to 16:30 in New York; it is Monday, November 30, 2026, 10:00. */
static void set_up(void)
{
	static const struct plain usual = {0x7e, 480, 990, 30, 14, 0, 0};

	arena = arena_new(1 << 24);
	ck_assert_ptr_nonnull(arena);
	zone = open_zone(NY);
	hours = hours_of(&usual);
	offer = (struct offer){.hours = &hours,
	    .zone = zone,
	    .now = instant("2026-11-30T10:00:00-05:00"),
	    .owner = "a",
	    .booking = id_of(1)};
	ledger = NULL;
	start_ledger();
}

static void tear_down(void)
{
	arena_free(arena);
	zone_free(zone);
	ledger_free(ledger);
}

static void look(void)
{
	struct fail fail = {0};

	arena_reset(arena);
	ck_assert_int_eq(offer_slots(&offer, arena, &open_list, &fail), ERR_NONE);
}

/* Takes a call for a booking, as a click would; false: the ledger refuses. */
static bool book(int booking, int64_t start)
{
	struct interval call = {start, start + hours.slot_minutes * 60};
	struct offer other = offer;
	struct entry entry;

	other.booking = id_of(booking);
	entry = offer_entry(&other, call, 0, CALENDAR_OFF);
	entry.number = ++number;
	entry.id = id_of(1000 + (int)number);
	return apply(ledger, &entry) == VERDICT_ACCEPTED;
}

static void block(int id, int64_t start, int64_t end)
{
	struct entry entry = {.number = number + 1,
	    .id = id_of(1001 + (int)number),
	    .kind = ENTRY_BLOCK,
	    .booking = id_of(id),
	    .owner = "a",
	    .call = {start, end},
	    .taken = {start, end}};

	number++;
	ck_assert_int_eq(apply(ledger, &entry), VERDICT_ACCEPTED);
}

static struct why why_at(const char *time)
{
	look();
	return why_closed(&offer, &open_list, instant(time));
}

static const char *reason_at(const char *time)
{
	return reason_name(why_at(time).reason);
}

START_TEST(reasons_of_the_hours)
{
	struct special special[] = {
	    {20789, 20789, {.line = 7}, false}, /* 2026-12-02 */
	    {20790, 20790, {.line = 8}, true},
	    {20791, 20791, {1, {{600, 660}}, 9}, false},
	};

	ck_assert_int_eq(civil_days(2026, 12, 2), special[0].first);
	hours.special = special;
	hours.special_count = COUNT(special);
	hours.week[0].line = 5;
	ck_assert_str_eq(reason_at("2026-11-30T10:30:00-05:00"), "open");
	ck_assert_str_eq(reason_at("2026-11-30T10:00:00-05:00"), "begun");
	ck_assert_str_eq(reason_at("2026-11-30T09:45:00-05:00"), "begun");
	ck_assert_str_eq(reason_at("2026-12-01T07:30:00-05:00"), "hours");
	ck_assert_str_eq(reason_at("2026-12-01T17:00:00-05:00"), "hours");
	ck_assert_str_eq(reason_at("2026-12-01T08:15:00-05:00"), "step");
	ck_assert_str_eq(reason_at("2026-12-01T08:00:30-05:00"), "step");
	ck_assert_str_eq(reason_at("2026-12-02T08:00:00-05:00"), "date");
	ck_assert_uint_eq(why_at("2026-12-02T08:00:00-05:00").line, 7);
	ck_assert_str_eq(reason_at("2026-12-03T08:00:00-05:00"), "holiday");
	ck_assert_uint_eq(why_at("2026-12-03T08:00:00-05:00").line, 8);
	ck_assert_str_eq(reason_at("2026-12-04T08:00:00-05:00"), "hours");
	ck_assert_uint_eq(why_at("2026-12-04T08:00:00-05:00").line, 9);
	ck_assert_str_eq(reason_at("2026-12-04T10:30:00-05:00"), "open");
	ck_assert_str_eq(reason_at("2026-12-06T10:30:00-05:00"), "day");
	ck_assert_uint_eq(why_at("2026-12-06T10:30:00-05:00").line, 5);
	ck_assert_str_eq(reason_at("2026-12-13T10:30:00-05:00"), "day");
	ck_assert_str_eq(reason_at("2026-12-14T10:30:00-05:00"), "window");
	ck_assert_int_eq(
	    why_at("2026-12-14T10:30:00-05:00").span.end, instant("2026-12-14T05:00:00Z"));
}
END_TEST

/* The hour that the clock shows twice: the first time counts. */
START_TEST(clock_put_back)
{
	static const struct plain nights = {0x01, 60, 150, 30, 1, 0, 0};

	hours = hours_of(&nights);
	offer.now = instant("2026-11-01T00:10:00-04:00");
	ck_assert_str_eq(reason_at("2026-11-01T01:30:00-04:00"), "open");
	ck_assert_str_eq(reason_at("2026-11-01T01:30:00-05:00"), "clock");
	ck_assert_str_eq(reason_at("2026-11-01T02:00:00-05:00"), "open");
}
END_TEST

/* now, notice, and the first start that is open; all in New York. */
static const struct {
	const char *what;
	enum notice_kind notice;
	int64_t notice_s;
	const char *now, *first;
} notices[] = {
    {"none", NOTICE_TIME, 0, "2026-11-30T10:00:00-05:00", "2026-11-30T10:30:00-05:00"},
    {"two hours, exactly", NOTICE_TIME, 7200, "2026-11-30T10:00:00-05:00",
	"2026-11-30T12:00:00-05:00"},
    {"a second less", NOTICE_TIME, 7200, "2026-11-30T10:00:01-05:00", "2026-11-30T12:30:00-05:00"},
    {"over midnight", NOTICE_TIME, 64800, "2026-11-30T15:00:00-05:00", "2026-12-01T09:00:00-05:00"},
    {"over a Sunday", NOTICE_TIME, 86400, "2026-12-05T16:00:00-05:00", "2026-12-07T08:00:00-05:00"},
    /* The night of the change has an hour less, or more: twelve hours are twelve hours. */
    {"clock put forward", NOTICE_TIME, 36 * 3600, "2026-03-07T21:30:00-05:00",
	"2026-03-09T10:30:00-04:00"},
    {"clock put back", NOTICE_TIME, 36 * 3600, "2026-10-31T21:30:00-04:00",
	"2026-11-02T08:30:00-05:00"},
    {"not today", NOTICE_DAY, 0, "2026-11-30T00:00:00-05:00", "2026-12-01T08:00:00-05:00"},
    {"not today, a second before midnight", NOTICE_DAY, 0, "2026-11-30T23:59:59-05:00",
	"2026-12-01T08:00:00-05:00"},
    {"not today, a second later", NOTICE_DAY, 0, "2026-12-01T00:00:00-05:00",
	"2026-12-02T08:00:00-05:00"},
    {"not on a Saturday for Monday", NOTICE_DAY, 0, "2026-12-05T12:00:00-05:00",
	"2026-12-07T08:00:00-05:00"},
    {"the next business day", NOTICE_WORKDAY, 0, "2026-12-04T12:00:00-05:00",
	"2026-12-05T08:00:00-05:00"},
    {"the next business day after a Saturday", NOTICE_WORKDAY, 0, "2026-12-05T12:00:00-05:00",
	"2026-12-07T08:00:00-05:00"},
    {"the next business day on a Sunday", NOTICE_WORKDAY, 0, "2026-12-06T12:00:00-05:00",
	"2026-12-07T08:00:00-05:00"},
    {"on the day of the change", NOTICE_DAY, 0, "2026-03-08T12:00:00-04:00",
	"2026-03-09T08:00:00-04:00"},
};

START_TEST(notice)
{
	struct why why;

	hours.notice = notices[_i].notice;
	hours.notice_s = notices[_i].notice_s;
	offer.now = instant(notices[_i].now);
	look();
	ck_assert_uint_gt(open_list.count, 0);
	ck_assert_msg(open_list.slots[0].call.start == instant(notices[_i].first), "%s: %jd",
	    notices[_i].what,
	    (intmax_t)(open_list.slots[0].call.start - instant(notices[_i].first)));
	if (hours.notice == NOTICE_TIME && !hours.notice_s)
		return;
	/* What is too near says from when on it is not. */
	hours.notice = NOTICE_TIME;
	hours.notice_s = 3600;
	offer.now = instant("2026-11-30T10:00:00-05:00");
	why = why_at("2026-11-30T10:30:00-05:00");
	ck_assert_str_eq(reason_name(why.reason), "notice");
	ck_assert(why_was_offered(&why));
	ck_assert_int_eq(why.span.end, instant("2026-11-30T11:00:00-05:00"));
}
END_TEST

static const struct {
	const char *what;
	enum window_kind window;
	int days; /* or 0: from -> to */
	const char *from, *to, *now, *first, *last;
} windows[] = {
    {"ten business days", WINDOW_WORKDAYS, 10, "", "", "2026-11-30T00:00:00-05:00",
	"2026-11-30T08:00:00-05:00", "2026-12-10T16:30:00-05:00"},
    {"ten business days on a Sunday", WINDOW_WORKDAYS, 10, "", "", "2026-12-06T00:00:00-05:00",
	"2026-12-07T08:00:00-05:00", "2026-12-17T16:30:00-05:00"},
    {"one business day on a Sunday", WINDOW_WORKDAYS, 1, "", "", "2026-12-06T12:00:00-05:00",
	"2026-12-07T08:00:00-05:00", "2026-12-07T16:30:00-05:00"},
    {"over the change in spring", WINDOW_WORKDAYS, 3, "", "", "2026-03-06T00:00:00-05:00",
	"2026-03-06T08:00:00-05:00", "2026-03-09T16:30:00-04:00"},
    {"sixty business days end after sixty days", WINDOW_WORKDAYS, 60, "", "",
	"2026-11-30T00:00:00-05:00", "2026-11-30T08:00:00-05:00", "2027-01-28T16:30:00-05:00"},
    {"dates to come", WINDOW_DATES, 0, "2026-12-10", "2026-12-12", "2026-11-30T00:00:00-05:00",
	"2026-12-10T08:00:00-05:00", "2026-12-12T16:30:00-05:00"},
    {"in the midst of the dates", WINDOW_DATES, 0, "2026-11-10", "2026-12-12",
	"2026-11-30T09:00:00-05:00", "2026-11-30T09:30:00-05:00", "2026-12-12T16:30:00-05:00"},
    {"dates that are over", WINDOW_DATES, 0, "2026-11-10", "2026-11-12",
	"2026-11-30T09:00:00-05:00", NULL, NULL},
    {"dates far away", WINDOW_DATES, 0, "2028-02-28", "2028-03-01", "2026-11-30T09:00:00-05:00",
	"2028-02-28T08:00:00-05:00", "2028-03-01T16:30:00-05:00"},
};

static int64_t date_of(const char *text)
{
	int year = 0, month = 0, day = 0;

	ck_assert_int_eq(sscanf(text, "%d-%d-%d", &year, &month, &day), 3);
	return civil_days(year, month, day);
}

START_TEST(window)
{
	struct interval asked;

	hours.window = windows[_i].window;
	hours.window_days = windows[_i].days;
	if (!windows[_i].days) {
		hours.window_first = date_of(windows[_i].from);
		hours.window_last = date_of(windows[_i].to);
	}
	offer.now = instant(windows[_i].now);
	look();
	asked = slots_window(&hours, zone, offer.now);
	ck_assert_int_lt(asked.start, asked.end);
	ck_assert_msg((open_list.count > 0) == (windows[_i].first != NULL), "%s", windows[_i].what);
	if (!open_list.count)
		return;
	ck_assert_msg(
	    open_list.slots[0].call.start == instant(windows[_i].first) &&
		open_list.slots[open_list.count - 1].call.start == instant(windows[_i].last),
	    "%s", windows[_i].what);
	ck_assert_int_le(asked.start, instant(windows[_i].first));
	ck_assert_int_ge(asked.end, instant(windows[_i].last) + 1800);
}
END_TEST

/*
 * One rule for calls and for events, on steps of five minutes: from buffer_before before a call to
 * buffer_after after it there is nothing else. The other thing is from 12:00 to 12:30.
 */
static const struct {
	int before, after;
	/* The last start before the other thing and the first after it. */
	const char *last_by_call, *first_by_call, *last_by_event, *first_by_event;
} buffers[] = {
    {0, 0, "11:30", "12:30", "11:30", "12:30"},
    {15, 15, "11:15", "12:45", "11:15", "12:45"},
    {15, 0, "11:15", "12:45", "11:30", "12:45"},
    {0, 15, "11:15", "12:45", "11:15", "12:30"},
    {10, 20, "11:10", "12:50", "11:10", "12:40"},
    {20, 10, "11:10", "12:50", "11:20", "12:50"},
};

static void expect_gap(const char *last, const char *first, const char *what)
{
	char before[INSTANT_TEXT] = "", after[INSTANT_TEXT] = "";

	look();
	for (size_t i = 0; i < open_list.count; i++) {
		struct civil at = civil_from_seconds(open_list.slots[i].call.start - 5 * 3600);
		char *out = at.day != 1 ? NULL : at.hour < 12 ? before : after[0] ? NULL : after;

		if (out)
			snprintf(out, INSTANT_TEXT, "%02d:%02d", at.hour, at.minute);
	}
	ck_assert_msg(strcmp(before, last) == 0 && strcmp(after, first) == 0,
	    "%s, buffers %d and %d: %s and %s", what, hours.buffer_before, hours.buffer_after,
	    before, after);
}

START_TEST(buffer)
{
	int64_t noon = instant("2026-12-01T12:00:00-05:00");
	struct interval event = {noon, noon + 1800};

	hours.step_minutes = 5;
	hours.buffer_before = buffers[_i].before;
	hours.buffer_after = buffers[_i].after;
	ck_assert(book(2, noon));
	expect_gap(buffers[_i].last_by_call, buffers[_i].first_by_call, "a call");
	/* And the ledger refuses one that is nearer, however it came to be asked for. */
	look();
	for (int64_t start = noon - 7200; start < noon + 7200; start += 300) {
		struct entry entry =
		    offer_entry(&offer, (struct interval){start, start + 1800}, 0, CALENDAR_OFF);

		ck_assert_int_eq(ledger_judge(ledger, &entry) == VERDICT_ACCEPTED,
		    slots_find(open_list.slots, open_list.count, start) != NULL);
	}
	start_ledger();
	offer.calendar = &event;
	offer.calendar_count = 1;
	expect_gap(buffers[_i].last_by_event, buffers[_i].first_by_event, "an event");
	offer.calendar_count = 0;
	offer.imported = &event;
	offer.imported_count = 1;
	expect_gap(buffers[_i].last_by_event, buffers[_i].first_by_event, "an imported row");
}
END_TEST

/* A call keeps the buffers that it was booked with. */
START_TEST(buffers_that_were_changed)
{
	int64_t noon = instant("2026-12-01T12:00:00-05:00");
	struct entry entry;

	hours.step_minutes = 5;
	/* As the first version wrote it: both sides. */
	entry = offer_entry(&offer, (struct interval){noon, noon + 1800}, 0, CALENDAR_OFF);
	entry.booking = id_of(2);
	entry.number = ++number;
	entry.id = id_of(77);
	entry.taken = (struct interval){noon - 900, noon + 2700};
	ck_assert_int_eq(apply(ledger, &entry), VERDICT_ACCEPTED);
	expect_gap("11:15", "12:45", "an old call");
	hours.buffer_after = hours.buffer_before = 15;
	expect_gap("11:00", "12:45", "an old call");
}
END_TEST

START_TEST(what_else_there_is)
{
	int64_t noon = instant("2026-12-01T12:00:00-05:00");
	struct interval event = {noon + 3600, noon + 5400}, row = {noon + 7200, noon + 9000};
	struct why why;

	offer.calendar = &event;
	offer.imported = &row;
	offer.calendar_count = offer.imported_count = 1;
	ck_assert(book(2, noon));
	block(3, noon - 3600, noon - 1800);
	why = why_at("2026-12-01T12:00:00-05:00");
	ck_assert_str_eq(reason_name(why.reason), "call");
	ck_assert(uuid_equal(&why.id, &(struct uuid[]){id_of(2)}[0]));
	ck_assert_int_eq(why.span.start, noon);
	why = why_at("2026-12-01T11:00:00-05:00");
	ck_assert_str_eq(reason_name(why.reason), "block");
	ck_assert_int_eq(why.span.end, noon - 1800);
	why = why_at("2026-12-01T13:00:00-05:00");
	ck_assert_str_eq(reason_name(why.reason), "event");
	ck_assert_int_eq(why.span.start, event.start);
	ck_assert_str_eq(reason_at("2026-12-01T14:00:00-05:00"), "imported");
	ck_assert_str_eq(reason_at("2026-12-01T12:30:00-05:00"), "open");
	/* To whom it belongs, the call is no obstacle, nor is its event; but it is no choice. */
	offer.booking = id_of(2);
	event = (struct interval){noon, noon + 1800};
	ck_assert_str_eq(reason_at("2026-12-01T12:00:00-05:00"), "own");
	event.end += 60;
	ck_assert_str_eq(reason_at("2026-12-01T12:30:00-05:00"), "event");
}
END_TEST

START_TEST(caps)
{
	int64_t monday = instant("2026-11-30T13:00:00-05:00");
	struct why why;

	hours.max_per_day = 2;
	ck_assert(book(2, monday) && book(3, monday + 1800));
	why = why_at("2026-11-30T15:00:00-05:00");
	ck_assert_str_eq(reason_name(why.reason), "cap");
	ck_assert(why.cap.kind == CAP_DAY && why.counted == 2 && why.cap.limit == 2);
	ck_assert_str_eq(reason_at("2026-12-01T15:00:00-05:00"), "open");
	/* The week begins on Monday: Sunday is the last of the one before. */
	hours.max_per_day = 0;
	hours.max_per_week = 2;
	why = why_at("2026-12-05T15:00:00-05:00");
	ck_assert(why.reason == REASON_CAP && why.cap.kind == CAP_WEEK);
	ck_assert_int_eq(why.cap.within.start, instant("2026-11-30T05:00:00Z"));
	ck_assert_int_eq(why.cap.within.end, instant("2026-12-07T05:00:00Z"));
	ck_assert_str_eq(reason_at("2026-12-07T15:00:00-05:00"), "open");
	hours.max_per_week = 0;
	hours.max_per_month = 2;
	why = why_at("2026-11-30T15:00:00-05:00");
	ck_assert(why.reason == REASON_CAP && why.cap.kind == CAP_MONTH);
	ck_assert_int_eq(why.cap.within.start, instant("2026-11-01T04:00:00Z"));
	ck_assert_int_eq(why.cap.within.end, instant("2026-12-01T05:00:00Z"));
	ck_assert_str_eq(reason_at("2026-12-01T15:00:00-05:00"), "open");
	/* Who is among them may move. */
	offer.booking = id_of(3);
	ck_assert_str_eq(reason_at("2026-11-30T15:00:00-05:00"), "open");
}
END_TEST

/* Without the calendar nothing is offered, and what else closes a start is still said. */
START_TEST(outage)
{
	struct outlook found;
	struct fail fail = {0};

	ck_assert(book(2, instant("2026-12-01T12:00:00-05:00")));
	offer.is_outage = true;
	look();
	ck_assert_uint_eq(open_list.count, 0);
	ck_assert_str_eq(reason_at("2026-12-01T11:00:00-05:00"), "outage");
	ck_assert_str_eq(reason_at("2026-12-01T12:00:00-05:00"), "call");
	ck_assert_str_eq(reason_at("2026-12-06T12:00:00-05:00"), "day");
	hours.is_packed = true;
	ck_assert_str_eq(reason_at("2026-12-01T11:00:00-05:00"), "outage");
	hours.is_packed = false;
	hours.window_days = 2;
	ck_assert_int_eq(outlook_find(&offer, 1, arena, &found, &fail), ERR_NONE);
	ck_assert_uint_eq(found.open, 0);
	ck_assert_int_eq(outlook_reason(&found, 0), REASON_OUTAGE);
	ck_assert_uint_eq(found.closed[REASON_OUTAGE], 13 + 17);
	ck_assert_uint_eq(found.busy_count, 0);
}
END_TEST

/* A call that is in nobody's way but for the buffers says so. */
START_TEST(closed_by_a_buffer)
{
	int64_t noon = instant("2026-12-01T12:00:00-05:00");
	struct interval event = {noon + 7200, noon + 9000};

	ck_assert(book(2, noon));
	offer.calendar = &event;
	offer.calendar_count = 1;
	hours.buffer_after = 10;
	ck_assert(why_at("2026-12-01T11:30:00-05:00").is_buffer);
	ck_assert_str_eq(reason_at("2026-12-01T11:30:00-05:00"), "call");
	ck_assert(!why_at("2026-12-01T12:00:00-05:00").is_buffer);
	ck_assert(why_at("2026-12-01T13:30:00-05:00").is_buffer);
	ck_assert_str_eq(reason_at("2026-12-01T13:30:00-05:00"), "event");
	ck_assert(!why_at("2026-12-01T14:00:00-05:00").is_buffer);
}
END_TEST

static const char *standing(int booking, const char *time, int minutes)
{
	int64_t start = instant(time);

	offer.booking = id_of(booking);
	return reason_name(
	    why_standing(&offer, (struct interval){start, start + minutes * 60}).reason);
}

/* Calls that were booked by other rules than those of now. */
START_TEST(calls_that_stand)
{
	static const char eight[] = "2026-12-01T08:00:00-05:00",
			  nine[] = "2026-12-01T09:00:00-05:00",
			  next[] = "2026-12-02T08:00:00-05:00";
	struct special off = {20789, 20789, {.line = 7}, false}; /* 2026-12-02 */
	struct interval event = {instant(eight), instant(nine)};

	ck_assert(book(2, instant(eight)) && book(3, instant(nine)) && book(4, instant(next)));
	ck_assert(book(5, instant("2026-11-30T10:30:00-05:00")));
	offer.calendar = &event;
	offer.calendar_count = 1;
	/* By the same rules each would be offered, whatever the calendar says and however near. */
	hours.notice = NOTICE_WORKDAY;
	ck_assert_str_eq(standing(2, eight, 30), "open");
	ck_assert_str_eq(standing(5, "2026-11-30T10:30:00-05:00", 30), "open");
	hours.notice = NOTICE_TIME;
	hours.notice_s = 10 * DAY_S;
	ck_assert_str_eq(standing(2, eight, 30), "open");
	offer.is_outage = true;
	ck_assert_str_eq(standing(2, eight, 30), "open");
	/* Hours, dates, steps and the window. */
	hours.week[2].spans[0].first = 510;
	ck_assert_str_eq(standing(2, eight, 30), "hours");
	ck_assert_str_eq(standing(3, nine, 30), "open");
	hours.week[2].spans[0].first = 450;
	hours.step_minutes = 60;
	ck_assert_str_eq(standing(2, eight, 30), "step");
	hours.is_packed = true;
	ck_assert_str_eq(standing(2, eight, 30), "open");
	hours.is_packed = false;
	hours.step_minutes = 30;
	hours.special = &off;
	hours.special_count = 1;
	ck_assert_str_eq(standing(4, next, 30), "date");
	hours.special_count = 0;
	hours.window_days = 2;
	ck_assert_str_eq(standing(3, nine, 30), "open");
	ck_assert_str_eq(standing(4, next, 30), "window");
	hours.window_days = 14;
	/* The length, buffers between two calls, and caps with the others that count. */
	hours.slot_minutes = 45;
	ck_assert_str_eq(standing(2, eight, 30), "length");
	ck_assert_str_eq(standing(2, eight, 45), "open");
	hours.slot_minutes = 30;
	/* The second of the two is too near; the first needs nothing after it. */
	hours.buffer_before = 31;
	ck_assert_str_eq(standing(2, eight, 30), "open");
	ck_assert_str_eq(standing(3, nine, 30), "call");
	ck_assert_str_eq(standing(4, next, 30), "open");
	hours.buffer_before = 0;
	hours.max_per_day = 2;
	ck_assert_str_eq(standing(2, eight, 30), "open");
	hours.max_per_day = 1;
	ck_assert_str_eq(standing(2, eight, 30), "cap");
	ck_assert_str_eq(standing(3, nine, 30), "cap");
	ck_assert_str_eq(standing(4, next, 30), "open");
}
END_TEST

/* Starts of December 1 as "08:00 08:30". */
static const char *starts(void)
{
	static char text[400];
	size_t len = 0;

	look();
	text[0] = '\0';
	for (size_t i = 0; i < open_list.count; i++) {
		struct civil at = civil_from_seconds(open_list.slots[i].call.start - 5 * 3600);

		if (at.day == 1 && at.month == 12)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%02d:%02d",
			    len ? " " : "", at.hour, at.minute);
	}
	return text;
}

START_TEST(packed)
{
	int64_t eight = instant("2026-12-01T08:00:00-05:00");
	struct interval busy[] = {{eight + 2400, eight + 4200}, {eight + 6000, eight + 6030}};

	hours.is_packed = true;
	hours.week[2] = (struct workday){2, {{480, 570}, {660, 690}}, 0};
	ck_assert_str_eq(starts(), "08:00 08:30 09:00 09:30 11:00 11:30");
	/* What begins at this moment has begun. */
	offer.now = eight;
	ck_assert_str_eq(starts(), "08:30 09:00 09:30 11:00 11:30");
	offer.now = eight - DAY_S;
	/* Busy from 08:40 to 09:10: the next start is 09:10, and the next span begins by itself. */
	offer.calendar = busy;
	offer.calendar_count = 1;
	ck_assert_str_eq(starts(), "08:00 09:10 11:00 11:30");
	hours.buffer_before = 10;
	ck_assert_str_eq(starts(), "08:00 09:20 11:00 11:30");
	hours.buffer_after = 15;
	ck_assert_str_eq(starts(), "09:20 11:00 11:30");
	/* What ends within a minute is over in the next. */
	hours.buffer_before = hours.buffer_after = 0;
	offer.calendar_count = 2;
	hours.step_minutes = 15;
	hours.slot_minutes = 15;
	ck_assert_str_eq(starts(), "08:00 08:15 09:10 09:25 11:00 11:15 11:30");
	ck_assert_str_eq(reason_at("2026-12-01T09:15:00-05:00"), "packed");
	ck_assert_str_eq(reason_at("2026-12-01T09:30:00-05:00"), "event");
	ck_assert_str_eq(reason_at("2026-12-01T09:20:00-05:00"), "packed");
	ck_assert_str_eq(reason_at("2026-12-01T10:00:00-05:00"), "hours");
}
END_TEST

/* ---- By hand: the C library's clock, and nothing in mind but one start. */

#define EVENTS 40

struct world {
	struct interval events[EVENTS], rows[EVENTS], calls[EVENTS];
	size_t event_count, row_count, call_count;
};

static struct tm reading(int64_t utc)
{
	time_t at = utc;
	struct tm tm;

	localtime_r(&at, &tm);
	return tm;
}

static int64_t day_of(const struct tm *tm)
{
	return civil_days(tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday);
}

static bool is_same_reading(int64_t left, int64_t right)
{
	struct tm a = reading(left), b = reading(right);

	return day_of(&a) == day_of(&b) && a.tm_hour == b.tm_hour && a.tm_min == b.tm_min;
}

/* Within these years and zones a clock is put back by half an hour to two hours. */
static bool is_shown_again(int64_t start)
{
	for (int64_t back = 1800; back <= 7200; back += 1800)
		if (is_same_reading(start, start - back))
			return true;
	return false;
}

static const struct workday *day_by_hand(int64_t date)
{
	for (size_t i = 0; i < hours.special_count; i++)
		if (date >= hours.special[i].first && date <= hours.special[i].last)
			return &hours.special[i].day;
	return &hours.week[(date + 4) % 7];
}

static bool is_in_hours(int64_t start)
{
	struct tm tm = reading(start);
	const struct workday *day = day_by_hand(day_of(&tm));
	int minute = tm.tm_hour * 60 + tm.tm_min;

	if (is_shown_again(start) || tm.tm_sec)
		return false;
	for (int i = 0; i < day->count; i++)
		if (minute >= day->spans[i].first && minute <= day->spans[i].last &&
		    (hours.is_packed || (minute - day->spans[i].first) % hours.step_minutes == 0))
			return true;
	return false;
}

static bool is_in_window(int64_t start)
{
	struct tm now = reading(offer.now), tm = reading(start);
	int64_t today = day_of(&now), date = day_of(&tm);
	int open = 0;

	if (hours.window == WINDOW_DATES)
		return date >= hours.window_first && date <= hours.window_last;
	if (hours.window == WINDOW_DAYS)
		return date >= today && date < today + hours.window_days;
	for (int64_t day = today; day < date; day++)
		open += day_by_hand(day)->count > 0;
	return date >= today && date < today + 60 && open < hours.window_days;
}

static bool is_in_time(int64_t start)
{
	struct tm now = reading(offer.now), tm = reading(start);
	int64_t today = day_of(&now), date = day_of(&tm);

	if (start <= offer.now || (hours.notice != NOTICE_TIME && date <= today))
		return false;
	if (hours.notice == NOTICE_TIME)
		return start >= offer.now + hours.notice_s;
	if (hours.notice == NOTICE_DAY)
		return true;
	for (int64_t day = today + 1; day <= date; day++)
		if (day_by_hand(day)->count)
			return true;
	return false;
}

static bool is_clear(
    int64_t start, const struct interval *list, size_t count, int before, int after)
{
	int64_t end = start + hours.slot_minutes * 60;

	for (size_t i = 0; i < count; i++)
		if (list[i].start < list[i].end && start - before * 60 < list[i].end &&
		    end + after * 60 > list[i].start)
			return false;
	return true;
}

static bool is_free(const struct world *world, int64_t start)
{
	int before = hours.buffer_before, after = hours.buffer_after;
	int longer = before > after ? before : after;

	return is_clear(start, world->events, world->event_count, before, after) &&
	       is_clear(start, world->rows, world->row_count, before, after) &&
	       is_clear(start, world->calls, world->call_count, longer, longer);
}

static bool is_under_caps(const struct world *world, int64_t start)
{
	struct tm tm = reading(start);
	int a_day = 0, a_week = 0, a_month = 0;

	for (size_t i = 0; i < world->call_count; i++) {
		struct tm call = reading(world->calls[i].start);

		a_day += day_of(&call) == day_of(&tm);
		/* 1970-01-01 was a Thursday. */
		a_week += (day_of(&call) + 3) / 7 == (day_of(&tm) + 3) / 7;
		a_month += call.tm_year == tm.tm_year && call.tm_mon == tm.tm_mon;
	}
	return (!hours.max_per_day || a_day < hours.max_per_day) &&
	       (!hours.max_per_week || a_week < hours.max_per_week) &&
	       (!hours.max_per_month || a_month < hours.max_per_month);
}

static void random_day(uint64_t *random, struct workday *out)
{
	int at = (int)random_between(random, 0, 900);

	*out = (struct workday){.count = (int)random_between(random, 0, 3)};
	for (int i = 0; i < out->count; i++) {
		out->spans[i].first = at;
		at += (int)random_between(random, 0, 200);
		out->spans[i].last = at;
		at += (int)random_between(random, 1, 60);
	}
}

static void random_rules(uint64_t *random, struct special special[3])
{
	struct tm now = reading(offer.now);
	int64_t date = day_of(&now) + random_between(random, 0, 9);

	hours = (struct hours){
	    .slot_minutes = (int)random_between(random, 1, 12) * 5,
	    .step_minutes = (int)random_between(random, 1, 12) * 5,
	    .special = special,
	    .special_count = (size_t)random_between(random, 0, 3),
	    .window = (enum window_kind)random_between(random, 0, 2),
	    .window_days = (int)random_between(random, 1, 60),
	    .window_first = day_of(&now) + random_between(random, -20, 20),
	    .notice = (enum notice_kind)random_between(random, 0, 2),
	    .notice_s = random_between(random, 0, 50) * 3600,
	    .buffer_before = (int)random_between(random, 0, 3) * 10,
	    .buffer_after = (int)random_between(random, 0, 3) * 10,
	    .max_per_day = (int)random_between(random, 0, 3),
	    .max_per_week = (int)random_between(random, 0, 6),
	    .max_per_month = (int)random_between(random, 0, 20),
	};
	hours.window_last = hours.window_first + random_between(random, 0, 59);
	for (int i = 0; i < 7; i++)
		random_day(random, &hours.week[i]);
	for (int i = 0; i < 3; i++) {
		special[i].first = date;
		special[i].last = date + random_between(random, 0, 3);
		special[i].is_holiday = random_between(random, 0, 1);
		random_day(random, &special[i].day);
		if (special[i].is_holiday)
			special[i].day.count = 0;
		date = special[i].last + random_between(random, 1, 5);
	}
}

/* Events anywhere, and calls where they are offered. */
static void random_world(uint64_t *random, struct world *world)
{
	static struct interval merged[EVENTS];

	start_ledger();
	*world = (struct world){.event_count = (size_t)random_between(random, 0, EVENTS),
	    .row_count = (size_t)random_between(random, 0, 3)};
	for (size_t i = 0; i < world->event_count; i++) {
		int64_t start = offer.now + random_between(random, -2880, 30 * 1440) * 60;

		world->events[i] =
		    (struct interval){start, start + random_between(random, -10, 300) * 60};
	}
	memcpy(merged, world->events, sizeof(merged));
	offer.calendar = merged;
	offer.calendar_count = intervals_merge(merged, world->event_count);
	for (size_t i = 0; i < world->row_count; i++) {
		int64_t start = offer.now + random_between(random, 0, 30 * 1440) * 60;

		world->rows[i] = (struct interval){start, start + 1800};
	}
	offer.imported = world->rows;
	offer.imported_count = world->row_count;
	for (int i = 0; i < 12; i++) {
		look();
		if (!open_list.count)
			return;
		world->calls[world->call_count] =
		    open_list.slots[random_between(random, 0, (int64_t)open_list.count - 1)].call;
		/* What is offered, the ledger accepts. */
		ck_assert(book(100 + i, world->calls[world->call_count].start));
		world->call_count++;
	}
}

/* What a reason claims is so. */
static bool is_true(const struct why *why, int64_t start)
{
	struct interval needed =
	    slots_needed(&hours, (struct interval){start, start + hours.slot_minutes * 60});

	switch (why->reason) {
	case REASON_NONE:
	case REASON_OWN:
	case REASON_OUTAGE:
	case REASON_LENGTH:
		return false;
	case REASON_CLOCK:
		return is_shown_again(start);
	case REASON_DAY:
	case REASON_DATE:
	case REASON_HOLIDAY:
	case REASON_HOURS:
	case REASON_STEP:
		return !is_in_hours(start);
	case REASON_WINDOW:
		return !is_in_window(start) && !(start >= why->span.start && start < why->span.end);
	case REASON_BEGUN:
		return start <= offer.now;
	case REASON_NOTICE:
		return !is_in_time(start) && why->span.end > start;
	case REASON_CALL:
	case REASON_BLOCK:
		return interval_overlaps(
		    slots_taken(&hours, why->span), (struct interval){needed.start, needed.end});
	case REASON_IMPORTED:
	case REASON_EVENT:
		return interval_overlaps(why->span, needed);
	case REASON_CAP:
		return why->counted >= (size_t)why->cap.limit && start >= why->span.start &&
		       start < why->span.end;
	case REASON_PACKED:
		return hours.is_packed;
	}
	return false;
}

static const char *const zones[] = {NY, "America/Santiago", "Europe/London", "Africa/Cairo",
    "Asia/Beirut", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham",
    "UTC"};

/* Through a year, a month at a time: each five minutes of the window and around it. */
START_TEST(equals_the_rules_by_hand)
{
	uint64_t random = 21 + (uint64_t)_i;
	struct special special[3];
	struct world world;

	zone_free(zone);
	zone = open_zone(zones[_i]);
	offer.zone = zone;
	set_system_zone(zones[_i]);
	for (int round = 0; round < 12; round++) {
		int64_t begin = instant("2026-01-01T00:00:00Z") + round * 30 * DAY_S;
		size_t found = 0;

		offer.now = begin + random_between(&random, 0, DAY_S);
		random_rules(&random, special);
		random_world(&random, &world);
		look();
		for (int64_t start = begin - DAY_S; start < begin + 31 * DAY_S; start += 300) {
			struct why why = why_closed(&offer, &open_list, start);
			bool by_hand = is_in_hours(start) && is_in_window(start) &&
				       is_in_time(start) && is_free(&world, start) &&
				       is_under_caps(&world, start);

			found += why.reason == REASON_NONE;
			if ((why.reason == REASON_NONE) != by_hand ||
			    (!by_hand && !is_true(&why, start)))
				ck_abort_msg("%s, round %d, %jd: %s", zones[_i], round,
				    (intmax_t)start, reason_name(why.reason));
		}
		/* None is missed by the five minutes. */
		for (size_t i = 0; i < open_list.count; i++)
			found -= open_list.slots[i].call.start % 300 == 0 &&
				 open_list.slots[i].call.start < begin + 31 * DAY_S;
		ck_assert_uint_eq(found, 0);
	}
}
END_TEST

/* Packed starts by hand: minute by minute, from each span's first on. */
START_TEST(packed_by_hand)
{
	uint64_t random = 71 + (uint64_t)_i;
	const struct offer_list none = {NULL, 0};
	struct special special[3];
	struct offer blind;
	struct world world;

	zone_free(zone);
	zone = open_zone(zones[_i]);
	offer.zone = zone;
	set_system_zone(zones[_i]);
	for (int round = 0; round < 12; round++) {
		int64_t begin = instant("2026-01-01T00:00:00Z") + round * 30 * DAY_S;
		int64_t next = INT64_MIN;
		int span = -1;
		size_t at = 0;

		offer.now = begin + random_between(&random, 0, DAY_S) / 60 * 60;
		random_rules(&random, special);
		hours.is_packed = true;
		random_world(&random, &world);
		look();
		for (int64_t start = begin - DAY_S; start < begin + 82 * DAY_S; start += 60) {
			struct tm tm = reading(start);
			const struct workday *day = day_by_hand(day_of(&tm));
			int minute = tm.tm_hour * 60 + tm.tm_min, now = -1;

			for (int i = 0; i < day->count; i++)
				if (minute >= day->spans[i].first && minute <= day->spans[i].last)
					now = (int)(day_of(&tm) % 1000) * SPANS_MAX + i;
			if (now != span)
				next = start;
			span = now;
			if (now < 0 || start < next || !is_free(&world, start))
				continue;
			next = start + hours.step_minutes * 60;
			if (!is_in_hours(start) || !is_in_window(start) || !is_in_time(start) ||
			    !is_under_caps(&world, start))
				continue;
			if (at >= open_list.count || open_list.slots[at].call.start != start)
				ck_abort_msg("%s, round %d: %jd is not offered, %jd is", zones[_i],
				    round, (intmax_t)start,
				    (intmax_t)(at < open_list.count ? open_list.slots[at].call.start
								    : 0));
			at++;
		}
		ck_assert_uint_eq(at, open_list.count);
		/* What is open with the calendar is closed by nothing else without it. */
		blind = offer;
		blind.calendar_count = 0;
		for (size_t i = 0; i < open_list.count; i++)
			ck_assert_int_eq(
			    why_closed(&blind, &none, open_list.slots[i].call.start).reason,
			    REASON_PACKED);
		for (int64_t start = begin; start < begin + 9 * DAY_S; start += 420) {
			struct why why = why_closed(&offer, &open_list, start / 60 * 60);

			ck_assert_msg(slots_find(open_list.slots, open_list.count, start / 60 * 60)
					  ? !why.reason
					  : is_true(&why, start / 60 * 60),
			    "%s, round %d, %jd: %s", zones[_i], round, (intmax_t)start,
			    reason_name(why.reason));
		}
	}
}
END_TEST

static struct outlook outlook_with(size_t enough)
{
	struct outlook outlook;
	struct fail fail = {0};

	arena_reset(arena);
	ck_assert_int_eq(outlook_find(&offer, enough, arena, &outlook, &fail), ERR_NONE);
	return outlook;
}

START_TEST(outlook)
{
	int64_t eight = instant("2026-12-01T08:00:00-05:00");
	/* All of December 1, and of the 2nd but for the last start. */
	struct interval events[] = {
	    {eight, eight + 9 * 3600}, {eight + DAY_S, eight + DAY_S + 17 * 1800}};
	struct outlook found;

	hours.window_days = 4;
	offer.calendar = events;
	offer.calendar_count = 2;
	found = outlook_with(0);
	/* Of today 13 are left, of the second day one, and all 18 of the last. */
	ck_assert_uint_eq(found.open, 13 + 1 + 18);
	ck_assert_uint_eq(found.busy_count, 1);
	ck_assert_int_eq(found.busy_dates[0], date_of("2026-12-01"));
	block(3, instant("2026-12-03T08:00:00-05:00"), instant("2026-12-03T17:00:00-05:00"));
	found = outlook_with(100);
	ck_assert_uint_eq(found.open, 13 + 1);
	ck_assert_int_eq(outlook_reason(&found, 0), REASON_EVENT);
	ck_assert_uint_eq(found.closed[REASON_EVENT], 18 + 17);
	ck_assert_int_eq(outlook_reason(&found, 1), REASON_BLOCK);
	ck_assert_uint_eq(found.closed[REASON_BLOCK], 18);
	ck_assert_int_eq(outlook_reason(&found, 2), REASON_NONE);
	ck_assert_uint_eq(found.busy_count, 1);
	/* Calls on the day change nothing, until they close as much of it as the calendar does. */
	offer.calendar_count = 0;
	for (int i = 0; i < 8; i++)
		ck_assert(book(20 + i, eight + i * 1800));
	offer.calendar_count = 1;
	ck_assert_uint_eq(outlook_with(0).busy_count, 1);
	offer.calendar_count = 0;
	ck_assert(book(30, eight + 8 * 1800));
	offer.calendar_count = 1;
	ck_assert_uint_eq(outlook_with(0).busy_count, 0);
	/* One start that is open, or closed by something else, and the day is none of them. */
	start_ledger();
	offer.calendar_count = 0;
	block(4, eight, eight + 1800);
	offer.calendar_count = 1;
	ck_assert_uint_eq(outlook_with(0).busy_count, 0);
	/* Nor is one of which a start is too near. */
	start_ledger();
	hours.notice = NOTICE_TIME;
	hours.notice_s = 22 * 3600 + 1;
	found = outlook_with(100);
	ck_assert_uint_eq(found.busy_count, 0);
	ck_assert_uint_eq(found.closed[REASON_NOTICE], 13 + 1);
	/* Without hours there is one reason a day; without a window none at all. */
	for (int i = 0; i < 7; i++)
		hours.week[i].count = 0;
	found = outlook_with(1);
	ck_assert_uint_eq(found.open, 0);
	ck_assert_uint_eq(found.closed[REASON_DAY], 4);
	hours.window = WINDOW_DATES;
	hours.window_first = hours.window_last = date_of("2026-11-01");
	found = outlook_with(1);
	ck_assert_int_eq(outlook_reason(&found, 0), REASON_NONE);
	/* Whichever reason there is comes first. */
	for (int reason = REASON_NONE + 1; reason < REASONS; reason++) {
		found.closed[reason] = 1;
		ck_assert_int_eq(outlook_reason(&found, 0), reason);
		ck_assert_int_eq(outlook_reason(&found, 1), REASON_NONE);
		found.closed[reason] = 0;
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("why");
	TCase *table = tcase_create("table"), *property = tcase_create("property");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(table, set_up, tear_down);
	tcase_add_test(table, reasons_of_the_hours);
	tcase_add_test(table, clock_put_back);
	tcase_add_loop_test(table, notice, 0, (int)COUNT(notices));
	tcase_add_loop_test(table, window, 0, (int)COUNT(windows));
	tcase_add_loop_test(table, buffer, 0, (int)COUNT(buffers));
	tcase_add_test(table, buffers_that_were_changed);
	tcase_add_test(table, what_else_there_is);
	tcase_add_test(table, caps);
	tcase_add_test(table, packed);
	tcase_add_test(table, outage);
	tcase_add_test(table, closed_by_a_buffer);
	tcase_add_test(table, calls_that_stand);
	tcase_add_test(table, outlook);
	suite_add_tcase(suite, table);
	tcase_add_checked_fixture(property, set_up, tear_down);
	tcase_set_timeout(property, 60);
	tcase_add_loop_test(property, equals_the_rules_by_hand, 0, (int)COUNT(zones));
	tcase_add_loop_test(property, packed_by_hand, 0, (int)COUNT(zones));
	suite_add_tcase(suite, property);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

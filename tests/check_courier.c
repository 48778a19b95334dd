/* SPDX-License-Identifier: MIT */
/* check_courier.c: what the courier decides, in a world that the test moves */
#include "arenas.h"
#include "courier_world.h"
#include "descriptors.h"

#define HOUR INT64_C(3600)
#define DAY_MS INT64_C(86400000)

static void end(void)
{
	tear_down();
	ck_assert_int_eq(arena_count, 0);
}

/* A start some hours from now, on the minute. */
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

static struct interval call_of(const struct uuid *booking)
{
	struct ledger_booking standing;

	ledger_find(world.ledger, booking, &standing);
	return standing.call;
}

START_TEST(brief)
{
	struct uuid lead = add_lead(7, 0);

	live(1000);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 1);
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_TELEGRAM], "New%20brief%20from%20Ada"));
	/* To its end: the arena keeps what was quoted. */
	ck_assert_ptr_nonnull(
	    strstr(world.last[OUTSIDE_TELEGRAM], "%3E%20What%20the%20engine%20can%20weave.%0A"));
	ck_assert_uint_eq(recorded(&lead, DUTY_NEW_LEAD, DELIVERY_DONE), 1);
	/* At rest one look a round and nothing else. */
	world.reads = world.puts = world.looks = 0;
	for (int i = 0; i < 10; i++)
		courier_round(&courier);
	ck_assert_uint_eq(world.reads, 10);
	ck_assert_uint_eq(world.puts, 0);
	ck_assert_uint_eq(world.looks, 0);
	ck_assert_int_eq(courier_rest_ms(&courier), 1000);
}
END_TEST

static const char *duty_text(unsigned duty)
{
	return duty < DUTIES ? duty_name((enum duty)duty) : NULL;
}

static const char *state_text(unsigned state)
{
	return state < DELIVERY_STATES ? delivery_state_name((enum delivery_state)state) : NULL;
}

/* As Prometheus reads it. */
static bool is_counted(const char *line)
{
	struct text text = text_new(courier.arena, 64 * 1024);

	counters_write_deliveries(courier.upstream.counters, duty_text, state_text, &text);
	return strstr(text.data, line) != NULL;
}

START_TEST(call_that_is_booked)
{
	struct uuid booking = book(7, 48);

	live(1000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	ck_assert_str_eq(world.key, "00000000-0000-0000-0000-000000000007-2-mail");
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_RESEND], "is booked"));
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_RESEND], "method=REQUEST"));
	ck_assert_uint_eq(recorded(&booking, DUTY_ALERT, DELIVERY_DONE), 1);
	ck_assert(is_counted("{duty=\"mail\",state=\"done\"} 1\n"));
	ck_assert(is_counted("{duty=\"event\",state=\"done\"} 0\n"));
	/* The event is the worker's for half of replay_s. */
	ck_assert_uint_eq(world.inserts, 0);
	live(30000);
	ck_assert_uint_eq(world.inserts, 1);
	ck_assert_uint_eq(recorded(&booking, DUTY_EVENT_AGAIN, DELIVERY_DONE), 1);
	/* One reminder a moment, and none twice. */
	live(1000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	world.boot_ms += 24 * HOUR * 1000;
	live(2000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 2);
	ck_assert_ptr_nonnull(strstr(world.key, "-reminder_1"));
	ck_assert_uint_eq(world.inserts, 1);
}
END_TEST

/* A cancel is told whatever came of the mail before. */
START_TEST(cancelled)
{
	struct uuid booking = book(7, 48);

	world.answers[OUTSIDE_RESEND].err = ERR_UNREACHABLE;
	live(1000);
	add_entry(booking, ENTRY_CANCEL, 0);
	world.answers[OUTSIDE_RESEND].err = ERR_NONE;
	live(5000);
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_RESEND], "is cancelled"));
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_RESEND], "method=CANCEL"));
	ck_assert_uint_eq(recorded(&booking, DUTY_MAIL, DELIVERY_DONE), 1);
}
END_TEST

/* A restored ledger has lost the entry that erased, and the row has not: nobody is told of
 * anything, whatever the ledger says of the call. */
START_TEST(erased_by_its_row_alone)
{
	struct uuid booking = book(7, 48);

	lead_of(&booking)->status = LEAD_ERASED;
	lead_erase(lead_of(&booking));
	world.event_booking = booking;
	calendar_event_id(&booking, 2, world.events[world.event_count++]);
	live(40000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND] + world.requests[OUTSIDE_TELEGRAM], 0);
	ck_assert_uint_eq(world.event_count, 0);
	ck_assert_uint_eq(world.inserts, 0);
	/* And then there is rest. */
	world.puts = 0;
	live(10000);
	ck_assert_uint_eq(world.puts, 0);
}
END_TEST

/* Somebody took the row away: there is nobody to be told, and it comes back. */
START_TEST(row_that_is_gone)
{
	struct uuid booking = book(7, 48);

	world.answers[OUTSIDE_RESEND].err = ERR_UNREACHABLE;
	live(400);
	ck_assert_uint_eq(world.lead_count, 2);
	world.lead_count = 0;
	world.answers[OUTSIDE_RESEND].err = ERR_NONE;
	world.requests[OUTSIDE_RESEND] = 0;
	live(10000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 0);
	ck_assert_uint_eq(recorded(&booking, DUTY_MAIL, DELIVERY_FAILED), 0);
	world.leads[2] = world.leads[1];
	world.lead_count = 3;
	live(30000);
	ck_assert_uint_eq(recorded(&booking, DUTY_MAIL, DELIVERY_DONE), 1);
}
END_TEST

START_TEST(call_that_began_meanwhile)
{
	struct uuid booking = book(7, 1);

	world.answers[OUTSIDE_RESEND].err = ERR_UNREACHABLE;
	live(1000);
	world.boot_ms += HOUR * 1000;
	live(1000);
	ck_assert_uint_eq(recorded(&booking, DUTY_BEGUN, DELIVERY_RETRY), 1);
	world.answers[OUTSIDE_RESEND].err = ERR_NONE;
	live(5000);
	ck_assert_uint_eq(recorded(&booking, DUTY_BEGUN, DELIVERY_DONE), 1);
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_RESEND], "it has begun"));
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_RESEND], "invite.ics"));
	ck_assert_ptr_nonnull(strstr(world.key, "-begun"));
	ck_assert_uint_eq(recorded(&booking, DUTY_MAIL, DELIVERY_DONE), 0);
}
END_TEST

/* Clicked in its last seconds: the courier's first look at it comes after it has begun. */
START_TEST(call_that_was_clicked_as_it_began)
{
	struct uuid booking = book(7, 1);

	world.boot_ms += HOUR * 1000 + 500;
	live(5000);
	ck_assert_uint_eq(recorded(&booking, DUTY_BEGUN, DELIVERY_DONE), 1);
	ck_assert_uint_eq(recorded(&booking, DUTY_ALERT, DELIVERY_DONE), 1);
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_RESEND], "it has begun"));
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_RESEND], "invite.ics"));
}
END_TEST

/* ---- Records that are refused ---- */

START_TEST(trying_is_refused)
{
	struct uuid booking = book(7, 48);

	world.refused = DELIVERY_TRYING;
	world.refusals = 1;
	courier_round(&courier);
	/* What is not kept is not sent … */
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 0);
	world.answers[OUTSIDE_RESEND].err = ERR_UNREACHABLE;
	live(1000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	/* … nor is it without the note that it may have been, its bytes being kept already. */
	world.answers[OUTSIDE_RESEND].err = ERR_NONE;
	world.refusals = 1000;
	live(5000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	world.refusals = 0;
	live(5000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 2);
	ck_assert_uint_eq(recorded(&booking, DUTY_MAIL, DELIVERY_DONE), 1);
}
END_TEST

START_TEST(done_is_refused)
{
	struct uuid booking = book(7, 48);

	world.refused = DELIVERY_DONE;
	world.refusals = 1000;
	live(35000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	ck_assert_uint_eq(recorded(&booking, DUTY_MAIL, DELIVERY_DONE), 0);
	world.refusals = 0;
	live(40000);
	/* One mail, one event, one alert, and the records come later. */
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	ck_assert_uint_eq(world.inserts, 1);
	ck_assert_uint_ge(recorded(&booking, DUTY_MAIL, DELIVERY_DONE), 1);
	ck_assert_uint_ge(recorded(&booking, DUTY_ALERT, DELIVERY_DONE), 1);
	ck_assert_uint_ge(recorded(&booking, DUTY_EVENT, DELIVERY_DONE), 1);
	ck_assert_uint_eq(courier.unsaved_count, 0);
}
END_TEST

/* What the store does not take is tried every few seconds, and not in each round; a nudge, whose
 * brief is named anew, leaves no more rows than that. */
START_TEST(store_that_does_not_take_it)
{
	struct uuid booking;

	if (_i == 0) {
		booking = add_lead(7, 0);
		live(2000);
		world.boot_ms += HOUR * 1000;
	} else {
		booking = book(7, 48);
	}
	if (_i == 2) {
		lead_of(&booking)->version = 0;
		world.leads[world.lead_count - 1].version = 0;
		world.row_err = ERR_REFUSED;
		live(31000);
	}
	world.refused = DELIVERY_TRYING;
	world.refusals = 1000;
	world.looks = world.rows_put = 0;
	live(60000);
	ck_assert_uint_ge(world.looks, 6);
	ck_assert_uint_le(world.looks, 20);
	ck_assert_uint_le(world.rows_put, 20);
	world.refusals = 0;
	world.row_err = ERR_NONE;
	live(6000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
}
END_TEST

/* ---- The store's clock goes back ---- */

/* What was to be done soon is done soon, and not an hour later. */
START_TEST(clock_that_goes_back)
{
	const struct delivery_record lease = {
	    .booking = id_of(8), .owner = id_of(99), .kind = DELIVERY_LEASE};
	struct uuid booking = book(7, 48);

	world.answers[OUTSIDE_RESEND].err = ERR_UNREACHABLE;
	live(2000);
	ck_assert_uint_ge(recorded(&booking, DUTY_MAIL, DELIVERY_RETRY), 1);
	/* Of another courier, that was killed. */
	write_log(&lease);
	add_lead(8, 0);
	live(400);
	ck_assert_uint_eq(recorded(&lease.booking, DUTY_NEW_LEAD, DELIVERY_DONE), 0);
	world.answers[OUTSIDE_RESEND].err = ERR_NONE;
	world.step_ms -= HOUR * 1000;
	live(35000);
	ck_assert_uint_eq(world.inserts, 1);
	ck_assert_uint_eq(recorded(&booking, DUTY_MAIL, DELIVERY_DONE), 1);
	ck_assert_uint_eq(recorded(&lease.booking, DUTY_NEW_LEAD, DELIVERY_DONE), 1);
}
END_TEST

/* What a clock that ran ahead had made history is not forgotten. */
START_TEST(clock_that_was_ahead)
{
	struct uuid booking = book(7, 48);

	live(40000);
	world.step_ms += 30 * DAY_MS;
	live(40000);
	world.step_ms -= 30 * DAY_MS;
	live(2000);
	world.boot_ms += 24 * HOUR * 1000;
	live(2000);
	ck_assert_uint_eq(recorded(&booking, DUTY_REMINDER_1, DELIVERY_DONE), 1);
}
END_TEST

/* ---- Pace ---- */

START_TEST(retry_after)
{
	book(7, 48);
	world.answers[OUTSIDE_RESEND] = (struct answer){.status = 429, .retry_after_s = 30};
	world.answers[OUTSIDE_TELEGRAM] = (struct answer){.status = 429,
	    .body = "{\"ok\":false,\"error_code\":429,\"parameters\":{\"retry_after\":8}}"};
	live(1000);
	/* Nobody else is sent meanwhile either. */
	add_lead(8, 0);
	live(6800);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 1);
	live(1000);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 2);
	live(20800);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	world.answers[OUTSIDE_RESEND].status = 0;
	live(1200);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 2);
}
END_TEST

/* A service that is left alone is asked in the very round at which that ends. */
START_TEST(waits_to_the_moment)
{
	static const enum outside whose[] = {OUTSIDE_RESEND, OUTSIDE_TELEGRAM, OUTSIDE_GOOGLE};
	int64_t *const holds[] = {
	    &courier.mail_hold_ms, &courier.alert_hold_ms, &courier.event_hold_ms};
	unsigned *asked = &world.requests[whose[_i]];

	book(7, 48);
	*holds[_i] = world.boot_ms + 40000;
	live(39800);
	world.boot_ms += 199;
	if (whose[_i] == OUTSIDE_GOOGLE)
		courier.drift_look_ms = 0;
	courier_round(&courier);
	ck_assert_uint_eq(*asked, 0);
	world.boot_ms++;
	courier_round(&courier);
	ck_assert_uint_ge(*asked, 1);
	ck_assert_uint_eq(world.syncs, whose[_i] == OUTSIDE_GOOGLE);
	ck_assert_uint_eq(world.inserts, 1);
}
END_TEST

/* An outage costs Google a request in two seconds, and the log nothing while it is waited for. */
START_TEST(outage)
{
	for (int i = 0; i < 10; i++)
		book(20 + i, 48 + i);
	live(2000);
	world.boot_ms += 31000;
	world.answers[OUTSIDE_GOOGLE].err = ERR_UNREACHABLE;
	world.requests[OUTSIDE_GOOGLE] = world.puts = 0;
	courier_round(&courier);
	ck_assert_uint_eq(world.requests[OUTSIDE_GOOGLE], 1);
	/* A lease and what came of it; for the others nothing is asked. */
	ck_assert_uint_eq(world.puts, 2);
	world.boot_ms += 200;
	live(1600);
	ck_assert_uint_eq(world.requests[OUTSIDE_GOOGLE], 1);
	ck_assert_uint_eq(world.puts, 2);
	live(3000);
	ck_assert_uint_le(world.requests[OUTSIDE_GOOGLE], 3);
	/* It does not hold up what others take. */
	book(7, 200);
	live(400);
	ck_assert_str_eq(world.key, "00000000-0000-0000-0000-000000000007-12-mail");
}
END_TEST

/* A duty that waits for a service does not put off what is due earlier of the same booking. */
START_TEST(wait_of_one_service)
{
	struct uuid booking = book(7, 6);

	live(200);
	courier.event_hold_ms = world.boot_ms + 10 * HOUR * 1000;
	live(35000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	world.boot_ms += 5 * HOUR * 1000;
	live(3000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 2);
	ck_assert_uint_eq(recorded(&booking, DUTY_REMINDER_2, DELIVERY_DONE), 1);
	ck_assert_uint_eq(world.inserts, 0);
}
END_TEST

/* However fast what is new comes in, what has waited gets its turn. */
START_TEST(stream_of_news)
{
	struct uuid booking = book(7, 6);

	live(35000);
	world.boot_ms += 5 * HOUR * 1000;
	for (int round = 0; round < 6; round++, world.boot_ms += 200) {
		for (int i = 0; i < 40; i++)
			book(100 + round * 40 + i, 48 + round * 40 + i);
		courier_round(&courier);
	}
	ck_assert_uint_eq(recorded(&booking, DUTY_REMINDER_2, DELIVERY_DONE), 1);
}
END_TEST

/* How long it takes until something of a booking is done so often, in rounds of 200 ms at least. */
static int64_t done_after_ms(struct uuid booking, enum duty duty, unsigned times)
{
	int64_t began = world.boot_ms, next;

	while (recorded(&booking, duty, DELIVERY_DONE) < times && world.boot_ms < began + 60000) {
		next = world.boot_ms + 200;
		courier_round(&courier);
		if (world.boot_ms < next)
			world.boot_ms = next;
	}
	return world.boot_ms - began;
}

/* So many rounds were before: whose turn it is, is no matter of chance. */
static void have_rounds(int count)
{
	for (int i = 0; i < count; i++)
		courier_round(&courier);
}

/* A call whose prospect came after many who left a brief, and are to be reminded of it. */
static struct uuid call_behind_briefs(int count)
{
	for (int i = 0; i < count; i++)
		add_lead(100 + i, 2 * HOUR * 1000);
	courier_round(&courier);
	return book(7, 48);
}

/* Whoever sends briefs in masses keeps nobody's confirmation, and not the owner's calendar: not
 * when all have just come ... */
START_TEST(call_after_briefs)
{
	struct uuid booking;

	have_rounds(_i);
	booking = call_behind_briefs(300);
	ck_assert_int_le(done_after_ms(booking, DUTY_MAIL, 1), 1000);
	add_entry(booking, ENTRY_CANCEL, 0);
	ck_assert_int_le(done_after_ms(booking, DUTY_MAIL, 2), 1000);
}
END_TEST

/* ... nor when the time of all has come ... */
START_TEST(call_among_briefs)
{
	struct uuid booking;

	for (int i = 0; i < OUTSIDES; i++)
		world.answers[i].err = ERR_UNREACHABLE;
	booking = call_behind_briefs(300);
	live(3000);
	for (int i = 0; i < OUTSIDES; i++)
		world.answers[i].err = ERR_NONE;
	world.boot_ms += 900000;
	have_rounds(_i);
	ck_assert_int_le(done_after_ms(booking, DUTY_MAIL, 1), 1000);
	ck_assert_int_le(done_after_ms(booking, DUTY_EVENT, 1), 1000);
}
END_TEST

static int64_t last_mails[2];

/* As Resend does, with time for its answer. */
static void two_a_second(const struct http_request *request, enum outside outside)
{
	(void)request;
	if (outside != OUTSIDE_RESEND)
		return;
	world.boot_ms += 40;
	world.answers[OUTSIDE_RESEND] = last_mails[0] > world.boot_ms - 1000
					    ? (struct answer){.status = 429, .retry_after_s = 1}
					    : (struct answer){.status = 0};
	if (world.answers[OUTSIDE_RESEND].status)
		return;
	last_mails[0] = last_mails[1];
	last_mails[1] = world.boot_ms;
}

/* ... nor when a service may be asked only every so many rounds: that is no round in which briefs
 * come first each time. */
START_TEST(call_among_briefs_at_a_pace)
{
	struct uuid booking;

	last_mails[0] = last_mails[1] = 0;
	world.on_request = two_a_second;
	have_rounds(_i);
	booking = call_behind_briefs(600);
	ck_assert_int_le(done_after_ms(booking, DUTY_MAIL, 1), 10000);
}
END_TEST

static struct uuid come(bool is_call, int number)
{
	return is_call ? book(number, 30 + number) : add_lead(number, 0);
}

/* Nor does the operator hear late of a call behind many briefs, or of a brief behind many calls. */
START_TEST(alert_behind_others)
{
	bool is_call = _i < 6;

	have_rounds(_i % 6);
	for (int i = 0; i < (is_call ? 1000 : 200); i++)
		come(!is_call, 100 + i);
	courier_round(&courier);
	world.boot_ms += 200;
	ck_assert_int_le(
	    done_after_ms(come(is_call, 7), is_call ? DUTY_ALERT : DUTY_NEW_LEAD, 1), 10000);
}
END_TEST

/* A brief that was erased is none of the calls, though something of it may be left to do. */
START_TEST(call_among_erased)
{
	struct uuid booking;

	for (int i = 0; i < 1000; i++) {
		struct uuid id = add_lead(100 + i, 0);

		lead_of(&id)->status = LEAD_ERASED;
		lead_erase(lead_of(&id));
	}
	live(1000);
	booking = book(7, 48);
	live(35000);
	ck_assert_uint_eq(recorded(&booking, DUTY_EVENT, DELIVERY_DONE), 1);
}
END_TEST

/* Of more alerts than a message holds the oldest are told first, whatever comes in meanwhile. */
START_TEST(stream_of_alerts)
{
	struct uuid list[40];
	char words[600];

	memset(words, 'a', sizeof(words) - 1);
	words[sizeof(words) - 1] = '\0';
	for (int round = 0; round < 40; round++, world.boot_ms += 1100) {
		for (int i = 0; i < 40; i++) {
			struct uuid lead = add_lead(100 + round * 40 + i, 0);

			lead_of(&lead)->brief = words;
			if (!round)
				list[i] = lead;
		}
		courier_round(&courier);
	}
	for (size_t i = 0; i < COUNT(list); i++)
		ck_assert_uint_eq(recorded(&list[i], DUTY_NEW_LEAD, DELIVERY_DONE), 1);
}
END_TEST

/* A provider's 'no' is the operator's to mend: one alert in its words, and all leaves then. */
START_TEST(provider_refuses)
{
	static const char domain[] =
	    "{\"statusCode\":403,\"name\":\"validation_error\",\"message\":\"The domain is not "
	    "verified.\"}";
	struct uuid one = book(7, 48), other = book(8, 50);

	world.answers[OUTSIDE_RESEND] = (struct answer){.status = 403, .body = domain};
	live(60000);
	ck_assert_uint_le(world.requests[OUTSIDE_RESEND], 30);
	ck_assert_uint_eq(recorded(&one, DUTY_MAIL, DELIVERY_FAILED), 0);
	ck_assert_uint_eq(recorded(&courier_everywhere, DUTY_RESEND_REFUSED, DELIVERY_DONE), 1);
	ck_assert_uint_eq(recorded(&one, DUTY_FAILED, DELIVERY_DUE), 0);
	/* However long it takes: a minute after it is mended everything has left. */
	for (int i = 0; i < 200; i++) {
		world.boot_ms += 60000;
		courier_round(&courier);
	}
	world.answers[OUTSIDE_RESEND].status = 0;
	live(65000);
	ck_assert_uint_eq(recorded(&one, DUTY_MAIL, DELIVERY_DONE), 1);
	ck_assert_uint_eq(recorded(&other, DUTY_MAIL, DELIVERY_DONE), 1);
	ck_assert_uint_eq(recorded(&courier_everywhere, DUTY_RESEND_REFUSED, DELIVERY_DONE), 1);
}
END_TEST

/* What falls due while the sender is refused leaves afterwards, too: one call's reminder, and that
 * another is cancelled. */
START_TEST(provider_refuses_what_falls_due)
{
	struct uuid reminded = book(7, 48), ended = book(8, 72);

	live(5000);
	ck_assert_uint_eq(recorded(&ended, DUTY_MAIL, DELIVERY_DONE), 1);
	world.answers[OUTSIDE_RESEND] = (struct answer){.status = 422,
	    .body = "{\"statusCode\":422,\"name\":\"invalid_from_address\",\"message\":\"Invalid "
		    "sender.\"}"};
	world.boot_ms += 24 * HOUR * 1000;
	add_entry(ended, ENTRY_CANCEL, 0);
	live(60000);
	ck_assert_uint_eq(recorded(&reminded, DUTY_REMINDER_1, DELIVERY_DONE), 0);
	ck_assert_uint_eq(recorded(&courier_everywhere, DUTY_RESEND_REFUSED, DELIVERY_DONE), 1);
	world.answers[OUTSIDE_RESEND].status = 0;
	live(120000);
	ck_assert_uint_eq(recorded(&reminded, DUTY_REMINDER_1, DELIVERY_DONE), 1);
	ck_assert_uint_eq(recorded(&ended, DUTY_MAIL, DELIVERY_DONE), 2);
}
END_TEST

START_TEST(provider_names_the_words)
{
	book(7, 48);
	world.answers[OUTSIDE_RESEND] = (struct answer){.status = 403,
	    .body = "{\"statusCode\":403,\"name\":\"validation_error\",\"message\":\"The domain is "
		    "not verified.\"}"};
	/* Its own alert is the last one that leaves. */
	live(3000);
	ck_assert_ptr_nonnull(
	    strstr(world.last[OUTSIDE_TELEGRAM], "The%20domain%20is%20not%20verified"));
}
END_TEST

START_TEST(mail_that_is_refused)
{
	struct uuid booking = book(7, 48);

	world.answers[OUTSIDE_RESEND] = (struct answer){.status = 422,
	    .body = "{\"statusCode\":422,\"name\":\"validation_error\",\"message\":\"Invalid `to` "
		    "field.\"}"};
	live(5000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	ck_assert_uint_eq(recorded(&booking, DUTY_MAIL, DELIVERY_FAILED), 1);
	ck_assert_uint_eq(recorded(&booking, DUTY_FAILED, DELIVERY_DONE), 1);
}
END_TEST

/* ---- Alerts ---- */

START_TEST(alerts_are_folded)
{
	for (int i = 0; i < 3; i++)
		add_lead(20 + i, 0);
	courier_round(&courier);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 1);
	live(3000);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 1);
}
END_TEST

#define BRIEFS 30

/* A message that is full leaves the others alone: nothing is asked for them until there is room,
 * and a mail does not wait behind them. All leases are asked for at once, and what was told is
 * recorded at once. */
START_TEST(message_that_is_full)
{
	struct uuid list[BRIEFS], booking;
	unsigned told = 0, first, then = 0;
	char words[600];

	memset(words, 'a', sizeof(words) - 1);
	words[sizeof(words) - 1] = '\0';
	for (int i = 0; i < BRIEFS; i++) {
		list[i] = add_lead(20 + i, 0);
		lead_of(&list[i])->brief = words;
	}
	courier_round(&courier);
	for (int i = 0; i < BRIEFS; i++)
		told += recorded(&list[i], DUTY_NEW_LEAD, DELIVERY_DONE);
	first = told;
	ck_assert_uint_ge(first, 2);
	ck_assert_uint_lt(first, BRIEFS / 2);
	ck_assert_uint_eq(lines(DELIVERY_LEASE), BRIEFS);
	ck_assert_uint_eq(world.puts, 2);
	booking = book(7, 48);
	courier_round(&courier);
	ck_assert_uint_eq(recorded(&booking, DUTY_MAIL, DELIVERY_DONE), 1);
	/* While many wait little is told of each. */
	world.boot_ms += 1100;
	courier_round(&courier);
	for (int i = 0; i < BRIEFS; i++)
		then += recorded(&list[i], DUTY_NEW_LEAD, DELIVERY_DONE);
	ck_assert_uint_ge(then, 3 * first);
	live(1100 * (BRIEFS / (int)first + 2));
	ck_assert_uint_eq(recorded(&booking, DUTY_ALERT, DELIVERY_DONE), 1);
	for (int i = 0; i < BRIEFS; i++)
		ck_assert_uint_eq(recorded(&list[i], DUTY_NEW_LEAD, DELIVERY_DONE), 1);
	ck_assert_uint_le(world.requests[OUTSIDE_TELEGRAM], BRIEFS / first + 2);
}
END_TEST

/* A text that Telegram refuses is found, and does not hold up the others. */
START_TEST(text_that_is_refused)
{
	struct uuid list[] = {add_lead(20, 0), add_lead(21, 0)};

	world.answers[OUTSIDE_TELEGRAM] = (struct answer){.status = 400,
	    .body = "{\"ok\":false,\"description\":\"Bad Request: text must be UTF-8\"}"};
	courier_round(&courier);
	ck_assert_uint_eq(recorded(&list[0], DUTY_NEW_LEAD, DELIVERY_FAILED), 0);
	world.boot_ms += 1200;
	courier_round(&courier);
	ck_assert_uint_eq(recorded(&list[0], DUTY_NEW_LEAD, DELIVERY_FAILED) +
			      recorded(&list[1], DUTY_NEW_LEAD, DELIVERY_FAILED),
	    1);
	world.answers[OUTSIDE_TELEGRAM].status = 0;
	live(3000);
	ck_assert_uint_eq(recorded(&list[0], DUTY_NEW_LEAD, DELIVERY_DONE) +
			      recorded(&list[1], DUTY_NEW_LEAD, DELIVERY_DONE),
	    1);
}
END_TEST

static int64_t alert_until;

/* The last mail of a round takes four seconds. */
static void mail_slowly(const struct http_request *request, enum outside outside)
{
	if (outside == OUTSIDE_RESEND && strstr(request->body, "ada-22@"))
		world.boot_ms += 4000;
	else if (outside == OUTSIDE_TELEGRAM)
		alert_until = request->deadline;
}

/* An alert has eight seconds to leave, but not longer than any of its bookings is leased: another
 * courier would tell of that one, too. */
START_TEST(alert_within_its_leases)
{
	struct uuid list[2];
	int64_t leased_ms;

	live(400);
	list[0] = add_lead(20, 0);
	list[1] = add_lead(21, 0);
	courier_round(&courier);
	leased_ms = world.boot_ms += 30000;
	add_entry(list[_i], ENTRY_BOOK, in_hours(48));
	courier_round(&courier);
	world.on_request = mail_slowly;
	world.boot_ms += 7000;
	add_entry(list[_i], ENTRY_BOOK, in_hours(50));
	add_entry(list[!_i], ENTRY_BOOK, in_hours(52));
	book(22, 54);
	courier_round(&courier);
	ck_assert_int_eq(alert_until, leased_ms + LEASE_MS - 2000);
	world.boot_ms += 20000;
	add_lead(23, 0);
	courier_round(&courier);
	ck_assert_int_eq(alert_until, world.boot_ms + 8000);
}
END_TEST

/* ---- Leases ---- */

/* What another courier, or slotguardctl erase, writes: it asks for a lease, or gives it back. */
static void another(struct uuid booking, enum delivery_record_kind kind)
{
	write_log(&(struct delivery_record){.booking = booking, .owner = id_of(999), .kind = kind});
}

START_TEST(lease_of_another)
{
	live(400);
	another(book(7, 48), DELIVERY_LEASE);
	live(19000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 0);
	/* Nor is it asked for in vain. */
	ck_assert_uint_eq(lines(DELIVERY_LEASE), 1);
	live(2000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
}
END_TEST

/* Nor is a store that cannot be asked, round by round. */
START_TEST(lease_that_nobody_knows_of)
{
	world.lease_err = ERR_UNSURE;
	book(7, 48);
	world.puts = 0;
	live(9000);
	/* Twice: with others, and by itself. */
	ck_assert_uint_eq(world.puts, 2 * 2);
	world.lease_err = ERR_NONE;
	live(2000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
}
END_TEST

/* What is left of a lease has to be enough for all that a delivery asks. */
START_TEST(lease_that_runs_out)
{
	struct uuid booking = book(7, 48);
	unsigned leases;

	live(1000);
	leases = lines(DELIVERY_LEASE);
	ck_assert_uint_eq(leases, 1);
	world.boot_ms += 3000;
	add_entry(booking, ENTRY_CANCEL, 0);
	live(1000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 2);
	ck_assert_uint_eq(lines(DELIVERY_LEASE), leases);
	world.boot_ms += 10000;
	add_entry(booking, ENTRY_BOOK, in_hours(50));
	live(1000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 3);
	ck_assert_uint_eq(lines(DELIVERY_LEASE), leases + 1);
}
END_TEST

/* With the first that does not come a round ends, and nothing is judged by the others. */
START_TEST(store_that_tells_a_part)
{
	book(7, 48);
	world.failing_read = world.reads + 1 + (unsigned)_i;
	courier_round(&courier);
	ck_assert(courier.store_outage.is_down);
	ck_assert_uint_eq(world.reads, world.failing_read);
	ck_assert_uint_eq(world.looks, 0);
	live(1000);
	ck_assert(!courier.store_outage.is_down);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
}
END_TEST

/* Whichever answer of the store does not come, nothing is passed over and nothing done twice: of a
 * call that was booked before the courier began, and of one that is booked meanwhile. */
START_TEST(any_read_fails)
{
	struct uuid before = book(7, 48), meanwhile;

	/* Each has a world of its own. */
	world.failing_read = world.reads + 1 + (unsigned)_i;
	live(2000);
	meanwhile = book(8, 50);
	live(70000);
	ck_assert_uint_gt(world.reads, world.failing_read);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 2);
	ck_assert_uint_eq(world.inserts, 2);
	ck_assert_uint_eq(recorded(&before, DUTY_MAIL, DELIVERY_DONE), 1);
	ck_assert_uint_eq(recorded(&before, DUTY_ALERT, DELIVERY_DONE), 1);
	ck_assert_uint_eq(recorded(&before, DUTY_NEW_LEAD, DELIVERY_DONE), 1);
	ck_assert_uint_eq(recorded(&before, DUTY_EVENT, DELIVERY_DONE), 1);
	ck_assert_uint_eq(recorded(&meanwhile, DUTY_MAIL, DELIVERY_DONE), 1);
	ck_assert_uint_eq(recorded(&meanwhile, DUTY_ALERT, DELIVERY_DONE), 1);
	ck_assert_uint_eq(recorded(&meanwhile, DUTY_EVENT, DELIVERY_DONE), 1);
}
END_TEST

/* A put fails, each in each of three ways. */
static void let_put_fail(int number)
{
	world.failing_put = 1 + (unsigned)number / 3;
	world.is_unheard = number % 3 == 1;
	world.is_lineless = number % 3 == 2;
}

/* Whatever line is refused, comes unheard, or is answered and not there: a brief is told of once
 * and within seconds, and not only when something else of it is due. */
START_TEST(any_put_fails)
{
	let_put_fail(_i);
	add_lead(7, 0);
	live(20000);
	add_lead(8, 0);
	live(20000);
	ck_assert_uint_ge(world.puts, world.failing_put);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 2);
}
END_TEST

/* The same of a call: its mail and its alert; and its event, for which a worker has its time. */
START_TEST(any_put_of_a_call_fails)
{
	let_put_fail(_i);
	book(7, 48);
	live(10000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_TELEGRAM], "Booked"));
	live(60000);
	ck_assert_uint_ge(world.puts, world.failing_put);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	ck_assert_uint_eq(world.inserts, 1);
}
END_TEST

/* What could not be read is read in the next round, and nothing is passed over. */
START_TEST(news_that_cannot_be_read)
{
	live(400);
	world.ledger_err = ERR_UNREACHABLE;
	book(7, 48);
	live(2000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 0);
	world.ledger_err = ERR_NONE;
	live(6000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
}
END_TEST

/* Who was told of a call is told that it moved; else the new time is all there is to tell. */
START_TEST(move_is_told_as_one)
{
	struct uuid booking = book(7, 48);

	live(1000);
	ck_assert_ptr_null(strstr(world.last[OUTSIDE_RESEND], "New time"));
	ck_assert_ptr_null(strstr(world.last[OUTSIDE_TELEGRAM], "Moved"));
	add_entry(booking, ENTRY_BOOK, in_hours(50));
	live(5000);
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_RESEND], "New time"));
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_TELEGRAM], "Moved"));
	/* A reminder of it is none of that. */
	world.boot_ms += 26 * HOUR * 1000;
	live(2000);
	ck_assert_ptr_nonnull(strstr(world.key, "-reminder_1"));
	ck_assert_ptr_null(strstr(world.last[OUTSIDE_RESEND], "New time"));
}
END_TEST

/* An address that is corrected is told of a call, not of another time. */
START_TEST(correction_is_no_move)
{
	struct uuid booking = book(7, 48);

	live(1000);
	add_entry(booking, ENTRY_BOOK, call_of(&booking).start);
	live(2000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 2);
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_RESEND], "is booked"));
	ck_assert_ptr_null(strstr(world.last[OUTSIDE_RESEND], "New time"));
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_TELEGRAM], "Address%20corrected"));
}
END_TEST

/* The entry is read before its row, which alone has the new address. */
START_TEST(correction_whose_row_is_late)
{
	struct uuid booking = book(7, 48);
	struct lead row;

	live(1000);
	row = add_entry_alone(booking, ENTRY_BOOK, call_of(&booking).start);
	live(1000);
	ck_assert_ptr_null(strstr(world.last[OUTSIDE_TELEGRAM], "Address%20corrected"));
	row.email = "right@example.com";
	put_row(&row);
	live(1000);
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_TELEGRAM], "Address%20corrected"));
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_TELEGRAM], "right%40example.com"));
}
END_TEST

START_TEST(move_before_it_was_told)
{
	struct uuid booking;

	world.answers[OUTSIDE_RESEND].err = world.answers[OUTSIDE_TELEGRAM].err = ERR_UNREACHABLE;
	booking = book(7, 48);
	live(400);
	add_entry(booking, ENTRY_BOOK, in_hours(50));
	world.answers[OUTSIDE_RESEND].err = world.answers[OUTSIDE_TELEGRAM].err = ERR_NONE;
	live(10000);
	ck_assert_uint_eq(recorded(&booking, DUTY_ALERT, DELIVERY_DONE), 1);
	ck_assert_ptr_null(strstr(world.last[OUTSIDE_TELEGRAM], "Moved"));
}
END_TEST

/* A dead grant is a person's to renew, and is not asked for every two seconds. */
START_TEST(grant_that_is_dead)
{
	reopen_courier("[google]\nretry_s = 300\n");
	book(7, 48);
	live(5000);
	book(8, 50);
	world.answers[OUTSIDE_GOOGLE] =
	    (struct answer){.status = 400, .body = "{\"error\":\"invalid_grant\"}"};
	world.requests[OUTSIDE_GOOGLE] = 0;
	/* The event of the first is due after half of replay_s, that of the second five seconds
	 * later. */
	live(60000);
	ck_assert_uint_eq(world.requests[OUTSIDE_GOOGLE], 1);
	world.answers[OUTSIDE_GOOGLE] = (struct answer){.status = 0};
	live(300000);
	ck_assert_uint_ge(world.inserts, 2);
}
END_TEST

START_TEST(leases_are_given_back)
{
	static struct uuid list[3];

	for (int i = 0; i < 3; i++)
		list[i] = book(20 + i, 48 + i);
	live(1000);
	ck_assert_uint_eq(lines(DELIVERY_LEASE), 3);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(lease_deadline(agenda_find(&courier.agenda, &list[i])),
		    BOOT_MS + LEASE_MS - 2000);
	/* A store that is away is not asked for each of them. */
	world.lease_err = ERR_UNREACHABLE;
	world.puts = 0;
	lease_release_all(&courier);
	ck_assert_uint_eq(world.puts, 1);
	world.lease_err = ERR_NONE;
	lease_release_all(&courier);
	ck_assert_uint_eq(lines(DELIVERY_RELEASE), 3);
	/* What has passed is not given back. */
	world.boot_ms = BOOT_MS + LEASE_MS;
	lease_release_all(&courier);
	ck_assert_uint_eq(lines(DELIVERY_RELEASE), 3);
	world.boot_ms--;
	lease_release_all(&courier);
	ck_assert_uint_eq(lines(DELIVERY_RELEASE), 6);
	/* A place, which is the first of all that is known, like the others. */
	ck_assert_int_eq(lease_take(&courier, agenda_at(&courier.agenda, 0), &failure), LEASE_OURS);
	lease_release_all(&courier);
	ck_assert_uint_eq(lines(DELIVERY_RELEASE), 10);
}
END_TEST

#define WAITING 8

static struct uuid waiting[WAITING];

/* Each mail takes four seconds and a bit, and after five of them another asks for every lease. */
static void mail_while_others_wait(const struct http_request *request, enum outside outside)
{
	(void)request;
	if (outside != OUTSIDE_RESEND)
		return;
	world.boot_ms += 4100;
	for (int i = 0; i < WAITING && world.requests[OUTSIDE_RESEND] == 4; i++)
		another(waiting[i], DELIVERY_LEASE);
}

/* What waits for its turn in a long row is not kept from others for as long as the row lasts. */
START_TEST(lease_of_what_waits)
{
	const struct uuid other = id_of(999);
	unsigned waited = 0;

	for (int i = 0; i < WAITING; i++)
		waiting[i] = book(20 + i, 48 + 2 * i);
	world.on_request = mail_while_others_wait;
	while (world.requests[OUTSIDE_RESEND] < 5)
		courier_round(&courier);
	world.on_request = NULL;
	courier_round(&courier);
	for (int i = 0; i < WAITING; i++) {
		const struct agenda_item *item = agenda_find(&courier.agenda, &waiting[i]);

		if (recorded(&waiting[i], DUTY_MAIL, DELIVERY_DONE))
			continue;
		ck_assert(uuid_equal(&item->duties.owner, &other));
		waited++;
	}
	ck_assert_uint_eq(waited, WAITING - 5);
	live(25000);
	for (int i = 0; i < WAITING; i++)
		ck_assert_uint_eq(recorded(&waiting[i], DUTY_MAIL, DELIVERY_DONE), 1);
}
END_TEST

/* Who asks for what a courier works at, as an operator who erases does, has it a round later, while
 * there is something to do, too, and the courier goes on when it is given back. */
START_TEST(lease_that_somebody_waits_for)
{
	struct uuid booking = book(7, 48);

	book(8, 50);
	live(1000);
	another(booking, DELIVERY_LEASE);
	add_entry(booking, ENTRY_CANCEL, 0);
	courier_round(&courier);
	ck_assert_uint_eq(lines(DELIVERY_RELEASE), 1);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 2);
	another(booking, DELIVERY_LEASE);
	live(5000);
	ck_assert_uint_eq(recorded(&booking, DUTY_MAIL, DELIVERY_DONE), 1);
	ck_assert_uint_eq(lines(DELIVERY_RELEASE), 1);
	another(booking, DELIVERY_RELEASE);
	live(5000);
	ck_assert_uint_eq(recorded(&booking, DUTY_MAIL, DELIVERY_DONE), 2);
}
END_TEST

/* Whether it arrived or not: what may have been given back is not relied on. */
START_TEST(lease_given_back_unheard)
{
	struct uuid booking = book(7, 48);
	unsigned leases;

	live(1000);
	another(booking, DELIVERY_LEASE);
	add_entry(booking, ENTRY_CANCEL, 0);
	world.lease_err = ERR_UNSURE;
	courier_round(&courier);
	world.lease_err = ERR_NONE;
	leases = lines(DELIVERY_LEASE);
	courier_round(&courier);
	ck_assert_uint_eq(lines(DELIVERY_LEASE), leases + 1);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 2);
}
END_TEST

/* What was done and is not recorded yet, another would do again. */
START_TEST(lease_of_what_is_not_recorded)
{
	struct uuid booking = book(7, 48);

	live(1000);
	another(booking, DELIVERY_LEASE);
	courier.unsaved[courier.unsaved_count++] = (struct delivery_record){.booking = booking,
	    .payload = "",
	    .detail = "",
	    .delivery = {.duty = DUTY_MAIL, .version = 9, .state = DELIVERY_DONE}};
	world.refused = DELIVERY_DONE;
	world.refusal = ERR_BUSY;
	world.refusals = 2;
	while (world.refusals) {
		courier_round(&courier);
		ck_assert_uint_eq(lines(DELIVERY_RELEASE), 0);
		world.boot_ms += 1000;
	}
	courier_round(&courier);
	ck_assert_uint_eq(lines(DELIVERY_RELEASE), 1);
}
END_TEST

static void lease_before_us(const struct delivery_record *record)
{
	struct delivery_record others = *record;

	if (record->kind != DELIVERY_LEASE)
		return;
	world.on_record = NULL;
	others.owner = id_of(999);
	write_log(&others);
}

/* Two couriers ask at once, and the one whose line comes first has it. */
START_TEST(lease_that_another_gets)
{
	struct uuid booking = book(7, 48);

	world.on_record = lease_before_us;
	live(19000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 0);
	live(2000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	ck_assert_uint_eq(recorded(&booking, DUTY_MAIL, DELIVERY_DONE), 1);
}
END_TEST

/* What is cut when the courier ends has neither failed nor been done. */
START_TEST(cut_at_the_end)
{
	struct uuid booking = book(7, 48);

	world.answers[OUTSIDE_RESEND].err = ERR_STOPPING;
	courier_round(&courier);
	ck_assert_uint_eq(recorded(&booking, DUTY_MAIL, DELIVERY_TRYING), 1);
	ck_assert_uint_eq(recorded(&booking, DUTY_MAIL, DELIVERY_RETRY), 0);
	world.answers[OUTSIDE_RESEND].err = ERR_NONE;
	live(5000);
	ck_assert_uint_eq(recorded(&booking, DUTY_MAIL, DELIVERY_DONE), 1);
}
END_TEST

static unsigned rests; /* since it was told to stop */

int nanosleep(const struct timespec *time, struct timespec *left)
{
	(void)time, (void)left;
	rests += stopped != 0;
	return 0;
}

static void stop_then(const struct delivery_record *record)
{
	if (record->kind == DELIVERY_RECORD && record->delivery.state == DELIVERY_DONE)
		stopped = 1;
}

/* Where what has returned had its own. */
static void write_over(void)
{
	volatile char room[65536];

	for (size_t i = 0; i < sizeof(room); i++)
		room[i] = 'x';
}

/* What waits to be recorded outlives whatever said its sentence. */
START_TEST(sentence_that_passes)
{
	book(7, 48);
	world.answers[OUTSIDE_RESEND].err = ERR_UNREACHABLE;
	world.refused = DELIVERY_RETRY;
	world.refusals = 1;
	courier_round(&courier);
	ck_assert_uint_eq(courier.unsaved_count, 1);
	write_over();
	ck_assert_str_eq(courier.unsaved[0].detail, "");
}
END_TEST

/* What was done and could not be recorded is recorded before the courier goes, if that is to be
 * had; and it goes without a further rest. */
START_TEST(done_at_the_end)
{
	volatile sig_atomic_t reload = 0;
	struct uuid lead = add_lead(7, 0);

	world.refused = DELIVERY_DONE;
	world.refusals = 1;
	world.on_record = stop_then;
	courier_run(&courier, &reload);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 1);
	ck_assert_uint_eq(rests, 0);
	stopped = 0;
	world.on_record = NULL;
	reopen_courier("");
	live(30000);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 1);
	ck_assert_uint_eq(recorded(&lead, DUTY_NEW_LEAD, DELIVERY_DONE), 1);
}
END_TEST

/* Which schema there is was not to be had at the start: it is found out before anything is done. */
START_TEST(schema_that_is_not_known)
{
	world.schema_err = ERR_UNREACHABLE;
	reopen_courier("");
	add_lead(7, 0);
	live(2000);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 0);
	ck_assert(!stopped);
	world.schema_err = _i ? ERR_SCHEMA : ERR_NONE;
	live(2000);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], !_i);
	ck_assert_int_eq(stopped, _i);
	stopped = 0;
}
END_TEST

/* Of the bookings that are due a round does so many, so that others get their turn. */
START_TEST(round_of_many)
{
	for (int i = 0; i < 40; i++)
		book(20 + i, 48 + i);
	courier_round(&courier);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 32);
	courier_round(&courier);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 40);
}
END_TEST

static void take_a_second(const struct http_request *request, enum outside outside)
{
	(void)request;
	if (outside == OUTSIDE_RESEND)
		world.boot_ms += 1000;
}

/* And it ends after three seconds. */
START_TEST(round_of_slow_mails)
{
	for (int i = 0; i < 5; i++)
		book(20 + i, 48 + i);
	world.on_request = take_a_second;
	courier_round(&courier);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 3);
}
END_TEST

/* Nothing comes too early, and nothing a round too late. */
START_TEST(reminder_to_the_moment)
{
	struct uuid booking = book(7, 48);
	int64_t start = call_of(&booking).start;

	live(40000);
	world.boot_ms += (start - 24 * HOUR) * 1000 - clock_wall_ms() - 1;
	courier_round(&courier);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	world.boot_ms++;
	courier_round(&courier);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 2);
	ck_assert_ptr_nonnull(strstr(world.key, "-reminder_1"));
}
END_TEST

/* Tries are counted as far as the log can count. */
START_TEST(tried_for_ever)
{
	struct uuid booking = book(7, 48);
	struct delivery_record tried = {.booking = booking,
	    .owner = id_of(900),
	    .delivery = {
		.duty = DUTY_MAIL, .version = 2, .state = DELIVERY_RETRY, .attempt = UINT16_MAX}};

	write_log(&tried);
	world.answers[OUTSIDE_RESEND].err = ERR_UNREACHABLE;
	courier_round(&courier);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	ck_assert_uint_eq(
	    duties_find(&agenda_find(&courier.agenda, &booking)->duties, DUTY_MAIL, 2).attempt,
	    UINT16_MAX);
}
END_TEST

static enum outside last_asked; /* with whose first request the courier is to end */

static void stop_at_last(const struct http_request *request, enum outside outside)
{
	(void)request;
	if (outside == last_asked)
		stopped = 1;
}

static void stop_at(enum outside outside)
{
	last_asked = outside;
	world.on_request = stop_at_last;
}

/* A courier that is to end begins with no further booking. */
START_TEST(stopped_in_a_round)
{
	for (int i = 0; i < 3; i++)
		book(20 + i, 48 + i);
	stop_at(OUTSIDE_RESEND);
	courier_round(&courier);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	stopped = 0;
	world.on_request = NULL;
	live(1000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 3);
}
END_TEST

/* One's own lease does while twelve seconds of it are left; another's is not asked for in vain
 * until it has ended. */
START_TEST(lease_to_its_last_moment)
{
	struct uuid own = book(7, 48), others = book(8, 49);
	struct agenda_item *item;

	another(others, DELIVERY_LEASE);
	courier_round(&courier);
	item = agenda_find(&courier.agenda, &own);
	ck_assert_ptr_nonnull(item);
	ck_assert_uint_eq(lines(DELIVERY_LEASE), 2);
	world.boot_ms = BOOT_MS + LEASE_MS - 12001;
	ck_assert_int_eq(lease_take(&courier, item, &failure), LEASE_OURS);
	ck_assert_uint_eq(lines(DELIVERY_LEASE), 2);
	world.boot_ms++;
	ck_assert_int_eq(lease_take(&courier, item, &failure), LEASE_OURS);
	ck_assert_uint_eq(lines(DELIVERY_LEASE), 3);
	ck_assert_int_eq(lease_deadline(item), world.boot_ms + LEASE_MS - 2000);
	item = agenda_find(&courier.agenda, &others);
	ck_assert_ptr_nonnull(item);
	world.boot_ms = BOOT_MS + LEASE_MS - 1;
	ck_assert_int_eq(lease_take(&courier, item, &failure), LEASE_OTHERS);
	ck_assert_uint_eq(lines(DELIVERY_LEASE), 3);
	/* It is looked at when that ends, by the store's clock. */
	ck_assert_int_eq(item->look_ms, START_MS + LEASE_MS);
	world.boot_ms++;
	world.lease_err = ERR_BUSY;
	ck_assert_int_eq(lease_take(&courier, item, &failure), LEASE_UNKNOWN);
	ck_assert_int_eq(failure.code, ERR_BUSY);
	world.lease_err = ERR_NONE;
	ck_assert_int_eq(lease_take(&courier, item, &failure), LEASE_OURS);
	ck_assert_uint_eq(lines(DELIVERY_LEASE), 4);
}
END_TEST

/* ---- The calendar ---- */

static struct uuid moving;
static uint64_t moved_to;

/* The prospect moves the call while the courier looks at the calendar; the worker writes the event.
 */
static void move_now(void)
{
	world.on_list = NULL;
	moved_to = add_entry(moving, ENTRY_BOOK, in_hours(72));
	calendar_event_id(&moving, moved_to, world.events[world.event_count++]);
}

START_TEST(event_of_a_later_version)
{
	moving = world.event_booking = book(7, 48);
	live(1000);
	calendar_event_id(&moving, 1, world.events[world.event_count++]);
	world.on_list = move_now;
	live(31000);
	ck_assert_uint_gt(moved_to, 0);
	/* The one of before goes, the later one stays, whoever is behind. */
	ck_assert_uint_ge(world.deletes, 1);
	live(60000);
	ck_assert_uint_eq(world.event_count, 1);
	ck_assert(strstr(world.events[0], "v3"));
	ck_assert_uint_eq(world.inserts, 1);
}
END_TEST

static const char owners_event[] =
    "{\"id\":\"own\",\"status\":\"confirmed\",\"start\":{\"dateTime\":"
    "\"2026-12-02T01:00:00Z\"},\"end\":{\"dateTime\":\"2026-12-02T02:00:00Z\"}}";

/* It is seen before the call's own event stands beside it. */
START_TEST(owners_event_is_told)
{
	struct uuid booking = book(7, 48);

	world.others = owners_event;
	while (!world.inserts)
		live(200);
	ck_assert_uint_eq(recorded(&booking, DUTY_COLLISION, DELIVERY_DUE), 1);
}
END_TEST

/* What cannot be recorded is told later, and no less. */
START_TEST(owners_event_is_told_late)
{
	struct uuid booking = book(7, 48);

	world.others = owners_event;
	live(25000);
	world.refused = DELIVERY_DUE;
	world.refusals = 1;
	world.refusal = ERR_BUSY;
	live(40000);
	ck_assert_uint_eq(world.refusals, 0);
	ck_assert_uint_eq(recorded(&booking, DUTY_COLLISION, DELIVERY_DONE), 1);
	ck_assert_uint_eq(recorded(&booking, DUTY_EVENT, DELIVERY_DONE), 1);
	ck_assert_uint_eq(world.inserts, 1);
}
END_TEST

static unsigned refused_looks;

/* What else stands in a call's time is not told, so many times. */
static void refuse_looks(const struct http_request *request, enum outside outside)
{
	bool is_look = request->url && strstr(request->url, "timeMin=");

	if (outside != OUTSIDE_GOOGLE)
		return;
	world.answers[outside].status = is_look && refused_looks ? 503 : 0;
	refused_looks -= is_look && refused_looks;
}

/* Where that cannot be known yet the event is seen to once more. */
START_TEST(look_for_collisions_that_fails)
{
	struct uuid booking = book(7, 48);

	refused_looks = 1;
	world.on_request = refuse_looks;
	live(60000);
	ck_assert_uint_eq(refused_looks, 0);
	ck_assert_uint_eq(recorded(&booking, DUTY_EVENT, DELIVERY_RETRY), 1);
	ck_assert_uint_eq(recorded(&booking, DUTY_EVENT, DELIVERY_DONE), 1);
}
END_TEST

/* A calendar that is not there is a person's to put right, and the event waits for that. */
START_TEST(calendar_that_is_gone)
{
	struct uuid booking = book(7, 48);

	world.insert_status = 404;
	live(50000);
	ck_assert_uint_ge(recorded(&booking, DUTY_EVENT, DELIVERY_RETRY), 2);
	ck_assert_uint_eq(recorded(&booking, DUTY_EVENT, DELIVERY_FAILED), 0);
	ck_assert_uint_eq(world.inserts, 0);
	world.insert_status = 0;
	live(70000);
	ck_assert_uint_eq(recorded(&booking, DUTY_EVENT, DELIVERY_DONE), 1);
	ck_assert_uint_eq(world.inserts, 1);
}
END_TEST

START_TEST(somebody_else_answers)
{
	struct uuid booking = book(7, 48);

	live(1000);
	world.answers[OUTSIDE_GOOGLE] = (struct answer){.status = 200,
	    .body = "{\"items\":[],\"access_token\":\"t\","
		    "\"expires_in\":3600}"};
	live(40000);
	ck_assert_uint_eq(recorded(&booking, DUTY_EVENT, DELIVERY_DONE), 0);
}
END_TEST

/* The last alert has these words. */
static bool told_of(const char *words)
{
	return strstr(world.last[OUTSIDE_TELEGRAM], words) != NULL;
}

/* ---- What the owner does there ---- */

#define OWNERS_TEXT 400

/* The owner changes the event of the call that stands: to a time, or NULL deletes it. */
static void drag(const struct uuid *booking, const struct interval *to, const char *updated)
{
	char id[EVENT_ID], start[INSTANT_TEXT], end[INSTANT_TEXT];
	struct ledger_booking standing;

	ledger_find(world.ledger, booking, &standing);
	calendar_event_id(booking, standing.version, id);
	if (to)
		snprintf(world.drifts, OWNERS_TEXT,
		    "{\"id\":\"%s\",\"status\":\"confirmed\",\"updated\":\"%s\",\"start\":{"
		    "\"dateTime\":\"%s\"},"
		    "\"end\":{\"dateTime\":\"%s\"}}",
		    id, updated, instant_format_rfc3339(to->start, start),
		    instant_format_rfc3339(to->end, end));
	else
		snprintf(world.drifts, OWNERS_TEXT, "{\"id\":\"%s\",\"status\":\"cancelled\"}", id);
	snprintf(world.dragged, sizeof(world.dragged), "%.*s", OWNERS_TEXT, world.drifts);
	courier.drift_look_ms = 0;
}

static struct interval at_hours(int hours)
{
	return (struct interval){in_hours(hours), in_hours(hours) + 1800};
}

START_TEST(change_is_told)
{
	struct uuid booking = book(7, 48);
	struct interval to = at_hours(72);
	uint64_t entries;

	live(35000);
	entries = world.entries;
	drag(&booking, &to, "1");
	live(1000);
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_TELEGRAM], "was%20moved%20to"));
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_TELEGRAM], "slotguardctl%20move"));
	/* The same time is told once, however often the event is touched; another is another. */
	drag(&booking, &to, "2");
	live(1000);
	ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DUE), 1);
	drag(&booking, NULL, NULL);
	live(2000);
	ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DONE), 2);
	ck_assert_uint_eq(world.entries, entries);
	ck_assert_uint_eq(world.puts_back, 0);
}
END_TEST

/* One look finds all that changed since the last. */
START_TEST(changes_are_told)
{
	struct uuid list[] = {book(7, 48), book(8, 50), book(9, 52)};
	char items[sizeof(world.drifts)] = "";
	struct interval to;

	live(35000);
	for (int i = 0; i < (int)COUNT(list); i++) {
		to = at_hours(72 + i);
		drag(&list[i], &to, "1");
		snprintf(items + strlen(items), OWNERS_TEXT, "%s%.*s", i ? "," : "",
		    OWNERS_TEXT - 2, world.drifts);
	}
	memcpy(world.drifts, items, sizeof(items));
	live(2000);
	for (size_t i = 0; i < COUNT(list); i++)
		ck_assert_uint_eq(recorded(&list[i], DUTY_CALENDAR_CHANGED, DELIVERY_DONE), 1);
}
END_TEST

/* Nobody is told what becomes of the event of a call that is over. */
START_TEST(change_after_the_call)
{
	struct uuid booking = book(7, 48);
	struct interval call = call_of(&booking), to = at_hours(72);

	live(35000);
	world.boot_ms += call.end * 1000 - clock_wall_ms() - _i;
	drag(&booking, &to, "1");
	live(1000);
	ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DUE), (unsigned)_i);
}
END_TEST

/* The token is that of the last look; one that is too old is thrown away at once. */
/* Who has no calendar, or nobody to tell, does not look. */
START_TEST(changes_of_no_matter)
{
	if (_i)
		courier.rules.has_calendar = false;
	else
		courier.rules.has_telegram = false;
	book(7, 48);
	courier.drift_look_ms = 0;
	live(2000);
	ck_assert_uint_eq(world.syncs, 0);
}
END_TEST

START_TEST(changes_follow_their_token)
{
	char since[INSTANT_TEXT], asked[INSTANT_TEXT + 20];

	/* What was dragged into the past week, too. */
	snprintf(asked, sizeof(asked), "?timeMin=%s&",
	    instant_format_rfc3339(clock_wall_s() - 7 * DAY_S, since));
	courier.drift_look_ms = 0;
	live(200);
	ck_assert_ptr_nonnull(strstr(world.last_sync, asked));
	courier.drift_look_ms = 0;
	live(200);
	ck_assert_ptr_nonnull(strstr(world.last_sync, "syncToken=sync1&"));
	world.sync_status = 410;
	courier.drift_look_ms = 0;
	live(400);
	ck_assert_ptr_nonnull(strstr(world.last_sync, "timeMin="));
	/* A calendar that does not answer keeps the token, and is left alone for a while. */
	world.sync_status = 503;
	courier.drift_look_ms = 0;
	live(400);
	ck_assert_uint_eq(world.syncs, 5);
	courier.drift_look_ms = 0;
	live(200);
	ck_assert_ptr_nonnull(strstr(world.last_sync, "syncToken=sync4&"));
	/* Refused credentials are a person's to renew. */
	world.sync_status = 403;
	courier.drift_look_ms = 0;
	live(60000);
	ck_assert_uint_eq(world.syncs, 7);
}
END_TEST

/* However long pages go by what they know: the calendar is looked at twice a minute, and each
 * second at most. */
START_TEST(change_is_seen_within_a_minute)
{
	struct conf *conf = (struct conf *)courier.conf;
	struct uuid booking = book(7, 48);
	struct interval to = at_hours(72);
	int64_t looks_ms;
	unsigned syncs;

	conf->google.fresh_s = _i == 0 ? 600 : 0;
	courier.drift_look_ms = 0;
	live(60000);
	looks_ms = courier.drift_look_ms;
	drag(&booking, &to, "1");
	courier.drift_look_ms = looks_ms;
	syncs = world.syncs;
	live(31000);
	ck_assert_uint_ge(world.syncs - syncs, 1);
	ck_assert_uint_le(world.syncs - syncs, _i == 0 ? 2 : 31);
	ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DONE), 1);
}
END_TEST

/* A change is judged by a ledger that is read after it was seen, and without one it is no news. */
START_TEST(change_waits_for_the_ledger)
{
	struct uuid booking = book(7, 48);
	struct interval to = at_hours(72);
	unsigned refreshes;

	live(35000);
	refreshes = world.refreshes;
	courier.drift_look_ms = 0;
	live(200);
	ck_assert_uint_eq(world.refreshes, refreshes);
	ck_assert_ptr_nonnull(courier.calendar_token);
	ck_assert_str_eq(courier.calendar_token, "sync1");
	world.refresh_err = ERR_UNREACHABLE;
	drag(&booking, &to, "1");
	live(200);
	ck_assert_uint_eq(world.refreshes, refreshes + 1);
	ck_assert_str_eq(courier.calendar_token, "sync1");
	ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DUE), 0);
	world.refresh_err = ERR_NONE;
	drag(&booking, &to, "1");
	live(1000);
	ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DUE), 1);
	ck_assert_str_eq(courier.calendar_token, "sync3");
	/* A calendar that does not answer has nothing judged. */
	refreshes = world.refreshes;
	world.answers[OUTSIDE_GOOGLE].err = ERR_UNREACHABLE;
	drag(&booking, NULL, NULL);
	live(200);
	ck_assert_uint_eq(world.refreshes, refreshes);
	ck_assert_str_eq(courier.calendar_token, "sync3");
}
END_TEST

/* Whom this courier does not know yet is read first: what was told of them may be told already. */
START_TEST(change_of_an_unread_booking)
{
	struct uuid booking = add_lead(7, 0);
	struct interval to = at_hours(72);

	world.lead_count = 0;
	live(1000);
	/* Nobody has told it of this one. */
	add_entry(booking, ENTRY_BOOK, in_hours(48));
	world.changed_count = 0;
	courier.mark.ledger = world.entries;
	ck_assert_ptr_null(agenda_find(&courier.agenda, &booking));
	drag(&booking, &to, "1");
	courier_round(&courier);
	ck_assert_ptr_nonnull(agenda_find(&courier.agenda, &booking));
	ck_assert_ptr_null(courier.calendar_token);
	ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DUE), 0);
	world.boot_ms += 200;
	courier_round(&courier);
	drag(&booking, &to, "1");
	world.boot_ms += 200;
	courier_round(&courier);
	ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DUE), 1);
	ck_assert_ptr_nonnull(courier.calendar_token);
}
END_TEST

/* What changed while the ledger could not be read is not passed over. */
START_TEST(change_waits_for_its_record)
{
	struct uuid booking = book(7, 48);
	struct interval to = at_hours(72);

	live(35000);
	world.refused = DELIVERY_DUE;
	world.refusals = 1;
	drag(&booking, &to, "1");
	live(200);
	/* The token stays, so Google tells it again. */
	ck_assert_ptr_null(courier.calendar_token);
	drag(&booking, &to, "1");
	live(2000);
	ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DONE), 1);
}
END_TEST

static void obey(void)
{
	courier.rules.obeys = true;
}

START_TEST(move_is_obeyed)
{
	struct uuid booking = book(7, 48);
	struct interval to = {in_hours(72), in_hours(72) + 3600};
	uint64_t version = world.entries;

	obey();
	live(35000);
	drag(&booking, &to, "1");
	live(1000);
	ck_assert_int_eq(call_of(&booking).start, to.start);
	ck_assert_int_eq(call_of(&booking).end, to.end);
	ck_assert_int_eq(world.last_entry.actor, ACTOR_CALENDAR);
	ck_assert_uint_eq(world.last_entry.version, version);
	ck_assert_uint_eq(world.last_entry.cap_count, 0);
	ck_assert_uint_eq(recorded(&booking, DUTY_OBEY, DELIVERY_DONE), 1);
	ck_assert_uint_eq(world.puts_back, 0);
	/* The usual mail and event follow, at once: the event of before is dragged no more. */
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 2);
	ck_assert_uint_eq(world.event_count, 1);
	ck_assert_ptr_nonnull(strstr(world.events[0], "v3"));
	live(35000);
	ck_assert_uint_eq(world.event_count, 1);
	ck_assert_ptr_nonnull(strstr(world.events[0], "v3"));
	ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DUE), 0);
}
END_TEST

/* A right that is not there is told as long as it is needed. */
START_TEST(right_to_obey)
{
	world.may_not_append = true;
	reopen_courier("[calendar main]\nwrites = yes\nobey = yes\n");
	live(400);
	ck_assert_int_eq(counters_get(courier.upstream.counters, GAUGE_OBEY_REFUSED), 1);
	reopen_courier("[calendar main]\nwrites = yes\n");
	live(400);
	ck_assert_int_eq(counters_get(courier.upstream.counters, GAUGE_OBEY_REFUSED), 0);
}
END_TEST

/* The owner is held to no hours: eight in the evening of a Sunday in New York is theirs to choose.
 */
START_TEST(hours_do_not_bind)
{
	struct uuid booking = book(7, 48);
	int64_t sunday = (in_hours(0) / 604800 + 2) * 604800 + 4 * DAY_S;
	struct interval to = {sunday + 60, sunday + 1860};

	obey();
	live(35000);
	drag(&booking, &to, "1");
	live(1000);
	ck_assert_int_eq(call_of(&booking).start, to.start);
	ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DUE), 0);
}
END_TEST

static struct uuid restless;
static int64_t restless_start;

/* What the event is by now, unseen: dragged on to `hours`, or deleted. */
static void drag_on(int hours)
{
	struct interval to = at_hours(hours);
	char id[EVENT_ID];

	restless_start = to.start;
	drag(&restless, hours ? &to : NULL, "2");
	/* It is the event of the call that was booked. */
	calendar_event_id(&restless, 2, id);
	memcpy(strstr(world.dragged, "\"id\":\"") + 6, id, strlen(id));
	world.drifts[0] = '\0';
}

static void drag_to_96(void)
{
	drag_on(96);
}

static void drag_to_120(void)
{
	drag_on(120);
}

static void delete_then(void)
{
	drag_on(0);
}

/* The event of before is dragged once more, or deleted, before it is taken away. */
START_TEST(dragged_on)
{
	struct interval to = at_hours(72);

	restless = book(7, 48);
	ck_assert_uint_eq(world.entries, 2);
	add_entry(book(8, 240), ENTRY_CANCEL, 0);
	obey();
	live(35000);
	drag(&restless, &to, "1");
	switch (_i) {
	case 0:
		/* Between the look and the deletion it is the calendar that finds it out. */
		world.on_delete = drag_to_96;
		break;
	case 1:
		world.on_second_get = delete_then;
		break;
	default:
		book(9, 120);
		world.on_second_get = drag_to_120;
	}
	live(1000);
	world.dragged[0] = '\0';
	live(35000);
	switch (_i) {
	case 0:
		ck_assert_int_eq(call_of(&restless).start, restless_start);
		break;
	case 1:
		/* Whose deletion that is nobody can tell. */
		ck_assert_int_eq(call_of(&restless).start, to.start);
		ck_assert_int_eq(world.last_entry.kind, ENTRY_BOOK);
		break;
	default:
		/* What cannot be is told, and the call is where it could be. */
		ck_assert_int_eq(call_of(&restless).start, to.start);
		ck_assert_uint_eq(world.puts_back, 0);
		ck_assert_uint_eq(recorded(&restless, DUTY_CALENDAR_CHANGED, DELIVERY_DONE), 1);
	}
}
END_TEST

static unsigned drags;

/* As somebody's program does whenever it was looked at. */
static void drag_for_ever(void)
{
	drag_on(96 + 24 * (int)drags++);
	world.on_delete = drag_for_ever;
}

/* The courier has others to serve: where it lets go the usual look takes over. */
START_TEST(dragged_for_ever)
{
	struct interval to = at_hours(72);
	uint64_t entries;

	restless = book(7, 48);
	obey();
	live(35000);
	entries = world.entries;
	drag(&restless, &to, "1");
	drags = 0;
	world.on_delete = drag_for_ever;
	courier_round(&courier);
	ck_assert_uint_eq(drags, 3);
	ck_assert_uint_eq(world.entries - entries, 3);
	ck_assert_int_eq(call_of(&restless).start, in_hours(120));
}
END_TEST

static unsigned appends;

static void count_append(const struct entry *entry, int64_t deadline)
{
	(void)entry;
	(void)deadline;
	appends++;
}

static void take_no_more(void)
{
	world.after_append = NULL;
	world.append_err = ERR_UNSURE;
}

static void refuse_the_word(const struct delivery_record *record)
{
	if (record->kind != DELIVERY_RECORD || record->delivery.duty != DUTY_CALENDAR_CHANGED)
		return;
	world.on_record = NULL;
	world.refused = DELIVERY_DUE;
	world.refusals = 1;
}

/* What fails of that, the move or the word that it cannot be, is left to the usual look: it is not
 * asked for at once again, and the event of before stays until then. */
START_TEST(dragged_on_in_vain)
{
	struct interval to = at_hours(72);
	unsigned deletes;

	restless = book(7, 48);
	book(9, 120);
	obey();
	live(35000);
	drag(&restless, &to, "1");
	world.on_entry = count_append;
	if (_i == 0) {
		world.on_delete = drag_to_96;
		world.after_append = take_no_more;
	} else {
		world.on_second_get = drag_to_120;
		world.on_record = refuse_the_word;
	}
	deletes = world.deletes;
	courier_round(&courier);
	ck_assert_ptr_null(world.on_record);
	ck_assert_uint_eq(appends, _i == 0 ? 2 : 1);
	ck_assert_uint_eq(world.deletes, deletes);
	ck_assert_int_eq(call_of(&restless).start, to.start);
}
END_TEST

#define NO_ONE "00000000-0000-0000-0000-000000000000"

static const char *const odd_sights[] = {"", "what is this", "2 moved %s overlap",
    "2 moved %s not_asked nobody", "2 moved %s not_asked " NO_ONE " more",
    "2 moved soon 1796000000 not_asked " NO_ONE, "2 moved 1796000000 later not_asked " NO_ONE,
    "2 moved %s unheard_of " NO_ONE, "two moved %s not_asked " NO_ONE,
    "2 dragged %s not_asked " NO_ONE};

START_TEST(sight_that_cannot_be_read)
{
	struct uuid booking = book(7, 48);
	struct interval to = at_hours(72);
	char times[60], payload[200];
	struct delivery_record line = {.booking = booking,
	    .kind = DELIVERY_RECORD,
	    .delivery = {.duty = DUTY_OBEY, .version = 4711, .state = DELIVERY_DUE},
	    .payload = payload};
	uint64_t entries;
	char *at;

	obey();
	live(35000);
	entries = world.entries;
	snprintf(times, sizeof(times), "%" PRId64 " %" PRId64, to.start, to.end);
	snprintf(payload, sizeof(payload), "%s", odd_sights[_i]);
	if ((at = strstr(payload, "%s")))
		snprintf(at, sizeof(payload) - (size_t)(at - payload), "%s%s", times,
		    strstr(odd_sights[_i], "%s") + 2);
	write_log(&line);
	/* Nor is it told. */
	line.delivery.duty = DUTY_CALENDAR_CHANGED;
	write_log(&line);
	world.requests[OUTSIDE_TELEGRAM] = 0;
	live(2000);
	ck_assert_uint_eq(world.entries, entries);
	ck_assert_uint_eq(recorded(&booking, DUTY_OBEY, DELIVERY_DONE), 1);
	ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DONE), 1);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 0);
}
END_TEST

/* What a store does not tell is asked again. */
START_TEST(sight_that_is_not_told)
{
	struct uuid booking = book(7, 48);
	struct interval to = at_hours(72);

	courier.rules.obeys = _i == 0;
	live(35000);
	world.payload_err = ERR_UNREACHABLE;
	drag(&booking, &to, "1");
	live(1000);
	ck_assert_uint_eq(lines_of(DUTY_OBEY, DELIVERY_DONE), 0);
	ck_assert_uint_eq(lines_of(DUTY_CALENDAR_CHANGED, DELIVERY_DONE), 0);
	ck_assert_int_ne(call_of(&booking).start, to.start);
	world.payload_err = ERR_NONE;
	live(20000);
	ck_assert_uint_eq(
	    recorded(&booking, _i == 0 ? DUTY_OBEY : DUTY_CALENDAR_CHANGED, DELIVERY_DONE), 1);
	ck_assert(_i == 0 ? call_of(&booking).start == to.start : told_of("was%20moved%20to"));
}
END_TEST

START_TEST(deletion_is_obeyed)
{
	struct uuid booking = book(7, 48);

	obey();
	live(35000);
	drag(&booking, NULL, NULL);
	live(1000);
	ck_assert_int_eq(world.last_entry.kind, ENTRY_CANCEL);
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_RESEND], "is cancelled"));
	/* Seen once more, it is history. */
	drag(&booking, NULL, NULL);
	live(1000);
	ck_assert_uint_eq(world.entries, 3);
}
END_TEST

/* Undone after it was heard, the event is of no call: it is told and taken away. */
START_TEST(deletion_is_undone_too_late)
{
	struct uuid booking = book(7, 48);
	struct interval stood = call_of(&booking);
	char id[EVENT_ID];

	courier.rules.obeys = _i == 0;
	live(35000);
	calendar_event_id(&booking, 2, id);
	if (_i == 0)
		drag(&booking, NULL, NULL);
	else
		add_entry(booking, ENTRY_CANCEL, 0);
	live(35000);
	ck_assert_uint_eq(world.entries, 3);
	ck_assert_uint_eq(world.event_count, 0);
	for (unsigned i = 1; i <= 2; i++) {
		drag(&booking, &stood, i == 1 ? "5" : "6");
		memcpy(strstr(world.drifts, "\"id\":\"") + 6, id, strlen(id));
		memcpy(strstr(world.dragged, "\"id\":\"") + 6, id, strlen(id));
		memcpy(world.events[0], id, EVENT_ID);
		world.event_count = 1;
		/* What cannot be read now is read later. */
		if (i == 1) {
			world.dragged_status = 503;
			live(2000);
			ck_assert_uint_eq(world.event_count, 1);
			world.dragged_status = 0;
			live(30000);
		}
		live(2000);
		ck_assert_uint_eq(world.event_count, _i == 0 ? 0 : 1);
		ck_assert_uint_eq(
		    recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DONE), _i == 0 ? i : 0);
	}
	ck_assert_uint_eq(world.entries, 3);
	if (_i == 0)
		ck_assert_ptr_nonnull(
		    strstr(world.last[OUTSIDE_TELEGRAM], "was%20put%20back%20to"));
}
END_TEST

START_TEST(what_cannot_be_is_put_back)
{
	struct uuid booking = book(7, 48), other = book(8, 72), block = id_of(9);
	struct interval stood = call_of(&booking), to = at_hours(72), past = at_hours(-1),
			day = {0, 0}, blocked = at_hours(96);
	uint64_t entries;

	add_entry(block, ENTRY_BLOCK, in_hours(96));
	(void)other;
	obey();
	live(35000);
	entries = world.entries;
	for (unsigned i = 1; i <= 2; i++) {
		/* The same place once more is another wish. */
		drag(&booking, &to, i == 1 ? "1" : "2");
		live(2000);
		ck_assert_ptr_nonnull(
		    strstr(world.last[OUTSIDE_TELEGRAM], "the%20call%20with%20Ada"));
		ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_TELEGRAM], "000000000008"));
		ck_assert_uint_eq(world.puts_back, i);
	}
	drag(&booking, &blocked, "3");
	live(2000);
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_TELEGRAM], "taken%20by%20a%20block"));
	drag(&booking, &past, "4");
	live(2000);
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_TELEGRAM], "has%20passed"));
	drag(&booking, &day, "5");
	live(2000);
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_TELEGRAM], "no%20time"));
	ck_assert_uint_eq(world.puts_back, 5);
	world.imported = at_hours(120);
	drag(&booking, &world.imported, "6");
	live(2000);
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_TELEGRAM], "does%20not%20know"));
	ck_assert_uint_eq(world.puts_back, 6);
	ck_assert_uint_eq(world.entries, entries);
	ck_assert_int_eq(call_of(&booking).start, stood.start);
	ck_assert_uint_eq(recorded(&booking, DUTY_OBEY, DELIVERY_DONE), 6);
	/* Beside it there is room. */
	to = at_hours(121);
	drag(&booking, &to, "7");
	live(2000);
	ck_assert_int_eq(call_of(&booking).start, to.start);
}
END_TEST

/* Dragged or deleted, and put back before anything was done of it. */
START_TEST(change_is_undone)
{
	struct uuid booking = book(7, 48);
	struct interval to = at_hours(72), stood = call_of(&booking);
	char seen[sizeof(world.drifts)];
	uint64_t entries;

	obey();
	live(35000);
	entries = world.entries;
	drag(&booking, _i ? NULL : &to, "1");
	snprintf(seen, sizeof(seen), "%s", world.drifts);
	drag(&booking, &stood, "2");
	snprintf(world.drifts, sizeof(world.drifts), "%s", seen);
	live(2000);
	ck_assert_uint_eq(recorded(&booking, DUTY_OBEY, DELIVERY_DONE), 1);
	ck_assert_uint_eq(world.entries, entries);
	ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DUE), 0);
}
END_TEST

/* Somebody makes the event recur, and changes the occurrence at the call's time: to a time, or NULL
 * deletes it. */
static void change_occurrence(
    const struct uuid *booking, const struct interval *to, const char *updated)
{
	char id[EVENT_ID], from[INSTANT_TEXT], start[INSTANT_TEXT], end[INSTANT_TEXT],
	    stood[INSTANT_TEXT];
	struct interval call = call_of(booking);
	struct interval at = to ? *to : call;

	calendar_event_id(booking, 2, id);
	instant_format_rfc3339(call.start, from);
	instant_format_rfc3339(call.end, stood);
	snprintf(world.occurrence, OWNERS_TEXT,
	    "{\"id\":\"%s_1\",\"recurringEventId\":\"%s\",\"updated\":\"%s\",\"status\":\"%s\","
	    "\"originalStartTime\":{\"dateTime\":\"%s\"},\"start\":{\"dateTime\":\"%s\"},"
	    "\"end\":{\"dateTime\":\"%s\"}}",
	    id, id, updated, to ? "confirmed" : "cancelled", from,
	    instant_format_rfc3339(at.start, start), instant_format_rfc3339(at.end, end));
	snprintf(world.drifts, sizeof(world.drifts), "%s", world.occurrence);
	snprintf(world.dragged, sizeof(world.dragged),
	    "{\"id\":\"%s\",\"updated\":\"1\",\"recurrence\":[\"RRULE:FREQ=WEEKLY\"],"
	    "\"start\":{\"dateTime\":\"%s\"},\"end\":{\"dateTime\":\"%s\"}}",
	    id, from, stood);
	courier.drift_look_ms = 0;
}

/* One was deleted with a series that ended, and the event recurs again by the time that it is
 * heard; or it is dragged on. */
START_TEST(occurrence_of_before)
{
	struct uuid booking = book(7, 48);
	struct interval stood = call_of(&booking), to = at_hours(72);
	char seen[sizeof(world.drifts)];
	uint64_t entries;

	obey();
	live(35000);
	entries = world.entries;
	change_occurrence(&booking, _i ? &to : NULL, "1");
	snprintf(seen, sizeof(seen), "%s", world.drifts);
	change_occurrence(&booking, &stood, "2");
	snprintf(world.drifts, sizeof(world.drifts), "%s", seen);
	live(2000);
	ck_assert_uint_eq(recorded(&booking, DUTY_OBEY, DELIVERY_DONE), 1);
	ck_assert_uint_eq(world.entries, entries);
	to = at_hours(96);
	change_occurrence(&booking, &to, "3");
	live(2000);
	ck_assert_int_eq(call_of(&booking).start, to.start);
}
END_TEST

/* Its rule leaves out the call's time, and nothing is told of that occurrence but that it went. */
START_TEST(occurrence_that_is_left_out)
{
	struct uuid booking = book(7, 48);

	obey();
	live(35000);
	change_occurrence(&booking, NULL, "1");
	world.occurrence[0] = '\0';
	live(2000);
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_RESEND], "is cancelled"));
}
END_TEST

/* What Google does not say of it is no sign that it went. */
START_TEST(occurrence_that_cannot_be_read)
{
	struct uuid booking = book(7, 48);
	uint64_t entries;

	obey();
	live(35000);
	entries = world.entries;
	change_occurrence(&booking, NULL, "1");
	world.occurrence[0] = '\0';
	world.occurrence_status = 503;
	live(2000);
	ck_assert_uint_eq(world.entries, entries);
	ck_assert_uint_eq(recorded(&booking, DUTY_OBEY, DELIVERY_DONE), 0);
	world.occurrence_status = 0;
	live(60000);
	ck_assert_uint_eq(world.entries, entries + 1);
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_RESEND], "is cancelled"));
}
END_TEST

/* What stands for itself in a series is listed, too, and is its owner's. */
START_TEST(occurrence_is_not_ours)
{
	struct uuid booking = book(7, 48);

	obey();
	calendar_event_id(&booking, 2, world.events[0]);
	calendar_event_id(&booking, 2, world.events[1]);
	strcat(world.events[1], "_20261201T140000Z");
	world.event_count = 2;
	live(60000);
	ck_assert_uint_eq(recorded(&booking, DUTY_EVENT, DELIVERY_DONE), 1);
	ck_assert_uint_eq(recorded(&booking, DUTY_EVENT_AGAIN, DELIVERY_DONE), 1);
	ck_assert_uint_eq(world.deletes, 0);
	ck_assert_uint_eq(world.inserts, 0);
	ck_assert_uint_eq(world.event_count, 2);
	add_entry(booking, ENTRY_CANCEL, 0);
	live(60000);
	ck_assert_uint_eq(world.event_count, 0);
}
END_TEST

/* Somebody made the event recur, and dragged the call's own occurrence: the series goes, whatever
 * stamp it has. */
START_TEST(series_is_put_back)
{
	struct uuid booking = book(7, 48), other = book(8, 72);
	struct interval call = call_of(&booking), to = at_hours(72);

	(void)other;
	obey();
	live(35000);
	change_occurrence(&booking, &to, "2");
	live(2000);
	ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DONE), 1);
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_TELEGRAM], "put%20back"));
	ck_assert_uint_eq(world.puts_back, 1);
	ck_assert_int_eq(call_of(&booking).start, call.start);
}
END_TEST

/* Told while the alert could not leave, the refusal stays: what is put back is not asked for again.
 */
START_TEST(refusal_is_had_once)
{
	struct uuid booking = book(7, 48), other = book(8, 72);
	struct interval to = at_hours(72);

	obey();
	live(35000);
	world.put_status = 503;
	drag(&booking, &to, "1");
	courier_round(&courier);
	ck_assert_uint_eq(recorded(&booking, DUTY_OBEY, DELIVERY_RETRY), 1);
	add_entry(other, ENTRY_CANCEL, 0);
	live(10000);
	ck_assert_int_eq(call_of(&booking).start, in_hours(48));
	ck_assert_uint_eq(world.puts_back, 1);
}
END_TEST

static unsigned looks_left;

/* At the look with which it obeys, which is the second. */
static void look_in_vain(const struct snapshot_wish *wish)
{
	(void)wish;
	world.look_err = --looks_left ? ERR_NONE : ERR_UNREACHABLE;
}

static bool is_moved;

static void change_now(const struct snapshot_wish *wish)
{
	(void)wish;
	if (--looks_left)
		return;
	world.on_look = NULL;
	if (is_moved)
		add_entry(id_of(7), ENTRY_BOOK, in_hours(60));
	else
		add_entry(id_of(7), ENTRY_CANCEL, 0);
}

/* The booking is looked at once more before the ledger is asked: what cannot be seen is tried
 * again, and a call that its prospect cancels or moves in between is not moved after that. */
START_TEST(look_before_it_is_obeyed)
{
	struct uuid booking = book(7, 48);
	struct interval to = at_hours(72);

	obey();
	live(35000);
	looks_left = 2;
	is_moved = _i == 2;
	world.on_look = _i == 0 ? look_in_vain : change_now;
	drag(&booking, &to, "1");
	courier_round(&courier);
	ck_assert_uint_eq(looks_left, 0);
	world.on_look = NULL;
	world.look_err = ERR_NONE;
	ck_assert_int_ne(call_of(&booking).start, to.start);
	ck_assert_uint_eq(recorded(&booking, DUTY_OBEY, DELIVERY_RETRY), _i == 0);
	live(10000);
	ck_assert_uint_eq(recorded(&booking, DUTY_OBEY, DELIVERY_DONE), 1);
	if (_i == 0)
		ck_assert_int_eq(call_of(&booking).start, to.start);
	else
		ck_assert_uint_eq(world.entries, 3);
	ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DUE), 0);
}
END_TEST

START_TEST(ledger_that_takes_nothing)
{
	struct uuid booking = book(7, 48);
	struct interval to = at_hours(72);

	obey();
	live(35000);
	world.append_err = ERR_UNSURE;
	drag(&booking, &to, "1");
	live(10000);
	ck_assert_uint_ge(recorded(&booking, DUTY_OBEY, DELIVERY_RETRY), 2);
	ck_assert_uint_eq(world.puts_back, 0);
	world.append_err = ERR_NONE;
	live(40000);
	ck_assert_int_eq(call_of(&booking).start, to.start);
	/* For good, or for long: it is told, and put back. */
	for (unsigned i = 1; i <= 2; i++) {
		unsigned retries = recorded(&booking, DUTY_OBEY, DELIVERY_RETRY);

		world.append_err = i == 1 ? ERR_REFUSED : ERR_UNSURE;
		to = at_hours(96);
		drag(&booking, &to, i == 1 ? "2" : "3");
		live(2000);
		for (int j = 0; j < 60; j++) {
			world.boot_ms += 15000;
			courier_round(&courier);
		}
		ck_assert_uint_eq(world.puts_back, i);
		ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DONE), i);
		ck_assert_uint_eq(recorded(&booking, DUTY_OBEY, DELIVERY_RETRY) - retries,
		    i == 1 ? 0 : DELIVERY_PATIENCE - 1);
	}
}
END_TEST

/* The last try is cut as the courier ends: that is no reason to give up. */
START_TEST(obeyed_by_the_next)
{
	struct uuid booking = book(7, 48);
	struct interval to = at_hours(72);

	obey();
	live(35000);
	world.append_err = ERR_UNSURE;
	drag(&booking, &to, "1");
	for (int i = 0; recorded(&booking, DUTY_OBEY, DELIVERY_RETRY) < DELIVERY_PATIENCE - 1;
	     i++) {
		ck_assert_int_lt(i, 20);
		courier_round(&courier);
		world.boot_ms += 900000;
	}
	world.append_err = ERR_STOPPING;
	courier_round(&courier);
	ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DUE), 0);
	world.append_err = ERR_NONE;
	live(6000);
	ck_assert_int_eq(call_of(&booking).start, to.start);
	ck_assert_uint_eq(world.puts_back, 0);
}
END_TEST

/* To the end of the call, and not afterwards. */
START_TEST(change_is_heard_late)
{
	struct uuid booking = book(7, 48);
	struct interval stood = call_of(&booking), to = at_hours(72);

	obey();
	live(35000);
	world.append_err = ERR_UNSURE;
	drag(&booking, &to, "1");
	live(1000);
	world.append_err = ERR_NONE;
	world.boot_ms += stood.end * 1000 - clock_wall_ms() - _i;
	courier_round(&courier);
	ck_assert_int_eq(call_of(&booking).start, _i ? to.start : stood.start);
	ck_assert_uint_eq(recorded(&booking, DUTY_OBEY, DELIVERY_DONE), 1);
	ck_assert_uint_eq(world.puts_back, 0);
}
END_TEST

/* What is heard and put back is what was seen: a change that came meanwhile is seen by itself. */
START_TEST(later_change_is_left)
{
	struct uuid booking = book(7, 48);
	struct interval past = at_hours(-1), later = at_hours(-2);
	char seen[sizeof(world.drifts)];

	obey();
	live(35000);
	drag(&booking, &past, "1");
	snprintf(seen, sizeof(seen), "%s", world.drifts);
	drag(&booking, &later, "2");
	snprintf(world.drifts, sizeof(world.drifts), "%s", seen);
	live(2000);
	ck_assert_uint_eq(recorded(&booking, DUTY_OBEY, DELIVERY_DONE), 1);
	ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DUE), 0);
	ck_assert_uint_eq(world.puts_back, 0);
	/* In between the look and the write it is Google that finds it out. */
	drag(&booking, &later, "2");
	world.put_status = 412;
	live(2000);
	ck_assert_str_eq(world.match, "If-Match: \"7\"");
	ck_assert_uint_eq(recorded(&booking, DUTY_OBEY, DELIVERY_DONE), 2);
	ck_assert_uint_eq(world.puts_back, 0);
	drag(&booking, &past, "3");
	live(2000);
	ck_assert_uint_eq(recorded(&booking, DUTY_CALENDAR_CHANGED, DELIVERY_DONE), 2);
	ck_assert_uint_eq(world.puts_back, 1);
}
END_TEST

/* Deleted before the courier looked at the calendar for the last time: it is not written again
 * where that is obeyed or told. */
START_TEST(deleted_event_is_not_restored)
{
	struct uuid booking = book(7, 48);

	courier.rules.obeys = _i == 0;
	courier.rules.has_telegram = _i == 1;
	world.insert_status = 409;
	live(40000);
	ck_assert_uint_eq(recorded(&booking, DUTY_EVENT_AGAIN, DELIVERY_DONE), 1);
	ck_assert_uint_eq(world.puts_back, _i == 2 ? 2 : 0);
}
END_TEST

/* A calendar that cannot be asked for hours is a line of the log, not one a round. */
START_TEST(unread_changes_are_said_once)
{
	int kept = dup(STDERR_FILENO);
	char line[LINE_MAX];
	unsigned said = 0;
	FILE *file = tmpfile();

	ck_assert_ptr_nonnull(file);
	(void)book(7, 48);
	live(35000);
	dup2(fileno(file), STDERR_FILENO);
	ck_assert(!courier.is_blind);
	for (int i = 0; i < 5; i++) {
		world.sync_status = 503;
		courier.drift_look_ms = courier.event_hold_ms = 0;
		live(500);
		ck_assert(courier.is_blind);
	}
	courier.drift_look_ms = courier.event_hold_ms = 0;
	live(500);
	ck_assert(!courier.is_blind);
	dup2(kept, STDERR_FILENO);
	close(kept);
	rewind(file);
	while (fgets(line, sizeof(line), file))
		said += strstr(line, "calendar_changes_not_read ") != NULL;
	fclose(file);
	ck_assert_uint_eq(said, 1);
}
END_TEST

/* ---- What it begins with ---- */

/* A configuration is tried without anything of it being begun. */
START_TEST(configuration_is_tried)
{
	const char *tree = getenv("srcdir");
	char path[600], root[PATH_MAX], text[PATH_MAX + 200];

	snprintf(path, sizeof(path), "%s", path_of("test.conf"));
	ck_assert_msg(!courier_test(path, &failure), "%s", failure.detail);
	ck_assert_int_ne(courier_test(path_of("no.conf"), &failure), ERR_NONE);
	put_file("odd.conf", "[site]\nbase_url = https://book.example.com\nnme = Avo\n");
	ck_assert_int_eq(courier_test(path_of("odd.conf"), &failure), ERR_CONFIG);
	put_file("odd.conf", "[site]\nbase_url = https://book.example.com\nname = Avo\n"
			     "templates = /nowhere\n[resend]\nfrom =\n[telegram]\nchat_id =\n");
	ck_assert_int_ne(courier_test(path_of("odd.conf"), &failure), ERR_NONE);
	ck_assert_msg(strstr(failure.detail, "/nowhere"), "%s", failure.detail);
	/* A folder of templates has all that mails and alerts are made of. */
	ck_assert_ptr_nonnull(realpath(tree ? tree : ".", root));
	snprintf(
	    text, sizeof(text), "cp -R '%s/templates' FOLDER/own && chmod -R u+w FOLDER/own", root);
	shell(text);
	snprintf(text, sizeof(text),
	    "[site]\nbase_url = https://book.example.com\nname = Avo\ntemplates = %s/own\n"
	    "[resend]\nfrom =\n[telegram]\nchat_id =\n",
	    folder);
	put_file("odd.conf", text);
	ck_assert_msg(!courier_test(path_of("odd.conf"), &failure), "%s", failure.detail);
	ck_assert_int_eq(unlink(path_of("own/en/mail_subject.txt")), 0);
	ck_assert_int_ne(courier_test(path_of("odd.conf"), &failure), ERR_NONE);
	ck_assert_msg(strstr(failure.detail, "mail_subject.txt"), "%s", failure.detail);
	shell("rm -r FOLDER/own");
}
END_TEST

static void configure(const char *key, const char *value)
{
	char *text = read_text(path_of("test.conf")), *line = strstr(text, key);
	FILE *file = fopen(path_of("test.conf"), "w");

	ck_assert_ptr_nonnull(line);
	ck_assert_ptr_nonnull(file);
	fprintf(file, "%.*s%s = %s%s", (int)(line - text), text, key, value, strchr(line, '\n'));
	fclose(file);
	free(text);
}

START_TEST(folder_that_is_not_there)
{
	struct courier other;

	configure(_i ? "spool_dir" : "runtime_dir", "/nowhere/at/all");
	ck_assert_int_eq(
	    courier_open(path_of("test.conf"), &stopped, &other, &failure), ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(failure.detail, "/nowhere/at/all"));
}
END_TEST

/* The same courier again, with its runtime directory there. */
static void open_in(const char *dir)
{
	configure("runtime_dir", dir);
	courier_close(&courier);
	ck_assert_int_eq(
	    courier_open(path_of("test.conf"), &stopped, &courier, &failure), ERR_NONE);
}

static const char *machine = "mill-1";

int gethostname(char *name, size_t room)
{
	snprintf(name, room, "%s", machine);
	return 0;
}

/* What is known of a machine, and of each of its calendars, is told apart from what is known of
 * another; a courier that is started again is at the same place. */
START_TEST(places)
{
	static const char calendars[] = "[calendar main]\nwrites = yes\n[calendar home]\n"
					"calendar = home@example.com\n[calendar club]\n"
					"calendar = club@example.com\n";
	struct uuid seen[8];
	char other[600];

	ck_assert_str_eq(courier.machine, machine);
	/* What a worker began has ended by then. */
	ck_assert_int_gt(courier.rules.settled_ms,
	    courier.conf->google.timeout_ms + courier.conf->site.queue_ms);
	seen[0] = courier.place;
	ck_assert(uuid_equal(&courier.calendar_places[0], &courier.place));
	/* A courier of another version knows it by the same name. */
	snprintf(other, sizeof(other), "%s/%s", machine, folder);
	other[strlen(machine)] = '\0';
	crypto_generichash(seen[1].bytes, sizeof(seen[1].bytes), (unsigned char *)other,
	    strlen(machine) + 1 + strlen(folder), NULL, 0);
	ck_assert(uuid_equal(&courier.place, &seen[1]));
	reopen_courier(calendars);
	ck_assert(uuid_equal(&courier.place, &seen[0]));
	memcpy(seen + 1, courier.calendar_places, 3 * sizeof(seen[0]));
	reopen_courier(calendars);
	ck_assert_int_eq(memcmp(seen + 1, courier.calendar_places, 3 * sizeof(seen[0])), 0);
	snprintf(other, sizeof(other), "%s/other", folder);
	ck_assert_int_eq(mkdir(other, 0700), 0);
	open_in(other);
	seen[4] = courier.place;
	seen[5] = courier.calendar_places[1];
	machine = "mill-2";
	reopen_courier(calendars);
	seen[6] = courier.place;
	seen[7] = courier.calendar_places[1];
	machine = "mill-1";
	for (size_t i = 0; i < COUNT(seen); i++)
		for (size_t j = 0; j < i; j++)
			ck_assert(!uuid_equal(&seen[i], &seen[j]));
	unlink(path_of("other/counters"));
	rmdir(other);
}
END_TEST

/* While it looks at its configuration once more nothing is lost: what it did and could not record
 * is not done again. Nor is anything of before left. */
START_TEST(configuration_is_read_again)
{
	struct uuid booking = book(7, 48);
	volatile sig_atomic_t reload = 1;
	int arenas = arena_count, files = count_open(3);

	world.refused = DELIVERY_DONE;
	world.refusals = 1000;
	live(1000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	world.refusals = 0;
	configure("name", "Bee");
	book(8, 50);
	stop_at(OUTSIDE_RESEND);
	courier_run(&courier, &reload);
	stopped = 0;
	ck_assert_int_eq(reload, 0);
	ck_assert_int_eq(arena_count, arenas);
	ck_assert_int_eq(count_open(3), files);
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_RESEND], "Bee"));
	world.on_request = NULL;
	live(20000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 2);
	ck_assert_uint_eq(recorded(&booking, DUTY_MAIL, DELIVERY_DONE), 1);
}
END_TEST

/* Nor does it forget that the operator waits for the end of an outage. */
START_TEST(configuration_is_read_again_in_an_outage)
{
	volatile sig_atomic_t reload = 1;

	world.changes_err = ERR_UNREACHABLE;
	live(62000);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 1);
	world.changes_err = ERR_NONE;
	stop_at(OUTSIDE_TELEGRAM);
	courier_run(&courier, &reload);
	stopped = 0;
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 2);
	ck_assert_ptr_null(strstr(world.last[OUTSIDE_TELEGRAM], "DOWN"));
}
END_TEST

/* ---- What is kept ---- */

START_TEST(history_is_forgotten)
{
	struct uuid old = add_lead(7, 8 * DAY_MS), young = add_lead(8, 0);

	live(400);
	ck_assert_ptr_null(agenda_find(&courier.agenda, &old));
	ck_assert_ptr_nonnull(agenda_find(&courier.agenda, &young));
	ck_assert_uint_eq(recorded(&old, DUTY_NEW_LEAD, DELIVERY_DONE), 0);
	/* A late change is noticed. */
	add_entry(old, ENTRY_BOOK, in_hours(48));
	live(400);
	ck_assert_str_eq(world.key, "00000000-0000-0000-0000-000000000007-2-mail");
	/* A week after the call it is over, too. */
	world.boot_ms += 31000;
	live(40000);
	world.boot_ms += 10 * DAY_MS;
	live(400);
	ck_assert_ptr_null(agenda_find(&courier.agenda, &old));
	ck_assert_ptr_null(agenda_find(&courier.agenda, &young));
	ck_assert_uint_eq(courier.agenda.table.count, 2); /* the places */
}
END_TEST

/* What changed is read once, and so is what an erasure took: nothing of the log's end is left. */
START_TEST(changes_are_read_once)
{
	live(400);
	book(7, 48);
	live(40000);
	world.lines_purged = 1;
	live(400);
	world.reads = 0;
	for (int i = 0; i < 10; i++)
		courier_round(&courier);
	ck_assert_uint_eq(world.reads, 10);
}
END_TEST

START_TEST(many_are_read_at_once)
{
	for (int i = 0; i < 5000; i++)
		add_lead(20 + i, 8 * DAY_MS);
	world.reads = 0;
	world.reply_bytes = 40 << 20;
	courier_round(&courier);
	/* The marks, what may be due, three pages of two, and the look. */
	ck_assert_uint_eq(world.reads, 1 + 1 + 3 * 2 + 1);
	ck_assert_uint_eq(courier.agenda.table.count, 2);
	ck_assert_uint_eq(world.looks, 0);
}
END_TEST

/* Whoever comes does not wait behind what waits. */
START_TEST(new_ones_come_first)
{
	world.answers[OUTSIDE_RESEND].err = ERR_UNREACHABLE;
	for (int i = 0; i < 60; i++)
		book(100 + i, 48 + i);
	live(10000);
	world.answers[OUTSIDE_RESEND].err = ERR_NONE;
	world.boot_ms += 900000;
	book(7, 400);
	courier_round(&courier);
	ck_assert_uint_eq(
	    recorded(&(struct uuid){.bytes = {[15] = 7}}, DUTY_MAIL, DELIVERY_DONE), 1);
}
END_TEST

START_TEST(backlog)
{
	int64_t began_ms;

	book(7, 48);
	world.answers[OUTSIDE_RESEND].err = ERR_UNREACHABLE;
	/* A round each 200 ms, the last one before it is told 200 ms before its time. */
	live(3000);
	ck_assert_int_eq(counters_get(courier.upstream.counters, GAUGE_BACKLOG), 0);
	live(200);
	ck_assert_int_eq(counters_get(courier.upstream.counters, GAUGE_BACKLOG), 1);
	began_ms = counters_get(courier.upstream.counters, GAUGE_BACKLOG_SINCE_MS);
	ck_assert_int_ge(began_ms, BOOT_MS);
	ck_assert_int_le(began_ms, BOOT_MS + 1000);
	/* The oldest of them counts. */
	book(8, 50);
	live(10000);
	ck_assert_int_eq(counters_get(courier.upstream.counters, GAUGE_BACKLOG), 2);
	ck_assert_int_eq(counters_get(courier.upstream.counters, GAUGE_BACKLOG_SINCE_MS), began_ms);
	world.answers[OUTSIDE_RESEND].err = ERR_NONE;
	live(40000);
	ck_assert_int_eq(counters_get(courier.upstream.counters, GAUGE_BACKLOG), 0);
	ck_assert_int_eq(counters_get(courier.upstream.counters, GAUGE_BACKLOG_SINCE_MS), 0);
}
END_TEST

/* Of a place each alert counts, not its oldest. */
START_TEST(backlog_of_a_place)
{
	struct delivery_record line = {.booking = courier_everywhere,
	    .owner = id_of(900),
	    .delivery = {.duty = DUTY_LOW_SLOTS, .version = 1, .state = DELIVERY_DONE}};

	write_log(&line);
	live(1000);
	world.answers[OUTSIDE_TELEGRAM].err = ERR_UNREACHABLE;
	line.delivery.version = 2;
	line.delivery.state = DELIVERY_DUE;
	write_log(&line);
	live(5000);
	ck_assert_int_eq(counters_get(courier.upstream.counters, GAUGE_BACKLOG), 1);
}
END_TEST

START_TEST(agenda)
{
	struct agenda many = {0};
	struct agenda_item *item;
	struct uuid id;

	for (int i = 0; i < 3000; i++) {
		id = id_of(i);
		ck_assert_ptr_null(agenda_find(&many, &id));
		item = agenda_open(&many, &id);
		ck_assert_ptr_nonnull(item);
		item->is_over = i % 3 == 0;
	}
	agenda_sweep(&many);
	ck_assert_uint_eq(many.table.count, 2000);
	for (int i = 0; i < 3000; i++) {
		id = id_of(i);
		item = agenda_find(&many, &id);
		ck_assert(i % 3 ? item && uuid_equal(&item->duties.booking, &id) : !item);
		/* A lap goes on behind the same one. */
		ck_assert(!item || item->number == (uint64_t)i);
	}
	id = id_of(3000);
	ck_assert_uint_eq(agenda_open(&many, &id)->number, 3000);
	ck_assert_ptr_null(agenda_at(&many, 2001));
	agenda_free(&many);
	ck_assert_uint_eq(many.table.count, 0);
}
END_TEST

/* ---- A lead is a person, not a form ---- */

#define MINUTES_MS INT64_C(60000)

/* Another brief of the same person, whatever the letter case and the sub-address. */
static struct uuid come_again(int number, const char *email, const char *text)
{
	struct uuid booking = add_lead(number, 0);

	lead_of(&booking)->email = email;
	lead_of(&booking)->brief = text;
	return booking;
}

START_TEST(same_brief_again)
{
	struct uuid first = add_lead(7, 0), second;

	live(2000);
	second = come_again(8, "ADA+tag@Example.com", "What the engine can weave.");
	live(2000);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 1);
	ck_assert_uint_eq(recorded(&second, DUTY_NEW_LEAD, DELIVERY_SKIPPED), 1);
	world.boot_ms += 61 * MINUTES_MS;
	live(4000);
	/* One nudge and one alert, of the first. */
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	ck_assert_uint_eq(recorded(&first, DUTY_NUDGE, DELIVERY_DONE), 1);
	ck_assert_uint_eq(recorded(&first, DUTY_ABANDONED, DELIVERY_DONE), 1);
	ck_assert_uint_eq(recorded(&second, DUTY_NUDGE, DELIVERY_SKIPPED), 1);
	ck_assert_uint_eq(recorded(&second, DUTY_ABANDONED, DELIVERY_SKIPPED), 1);
	/* It costs nothing more. */
	world.puts = world.looks = 0;
	live(2000);
	ck_assert_uint_eq(world.puts, 0);
	ck_assert_uint_eq(world.looks, 0);
}
END_TEST

/* A note that is refused is made later, and nobody is told of the brief meanwhile. */
START_TEST(same_brief_is_not_noted)
{
	struct uuid second;

	add_lead(7, 0);
	live(2000);
	world.refused = DELIVERY_SKIPPED;
	world.refusals = 2;
	second = come_again(8, "ADA+tag@Example.com", "What the engine can weave.");
	live(12000);
	ck_assert_uint_eq(world.refusals, 0);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 1);
	ck_assert_uint_eq(recorded(&second, DUTY_NEW_LEAD, DELIVERY_SKIPPED), 1);
}
END_TEST

/* What stands under another id for the mail that reminds is no brief of its own: it is neither told
 * of, nor nudged, nor abandoned. */
START_TEST(brief_for_its_reminder)
{
	struct uuid booking = add_lead(7, 0);

	lead_of(&booking)->held = LEAD_REMINDED;
	live(2000);
	world.boot_ms += 61 * MINUTES_MS;
	live(4000);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 0);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 0);
	ck_assert_uint_eq(recorded(&booking, DUTY_NEW_LEAD, DELIVERY_SKIPPED), 1);
	ck_assert_uint_eq(recorded(&booking, DUTY_NUDGE, DELIVERY_SKIPPED), 1);
	ck_assert_uint_eq(recorded(&booking, DUTY_ABANDONED, DELIVERY_SKIPPED), 1);
}
END_TEST

/* A nudge names the brief under an id of its own, which has to be written first. */
START_TEST(nudge_that_cannot_be_named)
{
	struct uuid first = add_lead(7, 0);

	live(2000);
	world.row_err = ERR_BUSY;
	world.boot_ms += 61 * MINUTES_MS;
	live(4000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 0);
	world.row_err = ERR_NONE;
	live(10000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	ck_assert_uint_eq(recorded(&first, DUTY_NUDGE, DELIVERY_DONE), 1);
	ck_assert_ptr_null(strstr(world.last[OUTSIDE_RESEND], "000000000007"));
}
END_TEST

START_TEST(another_brief_of_a_person)
{
	struct uuid first = add_lead(7, 0), second;

	live(2000);
	ck_assert(told_of("New%20brief%20from%20Ada"));
	second = come_again(8, "ada+more@example.com", "And what it cannot.");
	live(2000);
	ck_assert(told_of("Again%20from%20Ada"));
	ck_assert(!told_of("New%20brief"));
	world.boot_ms += 61 * MINUTES_MS;
	live(4000);
	/* The newest of them is what they are asked about. */
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	ck_assert_uint_eq(recorded(&first, DUTY_NUDGE, DELIVERY_SKIPPED), 1);
	ck_assert_uint_eq(recorded(&first, DUTY_ABANDONED, DELIVERY_SKIPPED), 1);
	ck_assert_uint_eq(recorded(&second, DUTY_NUDGE, DELIVERY_DONE), 1);
	/* One a day. */
	second = come_again(9, "ada@example.com", "A third.");
	live(2000);
	world.boot_ms += 61 * MINUTES_MS;
	live(4000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	ck_assert_uint_eq(recorded(&second, DUTY_NUDGE, DELIVERY_SKIPPED), 1);
	ck_assert_uint_eq(recorded(&second, DUTY_ABANDONED, DELIVERY_DONE), 1);
}
END_TEST

/* Whoever has booked is neither nudged nor abandoned, whichever form it was. */
START_TEST(person_who_booked)
{
	struct uuid first = add_lead(7, 0);

	live(2000);
	add_entry(
	    come_again(8, "Ada@Example.com", "And what it cannot."), ENTRY_BOOK, in_hours(48));
	live(2000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	world.boot_ms += 61 * MINUTES_MS;
	live(4000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	ck_assert_uint_eq(recorded(&first, DUTY_NUDGE, DELIVERY_SKIPPED), 1);
	ck_assert_uint_eq(recorded(&first, DUTY_ABANDONED, DELIVERY_SKIPPED), 1);
}
END_TEST

/* A mail that opens the times is none: whoever sends a brief is answered. */
START_TEST(held_briefs_are_answered)
{
	struct uuid first = add_lead(7, 0),
		    second = come_again(8, "ada@example.com", "And what it cannot.");

	lead_of(&first)->held = lead_of(&second)->held = LEAD_HELD_VERIFY;
	live(4000);
	ck_assert_uint_eq(recorded(&first, DUTY_NUDGE, DELIVERY_DONE), 1);
	ck_assert_uint_eq(recorded(&second, DUTY_NUDGE, DELIVERY_DONE), 1);
}
END_TEST

/* A corrected address is another person's. */
START_TEST(corrected_address)
{
	struct uuid wrong = add_lead(7, 0), right;

	live(2000);
	right = come_again(8, "ada@example.org", "What the engine can weave.");
	lead_of(&wrong)->held = LEAD_SUPERSEDED;
	live(2000);
	world.boot_ms += 61 * MINUTES_MS;
	live(4000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	ck_assert_uint_eq(recorded(&wrong, DUTY_NUDGE, DELIVERY_SKIPPED), 1);
	ck_assert_uint_eq(recorded(&wrong, DUTY_ABANDONED, DELIVERY_SKIPPED), 1);
	ck_assert_uint_eq(recorded(&right, DUTY_NUDGE, DELIVERY_DONE), 1);
	ck_assert_uint_eq(recorded(&right, DUTY_ABANDONED, DELIVERY_DONE), 1);
}
END_TEST

/* Taken out of the spool, and corrected before its mail and its alert could leave. */
START_TEST(corrected_before_it_is_answered)
{
	struct uuid wrong = add_lead(7, 0);
	struct delivery_record owed = {.booking = wrong,
	    .owner = id_of(900),
	    .delivery = {.duty = DUTY_SPOOLED, .state = DELIVERY_DUE}};
	struct delivery_record told = owed;

	told.delivery.duty = DUTY_SPOOL_ALERT;
	write_log(&owed);
	write_log(&told);
	lead_of(&wrong)->held = LEAD_SUPERSEDED;
	live(4000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 0);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 0);
	ck_assert_uint_eq(recorded(&wrong, DUTY_SPOOLED, DELIVERY_SKIPPED), 1);
	ck_assert_uint_eq(recorded(&wrong, DUTY_SPOOL_ALERT, DELIVERY_SKIPPED), 1);
}
END_TEST

/* Whoever goes back to what they sent first is asked about it, though not told of twice. */
START_TEST(corrected_and_back)
{
	struct uuid first = add_lead(7, 0), back;

	live(2000);
	back = come_again(8, "ada@example.com", "What the engine can weave.");
	lead_of(&first)->held = LEAD_SUPERSEDED;
	live(2000);
	world.boot_ms += 61 * MINUTES_MS;
	live(4000);
	ck_assert_uint_eq(recorded(&first, DUTY_NUDGE, DELIVERY_SKIPPED), 1);
	ck_assert_uint_eq(recorded(&back, DUTY_NEW_LEAD, DELIVERY_SKIPPED), 1);
	ck_assert_uint_eq(recorded(&back, DUTY_NUDGE, DELIVERY_DONE), 1);
	ck_assert_uint_eq(recorded(&back, DUTY_ABANDONED, DELIVERY_DONE), 1);
}
END_TEST

/* A brief whose store failed half way goes to the spool under another id, and takes its place. */
START_TEST(doubled_before_it_was_told)
{
	struct uuid first = add_lead(7, 0), second;

	second = come_again(8, "ada@example.com", "What the engine can weave.");
	lead_of(&first)->held = LEAD_SUPERSEDED;
	live(4000);
	ck_assert_uint_eq(recorded(&first, DUTY_NEW_LEAD, DELIVERY_SKIPPED), 1);
	ck_assert_uint_eq(recorded(&second, DUTY_NEW_LEAD, DELIVERY_DONE), 1);
}
END_TEST

START_TEST(nudges_are_off)
{
	struct uuid first = add_lead(7, 0);

	courier.rules.has_nudge = false;
	live(2000);
	world.boot_ms += 61 * MINUTES_MS;
	live(4000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 0);
	ck_assert_uint_eq(recorded(&first, DUTY_ABANDONED, DELIVERY_DONE), 1);
}
END_TEST

START_TEST(mails_of_one_address)
{
	courier.conf->fair.mails_per_address = 3;
	for (int i = 0; i < 5; i++) {
		add_entry(
		    come_again(20 + i, "ada@example.com", "A call."), ENTRY_BOOK, in_hours(48 + i));
	}
	live(4000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 3);
	ck_assert_uint_eq(lines_of(DUTY_MAIL, DELIVERY_RETRY), 2);
	/* Others are not concerned, and the operator is told once. */
	add_entry(come_again(30, "grace@example.com", "A call."), ENTRY_BOOK, in_hours(60));
	live(4000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 4);
	ck_assert_uint_eq(lines_of(DUTY_MAILS_WAIT, DELIVERY_DONE), 1);
	world.boot_ms += 12 * HOUR * 1000;
	live(4000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 4);
	ck_assert_uint_eq(lines_of(DUTY_MAILS_WAIT, DELIVERY_DONE), 1);
	/* They leave when there is room. */
	world.boot_ms += 12 * HOUR * 1000;
	courier.rules.reminders_s[0] = courier.rules.reminders_s[1] = 0;
	live(6000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 6);
	ck_assert_uint_eq(lines_of(DUTY_MAIL, DELIVERY_DONE), 6);
}
END_TEST

/* What an address may have is counted anew after each mail of the same brief … */
START_TEST(two_mails_of_one_brief)
{
	const struct delivery_record owed = {.booking = add_lead(7, 0),
	    .owner = id_of(900),
	    .delivery = {.duty = DUTY_SPOOLED, .state = DELIVERY_DUE}};

	courier.conf->fair.mails_per_address = 1;
	live(1000);
	write_log(&owed);
	world.answers[OUTSIDE_RESEND].err = ERR_UNREACHABLE;
	live(1000);
	world.answers[OUTSIDE_RESEND].err = ERR_NONE;
	world.requests[OUTSIDE_RESEND] = 0;
	world.boot_ms += 61 * MINUTES_MS;
	live(6000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	ck_assert_uint_eq(lines_of(DUTY_MAILS_WAIT, DELIVERY_DUE), 1);
}
END_TEST

/* … and that some wait is told once, however many do. */
START_TEST(two_mails_of_one_brief_wait)
{
	struct delivery_record owed = {
	    .owner = id_of(900), .delivery = {.duty = DUTY_SPOOLED, .state = DELIVERY_DUE}};
	struct uuid other;

	courier.conf->fair.mails_per_address = 1;
	other = come_again(8, "ada@example.com", "A question.");
	lead_of(&other)->held = LEAD_HELD_VERIFY;
	live(2000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	owed.booking = add_lead(7, 0);
	lead_of(&owed.booking)->held = LEAD_HELD_VERIFY;
	write_log(&owed);
	live(6000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	ck_assert_uint_eq(recorded(&owed.booking, DUTY_SPOOLED, DELIVERY_RETRY), 1);
	ck_assert_uint_eq(recorded(&owed.booking, DUTY_NUDGE, DELIVERY_RETRY), 1);
	ck_assert_uint_eq(lines_of(DUTY_MAILS_WAIT, DELIVERY_DUE), 1);
}
END_TEST

/* What is not known is not guessed. */
START_TEST(person_who_cannot_be_read)
{
	struct uuid first = add_lead(7, 0);

	world.past_err = ERR_UNREACHABLE;
	live(2000);
	ck_assert_uint_eq(world.requests[OUTSIDE_TELEGRAM], 0);
	/* That is asked for again after a while, not in every round. */
	ck_assert_uint_eq(world.pasts, 1);
	world.past_err = ERR_NONE;
	live(6000);
	ck_assert_uint_eq(recorded(&first, DUTY_NEW_LEAD, DELIVERY_DONE), 1);
}
END_TEST

/* What may have arrived is repeated as long as Resend knows it, and then told. */
START_TEST(sent_a_day_ago)
{
	struct uuid booking = book(7, 72);

	world.answers[OUTSIDE_RESEND].err = ERR_UNSURE;
	courier_round(&courier);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	world.answers[OUTSIDE_RESEND].err = ERR_NONE;
	world.boot_ms += 23 * HOUR * 1000 + _i;
	courier_round(&courier);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], _i ? 1 : 2);
	ck_assert_uint_eq(recorded(&booking, DUTY_MAIL, _i ? DELIVERY_UNSURE : DELIVERY_DONE), 1);
	ck_assert_uint_eq(recorded(&booking, DUTY_FAILED, DELIVERY_DUE), (unsigned)_i);
}
END_TEST

/* The operator has it sent once more: other bytes, under another key. */
START_TEST(sent_once_more)
{
	struct uuid booking = book(7, 48);
	char before_key[sizeof(world.key)];
	struct delivery_record again = {.booking = booking,
	    .owner = id_of(900),
	    .delivery = {.duty = DUTY_MAIL, .state = DELIVERY_DUE},
	    .detail = DELIVERY_AGAIN};

	world.answers[OUTSIDE_RESEND] = (struct answer){.status = 422,
	    .body = "{\"statusCode\":422,\"name\":\"validation_error\",\"message\":"
		    "\"Invalid `to` field.\"}"};
	live(4000);
	ck_assert_uint_eq(recorded(&booking, DUTY_MAIL, DELIVERY_FAILED), 1);
	world.answers[OUTSIDE_RESEND].status = 0;
	live(4000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 1);
	lead_of(&booking)->name = "Grace";
	again.delivery.version = lead_of(&booking)->version;
	write_log(&again);
	live(4000);
	ck_assert_uint_eq(world.requests[OUTSIDE_RESEND], 2);
	ck_assert_ptr_nonnull(strstr(world.key, "-2-mail-17"));
	ck_assert_ptr_nonnull(strstr(world.last[OUTSIDE_RESEND], "Hello Grace"));
	ck_assert_uint_eq(recorded(&booking, DUTY_MAIL, DELIVERY_DONE), 1);
	/* And again, also after it was delivered; a repeat of that one is the same mail. */
	write_log(&again);
	world.answers[OUTSIDE_RESEND].err = ERR_UNSURE;
	live(4000);
	memcpy(before_key, world.key, sizeof(before_key));
	world.answers[OUTSIDE_RESEND].err = ERR_NONE;
	live(10000);
	ck_assert_str_eq(world.key, before_key);
	ck_assert_uint_eq(recorded(&booking, DUTY_MAIL, DELIVERY_DONE), 2);
}
END_TEST

/* A courier was killed when it had said that the mail is due, and before the file was gone. */
START_TEST(spooled_twice)
{
	struct uuid booking = add_lead(7, 0);
	struct delivery_record due = {.booking = booking,
	    .owner = id_of(900),
	    .delivery = {.duty = DUTY_SPOOLED, .state = DELIVERY_DUE}};
	char before_key[sizeof(world.key)];

	write_log(&due);
	world.answers[OUTSIDE_RESEND].err = ERR_UNSURE;
	live(4000);
	ck_assert_uint_ge(world.requests[OUTSIDE_RESEND], 1);
	memcpy(before_key, world.key, sizeof(before_key));
	write_log(&due);
	world.answers[OUTSIDE_RESEND].err = ERR_NONE;
	live(10000);
	ck_assert_str_eq(world.key, before_key);
	ck_assert_uint_eq(recorded(&booking, DUTY_SPOOLED, DELIVERY_DONE), 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("courier");
	TCase *courier_case = tcase_create("courier");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(courier_case, set_up, end);
	tcase_add_test(courier_case, brief);
	tcase_add_test(courier_case, call_that_is_booked);
	tcase_add_test(courier_case, cancelled);
	tcase_add_test(courier_case, erased_by_its_row_alone);
	tcase_add_test(courier_case, row_that_is_gone);
	tcase_add_test(courier_case, call_that_began_meanwhile);
	tcase_add_test(courier_case, call_that_was_clicked_as_it_began);
	tcase_add_test(courier_case, trying_is_refused);
	tcase_add_test(courier_case, done_is_refused);
	tcase_add_loop_test(courier_case, store_that_does_not_take_it, 0, 3);
	tcase_add_test(courier_case, clock_that_goes_back);
	tcase_add_test(courier_case, clock_that_was_ahead);
	tcase_add_test(courier_case, retry_after);
	tcase_add_test(courier_case, outage);
	tcase_add_loop_test(courier_case, waits_to_the_moment, 0, 3);
	tcase_add_test(courier_case, wait_of_one_service);
	tcase_add_test(courier_case, stream_of_news);
	tcase_add_loop_test(courier_case, call_after_briefs, 0, 6);
	tcase_add_loop_test(courier_case, call_among_briefs, 0, 6);
	tcase_add_loop_test(courier_case, call_among_briefs_at_a_pace, 0, 6);
	tcase_add_loop_test(courier_case, alert_behind_others, 0, 2 * 6);
	tcase_add_test(courier_case, call_among_erased);
	tcase_add_test(courier_case, stream_of_alerts);
	tcase_add_test(courier_case, provider_refuses);
	tcase_add_test(courier_case, provider_refuses_what_falls_due);
	tcase_add_test(courier_case, provider_names_the_words);
	tcase_add_test(courier_case, mail_that_is_refused);
	tcase_add_test(courier_case, alerts_are_folded);
	tcase_add_test(courier_case, message_that_is_full);
	tcase_add_test(courier_case, text_that_is_refused);
	tcase_add_loop_test(courier_case, alert_within_its_leases, 0, 2);
	tcase_add_test(courier_case, lease_of_another);
	tcase_add_test(courier_case, lease_of_what_waits);
	tcase_add_test(courier_case, lease_that_somebody_waits_for);
	tcase_add_test(courier_case, lease_given_back_unheard);
	tcase_add_test(courier_case, lease_of_what_is_not_recorded);
	tcase_add_test(courier_case, lease_that_another_gets);
	tcase_add_test(courier_case, cut_at_the_end);
	tcase_add_test(courier_case, sentence_that_passes);
	tcase_add_test(courier_case, done_at_the_end);
	tcase_add_loop_test(courier_case, schema_that_is_not_known, 0, 2);
	tcase_add_test(courier_case, stopped_in_a_round);
	tcase_add_test(courier_case, round_of_many);
	tcase_add_test(courier_case, round_of_slow_mails);
	tcase_add_test(courier_case, reminder_to_the_moment);
	tcase_add_test(courier_case, tried_for_ever);
	tcase_add_test(courier_case, lease_that_nobody_knows_of);
	tcase_add_test(courier_case, lease_that_runs_out);
	tcase_add_test(courier_case, news_that_cannot_be_read);
	tcase_add_loop_test(courier_case, store_that_tells_a_part, 0, 5);
	tcase_add_loop_test(courier_case, any_read_fails, 0, 60);
	tcase_add_loop_test(courier_case, any_put_fails, 0, 3 * 4);
	tcase_add_loop_test(courier_case, any_put_of_a_call_fails, 0, 3 * 7);
	tcase_add_test(courier_case, move_is_told_as_one);
	tcase_add_test(courier_case, correction_is_no_move);
	tcase_add_test(courier_case, correction_whose_row_is_late);
	tcase_add_test(courier_case, move_before_it_was_told);
	tcase_add_test(courier_case, grant_that_is_dead);
	tcase_add_test(courier_case, leases_are_given_back);
	tcase_add_test(courier_case, lease_to_its_last_moment);
	tcase_add_test(courier_case, event_of_a_later_version);
	tcase_add_test(courier_case, owners_event_is_told);
	tcase_add_test(courier_case, owners_event_is_told_late);
	tcase_add_test(courier_case, look_for_collisions_that_fails);
	tcase_add_test(courier_case, somebody_else_answers);
	tcase_add_test(courier_case, calendar_that_is_gone);
	tcase_add_test(courier_case, change_is_told);
	tcase_add_test(courier_case, changes_are_told);
	tcase_add_loop_test(courier_case, change_after_the_call, 0, 2);
	tcase_add_loop_test(courier_case, changes_of_no_matter, 0, 2);
	tcase_add_test(courier_case, changes_follow_their_token);
	tcase_add_test(courier_case, change_waits_for_the_ledger);
	tcase_add_test(courier_case, change_of_an_unread_booking);
	tcase_add_loop_test(courier_case, change_is_seen_within_a_minute, 0, 2);
	tcase_add_test(courier_case, change_waits_for_its_record);
	tcase_add_test(courier_case, move_is_obeyed);
	tcase_add_test(courier_case, right_to_obey);
	tcase_add_test(courier_case, hours_do_not_bind);
	tcase_add_loop_test(courier_case, dragged_on, 0, 3);
	tcase_add_test(courier_case, dragged_for_ever);
	tcase_add_loop_test(courier_case, dragged_on_in_vain, 0, 2);
	tcase_add_test(courier_case, deletion_is_obeyed);
	tcase_add_loop_test(courier_case, sight_that_cannot_be_read, 0, (int)COUNT(odd_sights));
	tcase_add_loop_test(courier_case, sight_that_is_not_told, 0, 2);
	tcase_add_loop_test(courier_case, deletion_is_undone_too_late, 0, 2);
	tcase_add_test(courier_case, what_cannot_be_is_put_back);
	tcase_add_loop_test(courier_case, change_is_undone, 0, 2);
	tcase_add_test(courier_case, occurrence_is_not_ours);
	tcase_add_test(courier_case, series_is_put_back);
	tcase_add_loop_test(courier_case, occurrence_of_before, 0, 2);
	tcase_add_test(courier_case, occurrence_that_is_left_out);
	tcase_add_test(courier_case, occurrence_that_cannot_be_read);
	tcase_add_test(courier_case, refusal_is_had_once);
	tcase_add_loop_test(courier_case, look_before_it_is_obeyed, 0, 3);
	tcase_add_test(courier_case, ledger_that_takes_nothing);
	tcase_add_loop_test(courier_case, deleted_event_is_not_restored, 0, 3);
	tcase_add_test(courier_case, obeyed_by_the_next);
	tcase_add_loop_test(courier_case, change_is_heard_late, 0, 2);
	tcase_add_test(courier_case, later_change_is_left);
	tcase_add_test(courier_case, unread_changes_are_said_once);
	tcase_add_test(courier_case, history_is_forgotten);
	tcase_add_test(courier_case, configuration_is_tried);
	tcase_add_loop_test(courier_case, folder_that_is_not_there, 0, 2);
	tcase_add_test(courier_case, places);
	tcase_add_test(courier_case, configuration_is_read_again);
	tcase_add_test(courier_case, configuration_is_read_again_in_an_outage);
	tcase_add_test(courier_case, changes_are_read_once);
	tcase_add_test(courier_case, many_are_read_at_once);
	tcase_add_test(courier_case, new_ones_come_first);
	tcase_add_test(courier_case, backlog);
	tcase_add_test(courier_case, backlog_of_a_place);
	tcase_add_test(courier_case, agenda);
	tcase_add_loop_test(courier_case, sent_a_day_ago, 0, 2);
	tcase_add_test(courier_case, sent_once_more);
	tcase_add_test(courier_case, spooled_twice);
	tcase_add_test(courier_case, same_brief_again);
	tcase_add_test(courier_case, brief_for_its_reminder);
	tcase_add_test(courier_case, same_brief_is_not_noted);
	tcase_add_test(courier_case, nudge_that_cannot_be_named);
	tcase_add_test(courier_case, another_brief_of_a_person);
	tcase_add_test(courier_case, person_who_booked);
	tcase_add_test(courier_case, held_briefs_are_answered);
	tcase_add_test(courier_case, corrected_address);
	tcase_add_test(courier_case, corrected_before_it_is_answered);
	tcase_add_test(courier_case, corrected_and_back);
	tcase_add_test(courier_case, doubled_before_it_was_told);
	tcase_add_test(courier_case, nudges_are_off);
	tcase_add_test(courier_case, mails_of_one_address);
	tcase_add_test(courier_case, two_mails_of_one_brief);
	tcase_add_test(courier_case, two_mails_of_one_brief_wait);
	tcase_add_test(courier_case, person_who_cannot_be_read);
	suite_add_tcase(suite, courier_case);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

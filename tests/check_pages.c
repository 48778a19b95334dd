/* SPDX-License-Identifier: MIT */
/* check_pages.c: what a prospect asks, and what the answer and the store are then, in the courier's
 * world */
#include "arenas.h"
#include "base/clocks.h"
#include "base/counters.h"
#include "base/file.h"
#include "descriptors.h"
#include "store/people.h"
#include "store/spool.h"
#include "web_world.h"

#include <signal.h>
#include <sys/resource.h>

static void has(const char *what)
{
	ck_assert_msg(strstr(body, what), "\"%s\" is not in: %s", what, body);
}

static void has_not(const char *what)
{
	ck_assert_msg(!strstr(body, what), "\"%s\" is in: %s", what, body);
}

/* Nothing is left of a worker. */
static void close_all(void)
{
	end();
	ck_assert_int_eq(arena_count, 0);
}

/* ---- The brief */

#define FIELDS                                                                                     \
	"name=Ada&email=ada%40example.com&company=Engines&brief=A+long+brief+of+an+engine.&budget=&timeframe="

static const char *token(int64_t age_ms)
{
	char text[TOKEN_TEXT];

	return printed(
	    "%s", token_make(app.conf->secrets.signing_key, clock_wall_ms() - age_ms, text));
}

static const char *form(const char *its_token)
{
	return printed("%s&token=%s", FIELDS, its_token);
}

START_TEST(front)
{
	ck_assert_int_eq(get("/"), 200);
	has("name=\"token\"");
	has("name=\"" REQUEST_TRAP "\"");
	has("name=\"email\"");
	ck_assert_int_eq(get("/?lang=de"), 200);
	has("lang=\"de\"");
}
END_TEST

START_TEST(brief_that_is_sent)
{
	const char *its = token(5000), *first;

	ck_assert_int_eq(post("/api/book", form(its)), 303);
	ck_assert_int_eq(strncmp(reply.location, "/schedule?bookingId=", 20), 0);
	ck_assert_uint_eq(world.rows_put, 1);
	ck_assert_ptr_nonnull(strstr(world.last_row, "\tawaiting_slot\t"));
	ck_assert_ptr_nonnull(strstr(world.last_row, "\tAda\tada@example.com\tEngines\t"));
	first = printed("%s", reply.location);
	/* Sent twice it is one lead; from another form it is another. */
	ck_assert_int_eq(post("/api/book", form(its)), 303);
	ck_assert_str_eq(reply.location, first);
	ck_assert_int_eq(post("/api/book", form(token(5000))), 303);
	ck_assert_str_ne(reply.location, first);
}
END_TEST

START_TEST(brief_of_a_program)
{
	static const char json[] = "{\"name\":\"Ada\",\"email\":\"ada@example.com\",\"brief\":\"A "
				   "long brief of an engine.\"}";
	const char *first;

	ck_assert_int_eq(post_json("/api/book", json), 201);
	has("bookingId");
	ck_assert_uint_eq(world.rows_put, 1);
	with("HTTP_IDEMPOTENCY_KEY", "one");
	ck_assert_int_eq(post_json("/api/book", json), 201);
	first = printed("%s", body);
	with("HTTP_IDEMPOTENCY_KEY", "one");
	ck_assert_int_eq(post_json("/api/book", json), 201);
	ck_assert_str_eq(body, first);
	with("HTTP_IDEMPOTENCY_KEY", "two");
	ck_assert_int_eq(post_json("/api/book", json), 201);
	ck_assert_str_ne(body, first);
}
END_TEST

/* Where the owner wants it so a program needs a key: whoever types a brief needs none, and neither
 * does who looks at a page, whatever their browser sends along. */
START_TEST(programs_need_a_key)
{
	static const char key[] = "a-key-of-a-program-that-is-long-enough",
			  json[] = "{\"name\":\"Ada\",\"email\":\"ada@example.com\","
				   "\"brief\":\"A long brief of an engine.\"}";
	struct uuid booking = add_lead(7, 0);

	put_file("api-key", key);
	use("[site]\napi = keys\n");
	ck_assert_int_eq(post_json("/api/book", json), 401);
	with("HTTP_AUTHORIZATION", "Bearer nobody");
	ck_assert_int_eq(post_json("/api/book", json), 401);
	ck_assert_uint_eq(world.rows_put, 0);
	with("HTTP_AUTHORIZATION", printed("Bearer %s", key));
	ck_assert_int_eq(post_json("/api/book", json), 201);
	ck_assert_int_eq(post("/api/book", form(token(5000))), 303);
	ck_assert_int_eq(get(printed("/schedule?bookingId=%s", id_text(&booking))), 200);
	with("HTTP_AUTHORIZATION", "Basic bm9ib2R5");
	ck_assert_int_eq(post("/api/book", form(token(5000))), 303);
	with("HTTP_AUTHORIZATION", "Basic bm9ib2R5");
	ck_assert_int_eq(get("/"), 200);
}
END_TEST

/* Nothing is kept of these, and what was typed is still there. */
static const struct {
	const char *form; /* after it the token */
	int64_t age_ms;	  /* of the token; below 0: there is none */
	const char *site; /* Sec-Fetch-Site */
	int status;
	bool is_kept;
} briefs[] = {
    {FIELDS, 5000, NULL, 303, true},
    {FIELDS, 5000, "same-origin", 303, true},
    {FIELDS, 2000, NULL, 303, true},
    {FIELDS, 1999, NULL, 422, false},
    {FIELDS, 600000, NULL, 303, true},
    {FIELDS, 86399999, NULL, 303, true},
    {FIELDS, 86400000, NULL, 422, false},
    /* A form from the future is one of another clock. */
    {FIELDS, -1000, NULL, 422, false},
    {FIELDS, INT64_C(2) * 86400000, NULL, 422, false},
    {FIELDS, 5000, "cross-site", 403, false},
    {FIELDS "&" REQUEST_TRAP "=x", 5000, NULL, 422, false},
    {FIELDS "&" REQUEST_TRAP "=", 5000, NULL, 303, true},
    {"name=Ada&email=&brief=A+long+brief+of+an+engine.", 5000, NULL, 422, false},
    {"name=Ada&email=ada&brief=A+long+brief+of+an+engine.", 5000, NULL, 422, false},
    {"name=&email=ada%40example.com&brief=A+long+brief.", 5000, NULL, 422, false},
};

START_TEST(brief_that_is_judged)
{
	const char *text = briefs[_i].age_ms < 0
			       ? briefs[_i].form
			       : printed("%s&token=%s", briefs[_i].form, token(briefs[_i].age_ms));

	if (briefs[_i].site)
		with("HTTP_SEC_FETCH_SITE", briefs[_i].site);
	ck_assert_int_eq(post("/api/book", text), briefs[_i].status);
	ck_assert_uint_eq(world.rows_put, briefs[_i].is_kept);
	if (!briefs[_i].is_kept) {
		has("What you typed is kept below.");
		has("A long brief");
	}
}
END_TEST

/* Nothing stands below a problem document. */
START_TEST(brief_of_a_program_that_is_judged)
{
	ck_assert_int_eq(post_json("/api/book", "{\"name\":\"Ada\",\"email\":\"ada\"}"), 422);
	has("\"field\":\"email\"");
	ck_assert_ptr_null(strstr(body, "below"));
	with("HTTP_ACCEPT", "application/json");
	with("HTTP_SEC_FETCH_SITE", "cross-site");
	ck_assert_int_eq(post("/api/book", form(token(5000))), 403);
	ck_assert_ptr_null(strstr(body, "below"));
}
END_TEST

/* The token of the form that is shown. */
static const char *token_shown(void)
{
	const char *at = strstr(body, "name=\"token\" value=\"");

	ck_assert_ptr_nonnull(at);
	at += strlen("name=\"token\" value=\"");
	return printed("%.*s", (int)strcspn(at, "\""), at);
}

/* Who was taken for a robot need not wait once more; whoever is shown a fresh form has to type it.
 */
START_TEST(form_that_is_shown_again)
{
	const char *its;

	ck_assert_int_eq(post("/api/book", form(token(500))), 422);
	its = token_shown();
	ck_assert_int_eq(post("/api/book", form(its)), 303);
	/* Nor later. */
	world.boot_ms += 2500;
	ck_assert_int_eq(post("/api/book", form(its)), 303);
	ck_assert_int_eq(get("/"), 200);
	ck_assert_int_eq(post("/api/book", form(token_shown())), 422);
	ck_assert_int_eq(post("/api/book", printed("name=&token=%s", token(5000))), 422);
	ck_assert_int_eq(post("/api/book", form(token_shown())), 422);
	/* A token of somebody's own does not come back. */
	ck_assert_int_eq(post("/api/book", "name=&token=0123456789abcdef"), 422);
	has_not("0123456789abcdef\"");
}
END_TEST

/* Two of three others say that our clock is an hour ahead: forms and times go by theirs. */
START_TEST(clock_that_is_wrong)
{
	struct clocks *clocks = counters_clocks(app.upstream.counters);
	const struct clock_reading reading = {.boot_ms = clock_boot_ms(),
	    .from_ms = clock_wall_ms() - 3600000,
	    .asked_ms = clock_boot_ms(),
	    .until_ms = clock_wall_ms() - 3600000};

	ck_assert_int_eq(app_now_ms(&app), clock_wall_ms());
	clocks_read(clocks, PEER_GOOGLE, &reading);
	ck_assert_int_eq(app_now_ms(&app), clock_wall_ms());
	clocks_read(clocks, PEER_CLICKHOUSE, &reading);
	ck_assert_int_eq(app_now_ms(&app), clock_wall_ms() - 3600000);
	ck_assert_int_eq(post("/api/book", form(token(3600000 + 5000))), 303);
	ck_assert_int_eq(post("/api/book", form(token(3600000))), 422);
}
END_TEST

/* What one network address may have, and what is told of it. */
START_TEST(client_that_is_refused)
{
	const struct counters *counters = app.upstream.counters;

	use("[fair]\nbriefs_per_client = 1\n");
	counters = app.upstream.counters;
	with("REMOTE_ADDR", "192.0.2.7");
	ck_assert_int_eq(post("/api/book", form(token(5000))), 303);
	ck_assert_int_eq(counters_get(counters, GAUGE_CLIENT_REFUSED_MS), 0);
	ck_assert_int_eq(counters_get(counters, GAUGE_CLIENT_INSIDE_MS), 0);
	world.boot_ms += 1000;
	with("REMOTE_ADDR", "192.0.2.7");
	ck_assert_int_eq(post("/api/book", form(token(5000))), 429);
	ck_assert_int_eq(counters_get(counters, GAUGE_CLIENT_REFUSED_MS), clock_boot_ms());
	/* An address of our own network is most likely a proxy's. */
	with("REMOTE_ADDR", "127.0.0.1");
	ck_assert_int_eq(post("/api/book", form(token(5000))), 303);
	ck_assert_int_eq(counters_get(counters, GAUGE_CLIENT_INSIDE_MS), clock_boot_ms());
}
END_TEST

/* What its person may have: its status, whether it is kept, and whether its times are shown. */
static const struct {
	const char *people;
	int status;
	bool is_kept;
} persons[] = {
    {"0\t0\t0\t0\n", 303, true},
    {"1000\t0\t0\t0\n", 429, false},
    {"0\t1000\t0\t0\n", 429, true},
    {"0\t0\t1000000\t0\n", 202, true},
    {"0\t0\t0\t1\n", 429, false},
};

START_TEST(brief_of_a_person)
{
	use("[fair]\nbriefs_per_hour = 100\n");
	world.people = persons[_i].people;
	ck_assert_int_eq(post("/api/book", form(token(5000))), persons[_i].status);
	ck_assert_uint_eq(world.rows_put, persons[_i].is_kept);
	/* Whoever typed an address does not get the key of its booking. */
	if (persons[_i].status != 303)
		ck_assert_ptr_null(strstr(body, "bookingId="));
}
END_TEST

START_TEST(addresses_are_verified)
{
	use("[fair]\nverify = yes\n");
	ck_assert_int_eq(post("/api/book", form(token(5000))), 202);
	ck_assert_uint_eq(world.rows_put, 1);
	ck_assert_ptr_nonnull(strstr(world.last_row, "\t" LEAD_HELD_VERIFY "\t"));
	has("ada@example.com");
	has("We have sent a link");
	has_not("bookingId=");
}
END_TEST

static const char *spooled;

static int note_spooled(const char *path)
{
	size_t len = strlen(path);

	if (len > 5 && strcmp(path + len - 5, ".json") == 0)
		spooled = printed("%s", path);
	return 0;
}

/* A brief of a program came with no form, so that it stands for itself. */
START_TEST(brief_of_a_program_without_a_store)
{
	char *text;

	world.find_err = ERR_UNREACHABLE;
	ck_assert_int_eq(post_json("/api/book", "{\"name\":\"Ada\",\"email\":\"ada@example.com\","
						"\"brief\":\"A long brief of an engine.\"}"),
	    202);
	each_file(note_spooled);
	ck_assert_ptr_nonnull(spooled);
	text = read_text(spooled);
	ck_assert_ptr_nonnull(strstr(text, "A long brief"));
	ck_assert_ptr_null(strstr(text, "\"form\""));
	free(text);
}
END_TEST

/* With the store gone a brief goes to disk, and where that refuses, back to whoever wrote it. */
START_TEST(brief_without_a_store)
{
	struct spool_count count;
	struct rlimit before;
	const char *its = token(5000);
	int status;

	world.find_err = ERR_UNREACHABLE;
	ck_assert_int_eq(post("/api/book", form(its)), 202);
	has("we will write to");
	ck_assert_uint_eq(world.rows_put, 0);
	ck_assert_int_eq(spool_count(folder, &count, &failure), ERR_NONE);
	ck_assert_uint_eq(count.kinds[SPOOL_BRIEF], 1);
	world.find_err = ERR_NONE;
	world.row_err = ERR_UNSURE;
	ck_assert_int_eq(post("/api/book", form(token(5000))), 202);
	ck_assert_int_eq(spool_count(folder, &count, &failure), ERR_NONE);
	ck_assert_uint_eq(count.kinds[SPOOL_BRIEF], 2);

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){0, before.rlim_max}), 0);
	status = post("/api/book", form(its));
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
	ck_assert_int_eq(status, 503);
	ck_assert_int_eq(reply.retry_after_s, 0);
	/* Sent again from here it is the same lead. */
	has(its);
	has("A long brief");
	/* One that is full is emptied by and by. */
	put_file("large.damaged", "");
	ck_assert_int_eq(truncate(path_of("large.damaged"), SPOOL_BYTES_MAX), 0);
	ck_assert_int_eq(post("/api/book", form(its)), 503);
	ck_assert_int_eq(reply.retry_after_s, 600);
	has(its);
}
END_TEST

/* What was sent under a form's token and another text is another lead, and nobody comes back who
 * was erased. */
START_TEST(brief_that_is_corrected)
{
	const char *its = token(5000), *first;
	struct uuid booking;
	struct lead *lead;

	ck_assert_int_eq(post("/api/book", form(its)), 303);
	first = printed("%s", reply.location);
	ck_assert(uuid_parse(first + strlen("/schedule?bookingId="), &booking));
	add_lead(77, 0);
	lead = &world.leads[world.lead_count - 1];
	lead->booking = booking;
	lead->brief = "Other words.";
	lead->company = "Engines";
	world.rows_put = 0;
	ck_assert_int_eq(post("/api/book", form(its)), 303);
	ck_assert_str_ne(reply.location, first);
	ck_assert_uint_eq(world.rows_put, 1);
	lead->status = LEAD_ERASED;
	world.rows_put = 0;
	ck_assert_int_eq(post("/api/book", form(its)), 410);
	ck_assert_uint_eq(world.rows_put, 0);
}
END_TEST

/* How a brief stands by now that is sent once more from the same form. */
static const struct {
	enum lead_status status;
	const char *held;
	int answer;
	bool is_same;	  /* it is the same lead */
	const char *kept; /* what its row says then of why it is held back */
} standing[] = {
    {LEAD_AWAITING_SLOT, "", 303, true, ""},
    {LEAD_AWAITING_SLOT, LEAD_HELD_VERIFY, 202, true, LEAD_HELD_VERIFY},
    {LEAD_AWAITING_SLOT, LEAD_HELD_ADDRESS, 429, true, LEAD_HELD_ADDRESS},
    /* Another took its place: it stands for itself again. */
    {LEAD_AWAITING_SLOT, LEAD_SUPERSEDED, 303, false, ""},
    /* Or its call was booked before that. */
    {LEAD_BOOKED, LEAD_SUPERSEDED, 303, true, ""},
    {LEAD_BOOKED, "", 303, true, ""},
};

START_TEST(brief_that_is_sent_once_more)
{
	const char *its = token(5000), *id;
	struct uuid booking;
	struct lead *lead;

	ck_assert_int_eq(post("/api/book", form(its)), 303);
	ck_assert(uuid_parse(reply.location + strlen("/schedule?bookingId="), &booking));
	id = id_text(&booking);
	add_lead(7, 5000);
	lead = &world.leads[world.lead_count - 1];
	lead->booking = booking;
	lead->brief = "A long brief of an engine.";
	lead->status = standing[_i].status;
	lead->held = standing[_i].held;
	world.rows_put = 0;
	ck_assert_int_eq(post("/api/book", form(its)), standing[_i].answer);
	ck_assert_uint_eq(world.rows_put, 1);
	ck_assert_int_eq(strncmp(world.last_row, id, strlen(id)) == 0, standing[_i].is_same);
	ck_assert_ptr_nonnull(strstr(world.last_row, printed("\t%s\t", standing[_i].kept)));
	if (standing[_i].answer == 303)
		ck_assert_int_eq(strstr(reply.location, id) != NULL, standing[_i].is_same);
}
END_TEST

/* ---- The times */

/* Noon in New York, so many days on: a weekday of that week or the next. */
static int64_t noon(int days)
{
	int64_t at = clock_wall_s() / 86400 * 86400 + days * 86400 + 17 * 3600;

	while (civil_weekday(at / 86400) % 6 == 0)
		at += 86400;
	return at;
}

static const char *wire(int64_t at)
{
	char text[INSTANT_TEXT];

	return printed("%s", instant_format_slot(at, text));
}

static int click(const struct uuid *booking, int64_t at, uint64_t version)
{
	return post("/api/schedule",
	    printed("bookingId=%s&slot=%s&version=%" PRIu64, id_text(booking), wire(at), version));
}

static uint64_t version_of(const struct uuid *booking)
{
	struct ledger_booking found;

	ledger_find(world.ledger, booking, &found);
	return found.version;
}

static int cancel_of(const struct uuid *booking)
{
	return post("/api/cancel",
	    printed("bookingId=%s&version=%" PRIu64, id_text(booking), version_of(booking)));
}

START_TEST(times)
{
	struct uuid booking = add_lead(7, 0);

	ck_assert_int_eq(get(printed("/schedule?bookingId=%s", id_text(&booking))), 200);
	has(wire(noon(5)));
	has("America/New_York");
	ck_assert_int_eq(
	    get(printed("/schedule?bookingId=%s&tz=Europe/Madrid", id_text(&booking))), 200);
	has("Europe/Madrid");
	/* In any spelling, and what there is not is said. */
	ck_assert_int_eq(
	    get(printed("/schedule?bookingId=%s&tz=europe/madrid", id_text(&booking))), 200);
	has("Europe/Madrid");
	ck_assert_int_eq(
	    get(printed("/schedule?bookingId=%s&tz=Europe/Nowhere", id_text(&booking))), 200);
	has("Europe/Nowhere");
	/* A zone whose name is no place's. */
	ck_assert_int_eq(get(printed("/schedule?bookingId=%s&tz=Etc/GMT", id_text(&booking))), 200);
	has("<strong>GMT</strong>");
	ck_assert_int_eq(
	    get(printed("/schedule?bookingId=%s&tz=Etc/GMT-5", id_text(&booking))), 200);
	has("<strong>UTC+5</strong>");
	with("HTTP_ACCEPT", "application/json");
	ck_assert_int_eq(get(printed("/api/slots?bookingId=%s", id_text(&booking))), 200);
	has(wire(noon(5)));
	with("HTTP_ACCEPT", "application/json");
	ck_assert_int_eq(
	    get(printed("/api/slots?bookingId=%s&tz=Europe/Nowhere", id_text(&booking))), 400);
	ck_assert_int_eq(get(printed("/schedule?bookingId=%s", id_text(&(struct uuid){{1}}))), 404);
	ck_assert_int_eq(get("/schedule?bookingId=7"), 400);
	ck_assert_int_eq(get("/schedule"), 400);
}
END_TEST

/* Busy times are not shown. */
START_TEST(times_that_are_taken)
{
	struct uuid booking = add_lead(7, 0), other = add_lead(8, 0);

	add_entry(other, ENTRY_BOOK, noon(5));
	ck_assert_int_eq(get(printed("/schedule?bookingId=%s", id_text(&booking))), 200);
	has_not(wire(noon(5)));
	has(wire(noon(5) + 7200));
	world.busy = "{\"start\":\"2026-01-01T00:00:00Z\",\"end\":\"2027-12-31T00:00:00Z\"}";
	world.boot_ms += 3600000;
	ck_assert_int_eq(get(printed("/schedule?bookingId=%s", id_text(&booking))), 200);
	has_not(wire(noon(5) + 7200));
}
END_TEST

START_TEST(click_that_books)
{
	struct uuid booking = add_lead(7, 0);
	struct ledger_booking found;
	uint64_t entries;

	ck_assert_int_eq(click(&booking, noon(5), 0), 303);
	ck_assert_str_eq(reply.location, printed("/booking?bookingId=%s", id_text(&booking)));
	ck_assert(ledger_find(world.ledger, &booking, &found) && found.is_live);
	ck_assert_int_eq(found.call.start, noon(5));
	ck_assert_uint_eq(world.inserts, 1);
	/* Twice is once. */
	entries = world.entries;
	ck_assert_int_eq(click(&booking, noon(5), 0), 303);
	ck_assert_uint_eq(world.entries, entries);
	/* Another time is a move, for whoever saw what stands. */
	ck_assert_int_eq(click(&booking, noon(5) + 3600, 0), 409);
	ck_assert_int_eq(click(&booking, noon(5) + 3600, version_of(&booking)), 303);
	ck_assert(ledger_find(world.ledger, &booking, &found));
	ck_assert_int_eq(found.call.start, noon(5) + 3600);
	ck_assert_int_eq(post("/api/schedule", printed("bookingId=%s&slot=%s", id_text(&booking),
						   wire(noon(5) + 7200))),
	    428);
}
END_TEST

/* Where the zones' names cannot be listed, any that may be one counts. */
START_TEST(zone_that_was_chosen)
{
	static const struct {
		const char *tz;
		bool has_names, is_kept;
	} all[] = {{"Europe/Madrid", true, true}, {"Europe/Nowhere", true, false},
	    {"Europe/Madrid", false, true}, {"../Madrid", false, false}};

	for (size_t i = 0; i < COUNT(all); i++) {
		struct uuid booking = add_lead(7 + (int)i, 0);
		size_t names = app.zones.count;

		if (!all[i].has_names)
			app.zones.count = 0;
		ck_assert_int_eq(
		    post("/api/schedule",
			printed("bookingId=%s&slot=%s&version=0&tz=%s", id_text(&booking),
			    wire(noon(5) + (int64_t)i * 3600), all[i].tz)),
		    303);
		ck_assert_msg((strstr(world.last_row, all[i].tz) != NULL) == all[i].is_kept,
		    "%s: %s", all[i].tz, world.last_row);
		app.zones.count = names;
	}
}
END_TEST

/* Packed, a call ends as the next one begins. */
START_TEST(click_before_another)
{
	struct uuid booking = add_lead(7, 0), other = add_lead(8, 0);

	use("[hours]\nstarts = packed\n");
	add_entry(other, ENTRY_BOOK, noon(5));
	ck_assert_int_eq(click(&booking, noon(5) - 1800, 0), 303);
}
END_TEST

/* What is refused changes nothing. */
START_TEST(click_in_vain)
{
	struct uuid booking = add_lead(7, 0), other = add_lead(8, 0);
	uint64_t entries;

	add_entry(other, ENTRY_BOOK, noon(5));
	entries = world.entries;
	/* Taken a moment ago: the nearest that are open. */
	ck_assert_int_eq(click(&booking, noon(5), 0), 409);
	has(wire(noon(5) + 1800));
	/* Never one of ours: at night, past, none at all. */
	ck_assert_int_eq(click(&booking, noon(5) + 12 * 3600, 0), 422);
	ck_assert_int_eq(click(&booking, noon(5) - 20 * 86400, 0), 422);
	ck_assert_int_eq(
	    post("/api/schedule", printed("bookingId=%s&slot=noon", id_text(&booking))), 400);
	ck_assert_int_eq(post("/api/schedule", printed("slot=%s", wire(noon(5)))), 400);
	ck_assert_int_eq(click(&(struct uuid){{1}}, noon(6), 0), 404);
	ck_assert_uint_eq(world.entries, entries);
}
END_TEST

static struct uuid clicked;

/* The same click, sent twice, is done while this one asks the calendar. */
static void book_meanwhile(const struct http_request *request, enum outside outside)
{
	if (outside != OUTSIDE_GOOGLE || !strstr(request->url, "freeBusy"))
		return;
	world.on_request = NULL;
	add_entry(clicked, ENTRY_BOOK, noon(5));
}

START_TEST(click_sent_twice_at_once)
{
	uint64_t entries = world.entries;

	clicked = add_lead(7, 0);
	world.on_request = book_meanwhile;
	ck_assert_int_eq(click(&clicked, noon(5), 0), 303);
	ck_assert_uint_eq(world.entries, entries + 1);
}
END_TEST

START_TEST(click_whose_end_is_not_known)
{
	struct uuid booking = add_lead(7, 0);

	world.append_err = ERR_UNSURE;
	ck_assert_int_eq(click(&booking, noon(5), 0), 503);
	ck_assert_int_gt(reply.retry_after_s, 0);
	ck_assert_uint_eq(world.inserts, 0);
	ck_assert_uint_eq(world.rows_put, 0);
}
END_TEST

START_TEST(calendar_that_is_closed)
{
	struct uuid booking = add_lead(7, 0);

	use("[google]\noutage = closed\n");
	world.answers[OUTSIDE_GOOGLE].err = ERR_UNREACHABLE;
	ck_assert_int_eq(click(&booking, noon(5), 0), 503);
	ck_assert_uint_eq(version_of(&booking), 0);
	use("[google]\noutage = open\n");
	ck_assert_int_eq(click(&booking, noon(5), 0), 303);
	ck_assert_uint_gt(version_of(&booking), 0);
}
END_TEST

/* ---- Calls of one address */

static struct uuid of_a_friend;

/* Another click of theirs takes its call while the calendar is asked. */
static void click_in_between(const struct http_request *request, enum outside outside)
{
	int lock;

	if (outside != OUTSIDE_GOOGLE || !strstr(request->url, "freeBusy"))
		return;
	world.on_request = NULL;
	world.boot_ms += 10;
	lock = people_lock(folder, arena, "ada@example.com", clock_boot_ms());
	ck_assert_int_ge(lock, 0);
	people_note(lock);
	file_unlock(lock);
	add_entry(of_a_friend, ENTRY_BOOK, noon(5) + 10800);
}

START_TEST(calls_of_one_address)
{
	struct uuid booking = add_lead(7, 0), first = add_lead(8, 0);

	of_a_friend = add_lead(9, 0);
	world.same_person[0] = first;
	world.same_person[1] = of_a_friend;
	world.same_person_count = 2;
	add_entry(first, ENTRY_BOOK, noon(5) + 3600);
	/* Two of an address may stand: this one and the first. */
	world.on_request = click_in_between;
	ck_assert_int_eq(click(&booking, noon(5), 0), 429);
	ck_assert_uint_eq(version_of(&booking), 0);
	/* The second stands since: the calendar need not be asked. */
	world.requests[OUTSIDE_GOOGLE] = 0;
	ck_assert_int_eq(click(&booking, noon(5), 0), 429);
	ck_assert_uint_eq(world.requests[OUTSIDE_GOOGLE], 0);
	add_entry(of_a_friend, ENTRY_CANCEL, 0);
	/* Where nobody came in between they are counted once. */
	world.boot_ms += 1000;
	world.looks = 0;
	ck_assert_int_eq(click(&booking, noon(5), 0), 303);
	ck_assert_uint_eq(world.looks, 1);
	/* Who has a call may move it, however many others there are. */
	add_entry(of_a_friend, ENTRY_BOOK, noon(5) + 10800);
	ck_assert_int_eq(click(&booking, noon(5) + 7200, version_of(&booking)), 303);
	/* Without a limit nobody is counted. */
	use("[fair]\ncalls_per_address = 0\n");
	ck_assert_int_eq(cancel_of(&booking), 303);
	ck_assert_int_eq(click(&booking, noon(5), version_of(&booking)), 303);
}
END_TEST

static struct uuid readdressed;

/* Another call of theirs is corrected to this address while the calendar is asked. */
static void correct_in_between(const struct http_request *request, enum outside outside)
{
	if (outside != OUTSIDE_GOOGLE || !strstr(request->url, "freeBusy"))
		return;
	world.on_request = NULL;
	world.boot_ms += 10;
	memset(params, 0, sizeof(params));
	fate = MAIL_REFUSED;
	ck_assert_int_eq(post("/api/address",
			     printed("bookingId=%s&version=%" PRIu64 "&email=ada%%40example.com",
				 id_text(&readdressed), version_of(&readdressed))),
	    303);
	world.same_person[world.same_person_count++] = readdressed;
}

START_TEST(call_that_is_corrected_to_an_address)
{
	struct uuid booking = add_lead(7, 0), first = add_lead(8, 0);

	readdressed = add_lead(9, 0);
	world.same_person[0] = first;
	world.same_person_count = 1;
	add_entry(first, ENTRY_BOOK, noon(5) + 3600);
	add_entry(readdressed, ENTRY_BOOK, noon(5) + 10800);
	ck_assert_int_eq(click(&booking, noon(5), 0), 303);
	ck_assert_int_eq(cancel_of(&booking), 303);
	world.boot_ms += 1000;
	/* It counts among those that may stand. */
	world.on_request = correct_in_between;
	ck_assert_int_eq(click(&booking, noon(5), version_of(&booking)), 429);
}
END_TEST

static int turn = -1;	     /* the lock of another click */
static int64_t turn_ends_ms; /* when that gives it back */

/* A pause takes the world's time. */
int nanosleep(const struct timespec *pause, struct timespec *left)
{
	(void)left;
	world.boot_ms += pause->tv_sec * 1000 + pause->tv_nsec / 1000000;
	if (turn >= 0 && world.boot_ms >= turn_ends_ms) {
		file_unlock(turn);
		turn = -1;
	}
	return 0;
}

static void another_has_the_turn(const char *address, int64_t ms)
{
	turn = people_lock(folder, arena, address, clock_boot_ms());
	ck_assert_int_ge(turn, 0);
	turn_ends_ms = world.boot_ms + ms;
}

/* Clicks of one person follow each other; who has to wait for too long is told to come again. */
START_TEST(turn_of_another)
{
	struct uuid booking = add_lead(7, 0);
	int64_t began = world.boot_ms;

	another_has_the_turn("Ada@example.com", 4900);
	ck_assert_int_eq(click(&booking, noon(5), 0), 303);
	ck_assert_int_eq(turn, -1);
	ck_assert_int_ge(world.boot_ms - began, 4900);
	ck_assert_int_eq(cancel_of(&booking), 303);
	another_has_the_turn("ada@example.com", INT64_MAX / 2);
	began = world.boot_ms;
	ck_assert_int_eq(click(&booking, noon(5), version_of(&booking)), 503);
	ck_assert_int_ge(world.boot_ms - began, 5000);
	ck_assert_int_lt(world.boot_ms - began, 5500);
	ck_assert_int_gt(reply.retry_after_s, 0);
	file_unlock(turn);
	/* The address that is corrected to is the person's whose turn it is. */
	ck_assert_int_eq(click(&booking, noon(5), version_of(&booking)), 303);
	fate = MAIL_REFUSED;
	another_has_the_turn("grace@example.com", INT64_MAX / 2);
	ck_assert_int_eq(post("/api/address",
			     printed("bookingId=%s&version=%" PRIu64 "&email=grace%%40example.com",
				 id_text(&booking), version_of(&booking))),
	    503);
	file_unlock(turn);
	turn = -1;
}
END_TEST

/* A click that waited for longer than its sender would is not carried out; how long it did is told
 * by nginx's clock, which need not be ours. */
static const struct {
	int64_t nginx_ms, waited_ms; /* how far nginx's clock is ahead of ours */
	int status;
} waits[] = {
    {0, 0, 303},
    {0, 10000, 303},
    {0, 10001, 503},
    {-60000, 10000, 303},
    {-60000, 10001, 503},
    {60000, 10000, 303},
    {60000, 10001, 503},
    /* Less than two seconds may be a queue. */
    {-2000, 8000, 303},
    {-2000, 8001, 503},
    {-1, 9999, 303},
    {-1, 10000, 503},
    {-2001, 10000, 303},
    {-2001, 10001, 503},
};

START_TEST(click_that_waited)
{
	struct uuid booking = add_lead(7, 0);
	int64_t theirs_ms = clock_wall_ms() + waits[_i].nginx_ms, sent_ms;

	clocks_read(counters_clocks(app.upstream.counters), PEER_NGINX,
	    &(struct clock_reading){
		.boot_ms = clock_boot_ms(), .from_ms = theirs_ms, .until_ms = CLOCKS_NO_BOUND});
	sent_ms = theirs_ms - waits[_i].waited_ms;
	with("REQUEST_MSEC", printed("%" PRId64 ".%03" PRId64, sent_ms / 1000, sent_ms % 1000));
	ck_assert_int_eq(click(&booking, noon(5), 0), waits[_i].status);
	ck_assert_uint_eq(world.inserts, waits[_i].status == 303);
}
END_TEST

/* ---- The booking */

static const char *page_of(const struct uuid *booking)
{
	return printed("/booking?bookingId=%s", id_text(booking));
}

static int cancel(const struct uuid *booking, uint64_t version)
{
	return post(
	    "/api/cancel", printed("bookingId=%s&version=%" PRIu64, id_text(booking), version));
}

START_TEST(page_of_a_booking)
{
	struct uuid booking = add_lead(7, 0);

	with("HTTP_ACCEPT", "application/json");
	ck_assert_int_eq(get(page_of(&booking)), 200);
	has("\"status\":\"awaiting_slot\"");
	ck_assert_int_eq(get(printed("/booking.ics?bookingId=%s", id_text(&booking))), 404);
	ck_assert_int_eq(click(&booking, noon(5), 0), 303);
	with("HTTP_ACCEPT", "application/json");
	ck_assert_int_eq(get(page_of(&booking)), 200);
	has("\"booked\"");
	has(wire(noon(5)));
	ck_assert_int_eq(get(page_of(&booking)), 200);
	has("/api/cancel");
	has("https://meet.example.com/avo");
	ck_assert_int_eq(get(printed("/booking.ics?bookingId=%s", id_text(&booking))), 200);
	ck_assert_str_eq(reply.type, "text/calendar; charset=utf-8; method=PUBLISH");
	ck_assert_str_eq(reply.file, "call.ics");
	has("BEGIN:VEVENT");
	has_not("STATUS:CANCELLED");
	ck_assert_int_eq(cancel(&booking, version_of(&booking)), 303);
	with("HTTP_ACCEPT", "application/json");
	ck_assert_int_eq(get(page_of(&booking)), 200);
	has("\"cancelled\"");
	ck_assert_int_eq(get(printed("/booking.ics?bookingId=%s", id_text(&booking))), 200);
	has("STATUS:CANCELLED");
	ck_assert_int_eq(get(page_of(&(struct uuid){{1}})), 404);
}
END_TEST

/* What became of the mails of a call: nothing is said where that cannot be read, nor where none are
 * sent. */
START_TEST(fate_that_is_told)
{
	static char none[] = "";
	struct uuid booking = add_lead(7, 0);
	char *from = app.conf->resend.from;

	ck_assert_int_eq(click(&booking, noon(5), 0), 303);
	fate = MAIL_FAILED;
	with("HTTP_ACCEPT", "application/json");
	ck_assert_int_eq(get(page_of(&booking)), 200);
	has("\"mail\":\"failed\"");
	fate_err = ERR_UNREACHABLE;
	with("HTTP_ACCEPT", "application/json");
	ck_assert_int_eq(get(page_of(&booking)), 200);
	has_not("\"mail\"");
	fate_err = ERR_NONE;
	app.conf->resend.from = none;
	with("HTTP_ACCEPT", "application/json");
	ck_assert_int_eq(get(page_of(&booking)), 200);
	has_not("\"mail\"");
	app.conf->resend.from = from;
}
END_TEST

/* A page of another site does not make its visitors book, move and cancel. */
START_TEST(click_from_elsewhere)
{
	static const char *const sites[] = {"cross-site", "same-site", "Same-Origin", "x"};
	struct uuid booking = add_lead(7, 0);
	uint64_t entries = world.entries;

	for (size_t i = 0; i < COUNT(sites); i++) {
		with("HTTP_SEC_FETCH_SITE", sites[i]);
		ck_assert_int_eq(click(&booking, noon(5), 0), 403);
	}
	ck_assert_uint_eq(world.entries, entries);
	with("HTTP_SEC_FETCH_SITE", "same-origin");
	ck_assert_int_eq(click(&booking, noon(5), 0), 303);
	entries = world.entries;
	with("HTTP_SEC_FETCH_SITE", "cross-site");
	ck_assert_int_eq(cancel(&booking, version_of(&booking)), 403);
	has("another site");
	ck_assert_ptr_null(strstr(body, "What you typed"));
	ck_assert_uint_eq(world.entries, entries);
	with("HTTP_SEC_FETCH_SITE", "none");
	ck_assert_int_eq(cancel(&booking, version_of(&booking)), 303);
}
END_TEST

START_TEST(cancelling)
{
	struct uuid booking = add_lead(7, 0);
	struct ledger_booking found;
	uint64_t version, entries;

	ck_assert_int_eq(cancel(&booking, 0), 409);
	ck_assert_int_eq(click(&booking, noon(5), 0), 303);
	version = version_of(&booking);
	ck_assert_int_eq(post("/api/cancel", printed("bookingId=%s", id_text(&booking))), 428);
	ck_assert_int_eq(cancel(&booking, version - 1), 409);
	ck_assert(ledger_find(world.ledger, &booking, &found) && found.is_live);
	ck_assert_int_eq(cancel(&booking, version), 303);
	ck_assert(ledger_find(world.ledger, &booking, &found) && !found.is_live);
	/* By this very click sent twice: what was asked for holds. */
	entries = world.entries;
	ck_assert_int_eq(cancel(&booking, version), 303);
	ck_assert_uint_eq(world.entries, entries);
}
END_TEST

START_TEST(too_late_for_a_change)
{
	struct uuid booking = add_lead(7, 0);

	use("[hours]\nchange_notice = 168h\n");
	ck_assert_int_eq(click(&booking, noon(2), 0), 303);
	ck_assert_int_eq(cancel(&booking, version_of(&booking)), 409);
	ck_assert_int_eq(click(&booking, noon(2) + 3600, version_of(&booking)), 409);
	ck_assert_int_eq(get(page_of(&booking)), 200);
	has_not("action=\"/api/cancel\"");
}
END_TEST

/* ---- The address of a booking whose mail could not be delivered */

static int correct(const struct uuid *booking, uint64_t version, const char *email)
{
	return post("/api/address",
	    printed("bookingId=%s&version=%" PRIu64 "&email=%s", id_text(booking), version, email));
}

START_TEST(address_that_is_corrected)
{
	struct uuid booking = add_lead(7, 0);
	uint64_t version;

	ck_assert_int_eq(correct(&booking, 0, "grace%40example.com"), 409);
	ck_assert_int_eq(click(&booking, noon(5), 0), 303);
	version = version_of(&booking);
	/* Once a mail was delivered the address is right. */
	for (fate = MAIL_OPEN; fate < MAIL_REFUSED; fate++)
		ck_assert_int_eq(correct(&booking, version, "grace%40example.com"), 409);
	fate = MAIL_REFUSED;
	ck_assert_int_eq(get(page_of(&booking)), 200);
	has("/api/address");
	ck_assert_int_eq(correct(&booking, version - 1, "grace%40example.com"), 409);
	ck_assert_int_eq(correct(&booking, version, "grace"), 422);
	ck_assert_int_eq(correct(&booking, version, ""), 422);
	fate_err = ERR_UNREACHABLE;
	ck_assert_int_eq(correct(&booking, version, "grace%40example.com"), 503);
	fate_err = ERR_NONE;
	world.people = "0\t0\t0\t1\n";
	ck_assert_int_eq(correct(&booking, version, "grace%40example.com"), 429);
	world.people = "0\t1000\t0\t0\n";
	ck_assert_int_eq(correct(&booking, version, "grace%40example.com"), 429);
	world.people = NULL;
	world.people_err = ERR_BUSY;
	ck_assert_int_eq(correct(&booking, version, "grace%40example.com"), 503);
	world.people_err = ERR_NONE;
	ck_assert_uint_eq(version_of(&booking), version);
	ck_assert_int_eq(correct(&booking, version, "grace%40example.com"), 303);
	ck_assert_uint_gt(version_of(&booking), version);
	ck_assert_ptr_nonnull(strstr(world.last_row, "\tgrace@example.com\t"));
	/* Nor is it after the call has begun. */
	world.boot_ms += INT64_C(10) * 86400000;
	ck_assert_int_eq(correct(&booking, version_of(&booking), "joan%40example.com"), 409);
}
END_TEST

/* ---- What is asked in another way */

static const struct {
	const char *method, *uri;
	int status;
	const char *allow;
} ways[] = {
    {"POST", "/", 405, "GET, HEAD"},
    {"DELETE", "/", 405, "GET, HEAD"},
    {"GET", "/api/book", 405, "POST"},
    {"GET", "/api/schedule", 405, "POST"},
    {"GET", "/api/cancel", 405, "POST"},
    {"POST", "/schedule", 405, "GET, HEAD"},
    {"GET", "/nothing", 404, NULL},
    {"POST", "/nothing", 404, NULL},
    {"GET", "/static/../brief.html", 404, NULL},
    {"GET", "/static/none.css", 404, NULL},
};

START_TEST(way)
{
	ck_assert_int_eq(ask(ways[_i].method, ways[_i].uri, NULL, ""), ways[_i].status);
	if (ways[_i].allow)
		ck_assert_str_eq(reply.allow, ways[_i].allow);
	else
		ck_assert_ptr_null(reply.allow);
}
END_TEST

/* Whatever memory is left for it, a reply is a whole page or says that it is none. */
START_TEST(page_without_memory)
{
	struct arena *whole = arena;

	for (size_t size = 256; size <= (16 << 20); size *= 2) {
		int status;

		arena = arena_new(size);
		status = get("/");
		ck_assert_msg(status == (size <= (8 << 20) ? 500 : 200), "%zu: %d", size, status);
		if (status == 500)
			ck_assert_str_eq(body, "500\n");
		arena_free(arena);
	}
	arena = whole;
}
END_TEST

/* The accent is as dark, or at night as light, as it takes to be read, and tints what it marks. */
static const struct {
	const char *more, *day, *night;
} accents[] = {
    {"", "\n:root{--accent:#1f4fd8;--on-accent:#ffffff;--tint:#edf1fc}\n",
	"dark){:root{--accent:#6486e4;--on-accent:#000000;--tint:#191f2c}}\n"},
    {"[site]\naccent = #eeeeee\n", "\n:root{--accent:#707070;--on-accent:#ffffff;--tint:#f4f4f4}\n",
	"dark){:root{--accent:#eeeeee;--on-accent:#000000;--tint:#25282d}}\n"},
};

START_TEST(accent)
{
	use(accents[_i].more);
	ck_assert_int_eq(get(app.assets.style.path), 200);
	ck_assert_ptr_nonnull(strstr(body, accents[_i].day));
	ck_assert_ptr_nonnull(strstr(body, accents[_i].night));
}
END_TEST

/* A worker that reads its configuration once more goes on as before, whether that is in order or
 * not, and holds no more than it did. */
START_TEST(configuration_is_read_again)
{
	int arenas = arena_count, files = count_open(3);

	ck_assert_int_eq(app_reload(&app, &failure), ERR_NONE);
	ck_assert_int_eq(app_test(path_of("test.conf"), &failure), ERR_NONE);
	world.schema_err = ERR_SCHEMA;
	ck_assert_int_eq(app_reload(&app, &failure), ERR_SCHEMA);
	world.schema_err = ERR_NONE;
	put_file("test.conf", "[site]\nname = Bee\n");
	ck_assert_int_eq(app_reload(&app, &failure), ERR_CONFIG);
	ck_assert_int_eq(app_test(path_of("test.conf"), &failure), ERR_CONFIG);
	ck_assert_int_eq(arena_count, arenas);
	ck_assert_int_eq(count_open(3), files);
	ck_assert_int_eq(get("/"), 200);
	has("Avo");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pages");
	TCase *all = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(all, begin, close_all);
	tcase_add_test(all, front);
	tcase_add_test(all, brief_that_is_sent);
	tcase_add_test(all, brief_of_a_program);
	tcase_add_test(all, programs_need_a_key);
	tcase_add_loop_test(all, brief_that_is_judged, 0, (int)COUNT(briefs));
	tcase_add_test(all, brief_of_a_program_that_is_judged);
	tcase_add_loop_test(all, brief_of_a_person, 0, (int)COUNT(persons));
	tcase_add_test(all, form_that_is_shown_again);
	tcase_add_test(all, clock_that_is_wrong);
	tcase_add_test(all, client_that_is_refused);
	tcase_add_test(all, addresses_are_verified);
	tcase_add_test(all, brief_without_a_store);
	tcase_add_test(all, brief_of_a_program_without_a_store);
	tcase_add_test(all, brief_that_is_corrected);
	tcase_add_loop_test(all, brief_that_is_sent_once_more, 0, (int)COUNT(standing));
	tcase_add_test(all, times);
	tcase_add_test(all, times_that_are_taken);
	tcase_add_test(all, click_that_books);
	tcase_add_test(all, click_from_elsewhere);
	tcase_add_test(all, zone_that_was_chosen);
	tcase_add_test(all, click_before_another);
	tcase_add_test(all, click_in_vain);
	tcase_add_test(all, click_sent_twice_at_once);
	tcase_add_test(all, click_whose_end_is_not_known);
	tcase_add_test(all, calendar_that_is_closed);
	tcase_add_test(all, calls_of_one_address);
	tcase_add_test(all, call_that_is_corrected_to_an_address);
	tcase_add_test(all, turn_of_another);
	tcase_add_loop_test(all, click_that_waited, 0, (int)COUNT(waits));
	tcase_add_test(all, page_of_a_booking);
	tcase_add_test(all, fate_that_is_told);
	tcase_add_test(all, cancelling);
	tcase_add_test(all, too_late_for_a_change);
	tcase_add_test(all, address_that_is_corrected);
	tcase_add_loop_test(all, way, 0, (int)COUNT(ways));
	tcase_add_test(all, page_without_memory);
	tcase_add_loop_test(all, accent, 0, (int)COUNT(accents));
	tcase_add_test(all, configuration_is_read_again);
	suite_add_tcase(suite, all);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

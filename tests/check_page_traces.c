/* SPDX-License-Identifier: MIT */
/*
 * check_page_traces.c: what pages and documents are made of, and what clicks do, line by line:
 * tests/golden/traces
 *
 * Of a page these are the fields that its template gets, and an owner's own templates go by; a
 * document stands there as it is.
 */
#include "trace.h"
#include "web_world.h"

#include "desk/pools.h"
#include "reader.h"

#define HOUR_MS INT64_C(3600000)
#define DAYS_MS INT64_C(86400000)
/* Three times a day, so that a page can be read here. */
#define SHORT "[hours]\nfirst_start = 09:00\nlast_start = 10:00\nwindow_days = 5\n"

static void start(void)
{
	begin_trace();
	put_file("signing-key", "0123456789abcdef0123456789abcdef");
	arena = arena_new(32 << 20);
	ck_assert_ptr_nonnull(arena);
	fate = MAIL_OPEN;
	fate_err = ERR_NONE;
	open_app(SHORT);
	name_courier();
}

static void finish(void)
{
	end();
}

/* A worker with other words of its owner's. */
static void use_more(const char *more)
{
	use(more);
	name_courier();
}

/* What is told of every route and duty alike is left out. */
static void show_metrics(char *lines)
{
	for (char *line = strtok(lines, "\n"); line; line = strtok(NULL, "\n"))
		if (!strstr(line, "route=") && !strstr(line, "duty=") && !strstr(line, "service="))
			say("%s\n", line);
}

static void show(int status)
{
	begin_line();
	say("-> %d %s", status, reply.type ? reply.type : "-");
	if (reply.location)
		say(" location=%s", reply.location);
	if (reply.allow)
		say(" allow=%s", reply.allow);
	if (reply.cache)
		say(" cache=%s", reply.cache);
	if (reply.file)
		say(" file=%s", reply.file);
	if (reply.retry_after_s)
		say(" retry=%d", reply.retry_after_s);
	say("\n");
	ck_assert_uint_eq(strlen(reply.body), reply.body_len);
	if (reply.type && strstr(reply.type, "text/plain"))
		show_metrics(body);
	else if (reply.type && !strstr(reply.type, "html") && !strstr(reply.type, "css"))
		say("%s\n", reply.body);
}

static void look(const char *uri)
{
	known_count = 0;
	say("\n");
	begin_line();
	say("== GET %s\n", uri);
	traces_fields = true;
	show(get(uri));
}

static void send(const char *uri, const char *its_form)
{
	known_count = 0;
	say("\n");
	begin_line();
	say("== POST %s %s\n", uri, its_form);
	traces_fields = true;
	show(post(uri, its_form));
}

static void look_json(const char *uri)
{
	with("HTTP_ACCEPT", "application/json");
	look(uri);
}

static const char *of(const char *path, const struct uuid *booking, const char *more)
{
	return printed("%s?bookingId=%s%s", path, id_text(booking), more);
}

/* Ten in New York, so many days on: one of the times that SHORT has. */
static int64_t ten(int days)
{
	return clock_wall_s() / 86400 * 86400 + days * 86400 + 14 * 3600 + 3600;
}

static void click(const struct uuid *booking, int64_t at, uint64_t version)
{
	char text[INSTANT_TEXT];

	send("/api/schedule", printed("bookingId=%s&slot=%s&version=%" PRIu64 "&tz=Asia/Kolkata",
				  id_text(booking), instant_format_slot(at, text), version));
}

static uint64_t version_of(const struct uuid *booking)
{
	struct ledger_booking found;

	ledger_find(world.ledger, booking, &found);
	return found.version;
}

/* ---- The brief */

#define FIELDS                                                                                     \
	"name=Ada&email=ada%40example.com&company=Engines&brief=A+long+brief+of+an+engine.&budget=&timeframe="

static const char *form(int64_t age_ms)
{
	char text[TOKEN_TEXT];

	return printed("%s&token=%s", FIELDS,
	    token_make(app.conf->secrets.signing_key, clock_wall_ms() - age_ms, text));
}

static void front(void)
{
	look("/");
	look("/?lang=he");
	with("HTTP_ACCEPT_LANGUAGE", "es-AR, en;q=0.5");
	look("/");
	with("HTTP_ACCEPT_LANGUAGE", "fr");
	look("/?lang=xx");
	use_more(SHORT "[site]\nperson = Ada\nafter_url = https://example.com/thanks\n");
	look("/");
	look("/nothing");
	send("/", "");
	look("/api/book");
	look_json("/nothing");
}

static void brief_that_is_sent(void)
{
	const char *its = form(5000);

	send("/api/book", its);
	send("/api/book", its);
	send("/api/book?lang=de", form(5000));
	say("\n");
	show(post_json("/api/book",
	    "{\"name\":\"Ada\",\"email\":\"ada@example.com\",\"brief\":\"A long "
	    "brief of an engine.\"}"));
	show(post_json("/api/book", "{\"name\":\"Ada\",\"email\":\"ada\",\"brief\":\"\"}"));
	show(post_json("/api/book", "{\"name\":"));
	with("HTTP_AUTHORIZATION", "Bearer nobody");
	show(post_json("/api/book", "{}"));
	say_counts(app.upstream.counters);
}

/* Programs with a key send as many as they like from one address. */
static void briefs_of_a_program(void)
{
	static const char key[] = "a-key-of-a-program-that-is-long-enough";

	put_file("api-key", key);
	use_more(SHORT "[fair]\nbriefs_per_client = 1\n");
	for (int i = 0; i < 6; i++) {
		with("REMOTE_ADDR", "192.0.2.7");
		if (i < 3)
			with("HTTP_AUTHORIZATION", printed("Bearer %s", key));
		show(post_json("/api/book",
		    printed("{\"name\":\"Ada\",\"email\":\"ada-%d@example.com\",\"brief\":"
			    "\"A long brief of an engine.\"}",
			i)));
	}
}

static void brief_with_faults(void)
{
	send("/api/book", "name=&email=ada&company=x&brief=");
	send("/api/book", "name=A%C2%80da&email=ada%40exam+ple.com&brief=Words+enough.");
	send("/api/book", form(1000));
	send("/api/book", form(0));
	send("/api/book", form(2 * DAYS_MS));
	send("/api/book", printed("%s&" REQUEST_TRAP "=x", form(5000)));
	with("HTTP_SEC_FETCH_SITE", "cross-site");
	send("/api/book", form(5000));
	say("\n");
	show(ask("POST", "/api/book", "text/plain", "words"));
}

static void brief_that_waits(void)
{
	use_more(SHORT "[fair]\nbriefs_per_client = 2\n");
	world.find_err = ERR_UNREACHABLE;
	with("REMOTE_ADDR", "192.0.2.7");
	send("/api/book", form(5000));
	world.find_err = ERR_NONE;
	world.people = "0\t1000\t0\t0\n";
	with("REMOTE_ADDR", "192.0.2.7");
	send("/api/book", form(5000));
	with("REMOTE_ADDR", "192.0.2.7");
	send("/api/book", form(5000));
	world.people = "0\t0\t0\t1\n";
	with("REMOTE_ADDR", "192.0.2.8");
	send("/api/book", form(5000));
	say_counts(app.upstream.counters);
}

/* Two of one form, and one of another, while the store is away: the courier takes them up. */
static void brief_that_is_corrected_in_the_spool(void)
{
	char own[TOKEN_TEXT], other[TOKEN_TEXT];
	const struct secret *key = app.conf->secrets.signing_key;

	token_make(key, clock_wall_ms() - 5000, own);
	token_make(key, clock_wall_ms() - 5000, other);
	world.find_err = ERR_UNREACHABLE;
	send("/api/book", printed("%s&token=%s", FIELDS, own));
	world.boot_ms += 1000;
	send("/api/book", printed("%s&token=%s", FIELDS, other));
	world.boot_ms += 1000;
	send("/api/book",
	    printed("name=Ada&email=ada%%40example.org&brief=A+long+brief+of+an+engine."
		    "&token=%s",
		own));
	world.find_err = ERR_NONE;
	traces_fields = false;
	for (int i = 0; i < 10; i++, world.boot_ms += 200)
		courier_round(&courier);
}

/* The same in the store: the one before is superseded, once the new one is there. */
static void brief_that_is_corrected(void)
{
	char own[TOKEN_TEXT];
	const char *corrected;
	struct lead *lead;

	token_make(app.conf->secrets.signing_key, clock_wall_ms() - 5000, own);
	corrected = printed(
	    "name=Ada&email=ada%%40example.org&company=Engines&brief=A+long+brief+of+an+engine."
	    "&budget=&timeframe=&token=%s",
	    own);
	send("/api/book", printed("%s&token=%s", FIELDS, own));
	add_lead(8, 0);
	add_lead(7, 0);
	lead = &world.leads[world.lead_count - 1];
	ck_assert(uuid_parse(strchr(reply.location, '=') + 1, &lead->booking));
	lead->brief = "A long brief of an engine.";
	world.finds_alike = true;
	send("/api/book", corrected);
	world.row_err = ERR_BUSY;
	send("/api/book", corrected);
}

/* ---- The times */

static void times(void)
{
	struct uuid booking = add_lead(7, 0), other = add_lead(8, 0);

	add_entry(other, ENTRY_BOOK, ten(2));
	look(of("/schedule", &booking, ""));
	look_json(of("/api/slots", &booking, ""));
	look(of("/schedule", &booking, "&tz=asia/kolkata&day=2026-12-02"));
	look_json(of("/api/slots", &booking, "&tz=Asia/Kolkata"));
	look(of("/schedule", &booking, "&tz=Mars/Base&lang=de"));
	look_json(of("/api/slots", &booking, "&tz=Mars/Base"));
	look(of("/schedule", &booking, "&tz=america/new_york"));
	with("CLIENT_TIMEZONE", "Europe/Madrid");
	look(of("/schedule", &booking, ""));
	lead_of(&booking)->timezone = "Etc/GMT-5";
	with("CLIENT_TIMEZONE", "Europe/Madrid");
	look(of("/schedule", &booking, "&day=2026-12-09"));
	look(of("/schedule", &(struct uuid){{1}}, ""));
	look("/schedule");
	look(of("/schedule", &other, ""));
	look(of("/schedule", &other, "&day=2026-12-03"));
	say_counts(app.upstream.counters);
}

/* A zone that is none any more, of the booking or of nginx's guess, is the business's. */
static void zones_that_are_none(void)
{
	struct uuid booking = add_lead(7, 0);

	lead_of(&booking)->timezone = "Mars/Base";
	with("CLIENT_TIMEZONE", "Europe/Madrid");
	look_json(of("/api/slots", &booking, ""));
	with("CLIENT_TIMEZONE", "Mars/Base");
	look_json(of("/api/slots", &booking, ""));
	look_json(of("/api/slots", &booking, "&tz="));
	look_json(of("/api/slots", &booking, "&tz=%3C%22Asia%2FKolkata%22%3E."));
	look(of("/schedule", &booking, "&tz=Mars%0A%E2%80%AEBase"));
	add_entry(booking, ENTRY_BOOK, ten(2));
	look(of("/booking", &booking, ""));
}

static void names_of_zones(void)
{
	static const char *names[] = {"America/New_York", "Asia/Kolkata", "Europe/Madrid"};
	struct uuid booking = add_lead(7, 0);
	struct zone_names kept = app.zones;
	char text[INSTANT_TEXT];

	app.zones = (struct zone_names){names, COUNT(names)};
	look(of("/schedule", &booking, "&zones=all"));
	send("/api/schedule", printed("bookingId=%s&slot=%s&tz=asia/kolkata", id_text(&booking),
				  instant_format_slot(ten(3), text)));
	send("/api/schedule",
	    printed("bookingId=%s&slot=%s&version=%" PRIu64 "&tz=Mars/Base", id_text(&booking),
		instant_format_slot(ten(2), text), version_of(&booking)));
	app.zones = kept;
}

/* New York and Madrid set their clocks within the window. */
static void changes_of_the_clock(void)
{
	struct uuid booking;

	world.boot_ms += 103 * DAYS_MS;
	booking = add_lead(7, 0);
	look(of("/schedule", &booking, ""));
	use_more(
	    "[hours]\ndays = Mon-Sun\nfirst_start = 00:30\nlast_start = 03:30\nslot_minutes = 90\n"
	    "window_days = 3\n");
	look(of("/schedule", &booking, ""));
	look(of("/schedule", &booking, "&tz=UTC"));
	/* The nearest ones say which of two clocks they mean. */
	send("/api/schedule",
	    printed("bookingId=%s&slot=2027-03-14T12:00Z&version=0", id_text(&booking)));
	click(&booking, ten(1), 0);
	look_json(of("/api/slots", &booking, ""));
	/* One time only. */
	use_more(
	    "[hours]\ndays = Mon-Sun\nfirst_start = 03:00\nlast_start = 03:00\nwindow_days = 2\n");
	look(of("/schedule", &booking, ""));
	/* The last time begins as the clock is set. */
	use_more(
	    "[hours]\ndays = Mon-Sun\nfirst_start = 03:00\nlast_start = 03:00\nwindow_days = 3\n");
	look(of("/schedule", &booking, ""));
}

static void long_window(void)
{
	struct uuid booking = add_lead(7, 0);

	use_more("[hours]\nfirst_start = 23:30\nlast_start = 23:30\nwindow_days = 36\n");
	look(of("/schedule", &booking, "&tz=Europe/Madrid&lang=de"));
	use_more("[hours]\nfirst_start = 23:30\nlast_start = 23:30\nwindow_days = 28\n");
	look(of("/schedule", &booking, ""));
	use_more("[hours]\nfirst_start = 23:30\nlast_start = 23:30\nwindow_days = 27\n");
	look(of("/schedule", &booking, ""));
}

/* The day of a time that has gone is shown, though the nearest one is on the next. */
static void day_that_is_chosen(void)
{
	struct uuid booking = add_lead(7, 0);
	const int64_t late = ten(2) + 13 * 3600; /* 23:00 on a Wednesday */
	char text[INSTANT_TEXT];

	use_more("[hours]\nWed = 21:00-23:30\nThu = 00:00-01:00\nwindow_days = 5\n");
	for (int i = -1; i < 3; i++)
		add_entry(add_lead(9 + i, 0), ENTRY_BOOK, late - i * 1800);
	send("/api/schedule", printed("bookingId=%s&slot=%s&version=0&tz=America/New_York",
				  id_text(&booking), instant_format_slot(late, text)));
}

/* Words of the owner's own. */
static void own_words(void)
{
	const char *tree = getenv("srcdir");
	struct uuid booking = add_lead(7, 0);
	char command[PATH_MAX + 1000];

	snprintf(command, sizeof(command),
	    "cp -R '%s/templates' '%s/own' && chmod -R u+w '%s/own' && sed -i 's/^role =$/role = Engineer/;"
	    " s/^place =$/place = 12 Mill Lane/; s/^phone =$/phone = By telephone/;"
	    " s/^intro =$/intro = Before you choose/; s/^welcome =$/welcome = Good day/'"
	    " '%s/own/en/messages.ini'",
	    tree ? tree : ".", folder, folder, folder);
	ck_assert_int_eq(system(command), 0);
	use_more(printed(SHORT "[site]\nperson = Ada\n[fair]\nverify = yes\n"));
	app_close(&app);
	courier_close(&courier);
	snprintf(command, sizeof(command),
	    "sed -i 's|^templates = .*|templates = %s/own|' '%s/test.conf'", folder, folder);
	ck_assert_int_eq(system(command), 0);
	snprintf(command, sizeof(command), "%s/test.conf", folder);
	ck_assert_int_eq(courier_open(command, &stopped, &courier, &failure), ERR_NONE);
	name_courier();
	ck_assert_int_eq(app_open(command, false, &stopped, &app, &failure), ERR_NONE);
	snprintf(command, sizeof(command), "rm -r '%s/own'", folder);
	ck_assert_int_eq(system(command), 0);
	look("/");
	look(of("/schedule", &booking, ""));
	click(&booking, ten(2), 0);
	courier_round(&courier);
}

static void nothing_is_open(void)
{
	struct uuid booking = add_lead(7, 0);

	world.busy = "{\"start\":\"2026-01-01T00:00:00Z\",\"end\":\"2027-12-31T00:00:00Z\"}";
	look(of("/schedule", &booking, ""));
	use_more(SHORT "[google]\noutage = closed\n");
	world.answers[OUTSIDE_GOOGLE].err = ERR_UNREACHABLE;
	world.boot_ms += HOUR_MS;
	look(of("/schedule", &booking, ""));
	click(&booking, ten(2), 0);
	look_json(of("/api/slots", &booking, ""));
	say_counts(app.upstream.counters);
}

static void packed_times(void)
{
	struct uuid booking = add_lead(7, 0), other = add_lead(8, 0);

	use_more(SHORT "starts = packed\nslot_minutes = 45\n");
	add_entry(other, ENTRY_BOOK, ten(2) - 2700);
	look_json(of("/api/slots", &booking, ""));
	click(&booking, ten(2) - 2700, 0);
	click(&booking, ten(2) - 900, 0);
	click(&booking, ten(3) + 7200, 0);
}

/* ---- Clicks */

static void clicks(void)
{
	struct uuid booking = add_lead(7, 0), other = add_lead(8, 0);

	click(&booking, ten(2), 0);
	look(of("/schedule", &booking, ""));
	look(of("/schedule", &booking, "&tz=Asia/Kolkata"));
	click(&booking, ten(2), 0);
	click(&booking, ten(2) + 1800, 0);
	click(&booking, ten(2) - 3600, version_of(&booking));
	click(&other, ten(2) - 3600, 0);
	with("HTTP_ACCEPT", "application/json");
	click(&other, ten(2) - 3600, 0);
	click(&other, ten(3) + 7200, 0);
	click(&other, ten(1) - 30 * 86400, 0);
	click(&(struct uuid){{1}}, ten(2), 0);
	send("/api/schedule", printed("bookingId=%s&slot=x", id_text(&booking)));
	send("/api/schedule",
	    printed("bookingId=%s&version=x&slot=2026-12-03T15:00Z", id_text(&booking)));
	say_counts(app.upstream.counters);
}

/* What passed within the day was open then. */
static void clicks_on_what_has_passed(void)
{
	struct uuid booking = add_lead(7, 0);

	world.boot_ms += DAYS_MS;
	click(&booking, ten(-1), 0);
	world.boot_ms += DAYS_MS * 6 / 10;
	click(&booking, ten(-1), 0);
	click(&booking, ten(0), 0);
	/* A day ago, to the second. */
	world.boot_ms += (ten(2) - clock_wall_s() - 1) * 1000;
	click(&booking, ten(-1), 0);
	world.boot_ms += 1000;
	click(&booking, ten(-1), 0);
}

/* A worker that began without its tables goes on once they are there, and ends when they are not
 * those that it knows. */
static void tables_of_another_version(void)
{
	struct uuid booking = add_lead(7, 0);

	world.schema_err = ERR_UNREACHABLE;
	use_more(SHORT);
	look(of("/schedule", &booking, ""));
	world.schema_err = ERR_NONE;
	look_json(of("/booking", &booking, ""));
	world.schema_err = ERR_SCHEMA;
	look_json(of("/booking", &booking, ""));
	say("stopped=%d\n", (int)stopped);
	world.schema_err = ERR_UNREACHABLE;
	use_more(SHORT);
	world.schema_err = ERR_SCHEMA;
	look(of("/schedule", &booking, ""));
	say("stopped=%d\n", (int)stopped);
	stopped = 0;
	world.schema_err = ERR_NONE;
}

static void clicks_that_fail(void)
{
	struct uuid booking = add_lead(7, 0);

	world.append_err = ERR_UNSURE;
	click(&booking, ten(2), 0);
	world.append_err = ERR_UNREACHABLE;
	click(&booking, ten(2), 0);
	world.append_err = ERR_LEDGER;
	click(&booking, ten(2), 0);
	world.append_err = ERR_NONE;
	world.row_err = ERR_BUSY;
	world.insert_status = 503;
	click(&booking, ten(2), 0);
	click(&booking, ten(3), version_of(&booking));
	with("REQUEST_MSEC", "1796000300.000");
	click(&booking, ten(3), version_of(&booking));
	/* It is cancelled, and its event stays for the courier. */
	world.answers[OUTSIDE_GOOGLE].err = ERR_UNREACHABLE;
	send("/api/cancel",
	    printed("bookingId=%s&version=%" PRIu64, id_text(&booking), version_of(&booking)));
	say_counts(app.upstream.counters);
}

static void limits(void)
{
	struct uuid first = add_lead(7, 0), second = add_lead(8, 0);

	use_more(SHORT "max_per_day = 1\n[fair]\nmax_changes = 2\ncalls_per_client = 1\n");
	with("REMOTE_ADDR", "192.0.2.7");
	click(&first, ten(2), 0);
	with("REMOTE_ADDR", "192.0.2.8");
	click(&second, ten(2) - 1800, 0);
	with("REMOTE_ADDR", "192.0.2.7");
	click(&second, ten(3), 0);
	click(&first, ten(3), version_of(&first));
	click(&first, ten(2), version_of(&first));
	use_more(SHORT "[fair]\ncalls_per_address = 0\n");
	click(&second, ten(3), 0);
	say_counts(app.upstream.counters);
}

/* ---- The booking */

static void cancel(const struct uuid *booking, uint64_t version)
{
	send("/api/cancel", printed("bookingId=%s&version=%" PRIu64, id_text(booking), version));
}

/* ---- Somebody else at the same moment */

static struct uuid raced, rival;

static void takes_it(void)
{
	world.before_append = NULL;
	add_entry(rival, ENTRY_BOOK, ten(2));
}

static void moves_before(void)
{
	world.before_append = NULL;
	add_entry(raced, ENTRY_BOOK, ten(1));
}

static void moves_after(void)
{
	world.after_append = NULL;
	add_entry(raced, ENTRY_BOOK, ten(1) - 1800);
}

static void cancels_before(void)
{
	world.before_append = NULL;
	add_entry(raced, ENTRY_CANCEL, 0);
}

static void erases_before(void)
{
	world.before_append = NULL;
	add_entry(raced, ENTRY_ERASE, 0);
}

static void clicks_at_the_same_moment(void)
{
	raced = add_lead(7, 0);
	rival = add_lead(8, 0);
	world.before_append = takes_it;
	click(&raced, ten(2), 0);
	click(&raced, ten(2) - 1800, 0);
	world.before_append = moves_before;
	click(&raced, ten(2) - 3600, version_of(&raced));
	world.after_append = moves_after;
	click(&raced, ten(2) - 3600, version_of(&raced));
	world.before_append = moves_before;
	cancel(&raced, version_of(&raced));
	world.before_append = cancels_before;
	cancel(&raced, version_of(&raced));
	add_entry(raced, ENTRY_BOOK, ten(1));
	world.append_err = ERR_UNSURE;
	click(&raced, ten(2) - 3600, version_of(&raced));
	world.append_err = ERR_REFUSED;
	cancel(&raced, version_of(&raced));
	world.append_err = ERR_NONE;
	world.before_append = erases_before;
	click(&raced, ten(2) - 3600, version_of(&raced));
	cancel(&raced, version_of(&raced));
}

static void booking_pages(void)
{
	struct uuid booking = add_lead(7, 0);

	look(of("/booking", &booking, ""));
	look(of("/booking.ics", &booking, ""));
	cancel(&booking, 0);
	click(&booking, ten(2), 0);
	look(of("/booking", &booking, "&lang=es"));
	look_json(of("/booking", &booking, ""));
	look(of("/booking.ics", &booking, ""));
	for (fate = MAIL_ARRIVED; fate < MAIL_FATES; fate++)
		look(of("/booking", &booking, ""));
	fate = MAIL_OPEN;
	fate_err = ERR_BUSY;
	look(of("/booking", &booking, ""));
	fate_err = ERR_NONE;
	cancel(&booking, version_of(&booking) - 1);
	send("/api/cancel", printed("bookingId=%s", id_text(&booking)));
	with("HTTP_SEC_FETCH_SITE", "cross-site");
	cancel(&booking, version_of(&booking));
	cancel(&booking, version_of(&booking));
	look(of("/booking", &booking, ""));
	look(of("/booking.ics", &booking, ""));
	say_counts(app.upstream.counters);
}

static void booking_that_is_near(void)
{
	struct uuid booking = add_lead(7, 0);

	use_more(SHORT "change_notice = 96h\n[site]\n"
		       "after_url = https://example.com/thanks/?from=call&on=us\n");
	click(&booking, ten(2), 0);
	look(of("/booking", &booking, ""));
	look(of("/schedule", &booking, ""));
	look_json(of("/api/slots", &booking, ""));
	cancel(&booking, version_of(&booking));
	world.boot_ms += 3 * DAYS_MS;
	look(of("/booking", &booking, ""));
	look(of("/schedule", &booking, ""));
	add_entry(booking, ENTRY_ERASE, 0);
	look(of("/booking", &booking, ""));
	cancel(&booking, version_of(&booking));
	click(&booking, ten(2), version_of(&booking));
}

/* Up to its start a call can be changed, and up to its end it is not over. */
static void booking_at_its_moments(void)
{
	struct uuid booking = add_lead(7, 0);
	const int64_t start = ten(2), moments[] = {start - 1, start, start + 1799, start + 1800};
	uint64_t version;

	click(&booking, start, 0);
	version = version_of(&booking);
	fate = MAIL_REFUSED;
	for (size_t i = 0; i < COUNT(moments); i++) {
		world.boot_ms = BOOT_MS + moments[i] * 1000 - START_MS;
		look(of("/booking", &booking, ""));
		send("/api/address", printed("bookingId=%s&version=%" PRIu64 "&email=ada",
					 id_text(&booking), version));
		if (i)
			cancel(&booking, version);
	}
	world.boot_ms = BOOT_MS + (start - 1) * 1000 - START_MS;
	/* It has the length that it was booked with. */
	use_more("[hours]\nslot_minutes = 45\n");
	look_json(of("/booking", &booking, ""));
	look(of("/booking.ics", &booking, ""));
	cancel(&booking, version);
	look(of("/booking", &booking, ""));
}

static void video_call(void)
{
	struct uuid booking = add_lead(7, 0);

	use_more(SHORT "[google]\nmeet = yes\n");
	click(&booking, ten(2), 0);
	look(of("/booking", &booking, ""));
	world.conference =
	    ",\"conferenceData\":{\"entryPoints\":[{\"entryPointType\":\"video\",\"uri\":"
	    "\"https://meet.google.com/abc-defg-hij\"}]}";
	click(&booking, ten(3), version_of(&booking));
	look(of("/booking", &booking, ""));
	look_json(of("/booking", &booking, ""));
}

/* The server's own words are judged elsewhere: here an event stands there, moves and goes. */
static void calls_on_a_caldav_server(void)
{
	struct uuid booking = add_lead(7, 0), other = add_lead(8, 0);

	put_file("dav-caldav-user", "avo");
	put_file("dav-caldav-password", "s3cret");
	use_more(SHORT "[calendar dav]\nkind = caldav\nurl = http://127.0.0.1:5/avo/cal/\n"
		       "writes = yes\n");
	click(&booking, ten(2), 0);
	click(&booking, ten(3), version_of(&booking));
	world.answers[OUTSIDE_DAV].err = ERR_UNREACHABLE;
	click(&other, ten(1), 0);
	world.answers[OUTSIDE_DAV].err = ERR_NONE;
	send("/api/cancel",
	    printed("bookingId=%s&version=%" PRIu64, id_text(&booking), version_of(&booking)));
	say("%zu events\n", world.dav_count);
}

static void correction(void)
{
	struct uuid booking = add_lead(7, 0);
	uint64_t version;

	click(&booking, ten(2), 0);
	version = version_of(&booking);
	fate = MAIL_REFUSED;
	world.people = "0\t2\t0\t0\n";
	send("/api/address", printed("bookingId=%s&version=%" PRIu64 "&email=grace%%40example.com",
				 id_text(&booking), version));
	world.people = "0\t1\t0\t0\n";
	send("/api/address", printed("bookingId=%s&version=%" PRIu64 "&email=ada%%40exam+ple.com",
				 id_text(&booking), version));
	send("/api/address", printed("bookingId=%s&version=%" PRIu64 "&email=grace%%40example.com",
				 id_text(&booking), version));
	send("/api/address", printed("bookingId=%s&version=%" PRIu64 "&email=grace%%40example.com",
				 id_text(&booking), version));
}

/* ---- Files of the owner's */

static void files(void)
{
	static const char *const bad[] = {"logo = FOLDER/logo.gif", "logo = FOLDER/none.png",
	    "photo = FOLDER/big.jpg", "photo = FOLDER/photo", "templates = FOLDER/none"};
	static char big[65 * 1024 + 1];
	const char *tree = getenv("srcdir");
	char path[600], line[PATH_MAX + 600], root[PATH_MAX];

	ck_assert_ptr_nonnull(realpath(tree ? tree : ".", root));
	memset(big, 'x', sizeof(big) - 1);
	put_file("logo.svg", "<svg/>");
	put_file("photo.jpeg", "a picture");
	put_file("photo.webp", "another");
	put_file("big.jpg", big);
	use_more(
	    printed(SHORT "[site]\nlogo = %s/logo.svg\nphoto = %s/photo.jpeg\n", folder, folder));
	look(app.assets.logo.path);
	look(app.assets.photo.path);
	look(app.assets.style.path);
	look("/static/logo-0123456789abcdef.svg");
	look("/static/style-0123456789abcdef.css");
	look("/static/brief-0123456789abcdef.html");
	look("/static/logo");
	look("/");
	use_more(printed(SHORT "[site]\nphoto = %s/photo.webp\naccent = #eeeeee\n", folder));
	look(app.assets.photo.path);
	look("/static/logo-0123456789abcdef.svg");
	say("\n");
	snprintf(path, sizeof(path), "%s/bad.conf", folder);
	for (size_t i = 0; i < COUNT(bad); i++) {
		const char *at = strstr(bad[i], "FOLDER");

		snprintf(line, sizeof(line),
		    "[site]\nbase_url = https://book.example.com\nname = Avo\n%s%s%s%.*s%s%s\n[resend]\nfrom =\n"
		    "[telegram]\nchat_id =\n",
		    *bad[i] == 't' ? "" : "templates = ", *bad[i] == 't' ? "" : root,
		    *bad[i] == 't' ? "" : "/templates\n", (int)(at - bad[i]), bad[i], folder,
		    at + strlen("FOLDER"));
		put_file("bad.conf", line);
		say("%s: %s\n", bad[i], app_test(path, &failure) ? failure.detail : "fine");
	}
}

/* Each language has all words and all templates, or the program does not start. */
static void templates_that_lack_some(void)
{
	static const char *const lacking[] = {
	    "sed -i '/^gone_text/d' FOLDER/own/en/messages.ini",
	    "sed -i '/^zone_next/d' FOLDER/own/he/messages.ini",
	    "sed -i '/^address_title/d' FOLDER/own/es/messages.ini",
	    "sed -i '/^month_12/d' FOLDER/own/de/messages.ini",
	    "sed -i '/^\\[language\\]/,/^\\[/{/^name/d}' FOLDER/own/de/messages.ini",
	    "rm FOLDER/own/en/booking.html",
	    "rm FOLDER/own/en/invite_summary.txt",
	    "rm FOLDER/own/de/schedule.html",
	};
	const char *tree = getenv("srcdir");
	char root[PATH_MAX], path[600];

	ck_assert_ptr_nonnull(realpath(tree ? tree : ".", root));
	snprintf(path, sizeof(path), "%s/own.conf", folder);
	put_file(
	    "own.conf", printed("[site]\nbase_url = https://book.example.com\nname = Avo\n"
				"templates = %s/own\n[resend]\nfrom =\n[telegram]\nchat_id =\n",
			    folder));
	for (size_t i = 0; i < COUNT(lacking); i++) {
		shell(printed("cp -R '%s/templates' FOLDER/own && chmod -R u+w FOLDER/own", root));
		shell(lacking[i]);
		say("%s: %s\n", lacking[i], app_test(path, &failure) ? failure.detail : "fine");
		shell("rm -r FOLDER/own");
	}
}

/* Zone data that are replaced are read anew; those that cannot be read are not used. */
static void zone_data(void)
{
	struct uuid booking = add_lead(7, 0);

	shell(
	    "mkdir -p FOLDER/z/America && cp /usr/share/zoneinfo/America/New_York FOLDER/z/America/ && "
	    "printf 'Z America/New_York\n' >FOLDER/z/tzdata.zi");
	use_more(printed(SHORT "[site]\nzoneinfo = %s/z\n", folder));
	say("as before\n");
	app_renew_zones(&app, arena);
	shell("printf 'Z America/New_York\nL America/New_York US/Eastern\n' >FOLDER/z/tzdata.zi");
	say("more names\n");
	app_renew_zones(&app, arena);
	app_renew_zones(&app, arena);
	look(of("/schedule", &booking, "&zones=all"));
	shell("printf x >FOLDER/z/America/New_York");
	say("damaged\n");
	app_renew_zones(&app, arena);
	app_renew_zones(&app, arena);
	look_json(of("/api/slots", &booking, ""));
	shell("cp /usr/share/zoneinfo/America/New_York FOLDER/z/America/");
	say("mended\n");
	app_renew_zones(&app, arena);
	shell("rm -r FOLDER/z");
	use_more(SHORT);
}

/* ---- For the operator */

/* What an owner's folder of templates lacked, and the packaged one lent. */
static const char *const *lent;

const char *__wrap_templates_borrowed(const struct templates *templates, size_t index);
const char *__wrap_templates_borrowed(const struct templates *templates, size_t index)
{
	(void)templates;
	return lent ? lent[index] : NULL;
}

static void templates_that_are_lent(void)
{
	static const char *const names[] = {"en/queued.html", "en/messages.ini: a", NULL};

	lent = names;
	use_more(SHORT);
	lent = names + 1;
	use_more(SHORT);
	lent = NULL;
	look("/");
}

/* The linker has this asked of the workers' pools. */
static bool are_up[POOLS];

bool __wrap_pool_is_up(const struct conf *conf, enum pool pool, int64_t deadline);
bool __wrap_pool_is_up(const struct conf *conf, enum pool pool, int64_t deadline)
{
	(void)conf;
	begin_line();
	say("ping %s within=%" PRId64 "\n", pool_name(pool), deadline - world.boot_ms);
	return are_up[pool];
}

/* One service that is not well is told, and so is one pool that does not answer. */
static void health(void)
{
	struct uuid booking = add_lead(7, 0);
	char path[600];

	app.is_ops = true;
	are_up[POOL_PAGES] = are_up[POOL_CLICKS] = true;
	look("/healthz");
	are_up[POOL_CLICKS] = false;
	look("/healthz");
	are_up[POOL_CLICKS] = true;
	are_up[POOL_PAGES] = false;
	look("/healthz");
	are_up[POOL_PAGES] = true;
	/* Tables that cannot be looked at, and a calendar that could not be asked. */
	world.schema_err = ERR_UNREACHABLE;
	use_more(SHORT);
	app.is_ops = true;
	look("/healthz");
	world.schema_err = ERR_NONE;
	use_more(SHORT);
	world.answers[OUTSIDE_GOOGLE].err = ERR_UNREACHABLE;
	look(of("/schedule", &booking, ""));
	app.is_ops = true;
	look("/healthz");
	app_close(&app);
	/* None is asked. */
	ck_assert_int_eq(unlink(path_of("google-refresh-token")), 0);
	snprintf(path, sizeof(path), "%s/test.conf", folder);
	ck_assert_int_eq(app_open(path, true, &stopped, &app, &failure), ERR_NONE);
	look("/healthz");
}

static void operations(void)
{
	struct uuid booking = add_lead(7, 0);

	app.is_ops = true;
	look("/healthz");
	look("/metrics");
	replace(PACKAGE_VERSION, "VERSION");
	world.boot_ms += 1000;
	world.answers[OUTSIDE_GOOGLE].err = ERR_UNREACHABLE;
	look(of("/schedule", &booking, ""));
	look("/");
	app.is_ops = false;
	look(of("/schedule", &booking, ""));
	look("/healthz");
	/* One that takes no time is not told of. */
	use_more(SHORT "[calendar main]\nwrites = yes\n[calendar spare]\ncalendar = x@example.com\n"
		       "blocks = no\n");
	app.is_ops = true;
	look("/metrics");
	replace(PACKAGE_VERSION, "VERSION");
}

static const struct {
	const char *name;
	void (*live)(void);
} stories[] = {
    {"pages-front", front},
    {"pages-brief-that-is-sent", brief_that_is_sent},
    {"pages-briefs-of-a-program", briefs_of_a_program},
    {"pages-brief-with-faults", brief_with_faults},
    {"pages-brief-that-waits", brief_that_waits},
    {"pages-brief-that-is-corrected", brief_that_is_corrected},
    {"pages-spooled-brief-that-is-corrected", brief_that_is_corrected_in_the_spool},
    {"pages-times", times},
    {"pages-names-of-zones", names_of_zones},
    {"pages-zones-that-are-none", zones_that_are_none},
    {"pages-changes-of-the-clock", changes_of_the_clock},
    {"pages-long-window", long_window},
    {"pages-day-that-is-chosen", day_that_is_chosen},
    {"pages-own-words", own_words},
    {"pages-nothing-is-open", nothing_is_open},
    {"pages-packed-times", packed_times},
    {"pages-clicks", clicks},
    {"pages-clicks-at-the-same-moment", clicks_at_the_same_moment},
    {"pages-clicks-on-what-has-passed", clicks_on_what_has_passed},
    {"pages-clicks-that-fail", clicks_that_fail},
    {"pages-tables-of-another-version", tables_of_another_version},
    {"pages-limits", limits},
    {"pages-booking", booking_pages},
    {"pages-booking-that-is-near", booking_that_is_near},
    {"pages-calls-on-a-caldav-server", calls_on_a_caldav_server},
    {"pages-booking-at-its-moments", booking_at_its_moments},
    {"pages-video-call", video_call},
    {"pages-correction", correction},
    {"pages-files", files},
    {"pages-operations", operations},
    {"pages-health", health},
    {"pages-templates-that-lack-some", templates_that_lack_some},
    {"pages-templates-that-are-lent", templates_that_are_lent},
    {"pages-zone-data", zone_data},
};

START_TEST(story)
{
	stories[_i].live();
	replace(app.assets.style.path, "STYLE");
	agreed_story(stories[_i].name);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("page_traces");
	TCase *all = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	use_built_reader();
	tcase_add_checked_fixture(all, start, finish);
	tcase_add_loop_test(all, story, 0, (int)COUNT(stories));
	suite_add_tcase(suite, all);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: MIT */
/* check.c: asks every part whether it is well, and says what to do */
#include "base/clock.h"
#include "core/address.h"
#include "core/civil.h"
#include "ctl/check_programs.h"
#include "ctl/edit.h"
#include "ctl/explain.h"
#include "ctl/print.h"
#include "store/caldav_busy.h"
#include "store/calendar_cache.h"
#include "store/odd_rows.h"
#include "store/server_trial.h"
#include "net/resend.h"
#include "store/schema.h"
#include "net/telegram.h"
#include "store/zone_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ORDER_MS 2000

static void check_zone(struct checking *checking)
{
	struct ctl *ctl = checking->ctl;
	struct fail fail;
	struct zone *zone;

	if (zone_file_load_own(ctl->conf, ctl->arena, &zone, &fail)) {
		finding_fault(checking, "zone data", &fail,
		    "install tzdata, and give [hours] timezone an IANA name");
		return;
	}
	finding_well(checking, "zone data",
	    arena_printf(ctl->arena, "%s, where it is %s", zone_name(zone),
		print_moment(ctl->arena, zone, clock_wall_s())));
	ctl->zone = zone;
}

/* Its last day passes without a word, and those of the next year are then open. */
static void check_holidays(struct checking *checking)
{
	struct ctl *ctl = checking->ctl;
	const struct hours *hours = &ctl->hours;
	int64_t today;

	if (!ctl->conf->dates.holidays[0] || !ctl->zone)
		return;
	today = slots_date(ctl->zone, clock_wall_s());
	for (size_t i = 0; i < hours->special_count; i++)
		if (hours->special[i].is_holiday && hours->special[i].last >= today)
			return;
	finding_say(checking, "note", "holidays",
	    arena_printf(ctl->arena, "%s closes no day from today on", ctl->conf->dates.holidays),
	    "fetch the next ones");
}

/* Calls that stand keep their times, whatever the rules become; who sees them ought to know. */
static void check_calls(struct checking *checking)
{
	struct ctl *ctl = checking->ctl;
	const struct look nothing = {.imported = NULL};
	struct offer offer =
	    look_offer(&ctl->upstream, &nothing, &ctl->hours, ctl->zone, clock_wall_s());
	struct ledger_booking booking;
	char id[UUID_TEXT];

	for (size_t at = 0; look_next_live(&ctl->upstream, &at, &booking);) {
		struct why why;

		if (booking.is_block || booking.call.start <= offer.now)
			continue;
		offer.booking = booking.id;
		why = why_standing(&offer, booking.call);
		if (why.reason)
			finding_say(checking, "note", "hours",
			    arena_printf(ctl->arena,
				"booking %s at %s would not be offered now: %s",
				uuid_format(&booking.id, id),
				print_moment(ctl->arena, ctl->zone, booking.call.start),
				explain(ctl, &why)),
			    NULL);
	}
}

static const char *clickhouse_advice(enum err err)
{
	switch (err) {
	case ERR_AUTH:
		return "give the user its password in the credential clickhouse-password, and its "
		       "grants";
	case ERR_UNREACHABLE:
		return "see that the server runs and that [clickhouse] url is right";
	case ERR_UNSURE:
		return "see the server's log, and that [clickhouse] url is right";
	case ERR_SCHEMA:
		return "the programs refuse to start until it fits";
	case ERR_LEDGER:
		return "the ledger cannot be trusted until this is settled";
	default:
		return "see the server's log";
	}
}

static void check_order(struct checking *checking)
{
	struct ctl *ctl = checking->ctl;
	struct server_trial_result result;
	struct fail fail;
	enum err err =
	    server_trial_try(ctl->upstream.clickhouse, ctl->arena, ORDER_MS, &result, &fail);

	if (err == ERR_AUTH)
		finding_off(checking, "order", "not tried: this user may not make a scratch table");
	else if (err)
		finding_fault(checking, "order", &fail, clickhouse_advice(err));
	else
		finding_well(checking, "order",
		    arena_printf(ctl->arena, "%u appends and %u reads at once kept it",
			result.appended, result.reads));
}

static void check_tables(struct checking *checking)
{
	struct ctl *ctl = checking->ctl;
	struct fail fail;
	enum err err = server_trial_whole(ctl->upstream.clickhouse, ctl->arena, &fail);

	if (err == ERR_AUTH)
		finding_off(checking, "tables", "not compared: this user may not read every table");
	else if (err)
		finding_fault(checking, "tables", &fail,
		    err == ERR_GARBLED ? "give the user a profile and policies without limits"
				       : clickhouse_advice(err));
	else
		finding_well(checking, "tables", "every row of the tables is given");
}

static void say_odd(
    struct checking *checking, const char *table, const struct odd_rows *rows, const char *what)
{
	char id[UUID_TEXT];
	struct fail fail;

	if (!rows->count)
		return;
	fail_set(&fail, ERR_LEDGER, "check", "%" PRIu64 " of %s %s; one is of booking %s",
	    rows->count, table, what, uuid_format(&rows->one, id));
	finding_fault(checking, "rows", &fail, "slotguard-operations(7) says who wrote them");
}

/* A row's version is one that the ledger gave. Above it stands what was written by hand, and what
 * a RESTORE brought back of a ledger that went on. */
static void say_above(struct checking *checking, const struct odd_rows *rows, uint64_t newest)
{
	char id[UUID_TEXT];
	struct fail fail;

	if (!rows->count) {
		finding_well(checking, "rows", "none is newer than the ledger");
		return;
	}
	fail_set(&fail, ERR_LEDGER, "check",
	    "%" PRIu64 " of consulting_bookings have a version above the ledger's, which is "
	    "%" PRIu64 "; the first is of booking %s",
	    rows->count, newest, uuid_format(&rows->one, id));
	finding_fault(checking, "rows", &fail,
	    "`ledger rebuild` after a RESTORE; else slotguard-operations(7) says who wrote them");
}

static void say_malformed(struct checking *checking)
{
	uint64_t malformed = look_malformed(&checking->ctl->upstream);

	if (malformed)
		finding_say(checking, "note", "ledger",
		    arena_printf(checking->ctl->arena,
			"%" PRIu64 " entries are malformed: no program writes one", malformed),
		    "they change nothing; slotguard-operations(7) says who wrote them");
}

/* What stands in the tables and was never written by a program: it stops nobody, and says that
 * somebody has a password. */
static void check_odd(struct checking *checking)
{
	struct ctl *ctl = checking->ctl;
	struct odd odd;
	struct look_ledger ledger;
	int tries = 3;
	char id[UUID_TEXT];
	enum err err;
	struct fail fail;

	/* Between the two questions somebody may have booked. */
	do {
		if (!(err = look_at_ledger(&ctl->upstream, ctl->arena, &ledger, &fail)))
			err = odd_rows_ask(
			    ctl->upstream.clickhouse, ctl->arena, ledger.newest, &odd, &fail);
	} while (!err && odd.above.count && --tries);
	if (err) {
		finding_fault(checking, "rows", &fail, clickhouse_advice(err));
		return;
	}
	say_above(checking, &odd.above, ledger.newest);
	say_malformed(checking);
	say_odd(checking, "consulting_bookings", &odd.bookings,
	    "have a time or a text that no program writes");
	say_odd(checking, "deliveries", &odd.deliveries,
	    "have a time or a text that no program writes");
	if (odd.ledger.count)
		finding_say(checking, "note", "rows",
		    arena_printf(ctl->arena,
			"%" PRIu64
			" of ledger have a time or a text that no program writes; one is of "
			"booking %s",
			odd.ledger.count, uuid_format(&odd.ledger.one, id)),
		    "slotguard-operations(7) says who wrote them");
	if (odd.unknown.count)
		finding_say(checking, "note", "rows",
		    arena_printf(ctl->arena,
			"%" PRIu64 " booked rows to come are of bookings that the ledger does not "
			"know, and keep their time from being offered; one is %s",
			odd.unknown.count, uuid_format(&odd.unknown.one, id)),
		    "well, if you imported them; else slotguard-operations(7) says who wrote them");
}

static void check_ledger(struct checking *checking)
{
	struct ctl *ctl = checking->ctl;
	struct look_ledger ledger;
	struct fail fail;
	enum err err;

	if (!ctl_option(ctl, "quick"))
		look_judge_all(&ctl->upstream);
	err = look_at_ledger(&ctl->upstream, ctl->arena, &ledger, &fail);
	if (err)
		finding_fault(checking, "ledger", &fail, clickhouse_advice(err));
	else
		finding_well(checking, "ledger",
		    arena_printf(
			ctl->arena, "%" PRIu64 " entries replay without a fault", ledger.entries));
	if (err)
		return;
	check_odd(checking);
	if (ctl->zone)
		check_calls(checking);
}

static void check_clickhouse(struct checking *checking)
{
	struct ctl *ctl = checking->ctl;
	struct fail fail;
	char *version;
	enum err err = server_trial_version(ctl->upstream.clickhouse, ctl->arena, &version, &fail);

	if (err) {
		finding_fault(checking, "ClickHouse", &fail, clickhouse_advice(err));
		return;
	}
	finding_well(checking, "ClickHouse",
	    arena_printf(ctl->arena, "version %s at %s", version, ctl->conf->clickhouse.url));
	if (!server_trial_is_tried(version))
		finding_say(checking, "note", "ClickHouse",
		    "older than " TRIED_OLDEST ", the oldest version that slotguard's tests have "
		    "run on; before 26.8 the cache of query conditions can give wrong rows, and is "
		    "not used",
		    ctl_option(ctl, "quick")
			? "without --quick it is tried whether this server keeps the order of "
			  "appends"
			: "below is whether this server keeps the order of appends");
	if ((err = schema_check(ctl->upstream.clickhouse, ctl->arena, &fail))) {
		finding_fault(checking, "schema", &fail, clickhouse_advice(err));
		return;
	}
	finding_well(checking, "schema", arena_printf(ctl->arena, "version %d", SCHEMA_VERSION));
	if (!ctl_option(ctl, "quick"))
		check_order(checking);
	check_tables(checking);
	check_ledger(checking);
}

/* What its outage means for prospects. */
static const char *meanwhile(const struct conf_calendar *calendar)
{
	if (!calendar->blocks)
		return "prospects book as ever; events are written once it answers";
	return calendar->outage_open
		   ? "prospects can still book within the hours; what collides is told once it answers"
		   : "nobody can book until it answers: outage = closed";
}

static const char *google_advice(enum err err, const struct conf_calendar *calendar)
{
	switch (err) {
	case ERR_GRANT:
		return "the refresh token is dead: `slotguardctl google login` gets a new one";
	case ERR_AUTH:
		return "see google-client-id and google-client-secret, and with `slotguardctl "
		       "google status` which scopes the calendar's owner granted";
	case ERR_REFUSED:
	case ERR_NOT_FOUND:
		return "see the calendar's id, and with `slotguardctl google status` which scopes "
		       "its owner granted";
	default:
		return meanwhile(calendar);
	}
}

/* "Google", or "calendar work". */
static const char *part_of(struct ctl *ctl, const struct conf_calendar *calendar)
{
	return *calendar->name ? arena_printf(ctl->arena, "calendar %s", calendar->name) : "Google";
}

/* "; the last good answer is 12 s old", or nothing: pages have not asked yet. */
static const char *last_answer(struct ctl *ctl, const struct conf_calendar *calendar)
{
	struct calendar_place place = calendar_place(ctl->conf, calendar, ctl->arena);
	struct calendar_cache answer;

	if (!calendar_cache_load(&place, ctl->arena, &answer))
		return "";
	return arena_printf(ctl->arena, "; the last good answer is %" PRId64 " s old",
	    (clock_boot_ms() - answer.asked_ms) / 1000);
}

static void check_google(
    struct checking *checking, const struct conf_calendar *calendar, struct google *google)
{
	struct ctl *ctl = checking->ctl;
	const struct busy_question question = {.ids = {calendar->calendar},
	    .count = 1,
	    .window = {clock_wall_s(), clock_wall_s() + DAY_S},
	    .deadline = clock_boot_ms() + ASK_MS};
	struct busy_list busy;
	struct fail fail;
	enum err err = calendar_busy(google, ctl->arena, &question, &busy, &fail);

	if (err)
		finding_judged(
		    checking, part_of(ctl, calendar), &fail, google_advice(err, calendar));
	else
		finding_well(checking, part_of(ctl, calendar),
		    arena_printf(ctl->arena,
			"a token, and free/busy of %s: %zu busy in the next day%s",
			calendar->calendar, busy.count, last_answer(ctl, calendar)));
}

static const char *caldav_advice(
    struct ctl *ctl, enum err err, const struct conf_calendar *calendar)
{
	switch (err) {
	case ERR_AUTH:
		return "see NAME-caldav-user and NAME-caldav-password: most providers want a "
		       "password made for such a program";
	case ERR_GARBLED:
	case ERR_TOO_LARGE:
	case ERR_BUSY:
		return arena_printf(ctl->arena, "see its url; %s", meanwhile(calendar));
	default:
		return meanwhile(calendar);
	}
}

static void check_caldav(
    struct checking *checking, const struct conf_calendar *calendar, struct caldav *caldav)
{
	struct ctl *ctl = checking->ctl;
	const int64_t now = clock_wall_s();
	const struct caldav_wish wish = {
	    .question = {{now, now + DAY_S}, ctl->conf->hours.timezone},
	    .deadline = clock_boot_ms() + ASK_MS};
	struct busy_list busy;
	struct fail fail;
	enum err err = caldav_busy(caldav, ctl->arena, &wish, &busy, &fail);

	if (!err && calendar->writes && caldav_is_read_only(caldav))
		err = fail_set(&fail, ERR_AUTH, "check",
		    "the user may read the calendar, and calls cannot be written to it");
	if (err)
		finding_judged(
		    checking, part_of(ctl, calendar), &fail, caldav_advice(ctl, err, calendar));
	else
		finding_well(checking, part_of(ctl, calendar),
		    arena_printf(ctl->arena, "%s: %zu busy in the next day%s", calendar->url,
			busy.count, last_answer(ctl, calendar)));
}

/* The courier fetches it: what came of that is told, and it is not fetched once more. */
static void check_feed(struct checking *checking, const struct conf_calendar *calendar)
{
	struct ctl *ctl = checking->ctl;
	struct calendar_place place = calendar_place(ctl->conf, calendar, ctl->arena);
	const char *age = last_answer(ctl, calendar);
	struct fail fail;

	if (*age && !outage_load(&place, ctl->arena).since_ms) {
		finding_well(checking, part_of(ctl, calendar), age + strlen("; "));
		return;
	}
	if (!*age && !outage_load(&place, ctl->arena).since_ms) {
		finding_say(checking, "note", part_of(ctl, calendar),
		    "it was not fetched yet: the courier does that, once it runs", NULL);
		return;
	}
	fail_set(&fail, ERR_BUSY, "check", "the courier cannot fetch it%s", age);
	finding_fault(checking, part_of(ctl, calendar), &fail,
	    arena_printf(ctl->arena, "see the courier's log, which says why, and the address; %s",
		meanwhile(calendar)));
}

static void say_off(struct checking *checking, const struct conf_calendar *calendar)
{
	struct fail fail;

	if (*calendar->name) {
		fail_set(&fail, ERR_CONFIG, "check", "its credentials are not here");
		finding_fault(checking, part_of(checking->ctl, calendar), &fail,
		    "put them into the folder of the credentials, or run it as root");
	} else if (edit_lacks_calendar(checking->ctl)) {
		fail_set(&fail, ERR_CONFIG, "check", EDIT_LACKS_CALENDAR);
		finding_fault(checking, "Google", &fail,
		    "put them into the folder of the credentials, or run it as root");
	} else {
		finding_off(checking, "Google",
		    "google-client-id, google-client-secret and google-refresh-token "
		    "are not all there");
	}
}

static void check_calendars(struct checking *checking)
{
	const struct upstream *upstream = &checking->ctl->upstream;
	const struct conf *conf = checking->ctl->conf;

	for (size_t i = 0; i < conf->calendars.count; i++) {
		const struct conf_calendar *calendar = &conf->calendars.list[i];

		if (!conf_calendar_is_on(calendar))
			say_off(checking, calendar);
		else if (upstream->accounts[i])
			check_google(checking, calendar, upstream->accounts[i]);
		else if (upstream->caldavs[i])
			check_caldav(checking, calendar, upstream->caldavs[i]);
		else
			check_feed(checking, calendar);
	}
}

static void check_api(struct checking *checking)
{
	const struct conf *conf = checking->ctl->conf;
	size_t keys = credentials_count_api_keys(&conf->secrets);

	if (!conf->site.api_wants_key && !keys)
		finding_off(checking, "API keys", "programs send JSON without one");
	else
		finding_well(checking, "API keys",
		    arena_printf(checking->ctl->arena, "%zu, and JSON %s", keys,
			conf->site.api_wants_key ? "needs one" : "is taken without one, too"));
}

static void check_sender(struct checking *checking)
{
	struct ctl *ctl = checking->ctl;
	struct fail fail;
	enum err err = resend_check_sender(
	    ctl->conf, ctl->upstream.http, ctl->arena, clock_boot_ms() + ASK_MS, &fail);

	if (err == ERR_AUTH)
		finding_say(checking, "note", "sender",
		    "the key may send and not tell whether the domain of [resend] from is verified",
		    "`slotguardctl check --mail ADDRESS` tries it");
	else if (err)
		finding_judged(checking, "sender", &fail,
		    "Resend refuses mails of a domain that is not verified there (SPF, DKIM)");
	else
		finding_well(checking, "sender",
		    arena_printf(ctl->arena, "%s: its domain is verified", ctl->conf->resend.from));
}

/* A real one, to whom the operator names. */
static void send_mail(struct checking *checking, const char *address)
{
	struct ctl *ctl = checking->ctl;
	const struct mail mail = {
	    .to = address,
	    .subject = "slotguard can send mails",
	    .text = arena_printf(ctl->arena,
		"This mail was asked for by `slotguardctl check --mail`.\n\nIt came from %s, for "
		"%s.\n",
		ctl->conf->resend.from, ctl->conf->site.base_url),
	};
	const char *body = resend_body(ctl->conf, ctl->arena, &mail);
	struct receipt receipt;

	if (!body)
		return;
	receipt = resend_send(
	    ctl->conf, ctl->upstream.http, ctl->arena, NULL, body, clock_boot_ms() + ASK_MS);
	if (receipt.kind == RECEIPT_DELIVERED)
		finding_well(checking, "mail",
		    arena_printf(
			ctl->arena, "Resend took one to %s: see that it arrives", address));
	else
		finding_judged(
		    checking, "mail", &receipt.fail, "see resend-api-key and [resend] from");
}

static void check_resend(struct checking *checking)
{
	struct ctl *ctl = checking->ctl;
	struct fail fail;

	if (!conf_has_resend(ctl->conf)) {
		finding_off(checking, "Resend",
		    "resend-api-key or [resend] from is not there: prospects get no mail");
		return;
	}
	if (resend_check(
		ctl->conf, ctl->upstream.http, ctl->arena, clock_boot_ms() + ASK_MS, &fail)) {
		finding_judged(checking, "Resend", &fail, "see resend-api-key");
		return;
	}
	finding_well(checking, "Resend", "the key is accepted");
	/* A mail shows both, and Resend takes two requests a second. */
	if (ctl_option(ctl, "mail"))
		send_mail(checking, ctl_option(ctl, "mail"));
	else
		check_sender(checking);
}

static void check_telegram(struct checking *checking)
{
	struct ctl *ctl = checking->ctl;
	struct fail fail;

	if (!conf_has_telegram(ctl->conf)) {
		finding_off(checking, "Telegram",
		    "telegram-bot-token or [telegram] chat_id is not there: nobody is alerted");
		return;
	}
	if (telegram_check(
		ctl->conf, ctl->upstream.http, ctl->arena, clock_boot_ms() + ASK_MS, &fail))
		finding_judged(
		    checking, "Telegram", &fail, "see telegram-bot-token and [telegram] chat_id");
	else
		finding_well(checking, "Telegram", "the bot sees the chat");
}

static int run(struct ctl *ctl)
{
	struct checking checking = {.ctl = ctl, .list = ctl->is_json ? json_new_list() : NULL};
	const char *mail = ctl_option(ctl, "mail"), *address, *ignored;
	struct counters *counters;

	if (mail && address_read(ctl->arena, mail, &address, &ignored))
		return ctl_say(CTL_USAGE, "--mail: %s is no e-mail address", mail);
	counters = counters_look(ctl->conf->site.runtime_dir);
	http_read_clocks(ctl->upstream.http, counters_clocks(counters));

	/* A configuration or a secret that is wrong has been said by then. */
	finding_well(&checking, "configuration", ctl->conf_path);
	check_api(&checking);
	check_zone(&checking);
	check_holidays(&checking);
	check_clickhouse(&checking);
	check_calendars(&checking);
	check_resend(&checking);
	check_telegram(&checking);
	if (!ctl_option(ctl, "no-programs"))
		check_programs(&checking, counters);
	check_clocks(&checking, counters);
	check_clients(&checking, counters);
	http_read_clocks(ctl->upstream.http, NULL);
	counters_close(counters);
	if (ctl->is_json)
		print_json(ctl->arena, checking.list);
	return checking.faults ? CTL_FAULT : CTL_DONE;
}

const struct ctl_command ctl_check = {
    .name = "check",
    .help = "ask every part whether it is well, and say what to do",
    .run = run,
    .options =
	{
	    {"quick", NULL,
		"for a timer: the order of rows is not tried, and a kept replay is gone on from"},
	    {"mail", "ADDRESS", "send one real mail there"},
	    {"no-programs", NULL, "before they run: neither they nor the site are asked"},
	},
};

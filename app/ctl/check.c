/* SPDX-License-Identifier: MIT */
/* check.c: asks every part whether it is well, and says what to do */
#include "base/clock.h"
#include "core/civil.h"
#include "ctl/edit.h"
#include "ctl/explain.h"
#include "ctl/print.h"
#include "net/calendar.h"
#include "net/fastcgi.h"
#include "store/server_trial.h"
#include "net/resend.h"
#include "store/schema.h"
#include "store/spool.h"
#include "net/telegram.h"
#include "store/zone_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <limits.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct checking {
	struct ctl *ctl;
	struct json_object *list; /* with --json, what was found */
	unsigned faults;
};

#define ORDER_MS 2000
#define ASK_MS 8000

static void say(struct checking *checking, const char *state, const char *part, const char *what,
    const char *advice)
{
	struct json_object *found;

	if (!checking->list) {
		printf("%-5s %-12s %s%s%s\n", state, part, what, advice ? "; " : "",
		    advice ? advice : "");
		return;
	}
	found = json_new();
	json_add_text(found, "part", part);
	json_add_text(found, "state", state);
	json_add_text(found, "detail", what);
	json_add_text(found, "advice", advice);
	json_add(checking->list, NULL, found);
}

static void say_well(struct checking *checking, const char *part, const char *what)
{
	say(checking, "ok", part, what, NULL);
}

static void say_off(struct checking *checking, const char *part, const char *what)
{
	say(checking, "off", part, what, NULL);
}

static void say_fault(
    struct checking *checking, const char *part, const struct fail *fail, const char *advice)
{
	say(checking, "FAULT", part, fail->detail, advice);
	checking->faults++;
}

static void check_zone(struct checking *checking)
{
	struct ctl *ctl = checking->ctl;
	struct fail fail;
	struct zone *zone;

	if (zone_file_load(
		ctl->conf->site.zoneinfo, ctl->conf->hours.timezone, ctl->arena, &zone, &fail)) {
		say_fault(checking, "zone data", &fail,
		    "install tzdata, and give [hours] timezone an IANA name");
		return;
	}
	say_well(checking, "zone data", zone_name(zone));
	ctl->zone = zone;
}

/* Calls that stand keep their times, whatever the hours become; who sees them ought to know. */
static void check_calls(struct checking *checking)
{
	struct ctl *ctl = checking->ctl;
	struct ledger_booking booking;
	char id[UUID_TEXT];

	for (size_t i = 0; ledger_at(journal_state(ctl->upstream.journal), i, &booking); i++) {
		struct why why;

		if (!booking.is_live || booking.is_block || booking.call.start <= clock_wall_s() ||
		    strcmp(booking.owner, ctl->conf->site.host) != 0)
			continue;
		why = why_hours(&ctl->hours, ctl->zone, booking.call.start);
		if (why.reason)
			say(checking, "note", "hours",
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
		say_off(checking, "order", "not tried: this user may not make a scratch table");
	else if (err)
		say_fault(checking, "order", &fail, clickhouse_advice(err));
	else
		say_well(checking, "order",
		    arena_printf(ctl->arena, "%u appends and %u reads at once kept it",
			result.appended, result.reads));
}

static void check_ledger(struct checking *checking)
{
	struct ctl *ctl = checking->ctl;
	struct fail fail;
	enum err err;

	/* Every entry is judged here, whatever an earlier program kept of them. */
	if (!ctl_option(ctl, "quick"))
		journal_keep(ctl->upstream.journal, NULL);
	err = journal_refresh(ctl->upstream.journal, ctl->arena, &fail);
	if (err)
		say_fault(checking, "ledger", &fail, clickhouse_advice(err));
	else
		say_well(checking, "ledger",
		    arena_printf(ctl->arena, "%" PRIu64 " entries replay without a fault",
			ledger_mark(journal_state(ctl->upstream.journal)).count));
	if (!err && ctl->zone)
		check_calls(checking);
}

static void check_clickhouse(struct checking *checking)
{
	struct ctl *ctl = checking->ctl;
	struct fail fail;
	char *version;
	enum err err = server_trial_version(ctl->upstream.clickhouse, ctl->arena, &version, &fail);

	if (err) {
		say_fault(checking, "ClickHouse", &fail, clickhouse_advice(err));
		return;
	}
	say_well(checking, "ClickHouse",
	    arena_printf(ctl->arena, "version %s at %s", version, ctl->conf->clickhouse.url));
	if (!server_trial_is_tried(version))
		say(checking, "note", "ClickHouse",
		    "older than " TRIED_OLDEST ", the oldest version that slotguard's tests have "
		    "run on: below is whether this "
		    "server keeps the order of appends; before 26.8 the cache of query conditions "
		    "can "
		    "give wrong rows, and is not used",
		    NULL);
	if ((err = schema_check(ctl->upstream.clickhouse, ctl->arena, &fail))) {
		say_fault(checking, "schema", &fail, clickhouse_advice(err));
		return;
	}
	say_well(checking, "schema", arena_printf(ctl->arena, "version %d", SCHEMA_VERSION));
	if (!ctl_option(ctl, "quick"))
		check_order(checking);
	check_ledger(checking);
}

static const char *google_advice(enum err err)
{
	switch (err) {
	case ERR_GRANT:
		return "the refresh token is dead: get a new one, as README says, into "
		       "google-refresh-token";
	case ERR_AUTH:
		return "see google-client-id and google-client-secret, and that the calendar's "
		       "owner "
		       "gave the scopes that README names";
	case ERR_REFUSED:
	case ERR_NOT_FOUND:
		return "see [google] calendar, and that its owner gave the scopes that README "
		       "names";
	default:
		return "prospects can still book; [google] outage says how";
	}
}

static void check_google(struct checking *checking)
{
	struct ctl *ctl = checking->ctl;
	struct interval window = {clock_wall_s(), clock_wall_s() + DAY_S};
	struct busy_list busy;
	struct http_reply reply;
	struct fail fail;
	enum err err;

	if (!ctl->upstream.google) {
		if (edit_lacks_calendar(ctl)) {
			fail_set(&fail, ERR_CONFIG, "check", EDIT_LACKS_CALENDAR);
			say_fault(checking, "Google", &fail,
			    "put them into the folder of the credentials, or run it as root");
			return;
		}
		say_off(checking, "Google",
		    "google-client-id, google-client-secret and google-refresh-token "
		    "are not all there");
		return;
	}
	calendar_busy_start(
	    ctl->upstream.google, ctl->arena, window, clock_boot_ms() + ASK_MS, http_keep, &reply);
	http_run(ctl->upstream.http);
	err = calendar_parse_busy(ctl->arena, &reply, ctl->conf->google.calendar, &busy, &fail);
	if (err)
		say_fault(checking, "Google", &fail, google_advice(err));
	else
		say_well(checking, "Google",
		    arena_printf(ctl->arena,
			"a token, and free/busy of %s: %zu busy in the next day",
			ctl->conf->google.calendar, busy.count));
}

static void check_api(struct checking *checking)
{
	const struct conf *conf = checking->ctl->conf;
	size_t keys = credentials_count_api_keys(&conf->secrets);

	if (!conf->site.api_wants_key && !keys)
		say_off(checking, "API keys", "programs send JSON without one");
	else
		say_well(checking, "API keys",
		    arena_printf(checking->ctl->arena, "%zu, and JSON %s", keys,
			conf->site.api_wants_key ? "needs one" : "is taken without one, too"));
}

static void check_resend(struct checking *checking)
{
	struct ctl *ctl = checking->ctl;
	struct fail fail;
	enum err err;

	if (!conf_has_resend(ctl->conf)) {
		say_off(checking, "Resend",
		    "resend-api-key or [resend] from is not there: prospects get no mail");
		return;
	}
	err = resend_check(
	    ctl->conf, ctl->upstream.http, ctl->arena, clock_boot_ms() + ASK_MS, &fail);
	if (err == ERR_BUSY)
		say_well(checking, "Resend", "it is busy, and was not asked again");
	else if (err)
		say_fault(checking, "Resend", &fail, "see resend-api-key");
	else
		say_well(checking, "Resend", "the key is accepted");
}

static void check_telegram(struct checking *checking)
{
	struct ctl *ctl = checking->ctl;
	struct fail fail;

	if (!conf_has_telegram(ctl->conf)) {
		say_off(checking, "Telegram",
		    "telegram-bot-token or [telegram] chat_id is not there: nobody is alerted");
		return;
	}
	if (telegram_check(
		ctl->conf, ctl->upstream.http, ctl->arena, clock_boot_ms() + ASK_MS, &fail))
		say_fault(
		    checking, "Telegram", &fail, "see telegram-bot-token and [telegram] chat_id");
	else
		say_well(checking, "Telegram", "the bot sees the chat");
}

#define POOL_MS 4000
#define ROUND_S 120   /* a courier that has not looked for so long does not run */
#define WAITING_S 900 /* something due that long is not late by chance */

static void check_pool(struct checking *checking, const char *part, const char *socket)
{
	struct ctl *ctl = checking->ctl;
	char path[PATH_MAX];
	struct fail fail;

	snprintf(path, sizeof(path), "%s/%s", ctl->conf->site.runtime_dir, socket);
	if (fastcgi_ping(path, clock_boot_ms() + POOL_MS, &fail))
		say_fault(checking, part, &fail,
		    "`systemctl start slotguard.target`, and `journalctl -u 'slotguard*'` says why "
		    "it stopped");
	else
		say_well(checking, part, "a worker answers");
}

/* What the workers say of themselves, who may have found more than a new connection shows. */
static void check_health(struct checking *checking)
{
	struct ctl *ctl = checking->ctl;
	int status = 0;
	char path[PATH_MAX];
	struct fail fail;

	snprintf(path, sizeof(path), "%s/ops.sock", ctl->conf->site.runtime_dir);
	if (!fastcgi_get(path, "/healthz", clock_boot_ms() + ASK_MS, &status, &fail) &&
	    status != 200)
		fail_set(&fail, ERR_REFUSED, "check", "/healthz says %d", status);
	if (status != 200)
		say_fault(checking, "health", &fail,
		    "see /healthz, and `systemctl restart slotguard.target` after a rebuild");
	else
		say_well(checking, "health", "the workers can book");
}

static void check_courier(struct checking *checking, const struct counters *counters)
{
	int64_t now = clock_boot_ms(), round_ms = counters_get(counters, GAUGE_COURIER_ROUND_MS),
		since_ms = counters_get(counters, GAUGE_BACKLOG_SINCE_MS), round_s, waits_s;
	struct arena *arena = checking->ctl->arena;
	struct fail fail;

	round_s = (now - round_ms) / 1000;
	waits_s = since_ms ? (now - since_ms) / 1000 : 0;
	if (!round_ms || round_s > ROUND_S) {
		fail_set(&fail, ERR_UNREACHABLE, "check",
		    round_ms ? "it last looked %lld s ago" : "none has looked yet",
		    (long long)round_s);
		say_fault(checking, "courier", &fail, "`systemctl start slotguard-courier`");
		return;
	}
	say_well(checking, "courier", arena_printf(arena, "it looked %" PRId64 " s ago", round_s));
	if (waits_s > WAITING_S) {
		fail_set(&fail, ERR_BUSY, "check", "something has been due for %lld s",
		    (long long)waits_s);
		say_fault(checking, "backlog", &fail, "`journalctl -u slotguard-courier`");
		return;
	}
	say_well(checking, "backlog",
	    arena_printf(arena, "%" PRId64 " bookings have something due",
		counters_get(counters, GAUGE_BACKLOG)));
}

static void check_spool(struct checking *checking)
{
	const char *dir = checking->ctl->conf->site.spool_dir;
	const char *advice = "it has to be there for workers and couriers";
	struct spool_count count;
	struct fail fail;
	enum err err = spool_count(dir, &count, &fail);

	if (!err && count.is_full) {
		advice = "briefs are refused while ClickHouse is down: see what fills it";
		err = fail_set(
		    &fail, ERR_TOO_LARGE, "check", "%s is full: %zu files", dir, count.files);
	} else if (!err && count.kinds[SPOOL_DAMAGED]) {
		advice = "a damaged file is a brief: read it yourself";
		err = fail_set(&fail, ERR_SYSTEM, "check", "%s has %zu damaged files", dir,
		    count.kinds[SPOOL_DAMAGED]);
	}
	if (err)
		say_fault(checking, "spool", &fail, advice);
	else
		say_well(checking, "spool",
		    arena_printf(
			checking->ctl->arena, "%zu briefs wait", count.kinds[SPOOL_BRIEF]));
}

/* By the worker itself, which is beside this program or in the folder of the system's programs. */
static void check_templates(struct checking *checking)
{
	extern char **environ;
	char path[PATH_MAX] = "", test[] = "-t", file[] = "-c", conf[PATH_MAX];
	char *const arguments[] = {path, test, file, conf, NULL};
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 32);
	char *name = len > 0 ? strrchr(path, '/') : NULL;
	struct fail fail;
	int status = -1;
	pid_t pid;

	if (name)
		strcpy(name, "/slotguard-worker");
	if (!name || access(path, X_OK) < 0)
		strcpy(path, SBINDIR "/slotguard-worker");
	snprintf(conf, sizeof(conf), "%s", checking->ctl->conf_path);
	fflush(stdout);
	if (posix_spawn(&pid, path, NULL, NULL, arguments, environ) == 0)
		waitpid(pid, &status, 0);
	if (status == 0) {
		say_well(checking, "templates", "the worker takes them");
		return;
	}
	fail_set(&fail, ERR_CONFIG, "check", "`%s -t` refuses them", path);
	say_fault(checking, "templates", &fail, "mend what it says, above");
}

static void check_site(struct checking *checking)
{
	struct ctl *ctl = checking->ctl;
	const struct http_request request = {
	    .method = "GET",
	    .url = ctl->conf->site.base_url,
	    .reply_max = 1024 * 1024,
	    .deadline = clock_boot_ms() + ASK_MS,
	    .service = SERVICE_CLICKHOUSE_READ, /* nobody counts here */
	};
	struct http_reply reply;

	http_once(ctl->upstream.http, ctl->arena, &request, &reply);
	if (!reply.err && reply.status == 429) {
		say_well(checking, "site", "it answers, and limits this address");
		return;
	}
	if (!reply.err && reply.status != 200)
		fail_set(
		    &reply.fail, ERR_REFUSED, "check", "%s says %d", request.url, reply.status);
	if (reply.err || reply.status != 200)
		say_fault(checking, "site", &reply.fail,
		    "see [site] base_url, `systemctl status nginx` and the certificate");
	else
		say_well(checking, "site", arena_printf(ctl->arena, "%s answers", request.url));
}

static void check_programs(struct checking *checking)
{
	struct counters *counters = counters_look(checking->ctl->conf->site.runtime_dir);

	check_templates(checking);
	check_pool(checking, "pages", "worker.sock");
	check_pool(checking, "clicks", "click.sock");
	check_health(checking);
	check_courier(checking, counters);
	counters_close(counters);
	check_spool(checking);
	check_site(checking);
}

static int run(struct ctl *ctl)
{
	struct checking checking = {ctl, ctl->is_json ? json_new_list() : NULL, 0};

	/* A configuration or a secret that is wrong has been said by then. */
	say_well(&checking, "configuration", ctl->conf_path);
	check_api(&checking);
	check_zone(&checking);
	check_clickhouse(&checking);
	check_google(&checking);
	check_resend(&checking);
	check_telegram(&checking);
	if (!ctl_option(ctl, "no-programs"))
		check_programs(&checking);
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
	    {"no-programs", NULL, "before they run: neither they nor the site are asked"},
	},
};

/* SPDX-License-Identifier: MIT */
/* check_programs.c: whether what runs on this machine serves */
#include "ctl/check_programs.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/file.h"
#include "base/roll.h"
#include "core/civil.h"
#include "desk/pools.h"
#include "net/fastcgi.h"
#include "store/spool.h"

#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define POOL_MS 4000
#define WAITING_S 900 /* something due that long is not late by chance */

/* Where systemd has a pool listen that serves other machines, too: "10.0.0.2:9000". */
static bool find_address(const char *unit, char address[PATH_MAX])
{
	char command[128], line[PATH_MAX];
	FILE *output;

	*address = '\0';
	snprintf(command, sizeof(command), "systemctl show -P Listen %s 2>/dev/null", unit);
	output = popen(command, "re");
	while (output && fgets(line, sizeof(line), output))
		if (!*address && line[0] != '/' && strchr(line, ':'))
			snprintf(address, PATH_MAX, "%.*s", (int)strcspn(line, " \n"), line);
	if (output)
		pclose(output);
	return *address;
}

static void check_pool(struct checking *checking, enum pool pool, const char *unit)
{
	const struct conf *conf = checking->ctl->conf;
	char address[PATH_MAX];
	struct fail fail;
	enum err err = pool_ask(conf, pool, clock_boot_ms() + POOL_MS, &fail);

	if (err == ERR_NOT_FOUND && find_address(unit, address))
		err = fastcgi_ping(address, clock_boot_ms() + POOL_MS, &fail);
	checking->pools += err == ERR_NONE;
	if (err)
		finding_fault(checking, pool_name(pool), &fail,
		    "`systemctl start slotguard.target`, and `journalctl -u 'slotguard*'` says why "
		    "it stopped");
	else
		finding_well(checking, pool_name(pool),
		    arena_printf(
			checking->ctl->arena, "%u of its workers run", pool_count(conf, pool)));
}

/* What the workers say of themselves, who may have found more than a new connection shows. */
static void check_health(struct checking *checking)
{
	struct ctl *ctl = checking->ctl;
	char path[PATH_MAX];
	struct fail fail;
	enum err err;
	int status;

	snprintf(path, sizeof(path), "%s/ops.sock", ctl->conf->site.runtime_dir);
	err = fastcgi_get(path, "/healthz", clock_boot_ms() + ASK_MS, &status, &fail);
	if (!err && status != 200)
		err = fail_set(&fail, ERR_REFUSED, "check", "/healthz says %d", status);
	if (err)
		finding_fault(checking, "health", &fail,
		    "see /healthz, and `systemctl restart slotguard.target` after a rebuild");
	else
		finding_well(checking, "health", "the workers can book");
}

static void check_courier(struct checking *checking, const struct counters *counters)
{
	int64_t now = clock_boot_ms(), round_ms = counters_get(counters, GAUGE_COURIER_ROUND_MS),
		since_ms = counters_get(counters, GAUGE_BACKLOG_SINCE_MS), round_s, waits_s;
	struct arena *arena = checking->ctl->arena;
	struct fail fail;
	bool is_there;

	round_s = (now - round_ms) / 1000;
	waits_s = since_ms ? (now - since_ms) / 1000 : 0;
	is_there = roll_count(checking->ctl->conf->site.runtime_dir, ROLL_COURIER) > 0;
	if (!is_there || !round_ms || round_s > COURIER_SILENT_S) {
		fail_set(&fail, ERR_UNREACHABLE, "check",
		    !is_there  ? "none runs"
		    : round_ms ? "it last looked %lld s ago"
			       : "it has not looked yet",
		    (long long)round_s);
		finding_fault(checking, "courier", &fail, "`systemctl start slotguard-courier`");
		return;
	}
	finding_well(
	    checking, "courier", arena_printf(arena, "it looked %" PRId64 " s ago", round_s));
	if (counters_get(counters, GAUGE_OBEY_REFUSED)) {
		fail_set(&fail, ERR_AUTH, "check",
		    "the courier may not write into the ledger, so the calendar is not obeyed");
		finding_fault(checking, "obey", &fail,
		    "GRANT INSERT ON ledger to the courier's ClickHouse user (users.sql), or set "
		    "obey = tell");
	}
	if (waits_s > WAITING_S) {
		fail_set(&fail, ERR_BUSY, "check", "something has been due for %lld s",
		    (long long)waits_s);
		finding_fault(checking, "backlog", &fail, "`journalctl -u slotguard-courier`");
		return;
	}
	finding_well(checking, "backlog",
	    arena_printf(arena, "%" PRId64 " bookings have something due",
		counters_get(counters, GAUGE_BACKLOG)));
}

/* Of a folder that is a group's, a file that is not: a program that somebody ran by hand made it.
 * The others then count for themselves alone, and are not on the roll. */
static bool is_foreign(const char *dir, const char *name)
{
	struct stat folder, file;
	char path[PATH_MAX];

	if (strncmp(name, "counters.", 9) != 0 && strncmp(name, "roll.", 5) != 0)
		return false;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return stat(dir, &folder) == 0 && lstat(path, &file) == 0 && (folder.st_mode & S_IWGRP) &&
	       (file.st_gid != folder.st_gid || !(file.st_mode & S_IWGRP));
}

static void check_shared(struct checking *checking, const char *dir)
{
	DIR *folder = opendir(dir);
	bool has_foreign = false;
	struct dirent *entry;
	struct fail fail;

	while (folder && !has_foreign && (entry = readdir(folder)))
		has_foreign = is_foreign(dir, entry->d_name);
	if (folder)
		closedir(folder);
	if (!has_foreign)
		return;
	fail_set(&fail, ERR_CONFIG, "check",
	    "a counters.* or roll.* in %s is not its group's to write", dir);
	finding_fault(checking, "runtime", &fail,
	    "a program that was run by hand made it, and the others count without it: remove it, "
	    "and `systemctl restart slotguard.target`");
}

/* A disk that is full, or was made read-only for its faults, is seen here before it is needed. */
static void check_runtime(struct checking *checking)
{
	const char *dir = checking->ctl->conf->site.runtime_dir;
	struct fail fail;

	if (file_try_folder(dir, &fail))
		finding_fault(checking, "runtime", &fail,
		    "workers and couriers share there what they know: `df`, `mount`, and "
		    "`systemd-tmpfiles --create`");
	check_shared(checking, dir);
}

static void check_spool(struct checking *checking)
{
	const char *dir = checking->ctl->conf->site.spool_dir;
	const char *advice = "it has to be there for workers and couriers";
	struct spool_count count;
	struct fail fail;
	enum err err = spool_count(dir, &count, &fail);

	if (!err && (err = file_try_folder(dir, &fail)))
		advice = "briefs are refused while ClickHouse is down: `df`, `mount`, and "
			 "`systemd-tmpfiles --create`";
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
		finding_fault(checking, "spool", &fail, advice);
	else
		finding_well(checking, "spool",
		    arena_printf(
			checking->ctl->arena, "%zu briefs wait", count.kinds[SPOOL_BRIEF]));
}

/* By the worker itself, which is beside this program or in the folder of the system's programs. */
static void check_templates(struct checking *checking)
{
	extern char **environ;
	char path[PATH_MAX] = "", test[] = "-t", file[] = "-c", conf[PATH_MAX];
	char *const arguments[] = {path, test, file, conf, NULL};
	char *name;
	struct fail fail;
	int status = -1;
	pid_t pid;

	(void)!readlink("/proc/self/exe", path, sizeof(path) - 32);
	if ((name = strrchr(path, '/')))
		strcpy(name, "/slotguard-worker");
	if (!name || access(path, X_OK) < 0)
		strcpy(path, SBINDIR "/slotguard-worker");
	snprintf(conf, sizeof(conf), "%s", checking->ctl->conf_path);
	fflush(stdout);
	if (posix_spawn(&pid, path, NULL, NULL, arguments, environ) == 0)
		waitpid(pid, &status, 0);
	if (status == 0) {
		finding_well(checking, "templates", "the worker takes them");
		return;
	}
	fail_set(&fail, ERR_CONFIG, "check", "`%s -t` refuses them", path);
	finding_fault(checking, "templates", &fail, "mend what it says, above");
}

#define DAYS_LEFT 14

/* What is wrong with the site, and what is the way to mend it. */
static const char *site_advice(const struct checking *checking, const struct http_reply *reply)
{
	if (reply->err)
		return "see [site] base_url, `systemctl status nginx` and the certificate";
	if (reply->status == 502 && checking->pools == 2)
		return "the workers answer, so nginx does not reach them: their sockets are open "
		       "to the group www-data, and `ps -o user= -C nginx` is whom nginx runs as";
	return "`journalctl -p warning -u 'slotguard*' --since -1h` and `systemctl status nginx`";
}

static void check_certificate(struct checking *checking, int64_t end_s)
{
	int64_t days = (end_s - clock_wall_s()) / DAY_S;
	struct fail fail;

	if (!end_s)
		return;
	fail_set(&fail, ERR_REFUSED, "check", "%" PRId64 " days are left", days);
	if (days < DAYS_LEFT)
		finding_fault(checking, "certificate", &fail,
		    "`certbot renew`; when it is newer on disk, `systemctl reload nginx`");
	else
		finding_well(checking, "certificate", fail.detail);
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
	    .wants_certificate = true,
	};
	struct http_reply reply;

	http_once(ctl->upstream.http, ctl->arena, &request, &reply);
	if (!reply.err && reply.status != 200 && reply.status != 429)
		fail_set(
		    &reply.fail, ERR_REFUSED, "check", "%s says %d", request.url, reply.status);
	if (reply.err || (reply.status != 200 && reply.status != 429))
		finding_fault(checking, "site", &reply.fail, site_advice(checking, &reply));
	else
		finding_well(checking, "site",
		    arena_printf(ctl->arena,
			reply.status == 200 ? "%s answers" : "%s answers, and limits this address",
			request.url));
	check_certificate(checking, reply.certificate_end_s);
}

static bool check_clock(struct checking *checking, enum peer peer, int64_t ahead_ms)
{
	struct fail fail;

	if (clocks_agree(ahead_ms))
		return true;
	fail_set(&fail, ERR_REFUSED, "check", "this machine's is %.1f s %s %s's",
	    (double)(ahead_ms < 0 ? -ahead_ms : ahead_ms) / 1000,
	    ahead_ms < 0 ? "behind" : "ahead of", peer_name(peer));
	finding_fault(
	    checking, "clock", &fail, "`timedatectl` on both machines: let NTP set their clocks");
	return false;
}

void check_clocks(struct checking *checking, const struct counters *counters)
{
	const struct clocks *clocks = counters_clocks(counters);
	int64_t boot_ms = clock_boot_ms(),
		wall_ms = clocks_of_workers(clocks, boot_ms, clock_wall_ms());
	const char *known = "";
	bool is_well = true;

	for (int i = 0; i < PEERS; i++) {
		enum peer peer = (enum peer)i;

		if (!clocks_knows(clocks, peer))
			continue;
		known = arena_printf(
		    checking->ctl->arena, "%s%s%s's", known, *known ? ", " : "", peer_name(peer));
		is_well =
		    check_clock(checking, peer, clocks_ahead(clocks, peer, boot_ms, wall_ms)) &&
		    is_well;
	}
	if (is_well && *known)
		finding_well(checking, "clock",
		    arena_printf(checking->ctl->arena, "within two seconds of %s", known));
}

/* Within a day. */
static bool was_lately(const struct counters *counters, enum gauge gauge)
{
	int64_t at_ms = counters_get(counters, gauge), ago_ms = clock_boot_ms() - at_ms;

	return at_ms && ago_ms >= 0 && ago_ms < DAY_S * INT64_C(1000);
}

void check_clients(struct checking *checking, const struct counters *counters)
{
	if (was_lately(counters, GAUGE_CLIENT_REFUSED_MS))
		finding_say(checking, "note", "clients",
		    "a network address had its part of the day ([fair] briefs_per_client and "
		    "calls_per_client)",
		    "nginx's access log has it, with status 429; if it is that of a proxy or a CDN, "
		    "name it in nginx's site (set_real_ip_from)");
	if (was_lately(counters, GAUGE_CLIENT_INSIDE_MS))
		finding_say(checking, "note", "clients",
		    "visitors come from an address of this machine or of a private network, and "
		    "are not limited by day",
		    "if that is a proxy's, name it in nginx's site (set_real_ip_from)");
}

void check_programs(struct checking *checking, const struct counters *counters)
{
	check_templates(checking);
	check_runtime(checking);
	check_pool(checking, POOL_PAGES, "slotguard.socket");
	check_pool(checking, POOL_CLICKS, "slotguard-click.socket");
	check_health(checking);
	check_courier(checking, counters);
	check_spool(checking);
	check_site(checking);
}

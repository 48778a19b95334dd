/* SPDX-License-Identifier: MIT */
/* google.c: gets the right to the owner's calendar, and says how it stands */
#include "base/clock.h"
#include "base/file.h"
#include "core/civil.h"
#include "core/plain.h"
#include "ctl/ctl.h"
#include "ctl/print.h"
#include "net/calendar.h"
#include "net/google_login.h"
#include "store/calendar_cache.h"
#include "store/zone_file.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of a calendar, which may be somebody else's. */
#define TITLE_MAX 200
#define WAIT_MS 600000 /* for the owner, at the browser */
#define ANSWER_MAX 8192
#define READ_MS 5000 /* for a browser that has connected */

#define PAGE                                                                                       \
	"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n"       \
	"Content-Security-Policy: default-src 'none'\r\n\r\n"                                      \
	"<!doctype html><html lang=en><title>slotguard</title>"                                    \
	"<p>You may close this page: slotguardctl goes on in its terminal.\n"

/* A socket of this machine alone, on a port that is free; -1: there is none. */
static int listen_here(int *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&at, len) < 0 || listen(fd, 4) < 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) < 0) {
		close(fd);
		return -1;
	}
	*port = ntohs(at.sin_port);
	return fd;
}

/* The target of a browser's request, "/?code=…", into an empty answer; what is none with a query
 * leaves it so. */
static void read_request(int listener, char answer[ANSWER_MAX + 1])
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	struct pollfd waiting = {.fd = fd, .events = POLLIN};
	size_t len = 0;
	char *end;

	if (fd < 0)
		return;
	while (len < ANSWER_MAX && !memchr(answer, '\n', len) && poll(&waiting, 1, READ_MS) == 1) {
		ssize_t got = read(fd, answer + len, ANSWER_MAX - len);

		if (got <= 0)
			break;
		len += (size_t)got;
	}
	answer[len] = '\0';
	/* The browser is not who waits. */
	(void)!send(fd, PAGE, strlen(PAGE), MSG_NOSIGNAL);
	close(fd);
	end = strncmp(answer, "GET /?", 6) == 0 ? strchr(answer + 4, ' ') : NULL;
	if (end)
		*end = '\0';
	memmove(answer, end ? answer + 4 : "", end ? strlen(answer + 4) + 1 : 1);
}

/*
 * Waits for the answer, at the port or as a line on stdin, whichever comes first. A browser also
 * asks for an icon, and a person mistypes: what is no answer is waited on after.
 */
static enum err await_code(
    struct ctl *ctl, int listener, struct google_login *login, struct fail *fail)
{
	int64_t deadline = clock_boot_ms() + WAIT_MS, left;
	struct pollfd fds[2] = {{.fd = listener, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
	static char answer[ANSWER_MAX + 1];
	enum err err;

	/* What stdio had read ahead would not wake poll(). */
	setvbuf(stdin, NULL, _IONBF, 0);
	while ((left = deadline - clock_boot_ms()) > 0 && poll(fds, 2, (int)left) > 0) {
		answer[0] = '\0';
		if (fds[0].revents & POLLIN)
			read_request(listener, answer);
		else if (!fgets(answer, sizeof(answer), stdin))
			fds[1].fd = -1; /* Nobody is there to paste. */
		if (!answer[0])
			continue;
		err = google_login_code(ctl->arena, login, answer, &login->code, fail);
		if (err != ERR_INPUT)
			return err;
		if (!(fds[0].revents & POLLIN))
			fprintf(stderr, "%s; paste the whole address\n", fail->detail);
	}
	return fail_set(fail, ERR_UNREACHABLE, "google", "no answer came within ten minutes");
}

/* Its token is the one that all share, or would be. */
static bool shares(const struct conf *conf, const struct conf_calendar *calendar)
{
	return calendar->kind == CALENDAR_GOOGLE &&
	       calendar->refresh_token == conf->secrets.google_refresh_token;
}

/* One of Google's by the name of its section; NULL: there is none. */
static const struct conf_calendar *find_named(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->calendars.count; i++)
		if (conf->calendars.list[i].kind == CALENDAR_GOOGLE &&
		    strcmp(conf->calendars.list[i].name, name) == 0)
			return &conf->calendars.list[i];
	return NULL;
}

/* The file of a calendar's token, its own or the shared one. */
static const char *path_of(struct ctl *ctl, const char *name)
{
	return arena_printf(
	    ctl->arena, "%s/%s%sgoogle-refresh-token", credentials_dir(), name, *name ? "-" : "");
}

/* ---- status ---- */

/* How a calendar stands. */
struct standing {
	const struct conf_calendar *calendar;
	struct google_grant grant;
	struct calendar_about about;
	const char *since, *worked; /* as people read it; NULL: it cannot be told */
	enum err err;
	struct fail fail;
};

/* Whose it is, and whether calls can be put into it. */
static enum err try_events(struct ctl *ctl, struct google *google, struct standing *standing)
{
	int64_t deadline = clock_boot_ms() + ctl->conf->google.timeout_ms;
	enum err err =
	    calendar_about(google, ctl->arena, deadline, &standing->about, &standing->fail);

	if (!err && !standing->about.is_writable)
		err = fail_set(&standing->fail, ERR_AUTH, "google",
		    "the account may read the calendar %.100s, and not write to it",
		    standing->about.title);
	return err;
}

/* Whether it can be asked, and written to where it should be, with the credentials as they stand in
 * their folder now. */
static enum err try_calendar(struct ctl *ctl, const struct conf *conf, struct standing *standing)
{
	const struct conf_calendar *calendar = standing->calendar;
	const int64_t now = clock_wall_s();
	const struct busy_question question = {.ids = {calendar->calendar},
	    .count = 1,
	    .window = {now, now + DAY_S},
	    .deadline = clock_boot_ms() + conf->google.timeout_ms};
	struct google *google;
	struct busy_list busy;
	enum err err;

	if (!conf_calendar_is_on(calendar))
		return fail_set(&standing->fail, ERR_NOT_FOUND, "google",
		    "there is no google-refresh-token in %s: `slotguardctl google login%s%s` gets one",
		    credentials_dir(), *calendar->name ? " " : "", calendar->name);
	if ((err = google_login_renew(ctl->upstream.http, conf, calendar, ctl->arena,
		 &standing->grant, &standing->fail)))
		return err;
	google = google_new(conf, calendar, ctl->upstream.http);
	if (!google)
		return fail_set(&standing->fail, ERR_SYSTEM, "google", "no memory");
	err = calendar_busy(google, ctl->arena, &question, &busy, &standing->fail);
	if (!err && calendar->writes)
		err = try_events(ctl, google, standing);
	google_free(google);
	return err;
}

/* The business's zone, which a command without the database has to load by itself. */
static void load_zone(struct ctl *ctl)
{
	struct fail ignored;

	if (!ctl->zone)
		(void)!zone_file_load_own(ctl->conf, ctl->arena, &ctl->zone, &ignored);
}

/* Since when the token's file stands there. */
static const char *since(struct ctl *ctl, const struct conf *conf, const struct conf_calendar *of)
{
	const char *path = path_of(ctl, shares(conf, of) ? "" : of->name);
	struct stat file;

	if (!path || !ctl->zone || stat(path, &file) < 0)
		return NULL;
	return print_moment(ctl->arena, ctl->zone, file.st_mtime);
}

/* When the workers of this machine had their last answer; NULL: not since it was started. */
static const char *last_worked(
    struct ctl *ctl, const struct conf *conf, const struct conf_calendar *calendar)
{
	struct calendar_place place = calendar_place(conf, calendar, ctl->arena);
	struct calendar_cache cache;
	int64_t age_ms;

	if (!ctl->zone || !calendar_cache_load(&place, ctl->arena, &cache))
		return NULL;
	age_ms = clock_boot_ms() - cache.asked_ms;
	return print_moment(ctl->arena, ctl->zone, (clock_wall_ms() - age_ms) / 1000);
}

static struct json_object *standing_json(const struct standing *standing, const char *missing)
{
	const struct conf_calendar *calendar = standing->calendar;
	struct json_object *object = json_new();

	json_add_text(object, "name", *calendar->name ? calendar->name : NULL);
	json_add_text(object, "calendar", calendar->calendar);
	json_add_text(object, "title", *standing->about.title ? standing->about.title : NULL);
	json_add_text(object, "since", standing->since);
	json_add_text(object, "scopes", standing->grant.scope);
	json_add_text(object, "missing", missing);
	json_add_flag(object, "works", !standing->err);
	json_add_text(object, "last_worked", standing->worked);
	return object;
}

static void say_standing(const struct standing *standing)
{
	const struct conf_calendar *calendar = standing->calendar;
	const struct calendar_about *about = &standing->about;
	const char *scope = standing->grant.scope;

	printf("calendar  %s%s%s%s%s%s\nsince     %s\nscopes    %s\n", calendar->name,
	    *calendar->name ? ": " : "", calendar->calendar, *about->title ? " (" : "",
	    about->title, *about->title ? ")" : "", standing->since ? standing->since : "-",
	    *scope ? scope : "-");
	if (!standing->err)
		printf("works     free/busy was answered just now%s\n",
		    about->is_writable ? ", and the calendar can be written to" : "");
	else
		printf("worked    %s\n",
		    standing->worked ? standing->worked : "not since this machine was started");
	fflush(stdout);
}

/* What is wrong with it, on stderr. */
static int say_fault(const struct standing *standing, const char *missing)
{
	const char *name = standing->calendar->name, *colon = *name ? ": " : "";

	if (missing)
		return ctl_say(CTL_FAULT,
		    "%s%s%s was not granted: `slotguardctl google login%s%s` asks for it", name,
		    colon, missing, *name ? " " : "", name);
	if (!standing->err)
		return CTL_DONE;
	return ctl_say(standing->err == ERR_NOT_FOUND ? CTL_NOT_FOUND : CTL_FAULT, "%s%s%s", name,
	    colon, standing->fail.detail);
}

/* Looks at one, says how it stands, and adds it to the list or, without one, to nothing. */
static int stand(struct ctl *ctl, const struct conf *conf, const struct conf_calendar *calendar,
    struct json_object *list)
{
	struct standing standing = {
	    .calendar = calendar, .grant = {.scope = ""}, .about = {.title = ""}};
	const char *missing = NULL;

	standing.since = since(ctl, conf, calendar);
	standing.err = try_calendar(ctl, conf, &standing);
	standing.about.title = plain_line(ctl->arena, standing.about.title, TITLE_MAX);
	standing.worked = last_worked(ctl, conf, calendar);
	if (*standing.grant.scope)
		missing = google_login_missing(standing.grant.scope, calendar->writes);
	if (ctl->is_json && list)
		json_add(list, NULL, standing_json(&standing, missing));
	else if (ctl->is_json)
		print_json(ctl->arena, standing_json(&standing, missing));
	else
		say_standing(&standing);
	return say_fault(&standing, missing);
}

/* Of those that are meant: the one of this name, or, without one, all. */
static int stand_all(struct ctl *ctl, const struct conf *conf, const char *name)
{
	bool is_list = !name && *conf->calendars.list[0].name;
	struct json_object *list = is_list && ctl->is_json ? json_new_list() : NULL;
	int status, worst = CTL_DONE;
	size_t count = 0;

	load_zone(ctl);
	for (size_t i = 0; i < conf->calendars.count; i++) {
		const struct conf_calendar *calendar = &conf->calendars.list[i];

		if (calendar->kind != CALENDAR_GOOGLE ||
		    (name && strcmp(calendar->name, name) != 0))
			continue;
		if (count++ && !ctl->is_json)
			puts("");
		status = stand(ctl, conf, calendar, list);
		if (status)
			worst = status;
	}
	if (list)
		print_json(ctl->arena, list);
	return count ? worst : ctl_say(CTL_NOT_FOUND, "no calendar of Google is configured");
}

static int status(struct ctl *ctl, const char *name)
{
	struct conf *conf;
	struct fail fail;
	int status;

	if (conf_load(
		ctl->conf_path, NULL, CREDENTIALS_GOOGLE | CREDENTIALS_OPERATOR, &conf, &fail))
		return ctl_fail(&fail);
	status = stand_all(ctl, conf, name);
	conf_free(conf);
	return status;
}

/* ---- login ---- */

/* Whether calls are written with the token that this login gets. */
static bool is_for_events(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->calendars.count; i++) {
		const struct conf_calendar *calendar = &conf->calendars.list[i];

		if (calendar->writes && calendar->kind == CALENDAR_GOOGLE &&
		    (name ? strcmp(calendar->name, name) == 0 : shares(conf, calendar)))
			return true;
	}
	return false;
}

static enum err get_token(struct ctl *ctl, struct google_login *login, int listener,
    struct google_grant *grant, struct fail *fail)
{
	const char *address = google_login_address(ctl->conf, ctl->arena, login);
	enum err err;

	printf(
	    "Open this address in a browser, as the calendar's owner:\n\n%s\n\n"
	    "On a machine without a browser open it elsewhere: the page that cannot be shown then\n"
	    "has an address that begins with %s; paste it here.\n",
	    address ? address : "", login->redirect);
	fflush(stdout);
	if ((err = await_code(ctl, listener, login, fail)))
		return err;
	return google_login_exchange(ctl->upstream.http, ctl->conf, ctl->arena, login, grant, fail);
}

/* name: of a section that is to have a token of its own; NULL: the shared one. */
static int login(struct ctl *ctl, const char *name)
{
	const struct conf *conf = ctl->conf;
	const struct conf_calendar shared = {.client_id = conf->secrets.google_client_id,
				       .client_secret = conf->secrets.google_client_secret},
				   *calendar = name ? find_named(conf, name) : &shared;
	const char *path = path_of(ctl, name ? name : ""), *text;
	struct google_grant grant;
	struct google_login login;
	struct fail fail;
	int port, listener;
	enum err err;

	if (!calendar)
		return ctl_say(CTL_NOT_FOUND, "there is no [calendar %s] of kind google", name);
	if (!calendar->client_id || !calendar->client_secret)
		return ctl_say(CTL_FAULT,
		    "google-client-id and google-client-secret have to be in %s first: the Google "
		    "Cloud console makes them, as a client of the kind \"Desktop app\"",
		    credentials_dir());
	if (ctl_option(ctl, "shared") && !is_for_events(conf, name))
		return ctl_say(CTL_USAGE,
		    "--shared is of the calendar that calls are written to, and this token only "
		    "reads");
	listener = listen_here(&port);
	if (listener < 0)
		return ctl_say(CTL_FAULT, "no port of 127.0.0.1 is free: %s", strerror(errno));
	google_login_begin(calendar,
	    !is_for_events(conf, name)	? GOOGLE_FREEBUSY
	    : ctl_option(ctl, "shared") ? GOOGLE_SHARED
					: GOOGLE_OWNED,
	    port, &login);
	err = get_token(ctl, &login, listener, &grant, &fail);
	close(listener);
	text = err ? NULL : arena_printf(ctl->arena, "%s\n", grant.refresh_token);
	if (text && path) {
		umask(077);
		err = file_replace(path, text, strlen(text), 1, &fail);
	}
	if (err)
		return ctl_fail(&fail);
	printf("the token stands in %s; the programs have it after a restart\n", path);
	return status(ctl, name);
}

static int run(struct ctl *ctl)
{
	bool is_login = strcmp(ctl->words[0], "login") == 0;
	const char *name = ctl->words[1];

	if (!is_login && strcmp(ctl->words[0], "status") != 0)
		return ctl_usage(ctl, "%s is neither login nor status", ctl->words[0]);
	if (name && !is_login && !find_named(ctl->conf, name))
		return ctl_say(CTL_NOT_FOUND, "there is no [calendar %s] of kind google", name);
	return is_login ? login(ctl, name) : status(ctl, name);
}

const struct ctl_command ctl_google = {
    .name = "google",
    .words = "login|status [NAME]",
    .help = "get the right to the owner's calendar; say how it stands",
    .least = 1,
    .most = 2,
    .run = run,
    .options =
	{
	    {"shared", NULL, "login: to a calendar that the account may write to but does not own"},
	},
};

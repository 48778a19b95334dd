/* SPDX-License-Identifier: MIT */
/* google.c: gets the right to the owner's calendar, and says how it stands */
#include "base/clock.h"
#include "base/file.h"
#include "core/civil.h"
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

/* The target of a browser's request, "/?code=…"; what is no request leaves it empty. */
static void read_request(int listener, char answer[ANSWER_MAX])
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	struct pollfd waiting = {.fd = fd, .events = POLLIN};
	size_t len = 0;
	char *end;

	answer[0] = '\0';
	if (fd < 0)
		return;
	while (
	    len + 1 < ANSWER_MAX && !memchr(answer, '\n', len) && poll(&waiting, 1, READ_MS) == 1) {
		ssize_t got = read(fd, answer + len, ANSWER_MAX - 1 - len);

		if (got <= 0)
			break;
		len += (size_t)got;
	}
	answer[len] = '\0';
	if (send(fd, PAGE, strlen(PAGE), MSG_NOSIGNAL) < 0)
		errno = 0; /* The browser is not who waits. */
	close(fd);
	end = strncmp(answer, "GET ", 4) == 0 ? strchr(answer + 4, ' ') : NULL;
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
	static char answer[ANSWER_MAX];
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

/* The calendar that goes with the shared credentials; NULL: each has its own. */
static const struct conf_calendar *find_shared(const struct conf *conf)
{
	for (size_t i = 0; i < conf->calendars.count; i++)
		if (conf->calendars.list[i].refresh_token &&
		    conf->calendars.list[i].refresh_token == conf->secrets.google_refresh_token)
			return &conf->calendars.list[i];
	return NULL;
}

/* Whose it is, and whether calls can be put into it where they should. */
static enum err try_events(struct ctl *ctl, struct google *google,
    const struct conf_calendar *calendar, struct calendar_about *about, struct fail *fail)
{
	int64_t deadline = clock_boot_ms() + ctl->conf->google.timeout_ms;
	enum err err = calendar_about(google, ctl->arena, deadline, about, fail);

	if (!err && calendar->writes && !about->is_writable)
		err = fail_set(fail, ERR_AUTH, "google",
		    "the account may read the calendar %.100s, and not write to it", about->title);
	return err;
}

/* Whether the calendar can be asked, and written to, with the credentials as they stand in their
 * folder now. */
static enum err try_calendar(struct ctl *ctl, const struct conf *conf, struct google_grant *grant,
    struct calendar_about *about, struct fail *fail)
{
	const struct conf_calendar *calendar = find_shared(conf);
	const int64_t now = clock_wall_s();
	struct busy_question question = {.count = 1,
	    .window = {now, now + DAY_S},
	    .deadline = clock_boot_ms() + conf->google.timeout_ms};
	struct google *google;
	struct busy_list busy;
	enum err err;

	if ((err = google_login_renew(ctl->upstream.http, conf, ctl->arena, grant, fail)) ||
	    !calendar)
		return err;
	question.ids[0] = calendar->calendar;
	google = google_new(conf, calendar, ctl->upstream.http);
	if (!google)
		return fail_set(fail, ERR_SYSTEM, "google", "no memory");
	err = calendar_busy(google, ctl->arena, &question, &busy, fail);
	if (!err)
		err = try_events(ctl, google, calendar, about, fail);
	google_free(google);
	return err;
}

/* The business's zone, which a command without the database has to load by itself. */
static void load_zone(struct ctl *ctl)
{
	struct fail ignored;

	if (!ctl->zone && zone_file_load_own(ctl->conf, ctl->arena, &ctl->zone, &ignored))
		ctl->zone = NULL;
}

/* Since when the token's file stands there, as people read it; NULL: it cannot be told. */
static const char *since(struct ctl *ctl)
{
	const char *path = arena_printf(ctl->arena, "%s/google-refresh-token", credentials_dir());
	struct stat file;

	load_zone(ctl);
	if (!path || !ctl->zone || stat(path, &file) < 0)
		return NULL;
	return print_moment(ctl->arena, ctl->zone, file.st_mtime);
}

/* When the workers of this machine had their last answer; NULL: not since it was started. */
static const char *last_worked(struct ctl *ctl, const struct conf *conf)
{
	const struct conf_calendar *calendar = find_shared(conf);
	struct calendar_cache cache;
	struct calendar_place place;
	int64_t age_ms;

	load_zone(ctl);
	if (!ctl->zone || !calendar)
		return NULL;
	place = calendar_place(conf, calendar, ctl->arena);
	if (!calendar_cache_load(&place, ctl->arena, &cache))
		return NULL;
	age_ms = clock_boot_ms() - cache.asked_ms;
	return print_moment(ctl->arena, ctl->zone, (clock_wall_ms() - age_ms) / 1000);
}

static int status(struct ctl *ctl)
{
	struct google_grant grant = {.scope = ""};
	struct calendar_about about = {.title = ""};
	const char *missing, *calendar;
	struct conf *conf;
	struct fail fail;
	enum err err = conf_load(
	    ctl->conf_path, NULL, CREDENTIALS_GOOGLE | CREDENTIALS_OPERATOR, &conf, &fail);

	if (err)
		return ctl_fail(&fail);
	if (!conf_has_google(conf)) {
		conf_free(conf);
		return ctl_say(CTL_NOT_FOUND,
		    "there is no google-refresh-token in %s: `slotguardctl "
		    "google login` gets one",
		    credentials_dir());
	}
	calendar = find_shared(conf) ? find_shared(conf)->calendar : "-";
	err = try_calendar(ctl, conf, &grant, &about, &fail);
	missing = *grant.scope ? google_login_missing(grant.scope) : NULL;
	if (ctl->is_json) {
		struct json_object *document = json_new();

		json_add_text(document, "calendar", calendar);
		json_add_text(document, "title", *about.title ? about.title : NULL);
		json_add_text(document, "since", since(ctl));
		json_add_text(document, "scopes", grant.scope);
		json_add_text(document, "missing", missing);
		json_add_flag(document, "works", !err);
		json_add_text(document, "last_worked", last_worked(ctl, conf));
		print_json(ctl->arena, document);
	} else {
		const char *then = last_worked(ctl, conf);

		printf("calendar  %s%s%s%s\nsince     %s\nscopes    %s\n", calendar,
		    *about.title ? " (" : "", about.title, *about.title ? ")" : "",
		    since(ctl) ? since(ctl) : "-", *grant.scope ? grant.scope : "-");
		if (!err)
			printf("works     free/busy was answered just now%s\n",
			    about.is_writable ? ", and the calendar can be written to" : "");
		else
			printf(
			    "worked    %s\n", then ? then : "not since this machine was started");
	}
	conf_free(conf);
	if (missing)
		return ctl_say(CTL_FAULT,
		    "%s was not granted: `slotguardctl google login` asks for it", missing);
	return err ? ctl_fail(&fail) : CTL_DONE;
}

static int login(struct ctl *ctl)
{
	const char *path = arena_printf(ctl->arena, "%s/google-refresh-token", credentials_dir());
	const char *address, *text;
	struct google_grant grant;
	struct google_login login;
	struct fail fail;
	int port, listener;
	enum err err;

	if (!ctl->conf->secrets.google_client_id || !ctl->conf->secrets.google_client_secret)
		return ctl_say(CTL_FAULT,
		    "google-client-id and google-client-secret have to be in %s first: the Google "
		    "Cloud console makes them, as a client of the kind \"Desktop app\"",
		    credentials_dir());
	listener = listen_here(&port);
	if (listener < 0)
		return ctl_say(CTL_FAULT, "no port of 127.0.0.1 is free: %s", strerror(errno));
	google_login_begin(port, &login);
	address =
	    google_login_address(ctl->conf, ctl->arena, &login, ctl_option(ctl, "shared") != NULL);
	printf(
	    "Open this address in a browser, as the calendar's owner:\n\n%s\n\n"
	    "On a machine without a browser open it elsewhere: the page that cannot be shown then\n"
	    "has an address that begins with %s; paste it here.\n",
	    address ? address : "", login.redirect);
	fflush(stdout);
	err = await_code(ctl, listener, &login, &fail);
	close(listener);
	if (!err)
		err = google_login_exchange(
		    ctl->upstream.http, ctl->conf, ctl->arena, &login, &grant, &fail);
	text = err ? NULL : arena_printf(ctl->arena, "%s\n", grant.refresh_token);
	if (text && path) {
		umask(077);
		err = file_replace(path, text, strlen(text), 1, &fail);
	}
	if (err)
		return ctl_fail(&fail);
	printf("the token stands in %s; the programs have it after a restart\n", path);
	return status(ctl);
}

static int run(struct ctl *ctl)
{
	if (strcmp(ctl->words[0], "login") == 0)
		return login(ctl);
	return strcmp(ctl->words[0], "status") == 0 ? status(ctl) : ctl_usage(ctl);
}

const struct ctl_command ctl_google = {
    .name = "google",
    .words = "login|status",
    .help = "get the right to the owner's calendar; say how it stands",
    .least = 1,
    .most = 1,
    .run = run,
    .options =
	{
	    {"shared", NULL, "login: to a calendar that the account may write to but does not own"},
	},
};

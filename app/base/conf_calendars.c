/* SPDX-License-Identifier: MIT */
/* conf_calendars.c: what holds of the sections [calendar NAME] together */
#include "base/conf_calendars.h"
#include "base/conf_keys.h"
#include "base/text.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of a name and a password, which go into one header. */
#define LOGIN_MAX 2000

/* In the order of the table in conf_keys.c. */
enum {
	KEY_KIND,
	KEY_CALENDAR,
	KEY_URL,
	KEY_BLOCKS,
	KEY_WRITES,
	KEY_OUTAGE,
	KEY_OBEY,
	KEY_MEET,
	KEY_EVERY
};

#define OF(kind) (1u << (kind))
#define OF_ANY (OF(CALENDAR_GOOGLE) | OF(CALENDAR_ICS) | OF(CALENDAR_CALDAV))

/* Which kinds have a key, so that one that would have no effect is said. */
static const struct {
	const char *name;
	unsigned kinds;
} keys[CONF_CALENDAR_KEYS] = {
    [KEY_KIND] = {"kind", OF_ANY},
    [KEY_CALENDAR] = {"calendar", OF(CALENDAR_GOOGLE)},
    [KEY_URL] = {"url", OF(CALENDAR_ICS) | OF(CALENDAR_CALDAV)},
    [KEY_BLOCKS] = {"blocks", OF_ANY},
    [KEY_WRITES] = {"writes", OF_ANY},
    [KEY_OUTAGE] = {"outage", OF_ANY},
    [KEY_OBEY] = {"obey", OF(CALENDAR_GOOGLE) | OF(CALENDAR_CALDAV)},
    [KEY_MEET] = {"meet", OF(CALENDAR_GOOGLE)},
    [KEY_EVERY] = {"every_minutes", OF(CALENDAR_ICS)},
};

/* Which calls are to be written to, on or off; NULL: none. */
static const struct conf_calendar *find_writer(const struct conf *conf)
{
	for (size_t i = 0; i < conf->calendars.count; i++)
		if (conf->calendars.list[i].writes)
			return &conf->calendars.list[i];
	return NULL;
}

static unsigned line_of(const struct conf_calendar *calendar, int key)
{
	unsigned first = UINT_MAX;

	if (calendar->lines[key])
		return calendar->lines[key];
	for (int i = 0; i < CONF_CALENDAR_KEYS; i++)
		if (calendar->lines[i] && calendar->lines[i] < first)
			first = calendar->lines[i];
	return first;
}

/* "slotguard.conf:12: [calendar work] …" at the line of a key, or where the section begins. */
static enum err refuse(const struct conf *conf, const struct conf_calendar *calendar, int key,
    const char *what, struct fail *fail)
{
	return fail_set(fail, ERR_CONFIG, "conf", "%s:%u: [calendar %s] %s", conf->path,
	    line_of(calendar, key), calendar->name, what);
}

/* What a key comes to; empty: what [google] says. */
static bool says(const char *value, const char *word, bool otherwise)
{
	return *value ? strcmp(value, word) == 0 : otherwise;
}

static enum err judge_one(
    const struct conf *conf, struct conf_calendar *calendar, struct fail *fail)
{
	char what[200];

	for (int i = 0; i < CONF_CALENDAR_KEYS; i++)
		if (calendar->lines[i] && !(keys[i].kinds & OF(calendar->kind))) {
			snprintf(what, sizeof(what), "%s is no key of kind = %s", keys[i].name,
			    conf_calendar_kinds[calendar->kind]);
			return refuse(conf, calendar, i, what, fail);
		}
	if (calendar->kind == CALENDAR_ICS && calendar->writes)
		return refuse(conf, calendar, KEY_WRITES,
		    "writes = yes cannot be: an ics address is read only; write to a calendar of kind "
		    "google or caldav",
		    fail);
	if (calendar->kind == CALENDAR_CALDAV && !*calendar->url)
		return refuse(conf, calendar, KEY_KIND,
		    "has no url: the calendar's own address on its server", fail);
	if (calendar->kind == CALENDAR_CALDAV && url_names_user(calendar->url))
		return refuse(conf, calendar, KEY_URL,
		    "url names a user: write it without, and put name and password into the "
		    "credentials NAME-caldav-user and NAME-caldav-password",
		    fail);
	if (calendar->kind == CALENDAR_CALDAV && strchr(calendar->url, '?'))
		return refuse(conf, calendar, KEY_URL,
		    "url has a query, and a CalDAV calendar's address has none", fail);
	if (calendar->kind != CALENDAR_GOOGLE && !calendar->blocks && !calendar->writes)
		return refuse(
		    conf, calendar, KEY_BLOCKS, "neither blocks nor writes: leave it out", fail);
	for (int i = KEY_OBEY; i <= KEY_MEET && !calendar->writes; i++)
		if (calendar->lines[i]) {
			snprintf(what, sizeof(what),
			    "%s is a key of the calendar that calls are written to, and this one "
			    "has writes = no",
			    keys[i].name);
			return refuse(conf, calendar, i, what, fail);
		}
	calendar->outage_open = says(calendar->outage, "open", conf->google.outage_open);
	calendar->obeys = says(calendar->obey, "yes", conf->google.obeys);
	calendar->has_meet = says(calendar->meet, "yes", conf->google.has_meet);
	return ERR_NONE;
}

static enum err judge_writes(const struct conf *conf, struct fail *fail)
{
	const struct conf_calendar *writer = NULL;
	bool can_write = false;
	char what[200];

	for (size_t i = 0; i < conf->calendars.count; i++) {
		const struct conf_calendar *calendar = &conf->calendars.list[i];

		can_write = can_write || calendar->kind != CALENDAR_ICS;
		if (!calendar->writes)
			continue;
		if (writer) {
			snprintf(what, sizeof(what),
			    "writes = yes stands in [calendar %s] at line %u, too: calls are "
			    "written to one calendar",
			    writer->name, line_of(writer, KEY_WRITES));
			return refuse(conf, calendar, KEY_WRITES, what, fail);
		}
		writer = calendar;
	}
	if (!writer && can_write)
		return refuse(conf, conf->calendars.list, KEY_WRITES,
		    "and no other has writes = yes: exactly one has it, and calls are written there",
		    fail);
	if (writer && writer->kind == CALENDAR_CALDAV && writer->has_meet)
		return refuse(conf, writer, KEY_WRITES,
		    "is of kind caldav, and [google] meet = yes: only Google makes a Google Meet; "
		    "[site] video_url is one room for all",
		    fail);
	return ERR_NONE;
}

/* What the configuration was before there were sections. */
static enum err add_google(struct conf *conf, struct fail *fail)
{
	struct conf_calendar *only = calloc(1, sizeof(*only));

	if (!only)
		return fail_set(fail, ERR_SYSTEM, "conf", "no memory");
	conf->calendars.list = only;
	conf->calendars.count = 1;
	*only = (struct conf_calendar){.name = strdup(""),
	    .kind = CALENDAR_GOOGLE,
	    .calendar = strdup(conf->google.calendar),
	    .blocks = true,
	    .writes = true,
	    .outage_open = conf->google.outage_open,
	    .obeys = conf->google.obeys,
	    .has_meet = conf->google.has_meet};
	return only->name && only->calendar ? ERR_NONE
					    : fail_set(fail, ERR_SYSTEM, "conf", "no memory");
}

static enum err judge_sections(struct conf *conf, unsigned google_line, struct fail *fail)
{
	enum err err;

	if (google_line)
		return fail_set(fail, ERR_CONFIG, "conf",
		    "%s:%u: [google] calendar stands beside [calendar %s]: name it in a section of "
		    "its own, or leave it out",
		    conf->path, google_line, conf->calendars.list[0].name);
	for (size_t i = 0; i < conf->calendars.count; i++)
		if ((err = judge_one(conf, &conf->calendars.list[i], fail)))
			return err;
	return judge_writes(conf, fail);
}

static enum err judge_meet(const struct conf *conf, unsigned video_line, struct fail *fail)
{
	const struct conf_calendar *writer = find_writer(conf);

	if (!writer || !writer->has_meet || !conf->site.video_url[0])
		return ERR_NONE;
	return fail_set(fail, ERR_CONFIG, "conf",
	    "%s:%u: [site] video_url is one room for all, and [%s%s] meet = yes makes one for each "
	    "call: only one of them can be",
	    conf->path, video_line, writer->lines[KEY_MEET] ? "calendar " : "google",
	    writer->lines[KEY_MEET] ? writer->name : "");
}

enum err conf_calendars_judge(
    struct conf *conf, unsigned google_line, unsigned video_line, struct fail *fail)
{
	enum err err = conf->calendars.count ? judge_sections(conf, google_line, fail)
					     : add_google(conf, fail);

	return err ? err : judge_meet(conf, video_line, fail);
}

/* Its own secret, when there is one. */
static enum err load(const struct conf_calendar *calendar, const char *dir, const char *name,
    struct secret **out, struct fail *fail)
{
	char file[CALENDAR_NAME_MAX + 40];

	snprintf(file, sizeof(file), "%s-%s", calendar->name, name);
	return secret_load(dir, file, out, fail);
}

/* Of the three each may be the calendar's own. */
static enum err load_google(
    const struct conf *conf, struct conf_calendar *calendar, const char *dir, struct fail *fail)
{
	enum err err;

	if (*calendar->name &&
	    ((err = load(calendar, dir, "google-client-id", &calendar->client_id, fail)) ||
		(err = load(
		     calendar, dir, "google-client-secret", &calendar->client_secret, fail)) ||
		(err = load(
		     calendar, dir, "google-refresh-token", &calendar->refresh_token, fail))))
		return err;
	if (!calendar->client_id)
		calendar->client_id = conf->secrets.google_client_id;
	if (!calendar->client_secret)
		calendar->client_secret = conf->secrets.google_client_secret;
	if (!calendar->refresh_token)
		calendar->refresh_token = conf->secrets.google_refresh_token;
	return ERR_NONE;
}

/* RFC 7617 parts the two by the first colon. */
static enum err load_caldav(struct conf_calendar *calendar, const char *dir, struct fail *fail)
{
	enum err err;

	if ((err = load(calendar, dir, "caldav-user", &calendar->user, fail)) ||
	    (err = load(calendar, dir, "caldav-password", &calendar->password, fail)))
		return err;
	if (calendar->user && strchr(calendar->user->text, ':'))
		return fail_set(fail, ERR_CONFIG, "secret",
		    "%s/%s-caldav-user has a colon, which no server can tell from the password's",
		    dir, calendar->name);
	if (calendar->user && calendar->password &&
	    calendar->user->len + calendar->password->len > LOGIN_MAX)
		return fail_set(fail, ERR_CONFIG, "secret",
		    "%s/%s-caldav-user and -password are longer than %d characters together", dir,
		    calendar->name, LOGIN_MAX);
	return ERR_NONE;
}

static enum err load_one(
    const struct conf *conf, struct conf_calendar *calendar, const char *dir, struct fail *fail)
{
	enum err err = ERR_NONE;

	if (calendar->kind == CALENDAR_GOOGLE)
		return load_google(conf, calendar, dir, fail);
	if (calendar->kind == CALENDAR_CALDAV)
		return load_caldav(calendar, dir, fail);
	if (!*calendar->url)
		err = load(calendar, dir, "url", &calendar->address, fail);
	if (!err && calendar->address && !url_keeps_secrets(calendar->address->text))
		err = fail_set(fail, ERR_CONFIG, "secret", "%s/%s-url must be an https:// address",
		    dir, calendar->name);
	return err;
}

static enum err refuse_without(const struct conf *conf, const struct conf_calendar *calendar,
    const char *dir, struct fail *fail)
{
	static const char *const wanted[] = {
	    [CALENDAR_GOOGLE] =
		"google-refresh-token (`slotguardctl google login NAME` gets one), or the shared "
		"google-refresh-token, and the client's id and secret",
	    [CALENDAR_ICS] = "url, its private address, or write it as url = here",
	    [CALENDAR_CALDAV] = "caldav-user and -caldav-password; most providers make a password "
				"for such a program",
	};

	return fail_set(fail, ERR_CONFIG, "conf",
	    "%s:%u: [calendar %s] has no credentials: put them into %s/%s-%s", conf->path,
	    line_of(calendar, KEY_KIND), calendar->name, dir, calendar->name,
	    wanted[calendar->kind]);
}

enum err conf_calendars_load(struct conf *conf, const char *dir, bool is_strict, struct fail *fail)
{
	enum err err;

	for (size_t i = 0; i < conf->calendars.count; i++) {
		struct conf_calendar *calendar = &conf->calendars.list[i];

		if ((err = load_one(conf, calendar, dir, fail)))
			return err;
		if (is_strict && *calendar->name && !conf_calendar_is_on(calendar))
			return refuse_without(conf, calendar, dir, fail);
	}
	return ERR_NONE;
}

static bool is_there(const char *dir, const char *prefix, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s%s%s", dir, prefix, *prefix ? "-" : "", name);
	return access(path, F_OK) == 0;
}

static bool has_file(const struct conf_calendar *calendar, const char *dir, const char *name)
{
	return is_there(dir, calendar->name, name) || is_there(dir, "", name);
}

static bool has_credentials(const struct conf_calendar *calendar, const char *dir)
{
	if (calendar->kind == CALENDAR_GOOGLE)
		return has_file(calendar, dir, "google-client-id") &&
		       has_file(calendar, dir, "google-client-secret") &&
		       has_file(calendar, dir, "google-refresh-token");
	if (calendar->kind == CALENDAR_CALDAV)
		return is_there(dir, calendar->name, "caldav-user") &&
		       is_there(dir, calendar->name, "caldav-password");
	return *calendar->url || is_there(dir, calendar->name, "url");
}

enum err conf_seek_credentials(const struct conf *conf, const char *credentials, struct fail *fail)
{
	const char *dir = credentials ? credentials : credentials_dir();

	/* Who may not look into it cannot tell. */
	if (access(dir, X_OK) != 0)
		return ERR_NONE;
	for (size_t i = 0; i < conf->calendars.count; i++) {
		const struct conf_calendar *calendar = &conf->calendars.list[i];

		if (*calendar->name && !has_credentials(calendar, dir))
			return refuse_without(conf, calendar, dir, fail);
	}
	return ERR_NONE;
}

bool conf_calendar_is_on(const struct conf_calendar *calendar)
{
	switch ((enum calendar_kind)calendar->kind) {
	case CALENDAR_GOOGLE:
		return calendar->client_id && calendar->client_secret && calendar->refresh_token;
	case CALENDAR_ICS:
		return *calendar->url || calendar->address;
	case CALENDAR_CALDAV:
		return calendar->user && calendar->password;
	}
	return false;
}

const char *conf_calendar_address(const struct conf_calendar *calendar)
{
	return *calendar->url ? calendar->url : calendar->address->text;
}

const char *conf_calendar_title(const struct conf_calendar *calendar)
{
	return *calendar->name ? calendar->name : calendar->calendar;
}

const struct conf_calendar *conf_writer(const struct conf *conf)
{
	const struct conf_calendar *writer = find_writer(conf);

	return writer && conf_calendar_is_on(writer) ? writer : NULL;
}

const struct secret *conf_calendars_token(const struct conf *conf)
{
	for (size_t i = 0; i < conf->calendars.count; i++)
		if (conf->calendars.list[i].refresh_token)
			return conf->calendars.list[i].refresh_token;
	return conf->secrets.google_refresh_token;
}

bool conf_lacks_writer(const struct conf *conf)
{
	const struct conf_calendar *writer = find_writer(conf);

	return writer && !conf_calendar_is_on(writer);
}

/* A shared secret is freed with the others. */
static void free_own(struct secret *secret, const struct secret *shared)
{
	if (secret != shared)
		secret_free(secret);
}

void conf_calendars_free(struct conf *conf)
{
	for (size_t i = 0; i < conf->calendars.count; i++) {
		struct conf_calendar *calendar = &conf->calendars.list[i];

		free(calendar->name);
		conf_calendar_texts_free(calendar);
		free_own(calendar->client_id, conf->secrets.google_client_id);
		free_own(calendar->client_secret, conf->secrets.google_client_secret);
		free_own(calendar->refresh_token, conf->secrets.google_refresh_token);
		secret_free(calendar->address);
		secret_free(calendar->user);
		secret_free(calendar->password);
	}
	free(conf->calendars.list);
}

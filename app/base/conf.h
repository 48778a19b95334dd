/* SPDX-License-Identifier: MIT */
/* conf.h: slotguard.conf, and the secrets that go with it */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include "base/err.h"
#include "base/credentials.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A line whose key is a day or a date: core/rules.h reads it. */
struct conf_line {
	char *name, *value; /* "Mon-Thu" and "08:00-12:00, 13:00-16:30" */
	unsigned line;
};

struct conf_lines {
	struct conf_line *list;
	size_t count;
};

enum calendar_kind { CALENDAR_GOOGLE, CALENDAR_ICS, CALENDAR_CALDAV };
#define CONF_CALENDARS_MAX 50 /* as many as one question of free/busy takes */
#define CONF_CALENDAR_KEYS 9

/* A calendar of the owner's: a section [calendar NAME]. */
struct conf_calendar {
	char *name;	/* up to CALENDAR_NAME_MAX letters, digits, "-" and "_"; "": [google] */
	int64_t kind;	/* enum calendar_kind */
	char *calendar; /* google: its id */
	char *url;	/* ics: its address, "": it is a credential; caldav: its address */
	bool blocks, writes;
	char *outage, *obey, *meet;	   /* "" for what [google] says */
	bool outage_open, obeys, has_meet; /* what that comes to */
	int64_t every_minutes;
	unsigned lines[CONF_CALENDAR_KEYS]; /* where each key stands; 0: its preset holds */
	/* google: the first three, its own or the shared ones; ics: the fourth, when url is "";
	   caldav: the last two. NULL: not there, or not read. */
	struct secret *client_id, *client_secret, *refresh_token, *address, *user, *password;
};
#define CALENDAR_NAME_MAX 24

/* Every value is there and within its bounds once conf_load() has succeeded; what the owner's time
 * means is read by rules_compile(). */
struct conf {
	struct {
		char *base_url; /* without a slash at its end */
		char *name, *person, *owner, *language, *accent;
		char *logo, *photo, *video_url, *after_url; /* "" for none */
		char *templates, *runtime_dir, *spool_dir, *zoneinfo;
		int64_t queue_ms, form_min_s;
		bool api_wants_key;
	} site;
	struct {
		char *timezone;
		int64_t days;			 /* bit 0 is Sunday */
		int64_t first_start, last_start; /* minutes after midnight */
		int64_t slot_minutes, window_days;
		int64_t step_minutes; /* 0: slot_minutes */
		bool is_packed;
		char *window; /* "" for window_days */
		char *notice;
		int64_t buffer_before, buffer_after;		  /* minutes */
		int64_t max_per_day, max_per_week, max_per_month; /* 0: no limit */
		int64_t change_notice;				  /* seconds */
		struct conf_lines lines;			  /* "Mon-Thu = …" */
	} hours;
	struct {
		char *holidays;		 /* "" for none */
		struct conf_lines lines; /* "2026-12-24 = off" */
	} dates;
	struct {
		int64_t max_changes; /* 0: any number, as below */
		int64_t briefs_per_address, calls_per_address, mails_per_address, briefs_per_hour;
		int64_t briefs_per_client, calls_per_client;
		bool verify;
	} fair;
	struct {
		char *url, *database, *user;
		int64_t timeout_ms, retry_s;
	} clickhouse;
	struct {
		char *auth_url, *token_url, *api_url, *calendar;
		int64_t timeout_ms, page_budget_ms, fresh_s, stale_s, retry_s, per_minute;
		bool outage_open, obeys, has_meet;
	} google;
	struct {
		char *api_url, *from, *reply_to;
	} resend;
	struct {
		char *api_url, *chat_id;
	} telegram;
	struct {
		char *proxy;
	} network;
	struct {
		int64_t reminders[3];	   /* seconds before the call, 0: none */
		int64_t abandoned_minutes; /* 0: never */
		bool nudge;		   /* the prospect is mailed then */
		int64_t replay_s;
		int64_t low_slots; /* 0: never told */
	} courier;

	/* At least one: where no section [calendar NAME] is, [google] calendar stands for one. */
	struct {
		struct conf_calendar *list;
		size_t count;
	} calendars;

	struct credentials secrets;

	char *path;	    /* the file, for messages */
	unsigned *lines_of; /* where each key stands: conf_line_of() */
};

/*
 * Reads the file and, from the folder credentials (NULL: $CREDENTIALS_DIRECTORY, or where the units
 * load them from), the secrets that are wanted, a sum of enum credentials_of; the others are NULL.
 * ERR_CONFIG: an unknown or repeated key, a bad or missing value, with file:line; a bad secret, or
 * one that would leave in clear.
 */
enum err conf_load(const char *path, const char *credentials, unsigned wanted, struct conf **out,
    struct fail *fail) MUST_CHECK;
/* The same without the secrets: none of them is there. */
enum err conf_load_bare(const char *path, struct conf **out, struct fail *fail) MUST_CHECK;
void conf_free(struct conf *conf);

/*
 * For a test of the configuration: whether each section [calendar NAME] has its credentials in this
 * folder (NULL: as above), without reading them. Not having any is no fault of [google] calendar
 * alone. ERR_CONFIG: one has none.
 */
enum err conf_seek_credentials(
    const struct conf *conf, const char *credentials, struct fail *fail) MUST_CHECK;

/* A calendar without its credentials is off. */
bool conf_calendar_is_on(const struct conf_calendar *calendar);
/* Where it is: not of kind google, and only when it is on. */
const char *conf_calendar_address(const struct conf_calendar *calendar);
/* As people know it: "work", or for [google] calendar alone its id. */
const char *conf_calendar_title(const struct conf_calendar *calendar);
/* The one that calls are written to; NULL: that one is off, or none can be written to. */
const struct conf_calendar *conf_writer(const struct conf *conf);
/* There is one that calls are to be written to, and it is off. */
bool conf_lacks_writer(const struct conf *conf);

/* An outside service without its secrets is off. */
bool conf_has_google(const struct conf *conf);
/* Some of Google's secrets are there, and others are not: its service is off, and nobody meant it.
 */
bool conf_lacks_google(const struct conf *conf);
bool conf_has_resend(const struct conf *conf);
bool conf_has_telegram(const struct conf *conf);

/*
 * Whether it says who sends the mails and which chat is alerted; with an empty value it says that
 * nobody and none is. What starts by itself is not to be silent because nobody has thought of it.
 * ERR_CONFIG: a key is missing.
 */
enum err conf_need_services(const struct conf *conf, struct fail *fail) MUST_CHECK;

/* The table of keys, for the operator's tool, the manual and the tests: NULL past the end. */
struct conf_key {
	const char *section, *name;
	const char *preset; /* as it would be written; NULL: must be given */
	const char *help;
};
const struct conf_key *conf_key_at(unsigned index);

/* The line of the file that gives a key of the table its value, or one of "calendar NAME"; 0: its
 * preset holds. */
unsigned conf_line_of(const struct conf *conf, const char *section, const char *name);

/* ERR_CONFIG, with "FILE:LINE: [section] name = " before what is said of the value of such a key.
 */
enum err conf_blame(const struct conf *conf, const char *section, const char *name,
    const struct fail *why, struct fail *fail) MUST_CHECK;

#endif

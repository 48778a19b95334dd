/* SPDX-License-Identifier: MIT */
/* conf_keys.c: the keys of slotguard.conf, and how the word of each is taken */
#include "base/conf_keys.h"
#include "base/num.h"
#include "base/text.h"
#include "base/weekdays.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum type {
	TEXT,	      /* any text; bounds are its length */
	URL,	      /* http:// or https://, without a slash at its end; empty when min is 0 */
	LINK,	      /* http:// or https://, whatever follows; or empty */
	ADDRESS,      /* https://, or http:// to this machine, whatever follows; or empty */
	MAILBOX,      /* "calls@example.com", or "Avo <calls@example.com>"; or empty */
	RULE,	      /* one of two words, or empty; max: which two */
	NAME,	      /* letters, digits, "-" and "_" */
	PATH,	      /* absolute; empty when min is 0 */
	COLOUR,	      /* "#1f4fd8" */
	NUMBER,	      /* decimal, within bounds */
	TIME,	      /* HH:MM → minutes after midnight */
	DAYS,	      /* Mon-Sat, or a list: Mon,Wed,Fri-Sat → bits */
	CHOICE,	      /* one of two words → bool; max: which two, min: which is true */
	STEP,	      /* a number within bounds, or nothing → 0 */
	TIMES_BEFORE, /* "24h, 30m" → three numbers of seconds, 0 for those not given */
	TIME_BEFORE,  /* "24h" or "30m" → seconds; "0" */
	KIND,	      /* of a calendar → enum calendar_kind */
};

/* The words of a choice. */
enum words { YES_NO, OPEN_CLOSED, TELL_YES, GRID_PACKED, OPEN_KEYS };
static const char *const choices[][2] = {
    [YES_NO] = {"yes", "no"},
    [OPEN_CLOSED] = {"open", "closed"},
    [TELL_YES] = {"tell", "yes"},
    [GRID_PACKED] = {"grid", "packed"},
    [OPEN_KEYS] = {"open", "keys"},
};

const char *const conf_calendar_kinds[CONF_CALENDAR_KINDS] = {
    [CALENDAR_GOOGLE] = "google", [CALENDAR_ICS] = "ics", [CALENDAR_CALDAV] = "caldav"};

struct key {
	struct conf_key key;
	enum type type;
	size_t at;
	int64_t min, max;
};

#define HEX_DIGITS "0123456789abcdefABCDEF"
#define AT(member) offsetof(struct conf, member)

static const struct key keys[] = {
    {{"site", "base_url", NULL, "where prospects reach the pages"}, URL, AT(site.base_url), 8, 200},
    {{"site", "name", NULL, "the business's name, as prospects know it"}, TEXT, AT(site.name), 1,
	100},
    {{"site", "person", "", "with whom the call is, when that is not the business"}, TEXT,
	AT(site.person), 0, 100},
    {{"site", "accent", "#1f4fd8", "the colour of buttons and links"}, COLOUR, AT(site.accent), 0,
	100},
    {{"site", "logo", "", "an SVG, PNG, WebP or JPEG file, shown instead of the name"}, PATH,
	AT(site.logo), 0, 1000},
    {{"site", "photo", "", "a picture of the person, as the logo"}, PATH, AT(site.photo), 0, 1000},
    {{"site", "after_url", "", "the business's page to which a booked call leads"}, LINK,
	AT(site.after_url), 0, 200},
    {{"site", "video_url", "", "where the call is held, when that is one address for all"}, LINK,
	AT(site.video_url), 0, 200},
    {{"site", "host", "main", "who is called: the ledger's name for the owner of the calendar"},
	NAME, AT(site.owner), 1, 63},
    {{"site", "language", "en", "the folder of templates"}, NAME, AT(site.language), 2, 20},
    {{"site", "templates", TEMPLATES_DIR, "the folder of the language folders"}, PATH,
	AT(site.templates), 1, 1000},
    {{"site", "runtime_dir", RUNTIME_DIR, "what the pool shares while it runs"}, PATH,
	AT(site.runtime_dir), 1, 1000},
    {{"site", "spool_dir", SPOOL_DIR, "briefs taken while ClickHouse was down"}, PATH,
	AT(site.spool_dir), 1, 1000},
    {{"site", "zoneinfo", "/usr/share/zoneinfo", "the system's zone data"}, PATH, AT(site.zoneinfo),
	1, 1000},
    {{"site", "queue_ms", "10000", "a click that waited longer for a worker is not carried out"},
	NUMBER, AT(site.queue_ms), 1000, 600000},
    {{"site", "form_min_s", "2",
	 "a brief that is sent sooner after its form is taken for a robot's"},
	NUMBER, AT(site.form_min_s), 0, 60},
    {{"site", "api", "open", "whether programs need an api-key: open or keys"}, CHOICE,
	AT(site.api_wants_key), 1, OPEN_KEYS},
    {{"hours", "timezone", "America/New_York", "the business's IANA zone"}, TEXT,
	AT(hours.timezone), 1, 63},
    {{"hours", "days", "Mon-Sat", "days with calls"}, DAYS, AT(hours.days), 0, 0},
    {{"hours", "first_start", "08:00", "the first start of a day"}, TIME, AT(hours.first_start), 0,
	1439},
    {{"hours", "last_start", "16:30", "the last start of a day"}, TIME, AT(hours.last_start), 0,
	1439},
    {{"hours", "slot_minutes", "30", "a call's length"}, NUMBER, AT(hours.slot_minutes), 5, 480},
    {{"hours", "step_minutes", "", "from one start to the next; empty: slot_minutes"}, STEP,
	AT(hours.step_minutes), 5, 480},
    {{"hours", "starts", "grid", "grid, or packed: anew from where something ends"}, CHOICE,
	AT(hours.is_packed), 1, GRID_PACKED},
    {{"hours", "window_days", "14", "today and the days after it"}, NUMBER, AT(hours.window_days),
	1, 60},
    {{"hours", "window", "", "how far ahead calls are offered, in place of window_days"}, TEXT,
	AT(hours.window), 0, 40},
    {{"hours", "notice", "0", "how long before a call it can still be booked"}, TEXT,
	AT(hours.notice), 1, 40},
    {{"hours", "buffer_before", "0", "minutes kept free before a call"}, NUMBER,
	AT(hours.buffer_before), 0, 240},
    {{"hours", "buffer_after", "0", "minutes kept free after a call"}, NUMBER,
	AT(hours.buffer_after), 0, 240},
    {{"hours", "max_per_day", "0", "calls an owner takes a day; 0: no limit"}, NUMBER,
	AT(hours.max_per_day), 0, 1000},
    {{"hours", "max_per_week", "0", "calls an owner takes a week, from Monday on; 0: no limit"},
	NUMBER, AT(hours.max_per_week), 0, 1000},
    {{"hours", "max_per_month", "0", "calls an owner takes a month; 0: no limit"}, NUMBER,
	AT(hours.max_per_month), 0, 10000},
    {{"hours", "change_notice", "0", "how long before a call it can still be moved or cancelled"},
	TIME_BEFORE, AT(hours.change_notice), 0, 10080},
    {{"dates", "holidays", "", "a file of days without calls: .ics, or a date a line"}, PATH,
	AT(dates.holidays), 0, 1000},
    {{"fair", "max_changes", "10",
	 "how often a prospect books, moves and cancels one call; 0: no limit"},
	NUMBER, AT(fair.max_changes), 0, 1000},
    {{"fair", "briefs_per_address", "5", "briefs of one address in a day; 0: no limit"}, NUMBER,
	AT(fair.briefs_per_address), 0, 1000},
    {{"fair", "calls_per_address", "2",
	 "calls of one address that stand at the same time; 0: no limit"},
	NUMBER, AT(fair.calls_per_address), 0, 1000},
    {{"fair", "mails_per_address", "20", "mails to one address in a day; 0: no limit"}, NUMBER,
	AT(fair.mails_per_address), 0, 1000},
    {{"fair", "briefs_per_client", "30", "briefs from one network address in a day; 0: no limit"},
	NUMBER, AT(fair.briefs_per_client), 0, 1000000},
    {{"fair", "calls_per_client", "10", "calls from one network address in a day; 0: no limit"},
	NUMBER, AT(fair.calls_per_client), 0, 1000000},
    {{"fair", "briefs_per_hour", "0", "briefs of all together in an hour; 0: no limit"}, NUMBER,
	AT(fair.briefs_per_hour), 0, 1000000},
    {{"fair", "verify", "no", "yes: the times open from a link that is mailed"}, CHOICE,
	AT(fair.verify), 0, YES_NO},
    {{"clickhouse", "url", "http://127.0.0.1:8123", "ClickHouse's HTTP interface"}, URL,
	AT(clickhouse.url), 8, 200},
    {{"clickhouse", "database", "argus", "the database"}, NAME, AT(clickhouse.database), 1, 63},
    {{"clickhouse", "user", "default", "the user"}, NAME, AT(clickhouse.user), 1, 63},
    {{"clickhouse", "timeout_ms", "4000", "the limit of one query"}, NUMBER,
	AT(clickhouse.timeout_ms), 100, 60000},
    {{"clickhouse", "retry_s", "5", "after a time-out, how long the pool does not ask again"},
	NUMBER, AT(clickhouse.retry_s), 0, 600},
    {{"google", "auth_url", "https://accounts.google.com/o/oauth2/v2/auth",
	 "where `slotguardctl google login` sends the owner"},
	URL, AT(google.auth_url), 8, 200},
    {{"google", "token_url", "https://oauth2.googleapis.com/token", "OAuth's token endpoint"}, URL,
	AT(google.token_url), 8, 200},
    {{"google", "api_url", "https://www.googleapis.com/calendar/v3", "the Calendar API"}, URL,
	AT(google.api_url), 8, 200},
    {{"google", "calendar", "primary", "the calendar's id"}, TEXT, AT(google.calendar), 1, 200},
    {{"google", "timeout_ms", "8000", "all that a click may wait for Google"}, NUMBER,
	AT(google.timeout_ms), 100, 60000},
    {{"google", "page_budget_ms", "700", "all that a page may wait for Google"}, NUMBER,
	AT(google.page_budget_ms), 10, 10000},
    {{"google", "fresh_s", "10", "an answer younger than this is used by every page"}, NUMBER,
	AT(google.fresh_s), 0, 600},
    {{"google", "stale_s", "900", "an answer younger than this is used while Google is down"},
	NUMBER, AT(google.stale_s), 0, 86400},
    {{"google", "retry_s", "15", "after a failure, how long pages do not ask again"}, NUMBER,
	AT(google.retry_s), 1, 600},
    {{"google", "per_minute", "500",
	 "questions of this machine about free/busy in a minute; 0: no limit"},
	NUMBER, AT(google.per_minute), 0, 100000},
    {{"google", "outage", "open", "open: offer the hours while Google is down; closed: offer none"},
	CHOICE, AT(google.outage_open), 0, OPEN_CLOSED},
    {{"google", "obey", "tell", "tell, or yes: what you do to a call's event is done to the call"},
	CHOICE, AT(google.obeys), 1, TELL_YES},
    {{"google", "meet", "no", "yes: each call has a Google Meet of its own"}, CHOICE,
	AT(google.has_meet), 0, YES_NO},
    {{"resend", "api_url", "https://api.resend.com", "the Resend API"}, URL, AT(resend.api_url), 8,
	200},
    {{"resend", "from", "", "the sender of mails"}, MAILBOX, AT(resend.from), 0, 200},
    {{"resend", "reply_to", "", "where answers to mails go; empty: to the sender"}, MAILBOX,
	AT(resend.reply_to), 0, 200},
    {{"telegram", "api_url", "https://api.telegram.org", "the Telegram Bot API"}, URL,
	AT(telegram.api_url), 8, 200},
    {{"telegram", "chat_id", "", "the chat that gets the alerts"}, TEXT, AT(telegram.chat_id), 0,
	64},
    {{"network", "proxy", "", "the way to what is https; empty: directly"}, LINK, AT(network.proxy),
	0, 200},
    {{"courier", "reminders", "24h, 1h", "mails before a call, up to three; none: empty"},
	TIMES_BEFORE, AT(courier.reminders), 0, 0},
    {{"courier", "abandoned_minutes", "60",
	 "a brief without a slot for so long is abandoned; 0: never"},
	NUMBER, AT(courier.abandoned_minutes), 0, 10080},
    {{"courier", "nudge", "yes", "an abandoned brief's prospect gets a mail"}, CHOICE,
	AT(courier.nudge), 0, YES_NO},
    {{"courier", "replay_s", "10", "what a worker left half done is done by then"}, NUMBER,
	AT(courier.replay_s), 1, 3600},
    {{"courier", "low_slots", "1", "fewer open starts in the window are told once a day; 0: never"},
	NUMBER, AT(courier.low_slots), 0, 100000},
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

#define AT_CALENDAR(member) offsetof(struct conf_calendar, member)
#define CALENDAR_PREFIX "calendar "
#define ANY_CALENDAR CALENDAR_PREFIX "NAME"

static const struct key calendar_keys[] = {
    {{ANY_CALENDAR, "kind", "google", "google, ics or caldav"}, KIND, AT_CALENDAR(kind), 0, 0},
    {{ANY_CALENDAR, "calendar", "primary", "google: the calendar's id"}, TEXT,
	AT_CALENDAR(calendar), 1, 200},
    {{ANY_CALENDAR, "url", "", "ics: its private address; caldav: its address"}, ADDRESS,
	AT_CALENDAR(url), 0, 1000},
    {{ANY_CALENDAR, "blocks", "yes", "whether a call keeps clear of its events"}, CHOICE,
	AT_CALENDAR(blocks), 0, YES_NO},
    {{ANY_CALENDAR, "writes", "no", "yes in exactly one: the calls' events go there"}, CHOICE,
	AT_CALENDAR(writes), 0, YES_NO},
    {{ANY_CALENDAR, "outage", "", "open or closed while it is down; empty: as in [google]"}, RULE,
	AT_CALENDAR(outage), 0, OPEN_CLOSED},
    {{ANY_CALENDAR, "obey", "", "where calls are written: tell or yes; empty: as in [google]"},
	RULE, AT_CALENDAR(obey), 0, TELL_YES},
    {{ANY_CALENDAR, "meet", "", "where calls are written: yes or no; empty: as in [google]"}, RULE,
	AT_CALENDAR(meet), 0, YES_NO},
    {{ANY_CALENDAR, "every_minutes", "5", "ics: how often it is fetched"}, NUMBER,
	AT_CALENDAR(every_minutes), 1, 1440},
};

#define CALENDAR_KEYS (sizeof(calendar_keys) / sizeof(calendar_keys[0]))
_Static_assert(CALENDAR_KEYS == CONF_CALENDAR_KEYS, "a line for each key");

unsigned conf_keys_of_file(void)
{
	return KEYS;
}

static const struct key *key_at(unsigned index)
{
	return index < KEYS ? &keys[index] : &calendar_keys[index - KEYS];
}

const struct conf_key *conf_key_at(unsigned index)
{
	return index < KEYS + CALENDAR_KEYS ? &key_at(index)->key : NULL;
}

const char *conf_section_calendar(const char *section)
{
	size_t len = strlen(CALENDAR_PREFIX);

	return strncmp(section, CALENDAR_PREFIX, len) == 0 ? section + len : NULL;
}

bool conf_key_find(const char *section, const char *name, unsigned *index)
{
	if (conf_section_calendar(section))
		section = ANY_CALENDAR;
	for (unsigned i = 0; i < KEYS + CALENDAR_KEYS; i++)
		if (strcmp(key_at(i)->key.section, section) == 0 &&
		    strcmp(key_at(i)->key.name, name) == 0) {
			*index = i;
			return true;
		}
	return false;
}

unsigned conf_line_of(const struct conf *conf, const char *section, const char *name)
{
	unsigned index;

	if (!conf_key_find(section, name, &index))
		return 0;
	if (index < conf_keys_of_file())
		return conf->lines_of[index];
	name = conf_section_calendar(section);
	for (size_t i = 0; i < conf->calendars.count; i++)
		if (strcmp(conf->calendars.list[i].name, name) == 0)
			return conf->calendars.list[i].lines[index - conf_keys_of_file()];
	return 0;
}

/* A calendar's private address is its key, and a password goes to another's. */
static const char *judge_address(const char *value)
{
	if (strncmp(value, "webcal://", 9) == 0)
		return "is webcal://, which is a calendar program's word: write https://";
	if (strncmp(value, "http://", 7) == 0 && !url_keeps_secrets(value))
		return "is http:// to another machine, and the calendar's key, its address or its "
		       "password, would cross the network in clear: use https://";
	if (!url_keeps_secrets(value) || strpbrk(value, " \"<>#"))
		return "must be an https:// address";
	return NULL;
}

/* One address, as contact_address() takes it out. */
static bool is_mailbox(const char *value)
{
	const char *open = strchr(value, '<'), *address = open ? open + 1 : value,
		   *at = strchr(address, '@');
	size_t len = strcspn(address, " <>,;@");

	if (!at || address + len != at || len == 0)
		return false;
	len = strcspn(at + 1, " <>,;@");
	return len > 0 && strcmp(at + 1 + len, open ? ">" : "") == 0;
}

/* Sets a value, or says what is wrong with it; NULL when all is well. */
static const char *set_text(char **out, const char *value, const struct key *key)
{
	size_t len = strlen(value);
	bool is_url = strncmp(value, "http://", 7) == 0 || strncmp(value, "https://", 8) == 0;
	const char *wrong;

	if (len < (size_t)key->min)
		return "is too short";
	if (len > (size_t)key->max)
		return "is too long";
	if (!utf8_is_valid(value, len))
		return "is not UTF-8";
	for (const char *c = value; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return "has a control character";
	/* Of a name, say, prospects would read it. */
	if (len > 1 && value[0] == '"' && value[len - 1] == '"')
		return "stands in quotes, which would be a part of it: write it without";
	if (key->type == TEXT && strstr(value, " # "))
		return "has a \"#\", which would be a part of it: remarks begin with \";\"";
	if (key->type == URL && len &&
	    (!is_url || strpbrk(value, " \"<>?#") || value[len - 1] == '/'))
		return "must be an http or https URL without a query and without a slash at its "
		       "end";
	/* It is said in logs and in mails. */
	if (key->type == URL && url_names_user(value))
		return "names a user: write it without; passwords are credentials, a file each";
	if (key->type == LINK && len && (!is_url || strpbrk(value, " \"<>")))
		return "must be an http or https address";
	if (key->type == MAILBOX && len && !is_mailbox(value))
		return "must be one address, such as Avo <calls@book.example.com>";
	if (key->type == NAME && strspn(value, CONF_NAME) != len)
		return "may hold letters, digits, \"-\" and \"_\" only";
	if (key->type == PATH && len && value[0] != '/')
		return "must be an absolute path";
	if (key->type == COLOUR &&
	    (len != 7 || value[0] != '#' || strspn(value + 1, HEX_DIGITS) != 6))
		return "must be a colour like #1f4fd8";
	if (key->type == ADDRESS && len && (wrong = judge_address(value)))
		return wrong;
	free(*out);
	*out = strdup(value);
	return *out ? NULL : "no memory";
}

/* The word that is no day; NULL: all are. */
static const char *set_days(int64_t *out, const char *value)
{
	unsigned bits;
	const char *word = weekdays_read(value, &bits);

	if (!word)
		*out = bits;
	return word;
}

static const char *set_time(int64_t *out, const char *value)
{
	uint64_t hour, minute;
	char digits[3] = {0};

	if (strlen(value) != 5 || value[2] != ':')
		return "must be a time like 08:00";
	memcpy(digits, value, 2);
	if (!num_u64(digits, 0, 23, &hour) || !num_u64(value + 3, 0, 59, &minute))
		return "must be a time from 00:00 to 23:59";
	*out = (int64_t)(hour * 60 + minute);
	return NULL;
}

/* "24h" or "30m", and where it ends; NULL: neither. */
static const char *read_time_before(const char *value, int64_t *out)
{
	size_t len = strspn(value, "0123456789");
	char number[8];

	if (!len || len >= sizeof(number) || !value[len] || !strchr("hm", value[len]))
		return NULL;
	memcpy(number, value, len);
	number[len] = '\0';
	if (!num_i64(number, 1, 10080, out))
		return NULL;
	*out *= value[len] == 'h' ? 3600 : 60;
	return value + len + 1;
}

static const char *set_time_before(int64_t *out, const char *value)
{
	int64_t time = 0;

	if (strcmp(value, "0") != 0) {
		value = read_time_before(value, &time);
		if (!value || *value)
			return "must be a time like 24h or 30m, or 0";
	}
	*out = time;
	return NULL;
}

static const char *set_times_before(int64_t *out, const char *value)
{
	static const char wrong[] = "must be up to three times like 24h, 30m";
	int64_t times[3] = {0, 0, 0};

	for (int i = 0; *value; i++) {
		value = i < 3 ? read_time_before(value, &times[i]) : NULL;
		if (!value || (*value && *value != ','))
			return wrong;
		value += strspn(value, ", ");
	}
	memcpy(out, times, sizeof(times));
	return NULL;
}

static const char *set_choice(bool *out, const char *value, const struct key *key)
{
	for (int i = 0; i < 2; i++)
		if (strcmp(value, choices[key->max][i]) == 0) {
			*out = i == key->min;
			return NULL;
		}
	return "must be";
}

static const char *set_rule(char **out, const char *value, const struct key *key)
{
	const struct key any = {.type = TEXT, .max = INT64_MAX};

	if (*value && strcmp(value, choices[key->max][0]) != 0 &&
	    strcmp(value, choices[key->max][1]) != 0)
		return "must be";
	return set_text(out, value, &any);
}

static const char *set_kind(int64_t *out, const char *value)
{
	int kind;

	if (!num_of_name(value, conf_calendar_kinds, CONF_CALENDAR_KINDS, &kind))
		return "must be google, ics or caldav";
	*out = kind;
	return NULL;
}

/* Of the whole configuration, or of one calendar. */
static const char *set_value(void *base, const struct key *key, const char *value)
{
	void *at = (char *)base + key->at;

	switch (key->type) {
	case TEXT:
	case URL:
	case LINK:
	case MAILBOX:
	case NAME:
	case PATH:
	case COLOUR:
	case ADDRESS:
		return set_text(at, value, key);
	case RULE:
		return set_rule(at, value, key);
	case KIND:
		return set_kind(at, value);
	case NUMBER:
		return num_i64(value, key->min, key->max, at) ? NULL : "is out of its bounds";
	case TIME:
		return set_time(at, value);
	case DAYS:
		return set_days(at, value) ? "must be days like Mon-Fri or Mon,Wed,Sat" : NULL;
	case CHOICE:
		return set_choice(at, value, key);
	case STEP:
		*(int64_t *)at = 0;
		return !*value || num_i64(value, key->min, key->max, at) ? NULL
									 : "is out of its bounds";
	case TIME_BEFORE:
		return set_time_before(at, value);
	case TIMES_BEFORE:
		return set_times_before(at, value);
	}
	return "has no type";
}

/* What would be right, too. */
static void say_wrong(
    char said[CONF_WRONG], const struct key *key, const char *value, const char *wrong)
{
	int64_t days;

	if (key->type == NUMBER || key->type == STEP)
		snprintf(said, CONF_WRONG, "is \"%.30s\"; it may be %" PRId64 " to %" PRId64 "%s",
		    value, key->min, key->max,
		    key->type == STEP ? ", or empty for slot_minutes" : "");
	else if (key->type == CHOICE || key->type == RULE)
		snprintf(said, CONF_WRONG, "is \"%.30s\"; it may be %s%s %s%s", value,
		    choices[key->max][0], key->type == RULE ? "," : " or", choices[key->max][1],
		    key->type == RULE ? " or empty" : "");
	else if (key->type == TIME)
		snprintf(said, CONF_WRONG, "is \"%.30s\"; it %s", value, wrong);
	else if (key->type == DAYS) {
		const char *word = set_days(&days, value);

		snprintf(said, CONF_WRONG, "%s; \"%.*s\" is none", wrong,
		    (int)(strcspn(word, ",") < 30 ? strcspn(word, ",") : 30), word);
	} else
		snprintf(said, CONF_WRONG, "%s", wrong);
}

bool conf_key_set(void *base, unsigned index, const char *value, char wrong[CONF_WRONG])
{
	const struct key *key = key_at(index);
	const char *why = set_value(base, key, value);

	if (why)
		say_wrong(wrong, key, value, why);
	return !why;
}

static bool preset(void *base, const struct key *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].key.preset && set_value(base, &list[i], list[i].key.preset))
			return false;
	return true;
}

bool conf_preset(struct conf *conf)
{
	return preset(conf, keys, KEYS);
}

bool conf_calendar_preset(struct conf_calendar *calendar)
{
	return preset(calendar, calendar_keys, CALENDAR_KEYS);
}

static void free_texts(void *base, const struct key *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].type <= COLOUR)
			free(*(char **)((char *)base + list[i].at));
}

void conf_texts_free(struct conf *conf)
{
	free_texts(conf, keys, KEYS);
}

void conf_calendar_texts_free(struct conf_calendar *calendar)
{
	free_texts(calendar, calendar_keys, CALENDAR_KEYS);
}

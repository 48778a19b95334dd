/* SPDX-License-Identifier: MIT */
/* check_conf.c: what slotguard.conf may say, what is refused and with which file:line; secrets */
#include "base/conf.h"
#include "files.h"
#include "times.h"

#include <errno.h>
#include <sodium.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#define KEY "0123456789abcdef0123456789abcdef"
#define BASE "[site]\nbase_url = https://book.example.com\nname = Avo\n"

static struct conf *conf;
static struct fail failure;

static void set_up(void)
{
	make_folder();
	write_file("signing-key", KEY "\n");
	conf = NULL;
	failure = (struct fail){0};
}

static void tear_down(void)
{
	conf_free(conf);
	remove_folder();
}

static enum err load(const char *text)
{
	char path[600];

	write_file("slotguard.conf", text);
	snprintf(path, sizeof(path), "%s", path_of("slotguard.conf"));
	conf_free(conf);
	conf = NULL;
	return conf_load(path, folder, CREDENTIALS_ALL, &conf, &failure);
}

/* Expects ERR_CONFIG and "FOLDER" followed by exactly this. */
static void refuse(const char *text, const char *expected)
{
	size_t prefix = strlen(folder);

	ck_assert_msg(load(text) == ERR_CONFIG, "accepted: %s", text);
	ck_assert_ptr_null(conf);
	ck_assert_msg(strncmp(failure.detail, folder, prefix) == 0 &&
			  strcmp(failure.detail + prefix, expected) == 0,
	    "%s, not %s", failure.detail, expected);
}

START_TEST(what_is_not_said)
{
	ck_assert_msg(!load(BASE), "%s", failure.detail);
	ck_assert_str_eq(conf->site.base_url, "https://book.example.com");
	ck_assert_str_eq(conf->site.name, "Avo");
	ck_assert_str_eq(conf->hours.timezone, "America/New_York");
	ck_assert_int_eq(conf->hours.days, 0x7e);
	ck_assert_int_eq(conf->hours.first_start, 480);
	ck_assert_int_eq(conf->hours.last_start, 990);
	ck_assert_int_eq(conf->hours.slot_minutes, 30);
	ck_assert_int_eq(conf->hours.window_days, 14);
	ck_assert_int_eq(conf->hours.max_per_day, 0);
	ck_assert_str_eq(conf->clickhouse.url, "http://127.0.0.1:8123");
	ck_assert_str_eq(conf->clickhouse.database, "argus");
	ck_assert_str_eq(conf->clickhouse.user, "default");
	ck_assert_str_eq(conf->google.token_url, "https://oauth2.googleapis.com/token");
	ck_assert_str_eq(conf->google.api_url, "https://www.googleapis.com/calendar/v3");
	ck_assert_str_eq(conf->google.calendar, "primary");
	ck_assert_int_eq(conf->google.timeout_ms, 8000);
	ck_assert_int_eq(conf->google.page_budget_ms, 700);
	ck_assert_int_eq(conf->google.fresh_s, 10);
	ck_assert_int_eq(conf->google.stale_s, 900);
	ck_assert(conf->google.outage_open);
	ck_assert_str_eq(conf->resend.api_url, "https://api.resend.com");
	ck_assert_str_eq(conf->telegram.api_url, "https://api.telegram.org");
	ck_assert_str_eq(conf->secrets.signing_key->text, KEY);
	ck_assert(!conf_has_google(conf) && !conf_has_resend(conf) && !conf_has_telegram(conf));
	conf_free(NULL);
}
END_TEST

/* A value in [hours] days or a time, and what it means. */
static const struct {
	const char *line;
	int64_t days; /* -1: a time, in first_start */
	int64_t minutes;
} values[] = {
    {"days = Mon-Fri", 0x3e, 0},
    {"days = Mon,Wed,Fri-Sat", 0x6a, 0},
    {"days = Sun", 0x01, 0},
    {"days = Fri-Mon", 0x63, 0}, /* over the week's end */
    {"days = Sun-Sat", 0x7f, 0},
    {"days = Mon-Mon", 0x02, 0},
    {"days = Mon,Mon", 0x02, 0},
    {"first_start = 00:00", -1, 0},
    {"first_start = 16:30", -1, 990},
    {"first_start = 09:05", -1, 545},
};

START_TEST(value)
{
	char text[300];

	snprintf(text, sizeof(text), BASE "[hours]\n%s\n", values[_i].line);
	ck_assert_msg(!load(text), "%s", failure.detail);
	if (values[_i].days >= 0)
		ck_assert_int_eq(conf->hours.days, values[_i].days);
	else
		ck_assert_int_eq(conf->hours.first_start, values[_i].minutes);
}
END_TEST

#define DAYS_WRONG(word)                                                                           \
	"/slotguard.conf:5: [hours] days must be days like Mon-Fri or Mon,Wed,Sat; \"" word        \
	"\" is none"
#define NUMBER_WRONG(key, word, limit)                                                             \
	"/slotguard.conf:5: [hours] " key " is \"" word "\"; it may be " limit
#define URL_WRONG(line, key)                                                                       \
	"/slotguard.conf:" line ": " key                                                           \
	" must be an http or https URL without a query and without a slash at its end"
#define INDENTED(line) "/slotguard.conf:" line ": the line is indented; begin it at the left"
#define URL_NAMES_USER "names a user: write it without; passwords are credentials, a file each"
#define ROOM_WRONG "/slotguard.conf:4: [site] video_url must be an http or https address"
#define TIMES_WRONG "/slotguard.conf:5: [courier] reminders must be up to three times like 24h, 30m"
#define NAME_WRONG(name)                                                                           \
	"/slotguard.conf:5: [calendar " name                                                       \
	"]: a calendar's name has 1 to 24 letters, digits, \"-\" and \"_\""
#define CLEAR_WRONG                                                                                \
	"/slotguard.conf:6: [calendar a] url is http:// to another machine, and the calendar's "   \
	"key, its address or its password, would cross the network in clear: use https://"
#define DAV "[calendar dav]\nkind = caldav\nurl = https://c.example/avo/a/\n"
#define USER_WRONG                                                                                 \
	"/slotguard.conf:6: [calendar a] url names a user: write it without, and put name and "    \
	"password into the credentials NAME-caldav-user and NAME-caldav-password"
#define NOTICE_WRONG "/slotguard.conf:5: [hours] change_notice must be a time like 24h or 30m, or 0"
#define QUOTED "stands in quotes, which would be a part of it: write it without"
#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const struct {
	const char *text, *detail;
} refusals[] = {
    /* keys */
    {BASE "nothing = 1\n", "/slotguard.conf:4: there is no key [site] nothing"},
    {BASE "[nowhere]\nname = 1\n", "/slotguard.conf:5: there is no key [nowhere] name"},
    {BASE "[hours]\nnothing = 1\n",
	"/slotguard.conf:5: there is no key [hours] nothing; days are Sun, Mon, Tue, Wed, Thu, Fri "
	"and Sat"},
    {BASE "[hours]\nbase_url = https://a.example\n",
	"/slotguard.conf:5: there is no key [hours] base_url; days are Sun, Mon, Tue, Wed, Thu, Fri "
	"and Sat"},
    {BASE "[google]\nMon = 08:00\n", "/slotguard.conf:5: there is no key [google] Mon"},
    {BASE "Name = x\n", "/slotguard.conf:4: there is no key [site] Name"},
    {"name = x\n" BASE, "/slotguard.conf:1: name stands before the first [section]"},
    {BASE "\n; a remark\nname = x\n", "/slotguard.conf:6: [site] name stands at line 3 already"},
    {BASE "[hours]\ndays = Mon\n[site]\nname = x\n",
	"/slotguard.conf:7: [site] name stands at line 3 already"},
    {BASE "  more\n", INDENTED("4")},
    {BASE "\taccent = #123456\n", INDENTED("4")},
    {BASE "\n; a remark\n [hours]\n", INDENTED("6")},
    {BASE "[dates]\n2026-12-24 = off\n 2026-12-25 = off\n", INDENTED("6")},
    {BASE "[hours]\n  days = Mon\n  days = Tue\n", INDENTED("6")},
    {BASE "[hours]\n  days = Mon\n[site]\n  name = x\n",
	"/slotguard.conf:7: [site] name stands at line 3 already"},
    {"[site]\nname = Avo\n",
	"/slotguard.conf: [site] base_url is missing: where prospects reach the pages"},
    {"", "/slotguard.conf: [site] base_url is missing: where prospects reach the pages"},
    {"[site]\nbase_url = https://a.example\n",
	"/slotguard.conf: [site] name is missing: the business's name, as prospects know it"},
    {BASE "nonsense\n", "/slotguard.conf:4: neither [section] nor key = value"},
    {BASE "[site\n", "/slotguard.conf:4: neither [section] nor key = value"},
    {BASE "[hours]\nbuffer_before = " HUNDRED HUNDRED "\n",
	"/slotguard.conf:5: the line is longer than 198 bytes"},
    {BASE "; " HUNDRED HUNDRED "\n", "/slotguard.conf:4: the line is longer than 198 bytes"},
    {BASE "; " HUNDRED "0123456789" TEN TEN TEN TEN TEN TEN TEN TEN "0123456\n",
	"/slotguard.conf:4: the line is longer than 198 bytes"},
    /* texts */
    {"[site]\nbase_url = https://a.example\nname =\n",
	"/slotguard.conf:3: [site] name is too short"},
    {"[site]\nbase_url = https://a.example\nname = " HUNDRED "x\n",
	"/slotguard.conf:3: [site] name is too long"},
    {"[site]\nbase_url = https://a.example\nname = a\xff\n",
	"/slotguard.conf:3: [site] name is not UTF-8"},
    {"[site]\nbase_url = https://a.example\nname = a\x01z\n",
	"/slotguard.conf:3: [site] name has a control character"},
    {BASE "accent = #12345g\n", "/slotguard.conf:4: [site] accent must be a colour like #1f4fd8"},
    {BASE "accent = 1f4fd8#\n", "/slotguard.conf:4: [site] accent must be a colour like #1f4fd8"},
    {BASE "accent = #12345\n", "/slotguard.conf:4: [site] accent must be a colour like #1f4fd8"},
    {BASE "accent = #1234567\n", "/slotguard.conf:4: [site] accent must be a colour like #1f4fd8"},
    {BASE "accent = blue\n", "/slotguard.conf:4: [site] accent must be a colour like #1f4fd8"},
    {BASE "accent =\n", "/slotguard.conf:4: [site] accent must be a colour like #1f4fd8"},
    {BASE "person = \"Ada\"\n", "/slotguard.conf:4: [site] person " QUOTED},
    {BASE "[hours]\ntimezone = \"Europe/Rome\"\n", "/slotguard.conf:5: [hours] timezone " QUOTED},
    {BASE "person = Ada # of Engines\n",
	"/slotguard.conf:4: [site] person has a \"#\", which would be a part of it: remarks begin "
	"with \";\""},
    {BASE "after_url = www.example.com\n",
	"/slotguard.conf:4: [site] after_url must be an http or https address"},
    {"[site]\nbase_url = https://a.example\nname = a\x7fz\n",
	"/slotguard.conf:3: [site] name has a control character"},
    /* addresses */
    {"[site]\nname = x\nbase_url = book.example.com\n", URL_WRONG("3", "[site] base_url")},
    {"[site]\nname = x\nbase_url = ftp://book.example.com\n", URL_WRONG("3", "[site] base_url")},
    {"[site]\nname = x\nbase_url = https://book.example.com/\n", URL_WRONG("3", "[site] base_url")},
    {"[site]\nname = x\nbase_url = https://example.com/book\n",
	"/slotguard.conf: [site] base_url has a path, and the pages stand at the top of a site"},
    {"[site]\nname = x\nbase_url = https://book.example.com?a\n",
	URL_WRONG("3", "[site] base_url")},
    {"[site]\nname = x\nbase_url = https://book.example.com#a\n",
	URL_WRONG("3", "[site] base_url")},
    {"[site]\nname = x\nbase_url = https://avo@book.example.com\n",
	"/slotguard.conf:3: [site] base_url " URL_NAMES_USER},
    {BASE "[clickhouse]\nurl = http://default:s3cret@127.0.0.1:8123\n",
	"/slotguard.conf:5: [clickhouse] url " URL_NAMES_USER},
    {BASE "[resend]\napi_url = https://a:b@c\n",
	"/slotguard.conf:5: [resend] api_url " URL_NAMES_USER},
    {"[site]\nname = x\nbase_url = https://a b.example\n", URL_WRONG("3", "[site] base_url")},
    {"[site]\nname = x\nbase_url = https://\"a.example\n", URL_WRONG("3", "[site] base_url")},
    {"[site]\nname = x\nbase_url = http://\n", "/slotguard.conf:3: [site] base_url is too short"},
    /* names and paths */
    {BASE "host = a b\n",
	"/slotguard.conf:4: [site] host may hold letters, digits, \"-\" and \"_\" only"},
    {BASE "language = ../x\n",
	"/slotguard.conf:4: [site] language may hold letters, digits, \"-\" and \"_\" only"},
    {BASE "host =\n", "/slotguard.conf:4: [site] host is too short"},
    {BASE "spool_dir = spool\n", "/slotguard.conf:4: [site] spool_dir must be an absolute path"},
    /* numbers */
    {BASE "[hours]\nslot_minutes = 4\n", NUMBER_WRONG("slot_minutes", "4", "5 to 480")},
    {BASE "[hours]\nslot_minutes = 481\n", NUMBER_WRONG("slot_minutes", "481", "5 to 480")},
    {BASE "[hours]\nslot_minutes = 30m\n", NUMBER_WRONG("slot_minutes", "30m", "5 to 480")},
    {BASE "[hours]\nslot_minutes = +30\n", NUMBER_WRONG("slot_minutes", "+30", "5 to 480")},
    {BASE "[hours]\nslot_minutes = 0x1e\n", NUMBER_WRONG("slot_minutes", "0x1e", "5 to 480")},
    {BASE "[hours]\nslot_minutes = 30.0\n", NUMBER_WRONG("slot_minutes", "30.0", "5 to 480")},
    {BASE "[hours]\nslot_minutes =\n", NUMBER_WRONG("slot_minutes", "", "5 to 480")},
    {BASE "[hours]\nbuffer_before = -1\n", NUMBER_WRONG("buffer_before", "-1", "0 to 240")},
    {BASE "[hours]\nwindow_days = 99999999999999999999\n",
	NUMBER_WRONG("window_days", "99999999999999999999", "1 to 60")},
    {BASE "[hours]\nwindow_days = 365\n", NUMBER_WRONG("window_days", "365", "1 to 60")},
    {BASE "[hours]\nbuffer_before = x\n", NUMBER_WRONG("buffer_before", "x", "0 to 240")},
    {BASE "[hours]\nmax_per_day = -1\n", NUMBER_WRONG("max_per_day", "-1", "0 to 1000")},
    {BASE "[hours]\nstep_minutes = 0\n",
	NUMBER_WRONG("step_minutes", "0", "5 to 480, or empty for slot_minutes")},
    /* times */
    {BASE "[hours]\nfirst_start = 8:00\n",
	"/slotguard.conf:5: [hours] first_start is \"8:00\"; it must be a time like 08:00"},
    {BASE "[hours]\nfirst_start = 08.00\n",
	"/slotguard.conf:5: [hours] first_start is \"08.00\"; it must be a time like 08:00"},
    {BASE "[hours]\nfirst_start = 08:00:00\n",
	"/slotguard.conf:5: [hours] first_start is \"08:00:00\"; it must be a time like 08:00"},
    {BASE "[hours]\nfirst_start = 24:00\n",
	"/slotguard.conf:5: [hours] first_start is \"24:00\"; it must be a time from 00:00 to 23:59"},
    {BASE "[hours]\nfirst_start = 08:60\n",
	"/slotguard.conf:5: [hours] first_start is \"08:60\"; it must be a time from 00:00 to 23:59"},
    {BASE "[hours]\nfirst_start = -8:00\n",
	"/slotguard.conf:5: [hours] first_start is \"-8:00\"; it must be a time from 00:00 to 23:59"},
    {BASE "[hours]\nfirst_start = 17:00\n",
	"/slotguard.conf:5: [hours] first_start, 17:00, is later than last_start, 16:30; the last "
	"is the default"},
    {BASE "[hours]\nlast_start = 07:00\n",
	"/slotguard.conf:5: [hours] first_start, 08:00, is later than last_start, 07:00; the first "
	"is the default"},
    {BASE "[hours]\nlast_start = 09:00\nfirst_start = 10:00\n",
	"/slotguard.conf:6: [hours] first_start, 10:00, is later than last_start, 09:00"},
    /* days */
    {BASE "[hours]\ndays = Mon-Fry\n", DAYS_WRONG("Fry")},
    {BASE "[hours]\ndays =\n", DAYS_WRONG("")},
    {BASE "[hours]\ndays = Mon,x234567890" TEN "123456789,Tue\n",
	DAYS_WRONG("x234567890" TEN "123456789")},
    {BASE "[hours]\ndays = Mon,x234567890" TEN TEN "\n", DAYS_WRONG("x234567890" TEN TEN)},
    {BASE "[hours]\ndays = Mon,x234567890" TEN TEN "x\n", DAYS_WRONG("x234567890" TEN TEN)},
    {BASE "[hours]\ndays = mon\n", DAYS_WRONG("mon")},
    {BASE "[hours]\ndays = Monday\n", DAYS_WRONG("Monday")},
    {BASE "[hours]\ndays = Mon,\n", DAYS_WRONG("")},
    {BASE "[hours]\ndays = ,Mon\n", DAYS_WRONG("")},
    {BASE "[hours]\ndays = Mon,,Tue\n", DAYS_WRONG("")},
    {BASE "[hours]\ndays = Mon-\n", DAYS_WRONG("")},
    {BASE "[hours]\ndays = Mon-Fri-Sat\n", DAYS_WRONG("Fri-Sat")},
    {BASE "[hours]\ndays = Mon - Fri\n", DAYS_WRONG("Mon - Fri")},
    {BASE "[hours]\ndays = Mon, Fri\n", DAYS_WRONG(" Fri")},
    /* times before a call */
    {BASE "[hours]\nchange_notice =\n", NOTICE_WRONG},
    {BASE "[hours]\nchange_notice = 24\n", NOTICE_WRONG},
    {BASE "[hours]\nchange_notice = 0h\n", NOTICE_WRONG},
    {BASE "[hours]\nchange_notice = 24h30m\n", NOTICE_WRONG},
    {BASE "[hours]\nchange_notice = 24h x\n", NOTICE_WRONG},
    {BASE "[hours]\nchange_notice = 10081h\n", NOTICE_WRONG},
    {BASE "[courier]\nreminders = 1h,2h,3h,4\n", TIMES_WRONG},
    {BASE "[courier]\nreminders = 00000024h\n", TIMES_WRONG},
    {BASE "[google]\noutage = tell\n",
	"/slotguard.conf:5: [google] outage is \"tell\"; it may be open or closed"},
    {BASE "[google]\nmeet = open\n",
	"/slotguard.conf:5: [google] meet is \"open\"; it may be yes or no"},
    {BASE "[calendar a]\nwrites = yes\nmeet = open\n",
	"/slotguard.conf:6: [calendar a] meet is \"open\"; it may be yes, no or empty"},
    {BASE "[courier]\nreminders = 24\n", TIMES_WRONG},
    {BASE "[courier]\nreminders = h\n", TIMES_WRONG},
    {BASE "[courier]\nreminders = 24d\n", TIMES_WRONG},
    {BASE "[courier]\nreminders = 0h\n", TIMES_WRONG},
    {BASE "[courier]\nreminders = -1h\n", TIMES_WRONG},
    {BASE "[courier]\nreminders = 10081m\n", TIMES_WRONG},
    {BASE "[courier]\nreminders = 99999999999m\n", TIMES_WRONG},
    {BASE "[courier]\nreminders = 1h 2h\n", TIMES_WRONG},
    {BASE "[courier]\nreminders = 4h,3h,2h,1h\n", TIMES_WRONG},
    {BASE "[courier]\nreminders = ,1h\n", TIMES_WRONG},
    /* calendars */
    {BASE "[calendar a]\nkind = outlook\n",
	"/slotguard.conf:5: [calendar a] kind must be google, ics or caldav"},
    {BASE "[calendar a]\nkinds = ics\n", "/slotguard.conf:5: there is no key [calendar a] kinds"},
    {BASE "[calendar]\nkind = ics\n", "/slotguard.conf:5: there is no key [calendar] kind"},
    {BASE "[calendar a b]\nkind = ics\n", NAME_WRONG("a b")},
    {BASE "[calendar ]\nkind = ics\n", NAME_WRONG("")},
    {BASE "[calendar ../a]\nkind = ics\n", NAME_WRONG("../a")},
    {BASE "[calendar abcdefghijklmnopqrstuvwxy]\nkind = ics\n",
	NAME_WRONG("abcdefghijklmnopqrstuvwxy")},
    {BASE "[calendar a]\nkind = google\nwrites = yes\n[calendar b]\nwrites = yes\n",
	"/slotguard.conf:8: [calendar b] writes = yes stands in [calendar a] at line 6, too: calls "
	"are written to one calendar"},
    {BASE "[calendar a]\nkind = google\n[calendar b]\nkind = google\n",
	"/slotguard.conf:5: [calendar a] and no other has writes = yes: exactly one has it, and "
	"calls are written there"},
    {BASE "[calendar a]\nwrites = yes\nwrites = yes\n",
	"/slotguard.conf:6: [calendar a] writes stands at line 5 already"},
    {BASE "[calendar a]\nkind = ics\nurl = http://calendar.example/a.ics\n", CLEAR_WRONG},
    {BASE "[calendar a]\nkind = caldav\n",
	"/slotguard.conf:5: [calendar a] has no url: the calendar's own address on its server"},
    {BASE "[calendar a]\nkind = caldav\nurl = http://calendar.example/avo/a/\n", CLEAR_WRONG},
    {BASE "[calendar a]\nkind = ics\nurl = https://a b.example/\n",
	"/slotguard.conf:6: [calendar a] url must be an https:// address"},
    {BASE "[calendar a]\nkind = ics\nurl = https://a.example/#b\n",
	"/slotguard.conf:6: [calendar a] url must be an https:// address"},
    {BASE "[calendar a]\nkind = caldav\nurl = https://avo@/a\n", USER_WRONG},
    {BASE "[calendar a]\nkind = caldav\nurl = https://@calendar.example/a\n", USER_WRONG},
    {BASE "[calendar a]\nkind = caldav\nurl = https://avo@calendar.example\n",
	"/slotguard.conf:6: [calendar a] url names a user: write it without, and put name and "
	"password into the credentials NAME-caldav-user and NAME-caldav-password"},
    {BASE "[calendar a]\nkind = caldav\nurl = https://calendar.example/avo/a/?x\n",
	"/slotguard.conf:6: [calendar a] url has a query, and a CalDAV calendar's address has none"},
    {BASE "[calendar a]\nkind = caldav\nurl = https://avo:s3cret@calendar.example/avo/a/\n",
	"/slotguard.conf:6: [calendar a] url names a user: write it without, and put name and "
	"password into the credentials NAME-caldav-user and NAME-caldav-password"},
    {BASE DAV "calendar = primary\n",
	"/slotguard.conf:7: [calendar dav] calendar is no key of kind = caldav"},
    {BASE DAV "every_minutes = 5\n",
	"/slotguard.conf:7: [calendar dav] every_minutes is no key of kind = caldav"},
    {BASE DAV "blocks = no\n",
	"/slotguard.conf:7: [calendar dav] neither blocks nor writes: leave it out"},
    {BASE DAV "[calendar a]\nkind = google\n",
	"/slotguard.conf:5: [calendar dav] and no other has writes = yes: exactly one has it, and "
	"calls are written there"},
    {BASE "[google]\nmeet = yes\n" DAV "writes = yes\n",
	"/slotguard.conf:9: [calendar dav] is of kind caldav, and [google] meet = yes: only Google "
	"makes a Google Meet; [site] video_url is one room for all"},
    {BASE DAV "writes = yes\nmeet = yes\n",
	"/slotguard.conf:8: [calendar dav] meet is no key of kind = caldav"},
    {BASE "[calendar a]\nkind = ics\nurl = http://127.0.0.1.example/a.ics\n", CLEAR_WRONG},
    {BASE "[calendar a]\nkind = ics\nurl = webcal://calendar.example/a.ics\n",
	"/slotguard.conf:6: [calendar a] url is webcal://, which is a calendar program's word: "
	"write https://"},
    {BASE "[calendar a]\nkind = ics\nurl = calendar.example/a.ics\n",
	"/slotguard.conf:6: [calendar a] url must be an https:// address"},
    {BASE "[calendar a]\nkind = ics\nurl = file:///etc/passwd\n",
	"/slotguard.conf:6: [calendar a] url must be an https:// address"},
    {BASE "[calendar a]\nkind = ics\nurl = https://a.example/\nwrites = yes\n",
	"/slotguard.conf:7: [calendar a] writes = yes cannot be: an ics address is read only; write "
	"to a calendar of kind google or caldav"},
    {BASE "[calendar a]\nurl = https://a.example/\nwrites = yes\n",
	"/slotguard.conf:5: [calendar a] url is no key of kind = google"},
    {BASE "[calendar a]\nkind = ics\ncalendar = primary\n",
	"/slotguard.conf:6: [calendar a] calendar is no key of kind = ics"},
    {BASE "[calendar a]\nkind = ics\nurl = https://a.example/\nblocks = no\n",
	"/slotguard.conf:7: [calendar a] neither blocks nor writes: leave it out"},
    {BASE "[calendar a]\nwrites = yes\noutage = shut\n",
	"/slotguard.conf:6: [calendar a] outage is \"shut\"; it may be open, closed or empty"},
    {BASE "[calendar a]\nwrites = yes\nobey = no\n",
	"/slotguard.conf:6: [calendar a] obey is \"no\"; it may be tell, yes or empty"},
    {BASE "[calendar a]\nwrites = yes\n[calendar b]\nobey = yes\n",
	"/slotguard.conf:7: [calendar b] obey is a key of the calendar that calls are written to, "
	"and this one has writes = no"},
    {BASE "[calendar a]\nwrites = yes\n[calendar b]\nmeet = no\n",
	"/slotguard.conf:7: [calendar b] meet is a key of the calendar that calls are written to, "
	"and this one has writes = no"},
    {BASE "[calendar a]\nkind = ics\nobey = tell\n",
	"/slotguard.conf:6: [calendar a] obey is no key of kind = ics"},
    {BASE "video_url = https://meet.example/x\n[calendar a]\nwrites = yes\nmeet = yes\n",
	"/slotguard.conf:4: [site] video_url is one room for all, and [calendar a] meet = yes makes "
	"one for each call: only one of them can be"},
    {BASE "video_url = https://meet.example/x\n[google]\nmeet = yes\n[calendar a]\nwrites = yes\n",
	"/slotguard.conf:4: [site] video_url is one room for all, and [google] meet = yes makes "
	"one for each call: only one of them can be"},
    {BASE "[google]\ncalendar = primary\n[calendar a]\nwrites = yes\n",
	"/slotguard.conf:5: [google] calendar stands beside [calendar a]: name it in a section of its "
	"own, or leave it out"},
    {BASE "[calendar a]\nkind = ics\nevery_minutes = 0\n",
	"/slotguard.conf:6: [calendar a] every_minutes is \"0\"; it may be 1 to 1440"},
    /* the outage rule */
    {BASE "[google]\noutage = yes\n",
	"/slotguard.conf:5: [google] outage is \"yes\"; it may be open or closed"},
    {BASE "[google]\noutage =\n",
	"/slotguard.conf:5: [google] outage is \"\"; it may be open or closed"},
};

START_TEST(refusal)
{
	refuse(refusals[_i].text, refusals[_i].detail);
}
END_TEST

/* The address of a room may bear its password, and end as it likes. */
START_TEST(room)
{
	static const char *const rooms[] = {"https://zoom.example/j/123?pwd=a1&x=(2)#success",
	    "https://meet.example/Avo/", "http://meet.example"};
	char text[200];

	for (size_t i = 0; i < COUNT(rooms); i++) {
		snprintf(text, sizeof(text), BASE "video_url = %s\n", rooms[i]);
		ck_assert_msg(!load(text), "%s", failure.detail);
		ck_assert_str_eq(conf->site.video_url, rooms[i]);
	}
	refuse(BASE "video_url = zoom.example/j/123\n", ROOM_WRONG);
	refuse(BASE "video_url = https://zoom.example/j/1 23\n", ROOM_WRONG);
	refuse(BASE "video_url = javascript:alert(1)\n", ROOM_WRONG);
}
END_TEST

/* Without an address nobody could answer, and Resend would refuse every mail. */
START_TEST(sender)
{
	static const char *const senders[] = {"calls@book.example.com",
	    "Avo <calls@book.example.com>", "\"Avo, Inc.\" <a@b.example>", ""};
	static const char *const wrong[] = {"Avo", "Avo <calls@book.example.com",
	    "Avo calls@book.example.com", "a@b.example, c@d.example", "<a@b.example> Avo",
	    "@b.example", "a@", "Avo <>", "a@b@c.example"};
	char text[200];

	for (size_t i = 0; i < COUNT(senders); i++) {
		snprintf(text, sizeof(text), BASE "[resend]\nfrom = %s\n", senders[i]);
		ck_assert_msg(!load(text), "%s", failure.detail);
		ck_assert_str_eq(conf->resend.from, senders[i]);
	}
	for (size_t i = 0; i < COUNT(wrong); i++) {
		snprintf(text, sizeof(text), BASE "[resend]\nreply_to = %s\n", wrong[i]);
		refuse(text,
		    "/slotguard.conf:5: [resend] reply_to must be one address, such as Avo "
		    "<calls@book.example.com>");
	}
}
END_TEST

/* A folder can be opened and not be read. */
START_TEST(unread)
{
	ck_assert_int_eq(conf_load(folder, folder, CREDENTIALS_ALL, &conf, &failure), ERR_CONFIG);
	ck_assert_str_eq(failure.detail + strlen(folder), ": Is a directory");
}
END_TEST

/* As of a text in UTF-16, and of a disk that lost a part of it. */
START_TEST(zero_byte)
{
	static const char *const lines[] = {"na\0me = x\n", "\0name = x\n", "na\0me = xy"};

	for (size_t i = 0; i < COUNT(lines); i++) {
		FILE *file;

		write_file("slotguard.conf", BASE);
		file = fopen(path_of("slotguard.conf"), "a");
		ck_assert_ptr_nonnull(file);
		fwrite(lines[i], 1, 10, file);
		fclose(file);
		ck_assert_int_eq(
		    conf_load(path_of("slotguard.conf"), folder, CREDENTIALS_ALL, &conf, &failure),
		    ERR_CONFIG);
		ck_assert_str_eq(failure.detail + strlen(folder),
		    "/slotguard.conf:4: a zero byte stands in the line; write the file as UTF-8");
	}
}
END_TEST

START_TEST(first_of_two_faults)
{
	refuse(BASE "one = 1\ntwo = 2\n", "/slotguard.conf:4: there is no key [site] one");
}
END_TEST

static const struct {
	const char *line;
	int64_t seconds[3];
} reminders[] = {{"", {0, 0, 0}}, {"24h", {86400, 0, 0}}, {"24h, 1h", {86400, 3600, 0}},
    {"2h,30m,1m", {7200, 1800, 60}}, {"10080m", {604800, 0, 0}}, {"0000024h", {86400, 0, 0}},
    {"1h,2h,", {3600, 7200, 0}}};

static const struct {
	const char *line;
	int64_t seconds;
} notices[] = {{"0", 0}, {"24h", 86400}, {"30m", 1800}, {"1m", 60}, {"10080h", 36288000}};

START_TEST(change_notice)
{
	char text[300];

	snprintf(text, sizeof(text), BASE "[hours]\nchange_notice = %s\n", notices[_i].line);
	ck_assert_msg(!load(text), "%s", failure.detail);
	ck_assert_int_eq(conf->hours.change_notice, notices[_i].seconds);
}
END_TEST

/* What is as long as it may be. */
static const char *const accepted[] = {
    "[site]\nbase_url = http://book.example.com\nname = " HUNDRED "\n",
    "[site]\nbase_url = http://book.example.com:8080\nname = x",
    BASE "accent = #aAbBcF\n",
    BASE "after_url = https://example.com/a/b\n",
    BASE "after_url = https://example.com/a/?b=c&d\n",
    BASE "person = \"Ada\" Lovelace, #1\n",
    BASE "[resend]\nfrom = \"Engines, Ltd\" <a@b.example>\n",
    BASE "after_url =\n",
    BASE "[hours]\nfirst_start = 09:00\nlast_start = 09:00\n",
    BASE "[hours]\nfirst_start = 00:00\nlast_start = 23:59\n",
    BASE "[hours]\nslot_minutes = 5\nstep_minutes = 480\n",
    BASE "[hours]\nslot_minutes = 480\nstep_minutes =\n",
    BASE "; " HUNDRED "0123456789" TEN TEN TEN TEN TEN TEN TEN TEN "012345\n",
    BASE "; " HUNDRED "0123456789" TEN TEN TEN TEN TEN TEN TEN TEN "012345",
    BASE "[calendar abcdefghijklmnopqrstuvwx]\nkind = ics\nurl = https://a.example/?b=c&d\n",
    BASE "[calendar a]\nkind = ics\nurl = http://127.0.0.1:8/a.ics\n",
    BASE "[calendar a]\nkind = ics\nurl = https://avo@calendar.example/a.ics\n",
};

START_TEST(what_is_accepted)
{
	ck_assert_msg(!load(accepted[_i]), "%s", failure.detail);
}
END_TEST

/* Days and dates are kept as they stand there, with their lines. */
START_TEST(lines_of_days)
{
	static const struct {
		const char *name, *value;
		unsigned line;
	} hours[] = {{"Mon", "08:00-12:00", 5}, {"Sun-Tue", "", 7}},
	  dates[] = {{"2026-12-24", "closed", 10}, {"anything", "08:00-09:00", 11}};

	ck_assert_msg(!load(BASE "[hours]\nMon = 08:00-12:00\nnotice = 1h\nSun-Tue =\n"
				 "[dates]\n\n2026-12-24 = closed\nanything = 08:00-09:00\n"),
	    "%s", failure.detail);
	ck_assert_uint_eq(conf->hours.lines.count, COUNT(hours));
	ck_assert_uint_eq(conf->dates.lines.count, COUNT(dates));
	for (size_t i = 0; i < COUNT(hours); i++) {
		ck_assert_str_eq(conf->hours.lines.list[i].name, hours[i].name);
		ck_assert_str_eq(conf->hours.lines.list[i].value, hours[i].value);
		ck_assert_uint_eq(conf->hours.lines.list[i].line, hours[i].line);
		ck_assert_str_eq(conf->dates.lines.list[i].name, dates[i].name);
		ck_assert_str_eq(conf->dates.lines.list[i].value, dates[i].value);
		ck_assert_uint_eq(conf->dates.lines.list[i].line, dates[i].line);
	}
	ck_assert_uint_eq(conf_line_of(conf, "hours", "notice"), 6);
	ck_assert_uint_eq(conf_line_of(conf, "hours", "name"), 0);
	ck_assert_uint_eq(conf_line_of(conf, "site", "name"), 3);
	ck_assert_uint_eq(conf_line_of(conf, "site", "notice"), 0);
}
END_TEST

/* A service is off only by its owner's word. */
START_TEST(services_that_are_named)
{
	ck_assert_int_eq(load(BASE), ERR_NONE);
	ck_assert_int_eq(conf_need_services(conf, &failure), ERR_CONFIG);
	ck_assert_msg(strstr(failure.detail,
			  "/slotguard.conf: [resend] from is missing; with an empty value that "
			  "service is off"),
	    "%s", failure.detail);
	ck_assert_int_eq(load(BASE "[resend]\nfrom =\n"), ERR_NONE);
	ck_assert_int_eq(conf_need_services(conf, &failure), ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(failure.detail, ": [telegram] chat_id is missing"));
	ck_assert_int_eq(load(BASE "[telegram]\nchat_id =\n[resend]\nfrom =\n"), ERR_NONE);
	ck_assert_int_eq(conf_need_services(conf, &failure), ERR_NONE);
}
END_TEST

START_TEST(times_before)
{
	char text[300];

	snprintf(text, sizeof(text), BASE "[courier]\nreminders = %s\n", reminders[_i].line);
	ck_assert_msg(!load(text), "%s", failure.detail);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(conf->courier.reminders[i], reminders[_i].seconds[i]);
}
END_TEST

START_TEST(outage_closed)
{
	ck_assert_int_eq(load(BASE "[google]\noutage = closed\n"), ERR_NONE);
	ck_assert(!conf->google.outage_open);
}
END_TEST

START_TEST(no_file)
{
	ck_assert_int_eq(
	    conf_load("/nonexistent/x.conf", folder, CREDENTIALS_ALL, &conf, &failure), ERR_CONFIG);
	ck_assert_str_eq(failure.detail, "/nonexistent/x.conf: No such file or directory");
}
END_TEST

/* Each key says what it is for, and its preset, written out, is accepted and changes nothing. */
START_TEST(table_of_keys)
{
	char text[4000] = BASE;
	struct conf *presets;
	unsigned count = 0;

	ck_assert_int_eq(load(BASE), ERR_NONE);
	presets = conf;
	conf = NULL;
	for (const struct conf_key *key; (key = conf_key_at(count)); count++) {
		ck_assert(key->section && key->section[0] && key->name && key->name[0]);
		ck_assert_msg(key->help && key->help[0], "[%s] %s", key->section, key->name);
		for (unsigned i = 0; i < count; i++)
			ck_assert(strcmp(conf_key_at(i)->section, key->section) != 0 ||
				  strcmp(conf_key_at(i)->name, key->name) != 0);
		/* What a calendar's keys are together is tried below. */
		if (key->preset && strncmp(key->section, "calendar ", 9) != 0)
			snprintf(text + strlen(text), sizeof(text) - strlen(text),
			    "[%s]\n%s = %s\n", key->section, key->name, key->preset);
	}
	ck_assert_uint_gt(count, 30);
	ck_assert_ptr_null(conf_key_at(count));
	ck_assert_ptr_null(conf_key_at(~0u));
	ck_assert_msg(!load(text), "%s", failure.detail);
	ck_assert_str_eq(conf->site.templates, presets->site.templates);
	ck_assert_int_eq(conf->hours.days, presets->hours.days);
	ck_assert_str_eq(conf->google.api_url, presets->google.api_url);
	ck_assert_int_eq(conf->google.outage_open, presets->google.outage_open);
	conf_free(presets);
}
END_TEST

static void expect_calendar(size_t index, const char *name, enum calendar_kind kind)
{
	ck_assert_uint_lt(index, conf->calendars.count);
	ck_assert_str_eq(conf->calendars.list[index].name, name);
	ck_assert_int_eq(conf->calendars.list[index].kind, kind);
}

#define WORK "[calendar work]\ncalendar = a@b.example\nwrites = yes\n"
#define HOME "[calendar home]\nkind = ics\nurl = https://c.example/a.ics?key=1\noutage = closed\n"
#define CLUB "[calendar club]\ncalendar = c@b.example\nblocks = no\n"

START_TEST(one_calendar)
{
	const struct conf_calendar *only;

	ck_assert_int_eq(
	    load(BASE "[google]\ncalendar = a@b.example\noutage = closed\n"), ERR_NONE);
	ck_assert_uint_eq(conf->calendars.count, 1);
	expect_calendar(0, "", CALENDAR_GOOGLE);
	only = conf->calendars.list;
	ck_assert_str_eq(only->calendar, "a@b.example");
	ck_assert_str_eq(conf_calendar_title(only), "a@b.example");
	ck_assert(only->blocks && only->writes && !only->outage_open);
	ck_assert(!conf_calendar_is_on(only));
	ck_assert_ptr_null(conf_writer(conf));
	ck_assert(conf_lacks_writer(conf));
	/* Whose calendars are all read only writes nowhere, and lacks nothing. */
	ck_assert_msg(!load(BASE HOME), "%s", failure.detail);
	ck_assert_ptr_null(conf_writer(conf));
	ck_assert(!conf_lacks_writer(conf));
}
END_TEST

static void give_google(void)
{
	write_file("google-client-id", "1.apps.example");
	write_file("google-client-secret", "GOCSPX-1");
	write_file("google-refresh-token", "1//shared");
}

static void give_dav(void)
{
	write_file("dav-caldav-user", "avo");
	write_file("dav-caldav-password", "s3cret");
}

static const struct {
	const char *text;
	bool obeys, has_meet;
} written_to[] = {
    {"", false, false},
    {"[google]\nobey = yes\n", true, false},
    {"[google]\nmeet = yes\n", false, true},
    {WORK, false, false},
    {HOME WORK, false, false},
    {HOME CLUB WORK "obey = yes\nmeet = yes\n", true, true},
    {WORK "obey = yes\nmeet = yes\n", true, true},
    {WORK "[google]\nobey = yes\nmeet = yes\n", true, true},
    {DAV "writes = yes\n", false, false},
    {DAV "writes = yes\nobey = yes\n", true, false},
    {"[google]\nobey = yes\n" DAV "writes = yes\n", true, false},
    {WORK "obey = tell\nmeet = no\n[google]\nobey = yes\nmeet = yes\n", false, false},
};

/* What holds where calls are written is said there, or in [google]. */
START_TEST(calendar_that_is_written_to)
{
	char text[1000];

	snprintf(text, sizeof(text), "%s%s", BASE, written_to[_i].text);
	give_google();
	give_dav();
	ck_assert_msg(!load(text), "%s", failure.detail);
	ck_assert_ptr_nonnull(conf_writer(conf));
	ck_assert_int_eq(conf_writer(conf)->obeys, written_to[_i].obeys);
	ck_assert_int_eq(conf_writer(conf)->has_meet, written_to[_i].has_meet);
}
END_TEST

/* One question of free/busy takes no more. */
START_TEST(too_many_calendars)
{
	char text[8000], expected[100];
	size_t len = (size_t)snprintf(text, sizeof(text), BASE "[calendar c0]\nwrites = yes\n");

	give_google();
	for (int i = 1; i < CONF_CALENDARS_MAX; i++)
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, "[calendar c%d]\nkind = google\n", i);
	ck_assert_msg(!load(text), "%s", failure.detail);
	ck_assert_uint_eq(conf->calendars.count, CONF_CALENDARS_MAX);
	conf_free(conf);
	conf = NULL;
	snprintf(text + len, sizeof(text) - len, "[calendar last]\nkind = google\n");
	snprintf(expected, sizeof(expected),
	    "/slotguard.conf:%d: [calendar last] is one more than 50",
	    5 + 2 * CONF_CALENDARS_MAX - 1 + 1);
	refuse(text, expected);
}
END_TEST

START_TEST(calendars)
{
	const struct conf_calendar *list;

	give_google();
	ck_assert_msg(!load(BASE WORK HOME CLUB), "%s", failure.detail);
	ck_assert_uint_eq(conf->calendars.count, 3);
	expect_calendar(0, "work", CALENDAR_GOOGLE);
	expect_calendar(1, "home", CALENDAR_ICS);
	expect_calendar(2, "club", CALENDAR_GOOGLE);
	list = conf->calendars.list;
	ck_assert_str_eq(list[0].calendar, "a@b.example");
	ck_assert(list[0].blocks && list[0].writes && list[0].outage_open);
	ck_assert_ptr_eq(list[0].refresh_token, conf->secrets.google_refresh_token);
	ck_assert_str_eq(conf_calendar_address(&list[1]), "https://c.example/a.ics?key=1");
	ck_assert(list[1].blocks && !list[1].writes && !list[1].outage_open);
	ck_assert_int_eq(list[1].every_minutes, 5);
	ck_assert_uint_eq(conf_line_of(conf, "calendar work", "writes"), 6);
	ck_assert_uint_eq(conf_line_of(conf, "calendar home", "kind"), 8);
	ck_assert_uint_eq(conf_line_of(conf, "calendar home", "outage"), 10);
	ck_assert_uint_eq(conf_line_of(conf, "calendar work", "outage"), 0);
	ck_assert_uint_eq(conf_line_of(conf, "calendar none", "outage"), 0);
	ck_assert(!list[2].blocks && !list[2].writes);
	ck_assert_ptr_eq(conf_writer(conf), list);
	conf_free(conf);
	conf = NULL;
	/* A calendar's own account, and an address that is no business of the file's readers. */
	write_file("work-google-refresh-token", "1//own");
	write_file("home-url", "https://c.example/secret.ics");
	ck_assert_msg(!load(BASE WORK "[calendar home]\nkind = ics\n"), "%s", failure.detail);
	list = conf->calendars.list;
	ck_assert_str_eq(list[0].refresh_token->text, "1//own");
	ck_assert_ptr_eq(list[0].client_id, conf->secrets.google_client_id);
	ck_assert_str_eq(conf_calendar_address(&list[1]), "https://c.example/secret.ics");
	/* What is got with it crosses no network in clear, whether there is a shared one or not. */
	ck_assert_int_eq(unlink(path_of("google-refresh-token")), 0);
	ck_assert_int_eq(load(BASE "[google]\napi_url = http://c.example/v3\n" WORK), ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(failure.detail, "Google's access token would cross"));
}
END_TEST

START_TEST(caldav)
{
	char long_one[1501];

	write_file("dav-caldav-user", "avo");
	ck_assert_int_eq(load(BASE DAV "writes = yes\n"), ERR_CONFIG);
	write_file("dav-caldav-password", "app-specific");
	ck_assert_msg(!load(BASE DAV "writes = yes\nblocks = no\n"), "%s", failure.detail);
	ck_assert_ptr_eq(conf_writer(conf), conf->calendars.list);
	expect_calendar(0, "dav", CALENDAR_CALDAV);
	ck_assert(conf_calendar_is_on(conf->calendars.list));
	ck_assert_str_eq(conf_calendar_title(conf->calendars.list), "dav");
	ck_assert_str_eq(conf_calendar_address(conf->calendars.list), "https://c.example/avo/a/");
	ck_assert_str_eq(conf->calendars.list[0].user->text, "avo");
	ck_assert_str_eq(conf->calendars.list[0].password->text, "app-specific");
	ck_assert_int_eq(conf_seek_credentials(conf, folder, &failure), ERR_NONE);
	conf_free(conf);
	conf = NULL;
	write_file("dav-caldav-user", "a:vo");
	ck_assert_int_eq(load(BASE DAV "writes = yes\n"), ERR_CONFIG);
	ck_assert_msg(strstr(failure.detail, "/dav-caldav-user has a colon"), "%s", failure.detail);
	memset(long_one, 'x', sizeof(long_one) - 1);
	long_one[sizeof(long_one) - 1] = '\0';
	write_file("dav-caldav-user", long_one);
	write_file("dav-caldav-password", long_one + 1000);
	ck_assert_msg(!load(BASE DAV "writes = yes\n"), "%s", failure.detail);
	write_file("dav-caldav-password", long_one + 999);
	ck_assert_int_eq(load(BASE DAV "writes = yes\n"), ERR_CONFIG);
	ck_assert_msg(
	    strstr(failure.detail, "longer than 2000 characters together"), "%s", failure.detail);
}
END_TEST

static const struct {
	const char *text, *detail;
} without[] = {
    {BASE WORK, "/slotguard.conf:5: [calendar work] has no credentials: put them into "},
    {BASE "[calendar home]\nkind = ics\n",
	"/slotguard.conf:5: [calendar home] has no credentials: put them into "},
    {BASE CLUB "writes = yes\n",
	"/slotguard.conf:5: [calendar club] has no credentials: put them into "},
    {BASE DAV "writes = yes\n",
	"/dav-caldav-user and -caldav-password; most providers make a password for such a "
	"program"},
};

/* However deep the file lies. */
START_TEST(sentence_is_whole)
{
	char name[200];

	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	write_file(
	    name, BASE "[calendar a]\nkind = ics\nurl = http://calendar.example.com/a.ics\n");
	ck_assert_int_eq(conf_load_bare(path_of(name), &conf, &failure), ERR_CONFIG);
	ck_assert_msg(strstr(failure.detail, "would cross the network"), "%s", failure.detail);
}
END_TEST

/* Said at the start and by a test; the operator's tool goes on. */
START_TEST(calendar_without_credentials)
{
	struct fail sought;

	ck_assert_int_eq(load(without[_i].text), ERR_CONFIG);
	ck_assert_msg(strstr(failure.detail, without[_i].detail), "%s", failure.detail);
	ck_assert_int_eq(conf_load_bare(path_of("slotguard.conf"), &conf, &failure), ERR_NONE);
	ck_assert_int_eq(conf_seek_credentials(conf, folder, &sought), ERR_CONFIG);
	ck_assert_msg(strstr(sought.detail, without[_i].detail), "%s", sought.detail);
	conf_free(conf);
	conf = NULL;
	ck_assert_int_eq(conf_load(path_of("slotguard.conf"), folder,
			     CREDENTIALS_ALL | CREDENTIALS_OPERATOR, &conf, &failure),
	    ERR_NONE);
	ck_assert(!conf_calendar_is_on(conf->calendars.list));
}
END_TEST

static const char *const secrets[] = {"clickhouse-password", "google-client-id",
    "google-client-secret", "google-refresh-token", "resend-api-key", "telegram-bot-token",
    "signing-key"};

static const struct {
	const char *what, *text, *kept, *detail; /* kept or detail is NULL */
} secret_files[] = {
    {"one line", KEY "\n", KEY, NULL},
    {"without its end", KEY, KEY, NULL},
    {"any printable", "~!@#$%^&*()_+{}|:\"<>?[]';,./" KEY, "~!@#$%^&*()_+{}|:\"<>?[]';,./" KEY,
	NULL},
    {"empty", "", NULL, "is empty; remove the file to turn an optional service off"},
    {"an empty line", "\n", NULL, "is empty; remove the file to turn an optional service off"},
    {"two lines", KEY "\n" KEY "\n", NULL, "must be one line of printable characters"},
    {"an empty second line", KEY "\n\n", NULL, "must be one line of printable characters"},
    {"an end of another system", KEY "\r\n", NULL, "must be one line of printable characters"},
    {"a blank at its start", " " KEY, NULL, "must be one line of printable characters"},
    {"a blank", "a " KEY, NULL, "must be one line of printable characters"},
    {"a delete", KEY "\x7f", NULL, "must be one line of printable characters"},
    {"not ASCII", KEY "\xc3\xa9", NULL, "must be one line of printable characters"},
};

START_TEST(secret_file)
{
	const char *name = secrets[_i % (int)COUNT(secrets)];
	char expected[700];
	int row = _i / (int)COUNT(secrets);

	write_file(name, secret_files[row].text);
	if (secret_files[row].kept) {
		const struct secret *all[COUNT(secrets)];

		ck_assert_msg(!load(BASE), "%s", failure.detail);
		memcpy(all, &conf->secrets, sizeof(all));
		for (size_t i = 0; i < COUNT(secrets); i++)
			ck_assert_int_eq(
			    all[i] != NULL, strcmp(secrets[i], name) == 0 ||
						strcmp(secrets[i], "signing-key") == 0);
		ck_assert_str_eq(all[_i % (int)COUNT(secrets)]->text, secret_files[row].kept);
		ck_assert_uint_eq(
		    all[_i % (int)COUNT(secrets)]->len, strlen(secret_files[row].kept));
		return;
	}
	snprintf(expected, sizeof(expected), "/%s: %s", name, secret_files[row].detail);
	refuse(BASE, expected);
	ck_assert_ptr_null(strstr(failure.detail, KEY));
}
END_TEST

START_TEST(secret_of_any_length)
{
	char text[4100];

	for (size_t len = 4094; len < 4099; len++) {
		memset(text, 'a', len);
		text[len] = '\n';
		for (int end = 0; end < 2; end++) {
			write_bytes("resend-api-key", text, len + (size_t)end);
			if (len <= 4096) {
				ck_assert_int_eq(load(BASE), ERR_NONE);
				ck_assert_uint_eq(conf->secrets.resend_api_key->len, len);
			} else {
				refuse(BASE, "/resend-api-key: is longer than 4096 bytes");
			}
		}
	}
}
END_TEST

START_TEST(secret_with_a_nul)
{
	write_bytes("resend-api-key", "abc\0def", 7);
	refuse(BASE, "/resend-api-key: must be one line of printable characters");
}
END_TEST

START_TEST(secret_that_cannot_be_read)
{
	ck_assert_int_eq(mkdir(path_of("resend-api-key"), 0700), 0);
	refuse(BASE, "/resend-api-key: cannot be read");
	rmdir(path_of("resend-api-key"));
	ck_assert_int_eq(symlink("resend-api-key", path_of("resend-api-key")), 0);
	refuse(BASE, "/resend-api-key: Too many levels of symbolic links");
	if (geteuid() == 0)
		return;
	/* Root reads everything. */
	remove(path_of("resend-api-key"));
	write_file("resend-api-key", KEY);
	ck_assert_int_eq(chmod(path_of("resend-api-key"), 0), 0);
	refuse(BASE, "/resend-api-key: Permission denied");
}
END_TEST

/* What the units give in place of a file that is not there. */
START_TEST(secret_of_none)
{
	write_file("resend-api-key", "none");
	ck_assert_int_eq(load(BASE), ERR_NONE);
	ck_assert_ptr_null(conf->secrets.resend_api_key);
	conf_free(conf);
	conf = NULL;
	write_file("resend-api-key", "nonesuch\n");
	ck_assert_int_eq(load(BASE), ERR_NONE);
	ck_assert_str_eq(conf->secrets.resend_api_key->text, "nonesuch");
}
END_TEST

/* A program that has a user of its own is told so beside its password. */
START_TEST(user_of_a_program)
{
	write_file("clickhouse-user", "reader_2\n");
	ck_assert_msg(!load(BASE "[clickhouse]\nuser = other\n"), "%s", failure.detail);
	ck_assert_str_eq(conf->clickhouse.user, "reader_2");
	/* It is no key of a program that sends JSON. */
	ck_assert_uint_eq(credentials_count_api_keys(&conf->secrets), 0);
	write_file("clickhouse-user", "a.b");
	refuse(BASE, "/clickhouse-user may hold letters, digits, \"-\" and \"_\" only");
	write_file("clickhouse-user", TEN TEN TEN TEN TEN TEN "0123");
	refuse(BASE, "/clickhouse-user is too long");
	write_file("clickhouse-user", TEN TEN TEN TEN TEN TEN "012");
	ck_assert_msg(!load(BASE), "%s", failure.detail);
}
END_TEST

/* The operator's own, where there are such; else the programs'. */
START_TEST(operator_beside_the_programs)
{
	char dir[300], own[300], path[400];
	const struct {
		unsigned wanted;
		bool is_there;
		const char *password;
	} rows[] = {
	    {CREDENTIALS_CLICKHOUSE, true, "theirs"},
	    {CREDENTIALS_CLICKHOUSE | CREDENTIALS_OPERATOR, true, "operators"},
	    {CREDENTIALS_CLICKHOUSE | CREDENTIALS_OPERATOR, false, "theirs"},
	};

	snprintf(dir, sizeof(dir), "%s/programs", folder);
	snprintf(own, sizeof(own), "%s/operator", folder);
	ck_assert(mkdir(dir, 0700) == 0 && mkdir(own, 0700) == 0);
	write_file("programs/clickhouse-password", "theirs");
	write_file("programs/resend-api-key", "theirs");
	write_file("operator/resend-api-key", "operators");
	write_file("slotguard.conf", BASE);
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (rows[i].is_there)
			write_file("operator/clickhouse-password", "operators");
		else
			remove(path_of("operator/clickhouse-password"));
		ck_assert_msg(!conf_load(path_of("slotguard.conf"), dir,
				  rows[i].wanted | CREDENTIALS_RESEND, &conf, &failure),
		    "%s", failure.detail);
		ck_assert_str_eq(conf->secrets.clickhouse_password->text, rows[i].password);
		ck_assert_str_eq(conf->secrets.resend_api_key->text, "theirs");
		conf_free(conf);
		conf = NULL;
	}
	for (size_t i = 0; i < 3; i++) {
		static const char *const names[] = {"programs/clickhouse-password",
		    "programs/resend-api-key", "operator/resend-api-key"};

		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		remove(path);
	}
	rmdir(dir);
	rmdir(own);
}
END_TEST

/* No debugger, and no core file, of a process that holds secrets. */
START_TEST(guarded_process)
{
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 1), 0);
	secret_guard_process();
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE), 0);
}
END_TEST

/* Which files a calendar needs: the shared ones stand in for its own, where there are such. */
static const struct {
	const char *text, *files[4];
	bool is_fine;
} sought[] = {
    {BASE WORK, {"google-client-id", "google-client-secret", "google-refresh-token"}, true},
    {BASE WORK, {"google-client-id", "google-client-secret"}, false},
    {BASE WORK, {"google-client-id", "google-refresh-token"}, false},
    {BASE WORK, {"google-client-secret", "google-refresh-token"}, false},
    {BASE WORK, {"google-client-id", "google-client-secret", "work-google-refresh-token"}, true},
    {BASE WORK, {"work-google-client-id", "work-google-client-secret", "google-refresh-token"},
	true},
    {BASE WORK, {"google-client-id", "google-client-secret", "home-google-refresh-token"}, false},
    {BASE WORK DAV, {"google-client-id", "google-client-secret", "google-refresh-token"}, false},
    {BASE HOME WORK, {"google-client-id", "google-client-secret", "google-refresh-token"}, true},
    {BASE HOME WORK, {"google-client-id", "google-client-secret"}, false},
    {BASE DAV "writes = yes\n", {"dav-caldav-user", "dav-caldav-password"}, true},
    {BASE DAV "writes = yes\n", {"dav-caldav-user"}, false},
    {BASE DAV "writes = yes\n", {"dav-caldav-password"}, false},
    {BASE DAV "writes = yes\n", {"caldav-user", "caldav-password"}, false},
    {BASE HOME, {NULL}, true},
    {BASE "[calendar home]\nkind = ics\n", {"home-url"}, true},
    {BASE "[calendar home]\nkind = ics\n", {"url"}, false},
    {BASE, {NULL}, true},
};

START_TEST(credentials_that_are_sought)
{
	struct fail fail = {0};

	write_file("slotguard.conf", sought[_i].text);
	for (size_t i = 0; sought[_i].files[i]; i++)
		write_file(sought[_i].files[i],
		    strcmp(sought[_i].files[i], "home-url") == 0 ? "https://c.example/a" : "x");
	ck_assert_int_eq(conf_load_bare(path_of("slotguard.conf"), &conf, &failure), ERR_NONE);
	ck_assert_int_eq(
	    conf_seek_credentials(conf, folder, &fail), sought[_i].is_fine ? ERR_NONE : ERR_CONFIG);
	/* A folder that cannot be looked into tells nothing. */
	ck_assert_int_eq(conf_seek_credentials(conf, path_of("none"), &fail), ERR_NONE);
	conf_free(conf);
	conf = NULL;
	/* And a program that starts says the same. */
	ck_assert_int_eq(
	    conf_load(path_of("slotguard.conf"), folder, CREDENTIALS_ALL, &conf, &fail),
	    sought[_i].is_fine ? ERR_NONE : ERR_CONFIG);
}
END_TEST

START_TEST(address_in_clear)
{
	/* Each that a calendar has of its own. */
	static const struct {
		const char *file, *text;
	} own[] = {
	    {"home-url", BASE "[calendar home]\nkind = ics\n"},
	    {"dav-caldav-user", BASE DAV "writes = yes\n"},
	    {"dav-caldav-password", BASE DAV "writes = yes\n"},
	    {"work-google-client-id", BASE WORK},
	    {"work-google-client-secret", BASE WORK},
	    {"work-google-refresh-token", BASE WORK},
	};

	write_file("home-url", "http://c.example/a.ics");
	refuse(BASE "[calendar home]\nkind = ics\n", "/home-url must be an https:// address");
	for (size_t i = 0; i < COUNT(own); i++) {
		char path[600];

		snprintf(path, sizeof(path), "%s", path_of(own[i].file));
		write_file(own[i].file, "");
		ck_assert_int_eq(load(own[i].text), ERR_CONFIG);
		ck_assert_msg(strncmp(failure.detail, path, strlen(path)) == 0 &&
				  strstr(failure.detail, ": is empty; remove the file"),
		    "%s", failure.detail);
		remove(path);
	}
	/* A calendar's own token, when there is no shared one. */
	write_file("google-client-id", "x");
	write_file("google-client-secret", "x");
	write_file("work-google-refresh-token", "x");
	ck_assert_int_eq(
	    load(BASE HOME WORK "[google]\napi_url = http://example.com/v3\n"), ERR_CONFIG);
	ck_assert_ptr_nonnull(
	    strstr(failure.detail, "[google] api_url is http:// to another machine"));
}
END_TEST

#define SHORT_KEY "/signing-key must hold at least 32 characters; `openssl rand -hex 32` makes one"

START_TEST(signing_key)
{
	write_file("signing-key", "0123456789abcdef0123456789abcde\n");
	refuse(BASE, SHORT_KEY);
	remove(path_of("signing-key"));
	refuse(BASE, SHORT_KEY);
	write_file("signing-key", "none");
	refuse(BASE, SHORT_KEY);
}
END_TEST

#define OTHER_KEY "fedcba9876543210fedcba9876543210"
#define WITH_KEYS BASE "[site]\napi = keys\n"

START_TEST(api_keys)
{
	refuse(WITH_KEYS,
	    "/api-key is not there, and [site] api = keys lets no program in without one");
	write_file("api-key-2", "0123456789abcdef0123456789abcde\n");
	refuse(
	    BASE, "/api-key-2 must hold at least 32 characters; `openssl rand -hex 32` makes one");
	write_file("api-key-2", KEY "\n");
	write_file("api-key-4", OTHER_KEY);
	ck_assert_msg(!load(WITH_KEYS), "%s", failure.detail);
	ck_assert(conf->site.api_wants_key);
	ck_assert_uint_eq(credentials_count_api_keys(&conf->secrets), 2);
	ck_assert(credentials_has_api_key(&conf->secrets, KEY));
	ck_assert(credentials_has_api_key(&conf->secrets, OTHER_KEY));
	ck_assert(!credentials_has_api_key(&conf->secrets, ""));
	ck_assert(!credentials_has_api_key(&conf->secrets, KEY "0"));
	ck_assert(!credentials_has_api_key(&conf->secrets, OTHER_KEY "\n"));
}
END_TEST

/* A program reads what it asks for: nothing else is there, and nothing else can be wrong. */
START_TEST(wanted_secrets)
{
	write_file("slotguard.conf", BASE);
	for (size_t i = 0; i < COUNT(secrets); i++)
		write_file(secrets[i], KEY "\n");
	ck_assert_int_eq(conf_load(path_of("slotguard.conf"), folder,
			     CREDENTIALS_GOOGLE | CREDENTIALS_RESEND, &conf, &failure),
	    ERR_NONE);
	ck_assert(conf_has_google(conf));
	ck_assert_ptr_nonnull(conf->secrets.resend_api_key);
	ck_assert_ptr_null(conf->secrets.clickhouse_password);
	ck_assert_ptr_null(conf->secrets.telegram_bot_token);
	ck_assert_ptr_null(conf->secrets.signing_key);
	conf_free(conf);
	conf = NULL;
	write_file("telegram-bot-token", "");
	write_file("signing-key", "short\n");
	ck_assert_int_eq(
	    conf_load(path_of("slotguard.conf"), folder, CREDENTIALS_CLICKHOUSE, &conf, &failure),
	    ERR_NONE);
	ck_assert_ptr_nonnull(conf->secrets.clickhouse_password);
	ck_assert_ptr_null(conf->secrets.google_client_id);
}
END_TEST

static bool is_given_back(const void *memory)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	return msync((void *)((uintptr_t)memory / page * page), 1, MS_ASYNC) < 0 && errno == ENOMEM;
}

/* No secret is in memory for longer than the configuration whose it is. */
static void expect_given_back(const void *const *each, size_t count)
{
	for (size_t i = 0; i < count; i++)
		ck_assert_msg(each[i] && !is_given_back(each[i]), "%zu", i);
	conf_free(conf);
	conf = NULL;
	for (size_t i = 0; i < count; i++)
		ck_assert_msg(is_given_back(each[i]), "%zu", i);
}

START_TEST(secrets_that_are_given_back)
{
	static const char *const others[] = {"clickhouse-user", "api-key", "api-key-4",
	    "work-google-client-id", "work-google-client-secret", "work-google-refresh-token"};
	const struct credentials *shared;
	const struct conf_calendar *own;

	for (size_t i = 0; i < COUNT(secrets); i++)
		write_file(secrets[i], KEY);
	for (size_t i = 0; i < COUNT(others); i++)
		write_file(others[i], KEY);
	write_file("home-url", "https://c.example/secret.ics");
	give_dav();
	ck_assert_msg(
	    !load(BASE WORK "[calendar home]\nkind = ics\n" DAV CLUB), "%s", failure.detail);
	shared = &conf->secrets;
	own = conf->calendars.list;
	ck_assert_ptr_eq(own[3].client_id, shared->google_client_id);
	expect_given_back(
	    (const void *const[]){shared->clickhouse_password, shared->clickhouse_user,
		shared->google_client_id, shared->google_client_secret,
		shared->google_refresh_token, shared->resend_api_key, shared->telegram_bot_token,
		shared->signing_key, shared->api_keys[0], shared->api_keys[3], own[0].client_id,
		own[0].client_secret, own[0].refresh_token, own[1].address, own[2].user,
		own[2].password},
	    16);
}
END_TEST

static const struct {
	const char *lines, *secret, *detail;
} ways[] = {
    {"[clickhouse]\nurl = http://192.0.2.7:8123\n", "clickhouse-password",
	"[clickhouse] url is http:// to another machine, and clickhouse-password would cross the "
	"network in clear: use https://"},
    {"[clickhouse]\nurl = http://127.0.0.1:8123\n", "clickhouse-password", NULL},
    {"[clickhouse]\nurl = http://[::1]:8123\n", "clickhouse-password", NULL},
    {"[clickhouse]\nurl = https://192.0.2.7:8443\n", "clickhouse-password", NULL},
    {"[clickhouse]\nurl = http://192.0.2.7:8123\n", "resend-api-key", NULL},
    {"[google]\ntoken_url = http://example.com/token\n", "google-client-secret",
	"[google] token_url is http:// to another machine, and google-client-secret would cross "
	"the network in clear: use https://"},
    {"[google]\napi_url = http://127.0.0.1.example.com/v3\n", "google-refresh-token",
	"[google] api_url is http:// to another machine, and Google's access token would cross "
	"the network in clear: use https://"},
    {"[resend]\napi_url = http://resend.example.com\n", "resend-api-key",
	"[resend] api_url is http:// to another machine, and resend-api-key would cross the "
	"network in clear: use https://"},
    {"[telegram]\napi_url = http://localhost.example.com\n", "telegram-bot-token",
	"[telegram] api_url is http:// to another machine, and telegram-bot-token would cross the "
	"network in clear: use https://"},
};

START_TEST(secret_in_clear)
{
	char *text = malloc(4096);

	ck_assert_ptr_nonnull(text);
	write_file(ways[_i].secret, KEY "\n");
	snprintf(text, 4096, "%s%s", BASE, ways[_i].lines);
	if (ways[_i].detail) {
		ck_assert_int_eq(load(text), ERR_CONFIG);
		ck_assert_str_eq(failure.detail, ways[_i].detail);
	} else {
		ck_assert_msg(!load(text), "%s", failure.detail);
	}
	free(text);
}
END_TEST

START_TEST(folder_of_secrets)
{
	ck_assert_int_eq(load(BASE), ERR_NONE);
	conf_free(conf);
	conf = NULL;
	unsetenv("CREDENTIALS_DIRECTORY");
	ck_assert_int_eq(
	    conf_load(path_of("slotguard.conf"), NULL, CREDENTIALS_ALL, &conf, &failure),
	    ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(failure.detail, CREDENTIALS_DIR "/"));
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	ck_assert_int_eq(
	    conf_load(path_of("slotguard.conf"), NULL, CREDENTIALS_ALL, &conf, &failure), ERR_NONE);
}
END_TEST

/* A service is on when everything that it needs is there. */
START_TEST(services)
{
	for (int have = 0; have < 8; have++) {
		for (int i = 0; i < 3; i++) {
			remove(path_of(secrets[1 + i]));
			if (have >> i & 1)
				write_file(secrets[1 + i], "x\n");
		}
		ck_assert_int_eq(load(BASE), ERR_NONE);
		ck_assert_int_eq(conf_has_google(conf), have == 7);
		ck_assert_int_eq(conf_lacks_google(conf), have != 0 && have != 7);
	}
	write_file("resend-api-key", "x\n");
	write_file("telegram-bot-token", "x\n");
	ck_assert_int_eq(load(BASE), ERR_NONE);
	ck_assert(!conf_has_resend(conf) && !conf_has_telegram(conf));
	ck_assert_int_eq(
	    load(BASE "[resend]\nfrom = a@b.example\n[telegram]\nchat_id = 1\n"), ERR_NONE);
	ck_assert(conf_has_resend(conf) && conf_has_telegram(conf));
	ck_assert_int_eq(load(BASE "[resend]\nfrom = a@b.example\n"), ERR_NONE);
	ck_assert(conf_has_resend(conf) && !conf_has_telegram(conf));
	remove(path_of("resend-api-key"));
	remove(path_of("telegram-bot-token"));
	ck_assert_int_eq(
	    load(BASE "[resend]\nfrom = a@b.example\n[telegram]\nchat_id = 1\n"), ERR_NONE);
	ck_assert(!conf_has_resend(conf) && !conf_has_telegram(conf));
}
END_TEST

/* slotguard.conf.example: every key of the table, once, with its preset. */
START_TEST(example)
{
	const char *srcdir = getenv("srcdir");
	char path[600], line[300], section[40] = "", *given;
	unsigned found = 0, keys = 0;
	const struct conf_key *key;
	FILE *file;

	snprintf(path, sizeof(path), "%s/slotguard.conf.example", srcdir ? srcdir : ".");
	file = fopen(path, "r");
	ck_assert_msg(file, "%s is not there", path);
	while (fgets(line, sizeof(line), file)) {
		char *name = line + (line[0] == ';' && line[1] != ' ');

		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "[%39[^]]]", section) == 1 || name[0] == ';' ||
		    !(given = strchr(name, '=')))
			continue;
		given[-1] = '\0';
		given += given[1] ? 2 : 1;
		for (keys = 0; (key = conf_key_at(keys)); keys++)
			if (strcmp(key->section, section) == 0 && strcmp(key->name, name) == 0)
				break;
		ck_assert_msg(key, "there is no key [%s] %s", section, name);
		/* A folder is the build's; what is not commented out is the reader's own. */
		if (line[0] == ';' && key->preset[0] != '/')
			ck_assert_str_eq(key->preset, given);
		found++;
	}
	fclose(file);
	for (keys = 0; conf_key_at(keys); keys++)
		;
	ck_assert_uint_eq(found, keys);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("conf");
	TCase *accepting = tcase_create("accept"), *refusing = tcase_create("refuse");
	TCase *credentials = tcase_create("secret");
	SRunner *runner = srunner_create(suite);
	int failed;

	if (sodium_init() < 0)
		return 1;
	tcase_add_checked_fixture(accepting, set_up, tear_down);
	tcase_add_test(accepting, what_is_not_said);
	tcase_add_loop_test(accepting, value, 0, (int)COUNT(values));
	tcase_add_loop_test(accepting, times_before, 0, (int)COUNT(reminders));
	tcase_add_loop_test(accepting, change_notice, 0, (int)COUNT(notices));
	tcase_add_loop_test(accepting, what_is_accepted, 0, (int)COUNT(accepted));
	tcase_add_test(accepting, lines_of_days);
	tcase_add_test(accepting, services_that_are_named);
	tcase_add_test(accepting, outage_closed);
	tcase_add_test(accepting, sentence_is_whole);
	tcase_add_test(accepting, table_of_keys);
	tcase_add_test(accepting, one_calendar);
	tcase_add_loop_test(
	    accepting, calendar_that_is_written_to, 0, sizeof(written_to) / sizeof(written_to[0]));
	tcase_add_test(accepting, calendars);
	tcase_add_test(accepting, caldav);
	tcase_add_loop_test(accepting, calendar_without_credentials, 0, (int)COUNT(without));
	tcase_add_test(accepting, example);
	suite_add_tcase(suite, accepting);
	tcase_add_checked_fixture(refusing, set_up, tear_down);
	tcase_add_loop_test(refusing, refusal, 0, (int)COUNT(refusals));
	tcase_add_test(refusing, room);
	tcase_add_test(refusing, unread);
	tcase_add_test(refusing, zero_byte);
	tcase_add_test(refusing, sender);
	tcase_add_test(refusing, first_of_two_faults);
	tcase_add_test(refusing, too_many_calendars);
	tcase_add_test(refusing, no_file);
	suite_add_tcase(suite, refusing);
	tcase_add_checked_fixture(credentials, set_up, tear_down);
	tcase_add_loop_test(
	    credentials, secret_file, 0, (int)(COUNT(secret_files) * COUNT(secrets)));
	tcase_add_test(credentials, secret_of_any_length);
	tcase_add_test(credentials, secret_with_a_nul);
	tcase_add_test(credentials, secret_of_none);
	tcase_add_test(credentials, secret_that_cannot_be_read);
	tcase_add_test(credentials, user_of_a_program);
	tcase_add_test(credentials, operator_beside_the_programs);
	tcase_add_test(credentials, guarded_process);
	tcase_add_test(credentials, secrets_that_are_given_back);
	tcase_add_loop_test(credentials, credentials_that_are_sought, 0, (int)COUNT(sought));
	tcase_add_test(credentials, address_in_clear);
	tcase_add_test(credentials, signing_key);
	tcase_add_test(credentials, api_keys);
	tcase_add_test(credentials, folder_of_secrets);
	tcase_add_loop_test(credentials, secret_in_clear, 0, (int)COUNT(ways));
	tcase_add_test(credentials, wanted_secrets);
	tcase_add_test(credentials, services);
	suite_add_tcase(suite, credentials);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

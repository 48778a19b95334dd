/* SPDX-License-Identifier: MIT */
/*
 * courier_world.h: a world for the courier: a store in memory and three services that answer as
 * they are told, at a clock that the test moves. It stands in for the clocks, http.c, clickhouse.c,
 * journal.c, snapshot.c, changes.c and deliveries.c at link time; all else is the real code.
 */
#ifndef TESTS_COURIER_WORLD_H
#define TESTS_COURIER_WORLD_H

#include "base/clock.h"
#include "base/log.h"
#include "core/address.h"
#include "courier/lease.h"
#include "courier/loop.h"
#include "files.h"
#include "ledgers.h"
#include "net/calendar.h"
#include "store/deliveries.h"
#include "store/past.h"
#include "store/schema.h"
#include "store/snapshot.h"
#include "store/tsv.h"

#include <sodium.h>

#define LOG_MAX 20000
#define LEADS_MAX 6000
#define LEASES_PUT 1000
#define ENTRIES_MAX 256
#define START_MS                                                                                   \
	INT64_C(1796000400000) /* of the store's clock, when the one since boot is BOOT_MS */
#define BOOT_MS INT64_C(1000000)
#define SITE_TEXT (2 * PATH_MAX)

enum outside {
	OUTSIDE_GOOGLE,
	OUTSIDE_RESEND,
	OUTSIDE_TELEGRAM,
	OUTSIDE_FEED,
	OUTSIDE_DAV,
	OUTSIDE_SITE,
	OUTSIDES
};

/* How a service answers, once or from now on; status 0: as it should. */
struct answer {
	int status;
	const char *body;
	int64_t retry_after_s;
	enum err err;
};

static struct {
	int64_t boot_ms,
	    step_ms; /* step: of the clocks that tell the time of day, the store's too */
	struct delivery_record log[LOG_MAX];
	uint64_t log_count, lines_purged; /* purged: after those, by an erasure */
	struct lead leads[LEADS_MAX];
	char emails[LEADS_MAX + 1][32];
	size_t lead_count, leads_seen; /* seen: by the last look */
	struct ledger *ledger;
	uint64_t entries;
	struct entry last_entry; /* that a courier would append */
	enum err append_err;	 /* how that goes */
	/* What somebody else does before it is judged, and after; NULL: nothing. */
	void (*before_append)(void), (*after_append)(void);
	struct uuid changed[ENTRIES_MAX]; /* by entries, since the last look */
	size_t changed_count;
	struct answer answers[OUTSIDES];
	unsigned requests[OUTSIDES], deletes, inserts, lists;
	/* One transfer goes otherwise, the others as they should. */
	unsigned transfers, odd_transfer;
	enum outside odd_outside;
	struct odd_answer {
		struct answer answer;
		bool is_done; /* what was asked is done all the same */
	} odd;
	char last[OUTSIDES][64 * 1024]; /* bodies */
	char key[200];			/* of the last mail */
	char events[8][EVENT_ID];	/* as listed */
	struct uuid event_booking;
	size_t event_count;
	unsigned reads, puts, looks, rows_put; /* of the store */
	unsigned failing_read;		       /* the one that fails; 0: none */
	/* All that it is asked, but leases and what is new; which of it fails, and what that was.
	 */
	unsigned questions, failing_question;
	const char *failed;
	unsigned failing_put;
	/* The put's line comes although it fails, or does not although it is answered. */
	bool is_unheard, is_lineless;
	size_t reply_bytes; /* that the deliveries of many bookings take */
	/* Puts of this state are refused so many times, for good or by this failure. */
	enum delivery_state refused;
	unsigned refusals;
	enum err refusal;
	enum err past_err;
	void (*on_list)(void);
	void (*on_delete)(void);     /* of an event in a state that it has no more */
	void (*on_second_get)(void); /* of an event by its id */
	unsigned gets;
	char drifts[2000];    /* items of the calendar's next list of changes */
	char dragged[500];    /* the event that somebody changed, as it is now; "": nobody did */
	char occurrence[500]; /* the same of a series at the call's time */
	/* In place of 200, or of 404 when there is none. */
	int dragged_status, occurrence_status;
	char match[100];	   /* the condition of the last event that was written over */
	unsigned syncs, puts_back; /* how often it was asked for; events written over */
	char last_sync[500];
	int sync_status, put_status; /* in place of 200, once */
	int insert_status;	     /* in place of 200 */
	bool may_not_append;	     /* the courier's user has no right to */
	const char *people; /* what an address has asked for; NULL: nobody has sent anything */
	enum err people_err;
	const char *blocked; /* rows of addresses whose briefs are not taken; NULL: none */
	const char *busy,
	    *conference;	  /* of free/busy; what an event has beside its id; NULL: nothing */
	unsigned conferences;	  /* how often one was asked for */
	int conference_status;	  /* in place of 200 */
	struct interval imported; /* a row of a booking that the ledger does not know */
	const char *feed;	  /* a calendar's file */
	unsigned marks;		  /* how often it was asked for by its mark */
	char last_row[2000];	  /* of consulting_bookings, as it was put */
	/* ledger_err: of a look at its news; schema_err: of what a program wants of the tables */
	enum err row_err, version_err, find_err, ledger_err, schema_err;
	/* Of a lease, of kept words, of looks at a booking and at what changed, and of a question
	 * about rights. */
	enum err lease_err, payload_err, look_err, changes_err, grant_err;
	enum err refresh_err; /* of bringing the ledger up to now */
	unsigned refreshes;
	/* Every brief is like every other; else nobody sent anything like it. */
	bool finds_alike;
	const char *domains; /* that Resend knows; NULL: none */
	/* What Google says of a token and of a calendar; NULL: the usual. */
	const char *token, *about;
	int64_t certificate_end_s;  /* the site's */
	bool is_read_anew;	    /* the ledger, whatever was kept of it */
	unsigned pasts;		    /* how often a person's past was asked for */
	struct uuid same_person[3]; /* bookings of one address */
	size_t same_person_count;
	unsigned tallies;   /* how often transfers were counted anew */
	const char *others; /* the owner's events that lie in a call's time: items of a list */
	struct entry kept[ENTRIES_MAX]; /* the ledger's, and when each was written */
	int64_t kept_ms[ENTRIES_MAX];
	/* Who is told of what leaves; NULL: nobody. */
	void (*on_request)(const struct http_request *request, enum outside outside);
	void (*on_record)(const struct delivery_record *record);
	void (*on_row)(const char *row);
	void (*on_entry)(const struct entry *entry, int64_t deadline);
	void (*on_look)(const struct snapshot_wish *wish);
	void (*on_read)(const struct ids *ids); /* of the deliveries of these bookings */
	/* What a CalDAV server has. */
	struct dav_event {
		char id[EVENT_ID], text[4000];
		unsigned etag;
	} dav[8];
	size_t dav_count;
	unsigned dav_etags, dav_reads; /* reads: of events' texts */
	bool dav_leaves_out;	       /* its lists are empty, whatever it has */
	const char *dav_rights;	       /* what its user may do there; NULL: it does not say */
	void (*on_dav_read)(void);
	const char *proxy;     /* by which a program asks what is outside */
	const char *kept_in;   /* the folder of what it has replayed; NULL: none */
	struct clocks *clocks; /* to which it adds what other clocks show; NULL: to none */
} world;

static struct courier courier;
static volatile sig_atomic_t stopped;
static struct fail failure;

/* ---- Clocks ---- */

int64_t clock_boot_ms(void)
{
	return world.boot_ms;
}

int64_t clock_wall_ms(void)
{
	return START_MS - BOOT_MS + world.boot_ms + world.step_ms;
}

int64_t clock_wall_s(void)
{
	return clock_wall_ms() / 1000;
}

/* ---- Services ---- */

static char nothing[] = "";

struct http {
	int nothing;
};
static struct http the_http;

struct http *http_new(const volatile sig_atomic_t *stop)
{
	(void)stop;
	return &the_http;
}

void http_free(struct http *http)
{
	(void)http;
}

void http_use_proxy(struct http *http, const char *proxy)
{
	(void)http;
	world.proxy = proxy;
}

void http_read_clocks(struct http *http, struct clocks *clocks)
{
	(void)http;
	world.clocks = clocks;
}

void http_count(struct http *http, struct counters *counters)
{
	(void)http;
	(void)counters;
}

struct http_tally http_tally(const struct http *http, enum service first, enum service last)
{
	(void)http;
	return (struct http_tally){world.tallies, first * 100 + last};
}

void http_tally_reset(struct http *http)
{
	(void)http;
	world.tallies++;
}

/* What was started and has not been driven to its end. */
static struct {
	http_done *done;
	void *context;
	struct http_reply reply;
} underway[64];
static size_t underway_count;

static void put_underway(http_done *done, void *context, const struct http_reply *reply)
{
	ck_assert_uint_lt(underway_count, COUNT(underway));
	underway[underway_count].done = done;
	underway[underway_count].context = context;
	underway[underway_count++].reply = *reply;
}

/* Each is told once, in the order in which they left; one that is done may start others. */
void http_run(struct http *http)
{
	(void)http;
	for (size_t i = 0; i < underway_count; i++) {
		struct http_reply reply = underway[i].reply;

		underway[i].done(underway[i].context, &reply);
	}
	underway_count = 0;
}

void http_keep(void *context, const struct http_reply *reply)
{
	*(struct http_reply *)context = *reply;
}

static const char *list_events(struct arena *arena, const char *url)
{
	bool are_all = strstr(url, "timeMin=") && world.others;
	struct text text = text_new(arena, 8192);
	char booking[UUID_TEXT];

	world.lists++;
	if (world.on_list)
		world.on_list();
	text_str(&text, "{\"items\":[");
	for (size_t i = 0; i < world.event_count; i++)
		text_printf(&text,
		    "%s{\"id\":\"%s\",\"status\":\"confirmed\",\"extendedProperties\":{\"private\":"
		    "{\"slotguard\":\"%s\"}}}",
		    i ? "," : "", world.events[i], uuid_format(&world.event_booking, booking));
	if (are_all)
		text_printf(&text, "%s%s", world.event_count ? "," : "", world.others);
	text_str(&text, "]}");
	return text.data;
}

static const char *list_changes(struct arena *arena, const char *url, int *status)
{
	const char *items = arena_str(arena, world.drifts);

	world.syncs++;
	snprintf(world.last_sync, sizeof(world.last_sync), "%s", url);
	if (world.sync_status) {
		*status = world.sync_status;
		world.sync_status = 0;
		return "{}";
	}
	world.drifts[0] = '\0';
	return arena_printf(
	    arena, "{\"items\":[%s],\"nextSyncToken\":\"sync%u\"}", items, world.syncs);
}

/* Of every calendar that is asked about; only the account's own has events. */
static const char *free_busy(struct arena *arena, const char *asked)
{
	struct text text = text_new(arena, 8192);
	const char *id = asked, *comma = "";

	text_str(&text, "{\"calendars\":{");
	while ((id = strstr(id, "\"id\":\""))) {
		int len = (int)strcspn(id += 6, "\"");

		text_printf(&text, "%s\"%.*s\":{\"busy\":[%s]}", comma, len, id,
		    strncmp(id, "primary", 7) == 0 && world.busy ? world.busy : "");
		comma = ",";
	}
	text_str(&text, "}}");
	return text.data;
}

/* What Google answers when nothing is wrong. */
static const char *google(struct arena *arena, const struct http_request *request, int *status)
{
	const char *id = request->body ? strstr(request->body, "\"id\":\"") : NULL;
	char name[EVENT_ID];

	*status = 200;
	if (strstr(request->url, "showDeleted=true"))
		return list_changes(arena, request->url, status);
	if (strcmp(request->method, "PUT") == 0) {
		snprintf(world.match, sizeof(world.match), "%s",
		    request->headers[1] ? request->headers[1] : "");
		if (world.put_status) {
			*status = world.put_status;
			world.put_status = 0;
			return "{}";
		}
		world.puts_back++;
		return arena_printf(arena, "{\"id\":\"%.*s\"}",
		    (int)strcspn(strrchr(request->url, '/') + 1, "?"),
		    strrchr(request->url, '/') + 1);
	}
	if (strstr(request->url, "/token"))
		return world.token ? world.token
				   : "{\"access_token\":\"t\",\"expires_in\":3600,"
				     "\"token_type\":\"Bearer\"}";
	if (strstr(request->url, "fields=summary"))
		return world.about ? world.about
				   : "{\"summary\":\"avo@example.com\",\"accessRole\":\"owner\"}";
	if (strstr(request->url, "/freeBusy"))
		return free_busy(arena, request->body);
	if (strcmp(request->method, "PATCH") == 0) {
		world.conferences++;
		*status = world.conference_status ? world.conference_status : 200;
		return arena_printf(
		    arena, "{\"id\":\"a\"%s}", world.conference ? world.conference : "");
	}
	if (strcmp(request->method, "GET") == 0 && strstr(request->url, "/events/")) {
		const char *event = strchr(request->url, '_') ? world.occurrence : world.dragged;

		if (++world.gets == 2 && world.on_second_get)
			world.on_second_get();
		*status = *event ? 200 : 404;
		if (event == world.occurrence && world.occurrence_status)
			*status = world.occurrence_status;
		if (event == world.dragged && world.dragged_status)
			*status = world.dragged_status;
		return *event ? arena_printf(arena, "{\"etag\":\"\\\"7\\\"\",%s", event + 1) : "{}";
	}
	if (strcmp(request->method, "GET") == 0)
		return list_events(arena, request->url);
	if (strcmp(request->method, "DELETE") == 0) {
		if (request->headers[0] && strstr(request->headers[0], "If-Match: \"7\"") &&
		    world.on_delete) {
			void (*on_delete)(void) = world.on_delete;

			world.on_delete = NULL;
			on_delete();
			*status = 412;
			return "{}";
		}
		world.deletes++;
		for (size_t i = 0; i < world.event_count; i++)
			if (strstr(request->url, world.events[i]))
				memcpy(
				    world.events[i], world.events[--world.event_count], EVENT_ID);
		*status = 204;
		return "";
	}
	ck_assert_ptr_nonnull(id);
	if (world.insert_status ||
	    (world.conference_status && strstr(request->body, "conferenceData"))) {
		*status = world.insert_status ? world.insert_status : world.conference_status;
		return "{}";
	}
	snprintf(name, sizeof(name), "%s", id + 6);
	*strchr(name, '"') = '\0';
	world.inserts++;
	memcpy(world.events[world.event_count++], name, EVENT_ID);
	return arena_printf(
	    arena, "{\"id\":\"%s\"%s}", name, world.conference ? world.conference : "");
}

/* An empty mail is refused by whoever knows the key. */
static const char *resend(const struct http_request *request, int *status)
{
	if (!request->body)
		return world.domains ? world.domains : "{\"data\":[]}";
	if (strcmp(request->body, "{}") != 0)
		return "{\"id\":\"sent\"}";
	*status = 422;
	return "{\"statusCode\":422,\"name\":\"missing_required_field\",\"message\":\"Missing `to` "
	       "field.\"}";
}

#define DAV_HEAD "<multistatus xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\">"
#define DAV_OK "</prop><status>HTTP/1.1 200 OK</status></propstat></response>"

static struct dav_event *find_dav(const char *url)
{
	for (size_t i = 0; i < world.dav_count; i++)
		if (strstr(url, world.dav[i].id))
			return &world.dav[i];
	return NULL;
}

/* Writes a moment over the one of that line of an event: "DTSTART:". */
static inline void put_moment(char *text, const char *name, int64_t at)
{
	struct civil civil = civil_from_seconds(at);
	char *line = strstr(text, name), moment[20];

	ck_assert_ptr_nonnull(line);
	snprintf(moment, sizeof(moment), "%04d%02d%02dT%02d%02d%02dZ", civil.year, civil.month,
	    civil.day, civil.hour, civil.minute, civil.second);
	memcpy(line + strlen(name), moment, strlen(moment));
}

/* Those that are asked for, or all. */
static const char *list_dav(struct arena *arena, const char *asked)
{
	struct text text = text_new(arena, 64 * 1024);
	bool wants_text = asked && strstr(asked, "calendar-data");

	text_str(&text, DAV_HEAD);
	world.dav_reads += wants_text;
	if (wants_text && world.on_dav_read)
		world.on_dav_read();
	for (size_t i = 0; i < world.dav_count; i++) {
		if (world.dav_leaves_out || (asked && !strstr(asked, world.dav[i].id)))
			continue;
		text_printf(&text,
		    "<response><href>/avo/cal/%s.ics</href><propstat><prop>"
		    "<getetag>\"%u\"</getetag>",
		    world.dav[i].id, world.dav[i].etag);
		if (wants_text) {
			text_str(&text, "<C:calendar-data>");
			text_html(&text, world.dav[i].text);
			text_str(&text, "</C:calendar-data>");
		}
		text_str(&text, DAV_OK);
	}
	text_str(&text, "</multistatus>");
	return text.data;
}

/* PUT and DELETE, with the conditions that they may have. */
static int change_dav(const struct http_request *request)
{
	struct dav_event *event = find_dav(request->url);
	bool is_put = strcmp(request->method, "PUT") == 0;
	const char *match = request->headers[is_put ? 1 : 0];
	char own[40];

	snprintf(own, sizeof(own), "If-Match: \"%u\"", event ? event->etag : 0);
	snprintf(world.match, sizeof(world.match), "%s", match ? match : "");
	if (match &&
	    (strcmp(match, "If-None-Match: *") == 0 ? event != NULL : strcmp(match, own) != 0))
		return 412;
	if (!is_put) {
		world.deletes++;
		if (!event)
			return 404;
		*event = world.dav[--world.dav_count];
		return 204;
	}
	if (event)
		world.puts_back++;
	else
		world.inserts++;
	event = event ? event : &world.dav[world.dav_count++];
	snprintf(event->id, EVENT_ID, "%.*s", (int)strcspn(strrchr(request->url, '/') + 1, "."),
	    strrchr(request->url, '/') + 1);
	snprintf(event->text, sizeof(event->text), "%s", request->body);
	event->etag = ++world.dav_etags;
	return 201;
}

/* What a CalDAV server answers when nothing is wrong. */
static const char *dav(struct arena *arena, const struct http_request *request, int *status)
{
	*status = 207;
	if (strcmp(request->method, "PROPFIND") == 0)
		return strstr(request->headers[1], "Depth: 0")
			   ? arena_printf(arena,
				 DAV_HEAD
				 "<response><href>/avo/cal/</href><propstat><prop><resourcetype>"
				 "<C:calendar/></resourcetype>%s" DAV_OK "</multistatus>",
				 world.dav_rights ? world.dav_rights : "")
			   : list_dav(arena, NULL);
	if (strcmp(request->method, "REPORT") == 0)
		return strstr(request->body, "calendar-multiget") ? list_dav(arena, request->body)
								  : DAV_HEAD "</multistatus>";
	*status = strcmp(request->method, "GET") != 0 ? change_dav(request)
		  : find_dav(request->url)	      ? 200
						      : 404;
	return "";
}

void http_once(struct http *http, struct arena *arena, const struct http_request *request,
    struct http_reply *reply)
{
	const char *url = request->url ? request->url : "";
	enum outside outside = strstr(url, "//127.0.0.1:2/")   ? OUTSIDE_RESEND
			       : strstr(url, "//127.0.0.1:3/") ? OUTSIDE_TELEGRAM
			       : strstr(url, "//127.0.0.1:4/") ? OUTSIDE_FEED
			       : strstr(url, "//127.0.0.1:5/") ? OUTSIDE_DAV
			       : strstr(url, "//book.")	       ? OUTSIDE_SITE
							       : OUTSIDE_GOOGLE;
	const struct answer *answer = &world.answers[outside];
	const char *body;

	(void)http;
	/* As http.c has it. */
	if (!request->url || arena_overflowed(arena)) {
		*reply = (struct http_reply){.err = ERR_SYSTEM, .body = nothing};
		fail_set(&reply->fail, ERR_SYSTEM, "http", "no memory");
		return;
	}
	if (world.on_request)
		world.on_request(request, outside);
	if (outside == world.odd_outside && ++world.transfers == world.odd_transfer) {
		if (world.odd.is_done)
			http_once(http, arena, request, reply);
		answer = &world.odd.answer;
	}
	body = answer->body;
	*reply = (struct http_reply){
	    .status = answer->status, .err = answer->err, .retry_after_s = answer->retry_after_s};
	if (request->wants_certificate)
		reply->certificate_end_s = world.certificate_end_s;
	if (answer->err)
		fail_set(&reply->fail, answer->err, "http", "as it was told to");
	world.requests[outside]++;
	if (request->body)
		snprintf(world.last[outside], sizeof(world.last[0]), "%s", request->body);
	for (int i = 0; i < HTTP_KEPT && request->keep[i]; i++)
		if (strcasecmp(request->keep[i], "ETag") == 0)
			reply->kept[i] = "\"one\"";
	for (int i = 0; i < HTTP_HEADERS && request->headers[i]; i++)
		if (outside == OUTSIDE_FEED &&
		    strstr(request->headers[i], "If-None-Match: \"one\""))
			world.marks++;
		else if (strncmp(request->headers[i], "Idempotency-Key: ", 17) == 0)
			snprintf(world.key, sizeof(world.key), "%s", request->headers[i] + 17);
	if (!answer->status && !answer->err) {
		reply->status = 200;
		body = outside == OUTSIDE_RESEND     ? resend(request, &reply->status)
		       : outside == OUTSIDE_TELEGRAM ? "{\"ok\":true,\"result\":{}}"
		       : outside == OUTSIDE_FEED     ? world.feed
		       : outside == OUTSIDE_DAV	     ? dav(arena, request, &reply->status)
		       : outside == OUTSIDE_SITE     ? "<!doctype html>"
						     : google(arena, request, &reply->status);
		if (outside == OUTSIDE_GOOGLE && reply->status >= 400)
			body = "{\"error\":{\"errors\":[]}}";
	}
	reply->body = arena_str(arena, body ? body : "");
	if (reply->body)
		reply->body_len = strlen(reply->body);
	else {
		reply->body = nothing;
		reply->err =
		    fail_set(&reply->fail, ERR_GARBLED, "http", "the reply does not fit in memory");
	}
}

void http_start(struct http *http, struct arena *arena, const struct http_request *request,
    http_done *done, void *context)
{
	struct http_reply reply;

	http_once(http, arena, request, &reply);
	put_underway(done, context, &reply);
}

/* ---- The store ---- */

/* One of all that it is asked fails. */
static bool goes_wrong(const char *what, struct fail *fail)
{
	if (++world.questions != world.failing_question)
		return false;
	world.failed = what;
	fail_set(fail, ERR_UNREACHABLE, "world", "one question fails");
	return true;
}

struct clickhouse *clickhouse_new(const struct conf *conf, struct http *http)
{
	(void)conf;
	(void)http;
	return (struct clickhouse *)&world;
}

void clickhouse_free(struct clickhouse *clickhouse)
{
	(void)clickhouse;
}

struct http *clickhouse_http(const struct clickhouse *clickhouse)
{
	(void)clickhouse;
	return &the_http;
}

int64_t clickhouse_deadline(const struct clickhouse *clickhouse)
{
	(void)clickhouse;
	return world.boot_ms + 5000;
}

void clickhouse_share(struct clickhouse *clickhouse)
{
	(void)clickhouse;
}

enum err clickhouse_ready(struct clickhouse *clickhouse, struct arena *arena, struct fail *fail)
{
	(void)clickhouse;
	(void)arena;
	(void)fail;
	return ERR_NONE;
}

void clickhouse_learn(struct clickhouse *clickhouse, const char *names)
{
	(void)clickhouse;
	(void)names;
}

enum err clickhouse_judge(const struct http_reply *reply, struct fail *fail)
{
	return reply->err ? fail_set(fail, reply->err, "world", "as it was told to") : ERR_NONE;
}

void clickhouse_start(struct clickhouse *clickhouse, struct arena *arena, const struct query *query,
    http_done *done, void *context)
{
	struct http_reply reply = {.status = 200, .body = nothing, .err = world.row_err};

	(void)clickhouse;
	(void)arena;
	ck_assert_ptr_nonnull(strstr(query->sql, "INTO consulting_bookings"));
	if (goes_wrong("row", &reply.fail)) {
		reply.err = reply.fail.code;
		put_underway(done, context, &reply);
		return;
	}
	snprintf(world.last_row, sizeof(world.last_row), "%.*s", (int)query->data_len, query->data);
	if (world.on_row)
		world.on_row(world.last_row);
	world.rows_put += !world.row_err;
	put_underway(done, context, &reply);
}

static struct lead *lead_of(const struct uuid *booking);

static void write_row(struct text *row, const struct lead *lead)
{
	char id[UUID_TEXT];

	text_printf(row, "%s\t%" PRIu64 "\t%s\t%" PRId64 "\t%" PRId64 "\t%s\t%" PRId64,
	    uuid_format(&lead->booking, id), lead->version, lead_status_name(lead->status),
	    lead->slot.start, lead->slot.end, calendar_check_name(lead->calendar),
	    lead->created_ms);
	for (size_t i = 0; i < LEAD_TEXT_COUNT; i++) {
		text_str(row, "\t");
		text_tsv(row, lead_text_value(lead, i));
	}
	text_str(row, "\n");
}

static char *find_row(struct arena *arena, const char *parameters)
{
	const char *at = strstr(parameters, "&param_booking=");
	struct text row = text_new(arena, 16 * 1024);
	struct uuid booking;
	const struct lead *lead;

	ck_assert(at && uuid_parse(at + strlen("&param_booking="), &booking));
	if (!(lead = lead_of(&booking)))
		return arena_str(arena, "");
	write_row(&row, lead);
	return row.data;
}

static char *find_alike(struct arena *arena)
{
	struct text rows = text_new(arena, 256 * 1024);

	for (size_t i = 0; world.finds_alike && i < world.lead_count; i++)
		write_row(&rows, &world.leads[i]);
	return rows.data;
}

static char *list_ids(struct arena *arena)
{
	struct text ids = text_new(arena, 64 * 1024);
	char id[UUID_TEXT];

	for (size_t i = 0; i < world.lead_count; i++)
		text_printf(&ids, "%s\n", uuid_format(&world.leads[i].booking, id));
	return ids.data;
}

/* Only rows of leads are written by this way. */
enum err clickhouse_ask(struct clickhouse *clickhouse, struct arena *arena,
    const struct query *query, char **rows, struct fail *fail)
{
	(void)clickhouse;
	if (goes_wrong("statement", fail))
		return fail->code;
	if (strstr(query->sql, "CHECK GRANT")) {
		*rows = arena_str(arena, world.may_not_append ? "0\n" : "1\n");
		return world.grant_err
			   ? fail_set(fail, world.grant_err, "world", "as it was told to")
			   : ERR_NONE;
	}
	if (strstr(query->sql, "SELECT DISTINCT booking_id FROM consulting_bookings FORMAT")) {
		*rows = list_ids(arena);
		return ERR_NONE;
	}
	if (strstr(query->sql, "FROM consulting_bookings FINAL PREWHERE booking_id IN")) {
		*rows = find_alike(arena);
		return ERR_NONE;
	}
	/* The newest row of a booking. */
	if (strstr(query->sql, "FROM consulting_bookings FINAL PREWHERE booking_id")) {
		*rows = find_row(arena, query->parameters);
		return world.find_err ? fail_set(fail, world.find_err, "world", "as it was told to")
				      : ERR_NONE;
	}
	if (strstr(query->sql, "SELECT count() FROM consulting_bookings WHERE booking_id")) {
		*rows = arena_str(arena, "0\n");
		return ERR_NONE;
	}
	if (strstr(query->sql, "SELECT version()")) {
		*rows = arena_str(arena, "26.7.1.1\t\n");
		return world.version_err ? fail_set(fail, world.version_err, "world", "gone")
					 : ERR_NONE;
	}
	/* Two calls stand under every address. */
	if (strstr(query->sql, "AS start")) {
		*rows =
		    arena_printf(arena, "00000000-0000-4000-8000-00000000000a\t1796220000\t1\n"
					"00000000-0000-4000-8000-00000000000b\t1796306400\t1\n");
		return *rows ? ERR_NONE : fail_set(fail, ERR_SYSTEM, "world", "no memory");
	}
	if (strstr(query->sql, "SELECT what")) {
		*rows = arena_str(arena, world.blocked ? world.blocked : "");
		return world.people_err
			   ? fail_set(fail, world.people_err, "world", "as it was told to")
			   : ERR_NONE;
	}
	if (strstr(query->sql, "INTO blocked_addresses")) {
		if (world.on_row)
			world.on_row(query->data);
		return world.people_err
			   ? fail_set(fail, world.people_err, "world", "as it was told to")
			   : ERR_NONE;
	}
	if (strstr(query->sql, "FROM blocked_addresses")) {
		if (world.people_err)
			return fail_set(fail, world.people_err, "world", "as it was told to");
		*rows = arena_str(arena, world.people ? world.people : "0\t0\t0\t0\n");
		return *rows ? ERR_NONE : fail_set(fail, ERR_SYSTEM, "world", "no memory");
	}
	ck_assert_ptr_nonnull(strstr(query->sql, "INTO consulting_bookings"));
	if (world.row_err)
		return fail_set(fail, world.row_err, "world", "as it was told to");
	world.rows_put++;
	return ERR_NONE;
}

enum err schema_check(struct clickhouse *clickhouse, struct arena *arena, struct fail *fail)
{
	(void)clickhouse;
	(void)arena;
	return world.schema_err ? fail_set(fail, world.schema_err, "world", "as it was told to")
				: ERR_NONE;
}

void journal_count(struct journal *journal, struct counters *counters)
{
	(void)journal, (void)counters;
}

struct journal *journal_new(struct clickhouse *clickhouse)
{
	return (struct journal *)clickhouse;
}

void journal_free(struct journal *journal)
{
	(void)journal;
}

void journal_keep(struct journal *journal, const char *dir)
{
	(void)journal;
	world.is_read_anew = !dir;
	world.kept_in = dir;
}

struct clickhouse *journal_clickhouse(const struct journal *journal)
{
	(void)journal;
	return (struct clickhouse *)&world;
}

const struct ledger *journal_state(const struct journal *journal)
{
	(void)journal;
	return world.ledger;
}

enum err journal_refresh(struct journal *journal, struct arena *arena, struct fail *fail)
{
	(void)journal;
	(void)arena;
	world.refreshes++;
	if (goes_wrong("refresh", fail))
		return fail->code;
	return world.refresh_err ? fail_set(fail, world.refresh_err, "world", "as it was told to")
				 : ERR_NONE;
}

enum err journal_refresh_seen(
    struct journal *journal, struct arena *arena, char *const *fields, struct fail *fail)
{
	(void)fields;
	return journal_refresh(journal, arena, fail);
}

bool journal_is_current(const struct journal *journal, char *const *fields)
{
	(void)journal;
	(void)fields;
	return true;
}

bool journal_is_as_long(const struct journal *journal, const char *rows)
{
	(void)journal;
	(void)rows;
	return true;
}

static struct lead *lead_of(const struct uuid *booking)
{
	for (size_t i = 0; i < world.lead_count; i++)
		if (uuid_equal(&world.leads[i].booking, booking))
			return &world.leads[i];
	return NULL;
}

/* The newest row is found first. */
static void put_row(const struct lead *row)
{
	*lead_of(&row->booking) = *row;
	world.leads[world.lead_count++] = *row;
}

/* The next entry of the ledger; the row follows what is accepted. */
static enum verdict put_entry(struct entry *entry)
{
	struct lead *lead = lead_of(&entry->booking);
	enum verdict verdict;

	entry->number = ++world.entries;
	entry->id = id_of((int)(10000 + world.entries));
	verdict = apply(world.ledger, entry);
	ck_assert_uint_le(entry->number, ENTRIES_MAX);
	world.changed[world.changed_count++] = entry->booking;
	world.kept[entry->number - 1] = *entry;
	world.kept_ms[entry->number - 1] = clock_wall_ms();
	if (lead && verdict == VERDICT_ACCEPTED) {
		struct lead row = *lead;

		row.version = ledger_version(world.ledger, entry->number);
		row.status = entry->kind == ENTRY_BOOK ? LEAD_BOOKED : LEAD_CANCELLED;
		row.slot = entry->call;
		put_row(&row);
	}
	return verdict;
}

enum err journal_append(struct journal *journal, struct arena *arena, struct entry *entry,
    int64_t deadline, enum verdict *verdict, struct fail *fail)
{
	(void)journal;
	(void)arena;
	world.last_entry = *entry;
	if (world.on_entry)
		world.on_entry(entry, deadline);
	if (goes_wrong("append", fail))
		return fail->code;
	if (world.append_err)
		return fail_set(fail, world.append_err, "world", "no entry is taken");
	if (world.before_append)
		world.before_append();
	*verdict = put_entry(entry);
	if (world.after_append)
		world.after_append();
	return ERR_NONE;
}

struct snapshot_question {
	struct uuid booking;
	bool asks_person;
};

struct snapshot_question *snapshot_start(
    struct journal *journal, struct arena *arena, const struct snapshot_wish *wish)
{
	struct snapshot_question *question = arena_alloc(arena, sizeof(*question));

	(void)journal;
	if (world.on_look)
		world.on_look(wish);
	if (question)
		*question = (struct snapshot_question){wish->booking, wish->asks_person};
	return question;
}

enum err snapshot_finish(
    struct snapshot_question *question, struct snapshot *out, struct fail *fail)
{
	const struct lead *lead = question ? lead_of(&question->booking) : NULL;

	world.looks++;
	if (!question)
		return fail_set(fail, ERR_SYSTEM, "snapshot", "no memory");
	if (goes_wrong("look", fail))
		return fail->code;
	*out = (struct snapshot){.has_lead = lead};
	if (world.imported.end) {
		out->imported = &world.imported;
		out->imported_count = 1;
	}
	if (lead)
		out->lead = *lead;
	if (question->asks_person) {
		out->same_person = world.same_person;
		out->same_person_count = world.same_person_count;
	}
	return world.look_err ? fail_set(fail, world.look_err, "world", "as it was told to")
			      : ERR_NONE;
}

/* One of the store's answers does not come. */
static bool read_fails(struct fail *fail)
{
	return ++world.reads == world.failing_read &&
	       fail_set(fail, ERR_UNREACHABLE, "world", "as it was told to");
}

enum err changes_begin(
    struct clickhouse *clickhouse, struct arena *arena, struct changes_mark *out, struct fail *fail)
{
	(void)clickhouse;
	(void)arena;
	if (read_fails(fail))
		return fail->code;
	*out = (struct changes_mark){world.entries, world.log_count, world.lead_count, 0};
	world.leads_seen = world.lead_count;
	world.changed_count = 0;
	return ERR_NONE;
}

enum err changes_look(struct clickhouse *clickhouse, struct arena *arena,
    const struct changes_mark *mark, struct changes_found *out, struct fail *fail)
{
	uint64_t newest = world.log_count + world.lines_purged;

	(void)clickhouse;
	(void)arena;
	if (world.changes_err)
		return fail_set(fail, world.changes_err, "world", "as it was told to");
	if (read_fails(fail))
		return fail->code;
	*out = (struct changes_found){
	    .ledger = world.entries > mark->ledger ? world.entries : 0,
	    .deliveries = newest > mark->deliveries ? newest : 0,
	    .leads = world.lead_count > mark->leads ? world.lead_count : 0,
	    .now_ms = clock_wall_ms(),
	};
	return ERR_NONE;
}

static enum err no_memory(struct fail *fail)
{
	return fail_set(fail, ERR_SYSTEM, "world", "no memory");
}

enum err changes_in_ledger(struct clickhouse *clickhouse, struct arena *arena,
    const struct changes_mark *mark, changes_take *take, void *context, struct fail *fail)
{
	(void)clickhouse;
	(void)arena;
	(void)mark;
	if (read_fails(fail))
		return fail->code;
	if (world.ledger_err)
		return fail_set(fail, world.ledger_err, "world", "as it was told to");
	for (size_t i = 0; i < world.changed_count; i++)
		if (!take(context, &(struct lead_state){.booking = world.changed[i]}))
			return no_memory(fail);
	world.changed_count = 0;
	return ERR_NONE;
}

static bool take_lead(const struct lead *lead, changes_take *take, void *context)
{
	return take(context, &(struct lead_state){.booking = lead->booking,
				 .created_ms = lead->created_ms,
				 .version = lead->version,
				 .status = lead->status,
				 .is_held = lead_waits_for_mail(lead),
				 .has_video = *lead->video});
}

enum err changes_in_leads(struct clickhouse *clickhouse, struct arena *arena,
    const struct changes_mark *mark, changes_take *take, void *context, struct fail *fail)
{
	(void)clickhouse;
	(void)arena;
	if (read_fails(fail))
		return fail->code;
	for (size_t i = mark->leads; i < world.lead_count; i++)
		if (!take_lead(&world.leads[i], take, context))
			return no_memory(fail);
	return ERR_NONE;
}

enum err changes_leads_of(struct clickhouse *clickhouse, struct arena *arena, const struct ids *ids,
    changes_take *take, void *context, struct fail *fail)
{
	(void)clickhouse;
	(void)arena;
	if (read_fails(fail))
		return fail->code;
	for (size_t i = 0; i < ids->count; i++)
		if (lead_of(&ids->list[i]))
			if (!take_lead(lead_of(&ids->list[i]), take, context))
				return no_memory(fail);
	return ERR_NONE;
}

/* All there is: the query itself is tried against a real server. */
enum err changes_may_be_due(struct clickhouse *clickhouse, struct arena *arena, uint64_t offset,
    changes_take *take, void *context, struct fail *fail)
{
	(void)clickhouse;
	(void)arena;
	(void)offset;
	if (read_fails(fail))
		return fail->code;
	for (size_t i = world.lead_count; i-- > 0;)
		if (!take(context, &(struct lead_state){.booking = world.leads[i].booking}))
			return no_memory(fail);
	return ERR_NONE;
}

bool deliveries_apply(struct duties *duties, const struct delivery_record *record)
{
	if (record->kind == DELIVERY_RECORD)
		return duties_record(duties, &record->delivery);
	if (record->kind == DELIVERY_LEASE)
		duties_lease(duties, &record->owner, record->delivery.at_ms);
	else
		duties_release(duties, &record->owner, record->delivery.at_ms);
	return true;
}

/* As the query has it. */
static bool is_of_future(const struct delivery_record *record)
{
	return record->kind == DELIVERY_LEASE && record->delivery.at_ms > clock_wall_ms() + 60000;
}

enum err deliveries_tail(struct clickhouse *clickhouse, struct arena *arena, uint64_t *number,
    deliveries_take *take, void *context, struct fail *fail)
{
	(void)clickhouse;
	(void)arena;
	if (read_fails(fail))
		return fail->code;
	for (; *number < world.log_count; ++*number)
		if (!is_of_future(&world.log[*number]) && !take(context, &world.log[*number]))
			return no_memory(fail);
	return ERR_NONE;
}

enum err deliveries_of(struct clickhouse *clickhouse, struct arena *arena, const struct ids *ids,
    deliveries_take *take, void *context, struct fail *fail)
{
	(void)clickhouse;
	(void)arena;
	if (read_fails(fail))
		return fail->code;
	if (world.on_read)
		world.on_read(ids);
	if (world.reply_bytes && !arena_alloc(arena, world.reply_bytes))
		return no_memory(fail);
	for (size_t i = 0; i < ids->count; i++)
		for (uint64_t j = 0; j < world.log_count; j++)
			if (uuid_equal(&world.log[j].booking, &ids->list[i]) &&
			    !is_of_future(&world.log[j]) && !take(context, &world.log[j]))
				return no_memory(fail);
	return ERR_NONE;
}

/* A line as another courier or the world itself writes it, now. */
static void write_log(const struct delivery_record *record)
{
	struct delivery_record *line = &world.log[world.log_count++];

	ck_assert_uint_lt(world.log_count, LOG_MAX);
	*line = *record;
	line->payload = record->payload ? strdup(record->payload) : NULL;
	line->number = world.log_count;
	line->delivery.at_ms = clock_wall_ms();
}

static bool is_line_refused(const struct delivery_record *record)
{
	return record->kind == DELIVERY_RECORD && record->delivery.state == world.refused;
}

enum err deliveries_put(struct clickhouse *clickhouse, struct arena *arena,
    const struct delivery_record *list, size_t count, struct fail *fail)
{
	bool fails = ++world.puts == world.failing_put;

	(void)clickhouse;
	(void)arena;
	if (list->kind == DELIVERY_RECORD && goes_wrong(duty_name(list->delivery.duty), fail))
		return fail->code;
	if (fails && !world.is_unheard)
		return world.is_lineless ? ERR_NONE
					 : fail_set(fail, ERR_BUSY, "world", "as it was told to");
	for (size_t i = 0; i < count; i++) {
		if (world.on_record && !fails)
			world.on_record(&list[i]);
		if (world.refusals && !fails && is_line_refused(&list[i])) {
			world.refusals--;
			return fail_set(fail, world.refusal ? world.refusal : ERR_REFUSED, "world",
			    "this line is not taken");
		}
	}
	for (size_t i = 0; i < count; i++)
		write_log(&list[i]);
	return fails ? fail_set(fail, ERR_UNSURE, "world", "as it was told to") : ERR_NONE;
}

static enum err put_leases(const struct ids *ids, const struct uuid *owner,
    enum delivery_record_kind kind, struct fail *fail)
{
	struct delivery_record list[LEASES_PUT];

	ck_assert_uint_le(ids->count, LEASES_PUT);
	if (world.lease_err) {
		world.puts++;
		return fail_set(fail, world.lease_err, "world", "as it was told to");
	}
	for (size_t i = 0; i < ids->count; i++)
		list[i] = (struct delivery_record){
		    .booking = ids->list[i], .owner = *owner, .kind = kind};
	return deliveries_put(NULL, NULL, list, ids->count, fail);
}

enum err deliveries_lease(struct clickhouse *clickhouse, struct arena *arena, const struct ids *ids,
    const struct uuid *owner, struct fail *fail)
{
	(void)clickhouse;
	(void)arena;
	return put_leases(ids, owner, DELIVERY_LEASE, fail);
}

enum err deliveries_release(struct clickhouse *clickhouse, struct arena *arena,
    const struct ids *ids, const struct uuid *owner, struct fail *fail)
{
	(void)clickhouse;
	(void)arena;
	return put_leases(ids, owner, DELIVERY_RELEASE, fail);
}

enum err deliveries_payload(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, const struct delivery *delivery, struct delivery_payload *out,
    struct fail *fail)
{
	(void)clickhouse;
	(void)arena;
	*out = (struct delivery_payload){.text = NULL};
	if (goes_wrong("payload", fail))
		return fail->code;
	if (world.payload_err)
		return fail_set(fail, world.payload_err, "world", "as it was told to");
	for (uint64_t i = 0; i < world.log_count; i++) {
		const struct delivery_record *line = &world.log[i];

		if (line->kind == DELIVERY_RECORD && uuid_equal(&line->booking, booking) &&
		    duty_is_mail(delivery->duty) && line->delivery.duty == delivery->duty &&
		    line->delivery.version == delivery->version &&
		    line->delivery.state == DELIVERY_DUE && line->detail &&
		    strcmp(line->detail, DELIVERY_AGAIN) == 0)
			*out = (struct delivery_payload){.is_again = true};
		else if (!out->text && uuid_equal(&line->booking, booking) && line->payload &&
			 *line->payload && line->delivery.duty == delivery->duty &&
			 line->delivery.version == delivery->version)
			*out = (struct delivery_payload){
			    line->payload, line->delivery.at_ms, out->is_again};
	}
	return ERR_NONE;
}

#define DAY INT64_C(86400000)

static bool is_mail_sent(const struct delivery_record *line)
{
	return line->kind == DELIVERY_RECORD && duty_is_mail(line->delivery.duty) &&
	       (line->delivery.state == DELIVERY_DONE || line->delivery.state == DELIVERY_UNSURE) &&
	       line->delivery.at_ms > clock_wall_ms() - DAY;
}

static bool was_told_of(const struct uuid *booking)
{
	for (uint64_t i = 0; i < world.log_count; i++) {
		const struct delivery_record *line = &world.log[i];

		if (line->kind == DELIVERY_RECORD && uuid_equal(&line->booking, booking) &&
		    line->delivery.duty == DUTY_NEW_LEAD &&
		    (line->delivery.state == DELIVERY_TRYING ||
			line->delivery.state == DELIVERY_DONE ||
			line->delivery.state == DELIVERY_UNSURE))
			return true;
	}
	return false;
}

/* Of a lead's rows the newest is found first. */
static void add_other(const struct lead *lead, const struct lead *other, struct past *past)
{
	bool is_before = other->created_ms < lead->created_ms ||
			 (other->created_ms == lead->created_ms &&
			     memcmp(&other->booking, &lead->booking, sizeof(lead->booking)) < 0);
	bool is_same =
	    strcmp(other->brief, lead->brief) == 0 && strcmp(other->name, lead->name) == 0;

	past->is_again |= is_before;
	past->is_repeat |= is_before && is_same && other->created_ms > lead->created_ms - DAY &&
			   (!lead_is_superseded(other) || was_told_of(&other->booking));
	past->is_doubled |= is_before && is_same && other->created_ms > lead->created_ms - DAY &&
			    !lead_is_superseded(other);
	past->is_superseded |= !is_same && other->created_ms > lead->created_ms;
	past->has_call |= other->status == LEAD_BOOKED && other->slot.end * 1000 > lead->created_ms;
}

/* The query itself is tried against a real server. */
enum err past_ask(struct clickhouse *clickhouse, struct arena *arena, const struct lead *lead,
    uint64_t limit, struct past *out, struct fail *fail)
{
	const char *person = address_normal(arena, lead->email);

	(void)clickhouse;
	world.pasts++;
	if (goes_wrong("past", fail))
		return fail->code;
	if (world.past_err)
		return fail_set(fail, world.past_err, "world", "as it was told to");
	*out = (struct past){0};
	for (size_t i = 0; i < world.lead_count; i++) {
		const struct lead *other = &world.leads[i];

		if (lead_of(&other->booking) == other &&
		    !uuid_equal(&other->booking, &lead->booking) &&
		    strcmp(address_normal(arena, other->email), person) == 0)
			add_other(lead, other, out);
	}
	for (uint64_t i = 0; i < world.log_count; i++) {
		const struct delivery_record *line = &world.log[i];
		const struct lead *other = lead_of(&line->booking);

		if (!other || strcmp(address_normal(arena, other->email), person) != 0)
			continue;
		out->was_held |= line->kind == DELIVERY_RECORD &&
				 line->delivery.duty == DUTY_MAILS_WAIT &&
				 line->delivery.at_ms > clock_wall_ms() - DAY;
		if (!is_mail_sent(line))
			continue;
		out->was_nudged |= line->delivery.duty == DUTY_NUDGE &&
				   !uuid_equal(&line->booking, &lead->booking);
		/* Their order is that of their times. */
		if (limit && !out->mails++)
			out->free_ms = line->delivery.at_ms + DAY;
	}
	if (out->mails < limit)
		out->free_ms = 0;
	return ERR_NONE;
}

/* ---- What happens in it ---- */

/* A brief of a person of its own came in, so many milliseconds ago. */
static inline struct uuid add_lead(int number, int64_t ago_ms)
{
	struct lead *lead = &world.leads[world.lead_count++];
	char *email = world.emails[world.lead_count];

	ck_assert_uint_le(world.lead_count, LEADS_MAX);
	snprintf(email, sizeof(world.emails[0]),
	    number == 7 ? "ada@example.com" : "ada-%d@example.com", number);
	*lead = (struct lead){
	    .booking = id_of(number),
	    .owner = "main",
	    .name = "Ada",
	    .email = email,
	    .company = "Engines",
	    .brief = "What the engine can weave.",
	    .budget = "",
	    .timeframe = "",
	    .held = "",
	    .video = "",
	    .timezone = "",
	    .language = "en",
	    .created_ms = clock_wall_ms() - ago_ms,
	};
	return lead->booking;
}

/* A command of a booking, accepted; its row follows with it. An interval that starts at 0: a
 * cancel.
 */
static uint64_t add_entry(struct uuid booking, enum entry_kind kind, int64_t start)
{
	struct ledger_booking before;
	struct entry entry = {
	    .kind = kind,
	    .booking = booking,
	    .owner = "main",
	    .call = {start, start ? start + 1800 : 0},
	    .taken = {start, start ? start + 1800 : 0},
	    .calendar = CALENDAR_FRESH,
	};

	if (kind != ENTRY_EPOCH) {
		ledger_find(world.ledger, &booking, &before);
		entry.version = before.version;
	}
	ck_assert_int_eq(put_entry(&entry), VERDICT_ACCEPTED);
	return ledger_version(world.ledger, entry.number);
}

/* The same of a booking whose row is late: what put_row() gives it then. */
static inline struct lead add_entry_alone(struct uuid booking, enum entry_kind kind, int64_t start)
{
	struct lead *lead = lead_of(&booking), before = *lead, row;

	add_entry(booking, kind, start);
	row = *lead;
	*lead = before;
	world.lead_count--;
	return row;
}

/* How often a duty of a booking was recorded so. */
static inline unsigned recorded(
    const struct uuid *booking, enum duty duty, enum delivery_state state)
{
	unsigned count = 0;

	for (uint64_t i = 0; i < world.log_count; i++)
		count += world.log[i].kind == DELIVERY_RECORD &&
			 uuid_equal(&world.log[i].booking, booking) &&
			 world.log[i].delivery.duty == duty && world.log[i].delivery.state == state;
	return count;
}

static inline unsigned lines_of(enum duty duty, enum delivery_state state)
{
	unsigned count = 0;

	for (uint64_t i = 0; i < world.log_count; i++)
		count += world.log[i].kind == DELIVERY_RECORD &&
			 world.log[i].delivery.duty == duty && world.log[i].delivery.state == state;
	return count;
}

static inline unsigned lines(enum delivery_record_kind kind)
{
	unsigned count = 0;

	for (uint64_t i = 0; i < world.log_count; i++)
		count += world.log[i].kind == kind;
	return count;
}

/* Rounds at a pace of 200 ms, for so long. */
static inline void live(int64_t ms)
{
	for (int64_t until = world.boot_ms + ms; world.boot_ms < until; world.boot_ms += 200) {
		courier_round(&courier);
		ck_assert_uint_eq(underway_count, 0);
	}
}

static void put_file(const char *name, const char *text)
{
	char path[600];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
}

/* more: sections that are added to the configuration. */
static void open_courier_with(const char *more)
{
	static const char *const secrets[] = {"google-client-id", "google-client-secret",
	    "google-refresh-token", "resend-api-key", "telegram-bot-token"};
	const char *tree = getenv("srcdir");
	char text[SITE_TEXT], root[PATH_MAX];
	static char path[600]; /* the courier's, to read it again */

	ck_assert_ptr_nonnull(realpath(tree ? tree : ".", root));
	for (size_t i = 0; i < COUNT(secrets); i++)
		put_file(secrets[i], "secret-of-a-test");
	snprintf(text, sizeof(text),
	    "[site]\nbase_url = https://book.example.com\nname = Avo\ntemplates = %s/templates\n"
	    "runtime_dir = %s\nspool_dir = %s\n%s"
	    "[google]\ntoken_url = http://127.0.0.1:1/token\n"
	    "api_url = http://127.0.0.1:1/calendar\n"
	    "[resend]\napi_url = http://127.0.0.1:2/api\nfrom = Avo <calls@book.example.com>\n"
	    "[telegram]\napi_url = http://127.0.0.1:3/api\nchat_id = 123456\n"
	    "[courier]\nreplay_s = 60\n%s",
	    root, folder, folder,
	    strstr(more, "meet = yes") ? "" : "video_url = https://meet.example.com/avo\n", more);
	put_file("test.conf", text);
	ck_assert_int_eq(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0);
	snprintf(path, sizeof(path), "%s/test.conf", folder);
	if (courier_open(path, &stopped, &courier, &failure))
		ck_abort_msg("%s", failure.detail);
	/* Only what is about the owner's changes looks at them. */
	courier.drift_look_ms = INT64_MAX;
	courier.shortage_look_ms = INT64_MAX;
}

static void open_courier(void)
{
	open_courier_with("");
}

static inline void reopen_courier(const char *more)
{
	courier_close(&courier);
	open_courier_with(more);
}

static void set_up(void)
{
	memset(&world, 0, sizeof(world));
	underway_count = 0;
	world.boot_ms = BOOT_MS;
	ck_assert_int_ge(sodium_init(), 0);
	log_open();
	world.ledger = ledger_new();
	ck_assert_ptr_nonnull(world.ledger);
	add_entry(id_of(0), ENTRY_EPOCH, 0);
	make_folder();
	open_courier();
}

static void tear_down(void)
{
	courier_close(&courier);
	for (uint64_t i = 0; i < world.log_count; i++)
		free((char *)world.log[i].payload);
	world.log_count = 0;
	ledger_free(world.ledger);
	each_file(unlink);
	rmdir(folder);
}

#endif

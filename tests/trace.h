/* SPDX-License-Identifier: MIT */
/*
 * trace.h: what the programs do in the courier's world, a line each, held against what was agreed
 * on
 *
 * A line is a request, a row, an entry, a record of the deliveries, a line of the log, or a field
 * of what a template is filled with; before it stands the second in which it was. The linker puts
 * the functions below in the place of those that say so (-Wl,--wrap). UPDATE_GOLDEN=1 agrees on all
 * as it is now: read the difference.
 */
#ifndef TESTS_TRACE_H
#define TESTS_TRACE_H

#include "base/counters.h"
#include "core/paths.h"
#include "courier_world.h"
#include "golden.h"
#include "net/json.h"
#include "store/spool.h"

#include <json-c/json.h>

static bool traces_fields;
/* Who is told of what the log has in place of the trace; NULL: nobody. */
static void (*on_log)(enum log_level level, const char *line);

/* The second since the world began, and in it the line. */
static void begin_line(void)
{
	int64_t at_ms = world.boot_ms - BOOT_MS;

	say("%" PRId64 ".%" PRId64 " ", at_ms / 1000, at_ms % 1000 / 100);
}

/* A moment of the log's clock by how far from now it is. */
static void say_after(const char *name, int64_t wall_ms)
{
	int64_t ms = wall_ms - clock_wall_ms();

	if (wall_ms)
		say(" %s=%+" PRId64 ".%03" PRId64, name, ms / 1000, (ms < 0 ? -ms : ms) % 1000);
}

/* ---- Fields of views */

static struct {
	const struct view *view;
	int depth;
} known_views[4096];
static size_t known_count;

static int depth_of(const struct view *view)
{
	for (size_t i = known_count; i-- > 0;)
		if (known_views[i].view == view)
			return known_views[i].depth;
	return 0;
}

void __real_view_text(struct view *view, const char *name, const char *value);
void __wrap_view_text(struct view *view, const char *name, const char *value);
void __wrap_view_text(struct view *view, const char *name, const char *value)
{
	if (traces_fields && value && *value && strcmp(name, "token") != 0)
		say("%*s%s: %s\n", 4 + 2 * depth_of(view), "", name, value);
	__real_view_text(view, name, value);
}

void __real_view_flag(struct view *view, const char *name, bool value);
void __wrap_view_flag(struct view *view, const char *name, bool value);
void __wrap_view_flag(struct view *view, const char *name, bool value)
{
	if (traces_fields && value)
		say("%*s%s\n", 4 + 2 * depth_of(view), "", name);
	__real_view_flag(view, name, value);
}

struct view *__real_view_item(struct view *view, const char *name);
struct view *__wrap_view_item(struct view *view, const char *name);
struct view *__wrap_view_item(struct view *view, const char *name)
{
	struct view *item = __real_view_item(view, name);

	if (!traces_fields)
		return item;
	say("%*s%s:\n", 4 + 2 * depth_of(view), "", name);
	if (known_count < COUNT(known_views)) {
		known_views[known_count].view = item;
		known_views[known_count++].depth = depth_of(view) + 1;
	}
	return item;
}

/* ---- The log */

void __wrap_log_event(enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void __wrap_log_event(enum log_level level, const char *fmt, ...)
{
	char line[1000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (on_log) {
		on_log(level, line);
		return;
	}
	begin_line();
	say("log <%d>%s\n", (int)level, line);
}

void __wrap_log_fail(enum log_level level, const char *what, const struct fail *fail);
void __wrap_log_fail(enum log_level level, const char *what, const struct fail *fail)
{
	__wrap_log_event(level, "%s code=%s where=%s detail=\"%s\"", what, err_name(fail->code),
	    fail->where, fail->detail);
}

/* ---- Services and the store */

static void say_mail(const char *body)
{
	struct json_object *mail = json_read(body, strlen(body)),
			   *files = json_member(mail, "attachments"),
			   *file = files ? json_object_array_get_idx(files, 0) : NULL;
	static char ics[16 * 1024];
	const char *base64 = file ? json_text(file, "content") : NULL;
	size_t len = 0;

	say("    To: %s\n    Subject: %s\n%s\n",
	    json_object_get_string(json_object_array_get_idx(json_member(mail, "to"), 0)),
	    json_text(mail, "subject"), json_text(mail, "text"));
	if (base64) {
		ck_assert_int_eq(
		    sodium_base642bin((unsigned char *)ics, sizeof(ics) - 1, base64, strlen(base64),
			NULL, &len, NULL, sodium_base64_VARIANT_ORIGINAL),
		    0);
		ics[len] = '\0';
		say("    %s %s\n%s", json_text(file, "filename"), json_text(file, "content_type"),
		    ics);
	}
	json_object_put(mail);
}

/* What a form's field holds. */
static void say_unquoted(const char *text)
{
	char byte[3] = "";

	for (; *text; text++)
		if (*text == '%' && text[1] && text[2]) {
			memcpy(byte, text + 1, 2);
			say("%c", (char)strtol(byte, NULL, 16));
			text += 2;
		} else {
			say("%c", *text);
		}
	say("\n");
}

static const char *const outside_names[OUTSIDES] = {
    "google", "resend", "telegram", "feed", "dav", "site"};

static void on_request(const struct http_request *request, enum outside outside)
{
	int64_t left_ms = request->deadline - world.boot_ms;
	const char *path = request->target ? request->target : strchr(request->url + 8, '/');

	begin_line();
	say("%s %s %s within=%" PRId64 " service=%d%s%s%s\n", outside_names[outside],
	    request->method, path ? path : request->url, left_ms, (int)request->service,
	    request->yields_to_stop ? " yields" : "", request->is_secret ? " secret" : "",
	    request->is_never_repeated ? " once" : "");
	for (int i = 0; i < HTTP_HEADERS && request->headers[i]; i++)
		say("    %s\n", request->headers[i]);
	if (!request->body || strstr(request->url, "/token"))
		return;
	if (outside == OUTSIDE_RESEND && strstr(request->body, "\"to\""))
		say_mail(request->body);
	else if (outside == OUTSIDE_TELEGRAM)
		say_unquoted(request->body);
	else
		say("    %s\n", request->body);
}

static const char *booking_name(const struct uuid *booking)
{
	static char name[UUID_TEXT];

	if (uuid_is_nil(booking))
		return "everywhere";
	uuid_format(booking, name);
	return strncmp(name, "00000000-0000-0000-0000-00000000", 32) == 0 ? name + 32 : name;
}

static void on_record(const struct delivery_record *record)
{
	static const char *const kinds[] = {"record", "lease", "release"};
	const struct delivery *delivery = &record->delivery;

	begin_line();
	say("%s %s", kinds[record->kind], booking_name(&record->booking));
	if (record->kind == DELIVERY_RECORD) {
		say(" %s v%" PRIu64 " %s try=%u", duty_name(delivery->duty), delivery->version,
		    delivery_state_name(delivery->state), delivery->attempt);
		say_after("at", delivery->at_ms);
		say_after("until", delivery->until_ms);
		if (record->detail && *record->detail)
			say(" detail=\"%s\"", record->detail);
		if (record->payload && *record->payload && !duty_is_mail(delivery->duty))
			say(" payload=\"%s\"", record->payload);
	}
	say("\n");
}

static void on_row(const char *row)
{
	begin_line();
	say("row %s", row);
}

static void on_entry(const struct entry *entry, int64_t deadline)
{
	begin_line();
	say("entry %s %s version=%" PRIu64 " call=%" PRId64 "+%" PRId64 " taken=%" PRId64
	    "+%" PRId64 " caps=%zu calendar=%s calendars=%s actor=%d max_changes=%u within=%" PRId64
	    "\n",
	    entry_kind_name(entry->kind), booking_name(&entry->booking), entry->version,
	    entry->call.start, entry->call.end - entry->call.start, entry->taken.start,
	    entry->taken.end - entry->taken.start, entry->cap_count,
	    calendar_check_name(entry->calendar), entry->calendars ? entry->calendars : "",
	    (int)entry->actor, entry->max_changes, deadline - world.boot_ms);
}

static void on_look(const struct snapshot_wish *wish)
{
	begin_line();
	say("look %s part=%d%s%s", booking_name(&wish->booking), (int)wish->part,
	    wish->asks_person ? " person" : "", wish->imported ? " imported" : "");
	if (wish->imported)
		say(" age=%" PRId64, wish->imported_age_ms);
	if (wish->window.end)
		say(" window=%" PRId64 "+%" PRId64, wish->window.start,
		    wish->window.end - wish->window.start);
	say("\n");
}

/* What was counted, as Prometheus reads it. */
static inline void say_counts(const struct counters *counters)
{
	struct arena *arena = arena_new(1 << 20);
	struct text text = text_new(arena, 256 * 1024);

	say("\n");
	counters_write(counters, path_name, &text);
	ck_assert(!text_overflowed(&text));
	for (char *line = strtok(text.data, "\n"); line; line = strtok(NULL, "\n"))
		if (*line != '#' && !strstr(line, "_bucket{") &&
		    strspn(strrchr(line, ' ') + 1, "0.") < strlen(strrchr(line, ' ') + 1))
			say("%s\n", line);
	arena_free(arena);
}

/* ---- The same in every run */

static uint64_t chance;

static const char *random_name(void)
{
	return "fixed";
}

static uint32_t random_number(void)
{
	return (uint32_t)random_bits(&chance);
}

static void random_fill(void *const out, const size_t size)
{
	for (size_t i = 0; i < size; i++)
		((unsigned char *)out)[i] = (unsigned char)random_number();
}

static randombytes_implementation fixed_random = {
    .implementation_name = random_name, .random = random_number, .buf = random_fill};

/* A courier whose names are those of every machine. */
static void name_courier(void)
{
	strcpy(courier.machine, "mill");
	courier.place = id_of(900);
	for (size_t i = 0; i < courier.conf->calendars.count; i++)
		courier.calendar_places[i] =
		    *courier.conf->calendars.list[i].name ? id_of(901 + (int)i) : courier.place;
}

static inline void begin_trace(void)
{
	chance = 1;
	ck_assert_int_eq(randombytes_set_implementation(&fixed_random), 0);
	set_up();
	name_courier();
	trace_len = known_count = 0;
	trace[0] = '\0';
	traces_fields = was_overflowed = false;
	world.on_request = on_request;
	world.on_record = on_record;
	world.on_row = on_row;
	world.on_entry = on_entry;
	world.on_look = on_look;
}

static inline void reopen_with(const char *more)
{
	reopen_courier(more);
	name_courier();
}

/* With a calendar on a CalDAV server that calls are written to, and more keys of its section. */
static inline void use_dav(const char *more)
{
	static char text[300];

	put_file("dav-caldav-user", "avo");
	put_file("dav-caldav-password", "s3cret");
	snprintf(text, sizeof(text),
	    "[calendar dav]\nkind = caldav\nurl = http://127.0.0.1:5/avo/cal/\nwrites = yes\n%s",
	    more);
	reopen_with(text);
}

/* A brief that waits. */
static inline void spool_file(int number, const char *held)
{
	struct arena *arena = arena_new(1 << 20);
	struct lead lead;

	lead_clear(&lead);
	lead.booking = id_of(number);
	lead.created_ms = clock_wall_ms();
	lead.owner = "main";
	lead.name = "Ada";
	lead.email = "ada@example.com";
	lead.brief = "Words.";
	lead.held = held;
	lead.language = "en";
	ck_assert_int_eq(spool_put(folder, arena, &lead, &failure), ERR_NONE);
	arena_free(arena);
}

/* The story of this name, wherever its folder was. */
static inline void agreed_story(const char *name)
{
	char path[200];

	replace(folder, "FOLDER");
	snprintf(path, sizeof(path), "traces/%s", name);
	agreed(path);
}

#endif

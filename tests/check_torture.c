/* SPDX-License-Identifier: MIT */
/*
 * check_torture.c: a click and a courier's rounds in which each allocation fails in turn
 *
 * The linker puts the functions below in the place of those that allocate, for all objects of the
 * program (-Wl,--wrap). A run counts its allocations, and the next ones are refused one each. At
 * most TORTURE (100) are, spread over all; TORTURE=0: every one.
 */
#include "base/arena.h"

#include <check.h>
#include <stdarg.h>
#include <sys/mman.h>

/* What fails belongs to the programs: the world that they are in goes on. */
#define _mark_point(file, line) ((void)0)
#define arena_alloc __real_arena_alloc
#define arena_str __real_arena_str
#define arena_printf __real_arena_printf
void *__real_arena_alloc(struct arena *arena, size_t size);
char *__real_arena_str(struct arena *arena, const char *str);
char *__real_arena_printf(struct arena *arena, const char *fmt, ...);

#define journal_append world_append
#include "core/paths.h"
#include "courier_world.h"
#undef journal_append
#include "web/route.h"
#include "descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

enum err journal_append(struct journal *journal, struct arena *arena, struct entry *entry,
    int64_t deadline, enum verdict *verdict, struct fail *fail);

static unsigned long count, refused; /* allocations so far; which of them fails, 0: none */
static bool counts;

/* Who asked for each, by the address that it goes on at. */
#define CALLER __builtin_return_address(0)
static const void *callers[20000];

static bool is_refused(const void *caller)
{
	if (counts && count < sizeof(callers) / sizeof(callers[0]))
		callers[count] = caller;
	return counts && ++count == refused;
}

/* What was allocated and not given back yet. */
static void *kept[20000];
static size_t kept_count;
static bool keeps;

static void *keep(void *mem)
{
	if (keeps && mem) {
		ck_assert_uint_lt(kept_count, sizeof(kept) / sizeof(kept[0]));
		kept[kept_count++] = mem;
	}
	return mem;
}

static void forget(const void *mem)
{
	for (size_t i = kept_count; i-- > 0;)
		if (kept[i] == mem) {
			kept[i] = kept[--kept_count];
			return;
		}
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
	return is_refused(CALLER) ? NULL : keep(__real_malloc(size));
}

void *__real_calloc(size_t members, size_t size);
void *__wrap_calloc(size_t members, size_t size);
void *__wrap_calloc(size_t members, size_t size)
{
	return is_refused(CALLER) ? NULL : keep(__real_calloc(members, size));
}

void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size)
{
	if (is_refused(CALLER))
		return NULL;
	forget(old);
	return keep(__real_realloc(old, size));
}

void *__real_reallocarray(void *old, size_t members, size_t size);
void *__wrap_reallocarray(void *old, size_t members, size_t size);
void *__wrap_reallocarray(void *old, size_t members, size_t size)
{
	if (is_refused(CALLER))
		return NULL;
	forget(old);
	return keep(__real_reallocarray(old, members, size));
}

char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
char *__wrap_strdup(const char *text)
{
	return is_refused(CALLER) ? NULL : keep(__real_strdup(text));
}

void __real_free(void *mem);
void __wrap_free(void *mem);
void __wrap_free(void *mem)
{
	forget(mem);
	__real_free(mem);
}

void *__real_mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
	void *mapped;

	errno = ENOMEM;
	if (is_refused(CALLER))
		return MAP_FAILED;
	mapped = __real_mmap(at, len, protection, flags, fd, offset);
	if (mapped != MAP_FAILED)
		keep(mapped);
	return mapped;
}

int __real_munmap(void *at, size_t len);
int __wrap_munmap(void *at, size_t len);
int __wrap_munmap(void *at, size_t len)
{
	forget(at);
	return __real_munmap(at, len);
}

void *__real_sodium_malloc(size_t size);
void *__wrap_sodium_malloc(size_t size);
void *__wrap_sodium_malloc(size_t size)
{
	return is_refused(CALLER) ? NULL : keep(__real_sodium_malloc(size));
}

void __real_sodium_free(void *mem);
void __wrap_sodium_free(void *mem);
void __wrap_sodium_free(void *mem)
{
	forget(mem);
	__real_sodium_free(mem);
}

/* An arena that is full stays so. */
void *__real_arena_array(struct arena *arena, size_t members, size_t size);
static void *fill(struct arena *arena)
{
	return __real_arena_array(arena, SIZE_MAX, 2);
}

void *__wrap_arena_array(struct arena *arena, size_t members, size_t size);
void *__wrap_arena_array(struct arena *arena, size_t members, size_t size)
{
	return is_refused(CALLER) ? fill(arena) : __real_arena_array(arena, members, size);
}

void *__wrap_arena_alloc(struct arena *arena, size_t size);
void *__wrap_arena_alloc(struct arena *arena, size_t size)
{
	return is_refused(CALLER) ? fill(arena) : __real_arena_alloc(arena, size);
}

void *__real_arena_room(struct arena *arena, size_t size);
void *__wrap_arena_room(struct arena *arena, size_t size);
void *__wrap_arena_room(struct arena *arena, size_t size)
{
	return is_refused(CALLER) ? fill(arena) : __real_arena_room(arena, size);
}

char *__wrap_arena_str(struct arena *arena, const char *str);
char *__wrap_arena_str(struct arena *arena, const char *str)
{
	return is_refused(CALLER) ? fill(arena) : __real_arena_str(arena, str);
}

char *__real_arena_strn(struct arena *arena, const char *bytes, size_t len);
char *__wrap_arena_strn(struct arena *arena, const char *bytes, size_t len);
char *__wrap_arena_strn(struct arena *arena, const char *bytes, size_t len)
{
	return is_refused(CALLER) ? fill(arena) : __real_arena_strn(arena, bytes, len);
}

char *__wrap_arena_printf(struct arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
char *__wrap_arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list ap, again;
	char *text;
	int len;

	va_start(ap, fmt);
	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, ap);
	text = is_refused(CALLER) ? fill(arena) : __real_arena_room(arena, (size_t)len + 1);
	if (text)
		vsnprintf(text, (size_t)len + 1, fmt, again);
	va_end(again);
	va_end(ap);
	return text;
}

/* ---- The store as a click needs it ---- */

/* The ledger is the world's, and has its memory. */
enum err journal_append(struct journal *journal, struct arena *arena, struct entry *entry,
    int64_t deadline, enum verdict *verdict, struct fail *fail)
{
	bool was_counting = counts;
	enum err err;

	counts = false;
	err = world_append(journal, arena, entry, deadline, verdict, fail);
	counts = was_counting;
	return err;
}

/* Only pages of mails ask for it. */
enum err deliveries_fate(struct clickhouse *clickhouse, struct arena *arena,
    const struct uuid *booking, uint64_t version, enum mail_fate *out, struct fail *fail)
{
	(void)clickhouse;
	(void)arena;
	(void)booking;
	(void)version;
	(void)out;
	(void)fail;
	return ERR_NOT_FOUND;
}

const char *mail_fate_name(enum mail_fate fate)
{
	(void)fate;
	return "open";
}

/* ---- What is tried ---- */

/* Does it all with the allocation of that number refused; how many there were. */
typedef unsigned long attempt(unsigned long which);

static void torture(const char *what, attempt *try)
{
	const char *wanted = getenv("TORTURE");
	unsigned long most = wanted ? strtoul(wanted, NULL, 10) : 100, all = try(0),
		      stride = most && all > most ? all / most + 1 : 1, tried = 0,
		      first = stride > 1 ? stride * 3 / 4 : 1;

	ck_assert_uint_gt(all, 40);
	for (unsigned long which = first; which <= all; which += stride, tried++)
		try(which);
	printf("%s: %lu allocations, each %lu. of them refused from the %lu. on: %lu\n", what, all,
	    stride, first, tried);
}

/* The first that is asked for by each place of the program; all of them with TORTURE=0. */
static void torture_places(const char *what, attempt *try)
{
	const char *wanted = getenv("TORTURE");
	static const void *places[sizeof(callers) / sizeof(callers[0])];
	unsigned long all = try(0), tried = 0;

	ck_assert_uint_lt(all, sizeof(callers) / sizeof(callers[0]));
	memcpy(places, callers, sizeof(places));
	for (unsigned long which = 1; which <= all; which++) {
		unsigned long first = 0;

		while (places[first] != places[which - 1])
			first++;
		if (first + 1 == which || (wanted && strcmp(wanted, "0") == 0)) {
			try(which);
			tried++;
		}
	}
	printf("%s: %lu allocations, %lu of them refused\n", what, all, tried);
}

/* ---- A click ---- */

static struct app app;
static struct arena *arena;
static int64_t slot;

static const char *find_param(void *context, const char *name)
{
	const char *const *params = context;

	for (; *params; params += 2)
		if (strcmp(params[0], name) == 0)
			return params[1];
	return NULL;
}

static int click(const struct uuid *booking, uint64_t version)
{
	static const char *const params[] = {"REQUEST_METHOD", "POST", "REQUEST_URI",
	    "/api/schedule", "CONTENT_TYPE", "application/x-www-form-urlencoded", NULL};
	char id[UUID_TEXT], wire[INSTANT_TEXT], body[200];
	struct request request;
	struct reply reply;

	snprintf(body, sizeof(body), "bookingId=%s&slot=%s&version=%llu&tz=Europe/Madrid",
	    uuid_format(booking, id), instant_format_slot(slot, wire), (unsigned long long)version);
	request_read(arena, find_param, (void *)params,
	    &(struct request_body){body, strlen(body), ERR_NONE}, &request);
	route_answer(&app, &request, &reply);
	arena_reset(arena);
	return reply.status;
}

static unsigned long click_without(unsigned long which)
{
	struct uuid booking;
	struct ledger_booking found;
	char path[600];
	bool is_live;
	int status;

	ledger_free(world.ledger);
	world.ledger = ledger_new();
	world.entries = world.lead_count = world.event_count = world.inserts = 0;
	world.changed_count = 0;
	add_entry(id_of(0), ENTRY_EPOCH, 0);
	booking = add_lead(7, 0);
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/calendar%s", folder, i ? ".outage" : "");
		remove(path);
	}
	count = 0;
	refused = which;
	counts = true;
	status = click(&booking, 0);
	counts = false;
	is_live = ledger_find(world.ledger, &booking, &found) && found.is_live;
	/* Nobody is told that nothing was booked when something was, nor the other way round. */
	ck_assert_msg(is_live ? status == 303 || status == 500 || status == 503
			      : status == 500 || status == 503 || status == 400 || status == 413,
	    "without allocation %lu the click %s and gets %d", which,
	    is_live ? "books" : "does not book", status);
	ck_assert_uint_le(world.entries, 2);
	ck_assert_uint_le(world.inserts, 1);
	if (!which)
		ck_assert(is_live && status == 303 && world.inserts == 1);
	/* The next click finds all in order. */
	ck_assert_int_eq(click(&booking, is_live ? found.version : 0), 303);
	ck_assert(ledger_find(world.ledger, &booking, &found) && found.is_live);
	ck_assert_int_eq(found.call.start, slot);
	ck_assert_uint_eq(world.entries, 2);
	return count;
}

START_TEST(whole_click)
{
	char path[600];
	struct fail fail;

	put_file("signing-key", "0123456789abcdef0123456789abcdef");
	snprintf(path, sizeof(path), "%s/test.conf", folder);
	if (app_open(path, false, &stopped, &app, &fail))
		ck_abort_msg("%s", fail.detail);
	arena = arena_new(32 << 20);
	ck_assert_ptr_nonnull(arena);
	/* A Wednesday at noon in New York, five days on. */
	slot = clock_wall_s() / 86400 * 86400 + 5 * 86400 + 17 * 3600;
	click_without(0); /* with a token of Google's, as a worker has it */
	torture("a click", click_without);
	arena_free(arena);
	app_close(&app);
}
END_TEST

/* ---- A start, and a reload ---- */

static char conf_path[600];

static enum err start_worker(struct fail *fail)
{
	enum err err = app_open(conf_path, false, &stopped, &app, fail);

	if (!err)
		app_close(&app);
	return err;
}

static enum err start_courier(struct fail *fail)
{
	struct courier own;
	enum err err = courier_open(conf_path, &stopped, &own, fail);

	if (!err)
		courier_close(&own);
	return err;
}

static enum err test_configuration(struct fail *fail)
{
	return app_test(conf_path, fail);
}

static enum err (*const starts[])(struct fail *fail) = {
    start_worker, start_courier, test_configuration};
static enum err (*start)(struct fail *fail);

/* It goes well, or says why not; and nothing of it is left. */
static unsigned long start_without(unsigned long which)
{
	int files = count_open(0);
	struct fail fail = {0};
	enum err err;

	count = kept_count = 0;
	refused = which;
	keeps = counts = true;
	err = start(&fail);
	keeps = counts = false;
	ck_assert_msg(kept_count == 0, "without allocation %lu %zu others are not given back",
	    which, kept_count);
	ck_assert_msg(count_open(0) == files, "without allocation %lu a file stays open", which);
	ck_assert_msg(!err || (which && (err == ERR_SYSTEM || err == ERR_CONFIG)),
	    "without allocation %lu: %s: %s", which, err_name(err), fail.detail);
	if (err) {
		ck_assert_int_eq(fail.code, err);
		ck_assert_uint_gt(strlen(fail.detail), 0);
	}
	return count;
}

START_TEST(whole_start)
{
	put_file("signing-key", "0123456789abcdef0123456789abcdef");
	put_file("dav-caldav-user", "avo");
	put_file("dav-caldav-password", "s3cret");
	reopen_courier("[hours]\nMon = 08:00-12:00\n[dates]\n2026-12-24 = off\n"
		       "[calendar dav]\nkind = caldav\nurl = http://127.0.0.1:5/avo/cal/\n"
		       "[calendar main]\nwrites = yes\n[calendar feed]\nkind = ics\n"
		       "url = http://127.0.0.1:4/feed.ics\n");
	snprintf(conf_path, sizeof(conf_path), "%s/test.conf", folder);
	start = starts[_i];
	start_without(0);
	torture_places("a start", start_without);
}
END_TEST

/* Whatever a start is refused for, nothing of it is left. */
START_TEST(start_that_is_refused)
{
	static const struct {
		const char *file, *text; /* written before it; NULL: a part of the configuration */
		enum err err;
		unsigned who; /* bits of starts */
	} faults[] = {
	    {NULL, "nothing = so\n", ERR_CONFIG, 7},
	    {NULL, "[site]\nlogo = /nowhere/logo.svg\n", ERR_CONFIG, 5},
	    {NULL, "[dates]\nholidays = /nowhere/holidays\n", ERR_CONFIG, 7},
	    {NULL, "[hours]\nThu = never\n", ERR_CONFIG, 7},
	    {NULL, "[calendar other]\nwrites = yes\n", ERR_CONFIG, 7},
	    {"google-client-id", "two words", ERR_CONFIG, 3},
	    {NULL, "", ERR_SCHEMA, 3},
	};
	char *whole, text[8000];
	struct fail fail = {0};
	int files;

	put_file("signing-key", "0123456789abcdef0123456789abcdef");
	reopen_courier("[calendar main]\nwrites = yes\n[calendar feed]\nkind = ics\n"
		       "url = http://127.0.0.1:4/feed.ics\n");
	snprintf(conf_path, sizeof(conf_path), "%s/test.conf", folder);
	whole = read_text(conf_path);
	snprintf(text, sizeof(text), "%s%s", whole, faults[_i].file ? "" : faults[_i].text);
	put_file("test.conf", text);
	if (faults[_i].file)
		put_file(faults[_i].file, faults[_i].text);
	world.schema_err = faults[_i].err == ERR_SCHEMA ? ERR_SCHEMA : ERR_NONE;
	for (size_t i = 0; i < COUNT(starts); i++) {
		files = count_open(0);
		kept_count = 0;
		keeps = true;
		/* A test of the configuration asks neither for secrets nor for tables. */
		ck_assert_int_eq(
		    starts[i](&fail), faults[_i].who >> i & 1 ? faults[_i].err : ERR_NONE);
		keeps = false;
		ck_assert_msg(kept_count == 0, "%zu allocations are left", kept_count);
		ck_assert_int_eq(count_open(0), files);
	}
	free(whole);
}
END_TEST

/* A worker answers for months: nothing of a request is left when the next one comes. */
START_TEST(nothing_is_left)
{
	/* Before the booking's id, and behind it; NULL: it does not stand there. */
	static const char *const asked[][2] = {{"/", NULL},
	    {"/schedule?bookingId=", "&tz=Europe/Madrid"},
	    {"/schedule?bookingId=", "&tz=Mars/Base"},
	    {"/api/slots?bookingId=", "&tz=Asia/Kolkata"}, {"/booking?bookingId=", ""},
	    {"/booking.ics?bookingId=", ""}, {"/static/logo", NULL}, {"/nothing", NULL}};
	struct uuid booking = add_lead(7, 0);
	char path[600], id[UUID_TEXT], uri[200];
	int files = 0;

	put_file("signing-key", "0123456789abcdef0123456789abcdef");
	snprintf(path, sizeof(path), "%s/test.conf", folder);
	if (app_open(path, false, &stopped, &app, &failure))
		ck_abort_msg("%s", failure.detail);
	arena = arena_new(32 << 20);
	ck_assert_ptr_nonnull(arena);
	lead_of(&booking)->timezone = "Europe/Madrid";
	add_entry(booking, ENTRY_BOOK, (clock_wall_s() / 3600 + 48) * 3600);
	/* The first time round there is more to learn. */
	for (size_t i = 0; i < 2 * COUNT(asked); i++) {
		const char *params[] = {"REQUEST_METHOD", "GET", "REQUEST_URI", uri, NULL};
		const char *const *parts = asked[i % COUNT(asked)];
		struct request request;
		struct reply reply;

		snprintf(uri, sizeof(uri), "%s%s%s", parts[0],
		    parts[1] ? uuid_format(&booking, id) : "", parts[1] ? parts[1] : "");
		kept_count = 0;
		keeps = i >= COUNT(asked);
		files = count_open(0);
		request_read(arena, find_param, (void *)params,
		    &(struct request_body){"", 0, ERR_NONE}, &request);
		route_answer(&app, &request, &reply);
		keeps = false;
		ck_assert_msg(kept_count == 0, "%s leaves %zu allocations", uri, kept_count);
		ck_assert_msg(
		    i < COUNT(asked) || count_open(0) == files, "%s leaves a file open", uri);
		arena_reset(arena);
	}
	arena_free(arena);
	app_close(&app);
}
END_TEST

/* The worker for ops has no secrets of those who book, and nothing to do for them. */
START_TEST(worker_for_ops)
{
	struct request request = {
	    .method = METHOD_GET, .uri = "/", .path = "/", .id = "-", .accept_language = ""};
	char path[600], key[600];
	struct reply reply;
	struct fail fail;

	snprintf(path, sizeof(path), "%s/test.conf", folder);
	snprintf(key, sizeof(key), "%s/signing-key", folder);
	unlink(key);
	ck_assert_int_eq(app_open(path, false, &stopped, &app, &fail), ERR_CONFIG);
	if (app_open(path, true, &stopped, &app, &fail))
		ck_abort_msg("%s", fail.detail);
	request.arena = arena_new(32 << 20);
	ck_assert_ptr_nonnull(request.arena);
	ck_assert_uint_eq(route_answer(&app, &request, &reply), PATHS);
	ck_assert_int_eq(reply.status, 404);
	request.method = METHOD_POST;
	request.path = "/api/book";
	route_answer(&app, &request, &reply);
	ck_assert_int_eq(reply.status, 404);
	/* What it does answer is not asked for so. */
	request.path = "/metrics";
	ck_assert_uint_eq(route_answer(&app, &request, &reply), PATH_METRICS);
	ck_assert_int_eq(reply.status, 405);
	arena_free(request.arena);
	app_close(&app);
}
END_TEST

/* ---- The courier's rounds ---- */

static unsigned long round_without(unsigned long which)
{
	struct uuid booking;

	set_up();
	booking = add_lead(7, 0);
	add_entry(booking, ENTRY_BOOK, (clock_wall_s() / 60 + 48 * 60) * 60);
	count = 0;
	refused = which;
	for (int i = 0; i < 160; i++, world.boot_ms += 200) {
		counts = true;
		courier_round(&courier);
		counts = false;
	}
	/* What did not go is tried again, some of it after a while. */
	live(60000);
	world.boot_ms += 1800 * 1000;
	live(10000);
	for (size_t i = 0; i < 2; i++) {
		const enum duty duties[] = {DUTY_MAIL, DUTY_ALERT};

		ck_assert_msg(recorded(&booking, duties[i], DELIVERY_DONE) >= 1,
		    "without allocation %lu duty %d is not done", which, (int)duties[i]);
	}
	ck_assert_msg(world.event_count == 1, "without allocation %lu there are %zu events", which,
	    world.event_count);
	ck_assert_str_eq(world.key, "00000000-0000-0000-0000-000000000007-2-mail");
	ck_assert_uint_le(world.requests[OUTSIDE_RESEND], 2);
	ck_assert_uint_le(world.requests[OUTSIDE_TELEGRAM], 3);
	tear_down();
	return count;
}

START_TEST(whole_rounds)
{
	torture("the courier's rounds", round_without);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("torture");
	TCase *clicks = tcase_create("click"), *rounds = tcase_create("courier");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(clicks, set_up, tear_down);
	tcase_add_test(clicks, whole_click);
	tcase_add_test(clicks, nothing_is_left);
	tcase_add_test(clicks, worker_for_ops);
	tcase_add_loop_test(clicks, whole_start, 0, (int)COUNT(starts));
	tcase_add_loop_test(clicks, start_that_is_refused, 0, 7);
	tcase_set_timeout(clicks, 600);
	suite_add_tcase(suite, clicks);
	tcase_add_test(rounds, whole_rounds);
	tcase_set_timeout(rounds, 1200);
	suite_add_tcase(suite, rounds);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

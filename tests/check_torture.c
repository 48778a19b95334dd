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

#include <errno.h>
#include <time.h>
#include <unistd.h>

enum err journal_append(struct journal *journal, struct arena *arena, struct entry *entry,
    int64_t deadline, enum verdict *verdict, struct fail *fail);

static unsigned long count, refused; /* allocations so far; which of them fails, 0: none */
static bool counts;

static bool is_refused(void)
{
	return counts && ++count == refused;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
	return is_refused() ? NULL : __real_malloc(size);
}

void *__real_calloc(size_t members, size_t size);
void *__wrap_calloc(size_t members, size_t size);
void *__wrap_calloc(size_t members, size_t size)
{
	return is_refused() ? NULL : __real_calloc(members, size);
}

void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size)
{
	return is_refused() ? NULL : __real_realloc(old, size);
}

void *__real_reallocarray(void *old, size_t members, size_t size);
void *__wrap_reallocarray(void *old, size_t members, size_t size);
void *__wrap_reallocarray(void *old, size_t members, size_t size)
{
	return is_refused() ? NULL : __real_reallocarray(old, members, size);
}

char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
char *__wrap_strdup(const char *text)
{
	return is_refused() ? NULL : __real_strdup(text);
}

void *__real_mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
	errno = ENOMEM;
	return is_refused() ? MAP_FAILED : __real_mmap(at, len, protection, flags, fd, offset);
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
	return is_refused() ? fill(arena) : __real_arena_array(arena, members, size);
}

void *__wrap_arena_alloc(struct arena *arena, size_t size);
void *__wrap_arena_alloc(struct arena *arena, size_t size)
{
	return is_refused() ? fill(arena) : __real_arena_alloc(arena, size);
}

void *__real_arena_room(struct arena *arena, size_t size);
void *__wrap_arena_room(struct arena *arena, size_t size);
void *__wrap_arena_room(struct arena *arena, size_t size)
{
	return is_refused() ? fill(arena) : __real_arena_room(arena, size);
}

char *__wrap_arena_str(struct arena *arena, const char *str);
char *__wrap_arena_str(struct arena *arena, const char *str)
{
	return is_refused() ? fill(arena) : __real_arena_str(arena, str);
}

char *__real_arena_strn(struct arena *arena, const char *bytes, size_t len);
char *__wrap_arena_strn(struct arena *arena, const char *bytes, size_t len);
char *__wrap_arena_strn(struct arena *arena, const char *bytes, size_t len)
{
	return is_refused() ? fill(arena) : __real_arena_strn(arena, bytes, len);
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
	text = is_refused() ? fill(arena) : __real_arena_room(arena, (size_t)len + 1);
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
	tcase_add_test(clicks, worker_for_ops);
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

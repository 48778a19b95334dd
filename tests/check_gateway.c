/* SPDX-License-Identifier: MIT */
/*
 * check_gateway.c: what a worker does between two requests, and what it reads and writes of each,
 * line by line: tests/golden/traces
 *
 * It stands in for libfcgi, the wait for a connection and systemd, too. A script says what the
 * worker meets when it waits, and then when it accepts.
 */
#include "descriptors.h"
#include "trace.h"
#include "base/notify.h"
#include "web/gateway.h"
#include "web_world.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>

enum step {
	STEP_END,	 /* SIGTERM while it waits */
	STEP_END_NOW,	 /* the same while it answers */
	STEP_INTERRUPT,	 /* SIGINT while it waits */
	STEP_TIME,	 /* nothing came, or another worker took it */
	STEP_RELOAD,	 /* SIGHUP while it waits */
	STEP_RELOAD_NOW, /* the same before it waits: as it tells systemd that it lives */
	STEP_END_SOON,	 /* SIGTERM then */
	STEP_REQUEST,
	STEP_BROKEN, /* no request can be accepted any more */
};

struct incoming {
	enum step step;
	const char *params[12]; /* names and values */
	const char *body;
	bool is_cut; /* the body cannot be read */
	int error;   /* of STEP_TIME, as accept() has it; 0: nothing is accepted */
	int64_t takes_ms;
};

static const struct incoming *script;
static int watchdog_ms, init_result;
/* What else cannot be had. */
static bool has_no_epoll, has_no_watch, has_no_request;
static bool is_cgi;
static char conf_path[600];

/* ---- systemd */

void notify_send(const char *state)
{
	begin_line();
	say("notify %s\n", state);
	if (strcmp(state, "WATCHDOG=1") != 0 ||
	    (script->step != STEP_RELOAD_NOW && script->step != STEP_END_SOON))
		return;
	raise(script++->step == STEP_RELOAD_NOW ? SIGHUP : SIGTERM);
}

int64_t notify_watchdog_ms(void)
{
	return watchdog_ms;
}

/* ---- The log: whose lines they are */

void __wrap_log_request(const char *id);
void __wrap_log_request(const char *id)
{
	say("log of %s\n", id ? id : "nobody");
}

/* ---- The wait */

int epoll_create1(int flags)
{
	say("epoll %d\n", flags == EPOLL_CLOEXEC);
	return has_no_epoll ? -1 : dup(STDERR_FILENO);
}

int epoll_ctl(int epoll, int op, int fd, struct epoll_event *event)
{
	(void)epoll;
	say("watch %d fd=%d in=%d exclusive=%d\n", op == EPOLL_CTL_ADD, fd,
	    (event->events & EPOLLIN) != 0, (event->events & EPOLLEXCLUSIVE) != 0);
	return has_no_watch ? -1 : 0;
}

int epoll_pwait(int epoll, struct epoll_event *events, int max, int timeout, const sigset_t *mask)
{
	static const int ours[] = {SIGTERM, SIGINT, SIGHUP};
	sigset_t before;

	(void)epoll, (void)events;
	begin_line();
	say("wait %d max=%d\n", timeout, max);
	sigprocmask(SIG_SETMASK, mask, &before);
	/* Up to the wait they are kept, and in it they come. */
	for (size_t i = 0; i < COUNT(ours); i++)
		ck_assert(sigismember(&before, ours[i]) == 1 && sigismember(mask, ours[i]) == 0);
	if (script->step == STEP_END || script->step == STEP_RELOAD ||
	    script->step == STEP_INTERRUPT) {
		raise(script->step == STEP_END	    ? SIGTERM
		      : script->step == STEP_RELOAD ? SIGHUP
						    : SIGINT);
		script++;
		errno = EINTR;
		max = -1;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	world.boot_ms += 100;
	return max;
}

/* ---- libfcgi */

static const char *body_left;
/* What the head says of the body that is to come; and how long the pages were, which is the
 * templates' affair. */
#define NONE (-1)
static int announced = NONE;
static int pages[20];
static size_t page_count;

int FCGX_IsCGI(void)
{
	return is_cgi;
}

int FCGX_Init(void)
{
	return init_result;
}

int FCGX_InitRequest(FCGX_Request *request, int sock, int flags)
{
	say("init fd=%d flags=%d\n", sock, flags);
	memset(request, 0, sizeof(*request));
	return has_no_request ? -1 : 0;
}

void FCGX_ShutdownPending(void)
{
	say("shutdown pending\n");
}

int FCGX_Accept_r(FCGX_Request *request)
{
	const struct incoming *at = script;

	begin_line();
	say("accept\n");
	if (at->step == STEP_REQUEST) {
		request->envp = (char **)at->params;
		body_left = at->body ? at->body : "";
		return 0;
	}
	script++;
	return at->step == STEP_BROKEN ? -EBADF : at->error ? -at->error : -EAGAIN;
}

char *FCGX_GetParam(const char *name, FCGX_ParamArray envp)
{
	return (char *)find_param(envp, name);
}

int FCGX_GetStr(char *str, int n, FCGX_Stream *stream)
{
	int len = (int)strlen(body_left);

	(void)stream;
	len = len < n ? len : n;
	say("read %d\n", n);
	if (script->is_cut)
		return -1;
	memcpy(str, body_left, (size_t)len);
	return len;
}

int FCGX_FPrintF(FCGX_Stream *stream, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int FCGX_FPrintF(FCGX_Stream *stream, const char *format, ...)
{
	static char text[1000];
	va_list ap;

	(void)stream;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (sscanf(text, "Content-Length: %d", &announced) == 1)
		snprintf(text, sizeof(text), "Content-Length: the body's\n\n");
	for (char *c = text; *c; c++)
		if (*c != '\r')
			say("%c", *c);
	return 0;
}

int FCGX_PutStr(const char *str, int n, FCGX_Stream *stream)
{
	(void)stream;
	ck_assert(announced == NONE || announced == n);
	announced = NONE;
	if (n <= 300) {
		say("(%d) %.300s\n", n, str);
		return n;
	}
	say("(a page)\n");
	if (page_count < COUNT(pages))
		pages[page_count++] = n;
	return n;
}

/* Of each page the log has the same. */
static void hide_lengths(void)
{
	char *at = trace, *end;

	for (size_t i = 0; i < page_count; i++) {
		ck_assert_ptr_nonnull(at = strstr(at, "(a page)"));
		ck_assert_ptr_nonnull(at = strstr(at, " bytes="));
		at += strlen(" bytes=");
		ck_assert_int_eq(strtol(at, &end, 10), pages[i]);
		*at++ = 'N';
		memmove(at, end, strlen(end) + 1);
		trace_len -= (size_t)(end - at);
	}
}

void FCGX_Finish_r(FCGX_Request *request)
{
	request->envp = NULL;
	world.boot_ms += script->takes_ms;
	script++;
	begin_line();
	say("finish\n");
	if (script->step == STEP_END_NOW)
		raise(SIGTERM);
}

void FCGX_Free(FCGX_Request *request, int close)
{
	(void)request;
	say("free %d\n", close);
}

/* ---- Workers */

static void start(void)
{
	begin_trace();
	put_file("signing-key", "0123456789abcdef0123456789abcdef");
	arena = arena_new(32 << 20);
	ck_assert_ptr_nonnull(arena);
	fate = MAIL_OPEN;
	watchdog_ms = init_result = 0;
	page_count = 0;
	is_cgi = false;
	stopped = 0;
	open_app("");
	name_courier();
	has_no_epoll = has_no_watch = has_no_request = false;
	snprintf(conf_path, sizeof(conf_path), "%s/test.conf", folder);
	app.conf_path = conf_path;
}

static void run(const struct incoming *its)
{
	script = its;
	app.stop = &stopped;
	ck_assert_int_eq(gateway_open(&stopped, &failure), ERR_NONE);
	gateway_run(&app);
}

#define ID "00000000-0000-0000-0000-000000000007"

static void requests(void)
{
	static const struct incoming its[] = {
	    {.step = STEP_TIME, .error = EAGAIN},
	    {.step = STEP_TIME, .error = EINTR},
	    {.step = STEP_TIME, .error = ECONNABORTED},
	    {.step = STEP_REQUEST,
		.params = {"REQUEST_METHOD", "GET", "REQUEST_URI", "/booking?bookingId=" ID},
		.takes_ms = 1234},
	    {.step = STEP_REQUEST, .params = {"REQUEST_METHOD", "POST", "REQUEST_URI", "/"}},
	    {.step = STEP_REQUEST,
		.params = {"REQUEST_METHOD", "POST", "REQUEST_URI", "/api/book", "HTTP_ACCEPT",
		    "application/json", "HTTP_AUTHORIZATION", "Bearer nobody"}},
	    {.step = STEP_REQUEST,
		.params = {"REQUEST_METHOD", "POST", "REQUEST_URI", "/api/cancel", "CONTENT_LENGTH",
		    "51", "CONTENT_TYPE", "application/x-www-form-urlencoded"},
		.body = "bookingId=" ID "&zzz"},
	    {.step = STEP_REQUEST,
		.params = {"REQUEST_METHOD", "POST", "REQUEST_URI", "/api/cancel", "CONTENT_LENGTH",
		    "50", "CONTENT_TYPE", "application/x-www-form-urlencoded"},
		.body = "bookingId=" ID "&zzz"},
	    {.step = STEP_REQUEST,
		.params = {"REQUEST_METHOD", "POST", "REQUEST_URI", "/api/cancel", "CONTENT_LENGTH",
		    "65537", "CONTENT_TYPE", "application/x-www-form-urlencoded"}},
	    {.step = STEP_REQUEST,
		.params = {"REQUEST_METHOD", "POST", "REQUEST_URI", "/api/cancel", "CONTENT_LENGTH",
		    "x", "CONTENT_TYPE", "application/x-www-form-urlencoded"}},
	    {.step = STEP_REQUEST,
		.params = {"REQUEST_METHOD", "GET", "REQUEST_URI", "/booking?bookingId=x",
		    "REQUEST_ID", "0123456789abcdef0123456789abcdef"}},
	    {.step = STEP_END, .params = {NULL}},
	};

	add_lead(7, 0);
	run(its);
	say_counts(app.upstream.counters);
}

/* What a reply may say in its head, and bodies of the most there may be. */
static void replies(void)
{
	static char form[REQUEST_BODY_MAX + 1], length[20];
	static struct incoming its[] = {
#define POSTED                                                                                     \
	"REQUEST_METHOD", "POST", "REQUEST_URI", "/api/cancel", "CONTENT_TYPE",                    \
	    "application/x-www-form-urlencoded", "CONTENT_LENGTH"
	    {.step = STEP_REQUEST, .params = {"REQUEST_METHOD", "GET", "REQUEST_URI", NULL}},
	    {.step = STEP_REQUEST,
		.params = {"REQUEST_METHOD", "POST", "REQUEST_URI", "/api/book", "HTTP_ACCEPT",
		    "application/json", "CONTENT_TYPE", "application/json", "HTTP_AUTHORIZATION",
		    "Bearer nobody"}},
	    {.step = STEP_REQUEST, .params = {POSTED, length}, .body = form},
	    {.step = STEP_REQUEST, .params = {POSTED, "50"}, .is_cut = true},
	    {.step = STEP_REQUEST, .params = {POSTED, ""}},
	    {.step = STEP_REQUEST, .params = {POSTED, "-1"}},
	    {.step = STEP_REQUEST,
		.params = {"REQUEST_METHOD", "POST", "REQUEST_URI", "/api/schedule", "CONTENT_TYPE",
		    "application/x-www-form-urlencoded", "CONTENT_LENGTH", "71"},
		.body = "bookingId=" ID "&slot=2026-12-03T15%3A00Z"},
	    {.step = STEP_REQUEST,
		.params = {"REQUEST_METHOD", "POST", "REQUEST_URI", "/api/schedule", "CONTENT_TYPE",
		    "application/x-www-form-urlencoded", "CONTENT_LENGTH", "71", "REQUEST_ID",
		    "0123456789abcdef0123456789abcdef"},
		.body = "bookingId=" ID "&slot=2026-12-03T15%3A00Z"},
	    {.step = STEP_INTERRUPT, .params = {NULL}},
	};
	size_t len = (size_t)snprintf(form, sizeof(form), "bookingId=" ID "&version=0&name=");

	memset(form + len, 'x', sizeof(form) - 1 - len);
	snprintf(length, sizeof(length), "%d", REQUEST_BODY_MAX);
	its[0].params[3] = app.assets.style.path;
	add_lead(7, 0);
	run(its);
	replace(app.assets.style.path, "STYLE");
	say_counts(app.upstream.counters);
}

/* A worker that waits for a connection reads zone data that was replaced meanwhile. */
static void zone_data(void)
{
	static const struct incoming its[] = {
	    {.step = STEP_REQUEST,
		.params = {"REQUEST_METHOD", "GET", "REQUEST_URI", "/schedule?bookingId=" ID}},
	    {.step = STEP_END, .params = {NULL}},
	};

	add_lead(7, 0);
	memset(&app.zone_mark, 0, sizeof(app.zone_mark));
	run(its);
}

static void booking_file(void)
{
	static const struct incoming its[] = {
	    {.step = STEP_REQUEST,
		.params = {"REQUEST_METHOD", "GET", "REQUEST_URI", "/booking.ics?bookingId=" ID}},
	    {.step = STEP_REQUEST,
		.params = {"REQUEST_METHOD", "GET", "REQUEST_URI", "/schedule?bookingId=" ID}},
	    {.step = STEP_END_NOW, .params = {NULL}},
	};
	struct uuid booking = add_lead(7, 0);

	add_entry(booking, ENTRY_BOOK, (clock_wall_s() / 3600 + 48) * 3600);
	world.answers[OUTSIDE_GOOGLE].err = ERR_UNREACHABLE;
	run(its);
	say_counts(app.upstream.counters);
}

static const struct incoming reloads[] = {
    {.step = STEP_TIME, .error = EAGAIN},
    {.step = STEP_RELOAD, .params = {NULL}},
    {.step = STEP_TIME, .error = EAGAIN},
    {.step = STEP_RELOAD, .params = {NULL}},
    {.step = STEP_BROKEN, .params = {NULL}},
};

static void watched_and_reloaded(void)
{
	watchdog_ms = 1500;
	run(reloads);
}

static void reloaded_in_vain(void)
{
	put_file("test.conf", "[site]\nnothing = so\n");
	run(reloads);
}

/* A signal that comes just before the wait is not waited after. */
static void signals_before_the_wait(void)
{
	static const struct incoming its[] = {
	    {.step = STEP_RELOAD_NOW, .params = {NULL}},
	    {.step = STEP_RELOAD_NOW, .params = {NULL}},
	    {.step = STEP_TIME, .error = EAGAIN},
	    {.step = STEP_END_SOON, .params = {NULL}},
	    {.step = STEP_TIME, .error = EAGAIN},
	    {.step = STEP_END, .params = {NULL}},
	};

	watchdog_ms = 1500;
	run(its);
}

static void watched_rarely(void)
{
	static const struct incoming its[] = {{.step = STEP_END, .params = {NULL}}};

	watchdog_ms = 2001;
	run(its);
}

static void clocks_that_differ(void)
{
	static const struct incoming its[] = {
#define SENT(ms)                                                                                   \
	{.step = STEP_REQUEST,                                                                     \
	    .params = {"REQUEST_METHOD", "GET", "REQUEST_URI", "/nothing", "REQUEST_MSEC", ms},    \
	    .takes_ms = 31000}
	    SENT("1796000500.000"),
	    SENT("1796000500.000"),
	    SENT("1796000466.000"),
	    SENT("1796000500.000"),
	    SENT("1796000501.000"),
	    SENT("1796000600.000"),
	    {.step = STEP_END, .params = {NULL}},
	};

	run(its);
}

/* A worker answers for months: what it needed for a request it has again for the next. */
START_TEST(many_requests)
{
	static struct incoming its[301];

	for (size_t i = 0; i + 1 < COUNT(its); i++)
		its[i] = (struct incoming){.step = STEP_REQUEST,
		    .params = {"REQUEST_METHOD", "GET", "REQUEST_URI",
			"/schedule?zones=all&bookingId=" ID}};
	its[COUNT(its) - 1] = (struct incoming){.step = STEP_END};
	add_lead(7, 0);
	run(its);
	ck_assert(!was_overflowed);
	ck_assert_ptr_nonnull(strstr(trace, "Status: 200"));
	ck_assert_ptr_null(strstr(trace, "Status: 5"));
}
END_TEST

/* One that agreed meanwhile is told anew. */
static void clocks_that_agree_again(void)
{
	static const struct incoming its[] = {
	    SENT("1796000500.000"),
	    SENT("1796000431.000"),
	    SENT("1796000462.000"),
	    SENT("1796000493.000"),
	    SENT("1796000524.000"),
	    SENT("1796000700.000"),
	    {.step = STEP_END, .params = {NULL}},
	};

	run(its);
}

static const struct {
	const char *name;
	void (*live)(void);
} stories[] = {
    {"gateway-requests", requests},
    {"gateway-replies", replies},
    {"gateway-zone-data", zone_data},
    {"gateway-booking", booking_file},
    {"gateway-reloads", watched_and_reloaded},
    {"gateway-signals-before-the-wait", signals_before_the_wait},
    {"gateway-reloads-in-vain", reloaded_in_vain},
    {"gateway-watched-rarely", watched_rarely},
    {"gateway-clocks", clocks_that_differ},
    {"gateway-clocks-that-agree-again", clocks_that_agree_again},
};

START_TEST(story)
{
	stories[_i].live();
	hide_lengths();
	agreed_story(stories[_i].name);
}
END_TEST

START_TEST(no_socket)
{
	is_cgi = _i == 0;
	init_result = _i == 1;
	if (_i == 2)
		close(0);
	ck_assert_int_eq(gateway_open(&stopped, &failure), _i < 3 ? ERR_CONFIG : ERR_NONE);
	if (_i < 3)
		ck_assert_str_eq(failure.detail,
		    "fd 0 is no listening socket: the worker is started by slotguard.socket or "
		    "spawn-fcgi");
}
END_TEST

/* What ends an idle worker ends its wait; a reload cuts nothing; and who hangs up ends nobody. */
START_TEST(signals)
{
	static const struct {
		int number, flags;
	} all[] = {{SIGTERM, 0}, {SIGINT, 0}, {SIGHUP, SA_RESTART}};
	struct sigaction action;

	signal(SIGPIPE, SIG_DFL);
	ck_assert_int_eq(gateway_open(&stopped, &failure), ERR_NONE);
	for (size_t i = 0; i < COUNT(all); i++) {
		ck_assert_int_eq(sigaction(all[i].number, NULL, &action), 0);
		ck_assert(action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN);
		ck_assert_int_eq(action.sa_flags & SA_RESTART, all[i].flags);
	}
	ck_assert_int_eq(sigaction(SIGPIPE, NULL, &action), 0);
	ck_assert(action.sa_handler == SIG_IGN);
	ck_assert_int_ne(fcntl(0, F_GETFL) & O_NONBLOCK, 0);
	raise(SIGHUP);
	ck_assert_int_eq(stopped, 0);
	raise(SIGTERM);
	ck_assert_int_eq(stopped, 1);
}
END_TEST

/* A worker that starts knows the ledger, or says that it does not, and is there for when it can. */
START_TEST(started_without_a_store)
{
	unsigned before = world.refreshes;

	use("");
	ck_assert_uint_eq(world.refreshes, before + 1);
	ck_assert_ptr_null(strstr(trace, "started_without_clickhouse"));
	world.refresh_err = ERR_UNREACHABLE;
	use("");
	ck_assert_ptr_nonnull(strstr(trace, "started_without_clickhouse"));
}
END_TEST

/* Without what it needs a worker ends, and says so; it was never ready. */
START_TEST(nothing_to_work_with)
{
	static const struct incoming none[] = {{.step = STEP_END, .params = {NULL}}};
	int files = count_open(0);

	has_no_epoll = _i == 0;
	has_no_watch = _i == 1;
	has_no_request = _i == 2;
	run(none);
	ck_assert_int_eq(count_open(0), files);
	ck_assert_ptr_nonnull(strstr(trace, "log <3>no memory"));
	ck_assert_ptr_null(strstr(trace, "notify"));
	ck_assert_ptr_null(strstr(trace, "free"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("gateway");
	TCase *all = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(all, start, end);
	tcase_set_timeout(all, 60);
	tcase_add_loop_test(all, story, 0, (int)COUNT(stories));
	tcase_add_loop_test(all, no_socket, 0, 4);
	tcase_add_test(all, signals);
	tcase_add_test(all, many_requests);
	tcase_add_test(all, started_without_a_store);
	tcase_add_loop_test(all, nothing_to_work_with, 0, 3);
	suite_add_tcase(suite, all);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

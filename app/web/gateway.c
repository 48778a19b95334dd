/* SPDX-License-Identifier: MIT */
/* gateway.c: FastCGI, by libfcgi: one request at a time from the listening socket on fd 0 */
#include "web/gateway.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/notify.h"
#include "base/num.h"
#include "core/paths.h"
#include "desk/calendar_ask.h"
#include "web/route.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define ARENA_MAX (24 * 1024 * 1024)

/* A worker that is stopped as it is woken takes that wake-up with it: the others look by
 * themselves. */
#define IDLE_MS 2000

static volatile sig_atomic_t *stop_flag, reload_flag;

static void on_signal(int number)
{
	if (number == SIGHUP) {
		reload_flag = 1;
		return;
	}
	*stop_flag = 1;
	FCGX_ShutdownPending();
}

enum err gateway_open(volatile sig_atomic_t *stop, struct fail *fail)
{
	/* Without SA_RESTART, or an idle worker would never leave accept(). */
	struct sigaction action = {.sa_handler = on_signal};

	stop_flag = stop;
	sigemptyset(&action.sa_mask);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	/* A reload waits for the request in progress, and cuts nothing in it. */
	action.sa_flags = SA_RESTART;
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* Another worker may take the connection that woke this one. */
	if (FCGX_IsCGI() || FCGX_Init() || fcntl(0, F_SETFL, O_NONBLOCK) < 0)
		return fail_set(fail, ERR_CONFIG, "gateway",
		    "fd 0 is no listening socket: the worker is started by slotguard.socket or "
		    "spawn-fcgi");
	return ERR_NONE;
}

static const char *find_param(void *context, const char *name)
{
	return FCGX_GetParam(name, context);
}

/* At most REQUEST_BODY_MAX bytes; the rest of a longer body is not read. */
static struct request_body read_body(FCGX_Request *fcgi, struct arena *arena)
{
	const char *given = FCGX_GetParam("CONTENT_LENGTH", fcgi->envp);
	uint64_t wanted = 0;
	size_t len;
	char *body;
	int got;

	if (given && *given && !num_u64(given, 0, INT64_MAX, &wanted))
		return (struct request_body){"", 0, ERR_INPUT};
	body = wanted > REQUEST_BODY_MAX ? NULL : arena_room(arena, wanted);
	if (!body)
		return (struct request_body){"", 0, ERR_TOO_LARGE};
	got = FCGX_GetStr(body, (int)wanted, fcgi->in);
	len = got > 0 ? (size_t)got : 0;
	return (struct request_body){body, len, len == wanted ? ERR_NONE : ERR_INPUT};
}

static void write_reply(FCGX_Request *fcgi, const struct reply *reply)
{
	FCGX_FPrintF(fcgi->out, "Status: %d\r\nCache-Control: %s\r\n", reply->status,
	    reply->cache ? reply->cache : "no-store, no-transform");
	if (reply->type)
		FCGX_FPrintF(fcgi->out, "Content-Type: %s\r\n", reply->type);
	if (reply->location)
		FCGX_FPrintF(fcgi->out, "Location: %s\r\n", reply->location);
	if (reply->allow)
		FCGX_FPrintF(fcgi->out, "Allow: %s\r\n", reply->allow);
	/* RFC 9110, section 11.6.1 */
	if (reply->status == 401)
		FCGX_PutStr("WWW-Authenticate: Bearer\r\n", 26, fcgi->out);
	if (reply->file)
		FCGX_FPrintF(
		    fcgi->out, "Content-Disposition: attachment; filename=\"%s\"\r\n", reply->file);
	if (reply->retry_after_s)
		FCGX_FPrintF(fcgi->out, "Retry-After: %d\r\n", reply->retry_after_s);
	FCGX_FPrintF(fcgi->out, "Content-Length: %d\r\n\r\n", (int)reply->body_len);
	FCGX_PutStr(reply->body, (int)reply->body_len, fcgi->out);
}

/* One line a request: what it was, how it went, and what its upstreams took of its time. */
static void log_answer(const struct app *app, const struct request *request, const char *route,
    const struct reply *reply, int64_t ms)
{
	struct http_tally clickhouse = http_tally(app->upstream.http, SERVICE_CLICKHOUSE_READ,
			      SERVICE_CLICKHOUSE_WRITE),
			  google = http_tally(
			      app->upstream.http, SERVICE_GOOGLE_TOKEN, SERVICE_GOOGLE_EVENT);
	char hash[LOG_HASH_TEXT] = "-";
	struct uuid booking;
	struct fail ignored;

	if (!request_booking(request, &booking, &ignored))
		log_hash(booking.bytes, sizeof(booking.bytes), hash);
	log_event(LOG_LEVEL_INFO,
	    "request route=%s status=%d bytes=%zu ms=%" PRId64
	    " clickhouse=%u clickhouse_ms=%" PRId64 " google=%u google_ms=%" PRId64 " booking=%s",
	    route, reply->status, reply->body_len, ms, clickhouse.count, clickhouse.ms,
	    google.count, google.ms, hash);
}

/* Our clock, and nginx's; once each of those that differ is logged. */
static void note_clocks(struct app *app, const struct request *request)
{
	struct clocks *clocks = counters_clocks(app->upstream.counters);
	int64_t boot_ms = clock_boot_ms(), wall_ms = clock_wall_ms(), ahead_ms;

	clocks_note(clocks, boot_ms, wall_ms);
	if (request->sent_ms)
		clocks_read(clocks, PEER_NGINX,
		    &(struct clock_reading){.boot_ms = boot_ms,
			.from_ms = request->sent_ms,
			.until_ms = CLOCKS_NO_BOUND});
	for (int i = 0; i < PEERS; i++) {
		ahead_ms = clocks_ahead(clocks, (enum peer)i, boot_ms, wall_ms);
		if (clocks_agree(ahead_ms)) {
			app->is_clock_told[i] = false;
		} else if (!app->is_clock_told[i]) {
			app->is_clock_told[i] = true;
			log_event(LOG_LEVEL_WARNING, "clocks_differ from=%s ms=%" PRId64,
			    peer_name((enum peer)i), ahead_ms);
		}
	}
}

static void serve(struct app *app, FCGX_Request *fcgi, struct arena *arena)
{
	int64_t began = clock_boot_ms(), ms;
	struct request_body body = read_body(fcgi, arena);
	struct request request;
	struct reply reply;
	struct fail fail;
	unsigned route;

	request_read(arena, find_param, fcgi->envp, &body, &request);
	note_clocks(app, &request);
	log_request(request.id);
	http_tally_reset(app->upstream.http);
	app_renew_zones(app, arena);
	route = route_answer(app, &request, &reply);
	write_reply(fcgi, &reply);
	FCGX_Finish_r(fcgi);
	ms = clock_boot_ms() - began;
	if (calendar_ask_tell(&app->upstream, &fail))
		log_fail(LOG_LEVEL_WARNING, "calendar_not_shared", &fail);
	counters_request(app->upstream.counters, route, reply.status, ms);
	log_answer(app, &request, path_name(route), &reply, ms);
	log_request(NULL);
}

/*
 * Waits until a connection came, a signal, or the moment in which systemd's watchdog wants to hear
 * from this worker. A signal that comes before the wait ends it, too. Of the pool's idle workers a
 * connection wakes one.
 */
static void wait_for_work(const struct app *app, int epoll, int watchdog_ms)
{
	struct epoll_event event;
	sigset_t ours, before;

	sigemptyset(&ours);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGHUP);
	sigprocmask(SIG_BLOCK, &ours, &before);
	if (!*app->stop && !reload_flag)
		epoll_pwait(epoll, &event, 1,
		    watchdog_ms && watchdog_ms < IDLE_MS ? watchdog_ms : IDLE_MS, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static void reload(struct app *app)
{
	struct fail fail;

	reload_flag = 0;
	notify_send("RELOADING=1");
	if (app_reload(app, &fail))
		log_event(LOG_LEVEL_ERROR, "reload_refused, the old configuration stays: %s",
		    fail.detail);
	else
		log_event(LOG_LEVEL_NOTICE, "reloaded");
	notify_send("READY=1");
}

static bool is_passing(int accepted)
{
	return accepted == -EAGAIN || accepted == -EINTR || accepted == -ECONNABORTED;
}

static void run(struct app *app, FCGX_Request *fcgi, struct arena *arena, int epoll)
{
	int watchdog_ms = (int)notify_watchdog_ms();

	notify_send("READY=1");
	while (!*app->stop) {
		int accepted;

		if (reload_flag)
			reload(app);
		if (watchdog_ms)
			notify_send("WATCHDOG=1");
		wait_for_work(app, epoll, watchdog_ms);
		if (*app->stop || reload_flag)
			continue;
		accepted = FCGX_Accept_r(fcgi);
		if (accepted == 0) {
			serve(app, fcgi, arena);
			arena_reset(arena);
		} else if (!is_passing(accepted) && !*app->stop) {
			log_event(
			    LOG_LEVEL_ERROR, "no request can be accepted: %s", strerror(-accepted));
			break;
		}
	}
	notify_send("STOPPING=1");
}

void gateway_run(struct app *app)
{
	struct epoll_event wanted = {.events = EPOLLIN | EPOLLEXCLUSIVE};
	struct arena *arena = arena_new(ARENA_MAX);
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	FCGX_Request fcgi;

	if (arena && epoll >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, 0, &wanted) == 0 &&
	    FCGX_InitRequest(&fcgi, 0, FCGI_FAIL_ACCEPT_ON_INTR) == 0) {
		run(app, &fcgi, arena, epoll);
		FCGX_Free(&fcgi, 1);
	} else {
		log_event(LOG_LEVEL_ERROR, "no memory");
	}
	if (epoll >= 0)
		close(epoll);
	arena_free(arena);
}

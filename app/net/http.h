/* SPDX-License-Identifier: MIT */
/* http.h: transfers, one or many at once */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include "base/arena.h"
#include "base/counters.h"
#include "base/err.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One libcurl multi handle for the life of the process: kept connections, one TLS session cache,
 * one set of CA certificates. Transfers are started, then http_run() drives them all until the last
 * is done; a done function may start further ones, so that an exchange of several steps runs beside
 * others.
 */
struct http;

/* stop (may be NULL): once set, transfers that yield to it are cut. NULL: no memory. */
struct http *http_new(const volatile sig_atomic_t *stop);
void http_free(struct http *http);

/* Transfers are counted there from now on; it outlives http. */
void http_count(struct http *http, struct counters *counters);
/* What the dates of answers say of others' clocks is told there from now on; it outlives http. */
void http_read_clocks(struct http *http, struct clocks *clocks);

/* What was asked of a service since the last http_tally_reset(): transfers, and their time added
 * up. */
struct http_tally {
	unsigned count;
	int64_t ms;
};
struct http_tally http_tally(const struct http *http, enum service first, enum service last);
void http_tally_reset(struct http *http);

/* https goes by this proxy from now on; "": directly. http never does, whatever the environment
 * says. The text outlives http. */
void http_use_proxy(struct http *http, const char *proxy);

#define HTTP_HEADERS 6
#define HTTP_KEPT 3
#define HTTP_VALUE_MAX 2047 /* of a header that is kept: addresses of signed links are long */

struct http_request {
	const char *method; /* "GET", "POST", "PUT", "DELETE" */
	const char *url;
	/* Path and query, in place of the URL's: a long one is sent as it stands, and not taken
	 * apart and put together again. NULL: the URL's. */
	const char *target;
	const char *headers[HTTP_HEADERS]; /* "Name: value", up to the first NULL */
	/* A header that is a secret: what stands before it, "Authorization: Bearer ", and itself.
	 */
	struct {
		const char *before, *text; /* NULL: none */
	} secret;
	bool is_secret; /* URL, body or reply hold one: the reply's copies in here are wiped */
	const char *keep[HTTP_KEPT]; /* names of the reply's headers that are wanted; static */
	const char *body;
	size_t body_len;
	size_t reply_max; /* a longer reply is ERR_GARBLED */
	int64_t deadline; /* clock_boot_ms() */
	bool yields_to_stop;
	enum service service;	/* as which it is counted */
	bool wants_certificate; /* its end is told in the reply; on a connection of its own */
	/* On a connection of its own: libcurl sends a request again by itself when a kept
	 * connection turns out to be dead, and it may have arrived over that one. */
	bool is_never_repeated;
};

struct http_reply {
	/*
	 * ERR_NONE: a whole reply of any status. ERR_UNREACHABLE: the request did not leave this
	 * machine. ERR_UNSURE: it was sent, and the reply did not come whole. ERR_GARBLED: the
	 * reply is too long. ERR_STOPPING: cut by stop.
	 */
	enum err err;
	struct fail fail;
	bool is_late; /* it failed because its time was over */
	int status;
	char *body; /* in the arena, NUL-terminated, yours to cut up; "" unless ERR_NONE */
	size_t body_len;
	int64_t certificate_end_s; /* when the server's ends, UTC; 0: not asked for, or not told */
	int64_t retry_after_s;	   /* of the header, 0: none */
	const char *kept[HTTP_KEPT]; /* NULL: not there, or over HTTP_VALUE_MAX bytes */
};

typedef void http_done(void *context, const struct http_reply *reply);

/*
 * A request with a secret is ERR_CONFIG, and goes nowhere, when it would cross a network in clear.
 * No redirect is followed. Copies what it needs of the request; body and context must live until
 * done is called, which happens exactly once, out of http_run() or, when the transfer cannot even
 * be made, at once.
 */
void http_start(struct http *http, struct arena *arena, const struct http_request *request,
    http_done *done, void *context);

/* Lets what was started leave, as far as it goes without waiting: an answer may come meanwhile. */
void http_push(struct http *http);

/* Until every started transfer is done. Each has its own deadline, so this ends. */
void http_run(struct http *http);

/* A done function whose context is a struct http_reply, which it fills. */
void http_keep(void *context, const struct http_reply *reply);

/* One transfer by itself. */
void http_once(struct http *http, struct arena *arena, const struct http_request *request,
    struct http_reply *reply);

#endif

/* SPDX-License-Identifier: MIT */
/* request.h: what a client asks */
#ifndef WEB_REQUEST_H
#define WEB_REQUEST_H

#include "base/arena.h"
#include "base/err.h"
#include "base/uuid.h"
#include "core/form.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REQUEST_BODY_MAX (64 * 1024)

/* The field that a prospect never sees and a robot fills in. No browser and no password manager has
 * anything to put into a field of this name. */
#define REQUEST_TRAP "leave_empty"

enum method { METHOD_GET, METHOD_POST, METHOD_OTHER };

/* Everything lives in the request's arena. */
struct request {
	struct arena *arena;
	enum method method; /* HEAD is a GET whose body nginx does not send on */
	const char *uri;    /* as it was asked for */
	const char *path;   /* the same without its query */
	const char *id;	    /* nginx's request id, for the log; "-" without one */
	struct form query, form;
	enum err query_err, form_err; /* ERR_INPUT, ERR_TOO_LARGE: not to be read; ERR_TYPE: a
					 media type that is none of ours */
	struct fail query_fail, form_fail;
	bool wants_json;
	bool is_form;		     /* the body is what browsers send from a page, not JSON */
	bool is_foreign;	     /* a browser says that another site's page made it send this */
	const char *accept_language; /* "" for none */
	const char *client;	     /* its network address; "": not known */
	const char *guessed_zone;    /* where nginx takes the client to be; NULL: it says nothing */
	const char *language;	     /* in which the reply is written; set by route_answer() */
	const char *lang;	     /* the same when it was asked for by name, else NULL */
	const char *idempotency_key; /* NULL: none */
	const char *api_key;	     /* of a program (RFC 6750, section 2.1); NULL: none */
	int64_t sent_ms;	     /* when nginx passed it on, wall clock; 0: not known */
};

/* How the gateway's parameters (CGI, RFC 3875) are looked up: NULL when there is no such one. */
typedef const char *request_param(void *context, const char *name);

struct request_body {
	const char *bytes;
	size_t len;
	enum err err; /* ERR_INPUT: it ended before CONTENT_LENGTH; ERR_TOO_LARGE: it is longer
			 than REQUEST_BODY_MAX */
};

/* Nothing here fails: what is wrong is said in the fields. */
void request_read(struct arena *arena, request_param *param, void *context,
    const struct request_body *body, struct request *out);

/* The booking that a request names, from the query of a GET, else from the form. ERR_INPUT: no
 * bookingId, or one that is no UUID; or what was wrong with the form. */
enum err request_booking(
    const struct request *request, struct uuid *out, struct fail *fail) MUST_CHECK;

#endif

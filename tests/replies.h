/* SPDX-License-Identifier: MIT */
/* replies.h: replies of outside services, from recorded bodies, for the parsers' tests */
#ifndef TESTS_REPLIES_H
#define TESTS_REPLIES_H

#include "files.h"
#include "net/http.h"
#include "times.h"

/* A whole reply whose body is tests/fixtures/NAME, to be freed by the caller; NULL: an empty one.
 */
static inline struct http_reply reply_of(int status, const char *name)
{
	struct http_reply reply = {
	    .status = status, .body = name ? read_fixture(name) : calloc(1, 1)};

	ck_assert_ptr_nonnull(reply.body);
	reply.body_len = strlen(reply.body);
	return reply;
}

/* What the transfer itself may come to, without a reply. */
static const enum err transfer_errors[] = {
    ERR_UNREACHABLE, ERR_UNSURE, ERR_GARBLED, ERR_STOPPING, ERR_SYSTEM};

/* Nobody takes it for a format. */
#define CURL_SAYS "what curl says of 5 %d"

static inline struct http_reply failed_reply(enum err err)
{
	static char nothing[1];
	struct http_reply reply = {.err = err, .body = nothing};

	fail_set(&reply.fail, err, "http", "%s", CURL_SAYS);
	return reply;
}

#endif

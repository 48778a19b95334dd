/* SPDX-License-Identifier: MIT */
/* resend.h: e-mail by Resend (resend.com/docs/api-reference) */
#ifndef NET_RESEND_H
#define NET_RESEND_H

#include "base/conf.h"
#include "net/receipt.h"

struct mail {
	const char *to;
	const char *subject, *text;
	const char *html;	/* NULL: none */
	const char *ics;	/* an invitation, NULL: none */
	const char *ics_method; /* "REQUEST" or "CANCEL" */
};

/* The exact bytes of the request, to be kept with their key. NULL: no memory. */
const char *resend_body(const struct conf *conf, struct arena *arena, const struct mail *mail);

/*
 * The request that sends them; the same key with the same bytes is delivered once within 24 hours.
 * key NULL: without one.
 */
struct http_request resend_request(const struct conf *conf, struct arena *arena, const char *key,
    const char *body, int64_t deadline);

/*
 * What the reply means. The error's name and the field that the message names tell the mail's own
 * faults (RECEIPT_REFUSED) from the sender's (RECEIPT_HELD).
 */
struct receipt resend_parse(
    const struct conf *conf, struct arena *arena, const struct http_reply *reply);

/* Both, with the transfer between them. */
struct receipt resend_send(const struct conf *conf, struct http *http, struct arena *arena,
    const char *key, const char *body, int64_t deadline);

/*
 * Whether Resend takes our key, found out without sending anything: an empty message is refused as
 * such (422, or 400) only after the key was accepted. ERR_AUTH: the key is refused; ERR_BUSY: not
 * for now.
 */
enum err resend_check(const struct conf *conf, struct http *http, struct arena *arena,
    int64_t deadline, struct fail *fail) MUST_CHECK;

/*
 * Whether the domain of [resend] from is verified there. ERR_NOT_FOUND: it is not; ERR_AUTH: this
 * key may not tell, as one that may only send; ERR_BUSY and others: it was not found out.
 */
enum err resend_check_sender(const struct conf *conf, struct http *http, struct arena *arena,
    int64_t deadline, struct fail *fail) MUST_CHECK;

#endif

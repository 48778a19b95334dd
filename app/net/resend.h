/* SPDX-License-Identifier: MIT */
/* resend.h: e-mail by Resend */
#ifndef NET_RESEND_H
#define NET_RESEND_H

#include "base/conf.h"
#include "net/http.h"

struct mail {
	const char *to;
	const char *subject, *text, *html;
	const char *ics;	/* an invitation, NULL: none */
	const char *ics_method; /* "REQUEST" or "CANCEL" */
};

/* The exact bytes of the request, to be kept with their key. NULL: no memory. */
const char *resend_body(const struct conf *conf, struct arena *arena, const struct mail *mail);

/*
 * Sends them; the same key with the same bytes is delivered once within 24 hours. ERR_BUSY: later,
 * after *retry_s when it is not 0; ERR_UNSURE and ERR_UNREACHABLE: again with the same bytes;
 * ERR_AUTH: the key is refused; ERR_REFUSED: this mail never.
 */
enum err resend_send(const struct conf *conf, struct http *http, struct arena *arena,
    const char *key, const char *body, int64_t deadline, int64_t *retry_s,
    struct fail *fail) MUST_CHECK;

/*
 * Whether Resend takes our key, found out without sending anything: an empty message is refused as
 * such (422) only after the key was accepted. ERR_AUTH: the key is refused.
 */
enum err resend_check(const struct conf *conf, struct http *http, struct arena *arena,
    int64_t deadline, struct fail *fail) MUST_CHECK;

#endif

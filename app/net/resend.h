/* SPDX-License-Identifier: MIT */
/* resend.h: e-mail by Resend */
#ifndef NET_RESEND_H
#define NET_RESEND_H

#include "base/conf.h"
#include "net/http.h"

/*
 * Whether Resend takes our key, found out without sending anything: an empty message is refused as
 * such (422) only after the key was accepted. ERR_AUTH: the key is refused.
 */
enum err resend_check(const struct conf *conf, struct http *http, struct arena *arena,
    int64_t deadline, struct fail *fail) MUST_CHECK;

#endif

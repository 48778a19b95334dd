/* SPDX-License-Identifier: MIT */
/* telegram.h: alerts by the Telegram Bot API */
#ifndef NET_TELEGRAM_H
#define NET_TELEGRAM_H

#include "base/conf.h"
#include "net/http.h"

#define TELEGRAM_MAX 4096 /* characters of a message */

/*
 * Sends a text to the configured chat. There is no idempotency: ERR_UNSURE may have arrived.
 * ERR_BUSY: later, after *retry_s when it is not 0; ERR_AUTH: the token, ERR_REFUSED: the chat, is
 * refused until somebody mends it; ERR_INPUT: this text never.
 */
enum err telegram_send(const struct conf *conf, struct http *http, struct arena *arena,
    const char *text, int64_t deadline, int64_t *retry_s, struct fail *fail) MUST_CHECK;

/*
 * Whether the bot's token is good and the bot can see the chat; sends nothing. ERR_AUTH: the token
 * is refused; ERR_REFUSED: the chat is not the bot's. The token is part of the URL, which is never
 * told.
 */
enum err telegram_check(const struct conf *conf, struct http *http, struct arena *arena,
    int64_t deadline, struct fail *fail) MUST_CHECK;

#endif

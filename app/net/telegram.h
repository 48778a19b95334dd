/* SPDX-License-Identifier: MIT */
/* telegram.h: alerts by the Telegram Bot API */
#ifndef NET_TELEGRAM_H
#define NET_TELEGRAM_H

#include "base/conf.h"
#include "net/http.h"

/*
 * Whether the bot's token is good and the bot can see the chat; sends nothing. ERR_AUTH: the token
 * is refused; ERR_REFUSED: the chat is not the bot's. The token is part of the URL, which is never
 * told.
 */
enum err telegram_check(const struct conf *conf, struct http *http, struct arena *arena,
    int64_t deadline, struct fail *fail) MUST_CHECK;

#endif

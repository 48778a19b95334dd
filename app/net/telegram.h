/* SPDX-License-Identifier: MIT */
/* telegram.h: alerts by the Telegram Bot API (core.telegram.org/bots/api) */
#ifndef NET_TELEGRAM_H
#define NET_TELEGRAM_H

#include "base/conf.h"
#include "net/receipt.h"

#define TELEGRAM_MAX 4096 /* characters of a message */

/*
 * The request that sends a text to a chat. The token is part of the URL, which is never told.
 * There is no idempotency: what may have arrived may arrive twice.
 */
struct http_request telegram_request(const struct conf *conf, struct arena *arena,
    const char *chat_id, const char *text, int64_t deadline);

/*
 * What the reply means. RECEIPT_REFUSED: this text never; RECEIPT_HELD: the token or the chat is
 * refused until somebody mends it. *moved_to is the chat's new id when a group has become a
 * supergroup, else 0.
 */
struct receipt telegram_parse(const struct conf *conf, struct arena *arena,
    const struct http_reply *reply, int64_t *moved_to);

/*
 * Sends a text to the configured chat, and to the supergroup that it has become; that is said in
 * the receipt's detail.
 */
struct receipt telegram_send(const struct conf *conf, struct http *http, struct arena *arena,
    const char *text, int64_t deadline);

/*
 * Whether the bot's token is good and the bot can see the chat; sends nothing. ERR_AUTH: the token
 * or the chat is refused; ERR_BUSY: not for now.
 */
enum err telegram_check(const struct conf *conf, struct http *http, struct arena *arena,
    int64_t deadline, struct fail *fail) MUST_CHECK;

/* Who has written to the bot, or taken it into a group, in the last day. */
struct telegram_chat {
	int64_t id;
	const char *type, *name; /* "private", "group"; NULL: it was not told */
};
struct telegram_chats {
	struct telegram_chat *list; /* each once, the last one first */
	size_t count;
};

/* Needs no chat_id; nothing is marked as read. Errors as of telegram_check(). */
enum err telegram_find_chats(const struct conf *conf, struct http *http, struct arena *arena,
    int64_t deadline, struct telegram_chats *out, struct fail *fail) MUST_CHECK;

#endif

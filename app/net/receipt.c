/* SPDX-License-Identifier: MIT */
/* receipt.c: what a service says of something that was handed to it to be delivered */
#include "net/receipt.h"
#include "base/text.h"
#include "core/plain.h"

#include <string.h>

/* Of a reply that is no JSON of the service's. */
#define BODY_MAX 4096
/* So that it fits into a struct fail beside the status and the error's name. */
#define SENTENCE_MAX 150
#define ERROR_NAME_MAX 40

static void hide(char *text, const char *secret)
{
	size_t len = strlen(secret);

	while (len && (text = strstr(text, secret)))
		memset(text, '*', len);
}

/* An error page's title says what it is about; without one its text does. */
static void drop_markup(char *text)
{
	char *title = strstr(text, "<title>"), *out = text;
	bool is_tag = false;

	for (char *at = title ? title + 7 : text; *at && (!title || *at != '<'); at++) {
		char c = *at;

		is_tag = is_tag || c == '<';
		*out++ = is_tag ? ' ' : c;
		is_tag = is_tag && c != '>';
	}
	*out = '\0';
}

/* One blank between words, and none of the words an address: it may be the prospect's. */
static void tidy(char *text)
{
	char *out = text;

	while (*(text += strspn(text, " "))) {
		size_t len = strcspn(text, " ");

		if (memchr(text, '@', len)) {
			*out++ = '*';
		} else {
			memmove(out, text, len);
			out += len;
		}
		text += len;
		if (text[strspn(text, " ")])
			*out++ = ' ';
	}
	*out = '\0';
}

static void cut(char *text, size_t max)
{
	if (strlen(text) <= max)
		return;
	while (max && ((unsigned char)text[max] & 0xc0) == 0x80)
		max--;
	text[max] = '\0';
}

/* "": no memory, or nothing was said. */
static const char *cleaned(struct arena *arena, const char *said, size_t max, const char *secret)
{
	char *copy = arena_str(arena, said), *line;
	const char *plain, *colon = strchr(secret, ':');

	if (!copy)
		return "";
	/* The number before a Telegram token's colon is the bot's public name. */
	if (colon)
		secret = colon + 1;
	hide(copy, secret);
	plain = plain_line(arena, copy, BODY_MAX);
	line = plain ? arena_str(arena, plain) : NULL;
	if (!line)
		return "";
	/* Without a control character in its midst it may be one again. */
	hide(line, secret);
	tidy(line);
	cut(line, max);
	return line;
}

static enum err code_of(enum receipt_kind kind)
{
	switch (kind) {
	case RECEIPT_DELIVERED:
		return ERR_NONE;
	case RECEIPT_REFUSED:
		return ERR_REFUSED;
	case RECEIPT_HELD:
		return ERR_AUTH;
	case RECEIPT_LATER:
		return ERR_BUSY;
	case RECEIPT_CONCURRENT:
	case RECEIPT_CONFLICT:
	case RECEIPT_UNKNOWN:
		return ERR_UNSURE;
	case RECEIPT_UNSENT:
		return ERR_UNREACHABLE;
	}
	return ERR_UNSURE;
}

struct receipt receipt_of(struct arena *arena, enum receipt_kind kind, const char *where,
    const struct http_reply *reply, struct receipt_words words, const char *secret)
{
	struct receipt receipt = {
	    .kind = kind,
	    .may_be_delivered = kind == RECEIPT_UNKNOWN || kind == RECEIPT_CONCURRENT ||
				kind == RECEIPT_CONFLICT || reply->status >= 500,
	    .retry_s = reply->retry_after_s,
	};
	const char *name = words.name ? cleaned(arena, words.name, ERROR_NAME_MAX, secret) : NULL;
	char *page = words.sentence ? NULL : arena_str(arena, reply->body);
	const char *sentence;

	if (page)
		drop_markup(page);
	sentence = words.sentence ? words.sentence : page ? page : "";
	sentence = cleaned(arena, sentence, SENTENCE_MAX, secret);
	fail_set(&receipt.fail, code_of(kind), where, "status %d%s%s%s%s%s", reply->status,
	    name ? " (" : "", name ? name : "", name ? ")" : "", *sentence ? ": " : "", sentence);
	return receipt;
}

struct receipt receipt_of_transfer(const char *where, const struct http_reply *reply)
{
	bool was_sent = reply->err == ERR_UNSURE || reply->err == ERR_GARBLED;
	struct receipt receipt = {
	    .kind = was_sent ? RECEIPT_UNKNOWN : RECEIPT_UNSENT,
	    .may_be_delivered = was_sent,
	};

	fail_set(&receipt.fail, reply->err == ERR_GARBLED ? ERR_UNSURE : reply->err, where, "%s",
	    reply->fail.detail);
	return receipt;
}

enum receipt_kind receipt_of_status(int status)
{
	if (status == 429 || status >= 500)
		return RECEIPT_LATER;
	return (status >= 200 && status < 300) || status == 408 ? RECEIPT_UNKNOWN : RECEIPT_HELD;
}

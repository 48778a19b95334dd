/* SPDX-License-Identifier: MIT */
/* telegram.c: alerts by the Telegram Bot API */
#include "net/telegram.h"
#include "base/text.h"
#include "net/json.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <sodium.h>
#include <string.h>

static struct http_request request_of(const struct conf *conf, struct arena *arena,
    const char *method, struct text *body, int64_t deadline)
{
	text_trim(arena, body);
	return (struct http_request){
	    .service = SERVICE_TELEGRAM,
	    .method = "POST",
	    .url = arena_printf(arena, "%s/bot%s/%s", conf->telegram.api_url,
		conf->secrets.telegram_bot_token->text, method),
	    .headers = {"Content-Type: application/x-www-form-urlencoded"},
	    .body = body->data,
	    .body_len = body->len,
	    .reply_max = 64 * 1024,
	    .deadline = deadline,
	    .is_never_repeated = true,
	    .is_secret = true,
	};
}

static void transfer(
    struct http *http, struct arena *arena, struct http_request *request, struct http_reply *reply)
{
	/* The token stands in the URL. */
	char *url = (char *)request->url;

	http_once(http, arena, request, reply);
	if (url)
		sodium_memzero(url, strlen(url));
	request->url = NULL;
}

struct http_request telegram_request(const struct conf *conf, struct arena *arena,
    const char *chat_id, const char *message, int64_t deadline)
{
	struct text body = text_new(arena, 64 * 1024);

	text_str(&body, "chat_id=");
	text_url(&body, chat_id);
	/* A preview would have Telegram open the prospect's booking. */
	text_str(&body, "&link_preview_options=%7B%22is_disabled%22%3Atrue%7D&text=");
	text_url(&body, message);
	return request_of(conf, arena, "sendMessage", &body, deadline);
}

/* "Bad Request: message is too long" is the text's fault; "Bad Request: have no rights to send a
 * message", "Bad Request: message thread not found" and "Bad Request: chat not found" are not. */
static bool is_about_text(const char *description)
{
	static const char *const ours[] = {
	    "chat", "rights", "bot", "user", "thread", "CHAT", "PEER"};
	static const char *const texts[] = {"message", "text", "entities", "UTF-8", "MESSAGE"};

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strstr(description, ours[i]))
			return false;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strstr(description, texts[i]))
			return true;
	return false;
}

struct receipt telegram_parse(
    const struct conf *conf, struct arena *arena, const struct http_reply *reply, int64_t *moved_to)
{
	struct receipt receipt = {.kind = RECEIPT_DELIVERED};
	struct receipt_words words = {NULL, NULL};
	struct json_object *object, *parameters;
	enum receipt_kind kind;
	int64_t seconds;

	*moved_to = 0;
	if (reply->err)
		return receipt_of_transfer("telegram", reply);
	object = json_read(reply->body, reply->body_len);
	parameters = json_member(object, "parameters");
	words.sentence = json_text(object, "description");
	kind = receipt_of_status(reply->status);
	if (reply->status == 400 && words.sentence && is_about_text(words.sentence))
		kind = RECEIPT_REFUSED;
	/* Whoever answers 200 and something else is not Telegram. */
	if (reply->status != 200 || !json_object_get_boolean(json_member(object, "ok")))
		receipt = receipt_of(
		    arena, kind, "telegram", reply, words, conf->secrets.telegram_bot_token->text);
	if (json_integer(parameters, "retry_after", &seconds) && seconds > 0 && seconds < 86400)
		receipt.retry_s = seconds;
	if (receipt.kind == RECEIPT_HELD)
		json_integer(parameters, "migrate_to_chat_id", moved_to);
	json_object_put(object);
	return receipt;
}

struct receipt telegram_send(const struct conf *conf, struct http *http, struct arena *arena,
    const char *text, int64_t deadline)
{
	struct http_request request =
	    telegram_request(conf, arena, conf->telegram.chat_id, text, deadline);
	int64_t moved_to, ignored;
	struct http_reply reply;
	struct receipt receipt;

	transfer(http, arena, &request, &reply);
	receipt = telegram_parse(conf, arena, &reply, &moved_to);
	if (!moved_to)
		return receipt;
	request = telegram_request(
	    conf, arena, arena_printf(arena, "%" PRId64, moved_to), text, deadline);
	transfer(http, arena, &request, &reply);
	receipt = telegram_parse(conf, arena, &reply, &ignored);
	if (receipt.kind == RECEIPT_DELIVERED)
		fail_set(&receipt.fail, ERR_NONE, "telegram",
		    "the group has become a supergroup: set [telegram] chat_id = %" PRId64,
		    moved_to);
	return receipt;
}

static enum err ask(const struct conf *conf, struct http *http, struct arena *arena,
    const char *method, int64_t deadline, struct fail *fail)
{
	struct text body = text_new(arena, 4096);
	struct http_request request;
	struct http_reply reply;
	struct receipt receipt;
	int64_t moved_to;

	text_str(&body, "chat_id=");
	text_url(&body, conf->telegram.chat_id);
	request = request_of(conf, arena, method, &body, deadline);
	transfer(http, arena, &request, &reply);
	receipt = telegram_parse(conf, arena, &reply, &moved_to);
	if (receipt.kind == RECEIPT_DELIVERED)
		return ERR_NONE;
	return fail_set(fail, receipt.fail.code, "telegram", "%s: %s", method, receipt.fail.detail);
}

enum err telegram_check(const struct conf *conf, struct http *http, struct arena *arena,
    int64_t deadline, struct fail *fail)
{
	enum err err = ask(conf, http, arena, "getMe", deadline, fail);

	return err ? err : ask(conf, http, arena, "getChat", deadline, fail);
}

/* The chat of an update, whatever happened in it. */
static struct json_object *chat_of(struct json_object *update)
{
	static const char *const kinds[] = {"message", "edited_message", "channel_post",
	    "edited_channel_post", "my_chat_member", "chat_member"};
	struct json_object *chat = NULL;

	for (size_t i = 0; !chat && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		chat = json_member(json_member(update, kinds[i]), "chat");
	return chat;
}

static void add_chat(struct telegram_chats *chats, struct arena *arena, struct json_object *chat)
{
	const char *name = json_text(chat, "title"), *type = json_text(chat, "type");
	int64_t id;

	if (!name && !(name = json_text(chat, "username")))
		name = json_text(chat, "first_name");
	if (!json_integer(chat, "id", &id))
		return;
	for (size_t i = 0; i < chats->count; i++)
		if (chats->list[i].id == id)
			return;
	chats->list[chats->count++] = (struct telegram_chat){
	    id, type ? arena_str(arena, type) : NULL, name ? arena_str(arena, name) : NULL};
}

enum err telegram_find_chats(const struct conf *conf, struct http *http, struct arena *arena,
    int64_t deadline, struct telegram_chats *out, struct fail *fail)
{
	struct text body = text_new(arena, 4096);
	struct json_object *object, *updates;
	struct telegram_chats chats = {NULL, 0};
	struct http_request request;
	struct http_reply reply;
	size_t count;

	/* Whoever takes the bot into a group writes nothing, and so is asked for by name. */
	text_str(&body, "allowed_updates=");
	text_url(&body, "[\"message\",\"channel_post\",\"my_chat_member\"]");
	request = request_of(conf, arena, "getUpdates", &body, deadline);
	request.reply_max = 1024 * 1024;
	transfer(http, arena, &request, &reply);
	object = reply.err ? NULL : json_read(reply.body, reply.body_len);
	updates = json_member(object, "result");
	if (reply.err || reply.status != 200 || !json_object_is_type(updates, json_type_array)) {
		int64_t moved_to;

		json_object_put(object);
		fail_set(fail, ERR_GARBLED, "telegram", "a strange answer");
		if (reply.err || reply.status != 200)
			*fail = telegram_parse(conf, arena, &reply, &moved_to).fail;
		return fail->code;
	}
	count = json_object_array_length(updates);
	chats.list = arena_array(arena, count + 1, sizeof(*chats.list));
	for (size_t i = count; chats.list && i-- > 0;)
		add_chat(&chats, arena, chat_of(json_object_array_get_idx(updates, i)));
	json_object_put(object);
	if (!chats.list)
		return fail_set(fail, ERR_SYSTEM, "telegram", "no memory");
	*out = chats;
	return ERR_NONE;
}

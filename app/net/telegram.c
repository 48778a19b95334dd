/* SPDX-License-Identifier: MIT */
/* telegram.c: alerts by the Telegram Bot API */
#include "net/telegram.h"
#include "base/text.h"
#include "net/json.h"

#include <json-c/json.h>
#include <string.h>

/* A 429 says in its body how long to wait: parameters.retry_after. */
static int64_t retry_after(const struct http_reply *reply)
{
	struct json_object *object = reply->err ? NULL : json_read(reply->body, reply->body_len);
	int64_t seconds = 0;

	json_integer(json_member(object, "parameters"), "retry_after", &seconds);
	json_object_put(object);
	return seconds > 0 && seconds < 86400 ? seconds : reply->retry_after_s;
}

/* A 400 that names the chat is the operator's to mend, like a blocked bot; another is the text's.
 */
static bool is_about_chat(const struct http_reply *reply)
{
	struct json_object *object = json_read(reply->body, reply->body_len);
	const char *description = json_text(object, "description");
	bool is_so = reply->status == 403 ||
		     (reply->status == 400 && description && strstr(description, "chat"));

	json_object_put(object);
	return is_so;
}

/* Whoever answers something else is not Telegram. */
static bool is_ok(const struct http_reply *reply)
{
	struct json_object *object = json_read(reply->body, reply->body_len);
	bool is_so = json_object_get_boolean(json_member(object, "ok"));

	json_object_put(object);
	return is_so;
}

static enum err call(const struct conf *conf, struct http *http, struct arena *arena,
    const char *method, const char *message, int64_t deadline, int64_t *retry_s, struct fail *fail)
{
	struct text body = text_new(arena, 64 * 1024);
	struct http_request request = {
	    .service = SERVICE_TELEGRAM,
	    .method = "POST",
	    .url = arena_printf(arena, "%s/bot%s/%s", conf->telegram.api_url,
		conf->secrets.telegram_bot_token->text, method),
	    .headers = {"Content-Type: application/x-www-form-urlencoded"},
	    .body = body.data,
	    .reply_max = 64 * 1024,
	    .deadline = deadline,
	    .is_never_repeated = true,
	};
	struct http_reply reply;

	text_str(&body, "chat_id=");
	text_url(&body, conf->telegram.chat_id);
	if (message) {
		/* A preview would have Telegram open the prospect's booking. */
		text_str(&body, "&link_preview_options=%7B%22is_disabled%22%3Atrue%7D&text=");
		text_url(&body, message);
	}
	arena_trim(arena, body.data, body.len + 1);
	request.body_len = body.len;
	http_once(http, arena, &request, &reply);
	*retry_s = retry_after(&reply);
	if (reply.err)
		return fail_set(fail, reply.err, "telegram", "%s", reply.fail.detail);
	if (reply.status == 200)
		return is_ok(&reply) ? ERR_NONE
				     : fail_set(fail, ERR_UNSURE, "telegram",
					   "%s answered 200, and not ok", method);
	if (reply.status == 401 || reply.status == 404)
		return fail_set(fail, ERR_AUTH, "telegram",
		    "the bot's token is refused (status %d)", reply.status);
	return fail_set(fail,
	    reply.status == 429 || reply.status >= 500 ? ERR_BUSY
	    : message && !is_about_chat(&reply)	       ? ERR_INPUT
						       : ERR_REFUSED,
	    "telegram", "%s answered %d", method, reply.status);
}

enum err telegram_check(const struct conf *conf, struct http *http, struct arena *arena,
    int64_t deadline, struct fail *fail)
{
	int64_t retry_s;
	enum err err = call(conf, http, arena, "getMe", NULL, deadline, &retry_s, fail);

	return err ? err : call(conf, http, arena, "getChat", NULL, deadline, &retry_s, fail);
}

enum err telegram_send(const struct conf *conf, struct http *http, struct arena *arena,
    const char *text, int64_t deadline, int64_t *retry_s, struct fail *fail)
{
	return call(conf, http, arena, "sendMessage", text, deadline, retry_s, fail);
}

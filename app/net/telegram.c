/* SPDX-License-Identifier: MIT */
/* telegram.c: alerts by the Telegram Bot API */
#include "net/telegram.h"
#include "base/text.h"

static enum err call(const struct conf *conf, struct http *http, struct arena *arena,
    const char *method, int64_t deadline, struct fail *fail)
{
	struct text body = text_new(arena, 512);
	struct http_request request = {
	    .method = "POST",
	    .url = arena_printf(arena, "%s/bot%s/%s", conf->telegram.api_url,
		conf->secrets.telegram_bot_token->text, method),
	    .headers = {"Content-Type: application/x-www-form-urlencoded"},
	    .body = body.data,
	    .reply_max = 64 * 1024,
	    .deadline = deadline,
	};
	struct http_reply reply;

	text_str(&body, "chat_id=");
	text_url(&body, conf->telegram.chat_id);
	request.body_len = body.len;
	http_once(http, arena, &request, &reply);
	if (reply.err)
		return fail_set(fail, reply.err, "telegram", "%s", reply.fail.detail);
	if (reply.status == 200)
		return ERR_NONE;
	if (reply.status == 401 || reply.status == 404)
		return fail_set(fail, ERR_AUTH, "telegram",
		    "the bot's token is refused (status %d)", reply.status);
	return fail_set(fail, reply.status == 429 || reply.status >= 500 ? ERR_BUSY : ERR_REFUSED,
	    "telegram", "%s answered %d", method, reply.status);
}

enum err telegram_check(const struct conf *conf, struct http *http, struct arena *arena,
    int64_t deadline, struct fail *fail)
{
	enum err err = call(conf, http, arena, "getMe", deadline, fail);

	return err ? err : call(conf, http, arena, "getChat", deadline, fail);
}

/* SPDX-License-Identifier: MIT */
/* resend.c: e-mail by Resend */
#include "net/resend.h"

enum err resend_check(const struct conf *conf, struct http *http, struct arena *arena,
    int64_t deadline, struct fail *fail)
{
	struct http_request request = {
	    .method = "POST",
	    .url = arena_printf(arena, "%s/emails", conf->resend.api_url),
	    .headers = {arena_printf(
			    arena, "Authorization: Bearer %s", conf->secrets.resend_api_key->text),
		"Content-Type: application/json"},
	    .body = "{}",
	    .body_len = 2,
	    .reply_max = 64 * 1024,
	    .deadline = deadline,
	};
	struct http_reply reply;

	http_once(http, arena, &request, &reply);
	if (reply.err)
		return fail_set(fail, reply.err, "resend", "%s", reply.fail.detail);
	if (reply.status == 422)
		return ERR_NONE;
	if (reply.status == 401 || reply.status == 403)
		return fail_set(
		    fail, ERR_AUTH, "resend", "the key is refused (status %d)", reply.status);
	return fail_set(fail, reply.status == 429 || reply.status >= 500 ? ERR_BUSY : ERR_REFUSED,
	    "resend", "status %d", reply.status);
}

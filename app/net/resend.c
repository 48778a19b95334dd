/* SPDX-License-Identifier: MIT */
/* resend.c: e-mail by Resend */
#include "net/resend.h"
#include "net/json.h"

#include <json-c/json.h>
#include <sodium.h>
#include <string.h>

static void add_text(struct json_object *object, const char *name, const char *value)
{
	json_object_object_add(object, name, json_object_new_string(value));
}

const char *resend_body(const struct conf *conf, struct arena *arena, const struct mail *mail)
{
	struct json_object *object = json_object_new_object(), *to = json_object_new_array();
	struct json_object *files, *file;
	size_t len, room;
	char *base64;

	json_object_array_add(to, json_object_new_string(mail->to));
	add_text(object, "from", conf->resend.from);
	json_object_object_add(object, "to", to);
	if (conf->resend.reply_to[0])
		add_text(object, "reply_to", conf->resend.reply_to);
	add_text(object, "subject", mail->subject);
	add_text(object, "text", mail->text);
	add_text(object, "html", mail->html);
	if (!mail->ics)
		return json_write(arena, object);
	len = strlen(mail->ics);
	room = sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);
	base64 = arena_room(arena, room);
	if (base64) {
		sodium_bin2base64(base64, room, (const unsigned char *)mail->ics, len,
		    sodium_base64_VARIANT_ORIGINAL);
		file = json_object_new_object();
		add_text(file, "filename", "invite.ics");
		add_text(file, "content", base64);
		add_text(file, "content_type",
		    arena_printf(
			arena, "text/calendar; charset=utf-8; method=%s", mail->ics_method));
		files = json_object_new_array();
		json_object_array_add(files, file);
		json_object_object_add(object, "attachments", files);
	}
	return json_write(arena, object);
}

enum err resend_send(const struct conf *conf, struct http *http, struct arena *arena,
    const char *key, const char *body, int64_t deadline, int64_t *retry_s, struct fail *fail)
{
	struct http_request request = {
	    .method = "POST",
	    .url = arena_printf(arena, "%s/emails", conf->resend.api_url),
	    .service = SERVICE_RESEND,
	    .headers = {arena_printf(
			    arena, "Authorization: Bearer %s", conf->secrets.resend_api_key->text),
		"Content-Type: application/json", arena_printf(arena, "Idempotency-Key: %s", key)},
	    .body = body,
	    .body_len = strlen(body),
	    .reply_max = 64 * 1024,
	    .deadline = deadline,
	};
	struct http_reply reply;
	struct json_object *object;
	const char *name;
	enum err err;

	http_once(http, arena, &request, &reply);
	*retry_s = reply.retry_after_s;
	if (reply.err)
		return fail_set(fail, reply.err, "resend", "%s", reply.fail.detail);
	object = json_read(reply.body, reply.body_len);
	if (reply.status >= 200 && reply.status < 300) {
		/* Whoever answers without an id is not Resend. */
		name = json_text(object, "id");
		err = name ? ERR_NONE
			   : fail_set(fail, ERR_UNSURE, "resend", "status %d without a mail's id",
				 reply.status);
		json_object_put(object);
		return err;
	}
	name = json_text(object, "name");
	if (!name)
		name = "no name given";
	if (reply.status == 429)
		err = ERR_BUSY;
	else if (reply.status == 408 || reply.status >= 500 ||
		 strcmp(name, "concurrent_idempotent_requests") == 0)
		err = ERR_UNSURE;
	else if (reply.status == 401 || strcmp(name, "invalid_api_key") == 0 ||
		 strcmp(name, "restricted_api_key") == 0)
		err = ERR_AUTH;
	else
		err = ERR_REFUSED;
	fail_set(fail, err, "resend", "status %d (%.60s)", reply.status, name);
	json_object_put(object);
	return err;
}

enum err resend_check(const struct conf *conf, struct http *http, struct arena *arena,
    int64_t deadline, struct fail *fail)
{
	struct http_request request = {
	    .method = "POST",
	    .url = arena_printf(arena, "%s/emails", conf->resend.api_url),
	    .service = SERVICE_RESEND,
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

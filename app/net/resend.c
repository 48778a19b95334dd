/* SPDX-License-Identifier: MIT */
/* resend.c: e-mail by Resend */
#include "net/resend.h"
#include "base/num.h"
#include "net/json.h"

#include <json-c/json.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

const char *resend_body(const struct conf *conf, struct arena *arena, const struct mail *mail)
{
	struct json_object *object = json_object_new_object(), *to = json_object_new_array();
	struct json_object *files, *file;
	size_t len, room;
	char *base64;

	json_object_array_add(to, json_object_new_string(mail->to));
	json_add_text(object, "from", conf->resend.from);
	json_object_object_add(object, "to", to);
	if (conf->resend.reply_to[0])
		json_add_text(object, "reply_to", conf->resend.reply_to);
	json_add_text(object, "subject", mail->subject);
	json_add_text(object, "text", mail->text);
	if (mail->html)
		json_add_text(object, "html", mail->html);
	if (!mail->ics)
		return json_write(arena, object);
	len = strlen(mail->ics);
	room = sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);
	base64 = arena_room(arena, room);
	if (base64) {
		sodium_bin2base64(base64, room, (const unsigned char *)mail->ics, len,
		    sodium_base64_VARIANT_ORIGINAL);
		file = json_object_new_object();
		json_add_text(file, "filename", "invite.ics");
		json_add_text(file, "content", base64);
		json_add_text(file, "content_type",
		    arena_printf(
			arena, "text/calendar; charset=utf-8; method=%s", mail->ics_method));
		files = json_object_new_array();
		json_object_array_add(files, file);
		json_object_object_add(object, "attachments", files);
	}
	return json_write(arena, object);
}

struct http_request resend_request(const struct conf *conf, struct arena *arena, const char *key,
    const char *body, int64_t deadline)
{
	return (struct http_request){
	    .method = "POST",
	    .url = arena_printf(arena, "%s/emails", conf->resend.api_url),
	    .service = SERVICE_RESEND,
	    .headers = {"Content-Type: application/json",
		key ? arena_printf(arena, "Idempotency-Key: %s", key) : NULL},
	    .secret = {"Authorization: Bearer ", conf->secrets.resend_api_key->text},
	    .body = body,
	    .body_len = strlen(body),
	    .reply_max = 64 * 1024,
	    .deadline = deadline,
	};
}

/* A field is quoted in a message: "Invalid `to` field." */
static bool names_field(const char *message, const char *field)
{
	static const char quotes[] = "`'\"";
	size_t len = strlen(field);

	for (const char *at = message; at && (at = strstr(at, field)); at++)
		if (at > message && strchr(quotes, at[-1]) && at[len] && strchr(quotes, at[len]))
			return true;
	return false;
}

static bool is_mails_own(const char *name, const char *message)
{
	static const char *const names[] = {
	    "invalid_to_address", "invalid_attachment", "attachment_too_large"};
	static const char *const fields[] = {
	    "to", "subject", "html", "text", "attachments", "content", "filename"};
	int number;

	if (name && num_of_name(name, names, sizeof(names) / sizeof(names[0]), &number))
		return true;
	if (!message || names_field(message, "from"))
		return false;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (names_field(message, fields[i]))
			return true;
	return false;
}

/* A mail is worth a question now and then, whatever is asked for: who waits for a day has none to
 * tell of. */
#define PAUSE_MAX_S 900

/* A plan that is used up is no matter of seconds, as a rate is, but the operator's. */
static bool is_quota(const char *name)
{
	return name && (strcmp(name, "daily_quota_exceeded") == 0 ||
			   strcmp(name, "monthly_quota_exceeded") == 0);
}

static enum receipt_kind kind_of(int status, const char *name, const char *message)
{
	if (status == 409 && name && strcmp(name, "concurrent_idempotent_requests") == 0)
		return RECEIPT_CONCURRENT;
	if (status == 409 && name && strcmp(name, "invalid_idempotent_request") == 0)
		return RECEIPT_CONFLICT;
	if ((status == 400 || status == 422) && is_mails_own(name, message))
		return RECEIPT_REFUSED;
	return status == 429 && is_quota(name) ? RECEIPT_HELD : receipt_of_status(status);
}

struct receipt resend_parse(
    const struct conf *conf, struct arena *arena, const struct http_reply *reply)
{
	const char *secret = conf->secrets.resend_api_key->text;
	struct receipt_words words = {NULL, NULL};
	struct receipt receipt = {.kind = RECEIPT_DELIVERED};
	struct json_object *object;

	if (reply->err)
		return receipt_of_transfer("resend", reply);
	object = json_read(reply->body, reply->body_len);
	if (reply->status >= 200 && reply->status < 300) {
		/* Whoever answers without an id is not Resend. */
		if (!json_text(object, "id")) {
			words.sentence = "the answer holds no mail's id";
			receipt =
			    receipt_of(arena, RECEIPT_UNKNOWN, "resend", reply, words, secret);
		}
	} else {
		words.name = json_text(object, "name");
		words.sentence = json_text(object, "message");
		receipt = receipt_of(arena, kind_of(reply->status, words.name, words.sentence),
		    "resend", reply, words, secret);
	}
	json_object_put(object);
	if (receipt.retry_s > PAUSE_MAX_S)
		receipt.retry_s = PAUSE_MAX_S;
	return receipt;
}

struct receipt resend_send(const struct conf *conf, struct http *http, struct arena *arena,
    const char *key, const char *body, int64_t deadline)
{
	struct http_request request = resend_request(conf, arena, key, body, deadline);
	struct http_reply reply;

	http_once(http, arena, &request, &reply);
	return resend_parse(conf, arena, &reply);
}

enum err resend_check(const struct conf *conf, struct http *http, struct arena *arena,
    int64_t deadline, struct fail *fail)
{
	struct http_request request = resend_request(conf, arena, NULL, "{}", deadline);
	struct http_reply reply;
	struct receipt receipt;

	http_once(http, arena, &request, &reply);
	receipt = resend_parse(conf, arena, &reply);
	if (!reply.err && (reply.status == 422 || reply.status == 400))
		return ERR_NONE;
	*fail = receipt.fail;
	return receipt.kind == RECEIPT_DELIVERED
		   ? fail_set(fail, ERR_REFUSED, "resend", "an empty mail was taken")
		   : receipt.fail.code;
}

/* Its status, NULL: Resend does not know it. */
static const char *status_of(struct json_object *list, const char *domain)
{
	struct json_object *data = json_member(list, "data"), *found;
	const char *name;

	if (!json_object_is_type(data, json_type_array))
		return NULL;
	for (size_t i = 0; i < json_object_array_length(data); i++) {
		found = json_object_array_get_idx(data, i);
		name = json_text(found, "name");
		if (name && strcasecmp(name, domain) == 0)
			return json_text(found, "status");
	}
	return NULL;
}

enum err resend_check_sender(const struct conf *conf, struct http *http, struct arena *arena,
    int64_t deadline, struct fail *fail)
{
	struct http_request request = resend_request(conf, arena, NULL, "", deadline);
	const char *at = strrchr(conf->resend.from, '@'), *status;
	struct json_object *list;
	struct http_reply reply;
	char domain[254];

	snprintf(
	    domain, sizeof(domain), "%.*s", (int)strcspn(at ? at + 1 : "", ">"), at ? at + 1 : "");
	request.method = "GET";
	request.url = arena_printf(arena, "%s/domains?limit=100", conf->resend.api_url);
	request.body = NULL;
	http_once(http, arena, &request, &reply);
	if (reply.err || reply.status != 200) {
		*fail = resend_parse(conf, arena, &reply).fail;
		return fail->code;
	}
	list = json_read(reply.body, reply.body_len);
	status = status_of(list, domain);
	if (status && strcmp(status, "verified") == 0)
		fail->code = ERR_NONE;
	else
		fail_set(fail, ERR_NOT_FOUND, "resend", "the domain %s of [resend] from is %.40s",
		    domain, status ? status : "not one of the key's account");
	json_object_put(list);
	return fail->code;
}

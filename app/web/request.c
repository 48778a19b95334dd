/* SPDX-License-Identifier: MIT */
/* request.c: what a client asks */
#include "web/request.h"
#include "base/num.h"
#include "base/text.h"
#include "core/brief.h"
#include "net/json.h"

#include <string.h>
#include <strings.h>

#define KEY_MAX 256

/* Whether a media type is this one, parameters aside (RFC 9110, section 8.3.1). */
static bool is_type(const char *header, const char *type)
{
	size_t len = strlen(type);

	return strncasecmp(header, type, len) == 0 && strchr("; \t", header[len]);
}

/* A client that lists JSON and not HTML wants JSON; a browser lists HTML. */
static bool accepts_json(const char *accept)
{
	return accept && !strcasestr(accept, "text/html") && strcasestr(accept, "json");
}

/* What pages and programs may send us, in an address and in a form, beside the fields of a brief:
 * what a handler asks for has to stand here. */
static const char *const query_names[] = {"bookingId", "day", "tz", "zones", "lang", NULL};
static const char *const form_names[] = {
    "bookingId", "slot", "version", "tz", "lang", "token", REQUEST_TRAP};
#define FORM_NAMES (sizeof(form_names) / sizeof(form_names[0]))

static void read_body(struct request *request, const char *type, const char *body, size_t len)
{
	bool is_json = type && is_type(type, "application/json");
	const char *names[FORM_NAMES + BRIEF_FIELDS + 1] = {NULL};

	memcpy(names, form_names, sizeof(form_names));
	for (int i = 0; i < BRIEF_FIELDS; i++)
		names[FORM_NAMES + (size_t)i] = brief_field_name((enum brief_field)i);
	request->is_form = request->method == METHOD_POST && !is_json;
	if (request->form_err || request->method != METHOD_POST)
		return;
	if (is_json)
		request->form_err = json_form(
		    request->arena, body, len, names, &request->form, &request->form_fail);
	else if (!type || is_type(type, "application/x-www-form-urlencoded"))
		request->form_err = form_parse(
		    request->arena, body, len, names, &request->form, &request->form_fail);
	else
		request->form_err = fail_set(&request->form_fail, ERR_TYPE, "request",
		    "the body is neither a form nor JSON");
}

/* Fetch Metadata: browsers that know it say who made them ask; others say nothing. */
static bool is_from_elsewhere(const char *site)
{
	return site && *site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
}

/* nginx's $request_id: 32 hexadecimal digits. What is none does not reach the log. */
static bool is_request_id(const char *id)
{
	return strlen(id) == 32 && strspn(id, "0123456789abcdef") == 32;
}

/* The token of "Bearer TOKEN"; of another scheme "", which is nobody's. */
static const char *bearer(struct arena *arena, const char *header)
{
	if (!header || !*header)
		return NULL;
	if (strncasecmp(header, "Bearer ", 7) != 0)
		return "";
	header += 7;
	return arena_str(arena, header + strspn(header, " "));
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

void request_read(struct arena *arena, request_param *param, void *context,
    const struct request_body *body, struct request *out)
{
	const char *method = or_empty(param(context, "REQUEST_METHOD"));
	const char *uri = or_empty(param(context, "REQUEST_URI"));
	const char *type = param(context, "CONTENT_TYPE"), *id = param(context, "REQUEST_ID");
	const char *key = param(context, "HTTP_IDEMPOTENCY_KEY"),
		   *zone = param(context, "CLIENT_TIMEZONE"),
		   *msec = param(context, "REQUEST_MSEC");
	const char *question = strchr(uri, '?'), *path;

	*out = (struct request){.arena = arena, .form_err = body->err};
	out->method = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ? METHOD_GET
		      : strcmp(method, "POST") == 0				? METHOD_POST
										: METHOD_OTHER;
	out->uri = arena_str(arena, uri);
	path = question ? arena_strn(arena, uri, (size_t)(question - uri)) : arena_str(arena, uri);
	out->path = path ? path : "";
	id = id && is_request_id(id) ? arena_str(arena, id) : NULL;
	out->id = id ? id : "-";
	if (type && !*type)
		type = NULL;
	out->wants_json = accepts_json(param(context, "HTTP_ACCEPT")) ||
			  (type && is_type(type, "application/json") && out->method == METHOD_POST);
	out->accept_language = arena_str(arena, param(context, "HTTP_ACCEPT_LANGUAGE"));
	out->client = or_empty(arena_str(arena, param(context, "REMOTE_ADDR")));
	if (zone && *zone)
		out->guessed_zone = arena_str(arena, zone);
	out->is_foreign = is_from_elsewhere(param(context, "HTTP_SEC_FETCH_SITE"));
	out->api_key = bearer(arena, param(context, "HTTP_AUTHORIZATION"));
	if (key && *key)
		out->idempotency_key = arena_str(arena, key);
	/* nginx writes seconds with three decimals. */
	if (msec && strlen(msec) > 4 && msec[strlen(msec) - 4] == '.') {
		char *digits = arena_str(arena, msec);

		if (digits) {
			memmove(digits + strlen(digits) - 4, digits + strlen(digits) - 3, 4);
			if (!num_i64(digits, 0, INT64_MAX, &out->sent_ms))
				out->sent_ms = 0;
		}
	}
	if (question)
		out->query_err = form_parse(arena, question + 1, strlen(question + 1), query_names,
		    &out->query, &out->query_fail);
	if (body->err)
		fail_set(&out->form_fail, body->err, "request",
		    "the body did not come whole, or is too large");
	if (key && strlen(key) > KEY_MAX && !out->form_err)
		out->form_err = fail_set(&out->form_fail, ERR_INPUT, "request",
		    "the Idempotency-Key is longer than %d bytes", KEY_MAX);
	read_body(out, type, body->bytes, body->len);
}

/*
 * Mail programs and people take a bracket, a stop, a quote or a blank around a link for a part of
 * it: what stands before or behind the id there and holds no letter and no digit does not count.
 */
static bool parse_booking(const char *text, bool is_link, struct uuid *out)
{
	char id[UUID_TEXT] = "";
	const char *rest;

	while (is_link && *text && !ascii_is_alphanumeric(*text))
		text++;
	if (!is_link || strlen(text) < UUID_TEXT)
		return uuid_parse(text, out);
	memcpy(id, text, UUID_TEXT - 1);
	for (rest = text + UUID_TEXT - 1; *rest; rest++)
		if (ascii_is_alphanumeric(*rest) || *rest == '-')
			return false;
	return uuid_parse(id, out);
}

enum err request_booking(const struct request *request, struct uuid *out, struct fail *fail)
{
	bool is_get = request->method == METHOD_GET;
	const char *id = form_value(is_get ? &request->query : &request->form, "bookingId");

	if (is_get ? request->query_err : request->form_err) {
		*fail = is_get ? request->query_fail : request->form_fail;
		return fail->code;
	}
	if (!id || !parse_booking(id, is_get, out) || uuid_is_nil(out))
		return fail_set(
		    fail, ERR_INPUT, "request", "there is no booking id, or it is not a UUID");
	return ERR_NONE;
}

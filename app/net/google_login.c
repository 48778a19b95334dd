/* SPDX-License-Identifier: MIT */
/* google_login.c: how an owner gives this program the right to their calendar, once */
#include "net/google_login.h"
#include "base/clock.h"
#include "base/text.h"
#include "core/form.h"
#include "net/google.h"
#include "net/json.h"

#include <json-c/json.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define SCOPE "https://www.googleapis.com/auth/"
#define FREEBUSY SCOPE "calendar.freebusy"
#define OWNED SCOPE "calendar.events.owned"
#define ANY_EVENTS SCOPE "calendar.events"
#define EVERYTHING SCOPE "calendar"
#define BODY_MAX (64 * 1024)
#define ANSWER_MS 10000

static void draw(char out[GOOGLE_LOGIN_TEXT])
{
	unsigned char bytes[32];

	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2base64(
	    out, GOOGLE_LOGIN_TEXT, bytes, sizeof(bytes), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void google_login_begin(const struct conf_calendar *calendar, enum google_right right, int port,
    struct google_login *out)
{
	*out = (struct google_login){.calendar = calendar, .right = right};
	draw(out->state);
	draw(out->verifier);
	snprintf(out->redirect, sizeof(out->redirect), "http://127.0.0.1:%d/", port);
}

const char *google_login_address(
    const struct conf *conf, struct arena *arena, const struct google_login *login)
{
	static const char *const scopes[] = {
	    [GOOGLE_FREEBUSY] = FREEBUSY,
	    [GOOGLE_OWNED] = OWNED " " FREEBUSY,
	    [GOOGLE_SHARED] = ANY_EVENTS " " FREEBUSY,
	};
	const char *client = login->calendar->client_id->text;
	struct text text = text_new(arena, 3 * strlen(client) + 1000);
	unsigned char hash[crypto_hash_sha256_BYTES];
	char challenge[GOOGLE_LOGIN_TEXT];

	/* RFC 7636, section 4.2: S256. */
	crypto_hash_sha256(hash, (const unsigned char *)login->verifier, strlen(login->verifier));
	sodium_bin2base64(challenge, sizeof(challenge), hash, sizeof(hash),
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	text_str(&text, conf->google.auth_url);
	text_str(&text, "?response_type=code&client_id=");
	text_url(&text, client);
	text_str(&text, "&redirect_uri=");
	text_url(&text, login->redirect);
	text_str(&text, "&scope=");
	text_url(&text, scopes[login->right]);
	text_printf(&text,
	    "&state=%s&code_challenge=%s&code_challenge_method=S256&access_type=offline&prompt="
	    "consent",
	    login->state, challenge);
	return text_overflowed(&text) ? NULL : text.data;
}

enum err google_login_code(struct arena *arena, const struct google_login *login,
    const char *answer, const char **code, struct fail *fail)
{
	static const char *const names[] = {"code", "state", "error", NULL};
	const char *query = strchr(answer, '?'), *state, *error;
	size_t len = strcspn(query ? ++query : answer, "# \t\r\n");
	struct form form;
	enum err err;

	/* A code alone has been taken out of the address by hand. */
	if (!query && !strchr(answer, '=')) {
		bool is_word = len && !answer[len + strspn(answer + len, " \t\r\n")];

		*code = is_word ? arena_strn(arena, answer, len) : NULL;
		return *code ? ERR_NONE
			     : fail_set(fail, ERR_INPUT, "google", "there is no code in it");
	}
	if ((err = form_parse(arena, query ? query : answer, len, names, &form, fail)))
		return err;
	error = form_value(&form, "error");
	state = form_value(&form, "state");
	if (error)
		return fail_set(fail, ERR_AUTH, "google", "Google answered %.60s", error);
	*code = form_value(&form, "code");
	if (!*code || !**code)
		return fail_set(fail, ERR_INPUT, "google", "there is no code in it");
	if (!state || strcmp(state, login->state) != 0)
		return fail_set(
		    fail, ERR_INPUT, "google", "it is the answer to another login than this one");
	return ERR_NONE;
}

static bool has_scope(const char *list, const char *wanted)
{
	size_t len = strlen(wanted);

	for (const char *at = list; (at = strstr(at, wanted)); at += len)
		if ((at == list || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return true;
	return false;
}

const char *google_login_missing(const char *scope, bool needs_events)
{
	if (has_scope(scope, EVERYTHING))
		return NULL;
	if (needs_events && !has_scope(scope, OWNED) && !has_scope(scope, ANY_EVENTS))
		return OWNED;
	return has_scope(scope, FREEBUSY) ? NULL : FREEBUSY;
}

static void put_client(struct text *body, const struct conf_calendar *calendar)
{
	text_str(body, "&client_id=");
	text_url(body, calendar->client_id->text);
	text_str(body, "&client_secret=");
	text_url(body, calendar->client_secret->text);
}

/* Asks the token endpoint. */
static enum err ask(struct http *http, const struct conf *conf, struct arena *arena,
    struct text *body, struct google_grant *out, struct fail *fail)
{
	struct http_request request = {
	    .method = "POST",
	    .url = conf->google.token_url,
	    .service = SERVICE_GOOGLE_TOKEN,
	    .headers = {"Content-Type: application/x-www-form-urlencoded"},
	    .is_secret = true,
	    .body = body->data,
	    .reply_max = BODY_MAX,
	    .deadline = clock_boot_ms() + ANSWER_MS,
	};
	struct json_object *object;
	struct http_reply reply;
	const char *token;
	int64_t expires_s;
	enum err err;

	if (text_overflowed(body))
		return fail_set(fail, ERR_SYSTEM, "google", "no memory");
	request.body_len = body->len;
	http_once(http, arena, &request, &reply);
	sodium_memzero(body->data, body->len);
	if ((err = google_parse_token(arena, &reply, &token, &expires_s, fail)))
		return err;
	object = json_read(reply.body, reply.body_len);
	token = json_text(object, "refresh_token");
	out->refresh_token = token ? arena_str(arena, token) : NULL;
	out->scope = arena_str(arena, json_text(object, "scope"));
	json_give_back(object);
	sodium_memzero(reply.body, reply.body_len);
	return out->scope ? ERR_NONE : fail_set(fail, ERR_SYSTEM, "google", "no memory");
}

enum err google_login_exchange(struct http *http, const struct conf *conf, struct arena *arena,
    const struct google_login *login, struct google_grant *out, struct fail *fail)
{
	struct text body = text_new(arena, BODY_MAX);
	const char *missing;
	enum err err;

	text_str(&body, "grant_type=authorization_code&code=");
	text_url(&body, login->code);
	text_str(&body, "&redirect_uri=");
	text_url(&body, login->redirect);
	text_printf(&body, "&code_verifier=%s", login->verifier);
	put_client(&body, login->calendar);
	if ((err = ask(http, conf, arena, &body, out, fail)))
		return err;
	missing = google_login_missing(out->scope, login->right != GOOGLE_FREEBUSY);
	if (missing)
		return fail_set(fail, ERR_AUTH, "google",
		    "%s was not granted: every box of the consent page has to be ticked", missing);
	if (!out->refresh_token || !*out->refresh_token)
		return fail_set(fail, ERR_AUTH, "google", "Google gave no refresh token");
	return ERR_NONE;
}

enum err google_login_renew(struct http *http, const struct conf *conf,
    const struct conf_calendar *calendar, struct arena *arena, struct google_grant *out,
    struct fail *fail)
{
	struct text body = text_new(arena, BODY_MAX);

	text_str(&body, "grant_type=refresh_token&refresh_token=");
	text_url(&body, calendar->refresh_token->text);
	put_client(&body, calendar);
	return ask(http, conf, arena, &body, out, fail);
}

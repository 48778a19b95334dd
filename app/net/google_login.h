/* SPDX-License-Identifier: MIT */
/* google_login.h: how an owner gives this program the right to their calendar, once */
#ifndef NET_GOOGLE_LOGIN_H
#define NET_GOOGLE_LOGIN_H

#include "base/conf.h"
#include "net/http.h"

/*
 * The authorization code grant of an installed application (RFC 8252, with PKCE, RFC 7636): the
 * owner's browser asks Google, and is sent back to a port of this machine, or to nobody, when it
 * runs on another; the address that it shows then has the code, too.
 */
#define GOOGLE_LOGIN_TEXT 44 /* 32 random bytes in base64url, and a NUL */

/* The scopes are the narrowest that serve. */
enum google_right {
	GOOGLE_FREEBUSY, /* of calendars that only block */
	GOOGLE_OWNED,	 /* and the events of calendars that the account owns */
	GOOGLE_SHARED,	 /* and of any that it may write to */
};

struct google_login {
	const struct conf_calendar *calendar; /* whose client asks */
	enum google_right right;
	char state[GOOGLE_LOGIN_TEXT], verifier[GOOGLE_LOGIN_TEXT];
	char redirect[40]; /* http://127.0.0.1:PORT/ */
	const char *code;  /* that came back; NULL before */
};

/* Draws the secrets of one login with the client of this calendar, which is there; port is where
 * its answer is awaited, 1 to 65535. */
void google_login_begin(const struct conf_calendar *calendar, enum google_right right, int port,
    struct google_login *out);

/* The address for the owner's browser, in the arena; NULL: no memory. */
const char *google_login_address(
    const struct conf *conf, struct arena *arena, const struct google_login *login);

/*
 * The code in what came back: a query, an address with one, or the bare code, as it was pasted.
 * *code is in the arena. ERR_INPUT: it holds none, or is the answer to another login. ERR_AUTH: the
 * owner said no, or Google did; the detail has its word for it.
 */
enum err google_login_code(struct arena *arena, const struct google_login *login,
    const char *answer, const char **code, struct fail *fail) MUST_CHECK;

/* What was granted; everything in the arena, which is to be wiped. */
struct google_grant {
	const char *refresh_token; /* NULL: a renewal names none */
	const char *scope;	   /* separated by blanks, "" when the answer names none */
};

/*
 * Exchanges the code, before deadline (clock_boot_ms()). What google_parse_token() says; ERR_AUTH
 * too when no refresh token came, or a scope that is needed was not granted, which the detail
 * names.
 */
enum err google_login_exchange(struct http *http, const struct conf *conf, struct arena *arena,
    const struct google_login *login, struct google_grant *out, struct fail *fail) MUST_CHECK;

/* What the refresh token of this calendar, which is on, gives now. Otherwise google_parse_token()'s
 * failures. */
enum err google_login_renew(struct http *http, const struct conf *conf,
    const struct conf_calendar *calendar, struct arena *arena, struct google_grant *out,
    struct fail *fail) MUST_CHECK;

/* The first scope that is needed and not among these; NULL: none is missing. */
const char *google_login_missing(const char *scope, bool needs_events);

#endif

/* SPDX-License-Identifier: MIT */
/* credentials.h: which secrets there are, and where they are read */
#ifndef BASE_CREDENTIALS_H
#define BASE_CREDENTIALS_H

#include "base/secret.h"

/* So many programs may have a key of their own, or the old and the new one while it is changed. */
#define CREDENTIALS_API_KEYS 4

/* NULL: the file is not there. */
struct credentials {
	struct secret *clickhouse_password;
	struct secret *google_client_id, *google_client_secret, *google_refresh_token;
	struct secret *resend_api_key, *telegram_bot_token;
	struct secret *signing_key; /* at least 32 characters; never NULL when wanted */
	/* At least 32 characters each; any may be NULL. */
	struct secret *api_keys[CREDENTIALS_API_KEYS];
	/* In place of clickhouse.user, which has it already. */
	struct secret *clickhouse_user;
};

/* Whose secrets a program wants, since each has only those that it needs. */
enum credentials_of {
	CREDENTIALS_CLICKHOUSE = 1,
	CREDENTIALS_GOOGLE = 2,
	CREDENTIALS_RESEND = 4,
	CREDENTIALS_TELEGRAM = 8,
	CREDENTIALS_SIGNING = 16,
	CREDENTIALS_API = 32,
	CREDENTIALS_ALL = 63,
	/* ClickHouse's are the operator's own, of the folder operator beside the credentials, as
	   far as they are there and this process may read them. */
	CREDENTIALS_OPERATOR = 64,
};

/* $CREDENTIALS_DIRECTORY, or where the units load them from. */
const char *credentials_dir(void);

/*
 * Reads what is wanted, a sum of enum credentials_of, into *out, which is zeroed. ERR_CONFIG: a
 * file that holds no secret, one that is too short, or no signing key; what was read until then is
 * the caller's to free, too.
 */
enum err credentials_load(
    const char *dir, unsigned wanted, struct credentials *out, struct fail *fail) MUST_CHECK;
void credentials_free(struct credentials *credentials);

/* The keys of programs that send JSON: how many there are, and whether this is one of them. */
size_t credentials_count_api_keys(const struct credentials *credentials);
bool credentials_has_api_key(const struct credentials *credentials, const char *key);

#endif

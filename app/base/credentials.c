/* SPDX-License-Identifier: MIT */
/* credentials.c: which secrets there are, and where they are read */
#include "base/credentials.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Of what nobody types: signing key and keys of programs. */
#define KEY_MIN 32
#define FILES 12

static const struct {
	const char *name;
	size_t at;
	enum credentials_of of;
	size_t least; /* characters */
} files[FILES] = {
    {"clickhouse-password", offsetof(struct credentials, clickhouse_password),
	CREDENTIALS_CLICKHOUSE, 1},
    {"clickhouse-user", offsetof(struct credentials, clickhouse_user), CREDENTIALS_CLICKHOUSE, 1},
    {"google-client-id", offsetof(struct credentials, google_client_id), CREDENTIALS_GOOGLE, 1},
    {"google-client-secret", offsetof(struct credentials, google_client_secret), CREDENTIALS_GOOGLE,
	1},
    {"google-refresh-token", offsetof(struct credentials, google_refresh_token), CREDENTIALS_GOOGLE,
	1},
    {"resend-api-key", offsetof(struct credentials, resend_api_key), CREDENTIALS_RESEND, 1},
    {"telegram-bot-token", offsetof(struct credentials, telegram_bot_token), CREDENTIALS_TELEGRAM,
	1},
    {"signing-key", offsetof(struct credentials, signing_key), CREDENTIALS_SIGNING, KEY_MIN},
    {"api-key", offsetof(struct credentials, api_keys[0]), CREDENTIALS_API, KEY_MIN},
    {"api-key-2", offsetof(struct credentials, api_keys[1]), CREDENTIALS_API, KEY_MIN},
    {"api-key-3", offsetof(struct credentials, api_keys[2]), CREDENTIALS_API, KEY_MIN},
    {"api-key-4", offsetof(struct credentials, api_keys[3]), CREDENTIALS_API, KEY_MIN},
};

static struct secret **secret_at(struct credentials *credentials, size_t file)
{
	return (struct secret **)((char *)credentials + files[file].at);
}

const char *credentials_dir(void)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");

	return dir ? dir : CREDENTIALS_DIR;
}

/* Where a secret of ClickHouse stands: a program that is the operator's has another user there. */
static const char *folder_of(const char *dir, const char *name, unsigned wanted, char own[PATH_MAX])
{
	char path[PATH_MAX];

	if (!(wanted & CREDENTIALS_OPERATOR))
		return dir;
	snprintf(own, PATH_MAX, "%s/../operator", dir);
	snprintf(path, sizeof(path), "%s/../operator/%s", dir, name);
	return access(path, R_OK) == 0 ? own : dir;
}

/* Only the signing key is nobody's choice. */
static bool is_long_enough(const struct secret *secret, size_t file)
{
	return secret ? secret->len >= files[file].least : files[file].of != CREDENTIALS_SIGNING;
}

enum err credentials_load(
    const char *dir, unsigned wanted, struct credentials *out, struct fail *fail)
{
	char own[PATH_MAX];
	enum err err;

	for (size_t i = 0; i < FILES; i++) {
		const char *folder = files[i].of == CREDENTIALS_CLICKHOUSE
					 ? folder_of(dir, files[i].name, wanted, own)
					 : dir;

		if (!(wanted & files[i].of))
			continue;
		if ((err = secret_load(folder, files[i].name, secret_at(out, i), fail)))
			return err;
		if (!is_long_enough(*secret_at(out, i), i))
			return fail_set(fail, ERR_CONFIG, "secret",
			    "%s/%s must hold at least %d characters; `openssl rand -hex 32` makes one",
			    dir, files[i].name, KEY_MIN);
	}
	return ERR_NONE;
}

void credentials_free(struct credentials *credentials)
{
	for (size_t i = 0; i < FILES; i++)
		secret_free(*secret_at(credentials, i));
}

size_t credentials_count_api_keys(const struct credentials *credentials)
{
	size_t count = 0;

	for (size_t i = 0; i < CREDENTIALS_API_KEYS; i++)
		count += credentials->api_keys[i] != NULL;
	return count;
}

bool credentials_has_api_key(const struct credentials *credentials, const char *key)
{
	bool is_known = false;

	for (size_t i = 0; i < CREDENTIALS_API_KEYS; i++)
		is_known |= secret_is(credentials->api_keys[i], key);
	return is_known;
}

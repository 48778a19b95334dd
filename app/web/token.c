/* SPDX-License-Identifier: MIT */
/* token.c: the names that make a brief sent twice one lead */
#include "web/token.h"
#include "core/civil.h"

#include <sodium.h>
#include <string.h>

#define PART 16
#define TIME_BYTES 8
#define LIFE_MS (DAY_S * INT64_C(1000))
#define AHEAD_MS 300000

/* A keyed hash; each string goes in with its end, so that no two lists run together. */
static crypto_generichash_state begin(const struct secret *key, const char *purpose)
{
	size_t key_len =
	    key->len < crypto_generichash_KEYBYTES_MAX ? key->len : crypto_generichash_KEYBYTES_MAX;
	crypto_generichash_state state;

	crypto_generichash_init(&state, (const unsigned char *)key->text, key_len, PART);
	crypto_generichash_update(&state, (const unsigned char *)purpose, strlen(purpose) + 1);
	return state;
}

static void hash_part(const struct secret *key, const char *purpose,
    const unsigned char bytes[PART], unsigned char out[PART])
{
	crypto_generichash_state state = begin(key, purpose);

	crypto_generichash_update(&state, bytes, PART);
	crypto_generichash_final(&state, out, PART);
}

char *token_make(const struct secret *key, int64_t now_ms, char out[TOKEN_TEXT])
{
	unsigned char bytes[2 * PART];

	for (int i = 0; i < TIME_BYTES; i++)
		bytes[i] = (unsigned char)((uint64_t)now_ms >> (8 * (TIME_BYTES - 1 - i)));
	randombytes_buf(bytes + TIME_BYTES, PART - TIME_BYTES);
	hash_part(key, "form", bytes, bytes + PART);
	return sodium_bin2hex(out, TOKEN_TEXT, bytes, sizeof(bytes));
}

bool token_booking(const struct secret *key, const char *token, struct uuid *out, int64_t *made_ms)
{
	unsigned char bytes[2 * PART], check[PART];
	uint64_t made = 0;
	size_t len;

	if (strlen(token) != TOKEN_TEXT - 1 ||
	    sodium_hex2bin(bytes, sizeof(bytes), token, TOKEN_TEXT - 1, NULL, &len, NULL) ||
	    len != sizeof(bytes))
		return false;
	hash_part(key, "form", bytes, check);
	if (sodium_memcmp(check, bytes + PART, PART) != 0)
		return false;
	hash_part(key, "booking", bytes, check);
	*out = uuid_from_bytes(check);
	for (int i = 0; i < TIME_BYTES; i++)
		made = made << 8 | bytes[i];
	*made_ms = (int64_t)made;
	return true;
}

bool token_is_current(int64_t made_ms, int64_t now_ms)
{
	return made_ms > now_ms - LIFE_MS && made_ms < now_ms + AHEAD_MS;
}

struct uuid token_name(
    const struct secret *key, const char *client_key, const char *const *texts, size_t count)
{
	crypto_generichash_state state = begin(key, "idempotency");
	unsigned char hash[PART];

	for (size_t i = 0; i < count; i++)
		crypto_generichash_update(
		    &state, (const unsigned char *)texts[i], strlen(texts[i]) + 1);
	crypto_generichash_update(&state, (const unsigned char *)client_key, strlen(client_key));
	crypto_generichash_final(&state, hash, PART);
	return uuid_from_bytes(hash);
}

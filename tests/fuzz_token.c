/* SPDX-License-Identifier: MIT */
/* fuzz_token.c: any bytes as a form's token: taken only when they are one that was made; any texts
 * as a client's key */
#include "web/token.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static struct secret *key_of(const char *text)
{
	struct secret *key = calloc(1, sizeof(*key) + strlen(text) + 1);

	if (!key)
		abort();
	key->len = strlen(text);
	strcpy(key->text, text);
	return key;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int64_t made_ms = INT64_C(1796000000123);
	static struct secret *key;
	static char token[TOKEN_TEXT];
	struct uuid booking;
	int64_t made = -1;
	char *text, *changed;
	const char *texts[2];

	if (!key) {
		if (sodium_init() < 0)
			abort();
		key = key_of("0123456789abcdef0123456789abcdef");
		token_make(key, made_ms, token);
	}
	text = malloc(size + 1);
	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	/* libFuzzer reads along, and finds the true one. */
	must(token_booking(key, text, &booking, &made) == (strcasecmp(text, token) == 0));
	must(made == (strcasecmp(text, token) == 0 ? made_ms : -1));
	made = -1;
	/* The bytes in place of the end of a true one. */
	changed = malloc(TOKEN_TEXT + size);
	if (!changed)
		abort();
	strcpy(changed, token);
	if (strlen(text) < TOKEN_TEXT)
		strcpy(changed + TOKEN_TEXT - 1 - strlen(text), text);
	must(token_booking(key, changed, &booking, &made) == (strcasecmp(changed, token) == 0));
	must(made == (strcasecmp(changed, token) == 0 ? made_ms : -1));
	texts[0] = texts[1] = text;
	booking = token_name(key, text, texts, 2);
	must((booking.bytes[6] & 0xf0) == 0x40);
	free(changed);
	free(text);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* token.h: the names that make a brief sent twice one lead */
#ifndef WEB_TOKEN_H
#define WEB_TOKEN_H

#include "base/secret.h"
#include "base/uuid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A form's hidden token is the time at which it was made, 8 random bytes, and their keyed hash
 * (BLAKE2b), in hex: nobody makes one but we, so that nobody can guess another's booking by
 * choosing theirs. The booking's id is another keyed hash of the same bytes.
 */
#define TOKEN_TEXT 65

char *token_make(const struct secret *key, int64_t now_ms, char out[TOKEN_TEXT]);
/* False: the token is not one of ours. */
bool token_booking(const struct secret *key, const char *token, struct uuid *out, int64_t *made_ms);
/*
 * Whether a form of that time may still be sent: for a day, since a token that serves for ever
 * could be put into pages of others; and none is from the future by more than clocks of several
 * machines differ.
 */
bool token_is_current(int64_t made_ms, int64_t now_ms);

/* The id that follows from a client's own key and the texts that came with it. */
struct uuid token_name(
    const struct secret *key, const char *client_key, const char *const *texts, size_t count);

#endif

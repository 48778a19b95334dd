/* SPDX-License-Identifier: MIT */
/* uuid.h: identifiers (RFC 9562) */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct uuid {
	uint8_t bytes[16];
};

#define UUID_TEXT 37 /* 36 characters and the NUL */

/* A version 4 UUID from the system's random source (libsodium). */
struct uuid uuid_random(void);
/* A UUID of version 4's form from 16 bytes that are already random or a keyed hash. */
struct uuid uuid_from_bytes(const uint8_t bytes[16]);
/* Exactly the 36-character form, either case; false and *out untouched otherwise. */
bool uuid_parse(const char *str, struct uuid *out);
/* Lower case; returns out. */
char *uuid_format(const struct uuid *uuid, char out[UUID_TEXT]);
static inline bool uuid_equal(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}
bool uuid_is_nil(const struct uuid *uuid);

#endif

/* SPDX-License-Identifier: MIT */
/* uuid.c: identifiers (RFC 9562) */
#include "base/uuid.h"
#include "base/num.h"

#include <sodium.h>
#include <string.h>

struct uuid uuid_from_bytes(const uint8_t bytes[16])
{
	struct uuid uuid;

	memcpy(uuid.bytes, bytes, 16);
	uuid.bytes[6] = (uint8_t)((uuid.bytes[6] & 0x0f) | 0x40); /* section 4.2: version 4 */
	uuid.bytes[8] = (uint8_t)((uuid.bytes[8] & 0x3f) | 0x80); /* section 4.1: the variant */
	return uuid;
}

struct uuid uuid_random(void)
{
	uint8_t bytes[16];

	randombytes_buf(bytes, sizeof(bytes));
	return uuid_from_bytes(bytes);
}

bool uuid_parse(const char *str, struct uuid *out)
{
	struct uuid uuid;

	for (int i = 0; i < 16; i++) {
		int high, low;

		if ((i == 4 || i == 6 || i == 8 || i == 10) && *str++ != '-')
			return false;
		if ((high = num_hex_digit(str[0])) < 0 || (low = num_hex_digit(str[1])) < 0)
			return false;
		uuid.bytes[i] = (uint8_t)(high << 4 | low);
		str += 2;
	}
	if (*str)
		return false;
	*out = uuid;
	return true;
}

char *uuid_format(const struct uuid *uuid, char out[UUID_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	char *at = out;

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*at++ = '-';
		*at++ = digits[uuid->bytes[i] >> 4];
		*at++ = digits[uuid->bytes[i] & 0xf];
	}
	*at = '\0';
	return out;
}

bool uuid_is_nil(const struct uuid *uuid)
{
	static const struct uuid nil;

	return uuid_equal(uuid, &nil);
}

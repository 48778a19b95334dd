/* SPDX-License-Identifier: MIT */
/* secrets.h: secrets that a test makes up, in ordinary memory */
#ifndef TESTS_SECRETS_H
#define TESTS_SECRETS_H

#include "base/secret.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* To be given back with free(). */
static inline struct secret *make_secret(const char *text)
{
	struct secret *secret = calloc(1, sizeof(*secret) + strlen(text) + 1);

	ck_assert_ptr_nonnull(secret);
	secret->len = strlen(text);
	strcpy(secret->text, text);
	return secret;
}

#endif

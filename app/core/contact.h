/* SPDX-License-Identifier: MIT */
/* contact.h: how the business is reached, from its configuration */
#ifndef CORE_CONTACT_H
#define CORE_CONTACT_H

#include "base/arena.h"
#include "base/conf.h"

/* The address to which answers go: of [resend] reply_to, else of from: "Avo <calls@example.com>" →
 * "calls@example.com". "" when neither is set; NULL when the arena is full. */
const char *contact_address(const struct conf *conf, struct arena *arena);

/* "https://book.example.com:8443/x" → "book.example.com"; NULL when the arena is full. */
const char *contact_host(const struct conf *conf, struct arena *arena);

#endif

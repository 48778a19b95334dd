/* SPDX-License-Identifier: MIT */
/* redirect.h: where an answer leads on to (RFC 9110, section 15.4) */
#ifndef NET_REDIRECT_H
#define NET_REDIRECT_H

#include <stdbool.h>

bool redirect_is(int status);

#define ORIGIN_TEXT 300
/*
 * "https://calendar.example:8443" of an address, without who is let in, path and query, so that it
 * may be told; has_port: with the port in any case. False: it is no whole address, or too long.
 */
bool redirect_origin(const char *address, bool has_port, char out[ORIGIN_TEXT]);

#endif

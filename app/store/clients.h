/* SPDX-License-Identifier: MIT */
/* clients.h: what one client of the site has done within a day */
#ifndef STORE_CLIENTS_H
#define STORE_CLIENTS_H

#include "base/secret.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * A client is an IPv4 address, or the 64 bits of an IPv6 address that name a network, as in the
 * site's limits; whatever e-mail addresses it invents, it remains one. Counted for this machine in
 * a small file of the runtime directory, which knows clients by a keyed hash. When there are more
 * clients at work than it has places for, those who did least are forgotten.
 */
enum client_act { CLIENT_BRIEF, CLIENT_CALL };

/*
 * A client may do so many of an act at once, and one more each time that part of a day has passed;
 * 0: any number. What cannot be counted is let through: an address that is none ("" too), a folder
 * that cannot be used. So is an address of this machine or of a private network: what comes from
 * outside bears it only when a proxy stands in between that nginx was not told of, and behind that
 * proxy is everybody. Time is clock_boot_ms().
 */
struct client {
	const char *dir;
	const struct secret *key;
	const char *address;
	enum client_act act;
	int64_t a_day;
};

/* Whether that is an address of this machine or of a private network (loopback, link-local, RFC
 * 1918, RFC 6598, RFC 4193), an IPv4 address in the form of an IPv6 one too. */
bool clients_is_inside(const char *address);

/* Whether the client may do it now. */
bool clients_may(const struct client *client, int64_t now_ms) MUST_CHECK;
/* The same, and counts it. False: this one is too many, and does not count. */
bool clients_admit(const struct client *client, int64_t now_ms) MUST_CHECK;

#endif

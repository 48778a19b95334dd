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
 * Lets a client do so many of an act at once, and one more each time that part of a day has passed;
 * 0: any number. False: this one is too many, and does not count. What cannot be counted is let
 * through: an address that is none ("" too), a folder that cannot be used. Time is clock_boot_ms().
 */
bool clients_admit(const char *dir, const struct secret *key, enum client_act act,
    const char *address, int64_t now_ms, int64_t a_day) MUST_CHECK;

#endif

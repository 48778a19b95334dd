/* SPDX-License-Identifier: MIT */
/* fastcgi.h: asks a pool of workers by its socket, as the web server would */
#ifndef NET_FASTCGI_H
#define NET_FASTCGI_H

#include "base/err.h"

#include <stdint.h>

/*
 * path is that of a unix socket, or an address "10.0.0.2:9000" or "[fd00::2]:9000".
 *
 * Whether a worker of the pool answers: a question to libfcgi itself (FCGI_GET_VALUES), which no
 * route sees and no counter counts. deadline is one of clock_boot_ms(). ERR_NOT_FOUND: there is no
 * such socket; ERR_UNREACHABLE: nobody listens, or this user may not ask; ERR_BUSY: no answer in
 * time.
 */
enum err fastcgi_ping(const char *path, int64_t deadline, struct fail *fail) MUST_CHECK;

/* GET of a path of the site; *status is the answer's. Errors as above; ERR_GARBLED: the answer is
 * none. */
enum err fastcgi_get(
    const char *path, const char *uri, int64_t deadline, int *status, struct fail *fail) MUST_CHECK;

#endif
